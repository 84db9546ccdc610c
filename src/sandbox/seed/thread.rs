//! Conversations whose last public author fits the status of their ticket.

use std::borrow::Cow;

use fastrand::Rng;

use super::{
    ANSWERED, CLOSED, CUSTOMER_REPLIED, ON_HOLD, OPEN, WAITING_FOR_SUPPLIER,
    texts::{Common, Scenario},
};

/// Who says something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Voice {
    Customer,
    Agent,
    /// An agent, to colleagues only.
    Note,
}

/// One message, its placeholders still in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Turn<'a> {
    pub(super) voice: Voice,
    pub(super) text: &'a str,
}

/// What follows the opening message: at most 7 public turns and a note.
pub(super) fn turns<'a>(
    status: i64,
    scenario: &'a Scenario,
    common: &'a Common,
    rng: &mut Rng,
) -> Vec<Turn<'a>> {
    let mut turns = match status {
        OPEN => unanswered(common, rng),
        CUSTOMER_REPLIED => asked_again(scenario, common, rng),
        ANSWERED => answered(scenario, common, rng),
        ON_HOLD => ending(answered(scenario, common, rng), &common.hold, rng),
        WAITING_FOR_SUPPLIER => ending(answered(scenario, common, rng), &common.supplier, rng),
        CLOSED => solved(scenario, common, rng),
        _ => Vec::new(),
    };
    add_note(&mut turns, scenario, common, rng);
    turns
}

/// Nobody answered; a few customers ask for news.
fn unanswered<'a>(common: &'a Common, rng: &mut Rng) -> Vec<Turn<'a>> {
    let nudge = common.customer.first().filter(|_| rng.u8(..6) == 0);
    nudge.map(|text| Turn { voice: Voice::Customer, text }).into_iter().collect()
}

/// Agent and customer in turns, the customer last and with a question.
fn asked_again<'a>(scenario: &'a Scenario, common: &'a Common, rng: &mut Rng) -> Vec<Turn<'a>> {
    let mut turns = answered(scenario, common, rng);
    // The last text of a scenario's customer is mostly a thanks, an earlier one a question.
    let question = match scenario.customer.as_slice() {
        [first, _, ..] if turns.len() == 1 => Some(first),
        _ => rng.choice(&common.customer),
    };
    turns.extend(question.map(|text| Turn { voice: Voice::Customer, text }));
    turns
}

/// Agent and customer in turns, the agent last.
fn answered<'a>(scenario: &'a Scenario, common: &'a Common, rng: &mut Rng) -> Vec<Turn<'a>> {
    let rounds = match rng.u8(..10) {
        0..6 => 1,
        6..9 => 2,
        _ => 3,
    };
    let mut turns = Vec::with_capacity(rounds * 2);
    for round in 0..rounds {
        let agent = scenario.agent.get(round).or_else(|| rng.choice(&common.agent));
        turns.extend(agent.map(|text| Turn { voice: Voice::Agent, text }));
        if round + 1 < rounds {
            let asks = scenario.customer.get(round).filter(|_| round + 1 < scenario.agent.len());
            let customer = asks.or_else(|| rng.choice(&common.customer));
            turns.extend(customer.map(|text| Turn { voice: Voice::Customer, text }));
        }
    }
    turns
}

/// The whole scenario, mostly with an agent's last words.
fn solved<'a>(scenario: &'a Scenario, common: &'a Common, rng: &mut Rng) -> Vec<Turn<'a>> {
    let mut turns = Vec::new();
    for round in 0..scenario.agent.len().max(scenario.customer.len()) {
        let agent = scenario.agent.get(round).or_else(|| rng.choice(&common.agent));
        turns.extend(agent.map(|text| Turn { voice: Voice::Agent, text }));
        let customer = scenario.customer.get(round);
        turns.extend(customer.map(|text| Turn { voice: Voice::Customer, text }));
    }
    if rng.u8(..4) > 0 { ending(turns, &common.closing, rng) } else { turns }
}

fn ending<'a>(mut turns: Vec<Turn<'a>>, texts: &'a [String], rng: &mut Rng) -> Vec<Turn<'a>> {
    let text = rng.choice(texts);
    turns.extend(text.map(|text| Turn { voice: Voice::Agent, text }));
    turns
}

/// Puts a note somewhere into a third of the conversations.
fn add_note<'a>(
    turns: &mut Vec<Turn<'a>>,
    scenario: &'a Scenario,
    common: &'a Common,
    rng: &mut Rng,
) {
    let likely = if turns.is_empty() { 8 } else { 3 };
    if rng.u8(..likely) > 0 {
        return;
    }
    let Some(text) = scenario.note.first().or_else(|| rng.choice(&common.note)) else { return };
    let at = rng.usize(..=turns.len());
    turns.insert(at, Turn { voice: Voice::Note, text });
}

/// What the placeholders of a ticket's texts stand for.
#[derive(Clone, Copy, Debug)]
pub(in crate::sandbox) struct Names<'a> {
    pub(in crate::sandbox) client: &'a str,
    pub(in crate::sandbox) domain: &'a str,
    /// The customer's full name.
    pub(in crate::sandbox) contact: &'a str,
    /// The first name of the agent who writes.
    pub(in crate::sandbox) agent: &'a str,
    /// Invoice, order and case numbers.
    pub(in crate::sandbox) number: &'a str,
}

/// The text with its placeholders filled in.
pub(in crate::sandbox) fn filled<'a>(text: &'a str, names: &Names<'_>) -> Cow<'a, str> {
    if !text.contains('{') {
        return Cow::Borrowed(text);
    }
    let name = super::directory::first_name(names.contact);
    let last = names.number.get(1..3).unwrap_or("42").trim_start_matches('0');
    let ip = format!("203.0.113.{}", if last.is_empty() { "7" } else { last });
    let client = names.client.replace('&', "&amp;");
    let filled = [
        ("{client}", client.as_str()),
        ("{domain}", names.domain),
        ("{contact}", names.contact),
        ("{name}", name),
        ("{agent}", names.agent),
        ("{number}", names.number),
        ("{ip}", &ip),
    ]
    .into_iter()
    .fold(text.to_owned(), |text, (mark, with)| text.replace(mark, with));
    Cow::Owned(filled)
}
