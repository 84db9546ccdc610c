//! One request budget for all processes of a profile.

use std::{
    process::{Child, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use growdesk::{
    api::{ApiClient, ApiSettings, Urgency},
    config::Folders,
    ledger::LedgerFile,
};

use super::desk::{Desk, wait_for};

#[test]
fn ten_commands_at_once_keep_to_one_limit_and_leave_a_console_its_reserve() {
    let desk = Desk::open();
    let begun = Instant::now();
    let start = |id: usize| -> Child {
        let mut command = desk.command(&["priority", "high", &id.to_string()]);
        command.env("GROWDESK_REQUESTS_PER_MINUTE", "12").env("GROWDESK_LOG", "debug");
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary starts")
    };
    let mut commands: Vec<Child> = (1..=10).map(start).collect();
    let log = desk.data().join("growdesk.log");
    wait_for("the end of the commands' part of the budget", || {
        let log = std::fs::read_to_string(&log).unwrap_or_default();
        desk.sandbox().requests().len() >= 9 && log.contains("a request waits")
    });
    let url = desk.sandbox().url().parse().expect("an address");
    let folders = Folders::find(Some(desk.config()), Some(desk.data())).expect("both are named");
    let ledger = LedgerFile::in_folder(&folders.profile_dir("environment", &url));
    let api = ApiSettings {
        requests_per_minute: 12,
        ledger: Some(Arc::new(ledger)),
        ..ApiSettings::new(desk.sandbox().url(), desk.sandbox().api_key().clone())
    };
    desk.runtime.block_on(async {
        let console = ApiClient::new(api).expect("a client").at(Urgency::Agent);
        for _ in 0..3 {
            console.is_there().await.expect("the server answers");
        }
    });
    let (taken, sent) = (begun.elapsed(), desk.sandbox().requests().len());
    for command in &mut commands {
        // One that has ended can't be killed any more.
        let _ = command.kill();
        let _ = command.wait();
    }
    // On a machine that slow, the first requests have left the window.
    if taken < Duration::from_secs(55) {
        assert_eq!(sent, 12, "nine of the commands, and the console's");
    }
}

#[test]
fn a_command_that_waits_for_the_budget_says_so_and_goes_on() {
    let desk = Desk::open();
    let said = desk.folder.path().join("said");
    let file = std::fs::File::create(&said).expect("a file");
    let mut command = desk.command(&["priority", "high", "1", "2", "3", "4"]);
    command.env("GROWDESK_REQUESTS_PER_MINUTE", "4").stdout(Stdio::null()).stderr(file);
    let mut waits = command.spawn().expect("the binary starts");
    wait_for("a word about the budget", || {
        let said = std::fs::read_to_string(&said).unwrap_or_default();
        said.contains("waiting for the request budget: 4 requests a minute")
    });
    assert!(waits.try_wait().expect("it can be asked").is_none(), "it goes on");
    let _ = waits.kill();
    let _ = waits.wait();
}
