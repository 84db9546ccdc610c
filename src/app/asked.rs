//! Requests from one surface to another. They are passed on after the surface has had its turn, so
//! that no surface has to know another.

use super::{
    Effects, Model,
    popups::{
        form::{self, field::Field},
        picker::Value,
    },
};
use crate::domain::{TicketId, plan::Fields};

/// The requests to be passed on.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    /// The fields of a ticket that an action needs filled in first.
    pub(super) fill_in: Option<(TicketId, Fields)>,
    /// The choice that was made for a field of the form.
    pub(super) chosen: Option<(Field, Value)>,
}

/// Passes on the requests.
pub(super) fn pass_on(model: &mut Model) -> Effects {
    let Asked { fill_in, chosen } = std::mem::take(&mut model.asked);
    let filled = fill_in.map(|(ticket, fields)| form::edit(model, ticket, Some(fields)));
    let effects = filled.unwrap_or_default();
    let chosen = chosen.map(|(field, value)| form::choose(model, field, value));
    effects.and(chosen.unwrap_or_default())
}
