use super::*;
use crate::{
    domain::{Change, DraftId, Line, Problem, ProblemKind, StepId, outbox::Decision},
    store::testing::{KEY, at, draft, entry, reopen, store},
};

const LEASE: Duration = Duration::from_secs(60);
const HELD: fn() -> State = || State::Sending { since: at(1), known: Some(4) };

#[tokio::test]
async fn a_step_and_the_drafts_it_came_from_change_places_at_once() {
    let (folder, store) = store().await;
    store.save_draft(draft("Hello", 1), None).await.unwrap();
    let seen = Seen { key: KEY, id: DraftId(1), version: None };
    let stale = store.queue(vec![entry(2, 1), entry(1, 1)], vec![seen]).await.unwrap();
    assert_eq!(stale, None);
    assert_eq!(store.draft(KEY).await.unwrap(), None);
    store.close().await;
    let again = reopen(folder.path()).await;
    let ids: Vec<i128> = again.outbox().await.unwrap().iter().map(|it| it.id.0).collect();
    assert_eq!(ids, [2, 1], "the order is the one in which they were queued");
}

#[tokio::test]
async fn only_one_console_gets_an_entry() {
    let (folder, one) = store().await;
    let two = reopen(folder.path()).await;
    one.queue(vec![entry(1, 1)], vec![]).await.unwrap();
    let id = EntryId(1);
    assert!(matches!(one.claim(id, at(2), LEASE).await.unwrap(), Claim::Taken(_)));
    assert!(matches!(two.claim(id, at(3), LEASE).await.unwrap(), Claim::Busy));
    assert!(!two.set_state(id, HELD(), None, at(3)).await.unwrap());
    assert!(one.set_state(id, HELD(), None, at(3)).await.unwrap());
    let late = two.claim(id, at(100), LEASE).await.unwrap();
    assert!(matches!(late, Claim::Orphaned(_)), "it may have been sent: {late:?}");
    assert!(!one.set_state(id, HELD(), None, at(101)).await.unwrap());
}

#[tokio::test]
async fn the_claim_of_a_console_that_ended_is_doubtful_at_once() {
    let (folder, one) = store().await;
    let two = reopen(folder.path()).await;
    one.queue(vec![entry(1, 1)], vec![]).await.unwrap();
    one.claim(EntryId(1), at(2), LEASE).await.unwrap();
    one.set_state(EntryId(1), HELD(), None, at(2)).await.unwrap();
    one.close().await;
    let claim = two.claim(EntryId(1), at(3), LEASE).await.unwrap();
    assert!(matches!(claim, Claim::Orphaned(_)), "{claim:?}");
}

#[tokio::test]
async fn what_is_out_is_spoken_of_by_whoever_has_claimed_it() {
    let problem = || Problem::new(ProblemKind::Broken, Line::default());
    let out =
        [HELD(), State::Doubtful { problem: problem(), until: at(9), since: at(1), known: None }];
    for state in out {
        let (folder, one) = store().await;
        let two = reopen(folder.path()).await;
        one.queue(vec![entry(1, 1)], vec![]).await.unwrap();
        one.claim(EntryId(1), at(2), LEASE).await.unwrap();
        assert!(one.set_state(EntryId(1), state, None, at(2)).await.unwrap());
        one.close().await;
        let ends = [
            State::Waiting { problem: problem(), until: at(9) },
            State::Decision { reason: Decision::Overtaken(Box::default()) },
            State::Refused { problem: problem() },
        ];
        for end in ends {
            assert!(!two.set_state(EntryId(1), end, None, at(4)).await.unwrap());
        }
        two.claim(EntryId(1), at(5), LEASE).await.unwrap();
        let waits = State::Waiting { problem: problem(), until: at(9) };
        assert!(two.set_state(EntryId(1), waits, None, at(6)).await.unwrap());
    }
}

#[tokio::test]
async fn the_changes_of_a_ticket_keep_their_order_whoever_sends_them() {
    let (folder, one) = store().await;
    let two = reopen(folder.path()).await;
    one.queue(vec![entry(1, 1)], vec![]).await.unwrap();
    let other = Entry { ticket: Some(TicketId(8)), ..entry(3, 2) };
    let follows = Entry { after: Some(EntryId(1)), ..entry(4, 2) };
    let follows = Entry { ticket: Some(TicketId(9)), ..follows };
    two.queue(vec![entry(2, 2), other, follows], vec![]).await.unwrap();
    for (id, claim) in [(2, "Behind"), (3, "Taken"), (4, "Behind"), (1, "Taken")] {
        let got = two.claim(EntryId(id), at(3), LEASE).await.unwrap();
        assert!(format!("{got:?}").starts_with(claim), "{id}: {got:?}");
    }
    let reason = crate::domain::outbox::Decision::Overtaken(Box::default());
    let asks = State::Decision { reason };
    assert!(two.set_state(EntryId(1), asks, None, at(4)).await.unwrap());
    let passes = one.claim(EntryId(2), at(5), LEASE).await.unwrap();
    assert!(matches!(passes, Claim::Taken(_)), "{passes:?}");
    two.decide(EntryId(1), None, Duration::ZERO, at(6)).await.unwrap();
    assert!(one.set_state(EntryId(2), HELD(), None, at(6)).await.unwrap());
    let waits = two.claim(EntryId(1), at(6), LEASE).await.unwrap();
    assert_eq!(waits, Claim::Behind, "the one that passed it is being sent");
}

#[tokio::test]
async fn what_follows_a_reply_that_waits_for_the_agent_lets_others_pass() {
    let (_folder, store) = store().await;
    let reason = crate::domain::outbox::Decision::Overtaken(Box::default());
    let asks = Entry { state: State::Decision { reason }, ..entry(1, 1) };
    let follows = Entry { after: Some(EntryId(1)), ..entry(2, 1) };
    store.queue(vec![asks, follows, entry(3, 2)], vec![]).await.unwrap();
    assert_eq!(store.claim(EntryId(2), at(3), LEASE).await.unwrap(), Claim::Behind);
    let passes = store.claim(EntryId(3), at(3), LEASE).await.unwrap();
    assert!(matches!(passes, Claim::Taken(_)), "{passes:?}");
}

#[tokio::test]
async fn what_is_out_is_not_taken_back_and_what_is_taken_back_does_not_go_out() {
    let (folder, one) = store().await;
    let two = reopen(folder.path()).await;
    one.queue(vec![entry(1, 1)], vec![]).await.unwrap();
    one.queue(vec![Entry { ticket: Some(TicketId(8)), ..entry(2, 1) }], vec![]).await.unwrap();
    for id in [1, 2].map(EntryId) {
        assert!(matches!(one.claim(id, at(2), LEASE).await.unwrap(), Claim::Taken(_)));
    }
    assert!(one.set_state(EntryId(1), HELD(), None, at(3)).await.unwrap());
    let late = two.take_back(EntryId(1), at(4)).await.unwrap();
    assert!(matches!(late, TakeBack::TooLate(_)), "{late:?}");
    let done = two.take_back(EntryId(2), at(4)).await.unwrap();
    assert!(matches!(done, TakeBack::Done(_)), "{done:?}");
    assert!(!one.set_state(EntryId(2), HELD(), None, at(5)).await.unwrap());
    assert!(matches!(one.claim(EntryId(2), at(6), LEASE).await.unwrap(), Claim::Gone));
}

#[tokio::test]
async fn the_text_of_what_came_to_nothing_is_a_draft_again() {
    let (_folder, store) = store().await;
    store.queue(vec![entry(1, 1), entry(2, 1)], vec![]).await.unwrap();
    store.take_back(EntryId(1), at(3)).await.unwrap();
    let kept = store.draft(KEY).await.unwrap().expect("a draft");
    assert_eq!(kept.text, "Hello\0");
    let unseen = Seen { key: KEY, id: kept.id, version: Some(at(2)) };
    let stale = store.drop_draft(unseen, at(4)).await.unwrap();
    assert!(matches!(stale, Some(Stale::Newer(_))), "nobody saw it yet: {stale:?}");
    let seen = Seen { version: Some(kept.updated), ..unseen };
    assert_eq!(store.drop_draft(seen, at(4)).await.unwrap(), None);
    let said = crate::store::testing::line("no");
    let problem = crate::domain::Problem::new(crate::domain::ProblemKind::Refused, said);
    store.set_state(EntryId(2), State::Refused { problem }, None, at(4)).await.unwrap();
    assert_eq!(store.draft(KEY).await.unwrap().expect("a draft").text, "Hello\0");
}

#[tokio::test]
async fn a_text_that_came_to_nothing_has_the_changes_beside_it_that_were_to_follow() {
    let problem = Problem::new(ProblemKind::Refused, Line::default());
    for end in [State::TakenBack, State::Refused { problem }] {
        let (_folder, store) = store().await;
        let archives = Entry {
            change: Change::Archived(true),
            after: Some(EntryId(1)),
            state: State::Queued,
            ..entry(2, 1)
        };
        let other = Entry { change: Change::Archived(false), after: None, ..archives.clone() };
        let other = Entry { id: EntryId(3), step: StepId(3), ..other };
        store.queue(vec![entry(1, 1), archives, other], vec![]).await.unwrap();
        store.set_state(EntryId(1), end, None, at(3)).await.unwrap();
        let changes = store.draft(KEY).await.unwrap().expect("a draft").changes.expect("changes");
        assert_eq!(changes.archived, Some(true));
        assert_eq!(changes.fields().len(), 1);
    }
}

#[tokio::test]
async fn what_is_settled_is_logged_once() {
    let (_folder, store) = store().await;
    store.queue(vec![entry(1, 1)], vec![]).await.unwrap();
    let recorded = State::Recorded { at: at(5), made: Some(ReplyId(9)), undo: None };
    assert!(store.set_state(EntryId(1), recorded.clone(), None, at(5)).await.unwrap());
    assert!(!store.set_state(EntryId(1), recorded, None, at(6)).await.unwrap());
    assert_eq!(store.outbox().await.unwrap(), []);
    let log = store.log(10).await.unwrap();
    assert_eq!(log.len(), 1);
    assert!(matches!(&log[0].change, Change::Post { text, .. } if text == "Hello\0"));
    assert_eq!(store.made(TicketId(7)).await.unwrap(), [ReplyId(9)].into());
}

#[tokio::test]
async fn what_is_held_is_released_unless_somebody_works_on_it() {
    let (folder, one) = store().await;
    let two = reopen(folder.path()).await;
    one.queue(vec![entry(1, 1)], vec![]).await.unwrap();
    one.queue(vec![Entry { ticket: Some(TicketId(8)), ..entry(2, 1) }], vec![]).await.unwrap();
    one.claim(EntryId(1), at(2), LEASE).await.unwrap();
    for console in [&one, &two] {
        assert!(!console.release(EntryId(1), at(3)).await.unwrap(), "it is claimed");
    }
    assert!(one.set_state(EntryId(1), HELD(), None, at(3)).await.unwrap());
    assert!(!one.release(EntryId(1), at(4)).await.unwrap(), "it is out");
    assert!(!one.set_state(EntryId(1), State::Queued, None, at(4)).await.unwrap(), "it is out");
    assert!(two.release(EntryId(2), at(4)).await.unwrap());
    assert!(!two.release(EntryId(2), at(5)).await.unwrap(), "it is queued");
    let states: Vec<State> = one.outbox().await.unwrap().into_iter().map(|it| it.state).collect();
    assert_eq!(states, [HELD(), State::Queued]);
}

#[tokio::test]
async fn what_an_older_growdesk_queued_keeps_its_place_and_what_it_follows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("work.db");
    let mut old = Connection::open(&path).unwrap();
    crate::store::schema::migrate(&mut old, &path, &crate::store::schema::WORK[..6]).unwrap();
    let largest = i64::MAX;
    old.execute_batch(&format!(
        r#"INSERT INTO outbox (id, step, ticket, change, after, queued, state, undo, tried) VALUES
        ({largest}, 4611686018427371520, 7, '{{"archived":true}}', NULL, 5, '{{"state":"queued"}}', 0, 1),
        (2, 2, 7, '{{"archived":false}}', {largest}, 6, '{{"state":"queued"}}', 1, 0);
        INSERT INTO log (at, entry, ticket, what, change, outcome) VALUES
        (5, 9, 7, 'archive', '{{"archived":true}}', '{{"state":"taken_back"}}')"#,
    ))
    .unwrap();
    drop(old);
    let store = reopen(folder.path()).await;
    let entries = store.outbox().await.unwrap();
    let [first, second] = &entries[..] else { panic!("{entries:?}") };
    assert_eq!((first.id, first.step.0), (EntryId(largest.into()), 4_611_686_018_427_371_520));
    assert_eq!((first.after, first.undo), (None, None));
    assert!(store.was_tried(first.id).await.unwrap());
    let follows = (second.id, second.after, second.undo);
    assert_eq!(follows, (EntryId(2), Some(first.id), Some(EntryId(1))));
    assert_eq!(store.log(9).await.unwrap()[0].entry, EntryId(9));
    store.queue(vec![entry(3, 7)], vec![]).await.unwrap();
    assert_eq!(store.claim(EntryId(3), at(8), LEASE).await.unwrap(), Claim::Behind);
    assert!(matches!(store.claim(first.id, at(8), LEASE).await.unwrap(), Claim::Taken(_)));
}

#[tokio::test]
async fn a_step_of_any_number_of_changes_is_stored_whole_and_its_turns_are_found_at_once() {
    let (_folder, store) = store().await;
    let step = StepId::new(u64::MAX, u32::MAX);
    let of = |at: usize| Entry {
        id: step.entry(at),
        step,
        ticket: Some(TicketId(i64::try_from(at).unwrap())),
        ..entry(1, 1)
    };
    let entries: Vec<Entry> = (0..20_000).map(of).collect();
    store.queue(entries.clone(), vec![]).await.unwrap();
    let stored = store.outbox().await.unwrap();
    assert!(stored == entries, "{} of 20,000", stored.len());
    assert!(matches!(
        store.claim(step.entry(19_999), at(2), LEASE).await.unwrap(),
        Claim::Taken(_)
    ));
    let plan = store
        .work(|work| {
            let mut plan = work.prepare(&format!("EXPLAIN QUERY PLAN {BEHIND}"))?;
            let lines = plan.query_map([EntryId(1)], |row| row.get::<_, String>(3))?;
            Ok(lines.collect::<Result<Vec<_>, _>>()?.join("\n"))
        })
        .await
        .unwrap();
    assert!(plan.contains("outbox_open") && !plan.contains("SCAN"), "{plan}");
}
