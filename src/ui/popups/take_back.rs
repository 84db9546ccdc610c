//! The question that comes before a part of an action is taken back.

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use crate::app::command::TakeBackCommand;
use crate::app::popups::take_back::HalfStep;
use crate::ui::{
    Ui, cells,
    popups::{
        Draw,
        frame::{Frame, columns_in},
        prompt::COLUMNS,
    },
};

impl Draw for HalfStep {
    fn draw(&self, ui: Ui<'_>, body: Rect, buf: &mut Buffer) {
        ui.half_step(self, body, buf);
    }
}

impl Ui<'_> {
    /// Draws the question that comes before a part of an action is taken back.
    fn half_step(&self, half: &HalfStep, body: Rect, buf: &mut Buffer) {
        let (take, leave) = (self.key(TakeBackCommand::TakeRest), self.key(TakeBackCommand::Leave));
        let columns = columns_in(COLUMNS + 12, body);
        let mut lines: Vec<Line<'_>> =
            cells::wrap(&format!("{}.", half.kept), columns).into_iter().map(Line::raw).collect();
        lines.push(Line::raw(""));
        lines.push(Line::styled("This can still be taken back:", self.theme.quiet));
        lines.extend(
            half.rest.iter().map(|what| Line::styled(format!("  {what}"), self.theme.strong)),
        );
        let frame = Frame {
            title: format!("{}: take back the rest?", half.label),
            footer: self
                .key_hints(&[(take, "takes the rest back"), (leave, "leaves all as it is")]),
            size: (columns, lines.len()),
            style: self.theme.warning,
            grave: true,
        };
        let inner = self.frame(frame, body, buf);
        for (at, line) in lines.into_iter().enumerate() {
            cells::draw(line, inner, at, buf);
        }
    }
}
