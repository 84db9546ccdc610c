//! What an assistant proposes, in the outbox of the console: shown with its reason, recorded, edited or
//! dropped, and never taken for a change of the agent's own.

use growdesk::{
    app::{Effect, Message},
    desk::{Report, Work},
    domain::{
        Change, Draft, Edit, Entry, EntryId, Line, ReplyId, ReplyKind, Stand, State, Status,
        TagsChange, TicketId, outbox::Decision,
    },
};

use crate::{
    after, at_80, overtaken, queue,
    support::{console::Console, desk},
};

const TICKET: TicketId = TicketId(1042);

/// What Claude proposes on the ticket: a change, and those that follow it.
fn proposal(console: &Console, number: u32, changes: Vec<Change>) -> Vec<Entry> {
    let row = console.model.tickets.said(TICKET).expect("a ticket of the desk");
    let stood = Some(Box::new(Stand::of(&row.ticket)));
    let seen = row.facts.and_then(|facts| facts.last_reply).or(Some(ReplyId(1)));
    let reason = "The customer wrote twice that it works again, and thanked us.".to_owned();
    let reason = Decision::Proposed { by: "Claude".into(), reason };
    let mut leads: Option<EntryId> = None;
    let entry = |(at, change)| {
        let entry = desk::entry(number, TICKET, change);
        let id = entry.step.entry(at);
        let after = leads;
        leads = leads.or(Some(id));
        let state = match after {
            None => State::Decision { reason: reason.clone() },
            Some(_) => State::Queued,
        };
        Entry { id, after, state, stood: stood.clone(), seen, ..entry }
    };
    changes.into_iter().enumerate().map(entry).collect()
}

fn status(console: &Console, to: usize) -> Change {
    let from = console.model.tickets.said(TICKET).expect("it is there").ticket.status;
    Change::Status(Edit { from, to: Status::usual()[to].clone() })
}

fn reply() -> Change {
    let text = "Hello Priya,\n\nthank you for telling us. We close the ticket now.".into();
    Change::Post { kind: ReplyKind::Reply, text }
}

fn tags() -> Change {
    Change::Tags(TagsChange { add: vec![Line::from_cleaned("solved", None)], remove: vec![] })
}

fn tell(console: &mut Console, entries: &[Entry]) {
    for entry in entries {
        console.send(Report::Entry { entry: Box::new(entry.clone()), row: None });
    }
    console.send(Message::Drawn);
}

/// A console whose outbox has a proposed reply with a status that follows it, and proposed tags.
pub(crate) fn proposed(width: u16, height: u16) -> Console {
    let mut console = Console::working(width, height);
    let changes = vec![reply(), status(&console, 1)];
    let first = proposal(&console, 1, changes);
    let second = proposal(&console, 2, vec![tags()]);
    tell(&mut console, &first);
    tell(&mut console, &second);
    console.rest();
    console.effects();
    console
}

/// The store has taken the proposed reply back, and the status that follows it; its text is a draft.
fn taken_back(console: &mut Console) {
    let all: Vec<Entry> = console.model.outbox.entries().iter().take(2).cloned().collect();
    let draft = all[0].draft(console.now).expect("a text");
    let key = match console.model.drafts.get(draft.key) {
        Some(_) => draft.key.beside(all[0].id.short()),
        None => draft.key,
    };
    console.send(Report::DraftBack(Box::new(Draft { key, ..draft })));
    let gone = |it: &Entry| Entry { state: State::TakenBack, ..it.clone() };
    console.send(Report::TakenBack(all.iter().map(gone).collect()));
    console.send(Message::Drawn);
}

fn works(console: &mut Console) -> Vec<Work> {
    let work = |effect| match effect {
        Effect::Work(Work::Read { .. } | Work::Remember(_)) | Effect::Outside(_) => None,
        Effect::Work(work) => Some(work),
    };
    console.effects().into_iter().filter_map(work).collect()
}

fn shown(console: &Console) -> growdesk::domain::Ticket {
    console.model.tickets.get(TICKET).expect("it is shown").ticket
}

#[test]
fn proposals_are_shown_with_their_reason() {
    for (width, height) in [(80, 24), (120, 40)] {
        let name = |what: &str| format!("proposal_{what}_{width}x{height}");
        insta::assert_snapshot!(name("told"), proposed(width, height).text());
        insta::assert_snapshot!(name("outbox"), after(proposed(width, height), "go").text());
        let reply = after(proposed(width, height), "go<enter>");
        insta::assert_snapshot!(name("reply"), reply.text());
        let tags = after(proposed(width, height), "gojj<enter>");
        insta::assert_snapshot!(name("tags"), tags.text());
    }
    at_80("proposal_edited", |w, h| {
        let mut console = proposed(w, h);
        console.keys("go<enter>e");
        taken_back(&mut console);
        after(console, "")
    });
}

#[test]
fn a_proposal_is_no_change_of_the_agents_own() {
    let plain = Console::working(100, 30);
    let mut console = proposed(100, 30);
    assert_eq!(shown(&console), shown(&plain));
    assert_eq!(console.model.outbox.posts(TICKET).count(), 0, "no reply of the agent's");
    assert!(!console.model.outbox.can_undo());
    assert!(console.text().contains("2 need you"), "{}", console.text());
    assert!(!console.text().contains("outbox 1"), "what follows it is not on its way");
    console.keys("z.");
    assert_eq!(works(&mut console), []);
    assert!(console.text().contains("no action to repeat"), "{}", console.text());
    // Leaving asks about what the agent has done.
    console.keys("q");
    assert!(console.model.popup.is_none(), "{}", console.text());
}

#[test]
fn the_agents_own_change_is_planned_and_shown_as_if_there_were_no_proposal() {
    let mut console = proposed(100, 30);
    console.keys(&format!("gi{TICKET}<enter>").replace('#', "")).rest();
    let before = shown(&console);
    console.keys("s2");
    let queued = console.queued();
    let [Entry { change: Change::Status(edit), .. }] = &queued[..] else { panic!("{queued:?}") };
    assert_eq!(edit.from, before.status);
    assert_eq!(shown(&console).status, edit.to);
}

#[test]
fn a_recorded_proposal_is_a_step_that_undo_takes_back() {
    let mut console = proposed(100, 30);
    let all: Vec<Entry> = console.model.outbox.entries().iter().cloned().collect();
    console.keys("go<enter>y");
    let hold = desk::settings().hold;
    let asked = works(&mut console);
    assert_eq!(asked, [Work::RecordProposal { entry: all[0].id, hold }]);
    assert!(!console.model.outbox.can_undo(), "the store has not said so");
    let until = console.now + hold;
    console.settle(&all[0], State::Holding { until });
    assert!(console.text().contains("is recorded in"), "{}", console.text());
    assert_eq!(shown(&console).status, Status::usual()[1], "it is the agent's now");
    console.keys("<esc>z");
    assert_eq!(works(&mut console), [Work::TakeBack(vec![all[0].id])]);
}

#[test]
fn a_dropped_proposal_leaves_nothing() {
    for keys in ["go<c-x>", "go<enter><c-x>", "goj<c-x>"] {
        let mut console = proposed(100, 30);
        let all: Vec<Entry> = console.model.outbox.entries().iter().cloned().collect();
        console.keys(keys);
        assert_eq!(works(&mut console), [Work::DropProposals(vec![all[0].id])], "{keys}");
        let gone = |it: &Entry| Entry { state: State::TakenBack, ..it.clone() };
        console.send(Report::TakenBack(vec![gone(&all[1]), gone(&all[0])]));
        assert!(console.text().contains("proposed by Claude, was dropped"), "{}", console.text());
        assert!(console.model.drafts.all().is_empty());
        assert_eq!(console.model.outbox.entries().len(), 1);
        assert_eq!(works(&mut console), [], "no pane is opened, nothing is stored");
    }
}

#[test]
fn an_edited_proposal_goes_beside_what_the_agent_has_typed() {
    let mut console = proposed(100, 30);
    console.keys(&format!("gi{TICKET}<enter>").replace('#', "")).rest();
    console.keys("rMy own words<esc><esc>").rest();
    console.effects();
    let all: Vec<Entry> = console.model.outbox.entries().iter().cloned().collect();
    console.keys("go<enter>e");
    assert_eq!(works(&mut console), [Work::TakeBack(vec![all[0].id, all[1].id])]);
    taken_back(&mut console);
    console.rest();
    let texts: Vec<&str> =
        console.model.drafts.all().into_iter().map(|it| it.text.as_str()).collect();
    assert!(texts.contains(&"My own words"), "{texts:?}");
    assert!(texts.iter().any(|it| it.starts_with("Hello Priya")), "{texts:?}");
    assert!(console.text().contains("Hello Priya"), "{}", console.text());
}

#[test]
fn a_proposal_that_comes_while_the_agent_looks_opens_nothing() {
    let mut console = Console::working(100, 30);
    console.keys(&format!("gi{TICKET}<enter>").replace('#', "")).rest();
    let entries = proposal(&console, 1, vec![reply()]);
    tell(&mut console, &entries);
    assert!(console.model.popup.is_none(), "{}", console.text());
    // A recorded one that met something new asks like any other.
    console.keys("go<enter>y");
    console.settle(&entries[0], State::Decision { reason: overtaken() });
    assert!(console.text().contains("somebody wrote meanwhile"), "{}", console.text());
}

#[test]
fn what_is_recorded_or_dropped_elsewhere_closes_the_question_here() {
    for state in [State::Queued, State::TakenBack] {
        let mut console = proposed(100, 30);
        let leads = console.model.outbox.entries().iter().next().expect("it").clone();
        console.keys("go<enter>");
        assert!(console.text().contains("Why"), "{}", console.text());
        console.send(Report::Entry { entry: Box::new(Entry { state, ..leads }), row: None });
        assert!(!console.text().contains("The customer wrote twice that it works"));
        assert!(!console.model.outbox.can_undo(), "it was not this console");
    }
}

#[test]
fn marks_and_bulk_changes_do_not_meet_proposals() {
    let mut console = proposed(100, 30);
    let entries = queue(&mut console, "1*s2");
    assert!(entries.iter().all(|it| it.state.proposal().is_none()) && !entries.is_empty());
}
