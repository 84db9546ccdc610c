//! The screens: each fills the place between the tabs and the status line, and has one file.

pub(super) mod console;
