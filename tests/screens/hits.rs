//! What the mouse would hit is what is drawn there.

use growdesk::app::{
    hits::{Hit, at, hits},
    panes::tabs::{self, Label},
};

use crate::support::console::Console;

/// Each place of the moment, with the text that is drawn in it.
fn places(console: &Console) -> Vec<(Hit, String)> {
    let text = console.text();
    let lines: Vec<Vec<char>> = text.lines().map(|line| line.chars().collect()).collect();
    let drawn = |x: u16, y: u16, width: u16| -> String {
        let line = lines.get(usize::from(y)).map(Vec::as_slice).unwrap_or_default();
        line.iter().skip(usize::from(x)).take(usize::from(width)).collect()
    };
    let all = hits(&console.model).into_iter();
    all.map(|(area, hit)| (hit, drawn(area.x, area.y, area.width))).collect()
}

fn after(keys: &str) -> Console {
    let mut console = Console::working(120, 40);
    console.keys(keys).rest();
    console
}

#[test]
fn a_row_of_the_list_and_a_tab_are_hit_where_they_stand() {
    for keys in ["", "jjj", "2", "/vpn<enter>", "6G", "v"] {
        let console = after(keys);
        let model = &console.model;
        let mut rows = 0;
        for (hit, text) in places(&console) {
            match hit {
                Hit::Row(row) => {
                    let place = model.list.listed()[row];
                    let id = model.tickets.rows().at(place).expect("it is listed").id;
                    assert!(text.contains(&id.to_string()), "{id} is not in {text:?} after {keys}");
                    rows += 1;
                }
                Hit::View(view) => {
                    let name = &model.list.tabs[view].view.name;
                    assert!(text.contains(name.as_str()), "{name} is not in {text:?}");
                }
                _ => {}
            }
        }
        assert!(rows > 0, "no row is hit after {keys}");
    }
}

#[test]
fn a_narrow_line_of_views_is_hit_where_they_stand() {
    let mut console = Console::working(60, 20);
    console.keys("4").rest();
    let views: Vec<(Hit, String)> =
        places(&console).into_iter().filter(|(hit, _)| matches!(hit, Hit::View(_))).collect();
    assert!(views.len() >= 3, "{views:?}");
    for (hit, text) in views {
        let Hit::View(view) = hit else { continue };
        let labels = tabs::shown(&console.model, 60).labels;
        let label = labels.iter().find(|label| label.at == view).expect("it is shown");
        let Label { key, name, count, .. } = label;
        assert_eq!(text.trim(), format!("{key}{name}{count}"));
    }
}

#[test]
fn a_line_of_the_conversation_is_hit_where_it_stands() {
    let console = after("/vpn<enter><enter><rest>kkk");
    let lines: Vec<(Hit, String)> =
        places(&console).into_iter().filter(|(hit, _)| matches!(hit, Hit::Line(_))).collect();
    let cursor = Hit::Line(console.model.conversation.cursor);
    let marked: Vec<Hit> =
        lines.iter().filter(|(_, text)| text.starts_with('▸')).map(|(hit, _)| *hit).collect();
    assert_eq!(marked, [cursor], "the mark stands on the line that the keys are about");
}

#[test]
fn a_choice_a_field_and_a_line_of_the_outbox_are_hit_where_they_stand() {
    for keys in ["s", "p", "t", "d<rest>", ":", ":mes", "tl"] {
        let console = after(keys);
        let picker = match &console.model.popup {
            Some(growdesk::app::Popup::Picker(picker)) => picker,
            other => panic!("{other:?}"),
        };
        let mut choices = 0;
        for (hit, text) in places(&console) {
            let Hit::Choice(at) = hit else { continue };
            let label = &picker.items[picker.matches[at]].label;
            let begin: String = label.chars().take(12).collect();
            assert!(text.contains(&begin), "{label:?} is not in {text:?} after {keys}");
            choices += 1;
        }
        assert!(choices > 0, "no choice is hit after {keys}");
    }
    for keys in ["N", "N<tab><tab>", "E<rest>"] {
        let console = after(keys);
        for (hit, text) in places(&console) {
            let Hit::Field(field) = hit else { continue };
            let labelled = text.contains(field.label()) || field.label() == "Message";
            assert!(labelled, "{field:?} is not in {text:?} after {keys}");
        }
    }
    let console = after("rThank you<esc><esc>s2go");
    let entries: Vec<String> = places(&console)
        .into_iter()
        .filter(|(hit, _)| matches!(hit, Hit::Entry(_)))
        .map(|(_, text)| text)
        .collect();
    assert_eq!(entries.len(), 2, "{entries:?}");
    assert!(entries[0].contains("status") && entries[1].contains("Thank you"), "{entries:?}");
}

#[test]
fn nothing_beside_an_open_popup_is_hit() {
    let console = after("s");
    let (width, height) = console.model.size;
    let mut hit = 0;
    for (x, y) in (0..width).flat_map(|x| (0..height).map(move |y| (x, y))) {
        match at(&console.model, x, y) {
            Some(Hit::Popup | Hit::Choice(_)) => hit += 1,
            // The line of hints names the keys of the popup.
            Some(Hit::Key(_)) => {}
            Some(other) => panic!("{other:?} is hit beneath the popup"),
            None => {}
        }
    }
    assert!(hit > 0 && hit < usize::from(width) * usize::from(height));
}
