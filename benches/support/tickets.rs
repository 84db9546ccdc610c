//! Made-up tickets as the console knows them, and a mirror that is filled with them.

#![allow(dead_code, reason = "each bench uses what it needs")]

use std::path::Path;

use growdesk::{
    domain::{
        ClientId, Directory, FullTicket, Html, Line, Named, PersonId, Priority, Reply, ReplyId,
        ReplyKind, Status, StatusId, ThreadFacts, Ticket, TicketId,
    },
    store::{Store, Texts},
    text::html::words,
};
use jiff::{SignedDuration, Timestamp};

use crate::made_up::{self, STATUSES, sketch};

/// Where the ticket with the large conversation stands among the newest.
pub(crate) const LARGE: usize = 4;

/// The last words of its opening message.
pub(crate) const LARGE_MARK: &str = "This is the large one.";

/// How many tickets one piece of a fill holds.
const PIECE: usize = 5_000;

fn line(text: &str) -> Line {
    Line::from_cleaned(text, None)
}

/// The ticket at position `at` of `of`, the newest first.
pub(crate) fn ticket(at: usize, of: usize, now: Timestamp) -> FullTicket {
    let sketch = sketch(at, of);
    let (status, title) = STATUSES[sketch.status];
    let changed = now - SignedDuration::from_mins(sketch.minutes);
    let client = ClientId(i64::try_from(sketch.client).unwrap_or(0) + 1);
    let ticket = Ticket {
        subject: line(sketch.subject),
        status: Status { id: StatusId(status), title: line(title) },
        priority: [Priority::Normal, Priority::High, Priority::Urgent][sketch.priority],
        client: Some(Named { id: client, name: line(made_up::client(sketch.client)) }),
        created: Some(changed),
        last_updated: Some(changed),
        status_changed: Some(changed),
        replies_count: sketch.replies,
        tags: sketch.tags.iter().map(|tag| line(tag)).collect(),
        ..Ticket::sparse(TicketId(sketch.id))
    };
    let paragraphs: Vec<String> =
        made_up::message(at).iter().map(|text| format!("<p>{text}</p>")).collect();
    FullTicket { ticket, message: Html::new(paragraphs.concat()) }
}

/// Indexes the words of all texts, as the console would do in the background.
async fn index(store: &Store) -> anyhow::Result<()> {
    loop {
        let all = store.unindexed(PIECE).await?;
        if all.is_empty() {
            return Ok(());
        }
        let indexed = |it: Texts<Html>| Texts {
            turn: it.turn,
            ticket: it.ticket,
            names: it.names,
            message: words(&it.message),
            replies: it.replies.iter().map(words).collect(),
        };
        store.index(all.into_iter().map(indexed).collect()).await?;
    }
}

/// Fills the mirror in `folder` with so many tickets, their texts indexed; the one at [`LARGE`]
/// has 200 replies of 5 KB of HTML each.
pub(crate) async fn fill(folder: &Path, count: usize) -> anyhow::Result<()> {
    let now = Timestamp::now();
    let store = Store::open(folder).await?.store;
    let statuses = Status::usual().to_vec();
    store.save_directory(Directory { statuses, ..Directory::default() }).await?;
    for first in (0..count).step_by(PIECE) {
        let piece = first..count.min(first + PIECE);
        let tickets = piece.map(|at| {
            let mut full = ticket(at, count, now);
            if at == LARGE {
                full.ticket.replies_count = 200;
                full.message = Html::new(format!("<p>{LARGE_MARK}</p>{}", html(5_000)));
            }
            full
        });
        store.save_tickets(tickets.collect(), now).await?;
    }
    let large = TicketId(sketch(LARGE, count).id);
    let facts = ThreadFacts { replies_count: 200, ..ThreadFacts::default() };
    store.save_conversation(large, replies(large, now), facts, now).await?;
    index(&store).await?;
    store.set_synced_at(now).await?;
    store.close().await;
    Ok(())
}

fn replies(ticket: TicketId, now: Timestamp) -> Vec<Reply> {
    let reply = |at: i64| Reply {
        id: ReplyId(at + 1),
        ticket,
        kind: ReplyKind::Reply,
        body: Html::new(html(5_000)),
        author: Some(PersonId(1 + at % 2)),
        author_name: Some(line("Dana Whitfield")),
        created: Some(now - SignedDuration::from_mins(400 - at)),
    };
    (0..200).map(reply).collect()
}

/// About so many bytes of HTML as mail programs write it.
pub(crate) fn html(bytes: usize) -> String {
    let mut html = String::with_capacity(bytes + 1_000);
    for at in 0.. {
        if html.len() >= bytes {
            break;
        }
        let [first, second, third, fourth] = made_up::message(at).try_into().unwrap_or_default();
        html += &format!(
            "<p style=\"margin:0\">{first} <b>{second}</b></p><ul><li>{third}</li></ul>\
             <blockquote><p>{fourth}<br>See <a href=\"https://crm.example/{at}\">this</a></p>\
             </blockquote>"
        );
    }
    html
}
