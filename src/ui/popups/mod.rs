//! The popups, under the names that they have in [`app`](crate::app::popups), and their frame.

mod decision;
mod form;
mod frame;
mod messages;
mod picker;
mod prompt;
mod reader;
