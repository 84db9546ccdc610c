//! The verbs for scripts: the real binary, run without a terminal against the sandbox.

mod again;
mod budget;
mod completions;
mod config;
mod crowd;
mod desk;
mod exits;
mod fields;
mod frame;
mod fresh;
mod hostile;
mod input;
mod list;
mod lookups;
mod macros;
mod man;
#[cfg(feature = "mcp")]
mod mcp;
#[path = "../support/pty.rs"]
mod pty;
mod readme;
mod show;
mod stats;
mod sync;
mod watch;
mod writes;
