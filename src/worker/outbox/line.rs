//! Whose turn it is: one change at a time for each ticket, in the order in which they were asked for.

use std::{collections::HashSet, time::Duration};

use tokio::time::Instant;

use super::{
    Carrier, RENEWAL,
    haste::{AT_ONCE, Haste},
};
use crate::{
    api::{Hurry, Urgency},
    domain::{Entry, EntryId, State, TicketId},
};

impl Carrier {
    /// The entries whose turn it is and whose time has come, each with its urgency.
    pub(super) fn due(&self) -> Vec<(Entry, Urgency)> {
        let ripe = |entry: &Entry| self.wait(entry).is_some_and(|wait| wait.is_zero());
        let mut room = self.room();
        let mut due = Vec::new();
        for (entry, urgency) in self.next_in_line().into_iter().filter(|(it, _)| ripe(it)) {
            if urgency == Urgency::Background {
                let Some(left) = room.checked_sub(1) else { continue };
                room = left;
            }
            due.push((entry.clone(), urgency));
        }
        due
    }

    /// Calls those changes of large steps forward that wait for the request budget and that a single
    /// action waits for by now.
    pub(super) fn bring_forward(&mut self) {
        if self.hurries.is_empty() {
            return;
        }
        let haste = Haste::of(&self.entries);
        for (at, entry) in self.entries.iter().enumerate() {
            if self.hurries.contains_key(&entry.id) && haste.urgency(at, entry) == Urgency::Agent {
                self.sending.insert(entry.id, Urgency::Agent);
                self.hurries.remove(&entry.id).iter().for_each(Hurry::call);
            }
        }
    }

    /// How many more changes of large steps may be sent now.
    fn room(&self) -> usize {
        let large = self.sending.values().filter(|it| **it == Urgency::Background);
        AT_ONCE.saturating_sub(large.count())
    }

    /// When there is something to do next: a claim to renew or, if `can_start`, a change whose time
    /// comes. An entry that waits for another change, or for room, is due when a change has ended.
    pub(in super::super) fn next_due(&self, can_start: bool) -> Option<Instant> {
        let renewal = self.is_sending().then_some(RENEWAL);
        let next = if can_start { self.next_in_line() } else { Vec::new() };
        let full = self.room() == 0;
        let next = next.into_iter().filter(|(_, it)| !full || *it != Urgency::Background);
        let waits = next.filter_map(|(entry, _)| self.wait(entry));
        waits.chain(renewal).min().map(|wait| Instant::now() + wait)
    }

    /// The entries that wait for no other. For each ticket that is the entry under way, otherwise
    /// the first unsettled one. An entry that waits for the agent lets later ones pass, and so does
    /// an entry that follows it.
    fn next_in_line(&self) -> Vec<(&Entry, Urgency)> {
        let haste = Haste::of(&self.entries);
        let ids: HashSet<EntryId> = self.entries.iter().map(|entry| entry.id).collect();
        let is_out =
            |entry: &&Entry| matches!(entry.state, State::Sending { .. } | State::Doubtful { .. });
        let busy = |entry: &&Entry| self.sending.contains_key(&entry.id) || is_out(entry);
        let out = self.entries.iter().filter(busy);
        let mut blocked: HashSet<TicketId> = out.filter_map(|entry| entry.ticket).collect();
        let mut next = Vec::new();
        for (at, entry) in self.entries.iter().enumerate() {
            let free =
                is_out(&entry) || entry.ticket.is_none_or(|ticket| !blocked.contains(&ticket));
            let waits_for_agent = matches!(entry.state, State::Decision { .. });
            let follows = entry.after.is_some_and(|id| ids.contains(&id));
            if !waits_for_agent && !follows {
                blocked.extend(entry.ticket);
            }
            if free && !follows && !self.sending.contains_key(&entry.id) {
                next.push((entry, haste.urgency(at, entry)));
            }
        }
        next
    }

    /// How long an entry still waits for its time; `None` where only the agent can let it go on.
    fn wait(&self, entry: &Entry) -> Option<Duration> {
        if let Some(at) = self.later.get(&entry.id) {
            return Some(at.saturating_duration_since(Instant::now()));
        }
        match &entry.state {
            State::Queued | State::Sending { .. } => Some(Duration::ZERO),
            State::Waiting { .. } if self.hurried.contains(&entry.id) => Some(Duration::ZERO),
            State::Holding { until }
            | State::Waiting { until, .. }
            | State::Doubtful { until, .. } => {
                Some(Duration::try_from(until.duration_since(self.clock.now())).unwrap_or_default())
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::*;
    use crate::{
        clock::Clock,
        domain::{Change, StepId, outbox::Decision},
        store::Claim,
    };

    fn entry(id: i64, ticket: i64, after: Option<i64>, state: State) -> Entry {
        Entry {
            id: EntryId(id.into()),
            step: StepId(id.into()),
            ticket: Some(TicketId(ticket)),
            change: Change::Archived(true),
            after: after.map(|id| EntryId(id.into())),
            seen: None,
            stood: None,
            undo: None,
            queued: Timestamp::now() + SignedDuration::from_hours(1),
            state,
        }
    }

    fn held(seconds: i64) -> State {
        State::Holding { until: Timestamp::now() + SignedDuration::from_secs(seconds) }
    }

    fn asks() -> State {
        State::Decision { reason: Decision::Overtaken(Box::default()) }
    }

    fn due(outbox: &Carrier) -> Vec<i128> {
        outbox.due().iter().map(|(entry, _)| entry.id.0).collect()
    }

    #[tokio::test]
    async fn nothing_wakes_for_what_waits_for_another_change_or_for_the_agent() {
        let entries = vec![
            entry(1, 7, None, asks()),
            entry(2, 7, Some(1), State::Queued),
            entry(3, 8, None, held(600)),
            entry(4, 8, None, State::Queued),
        ];
        let outbox = Carrier::new(entries, Clock::from_wall());
        assert_eq!(due(&outbox), Vec::<i128>::new());
        let next = outbox.next_due(true).expect("the held one");
        assert!(next > Instant::now() + Duration::from_secs(500), "{next:?}");
        assert_eq!(outbox.next_due(false), None, "without a server nothing is due");
    }

    #[tokio::test]
    async fn what_waits_for_the_agent_and_what_follows_it_lets_others_pass() {
        let entries = vec![
            entry(1, 7, None, asks()),
            entry(2, 7, Some(1), State::Queued),
            entry(3, 7, None, State::Queued),
            entry(4, 7, None, State::Queued),
        ];
        assert_eq!(due(&Carrier::new(entries, Clock::from_wall())), [3]);
    }

    #[tokio::test]
    async fn what_is_out_waits_for_no_earlier_one_and_holds_it_up() {
        let problem = crate::domain::Problem::new(
            crate::domain::ProblemKind::Broken,
            crate::domain::Line::default(),
        );
        let now = Timestamp::now();
        let doubtful = State::Doubtful { problem, until: now, since: now, known: None };
        let entries = vec![
            entry(1, 7, None, State::Queued),
            entry(2, 7, None, doubtful),
            entry(3, 7, None, State::Queued),
        ];
        assert_eq!(due(&Carrier::new(entries, Clock::from_wall())), [2]);
    }

    /// The entries of a step on the tickets from `first` on.
    fn step(number: i64, first: i64, many: i64) -> Vec<Entry> {
        let of = |at: i64| Entry {
            step: StepId(number.into()),
            ..entry(number + at, first + at, None, State::Queued)
        };
        (0..many).map(of).collect()
    }

    #[tokio::test]
    async fn a_large_step_is_sent_a_few_at_a_time_behind_what_the_agent_does_one_by_one() {
        let mut entries = step(1_000, 1, 500);
        entries.push(entry(7, 9_000, None, State::Queued));
        entries.extend(step(8, 9_001, 3));
        let mut outbox = Carrier::new(entries, Clock::from_wall());
        let urgent = |outbox: &Carrier, wanted| -> Vec<i128> {
            let due = outbox.due();
            due.iter().filter(|(_, it)| *it == wanted).map(|(entry, _)| entry.id.0).collect()
        };
        assert_eq!(urgent(&outbox, Urgency::Agent), [7, 8, 9, 10]);
        assert_eq!(urgent(&outbox, Urgency::Background), [1_000, 1_001, 1_002, 1_003]);
        for (entry, urgency) in outbox.due() {
            outbox.sending.insert(entry.id, urgency);
        }
        assert_eq!(outbox.due(), []);
        let renewal = outbox.next_due(true).expect("claims are renewed");
        assert!(renewal > Instant::now() + RENEWAL / 2, "what has no room wakes nobody");
        outbox.sending.remove(&EntryId(1_000));
        outbox.entries.retain(|it| it.id != EntryId(1_000));
        assert_eq!(urgent(&outbox, Urgency::Background), [1_004]);
    }

    #[tokio::test]
    async fn a_reply_behind_a_change_of_a_large_step_on_its_ticket_brings_that_forward() {
        let mut entries = step(1_000, 1, 500);
        entries.push(entry(7, 300, None, State::Queued));
        let mut outbox = Carrier::new(entries, Clock::from_wall());
        for (entry, urgency) in outbox.due() {
            if urgency == Urgency::Background {
                outbox.sending.insert(entry.id, urgency);
            }
        }
        let due = outbox.due();
        let [(brought, Urgency::Agent)] = &due[..] else { panic!("{due:?}") };
        assert_eq!(brought.id, EntryId(1_299), "the ticket's changes stay in their order");
        let brought = brought.id;
        outbox.entries.retain(|it| it.id != brought);
        let due = outbox.due();
        let [(reply, Urgency::Agent)] = &due[..] else { panic!("{due:?}") };
        assert_eq!(reply.id, EntryId(7));
    }

    /// Unsettled entries in a combination that can occur: an entry that follows another has not
    /// left, and each ticket has at most one entry under way.
    fn any_outbox(random: &mut fastrand::Rng) -> Vec<Entry> {
        let mut out = HashSet::new();
        let mut entries: Vec<Entry> = Vec::new();
        for id in 1..=random.i64(2..8) {
            let ticket = random.i64(7..9);
            let same = entries.iter().filter(|it| it.ticket == Some(TicketId(ticket)));
            let before: Vec<i128> = same.map(|it| it.id.0).collect();
            let lead = random.choice(before).filter(|_| random.u8(..4) == 0);
            let state = match random.u8(..6) {
                0 => asks(),
                1 if lead.is_none() && out.insert(ticket) => {
                    State::Sending { since: Timestamp::now(), known: None }
                }
                _ => State::Queued,
            };
            let after = lead.map(EntryId);
            entries.push(Entry { after, ..entry(id, ticket, None, state) });
        }
        entries
    }

    /// The store decides in SQL for all consoles; this rule decides in Rust for the list of one
    /// console.
    #[tokio::test]
    async fn whose_turn_it_is_here_it_is_for_the_store() {
        let mut random = fastrand::Rng::with_seed(7);
        let (_folder, store) = crate::store::testing::store().await;
        let mut behind = 0;
        for round in 0..120 {
            let entries: Vec<Entry> = any_outbox(&mut random)
                .into_iter()
                .map(|it| Entry {
                    id: EntryId(it.id.0 + 100 * round),
                    after: it.after.map(|id| EntryId(id.0 + 100 * round)),
                    ticket: it
                        .ticket
                        .map(|id| TicketId(id.0 + 100 * i64::try_from(round).expect("few"))),
                    ..it
                })
                .collect();
            store.queue(entries.clone(), Vec::new()).await.expect("the store takes it");
            let carrier = Carrier::new(entries.clone(), Clock::from_wall());
            let next: HashSet<EntryId> =
                carrier.next_in_line().iter().map(|(entry, _)| entry.id).collect();
            for entry in &entries {
                let claim = store.claim(entry.id, Timestamp::now(), RENEWAL).await;
                let waits = matches!(claim.expect("the store answers"), Claim::Behind);
                behind += u32::from(waits);
                assert_eq!(next.contains(&entry.id), !waits, "{} of {entries:#?}", entry.id.0);
            }
        }
        assert!(behind > 50, "{behind} wait for another");
    }

    #[tokio::test]
    async fn a_clock_that_was_set_back_holds_nothing_up() {
        let since = Timestamp::now() + SignedDuration::from_hours(1);
        let out = State::Sending { since, known: None };
        let entries = vec![entry(1, 7, None, State::Queued), entry(2, 8, None, out)];
        assert_eq!(due(&Carrier::new(entries, Clock::from_wall())), [1, 2]);
    }
}
