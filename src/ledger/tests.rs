use std::{
    collections::BTreeSet,
    io::{BufRead as _, BufReader},
    os::unix::fs::PermissionsExt as _,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::Instant,
};

use tempfile::TempDir;

use super::*;
use crate::api::{Budget, Urgency};

/// The folder of a test's processes.
const FOLDER: &str = "GROWDESK_TEST_LEDGER";
/// How many places a process takes; 0 is without an end.
const PLACES: &str = "GROWDESK_TEST_PLACES";
/// The span and the limit of the processes of a test.
const SPAN: Duration = Duration::from_millis(300);
const LIMIT: u32 = 20;

fn folder() -> (TempDir, LedgerFile) {
    let folder = tempfile::tempdir().unwrap();
    let ledger = LedgerFile::in_folder(folder.path());
    (folder, ledger)
}

fn budget(folder: &TempDir, limit: u32) -> Budget {
    Budget::shared(limit, Some(Arc::new(LedgerFile::in_folder(folder.path()))), false)
}

/// How many requests count for a process that begins now.
async fn used(folder: &TempDir) -> u32 {
    let budget = budget(folder, 60);
    budget.look().await;
    budget.state().used
}

async fn take(budget: &Budget, places: u32) {
    for _ in 0..places {
        budget.acquire(Urgency::Agent).await;
    }
}

#[tokio::test]
async fn the_file_is_the_users_alone_and_holds_what_all_have_sent() {
    let (folder, ledger) = folder();
    take(&budget(&folder, 60), 3).await;
    take(&budget(&folder, 60), 4).await;
    assert_eq!(used(&folder).await, 7);
    let mode = || std::fs::metadata(&ledger.path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(), 0o600);
    std::fs::set_permissions(&ledger.path, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(used(&folder).await, 7);
    assert_eq!(mode(), 0o600, "a copy brought in the rights of others");
}

#[tokio::test]
async fn a_file_of_another_run_or_one_that_is_broken_is_empty_and_goes_on() {
    let (folder, ledger) = folder();
    take(&budget(&folder, 60), 5).await;
    let good = std::fs::read_to_string(&ledger.path).unwrap();
    let boot = ledger.boot.clone().unwrap_or_default();
    let future = format!(
        "{{\"boot\":\"{boot}\",\"book\":{{\"sent\":[{max},{max}1],\"counted\":[{max}],\
         \"pause\":{{\"end\":{max},\"until\":\"2100-01-01T00:00:00Z\"}},\
         \"named\":{{\"at\":{max},\"limit\":1}}}}}}",
        max = u64::MAX / 20,
    );
    for content in [
        good.replace(&boot, "another run"),
        good[..good.len() / 2].to_owned(),
        "\0\0\0\0".into(),
        "[]".into(),
        "{\"version\": 2}".into(),
        " ".repeat(1 << 20),
        format!("{}{}", "[".repeat(100_000), good),
        future,
    ] {
        std::fs::write(&ledger.path, &content).unwrap();
        let start: String = content.chars().take(40).collect();
        assert_eq!(used(&folder).await, 0, "{start}");
        let budget = budget(&folder, 60);
        budget.acquire(Urgency::Agent).await;
        assert_eq!(budget.state().limit, Some(60), "{start}");
        assert_eq!(used(&folder).await, 1, "{start}");
    }
}

#[tokio::test]
async fn a_file_that_is_deleted_or_broken_is_filled_by_those_who_know() {
    let (folder, ledger) = folder();
    let budget = budget(&folder, 60);
    take(&budget, 5).await;
    std::fs::remove_file(&ledger.path).unwrap();
    budget.look().await;
    assert_eq!(used(&folder).await, 5);
    std::fs::write(&ledger.path, "{\"boot\": \"").unwrap();
    budget.look().await;
    assert_eq!(used(&folder).await, 5);
}

#[tokio::test]
async fn what_can_not_be_a_file_stops_nothing() {
    let (folder, ledger) = folder();
    let gone = Budget::shared(
        60,
        Some(Arc::new(LedgerFile::in_folder(&folder.path().join("not there")))),
        false,
    );
    take(&gone, 10).await;
    assert_eq!(gone.state().used, 10);
    std::fs::create_dir(&ledger.path).unwrap();
    let budget = budget(&folder, 60);
    take(&budget, 10).await;
    assert_eq!(budget.state().used, 10);
    std::fs::remove_dir(&ledger.path).unwrap();
    #[cfg(target_os = "linux")]
    {
        bounded::pipe(&ledger.path);
        assert!(ledger.with(&mut |_| ()).is_err());
        std::fs::remove_file(&ledger.path).unwrap();
        // Nothing can be written there.
        std::os::unix::fs::symlink("/dev/full", &ledger.path).unwrap();
        assert!(ledger.with(&mut |_| ()).is_err());
    }
}

#[tokio::test]
async fn a_lock_that_a_stopped_process_holds_keeps_nobody_from_sending() {
    let (folder, ledger) = folder();
    take(&budget(&folder, 60), 1).await;
    let held = File::open(&ledger.path).unwrap();
    held.lock().unwrap();
    let budget = budget(&folder, 60);
    take(&budget, 20).await;
    assert_eq!(budget.state().used, 20);
    assert!(ledger.with(&mut |_| ()).is_err(), "it is given up");
}

#[test]
fn each_of_many_at_once_is_counted_once() {
    let (folder, ledger) = folder();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread();
                let runtime = { runtime }.enable_all().build().unwrap();
                runtime.block_on(take(&budget(&folder, 900), 50));
            });
        }
    });
    let mut count = 0;
    ledger.with(&mut |book| count = book.departures().count()).unwrap();
    assert_eq!(count, 400);
}

/// A ledger that remembers every departure that it has seen.
#[derive(Debug)]
struct Watched {
    file: LedgerFile,
    seen: Arc<Mutex<BTreeSet<u64>>>,
}

impl Ledger for Watched {
    fn now(&self) -> Duration {
        self.file.now()
    }

    fn with(&self, job: &mut dyn FnMut(&mut Book)) -> io::Result<()> {
        self.file.with(&mut |book| {
            job(book);
            self.seen.lock().unwrap().extend(book.departures());
        })
    }
}

/// What a process of the tests below does; as a test of its own it does nothing.
#[tokio::test]
async fn process() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let places: u32 = std::env::var(PLACES).unwrap().parse().unwrap();
    let seen = Arc::new(Mutex::new(BTreeSet::new()));
    let file = LedgerFile::in_folder(Path::new(&folder));
    let ledger = Watched { file, seen: Arc::clone(&seen) };
    let budget = Budget::shared(LIMIT, Some(Arc::new(ledger)), false).counted_in(SPAN);
    for place in 1_u32.. {
        budget.acquire(Urgency::Agent).await;
        println!("\ntook {place}");
        if place == places {
            break;
        }
    }
    for at in seen.lock().unwrap().iter() {
        println!("\nleft {at}");
    }
}

fn start(folder: &TempDir, places: u32) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "ledger::tests::process", "--nocapture"])
        .env(FOLDER, folder.path())
        .env(PLACES, places.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn ten_processes_keep_one_limit_while_others_are_killed() {
    let (folder, _) = folder();
    let mut killed: Vec<Child> = (0..3).map(|_| start(&folder, 0)).collect();
    let ten: Vec<Child> = (0..10).map(|_| start(&folder, 10)).collect();
    let begun = Instant::now();
    for child in &mut killed {
        let out = BufReader::new(child.stdout.take().unwrap());
        assert!(out.lines().any(|line| line.unwrap().starts_with("took")));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let mut left = BTreeSet::new();
    for child in ten {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        let output = String::from_utf8(output.stdout).unwrap();
        let times = output.lines().filter_map(|line| line.strip_prefix("left "));
        left.extend(times.map(|at| at.parse::<u64>().unwrap()));
    }
    assert!(left.len() >= 100, "{}", left.len());
    let left: Vec<u64> = left.into_iter().collect();
    let limit = usize::try_from(LIMIT).unwrap();
    for (first, next) in left.iter().zip(&left[limit..]) {
        let span = Duration::from_micros(next - first);
        assert!(span >= SPAN, "{limit} and one more left within {span:?}");
    }
    assert!(begun.elapsed() >= SPAN * 4);
}
