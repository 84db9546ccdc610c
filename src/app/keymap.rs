//! Finds the commands of keys.

use std::collections::HashMap;

use crokey::KeyCombination;
use crossterm::event::{KeyCode, KeyModifiers};

use super::command::{Command, Scope, Spec, TABLE};

/// A key binding that the configuration asks for.
#[derive(Clone, Debug)]
pub struct Binding {
    /// The scope's name, as in `[keys.list]`.
    pub scope: String,
    /// The command's name.
    pub command: String,
    /// The sequences of keys; none unbinds the command.
    pub keys: Vec<Vec<KeyCombination>>,
    /// The line of the configuration that says so.
    pub line: usize,
}

/// What is wrong with a binding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadBinding {
    /// The line of the configuration.
    pub line: usize,
    /// Why it can't be.
    pub reason: String,
}

type Sequence = Vec<KeyCombination>;

/// What a sequence of keys stands for in some scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// A command.
    Command(Command),
    /// The beginning of a longer sequence.
    Prefix,
    /// Nothing.
    Nothing,
}

/// The keys in force: the table's, as the configuration changed them.
#[derive(Clone, Debug)]
pub struct KeyMap {
    keys: HashMap<(Scope, Sequence), Command>,
    /// The keys of each command in each scope that gives it some of its own.
    shown: HashMap<(Scope, Command), Vec<String>>,
}

impl Default for KeyMap {
    fn default() -> Self {
        Self::new(&[]).unwrap_or_else(|_| Self { keys: HashMap::new(), shown: HashMap::new() })
    }
}

impl KeyMap {
    /// The table's keys, changed by `bindings`.
    ///
    /// # Errors
    /// Every binding that names an unknown scope, command or key, and every key that would do two
    /// things in one place: all of them at once.
    pub fn new(bindings: &[Binding]) -> Result<Self, Vec<BadBinding>> {
        let mut problems = Vec::new();
        let mut chosen: HashMap<(Scope, Command), (&Binding, Vec<Sequence>)> = HashMap::new();
        for binding in bindings {
            match resolve(binding) {
                Ok((scope, command, sequences)) => {
                    chosen.insert((scope, command), (binding, sequences));
                }
                Err(reason) => problems.push(BadBinding { line: binding.line, reason }),
            }
        }
        let mut map = Self { keys: HashMap::new(), shown: HashMap::new() };
        let own = TABLE.iter().filter(|spec| !chosen.contains_key(&(spec.scope, spec.command)));
        for spec in own {
            let sequences = spec.keys.iter().filter_map(|keys| parse_sequence(keys).ok()).collect();
            map.bind(spec, sequences, None, &mut problems);
        }
        for scope in Scope::ALL.iter().copied() {
            for spec in TABLE.iter().filter(|spec| scope.takes_from(spec.scope)) {
                if let Some((binding, sequences)) = chosen.get(&(scope, spec.command)) {
                    let spec = Spec { scope, ..*spec };
                    map.bind(&spec, sequences.clone(), Some(binding.line), &mut problems);
                }
            }
        }
        if problems.is_empty() { Ok(map) } else { Err(problems) }
    }

    fn bind(
        &mut self,
        spec: &Spec,
        sequences: Vec<Sequence>,
        line: Option<usize>,
        problems: &mut Vec<BadBinding>,
    ) {
        let shown = sequences.iter().map(|keys| show_sequence(keys)).collect();
        self.shown.insert((spec.scope, spec.command), shown);
        for keys in sequences {
            let clash = self.keys.iter().find(|((scope, taken), command)| {
                *scope == spec.scope
                    && **command != spec.command
                    && (taken.starts_with(&keys) || keys.starts_with(taken))
            });
            if let Some(((scope, taken), other)) = clash {
                let other = TABLE.iter().find(|spec| spec.command == *other);
                let other = other.map_or("", |spec| spec.name);
                let reason = format!(
                    "{} in [keys.{}] is {other}'s already ({}): bind {other} to another key too",
                    show_sequence(&keys),
                    scope.name(),
                    show_sequence(taken),
                );
                problems.push(BadBinding { line: line.unwrap_or(0), reason });
                continue;
            }
            self.keys.insert((spec.scope, keys), spec.command);
        }
    }

    /// What `keys` stand for in `scopes`, the nearest scope first. If a command has keys of its own
    /// in a nearer scope, its keys of a wider scope don't work there.
    pub fn look_up(&self, scopes: &[Scope], keys: &[KeyCombination]) -> Lookup {
        for (at, scope) in scopes.iter().enumerate() {
            let counts = |command| self.own_scope(&scopes[..at], command).is_none();
            if let Some(command) = self.keys.get(&(*scope, keys.to_vec()))
                && counts(*command)
            {
                return Lookup::Command(*command);
            }
            let is_prefix = |((place, sequence), command): (&(Scope, Sequence), &Command)| {
                place == scope
                    && sequence.len() > keys.len()
                    && sequence.starts_with(keys)
                    && counts(*command)
            };
            if self.keys.iter().any(is_prefix) {
                return Lookup::Prefix;
            }
        }
        Lookup::Nothing
    }

    /// The nearest of `scopes` in which the command has keys of its own.
    fn own_scope(&self, scopes: &[Scope], command: Command) -> Option<Scope> {
        scopes.iter().copied().find(|scope| self.shown.contains_key(&(*scope, command)))
    }

    /// The keys that run a command of `scopes`, the nearest scope first, as they are shown to people.
    pub fn keys_in(&self, scopes: &[Scope], command: impl Into<Command>) -> &[String] {
        let command = command.into();
        self.own_scope(scopes, command).map_or(&[], |scope| self.keys_of(scope, command))
    }

    /// The keys of a command, as they are shown to people; empty where it has none.
    pub fn keys_of(&self, scope: Scope, command: impl Into<Command>) -> &[String] {
        self.shown.get(&(scope, command.into())).map_or(&[], Vec::as_slice)
    }

    /// What is pressed for keys of `scopes` that are shown so, the nearest scope first.
    pub fn presses(&self, scopes: &[Scope], shown: &str) -> Option<Vec<KeyCombination>> {
        let of = |scope: &Scope| {
            let own = self.keys.keys().filter(move |(place, _)| place == scope);
            own.map(|(_, keys)| keys).find(|keys| show_sequence(keys) == shown)
        };
        scopes.iter().find_map(of).cloned()
    }

    /// The first key of a command in its own scope; empty where it has none.
    pub fn key_for(&self, command: impl Into<Command>) -> &str {
        let command = command.into();
        self.keys_of(command.scope(), command).first().map_or("", String::as_str)
    }
}

/// The scope, the command and the keys that a binding means. A command that works in a wider scope
/// too can have keys of its own in a narrower one.
fn resolve(binding: &Binding) -> Result<(Scope, Command, Vec<Sequence>), String> {
    let scope = Scope::ALL
        .iter()
        .copied()
        .find(|scope| scope.name() == binding.scope)
        .ok_or_else(|| format!("there is no scope named {:?}", binding.scope))?;
    let spec = TABLE
        .iter()
        .find(|spec| scope.takes_from(spec.scope) && spec.name == binding.command)
        .ok_or_else(|| {
            format!("[keys.{}] has no command named {:?}", binding.scope, binding.command)
        })?;
    let normal = |keys: &Vec<KeyCombination>| keys.iter().copied().map(normalise).collect();
    Ok((scope, spec.command, binding.keys.iter().map(normal).collect()))
}

/// The key that a press stands for. Each key has one notation, however the terminal reports Shift.
pub fn normalise(key: KeyCombination) -> KeyCombination {
    let mut key = key.normalized();
    let crokey::OneToThree::One(KeyCode::Char(letter)) = &mut key.codes else { return key };
    if !letter.is_alphabetic() {
        key.modifiers -= KeyModifiers::SHIFT;
    } else if letter.is_uppercase() {
        key.modifiers |= KeyModifiers::SHIFT;
    } else if key.modifiers.contains(KeyModifiers::SHIFT) {
        let mut upper = letter.to_uppercase();
        if let (Some(only), None) = (upper.next(), upper.next()) {
            *letter = only;
        }
    }
    key
}

fn parse_sequence(keys: &str) -> Result<Sequence, String> {
    let sequence: Result<Sequence, String> = keys.split_whitespace().map(parse_key).collect();
    match sequence {
        Ok(sequence) if sequence.is_empty() => Err("an empty key".into()),
        other => other,
    }
}

fn parse_key(key: &str) -> Result<KeyCombination, String> {
    let mut chars = key.chars();
    if let (Some(only), None) = (chars.next(), chars.next()) {
        return Ok(normalise(KeyCombination::from(KeyCode::Char(only))));
    }
    crokey::parse(key).map(normalise).map_err(|_| format!("{key:?} is not the name of a key"))
}

/// Keys, as they are shown to people.
pub fn show_sequence(keys: &[KeyCombination]) -> String {
    let keys: Vec<String> = keys.iter().map(|key| show_key(*key)).collect();
    keys.join(" ")
}

fn show_key(key: KeyCombination) -> String {
    let crokey::OneToThree::One(code) = key.codes else { return key.to_string() };
    let name = match code {
        KeyCode::Char(' ') => "Space".into(),
        KeyCode::Char(c) if c.is_ascii() && key.modifiers.contains(KeyModifiers::CONTROL) => {
            c.to_uppercase().to_string()
        }
        KeyCode::Char(c) => c.to_string(),
        KeyCode::Up => "↑".into(),
        KeyCode::Down => "↓".into(),
        KeyCode::Left => "←".into(),
        KeyCode::Right => "→".into(),
        KeyCode::BackTab => return "Shift-Tab".into(),
        KeyCode::PageDown => "PgDn".into(),
        KeyCode::PageUp => "PgUp".into(),
        other => format!("{other:?}"),
    };
    let mut shown = String::new();
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        shown.push_str("Ctrl-");
    }
    if key.modifiers.contains(KeyModifiers::ALT) {
        shown.push_str("Alt-");
    }
    shown.push_str(&name);
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{command::ConsoleCommand, cursor::Step};

    fn binding(scope: &str, command: &str, keys: &[&str]) -> Binding {
        let keys = keys.iter().map(|keys| parse_sequence(keys).unwrap()).collect();
        Binding { scope: scope.into(), command: command.into(), keys, line: 7 }
    }

    fn key(name: &str) -> KeyCombination {
        parse_key(name).unwrap()
    }

    #[test]
    fn the_table_has_no_clash_and_no_unknown_key() {
        assert_eq!(KeyMap::new(&[]).err(), None);
        for spec in TABLE {
            assert!(!spec.keys.is_empty(), "{} has no key", spec.name);
            for keys in spec.keys {
                assert!(parse_sequence(keys).is_ok(), "{keys}");
            }
        }
    }

    #[test]
    fn names_are_unique_within_a_scope() {
        for spec in TABLE {
            let twins = TABLE.iter().filter(|it| it.scope == spec.scope && it.name == spec.name);
            assert_eq!(twins.count(), 1, "{} in {:?}", spec.name, spec.scope);
        }
    }

    #[test]
    fn capitals_and_sequences_are_told_apart() {
        let map = KeyMap::default();
        let scopes = [Scope::List, Scope::Console];
        assert_eq!(map.look_up(&scopes, &[key("n")]), Lookup::Command(ConsoleCommand::Note.into()));
        assert_eq!(map.look_up(&scopes, &[key("N")]), Lookup::Command(ConsoleCommand::New.into()));
        assert_eq!(map.look_up(&scopes, &[key("g")]), Lookup::Prefix);
        assert_eq!(
            map.look_up(&scopes, &[key("g"), key("g")]),
            Lookup::Command(ConsoleCommand::Step(Step::Top).into())
        );
        assert_eq!(map.look_up(&scopes, &[key("g"), key("x")]), Lookup::Nothing);
    }

    #[test]
    fn the_configuration_rebinds() {
        let map = KeyMap::new(&[binding("console", "reply", &["ctrl-r", "g r"])]).unwrap();
        let reply = Lookup::Command(ConsoleCommand::Reply.into());
        assert_eq!(map.look_up(&[Scope::Console], &[key("r")]), Lookup::Nothing);
        assert_eq!(map.look_up(&[Scope::Console], &[key("ctrl-r")]), reply);
        assert_eq!(map.keys_of(Scope::Console, ConsoleCommand::Reply), ["Ctrl-R", "g r"]);
    }

    #[test]
    fn a_command_has_other_keys_in_one_place() {
        let map = KeyMap::new(&[binding("list", "reply", &["r", "alt-r", "g r"])]).unwrap();
        let list = [Scope::List, Scope::Console];
        let reply = Lookup::Command(ConsoleCommand::Reply.into());
        for keys in [vec![key("r")], vec![key("alt-r")], vec![key("g"), key("r")]] {
            assert_eq!(map.look_up(&list, &keys), reply);
        }
        assert_eq!(
            map.look_up(&list, &[key("g"), key("g")]),
            Lookup::Command(ConsoleCommand::Step(Step::Top).into())
        );
        let map = KeyMap::new(&[binding("list", "reply", &["a"])]).unwrap();
        let conversation = [Scope::Conversation, Scope::Console];
        assert_eq!(map.look_up(&list, &[key("a")]), reply);
        assert_eq!(map.look_up(&list, &[key("r")]), Lookup::Nothing);
        assert_eq!(map.look_up(&conversation, &[key("r")]), reply);
        assert_eq!(map.look_up(&conversation, &[key("a")]), Lookup::Nothing);
        assert_eq!(map.keys_in(&list, ConsoleCommand::Reply), ["a"]);
        assert_eq!(map.keys_in(&conversation, ConsoleCommand::Reply), ["r"]);
        let none = KeyMap::new(&[binding("conversation", "archive", &[])]).unwrap();
        assert_eq!(none.look_up(&conversation, &[key("e")]), Lookup::Nothing);
        assert_eq!(
            none.look_up(&list, &[key("e")]),
            Lookup::Command(ConsoleCommand::Archive.into())
        );
    }

    #[test]
    fn a_key_taken_in_a_narrow_place_is_said_with_its_command() {
        let both = [binding("list", "reply", &["a"]), binding("list", "note", &["a"])];
        let reason = KeyMap::new(&both).unwrap_err().remove(0).reason;
        assert!(reason.contains("[keys.list] is reply's already"), "{reason}");
    }

    #[test]
    fn letters_outside_ascii_are_keys_whatever_is_said_of_shift() {
        let shift = |letter| KeyCombination::one_key(KeyCode::Char(letter), KeyModifiers::SHIFT);
        for (low, high) in [('ą', 'Ą'), ('é', 'É'), ('ж', 'Ж')] {
            let typed = [shift(low), shift(high), KeyCode::Char(high).into()].map(normalise);
            assert_eq!(typed, [shift(high); 3]);
            assert_ne!(normalise(KeyCode::Char(low).into()), shift(high));
            let map = KeyMap::new(&[
                binding("console", "note", &[&low.to_string()]),
                binding("console", "reply", &[&high.to_string()]),
            ]);
            let map = map.unwrap();
            let look = |key| map.look_up(&[Scope::Console], &[normalise(key)]);
            assert_eq!(
                look(KeyCode::Char(low).into()),
                Lookup::Command(ConsoleCommand::Note.into())
            );
            assert_eq!(look(shift(high)), Lookup::Command(ConsoleCommand::Reply.into()));
            assert_eq!(map.keys_of(Scope::Console, ConsoleCommand::Reply), [high.to_string()]);
        }
    }

    #[test]
    fn every_bad_binding_is_reported() {
        let bad = KeyMap::new(&[
            binding("lost", "reply", &["r"]),
            binding("console", "answer", &["r"]),
            binding("console", "undo", &["g"]),
            binding("console", "note", &["s"]),
        ])
        .unwrap_err();
        assert!(bad.len() >= 4, "{bad:?}");
        assert!(bad.iter().all(|it| it.line == 7), "{bad:?}");
    }
}
