//! Changes on their way: committed as steps, shown at once, taken back as steps.

use std::{
    collections::{BTreeMap, BTreeSet},
    mem::Discriminant,
};

use super::{
    Connection, Model, early,
    effect::{Effect, Effects, Work},
    going, merge,
    notice::{About, Level},
    panes::{
        composer::{self, Sight},
        conversation, list,
    },
    popups::{decision, form},
    storing::{self, Answered, Storing, Took},
    undo::{self, Part, Step},
};
use crate::domain::{
    Change, DraftKey, Entry, EntryId, Line, Problem, ProblemKind, ReplyKind, Row, Stale, Stand,
    State, StepId, StyledLine, TicketId,
};

/// A change that is about to be asked for.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    /// The ticket; `None` where it is to be created.
    pub(super) ticket: Option<TicketId>,
    /// What is to be done.
    pub(super) change: Change,
    /// Whether it is done only once the change before it is recorded.
    pub(super) after_previous: bool,
    /// The earlier entry that it takes back.
    pub(super) undo: Option<EntryId>,
    /// What the agent went by, where that is older than the change.
    pub(super) sight: Sight,
}

impl Planned {
    /// A change that stands alone.
    pub(super) fn of(ticket: TicketId, change: Change) -> Self {
        Self {
            ticket: Some(ticket),
            change,
            after_previous: false,
            undo: None,
            sight: Sight::default(),
        }
    }
}

/// The entries that are not settled, and the steps that can be taken back.
#[derive(Clone, Debug, Default)]
pub struct Outbox {
    entries: Vec<Entry>,
    previews: BTreeMap<EntryId, Vec<StyledLine>>,
    /// Posts that the server has and the conversation on screen does not show yet.
    recorded: Vec<Entry>,
    steps: u32,
    /// Why each entry that waits was said to wait.
    told: BTreeMap<EntryId, Discriminant<ProblemKind>>,
    /// Steps that can be taken back, and steps that were.
    pub(super) done: Vec<Step>,
    pub(super) undone: Vec<Step>,
    /// Entries that are to be withdrawn, as long as nobody knows whether they were in time.
    pub(super) undoing: BTreeSet<EntryId>,
    /// Since when the oldest of them waits for the store's answer.
    undoing_since: Option<jiff::Timestamp>,
    /// What the agent is told once all of them were in time.
    pub(super) undo_said: Option<(Level, String)>,
    /// Why it is in memory only, where its file went away and there can be no new one.
    lost: Option<Problem>,
    /// Steps that the store has not said to have.
    pub(super) storing: Storing,
    /// How many more steps the agent wants taken back once that is known.
    pub(super) undo_again: usize,
    /// The ticket that the last undo goes to, and the one at hand when it was asked for.
    pub(super) back_to: Option<(TicketId, Option<TicketId>)>,
}

impl Outbox {
    /// The unsettled entries, in the order in which they were asked for.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry with this identity, while it is unsettled.
    pub fn get(&self, id: EntryId) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.id == id)
    }

    /// Whether the ticket has unsettled changes.
    pub fn holds(&self, ticket: TicketId) -> bool {
        self.entries.iter().any(|entry| entry.ticket == Some(ticket))
    }

    /// How many changes wait for the agent's decision.
    pub fn undecided(&self) -> usize {
        let waits = |entry: &&Entry| matches!(entry.state, State::Decision { .. });
        self.entries.iter().filter(waits).count()
    }

    /// Whether a change of the ticket waits for the agent's decision.
    pub fn asks_about(&self, ticket: TicketId) -> bool {
        let waits = |entry: &Entry| matches!(entry.state, State::Decision { .. });
        self.entries.iter().any(|entry| entry.ticket == Some(ticket) && waits(entry))
    }

    /// Learns that the outbox is in no file any more, or in one again.
    pub(super) fn learn_lost(&mut self, why: Option<Problem>) {
        self.lost = why;
    }

    /// Why the entries would be lost with this process, if so.
    pub fn lost(&self) -> Option<&Problem> {
        self.lost.as_ref().filter(|_| !self.entries.is_empty())
    }

    /// Whether the store has not said yet to have this entry.
    pub fn is_storing(&self, id: EntryId) -> bool {
        self.storing.holds(id)
    }

    /// Since when it is not known whether something was taken back in time.
    pub(super) fn undoing_since(&self) -> Option<jiff::Timestamp> {
        self.undoing_since.filter(|_| !self.undoing.is_empty())
    }

    /// The replies and notes of a ticket that are stored and that its conversation does not show yet,
    /// each with the lines that it was reviewed as.
    pub fn posts(&self, ticket: TicketId) -> impl Iterator<Item = (&Entry, &[StyledLine])> {
        let stored = self.entries.iter().filter(|entry| !self.is_storing(entry.id));
        let all = self.recorded.iter().chain(stored);
        all.filter(move |it| it.ticket == Some(ticket) && matches!(it.change, Change::Post { .. }))
            .map(|it| (it, self.previews.get(&it.id).map_or(&[][..], Vec::as_slice)))
    }

    /// Whether there is a step that `z` would take back.
    pub fn can_undo(&self) -> bool {
        !self.done.is_empty()
    }

    /// Whether there is a discarded draft that can be brought back.
    pub fn can_bring_back(&self) -> bool {
        self.done.iter().any(|step| step.draft.is_some())
    }

    /// When the next entry that is held will leave: its seconds are counted down on screen.
    pub fn next_departure(&self) -> Option<jiff::Timestamp> {
        let until = |entry: &Entry| match entry.state {
            State::Holding { until } => Some(until),
            _ => None,
        };
        let stored = self.entries.iter().filter(|entry| !self.is_storing(entry.id));
        stored.filter_map(until).min()
    }

    pub(super) fn restore(&mut self, entries: Vec<Entry>) {
        let known: BTreeSet<EntryId> = self.entries.iter().map(|entry| entry.id).collect();
        let mut restored: Vec<Entry> =
            entries.into_iter().filter(|entry| !known.contains(&entry.id)).collect();
        restored.append(&mut self.entries);
        self.entries = restored;
    }

    pub(super) fn forget_recorded_posts(&mut self, ticket: TicketId) {
        self.recorded.retain(|entry| entry.ticket != Some(ticket));
        let kept: BTreeSet<EntryId> =
            self.recorded.iter().chain(&self.entries).map(|entry| entry.id).collect();
        self.previews.retain(|id, _| kept.contains(id));
    }
}

impl Model {
    /// When what is recorded now will be sent, where it can't be soon, whatever the countdown says:
    /// the end of a sentence.
    pub fn sent_when(&self) -> Option<String> {
        let when = match &self.connection {
            Connection::Connecting | Connection::Online => return None,
            // Any console of the profile that is online sends it.
            Connection::Closed => "when a console is online".to_owned(),
            Connection::Offline(_) => "when the server is back".to_owned(),
            Connection::Limited { until } => {
                let until = self.settings.zone.to_datetime(*until);
                format!("after {}", until.strftime("%H:%M"))
            }
            Connection::NotTheApi(_) => "when the API answers again".to_owned(),
            Connection::Unauthorised(_) => "when the server accepts the key".to_owned(),
        };
        Some(format!("kept, sent {when}"))
    }

    /// Whether some of the outbox may be recorded without the agent soon: what waits for the server,
    /// or for a decision, may not.
    pub(super) fn can_record(&self) -> bool {
        let moves = |entry: &Entry| {
            let follows = entry.after.and_then(|id| self.outbox.get(id));
            let state = &follows.unwrap_or(entry).state;
            !matches!(state, State::Waiting { .. } | State::Decision { .. })
        };
        self.sent_when().is_none() && self.outbox.entries.iter().any(moves)
    }
}

/// Carries a step out: shown at once, stored, and sent in its turn. It is done once the store has it;
/// until then the drafts that it came from stay. `preview` is how its post was reviewed.
pub(super) fn commit(
    model: &mut Model,
    label: String,
    planned: Vec<Planned>,
    drop: Vec<DraftKey>,
    preview: Vec<StyledLine>,
) -> (Effects, Option<EntryId>) {
    let undone = std::mem::take(&mut model.outbox.undone);
    let (effects, first) = commit_step(model, label, planned, drop, preview);
    model.outbox.storing.took(first, Took::Undone(undone));
    (effects, first)
}

pub(super) fn commit_step(
    model: &mut Model,
    label: String,
    planned: Vec<Planned>,
    drop: Vec<DraftKey>,
    preview: Vec<StyledLine>,
) -> (Effects, Option<EntryId>) {
    if planned.is_empty() {
        return (Effects::none(), None);
    }
    model.outbox.steps += 1;
    let step = StepId::new(model.settings.session, model.outbox.steps);
    let entries = entries_of(model, step, planned);
    let first = entries.first().map(|entry| entry.id);
    if let Some(first) = first.filter(|_| !preview.is_empty()) {
        model.outbox.previews.insert(first, preview);
    }
    let parts = entries.iter().map(Part::of).collect();
    model.outbox.done.push(Step { label, parts, draft: None });
    model.outbox.entries.extend(entries.iter().cloned());
    model.outbox.storing.begin(model.now, &entries, drop.clone());
    // What is recorded is what is stored: the store holds the one against the other.
    let saved = if drop.is_empty() { Effects::none() } else { model.drafts.flush() };
    let drop = drop.into_iter().map(|key| model.drafts.record(key)).collect();
    let tickets: BTreeSet<TicketId> = entries.iter().filter_map(|entry| entry.ticket).collect();
    let effects = saved.and(lay_over(model, tickets));
    let effects = effects.and(Effect::Work(Work::Queue { entries, drop }));
    (effects.and(model.follow_cursor()), first)
}

fn entries_of(model: &Model, step: StepId, planned: Vec<Planned>) -> Vec<Entry> {
    let hold = model.settings.hold;
    let mut entries: Vec<Entry> = Vec::with_capacity(planned.len());
    for (index, plan) in planned.into_iter().enumerate() {
        let Some(id) = step.entry(index) else { break };
        let held = plan.change.is_held() && !hold.is_zero();
        let until = model.now.saturating_add(hold).unwrap_or(model.now);
        let shown = model.conversation.ticket == plan.ticket;
        let row = plan.ticket.and_then(|id| model.tickets.get(id));
        let seen = model.conversation.seen.filter(|_| shown);
        let stands = row.map(|row| Box::new(stand_of(model, &row, &plan.change)));
        entries.push(Entry {
            id,
            step,
            ticket: plan.ticket,
            after: entries.last().map(|entry| entry.id).filter(|_| plan.after_previous),
            seen: seen.max(plan.sight.read),
            stood: plan.sight.stood.or(stands),
            undo: plan.undo,
            change: plan.change,
            queued: model.now,
            state: if held { State::Holding { until } } else { State::Queued },
        });
    }
    entries
}

/// How a ticket stands for the agent who changes it.
fn stand_of(model: &Model, row: &Row, change: &Change) -> Stand {
    let reply = match change {
        Change::DeleteReply(reply) => model.conversation.text_of(*reply),
        _ => None,
    };
    Stand { reply, ..Stand::of(&row.ticket) }
}

/// Shows the pending changes of `tickets` anew.
fn lay_over(model: &mut Model, tickets: impl IntoIterator<Item = TicketId>) -> Effects {
    for ticket in tickets {
        model.tickets.lay(ticket, model.outbox.entries.iter());
    }
    list::refresh(model)
}

/// Withdraws an entry that has not left; the text of a post comes back into the editor.
pub(super) fn take_back(model: &mut Model, id: EntryId) -> Effects {
    if model.outbox.undoing.is_empty() {
        model.outbox.undoing_since = Some(model.now);
    }
    model.outbox.undoing.insert(id);
    Effect::Work(Work::TakeBack(id)).into()
}

/// Takes over the entries of a step as they are stored.
pub(super) fn learn_stored(model: &mut Model, entries: Vec<Entry>) {
    for stored in entries {
        if let Some(known) = model.outbox.entries.iter_mut().find(|it| it.id == stored.id) {
            *known = stored;
        }
    }
}

/// An entry has a new state, and is stored with it.
pub(super) fn entry_changed(model: &mut Model, entry: Entry, row: Option<Row>) -> Effects {
    let stored = storing::acknowledged(model, entry.id);
    stored.and(settle(model, entry, row))
}

fn settle(model: &mut Model, entry: Entry, row: Option<Row>) -> Effects {
    let known = model.outbox.entries.iter_mut().find(|it| it.id == entry.id);
    let mut doubted = false;
    match known {
        Some(known) => {
            doubted = matches!(known.state, State::Doubtful { .. });
            *known = entry.clone();
        }
        None if entry.state.is_pending() => model.outbox.entries.push(entry.clone()),
        None => {}
    }
    if doubted && entry.state == State::Queued {
        let what = entry.change.describe();
        let on = entry.ticket.map(|id| format!("{id} ")).unwrap_or_default();
        model.say(Level::Warning, format!("{on}{what} had not arrived; it is sent again"));
    }
    if entry.state.is_settled() {
        model.outbox.told.remove(&entry.id);
        model.notices.settle(About::Entry(entry.id));
        model.outbox.entries.retain(|it| it.id != entry.id);
        if matches!(entry.state, State::Recorded { .. })
            && matches!(entry.change, Change::Post { .. })
        {
            model.outbox.recorded.push(entry.clone());
        }
    }
    if let Some(row) = row {
        model.tickets.take_in([row], model.outbox.entries.iter());
    }
    if let (State::Recorded { .. }, Change::DeleteTicket, Some(id)) =
        (&entry.state, &entry.change, entry.ticket)
    {
        model.tickets.remove(&[id]);
    }
    let effects = lay_over(model, entry.ticket);
    decision::settle(model, &entry);
    effects.and(announce(model, entry))
}

/// Tells the agent what became of an entry, and does what follows from it on screen.
fn announce(model: &mut Model, entry: Entry) -> Effects {
    let what = entry.change.describe();
    let on = entry.ticket.map(|id| format!("{id} ")).unwrap_or_default();
    match &entry.state {
        State::Recorded { undo, .. } => recorded(model, &entry, undo.as_deref()),
        State::Refused { problem } => refused(model, &entry, problem.clone()),
        State::TakenBack => taken_back(model, &entry),
        State::Waiting { problem, .. } => {
            // Each attempt that fails alike is no news: the line says so, and the outbox shows it.
            let kind = std::mem::discriminant(&problem.kind);
            if model.outbox.told.insert(entry.id, kind) != Some(kind) {
                let text = format!("{on}{what} waits in the outbox, sent by itself: {problem}");
                model.say_about(About::Entry(entry.id), Level::Warning, text);
            }
            form::settle(model, &entry)
        }
        State::Doubtful { problem, .. } => {
            let text = format!("{on}{what} is doubtful, the server is being asked: {problem}");
            model.say_about(About::Entry(entry.id), Level::Warning, text);
            form::settle(model, &entry)
        }
        State::Decision { reason } => {
            let keys = model.keymap.key_for(super::command::ConsoleCommand::Outbox);
            let text = format!("{on}{what} waits for your decision: {} ({keys})", reason.why());
            model.say_about(About::Entry(entry.id), Level::Warning, text);
            decision::offer(model, &entry);
            form::settle(model, &entry).and(conversation::reload(model))
        }
        State::Holding { .. } | State::Queued | State::Sending { .. } => Effects::none(),
    }
}

fn recorded(model: &mut Model, entry: &Entry, undo: Option<&Change>) -> Effects {
    undo::learn_back(model, entry.id, undo);
    let Some(id) = entry.ticket else { return form::settle(model, entry) };
    match &entry.change {
        Change::Post { kind, .. } => {
            let text = match kind {
                ReplyKind::Note => format!("{id} note recorded"),
                _ => format!("{id} reply recorded; the API mails nobody"),
            };
            model.say(Level::Done, text);
            shown_again(model, id)
        }
        Change::DeleteReply(reply) => {
            let what = model.conversation.word_for(*reply);
            model.say(Level::Done, format!("{id} {what} {reply} deleted"));
            shown_again(model, id)
        }
        Change::DeleteTicket => {
            model.say(Level::Done, format!("{id} deleted"));
            model.follow_cursor()
        }
        Change::Create(_) => {
            let awaited = form::awaits(model, entry.id);
            let effects = form::settle(model, entry);
            effects.and(created(model, id, awaited))
        }
        _ => form::settle(model, entry),
    }
}

/// A ticket was created: the agent who has waited for it before its form goes there.
fn created(model: &mut Model, id: TicketId, awaited: bool) -> Effects {
    let shown = if awaited { going::show(model, id) } else { None };
    let text = match shown {
        Some(_) => format!("{id} created"),
        None => {
            let key = model.keymap.key_for(super::command::ConsoleCommand::GoTo);
            format!("{id} created; {key} goes to it")
        }
    };
    model.say(Level::Done, text);
    shown.unwrap_or_default()
}

fn shown_again(model: &mut Model, ticket: TicketId) -> Effects {
    if model.conversation.ticket == Some(ticket) {
        return conversation::render_again(model);
    }
    conversation::outdate(model, ticket);
    model.outbox.forget_recorded_posts(ticket);
    Effects::none()
}

fn refused(model: &mut Model, entry: &Entry, problem: Problem) -> Effects {
    // Whoever waits to leave until all is recorded has to know that this is not.
    if std::mem::take(&mut model.leaving) {
        model.close_popup();
    }
    model.outbox.undoing.remove(&entry.id);
    forget_part(model, entry.id);
    let what = entry.change.describe();
    let on = entry.ticket.map(|id| format!("{id} ")).unwrap_or_default();
    let kept = match entry.change {
        Change::Post { .. } => "The text is kept as a draft.",
        Change::Create(_) => "What you typed is kept: correct it and record it again.",
        _ => "Nothing was changed.",
    };
    model.say(Level::Failure, format!("{on}{what}: {problem}. {kept}"));
    form::settle(model, entry).and(undo::go_on(model))
}

/// There is nothing left of an entry that a later undo could take back.
pub(super) fn forget_part(model: &mut Model, id: EntryId) {
    for step in &mut model.outbox.done {
        step.parts.retain(|part| part.id != id);
    }
    model.outbox.done.retain(|step| !step.parts.is_empty() || step.draft.is_some());
}

fn taken_back(model: &mut Model, entry: &Entry) -> Effects {
    forget_part(model, entry.id);
    let asked = model.outbox.undoing.remove(&entry.id);
    let effects = form::settle(model, entry);
    // The store keeps a text beside what has been typed meanwhile.
    let key = entry.draft(model.now).map(|draft| draft.key);
    let beside = key.map(|key| key.beside(entry.id.0));
    let key = beside.filter(|key| model.drafts.get(*key).is_some()).or(key);
    let effects = match key.filter(|_| asked) {
        Some(key) => effects.and(composer::reopen(model, key)),
        None => effects,
    };
    effects.and(undo::go_on(model))
}

/// A step could not be stored: nothing of it will be sent, and nothing of it may be shown as done.
/// What it came from is a draft as before.
pub(super) fn not_queued(model: &mut Model, entries: &[Entry], problem: &Problem) -> Effects {
    let (drafts, effects) = withdraw(model, entries, problem);
    if let Some(entry) = entries.first() {
        let kept = match drafts.first() {
            Some(key) => where_it_is(model, *key),
            None => "nothing is changed".into(),
        };
        let on = entry.ticket.map(|id| format!("{id} ")).unwrap_or_default();
        let what = entry.change.describe();
        model.say(Level::Failure, format!("{on}{what} is not recorded, {kept}: {problem}"));
    }
    effects
}

/// A step could not be stored, since the draft that it came from is gone, or another console's.
pub(super) fn not_recorded(
    model: &mut Model,
    entries: &[Entry],
    key: DraftKey,
    stale: Stale,
) -> Effects {
    let said = Line::from_cleaned("the draft is gone, or another console's", None);
    let (_, effects) = withdraw(model, entries, &Problem::new(ProblemKind::Local, said));
    effects.and(merge::not_recorded(model, key, stale))
}

/// Takes the entries of a step off the screen that the store has not taken; returns the drafts that it
/// came from.
fn withdraw(model: &mut Model, entries: &[Entry], problem: &Problem) -> (Vec<DraftKey>, Effects) {
    let ended = entries.first().and_then(|entry| model.outbox.storing.end(entry.id));
    let Answered { drafts, took, .. } = ended.unwrap_or_default();
    for key in &drafts {
        model.drafts.not_recorded(*key);
        composer::not_recorded(model, *key);
    }
    // It was meant for what would have been there after it.
    let mut effects = early::forget(model);
    for entry in entries {
        if let Some(draft) = entry.draft(model.now).filter(|_| drafts.is_empty()) {
            effects = effects.and(composer::keep(model, draft));
        }
        let state = State::Refused { problem: problem.clone() };
        effects = effects.and(settle(model, Entry { state, ..entry.clone() }, None));
    }
    undo::give_back(model, took);
    (drafts, effects)
}

/// Where the text of a draft is that did not become a change.
fn where_it_is(model: &Model, key: DraftKey) -> String {
    let open = composer::is_open(model, key) || form::is_open(model, key);
    let stored = model.drafts.is_stored(key);
    let outbox = model.keymap.key_for(super::command::ConsoleCommand::Outbox);
    match (open, stored) {
        (true, true) => "its text is on screen, and a draft".into(),
        (true, false) => "its text is on screen only".into(),
        (false, true) => format!("its text is a draft ({outbox})"),
        (false, false) => format!("its text is in memory only ({outbox})"),
    }
}
