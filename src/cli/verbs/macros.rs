//! `growdesk macro`: the macros, what one would write and change on a ticket, and taking one.

use clap::{Args, Subcommand};
use serde::Serialize;

use super::macro_run::RunArgs;
use crate::{
    cli::{
        Common, Failure,
        copy::LocalCopy,
        describe::{self, ChangedField},
        local, log,
        macros::{self, Filler},
        opened::Opened,
        print::{self, Format, Output, Record},
    },
    desk::FilledText,
    domain::{
        Line, ReplyKind, StyledLine, TicketId,
        plan::{Macro, PlanLine, macros::Wanted},
    },
    text::clean,
};

#[derive(Debug, Args)]
pub(in crate::cli) struct MacroVerb {
    #[command(subcommand)]
    command: MacroCommand,
}

#[derive(Debug, Subcommand)]
enum MacroCommand {
    /// List the macros, those used last first
    ///
    /// No request is made and no ticket is read. What is wrong with a file of macros is said on standard
    /// error, with file and line; the other macros work.
    List(ListArgs),
    /// Show what a macro would write and change on a ticket
    ///
    /// Nothing is recorded. A value that is missing stands in the text by its name, and so does what the macro
    /// asks for and --set does not answer.
    Show(ShowArgs),
    /// Take a macro on some tickets
    ///
    /// Each ticket gets its own text, and the fields that the macro names. A missing value stops the macro on
    /// that ticket before anything is recorded.
    Run(RunArgs),
}

#[derive(Debug, Args)]
struct ListArgs {
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, Args)]
struct ShowArgs {
    /// The macro: its name, or its name without groups if only one has it
    #[arg(value_name = "MACRO")]
    name: String,
    /// The ticket: 123 or #123
    #[arg(long, value_name = "ID", value_parser = log::ticket, allow_negative_numbers = true)]
    ticket: TicketId,
    /// Answer what the macro asks for, as in --set "order number=42"
    #[arg(long = "set", value_name = "NAME=VALUE")]
    set: Vec<String>,
    #[command(flatten)]
    output: Output,
}

/// A macro, for scripts.
#[derive(Serialize)]
struct MacroRecord {
    name: String,
    key: Option<char>,
    kind: Option<&'static str>,
    text: Option<String>,
    asked: Vec<String>,
    status: Option<String>,
    priority: Option<&'static str>,
    department: Option<String>,
    project: Option<String>,
    add_tags: Vec<String>,
    remove_tags: Vec<String>,
    archive: Option<bool>,
    departments: Vec<String>,
}

impl Record for MacroRecord {
    const FIELDS: &'static [&'static str] = &[
        "name",
        "key",
        "kind",
        "text",
        "asked",
        "status",
        "priority",
        "department",
        "project",
        "add_tags",
        "remove_tags",
        "archive",
        "departments",
    ];
}

/// What a macro would do on a ticket, for scripts.
#[derive(Serialize)]
struct ShownMacro {
    name: String,
    ticket: i64,
    kind: Option<&'static str>,
    text: Option<String>,
    gaps: Vec<String>,
    asked: Vec<String>,
    changes: Vec<ChangedField>,
    error: Option<String>,
}

impl Record for ShownMacro {
    const FIELDS: &'static [&'static str] =
        &["name", "ticket", "kind", "text", "gaps", "asked", "changes", "error"];
}

impl MacroVerb {
    /// Does what was asked for.
    pub(in crate::cli) async fn run(self, common: &Common) -> Result<(), Failure> {
        match self.command {
            MacroCommand::List(it) => it.run(common).await,
            MacroCommand::Show(it) => it.run(common).await,
            MacroCommand::Run(it) => it.run(common).await,
        }
    }
}

impl ListArgs {
    async fn run(self, common: &Common) -> Result<(), Failure> {
        let format = self.output.format::<MacroRecord>()?;
        let settings = common.settings()?;
        let mut all = macros::read(&settings);
        if settings.profile.is_some()
            && let Some(store) = local::store(common).await?
        {
            let used = macros::used(&store).await?;
            all.sort_by_key(|it| {
                used.iter().position(|name| *name == it.name).unwrap_or(usize::MAX)
            });
        }
        let head = ["NAME", "KEY", "KIND", "DOES"];
        let items: Vec<MacroRecord> = all.iter().map(MacroRecord::of).collect();
        let rows = items.iter().map(MacroRecord::row);
        Ok(print::list(&format, &head, rows, &items)?)
    }
}

impl MacroRecord {
    fn of(one: &Macro) -> Self {
        let wanted = |it: &Wanted| match it {
            Wanted::Number(number) => number.to_string(),
            Wanted::Title(title) => title.clone(),
        };
        let tags = |tags: &[Line]| tags.iter().map(ToString::to_string).collect();
        Self {
            name: one.name.clone(),
            key: one.key,
            kind: kind(one),
            text: one.text.clone(),
            asked: one.asked.clone(),
            status: one.status.as_ref().map(wanted),
            priority: one.priority.map(|it| it.as_str()),
            department: one.department.as_ref().map(wanted),
            project: one.project.as_ref().map(wanted),
            add_tags: tags(&one.add_tags),
            remove_tags: tags(&one.remove_tags),
            archive: one.archive,
            departments: one.departments.iter().map(wanted).collect(),
        }
    }

    fn row(&self) -> Vec<String> {
        let named = [
            ("status", self.status.clone()),
            ("priority", self.priority.map(str::to_owned)),
            ("department", self.department.clone()),
            ("project", self.project.clone()),
        ];
        let named = named.into_iter().filter_map(|(what, to)| Some(format!("{what} {}", to?)));
        let added = self.add_tags.iter().map(|tag| format!("+{tag}"));
        let removed = self.remove_tags.iter().map(|tag| format!("-{tag}"));
        let archive = self.archive.map(|it| if it { "archive" } else { "restore" }.to_owned());
        let asked = self.asked.iter().map(|asked| format!("[[{asked}]]"));
        let does = named.chain(added).chain(removed).chain(archive).chain(asked);
        vec![
            self.name.clone(),
            self.key.map(String::from).unwrap_or_default(),
            self.kind.unwrap_or_default().to_owned(),
            does.collect::<Vec<_>>().join(", "),
        ]
    }
}

/// Who may read its text, where it has one.
fn kind(one: &Macro) -> Option<&'static str> {
    one.text.as_ref().map(|_| if one.kind == ReplyKind::Note { "note" } else { "reply" })
}

impl ShowArgs {
    async fn run(self, common: &Common) -> Result<(), Failure> {
        let format = self.output.format::<ShownMacro>()?;
        let opened = Opened::open(common).await?;
        let one = macros::find(&self.name, &macros::read(&opened.settings))?;
        let answers = macros::answers(&one, &self.set)?;
        let asked = macros::unanswered(&one, &answers).into_iter().map(str::to_owned).collect();
        let mut filler = Filler::start(&opened, one.clone(), answers).await?;
        let mut copy = LocalCopy::of(&opened, &[self.ticket]).await?;
        if copy.row(self.ticket).is_none() {
            filler.read(self.ticket).await.map_err(|problem| Failure::of_read(&problem))?;
            copy = LocalCopy::of(&opened, &[self.ticket]).await?;
        }
        let filled = filler.fill(self.ticket, &copy, true).await;
        let filled = filled.map_err(|problem| Failure::of_read(&problem))?;
        let line = filler.changes(self.ticket, filled.as_ref(), &copy);
        let held = filler.offered(self.ticket, &copy).err();
        let why = held.map(|it| it.to_string()).or_else(|| why(&line, filled.as_ref()));
        let shown = ShownMacro {
            name: one.name.clone(),
            ticket: self.ticket.0,
            kind: kind(&one),
            text: filled.as_ref().and_then(text),
            gaps: filled.map(|it| it.gaps).unwrap_or_default(),
            asked,
            changes: describe::fields(line.traces()),
            error: why,
        };
        Ok(shown.print(&format, &line)?)
    }
}

/// The text, with what is missing in it by name.
fn text(filled: &FilledText) -> Option<String> {
    match &filled.words {
        Some(Ok(words)) => Some(words.clone()),
        _ if filled.shown.is_empty() => None,
        _ => {
            let line = |it: &StyledLine| it.text();
            let lines: Vec<String> = filled.shown.iter().map(line).collect();
            Some(lines.join("\n").trim_end().to_owned())
        }
    }
}

/// Why the macro would do nothing.
fn why(line: &PlanLine, filled: Option<&FilledText>) -> Option<String> {
    let of_text = filled.and_then(|it| it.words.as_ref()?.as_ref().err().map(ToString::to_string));
    // A macro with a text may change nothing besides.
    let of_changes = || line.outcome.why().filter(|_| filled.is_none_or(|it| it.words.is_none()));
    of_text.or_else(of_changes)
}

impl ShownMacro {
    fn print(&self, format: &Format, line: &PlanLine) -> std::io::Result<()> {
        if let Format::Json(fields) = format {
            return print::object(fields.as_deref(), self);
        }
        let mut lines = Vec::new();
        lines.extend(self.text.as_ref().map(|text| format!("{text}\n")));
        lines.extend(line.ready().into_iter().flat_map(|it| &it.changes).map(|it| {
            let traces = it.change.traces(it.sight.stood.as_deref());
            describe::change(&it.change, &traces, false)
        }));
        lines.extend(self.gaps.iter().map(|gap| format!("missing: {gap}")));
        lines.extend(self.asked.iter().map(|asked| format!("asked: {asked}")));
        lines.extend(self.error.as_ref().map(|error| format!("#{} {error}", self.ticket)));
        print::text(clean::block(&lines.join("\n")).as_str())
    }
}
