//! The local store: two SQLite files in a profile's folder, behind one thread.
//!
//! `mirror.db` holds copies of the server's data: tickets, conversations, look-ups. It can be
//! fetched anew, so a broken one is set aside (`mirror.broken-N.db`) and refilled. If another
//! console has it open, it stays, and a temporary one takes its place. `work.db` holds data that
//! nobody could fetch again: drafts, the outbox, the action log, pins and snoozes, the
//! remembered screen. It is
//! written through to the disk at once and never replaced. If it can't be read, opening fails and
//! says where it is. If it is deleted or replaced while it is open, it is made anew (`place.rs`).
//!
//! Several consoles may have one folder open. Four means keep them out of each other's way:
//! SQLite's locks, claims on the outbox ([`Store::claim`]), one writer at a time for each draft
//! ([`Store::open_draft`]), and the version of the draft that each console has seen
//! ([`Store::save_draft`]). A claim ends with its lease, or with its process, whichever is first; a
//! writer with its process. Times are kept to the microsecond.

mod asides;
mod clock;
mod conversations;
mod directory;
mod drafts;
mod error;
mod files;
mod history;
mod log;
mod memory;
mod merge;
mod mirror;
mod outbox;
mod owner;
mod peek;
mod place;
mod schema;
mod search;
mod sync;
mod terms;
#[cfg(test)]
pub(crate) mod testing;
mod tickets;
mod values;
mod writers;

pub use drafts::Saved;
pub use error::StoreError;
pub use log::{LogLine, LogQuery};
pub use outbox::{Claim, TakeBack};
pub use owner::session;
pub use peek::Peek;
pub use place::{Changed, Remade};
pub use search::{Hits, Texts};
pub use sync::{
    Elsewhere, Fill, ListedPage, Pass, Position, Reach, Recorded, ServerList, Span, Stretch,
    Troubles,
};
pub use writers::DraftOpened;

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    thread,
};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use crate::{clock::Clock, domain::Writer};
use files::Files;

type Job = Box<dyn FnOnce(&mut Files) + Send>;

enum Message {
    Run(Job),
    Close(oneshot::Sender<()>),
}

/// A handle on the store; clones share one thread, which ends when the last of them is dropped.
///
/// The thread does the jobs of the methods in the order in which their futures are first polled. It
/// does a job even if its future is dropped after that.
#[derive(Clone)]
pub struct Store {
    messages: mpsc::UnboundedSender<Message>,
    clock: Clock,
    /// The number of this open store; no other store has or had it.
    number: i64,
}

/// A store, and what the agent should be told about its opening.
#[derive(Debug)]
pub struct OpenedStore {
    /// The store.
    pub store: Store,
    /// Whole sentences, for people: that a broken mirror was set aside, say.
    pub notices: Vec<String>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the store in `folder`, which is made where there is none. Folder and files are the
    /// owner's alone (0700, 0600).
    ///
    /// # Errors
    /// The folder can't be used, or `work.db` is broken or newer than this program.
    pub async fn open(folder: &Path) -> Result<OpenedStore, StoreError> {
        let folder = folder.to_path_buf();
        let (messages, inbox) = mpsc::unbounded_channel();
        let (answer, opened) = oneshot::channel();
        let run = move || match Files::open(&folder) {
            Ok((files, notices)) => {
                if answer.send(Ok((files.clock, files.owner.number(), notices))).is_ok() {
                    serve(files, inbox);
                }
            }
            Err(error) => drop(answer.send(Err(error))),
        };
        thread::Builder::new()
            .name("store".into())
            .spawn(run)
            .map_err(StoreError::folder("the store's thread"))?;
        let (clock, number, notices) = opened.await.map_err(|_| StoreError::Panicked)??;
        Ok(OpenedStore { store: Self { messages, clock, number }, notices })
    }

    /// The clock by which holds, claims and grace times of this store are measured, in every process
    /// that has it open.
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// Whether it was this open store that wrote.
    pub fn is_own(&self, writer: &Writer) -> bool {
        writer.console == self.number
    }

    /// Whether another process, or another store of this one, has the files open.
    pub async fn has_company(&self) -> Result<bool, StoreError> {
        self.run(|files| Ok(files.owner.has_company())).await
    }

    /// Whether there is a store in `folder` already.
    pub fn is_in(folder: &Path) -> bool {
        // If that can't be told, `open` finds out and says why.
        folder.join(files::WORK).try_exists().unwrap_or(true)
    }

    /// Waits until the results of all earlier calls are on the disk and both files are closed.
    /// Later calls, on any clone, fail with [`StoreError::Closed`].
    pub async fn close(self) {
        let (answer, closed) = oneshot::channel();
        if self.messages.send(Message::Close(answer)).is_ok() {
            // An error means that the thread has ended, and with it has closed the files.
            let _ = closed.await;
        }
    }

    async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Files) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.submit(job, true).await
    }

    /// Looks something up in the mirror. The job is skipped if nobody waits for it when its turn
    /// comes.
    async fn look<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.submit(|files| files.with_mirror(job), false).await
    }

    async fn submit<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Files) -> Result<T, StoreError> + Send + 'static,
        whoever_waits: bool,
    ) -> Result<T, StoreError> {
        let (answer, result) = oneshot::channel();
        let job: Job = Box::new(move |files| {
            if answer.is_closed() && !whoever_waits {
                return;
            }
            // A transaction that unwinds is rolled back, so the files stay sound.
            let done = catch_unwind(AssertUnwindSafe(|| job(files)));
            let _ = answer.send(done.unwrap_or(Err(StoreError::Panicked)));
        });
        self.messages.send(Message::Run(job)).map_err(|_| StoreError::Closed)?;
        result.await.map_err(|_| StoreError::Closed)?
    }

    async fn mirror<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.run(|files| files.with_mirror(job)).await
    }

    async fn work<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.in_place(|files| job(&mut files.work)).await
    }

    /// Runs `job` on `work.db`, after it has seen to it that the open file is the one at the path.
    /// Every read and write of `work.db` comes through here.
    async fn in_place<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Files) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.run(move |files| {
            files.stay_in_place()?;
            job(files)
        })
        .await
    }

    /// The changes that others have made to the drafts, the outbox, the log or the memory since the
    /// last call.
    ///
    /// # Errors
    /// Also [`StoreError::Replaced`], if their file is no longer at its path and can't be made
    /// anew.
    pub async fn changed_elsewhere(&self) -> Result<Changed, StoreError> {
        self.in_place(Files::changed_elsewhere).await
    }
}

fn serve(mut files: Files, mut inbox: mpsc::UnboundedReceiver<Message>) {
    while let Some(message) = inbox.blocking_recv() {
        match message {
            Message::Run(job) => job(&mut files),
            Message::Close(answer) => {
                drop(inbox);
                drop(files);
                let _ = answer.send(());
                return;
            }
        }
    }
}
