//! Signals: an end is orderly, a stop gives the terminal back first.

use std::io;

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signal {
    /// To end: SIGTERM, SIGINT, SIGHUP.
    End,
    /// To stop until SIGCONT: SIGTSTP.
    Stop,
}

#[cfg(unix)]
mod imp {
    use tokio::signal::unix::{Signal as Stream, SignalKind, signal};

    use super::{Signal, io};

    /// The signals that concern the console.
    #[derive(Debug)]
    pub(in super::super) struct Signals {
        terminate: Stream,
        interrupt: Stream,
        hang_up: Stream,
        stop: Stream,
    }

    impl Signals {
        pub(in super::super) fn listen() -> io::Result<Self> {
            Ok(Self {
                terminate: signal(SignalKind::terminate())?,
                interrupt: signal(SignalKind::interrupt())?,
                hang_up: signal(SignalKind::hangup())?,
                stop: signal(SignalKind::from_raw(signal_hook::consts::SIGTSTP))?,
            })
        }

        pub(in super::super) async fn next(&mut self) -> Signal {
            tokio::select! {
                _ = self.terminate.recv() => Signal::End,
                _ = self.interrupt.recv() => Signal::End,
                _ = self.hang_up.recv() => Signal::End,
                _ = self.stop.recv() => Signal::Stop,
            }
        }
    }

    /// Stops the process as the shell expects it, and returns when it is brought back.
    pub(in super::super) fn stop_here() -> io::Result<()> {
        signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGTSTP)
    }
}

#[cfg(not(unix))]
mod imp {
    use super::{Signal, io};

    /// The signals that concern the console.
    #[derive(Debug)]
    pub(in super::super) struct Signals;

    impl Signals {
        pub(in super::super) fn listen() -> io::Result<Self> {
            Ok(Self)
        }

        pub(in super::super) async fn next(&mut self) -> Signal {
            match tokio::signal::ctrl_c().await {
                Ok(()) => Signal::End,
                Err(_) => std::future::pending().await,
            }
        }
    }

    /// There is no shell to go back to.
    pub(in super::super) fn stop_here() -> io::Result<()> {
        Ok(())
    }
}

pub(super) use imp::{Signals, stop_here};
