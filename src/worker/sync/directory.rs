//! The look-ups that the console holds complete: departments and team.

use crate::{
    api::Urgency,
    domain::{Department, Directory, Problem},
    worker::context::Context,
};

/// Reads the departments and the team if they are not known. Tickets can be read without them.
pub(in crate::worker) async fn learn(context: &Context, urgency: Urgency) {
    let known = context.directory().await;
    if known.departments.is_empty()
        && let Err(problem) = departments(context, urgency).await
    {
        tracing::warn!(%problem, "the departments could not be read");
    }
    if known.team.is_empty()
        && let Err(problem) = team(context, urgency).await
    {
        tracing::warn!(%problem, "the team could not be read: agents can't be told from customers");
    }
}

/// Reads the departments.
pub(in crate::worker) async fn departments(
    context: &Context,
    urgency: Urgency,
) -> Result<Vec<Department>, Problem> {
    let page = context.learn(context.api(urgency)?.departments().await).await?;
    let directory = Directory { departments: page.items.clone(), ..context.directory().await };
    context.set_directory(directory).await;
    Ok(page.items)
}

async fn team(context: &Context, urgency: Urgency) -> Result<(), Problem> {
    let team = context.learn(context.api(urgency)?.team().await).await?.items;
    let directory = Directory { team, ..context.directory().await };
    context.set_directory(directory).await;
    Ok(())
}
