//! The conversation pane.

use std::hash::Hasher as _;

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Modifier, Style},
    text::{Line, Span},
};

use crate::ui::{
    Ui,
    cells::{self, span},
    when,
};
use crate::{
    app::{
        Focus,
        command::{ConsoleCommand, ConversationCommand},
        layout::{self, CONVERSATION_HEAD},
        panes::conversation::Piece,
    },
    desk::{Connection, Post, Side},
    domain::{Change, Entry, Priority, ReplyKind, Row, Source, TicketId},
};

impl Ui<'_> {
    /// Draws the conversation: its head, its posts, and the posts that are still on their way.
    pub(in crate::ui) fn conversation(&self, area: Rect, buf: &mut Buffer) {
        let conversation = &self.model.conversation;
        let Some(id) = conversation.ticket else {
            cells::draw(self.rule(false, vec![], vec![], area.width), area, 0, buf);
            return;
        };
        match self.model.tickets.get(id) {
            Some(row) => self.conversation_head(&row, area, buf),
            None => {
                let title = vec![span(id.to_string(), self.theme.strong)];
                let focused = self.model.focus == Focus::Conversation;
                cells::draw(self.rule(focused, title, vec![], area.width), area, 0, buf);
            }
        }
        let head = CONVERSATION_HEAD.min(area.height);
        let below = Rect { y: area.y + head, height: area.height - head, ..area };
        let rows = usize::from(below.height);
        let reserved = layout::pending_rows(self.model, rows);
        if conversation.thread.is_none() {
            self.middle(&self.no_thread(), below, buf);
        }
        let room = rows - reserved;
        let drawn = self.pieces(Rect { height: as_rows(room), ..below }, buf);
        let start = if conversation.thread.is_none() { room } else { drawn };
        let rest = Rect { y: below.y + as_rows(start), height: as_rows(rows - start), ..below };
        self.pending(rest, buf);
    }

    fn no_thread(&self) -> Vec<Line<'static>> {
        let quiet = |text: &str| Line::styled(text.to_owned(), self.theme.quiet);
        let refresh = self.key(ConsoleCommand::Refresh);
        match &self.model.conversation.problem {
            Some(problem) => vec![
                Line::styled("The conversation could not be read.".to_owned(), self.theme.danger),
                Line::raw(problem.to_string()),
                quiet(&format!("Nothing of it is stored yet; {refresh} tries again.")),
            ],
            None if self.model.awaits_thread() => vec![quiet("Reading the conversation…")],
            None => vec![quiet("This conversation is not in the local copy.")],
        }
    }

    fn conversation_head(&self, row: &Row, area: Rect, buf: &mut Buffer) {
        let theme = self.theme;
        let ticket = &row.ticket;
        let focused = self.model.focus == Focus::Conversation;
        let subject = match ticket.subject.as_str() {
            "" => span("(no subject)", theme.quiet),
            text => span(text, theme.strong),
        };
        let mut title = vec![span(format!("{} ", ticket.id), theme.accent), subject];
        if let Some(client) = &ticket.client {
            title.push(span(" · ", theme.quiet));
            title.push(Span::raw(client.name.as_str()));
        }
        let place = self.place_in_thread(usize::from(area.height));
        cells::draw(self.rule(focused, title, place, area.width), area, 0, buf);
        let inner = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
        let columns = usize::from(inner.width);
        let facts = cells::joined(self.facts(row), " · ", theme.quiet);
        cells::draw(Line::from(cells::cut_spans(facts, columns)), inner, 1, buf);
        let (mut left, right) = self.second_facts(row);
        let room = columns.saturating_sub(cells::spans_width(&right) + 2);
        let wide = |parts: &[Span<'_>]| cells::spans_width(parts) + 3 * parts.len();
        while wide(&left) > room + 3 {
            left.pop();
        }
        let left = cells::joined(left, " · ", theme.quiet);
        cells::draw(cells::sides(left, right, columns, (" ", theme.quiet)), inner, 2, buf);
    }

    /// How far down the conversation the window stands.
    fn place_in_thread(&self, height: usize) -> Vec<Span<'static>> {
        let conversation = &self.model.conversation;
        let rows = height.saturating_sub(usize::from(CONVERSATION_HEAD));
        let rows = rows - layout::pending_rows(self.model, rows);
        let hidden = conversation.pieces.len().saturating_sub(rows);
        if hidden == 0 {
            return Vec::new();
        }
        let text = match conversation.top {
            0 => "top".to_owned(),
            top if top >= hidden => "end".to_owned(),
            top => format!("{}%", top * 100 / hidden),
        };
        vec![span(text, self.theme.quiet)]
    }

    /// Status, priority, wait, department, project and tags.
    /// What the profile keeps about a ticket.
    fn aside_words(&self, ticket: TicketId) -> Vec<Span<'static>> {
        let aside = self.model.tickets.rows().aside(ticket);
        let snoozed = aside.snooze.map(|snooze| match snooze.until {
            Some(at) => format!("☾ snoozed until {}", self.time_of_day(at)),
            None => "☾ snoozed until the customer writes".into(),
        });
        let pinned = aside.pinned.then(|| span("⚑ pinned", self.theme.accent));
        let snoozed = snoozed.map(|words| span(words, self.theme.warning));
        snoozed.into_iter().chain(pinned).collect()
    }

    fn facts<'r>(&self, row: &'r Row) -> Vec<Span<'r>> {
        let theme = self.theme;
        let ticket = &row.ticket;
        let mut facts = vec![span(ticket.status.title.as_str(), theme.status(ticket.status.id))];
        facts.extend(self.aside_words(ticket.id));
        if ticket.archived {
            facts.push(span("archived", theme.warning));
        }
        match ticket.priority {
            Priority::Normal => {}
            Priority::Unknown => facts.push(span("priority unknown", theme.quiet)),
            other => facts.push(span(other.as_str(), theme.priority(other))),
        }
        let (wait, style) = self.wait(row.waiting(&self.model.settings.waiting));
        if !wait.is_empty() {
            facts.push(span(format!("waits {wait}"), style));
        }
        match &ticket.department {
            Some(department) => facts.push(Span::raw(department.name.as_str())),
            None => facts.push(span("no department", theme.quiet)),
        }
        if let Some(project) = ticket.project {
            facts.push(Span::raw(format!("project {project}")));
        }
        if ticket.client.is_none() {
            facts.push(span("no client", theme.quiet));
        }
        facts.extend(ticket.tags.iter().map(|tag| span(tag.as_str(), theme.accent)));
        facts
    }

    /// How the ticket came in and when; and at the right how fresh all this is.
    fn second_facts(&self, row: &Row) -> (Vec<Span<'static>>, Vec<Span<'static>>) {
        let ticket = &row.ticket;
        let quiet = |text: String| span(text, self.theme.quiet);
        let mut left = Vec::new();
        let by = match ticket.source {
            Source::Email => "by mail",
            Source::Web => "on the web",
            Source::Unknown => "opened",
        };
        left.push(quiet(match ticket.created {
            Some(at) => format!("{by} {}", self.time_of_day(at)),
            None => by.to_owned(),
        }));
        if let Some(at) = ticket.last_updated {
            left.push(quiet(format!("changed {}", when::ago(self.model.wall(), at))));
        }
        if ticket.replies_count > 0 {
            let many = if ticket.replies_count == 1 { "reply" } else { "replies" };
            left.push(quiet(format!("{} {many}", ticket.replies_count)));
        }
        let (stale, style) = self.staleness();
        let right = if stale.is_empty() { vec![] } else { vec![span(stale, style)] };
        (left, right)
    }

    /// The words about a conversation that is not fresh from the server.
    fn staleness(&self) -> (String, Style) {
        let conversation = &self.model.conversation;
        let Some(thread) = &conversation.thread else { return (String::new(), Style::new()) };
        let stored = match thread.read_at {
            Some(at) => format!("as stored {}", self.time_of_day(at)),
            None => "as stored".to_owned(),
        };
        match &conversation.problem {
            Some(problem) => (format!("! {stored}: {problem}"), self.theme.warning),
            None if thread.fetched => (String::new(), Style::new()),
            None if matches!(self.model.connection, Connection::Closed) => {
                (stored, self.theme.quiet)
            }
            None if self.model.awaits_thread() => ("reading…".to_owned(), self.theme.quiet),
            None => (stored, self.theme.quiet),
        }
    }

    /// Draws the thread's lines from the window's top on; gives back how many there were.
    fn pieces(&self, area: Rect, buf: &mut Buffer) -> usize {
        let conversation = &self.model.conversation;
        let Some(thread) = &conversation.thread else { return 0 };
        // While something is written, the cursor tells which message is quoted.
        let focused = self.model.focus != Focus::List;
        let visible =
            conversation.pieces.iter().skip(conversation.top).take(usize::from(area.height));
        let columns = usize::from(area.width.saturating_sub(5).min(thread.width));
        let mut drawn = 0;
        for (at, piece) in visible.enumerate() {
            let Some(post) = thread.posts.get(piece.post()) else { continue };
            let here = focused && conversation.top + at == conversation.cursor;
            cells::draw(self.piece(*piece, post, here, columns), area, at, buf);
            drawn = at + 1;
        }
        self.scrollbar(area, conversation.pieces.len(), conversation.top, buf);
        drawn
    }

    fn piece<'p>(&self, piece: Piece, post: &'p Post, here: bool, columns: usize) -> Line<'p> {
        let cursor = span(if here { "▸" } else { " " }, self.theme.accent);
        let bar = post_bar(post.kind, post.side);
        let bar = span(bar, self.theme.post(post.kind, post.side));
        let mut spans = vec![cursor, bar, Span::raw(" ")];
        match piece {
            Piece::Head(_) => {
                spans.extend(self.post_head(post, columns).spans);
            }
            Piece::Text(_, line) => {
                if let Some(line) = post.body.get(line) {
                    spans.extend(self.rich(line));
                }
            }
            Piece::Folded(_, lines) => {
                let key = self.key(ConversationCommand::Unfold);
                spans.push(span(format!("▸ {lines} quoted lines ({key})"), self.theme.quote));
            }
            Piece::Gap(_) => spans.truncate(1),
            Piece::News(_, many) => {
                let words = format!(" {many} new since you looked ");
                let style = self.theme.new;
                let rest = (columns + 2).saturating_sub(cells::width(&words) + 2);
                spans.truncate(1);
                spans.push(span("──", style));
                spans.push(span(words, style.add_modifier(Modifier::BOLD)));
                spans.push(span("─".repeat(rest), style));
            }
        }
        Line::from(spans)
    }

    /// Who wrote a post and when. The important facts get their room first, in full; the rest gets
    /// what is left. Where there is not enough, the name is cut and the date is not.
    fn post_head<'p>(&self, post: &'p Post, columns: usize) -> Line<'p> {
        let quiet = self.theme.quiet;
        let short = self.post_who(post, false);
        let whens = self.post_when(post);
        let pairs = whens.iter().map(|when| (self.post_who(post, true), when));
        let narrow = whens.iter().map(|when| (short.clone(), when));
        let fits = |(who, when): &(Vec<Span<'_>>, &String)| {
            cells::spans_width(who) + cells::width(when) + 2 <= columns
        };
        let fitting = pairs.take(3).chain(narrow).find(fits);
        let last = whens.last().cloned().unwrap_or_default();
        let (who, when) = match fitting {
            Some((who, when)) => (who, when.clone()),
            None => (short, last),
        };
        let room = columns.saturating_sub(cells::width(&when) + 1);
        let who = cells::cut_spans(who, room);
        cells::sides(who, vec![span(when, quiet)], columns, (" ", quiet))
    }

    fn post_who<'p>(&self, post: &'p Post, long: bool) -> Vec<Span<'p>> {
        let theme = self.theme;
        let mut who = Vec::new();
        if post.kind == ReplyKind::Note {
            who.push(span(" NOTE ", theme.note_badge));
            who.push(Span::raw(" "));
        }
        let author = if post.author.is_empty() { "author unknown" } else { post.author.as_str() };
        let style = match post.side {
            Side::Customer => theme.person(person_number(author)),
            Side::Agent => theme.post(post.kind, post.side),
        };
        who.push(span(author, style.add_modifier(Modifier::BOLD)));
        let side = match (post.kind, post.side) {
            (ReplyKind::Note, Side::Agent) => "",
            (_, Side::Agent) => " agent",
            (_, Side::Customer) => " customer",
        };
        who.push(span(side, theme.quiet));
        let (remark, style) = match (post.kind, post.reply, long) {
            (ReplyKind::Unknown, _, true) => {
                (" · reply or note? the server does not say", theme.danger)
            }
            (ReplyKind::Unknown, _, false) => (" · reply or note?", theme.danger),
            (ReplyKind::Note, _, true) => (" · not visible to the customer", theme.note),
            (ReplyKind::Note, _, false) => (" · colleagues only", theme.note),
            (ReplyKind::Reply, None, true) => (" · opened the ticket", theme.quiet),
            (ReplyKind::Reply, None, false) => (" · opened", theme.quiet),
            (ReplyKind::Reply, Some(_), _) => return who,
        };
        who.push(span(remark, style));
        who
    }

    /// When a post was written and which number it has, at length first.
    fn post_when(&self, post: &Post) -> Vec<String> {
        let number = match (post.kind, post.reply) {
            (_, None) => String::new(),
            (ReplyKind::Note, Some(reply)) => format!("note {reply} · "),
            (_, Some(reply)) => format!("reply {reply} · "),
        };
        let Some(at) = post.at else {
            return vec![number.trim_end_matches(" · ").to_owned(), String::new()];
        };
        let now = self.model.wall();
        let dated = when::dated(&self.model.settings.zone, now, at);
        let ago = when::ago(now, at);
        let clock = self.time_of_day(at);
        vec![format!("{number}{dated} · {ago}"), format!("{dated} · {ago}"), dated, clock]
    }

    /// Draws the posts that the server's conversation does not hold yet, the last ones where there
    /// is not room for all.
    fn pending(&self, area: Rect, buf: &mut Buffer) {
        let Some(id) = self.model.conversation.ticket else { return };
        let columns = usize::from(area.width).saturating_sub(5);
        let mut y = 0;
        for (entry, lines) in self.model.outbox.posts(id) {
            let Change::Post { kind, text } = &entry.change else { continue };
            let bar = || {
                let style = self.theme.post(*kind, Side::Agent);
                vec![Span::raw(" "), span("┆", style), Span::raw(" ")]
            };
            let mut head = bar();
            head.extend(self.pending_head(entry, *kind, columns));
            cells::draw(Line::from(head), area, y, buf);
            y += 1;
            let lines = layout::pending_lines(text, lines, columns, usize::from(area.height));
            for line in lines.iter().take(usize::from(area.height).saturating_sub(y)) {
                let mut spans = bar();
                spans.extend(cells::cut_spans(self.rich(line), columns + 1));
                cells::draw(Line::from(spans), area, y, buf);
                y += 1;
            }
            y += 1;
        }
    }

    fn pending_head(&self, entry: &Entry, kind: ReplyKind, columns: usize) -> Vec<Span<'static>> {
        let theme = self.theme;
        let mut spans = Vec::new();
        if kind == ReplyKind::Note {
            spans.push(span(" NOTE ", theme.note_badge));
            spans.push(Span::raw(" "));
        } else {
            spans.push(span("Your reply", theme.agent.add_modifier(Modifier::BOLD)));
        }
        if kind == ReplyKind::Note {
            spans.push(span("yours", theme.note.add_modifier(Modifier::BOLD)));
        }
        let (words, style) = self.state_words(&entry.state);
        spans.push(span(" · ", theme.quiet));
        spans.push(span(words, style));
        cells::cut_spans(spans, columns)
    }
}

/// The number of a person: the same name has the same number, in every conversation and run.
fn person_number(name: &str) -> u64 {
    let mut hash = fnv::FnvHasher::default();
    hash.write(name.as_bytes());
    hash.finish()
}

/// The bar along a post: each kind has another shape, since not everybody sees colours.
fn post_bar(kind: ReplyKind, side: Side) -> &'static str {
    match (kind, side) {
        (ReplyKind::Note, _) => "▌",
        (ReplyKind::Unknown, _) => "┊",
        (ReplyKind::Reply, Side::Customer) => "┃",
        (ReplyKind::Reply, Side::Agent) => "│",
    }
}

fn as_rows(rows: usize) -> u16 {
    u16::try_from(rows).unwrap_or(u16::MAX)
}
