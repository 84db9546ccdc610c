//! Ends the console within two seconds when a signal comes or the terminal is closed.
//!
//! A thread of its own hears the signal, even while the loop waits for an editor, a slow store or a
//! terminal that takes nothing. The loop may end first. If it does not end in time, the thread
//! writes the texts that no store has yet into files. The next console turns these files into
//! drafts again.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use jiff::Timestamp;

use super::edits::EditedFile;
use crate::{
    app::drafts::Drafts,
    domain::{Draft, DraftKey},
};

/// The typed texts and, as far as the loop knows, the stored ones.
#[derive(Clone, Debug, Default)]
pub(super) struct LastWords(Arc<Mutex<BTreeMap<DraftKey, Words>>>);

#[derive(Debug, Default)]
struct Words {
    /// The text that the store has, and its version.
    stored: Option<(Timestamp, String)>,
    unstored: Option<Draft>,
}

impl LastWords {
    /// Notes the current state of the drafts.
    pub(super) fn note(&self, drafts: &Drafts) {
        let mut words = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        words.retain(|key, _| drafts.get(*key).is_some());
        let refused = drafts.all_unstorable().map(|(draft, _)| draft);
        for draft in drafts.all_unstored().chain(refused) {
            let known = words.entry(draft.key).or_default();
            if known.unstored.as_ref().map(|it| it.updated) != Some(draft.updated) {
                known.unstored = Some(draft.clone());
            }
        }
        for draft in drafts.all_stored() {
            let known = words.entry(draft.key).or_default();
            if known.stored.as_ref().map(|it| it.0) != Some(draft.updated) {
                *known =
                    Words { stored: Some((draft.updated, draft.text.clone())), unstored: None };
            } else {
                known.unstored = None;
            }
        }
    }

    /// Nothing is left to be stored.
    pub(super) fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Writes the texts that are not stored into files in the profile's folder.
    ///
    /// # Errors
    /// Where one can't be written.
    pub(super) fn save(&self, profile: &Path) -> io::Result<()> {
        let mut words = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut outcome = Ok(());
        for (key, words) in std::mem::take(&mut *words) {
            let Some(draft) = words.unstored else { continue };
            let before = words.stored.map(|it| it.1).unwrap_or_default();
            let saved =
                EditedFile::begin(profile, key, &before).and_then(|edit| edit.put(&draft.text));
            if saved.is_err() {
                outcome = saved;
            }
        }
        outcome
    }
}

/// The news that the console is to end.
#[derive(Clone, Debug)]
pub(super) struct Ending {
    told: tokio::sync::watch::Receiver<bool>,
    words: LastWords,
}

impl Ending {
    /// Begins to listen for signals and for the end of the terminal.
    ///
    /// # Errors
    /// Where the system does not let it.
    pub(super) fn listen(profile: PathBuf) -> io::Result<Self> {
        let (tell, told) = tokio::sync::watch::channel(false);
        let words = LastWords::default();
        imp::listen(tell, words.clone(), profile)?;
        Ok(Self { told, words })
    }

    /// Whether the console is to end.
    pub(super) fn is_told(&self) -> bool {
        *self.told.borrow()
    }

    /// Waits until the console is to end.
    pub(super) async fn wait(&mut self) {
        if self.told.wait_for(|told| *told).await.is_err() {
            std::future::pending().await
        }
    }

    /// The typed texts, in case the loop does not end in time.
    pub(super) fn words(&self) -> &LastWords {
        &self.words
    }
}

#[cfg(unix)]
mod imp {
    use std::{
        io::{self, stdin},
        os::unix::net::UnixStream,
        path::PathBuf,
        thread,
        time::Duration,
    };

    use rustix::event::{PollFd, PollFlags, poll};
    use signal_hook::{
        consts::{SIGHUP, SIGINT, SIGTERM},
        low_level::pipe,
    };
    use tokio::sync::watch;

    use super::LastWords;
    use crate::{programs, terminal};

    /// How long the loop may take to end.
    const LEAVE: Duration = Duration::from_millis(1_500);

    pub(super) fn listen(
        tell: watch::Sender<bool>,
        words: LastWords,
        profile: PathBuf,
    ) -> io::Result<()> {
        let (told, teller) = UnixStream::pair()?;
        for signal in [SIGTERM, SIGINT, SIGHUP] {
            pipe::register(signal, teller.try_clone()?)?;
        }
        thread::Builder::new().name("ending".into()).spawn(move || {
            wait_for_the_end(&told);
            tell.send_replace(true);
            thread::sleep(LEAVE);
            // Something holds the loop up.
            let saved = words.save(&profile);
            if let Err(error) = &saved {
                tracing::error!(%error, "what was typed last could not be kept");
            }
            programs::kill_groups();
            terminal::give_back();
            std::process::exit(i32::from(saved.is_err()));
        })?;
        Ok(())
    }

    /// Sleeps until there is a signal, or the terminal is gone.
    fn wait_for_the_end(told: &UnixStream) {
        let stdin = stdin();
        let mut has_terminal = true;
        loop {
            let signal = PollFd::new(told, PollFlags::IN);
            // Since no events are asked for, `poll` reports only the end of the terminal.
            let mut fds = [signal, PollFd::new(&stdin, PollFlags::empty())];
            let fds = if has_terminal { &mut fds[..] } else { &mut fds[..1] };
            if poll(fds, None).is_err() {
                continue;
            }
            let gone = PollFlags::HUP | PollFlags::ERR;
            if !fds[0].revents().is_empty()
                || fds[1..].iter().any(|it| it.revents().intersects(gone))
            {
                return;
            }
            has_terminal &= fds[1..].iter().all(|it| it.revents().is_empty());
        }
    }
}

#[cfg(not(unix))]
mod imp {
    use std::{io, path::PathBuf};

    use tokio::sync::watch;

    use super::LastWords;

    pub(super) fn listen(
        tell: watch::Sender<bool>,
        words: LastWords,
        profile: PathBuf,
    ) -> io::Result<()> {
        tokio::spawn(async move {
            if tokio::signal::ctrl_c().await.is_ok() {
                tell.send_replace(true);
                tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
                let saved = words.save(&profile);
                crate::programs::kill_groups();
                crate::terminal::give_back();
                std::process::exit(i32::from(saved.is_err()));
            }
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        desk::Work,
        domain::{DraftKind, TicketId},
        runtime::recover,
        store::Store,
    };

    fn draft(ticket: i64, kind: DraftKind, text: &str, at: i64) -> Draft {
        let key = DraftKey::new(Some(TicketId(ticket)), kind);
        let updated = Timestamp::from_second(at).unwrap();
        Draft {
            key,
            id: crate::domain::DraftId(1),
            text: text.into(),
            cursor: (0, 1),
            updated,
            changes: None,
        }
    }

    #[tokio::test]
    async fn what_no_store_has_is_found_by_the_next_console() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap().store;
        let (words, mut drafts) = (LastWords::default(), Drafts::default());
        let first = draft(7, DraftKind::Reply, "one word", 1);
        let others = [
            draft(-3, DraftKind::NewTicket, "{\"subject\":\"Jam\"}", 1),
            draft(9, DraftKind::Edit, "{\"subject\":\"Jams\"}", 1),
            draft(9, DraftKind::Note, "a note", 1),
        ];
        let now = first.updated;
        let _ = drafts.typed(first.clone(), now);
        for work in drafts.unstored() {
            let Work::SaveDraft { draft, seen } = work else { panic!("{work:?}") };
            store.save_draft(draft, seen).await.unwrap();
        }
        let _ = drafts.flush();
        drafts.stored(first.key, first.updated);
        words.note(&drafts);
        let last = draft(7, DraftKind::Reply, "another word", 2);
        let _ = drafts.typed(last.clone(), now);
        others.iter().for_each(|other| drop(drafts.typed(other.clone(), now)));
        words.note(&drafts);
        words.save(folder.path()).unwrap();

        assert_eq!(recover(folder.path(), &store).await.unwrap(), 4);
        assert_eq!(store.draft(last.key).await.unwrap().unwrap().text, "another word");
        for other in others {
            assert_eq!(store.draft(other.key).await.unwrap().unwrap().text, other.text);
        }
        assert_eq!(recover(folder.path(), &store).await.unwrap(), 0);
    }

    #[test]
    fn what_is_stored_or_settled_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (words, mut drafts) = (LastWords::default(), Drafts::default());
        let (one, two) = (draft(1, DraftKind::Note, "one", 1), draft(2, DraftKind::Note, "two", 1));
        let three = draft(3, DraftKind::Note, "being recorded", 1);
        for draft in [&one, &two, &three] {
            let _ = drafts.typed(draft.clone(), draft.updated);
        }
        words.note(&drafts);
        let _ = drafts.flush();
        drafts.record(three.key);
        drafts.stored(one.key, one.updated);
        drafts.stored(three.key, three.updated);
        let _ = drafts.drop(two.key);
        words.note(&drafts);
        words.save(folder.path()).unwrap();
        assert!(!folder.path().join("editing").exists());
    }
}
