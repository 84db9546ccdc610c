//! The line of views.

use ratatui::{buffer::Buffer, layout::Rect, style::Modifier, text::Line, text::Span};

use crate::{
    app::panes::tabs::{Label, place, shown},
    ui::{
        Ui,
        cells::{self, span},
    },
};

impl Ui<'_> {
    /// Draws the tabs, shortened as far as the width asks for it.
    pub(in crate::ui) fn tabs(&self, area: Rect, buf: &mut Buffer) {
        let columns = usize::from(area.width);
        let shown = shown(self.model, columns);
        let mut tabs: Vec<Span<'_>> =
            shown.labels.into_iter().flat_map(|label| self.one_tab(label)).collect();
        if let Some((before, after)) = shown.cut {
            let mark = |there: bool, mark: &'static str| {
                span(if there { mark } else { "  " }, self.theme.quiet)
            };
            tabs.insert(0, mark(before, "‹ "));
            tabs.push(mark(after, " ›"));
        }
        let line = match shown.place {
            true => {
                let place = vec![span(place(self.model), self.theme.quiet), Span::raw(" ")];
                cells::sides(tabs, place, columns, (" ", self.theme.quiet))
            }
            false => Line::from(tabs),
        };
        cells::draw(line, area, 0, buf);
    }

    fn one_tab(&self, label: Label) -> Vec<Span<'static>> {
        let Label { at, key, name, count, spaced } = label;
        let after = if spaced { " " } else { "" };
        if at == self.model.list.active {
            let style = self.theme.selected.add_modifier(Modifier::BOLD);
            return vec![span(format!(" {key}{name}{count}{after}"), style)];
        }
        vec![
            span(format!(" {key}"), self.theme.quiet),
            Span::raw(name),
            span(count, self.theme.quiet),
            Span::raw(after),
        ]
    }
}
