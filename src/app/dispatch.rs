//! From a message to what handles it.

use crokey::{KeyCombination, OneToThree};
use crossterm::event::{KeyCode, KeyModifiers};
use jiff::Timestamp;

use super::{
    Effect, Effects, Focus, Model, Outside, Popup,
    command::{Command, EverywhereCommand, FilterCommand, Scope},
    early::{self, Early},
    editor, incoming,
    keymap::{self, Lookup},
    layout::{self, Layout},
    message::Message,
    notice::Level,
    panes::{composer, conversation, filter, list},
    popups::{
        decision, discard, form, help, messages, outbox_list, picker, prompt, quit, take_back,
    },
    reading,
    screens::console,
};
use crate::domain::TicketId;

/// What `message`, which happened at `now`, makes of the model.
pub fn update(model: &mut Model, now: Timestamp, message: impl Into<Message>) -> Effects {
    let message = message.into();
    model.now = now;
    let (hand, asked) = (hand(model), is_agent_s(model, &message));
    let effects = match message {
        Message::Key(key) => key_pressed(model, keymap::normalise(key)),
        Message::Paste(text) => pasted(model, &text),
        Message::PasteCut { left_out } => {
            let text = format!("the paste was too long: {left_out} bytes at its end are left out");
            model.say(Level::Failure, text);
            Effects::none()
        }
        Message::PasteUnended => {
            let text = "a paste has not ended: Esc takes in what came of it, Ctrl-C leaves";
            model.say(Level::Warning, text);
            Effects::none()
        }
        Message::Resize { width, height } => {
            model.size = (width, height);
            model.fit_conversation()
        }
        Message::Clock => quit::remember(model),
        Message::Drawn => {
            model.undrawn = false;
            model.slipped = false;
            Effects::none()
        }
        Message::Terminate => quit::leave(model),
        other => incoming::take(model, other),
    };
    outbox_list::hold_line(model);
    model.slipped |= !asked && hand != self::hand(model);
    let effects = effects.and(early::happen(model));
    // Whatever has changed the list: the conversation is that of the ticket under the cursor.
    let effects = effects.and(model.follow_cursor()).and(conversation::settle(model));
    let effects = effects.and(reading::fit(model));
    let due = model.requests.due(now).and(model.drafts.due(now));
    scroll(model);
    effects.and(due).and(quit::when_done(model))
}

/// What keys are about.
#[derive(PartialEq)]
enum Hand {
    Ticket(Option<TicketId>),
    Line(Option<outbox_list::LineKey>),
    Choice(Option<picker::Value>),
    Other,
}

fn hand(model: &Model) -> Hand {
    match &model.popup {
        None => Hand::Ticket(model.ticket_at_hand()),
        Some(Popup::Outbox(_)) => Hand::Line(outbox_list::line_at_hand(model)),
        Some(Popup::Picker(picker)) => {
            Hand::Choice(picker.selected().map(|item| item.value.clone()))
        }
        Some(_) => Hand::Other,
    }
}

/// Whether the agent knows that another ticket may be at hand after a message: a key, or what the
/// filter that was typed has found.
fn is_agent_s(model: &Model, message: &Message) -> bool {
    match message {
        Message::Key(_) | Message::Paste(_) => true,
        _ => list::is_awaited(model),
    }
}

/// Keeps the cursors within their windows, whatever has happened.
fn scroll(model: &mut Model) {
    if let Some(layout) = Layout::of(model) {
        model.list.scroll_into_view(layout.list_rows());
        let rows = layout.conversation_rows();
        let rows = rows - layout::pending_rows(model, rows);
        model.conversation.scroll_into_view(rows);
        reading::scroll_into_view(model, &layout);
        // Whoever writes looks at the text: what comes in then is put before them at the end.
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
    if composer::waits_for_store(model, key) {
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
            Some(letter) if key.modifiers.contains(KeyModifiers::CONTROL) => typed(model, letter),
            Some(letter) if !(model.types_text() && editor::is_shortcut(key)) => {
                let left = key_pressed(model, KeyCode::Esc.into());
                left.and(key_pressed(model, letter))
            }
            _ => typed(model, key),
        },
    }
}

/// The letter of a key with Alt that no command has. A terminal sends the same for Alt and a letter
/// as for Esc and then the letter. With Ctrl too it is a letter of AltGr's, unless it is one of
/// ASCII's.
fn alt_letter(key: KeyCombination) -> Option<KeyCombination> {
    let OneToThree::One(KeyCode::Char(letter)) = key.codes else { return None };
    let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
    if !key.modifiers.contains(KeyModifiers::ALT) || ctrl && letter.is_ascii_alphabetic() {
        return None;
    }
    let modifiers = key.modifiers - KeyModifiers::ALT - KeyModifiers::CONTROL;
    Some(keymap::normalise(KeyCombination::one_key(KeyCode::Char(letter), modifiers)))
}

/// Whether a key is about a list that is not there yet. While the filter is still typed its letters
/// are not, but moving and leaving it are, and all that is typed after those.
fn comes_early(model: &Model, keys: &[KeyCombination]) -> bool {
    if !model.progress.stored && model.popup.is_none() && model.focus == Focus::List {
        let command = model.keymap.look_up(&[Scope::List, Scope::Console], keys);
        let leaves = |it| matches!(it, Lookup::Command(it) if list::leaves_first_screen(model, it));
        if !model.early.is_empty() || leaves(command) {
            return true;
        }
    }
    if !list::is_awaited(model) {
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

/// A key that is no command goes to the text field of the moment, if there is one.
fn typed(model: &mut Model, key: KeyCombination) -> Effects {
    match &model.popup {
        Some(Popup::Picker(_)) => picker::typed(model, key),
        Some(Popup::Form(_)) => form::typed(model, key),
        Some(Popup::Prompt(_)) => prompt::typed(model, key),
        Some(Popup::Help(_)) => help::typed(model, key),
        Some(
            Popup::Outbox(_)
            | Popup::Messages(_)
            | Popup::Decision(_)
            | Popup::TakeBack(_)
            | Popup::Discard(_)
            | Popup::Quit,
        ) => Effects::none(),
        None if model.filtering.is_some() => filter::typed(model, key),
        None if model.focus == Focus::Composer => composer::typed(model, key),
        None => Effects::none(),
    }
}

/// A paste outside a text field does nothing.
fn pasted(model: &mut Model, text: &str) -> Effects {
    if model.undrawn || early::holds_paste(model, text) {
        return Effects::none();
    }
    paste(model, text).unwrap_or_else(|| {
        composer::refuse_paste(model);
        Effects::none()
    })
}

/// Puts a paste into the text field of the moment; `None` where there is none.
pub(super) fn paste(model: &mut Model, text: &str) -> Option<Effects> {
    match &model.popup {
        Some(Popup::Picker(_)) => Some(picker::pasted(model, text)),
        Some(Popup::Form(_)) => form::pasted(model, text),
        Some(Popup::Prompt(_)) => prompt::pasted(model, text),
        Some(Popup::Help(_)) => help::pasted(model, text),
        Some(_) => None,
        None if model.filtering.is_some() => Some(filter::pasted(model, text)),
        None if model.focus == Focus::Composer => composer::pasted(model, text),
        None => None,
    }
}

impl Model {
    /// Does what a command asks for, where it was given.
    pub(super) fn run(&mut self, command: Command) -> Effects {
        self.run_on(command, self.ticket_at_hand())
    }

    /// Does what a command asks for, where it was given; `ticket` is the one that it is about.
    pub(super) fn run_on(&mut self, command: Command, ticket: Option<TicketId>) -> Effects {
        match command {
            Command::List(command) => list::run(self, command),
            Command::Conversation(command) => conversation::run(self, command, ticket),
            Command::Console(command) => console::run(self, command, ticket),
            Command::Editor(command) => composer::run(self, command),
            Command::Review(command) => composer::run_review(self, command),
            Command::Watch(command) => composer::run_watch(self, command),
            Command::Filter(command) => match &self.popup {
                Some(Popup::Help(_)) => help::run_filter(self, command),
                _ => filter::run(self, command),
            },
            Command::Picker(command) => picker::run(self, command),
            Command::Form(command) => form::run(self, command),
            Command::Prompt(command) => prompt::run(self, command),
            Command::Reader(command) => match &self.popup {
                Some(Popup::Help(_)) => help::run(self, command),
                Some(Popup::Messages(_)) => messages::run(self, command),
                _ => outbox_list::run(self, command),
            },
            Command::Decision(command) => decision::run(self, command),
            Command::TakeBack(command) => take_back::run(self, command),
            Command::Discard(command) => discard::run(self, command),
            Command::Quit(command) => quit::run(self, command),
            Command::Everywhere(command) => everywhere(self, command),
        }
    }
}

fn everywhere(model: &mut Model, command: EverywhereCommand) -> Effects {
    match command {
        EverywhereCommand::QuitNow => quit::at_once(model),
        EverywhereCommand::Suspend => model.drafts.flush().and(Effect::Outside(Outside::Suspend)),
        EverywhereCommand::Repaint => Effect::Outside(Outside::Repaint).into(),
    }
}
