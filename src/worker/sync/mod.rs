//! The mirror's upkeep: a first fill, then passes whose requests are a share of the budget.
//!
//! A pass reads the lists of the waiting statuses, asks for what is in doubt, and gives what is left
//! to the other lists in turn. Whose pass it is, how far the fill and the turns have come, and what is
//! in doubt, are in the mirror: consoles of one profile share the work, and a restart goes on.
//!
//! The words of the upkeep:
//!
//! - *list*: one of the server's lists of tickets, the newest first: those of a status, all active ones,
//!   or the archived ones ([`ServerList`](crate::store::ServerList)).
//! - *fill*: reading every list once, before a mirror is complete.
//! - *pass*: what is read in one poll interval, by one console of the profile.
//! - *share*: how many requests a pass may spend: a part of the request budget, so that the agent's own
//!   requests find room.
//! - *walk*: reading one list from its newest ticket to its last, page by page, over several passes if need
//!   be. A list that shifts meanwhile is still seen whole.
//! - *round*: one walk through each of the lists that are not read in every pass.
//! - *turn*: the list of the round that a pass goes on with.
//! - *doubt*: a ticket that is not where it was, so that only asking for it by number tells what became
//!   of it.
//! - *refresh*: reading the working set at once, because the agent asks for it or the console opens.
//! - *piece*: a part of a page that can't be had whole.
//! - *stretch*: places of a list that can't be read; it is tried again by itself.

mod directory;
mod doubts;
mod fill;
mod intake;
mod list;
mod names;
mod pass;
mod pieces;
mod refresh;
mod round;
mod share;
#[cfg(test)]
mod tests;
mod upkeep;
mod walk;

pub(super) use directory::departments;
pub(super) use intake::{forget, take_in, take_in_elsewhere};
pub(super) use names::tell as tell_unread;
pub(super) use upkeep::Upkeep;
