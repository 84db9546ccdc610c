//! The reads that the core asks for, each with a number and an asker.

use jiff::{Timestamp, tz::TimeZone};

use super::Filling;
use crate::domain::{ClientId, Narrow, Place, ReplyId, Rows, TicketId, View, WaitingStatuses};

/// The number of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId(pub u64);

/// Something to read.
#[derive(Clone, Debug, PartialEq)]
pub enum Read {
    /// A ticket's conversation, rendered for `width` columns: as stored, or as the server has it.
    /// For a long stored one, a first answer holds the newest messages, a second one all.
    Thread {
        /// Whose.
        ticket: TicketId,
        /// Columns for the text.
        width: u16,
        /// Whether to ask the server rather than the store.
        fetch: bool,
    },
    /// All stored tickets, with the order of each view.
    Tickets {
        /// The views.
        views: Vec<View>,
        /// The statuses in which a customer waits.
        waiting: WaitingStatuses,
    },
    /// Those of some tickets that meet conditions, and in which every word of a text is found: in their
    /// rows, or in all that is said in them.
    List {
        /// The tickets as they are now.
        rows: Box<Rows>,
        /// Where to look, in order.
        among: Among,
        /// The conditions that a row must meet.
        narrow: Box<Narrow>,
        /// The words; none are looked for where it is empty.
        text: String,
        /// Whether they are looked for in messages and replies.
        in_texts: bool,
    },
    /// The tickets of a view, in its order.
    Order {
        /// The tickets as they are now.
        rows: Box<Rows>,
        /// The view.
        view: Box<View>,
        /// The statuses in which a customer waits.
        waiting: WaitingStatuses,
    },
    /// The numbers of all tickets.
    Stats {
        /// The tickets as they are now.
        rows: Box<Rows>,
        /// The statuses in which a customer waits.
        waiting: WaitingStatuses,
        /// The zone of the days.
        zone: TimeZone,
        /// The moment, by the wall clock.
        now: Timestamp,
    },
    /// The conversations of a ticket's neighbours as the store has them, rendered before they are
    /// asked for; each is answered by itself.
    Ahead {
        /// Whose, the likeliest first.
        tickets: Vec<TicketId>,
        /// Columns for the text.
        width: u16,
    },
    /// The conversation that will likely be shown next, as the server has it.
    Next {
        /// Whose.
        ticket: TicketId,
        /// Columns for the text.
        width: u16,
    },
    /// The conversation of a ticket whose wait is only estimated, from the server into the mirror. What
    /// it tells comes as rows.
    Exact(TicketId),
    /// Clients whose name matches.
    Clients {
        /// What the agent typed.
        search: String,
    },
    /// The projects of a client.
    Projects(ClientId),
    /// The contacts of a client.
    Contacts(ClientId),
    /// The departments.
    Departments,
    /// What this profile did to a ticket, and what it saw change.
    History {
        /// Which ticket.
        ticket: TicketId,
        /// The zone that times are said in.
        zone: TimeZone,
    },
    /// A ticket with its message, as the server has it now.
    Ticket(TicketId),
    /// The links of a ticket's messages.
    Links {
        /// Whose.
        ticket: TicketId,
        /// The message that is meant: the opening one (`None`) or a reply. Without it, all are.
        post: Option<Option<ReplyId>>,
    },
    /// A ticket's conversation as Markdown, from the server where the store lacks messages.
    Export {
        /// Whose.
        ticket: TicketId,
        /// The zone that its times are written in.
        zone: TimeZone,
    },
    /// Markdown, rendered as the reader will see it.
    Preview {
        /// The Markdown.
        text: String,
        /// Columns for the text.
        width: u16,
    },
    /// The text of a macro for some tickets. The server is asked only for what the text names and the
    /// mirror does not have.
    Fill(Box<Filling>),
}

/// The tickets among which a filter looks.
#[derive(Clone, Debug, PartialEq)]
pub enum Among {
    /// These.
    Places(Vec<Place>),
    /// Those of a view.
    View(Box<View>, WaitingStatuses),
}

impl Among {
    /// The places of the tickets, in order.
    pub fn places(self, rows: &Rows) -> Vec<Place> {
        match self {
            Self::Places(places) => places,
            Self::View(view, waiting) => view.select(rows, &waiting),
        }
    }
}

impl Read {
    /// Whether the server is asked, rather than the store alone.
    pub fn asks_server(&self) -> bool {
        !matches!(
            self,
            Self::Thread { fetch: false, .. }
                | Self::Ahead { .. }
                | Self::Preview { .. }
                | Self::Tickets { .. }
                | Self::List { .. }
                | Self::History { .. }
                | Self::Order { .. }
                | Self::Stats { .. }
                | Self::Fill(_)
        )
    }
}

/// Who asks, and what for: a surface with one question at a time. A newer read of the same asker
/// cancels the older one; two askers never share a slot, whatever they read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Slot {
    /// The conversation shown, as stored.
    Thread,
    /// All tickets, at the start.
    Tickets,
    /// The filtered list.
    List,
    /// The tickets of a view, in another order.
    Order,
    /// The conversation shown, as the server has it.
    Fetched,
    /// The conversations of its neighbours, as stored.
    Ahead,
    /// The conversation of the next likely ticket, as the server has it.
    Next,
    /// The conversation that is read for the exact wait.
    Exact,
    /// The choices of the picker that is open.
    Choices,
    /// The ticket of the edit form that is open.
    FormTicket,
    /// The title of that ticket's project.
    FormProject,
    /// The history that is open.
    History,
    /// The contacts of the client that is looked at.
    ClientContacts,
    /// Its projects.
    ClientProjects,
    /// The dashboard that is open.
    Stats,
    /// The ticket that the agent wants to go to.
    Going,
    /// The preview of a text.
    Preview,
    /// The text of the macro that is looked at or taken.
    Macro,
    /// The conversation that a command reads.
    Export,
}
