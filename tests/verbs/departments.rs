//! `growdesk departments`.

use super::desk::Desk;

#[test]
fn a_field_that_there_is_not_is_said_with_those_that_there_are() {
    let desk = Desk::open();
    let ran = desk.run(&["departments", "--json=id,nme"]);
    ran.fails(2);
    let error = ran.error();
    assert_eq!(error["code"], "usage");
    assert_eq!(error["help"], "the fields are id, name");
    assert_eq!(ran.stdout, "");
}

#[test]
fn a_wrong_command_line_is_told_in_the_form_that_it_asks_for() {
    let desk = Desk::open();
    let ran = desk.run(&["departments", "--no-such", "--json"]);
    ran.fails(2);
    assert_eq!(ran.error()["code"], "usage");
    assert!(ran.error()["message"].as_str().expect("text").contains("--no-such"), "{ran:?}");
    let ran = desk.run(&["departments", "--no-such"]);
    assert!(ran.fails(2).starts_with("error: "), "{ran:?}");
}
