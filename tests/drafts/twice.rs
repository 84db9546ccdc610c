//! Two consoles on one profile: neither overwrites the other's newer text in silence.

use growdesk::domain::DraftKind;

use crate::desk::{Desk, compose, key};

const ESCAPE: &str = "\u{1b}";
const CTRL_S: &str = "\u{13}";

#[test]
fn a_second_console_shows_what_the_first_has_typed() {
    let desk = Desk::new();
    let (mut one, mut two) = (desk.open(), desk.open());
    compose(&mut one, 3, DraftKind::Reply);
    one.type_keys("Hello from the first");
    one.wait_for("draft saved");
    compose(&mut two, 3, DraftKind::Reply);
    two.wait_for("Hello from the first");
    two.type_keys(", and from the second");
    one.wait_for("and from the second");
    one.wait_for("another console wrote on this reply");
    one.type_keys("!");
    two.wait_for("from the second!");
    let draft = desk.draft(key(3, DraftKind::Reply)).expect("a draft");
    assert_eq!(draft.text, "Hello from the first, and from the second!");
}

#[test]
fn what_both_typed_at_once_is_kept_as_one_text() {
    let desk = Desk::new();
    let (mut one, mut two) = (desk.open(), desk.open());
    compose(&mut one, 3, DraftKind::Reply);
    compose(&mut two, 3, DraftKind::Reply);
    one.type_keys("alpha");
    two.type_keys("omega");
    for console in [&one, &two] {
        console.wait_until("both texts", |screen| {
            screen.contains("alpha") && screen.contains("omega")
        });
    }
}

#[test]
fn a_reply_recorded_in_one_console_is_not_recorded_again_in_the_other() {
    let desk = Desk::new();
    let (mut one, mut two) = (desk.open(), desk.open());
    compose(&mut one, 3, DraftKind::Reply);
    one.type_keys("Only once");
    one.wait_for("draft saved");
    compose(&mut two, 3, DraftKind::Reply);
    two.wait_for("Only once");
    one.press(CTRL_S, "Review");
    one.press("y", "z takes it back");
    two.wait_for("another console recorded or dropped this reply");
    two.type_keys(ESCAPE);
    two.wait_gone("Reply to #3");
    two.press("go", "On their way");
    two.press("z", "goes on with it");
    two.type_keys(ESCAPE);
    one.wait_gone("outbox ");
    let draft = desk.draft(key(3, DraftKind::Reply)).expect("a draft");
    assert_eq!(draft.text, "Only once");
}
