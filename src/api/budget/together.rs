//! One budget for all processes of a profile: each visits the book that they share before a request
//! leaves. The visit is made in a thread of its own, since a disk may keep it waiting. A process
//! that can't have the book goes by its own.

use std::{
    fmt, io,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    sync::MutexGuard,
    task::{AbortHandle, spawn_blocking},
    time::{Instant, timeout},
};

use super::{Book, book::Allowance};

/// How long a request waits for the book.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long a book that could not be had is let alone.
const REST: Duration = Duration::from_secs(10);

/// Where the processes of a profile keep their book.
pub trait Ledger: fmt::Debug + Send + Sync {
    /// The time by the clock that all of them share.
    fn now(&self) -> Duration;

    /// Does `job` on the book while no other process has it, and keeps what has changed. This may
    /// block.
    ///
    /// # Errors
    /// If the book can't be had or kept.
    fn with(&self, job: &mut dyn FnMut(&mut Book)) -> io::Result<()>;
}

/// The way of one process to the book.
#[derive(Debug)]
pub(super) struct Together {
    ledger: Arc<dyn Ledger>,
    line: tokio::sync::Mutex<()>,
    /// The last visit, if it failed.
    failed: Mutex<Option<Failed>>,
}

#[derive(Debug)]
struct Failed {
    /// Until when the book is let alone.
    until: Instant,
    /// The visit, which nobody waits for any more.
    visit: AbortHandle,
}

impl Together {
    pub(super) fn new(ledger: Arc<dyn Ledger>) -> Self {
        let line = tokio::sync::Mutex::const_new(());
        Self { ledger, line, failed: Mutex::default() }
    }

    /// The time of the book.
    pub(super) fn now(&self) -> Duration {
        self.ledger.now()
    }

    /// The right to ask for a place; one request of the process has it at a time.
    pub(super) async fn asks(&self) -> MutexGuard<'_, ()> {
        self.line.lock().await
    }

    /// Does `job` on the book, to which what is `known` here is added, and returns the book as it is
    /// then. `None` if it can't be had.
    pub(super) async fn visit<T: Send + 'static>(
        &self,
        rule: Allowance,
        known: Book,
        job: impl FnOnce(&mut Book, Allowance, Duration) -> T + Send + 'static,
    ) -> Option<(T, Book)> {
        if self.is_let_alone() {
            return None;
        }
        let ledger = Arc::clone(&self.ledger);
        let visit = spawn_blocking(move || {
            let (mut job, mut done) = (Some(job), None);
            let kept = ledger.with(&mut |book| {
                let now = ledger.now();
                book.add(&known);
                book.tidy(rule, now);
                done = job.take().map(|job| (job(book, rule, now), book.clone()));
            });
            kept.map(|()| done)
        });
        let handle = visit.abort_handle();
        let why = match timeout(PATIENCE, visit).await {
            Ok(Ok(Ok(done))) => {
                self.is_back();
                return done;
            }
            Ok(Ok(Err(error))) => error.to_string(),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "it did not come within a second".to_owned(),
        };
        self.let_alone(handle, &why);
        None
    }

    fn is_let_alone(&self) -> bool {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.as_ref().is_some_and(|it| Instant::now() < it.until || !it.visit.is_finished())
    }

    fn let_alone(&self, visit: AbortHandle, why: &str) {
        let until = Instant::now() + REST;
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        if failed.replace(Failed { until, visit }).is_none() {
            tracing::warn!(
                why,
                "the request budget that all processes of the profile share can't be had; this \
                 process keeps to a budget of its own"
            );
        }
    }

    fn is_back(&self) {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        if failed.take().is_some() {
            tracing::info!("the request budget is shared again");
        }
    }
}

#[cfg(test)]
mod tests;
