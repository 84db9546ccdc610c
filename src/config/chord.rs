//! Keys: which chords run which command where.

use crokey::{
    KeyCombination, OneToThree,
    crossterm::event::{KeyCode, KeyModifiers},
};

use super::sections::{Placed, Section};

/// The chords that the user gave a command. The table of commands checks whether the place and the
/// command exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyBinding {
    /// The place in which the keys work: the part after `keys.` of the section's title.
    pub scope: String,
    /// The name of the command.
    pub command: String,
    /// The sequences of chords, each of which runs it; none if the command is to have no keys.
    pub chords: Vec<Vec<KeyCombination>>,
    /// The line of the file with this setting, from 1.
    pub line: usize,
}

/// A sequence of chords in crokey's words with spaces between: `g g`, `ctrl-d`, `shift-tab`. An
/// upper-case letter is that letter with shift. Letters of any script are keys.
///
/// # Errors
/// Names the chord that can't be read.
pub fn chords(sequence: &str) -> Result<Vec<KeyCombination>, String> {
    let chords: Result<Vec<_>, _> = sequence.split_whitespace().map(chord).collect();
    match chords {
        Ok(chords) if chords.is_empty() => Err("a chord has to name a key".into()),
        chords => chords,
    }
}

fn chord(raw: &str) -> Result<KeyCombination, String> {
    let chord = parse(raw).map_err(|_| {
        format!("`{raw}` is no key; keys look like `r`, `G`, `é`, `ctrl-d`, `enter`, `f5`")
    })?;
    match chord.codes {
        // The character that a terminal sends for it.
        OneToThree::One(KeyCode::Tab) if chord.modifiers.contains(KeyModifiers::SHIFT) => {
            Ok(KeyCombination::one_key(KeyCode::BackTab, chord.modifiers))
        }
        OneToThree::One(_) => Ok(chord),
        _ => Err(format!("`{raw}` is several keys at once; put spaces between them")),
    }
}

fn parse(raw: &str) -> Result<KeyCombination, crokey::ParseKeyError> {
    let key = raw.rsplit('-').next().unwrap_or_default();
    let mut letters = key.chars();
    let only = letters.next().filter(|_| letters.next().is_none());
    match only {
        Some(letter) if letter.is_ascii_uppercase() => {
            Ok(crokey::parse(&format!("shift-{raw}"))?.normalized())
        }
        // crokey knows only ASCII keys. So an ASCII key takes the place of another letter while
        // crokey reads the modifiers.
        Some(letter) if !letter.is_ascii() => {
            let rest = raw.strip_suffix(key).unwrap_or_default();
            let mut chord = crokey::parse(&format!("{rest}a"))?;
            if let OneToThree::One(code) = &mut chord.codes {
                *code = KeyCode::Char(letter);
            }
            Ok(chord)
        }
        _ => Ok(crokey::parse(raw)?.normalized()),
    }
}

pub(super) fn read(keys: &Section<'_>) -> Vec<KeyBinding> {
    let mut bindings = Vec::new();
    for (scope, section) in keys.named_sections() {
        for (command, sequences) in section.named_strings() {
            bindings.push(KeyBinding {
                scope: scope.value.to_owned(),
                command: command.value.to_owned(),
                chords: sequences.iter().filter_map(|it| read_sequence(keys, it)).collect(),
                line: keys.reader.line(command.at),
            });
        }
    }
    bindings.sort_by_key(|binding| binding.line);
    bindings
}

fn read_sequence(keys: &Section<'_>, sequence: &Placed<&str>) -> Option<Vec<KeyCombination>> {
    chords(sequence.value).map_err(|reason| keys.reader.problem(sequence.at, reason)).ok()
}

#[cfg(test)]
mod tests {
    use crokey::key;

    use super::*;

    #[test]
    fn chords_are_read() {
        let cases = [
            ("r", vec![key!(r)]),
            ("G", vec![key!(shift - g)]),
            ("shift-g", vec![key!(shift - g)]),
            ("alt-G", vec![key!(alt - shift - g)]),
            ("g g", vec![key!(g), key!(g)]),
            (" ctrl-d  enter ", vec![key!(ctrl - d), key!(enter)]),
            ("Ctrl-P", vec![key!(ctrl - shift - p)]),
            ("shift-tab", vec![KeyCombination::one_key(KeyCode::BackTab, KeyModifiers::SHIFT)]),
            ("-", vec![key!('-')]),
            ("? # * | [ :", "?#*|[:".chars().map(|c| KeyCode::Char(c).into()).collect()),
            ("F5 Esc PageDown", vec![key!(f5), key!(esc), key!(pagedown)]),
        ];
        for (raw, expected) in cases {
            assert_eq!(chords(raw).unwrap(), expected, "{raw}");
        }
    }

    #[test]
    fn letters_of_any_script_are_keys() {
        let plain = |letter| KeyCombination::from(KeyCode::Char(letter));
        for letter in "ąéßжЖ語ñø€".chars() {
            assert_eq!(chords(&letter.to_string()).unwrap(), [plain(letter)], "{letter}");
        }
        let alt = |letter| KeyCombination::one_key(KeyCode::Char(letter), KeyModifiers::ALT);
        assert_eq!(chords("g alt-ę").unwrap(), [key!(g), alt('ę')]);
        assert!(chords("a-ę").unwrap_err().contains("several keys at once"));
        assert!(chords("éa").is_err());
    }

    #[test]
    fn what_is_no_chord_is_said() {
        assert!(chords("").unwrap_err().contains("has to name a key"));
        assert!(chords("g bogus").unwrap_err().contains("`bogus` is no key"));
        assert!(chords("a-b").unwrap_err().contains("several keys at once"));
        assert!(chords("ctrl-").is_err());
    }
}
