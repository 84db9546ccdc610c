//! Hears the fate of outbox entries, and tells the panes and popups concerned. None of them tells
//! another.

use std::collections::BTreeSet;

use super::{
    Model,
    act::lay_over,
    bulks,
    command::ConsoleCommand,
    early,
    effect::Effects,
    errand::Errand,
    going, kept, looks, marks, merge,
    notice::{About, Level},
    panes::composer,
    popups::{decision, form},
    proposals, serve, shown,
    storing::Answered,
    tidings, undo,
};
use crate::domain::{
    Change, Draft, DraftChanges, DraftKey, Entry, EntryId, Line, Problem, ProblemKind, ReplyKind,
    Row, Stale, State, TicketId, notify::NotifyKind, outbox::Decision,
};

/// The store has a step, as these entries. The hold begins now.
pub(super) fn stored(model: &mut Model, entries: Vec<Entry>) -> Effects {
    let Some(first) = entries.first().map(|entry| entry.id) else { return Effects::none() };
    for stored in entries.into_iter().filter(|it| it.state.is_pending()) {
        if model.outbox.get(stored.id).is_some() {
            model.outbox.entries.put(stored);
        }
    }
    acknowledged(model, first)
}

/// Carries out the work that waited for a step to be stored.
pub(super) fn acknowledged(model: &mut Model, entry: EntryId) -> Effects {
    let Some(Answered { drafts, said, after, .. }) = model.outbox.storing.end(entry) else {
        return Effects::none();
    };
    if let Some((level, text)) = said {
        model.say(level, text);
    }
    let mut effects = Effects::none();
    for key in drafts {
        model.drafts.recorded(key);
        effects = effects.and(composer::recorded(model, key));
    }
    if let Some(after) = after {
        model.pass(Errand::After(after));
    }
    effects
}

/// An entry has a new state, and is stored with it.
pub(super) fn entry_changed(model: &mut Model, entry: Entry, row: Option<Row>) -> Effects {
    let stored = acknowledged(model, entry.id);
    stored.and(settle(model, entry, row))
}

/// Entries were taken back.
pub(super) fn all_taken_back(model: &mut Model, entries: &[Entry]) -> Effects {
    let mut effects = Effects::none();
    for entry in entries {
        effects = effects.and(acknowledged(model, entry.id));
        let by = proposer(model, entry.id);
        take_state(model, entry, None);
        if let Some(by) = by {
            proposals::settle(model, entry, &by);
        }
    }
    effects = effects.and(lay_over(model, entries.iter().filter_map(|entry| entry.ticket)));
    for entry in entries {
        decision::settle(model, entry);
        effects = effects.and(is_taken_back(model, entry));
        bulks::hear(model, entry);
    }
    let ids: BTreeSet<EntryId> = entries.iter().map(|entry| entry.id).collect();
    model.outbox.forget_parts(&ids);
    effects.and(undo::go_on(model))
}

fn settle(model: &mut Model, entry: Entry, row: Option<Row>) -> Effects {
    let by = proposer(model, entry.id);
    take_state(model, &entry, row);
    let effects = lay_over(model, entry.ticket);
    decision::settle(model, &entry);
    if let Some(by) = by {
        proposals::settle(model, &entry, &by);
    }
    let effects = effects.and(announce(model, &entry));
    bulks::hear(model, &entry);
    effects
}

/// The assistant that proposes an entry, as far as is known here.
fn proposer(model: &Model, id: EntryId) -> Option<String> {
    model.outbox.get(id)?.state.proposal().map(|(by, _)| by.to_owned())
}

/// Takes in the state of an entry, and its ticket as the server has it.
fn take_state(model: &mut Model, entry: &Entry, row: Option<Row>) {
    let mut doubted = false;
    if entry.state.is_pending() || model.outbox.get(entry.id).is_some() {
        let before = model.outbox.entries.put(entry.clone()).map(|it| it.state);
        doubted = matches!(before, Some(State::Doubtful { .. }));
    }
    if doubted && entry.state == State::Queued && !model.bulks.has(entry) {
        let what = entry.change.describe();
        let on = entry.ticket.map(|id| format!("{id} ")).unwrap_or_default();
        model.say(Level::Warning, format!("{on}{what} had not arrived; it is sent again"));
    }
    if entry.state.is_settled() {
        model.outbox.told.remove(&entry.id);
        model.notices.settle(About::Entry(entry.id));
        model.outbox.entries.remove(entry.id);
        if matches!(entry.state, State::Recorded { .. })
            && matches!(entry.change, Change::Post { .. })
        {
            model.outbox.recorded.push(entry.clone());
        }
    }
    if let Some(row) = row {
        model.tickets.take_in([row], &model.outbox.entries);
    }
    if let (State::Recorded { .. }, Change::DeleteTicket, Some(id)) =
        (&entry.state, &entry.change, entry.ticket)
    {
        model.tickets.remove(&[id]);
        let _ = marks::drop_out(model, &[id]);
    }
}

/// Tells the agent the fate of an entry, and updates the screen. A step on several tickets is told
/// as a whole (`bulks.rs`).
fn announce(model: &mut Model, entry: &Entry) -> Effects {
    let many = model.bulks.has(entry);
    let what = entry.change.describe();
    let on = entry.ticket.map(|id| format!("{id} ")).unwrap_or_default();
    match &entry.state {
        State::Recorded { undo, .. } => recorded(model, entry, undo.as_deref()),
        State::Refused { problem } => {
            tidings::happened(model, NotifyKind::Refused, entry.ticket);
            refused(model, entry, problem.clone())
        }
        State::TakenBack => {
            model.outbox.forget_part(entry.id);
            is_taken_back(model, entry).and(undo::go_on(model))
        }
        State::Waiting { problem, .. } => {
            // A further attempt that fails in the same way is no news: the status line says so, and
            // the outbox shows it.
            let kind = std::mem::discriminant(&problem.kind);
            let is_told = model.outbox.told.insert(entry.id, kind) == Some(kind);
            if !is_told && model.bulks.is_news(entry, problem) {
                let text = format!(
                    "{on}{what} is kept in the outbox and tried again by itself: {problem}"
                );
                let about = if many { About::Bulk } else { About::Entry(entry.id) };
                model.say_about(about, Level::Warning, text);
            }
            form::settle(model, entry)
        }
        State::Doubtful { problem, .. } => {
            let text = format!(
                "{on}{what} may or may not be recorded; the server is being asked: {problem}"
            );
            if !many {
                model.say_about(About::Entry(entry.id), Level::Warning, text);
            }
            form::settle(model, entry)
        }
        State::Decision { reason: Decision::Proposed { by, .. } } => {
            tidings::happened(model, NotifyKind::Decision, entry.ticket);
            let keys = model.keymap.key_for(ConsoleCommand::Outbox);
            let text = format!("{on}{by} proposes: {what} ({keys})");
            model.say_about(About::Entry(entry.id), Level::Warning, text);
            Effects::none()
        }
        State::Decision { reason } => {
            tidings::happened(model, NotifyKind::Decision, entry.ticket);
            let keys = model.keymap.key_for(ConsoleCommand::Outbox);
            let text = format!("{on}{what} waits for your decision: {} ({keys})", reason.why());
            if !many {
                model.say_about(About::Entry(entry.id), Level::Warning, text);
            }
            decision::offer(model, entry);
            form::settle(model, entry).and(shown::reload(model))
        }
        State::Holding { .. } | State::Queued | State::Sending { .. } => Effects::none(),
    }
}

fn recorded(model: &mut Model, entry: &Entry, undo: Option<&Change>) -> Effects {
    model.outbox.learn_back(entry.id, undo);
    let Some(id) = entry.ticket else { return form::settle(model, entry) };
    match &entry.change {
        Change::Post { kind, .. } => {
            let text = match kind {
                ReplyKind::Note => format!("{id} note recorded"),
                _ => format!("{id} reply recorded; no e-mail is sent"),
            };
            if !model.bulks.has(entry) {
                model.say(Level::Done, text);
            }
            looks::posted(model, entry).and(shown_again(model, id))
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

/// A ticket was created. If the agent has waited for it with its form open, the console goes there.
fn created(model: &mut Model, id: TicketId, awaited: bool) -> Effects {
    let shown = if awaited { going::show(model, id) } else { None };
    let text = match shown {
        Some(_) => format!("{id} created"),
        None => {
            let key = model.keymap.key_for(ConsoleCommand::GoTo);
            format!("{id} created; {key} goes to it")
        }
    };
    model.say(Level::Done, text);
    shown.unwrap_or_default()
}

fn shown_again(model: &mut Model, ticket: TicketId) -> Effects {
    if model.conversation.ticket == Some(ticket) {
        return shown::render_again(model);
    }
    shown::outdate(model, ticket);
    model.outbox.forget_recorded_posts(ticket);
    Effects::none()
}

fn refused(model: &mut Model, entry: &Entry, problem: Problem) -> Effects {
    // An agent who waits to leave until all is recorded has to know that this is not.
    if std::mem::take(&mut model.leaving) {
        model.close_popup();
    }
    model.outbox.undoing.remove(&entry.id);
    model.outbox.forget_part(entry.id);
    serve::undid(model, entry.ticket);
    let what = entry.change.describe();
    let on = entry.ticket.map(|id| format!("{id} ")).unwrap_or_default();
    let kept = match entry.change {
        Change::Post { .. } => "The text is kept as a draft.",
        Change::Create(_) => "What you typed is kept: correct it and record it again.",
        _ => "Nothing was changed.",
    };
    if !model.bulks.has(entry) {
        model.say(Level::Failure, format!("{on}{what}: {problem}. {kept}"));
    }
    form::settle(model, entry).and(undo::go_on(model))
}

/// An entry was taken back. The text of a reply comes back into the editor; the texts of a step on
/// several tickets are drafts.
fn is_taken_back(model: &mut Model, entry: &Entry) -> Effects {
    let many = model.bulks.has(entry);
    let asked = model.outbox.undoing.remove(&entry.id);
    let effects = form::settle(model, entry);
    // The store keeps a text beside what has been typed meanwhile.
    let key = entry.draft(model.now).map(|draft| draft.key);
    let beside = key.map(|key| key.beside(entry.id.short()));
    let key = beside.filter(|key| model.drafts.get(*key).is_some()).or(key);
    match key.filter(|_| asked && !many) {
        Some(key) => effects.and(composer::reopen(model, key)),
        None => effects,
    }
}

/// A step could not be stored: nothing of it will be sent, and nothing of it may be shown as done.
/// The text that it came from is a draft as before.
pub(super) fn not_queued(model: &mut Model, entries: &[Entry], problem: &Problem) -> Effects {
    let forgotten = entries.first().and_then(|it| model.bulks.forget(it.step));
    let (marks, label) = forgotten.unwrap_or_default();
    model.marks.put_back(marks);
    if let Some(label) = label {
        model
            .say(Level::Failure, format!("{label} is not recorded, nothing is changed: {problem}"));
        return withdraw_many(model, entries);
    }
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
    // The waiting input was meant for the state after the step.
    let mut effects = early::forget(model);
    for entry in entries {
        if let Some(draft) = entry.draft(model.now).filter(|_| drafts.is_empty()) {
            let changes = following(entries, entry.id);
            effects = effects.and(kept::keep(model, Draft { changes, ..draft }));
        }
        let state = State::Refused { problem: problem.clone() };
        effects = effects.and(settle(model, Entry { state, ..entry.clone() }, None));
    }
    undo::give_back(model, took);
    (drafts, effects)
}

/// The same for a step on several tickets, which comes from no draft. The texts of its replies are
/// kept as drafts.
fn withdraw_many(model: &mut Model, entries: &[Entry]) -> Effects {
    let ended = entries.first().and_then(|entry| model.outbox.storing.end(entry.id));
    let mut effects = early::forget(model);
    for entry in entries {
        if let Some(draft) = entry.draft(model.now) {
            let changes = following(entries, entry.id);
            effects = effects.and(kept::keep(model, Draft { changes, ..draft }));
        }
        model.outbox.entries.remove(entry.id);
        model.outbox.undoing.remove(&entry.id);
    }
    let ids: BTreeSet<EntryId> = entries.iter().map(|entry| entry.id).collect();
    model.outbox.forget_parts(&ids);
    effects = effects.and(lay_over(model, entries.iter().filter_map(|entry| entry.ticket)));
    undo::give_back(model, ended.unwrap_or_default().took);
    effects.and(undo::go_on(model))
}

/// The changes of a step that were to follow one of its entries.
fn following(entries: &[Entry], leads: EntryId) -> Option<Box<DraftChanges>> {
    let follows = entries.iter().filter(|it| it.after == Some(leads));
    DraftChanges::following(follows.map(|it| &it.change))
}

/// The place of a draft's text that did not become a change, in words.
fn where_it_is(model: &Model, key: DraftKey) -> String {
    let open = composer::is_open(model, key) || form::is_open(model, key);
    let stored = model.drafts.is_stored(key);
    let outbox = model.keymap.key_for(ConsoleCommand::Outbox);
    match (open, stored) {
        (true, true) => "its text is on screen, and a draft".into(),
        (true, false) => "its text is on screen only".into(),
        (false, true) => format!("its text is a draft ({outbox})"),
        (false, false) => format!("its text is in memory only ({outbox})"),
    }
}
