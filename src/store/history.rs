//! What happened to tickets beside the changes of the outbox: what was seen to change on the server,
//! snoozes and pins. The log has the changes of the outbox.

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::{
    Store, StoreError,
    files::Files,
    log,
    outbox::begin,
    values::{At, Json},
};
use crate::domain::{Event, TicketId};

/// How many events are kept over all tickets. The oldest go first.
const KEPT: i64 = 50_000;

impl Store {
    /// The newest `limit` events of a ticket, newest first: each with its time and the agent.
    pub async fn events(
        &self,
        ticket: TicketId,
        limit: u32,
    ) -> Result<Vec<(Timestamp, String, Event)>, StoreError> {
        self.work(move |work| {
            let mut events = work.prepare_cached(
                "SELECT at, agent, what FROM events WHERE ticket = ?1
                ORDER BY number DESC LIMIT ?2",
            )?;
            let events = events.query_map(params![ticket.0, limit], |row| {
                let At(at) = row.get(0)?;
                Ok((at, row.get(1)?, row.get(2)?))
            })?;
            let mut read = Vec::new();
            for event in events {
                let (at, agent, Json(what)): (_, Option<String>, Json<serde_json::Value>) = event?;
                // A newer growdesk may know events that this one does not.
                if let Ok(event) = serde_json::from_value(what) {
                    read.push((at, agent.unwrap_or_default(), event));
                }
            }
            Ok(read)
        })
        .await
    }
}

/// Notes an event.
pub(super) fn note(
    work: &Connection,
    ticket: TicketId,
    event: &Event,
    at: Timestamp,
) -> rusqlite::Result<()> {
    let agent = match event {
        Event::Seen { .. } => None,
        _ => log::agent(work)?,
    };
    work.prepare_cached(
        "INSERT OR IGNORE INTO events (at, ticket, what, agent) VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute(params![At(at), ticket.0, Json(event), agent])?;
    Ok(())
}

/// Lets the oldest events go where there are too many.
fn trim(work: &Connection) -> rusqlite::Result<()> {
    work.prepare_cached(
        "DELETE FROM events WHERE number <= (SELECT max(number) FROM events) - ?1",
    )?
    .execute([KEPT])?;
    Ok(())
}

impl Files {
    /// Notes what was seen to change. The tickets are stored by then; what can't be noted is only
    /// missing in the history.
    pub(super) fn note_seen(&mut self, seen: &[(TicketId, Event)]) {
        if seen.is_empty() {
            return;
        }
        let at = self.clock.now();
        let noted = self.stay_in_place().and_then(|_| {
            let work = begin(&mut self.work)?;
            for (ticket, event) in seen {
                note(&work, *ticket, event, at)?;
            }
            trim(&work)?;
            Ok(work.commit()?)
        });
        if let Err(error) = noted {
            tracing::warn!(%error, "what was seen to change could not be noted");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{AsideChange, Line, WokenBy},
        store::testing::{at, reopen, store, ticket},
    };

    const SEVEN: TicketId = TicketId(7);

    async fn told(store: &Store) -> Vec<Event> {
        store.events(SEVEN, 9).await.unwrap().into_iter().map(|(.., event)| event).collect()
    }

    #[tokio::test]
    async fn what_a_pass_sees_change_is_noted_once_and_a_new_ticket_is_no_change() {
        let (folder, store) = store().await;
        store.save_tickets(vec![ticket(7)], at(1)).await.unwrap();
        store.save_tickets(vec![ticket(7)], at(2)).await.unwrap();
        assert_eq!(told(&store).await, []);
        let mut changed = ticket(7);
        changed.ticket.subject = Line::from_cleaned("Toner", None);
        let other = reopen(folder.path()).await;
        for store in [&store, &other] {
            store.save_tickets(vec![changed.clone()], at(3)).await.unwrap();
        }
        let [Event::Seen { fields, by_customer: false }] = &told(&store).await[..] else {
            panic!("one event")
        };
        assert_eq!(fields[0].words(), "subject: Printer on fire → Toner");
    }

    #[tokio::test]
    async fn snoozes_and_pins_are_noted_with_the_agent_and_only_where_they_change_something() {
        let (_folder, store) = store().await;
        store.sign_log("Ann").await.unwrap();
        for pinned in [true, true, false] {
            let pin = vec![(SEVEN, AsideChange::Pinned(pinned))];
            store.set_aside(pin, at(2)).await.unwrap();
        }
        let snooze = crate::domain::Snooze {
            since: at(2),
            until: Some(at(9)),
            count: 0,
            last: None,
            known: None,
        };
        store.set_aside(vec![(SEVEN, AsideChange::Snoozed(Some(snooze)))], at(3)).await.unwrap();
        store.wake(vec![(SEVEN, snooze, WokenBy::Clock)], at(9)).await.unwrap();
        store.set_aside(vec![(SEVEN, AsideChange::LookedAt)], at(10)).await.unwrap();
        let events = store.events(SEVEN, 9).await.unwrap();
        let expected = [
            Event::Woken(WokenBy::Clock),
            Event::Snoozed(Some(at(9))),
            Event::Pinned(false),
            Event::Pinned(true),
        ];
        assert!(events.iter().all(|(_, agent, _)| agent == "Ann"));
        assert_eq!(events.into_iter().map(|(.., it)| it).collect::<Vec<_>>(), expected);
    }
}
