//! Keys, pastes and resizes.
//!
//! The loop reads the terminal itself, and only when bytes are there. So it never waits in a read,
//! and it changes no mode of the terminal that other programs see. A thread that does nothing else
//! waits for the bytes, since the threads of the runtime may be busy.

#[cfg(unix)]
mod keys;
#[cfg(unix)]
mod sieve;

use crossterm::event::Event;

use crate::domain::look::Ground;

/// What came from the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Typed {
    /// A key, a resize, or a change of focus.
    Event(Event),
    /// The terminal's answer about its ground.
    Ground(Ground),
    /// A paste, as it was sent.
    Paste {
        /// The text.
        text: String,
        /// How many bytes were left out at its end.
        left_out: usize,
    },
    /// A paste pauses, and has not ended.
    Unended,
    /// The paste that came just before does not end; its rest is left out.
    Endless,
}

#[cfg(unix)]
mod imp {
    use std::{
        collections::VecDeque,
        io::{self, Stdin, stdin},
        os::unix::net::UnixStream,
        sync::{Arc, mpsc},
        thread,
        time::{Duration, Instant},
    };

    use crossterm::event::Event;
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use tokio::{
        signal::unix::{Signal, SignalKind, signal},
        sync::Notify,
    };

    use super::{
        Typed, keys,
        sieve::{Sieve, Sifted},
    };
    use crate::{domain::look::Ground, terminal};

    /// How long an ESC waits for the rest of its sequence while text is typed. So a paste over a
    /// slow line arrives, rather than closing the pane that it was meant for. Elsewhere an ESC acts
    /// at once.
    const PATIENCE: Duration = Duration::from_millis(75);

    /// The most reads in a row, of 4 KiB each.
    const AT_ONCE: usize = 64;

    /// What the agent does at the terminal.
    #[derive(Debug)]
    pub(in super::super) struct Input {
        terminal: Stdin,
        watch: Watch,
        resized: Signal,
        sieve: Sieve,
        patience: Duration,
        came: VecDeque<Typed>,
        gone: bool,
    }

    impl Input {
        /// Starts reading the terminal.
        ///
        /// # Errors
        /// Where it can't be waited for.
        pub(in super::super) fn read() -> io::Result<Self> {
            Ok(Self {
                terminal: stdin(),
                watch: Watch::start()?,
                resized: signal(SignalKind::window_change())?,
                sieve: Sieve::new(Instant::now()),
                patience: Duration::ZERO,
                came: VecDeque::new(),
                gone: false,
            })
        }

        /// Whether the keys of the moment are typed into a text.
        pub(in super::super) fn goes_to_text(&mut self, text: bool) {
            self.patience = if text { PATIENCE } else { Duration::ZERO };
        }

        /// What comes next; `None` once the terminal is gone.
        pub(in super::super) async fn next(&mut self) -> Option<Typed> {
            loop {
                if let Some(typed) = self.came.pop_front() {
                    return Some(typed);
                }
                if self.gone {
                    return None;
                }
                let due = self.sieve.due(self.patience);
                tokio::select! {
                    () = self.watch.ready() => {}
                    _ = self.resized.recv() => {
                        let (width, height) = terminal::size();
                        self.came.push_back(Typed::Event(Event::Resize(width, height)));
                    }
                    () = sleep_until(due) => {}
                }
                self.take_what_is_there();
            }
        }

        /// What is there already, if anything is.
        pub(in super::super) async fn waiting(&mut self) -> Option<Typed> {
            if self.came.is_empty() && !self.gone {
                self.take_what_is_there();
            }
            self.came.pop_front()
        }

        fn take_what_is_there(&mut self) {
            let mut chunk = [0; 4096];
            // Input without a pause must not hold up the rest of the console.
            for _ in 0..AT_ONCE {
                if self.gone || !is_there(&self.terminal) {
                    break;
                }
                match rustix::io::read(&self.terminal, &mut chunk) {
                    // A terminal that has ended reports its end for ever.
                    Ok(0) => self.gone = true,
                    Ok(count) => self.sieve.feed(&chunk[..count], Instant::now()),
                    Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => break,
                    Err(_) => self.gone = true,
                }
            }
            self.sieve.expire(self.patience, Instant::now());
            while let Some(piece) = self.sieve.next() {
                self.came.extend(typed(piece));
            }
        }
    }

    /// The thread that waits for bytes; it ends with this.
    #[derive(Debug)]
    struct Watch {
        again: mpsc::Sender<()>,
        ready: Arc<Notify>,
        /// Whether the thread waits, or has seen bytes that nobody has asked for yet.
        waits: bool,
        _end: UnixStream,
    }

    impl Watch {
        fn start() -> io::Result<Self> {
            let (again, asked) = mpsc::channel::<()>();
            let (end, ended) = UnixStream::pair()?;
            let ready = Arc::new(Notify::new());
            let tell = Arc::clone(&ready);
            thread::Builder::new().name("keys".into()).spawn(move || {
                let terminal = stdin();
                while asked.recv().is_ok() {
                    let [typed, end] =
                        [PollFd::new(&terminal, PollFlags::IN), PollFd::new(&ended, PollFlags::IN)];
                    let mut fds = [typed, end];
                    // An interrupted wait is begun again.
                    let _ = poll(&mut fds, None);
                    if !fds[1].revents().is_empty() {
                        return;
                    }
                    tell.notify_one();
                }
            })?;
            Ok(Self { again, ready, waits: false, _end: end })
        }

        /// Waits until there may be bytes.
        async fn ready(&mut self) {
            if !self.waits {
                self.waits = true;
                // The thread lives for as long as this does.
                let _ = self.again.send(());
            }
            self.ready.notified().await;
            self.waits = false;
        }
    }

    fn typed(piece: Sifted) -> Option<Typed> {
        match piece {
            Sifted::Key(bytes) => keys::event(&bytes).map(Typed::Event),
            Sifted::Answer(answer) => ground(&answer).map(Typed::Ground),
            Sifted::Paste(paste) => {
                let text = String::from_utf8_lossy(&paste.bytes).into_owned();
                Some(Typed::Paste { text, left_out: paste.left_out })
            }
            Sifted::Unended => Some(Typed::Unended),
            Sifted::Endless => Some(Typed::Endless),
        }
    }

    /// The ground that an answer to the question for it (OSC 11) tells.
    fn ground(answer: &[u8]) -> Option<Ground> {
        // The parser cuts between bytes, which fails in the middle of a letter.
        let color = answer.strip_prefix(b"11;").filter(|color| color.is_ascii())?;
        let color = xterm_color::Color::parse(color).ok()?;
        let is_dark = color.perceived_lightness() <= 0.5;
        Some(if is_dark { Ground::Dark } else { Ground::Light })
    }

    /// Whether a read would come back at once.
    fn is_there(terminal: &Stdin) -> bool {
        let mut look = [PollFd::new(terminal, PollFlags::IN)];
        let none = Timespec { tv_sec: 0, tv_nsec: 0 };
        poll(&mut look, Some(&none)).is_ok_and(|ready| ready > 0)
    }

    async fn sleep_until(due: Option<Instant>) {
        match due {
            Some(due) => tokio::time::sleep_until(due.into()).await,
            None => std::future::pending().await,
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_ground_is_told_in_several_ways() {
            for (answer, expected) in [
                ("11;rgb:0000/0000/0000", Some(Ground::Dark)),
                ("11;rgb:ffff/ffff/ffff", Some(Ground::Light)),
                ("11;rgb:1e/1e/2e", Some(Ground::Dark)),
                ("11;rgb:f/f/e", Some(Ground::Light)),
                ("11;rgba:fdfd/f6f6/e3e3/ffff", Some(Ground::Light)),
                ("11;#002b36", Some(Ground::Dark)),
                ("10;rgb:ffff/ffff/ffff", None),
                ("11;?", None),
                ("11;", None),
                ("11", None),
                ("", None),
                ("11;rgb:0/0", None),
                ("11;rgb:zz/00/00", None),
                ("11;red", None),
                ("110;rgb:ffff/ffff/ffff", None),
                ("52;c;MTE=", None),
                ("11;#1\u{e9}", None),
                ("11;#\u{e9}1\u{e9}1\u{e9}1", None),
            ] {
                assert_eq!(ground(answer.as_bytes()), expected, "{answer}");
            }
            assert_eq!(ground(b"11;rgb:\xff/\xff/\xff"), None);
        }
    }
}

#[cfg(not(unix))]
mod imp {
    use std::{future::poll_fn, io, task::Poll};

    use crossterm::event::{Event, EventStream};
    use futures::StreamExt as _;

    use super::Typed;

    /// What the agent does at the terminal. Only one task may poll it. If another waker polls it
    /// once, it wakes that waker and misses every key that follows.
    #[derive(Debug)]
    pub(in super::super) struct Input(EventStream);

    impl Input {
        /// Starts reading the terminal.
        pub(in super::super) fn read() -> io::Result<Self> {
            Ok(Self(EventStream::new()))
        }

        /// The system tells keys from each other by itself.
        pub(in super::super) fn goes_to_text(&mut self, _: bool) {}

        /// What comes next; `None` once the terminal is gone.
        pub(in super::super) async fn next(&mut self) -> Option<Typed> {
            self.0.next().await?.ok().map(typed)
        }

        /// What is there already, if anything is.
        pub(in super::super) async fn waiting(&mut self) -> Option<Typed> {
            let event = poll_fn(|context| match self.0.poll_next_unpin(context) {
                Poll::Ready(event) => Poll::Ready(event),
                Poll::Pending => Poll::Ready(None),
            });
            event.await?.ok().map(typed)
        }
    }

    fn typed(event: Event) -> Typed {
        match event {
            Event::Paste(text) => Typed::Paste { text, left_out: 0 },
            event => Typed::Event(event),
        }
    }
}

pub(super) use imp::Input;
