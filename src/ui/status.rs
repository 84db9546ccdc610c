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
        Popup,
        command::{Command, Scope, Spec, TABLE},
        keymap::show_sequence,
        notice::Notice,
        panes::composer::{Hand, Stage},
        popups::{
            form::{Field, Progress},
            outbox_list::{OutboxLine, outbox_lines},
            prompt::Question,
        },
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
        // What waits for the agent is said as long as it waits, whatever else there is to say.
        let lasting = usize::from(self.model.outbox.undecided() > 0);
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
        // Before all are read their number would be that of the first screen.
        let many = match self.model.tickets.len() {
            _ if !self.model.progress.stored => None,
            1 => Some("1 ticket".to_owned()),
            many => Some(format!("{many} tickets")),
        };
        let agent = Some(self.model.settings.agent.clone()).filter(|name| !name.is_empty());
        let facts: Vec<String> = agent.into_iter().chain(many).collect();
        vec![span(format!(" {}", facts.join(" · ")), self.theme.quiet)]
    }

    /// What waits for the agent, the connection, then what gives way where there is no room for it, least needed last.
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
        facts.push(self.connection());
        if model.store_is_slow() {
            facts.push(span("the disk is slow: not stored yet", theme.danger));
        }
        let counted = undecided + model.unstored_changes().len();
        let many = model.outbox.entries().len().saturating_sub(counted);
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
        let (hints, last) = match self.model.pending_keys.as_slice() {
            [] => self.hints_here(),
            begun => (self.hints_after(&show_sequence(begun)), vec![]),
        };
        let columns = usize::from(area.width).saturating_sub(1);
        let room = match cells::spans_width(&last) {
            0 => columns,
            wide => columns.saturating_sub(wide + 2),
        };
        let mut spans = vec![Span::raw(" ")];
        let mut used = 1;
        for (key, what) in hints {
            let gap = if used > 1 { 2 } else { 0 };
            let hint = self.hint(key, what);
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

    fn hint(&self, key: String, what: &'static str) -> Vec<Span<'static>> {
        vec![
            span(key, self.theme.accent.add_modifier(Modifier::BOLD)),
            span(format!(" {what}"), self.theme.quiet),
        ]
    }

    /// The hints, and the one for the help, which always has its place at the end.
    fn hints_here(&self) -> (Vec<(String, &'static str)>, Vec<Span<'static>>) {
        let mut hints = Vec::new();
        let mut last = Vec::new();
        let scopes = self.model.scopes();
        for spec in self.specs() {
            let key = self.model.keymap.keys_in(&scopes, spec.command).first();
            let Some(key) = key.filter(|_| !spec.hint.is_empty()) else { continue };
            if spec.command == Command::Help {
                last = self.hint(key.clone(), spec.hint);
            } else if spec.command == Command::SubmitAs(1) {
                let last = self.key(Scope::Review, Command::SubmitAs(5));
                hints.push((format!("{key}…{last}"), spec.hint));
            } else if self.does_something(spec) {
                hints.push((key.clone(), self.hint_words(spec)));
            }
        }
        (hints, last)
    }

    /// What a command is called in the hint line at this moment.
    fn hint_words(&self, spec: &Spec) -> &'static str {
        let model = self.model;
        match (spec.scope, spec.command) {
            (_, Command::SearchTexts) if model.list.tab().is_some_and(|tab| tab.in_texts) => {
                "in the list"
            }
            (Scope::Form, Command::Open)
                if model.form().is_some_and(|form| form.focused() == Field::Message) =>
            {
                "new line"
            }
            (Scope::Reader, Command::Open) if self.outbox_line_decides() => "decide",
            _ => spec.hint,
        }
    }

    /// The line of the outbox under the cursor.
    fn outbox_line(&self) -> Option<OutboxLine<'_>> {
        let Some(Popup::Outbox(list)) = &self.model.popup else { return None };
        let lines = outbox_lines(self.model);
        lines.get(list.cursor.min(lines.len().checked_sub(1)?)).copied()
    }

    fn outbox_line_decides(&self) -> bool {
        let decides = |entry: &Entry| matches!(entry.state, State::Decision { .. });
        matches!(self.outbox_line(), Some(OutboxLine::Entry(entry)) if decides(entry))
    }

    /// The commands of the scopes at hand, nearest scope first.
    fn specs(&self) -> impl Iterator<Item = &'static Spec> {
        let scopes = self.model.scopes().into_iter();
        scopes.flat_map(|scope| TABLE.iter().filter(move |it| it.scope == scope))
    }

    fn hints_after(&self, begun: &str) -> Vec<(String, &'static str)> {
        let prefix = format!("{begun} ");
        let mut hints = vec![(format!("{begun}…"), "then")];
        let scopes = self.model.scopes();
        hints.extend(self.specs().filter_map(|spec| {
            let keys = self.model.keymap.keys_in(&scopes, spec.command);
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
            (Scope::Reader, Command::Open) => {
                matches!(model.popup, Some(Popup::Outbox(_))) && !outbox_lines(model).is_empty()
            }
            (Scope::Reader, Command::Filter) => matches!(model.popup, Some(Popup::Help(_))),
            (Scope::Reader, Command::Undo) => match self.outbox_line() {
                Some(OutboxLine::Entry(entry)) => entry.state.can_take_back(),
                _ => matches!(model.popup, Some(Popup::Outbox(_))) && model.outbox.can_bring_back(),
            },
            (Scope::List, Command::Back) => {
                model.list.tab().is_some_and(|it| !it.filter.is_empty())
            }
            (Scope::Picker, Command::Toggle) => {
                matches!(&model.popup, Some(Popup::Picker(picker)) if picker.marks())
            }
            (Scope::Form, Command::Open | Command::Record | Command::NextField) => {
                model.form().is_some_and(|form| {
                    let text = matches!(form.focused(), Field::Subject | Field::Custom(_));
                    form.progress == Progress::Filling && !(text && spec.command == Command::Open)
                })
            }
            (Scope::Filter, Command::SearchTexts) => model.filtering.is_some(),
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
            (Scope::Prompt, Command::Apply) => matches!(
                &model.popup,
                Some(Popup::Prompt(it)) if it.question == Question::GoTo && !it.input.is_blank()
            ),
            (Scope::Prompt, Command::Record) => {
                matches!(&model.popup, Some(Popup::Prompt(it)) if it.question != Question::GoTo)
            }
            (Scope::Quit, Command::Confirm) => model.can_send_now(),
            (Scope::Editor, Command::Record) => model.composer.as_ref().is_some_and(|it| {
                let reviewed = matches!(it.stage, Stage::Review { .. });
                it.hand == Hand::Own && !reviewed && !it.editor.is_blank()
            }),
            (Scope::Editor, Command::Discard) => {
                model.composer.as_ref().is_some_and(|it| model.drafts.get(it.key()).is_some())
            }
            (Scope::Form, Command::Discard) => model.form().is_some_and(|form| {
                form.writer.is_none() && model.drafts.get(form.key()).is_some()
            }),
            (Scope::Form, Command::TakeOver) => {
                model.form().is_some_and(|form| form.writer.is_some())
            }
            _ => true,
        }
    }
}
