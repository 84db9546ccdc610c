//! The two lines at the bottom: the state of things, and the keys that work here.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Modifier, Style},
    text::Span,
};

use super::{
    Ui,
    cells::{self, span},
    when,
};
use crate::{
    app::{
        hints::{Hint, hints},
        layout::Layout,
        notice::Notice,
    },
    desk::Connection,
    domain::{Entry, State},
};

impl Ui<'_> {
    /// Draws the status line. A long notice takes the place of the rest.
    pub(super) fn status(&self, area: Rect, buf: &mut Buffer) {
        let columns = usize::from(area.width);
        let notice = self.model.notices.at(self.model.now).map(|notice| self.notice(notice));
        let wanted = notice.as_ref().map_or(0, |spans| cells::spans_width(spans));
        let mut facts = self.facts_at_right();
        // Changes that wait for the agent are always named, and that nothing is written, whatever else
        // there is to say.
        let lasting = usize::from(self.model.outbox.undecided() > 0)
            + usize::from(self.model.settings.read_only);
        let right = loop {
            let mut right = cells::joined(facts.iter().cloned(), " · ", self.theme.quiet);
            right.push(Span::raw(" "));
            if cells::spans_width(&right) + wanted + 2 <= columns
                || (lasting > 0 && facts.len() == lasting)
            {
                break right;
            }
            if facts.pop().is_none() {
                break Vec::new();
            }
        };
        let room = columns.saturating_sub(cells::spans_width(&right) + 2);
        let left = notice.unwrap_or_else(|| {
            let facts = self.quiet_facts();
            if cells::spans_width(&facts) <= room { facts } else { Vec::new() }
        });
        cells::draw(cells::sides(left, right, columns, (" ", self.theme.quiet)), area, 0, buf);
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
            _ if !self.model.progress.stored => None,
            1 => Some("1 ticket".to_owned()),
            many => Some(format!("{many} tickets")),
        };
        let agent = Some(self.model.settings.agent.clone()).filter(|name| !name.is_empty());
        let facts: Vec<String> = agent.into_iter().chain(many).collect();
        vec![span(format!(" {}", facts.join(" · ")), self.theme.quiet)]
    }

    /// The changes that wait for the agent, the connection, then facts that give way if there is no
    /// room. The least needed fact comes last.
    fn facts_at_right(&self) -> Vec<Span<'static>> {
        let model = self.model;
        let theme = self.theme;
        let undecided = model.outbox.undecided();
        let mut facts = Vec::new();
        if undecided > 0 {
            let style = theme.warning.add_modifier(Modifier::BOLD);
            let verb = if undecided == 1 { "needs" } else { "need" };
            facts.push(span(format!("{undecided} {verb} you"), style));
        }
        if model.settings.read_only {
            facts.push(span("read-only", theme.warning));
        }
        facts.push(self.connection());
        // The head of the list says it where it has room.
        let has_head = Layout::of(model).is_some_and(|layout| layout.list.is_some())
            && model.list.tab().is_some_and(|tab| !tab.is_narrowed());
        let serving = model.serving().filter(|_| !has_head);
        facts.extend(serving.map(|words| span(words, theme.accent)));
        if model.store_is_slow() {
            facts.push(span("the disk is slow: not stored yet", theme.danger));
        }
        let is_decision = |it: &&Entry| matches!(it.state, State::Decision { .. });
        let own = model.outbox.own().filter(|it| !is_decision(it)).count();
        let many = own.saturating_sub(model.unstored_changes().len());
        if many > 0 {
            facts.push(span(format!("outbox {many}"), theme.accent));
        }
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
        let hints = hints(self.model);
        let last = hints.last.map_or_else(Vec::new, |hint| self.hint(hint));
        let columns = usize::from(area.width).saturating_sub(1);
        let room = match cells::spans_width(&last) {
            0 => columns,
            wide => columns.saturating_sub(wide + 2),
        };
        let mut spans = vec![Span::raw(" ")];
        let mut used = 1;
        for hint in hints.all {
            let gap = if used > 1 { 2 } else { 0 };
            let hint = self.hint(hint);
            let wide = cells::spans_width(&hint);
            if used + gap + wide > room {
                continue;
            }
            spans.push(Span::raw(" ".repeat(gap)));
            spans.extend(hint);
            used += gap + wide;
        }
        cells::draw(cells::sides(spans, last, columns, (" ", Style::new())), area, 0, buf);
    }

    fn hint(&self, hint: Hint) -> Vec<Span<'static>> {
        vec![
            span(hint.key, self.theme.accent.add_modifier(Modifier::BOLD)),
            span(format!(" {}", hint.what), self.theme.quiet),
        ]
    }
}
