//! Errands: what one surface leaves for another, as data, so that no surface has to know another.
//! `asked.rs` passes them on after the surface has had its turn.

use crokey::KeyCombination;
use jiff::Timestamp;

use super::{
    Model,
    command::Command,
    cursor::Step,
    done::DoneStep,
    field::{By, Field, Value},
    macros::Taking,
    marks::Aim,
};
use crate::{
    desk::FilledText,
    domain::{
        Change, DraftKey, EntryId, Narrow, PipeCommand, ReplyId, ReplyKind, Sort, Status, TicketId,
        View,
        plan::{Fields, Step as Changes, Then, Wishes},
    },
};

/// What is picked for a ticket.
#[derive(Clone, Copy, Debug)]
pub(super) enum Pick {
    Status,
    Priority,
    Department,
    Tags,
    /// The status that is set along with the text under review.
    SubmitAs,
}

/// A request to be passed on.
#[derive(Clone, Debug)]
pub(super) enum Errand {
    /// The cursor of the focused pane is to move.
    Step(Step),
    /// The conversation is to be scrolled while something is written.
    Page(Step),
    /// The status that was picked for the text under review.
    SubmitAs(Status),
    /// The next or the previous ticket.
    StepTicket(Step),
    /// The other pane is to have the focus.
    OtherPane,
    /// The view at this position.
    View(usize),
    /// The view so many further on.
    StepView(isize),
    /// The filter of the view is to be typed.
    Filter,
    /// The filter is to be typed, and looked for in messages and replies.
    SearchTexts,
    /// The filter of the view by fields.
    Fields,
    /// A choice is to be made for a field of that filter.
    ChooseBy(By),
    /// The choices that were made for a field of that filter.
    ChosenBy(By, Vec<Value>),
    /// The open view is to be narrowed to conditions.
    Narrow(Box<Narrow>),
    /// The open view is to be narrowed to words.
    Words(String),
    /// The words are to be looked for in messages and replies, or in the list again.
    ToggleTexts,
    /// The name of a view of the agent's own is to be typed.
    NameView,
    /// A view of the agent's own is to be shown. The view of the other name loses its filter.
    OwnView {
        /// The view.
        view: Box<View>,
        /// The view that it was made from.
        clears: Option<String>,
    },
    /// A key is to be typed where the keys go to by now.
    Type(KeyCombination),
    /// Another order of the view is to be picked.
    PickSort,
    /// The order that was picked.
    SortBy(Sort),
    /// The rows are to be sorted anew, and the server asked for what is new.
    ReadAnew,
    /// A reply or a note is to be written.
    Write(TicketId, ReplyKind),
    /// The form for a new ticket: the one whose draft has this number.
    NewTicket(Option<TicketId>),
    /// The form for the fields of a ticket.
    Edit(TicketId),
    /// The same, with fields that an action needs filled in first.
    FillIn(TicketId, Fields),
    /// Something is to be picked for a ticket, or for the marked ones.
    Pick(Pick, Aim),
    /// What is wanted of the marked tickets, in a few words and each by itself, is to be planned and
    /// shown. With what a macro says of the cursor afterwards, which counts if it is one ticket.
    Plan(String, Wishes, Option<Then>),
    /// The same for one ticket, marked or not.
    PlanOne(TicketId, String, Wishes, Option<Then>),
    /// A command is to be chosen that reads a ticket's conversation. Its output goes into a draft, if
    /// one is named.
    ChooseCommand(TicketId, Option<DraftKey>),
    /// A command is to read a ticket's conversation.
    Pipe(TicketId, PipeCommand, Option<DraftKey>),
    /// A text is to be inserted at the cursor of a draft.
    Insert(DraftKey, String),
    /// A text is to be inserted into the reply to a ticket.
    ReplyWith(TicketId, String),
    /// A link of a ticket's messages is to be opened.
    Links(TicketId),
    /// A macro is to be picked for some tickets; its text goes into this draft, or the reply pane is
    /// opened for it.
    Macros(Vec<TicketId>, Option<DraftKey>),
    /// What a macro asks for is to be typed.
    AskFor(Box<Taking>),
    /// Nothing is typed after all: the picker of macros goes on.
    AskedNoMore,
    /// A macro is taken: its texts are filled in.
    Take(Box<Taking>, Vec<FilledText>),
    /// The text that a plan has for a ticket is to be edited.
    Reword(TicketId, ReplyKind, String),
    /// The text that it has now.
    Reworded(TicketId, String),
    /// A choice is to be made for a field of the form.
    Choose(Field),
    /// The choice that was made for a field of the form.
    Chosen(Field, Value),
    /// The list of the commands that make sense here, with the ticket that they are about.
    Palette(Option<TicketId>),
    /// A command that was chosen there.
    Run(Command, Option<TicketId>),
    /// The number of a ticket to go to is to be typed.
    AskWhere,
    /// A ticket to go to, and the draft to open there.
    GoTo(TicketId, Option<DraftKey>),
    /// A ticket is to be deleted, once its number is typed.
    DeleteTicket(TicketId),
    /// A reply of a ticket is to be deleted, once its number is typed.
    DeleteReply(TicketId, ReplyId),
    /// What an assistant has proposed is to be recorded.
    Record(EntryId),
    /// What an assistant has proposed is to be dropped.
    Drop(EntryId),
    /// A draft is to be discarded, once the agent has said so again.
    Discard(DraftKey),
    /// The draft that was discarded last is to be there again.
    BringBack,
    /// A draft has another text by now. The pane that has it open is to show that.
    Follow(DraftKey),
    /// A draft is to be taken over from the console that writes it.
    TakeOver(DraftKey),
    /// The decision that an entry waits for.
    Decide(EntryId),
    /// An entry is to be withdrawn; the text of a post comes back into the editor.
    TakeBack(EntryId),
    /// The part of a step that can be taken back is to be.
    TakeRest(DoneStep),
    /// An action on a ticket is done: the cursor is to go where it goes after that.
    After(After),
    /// Tickets are to be pinned, or their pins taken off.
    Pin(Vec<TicketId>),
    /// Tickets are to be snoozed, once it is said until when.
    Snooze(Vec<TicketId>),
    /// Tickets are to sleep until a time, or until the customer writes; with neither they wake.
    SnoozeUntil(Vec<TicketId>, Option<Option<Timestamp>>),
    /// The client of a ticket is to be shown.
    Client(TicketId),
    /// The dashboard is to be opened.
    Dashboard,
    /// All tickets are to be shown that meet conditions.
    ShowAll(Box<Narrow>),
    /// Opens the board, or leaves it.
    Board,
    /// Tickets are to be served one after another, or no longer.
    Serve,
    /// Tickets are no longer to be served.
    EndServe,
    /// The ticket is to be skipped while tickets are served.
    Skip(Option<TicketId>),
    /// The last step is to be taken back.
    Undo,
    /// The step that was taken back last is to be done again.
    Redo,
    /// The help.
    Help,
    /// The history of a ticket.
    History(TicketId),
    /// What the agent was told.
    Messages,
    /// The outbox and the drafts.
    Outbox,
    /// The agent wants to leave.
    Quit,
}

/// What comes after an action on a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct After {
    /// The ticket.
    pub(super) ticket: TicketId,
    /// What a macro says; `None` leaves it to the setting.
    pub(super) then: Option<Then>,
}

impl After {
    /// What comes after an action on `ticket`, as the setting says.
    pub(super) fn on(ticket: TicketId) -> Self {
        Self { ticket, then: None }
    }

    /// What comes after a step, if it is an action on one ticket. A ticket that is created and a
    /// reply that is deleted leave the agent where they are.
    pub(super) fn of(step: &Changes, then: Option<Then>) -> Option<Self> {
        let ticket = step.changes.first()?.ticket?;
        let is_one = step.changes.iter().all(|it| it.ticket == Some(ticket));
        let stays = |it: &Change| matches!(it, Change::Create(_) | Change::DeleteReply(_));
        let moves = !step.changes.iter().any(|it| stays(&it.change));
        (is_one && moves).then_some(Self { ticket, then })
    }
}

impl Model {
    /// Leaves an errand for whoever it concerns.
    pub(super) fn pass(&mut self, errand: Errand) {
        self.errands.push_back(errand);
    }
}
