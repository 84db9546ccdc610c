//! Keeps texts as drafts that no pane can take.

use super::{Effects, Model, errand::Errand};
use crate::domain::{Draft, DraftId, DraftKey};

/// Keeps a paste that the pane could not take, as a draft beside the text that is there.
pub(super) fn keep_pasted(model: &mut Model, key: DraftKey, text: String) -> Effects {
    let draft = draft_of(model, key, text, (usize::MAX, usize::MAX));
    keep(model, draft)
}

/// Keeps a text that could not even be stored in the outbox, beside what has been typed meanwhile.
pub(super) fn keep(model: &mut Model, draft: Draft) -> Effects {
    let key = match model.drafts.get(draft.key) {
        Some(meanwhile) if meanwhile.text == draft.text => return Effects::none(),
        Some(_) if draft.id == DraftId(0) => draft.key.beside(model.now.as_microsecond()),
        Some(_) => draft.key.beside(draft.id.0),
        None => draft.key,
    };
    model.pass(Errand::Follow(key));
    model.drafts.typed(Draft { key, ..draft }, model.now).and(model.drafts.flush())
}

/// A draft with this text, as of now.
pub(super) fn draft_of(
    model: &Model,
    key: DraftKey,
    text: String,
    cursor: (usize, usize),
) -> Draft {
    Draft { key, id: DraftId(0), text, cursor, updated: model.now, changes: None }
}
