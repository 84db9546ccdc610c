//! The desktop around the terminal: the editor, the browser, the clipboard.

use std::{
    io::{self, Write, stdout},
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
        put_on_clipboard(&mut stdout(), text)
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
        let set = |name| std::env::var(name).ok().filter(|it: &String| !it.trim().is_empty());
        let editor = set("VISUAL").or_else(|| set("EDITOR")).unwrap_or_else(|| "vi".into());
        self.edit_with(&editor, key, text).await
    }

    async fn edit_with(&self, editor: &str, key: DraftKey, text: &str) -> Result<String, Problem> {
        let edit = Edit::begin(&self.folder, key, text)
            .map_err(|error| local(format!("no file could be made for the editor: {error}")))?;
        let ended = run_editor(editor, edit.path()).await;
        let (text, changed) = edit
            .text()
            .map_err(|error| local(format!("the edited text could not be read: {error}")))?;
        edit.end();
        match ended {
            // An editor that a closed window ends says so like one that was left on purpose: what it
            // has written is the agent's, and the pane's own undo gives back what was before.
            Err(problem) if !changed => Err(problem),
            _ => Ok(text),
        }
    }
}

/// Cleaned and encoded: nothing of the text is read by the terminal itself.
fn put_on_clipboard(terminal: &mut impl Write, text: &str) -> io::Result<()> {
    execute!(terminal, CopyToClipboard::to_clipboard_from(clean::block(text)))
}

async fn run_editor(editor: &str, file: &Path) -> Result<(), Problem> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::DraftKind;

    const HOSTILE: &str = "a\x1b]52;c;eA==\x07\u{9d}b\u{202e}\u{85}$(touch x)`id`;\r\0\x7f\x1b\\語";

    #[test]
    fn what_goes_to_the_clipboard_is_one_sequence_around_letters() {
        let mut written = Vec::new();
        put_on_clipboard(&mut written, HOSTILE).unwrap();
        let text = String::from_utf8(written).unwrap();
        let inner = text.strip_prefix("\x1b]52;c;").and_then(|it| it.strip_suffix("\x1b\\"));
        let base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
        assert!(inner.is_some_and(|it| !it.is_empty() && it.chars().all(base64)), "{text:?}");
        let mut cleaned = Vec::new();
        put_on_clipboard(&mut cleaned, &clean::block(HOSTILE)).unwrap();
        assert_eq!(text.as_bytes(), cleaned, "what is pasted later holds no control either");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn the_editor_is_told_a_file_and_nothing_of_the_text() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let (script, told) = (folder.path().join("editor"), folder.path().join("told"));
        let body = format!(
            "#!/bin/sh\nprintf '%s\\n' \"$@\" > {0}\nls -l \"$2\" | cut -c1-10 >> {0}\nprintf 'b\\033[2J' >> \"$2\"\n",
            told.display()
        );
        std::fs::write(&script, body).unwrap();
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o700)).unwrap();
        let desk = Desk::new("https://crm.example".into(), folder.path().into());
        let key = DraftKey { ticket: Some(TicketId(7)), kind: DraftKind::Note };
        let editor = format!("{} -x", script.display());
        let edited = desk.edit_with(&editor, key, HOSTILE).await.unwrap();
        assert_eq!(edited, clean::typed(&format!("{HOSTILE}b\x1b[2J")));
        let told = std::fs::read_to_string(told).unwrap();
        let [flag, file, mode] = told.lines().collect::<Vec<_>>()[..] else { panic!("{told:?}") };
        let name = Path::new(file).file_name().unwrap().to_str().unwrap();
        assert_eq!((flag, name, mode), ("-x", "note-7.md", "-rw-------"));
        assert!(!Path::new(file).exists(), "nothing of the text stays behind");
    }
}
