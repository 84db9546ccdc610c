//! The conversation pane: the lines of one ticket's thread, and the agent's place in them.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::app::{
    Focus, Model, at_hand,
    command::{ConsoleCommand, ConversationCommand},
    cursor::{Page, Step},
    effect::Effects,
    errand::Errand,
    layout::Layout,
    notice::Level,
};
use crate::{
    desk::{Post, Side, Thread},
    domain::{LastLook, Problem, ReplyId, ReplyKind, StyledLine, TicketId},
};

/// A quote of more lines than this is folded to one.
const LONGEST_QUOTE: usize = 4;

/// The characters that are kept of a reply that is deleted.
const KEPT: usize = 8_000;

/// One line of the pane. Posts and their lines are numbers into the thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Who wrote the post, and when.
    Head(usize),
    /// A line of the post's text.
    Text(usize, usize),
    /// A folded quote of so many lines.
    Folded(usize, usize),
    /// An empty line after the post.
    Gap(usize),
    /// The line above the first post that the agent has not seen, with the number of such posts.
    News(usize, usize),
}

impl Piece {
    /// The post that the line belongs to.
    pub fn post(self) -> usize {
        match self {
            Self::Head(post)
            | Self::Text(post, _)
            | Self::Folded(post, _)
            | Self::Gap(post)
            | Self::News(post, _) => post,
        }
    }

    /// The same line of another post.
    fn of(self, post: usize) -> Self {
        match self {
            Self::Head(_) => Self::Head(post),
            Self::Text(_, line) => Self::Text(post, line),
            Self::Folded(_, lines) => Self::Folded(post, lines),
            Self::Gap(_) => Self::Gap(post),
            Self::News(_, many) => Self::News(post, many),
        }
    }
}

/// The part of the conversation that the agent knew when it was opened.
#[derive(Clone, Debug, Default)]
pub(in crate::app) struct KnownBefore {
    /// The last look.
    pub(in crate::app) look: Option<LastLook>,
    /// When looks began to be kept.
    pub(in crate::app) begun: Option<Timestamp>,
    /// The agent's own posts since.
    pub(in crate::app) own: BTreeSet<ReplyId>,
}

impl KnownBefore {
    /// Whether a post is news. If the agent never looked, only a customer's post since the beginning
    /// is.
    fn is_news(&self, post: &Post) -> bool {
        let Some(reply) = post.reply.filter(|reply| !self.own.contains(reply)) else {
            return false;
        };
        match self.look {
            Some(look) => Some(reply) > look.last,
            None => post.side == Side::Customer && self.begun.is_some() && post.at > self.begun,
        }
    }
}

/// The pane.
#[derive(Clone, Debug, Default)]
pub struct Conversation {
    /// Whose conversation is shown.
    pub ticket: Option<TicketId>,
    /// The conversation, once it is there.
    pub thread: Option<Box<Thread>>,
    /// Why the server's version is not shown, if so.
    pub problem: Option<Problem>,
    /// The thread's lines, quotes folded.
    pub pieces: Vec<Piece>,
    /// The line that the agent is on.
    pub cursor: usize,
    /// The first line on screen.
    pub top: usize,
    /// The newest message that has been on screen.
    pub seen: Option<ReplyId>,
    /// Since when it has been on screen.
    pub(in crate::app) shown_at: Option<Timestamp>,
    pub(in crate::app) known: KnownBefore,
    /// Whether the agent has moved in it. Then new messages leave the window where it is.
    moved: bool,
    /// Whether it has been asked for. That does not happen before the pane is on screen.
    pub(in crate::app) asked: bool,
    /// Whether the store holds another version by now.
    pub(in crate::app) outdated: bool,
    unfolded: BTreeSet<usize>,
}

impl Conversation {
    /// The post that the agent is on.
    pub fn post(&self) -> Option<&Post> {
        let post = self.pieces.get(self.cursor)?.post();
        self.thread.as_ref()?.posts.get(post)
    }

    /// Notes the messages that `rows` rows show from the first line on. A message whose head is
    /// among them counts as seen.
    pub fn note_seen(&mut self, rows: usize) {
        let Some(thread) = &self.thread else { return };
        let shown = self.pieces.iter().skip(self.top).take(rows);
        let heads = shown.filter(|piece| matches!(piece, Piece::Head(_)));
        let replies = heads.filter_map(|piece| thread.posts.get(piece.post())?.reply);
        self.seen = replies.max().max(self.seen);
    }

    /// Another ticket's conversation begins, of which the agent knows that much.
    pub(in crate::app) fn begin(&mut self, look: Option<LastLook>, begun: Option<Timestamp>) {
        self.known = KnownBefore { look, begun, own: BTreeSet::new() };
    }

    /// The agent has written that post, so it is no news.
    pub(in crate::app) fn know(&mut self, own: ReplyId) {
        self.known.own.insert(own);
    }

    /// What a reply is called: "note" for a note that is on screen.
    pub fn word_for(&self, reply: ReplyId) -> &'static str {
        let posts = self.thread.iter().flat_map(|thread| &thread.posts);
        let kind = posts.filter(|post| post.reply == Some(reply)).map(|post| post.kind).next();
        if kind == Some(ReplyKind::Note) { "note" } else { "reply" }
    }

    /// The text of a reply that is on screen; a long one is cut.
    pub(in crate::app) fn text_of(&self, reply: ReplyId) -> Option<String> {
        let post = self.thread.as_ref()?.posts.iter().find(|post| post.reply == Some(reply))?;
        // A text that is still to come has not been on screen.
        if post.body.is_empty() {
            return None;
        }
        let lines: Vec<String> = post.body.iter().map(StyledLine::text).collect();
        Some(lines.join("\n").chars().take(KEPT).collect())
    }

    /// Shows what has been read; the agent stays where they read.
    pub(in crate::app) fn take_in(&mut self, mut thread: Box<Thread>) {
        // The server's last answer counts as the server's even when it is rendered anew from the
        // store.
        let as_fresh = |old: &Thread| old.fetched && thread.read_at >= old.read_at;
        thread.fetched |= self.thread.as_deref().is_some_and(as_fresh);
        let reading = self.moved && self.cursor + 1 < self.pieces.len();
        let place = self.pieces.get(self.cursor).map(|piece| self.place_in(*piece, &thread));
        let row = self.cursor.saturating_sub(self.top);
        let more = self.thread.as_ref().is_some_and(|old| old.posts.len() < thread.posts.len());
        self.outdated &= !thread.whole;
        self.thread = Some(thread);
        self.lay_out();
        match place {
            Some(place) if reading || !more => {
                self.go_back_to(place);
                self.top = self.cursor.saturating_sub(row);
            }
            _ => self.go_to_newest(),
        }
    }

    /// The place of a line in another version of the thread. It is found by the number of its
    /// reply, since replies before it may have gone or come.
    fn place_in(&self, piece: Piece, thread: &Thread) -> Piece {
        let reply = self.thread.as_ref().and_then(|old| old.posts.get(piece.post())?.reply);
        let same = |reply| thread.posts.iter().position(|post| post.reply == Some(reply));
        match reply.and_then(same) {
            Some(post) => piece.of(post),
            None => piece,
        }
    }

    fn go_back_to(&mut self, place: Piece) {
        let same = self.pieces.iter().position(|piece| *piece == place);
        let head = || self.pieces.iter().position(|piece| *piece == Piece::Head(place.post()));
        self.cursor = same.or_else(head).unwrap_or(self.pieces.len().saturating_sub(1));
    }

    /// Goes to the first post that the agent has not seen, or to the newest one.
    fn go_to_newest(&mut self) {
        let news = self.pieces.iter().position(|piece| matches!(piece, Piece::News(..)));
        if let Some(at) = news {
            (self.cursor, self.top) = (at + 1, at);
            return;
        }
        let last = self.pieces.iter().rposition(|piece| matches!(piece, Piece::Head(_)));
        self.cursor = last.unwrap_or(0);
        self.top = self.cursor;
    }

    fn lay_out(&mut self) {
        self.pieces.clear();
        let Some(thread) = &self.thread else { return };
        let is_news = |post: &&Post| self.known.is_news(post);
        let many = thread.posts.iter().filter(is_news).count();
        let first = thread.posts.iter().position(|post| self.known.is_news(post));
        for (index, post) in thread.posts.iter().enumerate() {
            if first == Some(index) {
                self.pieces.push(Piece::News(index, many));
            }
            self.pieces.push(Piece::Head(index));
            let folds = !self.unfolded.contains(&index);
            let mut line = 0;
            while line < post.body.len() {
                let quoted = post.body[line..].iter().take_while(|line| line.quote > 0).count();
                if folds && quoted > LONGEST_QUOTE {
                    self.pieces.push(Piece::Folded(index, quoted));
                    line += quoted;
                } else {
                    let run = quoted.max(1);
                    self.pieces.extend((line..line + run).map(|line| Piece::Text(index, line)));
                    line += run;
                }
            }
            self.pieces.push(Piece::Gap(index));
        }
    }

    /// Moves the window so that the cursor is in it.
    pub fn scroll_into_view(&mut self, rows: usize) {
        let rows = rows.max(1);
        self.cursor = self.cursor.min(self.pieces.len().saturating_sub(1));
        // Until the agent moves, what is new gets as much room as possible, with the line above it.
        if !self.moved {
            let above = self.cursor.checked_sub(1).and_then(|at| self.pieces.get(at));
            let divider = usize::from(matches!(above, Some(Piece::News(..))) && rows > 1);
            self.top = self.cursor - divider;
        }
        self.top = self.top.clamp((self.cursor + 1).saturating_sub(rows), self.cursor);
        self.top = self.top.min(self.pieces.len().saturating_sub(rows));
    }
}

impl Conversation {
    /// The message under the cursor as Markdown quotes it, as it is on screen: what is folded is left out.
    pub(in crate::app) fn quote(&self) -> Option<String> {
        let at = self.pieces.get(self.cursor)?.post();
        let post = self.thread.as_ref()?.posts.get(at)?;
        let shown = self.pieces.iter().filter_map(|piece| match piece {
            Piece::Text(of, line) if *of == at => post.body.get(*line),
            _ => None,
        });
        let line = |line: &StyledLine| {
            let marks = "> ".repeat(usize::from(line.quote) + 1);
            format!("{marks}{}", line.text()).trim_end().to_owned()
        };
        let lines: Vec<String> = shown.map(line).collect();
        let blank = |line: &String| line.trim_start_matches(['>', ' ']).is_empty();
        let last = lines.iter().rposition(|line| !blank(line))?;
        Some(lines[..=last].join("\n"))
    }
}

/// Scrolls while something is written: a page, but no further than to the head of the next message, so
/// that the cursor can be put on each. The line that it comes to stands at the top.
pub(in crate::app) fn page(model: &mut Model, step: Step) -> Effects {
    let rows = Layout::of(model).map_or(10, |layout| layout.conversation_rows().max(2));
    let conversation = &mut model.conversation;
    let (at, last) = (conversation.cursor, conversation.pieces.len().saturating_sub(1));
    let to = step.from(at, last, Page::of_cursor(rows));
    let is_head = |at: &usize| matches!(conversation.pieces.get(*at), Some(Piece::Head(_)));
    let head = if to > at { (at + 1..=to).find(is_head) } else { (to..at).rev().find(is_head) };
    conversation.moved = true;
    conversation.cursor = head.unwrap_or(to);
    conversation.top = conversation.cursor;
    Effects::none()
}

/// Moves within the conversation.
pub(in crate::app) fn step(model: &mut Model, step: Step) -> Effects {
    let rows = Layout::of(model).map_or(10, |layout| layout.conversation_rows().max(2));
    let conversation = &mut model.conversation;
    conversation.moved = true;
    let last = conversation.pieces.len().saturating_sub(1);
    conversation.cursor = step.from(conversation.cursor, last, Page::of_cursor(rows));
    Effects::none()
}

/// A command of the conversation alone, on `ticket`.
pub(in crate::app) fn run(
    model: &mut Model,
    command: ConversationCommand,
    ticket: Option<TicketId>,
) -> Effects {
    match command {
        ConversationCommand::Unfold => toggle_quotes(model),
        ConversationCommand::Leave => {
            if model.is_serving() {
                model.pass(Errand::EndServe);
            }
            return leave(model);
        }
        ConversationCommand::DeleteReply => {
            return at_hand::change(model, ticket, ask_delete_reply);
        }
    }
    Effects::none()
}

/// Asks for the number of the reply under the cursor before it is deleted.
fn ask_delete_reply(model: &mut Model, ticket: TicketId) -> Effects {
    let shown = model.conversation.post().filter(|_| model.conversation.ticket == Some(ticket));
    match shown.map(|post| post.reply) {
        Some(Some(reply)) => model.pass(Errand::DeleteReply(ticket, reply)),
        Some(None) => {
            let key = model.keymap.key_for(ConsoleCommand::Delete);
            let text = format!("this is the ticket's own message; {key} deletes the whole ticket");
            model.say(Level::Info, text);
        }
        None => model.say(Level::Info, "there is no reply here"),
    }
    Effects::none()
}

/// Goes back to the list, with its cursor on the ticket.
pub(in crate::app) fn leave(model: &mut Model) -> Effects {
    model.focus = Focus::List;
    if let Some(ticket) = model.conversation.ticket {
        model.select(ticket);
    }
    model.follow_cursor().and(model.fit_conversation())
}

/// Unfolds the quotes of the post that the agent is on, or folds them again.
pub(in crate::app) fn toggle_quotes(model: &mut Model) {
    let conversation = &mut model.conversation;
    let Some(piece) = conversation.pieces.get(conversation.cursor).copied() else { return };
    let post = piece.post();
    if !conversation.unfolded.remove(&post) {
        conversation.unfolded.insert(post);
    }
    conversation.lay_out();
    conversation.go_back_to(piece);
}
