//! Waits for what a console's background tells it.

use std::time::Duration;

use growdesk::desk::Report;

/// How long a condition may take on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// A console that is told of things.
pub(crate) trait Hears {
    /// Takes in the next report.
    async fn hear(&mut self) -> Report;

    /// Waits for a report.
    async fn told<T>(&mut self, wanted: impl Fn(&Report) -> Option<T>) -> T {
        let waiting = async {
            loop {
                if let Some(found) = wanted(&self.hear().await) {
                    return found;
                }
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.expect("it is told in time")
    }

    /// Waits for the end of a refresh or of the first fill.
    async fn refreshed(&mut self) {
        self.told(|report| matches!(report, Report::Refreshed).then_some(())).await;
    }

    /// Waits until it is so.
    async fn until(&mut self, so: impl Fn(&Self) -> bool) {
        let waiting = async {
            while !so(self) {
                self.hear().await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.expect("it is so in time");
    }
}
