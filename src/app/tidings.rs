//! What the agent is told outside the console: it is gathered here, and told as one where much comes at
//! once.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::{Effect, Effects, Model, Outside, layout, notice::Level};
use crate::domain::{
    Happening, OwnPart, Row, TicketId, happenings,
    notify::{Notification, NotifyEvent, NotifyKind, event},
};

/// How long events are gathered after the first one.
const GATHERS: SignedDuration = SignedDuration::from_secs(1);

/// How long they are gathered at most while a pass over the server's lists goes on.
const GATHERS_AT_MOST: SignedDuration = SignedDuration::from_secs(10);

/// The shortest pause between two notifications.
const PAUSE: SignedDuration = SignedDuration::from_secs(10);

/// What the agent wants to be told of, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NotifySettings {
    /// The kinds.
    pub on: BTreeSet<NotifyKind>,
    /// Whether subjects are shown outside the console.
    pub subjects: bool,
    /// Whether anything outside the console is told at all: by bell, terminal or command.
    pub outside: bool,
}

/// What is gathered.
#[derive(Clone, Debug, Default)]
pub(super) struct Tidings {
    gathered: Vec<NotifyEvent>,
    /// When the first of them came.
    first: Option<Timestamp>,
    /// When the last notification went out.
    last: Option<Timestamp>,
    /// Since when a ticket that was not known before is news.
    since: Option<Timestamp>,
    /// Up to when waits were looked at.
    waits: Option<Timestamp>,
}

/// The store was read: what the console knows was seen at that time. Without it all is new, and
/// nothing is news.
pub(super) fn begin(model: &mut Model) {
    model.tidings.since = model.progress.synced_at;
    model.tidings.waits = Some(model.wall());
}

/// The server has these rows now. It is asked before they are taken in.
pub(super) fn seen(model: &mut Model, changed: &[Row]) {
    let Some(since) = model.tidings.since else {
        model.tidings.since = model.progress.synced_at;
        return;
    };
    let wrote: Vec<NotifyEvent> =
        changed.iter().filter_map(|row| wrote(model, row, since)).collect();
    if let Some(told) = Notification::of(&wrote) {
        model.say(Level::Info, told.text);
    }
    for event in wrote {
        gather(model, event);
    }
}

/// The event of a row whose customer has written.
fn wrote(model: &Model, row: &Row, since: Timestamp) -> Option<NotifyEvent> {
    let before = model.tickets.said(row.ticket.id);
    let waiting = &model.settings.waiting;
    let wrote = match &before {
        Some(_) => happenings(before.as_ref(), Some(row), &OwnPart::default(), waiting)
            .contains(&Happening::Customer),
        // A ticket of the agent's own is known before it is seen.
        None => row.ticket.created > Some(since) && waiting.holds(row.ticket.status.id),
    };
    wrote.then(|| event(NotifyKind::Customer, row.ticket.id, Some(&row.ticket.subject)))
}

/// Something else has happened to a ticket.
pub(super) fn happened(model: &mut Model, kind: NotifyKind, ticket: Option<TicketId>) {
    let Some(id) = ticket else { return };
    let subject = model.tickets.rows().get(id).map(|row| row.subject.clone());
    let event = event(kind, id, subject.as_ref());
    gather(model, event);
}

/// Gathers an event, unless the agent looks at its ticket or does not want to be told.
fn gather(model: &mut Model, mut event: NotifyEvent) {
    let wanted = &model.settings.notify;
    let is_seen = model.attended
        && model.conversation.ticket == Some(event.id)
        && layout::shows_conversation(model);
    if is_seen || !wanted.outside || !wanted.on.contains(&event.kind) {
        return;
    }
    if !wanted.subjects {
        event.subject.clear();
    }
    model.tidings.first.get_or_insert(model.now);
    model.tidings.gathered.push(event);
}

/// When what is gathered is to be told.
pub(super) fn due_at(model: &Model) -> Option<Timestamp> {
    let first = model.tidings.first?;
    let gathers = if model.progress.refreshing.is_some() { GATHERS_AT_MOST } else { GATHERS };
    let gathered = first.saturating_add(gathers).ok()?;
    let paused = model.tidings.last.and_then(|last| last.saturating_add(PAUSE).ok());
    Some(paused.map_or(gathered, |paused| gathered.max(paused)))
}

/// Tells what is gathered, if it is time.
pub(super) fn tell(model: &mut Model) -> Effects {
    waits_in_alarm(model);
    if due_at(model).is_none_or(|at| at > model.now) {
        return Effects::none();
    }
    let gathered = std::mem::take(&mut model.tidings.gathered);
    model.tidings.first = None;
    model.tidings.last = Some(model.now);
    let told = Notification::of(&gathered).map(|told| Outside::Notify(Box::new(told)));
    told.map(Effect::Outside).into()
}

/// The tickets whose waits have come to the alarm since this was last asked.
fn waits_in_alarm(model: &mut Model) {
    let wall = model.wall();
    let from = model.tidings.waits.replace(wall);
    let is_wanted =
        model.settings.notify.outside && model.settings.notify.on.contains(&NotifyKind::Waiting);
    let Some(from) = from.filter(|from| is_wanted && *from < wall) else { return };
    let (_, alarm) = model.settings.wait_thresholds;
    let (rows, waiting) = (model.tickets.rows(), &model.settings.waiting);
    let comes = |since: Timestamp| {
        let at = since.saturating_add(alarm);
        at.is_ok_and(|at| from < at && at <= wall)
    };
    let late: Vec<NotifyEvent> = model
        .list
        .waiting()
        .iter()
        .filter_map(|place| rows.at(*place))
        .filter(|row| row.waiting(waiting).is_some_and(|wait| comes(wait.since)))
        .map(|row| event(NotifyKind::Waiting, row.id, Some(row.subject)))
        .collect();
    for event in late {
        gather(model, event);
    }
}

impl Model {
    /// The title of the terminal's window: what needs the agent.
    pub fn window_title(&self) -> String {
        let waiting = self.list.waiting_count();
        let undecided = self.outbox.undecided();
        let mut parts = Vec::new();
        if self.progress.stored {
            parts.push(format!("{waiting} need{} reply", if waiting == 1 { "s" } else { "" }));
        }
        if undecided > 0 {
            parts.push(format!("{undecided} need{} you", if undecided == 1 { "s" } else { "" }));
        }
        if parts.is_empty() { "growdesk".into() } else { format!("growdesk: {}", parts.join(", ")) }
    }
}
