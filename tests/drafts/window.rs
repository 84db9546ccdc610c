//! A terminal window that is closed: the terminal is gone, not only signalled.

use std::{
    thread,
    time::{Duration, Instant},
};

use growdesk::domain::DraftKind;

use crate::desk::{Desk, compose, key};

#[test]
fn a_closed_window_keeps_every_letter() {
    let desk = Desk::new();
    let process = desk.after_window("window::the_window");
    let deadline = Instant::now() + Duration::from_secs(120);
    while process.exists() {
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
    let Some(folder) = Desk::of_window() else { return };
    let mut console = Desk::open_in(&folder);
    compose(&mut console, 3, DraftKind::Reply);
    console.type_keys("the window closes no");
    console.wait_for("the window closes no");
    println!("console {}", console.process());
    std::process::exit(0);
}
