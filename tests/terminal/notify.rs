//! What reaches the terminal beside the screen: title, bell and notifications.

use std::fs;

use rusqlite::Connection;

use crate::{
    pty::Console,
    shift::{Desk, leave},
};

fn desk(section: &str) -> Desk {
    let desk = Desk::open();
    let config = format!("[notify]\n{section}\n");
    fs::write(desk.folder.path().join("config.toml"), config).expect("a configuration");
    desk
}

fn console(desk: &Desk, more: &[(&'static str, &str)]) -> Console {
    let own = desk.environment();
    let mut environment: Vec<(&str, &str)> =
        own.iter().map(|(name, value)| (*name, value.as_str())).collect();
    environment.extend(more);
    let console = Console::start(&[], &environment, desk.folder.path());
    console.wait_for("online");
    console.wait_for("250 tickets");
    console
}

/// The customers of many answered tickets reply at once.
fn customers_reply(desk: &Desk, many: usize, subject: Option<&str>) {
    let db = Connection::open(desk.folder.path().join("desk.db")).expect("the database");
    db.busy_timeout(std::time::Duration::from_secs(5)).expect("it waits");
    if let Some(subject) = subject {
        db.execute("UPDATE tickets SET subject = ?1 WHERE status_id IN (3, 4)", [subject])
            .expect("subjects");
    }
    db.execute_batch(&format!(
        "UPDATE tickets SET status_id = 5, status_changed = unixepoch() * 1000000,
            last_updated = unixepoch() * 1000000
        WHERE id IN (SELECT id FROM tickets WHERE status_id IN (2, 3, 4)
            AND active_state = 'active' ORDER BY id LIMIT {many});
        INSERT INTO replies (ticket_id, type, text, creator_id, created)
        SELECT id, 'reply', '<p>Any news?</p>', creator_id, unixepoch() * 1000000
        FROM tickets WHERE status_id = 5 AND status_changed > (unixepoch() - 60) * 1000000"
    ))
    .expect("replies");
}

fn written(console: &Console) -> String {
    String::from_utf8_lossy(&console.written()).into_owned()
}

#[test]
fn without_the_section_only_the_title_is_told_and_taken_back() {
    let desk = Desk::open();
    let mut console = console(&desk, &[("KITTY_WINDOW_ID", "1")]);
    console.wait_until("the title", |_| true);
    customers_reply(&desk, 5, None);
    console.press("R", "customers wrote");
    let shown = written(&console);
    assert!(shown.contains("\x1b[22;2t\x1b]2;growdesk"), "the title before is kept");
    for other in ["\x07", "\x1b]9;", "\x1b]777;", "\x1b]99;", "\x1bPtmux;"] {
        assert!(!shown.contains(other), "{other:?}");
    }
    console.type_keys("q");
    assert!(console.ended().success());
    assert!(written(&console).contains("\x1b]2;\x1b\\\x1b[23;2t"), "it is given back");
    console.wait_restored();
}

#[test]
fn a_burst_of_messages_is_one_notification_and_one_bell() {
    let desk = desk("bell = true\nosc = \"777\"\ntitle = false");
    let mut console = console(&desk, &[]);
    customers_reply(&desk, 100, None);
    console.type_keys("R");
    console.wait_until("it is told", |_| written(&console).contains("\x1b]777;notify;growdesk;"));
    let shown = written(&console);
    let told = shown.split("\x1b]777;notify;growdesk;").nth(1).expect("it is there");
    let told = told.split("\x1b\\").next().expect("an end");
    assert!(told.contains(" customers wrote: #") && told.ends_with(" more"), "{told}");
    assert_eq!(shown.matches("\x1b]777;").count(), 1);
    assert_eq!(shown.matches('\x07').count(), 1);
    assert!(!shown.contains("\x1b]2;"), "no title is wanted");
    leave(console);
}

#[test]
fn a_hostile_subject_steers_nothing_through_tmux_either() {
    let desk = desk("osc = \"auto\"");
    let mut console = console(&desk, &[("WEZTERM_PANE", "0"), ("TMUX", "/tmp/tmux,1,0")]);
    customers_reply(&desk, 1, Some("4;3\u{1b}]52;c;eA==\u{7}\u{9d}x\u{202e}y"));
    console.type_keys("R");
    console.wait_until("it is told", |_| written(&console).contains("\x1bPtmux;"));
    let shown = written(&console);
    let told = shown.split("\x1bPtmux;").nth(1).expect("it is there");
    let told = told.split("\x1b\x1b\\\x1b\\").next().expect("an end");
    assert!(told.starts_with("\x1b\x1b]9;growdesk: #"), "{told:?}");
    let text = &told[5..];
    assert!(!text.contains(['\x1b', '\x07', ';', '\u{9d}', '\u{202e}']), "{text:?}");
    assert!(text.ends_with("the customer wrote"), "{text:?}");
    leave(console);
}

#[test]
fn a_command_reads_the_notification_and_no_secret() {
    let folder = tempfile::tempdir().expect("a folder");
    let (input, variables) = (folder.path().join("input"), folder.path().join("variables"));
    let script = format!("cat > {}; env > {}", input.display(), variables.display());
    let desk = desk(&format!("command = [\"sh\", \"-c\", \"{script}\"]"));
    let mut console = console(&desk, &[]);
    customers_reply(&desk, 1, None);
    console.type_keys("R");
    console.wait_until("it ran", |_| {
        fs::read_to_string(&variables).is_ok_and(|it| it.contains("GROWDESK_EVENT_COUNT=1"))
    });
    let told: serde_json::Value =
        serde_json::from_slice(&fs::read(&input).expect("its input")).expect("JSON");
    assert_eq!((&told["kind"], &told["count"]), (&"customer".into(), &1.into()));
    let id = told["events"][0]["id"].to_string();
    let seen = fs::read_to_string(&variables).expect("its variables");
    assert!(seen.contains(&format!("GROWDESK_EVENT_ID={id}")), "{seen}");
    assert!(!seen.contains("GROWDESK_API_KEY"), "{seen}");
    leave(console);
}

#[test]
fn a_command_that_fails_is_told_once() {
    let desk = desk("command = [\"sh\", \"-c\", \"exit 3\"]");
    let mut console = console(&desk, &[]);
    customers_reply(&desk, 1, None);
    console.press("R", "the command of [notify], sh, did not work");
    leave(console);
}
