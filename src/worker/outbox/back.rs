//! Taking back a recorded change. The values to restore are those that the server really had; they
//! are known once the change was sent.

use super::send::local;
use crate::{
    domain::{Change, Entry, FullTicket, State},
    worker::context::Context,
};

/// What an entry does when its turn comes.
pub(super) enum AtTurn {
    /// This is sent.
    Send(Change),
    /// There is nothing to send, so the entry ends in this state.
    End(State),
}

/// The change as it is to be sent. A change that takes an earlier entry back undoes the differences
/// that entry really made, and not those that the agent expected. So a colleague's tag stays, and a
/// mailed subject comes back byte for byte.
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

/// The change that takes another one back, which turned `before` into `after`. If an earlier
/// attempt may have carried it out already, only the values that the agent saw are known.
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
