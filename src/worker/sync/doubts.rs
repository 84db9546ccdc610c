//! Tickets that a list should have shown and did not: they are asked for by their number.

use jiff::Timestamp;
use tokio::time::Instant;

use super::{
    list::Answer,
    take::{forget, take_in_page},
};
use crate::{
    api::Urgency,
    domain::{Problem, ProblemKind},
    worker::context::{Context, store_problem},
};

/// Asks for at most `most` of those in doubt, the longest first; gives how many were asked for. Those
/// that the server no longer has are forgotten.
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
                take_in_page(context, Answer::of(tickets, began, since), None).await?;
            }
            Err(problem) if problem.kind == ProblemKind::NotFound => {
                forget(context, vec![id]).await
            }
            Err(problem) => return Err(problem),
        }
    }
    Ok(asked)
}
