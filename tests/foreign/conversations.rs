//! Conversations that can't be read whole, and what is written on them.

use growdesk::{
    desk::{Read, Report, RequestId, Slot, Thread, Work},
    domain::{Change, Entry, EntryId, ReplyKind, State, StepId, TicketId},
};
use jiff::Timestamp;
use serde_json::json;

use super::{
    console::Console,
    hears::Hears as _,
    server::{Asked, Server, whoops},
};

fn reply(id: i64, text: &str) -> serde_json::Value {
    json!({"id": id, "text": text, "type": "reply", "creator_id": 9, "created": "2026-06-15 09:30:00"})
}

async fn thread(console: &mut Console, ticket: i64) -> Result<Box<Thread>, String> {
    let read = Read::Thread { ticket: TicketId(ticket), width: 80, fetch: true };
    console.worker.ask(Work::Read { request: RequestId(7), slot: Slot::Fetched, read });
    console
        .told(|message| match message {
            Report::Thread { thread, .. } => Some(Ok(thread.clone())),
            Report::ThreadFailed { problem, .. } => Some(Err(problem.to_string())),
            _ => None,
        })
        .await
}

/// Records a reply or a note; gives what it comes to.
async fn record(console: &mut Console, number: i64, ticket: i64, kind: ReplyKind) -> State {
    let entry = Entry {
        id: EntryId(number.into()),
        step: StepId(number.into()),
        ticket: Some(TicketId(ticket)),
        change: Change::Post { kind, text: "Thank you".into() },
        after: None,
        seen: None,
        stood: None,
        undo: None,
        queued: Timestamp::now(),
        state: State::Queued,
    };
    console.worker.ask(Work::Queue { entries: vec![entry], drop: Vec::new() });
    console
        .told(|message| match message {
            Report::Entry { entry, .. }
                if entry.id == EntryId(number.into())
                    && (entry.state.is_settled()
                        || matches!(entry.state, State::Decision { .. })) =>
            {
                Some(entry.state.clone())
            }
            _ => None,
        })
        .await
}

fn words(thread: &Thread) -> String {
    let lines = thread.posts.iter().flat_map(|post| &post.body);
    let spans = lines.flat_map(|line| line.spans.iter().map(|span| span.text.to_string()));
    spans.collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn pictures_beyond_the_limit_hide_no_words_and_keep_no_reply_waiting() {
    let server = Server::start(3).await;
    let picture = "iVBORw0KGgo/".repeat((3 << 20) / 12);
    let message = |id| {
        reply(
            id,
            &format!(
                "<p>first {id}</p><img src=\"data:image/png;base64,{picture}\"><p>then {id}</p>"
            ),
        )
    };
    server.converse(
        2,
        json!([message(1), message(2), message(3), message(4), message(5), message(6)]).to_string(),
    );
    let folder = tempfile::tempdir().expect("a folder");
    let mut console = Console::filled(&server.address, folder.path()).await;
    let thread = thread(&mut console, 2).await.expect("it can be read");
    let words = words(&thread);
    for id in 1..=6 {
        assert!(words.contains(&format!("first {id}")) && words.contains(&format!("then {id}")));
    }
    assert!(console.was_never_cut_off(), "{:?}", console.connections);
    // All of it is news to whoever writes: that is asked, and not waited for.
    let state = record(&mut console, 1, 2, ReplyKind::Reply).await;
    assert!(matches!(state, State::Decision { .. }), "{state:?}");
}

#[tokio::test]
async fn a_reply_to_what_can_not_be_read_comes_back_as_a_draft() {
    let server = Server::start(3).await;
    server.converse(2, json!([reply(1, &"word ".repeat(4 << 20))]).to_string());
    let folder = tempfile::tempdir().expect("a folder");
    let mut console = Console::filled(&server.address, folder.path()).await;
    let failed = thread(&mut console, 2).await.expect_err("it is too large");
    assert!(failed.contains("larger than 16 MiB"), "{failed}");
    let state = record(&mut console, 1, 2, ReplyKind::Reply).await;
    let State::Refused { problem } = state else { panic!("{state:?}") };
    assert!(problem.to_string().contains("can't be read"), "{problem}");
    console.until(|it| it.drafts.contains(&"Thank you".to_owned())).await;
    assert!(server.posted().is_empty());
    assert!(console.was_never_cut_off(), "{:?}", console.connections);
    let other = record(&mut console, 2, 1, ReplyKind::Note).await;
    assert!(matches!(other, State::Recorded { .. }), "{other:?}");
}

#[tokio::test]
async fn a_message_that_can_not_be_read_is_marked() {
    let server = Server::start(3).await;
    server.converse(
        2,
        json!([reply(1, "one"), {"text": "no number"}, reply(3, "three")]).to_string(),
    );
    let folder = tempfile::tempdir().expect("a folder");
    let mut console = Console::filled(&server.address, folder.path()).await;
    let words = words(&thread(&mut console, 2).await.expect("it can be read"));
    assert!(words.contains("one") && words.contains("three"), "{words}");
    assert!(words.contains("1 of the messages here can't be read"), "{words}");
}

#[tokio::test]
async fn one_conversation_that_fails_leaves_the_connection_alone() {
    let server = Server::start(3).await;
    for spoilt in [
        whoops(),
        (200, "application/json", b"{\"data\":[{".to_vec()),
        (403, "text/html", b"<title>Blocked</title>".to_vec()),
    ] {
        server.spoil(
            move |asked, answer| if *asked == Asked::Replies(2) { spoilt.clone() } else { answer },
        );
        let folder = tempfile::tempdir().expect("a folder");
        let mut console = Console::filled(&server.address, folder.path()).await;
        thread(&mut console, 2).await.expect_err("it can't be read");
        thread(&mut console, 1).await.expect("it can be read");
        assert!(console.was_never_cut_off(), "{:?}", console.connections);
    }
}
