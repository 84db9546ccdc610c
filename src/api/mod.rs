//! The typed client of the tickets API: the only place that speaks HTTP.
//!
//! A [`ApiClient`] is made once from [`ApiSettings`] and cloned freely. [`ApiClient::at`] takes the
//! urgency of the requests, and gives the endpoints:
//!
//! ```no_run
//! # async fn example(client: growdesk::api::ApiClient) -> Result<(), growdesk::api::Error> {
//! use growdesk::{api::Urgency, domain::TicketId};
//! let ticket = client.at(Urgency::Agent).ticket(TicketId(32)).await?;
//! # let _ = ticket;
//! # Ok(())
//! # }
//! ```
//!
//! Answers are decoded into the types of [`crate::domain`]. A missing field, an unknown status or
//! one broken ticket in a list does not spoil the rest of an answer. An answer without the API's
//! JSON envelope is an [`Error`], whatever its status.
//!
//! The client repeats reads by itself. It never repeats a write: the outbox does that, since it
//! knows whether the first attempt may have been carried out.

mod answer;
mod budget;
#[doc(hidden)]
pub mod bytes;
mod client;
mod convert;
mod error;
mod lenient;
mod lookups;
mod mend;
mod replies;
mod settings;
mod shrink;
mod strange;
mod tickets;
mod trust;
mod wire;

pub use budget::{Book, Budget, BudgetState, Hurry, Ledger, Urgency};
pub use client::{ApiClient, Endpoints};
pub use error::{Error, Fault, Strange};
pub use settings::{Address, ApiSettings, SetupError};
pub use tickets::{NewTicketBody, Order, SentBack, TicketQuery, TicketSort, TicketUpdate};

/// The most items that the API gives on one page of a list.
pub const PAGE_LIMIT: u32 = 100;

/// A page of a list, or all of a list where the method says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paged<T> {
    /// What could be decoded, in the server's order.
    pub items: Vec<T>,
    /// Which page it is, from 1.
    pub page: u32,
    /// The last page. If the server does not say, it is the next page as long as pages are full.
    pub last_page: u32,
    /// How many items the list has; where the server does not say, as many as are known of.
    pub total: u64,
    /// How many items a page holds; where the server does not say, as many as were asked for.
    pub per_page: u32,
    /// How many items could not be decoded and were left out.
    pub skipped: u32,
    /// Their places on the page, from 0. Of no use if `items` is a whole list.
    pub left_out: Vec<u32>,
}

impl<T> Paged<T> {
    /// Whether more pages follow.
    pub fn has_next(&self) -> bool {
        self.page < self.last_page
    }
}

/// What the server made of a POST. The request was carried out, even if nothing of the new object
/// could be read from the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made<Id, T> {
    /// The new object's number, if the answer has it.
    pub id: Option<Id>,
    /// The new object, if the answer holds all of it.
    pub item: Option<T>,
}
