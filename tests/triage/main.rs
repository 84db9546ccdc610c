//! Twenty tickets before lunch, worked off with the real binary against the sandbox. The test counts
//! the keys, and checks the server's database afterwards.

#[path = "../support/pty.rs"]
mod pty;
mod queue;
#[path = "../support/shift.rs"]
mod shift;

use pty::Console;
use queue::Queue;
use shift::{leave, wait_recorded};

const ENTER: &str = "\r";
const ESCAPE: &str = "\u{1b}";
const CTRL_S: &str = "\u{13}";

/// The keys that the queue takes, besides typed text. At most 40 are promised.
const KEYS: usize = 36;

/// An agent at the keyboard, whose keys are counted.
struct Agent {
    console: Console,
    keys: usize,
}

impl Agent {
    /// Presses one key, then waits until `text` is on the screen.
    fn press(&mut self, key: &str, text: &str) {
        self.keys += 1;
        self.console.press(key, text);
    }

    /// Presses one key, then waits until `text` is on the screen no more.
    fn press_away(&mut self, key: &str, text: &str) {
        self.keys += 1;
        self.console.type_keys(key);
        self.console.wait_gone(text);
    }

    /// Types words, which are not counted, and waits until `text` is on the screen.
    fn words(&mut self, words: &str, text: &str) {
        self.console.press(words, text);
    }

    /// Marks all tickets in the list that have these words in their row: three keys.
    fn mark(&mut self, words: &str, count: usize) {
        self.press("/", "filter");
        self.words(words, &format!("{count} of "));
        self.press(ENTER, &format!("filter: {words}"));
        self.press("*", &format!("{count} marked"));
    }

    /// Carries out the plan that says so, and goes back to the whole list: two keys. The notice of it
    /// may be gone before anybody looks.
    fn carry_out(&mut self, plan: &str) {
        self.console.wait_for(plan);
        self.keys += 2;
        self.console.type_keys(ENTER);
        self.console.wait_gone("Enter does it");
        self.console.type_keys(ESCAPE);
        self.console.wait_gone("filter:");
    }
}

fn work_off(queue: &Queue) -> usize {
    let mut agent = Agent { console: queue.desk.console(), keys: 0 };

    agent.mark("Outage", 4);
    agent.press("p", "Priority of 4");
    agent.words("urgent", "urgent");
    agent.press(ENTER, "4 change");
    agent.carry_out("4 change");

    agent.mark("Printer", 3);
    agent.press("t", "Tags of 3");
    agent.words("hardware", "hardware");
    agent.press(ENTER, "3 change");
    agent.carry_out("3 change");

    agent.mark("Casino", 3);
    agent.press("m", "Spam");
    agent.press("s", "3 change");
    agent.carry_out("3 change");

    agent.mark("Invoice", 8);
    agent.press("m", "Invoice sent");
    agent.press("i", "8 change");
    agent.carry_out("8 change");

    agent.press("G", "Contract of case 250");
    agent.press("r", "Reply to #250");
    agent.words("We read it again.", "read it");
    agent.press(CTRL_S, "Review");
    agent.press_away("3", "Review");
    agent.press("K", "Contract of case 249");
    agent.press("n", "colleagues only");
    agent.words("Who signed this?", "signed");
    agent.press(CTRL_S, "Review");
    agent.press_away(ENTER, "Review");

    let Agent { console, keys } = agent;
    // What the last keys asked for may not be in the outbox yet.
    console.wait_until("the last is recorded", |_| {
        let thought = queue.recorded("Contract");
        let all = thought.iter().all(|it| it.contains(" reply ") || it.contains(" note "));
        all && thought.iter().any(|it| it.starts_with('3'))
    });
    wait_recorded(&console);
    leave(console);
    keys
}

/// The server has what the agent asked for, to the last field, and nothing else.
fn check(queue: &Queue, others: &str) {
    let same = |line: &str, count| vec![line.to_owned(); count];
    assert_eq!(queue.recorded("Outage"), same("5 urgent active []", 4));
    assert_eq!(queue.recorded("Printer"), same("5 normal active [hardware]", 3));
    assert_eq!(queue.recorded("Casino"), same("2 normal archived [spam]", 3));
    let invoices = queue.tickets.iter().filter(|it| it.1 == "Invoice");
    for ((id, _), line) in invoices.zip(queue.recorded("Invoice")) {
        let (begin, end) = ("2 normal active [invoice] reply <p>Hi ", "is in your account.</p>");
        let own = format!("the invoice for #{id} ");
        assert!(line.starts_with(begin) && line.ends_with(end) && line.contains(&own), "{line}");
        assert_eq!(line.matches(" reply ").count(), 1, "{line}");
    }
    let thought = [
        "5 normal active [] note <p>Who signed this?</p>",
        "3 normal active [] reply <p>We read it again.</p>",
    ];
    assert_eq!(queue.recorded("Contract"), thought);
    assert_eq!(queue.others(), others);
}

#[test]
fn a_queue_in_forty_keys() {
    let queue = Queue::open();
    let others = queue.others();
    let keys = work_off(&queue);
    assert_eq!(keys, KEYS);
    check(&queue, &others);
}

/// Works the queue off while every tenth request fails.
fn despite(fault: &str) {
    let queue = Queue::open();
    let others = queue.others();
    queue.fault(&format!("* /api/** {fault} each:10"));
    assert_eq!(work_off(&queue), KEYS);
    check(&queue, &others);
}

#[test]
fn an_error_on_every_tenth_request_costs_no_key() {
    despite("error");
}

#[test]
fn a_lost_request_of_ten_costs_no_key() {
    despite("drop-before");
}

#[test]
fn a_lost_answer_of_ten_costs_no_key() {
    despite("drop-after");
}

#[test]
fn a_limit_on_every_tenth_request_costs_no_key() {
    despite("limited=1");
}

#[test]
fn a_mistake_is_one_key() {
    let queue = Queue::open();
    let (others, before) = (queue.others(), queue.recorded("Invoice"));
    let mut agent = Agent { console: queue.desk.console(), keys: 0 };
    agent.mark("Invoice", 8);
    agent.press("s", "Status of 8");
    agent.press("2", "8 change");
    agent.carry_out("8 change");
    agent.console.wait_for("8 done");
    assert_ne!(queue.recorded("Invoice"), before);
    agent.press("z", "taken back: status Closed on 8 tickets");
    agent.console.wait_until("it is as before", |_| queue.recorded("Invoice") == before);
    wait_recorded(&agent.console);
    leave(agent.console);
    assert_eq!(queue.recorded("Invoice"), before);
    assert_eq!(queue.others(), others);
}
