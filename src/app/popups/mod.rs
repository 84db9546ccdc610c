//! The popups stand over the panes and take all keys. Each has one file.
//!
//! A popup has a state that is a `Surface`, a line in `every_popup`, and a file of the same
//! name in `ui/popups/` that draws it.

pub mod asked;
pub mod client;
pub mod dashboard;
pub mod decision;
pub mod discard;
pub mod fields;
pub mod form;
pub mod frame;
pub mod help;
pub mod history;
pub mod macros;
pub mod messages;
pub mod naming;
pub mod outbox_list;
pub mod output;
pub mod picker;
pub mod plan;
pub mod prompt;
pub mod quit;
pub mod reword;
pub mod snooze;
pub mod take_back;

use crokey::KeyCombination;

use frame::Edge;

use super::{
    Effects, Model,
    at_hand::Hand,
    command::{Command, InScope, Scope},
    hits::Hit,
    layout::{Area, Layout},
    tone::Tone,
};

/// All popups, in the one place that lists them; `$then` is a macro that takes the list.
macro_rules! every_popup {
    ($then:ident) => {
        $then! {
            /// A choice.
            Picker(picker::Picker),
            /// The macros.
            Macros(macros::MacroPicker),
            /// The text of one ticket of a plan.
            Reword(reword::Reword),
            /// What a macro asks for.
            Asked(asked::Asked),
            /// A form.
            Form(form::Form),
            /// The filter of a view by fields.
            Fields(fields::FieldFilter),
            /// The question for the name of a view.
            Naming(naming::Naming),
            /// A question answered by a number.
            Prompt(prompt::Prompt),
            /// The help.
            Help(help::Help),
            /// The outbox and the drafts.
            Outbox(outbox_list::OutboxList),
            /// The output of a command.
            Output(output::CommandOutput),
            /// What the agent was told.
            Messages(messages::Messages),
            /// The client of a ticket.
            Client(client::ClientBox),
            /// The dashboard.
            Dashboard(dashboard::Dashboard),
            /// The history of a ticket.
            History(history::History),
            /// Until when tickets are snoozed.
            Snooze(snooze::SnoozeBox),
            /// What to do with a change that met somebody else's.
            Decision(decision::DecisionBox),
            /// What an action will do to several tickets.
            Plan(plan::PlanBox),
            /// Whether to take back a part of an action.
            TakeBack(take_back::HalfStep),
            /// Whether to discard a draft.
            Discard(discard::Discard),
            /// What to do with the outbox before leaving.
            Quit(quit::Quit),
        }
    };
}
pub(crate) use every_popup;

/// The behaviour of every popup. A function that changes the model finds the popup's own state on
/// top: [`Model::top_mut`].
pub(in crate::app) trait Surface: Kind {
    /// The commands that work in it.
    type Commands: InScope;

    /// Does what a command asks for.
    fn run(model: &mut Model, command: Self::Commands) -> Effects;

    /// The scope that its keys are looked up in.
    fn scope(&self) -> Scope {
        Self::Commands::SCOPE
    }

    /// The name of a command at this moment, in place of its `usual` one; `None` if the command
    /// does nothing.
    fn hint(_model: &Model, _command: Self::Commands, usual: &'static str) -> Option<&'static str> {
        Some(usual)
    }

    /// Whether keys that are no commands are typed into a text.
    fn types_text(&self) -> bool {
        false
    }

    /// A key that is no command.
    fn typed(_model: &mut Model, _key: KeyCombination) -> Effects {
        Effects::none()
    }

    /// Pasted text; `None` where there is no text field for it.
    fn pasted(_model: &mut Model, _text: &str) -> Option<Effects> {
        None
    }

    /// Whether it decides something for good: input that came before it was on screen is dropped, and
    /// its frame is heavier.
    fn is_grave(&self) -> bool {
        false
    }

    /// Whether the form beneath it, if there is one, stays in sight.
    fn is_over_form(&self) -> bool {
        false
    }

    /// The words in its upper edge.
    fn title(&self, model: &Model) -> String;

    /// The words in its lower edge.
    fn edge(&self, _model: &Model) -> Edge {
        Edge::Bare
    }

    /// How it is meant.
    fn tone(&self) -> Tone {
        Tone::Accent
    }

    /// Whether it stands at the right side, so that the list stays in sight.
    fn side(&self, _model: &Model) -> bool {
        false
    }

    /// The columns and rows that its content wants.
    fn size(&self, model: &Model, layout: &Layout) -> (usize, usize);

    /// The places within its frame that can be pointed at.
    fn hits(&self, _model: &Model, _inner: Area) -> Vec<(Area, Hit)> {
        Vec::new()
    }

    /// The place within its frame that its cursor is on.
    fn chosen(&self, _model: &Model) -> Option<Hit> {
        None
    }

    /// The thing that its keys concern.
    fn hand(&self) -> Hand {
        Hand::Other
    }
}

/// A popup's state, as one of all popups.
pub(in crate::app) trait Kind: Sized + Into<Popup> {
    /// This popup's state, where `popup` is of this kind.
    fn of(popup: &Popup) -> Option<&Self>;

    /// The same, to be changed.
    fn of_mut(popup: &mut Popup) -> Option<&mut Self>;
}

macro_rules! popup_of {
    ($($(#[$doc:meta])* $name:ident($module:ident::$state:ident),)+) => {
        /// Something that stands over the panes and takes all keys.
        #[derive(Clone, Debug)]
        pub enum Popup { $($(#[$doc])* $name(Box<$module::$state>),)+ }

        $(
            impl From<$module::$state> for Popup {
                fn from(state: $module::$state) -> Self { Self::$name(Box::new(state)) }
            }

            impl Kind for $module::$state {
                fn of(popup: &Popup) -> Option<&Self> {
                    if let Popup::$name(state) = popup { Some(state) } else { None }
                }

                fn of_mut(popup: &mut Popup) -> Option<&mut Self> {
                    if let Popup::$name(state) = popup { Some(state) } else { None }
                }
            }
        )+

        impl Popup {
            /// The scope that its keys are looked up in.
            pub fn scope(&self) -> Scope {
                match self { $(Self::$name(it) => it.scope(),)+ }
            }

            /// Whether it stands at the right side.
            pub(in crate::app) fn side(&self, model: &Model) -> bool {
                match self { $(Self::$name(it) => it.side(model),)+ }
            }

            /// Whether keys that are no commands are typed into a text.
            pub fn types_text(&self) -> bool {
                match self { $(Self::$name(it) => it.types_text(),)+ }
            }

            /// Whether it decides something for good.
            pub fn is_grave(&self) -> bool {
                match self { $(Self::$name(it) => it.is_grave(),)+ }
            }

            /// Whether the form beneath it, if there is one, stays in sight.
            pub fn is_over_form(&self) -> bool {
                match self { $(Self::$name(it) => it.is_over_form(),)+ }
            }

            /// The words in its upper edge.
            pub fn title(&self, model: &Model) -> String {
                match self { $(Self::$name(it) => it.title(model),)+ }
            }

            /// The words in its lower edge.
            pub fn edge(&self, model: &Model) -> Edge {
                match self { $(Self::$name(it) => it.edge(model),)+ }
            }

            /// How it is meant.
            pub fn tone(&self) -> Tone {
                match self { $(Self::$name(it) => it.tone(),)+ }
            }

            /// The columns and rows that its content wants.
            pub fn size(&self, model: &Model, layout: &Layout) -> (usize, usize) {
                match self { $(Self::$name(it) => it.size(model, layout),)+ }
            }

            /// The places within its frame that can be pointed at.
            pub fn hits(&self, model: &Model, inner: Area) -> Vec<(Area, Hit)> {
                match self { $(Self::$name(it) => it.hits(model, inner),)+ }
            }

            /// The place within its frame that its cursor is on.
            pub fn chosen(&self, model: &Model) -> Option<Hit> {
                match self { $(Self::$name(it) => it.chosen(model),)+ }
            }

            pub(in crate::app) fn hand(&self) -> Hand {
                match self { $(Self::$name(it) => it.hand(),)+ }
            }
        }

        /// Does what a command of the topmost popup's asks for.
        pub(in crate::app) fn run(model: &mut Model, command: Command) -> Effects {
            match &model.popup {
                $(Some(Popup::$name(_)) => match own::<$module::$state>(command) {
                    Some(command) => $module::$state::run(model, command),
                    None => Effects::none(),
                },)+
                None => Effects::none(),
            }
        }

        /// The name of a command of the topmost popup at this moment; `None` if the command does
        /// nothing.
        pub(in crate::app) fn hint(
            model: &Model,
            command: Command,
            usual: &'static str,
        ) -> Option<&'static str> {
            match &model.popup {
                $(Some(Popup::$name(_)) => {
                    $module::$state::hint(model, own::<$module::$state>(command)?, usual)
                })+
                None => None,
            }
        }

        /// A key that is no command of the topmost popup's.
        pub(in crate::app) fn typed(model: &mut Model, key: KeyCombination) -> Effects {
            match &model.popup {
                $(Some(Popup::$name(_)) => $module::$state::typed(model, key),)+
                None => Effects::none(),
            }
        }

        /// Text that was pasted while a popup is open.
        pub(in crate::app) fn pasted(model: &mut Model, text: &str) -> Option<Effects> {
            match &model.popup {
                $(Some(Popup::$name(_)) => $module::$state::pasted(model, text),)+
                None => None,
            }
        }
    };
}
every_popup!(popup_of);

/// A command as one of the popup's own. Keys are looked up in the popup's scope alone, so that there is
/// no other.
fn own<S: Surface>(command: Command) -> Option<S::Commands> {
    S::Commands::of(command)
}

impl Model {
    /// The topmost popup, where it is of this kind.
    pub(in crate::app) fn top<K: Kind>(&self) -> Option<&K> {
        self.popup.as_ref().and_then(K::of)
    }

    /// The same, to be changed.
    pub(in crate::app) fn top_mut<K: Kind>(&mut self) -> Option<&mut K> {
        self.popup.as_mut().and_then(K::of_mut)
    }

    /// The nearest popup of this kind, on top or beneath. So an answer finds the popup that asked
    /// for it, even if another one has come over it since.
    pub(in crate::app) fn nearest<K: Kind>(&self) -> Option<&K> {
        self.popup.iter().chain(self.beneath.iter().rev()).find_map(K::of)
    }

    /// The same, to be changed.
    pub(in crate::app) fn nearest_mut<K: Kind>(&mut self) -> Option<&mut K> {
        self.popup.iter_mut().chain(self.beneath.iter_mut().rev()).find_map(K::of_mut)
    }

    /// The form beneath the topmost popup, where it stays in sight.
    pub fn form_beneath(&self) -> Option<&Popup> {
        let is_form = |popup: &&Popup| matches!(popup, Popup::Form(_) | Popup::Fields(_));
        self.popup.as_ref().filter(|popup| popup.is_over_form())?;
        self.beneath.iter().rev().find(is_form)
    }

    /// Opens a popup in place of all others.
    pub(in crate::app) fn open_popup(&mut self, popup: impl Into<Popup>) {
        self.beneath.clear();
        self.popup = None;
        self.push_popup(popup);
    }

    /// Opens a popup over what is open.
    pub(in crate::app) fn push_popup(&mut self, popup: impl Into<Popup>) {
        let popup = popup.into();
        self.beneath.extend(self.popup.take());
        self.undrawn |= popup.is_grave();
        self.popup = Some(popup);
    }

    /// Closes all popups.
    pub(in crate::app) fn close_popups(&mut self) {
        self.beneath.clear();
        self.popup = None;
    }

    /// Closes the topmost popup.
    pub(in crate::app) fn close_popup(&mut self) {
        self.popup = self.beneath.pop();
    }
}
