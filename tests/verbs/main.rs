//! The verbs for scripts: the real binary, run without a terminal against the sandbox.

mod budget;
mod completions;
mod config;
mod desk;
mod fields;
mod frame;
mod hostile;
mod list;
mod lookups;
mod macros;
mod man;
mod readme;
mod show;
mod stats;
mod sync;
