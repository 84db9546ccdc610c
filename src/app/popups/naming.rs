//! Keeping what the open view shows as a view of the agent's own: its name is asked for, and it is
//! written into the configuration file.

use crokey::KeyCombination;

use crate::app::{
    Effect, Effects, Model, Outside,
    command::NamingCommand,
    conditions::words_of_view,
    editor::Editor,
    errand::Errand,
    field::By,
    layout::Layout,
    notice::Level,
    popups::{Surface, frame::Edge},
    tone::{Tone, Toned},
};
use crate::domain::{ActiveState, Problem, View, columns};

/// The columns of what it says.
const COLUMNS: usize = 58;

/// The most characters of a name: it stands in the line of views.
const LONGEST: usize = 40;

/// Whose a name is already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameOwner {
    /// Another view of the agent's own has it.
    Own,
    /// A view that everybody has.
    Everybodys,
}

/// The question for the name of a view.
#[derive(Clone, Debug)]
pub struct Naming {
    /// The name, as far as it is typed.
    pub name: Editor,
    /// Whose the name is, if it was refused.
    pub taken: Option<NameOwner>,
    /// Whether it is being written.
    pub saving: bool,
    /// The view, without its name.
    view: View,
    /// The name of the view that was narrowed.
    from: String,
    /// Whether a search in messages and replies is left out of it.
    without_texts: bool,
}

impl Naming {
    /// What is said above the name, and below it.
    pub fn lines(&self, model: &Model) -> (Vec<Toned>, Vec<Toned>) {
        let query = &self.view.query;
        let asked =
            By::ALL.into_iter().filter(|by| *by != By::State || query.state != ActiveState::Active);
        let asked = asked.map(|by| words_of_view(model, by, query));
        let mut words: Vec<String> = asked.filter(|words| !words.is_empty()).collect();
        words.push(self.view.sort.words().to_owned());
        let wrapped = columns::wrap(&words.join(" · "), COLUMNS).into_iter();
        let mut above: Vec<Toned> = wrapped.map(|line| Toned::new(line, Tone::Quiet)).collect();
        if self.without_texts {
            let text = "A search in messages and replies can't be part of a view.";
            above.push(Toned::new(text, Tone::Warning));
        }
        above.push(Toned::plain(""));
        (above, self.answer(model))
    }

    fn answer(&self, model: &Model) -> Vec<Toned> {
        let replace = model.keymap.key_for(NamingCommand::Replace);
        let said = match self.taken {
            _ if self.saving => return vec![Toned::new("Being written…", Tone::Accent)],
            None => return Vec::new(),
            Some(NameOwner::Own) => {
                format!("You have a view of this name. {replace} replaces it.")
            }
            Some(NameOwner::Everybodys) => {
                "Everybody has a view of this name. Type another one.".to_owned()
            }
        };
        vec![Toned::new(said, Tone::Warning)]
    }
}

impl Surface for Naming {
    type Commands = NamingCommand;

    fn run(model: &mut Model, command: NamingCommand) -> Effects {
        match command {
            NamingCommand::Save => save(model, false),
            NamingCommand::Replace => save(model, true),
            NamingCommand::Cancel => {
                model.close_popup();
                Effects::none()
            }
        }
    }

    fn hint(model: &Model, command: NamingCommand, usual: &'static str) -> Option<&'static str> {
        let naming = model.top::<Self>()?;
        match command {
            NamingCommand::Save => {
                let asks = !naming.saving && naming.taken.is_none();
                (asks && !naming.name.is_blank()).then_some(usual)
            }
            NamingCommand::Replace => (naming.taken == Some(NameOwner::Own)).then_some(usual),
            NamingCommand::Cancel => Some(usual),
        }
    }

    fn types_text(&self) -> bool {
        true
    }

    fn typed(model: &mut Model, key: KeyCombination) -> Effects {
        change(model, |name| name.key(key))
    }

    fn pasted(model: &mut Model, text: &str) -> Option<Effects> {
        Some(change(model, |name| name.paste(text)))
    }

    fn title(&self, _: &Model) -> String {
        "A view of your own".into()
    }

    fn edge(&self, model: &Model) -> Edge {
        let key = |command: NamingCommand| model.keymap.key_for(command);
        match self.taken {
            Some(NameOwner::Own) => Edge::keys([(key(NamingCommand::Replace), "replaces it")]),
            _ => Edge::keys([(key(NamingCommand::Save), "writes it into the configuration")]),
        }
    }

    fn size(&self, model: &Model, _: &Layout) -> (usize, usize) {
        let (above, below) = self.lines(model);
        (COLUMNS, above.len() + 1 + below.len())
    }

    fn is_over_form(&self) -> bool {
        true
    }
}

fn change(model: &mut Model, change: impl FnOnce(&mut Editor) -> bool) -> Effects {
    if let Some(naming) = model.top_mut::<Naming>().filter(|it| !it.saving)
        && change(&mut naming.name)
    {
        naming.taken = None;
    }
    Effects::none()
}

/// Asks for the name under which the open view, as it is narrowed and sorted, is to be kept.
pub(in crate::app) fn open(model: &mut Model) -> Effects {
    let Some(tab) = model.list.tab() else { return Effects::none() };
    let name = &tab.view.name;
    if tab.view.query.shelf.is_passing() {
        let text = format!("{name} has what you set aside; narrow another view to make your own");
        model.say(Level::Info, text);
        return Effects::none();
    }
    if !tab.narrow.counted.is_empty() {
        let text = "a number of the dashboard is of its day: no view can be made of it";
        model.say(Level::Info, text);
        return Effects::none();
    }
    let without_texts = tab.in_texts && !tab.filter.is_empty();
    let words = if without_texts { "" } else { tab.filter.as_str() };
    let Some(query) = tab.narrow.over(&tab.view.query, words, &model.settings.waiting) else {
        let text = format!("no ticket can be in {name} and fit the filter: nothing is saved");
        model.say(Level::Warning, text);
        return Effects::none();
    };
    let own = if is_everybodys(name) { "" } else { name };
    let naming = Naming {
        name: Editor::single_line(own),
        taken: None,
        saving: false,
        view: View { name: String::new(), query, sort: tab.view.sort },
        from: name.clone(),
        without_texts,
    };
    model.push_popup(naming);
    Effects::none()
}

fn is_everybodys(name: &str) -> bool {
    let same = |view: &View| view.name.to_lowercase() == name.to_lowercase();
    View::all([]).iter().any(same)
}

fn save(model: &mut Model, replaces: bool) -> Effects {
    let Some(naming) = model.top::<Naming>().filter(|it| !it.saving) else {
        return Effects::none();
    };
    let name = naming.name.text().trim().to_owned();
    // Another console may have written one that has no tab here.
    let is_own = model.list.tabs.iter().any(|tab| tab.view.name == name)
        || naming.taken == Some(NameOwner::Own);
    let taken = match () {
        () if is_everybodys(&name) => Some(NameOwner::Everybodys),
        () if is_own && !(replaces && naming.taken == Some(NameOwner::Own)) => Some(NameOwner::Own),
        () => None,
    };
    if name.is_empty() || name.chars().count() > LONGEST {
        model.say(Level::Info, format!("type a name of up to {LONGEST} characters"));
        return Effects::none();
    }
    // The key that replaces does nothing before it is offered.
    if replaces && naming.taken != Some(NameOwner::Own) {
        return Effects::none();
    }
    let view = View { name, ..naming.view.clone() };
    let from = naming.from.clone();
    let Some(naming) = model.top_mut::<Naming>() else { return Effects::none() };
    naming.taken = taken;
    if taken.is_some() {
        return Effects::none();
    }
    naming.saving = true;
    Effect::Outside(Outside::SaveView { view: Box::new(view), from, replaces }).into()
}

/// The view was written into the configuration file at a path, or could not be. It is there for this
/// run then too. If another console has written one of its name, the agent is asked.
pub(in crate::app) fn saved(
    model: &mut Model,
    view: View,
    from: &str,
    written: Result<Option<String>, Problem>,
) -> Effects {
    let written = match written.transpose() {
        Some(written) => written,
        None => {
            match model.nearest_mut::<Naming>().filter(|it| it.saving) {
                Some(naming) => (naming.saving, naming.taken) = (false, Some(NameOwner::Own)),
                None => {
                    let text =
                        format!("“{}” is not saved: you have a view of this name", view.name);
                    model.say(Level::Warning, text);
                }
            }
            return Effects::none();
        }
    };
    if model.top::<Naming>().is_some_and(|it| it.saving) {
        model.close_popups();
    }
    let name = view.name.clone();
    // A filter that is not written anywhere stays where it was.
    let clears = written.is_ok().then(|| from.to_owned());
    model.pass(Errand::OwnView { view: Box::new(view), clears });
    match written {
        Ok(path) => model.say(Level::Done, format!("“{name}” is a view of yours now, in {path}")),
        Err(problem) => {
            let text = format!("“{name}” is a view for this run only: {problem}");
            model.say(Level::Warning, text);
        }
    }
    Effects::none()
}
