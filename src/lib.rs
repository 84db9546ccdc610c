//! growdesk: a helpdesk console for the terminal, on the Grow CRM tickets API.
//!
//! The parts, in the order in which they may know each other: [`domain`] holds plain types and pure
//! rules; [`clock`] measures time; [`text`] makes strangers' text safe and turns HTML into styled
//! lines and Markdown into HTML; [`api`] is the typed client of the tickets API; [`ledger`] keeps
//! one request budget for all processes of a profile; [`store`] is the
//! local memory; [`config`] reads settings, profiles and keys; [`desk`] is the protocol between
//! core and background; [`app`] is the pure core of the console, and [`ui`] draws it; [`worker`]
//! carries out what the core asks for; [`runtime`] joins them to a [`terminal`]; [`cli`] handles
//! the command line. [`sandbox`] stands apart: it is a server of the API, and shares no type with
//! the client.

pub mod api;
pub mod app;
mod bounded;
pub mod cli;
pub mod clock;
pub mod config;
pub mod desk;
pub mod domain;
pub mod ledger;
mod private;
mod programs;
pub mod runtime;
pub mod sandbox;
pub mod store;
pub mod terminal;
pub mod text;
pub mod ui;
pub mod worker;
