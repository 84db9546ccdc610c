//! growdesk: a helpdesk console for the terminal, on the Grow CRM tickets API.
//!
//! The parts, in the order in which they may know each other: [`domain`] holds plain types and pure
//! rules; [`text`] makes strangers' text safe, and turns HTML into styled lines and Markdown into HTML;
//! [`config`] reads settings, profiles and where keys are kept.

pub mod config;
pub mod domain;
pub mod text;
