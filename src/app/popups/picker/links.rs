//! The links of messages, to be opened or copied.

use super::{HEAD, Item, Picker, Purpose, Value, choices::item, open::open};
use crate::{
    app::{
        Effect, Focus, Model, Outside,
        command::PickerCommand,
        effect::{Effects, Read, Slot},
        layout::Area,
        notice::Level,
        popups::frame::Edge,
        tone::{Tone, Toned},
    },
    desk::Post,
    domain::{Link, LinkKind, TicketId, columns},
};

/// The columns that links want.
pub(super) const COLUMNS: usize = 96;

/// The most rows that the address under the cursor takes below the choices.
const MOST_ROWS: usize = 8;

/// The fewest rows that are kept for choices.
const LEAST_CHOICES: usize = 3;

/// Offers the links of the message under the conversation's cursor. From the list it offers those of
/// the whole conversation.
pub(in crate::app) fn open_links(model: &mut Model, ticket: TicketId) -> Effects {
    let here = model.focus == Focus::Conversation && model.conversation.ticket == Some(ticket);
    let post = model.conversation.post().filter(|_| here);
    let title = match post {
        Some(post) => format!("Links of {ticket}: {}", called(model, post)),
        None => format!("Links of {ticket}"),
    };
    let post = post.map(|post| post.reply);
    let mut picker = Picker::new(Purpose::Link(ticket), title, Vec::new());
    picker.loading = true;
    let effects = open(model, picker);
    let read = Read::Links { ticket, post };
    effects.and(model.requests.ask(Slot::Choices, read))
}

/// What a message is called: "note of Ann".
fn called(model: &Model, post: &Post) -> String {
    let kind = post.reply.map_or("message", |reply| model.conversation.word_for(reply));
    match post.author.as_str() {
        "" => format!("this {kind}"),
        author => format!("{kind} of {author}"),
    }
}

pub(super) fn items(links: Vec<Link>) -> Vec<Item> {
    let one = |link: Link| item(link.address.clone(), link.text.clone(), Value::Link(link));
    links.into_iter().map(one).collect()
}

/// The link under the cursor of the topmost picker.
fn link(model: &Model) -> Option<Link> {
    match &model.top::<Picker>()?.selected()?.value {
        Value::Link(link) => Some(link.clone()),
        _ => None,
    }
}

/// The keys that do something with the link under the cursor.
pub(super) fn edge(picker: &Picker, model: &Model) -> Edge {
    let key = |command: PickerCommand| model.keymap.key_for(command);
    let (open, copy) = (key(PickerCommand::Apply), key(PickerCommand::Copy));
    match picker.selected().map(|item| &item.value) {
        Some(Value::Link(Link { kind: LinkKind::Other, .. })) => Edge::keys([(copy, "copies it")]),
        Some(_) => Edge::keys([(open, "opens it"), (copy, "copies it")]),
        None => Edge::keys([(key(PickerCommand::Cancel), "closes")]),
    }
}

/// Says so if the link under the cursor is none that is opened. Returns whether that is so.
pub(super) fn refuses(model: &mut Model) -> bool {
    let refused = link(model).is_some_and(|link| link.kind == LinkKind::Other);
    if refused {
        let copy = model.keymap.key_for(PickerCommand::Copy);
        let text = format!("only links of the web and of mail are opened; {copy} copies this one");
        model.say(Level::Info, text);
    }
    refused
}

pub(super) fn follow(model: &mut Model, link: Link) -> Effects {
    model.say(Level::Info, format!("{} is being opened", link.place));
    Effect::Outside(Outside::Follow(link)).into()
}

/// Copies the address under the cursor.
pub(super) fn copy(model: &mut Model) -> Effects {
    let Some(Link { address, .. }) = link(model) else { return Effects::none() };
    super::close(model);
    let what = "the link's address".to_owned();
    Effect::Outside(Outside::Copy { text: address, what }).into()
}

impl Picker {
    /// The parts of `inner` for the choices and for the details below them.
    pub fn parts(&self, inner: Area) -> (Area, Area) {
        let (_, rest) = inner.split_top(u16::try_from(HEAD).unwrap_or(0));
        let room = usize::from(rest.height).saturating_sub(LEAST_CHOICES);
        let below = self.rows_below(usize::from(inner.width)).min(room);
        rest.split_top(rest.height - u16::try_from(below).unwrap_or(0))
    }

    /// The rows for details. They are the same for each choice, so that the frame keeps its size.
    pub(super) fn rows_below(&self, columns: usize) -> usize {
        let rows = |item: &Item| columns::width(&item.label).div_ceil(columns.max(1));
        match self.purpose {
            Purpose::Link(_) if !self.items.is_empty() => {
                2 + self.items.iter().map(rows).max().unwrap_or(1).clamp(1, MOST_ROWS)
            }
            _ => 0,
        }
    }

    /// The details of the choice under the cursor, in at most so many rows: the link's whole address,
    /// and where it leads.
    pub fn details(&self, model: &Model, columns: usize, rows: usize) -> Vec<Toned> {
        let Some(Item { value: Value::Link(link), .. }) = self.selected() else { return vec![] };
        let copy = model.keymap.key_for(PickerCommand::Copy);
        let mut rest = link.address.as_str();
        let mut lines = vec![Toned::plain("")];
        while !rest.is_empty() && lines.len() + 1 < rows {
            let (head, tail) = rest.split_at(columns::head(rest, columns.max(2)).len().max(1));
            lines.push(Toned::plain(head));
            rest = tail;
        }
        if !rest.is_empty()
            && let Some(last) = lines.last_mut()
        {
            let text = format!("… {} characters more; {copy} copies all", rest.chars().count());
            *last = Toned::new(text, Tone::Quiet);
        }
        let leads = match link.kind {
            LinkKind::Web => {
                vec![("leads to ".into(), Tone::Quiet), (link.place.clone(), Tone::Accent)]
            }
            LinkKind::Mail => {
                vec![("a letter to ".into(), Tone::Quiet), (link.place.clone(), Tone::Accent)]
            }
            LinkKind::Other => vec![("is not opened here".into(), Tone::Warning)],
        };
        let mut said = String::new();
        if !link.text.is_empty() {
            said.push_str(&format!(" · “{}”", link.text));
        }
        if !link.author.is_empty() {
            said.push_str(&format!(" · {}", link.author));
        }
        let room = columns.saturating_sub(Toned(leads.clone()).width());
        let said = (columns::cut(&said, room).into_owned(), Tone::Quiet);
        lines.push(Toned(leads.into_iter().chain([said]).collect()));
        lines
    }

    /// The words where there is nothing to choose.
    pub fn nothing(&self) -> &'static str {
        match self.purpose {
            Purpose::Link(_) => "There is no link here.",
            Purpose::Pipe(..) => "No command is named in the configuration yet.",
            _ => "There is nothing to choose from.",
        }
    }
}
