//! Conversations: read from the server, stored, and who wrote what in them.

use crate::{
    api::{ApiClient, Urgency},
    desk::{Found, Report, Thread},
    domain::{
        Directory, FullTicket, Html, Problem, ProblemKind, Reply, ReplyId, ReplyKind, Source,
        ThreadFacts, TicketId,
    },
    store::Store,
    text::{clean, html},
};
use jiff::{Timestamp, tz::TimeZone};
use tokio::sync::mpsc;

use super::{
    WorkerSettings,
    context::{Context, store_problem},
    rendering::{self, AT_ONCE, Rendering},
    sync,
};

/// The conversation as the store remembers it, rendered; `None` where the ticket is not stored. Of
/// a long conversation, `newest` first receives the newest messages alone.
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
    let Fetched { full, replies, skipped } = fetch(context, id, urgency).await?;
    let directory = context.directory().await;
    let read_at = Some(Timestamp::now());
    let rendering = Rendering::new(directory, full, replies, width, read_at, true);
    let mut thread = rendering.run(None).await?;
    if skipped > 0
        && let Some(last) = thread.posts.last_mut()
    {
        // Nobody knows where they stand in the conversation.
        let said = format!("[{skipped} of the messages here can't be read: o opens the ticket]");
        last.body.extend(html::render(&Html::new(format!("<p>{said}</p>")), width));
    }
    Ok(thread)
}

/// A ticket and its conversation as they are stored, if no message is missing there: no note either,
/// if `notes` are wanted. Otherwise they are read from the server first, if it may be asked, with
/// that urgency.
///
/// # Errors
/// If the server can't be asked: the stored messages, where there are any, and the problem.
pub(super) async fn whole(
    context: &Context,
    id: TicketId,
    notes: bool,
    ask: Option<Urgency>,
) -> Result<Fetched, (Option<Fetched>, Problem)> {
    let stored = async {
        let Some(full) = context.store.full_ticket(id).await? else { return Ok(None) };
        let replies = context.store.conversation(id).await?.map(|(replies, _)| replies);
        // The count may leave the notes out.
        let is_whole = match &replies {
            Some(replies) => counts(&full, replies),
            None => !notes && full.ticket.replies_count == 0,
        };
        let fetched = Fetched { full, replies: replies.unwrap_or_default(), skipped: 0 };
        Ok(Some((fetched, is_whole)))
    };
    match stored.await.map_err(|error| (None, store_problem(&error)))? {
        Some((whole, true)) => Ok(whole),
        stored => {
            let fetched = match ask {
                Some(urgency) => fetch(context, id, urgency).await,
                None => {
                    let said = clean::line("its conversation is not read yet");
                    Err(Problem::new(ProblemKind::Local, said))
                }
            };
            fetched.map_err(|problem| (stored.map(|(fetched, _)| fetched), problem))
        }
    }
}

/// The links of a conversation, those of its newest message first; of one message (`post`) those
/// alone.
pub(super) async fn links(
    context: &Context,
    id: TicketId,
    post: Option<Option<ReplyId>>,
) -> Result<Found, Problem> {
    let Fetched { full, replies, .. } = match whole(context, id, true, Some(Urgency::Agent)).await {
        Ok(whole) | Err((Some(whole), _)) => whole,
        Err((None, problem)) => return Err(problem),
    };
    let directory = context.directory().await;
    rendering::links(directory, full, replies, post).await
}

/// A conversation as Markdown, from the server where the store lacks messages.
pub(super) async fn export(
    context: &Context,
    id: TicketId,
    zone: TimeZone,
) -> Result<Found, Problem> {
    let (fetched, missing) = match whole(context, id, true, Some(Urgency::Agent)).await {
        Ok(whole) => (whole, None),
        Err((Some(stored), problem)) => (stored, Some(problem)),
        Err((None, problem)) => return Err(problem),
    };
    let missing = missing.or_else(|| {
        let said = format!("{} messages can't be read", fetched.skipped);
        (fetched.skipped > 0).then(|| Problem::new(ProblemKind::Unreadable, clean::line(&said)))
    });
    let Fetched { full, replies, .. } = fetched;
    rendering::export(context.directory().await, full, replies, zone, missing).await
}

/// A ticket and its conversation, as the server has them.
#[derive(Debug)]
pub struct Fetched {
    /// The ticket.
    pub full: FullTicket,
    /// The conversation, in its order.
    pub replies: Vec<Reply>,
    /// How many replies could not be read and are left out.
    pub skipped: u32,
}

/// Reads a ticket from the server into the store, with its conversation if `replies` are wanted.
///
/// # Errors
/// If the server can't be asked, or does not know the ticket. The store then forgets the ticket.
pub async fn read_ticket(
    client: ApiClient,
    store: Store,
    settings: WorkerSettings,
    id: TicketId,
    replies: bool,
) -> Result<Fetched, Problem> {
    // Nobody listens to what is told of it.
    let (out, _) = mpsc::unbounded_channel();
    let directory = store.directory().await.map_err(|error| store_problem(&error))?;
    let context = Context::new(Some(client), store, settings, out);
    context.know(directory).await;
    let full = ticket(&context, id, Urgency::Agent).await?;
    if !replies {
        return Ok(Fetched { full, replies: Vec::new(), skipped: 0 });
    }
    // The team tells the agents from the customers, and with them since when the customer waits.
    sync::learn_directory(&context, Urgency::Agent).await;
    let (replies, skipped) = self::replies(&context, id, Urgency::Agent).await?;
    remember(&context, &full, replies.clone()).await;
    Ok(Fetched { full, replies, skipped })
}

/// Reads ticket and conversation from the server and stores them; tells the core what changed.
pub(super) async fn fetch(
    context: &Context,
    id: TicketId,
    urgency: Urgency,
) -> Result<Fetched, Problem> {
    let (replies, skipped) = replies(context, id, urgency).await?;
    let stored = context.store.full_ticket(id).await.map_err(|error| store_problem(&error))?;
    let full = match stored {
        Some(full) if counts(&full, &replies) => full,
        known => match ticket(context, id, urgency).await {
            Ok(full) => full,
            // The ticket can't be read, but its conversation can.
            Err(problem) => known.filter(|_| problem.may_be_of_one()).ok_or(problem)?,
        },
    };
    remember(context, &full, replies.clone()).await;
    Ok(Fetched { full, replies, skipped })
}

/// Like [`fetch`], but it always reads the ticket from the server. It serves as the last look
/// before the customer is told something.
pub(super) async fn fetch_both(
    context: &Context,
    id: TicketId,
    urgency: Urgency,
) -> Result<Fetched, Problem> {
    let (replies, skipped) = replies(context, id, urgency).await?;
    let full = ticket(context, id, urgency).await?;
    remember(context, &full, replies.clone()).await;
    Ok(Fetched { full, replies, skipped })
}

/// Reads a conversation from the server. Also returns how many replies could not be read and are
/// left out.
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
pub(super) fn counts(full: &FullTicket, replies: &[Reply]) -> bool {
    let public = replies.iter().filter(|reply| reply.kind != ReplyKind::Note).count();
    usize::try_from(full.ticket.replies_count)
        .is_ok_and(|count| count == replies.len() || count == public)
}

/// Stores a conversation and the facts about who waits, and tells the core.
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

pub(super) fn is_agent(directory: &Directory, reply: &Reply) -> bool {
    reply.author.and_then(|author| directory.is_agent(author)).unwrap_or(false)
}

pub(super) fn opened_by_agent(directory: &Directory, full: &FullTicket) -> bool {
    full.ticket.source == Source::Web
        && full.ticket.creator.and_then(|person| directory.is_agent(person)).unwrap_or(false)
}

/// Who wrote a reply, for people; empty where nobody knows.
pub fn author(directory: &Directory, full: &FullTicket, reply: &Reply) -> String {
    let member = reply.author.and_then(|id| directory.team.iter().find(|it| it.id == id));
    let named = reply.author_name.as_ref().filter(|name| !name.is_empty());
    match (named, member) {
        (Some(name), _) => name.to_string(),
        (None, Some(member)) => member.name.to_string(),
        (None, None) => client_name(full),
    }
}

pub(super) fn client_name(full: &FullTicket) -> String {
    full.ticket.client.as_ref().map(|client| client.name.to_string()).unwrap_or_default()
}
