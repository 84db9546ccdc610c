//! Lines that no client of the protocol would send. The server answers with the protocol's errors, lives
//! on, and prints nothing else.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdin, Stdio},
    sync::mpsc,
};

use serde_json::{Value, json};

use crate::desk::{Desk, PATIENCE, wait_for};

/// The server, with its lines.
struct Raw {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: mpsc::Receiver<String>,
}

impl Raw {
    fn of(desk: &Desk) -> Self {
        let mut command = desk.command(&["mcp"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("it starts");
        let stdout = BufReader::new(child.stdout.take().expect("its output"));
        let (heard, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if heard.send(line).is_err() {
                    break;
                }
            }
        });
        let stdin = child.stdin.take();
        Self { child, stdin, lines }
    }

    /// A server that was greeted.
    fn greeted(desk: &Desk) -> Self {
        let mut raw = Self::of(desk);
        let about = json!({ "name": "lines", "version": "1" });
        raw.send(&json!({
            "jsonrpc": "2.0", "id": 0, "method": "initialize",
            "params": { "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": about },
        }));
        assert_eq!(raw.answer()["result"]["serverInfo"]["name"], "growdesk");
        raw.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        raw
    }

    fn write(&mut self, bytes: &[u8]) {
        let stdin = self.stdin.as_mut().expect("it is open");
        stdin.write_all(bytes).and_then(|()| stdin.flush()).expect("it reads");
    }

    fn send(&mut self, value: &Value) {
        self.write(format!("{value}\n").as_bytes());
    }

    /// The next line. Nothing but the protocol is ever printed.
    fn answer(&self) -> Value {
        let line = self.lines.recv_timeout(PATIENCE).expect("an answer");
        let value: Value = serde_json::from_str(&line).unwrap_or_else(|it| panic!("{it}: {line}"));
        assert_eq!(value["jsonrpc"], "2.0", "{line}");
        value
    }

    /// It answers as ever.
    fn lives(&mut self, id: i64) {
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": "ping" }));
        let answer = self.answer();
        assert_eq!((&answer["id"], answer["error"].is_null()), (&json!(id), true), "{answer}");
    }

    /// It ends by itself once its input is closed.
    fn ends(mut self) {
        drop(self.stdin.take());
        let mut status = None;
        wait_for("its end", || {
            status = self.child.try_wait().expect("it can be asked");
            status.is_some()
        });
        assert_eq!(status.and_then(|it| it.code()), Some(0));
        assert!(self.lines.iter().all(|line| line.starts_with('{')), "the protocol alone");
    }
}

fn call(id: &Value, tool: &str, arguments: &Value) -> Value {
    let params = json!({ "name": tool, "arguments": arguments });
    json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params })
}

#[test]
fn what_is_wrong_gets_the_protocols_error_and_the_server_lives() {
    let desk = Desk::open();
    let mut raw = Raw::greeted(&desk);
    // What is no JSON can't be answered.
    for line in ["{", "\u{0}\u{1}", "{\"jsonrpc\":\"2.0\",", "\r", "", "}{"] {
        raw.write(format!("{line}\n").as_bytes());
    }
    raw.write(b"\xff\xfe\n");
    raw.lives(1);
    raw.send(&json!({ "jsonrpc": "2.0", "id": 2, "method": "no/such" }));
    assert_eq!(raw.answer()["error"]["code"], -32601);
    for (at, (tool, arguments)) in [
        ("no_such_tool", json!({})),
        ("get_ticket", json!({})),
        ("get_ticket", json!({ "id": "7" })),
        ("get_ticket", json!({ "id": 1.5 })),
        ("get_ticket", json!({ "id": 18_446_744_073_709_551_615_u64 })),
        ("get_ticket", json!({ "id": 7, "more": true })),
        ("queue", json!({ "limit": -1 })),
        ("queue", json!({ "limit": "all" })),
        ("list_tickets", json!({ "status": "Open" })),
        ("list_tickets", json!({ "tags": [7] })),
        ("client", json!({ "client": null })),
        ("save_draft", json!({ "ticket": 1, "kind": "email", "text": "x" })),
        ("propose_change", json!({ "ticket": 1 })),
        ("propose_change", json!({ "ticket": 1, "reason": "x", "delete": true })),
    ]
    .into_iter()
    .enumerate()
    {
        let id = json!(10 + at);
        raw.send(&call(&id, tool, &arguments));
        let answer = raw.answer();
        assert_eq!((&answer["id"], &answer["error"]["code"]), (&id, &json!(-32602)), "{answer}");
    }
    // Too large a number for a request, and for a ticket as it is written.
    let huge = r#"{"jsonrpc":"2.0","id":18446744073709551616,"method":"ping"}"#;
    raw.write(format!("{huge}\n").as_bytes());
    raw.send(&json!({ "jsonrpc": "2.0", "id": 50, "method": "tools/call", "params": 7 }));
    raw.send(&json!({ "jsonrpc": "2.0", "id": 51, "method": "ping" }));
    loop {
        let answer = raw.answer();
        if answer["id"] == 51 {
            break;
        }
        assert!(!answer["error"].is_null(), "{answer}");
    }
    raw.send(&call(&json!(60), "get_ticket", &json!({ "id": -5 })));
    assert_eq!(raw.answer()["result"]["isError"], true);
    raw.lives(61);
    raw.ends();
}

#[test]
fn a_huge_line_is_an_argument_that_is_too_long_or_is_dropped() {
    let desk = Desk::open();
    let mut raw = Raw::greeted(&desk);
    let text = "x".repeat(1 << 20);
    let arguments = json!({ "ticket": 1, "reason": "why", "reply": text });
    raw.send(&call(&json!(1), "propose_change", &arguments));
    let answer = raw.answer();
    assert_eq!(answer["result"]["isError"], true, "{}", &answer.to_string()[..200]);
    for _ in 0..6 {
        raw.write("y".repeat(1 << 20).as_bytes());
    }
    raw.write(b"\n");
    raw.lives(2);
    raw.ends();
}

#[test]
fn a_client_that_goes_away_ends_it_quietly_whenever_that_is() {
    let desk = Desk::open();
    Raw::of(&desk).ends();
    let mut half = Raw::of(&desk);
    half.write(b"{\"jsonrpc\":\"2.0\",\"id\":");
    half.ends();
    let mut raw = Raw::of(&desk);
    raw.send(&json!({ "jsonrpc": "2.0", "id": 1, "method": "no/greeting" }));
    drop(raw.stdin.take());
    wait_for("its end", || raw.child.try_wait().expect("it can be asked").is_some());
    let mut busy = Raw::greeted(&desk);
    busy.send(&call(&json!(1), "queue", &json!({})));
    busy.send(&call(&json!(2), "get_ticket", &json!({ "id": 1 })));
    busy.ends();
}
