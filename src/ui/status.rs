//! The two lines at the bottom: the state of things, and the keys that work here.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Modifier, Style},
    text::{Line, Span},
};

use super::{
    Ui,
    cells::{self, span},
    when,
};
use crate::app::{
    Connection, Popup,
    command::{Command, Scope, Spec, TABLE},
    composer::Stage,
    notice::{Level, Notice},
};

impl Ui<'_> {
    /// Draws the status line. A long notice takes the place of the rest.
    pub(super) fn status(&self, area: Rect, buf: &mut Buffer) {
        let columns = usize::from(area.width);
        let left = match self.model.notices.at(self.model.now) {
            Some(notice) => self.notice(notice),
            None => self.quiet_facts(),
        };
        let mut facts = self.facts_at_right();
        let wanted = if self.model.notices.at(self.model.now).is_some() {
            cells::spans_width(&left)
        } else {
            0
        };
        loop {
            let mut right = cells::joined(facts.iter().cloned(), " · ", self.theme.quiet);
            right.push(Span::raw(" "));
            let used = cells::spans_width(&right);
            let fits = used + wanted + 2 <= columns;
            if fits || facts.is_empty() {
                let right = if facts.is_empty() { vec![] } else { right };
                let line = cells::sides(left, right, columns, (" ", self.theme.quiet));
                return cells::draw(line, area, 0, buf);
            }
            facts.pop();
        }
    }

    fn notice<'n>(&self, notice: &'n Notice) -> Vec<Span<'n>> {
        let sign = match notice.level {
            Level::Info => "·",
            Level::Done => "✓",
            Level::Warning => "!",
            Level::Failure => "✗",
        };
        let style = self.theme.notice(notice.level);
        vec![
            span(format!(" {sign} "), style.add_modifier(Modifier::BOLD)),
            span(notice.text.as_str(), style),
        ]
    }

    fn quiet_facts(&self) -> Vec<Span<'static>> {
        let many = match self.model.tickets.len() {
            1 => "1 ticket".to_owned(),
            many => format!("{many} tickets"),
        };
        let agent = match self.model.settings.agent.as_str() {
            "" => String::new(),
            agent => format!("{agent} · "),
        };
        vec![span(format!(" {agent}{many}"), self.theme.quiet)]
    }

    /// The connection first, then what gives way where there is no room for it, least needed last.
    fn facts_at_right(&self) -> Vec<Span<'static>> {
        let model = self.model;
        let theme = self.theme;
        let mut facts = vec![self.connection()];
        let many = model.outbox.entries().len();
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
                Connection::Online | Connection::Connecting => when::ago(model.now, at),
                _ => format!("as of {}", self.time_of_day(at)),
            };
            facts.push(span(text, theme.quiet));
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
        let columns = usize::from(area.width).saturating_sub(2);
        let hints = match self.model.pending_keys.as_slice() {
            [] => self.hints_here(),
            begun => self.hints_after(&crate::app::keymap::show_sequence(begun)),
        };
        let mut spans = vec![Span::raw(" ")];
        let mut used = 0;
        for (key, what) in hints {
            let gap = if used > 0 { 2 } else { 0 };
            let wide = cells::width(&key) + 1 + cells::width(what);
            if used + gap + wide > columns {
                continue;
            }
            spans.push(Span::raw(" ".repeat(gap)));
            spans.push(span(key, self.theme.accent.add_modifier(Modifier::BOLD)));
            spans.push(span(format!(" {what}"), self.theme.quiet));
            used += gap + wide;
        }
        cells::draw(Line::from(spans).style(Style::new()), area, 0, buf);
    }

    fn hints_here(&self) -> Vec<(String, &'static str)> {
        let scopes = self.model.scopes();
        let specs =
            scopes.iter().flat_map(|scope| TABLE.iter().filter(move |it| it.scope == *scope));
        specs
            .filter(|spec| !spec.hint.is_empty() && self.does_something(spec))
            .filter_map(|spec| {
                let key = self.model.keymap.keys_of(spec.scope, spec.command).first()?;
                Some((key.clone(), spec.hint))
            })
            .collect()
    }

    fn hints_after(&self, begun: &str) -> Vec<(String, &'static str)> {
        let prefix = format!("{begun} ");
        let scopes = self.model.scopes();
        let specs =
            scopes.iter().flat_map(|scope| TABLE.iter().filter(move |it| it.scope == *scope));
        let mut hints = vec![(format!("{begun}…"), "then")];
        hints.extend(specs.filter_map(|spec| {
            let keys = self.model.keymap.keys_of(spec.scope, spec.command);
            let rest = keys.iter().find_map(|keys| keys.strip_prefix(&prefix))?;
            Some((rest.to_owned(), spec.title))
        }));
        hints
    }

    /// Whether a command of the scopes at hand does something at this moment: a hint never promises
    /// what its key does not do.
    fn does_something(&self, spec: &Spec) -> bool {
        let model = self.model;
        match (spec.scope, spec.command) {
            (Scope::Reader, Command::Open) => !matches!(model.popup, Some(Popup::Help(_))),
            (Scope::Reader, Command::Filter) => matches!(model.popup, Some(Popup::Help(_))),
            (Scope::Console, Command::Undo) => model.outbox.can_undo(),
            (
                Scope::Console | Scope::List,
                Command::Enter
                | Command::Reply
                | Command::Note
                | Command::Status
                | Command::Priority
                | Command::Department
                | Command::Tags
                | Command::Archive
                | Command::Edit,
            ) => model.ticket_at_hand().is_some(),
            (Scope::Editor, Command::Record) => model.composer.as_ref().is_some_and(|it| {
                !matches!(it.stage, Stage::Review { .. }) && !it.editor.is_blank()
            }),
            _ => true,
        }
    }
}
