//! Never lost, never twice, never to the wrong person: the outbox against everything that can go
//! wrong between it and the server. What the server's own database holds afterwards is what
//! counts, and the store has to say the same.

#[path = "../support/bench.rs"]
mod bench;
mod bulk;
mod clocks;
mod consoles;
mod custom;
mod endurance;
mod fairness;
mod kills;
mod ledger;
mod matrix;
mod meanwhile;
mod moments;
mod pairs;
#[path = "../support/pty.rs"]
mod pty;
mod remade;
mod twins;
mod writes;
