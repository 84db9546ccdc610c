//! The panes, under the names that they have in [`app`](crate::app::panes).

mod composer;
mod conversation;
mod list;
mod tabs;
