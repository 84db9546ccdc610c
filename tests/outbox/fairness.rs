//! A step on many tickets holds up neither what the agent does next nor the conversation on screen,
//! and the changes of one ticket keep their order.

use std::time::Duration;

use growdesk::{
    desk::{Read, Report, RequestId, Slot, Work},
    domain::{Change, Entry, EntryId, State, StepId, TagsChange, TicketId},
    sandbox::{Options, Sandbox},
    text::clean,
};

use crate::{
    bench::{Bench, Pace, entry},
    writes::{TICKET, Write},
};

const PACE: Pace = Pace {
    timeout: Duration::from_secs(20),
    grace: Duration::from_secs(30),
    retry: Duration::from_millis(150),
};

const TICKETS: i64 = 200;

/// How many requests may leave in a minute.
const BUDGET: u32 = 60;

/// A bench that keeps to the request budget.
async fn bench() -> Bench {
    let tickets = usize::try_from(TICKETS).expect("a few");
    let sandbox = Sandbox::start(Options { tickets, ..Options::default() });
    let sandbox = sandbox.await.expect("the sandbox starts");
    Write::Reply.arrange(&sandbox);
    Bench::within(sandbox, PACE, BUDGET).await
}

/// A step that tags each of `tickets`.
fn step(tickets: impl Iterator<Item = i64>) -> Vec<Entry> {
    let step = StepId::new(7, 1_000);
    let of = |(at, ticket): (usize, i64)| {
        let change =
            Change::Tags(TagsChange { add: vec![clean::line("swept")], remove: Vec::new() });
        Entry { id: step.entry(at), step, ..entry(1, TicketId(ticket), change) }
    };
    tickets.enumerate().map(of).collect()
}

/// Queues a step and waits until it has taken its share of the budget.
async fn begin(bench: &mut Bench, entries: &[Entry]) {
    bench.queue(entries.to_vec());
    let share = BUDGET - 12;
    bench
        .wait(|report| match report {
            Report::Budget(budget) if budget.used >= share => Some(()),
            _ => None,
        })
        .await;
}

/// How many of the entries are still to be sent.
async fn open(bench: &Bench, entries: &[Entry]) -> usize {
    let open = bench.store.outbox().await.expect("the store answers");
    open.iter().filter(|it| entries.iter().any(|own| own.id == it.id)).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_and_the_conversation_on_screen_do_not_wait_for_a_large_step() {
    let mut bench = bench().await;
    let entries = step((1..=TICKETS).filter(|id| *id != TICKET.0));
    begin(&mut bench, &entries).await;
    let reply = Write::Reply.entry(&mut bench).await;
    let state = bench.carry_out(vec![reply]).await;
    assert!(matches!(state, State::Recorded { .. }), "{state:?}");
    let request = RequestId(9);
    let read = Read::Thread { ticket: TICKET, width: 80, fetch: true };
    bench.worker.ask(Work::Read { request, slot: Slot::Fetched, read });
    let shown = bench.wait(|report| match report {
        Report::Thread { request: it, thread } if *it == request => Some(thread.fetched),
        _ => None,
    });
    assert!(shown.await, "it is as the server has it");
    let left = open(&bench, &entries).await;
    assert!(left > entries.len() / 2, "{left} of the step are left");
    bench.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_on_a_ticket_of_a_large_step_follows_its_change_and_not_the_others() {
    let mut bench = bench().await;
    let others = (1..=TICKETS).filter(|id| *id != TICKET.0);
    let entries = step(others.chain([TICKET.0]));
    begin(&mut bench, &entries).await;
    let reply = Write::Reply.entry(&mut bench).await;
    // What the agent sees of the ticket has the change of the step on it.
    let reply = Entry { stood: None, ..reply };
    let swept: EntryId = entries[entries.len() - 1].id;
    let state = bench.carry_out(vec![reply]).await;
    assert!(matches!(state, State::Recorded { .. }), "{state:?}");
    let change = bench.store.entry(swept).await.expect("the store answers").expect("it is there");
    assert!(matches!(change.state, State::Recorded { .. }), "it came first: {:?}", change.state);
    let writes: Vec<String> = bench
        .sandbox
        .requests()
        .iter()
        .filter(|it| it.method.as_str() != "GET" && it.path.contains("/tickets/32/"))
        .map(|it| it.method.to_string())
        .collect();
    assert_eq!(writes, ["PUT", "POST"]);
    let left = open(&bench, &entries).await;
    assert!(left > entries.len() / 2, "{left} of the step are left");
    bench.close().await;
}
