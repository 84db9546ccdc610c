//! What others do, and what this console did before, while a change is on its way.

use std::time::Duration;

use growdesk::{
    domain::{
        Change, Edit, Entry, FieldsChange, Priority, ReplyId, ReplyKind, State, TagsChange,
        outbox::Decision,
    },
    text::clean,
};
use jiff::{SignedDuration, Timestamp};

use crate::{
    bench::{Bench, Pace, entry, sandbox},
    ledger::Ledger,
    writes::{NEWEST, TICKET, Write},
};

const PACE: Pace = Pace {
    timeout: Duration::from_millis(800),
    grace: Duration::from_millis(900),
    retry: Duration::from_millis(150),
};

async fn bench(write: Write) -> Bench {
    let sandbox = sandbox().await;
    write.arrange(&sandbox);
    Bench::open(sandbox, PACE).await
}

fn requests(bench: &Bench, request: &str) -> usize {
    let requests = bench.sandbox.requests();
    requests.iter().filter(|it| format!("{} {}", it.method, it.path) == request).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_key_ends_by_itself_once_it_is_good_again() {
    let mut bench = bench(Write::Reply).await;
    let before = Ledger::of(&bench.sandbox);
    let entry = Write::Reply.entry(&mut bench).await;
    let fault = bench.fault("* /api/** unauthorized");
    bench.queue(vec![entry.clone()]);
    bench.until("it is tried again", async |it| it.sandbox.faults().hits(fault) > 3).await;
    bench.sandbox.faults().remove(fault);
    let state = bench.rest(entry.id).await;
    assert!(matches!(state, State::Recorded { .. }), "{state:?}");
    assert_eq!(before.changes(&Ledger::of(&bench.sandbox)), Write::Reply.effect(&before));
    bench.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_throttled_write_is_sent_once_more_and_no_more() {
    let mut bench = bench(Write::Note).await;
    let before = Ledger::of(&bench.sandbox);
    let entry = Write::Note.entry(&mut bench).await;
    bench.fault(&format!("{} limited=1 1", Write::Note.request()));
    let state = bench.carry_out(vec![entry]).await;
    assert!(matches!(state, State::Recorded { .. }), "{state:?}");
    assert_eq!(before.changes(&Ledger::of(&bench.sandbox)), Write::Note.effect(&before));
    assert_eq!(requests(&bench, Write::Note.request()), 2);
    bench.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_created_ticket_is_found_among_many() {
    let sandbox = sandbox().await;
    Write::Create.arrange(&sandbox);
    let copies = sandbox.change(|db| {
        let sql = "INSERT INTO tickets (subject, message, status_id, priority, source, client_id,
            category_id, created) SELECT subject, message, 1, 'normal', 'web', client_id,
            category_id, created FROM tickets WHERE id = 32";
        for _ in 0..60 {
            db.execute(sql, [])?;
        }
        Ok(())
    });
    copies.expect("the database takes it");
    let mut bench = Bench::open(sandbox, PACE).await;
    let entry = Write::Create.entry(&mut bench).await;
    bench.fault("POST /api/tickets drop-after 1");
    let state = bench.carry_out(vec![entry.clone()]).await;
    assert!(matches!(state, State::Recorded { .. }), "{state:?}");
    let count = "SELECT count(*) FROM tickets WHERE subject = 'Printer on fire'";
    assert_eq!(bench.ask::<i64>(count), 1);
    bench.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_created_ticket_is_found_in_the_archive() {
    let mut bench = bench(Write::Create).await;
    let entry = Write::Create.entry(&mut bench).await;
    let fault = bench.fault("POST /api/tickets hang-after 1");
    bench.queue(vec![entry.clone()]);
    bench.until_hit(fault).await;
    let archived = "UPDATE tickets SET active_state = 'archived' WHERE subject = 'Printer on fire'";
    bench
        .until("it is created", async |it| {
            it.sandbox.change(|db| Ok(db.execute(archived, [])?)).expect("a colleague can") == 1
        })
        .await;
    let state = bench.rest(entry.id).await;
    assert!(matches!(state, State::Recorded { .. }), "{state:?}");
    let count = "SELECT count(*) FROM tickets WHERE subject = 'Printer on fire'";
    assert_eq!(bench.ask::<i64>(count), 1);
    bench.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_whose_subject_the_server_trims_is_created_once() {
    let mut bench = bench(Write::Create).await;
    let mut entry = Write::Create.entry(&mut bench).await;
    if let Change::Create(new) = &mut entry.change {
        new.subject = " Printer  on fire ".into();
    }
    bench.fault("POST /api/tickets drop-after 1");
    let state = bench.carry_out(vec![entry]).await;
    assert!(matches!(state, State::Recorded { .. }), "{state:?}");
    let count = "SELECT count(*) FROM tickets WHERE subject LIKE 'Printer%on fire'";
    assert_eq!(bench.ask::<i64>(count), 1);
    bench.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_trims_is_no_conflict_with_oneself() {
    let mut bench = bench(Write::Fields).await;
    let fields = FieldsChange {
        subject: Some(Edit { from: clean::line("Router"), to: clean::line("The router ") }),
        message: Some(Edit {
            from: bench.ask("SELECT message FROM tickets WHERE id = 32"),
            to: "<p>Up</p>\n".into(),
        }),
        ..FieldsChange::default()
    };
    let entry = bench.entry(TICKET, Change::Fields(Box::new(fields)));
    bench.fault("PATCH /api/tickets/32 drop-after 1");
    let state = bench.carry_out(vec![entry]).await;
    assert!(matches!(state, State::Recorded { .. }), "{state:?}");
    bench.close().await;
}

/// The console was killed while its request waited for the budget or the network: when the request
/// left is not known, so it may still arrive.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_being_sent_when_the_console_ended_may_arrive_late() {
    let sandbox = sandbox().await;
    Write::Note.arrange(&sandbox);
    let long_ago = Timestamp::now() - SignedDuration::from_mins(10);
    let note = Change::Post { kind: ReplyKind::Note, text: "late".into() };
    let state = State::Sending { since: long_ago, known: Some(NEWEST) };
    let entry = Entry { state, queued: long_ago, ..entry(1, TICKET, note) };
    let look = "GET /api/tickets/32/replies";
    let mut bench = Bench::resume(sandbox, PACE, vec![entry.clone()]).await;
    bench.until("it is looked for", async |it| requests(it, look) > 0).await;
    bench
        .sandbox
        .change(|db| {
            let sql = "INSERT INTO replies (ticket_id, type, text, creator_id, created)
                VALUES (32, 'note', '<p>late</p>', 1, 1700000000000000)";
            Ok(db.execute(sql, [])?)
        })
        .expect("it arrives");
    let state = bench.rest(entry.id).await;
    assert!(matches!(state, State::Recorded { made: Some(_), .. }), "{state:?}");
    let count = "SELECT count(*) FROM replies WHERE ticket_id = 32 AND text = '<p>late</p>'";
    assert_eq!(bench.ask::<i64>(count), 1);
    bench.close().await;
}

/// Two edits of one ticket never overlap, or the later would put back what the earlier replaced.
#[tokio::test(flavor = "multi_thread")]
async fn a_decided_edit_waits_for_the_one_that_is_out() {
    let mut bench = bench(Write::Fields).await;
    let subject = FieldsChange {
        subject: Some(Edit { from: clean::line("Router"), to: clean::line("Mine") }),
        ..FieldsChange::default()
    };
    let priority = FieldsChange {
        priority: Some(Edit { from: Priority::Normal, to: Priority::Urgent }),
        ..FieldsChange::default()
    };
    bench
        .sandbox
        .change(|db| Ok(db.execute("UPDATE tickets SET subject = 'Theirs' WHERE id = 32", [])?))
        .expect("a colleague edits");
    let asked = bench.entry(TICKET, Change::Fields(Box::new(subject)));
    let state = bench.carry_out(vec![asked.clone()]).await;
    let State::Decision { reason: Decision::Conflict { .. } } = state else { panic!("{state:?}") };
    let other = bench.entry(TICKET, Change::Fields(Box::new(priority)));
    let slow = bench.fault("PATCH /api/tickets/32 latency=400ms 1");
    bench.queue(vec![other.clone()]);
    bench.until_hit(slow).await;
    let state = bench.send_anyway(asked.id).await;
    assert!(matches!(state, State::Recorded { .. }), "{state:?}");
    assert!(matches!(bench.rest(other.id).await, State::Recorded { .. }));
    let now = "SELECT subject || ' ' || priority FROM tickets WHERE id = 32";
    assert_eq!(bench.ask::<String>(now), "Mine urgent");
    bench.close().await;
}

/// A sender whom nobody knows says the same, and the agent's own words got lost.
#[tokio::test(flavor = "multi_thread")]
async fn a_strangers_equal_words_are_not_the_agents() {
    let mut bench = bench(Write::Note).await;
    let text = || Change::Post { kind: ReplyKind::Reply, text: "Thanks".into() };
    let entry = Entry { seen: Some(ReplyId(i64::MAX)), ..bench.entry(TICKET, text()) };
    let fault = bench.fault("POST /api/tickets/32/replies hang 1");
    bench.queue(vec![entry.clone()]);
    bench.until_hit(fault).await;
    let mailed = bench.sandbox.change(|db| {
        let sql = "INSERT INTO replies (ticket_id, type, text, creator_id, created)
            VALUES (32, 'reply', '<p>Thanks</p>', NULL, 1700000000000000)";
        Ok(db.execute(sql, [])?)
    });
    mailed.expect("it arrives");
    let state = bench.rest(entry.id).await;
    let State::Decision { reason: Decision::Unclear { .. } } = state else { panic!("{state:?}") };
    let state = bench.send_anyway(entry.id).await;
    assert!(matches!(state, State::Recorded { .. }), "{state:?}");
    let count = "SELECT count(*) FROM replies WHERE text = '<p>Thanks</p>' AND creator_id = 1";
    assert_eq!(bench.ask::<i64>(count), 1);
    bench.close().await;
}

/// What can't be read may be what is looked for.
#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_can_not_be_read_is_not_taken_for_absent() {
    let mut bench = bench(Write::Note).await;
    let before = Ledger::of(&bench.sandbox);
    let entry = Write::Note.entry(&mut bench).await;
    let fault = bench.fault("POST /api/tickets/32/replies hang-after 1");
    bench.queue(vec![entry.clone()]);
    bench.until_hit(fault).await;
    bench.fault("GET /api/tickets/32/replies quirk=broken-item");
    let state = bench.rest(entry.id).await;
    let State::Decision { reason: Decision::Unclear { .. } } = state else { panic!("{state:?}") };
    assert_eq!(before.changes(&Ledger::of(&bench.sandbox)), Write::Note.effect(&before));
    bench.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_whose_ticket_is_gone_is_a_draft_again() {
    let mut bench = bench(Write::Note).await;
    let entry = Write::Note.entry(&mut bench).await;
    let fault = bench.fault("POST /api/tickets/32/replies hang 1");
    bench.queue(vec![entry.clone()]);
    bench.until_hit(fault).await;
    let deleted =
        bench.sandbox.change(|db| Ok(db.execute("DELETE FROM tickets WHERE id = 32", [])?));
    assert_eq!(deleted.expect("a colleague can"), 1);
    let state = bench.rest(entry.id).await;
    assert!(matches!(state, State::Refused { .. }), "{state:?}");
    let typed = entry.draft(entry.queued).expect("it was typed");
    let draft = bench.store.draft(typed.key).await.expect("the store answers");
    assert_eq!(draft.map(|it| it.text), Some(typed.text));
    bench.close().await;
}

/// It comes between the last look and the reply, and before the reply in the conversation.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_customer_writes_while_a_reply_is_out_is_not_taken_for_read() {
    let mut bench = bench(Write::Reply).await;
    let entry = Write::Reply.entry(&mut bench).await;
    let late = bench.fault("POST /api/tickets/32/replies late=300ms 1");
    bench.queue(vec![entry.clone()]);
    bench.until_hit(late).await;
    bench.sandbox.customer_reply(TICKET.0, "<p>Never mind</p>").expect("it arrives");
    let state = bench.rest(entry.id).await;
    assert!(matches!(state, State::Recorded { .. }), "{state:?}");
    let row = bench.store.row(TICKET).await.expect("the store answers").expect("it is there");
    assert!(row.has_unread(), "{row:?}");
    let seen = row.facts.and_then(|facts| facts.last_reply);
    let again = Change::Post { kind: ReplyKind::Reply, text: "Closed then".into() };
    let again = Entry { seen, ..bench.entry(TICKET, again) };
    let state = bench.carry_out(vec![again]).await;
    let State::Decision { reason: Decision::Overtaken(news) } = state else { panic!("{state:?}") };
    let texts: Vec<&str> = news.messages.iter().map(|it| it.text.as_str()).collect();
    assert_eq!(texts, ["Never mind"]);
    bench.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ones_own_posts_are_not_unread() {
    for write in [Write::Reply, Write::Note] {
        let mut bench = bench(write).await;
        let entry = write.entry(&mut bench).await;
        let state = bench.carry_out(vec![entry]).await;
        let State::Recorded { made, .. } = state else { panic!("{state:?}") };
        let row = bench.store.row(TICKET).await.expect("the store answers").expect("it is there");
        assert!(!row.has_unread(), "{row:?}");
        assert_eq!(row.facts.and_then(|facts| facts.last_reply), made);
        bench.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_writes_nothing_anew_about_what_is_in_doubt() {
    let mut bench = bench(Write::Note).await;
    let entry = Write::Note.entry(&mut bench).await;
    // The outage begins while the post is out, before its answer is lost.
    bench.fault("POST /api/tickets/32/replies latency=400ms 1");
    let lost = bench.fault("POST /api/tickets/32/replies drop-after 1");
    bench.queue(vec![entry.clone()]);
    bench.until_hit(lost).await;
    let outage = bench.fault("* /api/** drop-before");
    let looked = async |bench: &Bench, times| {
        let hits = async |it: &Bench| it.sandbox.faults().hits(outage) >= times;
        bench.until("it is looked for", hits).await;
        bench.store.entry(entry.id).await.expect("the store answers").expect("it is there").state
    };
    let state = looked(&bench, 4).await;
    assert!(matches!(state, State::Doubtful { .. }), "{state:?}");
    assert_eq!(looked(&bench, 10).await, state);
    bench.sandbox.faults().clear();
    let state = bench.rest(entry.id).await;
    assert!(matches!(state, State::Recorded { .. }), "{state:?}");
    bench.close().await;
}

/// What the agent believed to undo was there before: the log does not say that it was taken away.
#[tokio::test(flavor = "multi_thread")]
async fn the_log_says_what_an_undo_sent() {
    let mut bench = bench(Write::Tags).await;
    let both = || vec![clean::line("mine"), clean::line("theirs")];
    let add = Change::Tags(TagsChange { add: both(), remove: Vec::new() });
    let added = bench.entry(TICKET, add);
    assert!(matches!(bench.carry_out(vec![added.clone()]).await, State::Recorded { .. }));
    let back = Change::Tags(TagsChange { add: Vec::new(), remove: both() });
    let back = Entry { undo: Some(added.id), ..bench.entry(TICKET, back) };
    assert!(matches!(bench.carry_out(vec![back]).await, State::Recorded { .. }));
    let log = bench.store.log(1).await.expect("the store answers");
    let sent = TagsChange { add: Vec::new(), remove: vec![clean::line("mine")] };
    assert_eq!(log[0].change, Change::Tags(sent));
    bench.close().await;
}

/// The first request had been carried out, though the last trouble before it was known was another.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_carried_out_before_a_pause_can_be_taken_back() {
    let mut bench = bench(Write::Status).await;
    let entry = Write::Status.entry(&mut bench).await;
    let lost = bench.fault("PUT /api/tickets/32/status drop-after 1");
    bench.queue(vec![entry.clone()]);
    bench.until_hit(lost).await;
    bench.fault("GET /api/tickets/32 limited=1 1");
    let State::Recorded { undo, .. } = bench.rest(entry.id).await else { panic!("it is recorded") };
    assert_eq!(undo.map(|undo| *undo), entry.change.inverse());
    bench.close().await;
}
