//! The mouse belongs to the terminal until the agent switches it on, and again once the console has left.

use std::path::Path;

use super::{CTRL_Z, demo, pty::Console};

/// The modes of the mouse that a terminal knows.
const MODES: [&str; 8] = ["?9", "?1000", "?1001", "?1002", "?1003", "?1005", "?1006", "?1015"];
const ON: &str = "\x1b[?1000h\x1b[?1006h";
const OFF: &str = "\x1b[?1006l\x1b[?1000l";
const CTRL_G: &str = "\x07";

fn written(console: &Console) -> String {
    String::from_utf8_lossy(&console.written()).into_owned()
}

fn count(console: &Console, text: &str) -> usize {
    written(console).matches(text).count()
}

#[test]
fn the_mouse_off_leaves_no_sequence_and_a_stray_report_does_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut console = demo(folder.path());
    let before = console.text();
    console.type_keys("\x1b[<0;10;5M\x1b[<0;10;5m\x1b[<65;10;5M\x1b[M #%\x1b[<0;10");
    console.type_keys(";5M");
    console.press("?", "What works here");
    console.type_keys("q");
    console.wait_gone("What works here");
    assert_eq!(console.text().lines().nth(4), before.lines().nth(4), "the cursor stays");
    console.type_keys(CTRL_Z);
    console.wait_restored();
    console.signal("CONT");
    console.wait_for("20 tickets");
    console.type_keys("q");
    assert!(console.ended().success());
    let written = written(&console);
    for mode in MODES {
        for end in ["h", "l", ";"] {
            assert!(!written.contains(&format!("{mode}{end}")), "{mode}{end}");
        }
    }
}

#[test]
fn the_mouse_on_is_left_at_every_end() {
    type Ask = fn(&mut Console);
    let ends: [Ask; 3] =
        [|it| it.type_keys("q"), |it| it.signal("TERM"), |it| it.type_keys("\u{3}")];
    for ask in ends {
        let folder = tempfile::tempdir().expect("a folder");
        let mut console = switched_on(folder.path());
        console.type_keys(CTRL_Z);
        console.wait_until("left", |_| count(&console, OFF) == 1);
        console.wait_restored();
        console.signal("CONT");
        console.wait_until("heard again", |_| count(&console, ON) == 2);
        ask(&mut console);
        assert!(console.ended().success());
        let written = written(&console);
        assert!(written.rfind(OFF) > written.rfind(ON), "the mouse is left");
        console.wait_restored();
    }
}

/// A demo whose configuration switches the mouse on.
fn switched_on(folder: &Path) -> Console {
    std::fs::write(folder.join("config.toml"), "[console]\nmouse = true\n").expect("a file");
    let console = demo(folder);
    assert_eq!(count(&console, ON), 1);
    console
}

#[test]
fn a_key_switches_the_mouse_and_a_click_is_heard() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut console = demo(folder.path());
    console.press(CTRL_G, "Shift selects text");
    assert_eq!(count(&console, ON), 1);
    // The hint for help, at the end of the last line.
    let last = console.text().lines().last().unwrap_or_default().to_owned();
    let column = last.chars().count() - "? help".len() + 1;
    console.press(&format!("\x1b[<0;{column};40M"), "What works here");
    // A right button, a drag and a release are nothing.
    console.type_keys("\x1b[<2;5;5M\x1b[<32;6;6M\x1b[<0;5;5m");
    console.press(CTRL_G, "the terminal selects text");
    assert_eq!(count(&console, OFF), 1);
}
