//! The section `[pipe]`: commands that a conversation can be piped to.

use std::time::Duration;

use super::sections::Section;
use crate::domain::PipeCommand;

/// The longest time that a command may be given, in seconds: an hour.
const LONGEST: i64 = 60 * 60;

/// The section `[pipe]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PipeSection {
    /// The commands, in the order of their names.
    pub commands: Vec<PipeCommand>,
    /// How long a command may take.
    pub timeout: Duration,
}

impl Default for PipeSection {
    fn default() -> Self {
        Self { commands: Vec::new(), timeout: Duration::from_secs(30) }
    }
}

pub(super) fn read(mut section: Section<'_>) -> PipeSection {
    let mut pipe = PipeSection::default();
    if let Some(seconds) = section.integer("timeout_seconds", 1..=LONGEST) {
        pipe.timeout = Duration::from_secs(seconds.unsigned_abs());
    }
    if let Some(commands) = section.section("commands") {
        for (name, words) in commands.named_words() {
            let problem = match &words[..] {
                _ if name.value.trim().is_empty() => Some("a command has to have a name".into()),
                [program, ..] if !program.trim().is_empty() => None,
                _ => Some(format!("the command `{}` names no program", name.value)),
            };
            match problem {
                Some(reason) => section.reader.problem(name.at, reason),
                None => {
                    let name = name.value.trim().to_owned();
                    pipe.commands.push(PipeCommand { name, words });
                }
            }
        }
    }
    section.finish();
    pipe
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::File;

    fn read(source: &str) -> Result<Vec<(String, Vec<String>)>, String> {
        let file = File::parse(source, Path::new("c.toml")).map_err(|error| error.to_string())?;
        Ok(file.pipe.commands.into_iter().map(|it| (it.name, it.words)).collect())
    }

    #[test]
    fn a_command_is_a_line_that_is_split_as_a_shell_does_or_a_list_of_words() {
        let source = "[pipe]\ntimeout_seconds = 5\ncommands = { b = \"llm -s 'in a word' $(id)\", \
                      \"a c\" = [\"my program\", \"-x\", \"a b\"] }\n";
        let words = |words: &[&str]| words.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        let wanted = vec![
            ("a c".to_owned(), words(&["my program", "-x", "a b"])),
            ("b".to_owned(), words(&["llm", "-s", "in a word", "$(id)"])),
        ];
        assert_eq!(read(source), Ok(wanted.clone()));
        let apart = "[pipe.commands]\nb = \"llm -s 'in a word' $(id)\"\n\"a c\" = [\"my program\", \"-x\", \"a b\"]\n";
        assert_eq!(read(apart), Ok(wanted));
        let file = File::parse(source, Path::new("c.toml")).unwrap();
        assert_eq!(file.pipe.timeout.as_secs(), 5);
    }

    #[test]
    fn what_is_no_command_is_said_with_its_line() {
        for (command, said) in [
            ("\"llm 'half\"", "c.toml:3: `x` can't be read as a command"),
            ("\"\"", "c.toml:3: the command `x` names no program"),
            ("[]", "c.toml:3: the command `x` names no program"),
            ("[\"\", \"a\"]", "c.toml:3: the command `x` names no program"),
            ("7", "c.toml:3: `x` has to be a list of strings"),
            ("[7]", "c.toml:3: `x` has to be a list of strings"),
        ] {
            let error = read(&format!("\n[pipe.commands]\nx = {command}\n")).unwrap_err();
            assert!(error.contains(said), "{command}: {error}");
        }
        let error = read("[pipe]\ntimeout = 3\n").unwrap_err();
        assert!(error.contains("did you mean `timeout_seconds`?"), "{error}");
        assert!(read("[pipe]\ntimeout_seconds = 0\n").is_err());
    }
}
