//! The request budget: how many requests may leave, and whose goes first.

mod book;
mod together;
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

use book::Allowance;
pub use book::Book;
pub use together::Ledger;
use together::Together;
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
    /// How many of them are used. Those of other processes of the profile count too, and requests of
    /// others that the server told of.
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
    window: Mutex<Window>,
    start: Instant,
    /// The budget of all processes of the profile, if they share one.
    together: Option<Together>,
    /// Wakes the line when its order or the rule may have changed.
    stirred: Notify,
    told: watch::Sender<BudgetState>,
}

impl Budget {
    /// A budget of `limit` requests in 60 seconds; 0 is no limit.
    pub fn new(limit: u32) -> Self {
        Self::of(Window::new(limit), None)
    }

    /// The same, as one budget with all processes that have the same ledger. One that `yields` leaves
    /// a reserve to those that don't, however urgent its requests are.
    pub fn shared(limit: u32, ledger: Option<Arc<dyn Ledger>>, yields: bool) -> Self {
        let mut window = Window::new(limit);
        window.rule.yields = yields;
        Self::of(window, ledger)
    }

    /// The same, with requests counted in another span than 60 seconds.
    #[cfg(test)]
    pub(crate) fn counted_in(self, span: Duration) -> Self {
        self.0.lock().rule.window = span;
        self
    }

    fn of(mut window: Window, ledger: Option<Arc<dyn Ledger>>) -> Self {
        let together = ledger.map(Together::new);
        let (start, now) = (Instant::now(), Duration::ZERO);
        let (told, _) = watch::channel(state_of(&mut window, now));
        let window = Mutex::new(window);
        Self(Arc::new(Shared { window, start, together, stirred: Notify::new(), told }))
    }

    /// Waits until a request of this urgency may leave, and counts it. Dropping the future gives up
    /// the place in line.
    pub async fn acquire(&self, urgency: Urgency) {
        let waiting = Waiting { shared: &self.0, place: self.0.lock().join(urgency) };
        loop {
            let mut stirred = pin!(self.0.stirred.notified());
            stirred.as_mut().enable();
            match waiting.turn().await {
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
        state_of(&mut self.0.lock(), self.0.now())
    }

    /// Tells of every change that a request or an answer brings. The end of a window or a pause is
    /// not told; [`Budget::state`] shows it.
    pub fn watch(&self) -> watch::Receiver<BudgetState> {
        self.0.told.subscribe()
    }

    /// Takes in what other processes of the profile have sent, and what the server asked of them.
    pub async fn look(&self) {
        if self.0.visit(|_, _, _| ()).await.is_some() {
            self.0.tell(self.0.lock());
        }
    }

    /// Takes in the limit and the rest that an answer's headers name.
    pub(super) async fn learn(&self, limit: Option<u32>, remaining: Option<u32>) {
        if limit.is_none() && remaining.is_none() {
            return;
        }
        let is_news = {
            let mut window = self.0.lock();
            let is_news = window.learn(limit, remaining, self.0.now());
            self.0.tell(window);
            is_news
        };
        let learn = move |book: &mut Book, rule, now| book.learn(rule, (limit, remaining), now);
        if is_news && self.0.visit(learn).await.is_some() {
            self.0.tell(self.0.lock());
        }
    }

    /// Lets nothing leave before `until`: the server asked for patience.
    pub(super) async fn pause(&self, until: Timestamp) {
        let wait = Duration::try_from(until.duration_since(Timestamp::now())).unwrap_or_default();
        let end = self.0.now() + wait;
        {
            let mut window = self.0.lock();
            window.pause(end, until);
            self.0.tell(window);
        }
        self.0.visit(move |book, _, _| book.pause(end, until)).await;
    }
}

/// The state of a window at `now`.
fn state_of(window: &mut Window, now: Duration) -> BudgetState {
    let count = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
    BudgetState {
        limit: window.limit().map(count),
        used: count(window.used(now)),
        waiting: count(window.waiting()),
        paused_until: window.book.paused_until(now),
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Window> {
        self.window.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time of the book.
    fn now(&self) -> Duration {
        self.together.as_ref().map_or_else(|| self.start.elapsed(), Together::now)
    }

    /// Does `job` on the book that all processes share, and takes in what it says. `None` if there is
    /// none at the moment.
    async fn visit<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Book, Allowance, Duration) -> T + Send + 'static,
    ) -> Option<T> {
        let together = self.together.as_ref()?;
        let (rule, known) = {
            let window = self.lock();
            (window.rule, window.book.newest())
        };
        let (done, book) = together.visit(rule, known, job).await?;
        self.lock().book.follow(book);
        Some(done)
    }

    /// Tells the watchers the new state, and wakes the line.
    fn tell(&self, mut window: MutexGuard<'_, Window>) {
        self.publish(&mut window);
        drop(window);
        self.stirred.notify_waiters();
    }

    fn publish(&self, window: &mut Window) {
        let now = state_of(window, self.now());
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
    async fn turn(&self) -> Result<(), Option<Instant>> {
        let Some(together) = &self.shared.together else { return self.decide(Window::turn) };
        self.decide(Window::look)?;
        // One asks at a time: a more urgent one that comes meanwhile is then the first.
        let _asks = together.asks().await;
        self.decide(Window::look)?;
        let urgency = self.place.0;
        let taken = self.shared.visit(move |book, rule, now| book.take(rule, urgency, now)).await;
        let Some(taken) = taken else { return self.decide(Window::turn) };
        let mut window = self.shared.lock();
        if taken.is_ok() {
            window.leave(self.place);
        }
        self.shared.publish(&mut window);
        taken.map_err(|at| {
            tracing::debug!(?urgency, "a request waits: the profile's budget is used");
            Some(self.instant(at))
        })
    }

    /// What the process's own window decides.
    fn decide(
        &self,
        rule: fn(&mut Window, Standing, Duration) -> Turn,
    ) -> Result<(), Option<Instant>> {
        let mut window = self.shared.lock();
        let turn = rule(&mut window, self.place, self.shared.now());
        self.shared.publish(&mut window);
        match turn {
            Turn::Go => Ok(()),
            Turn::At(at) => Err(Some(self.instant(at))),
            Turn::Behind => Err(None),
        }
    }

    /// A time of the book as one to sleep until.
    fn instant(&self, at: Duration) -> Instant {
        Instant::now() + at.saturating_sub(self.shared.now())
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut window = self.shared.lock();
        window.leave(self.place);
        self.shared.tell(window);
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
        // The second counts for a microsecond more than the first.
        let state = BudgetState { limit: Some(2), used: 2, waiting: 0, paused_until: None };
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
        budget.pause(until).await;
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
        budget.learn(Some(1), None).await;
        let start = Instant::now();
        budget.acquire(Urgency::Agent).await;
        assert_eq!(start.elapsed().as_secs(), 60);
    }
}
