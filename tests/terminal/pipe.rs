//! Commands that read a conversation, in the whole console.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use super::pty::Console;

fn demo(folder: &Path) -> Console {
    let config = folder.join("config.toml");
    fs::write(&config, "[pipe]\ntimeout_seconds = 2\ncommands.words = \"wc -w\"\n")
        .expect("a file");
    let environment = [("GROWDESK_CONFIG", config.to_str().expect("a name"))];
    let console = Console::start(&["demo", "--tickets", "20"], &environment, folder);
    console.wait_for("20 tickets");
    console
}

fn script(folder: &Path, body: &str) -> String {
    let path = folder.join("program");
    fs::write(&path, format!("#!/bin/sh\n{body}\n")).expect("a script");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).expect("it is ours");
    path.display().to_string()
}

/// The number of a process that has written it to a file.
fn process(file: &PathBuf) -> String {
    let began = Instant::now();
    loop {
        let text = fs::read_to_string(file).unwrap_or_default();
        if text.ends_with('\n') {
            return text.trim().to_owned();
        }
        assert!(began.elapsed() < Duration::from_secs(120), "it never began");
        thread::sleep(Duration::from_millis(10));
    }
}

fn wait_gone(process: &str) {
    let began = Instant::now();
    let lives = || {
        let stat = fs::read_to_string(format!("/proc/{process}/stat"));
        stat.is_ok_and(|it| !it.contains(") Z "))
    };
    while lives() {
        assert!(began.elapsed() < Duration::from_secs(120), "{process} lives on");
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_command_reads_the_conversation_and_its_output_becomes_a_reply() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut console = demo(folder.path());
    console.press("|", "to a command");
    console.press("head -n 1\r", "y copies");
    console.wait_for("# #");
    console.press("r", "a line is inserted");
    console.press("\u{12}", "Insert what a command makes");
    console.press("words\r", "a line is inserted");
    console.type_keys("\u{3}");
    console.ended();
    console.wait_restored();
}

#[test]
fn the_console_stays_awake_while_a_command_prints_without_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut console = demo(folder.path());
    console.type_keys("|yes\r");
    console.wait_for("did not stop printing");
    console.wait_for("are left out");
    console.type_keys("\u{1b}");
    console.press("?", "What works here");
    assert!(!console.written().windows(4).any(|it| it == b"\x1b]0;"));
}

#[test]
fn a_command_ends_by_its_time_by_a_key_and_with_the_console() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = folder.path().join("first");
    let body =
        format!("trap '' TERM HUP INT\necho $$ > '{}'\nwhile :; do sleep 1; done", first.display());
    let program = script(folder.path(), &body);
    let mut console = demo(folder.path());
    let again = |console: &mut Console| {
        let _ = fs::remove_file(&first);
        console.press("|", "to a command");
        console.type_keys(&format!("{program}\r"));
        process(&first)
    };
    let one = again(&mut console);
    console.wait_for("ended after 2 s");
    wait_gone(&one);
    console.type_keys("\u{1b}");
    console.wait_gone("ended after 2 s");
    let two = again(&mut console);
    console.type_keys("\u{1b}");
    console.wait_for("is ended");
    wait_gone(&two);
    let three = again(&mut console);
    console.signal("TERM");
    console.ended();
    console.wait_restored();
    wait_gone(&three);
}
