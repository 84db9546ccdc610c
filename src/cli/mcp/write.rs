//! The two tools that store something for the agent. Nothing here sends anything.

use rmcp::{RoleServer, service::RequestContext};

use super::{
    Assistants,
    asked::{ChangeAsked, DraftAsked},
    told::{DraftTold, FieldTold, ProposalTold, ToolFault},
};
use crate::{
    cli::{copy::LocalCopy, names},
    domain::{
        Change, Draft, DraftChanges, DraftId, DraftKey, Entry, Line, Priority, ReplyId, ReplyKind,
        Sight, State, TicketId, TraceValue,
        change::stored_tag,
        outbox::Decision,
        plan::{Action, Choice, Fields, Outcome, Plan, Tags, Targets, Text, Wish, Words},
    },
    store::StoreError,
    text::{clean, html},
};

/// The most characters of a text that an assistant writes.
const TEXT: usize = 20_000;
/// The most characters of its reason.
const REASON: usize = 1_000;
/// The most characters of its name.
const NAME: usize = 40;
/// How many proposals may wait at once.
const WAITING: usize = 100;

impl Assistants {
    /// Stores a draft where there is none.
    pub(super) async fn keep_draft(
        &self,
        asked: DraftAsked,
        context: &RequestContext<RoleServer>,
    ) -> Result<DraftTold, ToolFault> {
        let ticket = TicketId(asked.ticket);
        let kind = ReplyKind::from(asked.kind);
        let text = post_text(&asked.text)?;
        self.known(ticket).await?;
        let key = DraftKey::of_post(Some(ticket), kind);
        let store = &self.opened.store;
        let now = store.clock().now();
        let by = Some(assistant(context));
        let changes = Some(Box::new(DraftChanges { by, ..DraftChanges::default() }));
        let (id, cursor) = (DraftId::aside(now), (usize::MAX, usize::MAX));
        let draft = Draft { key, id, text, cursor, updated: now, changes };
        if !store.add_draft(draft).await? {
            let kind = kind.as_str();
            return Err(ToolFault::Tool(format!(
                "there is a draft of a {kind} on {ticket} already, and it is not replaced; \
                 propose_change can propose yours beside it"
            )));
        }
        Ok(DraftTold {
            ticket: ticket.0,
            kind: kind.as_str().to_owned(),
            outcome: "draft".to_owned(),
        })
    }

    /// Stores a proposal, to be decided by the agent.
    pub(super) async fn propose(
        &self,
        asked: ChangeAsked,
        context: &RequestContext<RoleServer>,
    ) -> Result<ProposalTold, ToolFault> {
        let ticket = TicketId(asked.ticket);
        let mut copy = self.known(ticket).await?;
        let newest = match self.read_up_to(ticket) {
            Some(newest) => newest,
            None => self.newest(ticket).await?,
        };
        copy.seen.extend(newest.map(|newest| (ticket, newest)));
        // Nothing is written: whether something may be proposed is said by the tools on offer.
        copy.read_only = false;
        let action = wish(&copy, &asked)?;
        let reason = reason(&asked.reason)?;
        let plan = Plan::of(&action, &Targets::one(ticket), &copy);
        if let Some(told) = not_ready(&plan, ticket)? {
            return Ok(told);
        }
        let Some(step) = plan.step() else { return Ok(unchanged(ticket)) };
        let entries =
            step.entries(self.next_step(), self.opened.store.clock().now(), <_>::default());
        let entries = proposed(entries, assistant(context), reason);
        if let Some(known) = same(&copy, ticket, &entries) {
            return Ok(told(ticket, "waits_already", &known));
        }
        let waiting = copy.pending.iter().filter(|entry| entry.state.proposal().is_some()).count();
        if waiting >= WAITING {
            return Err(ToolFault::Tool(format!(
                "{waiting} proposals wait for the agent already; nothing was stored"
            )));
        }
        self.opened.store.queue(entries.clone(), Vec::new()).await?;
        Ok(told(ticket, "proposed", &entries))
    }

    /// The local copy of a ticket that is here.
    async fn known(&self, ticket: TicketId) -> Result<LocalCopy, ToolFault> {
        let copy = LocalCopy::of(&self.opened, &[ticket]).await?;
        match copy.row(ticket) {
            Some(_) => Ok(copy),
            None => {
                let help = "get_ticket reads one from the server";
                Err(ToolFault::Tool(format!(
                    "there is no ticket {ticket} in the local copy: {help}"
                )))
            }
        }
    }

    async fn newest(&self, ticket: TicketId) -> Result<Option<ReplyId>, StoreError> {
        let conversation = self.opened.store.conversation(ticket).await?;
        Ok(conversation.and_then(|(replies, _)| replies.iter().map(|reply| reply.id).max()))
    }
}

/// The name of the assistant, as its client gives it.
fn assistant(context: &RequestContext<RoleServer>) -> String {
    let about = context.client_info();
    let name = about.map(|it| it.title.filter(|it| !it.trim().is_empty()).unwrap_or(it.name));
    let name = clean::line(&name.unwrap_or_default()).to_string();
    let name: String = name.chars().take(NAME).collect();
    match name.trim() {
        "" => "an assistant".to_owned(),
        name => name.to_owned(),
    }
}

fn reason(said: &str) -> Result<String, ToolFault> {
    let said = clean::block(said).trim().to_owned();
    match said.chars().count() {
        0 => Err(ToolFault::Tool("say why in `reason`: the agent reads it".into())),
        many if many > REASON => {
            Err(ToolFault::Tool(format!("`reason` has {many} characters; {REASON} are the most")))
        }
        _ => Ok(said),
    }
}

/// A text to be posted. Nothing in it can steer the terminal of the agent who looks at it.
fn post_text(text: &str) -> Result<String, ToolFault> {
    let text = clean::block(text);
    match text.chars().count() {
        _ if text.trim().is_empty() => Err(ToolFault::Tool("there is no text".into())),
        many if many > TEXT => {
            Err(ToolFault::Tool(format!("the text has {many} characters; {TEXT} are the most")))
        }
        _ => Ok(text),
    }
}

/// What is wanted of the ticket.
fn wish(copy: &LocalCopy, asked: &ChangeAsked) -> Result<Action, ToolFault> {
    let text = match (&asked.reply, &asked.note) {
        (Some(_), Some(_)) => {
            return Err(ToolFault::Tool("propose a reply or a note, one at a time".into()));
        }
        (Some(reply), None) => Some((ReplyKind::Reply, post_text(reply)?)),
        (None, Some(note)) => Some((ReplyKind::Note, post_text(note)?)),
        (None, None) => None,
    };
    let text =
        text.map(|(kind, text)| Text { kind, words: Words::Same(text), sight: Sight::default() });
    let directory = &copy.directory;
    let status = asked.status.as_ref().map(|it| names::status(directory, it)).transpose()?;
    let department =
        asked.department.as_ref().map(|it| names::department(directory, it)).transpose()?;
    let priority: Option<Priority> =
        asked.priority.as_ref().map(|it| names::priority(it)).transpose()?;
    let (add, remove) = (tags(asked.add_tags.as_ref())?, tags(asked.remove_tags.as_ref())?);
    let tags = (!add.is_empty() || !remove.is_empty()).then_some(Tags::Change { add, remove });
    let fields = Fields { department, priority, ..Fields::default() };
    let wish = Wish { text, fields, tags, archived: asked.archive, status };
    if wish == Wish::default() {
        return Err(ToolFault::Tool("nothing is proposed: name what is to change".into()));
    }
    Ok(wish.into())
}

fn tags(asked: Option<&Vec<String>>) -> Result<Vec<Line>, ToolFault> {
    let tag = |typed: &String| {
        let tag = stored_tag(typed);
        let line = clean::line(&tag);
        let plain = !tag.is_empty() && line.as_str() == tag && !tag.contains(',');
        plain.then_some(line).ok_or_else(|| {
            let shown: String = clean::line(typed).as_str().chars().take(NAME).collect();
            ToolFault::Tool(format!("{shown:?} can't be a tag"))
        })
    };
    asked.into_iter().flatten().map(tag).collect()
}

/// The answer where there is nothing to store.
fn not_ready(plan: &Plan, ticket: TicketId) -> Result<Option<ProposalTold>, ToolFault> {
    for line in &plan.lines {
        match &line.outcome {
            Outcome::Ready(_) => {}
            Outcome::Already => return Ok(Some(unchanged(ticket))),
            Outcome::Cant(why) => return Err(ToolFault::Tool(format!("{ticket} {why}"))),
            Outcome::Choose(choice) => {
                let lacks = match choice.as_ref() {
                    Choice::Missing { lacks, .. } => lacks,
                    Choice::Half { .. } => "a part of what it needs",
                };
                return Err(ToolFault::Tool(format!(
                    "{ticket} has no {lacks}, and the server wants it with any change of fields"
                )));
            }
        }
    }
    Ok(None)
}

fn unchanged(ticket: TicketId) -> ProposalTold {
    ProposalTold { ticket: ticket.0, outcome: "unchanged".into(), id: None, changes: Vec::new() }
}

/// One decision for all of the entries: the others follow the first one.
fn proposed(mut entries: Vec<Entry>, by: String, reason: String) -> Vec<Entry> {
    let leads = entries.first().map(|entry| entry.id);
    for entry in &mut entries {
        entry.after = leads.filter(|leads| *leads != entry.id);
        entry.state = State::Queued;
    }
    if let Some(first) = entries.first_mut() {
        // Nobody is to get two answers: also a reply of the profile's own, after the assistant has read
        // the conversation, makes the agent decide again. Without a message that it has read, the
        // opening one has to be the newest.
        if let (true, Some(stood)) = (first.is_public(), &mut first.stood) {
            stood.last = first.seen.or(Some(ReplyId(0)));
        }
        first.state = State::Decision { reason: Decision::Proposed { by, reason } };
    }
    entries
}

/// The entries of a proposal that waits and asks for the same.
fn same(copy: &LocalCopy, ticket: TicketId, entries: &[Entry]) -> Option<Vec<Entry>> {
    let leads = copy.pending.of(ticket).filter(|entry| entry.state.proposal().is_some());
    leads
        .map(|leads| {
            let follows = copy.pending.of(ticket).filter(|it| it.after == Some(leads.id));
            std::iter::once(leads).chain(follows).cloned().collect::<Vec<Entry>>()
        })
        .find(|known| {
            let changes =
                |all: &[Entry]| all.iter().map(|it| it.change.clone()).collect::<Vec<Change>>();
            changes(known) == changes(entries)
        })
}

fn told(ticket: TicketId, outcome: &str, entries: &[Entry]) -> ProposalTold {
    let traces = entries.iter().flat_map(|entry| entry.change.traces(entry.stood.as_deref()));
    let text = |value: TraceValue| match value {
        TraceValue::Text(text) => clean::block(&text),
        TraceValue::Html(message) => html::plain(&message),
    };
    let changes = traces.map(|it| FieldTold {
        field: it.field.to_owned(),
        before: it.before.map(text),
        after: it.after.map(text),
    });
    ProposalTold {
        ticket: ticket.0,
        outcome: outcome.to_owned(),
        id: entries.first().map(|entry| entry.id.0.to_string()),
        changes: changes.collect(),
    }
}
