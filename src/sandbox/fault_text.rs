//! Faults as text, which is how a command line gives them.

use std::{num::NonZeroU32, str::FromStr, time::Duration};

use jiff::{SignedDuration, tz::TimeZone};

use super::faults::{Fault, FaultKind, Proxy, ProxyBody, Quirk};

/// A text that is no [`Fault`].
#[derive(Debug, thiserror::Error)]
#[error("no fault: {text:?}: {reason}")]
pub struct FaultParseError {
    text: String,
    reason: &'static str,
}

impl FromStr for Fault {
    type Err = FaultParseError;

    fn from_str(text: &str) -> Result<Self, FaultParseError> {
        let fail = |reason| FaultParseError { text: text.to_owned(), reason };
        let words: Vec<&str> = text.split_whitespace().collect();
        let (method, path, kind, times) = match words[..] {
            [method, path, kind] => (method, path, kind, "always"),
            [method, path, kind, times] => (method, path, kind, times),
            _ => return Err(fail("it takes METHOD PATH KIND[=ARGUMENT] [TIMES]")),
        };
        let method = match method {
            "*" => None,
            name => Some(
                name.to_ascii_uppercase().parse().map_err(|_| fail("the method is no method"))?,
            ),
        };
        if !path.starts_with('/') {
            return Err(fail("the path does not start with /"));
        }
        let number = |text: &str| {
            let number = text.parse::<NonZeroU32>().ok();
            number.ok_or_else(|| fail("TIMES is a positive number, always, or each:NUMBER"))
        };
        let (times, each) = match times.split_once(':') {
            None if times == "always" => (None, NonZeroU32::MIN),
            Some(("each", rest)) => (None, number(rest)?),
            _ => (Some(number(times)?.get()), NonZeroU32::MIN),
        };
        let (name, argument) = kind.split_once('=').unwrap_or((kind, ""));
        let kind = FaultKind::parse(name, argument).map_err(fail)?;
        Ok(Self { method, path: path.to_owned(), times, each, kind })
    }
}

impl FaultKind {
    fn parse(name: &str, argument: &str) -> Result<Self, &'static str> {
        let kind = match name {
            "latency" => return duration(argument).map(Self::Latency),
            "late" => return duration(argument).map(Self::Late),
            "limited" => {
                let seconds = argument.parse().map_err(|_| "limited takes whole seconds")?;
                return Ok(Self::Limited(seconds));
            }
            "framework" => {
                return argument
                    .parse()
                    .ok()
                    .filter(|status| (400..600).contains(status))
                    .map(Self::Framework)
                    .ok_or("framework takes a status from 400 to 599");
            }
            "proxy" => return Proxy::parse(argument).map(Self::Proxy),
            "quirk" => return Quirk::parse(argument).map(Self::Quirk),
            "error" => Self::Error,
            "error-after" => Self::ErrorAfter,
            "unauthorized" => Self::Unauthorized,
            "not-found" => Self::NotFound,
            "conflict" => Self::Conflict,
            "garbage" => Self::Garbage,
            "truncate" => Self::Truncate,
            "drop-before" => Self::DropBefore,
            "drop-after" => Self::DropAfter,
            "hang" => Self::Hang,
            "hang-after" => Self::HangAfter,
            _ => return Err("its kind is unknown"),
        };
        if argument.is_empty() { Ok(kind) } else { Err("its kind takes no argument") }
    }
}

fn duration(text: &str) -> Result<Duration, &'static str> {
    text.parse::<SignedDuration>()
        .ok()
        .and_then(|duration| Duration::try_from(duration).ok())
        .ok_or("it takes a duration like 300ms")
}

impl Proxy {
    fn parse(text: &str) -> Result<Self, &'static str> {
        let mut words = text.split(':');
        let status = words.next().and_then(|word| word.parse().ok());
        let status = status.filter(|status| (200..600).contains(status));
        let status = status.ok_or("proxy takes a status from 200 to 599")?;
        let mut proxy = Self { status, after: false, retry_after: None, body: ProxyBody::Html };
        for word in words {
            match word.split_once('=').unwrap_or((word, "")) {
                ("after", "") => proxy.after = true,
                ("retry", seconds) => {
                    let seconds = seconds.parse().map_err(|_| "retry takes whole seconds")?;
                    proxy.retry_after = Some(seconds);
                }
                ("json", "") => proxy.body = ProxyBody::Json,
                ("framework", "") => proxy.body = ProxyBody::Framework,
                ("empty", "") => proxy.body = ProxyBody::Empty,
                _ => return Err("proxy knows after, retry=SECONDS, json, framework and empty"),
            }
        }
        Ok(proxy)
    }
}

impl Quirk {
    fn parse(text: &str) -> Result<Self, &'static str> {
        match text.split_once(':').unwrap_or((text, "")) {
            ("zero-dates", "") => Ok(Self::ZeroDates),
            ("local-times", zone) => TimeZone::get(zone)
                .map(Self::LocalTimes)
                .map_err(|_| "local-times takes a zone like Europe/Berlin"),
            ("no-department", "") => Ok(Self::NoDepartment),
            ("no-client", "") => Ok(Self::NoClient),
            ("broken-item", "") => Ok(Self::BrokenItem),
            _ => Err("its quirk is unknown"),
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Method;

    use super::*;

    #[test]
    fn a_fault_is_read_from_text() {
        let fault: Fault = "post /api/tickets/*/replies drop-after 1".parse().unwrap();
        assert_eq!(fault.method, Some(Method::POST));
        assert_eq!(fault.path, "/api/tickets/*/replies");
        assert_eq!((fault.kind, fault.times), (FaultKind::DropAfter, Some(1)));
        let fault: Fault = "PUT /api/** late=2s 1".parse().unwrap();
        assert_eq!(fault.kind, FaultKind::Late(Duration::from_secs(2)));
        let fault: Fault = "POST /api/** proxy=503:after:retry=2:json 1".parse().unwrap();
        let body = ProxyBody::Json;
        let proxy = Proxy { status: 503, after: true, retry_after: Some(2), body };
        assert_eq!(fault.kind, FaultKind::Proxy(proxy));
        let fault: Fault = "* /api/** latency=300ms".parse().unwrap();
        assert_eq!((fault.method, fault.times), (None, None));
        assert_eq!(fault.kind, FaultKind::Latency(Duration::from_millis(300)));
        let fault: Fault = "* /api/** drop-after each:10".parse().unwrap();
        assert_eq!((fault.times, fault.each.get()), (None, 10));
    }

    #[test]
    fn what_is_no_fault_is_refused() {
        for text in [
            "",
            "GET /api/tickets",
            "GET api hang",
            "GET /x unheard-of",
            "GET /x latency",
            "GET /x latency=-1s",
            "GET /x limited=soon",
            "GET /x framework=200",
            "GET /x proxy",
            "GET /x proxy=199",
            "GET /x proxy=503:later",
            "GET /x proxy=503:retry=soon",
            "GET /x quirk=local-times:Nowhere",
            "GET /x hang=5",
            "GET /x hang 0",
            "GET /x hang sometimes",
            "GET /x hang each",
            "GET /x hang each:0",
            "GET /x hang every:3",
        ] {
            assert!(text.parse::<Fault>().is_err(), "{text}");
        }
    }
}
