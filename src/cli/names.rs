//! Statuses, departments, clients, projects and views by number or by name. Nothing is ever asked.

use anyhow::anyhow;

use super::{Failure, opened::Opened};
use crate::{
    domain::{
        Client, ClientId, Department, DepartmentId, Directory, Line, Named, Priority, Project,
        ProjectId, Rows, Status, StatusId, View,
    },
    text::clean,
};

/// How much two names must be alike for one to be offered for the other.
const ALIKE: f64 = 0.72;

/// How many names are listed.
const LISTED: usize = 8;

/// Something that has a number and a name.
pub(super) trait Numbered {
    /// Its number.
    fn number(&self) -> i64;
    /// Its name.
    fn name(&self) -> &str;
}

impl Numbered for Status {
    fn number(&self) -> i64 {
        self.id.0
    }

    fn name(&self) -> &str {
        self.title.as_str()
    }
}

impl Numbered for Department {
    fn number(&self) -> i64 {
        self.id.0
    }

    fn name(&self) -> &str {
        self.name.as_str()
    }
}

impl Numbered for Named<ClientId> {
    fn number(&self) -> i64 {
        self.id.0
    }

    fn name(&self) -> &str {
        self.name.as_str()
    }
}

impl Numbered for Client {
    fn number(&self) -> i64 {
        self.id.0
    }

    fn name(&self) -> &str {
        self.name.as_str()
    }
}

impl Numbered for Project {
    fn number(&self) -> i64 {
        self.id.0
    }

    fn name(&self) -> &str {
        self.title.as_str()
    }
}

/// A status by its number or its title. Any number is one, since no list of the server's has all.
pub(super) fn status(directory: &Directory, wanted: &str) -> Result<Status, Failure> {
    let mut all = directory.statuses.clone();
    // The server tells a status only with a ticket that has it.
    let is_known = |it: &Status| directory.statuses.iter().any(|known| known.id == it.id);
    all.extend(Status::usual().into_iter().filter(|it| !is_known(it)));
    match (find("status", wanted, &all), number(wanted)) {
        (Ok(status), _) => Ok(status.clone()),
        (Err(_), Some(id)) => {
            Ok(Status { id: StatusId(id), title: Line::from_cleaned(format!("status {id}"), None) })
        }
        (Err(failure), None) => Err(failure),
    }
}

/// A department by its number or its name.
pub(super) fn department(directory: &Directory, wanted: &str) -> Result<Department, Failure> {
    find("department", wanted, &directory.departments).cloned()
}

/// A department that tickets may have, also by a number that no ticket has.
pub(super) fn department_of_tickets(
    directory: &Directory,
    rows: &Rows,
    wanted: &str,
) -> Result<DepartmentId, Failure> {
    let mut all = directory.departments.clone();
    for other in rows.departments() {
        if !all.iter().any(|known| known.id == other.id) {
            all.push(other.clone());
        }
    }
    match (find("department", wanted, &all), number(wanted)) {
        (Ok(department), _) => Ok(department.id),
        (Err(_), Some(id)) => Ok(DepartmentId(id)),
        (Err(failure), None) => Err(failure),
    }
}

/// The clients that tickets have.
pub(super) fn clients_of_tickets(rows: &Rows) -> Vec<Named<ClientId>> {
    let uses = rows.client_uses();
    uses.into_iter().map(|(id, (name, _))| Named { id, name: name.clone() }).collect()
}

/// A client that tickets have, or the one of a number.
pub(super) fn client_of_tickets(rows: &Rows, wanted: &str) -> Result<Named<ClientId>, Failure> {
    let all = clients_of_tickets(rows);
    match (find("client", wanted, &all), number(wanted)) {
        (Ok(client), _) => Ok(client.clone()),
        (Err(_), Some(id)) => Ok(Named { id: ClientId(id), name: Line::default() }),
        (Err(failure), None) => Err(failure),
    }
}

/// A client of the server by its number or its name.
pub(super) async fn client(opened: &Opened, wanted: &str) -> Result<ClientId, Failure> {
    if let Some(id) = number(wanted) {
        return Ok(ClientId(id));
    }
    let api = opened.api().await?;
    let mut found = api.all_clients(wanted).await.map_err(Failure::of_api)?.items;
    if found.is_empty() {
        // The near ones are found among all.
        found = api.all_clients("").await.map_err(Failure::of_api)?.items;
    }
    find("client", wanted, &found).map(|it| it.id)
}

/// A project of a client, or of any, by its number or its title. Titles are the server's to tell.
pub(super) async fn project(
    opened: &Opened,
    client: Option<ClientId>,
    wanted: &str,
    cached: bool,
) -> Result<Project, Failure> {
    if let Some(id) = number(wanted) {
        return Ok(Project { id: ProjectId(id), title: Line::default() });
    }
    if cached {
        let error = anyhow!("the title of a project is not in the local copy");
        return Err(Failure::usage(error).with_help("give the number of the project"));
    }
    let page = opened.api().await?.projects_with_clients(client).await;
    let all: Vec<Project> =
        page.map_err(Failure::of_api)?.items.into_iter().map(|(project, _)| project).collect();
    find("project", wanted, &all).cloned()
}

/// A view by its name, whatever its case.
pub(super) fn view<'a>(views: &'a [View], wanted: &str) -> Result<&'a View, Failure> {
    // `needs-reply` is typed without quotes.
    let folded = |name: &str| name.trim().to_lowercase().replace(['-', '_'], " ");
    views.iter().find(|it| folded(&it.name) == folded(wanted)).ok_or_else(|| {
        let names: Vec<&str> = views.iter().map(|it| it.name.as_str()).collect();
        unknown("view", wanted, &names)
    })
}

/// A priority by its name.
pub(super) fn priority(wanted: &str) -> Result<Priority, Failure> {
    let folded = wanted.trim().to_lowercase();
    Priority::ALL.into_iter().find(|it| it.as_str() == folded).ok_or_else(|| {
        let names = Priority::ALL.map(Priority::as_str);
        unknown("priority", wanted, &names)
    })
}

/// The one that a number or a name means: the one of that number, or of that name whatever its case,
/// or else the only one whose name begins so.
///
/// # Errors
/// A usage error that lists those that are meant if there are several, or the near ones if there is
/// none.
pub(super) fn find<'a, T: Numbered>(
    kind: &str,
    wanted: &str,
    all: &'a [T],
) -> Result<&'a T, Failure> {
    let folded = wanted.trim().to_lowercase();
    if let Some(one) = number(&folded).and_then(|id| all.iter().find(|it| it.number() == id)) {
        return Ok(one);
    }
    let named = |fits: &dyn Fn(&str) -> bool| -> Vec<&'a T> {
        all.iter().filter(|it| fits(&it.name().to_lowercase())).collect()
    };
    let mut found = named(&|name| name == folded);
    if found.is_empty() && !folded.is_empty() {
        found = named(&|name| name.starts_with(&folded));
    }
    match found[..] {
        [one] => Ok(one),
        [] => Err(unknown(kind, wanted, &all.iter().map(Numbered::name).collect::<Vec<_>>())),
        _ => Err(several(kind, wanted, &found)),
    }
}

/// A number, with or without its `#`.
fn number(text: &str) -> Option<i64> {
    let text = text.trim();
    text.strip_prefix('#').unwrap_or(text).parse().ok()
}

fn several<T: Numbered>(kind: &str, wanted: &str, found: &[&T]) -> Failure {
    let listed: Vec<String> =
        found.iter().take(LISTED).map(|it| format!("{} {}", it.number(), it.name())).collect();
    let more = found.len().saturating_sub(LISTED);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    Failure::usage(anyhow!("\"{}\" fits more than one {kind}", clean::line(wanted)))
        .with_help(format!("it fits {}{more}; give the number", listed.join(", ")))
}

/// The error for a name that nothing has, with the near ones, or all where there are few.
pub(super) fn unknown(kind: &str, wanted: &str, names: &[&str]) -> Failure {
    let error = anyhow!("there is no {kind} \"{}\"", clean::line(wanted));
    let failure = Failure::usage(error);
    let near = near(wanted, names);
    match (&near[..], names) {
        ([], []) => failure,
        ([], _) if names.len() <= LISTED => {
            failure.with_help(format!("there are {}", names.join(", ")))
        }
        ([], _) => failure.with_help(format!("none of the {} has a name like it", names.len())),
        (near, _) => failure.with_help(format!("did you mean {}?", near.join(", "))),
    }
}

/// The names that somebody may have meant, the nearest first.
fn near<'a>(wanted: &str, names: &[&'a str]) -> Vec<&'a str> {
    let wanted = wanted.trim().to_lowercase();
    let score = |name: &str| {
        let name = name.to_lowercase();
        let within = wanted.chars().count() > 2 && name.contains(&wanted);
        if within { 1.0 } else { strsim::jaro_winkler(&wanted, &name) }
    };
    let mut scored: Vec<(f64, &str)> = names.iter().map(|name| (score(name), *name)).collect();
    scored.retain(|(score, _)| *score >= ALIKE);
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    scored.dedup_by_key(|it| it.1);
    scored.into_iter().take(LISTED).map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::DepartmentId;

    fn directory() -> Directory {
        let names = [(7, "Support"), (8, "Sales"), (9, "sales"), (10, "Service desk")];
        let department = |(id, name): (i64, &str)| Department {
            id: DepartmentId(id),
            name: Line::from_cleaned(name, None),
        };
        Directory {
            departments: names.map(department).into(),
            statuses: Status::usual().into(),
            ..Directory::default()
        }
    }

    fn help(failure: &Failure) -> &str {
        failure.help.as_deref().unwrap_or_default()
    }

    #[test]
    fn a_name_or_a_number_finds_one() {
        let directory = directory();
        let found = |wanted| department(&directory, wanted).map(|it| it.id.0).ok();
        assert_eq!(found("7"), Some(7));
        assert_eq!(found(" #8 "), Some(8));
        assert_eq!(found("SUPPORT"), Some(7));
        assert_eq!(found("service"), Some(10));
        assert_eq!(status(&directory, "customer replied").unwrap().id.0, 5);
        assert_eq!(status(&directory, "77").unwrap().id.0, 77);
        assert_eq!(priority("Urgent").unwrap(), Priority::Urgent);
    }

    #[test]
    fn a_name_that_fits_several_or_none_is_said_with_those_that_may_be_meant() {
        let directory = directory();
        let several = department(&directory, "Sales").unwrap_err();
        assert!(help(&several).contains("8 Sales, 9 sales"), "{several:?}");
        let near = department(&directory, "Suport").unwrap_err();
        assert_eq!(help(&near), "did you mean Support?");
        let none = status(&directory, "zzz").unwrap_err();
        assert!(help(&none).starts_with("there are Open, Closed"), "{none:?}");
        let several = department(&directory, "s").unwrap_err();
        assert!(help(&several).contains("Service desk"), "{several:?}");
        for odd in ["", "-1", "99999999999999999999", "\u{1b}[2J"] {
            let failure = department(&directory, odd).unwrap_err();
            assert!(!failure.message().contains('\u{1b}'), "{failure:?}");
        }
    }
}
