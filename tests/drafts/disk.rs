//! A disk that is full: it is said at once, the text stays, and is stored once there is room.

use growdesk::domain::DraftKind;

use crate::desk::{Desk, compose, key};

const ESCAPE: &str = "\u{1b}";

/// Files may not grow any more, as on a full disk; a process in the way of it gets an error instead
/// of a signal.
const FULL: &str = "trap '' XFSZ; ulimit -S -f 1";

#[test]
fn a_full_disk_is_said_and_the_text_stays() {
    let desk = Desk::new();
    let mut console = Desk::open_under(Some(FULL), desk.folder.path());
    console.wait_for("Printer");
    compose(&mut console, 3, DraftKind::Reply);
    let text = "precious ".repeat(80);
    console.type_keys(&text);
    console.wait_for("the draft is on screen only");
    console.wait_for("not saved");
    assert_eq!(desk.draft(key(3, DraftKind::Reply)), None);

    console.type_keys(ESCAPE);
    console.press("q", "leaving loses it");
    console.press(ESCAPE, "Reply");
    console.press("r", "precious");

    let freed = std::process::Command::new("prlimit")
        .args(["--fsize=unlimited", "--pid", &console.process().to_string()])
        .status();
    assert!(freed.expect("util-linux is there").success());
    console.wait_for("draft saved");
    let draft = desk.draft(key(3, DraftKind::Reply)).expect("a draft");
    assert_eq!(draft.text, text);
}
