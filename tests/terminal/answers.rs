//! What a terminal answers is no key, whenever and in however many pieces it comes; neither is a paste.

use std::{path::Path, thread, time::Duration};

use super::pty::Console;

fn demo(folder: &Path) -> Console {
    let console = Console::start(&["demo", "--tickets", "20"], &[], folder);
    console.wait_for("20 tickets");
    console
}

/// Waits until all that was typed before has been taken in: the help opens, and closes.
fn wait_taken_in(console: &mut Console) {
    console.press("?", "What works here");
    console.type_keys("q");
    console.wait_gone("What works here");
}

/// The counts of the views, the tickets of the list, and whether something is written or done.
fn shown(console: &Console) -> (String, Vec<String>, bool) {
    let text = console.text();
    let tabs = text.lines().next().unwrap_or_default().trim().to_owned();
    let cells = text.lines().filter_map(|line| line.split('│').next());
    let tickets =
        cells.filter_map(|cell| cell.split_whitespace().find(|word| word.starts_with('#')));
    let done = ["the customer can read", "takes it back", "New ticket", "Status of"];
    let is_done = done.iter().any(|it| text.contains(it));
    (tabs, tickets.map(String::from).collect(), is_done)
}

#[test]
fn late_answers_do_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut console = demo(folder.path());
    wait_taken_in(&mut console);
    let before = shown(&console);
    for (parts, pause) in [
        (&["\x1bP>|XTerm(388) e#s2rN\x1b\\"][..], 0),
        (&["\x1b", "P>|tmux 3.5a e#s2rN", "\x1b", "\\"][..], 60),
        (&["\x1bP", ">|WezTerm e#s2rN\x1b\\"][..], 120),
        (&["\x1b]11;rgb:2e2e/3434/3636", "\x07"][..], 200),
        (&["\x1b]10;rgb:dcdc/", "dcdc/cccc\x1b\\"][..], 200),
        (&["\x1b_Gi=31;", "OKesN", "\x1b\\"][..], 30),
        (&["\x1b[?62;4;22c\x1b[?2026;2$y\x1b[>41;388;0c"][..], 0),
        (&["\x1b[?20", "26;2$y"][..], 60),
        (&["\x1b", "[200~eeeN#s2\r", "\x1b[201~"][..], 60),
    ] {
        for part in parts {
            console.type_keys(part);
            thread::sleep(Duration::from_millis(pause));
        }
        wait_taken_in(&mut console);
        assert_eq!(shown(&console), before, "{parts:?}");
    }
}

#[test]
fn a_paste_over_a_slow_line_is_put_in() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut console = demo(folder.path());
    console.press("n", "colleagues only");
    console.type_keys("\x1b");
    thread::sleep(Duration::from_millis(40));
    console.type_keys("[200~two\rlines e#s2");
    thread::sleep(Duration::from_millis(200));
    console.press("\x1b[201~", "lines e#s2");
    console.press(" and more", "lines e#s2 and more");
}

#[test]
fn a_paste_that_never_ends_is_asked_about() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut console = demo(folder.path());
    console.press("n", "colleagues only");
    console.type_keys("\x1b[200~half of it");
    console.wait_for("a paste has not ended");
    console.press("\x1b", "half of it");
    console.press(", and typed", "half of it, and typed");

    console.type_keys("\x1b[200~never");
    thread::sleep(Duration::from_millis(100));
    console.type_keys("\x03");
    assert!(console.ended().success());
    console.wait_restored();
}
