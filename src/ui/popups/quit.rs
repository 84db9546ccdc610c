//! The question that comes before leaving.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use crate::app::command::QuitCommand;
use crate::app::popups::quit::Quit;
use crate::domain::{Entry, State, TicketId};
use crate::ui::{
    Ui,
    cells::{self, span},
    popups::{Draw, frame::Frame, prompt::COLUMNS},
};

impl Draw for Quit {
    fn draw(&self, ui: Ui<'_>, body: Rect, buf: &mut Buffer) {
        ui.quit(body, buf);
    }
}

impl Ui<'_> {
    /// Draws the question that comes before leaving.
    fn quit(&self, body: Rect, buf: &mut Buffer) {
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
            (QuitCommand::SendNow, "send now, leave when recorded"),
            (QuitCommand::Keep, leave),
            (QuitCommand::Cancel, "stay"),
        ];
        for (command, what) in keys.into_iter().skip(usize::from(!model.can_send_now())) {
            let key = self.key(command);
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
        if let Some(problem) = model.outbox.lost() {
            lost.push(format!("The outbox is in memory only, and leaving loses it: {problem}."));
        }
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
