//! The last line of defence before the terminal.

use ratatui::buffer::Buffer;

/// Replaces every symbol that could steer a terminal or turn a line round.
///
/// Text is cleaned when it comes in. This catches any text that was overlooked there.
pub(super) fn blank_controls(buf: &mut Buffer) {
    for cell in &mut buf.content {
        // Nearly every cell holds one printable ASCII letter, and every frame goes through all of them.
        let plain = matches!(cell.symbol().as_bytes(), [b' '..=b'~']);
        if !plain && cell.symbol().chars().any(steers) {
            cell.set_symbol("\u{fffd}");
        }
    }
}

/// Whether the character is a C0 or C1 control, breaks a line, or sets the direction of text.
fn steers(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::layout::Rect;

    #[test]
    fn no_control_stays_in_a_cell() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 7, 1));
        for (x, symbol) in ["\u{1b}[2J", "\u{9b}", "a\u{202e}", "\u{2066}", "\u{2028}", "é", "日"]
            .iter()
            .enumerate()
        {
            buf.content[x].set_symbol(symbol);
        }
        blank_controls(&mut buf);
        let symbols: Vec<&str> = buf.content.iter().map(|cell| cell.symbol()).collect();
        assert_eq!(symbols[..5], ["\u{fffd}"; 5]);
        assert_eq!(symbols[5..], ["é", "日"]);
    }
}
