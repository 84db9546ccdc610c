use super::*;
use crate::{
    domain::{EntryId, Seen, Stale, State},
    store::{
        Saved,
        testing::{KEY, at, draft, entry, reopen, store},
    },
};

const MINE: DraftId = DraftId(1);

/// Two consoles with one store; the first has written a draft.
async fn two() -> (tempfile::TempDir, Store, Store) {
    let (folder, one) = store().await;
    let two = reopen(folder.path()).await;
    one.sign_log("Ann").await.unwrap();
    assert_eq!(one.save_draft(draft("first", 1), None).await.unwrap(), Saved::Stored);
    (folder, one, two)
}

fn seen(version: Option<i64>) -> Seen {
    Seen { key: KEY, id: MINE, version: version.map(at) }
}

fn writer_of(stale: Option<Stale>) -> (String, Option<String>) {
    match stale {
        Some(Stale::Written(writer, stored)) => (writer.agent, stored.map(|it| it.text)),
        other => panic!("{other:?}"),
    }
}

fn refused(saved: Saved) -> Option<Stale> {
    match saved {
        Saved::Stored => None,
        Saved::Stale(stale) => Some(stale),
    }
}

#[tokio::test]
async fn a_draft_has_one_writer_at_a_time() {
    let (_folder, one, two) = two().await;
    let opened = two.open_draft(KEY, None, false, at(2)).await.unwrap();
    let writer = opened.writer.expect("the first writes it");
    assert_eq!((writer.agent.as_str(), writer.process), ("Ann", std::process::id()));
    assert!(!writer.host.is_empty());
    assert_eq!(opened.draft.expect("it is stored").text, "first");

    let blind = refused(two.save_draft(draft("second", 2), Some(at(1))).await.unwrap());
    assert_eq!(writer_of(blind), ("Ann".into(), Some("first".into())));
    let dropped = two.drop_draft(seen(Some(1)), at(2)).await.unwrap();
    assert_eq!(writer_of(dropped), ("Ann".into(), Some("first".into())));
    let queued = two.queue(vec![entry(1, 2)], vec![seen(Some(1))]).await.unwrap();
    assert_eq!(writer_of(queued.map(|(_, stale)| stale)), ("Ann".into(), Some("first".into())));
    assert_eq!(two.outbox().await.unwrap(), [], "nothing is queued");

    let all = two.all_drafts().await.unwrap();
    assert_eq!((all.drafts.len(), all.writers.len(), all.writers[0].0), (1, 1, KEY));
    assert_eq!(one.all_drafts().await.unwrap().writers, [], "what is one's own is no news");
}

#[tokio::test]
async fn who_takes_a_draft_over_has_its_newest_text_and_the_other_is_told() {
    let (_folder, one, two) = two().await;
    one.save_draft(draft("first, and more", 2), None).await.unwrap();
    let opened = two.open_draft(KEY, None, true, at(3)).await.unwrap();
    assert_eq!(opened.writer, None);
    assert_eq!(opened.draft.expect("it is stored").text, "first, and more");
    let late = refused(one.save_draft(draft("first, and more!", 3), None).await.unwrap());
    assert!(matches!(late, Some(Stale::Written(..))), "{late:?}");
    let saved = two.save_draft(draft("second", 4), Some(at(2))).await.unwrap();
    assert_eq!(saved, Saved::Stored);
    assert_eq!(one.draft(KEY).await.unwrap().expect("one text").text, "second");
}

#[tokio::test]
async fn a_writer_ends_with_its_pane_or_with_its_process() {
    let (folder, one, two) = two().await;
    one.close_draft(KEY).await.unwrap();
    assert_eq!(two.open_draft(KEY, None, false, at(2)).await.unwrap().writer, None);
    assert!(one.open_draft(KEY, None, false, at(3)).await.unwrap().writer.is_some());
    two.close_draft(KEY).await.unwrap();
    one.open_draft(KEY, None, false, at(3)).await.unwrap();
    one.close().await;
    assert_eq!(two.open_draft(KEY, None, false, at(4)).await.unwrap().writer, None);
    two.close().await;
    let third = reopen(folder.path()).await;
    assert_eq!(third.open_draft(KEY, None, false, at(5)).await.unwrap().writer, None);
}

#[tokio::test]
async fn a_writer_that_ends_is_a_change_even_where_it_writes_no_more() {
    let (_folder, one, two) = two().await;
    assert!(two.changed_elsewhere().await.unwrap().written);
    assert_eq!(two.all_drafts().await.unwrap().writers.len(), 1);
    assert!(!two.changed_elsewhere().await.unwrap().written);
    one.close().await;
    assert!(two.changed_elsewhere().await.unwrap().written, "its process has ended");
    assert_eq!(two.all_drafts().await.unwrap().writers, []);
    assert!(!two.changed_elsewhere().await.unwrap().written);
}

#[tokio::test]
async fn a_text_that_somebody_else_stored_is_neither_overwritten_nor_dropped_unseen() {
    let (_folder, one, two) = two().await;
    one.close_draft(KEY).await.unwrap();
    let blind = refused(two.save_draft(draft("blind", 2), None).await.unwrap());
    assert!(matches!(blind, Some(Stale::Newer(stored)) if stored.text == "first"));
    let dropped = two.drop_draft(seen(None), at(2)).await.unwrap();
    assert!(matches!(dropped, Some(Stale::Newer(_))), "{dropped:?}");
    let queued = two.queue(vec![entry(1, 2)], vec![seen(None)]).await.unwrap();
    assert!(matches!(queued, Some((_, Stale::Newer(_)))), "{queued:?}");
    let another = Draft { id: DraftId(2), ..draft("another", 3) };
    let saved = refused(two.save_draft(another, Some(at(1))).await.unwrap());
    assert!(matches!(saved, Some(Stale::Newer(_))), "it is another draft: {saved:?}");
    let same = Draft { id: DraftId(2), ..draft("first", 4) };
    assert_eq!(two.save_draft(same, None).await.unwrap(), Saved::Stored, "no word is lost");
    two.close_draft(KEY).await.unwrap();
    let saved = one.save_draft(draft("third", 5), Some(at(4))).await.unwrap();
    assert!(matches!(saved, Saved::Stale(Stale::Newer(_))), "it has become another: {saved:?}");
}

#[tokio::test]
async fn a_draft_that_is_gone_can_be_neither_recorded_nor_written() {
    let (_folder, one, two) = two().await;
    assert_eq!(one.queue(vec![entry(1, 7)], vec![seen(None)]).await.unwrap(), None);
    one.close_draft(KEY).await.unwrap();
    for version in [None, Some(1)] {
        let queued = two.queue(vec![entry(2, 8)], vec![seen(version)]).await.unwrap();
        let Some((KEY, Stale::Gone(gone))) = queued else { panic!("{queued:?}") };
        assert_eq!((gone.recorded, gone.at, gone.by.agent.as_str()), (true, at(7), "Ann"));
        let saved = two.save_draft(draft("first!", 9), version.map(at)).await.unwrap();
        assert!(matches!(saved, Saved::Stale(Stale::Gone(_))), "{saved:?}");
    }
    let ids: Vec<EntryId> = two.outbox().await.unwrap().iter().map(|it| it.id).collect();
    assert_eq!(ids, [EntryId(1)]);
    let opened = two.open_draft(KEY, Some(MINE), false, at(9)).await.unwrap();
    assert!(opened.gone.expect("it is known").recorded);
    assert_eq!(opened.draft, None);
    let next = Draft { id: DraftId(2), ..draft("another one", 10) };
    assert_eq!(two.save_draft(next, None).await.unwrap(), Saved::Stored, "a new one is none");
    let dropped = Seen { id: DraftId(2), ..seen(None) };
    assert_eq!(two.drop_draft(dropped, at(11)).await.unwrap(), None);
    let gone = one.all_drafts().await.unwrap().gone;
    let known: Vec<(DraftId, bool)> = gone.iter().map(|(id, it)| (*id, it.recorded)).collect();
    assert_eq!(known, [(DraftId(2), false), (MINE, true)]);
}

#[tokio::test]
async fn a_draft_that_never_reached_the_disk_is_recorded_all_the_same() {
    let (_folder, store) = store().await;
    let never = Seen { key: KEY, id: DraftId(9), version: None };
    assert_eq!(store.queue(vec![entry(1, 1)], vec![never]).await.unwrap(), None);
    assert_eq!(store.outbox().await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_became_of_drafts_is_not_kept_for_ever() {
    let (_folder, store) = store().await;
    for id in 1..=1_100 {
        let seen = Seen { key: KEY, id: DraftId(id), version: None };
        assert_eq!(store.drop_draft(seen, at(id)).await.unwrap(), None);
    }
    let count: i64 = store
        .run(|files| {
            Ok(files.work.query_row("SELECT count(*) FROM gone_drafts", [], |row| row.get(0))?)
        })
        .await
        .unwrap();
    assert_eq!(count, 1_000);
}

#[tokio::test]
async fn a_text_that_comes_back_is_kept_beside_what_was_typed_meanwhile() {
    let (_folder, one, two) = two().await;
    one.queue(vec![entry(1, 1), entry(2, 2)], vec![seen(None)]).await.unwrap();
    one.close_draft(KEY).await.unwrap();
    let typed = Draft { id: DraftId(5), ..draft("typed meanwhile", 3) };
    two.save_draft(typed.clone(), None).await.unwrap();
    one.take_back(EntryId(1), at(4)).await.unwrap();
    assert_eq!(two.draft(KEY).await.unwrap(), Some(typed), "no word is woven in");
    let beside = one.draft(KEY.beside(1)).await.unwrap().expect("a draft of its own");
    assert_eq!(beside.text, "Hello\0");
    let said = crate::store::testing::line("no");
    let problem = crate::domain::Problem::new(crate::domain::ProblemKind::Refused, said);
    let refused = State::Refused { problem };
    assert!(one.set_state(EntryId(2), refused, None, at(5)).await.unwrap());
    assert_eq!(one.drafts().await.unwrap().len(), 3);
}
