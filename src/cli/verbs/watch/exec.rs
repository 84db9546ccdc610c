//! Runs a command for each event, one after the other.

use std::{process::Stdio, time::Duration};

use anyhow::anyhow;
use tokio::{sync::mpsc, task::JoinHandle};

use super::EventRecord;
use crate::{
    cli::{Failure, failure},
    programs,
    text::clean,
};

/// The words of a command line. No shell reads it.
///
/// # Errors
/// A usage error where there are none, or a quote is open.
pub(super) fn words(line: &str) -> Result<Vec<String>, Failure> {
    let words = shell_words::split(line)
        .map_err(|error| Failure::usage(anyhow!("--exec {line:?}: {error}")))?;
    if words.first().is_none_or(String::is_empty) {
        return Err(Failure::usage(anyhow!("--exec names no program")));
    }
    Ok(words)
}

/// The command, with the events that wait for it. Dropping it ends what runs.
pub(super) struct Exec {
    events: mpsc::UnboundedSender<EventRecord>,
    task: JoinHandle<()>,
}

impl Exec {
    pub(super) fn start(words: Vec<String>, patience: Duration) -> Self {
        let (events, mut inbox) = mpsc::unbounded_channel::<EventRecord>();
        let task = tokio::spawn(async move {
            while let Some(event) = inbox.recv().await {
                if let Err(why) = run(&words, &event, patience).await {
                    let program = words.first().map_or("", String::as_str);
                    failure::notice(&format!(
                        "{program} for {} of #{}: {why}",
                        event.kind, event.id
                    ));
                }
            }
        });
        Self { events, task }
    }

    /// Runs the command for an event, after those that wait.
    pub(super) fn take(&mut self, event: EventRecord) {
        // The task ends only with this.
        let _ = self.events.send(event);
    }
}

impl Drop for Exec {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn run(words: &[String], event: &EventRecord, patience: Duration) -> Result<(), String> {
    let [program, arguments @ ..] = words else { return Ok(()) };
    let mut command = programs::program(program);
    command.args(arguments).envs(variables(event));
    // Standard output is for the events alone.
    command.stdout(std::io::stderr()).stderr(Stdio::inherit());
    let input = serde_json::to_vec(event).map_err(|error| error.to_string())?;
    programs::feed(command, &input, patience).await
}

/// The event in the environment of the command. Texts are cleaned: a variable can't hold every
/// character, and most commands would print it.
fn variables(event: &EventRecord) -> [(&'static str, String); 8] {
    let title = |it: &Option<super::StatusRecord>| {
        it.as_ref().map(|it| clean::line(&it.title).to_string()).unwrap_or_default()
    };
    let text = |it: &Option<String>| {
        it.as_deref().map(|it| clean::line(it).to_string()).unwrap_or_default()
    };
    [
        ("GROWDESK_EVENT_KIND", event.kind.to_owned()),
        ("GROWDESK_EVENT_AT", event.at.to_string()),
        ("GROWDESK_EVENT_ID", event.id.to_string()),
        ("GROWDESK_EVENT_SUBJECT", clean::line(&event.subject).to_string()),
        ("GROWDESK_EVENT_CLIENT", text(&event.client)),
        ("GROWDESK_EVENT_BEFORE", title(&event.before)),
        ("GROWDESK_EVENT_AFTER", title(&event.after)),
        ("GROWDESK_EVENT_URL", event.url.clone()),
    ]
}
