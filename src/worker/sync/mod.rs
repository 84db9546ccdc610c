//! The mirror's upkeep: a first fill, then passes whose requests are a share of the budget.
//!
//! A pass reads the lists of the waiting statuses, then asks for the tickets in doubt, and spends
//! the rest on the other lists in turn. The mirror keeps the owner of the pass, the progress of the
//! fill and of the turns, and the tickets in doubt. So the consoles of one profile share the work,
//! and a restarted console goes on with it.
//!
//! The words of the upkeep:
//!
//! - *list*: one of the server's lists of tickets, newest first: the tickets of one status, all
//!   active tickets, or the archived tickets ([`ServerList`](crate::store::ServerList)).
//! - *fill*: the first reading of every list, which completes a new mirror.
//! - *pass*: the reading that one console of the profile does in one poll interval.
//! - *share*: the number of requests that a pass may spend. It is a part of the request budget, so
//!   that the agent's own requests find room.
//! - *walk*: the reading of one list, page by page, from its newest ticket to its last. It may take
//!   several passes. A list that shifts meanwhile is still seen whole.
//! - *round*: one walk through each of several lists, one list after the other.
//! - *turn*: the right of one kind of list to be read next, with the requests that the waiting
//!   lists leave.
//! - *doubt*: a ticket that has left its place in a list. Only a request by its number tells what
//!   became of it.
//! - *refresh*: the reading of the whole working set at once, when the agent asks for it or the
//!   console opens.
//! - *piece*: a part of a page that can't be had whole.
//! - *stretch*: places of a list that can't be read. The upkeep tries them again later.

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

pub(super) use directory::{departments, learn as learn_directory};
pub(super) use fill::{Filled, go_on as go_on_filling};
pub(super) use intake::{forget, take_in, take_in_elsewhere};
pub(super) use list::is_of_one;
pub(super) use names::tell as tell_unread;
pub(super) use pass::{Passed, Rule, claimed as claimed_pass};
pub(super) use refresh::{at_start as read_at_start, whole as read_whole};
pub(super) use upkeep::Upkeep;
