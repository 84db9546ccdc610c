//! SIGTSTP: the terminal is given back before the console stops.

use std::io;

#[cfg(unix)]
mod imp {
    use tokio::signal::unix::{Signal as Stream, SignalKind, signal};

    use super::io;

    /// The signal that asks the console to stop until it is brought back.
    #[derive(Debug)]
    pub(in super::super) struct Stops(Stream);

    impl Stops {
        pub(in super::super) fn listen() -> io::Result<Self> {
            Ok(Self(signal(SignalKind::from_raw(signal_hook::consts::SIGTSTP))?))
        }

        pub(in super::super) async fn next(&mut self) {
            if self.0.recv().await.is_none() {
                std::future::pending().await
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
    use super::io;

    /// There is no such signal.
    #[derive(Debug)]
    pub(in super::super) struct Stops;

    impl Stops {
        pub(in super::super) fn listen() -> io::Result<Self> {
            Ok(Self)
        }

        pub(in super::super) async fn next(&mut self) {
            std::future::pending().await
        }
    }

    /// There is no shell to go back to.
    pub(in super::super) fn stop_here() -> io::Result<()> {
        Ok(())
    }
}

pub(super) use imp::{Stops, stop_here};
