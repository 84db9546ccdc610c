//! The protocol between the core and the background task: plain data, both ways.
//!
//! The core asks for [`Work`], some of it a [`Read`] for a [`Slot`], and hears [`Report`]s. Neither
//! side knows the other.

mod filling;
mod read;
mod report;
mod screen;
mod thread;
mod work;

pub use filling::{FillTarget, FilledText, Filling};
pub use read::{Among, Read, RequestId, Slot};
pub use report::{BudgetUse, Connection, Found, Report, Stored};
pub use screen::{LastScreen, LastView};
pub use thread::{Post, Side, Thread};
pub use work::Work;
