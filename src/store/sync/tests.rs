//! Promises of the store to the upkeep of the mirror.

use super::*;
use crate::{
    domain::{FullTicket, Priority, StatusId, ThreadFacts},
    store::testing::{at, reopen, store, ticket},
};

const INTERVAL: Duration = Duration::from_secs(30);
const OPEN: ServerList = ServerList::Status(StatusId::OPEN);

/// An open ticket, created at that second.
fn open(id: i64, created: i64) -> FullTicket {
    let mut full = ticket(id);
    full.ticket.created = Some(at(created));
    full
}

fn page(tickets: &[FullTicket], span: Option<Span>, since: i64) -> ListedPage {
    ListedPage { tickets: tickets.to_vec(), span, since }
}

async fn doubts(store: &Store) -> Vec<i64> {
    store.doubts(10).await.unwrap().into_iter().map(|id| id.0).collect()
}

fn whole(list: ServerList) -> Option<Span> {
    Some(Span { list, after: None, before: None })
}

#[tokio::test]
async fn what_one_console_stores_the_other_is_told_once() {
    let (folder, one) = store().await;
    let two = reopen(folder.path()).await;
    assert!(two.elsewhere(100).await.unwrap().is_none());
    one.save_tickets((1..=5).map(ticket).collect(), at(1)).await.unwrap();
    let told = two.elsewhere(100).await.unwrap().unwrap();
    assert_eq!(told.changed, one.rows(Vec::new(), None, 100).await.unwrap().0);
    assert!(two.elsewhere(100).await.unwrap().is_none());
    assert!(one.elsewhere(100).await.unwrap().is_none(), "its own writes are no news");

    let facts = ThreadFacts { replies_count: 1, ..ThreadFacts::default() };
    one.save_conversation(TicketId(2), vec![], facts, at(2)).await.unwrap();
    one.remove_tickets(vec![TicketId(3)]).await.unwrap();
    one.set_synced_at(at(9)).await.unwrap();
    let told = two.elsewhere(100).await.unwrap().unwrap();
    assert_eq!(told.changed.iter().map(|row| row.facts).collect::<Vec<_>>(), [Some(facts)]);
    assert_eq!((told.gone, told.synced_at), (vec![TicketId(3)], Some(at(9))));
}

#[tokio::test]
async fn what_two_consoles_store_in_turn_reaches_both_and_long_news_comes_in_pieces() {
    let (folder, one) = store().await;
    let two = reopen(folder.path()).await;
    for id in 1..=6 {
        let writer = if id % 2 == 0 { &two } else { &one };
        writer.save_tickets(vec![ticket(id)], at(1)).await.unwrap();
    }
    for (reader, theirs) in [(&one, [2, 4, 6]), (&two, [1, 3, 5])] {
        let mut told = Vec::new();
        loop {
            let Some(news) = reader.elsewhere(2).await.unwrap() else { break };
            assert!(news.changed.len() <= 2);
            told.extend(news.changed.into_iter().map(|row| row.ticket.id.0));
            if !news.more {
                break;
            }
        }
        assert!(theirs.iter().all(|id| told.contains(id)), "{told:?}");
    }
}

#[tokio::test]
async fn what_a_page_should_have_shown_is_in_doubt_until_it_is_seen_elsewhere() {
    let (_folder, store) = store().await;
    let all: Vec<_> = (1..=6).map(|id| open(id, id)).collect();
    store.save_tickets(all.clone(), at(1)).await.unwrap();
    let since = store.revision().await.unwrap();
    // The page goes from 5 down to 3; the tickets at its ends are the page's own.
    let span = Span {
        list: OPEN,
        after: Some(Position::of(&all[5].ticket)),
        before: Some(Position::of(&all[2].ticket)),
    };
    store.save_page(page(&[all[4].clone()], Some(span), since), at(2)).await.unwrap();
    assert_eq!(doubts(&store).await, [4]);
    store.save_page(page(&all[3..4], whole(ServerList::Archived), since), at(3)).await.unwrap();
    assert_eq!(doubts(&store).await, [0; 0]);

    store.save_page(page(&all[..2], whole(OPEN), since), at(4)).await.unwrap();
    assert_eq!(doubts(&store).await, [3, 4, 5, 6]);
    store.remove_tickets(vec![TicketId(3)]).await.unwrap();
    store.vouch_for(TicketId(4), at(5)).await.unwrap();
    store.save_page(page(&all[..2], whole(OPEN), since), at(6)).await.unwrap();
    assert_eq!(doubts(&store).await, [5, 6]);
    store.claim_pass(at(5) + SignedDuration::from_mins(11), INTERVAL).await.unwrap();
    store.save_page(page(&all[..2], whole(OPEN), since), at(900)).await.unwrap();
    assert_eq!(doubts(&store).await, [5, 6, 4], "the longest first");

    store.vouch_for(TicketId(5), at(901)).await.unwrap();
    let mut changed = all[4].clone();
    changed.ticket.priority = Priority::High;
    store.save_tickets(vec![changed], at(902)).await.unwrap();
    let since = store.revision().await.unwrap();
    store.save_page(page(&all[..2], whole(OPEN), since), at(903)).await.unwrap();
    assert_eq!(doubts(&store).await, [6, 4, 5], "it was vouched for as it was");
}

#[tokio::test]
async fn a_page_hides_nothing_that_was_stored_after_it_was_asked_for() {
    let (folder, store) = store().await;
    let other = reopen(folder.path()).await;
    store.save_tickets(vec![open(1, 1), open(2, 2)], at(1)).await.unwrap();
    let since = store.revision().await.unwrap();
    let mut changed = open(1, 1);
    changed.ticket.priority = Priority::Urgent;
    other.save_tickets(vec![changed.clone(), open(3, 3)], at(2)).await.unwrap();
    other.remove_tickets(vec![TicketId(2)]).await.unwrap();
    let old = page(&[open(2, 2), open(1, 1)], whole(OPEN), since);
    assert!(store.save_page(old, at(3)).await.unwrap().changed.is_empty());
    let rows = store.rows(Vec::new(), None, 100).await.unwrap().0;
    assert_eq!(rows.iter().map(|row| row.ticket.id.0).collect::<Vec<_>>(), [1, 3]);
    assert_eq!(rows[0].ticket, changed.ticket);
    assert_eq!(doubts(&store).await, [0; 0], "nor is it a reason to doubt what is new");
}

#[tokio::test]
async fn lists_are_told_apart() {
    let (_folder, store) = store().await;
    let mut all: Vec<_> = (1..=4).map(|id| open(id, id)).collect();
    all[1].ticket.status.id = StatusId::CLOSED;
    all[2].ticket.archived = true;
    all[3].ticket.created = None;
    store.save_tickets(all, at(1)).await.unwrap();
    let closed = ServerList::Status(StatusId::CLOSED);
    for (list, count) in
        [(Some(OPEN), 2), (Some(closed), 1), (Some(ServerList::Active), 3), (None, 4)]
    {
        assert_eq!(store.count(list).await.unwrap(), count, "{list:?}");
    }
    for (list, doubted) in [(OPEN, vec![1, 4]), (closed, vec![2]), (ServerList::Archived, vec![3])]
    {
        let since = store.revision().await.unwrap();
        store.save_page(page(&[], whole(list), since), at(2)).await.unwrap();
        assert_eq!(doubts(&store).await, doubted);
        for id in doubted {
            store.remove_tickets(vec![TicketId(id)]).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_pass_is_claimed_once_in_an_interval_and_a_clock_that_jumped_does_not_matter() {
    let (folder, one) = store().await;
    let two = reopen(folder.path()).await;
    assert_eq!(one.claim_pass(at(100), INTERVAL).await.unwrap(), Pass::Mine(None));
    let left = Pass::Theirs(Duration::from_secs(20), None);
    assert_eq!(two.claim_pass(at(110), INTERVAL).await.unwrap(), left);
    assert_eq!(one.claim_pass(at(110), INTERVAL).await.unwrap(), left, "its own counts too");
    one.save_upkeep(Value::from(7)).await.unwrap();
    let mine = Pass::Mine(Some(Value::from(7)));
    assert_eq!(two.claim_pass(at(130), INTERVAL).await.unwrap(), mine);
    assert_eq!(one.claim_pass(at(-500), INTERVAL).await.unwrap(), mine, "the clock was put back");
    assert_eq!(two.claim_pass(at(-499), Duration::ZERO).await.unwrap(), mine, "at once");
}

#[tokio::test]
async fn a_pass_that_came_to_nothing_is_given_back_and_no_other() {
    let (folder, one) = store().await;
    let two = reopen(folder.path()).await;
    one.claim_pass(at(100), INTERVAL).await.unwrap();
    one.give_pass_back(at(100)).await.unwrap();
    assert_eq!(two.claim_pass(at(101), INTERVAL).await.unwrap(), Pass::Mine(None));
    one.give_pass_back(at(100)).await.unwrap();
    let theirs = one.claim_pass(at(102), INTERVAL).await.unwrap();
    assert_eq!(theirs, Pass::Theirs(Duration::from_secs(29), None));
}

#[tokio::test]
async fn a_fill_is_one_consoles_until_it_stops_and_goes_on_from_there() {
    let (folder, one) = store().await;
    let two = reopen(folder.path()).await;
    let place = || Some(Value::from("page 3"));
    assert_eq!(one.claim_fill(at(0), INTERVAL).await.unwrap(), Fill::Mine(None));
    assert!(!two.renew_fill(Value::Null, at(1), INTERVAL).await.unwrap());
    assert!(one.renew_fill(place().unwrap(), at(10), INTERVAL).await.unwrap());
    let theirs = Fill::Theirs(Duration::from_secs(5), place());
    assert_eq!(two.claim_fill(at(35), INTERVAL).await.unwrap(), theirs);
    let mine = Fill::Mine(place());
    assert_eq!(two.claim_fill(at(40), INTERVAL).await.unwrap(), mine, "its time is over");
    assert!(!one.end_fill().await.unwrap());
    assert_eq!(one.claim_fill(at(-500), INTERVAL).await.unwrap(), mine, "the clock was put back");
    one.close().await;
    assert_eq!(two.claim_fill(at(-499), INTERVAL).await.unwrap(), mine, "that one has ended");
    assert!(two.needs_fill().await.unwrap());
    assert!(two.end_fill().await.unwrap());
    assert!(!two.needs_fill().await.unwrap());
    assert_eq!(two.claim_fill(at(0), INTERVAL).await.unwrap(), Fill::Done);
}

#[tokio::test]
async fn a_mirror_of_an_older_version_is_filled_where_it_was_read_whole() {
    for read_whole in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("mirror.db");
        let old = Connection::open(&file).unwrap();
        old.execute_batch(crate::store::schema::MIRROR[0]).unwrap();
        old.pragma_update(None, "user_version", 1).unwrap();
        if read_whole {
            set_single(&old, SYNCED_AT, &at(5)).unwrap();
        }
        drop(old);
        let store = reopen(folder.path()).await;
        assert_eq!(store.needs_fill().await.unwrap(), !read_whole);
        store.save_tickets(vec![ticket(1)], at(6)).await.unwrap();
        assert_eq!(store.revision().await.unwrap(), 1);
    }
}

#[tokio::test]
async fn a_mirror_that_was_set_aside_is_to_be_filled_anew() {
    let (folder, store) = store().await;
    store.claim_fill(at(0), INTERVAL).await.unwrap();
    store.save_tickets(vec![ticket(1)], at(1)).await.unwrap();
    store.end_fill().await.unwrap();
    store.close().await;
    std::fs::write(folder.path().join("mirror.db"), "no database").unwrap();
    let opened = Store::open(folder.path()).await.unwrap();
    assert_eq!(opened.notices.len(), 1);
    assert!(opened.store.needs_fill().await.unwrap());
}

#[tokio::test]
async fn of_two_readings_of_as_much_one_waits_until_the_other_is_over_or_has_ended() {
    let (folder, one) = store().await;
    let two = reopen(folder.path()).await;
    assert!(one.claim_reading(at(100), Reach::WorkingSet).await.unwrap());
    assert!(!two.claim_reading(at(101), Reach::WorkingSet).await.unwrap());
    assert_eq!(two.pass_elsewhere().await.unwrap(), Some((at(100), Reach::WorkingSet)));
    assert_eq!(one.pass_elsewhere().await.unwrap(), None, "it is its own");
    assert!(two.claim_reading(at(102), Reach::All).await.unwrap(), "it reads more");
    two.end_pass().await.unwrap();
    assert!(one.claim_reading(at(103), Reach::All).await.unwrap(), "the other is over");
    one.close().await;
    assert_eq!(two.pass_elsewhere().await.unwrap(), None, "its process has ended");
    assert!(two.claim_reading(at(104), Reach::WorkingSet).await.unwrap());
}

#[tokio::test]
async fn a_pass_that_was_given_up_is_no_pass_and_one_that_is_over_stays_one() {
    let (folder, one) = store().await;
    let two = reopen(folder.path()).await;
    assert!(matches!(one.claim_pass(at(100), INTERVAL).await.unwrap(), Pass::Mine(_)));
    two.give_up_pass().await.unwrap();
    assert!(matches!(two.claim_pass(at(101), INTERVAL).await.unwrap(), Pass::Theirs(..)));
    one.give_up_pass().await.unwrap();
    assert!(matches!(two.claim_pass(at(102), INTERVAL).await.unwrap(), Pass::Mine(_)));
    two.end_pass().await.unwrap();
    two.give_up_pass().await.unwrap();
    assert!(matches!(one.claim_pass(at(103), INTERVAL).await.unwrap(), Pass::Theirs(..)));
}
