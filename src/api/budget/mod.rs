//! The request budget: how many requests may leave, and whose goes first.

mod window;

use std::{
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use tokio::{
    sync::{Notify, watch},
    time::{Instant, sleep_until},
};

use window::{Standing, Turn, Window};

/// How urgent a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Urgency {
    /// The agent waits for it: an action, an opened ticket.
    Agent,
    /// It keeps what is on the screen up to date.
    Screen,
    /// Nobody waits for it now: upkeep, and large steps.
    Background,
}

/// A call to requests in line that they have become urgent.
#[derive(Clone, Debug, Default)]
pub struct Hurry(Arc<watch::Sender<bool>>);

impl Hurry {
    /// The requests in line are the agent's now, and so are those that come after them.
    pub fn call(&self) {
        self.0.send_replace(true);
    }

    async fn called(&self) {
        // The sender is here, so it ends by the call alone.
        let _ = self.0.subscribe().wait_for(|called| *called).await;
    }
}

/// How much of the budget is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BudgetState {
    /// The most requests in 60 seconds: the lower one of the profile's limit and the server's.
    pub limit: Option<u32>,
    /// How many of them are used. Requests of others that the server told of count too.
    pub used: u32,
    /// How many requests wait for their turn.
    pub waiting: u32,
    /// Until when nothing is sent because the server asked for patience.
    pub paused_until: Option<Timestamp>,
}

/// Lets at most so many requests leave in any 60 seconds, the urgent ones first.
///
/// Cheap to clone; all clones share one budget.
#[derive(Clone, Debug)]
pub struct Budget(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    inner: Mutex<Inner>,
    /// Wakes the line when its order or the rule may have changed.
    stirred: Notify,
    told: watch::Sender<BudgetState>,
}

#[derive(Debug)]
struct Inner {
    window: Window,
    start: Instant,
    paused_until: Option<Timestamp>,
}

impl Inner {
    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    fn state(&mut self) -> BudgetState {
        let now = self.now();
        let count = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
        BudgetState {
            limit: self.window.limit().map(count),
            used: count(self.window.used(now)),
            waiting: count(self.window.waiting()),
            paused_until: self.paused_until.filter(|_| self.window.is_paused(now)),
        }
    }
}

impl Budget {
    /// A budget of `limit` requests in 60 seconds; 0 is no limit.
    pub fn new(limit: u32) -> Self {
        let window = Window::new(limit);
        let mut inner = Inner { window, start: Instant::now(), paused_until: None };
        let (told, _) = watch::channel(inner.state());
        Self(Arc::new(Shared { inner: Mutex::new(inner), stirred: Notify::new(), told }))
    }

    /// Waits until a request of this urgency may leave, and counts it. Dropping the future gives up
    /// the place in line.
    pub async fn acquire(&self, urgency: Urgency) {
        let waiting = Waiting { shared: &self.0, place: self.0.lock().window.join(urgency) };
        loop {
            let mut stirred = pin!(self.0.stirred.notified());
            stirred.as_mut().enable();
            match waiting.turn() {
                Ok(()) => return,
                Err(None) => stirred.await,
                Err(Some(at)) => tokio::select! {
                    () = stirred => {}
                    () = sleep_until(at) => {}
                },
            }
        }
    }

    /// The same, for a request that may become urgent while it is in line.
    pub async fn acquire_or_hurry(&self, urgency: Urgency, hurry: &Hurry) {
        tokio::select! {
            biased;
            () = hurry.called() => self.acquire(Urgency::Agent).await,
            () = self.acquire(urgency) => {}
        }
    }

    /// The state now.
    pub fn state(&self) -> BudgetState {
        self.0.lock().state()
    }

    /// Tells of every change that a request or an answer brings. The end of a window or a pause is
    /// not told; [`Budget::state`] shows it.
    pub fn watch(&self) -> watch::Receiver<BudgetState> {
        self.0.told.subscribe()
    }

    /// Takes in the limit and the rest that an answer's headers name.
    pub(super) fn learn(&self, limit: Option<u32>, remaining: Option<u32>) {
        if limit.is_none() && remaining.is_none() {
            return;
        }
        let mut inner = self.0.lock();
        let now = inner.now();
        inner.window.learn(limit, remaining, now);
        self.0.tell(inner);
    }

    /// Lets nothing leave before `until`: the server asked for patience.
    pub(super) fn pause(&self, until: Timestamp) {
        let mut inner = self.0.lock();
        let wait = Duration::try_from(until.duration_since(Timestamp::now())).unwrap_or_default();
        let end = inner.now() + wait;
        inner.window.pause(end);
        inner.paused_until = inner.paused_until.max(Some(until));
        self.0.tell(inner);
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the watchers the new state, and wakes the line.
    fn tell(&self, mut inner: MutexGuard<'_, Inner>) {
        self.publish(&mut inner);
        drop(inner);
        self.stirred.notify_waiters();
    }

    fn publish(&self, inner: &mut Inner) {
        let now = inner.state();
        self.told.send_if_modified(|told| {
            let is_news = *told != now;
            *told = now;
            is_news
        });
    }
}

/// A place in line; dropping it leaves the line.
struct Waiting<'a> {
    shared: &'a Shared,
    place: Standing,
}

impl Waiting<'_> {
    /// Whether it is this one's turn; otherwise when to ask again, or `None` to wait for a stir.
    fn turn(&self) -> Result<(), Option<Instant>> {
        let mut inner = self.shared.lock();
        let now = inner.now();
        let turn = inner.window.turn(self.place, now);
        self.shared.publish(&mut inner);
        match turn {
            Turn::Go => Ok(()),
            Turn::At(at) => Err(Some(inner.start + at)),
            Turn::Behind => Err(None),
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut inner = self.shared.lock();
        inner.window.leave(self.place);
        self.shared.tell(inner);
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;
    use jiff::SignedDuration;
    use tokio::sync::mpsc;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_full_window_waits_until_it_moves_on() {
        let budget = Budget::new(2);
        let start = Instant::now();
        for _ in 0..3 {
            budget.acquire(Urgency::Agent).await;
        }
        assert_eq!(start.elapsed().as_secs(), 60);
        let state = BudgetState { limit: Some(2), used: 1, waiting: 0, paused_until: None };
        assert_eq!(budget.state(), state);
    }

    #[tokio::test(start_paused = true)]
    async fn the_agent_goes_first_whoever_came_first() {
        let budget = Budget::new(1);
        budget.acquire(Urgency::Agent).await;
        let (done, mut order) = mpsc::unbounded_channel();
        for urgency in [Urgency::Background, Urgency::Screen, Urgency::Agent] {
            let (budget, done) = (budget.clone(), done.clone());
            tokio::spawn(async move {
                budget.acquire(urgency).await;
                done.send(urgency).unwrap();
            });
            tokio::task::yield_now().await;
        }
        for expected in [Urgency::Agent, Urgency::Screen, Urgency::Background] {
            assert_eq!(order.recv().await, Some(expected));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_in_line_is_brought_forward_when_it_becomes_urgent() {
        let budget = Budget::new(1);
        budget.acquire(Urgency::Agent).await;
        let (done, mut order) = mpsc::unbounded_channel();
        let hurry = Hurry::default();
        for (name, urgency, hurry) in [
            ("first", Urgency::Background, Hurry::default()),
            ("screen", Urgency::Screen, Hurry::default()),
            ("hurried", Urgency::Background, hurry.clone()),
        ] {
            let (budget, done) = (budget.clone(), done.clone());
            tokio::spawn(async move {
                budget.acquire_or_hurry(urgency, &hurry).await;
                done.send(name).unwrap();
            });
            tokio::task::yield_now().await;
        }
        hurry.call();
        for expected in ["hurried", "screen", "first"] {
            assert_eq!(order.recv().await, Some(expected));
        }
        assert_eq!(budget.state().waiting, 0, "no place in line is left behind");
    }

    #[tokio::test(start_paused = true)]
    async fn giving_up_frees_the_place() {
        let budget = Budget::new(1);
        budget.acquire(Urgency::Agent).await;
        let mut given_up = Box::pin(budget.acquire(Urgency::Agent));
        assert!(given_up.as_mut().now_or_never().is_none());
        assert_eq!(budget.state().waiting, 1);
        let other = tokio::spawn({
            let budget = budget.clone();
            async move { budget.acquire(Urgency::Screen).await }
        });
        tokio::task::yield_now().await;
        drop(given_up);
        other.await.unwrap();
        assert_eq!(budget.state().used, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_holds_all_and_is_told() {
        let budget = Budget::new(60);
        let mut told = budget.watch();
        let until = Timestamp::now() + SignedDuration::from_secs(30);
        budget.pause(until);
        told.changed().await.unwrap();
        assert_eq!(told.borrow_and_update().paused_until, Some(until));
        let start = Instant::now();
        budget.acquire(Urgency::Agent).await;
        assert!(start.elapsed().as_secs() >= 29, "{:?}", start.elapsed());
        assert_eq!(budget.state().paused_until, None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_lower_limit_is_learned_by_those_who_wait() {
        let budget = Budget::new(0);
        budget.acquire(Urgency::Agent).await;
        budget.learn(Some(1), None);
        let start = Instant::now();
        budget.acquire(Urgency::Agent).await;
        assert_eq!(start.elapsed().as_secs(), 60);
    }
}
