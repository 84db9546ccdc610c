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
    domain::{Aside, Problem, Reply, Row, Snooze, TicketId, WokenBy},
};

/// What a conversation was looked for, so that it is read once for each news.
type Sight = (u32, Option<Timestamp>);

/// The snoozed tickets.
#[derive(Debug, Default)]
pub(super) struct Snoozes {
    asleep: Vec<(TicketId, Snooze)>,
    /// The news of each ticket that the server was last asked about.
    asked: HashMap<TicketId, Sight>,
    /// Reads under way; each ends with its ticket and whether the conversation could be read.
    reading: JoinSet<(TicketId, Result<(), Problem>)>,
    /// Tickets with news whose conversation can't be read.
    unread: Vec<TicketId>,
    /// Whether a wake could not be stored: it is tried again at the next look.
    failed: bool,
}

impl Snoozes {
    /// Learns what the profile keeps about tickets.
    pub(super) fn learn(&mut self, asides: &[(TicketId, Aside)]) {
        let asleep = asides.iter().filter_map(|(id, aside)| Some((*id, aside.snooze?)));
        self.asleep = asleep.collect();
        let asleep: Vec<TicketId> = self.asleep.iter().map(|(id, _)| *id).collect();
        self.asked.retain(|id, _| asleep.contains(id));
        self.unread.retain(|id| asleep.contains(id));
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
            if let Ok((id, Err(problem))) = ended {
                tracing::warn!(%id, %problem, "a snoozed ticket's conversation can't be read");
                self.unread.push(id);
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
        let is_known = row.facts.is_some() && !row.has_unread();
        if is_known {
            let Ok(Some((replies, _))) = context.store.conversation(id).await else { return false };
            let directory = context.directory().await;
            let is_agent = |reply: &Reply| conversations::is_agent(&directory, reply);
            return snooze.is_ended_by(row.view(), &replies, is_agent);
        }
        // A message that nobody can read must not wait unseen.
        if self.unread.contains(&id) {
            return snooze.is_replied(row.view());
        }
        let sight = (row.ticket.replies_count, row.ticket.status_changed);
        if self.reading.is_empty()
            && self.asked.get(&id) != Some(&sight)
            && context.is_online().await
        {
            self.asked.insert(id, sight);
            let context = context.clone();
            self.reading.spawn(async move {
                let fetched = conversations::fetch(&context, id, Urgency::Background).await;
                (id, fetched.map(drop))
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
        let ids = woken.iter().map(|(id, _)| *id).collect();
        // A ticket that is gone wakes nobody.
        let rows = context.store.rows_of(ids).await.unwrap_or_default();
        let is_there = |id: TicketId| rows.iter().any(|row| row.ticket.id == id);
        let woken: Vec<_> = woken.into_iter().filter(|(id, _)| is_there(*id)).collect();
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
