//! Prints lines from a thread of its own: a reader that does not read keeps nothing else waiting.

use std::{
    io::{self, Write as _, stdout},
    sync::{Arc, mpsc},
    thread,
};

use tokio::sync::Notify;

/// The thread, from outside.
pub(super) struct EventPrinter {
    lines: mpsc::Sender<String>,
    failed: Arc<Notify>,
}

impl EventPrinter {
    pub(super) fn start() -> io::Result<Self> {
        let (lines, inbox) = mpsc::channel::<String>();
        let failed = Arc::new(Notify::new());
        let told = Arc::clone(&failed);
        thread::Builder::new().name("printer".into()).spawn(move || {
            for line in inbox {
                let mut out = stdout().lock();
                if writeln!(out, "{line}").and_then(|()| out.flush()).is_err() {
                    return told.notify_one();
                }
            }
        })?;
        Ok(Self { lines, failed })
    }

    /// Prints a line at once, after those before it.
    pub(super) fn print(&self, line: String) {
        // If the thread has ended, `failed` tells.
        let _ = self.lines.send(line);
    }

    /// Waits until a line can't be written: the reader has gone.
    pub(super) async fn failed(&self) {
        self.failed.notified().await;
    }
}

/// Whether nobody can read standard output any more, also while nothing is printed.
pub(super) fn reader_is_gone() -> bool {
    #[cfg(unix)]
    {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let out = stdout();
        let mut polled = [PollFd::new(&out, PollFlags::empty())];
        let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
        let gone = PollFlags::ERR | PollFlags::HUP;
        poll(&mut polled, Some(&at_once)).is_ok() && polled[0].revents().intersects(gone)
    }
    #[cfg(not(unix))]
    false
}
