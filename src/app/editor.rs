//! Text that the agent types: the text-area widget, kept from its surprises.
//!
//! The widget edits by code point, ignores pastes and binds keys of its own; here a backspace takes
//! a whole grapheme, a paste is one undo step, and `Ctrl-U` erases to the head of the line as in a
//! shell.

use crokey::KeyCombination;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use tui_textarea::{CursorMove, Input, Key, TextArea, WrapMode};
use unicode_segmentation::UnicodeSegmentation;

mod window;

use window::Left;

/// A text being edited. The widget has only a window of a long text around the cursor, since it
/// wraps its whole text anew with each letter.
#[derive(Clone, Debug)]
pub struct Editor {
    area: TextArea<'static>,
    single_line: bool,
    /// The lines before those that the widget has, and those after.
    above: Vec<String>,
    below: Vec<String>,
    /// Windows that were left, with what can be undone in them; and those that undoing has left.
    past: Vec<Left>,
    future: Vec<Left>,
    /// Whether something was changed in this window.
    edited: bool,
}

impl Editor {
    /// An editor of several lines, soft-wrapped.
    pub fn new(text: &str) -> Self {
        let mut area = TextArea::new(text.split('\n').map(String::from).collect());
        area.set_wrap_mode(WrapMode::WordOrGlyph);
        area.set_cursor_line_style(Default::default());
        area.set_selection_style(area.cursor_style());
        area.set_max_histories(window::UNDO);
        area.set_tab_length(4);
        area.move_cursor(CursorMove::Bottom);
        area.move_cursor(CursorMove::End);
        let mut editor = Self {
            area,
            single_line: false,
            above: Vec::new(),
            below: Vec::new(),
            past: Vec::new(),
            future: Vec::new(),
            edited: false,
        };
        editor.follow_cursor();
        editor
    }

    /// An editor of one line.
    pub fn single_line(text: &str) -> Self {
        let mut editor = Self::new(&text.replace('\n', " "));
        editor.area.set_wrap_mode(WrapMode::None);
        editor.single_line = true;
        editor
    }

    /// The whole text.
    pub fn text(&self) -> String {
        let lines: Vec<&str> = self.lines().collect();
        lines.join("\n")
    }

    /// Whether there is nothing but white space.
    pub fn is_blank(&self) -> bool {
        self.lines().all(|line| line.trim().is_empty())
    }

    /// The cursor's line and character, from 0.
    pub fn cursor(&self) -> (usize, usize) {
        let cursor = self.area.cursor();
        (self.above.len() + cursor.0, cursor.1)
    }

    /// Puts the cursor on a line and character, or as near as there is text.
    pub fn set_cursor(&mut self, (line, character): (usize, usize)) {
        self.open_around(line);
        self.jump(line, character);
    }

    /// The widget, to be drawn.
    pub fn widget(&self) -> &TextArea<'static> {
        &self.area
    }

    /// Takes a key; says whether the text changed.
    pub fn key(&mut self, key: KeyCombination) -> bool {
        let key: KeyEvent = key.into();
        if let Some(end) = window::leads_to_end(&key).filter(|_| !self.area.is_selecting()) {
            self.open_end(end);
        } else if self.area.is_selecting() || !window::is_near(&key) {
            self.open_wide();
        }
        let changed = self.press(key);
        self.changed(changed)
    }

    fn press(&mut self, key: KeyEvent) -> bool {
        let plain = key.modifiers.difference(KeyModifiers::SHIFT).is_empty();
        match key.code {
            KeyCode::Enter | KeyCode::Char('m' | 'j') if self.single_line && !is_typed(&key) => {
                false
            }
            KeyCode::Backspace if plain && !self.area.is_selecting() => self.erase_grapheme(),
            KeyCode::Delete if plain && !self.area.is_selecting() => self.erase_next_grapheme(),
            KeyCode::Left if key.modifiers.is_empty() => {
                let width = self.grapheme_before().max(1);
                self.area.cancel_selection();
                (0..width).for_each(|_| self.area.move_cursor(CursorMove::Back));
                false
            }
            KeyCode::Right if key.modifiers.is_empty() => {
                let width = self.grapheme_after().max(1);
                self.area.cancel_selection();
                (0..width).for_each(|_| self.area.move_cursor(CursorMove::Forward));
                false
            }
            KeyCode::Char('u') if key.modifiers == KeyModifiers::CONTROL => {
                self.area.delete_line_by_head()
            }
            // A terminal sends this key for a line feed; the widget would erase the line.
            KeyCode::Char('j') if key.modifiers == KeyModifiers::CONTROL => {
                self.area.insert_newline();
                true
            }
            KeyCode::Tab => self.area.insert_str("    "),
            _ => self.area.input(Input::from(key)),
        }
    }

    /// Inserts text at the cursor, in the selection's place; says whether the text changed.
    pub fn paste(&mut self, text: &str) -> bool {
        let changed = if self.single_line {
            self.area.insert_str(text.replace('\n', " "))
        } else {
            self.area.insert_str(text)
        };
        self.changed(changed)
    }

    /// Inserts text at the cursor and leaves all other text as it is, the selected one too; says whether
    /// the text changed.
    pub fn insert(&mut self, text: &str) -> bool {
        self.area.cancel_selection();
        self.paste(text)
    }

    /// Replaces the whole text, as one step that can be undone.
    pub fn replace(&mut self, text: &str) {
        self.open_all();
        window::select_all(&mut self.area);
        if text.is_empty() {
            self.area.delete_char();
        } else {
            self.area.insert_str(text);
        }
        self.changed(true);
    }

    /// Takes back the last edit; says whether there was one.
    pub fn undo(&mut self) -> bool {
        while !self.area.undo() {
            if !self.step_back() {
                return false;
            }
        }
        true
    }

    /// Does the last edit that was taken back again; says whether there was one.
    pub fn redo(&mut self) -> bool {
        while !self.area.redo() {
            if !self.step_on() {
                return false;
            }
        }
        true
    }

    fn line_around_cursor(&self) -> (&str, &str) {
        let cursor = self.area.cursor();
        let (line, character) = (cursor.0, cursor.1);
        let text = self.area.lines().get(line).map_or("", String::as_str);
        let at = text.char_indices().nth(character).map_or(text.len(), |(at, _)| at);
        text.split_at(at)
    }

    fn grapheme_before(&self) -> usize {
        let before = self.line_around_cursor().0;
        before.graphemes(true).next_back().map_or(0, |it| it.chars().count())
    }

    fn grapheme_after(&self) -> usize {
        let after = self.line_around_cursor().1;
        after.graphemes(true).next().map_or(0, |it| it.chars().count())
    }

    fn erase_grapheme(&mut self) -> bool {
        let characters = self.grapheme_before();
        if characters <= 1 {
            return self.area.delete_char();
        }
        (0..characters).for_each(|_| self.area.move_cursor(CursorMove::Back));
        self.area.delete_str(characters)
    }

    fn erase_next_grapheme(&mut self) -> bool {
        match self.grapheme_after() {
            0 | 1 => self.area.delete_next_char(),
            characters => self.area.delete_str(characters),
        }
    }
}

/// Whether the key types its letter, rather than being a shortcut.
fn is_typed(key: &KeyEvent) -> bool {
    matches!(key.code, KeyCode::Char(_)) && !key.modifiers.contains(KeyModifiers::CONTROL)
}

/// Whether a key with Alt is one of the text's own: it moves, or erases, by words and more.
pub(super) fn is_shortcut(key: KeyCombination) -> bool {
    let crokey::OneToThree::One(KeyCode::Char(letter)) = key.codes else { return false };
    key.modifiers.contains(KeyModifiers::ALT) && "hdfbnpv<>[]".contains(letter)
}

/// The letter that a key types into a one-line field, if it types one.
pub fn typed_letter(key: KeyCombination) -> Option<char> {
    let Input { key, ctrl: false, alt: false, .. } = Input::from(Into::<KeyEvent>::into(key))
    else {
        return None;
    };
    match key {
        Key::Char(letter) => Some(letter),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(editor: &mut Editor, code: KeyCode) -> bool {
        editor.key(KeyCombination::from(code))
    }

    #[test]
    fn a_backspace_takes_a_whole_grapheme() {
        let mut editor = Editor::new("ok 👩‍👩‍👧");
        assert!(press(&mut editor, KeyCode::Backspace));
        assert_eq!(editor.text(), "ok ");
        assert!(editor.undo());
        assert_eq!(editor.text(), "ok 👩‍👩‍👧");
    }

    #[test]
    fn a_single_line_stays_one() {
        let mut editor = Editor::single_line("subject");
        press(&mut editor, KeyCode::Enter);
        editor.paste(" with\na break");
        assert_eq!(editor.text(), "subject with a break");
        for letter in ['m', 'j'] {
            press(&mut editor, KeyCode::Char(letter));
        }
        assert_eq!(editor.text(), "subject with a breakmj");
    }

    #[test]
    fn a_line_feed_begins_a_line() {
        let mut editor = Editor::new("abc def");
        let feed = KeyEvent::new(KeyCode::Char('j'), KeyModifiers::CONTROL);
        assert!(editor.key(feed.into()));
        assert_eq!(editor.text(), "abc def\n");
    }

    #[test]
    fn the_cursor_survives_odd_positions() {
        let mut editor = Editor::new("one\ntwo");
        editor.set_cursor((9, 9));
        assert_eq!(editor.cursor(), (1, 3));
        editor.set_cursor((0, 1));
        assert_eq!(editor.cursor(), (0, 1));
    }

    #[test]
    fn replacing_is_one_step() {
        let mut editor = Editor::new("before");
        editor.replace("after\nthat");
        assert_eq!(editor.text(), "after\nthat");
        editor.undo();
        editor.undo();
        assert_eq!(editor.text(), "before");
    }
}
