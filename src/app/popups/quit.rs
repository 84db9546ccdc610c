//! Leaving: the question that comes before it, and what is kept.

use crate::app::{
    Effect, Effects, Model, Outside, Work, command::QuitCommand, notice::Level, panes::list,
    popups::Surface,
};

/// The question that comes before leaving.
#[derive(Clone, Copy, Debug)]
pub struct Quit;

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

    fn is_grave(&self) -> bool {
        true
    }
}

/// Leaves at once, and keeps everything; what can't be kept is asked about first.
pub(in crate::app) fn at_once(model: &mut Model) -> Effects {
    let asked = model.top::<Quit>().is_some();
    if asked || !model.leaving_may_lose() {
        return leave(model);
    }
    model.open_popup(Quit);
    Effects::none()
}

/// Leaving asks what becomes of changes that are still on their way, and of a text that the disk does
/// not take.
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
        !self.settings.offline && !self.outbox.entries().is_empty()
    }
}

/// Leaves; drafts, outbox and screen are kept.
pub(in crate::app) fn leave(model: &mut Model) -> Effects {
    // Another console may have kept its own screen since: the one left last counts.
    model.remembered = None;
    model.drafts.flush().and(remember(model)).and(Effect::Outside(Outside::Quit))
}

/// Keeps how the screen stands, if that has changed.
pub(in crate::app) fn remember(model: &mut Model) -> Effects {
    let screen = list::screen(model);
    if !model.progress.stored || model.remembered.as_ref() == Some(&screen) {
        return Effects::none();
    }
    model.remembered = Some(screen.clone());
    Effect::Work(Work::Remember(Box::new(screen))).into()
}

/// The agent asked to send everything and leave: everything has been sent.
pub(in crate::app) fn when_done(model: &mut Model) -> Effects {
    if model.leaving && !model.outbox.entries().is_empty() && !model.can_record() {
        model.leaving = false;
        let when = model.sent_when().unwrap_or_else(|| "kept for next time".into());
        let (keep, many) = (model.keymap.key_for(QuitCommand::Keep), model.outbox.entries().len());
        let what = if many == 1 { "1 change can't" } else { "the changes can't all" };
        model.say(Level::Warning, format!("{what} be recorded now: {when}; {keep} leaves"));
    }
    if !model.leaving || !model.outbox.entries().is_empty() {
        return Effects::none();
    }
    model.leaving = false;
    // What was sent may have come back refused, as a text that the disk does not take.
    if model.leaving_may_lose() { Effects::none() } else { leave(model) }
}
