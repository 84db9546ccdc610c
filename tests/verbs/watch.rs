//! `growdesk watch`: events as passes see them, their readers, and the commands that they run.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    os::unix::fs::PermissionsExt,
    process::{Child, ChildStdout, Command, Stdio},
    sync::mpsc::{Receiver, channel},
};

use growdesk::sandbox::FaultKind;
use secrecy::ExposeSecret as _;
use serde_json::Value;

use super::desk::{Desk, PATIENCE, ended, wait_for};

/// What a terminal would obey, and a shell too.
const HOSTILE: &str = "$(touch owned) `touch owned`; \u{1b}]0;x\u{7}'\"\n--exec";

/// A watch whose passes come every five seconds.
struct Watching {
    child: Child,
    lines: Receiver<String>,
    messages: Receiver<String>,
}

fn lines_of(pipe: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (tell, told) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            if tell.send(line).is_err() {
                return;
            }
        }
    });
    told
}

fn command(desk: &Desk, arguments: &[&str]) -> Command {
    let sandbox = desk.sandbox();
    let key = desk.folder.path().join("key");
    std::fs::write(&key, sandbox.api_key().expose_secret()).expect("a key");
    std::fs::set_permissions(&key, PermissionsExt::from_mode(0o600)).expect("for its owner");
    desk.write_config(&format!(
        "[profile.work]\nurl = \"{}\"\napi_key_file = \"key\"\npoll_seconds = 5\n
        [pipe]\ntimeout_seconds = 1\n",
        sandbox.url()
    ));
    let mut command = desk.command(arguments);
    command.env_remove("GROWDESK_URL").env_remove("GROWDESK_API_KEY");
    command.env("GROWDESK_SERVE_KEY", "a secret");
    command
}

impl Watching {
    fn begin(desk: &Desk, arguments: &[&str]) -> Self {
        let mut command = command(desk, &[&["watch"], arguments].concat());
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        let lines = lines_of(child.stdout.take().expect("its output"));
        let messages = lines_of(child.stderr.take().expect("its messages"));
        let this = Self { child, lines, messages };
        this.hears("watching");
        this
    }

    /// Waits for a message with these words.
    fn hears(&self, words: &str) -> String {
        loop {
            let line = self.messages.recv_timeout(PATIENCE).expect("a message");
            if line.contains(words) {
                return line;
            }
        }
    }

    fn line(&self) -> String {
        self.lines.recv_timeout(PATIENCE).expect("an event")
    }

    fn event(&self) -> Value {
        serde_json::from_str(&self.line()).expect("JSON")
    }

    fn stop(mut self, name: &str) {
        let sent = Command::new("kill").args([name, &self.child.id().to_string()]).status();
        assert!(sent.expect("kill").success());
        assert_eq!(self.child.wait().expect("it ends").code(), Some(0));
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn open_ticket(desk: &Desk) -> i64 {
    desk.ask("SELECT max(id) FROM tickets WHERE status_id = 1 AND active_state = 'active'")
}

fn customer_writes(desk: &Desk, id: i64) {
    desk.change(&format!(
        "INSERT INTO replies (ticket_id, type, text, creator_id, created)
            SELECT {id}, 'reply', 'Hello?', min(id), 1772546400000000 FROM users
            WHERE kind = 'contact';
        UPDATE tickets SET status_id = 5 WHERE id = {id};"
    ));
}

#[test]
fn a_new_ticket_a_message_a_status_and_a_deletion_are_told_once() {
    let desk = Desk::open();
    let watching = Watching::begin(&desk, &["--json"]);
    let (id, other) = (open_ticket(&desk), 1);
    customer_writes(&desk, id);
    let (message, status) = (watching.event(), watching.event());
    assert_eq!((&message["kind"], &message["id"]), (&"customer".into(), &id.into()), "{message}");
    assert_eq!((&status["kind"], &status["after"]["id"]), (&"status".into(), &5.into()));
    assert_eq!(status["before"]["id"], 1);
    assert_eq!(status["own"], false);
    let new: i64 = desk.ask("SELECT max(id) + 1 FROM tickets");
    desk.change(&format!(
        "INSERT INTO tickets (id, subject, message, status_id, priority, source, created)
        VALUES ({new}, 'Fresh', 'Text', 1, 'high', 'email', 1772546400000000);"
    ));
    let event = watching.event();
    assert_eq!((&event["kind"], &event["id"]), (&"new".into(), &new.into()), "{event}");
    assert_eq!((&event["before"], &event["subject"]), (&Value::Null, &"Fresh".into()));
    assert!(event["url"].as_str().expect("text").ends_with(&format!("/tickets/{new}")));
    let fields = event.as_object().expect("an object").len();
    assert_eq!(fields, 12);
    desk.change(&format!("DELETE FROM tickets WHERE id = {new};"));
    let event = watching.event();
    assert_eq!((&event["kind"], &event["after"]), (&"gone".into(), &Value::Null), "{event}");
    assert!(other < id && watching.lines.try_recv().is_err(), "each is told once");
    watching.stop("-INT");
}

#[test]
fn what_the_profile_does_itself_is_no_message_of_the_customer() {
    let desk = Desk::open();
    let watching = Watching::begin(&desk, &["--json"]);
    let id = open_ticket(&desk).to_string();
    let mut note = command(&desk, &["note", &id, "--text", "Called back"]);
    assert!(note.status().expect("it runs").success());
    let mut status = command(&desk, &["status", "3", &id]);
    assert!(status.status().expect("it runs").success());
    let event = watching.event();
    assert_eq!((&event["kind"], &event["own"]), (&"status".into(), &true.into()), "{event}");
    watching.stop("-TERM");
}

#[test]
fn only_tickets_of_the_view_are_told() {
    let desk = Desk::open();
    let watching = Watching::begin(&desk, &["--view", "urgent"]);
    let ids: Vec<i64> = ["normal", "urgent"]
        .map(|priority| {
            desk.ask(&format!(
                "SELECT max(id) FROM tickets WHERE status_id = 1 AND active_state = 'active'
                AND priority = '{priority}'"
            ))
        })
        .into();
    ids.iter().for_each(|id| customer_writes(&desk, *id));
    let line = watching.line();
    let cells: Vec<&str> = line.split('\t').collect();
    assert_eq!((cells.len(), cells[1], cells[2]), (7, "customer", &*ids[1].to_string()), "{line}");
}

#[test]
fn a_reader_that_goes_away_ends_it_also_while_nothing_happens() {
    let desk = Desk::open();
    let mut watching = Watching::begin(&desk, &[]);
    // The thread that reads the lines ends with the first one that nobody wants.
    let (_, none) = channel();
    drop(std::mem::replace(&mut watching.lines, none));
    customer_writes(&desk, open_ticket(&desk));
    wait_for("the end", || watching.child.try_wait().expect("its state").is_some());
    assert_eq!(watching.child.wait().expect("it ended").code(), Some(0));
    let mut child = command(&desk, &["watch"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let messages = lines_of(child.stderr.take().expect("its messages"));
    assert!(messages.recv_timeout(PATIENCE).expect("a message").contains("watching"));
    let output: ChildStdout = child.stdout.take().expect("its output");
    drop(output);
    let ran = ended(child);
    assert_eq!(ran.code, 0, "{ran:?}");
}

#[test]
fn a_command_gets_each_event_without_a_shell_and_without_a_secret() {
    let desk = Desk::open();
    let script = desk.folder.path().join("hook");
    let out = desk.folder.path().join("out");
    std::fs::write(
        &script,
        format!(
            "#!/bin/sh\ncat > {0}.json\nenv > {0}.env\necho noise\nmv {0}.json {0}.done\nexit 3\n",
            out.display()
        ),
    )
    .expect("a script");
    std::fs::set_permissions(&script, PermissionsExt::from_mode(0o755)).expect("it may run");
    let watching = Watching::begin(&desk, &["--json", "--exec", &script.display().to_string()]);
    let id = open_ticket(&desk);
    let hostile = HOSTILE.replace('\'', "''");
    desk.change(&format!(
        "UPDATE tickets SET subject = '{hostile}', status_id = 3 WHERE id = {id}"
    ));
    let event = watching.event();
    assert_eq!(event["kind"], "status");
    assert!(watching.hears("noise").starts_with("noise"));
    assert!(watching.hears("it failed").contains(&format!("#{id}")));
    let got: Value =
        serde_json::from_str(&std::fs::read_to_string(out.with_extension("done")).expect("it ran"))
            .expect("JSON");
    assert_eq!((&got["id"], &got["subject"]), (&event["id"], &event["subject"]));
    let env = std::fs::read_to_string(out.with_extension("env")).expect("it ran");
    assert!(env.contains(&format!("GROWDESK_EVENT_ID={id}")) && !env.contains('\u{1b}'), "{env}");
    assert!(env.contains("GROWDESK_EVENT_KIND=status") && !env.contains("a secret"), "{env}");
    assert!(!desk.folder.path().join("owned").exists());
    watching.stop("-INT");
}

#[test]
fn a_command_that_hangs_is_ended_and_the_next_event_has_its_turn() {
    let desk = Desk::open();
    let watching = Watching::begin(&desk, &["--exec", "sh -c 'sleep 600; true'"]);
    customer_writes(&desk, open_ticket(&desk));
    watching.hears("customer of");
    watching.hears("status of");
    watching.stop("-INT");
    for wrong in ["", "  ", "say 'so"] {
        let ran = super::desk::finish(command(&desk, &["watch", "--exec", wrong]), b"");
        assert_eq!(ran.code, 2, "{ran:?}");
    }
}

#[test]
fn a_server_that_goes_away_is_said_once_and_waited_for() {
    let desk = Desk::open();
    let watching = Watching::begin(&desk, &["--json"]);
    let fault = desk.always(FaultKind::DropBefore);
    watching.hears("it is tried again by itself");
    desk.sandbox().faults().remove(fault);
    watching.hears("the server is there again");
    let id = open_ticket(&desk);
    customer_writes(&desk, id);
    assert_eq!(watching.event()["id"], id);
    desk.always(FaultKind::Unauthorized);
    let mut watching = watching;
    wait_for("the end", || watching.child.try_wait().expect("its state").is_some());
    assert_eq!(watching.child.wait().expect("it ended").code(), Some(7));
}

#[test]
fn a_pipe_of_a_name_and_a_slow_reader_get_every_event() {
    let desk = Desk::open();
    let pipe = desk.folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
    let opening = {
        let pipe = pipe.clone();
        std::thread::spawn(move || std::fs::File::open(pipe).expect("a reader"))
    };
    let writer = std::fs::File::options().write(true).open(&pipe).expect("a writer");
    let mut reader = opening.join().expect("it opened");
    let mut child = command(&desk, &["watch", "--json"])
        .stdout(writer)
        .stderr(Stdio::piped())
        .spawn()
        .expect("it");
    let messages = lines_of(child.stderr.take().expect("its messages"));
    assert!(messages.recv_timeout(PATIENCE).expect("a message").contains("watching"));
    desk.change("UPDATE tickets SET status_id = 3 WHERE active_state = 'active' AND status_id = 1");
    let mut first = [0; 1];
    reader.read_exact(&mut first).expect("an event");
    assert_eq!(first[0], b'{');
    drop(reader);
    wait_for("the end", || child.try_wait().expect("its state").is_some());
    assert_eq!(child.wait().expect("it ended").code(), Some(0));
}
