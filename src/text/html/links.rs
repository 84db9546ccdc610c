//! The addresses of links: which ones are listed, and under which number.

use std::collections::HashMap;

use url::Url;

use super::super::clean;

/// The most addresses that are listed below a message.
const LISTED: usize = 1_000;

/// The longest address that is told whole, in characters.
const ADDRESS: usize = 2_000;

/// The addresses that are listed below a message.
#[derive(Debug, Default)]
pub(super) struct Links {
    listed: Vec<String>,
    numbers: HashMap<String, usize>,
    /// There are more than can be listed.
    more: usize,
}

impl Links {
    /// The words behind a link whose text does not say where it leads.
    pub(super) fn mark(&mut self, address: &str, text: &str) -> Option<String> {
        let shown = told(address, text)?;
        let number = match self.numbers.get(address) {
            Some(number) => *number,
            None if self.listed.len() >= LISTED => {
                self.more += 1;
                return Some("[…]".into());
            }
            None => {
                self.listed.push(shown);
                self.numbers.insert(address.to_owned(), self.listed.len());
                self.listed.len()
            }
        };
        Some(format!("[{number}]"))
    }

    /// The addresses in the order of their numbers, and how many are left out.
    pub(super) fn into_listed(self) -> (Vec<String>, usize) {
        (self.listed, self.more)
    }
}

/// The address of a link as it is shown. `None` if its text says it already, or if no program on
/// this machine can open it.
pub(super) fn told(address: &str, text: &str) -> Option<String> {
    let address = clean::line(address);
    let address = address.as_str();
    let full = match address {
        _ if address.starts_with("//") => format!("https:{address}"),
        _ if starts_with(address, "www.") => format!("https://{address}"),
        _ => address.to_owned(),
    };
    let scheme = match Url::parse(&full) {
        Ok(url) => url.scheme().to_owned(),
        // An address that no program opens may still tell a person something.
        Err(_) => full.split_once("://")?.0.to_ascii_lowercase(),
    };
    let is_inside =
        matches!(&*scheme, "javascript" | "vbscript" | "data" | "about" | "blob" | "cid");
    if is_inside || bare(clean::line(text).as_str()) == bare(address) {
        return None;
    }
    let shown =
        if full.starts_with("https://") && starts_with(address, "www.") { address } else { &full };
    let mut shown = shown.to_owned();
    if let Some((cut, _)) = shown.char_indices().nth(ADDRESS) {
        shown.truncate(cut);
        shown.push('…');
    }
    Some(shown)
}

fn starts_with(text: &str, head: &str) -> bool {
    text.get(..head.len()).is_some_and(|it| it.eq_ignore_ascii_case(head))
}

/// An address without the parts that people leave out.
pub(super) fn bare(address: &str) -> &str {
    let address = address.trim().trim_end_matches('/');
    ["https://", "http://", "//", "ftp://", "mailto:", "tel:", "sms:"]
        .iter()
        .find_map(|scheme| address.strip_prefix(scheme))
        .unwrap_or(address)
}
