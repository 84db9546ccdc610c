//! Plans that take a step back, or do it again. Like any plan they have a line for each ticket.
//!
//! A change that has not left is withdrawn. A recorded change is put back by the opposite change,
//! if the ticket still stands as that one expects. Any other change stays. If one part of a ticket
//! would stay and another would go, the agent has to choose.

use std::collections::HashSet;

use super::{Cant, Choice, Known, Outcome, Plan, PlanLine, Planned, Ready};
use crate::domain::{Change, Entry, EntryId, TicketId};

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
    let line = |(ticket, ready, kept)| PlanLine { ticket, outcome: outcome(ready, kept) };
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
    /// Whether on a ticket one part of the step would stay and another would go.
    pub fn is_half(&self) -> bool {
        self.lines.iter().any(|line| half(line).is_some())
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
        let mut lasting = Vec::new();
        let (mut changed_since, mut was_so) = (None, None);
        for line in &self.lines {
            match &line.outcome {
                Outcome::Cant(Cant::Lasting(what)) => lasting.extend(what.iter().cloned()),
                Outcome::Cant(Cant::ChangedSince) => changed_since = changed_since.or(line.ticket),
                Outcome::Already => was_so = was_so.or(line.ticket),
                _ => {
                    let Some((kept, _)) = half(line) else { continue };
                    lasting.extend(kept.lasting.iter().cloned());
                    let here = |so: bool| line.ticket.filter(|_| so);
                    changed_since = changed_since.or(here(kept.changed_since));
                    was_so = was_so.or(here(kept.was_so));
                }
            }
        }
        if !lasting.is_empty() {
            let what = lasting.join(", ");
            return Some(format!("{what}: recorded, it can't be taken back any more"));
        }
        if let Some(ticket) = changed_since {
            return Some(format!(
                "{ticket} was changed by somebody else meanwhile; it stays as it is"
            ));
        }
        let ticket = was_so?;
        Some(format!("{ticket} was so before: somebody else had done it; it stays as it is"))
    }
}
