//! Filling in the texts of macros: from the mirror, and from the server only where a text names what
//! the mirror does not have.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use tokio::time::Instant;

use super::{
    context::Context,
    conversations::{self, Fetched, is_agent, opened_by_agent},
    rendering,
};
use crate::{
    api::Urgency,
    desk::{FillTarget, FilledText, Filling, Found},
    domain::{
        ClientId, Contact, ContactId, FullTicket, Line, PersonId, Problem, Project, Reply, ReplyId,
        ReplyKind, StyledLine,
        plan::{
            Cant, Gap,
            macros::{PLACEHOLDERS, PlaceholderValue, ValueSources, Values},
        },
    },
    text::{
        html,
        template::{Template, Unfilled},
    },
};

/// How long contacts and projects are taken for as they were read.
const FRESH: Duration = Duration::from_secs(5 * 60);

/// From so many tickets on, conversations are taken as the mirror has them: reading them all would
/// take the whole request budget.
const MANY: usize = 20;

/// Lists of the server's that several texts need.
#[derive(Debug, Default)]
pub(super) struct Lookups {
    contacts: HashMap<ClientId, (Instant, Vec<Contact>)>,
    projects: HashMap<ClientId, (Instant, Vec<Project>)>,
}

/// The needs of a text, beyond the ticket itself.
#[derive(Clone, Copy, Debug)]
struct Needs {
    quote: bool,
    contact: bool,
    email: bool,
    project: bool,
}

/// What is known for the text of a ticket.
#[derive(Default)]
struct Known {
    message: String,
    contact: Option<Contact>,
    project: Option<Line>,
    projects: Option<Vec<Project>>,
    newest: Option<ReplyId>,
    /// The last problem with the conversation or the contact.
    problem: Option<Problem>,
    /// Why the projects are not known, if they were asked for.
    no_projects: Option<Problem>,
}

/// Fills a text in for each of its tickets.
pub(super) async fn fill(context: &Context, filling: Filling) -> Result<Found, Problem> {
    let template = filling.text.as_deref().map(Template::parse);
    let urgency = if filling.targets.len() > 1 { Urgency::Background } else { Urgency::Agent };
    let mut all = Vec::with_capacity(filling.targets.len());
    for target in &filling.targets {
        let needs = match &template {
            Some(Ok(template)) => Needs::of(template),
            _ => Needs { quote: false, contact: false, email: false, project: false },
        };
        let known = look_up(context, &filling, needs, target, urgency).await;
        let words = match &template {
            None => None,
            Some(Err(fault)) => Some(Err(Cant::Unfilled(words_of(fault)))),
            Some(Ok(template)) => {
                let values = values(context, &filling, target, &known);
                let problem = known.problem.as_ref().or(known.no_projects.as_ref());
                Some(words(template, &values, &filling.answers, problem))
            }
        };
        // Nobody knows whether the client has the project that the macro names.
        let words = match &known.no_projects {
            Some(problem) if filling.wants_projects => {
                let said = format!("the client's projects can't be read now: {problem}");
                Some(Err(Cant::Unfilled(said)))
            }
            _ => words,
        };
        let (gaps, shown) = match (&template, filling.width) {
            (Some(Ok(template)), Some(width)) => {
                let values = values(context, &filling, target, &known);
                shown(template, values, &filling.answers, width).await
            }
            _ => (Vec::new(), Vec::new()),
        };
        let (ticket, projects, newest) = (target.ticket.id, known.projects, known.newest);
        all.push(FilledText { ticket, words, gaps, projects, newest, shown });
    }
    Ok(Found::Filled(all))
}

impl Needs {
    fn of(template: &Template) -> Self {
        Self {
            quote: template.mentions(&["quote"]),
            contact: template.mentions(&["contact.name", "contact.first_name", "contact.email"]),
            email: template.mentions(&["contact.email"]),
            project: template.mentions(&["ticket.project"]),
        }
    }
}

fn words_of(fault: &crate::text::template::TemplateFault) -> String {
    format!("in line {} of the text {}", fault.line, fault.reason)
}

/// The text, or the reason why it can't be used.
fn words(
    template: &Template,
    values: &Values,
    answers: &BTreeMap<String, String>,
    problem: Option<&Problem>,
) -> Result<String, Cant> {
    let gaps = match template.fill(values, answers) {
        Ok(words) => return Ok(words),
        Err(Unfilled::Fault(fault)) => return Err(Cant::Unfilled(words_of(&fault))),
        Err(Unfilled::Gaps(gaps)) => gaps,
    };
    let unread = gaps.iter().any(|gap| !template.asked().contains(gap));
    Err(match problem.filter(|_| unread) {
        Some(problem) => {
            Cant::Unfilled(format!("{} can't be read now: {problem}", gaps.join(", ")))
        }
        None => Cant::Gap(Gap(gaps.join(", no "))),
    })
}

/// The missing values, and the text to be looked at. What the agent is asked for, and what is missing,
/// stand in it by name.
async fn shown(
    template: &Template,
    mut values: Values,
    answers: &BTreeMap<String, String>,
    width: u16,
) -> (Vec<String>, Vec<StyledLine>) {
    let mut answers = answers.clone();
    for asked in template.asked() {
        let answer = answers.entry(asked.clone()).or_default();
        if answer.trim().is_empty() {
            *answer = format!("[[{asked}]]");
        }
    }
    let mut missing = Vec::new();
    if let Err(Unfilled::Gaps(gaps)) = template.fill(&values, &answers) {
        missing.clone_from(&gaps);
        for placeholder in PLACEHOLDERS.iter().filter(|it| gaps.iter().any(|gap| gap == *it)) {
            values.set(placeholder, PlaceholderValue::Text(format!("‹{placeholder}?›")));
        }
    }
    let lines = match template.fill(&values, &answers) {
        Ok(text) => rendering::preview(text, width).await,
        Err(_) => Vec::new(),
    };
    (missing, lines)
}

fn values(context: &Context, filling: &Filling, target: &FillTarget, known: &Known) -> Values {
    let address = context.settings.address.as_ref();
    let url = address.map(|it| it.web_page(target.ticket.id).to_string()).unwrap_or_default();
    Values::of(&ValueSources {
        ticket: &target.ticket,
        project: known.project.as_ref(),
        url: &url,
        contact: known.contact.as_ref(),
        agent: &context.settings.agent,
        message: &known.message,
        waits_since: target.waits_since,
        now: filling.now,
        zone: &filling.zone,
    })
}

/// Reads what a text needs.
async fn look_up(
    context: &Context,
    filling: &Filling,
    needs: Needs,
    target: &FillTarget,
    urgency: Urgency,
) -> Known {
    let mut known = Known::default();
    let client = target.ticket.client.as_ref().map(|it| it.id);
    let needs_words = needs.quote || needs.contact;
    if needs_words || filling.wants_newest {
        let ask = (filling.targets.len() < MANY).then_some(urgency);
        match conversations::whole(context, target.ticket.id, false, ask).await {
            Ok(Fetched { replies, .. }) if !needs_words => known.newest = newest(&replies),
            Ok(Fetched { full, replies, .. }) => {
                known.newest = newest(&replies);
                let last = last_of_customer(context, &full, &replies).await;
                known.message = last.as_ref().map(|it| it.text.clone()).unwrap_or_default();
                if needs.contact {
                    let contact = contact(context, client, last, needs.email, urgency).await;
                    known.note(contact, |known, contact| known.contact = contact);
                }
            }
            // An older message than the last one would be quoted as the last.
            Err((_, problem)) if needs_words => known.problem = Some(problem),
            // The outbox asks about each message after the newest stored one.
            Err((stored, problem)) => {
                tracing::info!(%problem, ticket = %target.ticket.id, "not read");
                known.newest = stored.and_then(|stored| newest(&stored.replies));
            }
        }
    }
    let wants_title = needs.project && target.ticket.project.is_some();
    if let Some(client) = client.filter(|_| wants_title || filling.wants_projects) {
        match projects(context, client, urgency).await {
            Ok(all) => {
                let own = all.iter().find(|it| Some(it.id) == target.ticket.project);
                known.project = own.map(|it| it.title.clone());
                known.projects = Some(all);
            }
            Err(problem) => known.no_projects = Some(problem),
        }
    }
    known
}

impl Known {
    fn note<T>(&mut self, answer: Result<T, Problem>, take: impl FnOnce(&mut Self, T)) {
        match answer {
            Ok(answer) => take(self, answer),
            Err(problem) => self.problem = Some(problem),
        }
    }
}

fn newest(replies: &[Reply]) -> Option<ReplyId> {
    replies.iter().map(|reply| reply.id).max()
}

/// The last message of the customer.
struct LastMessage {
    text: String,
    author: Option<PersonId>,
    name: Option<Line>,
}

/// Only a message that is surely public counts: a note must never be quoted to a customer.
async fn last_of_customer(
    context: &Context,
    full: &FullTicket,
    replies: &[Reply],
) -> Option<LastMessage> {
    let directory = context.directory().await;
    let is_theirs = |it: &&Reply| it.kind == ReplyKind::Reply && !is_agent(&directory, it);
    if let Some(reply) = replies.iter().rev().find(is_theirs) {
        let (author, name) = (reply.author, reply.author_name.clone());
        return Some(LastMessage { text: html::plain(&reply.body), author, name });
    }
    if opened_by_agent(&directory, full) {
        return None;
    }
    let author = full.ticket.creator;
    Some(LastMessage { text: html::plain(&full.message), author, name: None })
}

/// The customer who wrote last. The server is asked only if the name or the address is not known.
async fn contact(
    context: &Context,
    client: Option<ClientId>,
    last: Option<LastMessage>,
    needs_email: bool,
    urgency: Urgency,
) -> Result<Option<Contact>, Problem> {
    let Some(LastMessage { author, name, .. }) = last else { return Ok(None) };
    let name = name.filter(|it| !it.as_str().trim().is_empty());
    let by_name = |name: Line| Contact {
        id: ContactId(author.map_or(0, |it| it.0)),
        name,
        email: None,
        phone: None,
        account_owner: false,
    };
    if let (Some(name), false) = (&name, needs_email) {
        return Ok(Some(by_name(name.clone())));
    }
    let Some(client) = client else { return Ok(name.map(by_name)) };
    let all = contacts(context, client, urgency).await?;
    let is_author = |it: &&Contact| author.is_some_and(|author| author.0 == it.id.0);
    let has_name = |it: &&Contact| name.as_ref().is_some_and(|name| *name == it.name);
    let found = all.iter().find(is_author).or_else(|| all.iter().find(has_name));
    Ok(found.cloned().or_else(|| name.clone().map(by_name)))
}

async fn contacts(
    context: &Context,
    client: ClientId,
    urgency: Urgency,
) -> Result<Vec<Contact>, Problem> {
    if let Some((at, all)) = context.lookups().await.contacts.get(&client)
        && at.elapsed() < FRESH
    {
        return Ok(all.clone());
    }
    let all = context.learn(context.api(urgency)?.contacts(client).await).await?.items;
    context.lookups().await.contacts.insert(client, (Instant::now(), all.clone()));
    Ok(all)
}

async fn projects(
    context: &Context,
    client: ClientId,
    urgency: Urgency,
) -> Result<Vec<Project>, Problem> {
    if let Some((at, all)) = context.lookups().await.projects.get(&client)
        && at.elapsed() < FRESH
    {
        return Ok(all.clone());
    }
    let all = context.learn(context.api(urgency)?.projects(client).await).await?.items;
    context.lookups().await.projects.insert(client, (Instant::now(), all.clone()));
    Ok(all)
}
