//! A read-only profile: what would lead to a write is refused before the agent types a word for it.

use super::{Model, errand::Errand, notice::Level};

/// Whether the profile is read-only. If so, the agent is told.
pub(super) fn refuses(model: &mut Model) -> bool {
    if model.settings.read_only {
        model.say(Level::Warning, "this profile is read-only: nothing is written to the server");
    }
    model.settings.read_only
}

/// What a read-only profile leaves of an errand.
pub(super) fn left_of(model: &mut Model, errand: Errand) -> Option<Errand> {
    if !leads_to_a_write(&errand) || !refuses(model) {
        return Some(errand);
    }
    match errand {
        // The draft stays as it is, and its ticket can be looked at.
        Errand::GoTo(ticket, _) => Some(Errand::GoTo(ticket, None)),
        _ => None,
    }
}

fn leads_to_a_write(errand: &Errand) -> bool {
    matches!(
        errand,
        Errand::Write(..)
            | Errand::NewTicket(_)
            | Errand::Edit(_)
            | Errand::FillIn(..)
            | Errand::Pick(..)
            | Errand::Plan(..)
            | Errand::PlanOne(..)
            | Errand::Macros(..)
            | Errand::ReplyWith(..)
            | Errand::DeleteTicket(_)
            | Errand::DeleteReply(..)
            | Errand::TakeOver(_)
            | Errand::TakeBack(_)
            | Errand::Record(_)
            | Errand::TakeRest(_)
            | Errand::Redo
            | Errand::GoTo(_, Some(_))
    )
}
