//! Where the cursor goes after an action on one ticket: the setting `after_action`, or what a macro
//! says instead.

use super::{
    Effects, Focus, Model,
    cursor::Step,
    errand::After,
    panes::{conversation, list},
    serve,
};
use crate::domain::plan::Then;

/// Goes where the agent wants to be after an action on one ticket.
///
/// Every action comes here by itself: an action without a text once it is committed, a text once the
/// store has it (`act::carry_out`). A macro that says `then` puts it into `act::Origin::then`.
/// While tickets are served, the next one is opened whatever they say. Nothing moves if the agent is at
/// something else by now: another ticket, a popup, a text.
pub(super) fn go(model: &mut Model, After { ticket, then }: After) -> Effects {
    let is_writing = model.composer.is_some() || model.filtering.is_some();
    let is_gone = model.is_serving() && model.tickets.rows().get(ticket).is_none();
    let is_here = model.ticket_at_hand() == Some(ticket) || is_gone;
    if is_writing || model.popup.is_some() || !is_here {
        return Effects::none();
    }
    if model.is_serving() {
        return serve::go_on(model);
    }
    match then.unwrap_or(model.settings.after_action) {
        Then::Stay => Effects::none(),
        Then::Next if model.focus == Focus::List => list::step(model, Step::Down),
        Then::Next => list::step_ticket(model, Step::Down),
        Then::List => conversation::leave(model),
    }
}
