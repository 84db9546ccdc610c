//! What an agent has typed outlives whatever ends the console: the real binary in a pseudo-terminal is
//! killed at random moments, loses its terminal, meets a full disk and a second console.

mod desk;
mod disk;
mod ending;
mod kills;
#[path = "../support/pty.rs"]
mod pty;
mod stalled;
mod twice;
mod window;
