//! The form with everything that a macro asks for.

use ratatui::{buffer::Buffer, layout::Rect, text::Line, widgets::Widget};

use super::Draw;
use crate::{
    app::popups::asked::{Asked, ROWS},
    ui::{Ui, cells},
};

impl Draw for Asked {
    fn draw(&self, ui: Ui<'_>, inner: Rect, buf: &mut Buffer) {
        let columns = usize::from(inner.width);
        let first = self.first_shown(usize::from(inner.height));
        for (row, (at, (asked, editor))) in self.fields.iter().enumerate().skip(first).enumerate() {
            let focused = at == self.focus;
            let style = if focused { ui.theme.accent } else { ui.theme.quiet };
            let label = cells::cut(asked, columns).into_owned();
            cells::draw(Line::styled(label, style), inner, row * ROWS, buf);
            let y = u16::try_from(row * ROWS + 1).unwrap_or(u16::MAX);
            if y >= inner.height {
                break;
            }
            let prompt = if focused { "› " } else { "  " };
            cells::draw(Line::styled(prompt, ui.theme.accent), inner, usize::from(y), buf);
            let field = Rect {
                x: inner.x + 2,
                y: inner.y + y,
                width: inner.width.saturating_sub(2),
                height: 1,
            };
            if focused {
                editor.widget().render(field, buf);
            } else {
                let text = editor.text();
                let shown = cells::cut(&text, usize::from(field.width)).into_owned();
                cells::draw(Line::raw(shown), field, 0, buf);
            }
        }
    }
}
