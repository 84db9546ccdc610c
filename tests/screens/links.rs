//! The links of messages: shown where they lead, opened, copied.

use growdesk::{
    app::{Effect, Outside},
    desk::{Found, Read, Report, Work},
    domain::{Link, LinkKind},
};

use crate::{
    after, at_80, at_all_sizes,
    support::{console::Console, desk},
};

fn outside(console: &mut Console) -> Vec<Outside> {
    let outside = |effect| match effect {
        Effect::Outside(outside) => Some(outside),
        Effect::Work(_) => None,
    };
    console.effects().into_iter().filter_map(outside).collect()
}

fn said(console: &Console) -> String {
    console.model.notices.at(console.now).map(|it| it.text.clone()).unwrap_or_default()
}

/// The conversation of the long ticket, with the cursor on its opening message.
const OPENING: &str = "/vpn<enter><enter><rest>gg";

#[test]
fn links_are_shown_with_their_whole_address() {
    at_all_sizes("links", |w, h| after(Console::working(w, h), "/vpn<enter>L"));
    at_80("links_of_one_message", |w, h| after(Console::working(w, h), &format!("{OPENING}L")));
    at_80("links_filtered", |w, h| {
        let mut console = after(Console::working(w, h), "/vpn<enter>L");
        console.keys("call");
        console
    });
    at_80("links_none", |w, h| after(Console::working(w, h), "L"));
    at_80("links_asking", |w, h| {
        let mut console = Console::working(w, h);
        console.keys("L");
        console
    });
    let mut console = after(Console::working(60, 16), "/vpn<enter>L");
    console.keys("<down><down><down>");
    assert!(console.text().contains("xn--bnk-6cd.example"), "{}", console.text());
}

#[test]
fn the_message_under_the_cursor_is_meant_and_from_the_list_the_whole_conversation() {
    let asked = |keys: &str| {
        let mut console = after(Console::working(120, 40), keys);
        console.effects();
        console.keys("L");
        let read = |effect| match effect {
            Effect::Work(Work::Read { read: Read::Links { ticket, post }, .. }) => {
                Some((ticket.0, post.map(|it| it.map(|it| it.0))))
            }
            _ => None,
        };
        console.effects().into_iter().find_map(read).expect("the links are asked for")
    };
    assert_eq!(asked("/vpn<enter>"), (1042, None));
    assert_eq!(asked(OPENING), (1042, Some(None)));
    assert_eq!(asked("/vpn<enter><enter><rest>"), (1042, Some(Some(5016))));
}

#[test]
fn enter_opens_a_link_of_the_web_or_of_mail_and_no_other() {
    let mut console = after(Console::working(80, 24), "/vpn<enter>L");
    console.effects();
    console.keys("<down><down><enter>");
    assert_eq!(outside(&mut console), []);
    assert!(said(&console).contains("only links of the web and of mail"), "{}", said(&console));
    assert!(console.model.popup.is_some(), "it can still be copied");
    console.keys("<up><enter>");
    let followed: Vec<String> = outside(&mut console)
        .into_iter()
        .map(|it| match it {
            Outside::Follow(link) => link.address,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(followed, ["mailto:ann@brightwater.example"]);
    assert!(console.model.popup.is_none());
}

#[test]
fn a_link_is_copied_whole() {
    for keys in ["L", "Ltrack"] {
        let mut console = after(Console::working(80, 24), &format!("/vpn<enter>{keys}"));
        console.effects();
        console.keys("<c-y>");
        let copied =
            Outside::Copy { text: desk::LONG_LINK.into(), what: "the link's address".into() };
        assert_eq!(outside(&mut console), [copied]);
        assert!(console.model.popup.is_none());
    }
    let mut console = after(Console::working(80, 24), "s");
    console.effects();
    console.keys("<c-y>");
    assert_eq!(outside(&mut console), [], "there is nothing to copy in another picker");
}

/// Somebody who presses Enter at once has not seen where the link leads.
#[test]
fn a_link_that_nobody_has_seen_is_not_opened() {
    let mut console = Console::working(80, 24);
    console.effects();
    console.keys("L<enter>");
    let effects = console.effects();
    let request = effects.iter().find_map(|effect| match effect {
        Effect::Work(Work::Read { request, read: Read::Links { .. }, .. }) => Some(*request),
        _ => None,
    });
    let link = Link {
        address: "https://evil.example/".into(),
        kind: LinkKind::Web,
        place: "evil.example".into(),
        text: String::new(),
        author: String::new(),
    };
    let found = Ok(Found::Links(vec![link]));
    console.send(Report::Found { request: request.expect("it is asked"), found });
    console.keys_at_once("<enter>");
    assert_eq!(outside(&mut console), []);
    console.see();
    console.keys("<enter>");
    assert_eq!(outside(&mut console).len(), 1);
}
