//! Leaving: the question before it, and the data that is kept.

use crate::{
    app::{
        Effect, Effects, Model, Outside, Work,
        command::QuitCommand,
        layout::Layout,
        notice::Level,
        popups::Surface,
        tone::{Tone, Toned},
    },
    domain::{Entry, State, TicketId, columns},
};

/// The question that comes before leaving.
#[derive(Clone, Copy, Debug)]
pub struct Quit;

/// The columns of what it says.
const COLUMNS: usize = 58;

impl Surface for Quit {
    type Commands = QuitCommand;

    fn run(model: &mut Model, command: QuitCommand) -> Effects {
        run(model, command)
    }

    fn hint(model: &Model, command: QuitCommand, usual: &'static str) -> Option<&'static str> {
        match command {
            QuitCommand::SendNow => model.can_send_now().then_some(usual),
            QuitCommand::Keep | QuitCommand::Cancel => Some(usual),
        }
    }

    fn title(&self, _: &Model) -> String {
        "Leave growdesk?".into()
    }

    fn tone(&self) -> Tone {
        Tone::Warning
    }

    fn size(&self, model: &Model, _: &Layout) -> (usize, usize) {
        let lines = lines(model);
        (lines.iter().map(Toned::width).max().unwrap_or(0).max(40), lines.len())
    }

    fn is_grave(&self) -> bool {
        true
    }
}

/// Leaves at once, and keeps everything. If something can't be kept, the agent is asked first.
pub(in crate::app) fn at_once(model: &mut Model) -> Effects {
    let asked = model.top::<Quit>().is_some();
    if asked || !model.leaving_may_lose() {
        return leave(model);
    }
    model.open_popup(Quit);
    Effects::none()
}

/// Asks about changes that are still on their way, and about a text that the disk does not take.
pub(in crate::app) fn ask(model: &mut Model) -> Effects {
    if model.is_settled() {
        return leave(model);
    }
    model.open_popup(Quit);
    Effects::none()
}

/// A command in the question.
fn run(model: &mut Model, command: QuitCommand) -> Effects {
    match command {
        QuitCommand::SendNow if model.is_settled() => leave(model),
        QuitCommand::SendNow if !model.can_send_now() => Effects::none(),
        QuitCommand::SendNow => {
            model.leaving = true;
            Effect::Work(Work::SendNow).into()
        }
        QuitCommand::Keep => leave(model),
        QuitCommand::Cancel => {
            model.leaving = false;
            model.close_popup();
            Effects::none()
        }
    }
}

impl Model {
    /// Whether waiting until all is recorded is on offer: there is something, and a server for it.
    pub fn can_send_now(&self) -> bool {
        let may_send = !self.settings.offline && !self.settings.read_only;
        may_send && self.outbox.own().next().is_some()
    }
}

/// Leaves; drafts, outbox and screen are kept.
pub(in crate::app) fn leave(model: &mut Model) -> Effects {
    // Another console may have kept its own screen since: the one left last counts.
    model.remembered = None;
    model.drafts.flush().and(remember(model)).and(Effect::Outside(Outside::Quit))
}

/// Keeps the state of the screen, if it has changed.
pub(in crate::app) fn remember(model: &mut Model) -> Effects {
    let screen = model.screen();
    if !model.progress.stored || model.remembered.as_ref() == Some(&screen) {
        return Effects::none();
    }
    model.remembered = Some(screen.clone());
    Effect::Work(Work::Remember(Box::new(screen))).into()
}

/// The agent asked to send everything and leave: everything has been sent.
pub(in crate::app) fn when_done(model: &mut Model) -> Effects {
    let many = model.outbox.own().count();
    if model.leaving && many > 0 && !model.can_record() {
        model.leaving = false;
        let when = model.sent_when().unwrap_or_else(|| "kept for next time".into());
        let keep = model.keymap.key_for(QuitCommand::Keep);
        let what = if many == 1 { "1 change can't" } else { "the changes can't all" };
        model.say(Level::Warning, format!("{what} be recorded now: {when}; {keep} leaves"));
    }
    if !model.leaving || many > 0 {
        return Effects::none();
    }
    model.leaving = false;
    // A change may have been refused, and its text may have come back while the disk takes nothing.
    if model.leaving_may_lose() { Effects::none() } else { leave(model) }
}

/// The words of the question: the changes that are not recorded yet, the data that would be lost,
/// and the keys.
pub fn lines(model: &Model) -> Vec<Toned> {
    let mut lines = lost_by_leaving(model);
    lines.extend(not_recorded(model));
    if model.is_leaving() {
        lines.push(Toned::new("Leaving as soon as they are recorded…", Tone::Accent));
    }
    if model.is_settled() {
        lines.extend([Toned::plain("Everything is recorded or kept by now."), Toned::plain("")]);
    }
    let leave = match (model.leaving_may_lose(), model.is_settled()) {
        (true, _) => "leave all the same",
        (false, true) => "leave",
        (false, false) => "leave, keep them for next time",
    };
    let keys = [
        (QuitCommand::SendNow, "record now, then leave"),
        (QuitCommand::Keep, leave),
        (QuitCommand::Cancel, "stay"),
    ];
    for (command, what) in keys.into_iter().skip(usize::from(!model.can_send_now())) {
        let key = model.keymap.key_for(command);
        lines.push(Toned(vec![
            (format!("{key:>4} "), Tone::Accent),
            (what.to_owned(), Tone::Plain),
        ]));
    }
    lines
}

/// How many changes are not recorded yet, and where they are.
fn not_recorded(model: &Model) -> Vec<Toned> {
    let stored = |entry: &&Entry| !model.outbox.is_storing(entry.id);
    let entries: Vec<&Entry> = model.outbox.own().filter(stored).collect();
    let count = |is: fn(&State) -> bool| entries.iter().filter(|it| is(&it.state)).count();
    let parts = [
        (count(|it| matches!(it, State::Holding { .. })), "can still be taken back"),
        (count(|it| matches!(it, State::Queued | State::Sending { .. })), "on the way"),
        (count(|it| matches!(it, State::Waiting { .. })), "waiting for the network"),
        (count(|it| matches!(it, State::Doubtful { .. })), "doubtful, being checked"),
        (count(|it| matches!(it, State::Decision { .. })), "waiting for your decision"),
    ];
    let mut lines = match entries.len() {
        0 => return Vec::new(),
        1 => vec![Toned::plain("1 change is not recorded yet:")],
        many => vec![Toned::plain(format!("{many} changes are not recorded yet:"))],
    };
    for (count, what) in parts.into_iter().filter(|(count, _)| *count > 0) {
        lines.push(Toned(vec![
            (format!("{count:>4} "), Tone::Strong),
            (what.to_owned(), Tone::Plain),
        ]));
    }
    lines.push(Toned::plain(""));
    if let Some(when) = model.sent_when() {
        lines.push(Toned::new(format!("They are {when}."), Tone::Warning));
    }
    lines
}

/// Data that the disk has refused, or not confirmed, would be lost.
fn lost_by_leaving(model: &Model) -> Vec<Toned> {
    let on = |ticket: Option<TicketId>| ticket.map(|id| format!(" on {id}")).unwrap_or_default();
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
    let lines = lost.iter().flat_map(|text| columns::wrap(text, COLUMNS));
    let mut lines: Vec<Toned> = lines.map(|line| Toned::new(line, Tone::Danger)).collect();
    if !lines.is_empty() {
        lines.push(Toned::plain(""));
    }
    lines
}
