//! The core: what the console knows, and what each message makes of it.
//!
//! [`update`] is total: no I/O, no clock, no async, no panic. Time arrives beside each message, and
//! whatever must be done outside is returned as [`Effects`]. The same messages give the same model.

pub mod ahead;
pub mod command;
pub mod cursor;
pub mod drafts;
pub mod editor;
pub mod effect;
pub mod going;
pub mod hints;
pub mod keymap;
pub mod layout;
pub mod message;
pub mod notice;
pub mod outbox;
pub mod panes;
pub mod popups;
pub mod reading;
pub mod requests;
pub mod undo;

mod dispatch;
mod early;
mod incoming;
mod merge;
mod screens;
mod storing;
mod triage;

use crokey::KeyCombination;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

pub use dispatch::update;
pub use effect::{Effect, Effects, Outside, Read, Work};
pub use message::{Budget, Connection, Found, Message, Report, Stored};

use ahead::Ahead;
use command::Scope;
use drafts::Drafts;
use early::Early;
use editor::Editor;
use going::Going;
use keymap::KeyMap;
use notice::{About, Level, Notices};
use outbox::Outbox;
use panes::composer::{Composer, Hand, Stage};
use panes::conversation::Conversation;
use panes::list::List;
use popups::decision::DecisionBox;
use popups::form::Form;
use popups::picker::Picker;
use popups::prompt::{Prompt, Question};
use popups::{help::Help, outbox_list::OutboxList, take_back::HalfStep};
use requests::Requests;
use tickets::Tickets;

use crate::{
    desk::Screen,
    domain::{Directory, DraftKey, Status, StatusId, TicketId, Unread, View, WaitingStatuses},
};

pub mod tickets;

/// What is settled before the console opens.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The profile's name.
    pub profile: String,
    /// The server, as it is shown: host and path.
    pub server: String,
    /// The agent's name.
    pub agent: String,
    /// The zone that times are shown in.
    pub zone: TimeZone,
    /// A random number that tells this console's outbox entries from another's.
    pub session: u32,
    /// How long replies and deletions can be taken back.
    pub hold: SignedDuration,
    /// The statuses in which a customer waits.
    pub waiting: WaitingStatuses,
    /// The status that a reply proposes.
    pub submit_status: StatusId,
    /// From how long a wait on its number is shown as a warning, and as an alarm.
    pub wait_thresholds: (SignedDuration, SignedDuration),
    /// Whether the server is left alone (`--offline`).
    pub offline: bool,
    /// The views, in the order of their keys.
    pub views: Vec<View>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            profile: "default".into(),
            server: String::new(),
            agent: String::new(),
            zone: TimeZone::UTC,
            session: 0,
            hold: SignedDuration::from_secs(5),
            waiting: WaitingStatuses::default(),
            submit_status: StatusId::ANSWERED,
            wait_thresholds: (SignedDuration::from_hours(4), SignedDuration::from_hours(24)),
            offline: false,
            views: View::builtin(),
        }
    }
}

/// The pane that the keys go to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Focus {
    /// The ticket list.
    #[default]
    List,
    /// The conversation.
    Conversation,
    /// The reply pane.
    Composer,
}

/// Something that stands over the panes and takes all keys.
#[derive(Clone, Debug)]
pub enum Popup {
    /// A choice.
    Picker(Box<Picker>),
    /// A form.
    Form(Box<Form>),
    /// A question answered by a number.
    Prompt(Box<Prompt>),
    /// The help.
    Help(Box<Help>),
    /// The outbox and the drafts.
    Outbox(OutboxList),
    /// What the agent was told, from this line on.
    Messages(usize),
    /// What to do with a change that met somebody else's.
    Decision(DecisionBox),
    /// Whether to take back a part of an action.
    TakeBack(Box<HalfStep>),
    /// Whether to discard a draft.
    Discard(DraftKey),
    /// What to do with the outbox before leaving.
    Quit,
}

impl Popup {
    /// Whether input that came before it was on screen is to be dropped: a dialog that decides
    /// something for good.
    fn is_grave(&self) -> bool {
        let goes = |prompt: &Prompt| prompt.question == Question::GoTo;
        matches!(self, Self::Quit | Self::Decision(_) | Self::TakeBack(_) | Self::Discard(_))
            || matches!(self, Self::Prompt(prompt) if !goes(prompt))
    }
}

/// How far the copy of the server's tickets is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Whether all tickets of the local store have been read.
    pub stored: bool,
    /// When the waiting tickets were last seen whole.
    pub synced_at: Option<Timestamp>,
    /// How often they are, where that is not within one poll interval.
    pub every: Option<SignedDuration>,
    /// Tickets read and tickets to read of the refresh under way.
    pub refreshing: Option<(usize, usize)>,
    /// Whether the agent asked for it: then its failure is told even where the connection tells it.
    pub asked_for: bool,
}

/// Everything that the console knows and shows.
#[derive(Clone, Debug)]
pub struct Model {
    /// What was settled before.
    pub settings: Settings,
    /// The keys in force.
    pub keymap: KeyMap,
    /// The time of the last message, by a clock that never jumps: what has passed is measured by it.
    pub now: Timestamp,
    /// How far the wall clock is ahead of it.
    pub wall_ahead: SignedDuration,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// Whether the server is there.
    pub connection: Connection,
    /// How much of the request budget is used.
    pub budget: Budget,
    /// How far the copy is.
    pub progress: Progress,
    /// Departments, team, statuses.
    pub directory: Directory,
    /// What the server does not show in a form that can be read.
    pub unread: Vec<Unread>,
    /// The tickets.
    pub tickets: Tickets,
    /// Changes on their way.
    pub outbox: Outbox,
    /// What is typed and not recorded.
    pub drafts: Drafts,
    /// The list pane.
    pub list: List,
    /// The conversation pane.
    pub conversation: Conversation,
    /// The reply pane, while something is written.
    pub composer: Option<Composer>,
    /// What stands over the panes.
    pub popup: Option<Popup>,
    /// The filter, while it is typed.
    pub filtering: Option<Editor>,
    /// The pane that the keys go to.
    pub focus: Focus,
    /// Whether the focused pane has the whole screen.
    pub zoomed: bool,
    /// What the agent is told.
    pub notices: Notices,
    /// The keys of a sequence that is not complete.
    pub pending_keys: Vec<KeyCombination>,
    /// Input that came before what it is about: it counts once that is there.
    early: Vec<Early>,
    /// The ticket that the agent wants to go to, while it is looked for.
    pub going: Option<Going>,
    beneath: Vec<Popup>,
    requests: Requests,
    ahead: Ahead,
    undrawn: bool,
    /// Whether what keys are about is another ticket, line or choice than on screen, by no doing of
    /// the agent's.
    slipped: bool,
    leaving: bool,
    remembered: Option<Screen>,
    text_width: u16,
}

impl Model {
    /// A console that has not read its store yet, on a terminal of `size` columns and rows.
    pub fn new(settings: Settings, keymap: KeyMap, size: (u16, u16), now: Timestamp) -> Self {
        let list = List::new(settings.views.clone());
        let connection = if settings.offline { Connection::Closed } else { Connection::Connecting };
        let drafts = Drafts::new(settings.session);
        let mut model = Self {
            settings,
            keymap,
            now,
            wall_ahead: SignedDuration::ZERO,
            size,
            connection,
            budget: Budget::default(),
            progress: Progress::default(),
            directory: Directory::default(),
            unread: Vec::new(),
            tickets: Tickets::default(),
            outbox: Outbox::default(),
            drafts,
            list,
            conversation: Conversation::default(),
            composer: None,
            popup: None,
            filtering: None,
            focus: Focus::List,
            zoomed: false,
            notices: Notices::default(),
            pending_keys: Vec::new(),
            early: Vec::new(),
            beneath: Vec::new(),
            requests: Requests::default(),
            ahead: Ahead::default(),
            undrawn: false,
            slipped: false,
            leaving: false,
            going: None,
            remembered: None,
            text_width: 0,
        };
        model.text_width = layout::text_width(&model);
        model
    }

    /// The time for people, and beside times of the server's: what the wall clock shows.
    pub fn wall(&self) -> Timestamp {
        self.now.saturating_add(self.wall_ahead).unwrap_or(self.now)
    }

    /// The ticket that a key is about: that of the reply pane or the conversation if one of them has
    /// the focus, otherwise the one under the list's cursor. It is asked for where keys become
    /// commands; everything after that carries the ticket's number.
    pub fn ticket_at_hand(&self) -> Option<TicketId> {
        match self.focus {
            Focus::List => self.selected(),
            Focus::Conversation => self.conversation.ticket,
            Focus::Composer => self.composer.as_ref().map(|it| it.ticket),
        }
    }

    /// The status with this number, with the title that the server gives it.
    pub fn status(&self, id: StatusId) -> Status {
        let usual = Status::usual();
        let known = self.directory.statuses.iter().chain(&usual).find(|it| it.id == id);
        known.cloned().unwrap_or_else(|| Status {
            id,
            title: crate::domain::Line::from_cleaned(format!("status {}", id.0), None),
        })
    }

    /// The scopes that a key is looked up in, nearest first.
    pub fn scopes(&self) -> Vec<Scope> {
        let mut scopes = match (&self.popup, &self.composer, self.focus) {
            (Some(Popup::Picker(_)), ..) => vec![Scope::Picker],
            (Some(Popup::Form(_)), ..) => vec![Scope::Form],
            (Some(Popup::Prompt(_)), ..) => vec![Scope::Prompt],
            (Some(Popup::Help(help)), ..) if help.typing => vec![Scope::Filter],
            (Some(Popup::Help(_) | Popup::Outbox(_) | Popup::Messages(_)), ..) => {
                vec![Scope::Reader]
            }
            (Some(Popup::Decision(_)), ..) => vec![Scope::Decision],
            (Some(Popup::TakeBack(_)), ..) => vec![Scope::TakeBack],
            (Some(Popup::Discard(_)), ..) => vec![Scope::Discard],
            (Some(Popup::Quit), ..) => vec![Scope::Quit],
            _ if self.filtering.is_some() => vec![Scope::Filter],
            (_, Some(composer), Focus::Composer) => match (&composer.hand, &composer.stage) {
                (Hand::Other(_), _) => vec![Scope::Watch],
                (_, Stage::Review { .. }) => vec![Scope::Review],
                _ => vec![Scope::Editor],
            },
            (_, _, Focus::List) => vec![Scope::List, Scope::Console],
            _ => vec![Scope::Conversation, Scope::Console],
        };
        scopes.push(Scope::Everywhere);
        scopes
    }

    /// Whether keys that are no commands are typed into a text.
    pub fn types_text(&self) -> bool {
        match &self.popup {
            Some(Popup::Picker(_) | Popup::Form(_) | Popup::Prompt(_)) => true,
            Some(Popup::Help(help)) => help.typing,
            Some(
                Popup::Outbox(_)
                | Popup::Messages(_)
                | Popup::Decision(_)
                | Popup::TakeBack(_)
                | Popup::Discard(_)
                | Popup::Quit,
            ) => false,
            None => self.filtering.is_some() || self.focus == Focus::Composer,
        }
    }

    /// Whether the core wants to be told ([`Message::Drawn`]) when the screen shows the model.
    pub fn awaits_draw(&self) -> bool {
        self.undrawn || self.slipped
    }

    /// Whether an answer is on its way that may tell more of the shown conversation.
    pub fn awaits_thread(&self) -> bool {
        let slots = [effect::Slot::Thread, effect::Slot::Fetched];
        slots.into_iter().any(|slot| self.requests.awaits(slot))
    }

    /// Whether the list is being looked through for the filter, in texts or with keys waiting for it.
    pub fn is_searching(&self) -> bool {
        let in_texts = self.list.tab().is_some_and(|tab| tab.in_texts);
        panes::list::is_awaited(self) && (in_texts || !self.early.is_empty())
    }

    /// Whether the console closes once everything in the outbox is recorded.
    pub fn is_leaving(&self) -> bool {
        self.leaving
    }

    /// When [`Message::Clock`] is due: nothing moves before, unless something else happens.
    pub fn next_wake(&self) -> Option<Timestamp> {
        let second = SignedDuration::from_secs(1);
        let counted = self.outbox.next_departure().filter(|_| self.sent_when().is_none());
        let countdown = counted.map(|until| {
            let left = until.duration_since(self.now);
            let part = SignedDuration::from_nanos(i64::from(left.subsec_nanos()));
            let step = if part.is_zero() || part.is_negative() { second } else { part };
            self.now.saturating_add(step).unwrap_or(until)
        });
        let minute = SignedDuration::from_secs(60 - self.wall().as_second().rem_euclid(60));
        let next_minute = self.now.saturating_add(minute).ok();
        let notice = self.notices.at(self.now).map(|notice| notice.until);
        let work = [self.requests.next_wake(), self.drafts.next_wake(), self.store_is_slow_at()];
        [countdown, next_minute, notice].into_iter().chain(work).flatten().min()
    }

    /// All on screen that moves with time alone: where it is the same, the passing of time has
    /// changed nothing that can be seen.
    pub fn face(&self) -> impl PartialEq + use<> {
        let left = |until: Timestamp| until.duration_since(self.now).as_secs();
        (
            self.wall().as_second().div_euclid(60),
            self.notices.at(self.now).map(|notice| notice.until),
            self.outbox.next_departure().map(left),
            self.composer.as_ref().map(|it| self.drafts.is_stored(it.key())),
            self.requests.awaits(effect::Slot::Fetched),
            self.conversation.ticket,
            self.store_is_slow(),
        )
    }

    /// The form that is open, on top or beneath a picker.
    pub fn form(&self) -> Option<&Form> {
        self.popup.iter().chain(self.beneath.iter().rev()).find_map(|popup| match popup {
            Popup::Form(form) => Some(form.as_ref()),
            _ => None,
        })
    }

    fn form_mut(&mut self) -> Option<&mut Form> {
        self.popup.iter_mut().chain(self.beneath.iter_mut().rev()).find_map(|popup| match popup {
            Popup::Form(form) => Some(form.as_mut()),
            _ => None,
        })
    }

    fn say(&mut self, level: Level, text: impl Into<String>) {
        self.notices.show(self.now, level, text, None);
    }

    /// Says something that is no longer so once `about` is well.
    fn say_about(&mut self, about: About, level: Level, text: impl Into<String>) {
        self.notices.show(self.now, level, text, about);
    }

    fn await_draw(&mut self) {
        self.undrawn = true;
    }

    fn open_popup(&mut self, popup: Popup) {
        self.beneath.clear();
        self.undrawn |= popup.is_grave();
        self.popup = Some(popup);
    }

    fn push_popup(&mut self, popup: Popup) {
        self.beneath.extend(self.popup.take());
        self.undrawn |= popup.is_grave();
        self.popup = Some(popup);
    }

    fn open_nothing(&mut self) {
        self.beneath.clear();
        self.popup = None;
    }

    fn close_popup(&mut self) {
        self.popup = self.beneath.pop();
    }

    /// Shows the conversation of the ticket under the cursor, while the list has the focus.
    fn follow_cursor(&mut self) -> Effects {
        if self.focus != Focus::List {
            return Effects::none();
        }
        let selected = self.selected();
        panes::conversation::show(self, selected);
        Effects::none()
    }

    /// Renders the conversation anew if its pane has another width now.
    fn fit_conversation(&mut self) -> Effects {
        let width = layout::text_width(self);
        if width == self.text_width || !layout::shows_conversation(self) {
            return Effects::none();
        }
        self.text_width = width;
        self.ahead.clear();
        panes::conversation::render_again(self)
    }
}
