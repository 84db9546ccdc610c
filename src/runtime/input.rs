//! Keys, pastes and resizes.
//!
//! The stream must be polled by one waker only: polled once with another (as asking "is there
//! anything yet?" with a waker of its own does), it wakes that one and sleeps through every key that
//! follows. So the loop polls it itself, always within its own task: a task between the two would
//! have each key pass one thread more.

use std::{future::poll_fn, io, task::Poll};

use crossterm::event::{Event, EventStream};
use futures::StreamExt as _;

/// What the agent does at the terminal. It may be polled by one task only.
#[derive(Debug)]
pub(super) struct Input(EventStream);

impl Input {
    /// Starts reading the terminal.
    pub(super) fn read() -> Self {
        Self(EventStream::new())
    }

    /// The next event; `None` once the terminal is gone.
    pub(super) async fn next(&mut self) -> Option<io::Result<Event>> {
        self.0.next().await
    }

    /// The next event, if it is there already.
    pub(super) async fn waiting(&mut self) -> Option<io::Result<Event>> {
        poll_fn(|context| match self.0.poll_next_unpin(context) {
            Poll::Ready(event) => Poll::Ready(event),
            Poll::Pending => Poll::Ready(None),
        })
        .await
    }
}
