//! Stand-ins for clusters that the layout library would measure otherwise than the console does, or
//! would break in two.

use std::collections::HashMap;

use crate::domain::columns;

/// Stands for a column that belongs to the stand-in before it. Cleaning leaves no private character
/// in text, nor one that Unicode has not assigned.
const FILLER: char = '\u{e000}';

/// The first stand-in of one column, and of two: Unicode has planes of characters of this width that
/// mean nothing.
const NARROW: u32 = 0xf_0000;
const WIDE: u32 = 0x3_4000;

/// How many stand-ins there are of each.
const COUNT: usize = 0xb000;

/// The clusters that stand-ins were given for.
#[derive(Debug, Default)]
pub(super) struct Glyphs {
    known: HashMap<String, char>,
    narrow: Vec<String>,
    wide: Vec<String>,
}

impl Glyphs {
    /// Cleaned text with a stand-in for each cluster that needs one, as wide as the cluster is.
    pub(super) fn stand_in(&mut self, text: &str) -> String {
        if text.is_ascii() {
            return text.to_owned();
        }
        let mut out = String::with_capacity(text.len());
        for (_, cluster) in columns::clusters(text) {
            if is_simple(cluster) {
                out.push_str(cluster);
                continue;
            }
            let width = columns::cluster_width(cluster);
            let Some(stand_in) = self.of(cluster, width) else {
                out.push(char::REPLACEMENT_CHARACTER);
                continue;
            };
            out.push(stand_in);
            out.extend(std::iter::repeat_n(FILLER, width.saturating_sub(2)));
        }
        out
    }

    /// The text that stand-ins stand for.
    pub(super) fn back(&self, text: &str) -> String {
        if text.is_ascii() {
            return text.to_owned();
        }
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            let cluster = |list: &[String], first: u32| {
                let at = u32::from(c).checked_sub(first)?;
                list.get(usize::try_from(at).ok()?).cloned()
            };
            match cluster(&self.narrow, NARROW).or_else(|| cluster(&self.wide, WIDE)) {
                Some(cluster) => out.push_str(&cluster),
                None if c == FILLER => {}
                None => out.push(c),
            }
        }
        out
    }

    fn of(&mut self, cluster: &str, width: usize) -> Option<char> {
        if let Some(known) = self.known.get(cluster) {
            return Some(*known);
        }
        let (list, first) =
            if width < 2 { (&mut self.narrow, NARROW) } else { (&mut self.wide, WIDE) };
        let stand_in = char::from_u32(first + u32::try_from(list.len()).ok()?)?;
        if list.len() >= COUNT {
            return None;
        }
        list.push(cluster.to_owned());
        self.known.insert(cluster.to_owned(), stand_in);
        Some(stand_in)
    }
}

/// Whether a cluster is one character whose width nobody doubts, whatever stands beside it.
fn is_simple(cluster: &str) -> bool {
    let mut chars = cluster.chars();
    let (Some(c), None) = (chars.next(), chars.next()) else { return false };
    matches!(
        c,
        '\0'..='\u{58f}'
            | '\u{1e00}'..='\u{2d2f}'
            | '\u{2e80}'..='\u{9fff}'
            | '\u{ac00}'..='\u{d7a3}'
            | '\u{f900}'..='\u{faff}'
            | '\u{ff01}'..='\u{ff9d}'
            | '\u{fffd}'
    )
}
