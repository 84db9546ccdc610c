//! A worker and a server behind it, as data: they take the console's work and answer it as the real
//! ones would, in any order and with any outcome that the real ones can have.

use std::collections::{BTreeMap, HashMap, VecDeque};

use growdesk::{
    app::Effect,
    desk::{Found, Read, Report, RequestId, Work},
    domain::{
        AllDrafts, Change, Client, Draft, DraftId, DraftKey, Entry, EntryId, FullTicket, Gone,
        Html, Project, ProjectId, ReplyId, Row, Seen, Stale, State, Ticket, TicketId, Writer,
        outbox::{Decision, NewMessage, News},
    },
    text::{clean, html, markdown},
};
use jiff::{SignedDuration, Timestamp};

use crate::hostile;

/// What the console is to be told, and what is under way.
pub(crate) struct Office {
    /// What the server holds.
    pub(crate) server: BTreeMap<TicketId, Row>,
    /// The store's drafts, and whether the console wrote them.
    pub(crate) drafts: BTreeMap<DraftKey, (Draft, bool)>,
    /// The drafts that another console writes.
    writers: BTreeMap<DraftKey, Writer>,
    /// What became of drafts that are gone.
    gone: HashMap<DraftId, Gone>,
    /// Entries that are not settled, in their order.
    pub(crate) queue: Vec<Entry>,
    settled: HashMap<EntryId, State>,
    reads: Vec<(RequestId, Read)>,
    inbox: VecDeque<Work>,
    mail: VecDeque<Report>,
    ticks: i64,
}

impl Office {
    pub(crate) fn open(rows: Vec<Row>, drafts: Vec<Draft>) -> Self {
        Self {
            server: rows.into_iter().map(|row| (row.ticket.id, row)).collect(),
            drafts: drafts.into_iter().map(|draft| (draft.key, (draft, false))).collect(),
            writers: BTreeMap::new(),
            gone: HashMap::new(),
            queue: Vec::new(),
            settled: HashMap::new(),
            reads: Vec::new(),
            inbox: VecDeque::new(),
            mail: VecDeque::new(),
            ticks: 0,
        }
    }

    /// Takes work in; it is done when its turn comes.
    pub(crate) fn take(&mut self, effects: Vec<Effect>) {
        self.inbox.extend(effects.into_iter().filter_map(|effect| match effect {
            Effect::Work(work) => Some(work),
            Effect::Outside(_) => None,
        }));
    }

    /// The next message for the console.
    pub(crate) fn deliver(&mut self) -> Option<Report> {
        self.mail.pop_front()
    }

    pub(crate) fn has_work(&self) -> bool {
        !self.inbox.is_empty()
    }

    fn tell(&mut self, entry: &Entry, row: Option<Row>) {
        let entry = Box::new(entry.clone());
        self.mail.push_back(Report::Entry { entry, row: row.map(Box::new) });
    }

    /// Does the oldest work, well or badly.
    pub(crate) fn work(&mut self, bad: bool, text: &str) {
        let Some(work) = self.inbox.pop_front() else { return };
        match work {
            Work::Queue { entries, .. } if bad => {
                let problem = hostile::problem(9, text);
                self.mail.push_back(Report::NotQueued { entries, problem });
            }
            Work::Queue { entries, drop } => {
                let stale = drop.iter().find_map(|seen| Some((seen.key, self.stale(*seen, None)?)));
                if let Some((key, stale)) = stale {
                    let stale = Box::new(stale);
                    return self.mail.push_back(Report::NotRecorded { entries, key, stale });
                }
                drop.into_iter().for_each(|seen| self.remove(seen, true));
                self.mail.push_back(Report::Queued { entries: entries.clone() });
                self.queue.extend(entries);
            }
            Work::TakeBack(ids) => ids.into_iter().for_each(|id| self.take_back(id)),
            Work::SendAnyway(id, stood) => {
                let entry = self.queue.iter_mut().find(|it| it.id == id);
                if let Some(entry) = entry
                    && let Some(decided) = entry.decided(stood, None)
                {
                    *entry = decided.clone();
                    self.tell(&decided, None);
                }
            }
            Work::RecordProposal { entry, hold } => {
                let until = self.tick().checked_add(hold).ok();
                let entry = self.queue.iter_mut().find(|it| it.id == entry);
                if let Some(entry) = entry
                    && let Some(decided) = entry.decided(None, until)
                {
                    *entry = decided.clone();
                    self.tell(&decided, None);
                }
            }
            Work::DropProposals(ids) => ids.into_iter().for_each(|id| self.drop_proposal(id)),
            Work::SendNow => {
                for entry in &mut self.queue {
                    if matches!(entry.state, State::Holding { .. }) {
                        entry.state = State::Queued;
                    }
                }
            }
            Work::Read { request, read, .. } => self.reads.push((request, read)),
            Work::SaveDraft { draft, seen } => self.save(draft, seen, bad, text),
            Work::DropDraft(seen) if bad => {
                let problem = hostile::problem(9, text);
                self.mail.push_back(Report::DraftNotGone { key: seen.key, problem });
            }
            Work::DropDraft(seen) => match self.stale(seen, None) {
                Some(stale) => {
                    let stale = Box::new(stale);
                    self.mail.push_back(Report::DraftKept { key: seen.key, stale });
                }
                None => {
                    self.remove(seen, false);
                    self.mail.push_back(Report::DraftGone(seen.key));
                }
            },
            Work::OpenDraft { key, known, take } => {
                if take {
                    self.writers.remove(&key);
                }
                self.mail.push_back(Report::DraftOpened {
                    key,
                    draft: self.drafts.get(&key).map(|(draft, _)| Box::new(draft.clone())),
                    writer: self.writers.get(&key).cloned(),
                    gone: known.and_then(|id| self.gone.get(&id).cloned()),
                });
            }
            Work::CloseDraft(_) => {}
            Work::Refresh => {
                self.mail.push_back(Report::Refreshing { done: 3, total: 9 });
                self.mail.push_back(match bad {
                    true => Report::RefreshFailed(hostile::problem(2, text)),
                    false => Report::Refreshed,
                });
            }
            Work::SetAside(_) => {
                let answer = if bad { Err(hostile::problem(9, text)) } else { Ok(()) };
                self.mail.push_back(Report::AsideStored(answer));
            }
            Work::Remember(_) | Work::Attend(_) => {}
        }
    }

    /// Why a draft is not what the console takes it for, if it is not.
    fn stale(&self, seen: Seen, text: Option<&str>) -> Option<Stale> {
        let stored = self.drafts.get(&seen.key);
        if let Some(gone) = self.gone.get(&seen.id) {
            return Some(Stale::Gone(gone.clone()));
        }
        if let Some(writer) = self.writers.get(&seen.key) {
            return Some(Stale::Written(writer.clone(), stored.map(|(draft, _)| draft.clone())));
        }
        let (stored, mine) = stored?;
        let known = *mine
            || text == Some(stored.text.as_str())
            || (stored.id == seen.id && stored.is_version(seen.version));
        (!known).then(|| Stale::Newer(stored.clone()))
    }

    /// Whether a draft was recorded or dropped.
    pub(crate) fn is_gone(&self, id: DraftId) -> bool {
        self.gone.contains_key(&id)
    }

    fn remove(&mut self, seen: Seen, recorded: bool) {
        self.drafts.remove(&seen.key);
        let by = writer(1);
        self.gone.insert(seen.id, Gone { recorded, at: Timestamp::UNIX_EPOCH, by });
    }

    fn save(&mut self, draft: Draft, seen: Option<Timestamp>, bad: bool, text: &str) {
        let (key, id) = (draft.key, draft.id);
        let known = Seen { key, id, version: seen };
        if let Some(stale) = self.stale(known, Some(&draft.text)) {
            let stale = Box::new(stale);
            return self.mail.push_back(Report::DraftStale { key, id, stale });
        }
        if bad && text.len().is_multiple_of(2) {
            let problem = hostile::problem(9, text);
            return self.mail.push_back(Report::DraftFailed { key, problem });
        }
        if bad {
            let updated = draft.updated + SignedDuration::from_micros(1);
            let theirs = Draft { text: format!("theirs {text}"), updated, ..draft };
            self.drafts.insert(key, (theirs.clone(), false));
            let stale = Box::new(Stale::Newer(theirs));
            return self.mail.push_back(Report::DraftStale { key, id, stale });
        }
        let version = draft.updated;
        self.drafts.insert(key, (draft, true));
        self.mail.push_back(Report::DraftStored { key, version });
    }

    /// Another console takes a draft over and writes on it, or records it, or leaves it.
    fn other_console(&mut self, at: usize, what: u8, text: &str) {
        let keys: Vec<DraftKey> = self.drafts.keys().copied().collect();
        let Some(key) = keys.get(at % keys.len().max(1)).copied() else { return };
        match what % 3 {
            0 => {
                self.writers.insert(key, writer(2));
                let updated = self.tick();
                if let Some((draft, mine)) = self.drafts.get_mut(&key) {
                    *draft =
                        Draft { text: format!("{} {text}", draft.text), updated, ..draft.clone() };
                    *mine = false;
                }
            }
            1 => {
                self.writers.remove(&key);
                if let Some((draft, _)) = self.drafts.remove(&key) {
                    let at = Timestamp::UNIX_EPOCH;
                    let recorded = text.len().is_multiple_of(2);
                    self.gone.insert(draft.id, Gone { recorded, at, by: writer(2) });
                }
            }
            _ => drop(self.writers.remove(&key)),
        }
    }

    /// A time that no other draft's version has.
    fn tick(&mut self) -> Timestamp {
        self.ticks += 1;
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(self.ticks)
    }

    fn take_back(&mut self, id: EntryId) {
        let at = self.queue.iter().position(|it| it.id == id && it.state.can_take_back());
        match at {
            Some(at) => self.settle(at, State::TakenBack, None),
            None => self.mail.push_back(Report::TooLate(vec![id])),
        }
    }

    fn drop_proposal(&mut self, id: EntryId) {
        let is_proposal = |it: &Entry| it.id == id && it.state.proposal().is_some();
        if !self.queue.iter().any(is_proposal) {
            return;
        }
        let (dropped, queue) = std::mem::take(&mut self.queue)
            .into_iter()
            .partition(|it: &Entry| it.id == id || it.after == Some(id));
        self.queue = queue;
        let end = |it: Entry| Entry { state: State::TakenBack, ..it };
        let dropped: Vec<Entry> = dropped.into_iter().map(end).collect();
        self.settled.extend(dropped.iter().map(|it| (it.id, it.state.clone())));
        self.mail.push_back(Report::TakenBack(dropped));
    }

    fn settle(&mut self, at: usize, state: State, row: Option<Row>) {
        let mut entry = self.queue.remove(at);
        entry.state = state;
        self.settled.insert(entry.id, entry.state.clone());
        if let State::Refused { .. } | State::TakenBack = entry.state
            && let Some(draft) = entry.draft(self.tick())
        {
            let key = match self.drafts.get(&draft.key) {
                Some((there, _)) if there.text == draft.text => None,
                Some(_) => Some(draft.key.beside(entry.id.short())),
                None => Some(draft.key),
            };
            if let Some(key) = key {
                let draft = Draft { key, ..draft };
                self.drafts.insert(key, (draft.clone(), false));
                self.mail.push_back(Report::DraftBack(Box::new(draft)));
            }
        }
        self.tell(&entry, row);
        while let Some(orphan) = self.queue.iter().position(|it| {
            let parent = it.after.and_then(|id| self.settled.get(&id));
            matches!(parent, Some(State::Refused { .. } | State::TakenBack))
        }) {
            self.settle(orphan, State::TakenBack, None);
        }
    }

    /// The entries whose turn it is: the first of each ticket, but for those that wait for the agent.
    fn due(&self) -> Vec<usize> {
        let mut blocked = Vec::new();
        let mut due = Vec::new();
        for (at, entry) in self.queue.iter().enumerate() {
            if matches!(entry.state, State::Decision { .. }) {
                continue;
            }
            let waits = entry.after.is_some_and(|id| !self.settled.contains_key(&id));
            if entry.ticket.is_none_or(|ticket| !blocked.contains(&ticket)) && !waits {
                due.push(at);
            }
            blocked.extend(entry.ticket);
        }
        due
    }

    /// Brings one of the entries whose turn it is to another state.
    pub(crate) fn advance(&mut self, pick: usize, how: u8, text: &str, now: Timestamp) {
        let due = self.due();
        let Some(at) = due.get(pick % due.len().max(1)).copied() else { return };
        let since = now;
        let problem = hostile::problem(how / 2, text);
        let until = now + SignedDuration::from_secs(5);
        let state = match (&self.queue[at].state, how % 8) {
            (State::Sending { .. } | State::Doubtful { .. }, 0..=2) => return self.record(at, now),
            (State::Sending { .. } | State::Doubtful { .. }, 3) => {
                return self.settle(at, State::Refused { problem }, None);
            }
            (State::Sending { known, .. }, 4) if !self.queue[at].change.is_repeatable() => {
                State::Doubtful { problem, until, since, known: *known }
            }
            (State::Doubtful { known, .. }, 4) => {
                State::Doubtful { problem, until, since, known: *known }
            }
            (State::Sending { .. }, 4 | 5) => State::Waiting { problem, until },
            (State::Doubtful { .. }, 5) => State::Queued,
            (State::Doubtful { .. }, _) => State::Decision {
                reason: Decision::Unclear { problem, news: Box::new(news(text)) },
            },
            (_, 7) => State::Decision { reason: self.reason(at, text) },
            _ => State::Sending { since, known: Some(3) },
        };
        self.queue[at].state = state;
        let entry = self.queue[at].clone();
        self.tell(&entry, None);
    }

    fn reason(&self, at: usize, text: &str) -> Decision {
        let entry = &self.queue[at];
        let now = entry.ticket.and_then(|id| self.server.get(&id)).map(full);
        match now.and_then(|now| entry.change.conflict(&now)) {
            Some((mut differences, rebased)) => {
                for difference in &mut differences {
                    difference.now = clean::line(text).to_string();
                }
                Decision::Conflict { differences, rebased: Box::new(rebased) }
            }
            None => Decision::Overtaken(Box::new(news(text))),
        }
    }

    /// The server has it.
    fn record(&mut self, at: usize, now: Timestamp) {
        let mut entry = self.queue[at].clone();
        if let Some(State::Recorded { undo, .. }) =
            entry.undo.and_then(|earlier| self.settled.get(&earlier))
        {
            match undo.clone() {
                Some(undo) => entry.change = *undo,
                None => {
                    let problem = hostile::problem(10, "was so");
                    return self.settle(at, State::Refused { problem }, None);
                }
            }
        }
        if matches!(entry.change, Change::Create(_)) {
            let id = TicketId(self.server.keys().last().map_or(1, |id| id.0 + 1));
            let row = Row { ticket: Ticket::sparse(id), facts: None, noticed: now };
            self.server.insert(id, row);
            entry.ticket = Some(id);
            self.queue[at].ticket = Some(id);
        }
        let Some(id) = entry.ticket else { return };
        let before = self.server.get(&id).map(full);
        let Some(before) = before else {
            let problem = hostile::problem(4, "gone");
            return self.settle(at, State::Refused { problem }, None);
        };
        if entry.change == Change::DeleteTicket {
            self.server.remove(&id);
        } else if let Some(row) = self.server.get_mut(&id) {
            entry.change.apply(&mut row.ticket);
            row.ticket.replies_count += u32::from(!entry.change.is_repeatable());
        }
        let row = self.server.get(&id).cloned();
        let undo = row.as_ref().and_then(|row| entry.change.taking_back(&before, &full(row)));
        let made = (!entry.change.is_repeatable()).then_some(ReplyId(99));
        self.settle(at, State::Recorded { at: now, made, undo: undo.map(Box::new) }, row);
    }

    /// Answers one of the reads, well, badly or with a request's number that nobody waits for.
    pub(crate) fn answer(&mut self, pick: usize, how: u8, text: &str) {
        if self.reads.is_empty() {
            return;
        }
        let (mut request, read) = self.reads.remove(pick % self.reads.len());
        if how.is_multiple_of(7) {
            request = RequestId(request.0.wrapping_sub(1));
        }
        let bad = how.is_multiple_of(5);
        self.mail.push_back(match read {
            Read::Thread { .. } | Read::Ahead { .. } | Read::Next { .. } if bad => {
                Report::ThreadFailed { request, problem: hostile::problem(how, text) }
            }
            Read::Thread { ticket, width, fetch } => {
                let thread = Box::new(hostile::thread(ticket, width, fetch, text));
                Report::Thread { request, thread }
            }
            Read::Ahead { tickets, width } => {
                let thread = tickets.first().map(|id| hostile::thread(*id, width, false, text));
                Report::Ahead { request, thread: thread.map(Box::new) }
            }
            Read::Next { ticket, width } => {
                let thread = Some(Box::new(hostile::thread(ticket, width, true, text)));
                Report::Ahead { request, thread }
            }
            Read::Exact(_) => Report::Ahead { request, thread: None },
            _ if bad => Report::Found { request, found: Err(hostile::problem(how, text)) },
            other => Report::Found { request, found: Ok(self.found(&other, text)) },
        });
    }

    fn found(&self, read: &Read, text: &str) -> Found {
        let clients: Vec<Client> = hostile::clients(text);
        match read {
            Read::Projects(_) => Found::Projects(
                (7..9).map(|id| Project { id: ProjectId(id), title: clean::line(text) }).collect(),
            ),
            Read::Departments => Found::Departments(hostile::directory(text).departments),
            Read::Ticket(id) => match self.server.get(id) {
                Some(row) => {
                    let message = Html::new(format!("<p>{text}"));
                    Found::Ticket(Box::new(FullTicket { ticket: row.ticket.clone(), message }))
                }
                None => Found::Clients(clients),
            },
            Read::Links { .. } => {
                let html = format!("{text}<p><a href=\"https://{text}\">{text}</a>");
                Found::Links(html::linked(&Html::new(html)))
            }
            Read::Export { .. } => Found::Export { text: clean::block(text), missing: None },
            Read::Preview { text, width } => {
                Found::Preview(html::render(&Html::new(markdown::to_html(text)), *width))
            }
            _ => Found::Clients(clients),
        }
    }

    /// Somebody else changes, adds or removes a ticket, or the store is looked at, and the console
    /// hears of it.
    pub(crate) fn colleague(&mut self, at: usize, what: u8, text: &str) {
        let row = hostile::row(at, text);
        let id = row.ticket.id;
        if what.is_multiple_of(6) {
            self.server.remove(&id);
            return self.mail.push_back(Report::Rows { changed: vec![], gone: vec![id] });
        }
        if what % 6 == 1 {
            let all = AllDrafts {
                drafts: self.drafts.values().map(|(draft, _)| draft.clone()).collect(),
                writers: self.writers.clone().into_iter().collect(),
                gone: self.gone.clone().into_iter().collect(),
            };
            return self.mail.push_back(Report::Drafts(Box::new(all)));
        }
        if what % 6 == 2 {
            return self.other_console(at, what / 6, text);
        }
        self.server.insert(id, row.clone());
        self.mail.push_back(Report::Rows { changed: vec![row], gone: vec![] });
    }

    /// Brings everything to an end: nothing is left in doubt.
    pub(crate) fn close(&mut self, how: u8, now: Timestamp) {
        let mut turn = how;
        while !self.queue.is_empty() {
            turn = turn.wrapping_mul(5).wrapping_add(3);
            let waiting = |it: &Entry| matches!(it.state, State::Decision { .. });
            match self.queue.iter().position(waiting) {
                Some(at) => self.settle(at, State::TakenBack, None),
                None => {
                    self.advance(usize::from(turn), [0, 1, 3][usize::from(turn) % 3], "end", now)
                }
            }
        }
    }
}

fn writer(process: u32) -> Writer {
    Writer {
        agent: String::new(),
        process,
        host: "h".into(),
        console: process.into(),
        since: Timestamp::UNIX_EPOCH,
    }
}

fn full(row: &Row) -> FullTicket {
    FullTicket { ticket: row.ticket.clone(), message: Html::default() }
}

fn news(text: &str) -> News {
    let message = NewMessage {
        kind: growdesk::domain::ReplyKind::Reply,
        author: clean::line(text).to_string(),
        at: Some(Timestamp::MIN),
        text: html::plain(&Html::new(text)),
    };
    News { messages: vec![message], differences: vec![], seen: Some(ReplyId(1)), stood: None }
}
