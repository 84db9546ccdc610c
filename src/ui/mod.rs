//! The look of the console: [`view`] draws the model and changes nothing.
//!
//! Each pane has one file, with the pane's name in [`app`](crate::app). `app` also works out the
//! place of each pane, so that scrolling and drawing agree. Drawing goes through the visible rows
//! alone, however many tickets there are.

pub(crate) mod cells;
mod clean;
mod panes;
mod popups;
mod rich;
mod screens;
mod signs;
mod status;
mod theme;

use ratatui::{
    Frame,
    buffer::Buffer,
    layout::Rect,
    style::{Color, Style},
    text::{Line, Span},
    widgets::{Scrollbar, ScrollbarOrientation, ScrollbarState, StatefulWidget},
};

pub use theme::{ColorDepth, Theme};

use crate::app::{
    Model,
    command::{Command, EverywhereCommand},
    layout::{Area, Layout, SMALLEST},
    tone::{Tone, Toned},
};
use crate::domain::{State, when};

/// Draws the model.
pub fn view(model: &Model, theme: &Theme, frame: &mut Frame<'_>) {
    let screen = frame.area();
    let ui = Ui { model, theme };
    match Layout::of(model) {
        Some(layout) => ui.console(&layout, screen, frame.buffer_mut()),
        None => ui.too_small(screen, frame.buffer_mut()),
    }
    clean::blank_controls(frame.buffer_mut());
    paint_ground(theme.ground(), frame.buffer_mut());
}

/// Puts the ground of the theme under every cell that has none.
fn paint_ground(ground: Style, buf: &mut Buffer) {
    if ground == Style::new() {
        return;
    }
    for cell in &mut buf.content {
        cell.fg = if cell.fg == Color::Reset { ground.fg.unwrap_or(cell.fg) } else { cell.fg };
        cell.bg = if cell.bg == Color::Reset { ground.bg.unwrap_or(cell.bg) } else { cell.bg };
    }
}

/// The context of every widget: the model and the theme.
#[derive(Clone, Copy)]
struct Ui<'a> {
    model: &'a Model,
    theme: &'a Theme,
}

impl Ui<'_> {
    fn too_small(&self, screen: Rect, buf: &mut Buffer) {
        let (width, height) = SMALLEST;
        let quit = self.key(EverywhereCommand::QuitNow);
        let lines = [
            (format!("growdesk needs {width} columns and {height} rows"), self.theme.strong),
            (format!("this terminal has {} and {}", screen.width, screen.height), Style::new()),
            (format!("{quit} leaves; what you typed is kept"), self.theme.quiet),
        ];
        self.middle(&lines.map(|(text, style)| Line::styled(text, style)), screen, buf);
    }

    /// The first key of a command; empty where it has none.
    fn key<C: Into<Command>>(&self, command: C) -> &str {
        self.model.keymap.key_for(command)
    }

    /// The style of a tone.
    fn tone(&self, tone: Tone) -> Style {
        match tone {
            Tone::Plain => Style::new(),
            Tone::Strong => self.theme.strong,
            Tone::Quiet => self.theme.quiet,
            Tone::Accent => self.theme.accent,
            Tone::Good => self.theme.good,
            Tone::Warning => self.theme.warning,
            Tone::Danger => self.theme.danger,
        }
    }

    /// Where an entry of the outbox stands, in words.
    fn state_words(&self, state: &State) -> (String, Style) {
        let (words, tone) = self.model.state_words(state);
        (words, self.tone(tone))
    }

    /// A line with the styles of its tones.
    fn toned(&self, words: Toned) -> Line<'static> {
        let mut parts = words.0.into_iter();
        match (parts.next(), parts.len()) {
            (Some((text, tone)), 0) => Line::styled(text, self.tone(tone)),
            (first, _) => {
                let parts = first.into_iter().chain(parts);
                Line::from_iter(parts.map(|(text, tone)| Span::styled(text, self.tone(tone))))
            }
        }
    }

    /// Lines one below the other, from the top of `area`.
    fn lines(&self, lines: Vec<Toned>, area: Rect, buf: &mut Buffer) {
        for (at, line) in lines.into_iter().enumerate() {
            cells::draw(self.toned(line), area, at, buf);
        }
    }

    /// Lines in the middle of `area`, each centred.
    fn middle(&self, lines: &[Line<'_>], area: Rect, buf: &mut Buffer) {
        let above = usize::from(area.height).saturating_sub(lines.len()) * 2 / 5;
        for (at, line) in lines.iter().enumerate() {
            let spans = cells::cut_spans(line.spans.clone(), usize::from(area.width));
            let line = Line::from(spans).style(line.style).centered();
            cells::draw(line, area, above + at, buf);
        }
    }

    /// The head of a pane: a rule with a title at its left and a place at its right. The focused
    /// pane's rule is heavier.
    fn rule<'l>(
        &self,
        focused: bool,
        title: Vec<Span<'l>>,
        place: Vec<Span<'l>>,
        columns: u16,
    ) -> Line<'l> {
        let (stroke, style) =
            if focused { ("━", self.theme.accent) } else { ("─", self.theme.faint) };
        let mut right = Vec::new();
        if !place.is_empty() {
            right.push(Span::raw(" "));
            right.extend(place);
            right.push(Span::raw(" "));
        }
        right.push(Span::styled(stroke, style));
        let mut left = vec![Span::styled(stroke, style)];
        if !title.is_empty() {
            let room = usize::from(columns).saturating_sub(cells::spans_width(&right) + 4);
            left.push(Span::raw(" "));
            left.extend(cells::cut_spans(title, room));
            left.push(Span::raw(" "));
        }
        cells::sides(left, right, usize::from(columns), (stroke, style))
    }

    /// Draws at the right edge where the window of `area` stands in `total` rows. It draws nothing
    /// if all rows are on screen.
    fn scrollbar(&self, area: Rect, total: usize, top: usize, buf: &mut Buffer) {
        let rows = usize::from(area.height);
        if total <= rows || area.is_empty() {
            return;
        }
        let mut state =
            ScrollbarState::new(total - rows + 1).position(top).viewport_content_length(rows);
        Scrollbar::new(ScrollbarOrientation::VerticalRight)
            .begin_symbol(None)
            .end_symbol(None)
            .track_symbol(None)
            .thumb_symbol("▐")
            .thumb_style(self.theme.faint)
            .render(area, buf, &mut state);
    }
}

fn rect(area: Area) -> Rect {
    Rect { x: area.x, y: area.y, width: area.width, height: area.height }
}
