//! The columns of the list: which of them are shown, and how wide.

use std::borrow::Cow;

use crate::{
    domain::{Directory, RowRef, SortKey, StatusId, short::short_forms},
    ui::cells,
};

/// Cursor, priority, news, draft, outbox and mark.
pub(super) const SIGNS: usize = 7;

/// Room for `~999d`.
pub(super) const TIME: usize = 5;

/// The room for a client: what it always has, what it has beside a short status and before tags are
/// shown, and the most.
const CLIENT: [usize; 4] = [10, 14, 18, 26];

/// The columns of the narrowest client.
const NARROWEST_CLIENT: usize = 6;

/// The widest short form of a status.
const SHORT_STATUS: usize = 9;

/// The widest status.
const WIDEST_STATUS: usize = 24;

/// The columns of a priority in a word.
const PRIORITY: usize = 7;

/// The columns that the subject keeps when another column is shown: always and beside a short status,
/// beside tags, beside a second time and a readable client, beside a full status and a wider client,
/// beside what is nice to have.
const SUBJECT: [usize; 5] = [16, 28, 32, 36, 44];

/// The columns of the moment, with their widths; 0 is a column that is not shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) id: usize,
    pub(super) subject: usize,
    pub(super) client: usize,
    pub(super) status: usize,
    pub(super) priority: usize,
    pub(super) tags: usize,
    /// The wait, where the last column is another time.
    pub(super) wait: usize,
}

/// The columns that the rows would fill.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Contents {
    pub(super) id: usize,
    pub(super) client: usize,
    pub(super) status: usize,
    pub(super) tags: usize,
    /// Whether a row has a priority that a word would tell.
    pub(super) priority: bool,
    /// Whether a wait is to be shown beside the last column.
    pub(super) wait: bool,
}

impl Columns {
    /// Shares out `room`. Subject and client are always there. The others come as far as the room
    /// reaches, and the subject takes the rest.
    pub(super) fn share(room: usize, wanted: Contents) -> Self {
        let Contents { id, client, status, tags, priority, wait } = wanted;
        let [always, beside_tags, beside_time, beside_full, roomy] = SUBJECT;
        let mut subject = room.saturating_sub(SIGNS + id + 1 + 1 + TIME);
        let mut columns = Self { id, ..Self::default() };
        let [least, readable, usual, most] =
            CLIENT.map(|columns| client.clamp(NARROWEST_CLIENT, columns));
        columns.client = subject.saturating_sub(always + 2).clamp(NARROWEST_CLIENT, least);
        subject = subject.saturating_sub(columns.client + 2);
        let mut grow = |column: &mut usize, to: usize, keeps: usize| {
            let more = to.saturating_sub(*column) + if *column == 0 { 2 } else { 0 };
            if to > *column && subject >= more + keeps {
                subject -= more;
                *column = to;
            }
        };
        let short = status.min(SHORT_STATUS);
        grow(&mut columns.status, short, always);
        grow(&mut columns.client, readable, beside_time);
        grow(&mut columns.client, usual, beside_full);
        if columns.status == short {
            grow(&mut columns.status, status.min(WIDEST_STATUS), beside_full);
        }
        if wait {
            grow(&mut columns.wait, TIME, beside_time);
        }
        grow(&mut columns.tags, tags.min((room / 7).clamp(10, 24)), beside_tags);
        if priority {
            grow(&mut columns.priority, PRIORITY, roomy);
        }
        grow(&mut columns.client, most, roomy);
        Self { subject, ..columns }
    }
}

/// Whether a list in this order shows the wait in its last column.
pub(super) fn ends_with_the_wait(key: SortKey) -> bool {
    matches!(key, SortKey::Waiting | SortKey::Priority | SortKey::Status)
}

/// The titles of the statuses in a column: in full, or in short forms that differ.
#[derive(Debug, Default)]
pub(super) struct StatusForms(Vec<(StatusId, String, String)>);

impl StatusForms {
    /// The forms of all titles that are known or on screen, in `columns`.
    pub(super) fn of<'r>(
        directory: &Directory,
        rows: impl Iterator<Item = RowRef<'r>>,
        columns: usize,
    ) -> Self {
        let mut titles: Vec<(StatusId, &str)> =
            directory.statuses.iter().map(|it| (it.id, it.title.as_str())).collect();
        for row in rows {
            let title = (row.status.id, row.status.title.as_str());
            if !titles.contains(&title) {
                titles.push(title);
            }
        }
        if titles.iter().all(|(_, title)| cells::width(title) <= columns) {
            return Self::default();
        }
        titles.sort_unstable();
        let names: Vec<&str> = titles.iter().map(|(_, title)| *title).collect();
        let forms = short_forms(&names, columns);
        let known = titles.iter().zip(forms);
        Self(known.map(|((id, title), form)| (*id, (*title).to_owned(), form)).collect())
    }

    /// The form of a row's status.
    pub(super) fn form<'f>(&'f self, row: RowRef<'f>) -> Cow<'f, str> {
        let title = row.status.title.as_str();
        if title.trim().is_empty() {
            return Cow::Owned(format!("({})", row.status.id));
        }
        let known = self.0.iter().find(|(id, full, _)| *id == row.status.id && full == title);
        known.map_or(Cow::Borrowed(title), |(.., form)| Cow::Borrowed(form))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Contents =
        Contents { id: 5, client: 40, status: 16, tags: 30, priority: true, wait: true };

    #[test]
    fn columns_come_in_their_order() {
        let shown = |room: usize| {
            let it = Columns::share(room, ALL);
            (it.client, it.status, it.wait, it.tags, it.priority)
        };
        let widths = [58, 78, 98, 118, 158].map(shown);
        let expected = [
            (10, 9, 0, 0, 0),
            (14, 9, 0, 0, 0),
            (18, 16, 5, 0, 0),
            (18, 16, 5, 16, 0),
            (26, 16, 5, 22, 7),
        ];
        assert_eq!(widths, expected);
    }

    #[test]
    fn a_row_is_as_wide_as_its_room() {
        for room in 58..260 {
            for bits in 0..4 {
                let (wait, priority) = (bits & 1 == 1, bits & 2 == 2);
                let wanted = Contents { wait, priority, client: 10 + room % 30, ..ALL };
                let it = Columns::share(room, wanted);
                let used = SIGNS + it.id + 1 + it.subject + 1 + TIME;
                let more = [it.client, it.status, it.priority, it.tags, it.wait];
                let more: usize = more.iter().filter(|it| **it > 0).map(|it| it + 2).sum();
                assert_eq!(used + more, room, "{it:?}");
                assert!(it.subject >= 16 && it.client >= 6, "{it:?} in {room}");
            }
        }
    }
}
