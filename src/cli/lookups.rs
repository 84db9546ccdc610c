//! What a verb names by its number or its name and the server has to be asked for: departments, clients,
//! projects.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

use super::{Failure, failure::Code, names, opened::Opened};
use crate::{
    api,
    domain::{ClientId, Department, Named, Problem, ProjectId, Status},
};

/// How soon a request that failed is made again.
const AGAIN: Duration = Duration::from_secs(2);

/// The word for no project.
pub(super) const NONE: &str = "none";

/// A status by its number or its title.
pub(super) async fn status(opened: &Opened, wanted: &str) -> Result<Status, Failure> {
    names::status(&opened.store.directory().await?, wanted)
}

/// A department by its number or its name. The server is asked if the local copy does not have it.
pub(super) async fn department(
    opened: &Opened,
    wanted: &str,
    patience: Duration,
) -> Result<Department, Failure> {
    let mut directory = opened.store.directory().await?;
    let known = names::department(&directory, wanted);
    // A name that fits several is not made clearer by the server.
    let is_there = directory.departments.iter().any(|it| is_near(it.name.as_str(), wanted));
    if known.is_ok() || opened.offline || is_there {
        return known;
    }
    let api = opened.api().await?;
    directory.departments = asked(opened, patience, async || api.departments().await).await?.items;
    names::department(&directory, wanted)
}

fn is_near(name: &str, wanted: &str) -> bool {
    let wanted = wanted.trim().to_lowercase();
    !wanted.is_empty() && name.to_lowercase().starts_with(&wanted)
}

/// A client by its number or its name. A number that no client has is looked for as a name.
pub(super) async fn client(
    opened: &Opened,
    wanted: &str,
    patience: Duration,
) -> Result<Named<ClientId>, Failure> {
    let api = opened.api().await?;
    let number = wanted.trim().trim_start_matches('#').parse().map(ClientId);
    let mut missing = None;
    if let Ok(id) = number {
        match asked(opened, patience, async || api.client(id).await).await {
            Ok(client) => return Ok(Named { id: client.id, name: client.name }),
            Err(failure) if failure.code == Code::NotFound => missing = Some(id),
            Err(failure) => return Err(failure),
        }
    }
    // All that fit are read: the exact name may stand behind a page of names that begin so.
    let found = asked(opened, patience, async || api.all_clients(wanted.trim()).await).await?;
    match (names::find("client", wanted, &found.items), missing) {
        (Ok(client), _) => Ok(Named { id: client.id, name: client.name.clone() }),
        (Err(_), Some(id)) => Err(Failure::not_found(format!("there is no client {id}"))),
        (Err(failure), None) => Err(failure),
    }
}

/// A project of a client by its number or its title.
pub(super) async fn project(
    opened: &Opened,
    client: Option<ClientId>,
    wanted: &str,
    patience: Duration,
) -> Result<ProjectId, Failure> {
    if let Ok(id @ 1..) = wanted.trim().trim_start_matches('#').parse() {
        return Ok(ProjectId(id));
    }
    let Some(client) = client else {
        let error = anyhow::anyhow!("the ticket has no client, so a project needs its number");
        return Err(Failure::usage(error));
    };
    let api = opened.api().await?;
    let all = asked(opened, patience, async || api.projects(client).await).await?;
    Ok(names::find("project", wanted, &all.items)?.id)
}

/// Asks the server, and waits for it if it is away or asks to wait, until the patience is over.
async fn asked<T>(
    opened: &Opened,
    patience: Duration,
    ask: impl AsyncFn() -> Result<T, api::Error>,
) -> Result<T, Failure> {
    let deadline = Instant::now() + patience;
    let mut last = None;
    loop {
        let error = match timeout_at(deadline, ask()).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) => error,
            Err(_) => return Err(late(opened, patience, last)),
        };
        if !Problem::from(error.clone()).is_passing() || Instant::now() + AGAIN >= deadline {
            return Err(Failure::of_api(error));
        }
        last = Some(error);
        sleep(AGAIN).await;
    }
}

/// The failure of a request that was not answered in time: the server's last word, where there is one.
fn late(opened: &Opened, patience: Duration, last: Option<api::Error>) -> Failure {
    let paused = opened.paused_until().map(|until| api::Error::Throttled { until });
    match paused.or(last) {
        Some(error) => Failure::of_api(error),
        None => {
            let text = format!("the server did not answer within {} s", patience.as_secs());
            Failure::new(Code::Unreachable, text)
        }
    }
}
