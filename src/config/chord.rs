//! Keys: which chords run which command where.

use crokey::{
    KeyCombination, OneToThree,
    crossterm::event::{KeyCode, KeyModifiers},
};

use super::reader::{At, Section};

/// The chords that the user gave a command. Whether there is such a place and such a command is for
/// the table of commands to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyBinding {
    /// The place in which the keys work: the part after `keys.` of the section's title.
    pub scope: String,
    /// The name of the command.
    pub command: String,
    /// The sequences of chords, each of which runs it; none if the command is to have no keys.
    pub chords: Vec<Vec<KeyCombination>>,
    /// The line of the file that says so, from 1.
    pub line: usize,
}

/// A sequence of chords in crokey's words with spaces between: `g g`, `ctrl-d`, `shift-tab`. An
/// upper-case letter is that letter with shift.
///
/// # Errors
/// Says which chord is none.
pub fn chords(sequence: &str) -> Result<Vec<KeyCombination>, String> {
    let chords: Result<Vec<_>, _> = sequence.split_whitespace().map(chord).collect();
    match chords {
        Ok(chords) if chords.is_empty() => Err("a chord has to name a key".into()),
        chords => chords,
    }
}

fn chord(raw: &str) -> Result<KeyCombination, String> {
    let shifted = raw.chars().last().is_some_and(|c| c.is_ascii_uppercase())
        && (raw.len() == 1 || raw.rsplit('-').next().is_some_and(|key| key.len() == 1));
    let spelled = if shifted { format!("shift-{raw}") } else { raw.to_owned() };
    let chord = crokey::parse(&spelled)
        .map_err(|_| {
            format!("`{raw}` is no key; keys look like `r`, `G`, `ctrl-d`, `enter`, `f5`")
        })?
        .normalized();
    match chord.codes {
        // What a terminal sends for it.
        OneToThree::One(KeyCode::Tab) if chord.modifiers.contains(KeyModifiers::SHIFT) => {
            Ok(KeyCombination::one_key(KeyCode::BackTab, chord.modifiers))
        }
        OneToThree::One(_) => Ok(chord),
        _ => Err(format!("`{raw}` is several keys at once; put spaces between them")),
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

fn read_sequence(keys: &Section<'_>, sequence: &At<&str>) -> Option<Vec<KeyCombination>> {
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
    fn what_is_no_chord_is_said() {
        assert!(chords("").unwrap_err().contains("has to name a key"));
        assert!(chords("g bogus").unwrap_err().contains("`bogus` is no key"));
        assert!(chords("a-b").unwrap_err().contains("several keys at once"));
        assert!(chords("ctrl-").is_err());
        assert!(chords("ä").is_err());
    }
}
