//! Conversations: read, remembered, and rendered off the loop.

use std::sync::{
    Arc, Weak,
    atomic::{AtomicUsize, Ordering},
};

use crate::{
    api::Urgency,
    desk::{Post, Report, Side, Thread},
    domain::{
        Directory, FullTicket, Html, Problem, ProblemKind, Reply, ReplyKind, Source, StyledLine,
        ThreadFacts, TicketId,
    },
    text::html,
};
use jiff::Timestamp;

use super::context::{Context, store_problem};

/// The bytes of HTML that are laid out before anything is shown: more than a screenful of text, in
/// a few milliseconds.
const AT_ONCE: usize = 32 * 1024;

/// The most threads that lay one conversation out.
const MOST_THREADS: usize = 8;

/// The conversation as the store remembers it, rendered; `None` where the ticket is not stored. Of a
/// long one `newest` is given the newest messages first.
pub(super) async fn remembered(
    context: &Context,
    id: TicketId,
    width: u16,
    newest: Option<impl FnOnce(Thread)>,
) -> Result<Option<Thread>, Problem> {
    let full = context.store.full_ticket(id).await.map_err(|error| store_problem(&error))?;
    let Some(full) = full else { return Ok(None) };
    let stored = context.store.conversation(id).await.map_err(|error| store_problem(&error))?;
    let (replies, read_at) = match stored {
        Some((replies, read_at)) => (replies, Some(read_at)),
        None => (Vec::new(), None),
    };
    let bytes: usize = replies.iter().map(|reply| reply.body.as_stored().len()).sum();
    let directory = context.directory().await;
    let rendering = Rendering::new(directory, full, replies, width, read_at, false);
    if bytes > AT_ONCE
        && let Some(newest) = newest
    {
        newest(rendering.clone().run(Some(AT_ONCE)).await?);
    }
    rendering.run(None).await.map(Some)
}

/// The conversation as the server has it: fetched, stored, and rendered.
pub(super) async fn fetched(
    context: &Context,
    id: TicketId,
    width: u16,
    urgency: Urgency,
) -> Result<Thread, Problem> {
    let Read { full, replies, skipped } = fetch(context, id, urgency).await?;
    let directory = context.directory().await;
    let read_at = Some(Timestamp::now());
    let rendering = Rendering::new(directory, full, replies, width, read_at, true);
    let mut thread = rendering.run(None).await?;
    if skipped > 0
        && let Some(last) = thread.posts.last_mut()
    {
        // Where in the conversation they stand is not known.
        let said = format!("[{skipped} of the messages here can't be read: o opens the ticket]");
        last.body.extend(html::render(&Html::new(format!("<p>{said}</p>")), width));
    }
    Ok(thread)
}

/// A ticket and its conversation, as the server has them.
#[derive(Debug)]
pub(super) struct Read {
    /// The ticket.
    pub(super) full: FullTicket,
    /// The conversation, in its order.
    pub(super) replies: Vec<Reply>,
    /// How many replies could not be read and are left out.
    pub(super) skipped: u32,
}

/// Reads ticket and conversation from the server and stores them; tells the core what changed.
pub(super) async fn fetch(
    context: &Context,
    id: TicketId,
    urgency: Urgency,
) -> Result<Read, Problem> {
    let (replies, skipped) = replies(context, id, urgency).await?;
    let stored = context.store.full_ticket(id).await.map_err(|error| store_problem(&error))?;
    let full = match stored {
        Some(full) if counts(&full, &replies) => full,
        known => match ticket(context, id, urgency).await {
            Ok(full) => full,
            // The ticket can't be read, and its conversation can.
            Err(problem) => known.filter(|_| problem.may_be_of_one()).ok_or(problem)?,
        },
    };
    remember(context, &full, replies.clone()).await;
    Ok(Read { full, replies, skipped })
}

/// Like [`fetch`], with the ticket read anew whatever the store holds: for a last look before the
/// customer is told something.
pub(super) async fn fetch_both(
    context: &Context,
    id: TicketId,
    urgency: Urgency,
) -> Result<Read, Problem> {
    let (replies, skipped) = replies(context, id, urgency).await?;
    let full = ticket(context, id, urgency).await?;
    remember(context, &full, replies.clone()).await;
    Ok(Read { full, replies, skipped })
}

/// Reads a conversation from the server, and how many of its replies are left out as not readable.
pub(super) async fn replies(
    context: &Context,
    id: TicketId,
    urgency: Urgency,
) -> Result<(Vec<Reply>, u32), Problem> {
    match context.learn(context.api(urgency)?.replies(id).await).await {
        Ok(page) => Ok((page.items, page.skipped)),
        Err(problem) => Err(gone_or(context, id, problem).await),
    }
}

/// Reads a ticket from the server, stores it and tells the core what changed.
pub(super) async fn ticket(
    context: &Context,
    id: TicketId,
    urgency: Urgency,
) -> Result<FullTicket, Problem> {
    match context.learn(context.api(urgency)?.ticket(id).await).await {
        Ok(full) => {
            super::sync::take_in(context, vec![full.clone()]).await;
            Ok(full)
        }
        Err(problem) => Err(gone_or(context, id, problem).await),
    }
}

/// Whether the stored ticket counts as many replies as there are, with or without the notes: the
/// API does not say which.
fn counts(full: &FullTicket, replies: &[Reply]) -> bool {
    let public = replies.iter().filter(|reply| reply.kind != ReplyKind::Note).count();
    usize::try_from(full.ticket.replies_count)
        .is_ok_and(|count| count == replies.len() || count == public)
}

/// Stores a conversation with what it tells about who waits, and tells the core.
pub(super) async fn remember(context: &Context, full: &FullTicket, replies: Vec<Reply>) {
    let directory = context.directory().await;
    let id = full.ticket.id;
    let is_agent = |reply: &Reply| is_agent(&directory, reply);
    let opened_by_agent = opened_by_agent(&directory, full);
    let facts = ThreadFacts::read(&full.ticket, &replies, is_agent, opened_by_agent);
    let saved = context.store.save_conversation(id, replies, facts, Timestamp::now()).await;
    match saved {
        Ok(Some(row)) => {
            context.words_changed.notify_one();
            context.tell(Report::Rows { changed: vec![row], gone: Vec::new() });
        }
        Ok(None) => {}
        Err(error) => tracing::warn!(%error, "a conversation could not be stored"),
    }
}

/// A ticket that the server no longer knows goes from the list.
pub(super) async fn gone_or(context: &Context, id: TicketId, problem: Problem) -> Problem {
    if problem.kind == ProblemKind::NotFound {
        super::sync::forget(context, vec![id]).await;
    }
    problem
}

fn is_agent(directory: &Directory, reply: &Reply) -> bool {
    reply.author.and_then(|author| directory.is_agent(author)).unwrap_or(false)
}

fn opened_by_agent(directory: &Directory, full: &FullTicket) -> bool {
    full.ticket.source == Source::Web
        && full.ticket.creator.and_then(|person| directory.is_agent(person)).unwrap_or(false)
}

/// A conversation that is to be laid out.
#[derive(Clone)]
struct Rendering(Arc<Conversation>);

struct Conversation {
    directory: Directory,
    full: FullTicket,
    replies: Vec<Reply>,
    width: u16,
    read_at: Option<Timestamp>,
    fetched: bool,
}

impl Rendering {
    fn new(
        directory: Directory,
        full: FullTicket,
        replies: Vec<Reply>,
        width: u16,
        read_at: Option<Timestamp>,
        fetched: bool,
    ) -> Self {
        Self(Arc::new(Conversation { directory, full, replies, width, read_at, fetched }))
    }

    /// Lays the conversation out off the loop; with `bytes` the newest messages alone, as many as
    /// have so many bytes, and at least one.
    async fn run(self, bytes: Option<usize>) -> Result<Thread, Problem> {
        // Nobody waits for it any more where the future is dropped.
        let wanted = Arc::new(());
        let unwanted = Arc::downgrade(&wanted);
        let thread = tokio::task::spawn_blocking(move || self.0.lay_out(bytes, &unwanted));
        let thread = thread.await;
        drop(wanted);
        thread.map_err(|error| {
            tracing::error!(%error, "rendering failed");
            let said =
                crate::domain::Line::from_cleaned("this conversation can't be laid out", None);
            Problem::new(ProblemKind::Local, said)
        })
    }
}

impl Conversation {
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

/// Who wrote a reply, for people; empty where nobody knows.
pub(super) fn author(directory: &Directory, full: &FullTicket, reply: &Reply) -> String {
    let member = reply.author.and_then(|id| directory.team.iter().find(|it| it.id == id));
    let named = reply.author_name.as_ref().filter(|name| !name.is_empty());
    match (named, member) {
        (Some(name), _) => name.to_string(),
        (None, Some(member)) => member.name.to_string(),
        (None, None) => client_name(full),
    }
}

fn client_name(full: &FullTicket) -> String {
    full.ticket.client.as_ref().map(|client| client.name.to_string()).unwrap_or_default()
}

/// Markdown as its reader will see it.
pub(super) async fn preview(text: String, width: u16) -> Vec<crate::domain::StyledLine> {
    let rendered = tokio::task::spawn_blocking(move || {
        html::render(&Html::new(crate::text::markdown::to_html(&text)), width)
    });
    rendered.await.unwrap_or_default()
}
