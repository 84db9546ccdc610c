//! Makes text from outside safe for a terminal.
//!
//! The results of [`line()`] and [`block`] hold no control character (so no escape sequence), no
//! bidi control, and nothing invisible but the joiners of scripts that need them. They also hold no
//! grapheme whose width terminals disagree on: emoji built of several code points are reduced to
//! the first one, flags to their two letters. `icu_properties` tells the Unicode properties of a
//! character.

use icu_properties::{
    CodePointMapData, CodePointSetData,
    props::{
        BidiControl, CanonicalCombiningClass, DefaultIgnorableCodePoint, EmojiModifier,
        ExtendedPictographic, GeneralCategory, RegionalIndicator, Script,
    },
};
use unicode_width::UnicodeWidthChar as _;

use crate::domain::Line;

/// The most characters that [`line()`] shows; a longer line ends in `…`.
pub const LINE_CHARS: usize = 4096;

/// The most marks without a width of their own on one character. That is enough for written
/// languages, and too few to paint over the rows around it.
const MARKS: u8 = 4;

/// The spaces that replace a tab if white space is kept.
const TAB: &str = "    ";

/// Joins emoji into one, and letters of some scripts.
const JOINER: char = '\u{200d}';

/// Keeps letters of some scripts from being joined.
const NON_JOINER: char = '\u{200c}';

/// The scripts in which a joiner makes another word of the same letters.
const JOINING: [Script; 17] = [
    Script::Arabic,
    Script::Syriac,
    Script::Mongolian,
    Script::Nko,
    Script::Devanagari,
    Script::Bengali,
    Script::Gurmukhi,
    Script::Gujarati,
    Script::Oriya,
    Script::Tamil,
    Script::Telugu,
    Script::Kannada,
    Script::Malayalam,
    Script::Sinhala,
    Script::Khmer,
    Script::Myanmar,
    Script::Tibetan,
];

/// One line of a stranger's text: white space folded to single spaces and trimmed, at most
/// [`LINE_CHARS`] characters. The line keeps the server's text for sending it back.
pub fn line(raw: &str) -> Line {
    if is_clean_line(raw) {
        return Line::from_cleaned(raw, None);
    }
    let mut cleaner = Cleaner::default();
    let mut chars = 0;
    for c in raw.chars() {
        let before = cleaner.out.len();
        match Class::of(c) {
            Class::Space | Class::Break => cleaner.fold(),
            class => cleaner.push(c, class),
        }
        chars += usize::from(cleaner.out.len() > before);
        // The limit is one character more, since the last one may be a space that is trimmed.
        if chars > LINE_CHARS + 1 {
            break;
        }
    }
    let mut shown = cleaner.out;
    shown.truncate(shown.trim_end_matches(' ').len());
    if shown.chars().count() > LINE_CHARS {
        shown.truncate(shown.char_indices().nth(LINE_CHARS - 1).map_or(0, |(at, _)| at));
        shown.push('…');
    }
    Line::from_cleaned(shown, Some(raw))
}

/// Several lines of a stranger's text: line breaks of any kind become `\n`, tabs spaces, other white
/// space is kept.
pub fn block(raw: &str) -> String {
    lines(raw, TAB, " ")
}

/// Several lines of a stranger's text like [`block`], but with tabs and no-break spaces kept. It is
/// for text that is still to be laid out.
pub fn spaced(raw: &str) -> String {
    lines(raw, "\t", "\u{a0}")
}

/// Several lines, with `tab` for each tab and `hard` for each space at which no line is broken.
fn lines(raw: &str, tab: &str, hard: &str) -> String {
    let is_plain = |byte| matches!(byte, b' '..=b'~' | b'\n') || byte == b'\t' && tab == "\t";
    if raw.bytes().all(is_plain) {
        return raw.to_owned();
    }
    let mut cleaner = Cleaner::default();
    let mut chars = raw.chars().peekable();
    while let Some(c) = chars.next() {
        match Class::of(c) {
            Class::Break if c == '\r' && chars.peek() == Some(&'\n') => {}
            Class::Break => cleaner.space("\n"),
            Class::Space if c == '\t' => cleaner.space(tab),
            Class::Space if matches!(c, '\u{a0}' | '\u{202f}' | '\u{2007}') => cleaner.space(hard),
            Class::Space => cleaner.space(" "),
            class => cleaner.push(c, class),
        }
    }
    cleaner.out
}

/// Text that the agent pasted, or wrote in another editor. Each line break becomes `\n` and each
/// tab spaces. Controls, bidi controls and characters that could only hide something are left out.
///
/// Emoji, joiners and unusual letters stay as they are: the agent may mean them, and they are sent.
pub fn typed(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut chars = raw.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => out.push('\n'),
            '\t' => out.push_str(TAB),
            _ if c.is_control() || has::<BidiControl>(c) => {}
            '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' => {}
            '\u{e0000}'..='\u{e007f}' => {}
            _ => out.push(c),
        }
    }
    out
}

/// A part of one line: cleaned like a line, its spaces kept.
pub fn span(raw: &str) -> String {
    let mut text = block(raw);
    if text.contains('\n') {
        text = text.replace('\n', " ");
    }
    text
}

/// JSON with the same meaning that can be printed to a terminal. serde leaves C1 and bidi controls
/// in strings as they are; here they are escaped.
pub fn json(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        // Line breaks stand between values only; within a string they are escaped already.
        if (c.is_control() && c != '\n') || has::<BidiControl>(c) {
            out.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    out
}

fn is_clean_line(raw: &str) -> bool {
    raw.len() <= LINE_CHARS
        && raw.bytes().all(|byte| matches!(byte, b' '..=b'~'))
        && !raw.starts_with(' ')
        && !raw.ends_with(' ')
        && !raw.contains("  ")
}

/// Whether `c` has the property `P`.
fn has<P: icu_properties::props::BinaryProperty>(c: char) -> bool {
    CodePointSetData::new::<P>().contains(c)
}

/// The treatment of a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    /// It is shown.
    Shown,
    /// It is shown on the character before it.
    Mark,
    /// It is shown, and no mark may follow it.
    Pictograph,
    /// Half a flag: its letter is shown.
    FlagLetter,
    /// White space within a line.
    Space,
    /// A line break.
    Break,
    /// It is left out.
    Dropped,
    /// Nobody knows what it looks like: `U+FFFD` is shown.
    Unknown,
}

impl Class {
    fn of(c: char) -> Self {
        match c {
            '\t' | ' ' => return Self::Space,
            '!'..='~' => return Self::Shown,
            '\n' | '\u{b}' | '\u{c}' | '\r' | '\u{85}' => return Self::Break,
            _ => {}
        }
        match CodePointMapData::<GeneralCategory>::new().get(c) {
            GeneralCategory::Control | GeneralCategory::Format | GeneralCategory::EnclosingMark => {
                Self::Dropped
            }
            GeneralCategory::LineSeparator | GeneralCategory::ParagraphSeparator => Self::Break,
            GeneralCategory::SpaceSeparator => Self::Space,
            _ if has::<DefaultIgnorableCodePoint>(c) || has::<EmojiModifier>(c) => Self::Dropped,
            GeneralCategory::PrivateUse
            | GeneralCategory::Unassigned
            | GeneralCategory::Surrogate => Self::Unknown,
            _ if has::<RegionalIndicator>(c) => Self::FlagLetter,
            _ if has::<ExtendedPictographic>(c) => Self::Pictograph,
            _ if c.width().unwrap_or(0) == 0 => Self::Mark,
            _ => Self::Shown,
        }
    }
}

/// The characters that may still be added to the last one put out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Last {
    /// Nothing: the start of a line, or white space.
    #[default]
    Nothing,
    /// So many marks are on it.
    Base(u8),
    /// Only further pictographs joined to it; they are dropped.
    Pictograph { joined: bool },
}

#[derive(Debug, Default)]
struct Cleaner {
    out: String,
    last: Last,
    /// A joiner after a letter that may be joined: kept if another one follows.
    joiner: Option<char>,
}

impl Cleaner {
    /// Takes a character that is not white space; puts out one character or none.
    fn push(&mut self, c: char, class: Class) {
        if let (Some(joiner), Class::Shown | Class::Mark) = (self.joiner, class)
            && is_joined(c)
        {
            self.out.push(joiner);
        }
        if class != Class::Dropped {
            self.joiner = None;
        }
        match (class, self.last) {
            (Class::Mark, Last::Base(marks)) if marks < MARKS => {
                self.out.push(c);
                self.last = Last::Base(marks + 1);
            }
            (Class::Mark, _) => {}
            (Class::Dropped, Last::Pictograph { .. }) if c == JOINER => {
                self.last = Last::Pictograph { joined: true };
            }
            (Class::Dropped, Last::Base(_)) if matches!(c, JOINER | NON_JOINER) => self.join(c),
            (Class::Dropped, _) => {}
            (Class::Pictograph, Last::Pictograph { joined: true }) => {
                self.last = Last::Pictograph { joined: false };
            }
            (Class::Pictograph, _) => {
                self.out.push(c);
                self.last = Last::Pictograph { joined: false };
            }
            (Class::FlagLetter, _) => self.base(flag_letter(c)),
            (Class::Unknown, _) => self.base(char::REPLACEMENT_CHARACTER),
            (Class::Shown | Class::Space | Class::Break, _) => self.base(c),
        }
    }

    /// Takes a joiner. After a mark that removes a letter's vowel it is kept at once, even at a
    /// word's end.
    fn join(&mut self, joiner: char) {
        let Some(last) = self.out.chars().next_back().filter(|last| is_joined(*last)) else {
            return;
        };
        let class = CodePointMapData::<CanonicalCombiningClass>::new().get(last);
        if class == CanonicalCombiningClass::Virama {
            self.out.push(joiner);
        } else {
            self.joiner.get_or_insert(joiner);
        }
    }

    fn base(&mut self, c: char) {
        self.out.push(c);
        self.last = Last::Base(0);
    }

    fn space(&mut self, space: &str) {
        self.out.push_str(space);
        self.last = Last::Nothing;
        self.joiner = None;
    }

    /// One space for a run of white space, none at the start.
    fn fold(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with(' ') {
            self.out.push(' ');
        }
        self.last = Last::Nothing;
        self.joiner = None;
    }
}

/// Whether a letter or mark is of a script that needs joiners.
fn is_joined(c: char) -> bool {
    c >= '\u{600}' && JOINING.contains(&CodePointMapData::<Script>::new().get(c))
}

/// The letter that a regional indicator symbol stands for.
fn flag_letter(c: char) -> char {
    u32::from(c)
        .checked_sub(0x1f1e6)
        .and_then(|index| char::from_u32(u32::from('A') + index))
        .unwrap_or(char::REPLACEMENT_CHARACTER)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(raw: &str) -> String {
        line(raw).as_str().to_owned()
    }

    #[test]
    fn plain_text_is_kept_as_it_is() {
        for text in
            ["", "Printer on fire", "Ärger mit Umlauten", "日本語のチケット", "عربى", "שלום"]
        {
            assert_eq!(shown(text), text);
            assert_eq!(line(text).as_stored(), text);
        }
    }

    #[test]
    fn escape_sequences_lose_what_makes_them_work() {
        assert_eq!(shown("a\x1b[31mb\x1b]0;title\x07c\u{9b}2Jd\x7fe\0f"), "a[31mb]0;titlec2Jdef");
        assert_eq!(line("a\x1b[31m").as_stored(), "a\x1b[31m");
    }

    #[test]
    fn what_is_invisible_or_turns_text_around_is_dropped() {
        let hidden = "\u{61c}\u{200b}\u{200c}\u{200e}\u{200f}\u{202a}\u{202e}\u{2060}\u{2066}\
                      \u{2069}\u{feff}\u{ad}\u{e0041}\u{e007f}\u{3164}\u{115f}\u{fff9}";
        assert_eq!(shown(&format!("exe{hidden}.fdp")), "exe.fdp");
    }

    #[test]
    fn joiners_stay_where_they_make_another_word() {
        for word in [
            "می\u{200c}خواهم",
            "ශ්\u{200d}රී",
            "ന്\u{200d}",
            "র\u{200d}্য",
            "क्\u{200d}ष",
            "ක්\u{200d} x",
        ] {
            assert_eq!(shown(word), word, "{word:?}");
            assert_eq!(block(word), word, "{word:?}");
        }
        assert_eq!(shown("می\u{200c}\u{200c}\u{200d}خ"), "می\u{200c}خ");
        assert_eq!(shown("می\u{200c} x\u{200c}y م\u{200c}x م\u{200d}"), "می xy مx م");
        assert_eq!(shown("می\u{200c}\u{202e}خ\u{200f}"), "می\u{200c}خ");
    }

    #[test]
    fn white_space_is_folded_in_a_line_and_kept_in_a_block() {
        assert_eq!(shown(" a \t\r\n\u{a0}b\u{2028}c\u{3000}"), "a b c");
        assert_eq!(block("a\r\n  b\tc\rd\u{85}e\u{2029}f\u{c}g"), "a\n  b    c\nd\ne\nf\ng");
    }

    #[test]
    fn emoji_become_what_terminals_agree_on() {
        let cases = [
            ("👩\u{200d}🚒!", "👩!"),
            ("👩🏽\u{200d}❤\u{fe0f}\u{200d}💋\u{200d}👨🏿 ok", "👩 ok"),
            ("👍🏿👍", "👍👍"),
            ("🇩🇪 🇫🇷", "DE FR"),
            ("1\u{fe0f}\u{20e3}", "1"),
            ("❤\u{fe0f}", "❤"),
            ("🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}", "🏴"),
        ];
        for (raw, expected) in cases {
            assert_eq!(shown(raw), expected, "{raw:?}");
        }
    }

    #[test]
    fn marks_need_a_base_and_do_not_pile_up() {
        assert_eq!(shown("\u{301}e\u{301} \u{301}x"), "e\u{301} x");
        assert_eq!(shown(&format!("z{}y", "\u{35f}".repeat(500))).chars().count(), 6);
    }

    #[test]
    fn what_nobody_can_draw_is_replaced() {
        assert_eq!(shown("a\u{e000}b\u{ffff}c\u{10fffe}"), "a\u{fffd}b\u{fffd}c\u{fffd}");
    }

    #[test]
    fn a_long_line_is_cut() {
        for raw in ["x".repeat(5_000), "語".repeat(5_000), "a ".repeat(5_000)] {
            let cut = line(&raw);
            assert_eq!(cut.as_str().chars().count(), LINE_CHARS);
            assert!(cut.as_str().ends_with('…'));
            assert_eq!(cut.as_stored(), raw);
        }
        let just = "é".repeat(LINE_CHARS);
        assert_eq!(shown(&just), just);
        assert_eq!(shown(&format!("{just}  ")), just);
    }

    #[test]
    fn typed_text_keeps_what_the_agent_may_mean() {
        assert_eq!(typed("a\r\nb\rc\n\td  e"), "a\nb\nc\n    d  e");
        assert_eq!(typed("👩🏽\u{200d}🚒 🇩🇪 می\u{200c}خواهم"), "👩🏽\u{200d}🚒 🇩🇪 می\u{200c}خواهم");
        assert_eq!(typed("\x1b[200~x\u{202e}y\u{200b}z\0\u{e0041}"), "[200~xyz");
    }

    #[test]
    fn json_is_escaped_and_stays_what_it_was() {
        let said = "a\x1b[2J\u{9b}2J\u{7f}\u{202e}\u{61c}\n\"é🚒";
        let escaped = json(&serde_json::to_string_pretty(&[said]).unwrap());
        assert!(escaped.chars().all(|c| c == '\n' || is_harmless(c)), "{escaped:?}");
        assert_eq!(serde_json::from_str::<Vec<String>>(&escaped).unwrap(), [said]);
    }

    /// Text made mostly of troublesome characters.
    fn hostile() -> impl Strategy<Value = String> {
        let nasty = prop::sample::select(
            "\x1b\r\n\t \u{301}\u{200d}\u{fe0f}\u{202e}\u{e0041}👩🏽🚒🇩\u{9b}語a\u{20e3}\u{2028}\u{e000}"
                .chars()
                .collect::<Vec<_>>(),
        );
        prop::collection::vec(prop_oneof![3 => nasty, 1 => any::<char>()], 0..60)
            .prop_map(String::from_iter)
    }

    fn is_harmless(c: char) -> bool {
        !c.is_control() && !has::<BidiControl>(c)
    }

    proptest! {
        #[test]
        fn nothing_harmful_comes_out(raw in hostile()) {
            prop_assert!(shown(&raw).chars().all(is_harmless));
            prop_assert!(span(&raw).chars().all(is_harmless));
            prop_assert!(block(&raw).chars().all(|c| c == '\n' || is_harmless(c)));
            prop_assert!(typed(&raw).chars().all(|c| c == '\n' || is_harmless(c)));
        }

        #[test]
        fn cleaning_twice_is_cleaning_once(raw in hostile()) {
            let once = shown(&raw);
            prop_assert_eq!(shown(&once), once.clone());
            let once = block(&raw);
            prop_assert_eq!(block(&once), once.clone());
            let once = typed(&raw);
            prop_assert_eq!(typed(&once), once.clone());
        }

        #[test]
        fn the_stored_text_is_kept(raw in hostile()) {
            let cleaned = line(&raw);
            prop_assert_eq!(cleaned.as_stored(), raw.as_str());
        }
    }
}
