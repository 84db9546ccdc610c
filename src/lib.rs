//! growdesk: a helpdesk console for the terminal, on the Grow CRM tickets API.
//!
//! The parts, in the order in which they may know each other: [`domain`] holds plain types and pure
//! rules.

pub mod app;
pub mod domain;
pub mod ui;
