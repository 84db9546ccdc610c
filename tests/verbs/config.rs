//! `growdesk config`.

use std::fs;

use serde_json::json;

use super::desk::{Desk, Ran};

/// A desk without variables of the environment that make a profile.
fn run(desk: &Desk, arguments: &[&str], environment: &[(&str, &str)]) -> Ran {
    let mut command = desk.command(arguments);
    for name in ["URL", "API_KEY", "HOLD_SECONDS", "TIMEOUT_SECONDS", "GRACE_SECONDS"] {
        command.env_remove(format!("GROWDESK_{name}"));
    }
    command.env_remove("GROWDESK_REQUESTS_PER_MINUTE").envs(environment.iter().copied());
    super::desk::finish(command, b"")
}

const FILE: &str = r#"default_profile = "work"
macro_dirs = ["team"]
[profile.work]
url = "https://crm.example.com"
api_key_command = ["sh", "-c", "touch ran; echo very-secret-key"]
poll_seconds = 60
hold_seconds = 7
proxy = "http://me:pass-word@proxy.example.com:3128"
[profile.other]
url = "https://other.example.com"
api_key_file = "keys/other"
[console]
after_action = "next"
[keys.list]
reply = ["x"]
[[view]]
name = "Mine"
"#;

#[test]
fn each_setting_is_shown_with_where_it_comes_from_and_no_key_is_read() {
    let desk = Desk::open();
    desk.write_config(FILE);
    let environment = [("GROWDESK_HOLD_SECONDS", "9"), ("NO_COLOR", "1")];
    let ran = run(&desk, &["config", "show", "--json"], &environment);
    assert_eq!(ran.code, 0, "{ran:?}");
    let all = ran.json();
    let of = |name: &str| {
        let found = all.as_array().expect("a list").iter().find(|it| it["name"] == name);
        found.unwrap_or_else(|| panic!("{name} in {all:#}")).clone()
    };
    let at = |line: usize| format!("{}:{line}", desk.config().display());
    let setting = |name: &str, value, source: &str, place: Option<String>| {
        let wanted = json!({"name": name, "value": value, "source": source, "place": place});
        assert_eq!(of(name), wanted);
    };
    setting("profile", json!("work"), "file", Some(at(1)));
    setting("profile.work.poll_seconds", json!(60), "file", Some(at(6)));
    let hold = Some("GROWDESK_HOLD_SECONDS".to_owned());
    setting("profile.work.hold_seconds", json!(9), "environment", hold);
    setting("profile.work.timeout_seconds", json!(20), "default", None);
    setting("profile.work.api_key_command", json!("sh"), "file", Some(at(5)));
    setting("console.after_action", json!("next"), "file", Some(at(13)));
    setting("keys.list.reply", json!(["x"]), "file", Some(at(15)));
    setting("view[0]", json!({"name": "Mine"}), "file", Some(at(16)));
    setting("colors", json!("none"), "environment", Some("NO_COLOR".into()));
    setting("data", json!(desk.data()), "environment", Some("GROWDESK_DATA".into()));
    assert!(!ran.stdout.contains("secret") && !ran.stdout.contains("pass-word"), "{ran:?}");
    assert!(!desk.folder.path().join("ran").exists());
    assert!(!desk.data().exists());

    let other = run(&desk, &["config", "show", "--profile", "other"], &[]);
    assert!(other.stdout.contains("profile\tother\t--profile\n"), "{other:?}");
    assert!(other.stdout.contains("profile.other.api_key_file\t"), "{other:?}");
}

#[test]
fn the_profile_of_the_environment_is_shown_without_its_key() {
    let desk = Desk::open();
    let ran = desk.ok(&["config", "show", "--json=name,value,place"]);
    let key = "profile.environment.api_key";
    let found = ran.json().as_array().expect("a list").iter().any(|it| {
        it["name"] == key && it["value"] == "GROWDESK_API_KEY" && it["place"] == "GROWDESK_API_KEY"
    });
    assert!(found, "{ran:?}");
    let secret = secrecy::ExposeSecret::expose_secret(desk.sandbox().api_key()).to_owned();
    assert!(!ran.stdout.contains(&secret));
}

#[test]
fn everything_that_is_wrong_is_said_at_once_with_file_and_line() {
    let desk = Desk::open();
    let config = desk.config();
    desk.write_config(
        r#"macro_dirs = ["team", "nowhere"]
[profile.work]
url = "https://crm.example.com"
pol_seconds = 4
[profile.keyless]
url = "https://b.example.com"
[profile.files]
url = "https://c.example.com"
api_key_file = "not-there"
ca_file = "no.pem"
[keys.list]
replly = ["x"]
reply = ["ctrl-nothing"]
[[view]]
sort = "age"
[[macro]]
text = "{{ ticket.nope }}"
"#,
    );
    fs::create_dir(desk.folder.path().join("team")).expect("a folder");
    let team = desk.folder.path().join("team/a.toml");
    fs::write(
        &team,
        "[[macro]]\nname = \"Fine\"\narchive = true\n[[macro]]\nname = \"x\"\nkind = \"no\"\n",
    )
    .expect("macros");
    let wrong = [("GROWDESK_HOLD_SECONDS", "soon")];
    let ran = run(&desk, &["config", "check"], &wrong);
    ran.fails(2);
    let at = |line: usize| format!("{}:{line}: ", config.display());
    for start in [
        "GROWDESK_HOLD_SECONDS has to be".to_owned(),
        at(4) + "unknown key `pol_seconds`",
        at(6) + "the profile \"keyless\" has no key",
        at(9),
        at(10),
        at(12),
        at(13),
        at(14) + "a view has to have a `name`",
        at(15) + "`sort` can't be",
        format!("{}:6: ", team.display()),
        format!("{}", desk.folder.path().join("nowhere").display()),
    ] {
        let found = ran.stdout.lines().any(|line| line.starts_with(&start));
        assert!(found, "{start} is not in\n{}", ran.stdout);
    }
    let json = run(&desk, &["config", "check", "--json"], &wrong);
    json.fails(2);
    let lines = ran.stdout.lines().count();
    assert_eq!(json.json().as_array().expect("a list").len(), lines);
    assert_eq!(json.error()["code"], "usage");
    assert_eq!(json.error()["message"], format!("{lines} things are wrong with the configuration"));
}

#[test]
fn a_sound_configuration_is_said_to_be_so() {
    let desk = Desk::open();
    let text =
        ["[profile.work]", "url = \"https://crm.example.com\"", "api_key_command = [\"false\"]"];
    desk.write_config(&text.join("\n"));
    let ran = run(&desk, &["config", "check"], &[]);
    assert_eq!((ran.code, &*ran.stdout), (0, ""), "{ran:?}");
    assert!(ran.stderr.contains("nothing is wrong"), "{ran:?}");
    let json = run(&desk, &["config", "check", "--json"], &[]);
    assert_eq!(json.json(), json!([]));
}

#[test]
fn paths_are_printed_whatever_is_wrong() {
    let desk = Desk::open();
    for broken in ["macro_dirs = [\"team\"]\nnonsense = 1\n", "no toml [", "\u{0}"] {
        desk.write_config(broken);
        let wrong = [("GROWDESK_HOLD_SECONDS", "soon"), ("GROWDESK_READ_ONLY", "perhaps")];
        let ran = run(&desk, &["config", "path", "--json"], &wrong);
        assert_eq!(ran.code, 0, "{ran:?}");
        let all = ran.json();
        assert_eq!(all[0], json!({"name": "config", "path": desk.config(), "exists": true}));
        assert_eq!(all[1], json!({"name": "data", "path": desk.data(), "exists": false}));
        run(&desk, &["config", "check"], &[]).fails(2);
        run(&desk, &["config", "show"], &[]).fails(2);
    }
    desk.write_config("macro_dirs = [\"team\"]\nnonsense = 1\n");
    let ran = run(&desk, &["config", "path"], &[]);
    assert!(ran.stdout.contains(&format!("macros\t{}", desk.folder.path().join("team").display())));
    let ran = run(&desk, &["config", "show", "--json"], &[]);
    ran.fails(2);
    assert!(ran.error()["help"].as_str().expect("help").contains("config check"), "{ran:?}");
}
