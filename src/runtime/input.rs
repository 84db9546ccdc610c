//! Keys, pastes and resizes, read by a task of their own.
//!
//! The stream must be polled by one waker only: polled once with another (as asking "is there
//! anything yet?" does), it wakes that one and sleeps through every key that follows.

use std::io;

use crossterm::event::{Event, EventStream};
use futures::StreamExt as _;
use tokio::{
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    task::JoinHandle,
};

/// What the agent does at the terminal.
#[derive(Debug)]
pub(super) struct Input {
    events: UnboundedReceiver<io::Result<Event>>,
    reader: JoinHandle<()>,
}

impl Input {
    /// Starts reading the terminal.
    pub(super) fn read() -> Self {
        let (sender, events) = unbounded_channel();
        let reader = tokio::spawn(async move {
            let mut stream = EventStream::new();
            while let Some(event) = stream.next().await {
                if sender.send(event).is_err() {
                    break;
                }
            }
        });
        Self { events, reader }
    }

    /// The next event; `None` once the terminal is gone.
    pub(super) async fn next(&mut self) -> Option<io::Result<Event>> {
        self.events.recv().await
    }

    /// The next event, if it is there already.
    pub(super) fn waiting(&mut self) -> Option<io::Result<Event>> {
        self.events.try_recv().ok()
    }

    /// Stops reading: somebody else has the terminal, and a reader would steal their keys.
    pub(super) async fn stop(self) {
        self.reader.abort();
        // It has ended when its stream is dropped; that it was cancelled is what was wanted.
        let _ = self.reader.await;
    }
}
