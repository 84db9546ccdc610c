//! Pages of a list. A cursor says where the next one begins; only this server makes and reads it.

use std::hash::{Hash, Hasher as _};

use fnv::FnvHasher;
use rmcp::ErrorData;

/// What a cursor is made of: a sum over the rest, the list, the item before the page, and that item's
/// place.
type Fields = (u64, u64, i64, u64);

/// A page of a list.
pub(super) struct Leaf<T> {
    pub(super) items: Vec<T>,
    pub(super) next: Option<String>,
}

/// The name of a list: the tool, and what it was asked for.
pub(super) fn list(tool: &str, asked: impl Hash) -> u64 {
    let mut hasher = FnvHasher::default();
    tool.hash(&mut hasher);
    asked.hash(&mut hasher);
    hasher.finish()
}

/// The page of `all` that `cursor` leads to. It goes on behind the item that came last, wherever that
/// stands by now; if that has gone, at its place.
///
/// # Errors
/// For a cursor that was not made for this list.
pub(super) fn page<T: Clone>(
    all: &[T],
    number: impl Fn(&T) -> i64,
    list: u64,
    cursor: Option<&str>,
    size: usize,
) -> Result<Leaf<T>, ErrorData> {
    let from = match cursor {
        None => 0,
        Some(cursor) => {
            let (last, place) = read(cursor, list)?;
            let place = usize::try_from(place).unwrap_or(usize::MAX);
            all.iter().position(|it| number(it) == last).map_or(place, |at| at + 1)
        }
    };
    let items: Vec<T> = all.iter().skip(from).take(size).cloned().collect();
    let until = from.saturating_add(items.len());
    let last = items.last().map(&number).filter(|_| until < all.len());
    let next = last.map(|last| cursor_of(list, last, u64::try_from(until).unwrap_or(u64::MAX)));
    Ok(Leaf { items, next })
}

/// The cursor that goes on behind an item.
pub(super) fn cursor_of(list: u64, last: i64, place: u64) -> String {
    let fields: Fields = (sum(list, last, place), list, last, place);
    format!("{:016x}{:016x}{:016x}{:016x}", fields.0, fields.1, fields.2, fields.3)
}

/// The item that a cursor goes on behind, and its place.
///
/// # Errors
/// For a cursor that was not made for this list.
pub(super) fn read(cursor: &str, list: u64) -> Result<(i64, u64), ErrorData> {
    let wrong = || {
        let said = "this cursor is none of this list: leave it out to begin anew";
        ErrorData::invalid_params(said, None)
    };
    if cursor.len() != 64 || !cursor.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(wrong());
    }
    let part =
        |at: usize| u64::from_str_radix(&cursor[at * 16..(at + 1) * 16], 16).map_err(|_| wrong());
    let last = i64::from_ne_bytes(part(2)?.to_ne_bytes());
    let place = part(3)?;
    let stands = part(1)? == list && part(0)? == sum(list, last, place);
    if stands { Ok((last, place)) } else { Err(wrong()) }
}

fn sum(of: u64, last: i64, place: u64) -> u64 {
    list("cursor", (of, last, place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_hold_each_item_once_whatever_goes_meanwhile() {
        let list = list("queue", 5);
        let mut all: Vec<i64> = (0..10).collect();
        let first = page(&all, |it| *it, list, None, 4).unwrap();
        assert_eq!(first.items, [0, 1, 2, 3]);
        all.remove(0);
        let second = page(&all, |it| *it, list, first.next.as_deref(), 4).unwrap();
        assert_eq!(second.items, [4, 5, 6, 7]);
        all.retain(|it| *it != 7);
        let third = page(&all, |it| *it, list, second.next.as_deref(), 4).unwrap();
        assert!(third.next.is_none(), "{:?}", third.items);
        assert!(third.items.ends_with(&[9]), "{:?}", third.items);
    }

    #[test]
    fn a_cursor_of_another_list_or_of_nobody_is_refused() {
        let (one, other) = (list("queue", 5), list("queue", 6));
        let cursor = cursor_of(one, -3, 7);
        assert_eq!(read(&cursor, one).unwrap(), (-3, 7));
        assert!(read(&cursor, other).is_err());
        let mut changed = cursor.clone();
        changed.replace_range(63..64, if cursor.ends_with('0') { "1" } else { "0" });
        let odd = "é".repeat(32);
        for wrong in ["", "0", &cursor[1..], &changed, odd.as_str(), &"f".repeat(64)] {
            assert!(read(wrong, one).is_err(), "{wrong}");
        }
    }
}
