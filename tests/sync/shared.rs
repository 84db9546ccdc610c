//! Several consoles of one profile fetch once.

use growdesk::desk::Work;

use crate::{
    hears::Hears as _,
    office::{Console, NEVER, lists, sandbox},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_second_console_asks_for_nothing_that_the_first_has_just_read() {
    let sandbox = sandbox(250).await;
    let folder = tempfile::tempdir().expect("a folder");
    let mut one = Console::ready(&sandbox, folder.path(), NEVER).await;
    one.worker.ask(Work::Refresh);
    one.refreshed().await;
    let before = lists(&sandbox);
    let mut two = Console::open(&sandbox, folder.path(), NEVER).await;
    assert_eq!(two.difference(&sandbox), []);

    sandbox.customer_reply(32, "<p>Any news?</p>").expect("the mail arrives");
    one.worker.ask(Work::Refresh);
    one.refreshed().await;
    two.until(|it| it.rows[&32].ticket.replies_count == one.rows[&32].ticket.replies_count).await;
    assert_eq!(two.difference(&sandbox), []);
    let refresh = lists(&sandbox) - before;
    assert!(refresh <= 6, "{refresh} requests for one refresh");
    one.close().await;
    two.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_consoles_fill_a_mirror_once() {
    let sandbox = sandbox(1_000).await;
    let alone = tempfile::tempdir().expect("a folder");
    Console::ready(&sandbox, alone.path(), NEVER).await.close().await;
    let once = lists(&sandbox);

    let folder = tempfile::tempdir().expect("a folder");
    let mut one = Console::open(&sandbox, folder.path(), NEVER).await;
    let mut two = Console::open(&sandbox, folder.path(), NEVER).await;
    one.agrees(&sandbox).await;
    two.agrees(&sandbox).await;
    let together = lists(&sandbox) - once;
    assert!(together <= once + 1, "{together} instead of {once}");
    one.close().await;
    two.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_console_goes_on_with_the_fill_of_one_that_closed() {
    let sandbox = sandbox(1_500).await;
    let fault = "GET /api/tickets latency=20ms".parse().expect("a fault");
    sandbox.faults().add(fault);
    let folder = tempfile::tempdir().expect("a folder");
    let mut one = Console::open(&sandbox, folder.path(), NEVER).await;
    let mut two = Console::open(&sandbox, folder.path(), NEVER).await;
    one.until(|it| it.rows.len() > 300).await;
    one.close().await;
    two.agrees(&sandbox).await;
    two.close().await;
}
