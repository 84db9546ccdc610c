//! Decisions as they are stored.
//!
//! A program that knows no proposals reads one as news from its assistant. It waits there for the
//! agent, too, and is never sent by itself.

use serde::{Deserialize, Serialize};

use super::{NewMessage, News};
use crate::domain::{Change, Difference, Problem, ReplyKind};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum StoredDecision {
    Overtaken(Box<StoredNews>),
    Conflict { differences: Vec<Difference>, rebased: Box<Change> },
    Unclear { problem: Problem, news: Box<News> },
}

#[derive(Serialize, Deserialize)]
pub(super) struct StoredNews {
    #[serde(flatten)]
    news: News,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    proposed: Option<Proposed>,
}

#[derive(Serialize, Deserialize)]
struct Proposed {
    by: String,
    reason: String,
}

impl From<StoredDecision> for super::Decision {
    fn from(stored: StoredDecision) -> Self {
        match stored {
            StoredDecision::Overtaken(it) => match it.proposed {
                Some(Proposed { by, reason }) => Self::Proposed { by, reason },
                None => Self::Overtaken(Box::new(it.news)),
            },
            StoredDecision::Conflict { differences, rebased } => {
                Self::Conflict { differences, rebased }
            }
            StoredDecision::Unclear { problem, news } => Self::Unclear { problem, news },
        }
    }
}

impl From<super::Decision> for StoredDecision {
    fn from(decision: super::Decision) -> Self {
        use super::Decision as Known;
        match decision {
            Known::Overtaken(news) => {
                Self::Overtaken(Box::new(StoredNews { news: *news, proposed: None }))
            }
            Known::Conflict { differences, rebased } => Self::Conflict { differences, rebased },
            Known::Unclear { problem, news } => Self::Unclear { problem, news },
            Known::Proposed { by, reason } => {
                let text = format!("This is a proposal of an assistant. {reason}");
                let message =
                    NewMessage { kind: ReplyKind::Note, author: by.clone(), at: None, text };
                let news = News { messages: vec![message], ..News::default() };
                let proposed = Some(Proposed { by, reason });
                Self::Overtaken(Box::new(StoredNews { news, proposed }))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{State, outbox};

    /// [`outbox::Decision`] as it was before there were proposals.
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Before {
        Overtaken(Box<News>),
        Conflict { differences: Vec<Difference>, rebased: Box<Change> },
        Unclear { problem: Problem, news: Box<News> },
    }

    #[test]
    fn a_program_without_proposals_reads_one_as_a_decision() {
        let (by, reason) = ("Claude".to_owned(), "They asked twice.".to_owned());
        let proposed = State::Decision { reason: outbox::Decision::Proposed { by, reason } };
        let json = serde_json::to_value(&proposed).unwrap();
        assert_eq!(json["state"], "decision", "the store's rule for turns looks at this");
        assert_eq!(serde_json::from_value::<State>(json.clone()).unwrap(), proposed);
        let before: Before = serde_json::from_value(json["reason"].clone()).unwrap();
        let Before::Overtaken(news) = before else { panic!("{before:?}") };
        assert_eq!((news.messages[0].author.as_str(), news.seen), ("Claude", None));
        assert!(news.messages[0].text.contains("They asked twice."), "{news:?}");
    }

    #[test]
    fn a_decision_that_is_stored_already_stays_as_it_is() {
        let news = News { differences: vec![Difference::default()], ..News::default() };
        let change = Box::new(Change::Archived(true));
        for before in [
            Before::Overtaken(Box::new(news.clone())),
            Before::Conflict { differences: news.differences, rebased: change },
        ] {
            let json = serde_json::to_value(&before).unwrap();
            let now: outbox::Decision = serde_json::from_value(json.clone()).unwrap();
            assert_eq!(serde_json::to_value(now).unwrap(), json);
        }
    }
}
