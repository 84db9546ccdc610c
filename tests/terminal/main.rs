//! The terminal is given back as it was, however the console ends or stops.

#[path = "../support/pty.rs"]
mod pty;
#[path = "../support/shift.rs"]
mod shift;

#[cfg(unix)]
mod answers;
#[cfg(unix)]
mod editor;
#[cfg(unix)]
mod mouse;
#[cfg(unix)]
mod notify;
#[cfg(unix)]
mod pipe;

use std::{path::Path, thread, time::Duration};

use growdesk::{
    api::Address,
    app::{Settings, keymap::KeyMap},
    config::ThemeSection,
    desk::Report,
    domain::{
        Change, DraftKey, DraftKind, Entry, Line, Problem, ProblemKind, ReplyKind, State, StepId,
        TicketId,
    },
    runtime,
    store::Store,
    terminal::Screen,
    ui::ColorDepth,
    worker::{self, Parts, Worker},
};
use jiff::Timestamp;
use portable_pty::CommandBuilder;
use pty::Console;

const CTRL_C: &str = "\u{3}";
const CTRL_Z: &str = "\u{1a}";

/// Names the folder to a part that is played by this program itself.
const FOLDER: &str = "GROWDESK_TEST_FOLDER";

fn demo(folder: &Path) -> Console {
    let console = Console::start(&["demo", "--tickets", "20"], &[], folder);
    console.wait_for("20 tickets");
    assert!(console.has_alternate_screen() && !console.is_cooked());
    console
}

/// Lets this program play `part`, an ignored test, in a pseudo-terminal.
fn play(part: &str, folder: &Path) -> Console {
    let mut command = CommandBuilder::new(std::env::current_exe().expect("this test"));
    command.args([part, "--exact", "--ignored", "--nocapture"]);
    Console::run(command, &[(FOLDER, &folder.display().to_string())], folder)
}

#[test]
fn every_end_gives_the_terminal_back() {
    type Ask = fn(&mut Console);
    let ends: [(&str, Ask); 5] = [
        ("q", |console| console.type_keys("q")),
        ("Ctrl-C", |console| console.type_keys(CTRL_C)),
        ("SIGTERM", |console| console.signal("TERM")),
        ("SIGINT", |console| console.signal("INT")),
        ("SIGHUP", |console| console.signal("HUP")),
    ];
    for (end, ask) in ends {
        let folder = tempfile::tempdir().expect("a folder");
        let mut console = demo(folder.path());
        ask(&mut console);
        assert!(console.ended().success(), "{end}: {}", console.text());
        console.wait_restored();
    }
}

#[test]
fn a_stop_gives_the_terminal_back_until_the_shell_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut console = demo(folder.path());
    for stop in [|it: &mut Console| it.type_keys(CTRL_Z), |it: &mut Console| it.signal("TSTP")] {
        stop(&mut console);
        console.wait_restored();
        let state = format!("/proc/{}/stat", console.process());
        console.wait_until("stopped", |_| {
            let state = std::fs::read_to_string(&state).unwrap_or_default();
            state.split_whitespace().nth(2) == Some("T")
        });
        console.signal("CONT");
        console.wait_until("drawn again", |screen| screen.contains("20 tickets"));
        console.press("?", "What works here");
        console.type_keys("q");
        console.wait_gone("What works here");
        assert!(!console.is_cooked());
    }
}

#[test]
fn a_panic_gives_the_terminal_back_before_it_is_reported() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut console = play("part_that_panics", folder.path());
    // The end of a line that the test harness writes over.
    console.wait_for("he panic");
    console.ended();
    console.wait_restored();
}

/// No test: a console whose own thread panics.
#[test]
#[ignore = "it is played by the test above"]
fn part_that_panics() {
    let screen = Screen::take().expect("the terminal");
    assert!(std::env::var_os(FOLDER).is_none(), "this is the panic");
    drop(screen);
}

#[test]
fn a_panic_of_another_thread_leaves_the_screen_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut console = play("part_whose_thread_panics", folder.path());
    console.wait_for("still drawn");
    assert!(console.has_alternate_screen() && !console.is_cooked());
    assert!(!console.text().contains("nobody sees this"), "{}", console.text());
    console.type_keys("\r");
    console.ended();
    console.wait_restored();
}

/// No test: a console that survives the panic of one of its threads.
#[test]
#[ignore = "it is played by the test above"]
fn part_whose_thread_panics() {
    let mut screen = Screen::take().expect("the terminal");
    let panicked = thread::spawn(|| panic!("nobody sees this")).join();
    assert!(panicked.is_err());
    let drawn = screen.draw(|frame| frame.render_widget("still drawn", frame.area()));
    drawn.expect("it draws");
    std::io::Read::read(&mut std::io::stdin(), &mut [0]).expect("a key");
    drop(screen);
}

#[test]
fn an_error_gives_the_terminal_back_and_keeps_what_was_typed() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut console = play("part_whose_task_fails", folder.path());
    console.wait_for("drafts are kept");
    console.ended();
    console.wait_restored();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let store = Store::open(folder.path()).await.expect("a store").store;
        let draft = store.draft(KEY).await.expect("it answers").expect("a draft");
        assert_eq!(draft.text, "typed on");
    });
}

const KEY: DraftKey = DraftKey { ticket: Some(TicketId(1)), kind: DraftKind::Reply, copy: 0 };

/// No test: a console whose background task is gone before it has stored what was typed.
#[tokio::test]
#[ignore = "it is played by the test above"]
async fn part_whose_task_fails() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let store = Store::open(Path::new(&folder)).await.expect("a store").store;
    let settings = worker::WorkerSettings {
        address: None,
        agent: String::new(),
        waiting: growdesk::domain::WaitingStatuses::default(),
        poll: Duration::from_secs(30),
        grace: Duration::from_secs(30),
        retry: Duration::from_secs(15),
        timeout: Duration::from_secs(20),
        parts: Parts::ALL,
        notices: Vec::new(),
    };
    let (worker, _) = Worker::spawn(None, store, settings);
    let (tell, messages) = tokio::sync::mpsc::unbounded_channel();
    let step = StepId::new(1, 1);
    let entry = Entry {
        id: step.entry(0),
        step,
        ticket: KEY.ticket,
        change: Change::Post { kind: ReplyKind::Reply, text: "typed on".into() },
        after: None,
        seen: None,
        stood: None,
        undo: None,
        queued: Timestamp::now(),
        state: State::Queued,
    };
    let problem = Problem::new(ProblemKind::Store, Line::default());
    let refused = Report::NotQueued { entries: vec![entry], problem };
    tell.send((Timestamp::now(), refused)).expect("it listens");
    drop(tell);
    let console = runtime::Console {
        macros: growdesk::config::MacroFiles::default(),
        own_views: None,
        settings: Settings::default(),
        keymap: KeyMap::default(),
        appearance: runtime::Appearance::new(
            ThemeSection::default(),
            ColorDepth::None,
            None,
            false,
        ),
        announcing: runtime::Announcing::default(),
        address: Address::parse("http://127.0.0.1:9", false).expect("an address"),
        folder: folder.into(),
    };
    let error = runtime::run(console, worker, messages).await.expect_err("the task is gone");
    println!("{error:#}");
}
