//! Doing and taking back gives the server's own state back, against the real worker and a server.

use std::cell::RefCell;

use growdesk::{
    app::{Popup, popups::form},
    sandbox::SandboxError,
};
use proptest::{prelude::*, test_runner::TestRunner};

use crate::{
    cases,
    desk::{Desk, TICKET},
    hostile,
};

/// A ticket as the server holds it, byte for byte.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Held {
    subject: String,
    message: String,
    status: i64,
    priority: String,
    department: i64,
    project: Option<i64>,
    archived: bool,
    tags: Vec<String>,
}

/// What an agent does.
#[derive(Clone, Debug)]
enum Doing {
    Status(u8),
    Priority(usize),
    Department(usize),
    /// Toggles the tags at these places of the picker, and adds a new one.
    Tags(Vec<usize>, Option<String>),
    Archive,
    Fields {
        department: Option<usize>,
        project: Option<usize>,
        subject: String,
        message: String,
    },
}

/// What a colleague does in between.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Meddling {
    Nothing,
    /// The very same as the agent's first change, before that arrives.
    Before,
    /// Another tag, before all is taken back.
    Tag,
}

fn held() -> impl Strategy<Value = Held> {
    let tag = prop_oneof![
        4 => prop::sample::select(vec!["vpn", "billing", "a-b", "new-tag", "\u{1b}[31m", "  x"])
            .prop_map(str::to_owned),
        1 => hostile::text(),
    ];
    let stored = |tag: String| tag.trim().to_lowercase().replace(' ', "-");
    let tag = tag.prop_map(stored).prop_filter("no tag is empty", |tag| !tag.is_empty());
    let tags = prop::collection::vec(tag, 0..5);
    // A PATCH needs a subject and a message: the server has nothing to give back where they are blank.
    let some = |text: String| format!("{text}x");
    let texts = (hostile::text().prop_map(some), hostile::text().prop_map(some));
    let rest = (1i64..6, 0usize..3, any::<bool>(), any::<bool>());
    (texts, tags, rest).prop_map(
        |((subject, message), tags, (status, priority, project, archived))| Held {
            subject: subject.chars().take(200).collect::<String>() + "x",
            message,
            status,
            priority: ["normal", "high", "urgent"][priority].into(),
            department: 0,
            project: project.then_some(0),
            archived,
            tags,
        },
    )
}

fn doing() -> impl Strategy<Value = Doing> {
    let new = prop::option::of(prop::sample::select(vec!["new tag", "Über", "x"]));
    let new = new.prop_map(|tag| tag.map(str::to_owned));
    let fields =
        (prop::option::of(0usize..4), prop::option::of(0usize..3), "[a-z ]{0,4}", "[a-z ]{0,4}");
    prop_oneof![
        2 => (1u8..6).prop_map(Doing::Status),
        2 => (0usize..3).prop_map(Doing::Priority),
        2 => (0usize..4).prop_map(Doing::Department),
        3 => (prop::collection::vec(0usize..6, 0..3), new).prop_map(|(at, new)| Doing::Tags(at, new)),
        2 => Just(Doing::Archive),
        3 => fields.prop_map(|(department, project, subject, message)| {
            Doing::Fields { department, project, subject, message }
        }),
    ]
}

fn meddling() -> impl Strategy<Value = Meddling> {
    prop_oneof![
        3 => Just(Meddling::Nothing),
        1 => Just(Meddling::Before),
        1 => Just(Meddling::Tag),
    ]
}

impl Desk {
    fn put(&self, held: &Held) -> Held {
        let mut held = held.clone();
        let put = self.sandbox.change(|db| {
            let id = |sql: &str| db.query_row(sql, [], |row| row.get::<_, i64>(0));
            held.department = id("SELECT min(id) FROM categories WHERE type = 'ticket'")?;
            let client = id("SELECT min(client_id) FROM projects")?;
            if held.project.is_some() {
                held.project =
                    Some(id(&format!("SELECT min(id) FROM projects WHERE client_id = {client}"))?);
            }
            db.execute(
                "UPDATE tickets SET subject = ?1, message = ?2, status_id = ?3, priority = ?4,
                 category_id = ?5, project_id = ?6, active_state = ?7, client_id = ?8 WHERE id = 32",
                rusqlite::params![
                    held.subject,
                    held.message,
                    held.status,
                    held.priority,
                    held.department,
                    held.project,
                    if held.archived { "archived" } else { "active" },
                    client,
                ],
            )?;
            db.execute("DELETE FROM tags WHERE ticket_id = 32", [])?;
            for tag in &held.tags {
                db.execute("INSERT INTO tags (ticket_id, title) VALUES (32, ?1)", [tag])?;
            }
            Ok(())
        });
        put.expect("the sandbox takes it");
        held
    }

    fn held(&self) -> Held {
        let read = self.sandbox.change(|db| {
            let sql = "SELECT subject, message, status_id, priority, category_id, project_id,
                       active_state FROM tickets WHERE id = 32";
            let mut held = db.query_row(sql, [], |row| {
                Ok(Held {
                    subject: row.get(0)?,
                    message: row.get(1)?,
                    status: row.get(2)?,
                    priority: row.get(3)?,
                    department: row.get(4)?,
                    project: row.get(5)?,
                    archived: row.get::<_, String>(6)? == "archived",
                    tags: Vec::new(),
                })
            })?;
            let mut tags =
                db.prepare("SELECT title FROM tags WHERE ticket_id = 32 ORDER BY title")?;
            held.tags = tags.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
            Ok::<_, SandboxError>(held)
        });
        read.expect("the sandbox says it")
    }

    /// Puts the cursor on the ticket.
    fn go(&mut self) {
        self.keys(&format!("<esc><esc><esc>gi{}<enter>", TICKET.0));
        assert_eq!(self.model.ticket_at_hand(), Some(TICKET));
    }

    async fn act(&mut self, doing: &Doing) {
        self.go();
        match doing {
            Doing::Status(id) => self.keys(&format!("s{id}")),
            Doing::Priority(at) => self.keys(&format!("p{}<enter>", "<down>".repeat(*at))),
            Doing::Department(at) => self.keys(&format!("d{}<enter>", "<down>".repeat(*at))),
            Doing::Tags(places, new) => {
                self.keys("t");
                for at in places {
                    self.keys(&format!("{}<space>", "<down>".repeat(*at)));
                }
                if let Some(new) = new {
                    self.send(growdesk::app::Message::Paste(new.clone()));
                    self.keys("<space>");
                }
                self.keys(if places.is_empty() && new.is_none() { "<esc>" } else { "<enter>" });
            }
            Doing::Archive => self.keys("e"),
            Doing::Fields { department, project, subject, message } => {
                // What the form reads while an earlier change is recorded may be from before it.
                self.settle().await;
                self.keys("E");
                let fills = |model: &growdesk::app::Model| {
                    model.form().is_some_and(|it| it.progress == form::Progress::Filling)
                };
                self.until(fills).await;
                match department {
                    Some(at) => self.keys(&format!("<enter>{}<enter>", "<down>".repeat(*at))),
                    None => self.keys("<tab>"),
                }
                match project {
                    Some(at) => {
                        self.keys("<enter>");
                        let loading = |popup: &Option<Popup>| matches!(popup, Some(Popup::Picker(it)) if it.loading);
                        self.until(|model| !loading(&model.popup)).await;
                        self.keys(&format!("{}<enter>", "<down>".repeat(*at)));
                    }
                    None => self.keys("<tab>"),
                }
                self.keys(&format!("<tab>{subject}<tab>{message}<c-s>"));
            }
        }
    }

    /// A colleague does the same to the server before the agent's change gets there.
    fn meddle(&self, doing: &Doing) {
        let change = self.sandbox.change(|db| {
            match doing {
                Doing::Status(id) => {
                    db.execute("UPDATE tickets SET status_id = ?1 WHERE id = 32", [id])?;
                }
                Doing::Archive => {
                    let sql = "UPDATE tickets SET active_state = iif(active_state = 'active',
                               'archived', 'active') WHERE id = 32";
                    db.execute(sql, [])?;
                }
                Doing::Tags(_, Some(new)) => {
                    let tag = new.to_lowercase().replace(' ', "-");
                    db.execute("INSERT INTO tags (ticket_id, title) VALUES (32, ?1)", [tag])?;
                }
                Doing::Tags(..) => {
                    db.execute("DELETE FROM tags WHERE ticket_id = 32 AND title = 'vpn'", [])?;
                }
                _ => {}
            }
            Ok(())
        });
        change.expect("a colleague does the same");
    }

    fn tag_as_colleague(&self) {
        let tagged = self.sandbox.change(|db| {
            Ok(db.execute("INSERT INTO tags (ticket_id, title) VALUES (32, 'theirs')", [])?)
        });
        tagged.expect("a colleague tags");
    }
}

/// As the server keeps it after any PATCH, which trims texts; tags in no order.
fn kept(mut held: Held) -> Held {
    held.subject = held.subject.trim().to_owned();
    held.message = held.message.trim().to_owned();
    held.tags.sort();
    held
}

type Case = (Held, Vec<(Doing, bool)>, Meddling);

async fn holds(desk: &mut Desk, (start, doings, meddling): &Case) -> Result<(), TestCaseError> {
    let mut expected = desk.put(start);
    desk.refresh().await;
    for (at, (doing, waits)) in doings.iter().enumerate() {
        if at == 0 && *meddling == Meddling::Before {
            desk.meddle(doing);
            expected = desk.held();
        }
        desk.act(doing).await;
        if *waits {
            desk.settle().await;
        }
    }
    if *meddling == Meddling::Tag {
        desk.tag_as_colleague();
        expected.tags.push("theirs".into());
    }
    desk.go();
    doings.iter().for_each(|_| desk.keys("z"));
    desk.settle().await;
    prop_assert_eq!(kept(desk.held()), kept(expected));
    prop_assert_eq!(desk.model.tickets.get(TICKET), desk.model.tickets.said(TICKET));
    Ok(())
}

#[test]
fn what_is_done_and_taken_back_is_as_it_was() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let desk = RefCell::new(runtime.block_on(Desk::open()));
    let doings = prop::collection::vec((doing(), any::<bool>()), 1..4);
    let outcome = TestRunner::new(cases(60)).run(&(held(), doings, meddling()), |case| {
        runtime.block_on(holds(&mut desk.borrow_mut(), &case))
    });
    runtime.block_on(desk.into_inner().close());
    if let Err(failed) = outcome {
        panic!("{failed}");
    }
}

/// The tickets of a step on many, by their places: 1 to 8.
const MANY: std::ops::RangeInclusive<i64> = 1..=8;

/// A step on many tickets, and what others do before it is taken back.
#[derive(Clone, Debug)]
struct Many {
    /// The status of each ticket before.
    start: Vec<i64>,
    marked: Vec<i64>,
    to: i64,
    /// The tickets that a colleague changes afterwards, and whether the console knows of it.
    theirs: Vec<(i64, bool)>,
    again: bool,
}

fn many() -> impl Strategy<Value = Many> {
    let start = prop::collection::vec(1i64..6, 8);
    let marked = prop::sample::subsequence(MANY.collect::<Vec<i64>>(), 1..=8);
    let theirs = prop::sample::subsequence(MANY.collect::<Vec<i64>>(), 0..=4);
    let theirs = (theirs, any::<bool>());
    (start, marked, 1i64..6, theirs, any::<bool>()).prop_map(
        |(start, marked, to, (theirs, known), again)| {
            let theirs = theirs.into_iter().map(|id| (id, known)).collect();
            Many { start, marked, to, theirs, again }
        },
    )
}

impl Desk {
    fn set_status(&self, ticket: i64, status: i64) {
        let sql = "UPDATE tickets SET status_id = ?2, active_state = 'active' WHERE id = ?1";
        let set = self.sandbox.change(|db| Ok(db.execute(sql, [ticket, status])?));
        set.expect("the sandbox takes it");
    }

    fn statuses(&self) -> Vec<i64> {
        let read = self.sandbox.change(|db| {
            let mut rows = db.prepare("SELECT status_id FROM tickets WHERE id <= 8 ORDER BY id")?;
            let rows = rows.query_map([], |row| row.get(0))?;
            Ok::<_, SandboxError>(rows.collect::<Result<_, _>>()?)
        });
        read.expect("the sandbox says it")
    }
}

/// One undo gives each ticket back what it had, but for what a colleague has changed since; a redo is
/// about the tickets that were taken back; a ticket that was not marked is never touched.
async fn holds_of_many(desk: &mut Desk, case: &Many) -> Result<(), TestCaseError> {
    for (ticket, status) in MANY.zip(&case.start) {
        desk.set_status(ticket, *status);
        desk.read(growdesk::domain::TicketId(ticket)).await;
    }
    desk.keys("<esc><esc><esc><esc>");
    for ticket in &case.marked {
        desk.keys(&format!("gi{ticket}<enter>x"));
    }
    prop_assert_eq!(desk.model.marks.len(), case.marked.len());
    desk.keys(&format!("s{}", case.to));
    if matches!(desk.model.popup, Some(Popup::Plan(_))) {
        desk.keys("a<enter>");
    }
    desk.settle().await;
    prop_assert_eq!(desk.model.marks.len(), 0, "all of it was done");
    let is_marked = |ticket: i64| case.marked.contains(&ticket);
    let done = |ticket: i64, start: i64| if is_marked(ticket) { case.to } else { start };
    let all: Vec<i64> = MANY.zip(&case.start).map(|(id, start)| done(id, *start)).collect();
    prop_assert_eq!(desk.statuses(), all);
    // A status that the ticket never had: the one that it had before could not be told from an undo.
    let theirs = |ticket: i64| {
        let start = MANY.zip(&case.start).find(|(id, _)| *id == ticket).map(|(_, start)| *start);
        (1..6).find(|it| *it != case.to && Some(*it) != start).expect("there are five")
    };
    for (ticket, known) in &case.theirs {
        desk.set_status(*ticket, theirs(*ticket));
        if *known {
            desk.read(growdesk::domain::TicketId(*ticket)).await;
        }
    }
    let changed = |ticket: i64| case.theirs.iter().any(|(id, _)| *id == ticket);
    let expected = |again: bool| -> Vec<i64> {
        let after = |(ticket, start): (i64, &i64)| match () {
            () if changed(ticket) => theirs(ticket),
            () if again && is_marked(ticket) => case.to,
            () => *start,
        };
        MANY.zip(&case.start).map(after).collect()
    };
    // Where all tickets were so already, there is no step to take back.
    let acted = MANY.zip(&case.start).any(|(id, start)| is_marked(id) && *start != case.to);
    if !acted {
        return Ok(());
    }
    desk.keys("z");
    desk.settle().await;
    prop_assert_eq!(desk.statuses(), expected(false));
    if case.again {
        desk.keys("Z");
        desk.settle().await;
        prop_assert_eq!(desk.statuses(), expected(true));
    }
    Ok(())
}

#[test]
fn a_step_on_many_tickets_is_taken_back_and_done_again_but_for_what_others_changed() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let desk = RefCell::new(runtime.block_on(Desk::open()));
    let outcome = TestRunner::new(cases(40))
        .run(&many(), |case| runtime.block_on(holds_of_many(&mut desk.borrow_mut(), &case)));
    runtime.block_on(desk.into_inner().close());
    if let Err(failed) = outcome {
        panic!("{failed}");
    }
}
