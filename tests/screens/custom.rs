//! Custom fields in the form of a new ticket.

use growdesk::{
    app::{Settings, field::Field},
    desk::{Connection, Report, Stored},
    domain::{
        Change, CustomField, Draft, DraftId, DraftKey, DraftKind, Entry, ProblemKind, State,
        TicketForm,
    },
};

use crate::{
    after, at_80, at_all_sizes,
    support::{
        console::{Console, problem},
        desk,
    },
};

const PRODUCT: &str = "ticket_custom_field_3";
const SERIAL: &str = "ticket_custom_field_9";

fn field(id: i64, title: &str, required: bool, choices: &[&str]) -> CustomField {
    let choices = choices.iter().map(|it| (*it).to_owned()).collect();
    CustomField { id, title: desk::line(title), required, choices }
}

/// A product that has to be chosen, a serial number that has to be typed, and a floor.
fn settings() -> Settings {
    let custom_fields = vec![
        field(3, "Product", true, &["Router", "Line card", "Switch"]),
        field(9, "Serial number", true, &[]),
        field(4, "Floor", false, &["Ground floor", "First floor"]),
    ];
    Settings { custom_fields, ..desk::settings() }
}

fn working(width: u16, height: u16) -> Console {
    Console::with(settings(), width, height).fill()
}

/// A form in which all is filled in but the custom fields, with the focus in the message.
fn filled(width: u16, height: u16) -> Console {
    let mut console = after(working(width, height), "N<enter>");
    console.keys("<enter><enter>").rest();
    console.keys("<enter><tab><tab>Printer jams<tab>It does.").rest();
    console
}

fn focused(console: &Console) -> Option<Field> {
    console.model.form().map(|form| form.focused())
}

/// The custom fields that are recorded with the form.
fn recorded(console: &mut Console) -> Option<Vec<(String, String)>> {
    let queued: Vec<Entry> = console.keys("<c-s>").queued();
    queued.into_iter().find_map(|entry| match entry.change {
        Change::Create(new) => Some(new.custom),
        _ => None,
    })
}

fn pairs(custom: &[(&str, &str)]) -> Vec<(String, String)> {
    custom.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

/// The row of the form that begins with this label.
fn row(console: &Console, label: &str) -> String {
    let text = console.text();
    let row = text.lines().find(|line| line.contains(&format!(" {label} ")));
    row.unwrap_or_else(|| panic!("no {label}: {text}")).to_owned()
}

#[test]
fn the_form_of_a_new_ticket_has_the_fields_of_the_profile_at_once() {
    at_all_sizes("custom", |w, h| after(working(w, h), "N"));
    at_all_sizes("custom_missing", |w, h| after(filled(w, h), "<c-s>"));
    at_all_sizes("custom_filled", |w, h| {
        after(filled(w, h), "<tab>li<enter>SN-4411<tab><enter><enter>")
    });
    at_80("custom_choices", |w, h| after(filled(w, h), "<tab><enter>"));
}

#[test]
fn what_is_required_is_checked_before_anything_is_sent() {
    let mut console = filled(80, 24);
    assert_eq!(recorded(&mut console), None);
    assert_eq!(focused(&console), Some(Field::Custom(0)));
    console.keys("<enter><enter>").rest();
    assert_eq!(recorded(&mut console), None);
    assert_eq!(focused(&console), Some(Field::Custom(1)), "{}", console.text());
    console.keys("  ");
    assert_eq!(recorded(&mut console), None, "blanks are no serial number");
    console.keys("7");
    assert!(!console.text().contains("this is needed"), "{}", console.text());
    let wanted = pairs(&[(PRODUCT, "Router"), (SERIAL, "  7")]);
    assert_eq!(recorded(&mut console), Some(wanted), "an empty field is not sent");
}

#[test]
fn a_choice_is_picked_by_its_letters_and_an_optional_one_can_be_taken_away() {
    let mut console = filled(80, 24);
    console.keys("<tab>swi<enter>7<tab>fir<enter>").rest();
    let mut other = console.clone();
    let all =
        pairs(&[(PRODUCT, "Switch"), (SERIAL, "7"), ("ticket_custom_field_4", "First floor")]);
    assert_eq!(recorded(&mut console), Some(all));
    other.keys("<tab><tab><tab><tab><tab><tab><tab><tab><enter>").rest();
    assert!(other.text().contains("none"), "{}", other.text());
    other.keys("none<enter>").rest();
    let rest = pairs(&[(PRODUCT, "Switch"), (SERIAL, "7")]);
    assert_eq!(recorded(&mut other), Some(rest));
}

#[test]
fn a_field_that_both_the_profile_and_the_server_name_is_there_once() {
    let mut console = filled(80, 24);
    console.keys("<tab>rou<enter>7").rest();
    let entry = console.keys("<c-s>").queued().remove(0);
    let mut refused = problem(ProblemKind::Refused, "The given data was invalid.");
    for name in [SERIAL, "ticket_custom_field_12"] {
        refused.fields.insert(name.into(), vec![desk::line("This is too short.")]);
    }
    console.settle(&entry, State::Refused { problem: refused });
    let names: Vec<String> = {
        let form = console.model.form().expect("the form");
        form.custom.iter().map(|it| it.name.clone()).collect()
    };
    assert_eq!(names, [PRODUCT, SERIAL, "ticket_custom_field_4", "ticket_custom_field_12"]);
    assert_eq!(focused(&console), Some(Field::Custom(1)));
    assert!(row(&console, "Serial number").contains('7'));
    console.keys("77<tab><tab>A").rest();
    let wanted = pairs(&[(PRODUCT, "Router"), (SERIAL, "777"), ("ticket_custom_field_12", "A")]);
    assert_eq!(recorded(&mut console), Some(wanted));
}

#[test]
fn what_was_kept_for_a_field_that_the_profile_does_not_name_any_more_is_there() {
    let custom = pairs(&[("ticket_custom_field_5", "Blue"), (PRODUCT, "Modem"), (SERIAL, "7")]);
    let text = TicketForm { custom, ..TicketForm::default() }.write();
    let key = DraftKey::new(None, DraftKind::NewTicket);
    let draft =
        Draft { key, id: DraftId(1), text, cursor: (0, 0), updated: desk::now(), changes: None };
    let mut console = Console::with(settings(), 80, 24);
    let stored = Stored { rows: desk::rows(), drafts: vec![draft], ..Stored::default() };
    console.send(Report::Stored(Box::new(stored)));
    console.send(Report::Connection(Connection::Online));
    console.rest().keys("N").rest();
    assert!(row(&console, "Custom 5").contains("Blue"));
    assert!(row(&console, "Product").contains("Modem"));
    assert!(row(&console, "Serial number").contains('7'));
    let said = "this is none of the choices now: choose again";
    assert!(console.text().contains(said), "{}", console.text());
    console.keys("<c-s>");
    assert!(console.text().contains(said) && console.queued().is_empty());
    let form = console.model.form().expect("the form");
    assert_eq!(form.custom.len(), 4);
}
