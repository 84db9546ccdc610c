//! The tools that read. They use the local copy as the other verbs do.

use crate::{
    cli::{Failure, copy::LocalCopy, fresh, names},
    config::MacroFiles,
    domain::{
        ClientId, Directory, Draft, DraftKind, FullTicket, Html, Line, Named, Problem, ProblemKind,
        Reply, ReplyId, ReplyKind, StatusId, TicketId, View,
        plan::{Macro, macros::Wanted},
    },
    text::html,
    worker,
};

use super::{
    Assistants,
    asked::{ClientAsked, NumberOrName, PageAsked, TicketAsked, WordsAsked},
    pages::{self, cursor_of},
    tickets::{Cards, ListPart, selected, stranger, time},
    told::{
        AuthorKind, ClientTold, ContactTold, MESSAGE, MacroPage, MacroTold, MessageTold,
        OutsideText, TicketPage, TicketTold, ToolFault, WaitingTold, bounded,
    },
};

/// The most messages of a page.
const MESSAGES: usize = 20;

impl Assistants {
    /// Brings the local copy up to date, as the other verbs do, and tells what is incomplete or old.
    pub(super) async fn refresh(&self) -> Result<Vec<String>, Failure> {
        let _one = self.passes.lock().await;
        let fresh = fresh::look(&self.opened, false).await?;
        Ok(fresh.words(jiff::Timestamp::now()))
    }

    /// The waiting tickets, the longest wait first.
    pub(super) async fn waiting_queue(&self, asked: PageAsked) -> Result<TicketPage, ToolFault> {
        let notices = self.refresh().await?;
        let copy = LocalCopy::read(&self.opened).await?;
        let ids = selected(&copy, &self.view(None, "Needs reply")?);
        let PageAsked { limit, cursor } = asked;
        let part = ListPart { list: pages::list("queue", ()), limit, cursor: cursor.as_deref() };
        self.page_of(&copy, &ids, &part, notices)
    }

    /// The tickets that have all of some words.
    pub(super) async fn search(&self, asked: WordsAsked) -> Result<TicketPage, ToolFault> {
        let WordsAsked { words, in_texts, limit, cursor } = asked;
        if !words.contains(char::is_alphanumeric) {
            return Err(ToolFault::Tool("there are no words to look for".into()));
        }
        let mut notices = self.refresh().await?;
        let copy = LocalCopy::read(&self.opened).await?;
        let in_texts = in_texts.unwrap_or(true);
        let mut all = View { name: String::new(), query: <_>::default(), sort: <_>::default() };
        if !in_texts {
            all.query.text.clone_from(&words);
        }
        let mut ids = selected(&copy, &all);
        all.query.state = crate::domain::ActiveState::Archived;
        ids.extend(selected(&copy, &all));
        if in_texts {
            worker::index_now(&self.opened.store).await?;
            let hits = self.opened.store.search(words.clone()).await?;
            ids.retain(|id| hits.tickets.contains(id));
            let is_unread =
                |row: crate::domain::RowRef<'_>| row.replies_count > 0 && row.facts.is_none();
            let unread = copy.rows().iter().filter(|(_, row)| is_unread(*row)).count();
            if unread > 0 {
                notices.push(format!("the replies of {unread} tickets have not been read here"));
            }
        }
        let list = pages::list("search_tickets", (words, in_texts));
        self.page_of(&copy, &ids, &ListPart { list, limit, cursor: cursor.as_deref() }, notices)
    }

    /// A ticket with its messages.
    pub(super) async fn ticket(&self, asked: TicketAsked) -> Result<TicketTold, ToolFault> {
        let id = TicketId(asked.id);
        let list = pages::list("get_ticket", id.0);
        let before = asked.cursor.as_deref().map(|it| pages::read(it, list)).transpose()?;
        let mut notices = Vec::new();
        // Older messages are those of the reading before.
        if before.is_none() && !self.opened.offline {
            notices.extend(self.fetch(id).await?);
        }
        let copy = LocalCopy::of(&self.opened, &[id]).await?;
        let full = self.opened.store.full_ticket(id).await?;
        let said = copy.tickets.said(id);
        let (Some(full), Some(said)) = (full, said) else {
            return Err(ToolFault::Tool(format!("there is no ticket {id}")));
        };
        let conversation = self.opened.store.conversation(id).await?;
        if conversation.is_none() {
            notices.push("its conversation has not been read here".into());
        }
        let replies = conversation.map(|(replies, _)| replies).unwrap_or_default();
        self.has_read(id, replies.iter().map(|reply| reply.id).max());
        let (page, next_cursor) = messages(&copy.directory, &full, &replies, list, before);
        let row = copy.rows().get(id).unwrap_or_else(|| said.view());
        Ok(TicketTold {
            ticket: Cards::of(&self.opened, &copy).card(row),
            message: opening(&copy.directory, &full),
            replies: page,
            next_cursor,
            waiting: self.waiting_on(&copy, id).await?,
            notices,
        })
    }

    /// Reads a ticket from the server into the local copy. Where that fails, an older copy does, and
    /// the answer says so.
    async fn fetch(&self, id: TicketId) -> Result<Option<String>, ToolFault> {
        let opened = &self.opened;
        let client = opened.client().await?.clone();
        let settings = opened.settings_of(worker::Parts::default(), Vec::new());
        let read = worker::read_ticket(client, opened.store.clone(), settings, id, true).await;
        let problem: Problem = match read {
            Ok(fetched) if fetched.skipped > 0 => {
                return Ok(Some(format!("{} of its messages can't be read", fetched.skipped)));
            }
            Ok(_) => return Ok(None),
            Err(problem) => problem,
        };
        if problem.kind == ProblemKind::NotFound {
            return Err(ToolFault::Tool(format!("there is no ticket {id}")));
        }
        let stored = opened.store.row(id).await?.is_some();
        match stored && problem.kind != ProblemKind::Unauthorised {
            true => Ok(Some(format!("{problem}; this is the ticket as it was last read"))),
            false => Err(Failure::of_read(&problem).into()),
        }
    }

    /// What waits on a ticket unrecorded.
    async fn waiting_on(
        &self,
        copy: &LocalCopy,
        id: TicketId,
    ) -> Result<Vec<WaitingTold>, ToolFault> {
        let entries = copy.pending.of(id).map(|entry| WaitingTold {
            what: entry.change.describe(),
            state: entry.state.word().to_owned(),
            proposed_by: entry.state.proposal().map(|(by, _)| by.to_owned()),
        });
        let drafts = self.opened.store.drafts().await?;
        let drafts = drafts.iter().filter(|draft| draft.key.about() == Some(id));
        Ok(entries.chain(drafts.map(draft_told)).collect())
    }

    /// The macros of the team.
    pub(super) async fn macros(&self, asked: PageAsked) -> Result<MacroPage, ToolFault> {
        let size = super::asked::size(asked.limit)?;
        let config = self.opened.settings.folders.config_file.clone();
        let read = tokio::task::spawn_blocking(move || {
            let mut files = MacroFiles::at(&config);
            files.refresh();
            files.read()
        });
        let (macros, problems) =
            read.await.map_err(|_| ToolFault::Tool("reading failed".into()))?;
        let numbered: Vec<(i64, Macro)> = (0..).zip(macros).collect();
        let list = pages::list("list_macros", ());
        let page = pages::page(&numbered, |it| it.0, list, asked.cursor.as_deref(), size)?;
        Ok(MacroPage {
            macros: page.items.iter().map(|(_, one)| macro_told(one)).collect(),
            next_cursor: page.next,
            notices: MacroFiles::words(&problems),
        })
    }

    /// A client with its contacts and its open tickets.
    pub(super) async fn of_client(&self, asked: ClientAsked) -> Result<ClientTold, ToolFault> {
        let notices = self.refresh().await?;
        let copy = LocalCopy::read(&self.opened).await?;
        let client = self.find_client(&copy, &asked.client).await?;
        let mut all = View { name: String::new(), query: <_>::default(), sort: <_>::default() };
        all.query.client = Some(client.id);
        all.query.status = crate::domain::StatusMatch::Not(StatusId::CLOSED);
        let ids = selected(&copy, &all);
        let ClientAsked { limit, cursor, .. } = asked;
        let list = pages::list("client", client.id.0);
        let part = ListPart { list, limit, cursor: cursor.as_deref() };
        let page = self.page_of(&copy, &ids, &part, notices)?;
        let mut notices = page.notices;
        let contacts = self.contacts(client.id).await.map_err(|failure| {
            notices.push(format!("its contacts can't be read: {}", failure.message()));
        });
        Ok(ClientTold {
            client: stranger(&client),
            contacts: contacts.ok(),
            open_tickets: page.tickets,
            total: page.total,
            next_cursor: page.next_cursor,
            notices,
        })
    }

    async fn find_client(
        &self,
        copy: &LocalCopy,
        wanted: &NumberOrName,
    ) -> Result<Named<ClientId>, Failure> {
        let known = names::clients_of_tickets(copy.rows());
        let (text, number) = match wanted {
            NumberOrName::Number(number) => (number.to_string(), Some(*number)),
            NumberOrName::Name(name) => (name.clone(), name.trim().parse().ok()),
        };
        match (names::find("client", &text, &known), number) {
            (Ok(client), _) => Ok(client.clone()),
            // One without a ticket.
            (Err(_), Some(number)) if !self.opened.offline => {
                let client = self.opened.api().await?.client(ClientId(number)).await;
                let client = client.map_err(Failure::of_api)?;
                Ok(Named { id: client.id, name: client.name })
            }
            (Err(failure), _) => Err(failure),
        }
    }

    async fn contacts(&self, client: ClientId) -> Result<Vec<ContactTold>, Failure> {
        let page = self.opened.api().await?.contacts(client).await.map_err(Failure::of_api)?;
        let line = |text: &Line| OutsideText::line(text.as_stored());
        let contact = |it: crate::domain::Contact| ContactTold {
            id: it.id.0,
            name: line(&it.name),
            email: it.email.as_ref().map(line),
            phone: it.phone.as_ref().map(line),
            account_owner: it.account_owner,
        };
        Ok(page.items.into_iter().map(contact).collect())
    }
}

/// A page of the replies, the newest page first: those before the message and the place that a cursor
/// names. And the cursor of the page with older ones.
fn messages(
    directory: &Directory,
    full: &FullTicket,
    replies: &[Reply],
    list: u64,
    before: Option<(i64, u64)>,
) -> (Vec<MessageTold>, Option<String>) {
    let until = match before {
        None => replies.len(),
        Some((id, _)) => replies.iter().take_while(|reply| reply.id < ReplyId(id)).count(),
    };
    let from = until.saturating_sub(MESSAGES);
    let page = &replies[from..until];
    let told = page.iter().map(|reply| message(directory, full, reply)).collect();
    let next = page.first().filter(|_| from > 0).map(|first| cursor_of(list, first.id.0, 0));
    (told, next)
}

fn opening(directory: &Directory, full: &FullTicket) -> MessageTold {
    let by = full.ticket.creator.and_then(|creator| directory.is_agent(creator));
    let author = full.ticket.client.as_ref().map_or("", |it| it.name.as_stored());
    told(None, "opening", author, by, time(full.ticket.created), &full.message)
}

fn message(directory: &Directory, full: &FullTicket, reply: &Reply) -> MessageTold {
    let by = reply.author.and_then(|author| directory.is_agent(author));
    let author = worker::author(directory, full, reply);
    told(Some(reply.id), reply.kind.as_str(), &author, by, time(reply.created), &reply.body)
}

fn told(
    id: Option<ReplyId>,
    kind: &str,
    author: &str,
    by_agent: Option<bool>,
    created: Option<String>,
    body: &Html,
) -> MessageTold {
    let author_kind = match by_agent {
        Some(true) => AuthorKind::Agent,
        Some(false) => AuthorKind::Customer,
        None => AuthorKind::Unknown,
    };
    let (text, cut) = bounded(&html::plain(body), MESSAGE);
    MessageTold {
        id: id.map(|it| it.0),
        kind: kind.to_owned(),
        author: OutsideText::line(author),
        author_kind,
        created,
        untrusted: author_kind != AuthorKind::Agent,
        text,
        cut,
    }
}

fn draft_told(draft: &Draft) -> WaitingTold {
    let what = match draft.key.kind {
        DraftKind::Reply | DraftKind::Note => draft.key.kind.as_str(),
        DraftKind::NewTicket | DraftKind::Edit => "edit of its fields",
    };
    WaitingTold { what: what.to_owned(), state: "draft".into(), proposed_by: None }
}

fn macro_told(one: &Macro) -> MacroTold {
    let text = one.text.as_ref().map(|text| bounded(text, MESSAGE));
    let wanted = |it: &Wanted| match it {
        Wanted::Number(number) => number.to_string(),
        Wanted::Title(title) => title.clone(),
    };
    let named = |tags: &[Line]| tags.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let sets = [
        one.status.as_ref().map(|it| format!("status {}", wanted(it))),
        one.priority.map(|it| format!("priority {it}")),
        one.department.as_ref().map(|it| format!("department {}", wanted(it))),
        one.project.as_ref().map(|it| format!("project {}", wanted(it))),
        (!one.add_tags.is_empty()).then(|| format!("adds tags: {}", named(&one.add_tags))),
        (!one.remove_tags.is_empty()).then(|| format!("removes tags: {}", named(&one.remove_tags))),
        one.archive.map(|to| if to { "archives it".into() } else { "restores it".into() }),
    ];
    MacroTold {
        name: one.name.clone(),
        kind: text.is_some().then(|| match one.kind {
            ReplyKind::Note => "note".to_owned(),
            _ => "reply".to_owned(),
        }),
        cut: text.as_ref().is_some_and(|(_, cut)| *cut),
        text: text.map(|(text, _)| text),
        asks_for: one.asked.clone(),
        sets: sets.into_iter().flatten().collect(),
    }
}
