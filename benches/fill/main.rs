//! The first fill of a mirror from the sandbox with the request budget lifted, beside the same
//! requests with nothing done with the answers.
//!
//! `cargo bench --bench fill [-- --tickets 100000]`

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use clap::Parser;
use growdesk::{
    api::{ApiClient, ApiSettings},
    desk::Report,
    sandbox::{Options, Sandbox},
    store::Store,
    worker::{Parts, Worker, WorkerSettings},
};
use secrecy::ExposeSecret as _;

/// Measures the first fill.
#[derive(Debug, Parser)]
struct Arguments {
    /// Tickets that the server has
    #[arg(long, default_value_t = 5_000)]
    tickets: usize,
    /// How often both are measured, in turns
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// What cargo says when it runs benches and not tests
    #[arg(long, hide = true)]
    bench: bool,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    if !arguments.bench {
        println!("this is measured by `cargo bench --bench fill`, never by a test run");
        return Ok(());
    }
    let options = Options { tickets: arguments.tickets, ..Options::default() };
    let sandbox = Sandbox::start(options).await?;
    println!("first fill of {} tickets, {} runs", arguments.tickets, arguments.runs);
    for _ in 0..arguments.runs {
        let before = sandbox.requests().len();
        let filled = fill(&sandbox).await?;
        let made: Vec<String> = sandbox
            .requests()
            .into_iter()
            .skip(before)
            .map(|it| format!("{}{}?{}", sandbox.url(), it.path, it.query))
            .collect();
        let bare = fetch(&sandbox, &made).await?;
        println!(
            "{} requests: fill {:.2} s, requests alone {:.2} s: {:.2}x of their speed",
            made.len(),
            filled.as_secs_f64(),
            bare.as_secs_f64(),
            bare.as_secs_f64() / filled.as_secs_f64()
        );
    }
    sandbox.stop().await;
    Ok(())
}

/// A console's background task on an empty store, until it says that all is there.
async fn fill(sandbox: &Sandbox) -> anyhow::Result<Duration> {
    let folder = tempfile::tempdir()?;
    let store = Store::open(folder.path()).await?.store;
    let api = ApiSettings::new(sandbox.url(), sandbox.api_key().clone());
    let client = ApiClient::new(ApiSettings { requests_per_minute: 0, ..api })?;
    let settings = WorkerSettings {
        address: None,
        agent: "you".into(),
        poll: Duration::from_secs(600),
        grace: Duration::from_secs(30),
        timeout: Duration::from_secs(20),
        retry: Duration::from_secs(15),
        waiting: growdesk::domain::WaitingStatuses::default(),
        parts: Parts::ALL,
        notices: Vec::new(),
    };
    let began = Instant::now();
    let (worker, mut messages) = Worker::spawn(Some(client), store, settings);
    loop {
        let (_, message) = messages.recv().await.context("the background task ended")?;
        match message {
            Report::Refreshed => break,
            Report::RefreshFailed(problem) => anyhow::bail!("{problem}"),
            _ => {}
        }
    }
    let took = began.elapsed();
    worker.close().await;
    Ok(took)
}

/// The same requests one after the other, with their answers read and dropped.
async fn fetch(sandbox: &Sandbox, addresses: &[String]) -> anyhow::Result<Duration> {
    let http = reqwest::Client::builder().no_proxy().build()?;
    let began = Instant::now();
    for address in addresses {
        let request = http.get(address).bearer_auth(sandbox.api_key().expose_secret());
        let answer = request.header("accept", "application/json").send().await?;
        ensure!(answer.status().is_success(), "{address}: {}", answer.status());
        answer.bytes().await?;
    }
    Ok(began.elapsed())
}
