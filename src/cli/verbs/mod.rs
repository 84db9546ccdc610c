//! The verbs of the console for scripts: a file each.

pub(super) mod departments;
