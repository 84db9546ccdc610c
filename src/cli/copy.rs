//! The local copy as the verbs see it: the tickets with the outbox's pending changes laid over them,
//! as the console shows them.

use std::collections::BTreeMap;

use super::opened::Opened;
use crate::{
    app::{pending::Pending, tickets::Tickets},
    domain::{
        Directory, FullTicket, ReplyId, Row, Rows, Ticket, TicketId, WaitingStatuses, plan::Known,
    },
    store::{Store, StoreError},
};

/// How many tickets are read from the store in one go.
const PIECE: usize = 5_000;

/// The local copy, or a part of it.
pub(super) struct LocalCopy {
    pub(super) tickets: Tickets,
    pub(super) directory: Directory,
    pub(super) waiting: WaitingStatuses,
    /// The unsettled entries of the outbox.
    pub(super) pending: Pending,
    /// The opening messages that were read, as the server holds them.
    pub(super) messages: BTreeMap<TicketId, String>,
    /// The newest message of a ticket that the change is based on.
    pub(super) seen: BTreeMap<TicketId, ReplyId>,
    pub(super) read_only: bool,
}

impl LocalCopy {
    /// All tickets, without their messages.
    pub(super) async fn read(opened: &Opened) -> Result<Self, StoreError> {
        let (mut rows, mut last) = (Rows::default(), None);
        loop {
            (rows, last) = opened.store.rows(rows, last, PIECE).await?;
            if last.is_none() {
                break;
            }
        }
        let mut copy = Self::empty(opened).await?;
        copy.tickets.complete(rows, &copy.pending);
        copy.tickets.keep_aside(opened.store.asides().await?);
        Ok(copy)
    }

    /// Some tickets, with their messages. Those that are not stored are left out.
    pub(super) async fn of(opened: &Opened, ids: &[TicketId]) -> Result<Self, StoreError> {
        let mut copy = Self::empty(opened).await?;
        copy.take_in(&opened.store, ids).await?;
        copy.tickets.keep_aside(opened.store.asides().await?);
        Ok(copy)
    }

    /// Reads some tickets again, with their messages.
    pub(super) async fn take_in(
        &mut self,
        store: &Store,
        ids: &[TicketId],
    ) -> Result<(), StoreError> {
        let rows = store.rows_of(ids.to_vec()).await?;
        let stored: Rows = rows.iter().collect();
        for id in ids {
            match store.full_ticket(*id).await? {
                Some(FullTicket { message, .. }) => {
                    self.messages.insert(*id, message.as_stored().to_owned());
                }
                None => drop(self.messages.remove(id)),
            }
        }
        let gone: Vec<TicketId> =
            ids.iter().copied().filter(|id| stored.place(*id).is_none()).collect();
        self.tickets.remove(&gone);
        self.tickets.take_in(rows, &self.pending);
        for id in ids {
            self.tickets.lay(*id, self.pending.of(*id));
        }
        Ok(())
    }

    async fn empty(opened: &Opened) -> Result<Self, StoreError> {
        Ok(Self {
            tickets: Tickets::default(),
            directory: opened.store.directory().await?,
            waiting: opened.profile.waiting.clone(),
            pending: opened.store.outbox().await?.into_iter().collect(),
            messages: BTreeMap::new(),
            seen: BTreeMap::new(),
            read_only: opened.profile.read_only,
        })
    }

    /// All tickets that were read, as they are shown.
    pub(super) fn rows(&self) -> &Rows {
        self.tickets.rows()
    }

    /// A ticket as it is shown.
    pub(super) fn row(&self, id: TicketId) -> Option<Row> {
        self.tickets.get(id)
    }
}

impl Known for LocalCopy {
    fn ticket(&self, id: TicketId) -> Option<Ticket> {
        self.row(id).map(|row| row.ticket)
    }

    fn message(&self, id: TicketId) -> Option<String> {
        self.messages.get(&id).cloned()
    }

    fn read(&self, id: TicketId) -> Option<ReplyId> {
        self.seen.get(&id).copied()
    }

    fn is_read_only(&self) -> bool {
        self.read_only
    }
}
