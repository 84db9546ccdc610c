//! The terminal: taken when the console opens, and always given back as it was.

mod output;
pub mod painter;

use std::{
    io::{self, Write as _},
    mem::ManuallyDrop,
    panic,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use crossterm::{
    cursor::Show,
    event::{DisableBracketedPaste, DisableFocusChange, EnableBracketedPaste, EnableFocusChange},
    queue,
    terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode},
};
use ratatui::{
    Frame, Terminal,
    layout::{Position, Rect},
};

pub use output::TerminalOutput;
use painter::Painter;

/// Whether the console has the terminal.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Whether the window has a title of the console's.
static TITLED: AtomicBool = AtomicBool::new(false);

/// Has the terminal keep the title of its window.
const KEEP_TITLE: &str = "\x1b[22;2t";

/// Takes the console's title away, and brings the kept one back.
const GIVE_TITLE_BACK: &str = "\x1b]2;\x1b\\\x1b[23;2t";
/// Whether the console hears the mouse while it has the terminal.
static HEARS_MOUSE: AtomicBool = AtomicBool::new(false);

/// Asks for presses and the wheel (1000), as numbers without a limit (1006). Moves would be reported at
/// each cell, and nothing here needs them.
const HEAR_MOUSE: &str = "\x1b[?1000h\x1b[?1006h";
const LEAVE_MOUSE: &str = "\x1b[?1006l\x1b[?1000l";

/// The terminal while the console has it. Dropping it gives it back.
#[derive(Debug)]
pub struct Screen {
    /// It is never dropped: a drop would print to the terminal if it can't show the cursor, and
    /// panic if the terminal is gone.
    terminal: ManuallyDrop<Terminal<Painter<TerminalOutput>>>,
    output: TerminalOutput,
}

impl Screen {
    /// Takes the terminal: raw mode, the alternate screen, pastes in one piece.
    ///
    /// From here on a panic of this thread gives the terminal back before it is reported. The
    /// console survives a panic of another thread; that one goes to the log and leaves the screen
    /// alone.
    ///
    /// # Errors
    /// Where there is no terminal, or it refuses.
    pub fn take() -> io::Result<Self> {
        let before = panic::take_hook();
        let owner = thread::current().id();
        panic::set_hook(Box::new(move |panic| {
            // The message of a panic may hold a customer's words, so the log gets only its place.
            let place = panic.location().map(ToString::to_string).unwrap_or_default();
            tracing::error!(place, "something met a fault of its own");
            if thread::current().id() == owner {
                give_back();
                before(panic);
            }
        }));
        let output = TerminalOutput::open();
        enter(&output)?;
        let terminal = Terminal::new(Painter::new(output.clone()))?;
        Ok(Self { terminal: ManuallyDrop::new(terminal), output })
    }

    /// Asks the terminal for the colour of its ground (OSC 11). The answer comes among the keys.
    ///
    /// # Errors
    /// Where the terminal takes no output.
    pub fn ask_for_ground(&mut self) -> io::Result<()> {
        self.output.write_all(b"\x1b]11;?\x1b\\")?;
        self.output.flush()
    }

    /// Hears the mouse from now on, or leaves it to the terminal. A terminal that is taken again is asked
    /// again.
    ///
    /// # Errors
    /// Where the terminal takes no output.
    pub fn hear_mouse(&mut self, hears: bool) -> io::Result<()> {
        HEARS_MOUSE.store(hears, Ordering::SeqCst);
        self.output.write_all(if hears { HEAR_MOUSE } else { LEAVE_MOUSE }.as_bytes())?;
        self.output.flush()
    }

    /// Draws a frame.
    ///
    /// # Errors
    /// Where the terminal takes no output.
    pub fn draw(&mut self, view: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        painter::draw(&mut self.terminal, view)
    }

    /// Gives the window a title. The one that it had before comes back when the terminal is given
    /// back, where the terminal can keep it (xterm's stack of titles).
    ///
    /// # Errors
    /// Where the terminal takes no output.
    pub fn name(&mut self, title: &str) -> io::Result<()> {
        let keeps = if TITLED.swap(true, Ordering::SeqCst) { "" } else { KEEP_TITLE };
        self.tell(format!("{keeps}\x1b]2;{title}\x1b\\").as_bytes())
    }

    /// Writes a sequence between two draws.
    ///
    /// # Errors
    /// Where the terminal takes no output.
    pub fn tell(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.output.write_all(bytes)?;
        self.output.flush()
    }

    /// The writer to the terminal. Its output keeps its order with the draws.
    pub fn output(&mut self) -> &mut TerminalOutput {
        &mut self.output
    }

    /// Whether the terminal has not taken the whole drawing. Nothing may be drawn until it has.
    pub fn is_behind(&self) -> bool {
        self.output.is_behind()
    }

    /// Gives the terminal the rest of the output, until it has all of it.
    ///
    /// # Errors
    /// Where it is gone.
    pub async fn catch_up(&self) -> io::Result<()> {
        self.output.catch_up().await
    }

    /// Gives the terminal back for a while: to an editor, or to the shell.
    pub fn release(&mut self) {
        self.output.forget();
        give_back();
    }

    /// Takes the terminal again and forgets what was on it, so that every cell is drawn anew.
    ///
    /// # Errors
    /// Where the terminal refuses, or is gone.
    pub fn retake(&mut self) -> io::Result<()> {
        enter(&self.output)?;
        self.repaint()
    }

    /// Forgets what is on the terminal, so that every cell is drawn anew. The terminal is asked
    /// nothing, since its answer would have to be told from the agent's keys.
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

/// The columns and rows of the terminal; 80 and 24 where it does not tell.
pub fn size() -> (u16, u16) {
    #[cfg(unix)]
    let size = rustix::termios::tcgetwinsize(rustix::stdio::stdout())
        .map(|size| (size.ws_col, size.ws_row))
        .ok();
    #[cfg(not(unix))]
    let size = crossterm::terminal::size().ok();
    size.filter(|(columns, rows)| *columns > 0 && *rows > 0).unwrap_or((80, 24))
}

/// Tells when an open terminal can be read or written.
///
/// # Errors
/// Where the system can't wait for it.
#[cfg(unix)]
#[expect(
    deprecated,
    reason = "whoever gives it away owns it: it stays open for as long as it is used"
)]
pub(crate) fn readiness<T: std::os::fd::AsFd + std::os::fd::AsRawFd>(
    terminal: T,
    interest: tokio::io::Interest,
) -> io::Result<tokio::io::unix::AsyncFd<T>> {
    tokio::io::unix::AsyncFd::with_interest(terminal, interest)
}

fn enter(output: &TerminalOutput) -> io::Result<()> {
    TAKEN.store(true, Ordering::SeqCst);
    enable_raw_mode()?;
    let mut output = output.clone();
    queue!(output, EnterAlternateScreen, EnableBracketedPaste, EnableFocusChange)?;
    if HEARS_MOUSE.load(Ordering::SeqCst) {
        output.write_all(HEAR_MOUSE.as_bytes())?;
    }
    output.flush()
}

/// Gives the terminal back as it was, from whatever thread, without waiting long for one that takes
/// nothing. A terminal that was given back already belongs to somebody else. If anything fails
/// here, the terminal is gone, and there is nobody to tell.
pub fn give_back() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut bytes = Vec::new();
    if TITLED.swap(false, Ordering::SeqCst) {
        bytes.extend(GIVE_TITLE_BACK.as_bytes());
    }
    if HEARS_MOUSE.load(Ordering::SeqCst) {
        bytes.extend_from_slice(LEAVE_MOUSE.as_bytes());
    }
    let _ = queue!(bytes, DisableFocusChange, DisableBracketedPaste, LeaveAlternateScreen, Show);
    output::write_or_give_up(&bytes);
    let _ = disable_raw_mode();
}
