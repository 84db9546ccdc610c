//! Misbehaviour on request: faults that may occur between a client and a real installation.

use std::{
    collections::HashMap,
    net::IpAddr,
    num::NonZeroU32,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use axum::http::Method;
use jiff::tz::TimeZone;

/// The faults of a running sandbox. Clones share them; they can be added and cleared at any time.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<Registry>>);

#[derive(Debug, Default)]
struct Registry {
    next: u64,
    active: Vec<Active>,
    hits: HashMap<u64, u32>,
    throttle: Option<Throttle>,
    windows: HashMap<IpAddr, (Instant, u32)>,
}

#[derive(Debug)]
struct Active {
    id: u64,
    left: Option<u32>,
    /// How many requests it fitted.
    fitted: u32,
    fault: Fault,
}

/// Names a fault that was added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FaultId(u64);

/// What goes wrong, for which requests, and how often.
///
/// As text, which is how a command line gives it: `METHOD PATH KIND[=ARGUMENT] [TIMES]`, for example
/// `POST /api/tickets/*/replies drop-after 1` or `* /api/** latency=300ms`. The method and parts of
/// the path may be `*`, and a last `**` is any rest; TIMES is a number, `always`, which is the
/// default, or `each:NUMBER` for one request in so many.
#[derive(Clone, Debug)]
pub struct Fault {
    /// The method; None is any.
    pub method: Option<Method>,
    /// The path: `*` is any one part of it, a last `**` any rest.
    pub path: String,
    /// How many requests it hits; None is all.
    pub times: Option<u32>,
    /// It hits one request in so many of those that fit; 1 is each.
    pub each: NonZeroU32,
    /// What happens to them.
    pub kind: FaultKind,
}

/// What happens to a request or to its answer. The names in backquotes are those of the text form.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum FaultKind {
    /// `latency=DURATION`: the request waits before it is handled. Other faults apply as well.
    Latency(Duration),
    /// `late=DURATION`: the request is handled that much later, even where the client has given up
    /// by then.
    Late(Duration),
    /// `limited=SECONDS`: 429 with `Retry-After`.
    Limited(u64),
    /// `error`: 500 as HTML; the work is not done.
    Error,
    /// `error-after`: 500 as HTML; the work is done.
    ErrorAfter,
    /// `framework=STATUS`: the framework's error answer: `200 text/html`, or with the header
    /// `X-Requested-With` its own JSON with the true status.
    Framework(u16),
    /// `proxy=STATUS[:after][:retry=SECONDS][:json|:framework|:empty]`: the answer of a proxy in
    /// place of the server's.
    Proxy(Proxy),
    /// `unauthorized`: 401.
    Unauthorized,
    /// `not-found`: 404.
    NotFound,
    /// `conflict`: 409.
    Conflict,
    /// `garbage`: 200 with a body that is no JSON, though its type says so. The work is done.
    Garbage,
    /// `truncate`: half the answer, then the connection closes. The work is done.
    Truncate,
    /// `drop-before`: the connection closes without an answer; the work is not done.
    DropBefore,
    /// `drop-after`: the connection closes without an answer; the work is done.
    DropAfter,
    /// `hang`: no answer, ever; the work is not done.
    Hang,
    /// `hang-after`: no answer, ever; the work is done.
    HangAfter,
    /// `quirk=…`: the answer is changed. Other faults apply as well.
    Quirk(Quirk),
}

/// An answer of a proxy's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proxy {
    /// Its status, from 200 to 599.
    pub status: u16,
    /// `after`: whether the work is done before.
    pub after: bool,
    /// `retry=SECONDS`: whether it has `Retry-After`, and what it says.
    pub retry_after: Option<u64>,
    /// Its body.
    pub body: ProxyBody,
}

/// What a proxy's answer holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProxyBody {
    /// A page.
    #[default]
    Html,
    /// `json`: an object with a `message`, as the API's own refusals are.
    Json,
    /// `framework`: the framework's error object.
    Framework,
    /// `empty`: nothing.
    Empty,
}

/// Peculiar answers of some installations.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Quirk {
    /// `zero-dates`: `last_updated` and `status_changed` are `0000-00-00 00:00:00`.
    ZeroDates,
    /// `local-times:ZONE`: `last_updated` and `status_changed` are the CRM's local time, without
    /// a zone.
    LocalTimes(TimeZone),
    /// `no-department`: the department is null.
    NoDepartment,
    /// `broken-item`: the last item of a list is no object.
    BrokenItem,
    /// `no-client`: the client is `{"id": null, "name": null}`.
    NoClient,
}

/// A limit on the requests of one client address, in fixed windows as the framework counts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Throttle {
    /// How many requests a window allows.
    pub limit: u32,
    /// How long a window is, from its first request.
    pub window: Duration,
}

impl Default for Throttle {
    /// The framework's usual setting: 60 a minute.
    fn default() -> Self {
        Self { limit: 60, window: Duration::from_secs(60) }
    }
}

/// What the throttle says about one request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Allowance {
    pub(super) limit: u32,
    pub(super) remaining: u32,
    /// Seconds until the next window; Some when the request is refused.
    pub(super) retry_after: Option<u64>,
}

impl Fault {
    /// A fault for all requests of a method (None: any) to a path.
    pub fn new(
        method: impl Into<Option<Method>>,
        path: impl Into<String>,
        kind: FaultKind,
    ) -> Self {
        Self { method: method.into(), path: path.into(), times: None, each: NonZeroU32::MIN, kind }
    }

    /// Hits only the next `times` requests.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times: Some(times), ..self }
    }

    fn fits(&self, method: &Method, path: &str) -> bool {
        self.method.as_ref().is_none_or(|wanted| wanted == method) && path_matches(&self.path, path)
    }
}

fn path_matches(pattern: &str, path: &str) -> bool {
    let mut parts = path.split('/');
    for wanted in pattern.split('/') {
        match (wanted, parts.next()) {
            ("**", _) => return true,
            (_, None) => return false,
            ("*", Some(_)) => {}
            (wanted, Some(part)) if wanted == part => {}
            _ => return false,
        }
    }
    parts.next().is_none()
}

impl Faults {
    /// Adds a fault. Of several that match a request and exclude each other, the first added
    /// applies.
    pub fn add(&self, fault: Fault) -> FaultId {
        let mut registry = self.lock();
        let id = registry.next;
        registry.next += 1;
        registry.active.push(Active { id, left: fault.times, fitted: 0, fault });
        FaultId(id)
    }

    /// Takes a fault away again.
    pub fn remove(&self, id: FaultId) {
        self.lock().active.retain(|active| active.id != id.0);
    }

    /// Takes all faults and the throttle away.
    pub fn clear(&self) {
        let mut registry = self.lock();
        registry.active.clear();
        registry.throttle = None;
        registry.windows.clear();
    }

    /// How many requests the fault has hit, also after it was removed.
    pub fn hits(&self, id: FaultId) -> u32 {
        self.lock().hits.get(&id.0).copied().unwrap_or_default()
    }

    /// Limits the requests of each client address, from a fresh window on; None lifts the limit.
    /// `X-RateLimit-*` headers are sent only while there is one.
    pub fn throttle(&self, throttle: Option<Throttle>) {
        let mut registry = self.lock();
        registry.throttle = throttle;
        registry.windows.clear();
    }

    /// The faults that hit this request: all latencies and quirks, and at most one other.
    pub(super) fn take(&self, method: &Method, path: &str) -> Vec<FaultKind> {
        let mut registry = self.lock();
        let Registry { active, hits, .. } = &mut *registry;
        let mut taken = Vec::new();
        let mut decided = false;
        for one in active.iter_mut().filter(|one| one.fault.fits(method, path)) {
            one.fitted += 1;
            if one.fitted % one.fault.each != 0 {
                continue;
            }
            let adds = matches!(one.fault.kind, FaultKind::Latency(_) | FaultKind::Quirk(_));
            if !adds && std::mem::replace(&mut decided, true) {
                continue;
            }
            one.left = one.left.map(|left| left.saturating_sub(1));
            *hits.entry(one.id).or_default() += 1;
            taken.push(one.fault.kind.clone());
        }
        active.retain(|one| one.left != Some(0));
        taken
    }

    /// Counts a request of `client` against the throttle.
    pub(super) fn allow(&self, client: IpAddr, now: Instant) -> Option<Allowance> {
        let mut registry = self.lock();
        let Throttle { limit, window } = registry.throttle?;
        let (start, used) = registry.windows.entry(client).or_insert((now, 0));
        if now.duration_since(*start) >= window {
            (*start, *used) = (now, 0);
        }
        let refused = *used >= limit;
        *used += u32::from(!refused);
        let left = window.saturating_sub(now.duration_since(*start));
        Some(Allowance {
            limit,
            remaining: limit - *used,
            retry_after: refused.then(|| left.as_secs() + u64::from(left.subsec_nanos() > 0)),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Registry> {
        // Each change is complete before anything can panic, so a poisoned registry is still sound.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_paths() {
        for (pattern, path, hit) in [
            ("/api/tickets", "/api/tickets", true),
            ("/api/tickets", "/api/tickets/1", false),
            ("/api/tickets/*", "/api/tickets", false),
            ("/api/tickets/*/replies", "/api/tickets/7/replies", true),
            ("/api/tickets/*/replies", "/api/tickets/7/tags", false),
            ("/api/**", "/api/tickets/7/replies", true),
            ("/api/tickets/**", "/api/tickets", true),
            ("/**", "/", true),
        ] {
            assert_eq!(path_matches(pattern, path), hit, "{pattern} {path}");
        }
    }

    #[test]
    fn a_fault_ends_after_its_times_and_excludes_later_ones() {
        let faults = Faults::default();
        let first = faults.add(Fault::new(None, "/**", FaultKind::Error).times(1));
        faults.add(Fault::new(Method::GET, "/a", FaultKind::Hang));
        faults.add(Fault::new(None, "/a", FaultKind::Latency(Duration::ZERO)));
        let latency = FaultKind::Latency(Duration::ZERO);
        assert_eq!(faults.take(&Method::GET, "/a"), [FaultKind::Error, latency.clone()]);
        assert_eq!(faults.take(&Method::GET, "/a"), [FaultKind::Hang, latency.clone()]);
        assert_eq!(faults.take(&Method::PUT, "/a"), [latency]);
        assert_eq!(faults.hits(first), 1);
        faults.clear();
        assert!(faults.take(&Method::GET, "/a").is_empty());
    }

    #[test]
    fn a_fault_can_hit_one_request_in_so_many() {
        let faults = Faults::default();
        let id = faults.add("GET /a error each:3".parse().unwrap());
        let taken = |path| faults.take(&Method::GET, path).len();
        let hits: Vec<usize> = (0..7).map(|_| taken("/a") + taken("/b")).collect();
        assert_eq!(hits, [0, 0, 1, 0, 0, 1, 0]);
        assert_eq!(faults.hits(id), 2);
    }

    #[test]
    fn the_throttle_counts_each_address_by_window() {
        let faults = Faults::default();
        let (one, two) = (IpAddr::from([127, 0, 0, 1]), IpAddr::from([127, 0, 0, 2]));
        let start = Instant::now();
        assert!(faults.allow(one, start).is_none());
        faults.throttle(Some(Throttle { limit: 2, window: Duration::from_secs(60) }));
        let remaining = |client, at| faults.allow(client, at).unwrap().remaining;
        assert_eq!(remaining(one, start), 1);
        assert_eq!(remaining(one, start), 0);
        assert_eq!(remaining(two, start), 1);
        let later = start + Duration::from_millis(500);
        assert_eq!(faults.allow(one, later).unwrap().retry_after, Some(60));
        let next = start + Duration::from_secs(60);
        assert_eq!(faults.allow(one, next).unwrap().retry_after, None);
    }
}
