//! What one surface leaves to another, which is passed on once it has had its turn: so none of them
//! has to know the other.

use super::{
    Effects, Model,
    popups::{
        form::{self, field::Field},
        picker::Value,
    },
};
use crate::domain::{TicketId, plan::Fields};

/// What is to be passed on.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    /// The fields of a ticket that an action needs filled in first.
    pub(super) fill_in: Option<(TicketId, Fields)>,
    /// The choice that was made for a field of the form.
    pub(super) chosen: Option<(Field, Value)>,
}

/// Passes on what was left.
pub(super) fn pass_on(model: &mut Model) -> Effects {
    let Asked { fill_in, chosen } = std::mem::take(&mut model.asked);
    let filled = fill_in.map(|(ticket, fields)| form::edit(model, ticket, Some(fields)));
    let effects = filled.unwrap_or_default();
    let chosen = chosen.map(|(field, value)| form::choose(model, field, value));
    effects.and(chosen.unwrap_or_default())
}
