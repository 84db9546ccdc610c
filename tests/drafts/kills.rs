//! Killed while text is typed, again and again: what has been on the screen for 250 ms is on the disk.

use std::{
    thread,
    time::{Duration, Instant},
};

use fastrand::Rng;
use growdesk::domain::DraftKind;

use crate::{
    desk::{Desk, TICKETS, compose, key},
    pty::Console,
};

/// What is promised: the age at which a keystroke is on the disk.
const PROMISED: Duration = Duration::from_millis(250);

/// How many desks are killed beside each other, and how often each.
const DESKS: u64 = 4;
const KILLS: usize = 50;

#[test]
fn what_was_typed_outlives_a_kill() {
    let desks: Vec<_> = (0..DESKS).map(|seed| thread::spawn(move || kill_often(seed))).collect();
    for desk in desks {
        desk.join().expect("nothing is lost");
    }
}

fn kill_often(seed: u64) {
    let mut rng = Rng::with_seed(seed);
    let desk = Desk::new();
    let mut kept: Vec<(i64, DraftKind, String)> = Vec::new();
    for round in 0..KILLS {
        let ticket = rng.i64(1..=TICKETS);
        let kind = if rng.bool() { DraftKind::Note } else { DraftKind::Reply };
        let before = kept.iter().find(|it| (it.0, it.1) == (ticket, kind));
        let before = before.map(|it| it.2.clone()).unwrap_or_default();
        let mut console = desk.open();
        compose(&mut console, ticket, kind);
        if let Some(last) = before.split_whitespace().next_back() {
            console.wait_for(last);
        }
        let typed = type_and_kill(&mut console, &mut rng, round);
        let found = desk.draft(key(ticket, kind)).map(|draft| draft.text).unwrap_or_default();
        typed.check(&before, &found);
        kept.retain(|it| (it.0, it.1) != (ticket, kind));
        kept.push((ticket, kind, found));
    }
    for (ticket, kind, text) in kept {
        let found = desk.draft(key(ticket, kind)).map(|draft| draft.text).unwrap_or_default();
        assert_eq!(found, text, "the drafts of other tickets stay as they were");
    }
}

/// What was typed before a kill.
struct Typed {
    words: Vec<String>,
    /// How many of the words had been on the screen for as long as is promised.
    old: usize,
}

fn type_and_kill(console: &mut Console, rng: &mut Rng, round: usize) -> Typed {
    let end = Instant::now() + Duration::from_millis(rng.u64(200..900));
    let mut words: Vec<String> = Vec::new();
    let mut seen: Vec<Instant> = Vec::new();
    while Instant::now() < end {
        let word = format!("k{round}w{} ", words.len());
        console.type_keys(&word);
        words.push(word);
        thread::sleep(Duration::from_millis(rng.u64(1..40)));
        let screen = console.text();
        let shown = words.iter().skip(seen.len()).take_while(|it| screen.contains(it.trim_end()));
        seen.extend(shown.map(|_| Instant::now()).collect::<Vec<_>>());
    }
    let killed = Instant::now();
    console.signal("KILL");
    console.ended();
    let old = seen.iter().filter(|at| killed.duration_since(**at) >= PROMISED).count();
    Typed { words, old }
}

impl Typed {
    /// The draft is what was there before, and then the words in their order: all old ones, and
    /// perhaps a part of the rest.
    fn check(&self, before: &str, found: &str) {
        let all = format!("{before}{}", self.words.concat());
        let owed = format!("{before}{}", self.words[..self.old].concat());
        assert!(found.starts_with(&owed), "lost: owed {owed:?}, found {found:?}");
        assert!(all.starts_with(found), "other words: typed {all:?}, found {found:?}");
    }
}

#[test]
fn an_orderly_end_keeps_every_letter() {
    for signal in ["TERM", "INT", "HUP"] {
        let desk = Desk::new();
        let mut console = desk.open();
        compose(&mut console, 3, DraftKind::Reply);
        console.type_keys("every single lette");
        console.type_keys("r");
        console.wait_for("every single letter");
        console.signal(signal);
        console.ended();
        console.wait_restored();
        let draft = desk.draft(key(3, DraftKind::Reply)).expect("a draft");
        assert_eq!(draft.text, "every single letter", "{signal}");
    }
}

#[test]
fn the_cursor_stays_where_it_was_left() {
    let desk = Desk::new();
    let mut console = desk.open();
    compose(&mut console, 3, DraftKind::Reply);
    console.type_keys("one three");
    console.wait_for("draft saved");
    console.type_keys("\u{1b}[D\u{1b}[D\u{1b}[D\u{1b}[D\u{1b}[D");
    console.wait_until("the cursor's place saved", |_| {
        desk.draft(key(3, DraftKind::Reply)).is_some_and(|draft| draft.cursor == (0, 4))
    });
    console.signal("KILL");
    console.ended();
    let mut again = desk.open();
    compose(&mut again, 3, DraftKind::Reply);
    again.press("two ", "one two three");
}
