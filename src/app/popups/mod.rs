//! The popups: what stands over the panes and takes all keys, one file each.

pub mod decision;
pub mod form;
pub mod help;
pub mod messages;
pub mod outbox_list;
pub mod picker;
pub mod prompt;
pub mod take_back;

pub(super) mod discard;
pub(super) mod quit;
