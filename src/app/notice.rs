//! The one place where the console tells a person what happened.

use jiff::{SignedDuration, Timestamp};

/// How long a failure is not pushed away by mere information.
const READING_TIME: SignedDuration = SignedDuration::from_secs(4);

/// How a notice is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Something that may be of interest.
    Info,
    /// Something was done.
    Done,
    /// Something needs attention.
    Warning,
    /// Something failed; the text says what was kept and what to do next.
    Failure,
}

impl Level {
    /// How long a notice stays if nothing follows it.
    fn stays(self) -> SignedDuration {
        SignedDuration::from_secs(match self {
            Self::Info | Self::Done => 6,
            Self::Warning => 15,
            Self::Failure => 60,
        })
    }
}

/// A line for the agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// How it is meant.
    pub level: Level,
    /// What it says.
    pub text: String,
    /// When it was first shown.
    pub since: Timestamp,
    /// When it goes away by itself.
    pub until: Timestamp,
}

/// The notice on screen.
#[derive(Clone, Debug, Default)]
pub struct Notices {
    current: Option<Notice>,
}

impl Notices {
    /// Shows `text`, unless something graver has just been shown.
    pub fn show(&mut self, now: Timestamp, level: Level, text: impl Into<String>) {
        let unread = self.at(now).is_some_and(|it| {
            it.level == Level::Failure && now.duration_since(it.since) < READING_TIME
        });
        if unread && level <= Level::Done {
            return;
        }
        let until = now.saturating_add(level.stays()).unwrap_or(Timestamp::MAX);
        self.current = Some(Notice { level, text: text.into(), since: now, until });
    }

    /// The notice to show at `now`.
    pub fn at(&self, now: Timestamp) -> Option<&Notice> {
        self.current.as_ref().filter(|notice| notice.until > now)
    }

    /// Takes the notice away, since the agent has seen it.
    pub fn dismiss(&mut self) {
        self.current = None;
    }
}
