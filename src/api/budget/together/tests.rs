use std::sync::{
    atomic::{AtomicBool, Ordering},
    mpsc,
};

use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::api::{Budget, Urgency};

/// A book in memory, by the clock of the test.
#[derive(Debug)]
struct Shelf {
    book: Mutex<Book>,
    start: Instant,
    is_broken: AtomicBool,
}

impl Shelf {
    fn new() -> Arc<Self> {
        let book = Mutex::default();
        Arc::new(Self { book, start: Instant::now(), is_broken: AtomicBool::new(false) })
    }

    /// The budget of a process that has this book.
    fn console(self: &Arc<Self>, limit: u32) -> Budget {
        Budget::shared(limit, Some(Arc::clone(self) as Arc<dyn Ledger>), false)
    }

    fn script(self: &Arc<Self>, limit: u32) -> Budget {
        Budget::shared(limit, Some(Arc::clone(self) as Arc<dyn Ledger>), true)
    }
}

impl Ledger for Shelf {
    fn now(&self) -> Duration {
        Duration::from_secs(1_000) + self.start.elapsed()
    }

    fn with(&self, job: &mut dyn FnMut(&mut Book)) -> io::Result<()> {
        if self.is_broken.load(Ordering::Relaxed) {
            return Err(io::Error::other("it is broken"));
        }
        job(&mut self.book.lock().unwrap());
        Ok(())
    }
}

/// Takes places until one has to wait, and says how many there were.
async fn drain(budget: &Budget, urgency: Urgency) -> u32 {
    let start = Instant::now();
    for taken in 0.. {
        budget.acquire(urgency).await;
        if start.elapsed() > Duration::ZERO {
            return taken;
        }
    }
    unreachable!()
}

#[tokio::test(start_paused = true)]
async fn two_processes_have_one_budget() {
    let shelf = Shelf::new();
    let (one, two) = (shelf.console(3), shelf.console(3));
    let start = Instant::now();
    one.acquire(Urgency::Agent).await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    two.acquire(Urgency::Agent).await;
    two.acquire(Urgency::Agent).await;
    one.acquire(Urgency::Agent).await;
    assert_eq!(start.elapsed().as_secs(), 60, "the first has left the window");
    two.acquire(Urgency::Agent).await;
    assert_eq!(start.elapsed().as_secs(), 70);
}

#[tokio::test(start_paused = true)]
async fn scripts_leave_a_reserve_to_a_console() {
    let shelf = Shelf::new();
    let scripts: Vec<Budget> = (0..10).map(|_| shelf.script(60)).collect();
    let console = shelf.console(60);
    let start = Instant::now();
    for place in 0..50 {
        scripts[place % 10].acquire(Urgency::Agent).await;
    }
    assert_eq!(start.elapsed(), Duration::ZERO);
    let waiting = in_line(&scripts);
    assert_eq!(drain(&console, Urgency::Agent).await, 10, "the agent waits for no script");
    drop(waiting);
}

/// A request of each budget, in line.
fn in_line(budgets: &[Budget]) -> tokio::task::JoinSet<()> {
    budgets
        .iter()
        .cloned()
        .map(|budget| async move { budget.acquire(Urgency::Agent).await })
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_place_that_becomes_free_is_the_consoles_before_it_is_a_scripts() {
    let shelf = Shelf::new();
    let (script, console) = (shelf.script(8), shelf.console(8));
    // The places become free one by one. Of several at once a script may have one.
    for _ in 0..6 {
        script.acquire(Urgency::Agent).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    console.acquire(Urgency::Agent).await;
    console.acquire(Urgency::Agent).await;
    let start = Instant::now();
    let script = tokio::spawn(async move {
        script.acquire(Urgency::Agent).await;
        Instant::now()
    });
    for _ in 0..6 {
        console.acquire(Urgency::Agent).await;
    }
    let console = start.elapsed();
    assert!(console.as_secs() <= 59, "{console:?}");
    assert!(script.await.unwrap() - start > console, "the script came in between");
}

#[tokio::test(start_paused = true)]
async fn the_order_in_a_process_stays_while_others_fill_the_window() {
    let shelf = Shelf::new();
    let (other, console) = (shelf.console(1), shelf.console(1));
    other.acquire(Urgency::Agent).await;
    let (done, mut order) = tokio::sync::mpsc::unbounded_channel();
    for urgency in [Urgency::Background, Urgency::Screen, Urgency::Agent] {
        let (console, done) = (console.clone(), done.clone());
        tokio::spawn(async move {
            console.acquire(urgency).await;
            done.send(urgency).unwrap();
        });
        tokio::task::yield_now().await;
    }
    for expected in [Urgency::Agent, Urgency::Screen, Urgency::Background] {
        assert_eq!(order.recv().await, Some(expected));
    }
}

#[tokio::test(start_paused = true)]
async fn a_pause_and_a_lower_limit_hold_for_all_without_a_limit_too() {
    let shelf = Shelf::new();
    let (one, two) = (shelf.script(0), shelf.console(0));
    let until = Timestamp::now() + SignedDuration::from_secs(30);
    one.pause(until).await;
    let start = Instant::now();
    two.acquire(Urgency::Agent).await;
    assert!((29..=30).contains(&start.elapsed().as_secs()), "{:?}", start.elapsed());
    one.learn(Some(1), None).await;
    let start = Instant::now();
    two.acquire(Urgency::Agent).await;
    assert!(start.elapsed().as_secs() >= 59, "{:?}", start.elapsed());
    assert_eq!(two.state().limit, Some(1));
}

#[tokio::test(start_paused = true)]
async fn what_others_send_and_their_pause_are_seen_by_a_look() {
    let shelf = Shelf::new();
    let (one, two) = (shelf.script(60), shelf.console(60));
    let mut told = two.watch();
    one.acquire(Urgency::Agent).await;
    one.learn(Some(60), Some(55)).await;
    let until = Timestamp::now() + SignedDuration::from_secs(30);
    two.look().await;
    told.changed().await.unwrap();
    assert_eq!(told.borrow_and_update().used, 5, "with those that only the server counted");
    one.pause(until).await;
    two.look().await;
    assert_eq!(two.state().paused_until, Some(until));
    tokio::time::sleep(Duration::from_secs(61)).await;
    two.look().await;
    assert_eq!(two.state().used, 0);
}

#[tokio::test(start_paused = true)]
async fn one_that_has_no_book_keeps_to_its_own_and_says_later_what_it_sent() {
    let shelf = Shelf::new();
    let (one, two) = (shelf.console(2), shelf.console(2));
    shelf.is_broken.store(true, Ordering::Relaxed);
    let start = Instant::now();
    one.acquire(Urgency::Agent).await;
    one.acquire(Urgency::Agent).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    two.acquire(Urgency::Agent).await;
    two.acquire(Urgency::Agent).await;
    assert_eq!(start.elapsed().as_secs(), 1, "the limit of each holds");
    shelf.is_broken.store(false, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_secs(11)).await;
    one.look().await;
    two.look().await;
    assert_eq!(two.state().used, 4);
    two.acquire(Urgency::Agent).await;
    assert_eq!(start.elapsed().as_secs(), 61, "two of the others had to leave the window too");
}

#[tokio::test]
async fn a_book_that_does_not_come_holds_a_request_up_for_a_second_and_the_loop_not_at_all() {
    #[derive(Debug)]
    struct Stuck(Mutex<mpsc::Receiver<()>>);
    impl Ledger for Stuck {
        fn now(&self) -> Duration {
            Duration::ZERO
        }
        fn with(&self, _: &mut dyn FnMut(&mut Book)) -> io::Result<()> {
            let _ = self.0.lock().unwrap().recv();
            Ok(())
        }
    }
    let (release, held) = mpsc::channel();
    let budget = Budget::shared(60, Some(Arc::new(Stuck(Mutex::new(held)))), false);
    let turns = tokio::spawn(async {
        for turn in 0_u32.. {
            tokio::task::yield_now().await;
            if turn == 100 {
                return turn;
            }
        }
        0
    });
    for _ in 0..20 {
        budget.acquire(Urgency::Agent).await;
    }
    assert_eq!(turns.await.unwrap(), 100);
    assert_eq!(budget.state().used, 20);
    release.send(()).unwrap();
}
