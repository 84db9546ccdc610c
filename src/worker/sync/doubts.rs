//! Tickets that a list should have shown but did not. The upkeep asks for them by their number.

use jiff::Timestamp;
use tokio::time::Instant;

use super::{
    intake::{forget, take_in_page},
    list::{ListPage, is_of_one},
};
use crate::{
    api::Urgency,
    domain::{Problem, ProblemKind},
    worker::context::{Context, store_problem},
};

/// Asks for at most `most` tickets in doubt, the oldest doubt first, and returns how many it asked
/// for. A ticket that the server no longer has is forgotten. A ticket that the server can't show is
/// left alone for a while, so that the others get their turn.
///
/// # Errors
/// A problem that the next request would meet too.
pub(super) async fn ask(context: &Context, urgency: Urgency, most: u32) -> Result<u32, Problem> {
    if most == 0 {
        return Ok(0);
    }
    let doubts = context.store.doubts(most).await.map_err(|error| store_problem(&error))?;
    let mut asked = 0;
    for id in doubts {
        asked += 1;
        let since = context.store.revision().await.map_err(|error| store_problem(&error))?;
        let began = Instant::now();
        match context.learn(context.api(urgency)?.ticket(id).await).await {
            Ok(full) => {
                let vouched = context.store.vouch_for(id, Timestamp::now()).await;
                vouched.map_err(|error| store_problem(&error))?;
                let tickets = vec![full];
                take_in_page(context, ListPage::of(tickets, began, since), None).await?;
            }
            Err(problem) if problem.kind == ProblemKind::NotFound => {
                forget(context, vec![id]).await
            }
            Err(problem) if problem.is_passing() || !may_be_its_own(&problem) => {
                return Err(problem);
            }
            Err(problem) => {
                tracing::warn!(%id, %problem, "a ticket that the server does not show");
                let vouched = context.store.vouch_for(id, Timestamp::now()).await;
                vouched.map_err(|error| store_problem(&error))?;
                if !is_of_one(&problem) {
                    // Other requests tell whether the problem is the server's or this ticket's.
                    break;
                }
            }
        }
    }
    Ok(asked)
}

/// Whether a problem may lie in one ticket: the server sent something else, or nothing.
fn may_be_its_own(problem: &Problem) -> bool {
    let is_strange = matches!(
        problem.kind,
        ProblemKind::NotTheApi | ProblemKind::Broken | ProblemKind::TimedOut { .. }
    );
    is_strange || is_of_one(problem)
}
