//! The desktop around the terminal: the browser, the clipboard.

use std::{
    io::{self, Write},
    path::Path,
};

use crossterm::{clipboard::CopyToClipboard, execute};

use crate::{
    api::Address,
    app::Message,
    config,
    domain::{Line, Link, Problem, ProblemKind, TicketId, View, problem::without_numbers},
    programs,
    text::clean,
};

/// The actions of the console outside its terminal.
#[derive(Debug)]
pub(super) struct Desk {
    address: Address,
}

impl Desk {
    /// For the installation at this address.
    pub(super) fn new(address: Address) -> Self {
        Self { address }
    }

    fn page(&self, ticket: TicketId) -> String {
        self.address.web_page(ticket).into()
    }

    /// Opens the ticket's page. The address is made of the profile's address and a number; nothing
    /// in it comes from a stranger.
    pub(super) fn browse(
        &self,
        ticket: TicketId,
    ) -> impl Future<Output = Result<String, Problem>> + Send + use<> {
        let page = self.page(ticket);
        async move {
            match programs::open_address(&page).await {
                Ok(()) => Ok(format!("{ticket} opened in the browser")),
                Err(error) => Err(local(format!("no browser could be opened: {error}"))),
            }
        }
    }

    /// Opens a link of a message, of the web or of mail. Nothing else is opened, whoever asks.
    pub(super) fn follow(
        &self,
        link: Link,
    ) -> impl Future<Output = Result<String, Problem>> + Send + use<> {
        async move {
            if !may_be_opened(&link.address) {
                return Err(local(format!("{} is not opened", link.address)));
            }
            match programs::open_address(&link.address).await {
                Ok(()) => Ok(format!("{} opened", link.place)),
                Err(error) => Err(local(format!("{} could not be opened: {error}", link.place))),
            }
        }
    }

    /// Puts text on the clipboard, through the terminal (OSC 52), so that it works over ssh too.
    pub(super) fn copy(
        &self,
        terminal: &mut impl Write,
        text: &str,
        what: &str,
    ) -> Result<String, Problem> {
        put_on_clipboard(terminal, text)
            .map(|()| format!("{what} copied, if the terminal allows it"))
            .map_err(|error| local(format!("the terminal could not copy: {error}")))
    }

    /// Puts the address of the ticket's page on the clipboard.
    pub(super) fn copy_address(
        &self,
        terminal: &mut impl Write,
        ticket: TicketId,
    ) -> Result<String, Problem> {
        self.copy(terminal, &self.page(ticket), &format!("the address of {ticket}"))
    }
}

/// Whether an address of a stranger's may be given to the desktop: one of the web or of mail, of
/// printable ASCII alone.
fn may_be_opened(address: &str) -> bool {
    let schemes = ["https://", "http://", "mailto:"];
    let is_harmless = address.bytes().all(|byte| byte.is_ascii_graphic());
    is_harmless && schemes.iter().any(|scheme| address.starts_with(scheme))
}

/// Writes a view of the agent's own into the configuration file, if there is one. It waits for the
/// disk.
pub(super) fn save_view(
    file: Option<&Path>,
    view: Box<View>,
    from: String,
    replaces: bool,
) -> Message {
    let written = match file {
        None => Err(local("the demo writes no configuration file".into())),
        Some(file) => match config::store_view(file, &view, replaces) {
            Ok(()) => Ok(Some(clean::line(&file.display().to_string()).to_string())),
            Err(config::OwnViewError::Taken) => Ok(None),
            Err(error) => Err(local(error.to_string())),
        },
    };
    Message::ViewSaved { view, from, written }
}

/// The text is cleaned and encoded, so the terminal itself reads nothing of it.
fn put_on_clipboard(terminal: &mut impl Write, text: &str) -> io::Result<()> {
    execute!(terminal, CopyToClipboard::to_clipboard_from(clean::block(text)))
}

/// A problem of this machine.
pub(super) fn local(why: String) -> Problem {
    let said: Line = clean::line(&without_numbers(&why));
    Problem::new(ProblemKind::Local, said)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "a\x1b]52;c;eA==\x07\u{9d}b\u{202e}\u{85}$(touch x)`id`;\r\0\x7f\x1b\\語";

    #[test]
    fn the_page_of_a_ticket_is_found_where_the_profile_names_the_api() {
        let page = |text| Desk::new(Address::parse(text, false).unwrap()).page(TicketId(5));
        for text in
            ["https://a.example/crm", "https://a.example/crm/", "https://a.example/crm/api/"]
        {
            assert_eq!(page(text), "https://a.example/crm/tickets/5", "{text}");
        }
    }

    #[test]
    fn an_address_that_is_neither_of_the_web_nor_of_mail_is_not_opened() {
        assert!(
            ["https://a.example/?x=$(id)", "http://a", "mailto:a@b"].into_iter().all(may_be_opened)
        );
        let others = [
            "file:///etc/passwd",
            "javascript:x",
            "-h",
            "",
            "https:a",
            " https://a",
            "https://a b",
            HOSTILE,
        ];
        for address in others.map(String::from).into_iter().chain([format!("https://{HOSTILE}")]) {
            assert!(!may_be_opened(&address), "{address:?}");
        }
    }

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
}
