//! Two consoles on one profile: a draft has one writer at a time, two texts are never woven into one, and
//! what one has recorded the other can't record again.

use std::time::{Duration, Instant};

use growdesk::domain::{Change, Draft, DraftKind};

use crate::{
    desk::{Desk, TICKETS, compose, key},
    pty::Console,
};

const ESCAPE: &str = "\u{1b}";
const CTRL_S: &str = "\u{13}";
const CTRL_T: &str = "\u{14}";
const CTRL_X: &str = "\u{18}";

/// What a console says that shows another one's text.
const ONLY_READ: &str = "Only read · Reply to #3";

fn posts(desk: &Desk) -> Vec<(i64, String)> {
    let entries = desk.with_store(async |store| store.outbox().await.expect("the store answers"));
    let post = |change| match change {
        Change::Post { text, .. } => Some(text),
        _ => None,
    };
    let posts = entries.into_iter().filter_map(|it| Some((it.ticket?.0, post(it.change)?)));
    posts.collect()
}

fn drafts(desk: &Desk) -> Vec<Draft> {
    desk.with_store(async |store| store.drafts().await.expect("the store answers"))
}

/// Two consoles that show one draft, which the first writes.
fn two(desk: &Desk, text: &str) -> (Console, Console) {
    let (mut one, mut two) = (desk.open(), desk.open());
    compose(&mut one, 3, DraftKind::Reply);
    one.type_keys(text);
    one.wait_for("draft saved");
    open_reply(&mut two);
    two.wait_for(ONLY_READ);
    two.wait_for(text);
    (one, two)
}

fn open_reply(console: &mut Console) {
    console.press("gi3\r", "#3 Printer");
    console.press("r", "Reply to #3");
}

/// Takes the draft over and waits until it is this console's.
fn take_over(console: &mut Console) {
    console.type_keys(CTRL_T);
    console.wait_gone("Only read");
}

#[test]
fn the_second_console_reads_what_the_first_writes_and_takes_it_over() {
    let desk = Desk::new();
    let (mut one, mut two) = two(&desk, "Hello from the first");
    let process = format!("({}@", one.process());
    two.wait_for(&process);
    two.wait_for("Ctrl-T takes it over");
    two.type_keys("x");
    two.wait_for("writes this reply; Ctrl-T takes it over");
    one.type_keys(", and more");
    two.wait_for("Hello from the first, and more");

    take_over(&mut two);
    two.type_keys("!");
    one.wait_for(ONLY_READ);
    one.wait_for(&format!("({}@", two.process()));
    one.wait_for("Hello from the first, and more!");
    two.press(ESCAPE, "the reply is kept as a draft");
    one.wait_gone("Only read");
    one.press("?", "and more!?");
    one.wait_for("draft saved");
    let all = drafts(&desk);
    assert_eq!(all.len(), 1, "{all:?}");
    assert_eq!(all[0].text, "Hello from the first, and more!?");
}

#[test]
fn a_writer_that_was_killed_writes_no_more() {
    let desk = Desk::new();
    let (mut one, two) = two(&desk, "Half of it");
    one.kill();
    two.wait_gone("Only read");
    let mut two = two;
    two.press(", whole", "Half of it, whole");
    two.wait_for("draft saved");
    assert_eq!(drafts(&desk).len(), 1);
}

#[test]
fn letters_typed_by_turns_are_in_the_text_once_each() {
    let desk = Desk::new();
    let mut consoles = [desk.open(), desk.open()];
    let mut words: Vec<String> = Vec::new();
    for turn in 0..11 {
        let console = &mut consoles[turn % 2];
        if turn < 2 {
            open_reply(console);
        }
        if let Some(last) = words.last() {
            console.wait_for("Only read");
            take_over(console);
            console.wait_for(last);
        }
        let word: String = "abcde".chars().map(|letter| format!("{letter}{turn}")).collect();
        console.press(&format!("{word} "), &word);
        console.wait_for("draft saved");
        words.push(word);
    }
    let all = drafts(&desk);
    assert_eq!(all.len(), 1, "{all:?}");
    assert_eq!(all[0].text, words.join(" ") + " ");
}

#[test]
fn what_both_type_at_once_never_grows_the_other_s_text() {
    let desk = Desk::new();
    let mut consoles = [desk.open(), desk.open()];
    for console in &mut consoles {
        console.press("gi3\r", "#3 Printer");
    }
    for (console, word) in consoles.iter_mut().zip(["alpha ", "omega "]) {
        console.type_keys(&format!("r{word}"));
    }
    let end = Instant::now() + Duration::from_secs(4);
    let mut typed = [1, 1];
    while Instant::now() < end {
        for ((console, word), count) in
            consoles.iter_mut().zip(["alpha ", "omega "]).zip(&mut typed)
        {
            console.type_keys(word);
            *count += 1;
        }
        std::thread::sleep(Duration::from_millis(50));
        // Now and then each of them wants it.
        if fastrand::u8(..8) == 0 {
            consoles[usize::from(fastrand::bool())].type_keys(CTRL_T);
        }
    }
    for console in &consoles {
        console.wait_until("at rest", |screen| !screen.contains(" saving "));
    }
    let all = drafts(&desk);
    for (word, count) in ["alpha", "omega"].into_iter().zip(typed) {
        for draft in &all {
            let here = draft.text.matches(word).count();
            assert!(here <= count, "{word} was typed {count} times, and is there {here} times");
        }
        assert!(all.iter().any(|draft| draft.text.contains(word)), "{word} is lost: {all:?}");
    }
    let letters: usize = all.iter().map(|draft| draft.text.len()).sum();
    assert!(letters <= 6 * (typed[0] + typed[1]) * (all.len() + 1), "{letters} letters");
}

#[test]
fn a_reply_recorded_in_one_console_is_not_recorded_again_in_the_other() {
    let desk = Desk::new();
    let (mut one, mut two) = two(&desk, "Only once");
    one.press(CTRL_S, "Review");
    one.press("y", "z takes it back");
    two.wait_for("Recorded · Reply to #3");
    two.wait_for(&format!("by another console ({}@", one.process()));
    assert!(two.text().contains("Only once"), "the text stays: {}", two.text());
    two.press(CTRL_S, "was recorded by another console");
    two.type_keys("y\r");
    assert!(!two.text().contains("Review"), "{}", two.text());
    assert_eq!(posts(&desk), [(3, "Only once".into())]);
    two.wait_for("Only oncey");
    two.wait_for("draft saved");
    assert_eq!(desk.draft(key(3, DraftKind::Reply)).expect("a new draft").text, "Only oncey\n");
    two.press(CTRL_X, "Discard the reply on #3?");
    two.press("y", "is discarded; z brings it back");
    assert_eq!(desk.draft(key(3, DraftKind::Reply)), None);
    two.type_keys("z");
    two.wait_for("Reply to #3");
    two.wait_for("Only oncey");
    two.wait_for("draft saved");
    assert_eq!(posts(&desk), [(3, "Only once".into())]);
}

#[test]
fn twelve_drafts_that_both_consoles_want_to_record_are_recorded_once_each() {
    let desk = Desk::new();
    let mut one = desk.open();
    let mut two = desk.open();
    for ticket in 1..=TICKETS {
        let text = format!("Answer {ticket}");
        let open = format!("#{ticket} Printer {ticket} is on fire ━━");
        for console in [&mut one, &mut two] {
            console.press(&format!("gi{ticket}\r"), "Enter open");
            console.press("\r", &open);
        }
        one.press("r", &format!("Reply to #{ticket}"));
        one.press(&text, "draft saved");
        one.press(CTRL_S, "Review");
        two.press("r", &format!("Reply to #{ticket}"));
        two.wait_for(&text);
        // Both want it, in the same moment or one a little later.
        two.type_keys(CTRL_T);
        std::thread::sleep(Duration::from_millis(fastrand::u64(..30)));
        one.type_keys("y");
        two.wait_gone("Only read");
        two.type_keys(CTRL_S);
        two.wait_until("reviewed, or told", |screen| {
            screen.contains("Review") || screen.contains("Recorded")
        });
        two.type_keys("y");
        for console in [&one, &two] {
            console.wait_until("at rest", |screen| {
                !screen.contains("storing") && !screen.contains("saving")
            });
        }
        for console in [&mut one, &mut two] {
            if console.text().contains("Reply to #") {
                console.type_keys(ESCAPE);
                console.wait_gone("Reply to #");
            }
            console.type_keys(ESCAPE);
            console.wait_until("in the list", |screen| {
                screen.contains("Enter open") || screen.contains("Nobody waits")
            });
        }
        let here: Vec<_> = posts(&desk).into_iter().filter(|it| it.0 == ticket).collect();
        assert_eq!(here.len(), 1, "{here:?}\n{}\n{}", one.text(), two.text());
    }
}
