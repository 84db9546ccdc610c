//! The stubs of the shells, and how values are written where a shell takes them as they are.

use std::{borrow::Cow, ffi::OsString, io, path::Path};

use clap::Command;
use clap_complete::{
    engine,
    env::{Elvish, EnvCompleter, Fish, Powershell, Zsh},
};

use super::VARIABLE;

/// The shells that are known.
pub(in crate::cli) const SHELLS: &[&dyn EnvCompleter] =
    &[&Bash, &Zsh, &Fish, &Elvish, &QuotedPowershell];

/// The variables by which the stub of bash tells the line and how it will be used.
const LINE: &str = "_GROWDESK_LINE";
const TYPE: &str = "_GROWDESK_TYPE";
const BREAKS: &str = "_GROWDESK_BREAKS";

/// What bash calls a completion whose candidates are only shown.
const SHOWN: &str = "63";

/// The stub of a shell, which calls the program of this name.
pub(in crate::cli) fn registration(shell: &str) -> io::Result<Option<Vec<u8>>> {
    let Some(shell) = SHELLS.iter().find(|it| it.is(shell)) else { return Ok(None) };
    let mut stub = Vec::new();
    shell.write_registration(VARIABLE, "growdesk", "growdesk", "growdesk", &mut stub)?;
    Ok(Some(stub))
}

/// The words that were typed, up to the cursor, without their quotes.
pub(super) fn typed(words: Vec<OsString>) -> Vec<String> {
    if let Some(line) = std::env::var_os(LINE) {
        return TypedLine::of(&line.to_string_lossy()).words;
    }
    let word = |word: OsString| {
        let word = word.to_string_lossy().into_owned();
        let plain = shell_words::split(&word).ok().filter(|parts| parts.len() == 1);
        plain.and_then(|mut parts| parts.pop()).unwrap_or(word)
    };
    words.into_iter().map(word).collect()
}

/// A line of bash up to the cursor.
struct TypedLine {
    /// Its words without quotes; the last is the one at the cursor.
    words: Vec<String>,
    /// Whether the cursor is within quotes.
    quoted: bool,
}

impl TypedLine {
    /// A letter stands for the cursor, so that the word there is never missing. Quotes that are
    /// open are closed.
    fn of(line: &str) -> Self {
        let tries = [("x", false), ("x'", true), ("x\"", true)];
        let read = tries.iter().find_map(|(end, quoted)| {
            let words = shell_words::split(&format!("{line}{end}")).ok()?;
            Some((words, *quoted))
        });
        let (mut words, quoted) = read.unwrap_or_default();
        if let Some(last) = words.last_mut() {
            last.pop();
        }
        Self { words, quoted }
    }
}

/// bash, which takes candidates as they are: they are written so that the shell acts upon nothing in
/// them.
#[derive(Debug)]
struct Bash;

impl EnvCompleter for Bash {
    fn name(&self) -> &'static str {
        "bash"
    }

    fn is(&self, name: &str) -> bool {
        name == "bash"
    }

    fn write_registration(
        &self,
        var: &str,
        _: &str,
        bin: &str,
        completer: &str,
        buf: &mut dyn io::Write,
    ) -> io::Result<()> {
        let completer = shell_words::quote(completer);
        write!(
            buf,
            r#"_growdesk() {{
    local candidate
    COMPREPLY=()
    while IFS= read -r candidate; do
        COMPREPLY+=("$candidate")
    done < <({var}=bash {LINE}="${{COMP_LINE:0:COMP_POINT}}" {TYPE}="$COMP_TYPE" \
        {BREAKS}="$COMP_WORDBREAKS" {completer} -- growdesk 2>/dev/null)
    if [[ ${{COMPREPLY[0]-}} == *[=/:,] ]]; then
        compopt -o nospace 2>/dev/null
    fi
}}
complete -o bashdefault -o default -o nosort -F _growdesk {bin} 2>/dev/null ||
    complete -o bashdefault -o default -F _growdesk {bin}
"#
        )
    }

    fn write_complete(
        &self,
        cmd: &mut Command,
        _: Vec<OsString>,
        current_dir: Option<&Path>,
        buf: &mut dyn io::Write,
    ) -> io::Result<()> {
        let of = |name| std::env::var(name).unwrap_or_default();
        let TypedLine { words, quoted } = TypedLine::of(&of(LINE));
        let Some(current) = words.last().cloned() else { return Ok(()) };
        // bash has cut the word at these characters, and puts a candidate behind the last of them.
        let breaks = of(BREAKS);
        let cut = current.rfind(|it| matches!(it, '=' | ':') && breaks.contains(it));
        let kept = cut.filter(|_| !quoted).map_or("", |at| current.get(..=at).unwrap_or_default());
        let index = words.len() - 1;
        let words = words.into_iter().map(OsString::from).collect();
        let found = engine::complete(cmd, words, index, current_dir)?;
        let is_shown = of(TYPE) == SHOWN && found.len() > 1;
        for candidate in &found {
            let value = candidate.get_value().to_string_lossy();
            let value = value.strip_prefix(kept).unwrap_or(&value);
            let help = candidate.get_help().map(ToString::to_string);
            let help = help.as_deref().and_then(|it| it.lines().next());
            match (is_shown, help, quoted) {
                (true, Some(help), _) => writeln!(buf, "{value}  ({help})")?,
                (true, None, _) => writeln!(buf, "{value}")?,
                (_, _, false) => writeln!(buf, "{}", escaped(value))?,
                (_, _, true) if is_harmless_in_quotes(value) => writeln!(buf, "{value}")?,
                _ => {}
            }
        }
        Ok(())
    }
}

/// A value as bash reads it outside of quotes.
fn escaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for letter in value.chars() {
        let is_plain = letter.is_alphanumeric() || "_-./:=@%+,".contains(letter);
        if !is_plain {
            text.push('\\');
        }
        text.push(letter);
    }
    text
}

fn is_harmless_in_quotes(value: &str) -> bool {
    !value.contains(['"', '\'', '$', '`', '\\', '!'])
}

/// PowerShell, which takes candidates as they are.
#[derive(Debug)]
struct QuotedPowershell;

impl EnvCompleter for QuotedPowershell {
    fn name(&self) -> &'static str {
        Powershell.name()
    }

    fn is(&self, name: &str) -> bool {
        Powershell.is(name)
    }

    fn write_registration(
        &self,
        var: &str,
        name: &str,
        bin: &str,
        completer: &str,
        buf: &mut dyn io::Write,
    ) -> io::Result<()> {
        Powershell.write_registration(var, name, bin, completer, buf)
    }

    fn write_complete(
        &self,
        cmd: &mut Command,
        args: Vec<OsString>,
        current_dir: Option<&Path>,
        buf: &mut dyn io::Write,
    ) -> io::Result<()> {
        let index = args.len().saturating_sub(1);
        for candidate in engine::complete(cmd, args, index, current_dir)? {
            let value = candidate.get_value().to_string_lossy();
            write!(buf, "{}", literal(&value))?;
            if let Some(help) = candidate.get_help().map(ToString::to_string) {
                write!(buf, "\t{}", help.lines().next().unwrap_or_default())?;
            }
            writeln!(buf)?;
        }
        Ok(())
    }
}

/// A value as PowerShell reads it.
fn literal(value: &str) -> Cow<'_, str> {
    // The typographic quotes end a text too.
    let is_plain = |it: char| it.is_alphanumeric() || "_-./:=+".contains(it);
    if value.chars().all(is_plain) {
        return Cow::Borrowed(value);
    }
    let doubled = value.chars().flat_map(|it| {
        let is_quote = matches!(it, '\'' | '\u{2018}'..='\u{201b}');
        std::iter::repeat_n(it, if is_quote { 2 } else { 1 })
    });
    Cow::Owned(format!("'{}'", doubled.collect::<String>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_bash_has_the_word_at_the_cursor() {
        let words = |line: &str| {
            let line = TypedLine::of(line);
            (line.words.join("|"), line.quoted)
        };
        assert_eq!(words("growdesk show 4"), ("growdesk|show|4".into(), false));
        assert_eq!(words("growdesk show "), ("growdesk|show|".into(), false));
        assert_eq!(words("growdesk status 'On h"), ("growdesk|status|On h".into(), true));
        assert_eq!(words("growdesk status \"On h"), ("growdesk|status|On h".into(), true));
        assert_eq!(words(r"growdesk status On\ h"), ("growdesk|status|On h".into(), false));
        assert_eq!(words("growdesk --data='/a b' sh"), ("growdesk|--data=/a b|sh".into(), false));
        for odd in ["", "'", "growdesk '\"", "growdesk \\", "a 'b' \"c' d"] {
            TypedLine::of(odd);
        }
    }

    #[test]
    fn no_shell_acts_upon_a_value() {
        let hostile = "a b$(touch x)`y`;|&'\"!~*?[]{}<>#\\";
        let read = shell_words::split(&escaped(hostile)).unwrap();
        assert_eq!(read, [hostile]);
        assert_eq!(literal("a'b\u{2019}$(x)"), "'a''b\u{2019}\u{2019}$(x)'");
        assert_eq!(literal("Open"), "Open");
        assert!(!is_harmless_in_quotes("a$(b)") && is_harmless_in_quotes("On hold"));
    }
}
