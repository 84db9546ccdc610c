//! Plans that take a step back, or do it again. Like any plan they have a line for each ticket.
//!
//! A change that has not left is withdrawn. A recorded change is put back by the opposite change,
//! if the ticket still stands as that one expects. Any other change stays. If one part of a ticket
//! would stay and another would go, the agent has to choose.

use std::collections::HashSet;

use super::{Cant, Choice, Known, Outcome, Plan, PlanLine, Planned, Ready, many::named};
use crate::domain::{Change, Entry, EntryId, TicketId};

/// How many tickets a message names.
const NAMED: usize = 6;

/// One change of a step that was carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its entry in the outbox.
    pub id: EntryId,
    ticket: Option<TicketId>,
    change: Change,
    back: Back,
}

/// The change that takes a part back.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Back {
    /// The server has not said yet what the change made different.
    Unknown,
    /// This change, by the values that the server had before; `None` if the part made nothing
    /// different.
    Known(Option<Change>),
}

impl Part {
    /// The part of a step that `entry` is.
    pub fn of(entry: &Entry) -> Self {
        let change = entry.change.clone();
        Self { id: entry.id, ticket: entry.ticket, change, back: Back::Unknown }
    }

    /// The ticket that it is about.
    pub fn ticket(&self) -> Option<TicketId> {
        self.ticket
    }

    /// What it does, for people.
    pub fn describe(&self) -> String {
        self.change.describe()
    }

    /// Whether it is never done again by itself: a text, a creation, a deletion.
    pub fn is_done_once(&self) -> bool {
        !self.change.is_reversible()
    }

    /// The server has said what takes it back; `None` where it made nothing different.
    pub fn learn_back(&mut self, undo: Option<&Change>) {
        self.back = Back::Known(undo.cloned());
    }

    /// The change that takes it back, however its ticket stands; `None` where nothing does.
    pub fn planned(&self, known: &impl Known) -> Option<Planned> {
        let (id, inverse) = self.ticket.zip(self.inverse())?;
        let undo = Some(self.id);
        Some(Planned { undo, ..Planned::of(Some(id), inverse, known.sight(id)) })
    }

    /// The opposite change.
    fn inverse(&self) -> Option<Change> {
        match &self.back {
            Back::Unknown => self.change.inverse(),
            Back::Known(back) => back.clone(),
        }
    }
}

/// The parts of a ticket that stay as a step has made them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Changes that last once they are recorded, in a few words each.
    pub lasting: Vec<String>,
    /// Whether somebody else has changed the same since.
    pub changed_since: bool,
    /// Whether a part was already so before the step, which then changed nothing about it.
    pub was_so: bool,
}

impl Kept {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Plans to take back the step that has these `parts`. `open` tells whether an entry has certainly
/// not left.
pub fn taking_back<'a>(
    parts: &[Part],
    known: &impl Known,
    open: impl Fn(EntryId) -> Option<&'a Entry>,
) -> Plan {
    let own: HashSet<EntryId> = parts.iter().map(|part| part.id).collect();
    let leads = |id: &EntryId| own.contains(id) && open(*id).is_some();
    let mut lines: Vec<(Option<TicketId>, Ready, Kept)> = Vec::new();
    for part in parts.iter().rev() {
        // The changes of a ticket stand next to each other.
        if lines.last().is_none_or(|it| it.0 != part.ticket) {
            lines.push((part.ticket, Ready::default(), Kept::default()));
        }
        let Some((_, ready, kept)) = lines.last_mut() else { continue };
        let Some(entry) = open(part.id) else {
            put_back(part, known, ready, kept);
            continue;
        };
        match entry.after.as_ref().is_some_and(leads) {
            true => ready.following.push(part.id),
            false => ready.withdrawn.push(part.id),
        }
        ready.words.push(part.describe());
    }
    let line = |(ticket, ready, kept): (Option<TicketId>, Ready, Kept)| {
        let is_gone = kept.changed_since && ticket.is_some_and(|id| known.ticket(id).is_none());
        let outcome = match outcome(ready, kept) {
            Outcome::Cant(Cant::ChangedSince) if is_gone => Outcome::Cant(Cant::Gone),
            other => other,
        };
        PlanLine { ticket, outcome }
    };
    Plan { lines: lines.into_iter().map(line).collect() }
}

fn put_back(part: &Part, known: &impl Known, ready: &mut Ready, kept: &mut Kept) {
    let Some((id, planned)) = part.ticket.zip(part.planned(known)) else {
        match part.change.is_reversible() {
            true => kept.was_so = true,
            false => kept.lasting.push(part.describe()),
        }
        return;
    };
    let fitting = known.ticket(id).and_then(|ticket| planned.change.fitting(&ticket));
    let whole = fitting.as_ref() == Some(&planned.change);
    kept.changed_since |= !whole;
    let Some(change) = fitting else { return };
    // Only the whole planned change takes the earlier entry back. A part of it counts as a new
    // change.
    let undo = planned.undo.filter(|_| whole);
    ready.words.push(change.describe());
    ready.changes.push(Planned { undo, change, ..planned });
}

fn outcome(ready: Ready, kept: Kept) -> Outcome {
    match (ready == Ready::default(), kept.is_empty()) {
        (_, true) => Outcome::Ready(ready),
        (false, false) => Outcome::Choose(Box::new(Choice::Half { kept, rest: ready })),
        (true, false) if !kept.lasting.is_empty() => Outcome::Cant(Cant::Lasting(kept.lasting)),
        (true, false) if kept.changed_since => Outcome::Cant(Cant::ChangedSince),
        (true, false) => Outcome::Already,
    }
}

/// Plans to do the step that has these `parts` again. Texts, creations and deletions are done once.
/// What followed such a part on its ticket is not done without it.
pub fn again(parts: &[Part], known: &impl Known) -> Plan {
    let of_tickets = parts.chunk_by(|one, next| one.ticket == next.ticket);
    let lines = of_tickets.map(|parts| PlanLine {
        ticket: parts.first().and_then(|part| part.ticket),
        outcome: again_on_ticket(parts, known),
    });
    Plan { lines: lines.collect() }
}

fn again_on_ticket(parts: &[Part], known: &impl Known) -> Outcome {
    let once = parts.iter().filter(|part| part.is_done_once());
    let once: Vec<String> = once.map(Part::describe).collect();
    if !once.is_empty() {
        return Outcome::Cant(Cant::Lasting(once));
    }
    let ticket = parts.first().and_then(|part| part.ticket);
    let Some(id) = ticket.filter(|id| known.ticket(*id).is_some()) else {
        return Outcome::Cant(Cant::Gone);
    };
    let fits = |part: &Part| known.ticket(id).is_some_and(|now| part.change.fits(&now));
    if !parts.iter().all(fits) {
        return Outcome::Cant(Cant::ChangedSince);
    }
    let planned = |part: &Part| Planned::of(Some(id), part.change.clone(), known.sight(id));
    Outcome::Ready(Ready {
        words: parts.iter().map(Part::describe).collect(),
        changes: parts.iter().map(planned).collect(),
        ..Ready::default()
    })
}

fn half(line: &PlanLine) -> Option<(&Kept, &Ready)> {
    let Outcome::Choose(choice) = &line.outcome else { return None };
    match choice.as_ref() {
        Choice::Half { kept, rest } => Some((kept, rest)),
        Choice::Missing { .. } => None,
    }
}

impl Plan {
    /// Whether a part of the step would stay and another would go: on one ticket, or what is recorded
    /// for good on one ticket and the rest on others.
    pub fn is_half(&self) -> bool {
        let lasts = |line: &PlanLine| matches!(line.outcome, Outcome::Cant(Cant::Lasting(_)));
        let goes = || self.ready().any(|(_, ready)| *ready != Ready::default());
        self.lines.iter().any(|line| half(line).is_some()) || self.lines.iter().any(lasts) && goes()
    }

    /// The plan after the agent has chosen to take back as much as possible.
    #[must_use]
    pub fn with_halves(mut self) -> Self {
        for line in &mut self.lines {
            if let Some((_, rest)) = half(line) {
                line.outcome = Outcome::Ready(rest.clone());
            }
        }
        self
    }

    /// The parts of the step that this plan can't take back, for people; `None` if there are none.
    pub fn kept(&self) -> Option<String> {
        self.left(
            "recorded, it can't be taken back any more",
            "recorded, they can't be taken back any more",
        )
    }

    /// The parts of a step that this plan can't do again, for people; `None` if there are none.
    pub fn kept_again(&self) -> Option<String> {
        self.left(
            "taken back, it is not done again by itself",
            "taken back, they are not done again by themselves",
        )
    }

    fn left(&self, it_lasts: &str, they_last: &str) -> Option<String> {
        let (mut lasting, mut lasting_on) = (Vec::<String>::new(), Vec::new());
        let (mut changed_since, mut was_so, mut gone) = (Vec::new(), Vec::new(), Vec::new());
        for line in &self.lines {
            let kept = match &line.outcome {
                Outcome::Cant(Cant::Lasting(what)) => {
                    &Kept { lasting: what.clone(), ..Kept::default() }
                }
                Outcome::Cant(Cant::ChangedSince) => {
                    &Kept { changed_since: true, ..Kept::default() }
                }
                Outcome::Cant(Cant::Gone) => {
                    gone.extend(line.ticket);
                    continue;
                }
                Outcome::Already => &Kept { was_so: true, ..Kept::default() },
                _ => match half(line) {
                    Some((kept, _)) => kept,
                    None => continue,
                },
            };
            lasting_on.extend(line.ticket.filter(|_| !kept.lasting.is_empty()));
            for what in &kept.lasting {
                if !lasting.contains(what) {
                    lasting.push(what.clone());
                }
            }
            changed_since.extend(line.ticket.filter(|_| kept.changed_since));
            was_so.extend(line.ticket.filter(|_| kept.was_so));
        }
        let mut said = Vec::new();
        if !lasting.is_empty() {
            let what = lasting.join(", ");
            said.push(match lasting_on.len() {
                0 | 1 => format!("{what}: {it_lasts}"),
                _ => format!("{what} on {}: {they_last}", named(&lasting_on, NAMED)),
            });
        }
        let mut say = |tickets: &[TicketId], one: &str, many: &str| {
            let words = if tickets.len() == 1 { one } else { many };
            if !tickets.is_empty() {
                said.push(format!("{} {words}", named(tickets, NAMED)));
            }
        };
        say(
            &changed_since,
            "was changed by somebody else meanwhile; it stays as it is",
            "were changed by somebody else meanwhile; they stay as they are",
        );
        say(
            &was_so,
            "was so before: somebody else had done it; it stays as it is",
            "were so before: somebody else had done it; they stay as they are",
        );
        say(&gone, "is not here any more", "are not here any more");
        (!said.is_empty()).then(|| said.join("; "))
    }
}
