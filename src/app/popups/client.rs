//! The client of a ticket: whom to write to, what else is open, and the ticket's own facts.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::app::{
    Effect, Model, Outside,
    command::ClientCommand,
    cursor::Page,
    effect::{Effects, Read, Slot},
    errand::Errand,
    hits::Hit,
    layout::{Area, Layout},
    message::Found,
    notice::Level,
    popups::{Surface, frame::Edge},
    tone::{Tone, Toned},
};
use crate::domain::{
    ClientId, Contact, Line, Named, Narrow, Problem, Project, RowRef, Source, StatusId, TicketId,
    columns, when,
};

/// The columns that the pane wants.
const COLUMNS: usize = 72;

/// The columns of the screen from which on the list stays in sight beside it.
const WIDE: u16 = 160;

/// How many open tickets are listed.
const TICKETS: usize = 12;

/// A part that is read from the server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ClientPart<T> {
    /// It was not asked for.
    #[default]
    Unasked,
    /// It is being read.
    Reading,
    /// It is there.
    Known(Vec<T>),
    /// It can't be read.
    Failed(Problem),
}

impl<T> ClientPart<T> {
    fn is_missing(&self) -> bool {
        !matches!(self, Self::Known(_))
    }
}

/// What is known of a client, for as long as the console runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownClient {
    /// The contact persons.
    pub contacts: ClientPart<Contact>,
    /// The projects.
    pub projects: ClientPart<Project>,
}

/// The clients that were looked at.
#[derive(Clone, Debug, Default)]
pub struct Clients(BTreeMap<ClientId, KnownClient>);

/// The pane.
#[derive(Clone, Debug)]
pub struct ClientBox {
    /// The ticket that it was opened on.
    pub ticket: TicketId,
    /// Its client, if it has one.
    pub client: Option<Named<ClientId>>,
    /// The line under the cursor, among those that can be chosen.
    pub cursor: usize,
    /// The first line on screen.
    pub top: usize,
    /// All lines.
    pub lines: Vec<ClientLine>,
    /// The open tickets of the client, and the version of the tickets that they were found in.
    open: (Vec<TicketId>, u64),
}

/// A line of the pane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientLine {
    /// Its words.
    pub words: Toned,
    /// What can be done with it.
    pub choice: Option<ClientChoice>,
}

/// A line that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientChoice {
    /// An address of a contact.
    Address(String),
    /// An open ticket.
    Ticket(TicketId),
}

impl ClientBox {
    /// All lines of the pane.
    fn made(&self, model: &Model) -> Vec<ClientLine> {
        let mut lines = Vec::new();
        let room = Layout::of(model).map_or(40, |layout| layout.popup_columns(COLUMNS));
        if let Some(client) = &self.client {
            let known = model.clients.0.get(&client.id).cloned().unwrap_or_default();
            contacts(&known.contacts, model, room, &mut lines);
            self.open_tickets(model, room, &mut lines);
            projects(&known.projects, model, room, &mut lines);
        } else {
            lines.push(quiet("This ticket has no client."));
            lines.push(plain(""));
        }
        self.facts(model, room, &mut lines);
        lines
    }

    /// The other open tickets of the client, as the local copy has them.
    fn open_tickets(&self, model: &Model, room: usize, lines: &mut Vec<ClientLine>) {
        let rows = model.tickets.rows();
        let many = self.open.0.len();
        let shown = self.open.0.iter().take(TICKETS);
        let all: Vec<RowRef<'_>> = shown.filter_map(|id| rows.get(*id)).collect();
        lines.push(head(&format!("Open tickets: {many}")));
        let ids = all.iter().map(|row| row.id.to_string().len()).max().unwrap_or(0);
        for row in all {
            let here = if row.id == self.ticket { " (this one)" } else { "" };
            let status = format!(" · {}{here}", row.status.title);
            let left = room.saturating_sub(ids + columns::width(&status) + 3);
            let subject = columns::cut(row.subject.as_str(), left).into_owned();
            let words = Toned(vec![
                (format!(" {:>ids$} ", row.id.to_string()), Tone::Quiet),
                (subject, Tone::Plain),
                (status, Tone::Quiet),
            ]);
            lines.push(ClientLine { words, choice: Some(ClientChoice::Ticket(row.id)) });
        }
        if many > TICKETS {
            let all_key = model.keymap.key_for(ClientCommand::All);
            let more = many - TICKETS;
            lines.push(quiet(&format!(" and {more} more; {all_key} lists all")));
        }
        lines.push(plain(""));
    }

    /// The ticket's own dates, source, creator and tags.
    fn facts(&self, model: &Model, room: usize, lines: &mut Vec<ClientLine>) {
        let Some(row) = model.tickets.rows().get(self.ticket) else { return };
        lines.push(head(&self.ticket.to_string()));
        let zone = &model.settings.zone;
        let dated = |at: Option<Timestamp>| at.map(|at| when::in_full(zone, at));
        let source = match row.source {
            Source::Email => "by mail",
            Source::Web => "on the web",
            Source::Unknown => "unknown",
        };
        let creator = row.creator.map(|id| {
            let member = model.directory.team.iter().find(|member| member.id == id);
            member.map_or(format!("user {}", id.0), |member| member.name.to_string())
        });
        let tags: Vec<&str> = row.tags.iter().map(Line::as_str).collect();
        let facts = [
            ("opened", dated(row.created)),
            ("changed", dated(row.last_updated)),
            ("status since", dated(row.status_changed)),
            ("came in", Some(source.to_owned())),
            ("created by", creator),
            ("tags", Some(tags.join(" ")).filter(|tags| !tags.is_empty())),
        ];
        for (name, value) in facts.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            let value = columns::cut(&value, room.saturating_sub(15)).into_owned();
            let words = Toned(vec![(format!(" {name:<13} "), Tone::Quiet), (value, Tone::Plain)]);
            lines.push(ClientLine { words, choice: None });
        }
    }

    /// The positions of the lines that can be chosen.
    fn choices(&self) -> Vec<usize> {
        let choosable = |(_, line): &(usize, &ClientLine)| line.choice.is_some();
        self.lines.iter().enumerate().filter(choosable).map(|(at, _)| at).collect()
    }

    /// The position of the line under the cursor.
    pub fn here(&self) -> Option<usize> {
        let choices = self.choices();
        choices.get(self.cursor.min(choices.len().saturating_sub(1))).copied()
    }

    /// What can be done with the line under the cursor.
    fn chosen(&self) -> Option<&ClientChoice> {
        self.lines.get(self.here()?)?.choice.as_ref()
    }
}

fn plain(text: &str) -> ClientLine {
    ClientLine { words: Toned::plain(text), choice: None }
}

fn quiet(text: &str) -> ClientLine {
    ClientLine { words: Toned::new(text, Tone::Quiet), choice: None }
}

fn head(text: &str) -> ClientLine {
    ClientLine { words: Toned::new(text, Tone::Accent), choice: None }
}

/// The words for a part that is not there.
fn missing<T>(part: &ClientPart<T>, none: &str, model: &Model) -> Option<ClientLine> {
    let again = model.keymap.key_for(ClientCommand::Refresh);
    let (text, tone) = match part {
        ClientPart::Known(all) if all.is_empty() => (format!(" {none}"), Tone::Quiet),
        ClientPart::Known(_) => return None,
        ClientPart::Reading => (" reading…".to_owned(), Tone::Quiet),
        ClientPart::Unasked if model.settings.offline => {
            (" not read: opened with --offline".to_owned(), Tone::Quiet)
        }
        ClientPart::Unasked => (format!(" not read; {again} reads it"), Tone::Quiet),
        ClientPart::Failed(problem) => {
            (format!(" can't be read: {problem}; {again} tries again"), Tone::Warning)
        }
    };
    Some(ClientLine { words: Toned::new(text, tone), choice: None })
}

fn contacts(part: &ClientPart<Contact>, model: &Model, room: usize, lines: &mut Vec<ClientLine>) {
    lines.push(head("Contacts"));
    lines.extend(missing(part, "no contact is known", model));
    if let ClientPart::Known(all) = part {
        for contact in all {
            let owner = if contact.account_owner { " (owner)" } else { "" };
            let address = contact.email.as_ref().map_or("no address", |it| it.as_str());
            let phone = contact.phone.as_ref().map(|it| format!(" · {it}")).unwrap_or_default();
            let rest = format!("{owner} · {address}{phone}");
            let left = room.saturating_sub(columns::width(&rest) + 1).max(8);
            let words = Toned(vec![
                (format!(" {}", columns::cut(contact.name.as_str(), left)), Tone::Plain),
                (columns::cut(&rest, room.saturating_sub(9)).into_owned(), Tone::Quiet),
            ]);
            let choice = contact.email.as_ref().map(|it| ClientChoice::Address(it.to_string()));
            lines.push(ClientLine { words, choice });
        }
    }
    lines.push(plain(""));
}

fn projects(part: &ClientPart<Project>, model: &Model, room: usize, lines: &mut Vec<ClientLine>) {
    lines.push(head("Projects"));
    lines.extend(missing(part, "no project is known", model));
    if let ClientPart::Known(all) = part {
        let one = |project: &Project| {
            let text = format!(" {} {}", project.id, project.title);
            plain(&columns::cut(&text, room))
        };
        lines.extend(all.iter().map(one));
    }
    lines.push(plain(""));
}

/// Makes the lines of the pane anew, with the open tickets if a ticket has changed.
pub(in crate::app) fn renew(model: &mut Model) {
    let Some(pane) = model.top::<ClientBox>() else { return };
    let version = model.tickets.version();
    let client = pane.client.as_ref().map(|client| client.id);
    let is_open = |row: &RowRef<'_>| {
        client.is_some()
            && row.client.map(|it| it.id) == client
            && !row.archived
            && row.status.id != StatusId::CLOSED
    };
    let open = (pane.open.1 != version).then(|| {
        let rows = model.tickets.rows().iter().map(|(_, row)| row);
        rows.filter(is_open).map(|row| row.id).collect()
    });
    if let (Some(pane), Some(open)) = (model.top_mut::<ClientBox>(), open) {
        pane.open = (open, version);
    }
    let lines = model.top::<ClientBox>().map(|pane| pane.made(model));
    if let (Some(pane), Some(lines)) = (model.top_mut::<ClientBox>(), lines) {
        pane.lines = lines;
    }
}

/// Opens the pane on a ticket, and reads what is not known of its client.
pub(in crate::app) fn open(model: &mut Model, ticket: TicketId) -> Effects {
    let client = model.tickets.rows().get(ticket).and_then(|row| row.client.cloned());
    let id = client.as_ref().map(|client| client.id);
    let open = (Vec::new(), u64::MAX);
    model.open_popup(ClientBox { ticket, client, cursor: 0, top: 0, lines: Vec::new(), open });
    id.map(|id| read(model, id, false)).unwrap_or_default()
}

/// Asks for the parts that are not known, or for all of them `anew`.
fn read(model: &mut Model, client: ClientId, anew: bool) -> Effects {
    if model.settings.offline {
        return Effects::none();
    }
    let known = model.clients.0.entry(client).or_default();
    let contacts = anew || known.contacts.is_missing();
    let projects = anew || known.projects.is_missing();
    let mut effects = Effects::none();
    if contacts {
        known.contacts = ClientPart::Reading;
        effects = effects.and(model.requests.ask(Slot::ClientContacts, Read::Contacts(client)));
    }
    let known = model.clients.0.entry(client).or_default();
    if projects {
        known.projects = ClientPart::Reading;
        effects = effects.and(model.requests.ask(Slot::ClientProjects, Read::Projects(client)));
    }
    effects
}

/// A part was read, or could not be. It belongs to the client of the pane that asked.
pub(in crate::app) fn found(
    model: &mut Model,
    slot: Slot,
    found: Result<Found, Problem>,
) -> Effects {
    let client = model.nearest::<ClientBox>().and_then(|it| it.client.as_ref()).map(|it| it.id);
    let Some(known) = client.and_then(|id| model.clients.0.get_mut(&id)) else {
        return Effects::none();
    };
    match (slot, found) {
        (_, Ok(Found::Contacts(all))) => known.contacts = ClientPart::Known(all),
        (_, Ok(Found::Projects(all))) => known.projects = ClientPart::Known(all),
        (Slot::ClientContacts, Err(problem)) => known.contacts = ClientPart::Failed(problem),
        (_, Err(problem)) => known.projects = ClientPart::Failed(problem),
        (_, Ok(_)) => {}
    }
    Effects::none()
}

/// Closes the pane. What is still being read is not waited for.
fn close(model: &mut Model) {
    for slot in [Slot::ClientContacts, Slot::ClientProjects] {
        model.requests.forget(slot);
    }
    let client = model.top::<ClientBox>().and_then(|it| it.client.as_ref()).map(|it| it.id);
    if let Some(known) = client.and_then(|id| model.clients.0.get_mut(&id)) {
        if known.contacts == ClientPart::Reading {
            known.contacts = ClientPart::Unasked;
        }
        if known.projects == ClientPart::Reading {
            known.projects = ClientPart::Unasked;
        }
    }
    model.close_popup();
}

impl Surface for ClientBox {
    type Commands = ClientCommand;

    fn title(&self, model: &Model) -> String {
        let room = Layout::of(model).map_or(40, |layout| layout.popup_columns(COLUMNS));
        let name = self.client.as_ref().map_or("No client", |client| client.name.as_str());
        columns::cut(name, room.saturating_sub(6)).into_owned()
    }

    fn edge(&self, model: &Model) -> Edge {
        let key = |command| model.keymap.key_for(command);
        let first = match self.chosen() {
            Some(ClientChoice::Ticket(_)) => (key(ClientCommand::Open), "goes to it"),
            Some(ClientChoice::Address(_)) => (key(ClientCommand::Copy), "copies the address"),
            None => ("", ""),
        };
        Edge::keys([
            first,
            (key(ClientCommand::All), "all its tickets"),
            (key(ClientCommand::Close), "closes"),
        ])
    }

    fn size(&self, _: &Model, layout: &Layout) -> (usize, usize) {
        (layout.popup_columns(COLUMNS), self.lines.len().min(layout.popup_rows()).max(1))
    }

    fn side(&self, model: &Model) -> bool {
        model.size.0 >= WIDE
    }

    fn hits(&self, _: &Model, inner: Area) -> Vec<(Area, Hit)> {
        let choices = self.choices();
        let on_screen = (self.top..self.lines.len()).zip(inner.lines());
        on_screen
            .filter_map(|(at, row)| {
                let choice = choices.iter().position(|it| *it == at)?;
                Some((row, Hit::Choice(choice)))
            })
            .collect()
    }

    fn run(model: &mut Model, command: ClientCommand) -> Effects {
        let Some(client) = model.top::<Self>().cloned() else { return Effects::none() };
        let here = client.chosen().cloned();
        match command {
            ClientCommand::Close => close(model),
            ClientCommand::Step(step) => {
                let choices = client.choices();
                let rows = Layout::of(model).map_or(10, |layout| layout.popup_rows());
                let last = choices.len().saturating_sub(1);
                let to = step.from(client.cursor.min(last), last, Page::of_cursor(rows));
                if let Some(client) = model.top_mut::<Self>() {
                    client.cursor = to;
                    let at = choices.get(to).copied().unwrap_or(0);
                    let most = client.lines.len().saturating_sub(rows);
                    client.top = match to {
                        0 => 0,
                        _ if to == last => most,
                        _ => client.top.clamp((at + 1).saturating_sub(rows), at).min(most),
                    };
                }
            }
            ClientCommand::Open => {
                if let Some(ClientChoice::Ticket(ticket)) = here {
                    close(model);
                    model.pass(Errand::GoTo(ticket, None));
                }
            }
            ClientCommand::Copy => match here {
                Some(ClientChoice::Address(text)) => {
                    let what = "the contact's address".to_owned();
                    return Effect::Outside(Outside::Copy { text, what }).into();
                }
                _ => model.say(Level::Info, "there is no address on this line"),
            },
            ClientCommand::All => {
                if let Some(named) = client.client {
                    close(model);
                    let narrow = Narrow { client: Some(named), ..Narrow::default() };
                    model.pass(Errand::ShowAll(Box::new(narrow)));
                }
            }
            ClientCommand::Refresh => {
                if let Some(named) = client.client {
                    return read(model, named.id, true);
                }
            }
        }
        Effects::none()
    }

    fn hint(model: &Model, command: ClientCommand, usual: &'static str) -> Option<&'static str> {
        let client = model.top::<Self>()?;
        let here = client.chosen();
        match command {
            ClientCommand::Open => matches!(here, Some(ClientChoice::Ticket(_))).then_some(usual),
            ClientCommand::Copy => matches!(here, Some(ClientChoice::Address(_))).then_some(usual),
            ClientCommand::All | ClientCommand::Refresh => client.client.is_some().then_some(usual),
            ClientCommand::Close | ClientCommand::Step(_) => Some(usual),
        }
    }
}
