//! What holds whatever happens: random messages and hostile bytes, in and out. More of them with
//! `PROPTEST_CASES=5000 cargo test --test properties`.

mod acts;
mod desk;
mod hostile;
mod macros;
mod markdown;
mod office;
mod plans;
mod right_ticket;
mod screens;
mod sequences;
#[allow(dead_code, reason = "shared with the tests of the screens, which need more of it")]
#[path = "../support/mod.rs"]
mod support;
mod terminal;
#[path = "../support/markdown.rs"]
mod typed;
mod undo;

use proptest::test_runner::Config;

/// `count` cases, or as many as `PROPTEST_CASES` says.
fn cases(count: u32) -> Config {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|it| it.parse().ok());
    Config { cases: asked.unwrap_or(count), failure_persistence: None, ..Config::default() }
}
