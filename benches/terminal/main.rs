//! The whole program in a pseudo-terminal, beside the floor and beside peers that are installed.
//!
//! `cargo bench --bench terminal [-- PART...]`; `docs/performance.md` says what each figure means.
//! The programs of a part take turns within each run, and a figure is the median over the runs, so
//! that what else the machine does falls on all of them alike.

mod console;
mod figures;
mod lists;
#[path = "../support/made_up.rs"]
mod made_up;
mod process;
mod programs;
mod pty;
#[path = "../support/tickets.rs"]
mod tickets;

use std::time::Duration;

use clap::{Parser, ValueEnum};

use programs::{Mirror, floor, peers};

/// Measures the console in a pseudo-terminal.
#[derive(Debug, Parser)]
struct Options {
    /// What is measured; everything if nothing is named
    parts: Vec<Part>,
    /// Tickets in the mirror
    #[arg(long, default_value_t = 100_000)]
    tickets: usize,
    /// Tickets in the mirror that shows what size costs
    #[arg(long, default_value_t = 1_000)]
    small: usize,
    /// How often everything is measured
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// Keys in each run
    #[arg(long, default_value_t = 200)]
    keys: usize,
    /// Seconds in which nobody types
    #[arg(long, default_value_t = 20)]
    idle: u64,
    /// Lines of the reply that is typed in
    #[arg(long, default_value_t = 5_000)]
    lines: usize,
    /// What cargo says when it runs benches and not tests
    #[arg(long, hide = true)]
    bench: bool,
}

/// Something that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// From the start to the rows on screen
    Start,
    /// One key after another, the conversation zoomed away, and beside the list
    Keys,
    /// 300 keys at once
    Burst,
    /// A letter of a filter to its result
    Filter,
    /// Memory after much scrolling
    Memory,
    /// What it does while nobody types
    Idle,
    /// A ticket of 200 replies and 1 MB of HTML
    Large,
    /// Letters in a long reply
    Typing,
}

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    if !options.bench {
        println!("this is measured by `cargo bench --bench terminal`, never by a test run");
        return Ok(());
    }
    let wanted = |part| options.parts.is_empty() || options.parts.contains(&part);
    let [many, few] = [options.tickets, options.small];
    println!("filling mirrors of {many} and {few} tickets");
    let large = Mirror::fill(many)?;
    let small = Mirror::fill(few)?;
    let (bare, text) = (floor(many, false)?, floor(many, true)?);
    let folder = tempfile::tempdir()?;
    let sets = lists::Sets {
        console: large.console(),
        small: small.console(),
        floor: bare,
        text,
        peers: if wanted(Part::Start) || wanted(Part::Keys) || wanted(Part::Burst) {
            peers(folder.path(), many)?
        } else {
            Vec::new()
        },
        runs: options.runs,
    };
    if wanted(Part::Start) {
        sets.start()?;
    }
    if wanted(Part::Keys) {
        sets.keys(options.keys)?;
    }
    if wanted(Part::Burst) {
        sets.burst(many)?;
    }
    let desk =
        console::Desk { mirror: &large, small: &small, floor: &sets.floor, runs: options.runs };
    if wanted(Part::Filter) {
        desk.filter()?;
    }
    if wanted(Part::Memory) {
        desk.memory()?;
    }
    if wanted(Part::Idle) {
        desk.idle(Duration::from_secs(options.idle))?;
    }
    if wanted(Part::Large) {
        desk.large()?;
    }
    if wanted(Part::Typing) {
        desk.typing(options.lines)?;
    }
    Ok(())
}
