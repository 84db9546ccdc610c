//! The line of views.

use ratatui::{buffer::Buffer, layout::Rect, style::Modifier, text::Line, text::Span};

use super::{
    Ui,
    cells::{self, span},
};
use crate::app::command::ConsoleCommand;

/// How much of the tabs is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Detail {
    /// Every count.
    Counts,
    /// The open tab's count only.
    Names,
}

impl Ui<'_> {
    /// Draws the tabs, shortened as far as the width asks for it.
    pub(super) fn tabs(&self, area: Rect, buf: &mut Buffer) {
        let columns = usize::from(area.width);
        let settings = &self.model.settings;
        let place = match settings.server.as_str() {
            "" => settings.profile.clone(),
            server => format!("{} · {server}", settings.profile),
        };
        let place = vec![span(place, self.theme.quiet), Span::raw(" ")];
        for detail in [Detail::Counts, Detail::Names] {
            let tabs: Vec<Span<'_>> = self.all_tabs(detail).into_iter().flatten().collect();
            let used = cells::spans_width(&tabs);
            if used + cells::spans_width(&place) + 2 <= columns {
                let line = cells::sides(tabs, place, columns, (" ", self.theme.quiet));
                return cells::draw(line, area, 0, buf);
            }
            if used <= columns {
                return cells::draw(Line::from(tabs), area, 0, buf);
            }
        }
        cells::draw(self.tabs_around(columns), area, 0, buf);
    }

    fn all_tabs(&self, detail: Detail) -> Vec<Vec<Span<'_>>> {
        (0..self.model.list.tabs.len()).map(|at| self.one_tab(at, detail)).collect()
    }

    fn one_tab(&self, at: usize, detail: Detail) -> Vec<Span<'_>> {
        let Some(tab) = self.model.list.tabs.get(at) else { return Vec::new() };
        let number = u8::try_from(at + 1).unwrap_or(u8::MAX);
        let key = self.key(ConsoleCommand::View(number));
        let key = if key.is_empty() { String::new() } else { format!("{key} ") };
        let known = self.model.progress.stored || tab.count > 0;
        let count = if known { format!(" {}", tab.count) } else { String::new() };
        if at == self.model.list.active {
            let style = self.theme.selected;
            let text = format!(" {key}{}{count} ", tab.view.name);
            return vec![span(text, style.add_modifier(Modifier::BOLD))];
        }
        let mut spans =
            vec![span(format!(" {key}"), self.theme.quiet), Span::raw(tab.view.name.as_str())];
        if detail == Detail::Counts {
            spans.push(span(count, self.theme.quiet));
        }
        spans.push(Span::raw(" "));
        spans
    }

    /// As many tabs around the open one as there is room for.
    fn tabs_around(&self, columns: usize) -> Line<'_> {
        let all = self.all_tabs(Detail::Names);
        let wide = |at: usize| all.get(at).map_or(0, |tab| cells::spans_width(tab));
        let active = self.model.list.active;
        let (mut first, mut last, mut used) = (active, active, wide(active));
        let room = columns.saturating_sub(4);
        loop {
            let after = last + 1 < all.len() && used + wide(last + 1) <= room;
            if after {
                last += 1;
                used += wide(last);
            }
            let before = first > 0 && used + wide(first - 1) <= room;
            if before {
                first -= 1;
                used += wide(first);
            }
            if !after && !before {
                break;
            }
        }
        let mark = |shown: bool, mark: &'static str| {
            span(if shown { mark } else { "  " }, self.theme.quiet)
        };
        let mut spans = vec![mark(first > 0, "‹ ")];
        spans.extend(all[first..=last.min(all.len() - 1)].iter().flatten().cloned());
        spans.push(mark(last + 1 < all.len(), " ›"));
        Line::from(spans)
    }
}
