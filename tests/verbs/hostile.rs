//! What strangers wrote steers no terminal and breaks no line, in whatever form it is printed.

use std::io::Read as _;

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

use super::desk::Desk;

/// What a terminal would obey or show the wrong way round, and what would break a line of fields.
const HOSTILE: &str = "a\u{1b}]0;owned\u{7}\u{9b}2J\u{202e}b\tc\r\nd\u{2028}e\u{7f}";

fn is_harmless(c: char) -> bool {
    let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    !c.is_control() && !turns && c != '\u{2028}'
}

fn hostile_desk() -> Desk {
    let desk = Desk::open();
    let html = format!("<p>{HOSTILE}</p>");
    for (sql, text) in [
        ("UPDATE tickets SET subject = ?1", HOSTILE),
        ("UPDATE tickets SET message = ?1", &html),
        ("UPDATE replies SET text = ?1", &html),
        ("UPDATE clients SET company_name = ?1 || id", HOSTILE),
        ("UPDATE categories SET name = ?1 || id", HOSTILE),
        ("UPDATE statuses SET title = ?1 || id", HOSTILE),
        ("UPDATE users SET name = ?1 || id", HOSTILE),
        ("UPDATE projects SET title = ?1 || id", HOSTILE),
    ] {
        desk.change_to(sql, text);
    }
    desk
}

const ALL: [&[&str]; 7] = [
    &["list"],
    &["show", "32"],
    &["clients"],
    &["contacts"],
    &["projects"],
    &["departments"],
    &["stats"],
];

#[test]
fn lines_of_fields_stay_lines_of_fields() {
    let desk = hostile_desk();
    for arguments in ALL {
        let text = desk.ok(arguments).stdout;
        assert!(text.chars().all(|c| matches!(c, '\n' | '\t') || is_harmless(c)), "{text:?}");
        let tabs = |line: &str| line.matches('\t').count();
        let expected = match arguments[0] {
            "list" => 8,
            "clients" => 3,
            "contacts" => 4,
            "projects" => 2,
            "departments" => 1,
            _ => continue,
        };
        assert!(text.lines().all(|line| tabs(line) == expected), "{arguments:?}: {text}");
    }
    let count: i64 = desk.ask("SELECT count(*) FROM tickets WHERE active_state = 'active'");
    let lines = desk.ok(&["list"]).stdout.lines().count();
    assert_eq!(i64::try_from(lines).ok(), Some(count));
}

#[test]
fn json_holds_what_the_server_holds_and_steers_nothing() {
    let desk = hostile_desk();
    for arguments in ALL {
        let ran = desk.ok(&[arguments, &["--json"]].concat());
        assert!(ran.stdout.chars().all(|c| c == '\n' || is_harmless(c) || c == '\u{2028}'));
        assert!(ran.stderr.chars().all(|c| c == '\n' || is_harmless(c)), "{ran:?}");
    }
    assert_eq!(desk.json(&["show", "32"])["subject"], HOSTILE);
}

#[test]
fn names_that_are_listed_in_an_error_are_clean() {
    let desk = hostile_desk();
    desk.ok(&["list"]);
    for flags in [["--status", HOSTILE], ["--client", HOSTILE], ["--view", HOSTILE]] {
        for form in [&["list"][..], &["list", "--json"]] {
            let ran = desk.run(&[form, &flags].concat());
            let said = ran.fails(2);
            assert!(said.chars().all(|c| c == '\n' || is_harmless(c)), "{said:?}");
        }
    }
}

/// What a terminal of 80 columns is sent.
fn in_a_terminal(desk: &Desk, arguments: &[&str]) -> String {
    let size = PtySize { rows: 24, cols: 80, ..PtySize::default() };
    let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_growdesk"));
    command.args(arguments);
    command.env_clear();
    desk.environment().iter().for_each(|(name, value)| command.env(name, value));
    let mut child = pair.slave.spawn_command(command).expect("the binary starts");
    drop(pair.slave);
    let mut output = pair.master.try_clone_reader().expect("its output");
    let mut sent = Vec::new();
    // Linux reports the end of a terminal as an error; what came before it is kept.
    let _ = output.read_to_end(&mut sent);
    child.wait().expect("it ends");
    String::from_utf8(sent).expect("text").replace("\r\n", "\n")
}

/// The text without the styles that the program itself sets.
fn without_styles(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        out.push_str(before);
        let end = after.find(|c: char| !c.is_ascii_digit() && c != ';').expect("an end");
        assert_eq!(&after[end..=end], "m", "{after:?}");
        rest = &after[end + 1..];
    }
    out + rest
}

#[test]
fn a_terminal_gets_tables_that_fit_and_nothing_to_obey() {
    let desk = hostile_desk();
    for arguments in ALL {
        let sent = without_styles(&in_a_terminal(&desk, arguments));
        assert!(sent.chars().all(|c| c == '\n' || is_harmless(c)), "{arguments:?}: {sent:?}");
        let wide = sent.lines().find(|line| growdesk::domain::columns::width(line) > 80);
        assert_eq!(wide, None, "{arguments:?}");
    }
}

#[test]
fn a_terminal_gets_a_head_and_one_line_for_each_ticket() {
    let desk = Desk::open();
    desk.ok(&["list"]);
    let sent = in_a_terminal(&desk, &["list", "--cached", "--limit", "5"]);
    assert!(sent.starts_with("ID  STATUS"), "{sent}");
    assert_eq!(sent.lines().count(), 6, "{sent}");
    let sent = without_styles(&in_a_terminal(&desk, &["show", "32"]));
    insta::assert_snapshot!(without_times(&sent).replace(&desk.sandbox().url(), "URL"));
}

/// The text without what depends on the time of the test.
fn without_times(text: &str) -> String {
    let keep = |line: &&str| !line.trim_start().starts_with("waits");
    text.lines().filter(keep).collect::<Vec<_>>().join("\n")
}
