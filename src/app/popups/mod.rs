//! The popups: what stands over the panes and takes all keys, one file each.

pub mod decision;
pub mod form;
pub mod messages;
pub mod picker;
pub mod prompt;
pub mod reader;

pub(super) mod discard;
