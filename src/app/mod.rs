//! The core: the console's knowledge, and its change by each message.
//!
//! [`update`] is total: no I/O, no clock, no async, no panic. Each message comes with its time.
//! Work outside the core is returned as [`Effects`]. The same messages give the same model.

pub mod ahead;
pub mod changes;
pub mod command;
pub mod conditions;
pub mod cursor;
pub mod drafts;
pub mod editor;
pub mod effect;
pub mod field;
pub mod going;
pub mod hints;
pub mod hits;
pub mod keymap;
pub mod layout;
pub mod macros;
pub mod marks;
pub mod message;
pub mod mouse;
pub mod notice;
pub mod outbox;
pub mod panes;
pub mod pending;
pub mod pipe;
pub mod popups;
pub mod requests;
pub mod states;
pub mod tone;
pub mod undo;

mod act;
mod after;
mod asides;
mod asked;
mod at_hand;
pub mod bulks;
mod discarded;
mod dispatch;
pub mod done;
mod early;
mod errand;
mod exact;
mod incoming;
mod kept;
mod looks;
mod merge;
mod proposals;
mod read_only;
mod repeat;
mod screens;
mod serve;
mod settle;
mod shown;
mod storing;
mod surfaces;
mod taking;
pub mod tidings;

use std::collections::VecDeque;

use crokey::KeyCombination;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

pub use dispatch::update;
pub use effect::{Effect, Effects, Outside, Read, Work};
pub use message::{BudgetUse, Connection, Found, Message, Report, Stored};
pub use popups::Popup;

use ahead::Ahead;
use bulks::Bulks;
use drafts::Drafts;
use early::Early;
use editor::Editor;
use errand::Errand;
use going::Going;
use keymap::KeyMap;
use marks::Marks;
use notice::{About, Level, Notices};
use outbox::Outbox;
use panes::composer::Composer;
use panes::conversation::Conversation;
use panes::list::{self, List};
use requests::Requests;
use tickets::Tickets;
use tidings::NotifySettings;

use crate::{
    desk::LastScreen,
    domain::{
        CustomField, DepartmentId, Directory, DraftKey, PipeCommand, ReplyKind, Status, StatusId,
        TicketId, Unreadable, View, WaitingStatuses, plan::Then,
    },
};

pub mod tickets;

/// The settings that are fixed before the console opens.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The profile's name.
    pub profile: String,
    /// The server, as it is shown: host and path.
    pub server: String,
    /// The agent's name.
    pub agent: String,
    /// The text under each new reply, Markdown; empty if there is none.
    pub signature: String,
    /// The zone that times are shown in.
    pub zone: TimeZone,
    /// A random number that tells this console's outbox entries from another's.
    pub session: u64,
    /// How long replies and deletions can be taken back.
    pub hold: SignedDuration,
    /// The statuses in which a customer waits.
    pub waiting: WaitingStatuses,
    /// The custom fields that a new ticket can have, in the order of the form.
    pub custom_fields: Vec<CustomField>,
    /// The status that a reply proposes.
    pub submit_status: StatusId,
    /// From how long a wait on its number is shown as a warning, and as an alarm.
    pub wait_thresholds: (SignedDuration, SignedDuration),
    /// Where the cursor goes after an action on one ticket.
    pub after_action: Then,
    /// Whether the server is left alone (`--offline`).
    pub offline: bool,
    /// Whether nothing is written to the server.
    pub read_only: bool,
    /// Whether the terminal can show braille, which charts are finest with.
    pub braille: bool,
    /// What the agent is told outside the console.
    pub notify: NotifySettings,
    /// Whether the console hears the mouse from its start on.
    pub mouse: bool,
    /// The commands that a conversation can be piped to.
    pub pipe_commands: Vec<PipeCommand>,
    /// How long such a command may take.
    pub pipe_timeout: SignedDuration,
    /// The views, in the order of their keys.
    pub views: Vec<View>,
}

impl Settings {
    /// What stands below a new text: the signature below an empty line, if it is a reply.
    fn below(&self, kind: ReplyKind) -> String {
        match self.signature.as_str() {
            "" => String::new(),
            signature if kind == ReplyKind::Reply => format!("\n\n{signature}"),
            _ => String::new(),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            profile: "default".into(),
            server: String::new(),
            agent: String::new(),
            signature: String::new(),
            zone: TimeZone::UTC,
            session: 0,
            hold: SignedDuration::from_secs(5),
            waiting: WaitingStatuses::default(),
            custom_fields: Vec::new(),
            submit_status: StatusId::ANSWERED,
            wait_thresholds: (SignedDuration::from_hours(4), SignedDuration::from_hours(24)),
            after_action: Then::Stay,
            offline: false,
            read_only: false,
            braille: true,
            notify: NotifySettings::default(),
            mouse: false,
            pipe_commands: Vec::new(),
            pipe_timeout: SignedDuration::from_secs(30),
            views: View::all([]),
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

/// How complete the copy of the server's tickets is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MirrorProgress {
    /// Whether all tickets of the local store have been read.
    pub stored: bool,
    /// When the waiting tickets were last seen whole.
    pub synced_at: Option<Timestamp>,
    /// How often they are seen whole, if that takes more than one poll interval.
    pub every: Option<SignedDuration>,
    /// Tickets read and tickets to read of the refresh under way.
    pub refreshing: Option<(usize, usize)>,
    /// Whether the agent asked for the refresh. Then its failure is told even if the connection
    /// tells it too.
    pub asked_for: bool,
}

/// Everything that the console knows and shows.
#[derive(Clone, Debug)]
pub struct Model {
    /// The settings fixed before.
    pub settings: Settings,
    /// The keys in force.
    pub keymap: KeyMap,
    /// The time of the last message, by a clock that never jumps. All durations are measured by it.
    pub now: Timestamp,
    /// How far the wall clock is ahead of it.
    pub wall_ahead: SignedDuration,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// Whether the server is there.
    pub connection: Connection,
    /// How much of the request budget is used.
    pub budget: BudgetUse,
    /// How far the copy is.
    pub progress: MirrorProgress,
    /// Departments, team, statuses.
    pub directory: Directory,
    /// When the profile began to keep what the agent has seen; `None` until the store was read.
    pub begun: Option<Timestamp>,
    /// Whether the terminal has the agent's attention, as far as it says so.
    pub attended: bool,
    /// Tickets that the server does not show in a readable form.
    pub unread: Vec<Unreadable>,
    /// The tickets.
    pub tickets: Tickets,
    /// Changes on their way.
    pub outbox: Outbox,
    /// Texts that are typed and not recorded.
    pub drafts: Drafts,
    /// The list pane.
    pub list: List,
    /// The board, if the listed tickets are shown on it.
    pub board: Option<list::board::Board>,
    /// Steps on several tickets, while they are carried out.
    pub bulks: Bulks,
    /// The marked tickets.
    pub marks: Marks,
    /// The conversation pane.
    pub conversation: Conversation,
    /// The reply pane, while something is written.
    pub composer: Option<Composer>,
    /// The topmost popup, over the panes.
    pub popup: Option<Popup>,
    /// The filter, while it is typed.
    pub filtering: Option<Editor>,
    /// The pane that the keys go to.
    pub focus: Focus,
    /// Whether the console hears the mouse.
    pub mouse: bool,
    /// Whether the focused pane has the whole screen.
    pub zoomed: bool,
    /// The programs that read conversations.
    pipe: pipe::Pipe,
    /// The last action, to be repeated.
    last_action: repeat::LastAction,
    /// The macros that there are.
    pub macros: macros::Macros,
    /// Changes of pins and snoozes on their way.
    asides: asides::Asides,
    tidings: tidings::Tidings,
    /// The clients that were looked at.
    clients: popups::client::Clients,
    /// What the agent is told.
    pub notices: Notices,
    /// The keys of a sequence that is not complete.
    pub pending_keys: Vec<KeyCombination>,
    /// Input that came before the list or answer that it was meant for. It takes effect once that
    /// is there.
    early: Vec<Early>,
    /// The ticket that the agent wants to go to, while it is looked for.
    pub going: Option<Going>,
    serve: Option<serve::Serving>,
    beneath: Vec<Popup>,
    requests: Requests,
    ahead: Ahead,
    exact: exact::Exact,
    undrawn: bool,
    /// Whether the keys now concern another ticket, line or choice than the screen shows, without
    /// the agent's doing.
    slipped: bool,
    leaving: bool,
    errands: VecDeque<Errand>,
    remembered: Option<LastScreen>,
    text_width: u16,
}

impl Model {
    /// A console that has not read its store yet, on a terminal of `size` columns and rows.
    pub fn new(settings: Settings, keymap: KeyMap, size: (u16, u16), now: Timestamp) -> Self {
        let list = List::new(settings.views.clone());
        let connection = if settings.offline { Connection::Closed } else { Connection::Connecting };
        let (drafts, mouse) = (Drafts::new(settings.session), settings.mouse);
        let mut model = Self {
            settings,
            keymap,
            now,
            wall_ahead: SignedDuration::ZERO,
            size,
            connection,
            budget: BudgetUse::default(),
            progress: MirrorProgress::default(),
            directory: Directory::default(),
            begun: None,
            attended: true,
            unread: Vec::new(),
            tickets: Tickets::default(),
            outbox: Outbox::default(),
            drafts,
            list,
            board: None,
            bulks: Bulks::default(),
            marks: Marks::default(),
            conversation: Conversation::default(),
            composer: None,
            popup: None,
            filtering: None,
            focus: Focus::List,
            mouse,
            zoomed: false,
            pipe: pipe::Pipe::default(),
            last_action: repeat::LastAction::default(),
            macros: macros::Macros::default(),
            asides: asides::Asides::default(),
            tidings: tidings::Tidings::default(),
            clients: popups::client::Clients::default(),
            notices: Notices::default(),
            pending_keys: Vec::new(),
            early: Vec::new(),
            beneath: Vec::new(),
            requests: Requests::default(),
            ahead: Ahead::default(),
            exact: exact::Exact::default(),
            undrawn: false,
            slipped: false,
            leaving: false,
            errands: VecDeque::new(),
            going: None,
            serve: None,
            remembered: None,
            text_width: 0,
        };
        model.text_width = layout::text_width(&model);
        model.exact.note_key(now);
        model
    }

    /// The time for people, and beside times of the server's: what the wall clock shows.
    pub fn wall(&self) -> Timestamp {
        self.now.saturating_add(self.wall_ahead).unwrap_or(self.now)
    }

    /// The ticket that a key concerns: the one of the reply pane or the conversation if one of them
    /// has the focus, otherwise the one under the list's cursor. It is looked up when a key becomes
    /// a command. After that the ticket's number is passed on.
    pub fn ticket_at_hand(&self) -> Option<TicketId> {
        match self.focus {
            Focus::List => self.selected(),
            Focus::Conversation => self.conversation.ticket,
            Focus::Composer => self.composer.as_ref().map(|it| it.ticket),
        }
    }

    /// The digits with which a review sets a status: the ids up to 9 of the known statuses.
    pub fn submit_choices(&self) -> impl Iterator<Item = u8> + '_ {
        let usual = Status::usual().map(|it| it.id);
        (1..=9).filter(move |digit| {
            let id = StatusId(i64::from(*digit));
            usual.contains(&id) || self.directory.statuses.iter().any(|it| it.id == id)
        })
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

    /// The name of the department with this number.
    pub fn department_name(&self, id: DepartmentId) -> String {
        let known = self.directory.departments.iter();
        let mut all = known.chain(self.tickets.rows().departments());
        let name = all.find(|it| it.id == id).map(|it| it.name.to_string());
        name.unwrap_or_else(|| format!("department {}", id.0))
    }

    /// Whether the core wants to be told ([`Message::Drawn`]) when the screen shows the model.
    pub fn awaits_draw(&self) -> bool {
        self.undrawn || self.slipped || self.marks.slipped
    }

    /// Whether an answer is on its way that may tell more of the shown conversation.
    pub fn awaits_thread(&self) -> bool {
        let slots = [effect::Slot::Thread, effect::Slot::Fetched];
        slots.into_iter().any(|slot| self.requests.awaits(slot))
    }

    /// Whether a search for the filter runs in texts, or keys wait for its result.
    pub fn is_searching(&self) -> bool {
        let in_texts = self.list.tab().is_some_and(|tab| tab.in_texts);
        self.awaits_list() && (in_texts || !self.early.is_empty())
    }

    /// Whether the console closes once everything in the outbox is recorded.
    pub fn is_leaving(&self) -> bool {
        self.leaving
    }

    /// Whether tickets were ever read from the server.
    pub fn has_read(&self) -> bool {
        self.progress.synced_at.is_some() || !self.tickets.is_empty()
    }

    /// When [`Message::Clock`] is due. Until then nothing moves, unless something else happens.
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
        let work = [
            self.requests.next_wake(),
            self.drafts.next_wake(),
            self.store_is_slow_at(),
            self.learns_wait_at(),
            looks::due_at(self),
            tidings::due_at(self),
            popups::dashboard::due_at(self),
        ];
        [countdown, next_minute, notice].into_iter().chain(work).flatten().min()
    }

    /// The parts of the screen that change with time alone. If two values are equal, the passing of
    /// time has changed nothing visible.
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

    fn say(&mut self, level: Level, text: impl Into<String>) {
        self.notices.show(self.now, level, text, None);
    }

    /// Shows a notice that is taken away once `about` is settled.
    fn say_about(&mut self, about: About, level: Level, text: impl Into<String>) {
        self.notices.show(self.now, level, text, about);
    }

    /// Says that a draft that was left is kept.
    fn say_kept(&mut self, key: DraftKey) {
        let on = key.about().map(|id| format!("{id} ")).unwrap_or_default();
        self.say(Level::Info, format!("{on}the {} is kept as a draft", key.kind.as_str()));
    }

    fn await_draw(&mut self) {
        self.undrawn = true;
    }

    /// Shows the conversation of the ticket under the cursor, while the list has the focus.
    fn follow_cursor(&mut self) -> Effects {
        list::linger::settle(self);
        if self.focus != Focus::List {
            return Effects::none();
        }
        let selected = self.selected();
        shown::show(self, selected);
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
        shown::render_again(self)
    }
}
