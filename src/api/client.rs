//! Sending requests: one place for the headers, the budget, the retries and the errors.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use backon::{ExponentialBuilder, Retryable as _};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use reqwest::{
    Method,
    header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderName, HeaderValue},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use tokio::time::Instant;
use url::Url;

use super::{
    PAGE_LIMIT, Paged,
    answer::{Answer, Envelope, Expected, Oversize},
    budget::{Budget, Hurry, Urgency},
    error::Error,
    lenient,
    settings::{Address, ApiSettings, SetupError},
    trust,
};

/// How long an idle connection is kept. This is less than servers usually keep it: if a write goes
/// out on a connection that the server is closing, nobody can tell its fate.
const IDLE: Duration = Duration::from_secs(15);
/// The most pages that make up one complete list.
const PAGES_MOST: u32 = 50;

/// A query parameter.
pub(super) type Param = (&'static str, String);

/// The client of one installation. Cheap to clone; all clones share connections and budget.
#[derive(Clone)]
pub struct ApiClient(Arc<Inner>);

struct Inner {
    http: reqwest::Client,
    address: Address,
    key: SecretString,
    zone: TimeZone,
    timeout: Duration,
    patience: Duration,
    /// Whether it is a command's.
    yields: bool,
    budget: Budget,
    read_only: bool,
    /// How many requests have left.
    sent: AtomicU64,
}

impl fmt::Debug for ApiClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiClient").field("address", &self.address()).finish_non_exhaustive()
    }
}

impl ApiClient {
    /// Makes a client; nothing is sent yet.
    ///
    /// It follows no redirect, and asks a proxy for nothing but a tunnel to the host of the address:
    /// the key reaches nobody else.
    pub fn new(settings: ApiSettings) -> Result<Self, SetupError> {
        // An error means that a provider is installed already, which is just as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let address = Address::parse(&settings.address, settings.allow_http)?;
        let key = settings.key.expose_secret().trim();
        let http = proxied(reqwest::Client::builder(), &address, settings.proxy.as_ref())?
            .tls_backend_preconfigured(trust::tls(address.is_secure(), &settings.authorities)?)
            .user_agent(concat!("growdesk/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers(key)?)
            .timeout(settings.timeout)
            // The limit is shorter than that of the whole request, so that a request that never
            // left is recognised.
            .connect_timeout(settings.connect_timeout.min(settings.timeout.mul_f32(0.9)))
            .pool_idle_timeout(IDLE)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .build()
            .map_err(|error| SetupError::Http(error.to_string()))?;
        Ok(Self(Arc::new(Inner {
            http,
            address,
            key: key.into(),
            zone: settings.time_zone,
            timeout: settings.timeout,
            patience: settings.patience,
            yields: settings.yields,
            budget: Budget::shared(settings.requests_per_minute, settings.ledger, settings.yields),
            read_only: settings.read_only,
            sent: AtomicU64::new(0),
        })))
    }

    /// The endpoints, for requests of this urgency.
    pub fn at(&self, urgency: Urgency) -> Endpoints {
        let hurry = Hurry::default();
        Endpoints { inner: Arc::clone(&self.0), urgency, hurry, reserved: Arc::default() }
    }

    /// The installation's address, without `/api`.
    pub fn address(&self) -> &str {
        self.0.address.as_str()
    }

    /// How many requests this client has sent.
    pub fn sent(&self) -> u64 {
        self.0.sent.load(Ordering::Relaxed)
    }

    /// The request budget.
    pub fn budget(&self) -> &Budget {
        &self.0.budget
    }
}

/// Sets the proxy: the profile's, or else the one that the usual variables of the environment name.
/// A plain http request would show the key to a proxy, so it goes directly.
fn proxied(
    builder: reqwest::ClientBuilder,
    address: &Address,
    proxy: Option<&Url>,
) -> Result<reqwest::ClientBuilder, SetupError> {
    match proxy {
        Some(_) if !address.is_secure() => Err(SetupError::ProxyWithoutTls),
        // The error would repeat the address, with a password in it.
        Some(proxy) => match reqwest::Proxy::all(proxy.clone()) {
            Ok(proxy) => Ok(builder.proxy(proxy.no_proxy(reqwest::NoProxy::from_env()))),
            Err(_) => Err(SetupError::Proxy),
        },
        None if address.is_secure() => Ok(builder),
        None => Ok(builder.no_proxy()),
    }
}

fn headers(key: &str) -> Result<HeaderMap, SetupError> {
    let mut bearer =
        HeaderValue::from_str(&format!("Bearer {key}")).map_err(|_| SetupError::Key)?;
    bearer.set_sensitive(true);
    if key.is_empty() {
        return Err(SetupError::Key);
    }
    Ok(HeaderMap::from_iter([
        (AUTHORIZATION, bearer),
        (ACCEPT, HeaderValue::from_static("application/json")),
        // Without it the framework's errors come as HTML with status 200.
        (HeaderName::from_static("x-requested-with"), HeaderValue::from_static("XMLHttpRequest")),
    ]))
}

/// The endpoints of the API, for requests of one urgency. Dropping a call's future gives the call
/// up. A write that was given up may have been carried out.
#[derive(Clone)]
pub struct Endpoints {
    inner: Arc<Inner>,
    urgency: Urgency,
    /// Calls its requests forward while they are in line.
    hurry: Hurry,
    /// Whether the budget has counted the next request already.
    reserved: Arc<AtomicBool>,
}

impl fmt::Debug for Endpoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoints").field("urgency", &self.urgency).finish_non_exhaustive()
    }
}

impl Endpoints {
    /// The CRM's time zone.
    pub(super) fn zone(&self) -> &TimeZone {
        &self.inner.zone
    }

    /// The same, for requests that `hurry` may call forward.
    #[must_use]
    pub fn hurried_by(self, hurry: Hurry) -> Self {
        Self { hurry, ..self }
    }

    async fn take_place(&self) {
        self.inner.budget.acquire_or_hurry(self.urgency, &self.hurry).await;
    }

    /// Takes a place, unless the server asks a command to wait for longer than a request may take. The
    /// command then hears what it would hear from the server.
    async fn take_place_soon(&self) -> Result<(), Error> {
        let inner = &*self.inner;
        if !inner.yields {
            self.take_place().await;
            return Ok(());
        }
        let most = SignedDuration::try_from(inner.timeout).unwrap_or(SignedDuration::MAX);
        let too_long = |until: &Timestamp| until.duration_since(Timestamp::now()) > most;
        let mut told = inner.budget.watch();
        // The state is let go of at once: the one in line tells a new state when it leaves.
        let paused = async {
            let state = told.wait_for(|it| it.paused_until.as_ref().is_some_and(too_long)).await;
            state.ok().and_then(|state| state.paused_until)
        };
        tokio::select! {
            biased;
            () = self.take_place() => Ok(()),
            Some(until) = paused => Err(Error::Throttled { until }),
        }
    }

    /// Waits until the budget allows one request; the next request of this handle then leaves at
    /// once. It serves a write that must leave right after its last check.
    pub async fn reserve(self) -> Self {
        self.take_place().await;
        self.reserved.store(true, Ordering::Relaxed);
        self
    }

    /// A GET, tried at most three times if a further try may help. No attempt begins after twice
    /// the time-out of one request.
    pub(super) async fn read(
        &self,
        path: &str,
        query: &[Param],
        oversize: Oversize,
    ) -> Result<Envelope, Error> {
        let backoff = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(300))
            .with_max_times(2)
            .with_jitter();
        let begun = Instant::now();
        let in_time = || begun.elapsed() < self.inner.timeout * 2;
        (|| self.once(Method::GET, path, query, None, oversize))
            .retry(backoff)
            .when(|error: &Error| error.is_worth_a_retry() && in_time())
            .await
    }

    /// Whether the API answers at all, tried once with a request that no ticket can spoil.
    pub async fn is_there(&self) -> Result<(), Error> {
        let query = [("type", "ticket".to_owned()), ("limit", "1".to_owned())];
        self.once(Method::GET, "categories", &query, None, Oversize::Refused).await.map(drop)
    }

    /// A write, tried once. The client of a read-only profile sends none.
    pub(super) async fn write(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<Envelope, Error> {
        if self.inner.read_only {
            return Err(Error::refused_here("read_only", "this profile is read-only"));
        }
        self.once(method, path, &[], body.as_ref(), Oversize::Shrunk).await
    }

    /// One request, tried once.
    pub(super) async fn once(
        &self,
        method: Method,
        path: &str,
        query: &[Param],
        body: Option<&Value>,
        oversize: Oversize,
    ) -> Result<Envelope, Error> {
        let inner = &*self.inner;
        if !self.reserved.swap(false, Ordering::Relaxed) {
            self.take_place_soon().await?;
        }
        let expected = if method == Method::GET { Expected::Data } else { Expected::Envelope };
        let mut request = inner.http.request(method.clone(), inner.address.endpoint(path));
        if !query.is_empty() {
            request = request.query(query);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        inner.sent.fetch_add(1, Ordering::Relaxed);
        let begun = Instant::now();
        let answer = match request.send().await {
            Ok(response) => Answer::receive(response, oversize, &inner.key).await,
            Err(error) => Err(error.into()),
        };
        let result = match answer {
            Ok(answer) => self.take(answer, expected).await,
            Err(error) => Err(error),
        };
        // The log gets neither the query, which may hold a customer's words, nor any body.
        let millis = begun.elapsed().as_millis();
        match &result {
            Ok(envelope) => {
                tracing::debug!(%method, path, status = envelope.status, millis, "answered");
            }
            Err(error) => tracing::debug!(%method, path, millis, %error, "failed"),
        }
        result
    }

    /// Lets the budget learn from an answer, and judges it.
    async fn take(&self, answer: Answer, expected: Expected) -> Result<Envelope, Error> {
        let number = |name| answer.header(name).and_then(|value| value.parse().ok());
        let limit = number("x-ratelimit-limit");
        let remaining = number("x-ratelimit-remaining");
        let asks_all_to_wait = answer.status == 429 || answer.header("retry-after").is_some();
        let budget = &self.inner.budget;
        let result = answer.judge(expected, &self.inner.key, Timestamp::now(), self.inner.patience);
        match &result {
            Err(Error::Throttled { until }) if asks_all_to_wait => {
                budget.learn(limit, None).await;
                budget.pause(*until).await;
            }
            _ => budget.learn(limit, remaining).await,
        }
        result
    }

    /// One page of a list; `query` asks for it.
    pub(super) async fn page<T>(
        &self,
        path: &str,
        query: &[Param],
        decode: impl Fn(Value) -> Option<T>,
    ) -> Result<Paged<T>, Error> {
        let envelope = self.read(path, query, Oversize::Refused).await?;
        let asked = |name| asked(query, name);
        page_of(envelope, path, asked("page").unwrap_or(1), asked("limit"), decode)
    }

    /// All of a list, page by page as far as the server says that there are more. A page that is
    /// empty, or the same as the one before, is the last, whatever the server says.
    pub(super) async fn all<T>(
        &self,
        path: &str,
        query: &[Param],
        decode: impl Fn(Value) -> Option<T>,
    ) -> Result<Paged<T>, Error> {
        let mut envelope = self.read(path, query, Oversize::Shrunk).await?;
        let last_page = envelope.meta.last_page.count().unwrap_or(1).min(PAGES_MOST);
        let mut before = if last_page > 1 { envelope.data.clone() } else { Value::Null };
        let mut whole = page_of(std::mem::take(&mut envelope), path, 1, None, &decode)?;
        for number in 2..=last_page {
            let query = [query, &[("page", number.to_string())]].concat();
            let envelope = self.read(path, &query, Oversize::Shrunk).await?;
            if envelope.data == before {
                tracing::warn!(path, number, "a page is the same as the one before");
                break;
            }
            before.clone_from(&envelope.data);
            let next = page_of(envelope, path, number, None, &decode)?;
            if next.items.is_empty() && next.skipped == 0 {
                break;
            }
            whole.items.extend(next.items);
            whole.skipped += next.skipped;
        }
        let count = whole.items.len() + usize::try_from(whole.skipped).unwrap_or_default();
        whole.total = u64::try_from(count).unwrap_or(u64::MAX);
        whole.per_page = u32::try_from(count).unwrap_or(u32::MAX);
        (whole.page, whole.last_page) = (1, 1);
        Ok(whole)
    }
}

/// The number that `query` gives `name`.
pub(super) fn asked(query: &[Param], name: &str) -> Option<u32> {
    let (_, value) = query.iter().find(|(key, _)| *key == name)?;
    value.parse().ok()
}

/// Decodes a page of a list, one item at a time, so a broken item spoils no other.
pub(super) fn page_of<T>(
    envelope: Envelope,
    path: &str,
    asked_page: u32,
    asked_limit: Option<u32>,
    decode: impl Fn(Value) -> Option<T>,
) -> Result<Paged<T>, Error> {
    let Envelope { status, data, meta, .. } = envelope;
    let name = path.rsplit('/').next().unwrap_or(path);
    let Some(values) = lenient::items(data, name) else {
        return Err(Envelope { status, ..Envelope::default() }.without("a list"));
    };
    let count = u32::try_from(values.len()).unwrap_or(u32::MAX);
    let (mut items, mut left_out) = (Vec::new(), Vec::new());
    for (place, value) in (0_u32..).zip(values) {
        match decode(value) {
            Some(item) => items.push(item),
            None => left_out.push(place),
        }
    }
    let skipped = u32::try_from(left_out.len()).unwrap_or(u32::MAX);
    if skipped > 0 {
        tracing::warn!(path, skipped, "items of a list could not be decoded");
    }
    let page = meta.current_page.count().filter(|page| *page > 0).unwrap_or(asked_page);
    let per_page = meta.per_page.count().filter(|it| *it > 0);
    let per_page = per_page.or(asked_limit).unwrap_or(PAGE_LIMIT);
    let known = u64::from(page.saturating_sub(1)) * u64::from(per_page) + u64::from(count);
    let total: Option<u64> = meta.total.count();
    let last_page =
        meta.last_page.count().or_else(|| u32::try_from(total?.div_ceil(u64::from(per_page))).ok());
    let is_full = count >= per_page;
    Ok(Paged {
        items,
        page,
        last_page: last_page.unwrap_or(page + u32::from(is_full)).max(1),
        total: total.unwrap_or(known),
        per_page,
        skipped,
        left_out,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn page(meta: Value, items: usize, asked: (u32, Option<u32>)) -> (u32, u32, u64, u32) {
        let data = Value::Array(vec![json!({}); items]);
        let meta = serde_json::from_value(meta).unwrap();
        let envelope = Envelope { status: 200, data, meta, inexact: false };
        let page = page_of(envelope, "tickets", asked.0, asked.1, Some).unwrap();
        (page.page, page.last_page, page.total, page.per_page)
    }

    #[test]
    fn page_numbers_are_the_servers_where_it_names_them() {
        let meta = json!({"current_page": "2", "per_page": 35, "total": "80", "last_page": 3});
        assert_eq!(page(meta, 35, (2, Some(100))), (2, 3, 80, 35));
        assert_eq!(page(json!({"total": 80, "per_page": 35}), 35, (1, None)), (1, 3, 80, 35));
        let empty = json!({"current_page": 1, "per_page": 35, "total": 0, "last_page": 0});
        assert_eq!(page(empty, 0, (1, None)), (1, 1, 0, 35));
    }

    #[test]
    fn without_page_numbers_a_full_page_promises_another() {
        assert_eq!(page(json!({}), 10, (2, Some(10))), (2, 3, 20, 10));
        assert_eq!(page(json!({}), 4, (3, Some(10))), (3, 3, 24, 10));
    }

    #[test]
    fn keys_that_cannot_be_sent_are_refused() {
        for key in ["", "  ", "a\nb"] {
            let settings = ApiSettings::new("https://a.example", key.into());
            let error = ApiClient::new(settings).unwrap_err();
            assert!(matches!(error, SetupError::Key), "{key:?}: {error}");
        }
    }

    #[test]
    fn debug_output_has_no_key() {
        let settings = ApiSettings::new("https://a.example/crm/", "k-very-secret".into());
        assert!(!format!("{settings:?}").contains("k-very"));
        let client = ApiClient::new(settings).unwrap();
        let text = format!("{client:?} {:?}", client.at(Urgency::Agent));
        assert!(!text.contains("k-very"), "{text}");
        assert!(text.contains("https://a.example/crm"));
    }
}
