//! A server that nobody here wrote: one ticket, page or answer that is broken hides no other.

#![expect(clippy::expect_used, reason = "a test that can't go on says so")]

mod answers;
mod console;
mod conversations;
#[path = "../support/hears.rs"]
mod hears;
mod login;
mod pages;
#[path = "../support/pty.rs"]
mod pty;
mod server;
mod trust;
mod walks;
