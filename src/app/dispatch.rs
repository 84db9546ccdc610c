//! From a message to what handles it.

use crokey::{KeyCombination, OneToThree};
use crossterm::event::{KeyCode, KeyModifiers};
use jiff::Timestamp;

use super::{
    Effect, Effects, Focus, Model, Outside, Popup, Work,
    command::{Command, Scope},
    early::{self, Early},
    editor::{self, Editor},
    incoming,
    keymap::{self, Lookup},
    layout::{self, Layout},
    message::Message,
    notice::Level,
    panes::{composer, conversation, list},
    popups::{
        decision, discard, form, messages, picker,
        prompt::{self, Prompt, Question},
        reader,
    },
    reading, triage, undo,
};
use crate::domain::{ReplyKind, TicketId};

/// What `message`, which happened at `now`, makes of the model.
pub fn update(model: &mut Model, now: Timestamp, message: Message) -> Effects {
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
        Message::Clock => remember(model),
        Message::Drawn => {
            model.undrawn = false;
            model.slipped = false;
            Effects::none()
        }
        Message::Terminate => leave(model),
        other => incoming::take(model, other),
    };
    reader::hold_line(model);
    model.slipped |= !asked && hand != self::hand(model);
    let effects = effects.and(early::happen(model));
    // Whatever has changed the list: the conversation is that of the ticket under the cursor.
    let effects = effects.and(model.follow_cursor()).and(conversation::settle(model));
    let effects = effects.and(reading::fit(model));
    let due = model.requests.due(now).and(model.drafts.due(now));
    scroll(model);
    effects.and(due).and(leave_when_done(model))
}

/// What keys are about.
#[derive(PartialEq)]
enum Hand {
    Ticket(Option<TicketId>),
    Line(Option<reader::LineKey>),
    Choice(Option<picker::Value>),
    Other,
}

fn hand(model: &Model) -> Hand {
    match &model.popup {
        None => Hand::Ticket(model.ticket_at_hand()),
        Some(Popup::Outbox(_)) => Hand::Line(reader::line_at_hand(model)),
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
        || matches!(command, Lookup::Command(Command::Down | Command::Up | Command::Apply))
}

/// A key that is no command goes to the text field of the moment, if there is one.
fn typed(model: &mut Model, key: KeyCombination) -> Effects {
    match &model.popup {
        Some(Popup::Picker(_)) => picker::typed(model, key),
        Some(Popup::Form(_)) => form::typed(model, key),
        Some(Popup::Prompt(_)) => prompt::typed(model, key),
        Some(Popup::Help(_)) => reader::typed(model, key),
        Some(
            Popup::Outbox(_)
            | Popup::Messages(_)
            | Popup::Decision(_)
            | Popup::TakeBack(_)
            | Popup::Discard(_)
            | Popup::Quit,
        ) => Effects::none(),
        None if model.filtering.is_some() => type_filter(model, |editor| editor.key(key)),
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
        Some(Popup::Help(_)) => reader::pasted(model, text),
        Some(_) => None,
        None if model.filtering.is_some() => Some(type_filter(model, |editor| editor.paste(text))),
        None if model.focus == Focus::Composer => composer::pasted(model, text),
        None => None,
    }
}

fn type_filter(model: &mut Model, edit: impl FnOnce(&mut Editor) -> bool) -> Effects {
    let Some(editor) = &mut model.filtering else { return Effects::none() };
    if !edit(editor) {
        return Effects::none();
    }
    let text = editor.text();
    list::set_filter(model, &text)
}

impl Model {
    /// Does what a command asks for, where it was given.
    pub(super) fn run(&mut self, command: Command) -> Effects {
        match command {
            Command::QuitNow => return quit_now(self),
            Command::Suspend => {
                return self.drafts.flush().and(Effect::Outside(Outside::Suspend));
            }
            Command::Repaint => return Effect::Outside(Outside::Repaint).into(),
            _ => {}
        }
        match &self.popup {
            Some(Popup::Picker(_)) => picker::run(self, command),
            Some(Popup::Form(_)) => form::run(self, command),
            Some(Popup::Prompt(_)) => prompt::run(self, command),
            Some(Popup::Help(_) | Popup::Outbox(_)) => reader::run(self, command),
            Some(Popup::Messages(_)) => messages::run(self, command),
            Some(Popup::Decision(_)) => decision::run(self, command),
            Some(Popup::TakeBack(_)) => undo::run(self, command),
            Some(Popup::Discard(_)) => discard::run(self, command),
            Some(Popup::Quit) => run_quit(self, command),
            None if self.filtering.is_some() => run_filter(self, command),
            None if self.focus == Focus::Composer => composer::run(self, command),
            None => run_console(self, command, self.ticket_at_hand()),
        }
    }
}

/// Does what a command of list and conversation asks for; `ticket` is the one that it is about.
pub(super) fn run_console(
    model: &mut Model,
    command: Command,
    ticket: Option<TicketId>,
) -> Effects {
    match command {
        Command::Down | Command::Up | Command::Top | Command::Bottom => step(model, command),
        Command::HalfDown | Command::HalfUp => step(model, command),
        Command::PageDown | Command::PageUp => step(model, command),
        Command::NextTicket | Command::PreviousTicket => step_ticket(model, command),
        Command::Enter => enter(model),
        Command::Back => back(model),
        Command::NextPane | Command::PreviousPane => other_pane(model),
        Command::Zoom => {
            model.zoomed = !model.zoomed;
            model.fit_conversation()
        }
        Command::View(number) => list::open_view(model, usize::from(number).saturating_sub(1)),
        Command::NextView => list::step_view(model, 1),
        Command::PreviousView => list::step_view(model, -1),
        Command::Filter => {
            let filter = model.list.tab().map(|tab| tab.filter.clone()).unwrap_or_default();
            model.filtering = Some(Editor::single_line(&filter));
            model.focus = Focus::List;
            Effects::none()
        }
        Command::Undo => undo::undo(model),
        Command::Redo => undo::redo(model),
        Command::Refresh => refresh(model),
        Command::Help => reader::open_help(model),
        Command::Palette => picker::open_palette(model, ticket),
        Command::Messages => messages::open(model),
        Command::Outbox => reader::open_outbox(model),
        Command::Quit => ask_to_leave(model),
        Command::New => form::new(model, None),
        Command::GoTo => {
            model.open_popup(Popup::Prompt(Box::new(Prompt::new(Question::GoTo))));
            Effects::none()
        }
        _ => match ticket {
            Some(ticket) => run_on_ticket(model, command, ticket),
            None => {
                model.say(Level::Info, "there is no ticket here");
                Effects::none()
            }
        },
    }
}

/// Commands that are about one ticket.
fn run_on_ticket(model: &mut Model, command: Command, ticket: TicketId) -> Effects {
    match command {
        Command::Browse => return Effect::Outside(Outside::Browse(ticket)).into(),
        Command::CopyId => {
            let (text, what) = (ticket.to_string(), format!("{ticket}"));
            return Effect::Outside(Outside::Copy { text, what }).into();
        }
        Command::CopyAddress => return Effect::Outside(Outside::CopyAddress(ticket)).into(),
        _ => {}
    }
    if model.slipped {
        let text = format!("{ticket} has just come here by itself; look, then press it again");
        model.say(Level::Info, text);
        return Effects::none();
    }
    if model.tickets.rows().get(ticket).is_none() {
        model.say(Level::Warning, format!("{ticket} is not here any more; nothing was done"));
        return Effects::none();
    }
    match command {
        Command::Reply => composer::open(model, ticket, ReplyKind::Reply),
        Command::Note => composer::open(model, ticket, ReplyKind::Note),
        Command::Status | Command::Priority | Command::Department | Command::Tags => {
            picker::open(model, ticket, command)
        }
        Command::Archive => triage::toggle_archived(model, ticket),
        Command::Edit => form::edit(model, ticket, None),
        Command::Delete => {
            let question = Question::DeleteTicket(ticket);
            model.open_popup(Popup::Prompt(Box::new(Prompt::new(question))));
            Effects::none()
        }
        Command::DeleteReply => triage::ask_delete_reply(model, ticket),
        _ => Effects::none(),
    }
}

fn step(model: &mut Model, command: Command) -> Effects {
    match model.focus {
        Focus::List => list::step(model, command),
        _ => conversation::step(model, command),
    }
}

/// The next or previous ticket. From the conversation of a ticket that has left the list, the row
/// that took its place is the next one.
fn step_ticket(model: &mut Model, command: Command) -> Effects {
    let open = model.conversation.ticket;
    let left = open.is_some_and(|id| model.selected() != Some(id));
    let listed = open.is_some_and(|id| model.select(id));
    if !left || listed || command == Command::PreviousTicket {
        let effects = list::step(model, command);
        let selected = model.selected();
        conversation::show(model, selected);
        return effects;
    }
    let selected = model.selected();
    conversation::show(model, selected);
    Effects::none()
}

fn enter(model: &mut Model) -> Effects {
    match model.focus {
        Focus::List if model.selected().is_some() => {
            model.focus = Focus::Conversation;
            let selected = model.selected();
            conversation::show(model, selected);
            model.fit_conversation()
        }
        Focus::Conversation => {
            conversation::toggle_quotes(model);
            Effects::none()
        }
        _ => Effects::none(),
    }
}

/// Undoes the nearest thing: the filter in the list, otherwise the focus.
fn back(model: &mut Model) -> Effects {
    if model.focus != Focus::List {
        model.focus = Focus::List;
        let open = model.conversation.ticket;
        if let Some(id) = open {
            model.select(id);
        }
        return model.follow_cursor().and(model.fit_conversation());
    }
    let filtered = model.list.tab().is_some_and(|tab| !tab.filter.is_empty());
    if filtered {
        return list::clear_filter(model);
    }
    model.notices.dismiss();
    Effects::none()
}

fn other_pane(model: &mut Model) -> Effects {
    match model.focus {
        Focus::List => enter(model),
        _ => back(model),
    }
}

fn refresh(model: &mut Model) -> Effects {
    let sorted = list::sort_anew(model);
    if model.settings.offline {
        model.say(Level::Info, "opened with --offline: nothing is asked of the server");
        return sorted;
    }
    model.progress.refreshing.get_or_insert((0, 0));
    model.progress.asked_for = true;
    sorted.and(Effect::Work(Work::Refresh)).and(conversation::reload(model))
}

fn run_filter(model: &mut Model, command: Command) -> Effects {
    match command {
        Command::Apply => {
            model.filtering = None;
            Effects::none()
        }
        Command::Cancel => {
            model.filtering = None;
            list::clear_filter(model)
        }
        Command::SearchTexts => list::toggle_texts(model),
        Command::Down | Command::Up => list::step(model, command),
        _ => Effects::none(),
    }
}

/// Leaves at once, and keeps everything; what can't be kept is asked about first.
fn quit_now(model: &mut Model) -> Effects {
    let asked = matches!(model.popup, Some(Popup::Quit));
    if asked || !model.leaving_may_lose() {
        return leave(model);
    }
    model.open_popup(Popup::Quit);
    Effects::none()
}

/// Leaving asks what becomes of changes that are still on their way, and of a text that the disk does
/// not take.
fn ask_to_leave(model: &mut Model) -> Effects {
    if model.is_settled() {
        return leave(model);
    }
    model.open_popup(Popup::Quit);
    Effects::none()
}

fn run_quit(model: &mut Model, command: Command) -> Effects {
    match command {
        Command::Confirm if model.is_settled() => leave(model),
        Command::Confirm if !model.can_send_now() => Effects::none(),
        Command::Confirm => {
            model.leaving = true;
            Effect::Work(Work::SendNow).into()
        }
        Command::KeepForLater => leave(model),
        Command::Cancel => {
            model.leaving = false;
            model.close_popup();
            Effects::none()
        }
        _ => Effects::none(),
    }
}

impl Model {
    /// Whether waiting until all is recorded is on offer: there is something, and a server for it.
    pub fn can_send_now(&self) -> bool {
        !self.settings.offline && !self.outbox.entries().is_empty()
    }
}

/// Leaves; drafts, outbox and screen are kept.
fn leave(model: &mut Model) -> Effects {
    // Another console may have kept its own screen since: the one left last counts.
    model.remembered = None;
    model.drafts.flush().and(remember(model)).and(Effect::Outside(Outside::Quit))
}

/// Keeps how the screen stands, if that has changed.
fn remember(model: &mut Model) -> Effects {
    let screen = list::screen(model);
    if !model.progress.stored || model.remembered.as_ref() == Some(&screen) {
        return Effects::none();
    }
    model.remembered = Some(screen.clone());
    Effect::Work(Work::Remember(Box::new(screen))).into()
}

/// The agent asked to send everything and leave: everything has been sent.
fn leave_when_done(model: &mut Model) -> Effects {
    if model.leaving && !model.outbox.entries().is_empty() && !model.can_record() {
        model.leaving = false;
        let when = model.sent_when().unwrap_or_else(|| "kept for next time".into());
        let (keep, many) =
            (model.keymap.key_for(Command::KeepForLater), model.outbox.entries().len());
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
