//! The signs of a ticket, alike in the list and on the board: how much it presses, what is new, what is
//! on its way, and how long the customer waits.

use jiff::Timestamp;
use ratatui::{style::Modifier, style::Style, text::Span};

use super::{Ui, cells::span, when};
use crate::domain::{Aside, Priority, RowRef, SortKey, TicketId, Waiting};

impl Ui<'_> {
    /// The six cells of signs: priority, news, draft, outbox, and the mark or what the profile keeps.
    pub(super) fn signs(&self, row: RowRef<'_>) -> [Span<'static>; 5] {
        let theme = self.theme;
        // A mark is there for a short while, so it may hide what is always so.
        let marked = self.model.marks.has(row.id);
        [
            span(priority_sign(row.priority), theme.priority(row.priority)),
            span(if row.has_news(self.model.begun) { "●" } else { " " }, theme.new),
            span(if self.model.drafts.has(row.id) { "✎" } else { " " }, theme.warning),
            self.outbox_sign(row.id),
            if marked { span("*", theme.accent) } else { self.aside_sign(row.aside) },
        ]
    }

    /// Whether the ticket has changes that are not recorded, and whether one waits for the agent.
    fn outbox_sign(&self, ticket: TicketId) -> Span<'static> {
        let outbox = &self.model.outbox;
        match () {
            () if outbox.asks_about(ticket) => {
                span("!", self.theme.warning.add_modifier(Modifier::BOLD))
            }
            () if outbox.holds(ticket) => span("↑", self.theme.accent),
            () => span(" ", self.theme.accent),
        }
    }

    /// What the profile keeps about the ticket, the most passing first.
    fn aside_sign(&self, aside: Aside) -> Span<'static> {
        match aside {
            Aside { snooze: Some(_), .. } => span("☾", self.theme.quiet),
            Aside { woken: true, .. } => span("☼", self.theme.warning),
            Aside { pinned: true, .. } => span("⚑", self.theme.accent),
            _ => span(" ", self.theme.quiet),
        }
    }

    /// How long the customer waits.
    pub(super) fn row_wait(&self, row: RowRef<'_>) -> (String, Style) {
        self.wait(row.waiting(&self.model.settings.waiting))
    }

    /// The time that the list is sorted by: how long ago it was, or how far the end of a snooze is.
    pub(super) fn sorted_time(&self, row: RowRef<'_>, key: SortKey) -> (String, Style) {
        let wall = self.model.wall();
        let age = |at: Option<Timestamp>| at.map(|at| when::age(wall, at)).unwrap_or_default();
        let text = match (key, row.aside.snooze) {
            (SortKey::Created, _) => age(row.created),
            (SortKey::Updated, _) => age(row.updated()),
            (SortKey::Wake, Some(snooze)) => {
                let left = snooze.until.map(|until| when::age(until, wall));
                left.map_or("reply".into(), |left| format!("☾{left}"))
            }
            _ => return self.row_wait(row),
        };
        (text, self.theme.quiet)
    }

    /// A wait in its words and its colour.
    pub(super) fn wait(&self, waiting: Option<Waiting>) -> (String, Style) {
        let Some(Waiting { since, exact }) = waiting else {
            return (String::new(), Style::new());
        };
        let (warning, alarm) = self.model.settings.wait_thresholds;
        let waited = self.model.wall().duration_since(since);
        let style = match () {
            () if waited >= alarm => self.theme.wait_alarm,
            () if waited >= warning => self.theme.wait_warning,
            () => Style::new(),
        };
        let guess = if exact { "" } else { "~" };
        (format!("{guess}{}", when::age(self.model.wall(), since)), style)
    }
}

/// Two cells that say how much a ticket presses.
fn priority_sign(priority: Priority) -> &'static str {
    match priority {
        Priority::Urgent => "!!",
        Priority::High => " !",
        Priority::Normal => "  ",
        Priority::Unknown => " ?",
    }
}
