//! Drafts that the store holds in another state than this console: another console writes or wrote
//! the draft, or it is gone. Two texts are never woven into one. An unstored text of this console
//! becomes a draft of its own.

use std::collections::BTreeMap;

use super::{
    Effect, Effects, Model, Work,
    command::ConsoleCommand,
    discarded, early,
    notice::{About, Level},
    panes::composer,
    popups::form,
};
use crate::domain::{AllDrafts, Draft, DraftId, DraftKey, DraftKind, Gone, Stale, Writer};

/// A draft could not be stored, since it has changed elsewhere.
pub(super) fn stale(model: &mut Model, key: DraftKey, id: DraftId, stale: Stale) -> Effects {
    // The typed text has been kept elsewhere meanwhile.
    if model.drafts.get(key).map(|draft| draft.id) != Some(id) {
        return Effects::none();
    }
    let was_going = model.drafts.is_going(key);
    let effects = match stale {
        Stale::Gone(gone) => {
            let text =
                format!("{}: what you typed on is a new draft", model.what_became(key, &gone));
            model.drafts.fork(key, key, model.now);
            composer::not_recorded(model, key);
            model.say(Level::Warning, text);
            Effects::none()
        }
        Stale::Written(writer, stored) => lost(model, key, writer, stored),
        Stale::Newer(stored) => beside(model, key, stored),
    };
    // The waiting input was meant for the state after the step.
    if was_going { effects.and(early::forget(model)) } else { effects }
}

/// A step could not be stored, because of the fate of the draft that it came from.
pub(super) fn not_recorded(model: &mut Model, key: DraftKey, stale: Stale) -> Effects {
    match stale {
        Stale::Gone(gone) => {
            let text = model.what_became(key, &gone);
            let open = composer::is_open(model, key) || form::is_open(model, key);
            // An unstored text exists only here.
            match open && model.drafts.is_stored(key) {
                true => {
                    model.drafts.forget(key);
                    let text =
                        format!("not recorded, {text}: type on to keep yours as a new draft");
                    model.say(Level::Failure, text);
                    show_gone(model, key, gone)
                }
                false => {
                    model.drafts.fork(key, key, model.now);
                    let text = format!("not recorded, {text}: yours is kept as a new draft");
                    model.say(Level::Failure, text);
                    Effects::none()
                }
            }
        }
        Stale::Written(writer, stored) => lost(model, key, writer, stored),
        Stale::Newer(stored) => beside(model, key, stored),
    }
}

/// Another console writes this draft now. Text typed here that is not in the other console's text
/// is kept beside it.
fn lost(model: &mut Model, key: DraftKey, writer: Writer, stored: Option<Draft>) -> Effects {
    let what = format!("{}{} is written by {writer} now", key.begins(), key.kind.as_str());
    let mine = model.drafts.get(key);
    let differs = mine.is_some_and(|mine| stored.as_ref().is_none_or(|it| it.text != mine.text));
    if differs && !model.drafts.is_stored(key) {
        let own = key.beside(model.now.as_microsecond());
        model.drafts.fork(key, own, model.now);
        let outbox = model.keymap.key_for(ConsoleCommand::Outbox);
        let text = format!("{what}; what you typed is kept beside it ({outbox})");
        model.say_about(About::Writer(key), Level::Warning, text);
        form::rename(model, key, own);
    } else {
        model.say_about(About::Writer(key), Level::Warning, what);
    }
    take_over(model, key, stored);
    learn_writer(model, key, Some(writer.clone()));
    composer::show_writer(model, key, Some(writer.clone()));
    form::show_writer(model, key, Some(writer));
    show(model, key)
}

/// Another text is stored in place of the one written here. The one written here goes on beside it.
fn beside(model: &mut Model, key: DraftKey, stored: Draft) -> Effects {
    let differs = model.drafts.get(key).is_some_and(|mine| mine.text != stored.text);
    if !differs {
        model.drafts.replace(stored);
        return show(model, key);
    }
    let own = key.beside(model.now.as_microsecond());
    model.drafts.fork(key, own, model.now);
    model.drafts.replace(stored);
    let outbox = model.keymap.key_for(ConsoleCommand::Outbox);
    let kind = key.kind.as_str();
    let text = format!(
        "{}another text of this {kind} came in; it is kept beside yours ({outbox})",
        key.begins()
    );
    model.say(Level::Warning, text);
    composer::rename(model, key, own);
    form::rename(model, key, own);
    let close = Effects::from(Effect::Work(Work::CloseDraft(key)));
    close.and(model.drafts.open(own, false))
}

/// The store has said who writes a draft.
pub(super) fn opened(
    model: &mut Model,
    key: DraftKey,
    stored: Option<Draft>,
    writer: Option<Writer>,
    gone: Option<Gone>,
) -> Effects {
    learn_writer(model, key, writer.clone());
    if !composer::is_open(model, key) && !form::is_open(model, key) {
        return Effects::none();
    }
    // It is being recorded or discarded. The answer to that reports any conflict.
    if model.drafts.is_going(key) {
        return Effects::none();
    }
    if let Some(gone) = gone.filter(|_| stored.is_none() && model.drafts.is_stored(key)) {
        composer::show_writer(model, key, None);
        form::show_writer(model, key, None);
        model.drafts.forget(key);
        return show_gone(model, key, gone);
    }
    if let Some(writer) = writer {
        if key == DraftKey::new(None, DraftKind::NewTicket) {
            return form::begin_own(model);
        }
        let known = composer::writer(model, key).or(form::writer(model, key)).is_some();
        if known {
            take_over(model, key, stored);
            composer::show_writer(model, key, Some(writer.clone()));
            form::show_writer(model, key, Some(writer));
            return show(model, key);
        }
        return lost(model, key, writer, stored);
    }
    let was_another = composer::show_writer(model, key, None) | form::show_writer(model, key, None);
    if was_another || model.drafts.is_stored(key) {
        take_over(model, key, stored);
        return show(model, key);
    }
    Effects::none()
}

/// A draft was given up here, but it has changed elsewhere. The stored one stays.
pub(super) fn kept(model: &mut Model, key: DraftKey, stale: Stale) -> Effects {
    let discarded = model.drafts.is_going(key);
    model.drafts.not_gone(key);
    let forgotten = early::forget(model);
    forgotten.and(still_there(model, key, discarded, stale))
}

fn still_there(model: &mut Model, key: DraftKey, discarded: bool, stale: Stale) -> Effects {
    match stale {
        // Text typed since then belongs to another draft.
        Stale::Gone(_) if !model.drafts.is_stored(key) => Effects::none(),
        Stale::Gone(_) => {
            model.drafts.forget(key);
            show(model, key)
        }
        Stale::Written(writer, stored) => {
            // The text kept beside it is the more important news.
            let plain = discarded && model.drafts.is_stored(key);
            let effects = lost(model, key, writer.clone(), stored);
            if plain {
                discarded::refused(model, key, &writer);
            }
            effects
        }
        Stale::Newer(stored) => {
            let text = "another console wrote on this draft meanwhile; that text is kept";
            model.say(Level::Warning, text);
            if model.drafts.is_stored(key) {
                model.drafts.replace(stored);
            }
            show(model, key)
        }
    }
}

/// The text of a failed change is a draft again. Another text that is open under its key stays, beside
/// it: another console may just have recorded or dropped that draft, and its words are on screen.
pub(super) fn back(model: &mut Model, draft: Draft) -> Effects {
    let key = draft.key;
    let open = composer::is_open(model, key) || form::is_open(model, key);
    let is_another = model.drafts.get(key).is_some_and(|it| it.id != draft.id);
    let stays = open && is_another && !model.drafts.is_going(key);
    if model.drafts.is_stored(key) && !stays {
        model.drafts.replace(draft);
        return show(model, key);
    }
    beside(model, key, draft)
}

/// Another console has written: the drafts are shown as they are now.
pub(super) fn elsewhere(model: &mut Model, all: AllDrafts) -> Effects {
    let became: BTreeMap<DraftId, Gone> = all.gone.into_iter().collect();
    let writers: BTreeMap<DraftKey, Writer> = all.writers.iter().cloned().collect();
    let followed = model.drafts.follow(all.drafts);
    for key in model.drafts.learn_writers(all.writers) {
        model.notices.settle(About::Writer(key));
    }
    let mut effects = Effects::none();
    for draft in followed.gone {
        if let Some(gone) = became.get(&draft.id) {
            effects = effects.and(show_gone(model, draft.key, gone.clone()));
        } else {
            effects = effects.and(show(model, draft.key));
        }
    }
    let open = [composer::open_key(model), form::open_key(model)];
    for key in open.into_iter().flatten() {
        let known = composer::writer(model, key).or(form::writer(model, key)).is_some();
        match (writers.get(&key), known) {
            (Some(writer), false) if model.drafts.is_stored(key) && !model.drafts.is_going(key) => {
                let stored = model.drafts.get(key).cloned();
                effects = effects.and(lost(model, key, writer.clone(), stored));
            }
            // The text typed here is on its way. The store reports any conflict.
            (Some(_), false) => {}
            (Some(writer), true) => {
                composer::show_writer(model, key, Some(writer.clone()));
                form::show_writer(model, key, Some(writer.clone()));
                effects = effects.and(show(model, key));
            }
            (None, true) => effects.push(model.drafts.open(key, false)),
            (None, false) if followed.changed.contains(&key) => {
                let kind = key.kind.as_str();
                let text = format!(
                    "{}another console wrote on this {kind}; it is shown here",
                    key.begins()
                );
                model.say(Level::Warning, text);
                effects = effects.and(show(model, key));
            }
            (None, false) => {}
        }
    }
    effects
}

/// Learns who else writes a draft. Once nobody does, the notice about it is taken away.
pub(super) fn learn_writer(model: &mut Model, key: DraftKey, writer: Option<Writer>) {
    if writer.is_none() {
        model.notices.settle(About::Writer(key));
    }
    model.drafts.learn_writer(key, writer);
}

/// Takes a draft over from the console that writes it.
pub(super) fn take(model: &Model, key: DraftKey) -> Effects {
    match model.drafts.writer(key) {
        Some(_) => model.drafts.open(key, true).into(),
        None => Effects::none(),
    }
}

/// The draft is as the store has it.
fn take_over(model: &mut Model, key: DraftKey, stored: Option<Draft>) {
    match stored {
        Some(stored) => model.drafts.replace(stored),
        None => model.drafts.forget(key),
    }
}

/// Shows a draft as it is now where it is open.
fn show(model: &mut Model, key: DraftKey) -> Effects {
    composer::follow(model, key).and(form::follow(model, key))
}

/// Says what became of a draft that is open: its text stays on screen.
fn show_gone(model: &mut Model, key: DraftKey, gone: Gone) -> Effects {
    composer::show_gone(model, key, &gone);
    let said = model.what_became(key, &gone);
    form::show_gone(model, key, &said)
}
