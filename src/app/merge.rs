//! Drafts that the store holds otherwise than they are known here: another console wrote, or a text
//! came back. What is typed here and not stored yet is never lost to them.

use super::{Model, composer, effect::Effects, form, notice::Level};
use crate::domain::{Draft, DraftKey, DraftKind};

/// A draft that was to be stored met another console's newer text.
pub(super) fn newer(model: &mut Model, theirs: Draft) -> Effects {
    let (effects, both) = take_in(model, theirs);
    if both {
        model.say(Level::Warning, "another console wrote on this draft too; both texts are kept");
    }
    effects
}

/// A draft was given up here that another console has written on since.
pub(super) fn kept(model: &mut Model, theirs: Draft) -> Effects {
    model.say(Level::Warning, "another console wrote on this draft meanwhile; that text is kept");
    take_in(model, theirs).0
}

/// What was typed for a change that came to nothing is a draft again.
pub(super) fn back(model: &mut Model, draft: Draft) -> Effects {
    take_in(model, draft).0
}

/// Another console has written: the drafts are shown as they are now.
pub(super) fn elsewhere(model: &mut Model, drafts: Vec<Draft>) -> Effects {
    let mut effects = Effects::none();
    for key in model.drafts.follow(drafts) {
        if composer::is_open(model, key) || form::is_open(model, key) {
            let what = key.kind.as_str();
            let on = key.about().map(|id| format!("{id} ")).unwrap_or_default();
            let text = match model.drafts.get(key) {
                Some(_) => format!("{on}another console wrote on this {what}; it is shown here"),
                None => format!("{on}another console recorded or dropped this {what}"),
            };
            effects = effects.and(show(model, key));
            model.say(Level::Warning, text);
        }
    }
    effects
}

/// Takes over what the store holds, joined to what is typed here and not stored; says whether there
/// was such.
fn take_in(model: &mut Model, theirs: Draft) -> (Effects, bool) {
    let (key, now) = (theirs.key, model.now);
    let mine = model.drafts.get(key).filter(|_| !model.drafts.is_stored(key)).cloned();
    model.drafts.replace(theirs.clone());
    let Some(mine) = mine.filter(|mine| mine.text != theirs.text) else {
        return (show(model, key), false);
    };
    if key.kind == DraftKind::NewTicket {
        let own = DraftKey::of_new_ticket(now.as_microsecond());
        form::rename(model, key, own);
        return (model.drafts.typed(Draft { key: own, ..mine }, now), true);
    }
    let joined = Draft { updated: now, ..theirs.join(&mine) };
    let both = joined.text != mine.text;
    let effects = model.drafts.typed(joined, now);
    (effects.and(show(model, key)), both)
}

/// Shows a draft as it is now where it is open.
fn show(model: &mut Model, key: DraftKey) -> Effects {
    composer::follow(model, key).and(form::follow(model, key))
}
