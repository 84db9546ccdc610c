//! Until when tickets are snoozed: usual times, typed words, or the customer's next message.

use crokey::KeyCombination;
use crossterm::event::KeyCode;
use jiff::Timestamp;

use crate::app::{
    Model,
    command::PickerCommand,
    editor::Editor,
    effect::Effects,
    errand::Errand,
    hits::Hit,
    layout::{Area, Layout},
    notice::Level,
    popups::{Surface, frame::Edge},
};
use crate::domain::{TicketId, columns, until, when};

/// The usual times, as they can be typed too, each with its name.
const USUAL: [(&str, &str); 5] = [
    ("1h", "in 1 hour"),
    ("3h", "in 3 hours"),
    ("tomorrow 9:00", "tomorrow 9:00"),
    ("next week", "next week, Monday 9:00"),
    ("1 week", "in 1 week"),
];

/// The rows above the choices: the text field, what it means, and a gap.
pub const HEAD: usize = 3;

/// How a snooze ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// At once.
    Now,
    /// At this time, unless the customer writes before.
    At(Timestamp),
    /// When the customer writes.
    Message,
}

/// A choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnoozeChoice {
    /// What it is called.
    pub label: String,
    /// When that is.
    pub detail: String,
    /// What is chosen with it.
    pub end: End,
}

/// The question until when tickets are snoozed.
#[derive(Clone, Debug)]
pub struct SnoozeBox {
    /// Which tickets.
    pub tickets: Vec<TicketId>,
    /// What has been typed.
    pub input: Editor,
    /// The position of the cursor among the choices.
    pub cursor: usize,
}

impl SnoozeBox {
    /// What can be chosen at this moment: nothing while a time is typed.
    pub fn choices(&self, model: &Model) -> Vec<SnoozeChoice> {
        let now = model.wall().to_zoned_datetime(model.settings.zone.clone());
        let asleep = self.tickets.iter().all(|id| model.tickets.rows().aside(*id).snooze.is_some());
        let wake = SnoozeChoice { label: "wake now".into(), detail: String::new(), end: End::Now };
        let usual = USUAL.iter().filter_map(|(words, label)| {
            let at = until::read(words, &now).ok()?.timestamp();
            let detail = when::ahead(&model.settings.zone, model.wall(), at);
            Some(SnoozeChoice { label: (*label).into(), detail, end: End::At(at) })
        });
        let message = SnoozeChoice {
            label: "until the customer writes".into(),
            detail: String::new(),
            end: End::Message,
        };
        if self.is_typed(model) {
            return Vec::new();
        }
        let typed = self.input.text().trim().to_lowercase();
        let all = asleep.then_some(wake).into_iter().chain(usual).chain([message]);
        all.filter(|choice| choice.label.to_lowercase().contains(&typed)).collect()
    }

    /// The time that is typed, or why it is none; `None` while nothing is typed.
    pub fn read(&self, model: &Model) -> Option<Result<Timestamp, String>> {
        let text = self.input.text();
        if text.trim().is_empty() {
            return None;
        }
        let now = model.wall().to_zoned_datetime(model.settings.zone.clone());
        Some(until::read(&text, &now).map(|at| at.timestamp()))
    }

    /// The line under the text field, and whether it says that the text is wrong.
    pub fn meaning(&self, model: &Model) -> (String, bool) {
        match self.read(model) {
            None => (until::EXAMPLES.into(), false),
            Some(Ok(at)) => (when::ahead(&model.settings.zone, model.wall(), at), false),
            // The name of a choice is being typed.
            Some(Err(_)) if !self.choices(model).is_empty() => (String::new(), false),
            Some(Err(why)) => {
                let is_wrong = why != until::EXAMPLES;
                (why, is_wrong)
            }
        }
    }

    /// What Enter chooses.
    fn chosen(&self, model: &Model) -> Result<End, String> {
        match self.read(model) {
            Some(Ok(at)) => Ok(End::At(at)),
            typed => match (self.choices(model).get(self.cursor), typed) {
                (Some(choice), _) => Ok(choice.end),
                (None, Some(Err(why))) => Err(why),
                (None, _) => Err("type until when".into()),
            },
        }
    }

    /// Whether the typed text is a time: then Enter takes that, and no choice.
    pub fn is_typed(&self, model: &Model) -> bool {
        matches!(self.read(model), Some(Ok(_)))
    }
}

impl Surface for SnoozeBox {
    type Commands = PickerCommand;

    fn run(model: &mut Model, command: PickerCommand) -> Effects {
        let Some(own) = model.top::<Self>() else { return Effects::none() };
        let last = own.choices(model).len().saturating_sub(1);
        let Some(own) = model.top_mut::<Self>() else { return Effects::none() };
        match command {
            PickerCommand::Step(step) => own.cursor = step.around(own.cursor, last),
            PickerCommand::Apply => return apply(model),
            PickerCommand::Cancel => model.close_popup(),
            PickerCommand::Toggle => {
                return Self::typed(model, KeyCombination::from(KeyCode::Char(' ')));
            }
            PickerCommand::Reverse | PickerCommand::Copy => {}
        }
        Effects::none()
    }

    fn hint(_: &Model, command: PickerCommand, usual: &'static str) -> Option<&'static str> {
        match command {
            PickerCommand::Apply => Some("snooze"),
            PickerCommand::Cancel | PickerCommand::Step(_) => Some(usual),
            PickerCommand::Toggle | PickerCommand::Reverse | PickerCommand::Copy => None,
        }
    }

    fn types_text(&self) -> bool {
        true
    }

    fn typed(model: &mut Model, key: KeyCombination) -> Effects {
        let Some(own) = model.top_mut::<Self>() else { return Effects::none() };
        if own.input.key(key) {
            own.cursor = 0;
        }
        Effects::none()
    }

    fn pasted(model: &mut Model, text: &str) -> Option<Effects> {
        let own = model.top_mut::<Self>()?;
        if own.input.paste(text) {
            own.cursor = 0;
        }
        Some(Effects::none())
    }

    fn title(&self, model: &Model) -> String {
        let what = match &self.tickets[..] {
            [one] => one.to_string(),
            many => format!("{} tickets", many.len()),
        };
        let snooze = match &self.tickets[..] {
            [one] => model.tickets.rows().aside(*one).snooze,
            _ => None,
        };
        match snooze {
            None => format!("Snooze {what} until"),
            Some(snooze) => {
                format!("{what} is snoozed {}", model.until_words(snooze.until))
            }
        }
    }

    fn edge(&self, model: &Model) -> Edge {
        let key = |command: PickerCommand| model.keymap.key_for(command);
        let does = match self.chosen(model) {
            Ok(End::Now) => "wakes it",
            Ok(_) => "snoozes",
            Err(_) => return Edge::keys([(key(PickerCommand::Cancel), "leaves it")]),
        };
        Edge::keys([(key(PickerCommand::Apply), does), (key(PickerCommand::Cancel), "leaves it")])
    }

    fn size(&self, model: &Model, _: &Layout) -> (usize, usize) {
        let empty = Self { input: Editor::single_line(""), ..self.clone() };
        let all = empty.choices(model);
        let wide = all.iter().map(|it| columns::width(&it.label) + columns::width(&it.detail) + 7);
        // The frame must not jump while a text is typed.
        (wide.max().unwrap_or(0).max(72), HEAD + all.len())
    }

    fn chosen(&self, _: &Model) -> Option<Hit> {
        Some(Hit::Choice(self.cursor))
    }

    fn hits(&self, model: &Model, inner: Area) -> Vec<(Area, Hit)> {
        let (_, list) = inner.split_top(u16::try_from(HEAD).unwrap_or(0));
        list.lines().zip((0..self.choices(model).len()).map(Hit::Choice)).collect()
    }
}

/// Asks until when tickets are snoozed.
pub(in crate::app) fn ask(model: &mut Model, tickets: Vec<TicketId>) -> Effects {
    model.open_popup(SnoozeBox { tickets, input: Editor::single_line(""), cursor: 0 });
    Effects::none()
}

fn apply(model: &mut Model) -> Effects {
    let Some(own) = model.top::<SnoozeBox>() else { return Effects::none() };
    let (chosen, tickets) = (own.chosen(model), own.tickets.clone());
    let until = match chosen {
        Ok(End::At(at)) => Some(Some(at)),
        Ok(End::Message) => Some(None),
        Ok(End::Now) => None,
        Err(why) => {
            model.say(Level::Warning, why);
            return Effects::none();
        }
    };
    model.close_popup();
    model.pass(Errand::SnoozeUntil(tickets, until));
    Effects::none()
}
