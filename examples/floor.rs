//! The honest lower bound of the console's speed: a bare list with the console's columns, drawn with
//! the same ratatui and crossterm, and nothing behind it.
//!
//! No store, no network, no task, no thread: it reads a key, moves, and draws. What the console costs
//! beyond this is what the console itself has to answer for, and no list that is drawn in this way
//! can be quicker. `cargo bench --bench terminal` compares the two in one run.
//!
//! `cargo run --release --example floor -- [ROWS] [--text]`: `j` and `k` move, `g` and `G` go to the
//! ends, `q` leaves. With `--text` a text that changes with each key stands beside the list, as much
//! of it as the conversation pane shows.

use std::{env, io};

use crossterm::event::{Event, KeyCode, read};
use ratatui::{
    Frame,
    layout::{Constraint, Layout, Rect},
    style::{Color, Style, Stylize as _},
    text::{Line, Span},
    widgets::{Paragraph, Wrap},
};

#[path = "../benches/support/made_up.rs"]
mod made_up;

use made_up::{STATUSES, Sketch};

struct Floor {
    rows: Vec<Sketch>,
    text: bool,
    cursor: usize,
    top: usize,
}

fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let count = arguments.iter().find_map(|it| it.parse().ok()).unwrap_or(100_000_usize).max(1);
    let mut floor = Floor {
        rows: (0..count).map(|at| made_up::sketch(at, count)).collect(),
        text: arguments.iter().any(|it| it == "--text"),
        cursor: 0,
        top: 0,
    };
    let mut terminal = ratatui::try_init()?;
    loop {
        terminal.draw(|frame| floor.draw(frame))?;
        if let Event::Key(key) = read()? {
            let last = floor.rows.len() - 1;
            match key.code {
                KeyCode::Char('j') => floor.cursor = (floor.cursor + 1).min(last),
                KeyCode::Char('k') => floor.cursor = floor.cursor.saturating_sub(1),
                KeyCode::Char('g') => floor.cursor = 0,
                KeyCode::Char('G') => floor.cursor = last,
                KeyCode::Char('q') => break,
                _ => {}
            }
        }
    }
    ratatui::try_restore()
}

impl Floor {
    fn draw(&mut self, frame: &mut Frame<'_>) {
        let mut list = frame.area();
        if self.text {
            let halves = Layout::horizontal([Constraint::Percentage(52), Constraint::Fill(1)]);
            let [left, right] = halves.areas(list);
            list = left;
            let text = made_up::message(self.cursor).join("\n\n");
            let area = Rect { x: right.x + 2, width: right.width.saturating_sub(4), ..right };
            frame.render_widget(Paragraph::new(text).wrap(Wrap { trim: true }), area);
        }
        // As many rows as the console has beside its heads and feet.
        list.height = list.height.saturating_sub(4).max(1);
        let height = usize::from(list.height);
        self.top = self.top.clamp((self.cursor + 1).saturating_sub(height), self.cursor);
        let shown = self.rows.iter().enumerate().skip(self.top).take(height);
        for (area, (at, row)) in list.rows().zip(shown) {
            let line = line(row, usize::from(list.width), self.text);
            let style = if at == self.cursor { Style::new().reversed() } else { Style::new() };
            frame.render_widget(line.style(style), area);
        }
    }
}

/// The columns of the console's list at their widths: signs, number, subject, client, status, tags,
/// wait, and room for the scroll bar.
fn line(row: &Sketch, width: usize, narrow: bool) -> Line<'static> {
    let (client, status, tags) = if narrow { (0, 12, 0) } else { (19, 16, 16) };
    let others =
        [client, status, tags].iter().filter(|it| **it > 0).map(|it| it + 2).sum::<usize>();
    let subject = width.saturating_sub(22 + others);
    let colours = [Color::Blue, Color::DarkGray, Color::Yellow, Color::Green, Color::Magenta];
    let mut spans = vec![
        Span::raw(" "),
        ["  ", " !", "!!"][row.priority].red(),
        Span::raw("   "),
        format!("{:>7}", format!("#{}", row.id)).dim(),
        Span::raw(format!(" {:subject$.subject$}", row.subject)),
    ];
    if client > 0 {
        spans.push(Span::raw(format!("  {:client$.client$}", made_up::client(row.client))));
    }
    let title = STATUSES[row.status].1;
    spans.push(Span::styled(format!("  {title:status$.status$}"), colours[row.status]));
    if tags > 0 {
        spans.push(format!("  {:tags$.tags$}", row.tags.join(" ")).dim());
    }
    let waits = matches!(title, "Open" | "Customer Replied");
    let wait = if waits { age(row.minutes) } else { String::new() };
    spans.push(format!(" {wait:>5}").yellow());
    Line::from(spans)
}

fn age(minutes: i64) -> String {
    match minutes {
        ..60 => format!("~{minutes}m"),
        60..1440 => format!("~{}h", minutes / 60),
        _ => format!("~{}d", minutes / 1440),
    }
}
