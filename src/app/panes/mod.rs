//! The panes that stand side by side on screen, one file each.

pub mod composer;
pub mod conversation;
pub mod list;
pub mod tabs;
