//! The verbs for scripts: the real binary, run without a terminal against the sandbox.

mod departments;
mod desk;
