//! Taking a macro: from the picker, by way of what it asks for, into the text or the plan.

use std::collections::BTreeMap;

use crokey::KeyCombination;

use super::{
    Effects, Model,
    command::{AskedCommand, Command, MacrosCommand},
    early::Early,
    errand::Errand,
    keymap::Lookup,
    macros::Taking,
    message::Found,
    notice::Level,
    panes::composer,
    popups::{asked, macros},
};
use crate::{
    desk::FilledText,
    domain::{Problem, TicketId, plan::Wishes},
};

impl Model {
    /// Whether a macro that was taken waits for its text.
    pub(super) fn awaits_macro(&self) -> bool {
        self.nearest::<macros::MacroPicker>().is_some_and(|it| it.waits)
            || self.nearest::<asked::Asked>().is_some_and(|it| it.waits)
    }

    /// Whether a question has come over what waits for a macro's text. Keys are for the question then.
    fn covers_macro(&self) -> bool {
        self.top::<macros::MacroPicker>().is_none() && self.top::<asked::Asked>().is_none()
    }
}

/// Whether a key is held until the macro's text is there: it is meant for the screen that comes then.
/// The agent can cancel.
pub(super) fn holds(model: &mut Model, key: KeyCombination) -> bool {
    if !model.awaits_macro() || model.covers_macro() {
        return false;
    }
    let cancels = |it| {
        matches!(
            it,
            Lookup::Command(
                Command::Macros(MacrosCommand::Cancel) | Command::Asked(AskedCommand::Cancel)
            )
        )
    };
    if cancels(model.keymap.look_up(&model.scopes(), &[key])) {
        return false;
    }
    model.early.push(Early::Key(key));
    true
}

/// The texts of a macro have come.
pub(super) fn filled(model: &mut Model, found: Result<Found, Problem>) -> Effects {
    match asked::awaits(model) {
        true => asked::filled(model, found),
        false => macros::filled(model, found),
    }
}

/// Takes a macro whose texts are filled in. A text for the ticket at hand is reviewed in its pane; all
/// else is shown as a plan first.
pub(super) fn take(model: &mut Model, taking: Taking, filled: Vec<FilledText>) -> Effects {
    model.macros.use_one(&taking.one.name);
    if let ([ticket], false) = (&taking.tickets[..], taking.is_planned(model)) {
        return write(model, &taking, *ticket, filled.into_iter().next());
    }
    let filled: BTreeMap<TicketId, FilledText> =
        filled.into_iter().map(|it| (it.ticket, it)).collect();
    let all = |id: &TicketId| (*id, taking.action(model, *id, filled.get(id)));
    let wishes = Wishes::Each(taking.tickets.iter().map(all).collect());
    let what = taking.one.own_name().to_owned();
    model.pass(match &taking.tickets[..] {
        [ticket] if taking.into.is_some() || !model.marks.has(*ticket) => {
            Errand::PlanOne(*ticket, what, wishes, taking.one.then)
        }
        _ => Errand::Plan(what, wishes, taking.one.then),
    });
    Effects::none()
}

/// Puts the text at the cursor of the reply or note, and its changes beside it.
fn write(
    model: &mut Model,
    taking: &Taking,
    ticket: TicketId,
    filled: Option<FilledText>,
) -> Effects {
    let Ok(changes) = taking.changes(model, ticket, filled.as_ref()) else {
        return Effects::none();
    };
    let Some(Ok(words)) = filled.and_then(|it| it.words) else { return Effects::none() };
    let open = match taking.into {
        Some(key) if composer::is_open(model, key) => Effects::none(),
        Some(_) => {
            let name = taking.one.own_name();
            model.say(Level::Warning, format!("{ticket} “{name}” has no text to go into any more"));
            return Effects::none();
        }
        None => composer::open(model, ticket, taking.one.kind),
    };
    open.and(composer::insert(model, &words, changes))
}
