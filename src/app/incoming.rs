//! Handles the reports of the background task.

use super::{
    Effects, Focus, Model, ahead, asides, discarded,
    drafts::DraftNews,
    early, exact, going, marks, merge,
    notice::{About, Level},
    panes::{
        composer,
        list::{self, Whose},
    },
    popups::{client, dashboard, form, history, output, picker},
    serve, settle, shown, taking,
    tickets::Tickets,
    tidings, undo,
};
use crate::{
    desk::{Connection, Found, Read, Report, RequestId, Slot, Stored, Thread},
    domain::{DraftKey, Problem, Row, TicketId, Unreadable, notify::NotifyKind},
};

/// Takes in a report of the background task.
pub(super) fn heard(model: &mut Model, report: Report) -> Effects {
    if !matches!(report, Report::Budget(_)) {
        model.exact.look_again();
    }
    match report {
        Report::Stored(stored) => stored_read(model, *stored),
        Report::Rows { changed, gone } => rows(model, changed, &gone),
        Report::Refreshing { done, total } => {
            model.progress.refreshing = Some((done, total));
            Effects::none()
        }
        Report::Refreshed => {
            model.progress.refreshing = None;
            model.progress.asked_for = false;
            model.notices.settle(About::Server);
            Effects::none()
        }
        Report::Unreadable(unread) => {
            now_unread(model, unread);
            Effects::none()
        }
        Report::Synced(at) => {
            model.progress.synced_at = Some(at);
            Effects::none()
        }
        Report::Upkeep { every } => {
            model.progress.every = every;
            Effects::none()
        }
        Report::RefreshFailed(problem) => {
            model.progress.refreshing = None;
            let is_known = !matches!(model.connection, Connection::Online | Connection::Connecting);
            if !is_known || std::mem::take(&mut model.progress.asked_for) {
                let text = format!("{problem}. What was known stays; it is tried again by itself.");
                model.say_about(About::Server, Level::Warning, text);
            }
            Effects::none()
        }
        Report::Directory(directory) => {
            model.directory = *directory;
            model.ahead.clear();
            model.requests.forget(Slot::Ahead);
            Effects::none()
        }
        Report::Connection(connection) => connected(model, connection),
        Report::Budget(budget) => {
            model.budget = budget;
            Effects::none()
        }
        Report::Thread { request, thread } => thread_read(model, request, thread),
        Report::Ahead { request, thread } => {
            match model.requests.slot_of(request) {
                Some(slot @ (Slot::Ahead | Slot::Next)) => ahead::arrived(model, slot, thread),
                Some(Slot::Exact) => exact::ended(model),
                _ => {}
            }
            Effects::none()
        }
        Report::ThreadFailed { request, problem } => {
            match model.requests.slot_of(request) {
                Some(slot @ (Slot::Thread | Slot::Fetched)) => {
                    shown::failed(model, slot, problem);
                }
                Some(slot @ (Slot::Ahead | Slot::Next)) => model.requests.forget(slot),
                Some(Slot::Exact) => exact::ended(model),
                _ => {}
            }
            Effects::none()
        }
        Report::Found { request, found } => answer(model, request, found),
        Report::Entry { entry, row } => settle::entry_changed(model, *entry, row.map(|row| *row)),
        Report::Queued { entries } => settle::stored(model, entries),
        Report::NotQueued { entries, problem } => settle::not_queued(model, &entries, &problem),
        Report::NotRecorded { entries, key, stale } => {
            settle::not_recorded(model, &entries, key, *stale)
        }
        Report::Failed(problem) => failed(model, &problem),
        Report::TakenBack(entries) => settle::all_taken_back(model, &entries),
        Report::TooLate(ids) => undo::too_late(model, &ids),
        Report::NotTakenBack { ids, problem } => undo::not_taken_back(model, &ids, &problem),
        Report::DraftStored { key, version } => {
            match model.drafts.stored(key, version) {
                DraftNews::None => {}
                DraftNews::Again => {
                    model.say(
                        Level::Done,
                        format!("{}the draft is on the disk again", key.begins()),
                    );
                }
                DraftNews::Left => model.say_kept(key),
                DraftNews::Back => discarded::is_back(model, key),
            }
            Effects::none()
        }
        Report::DraftFailed { key, problem } => {
            let text = format!("{}the draft is on screen only: {problem}", key.begins());
            if model.drafts.failed(key, problem, model.now) {
                model.say(Level::Failure, text);
            }
            Effects::none()
        }
        Report::DraftsLost(problem) => {
            model.outbox.learn_lost(Some(problem.clone()));
            // A save that met the problem earlier has already reported it.
            let is_said = model.drafts.unstorable().is_some_and(|(_, known)| *known == problem);
            let text = match model.drafts.lost(&problem, model.now) {
                0 => problem.to_string(),
                1 => format!("the draft is on screen only: {problem}"),
                many => format!("{many} drafts are on screen only: {problem}"),
            };
            if !is_said {
                model.say(Level::Failure, text);
            }
            Effects::none()
        }
        Report::StoreRemade(said) => {
            model.outbox.learn_lost(None);
            model.say(Level::Warning, said.as_str());
            Effects::none()
        }
        Report::MirrorChanged(problem) => {
            model.say(Level::Warning, problem.to_string());
            Effects::none()
        }
        Report::DraftStale { key, id, stale } => merge::stale(model, key, id, *stale),
        Report::DraftOpened { key, draft, writer, gone } => {
            merge::opened(model, key, draft.map(|draft| *draft), writer, gone)
        }
        Report::DraftKept { key, stale } => merge::kept(model, key, *stale),
        Report::DraftBack(draft) => merge::back(model, *draft),
        Report::Drafts(all) => merge::elsewhere(model, *all),
        Report::Asides(all) => asides::taken_in(model, all),
        Report::AsideStored(answer) => asides::stored(model, answer),
        Report::Woken(woken) => {
            asides::woken(model, &woken);
            for (ticket, _) in woken {
                tidings::happened(model, NotifyKind::Snooze, Some(ticket));
            }
            Effects::none()
        }
        Report::DraftGone(key) => discarded::gone(model, key),
        Report::DraftNotGone { key, problem } => {
            model.drafts.not_gone(key);
            let effects = early::forget(model);
            model.say(
                Level::Failure,
                format!("{}the draft is kept as it was: {problem}", key.begins()),
            );
            effects
        }
    }
}

pub(super) fn failed(model: &mut Model, problem: &Problem) -> Effects {
    model.say_about(About::Outside, Level::Failure, problem.to_string());
    Effects::none()
}

fn stored_read(model: &mut Model, stored: Stored) -> Effects {
    model.progress.synced_at = stored.synced_at;
    model.directory = stored.directory;
    model.drafts.restore(stored.drafts);
    for ticket in model.bulks.restore(&stored.outbox, &stored.settled) {
        model.marks.fail(ticket);
    }
    model.outbox.restore(stored.outbox);
    model.tickets = Tickets::first(stored.rows);
    model.tickets.keep_aside(stored.asides);
    model.begun = stored.begun;
    tidings::begin(model);
    let pending = model.outbox.entries();
    for id in pending.tickets() {
        model.tickets.lay(id, pending.of(id));
    }
    for notice in stored.notices {
        model.say(Level::Warning, notice);
    }
    if let Some(screen) = stored.screen {
        model.zoomed = screen.zoomed;
        model.macros.used.clone_from(&screen.macros);
        list::begin(model, screen);
    }
    let views = model.list.tabs.iter().map(|tab| tab.view.clone()).collect();
    let waiting = model.settings.waiting.clone();
    let all = model.requests.ask(Slot::Tickets, Read::Tickets { views, waiting });
    Effects::from(all).and(model.follow_cursor())
}

fn rows(model: &mut Model, changed: Vec<Row>, gone: &[TicketId]) -> Effects {
    let open = model.conversation.ticket;
    let grown = |row: &Row| Some(row.ticket.id) == open && row.has_unread();
    let reload = changed.iter().any(grown);
    tidings::seen(model, &changed);
    for row in &changed {
        model.directory.learn_status(&row.ticket.status);
        shown::outdate(model, row.ticket.id);
    }
    for id in gone {
        shown::outdate(model, *id);
    }
    let news: Vec<TicketId> =
        changed.iter().map(|row| row.ticket.id).chain(gone.iter().copied()).collect();
    let were_there = serve::in_view(model, &news);
    model.tickets.take_in(changed, model.outbox.entries());
    let lost: Vec<TicketId> = gone.iter().copied().filter(|id| model.tickets.knows(*id)).collect();
    model.tickets.remove(gone);
    let effects = list::refresh(model, Whose::Others);
    serve::seen(model, &were_there, &news);
    tell_of_loss(model, &lost);
    if open.is_some_and(|id| lost.contains(&id)) && model.focus == Focus::Conversation {
        model.focus = Focus::List;
    }
    let effects = effects.and(model.follow_cursor());
    if reload { effects.and(shown::reload(model)) } else { effects }
}

fn tell_of_loss(model: &mut Model, lost: &[TicketId]) {
    let Some(first) = lost.first().copied() else { return };
    let others = match lost.len() {
        1 => String::new(),
        many => format!(" and {} more", many - 1),
    };
    let marked = marks::drop_out(model, lost).map(|it| format!("; {it}")).unwrap_or_default();
    let kept = if model.drafts.has(first) {
        let key = model.keymap.key_for(super::command::ConsoleCommand::Outbox);
        format!("; its draft is kept ({key})")
    } else {
        String::new()
    };
    let text = format!("{first}{others}: no longer on the server{marked}{kept}");
    model.say(Level::Warning, text);
}

/// Says which tickets can't be read, beyond those that were said before.
fn now_unread(model: &mut Model, unread: Vec<Unreadable>) {
    let same = |a: &Unreadable, b: &Unreadable| match (a.ticket, b.ticket) {
        (None, None) => a.place == b.place,
        (a, b) => a == b,
    };
    let news: Vec<&Unreadable> =
        unread.iter().filter(|it| !model.unread.iter().any(|before| same(before, it))).collect();
    if let Some(first) = news.first() {
        let what = match first.ticket {
            Some(id) => id.to_string(),
            None => first.place.to_string(),
        };
        let more = match news.len() {
            1 => String::new(),
            many => format!(" (and {} more)", many - 1),
        };
        let text =
            format!("{what}{more} can't be read: {}. It is tried again by itself.", first.said);
        model.say(Level::Warning, text);
    }
    model.unread = unread;
}

fn connected(model: &mut Model, connection: Connection) -> Effects {
    if model.connection == connection || model.settings.offline {
        return Effects::none();
    }
    match &connection {
        Connection::Offline(problem) | Connection::NotTheApi(problem) => {
            let text = format!("{problem}. What is stored stays readable; drafts are kept.");
            model.say_about(About::Server, Level::Warning, text);
        }
        Connection::Unauthorised(problem) => {
            let text = format!("{problem}. Drafts are kept; `growdesk login` takes a new key.");
            model.say_about(About::Server, Level::Failure, text);
        }
        Connection::Online => {
            model.exact.try_again();
            let was_away = !matches!(model.connection, Connection::Connecting);
            model.notices.settle(About::Server);
            let was_limited = matches!(model.connection, Connection::Limited { .. });
            if was_limited && !model.outbox.entries().is_empty() {
                model.say(Level::Done, "the server takes requests again");
            } else if was_away && !was_limited {
                model.say(Level::Done, "the server is back");
            }
        }
        _ => {}
    }
    let is_old = || model.conversation.thread.as_ref().is_some_and(|thread| !thread.fetched);
    let was_away = !matches!(model.connection, Connection::Connecting | Connection::Online);
    let is_back = connection == Connection::Online
        && (model.conversation.problem.is_some() || was_away && is_old());
    model.connection = connection;
    // The pane's words about the server are no longer true.
    if is_back { shown::reload(model) } else { Effects::none() }
}

fn thread_read(model: &mut Model, request: RequestId, thread: Box<Thread>) -> Effects {
    match model.requests.slot_of(request) {
        Some(Slot::Thread | Slot::Fetched) => shown::arrived(model, thread),
        _ => Effects::none(),
    }
}

fn answer(model: &mut Model, request: RequestId, found: Result<Found, Problem>) -> Effects {
    let Some(slot) = model.requests.slot_of(request) else { return Effects::none() };
    model.requests.answered(slot);
    match slot {
        Slot::Preview => composer::reading::rendered(model, found),
        Slot::Tickets => list::all_read(model, found).and(going::go_on(model)),
        Slot::List => list::found(model, found),
        Slot::Order => list::sorting::ordered(model, found),
        Slot::Going => going::found(model, found),
        Slot::History => history::found(model, found),
        Slot::ClientContacts | Slot::ClientProjects => client::found(model, slot, found),
        Slot::Stats => dashboard::found(model, found),
        Slot::FormTicket => form::found(model, found),
        Slot::FormProject => form::name_project(model, found),
        Slot::Choices => picker::found(model, found),
        Slot::Export => output::found(model, found),
        Slot::Macro => taking::filled(model, found),
        // Conversations are told by reports of their own.
        Slot::Thread | Slot::Fetched | Slot::Ahead | Slot::Next | Slot::Exact => Effects::none(),
    }
}

pub(super) fn edited(model: &mut Model, key: DraftKey, result: Result<String, Problem>) -> Effects {
    match result {
        Ok(text) => {
            model.notices.settle(About::Outside);
            composer::edited(model, key, text)
        }
        Err(problem) => {
            let text = format!("{problem}. The text is as it was before.");
            model.say_about(About::Outside, Level::Failure, text);
            Effects::none()
        }
    }
}
