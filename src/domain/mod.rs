//! The field's plain types and pure rules: tickets, replies, people, views, changes.
//!
//! Nothing here does I/O, reads a clock or knows how a ticket travels or is drawn. Rules that must
//! be the same everywhere live here once: which tickets wait ([`ticket::waiting`]), which tickets a
//! view shows ([`ticket::view`]), how a change alters a ticket and how it is taken back
//! ([`change`]), and the result of an action on each of its targets ([`plan`]).

pub mod change;
pub mod columns;
pub mod custom;
pub mod draft;
pub mod fuzzy;
pub mod happening;
pub mod history;
pub mod ids;
pub mod line;
pub mod link;
pub mod look;
pub mod notify;
pub mod outbox;
pub mod pipe;
pub mod plan;
pub mod problem;
pub mod short;
pub mod stats;
pub mod styled;
pub mod ticket;
pub mod until;
pub mod when;

pub use change::{
    Change, Edit, FieldsChange, NewTicket, TagsChange,
    seen::{Event, FieldSeen},
    sight::{Difference, Sight, Stand},
    trace::{Trace, TraceValue},
};
pub use custom::CustomField;
pub use draft::{
    AllDrafts, Draft, DraftChanges, DraftField, DraftKey, DraftKind, Gone, Seen, Stale, TicketForm,
    Writer,
};
pub use happening::{Happening, OwnPart, happenings};
pub use history::{HistoryLine, OwnChange, Who};
pub use ids::{
    ClientId, ContactId, DepartmentId, DraftId, EntryId, PersonId, ProjectId, ReplyId, StatusId,
    StepId, TicketId,
};
pub use line::{Html, Line};
pub use link::{Link, LinkKind};
pub use outbox::{Entry, State};
pub use pipe::PipeCommand;
pub use problem::{Problem, ProblemKind};
pub use styled::{StyledLine, StyledSpan, TextStyle};
pub use ticket::{
    ActiveState, Aside, AsideChange, Client, Contact, Counted, Day, Department, Directory, Filter,
    FullTicket, LastLook, Member, Named, Narrow, Place, PlaceSet, Priority, Project, Query, Rank,
    Reply, ReplyKind, Row, RowRef, Rows, Shelf, Snooze, Sort, SortKey, Source, Status, StatusMatch,
    ThreadFacts, Ticket, Unreadable, View, Waiting, WaitingStatuses, WokenBy,
};
