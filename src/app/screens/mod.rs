//! What fills the screen between the tabs and the status line, one file each.

pub(super) mod console;
