//! Reads several lists whole, one after the other, in as many passes as necessary.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    intake::take_in_page,
    list::ListPage,
    names, pieces,
    walk::{Stride, Walk},
};
use crate::{api::Urgency, domain::Problem, store::ServerList, worker::context::Context};

/// How far a round is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Round {
    /// The lists that have been read whole.
    read: Vec<ServerList>,
    /// The list that is being read.
    at: Option<(ServerList, Walk)>,
    /// When the first page of the round was asked for.
    began: Option<Timestamp>,
}

/// The outcome of reading one page of a round.
#[derive(Debug)]
pub(super) struct PageRead {
    /// The list that it is of.
    pub(super) list: ServerList,
    /// How many tickets the list has.
    pub(super) total: u64,
    /// How many tickets the page has.
    pub(super) count: usize,
    /// How many requests it took.
    pub(super) requests: u32,
    /// When the round began, where this was its last page: its lists have been seen whole since.
    pub(super) whole: Option<Timestamp>,
}

impl Round {
    /// The list to read next; `None` if all have been read.
    pub(super) fn next(&self, lists: &[ServerList]) -> Option<(ServerList, Walk)> {
        let going_on = self.at.clone().filter(|(list, _)| lists.contains(list));
        let unread = lists.iter().find(|list| !self.read.contains(list));
        going_on.or_else(|| unread.map(|list| (*list, Walk::default())))
    }

    /// Notes how far a list has been read; `None` means to its end.
    pub(super) fn note(&mut self, list: ServerList, walk: Option<Walk>) {
        if walk.is_none() {
            self.read.push(list);
        }
        self.at = walk.map(|walk| (list, walk));
    }

    /// Reads and stores the next page; `None` where there is no list.
    pub(super) async fn step(
        &mut self,
        context: &Context,
        urgency: Urgency,
        lists: &[ServerList],
    ) -> Result<Option<PageRead>, Problem> {
        let Some((list, mut walk)) = self.next(lists) else {
            *self = Self::default();
            return Ok(None);
        };
        let began = *self.began.get_or_insert_with(Timestamp::now);
        let (total, count, requests, is_end) =
            match pieces::ask(context, urgency, list, &walk).await {
                Ok(answer) => {
                    let ListPage { total, requests, .. } = answer;
                    let count = answer.tickets.len();
                    let Stride { span, is_end, is_endless } = walk.take(list, &answer);
                    take_in_page(context, answer, span).await?;
                    if is_end {
                        names::note_end(context, list, is_endless.then(|| walk.page - 1)).await?;
                    }
                    let seen = u64::from(walk.page) * u64::from(walk.page_size());
                    (if is_endless { total.min(seen) } else { total }, count, requests, is_end)
                }
                // Nothing of the page can be read, but later pages can.
                Err(problem) if pieces::is_of_page(&problem) && context.answers().await => {
                    tracing::warn!(?list, walk.page, %problem, "a page is passed over");
                    (0, 0, 2, walk.skip())
                }
                Err(problem) => return Err(problem),
            };
        self.note(list, (!is_end).then_some(walk));
        let whole = self.next(lists).is_none().then_some(began);
        if whole.is_some() {
            *self = Self::default();
        }
        Ok(Some(PageRead { list, total, count, requests, whole }))
    }
}
