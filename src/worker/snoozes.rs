//! Wakes snoozed tickets: by the wall clock, which is the people's, and by a customer's message. Every
//! console of the profile looks. The store lets one of them wake a ticket, and that one says so.

use std::{collections::HashMap, time::Duration};

use jiff::Timestamp;
use tokio::{task::JoinSet, time::Instant};

use super::{
    context::{Context, store_problem},
    conversations,
};
use crate::{
    api::Urgency,
    desk::Report,
    domain::{Aside, Problem, Reply, Row, Snooze, StatusId, ThreadFacts, TicketId, WokenBy},
};

/// How long a conversation that can't be read is left alone while its ticket has no other news.
const AGAIN: Duration = Duration::from_secs(60);

/// The news of a ticket, so that its conversation is looked through once for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sight {
    snooze: Snooze,
    count: u32,
    status: StatusId,
    status_changed: Option<Timestamp>,
    facts: Option<ThreadFacts>,
}

impl Sight {
    fn of(snooze: &Snooze, row: &Row) -> Self {
        let ticket = &row.ticket;
        Self {
            snooze: *snooze,
            count: ticket.replies_count,
            status: ticket.status.id,
            status_changed: ticket.status_changed,
            facts: row.facts,
        }
    }
}

/// The snoozed tickets.
#[derive(Debug, Default)]
pub(super) struct Snoozes {
    asleep: Vec<(TicketId, Snooze)>,
    /// The read under way; it ends with its ticket, the news that it is about, and whether the
    /// conversation could be read.
    reading: JoinSet<(TicketId, Sight, Result<(), Problem>)>,
    /// The news that a read did not clear up, and when it ended.
    unread: HashMap<TicketId, (Sight, Instant)>,
    /// The news that are not the customer's.
    quiet: HashMap<TicketId, Sight>,
    /// Whether a wake could not be stored: it is tried again at the next look.
    failed: bool,
}

impl Snoozes {
    /// Learns what the profile keeps about tickets.
    pub(super) fn learn(&mut self, asides: &[(TicketId, Aside)]) {
        let asleep = asides.iter().filter_map(|(id, aside)| Some((*id, aside.snooze?)));
        self.asleep = asleep.collect();
        let asleep: Vec<TicketId> = self.asleep.iter().map(|(id, _)| *id).collect();
        self.unread.retain(|id, _| asleep.contains(id));
        self.quiet.retain(|id, _| asleep.contains(id));
    }

    /// Whether a conversation is being read that may tell.
    pub(super) fn is_reading(&self) -> bool {
        !self.reading.is_empty()
    }

    /// When the next snooze ends, as the wall clock stands now.
    pub(super) fn next_due(&self) -> Option<Instant> {
        let until = self.asleep.iter().filter_map(|(_, snooze)| snooze.until).min()?;
        let left = until.duration_since(Timestamp::now());
        Some(Instant::now() + Duration::try_from(left).unwrap_or_default())
    }

    /// Wakes the tickets whose time has come.
    pub(super) async fn wake_due(&mut self, context: &Context) {
        let wall = Timestamp::now();
        let due = self.asleep.iter().filter(|(_, snooze)| snooze.is_due(wall)).copied();
        let due: Vec<_> = due.map(|it| (it, WokenBy::Clock)).collect();
        self.wake(context, due).await;
    }

    /// Wakes the tickets whose customer has written, and has conversations read that may tell.
    pub(super) async fn look(&mut self, context: &Context) {
        while let Some(ended) = self.reading.try_join_next() {
            let Ok((id, sight, read)) = ended else { continue };
            if let Err(problem) = &read {
                tracing::warn!(%id, %problem, "a snoozed ticket's conversation can't be read");
            }
            // A server that can't be reached or asks for patience is asked again.
            if read.as_ref().err().is_none_or(|problem| !problem.is_passing()) {
                self.unread.insert(id, (sight, Instant::now()));
            }
        }
        if std::mem::take(&mut self.failed) {
            self.tell(context).await;
        }
        if self.asleep.is_empty() {
            return;
        }
        let ids = self.asleep.iter().map(|(id, _)| *id).collect();
        let rows = match context.store.rows_of(ids).await {
            Ok(rows) => rows,
            Err(error) => return tracing::warn!(%error, "snoozed tickets could not be read"),
        };
        let mut woken = Vec::new();
        for row in rows {
            let id = row.ticket.id;
            let snooze = self.asleep.iter().find(|(asleep, _)| *asleep == id);
            let Some((_, snooze)) = snooze.copied() else { continue };
            if snooze.may_have_news(row.view()) && self.has_message(context, &snooze, &row).await {
                woken.push(((id, snooze), WokenBy::Customer));
            }
        }
        self.wake(context, woken).await;
    }

    /// Whether the customer has written. If only the server knows, it is asked, and the answer
    /// counts at a later look.
    async fn has_message(&mut self, context: &Context, snooze: &Snooze, row: &Row) -> bool {
        let id = row.ticket.id;
        let sight = Sight::of(snooze, row);
        let is_known = row.facts.is_some() && !row.has_unread();
        if is_known {
            if self.quiet.get(&id) == Some(&sight) {
                return false;
            }
            let Ok(Some((replies, _))) = context.store.conversation(id).await else { return false };
            let directory = context.directory().await;
            let is_agent = |reply: &Reply| conversations::is_agent(&directory, reply);
            let is_ended = snooze.is_ended_by(row.view(), &replies, is_agent);
            if !is_ended {
                self.quiet.insert(id, sight);
            }
            return is_ended;
        }
        let is_unread = |(tried, at): &(Sight, Instant)| *tried == sight && at.elapsed() < AGAIN;
        // A message that nobody can read must not wait unseen.
        if self.unread.get(&id).is_some_and(is_unread) {
            return snooze.seems_replied(row.view());
        }
        if self.reading.is_empty() && context.is_online().await {
            let context = context.clone();
            self.reading.spawn(async move {
                let fetched = conversations::fetch(&context, id, Urgency::Background).await;
                (id, sight, fetched.map(drop))
            });
        }
        false
    }

    async fn wake(&mut self, context: &Context, due: Vec<((TicketId, Snooze), WokenBy)>) {
        if due.is_empty() {
            return;
        }
        let snoozes = due.iter().map(|((id, snooze), by)| (*id, *snooze, *by)).collect();
        let woken = match context.store.wake(snoozes, context.now()).await {
            Ok(woken) => woken,
            Err(error) => {
                self.failed = true;
                self.asleep.retain(|it| due.iter().all(|(gone, _)| gone != it));
                return context.tell(Report::Failed(store_problem(&error)));
            }
        };
        self.tell(context).await;
        let why = due.into_iter().map(|((id, _), by)| (id, by));
        let woken: Vec<_> = why.filter(|(id, _)| woken.contains(id)).collect();
        if !woken.is_empty() {
            context.tell(Report::Woken(woken));
        }
    }

    /// Reads what the profile keeps about tickets, and tells the core.
    pub(super) async fn tell(&mut self, context: &Context) {
        match context.store.asides().await {
            Ok(asides) => {
                self.learn(&asides);
                context.tell(Report::Asides(asides));
            }
            Err(error) => tracing::warn!(%error, "pins and snoozes could not be read"),
        }
    }
}
