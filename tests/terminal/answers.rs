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

/// The question for the terminal's ground.
const QUESTION: &str = "\x1b]11;?";

/// The colour of the focused pane's rule in the dark and in the light theme, as the terminal is told it.
const DARK: &str = "38;2;138;184;255";
const LIGHT: &str = "38;2;28;85;158";

const TRUE_COLOR: (&str, &str) = ("COLORTERM", "truecolor");

/// A demo in a terminal with this environment.
fn demo_in(folder: &Path, environment: &[(&str, &str)]) -> Console {
    Console::start(&["demo", "--tickets", "20"], environment, folder)
}

fn has(console: &Console, text: &str) -> bool {
    String::from_utf8_lossy(&console.written()).contains(text)
}

/// Waits until the terminal was sent this.
fn wait_written(console: &Console, text: &str) {
    console.wait_until(&format!("{text:?} written"), |_| has(console, text));
}

#[test]
fn the_ground_that_the_terminal_tells_decides_the_theme() {
    for (answers, expected, other) in [
        (&["\x1b]11;rgb:ffff/ffff/ffff\x1b\\"][..], LIGHT, DARK),
        (&["\x1b]11;rgb:fdfd/f6f6/e3e3\x07"][..], LIGHT, DARK),
        (&["\x1b]11;rgba:0000/0000/0000/ffff\x1b\\"][..], DARK, LIGHT),
        (&["\x1b]11;#1e1e2e\x07"][..], DARK, LIGHT),
        (&["\x1b", "]", "11;rgb:ff/f", "f/ff\x1b", "\\"][..], LIGHT, DARK),
        (&["\x1b[I\x1b]11;rgb:00/00/00\x1b\\\x1b[O\x1b[I"][..], DARK, LIGHT),
        // Only the first answer counts.
        (&["\x1b]11;rgb:00/00/00\x07\x1b]11;rgb:ff/ff/ff\x07"][..], DARK, LIGHT),
        (
            &["\x1b]11;garbage\x07\x1b]10;rgb:00/00/00\x07", "\x1b]11;rgb:ff/ff/ff\x07"][..],
            LIGHT,
            DARK,
        ),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let mut console = demo_in(folder.path(), &[TRUE_COLOR]);
        wait_written(&console, QUESTION);
        for part in answers {
            console.type_keys(part);
            thread::sleep(Duration::from_millis(5));
        }
        console.wait_for("20 tickets");
        wait_written(&console, expected);
        wait_taken_in(&mut console);
        assert!(!has(&console, other), "{answers:?}");
        let text = console.text();
        assert!(!text.contains("rgb:") && !text.contains("11;"), "{text}");
    }
}

#[test]
fn an_answer_that_comes_late_changes_the_colours_and_no_text() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut console = demo_in(folder.path(), &[TRUE_COLOR, ("COLORFGBG", "15;0")]);
    console.wait_for("20 tickets");
    wait_written(&console, DARK);
    console.press("n", "colleagues only");
    console.press("ab", "ab");
    console.type_keys("c\x1b]11;rgb:ff");
    thread::sleep(Duration::from_millis(120));
    console.type_keys("/ff/ff\x1b\\d");
    console.wait_for("abcd");
    wait_written(&console, LIGHT);
    assert!(!console.text().contains("rgb:"), "{}", console.text());
}

#[test]
fn a_terminal_that_never_answers_keeps_its_own_colours() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut console = demo_in(folder.path(), &[TRUE_COLOR]);
    console.wait_for("20 tickets");
    wait_taken_in(&mut console);
    assert!(!has(&console, "38;2;"), "the sixteen colours are readable on any ground");
}

#[test]
fn no_terminal_is_asked_where_its_answer_changes_nothing() {
    for environment in [
        &[TRUE_COLOR, ("NO_COLOR", "1")][..],
        &[TRUE_COLOR, ("TERM", "dumb")][..],
        &[TRUE_COLOR, ("TERM", "linux")][..],
        &[("TERM", "xterm")][..],
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let mut console = demo_in(folder.path(), environment);
        console.wait_for("20 tickets");
        wait_taken_in(&mut console);
        assert!(!has(&console, "\x1b]1"), "{environment:?}");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("config.toml");
    std::fs::write(config, "[console]\ntheme = \"light\"\n").expect("a file");
    let mut console = demo_in(folder.path(), &[TRUE_COLOR]);
    console.wait_for("20 tickets");
    wait_written(&console, LIGHT);
    // An answer to nobody's question.
    console.type_keys("\x1b]11;rgb:00/00/00\x07");
    wait_taken_in(&mut console);
    assert!(!has(&console, "\x1b]1") && !has(&console, DARK));
}
