//! The sandbox as a plain HTTP client meets it: every endpoint, every refusal, every fault.
#![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]

mod desk;
mod endpoints;
mod faults;
mod server;
