//! A profile: one CRM, the source of its key, and the settings for talking to it.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::tz::TimeZone;
use url::{Host, Url};

use super::{custom, file::StoredProfile, secret::KeySource, sections::Section};
use crate::{
    domain::{CustomField, StatusId, WaitingStatuses},
    text::clean,
};

/// The facts about a CRM that the console and the commands need.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Its name; `environment` for the one that the environment makes.
    pub name: String,
    /// Where it is: without credentials, query or fragment.
    pub url: Url,
    /// Where its key comes from.
    pub key: KeySource,
    /// The agent's name, empty if none was given.
    pub agent_name: String,
    /// The text under each new reply, Markdown; empty if there is none.
    pub signature: String,
    /// The zone of the CRM's clock.
    pub time_zone: TimeZone,
    /// The statuses in which the customer waits.
    pub waiting: WaitingStatuses,
    /// The custom fields that a new ticket can have, in the order of the form.
    pub custom: Vec<CustomField>,
    /// Whether plain http is allowed beyond this machine.
    pub allow_http: bool,
    /// Whether nothing is written to the server.
    pub read_only: bool,
    /// The most requests in any 60 seconds; 0 for no limit.
    pub requests_per_minute: u32,
    /// How long a reply or a deletion can be taken back.
    pub hold: Duration,
    /// How long an answer may take.
    pub timeout: Duration,
    /// How long a post whose fate is in doubt is looked for; never shorter than an answer may take.
    pub grace: Duration,
    /// How often changes are looked for.
    pub poll: Duration,
    /// The proxy; `None` leaves it to the usual variables of the environment.
    pub proxy: Option<Url>,
    /// A file with certificates in PEM that are trusted besides the system's.
    pub ca_file: Option<PathBuf>,
}

/// Whether a profile may have that name: up to 64 letters, digits, `.`, `_` and `-`, the first one a
/// letter or a digit. It is the name of a file and a folder too.
pub fn is_profile_name(name: &str) -> bool {
    name.len() <= 64
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
}

/// The address of a CRM.
///
/// # Errors
/// Says why it is none: no http(s) address, one with a user, a query or a fragment in it, or plain
/// http beyond this machine without `allow_http`.
pub fn check_url(raw: &str, allow_http: bool) -> Result<Url, String> {
    let url = Url::parse(raw.trim()).map_err(|error| {
        format!("this is no address ({error}); it looks like https://crm.example.com")
    })?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err("the address has to start with https://".into());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("the address can't hold a user or a password".into());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("the address can't hold a `?` or a `#`".into());
    }
    if url.scheme() == "http" && !allow_http && !is_loopback(&url) {
        return Err("plain http would show the key to everybody on the way; use https, or set \
                    `allow_http = true` for this profile"
            .into());
    }
    Ok(url)
}

/// The address of a proxy.
///
/// # Errors
/// Says why it is none.
pub fn check_proxy(raw: &str) -> Result<Url, String> {
    // The wrong address is not quoted, since it may hold a password.
    let url = Url::parse(raw.trim()).ok().filter(|url| url.has_host());
    let url = url.filter(|url| matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h"));
    url.ok_or_else(|| {
        "the address of a proxy looks like http://proxy.example.com:3128 or socks5://127.0.0.1:1080"
            .into()
    })
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Whether both lead to the same CRM.
pub(super) fn same_address(a: &Url, b: &Url) -> bool {
    a.origin() == b.origin() && a.path().trim_end_matches('/') == b.path().trim_end_matches('/')
}

/// The zone that an IANA name stands for.
///
/// # Errors
/// Says that there is none of that name, and how one looks.
pub fn time_zone(name: &str) -> Result<TimeZone, String> {
    TimeZone::get(name)
        .map_err(|_| format!("unknown time zone \"{name}\"; it looks like \"Europe/Berlin\""))
}

/// The ranges of the numbers that the file and the environment may set.
pub(super) const REQUESTS: std::ops::RangeInclusive<i64> = 0..=100_000;
pub(super) const HOLD: std::ops::RangeInclusive<i64> = 0..=3600;
pub(super) const TIMEOUT: std::ops::RangeInclusive<i64> = 1..=600;
pub(super) const GRACE: std::ops::RangeInclusive<i64> = 0..=3600;
const POLL: std::ops::RangeInclusive<i64> = 5..=86_400;

/// Reads a section `[profile.NAME]`; `folder` is what paths in it are relative to.
pub(super) fn read(name: &str, mut section: Section<'_>, folder: &Path) -> Option<StoredProfile> {
    let problem = |at, reason: String| section.reader.problem(at, reason);
    if !is_profile_name(name) || name == super::settings::ENVIRONMENT {
        problem(section.at, format!("a profile can't have the name \"{name}\""));
    }
    let allow_http = section.boolean("allow_http").unwrap_or_default();
    let read_only = section.boolean("read_only").unwrap_or_default();
    let reader = section.reader;
    let url = match section.string("url") {
        Some(raw) => {
            check_url(raw.value, allow_http).map_err(|reason| reader.problem(raw.at, reason)).ok()
        }
        None => {
            reader.problem(section.at, format!("profile \"{name}\" has to have a `url`"));
            None
        }
    };
    let key = read_key(&mut section, folder);
    let time_zone = section.string("timezone").and_then(|zone| {
        time_zone(zone.value).map_err(|reason| reader.problem(zone.at, reason)).ok()
    });
    let proxy = section.string("proxy").and_then(|raw| {
        check_proxy(raw.value).map_err(|reason| reader.problem(raw.at, reason)).ok()
    });
    let ca_file = section.string("ca_file").map(|file| folder.join(expand_home(file.value)));
    let agent_name = section.string("agent_name").map(|it| it.value.to_owned());
    let signature = section.string("signature");
    let signature = signature.map(|it| clean::typed(it.value).trim().to_owned());
    let waiting = section.numbers("waiting_statuses").unwrap_or_default();
    let requests = section.integer("requests_per_minute", REQUESTS);
    let mut seconds = |key, range| {
        section.integer(key, range).map(|seconds| Duration::from_secs(seconds.unsigned_abs()))
    };
    let (hold, timeout) = (seconds("hold_seconds", HOLD), seconds("timeout_seconds", TIMEOUT));
    let (grace, poll) = (seconds("grace_seconds", GRACE), seconds("poll_seconds", POLL));
    let custom = custom::read(&mut section);
    section.finish();
    let usual = StoredProfile::new(name, url?);
    Some(StoredProfile {
        key,
        agent_name: agent_name.unwrap_or_default(),
        signature: signature.unwrap_or_default(),
        time_zone: time_zone.unwrap_or(usual.time_zone),
        waiting: WaitingStatuses::with(waiting.into_iter().map(StatusId)),
        custom,
        allow_http,
        read_only,
        requests_per_minute: requests
            .and_then(|it| u32::try_from(it).ok())
            .unwrap_or(usual.requests_per_minute),
        hold: hold.unwrap_or(usual.hold),
        timeout: timeout.unwrap_or(usual.timeout),
        grace: grace.unwrap_or(usual.grace),
        poll: poll.unwrap_or(usual.poll),
        proxy,
        ca_file,
        ..usual
    })
}

fn read_key(section: &mut Section<'_>, folder: &Path) -> Option<KeySource> {
    let command = section.strings("api_key_command");
    let file = section.string("api_key_file");
    if let (Some(_), Some(file)) = (&command, &file) {
        section
            .reader
            .problem(file.at, "a profile has an `api_key_command` or an `api_key_file`, not both");
    }
    if let Some(command) = command {
        let argv: Vec<_> = command.value.iter().map(|it| it.value.to_owned()).collect();
        if argv.first().is_none_or(|program| program.is_empty()) {
            section.reader.problem(
                command.at,
                "`api_key_command` has to name a program: [\"pass\", \"show\", \"growdesk\"]",
            );
            return None;
        }
        return Some(KeySource::Command(argv));
    }
    file.map(|file| KeySource::File(folder.join(expand_home(file.value))))
}

/// The path, with `~/` for the home folder.
pub(super) fn expand_home(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), directories::BaseDirs::new()) {
        (Some(rest), Some(base)) => base.home_dir().join(rest),
        _ => PathBuf::from(path),
    }
}
