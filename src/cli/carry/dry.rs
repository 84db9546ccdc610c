//! `--dry-run`: the plan, ticket by ticket, and what it would take.

use std::io;

use serde::Serialize;

use super::{
    planning::not_done,
    told::{Printer, Tally},
};
use crate::{
    cli::{
        describe::{self, ChangedField},
        failure,
        print::Record,
    },
    domain::{
        Change,
        plan::{Outcome, PlanLine, many},
    },
    text::markdown,
};

/// A line of the plan, for scripts.
#[derive(Serialize)]
pub(super) struct PlanRecord {
    id: Option<i64>,
    plan: &'static str,
    changes: Vec<ChangedField>,
    html: Option<String>,
    requests: usize,
    error: Option<String>,
}

impl Record for PlanRecord {
    const FIELDS: &'static [&'static str] = &["id", "plan", "changes", "html", "requests", "error"];
}

/// The figures of the plan.
#[derive(Default)]
pub(super) struct PlanFigures {
    ready: usize,
    already: usize,
    cant: usize,
    requests: usize,
}

impl PlanFigures {
    /// Notes a line, and prints it.
    pub(super) fn tell(
        &mut self,
        printer: &mut Printer,
        tally: &mut Tally,
        line: &PlanLine,
    ) -> io::Result<()> {
        let planned = PlanRecord::of(line);
        match planned.plan {
            "ready" => self.ready += 1,
            "already" => self.already += 1,
            _ => self.cant += 1,
        }
        self.requests += planned.requests;
        let cells = vec![
            planned.id.map_or_else(|| "new".into(), |id| id.to_string()),
            planned.plan.to_owned(),
            planned.words(line),
        ];
        let printed = printer.print(&["ID", "PLAN", "CHANGE"], cells, &planned);
        tally.note(not_done(line));
        printed
    }

    /// Says what it would take.
    pub(super) fn say(&self, limit: u32) {
        let Self { ready, already, cant, requests } = self;
        let mut parts = vec![format!("{ready} would change")];
        if *already > 0 {
            parts.push(format!("{already} are so already"));
        }
        if *cant > 0 {
            parts.push(format!("{cant} can't"));
        }
        let takes = many::takes(*requests, *ready, limit, 0);
        failure::notice(&format!("{}; {takes}. Nothing was written.", parts.join(", ")));
    }
}

impl PlanRecord {
    fn of(line: &PlanLine) -> Self {
        let plan = match &line.outcome {
            Outcome::Ready(_) => "ready",
            Outcome::Already => "already",
            Outcome::Cant(_) => "cant",
            Outcome::Choose(_) => "choose",
        };
        let changes = line.ready().map_or(&[][..], |ready| &ready.changes);
        Self {
            id: line.ticket.map(|it| it.0),
            plan,
            changes: describe::fields(line.traces()),
            html: changes.iter().find_map(|it| html(&it.change)),
            requests: changes.iter().map(|it| it.change.requests()).sum(),
            error: line.outcome.why(),
        }
    }

    /// What is done, or why nothing is, for people.
    fn words(&self, line: &PlanLine) -> String {
        let changes = line.ready().map_or(&[][..], |ready| &ready.changes);
        let words: Vec<String> = changes
            .iter()
            .map(|it| {
                let traces = it.change.traces(it.sight.stood.as_deref());
                describe::change(&it.change, &traces, false)
            })
            .collect();
        self.error.clone().unwrap_or_else(|| words.join(", "))
    }
}

/// The HTML that the server would get.
fn html(change: &Change) -> Option<String> {
    match change {
        Change::Post { text, .. } => Some(markdown::to_html(text)),
        Change::Create(new) => Some(markdown::to_html(&new.message)),
        Change::Fields(fields) => fields.message.as_ref().map(|edit| edit.to.clone()),
        _ => None,
    }
}
