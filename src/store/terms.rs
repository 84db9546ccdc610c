//! Prepares text, and the words looked for, for the full-text index.
//!
//! The index knows words by the spaces and signs around them. Chinese, Japanese, Thai and related
//! scripts are written without spaces, and numbers stand within words. So each character of such a
//! script is a word of its own here, and so are the letters and the digits of a mixed word. A
//! search then finds its text wherever it stands.

use std::borrow::Cow;

use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::{
    CodePointMapData,
    props::{GeneralCategory, LineBreak},
};

/// The way in which two characters of a word are separated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Letter,
    Digit,
    /// A character of a script without spaces.
    Alone,
    /// It goes with the character before it.
    Mark,
    Other,
}

impl Kind {
    fn of(c: char) -> Self {
        match c {
            '0'..='9' => return Self::Digit,
            'a'..='z' | 'A'..='Z' => return Self::Letter,
            '\0'..='\u{a9}' => return Self::Other,
            _ => {}
        }
        match CodePointMapData::<GeneralCategory>::new().get(c) {
            GeneralCategory::NonspacingMark
            | GeneralCategory::SpacingMark
            | GeneralCategory::EnclosingMark => Self::Mark,
            _ if c.is_numeric() => Self::Digit,
            _ if !c.is_alphabetic() => Self::Other,
            _ => match CodePointMapData::<LineBreak>::new().get(c) {
                LineBreak::Ideographic
                | LineBreak::ConditionalJapaneseStarter
                | LineBreak::ComplexContext
                | LineBreak::H2
                | LineBreak::H3
                | LineBreak::JL
                | LineBreak::JV
                | LineBreak::JT => Self::Alone,
                _ => Self::Letter,
            },
        }
    }
}

/// Text for the index, and words that are looked for in it: with a space wherever the index is to
/// see two words, and with one form of each character (wide and narrow ones, small digits).
pub(super) fn parted(text: &str) -> String {
    let text = if text.is_ascii() {
        Cow::Borrowed(text)
    } else {
        ComposingNormalizerBorrowed::new_nfkc().normalize(text)
    };
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut last = Kind::Other;
    for c in text.chars() {
        let kind = Kind::of(c);
        let is_within = kind == Kind::Mark
            || last == Kind::Other
            || kind == Kind::Other
            || (kind == last && kind != Kind::Alone);
        if !is_within {
            out.push(' ');
        }
        out.push(c);
        if kind != Kind::Mark {
            last = kind;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_parted_where_no_space_does() {
        for (text, expected) in [
            ("plain words, as ever", "plain words, as ever"),
            ("v1.2.3", "v 1.2.3"),
            ("AB-1234/5 x2y", "AB-1234/5 x 2 y"),
            ("新年快乐", "新 年 快 乐"),
            ("プリンターのテスト", "プ リ ン タ ー の テ ス ト"),
            ("ﾃｽﾄ ＡＢＣ１２", "テ ス ト ABC 12"),
            ("USB接続v2", "USB 接 続 v 2"),
            ("สวัสดี", "ส วั ส ดี"),
            ("हिन्दी", "हिन्दी"),
            ("한국어", "한 국 어"),
            ("10⁻⁶", "10−6"),
            ("Stra\u{df}e Cafe\u{301}", "Stra\u{df}e Café"),
        ] {
            assert_eq!(parted(text), expected);
        }
    }
}
