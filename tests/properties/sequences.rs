//! Random sequences of messages: nothing panics, nothing is shown as done that is not, no word is
//! lost, the same messages give the same screen.

use std::collections::BTreeSet;

use crokey::KeyCombination;
use crossterm::event::KeyCode;
use growdesk::{
    app::{Message, Settings, panes::composer::Composer},
    desk::{BudgetUse, Connection, LastScreen, Report, Stored},
    domain::{Change, Draft, DraftId, DraftKey, DraftKind, Entry, ReplyKind, TicketId},
    text::clean,
};
use jiff::SignedDuration;
use proptest::prelude::*;

use crate::{
    acts::{Act, GESTURES, act, bound},
    cases, hostile,
    office::Office,
    right_ticket::{self, Sight},
    support::{
        console::{Console, parse},
        desk,
    },
    terminal,
};

/// A console with a worker and a server behind it.
pub(crate) struct Play {
    pub(crate) console: Console,
    office: Office,
    /// What is wrong, if something is.
    fault: Option<String>,
    /// The tickets that keys were about.
    named: BTreeSet<TicketId>,
    /// The tickets of the plans that were on top: what was done to them may be done again.
    planned: BTreeSet<TicketId>,
    /// What was on screen when the last key was pressed, where that is looked at.
    seen: Option<String>,
}

impl Play {
    pub(crate) fn begin(text: &str) -> Self {
        let settings = Settings { agent: text.into(), profile: text.into(), ..desk::settings() };
        let mut console = Console::with(settings, 120, 40);
        // The office answers for the store.
        console.stalled = true;
        let mut rows = desk::rows();
        rows.splice(..4, (0..4).map(|at| hostile::row(at, text)));
        let draft = Draft {
            key: DraftKey::new(Some(rows[2].ticket.id), DraftKind::Reply),
            id: DraftId(1),
            text: format!("draft {text}"),
            cursor: (9, 9),
            updated: console.now,
            changes: None,
        };
        let screen = LastScreen { view: "All".into(), ..LastScreen::default() };
        console.send(Report::Stored(Box::new(Stored {
            rows: rows.clone(),
            drafts: vec![draft.clone()],
            directory: hostile::directory(text),
            screen: Some(screen),
            notices: vec![clean::line(text).to_string()],
            ..Stored::default()
        })));
        let office = Office::open(rows, vec![draft]);
        Self {
            console,
            office,
            fault: None,
            named: BTreeSet::new(),
            planned: BTreeSet::new(),
            seen: None,
        }
    }

    pub(crate) fn send(&mut self, message: impl Into<Message>) {
        // No two messages come at the same time: a draft's versions are told apart by it.
        self.console.now += SignedDuration::from_millis(1);
        let message = message.into();
        let key = match message {
            Message::Key(key) => Some(key),
            _ => None,
        };
        let sight = Sight::of(&self.console.model);
        self.named.extend(sight.target.filter(|_| key.is_some()));
        if key.is_some() && self.seen.is_some() {
            self.seen = Some(self.console.text());
        }
        let held = self.is_storing() || self.console.model.is_searching();
        self.console.send(message);
        let effects = self.console.effects();
        // Keys that waited are pressed now, one after the other, with nobody to look in between.
        let waited = key.is_none() && held;
        self.planned.extend(&sight.planned);
        for entry in right_ticket::asked(&effects).filter(|_| !waited) {
            let named = |id: &TicketId| self.planned.contains(id) || self.was_named(*id);
            let Some(id) = entry.ticket.filter(|id| !named(id)) else { continue };
            self.fault.get_or_insert(format!("{id} was never at hand: {:?}", entry.change));
        }
        if let Some(fault) = sight.fault(key, &self.console.model, &effects) {
            self.fault.get_or_insert(fault);
        }
        self.office.take(effects);
    }

    /// Whether keys have been about a ticket, and it was on screen at the last one of them.
    fn was_named(&self, id: TicketId) -> bool {
        let shows = |seen: &String| {
            let digit = |rest: &str| rest.starts_with(|next: char| next.is_ascii_digit());
            seen.split(&id.to_string()).skip(1).any(|rest| !digit(rest))
        };
        self.named.contains(&id) && self.seen.as_ref().is_none_or(shows)
    }

    /// Types keys as a person does, who sees what is grave before going on.
    pub(crate) fn keys(&mut self, keys: &str) {
        self.see();
        for key in parse(keys) {
            self.send(Message::Key(key));
            self.see();
        }
    }

    fn see(&mut self) {
        if self.console.model.awaits_draw() {
            self.send(Message::Drawn);
        }
    }

    /// A moment passes in which all is answered.
    pub(crate) fn rest(&mut self, text: &str) {
        self.console.now += SignedDuration::from_millis(200);
        self.send(Message::Clock);
        while self.office.has_work() {
            self.office.work(false, text);
            self.office.answer(0, 1, text);
            while let Some(message) = self.office.deliver() {
                self.send(message);
            }
        }
    }

    /// The oldest change goes on.
    pub(crate) fn advance(&mut self, how: u8, text: &str) {
        while self.office.has_work() {
            self.office.work(false, text);
        }
        self.office.advance(0, how, text, self.console.now);
        while let Some(message) = self.office.deliver() {
            self.send(message);
        }
    }

    fn act(&mut self, act: &Act) {
        match act {
            Act::Key(key) => self.send(Message::Key(*key)),
            Act::Bound(at) => bound()[*at].iter().for_each(|key| self.send(Message::Key(*key))),
            Act::Gesture(at) => self.keys(GESTURES[*at]),
            Act::Afresh(at) => self.keys(&format!("<esc><esc><esc>{}", GESTURES[*at])),
            Act::Number => {
                let id = self.console.model.ticket_at_hand().map_or(0, |id| id.0);
                self.keys(&format!("{id}"));
            }
            Act::Type(text) => self.keys(&text.replace('<', "")),
            Act::Paste(text) => self.send(Message::Paste(text.clone())),
            Act::Resize(width, height) => {
                self.send(Message::Resize { width: *width, height: *height });
            }
            Act::Wait(milliseconds) => {
                self.console.now += SignedDuration::from_millis(*milliseconds);
                self.send(Message::Clock);
            }
            Act::Drawn => self.send(Message::Drawn),
            Act::Terminate => self.send(Message::Terminate),
            Act::Work(bad, text) => {
                (0..3).for_each(|_| self.office.work(false, text));
                self.office.work(*bad, text);
            }
            Act::Deliver(count) => (0..*count * 2).for_each(|_| self.deliver()),
            Act::Advance(at, how, text) => {
                self.office.advance(*at, how >> 4, text, self.console.now);
                self.office.advance(*at, how & 15, text, self.console.now);
            }
            Act::Answer(at, how, text) => self.office.answer(*at, *how, text),
            Act::Colleague(at, what, text) => self.office.colleague(*at, *what, text),
            Act::News(what, text) => self.send(news(*what, text)),
            Act::Edited(well, text) => {
                let text = match well {
                    true => Ok(clean::typed(text)),
                    false => Err(hostile::problem(10, text)),
                };
                // The editor is opened on what is being written.
                if let Some(key) = self.console.model.composer.as_ref().map(Composer::key) {
                    self.send(Message::Edited { key, text });
                }
            }
        }
    }

    /// The next message of the worker arrives: it takes no word away that is not another console's or
    /// stored, and what came to nothing is among the drafts.
    fn deliver(&mut self) {
        let Some(message) = self.office.deliver() else { return };
        let mut before = self.posts_in_drafts(is_about_others(&message));
        if matches!(message, Report::DraftBack(_)) {
            before.retain(|(key, _)| !self.is_gone_elsewhere(*key));
        }
        let returning = returning(&message);
        let shown = format!("{message:?}");
        let came_to_nothing =
            matches!(message, Report::NotQueued { .. } | Report::NotRecorded { .. });
        let held = self.is_storing();
        self.send(message);
        // The keys that waited for it have been pressed: what they did is the agent's.
        if held && !came_to_nothing && !self.is_storing() {
            return;
        }
        for (key, text) in before.into_iter().chain(returning) {
            let model = &self.console.model;
            let of_key = |it: &DraftKey| it.ticket == key.ticket && it.kind == key.kind;
            let drafts = model.drafts.all().into_iter();
            let drafted = drafts.filter(|it| of_key(&it.key)).any(|it| it.text.contains(&text));
            // The same words, written again, are one draft: they may be on their way already.
            let sent = model.outbox.entries().iter().filter_map(|it| it.draft(desk::now()));
            let sent = sent.into_iter().any(|it| it.key == key && it.text == text);
            // What is gone elsewhere is still on screen, for the agent to go on with.
            let open = model.composer.as_ref().filter(|it| it.key() == key);
            let shows = open.is_some_and(|it| it.editor.text().contains(&text));
            if !drafted && !sent && !shows {
                self.fault.get_or_insert(format!("{text:?} of {key:?} is lost by {shown}"));
            }
        }
    }

    /// Whether another console has recorded or dropped a draft of this console, which is not open, and
    /// this console has not heard of it.
    fn is_gone_elsewhere(&self, key: DraftKey) -> bool {
        let model = &self.console.model;
        let open = model.composer.as_ref().is_some_and(|it| it.key() == key);
        let gone = |draft: &Draft| self.office.is_gone(draft.id);
        !open && model.drafts.is_stored(key) && model.drafts.get(key).is_some_and(gone)
    }

    /// Whether the open text is handed to the store, so that keys wait.
    fn is_storing(&self) -> bool {
        let model = &self.console.model;
        model.composer.as_ref().is_some_and(|it| model.drafts.is_going(it.key()))
    }

    /// The replies and notes among the drafts; those alone that are not stored, if `unstored`.
    fn posts_in_drafts(&self, unstored: bool) -> Vec<(DraftKey, String)> {
        let drafts = &self.console.model.drafts;
        let all = drafts.all().into_iter();
        let posts = all.filter(|it| matches!(it.key.kind, DraftKind::Reply | DraftKind::Note));
        let posts = posts.filter(|it| !unstored || !drafts.is_stored(it.key));
        posts.map(|draft| (draft.key, draft.text.clone())).collect()
    }

    /// Lets everything come to its end, and says what is shown that the server did not say.
    fn end(&mut self, how: u8) {
        for _ in 0..64 {
            while self.office.has_work() {
                self.office.work(false, "");
            }
            self.office.close(how, self.console.now);
            while let Some(message) = self.office.deliver() {
                self.send(message);
            }
            if !self.office.has_work() && self.office.queue.is_empty() {
                break;
            }
        }
        let model = &self.console.model;
        if !model.outbox.entries().is_empty() {
            self.fault.get_or_insert(format!("unsettled: {:?}", model.outbox.entries()));
        }
        let known = desk::rows().into_iter().map(|row| row.ticket.id);
        for id in known.chain(self.office.server.keys().copied()).collect::<Vec<TicketId>>() {
            let (shown, said) = (model.tickets.get(id), model.tickets.said(id));
            if shown != said || said.as_ref() != self.office.server.get(&id) {
                let server = self.office.server.get(&id);
                self.fault.get_or_insert(format!("{id}: {shown:?}\n{said:?}\n{server:?}"));
            }
        }
    }

    fn draw(&mut self) {
        if let Some(fault) = terminal::draw(&self.console) {
            self.fault.get_or_insert(fault);
        }
    }
}

/// Whether a message tells what another console, or the agent's own wish, has made of drafts.
fn is_about_others(report: &Report) -> bool {
    matches!(
        report,
        Report::Drafts(_)
            | Report::DraftOpened { .. }
            | Report::DraftStale { .. }
            | Report::DraftKept { .. }
            | Report::DraftGone(_)
            | Report::NotRecorded { .. }
    )
}

/// The text that a message gives back to the agent.
fn returning(report: &Report) -> Vec<(DraftKey, String)> {
    let of = |entry: &Entry| {
        let Change::Post { kind, text } = &entry.change else { return None };
        let kind = if *kind == ReplyKind::Note { DraftKind::Note } else { DraftKind::Reply };
        Some((DraftKey::new(entry.ticket, kind), text.clone()))
    };
    match report {
        Report::NotQueued { entries, .. } => entries.iter().filter_map(of).collect(),
        Report::DraftBack(draft)
            if matches!(draft.key.kind, DraftKind::Reply | DraftKind::Note) =>
        {
            vec![(draft.key, draft.text.clone())]
        }
        _ => Vec::new(),
    }
}

fn news(what: u8, text: &str) -> Message {
    let problem = hostile::problem(what, text);
    match what % 9 {
        0 => Report::Connection(Connection::Offline(problem)).into(),
        1 => Report::Connection(Connection::NotTheApi(problem)).into(),
        2 => Report::Connection(Connection::Unauthorised(problem)).into(),
        3 => Report::Connection(Connection::Limited { until: desk::now() }).into(),
        4 => Report::Connection(Connection::Online).into(),
        5 => Report::Budget(BudgetUse { used: u32::from(what) * 9, limit: u32::from(what) % 61 })
            .into(),
        6 => Report::Directory(Box::new(hostile::directory(text))).into(),
        7 => Message::Done(Err(problem)),
        _ => Message::Done(Ok(clean::line(text).to_string())),
    }
}

fn played(text: &str, acts: &[Act], draws: bool) -> Play {
    let mut play = Play::begin(text);
    for (at, act) in acts.iter().enumerate() {
        play.act(act);
        if draws && at % 3 == 0 {
            play.draw();
        }
    }
    if draws {
        play.draw();
    }
    play
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn whatever_happens_what_is_shown_is_what_the_server_said(
        text in hostile::text(),
        acts in prop::collection::vec(act(), 1..90),
        how in any::<u8>(),
    ) {
        let mut play = played(&text, &acts, false);
        play.end(how);
        prop_assert_eq!(play.fault, None);
    }
}

proptest! {
    #![proptest_config(cases(80))]

    #[test]
    fn whatever_happens_it_is_drawn_without_one_foreign_byte(
        text in hostile::text(),
        acts in prop::collection::vec(act(), 1..70),
    ) {
        let play = played(&text, &acts, true);
        prop_assert_eq!(play.fault, None);
    }

    #[test]
    fn the_same_messages_give_the_same_screen(
        text in hostile::text(),
        acts in prop::collection::vec(act(), 1..70),
    ) {
        let (one, two) = (played(&text, &acts, false), played(&text, &acts, false));
        let depth = one.console.depth;
        let written = [one, two].map(|it| terminal::written(&it.console, depth));
        prop_assert_eq!(&written[0], &written[1]);
    }
}

/// What an agent, colleagues and the background task do.
fn doing() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => any::<prop::sample::Index>().prop_map(|at| Act::Bound(at.index(bound().len()))),
        6 => (0..GESTURES.len()).prop_map(Act::Gesture),
        12 => (0..GESTURES.len()).prop_map(Act::Afresh),
        1 => Just(Act::Number),
        2 => hostile::text().prop_map(Act::Type),
        8 => hostile::text().prop_map(|text| Act::Work(false, text)),
        8 => (1u8..5).prop_map(Act::Deliver),
        8 => (0usize..8, any::<u8>(), hostile::text()).prop_map(|(a, b, c)| Act::Advance(a, b, c)),
        6 => (0usize..8, any::<u8>(), hostile::text()).prop_map(|(a, b, c)| Act::Answer(a, b, c)),
        4 => (0usize..24, any::<u8>(), hostile::text()).prop_map(|(a, b, c)| Act::Colleague(a, b, c)),
        2 => prop::sample::select(vec![0, 200, 60_000]).prop_map(Act::Wait),
    ]
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn the_ticket_that_an_entry_names_was_on_screen_when_the_key_was_pressed(
        text in hostile::text(),
        acts in prop::collection::vec(doing(), 1..50),
    ) {
        let mut play = Play::begin(&text);
        play.seen = Some(String::new());
        for act in &acts {
            play.act(act);
        }
        prop_assert_eq!(play.fault, None);
    }
}

/// Another console records what was pasted and kept here, and a reply comes back under its key before
/// this console hears of it.
#[test]
fn a_reply_that_comes_back_takes_the_key_of_a_draft_that_another_console_has_recorded() {
    let mut play = Play::begin("");
    let key = KeyCombination::from(KeyCode::Char('A'));
    for act in [
        Act::Afresh(0),
        Act::Work(false, String::new()),
        Act::Key(key),
        Act::Paste("pasted".into()),
        Act::Work(false, String::new()),
        Act::Deliver(2),
        Act::Work(false, String::new()),
        Act::Advance(0, 76, String::new()),
        Act::Colleague(11, 188, String::new()),
        Act::Advance(0, 48, String::new()),
        Act::Deliver(2),
    ] {
        play.act(&act);
    }
    play.end(0);
    assert_eq!(play.fault, None);
}
