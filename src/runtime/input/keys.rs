//! Turns a key's bytes into an event.

use crossterm::event::{
    Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use termina::{
    Event as Read, Parser,
    event::{KeyCode as Code, KeyEventKind as Kind, Modifiers, MouseEventKind as Turned},
};

/// The event that the bytes of one piece stand for: a key, or a report about mouse or focus. `None` where
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
        (Read::Mouse(mouse), None) => self::mouse(mouse).map(Event::Mouse),
        (Read::FocusIn, None) => Some(Event::FocusGained),
        (Read::FocusOut, None) => Some(Event::FocusLost),
        _ => None,
    }
}

/// Whether the parser reads a control sequence to its end. If it gives up in the middle, it reads
/// the rest as letters.
fn is_read_whole(bytes: &[u8]) -> bool {
    let Some(parameters) = bytes.strip_prefix(b"\x1b[") else { return true };
    if let Some(report) = parameters.strip_prefix(b"<") {
        return is_mouse_report(report);
    }
    let first = parameters.first();
    let is_answer = parameters.iter().any(|byte| matches!(byte, b' '..=b'/'));
    first.is_some_and(|first| matches!(first, b'0'..=b'9' | b'@'..=b'~')) && !is_answer
}

/// Whether these are the three numbers of a mouse report, with its end.
fn is_mouse_report(report: &[u8]) -> bool {
    let Some((b'M' | b'm', numbers)) = report.split_last() else { return false };
    let mut numbers = numbers.split(|byte| *byte == b';');
    let is_number = |it: &[u8]| !it.is_empty() && it.iter().all(u8::is_ascii_digit);
    numbers.by_ref().take(3).filter(|it| is_number(it)).count() == 3 && numbers.next().is_none()
}

/// A press of the left button, or a turn of the wheel; nothing else is asked for.
fn mouse(mouse: termina::event::MouseEvent) -> Option<MouseEvent> {
    let kind = match mouse.kind {
        Turned::Down(termina::event::MouseButton::Left) => MouseEventKind::Down(MouseButton::Left),
        Turned::ScrollDown => MouseEventKind::ScrollDown,
        Turned::ScrollUp => MouseEventKind::ScrollUp,
        _ => return None,
    };
    let modifiers = held(mouse.modifiers);
    Some(MouseEvent { kind, column: mouse.column, row: mouse.row, modifiers })
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
    let kind = match key.kind {
        Kind::Press => KeyEventKind::Press,
        Kind::Repeat => KeyEventKind::Repeat,
        Kind::Release => KeyEventKind::Release,
    };
    Some(KeyEvent::new_with_kind(code, held(key.modifiers), kind))
}

fn held(read: Modifiers) -> KeyModifiers {
    let modifiers = [
        (Modifiers::SHIFT, KeyModifiers::SHIFT),
        (Modifiers::ALT, KeyModifiers::ALT),
        (Modifiers::CONTROL, KeyModifiers::CONTROL),
        (Modifiers::SUPER, KeyModifiers::SUPER),
        (Modifiers::HYPER, KeyModifiers::HYPER),
        (Modifiers::META, KeyModifiers::META),
    ];
    let held = modifiers.into_iter().filter(|(modifier, _)| read.contains(*modifier));
    held.fold(KeyModifiers::NONE, |all, (_, modifier)| all | modifier)
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
        let mouse =
            |kind, modifiers| Some(Event::Mouse(MouseEvent { kind, column: 2, row: 3, modifiers }));
        let left = MouseEventKind::Down(MouseButton::Left);
        assert_eq!(event(b"\x1b[<0;3;4M"), mouse(left, none));
        assert_eq!(event(b"\x1b[<16;3;4M"), mouse(left, control));
        assert_eq!(event(b"\x1b[<64;3;4M"), mouse(MouseEventKind::ScrollUp, none));
        assert_eq!(event(b"\x1b[<65;3;4M"), mouse(MouseEventKind::ScrollDown, none));
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
            "\x1b[<0;3;4m",
            "\x1b[<2;3;4M",
            "\x1b[<32;3;4M",
            "\x1b[<35;3;4M",
            "\x1b[<0;3M",
            "\x1b[<0;3;4;5M",
            "\x1b[<0;;4M",
            "\x1b[<;;M",
            "\x1b[<M",
            "\x1b[<0;3;99999M",
            "\x1b[<999;3;4M",
            "\x1b[<0;-3;4M",
            "\x1b[<0;3;4~",
            "\x1b[<0;3;4u",
            "\x1b[1 q",
            "\x1bOj",
            "\x1b[999999999999~",
        ] {
            assert_eq!(event(answer.as_bytes()), None, "{answer:?}");
        }
    }
}
