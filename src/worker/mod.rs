//! The background task: it owns the client and the store, carries out what the core asks for, and
//! tells it what came of it.
//!
//! Reads go to slots: a newer read in a slot cancels the older one. Writes are in the outbox before
//! anything else happens, and are never cancelled.

mod context;
mod outbox;
mod reads;
mod sync;
mod task;
mod threads;

use std::time::Duration;

use jiff::Timestamp;
use tokio::{sync::mpsc, task::JoinHandle};

use crate::{
    api::Client,
    app::{Message, Work},
    store::Store,
};

/// What the background task needs to know.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The agent's name: how the agent's own posts are signed on screen where the server is silent.
    pub agent: String,
    /// How often the server is asked what is new.
    pub poll: Duration,
    /// How long a doubtful post is looked for before it is sent again.
    pub grace: Duration,
    /// How long one request may take.
    pub timeout: Duration,
    /// How long a change waits before it is tried again, unless the server comes back or says
    /// otherwise.
    pub retry: Duration,
    /// What was wrong with the store when it was opened, for people.
    pub notices: Vec<String>,
}

/// The background task, from outside.
#[derive(Debug)]
pub struct Worker {
    work: mpsc::UnboundedSender<Work>,
    task: JoinHandle<()>,
}

impl Worker {
    /// Starts the task. Without a client nothing is asked of a server (`--offline`).
    ///
    /// The first message is always [`Message::Stored`].
    pub fn spawn(
        client: Option<Client>,
        store: Store,
        settings: Settings,
    ) -> (Self, mpsc::UnboundedReceiver<(Timestamp, Message)>) {
        let (work, inbox) = mpsc::unbounded_channel();
        let (out, messages) = mpsc::unbounded_channel();
        let context = context::Context::new(client, store, settings, out);
        let task = tokio::spawn(task::run(context, inbox));
        (Self { work, task }, messages)
    }

    /// Hands over work. It is carried out in the order given, as far as order matters.
    pub fn ask(&self, work: Work) {
        if self.work.send(work).is_err() {
            tracing::error!("the background task has ended");
        }
    }

    /// Ends the task: what is being sent is given a moment, what is to be stored is stored.
    pub async fn close(self) {
        drop(self.work);
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the background task failed");
        }
    }
}
