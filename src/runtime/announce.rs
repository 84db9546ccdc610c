//! Tells the agent outside the console: by the title of the window, the bell, a sequence for the
//! terminal, and a command.

use std::{collections::VecDeque, process::Stdio, time::Duration};

use serde::Serialize;
use tokio::task::JoinSet;

use crate::{
    app::Message,
    config::{NotifySection, Osc},
    domain::notify::{Notification, NotifyEvent},
    programs,
    runtime::outside::local,
    terminal::Screen,
    text::clean,
};

/// How long the command may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// How many notifications wait for the command at most. Later ones take the place of the last.
const WAITING: usize = 10;

/// The most characters of a text in a sequence.
const LONGEST: usize = 200;

/// How the agent is told.
#[derive(Clone, Debug, Default)]
pub struct Announcing {
    /// The section `[notify]`, with the sequence that this terminal understands.
    pub section: NotifySection,
    /// Whether tmux stands between the console and the terminal.
    pub tmux: bool,
    /// Whether the terminal can have a title.
    pub titles: bool,
}

/// Tells the agent.
#[derive(Debug, Default)]
pub(super) struct Announcer {
    how: Announcing,
    /// The title that was told last.
    titled: Option<String>,
    waiting: VecDeque<Notification>,
    running: JoinSet<Result<(), String>>,
    /// Whether a failure of the command was told.
    failed: bool,
}

/// A notification as the command reads it.
#[derive(Serialize)]
struct Record<'a> {
    kind: &'static str,
    text: &'a str,
    count: usize,
    events: &'a [NotifyEvent],
}

impl Announcer {
    pub(super) fn new(how: Announcing) -> Self {
        Self { how, ..Self::default() }
    }

    /// Tells the title, if it is another one than before.
    pub(super) fn title(&mut self, screen: &mut Screen, title: String) -> std::io::Result<()> {
        if !self.how.section.title || !self.how.titles || self.titled.as_ref() == Some(&title) {
            return Ok(());
        }
        screen.name(&fitting(&title))?;
        self.titled = Some(title);
        Ok(())
    }

    /// Somebody else had the terminal: its title is told anew.
    pub(super) fn forget_title(&mut self) {
        self.titled = None;
    }

    /// Tells a notification in each way that the agent has chosen.
    pub(super) fn tell(&mut self, screen: &mut Screen, told: Notification) -> std::io::Result<()> {
        let section = &self.how.section;
        let mut bytes = sequence(section.osc, &told.text, self.how.tmux);
        if section.bell {
            bytes.push(0x07);
        }
        if !bytes.is_empty() {
            screen.tell(&bytes)?;
        }
        if !section.command.is_empty() {
            self.waiting.truncate(WAITING - 1);
            self.waiting.push_back(told);
            self.go_on();
        }
        Ok(())
    }

    /// Runs the command for the next notification, if it does not run.
    fn go_on(&mut self) {
        if !self.running.is_empty() {
            return;
        }
        let Some(told) = self.waiting.pop_front() else { return };
        let words = self.how.section.command.clone();
        self.running.spawn(async move { run(&words, &told).await });
    }

    /// Waits for the end of the command. What it says is news once.
    pub(super) async fn next(&mut self) -> Option<Message> {
        let ended = match self.running.join_next().await {
            Some(ended) => ended,
            None => std::future::pending().await,
        };
        self.go_on();
        let why = match ended {
            Ok(Err(why)) if !std::mem::replace(&mut self.failed, true) => why,
            _ => return None,
        };
        let program = self.how.section.command.first().map_or("", String::as_str);
        let text = format!("the command of [notify], {program}, did not work: {why}");
        Some(Message::Done(Err(local(text))))
    }
}

async fn run(words: &[String], told: &Notification) -> Result<(), String> {
    let [program, arguments @ ..] = words else { return Ok(()) };
    let first = told.events.first();
    let kind = first.map_or("", |event| event.kind.as_str());
    let record = Record { kind, text: &told.text, count: told.count, events: &told.events };
    let input = serde_json::to_vec(&record).map_err(|error| error.to_string())?;
    let mut command = programs::program(program);
    command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).envs([
        ("GROWDESK_EVENT_KIND", kind.to_owned()),
        ("GROWDESK_EVENT_TEXT", clean::line(&told.text).to_string()),
        ("GROWDESK_EVENT_COUNT", told.count.to_string()),
        ("GROWDESK_EVENT_ID", first.map(|event| event.id.0.to_string()).unwrap_or_default()),
        ("GROWDESK_EVENT_SUBJECT", first.map(|it| it.subject.clone()).unwrap_or_default()),
    ]);
    programs::feed(command, &input, PATIENCE).await
}

/// A text that no terminal takes for anything but text: without controls and `;`, and short. The
/// semicolon parts the fields of a sequence, and a digit at the beginning is a command to some.
fn fitting(text: &str) -> String {
    let line = clean::line(text);
    let text: String = line.as_str().chars().take(LONGEST).collect();
    let text = text.replace(';', ",");
    match text.starts_with(|first: char| first.is_numeric()) {
        true => format!("· {text}"),
        false => text,
    }
}

/// The bytes that have a terminal tell something.
fn sequence(osc: Osc, text: &str, tmux: bool) -> Vec<u8> {
    let text = fitting(text);
    let sequence = match osc {
        Osc::Off | Osc::Auto => return Vec::new(),
        Osc::Nine => format!("\x1b]9;growdesk: {text}\x1b\\"),
        Osc::SevenSevenSeven => format!("\x1b]777;notify;growdesk;{text}\x1b\\"),
        Osc::NinetyNine => format!(
            "\x1b]99;i=growdesk:d=0;growdesk\x1b\\\x1b]99;i=growdesk:d=1:p=body;{text}\x1b\\"
        ),
    };
    match tmux {
        true => format!("\x1bPtmux;{}\x1b\\", sequence.replace('\x1b', "\x1b\x1b")).into_bytes(),
        false => sequence.into_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_terminal_has_its_sequence() {
        let shown = |osc, tmux| String::from_utf8(sequence(osc, "#7 Lamp", tmux)).unwrap();
        assert_eq!(shown(Osc::Off, false), "");
        assert_eq!(shown(Osc::Nine, false), "\x1b]9;growdesk: #7 Lamp\x1b\\");
        assert_eq!(shown(Osc::SevenSevenSeven, false), "\x1b]777;notify;growdesk;#7 Lamp\x1b\\");
        let kitty = shown(Osc::NinetyNine, false);
        assert!(kitty.ends_with("p=body;#7 Lamp\x1b\\") && kitty.starts_with("\x1b]99;"));
        let wrapped = "\x1bPtmux;\x1b\x1b]9;growdesk: #7 Lamp\x1b\x1b\\\x1b\\";
        assert_eq!(shown(Osc::Nine, true), wrapped);
    }

    #[test]
    fn a_subject_is_never_a_command_of_the_terminal() {
        for (text, shown) in [
            ("4;3;50", "· 4,3,50"),
            ("٣ lamps", "· ٣ lamps"),
            ("a\x1b]52;c;eA==\x07b", "a]52,c,eA==b"),
            ("a\u{9d}52;\u{9c}b\u{202e}c", "a52,bc"),
            ("", ""),
        ] {
            assert_eq!(fitting(text).replace('␛', ""), fitting(shown).replace('␛', ""), "{text:?}");
        }
        assert_eq!(fitting(&"語".repeat(10_000)).chars().count(), LONGEST);
    }

    proptest! {
        #[test]
        fn any_text_is_harmless(text in "\\PC{0,40}|[\\x00-\\xff;0-9]{0,40}|.{0,40}") {
            let text = fitting(&text);
            prop_assert!(!text.chars().any(|c| c.is_control() || c == ';'), "{:?}", text);
            prop_assert!(!text.starts_with(|c: char| c.is_ascii_digit()));
            let bytes = sequence(Osc::SevenSevenSeven, &text, false);
            prop_assert_eq!(bytes.iter().filter(|byte| **byte == 0x1b).count(), 2);
        }
    }
}
