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

use ratatui::{buffer::Buffer, layout::Rect};

use super::Ui;
use crate::app::{Popup, popups::every_popup};

/// How a popup looks.
pub(super) trait Draw {
    /// Draws it in the middle of `body`.
    fn draw(&self, ui: Ui<'_>, body: Rect, buf: &mut Buffer);
}

macro_rules! drawn {
    ($($(#[$doc:meta])* $name:ident($module:ident::$state:ident),)+) => {
        /// Draws a popup in the middle of `body`.
        pub(super) fn draw(popup: &Popup, ui: Ui<'_>, body: Rect, buf: &mut Buffer) {
            match popup { $(Popup::$name(it) => it.draw(ui, body, buf),)+ }
        }
    };
}
every_popup!(drawn);
