//! The verbs for scripts: the real binary, run without a terminal against the sandbox.

mod desk;
mod fields;
mod frame;
mod hostile;
mod list;
mod lookups;
mod show;
mod stats;
