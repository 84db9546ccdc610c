//! The window of a long text that the widget has. Moving the window changes no letter of the text.
//! A window that was left is kept, since only the widget knows its undo steps.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use tui_textarea::{CursorMove, TextArea};

use super::Editor;

/// A text of up to this many lines is given to the widget whole.
const LONG: usize = 600;

/// How many lines the window has before and after the cursor when it is opened.
const AROUND: usize = 200;

/// How near the cursor may come to the window's ends. No key with a near effect moves it further.
const MARGIN: usize = 100;

/// How many windows that were left are kept, and how many lines they may have together; the last one
/// is kept however long it is.
const MOST_LEFT: (usize, usize) = (50, 20_000);

/// The most lines that are given to the widget for a key that may reach further than a page. The
/// widget counts its rows in 16 bits.
const MOST: usize = 20_000;

/// The furthest line and character of its text that the widget can be told to go to.
const FURTHEST: usize = u16::MAX as usize;

/// The furthest that the cursor is led from there, a character at a time.
const STEPS: usize = 10_000;

/// How many edits can be undone in one window.
pub(super) const UNDO: usize = 500;

/// A window that was left.
#[derive(Clone, Debug)]
pub(super) struct Left {
    area: TextArea<'static>,
    above: usize,
    total: usize,
}

/// Whether the key does all that it does within a page of the cursor.
pub(super) fn is_near(key: &KeyEvent) -> bool {
    let plain = key.modifiers.is_empty();
    let control = key.modifiers == KeyModifiers::CONTROL;
    match key.code {
        KeyCode::Char(_) if control => true,
        KeyCode::Left | KeyCode::Right | KeyCode::Backspace | KeyCode::Delete if control => true,
        KeyCode::Char(_) => key.modifiers.difference(KeyModifiers::SHIFT).is_empty(),
        KeyCode::Enter | KeyCode::Tab | KeyCode::Backspace | KeyCode::Delete => plain,
        KeyCode::Left | KeyCode::Right | KeyCode::Up | KeyCode::Down => plain,
        KeyCode::Home | KeyCode::End | KeyCode::PageUp | KeyCode::PageDown => plain,
        _ => false,
    }
}

/// Where the key leads in the text, whatever its length: to its beginning or to its end.
pub(super) fn leads_to_end(key: &KeyEvent) -> Option<CursorMove> {
    let both = KeyModifiers::CONTROL | KeyModifiers::ALT;
    match (key.code, key.modifiers) {
        (KeyCode::Char('<'), KeyModifiers::ALT) => Some(CursorMove::Top),
        (KeyCode::Up | KeyCode::Char('p'), it) if it == both => Some(CursorMove::Top),
        (KeyCode::Char('>'), KeyModifiers::ALT) => Some(CursorMove::Bottom),
        (KeyCode::Down | KeyCode::Char('n'), it) if it == both => Some(CursorMove::Bottom),
        _ => None,
    }
}

/// Selects all that the widget has. Its own way of doing so counts in 16 bits.
pub(super) fn select_all(area: &mut TextArea<'_>) {
    area.cancel_selection();
    area.move_cursor(CursorMove::Top);
    area.move_cursor(CursorMove::Head);
    area.start_selection();
    area.move_cursor(CursorMove::Bottom);
    area.move_cursor(CursorMove::End);
}

impl Editor {
    pub(super) fn lines(&self) -> impl Iterator<Item = &str> {
        self.above.iter().chain(self.area.lines()).chain(&self.below).map(String::as_str)
    }

    fn total(&self) -> usize {
        self.above.len() + self.area.lines().len() + self.below.len()
    }

    /// Something was done; says whether the text `changed` by it.
    pub(super) fn changed(&mut self, changed: bool) -> bool {
        if changed {
            self.edited = true;
            self.future.clear();
        }
        self.follow_cursor();
        changed
    }

    /// Moves the window where the cursor has come near one of its ends, or has made it large. It
    /// stays while no other window could put the cursor in the same place.
    pub(super) fn follow_cursor(&mut self) {
        if self.area.cursor().1 > FURTHEST {
            return;
        }
        let (at, lines) = (self.area.cursor().0, self.area.lines().len());
        let leaves = !self.above.is_empty() && at < MARGIN
            || !self.below.is_empty() && at + MARGIN >= lines
            || lines > LONG;
        if leaves && !self.area.is_selecting() {
            self.open_around(self.above.len() + at);
        }
    }

    /// Opens the window around a line, where it is not well within it already.
    pub(super) fn open_around(&mut self, line: usize) {
        let total = self.total();
        let line = line.min(total.saturating_sub(1));
        let (from, to) = match total <= LONG {
            true => (0, total),
            false => (line.saturating_sub(AROUND), (line + AROUND).min(total)),
        };
        self.open(from, to);
    }

    /// Gives the widget more lines, for a key that may reach further than the window.
    pub(super) fn open_wide(&mut self) {
        let (line, character) = self.cursor();
        let total = self.total();
        let from = line.saturating_sub(MOST / 2).min(total.saturating_sub(MOST));
        let to = (from + MOST).min(total);
        let here = self.above.len()..self.above.len() + self.area.lines().len();
        if character <= FURTHEST && (from < here.start || to > here.end) {
            self.open(from.min(here.start), to.max(here.end));
        }
    }

    /// Opens the window where the text begins or ends.
    pub(super) fn open_end(&mut self, end: CursorMove) {
        let character = self.cursor().1;
        let line = if end == CursorMove::Top { 0 } else { self.total() };
        self.area.move_cursor(CursorMove::Head);
        self.open_around(line);
        self.jump(line, character);
    }

    /// Gives the widget the whole text.
    pub(super) fn open_all(&mut self) {
        self.open(0, self.total());
    }

    /// Gives the widget the lines `from`..`to`. The cursor is within these lines, or is put there.
    fn open(&mut self, from: usize, to: usize) {
        let (above, here) = (self.above.len(), self.area.lines().len());
        if (from, to) == (above, above + here) {
            return;
        }
        let (line, character) = self.cursor();
        let row = self.row_in_pane();
        let selected = self.area.selection_range();
        let text = self.lines().skip(from).take(to - from).collect::<Vec<_>>().join("\n");
        let mut area = self.area.clone();
        select_all(&mut area);
        area.insert_str(text);
        area.set_yank_text(self.area.yank_text());
        area.set_max_histories(UNDO);
        let left = std::mem::replace(&mut self.area, area);
        let total = self.split(left.lines(), from, to);
        if self.edited {
            self.past.push(Left { area: left, above, total });
            let mut lines = 0;
            let fits = |left: &&Left| {
                lines += left.area.lines().len();
                lines <= MOST_LEFT.1
            };
            let fitting = self.past.iter().rev().take(MOST_LEFT.0).take_while(fits).count();
            self.past.drain(..self.past.len() - fitting.max(1));
            self.future.clear();
        }
        self.edited = false;
        if let Some((start, end)) = selected {
            let other = if start == (line - above, character) { end } else { start };
            self.jump(above + other.0, other.1);
            self.area.start_selection();
        }
        self.jump(line, character);
        self.scroll_to(row);
    }

    /// Divides the text anew; the widget had the lines `here`. Returns the length of the text.
    fn split(&mut self, here: &[String], from: usize, to: usize) -> usize {
        let mut all = std::mem::take(&mut self.above);
        all.extend_from_slice(here);
        all.append(&mut self.below);
        let total = all.len();
        self.below = all.split_off(to.min(total));
        all.truncate(from);
        self.above = all;
        total
    }

    /// Puts the cursor on a line and character of the window, counted in the whole text. In a line that
    /// is longer than the widget counts it comes as near as it can be led.
    pub(super) fn jump(&mut self, line: usize, character: usize) {
        let line = u16::try_from(line.saturating_sub(self.above.len())).unwrap_or(u16::MAX);
        let near = u16::try_from(character).unwrap_or(u16::MAX);
        self.area.move_cursor(CursorMove::Jump(line, near));
        let at = self.area.cursor();
        if character <= FURTHEST || at.1 < FURTHEST {
            return;
        }
        let end = self.area.lines().get(at.0).map_or(0, |line| line.chars().count());
        let (on, back) = (character.min(end) - at.1, end.saturating_sub(character));
        if on <= back && on <= STEPS {
            (0..on).for_each(|_| self.area.move_cursor(CursorMove::Forward));
        } else {
            self.area.move_cursor(CursorMove::End);
            let back = if back <= STEPS { back } else { 0 };
            (0..back).for_each(|_| self.area.move_cursor(CursorMove::Back));
        }
    }

    /// The row of the pane that the cursor is on.
    fn row_in_pane(&self) -> usize {
        self.area.screen_cursor().row.saturating_sub(usize::from(self.area.scroll_offset().0))
    }

    /// Scrolls so that the cursor is on this row of the pane again.
    fn scroll_to(&mut self, row: usize) {
        let cursor = self.cursor();
        let top = self.area.screen_cursor().row.saturating_sub(row);
        let by = i64::try_from(top).unwrap_or(0) - i64::from(self.area.scroll_offset().0);
        if let Ok(by) = i16::try_from(by)
            && by != 0
            && !self.area.is_selecting()
        {
            self.area.scroll((by, 0));
            self.jump(cursor.0, cursor.1);
        }
    }

    /// Goes back to the window before, for what can be undone there; says whether there is one. The
    /// text stays as it is.
    pub(super) fn step_back(&mut self) -> bool {
        let Some(left) = self.past.pop() else { return false };
        match self.enter(left) {
            Some(this) => {
                self.future.push(this);
                true
            }
            None => false,
        }
    }

    /// Goes on to the window that undoing has left; says whether there is one.
    pub(super) fn step_on(&mut self) -> bool {
        let Some(left) = self.future.pop() else { return false };
        match self.enter(left) {
            Some(this) => {
                self.past.push(this);
                true
            }
            None => false,
        }
    }

    /// Enters a window that was left, if the text is as it was then; gives the one that is left now.
    fn enter(&mut self, left: Left) -> Option<Left> {
        let lines = left.area.lines();
        let there = self.lines().skip(left.above).take(lines.len());
        if left.total != self.total() || !there.eq(lines.iter().map(String::as_str)) {
            return None;
        }
        let (above, to) = (self.above.len(), left.above + lines.len());
        let area = std::mem::replace(&mut self.area, left.area);
        let total = self.split(area.lines(), left.above, to);
        self.edited = true;
        Some(Left { area, above, total })
    }
}

#[cfg(test)]
mod tests {
    use crokey::KeyCombination;
    use proptest::prelude::*;
    use tui_textarea::Input;

    use super::*;

    fn text(lines: usize) -> String {
        let lines: Vec<String> = (0..lines).map(|at| format!("line {at}")).collect();
        lines.join("\n")
    }

    const KEYS: [KeyCode; 9] = [
        KeyCode::Char('x'),
        KeyCode::Char(' '),
        KeyCode::Enter,
        KeyCode::Backspace,
        KeyCode::Delete,
        KeyCode::Up,
        KeyCode::Down,
        KeyCode::Home,
        KeyCode::End,
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn a_window_is_not_noticed(
            line in 0_usize..1_500,
            runs in prop::collection::vec((0_usize..KEYS.len(), 1_usize..260), 1..24),
        ) {
            let text = text(1_500);
            let mut editor = Editor::new(&text);
            let mut whole = TextArea::from(text.split('\n'));
            editor.set_cursor((line, 2));
            whole.move_cursor(CursorMove::Jump(u16::try_from(line).expect("a line"), 2));
            for (key, times) in runs {
                // Each edit counts for undo, so there are no more edits than undo steps.
                let times = if key < 5 { times % 8 } else { times };
                for _ in 0..times {
                    let key = KEYS[key];
                    editor.key(KeyCombination::from(key));
                    whole.input(Input::from(KeyEvent::from(key)));
                }
                let cursor = whole.cursor();
                prop_assert_eq!(editor.cursor(), (cursor.0, cursor.1));
                prop_assert!(editor.area.lines().len() <= LONG);
            }
            prop_assert_eq!(editor.text(), whole.lines().join("\n"));
            let written = editor.text();
            while editor.undo() {}
            prop_assert_eq!(editor.text(), text);
            while editor.redo() {}
            prop_assert_eq!(editor.text(), written);
        }
    }

    #[test]
    fn what_reaches_further_has_the_whole_text() {
        let mut editor = Editor::new(&text(2_000));
        editor.key(crokey::parse("alt-<").expect("a key"));
        assert_eq!(editor.cursor().0, 0);
        editor.key(crokey::parse("alt->").expect("a key"));
        assert_eq!(editor.cursor().0, 1_999);
        editor.replace("short");
        assert_eq!(editor.text(), "short");
        while editor.undo() {}
        assert_eq!(editor.text(), text(2_000));
    }

    /// Types where the cursor is, takes that back, and looks whether the text is whole throughout.
    fn holds(editor: &mut Editor, written: &str) {
        assert!(editor.text() == written, "{} bytes of {}", editor.text().len(), written.len());
        let at = editor.cursor();
        editor.key(KeyCombination::from(KeyCode::Char('x')));
        assert_eq!(editor.text().len(), written.len() + 1);
        assert_eq!(editor.cursor(), (at.0, at.1 + 1));
        assert!(editor.undo());
        assert!(editor.text() == written, "{} bytes of {}", editor.text().len(), written.len());
    }

    #[test]
    fn a_paste_of_more_lines_than_16_bits_count_is_there_once() {
        let many = text(66_000);
        let mut editor = Editor::new("before\nafter");
        editor.set_cursor((0, 6));
        assert!(editor.paste(&many));
        let written = format!("before{many}\nafter");
        holds(&mut editor, &written);
        assert_eq!(editor.cursor().0, 65_999);
        for at in [0, 100, 30_000, 65_535, 65_536, 66_000] {
            editor.set_cursor((at, 3));
            assert_eq!(editor.cursor(), (at, 3));
            holds(&mut editor, &written);
        }
        for key in ["alt-<", "alt->", "alt-f", "alt-]", "ctrl-home"] {
            editor.key(crokey::parse(key).expect("a key"));
            holds(&mut editor, &written);
        }
        editor.key(crokey::parse("alt-<").expect("a key"));
        assert_eq!(editor.cursor().0, 0);
        editor.key(crokey::parse("alt->").expect("a key"));
        assert_eq!(editor.cursor().0, 66_000);
        editor.key(KeyCombination::from(KeyCode::End));
        editor.paste(&many);
        assert!(editor.text() == format!("{written}{many}"));
    }

    #[test]
    fn a_text_of_more_lines_than_16_bits_count_is_replaced_whole() {
        for (before, after) in [(100_000, 2), (2, 100_000), (70_000, 90_000)] {
            let mut editor = Editor::new(&text(before));
            editor.replace(&text(after));
            holds(&mut editor, &text(after));
            while editor.undo() {}
            assert!(editor.text() == text(before));
        }
    }

    #[test]
    fn a_line_of_more_characters_than_16_bits_count_is_whole() {
        let long = "x".repeat(70_000);
        let mut editor = Editor::new("");
        editor.paste(&long);
        assert_eq!(editor.cursor(), (0, 70_000));
        holds(&mut editor, &long);
        editor.set_cursor((0, 65_600));
        assert_eq!(editor.cursor(), (0, 65_600));
        editor.set_cursor((0, 69_990));
        assert_eq!(editor.cursor(), (0, 69_990));
        editor.key(KeyCombination::from(KeyCode::Enter));
        let broken = format!("{}\n{}", &long[..69_990], &long[69_990..]);
        holds(&mut editor, &broken);
        editor.replace("short");
        assert_eq!(editor.text(), "short");
        let mut editor = Editor::new(&format!("{}\n{long}\n{}", text(900), text(900)));
        let written = editor.text();
        editor.set_cursor((900, 70_000));
        assert_eq!(editor.cursor(), (900, 70_000));
        holds(&mut editor, &written);
        let mut field = Editor::single_line(&long);
        field.paste(&long);
        assert_eq!(field.text().len(), 140_000);
    }

    #[test]
    fn the_text_stands_still_when_the_window_moves() {
        use ratatui::{buffer::Buffer, layout::Rect, widgets::Widget as _};

        let area = Rect::new(0, 0, 30, 10);
        let mut editor = Editor::new(&text(2_000));
        let mut before = String::new();
        for _ in 0..600 {
            let mut buffer = Buffer::empty(area);
            editor.widget().render(area, &mut buffer);
            let first: String = (0..20).map(|x| buffer[(x, 0)].symbol()).collect();
            let top = 2_000 - 10_usize.max(2_000 - editor.cursor().0);
            assert_eq!(first.trim(), format!("line {top}"), "after {before}");
            before = first;
            editor.key(KeyCombination::from(KeyCode::Up));
        }
    }
}
