//! The verbs of the console for scripts: a file each.

mod answers;
pub(super) mod archive;
pub(super) mod clients;
pub(super) mod completions;
pub(super) mod config;
pub(super) mod contacts;
pub(super) mod create;
pub(super) mod delete;
pub(super) mod department;
pub(super) mod departments;
pub(super) mod edit;
pub(super) mod list;
mod macro_run;
pub(super) mod macros;
pub(super) mod man;
pub(super) mod post;
pub(super) mod priority;
pub(super) mod projects;
pub(super) mod show;
pub(super) mod stats;
pub(super) mod status;
pub(super) mod sync;
pub(super) mod tags;
pub(super) mod watch;

use anyhow::anyhow;

use super::Failure;
use crate::text::clean;

/// The most characters of a subject (the API page, "Update a ticket").
const SUBJECT: usize = 250;

/// A subject in one line, as it is sent.
fn subject(typed: &str) -> Result<String, Failure> {
    let subject = clean::line(typed).to_string().trim().to_owned();
    match subject.chars().count() {
        0 => Err(Failure::usage(anyhow!("the subject says nothing; nothing was done"))),
        1..=SUBJECT => Ok(subject),
        long => {
            let error =
                anyhow!("the subject has {long} characters, and the server takes {SUBJECT}");
            Err(Failure::usage(error))
        }
    }
}
