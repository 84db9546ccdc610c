//! `growdesk outbox` and `growdesk log`: the real binary on a store that the test filled.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    path::PathBuf,
    process::{Command, Output, Stdio},
    time::Duration,
};

use growdesk::{
    config::Folders,
    domain::{
        Change, Draft, DraftId, DraftKey, DraftKind, Edit, Entry, EntryId, FieldsChange, Line,
        Problem, ProblemKind, ReplyId, ReplyKind, Stand, State, Status, StepId, TagsChange, Ticket,
        TicketId, columns, outbox::Decision,
    },
    store::Store,
    text::clean,
};
use jiff::{SignedDuration, Timestamp};
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use serde_json::{Value, json};
use tempfile::TempDir;

/// What a terminal would obey or show the wrong way round.
const HOSTILE: &str = "a\u{1b}]0;owned\u{7}\u{9b}2J\u{202e}b\r\n\u{7f}second line";

/// A profile whose key can't be read: no command here needs it.
const CONFIG: &str = "
[profile.work]
url = \"https://crm.example.com\"
api_key_command = [\"false\"]
agent_name = \"Ann\"
";

struct Desk {
    home: TempDir,
}

impl Desk {
    fn new() -> Self {
        let home = tempfile::tempdir().expect("a folder");
        std::fs::write(home.path().join("config.toml"), CONFIG).expect("a configuration");
        Self { home }
    }

    fn data(&self) -> PathBuf {
        self.home.path().join("data")
    }

    fn folder(&self) -> PathBuf {
        let folders = Folders::find(Some("config.toml".into()), Some(self.data()));
        let url = "https://crm.example.com".parse().expect("an address");
        folders.expect("both are named").profile_dir("work", &url)
    }

    fn environment(&self) -> [(&'static str, PathBuf); 4] {
        let home = self.home.path();
        [
            ("HOME", home.into()),
            ("TZ", "UTC".into()),
            ("GROWDESK_DATA", self.data()),
            ("GROWDESK_CONFIG", home.join("config.toml")),
        ]
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_growdesk"));
        command.args(arguments).env_clear().envs(self.environment()).stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the binary starts")
    }

    /// What comes out as JSON, and the exit code.
    fn json(&self, arguments: &[&str]) -> (Vec<Value>, i32) {
        let output = self.run(&[arguments, &["--json"]].concat());
        let text = String::from_utf8(output.stdout).expect("text");
        assert!(text.chars().all(|c| c == '\n' || is_harmless(c)), "{text:?}");
        (serde_json::from_str(&text).expect("an array"), output.status.code().expect("a code"))
    }

    /// What a terminal of 80 columns is sent.
    fn in_a_terminal(&self, arguments: &[&str]) -> String {
        let size = PtySize { rows: 24, cols: 80, ..PtySize::default() };
        let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_growdesk"));
        command.args(arguments);
        command.env_clear();
        self.environment().iter().for_each(|(name, value)| command.env(name, value));
        let mut child = pair.slave.spawn_command(command).expect("the binary starts");
        drop(pair.slave);
        let mut output = pair.master.try_clone_reader().expect("its output");
        let mut sent = Vec::new();
        // Linux reports the end of a terminal as an error; what came before it is kept.
        let _ = output.read_to_end(&mut sent);
        child.wait().expect("it ends");
        String::from_utf8(sent).expect("text").replace("\r\n", "\n")
    }

    async fn fill(&self, entries: Vec<Entry>) -> Store {
        let store = Store::open(&self.folder()).await.expect("a store").store;
        store.queue(entries, vec![]).await.expect("queued");
        store
    }
}

fn is_harmless(c: char) -> bool {
    !c.is_control() && !('\u{202a}'..='\u{202e}').contains(&c)
}

fn at(time: &str) -> Timestamp {
    time.parse().expect("a time")
}

fn line(text: &str) -> Line {
    clean::line(text)
}

fn stood(ticket: i64) -> Option<Box<Stand>> {
    let ticket = Ticket {
        subject: line("Printer on fire"),
        tags: vec![line("vip")],
        ..Ticket::sparse(TicketId(ticket))
    };
    Some(Box::new(Stand { reply: Some("What we said".into()), ..Stand::of(&ticket) }))
}

fn entry(id: i64, change: Change, state: State) -> Entry {
    Entry {
        id: EntryId(id.into()),
        step: StepId(id.into()),
        ticket: Some(TicketId(1000 + id)),
        change,
        after: None,
        seen: None,
        stood: stood(1000 + id),
        undo: None,
        queued: at("2020-03-03T14:02:00Z"),
        state,
    }
}

fn post(kind: ReplyKind, text: &str) -> Change {
    Change::Post { kind, text: text.into() }
}

fn close() -> Change {
    let [from, to, ..] = Status::usual();
    Change::Status(Edit { from, to })
}

fn problem(kind: ProblemKind, said: &str) -> Problem {
    Problem::new(kind, line(said))
}

fn doubtful() -> State {
    State::Doubtful {
        problem: problem(ProblemKind::Broken, ""),
        until: at("2100-01-01T12:00:00Z"),
        since: at("2020-03-03T14:02:05Z"),
        known: None,
    }
}

fn waiting() -> State {
    let until = at("2100-01-01T12:00:00Z");
    State::Waiting { problem: problem(ProblemKind::Unreachable, ""), until }
}

/// One entry in each state that an entry can be in on its way.
fn on_their_way() -> Vec<Entry> {
    let held = Timestamp::now() + SignedDuration::from_hours(1);
    let reason = Decision::Overtaken(Box::default());
    let long = "Hello Priya,\n\nwe found what drops the tunnel: the update sets a keepalive of 0.";
    let tags = TagsChange { add: vec![line("vpn")], remove: vec![line("vip")] };
    vec![
        entry(1, post(ReplyKind::Reply, long), State::Holding { until: held }),
        entry(2, close(), State::Queued),
        entry(3, Change::Tags(tags), State::Sending { since: held, known: None }),
        entry(4, post(ReplyKind::Note, "Called her"), waiting()),
        entry(5, Change::DeleteTicket, State::Decision { reason }),
        entry(6, Change::DeleteReply(ReplyId(9)), doubtful()),
    ]
}

/// The counted seconds are not the same twice.
fn without_seconds(text: &str) -> String {
    let digits = |rest: &str| rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    match text.split_once("recorded in ") {
        Some((before, after)) => format!("{before}recorded in N{}", &after[digits(after)..]),
        None => text.to_owned(),
    }
}

#[tokio::test]
async fn the_outbox_is_listed_as_the_console_shows_it() {
    let desk = Desk::new();
    let store = desk.fill(on_their_way()).await;
    store.claim(EntryId(3), Timestamp::now(), Duration::from_secs(600)).await.unwrap();
    let draft = |ticket: Option<i64>, kind, text: &str| Draft {
        key: DraftKey::new(ticket.map(TicketId), kind),
        id: DraftId(ticket.unwrap_or(1)),
        text: text.into(),
        cursor: (0, 0),
        updated: at("2020-03-03T15:00:00Z"),
        changes: None,
    };
    store.save_draft(draft(Some(7), DraftKind::Reply, "One moment"), None).await.unwrap();
    store.save_draft(draft(None, DraftKind::NewTicket, "{\"secret\":1}"), None).await.unwrap();

    let shown = without_seconds(&desk.in_a_terminal(&["outbox"]));
    insta::assert_snapshot!("outbox_80", shown);
    assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");

    let piped = desk.run(&["outbox"]);
    assert_eq!(String::from_utf8_lossy(&piped.stdout).lines().count(), 6 + 2);
    let said = String::from_utf8_lossy(&piped.stderr).into_owned();
    assert_eq!(said, "growdesk: in the outbox: 1 waiting for your decision, 1 doubtful\n");

    let (items, code) = desk.json(&["outbox"]);
    assert_eq!(code, 6);
    let states: Vec<&str> = items.iter().filter_map(|it| it["state"].as_str()).collect();
    let expected =
        ["holding", "queued", "sending", "waiting", "decision", "doubtful", "draft", "draft"];
    assert_eq!(states, expected);
    let queued = json!({
        "id": "2", "at": "2020-03-03T14:02:00Z", "ticket": 1002, "change": "status",
        "what": "status Closed", "reply": null, "undo": false, "state": "queued",
        "fields": [{"field": "status", "before": "Open", "after": "Closed"}],
        "until": null, "reason": null, "by": null, "proposal_reason": null,
    });
    assert_eq!(items[1], queued);
    assert_eq!(items[3]["until"], "2100-01-01T12:00:00Z");
    assert_eq!(items[3]["reason"], "the server can't be reached");
    assert_eq!(items[5]["reply"], 9);
    assert!(items.iter().all(|it| !it.to_string().contains("secret")), "a form's data");
    assert_eq!(desk.run(&["outbox"]).status.code(), Some(6));
}

#[tokio::test]
async fn a_draft_that_is_kept_beside_another_says_so() {
    let desk = Desk::new();
    let store = desk.fill(Vec::new()).await;
    let key = DraftKey::new(Some(TicketId(7)), DraftKind::Reply);
    for (id, key) in [(1, key), (2, key.beside(5))] {
        let text = "한국어 ".repeat(30);
        let (text, updated) = (text, at("2020-03-03T15:00:00Z"));
        let draft = Draft { key, id: DraftId(id), text, cursor: (0, 0), updated, changes: None };
        store.save_draft(draft, None).await.unwrap();
    }
    let shown = String::from_utf8(desk.run(&["outbox"]).stdout).unwrap();
    assert_eq!(shown.matches("kept beside the ticket's own").count(), 1, "{shown}");
    let shown = desk.in_a_terminal(&["outbox"]);
    assert!(shown.lines().all(|line| columns::width(line) <= 80), "{shown}");
    let (items, _) = desk.json(&["outbox"]);
    let reasons: Vec<_> = items.iter().filter_map(|it| it["reason"].as_str()).collect();
    assert_eq!(reasons, ["kept beside the ticket's own draft"]);
}

#[tokio::test]
async fn an_outbox_that_needs_nobody_is_no_reason_for_alarm() {
    let desk = Desk::new();
    let store =
        desk.fill(vec![entry(1, close(), State::Queued), entry(2, close(), waiting())]).await;
    assert_eq!(desk.run(&["outbox"]).status.code(), Some(0));
    let past = State::Holding { until: at("2020-03-03T14:02:05Z") };
    store.queue(vec![entry(3, close(), past)], vec![]).await.unwrap();
    let shown = String::from_utf8(desk.run(&["outbox"]).stdout).unwrap();
    assert!(shown.ends_with("#1003\tstatus: Open → Closed\tnext in line\n"), "{shown}");
}

#[tokio::test]
async fn what_a_console_that_ended_was_sending_is_doubtful() {
    let desk = Desk::new();
    let since = at("2020-03-03T14:02:05Z");
    let sending = State::Sending { since, known: None };
    let store = desk.fill(vec![entry(1, post(ReplyKind::Reply, "Hello"), sending)]).await;
    let (items, code) = desk.json(&["outbox"]);
    assert_eq!((&items[0]["state"], code), (&json!("doubtful"), 6));
    assert_eq!(items[0]["reason"], "its console ended while it was being sent");
    store.claim(EntryId(1), Timestamp::now(), Duration::from_secs(600)).await.unwrap();
    let (items, code) = desk.json(&["outbox"]);
    assert_eq!((&items[0]["state"], code), (&json!("sending"), 0));
}

/// Changes that came to each end.
async fn settled(desk: &Desk) -> Store {
    let tags = TagsChange { add: vec![line("vpn")], remove: vec![line("vip")] };
    let fields = FieldsChange {
        message: Some(Edit { from: "<p>Help</p>".into(), to: "<p>Help <b>us</b></p>".into() }),
        ..FieldsChange::default()
    };
    let undone = Entry { undo: Some(EntryId(99)), ..entry(3, Change::Tags(tags), State::Queued) };
    let entries = vec![
        entry(1, post(ReplyKind::Reply, "Hello"), State::Queued),
        entry(2, Change::Fields(Box::new(fields)), State::Queued),
        undone,
        entry(4, Change::DeleteReply(ReplyId(9)), State::Queued),
        Entry { ticket: Some(TicketId(1001)), ..entry(5, Change::DeleteTicket, State::Queued) },
    ];
    let store = desk.fill(entries).await;
    store.sign_log("Ann").await.expect("signed");
    let times = ["14:03", "14:04", "14:05", "14:06", "14:07"];
    for (id, time) in (1..).zip(times) {
        let at = at(&format!("2020-03-03T{time}:00Z"));
        let state = match id {
            1 => State::Recorded { at, made: Some(ReplyId(77)), undo: None },
            2 => {
                State::Refused { problem: problem(ProblemKind::Refused, "The subject is missing.") }
            }
            5 => State::TakenBack,
            _ => State::Recorded { at, made: None, undo: None },
        };
        assert!(store.set_state(EntryId(id.into()), state, None, at).await.expect("settled"));
    }
    store
}

#[tokio::test]
async fn the_log_says_who_did_what_when_and_what_was_there_before() {
    let desk = Desk::new();
    settled(&desk).await;
    let shown = desk.in_a_terminal(&["log"]);
    insta::assert_snapshot!("log_80", shown);
    assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");

    let (items, code) = desk.json(&["log"]);
    assert_eq!(code, 0);
    let expected = json!({
        "id": "1", "at": "2020-03-03T14:03:00Z", "ticket": 1001, "agent": "Ann",
        "change": "reply", "what": "reply", "reply": 77, "undo": false,
        "fields": [{"field": "text", "before": null, "after": "Hello"}],
        "outcome": "recorded", "reason": null,
    });
    assert_eq!(items[0], expected);
    let message = json!([{"field": "message", "before": "Help", "after": "Help us"}]);
    assert_eq!((&items[1]["fields"], &items[1]["change"]), (&message, &json!("edit")));
    assert_eq!(items[1]["reason"], "the server refused: The subject is missing");
    let tags = json!([{"field": "tags", "before": "vip", "after": "vpn"}]);
    assert_eq!((&items[2]["fields"], &items[2]["undo"]), (&tags, &json!(true)));
    let reply = json!([{"field": "text", "before": "What we said", "after": null}]);
    assert_eq!((&items[3]["fields"], &items[3]["reply"]), (&reply, &json!(9)));
    let subject = json!([{"field": "subject", "before": "Printer on fire", "after": null}]);
    assert_eq!((&items[4]["fields"], &items[4]["outcome"]), (&subject, &json!("taken_back")));
}

#[tokio::test]
async fn the_log_is_narrowed() {
    let desk = Desk::new();
    settled(&desk).await;
    let ids = |arguments: &[&str]| -> Vec<String> {
        let (items, _) = desk.json(&[&["log"], arguments].concat());
        items.iter().filter_map(|it| Some(it["id"].as_str()?.to_owned())).collect()
    };
    assert_eq!(ids(&["--limit", "2"]), ["4", "5"], "the newest, and of them the newest last");
    assert_eq!(ids(&["--ticket", "#1001"]), ["1", "5"]);
    assert_eq!(ids(&["--since", "2020-03-03T14:05", "-n", "9"]), ["3", "4", "5"]);
    assert!(ids(&["--since", "2h"]).is_empty());
    for wrong in [["--since", "soon"], ["--ticket", "vpn"], ["--limit", "-1"], ["--limit", "0"]] {
        let output = desk.run(&[&["log"][..], &wrong].concat());
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
    }
}

#[tokio::test]
async fn nothing_that_was_typed_or_received_steers_a_terminal() {
    let desk = Desk::new();
    let hostile = line(HOSTILE);
    let tags = TagsChange { add: vec![hostile.clone()], remove: vec![] };
    let fields = FieldsChange {
        subject: Some(Edit { from: line(HOSTILE), to: line("Calm") }),
        message: Some(Edit { from: format!("<p>{HOSTILE}</p>"), to: "<p>Calm</p>".into() }),
        ..FieldsChange::default()
    };
    let refused = problem(ProblemKind::Refused, HOSTILE);
    let waits = State::Waiting { problem: refused.clone(), until: at("2100-01-01T12:00:00Z") };
    let entries = vec![
        entry(1, post(ReplyKind::Reply, HOSTILE), waits),
        entry(2, Change::Fields(Box::new(fields)), State::Queued),
        entry(3, Change::Tags(tags), State::Queued),
    ];
    let store = desk.fill(entries).await;
    let key = DraftKey::new(None, DraftKind::Note);
    let draft = Draft {
        key,
        id: DraftId(1),
        text: HOSTILE.into(),
        cursor: (0, 0),
        updated: Timestamp::now(),
        changes: None,
    };
    store.save_draft(draft, None).await.unwrap();
    let check = |arguments: &[&str]| {
        let shown = desk.in_a_terminal(arguments);
        assert!(shown.chars().all(|c| c == '\n' || is_harmless(c)), "{arguments:?}: {shown:?}");
        shown
    };
    assert!(check(&["outbox"]).contains("owned"));
    let (items, _) = desk.json(&["outbox"]);
    assert_eq!(items[0]["fields"][0]["after"], HOSTILE, "JSON says it as it was typed");
    check(&["outbox", "--json"]);

    store.sign_log(HOSTILE).await.unwrap();
    for id in 1..=3 {
        let state = State::Refused { problem: refused.clone() };
        store.set_state(EntryId(id.into()), state, None, Timestamp::now()).await.unwrap();
    }
    assert!(check(&["log"]).contains("owned"));
    check(&["log", "--json"]);
}

#[test]
fn what_is_not_there_is_empty_and_is_not_made() {
    let desk = Desk::new();
    for (command, remark) in [("outbox", "everything is recorded"), ("log", "nothing in the log")] {
        let output = desk.run(&[command]);
        assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(0), &b""[..]));
        assert!(String::from_utf8_lossy(&output.stderr).contains(remark), "{output:?}");
        assert_eq!(desk.json(&[command]), (vec![], 0));
    }
    assert!(!desk.data().exists());
}

#[test]
fn without_a_profile_it_says_how_to_get_one() {
    let desk = Desk::new();
    std::fs::remove_file(desk.home.path().join("config.toml")).unwrap();
    for command in ["outbox", "log"] {
        let output = desk.run(&[command, "--json"]);
        assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(2), &b""[..]));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let said: Value = serde_json::from_str(&said).expect("an object");
        assert_eq!(said["error"]["code"], "usage");
        assert_eq!(said["error"]["message"], "there is no profile yet");
        assert!(said["error"]["help"].as_str().unwrap().contains("growdesk login"), "{said}");
    }
    assert!(!desk.data().exists());
}

#[tokio::test]
async fn a_reader_that_has_seen_enough_is_no_failure() {
    let desk = Desk::new();
    let text = "long ".repeat(20_000);
    desk.fill((1..20).map(|id| entry(id, post(ReplyKind::Note, &text), State::Queued)).collect())
        .await;
    let mut command = desk.command(&["outbox", "--json"]);
    let mut child =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut first = String::new();
    let mut output = BufReader::new(child.stdout.take().expect("its output"));
    output.read_line(&mut first).expect("a line");
    drop(output);
    let ended = child.wait_with_output().expect("it ends");
    assert_eq!((first.as_str(), ended.status.code()), ("[\n", Some(0)));
    assert!(ended.stderr.is_empty(), "{ended:?}");
}

#[tokio::test]
async fn where_no_console_is_open_the_outbox_waits_for_one() {
    let desk = Desk::new();
    let store = Store::open(&desk.folder()).await.unwrap().store;
    let now = Timestamp::now();
    let held = State::Holding { until: now + SignedDuration::from_secs(600) };
    let entries = vec![entry(1, post(ReplyKind::Reply, "Hello"), held)];
    store.queue(entries, vec![]).await.unwrap();
    let shown = || String::from_utf8_lossy(&desk.run(&["outbox"]).stdout).into_owned();
    assert!(shown().contains("recorded in"), "{}", shown());
    store.close().await;
    assert!(shown().contains("waits for a console"), "{}", shown());
}

#[test]
fn the_demo_refuses_a_data_folder_that_it_would_not_use() {
    let desk = Desk::new();
    let output = desk.run(&["demo", "--data", "here"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("takes no --data"), "{said}");
}
