//! Stepping: one rule for every cursor and every window, and the keys that move without a change.

use crokey::KeyCombination;
use crossterm::event::{KeyCode, KeyEvent};

/// A way to move in a list or a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// One on.
    Down,
    /// One back.
    Up,
    /// To the first.
    Top,
    /// To the last.
    Bottom,
    /// Half a page on.
    HalfDown,
    /// Half a page back.
    HalfUp,
    /// A page on.
    PageDown,
    /// A page back.
    PageUp,
}

/// How far half a page and a page go, in rows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Page {
    pub(super) half: usize,
    pub(super) whole: usize,
}

impl Page {
    /// The page of a cursor in a window of `rows`: a row of the page before stays in sight.
    pub(super) fn of_cursor(rows: usize) -> Self {
        Self { half: rows / 2, whole: rows.saturating_sub(1) }
    }

    /// The page of a popup that is read in a window of `rows`.
    pub(super) fn of_reader(rows: usize) -> Self {
        let page = rows.saturating_sub(1).max(1);
        Self { half: page, whole: page }
    }

    /// The page of a text that is scrolled through in a window of `rows`.
    pub(super) fn of_text(rows: usize) -> Self {
        Self { half: rows.div_ceil(2), whole: rows }
    }
}

impl Step {
    /// The step that a key means wherever text is read; none where it is no key of a cursor.
    pub(super) fn of_key(key: KeyCombination) -> Option<Self> {
        let key: KeyEvent = key.into();
        match key.code {
            KeyCode::Down => Some(Self::Down),
            KeyCode::Up => Some(Self::Up),
            KeyCode::PageDown => Some(Self::PageDown),
            KeyCode::PageUp => Some(Self::PageUp),
            KeyCode::Home => Some(Self::Top),
            KeyCode::End => Some(Self::Bottom),
            _ => None,
        }
    }

    /// Where the step leads from `at`; `last` is the last place there is.
    pub(super) fn from(self, at: usize, last: usize, page: Page) -> usize {
        let to = match self {
            Self::Down => at.saturating_add(1),
            Self::Up => at.saturating_sub(1),
            Self::Top => 0,
            Self::Bottom => last,
            Self::HalfDown => at.saturating_add(page.half),
            Self::HalfUp => at.saturating_sub(page.half),
            Self::PageDown => at.saturating_add(page.whole),
            Self::PageUp => at.saturating_sub(page.whole),
        };
        to.min(last)
    }

    /// Where the step leads in a ring: after the last place is the first.
    pub(super) fn around(self, at: usize, last: usize) -> usize {
        match self {
            Self::Down if at >= last => 0,
            Self::Up if at == 0 => last,
            step => step.from(at, last, Page::of_cursor(2)),
        }
    }
}

/// Whether a key moves the cursor of a text and changes nothing.
pub(super) fn is_move(key: KeyCombination) -> bool {
    let event: KeyEvent = key.into();
    Step::of_key(key).is_some() || matches!(event.code, KeyCode::Left | KeyCode::Right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_stays_within_what_there_is() {
        let page = Page::of_cursor(10);
        let all = [Step::Down, Step::Up, Step::Top, Step::Bottom];
        let paged = [Step::HalfDown, Step::HalfUp, Step::PageDown, Step::PageUp];
        assert_eq!(all.map(|step| step.from(20, 29, page)), [21, 19, 0, 29]);
        assert_eq!(paged.map(|step| step.from(20, 29, page)), [25, 15, 29, 11]);
        assert_eq!(all.map(|step| step.from(0, 0, page)), [0; 4]);
        assert_eq!(paged.map(|step| step.from(0, 0, page)), [0; 4]);
        assert_eq!(all.map(|step| step.around(0, 4)), [1, 4, 0, 4]);
        assert_eq!(Step::Down.around(4, 4), 0);
    }
}
