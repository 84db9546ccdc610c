//! The reports of the background task to the core.

use jiff::{SignedDuration, Timestamp};

use super::{FilledText, LastScreen, RequestId, Thread};
use crate::domain::{
    AllDrafts, Aside, Client, Contact, Department, Directory, Draft, DraftId, DraftKey, Entry,
    EntryId, FullTicket, Gone, HistoryLine, Line, Link, Place, Problem, Project, Row, Rows, Stale,
    StyledLine, TicketId, Unreadable, WokenBy, Writer, stats::Stats,
};

/// Something that the background task did, met or heard of.
#[derive(Clone, Debug)]
pub enum Report {
    /// The local store was read; it holds everything known when the console was last open.
    Stored(Box<Stored>),
    /// Tickets are new, changed or gone.
    Rows {
        /// New and changed ones.
        changed: Vec<Row>,
        /// Those that the server no longer has.
        gone: Vec<TicketId>,
    },
    /// A refresh, or the first fill, has come this far.
    Refreshing {
        /// Tickets read.
        done: usize,
        /// Tickets to read in all; 0 while that is not known.
        total: usize,
    },
    /// A refresh, or the first fill, ended: nothing more of it is to come.
    Refreshed,
    /// A refresh could not be finished. Known tickets stay as they are.
    RefreshFailed(Problem),
    /// These are all tickets, and stretches of lists, that the server does not show in a form that can
    /// be read.
    Unreadable(Vec<Unreadable>),
    /// The waiting tickets have been seen whole since this time, by this console or another of the
    /// profile.
    Synced(Timestamp),
    /// What upkeep can do within its share of the request budget.
    Upkeep {
        /// How often all waiting tickets are seen, if that takes more than one poll interval.
        every: Option<SignedDuration>,
    },
    /// The departments, the team and the statuses, as far as known.
    Directory(Box<Directory>),
    /// The connection is in this state now.
    Connection(Connection),
    /// The request budget is in this state now.
    Budget(BudgetUse),
    /// A conversation was read and rendered.
    Thread {
        /// The request that this answers.
        request: RequestId,
        /// The conversation.
        thread: Box<Thread>,
    },
    /// A conversation that was read ahead, rendered.
    Ahead {
        /// The request that this answers. A request has several such answers.
        request: RequestId,
        /// The conversation; `None` after the last.
        thread: Option<Box<Thread>>,
    },
    /// A request for a conversation failed.
    ThreadFailed {
        /// The request that this answers.
        request: RequestId,
        /// Why.
        problem: Problem,
    },
    /// A look-up was answered.
    Found {
        /// The request that this answers.
        request: RequestId,
        /// What was found.
        found: Result<Found, Problem>,
    },
    /// An entry of the outbox has a new state; with it the ticket as the server has it now.
    Entry {
        /// The entry.
        entry: Box<Entry>,
        /// The ticket, where the server said how it stands.
        row: Option<Box<Row>>,
    },
    /// A step is in the outbox on the disk.
    Queued {
        /// Its entries as they are stored. The hold begins at that moment.
        entries: Vec<Entry>,
    },
    /// An entry could not be stored in the outbox: nothing of its step will be sent.
    NotQueued {
        /// The step's entries, as they were given.
        entries: Vec<Entry>,
        /// Why.
        problem: Problem,
    },
    /// Something that was asked for went wrong.
    Failed(Problem),
    /// Several entries were taken back at once.
    TakenBack(Vec<Entry>),
    /// It was too late to take entries back.
    TooLate(Vec<EntryId>),
    /// The store failed over taking entries back: they stay as they are.
    NotTakenBack {
        /// Which.
        ids: Vec<EntryId>,
        /// Why.
        problem: Problem,
    },
    /// A draft is on disk.
    DraftStored {
        /// Which.
        key: DraftKey,
        /// When this version of it was typed.
        version: Timestamp,
    },
    /// A draft could not be stored; the text is on screen only.
    DraftFailed {
        /// Which.
        key: DraftKey,
        /// Why.
        problem: Problem,
    },
    /// The file of the drafts is no longer at its path, and no new one can be made. Stored texts
    /// are now on screen only.
    DraftsLost(Problem),
    /// The file of the drafts and the outbox was deleted or replaced, and is made anew. The text
    /// says how that went, for people.
    StoreRemade(Line),
    /// Another local copy of the tickets has replaced the old one.
    MirrorChanged(Problem),
    /// A draft could not be stored, since it has changed elsewhere.
    DraftStale {
        /// Under which key.
        key: DraftKey,
        /// The number of the draft that was expected.
        id: DraftId,
        /// Why it is not stored.
        stale: Box<Stale>,
    },
    /// A step could not be stored, since the draft that it came from has changed elsewhere. Nothing
    /// of the step will be sent.
    NotRecorded {
        /// The step's entries, as they were given.
        entries: Vec<Entry>,
        /// The draft's key.
        key: DraftKey,
        /// Why.
        stale: Box<Stale>,
    },
    /// A draft is the agent's to write, or another console's.
    DraftOpened {
        /// Which.
        key: DraftKey,
        /// The text that is stored, if there is one.
        draft: Option<Box<Draft>>,
        /// The other console; `None` where it is this one's to write.
        writer: Option<Writer>,
        /// The fate of the draft that was known here, if it is gone.
        gone: Option<Gone>,
    },
    /// The text of a failed change has become this draft.
    DraftBack(Box<Draft>),
    /// The store has dropped a draft that was given up.
    DraftGone(DraftKey),
    /// The store has not dropped a draft that was given up, since it has changed elsewhere.
    DraftKept {
        /// Which.
        key: DraftKey,
        /// Why.
        stale: Box<Stale>,
    },
    /// The store could not drop a draft that was given up.
    DraftNotGone {
        /// Which.
        key: DraftKey,
        /// Why.
        problem: Problem,
    },
    /// Another console has written: these are the drafts that are stored now.
    Drafts(Box<AllDrafts>),
    /// The profile keeps this about tickets now, and nothing about any other.
    Asides(Vec<(TicketId, Aside)>),
    /// The next change of what the profile keeps about tickets is stored, or could not be.
    AsideStored(Result<(), Problem>),
    /// These snoozed tickets woke, and no other console says so.
    Woken(Vec<(TicketId, WokenBy)>),
}

/// The contents of the store at the start.
#[derive(Clone, Debug, Default)]
pub struct Stored {
    /// The tickets of the first screen.
    pub rows: Vec<Row>,
    /// Departments, team, statuses.
    pub directory: Directory,
    /// All drafts.
    pub drafts: Vec<Draft>,
    /// The unsettled entries of the outbox.
    pub outbox: Vec<Entry>,
    /// The settled entries of the steps that they belong to.
    pub settled: Vec<Entry>,
    /// What the profile keeps about tickets.
    pub asides: Vec<(TicketId, Aside)>,
    /// When the profile began to keep what the agent has seen.
    pub begun: Option<Timestamp>,
    /// How the screen was left.
    pub screen: Option<LastScreen>,
    /// When the waiting tickets were last seen whole.
    pub synced_at: Option<Timestamp>,
    /// What was wrong with the store, for people.
    pub notices: Vec<String>,
}

/// The answer to a look-up.
#[derive(Clone, Debug)]
pub enum Found {
    /// All stored tickets.
    Tickets {
        /// Their rows.
        rows: Box<Rows>,
        /// The places of each view's tickets, in its order.
        orders: Vec<Vec<Place>>,
    },
    /// The result of a filter.
    List {
        /// The places of the tickets that have every word, in the order in which they were given.
        places: Vec<Place>,
        /// How many tickets could be searched in part only.
        unread: usize,
    },
    /// The places of a view's tickets, in its order.
    Order(Vec<Place>),
    /// The numbers of all tickets.
    Stats(Box<Stats>),
    /// Clients by name.
    Clients(Vec<Client>),
    /// The projects of a client.
    Projects(Vec<Project>),
    /// The contacts of a client.
    Contacts(Vec<Contact>),
    /// The history of a ticket, the newest first.
    History(Vec<HistoryLine>),
    /// The departments.
    Departments(Vec<Department>),
    /// The ticket as the server has it, with its message.
    Ticket(Box<FullTicket>),
    /// The links of messages: of several messages those of the newest first.
    Links(Vec<Link>),
    /// A conversation as Markdown.
    Export {
        /// The Markdown, cleaned.
        text: String,
        /// The reason why messages may be missing, if so.
        missing: Option<Problem>,
    },
    /// Markdown, rendered.
    Preview(Vec<StyledLine>),
    /// The text of a macro, ticket by ticket.
    Filled(Vec<FilledText>),
}

/// Whether the server is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Connection {
    /// Not tried yet.
    #[default]
    Connecting,
    /// The last request was answered.
    Online,
    /// Opened with `--offline`: nothing is asked.
    Closed,
    /// The server can't be reached; it is tried again by itself.
    Offline(Problem),
    /// The server asks for patience.
    Limited {
        /// Until when.
        until: Timestamp,
    },
    /// Something else than the API answers at the address.
    NotTheApi(Problem),
    /// The key is not accepted.
    Unauthorised(Problem),
}

/// How many requests of the last 60 seconds are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BudgetUse {
    /// Requests made in the last 60 seconds.
    pub used: u32,
    /// How many are allowed; 0 is no limit.
    pub limit: u32,
}
