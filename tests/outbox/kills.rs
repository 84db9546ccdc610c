//! The real console, killed at each step of a change: the next one on the same folder ends the job
//! by itself.

use std::{
    collections::VecDeque,
    path::PathBuf,
    sync::Mutex,
    thread,
    time::{Duration, Instant},
};

use growdesk::{
    config::Folders,
    domain::{Entry, ReplyId, State},
    sandbox::{FaultId, Sandbox},
    store::Store,
};
use jiff::Timestamp;
use secrecy::ExposeSecret as _;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::{
    bench::{entry, sandbox},
    ledger::Ledger,
    pty::Console,
    writes::{NEWEST, TEXT, TICKET, Write, reply_and_status},
};

/// How long the next console may take to end the job.
const PATIENCE: Duration = Duration::from_secs(90);
/// How many desks are at work at a time.
const AT_ONCE: usize = 6;

/// What the console was doing when it was killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    /// It held the change back for the agent.
    Holding,
    /// It waited for the request budget.
    Throttled,
    /// It was looking at the ticket before the change was to go.
    Checking,
    /// The request was out, and never came to be handled.
    Out,
    /// The request was out, and the server had done the work.
    Done,
    /// It was looking for a post that had not arrived.
    LookingInVain,
    /// It was looking for a post that had arrived.
    Looking,
}

/// A server, and a folder for the console's files.
struct Desk<'r> {
    runtime: &'r Runtime,
    sandbox: Sandbox,
    folder: TempDir,
    store: Store,
}

impl<'r> Desk<'r> {
    fn open(runtime: &'r Runtime, write: Write) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let sandbox = runtime.block_on(sandbox());
        write.arrange(&sandbox);
        let data = folder.path().join("data");
        let folders = Folders { config_file: PathBuf::new(), data_dir: data.clone() };
        folders.create().expect("a folder");
        let url = sandbox.url().parse().expect("an address");
        let profile = folders.profile_dir("environment", &url);
        let store = runtime.block_on(Store::open(&profile)).expect("a store").store;
        Self { runtime, sandbox, folder, store }
    }

    fn console(&self, settings: &[(&str, &str)]) -> Console {
        let (url, key) = (self.sandbox.url(), self.sandbox.api_key().expose_secret());
        let address = [("GROWDESK_URL", url.as_str()), ("GROWDESK_API_KEY", key)];
        Console::start(&[], &[&address, settings].concat(), self.folder.path())
    }

    fn outbox(&self) -> Vec<Entry> {
        self.runtime.block_on(self.store.outbox()).expect("the store answers")
    }

    fn fault(&self, fault: &str) -> FaultId {
        self.sandbox.faults().add(fault.parse().expect("a fault"))
    }

    fn wait_hit(&self, fault: FaultId) {
        wait("a fault hits", || self.sandbox.faults().hits(fault) > 0);
    }
}

fn wait(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "not in time: {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// One change that is stored when the console starts, and the moment at which that one is killed.
fn seeded(runtime: &Runtime, write: Write, moment: Moment) {
    let desk = Desk::open(runtime, write);
    let before = Ledger::of(&desk.sandbox);
    let ticket = Some(TICKET).filter(|_| write != Write::Create);
    let mut change = entry(1, ticket, write.change(&desk.sandbox));
    change.seen = Some(ReplyId(NEWEST));
    if moment == Moment::Holding {
        change.state = State::Holding { until: Timestamp::now() + Duration::from_secs(5) };
    }
    let queued = desk.store.queue(vec![change.clone()], Vec::new());
    runtime.block_on(queued).expect("the store takes it");
    kill_at(&desk, write, moment);
    desk.sandbox.faults().clear();
    ends_by_itself(&desk);
    let stored = runtime.block_on(desk.store.entry(change.id)).expect("the store answers");
    let state = stored.expect("it is kept").state;
    assert!(matches!(state, State::Recorded { .. }), "{write:?} {moment:?}: {state:?}");
    let changes = before.changes(&Ledger::of(&desk.sandbox));
    assert_eq!(changes, write.effect(&before), "{write:?} {moment:?}");
}

/// Starts a console and kills it at this moment of what it finds in its outbox.
fn kill_at(desk: &Desk<'_>, write: Write, moment: Moment) {
    let request = |kind: &str| desk.fault(&format!("{} {kind} 1", write.request()));
    let read = |kind: &str| desk.fault(&format!("{} {kind}", write.reads()[0]));
    let patient = [("GROWDESK_TIMEOUT_SECONDS", "60")];
    let mut console = match moment {
        Moment::Holding => {
            let console = desk.console(&patient);
            console.wait_for("online");
            console
        }
        Moment::Throttled => {
            let console = desk.console(&[("GROWDESK_REQUESTS_PER_MINUTE", "1")]);
            wait("it is claimed", || is_claimed(desk));
            console
        }
        Moment::Checking | Moment::Out | Moment::Done => {
            let after = if moment == Moment::Done { "hang-after" } else { "hang" };
            let fault = if moment == Moment::Checking { read("hang") } else { request(after) };
            let before = Ledger::of(&desk.sandbox);
            let console = desk.console(&patient);
            desk.wait_hit(fault);
            if moment == Moment::Done {
                wait("it is done", || before != Ledger::of(&desk.sandbox));
            }
            console
        }
        Moment::LookingInVain | Moment::Looking => {
            let doubt = request(if moment == Moment::Looking { "hang-after" } else { "hang" });
            let console = desk.console(&[("GROWDESK_TIMEOUT_SECONDS", "2")]);
            desk.wait_hit(doubt);
            let look = read("hang");
            desk.wait_hit(look);
            console
        }
    };
    console.signal("KILL");
    console.ended();
}

fn is_claimed(desk: &Desk<'_>) -> bool {
    let profiles = desk.folder.path().join("data/profiles");
    let profile = std::fs::read_dir(profiles).expect("a folder").next().expect("a profile");
    let file = profile.expect("a folder").path().join("work.db");
    let work = rusqlite::Connection::open(file).expect("a database");
    let sql = "SELECT count(*) FROM outbox WHERE owner IS NOT NULL";
    work.query_row(sql, [], |row| row.get::<_, i64>(0)).is_ok_and(|count| count > 0)
}

/// The next console, of which nothing is asked.
fn ends_by_itself(desk: &Desk<'_>) {
    let mut next = desk.console(&[
        ("GROWDESK_HOLD_SECONDS", "0"),
        ("GROWDESK_TIMEOUT_SECONDS", "2"),
        ("GROWDESK_GRACE_SECONDS", "2"),
        ("GROWDESK_REQUESTS_PER_MINUTE", "0"),
    ]);
    wait("the outbox is empty", || desk.outbox().is_empty());
    next.signal("KILL");
    next.ended();
}

/// Types a reply, up to its review.
fn type_reply(console: &mut Console) {
    console.wait_for("online");
    console.wait_for("40 tickets");
    console.press("gi", "ticket");
    console.press("32\r", "#32 ");
    console.press("\r", "Which cable?");
    console.press("r", "Reply to #32");
    console.type_keys(&TEXT.replace('\n', "\r"));
    console.wait_for("draft saved");
    console.press("\u{13}", "→ Answered");
}

/// A reply with the status that it proposes, typed by an agent whose console is killed then.
fn typed(runtime: &Runtime, moment: Moment) {
    let desk = Desk::open(runtime, Write::Reply);
    let before = Ledger::of(&desk.sandbox);
    let hold = if moment == Moment::Holding { "5" } else { "0" };
    let mut console =
        desk.console(&[("GROWDESK_HOLD_SECONDS", hold), ("GROWDESK_TIMEOUT_SECONDS", "60")]);
    type_reply(&mut console);
    let fault = match moment {
        Moment::Checking => Some("GET /api/tickets/32/replies hang"),
        Moment::Out => Some("POST /api/tickets/32/replies hang"),
        Moment::Done => Some("POST /api/tickets/32/replies hang-after"),
        _ => None,
    };
    let fault = fault.map(|fault| desk.fault(fault));
    console.type_keys("\r");
    wait("it is stored", || !desk.outbox().is_empty());
    if let Some(fault) = fault {
        desk.wait_hit(fault);
    }
    if moment == Moment::Done {
        wait("it is done", || before != Ledger::of(&desk.sandbox));
    }
    console.signal("KILL");
    console.ended();
    desk.sandbox.faults().clear();
    ends_by_itself(&desk);
    let settled = runtime.block_on(desk.store.log(10)).expect("the store answers");
    assert_eq!(settled.len(), 2, "{moment:?}: a reply and its status");
    for line in settled {
        assert!(matches!(line.outcome, State::Recorded { .. }), "{moment:?}: {:?}", line.outcome);
    }
    let changes = before.changes(&Ledger::of(&desk.sandbox));
    assert_eq!(changes, reply_and_status(&before), "{moment:?}");
}

/// Works on all cases, a few at a time.
fn each<T: Send>(cases: impl IntoIterator<Item = T>, check: impl Fn(&Runtime, T) + Sync) {
    let runtime = Runtime::new().expect("a runtime");
    let cases = Mutex::new(cases.into_iter().collect::<VecDeque<T>>());
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let next = cases.lock().expect("no panic while taking a case").pop_front();
                    let Some(case) = next else { return };
                    check(&runtime, case);
                }
            });
        }
    });
}

#[test]
fn a_typed_reply_outlives_the_console() {
    let moments = [Moment::Holding, Moment::Checking, Moment::Out, Moment::Done];
    each(moments, typed);
}

#[test]
fn a_post_outlives_the_console() {
    use Moment::{Checking, Done, Holding, Looking, LookingInVain, Out, Throttled};
    let moments = [Holding, Throttled, Checking, Out, Done, LookingInVain, Looking];
    let posts = [Write::Reply, Write::Note];
    let posts = posts.into_iter().flat_map(|write| moments.map(|moment| (write, moment)));
    let created = [Throttled, Out, Done].map(|moment| (Write::Create, moment));
    each(posts.chain(created), |runtime, (write, moment)| seeded(runtime, write, moment));
}

#[test]
fn a_change_outlives_the_console() {
    use Moment::{Checking, Done, Holding, Out};
    let looked_at = [Write::Status, Write::Fields, Write::Tags];
    let looked_at = looked_at.into_iter().flat_map(|it| [Checking, Out, Done].map(|at| (it, at)));
    let others = [Write::Archive, Write::Restore];
    let others = others.into_iter().flat_map(|it| [Out, Done].map(|at| (it, at)));
    let held = [Write::DeleteReply, Write::DeleteTicket];
    let held = held.into_iter().flat_map(|it| [Holding, Out, Done].map(|at| (it, at)));
    let all = looked_at.chain(others).chain(held);
    each(all, |runtime, (write, moment)| seeded(runtime, write, moment));
}
