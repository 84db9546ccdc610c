//! The frame of all verbs: exit codes by real causes, the forms of errors, closed pipes.

use std::{io::Read as _, process::Stdio};

use growdesk::sandbox::FaultKind;

use super::desk::Desk;

#[test]
fn a_field_that_there_is_not_is_said_with_those_that_there_are() {
    let desk = Desk::open();
    let ran = desk.run(&["departments", "--json=id,nme"]);
    ran.fails(2);
    let error = ran.error();
    assert_eq!(error["code"], "usage");
    assert_eq!(error["help"], "the fields are id, name");
    assert_eq!(ran.stdout, "");
    assert_eq!(desk.requests("GET"), 0, "nothing was asked for it");
}

#[test]
fn a_wrong_command_line_is_told_in_the_form_that_it_asks_for() {
    let desk = Desk::open();
    let ran = desk.run(&["departments", "--no-such", "--json"]);
    ran.fails(2);
    assert_eq!(ran.error()["code"], "usage");
    assert!(ran.error()["message"].as_str().expect("text").contains("--no-such"), "{ran:?}");
    let ran = desk.run(&["departments", "--no-such"]);
    assert!(ran.fails(2).starts_with("error: "), "{ran:?}");
}

#[test]
fn without_a_profile_every_reading_verb_says_how_to_get_one() {
    let desk = Desk::open();
    for arguments in READING {
        let mut command = desk.command(arguments);
        command.env_remove("GROWDESK_URL").env_remove("GROWDESK_API_KEY");
        let ran = super::desk::finish(command, b"");
        let said = ran.fails(2);
        assert!(said.contains("there is no profile yet") && said.contains("growdesk login"));
        assert_eq!(ran.stdout, "");
    }
    assert!(!desk.data().exists());
}

/// The verbs that read from the server or the local copy.
const READING: [&[&str]; 7] = [
    &["list"],
    &["show", "7"],
    &["clients"],
    &["contacts"],
    &["projects"],
    &["departments"],
    &["stats"],
];

fn each_ends(desk: &Desk, code: i32, word: &str) {
    // A server that lets the command wait is given up soon.
    let run = |arguments: &[&str]| {
        let mut command = desk.command(arguments);
        command.env("GROWDESK_TIMEOUT_SECONDS", "2");
        super::desk::finish(command, b"")
    };
    for arguments in READING {
        let ran = run(&[arguments, &["--json"]].concat());
        ran.fails(code);
        assert_eq!(ran.error()["code"], word, "{arguments:?}: {ran:?}");
        assert_eq!(ran.stdout, "", "{arguments:?}");
        let ran = run(arguments);
        assert!(ran.fails(code).starts_with("growdesk: "), "{arguments:?}: {ran:?}");
    }
}

#[test]
fn a_server_that_is_not_there_is_5() {
    let mut desk = Desk::open();
    let environment = desk.environment();
    desk.stop_server();
    for arguments in READING {
        let mut command = desk.command(arguments);
        command.envs(environment.clone()).arg("--json");
        let ran = super::desk::finish(command, b"");
        ran.fails(5);
        assert_eq!(ran.error()["code"], "unreachable", "{arguments:?}");
    }
}

#[test]
fn a_key_that_the_server_does_not_accept_is_7() {
    let desk = Desk::open();
    for arguments in READING {
        let mut command = desk.command(arguments);
        command.env("GROWDESK_API_KEY", "another-key-1234567890").arg("--json");
        let ran = super::desk::finish(command, b"");
        ran.fails(7);
        assert_eq!(ran.error()["code"], "key_refused", "{arguments:?}");
        assert!(!ran.stderr.contains("another-key"), "{ran:?}");
    }
}

#[test]
fn a_server_that_asks_to_wait_longer_than_is_waited_is_9() {
    let desk = Desk::open();
    desk.always(FaultKind::Limited(3_600));
    each_ends(&desk, 9, "limited");
}

#[test]
fn an_answer_that_is_not_the_api_s_is_5() {
    let desk = Desk::open();
    desk.always(FaultKind::Garbage);
    each_ends(&desk, 5, "unreachable");
}

#[test]
fn a_store_that_is_newer_or_no_store_is_1_and_stays_as_it_is() {
    let desk = Desk::open();
    desk.ok(&["list"]);
    let work = desk.store_file("work.db");
    std::fs::write(&work, "this is no database, but somebody's text").expect("a file");
    let ran = desk.run(&["list", "--json"]);
    ran.fails(1);
    assert_eq!(ran.error()["code"], "failed");
    assert!(ran.error()["message"].as_str().expect("text").contains("work.db"), "{ran:?}");
    let kept = std::fs::read_to_string(&work).expect("text");
    assert_eq!(kept, "this is no database, but somebody's text");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let desk = Desk::with(400);
    desk.ok(&["list"]);
    for form in [&["list", "--cached"][..], &["list", "--cached", "--json"]] {
        let mut command = desk.command(form);
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        let mut out = child.stdout.take().expect("piped");
        out.read_exact(&mut [0]).expect("a byte");
        drop(out);
        let ended = child.wait_with_output().expect("it ends");
        assert_eq!(ended.status.code(), Some(0), "{ended:?}");
        assert!(ended.stderr.is_empty(), "{ended:?}");
    }
}

#[test]
fn output_that_can_not_be_written_is_1() {
    let desk = Desk::open();
    desk.ok(&["list"]);
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
    let Ok(full) = full else { return };
    let mut command = desk.command(&["list", "--cached"]);
    let ended = command.stdout(full).stderr(Stdio::piped()).output().expect("it starts");
    assert_eq!(ended.status.code(), Some(1), "{ended:?}");
}

#[test]
fn without_a_request_nothing_is_asked() {
    let desk = Desk::open();
    let ran = desk.run(&["list", "--cached", "--json"]);
    ran.fails(1);
    assert_eq!(ran.error()["help"], "`growdesk sync` makes one");
    desk.ok(&["list"]);
    let asked = desk.requests("GET");
    assert!(asked > 0);
    for arguments in [
        &["list", "--cached"][..],
        &["list"],
        &["show", "7", "--cached"],
        &["clients", "--cached"],
        &["departments", "--cached"],
        &["stats", "--cached"],
        &["--offline", "list"],
        &["--offline", "show", "7"],
    ] {
        desk.ok(arguments);
    }
    assert_eq!(desk.requests("GET"), asked, "a copy younger than the poll interval is enough");
    let ran = desk.run(&["--offline", "contacts"]);
    assert!(ran.fails(2).contains("--offline"), "{ran:?}");
}

#[test]
fn what_is_stored_is_used_where_the_server_fails_and_that_is_said() {
    let desk = Desk::open();
    desk.ok(&["list"]);
    desk.ok(&["show", "7"]);
    desk.always(FaultKind::Error);
    for (arguments, word) in [
        (&["show", "7"][..], "as it was last read"),
        (&["clients"], "the tickets that are stored"),
        (&["departments"], "as they were last read"),
    ] {
        let ran = desk.ok(arguments);
        assert!(ran.stderr.contains(word), "{ran:?}");
        assert!(!ran.stdout.is_empty(), "{arguments:?}");
        let ran = desk.ok(&[arguments, &["--json"]].concat());
        let notice: serde_json::Value = serde_json::from_str(&ran.stderr).expect("one object");
        assert!(notice["notice"]["message"].as_str().expect("text").contains(word), "{ran:?}");
    }
    desk.run(&["contacts"]).fails(5);
}
