//! The mouse. A click is the keys that lead to the place clicked on, so it does nothing that they would
//! not do.

use crokey::KeyCombination;
use crossterm::event::KeyCode;

use super::{
    Effect, Effects, Focus, Model, Outside,
    command::{Command, ConsoleCommand, EverywhereCommand, Scope, TABLE},
    cursor::Step,
    dispatch::key_pressed,
    errand::Errand,
    hits::{self, Hit},
    notice::Level,
    panes::conversation,
};

/// What the mouse did. Moves, drags and the other buttons are nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pointed {
    /// The left button was pressed.
    Click,
    /// The wheel was turned towards the end of a text.
    WheelDown,
    /// The wheel was turned towards the beginning of a text.
    WheelUp,
}

/// The lines that a notch of the wheel scrolls.
const NOTCH: usize = 3;

/// The most steps to the place clicked on: more than a screen has rows.
const FARTHEST: usize = 1_000;

/// Switches the mouse on or off.
pub(super) fn switch(model: &mut Model) -> Effects {
    model.mouse = !model.mouse;
    let key = model.keymap.key_for(EverywhereCommand::Mouse).to_owned();
    match model.mouse {
        true => {
            let text = format!("the mouse is on; Shift selects text, {key} switches the mouse off");
            model.say(Level::Done, text);
        }
        false => model.say(Level::Done, "the mouse is off; the terminal selects text with it"),
    }
    Effect::Outside(Outside::Mouse(model.mouse)).into()
}

/// Takes in what the mouse did at a cell. What it points at is on screen, so nothing happens where the
/// screen is behind: a dialog is not drawn yet, or the list is not there yet.
pub(super) fn pointed(model: &mut Model, pointed: Pointed, x: u16, y: u16) -> Effects {
    let is_behind = model.undrawn || model.slipped || !model.early.is_empty();
    let is_list_behind = model.popup.is_none() && (!model.progress.stored || model.awaits_list());
    if !model.mouse || is_behind || is_list_behind {
        return Effects::none();
    }
    let Some(hit) = hits::at(model, x, y) else { return Effects::none() };
    match pointed {
        Pointed::Click => click(model, hit),
        Pointed::WheelDown => wheel(model, hit, Step::Down),
        Pointed::WheelUp => wheel(model, hit, Step::Up),
    }
}

fn click(model: &mut Model, hit: Hit) -> Effects {
    // A key of a dialog that decides something for good is pressed by hand. The mouse only leaves it.
    let is_grave = model.popup.as_ref().is_some_and(|popup| popup.is_grave());
    if let Hit::Key(at) = hit {
        let Some(keys) = hits::key(model, at) else { return Effects::none() };
        let leaves = keys == [KeyCombination::from(KeyCode::Esc)];
        return if is_grave && !leaves { Effects::none() } else { press(model, &keys) };
    }
    model.pending_keys.clear();
    let in_panes = model.scopes().contains(&Scope::Console);
    match hit {
        Hit::View(view) if in_panes => {
            model.exact.note_key(model.now);
            model.pass(Errand::View(view));
            Effects::none()
        }
        Hit::List | Hit::Row(_) if in_panes && model.focus != Focus::List => {
            let effects = other_pane(model);
            let there = model.focus == Focus::List && hits::chosen(model) != Some(hit);
            if there { effects.and(choose(model, hit)) } else { effects }
        }
        Hit::Conversation | Hit::Line(_) if in_panes && model.focus != Focus::Conversation => {
            let effects = other_pane(model);
            let there = model.focus == Focus::Conversation && hits::chosen(model) != Some(hit);
            if there { effects.and(choose(model, hit)) } else { effects }
        }
        Hit::Row(_) | Hit::Line(_) if in_panes => choose(model, hit),
        Hit::Choice(_) | Hit::Field(_) | Hit::By(_) | Hit::Entry(_) | Hit::Number(..)
            if !is_grave =>
        {
            choose(model, hit)
        }
        _ => Effects::none(),
    }
}

/// Presses keys.
fn press(model: &mut Model, keys: &[KeyCombination]) -> Effects {
    model.exact.note_key(model.now);
    keys.iter().fold(Effects::none(), |effects, key| effects.and(key_pressed(model, *key)))
}

/// Presses the keys of a command of the scopes at hand, if it has some.
fn press_named(model: &mut Model, name: &str) -> Effects {
    let scopes = model.scopes();
    let spec = TABLE.iter().find(|it| scopes.contains(&it.scope) && it.name == name);
    let keys = spec.and_then(|spec| {
        let shown = model.keymap.keys_in(&scopes, spec.command).first()?;
        model.keymap.presses(&scopes, shown)
    });
    keys.map_or_else(Effects::none, |keys| press(model, &keys))
}

fn other_pane(model: &mut Model) -> Effects {
    model.run(Command::Console(ConsoleCommand::NextPane))
}

/// Goes to a place of the surface at hand, step by step. Where the cursor is there already, this is Enter.
fn choose(model: &mut Model, hit: Hit) -> Effects {
    if hits::chosen(model) == Some(hit) {
        return press(model, &[KeyCode::Enter.into()]);
    }
    let mut effects = Effects::none();
    let begun = hits::chosen(model);
    for _ in 0..FARTHEST {
        let Some(from) = hits::chosen(model).filter(|from| *from != hit) else { break };
        let name = towards(model, from, hit);
        effects = effects.and(press_named(model, name));
        if [Some(from), begun].contains(&hits::chosen(model)) {
            break;
        }
    }
    effects
}

/// The name of the command that goes one step from a place towards another one.
fn towards(model: &Model, from: Hit, to: Hit) -> &'static str {
    let column = |hit: Hit| match (hit, &model.board) {
        (Hit::Row(at), Some(board)) => {
            board.columns.iter().position(|it| it.cards.binary_search(&at).is_ok())
        }
        _ => None,
    };
    let number = |hit: Hit| match hit {
        Hit::Row(at) | Hit::Line(at) | Hit::Choice(at) | Hit::Entry(at) => Some(at),
        Hit::Number(_, at) => Some(at),
        _ => None,
    };
    match (from, to) {
        (Hit::Number(panel, _), Hit::Number(wanted, _)) if panel != wanted => return "next-panel",
        _ => {}
    }
    match (column(from), column(to)) {
        (Some(from), Some(to)) if from < to => return "right",
        (Some(from), Some(to)) if from > to => return "left",
        _ => {}
    }
    match (number(from), number(to)) {
        (Some(from), Some(to)) if from < to => "down",
        (Some(_), Some(_)) => "up",
        // The fields of a form follow each other in a ring.
        _ => "next-field",
    }
}

/// Scrolls the pane or the popup under the pointer.
fn wheel(model: &mut Model, hit: Hit, step: Step) -> Effects {
    let (name, ticket, arrow) = match step {
        Step::Up => ("up", ConsoleCommand::PreviousTicket, KeyCode::Up),
        _ => ("down", ConsoleCommand::NextTicket, KeyCode::Down),
    };
    let times = |model: &mut Model, once: &dyn Fn(&mut Model) -> Effects| {
        (0..NOTCH).fold(Effects::none(), |effects, _| effects.and(once(model)))
    };
    if model.popup.is_some() {
        return times(model, &|model| press_named(model, name));
    }
    match (hit, model.focus) {
        (Hit::Row(_) | Hit::List, Focus::List) => times(model, &|model| press_named(model, name)),
        // The conversation that is read changes with the ticket, so one is enough.
        (Hit::Row(_) | Hit::List, Focus::Conversation) => model.run(Command::Console(ticket)),
        (Hit::Line(_) | Hit::Conversation, _) => {
            times(model, &|model| conversation::step(model, step))
        }
        (Hit::Composer, Focus::Composer) => times(model, &|model| press(model, &[arrow.into()])),
        _ => Effects::none(),
    }
}
