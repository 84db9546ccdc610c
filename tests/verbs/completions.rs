//! `growdesk completions`, in the shells that are there.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant, SystemTime},
};

use growdesk::domain::{Directory, FullTicket, Html, Line, Status, StatusId, Ticket, TicketId};
use jiff::Timestamp;

use super::desk::{Desk, finish};

/// A name that a shell would act upon.
const HOSTILE: &str = "On $(touch ran) `touch ran`; touch ran & 'x' \"y\" *";

/// What bash offers at the end of a line: the candidates, one a line.
fn bash(desk: &Desk, line: &str) -> Vec<String> {
    bash_as(desk, line, 9)
}

/// The same, with bash's word for how the candidates will be used.
fn bash_as(desk: &Desk, line: &str, how: u8) -> Vec<String> {
    let script =
        "source <(growdesk completions bash); _growdesk; printf '%s\\n' \"${COMPREPLY[@]}\"";
    let mut command = desk.command(&[]);
    let mut shell = Command::new("bash");
    shell.args(["--norc", "-c", script]).env_clear().stdin(Stdio::null());
    for (name, value) in command.get_envs() {
        shell.env(name, value.unwrap_or_default());
    }
    command.stdin(Stdio::null());
    shell
        .env("PATH", path())
        .env("COMP_LINE", line)
        .env("COMP_POINT", line.len().to_string())
        .env("COMP_TYPE", how.to_string())
        .env("COMP_WORDBREAKS", " \t\n\"'><=;|&(:");
    let ran = finish(shell, b"");
    assert_eq!((ran.code, &*ran.stderr), (0, ""), "{line}: {ran:?}");
    ran.stdout.lines().filter(|it| !it.is_empty()).map(str::to_owned).collect()
}

/// The path with the program in it.
fn path() -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_growdesk")).parent().expect("a folder");
    format!("{}:/usr/local/bin:/usr/bin:/bin", program.display())
}

/// Fills the local copy, and closes it.
fn fill(desk: &Desk, tickets: impl IntoIterator<Item = (i64, String)>) {
    let store = desk.store();
    let line = |text: &str| Line::from_cleaned(text, None);
    let full = |(id, subject): (i64, String)| FullTicket {
        ticket: Ticket {
            subject: line(&subject),
            tags: vec![line("vip"), line("needs work")],
            ..Ticket::sparse(TicketId(id))
        },
        message: Html::new(""),
    };
    let tickets: Vec<FullTicket> = tickets.into_iter().map(full).collect();
    let mut statuses = Status::usual().to_vec();
    statuses.push(Status { id: StatusId(70), title: line(HOSTILE) });
    let directory = Directory { statuses, ..Directory::default() };
    desk.runtime.block_on(async {
        for some in tickets.chunks(5_000) {
            store
                .save_tickets(some.to_vec(), Timestamp::UNIX_EPOCH)
                .await
                .expect("they are stored");
        }
        store.save_directory(directory).await.expect("it is stored");
        store.close().await;
    });
}

fn few(desk: &Desk) {
    let subjects =
        [(1042, "Printer on fire"), (1043, "$(touch ran)\u{202e}\u{1b}[2J\nnext"), (7, "Old")];
    fill(desk, subjects.map(|(id, subject)| (id, subject.to_owned())));
}

/// All files below a folder, each with the time of its last change and its size.
fn files(folder: &Path) -> BTreeMap<String, (SystemTime, u64)> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("the folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            let data = fs::metadata(&path).expect("its data");
            let changed = data.modified().expect("a time");
            found.insert(path.display().to_string(), (changed, data.len()));
        }
    }
    found
}

#[test]
fn numbers_are_completed_with_their_subjects_and_nothing_is_asked_or_written() {
    let desk = Desk::open();
    few(&desk);
    let before = files(&desk.data());
    assert_eq!(bash(&desk, "growdesk log --ticket 10"), ["1043", "1042"]);
    let shown = bash_as(&desk, "growdesk log --ticket 10", 63);
    assert_eq!(shown.last().map(String::as_str), Some("1042  (Printer on fire)"));
    assert!(shown[0].starts_with("1043  ($(touch ran)"), "{shown:?}");
    assert!(!shown[0].contains(['\u{1b}', '\u{202e}']), "{shown:?}");
    assert_eq!(bash(&desk, "growdesk log --ticket=7"), ["7"]);
    assert_eq!(bash(&desk, "growdesk log --ticket '104"), ["1043", "1042"]);
    assert_eq!(files(&desk.data()), before);
    assert_eq!(desk.requests("GET"), 0);
}

#[test]
fn verbs_flags_profiles_and_settings_of_the_line_are_completed() {
    let desk = Desk::open();
    desk.write_config(
        "[profile.work]\nurl = \"https://a.example.com\"\napi_key_file = \"k\"\n\
                       [profile.wonder]\nurl = \"https://b.example.com\"\napi_key_file = \"k\"\n",
    );
    assert_eq!(bash(&desk, "growdesk config c"), ["check"]);
    assert_eq!(bash(&desk, "growdesk --profile wo"), ["wonder", "work"]);
    let elsewhere = desk.folder.path().join("else where.toml");
    fs::write(&elsewhere, "[profile.away]\nurl = \"https://c.example.com\"\n").expect("a file");
    let line = format!("growdesk --config '{}' --profile a", elsewhere.display());
    assert_eq!(bash(&desk, &line), ["away"]);
    let line = format!("growdesk --config=\"{}\" --profile a", elsewhere.display());
    assert_eq!(bash(&desk, &line), ["away"]);
}

#[test]
fn names_come_so_that_the_shell_reads_them_as_they_are() {
    let desk = Desk::open();
    few(&desk);
    assert_eq!(bash(&desk, "growdesk status On"), [r"On\ Hold".to_owned(), escaped(HOSTILE)]);
    assert_eq!(bash(&desk, "growdesk status on\\ h"), [r"On\ Hold"]);
    assert_eq!(bash(&desk, "growdesk status 'On"), ["On Hold"]);
    assert_eq!(bash(&desk, "growdesk list --status Open,Clo"), ["Open,Closed"]);
    assert_eq!(bash(&desk, "growdesk list --status=Clo"), ["Closed"]);
    assert_eq!(bash(&desk, "growdesk tags 7 --add nee"), [r"needs\ work"]);
    assert_eq!(bash(&desk, "growdesk priority ur"), ["urgent"]);
    assert_eq!(bash(&desk, "growdesk show 104"), ["1043", "1042"]);
    assert_eq!(bash(&desk, "growdesk list --view Nee"), [r"Needs\ reply"]);

    // What bash makes of the candidate is the name, and nothing is run.
    let script = format!("set -- {}; printf %s \"$1\"", escaped(HOSTILE));
    let read = shell(&desk, "bash", &["--norc", "-c", &script]).expect("bash is there");
    assert_eq!(read, HOSTILE);
    assert!(!desk.folder.path().join("ran").exists());
}

/// A name as bash has to be given it: every letter that may mean something has a backslash.
fn escaped(name: &str) -> String {
    let plain = |it: char| it.is_ascii_alphanumeric();
    name.chars().map(|it| if plain(it) { it.to_string() } else { format!("\\{it}") }).collect()
}

#[test]
fn macros_are_completed_behind_their_groups() {
    let desk = Desk::open();
    desk.write_config("[[macro]]\nname = \"Billing::Refund it\"\npriority = \"high\"\n");
    assert_eq!(bash(&desk, "growdesk macro run Bil"), [r"Billing::Refund\ it"]);
    assert_eq!(bash(&desk, "growdesk macro run Billing::Re"), [r"Refund\ it"]);
}

#[test]
fn without_a_store_or_with_a_broken_one_nothing_is_said_or_made() {
    let desk = Desk::open();
    assert!(bash(&desk, "growdesk log --ticket 1").is_empty());
    assert!(!desk.data().exists());
    few(&desk);
    let mirror = files(&desk.data()).into_keys().find(|it| it.ends_with("mirror.db"));
    let mirror = mirror.expect("a mirror");
    // One of another version, and one that is none.
    let db = rusqlite::Connection::open(&mirror).expect("the mirror");
    db.pragma_update(None, "user_version", 1).expect("it is set");
    drop(db);
    let before = fs::read(&mirror).expect("the mirror");
    assert!(bash(&desk, "growdesk log --ticket 1").is_empty());
    assert_eq!(fs::read(&mirror).expect("the mirror"), before);
    fs::write(&mirror, "nonsense").expect("it is written");
    assert!(bash(&desk, "growdesk log --ticket 1").is_empty());
    desk.write_config("no toml [");
    for line in
        ["growdesk log --ticket 1", "growdesk '", "growdesk \"$(", "", "growdesk --profile "]
    {
        bash(&desk, line);
    }
}

#[test]
fn a_console_that_writes_does_not_keep_the_line_waiting() {
    let desk = Desk::open();
    few(&desk);
    let store = desk.store();
    assert_eq!(bash(&desk, "growdesk log --ticket 10"), ["1043", "1042"]);
    desk.runtime.block_on(store.close());
}

#[test]
fn a_hundred_thousand_tickets_are_completed_in_a_moment() {
    let desk = Desk::open();
    fill(&desk, (1..=100_000).map(|id| (id, format!("Ticket number {id}"))));
    let best = (0..5)
        .map(|_| {
            let since = Instant::now();
            assert_eq!(bash(&desk, "growdesk log --ticket 9999").len(), 11);
            since.elapsed()
        })
        .min()
        .expect("several");
    // A busy machine has it slower than a quiet one.
    assert!(best < Duration::from_millis(1500), "{best:?}");
}

#[test]
fn each_shell_has_a_stub_and_another_is_refused() {
    let desk = Desk::open();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = desk.ok(&["completions", shell]);
        assert!(ran.stdout.contains("_GROWDESK_COMPLETE"), "{ran:?}");
    }
    desk.run(&["completions", "tcsh"]).fails(2);
    desk.run(&["completions"]).fails(2);
}

/// What a shell prints for a script, if it is there.
fn shell(desk: &Desk, program: &str, arguments: &[&str]) -> Option<String> {
    Command::new(program).arg("--version").output().ok()?;
    let mut shell = Command::new(program);
    shell.args(arguments).env_clear().stdin(Stdio::null());
    shell.envs(desk.environment()).env("PATH", path()).current_dir(desk.folder.path());
    let ran = finish(shell, b"");
    Some(ran.stdout)
}

#[test]
fn fish_completes_too() {
    let desk = Desk::open();
    few(&desk);
    let script = "growdesk completions fish | source; complete -C 'growdesk log --ticket 10'";
    let Some(offered) = shell(&desk, "fish", &["--no-config", "-c", script]) else { return };
    assert!(offered.lines().any(|it| it == "1042\tPrinter on fire"), "{offered:?}");
}
