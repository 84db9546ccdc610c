//! Taking back what is recorded: by what the server really had, which is known once it was sent.

use super::send::local;
use crate::{
    domain::{Change, Entry, FullTicket, State},
    worker::context::Context,
};

/// What an entry does when its turn comes.
pub(super) enum Turn {
    /// This is sent.
    Send(Box<Entry>),
    /// Nothing is: so it ends.
    End(State),
}

/// The entry as it is to be sent. One that takes an earlier entry back undoes what that one made
/// different, rather than what the agent believed: a colleague's tag stays, a mailed subject comes
/// back byte for byte.
pub(super) async fn turn(context: &Context, entry: &Entry) -> Turn {
    let earlier = match entry.undo {
        Some(id) => context.store.entry(id).await.ok().flatten(),
        None => None,
    };
    let mut entry = Box::new(entry.clone());
    match earlier.map(|earlier| earlier.state) {
        Some(State::Recorded { undo: Some(undo), .. }) => entry.change = *undo,
        Some(State::Recorded { undo: None, .. }) => {
            let problem = local("somebody else had done it before, so it stays");
            return Turn::End(State::Refused { problem });
        }
        Some(State::Refused { .. } | State::TakenBack) => return Turn::End(State::TakenBack),
        _ => {}
    }
    Turn::Send(entry)
}

/// What takes a change back that made `after` of `before`. Where an earlier attempt may have done it
/// already, what the agent saw before is all that is known.
pub(super) fn of(entry: &Entry, before: &FullTicket, after: &FullTicket) -> Option<Change> {
    let tried = match &entry.state {
        State::Sending { .. } => true,
        State::Waiting { problem, .. } => problem.is_doubtful(),
        _ => false,
    };
    let undo = entry.change.taking_back(before, after);
    undo.or_else(|| entry.change.inverse().filter(|_| tried))
}
