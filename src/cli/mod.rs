//! The face of the program in a shell: arguments, exit codes, and the only place that prints.

mod carry;
mod completing;
mod console;
mod copy;
mod demo;
mod describe;
mod failure;
mod fresh;
mod ids;
mod local;
mod log;
mod logging;
mod login;
mod lookups;
mod macros;
mod manual;
#[cfg(feature = "mcp")]
mod mcp;
mod names;
mod opened;
mod outbox;
mod print;
mod serve;
mod signals;
mod styled;
mod text_source;
mod ticket_record;
mod verbs;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, FromArgMatches as _, Parser, Subcommand};

use crate::config::{self, Config, Overrides, SettingsError};
use failure::Failure;

/// A helpdesk console for the terminal, on the Grow CRM tickets API.
#[derive(Debug, Parser)]
#[command(name = "growdesk", version, about, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Option<Command>,
}

/// What every command takes. A flag beats the environment, the environment beats the file.
#[derive(Clone, Debug, Args)]
struct Common {
    /// The profile to use [env: GROWDESK_PROFILE]
    #[arg(long, global = true, display_order = 100, value_name = "NAME")]
    profile: Option<String>,
    /// The configuration file [env: GROWDESK_CONFIG]
    #[arg(long, global = true, display_order = 101, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The folder for the local copy, drafts and outbox [env: GROWDESK_DATA]
    #[arg(long, global = true, display_order = 102, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// Open on what is stored, without a request
    #[arg(long, display_order = 103)]
    offline: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Open the console on an embedded server with made-up tickets
    Demo(demo::Demo),
    /// Store a profile: the address of a CRM and a key for it
    Login(login::Login),
    /// Run the embedded server by itself
    Serve(serve::Serve),
    /// List tickets
    ///
    /// The tickets come from the local copy, which is brought up to date first if it is older than the
    /// poll interval. Standard error says what is incomplete or old. Without a view the active tickets
    /// are listed, the latest change first.
    List(verbs::list::ListVerb),
    /// Print a ticket with its conversation
    Show(verbs::show::ShowVerb),
    /// List the clients
    Clients(verbs::clients::ClientsVerb),
    /// List the contact persons of the clients
    Contacts(verbs::contacts::ContactsVerb),
    /// List the projects of the clients
    Projects(verbs::projects::ProjectsVerb),
    /// Create a ticket
    Create(verbs::create::CreateVerb),
    /// Change a ticket's subject, message, department, project or priority
    Edit(verbs::edit::EditVerb),
    /// Record a reply, which the customer can read
    ///
    /// No e-mail is sent: a reply is recorded in the ticket. It leaves at once, without the seconds
    /// in which a console could take it back.
    Reply(verbs::post::ReplyVerb),
    /// Record a note, for colleagues only
    Note(verbs::post::NoteVerb),
    /// Set the status of tickets
    Status(verbs::status::StatusVerb),
    /// Set the priority of tickets
    Priority(verbs::priority::PriorityVerb),
    /// Move tickets into a department
    Department(verbs::department::DepartmentVerb),
    /// Add, remove or replace the tags of tickets
    Tags(verbs::tags::TagsVerb),
    /// Archive tickets
    Archive(verbs::archive::ArchiveVerb),
    /// Restore tickets from the archive
    Restore(verbs::archive::ArchiveVerb),
    /// Delete tickets and their conversations for good
    Delete(verbs::delete::DeleteVerb),
    /// List, show and take macros
    Macro(verbs::macros::MacroVerb),
    /// List the departments
    Departments(verbs::departments::DepartmentsVerb),
    /// Print the numbers of the dashboard, over the whole local copy
    Stats(verbs::stats::StatsVerb),
    /// Fill the local copy of the tickets, or bring it up to date
    ///
    /// A first run reads all tickets. Later runs read all that are neither closed nor archived, and
    /// with --all every one. Conversations are read when they are opened. A run that was stopped, and
    /// one that failed, keeps what it has read; the next one goes on from there. While a console or
    /// another run fills the copy, this one waits for it.
    ///
    /// The exit code is 8 after Ctrl-C, 5 if the server can't be reached, 7 if it refuses the key, 9
    /// if it asks for more patience than --timeout allows.
    Sync(verbs::sync::SyncVerb),
    /// Print what happens to the tickets, until it is stopped
    ///
    /// An event is `new`, `customer` (the customer wrote), `status` or `gone`. Events come as the
    /// passes of this or another process of the profile see them; what was there when the watch began
    /// is none. With --exec a command runs for each event, one at a time, without a shell: it gets
    /// the event as JSON on standard input, and in its environment as GROWDESK_EVENT_KIND, _AT, _ID,
    /// _SUBJECT, _CLIENT, _BEFORE, _AFTER and _URL. Its output goes to standard error. One that takes
    /// longer than `timeout_seconds` of [pipe] is ended.
    ///
    /// Ctrl-C, and a reader that goes away, end it with 0. A server that goes away is waited for; a
    /// key that is refused ends it with 7.
    Watch(verbs::watch::WatchVerb),
    /// List the changes on their way, and the drafts
    ///
    /// Changes come in the order in which they were asked for, drafts after them. Only the profile's
    /// folder is read: nothing is sent, and no key is needed. What is held or waits leaves when a
    /// console of the profile runs.
    ///
    /// The exit code is 6 if a change is doubtful or waits for a decision, 2 without a profile, and
    /// otherwise 0.
    Outbox(outbox::OutboxArgs),
    /// Serve an assistant, which may read and propose and never sends
    ///
    /// It speaks MCP on standard input and output, so an assistant's program starts it. What the
    /// assistant proposes waits in the outbox for the agent's decision, in the console (g o) or by
    /// `growdesk outbox`. A read-only profile offers the tools that read, and no others.
    #[cfg(feature = "mcp")]
    Mcp(mcp::McpVerb),
    /// List what became of every change, the newest last
    ///
    /// The server attributes every change to one administrator; this is where it says who did what,
    /// when, on which ticket, what was there before and after, and whether it was recorded, refused
    /// or taken back. Only the profile's folder is read: no request is made, and no key is needed.
    Log(log::Log),
    /// Say where the settings are, what holds, and what is wrong
    Config(verbs::config::ConfigVerb),
    /// Print what makes a shell complete the command line
    ///
    /// Numbers of tickets are completed with their subjects, and the names of statuses, departments, clients,
    /// tags, views, macros and profiles, all from the local copy: no request is made.
    ///
    /// Read it when a shell starts: `source <(growdesk completions bash)` in ~/.bashrc, the same with zsh
    /// in ~/.zshrc after compinit, `growdesk completions fish | source` in config.fish,
    /// `eval (growdesk completions elvish | slurp)` in rc.elv, and in the profile of PowerShell
    /// `growdesk completions powershell | Out-String | Invoke-Expression`.
    Completions(verbs::completions::CompletionsVerb),
    /// Print the page of the manual, or write a page for each verb
    Man(verbs::man::ManVerb),
}

/// Runs what the arguments ask for.
pub fn main() -> ExitCode {
    if let Some(code) = completing::answer() {
        return code;
    }
    let matches = manual::with_help().try_get_matches();
    let cli = match matches.and_then(|it| Cli::from_arg_matches(&it)) {
        Ok(cli) => cli,
        Err(error) => return failure::say_usage(&error),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        // Beside the loop's own thread one worker is enough, since long work goes to the blocking
        // threads.
        .worker_threads(1)
        .max_blocking_threads(8)
        .enable_all()
        .build();
    let outcome = match runtime {
        Ok(runtime) => {
            let outcome = runtime.block_on(run(cli));
            runtime.shutdown_background();
            outcome
        }
        Err(error) => Err(error.into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.say(),
    }
}

async fn run(cli: Cli) -> Result<(), Failure> {
    match cli.command {
        None => console::open(cli.common).await,
        Some(Command::Demo(demo)) => demo.run(&cli.common).await,
        Some(Command::Login(login)) => login.run(&cli.common).await,
        Some(Command::Serve(serve)) => serve.run().await,
        Some(Command::List(verb)) => verb.run(&cli.common).await,
        Some(Command::Show(verb)) => verb.run(&cli.common).await,
        Some(Command::Clients(verb)) => verb.run(&cli.common).await,
        Some(Command::Contacts(verb)) => verb.run(&cli.common).await,
        Some(Command::Projects(verb)) => verb.run(&cli.common).await,
        Some(Command::Stats(verb)) => verb.run(&cli.common).await,
        Some(Command::Create(verb)) => verb.run(&cli.common).await,
        Some(Command::Edit(verb)) => verb.run(&cli.common).await,
        Some(Command::Reply(verb)) => verb.run(&cli.common).await,
        Some(Command::Note(verb)) => verb.run(&cli.common).await,
        Some(Command::Status(verb)) => verb.run(&cli.common).await,
        Some(Command::Priority(verb)) => verb.run(&cli.common).await,
        Some(Command::Department(verb)) => verb.run(&cli.common).await,
        Some(Command::Tags(verb)) => verb.run(&cli.common).await,
        Some(Command::Archive(verb)) => verb.run(true, &cli.common).await,
        Some(Command::Restore(verb)) => verb.run(false, &cli.common).await,
        Some(Command::Delete(verb)) => verb.run(&cli.common).await,
        Some(Command::Macro(verb)) => verb.run(&cli.common).await,
        Some(Command::Departments(verb)) => verb.run(&cli.common).await,
        Some(Command::Sync(verb)) => verb.run(&cli.common).await,
        Some(Command::Watch(verb)) => verb.run(&cli.common).await,
        Some(Command::Outbox(outbox)) => outbox.run(&cli.common).await,
        #[cfg(feature = "mcp")]
        Some(Command::Mcp(mcp)) => mcp.run(&cli.common).await,
        Some(Command::Log(log)) => log.run(&cli.common).await,
        Some(Command::Config(verb)) => verb.run(&cli.common).await,
        Some(Command::Completions(verb)) => verb.run(),
        Some(Command::Man(verb)) => verb.run(),
    }
}

impl Common {
    fn overrides(&self) -> Overrides {
        Overrides {
            profile: self.profile.clone(),
            config: self.config.clone(),
            data: self.data.clone(),
            ..Overrides::default()
        }
    }

    fn settings(&self) -> Result<Config, Failure> {
        config::load(self.overrides(), &|name| std::env::var_os(name))
            .map_err(|error: SettingsError| Failure::usage(error))
    }
}
