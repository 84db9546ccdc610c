//! Describes an answer that is not the API's, so that a reader recognises who answered instead.

use reqwest::header::{CONTENT_TYPE, LOCATION};
use secrecy::{ExposeSecret as _, SecretString};
use serde::de::IgnoredAny;

use super::{
    answer::Answer,
    error::{Error, Fault, Strange, shown},
};
use crate::domain::Line;

/// How much of a body is looked at to say what it begins with, in bytes.
const LOOKED_AT: usize = 4096;
/// How much of that is said, in characters.
const BEGINNING: usize = 80;

impl Answer {
    /// The error for an answer that is not the API's. `key` is blotted out of its description.
    pub(super) fn strange(&self, fault: Fault, what: Option<Line>, key: &SecretString) -> Error {
        let said = |text: &str| shown(&blot(text, key));
        let title = if self.is_html() { page_title(&self.body) } else { None };
        let what = what.filter(|what| !what.is_empty());
        // The beginning is of no use if something else tells what the answer is.
        let tells = title.is_some() || what.is_some() || self.redirect().is_some();
        let begins = if tells { None } else { self.beginning(key) };
        Error::NotTheApi(Box::new(Strange {
            status: self.status,
            fault,
            content_type: self.header(CONTENT_TYPE).map(said),
            redirected_to: self.redirect().map(said),
            title: title.as_deref().map(said),
            what: what.or(begins),
        }))
    }

    /// What the body begins with, or what follows the JSON in it.
    fn beginning(&self, key: &SecretString) -> Option<Line> {
        if self.body.is_empty() {
            return Some(shown("empty"));
        }
        if self.body.starts_with(&[0x1f, 0x8b]) {
            return Some(shown("compressed with gzip, which was not asked for"));
        }
        let mut values = serde_json::Deserializer::from_slice(&self.body).into_iter::<IgnoredAny>();
        let end = values.next().and_then(Result::ok).map_or(0, |_| values.byte_offset());
        let rest = self.body.get(end..).unwrap_or_default().trim_ascii_start();
        let (rest, words) = match (end, rest) {
            (0, rest) => (rest, "beginning with"),
            // It is JSON, and not the API's.
            (_, []) => (&self.body[..], "beginning with"),
            (_, rest) => (rest, "with this after its JSON:"),
        };
        let text = String::from_utf8_lossy(rest.get(..LOOKED_AT).unwrap_or(rest));
        let text = blot(&text, key).replace('\u{feff}', "<U+FEFF>");
        let text: String = text.chars().take(BEGINNING).collect();
        Some(shown(&format!("{words} \"{}\"", shown(&text))))
    }

    /// Where a redirect leads, without its query, since that may hold private data.
    fn redirect(&self) -> Option<&str> {
        let location = self.header(LOCATION).filter(|_| (300..400).contains(&self.status))?;
        location.split(['?', '#']).next()
    }
}

/// Takes the key out of a text that quotes it.
pub(super) fn blot(text: &str, key: &SecretString) -> String {
    text.replace(key.expose_secret(), "[key]")
}

/// The title of an HTML page, near its start: enough to recognise a login or a maintenance page.
fn page_title(body: &[u8]) -> Option<String> {
    let start = String::from_utf8_lossy(body.get(..4096).unwrap_or(body));
    let (_, rest) = start.split_once("<title")?;
    let (_, rest) = rest.split_once('>')?;
    let (title, _) = rest.split_once("</title")?;
    Some(title.trim().to_owned()).filter(|title| !title.is_empty())
}
