//! One target's line of a plan.

use std::fmt;

use super::{Action, Fields, Gap, Known, Planned, Tags, Text, Wish, Words, back::Kept};
use crate::domain::{
    Change, Department, Edit, EntryId, FieldsChange, Line, NewTicket, Priority, Sight, Stand,
    TagsChange, Ticket, TicketId, Trace,
};

/// The most characters of a subject (the API page, "Update a ticket").
const SUBJECT: usize = 250;

/// The line of a plan for one target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanLine {
    /// The target; `None` for a ticket that is to be created.
    pub ticket: Option<TicketId>,
    /// The result of the action there.
    pub outcome: Outcome,
}

/// The result of an action on one target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It can be done.
    Ready(Ready),
    /// Nothing would become different.
    Already,
    /// It can't be done.
    Cant(Cant),
    /// It can be done once the agent has chosen.
    Choose(Box<Choice>),
}

/// The work of a line that is ready.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ready {
    /// Changes to be sent, in order.
    pub changes: Vec<Planned>,
    /// Entries of the outbox to be withdrawn: they have not left, and never will.
    pub withdrawn: Vec<EntryId>,
    /// Entries that end with the withdrawn ones.
    pub following: Vec<EntryId>,
    /// What is done, a few words for each change.
    pub words: Vec<String>,
}

/// Why nothing can be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cant {
    /// The ticket is not here, or is being deleted.
    Gone,
    /// The profile writes nothing.
    ReadOnly,
    /// There are no words for it.
    NoText,
    /// A value of the text is not there.
    Gap(Gap),
    /// The text can't be filled in: the end of a sentence says why.
    Unfilled(String),
    /// The server does not have these; each is named with its kind.
    Lacks(Vec<String>),
    /// A value that the server does not take.
    Refused(&'static str),
    /// The change lasts and can't be taken back; these are the words for it.
    Lasting(Vec<String>),
    /// Somebody else has changed the same since.
    ChangedSince,
}

impl fmt::Display for Cant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone => f.write_str("is not here any more"),
            Self::ReadOnly => f.write_str("is not changed: this profile is read-only"),
            Self::NoText => f.write_str("has no text to post"),
            Self::Gap(Gap(name)) => write!(f, "has no {name}, which the text needs"),
            Self::Unfilled(why) => write!(f, "gets no text: {why}"),
            Self::Lacks(what) => {
                write!(f, "stays as it is: the server has no {}", what.join(", no "))
            }
            Self::Refused(why) => f.write_str(why),
            Self::Lasting(what) => {
                write!(f, "keeps {}: it can't be taken back any more", what.join(", "))
            }
            Self::ChangedSince => f.write_str("was changed by somebody else meanwhile"),
        }
    }
}

/// What the agent has to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The server wants a department and a subject with fields, and the ticket lacks one or both.
    Missing {
        /// The fields that are to be set.
        fields: Fields,
        /// What is missing: the end of a sentence that begins with "has no".
        lacks: &'static str,
    },
    /// A part of what was done stays, and another would go.
    Half {
        /// What stays.
        kept: Kept,
        /// What would be done about the rest.
        rest: Ready,
    },
}

impl PlanLine {
    /// The work to do here, if the line is ready.
    pub fn ready(&self) -> Option<&Ready> {
        match &self.outcome {
            Outcome::Ready(ready) => Some(ready),
            _ => None,
        }
    }

    /// The work to do here, if the line is ready.
    pub fn into_ready(self) -> Option<Ready> {
        match self.outcome {
            Outcome::Ready(ready) => Some(ready),
            _ => None,
        }
    }

    /// The values before and after, field by field.
    pub fn traces(&self) -> Vec<Trace> {
        let changes = self.ready().map_or(&[][..], |ready| &ready.changes);
        changes.iter().flat_map(|it| it.change.traces(it.sight.stood.as_deref())).collect()
    }
}

/// The result of an action on a ticket, or as a new ticket.
pub(super) fn outcome(action: &Action, ticket: Option<TicketId>, known: &impl Known) -> Outcome {
    if known.is_read_only() {
        return Outcome::Cant(Cant::ReadOnly);
    }
    let Some(id) = ticket else {
        return match action {
            Action::Create(new) => create(new),
            _ => Outcome::Cant(Cant::Gone),
        };
    };
    let Some(now) = known.ticket(id) else { return Outcome::Cant(Cant::Gone) };
    let sight = || Sight { read: known.read(id), stood: Some(Box::new(Stand::of(&now))) };
    let alone = |change, sight| ready(vec![Planned::of(Some(id), change, sight)]);
    match action {
        Action::Set(wish) => {
            set(wish, id, &now, known.message(id), &sight).map_or_else(|outcome| outcome, ready)
        }
        Action::DeleteTicket => alone(Change::DeleteTicket, sight()),
        Action::DeleteReply { reply, text } => {
            let mut sight = sight();
            if let Some(stood) = &mut sight.stood {
                stood.reply.clone_from(text);
            }
            alone(Change::DeleteReply(*reply), sight)
        }
        Action::Create(_) => Outcome::Cant(Cant::Refused("is there already")),
    }
}

fn ready(changes: Vec<Planned>) -> Outcome {
    match changes.is_empty() {
        true => Outcome::Already,
        false => {
            let words = changes.iter().map(|it| it.change.describe()).collect();
            Outcome::Ready(Ready { changes, words, ..Ready::default() })
        }
    }
}

fn create(new: &NewTicket) -> Outcome {
    let fault = subject_fault(&new.subject).or(priority_fault(new.priority));
    let fault = fault.or(new.message.trim().is_empty().then_some("has no message"));
    match fault {
        Some(why) => Outcome::Cant(Cant::Refused(why)),
        None => {
            let change = Change::Create(Box::new(new.clone()));
            ready(vec![Planned::of(None, change, Sight::default())])
        }
    }
}

fn subject_fault(subject: &str) -> Option<&'static str> {
    match subject.trim() {
        "" => Some("would have no subject"),
        long if long.chars().count() > SUBJECT => Some("would have a subject that is too long"),
        _ => None,
    }
}

fn priority_fault(priority: Priority) -> Option<&'static str> {
    (priority == Priority::Unknown).then_some("would have a priority that is not known")
}

/// The changes that fulfil a wish, in order.
fn set(
    wish: &Wish,
    id: TicketId,
    now: &Ticket,
    message: Option<String>,
    sight: &impl Fn() -> Sight,
) -> Result<Vec<Planned>, Outcome> {
    let mut changes = Vec::new();
    if let Some(text) = &wish.text {
        changes.push(post(text, id, sight)?);
    }
    let fields = fields(&wish.fields, now, message)?;
    let tags = wish.tags.as_ref().and_then(|tags| tags_change(tags, &now.tags));
    let archived = wish.archived.filter(|to| *to != now.archived);
    let status = wish.status.clone().filter(|to| to.id != now.status.id);
    let rest = [
        (!fields.is_empty()).then(|| Change::Fields(Box::new(fields))),
        tags.map(Change::Tags),
        archived.map(Change::Archived),
        status.map(|to| Change::Status(Edit { from: now.status.clone(), to })),
    ];
    let follows = !changes.is_empty();
    let planned = |change| Planned { follows, ..Planned::of(Some(id), change, sight()) };
    changes.extend(rest.into_iter().flatten().map(planned));
    Ok(changes)
}

fn post(text: &Text, id: TicketId, sight: &impl Fn() -> Sight) -> Result<Planned, Outcome> {
    let words = match &text.words {
        Words::Same(words) => Some(words.clone()),
        Words::Each(all) => match all.get(&id) {
            Some(Err(gap)) => return Err(Outcome::Cant(Cant::Gap(gap.clone()))),
            Some(Ok(words)) => Some(words.clone()),
            None => None,
        },
    };
    let words = words.filter(|words| !words.trim().is_empty());
    let Some(words) = words else { return Err(Outcome::Cant(Cant::NoText)) };
    let Sight { read, stood } = sight();
    let older = text.sight.clone();
    let sight = Sight { read: read.max(older.read), stood: older.stood.or(stood) };
    let change = Change::Post { kind: text.kind, text: words };
    Ok(Planned::of(Some(id), change, sight))
}

/// The change that sets the fields of `wanted` that are different now.
fn fields(wanted: &Fields, now: &Ticket, message: Option<String>) -> Result<FieldsChange, Outcome> {
    let refused = |why| Err(Outcome::Cant(Cant::Refused(why)));
    let subject = wanted.subject.as_ref().filter(|to| to.as_str() != now.subject.as_str());
    if let Some(why) = subject.and_then(|to| subject_fault(to.as_str())) {
        return refused(why);
    }
    let priority = wanted.priority.filter(|to| *to != now.priority);
    if let Some(why) = priority.and_then(priority_fault) {
        return refused(why);
    }
    if wanted.message.is_some() && message.is_none() {
        return refused("has a message that has not been read");
    }
    let set = message.zip(wanted.message.clone()).filter(|(from, to)| from != to);
    if set.as_ref().is_some_and(|(_, to)| to.trim().is_empty()) {
        return refused("would have no message");
    }
    let id = |it: &Department| it.id;
    let department =
        wanted.department.clone().filter(|to| now.department.as_ref().map(id) != Some(to.id));
    let change = FieldsChange {
        subject: subject.map(|to| edit(&now.subject, to.clone())),
        message: set.map(|(from, to)| Edit { from, to }),
        department: department.map(|to| edit(&now.department, Some(to))),
        project: wanted.project.filter(|to| *to != now.project).map(|to| edit(&now.project, to)),
        priority: priority.map(|to| edit(&now.priority, to)),
    };
    // The server wants a department and a subject with any PATCH.
    let lacks_department = now.department.is_none() && change.department.is_none();
    let lacks_subject = now.subject.is_empty() && change.subject.is_none();
    let lacks = match (lacks_department, lacks_subject) {
        (true, true) => "department and no subject",
        (true, false) => "department",
        (false, true) => "subject",
        (false, false) => return Ok(change),
    };
    if change.is_empty() {
        return Ok(change);
    }
    Err(Outcome::Choose(Box::new(Choice::Missing { fields: wanted.clone(), lacks })))
}

fn edit<T: Clone>(from: &T, to: T) -> Edit<T> {
    Edit { from: from.clone(), to }
}

fn tags_change(wanted: &Tags, now: &[Line]) -> Option<TagsChange> {
    let to = match wanted {
        Tags::Change { add, remove } => {
            TagsChange { add: add.clone(), remove: remove.clone() }.apply(now)
        }
        Tags::Replace(to) => to.clone(),
    };
    TagsChange::between(now, &to)
}
