//! The macros, as their files hold them now.

use super::{
    Model,
    notice::{About, Level},
};
use crate::domain::plan::Macro;

/// The macros, and what is wrong with their files.
#[derive(Clone, Debug, Default)]
pub struct Macros {
    /// All valid macros, in their order.
    pub all: Vec<Macro>,
    /// The problems, as the agent was told them.
    problems: Vec<String>,
}

/// The files were read. The agent is told of new problems.
pub(super) fn taken(model: &mut Model, all: Vec<Macro>, problems: Vec<String>) {
    let before = std::mem::replace(&mut model.macros, Macros { all, problems: problems.clone() });
    for problem in problems.iter().filter(|it| !before.problems.contains(it)) {
        model.say_about(About::Macros, Level::Warning, problem.as_str());
    }
    if problems.is_empty() && !before.problems.is_empty() {
        model.notices.settle(About::Macros);
        model.say(Level::Done, "the macros are read again, and all are right");
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::app::{Message, Settings, keymap::KeyMap, update};

    #[test]
    fn what_is_wrong_with_macros_is_told_once_and_that_it_is_right_again() {
        let now = Timestamp::UNIX_EPOCH;
        let mut model = Model::new(Settings::default(), KeyMap::default(), (80, 24), now);
        let mut told = |problems: &[&str]| {
            let problems = problems.iter().map(|it| (*it).to_owned()).collect();
            let _ = update(&mut model, now, Message::Macros { macros: Vec::new(), problems });
            model.notices.all().map(|it| it.text.clone()).collect::<Vec<_>>()
        };
        assert!(told(&[]).is_empty());
        assert_eq!(told(&["a.toml:3: no"]), ["a.toml:3: no"]);
        assert_eq!(told(&["a.toml:3: no"]).len(), 1);
        assert_eq!(told(&["a.toml:3: no", "b.toml:1: no"])[0], "b.toml:1: no");
        assert_eq!(told(&[])[0], "the macros are read again, and all are right");
    }
}
