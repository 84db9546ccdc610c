//! The reply pane: writing a reply or a note, previewing it, and the review before it is recorded.

use crokey::KeyCombination;

use crate::app::{
    Focus, Model,
    act::{self, Origin},
    command::{Command, ConsoleCommand, EditorCommand, ReviewCommand, Scope, WatchCommand},
    cursor::is_move,
    early::{self, Early},
    editor::Editor,
    effect::{Effect, Effects, Outside, Slot, Work},
    keymap::Lookup,
    merge,
    notice::{About, Level},
    panes::conversation,
    popups::discard,
    reading::{self, Reading},
};
use crate::domain::{
    Change, Draft, DraftId, DraftKey, DraftKind, Entry, Gone, ReplyKind, Sight, Stand, Status,
    StatusId, TicketId, Writer,
    plan::{Action, Plan, Targets},
};

/// What the pane is doing.
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
    },
}

/// Whose a text is to write.
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
    /// What the pane is doing.
    pub stage: Stage,
    /// Whether the text is a draft beside the ticket's own: the number in its key.
    pub copy: i64,
    /// Whose the text is to write.
    pub hand: Hand,
    /// What the agent goes by.
    pub(in crate::app) sight: Sight,
    /// Whether the agent has begun to write.
    pub(in crate::app) touched: bool,
    /// The pane that the agent came from, and goes back to.
    from: Focus,
}

impl Composer {
    /// What its draft is bound to.
    pub fn key(&self) -> DraftKey {
        DraftKey { copy: self.copy, ..DraftKey::of_post(Some(self.ticket), self.kind) }
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
    conversation::show(model, Some(ticket));
    let effects = effects.and(conversation::settle(model));
    let row = model.tickets.get(ticket);
    // What was read of a conversation before it is on screen is nothing that the agent has seen.
    let sight = Sight { read: None, stood: row.map(|row| Box::new(Stand::of(&row.ticket))) };
    let (editor, stage) = (Editor::new(""), Stage::Write);
    let (touched, hand) = (false, Hand::Own);
    let mut composer = Composer { ticket, kind, editor, stage, copy, hand, sight, touched, from };
    let key = composer.key();
    if let Some(writer) = model.drafts.writer(key) {
        composer.hand = Hand::Other(writer.clone());
    }
    if let Some(draft) = model.drafts.get(key) {
        composer.editor = Editor::new(&draft.text);
        composer.editor.set_cursor(draft.cursor);
    }
    model.composer = Some(composer);
    model.focus = Focus::Composer;
    let open = model.drafts.open(key, false);
    effects.and(model.fit_conversation()).and(open)
}

/// Leaves the pane; the draft is kept, which is said once it is on the disk.
pub(in crate::app) fn leave(model: &mut Model) -> Effects {
    // What was typed while the store was waited for was meant for after its answer.
    let forgotten = if is_storing(model) { early::forget(model) } else { Effects::none() };
    let Some(composer) = close(model) else { return forgotten };
    let (key, ticket) = (composer.key(), composer.ticket);
    let listed = model.select(ticket);
    // A ticket that is not here any more leaves nothing to go back to.
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
        kept_as_draft(model, key);
    }
    let close = Effect::Work(Work::CloseDraft(key));
    effects.and(model.drafts.flush()).and(close).and(model.fit_conversation())
}

/// Says that a draft that was left is kept.
pub(in crate::app) fn kept_as_draft(model: &mut Model, key: DraftKey) {
    let on = key.about().map(|id| format!("{id} ")).unwrap_or_default();
    model.say(Level::Info, format!("{on}the {} is kept as a draft", key.kind.as_str()));
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

/// Makes room for the text of a post that is to come back into the editor.
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
        EditorCommand::Leave => leave(model),
        EditorCommand::Undo => edit(model, |editor| editor.undo()),
        EditorCommand::Redo => edit(model, |editor| editor.redo()),
        EditorCommand::Discard => match open_key(model) {
            Some(key) => discard::ask(model, key),
            None => Effects::none(),
        },
    }
}

/// Whether a command of the text does something at this moment.
pub(in crate::app) fn works(model: &Model, command: EditorCommand) -> bool {
    let Some(composer) = &model.composer else { return false };
    match command {
        EditorCommand::Record => composer.hand == Hand::Own && !composer.editor.is_blank(),
        EditorCommand::Discard => model.drafts.get(composer.key()).is_some(),
        EditorCommand::Preview
        | EditorCommand::External
        | EditorCommand::Leave
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
    }
}

/// A command in a text that another console writes.
pub(in crate::app) fn run_watch(model: &mut Model, command: WatchCommand) -> Effects {
    match command {
        WatchCommand::Leave => leave(model),
        WatchCommand::TakeOver => match open_key(model) {
            Some(key) => merge::take(model, key),
            None => Effects::none(),
        },
    }
}

/// A key that is no command: it is typed. In a text that another console writes, it moves at most.
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

fn is_reviewed(model: &Model) -> bool {
    matches!(&model.composer, Some(Composer { stage: Stage::Review { .. }, .. }))
}

/// Says why a paste was not taken, where that is not plain to see.
pub(in crate::app) fn refuse_paste(model: &mut Model) {
    if model.popup.is_none() && model.focus == Focus::Composer && is_reviewed(model) {
        let back = model.keymap.key_for(ReviewCommand::Back);
        let text = format!("nothing is pasted into the review; {back} goes back to the text");
        model.say(Level::Info, text);
    }
}

/// Keeps what was pasted where the pane could not take it, as a draft beside what is there.
pub(in crate::app) fn keep_pasted(model: &mut Model, key: DraftKey, text: String) -> Effects {
    let draft = draft_of(model, key, text, (usize::MAX, usize::MAX));
    keep(model, draft)
}

/// The text of a draft as the external editor left it; it goes to no other. Where another console
/// writes the draft by now, it is kept beside.
pub(in crate::app) fn edited(model: &mut Model, key: DraftKey, text: String) -> Effects {
    if !is_open(model, key) {
        let draft = draft_of(model, key, text, (0, 0));
        return keep(model, draft);
    }
    let known = model.drafts.get(key).is_some_and(|draft| draft.text == text);
    if let Some(writer) = writer(model, key).filter(|_| !known) {
        let outbox = model.keymap.key_for(ConsoleCommand::Outbox);
        let said =
            format!("{writer} writes this now; what you edited is kept beside it ({outbox})");
        model.say_about(About::Writer(key), Level::Warning, said);
        let key = key.beside(model.now.as_microsecond());
        let draft = draft_of(model, key, text, (usize::MAX, usize::MAX));
        return model.drafts.typed(draft, model.now).and(model.drafts.flush());
    }
    edit(model, |editor| {
        editor.replace(&text);
        true
    })
}

fn draft_of(model: &Model, key: DraftKey, text: String, cursor: (usize, usize)) -> Draft {
    Draft { key, id: DraftId(0), text, cursor, updated: model.now }
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
    let (text, cursor) = (composer.editor.text(), composer.editor.cursor());
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

fn review(model: &mut Model) -> Effects {
    let Some(composer) = &model.composer else { return Effects::none() };
    if composer.editor.is_blank() {
        model.say(Level::Info, "there is nothing to record yet");
        return Effects::none();
    }
    if let Hand::Gone(gone) = &composer.hand {
        let became = merge::became(model, composer.key(), gone);
        let text = format!("{became}: type on to keep yours as a new draft");
        model.say(Level::Warning, text);
        return Effects::none();
    }
    let (ticket, kind) = (composer.ticket, composer.key().kind.as_str());
    if model.tickets.rows().get(ticket).is_none() {
        let text = format!("{ticket} is not here: the {kind} can't be recorded, and stays a draft");
        model.say(Level::Warning, text);
        return Effects::none();
    }
    let then = match composer.kind {
        ReplyKind::Reply => proposed_status(model, composer.ticket),
        _ => None,
    };
    if let Some(composer) = &mut model.composer {
        composer.stage = Stage::Review { reading: Reading::default(), then };
    }
    model.await_draw();
    model.drafts.flush().and(reading::render(model))
}

fn proposed_status(model: &Model, ticket: TicketId) -> Option<Status> {
    let now = &model.tickets.get(ticket)?.ticket.status;
    let proposed = model.settings.submit_status;
    (now.id != proposed).then(|| model.status(proposed))
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

/// Records the text, and with it the status that was proposed or `chosen`.
fn confirm(model: &mut Model, chosen: Option<StatusId>) -> Effects {
    let Some(Composer {
        stage: Stage::Review { reading, then },
        ticket,
        kind,
        editor,
        copy,
        hand: Hand::Own,
        sight,
        ..
    }) = model.composer.clone()
    else {
        return Effects::none();
    };
    if is_storing(model) {
        return Effects::none();
    }
    let then = match chosen {
        Some(id) => Some(model.status(id)),
        None => then,
    };
    let key = DraftKey { copy, ..DraftKey::of_post(Some(ticket), kind) };
    let action = Action::post(kind, editor.text(), sight, then);
    let plan = Plan::of(&action, &Targets::one(ticket), model);
    if let Some(line) = plan.lines.iter().find(|line| line.ready().is_none()) {
        let outcome = line.outcome.clone();
        act::refuse(model, &action, ticket, outcome);
        return Effects::none();
    }
    let Some(step) = plan.step() else { return Effects::none() };
    let preview = reading.lines.unwrap_or_default();
    act::carry_out(model, step, Origin { drafts: vec![key], preview }).0
}

/// Whether the text of the open pane is handed to the store, which has not answered: keys wait.
pub(in crate::app) fn is_storing(model: &Model) -> bool {
    let open = model.composer.as_ref().filter(|_| model.focus == Focus::Composer);
    model.popup.is_none() && open.is_some_and(|it| model.drafts.is_going(it.key()))
}

/// Whether a key has to wait for the store's answer: what it is to act on is there only then. A store
/// that is slow can be left.
pub(in crate::app) fn waits_for_store(model: &mut Model, key: KeyCombination) -> bool {
    if !is_storing(model) {
        return false;
    }
    let leaves = |it| matches!(it, Lookup::Command(Command::Review(ReviewCommand::Leave)));
    let confirms = |it| matches!(it, Lookup::Command(Command::Review(ReviewCommand::Record)));
    let found = model.keymap.look_up(&[Scope::Review], &[key]);
    if leaves(found) && model.store_is_slow() {
        return false;
    }
    // Pressed twice, it records once.
    if !(model.early.is_empty() && confirms(found)) {
        model.early.push(Early::Key(key));
    }
    true
}

/// The store has what the draft became: its pane closes.
pub(in crate::app) fn recorded(model: &mut Model, key: DraftKey) -> Effects {
    if !is_open(model, key) {
        return Effects::none();
    }
    close(model);
    Effects::from(Effect::Work(Work::CloseDraft(key))).and(model.fit_conversation())
}

/// The store has dropped the draft, as the agent wanted: its pane closes.
pub(in crate::app) fn discarded(model: &mut Model, key: DraftKey) -> Effects {
    recorded(model, key)
}

/// The store did not take what the draft was to become: its pane shows the text again.
pub(in crate::app) fn not_recorded(model: &mut Model, key: DraftKey) {
    if is_open(model, key) {
        let _ = back_to_text(model);
    }
}

/// Keeps a text that could not even be stored in the outbox, beside what has been typed meanwhile.
pub(in crate::app) fn keep(model: &mut Model, draft: Draft) -> Effects {
    let key = match model.drafts.get(draft.key) {
        Some(meanwhile) if meanwhile.text == draft.text => return Effects::none(),
        Some(_) if draft.id == DraftId(0) => draft.key.beside(model.now.as_microsecond()),
        Some(_) => draft.key.beside(draft.id.0),
        None => draft.key,
    };
    let effects = model.drafts.typed(Draft { key, ..draft }, model.now).and(model.drafts.flush());
    effects.and(follow(model, key))
}

/// Takes in what a window of the agent's editor has saved. What was typed here since it began stays.
pub(in crate::app) fn saved(
    model: &mut Model,
    key: DraftKey,
    before: &str,
    text: String,
) -> Effects {
    let last = text.rsplit('\n').next().unwrap_or_default().chars().count();
    let cursor = (text.matches('\n').count(), last);
    let draft = draft_of(model, key, text, cursor);
    let what = key.about().map(|it| format!("{it} ")).unwrap_or_default() + key.kind.as_str();
    let said = format!("{what}: what was saved in your editor is");
    // What it saved before may be kept beside the draft by now. What is being recorded stays so.
    let drafts = model.drafts.all().into_iter().filter(|it| it.text == before).map(|it| it.key);
    let of_key = |it: &DraftKey| DraftKey { copy: key.copy, ..*it } == key;
    let Some(own) = drafts.filter(of_key).min_by_key(|it| *it != key) else {
        let place = match model.drafts.get(key) {
            Some(_) => {
                format!("kept beside the draft ({})", model.keymap.key_for(ConsoleCommand::Outbox))
            }
            None => "in the draft".into(),
        };
        model.say(Level::Info, format!("{said} {place}"));
        return keep(model, draft);
    };
    model.say(Level::Info, format!("{said} in the draft"));
    let draft = Draft { key: own, ..draft };
    let effects = model.drafts.typed(draft, model.now).and(model.drafts.flush());
    effects.and(follow(model, own))
}

/// Opens the pane on a text that came back, unless something else is being done.
pub(in crate::app) fn reopen(model: &mut Model, key: DraftKey) -> Effects {
    match model.composer.is_none() && model.popup.is_none() {
        true => open_draft(model, key),
        false => Effects::none(),
    }
}

/// The draft that is being written.
pub(in crate::app) fn open_key(model: &Model) -> Option<DraftKey> {
    model.composer.as_ref().map(Composer::key)
}

/// Whether this draft is being written.
pub(in crate::app) fn is_open(model: &Model, key: DraftKey) -> bool {
    open_key(model) == Some(key)
}

fn open_on_draft(model: &mut Model, key: DraftKey) -> Option<&mut Composer> {
    model.composer.as_mut().filter(|composer| composer.key() == key)
}

/// The other console that writes the open draft.
pub(in crate::app) fn writer(model: &Model, key: DraftKey) -> Option<&Writer> {
    match model.composer.as_ref().filter(|it| it.key() == key).map(|it| &it.hand) {
        Some(Hand::Other(writer)) => Some(writer),
        _ => None,
    }
}

/// Another console writes the open draft, or none does any more; says whether one did before. What was
/// previewed or reviewed is not what will be recorded.
pub(in crate::app) fn show_writer(
    model: &mut Model,
    key: DraftKey,
    writer: Option<Writer>,
) -> bool {
    let Some(composer) = open_on_draft(model, key) else { return false };
    let before = matches!(composer.hand, Hand::Other(_));
    match writer {
        Some(writer) => {
            composer.hand = Hand::Other(writer);
            composer.stage = Stage::Write;
            model.requests.forget(Slot::Preview);
        }
        None if before => composer.hand = Hand::Own,
        None => {}
    }
    before
}

/// The open draft is gone: its text stays on screen, for the agent to go on with.
pub(in crate::app) fn show_gone(model: &mut Model, key: DraftKey, gone: &Gone) {
    let said = merge::became(model, key, gone);
    let Some(composer) = open_on_draft(model, key) else { return };
    composer.stage = Stage::Write;
    composer.hand = match composer.editor.is_blank() {
        true => Hand::Own,
        false => Hand::Gone(gone.clone()),
    };
    model.requests.forget(Slot::Preview);
    model.say(Level::Warning, said);
}

/// The open text goes on under another key.
pub(in crate::app) fn rename(model: &mut Model, from: DraftKey, to: DraftKey) {
    if let Some(composer) = open_on_draft(model, from) {
        composer.copy = to.copy;
    }
}

/// Shows the draft of the open text as it is kept now. Where it is kept no more, the pane is emptied
/// and stays: whoever types on must not find their letters taken for commands.
pub(in crate::app) fn follow(model: &mut Model, key: DraftKey) -> Effects {
    let draft = model.drafts.get(key).cloned();
    let Some(composer) = open_on_draft(model, key) else { return Effects::none() };
    if matches!(composer.hand, Hand::Gone(_)) {
        return Effects::none();
    }
    match draft {
        Some(draft) => replace(model, &draft.text, Some(draft.cursor)),
        None => replace(model, "", None),
    }
    Effects::none()
}

/// Puts another text in the place of the one that is written. What was previewed or reviewed is not
/// it any more.
fn replace(model: &mut Model, text: &str, cursor: Option<(usize, usize)>) {
    let Some(composer) = &mut model.composer else { return };
    if composer.editor.text() == text {
        return;
    }
    composer.editor.replace(text);
    composer.stage = Stage::Write;
    if let Some(cursor) = cursor {
        composer.editor.set_cursor(cursor);
    }
    model.requests.forget(Slot::Preview);
}
