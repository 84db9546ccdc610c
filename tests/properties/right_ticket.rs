//! The right ticket: whatever is typed, what is on screen, what keys are about and what is recorded
//! are one; and whichever way leads to a ticket leads to it whole, or nowhere.

use crokey::KeyCombination;
use crossterm::event::KeyCode;
use growdesk::{
    app::{
        Effect, Focus, Model, Popup, Settings,
        marks::Aim,
        popups::{
            form,
            outbox_list::{OutboxLine, outbox_lines},
            picker::Purpose,
            prompt::Question,
        },
    },
    desk::{Connection, Found, Read, Report, Slot, Stored, Work},
    domain::{
        Change, Draft, DraftId, DraftKey, DraftKind, Edit, Entry, FullTicket, Html, Problem,
        ProblemKind, Row, State, Status, Ticket, TicketId,
    },
};

use crate::support::{
    console::{Console, problem},
    desk,
};

/// What the agent sees before something happens.
pub(crate) struct Sight {
    pub(crate) target: Option<TicketId>,
    /// The tickets of the plan on top.
    pub(crate) planned: Vec<TicketId>,
    draft: Option<Draft>,
    was_writing: bool,
}

impl Sight {
    pub(crate) fn of(model: &Model) -> Self {
        Self {
            target: target(model),
            planned: planned(model),
            draft: draft_under_cursor(model),
            was_writing: model.composer.is_some(),
        }
    }

    /// What is wrong after `key`, or after something else has happened.
    pub(crate) fn fault(
        &self,
        key: Option<KeyCombination>,
        model: &Model,
        effects: &[Effect],
    ) -> Option<String> {
        let wrong = key.and_then(|key| self.wrong_ticket(key, effects));
        wrong.or_else(|| self.wrong_draft(key, model)).or_else(|| parted(model))
    }

    fn wrong_ticket(&self, key: KeyCombination, effects: &[Effect]) -> Option<String> {
        // What is done again is about the ticket that it was done to.
        if key == KeyCombination::from(KeyCode::Char('Z')) {
            return None;
        }
        let other = asked(effects).find(|entry| {
            entry.ticket != self.target
                && !entry.ticket.is_some_and(|id| self.planned.contains(&id))
        });
        other.map(|entry| {
            format!("{key:?} on {:?} is about {:?}: {:?}", self.target, entry.ticket, entry.change)
        })
    }

    fn wrong_draft(&self, key: Option<KeyCombination>, model: &Model) -> Option<String> {
        let composer = model.composer.as_ref().filter(|_| !self.was_writing)?;
        let text = composer.editor.text();
        let own = model.drafts.get(composer.key()).map(|it| it.text.as_str());
        if text != own.unwrap_or_default() {
            return Some(format!("{:?} opens as {text:?}, not as {own:?}", composer.key()));
        }
        let chosen = self.draft.as_ref().filter(|_| key == Some(KeyCode::Enter.into()))?;
        let same = chosen.key == composer.key() && chosen.text == text;
        (!same).then(|| format!("{chosen:?} opens as {:?}: {text:?}", composer.key()))
    }
}

/// The entries that are queued for what is wanted of a ticket, rather than for what takes it back.
pub(crate) fn asked(effects: &[Effect]) -> impl Iterator<Item = &Entry> {
    let queued = effects.iter().filter_map(|effect| match effect {
        Effect::Work(Work::Queue { entries, .. }) => Some(entries),
        _ => None,
    });
    queued.flatten().filter(|entry| entry.undo.is_none() && entry.ticket.is_some())
}

/// The ticket that the surface on top is about.
fn target(model: &Model) -> Option<TicketId> {
    let edited = || match model.form().map(|form| &form.kind) {
        Some(form::Kind::Edit(id, _)) => Some(*id),
        _ => None,
    };
    match &model.popup {
        Some(Popup::Picker(picker)) => match picker.purpose {
            Purpose::Link(id) | Purpose::SubmitAs(id) | Purpose::Pipe(id, _) => Some(id),
            Purpose::Status(aim)
            | Purpose::Priority(aim)
            | Purpose::Department(aim)
            | Purpose::Tags(aim) => match aim {
                Aim::One(id) => Some(id),
                Aim::Marked => None,
            },
            Purpose::Field(_) => edited(),
            Purpose::Palette(ticket) => ticket,
            Purpose::By(_) | Purpose::Sort => None,
        },
        Some(Popup::Macros(picker)) => match picker.tickets[..] {
            [one] => Some(one),
            _ => None,
        },
        Some(Popup::Form(_)) => edited(),
        Some(Popup::Prompt(prompt)) => match prompt.question {
            Question::DeleteTicket(id) | Question::DeleteReply(id, _) => Some(id),
            Question::GoTo => None,
        },
        Some(_) => None,
        None => model.ticket_at_hand(),
    }
}

/// The tickets that the plan on top is about.
fn planned(model: &Model) -> Vec<TicketId> {
    match &model.popup {
        Some(Popup::Plan(plan)) => plan.tickets().collect(),
        _ => Vec::new(),
    }
}

fn draft_under_cursor(model: &Model) -> Option<Draft> {
    let Some(Popup::Outbox(list)) = &model.popup else { return None };
    let lines = outbox_lines(model);
    match lines.get(list.cursor.min(lines.len().saturating_sub(1))) {
        Some(OutboxLine::Draft(draft)) => Some((*draft).clone()),
        _ => None,
    }
}

/// Whether the conversation on screen is another ticket's than the keys are about, or than the row
/// under the cursor. A text can be written on a ticket that is not here, and has no row.
fn parted(model: &Model) -> Option<String> {
    let (at_hand, shown) = (model.ticket_at_hand(), model.conversation.ticket);
    let row = model.selected();
    let is_here = shown.is_some_and(|id| model.tickets.rows().get(id).is_some());
    let has_row = model.composer.is_none() || is_here;
    (at_hand != shown || has_row && row != shown)
        .then(|| format!("{:?}: {at_hand:?} beside {shown:?}, the row is {row:?}", model.focus))
}

/// What is at hand before the way is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    List,
    ZoomedList,
    Conversation,
    ZoomedConversation,
}

/// Where the ticket is that the way leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whereabouts {
    Here,
    OtherView,
    Archived,
    FilteredOut,
    OnServer,
    Gone,
    Unreachable,
    BeingDeleted,
}

/// The ways to a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    GoTo,
    Entry,
    Reply,
    Note,
}

const PLACES: [Place; 4] =
    [Place::List, Place::ZoomedList, Place::Conversation, Place::ZoomedConversation];

const WHEREABOUTS: [Whereabouts; 8] = [
    Whereabouts::Here,
    Whereabouts::OtherView,
    Whereabouts::Archived,
    Whereabouts::FilteredOut,
    Whereabouts::OnServer,
    Whereabouts::Gone,
    Whereabouts::Unreachable,
    Whereabouts::BeingDeleted,
];

const WAYS: [Way; 4] = [Way::GoTo, Way::Entry, Way::Reply, Way::Note];

impl Whereabouts {
    fn ticket(self) -> TicketId {
        TicketId(match self {
            Self::Here => 1042,
            Self::OtherView => 1027,
            Self::Archived => 1012,
            Self::FilteredOut => 1041,
            Self::BeingDeleted => 1040,
            Self::OnServer | Self::Gone | Self::Unreachable => 1500,
        })
    }

    fn answer(self) -> Result<Found, Problem> {
        match self {
            Self::OnServer => {
                let ticket = Ticket::sparse(self.ticket());
                let full = FullTicket { ticket, message: Html::new("") };
                Ok(Found::Ticket(Box::new(full)))
            }
            Self::Unreachable => Err(problem(ProblemKind::Unreachable, "")),
            _ => Err(problem(ProblemKind::NotFound, "no such ticket")),
        }
    }

    fn is_shown(self) -> bool {
        !matches!(self, Self::Gone | Self::Unreachable | Self::BeingDeleted)
    }
}

fn tags() -> Change {
    let add = vec![desk::line("seen")];
    Change::Tags(growdesk::domain::TagsChange { add, remove: vec![] })
}

const TEXT: &str = "typed for this ticket alone";

/// A console at a place, from which a way leads to a ticket.
fn console(way: Way, place: Place, whereabouts: Whereabouts, offline: bool) -> Console {
    let ticket = whereabouts.ticket();
    let mut console = Console::with(Settings { offline, ..desk::settings() }, 120, 40);
    let kind = match way {
        Way::Reply => Some(DraftKind::Reply),
        Way::Note => Some(DraftKind::Note),
        Way::GoTo | Way::Entry => None,
    };
    let drafts = kind.map(|kind| Draft {
        key: DraftKey::new(Some(ticket), kind),
        id: DraftId(1),
        text: TEXT.into(),
        cursor: (0, 0),
        updated: desk::now(),
        changes: None,
    });
    let mut outbox = Vec::new();
    if way == Way::Entry {
        outbox.push(desk::entry(1, ticket, tags()));
    }
    if whereabouts == Whereabouts::BeingDeleted {
        outbox.push(desk::entry(2, ticket, Change::DeleteTicket));
    }
    console.send(Report::Stored(Box::new(Stored {
        rows: desk::rows(),
        directory: desk::directory(),
        drafts: drafts.into_iter().collect(),
        outbox,
        ..Stored::default()
    })));
    if !offline {
        console.send(Report::Connection(Connection::Online));
    }
    console.rest();
    if whereabouts == Whereabouts::FilteredOut {
        console.keys("/print<enter>");
    }
    console.keys(match place {
        Place::List => "j",
        Place::ZoomedList => "jv",
        Place::Conversation => "<enter><rest>",
        Place::ZoomedConversation => "<enter>v<rest>",
    });
    console.effects();
    console
}

fn answer(console: &mut Console, whereabouts: Whereabouts) -> bool {
    let asked = console.effects().into_iter().find_map(|effect| match effect {
        Effect::Work(Work::Read { request, slot: Slot::Going, read: Read::Ticket(_) }) => {
            Some(request)
        }
        _ => None,
    });
    if let Some(request) = asked {
        console.send(Report::Found { request, found: whereabouts.answer() });
        console.see();
    }
    asked.is_some()
}

/// What of the screen stays where nothing moves.
fn stand(console: &Console) -> (Option<TicketId>, Option<TicketId>, usize, usize, Focus) {
    let model = &console.model;
    let list = &model.list;
    (model.ticket_at_hand(), model.selected(), list.active, list.cursor, model.focus)
}

fn notice(console: &Console) -> String {
    let notice = console.model.notices.at(console.now);
    notice.map(|notice| notice.text.clone()).unwrap_or_default()
}

fn check(way: Way, place: Place, whereabouts: Whereabouts, offline: bool) {
    let case = format!("{way:?} {place:?} {whereabouts:?} offline: {offline}");
    let ticket = whereabouts.ticket();
    let mut console = console(way, place, whereabouts, offline);
    let before = stand(&console);
    console.model.notices.dismiss();
    match way {
        Way::GoTo => console.keys(&format!("gi{}<enter>", ticket.0)),
        Way::Reply | Way::Note if whereabouts == Whereabouts::BeingDeleted => {
            console.keys("goj<enter>")
        }
        _ => console.keys("go<enter>"),
    };
    let asked = answer(&mut console, whereabouts);
    assert!(!(offline && asked), "{case}: a request");
    let shown = whereabouts.is_shown() && (!offline || whereabouts != Whereabouts::OnServer);
    let model = &console.model;
    if let Way::Reply | Way::Note = way {
        let composer = model.composer.as_ref().unwrap_or_else(|| panic!("{case}: no draft"));
        let kind = composer.key().kind;
        assert_eq!(kind == DraftKind::Note, way == Way::Note, "{case}");
        assert_eq!((composer.ticket, composer.editor.text().as_str()), (ticket, TEXT), "{case}");
        assert_eq!(parted(model), None, "{case}");
        if !shown {
            assert!(notice(&console).contains(&ticket.to_string()), "{case}");
        }
        console.keys("<c-s>").answer().keys("<enter>");
        let tickets: Vec<_> = console.queued().into_iter().map(|it| it.ticket).collect();
        match shown {
            true => assert_eq!(tickets.first(), Some(&Some(ticket)), "{case}"),
            false => assert!(tickets.is_empty(), "{case}"),
        }
        return;
    }
    if shown {
        assert!(model.popup.is_none(), "{case}\n{}", console.text());
        let wanted = (Some(ticket), Some(ticket), before.4);
        assert_eq!((stand(&console).0, stand(&console).1, stand(&console).4), wanted, "{case}");
        assert_eq!(parted(model), None, "{case}");
    } else {
        assert!(notice(&console).contains(&ticket.to_string()), "{case}: {}", notice(&console));
        console.keys(if console.model.popup.is_some() { "<esc>" } else { "" });
        assert_eq!(stand(&console), before, "{case}");
    }
    let at_hand = console.model.ticket_at_hand().expect("a ticket is at hand");
    console.effects();
    console.keys("s9");
    assert_eq!(console.queued().first().and_then(|it| it.ticket), Some(at_hand), "{case}");
}

#[test]
fn each_way_leads_to_its_ticket_whole_or_moves_nothing_and_says_why() {
    for way in WAYS {
        for place in PLACES {
            for whereabouts in WHEREABOUTS {
                check(way, place, whereabouts, false);
                check(way, place, whereabouts, true);
            }
        }
    }
}

/// Takes `keys` back at a place, `leaving` the ticket in between.
fn taken_back(place: Place, keys: &str, leaving: &str, recorded: bool, offline: bool) {
    let case = format!("{place:?} {keys} {leaving} recorded: {recorded} offline: {offline}");
    let mut console = console(Way::GoTo, place, Whereabouts::Here, offline);
    let ticket = console.model.ticket_at_hand().expect("a ticket is at hand");
    let row = console.model.tickets.get(ticket).expect("it is known");
    let view = console.model.list.active;
    console.keys(keys);
    let entry = console.queued().remove(0);
    assert_eq!(entry.ticket, Some(ticket), "{case}");
    if recorded {
        let mut row: Row = row.clone();
        entry.change.apply(&mut row.ticket);
        let undo = entry.change.inverse().map(Box::new);
        let state = State::Recorded { at: console.now, made: None, undo };
        let entry = Box::new(Entry { state, ..entry.clone() });
        console.send(Report::Entry { entry, row: Some(Box::new(row)) });
    }
    console.keys(leaving).keys("z");
    if !recorded {
        console.settle(&entry, State::TakenBack);
    }
    assert_eq!(console.model.ticket_at_hand(), Some(ticket), "{case}\n{}", console.text());
    assert_eq!(parted(&console.model), None, "{case}");
    let shown = console.model.tickets.get(ticket).expect("it is known");
    assert_eq!(shown.ticket, row.ticket, "{case}");
    if leaving.is_empty() || leaving == "J" {
        assert_eq!(console.model.list.active, view, "{case}");
    }
}

#[test]
fn an_undo_leads_to_its_ticket_where_it_is_shown_now() {
    for place in PLACES {
        for keys in ["s2", "s3", "e", "p<down><enter>", "d<down><enter>", "tnew<enter>"] {
            for leaving in ["", "J", "4"] {
                for (recorded, offline) in [(false, true), (false, false), (true, false)] {
                    taken_back(place, keys, leaving, recorded, offline);
                }
            }
        }
    }
}

#[test]
fn the_status_of_a_ticket_is_set_on_the_one_that_was_shown_whatever_comes_in() {
    let [open, closed, ..] = Status::usual();
    let change = Change::Status(Edit { from: open, to: closed });
    for place in PLACES {
        let mut console = console(Way::GoTo, place, Whereabouts::Here, false);
        let shown = console.model.ticket_at_hand().expect("a ticket is at hand");
        console.keys("s");
        let others = desk::rows().into_iter().map(|row| row.ticket.id);
        let gone = others.filter(|id| *id != shown).take(4).collect();
        console.send(Report::Rows { changed: vec![], gone });
        console.send(Report::Entry {
            entry: Box::new(desk::entry(5, shown, change.clone())),
            row: None,
        });
        console.keys("3");
        assert_eq!(console.queued()[0].ticket, Some(shown), "{place:?}");
    }
}
