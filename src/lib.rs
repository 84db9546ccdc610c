//! growdesk: a helpdesk console for the terminal, on the Grow CRM tickets API.
//!
//! The parts, in the order in which they may know each other: [`domain`] holds plain types and pure
//! rules; [`text`] makes strangers' text safe and turns HTML into styled lines and Markdown into HTML;
//! [`api`] is the typed client of the tickets API.

pub mod api;
pub mod domain;
pub mod sandbox;
pub mod text;
