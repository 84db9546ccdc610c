//! The macros, as their files hold them now, and one of them on its way to a ticket.

use std::collections::BTreeMap;

use super::{
    Effect, Effects, Model, early,
    effect::{Read, Slot},
    notice::{About, Level},
};
use crate::{
    desk::{FillTarget, FilledText, Filling},
    domain::{
        DraftChanges, DraftKey, ReplyKind, TicketId,
        plan::{Action, Cant, Known, Macro, macros::Wanted},
    },
};

/// How many macros are remembered as used.
const USED: usize = 50;

/// The macros, and what is wrong with their files.
#[derive(Clone, Debug, Default)]
pub struct Macros {
    /// All valid macros, in their order.
    pub all: Vec<Macro>,
    /// The names of those that this profile has used, the last one first.
    pub used: Vec<String>,
    /// The problems, as the agent was told them.
    problems: Vec<String>,
}

/// A macro on its way to some tickets.
#[derive(Clone, Debug)]
pub struct Taking {
    /// The macro.
    pub one: Macro,
    /// The tickets.
    pub tickets: Vec<TicketId>,
    /// The draft that its text goes into. Without one the reply pane is opened.
    pub into: Option<DraftKey>,
}

impl Macros {
    /// The macros that are offered for all of some tickets: those used last, then the others in their
    /// order.
    pub(super) fn offered(model: &Model, tickets: &[TicketId]) -> Vec<Macro> {
        let department =
            |id: &TicketId| model.tickets.rows().get(*id).and_then(|row| row.department.cloned());
        let mut departments: Vec<_> = tickets.iter().map(department).collect();
        departments.sort_by_key(|it| it.as_ref().map(|it| it.id));
        departments.dedup();
        let is_offered = |one: &&Macro| departments.iter().all(|it| one.is_offered_in(it.as_ref()));
        let mut all: Vec<Macro> = model.macros.all.iter().filter(is_offered).cloned().collect();
        let used = &model.macros.used;
        let rank = |one: &Macro| used.iter().position(|it| *it == one.name).unwrap_or(usize::MAX);
        all.sort_by_cached_key(rank);
        all
    }

    /// Remembers that a macro was used.
    pub(super) fn use_one(&mut self, name: &str) {
        remember_use(&mut self.used, name);
    }
}

/// Puts a macro before all others that were used.
pub fn remember_use(used: &mut Vec<String>, name: &str) {
    used.retain(|it| it != name);
    used.insert(0, name.to_owned());
    used.truncate(USED);
}

impl Taking {
    /// Whether anything has to be read before it can be taken.
    pub(super) fn needs_reading(&self) -> bool {
        self.one.text.is_some() || self.wants_projects()
    }

    /// Whether a plan shows it before anything is done. Otherwise its text goes into the open draft, or
    /// into that of the ticket at hand.
    pub(super) fn is_planned(&self, model: &Model) -> bool {
        let is_here = match (&self.tickets[..], self.into) {
            (_, Some(_)) => true,
            ([one], None) => model.ticket_at_hand() == Some(*one),
            _ => false,
        };
        self.one.text.is_none() || !is_here
    }

    fn posts_planned_reply(&self, model: &Model) -> bool {
        self.one.text.is_some() && self.one.kind != ReplyKind::Note && self.is_planned(model)
    }

    fn wants_projects(&self) -> bool {
        matches!(self.one.project, Some(Wanted::Title(_)))
    }

    /// What is to be read: its text for each ticket, laid out for `width` columns if it is to be shown.
    pub(super) fn read(
        &self,
        model: &Model,
        answers: BTreeMap<String, String>,
        width: Option<u16>,
    ) -> Read {
        let target = |id: &TicketId| {
            let row = model.tickets.get(*id)?;
            let waits = row.waiting(&model.settings.waiting).map(|it| it.since);
            Some(FillTarget { ticket: row.ticket, waits_since: waits })
        };
        Read::Fill(Box::new(Filling {
            text: self.one.text.clone(),
            answers,
            targets: self.tickets.iter().filter_map(target).collect(),
            wants_projects: self.wants_projects(),
            wants_newest: self.posts_planned_reply(model),
            now: model.wall(),
            zone: model.settings.zone.clone(),
            width,
        }))
    }

    /// Asks for the texts to be taken.
    pub(super) fn ask(&self, model: &mut Model, answers: BTreeMap<String, String>) -> Effect {
        let read = self.read(model, answers, None);
        model.requests.ask(Slot::Macro, read)
    }

    /// Its action on a ticket, with the text as filled in for that ticket.
    ///
    /// # Errors
    /// The reason that holds the macro back there.
    pub(super) fn action(
        &self,
        model: &Model,
        ticket: TicketId,
        filled: Option<&FilledText>,
    ) -> Result<Action, Cant> {
        let words = filled.and_then(|it| it.words.clone());
        // No pane shows the text, so the signature is put below it here.
        let words = words.map(|it| it.map(|words| words + &model.settings.below(self.one.kind)));
        let projects = filled.and_then(|it| it.projects.as_deref());
        let mut sight = model.sight(ticket);
        // Nobody reads many conversations one by one. The agent answers them as they are while the
        // plan is made, and is asked about any message that comes after it.
        sight.read = sight.read.max(filled.and_then(|it| it.newest));
        self.one.action(words, sight, &model.directory, projects)
    }

    /// The changes that it makes besides its text.
    ///
    /// # Errors
    /// What it names and the server does not have.
    pub(super) fn changes(
        &self,
        model: &Model,
        ticket: TicketId,
        filled: Option<&FilledText>,
    ) -> Result<DraftChanges, Cant> {
        let projects = filled.and_then(|it| it.projects.as_deref());
        let one = Macro { text: None, ..self.one.clone() };
        let action = one.action(None, model.sight(ticket), &model.directory, projects)?;
        Ok(match action {
            Action::Set(wish) => DraftChanges::of(&wish, self.one.then),
            _ => DraftChanges::default(),
        })
    }

    /// Why it can't be taken for its one ticket, as a sentence. On several tickets the plan says so of
    /// each.
    pub(super) fn held_back(&self, model: &Model, filled: &[FilledText]) -> Option<String> {
        let [ticket] = self.tickets[..] else { return None };
        let filled = filled.iter().find(|it| it.ticket == ticket);
        let cant = self.action(model, ticket, filled).err()?;
        Some(format!("{ticket} {cant}; “{}” did nothing", self.one.own_name()))
    }

    /// It is not taken, since a question has come over it that is to be answered first.
    pub(super) fn is_covered(&self, model: &mut Model) -> Effects {
        let text = format!(
            "“{}” did nothing: a question came before it; answer that, then take it again",
            self.one.own_name()
        );
        model.say(Level::Info, text);
        early::forget(model)
    }

    /// Why it can't be taken into the text that is being written, if so.
    pub(super) fn foreign(&self) -> Option<String> {
        let into = self.into?;
        let (own, name) = (DraftKey::of_post(into.ticket, self.one.kind).kind, self.one.own_name());
        if self.one.text.is_none() || own == into.kind {
            return None;
        }
        let (here, own) = (into.kind.as_str(), own.as_str());
        Some(format!("“{name}” is a {own}, and this is a {here}: nothing was inserted"))
    }
}

/// The files were read. The agent is told of new problems.
pub(super) fn taken(model: &mut Model, all: Vec<Macro>, problems: Vec<String>) {
    let used = std::mem::take(&mut model.macros.used);
    let now = Macros { all, used, problems: problems.clone() };
    let before = std::mem::replace(&mut model.macros, now);
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
