//! A whole shift with the real binary in a pseudo-terminal, against the sandbox; its database is
//! checked afterwards.

mod foreign;
#[path = "../support/pty.rs"]
mod pty;
#[path = "../support/shift.rs"]
mod shift;

use pty::Console;
use secrecy::ExposeSecret as _;
use shift::{Desk, leave, wait_recorded};

const ENTER: &str = "\r";
const ESCAPE: &str = "\u{1b}";
const CTRL_S: &str = "\u{13}";
const TAB: &str = "\t";

#[test]
fn a_whole_shift() {
    let desk = Desk::open();
    let mut console = desk.console();

    console.press("gi", "ticket");
    console.type_keys("32\r");
    console.wait_for("#32 ");
    console.press("/", "filter");
    console.press("#32 ", "#32");
    console.press(ENTER, "Enter open");
    console.press(ENTER, "Your session has expired");

    console.press("r", "Reply to #32");
    console.type_keys("We see a < b & fixed it.\rThe **second** line.");
    console.wait_for("draft saved");
    console.press(CTRL_S, "Review");
    console.wait_for("→ Answered");
    console.press(ENTER, "reply recorded");
    console.wait_for("The second line.");

    console.press("n", "colleagues only");
    console.type_keys("The firewall did it.");
    console.press(CTRL_S, "Review");
    console.press(ENTER, "note recorded");

    console.press("s", "Status of #32");
    console.press("3", "status set to On Hold");
    console.press("p", "Priority of #32");
    console.press("urgent\r", "priority set to urgent");
    console.press("t", "Tags of #32");
    console.press("Fire-Wall", "fire-wall");
    console.press(ENTER, "tagged fire-wall");
    console.press("e", "archived; z takes it back");
    console.press("z", "taken back: archive");
    wait_recorded(&console);

    create(&mut console);
    edit_and_delete(&desk, &mut console);
    leave(console);

    assert_eq!(desk.printed(&["outbox"]), "");
    let log = desk.printed(&["log", "--ticket", "32"]);
    for line in
        ["reply “We see a < b & fixed it.", "status: Answered → On Hold", "→ urgent", " fire-wall"]
    {
        assert!(log.contains(line), "{line} in {log}");
    }

    let reply: String = desk.ask(
        "SELECT group_concat(type || ':' || text, '|') FROM (SELECT * FROM replies
         WHERE ticket_id = 32 ORDER BY id DESC LIMIT 2)",
    );
    assert!(reply.contains("note:<p>The firewall did it.</p>"), "{reply}");
    assert!(reply.contains("reply:<p>We see a &lt; b &amp; fixed it.<br"), "{reply}");
    assert!(reply.contains("<strong>second</strong>"), "{reply}");
    let count = "SELECT count(*) FROM replies WHERE ticket_id = 32 AND text LIKE ";
    assert_eq!(desk.ask::<i64>(&format!("{count} '%fixed it%'")), 1);
    assert_eq!(desk.ask::<i64>(&format!("{count} '%firewall did it%'")), 1);
    let ticket = "FROM tickets WHERE id = 32";
    assert_eq!(desk.ask::<i64>(&format!("SELECT status_id {ticket}")), 3);
    assert_eq!(desk.ask::<String>(&format!("SELECT priority {ticket}")), "urgent");
    assert_eq!(desk.ask::<String>(&format!("SELECT active_state {ticket}")), "active");
    let tag = "SELECT count(*) FROM tags WHERE ticket_id = 32 AND title = 'fire-wall'";
    assert_eq!(desk.ask::<i64>(tag), 1);
    assert_eq!(desk.ask::<i64>("SELECT count(*) FROM tickets WHERE subject = 'Now it works'"), 0);
    assert_eq!(desk.ask::<i64>("SELECT count(*) FROM tickets"), 250);
}

/// A new ticket, with a field forgotten at first.
fn create(console: &mut Console) {
    console.press("N", "Client");
    console.press(CTRL_S, "this is needed");
    console.press(ENTER, "Copper Kettle");
    console.press(ENTER, "Department not chosen yet  Enter chooses");
    console.press(ENTER, "Technical Support");
    console.press("sal\r", "Project    none  Enter chooses");
    console.type_keys(TAB);
    console.type_keys(TAB);
    console.type_keys("Printer on fire");
    console.type_keys(TAB);
    console.type_keys("It *burns*.");
    console.press(CTRL_S, "created");
    console.wait_for("Printer on fire");
}

/// The ticket that was created is renamed, and then deleted by its number.
fn edit_and_delete(desk: &Desk, console: &mut Console) {
    let find = "SELECT id FROM tickets WHERE subject = 'Printer on fire'";
    let id: i64 = desk.ask(find);
    let message: String = desk.ask(&format!("SELECT message FROM tickets WHERE id = {id}"));
    assert_eq!(message.trim(), "<p>It <em>burns</em>.</p>");
    console.press(&format!("gi{id}"), "ticket");
    console.press(ENTER, "Printer on fire");
    console.press("E", "Subject");
    console.wait_for("It <em>burns</em>.");
    console.type_keys(&TAB.repeat(3));
    console.type_keys("\u{15}Now it works");
    console.type_keys(CTRL_S);
    console.wait_gone("Subject");
    console.wait_for("Now it works");
    console.press("#", "Delete");
    console.type_keys(ENTER);
    console.wait_for("Delete");
    console.type_keys(&id.to_string());
    console.press(CTRL_S, "is deleted in");
    console.wait_for(&format!("#{id} deleted"));
}

#[test]
fn a_signal_restores_the_terminal_and_keeps_the_draft() {
    let desk = Desk::open();
    let mut console = desk.console();
    console.type_keys("gi32\r");
    console.wait_for("#32 ");
    console.press("n", "colleagues only");
    console.type_keys("not finished ye");
    console.wait_for("draft saved");
    console.type_keys("t");
    console.wait_for("not finished yet");
    console.signal("TERM");
    console.ended();
    console.wait_restored();

    let mut again = desk.console();
    again.type_keys("gi32\r");
    again.wait_for("#32 ");
    again.press("n", "not finished yet");
    again.press(ESCAPE, "kept as a draft");
    leave(again);
}

#[test]
fn a_wrong_key_is_said_and_a_pipe_is_no_terminal() {
    let desk = Desk::open();
    let url = desk.sandbox.as_ref().expect("it runs").url();
    let environment = [("GROWDESK_URL", url.as_str()), ("GROWDESK_API_KEY", "wrong")];
    let mut console = Console::start(&[], &environment, desk.folder.path());
    console.wait_for("does not accept the API key");
    assert!(!console.text().contains("wrong\""));
    console.type_keys("q");
    assert!(console.ended().success());

    let piped = std::process::Command::new(env!("CARGO_BIN_EXE_growdesk"))
        .env("GROWDESK_CONFIG", desk.folder.path().join("none.toml"))
        .output()
        .expect("it runs");
    assert_eq!(piped.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&piped.stderr).contains("growdesk login"));
}

#[test]
fn login_tries_the_key_and_stores_a_profile_under_a_new_name() {
    let desk = Desk::open();
    let sandbox = desk.sandbox.as_ref().expect("it runs");
    let login = |key: &str| {
        use std::io::Write as _;
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_growdesk"))
            .args(["login", "--profile", "work", "--url", &sandbox.url(), "--timezone", "UTC"])
            .env("GROWDESK_CONFIG", desk.folder.path().join("config.toml"))
            .env("GROWDESK_DATA", desk.folder.path().join("data"))
            .stdin(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut input = child.stdin.take().expect("its input");
        input.write_all(key.as_bytes()).expect("it reads");
        drop(input);
        let output = child.wait_with_output().expect("it ends");
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (stored, said) = login("wrong-key");
    assert!(!stored && said.contains("does not accept the API key"), "{said}");
    assert!(!said.contains("wrong-key"), "{said}");
    let (stored, said) = login(sandbox.api_key().expose_secret());
    assert!(stored, "{said}");
    let file = std::fs::read_to_string(desk.folder.path().join("config.toml")).expect("a file");
    assert!(file.contains("[profile.work]"), "{file}");
    assert!(!file.contains(sandbox.api_key().expose_secret()), "the key has a file of its own");
}

#[test]
fn a_server_that_is_not_ours_is_worked_on_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (url, changes) = runtime.block_on(foreign::start());
    let environment = [
        ("GROWDESK_URL", url.as_str()),
        ("GROWDESK_API_KEY", "key"),
        ("GROWDESK_HOLD_SECONDS", "0"),
        ("GROWDESK_TIMEZONE", "Europe/Berlin"),
    ];
    let mut console = Console::start(&[], &environment, folder.path());
    console.wait_for("All 1");
    console.press("6", "Invoice[31m twice");
    console.wait_for("With the supplier");
    console.press(ENTER, "Why?");
    console.press("r", "Reply to #7001");
    console.type_keys("It is on its way.");
    console.press(CTRL_S, "→ Answered");
    console.press(ENTER, "reply recorded");
    wait_recorded(&console);
    leave(console);
    let changes = changes.lock().expect("no panic").clone();
    assert_eq!(changes, ["reply \"<p>It is on its way.</p>\"", "status 7001 4"]);
}

/// The macro of the test below.
const MACRO: &str = r#"
[[macro]]
name = "Refund started"
key = "r"
text = """
Hello,

the refund for order [[order number]] is on its way: {{ ticket.subject }}, {{ ticket.url }}
"""
status = "On Hold"
add_tags = ["refund", "by phone"]
"#;

#[test]
fn a_macro_records_exactly_its_text_its_status_and_its_tags() {
    let desk = Desk::open();
    std::fs::write(desk.folder.path().join("config.toml"), MACRO).expect("a file");
    let before = |column: &str| -> String {
        desk.ask(&format!("SELECT ifnull({column}, '') FROM tickets WHERE id = 32"))
    };
    let unchanged = "subject || message || priority || ifnull(category_id, 0) || active_state \
        || ifnull(project_id, 0)";
    let (rest, subject) = (before(unchanged), before("subject"));
    let replies = "SELECT count(*) FROM replies WHERE ticket_id = 32";
    let tags = "SELECT count(*) FROM tags WHERE ticket_id = 32";
    let (replies_before, tags_before) = (desk.ask::<i64>(replies), desk.ask::<i64>(tags));
    let all_before: i64 = desk.ask("SELECT count(*) FROM replies");

    let mut console = desk.console();
    console.press("gi", "ticket");
    console.type_keys("32\r");
    // Messages that were not on screen before the agent writes are put before the agent.
    console.wait_for("Your session has expired");
    console.press("m", "Macros for #32");
    console.press("r", "order number");
    console.type_keys("88-413\r");
    console.wait_for("the refund for order 88-413");
    assert_eq!(desk.ask::<i64>(replies), replies_before, "nothing is recorded before the review");
    console.press(CTRL_S, "→ On Hold");
    console.press(ENTER, "reply recorded");
    wait_recorded(&console);
    leave(console);

    assert_eq!(desk.ask::<i64>(replies), replies_before + 1);
    assert_eq!(desk.ask::<i64>("SELECT count(*) FROM replies"), all_before + 1);
    let text: String =
        desk.ask("SELECT text FROM replies WHERE ticket_id = 32 ORDER BY id DESC LIMIT 1");
    let subject = subject.replace('&', "&amp;").replace('<', "&lt;");
    assert!(text.contains("order 88-413") && text.contains(&subject), "{text}");
    assert!(text.contains("/tickets/32") && !text.contains("{{") && !text.contains("[["), "{text}");
    assert_eq!(desk.ask::<i64>("SELECT status_id FROM tickets WHERE id = 32"), 3);
    assert_eq!(desk.ask::<i64>(tags), tags_before + 2);
    let refund = format!("{tags} AND title IN ('refund', 'by-phone')");
    assert_eq!(desk.ask::<i64>(&refund), 2);
    assert_eq!(before(unchanged), rest);
}
