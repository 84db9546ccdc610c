//! Conversations and previews laid out for a width, off the loop and on all cores.

use std::{
    collections::HashSet,
    sync::{
        Arc, Weak,
        atomic::{AtomicUsize, Ordering},
    },
};

use jiff::{Timestamp, tz::TimeZone};

use super::conversations::{author, client_name, is_agent, opened_by_agent};
use crate::{
    desk::{Found, Post, Side, Thread},
    domain::{
        Directory, FullTicket, Html, Line, Link, Problem, ProblemKind, Reply, ReplyId, ReplyKind,
        StyledLine, Ticket,
    },
    text::{
        export::{self, ExportedConversation, ExportedMessage},
        html, markdown,
    },
};

/// The bytes of HTML that are laid out before anything is shown: more than a screenful of text, in
/// a few milliseconds.
pub(super) const AT_ONCE: usize = 32 * 1024;

/// The most threads that lay one conversation out.
const MOST_THREADS: usize = 8;

/// A conversation that is to be laid out.
#[derive(Clone)]
pub(super) struct Rendering(Arc<Whole>);

struct Whole {
    directory: Directory,
    full: FullTicket,
    replies: Vec<Reply>,
    width: u16,
    read_at: Option<Timestamp>,
    fetched: bool,
}

impl Rendering {
    pub(super) fn new(
        directory: Directory,
        full: FullTicket,
        replies: Vec<Reply>,
        width: u16,
        read_at: Option<Timestamp>,
        fetched: bool,
    ) -> Self {
        Self(Arc::new(Whole { directory, full, replies, width, read_at, fetched }))
    }

    /// Lays the conversation out off the loop; with `bytes` the newest messages alone, as many as
    /// have so many bytes, and at least one.
    pub(super) async fn run(self, bytes: Option<usize>) -> Result<Thread, Problem> {
        // Nobody waits for it any more where the future is dropped.
        let wanted = Arc::new(());
        let unwanted = Arc::downgrade(&wanted);
        let lay_out = move || self.0.lay_out(bytes, &unwanted);
        let thread = off_loop("this conversation can't be laid out", lay_out).await;
        drop(wanted);
        thread
    }
}

/// Does work off the loop. If it fails, the agent is told `said`.
async fn off_loop<T: Send + 'static>(
    said: &'static str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        tracing::error!(%error, "{said}");
        Problem::new(ProblemKind::Local, Line::from_cleaned(said, None))
    })
}

impl Whole {
    fn lay_out(&self, bytes: Option<usize>, wanted: &Weak<()>) -> Thread {
        let sources: Vec<&Html> = self.sources().collect();
        let from = bytes.map_or(0, |bytes| newest(&sources, bytes));
        let mut bodies = vec![Vec::new(); from];
        bodies.extend(bodies_of(&sources[from..], self.width, wanted));
        let opening = std::iter::once_with(|| opening(&self.directory, &self.full));
        let replies = self.replies.iter().map(|reply| post(&self.directory, &self.full, reply));
        let posts = opening.chain(replies).zip(bodies);
        Thread {
            ticket: self.full.ticket.id,
            width: self.width,
            posts: posts.map(|(post, body)| Post { body, ..post }).collect(),
            read_at: self.read_at,
            fetched: self.fetched,
            whole: from == 0,
        }
    }

    fn sources(&self) -> impl Iterator<Item = &Html> {
        std::iter::once(&self.full.message).chain(self.replies.iter().map(|reply| &reply.body))
    }
}

/// The first of the newest messages that have `bytes` bytes together.
fn newest(sources: &[&Html], bytes: usize) -> usize {
    let mut room = bytes;
    let fits = |source: &&&Html| match room.checked_sub(source.as_stored().len()) {
        Some(left) => {
            room = left;
            true
        }
        None => false,
    };
    let fitting = sources.iter().rev().take_while(fits).count();
    sources.len().saturating_sub(fitting.max(1))
}

/// The texts of messages; of a long conversation on all cores.
fn bodies_of(sources: &[&Html], width: u16, wanted: &Weak<()>) -> Vec<Vec<StyledLine>> {
    let render = |source: &&Html| match wanted.strong_count() {
        0 => Vec::new(),
        _ => html::render(source, width),
    };
    let bytes: usize = sources.iter().map(|source| source.as_stored().len()).sum();
    let cores = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
    if bytes <= AT_ONCE || cores == 1 {
        return sources.iter().map(render).collect();
    }
    let turn = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let at = turn.fetch_add(1, Ordering::Relaxed);
            let Some(source) = sources.get(at) else { return done };
            done.push((at, render(source)));
        }
    };
    let mut bodies = vec![Vec::new(); sources.len()];
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..cores).map(|_| scope.spawn(work)).collect();
        let mine = work();
        let theirs = others.into_iter().flat_map(|other| match other.join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        for (at, body) in mine.into_iter().chain(theirs) {
            bodies[at] = body;
        }
    });
    bodies
}

fn opening(directory: &Directory, full: &FullTicket) -> Post {
    let by_agent = opened_by_agent(directory, full);
    let member = full.ticket.creator.and_then(|id| directory.team.iter().find(|it| it.id == id));
    let author = match member {
        Some(member) if by_agent => member.name.to_string(),
        _ => client_name(full),
    };
    Post {
        reply: None,
        kind: ReplyKind::Reply,
        author,
        side: if by_agent { Side::Agent } else { Side::Customer },
        at: full.ticket.created,
        body: Vec::new(),
    }
}

fn post(directory: &Directory, full: &FullTicket, reply: &Reply) -> Post {
    let by_agent = is_agent(directory, reply);
    Post {
        reply: Some(reply.id),
        kind: reply.kind,
        author: author(directory, full, reply),
        side: if by_agent { Side::Agent } else { Side::Customer },
        at: reply.created,
        body: Vec::new(),
    }
}

/// The links of a conversation, those of its newest message first, each address once; of one message
/// (`post`) those alone.
pub(super) async fn links(
    directory: Directory,
    full: FullTicket,
    replies: Vec<Reply>,
    post: Option<Option<ReplyId>>,
) -> Result<Found, Problem> {
    off_loop("the links of this conversation can't be found", move || {
        let first = (None, opening(&directory, &full).author, &full.message);
        let others = replies
            .iter()
            .map(|reply| (Some(reply.id), author(&directory, &full, reply), &reply.body));
        let mut all: Vec<_> = std::iter::once(first).chain(others).collect();
        all.retain(|(id, ..)| post.is_none_or(|wanted| wanted == *id));
        let mut known = HashSet::new();
        let links = all.into_iter().rev().flat_map(|(_, author, message)| {
            let signed = move |link| Link { author: author.clone(), ..link };
            html::linked(message).into_iter().map(signed)
        });
        let links = links.filter(|link| known.insert(link.address.clone()));
        Found::Links(links.take(html::LINKS).collect())
    })
    .await
}

/// A conversation as Markdown; `missing` says why messages may be missing.
pub(super) async fn export(
    directory: Directory,
    full: FullTicket,
    replies: Vec<Reply>,
    zone: TimeZone,
    missing: Option<Problem>,
) -> Result<Found, Problem> {
    off_loop("this conversation can't be written as Markdown", move || {
        let heads = std::iter::once(opening(&directory, &full))
            .chain(replies.iter().map(|reply| post(&directory, &full, reply)));
        let bodies = std::iter::once(&full.message).chain(replies.iter().map(|reply| &reply.body));
        let message = |(post, body): (Post, _)| ExportedMessage { head: head(&post, &zone), body };
        let conversation = ExportedConversation {
            title: format!("{} {}", full.ticket.id, full.ticket.subject),
            facts: facts(&full.ticket, &zone),
            missing: missing.as_ref().map(ToString::to_string),
            messages: heads.zip(bodies).map(message).collect(),
        };
        Found::Export { text: export::markdown(&conversation), missing }
    })
    .await
}

/// Who wrote a message, on which side, for whom, and when.
fn head(post: &Post, zone: &TimeZone) -> String {
    let author = if post.author.is_empty() { "Unknown author" } else { &post.author };
    let side = match post.side {
        Side::Agent => "agent",
        Side::Customer => "customer",
    };
    let kind = match (post.reply, post.kind) {
        (None, _) => "opened the ticket",
        (_, ReplyKind::Reply) => "reply",
        (_, ReplyKind::Note) => "note, for colleagues only",
        (_, ReplyKind::Unknown) => "reply or note",
    };
    let at = post.at.map(|at| format!(", {}", written(at, zone))).unwrap_or_default();
    format!("{author} ({side}): {kind}{at}")
}

fn facts(ticket: &Ticket, zone: &TimeZone) -> Vec<(&'static str, String)> {
    let mut facts = vec![
        ("Status", ticket.status.title.to_string()),
        ("Priority", ticket.priority.to_string()),
    ];
    facts.extend(ticket.client.as_ref().map(|it| ("Client", it.name.to_string())));
    facts.extend(ticket.department.as_ref().map(|it| ("Department", it.name.to_string())));
    if !ticket.tags.is_empty() {
        let tags: Vec<&str> = ticket.tags.iter().map(Line::as_str).collect();
        facts.push(("Tags", tags.join(", ")));
    }
    facts.extend(ticket.created.map(|at| ("Created", written(at, zone))));
    if ticket.archived {
        facts.push(("Archived", "yes".into()));
    }
    facts
}

fn written(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone()).strftime("%F %H:%M %:z").to_string()
}

/// Markdown as its reader will see it.
pub(super) async fn preview(text: String, width: u16) -> Vec<StyledLine> {
    let rendered = tokio::task::spawn_blocking(move || {
        html::render(&Html::new(markdown::to_html(&text)), width)
    });
    rendered.await.unwrap_or_default()
}
