use secrecy::ExposeSecret as _;

use super::*;

const WORK: &str =
    "[profile.work]\nurl = \"https://a.example/\"\napi_key_file = \"k\"\nhold_seconds = 9\n";
const TWO: &str = "[profile.work]\nurl = \"https://a.example/\"\napi_key_file = \"k\"\n\
                   [profile.home]\nurl = \"https://b.example/\"\napi_key_file = \"k\"\n";

fn load_with(
    source: &str,
    flags: Overrides,
    variables: &[(&str, &str)],
) -> Result<Config, SettingsError> {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("config.toml");
    if !source.is_empty() {
        std::fs::write(&path, source).unwrap();
    }
    let flags = Overrides { data: Some(home.path().join("data")), ..flags };
    load(flags, &|name| {
        if name == "GROWDESK_CONFIG" {
            return Some(path.clone().into());
        }
        variables.iter().find(|(it, _)| *it == name).map(|(_, value)| value.into())
    })
}

fn profile(source: &str, variables: &[(&str, &str)]) -> Profile {
    load_with(source, Overrides::default(), variables).unwrap().profile.unwrap()
}

fn refused(source: &str, flags: Overrides, variables: &[(&str, &str)]) -> String {
    load_with(source, flags, variables).unwrap_err().to_string()
}

#[test]
fn without_a_profile_it_is_a_first_start() {
    let settings = load_with("", Overrides::default(), &[("NO_COLOR", "1")]).unwrap();
    assert!(settings.profile.is_none() && settings.profiles.is_empty());
    assert_eq!(settings.colors, Colors::None);
    assert!(settings.folders.data_dir.ends_with("data"));
}

#[test]
fn flags_beat_the_environment_and_that_the_file() {
    assert_eq!(profile(WORK, &[]).hold.as_secs(), 9);
    assert_eq!(profile(WORK, &[]).timeout.as_secs(), 20);
    let variables = [
        ("GROWDESK_HOLD_SECONDS", "1"),
        ("GROWDESK_TIMEOUT_SECONDS", "2"),
        ("GROWDESK_GRACE_SECONDS", "3"),
        ("GROWDESK_REQUESTS_PER_MINUTE", "0"),
        ("GROWDESK_TIMEZONE", "Europe/Berlin"),
        ("GROWDESK_LOG", ""),
    ];
    let set = profile(WORK, &variables);
    assert_eq!([set.hold, set.timeout, set.grace].map(|it| it.as_secs()), [1, 2, 3]);
    assert_eq!(set.requests_per_minute, 0);
    assert_eq!(set.time_zone.iana_name(), Some("Europe/Berlin"));
    let flags = Overrides { hold: Some(Duration::from_secs(7)), ..Overrides::default() };
    let settings = load_with(WORK, flags, &variables).unwrap();
    assert_eq!(settings.profile.unwrap().hold.as_secs(), 7);
    assert_eq!(settings.log, None);
}

#[test]
fn a_profile_is_read_only_by_the_file_or_the_environment() {
    let read_only = format!("{WORK}read_only = true\n");
    assert!(!profile(WORK, &[]).read_only);
    assert!(profile(&read_only, &[]).read_only);
    for (word, is) in [("1", true), ("true", true), ("On", true), ("0", false), ("no", false)] {
        let variables = [("GROWDESK_READ_ONLY", word)];
        assert_eq!(profile(WORK, &variables).read_only, is, "{word}");
        assert_eq!(profile(&read_only, &variables).read_only, is, "{word}");
    }
    let said = refused(WORK, Overrides::default(), &[("GROWDESK_READ_ONLY", "perhaps")]);
    assert!(said.contains("GROWDESK_READ_ONLY has to be"), "{said}");
}

#[test]
fn the_environment_can_make_a_profile() {
    let variables = [("GROWDESK_URL", "https://c.example"), ("GROWDESK_API_KEY", "s3cret")];
    for source in ["", WORK, TWO] {
        let made = profile(source, &variables);
        assert_eq!((made.name.as_str(), made.url.as_str()), ("environment", "https://c.example/"));
        assert!(!format!("{made:?}").contains("s3cret"));
        let KeySource::Environment(key) = made.key else { panic!("{made:?}") };
        assert_eq!(key.expose_secret(), "s3cret");
    }
    let flags = Overrides { profile: Some("work".into()), ..Overrides::default() };
    let said = refused(WORK, flags, &variables);
    assert!(said.contains("GROWDESK_URL is not the address"), "{said}");
}

#[test]
fn a_stored_key_goes_to_its_own_address_only() {
    let said = refused(WORK, Overrides::default(), &[("GROWDESK_URL", "https://evil.example")]);
    assert!(said.contains("its key goes nowhere else"), "{said}");
    let same = profile(WORK, &[("GROWDESK_URL", "https://a.example")]);
    assert!(matches!(same.key, KeySource::File(_)));
    for other in ["http://a.example", "https://a.example:444", "https://a.example/x"] {
        refused(WORK, Overrides::default(), &[("GROWDESK_URL", other)]);
    }
    for (name, value) in [("GROWDESK_URL", "https://a.example"), ("GROWDESK_API_KEY", "k")] {
        assert!(refused("", Overrides::default(), &[(name, value)]).contains("needs"));
    }
}

#[test]
fn a_key_of_the_environment_is_taken_for_a_stored_profile() {
    let set = profile(WORK, &[("GROWDESK_API_KEY", "other")]);
    assert_eq!(set.name, "work");
    assert!(matches!(set.key, KeySource::Environment(_)));
    let keyless = "[profile.work]\nurl = \"https://a.example\"\n";
    assert!(refused(keyless, Overrides::default(), &[]).contains("has no key"));
    assert_eq!(profile(keyless, &[("GROWDESK_API_KEY", "k")]).name, "work");
}

#[test]
fn one_of_several_profiles_has_to_be_named() {
    assert!(refused(TWO, Overrides::default(), &[]).contains("there are several profiles"));
    assert_eq!(profile(TWO, &[("GROWDESK_PROFILE", "home")]).name, "home");
    assert_eq!(profile(&format!("default_profile = \"work\"\n{TWO}"), &[]).name, "work");
    let said = refused(TWO, Overrides::default(), &[("GROWDESK_PROFILE", "x")]);
    assert!(said.contains("no profile \"x\"; there is home, work"), "{said}");
}

#[test]
fn a_wrong_environment_is_said_at_once_and_shows_no_key() {
    let said = refused(
        WORK,
        Overrides::default(),
        &[
            ("GROWDESK_HOLD_SECONDS", "soon"),
            ("GROWDESK_TIMEZONE", "Mars/Base"),
            ("GROWDESK_API_KEY", "two words"),
            ("GROWDESK_REQUESTS_PER_MINUTE", "-1"),
        ],
    );
    assert_eq!(said.lines().count(), 4, "{said}");
    assert!(!said.contains("two words"), "{said}");
    let said = refused(
        "",
        Overrides::default(),
        &[("GROWDESK_URL", "http://a.example"), ("GROWDESK_API_KEY", "k")],
    );
    assert!(said.contains("plain http"), "{said}");
}

#[test]
fn a_broken_file_is_that_error() {
    let said = refused("[console]\nbel = true\n", Overrides::default(), &[]);
    assert!(said.contains("config.toml:2: unknown key `bel`"), "{said}");
}
