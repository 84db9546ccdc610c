//! Hands each message to its handler.

use crokey::{KeyCombination, OneToThree};
use crossterm::event::{KeyCode, KeyModifiers};
use jiff::Timestamp;

use super::{
    Effect, Effects, Focus, Model, Work, asked,
    command::{Command, FilterCommand, Scope},
    early::{self, Early},
    editor, exact, incoming,
    keymap::{self, Lookup},
    layout::{self, Layout},
    looks, macros,
    message::Message,
    mouse,
    notice::Level,
    panes::{composer, list},
    popups::{client, dashboard, macros as macro_picker, naming, outbox_list, output, plan, quit},
    serve, shown, surfaces, taking, tidings,
};

/// Changes the model by a `message` that happened at `now`.
pub fn update(model: &mut Model, now: Timestamp, message: impl Into<Message>) -> Effects {
    let message = message.into();
    model.now = now;
    let (hand, asked) = (surfaces::hand(model), is_agent_s(model, &message));
    let effects = take(model, message).and(asked::pass_on(model));
    outbox_list::hold_line(model);
    plan::renew(model);
    client::renew(model);
    list::linger::follow_reader(model);
    serve::hold_view(model);
    model.slipped |= !asked && hand != surfaces::hand(model);
    let effects = effects.and(early::happen(model)).and(asked::pass_on(model));
    // The conversation follows the ticket under the cursor, whatever has changed the list; or the
    // cursor follows the ticket that the agent reads or answers.
    list::linger::follow_reader(model);
    let effects = effects.and(model.follow_cursor()).and(shown::settle(model));
    let effects = effects.and(composer::reading::fit(model)).and(macro_picker::fit(model));
    let effects = effects.and(looks::look(model)).and(tidings::tell(model));
    let effects = effects.and(dashboard::renew(model));
    let due = model.requests.due(now).and(model.drafts.due(now)).and(exact::read_on(model));
    let due = due.and(output::end_if_left(model));
    scroll(model);
    effects.and(due).and(quit::when_done(model))
}

fn take(model: &mut Model, message: Message) -> Effects {
    match message {
        Message::Key(key) => {
            model.exact.note_key(model.now);
            return key_pressed(model, keymap::normalise(key));
        }
        Message::Mouse { pointed, x, y } => return mouse::pointed(model, pointed, x, y),
        Message::Paste(text) => return pasted(model, &text),
        Message::PasteCut { left_out } => {
            let text = format!("the paste was too long: {left_out} bytes at its end are left out");
            model.say(Level::Failure, text);
        }
        Message::PasteEndless => {
            let text =
                "the paste did not end: what came so far is in the text, the rest is left out";
            model.say(Level::Failure, text);
        }
        Message::PasteUnended => {
            let text =
                "a paste has not ended yet: Esc takes in what has come, Ctrl-C leaves growdesk";
            model.say(Level::Warning, text);
        }
        Message::Resize { width, height } => {
            model.size = (width, height);
            return model.fit_conversation();
        }
        Message::Clock => return quit::remember(model),
        Message::ClockSet { ahead } => model.wall_ahead = ahead,
        Message::Drawn => {
            model.undrawn = false;
            model.slipped = false;
            model.marks.slipped = false;
        }
        Message::Terminate => return quit::leave(model),
        Message::Attention(attended) => {
            model.attended = attended;
            model.conversation.shown_at = Some(model.now);
            return Effect::Work(Work::Attend(attended)).into();
        }
        Message::Edited { key, text } => return incoming::edited(model, key, text),
        Message::Saved { key, before, text } => {
            return composer::saved(model, key, &before, text);
        }
        Message::Macros { macros, problems } => {
            macros::taken(model, macros, problems);
            return macro_picker::offer_anew(model);
        }
        Message::Piped { run, news } => return output::heard(model, run, news),
        Message::ViewSaved { view, from, written } => {
            return naming::saved(model, *view, &from, written);
        }
        Message::Done(Ok(text)) => model.say(Level::Done, text),
        Message::Done(Err(problem)) => return incoming::failed(model, &problem),
        Message::Report(report) => return incoming::heard(model, report),
    }
    Effects::none()
}

/// Whether the agent expects that another ticket may be at hand after a message: it is a key, or
/// the result of the typed filter.
fn is_agent_s(model: &Model, message: &Message) -> bool {
    match message {
        Message::Key(_) | Message::Mouse { .. } | Message::Paste(_) => true,
        _ => model.awaits_list(),
    }
}

/// Keeps the cursors within their windows, whatever has happened.
fn scroll(model: &mut Model) {
    list::board::settle(model);
    if let Some(layout) = Layout::of(model) {
        model.list.scroll_into_view(layout.list_rows());
        let rows = layout.conversation_rows();
        let rows = rows - layout::pending_rows(model, rows);
        model.conversation.scroll_into_view(rows);
        composer::reading::scroll_into_view(model, &layout);
        // A writing agent looks at the text. Messages that come in then are shown when the writing
        // ends.
        if !model.composer.as_ref().is_some_and(|it| it.touched) {
            model.conversation.note_seen(rows);
        }
    }
}

pub(super) fn key_pressed(model: &mut Model, key: KeyCombination) -> Effects {
    let scopes = model.scopes();
    let mut keys = std::mem::take(&mut model.pending_keys);
    let begun = !keys.is_empty();
    keys.push(key);
    let everywhere = model.keymap.look_up(&[Scope::Everywhere], &[key]);
    if let Lookup::Command(command) = everywhere {
        return model.run(command);
    }
    if model.undrawn {
        return Effects::none();
    }
    if composer::waits_for_store(model, key) || taking::holds(model, key) {
        return Effects::none();
    }
    if comes_early(model, &keys) {
        model.early.extend(keys.into_iter().map(Early::Key));
        return Effects::none();
    }
    match model.keymap.look_up(&scopes, &keys) {
        Lookup::Command(command) => model.run(command),
        Lookup::Prefix => {
            model.pending_keys = keys;
            Effects::none()
        }
        Lookup::Nothing if begun => Effects::none(),
        Lookup::Nothing => match alt_letter(key) {
            Some(letter) if key.modifiers.contains(KeyModifiers::CONTROL) => {
                surfaces::typed(model, letter)
            }
            Some(letter) if !(model.types_text() && editor::is_shortcut(key)) => {
                let left = key_pressed(model, KeyCode::Esc.into());
                left.and(key_pressed(model, letter))
            }
            _ => surfaces::typed(model, key),
        },
    }
}

/// The letter of a key with Alt that no command has. A terminal sends the same for Alt and a letter
/// as for Esc and then the letter. With Ctrl as well, a letter outside ASCII comes from AltGr.
fn alt_letter(key: KeyCombination) -> Option<KeyCombination> {
    let OneToThree::One(KeyCode::Char(letter)) = key.codes else { return None };
    let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
    if !key.modifiers.contains(KeyModifiers::ALT) || ctrl && letter.is_ascii_alphabetic() {
        return None;
    }
    let modifiers = key.modifiers - KeyModifiers::ALT - KeyModifiers::CONTROL;
    Some(keymap::normalise(KeyCombination::one_key(KeyCode::Char(letter), modifiers)))
}

/// Whether a key concerns a list that is not there yet. While the filter is typed, its letters
/// don't concern the list. Keys that move or leave the filter do, and so do all keys after those.
fn comes_early(model: &Model, keys: &[KeyCombination]) -> bool {
    if !model.progress.stored && model.popup.is_none() && model.focus == Focus::List {
        let command = model.keymap.look_up(&[Scope::List, Scope::Console], keys);
        let leaves = |it| matches!(it, Lookup::Command(it) if list::leaves_first_screen(model, it));
        if !model.early.is_empty() || leaves(command) {
            return true;
        }
    }
    // A popup's keys do not concern the list.
    if !model.awaits_list() || model.popup.is_some() && model.early.is_empty() {
        return false;
    }
    let command = model.keymap.look_up(&[Scope::Filter], keys);
    model.filtering.is_none()
        || !model.early.is_empty()
        || matches!(
            command,
            Lookup::Command(Command::Filter(FilterCommand::Step(_) | FilterCommand::Apply))
        )
}

/// A paste outside a text field does nothing.
fn pasted(model: &mut Model, text: &str) -> Effects {
    if model.undrawn || early::holds_paste(model, text) {
        return Effects::none();
    }
    surfaces::pasted(model, text).unwrap_or_else(|| {
        composer::refuse_paste(model);
        Effects::none()
    })
}
