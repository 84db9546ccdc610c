use jiff::Timestamp;

use super::{open::fetch_departments, *};
use crate::app::{Settings, keymap::KeyMap, popups::quit::Quit};
use crate::domain::{Department, DepartmentId};

#[test]
fn an_answer_finds_the_picker_that_asked_for_it_whatever_has_come_over_it() {
    let now = Timestamp::UNIX_EPOCH;
    let mut model = Model::new(Settings::default(), KeyMap::default(), (80, 24), now);
    let picker = Picker::new(Purpose::Field(Field::Department), "Department", vec![]);
    model.push_popup(picker);
    let asked = fetch_departments(&mut model);
    assert_eq!(asked.into_iter().count(), 1);
    let _ = run(&mut model, PickerCommand::Apply);
    model.push_popup(Quit);
    let one = Department { id: DepartmentId(1), name: Line::from_cleaned("Support", None) };
    let effects = found(&mut model, Ok(Found::Departments(vec![one])));
    assert_eq!(effects.into_iter().count(), 0, "what is covered takes nothing by itself");
    assert!(model.top::<Quit>().is_some());
    model.close_popup();
    let picker = model.top::<Picker>().unwrap();
    assert!(!picker.loading && picker.selected().is_some_and(|it| it.label == "Support"));
}
