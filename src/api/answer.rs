//! Reads an answer: it is the API's envelope or one of the errors.

use std::{collections::BTreeMap, time::Duration};

use jiff::{SignedDuration, Timestamp, fmt::rfc2822};
use reqwest::{
    Response,
    header::{CONTENT_TYPE, DATE, HeaderMap, RETRY_AFTER},
};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value;

use super::{
    error::{Error, Fault, Strange, shown},
    lenient::{Int, LenientText},
    mend::{self, Mended},
    shrink::Shrink,
    strange::blot,
};
use crate::domain::Line;

/// The largest body that is kept, in bytes.
const BODY_BYTES: usize = 16 * 1024 * 1024;
/// The most bytes that are received if pictures may be left out of the body.
const RECEIVED_BYTES: usize = 256 * 1024 * 1024;
/// The shortest wait, whatever the server says.
const PATIENCE_LEAST: Duration = Duration::from_secs(1);
/// The longest wait that a server is granted: beyond it, its header is taken for a mistake.
const PATIENCE_MOST: Duration = Duration::from_secs(3600);

/// An answer, read to its end.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    /// Whether pictures were left out of the body.
    pub(super) shrunk: bool,
}

/// The treatment of an answer that is larger than the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Oversize {
    /// It is an error.
    Refused,
    /// Pictures are left out of it, in the hope that the rest is small enough.
    Shrunk,
}

/// The envelope around the API's data.
#[derive(Debug, Default)]
pub(super) struct Envelope {
    pub(super) status: u16,
    /// The requested data; null if a write's answer holds none.
    pub(super) data: Value,
    pub(super) meta: Meta,
    /// Whether texts in it may be others than the server's: something was mended or left out.
    pub(super) inexact: bool,
}

/// A list's page numbers, where they are given.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Meta {
    pub(super) current_page: Int,
    pub(super) per_page: Int,
    pub(super) total: Int,
    pub(super) last_page: Int,
}

/// The parts that an answer with a good status needs to count as the API's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    /// A read: there is `data`.
    Data,
    /// A write: there is the envelope, or the answer has no content by its status.
    Envelope,
}

/// The JSON objects that the server speaks in.
enum Speech {
    /// The API's own: `data`, `message`.
    Own { data: Option<Value>, meta: Meta, message: String, errors: Value, inexact: bool },
    /// The framework's, around the API: `notification`.
    Framework { message: String },
}

impl Envelope {
    /// The error for data that is not what was asked for.
    pub(super) fn without(&self, what: &str) -> Error {
        let what = Some(shown(&format!("without {what} in it")));
        let fault = Fault::Unreadable;
        Error::NotTheApi(Box::new(Strange {
            status: self.status,
            fault,
            what,
            ..Strange::default()
        }))
    }
}

impl Answer {
    /// Reads an answer to its end, up to the size limit. For a throttled or unauthorised request
    /// the status alone counts.
    pub(super) async fn receive(
        mut response: Response,
        oversize: Oversize,
        key: &SecretString,
    ) -> Result<Self, Error> {
        let mut answer = Self {
            status: response.status().as_u16(),
            headers: std::mem::take(response.headers_mut()),
            ..Self::default()
        };
        let (mut received, mut shrink) = (0_usize, Shrink::default());
        loop {
            let chunk = match response.chunk().await {
                Ok(None) => return Ok(answer),
                Ok(Some(chunk)) => chunk,
                Err(_) if matches!(answer.status, 401 | 429) => return Ok(answer),
                Err(error) => return Err(error.into()),
            };
            received += chunk.len();
            if !answer.shrunk && received > BODY_BYTES && oversize == Oversize::Shrunk {
                answer.shrunk = true;
                let whole = std::mem::take(&mut answer.body);
                shrink.pass_on(&whole, &mut answer.body);
            }
            if answer.shrunk {
                shrink.pass_on(&chunk, &mut answer.body);
            } else {
                answer.body.extend_from_slice(&chunk);
            }
            if answer.body.len() > BODY_BYTES || received > RECEIVED_BYTES {
                let most = if received > RECEIVED_BYTES { RECEIVED_BYTES } else { BODY_BYTES };
                let what = shown(&format!("larger than {} MiB", most >> 20));
                return Err(answer.strange(Fault::TooLarge, Some(what), key));
            }
        }
    }

    /// A header's value, if it is there and text.
    pub(super) fn header(&self, name: impl reqwest::header::AsHeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok().map(str::trim)
    }

    /// Tells the API's answers from the errors. `key` is blotted out of what the server says; `patience`
    /// is the wait where it asks for one without saying how long.
    pub(super) fn judge(
        self,
        expected: Expected,
        key: &SecretString,
        now: Timestamp,
        patience: Duration,
    ) -> Result<Envelope, Error> {
        let status = self.status;
        let asks_to_wait = self.headers.contains_key(RETRY_AFTER);
        match (status, self.speech()) {
            (200..300, Some(Speech::Own { data, meta, inexact, .. }))
                if expected == Expected::Envelope || data.is_some() =>
            {
                let inexact = inexact || self.shrunk;
                Ok(Envelope { status, data: data.unwrap_or_default(), meta, inexact })
            }
            (204, None) if expected == Expected::Envelope && self.body.is_empty() => {
                Ok(Envelope { status, ..Envelope::default() })
            }
            (429, _) => Err(Error::Throttled { until: self.wait_until(now, patience) }),
            // A bare 503 may come from a gateway that lost the server amid its work.
            (503, speech) if asks_to_wait || speech.is_some() => {
                Err(Error::Throttled { until: self.wait_until(now, patience) })
            }
            (408 | 425 | 499 | 500..600, speech) if !asks_to_wait => {
                Err(Error::ServerFault { status, message: said(speech.as_ref(), key) })
            }
            (400..600, speech) if asks_to_wait && !is_certain(status, speech.as_ref()) => {
                Err(Error::Throttled { until: self.wait_until(now, patience) })
            }
            (400..500, speech)
                if expected == Expected::Envelope && !is_certain(status, speech.as_ref()) =>
            {
                Err(self.turned_down(speech.as_ref(), key))
            }
            (401, speech) => Err(Error::Unauthorised { message: said(speech.as_ref(), key) }),
            (_, speech) => Err(self.refusal(speech, key)),
        }
    }

    /// The error for a write that was turned down by something on the way, or by the server in
    /// words that are not the API's. Nothing says whether the write was done. If every request
    /// would be turned down alike, the write is tried again.
    fn turned_down(&self, speech: Option<&Speech>, key: &SecretString) -> Error {
        let message = said(speech, key);
        match self.status {
            401 | 404 | 405 | 407 => self.strange(Fault::Other, Some(message), key),
            status if speech.is_some() => Error::TurnedDown { status, message },
            status => {
                let message = shown(&self.strange(Fault::Other, None, key).to_string());
                Error::TurnedDown { status, message }
            }
        }
    }

    /// The error for the remaining answers: refusals of the API, and answers that are not the
    /// API's. If the framework says that an address is unknown, that says nothing about a ticket.
    fn refusal(&self, speech: Option<Speech>, key: &SecretString) -> Error {
        let message = said(speech.as_ref(), key);
        match (self.status, speech) {
            (404, Some(Speech::Own { .. })) => Error::NotFound { message },
            (400..500, Some(Speech::Own { errors, .. })) => {
                Error::Refused { message, fields: field_errors(&errors, key) }
            }
            (404 | 405, _) => self.strange(Fault::Other, Some(message), key),
            (400..500, Some(Speech::Framework { .. })) => {
                Error::Refused { message, fields: BTreeMap::new() }
            }
            (200..300, None) if !self.is_html() => {
                self.strange(Fault::Unreadable, Some(message), key)
            }
            _ => self.strange(Fault::Other, Some(message), key),
        }
    }

    /// The content of the body, if the API or its framework wrote it.
    fn speech(&self) -> Option<Speech> {
        if self.is_html() {
            return None;
        }
        // A byte order mark in front is a usual slip of PHP files.
        let body = self.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.body);
        let Mended { value: Value::Object(mut object), mended } = mend::parse(body)? else {
            return None;
        };
        if let Some(notification) = object.remove("notification") {
            let value = notification.get("value").cloned().unwrap_or(notification);
            return Some(Speech::Framework {
                message: LenientText::from(value).0.unwrap_or_default(),
            });
        }
        let data = object.remove("data");
        let message = object.remove("message");
        if data.is_none() && message.is_none() {
            return None;
        }
        Some(Speech::Own {
            data,
            meta: object
                .remove("meta")
                .and_then(|meta| serde_json::from_value(meta).ok())
                .unwrap_or_default(),
            message: LenientText::from(message.unwrap_or_default()).0.unwrap_or_default(),
            errors: object.remove("errors").unwrap_or_default(),
            inexact: mended,
        })
    }

    pub(super) fn is_html(&self) -> bool {
        self.header(CONTENT_TYPE)
            .is_some_and(|value| value.to_ascii_lowercase().starts_with("text/html"))
    }

    /// When to try again, by `Retry-After`: seconds, or a date by the server's clock.
    fn wait_until(&self, now: Timestamp, patience: Duration) -> Timestamp {
        let date = |text: &str| rfc2822::parse(text).ok().map(|date| date.timestamp());
        let asked = self.header(RETRY_AFTER).and_then(|value| {
            let seconds = value.parse().ok().map(SignedDuration::from_secs);
            let theirs = self.header(DATE).and_then(date).unwrap_or(now);
            seconds.or_else(|| Some(date(value)?.duration_since(theirs)))
        });
        let wait = match asked.map(Duration::try_from) {
            Some(Ok(wait)) => wait.clamp(PATIENCE_LEAST, PATIENCE_MOST),
            Some(Err(_)) => PATIENCE_LEAST,
            None => patience,
        };
        now.saturating_add(wait).unwrap_or(now)
    }
}

/// Whether an answer with a bad status says for certain that nothing was done: the API's own words
/// with a status that it documents. A proxy before the server can produce any other answer, even
/// after the work is done.
fn is_certain(status: u16, speech: Option<&Speech>) -> bool {
    matches!((status, speech), (401 | 404 | 409 | 422, Some(Speech::Own { .. })))
}

/// The server's message, if there is one.
fn said(speech: Option<&Speech>, key: &SecretString) -> Line {
    match speech {
        Some(Speech::Own { message, .. } | Speech::Framework { message }) => {
            shown(&blot(message, key))
        }
        None => Line::default(),
    }
}

/// The errors of single fields: a text or a list of texts each.
fn field_errors(errors: &Value, key: &SecretString) -> BTreeMap<String, Vec<Line>> {
    let Some(errors) = errors.as_object() else {
        return BTreeMap::new();
    };
    let lines = |value: &Value| -> Vec<Line> {
        let one = std::slice::from_ref(value);
        let texts = value.as_array().map_or(one, Vec::as_slice);
        let texts = texts.iter().filter_map(|text| LenientText::from(text.clone()).0);
        texts.map(|text| shown(&blot(&text, key))).collect()
    };
    let name = |name: &str| shown(name).as_str().to_owned();
    errors.iter().map(|(field, value)| (name(field), lines(value))).collect()
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn now() -> Timestamp {
        "2026-06-15T09:30:00Z".parse().unwrap()
    }

    fn judge(status: u16, headers: &[(&'static str, &str)], body: &str) -> Result<Value, Error> {
        judge_as(Expected::Data, status, headers, body)
    }

    fn judge_as(
        expected: Expected,
        status: u16,
        headers: &[(&'static str, &str)],
        body: &str,
    ) -> Result<Value, Error> {
        let headers = headers.iter().map(|(name, value)| {
            let name = reqwest::header::HeaderName::from_static(name);
            (name, HeaderValue::from_str(value).unwrap())
        });
        let headers = headers.collect();
        let answer = Answer { status, headers, body: body.into(), ..Answer::default() };
        answer
            .judge(expected, &"k-123".into(), now(), Duration::from_secs(60))
            .map(|envelope| envelope.data)
    }

    const JSON: (&str, &str) = ("content-type", "application/json");
    const HTML: (&str, &str) = ("content-type", "text/html; charset=UTF-8");

    fn strange(result: Result<Value, Error>) -> Strange {
        match result {
            Err(Error::NotTheApi(strange)) => *strange,
            other => panic!("expected a strange answer, not {other:?}"),
        }
    }

    #[test]
    fn the_envelope_gives_its_data() {
        assert_eq!(judge(200, &[JSON], r#"{"data":[1]}"#).unwrap(), serde_json::json!([1]));
        assert_eq!(judge(201, &[], "\u{feff}{\"data\":{}}").unwrap(), serde_json::json!({}));
    }

    #[test]
    fn a_write_needs_no_data_but_the_envelope() {
        let write = |status, body| judge_as(Expected::Envelope, status, &[JSON], body);
        assert_eq!(write(200, r#"{"message":"Done"}"#).unwrap(), Value::Null);
        assert_eq!(write(200, r#"{"data":null}"#).unwrap(), Value::Null);
        assert_eq!(write(204, "").unwrap(), Value::Null);
        for garbage in ["", "ok", "[]", "{}", r#"{"notification":{"type":"error"}}"#] {
            assert_eq!(strange(write(200, garbage)).status, 200, "{garbage}");
        }
    }

    #[test]
    fn html_is_not_the_api_whatever_its_status() {
        let page = "<!doctype html><html><title>\n Sign in \u{1b}[31m</title>{\"data\":1}";
        for status in [200, 404, 405, 403] {
            let strange = strange(judge(status, &[HTML], page));
            assert_eq!(strange.status, status);
            assert!(strange.title.unwrap().as_str().starts_with("Sign in"));
        }
        assert!(matches!(judge(500, &[HTML], page), Err(Error::ServerFault { status: 500, .. })));
        assert!(matches!(judge(503, &[HTML], page), Err(Error::ServerFault { status: 503, .. })));
        assert!(matches!(judge(401, &[HTML], page), Err(Error::Unauthorised { .. })));
    }

    #[test]
    fn a_good_status_with_something_else_is_not_the_api() {
        for body in ["", "[]", "{", "null", r#"{"message":"hi"}"#, r#"{"items":[]}"#] {
            assert_eq!(strange(judge(200, &[JSON], body)).status, 200, "{body}");
        }
        let fault = r#"{"notification":{"type":"error","value":"Too\u0007 bad"}}"#;
        assert!(strange(judge(200, &[JSON], fault)).what.unwrap().as_str().contains("bad"));
    }

    #[test]
    fn what_is_refused_is_shown_by_its_beginning() {
        let gzip = "compressed with gzip, which was not asked for";
        for (body, what) in [
            ("<br />\n<b>Notice</b>: k-123 {\"data\":[]}", "<br /> <b>Notice</b>: [key]"),
            ("\u{feff}\u{feff}{\"data\":[]}", "beginning with \"<U+FEFF>"),
            ("{\"data\":[]}\n<!-- 12 ms -->", "with this after its JSON: \"<!-- 12 ms -->\""),
            ("\u{1b}]0;x\u{7}{", "beginning with"),
            ("[1]", "beginning with \"[1]\""),
            ("", "empty"),
        ] {
            let strange = strange(judge(200, &[JSON], body));
            assert_eq!(strange.fault, Fault::Unreadable, "{body}");
            let said = strange.to_string();
            assert!(said.contains(what) && !said.contains('\u{1b}'), "{said}");
        }
        let long = strange(judge(200, &[JSON], &"x".repeat(100_000))).to_string();
        assert!(long.len() < 200, "{long}");
        let body = vec![0x1f, 0x8b, 8, 0];
        let answer = Answer { status: 200, body, ..Answer::default() };
        let patience = Duration::from_secs(60);
        let error = answer.judge(Expected::Data, &"k-123".into(), now(), patience).unwrap_err();
        assert!(error.to_string().contains(gzip), "{error}");
    }

    #[test]
    fn one_broken_value_is_not_all_of_the_answer() {
        let body = "{\"data\":[{\"id\":1,\"subject\":\"a\tb \\ud83d\"},{\"id\":2,\"x\":NaN}]}";
        let data = judge(200, &[JSON], body).unwrap();
        assert_eq!(data[0]["subject"], "a\tb \u{fffd}");
        assert_eq!(data[1]["id"], 2);
    }

    #[test]
    fn the_framework_speaks_by_its_status() {
        let fault = r#"{"notification":{"type":"error","value":"Nope"}}"#;
        assert_eq!(strange(judge(404, &[JSON], fault)).what.unwrap().as_str(), "Nope");
        assert_eq!(strange(judge(405, &[JSON], fault)).status, 405);
        assert!(matches!(judge(409, &[JSON], fault), Err(Error::Refused { .. })));
        assert!(matches!(judge(503, &[JSON], fault), Err(Error::Throttled { .. })));
        assert!(matches!(judge(500, &[JSON], fault), Err(Error::ServerFault { .. })));
    }

    #[test]
    fn refusals_keep_the_servers_words_but_not_the_key() {
        let body = r#"{"message":"k-123 is bad","errors":{"a":["x\u001b[0m","k-123"],"b":"y"}}"#;
        let Err(Error::Refused { message, fields }) = judge(422, &[JSON], body) else {
            panic!("not refused");
        };
        assert_eq!(message.as_str(), "[key] is bad");
        assert_eq!(fields["a"].len(), 2);
        assert_eq!(fields["a"][1].as_str(), "[key]");
        assert!(!fields["a"][0].as_str().contains('\u{1b}'));
        assert_eq!(fields["b"][0].as_str(), "y");
        let not_found = judge(404, &[JSON], r#"{"message":"Ticket not found"}"#);
        assert!(matches!(not_found, Err(Error::NotFound { .. })));
        let conflict = judge(409, &[JSON], r#"{"message":"No","errors":[]}"#);
        assert!(matches!(conflict, Err(Error::Refused { .. })));
    }

    #[test]
    fn patience_is_asked_for_in_seconds_by_date_or_not_at_all() {
        for (value, seconds) in [
            (Some("7"), 7),
            (Some("Mon, 15 Jun 2026 09:30:30 GMT"), 30),
            (Some("Mon, 15 Jun 2026 09:00:00 GMT"), 1),
            (Some("soon"), 60),
            (Some("99999999999"), 3600),
            (Some("-5"), 1),
            (None, 60),
        ] {
            let header: Vec<_> = value.map(|it| ("retry-after", it)).into_iter().collect();
            let Err(Error::Throttled { until }) = judge(429, &header, "") else {
                panic!("not throttled");
            };
            assert_eq!(until.duration_since(now()).as_secs(), seconds, "{value:?}");
        }
        let maintenance = judge(503, &[("retry-after", "120"), HTML], "<title>Back soon</title>");
        assert!(matches!(maintenance, Err(Error::Throttled { .. })));
    }

    #[test]
    fn only_the_apis_own_words_say_that_a_write_was_not_done() {
        let own = r#"{"message":"No"}"#;
        let framework = r#"{"notification":{"type":"error","value":"No"}}"#;
        let page = "<title>No</title>";
        let write = |status, headers: &[(&'static str, &str)], body| {
            let error = judge_as(Expected::Envelope, status, headers, body).unwrap_err();
            crate::domain::Problem::from(error).is_doubtful()
        };
        let certain = [401, 404, 409, 422];
        for status in (300..309).chain(400..452).chain([499]).chain(500..530) {
            for (head, body) in [(JSON, own), (JSON, framework), (HTML, page), (JSON, "")] {
                let doubtful = !(certain.contains(&status) && body == own);
                assert_eq!(write(status, &[head], body), doubtful, "{status} {body}");
                let wait = ("retry-after", "3");
                assert_eq!(write(status, &[head, wait], body), doubtful, "{status} {body}, later");
            }
        }
        for (status, body) in [(200, page), (201, ""), (200, "[]"), (202, "queued"), (204, "x")] {
            assert!(write(status, &[HTML], body), "{status} {body}");
        }
    }

    #[test]
    fn a_date_to_wait_for_is_one_of_the_servers_clock() {
        let headers = [
            ("date", "Mon, 15 Jun 2026 08:00:00 GMT"),
            ("retry-after", "Mon, 15 Jun 2026 08:00:20 GMT"),
        ];
        let Err(Error::Throttled { until }) = judge(429, &headers, "") else {
            panic!("not throttled");
        };
        assert_eq!(until.duration_since(now()).as_secs(), 20);
    }

    #[test]
    fn whoever_asks_to_wait_is_waited_for() {
        for status in [408, 413, 425, 429, 500, 502, 503, 504, 520, 527] {
            for expected in [Expected::Data, Expected::Envelope] {
                let result = judge_as(expected, status, &[HTML, ("retry-after", "9")], "");
                let Err(Error::Throttled { until }) = result else {
                    panic!("{status}: {result:?}")
                };
                assert_eq!(until.duration_since(now()).as_secs(), 9, "{status}");
            }
        }
    }

    #[test]
    fn a_redirect_tells_where_to_without_its_query() {
        let strange = strange(judge(302, &[("location", "https://sso.example/in?t=1"), HTML], ""));
        assert_eq!(strange.to_string(), "HTTP 302, redirected to https://sso.example/in");
    }
}
