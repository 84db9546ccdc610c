//! Pins: kept in the profile, shown in the list, taken back as one step, and in a view of their own.

use growdesk::{
    app::{Effect, Settings},
    desk::{Report, Work},
    domain::{Aside, AsideChange, ProblemKind, TicketId, View},
};

use crate::{
    after, at_all_sizes,
    support::{
        console::{Console, problem},
        desk,
    },
};

fn pinned() -> Aside {
    Aside { pinned: true, ..Aside::default() }
}

fn said(console: &Console) -> String {
    let notice = console.model.notices.at(console.now).expect("something is said");
    notice.text.clone()
}

fn asked(console: &mut Console) -> Vec<(TicketId, AsideChange)> {
    let changes = console.effects().into_iter().filter_map(|effect| match effect {
        Effect::Work(Work::SetAside(changes)) => Some(changes),
        _ => None,
    });
    changes.flatten().collect()
}

fn is_pinned(console: &Console, id: i64) -> bool {
    console.model.tickets.rows().aside(TicketId(id)).pinned
}

fn open_view(console: &Console) -> &str {
    console.model.list.tab().map_or("", |tab| tab.view.name.as_str())
}

#[test]
fn a_pin_is_stored_shown_and_taken_back() {
    let mut console = Console::working(100, 30);
    console.keys("jb");
    let id = console.model.selected().expect("a ticket");
    assert_eq!(asked(&mut console), [(id, AsideChange::Pinned(true))]);
    assert_eq!(said(&console), format!("{id} is pinned; z takes it back"));
    assert!(console.text().contains(&format!("⚑{id}")), "{}", console.text());
    console.keys("b");
    assert_eq!(asked(&mut console), [(id, AsideChange::Pinned(false))]);
    assert_eq!(said(&console), format!("{id} is no longer pinned; z takes it back"));
    console.keys("z");
    assert!(is_pinned(&console, id.0));
    assert_eq!(said(&console), format!("taken back: unpin {id}"));
    console.keys("z");
    assert!(!is_pinned(&console, id.0));
    console.keys("ZZ");
    assert_eq!(said(&console), format!("done again: unpin {id}"));
    assert!(!is_pinned(&console, id.0));
}

#[test]
fn pinned_tickets_have_a_view_while_there_are_any_and_no_other_view_moves() {
    let mut console = Console::working(120, 30);
    console.keys("9");
    assert_eq!(
        (said(&console).as_str(), open_view(&console)),
        ("no ticket is pinned", "Needs reply")
    );
    console.keys("jj");
    let (id, cursor) = (console.model.selected(), console.model.list.cursor);
    console.keys("b");
    assert_eq!((console.model.selected(), console.model.list.cursor), (id, cursor));
    assert!(console.text().contains("9 Pinned 1"), "{}", console.text());
    console.keys("6G");
    // An archived ticket is pinned like any other.
    console.keys("7b9");
    assert_eq!(open_view(&console), "Pinned");
    assert_eq!(console.model.list.listed().len(), 2);
    // The view stays while it is open, also without tickets.
    let count = |console: &Console| console.model.list.tab().map(|tab| tab.count);
    console.keys("b");
    assert_eq!(count(&console), Some(1), "the row stays under the cursor, and is not counted");
    console.keys("jb");
    assert_eq!((open_view(&console), count(&console)), ("Pinned", Some(0)));
    assert!(console.text().contains("→ not pinned: "), "{}", console.text());
    console.keys("9");
    assert_eq!((open_view(&console), console.model.list.listed().len()), ("Pinned", 0));
    assert!(console.text().contains("No ticket is pinned."), "{}", console.text());
    console.keys("]");
    assert_eq!(open_view(&console), "Needs reply");
    console.keys("[");
    assert_eq!(open_view(&console), "Archived");
}

#[test]
fn views_of_ones_own_keep_their_keys_whatever_is_pinned() {
    let own = View { name: "Mine".into(), ..View::builtin()[5].clone() };
    let settings = Settings { views: View::all([own]), ..desk::settings() };
    let mut console = Console::with(settings, 120, 30).fill();
    for keys in ["8", "1b8", "1b8"] {
        console.keys(keys);
        assert_eq!(open_view(&console), "Mine", "{keys}");
    }
    console.keys("1b");
    // The tenth view has no key; the brackets reach it.
    console.keys("[");
    assert_eq!(open_view(&console), "Pinned");
}

#[test]
fn a_pin_that_is_not_stored_is_not_shown_and_no_step() {
    let mut console = Console::working(100, 30);
    let id = console.model.selected().expect("a ticket").0;
    console.keys("bz");
    console.stalled = true;
    console.keys("b");
    assert!(is_pinned(&console, id));
    // Another console's change comes in between, and this one stays on top.
    console.send(Report::Asides(vec![(TicketId(1041), pinned())]));
    assert!(is_pinned(&console, id) && is_pinned(&console, 1041));
    console.send(Report::AsideStored(Err(problem(ProblemKind::Store, "the disk is full"))));
    assert!(!is_pinned(&console, id));
    assert!(
        said(&console).starts_with(&format!("#{id} is as it was before: ")),
        "{}",
        said(&console)
    );
    // The redo list is as it was.
    console.stalled = false;
    console.keys("Z");
    assert!(is_pinned(&console, id));
    console.keys("z");
    assert!(!is_pinned(&console, id));
}

#[test]
fn a_change_that_is_not_stored_takes_its_own_step_off_the_undo_list() {
    let mut console = Console::working(100, 30);
    let id = console.model.selected().expect("a ticket").0;
    console.stalled = true;
    console.keys("b");
    console.keys("b");
    console.send(Report::AsideStored(Err(problem(ProblemKind::Store, "the disk is full"))));
    console.send(Report::AsideStored(Ok(())));
    console.stalled = false;
    console.keys("z");
    assert_eq!(said(&console), format!("taken back: unpin #{id}"));
}

#[test]
fn what_another_console_changed_since_is_left_by_an_undo() {
    let mut console = Console::working(100, 30);
    let id = console.model.selected().expect("a ticket");
    console.keys("b");
    console.send(Report::Asides(vec![]));
    let _ = console.effects();
    console.keys("z");
    assert_eq!(asked(&mut console), []);
    assert_eq!(said(&console), format!("pin {id} was changed since: it stays as it is"));
}

#[test]
fn pins_are_shown_from_the_start_and_follow_other_consoles() {
    let mut console = Console::working(100, 30);
    console.send(Report::Asides(vec![(TicketId(1041), pinned())]));
    assert!(console.text().contains("⚑#1041"));
    console.send(Report::Asides(vec![(TicketId(1040), pinned())]));
    let text = console.text();
    assert!(text.contains("⚑#1040") && !text.contains("⚑#1041"), "{text}");
}

#[test]
fn the_view_of_pinned_tickets_at_each_size() {
    at_all_sizes("pinned", |w, h| after(Console::working(w, h), "bjb7b9"));
}
