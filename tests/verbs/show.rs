//! `growdesk show`.

use growdesk::sandbox::FaultKind;

use super::desk::Desk;

#[test]
fn a_ticket_is_shown_with_its_conversation() {
    let desk = Desk::open();
    let shown = desk.json(&["show", "32"]);
    let replies = shown["replies"].as_array().expect("an array");
    let count: i64 = desk.ask("SELECT count(*) FROM replies WHERE ticket_id = 32");
    assert_eq!(i64::try_from(replies.len()).ok(), Some(count));
    let message: String = desk.ask("SELECT message FROM tickets WHERE id = 32");
    assert_eq!(shown["message"], message);
    assert!(!shown["message_text"].as_str().expect("text").contains('<'), "{shown}");
    let text = serde_json::to_string_pretty(&shown).expect("JSON");
    insta::assert_snapshot!(text.replace(&desk.sandbox().url(), "URL"));
    let lines = desk.ok(&["show", "#32"]).stdout;
    insta::assert_snapshot!("show_text", lines.replace(&desk.sandbox().url(), "URL"));
}

#[test]
fn replies_are_left_out_where_they_are_not_wanted() {
    let desk = Desk::open();
    assert_eq!(desk.json(&["show", "32", "--no-replies"])["replies"], serde_json::Value::Null);
    assert!(desk.requests("GET") <= 2, "the conversation is not read for it");
    let ran = desk.ok(&["show", "32", "--cached", "--json"]);
    assert_eq!(ran.json()["replies"], serde_json::Value::Null);
    assert!(ran.stderr.contains("its conversation is not in the local copy"), "{ran:?}");
    desk.ok(&["show", "32"]);
    assert!(desk.json(&["show", "32", "--cached"])["replies"].is_array());
}

#[test]
fn a_ticket_that_there_is_not_is_3() {
    let desk = Desk::open();
    let ran = desk.run(&["show", "99999", "--json"]);
    ran.fails(3);
    assert_eq!(ran.error()["code"], "not_found");
    assert_eq!(ran.error()["message"], "there is no ticket #99999");
    let ran = desk.run(&["show", "7", "--cached"]);
    assert!(ran.fails(3).contains("not in the local copy"), "{ran:?}");
    // A ticket that is deleted on the server goes from the local copy.
    desk.ok(&["show", "7"]);
    desk.change("DELETE FROM replies WHERE ticket_id = 7; DELETE FROM tags WHERE ticket_id = 7;");
    desk.change("DELETE FROM tickets WHERE id = 7");
    desk.run(&["show", "7"]).fails(3);
    desk.run(&["show", "7", "--cached"]).fails(3);
}

#[test]
fn what_is_no_number_of_a_ticket_is_2() {
    let desk = Desk::open();
    let odd =
        ["seven", "-7", "0", "18446744073709551616", "1e3", "7.0", "", "##7", "٧", "\u{1b}[2J"];
    for wrong in odd {
        let ran = desk.run(&["show", "--json", wrong]);
        ran.fails(2);
        let message = ran.error()["message"].as_str().expect("text").to_owned();
        assert!(message.contains("a ticket is a number"), "{wrong}: {message}");
        assert!(!ran.stderr.contains('\u{1b}'), "{ran:?}");
    }
    assert_eq!(desk.requests("GET"), 0);
    assert!(desk.run(&["show"]).fails(2).contains("<ID>"));
    desk.run(&["show", "7", "8"]).fails(2);
}

#[test]
fn a_conversation_that_can_not_be_read_is_told_from_the_last_reading() {
    let desk = Desk::open();
    desk.ok(&["show", "32"]);
    desk.always(FaultKind::Garbage);
    let ran = desk.ok(&["show", "32", "--json"]);
    assert!(ran.json()["replies"].is_array());
    assert!(ran.stderr.contains("as it was last read"), "{ran:?}");
}
