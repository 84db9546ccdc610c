//! The right ticket: what is on screen, what keys are about and what is recorded are one.

use growdesk::{
    app::{Effect, Focus, Message, Settings},
    desk::{Connection, Found, Read, Report, Slot, Stored, Work},
    domain::{
        Change, Client, ClientId, Draft, DraftId, DraftKey, DraftKind, Entry, FullTicket, Html,
        Named, ProblemKind, Row, State, Status, Ticket, TicketId,
    },
};

use crate::support::{
    console::{Console, problem},
    desk,
};

const UNKNOWN: TicketId = TicketId(1500);

fn working() -> Console {
    let mut console = Console::working(120, 40);
    console.effects();
    console
}

/// The one ticket that cursor, conversation and keys are about.
#[track_caller]
fn only(console: &Console) -> TicketId {
    let model = &console.model;
    let at_hand = model.ticket_at_hand();
    assert_eq!(at_hand, model.conversation.ticket, "{}", console.text());
    assert_eq!(at_hand, model.selected(), "{}", console.text());
    at_hand.expect("a ticket is at hand")
}

fn notice(console: &Console) -> String {
    let notice = console.model.notices.at(console.now);
    notice.map(|notice| notice.text.clone()).unwrap_or_default()
}

fn draft(ticket: TicketId, kind: DraftKind, text: &str) -> Draft {
    let key = DraftKey::new(Some(ticket), kind);
    Draft {
        key,
        id: DraftId(1),
        text: text.into(),
        cursor: (0, 0),
        updated: desk::now(),
        changes: None,
    }
}

fn full(id: TicketId) -> FullTicket {
    let ticket = Ticket { subject: desk::line("From afar"), ..Ticket::sparse(id) };
    FullTicket { ticket, message: Html::new("") }
}

/// A change of status that waits in the outbox.
fn entry(number: u32, ticket: TicketId) -> Entry {
    let [open, closed, ..] = Status::usual();
    let change = Change::Status(growdesk::domain::Edit { from: open, to: closed });
    desk::entry(number, ticket, change)
}

/// A console whose store holds more than its tickets.
fn with(drafts: Vec<Draft>, outbox: Vec<Entry>, offline: bool) -> Console {
    let mut console = Console::with(Settings { offline, ..desk::settings() }, 120, 40);
    console.send(Report::Stored(Box::new(Stored {
        rows: desk::rows(),
        directory: desk::directory(),
        drafts,
        outbox,
        ..Stored::default()
    })));
    if !offline {
        console.send(Report::Connection(Connection::Online));
    }
    console.rest();
    console.effects();
    console
}

/// Answers the one ticket that is asked for.
fn answer_ticket(console: &mut Console, found: Result<FullTicket, ProblemKind>) {
    let asked = console.effects().into_iter().find_map(|effect| match effect {
        Effect::Work(Work::Read { request, read: Read::Ticket(_), .. }) => Some(request),
        _ => None,
    });
    let request = asked.expect("a ticket is asked for");
    let found = found.map(|full| Found::Ticket(Box::new(full)));
    let found = found.map_err(|kind| problem(kind, "no such ticket"));
    console.send(Report::Found { request, found });
}

#[test]
fn going_to_a_ticket_takes_the_conversation_along() {
    for zoomed in ["", "v"] {
        for target in [1040, 1027, 1012] {
            let mut console = working();
            console.keys(&format!("/vpn<enter><enter><rest>{zoomed}gi{target}<enter>"));
            assert_eq!(only(&console), TicketId(target));
            assert_eq!(console.model.focus, Focus::Conversation);
            console.rest().keys("s3");
            let queued = console.queued();
            assert_eq!(queued[0].ticket, Some(TicketId(target)));
            console.keys("nfor us");
            let note = console.model.composer.as_ref().expect("a note is written");
            assert_eq!(note.ticket, TicketId(target));
        }
    }
}

#[test]
fn a_ticket_that_is_looked_for_takes_no_keys_from_the_one_on_screen() {
    let mut console = working();
    console.keys("<enter><rest>");
    let before = only(&console);
    console.effects();
    console.keys("gi1500<enter>neswE");
    assert!(console.queued().is_empty() && console.model.composer.is_none());
    assert!(console.text().contains("looking for #1500"), "{}", console.text());

    let mut found = console.clone();
    found.keys("<enter>");
    answer_ticket(&mut found, Ok(full(UNKNOWN)));
    assert_eq!(only(&found), UNKNOWN);
    assert_eq!(found.model.focus, Focus::Conversation);

    for answer in [Err(ProblemKind::NotFound), Err(ProblemKind::Unreachable), Ok(full(before))] {
        let mut missed = console.clone();
        missed.keys("<enter>");
        answer_ticket(&mut missed, answer);
        assert!(notice(&missed).contains("#1500"), "{}", notice(&missed));
        missed.keys("<esc>");
        assert_eq!(only(&missed), before);
    }

    // Who stops looking stays, whatever is answered later.
    console.keys("<enter>");
    let mut late = console.clone();
    console.keys("<esc>");
    let request = late.effects().into_iter().find_map(|effect| match effect {
        Effect::Work(Work::Read { request, read: Read::Ticket(_), .. }) => Some(request),
        _ => None,
    });
    let found = Ok(Found::Ticket(Box::new(full(UNKNOWN))));
    console.send(Report::Found { request: request.expect("it was asked"), found });
    assert_eq!(only(&console), before);
}

#[test]
fn two_who_ask_for_a_ticket_get_their_own_answers() {
    let mut console = working();
    console.keys("gi1500<enter><esc>E");
    let asked: Vec<_> = console
        .effects()
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::Work(Work::Read { request, read: Read::Ticket(id), slot }) => {
                Some((request, id, slot))
            }
            _ => None,
        })
        .collect();
    let [(first, UNKNOWN, one), (second, edited, two)] = asked[..] else { panic!("{asked:?}") };
    assert_ne!(one, two, "the worker would give up the one for the other");
    let answer = |id| {
        let row = desk::rows().into_iter().find(|row| row.ticket.id == id);
        let ticket = row.map_or_else(|| full(id).ticket, |row| row.ticket);
        Ok(Found::Ticket(Box::new(FullTicket { ticket, message: Html::new("") })))
    };
    console.send(Report::Found { request: second, found: answer(edited) });
    console.send(Report::Found { request: first, found: answer(UNKNOWN) });
    let form = console.model.form().expect("the form is open");
    assert_eq!(form.progress, growdesk::app::popups::form::Progress::Filling);
    assert_eq!(console.model.ticket_at_hand(), Some(edited));
}

#[test]
fn a_draft_whose_ticket_is_gone_opens_as_itself_and_is_recorded_nowhere() {
    for (kind, title) in [(DraftKind::Reply, "Reply to #1500"), (DraftKind::Note, "NOTE  on #1500")]
    {
        for offline in [false, true] {
            let text = "Dear lost one";
            let mut console = with(vec![draft(UNKNOWN, kind, text)], vec![], offline);
            console.keys("go<enter>");
            if !offline {
                answer_ticket(&mut console, Err(ProblemKind::NotFound));
            }
            let composer = console.model.composer.as_ref().expect("the draft is open");
            assert_eq!((composer.ticket, composer.editor.text().as_str()), (UNKNOWN, text));
            assert_eq!(console.model.conversation.ticket, Some(UNKNOWN));
            let shown = console.text();
            assert!(shown.contains(title), "{shown}");
            assert!(notice(&console).contains("can't be recorded now"), "{}", notice(&console));
            console.keys("!<c-s>").answer().keys("<enter>y2");
            assert!(console.queued().is_empty());
            assert!(notice(&console).contains("#1500 is not here"), "{}", notice(&console));
            console.keys("<esc>");
            only(&console);
            let key = DraftKey::new(Some(UNKNOWN), kind);
            let kept = console.model.drafts.get(key).map(|draft| draft.text.clone());
            assert!(kept.is_some_and(|kept| kept.contains(text) && kept.contains('!')));
        }
    }
}

#[test]
fn a_draft_whose_ticket_is_fetched_opens_on_it() {
    let mut console = with(vec![draft(UNKNOWN, DraftKind::Reply, "Hi")], vec![], false);
    console.keys("go<enter>");
    answer_ticket(&mut console, Ok(full(UNKNOWN)));
    let composer = console.model.composer.as_ref().expect("the draft is open");
    assert_eq!((composer.ticket, composer.editor.text().as_str()), (UNKNOWN, "Hi"));
    assert_eq!(only(&console), UNKNOWN);
    console.keys("<c-s>").answer().keys("<enter>");
    assert_eq!(console.queued()[0].ticket, Some(UNKNOWN));
}

#[test]
fn an_edit_of_a_ticket_that_is_gone_shows_what_was_typed() {
    let text = r#"{"subject":"Another subject"}"#;
    let mut console = with(vec![draft(UNKNOWN, DraftKind::Edit, text)], vec![], false);
    console.keys("go<enter>");
    answer_ticket(&mut console, Err(ProblemKind::NotFound));
    answer_ticket(&mut console, Err(ProblemKind::NotFound));
    let shown = console.text();
    assert!(shown.contains("Another subject") && shown.contains("Edit #1500"), "{shown}");
    console.keys("x<c-s>");
    assert!(console.queued().is_empty());
    console.keys("<esc>");
    let key = DraftKey::new(Some(UNKNOWN), DraftKind::Edit);
    assert_eq!(console.model.drafts.get(key).map(|it| it.text.as_str()), Some(text));
}

#[test]
fn an_entry_whose_ticket_is_unknown_is_looked_for_or_nothing_moves() {
    let mut console = with(vec![], vec![entry(1, UNKNOWN)], false);
    let before = only(&console);
    console.keys("go<enter>s");
    assert!(!console.text().contains("Status of"), "{}", console.text());
    let mut found = console.clone();
    answer_ticket(&mut found, Ok(full(UNKNOWN)));
    assert_eq!(only(&found), UNKNOWN);
    found.keys("s");
    assert!(found.text().contains("Status of #1500"), "{}", found.text());
    answer_ticket(&mut console, Err(ProblemKind::NotFound));
    assert!(notice(&console).contains("#1500"));
    console.keys("<esc>s");
    assert!(console.text().contains(&format!("Status of {before}")), "{}", console.text());

    let mut console = with(vec![], vec![entry(1, UNKNOWN)], true);
    let before = only(&console);
    console.keys("go<enter>");
    assert!(notice(&console).contains("#1500 is not in the local copy"), "{}", notice(&console));
    assert_eq!(only(console.keys("<esc>")), before);
}

#[test]
fn an_undo_leads_to_where_its_ticket_is_shown_now() {
    let mut console = working();
    console.keys("jj");
    let (view, row, ticket) =
        (console.model.list.active, console.model.list.cursor, only(&console));
    console.keys("s2");
    let entries = console.queued();
    assert_eq!(console.model.lingering(), Some(ticket), "it has left the view");
    console.keys("z");
    console.settle(&entries[0], State::TakenBack);
    assert_eq!(only(&console), ticket);
    assert_eq!((console.model.list.active, console.model.list.cursor), (view, row));

    // Also where it was recorded meanwhile, and the agent has gone on to a conversation.
    let mut console = working();
    let ticket = only(&console);
    console.keys("s2");
    let entry = console.queued().remove(0);
    let mut row =
        desk::rows().into_iter().find(|row| row.ticket.id == ticket).expect("it is there");
    entry.change.apply(&mut row.ticket);
    let undo = entry.change.inverse().map(Box::new);
    let state = State::Recorded { at: console.now, made: None, undo };
    let recorded = Box::new(Entry { state, ..entry });
    console.send(Report::Entry { entry: recorded, row: Some(Box::new(row)) });
    console.keys("j<enter><rest>z");
    assert_eq!((only(&console), console.model.focus), (ticket, Focus::Conversation));
}

#[test]
fn an_undo_in_a_conversation_brings_the_cursor_to_it() {
    let mut console = working();
    let ticket = only(console.keys("j<enter><rest>"));
    console.keys("s2");
    let entry = console.queued().remove(0);
    assert_eq!(console.model.lingering(), Some(ticket), "it has left the view");
    console.keys("<esc>j<enter><rest>");
    assert_ne!(only(&console), ticket);
    console.keys("z");
    console.settle(&entry, State::TakenBack);
    assert_eq!((only(&console), console.model.focus), (ticket, Focus::Conversation));
}

#[test]
fn an_undo_does_not_take_away_who_has_gone_on() {
    let mut console = working();
    let ticket = only(&console);
    console.keys("s2");
    let entries = console.queued();
    console.keys("zjj");
    let there = only(&console);
    console.settle(&entries[0], State::TakenBack);
    assert_eq!(only(&console), there);
    assert_ne!(there, ticket);
}

#[test]
fn leaving_a_reply_leads_back_to_where_it_was_begun() {
    for (way, focus) in [("", Focus::List), ("<enter><rest>", Focus::Conversation)] {
        let mut console = working();
        console.keys(&format!("jj{way}"));
        let ticket = only(&console);
        console.keys("rDear<esc>");
        assert_eq!((console.model.focus, only(&console)), (focus, ticket));
        console.keys("n<esc>");
        assert_eq!((console.model.focus, only(&console)), (focus, ticket));
    }
}

#[test]
fn what_is_shown_stays_under_the_cursor_from_the_first_frame_on() {
    let mut console = Console::empty(120, 40);
    let mut rows = desk::rows();
    let rest = rows.split_off(3);
    console.send(Report::Rows { changed: rows, gone: vec![] });
    let first = only(&console);
    console.send(Report::Rows { changed: rest, gone: vec![] });
    assert_eq!(only(&console), first);

    let mut console = working();
    console.keys("6");
    let read = only(&console);
    let mut new = full(TicketId(1600)).ticket;
    new.status = Status::usual()[0].clone();
    new.created = Some(console.now);
    let row = Row { ticket: new, facts: None, noticed: console.now };
    console.keys("R").send(Report::Rows { changed: vec![row], gone: vec![] });
    assert_eq!(only(&console), read);
    console.effects();
    console.keys("e");
    assert_eq!(console.queued()[0].ticket, Some(read));
}

#[test]
fn a_ticket_that_slips_under_the_cursor_has_to_be_seen_before_a_key_is_about_it() {
    let mut console = working();
    let shown = only(&console);
    console.send(Report::Rows { changed: vec![], gone: vec![shown] });
    let next = only(&console);
    let mut unseen = console.clone();
    unseen.keys_at_once("e");
    assert!(unseen.queued().is_empty());
    assert!(notice(&unseen).contains(&next.to_string()), "{}", notice(&unseen));
    console.keys("e");
    assert_eq!(console.queued()[0].ticket, Some(next));
}

#[test]
fn a_command_of_the_palette_is_about_the_ticket_that_it_was_opened_on() {
    let mut console = working();
    let shown = only(&console);
    console.keys(":archive");
    console.send(Report::Rows { changed: vec![], gone: vec![shown] });
    console.keys("<enter>");
    assert!(console.queued().is_empty());
    assert!(notice(&console).contains(&format!("{shown} is not here any more")));
}

fn clients(names: &[&str]) -> Found {
    let client = |(at, name): (usize, &&str)| Client {
        id: ClientId(at as i64 + 50),
        name: desk::line(name),
        phone: None,
        owner: None,
    };
    Found::Clients(names.iter().enumerate().map(client).collect())
}

/// The client searches that were asked for.
fn searches(console: &mut Console) -> Vec<(growdesk::desk::RequestId, String)> {
    let asked = console.effects().into_iter().filter_map(|effect| match effect {
        Effect::Work(Work::Read { request, read: Read::Clients { search }, .. }) => {
            Some((request, search))
        }
        _ => None,
    });
    asked.collect()
}

fn chosen(console: &Console) -> Option<String> {
    let form = console.model.form().expect("the form is open");
    form.client.as_ref().map(|client: &Named<ClientId>| client.name.to_string())
}

#[test]
fn a_client_is_chosen_among_those_that_were_typed_for() {
    let mut console = working();
    console.keys("N<enter>");
    let (all, _) = searches(&mut console).remove(0);
    console.send(Report::Found { request: all, found: Ok(clients(&["Acme", "Bolt"])) });
    console.keys("copper<enter>");
    assert_eq!(chosen(&console), None);
    assert!(console.text().contains("waiting for the server"), "{}", console.text());
    let (asked, search) = searches(&mut console).remove(0);
    assert_eq!(search, "copper");

    let mut one = console.clone();
    one.send(Report::Found { request: asked, found: Ok(clients(&["Copper & Sons"])) });
    assert_eq!(chosen(&one).as_deref(), Some("Copper & Sons"));

    let names = ["Copper & Sons", "Copperfield"];
    let mut two = console.clone();
    two.send(Report::Found { request: asked, found: Ok(clients(&names)) });
    assert_eq!(chosen(&two), None, "the agent has seen none of them yet");
    assert_eq!(chosen(two.keys("<down><enter>")).as_deref(), Some("Copperfield"));

    let mut failed = console.clone();
    let unreachable = Err(problem(ProblemKind::Unreachable, ""));
    failed.send(Report::Found { request: asked, found: unreachable });
    failed.keys("<enter>");
    assert_eq!(chosen(&failed), None);

    // What is typed on is another question.
    console.keys("x");
    console.send(Report::Found { request: asked, found: Ok(clients(&["Copper & Sons"])) });
    assert_eq!(chosen(&console), None);
    console.wait(200);
    assert_eq!(searches(&mut console).remove(0).1, "copperx");
}

#[test]
fn an_answer_to_fewer_letters_does_not_keep_the_rest_from_being_asked() {
    let mut console = working();
    console.keys("N<enter>");
    let (all, _) = searches(&mut console).remove(0);
    console.keys("bolt");
    console.send(Report::Found { request: all, found: Ok(clients(&["Acme", "Bolt"])) });
    assert_eq!(chosen(console.keys("<enter>")), None);
    let asked = searches(&mut console);
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].1, "bolt");

    // Those that are known already are narrowed at once, and what is shown can be taken.
    let mut console = working();
    console.keys("N<enter>");
    let (all, _) = searches(&mut console).remove(0);
    console.send(Report::Found { request: all, found: Ok(clients(&["Acme", "Bolt"])) });
    assert_eq!(chosen(console.keys("bol<enter>")).as_deref(), Some("Bolt"));
}

#[test]
fn enter_on_a_choice_that_has_not_come_changes_nothing_else() {
    let mut console = working();
    console.keys("/vpn<enter>E<rest>");
    let before = console.model.form().expect("it is open").clone();
    assert!(before.project.is_some());
    console.keys("<tab><enter>");
    let asked = console.effects().into_iter().find_map(|effect| match effect {
        Effect::Work(Work::Read { request, slot: Slot::Choices, read }) => Some((request, read)),
        _ => None,
    });
    let (request, read) = asked.expect("the projects are asked for");
    console.keys("<enter>");
    assert!(console.text().contains("waiting for the server"), "{}", console.text());
    let mut other = console.clone();
    console.send(Report::Found { request, found: Ok(desk::found(&read)) });
    let project = |console: &Console| console.model.form().and_then(|it| it.project.clone());
    console.keys("<enter>");
    assert_eq!(project(&console).map(|it| it.id), before.project.map(|it| it.id));

    // The answer to a picker that was left is none to the next one.
    other.keys("<esc><backtab><enter>");
    let departments = other.text();
    assert!(departments.contains("Billing"), "{departments}");
    other.send(Report::Found { request, found: Ok(desk::found(&read)) });
    assert_eq!(other.text(), departments);
}

fn tags(console: &mut Console) -> (Vec<String>, Vec<String>) {
    let words = |tags: &[growdesk::domain::Line]| tags.iter().map(|it| it.to_string()).collect();
    match console.queued().first().map(|entry| entry.change.clone()) {
        Some(Change::Tags(change)) => (words(&change.add), words(&change.remove)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_tag_is_taken_as_it_is_typed() {
    for (keys, added) in [
        ("tbrand new<enter>", vec!["brand-new"]),
        ("t<down><space>fresh<enter>", vec!["billing", "fresh"]),
        ("tfresh<down><space>even newer<enter>", vec!["fresh", "even-newer"]),
    ] {
        let mut console = working();
        console.keys("/vpn<enter>").effects();
        console.keys(keys);
        let (mut add, remove) = tags(&mut console);
        add.retain(|tag| added.contains(&tag.as_str()) || keys.starts_with("tf"));
        assert!(added.iter().filter(|it| **it != "billing").all(|it| add.contains(&(*it).into())));
        assert!(remove.len() <= 1, "{keys}: {add:?} {remove:?}");
    }
    // A tag that the ticket has stays, and nothing that was not asked for changes.
    for keys in ["t<enter>", "tvpn<enter>"] {
        let mut console = working();
        console.keys("/vpn<enter>").effects();
        assert!(console.keys(keys).queued().is_empty(), "{keys}");
    }
}

#[test]
fn what_is_typed_ahead_of_all_tickets_goes_to_the_one_that_was_named() {
    let mut console = Console::opened(120, 40);
    let rows = desk::rows();
    let stored = Stored { rows, directory: desk::directory(), ..Stored::default() };
    let mut asked = None;
    for effect in
        growdesk::app::update(&mut console.model, console.now, Report::Stored(Box::new(stored)))
    {
        if let Effect::Work(Work::Read { request, read: read @ Read::Tickets { .. }, .. }) = effect
        {
            asked = Some((request, read));
        }
    }
    let (request, read) = asked.expect("all tickets are read");
    console.keys("gi1027<enter>e");
    assert!(console.queued().is_empty());
    let found = Ok(crate::support::console::at_once(&read, &desk::rows()));
    console.send(Report::Found { request, found });
    assert_eq!(only(&console), TicketId(1027));
}

#[test]
fn a_created_ticket_is_shown_to_who_waits_for_it_alone() {
    let created = |keys: &str| {
        let mut console = working();
        console.keys("<enter><rest>");
        let before = only(&console);
        console.keys("N<enter><rest><enter><enter><rest><enter><tab><tab>Jam<tab>It jams.<c-s>");
        let mut entry = console.queued().remove(0);
        entry.ticket = Some(TicketId(1601));
        console.keys(keys);
        let row = Row { ticket: full(TicketId(1601)).ticket, facts: None, noticed: console.now };
        let state = State::Recorded { at: console.now, made: None, undo: None };
        let entry = Box::new(Entry { state, ..entry });
        console.send(Report::Entry { entry, row: Some(Box::new(row)) });
        (before, console)
    };
    let (_, waited) = created("");
    assert_eq!(only(&waited), TicketId(1601));
    let (before, left) = created("<esc>");
    assert_eq!(only(&left), before);
    assert!(notice(&left).contains("#1601 created; g i goes to it"), "{}", notice(&left));
}

#[test]
fn a_line_of_the_outbox_stays_under_the_cursor_while_others_settle() {
    let entries = vec![entry(1, TicketId(1041)), entry(2, TicketId(1040))];
    let drafts = [(1037, "first"), (1042, "second")]
        .map(|(id, text)| draft(TicketId(id), DraftKind::Reply, text));
    let mut console = with(drafts.to_vec(), entries.clone(), false);
    console.keys("gojjj");
    let recorded = State::Recorded { at: console.now, made: None, undo: None };
    console.settle(&entries[0], recorded.clone()).settle(&entries[1], recorded);
    console.keys("<enter>");
    let composer = console.model.composer.as_ref().expect("the draft is open");
    assert_eq!((composer.ticket, composer.editor.text().as_str()), (TicketId(1042), "second"));

    // Where the line itself goes, what took its place has to be seen first.
    let mut console = with(drafts.to_vec(), entries.clone(), false);
    console.keys("go");
    let recorded = State::Recorded { at: console.now, made: None, undo: None };
    let entry = Box::new(Entry { state: recorded, ..entries[0].clone() });
    console.send(Report::Entry { entry, row: None });
    let taken = |console: &mut Console| {
        let back = |it: &Effect| matches!(it, Effect::Work(Work::TakeBack(_)));
        console.effects().iter().any(back)
    };
    assert!(!taken(console.keys_at_once("z")));
    assert!(notice(&console).contains("look, then press the key again"), "{}", notice(&console));
    assert!(taken(console.keys("z")));
}

#[test]
fn a_reply_stays_under_the_cursor_when_one_before_it_goes() {
    let mut console = working();
    console.keys("/vpn<enter><enter><rest>kk");
    let reply = console.model.conversation.post().and_then(|post| post.reply).expect("a reply");
    let mut thread = console.model.conversation.thread.clone().expect("it is read");
    let before = thread.posts.iter().position(|post| post.reply == Some(reply));
    assert!(before > Some(1));
    thread.posts.remove(1);
    console.effects();
    console.keys("R");
    let asked = console.effects().into_iter().find_map(|effect| match effect {
        Effect::Work(Work::Read { request, read: Read::Thread { .. }, .. }) => Some(request),
        _ => None,
    });
    console.send(Report::Thread { request: asked.expect("it is read anew"), thread });
    assert_eq!(console.model.conversation.post().and_then(|post| post.reply), Some(reply));
}

#[test]
fn what_was_written_outside_goes_to_its_own_draft() {
    let mut console = working();
    console.keys("rHello");
    let key = console.model.composer.as_ref().expect("it is open").key();
    console.keys("<esc>jnFor us");
    console.send(Message::Edited { key, text: Ok("Hello from outside".into()) });
    let note = console.model.composer.as_ref().expect("it is open");
    assert_eq!(note.editor.text(), "For us");
    let all = console.model.drafts.all().into_iter();
    let replies = all.filter(|draft| (draft.key.ticket, draft.key.kind) == (key.ticket, key.kind));
    let mut texts: Vec<&str> = replies.map(|draft| draft.text.as_str()).collect();
    texts.sort_unstable();
    assert_eq!(texts, ["Hello", "Hello from outside"], "it is kept beside");
}
