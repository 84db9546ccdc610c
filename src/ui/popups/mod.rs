//! The popups, under the names that they have in [`app`](crate::app::popups), and their frame.

mod decision;
mod discard;
mod form;
mod frame;
mod help;
mod messages;
mod outbox_list;
mod picker;
mod prompt;
mod quit;
mod take_back;
