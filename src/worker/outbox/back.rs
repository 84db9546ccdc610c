//! Taking back what is recorded: by what the server really had, which is known once it was sent.

use super::send::local;
use crate::{
    domain::{Change, Entry, FullTicket, State},
    worker::context::Context,
};

/// What an entry does when its turn comes.
pub(super) enum AtTurn {
    /// This is sent.
    Send(Change),
    /// Nothing is: so it ends.
    End(State),
}

/// The change as it is to be sent. One that takes an earlier entry back undoes what that one made
/// different, rather than what the agent believed: a colleague's tag stays, a mailed subject comes
/// back byte for byte.
pub(super) async fn turn(context: &Context, entry: &Entry) -> AtTurn {
    let earlier = match entry.undo {
        Some(id) => context.store.entry(id).await.ok().flatten(),
        None => None,
    };
    match earlier.map(|earlier| earlier.state) {
        Some(State::Recorded { undo: Some(undo), .. }) => AtTurn::Send(*undo),
        Some(State::Recorded { undo: None, .. }) => {
            let problem = local("somebody else had done it before, so it stays");
            AtTurn::End(State::Refused { problem })
        }
        Some(State::Refused { .. } | State::TakenBack) => AtTurn::End(State::TakenBack),
        _ => AtTurn::Send(entry.change.clone()),
    }
}

/// What takes a change back that made `after` of `before`. Where an earlier attempt may have done it
/// already, what the agent saw before is all that is known.
pub(super) async fn of(
    context: &Context,
    entry: &Entry,
    before: &FullTicket,
    after: &FullTicket,
) -> Option<Change> {
    let undo = entry.change.taking_back(before, after);
    if undo.is_none() && context.store.was_tried(entry.id).await.unwrap_or_default() {
        return entry.change.inverse();
    }
    undo
}
