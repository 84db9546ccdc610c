//! What others do is noticed by the passes.

use std::time::Duration;

use growdesk::{
    desk::{Report, Work},
    sandbox::MailFrom,
};
use jiff::SignedDuration;

use crate::{
    hears::Hears as _,
    office::{Console, NEVER, OFTEN, change, sandbox},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_mailed_reply_is_noticed_though_it_moves_no_date() {
    let sandbox = sandbox(250).await;
    let folder = tempfile::tempdir().expect("a folder");
    let mut console = Console::ready(&sandbox, folder.path(), OFTEN).await;
    let waits = |status: i64| {
        let active =
            |row: &&growdesk::domain::Row| row.ticket.status.id.0 == status && !row.ticket.archived;
        console.rows.values().find(active).expect("one waits").clone()
    };
    for before in [waits(1), waits(5), waits(4)] {
        let id = before.ticket.id;
        sandbox.customer_reply(id.0, "<p>Any news?</p>").expect("the mail arrives");
        let more = before.ticket.replies_count + 1;
        console.until(|it| it.rows[&id.0].ticket.replies_count == more).await;
        let after = &console.rows[&id.0].ticket;
        assert_eq!(after.last_updated, before.ticket.last_updated);
        assert_eq!(after.status.id.0, 5);
    }
    console.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_colleagues_and_customers_do_is_noticed() {
    let sandbox = sandbox(250).await;
    let folder = tempfile::tempdir().expect("a folder");
    let mut console = Console::ready(&sandbox, folder.path(), OFTEN).await;
    assert_eq!(console.difference(&sandbox), []);
    for sql in [
        "DELETE FROM tickets WHERE id = (SELECT min(id) FROM tickets WHERE status_id = 1)",
        "DELETE FROM tickets WHERE id = (SELECT max(id) FROM tickets WHERE status_id = 2)",
        "DELETE FROM tickets WHERE active_state = 'archived'",
        "UPDATE tickets SET status_id = 4 WHERE status_id = 5 AND id % 2 = 0",
        "UPDATE tickets SET status_id = 2 WHERE status_id = 3",
        "UPDATE tickets SET active_state = 'archived' WHERE status_id = 4 AND id % 3 = 0",
        "UPDATE tickets SET active_state = 'active', status_id = 1 WHERE id % 7 = 0",
    ] {
        change(&sandbox, sql);
        console.agrees(&sandbox).await;
    }
    sandbox.customer_ticket(MailFrom::Stranger("Ann"), "Help", "<p>Help</p>").expect("a mail");
    console.agrees(&sandbox).await;
    console.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_agents_own_refresh_sees_the_working_set_at_once() {
    let sandbox = sandbox(250).await;
    let folder = tempfile::tempdir().expect("a folder");
    let mut console = Console::ready(&sandbox, folder.path(), NEVER).await;
    change(
        &sandbox,
        "DELETE FROM tickets WHERE id = (SELECT min(id) FROM tickets WHERE status_id = 1)",
    );
    change(
        &sandbox,
        "UPDATE tickets SET status_id = 3 WHERE id = (SELECT min(id) FROM tickets WHERE status_id = 5)",
    );
    console.worker.ask(Work::Refresh);
    console.refreshed().await;
    assert_eq!(console.difference(&sandbox), []);
    console.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_that_has_the_agents_attention_again_is_up_to_date_soon() {
    let sandbox = sandbox(40).await;
    let folder = tempfile::tempdir().expect("a folder");
    let mut console = Console::ready(&sandbox, folder.path(), Duration::from_millis(400)).await;
    console.worker.ask(Work::Attend(false));
    sandbox.customer_reply(32, "<p>Any news?</p>").expect("the mail arrives");
    console.worker.ask(Work::Attend(true));
    console.agrees(&sandbox).await;
    console.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_waiting_tickets_than_the_share_allows_are_said_to_be_seen_less_often() {
    let sandbox = sandbox(100).await;
    change(
        &sandbox,
        "WITH RECURSIVE more(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM more WHERE n < 3300)
        INSERT INTO tickets (subject, message, status_id, priority, source, created)
        SELECT 'One of many', '', 5, 'normal', 'email', n FROM more",
    );
    let folder = tempfile::tempdir().expect("a folder");
    let mut console = Console::open(&sandbox, folder.path(), OFTEN).await;
    let every = console.told(|message| match message {
        Report::Upkeep { every } => Some(*every),
        _ => None,
    });
    let every = every.await;
    assert_eq!(every, Some(SignedDuration::from_millis(400)));
    console.close().await;
}
