//! What marking, planning and taking back cost on thousands of tickets. It prints figures and
//! asserts no time: a busy machine makes the same program several times slower.
//!
//! `cargo test --release --test screens many -- --ignored --nocapture`

use std::time::{Duration, Instant};

use growdesk::{
    app::Message,
    desk::{Connection, Report, Stored},
    domain::{Entry, Row, State, TicketId},
};

use crate::support::{
    console::{Console, parse},
    desk,
};

const ALL: i64 = 100_000;
const MANY: i64 = 2_000;

fn rows() -> Vec<Row> {
    let sketches = desk::rows();
    let row = |at: i64| {
        let at_sketch = usize::try_from(at).expect("a few") % sketches.len();
        let mut row = sketches[at_sketch].clone();
        row.ticket.id = TicketId(at);
        row.ticket.department.get_or_insert_with(|| desk::directory().departments[0].clone());
        let word = if at % (ALL / MANY) == 0 { "swept" } else { "other" };
        row.ticket.subject = desk::line(&format!("{word} request number {at}"));
        row
    };
    (1..=ALL).map(row).collect()
}

/// The time that a message takes the core.
fn time(console: &mut Console, message: impl Into<Message>) -> Duration {
    let message = message.into();
    let begin = Instant::now();
    let effects = growdesk::app::update(&mut console.model, console.now, message);
    let took = begin.elapsed();
    drop(effects);
    took
}

fn press(console: &mut Console, key: &str) -> Duration {
    let key = parse(key)[0];
    let took = time(console, Message::Key(key));
    console.see();
    took
}

fn entries(console: &Console) -> Vec<Entry> {
    console.model.outbox.entries().iter().cloned().collect()
}

fn print(what: &str, took: Duration) {
    println!("{what:<48} {:>9.2} ms", took.as_secs_f64() * 1_000.0);
}

#[test]
#[ignore = "prints figures"]
fn what_thousands_of_tickets_cost() {
    let mut console = Console::opened(120, 40);
    let stored = Stored { rows: rows(), directory: desk::directory(), ..Stored::default() };
    console.send(Report::Stored(Box::new(stored)));
    console.send(Report::Connection(Connection::Online));
    console.rest();
    console.keys("6").rest();
    assert_eq!(console.model.list.listed().len(), 94_737);
    print("* on all that are listed", press(&mut console, "*"));
    print("* again", press(&mut console, "*"));
    print("x", press(&mut console, "x"));
    let begin = Instant::now();
    let _ = console.text();
    print("draw of the list (debug buffer included)", begin.elapsed());
    console.keys("<esc>/swept<enter>").rest();
    print("* on 2,000", press(&mut console, "*"));
    console.keys("<esc>").rest();
    print("s with 2,000 marked of 100,000", press(&mut console, "s"));
    print("3: the plan", press(&mut console, "3"));
    let begin = Instant::now();
    let _ = console.text();
    print("draw of the plan", begin.elapsed());
    print("Enter: carried out", press(&mut console, "<enter>"));
    let all = entries(&console);
    println!("{} entries", all.len());
    print("the store has them", time(&mut console, Report::Queued { entries: all.clone() }));
    print("z", press(&mut console, "z"));
    let taken = all.iter().map(|it| Entry { state: State::TakenBack, ..it.clone() }).collect();
    print("2,000 were taken back", time(&mut console, Report::TakenBack(taken)));
    assert!(console.model.outbox.entries().is_empty());
    print("Z", press(&mut console, "Z"));
    let all = entries(&console);
    let _ = time(&mut console, Report::Queued { entries: all.clone() });
    let (mut sum, mut most) = (Duration::ZERO, Duration::ZERO);
    for entry in &all {
        let undo = entry.change.inverse().map(Box::new);
        let state = State::Recorded { at: console.now, made: None, undo };
        let row = console.model.tickets.get(entry.ticket.expect("it has one")).map(Box::new);
        let entry = Box::new(Entry { state, ..entry.clone() });
        let took = time(&mut console, Report::Entry { entry, row });
        (sum, most) = (sum + took, most.max(took));
    }
    print("one is recorded, at most", most);
    print("all are recorded, one by one", sum);
    print("z on 2,000 recorded ones", press(&mut console, "z"));
    let back = entries(&console);
    assert_eq!(back.len(), all.len());
}
