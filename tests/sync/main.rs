//! The mirror against a helpdesk that changes while it is read: what the server's own database holds
//! is what the console has to show.

mod fill;
mod filling;
#[path = "../support/hears.rs"]
mod hears;
mod office;
mod shared;
mod snoozes;
mod upkeep;
