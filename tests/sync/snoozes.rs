//! Snoozed tickets wake by the clock and by a customer's message, whichever console is open, and one
//! console says so once.

use growdesk::{
    desk::Work,
    domain::{AsideChange, Snooze, TicketId, WokenBy},
    sandbox::Fault,
};
use jiff::{SignedDuration, Timestamp};

use crate::{
    hears::Hears as _,
    office::{Console, NEVER, change, sandbox},
};

const TICKET: TicketId = TicketId(32);

/// Snoozes the ticket as it is known, for so long; without a time until the customer writes.
fn snooze(console: &Console, time: Option<SignedDuration>) {
    let now = Timestamp::now();
    let until = time.map(|time| now + time);
    let snooze = Snooze::of(console.rows[&TICKET.0].view(), now, until);
    console.worker.ask(Work::SetAside(vec![(TICKET, AsideChange::Snoozed(Some(snooze)))]));
}

fn is_asleep(console: &Console) -> bool {
    console.asides.iter().any(|(id, aside)| *id == TICKET && aside.snooze.is_some())
}

fn is_woken(console: &Console) -> bool {
    console.asides.iter().any(|(id, aside)| *id == TICKET && aside.woken)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_wakes_a_ticket_once_over_all_consoles() {
    let sandbox = sandbox(60).await;
    let folder = tempfile::tempdir().expect("a folder");
    let mut one = Console::ready(&sandbox, folder.path(), NEVER).await;
    let mut two = Console::open(&sandbox, folder.path(), NEVER).await;
    snooze(&one, Some(SignedDuration::from_secs(7)));
    one.until(is_asleep).await;
    two.until(is_asleep).await;
    tokio::join!(one.until(is_woken), two.until(is_woken));
    // The one that woke it has said so before the other one knows.
    one.worker.ask(Work::Refresh);
    one.refreshed().await;
    two.worker.ask(Work::Refresh);
    two.refreshed().await;
    let mut woken = one.woken.clone();
    woken.extend(two.woken.clone());
    assert_eq!(woken, [(TICKET, WokenBy::Clock)]);
    one.close().await;
    two.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_that_passed_while_no_console_was_open_wakes_at_the_start() {
    let sandbox = sandbox(60).await;
    let folder = tempfile::tempdir().expect("a folder");
    let mut console = Console::ready(&sandbox, folder.path(), NEVER).await;
    snooze(&console, Some(SignedDuration::from_secs(2)));
    console.until(is_asleep).await;
    console.close().await;
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    for said in [vec![(TICKET, WokenBy::Clock)], vec![]] {
        let mut console = Console::open(&sandbox, folder.path(), NEVER).await;
        console.worker.ask(Work::Refresh);
        console.refreshed().await;
        assert_eq!(console.woken, said);
        console.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customers_message_wakes_a_ticket_and_a_colleagues_does_not() {
    let sandbox = sandbox(60).await;
    let folder = tempfile::tempdir().expect("a folder");
    let mut console = Console::ready(&sandbox, folder.path(), NEVER).await;
    for time in [None, Some(SignedDuration::from_hours(48))] {
        console.woken.clear();
        snooze(&console, time);
        console.until(is_asleep).await;
        let known = console.rows[&TICKET.0].ticket.replies_count;
        let now = Timestamp::now().as_microsecond();
        change(
            &sandbox,
            &format!(
                "INSERT INTO replies (ticket_id, type, text, creator_id, created) VALUES
                (32, 'reply', '<p>We are on it</p>',
                    (SELECT id FROM users WHERE kind = 'team' LIMIT 1), {now});
                UPDATE tickets SET status_id = 4, last_updated = {now}, status_changed = {now}
                WHERE id = 32"
            ),
        );
        console.worker.ask(Work::Refresh);
        // The conversation is read, and tells that nobody but the team has written.
        console
            .until(|it| {
                let row = &it.rows[&TICKET.0];
                row.ticket.replies_count > known && row.facts.is_some() && !row.has_unread()
            })
            .await;
        console.worker.ask(Work::Refresh);
        console.refreshed().await;
        assert!(is_asleep(&console) && console.woken.is_empty());

        sandbox.customer_reply(32, "<p>It is back</p>").expect("the mail arrives");
        console.worker.ask(Work::Refresh);
        console.until(|it| !it.woken.is_empty()).await;
        assert_eq!(console.woken, [(TICKET, WokenBy::Customer)]);
        assert!(is_woken(&console));
    }
    console.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customers_message_wakes_a_ticket_whose_conversation_could_not_be_read() {
    // One that never can be, and one that the server reads out later.
    for fault in ["error", "limited=1 1"] {
        let sandbox = sandbox(60).await;
        let folder = tempfile::tempdir().expect("a folder");
        let mut console = Console::ready(&sandbox, folder.path(), NEVER).await;
        snooze(&console, None);
        console.until(is_asleep).await;
        let fault: Fault = format!("GET /api/tickets/*/replies {fault}").parse().expect("a fault");
        let fault = sandbox.faults().add(fault);
        sandbox.customer_reply(32, "<p>It is back</p>").expect("the mail arrives");
        console.worker.ask(Work::Refresh);
        console.until(|it| sandbox.faults().hits(fault) > 0 || !it.woken.is_empty()).await;
        console.worker.ask(Work::Refresh);
        console.until(|it| !it.woken.is_empty()).await;
        assert_eq!(console.woken, [(TICKET, WokenBy::Customer)]);
        console.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_the_mirror_lost_is_told_when_its_time_has_come() {
    let sandbox = sandbox(60).await;
    let folder = tempfile::tempdir().expect("a folder");
    let mut console = Console::ready(&sandbox, folder.path(), NEVER).await;
    let now = Timestamp::now();
    let snooze = Snooze::of(console.rows[&TICKET.0].view(), now, Some(now));
    let unknown = TicketId(9_999);
    console.worker.ask(Work::SetAside(vec![(unknown, AsideChange::Snoozed(Some(snooze)))]));
    console.until(|it| !it.woken.is_empty()).await;
    assert_eq!(console.woken, [(unknown, WokenBy::Clock)]);
    console.close().await;
}
