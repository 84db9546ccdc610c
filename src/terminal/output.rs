//! Writes to a terminal that may take nothing. The console never waits for it.

use std::{
    fs::File,
    io::{self, Write, stdout},
    sync::{Arc, Mutex, PoisonError},
};

/// Room for the whole output of one draw, since each part would wake the terminal once more.
const DRAW: usize = 64 * 1024;

/// Gathers the output of a draw, and hands it to the terminal at once, as far as the terminal takes
/// it.
#[derive(Clone, Debug)]
pub struct TerminalOutput(Arc<Mutex<Inner>>);

#[derive(Debug)]
struct Inner {
    /// The terminal, opened for the console alone, so that only the console's writes don't wait.
    /// `None` if it can't be opened; writes then wait for the terminal.
    terminal: Option<File>,
    gathered: Vec<u8>,
    /// The bytes that the terminal has not taken yet.
    left: Vec<u8>,
}

impl TerminalOutput {
    pub(super) fn open() -> Self {
        let inner =
            Inner { terminal: open(), gathered: Vec::with_capacity(DRAW), left: Vec::new() };
        Self(Arc::new(Mutex::new(inner)))
    }

    fn with<T>(&self, job: impl FnOnce(&mut Inner) -> T) -> T {
        job(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether the terminal has not taken all that was written.
    pub(super) fn is_behind(&self) -> bool {
        self.with(|inner| !inner.left.is_empty())
    }

    /// Forgets the bytes that the terminal has not taken, since it is to show something else.
    pub(super) fn forget(&self) {
        self.with(|inner| inner.left.clear());
    }

    /// Waits until the terminal takes more, and gives it more.
    ///
    /// # Errors
    /// Where it is gone.
    #[cfg(unix)]
    pub(super) async fn catch_up(&self) -> io::Result<()> {
        let Some(terminal) = self.with(|inner| inner.terminal.as_ref().map(File::try_clone)) else {
            return Ok(());
        };
        let terminal = super::readiness(terminal?, tokio::io::Interest::WRITABLE)?;
        while self.is_behind() {
            let mut ready = terminal.writable().await?;
            self.with(Inner::push)?;
            ready.clear_ready();
        }
        Ok(())
    }

    #[cfg(not(unix))]
    pub(super) async fn catch_up(&self) -> io::Result<()> {
        Ok(())
    }
}

impl Write for TerminalOutput {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.with(|inner| inner.gathered.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.with(|inner| {
            let gathered = std::mem::take(&mut inner.gathered);
            if inner.left.is_empty() {
                inner.left = gathered;
            } else {
                inner.left.extend_from_slice(&gathered);
            }
            inner.push()?;
            if inner.left.is_empty() {
                std::mem::swap(&mut inner.left, &mut inner.gathered);
            }
            Ok(())
        })
    }
}

impl Inner {
    /// Gives the terminal as many bytes as it takes.
    fn push(&mut self) -> io::Result<()> {
        let Some(terminal) = &mut self.terminal else {
            let written = stdout().write_all(&self.left).and_then(|()| stdout().flush());
            self.left.clear();
            return written;
        };
        let (mut taken, mut outcome) = (0, Ok(()));
        while taken < self.left.len() {
            match terminal.write(&self.left[taken..]) {
                Ok(0) => break,
                Ok(count) => taken += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    outcome = Err(error);
                    break;
                }
            }
        }
        self.left.drain(..taken);
        outcome
    }
}

/// Opens the terminal of standard output anew, so that only this open file does not wait.
#[cfg(unix)]
fn open() -> Option<File> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let name = rustix::termios::ttyname(rustix::stdio::stdout(), Vec::new()).ok();
    let named = name.and_then(|name| rustix::fs::open(name, flags, Mode::empty()).ok());
    named.or_else(|| rustix::fs::open("/dev/tty", flags, Mode::empty()).ok()).map(File::from)
}

#[cfg(not(unix))]
fn open() -> Option<File> {
    None
}

/// Writes to the terminal whoever else uses it, and gives up if it takes nothing for a while.
pub(super) fn write_or_give_up(bytes: &[u8]) {
    let Some(mut terminal) = open() else {
        // The terminal is gone, or its state is unknown.
        let _ = stdout().write_all(bytes).and_then(|()| stdout().flush());
        return;
    };
    let mut rest = bytes;
    while !rest.is_empty() {
        match terminal.write(rest) {
            Ok(count @ 1..) => rest = &rest[count..],
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                if !takes_more_soon(&terminal) {
                    return;
                }
            }
            _ => return,
        }
    }
}

#[cfg(unix)]
fn takes_more_soon(terminal: &File) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let mut look = [PollFd::new(terminal, PollFlags::OUT)];
    let soon = Timespec { tv_sec: 0, tv_nsec: 200_000_000 };
    poll(&mut look, Some(&soon)).is_ok_and(|ready| ready > 0)
}

#[cfg(not(unix))]
fn takes_more_soon(_: &File) -> bool {
    false
}
