//! Writes cells to the terminal so that the screen shows the drawing, however many columns the
//! terminal gives to doubtful letters.
//!
//! Before such a cluster its columns are made blank; after it the cursor is put where the next
//! cluster belongs. A line with such a cluster is written whole in each draw, and once more after
//! the cluster has gone, since nobody knows what the terminal showed there.

use std::{
    collections::BTreeSet,
    io::{self, Write},
    iter, mem,
};

use ratatui::{
    Frame, Terminal,
    backend::{Backend, ClearType, CrosstermBackend, WindowSize},
    buffer::{Buffer, Cell, CellDiffOption, CellWidth as _},
    layout::{Position, Size},
};

use crate::domain::columns;

/// A terminal on which the columns of some letters are in doubt.
#[derive(Debug)]
pub struct Painter<W: Write> {
    inner: CrosstermBackend<W>,
    /// The lines on which there is a cluster in doubt.
    doubtful: BTreeSet<u16>,
}

impl<W: Write> Painter<W> {
    /// Writes to `writer`.
    pub fn new(writer: W) -> Self {
        Self { inner: CrosstermBackend::new(writer), doubtful: BTreeSet::new() }
    }

    fn draw_doubtful(&mut self, x: u16, y: u16, cell: &Cell) -> io::Result<()> {
        self.doubtful.insert(y);
        // A cell that is always written gets the columns that the console counts; other cells get
        // the columns that ratatui counts.
        let wide = match cell.diff_option {
            CellDiffOption::AlwaysUpdate => columns::cluster_width(cell.symbol()),
            _ => usize::from(cell.cell_width()),
        };
        let mut blank = cell.clone();
        blank.set_symbol(" ");
        let end = x.saturating_add(u16::try_from(wide).unwrap_or(1));
        self.inner.draw((x..end).map(|x| (x, y, &blank)))?;
        // Some terminals put the letter after a joiner into the joiner's cell, wherever the cursor
        // is.
        let symbol = cell.symbol().trim_end_matches(columns::JOINER);
        let shown = blank.set_symbol(symbol);
        self.inner.draw(iter::once((x, y, &*shown)))
    }
}

/// Draws a frame.
///
/// # Errors
/// Where the terminal takes no output.
pub fn draw<W: Write>(
    terminal: &mut Terminal<Painter<W>>,
    view: impl FnOnce(&mut Frame<'_>),
) -> io::Result<()> {
    let doubtful = mem::take(&mut terminal.backend_mut().doubtful);
    terminal.draw(|frame| {
        view(frame);
        for line in &doubtful {
            write_whole(frame.buffer_mut(), *line);
        }
    })?;
    Ok(())
}

/// Marks every cell of a line to be written, changed or not.
fn write_whole(buf: &mut Buffer, y: u16) {
    let area = buf.area;
    if !(area.top()..area.bottom()).contains(&y) {
        return;
    }
    for x in area.left()..area.right() {
        let cell = &mut buf[(x, y)];
        if cell.diff_option == CellDiffOption::None {
            cell.set_diff_option(CellDiffOption::AlwaysUpdate);
        }
    }
}

impl<W: Write> Backend for Painter<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let is_plain = |cell: &Cell| {
            let symbol = cell.symbol();
            symbol.len() <= 1 || !columns::is_doubtful(symbol)
        };
        let mut content = content.peekable();
        loop {
            self.inner.draw(iter::from_fn(|| content.next_if(|(_, _, cell)| is_plain(cell))))?;
            let Some((x, y, cell)) = content.next() else { return Ok(()) };
            self.draw_doubtful(x, y, cell)?;
        }
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.inner.hide_cursor()
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.inner.show_cursor()
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        self.inner.get_cursor_position()
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.inner.set_cursor_position(position)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.inner.clear()
    }

    fn clear_region(&mut self, clear_type: ClearType) -> io::Result<()> {
        self.inner.clear_region(clear_type)
    }

    fn size(&self) -> io::Result<Size> {
        self.inner.size()
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        self.inner.window_size()
    }

    fn flush(&mut self) -> io::Result<()> {
        Backend::flush(&mut self.inner)
    }
}

#[cfg(test)]
mod tests;
