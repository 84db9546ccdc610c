//! The rows.

use super::{InScope, Spec, commands};
use crate::app::cursor::Step;

commands! {
    /// In the ticket list.
    List(ListCommand) "list" "Ticket list" {
        Open: "open", "into the conversation", "open", ["enter", "l", "right"];
        Clear: "clear", "clear the filter, then the marks", "clears the filter", ["esc"];
    }

    /// On the board.
    Board(BoardCommand) "board" "Board" {
        Open: "open", "into the conversation", "open", ["enter"];
        Left: "left", "to the column on the left", "", ["h", "left"];
        Right: "right", "to the column on the right", "", ["l", "right"];
        Leave: "leave", "clear the filter, then the marks, then back to the list", "back", ["esc"];
    }

    /// In the conversation.
    Conversation(ConversationCommand) "conversation" "Conversation" {
        Unfold: "unfold", "unfold or fold the quotes here", "", ["enter", "l"];
        Leave: "leave", "back to the list", "back", ["esc", "h", "left"];
        DeleteReply: "delete-reply", "delete the reply under the cursor", "", ["D"];
    }

    /// Wherever no text is typed and no popup is open.
    Console(ConsoleCommand) "console" "List and conversation" {
        Reply: "reply", "write a reply, which the customer can read", "reply", ["r"];
        Note: "note", "write a note, for colleagues only", "note", ["n"];
        Macros: "macros", "take a macro: a text, changes, or both", "macros", ["m"];
        Status: "status", "change the status", "status", ["s"];
        Priority: "priority", "change the priority", "priority", ["p"];
        Department: "department", "change the department", "dept", ["d"];
        Tags: "tags", "add and remove tags", "tags", ["t"];
        Mark: "mark", "mark the ticket, or take its mark off", "mark", ["x", "space"];
        Archive: "archive", "archive, or restore from the archive", "archive", ["e"];
        Undo: "undo", "take back the last action", "undo", ["z"];
        Skip: "skip", "skip the ticket while serving", "skip", ["S"];
        Filter: "filter", "filter the list by text", "filter", ["/"];
        Fields: "fields", "filter the list by fields", "", ["f"];
        SearchTexts: "search-texts", "filter by words in messages and replies", "", ["ctrl-f"];
        Sort: "sort", "sort the list another way", "", ["O"];
        Help: "help", "what works here", "help", ["?"];
        New: "new", "create a ticket", "new", ["N"];
        Edit: "edit", "edit subject, message, department, project, priority", "edit", ["E"];
        Quit: "quit", "leave growdesk", "quit", ["q"];
        MarkRange: "mark-range", "mark from the last mark to here", "", ["V"];
        MarkAll: "mark-all", "mark all that is listed, or none", "", ["*"];
        MarkAgain: "mark-again", "the last marks again", "", [","];
        Redo: "redo", "do again what was taken back", "", ["Z"];
        Repeat: "repeat", "repeat the last action here", "", ["."];
        Delete: "delete", "delete the ticket (type its id)", "", ["#"];
        Step(Step):
            (Step::Down) "down", "down", "", ["j", "down"] |
            (Step::Up) "up", "up", "", ["k", "up"] |
            (Step::Top) "top", "to the first", "", ["g g", "home"] |
            (Step::Bottom) "bottom", "to the last", "", ["G", "end"] |
            (Step::HalfDown) "half-down", "half a page down", "", ["ctrl-d"] |
            (Step::HalfUp) "half-up", "half a page up", "", ["ctrl-u"] |
            (Step::PageDown) "page-down", "a page down", "", ["pagedown"] |
            (Step::PageUp) "page-up", "a page up", "", ["pageup"];
        NextTicket: "next-ticket", "next ticket", "", ["J"];
        PreviousTicket: "previous-ticket", "previous ticket", "", ["K"];
        NextPane: "next-pane", "next pane", "", ["tab"];
        PreviousPane: "previous-pane", "previous pane", "", ["backtab"];
        Zoom: "zoom", "give the pane the whole screen, or back", "zoom", ["v"];
        View(u8):
            (1) "view-1", "first view", "", ["1"] |
            (2) "view-2", "second view", "", ["2"] |
            (3) "view-3", "third view", "", ["3"] |
            (4) "view-4", "fourth view", "", ["4"] |
            (5) "view-5", "fifth view", "", ["5"] |
            (6) "view-6", "sixth view", "", ["6"] |
            (7) "view-7", "seventh view", "", ["7"] |
            (8) "view-8", "eighth view", "", ["8"] |
            (9) "view-9", "ninth view", "", ["9"];
        NextView: "next-view", "next view", "", ["]"];
        PreviousView: "previous-view", "previous view", "", ["["];
        Snooze: "snooze", "snooze the ticket, or wake it", "", ["w"];
        Pin: "pin", "pin the ticket, or take its pin off", "", ["b"];
        History: "history", "what was done to the ticket, and seen to change", "", ["H"];
        Browse: "browse", "open the ticket in the browser", "", ["o"];
        Links: "links", "open a link of the message", "", ["L"];
        Pipe: "pipe", "pipe the conversation to a command", "", ["|"];
        CopyId: "copy-id", "copy the ticket's id", "", ["y"];
        CopyAddress: "copy-address", "copy the ticket's address", "", ["Y"];
        Client: "client", "the client: contacts, open tickets, projects", "", ["c"];
        Dashboard: "dashboard", "dashboard: the numbers of all tickets", "", ["g d"];
        Board: "board", "board: the tickets in columns by status, or back", "", ["g b"];
        Serve: "serve", "serve ticket by ticket", "", ["g s"];
        GoTo: "go-to", "go to a ticket by its id", "", ["g i"];
        Outbox: "outbox", "outbox and drafts", "", ["g o"];
        Messages: "messages", "the last messages, in full", "", ["!"];
        Refresh: "refresh", "read everything anew, and sort", "", ["R"];
        Palette: "palette", "find a command by name", "", [":", "ctrl-p"];
    }

    /// In the text of a reply or note.
    Editor(EditorCommand) "editor" "Writing a reply or note" {
        Record: "record", "review, then record", "review, record", ["ctrl-s"];
        Preview: "preview", "show how it will look, or back", "preview", ["ctrl-o"];
        Macro: "macro", "insert a macro's text at the cursor", "macro", ["ctrl-t"];
        Pipe: "pipe", "insert what a command makes of the conversation", "", ["ctrl-r"];
        External: "editor", "write in $EDITOR", "$EDITOR", ["ctrl-e"];
        Leave: "leave", "leave, the draft is kept", "leave (draft kept)", ["esc"];
        Discard: "discard", "discard the draft, after a question", "discard", ["ctrl-x"];
        Quote: "quote", "quote the message under the conversation's cursor", "", ["alt-q"];
        Scroll(Step):
            (Step::PageDown) "scroll-down", "scroll the conversation down", "", ["pagedown"] |
            (Step::PageUp) "scroll-up", "scroll the conversation up", "", ["pageup"];
        Undo: "undo", "undo typing", "", ["ctrl-_", "ctrl-7", "alt-_"];
        Redo: "redo", "redo typing", "", ["ctrl-y"];
    }

    /// In the review before a reply or note is recorded.
    Review(ReviewCommand) "review" "Review" {
        Record: "record", "record as proposed", "record", ["enter", "y"];
        Back: "back", "back to the text", "back to the text", ["e"];
        Leave: "leave", "leave, the draft is kept", "leave (draft kept)", ["esc"];
        LeaveOut: "leave-out", "leave the change out, or take it in again", "leave out", ["x"];
        NextChange: "next-change", "next change", "next change", ["tab"];
        PreviousChange: "previous-change", "previous change", "", ["backtab"];
        SubmitAs(u8):
            (1) "submit-as-1", "record, status 1 (Open)", "with a status", ["1"] |
            (2) "submit-as-2", "record, status 2 (Closed)", "", ["2"] |
            (3) "submit-as-3", "record, status 3 (On Hold)", "", ["3"] |
            (4) "submit-as-4", "record, status 4 (Answered)", "", ["4"] |
            (5) "submit-as-5", "record, status 5 (Customer Replied)", "", ["5"] |
            (6) "submit-as-6", "record, status 6, where there is one", "", ["6"] |
            (7) "submit-as-7", "record, status 7, where there is one", "", ["7"] |
            (8) "submit-as-8", "record, status 8, where there is one", "", ["8"] |
            (9) "submit-as-9", "record, status 9, where there is one", "", ["9"];
        PickStatus: "pick-status", "pick another status", "another status", ["s"];
        Step(Step):
            (Step::Down) "down", "scroll down", "", ["j", "down"] |
            (Step::Up) "up", "scroll up", "", ["k", "up"] |
            (Step::PageDown) "page-down", "a page down", "", ["pagedown", "space"] |
            (Step::PageUp) "page-up", "a page up", "", ["pageup"] |
            (Step::HalfDown) "half-down", "half a page down", "", ["ctrl-d"] |
            (Step::HalfUp) "half-up", "half a page up", "", ["ctrl-u"] |
            (Step::Top) "top", "to the first line", "", ["g g", "home"] |
            (Step::Bottom) "bottom", "to the last line", "", ["G", "end"];
    }

    /// In a text that another console writes.
    Watch(WatchCommand) "watch" "Another console writes" {
        TakeOver: "take-over", "write it here, the other console shows it", "take over", ["ctrl-t"];
        Leave: "leave", "leave it", "leave", ["esc"];
    }

    /// While the filter is typed.
    Filter(FilterCommand) "filter" "Filter" {
        Apply: "apply", "keep the filter", "keep", ["enter"];
        Cancel: "cancel", "clear the filter", "clear", ["esc"];
        SearchTexts:
            "search-texts", "search messages and replies, or the list again", "in all texts",
            ["ctrl-f"];
        Step(Step):
            (Step::Down) "down", "down in the list", "", ["down", "ctrl-n"] |
            (Step::Up) "up", "up in the list", "", ["up", "ctrl-p"];
    }

    /// In a picker.
    Picker(PickerCommand) "picker" "Pickers" {
        Apply: "apply", "apply", "apply", ["enter"];
        Toggle: "toggle", "mark or unmark (tags)", "mark", ["space"];
        Reverse: "reverse", "the other way round (sort)", "reverse", ["ctrl-r"];
        Copy: "copy", "copy the address (links)", "copy", ["ctrl-y"];
        Step(Step):
            (Step::Down) "down", "down", "move", ["down", "ctrl-n"] |
            (Step::Up) "up", "up", "", ["up", "ctrl-p"];
        Cancel: "cancel", "cancel", "cancel", ["esc"];
    }

    /// In the picker of macros.
    Macros(MacrosCommand) "macros" "Macros" {
        Take: "take", "take the macro", "take", ["enter"];
        Filter: "filter", "filter by letters that are keys of macros too", "filter", ["/"];
        Step(Step):
            (Step::Down) "down", "down", "", ["down", "ctrl-n"] |
            (Step::Up) "up", "up", "", ["up", "ctrl-p"] |
            (Step::PageDown) "page-down", "scroll the text down", "", ["pagedown"] |
            (Step::PageUp) "page-up", "scroll the text up", "", ["pageup"];
        Cancel: "cancel", "cancel", "cancel", ["esc"];
    }

    /// In the form with what a macro asks for.
    Asked(AskedCommand) "asked" "What a macro asks for" {
        Take: "take", "to the next missing value, or take the macro", "take", ["enter", "ctrl-s"];
        NextField: "next-field", "next value", "next", ["tab", "down"];
        PreviousField: "previous-field", "previous value", "", ["backtab", "up"];
        Cancel: "cancel", "back to the macros", "back", ["esc"];
    }

    /// In a form.
    Form(FormCommand) "form" "Forms" {
        Record: "record", "record", "record", ["ctrl-s"];
        NextField: "next-field", "next field", "next field", ["tab"];
        PreviousField: "previous-field", "previous field", "", ["backtab"];
        Choose: "choose", "choose from a list, or a new line", "choose", ["enter"];
        Leave: "leave", "leave, what was typed is kept", "leave (kept)", ["esc"];
        Discard: "discard", "discard what was typed, after a question", "discard", ["ctrl-x"];
        TakeOver: "take-over", "take it over from another console", "take over", ["ctrl-t"];
    }

    /// In the filter of a view by fields.
    Fields(FieldsCommand) "fields" "Filter by fields" {
        Choose: "choose", "choose for the field", "choose", ["enter"];
        NextField: "next-field", "next field", "next field", ["tab", "down"];
        PreviousField: "previous-field", "previous field", "", ["backtab", "up"];
        Clear: "clear", "take the field's condition away", "clear", ["ctrl-x"];
        SearchTexts:
            "search-texts", "find the words in messages and replies, or in the list again",
            "in all texts", ["ctrl-f"];
        SaveView: "save-view", "keep it as a view of your own", "save as a view", ["ctrl-s"];
        Close: "close", "close, the filter stays", "close (filter stays)", ["esc"];
    }

    /// In the question for the name of a view.
    Naming(NamingCommand) "naming" "Naming a view" {
        Save: "save", "write it into the configuration", "save", ["enter"];
        Replace: "replace", "replace the view of that name", "replace", ["ctrl-s"];
        Cancel: "cancel", "cancel", "cancel", ["esc"];
    }

    /// In a question that is answered by typing a number.
    Prompt(PromptCommand) "prompt" "Questions" {
        Go: "apply", "go (never deletes)", "go", ["enter"];
        Delete: "delete", "delete what the whole number was typed of", "delete", ["ctrl-s"];
        Cancel: "cancel", "cancel", "cancel", ["esc"];
    }

    /// In a list to be read: help, outbox, messages.
    Reader(ReaderCommand) "reader" "Help and outbox" {
        Close: "close", "close", "close", ["esc", "q"];
        Step(Step):
            (Step::Down) "down", "down", "", ["j", "down"] |
            (Step::Up) "up", "up", "", ["k", "up"] |
            (Step::PageDown) "page-down", "a page down", "", ["pagedown", "ctrl-d"] |
            (Step::PageUp) "page-up", "a page up", "", ["pageup", "ctrl-u"];
        Open: "open", "go to it, or decide", "go to it", ["enter"];
        Filter: "filter", "filter what is listed", "filter", ["/"];
        TakeBack: "take-back", "take the change, or a discard, back", "take back", ["z"];
        Discard: "discard", "discard the draft, after a question", "", ["ctrl-x"];
    }

    /// In the client pane.
    Client(ClientCommand) "client" "Client" {
        Open: "open", "go to the ticket", "go to it", ["enter"];
        Copy: "copy", "copy the contact's address", "copy", ["y"];
        All: "all", "show all tickets of the client", "all tickets", ["a"];
        Refresh: "refresh", "read it again", "read again", ["R"];
        Close: "close", "close", "close", ["esc", "c", "q"];
        Step(Step):
            (Step::Down) "down", "down", "", ["j", "down"] |
            (Step::Up) "up", "up", "", ["k", "up"] |
            (Step::Top) "top", "to the first line", "", ["g g", "home"] |
            (Step::Bottom) "bottom", "to the last line", "", ["G", "end"] |
            (Step::PageDown) "page-down", "a page down", "", ["pagedown", "ctrl-d"] |
            (Step::PageUp) "page-up", "a page up", "", ["pageup", "ctrl-u"];
    }

    /// In the dashboard.
    Dashboard(DashboardCommand) "dashboard" "Dashboard" {
        Open: "open", "the tickets of the number", "its tickets", ["enter"];
        NextPanel: "next-panel", "next part", "next part", ["tab", "l", "right"];
        PreviousPanel: "previous-panel", "previous part", "", ["backtab", "h", "left"];
        Close: "close", "close", "close", ["esc", "q"];
        Step(Step):
            (Step::Down) "down", "down", "", ["j", "down"] |
            (Step::Up) "up", "up", "", ["k", "up"] |
            (Step::Top) "top", "to the first number of the part", "", ["g g", "home"] |
            (Step::Bottom) "bottom", "to the last number of the part", "", ["G", "end"] |
            (Step::PageDown) "page-down", "a page down", "", ["pagedown", "ctrl-d"] |
            (Step::PageUp) "page-up", "a page up", "", ["pageup", "ctrl-u"];
    }

    /// In the output of a command.
    Output(OutputCommand) "output" "Output of a command" {
        Close: "close", "close, or end the command", "close", ["esc", "q"];
        Copy: "copy", "copy the output", "copy", ["y"];
        Reply: "reply", "make a reply of it, or insert it", "make a reply", ["r"];
        Step(Step):
            (Step::Down) "down", "scroll down", "", ["j", "down"] |
            (Step::Up) "up", "scroll up", "", ["k", "up"] |
            (Step::PageDown) "page-down", "a page down", "", ["pagedown", "ctrl-d", "space"] |
            (Step::PageUp) "page-up", "a page up", "", ["pageup", "ctrl-u"] |
            (Step::Top) "top", "to the first line", "", ["g g", "home"] |
            (Step::Bottom) "bottom", "to the last line", "", ["G", "end"];
    }

    /// Where a change met somebody else's.
    Decision(DecisionCommand) "decision" "Decisions" {
        GoOn: "go-on", "go on with yours after all", "go on", ["y"];
        TakeBack:
            "take-back", "back to the text, or leave theirs as it is", "take yours back",
            ["e", "z"];
        Drop: "drop", "drop what an assistant proposes", "drop it", ["ctrl-x"];
        Step(Step):
            (Step::Down) "down", "scroll down", "", ["j", "down"] |
            (Step::Up) "up", "scroll up", "", ["k", "up"] |
            (Step::PageDown) "page-down", "a page down", "", ["pagedown", "ctrl-d"] |
            (Step::PageUp) "page-up", "a page up", "", ["pageup", "ctrl-u"];
        Later: "later", "decide later", "later", ["esc", "q"];
    }

    /// In the plan of an action on several tickets.
    Plan(PlanCommand) "plan" "Plans" {
        Apply: "apply", "do what can be done", "do it", ["enter"];
        TakeHidden:
            "take-hidden", "take the marked tickets that are not listed too, or not", "all marked",
            ["a"];
        NextTicket: "next-ticket", "the next ticket by itself", "one by one", ["J"];
        PreviousTicket: "previous-ticket", "the previous ticket by itself", "", ["K"];
        EditText: "edit-text", "edit the text of the ticket shown by itself", "edit its text", ["e"];
        Step(Step):
            (Step::Down) "down", "scroll down", "", ["j", "down"] |
            (Step::Up) "up", "scroll up", "", ["k", "up"] |
            (Step::PageDown) "page-down", "a page down", "", ["pagedown", "ctrl-d"] |
            (Step::PageUp) "page-up", "a page up", "", ["pageup", "ctrl-u"] |
            (Step::Top) "top", "to the first line", "", ["g g", "home"] |
            (Step::Bottom) "bottom", "to the last line", "", ["G", "end"];
        Leave: "leave", "leave all as it is", "leave it", ["esc", "q"];
    }

    /// In the text of one ticket of a plan.
    Reword(RewordCommand) "reword" "One ticket's text in a plan" {
        Keep: "keep", "back to the plan, with this text", "back, with this text", ["ctrl-s", "esc"];
        Undo: "undo", "undo typing", "", ["ctrl-_", "ctrl-7", "alt-_"];
        Redo: "redo", "redo typing", "", ["ctrl-y"];
    }

    /// In the question that comes before a part of an action is taken back.
    TakeBack(TakeBackCommand) "take-back" "Taking back a part" {
        TakeRest: "take-rest", "take the rest back", "take back", ["y"];
        Leave: "leave", "leave all as it is", "leave it", ["esc", "q", "n"];
    }

    /// In the question that comes before a draft is discarded.
    Discard(DiscardCommand) "discard" "Discarding a draft" {
        Discard: "discard", "discard it", "discard", ["y"];
        Cancel: "cancel", "keep it", "keep", ["esc", "q"];
    }

    /// In the question that comes before quitting.
    Quit(QuitCommand) "quit" "Leaving" {
        SendNow: "send-now", "wait until everything is recorded, then leave", "send now", ["s"];
        Keep: "keep", "leave, the outbox is kept for next time", "leave", ["k"];
        Cancel: "cancel", "stay", "stay", ["esc"];
    }

    /// Everywhere, even while text is typed.
    Everywhere(EverywhereCommand) "everywhere" "Everywhere" {
        QuitNow: "quit-now", "leave at once, drafts and outbox are kept", "", ["ctrl-c"];
        Suspend: "suspend", "suspend, `fg` comes back", "", ["ctrl-z"];
        Repaint: "repaint", "draw the screen anew", "", ["ctrl-l"];
        Mouse: "mouse", "switch the mouse on or off", "mouse off, Shift selects", ["ctrl-g"];
    }
}
