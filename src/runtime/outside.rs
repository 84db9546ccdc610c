//! The desktop around the terminal: the editor, the browser, the clipboard.

use std::{
    io::stdout,
    path::{Path, PathBuf},
};

use crossterm::{clipboard::CopyToClipboard, execute};

use super::edits::Edit;
use crate::{
    domain::{DraftKey, Line, Problem, ProblemKind, TicketId},
    text::clean,
};

/// What the console can do outside its terminal.
#[derive(Debug)]
pub(super) struct Desk {
    address: String,
    folder: PathBuf,
}

impl Desk {
    /// For the installation at this address, without `/api`, and the profile's own folder.
    pub(super) fn new(address: String, folder: PathBuf) -> Self {
        Self { address: address.trim_end_matches('/').to_owned(), folder }
    }

    fn page(&self, ticket: TicketId) -> String {
        format!("{}/tickets/{}", self.address, ticket.0)
    }

    /// Opens the ticket's page. The address is made of the profile's own and a number: nothing in
    /// it comes from a stranger.
    pub(super) fn browse(&self, ticket: TicketId) -> Result<String, Problem> {
        let page = self.page(ticket);
        match open::that_detached(&page) {
            Ok(()) => Ok(format!("{ticket} opened in the browser")),
            Err(error) => Err(local(format!("no browser could be opened: {error}"))),
        }
    }

    /// Puts text on the clipboard, through the terminal (OSC 52), so that it works over ssh too.
    pub(super) fn copy(&self, text: &str, what: &str) -> Result<String, Problem> {
        execute!(stdout(), CopyToClipboard::to_clipboard_from(clean::block(text)))
            .map(|()| format!("{what} copied, if the terminal allows it"))
            .map_err(|error| local(format!("the terminal could not copy: {error}")))
    }

    pub(super) fn copy_address(&self, ticket: TicketId) -> Result<String, Problem> {
        self.copy(&self.page(ticket), &format!("the address of {ticket}"))
    }

    /// Lets the agent edit `text`, the draft of `key`, with `$VISUAL` or `$EDITOR`. The text goes by a
    /// file that only the agent can read; the editor's name is the agent's own setting, and is given
    /// to no shell.
    pub(super) async fn edit(&self, key: DraftKey, text: &str) -> Result<String, Problem> {
        let edit = Edit::begin(&self.folder, key, text)
            .map_err(|error| local(format!("no file could be made for the editor: {error}")))?;
        run_editor(edit.path()).await?;
        edit.text().map_err(|error| local(format!("the edited text could not be read: {error}")))
    }
}

async fn run_editor(file: &Path) -> Result<(), Problem> {
    let set = |name| std::env::var(name).ok().filter(|it: &String| !it.trim().is_empty());
    let editor = set("VISUAL").or_else(|| set("EDITOR")).unwrap_or_else(|| "vi".into());
    let mut words = editor.split_whitespace();
    let program = words.next().unwrap_or("vi");
    let status = tokio::process::Command::new(program).args(words).arg(file).status().await;
    match status {
        // One that was killed has not said that its text is to be forgotten.
        Ok(status) if status.success() || status.code().is_none() => Ok(()),
        Ok(status) => Err(local(format!("the editor {program} ended with {status}"))),
        Err(error) => Err(local(format!("the editor {program} could not be started: {error}"))),
    }
}

fn local(why: String) -> Problem {
    let said: Line = clean::line(&why);
    Problem::new(ProblemKind::Local, said)
}
