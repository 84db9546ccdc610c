//! The first fill: whole, whatever happens meanwhile, and never from the beginning again.

use std::time::Duration;

use growdesk::{
    desk::Report,
    sandbox::{Fault, FaultKind, Sandbox},
};

use crate::{
    hears::Hears as _,
    office::{Console, NEVER, OFTEN, change, held, lists, sandbox},
};

/// Makes the server slow enough for others to get in between two pages.
fn slow(sandbox: &Sandbox, millis: u64) {
    let latency = FaultKind::Latency(Duration::from_millis(millis));
    sandbox.faults().add(Fault::new(None, "/api/tickets", latency));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_waiting_tickets_come_first_and_the_progress_ends_at_all() {
    let sandbox = sandbox(1_000).await;
    let folder = tempfile::tempdir().expect("a folder");
    let mut console = Console::open(&sandbox, folder.path(), NEVER).await;
    let waiting = |held: &std::collections::BTreeMap<i64, (i64, bool, u32)>| {
        held.values().filter(|(status, archived, _)| [1, 5].contains(status) && !archived).count()
    };
    console.told(|message| matches!(message, Report::Synced(_)).then_some(())).await;
    assert_eq!(waiting(&console.sketch()), waiting(&held(&sandbox)));
    assert!(console.rows.len() < 500, "the others come later");
    let statuses = |request: &growdesk::sandbox::Logged| {
        request.query.split('&').find_map(|it| it.strip_prefix("status=").map(str::to_owned))
    };
    let asked: Vec<_> = sandbox.requests().iter().filter_map(statuses).collect();
    assert!(asked.iter().all(|status| ["1", "5"].contains(&status.as_str())), "{asked:?}");
    console.refreshed().await;
    assert_eq!(console.difference(&sandbox), []);
    assert_eq!(console.progress, Some((1_000, 1_000)));
    console.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn none_is_missed_while_tickets_come_and_go_between_the_pages() {
    let sandbox = sandbox(1_500).await;
    slow(&sandbox, 20);
    let folder = tempfile::tempdir().expect("a folder");
    let mut console = Console::open(&sandbox, folder.path(), NEVER).await;
    let mut asked = 0;
    loop {
        let heard = tokio::time::timeout(Duration::from_millis(2), console.hear()).await;
        if matches!(heard, Ok(Report::Refreshed)) {
            break;
        }
        let now = lists(&sandbox);
        if now > asked && now.is_multiple_of(3) {
            // The newest closed ticket goes: all that come after it move up.
            change(
                &sandbox,
                "DELETE FROM tickets WHERE id = (SELECT id FROM tickets WHERE status_id = 2
                AND active_state = 'active' ORDER BY created DESC LIMIT 1)",
            );
        }
        asked = now;
    }
    let missing: Vec<i64> =
        held(&sandbox).into_keys().filter(|id| !console.rows.contains_key(id)).collect();
    assert_eq!(missing, [0; 0]);
    sandbox.faults().clear();
    let folder_path = console.close().await;
    // Those that went are found out by the passes.
    let mut console = Console::open(&sandbox, &folder_path, OFTEN).await;
    console.agrees(&sandbox).await;
    console.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fill_goes_on_where_it_stopped() {
    let sandbox = sandbox(1_500).await;
    let (whole, parts) =
        (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    Console::ready(&sandbox, whole.path(), NEVER).await.close().await;
    let at_once = lists(&sandbox);
    slow(&sandbox, 20);
    for pages in [4, 9, 14] {
        let mut console = Console::open(&sandbox, parts.path(), NEVER).await;
        while lists(&sandbox) - at_once < pages {
            let _ = tokio::time::timeout(Duration::from_millis(2), console.hear()).await;
        }
        console.close().await;
    }
    let console = Console::ready(&sandbox, parts.path(), NEVER).await;
    assert_eq!(console.difference(&sandbox), []);
    let in_parts = lists(&sandbox) - at_once;
    assert!(in_parts <= at_once + 2 * 3, "{in_parts} instead of {at_once}");
    console.close().await;

    let before = lists(&sandbox);
    let console = Console::ready(&sandbox, parts.path(), Duration::from_millis(1)).await;
    assert!(lists(&sandbox) - before < 12, "a filled mirror is not filled again");
    console.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_throttles_after_ten_requests_is_read_whole() {
    let sandbox = sandbox(1_500).await;
    let folder = tempfile::tempdir().expect("a folder");
    let mut console = Console::open(&sandbox, folder.path(), NEVER).await;
    let (mut limits, mut patience) = (0, 0);
    loop {
        if sandbox.requests().len() >= 10 * (limits + 1) {
            limits += 1;
            let limited = Fault::new(None, "/api/**", FaultKind::Limited(1)).times(1);
            sandbox.faults().add(limited);
        }
        match tokio::time::timeout(Duration::from_millis(5), console.hear()).await {
            Ok(Report::Refreshed) => break,
            Ok(Report::Connection(growdesk::app::Connection::Limited { .. })) => patience += 1,
            _ => {}
        }
    }
    assert!(patience > 0, "it was asked for patience");
    assert_eq!(console.difference(&sandbox), []);
    console.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fill_outlives_every_other_failure() {
    let sandbox = sandbox(600).await;
    let folder = tempfile::tempdir().expect("a folder");
    let mut console = Console::open(&sandbox, folder.path(), NEVER).await;
    for kind in ["error 3", "garbage 1", "truncate 3", "drop-after 3", "unauthorized 1"] {
        let fault: Fault = format!("GET /api/tickets {kind}").parse().expect("a fault");
        sandbox.faults().add(fault);
    }
    console.refreshed().await;
    assert_eq!(console.difference(&sandbox), []);
    console.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn statuses_that_no_list_is_known_for_are_read_too() {
    let sandbox = sandbox(400).await;
    change(
        &sandbox,
        "INSERT INTO statuses (id, title) VALUES (77, 'Escalated');
        UPDATE tickets SET status_id = 77, active_state = 'active' WHERE id <= 30",
    );
    let folder = tempfile::tempdir().expect("a folder");
    let console = Console::ready(&sandbox, folder.path(), NEVER).await;
    assert_eq!(console.difference(&sandbox), []);
    console.close().await;
}
