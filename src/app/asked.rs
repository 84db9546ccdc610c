//! Passes on what a surface has left for another, after that surface has had its turn. It is the one
//! place where a surface reaches another.

use super::{
    Effects, Focus, Model, act, after, asides, discarded,
    errand::Errand,
    going, merge,
    panes::{
        composer, conversation,
        list::{self, filter},
    },
    popups::{
        asked, client, dashboard, decision, discard, fields, form, help, history, macros, messages,
        naming, outbox_list, output, picker, plan,
        prompt::{self, Question},
        quit, reword, snooze,
    },
    proposals, read_only, serve, surfaces, taking, undo,
};
use crate::domain::EntryId;

/// Passes on the errands, in order.
pub(super) fn pass_on(model: &mut Model) -> Effects {
    let mut effects = Effects::none();
    while let Some(errand) = model.errands.pop_front() {
        let Some(errand) = read_only::left_of(model, errand) else { continue };
        effects = effects.and(grant(model, errand));
    }
    effects
}

fn grant(model: &mut Model, errand: Errand) -> Effects {
    match errand {
        Errand::Step(step) => match model.focus {
            Focus::List => list::step(model, step),
            Focus::Conversation | Focus::Composer => conversation::step(model, step),
        },
        Errand::Page(step) => conversation::page(model, step),
        Errand::SubmitAs(status) => composer::submit_as(model, status),
        Errand::StepTicket(step) => list::step_ticket(model, step),
        Errand::OtherPane => match model.focus {
            Focus::List => list::open(model),
            Focus::Conversation | Focus::Composer => conversation::leave(model),
        },
        Errand::View(at) => list::open_view(model, at),
        Errand::StepView(by) => list::step_view(model, by),
        Errand::Filter => filter::open(model),
        Errand::SearchTexts => filter::open_in_texts(model),
        Errand::Fields => fields::open(model),
        Errand::ChooseBy(by) => picker::open_by(model, by),
        Errand::ChosenBy(by, values) => fields::chosen(model, by, values),
        Errand::Narrow(narrow) => list::narrow::set_narrow(model, *narrow),
        Errand::Words(words) => list::set_filter(model, &words),
        Errand::ToggleTexts => list::toggle_texts(model),
        Errand::NameView => naming::open(model),
        Errand::OwnView { view, clears } => list::own::keep(model, *view, clears),
        Errand::Type(key) => surfaces::type_on(model, key),
        Errand::PickSort => picker::open_sort(model),
        Errand::SortBy(sort) => list::sorting::sort_by(model, sort),
        Errand::ReadAnew => list::read_anew(model),
        Errand::Write(ticket, kind) => composer::open(model, ticket, kind),
        Errand::NewTicket(number) => form::new(model, number),
        Errand::Edit(ticket) => form::edit(model, ticket, None),
        Errand::FillIn(ticket, fields) => form::edit(model, ticket, Some(fields)),
        Errand::Pick(pick, aim) => picker::pick(model, pick, aim),
        Errand::Plan(what, wishes, then) => plan::open(model, what, wishes, then),
        Errand::ChooseCommand(ticket, into) => picker::open_commands(model, ticket, into),
        Errand::Pipe(ticket, command, into) => output::begin(model, ticket, command, into),
        Errand::Insert(key, text) => composer::put_in(model, key, &text),
        Errand::ReplyWith(ticket, text) => composer::reply_with(model, ticket, &text),
        Errand::PlanOne(ticket, what, wishes, then) => {
            plan::open_one(model, ticket, what, wishes, then)
        }
        Errand::Links(ticket) => picker::open_links(model, ticket),
        Errand::Macros(tickets, into) => macros::open(model, tickets, into),
        Errand::AskFor(taking) => asked::open(model, *taking),
        Errand::AskedNoMore => macros::uncovered(model),
        Errand::Take(taking, filled) => taking::take(model, *taking, filled),
        Errand::Reword(ticket, kind, text) => reword::open(model, ticket, kind, &text),
        Errand::Reworded(ticket, text) => plan::reworded(model, ticket, text),
        Errand::Choose(field) => picker::open_field(model, field),
        Errand::Chosen(field, value) => form::choose(model, field, value),
        Errand::Palette(ticket) => picker::open_palette(model, ticket),
        Errand::Run(command, ticket) => model.run_on(command, ticket),
        Errand::AskWhere => prompt::ask(model, Question::GoTo),
        Errand::GoTo(ticket, draft) => going::start(model, ticket, draft),
        Errand::DeleteTicket(ticket) => prompt::ask(model, Question::DeleteTicket(ticket)),
        Errand::DeleteReply(ticket, reply) => {
            prompt::ask(model, Question::DeleteReply(ticket, reply))
        }
        Errand::Discard(key) => discard::ask(model, key),
        Errand::BringBack => discarded::take_back_last(model),
        Errand::Follow(key) => composer::follow(model, key),
        Errand::TakeOver(key) => merge::take(model, key),
        Errand::Decide(entry) => decision::open(model, entry),
        Errand::Record(entry) => proposals::record(model, entry),
        Errand::Drop(entry) => proposals::discard(entry),
        Errand::TakeBack(entry) => take_back(model, entry),
        Errand::TakeRest(step) => undo::take_back_rest(model, step),
        Errand::After(it) => after::go(model, it),
        Errand::Pin(tickets) => asides::toggle_pin(model, &tickets),
        Errand::Snooze(tickets) => snooze::ask(model, tickets),
        Errand::SnoozeUntil(tickets, until) => asides::snooze(model, &tickets, until),
        Errand::Client(ticket) => client::open(model, ticket),
        Errand::Dashboard => dashboard::open(model),
        Errand::ShowAll(narrow) => list::show_all(model, *narrow),
        Errand::Board => list::board::toggle(model),
        Errand::Serve => serve::toggle(model),
        Errand::EndServe => serve::end(model),
        Errand::Skip(ticket) => serve::skip(model, ticket),
        Errand::Undo => undo::undo(model),
        Errand::Redo => undo::redo(model),
        Errand::Help => help::open(model),
        Errand::History(ticket) => history::open(model, ticket),
        Errand::Messages => messages::open(model),
        Errand::Outbox => outbox_list::open(model),
        Errand::Quit => quit::ask(model),
    }
}

/// Withdraws an entry. The reply pane is left first, so that a text in it is kept before the text of
/// the entry comes back.
fn take_back(model: &mut Model, id: EntryId) -> Effects {
    let Some(entry) = model.outbox.get(id).cloned() else { return Effects::none() };
    // What follows a proposal was never the agent's: not for a moment may it look as if it were done.
    let proposed = entry.state.proposal().is_some();
    let following = model.outbox.following(&entry).filter(|_| proposed).map(|it| it.id);
    let ids = std::iter::once(id).chain(following).collect();
    composer::make_room(model, &entry).and(act::take_back(model, ids))
}
