//! A disk that is full, a folder that goes away: it is said at once, the text stays, and is stored once
//! there is room, or the folder is back.

use growdesk::domain::DraftKind;

use crate::{
    desk::{Desk, compose, key},
    pty::Console,
};

const ESCAPE: &str = "\u{1b}";

/// A file that may not grow gives an error, as on a full disk, instead of a signal.
const ERRORS: &str = "trap '' XFSZ";

/// From now on the files of the console may have this size at most.
fn limit(console: &Console, size: &str) {
    let process = console.process().to_string();
    let set = std::process::Command::new("prlimit")
        .args([&format!("--fsize={size}:unlimited"), "--pid", &process])
        .status();
    assert!(set.expect("util-linux is there").success());
}

#[test]
fn a_full_disk_is_said_and_the_text_stays() {
    let desk = Desk::new();
    let mut console = Desk::open_under(Some(ERRORS), desk.folder.path());
    console.wait_for("Printer");
    compose(&mut console, 3, DraftKind::Reply);
    limit(&console, "1024");
    let text = "precious ".repeat(80);
    console.type_keys(&text);
    console.wait_for("the draft is on screen only");
    console.wait_for("not saved");
    assert_eq!(desk.draft(key(3, DraftKind::Reply)), None);

    console.press(ESCAPE, "the reply is in memory only");
    console.press("q", "leaving loses it");
    console.type_keys(ESCAPE);
    console.wait_gone("leaving loses it");
    console.press("r", "precious");

    limit(&console, "unlimited");
    console.wait_for("draft saved");
    let draft = desk.draft(key(3, DraftKind::Reply)).expect("a draft");
    assert_eq!(draft.text, text);
}

#[test]
fn a_folder_that_goes_away_is_said_without_a_key_and_its_drafts_are_not_called_saved() {
    let desk = Desk::new();
    let mut console = desk.open();
    compose(&mut console, 3, DraftKind::Reply);
    console.type_keys("precious");
    console.wait_for("draft saved");
    let (profile, away) = (desk.profile(), desk.folder.path().join("away"));
    std::fs::rename(&profile, &away).expect("the folder is moved");
    console.wait_for("the draft is on screen only");
    console.wait_gone("draft saved");
    assert!(!profile.exists(), "nothing is made in its place");
    console.press(ESCAPE, "the reply is in memory only");
    console.press("q", "leaving loses it");
    console.type_keys(ESCAPE);
    console.wait_gone("leaving loses it");
    console.press("r", "precious");

    std::fs::rename(&away, &profile).expect("the folder is put back");
    console.wait_for("draft saved");
    assert_eq!(desk.draft(key(3, DraftKind::Reply)).map(|it| it.text), Some("precious".into()));
}

#[test]
fn a_copy_of_the_tickets_that_goes_away_is_said_and_made_anew() {
    let desk = Desk::new();
    let mut console = desk.open();
    let mirror = desk.profile().join("mirror.db");
    std::fs::remove_file(&mirror).expect("the mirror is deleted");
    console.wait_for("the local copy of the tickets");
    assert!(mirror.exists());
    compose(&mut console, 3, DraftKind::Reply);
    console.type_keys("precious");
    console.wait_for("draft saved");
}
