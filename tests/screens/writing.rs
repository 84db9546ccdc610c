//! Writing a reply: the signature below it, the conversation above it, quotes of it, and the status that
//! goes with it.

use growdesk::{
    app::Settings,
    domain::{Change, DraftKey, DraftKind, StatusId, TicketId},
};

use crate::{
    at_all_sizes,
    support::{console::Console, desk},
};

const SIGNATURE: &str = "Kind regards,\nDana";

const KEY: DraftKey = DraftKey { ticket: Some(TicketId(1042)), kind: DraftKind::Reply, copy: 0 };

fn console(width: u16, height: u16) -> Console {
    let settings = Settings { signature: SIGNATURE.into(), ..desk::settings() };
    Console::with(settings, width, height).fill()
}

fn after(keys: &str) -> Console {
    let mut console = console(120, 40);
    console.keys(&format!("/vpn<enter>{keys}")).rest();
    console
}

fn typed(console: &Console) -> String {
    console.model.composer.as_ref().map(|it| it.editor.text()).unwrap_or_default()
}

fn said(console: &Console) -> String {
    console.model.notices.all().next().map(|it| it.text.clone()).unwrap_or_default()
}

#[test]
fn a_signature_stands_under_a_reply_and_under_no_note() {
    at_all_sizes("signature", |w, h| {
        let mut console = console(w, h);
        console.keys("/vpn<enter>rHello Priya,").rest();
        console
    });
    let mut console = after("rHello");
    assert_eq!(typed(&console), format!("Hello\n\n{SIGNATURE}"));
    console.keys("<c-s>").rest().keys("<enter>");
    let entries = console.queued();
    assert!(
        matches!(&entries[0].change, Change::Post { text, .. } if text.ends_with(SIGNATURE)),
        "{entries:?}"
    );
    assert_eq!(typed(&after("nHello")), "Hello");
}

#[test]
fn a_signature_alone_is_no_draft_and_no_reply() {
    let mut console = after("r<down><up><right>");
    assert!(console.model.drafts.get(KEY).is_none(), "moving the cursor makes no draft");
    console.keys("<c-s>").rest();
    assert_eq!(said(&console), "there is nothing to record yet");
    console.keys("x");
    assert!(console.model.drafts.get(KEY).is_some());
    console.keys("<backspace>");
    assert!(console.model.drafts.get(KEY).is_none(), "what is erased again is no draft");
    console.keys("<c-s>").rest();
    assert_eq!(said(&console), "there is nothing to record yet");
    console.keys("<esc>");
    assert!(!said(&console).contains("kept"), "{}", said(&console));
    console.keys("rText<esc>r").rest();
    assert_eq!(typed(&console), format!("Text\n\n{SIGNATURE}"), "a kept draft gets no second one");
}

#[test]
fn the_message_under_the_conversations_cursor_is_quoted() {
    let mut console = after("rSee:");
    console.keys("<pageup>");
    assert!(console.text().contains("▸┃ Priya Nair"), "{}", console.text());
    console.keys("<alt-q>My answer");
    let text = typed(&console);
    assert!(text.starts_with("See:\n> Better, but it still happens"), "{text}");
    assert!(text.contains("night shift?\n\nMy answer"), "what is folded is not quoted: {text}");
    console.keys("<c-_>".repeat(9).as_str()).keys("<c-_>");
    assert!(!typed(&console).contains('>'), "{}", typed(&console));
}

#[test]
fn a_note_is_never_quoted_to_a_customer() {
    let mut console = after("r<pageup><pageup>");
    assert!(console.text().contains("▸") && console.text().contains("NOTE"), "{}", console.text());
    console.keys("<alt-q>");
    assert!(said(&console).contains("for colleagues: it is not quoted"), "{}", said(&console));
    assert_eq!(typed(&console), format!("\n\n{SIGNATURE}"));
    console.keys("<pagedown><pagedown><alt-q>");
    assert!(said(&console).contains("perhaps a note"), "its kind is unknown: {}", said(&console));
    let mut console = after("n<pageup><pageup><alt-q>");
    assert!(typed(&console).starts_with("> Same as #1026?"), "{}", typed(&console));
    console.keys("<esc>");
}

#[test]
fn the_conversation_scrolls_while_one_writes_and_each_message_can_be_reached() {
    let mut console = after("rHello");
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..12 {
        seen.extend(console.model.conversation.post().map(|post| post.reply));
        console.keys("<pageup>");
    }
    assert_eq!(seen.len(), 5, "{seen:?}");
    assert_eq!(console.model.conversation.cursor, 0);
    assert_eq!(typed(&console), format!("Hello\n\n{SIGNATURE}"));
    console.keys(&"<pagedown>".repeat(12));
    let last = console.model.conversation.pieces.len() - 1;
    assert_eq!(console.model.conversation.cursor, last);
    console.keys(" there");
    assert!(typed(&console).starts_with("Hello there"));
}

#[test]
fn another_status_is_picked_in_the_review_and_recorded_with_enter() {
    at_all_sizes("review_status", |w, h| {
        let mut console = console(w, h);
        console.keys("/vpn<enter>rHello<c-s>").rest();
        console.keys("s").rest();
        console
    });
    let mut console = after("rHello<c-s><rest>s9");
    assert!(console.queued().is_empty() && console.model.popup.is_none());
    assert!(console.text().contains("→ Waiting for Parts"), "{}", console.text());
    console.keys("<enter>");
    let entries = console.queued();
    assert!(
        matches!(&entries[1].change, Change::Status(edit) if edit.to.id == StatusId(9)),
        "{entries:?}"
    );
    let mut console = after("rHello<c-s><rest>s5");
    assert!(console.text().contains("Customer Replied, stays"), "{}", console.text());
    console.keys("<enter>");
    assert_eq!(console.queued().len(), 1);
}
