//! Reads a page in pieces if the server can't show it as a whole. One ticket that the server fails
//! over, or whose answer is broken or too large, must not hide the others.
//!
//! A piece is a page of a smaller size, so its place is a multiple of its size. A piece that fails
//! is halved, down to the one ticket; that ticket is named, and tried again in its turn. Later
//! reads go around places that are known to fail. That costs a few more requests, but no failing
//! one.

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::{
    list::{self, ListPage},
    names,
    walk::Walk,
};
use crate::{
    api::{PAGE_LIMIT, Paged, Urgency},
    domain::{FullTicket, Problem, ProblemKind},
    store::{ServerList, Stretch, Troubles},
    worker::context::{Context, store_problem},
};

/// The most requests for one page; the next pass reads the rest of it.
const REQUESTS: u32 = 24;
/// After how many failed single tickets, with nothing read, one further down is asked for.
const HOPELESS: usize = 4;
/// How long the console keeps to a piece size that the server can manage.
const KEPT: SignedDuration = SignedDuration::from_mins(30);

/// Asks for the next page of a walk through `list`, in pieces if necessary.
///
/// # Errors
/// A problem that the next request would meet too, or a page with nothing readable on it.
pub(super) async fn ask(
    context: &Context,
    urgency: Urgency,
    list: ServerList,
    walk: &Walk,
) -> Result<ListPage, Problem> {
    let troubles = context.store.troubles(list).await.map_err(|it| store_problem(&it))?;
    let size = u64::from(walk.page_size());
    let from = u64::from(walk.page.saturating_sub(1)) * size;
    let stretch = (from, from + size);
    let now = Timestamp::now();
    let mut requests = 0;
    let mut failed = None;
    if !is_in_pieces(&troubles, stretch, now) {
        requests += 1;
        match list::ask(context, urgency, list, walk.page).await {
            Ok(answer) => {
                keep(context, list, &troubles, stretch, broken_items(&answer, from), None).await?;
                return Ok(answer);
            }
            Err(problem) if problem.may_be_of_one() => {
                requests += 1;
                if !context.answers().await {
                    return Err(problem);
                }
                tracing::info!(?list, walk.page, %problem, "a page is read in pieces");
                failed = Some(problem);
            }
            Err(problem) => return Err(problem),
        }
    }
    let since = context.store.revision().await.map_err(|error| store_problem(&error))?;
    let halved = if failed.is_some() { size / 2 } else { size };
    let most = troubles.most.filter(|(_, until)| *until > now).map(|(most, _)| u64::from(most));
    let mut pieces = Pieces {
        context,
        urgency,
        list,
        known: &troubles,
        end: stretch.1,
        most: size,
        at: from,
        size: most.map_or(halved, |most| most.min(halved)).max(1),
        failing_until: if failed.is_some() { stretch.1 } else { from },
        tickets: Vec::new(),
        gaps: Vec::new(),
        requests,
        failed,
        managed: most,
        total: None,
        is_end: false,
        is_hopeless: false,
        now,
    };
    let began = Instant::now();
    pieces.read().await?;
    pieces.answer(walk, stretch, began, since).await
}

/// Whether a page is known to fail as a whole.
fn is_in_pieces(troubles: &Troubles, (from, to): (u64, u64), now: Timestamp) -> bool {
    let is_here = |gap: &Stretch| !gap.alone && gap.from < to && from < gap.to;
    let is_too_much = |(most, until): (u32, Timestamp)| u64::from(most) < to - from && until > now;
    troubles.gaps.iter().any(is_here) || troubles.most.is_some_and(is_too_much)
}

/// The items without a number on a page that could be read.
fn broken_items(answer: &ListPage, from: u64) -> Vec<Stretch> {
    let gap = |place: &u32| Stretch::of_item(from + u64::from(*place), list::without_number());
    answer.left_out.iter().map(gap).collect()
}

/// Stores the unreadable parts of a stretch, in place of those known before.
async fn keep(
    context: &Context,
    list: ServerList,
    known: &Troubles,
    (from, to): (u64, u64),
    gaps: Vec<Stretch>,
    managed: Option<u32>,
) -> Result<(), Problem> {
    let mut troubles = known.clone();
    troubles.gaps.retain(|gap| gap.to <= from || to <= gap.from);
    troubles.gaps.extend(gaps);
    troubles.gaps.sort_by_key(|gap| gap.from);
    let now = Timestamp::now();
    let until = now.saturating_add(KEPT).unwrap_or(now);
    match (managed, troubles.most) {
        (Some(most), Some((before, until))) if most == before && until > now => {}
        (Some(most), _) => troubles.most = Some((most, until)),
        (None, Some((_, until))) if until > now => {}
        (None, _) => troubles.most = None,
    }
    names::keep(context, list, known, troubles).await
}

/// A page under way.
struct Pieces<'a> {
    context: &'a Context,
    urgency: Urgency,
    list: ServerList,
    /// What is known of the list.
    known: &'a Troubles,
    /// The place at which the page ends.
    end: u64,
    /// The most tickets of a piece.
    most: u64,
    /// The place that comes next.
    at: u64,
    /// How many tickets are asked for at most.
    size: u64,
    /// Before this place something is known to fail.
    failing_until: u64,
    tickets: Vec<FullTicket>,
    /// The unreadable stretches, each with the number of tickets that were read before it.
    gaps: Vec<(Stretch, usize)>,
    requests: u32,
    /// Why the last piece could not be read.
    failed: Option<Problem>,
    /// The largest piece that could be read after a larger one could not.
    managed: Option<u64>,
    total: Option<u64>,
    is_end: bool,
    /// Whether nothing of the page can be read, wherever it is tried.
    is_hopeless: bool,
    now: Timestamp,
}

impl Pieces<'_> {
    async fn read(&mut self) -> Result<(), Problem> {
        while self.at < self.end && !self.is_end && !self.is_hopeless {
            let known = self.known.gaps.iter().find(|gap| gap.spoils(self.at));
            if let Some(gap) = known.filter(|gap| !gap.is_due(self.now)) {
                self.gaps.push((gap.clone(), self.tickets.len()));
                self.at = gap.to;
                continue;
            }
            if self.requests >= REQUESTS {
                let problem = self.failed.clone().unwrap_or_else(list::without_number);
                // The next pass goes on there.
                let gap = Stretch::new(self.at, self.end, problem, Timestamp::UNIX_EPOCH);
                self.gaps.push((gap, self.tickets.len()));
                break;
            }
            let again = known.cloned();
            let size = again.as_ref().map_or(self.size, |gap| (gap.to - self.at).min(self.size));
            let limit = self.piece(size);
            self.requests += 1;
            let asked = list::ask_once(self.context, self.urgency, self.list, limit, self.at);
            match asked.await {
                Ok(page) => self.take(page, limit)?,
                Err(problem) if problem.may_be_of_one() => {
                    self.fail(problem, limit, again);
                    if self.total.is_none() && self.gaps.len() == HOPELESS {
                        self.look_further_down().await?;
                    }
                }
                Err(problem) => return Err(problem),
            }
        }
        Ok(())
    }

    /// How many tickets to ask for: the largest page that may begin here and ends before the next
    /// place known to fail.
    fn piece(&self, size: u64) -> u64 {
        let next = self.known.gaps.iter().filter(|gap| !gap.alone && gap.from > self.at);
        let next = next.map(|gap| gap.from).min().unwrap_or(u64::MAX);
        let most = size.min(self.end - self.at).min(next - self.at).max(1);
        if self.at == 0 {
            return most;
        }
        (1..=most).rev().find(|size| self.at.is_multiple_of(*size)).unwrap_or(1)
    }

    fn take(&mut self, page: Paged<FullTicket>, limit: u64) -> Result<(), Problem> {
        let size = u64::from(page.per_page);
        if size > limit {
            // The server chooses the page size itself, so halving does not help.
            return Err(self.failed.clone().unwrap_or_else(list::without_number));
        }
        if size < limit && self.at > 0 {
            (self.most, self.size) = (size.max(1), size.max(1));
            return Ok(());
        }
        for place in &page.left_out {
            let at = self.at + u64::from(*place);
            self.gaps.push((Stretch::of_item(at, list::without_number()), self.tickets.len()));
        }
        self.total = Some(page.total);
        self.is_end = !page.has_next();
        self.tickets.extend(page.items);
        self.at += size.min(limit);
        if self.failed.is_some() && self.gaps.is_empty() {
            self.managed = self.managed.max(Some(limit));
        }
        self.size = match self.failing_until.saturating_sub(self.at) {
            0 => self.managed.unwrap_or(self.most).min(self.most),
            left => left.div_ceil(2).max(1),
        };
        Ok(())
    }

    /// Finds out whether the whole list fails, rather than a ticket: then the last ticket of the
    /// page fails too.
    async fn look_further_down(&mut self) -> Result<(), Problem> {
        self.requests += 1;
        let last = self.end - 1;
        match list::ask_once(self.context, self.urgency, self.list, 1, last).await {
            Ok(page) => self.total = Some(page.total),
            Err(problem) if problem.may_be_of_one() => self.is_hopeless = true,
            Err(problem) => return Err(problem),
        }
        Ok(())
    }

    fn fail(&mut self, problem: Problem, limit: u64, again: Option<Stretch>) {
        self.failed = Some(problem.clone());
        if limit > 1 {
            self.failing_until = self.at + limit;
            self.size = limit / 2;
            return;
        }
        let gap = match again.filter(|gap| gap.to - gap.from == 1) {
            Some(before) => before.with(problem.clone()).tried(self.now),
            None => Stretch::new(self.at, self.at + 1, problem.clone(), self.now),
        };
        self.gaps.push((gap, self.tickets.len()));
        self.at += 1;
        // A single ticket was at fault, and not the size.
        (self.managed, self.size) = (None, self.most);
    }

    /// The page as a whole, where none of it can be read.
    fn give_up(&mut self, (from, to): (u64, u64)) {
        let problem = self.failed.clone().unwrap_or_else(list::without_number);
        let before = self.known.gaps.iter().find(|gap| (gap.from, gap.to) == (from, to));
        let gap = match before {
            Some(gap) => gap.clone().with(problem).tried(self.now),
            None => Stretch::new(from, to, problem, self.now),
        };
        self.gaps = vec![(gap, 0)];
    }

    async fn answer(
        mut self,
        walk: &Walk,
        stretch: (u64, u64),
        began: Instant,
        since: i64,
    ) -> Result<ListPage, Problem> {
        let (context, list) = (self.context, self.list);
        if self.is_hopeless {
            self.give_up(stretch);
        }
        let ends = names::Ends { before: walk.last_id(), is_end: self.is_end };
        let mut found = Vec::new();
        for (gap, at) in &mut self.gaps {
            if gap.to - gap.from == 1 && !gap.alone {
                let beside = names::Beside::of(&self.tickets, *at, ends);
                let named = names::find(context, self.urgency, list, gap, beside, &mut found);
                self.requests += named.await?;
            }
        }
        let mut stubs = names::stubs(context, list, &self.gaps, &self.tickets).await?;
        stubs.extend(found);
        // Too much at once is no fault of a single ticket.
        let halves = self.managed.filter(|_| self.gaps.is_empty() || self.known.most.is_some());
        let halves = halves.and_then(|it| u32::try_from(it).ok());
        let unread = self.gaps.iter().map(|(gap, _)| gap.to.min(self.end).saturating_sub(gap.from));
        let unread: u64 = unread.sum();
        let gaps: Vec<Stretch> = self.gaps.into_iter().map(|(gap, _)| gap).collect();
        let none = self.total.is_none();
        let problem = gaps.first().map(|gap| gap.problem.clone());
        keep(context, list, self.known, stretch, gaps, halves).await?;
        if let Some(problem) = problem.filter(|_| none) {
            return Err(problem);
        }
        let size = walk.page_size();
        let total = self.total.unwrap_or(self.at);
        let pages = u32::try_from(total.div_ceil(u64::from(size))).unwrap_or(u32::MAX);
        let last_page = if self.is_end { walk.page } else { pages.max(walk.page + 1) };
        Ok(ListPage {
            tickets: self.tickets,
            page: walk.page,
            last_page,
            total,
            per_page: size,
            skipped: u32::try_from(unread).unwrap_or(u32::MAX),
            left_out: Vec::new(),
            stubs,
            requests: self.requests,
            began,
            since,
        })
    }
}

/// Whether a page failed for a reason of its own.
pub(super) fn is_of_page(problem: &Problem) -> bool {
    matches!(
        problem.kind,
        ProblemKind::ServerFault { .. } | ProblemKind::Unreadable | ProblemKind::TooLarge
    )
}

/// The usual size of a page.
pub(super) const USUAL: u32 = PAGE_LIMIT;
