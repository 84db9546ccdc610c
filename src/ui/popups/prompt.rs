//! Questions that are answered by typing a number: where to go, what to delete.

use ratatui::{buffer::Buffer, layout::Rect, text::Line, widgets::Widget};

use crate::ui::{
    Ui, cells,
    popups::{Draw, frame::Frame},
};
use crate::{
    app::{
        command::{ConsoleCommand, PromptCommand},
        panes::conversation::Conversation,
        popups::prompt::{Prompt, Question},
    },
    desk::Post,
    domain::{ReplyId, ReplyKind, TicketId},
};

/// The columns of what a question says.
pub(super) const COLUMNS: usize = 58;

impl Draw for Prompt {
    fn draw(&self, ui: Ui<'_>, body: Rect, buf: &mut Buffer) {
        ui.prompt(self, body, buf);
    }
}

impl Ui<'_> {
    /// Draws a question that is answered by a number.
    fn prompt(&self, prompt: &Prompt, body: Rect, buf: &mut Buffer) {
        let cancel = self.key(PromptCommand::Cancel);
        let apply = self.key(PromptCommand::Go);
        let delete = self.key(PromptCommand::Delete);
        let (title, lines, ask, grave) = match prompt.question {
            Question::GoTo => ("Go to ticket".to_owned(), vec![], "Number: #".to_owned(), false),
            Question::DeleteTicket(id) => (
                format!("Delete ticket {id} for good?"),
                self.lost_with_ticket(id),
                format!("Type {}, then {delete}: #", id.0),
                true,
            ),
            Question::DeleteReply(ticket, reply) => (
                format!(
                    "Delete {} {reply} of {ticket} for good?",
                    self.model.conversation.word_for(reply)
                ),
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
        let replies = match self.replies_and_notes(id) {
            Some(shown) if shown.is_empty() => "The ticket goes.".to_owned(),
            Some(shown) if shown.len() == 1 && shown[0].starts_with("1 ") => {
                format!("{} goes with it.", shown[0])
            }
            Some(shown) => format!("{} go with it.", shown.join(" and ")),
            // Whether the server's count has notes in it is not known.
            None => "The ticket and all its replies and notes go.".to_owned(),
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

    /// How many replies, and how many notes, a conversation that is read whole has.
    fn replies_and_notes(&self, id: TicketId) -> Option<Vec<String>> {
        let thread = self.model.conversation.thread.as_ref();
        let thread = thread.filter(|it| it.ticket == id && it.whole && it.read_at.is_some())?;
        let posts = || thread.posts.iter().filter(|post| post.reply.is_some());
        let count = |is_note| posts().filter(|it| (it.kind == ReplyKind::Note) == is_note).count();
        let words = |count: usize, one: &str, many: &str| match count {
            0 => None,
            1 => Some(format!("1 {one}")),
            _ => Some(format!("{count} {many}")),
        };
        let all = [words(count(false), "reply", "replies"), words(count(true), "note", "notes")];
        Some(all.into_iter().flatten().collect())
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
        let undo = self.key(ConsoleCommand::Undo);
        Line::raw(match (self.model.sent_when(), seconds) {
            (_, 0) => "Nothing brings it back.".to_owned(),
            (Some(when), _) => format!("It is {when}; until then {undo} takes it back."),
            (None, _) => {
                format!("For {seconds} s {undo} takes that back; after that nothing does.")
            }
        })
    }
}

fn find_post(conversation: &Conversation, reply: ReplyId) -> Option<&Post> {
    conversation.thread.as_ref()?.posts.iter().find(|post| post.reply == Some(reply))
}
