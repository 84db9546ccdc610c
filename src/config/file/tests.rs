use super::*;
use crate::{
    config::{DEFAULT, chords},
    domain::{
        ActiveState, ClientId, DepartmentId, Priority, ProjectId, Query, Shelf, Sort, SortKey,
        StatusId, StatusMatch, plan::Then,
    },
};

fn parse(source: &str) -> File {
    File::parse(source, Path::new("/etc/g/config.toml")).unwrap()
}

fn problems(source: &str) -> String {
    File::parse(source, Path::new("config.toml")).unwrap_err().to_string()
}

const WORK: &str = "[profile.work]\nurl = \"https://a.example\"\n";

#[test]
fn the_default_file_changes_nothing() {
    let file = parse(DEFAULT);
    assert!(file.profiles.is_empty() && file.keys.is_empty() && file.views.is_empty());
    assert_eq!(file.console, ConsoleSection::default());
}

/// The default file with its settings uncommented: the values that it shows must be the real
/// defaults.
#[test]
fn the_default_file_documents_what_is() {
    let source: Vec<_> = DEFAULT
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(setting) if setting.starts_with(|c: char| c.is_ascii_lowercase() || c == '[') => {
                setting
            }
            _ => line,
        })
        .filter(|line| !line.starts_with("api_key_command"))
        .collect();
    let file = parse(&source.join("\n"));
    assert_eq!(file.console, ConsoleSection::default());
    assert_eq!(file.default_profile.as_deref(), Some("work"));
    let usual = StoredProfile::new("work", file.profiles[0].url.clone());
    let shown = file.profiles[0].clone();
    assert!(shown.proxy.is_some() && shown.ca_file.is_some());
    let [field] = &shown.custom[..] else { panic!("{:?}", shown.custom) };
    assert!(field.id == 3 && field.required && field.choices == ["Router", "Switch"]);
    let custom = Vec::new();
    let shown = StoredProfile { key: None, proxy: None, ca_file: None, custom, ..shown };
    assert_eq!(format!("{shown:?}"), format!("{usual:?}"));
    assert_eq!(file.keys.len(), 1);
    assert_eq!(file.views.len(), 2);
    assert_eq!(file.views[1].query.status, StatusMatch::Not(StatusId::CLOSED));
}

#[test]
fn a_profile_is_read() {
    let file = parse(
        "default_profile = \"work\"\n[profile.work]\nurl = \"http://crm.lan/desk/\"\nallow_http = true\n\
         api_key_command = [\"pass\", \"show x\"]\nagent_name = \"Ann\"\ntimezone = \"Europe/Berlin\"\n\
         waiting_statuses = [7]\nrequests_per_minute = 0\nhold_seconds = 0\ntimeout_seconds = 9\n\
         grace_seconds = 1\npoll_seconds = 0x10\n\n[profile.b]\nurl = \"http://127.0.0.1:8080\"\n\
         api_key_file = \"keys/b\"\n",
    );
    let [b, work] = &file.profiles[..] else { panic!("{file:?}") };
    assert_eq!(work.url.as_str(), "http://crm.lan/desk/");
    assert!(matches!(&work.key, Some(KeySource::Command(argv)) if argv == &["pass", "show x"]));
    assert_eq!(work.agent_name, "Ann");
    assert_eq!(work.time_zone.iana_name(), Some("Europe/Berlin"));
    assert!(work.waiting.holds(StatusId(7)) && work.waiting.holds(StatusId::OPEN));
    assert_eq!(work.requests_per_minute, 0);
    let seconds = [work.hold, work.timeout, work.grace, work.poll].map(|it| it.as_secs());
    assert_eq!(seconds, [0, 9, 1, 16]);
    assert!(matches!(&b.key, Some(KeySource::File(path)) if path == Path::new("/etc/g/keys/b")));
}

#[test]
fn the_console_is_read() {
    let file = parse(
        "[console]\ndefault_submit_status = 2\nafter_action = \"next\"\nwait_warn_minutes = 1\nwait_alarm_minutes = 2\n",
    );
    let console = file.console;
    assert_eq!(console.default_submit_status, StatusId(2));
    assert_eq!(console.after_action, Then::Next);
    assert_eq!((console.wait_warn.as_secs(), console.wait_alarm.as_secs()), (60, 120));
}

#[test]
fn keys_are_read_in_their_order() {
    let file =
        parse("[keys.list]\nreply = \"r\"\nnote = [\"n\", \"g n\"]\n[keys.editor]\nsubmit = []\n");
    let expected = [
        ("list", "reply", vec![chords("r").unwrap()], 2),
        ("list", "note", vec![chords("n").unwrap(), chords("g n").unwrap()], 3),
        ("editor", "submit", vec![], 5),
    ]
    .map(|(scope, command, chords, line)| KeyBinding {
        scope: scope.into(),
        command: command.into(),
        chords,
        line,
    });
    assert_eq!(file.keys, expected);
}

#[test]
fn views_are_read() {
    let file = parse(
        "[[view]]\nname = \"Bugs\"\nstatus = [1, 9]\npriorities = [\"high\"]\ndepartments = [3]\n\
         client = 4\nproject = 5\ntags = [\"bug\"]\ntext = \"x\"\narchived = true\nsnoozed = true\nsort = \"created\"\n\
         reversed = true\n[[view]]\nname = \"W\"\nstatus = \"waiting\"\n",
    );
    let expected = View {
        name: "Bugs".into(),
        query: Query {
            state: ActiveState::Archived,
            shelf: Shelf::Any,
            status: StatusMatch::In(vec![StatusId(1), StatusId(9)]),
            priorities: vec![Priority::High],
            departments: vec![DepartmentId(3)],
            client: Some(ClientId(4)),
            project: Some(ProjectId(5)),
            tags: vec!["bug".into()],
            text: "x".into(),
        },
        sort: Sort { key: SortKey::Created, reversed: true },
    };
    assert_eq!(file.views[0], expected);
    assert_eq!(file.views[1].query.status, StatusMatch::Waiting);
    assert_eq!(file.views[1].query.shelf, Shelf::Awake);
}

#[test]
fn everything_wrong_is_said_at_once() {
    let source = "colour = 1\ndefault_profile = \"wrok\"\n\n[profile.work]\nurl = \"http://a.example\"\n\
                  timezone = \"Mars/Base\"\npoll_seconds = 0\nhold_seconds = \"x\"\n\
                  waiting_statuses = [1, \"a\", -3]\nagent_nam = \"x\"\napi_key_command = []\n\n\
                  [profile.none]\n\n[profile.\"a/b\"]\nurl = \"https://u:p@a.example\"\n\n\
                  [console]\nwait_warn_minutes = \"x\"\nwait_warn = 1\ndefault_submit_status = 0\n\n[keys.list]\nreply = [\"bogus\", 1]\n\n\
                  [[view]]\nsort = \"size\"\n[[view]]\nname = \"a\"\npriorities = [\"urgnt\"]\nstatus = \"waiting\"\nstatus_not = 2\n";
    let expected = "\
config.toml:1: unknown key `colour`; did you mean `colors`?
config.toml:2: there is no [profile.wrok]
config.toml:5: plain http would show the key to everybody on the way; use https, or set `allow_http = true` for this profile
config.toml:6: unknown time zone \"Mars/Base\"; it looks like \"Europe/Berlin\"
config.toml:7: `poll_seconds` has to be a number from 5 to 86400, not 0
config.toml:8: `hold_seconds` has to be a number from 0 to 3600, not string
config.toml:9: `waiting_statuses` has to be a number from 1 on, not string
config.toml:9: `waiting_statuses` has to be a number from 1 on, not -3
config.toml:10: unknown key `agent_nam` in [profile.work]; did you mean `agent_name`?
config.toml:11: `api_key_command` has to name a program: [\"pass\", \"show\", \"growdesk\"]
config.toml:13: profile \"none\" has to have a `url`
config.toml:15: a profile can't have the name \"a/b\"
config.toml:16: the address can't hold a user or a password
config.toml:19: `wait_warn_minutes` has to be a number from 1 to 527040, not string
config.toml:20: unknown key `wait_warn` in [console]; did you mean `wait_warn_minutes`?
config.toml:21: `default_submit_status` has to be a number from 1 on, not 0
config.toml:24: `bogus` is no key; keys look like `r`, `G`, `é`, `ctrl-d`, `enter`, `f5`
config.toml:24: `reply` has to be a list of strings, not integer
config.toml:26: a view has to have a `name`
config.toml:27: `sort` can't be \"size\", only one of \"waiting\", \"updated\", \"created\", \"priority\", \"status\"
config.toml:28: a view takes `status` or `status_not`, not both
config.toml:30: `priorities` can't be \"urgnt\"; did you mean \"urgent\"?";
    similar(&problems(source), expected);
}

fn similar(found: &str, expected: &str) {
    let (mut found, mut expected): (Vec<_>, Vec<_>) =
        (found.lines().collect(), expected.lines().collect());
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected);
}

#[test]
fn what_is_no_toml_has_its_line() {
    let said = problems(&format!("{WORK}\nagent_name = \n"));
    assert!(said.starts_with("config.toml:4: "), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(problems("profile = 3").contains("config.toml:1: `profile` has to be a section"));
    assert!(problems("view = 3").contains("a list of sections, [[view]]"));
}

#[test]
fn a_file_that_is_not_there_says_nothing() {
    let home = tempfile::tempdir().unwrap();
    assert!(File::read(&home.path().join("none.toml")).unwrap().profiles.is_empty());
    assert!(File::read(home.path()).unwrap_err().to_string().contains("can't be read"));
}
