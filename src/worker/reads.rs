//! Reads: one at a time in each slot.

use std::collections::{HashMap, HashSet};

use tokio::task::{AbortHandle, JoinSet};

use super::{
    context::{Context, store_problem},
    conversations, filling, history, rendering, sync,
};
use crate::{
    api::Urgency,
    desk::{Found, LastScreen, Read, Report, RequestId, Slot, Stored},
    domain::{
        Filter, Place, Problem, ProblemKind, Rows, TicketId, View, WaitingStatuses, stats::Stats,
    },
};

/// The reads under way.
#[derive(Debug, Default)]
pub(super) struct Reads {
    slots: HashMap<Slot, AbortHandle>,
    jobs: JoinSet<()>,
}

impl Reads {
    /// Starts a read; an older one in the same slot is cancelled.
    pub(super) fn start(&mut self, context: &Context, request: RequestId, slot: Slot, read: Read) {
        while self.jobs.try_join_next().is_some() {}
        let context = context.clone();
        let job = self.jobs.spawn(async move { carry_out(&context, request, read).await });
        if let Some(older) = self.slots.insert(slot, job) {
            older.abort();
        }
    }
}

async fn carry_out(context: &Context, request: RequestId, read: Read) {
    let found = match read {
        Read::Thread { ticket, width, fetch } => {
            return thread(context, request, ticket, width, fetch).await;
        }
        Read::Ahead { tickets, width } => return ahead(context, request, tickets, width).await,
        Read::Next { ticket, width } => return next(context, request, ticket, width).await,
        Read::Exact(ticket) => return exact(context, request, ticket).await,
        Read::Links { ticket, post } => conversations::links(context, ticket, post).await,
        Read::Export { ticket, zone } => conversations::export(context, ticket, zone).await,
        Read::Preview { text, width } => Ok(Found::Preview(rendering::preview(text, width).await)),
        Read::Tickets { views, waiting } => tickets(context, views, waiting).await,
        Read::List { rows, among, narrow, text, in_texts: false } => {
            off_the_loop(move || {
                let among = narrow.among(&rows, among.places(&rows));
                let places = Filter::of(&text).among(&rows, &among);
                Found::List { places, unread: 0 }
            })
            .await
        }
        Read::List { rows, among, narrow, text, in_texts: true } => {
            let among = move |rows: &Rows| narrow.among(rows, among.places(rows));
            searched(context, rows, among, text).await
        }
        Read::Order { rows, view, waiting } => {
            off_the_loop(move || Found::Order(view.select(&rows, &waiting))).await
        }
        Read::Stats { rows, waiting, zone, now } => {
            off_the_loop(move || Found::Stats(Box::new(Stats::of(&rows, &waiting, now, &zone))))
                .await
        }
        Read::Ticket(id) => ticket(context, id).await,
        Read::Clients { search } => clients(context, &search).await,
        Read::Projects(client) => match context.api(Urgency::Agent) {
            Ok(api) => context.learn(api.projects(client).await).await.map(|page| page.items),
            Err(problem) => Err(problem),
        }
        .map(Found::Projects),
        Read::Contacts(client) => match context.api(Urgency::Agent) {
            Ok(api) => context.learn(api.contacts(client).await).await.map(|page| page.items),
            Err(problem) => Err(problem),
        }
        .map(Found::Contacts),
        Read::Fill(filling) => filling::fill(context, *filling).await,
        Read::History { ticket, zone } => {
            history::of(context, ticket, &zone).await.map(Found::History)
        }
        Read::Departments => {
            sync::departments(context, Urgency::Agent).await.map(Found::Departments)
        }
    };
    context.tell(Report::Found { request, found });
}

/// How many tickets are read from the store in one go.
const PIECE: usize = 2_000;

async fn tickets(
    context: &Context,
    views: Vec<View>,
    waiting: WaitingStatuses,
) -> Result<Found, Problem> {
    let mut rows = Rows::default();
    for (id, aside) in context.store.asides().await.map_err(|error| store_problem(&error))? {
        rows.set_aside(id, aside);
    }
    let mut last = None;
    loop {
        let read = context.store.rows(rows, last, PIECE).await;
        (rows, last) = read.map_err(|error| store_problem(&error))?;
        if last.is_none() {
            break;
        }
    }
    off_the_loop(move || {
        let orders = views.iter().map(|view| view.select(&rows, &waiting)).collect();
        Found::Tickets { rows: Box::new(rows), orders }
    })
    .await
}

/// Those tickets in which the words are said, as far as the index has got.
async fn searched(
    context: &Context,
    rows: Box<Rows>,
    among: impl FnOnce(&Rows) -> Vec<Place> + Send + 'static,
    text: String,
) -> Result<Found, Problem> {
    let hits = context.store.search(text).await.map_err(|error| store_problem(&error))?;
    off_the_loop(move || {
        let among = among(&rows);
        let unread = among.iter().filter(|place| {
            rows.at(**place).is_some_and(|row| row.replies_count > 0 && row.facts.is_none())
        });
        let unread = unread.count();
        let hit: HashSet<Place> = hits.tickets.iter().filter_map(|id| rows.place(*id)).collect();
        let places = among.into_iter().filter(|place| hit.contains(place)).collect();
        Found::List { places, unread: hits.unindexed.max(unread) }
    })
    .await
}

/// Does what takes long on a thread of its own.
async fn off_the_loop(work: impl FnOnce() -> Found + Send + 'static) -> Result<Found, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        tracing::error!(%error, "a list could not be made");
        let said = crate::domain::Line::from_cleaned("the list can't be made", None);
        Problem::new(ProblemKind::Local, said)
    })
}

async fn clients(context: &Context, search: &str) -> Result<Found, Problem> {
    let api = context.api(Urgency::Agent)?;
    let page = context.learn(api.clients(search).await).await?;
    Ok(Found::Clients(page.items))
}

async fn ticket(context: &Context, id: TicketId) -> Result<Found, Problem> {
    let api = context.api(Urgency::Agent)?;
    match context.learn(api.ticket(id).await).await {
        Ok(full) => {
            sync::take_in(context, vec![full.clone()]).await;
            Ok(Found::Ticket(Box::new(full)))
        }
        Err(problem) => Err(conversations::gone_or(context, id, problem).await),
    }
}

/// The shown conversation, as the server has it or as it is remembered. Of a long one that is
/// remembered the newest messages are there before the rest is laid out.
async fn thread(context: &Context, request: RequestId, id: TicketId, width: u16, fetch: bool) {
    let tell = |thread| context.tell(Report::Thread { request, thread: Box::new(thread) });
    let answer = if fetch {
        conversations::fetched(context, id, width, Urgency::Screen).await.map(Some)
    } else {
        conversations::remembered(context, id, width, Some(tell)).await
    };
    match answer {
        Ok(Some(thread)) => tell(thread),
        Ok(None) => {}
        Err(problem) => context.tell(Report::ThreadFailed { request, problem }),
    }
}

/// The conversations that may be shown next, as they are remembered, one by one.
async fn ahead(context: &Context, request: RequestId, tickets: Vec<TicketId>, width: u16) {
    for id in tickets {
        match conversations::remembered(context, id, width, None::<fn(_)>).await {
            Ok(Some(thread)) => {
                context.tell(Report::Ahead { request, thread: Some(Box::new(thread)) });
            }
            Ok(None) => {}
            Err(problem) => tracing::debug!(%problem, "a conversation could not be read ahead"),
        }
    }
    context.tell(Report::Ahead { request, thread: None });
}

/// The conversation that will likely be shown next, as the server has it.
async fn next(context: &Context, request: RequestId, id: TicketId, width: u16) {
    match conversations::fetched(context, id, width, Urgency::Background).await {
        Ok(thread) => context.tell(Report::Ahead { request, thread: Some(Box::new(thread)) }),
        Err(problem) => tracing::debug!(%problem, "a conversation could not be fetched ahead"),
    }
    context.tell(Report::Ahead { request, thread: None });
}

async fn exact(context: &Context, request: RequestId, id: TicketId) {
    if let Err(problem) = conversations::fetch(context, id, Urgency::Background).await {
        tracing::debug!(%problem, "a conversation could not be read for its wait");
    }
    context.tell(Report::Ahead { request, thread: None });
}

/// The stored rows of the first screen, and the data that the agent would lose.
pub(super) async fn stored(context: &Context) -> Result<Stored, Problem> {
    let store = &context.store;
    let read = async {
        let screen = store.recall("screen").await?;
        let screen: Option<LastScreen> =
            screen.and_then(|value| serde_json::from_value(value).ok());
        let shown = screen.as_ref().map(|it| it.shown.clone()).unwrap_or_default();
        Ok(Stored {
            rows: store.rows_of(shown).await?,
            directory: store.directory().await?,
            drafts: store.drafts().await?,
            outbox: store.outbox().await?,
            settled: store.settled_of_open_steps().await?,
            asides: store.asides().await?,
            begun: store.begun().await?,
            screen,
            synced_at: store.synced_at().await?,
            notices: context.settings.notices.clone(),
        })
    };
    read.await.map_err(|error| store_problem(&error))
}
