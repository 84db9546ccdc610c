//! The queue: twenty waiting tickets of five kinds, in a desk with others that don't wait.

use rusqlite::Connection;

use crate::shift::Desk;

/// A kind of ticket: how its subject begins, and how many of it wait.
pub(crate) const KINDS: [(&str, usize); 5] =
    [("Invoice", 8), ("Outage", 4), ("Printer", 3), ("Casino", 3), ("Contract", 2)];

/// The newest ticket of the desk, and of the queue.
const NEWEST: i64 = 250;

/// A desk with the queue in it.
pub(crate) struct Queue {
    pub(crate) desk: Desk,
    /// The tickets that wait, in the order of the kinds.
    pub(crate) tickets: Vec<(i64, &'static str)>,
    /// The newest reply before the work.
    newest: i64,
}

impl Queue {
    pub(crate) fn open() -> Self {
        let desk = Desk::open();
        let db = Connection::open(desk.folder.path().join("desk.db")).expect("the database");
        db.execute("UPDATE tickets SET status_id = 2 WHERE status_id IN (1, 5)", [])
            .expect("closed");
        let kinds = KINDS.iter().flat_map(|(kind, count)| std::iter::repeat_n(*kind, *count));
        let tickets: Vec<(i64, &str)> = (NEWEST - 19..=NEWEST).zip(kinds).collect();
        for (id, kind) in &tickets {
            let sql =
                "UPDATE tickets SET status_id = 5, priority = 'normal', active_state = 'active',
                       subject = ?2, category_id = (SELECT max(id) FROM categories WHERE type = 'ticket'), status_changed = created WHERE id = ?1";
            let changed = db.execute(sql, (id, format!("{kind} of case {id}"))).expect("a ticket");
            assert_eq!(changed, 1, "#{id}");
            db.execute("DELETE FROM tags WHERE ticket_id = ?1", [id]).expect("no tags");
        }
        std::fs::write(desk.folder.path().join("config.toml"), MACROS).expect("macros");
        let newest = desk.ask("SELECT max(id) FROM replies");
        Self { desk, tickets, newest }
    }

    /// The server misbehaves from now on.
    pub(crate) fn fault(&self, fault: &str) {
        let sandbox = self.desk.sandbox.as_ref().expect("it runs");
        sandbox.faults().add(fault.parse().expect("a fault"));
    }

    /// What the server has of a kind's tickets, a line each: status, priority, state, tags, and the
    /// replies and notes that came since the queue was opened.
    pub(crate) fn recorded(&self, kind: &str) -> Vec<String> {
        let ids = self.tickets.iter().filter(|it| it.1 == kind);
        let sql = |id| format!("{TICKET} WHERE t.id = {id}");
        ids.map(|(id, _)| self.desk.ask(&sql(id).replace(":from", &self.newest.to_string())))
            .collect()
    }

    /// What the server has of all tickets that are not in the queue.
    pub(crate) fn others(&self) -> String {
        let all = TICKET.replace(":from", "0");
        self.desk.ask(&format!(
            "SELECT group_concat(line, char(10)) FROM ({all} WHERE t.id <= {} ORDER BY t.id)",
            NEWEST - 20
        ))
    }
}

const TICKET: &str = "SELECT t.status_id || ' ' || t.priority || ' ' || t.active_state || ' [' ||
    coalesce((SELECT group_concat(title, ',') FROM tags WHERE ticket_id = t.id), '') || ']' ||
    coalesce((SELECT group_concat(' ' || type || ' ' || text, '') FROM replies
              WHERE ticket_id = t.id AND id > :from), '') AS line
    FROM tickets t";

const MACROS: &str = r#"
[[macro]]
name = "Invoice sent"
key = "i"
text = """
Hi {{ contact.first_name | default("there") }},

the invoice for #{{ ticket.id }} is in your account.
"""
status = "Closed"
add_tags = ["invoice"]

[[macro]]
name = "Spam"
key = "s"
status = "Closed"
add_tags = ["spam"]
archive = true
"#;
