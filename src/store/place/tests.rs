use std::{fs, os::unix::fs::PermissionsExt as _, time::Duration};

use super::*;
use crate::{
    domain::{
        AsideChange, Draft, DraftId, Entry, EntryId, Line, Problem, ProblemKind, ReplyId, Seen,
        State, TicketId, outbox::Decision,
    },
    store::{
        Claim, Saved, Store, TakeBack,
        testing::{KEY, at, draft, entry, reopen, store},
    },
};

const LEASE: Duration = Duration::from_secs(60);
const NAMES: [&str; 3] = ["work.db", "work.db-wal", "work.db-shm"];

fn problem() -> Problem {
    Problem::new(ProblemKind::Broken, Line::default())
}

/// An entry on a ticket of its own.
fn apart(id: i64, state: State) -> Entry {
    Entry { ticket: Some(TicketId(id)), state, ..entry(id, 1) }
}

fn recorded(second: i64) -> State {
    State::Recorded { at: at(second), made: Some(ReplyId(second)), undo: None }
}

/// One entry in each state that is not settled.
fn unsettled() -> Vec<Entry> {
    let (until, since) = (at(9), at(2));
    let states = [
        State::Holding { until },
        State::Queued,
        State::Sending { since, known: Some(4) },
        State::Waiting { problem: problem(), until },
        State::Doubtful { problem: problem(), until, since, known: Some(5) },
        State::Decision { reason: Decision::Overtaken(Box::default()) },
    ];
    (1..).zip(states).map(|(id, state)| apart(id, state)).collect()
}

async fn remade(store: &Store) -> Remade {
    store.changed_elsewhere().await.ok().and_then(|it| it.remade).expect("it was made anew")
}

/// A copy of the files of `work.db` as a backup takes it.
fn copy(from: &Path, to: &Path) {
    for name in NAMES {
        let _ = fs::copy(from.join(name), to.join(name));
    }
}

fn remove(folder: &Path) {
    for name in NAMES {
        let _ = fs::remove_file(folder.join(name));
    }
}

#[tokio::test]
async fn a_deleted_folder_is_made_anew_with_all_that_was_in_it() {
    let (folder, one) = store().await;
    one.sign_log("Ann").await.unwrap();
    one.queue(unsettled(), vec![]).await.unwrap();
    one.queue(vec![apart(7, State::Queued)], vec![]).await.unwrap();
    assert!(matches!(one.claim(EntryId(2), at(3), LEASE).await.unwrap(), Claim::Taken(_)));
    assert!(one.set_state(EntryId(7), recorded(3), None, at(3)).await.unwrap());
    one.save_draft(draft("typed", 3), None).await.unwrap();
    one.set_aside(vec![(TicketId(7), AsideChange::Pinned(true))], at(3)).await.unwrap();
    let (before, kept) =
        ((one.outbox().await.unwrap(), one.log(9).await.unwrap()), one.asides().await.unwrap());
    assert_eq!(kept.len(), 1);
    for _ in 0..2 {
        fs::remove_dir_all(folder.path()).unwrap();
        let told = remade(&one).await;
        assert_eq!((told.drafts, told.changes, told.was_replaced), (1, 6, false));
        assert!(told.to_string().contains("anew, with 1 draft and 6 changes on the way"), "{told}");
        assert_eq!((one.outbox().await.unwrap(), one.log(9).await.unwrap()), before);
        assert_eq!(one.asides().await.unwrap(), kept);
        assert_eq!(one.draft(KEY).await.unwrap().map(|it| it.text), Some("typed".into()));
        assert_eq!(one.changed_elsewhere().await.unwrap(), Changed::default());
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(folder.path()), 0o700);
        assert_eq!(NAMES.map(|name| mode(&folder.path().join(name))), [0o600; 3]);
        let two = reopen(folder.path()).await;
        let claim = two.claim(EntryId(2), at(4), LEASE).await.unwrap();
        assert_eq!(claim, Claim::Busy, "a claim is kept, and its owner is known to run");
        let writer = two.open_draft(KEY, None, false, at(4)).await.unwrap().writer;
        assert_eq!(writer.expect("the first writes it").agent, "Ann");
        assert_eq!(two.outbox().await.unwrap(), before.0);
        two.close().await;
    }
}

/// One of six ways to write.
async fn write(one: &Store, number: u8) {
    let (id, now) = (EntryId(1), at(5));
    match number {
        0 => assert!(matches!(one.take_back(id, now).await, Ok(TakeBack::Done(_)))),
        1 => assert!(matches!(one.set_state(id, recorded(5), None, now).await, Ok(true))),
        2 => assert!(matches!(one.claim(id, now, LEASE).await, Ok(Claim::Taken(_)))),
        3 => assert!(matches!(one.release(id, now).await, Ok(true))),
        4 => {
            let more = vec![apart(2, State::Queued)];
            assert!(matches!(one.queue(more, vec![]).await, Ok(None)));
        }
        _ => {
            let saved = one.save_draft(draft("more", 5), None).await;
            assert!(matches!(saved, Ok(Saved::Stored)));
        }
    }
}

#[tokio::test]
async fn no_write_is_made_in_a_deleted_file() {
    for number in 0..6 {
        let (folder, one) = store().await;
        one.queue(vec![apart(1, State::Holding { until: at(9) })], vec![]).await.unwrap();
        fs::remove_dir_all(folder.path()).unwrap();
        write(&one, number).await;
        let two = reopen(folder.path()).await;
        assert_eq!(two.outbox().await.unwrap(), one.outbox().await.unwrap());
        assert_eq!(two.drafts().await.unwrap(), one.drafts().await.unwrap());
        assert_eq!(two.log(9).await.unwrap(), one.log(9).await.unwrap());
    }
}

#[tokio::test]
async fn two_consoles_whose_folder_is_deleted_have_each_change_once() {
    let (folder, one) = store().await;
    let two = reopen(folder.path()).await;
    one.queue(unsettled(), vec![]).await.unwrap();
    two.save_draft(draft("typed", 3), None).await.unwrap();
    fs::remove_dir_all(folder.path()).unwrap();
    let own = apart(8, State::Queued);
    two.queue(vec![own.clone()], vec![]).await.unwrap();
    remade(&two).await;
    let told = remade(&one).await;
    assert_eq!((told.drafts, told.changes, told.was_replaced), (1, 7, true));
    let all = [unsettled(), vec![own]].concat();
    assert_eq!(one.outbox().await.unwrap(), all);
    assert_eq!(two.outbox().await.unwrap(), all);
    assert!(matches!(one.claim(EntryId(2), at(3), LEASE).await.unwrap(), Claim::Taken(_)));
    assert_eq!(two.claim(EntryId(2), at(3), LEASE).await.unwrap(), Claim::Busy);
    one.close().await;
    two.close().await;
    assert_eq!(reopen(folder.path()).await.outbox().await.unwrap(), all, "none went with a close");
}

#[tokio::test]
async fn what_was_asked_for_first_is_sent_first_whichever_file_it_was_in() {
    let (folder, one) = store().await;
    let of = |id: i64| Entry { state: State::Queued, ..entry(id, id) };
    one.queue(vec![of(1), of(3), of(5)], vec![]).await.unwrap();
    remove(folder.path());
    let two = reopen(folder.path()).await;
    two.queue(vec![of(2), of(4)], vec![]).await.unwrap();
    two.queue(vec![of(6)], vec![]).await.unwrap();
    assert_eq!(one.outbox().await.unwrap(), [1, 2, 3, 4, 5, 6].map(of));
    assert_eq!(two.claim(EntryId(2), at(7), LEASE).await.unwrap(), Claim::Behind);
    two.queue(vec![of(7)], vec![]).await.unwrap();
    assert_eq!(one.outbox().await.unwrap().last(), Some(&of(7)));
}

#[tokio::test]
async fn what_one_console_has_sent_the_other_does_not_send_whoever_sees_first_that_the_file_is_gone()
 {
    for sees_first in [true, false] {
        let (folder, one) = store().await;
        let two = reopen(folder.path()).await;
        let queued = apart(1, State::Queued);
        one.queue(vec![queued.clone()], vec![]).await.unwrap();
        assert!(matches!(one.claim(EntryId(1), at(3), LEASE).await.unwrap(), Claim::Taken(_)));
        fs::remove_dir_all(folder.path()).unwrap();
        if sees_first {
            // Nobody can tell whether the first store runs, so the claim has to be noticed by its
            // holder.
            assert!(matches!(two.claim(EntryId(1), at(4), LEASE).await.unwrap(), Claim::Taken(_)));
            assert!(two.depart(EntryId(1), queued.change.clone(), at(4), None).await.unwrap());
            assert!(!one.depart(EntryId(1), queued.change.clone(), at(4), None).await.unwrap());
        } else {
            assert!(one.depart(EntryId(1), queued.change.clone(), at(4), None).await.unwrap());
            assert_eq!(two.claim(EntryId(1), at(4), LEASE).await.unwrap(), Claim::Busy);
        }
        assert!(one.set_state(EntryId(1), recorded(5), None, at(5)).await.unwrap());
        assert_eq!(two.claim(EntryId(1), at(99), LEASE).await.unwrap(), Claim::Gone);
        assert_eq!(two.log(9).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_request_that_never_left_does_not_hide_the_one_that_another_console_sent_meanwhile() {
    let (folder, one) = store().await;
    let aside = tempfile::tempdir().unwrap();
    let queued = apart(1, State::Queued);
    let (id, change) = (queued.id, queued.change.clone());
    one.queue(vec![queued], vec![]).await.unwrap();
    copy(folder.path(), aside.path());
    // These writes go into a file that its older copy replaces afterwards.
    assert!(matches!(one.claim(id, at(3), LEASE).await.unwrap(), Claim::Taken(_)));
    assert!(one.depart(id, change.clone(), at(3), None).await.unwrap());
    remove(folder.path());
    copy(aside.path(), folder.path());
    let two = reopen(folder.path()).await;
    assert!(matches!(two.claim(id, at(4), LEASE).await.unwrap(), Claim::Taken(_)));
    assert!(two.depart(id, change, at(4), Some(7)).await.unwrap());
    two.close().await;
    let waits = State::Waiting { problem: problem(), until: at(5) };
    assert!(!one.set_state(id, waits, None, at(5)).await.unwrap(), "it would be sent again");
    let Claim::Orphaned(entry) = one.claim(id, at(6), LEASE).await.unwrap() else {
        panic!("the other one's request is to be looked for");
    };
    assert_eq!(entry.state, State::Sending { since: at(4), known: Some(7) });
}

#[tokio::test]
async fn an_older_copy_in_its_place_brings_nothing_back_that_is_settled() {
    let (folder, one) = store().await;
    let aside = tempfile::tempdir().unwrap();
    one.queue((1..=4).map(|id| apart(id, State::Queued)).collect(), vec![]).await.unwrap();
    let other = Draft { key: KEY.beside(1), id: DraftId(2), ..draft("goes", 1) };
    one.save_draft(draft("first", 1), None).await.unwrap();
    one.save_draft(other.clone(), None).await.unwrap();
    copy(folder.path(), aside.path());
    assert!(one.set_state(EntryId(1), recorded(3), None, at(3)).await.unwrap());
    assert!(matches!(one.take_back(EntryId(2), at(3)).await, Ok(TakeBack::Done(_))));
    assert!(matches!(one.claim(EntryId(3), at(3), LEASE).await.unwrap(), Claim::Taken(_)));
    let change = apart(3, State::Queued).change;
    assert!(one.depart(EntryId(3), change, at(3), Some(7)).await.unwrap());
    one.save_draft(draft("first, and more", 3), None).await.unwrap();
    let seen = Seen { key: other.key, id: other.id, version: None };
    assert_eq!(one.drop_draft(seen, at(3)).await.unwrap(), None);
    let before = (one.outbox().await.unwrap(), one.drafts().await.unwrap());
    remove(folder.path());
    copy(aside.path(), folder.path());
    let told = remade(&one).await;
    assert!(told.was_replaced && told.to_string().contains("the one there now"), "{told}");
    assert_eq!((one.outbox().await.unwrap(), one.drafts().await.unwrap()), before);
    assert_eq!(one.log(9).await.unwrap().len(), 2);
    assert_eq!(one.claim(EntryId(1), at(99), LEASE).await.unwrap(), Claim::Gone);
    assert_eq!(one.claim(EntryId(2), at(99), LEASE).await.unwrap(), Claim::Gone);
}

#[tokio::test]
async fn what_is_beside_the_file_belongs_to_it() {
    for names in [&NAMES[1..2], &NAMES[2..], &NAMES[1..]] {
        let (folder, one) = store().await;
        one.queue(unsettled(), vec![]).await.unwrap();
        one.save_draft(draft("typed", 3), None).await.unwrap();
        for name in names {
            fs::remove_file(folder.path().join(name)).unwrap();
        }
        assert!(matches!(one.take_back(EntryId(1), at(5)).await, Ok(TakeBack::Done(_))));
        assert!(remade(&one).await.was_replaced);
        // In one process SQLite has one view of what is beside a file.
        let two = reopen(folder.path()).await;
        for store in [&one, &two] {
            assert_eq!(store.outbox().await.unwrap(), unsettled()[1..], "{names:?}");
            assert_eq!(store.drafts().await.unwrap().len(), 2, "{names:?}");
        }
        one.close().await;
        two.close().await;
        let last = reopen(folder.path()).await;
        assert_eq!(last.outbox().await.unwrap(), unsettled()[1..], "{names:?}");
        assert_eq!(last.drafts().await.unwrap().len(), 2, "{names:?}");
    }
}

#[tokio::test]
async fn a_file_that_goes_while_it_is_opened_is_known_to_have_gone() {
    for name in NAMES {
        let (folder, one) = store().await;
        one.close().await;
        let path = folder.path().join(NAMES[0]);
        let work = open_work(&path).unwrap();
        assert!(FilePlace::of(&path, &work).is_kept());
        fs::remove_file(folder.path().join(name)).unwrap();
        assert!(!FilePlace::of(&path, &work).is_kept(), "{name}");
    }
}

#[tokio::test]
async fn where_there_can_be_no_new_file_all_is_kept_until_there_can() {
    for is_folder in [true, false] {
        let (folder, one) = store().await;
        let work = folder.path().join(NAMES[0]);
        let place = if is_folder { folder.path() } else { work.as_path() };
        one.queue(unsettled(), vec![]).await.unwrap();
        fs::remove_dir_all(folder.path()).unwrap();
        if !is_folder {
            fs::create_dir(folder.path()).unwrap();
        }
        fs::write(place, "of somebody else").unwrap();
        for _ in 0..2 {
            let error = one.save_draft(draft("typed", 3), None).await.unwrap_err().to_string();
            assert!(error.contains("nothing is sent"), "{error}");
            let claim = one.claim(EntryId(2), at(3), LEASE).await.unwrap_err();
            assert!(matches!(claim, StoreError::Replaced { .. }), "{claim}");
            assert!(one.changed_elsewhere().await.is_err());
            assert_eq!(fs::read_to_string(place).unwrap(), "of somebody else");
        }
        fs::remove_file(place).unwrap();
        assert_eq!(one.save_draft(draft("typed", 3), None).await.unwrap(), Saved::Stored);
        let told = remade(&one).await;
        assert_eq!((told.drafts, told.changes), (0, 6), "the draft came after it");
        assert_eq!(reopen(folder.path()).await.drafts().await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_folder_that_is_put_back_is_the_one_that_counts_with_what_was_done_meanwhile() {
    let (folder, one) = store().await;
    let away = tempfile::tempdir().unwrap();
    one.queue(unsettled(), vec![]).await.unwrap();
    for name in NAMES {
        fs::rename(folder.path().join(name), away.path().join(name)).unwrap();
    }
    assert!(matches!(one.take_back(EntryId(1), at(5)).await, Ok(TakeBack::Done(_))));
    remove(folder.path());
    for name in NAMES {
        fs::rename(away.path().join(name), folder.path().join(name)).unwrap();
    }
    assert_eq!(one.outbox().await.unwrap(), unsettled()[1..]);
    assert_eq!(one.drafts().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_draft_that_two_consoles_made_differently_is_kept_twice() {
    let (folder, one) = store().await;
    one.save_draft(draft("mine", 1), None).await.unwrap();
    remove(folder.path());
    // As a console does that was opened before the first one has noticed.
    let two = reopen(folder.path()).await;
    two.save_draft(Draft { id: DraftId(9), ..draft("theirs", 2) }, None).await.unwrap();
    two.close_draft(KEY).await.unwrap();
    let texts = one.drafts().await.unwrap().into_iter().map(|it| it.text);
    assert_eq!(texts.collect::<Vec<_>>(), ["theirs", "mine"]);
    assert_eq!(two.drafts().await.unwrap().len(), 2);
}

async fn texts(store: &Store) -> Vec<String> {
    store.drafts().await.expect("the store answers").into_iter().map(|it| it.text).collect()
}

#[tokio::test]
async fn what_was_typed_on_a_draft_that_is_kept_beside_is_not_replaced_by_what_a_third_console_had()
{
    let (folder, one) = store().await;
    let three = reopen(folder.path()).await;
    one.save_draft(draft("mine", 1), None).await.unwrap();
    remove(folder.path());
    let two = reopen(folder.path()).await;
    two.save_draft(Draft { id: DraftId(9), ..draft("theirs", 2) }, None).await.unwrap();
    assert_eq!(texts(&one).await, ["theirs", "mine"]);
    let beside = one.drafts().await.unwrap().pop().expect("it is beside the other");
    let more = Draft { text: "mine, and more".into(), updated: at(5), ..beside };
    assert_eq!(one.save_draft(more, Some(at(1))).await.unwrap(), Saved::Stored);
    assert_eq!(texts(&three).await, ["mine, and more", "theirs"]);
}

#[tokio::test]
async fn a_draft_that_two_consoles_went_on_with_differently_is_kept_twice() {
    for (text, both) in [("first, or else", true), ("first, and more, and yet more", false)] {
        let (folder, one) = store().await;
        let aside = tempfile::tempdir().unwrap();
        one.save_draft(draft("first", 1), None).await.unwrap();
        copy(folder.path(), aside.path());
        one.save_draft(draft("first, and more", 3), None).await.unwrap();
        remove(folder.path());
        copy(aside.path(), folder.path());
        let two = reopen(folder.path()).await;
        two.open_draft(KEY, None, true, at(4)).await.unwrap();
        assert_eq!(two.save_draft(draft(text, 4), Some(at(1))).await.unwrap(), Saved::Stored);
        two.close_draft(KEY).await.unwrap();
        let all = if both { vec![text, "first, and more"] } else { vec![text] };
        assert_eq!(texts(&one).await, all);
        let ids: Vec<DraftId> = two.drafts().await.unwrap().iter().map(|it| it.id).collect();
        assert!(ids.iter().skip(1).all(|id| *id != ids[0]), "{ids:?}");
    }
}
