//! What comes in: ids and texts, of arguments, files and standard input.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::Stdio,
};

use super::desk::Desk;

fn outcomes(ran: &super::desk::Ran) -> Vec<(Option<i64>, String)> {
    let all = ran.json();
    let all = all.as_array().expect("an array").iter();
    all.map(|it| (it["id"].as_i64(), it["outcome"].as_str().expect("a word").to_owned())).collect()
}

#[test]
fn an_id_that_is_none_is_a_usage_error_before_anything_is_done() {
    let desk = Desk::open();
    for wrong in ["0", "-1", "vpn", "18446744073709551616", "1.5", "", "#", "1 2"] {
        let ran = desk.run(&["status", "Closed", "3", wrong]);
        ran.fails(2);
        assert_eq!(ran.stdout, "", "{wrong}");
    }
    assert!(desk.run(&["status", "Closed", "x"]).fails(2).contains("is no number of a ticket"));
    desk.run(&["status", "Closed"]).fails(2);
    desk.run(&["status", "Closed", "-", "-"]).fails(2);
    desk.run(&["status", "Clsed", "3"]).fails(2);
    desk.run(&["priority", "very", "3"]).fails(2);
    assert!(
        desk.run(&["department", "Technical Suport", "3"]).fails(2).contains("Technical Support")
    );
    desk.run(&["edit", "3"]).fails(2);
    desk.run(&["edit", "-", "--subject", "x"]).fails(2);
    desk.run(&["edit", "3", "--subject", " "]).fails(2);
    desk.run(&["edit", "3", "--subject", &"x".repeat(251)]).fails(2);
    desk.run(&["status", "Closed", "3", "--dry-run", "--queue"]).fails(2);
    desk.run(&["status", "Closed", "3", "--timeout", "soon"]).fails(2);
    desk.run(&["status", "Closed", "3", "--json=id,nonsense"]).fails(2);
    assert_eq!(desk.requests("PATCH"), 0);
}

#[test]
fn ids_of_standard_input_are_done_once_each_and_what_is_none_is_named() {
    let desk = Desk::open();
    let input = "\u{feff}3\r\n#4\n\n  5  \n3\nvpn\n-7\n99999\n\u{0}\u{1}\n18446744073709551616\n6";
    let ran = desk.run_with(&["tags", "-", "--add", "batch", "--json"], input);
    ran.fails(8);
    let mut told = outcomes(&ran);
    told.sort();
    let done = [3, 4, 5, 6].map(|id| (Some(id), "recorded".to_owned()));
    let failed = |id| (id, "failed".to_owned());
    let mut expected = vec![failed(None); 4];
    expected.extend(done);
    expected.push(failed(Some(99_999)));
    assert_eq!(told, expected);
    let tagged: i64 = desk.ask("SELECT count(*) FROM tags WHERE title = 'batch'");
    assert_eq!(tagged, 4);
}

#[test]
fn an_empty_standard_input_is_nothing_to_do_and_a_binary_one_no_id() {
    let desk = Desk::open();
    for empty in ["", "\n\n", "\u{feff}", "\r\n"] {
        let ran = desk.run_with(&["status", "Closed", "-", "--json"], empty);
        assert_eq!((ran.code, ran.json()), (0, serde_json::json!([])), "{empty:?}: {ran:?}");
    }
    let binary: Vec<u8> =
        (0..200_000_u32).map(|it| (it.wrapping_mul(2_654_435_761) >> 13) as u8 | 0x80).collect();
    let ran = desk.run_with(&["status", "Closed", "-"], binary);
    ran.fails(2);
    assert!(ran.stderr.len() < 2_000, "{}", ran.stderr.len());
    assert_eq!(desk.requests("PATCH"), 0);
}

#[test]
fn ids_are_done_as_they_come_from_a_standard_input_that_does_not_end() {
    let desk = Desk::open();
    let mut command = desk.command(&["tags", "-", "--add", "live"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
    let mut input = child.stdin.take().expect("its input");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    for id in [3, 4, 5] {
        writeln!(input, "{id}").expect("it reads");
        let line = lines.next().expect("a line").expect("text");
        assert_eq!(line, format!("{id}\trecorded\t\t"));
        let sql = format!("SELECT count(*) FROM tags WHERE title = 'live' AND ticket_id = {id}");
        assert_eq!(desk.ask::<i64>(&sql), 1);
    }
    drop(input);
    assert!(child.wait().expect("it ends").success());
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let desk = Desk::open();
    let mut command = desk.command(&["tags", "-", "--add", "gone"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let mut input = child.stdin.take().expect("its input");
    let mut output = BufReader::new(child.stdout.take().expect("its output"));
    writeln!(input, "3").expect("it reads");
    let mut line = String::new();
    output.read_line(&mut line).expect("a line");
    drop(output);
    // What was begun is done to its end; nothing new is begun once the reader is known to be gone.
    for id in 4..60 {
        if writeln!(input, "{id}").is_err() {
            break;
        }
    }
    drop(input);
    let ended = child.wait_with_output().expect("it ends");
    assert_eq!(String::from_utf8_lossy(&ended.stderr), "");
    assert!(ended.status.success(), "{ended:?}");
    assert_eq!(desk.json(&["outbox"]), serde_json::json!([]));
}

#[test]
fn standard_input_is_the_ids_or_the_text_and_never_a_guess() {
    let desk = Desk::open();
    for (arguments, said) in [
        (&["reply", "-"][..], "no ticket is named"),
        (&["reply", "-", "-"], "not both"),
        (&["reply", "3", "-", "-"], "not both"),
        (&["reply", "-", "--file", "-"], "not both"),
        (&["reply", "-", "--text", "-"], "not both"),
        (&["reply", "3"], "no text"),
        (&["note", "3", "--text", " \n\t"], "says nothing"),
        (&["note", "3", "--text", ""], "says nothing"),
        (&["note", "3", "--text", "\u{200b}\u{feff}"], "says nothing"),
        (&["reply", "3", "--text", "x", "--file", "y"], "cannot be used"),
    ] {
        let ran = desk.run_with(arguments, "4\n");
        assert!(ran.fails(2).contains(said), "{arguments:?}: {ran:?}");
    }
    let ran = desk.run_with(&["note", "-", "--text", "for all", "--json"], "3\n4\n");
    assert_eq!(outcomes(&ran).len(), 2, "{ran:?}");
    let ran = desk.run_with(&["note", "3", "--file", "-"], "from a pipe");
    assert_eq!(ran.code, 0, "{ran:?}");
    for bytes in [&b"\xff\xfe\x00"[..], b"", b"   \n"] {
        desk.run_with(&["note", "3", "-"], bytes).fails(2);
    }
    assert_eq!(
        desk.ask::<i64>(
            "SELECT count(*) FROM replies WHERE text IN ('<p>for all</p>', '<p>from a pipe</p>')"
        ),
        3
    );
}

#[test]
fn a_file_that_is_none_keeps_nobody_waiting_for_ever() {
    let desk = Desk::open();
    let folder = desk.folder.path();
    let at = |name: &str| folder.join(name).to_str().expect("a path").to_owned();
    assert!(
        std::process::Command::new("mkfifo").arg(at("pipe")).status().expect("mkfifo").success()
    );
    for (file, said) in [
        (at("missing"), "can't be read"),
        (at("."), "can't be read"),
        (at("pipe"), "nothing came from it"),
    ] {
        let ran = desk.run(&["reply", "3", "--file", &file]);
        assert!(ran.fails(2).contains(said), "{file}: {ran:?}");
    }
    std::fs::write(at("huge"), "x".repeat(5 * 1024 * 1024)).expect("a file");
    assert!(desk.run(&["reply", "3", "--file", &at("huge")]).fails(2).contains("larger than"));
    std::fs::write(at("large"), "word ".repeat(210_000)).expect("a file");
    let ran = desk.run(&["note", "3", "--file", &at("large")]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let size: i64 = desk.ask("SELECT max(length(text)) FROM replies");
    assert!(size > 1_000_000, "{size}");
}

#[test]
fn a_hostile_text_comes_out_escaped_and_steers_no_terminal() {
    let desk = Desk::open();
    let text = "<script>alert(1)</script>\u{1b}[2J\u{202e}\u{7}&amp; <b>";
    desk.ok(&["note", "3", "--text", text]);
    let html: String = desk.ask("SELECT text FROM replies ORDER BY id DESC LIMIT 1");
    assert!(
        !html.contains("<script") && !html.contains('\u{1b}') && !html.contains('\u{202e}'),
        "{html}"
    );
    let ran = desk.run(&["status", "\u{1b}]0;x\u{7}Clo", "3"]);
    assert!(!ran.fails(2).contains('\u{1b}'), "{ran:?}");
    let dry = desk.run(&["note", "3", "--text", text, "--dry-run"]);
    assert!(!dry.stdout.contains('\u{1b}') && !dry.stdout.contains('\u{202e}'), "{dry:?}");
}
