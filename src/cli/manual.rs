//! The command line with its examples and exit codes, and the pages of the manual that are made of it.

use std::io;

use clap::{Command, CommandFactory as _};
use clap_mangen::{
    Man,
    roff::{Roff, bold, roman},
};

use super::{Cli, completing, failure::Code};

/// Commands that show what a verb is for, each with what it does.
const EXAMPLES: &[(&str, &[(&str, &str)])] = &[
    (
        "",
        &[
            ("growdesk", "open the console on the default profile"),
            ("growdesk demo", "look around on an embedded server with made-up tickets"),
            ("growdesk --profile work --offline", "read what is stored, without a request"),
        ],
    ),
    ("demo", &[("growdesk demo --live", "customers write while you look")]),
    ("login", &[("growdesk login", "store the address of a CRM and a key for it")]),
    (
        "serve",
        &[("growdesk serve --db desk.db --addr 127.0.0.1:0", "keep made-up tickets in a file")],
    ),
    (
        "list",
        &[
            ("growdesk list --status waiting --sort waiting", "who waits, and for how long"),
            ("growdesk list --tag refund --ids", "numbers, one a line, for another verb's `-`"),
        ],
    ),
    (
        "show",
        &[
            ("growdesk show 1042", "a ticket with its conversation"),
            ("growdesk show 1042 --no-replies --json=subject,status", "two fields, for a script"),
        ],
    ),
    ("clients", &[("growdesk clients acme", "the clients with that word in their names")]),
    ("contacts", &[("growdesk contacts --client 12", "the contact persons of a client")]),
    ("projects", &[("growdesk projects --client 12", "the projects of a client")]),
    (
        "create",
        &[(
            "growdesk create --client Acme --department Support --subject \"Printer on fire\"",
            "the ticket's number is printed",
        )],
    ),
    ("edit", &[("growdesk edit 1042 --department Billing --priority high", "two fields at once")]),
    (
        "reply",
        &[
            ("growdesk reply 1042 --file answer.md --status Answered", "a reply, then the status"),
            (
                "growdesk reply 1042 --text Thanks --dry-run",
                "the plan and the HTML; nothing is recorded",
            ),
        ],
    ),
    ("note", &[("growdesk note 1042 1043 --text \"Same cause\"", "a note on both tickets")]),
    ("status", &[("growdesk status Closed 1042 1043", "both tickets are closed")]),
    ("priority", &[("growdesk priority urgent 1042", "one ticket becomes urgent")]),
    ("department", &[("growdesk department Billing -", "moves the tickets of standard input")]),
    ("tags", &[("growdesk tags 1042 --add refund,vip --remove triage", "changes three tags")]),
    ("archive", &[("growdesk archive 1042 --queue", "the outbox sends it later")]),
    ("restore", &[("growdesk restore 1042", "the ticket is active again")]),
    ("delete", &[("growdesk delete 1042 --yes", "the ticket is gone for good")]),
    ("stats", &[("growdesk stats --json", "the numbers of the dashboard, for a script")]),
    (
        "departments",
        &[("growdesk departments --json=id,name", "the numbers and names, for a script")],
    ),
    (
        "sync",
        &[
            ("growdesk sync", "bring the local copy up to date, or begin it"),
            ("growdesk sync --all --json", "look at every ticket again, and print the numbers"),
        ],
    ),
    (
        "watch",
        &[
            ("growdesk watch --view \"Needs reply\"", "a line for each thing that happens"),
            ("growdesk watch --exec ./notify", "the event is JSON on its standard input"),
        ],
    ),
    ("mcp", &[("growdesk mcp --read-only", "what an assistant starts, to read alone")]),
    ("outbox", &[("growdesk outbox --json", "what is on its way, for a script")]),
    ("outbox record", &[("growdesk outbox record 8231", "the change is recorded after all")]),
    ("outbox drop", &[("growdesk outbox drop 8231", "the change leaves the outbox")]),
    (
        "log",
        &[
            ("growdesk log --since 2h", "what became of the changes of the last two hours"),
            ("growdesk log --ticket 1042 --json", "everything about one ticket, for a script"),
        ],
    ),
    ("macro", &[]),
    ("macro list", &[("growdesk macro list --json=name,asked", "what each macro asks for")]),
    (
        "macro show",
        &[("growdesk macro show \"Refund started\" --ticket 1042", "its text for that ticket")],
    ),
    (
        "macro run",
        &[
            (
                "growdesk macro run \"Billing::Refund started\" 1042 --set \"order number=42\"",
                "the text is recorded, with the changes beside it",
            ),
            ("growdesk macro run Spam 1042 1043 --dry-run", "the plan; nothing is recorded"),
        ],
    ),
    ("config", &[]),
    ("config path", &[("growdesk config path", "where the settings and the data are")]),
    (
        "config show",
        &[("growdesk config show --json=name,value,place", "each setting with its place")],
    ),
    ("config check", &[("growdesk config check", "everything that is wrong, with file and line")]),
    (
        "completions",
        &[
            ("growdesk completions bash", "print what ~/.bashrc may read"),
            (
                "growdesk completions fish",
                "print what a file in fish's completions folder may hold",
            ),
        ],
    ),
    (
        "man",
        &[
            ("growdesk man", "print the page about the whole program"),
            ("growdesk man --out man1", "write all pages into a folder"),
        ],
    ),
];

/// What the environment can set, for the page about the whole program.
const ENVIRONMENT: &[(&str, &str)] = &[
    ("GROWDESK_URL, GROWDESK_API_KEY", "together they make a profile for this run"),
    ("GROWDESK_PROFILE", "the profile to use"),
    ("GROWDESK_CONFIG", "the configuration file"),
    ("GROWDESK_DATA", "the folder for the local copy, drafts and outbox"),
    ("GROWDESK_LOG", "the level of the log, which is a file in that folder"),
    ("GROWDESK_TIMEZONE", "the zone of the CRM's clock"),
    ("GROWDESK_REQUESTS_PER_MINUTE", "the most requests in any 60 seconds; 0 for no limit"),
    ("GROWDESK_HOLD_SECONDS", "how long a reply or a deletion can be taken back"),
    ("GROWDESK_TIMEOUT_SECONDS", "how long an answer may take"),
    ("GROWDESK_GRACE_SECONDS", "how long a reply whose fate is in doubt is looked for"),
    ("GROWDESK_READ_ONLY", "whether nothing is written to the server"),
    ("NO_COLOR", "no colours where it is set"),
];

/// The command line, with what completes each argument.
pub(super) fn command() -> Command {
    completing::attach(Cli::command())
}

/// The command line, with examples and exit codes in its help.
pub(super) fn with_help() -> Command {
    helped(Cli::command(), "")
}

fn helped(command: Command, path: &str) -> Command {
    let names: Vec<String> = command.get_subcommands().map(|it| it.get_name().to_owned()).collect();
    let command = names.into_iter().fold(command, |command, name| {
        let path = format!("{path} {name}");
        command.mut_subcommand(name, |it| helped(it, path.trim()))
    });
    let mut help = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
    let examples = examples(path);
    if !examples.is_empty() {
        let lines = examples.iter().map(|(line, what)| format!("  {line}\n      {what}\n"));
        help = format!("{help}\n\nExamples:\n{}", lines.collect::<String>());
    }
    if path.is_empty() {
        let lines = Code::ALL.iter().map(|(code, meaning)| format!("  {code}  {meaning}\n"));
        help = format!("{help}\nExit codes:\n{}", lines.collect::<String>());
    }
    match help.trim() {
        "" => command,
        help => command.after_long_help(help.to_owned()),
    }
}

/// The examples of a verb, `config show` say.
fn examples(path: &str) -> &'static [(&'static str, &'static str)] {
    EXAMPLES.iter().find(|(of, _)| *of == path).map_or(&[], |(_, examples)| *examples)
}

/// A page of the manual.
pub(super) struct ManPage {
    /// The name of its file.
    pub(super) file: String,
    /// Its text, for `man`.
    pub(super) text: Vec<u8>,
}

/// All pages, the one about the whole program first. The same program makes the same pages.
///
/// # Errors
/// Only what a writer to memory may fail of.
pub(super) fn pages() -> io::Result<Vec<ManPage>> {
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    let mut pages = Vec::new();
    add_pages(&command, "", &mut pages)?;
    Ok(pages)
}

fn add_pages(command: &Command, path: &str, pages: &mut Vec<ManPage>) -> io::Result<()> {
    let subcommands = || command.get_subcommands().filter(|it| !it.is_hide_set());
    let man = Man::new(command.clone())
        .source(concat!("growdesk ", env!("CARGO_PKG_VERSION")))
        .manual("growdesk");
    let mut text = Vec::new();
    man.render_title(&mut text)?;
    man.render_name_section(&mut text)?;
    man.render_synopsis_section(&mut text)?;
    man.render_description_section(&mut text)?;
    man.render_options_section(&mut text)?;
    if subcommands().next().is_some() {
        man.render_subcommands_section(&mut text)?;
    }
    if command.get_after_long_help().is_some() {
        man.render_extra_section(&mut text)?;
    }
    let mut rest = Roff::new();
    let codes = Code::ALL.map(|(code, meaning)| (code.to_string(), meaning));
    section(&mut rest, "EXIT STATUS", codes.iter().map(|(code, meaning)| (&**code, *meaning)));
    if path.is_empty() {
        section(&mut rest, "ENVIRONMENT", ENVIRONMENT.iter().copied());
    }
    section(&mut rest, "EXAMPLES", examples(path).iter().copied());
    rest.to_writer(&mut text)?;
    if !path.is_empty() {
        let mut other = Roff::new();
        other.control("SH", ["SEE ALSO"]);
        other.text([bold("growdesk"), roman("(1)")]);
        other.to_writer(&mut text)?;
    }
    pages.push(ManPage { file: man.get_filename(), text });
    for command in subcommands() {
        add_pages(command, format!("{path} {}", command.get_name()).trim(), pages)?;
    }
    Ok(())
}

/// A section of words, each with what it means.
fn section<'t>(roff: &mut Roff, title: &str, lines: impl Iterator<Item = (&'t str, &'t str)>) {
    let mut lines = lines.peekable();
    if lines.peek().is_none() {
        return;
    }
    roff.control("SH", [title]);
    for (word, meaning) in lines {
        roff.control("TP", []);
        roff.text([bold(word)]);
        roff.text([roman(meaning)]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All verbs, each as it is typed.
    fn verbs(command: &Command, path: &str, found: &mut Vec<String>) {
        for command in command.get_subcommands().filter(|it| it.get_name() != "help") {
            let path = format!("{path} {}", command.get_name()).trim().to_owned();
            verbs(command, &path, found);
            found.push(path);
        }
    }

    #[test]
    fn every_verb_has_examples_and_every_example_is_a_command_line() {
        let mut all = Vec::new();
        verbs(&Cli::command(), "", &mut all);
        for verb in &all {
            assert!(EXAMPLES.iter().any(|(of, _)| of == verb), "{verb} has no example");
        }
        for (verb, examples) in EXAMPLES {
            // A verb may be left out of this build.
            if !verb.is_empty() && !all.iter().any(|it| it == verb) {
                continue;
            }
            for (line, _) in *examples {
                let words = shell_words::split(line).unwrap();
                Cli::command().try_get_matches_from(&words).unwrap_or_else(|it| panic!("{it}"));
                assert!(line.starts_with(format!("growdesk {verb}").trim()), "{line}");
            }
        }
    }

    #[test]
    fn every_argument_has_a_help() {
        fn check(command: &Command) {
            for arg in command.get_arguments() {
                assert!(arg.get_help().is_some(), "{} {}", command.get_name(), arg.get_id());
            }
            for command in command.get_subcommands() {
                assert!(command.get_about().is_some(), "{}", command.get_name());
                check(command);
            }
        }
        let mut command = Cli::command();
        command.build();
        check(&command);
    }

    #[test]
    fn the_readme_has_the_exit_codes() {
        let readme = include_str!("../../README.md");
        for (code, meaning) in Code::ALL {
            let is_it = |line: &str| {
                line.starts_with(&format!("| {code} |"))
                    && line.ends_with(&format!("| {meaning} |"))
            };
            assert!(readme.lines().any(is_it), "README.md has no line for {code}, {meaning}");
        }
    }
}
