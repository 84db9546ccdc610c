//! Questions: where to go, what to delete, whether to leave.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::Widget,
};

use crate::ui::{
    Ui,
    cells::{self, span},
    popups::{
        frame::{Frame, columns_in},
        reader::first_words,
    },
};
use crate::{
    app::{
        command::{Command, Scope},
        panes::conversation::Conversation,
        popups::prompt::{Prompt, Question},
        thread::Post,
        undo::HalfStep,
    },
    domain::{DraftKey, Entry, ReplyId, ReplyKind, State, TicketId},
};

/// The columns of what a question says.
const COLUMNS: usize = 58;

impl Ui<'_> {
    /// Draws a question that is answered by a number.
    pub(in crate::ui) fn prompt(&self, prompt: &Prompt, body: Rect, buf: &mut Buffer) {
        let cancel = self.key(Scope::Prompt, Command::Cancel);
        let apply = self.key(Scope::Prompt, Command::Apply);
        let delete = self.key(Scope::Prompt, Command::Record);
        let (title, lines, ask, grave) = match prompt.question {
            Question::GoTo => ("Go to ticket".to_owned(), vec![], "Number: #".to_owned(), false),
            Question::DeleteTicket(id) => (
                format!("Delete ticket {id} for good?"),
                self.lost_with_ticket(id),
                format!("Type {}, then {delete}: #", id.0),
                true,
            ),
            Question::DeleteReply(ticket, reply) => (
                format!("Delete reply {reply} of {ticket} for good?"),
                self.lost_with_reply(reply),
                format!("Type {}, then {delete}: #", reply.0),
                true,
            ),
        };
        let footer = if grave {
            self.key_hints(&[(delete, "deletes it"), (cancel, "keeps it")])
        } else if self.model.going.is_some() {
            self.key_hints(&[(cancel, "stops looking for it")])
        } else {
            self.key_hints(&[(apply, "goes there"), (cancel, "stays")])
        };
        let style = if grave { self.theme.danger } else { self.theme.accent };
        let columns = lines.iter().map(Line::width).chain([cells::width(&ask) + 12]).max();
        let size = (columns.unwrap_or(0).min(COLUMNS), lines.len() + 1);
        let inner = self.frame(Frame { title, footer, size, style, grave }, body, buf);
        let last = lines.len().min(usize::from(inner.height).saturating_sub(1));
        for (at, line) in lines.into_iter().take(last).enumerate() {
            let spans = cells::cut_spans(line.spans, usize::from(inner.width));
            cells::draw(Line::from(spans).style(line.style), inner, at, buf);
        }
        let asked = cells::width(&ask);
        cells::draw(Line::styled(ask, self.theme.strong), inner, last, buf);
        let offset = u16::try_from(asked).unwrap_or(0).min(inner.width);
        let field = Rect {
            x: inner.x + offset,
            y: inner.y + u16::try_from(last).unwrap_or(0),
            width: inner.width - offset,
            height: 1,
        };
        prompt.input.widget().render(field.intersection(inner), buf);
    }

    fn lost_with_ticket(&self, id: TicketId) -> Vec<Line<'static>> {
        let Some(row) = self.model.tickets.get(id) else { return vec![] };
        let ticket = &row.ticket;
        let replies = match ticket.replies_count {
            0 => "The ticket goes.".to_owned(),
            1 => "The ticket and its reply go.".to_owned(),
            many => format!("The ticket and its {many} replies go."),
        };
        let client = ticket.client.as_ref().map_or("no client", |it| it.name.as_str());
        let mut lines = vec![
            Line::styled(
                cells::cut(ticket.subject.as_str(), COLUMNS).into_owned(),
                self.theme.strong,
            ),
            Line::styled(format!("{client} · {}", ticket.status.title), self.theme.quiet),
            Line::raw(""),
        ];
        lines.push(Line::raw(replies));
        if self.model.drafts.has(id) {
            lines.push(Line::styled("Your draft on it is kept.", self.theme.quiet));
        }
        lines.push(self.hold_words());
        lines.push(Line::raw(""));
        lines
    }

    fn lost_with_reply(&self, reply: ReplyId) -> Vec<Line<'static>> {
        let Some(post) = find_post(&self.model.conversation, reply) else { return vec![] };
        let kind = match post.kind {
            ReplyKind::Note => "Note",
            ReplyKind::Reply => "Reply",
            ReplyKind::Unknown => "Reply or note",
        };
        let author = if post.author.is_empty() { "an unknown author" } else { &post.author };
        let first = post.body.iter().map(crate::domain::StyledLine::text);
        let first = first.map(|text| text.trim().to_owned()).find(|text| !text.is_empty());
        let mut lines = vec![Line::styled(format!("{kind} of {author}"), self.theme.strong)];
        if let Some(first) = first {
            lines.push(Line::styled(
                format!("“{}”", cells::cut(&first, COLUMNS - 2)),
                self.theme.quiet,
            ));
        }
        lines.push(Line::raw(""));
        lines.push(self.hold_words());
        lines.push(Line::raw(""));
        lines
    }

    fn hold_words(&self) -> Line<'static> {
        let seconds = self.model.settings.hold.as_secs();
        let undo = self.key(Scope::Console, Command::Undo);
        Line::raw(match (self.model.sent_when(), seconds) {
            (_, 0) => "Nothing brings it back.".to_owned(),
            (Some(when), _) => format!("It is {when}; until then {undo} takes it back."),
            (None, _) => {
                format!("For {seconds} s {undo} takes that back; after that nothing does.")
            }
        })
    }

    /// Draws the question that comes before a part of an action is taken back.
    pub(in crate::ui) fn half_step(&self, half: &HalfStep, body: Rect, buf: &mut Buffer) {
        let (take, leave) = (
            self.key(Scope::TakeBack, Command::Confirm),
            self.key(Scope::TakeBack, Command::Cancel),
        );
        let columns = columns_in(COLUMNS + 12, body);
        let mut lines: Vec<Line<'_>> =
            cells::wrap(&format!("{}.", half.kept), columns).into_iter().map(Line::raw).collect();
        lines.push(Line::raw(""));
        lines.push(Line::styled("This can still be taken back:", self.theme.quiet));
        lines.extend(
            half.rest.iter().map(|what| Line::styled(format!("  {what}"), self.theme.strong)),
        );
        let frame = Frame {
            title: format!("{}: take back the rest?", half.label),
            footer: self
                .key_hints(&[(take, "takes the rest back"), (leave, "leaves all as it is")]),
            size: (columns, lines.len()),
            style: self.theme.warning,
            grave: true,
        };
        let inner = self.frame(frame, body, buf);
        for (at, line) in lines.into_iter().enumerate() {
            cells::draw(line, inner, at, buf);
        }
    }

    /// Draws the question that comes before a draft is discarded.
    pub(in crate::ui) fn discard(&self, key: DraftKey, body: Rect, buf: &mut Buffer) {
        let kind = key.kind.as_str();
        let on = key.about().map(|id| format!(" on {id}")).unwrap_or_default();
        let text = self.model.drafts.get(key).map(first_words).unwrap_or_default();
        let undo = self.key(Scope::Console, Command::Undo);
        let mut lines = vec![Line::raw(format!("{undo} brings it back until you leave."))];
        if !text.is_empty() {
            let text = format!("“{}”", cells::cut(&text, COLUMNS - 2));
            lines.insert(0, Line::styled(text, self.theme.quiet));
        }
        let (discard, keep) =
            (self.key(Scope::Discard, Command::Confirm), self.key(Scope::Discard, Command::Cancel));
        let frame = Frame {
            title: format!("Discard the {kind}{on}?"),
            footer: self.key_hints(&[(discard, "discards it"), (keep, "keeps it")]),
            size: (COLUMNS, lines.len()),
            style: self.theme.warning,
            grave: true,
        };
        let inner = self.frame(frame, body, buf);
        for (at, line) in lines.into_iter().enumerate() {
            cells::draw(line, inner, at, buf);
        }
    }

    /// Draws the question that comes before leaving.
    pub(in crate::ui) fn quit(&self, body: Rect, buf: &mut Buffer) {
        let model = self.model;
        let stored = |entry: &&Entry| !model.outbox.is_storing(entry.id);
        let entries: Vec<&Entry> = model.outbox.entries().iter().filter(stored).collect();
        let count = |is: fn(&State) -> bool| entries.iter().filter(|it| is(&it.state)).count();
        let parts = [
            (count(|it| matches!(it, State::Holding { .. })), "can still be taken back"),
            (count(|it| matches!(it, State::Queued | State::Sending { .. })), "on the way"),
            (count(|it| matches!(it, State::Waiting { .. })), "waiting for the network"),
            (count(|it| matches!(it, State::Doubtful { .. })), "doubtful, being checked"),
            (count(|it| matches!(it, State::Decision { .. })), "waiting for your decision"),
        ];
        let many = entries.len();
        let mut lines = self.lost_by_leaving();
        match many {
            0 => {}
            1 => lines.push(Line::raw("1 change is not recorded yet:")),
            _ => lines.push(Line::raw(format!("{many} changes are not recorded yet:"))),
        }
        for (count, what) in parts.into_iter().filter(|(count, _)| *count > 0) {
            lines.push(Line::from(vec![
                span(format!("{count:>4} "), self.theme.strong),
                Span::raw(what),
            ]));
        }
        if many > 0 {
            lines.push(Line::raw(""));
        }
        if let Some(when) = model.sent_when().filter(|_| many > 0) {
            let text = format!("They are {when}.");
            lines.push(Line::styled(text, self.theme.warning));
        }
        if model.is_leaving() {
            lines.push(Line::styled("Leaving as soon as they are recorded…", self.theme.accent));
        }
        if model.is_settled() {
            let text = "Everything is recorded or kept by now.";
            lines.extend([Line::raw(text), Line::raw("")]);
        }
        let leave = match (model.leaving_may_lose(), model.is_settled()) {
            (true, _) => "leave all the same",
            (false, true) => "leave",
            (false, false) => "leave, keep them for next time",
        };
        let keys = [
            (Command::Confirm, "send now, leave when recorded"),
            (Command::KeepForLater, leave),
            (Command::Cancel, "stay"),
        ];
        for (command, what) in keys.into_iter().skip(usize::from(!model.can_send_now())) {
            let key = self.key(Scope::Quit, command);
            lines.push(Line::from(vec![
                span(format!("{key:>4} "), self.theme.accent),
                Span::raw(what),
            ]));
        }
        let frame = Frame {
            title: "Leave growdesk?".into(),
            footer: vec![],
            size: (lines.iter().map(Line::width).max().unwrap_or(0).max(40), lines.len()),
            style: self.theme.warning,
            grave: true,
        };
        let inner = self.frame(frame, body, buf);
        for (at, line) in lines.into_iter().enumerate() {
            cells::draw(line, inner, at, buf);
        }
    }

    /// What the disk does not take, or has not answered for, would be lost.
    fn lost_by_leaving(&self) -> Vec<Line<'static>> {
        let model = self.model;
        let on =
            |ticket: Option<TicketId>| ticket.map(|id| format!(" on {id}")).unwrap_or_default();
        let mut lost: Vec<String> = model
            .drafts
            .all_unstorable()
            .map(|(draft, problem)| {
                let (kind, on) = (draft.key.kind.as_str(), on(draft.key.about()));
                format!("The {kind}{on} is in memory only, and leaving loses it: {problem}.")
            })
            .collect();
        if model.store_is_slow() {
            lost.extend(model.drafts.all_unstored().map(|draft| {
                let (kind, on) = (draft.key.kind.as_str(), on(draft.key.about()));
                format!("The {kind}{on} is not stored yet, and leaving may lose it.")
            }));
            lost.extend(model.unstored_changes().into_iter().map(|entry| {
                let (what, on) = (entry.change.describe(), on(entry.ticket));
                format!("Not stored yet, and leaving may lose it: {what}{on}.")
            }));
        }
        let mut lines: Vec<Line<'static>> = lost
            .iter()
            .flat_map(|text| cells::wrap(text, COLUMNS))
            .map(|line| Line::styled(line, self.theme.danger))
            .collect();
        if !lines.is_empty() {
            lines.push(Line::raw(""));
        }
        lines
    }
}

fn find_post(conversation: &Conversation, reply: ReplyId) -> Option<&Post> {
    conversation.thread.as_ref()?.posts.iter().find(|post| post.reply == Some(reply))
}
