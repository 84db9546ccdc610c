//! The desktop around the terminal: the editor, the browser, the clipboard.

use std::{
    io::{Read as _, Write as _, stdout},
    path::Path,
};

use crossterm::{clipboard::CopyToClipboard, execute};

use crate::{
    domain::{Line, Problem, ProblemKind, TicketId},
    text::clean,
};

/// What the console can do outside its terminal.
#[derive(Debug)]
pub(super) struct Desk {
    address: String,
}

impl Desk {
    /// For the installation at this address, without `/api`.
    pub(super) fn new(address: String) -> Self {
        Self { address: address.trim_end_matches('/').to_owned() }
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

    /// Lets the agent edit `text` with `$VISUAL` or `$EDITOR`. The text goes by a file that only
    /// the agent can read; the editor's name is the agent's own setting, and is given to no shell.
    pub(super) async fn edit(&self, text: &str) -> Result<String, Problem> {
        let mut file = tempfile::Builder::new()
            .prefix("growdesk-")
            .suffix(".md")
            .tempfile()
            .map_err(|error| local(format!("no file could be made for the editor: {error}")))?;
        file.write_all(text.as_bytes())
            .and_then(|()| file.flush())
            .map_err(|error| local(format!("the text could not be written: {error}")))?;
        run_editor(file.path()).await?;
        // Editors replace the file rather than writing into it: it is opened anew by its name.
        let mut edited = Vec::new();
        std::fs::File::open(file.path())
            .and_then(|mut file| file.read_to_end(&mut edited))
            .map_err(|error| local(format!("the edited text could not be read: {error}")))?;
        Ok(clean::typed(&String::from_utf8_lossy(&edited)))
    }
}

async fn run_editor(file: &Path) -> Result<(), Problem> {
    let set = |name| std::env::var(name).ok().filter(|it: &String| !it.trim().is_empty());
    let editor = set("VISUAL").or_else(|| set("EDITOR")).unwrap_or_else(|| "vi".into());
    let mut words = editor.split_whitespace();
    let program = words.next().unwrap_or("vi");
    let status = tokio::process::Command::new(program).args(words).arg(file).status().await;
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(local(format!("the editor {program} ended with {status}"))),
        Err(error) => Err(local(format!("the editor {program} could not be started: {error}"))),
    }
}

fn local(why: String) -> Problem {
    let said: Line = clean::line(&why);
    Problem::new(ProblemKind::Local, said)
}
