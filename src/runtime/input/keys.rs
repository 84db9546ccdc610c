//! Turns a key's bytes into an event.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use termina::{
    Event as Read, Parser,
    event::{KeyCode as Code, KeyEventKind as Kind, Modifiers},
};

/// The event that the bytes of one piece stand for: a key, or a report about the focus. `None` where
/// they are an answer, or nothing that is known.
pub(super) fn event(bytes: &[u8]) -> Option<Event> {
    if let [0x1b, introducer @ (b'[' | b'O' | b'P' | b'X' | b']' | b'^' | b'_')] = bytes {
        let key = KeyEvent::new(KeyCode::Char(char::from(*introducer)), KeyModifiers::ALT);
        return Some(Event::Key(with_shift(key)));
    }
    if !is_read_whole(bytes) {
        return None;
    }
    let mut parser = Parser::default();
    parser.parse(bytes, false);
    match (parser.pop()?, parser.pop()) {
        (Read::Key(key), None) => self::key(key).map(Event::Key),
        (Read::FocusIn, None) => Some(Event::FocusGained),
        (Read::FocusOut, None) => Some(Event::FocusLost),
        _ => None,
    }
}

/// Whether the parser reads a control sequence to its end. If it gives up in the middle, it reads
/// the rest as letters.
fn is_read_whole(bytes: &[u8]) -> bool {
    let Some(parameters) = bytes.strip_prefix(b"\x1b[") else { return true };
    let first = parameters.first();
    let is_answer = parameters.iter().any(|byte| matches!(byte, b' '..=b'/'));
    first.is_some_and(|first| matches!(first, b'0'..=b'9' | b'@'..=b'~')) && !is_answer
}

fn with_shift(mut key: KeyEvent) -> KeyEvent {
    if let KeyCode::Char(letter) = key.code
        && letter.is_uppercase()
    {
        key.modifiers |= KeyModifiers::SHIFT;
    }
    key
}

fn key(key: termina::event::KeyEvent) -> Option<KeyEvent> {
    let code = match key.code {
        Code::Char(letter) => KeyCode::Char(letter),
        Code::Enter => KeyCode::Enter,
        Code::Backspace => KeyCode::Backspace,
        Code::Tab => KeyCode::Tab,
        Code::Escape => KeyCode::Esc,
        Code::Left => KeyCode::Left,
        Code::Right => KeyCode::Right,
        Code::Up => KeyCode::Up,
        Code::Down => KeyCode::Down,
        Code::Home => KeyCode::Home,
        Code::End => KeyCode::End,
        Code::BackTab => KeyCode::BackTab,
        Code::PageUp => KeyCode::PageUp,
        Code::PageDown => KeyCode::PageDown,
        Code::Insert => KeyCode::Insert,
        Code::Delete => KeyCode::Delete,
        Code::Menu => KeyCode::Menu,
        Code::Function(number) => KeyCode::F(number),
        // Locks, media keys and modifiers by themselves run no command and type nothing.
        _ => return None,
    };
    let modifiers = [
        (Modifiers::SHIFT, KeyModifiers::SHIFT),
        (Modifiers::ALT, KeyModifiers::ALT),
        (Modifiers::CONTROL, KeyModifiers::CONTROL),
        (Modifiers::SUPER, KeyModifiers::SUPER),
        (Modifiers::HYPER, KeyModifiers::HYPER),
        (Modifiers::META, KeyModifiers::META),
    ];
    let held = modifiers.into_iter().filter(|(read, _)| key.modifiers.contains(*read));
    let held = held.fold(KeyModifiers::NONE, |all, (_, modifier)| all | modifier);
    let kind = match key.kind {
        Kind::Press => KeyEventKind::Press,
        Kind::Repeat => KeyEventKind::Repeat,
        Kind::Release => KeyEventKind::Release,
    };
    Some(KeyEvent::new_with_kind(code, held, kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_what_they_were() {
        let (none, shift) = (KeyModifiers::NONE, KeyModifiers::SHIFT);
        let (alt, control) = (KeyModifiers::ALT, KeyModifiers::CONTROL);
        for (bytes, code, modifiers) in [
            ("j", KeyCode::Char('j'), none),
            ("J", KeyCode::Char('J'), shift),
            ("ę", KeyCode::Char('ę'), none),
            ("Ж", KeyCode::Char('Ж'), shift),
            ("語", KeyCode::Char('語'), none),
            ("\x1bj", KeyCode::Char('j'), alt),
            ("\x1bJ", KeyCode::Char('J'), alt | shift),
            ("\x1bę", KeyCode::Char('ę'), alt),
            ("\x1b_", KeyCode::Char('_'), alt),
            ("\x1bP", KeyCode::Char('P'), alt | shift),
            ("\x1b[", KeyCode::Char('['), alt),
            ("\x1b", KeyCode::Esc, none),
            ("\r", KeyCode::Enter, none),
            ("\x1b\r", KeyCode::Enter, alt),
            ("\t", KeyCode::Tab, none),
            ("\x1b[Z", KeyCode::BackTab, shift),
            ("\x7f", KeyCode::Backspace, none),
            ("\x1b\x7f", KeyCode::Backspace, alt),
            ("\x08", KeyCode::Char('h'), control),
            ("\n", KeyCode::Char('j'), control),
            ("\0", KeyCode::Char(' '), control),
            ("\x03", KeyCode::Char('c'), control),
            ("\x1f", KeyCode::Char('7'), control),
            ("\x1b[A", KeyCode::Up, none),
            ("\x1bOB", KeyCode::Down, none),
            ("\x1b[1;5C", KeyCode::Right, control),
            ("\x1b[1;2D", KeyCode::Left, shift),
            ("\x1b[5~", KeyCode::PageUp, none),
            ("\x1b[3;5~", KeyCode::Delete, control),
            ("\x1b[H", KeyCode::Home, none),
            ("\x1bOP", KeyCode::F(1), none),
            ("\x1b[[B", KeyCode::F(2), none),
            ("\x1b[15~", KeyCode::F(5), none),
            ("\x1b[97;5u", KeyCode::Char('a'), control),
            ("\x1b[27u", KeyCode::Esc, none),
        ] {
            assert_eq!(
                event(bytes.as_bytes()),
                Some(Event::Key(KeyEvent::new(code, modifiers))),
                "{bytes:?}"
            );
        }
        assert_eq!(event(b"\x1b[I"), Some(Event::FocusGained));
        assert_eq!(event(b"\x1b[O"), Some(Event::FocusLost));
    }

    #[test]
    fn an_answer_is_no_key() {
        for answer in [
            "\x1b[?62;4;22c",
            "\x1b[>41;388;0c",
            "\x1b[=3;4c",
            "\x1b[?2026;2$y",
            "\x1b[4;1$y",
            "\x1b[12;40R",
            "\x1b[8;40;120t",
            "\x1b[0n",
            "\x1b[?0u",
            "\x1b[?997;1n",
            "\x1b[:u",
            "\x1b[;5A",
            "\x1b[<0;3;4M",
            "\x1b[1 q",
            "\x1bOj",
            "\x1b[999999999999~",
        ] {
            assert_eq!(event(answer.as_bytes()), None, "{answer:?}");
        }
    }
}
