//! The one place where the console tells a person what happened.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

use crate::domain::{DraftKey, EntryId};

/// How many notices can be looked up.
const KEPT: usize = 50;

/// How a notice is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Something that may be of interest.
    Info,
    /// Something was done.
    Done,
    /// Something is shown or kept, and the server does not have it yet.
    Underway,
    /// Something needs attention.
    Warning,
    /// Something failed; the text says what was kept and what to do next.
    Failure,
}

impl Level {
    /// How long a notice stays if nothing follows it.
    fn stays(self) -> SignedDuration {
        SignedDuration::from_secs(match self {
            Self::Info | Self::Underway | Self::Done => 6,
            Self::Warning => 15,
            Self::Failure => 60,
        })
    }

    /// The sign that it is shown with.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Info => "·",
            Self::Underway => "↑",
            Self::Done => "✓",
            Self::Warning => "!",
            Self::Failure => "✗",
        }
    }
}

/// The subject of a notice, if later news can make the notice untrue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// Whether the server answers.
    Server,
    /// The files with macros.
    Macros,
    /// Going to a ticket.
    GoTo,
    /// Work outside the console: the browser, the clipboard, the editor.
    Outside,
    /// The filter of the list.
    Filter,
    /// A change on its way.
    Entry(EntryId),
    /// A step on several tickets.
    Bulk,
    /// That another console writes a draft.
    Writer(DraftKey),
}

/// A line for the agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// How it is meant.
    pub level: Level,
    /// What it says.
    pub text: String,
    /// When it was last shown anew.
    pub since: Timestamp,
    /// When it goes away by itself.
    pub until: Timestamp,
    /// What it is about.
    about: Option<About>,
}

/// The notices for the agent. The newest is on screen for a while; the earlier ones can be looked
/// up.
#[derive(Clone, Debug, Default)]
pub struct Notices {
    told: VecDeque<Notice>,
    gone: bool,
}

impl Notices {
    /// Shows `text` in place of the current notice.
    pub fn show(
        &mut self,
        now: Timestamp,
        level: Level,
        text: impl Into<String>,
        about: impl Into<Option<About>>,
    ) {
        let (text, about) = (text.into(), about.into());
        let until = now.saturating_add(level.stays()).unwrap_or(Timestamp::MAX);
        if self.told.front().is_some_and(|last| last.level == level && last.text == text) {
            self.told.pop_front();
        }
        self.told.push_front(Notice { level, text, since: now, until, about });
        self.told.truncate(KEPT);
        self.gone = false;
    }

    /// The notice to show at `now`.
    pub fn at(&self, now: Timestamp) -> Option<&Notice> {
        self.told.front().filter(|notice| !self.gone && notice.until > now)
    }

    /// All that can be looked up, the newest first.
    pub fn all(&self) -> impl Iterator<Item = &Notice> {
        self.told.iter()
    }

    /// Takes the notice away, since the agent has seen it.
    pub fn dismiss(&mut self) {
        self.gone = true;
    }

    /// Takes the notice away if it is about something that has changed since.
    pub fn settle(&mut self, about: About) {
        self.gone |= self.told.front().is_some_and(|it| it.about == Some(about));
    }
}
