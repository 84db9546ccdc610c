//! The mirror's upkeep: a first fill, then passes whose requests are a share of the budget.
//!
//! A pass reads the lists of the waiting statuses, asks for what is in doubt, and gives what is left
//! to the other lists in turn. Whose pass it is, how far the fill and the turns have come, and what is
//! in doubt, are in the mirror: consoles of one profile share the work, and a restart goes on.

mod directory;
mod doubts;
mod fill;
mod list;
mod names;
mod pass;
mod pieces;
mod refresh;
mod round;
mod share;
mod take;
#[cfg(test)]
mod tests;
mod upkeep;
mod walk;

pub(super) use directory::departments;
pub(super) use names::tell as tell_unread;
pub(super) use take::{forget, take_in, take_in_elsewhere};
pub(super) use upkeep::Upkeep;
