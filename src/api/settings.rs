//! What a client needs to know before its first request.

use std::{sync::Arc, time::Duration};

use jiff::tz::TimeZone;
use secrecy::SecretString;
use url::{Host, Url};

use super::budget::Ledger;
use crate::domain::TicketId;

/// The settings of an [`ApiClient`](super::ApiClient): a profile's settings, resolved.
#[derive(Clone, Debug)]
pub struct ApiSettings {
    /// The CRM's address, with a path where it is installed under one. A trailing slash and a
    /// trailing `/api` make no difference.
    pub address: String,
    /// The API key.
    pub key: SecretString,
    /// Whether the key may go over plain `http` to a host other than this machine.
    pub allow_http: bool,
    /// Whether every request that would write is refused before it leaves.
    pub read_only: bool,
    /// How long one request may take, from the connection to the answer's last byte.
    pub timeout: Duration,
    /// How long making the connection may take; never longer than most of `timeout`.
    pub connect_timeout: Duration,
    /// How long the client pauses if the server asks for patience without saying how long.
    pub patience: Duration,
    /// The CRM's time zone: some of its times come as local times without a zone.
    pub time_zone: TimeZone,
    /// The most requests in any 60 seconds; 0 is no limit. A lower limit of the server's own wins.
    pub requests_per_minute: u32,
    /// The book of the requests of all processes that share the budget; `None` has one of its own.
    pub ledger: Option<Arc<dyn Ledger>>,
    /// Whether its requests leave the reserve of the budget to others: a script must not keep the
    /// agent's keys waiting.
    pub yields: bool,
    /// The proxy, `http`, `https` or `socks5`; `None` asks the usual variables of the environment.
    /// `NO_PROXY` holds for both.
    pub proxy: Option<Url>,
    /// Certificates in PEM that are trusted besides the system's: of an authority, or the server's own.
    pub authorities: Vec<u8>,
}

impl ApiSettings {
    /// The usual settings: 20 seconds a request, 10 of them for the connection, 60 requests a
    /// minute (the framework's usual throttle), UTC, no plain http.
    pub fn new(address: impl Into<String>, key: SecretString) -> Self {
        Self {
            address: address.into(),
            key,
            allow_http: false,
            read_only: false,
            timeout: Duration::from_secs(20),
            connect_timeout: Duration::from_secs(10),
            patience: Duration::from_secs(60),
            time_zone: TimeZone::UTC,
            requests_per_minute: 60,
            ledger: None,
            yields: false,
            proxy: None,
            authorities: Vec::new(),
        }
    }
}

/// Why no client can be made of the settings.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The address is none.
    #[error("the address must look like https://your-domain or https://your-domain/path: {0}")]
    Address(String),
    /// The address is plain http, and not of this machine.
    #[error("the key would travel unprotected to {0}: use https, or allow http for this profile")]
    PlainHttp(String),
    /// The key can't be sent.
    #[error("the API key is empty or holds characters that no key has")]
    Key,
    /// A proxy would see the key.
    #[error("a proxy would see the key, since the address is plain http: use https, or no `proxy`")]
    ProxyWithoutTls,
    /// The proxy's address can't be used.
    #[error("the address of the proxy can't be used; it looks like http://proxy.example.com:3128")]
    Proxy,
    /// There are no certificates to trust.
    #[error("{0}")]
    Authorities(String),
    /// The HTTP client can't be set up.
    #[error("the HTTP client can't be set up: {0}")]
    Http(String),
}

/// Where an installation is, checked.
#[derive(Clone, Debug)]
pub struct Address {
    /// The web pages' root, without a slash at its end.
    root: Url,
}

impl Address {
    /// Reads an address, with or without `/api` at its end.
    ///
    /// # Errors
    /// Where it is none, holds a secret, or is not encrypted and must be.
    pub fn parse(text: &str, allow_http: bool) -> Result<Self, SetupError> {
        let wrong = |why: &str| SetupError::Address(why.to_owned());
        let mut root = Url::parse(text.trim()).map_err(|error| wrong(&error.to_string()))?;
        if !matches!(root.scheme(), "http" | "https") {
            return Err(wrong("it has to begin with https://"));
        }
        if !root.username().is_empty() || root.password().is_some() {
            return Err(wrong("it must not hold a user name or a password"));
        }
        if root.query().is_some() || root.fragment().is_some() {
            return Err(wrong("it must not hold a ? or a #"));
        }
        if root.scheme() == "http" && !allow_http && !is_loopback(&root) {
            return Err(SetupError::PlainHttp(root.host_str().unwrap_or_default().to_owned()));
        }
        let path = root.path().trim_end_matches('/');
        let path = path.strip_suffix("/api").unwrap_or(path).trim_end_matches('/').to_owned();
        root.set_path(&path);
        Ok(Self { root })
    }

    /// Whether the connection is encrypted, and the server known by its certificate.
    pub(super) fn is_secure(&self) -> bool {
        self.root.scheme() == "https"
    }

    /// The address of an endpoint; `path` is below `/api`, without a slash at its start.
    pub(super) fn endpoint(&self, path: &str) -> Url {
        self.below(std::iter::once("api").chain(path.split('/')))
    }

    /// A ticket's page for people: the one place that knows where it is.
    pub fn web_page(&self, ticket: TicketId) -> Url {
        self.below(["tickets", &ticket.0.to_string()])
    }

    fn below<'a>(&self, segments: impl IntoIterator<Item = &'a str>) -> Url {
        let mut url = self.root.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }

    /// The root, for people.
    pub(super) fn as_str(&self) -> &str {
        self.root.as_str().trim_end_matches('/')
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_an_address_gives_the_same_endpoints() {
        for (text, endpoint, page) in [
            ("https://a.example", "https://a.example/api/tickets/3", "https://a.example/tickets/3"),
            (
                "https://a.example/",
                "https://a.example/api/tickets/3",
                "https://a.example/tickets/3",
            ),
            (
                " https://a.example/api/ ",
                "https://a.example/api/tickets/3",
                "https://a.example/tickets/3",
            ),
            (
                "https://a.example:8443/crm//",
                "https://a.example:8443/crm/api/tickets/3",
                "https://a.example:8443/crm/tickets/3",
            ),
            (
                "https://a.example/crm/api",
                "https://a.example/crm/api/tickets/3",
                "https://a.example/crm/tickets/3",
            ),
        ] {
            let address = Address::parse(text, false).unwrap();
            assert_eq!(address.endpoint("tickets/3").as_str(), endpoint, "{text}");
            assert_eq!(address.web_page(TicketId(3)).as_str(), page, "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "a.example",
            "localhost:8080",
            "ftp://a.example",
            "https://",
            "https://user@a.example",
            "https://:secret@a.example",
            "https://a.example/?x=1",
            "https://a.example/#x",
        ] {
            let error = Address::parse(text, true).unwrap_err();
            assert!(matches!(error, SetupError::Address(_)), "{text}: {error}");
            assert!(!error.to_string().contains("secret"));
        }
    }

    #[test]
    fn plain_http_stays_on_this_machine_unless_allowed() {
        for text in ["http://localhost:8080", "http://127.0.0.1:1/crm", "http://[::1]:1"] {
            assert!(Address::parse(text, false).is_ok(), "{text}");
        }
        for text in ["http://a.example", "http://192.168.0.5", "http://localhost.a.example"] {
            let error = Address::parse(text, false).unwrap_err();
            assert!(matches!(error, SetupError::PlainHttp(_)), "{text}: {error}");
            assert!(Address::parse(text, true).is_ok(), "{text}");
        }
    }
}
