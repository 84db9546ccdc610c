//! The console has to end, and something holds it up.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use growdesk::domain::DraftKind;

use crate::{
    desk::{Desk, compose, key},
    pty::Console,
    stalled::Holder,
};

/// What is promised is two seconds; a busy machine starts and ends programs slowly.
const BOUND: Duration = Duration::from_secs(6);

fn ends_in_time(console: &mut Console, how: impl FnOnce(&mut Console)) {
    let began = Instant::now();
    how(console);
    console.ended();
    assert!(began.elapsed() < BOUND, "it took {:?}", began.elapsed());
}

/// The draft as the next console shows it.
fn found_by_the_next(desk: &Desk, ticket: i64) -> String {
    let mut next = desk.open();
    compose(&mut next, ticket, DraftKind::Reply);
    next.signal("TERM");
    next.ended();
    desk.draft(key(ticket, DraftKind::Reply)).map(|draft| draft.text).unwrap_or_default()
}

#[test]
fn a_terminal_that_takes_nothing_holds_nothing_up() {
    let desk = Desk::new();
    for signal in ["TERM", "HUP"] {
        let mut console = desk.open();
        compose(&mut console, 3, DraftKind::Reply);
        let stopped = console.stop_taking();
        for _ in 0..40 {
            console.type_keys("\u{c}");
            thread::sleep(Duration::from_millis(5));
        }
        console.type_keys(&format!("typed unseen {signal}. "));
        ends_in_time(&mut console, |console| console.signal(signal));
        drop(stopped);
    }
    let draft = desk.draft(key(3, DraftKind::Reply)).expect("a draft");
    assert_eq!(draft.text, "typed unseen TERM. typed unseen HUP. ");
}

#[test]
fn a_terminal_that_takes_nothing_for_a_while_is_drawn_on_afterwards() {
    let desk = Desk::new();
    let mut console = desk.open();
    compose(&mut console, 3, DraftKind::Reply);
    let stopped = console.stop_taking();
    for _ in 0..40 {
        console.type_keys("\u{c}");
        thread::sleep(Duration::from_millis(5));
    }
    console.type_keys("typed unseen");
    drop(stopped);
    console.wait_for("typed unseen");
    console.press(", and seen", "typed unseen, and seen");
    console.signal("TERM");
    console.ended();
    console.wait_restored();
}

/// A console that has a text in an editor, which has saved half of it and goes on whatever it is told.
fn in_an_editor(desk: &Desk) -> Console {
    let editor = desk.folder.path().join("editor");
    let body = "trap '' HUP TERM\nprintf 'half of it' > \"$1\"\necho in the editor\n\
                i=0; while [ $i -lt 200 ]; do sleep 0.05; i=$((i+1)); done\n";
    fs::write(&editor, format!("#!/bin/sh\n{body}")).expect("a script");
    fs::set_permissions(&editor, fs::Permissions::from_mode(0o700)).expect("it is ours");
    let prelude = format!("export EDITOR='{}'", editor.display());
    let mut console = Desk::open_under(Some(&prelude), desk.folder.path());
    console.wait_for("Printer");
    compose(&mut console, 3, DraftKind::Reply);
    console.type_keys("begun");
    console.wait_for("draft saved");
    console.press("\u{5}", "in the editor");
    console
}

#[test]
fn an_editor_holds_nothing_up_and_its_text_is_found() {
    for signal in ["TERM", "HUP"] {
        let desk = Desk::new();
        let mut console = in_an_editor(&desk);
        ends_in_time(&mut console, |console| console.signal(signal));
        assert_eq!(found_by_the_next(&desk, 3), "half of it", "{signal}");
    }
}

#[test]
fn a_store_that_does_not_answer_holds_nothing_up_and_nothing_is_lost() {
    let desk = Desk::new();
    let mut console = desk.open();
    compose(&mut console, 3, DraftKind::Reply);
    console.type_keys("stored, ");
    console.wait_for("draft saved");
    let holder = Holder::of(&desk);
    console.press("not stored", "stored, not stored");
    ends_in_time(&mut console, |console| console.signal("TERM"));
    holder.end();
    assert_eq!(found_by_the_next(&desk, 3), "stored, not stored");
}

#[test]
fn letters_in_the_instant_of_a_signal_are_kept() {
    let tries = std::env::var("GROWDESK_TRIES").ok().and_then(|it| it.parse().ok()).unwrap_or(12);
    let desk = Desk::new();
    let mut expected = String::new();
    for number in 0..tries {
        let mut console = desk.open();
        compose(&mut console, 3, DraftKind::Reply);
        if let Some(last) = expected.split_whitespace().next_back() {
            console.wait_for(last);
        }
        let letters = format!("try{number}abcdefghijklmnopqrstuvwxyz ");
        let process = console.process();
        console.type_keys(&letters);
        let signal = ["TERM", "HUP", "INT"][number % 3];
        let sent =
            Command::new("kill").args([&format!("-{signal}"), &process.to_string()]).status();
        assert!(sent.expect("there is a kill command").success());
        console.ended();
        expected.push_str(&letters);
        let draft = desk.draft(key(3, DraftKind::Reply)).expect("a draft");
        assert_eq!(draft.text, expected, "{signal}");
    }
}

/// Ticks of a processor that a process has used.
fn ticks(process: &Path) -> u64 {
    let stat = fs::read_to_string(process.join("stat")).unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    fields.get(11..13).map_or(0, |it| it.iter().filter_map(|it| it.parse::<u64>().ok()).sum())
}

#[test]
fn a_terminal_that_goes_away_without_a_signal_ends_the_console() {
    let desk = Desk::new();
    let process = desk.after_window("ending::the_window");
    let (before, deadline) = (ticks(&process), Instant::now() + BOUND);
    // One that nobody has waited for yet has ended too.
    let lives = || {
        let stat = fs::read_to_string(process.join("stat")).unwrap_or_default();
        stat.rsplit(')')
            .next()
            .is_some_and(|rest| !rest.trim().is_empty() && !rest.starts_with(" Z"))
    };
    while lives() {
        assert!(Instant::now() < deadline, "it lives on without a terminal");
        assert!(ticks(&process).saturating_sub(before) < 150, "it is busy with nothing");
        thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(desk.draft(key(3, DraftKind::Reply)).expect("a draft").text, "the line drops");
}

/// No test: the window of the one above. Its console is in a session of its own, which nobody tells that
/// the terminal is gone.
#[test]
#[ignore = "it is run by the test above"]
fn the_window() {
    let Some(folder) = Desk::of_window() else { return };
    let apart = "exec setsid --wait \"$0\" \"$@\"";
    let mut console = Desk::open_under(Some(apart), &folder);
    console.wait_for("Printer");
    compose(&mut console, 3, DraftKind::Reply);
    console.type_keys("the line drops");
    console.wait_for("the line drops");
    let shell = console.process();
    let children = fs::read_to_string(format!("/proc/{shell}/task/{shell}/children"));
    println!("console {}", children.expect("it has one").trim());
    std::process::exit(0);
}
