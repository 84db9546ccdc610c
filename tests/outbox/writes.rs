//! Every write of the API that the console makes, on one ticket that holds something of
//! everything.

use growdesk::{
    domain::{
        Change, ClientId, DepartmentId, Edit, Entry, FieldsChange, Named, NewTicket, Priority,
        ReplyId, ReplyKind, Stand, Status, TagsChange, TicketId,
    },
    sandbox::Sandbox,
    text::clean,
};

use crate::{
    bench::Bench,
    ledger::{Changes, Ledger},
};

/// The ticket that all is about.
pub(crate) const TICKET: TicketId = TicketId(32);
/// Its newest reply.
pub(crate) const NEWEST: i64 = 9001;
/// The number of the next ticket that is created.
const NEXT: i64 = 41;
/// Text that is escaped, formatted and broken on its way.
pub(crate) const TEXT: &str = "We *fixed* it: a < b & c.\nTry again.";
const HTML: &str = "<p>We <em>fixed</em> it: a &lt; b &amp; c.<br />\nTry again.</p>";
/// A message that nobody else would write so: it has to come back byte for byte.
const MESSAGE: &str = "<p>It  is <B>down</b></p>\r\n<!-- again -->";

/// A write of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Write {
    Reply,
    Note,
    Create,
    Status,
    Fields,
    Tags,
    Archive,
    Restore,
    DeleteReply,
    DeleteTicket,
}

impl Write {
    /// Its request, as faults name it.
    pub(crate) fn request(self) -> &'static str {
        match self {
            Self::Reply | Self::Note => "POST /api/tickets/32/replies",
            Self::Create => "POST /api/tickets",
            Self::Status => "PUT /api/tickets/32/status",
            Self::Fields => "PATCH /api/tickets/32",
            Self::Tags => "PUT /api/tickets/32/tags",
            Self::Archive => "PUT /api/tickets/32/archive",
            Self::Restore => "PUT /api/tickets/32/restore",
            Self::DeleteReply => "DELETE /api/tickets/32/replies/9001",
            Self::DeleteTicket => "DELETE /api/tickets/32",
        }
    }

    /// What is read before it is sent.
    pub(crate) fn reads(self) -> &'static [&'static str] {
        match self {
            Self::Reply => &["GET /api/tickets/32/replies", "GET /api/tickets/32"],
            Self::Note => &["GET /api/tickets/32/replies"],
            Self::Create => &["GET /api/tickets"],
            Self::Status | Self::Fields | Self::Tags => &["GET /api/tickets/32"],
            Self::Archive | Self::Restore | Self::DeleteReply | Self::DeleteTicket => &[],
        }
    }

    /// Gives the ticket a state in which it makes a difference.
    pub(crate) fn arrange(self, sandbox: &Sandbox) {
        let state = if self == Self::Restore { "archived" } else { "active" };
        let arranged = sandbox.change(|db| {
            db.execute_batch(&format!(
                "UPDATE tickets SET subject = 'Router', status_id = 1, priority = 'normal',
                    active_state = '{state}', client_id = (SELECT min(client_id) FROM projects),
                    category_id = (SELECT min(id) FROM categories WHERE type = 'ticket'),
                    creator_id = NULL WHERE id = 32;
                 UPDATE tickets SET project_id = (SELECT min(id) FROM projects
                    WHERE client_id = tickets.client_id) WHERE id = 32;
                 DELETE FROM tags WHERE ticket_id = 32;
                 INSERT INTO tags (ticket_id, title) VALUES (32, 'theirs'), (32, 'old');
                 INSERT INTO replies (id, ticket_id, type, text, creator_id, created)
                    SELECT {NEWEST}, 32, 'reply', '<p>Which cable?</p>', min(id), 1700000000000000
                    FROM users WHERE kind = 'team';"
            ))?;
            Ok(db.execute("UPDATE tickets SET message = ?1 WHERE id = 32", [MESSAGE])?)
        });
        arranged.expect("the database takes it");
    }

    /// The entry that asks for it, made by an agent who has seen everything.
    pub(crate) async fn entry(self, bench: &mut Bench) -> Entry {
        let change = self.change(&bench.sandbox);
        let ticket = Some(TICKET).filter(|_| self != Self::Create);
        let row = bench.store.row(TICKET).await.expect("the store answers").expect("it is there");
        Entry {
            seen: Some(ReplyId(NEWEST)),
            stood: Some(Box::new(Stand::of(&row.ticket))),
            ..bench.entry(ticket, change)
        }
    }

    /// What is asked for.
    pub(crate) fn change(self, sandbox: &Sandbox) -> Change {
        let [open, .., answered, _] = Status::usual();
        match self {
            Self::Reply => Change::Post { kind: ReplyKind::Reply, text: TEXT.into() },
            Self::Note => Change::Post { kind: ReplyKind::Note, text: TEXT.into() },
            Self::Create => Change::Create(Box::new(new_ticket(sandbox))),
            Self::Status => Change::Status(Edit { from: open, to: answered }),
            Self::Fields => Change::Fields(Box::new(FieldsChange {
                subject: Some(Edit { from: clean::line("Router"), to: clean::line("The router") }),
                priority: Some(Edit { from: Priority::Normal, to: Priority::Urgent }),
                ..FieldsChange::default()
            })),
            Self::Tags => Change::Tags(TagsChange {
                add: vec![clean::line("mine")],
                remove: vec![clean::line("old")],
            }),
            Self::Archive => Change::Archived(true),
            Self::Restore => Change::Archived(false),
            Self::DeleteReply => Change::DeleteReply(ReplyId(NEWEST)),
            Self::DeleteTicket => Change::DeleteTicket,
        }
    }

    /// What it does to the server's database when it is done exactly once.
    pub(crate) fn effect(self, before: &Ledger) -> Changes {
        let about = before.about(TICKET.0);
        let one = |of: &dyn Fn(&str) -> bool| {
            about.iter().find(|line| of(line)).expect("it is there").clone()
        };
        let ticket = one(&|line| line.starts_with("#32 Router|"));
        let edited = |from: &str, to: &str| Changes {
            come: vec![ticket.replace(from, to)],
            gone: vec![ticket.clone()],
        };
        let comes = |line: String| Changes { come: vec![line], gone: Vec::new() };
        match self {
            Self::Reply => comes(format!("#32 reply by 1: {HTML}")),
            Self::Note => comes(format!("#32 note by 1: {HTML}")),
            Self::Create => {
                let rest = ticket.split_once("|department").expect("a department").1;
                let client = rest.split_once("|project").expect("a project").0;
                comes(format!(
                    "#{NEXT} Printer on fire|{HTML}|status 1|high|active|department{client}|project 0"
                ))
            }
            Self::Status => edited("|status 1|", "|status 4|"),
            Self::Fields => {
                let mut changes = edited("#32 Router|", "#32 The router|");
                changes.come = vec![changes.come[0].replace("|normal|", "|urgent|")];
                changes
            }
            Self::Tags => {
                Changes { come: vec!["#32 tag mine".into()], gone: vec!["#32 tag old".into()] }
            }
            Self::Archive => edited("|active|", "|archived|"),
            Self::Restore => edited("|archived|", "|active|"),
            Self::DeleteReply => {
                let gone = vec![one(&|line| line.ends_with(": <p>Which cable?</p>"))];
                Changes { come: Vec::new(), gone }
            }
            Self::DeleteTicket => Changes { come: Vec::new(), gone: about },
        }
    }
}

/// What a reply does together with the status that follows it.
pub(crate) fn reply_and_status(before: &Ledger) -> Changes {
    let (reply, status) = (Write::Reply.effect(before), Write::Status.effect(before));
    let mut come = [reply.come, status.come].concat();
    come.sort();
    Changes { come, gone: status.gone }
}

pub(crate) fn new_ticket(sandbox: &Sandbox) -> NewTicket {
    let of_ticket = |column: &str| {
        let sql = format!("SELECT {column} FROM tickets WHERE id = {}", TICKET.0);
        let id = sandbox.change(|db| Ok(db.query_row(&sql, [], |row| row.get::<_, i64>(0))?));
        id.expect("the database answers")
    };
    NewTicket {
        client: Named { id: ClientId(of_ticket("client_id")), name: clean::line("Client") },
        department: Named {
            id: DepartmentId(of_ticket("category_id")),
            name: clean::line("Department"),
        },
        project: None,
        subject: "Printer on fire".into(),
        message: TEXT.into(),
        priority: Priority::High,
        custom: Vec::new(),
    }
}
