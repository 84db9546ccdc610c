//! The reply pane: writing a reply or a note, previewing it, and the review before it is recorded.

mod beside;
mod draft;
mod inserted;
pub mod reading;
mod review;

use crokey::KeyCombination;
use crossterm::event::KeyCode;

pub(in crate::app) use beside::{Insertion, insert};
pub(in crate::app) use draft::{
    edited, follow, is_open, open_key, rename, reopen, saved, show_gone, show_writer, writer,
};
pub(in crate::app) use inserted::{put_in, reply_with};
use reading::Reading;
pub use review::reviewed_changes;
use review::{confirm, is_reviewed, leave_out, review, step_change};
pub(in crate::app) use review::{
    discarded, not_recorded, recorded, review_works, submit_as, waits_for_store,
};

use crate::app::{
    Focus, Model,
    command::{EditorCommand, ReviewCommand, Scope, WatchCommand},
    cursor::{Step, is_move},
    early,
    editor::Editor,
    effect::{Effect, Effects, Outside, Slot, Work},
    errand::{Errand, Pick},
    kept::draft_of,
    layout,
    marks::Aim,
    notice::{About, Level},
    shown,
};
use crate::domain::{
    Change, DraftKey, DraftKind, Entry, Gone, ReplyKind, Sight, Stand, Status, StatusId, TicketId,
    Writer,
};

/// The stage of the pane.
#[derive(Clone, Debug)]
pub enum Stage {
    /// The agent writes.
    Write,
    /// The text as its reader will see it; typing goes back to writing.
    Preview(Reading),
    /// The last look before it is recorded.
    Review {
        /// The text as its reader will see it.
        reading: Reading,
        /// The status that is set along with it.
        then: Option<Status>,
        /// The position among the changes of the one that can be left out.
        at: usize,
    },
}

/// Who writes a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hand {
    /// The agent's.
    Own,
    /// Another console's: it is shown as that one stores it.
    Other(Writer),
    /// Nobody's: it was recorded or dropped elsewhere. Typing on makes a new draft of it.
    Gone(Gone),
}

/// A reply or note being written. It is bound to its ticket from the first key to the last.
#[derive(Clone, Debug)]
pub struct Composer {
    /// The ticket.
    pub ticket: TicketId,
    /// Public or internal.
    pub kind: ReplyKind,
    /// The text.
    pub editor: Editor,
    /// The stage of the pane.
    pub stage: Stage,
    /// Whether the text is a draft beside the ticket's own: the number in its key.
    pub copy: i64,
    /// Whose the text is to write.
    pub hand: Hand,
    /// What the agent goes by.
    pub(in crate::app) sight: Sight,
    /// Whether the agent has begun to write.
    pub(in crate::app) touched: bool,
    /// The macros' texts that were inserted since the pane was opened.
    pub(in crate::app) insertions: Vec<Insertion>,
    /// The pane that the agent came from, and goes back to.
    from: Focus,
}

impl Composer {
    /// The key of its draft.
    pub fn key(&self) -> DraftKey {
        DraftKey { copy: self.copy, ..DraftKey::of_post(Some(self.ticket), self.kind) }
    }

    /// Whether nothing is written that is worth keeping: there is nothing, or the signature alone.
    pub(in crate::app) fn is_blank(&self, signature: &str) -> bool {
        let own = self.kind == ReplyKind::Reply && self.editor.text().trim() == signature.trim();
        own || self.editor.is_blank()
    }

    pub(in crate::app) fn reading(&mut self) -> Option<&mut Reading> {
        match &mut self.stage {
            Stage::Preview(reading) | Stage::Review { reading, .. } => Some(reading),
            Stage::Write => None,
        }
    }
}

/// Opens the pane on a ticket, with the draft that was kept.
pub(in crate::app) fn open(model: &mut Model, ticket: TicketId, kind: ReplyKind) -> Effects {
    open_on(model, ticket, kind, 0)
}

/// Opens the pane on a draft of a reply or a note.
pub(in crate::app) fn open_draft(model: &mut Model, key: DraftKey) -> Effects {
    let kind = match key.kind {
        DraftKind::Reply => ReplyKind::Reply,
        DraftKind::Note => ReplyKind::Note,
        DraftKind::NewTicket | DraftKind::Edit => return Effects::none(),
    };
    match key.about() {
        Some(ticket) => open_on(model, ticket, kind, key.copy),
        None => Effects::none(),
    }
}

fn open_on(model: &mut Model, ticket: TicketId, kind: ReplyKind, copy: i64) -> Effects {
    let effects = leave(model);
    let from = model.focus;
    shown::show(model, Some(ticket));
    let effects = effects.and(shown::settle(model));
    let row = model.tickets.get(ticket);
    // A conversation that was read but not on screen does not count as seen by the agent.
    let sight = Sight { read: None, stood: row.map(|row| Box::new(Stand::of(&row.ticket))) };
    let (editor, stage) = (Editor::new(""), Stage::Write);
    let (touched, hand) = (false, Hand::Own);
    let insertions = Vec::new();
    let mut composer =
        Composer { ticket, kind, editor, stage, copy, hand, sight, touched, insertions, from };
    let key = composer.key();
    if let Some(writer) = model.drafts.writer(key) {
        composer.hand = Hand::Other(writer.clone());
    }
    if let Some(draft) = model.drafts.get(key) {
        composer.editor = Editor::new(&draft.text);
        composer.editor.set_cursor(draft.cursor);
    }
    if model.drafts.get(key).is_none() && copy == 0 {
        composer.editor = Editor::new(&model.settings.below(kind));
        composer.editor.set_cursor((0, 0));
    }
    model.composer = Some(composer);
    model.focus = Focus::Composer;
    let open = model.drafts.open(key, false);
    effects.and(model.fit_conversation()).and(open)
}

/// Leaves the pane; the draft is kept, which is said once it is on the disk.
pub(in crate::app) fn leave(model: &mut Model) -> Effects {
    // Keys typed while the console waited for the store were meant for the time after its answer.
    let forgotten = if model.is_storing_text() { early::forget(model) } else { Effects::none() };
    let Some(composer) = close(model) else { return forgotten };
    let (key, ticket) = (composer.key(), composer.ticket);
    let listed = model.select(ticket);
    // If the ticket is not here any more, there is no pane to go back to.
    let here = listed || model.tickets.rows().get(ticket).is_some();
    model.focus = if here { composer.from } else { Focus::List };
    let effects = forgotten.and(model.follow_cursor());
    let kind = key.kind.as_str();
    if let Some(problem) = model.drafts.problem(key) {
        let text = format!("{ticket} the {kind} is in memory only: {problem}");
        model.say(Level::Failure, text);
    } else if model.drafts.is_going(key) {
        model.say(Level::Warning, format!("{ticket} the {kind} is not stored yet"));
    } else if composer.hand == Hand::Own
        && model.drafts.get(key).is_some()
        && model.drafts.leave(key)
    {
        model.say_kept(key);
    }
    let close = Effect::Work(Work::CloseDraft(key));
    effects.and(model.drafts.flush()).and(close).and(model.fit_conversation())
}

/// Takes the pane away.
fn close(model: &mut Model) -> Option<Composer> {
    let composer = model.composer.take()?;
    model.requests.forget(Slot::Preview);
    if model.focus == Focus::Composer {
        model.focus = Focus::Conversation;
    }
    Some(composer)
}

/// Makes room for the text of a post that comes back into the editor.
pub(in crate::app) fn make_room(model: &mut Model, entry: &Entry) -> Effects {
    let posted = matches!(entry.change, Change::Post { .. });
    if posted && model.popup.is_some() {
        model.close_popups();
    }
    if posted { leave(model) } else { Effects::none() }
}

/// The scope that keys are looked up in while the pane has the focus.
pub(in crate::app) fn scope(model: &Model) -> Scope {
    match model.composer.as_ref().map(|it| (&it.hand, &it.stage)) {
        Some((Hand::Other(_), _)) => Scope::Watch,
        Some((Hand::Own | Hand::Gone(_), Stage::Review { .. })) => Scope::Review,
        Some((Hand::Own | Hand::Gone(_), Stage::Write | Stage::Preview(_))) | None => Scope::Editor,
    }
}

/// A command of the text.
pub(in crate::app) fn run(model: &mut Model, command: EditorCommand) -> Effects {
    match command {
        EditorCommand::Record => review(model),
        EditorCommand::Preview => preview(model),
        EditorCommand::External => external_editor(model),
        EditorCommand::Macro => {
            if let Some(composer) = &model.composer {
                model.pass(Errand::Macros(vec![composer.ticket], Some(composer.key())));
            }
            Effects::none()
        }
        EditorCommand::Pipe => {
            if let Some(composer) = &model.composer {
                model.pass(Errand::ChooseCommand(composer.ticket, Some(composer.key())));
            }
            Effects::none()
        }
        EditorCommand::Leave => leave(model),
        EditorCommand::Quote => quote(model),
        EditorCommand::Scroll(step) => scroll(model, step),
        EditorCommand::Undo => beside::undo(model),
        EditorCommand::Redo => beside::redo(model),
        EditorCommand::Discard => match open_key(model) {
            Some(key) => {
                model.pass(Errand::Discard(key));
                Effects::none()
            }
            None => Effects::none(),
        },
    }
}

/// Whether a command of the text does something at this moment.
pub(in crate::app) fn works(model: &Model, command: EditorCommand) -> bool {
    let Some(composer) = &model.composer else { return false };
    match command {
        EditorCommand::Record => {
            composer.hand == Hand::Own && !composer.is_blank(&model.settings.signature)
        }
        EditorCommand::Discard => model.drafts.get(composer.key()).is_some(),
        EditorCommand::Macro => composer.hand == Hand::Own && !model.macros.all.is_empty(),
        EditorCommand::Pipe => composer.hand == Hand::Own,
        EditorCommand::Preview
        | EditorCommand::External
        | EditorCommand::Leave
        | EditorCommand::Quote
        | EditorCommand::Scroll(_)
        | EditorCommand::Undo
        | EditorCommand::Redo => true,
    }
}

/// A command of the review.
pub(in crate::app) fn run_review(model: &mut Model, command: ReviewCommand) -> Effects {
    match command {
        ReviewCommand::Record => confirm(model, None),
        ReviewCommand::SubmitAs(id) if !model.submit_choices().any(|it| it == id) => {
            model.say(Level::Info, format!("no status {id} is known"));
            Effects::none()
        }
        ReviewCommand::SubmitAs(id) => confirm(model, Some(StatusId(i64::from(id)))),
        ReviewCommand::Back => back_to_text(model),
        ReviewCommand::Leave => leave(model),
        ReviewCommand::Step(step) => reading::step(model, step),
        ReviewCommand::PickStatus => {
            if let Some(composer) = &model.composer {
                let aim = Aim::One(composer.ticket);
                model.pass(Errand::Pick(Pick::SubmitAs, aim));
            }
            Effects::none()
        }
        ReviewCommand::LeaveOut => leave_out(model),
        ReviewCommand::NextChange => step_change(model, Step::Down),
        ReviewCommand::PreviousChange => step_change(model, Step::Up),
    }
}

/// A command in a text that another console writes.
pub(in crate::app) fn run_watch(model: &mut Model, command: WatchCommand) -> Effects {
    match command {
        WatchCommand::Leave => leave(model),
        WatchCommand::TakeOver => match open_key(model) {
            Some(key) => {
                model.pass(Errand::TakeOver(key));
                Effects::none()
            }
            None => Effects::none(),
        },
    }
}

/// A key that is no command is typed. In a text that another console writes, it can only move.
pub(in crate::app) fn typed(model: &mut Model, key: KeyCombination) -> Effects {
    if let Some(step) = reading::moved_by(model, key) {
        return reading::step(model, step);
    }
    if let Some(composer) = &mut model.composer
        && composer.hand != Hand::Own
        && is_move(key)
    {
        composer.editor.key(key);
        return Effects::none();
    }
    edit(model, |editor| editor.key(key))
}

/// Pasted text; `None` where the pane takes none.
pub(in crate::app) fn pasted(model: &mut Model, text: &str) -> Option<Effects> {
    (!is_reviewed(model)).then(|| edit(model, |editor| editor.paste(text)))
}

/// Says why a paste was not taken, where that is not plain to see.
pub(in crate::app) fn refuse_paste(model: &mut Model) {
    if model.popup.is_none() && model.focus == Focus::Composer && is_reviewed(model) {
        let back = model.keymap.key_for(ReviewCommand::Back);
        let text = format!("nothing is pasted into the review; {back} goes back to the text");
        model.say(Level::Info, text);
    }
}

/// Quotes the message under the conversation's cursor at the cursor of the text. A note is never quoted
/// to a customer.
fn quote(model: &mut Model) -> Effects {
    let Some(composer) = &model.composer else { return Effects::none() };
    let (ticket, is_reply) = (composer.ticket, composer.kind == ReplyKind::Reply);
    let shown = model.conversation.ticket == Some(ticket);
    let Some(post) = model.conversation.post().filter(|_| shown) else {
        model.say(Level::Info, format!("{ticket} there is no message here to quote"));
        return Effects::none();
    };
    if is_reply && post.kind != ReplyKind::Reply {
        let what = if post.kind == ReplyKind::Note { "a note" } else { "perhaps a note" };
        let text = format!("{ticket} this message is {what}, for colleagues: it is not quoted");
        model.say(Level::Warning, text);
        return Effects::none();
    }
    let Some(quoted) = model.conversation.quote() else {
        model.say(Level::Info, format!("{ticket} there is no text here to quote"));
        return Effects::none();
    };
    edit(model, |editor| {
        let begun = if editor.cursor().1 == 0 { "" } else { "\n" };
        editor.insert(&format!("{begun}{quoted}\n\n"))
    })
}

/// Scrolls the conversation while one writes; the text, where it is shown alone or as its reader will
/// see it.
fn scroll(model: &mut Model, step: Step) -> Effects {
    let previews = matches!(&model.composer, Some(Composer { stage: Stage::Preview(_), .. }));
    match (previews, layout::shows_conversation(model)) {
        (true, _) => reading::step(model, step),
        (false, true) => {
            model.pass(Errand::Page(step));
            Effects::none()
        }
        (false, false) => {
            let key = if step == Step::PageUp { KeyCode::PageUp } else { KeyCode::PageDown };
            edit(model, |editor| editor.key(key.into()))
        }
    }
}

fn edit(model: &mut Model, change: impl FnOnce(&mut Editor) -> bool) -> Effects {
    let Some(composer) = &mut model.composer else { return Effects::none() };
    let key = composer.key();
    let going = model.drafts.is_going(key);
    if going || matches!(composer.stage, Stage::Review { .. }) {
        return Effects::none();
    }
    if let Hand::Other(writer) = &composer.hand {
        let (kind, take) = (key.kind.as_str(), model.keymap.key_for(WatchCommand::TakeOver));
        let text = format!("{writer} writes this {kind}; {take} takes it over");
        model.say_about(About::Writer(key), Level::Warning, text);
        return Effects::none();
    }
    composer.stage = Stage::Write;
    let changed = change(&mut composer.editor);
    composer.touched |= changed;
    let mut open = Effects::none();
    if let Hand::Gone(_) = composer.hand {
        // Moving the cursor in it makes no draft of it.
        if !changed {
            return Effects::none();
        }
        composer.hand = Hand::Own;
        open = model.drafts.open(key, false).into();
    }
    let cursor = composer.editor.cursor();
    let text = match composer.is_blank(&model.settings.signature) {
        true => String::new(),
        false => composer.editor.text(),
    };
    let draft = draft_of(model, key, text, cursor);
    open.and(model.drafts.typed(draft, model.now))
}

fn preview(model: &mut Model) -> Effects {
    let Some(composer) = &mut model.composer else { return Effects::none() };
    if matches!(composer.stage, Stage::Preview(_)) {
        return back_to_text(model);
    }
    composer.stage = Stage::Preview(Reading::default());
    reading::render(model)
}

fn back_to_text(model: &mut Model) -> Effects {
    if let Some(composer) = &mut model.composer {
        composer.stage = Stage::Write;
    }
    Effects::none()
}

fn external_editor(model: &mut Model) -> Effects {
    let Some(composer) = &model.composer else { return Effects::none() };
    let (key, text) = (composer.key(), composer.editor.text());
    model.drafts.flush().and(Effect::Outside(Outside::Editor { key, text }))
}
