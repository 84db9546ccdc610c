//! The one table of commands: keys, hint line, help and documentation all come from it.

/// Where a command applies. A key is looked up in the scopes of the moment, nearest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// Wherever no text is typed and no popup is open.
    Console,
    /// In the ticket list.
    List,
    /// In the conversation.
    Conversation,
    /// While the filter is typed.
    Filter,
    /// In the text of a reply or note.
    Editor,
    /// In the review before a reply or note is recorded.
    Review,
    /// In a text that another console writes.
    Watch,
    /// In a picker.
    Picker,
    /// In a form.
    Form,
    /// In a question that is answered by typing a number.
    Prompt,
    /// In a list to be read: help, outbox.
    Reader,
    /// Where a change met somebody else's.
    Decision,
    /// In the question that comes before a part of an action is taken back.
    TakeBack,
    /// In the question that comes before a draft is discarded.
    Discard,
    /// In the question that comes before quitting.
    Quit,
    /// Everywhere, even while text is typed.
    Everywhere,
}

impl Scope {
    /// Every scope, in the order of the help.
    pub const ALL: [Self; 16] = [
        Self::List,
        Self::Conversation,
        Self::Console,
        Self::Editor,
        Self::Review,
        Self::Watch,
        Self::Filter,
        Self::Picker,
        Self::Form,
        Self::Prompt,
        Self::Reader,
        Self::Decision,
        Self::TakeBack,
        Self::Discard,
        Self::Quit,
        Self::Everywhere,
    ];

    /// Its name in the configuration: `[keys.list]`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Console => "console",
            Self::List => "list",
            Self::Conversation => "conversation",
            Self::Filter => "filter",
            Self::Editor => "editor",
            Self::Review => "review",
            Self::Watch => "watch",
            Self::Picker => "picker",
            Self::Form => "form",
            Self::Prompt => "prompt",
            Self::Reader => "reader",
            Self::Decision => "decision",
            Self::TakeBack => "take-back",
            Self::Discard => "discard",
            Self::Quit => "quit",
            Self::Everywhere => "everywhere",
        }
    }

    /// The scope in which its keys are looked up after its own.
    pub fn wider(self) -> Option<Self> {
        matches!(self, Self::List | Self::Conversation).then_some(Self::Console)
    }

    /// Whether commands of `other` work here.
    pub fn takes_from(self, other: Self) -> bool {
        other == self || self.wider() == Some(other)
    }

    /// Its heading in the help.
    pub fn title(self) -> &'static str {
        match self {
            Self::Console => "List and conversation",
            Self::List => "Ticket list",
            Self::Conversation => "Conversation",
            Self::Filter => "Filter",
            Self::Editor => "Writing a reply or note",
            Self::Review => "Review",
            Self::Watch => "Another console writes",
            Self::Picker => "Pickers",
            Self::Form => "Forms",
            Self::Prompt => "Questions",
            Self::Reader => "Help and outbox",
            Self::Decision => "Decisions",
            Self::TakeBack => "Taking back a part",
            Self::Discard => "Discarding a draft",
            Self::Quit => "Leaving",
            Self::Everywhere => "Everywhere",
        }
    }
}

/// Something that the agent can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the table below says what each does, in the agent's words")]
pub enum Command {
    Down,
    Up,
    Top,
    Bottom,
    HalfDown,
    HalfUp,
    PageDown,
    PageUp,
    NextTicket,
    PreviousTicket,
    Enter,
    Back,
    NextPane,
    PreviousPane,
    Zoom,
    View(u8),
    NextView,
    PreviousView,
    Reply,
    Note,
    Status,
    Priority,
    Department,
    Tags,
    Archive,
    Delete,
    DeleteReply,
    Edit,
    New,
    Filter,
    SearchTexts,
    Undo,
    Redo,
    Browse,
    CopyId,
    CopyAddress,
    GoTo,
    Outbox,
    Messages,
    Refresh,
    Repaint,
    Help,
    Palette,
    Quit,
    QuitNow,
    Suspend,
    Record,
    ExternalEditor,
    Preview,
    EditorUndo,
    EditorRedo,
    Leave,
    Confirm,
    SubmitAs(u8),
    BackToText,
    Apply,
    Toggle,
    Cancel,
    NextField,
    PreviousField,
    Open,
    KeepForLater,
    Discard,
    TakeOver,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// What is asked for.
    pub command: Command,
    /// Its name in the configuration and the palette.
    pub name: &'static str,
    /// What it does, in a few words: help and palette.
    pub title: &'static str,
    /// What it is called in the hint line; empty where it is not hinted at.
    pub hint: &'static str,
    /// Its keys unless the configuration says otherwise; a sequence is separated by spaces.
    pub keys: &'static [&'static str],
    /// Where it applies.
    pub scope: Scope,
}

const fn spec(
    scope: Scope,
    command: Command,
    name: &'static str,
    title: &'static str,
    hint: &'static str,
    keys: &'static [&'static str],
) -> Spec {
    Spec { command, name, title, hint, keys, scope }
}

/// The table. Within a scope, hints are shown in this order as far as there is room.
pub static TABLE: &[Spec] = {
    use Command as C;
    use Scope as S;
    &[
        spec(S::List, C::Enter, "open", "into the conversation", "open", &["enter", "l", "right"]),
        spec(
            S::Conversation,
            C::Enter,
            "unfold",
            "unfold or fold the quotes here",
            "",
            &["enter", "l"],
        ),
        spec(S::Conversation, C::Back, "leave", "back to the list", "back", &["esc", "h", "left"]),
        spec(S::List, C::Back, "clear", "clear the filter", "clears the filter", &["esc"]),
        spec(
            S::Conversation,
            C::DeleteReply,
            "delete-reply",
            "delete the reply under the cursor",
            "",
            &["D"],
        ),
        spec(
            S::Console,
            C::Reply,
            "reply",
            "write a reply, which the customer can read",
            "reply",
            &["r"],
        ),
        spec(S::Console, C::Note, "note", "write a note, for colleagues only", "note", &["n"]),
        spec(S::Console, C::Status, "status", "change the status", "status", &["s"]),
        spec(S::Console, C::Priority, "priority", "change the priority", "priority", &["p"]),
        spec(S::Console, C::Department, "department", "change the department", "dept", &["d"]),
        spec(S::Console, C::Tags, "tags", "add and remove tags", "tags", &["t"]),
        spec(
            S::Console,
            C::Archive,
            "archive",
            "archive, or restore from the archive",
            "archive",
            &["e"],
        ),
        spec(S::Console, C::Undo, "undo", "take back the last action", "undo", &["z"]),
        spec(S::Console, C::Filter, "filter", "filter the list by text", "filter", &["/"]),
        spec(S::Console, C::Help, "help", "what works here", "help", &["?"]),
        spec(S::Console, C::New, "new", "create a ticket", "new", &["N"]),
        spec(
            S::Console,
            C::Edit,
            "edit",
            "edit subject, message, department, project, priority",
            "edit",
            &["E"],
        ),
        spec(S::Console, C::Quit, "quit", "leave growdesk", "quit", &["q"]),
        spec(S::Console, C::Redo, "redo", "do again what was taken back", "", &["Z"]),
        spec(S::Console, C::Delete, "delete", "delete the ticket (type its id)", "", &["#"]),
        spec(S::Console, C::Down, "down", "down", "", &["j", "down"]),
        spec(S::Console, C::Up, "up", "up", "", &["k", "up"]),
        spec(S::Console, C::Top, "top", "to the first", "", &["g g", "home"]),
        spec(S::Console, C::Bottom, "bottom", "to the last", "", &["G", "end"]),
        spec(S::Console, C::HalfDown, "half-down", "half a page down", "", &["ctrl-d"]),
        spec(S::Console, C::HalfUp, "half-up", "half a page up", "", &["ctrl-u"]),
        spec(S::Console, C::PageDown, "page-down", "a page down", "", &["pagedown"]),
        spec(S::Console, C::PageUp, "page-up", "a page up", "", &["pageup"]),
        spec(S::Console, C::NextTicket, "next-ticket", "next ticket", "", &["J"]),
        spec(S::Console, C::PreviousTicket, "previous-ticket", "previous ticket", "", &["K"]),
        spec(S::Console, C::NextPane, "next-pane", "next pane", "", &["tab"]),
        spec(S::Console, C::PreviousPane, "previous-pane", "previous pane", "", &["backtab"]),
        spec(
            S::Console,
            C::Zoom,
            "zoom",
            "give the pane the whole screen, or back",
            "zoom",
            &["v"],
        ),
        spec(S::Console, C::View(1), "view-1", "first view", "", &["1"]),
        spec(S::Console, C::View(2), "view-2", "second view", "", &["2"]),
        spec(S::Console, C::View(3), "view-3", "third view", "", &["3"]),
        spec(S::Console, C::View(4), "view-4", "fourth view", "", &["4"]),
        spec(S::Console, C::View(5), "view-5", "fifth view", "", &["5"]),
        spec(S::Console, C::View(6), "view-6", "sixth view", "", &["6"]),
        spec(S::Console, C::View(7), "view-7", "seventh view", "", &["7"]),
        spec(S::Console, C::View(8), "view-8", "eighth view", "", &["8"]),
        spec(S::Console, C::View(9), "view-9", "ninth view", "", &["9"]),
        spec(S::Console, C::NextView, "next-view", "next view", "", &["]"]),
        spec(S::Console, C::PreviousView, "previous-view", "previous view", "", &["["]),
        spec(S::Console, C::Browse, "browse", "open the ticket in the browser", "", &["o"]),
        spec(S::Console, C::CopyId, "copy-id", "copy the ticket's id", "", &["y"]),
        spec(S::Console, C::CopyAddress, "copy-address", "copy the ticket's address", "", &["Y"]),
        spec(S::Console, C::GoTo, "go-to", "go to a ticket by its id", "", &["g i"]),
        spec(S::Console, C::Outbox, "outbox", "outbox and drafts", "", &["g o"]),
        spec(S::Console, C::Messages, "messages", "the last messages, in full", "", &["!"]),
        spec(S::Console, C::Refresh, "refresh", "read everything anew, and sort", "", &["R"]),
        spec(S::Console, C::Palette, "palette", "find a command by name", "", &[":", "ctrl-p"]),
        spec(S::Editor, C::Record, "record", "review, then record", "review, record", &["ctrl-s"]),
        spec(
            S::Editor,
            C::Preview,
            "preview",
            "show how it will look, or back",
            "preview",
            &["ctrl-o"],
        ),
        spec(S::Editor, C::ExternalEditor, "editor", "write in $EDITOR", "$EDITOR", &["ctrl-e"]),
        spec(
            S::Editor,
            C::Leave,
            "leave",
            "leave, the draft is kept",
            "leave (draft kept)",
            &["esc"],
        ),
        spec(
            S::Editor,
            C::Discard,
            "discard",
            "discard the draft, after a question",
            "discard",
            &["ctrl-x"],
        ),
        spec(S::Editor, C::EditorUndo, "undo", "undo typing", "", &["ctrl-_", "ctrl-7", "alt-_"]),
        spec(S::Editor, C::EditorRedo, "redo", "redo typing", "", &["ctrl-y"]),
        spec(S::Review, C::Confirm, "record", "record as proposed", "record", &["enter", "y"]),
        spec(S::Review, C::BackToText, "back", "back to the text", "back to the text", &["e"]),
        spec(
            S::Review,
            C::Leave,
            "leave",
            "leave, the draft is kept",
            "leave (draft kept)",
            &["esc"],
        ),
        spec(
            S::Review,
            C::SubmitAs(1),
            "submit-as-1",
            "record, status 1 (Open)",
            "with a status",
            &["1"],
        ),
        spec(S::Review, C::SubmitAs(2), "submit-as-2", "record, status 2 (Closed)", "", &["2"]),
        spec(S::Review, C::SubmitAs(3), "submit-as-3", "record, status 3 (On Hold)", "", &["3"]),
        spec(S::Review, C::SubmitAs(4), "submit-as-4", "record, status 4 (Answered)", "", &["4"]),
        spec(
            S::Review,
            C::SubmitAs(5),
            "submit-as-5",
            "record, status 5 (Customer Replied)",
            "",
            &["5"],
        ),
        spec(S::Review, C::Down, "down", "scroll down", "", &["j", "down"]),
        spec(S::Review, C::Up, "up", "scroll up", "", &["k", "up"]),
        spec(S::Review, C::PageDown, "page-down", "a page down", "", &["pagedown", "space"]),
        spec(S::Review, C::PageUp, "page-up", "a page up", "", &["pageup"]),
        spec(S::Review, C::HalfDown, "half-down", "half a page down", "", &["ctrl-d"]),
        spec(S::Review, C::HalfUp, "half-up", "half a page up", "", &["ctrl-u"]),
        spec(S::Review, C::Top, "top", "to the first line", "", &["g g", "home"]),
        spec(S::Review, C::Bottom, "bottom", "to the last line", "", &["G", "end"]),
        spec(
            S::Watch,
            C::TakeOver,
            "take-over",
            "write it here, the other console shows it",
            "take over",
            &["ctrl-t"],
        ),
        spec(S::Watch, C::Leave, "leave", "leave it", "leave", &["esc"]),
        spec(S::Filter, C::Apply, "apply", "keep the filter", "keep", &["enter"]),
        spec(S::Filter, C::Cancel, "cancel", "clear the filter", "clear", &["esc"]),
        spec(
            S::Filter,
            C::SearchTexts,
            "search-texts",
            "search messages and replies, or the list again",
            "in all texts",
            &["ctrl-f"],
        ),
        spec(S::Filter, C::Down, "down", "down in the list", "", &["down", "ctrl-n"]),
        spec(S::Filter, C::Up, "up", "up in the list", "", &["up", "ctrl-p"]),
        spec(S::Picker, C::Apply, "apply", "apply", "apply", &["enter"]),
        spec(S::Picker, C::Toggle, "toggle", "mark or unmark (tags)", "mark", &["space"]),
        spec(S::Picker, C::Down, "down", "down", "", &["down", "ctrl-n"]),
        spec(S::Picker, C::Up, "up", "up", "", &["up", "ctrl-p"]),
        spec(S::Picker, C::Cancel, "cancel", "cancel", "cancel", &["esc"]),
        spec(S::Form, C::Record, "record", "record", "record", &["ctrl-s"]),
        spec(S::Form, C::NextField, "next-field", "next field", "next field", &["tab"]),
        spec(S::Form, C::PreviousField, "previous-field", "previous field", "", &["backtab"]),
        spec(S::Form, C::Open, "choose", "choose from a list, or a new line", "choose", &["enter"]),
        spec(
            S::Form,
            C::Cancel,
            "leave",
            "leave, what was typed is kept",
            "leave (kept)",
            &["esc"],
        ),
        spec(
            S::Form,
            C::Discard,
            "discard",
            "discard what was typed, after a question",
            "discard",
            &["ctrl-x"],
        ),
        spec(
            S::Form,
            C::TakeOver,
            "take-over",
            "take it over from another console",
            "take over",
            &["ctrl-t"],
        ),
        spec(S::Prompt, C::Apply, "apply", "go (never deletes)", "go", &["enter"]),
        spec(
            S::Prompt,
            C::Record,
            "delete",
            "delete what the whole number was typed of",
            "delete",
            &["ctrl-s"],
        ),
        spec(S::Prompt, C::Cancel, "cancel", "cancel", "cancel", &["esc"]),
        spec(S::Reader, C::Cancel, "close", "close", "close", &["esc", "q"]),
        spec(S::Reader, C::Down, "down", "down", "", &["j", "down"]),
        spec(S::Reader, C::Up, "up", "up", "", &["k", "up"]),
        spec(S::Reader, C::PageDown, "page-down", "a page down", "", &["pagedown", "ctrl-d"]),
        spec(S::Reader, C::PageUp, "page-up", "a page up", "", &["pageup", "ctrl-u"]),
        spec(S::Reader, C::Open, "open", "go to it, or decide", "go to it", &["enter"]),
        spec(S::Reader, C::Filter, "filter", "filter what is listed", "filter", &["/"]),
        spec(
            S::Reader,
            C::Undo,
            "take-back",
            "take the change, or a discard, back",
            "take back",
            &["z"],
        ),
        spec(
            S::Reader,
            C::Discard,
            "discard",
            "discard the draft, after a question",
            "",
            &["ctrl-x"],
        ),
        spec(S::Decision, C::Confirm, "go-on", "go on with yours after all", "go on", &["y"]),
        spec(
            S::Decision,
            C::BackToText,
            "take-back",
            "back to the text, or leave theirs as it is",
            "take yours back",
            &["e", "z"],
        ),
        spec(S::Decision, C::Down, "down", "scroll down", "", &["j", "down"]),
        spec(S::Decision, C::Up, "up", "scroll up", "", &["k", "up"]),
        spec(S::Decision, C::PageDown, "page-down", "a page down", "", &["pagedown", "ctrl-d"]),
        spec(S::Decision, C::PageUp, "page-up", "a page up", "", &["pageup", "ctrl-u"]),
        spec(S::Decision, C::Cancel, "later", "decide later", "later", &["esc", "q"]),
        spec(S::TakeBack, C::Confirm, "take-rest", "take the rest back", "take back", &["y"]),
        spec(S::TakeBack, C::Cancel, "leave", "leave all as it is", "leave it", &["esc", "q", "n"]),
        spec(S::Discard, C::Confirm, "discard", "discard it", "discard", &["y"]),
        spec(S::Discard, C::Cancel, "cancel", "keep it", "keep", &["esc", "q"]),
        spec(
            S::Quit,
            C::Confirm,
            "send-now",
            "wait until everything is recorded, then leave",
            "send now",
            &["s"],
        ),
        spec(
            S::Quit,
            C::KeepForLater,
            "keep",
            "leave, the outbox is kept for next time",
            "leave",
            &["k"],
        ),
        spec(S::Quit, C::Cancel, "cancel", "stay", "stay", &["esc"]),
        spec(
            S::Everywhere,
            C::QuitNow,
            "quit-now",
            "leave at once, drafts and outbox are kept",
            "",
            &["ctrl-c"],
        ),
        spec(S::Everywhere, C::Suspend, "suspend", "suspend, `fg` comes back", "", &["ctrl-z"]),
        spec(S::Everywhere, C::Repaint, "repaint", "draw the screen anew", "", &["ctrl-l"]),
    ]
};

impl Command {
    /// The row of the table for this command in `scope`.
    pub fn spec(self, scope: Scope) -> Option<&'static Spec> {
        TABLE.iter().find(|spec| spec.command == self && spec.scope == scope)
    }
}
