//! A terminal window that is closed: the terminal is gone, not only signalled.

use std::{
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use growdesk::domain::DraftKind;

use crate::desk::{Desk, compose, key};

/// Names the folder of the desk to the process that plays the window.
const FOLDER: &str = "GROWDESK_TEST_WINDOW";

#[test]
fn a_closed_window_keeps_every_letter() {
    let desk = Desk::new();
    let window = Command::new(std::env::current_exe().expect("this test"))
        .args(["window::the_window", "--exact", "--ignored", "--nocapture"])
        .env(FOLDER, desk.folder.path())
        .stdout(Stdio::piped())
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&window.stdout);
    let process = said.lines().find_map(|line| line.split_once("console ")).expect("its process").1;
    let deadline = Instant::now() + Duration::from_secs(30);
    while Path::new("/proc").join(process).exists() {
        assert!(Instant::now() < deadline, "the console lives on without a terminal");
        thread::sleep(Duration::from_millis(20));
    }
    let draft = desk.draft(key(3, DraftKind::Reply)).expect("a draft");
    assert_eq!(draft.text, "the window closes no");
}

/// No test: the window of the one above. It ends without a word, and its terminal with it.
#[test]
#[ignore = "it is run by the test above"]
fn the_window() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let mut console = Desk::open_in(Path::new(&folder));
    compose(&mut console, 3, DraftKind::Reply);
    console.type_keys("the window closes no");
    console.wait_for("the window closes no");
    println!("console {}", console.process());
    std::process::exit(0);
}
