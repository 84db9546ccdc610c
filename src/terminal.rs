//! The terminal: taken when the console opens, and always given back as it was.

use std::{
    io::{self, BufWriter, Stdout, Write as _, stdout},
    mem::ManuallyDrop,
    panic, thread,
};

use crossterm::{
    cursor::Show,
    event::{DisableBracketedPaste, DisableFocusChange, EnableBracketedPaste, EnableFocusChange},
    execute,
    terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode},
};
use ratatui::{
    Terminal,
    backend::CrosstermBackend,
    layout::{Position, Rect},
};

/// Room for all that one draw writes: what standard output gathers by itself is a fifth of a screen,
/// and each part would wake the terminal once more.
const DRAW: usize = 64 * 1024;

/// The terminal while the console has it. Dropping it gives it back.
#[derive(Debug)]
pub struct Screen {
    /// Never dropped: it would print to the terminal where it can't show the cursor, and panic where
    /// the terminal is gone.
    terminal: ManuallyDrop<Terminal<CrosstermBackend<BufWriter<Stdout>>>>,
}

impl Screen {
    /// Takes the terminal: raw mode, the alternate screen, pastes in one piece.
    ///
    /// From here on a panic of this thread gives the terminal back before it is reported; one of
    /// another thread, which the console survives, goes to the log and leaves the screen alone.
    ///
    /// # Errors
    /// Where there is no terminal, or it refuses.
    pub fn take() -> io::Result<Self> {
        let before = panic::take_hook();
        let owner = thread::current().id();
        panic::set_hook(Box::new(move |panic| {
            // What panicked may hold a customer's words: the log gets the place alone.
            let place = panic.location().map(ToString::to_string).unwrap_or_default();
            tracing::error!(place, "something failed inside itself");
            if thread::current().id() == owner {
                give_back();
                before(panic);
            }
        }));
        enter()?;
        let terminal =
            Terminal::new(CrosstermBackend::new(BufWriter::with_capacity(DRAW, stdout())))?;
        Ok(Self { terminal: ManuallyDrop::new(terminal) })
    }

    /// The terminal to draw on.
    pub fn terminal(&mut self) -> &mut Terminal<CrosstermBackend<BufWriter<Stdout>>> {
        &mut self.terminal
    }

    /// Gives the terminal back for a while: to an editor, or to the shell.
    pub fn release(&mut self) {
        give_back();
    }

    /// Takes the terminal again and forgets what was on it, so that every cell is drawn anew.
    ///
    /// # Errors
    /// Where the terminal refuses, or is gone.
    pub fn retake(&mut self) -> io::Result<()> {
        enter()?;
        self.repaint()
    }

    /// Forgets what is on the terminal, so that every cell is drawn anew. Nothing is asked of the
    /// terminal: its answer would have to be told from what the agent types.
    ///
    /// # Errors
    /// Where the terminal refuses, or is gone.
    pub fn repaint(&mut self) -> io::Result<()> {
        let size = self.terminal.size()?;
        self.terminal.resize(Rect::from((Position::ORIGIN, size)))
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

fn enter() -> io::Result<()> {
    enable_raw_mode()?;
    execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste, EnableFocusChange)
}

/// Whatever fails here fails because the terminal is gone: there is nobody to tell.
fn give_back() {
    let _ =
        execute!(stdout(), DisableFocusChange, DisableBracketedPaste, LeaveAlternateScreen, Show);
    let _ = disable_raw_mode();
    let _ = stdout().flush();
}
