//! The popups, under the names that they have in [`app`](crate::app::popups), and their frame.

mod asked;
mod client;
mod dashboard;
mod decision;
mod discard;
mod fields;
mod form;
mod frame;
mod help;
mod history;
mod macros;
mod messages;
mod naming;
mod outbox_list;
mod output;
mod picker;
mod plan;
mod prompt;
mod quit;
mod reword;
mod snooze;
mod take_back;

use ratatui::{buffer::Buffer, layout::Rect};

use super::Ui;
use crate::app::{
    Popup,
    layout::Area,
    popups::{every_popup, frame::Frame},
};

/// Draws the content of a popup.
trait Draw {
    /// Draws it into the place within the frame.
    fn draw(&self, ui: Ui<'_>, inner: Rect, buf: &mut Buffer);
}

macro_rules! drawn {
    ($($(#[$doc:meta])* $name:ident($module:ident::$state:ident),)+) => {
        fn draw_content(popup: &Popup, ui: Ui<'_>, inner: Rect, buf: &mut Buffer) {
            match popup { $(Popup::$name(it) => it.draw(ui, inner, buf),)+ }
        }
    };
}
every_popup!(drawn);

/// The same place, in the core's terms.
fn area(place: Rect) -> Area {
    Area { x: place.x, y: place.y, width: place.width, height: place.height }
}

impl Ui<'_> {
    /// Draws the topmost popup, and the form beneath it where that stays in sight.
    pub(super) fn popup(&self, screen: Rect, buf: &mut Buffer) {
        let Some(top) = &self.model.popup else { return };
        for popup in self.model.form_beneath().into_iter().chain([top]) {
            if let Some(frame) = Frame::of(self.model, popup) {
                let inner = self.frame(&frame, screen, buf);
                draw_content(popup, *self, inner, buf);
            }
        }
    }
}
