//! The two lines at the bottom: the state of things, and the keys that work here.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Modifier,
    text::{Line, Span},
};

use super::{
    Ui,
    cells::{self, span},
    when,
};
use crate::{
    app::{
        command::ConsoleCommand,
        hints::{Hint, line},
        layout::Layout,
        notice::Notice,
    },
    desk::Connection,
    domain::{Entry, State},
};

/// The columns of a notice that is cut before the key that reads it in full is left out.
const LEAST_NOTICE: usize = 12;

/// A fact at the right end of the status line.
struct Fact {
    span: Span<'static>,
    /// Whether it stays beside the longest notice.
    lasting: bool,
}

impl Fact {
    fn lasting(span: Span<'static>) -> Self {
        Self { span, lasting: true }
    }

    fn passing(span: Span<'static>) -> Self {
        Self { span, lasting: false }
    }
}

impl Ui<'_> {
    /// Draws the status line. A long notice takes the place of the passing facts, never of the lasting
    /// ones, and says which key reads it in full.
    pub(super) fn status(&self, area: Rect, buf: &mut Buffer) {
        let columns = usize::from(area.width);
        let notice = self.model.notices.at(self.model.now).map(|notice| self.notice(notice));
        let wanted = notice.as_ref().map_or(0, |spans| cells::spans_width(spans));
        let mut facts = self.facts_at_right();
        let right = loop {
            let shown = facts.iter().map(|fact| fact.span.clone());
            let mut right = cells::joined(shown, " · ", self.theme.quiet);
            right.push(Span::raw(" "));
            if cells::spans_width(&right) + wanted + 2 <= columns {
                break right;
            }
            match facts.iter().rposition(|fact| !fact.lasting) {
                Some(at) => drop(facts.remove(at)),
                None => break right,
            }
        };
        let room = columns.saturating_sub(cells::spans_width(&right) + 1);
        let left = match notice {
            Some(spans) => self.fitted(spans, room),
            None => {
                let facts = self.quiet_facts();
                if cells::spans_width(&facts) < room { facts } else { Vec::new() }
            }
        };
        cells::draw(cells::sides(left, right, columns, (" ", self.theme.quiet)), area, 0, buf);
    }

    /// A notice in `room`. One that is cut ends with the key that reads it in full.
    fn fitted<'n>(&self, notice: Vec<Span<'n>>, room: usize) -> Vec<Span<'n>> {
        if cells::spans_width(&notice) <= room {
            return notice;
        }
        let rest = format!(" {} reads on", self.key(ConsoleCommand::Messages));
        match room.checked_sub(cells::width(&rest)) {
            Some(left) if left >= LEAST_NOTICE => {
                let mut shown = cells::cut_spans(notice, left);
                shown.push(span(rest, self.theme.accent));
                shown
            }
            _ => cells::cut_spans(notice, room),
        }
    }

    fn notice<'n>(&self, notice: &'n Notice) -> Vec<Span<'n>> {
        let sign = notice.level.sign();
        let style = self.theme.notice(notice.level);
        vec![
            span(format!(" {sign} "), style.add_modifier(Modifier::BOLD)),
            span(notice.text.as_str(), style),
        ]
    }

    fn quiet_facts(&self) -> Vec<Span<'static>> {
        // Until all tickets are read, their number would be that of the first screen.
        let many = match self.model.tickets.len() {
            _ if !self.model.progress.stored || !self.model.has_read() => None,
            1 => Some("1 ticket".to_owned()),
            many => Some(format!("{many} tickets")),
        };
        let agent = Some(self.model.settings.agent.clone()).filter(|name| !name.is_empty());
        let facts: Vec<String> = agent.into_iter().chain(many).collect();
        vec![span(format!(" {}", facts.join(" · ")), self.theme.quiet)]
    }

    /// The changes that wait for the agent and those on their way, the connection, then facts that give
    /// way if there is no room. The least needed fact comes last.
    fn facts_at_right(&self) -> Vec<Fact> {
        let model = self.model;
        let theme = self.theme;
        let undecided = model.outbox.undecided();
        let mut facts = Vec::new();
        if undecided > 0 {
            let style = theme.warning.add_modifier(Modifier::BOLD);
            let verb = if undecided == 1 { "needs" } else { "need" };
            facts.push(Fact::lasting(span(format!("{undecided} {verb} you"), style)));
        }
        if model.settings.read_only {
            facts.push(Fact::lasting(span("read-only", theme.warning)));
        }
        let is_well = matches!(model.connection, Connection::Online | Connection::Connecting);
        facts.push(Fact { span: self.connection(), lasting: !is_well });
        if model.store_is_slow() {
            let slow = span("the disk is slow: not stored yet", theme.danger);
            facts.push(Fact::lasting(slow));
        }
        let is_decision = |it: &&Entry| matches!(it.state, State::Decision { .. });
        let own = model.outbox.own().filter(|it| !is_decision(it)).count();
        let many = own.saturating_sub(model.unstored_changes().len());
        if many > 0 {
            facts.push(Fact::lasting(span(format!("outbox {many}"), theme.accent)));
        }
        // The head of the list says it where it has room.
        let has_head = Layout::of(model).is_some_and(|layout| layout.list.is_some())
            && model.list.tab().is_some_and(|tab| !tab.is_narrowed());
        let serving = model.serving().filter(|_| !has_head);
        facts.extend(serving.map(|words| Fact::passing(span(words, theme.accent))));
        facts.extend(self.passing_facts().into_iter().map(Fact::passing));
        facts
    }

    /// The age of the data, and the request budget.
    fn passing_facts(&self) -> Vec<Span<'static>> {
        let (model, theme) = (self.model, self.theme);
        let mut facts = Vec::new();
        if let Some((done, total)) = model.progress.refreshing {
            let text = match total {
                0 => "reading".to_owned(),
                _ => format!("reading {done}/{total}"),
            };
            facts.push(span(text, theme.accent));
        } else if let Some(at) = model.progress.synced_at {
            let text = match model.connection {
                Connection::Online | Connection::Connecting => when::ago(model.wall(), at),
                _ => format!("as of {}", self.time_of_day(at)),
            };
            facts.push(span(text, theme.quiet));
        }
        if let Some(every) = model.progress.every {
            facts.push(span(format!("checked every {}", when::span(every)), theme.quiet));
        }
        let budget = model.budget;
        if budget.limit > 0 {
            let style = if budget.used >= budget.limit { theme.warning } else { theme.quiet };
            facts.push(span(format!("{}/{} requests", budget.used, budget.limit), style));
        }
        facts
    }

    fn connection(&self) -> Span<'static> {
        let theme = self.theme;
        match &self.model.connection {
            Connection::Connecting => span("connecting", theme.quiet),
            Connection::Online => span("online", theme.good),
            Connection::Closed => span("offline", theme.quiet),
            Connection::Offline(_) => span("offline", theme.warning),
            Connection::Limited { until } => {
                span(format!("limited until {}", self.time_of_day(*until)), theme.warning)
            }
            Connection::NotTheApi(_) => span("not the API", theme.danger),
            Connection::Unauthorised(_) => span("wrong key", theme.danger),
        }
    }

    /// Draws the keys that work here; after the beginning of a sequence, the keys that may follow.
    pub(super) fn hints(&self, area: Rect, buf: &mut Buffer) {
        let columns = usize::from(area.width);
        let mut spans = Vec::new();
        for (from, hint) in line(self.model, columns) {
            let gap = from.saturating_sub(cells::spans_width(&spans));
            spans.push(Span::raw(" ".repeat(gap)));
            spans.extend(self.hint(hint));
        }
        let spans = cells::cut_spans(spans, columns.saturating_sub(1));
        cells::draw(Line::from(spans), area, 0, buf);
    }

    fn hint(&self, hint: Hint) -> Vec<Span<'static>> {
        vec![
            span(hint.key, self.theme.accent.add_modifier(Modifier::BOLD)),
            span(format!(" {}", hint.what), self.theme.quiet),
        ]
    }
}
