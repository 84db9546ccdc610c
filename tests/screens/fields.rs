//! The order of a view, and its filter by fields.

use growdesk::{
    app::{Effect, Message, Outside},
    domain::{Problem, ProblemKind, Row, TicketId, View},
};

use crate::{
    after, at_80, at_all_sizes,
    support::{console::Console, desk},
};

/// The numbers of the listed tickets, in order.
fn listed(console: &Console) -> Vec<i64> {
    let model = &console.model;
    let rows = model.tickets.rows();
    model.list.listed().iter().filter_map(|it| rows.at(*it)).map(|row| row.id.0).collect()
}

/// The open view's tickets in the order of a key, worked out from the desk alone.
fn by<K: Ord>(key: impl Fn(&Row) -> K) -> Vec<i64> {
    let mut rows: Vec<Row> = desk::rows().into_iter().filter(|row| !row.ticket.archived).collect();
    rows.sort_by_key(|row| (key(row), std::cmp::Reverse(row.ticket.id)));
    rows.iter().map(|row| row.ticket.id.0).collect()
}

#[test]
fn the_order_of_a_view_is_picked() {
    at_all_sizes("sort_picker", |w, h| after(Console::working(w, h), "O"));
    at_80("sort_picker_reversed", |w, h| after(Console::working(w, h), "6O<down><c-r>"));
    at_80("sorted", |w, h| after(Console::working(w, h), "6Ocre<enter>"));
}

#[test]
fn each_order_is_the_one_that_its_words_say_either_way_round() {
    let console = |keys: &str| after(Console::working(120, 40), keys);
    let created = |row: &Row| row.ticket.created;
    assert_eq!(listed(&console("6Ocre<enter>")), by(|row| std::cmp::Reverse(created(row))));
    assert_eq!(listed(&console("6Ocre<c-r><enter>")), by(created));
    assert_eq!(listed(&console("6Ostat<enter>")), by(|row| row.ticket.status.id.0));
    let reversed = console("6Ostat<c-r><enter>O<enter>");
    assert_eq!(listed(&reversed), by(|row| -row.ticket.status.id.0), "Enter alone changes nothing");
    let back = console("6Ostat<c-r><enter>Oup<c-r><enter>");
    assert_eq!(listed(&back), listed(&console("6")), "the view's own order is one of them");
}

#[test]
fn the_cursor_keeps_its_ticket_and_a_filter_its_tickets_through_another_order() {
    let mut console = after(Console::working(120, 40), "6/print<enter>j");
    let (ticket, before) = (console.model.selected(), listed(&console));
    console.keys("Ocre<c-r><enter>").rest();
    assert_eq!(console.model.selected(), ticket);
    assert_ne!(listed(&console), before);
    let expected = by(|row| row.ticket.created).into_iter().filter(|id| before.contains(id));
    assert_eq!(listed(&console), expected.collect::<Vec<_>>());
    let mut other = console.clone();
    other.keys("5").rest();
    assert!(other.text().contains("latest change first"), "another view keeps its order");
}

#[test]
fn a_row_that_changes_while_the_list_is_sorted_gets_its_place() {
    use growdesk::desk::{Found, Read, Report, Work};
    let mut console = after(Console::working(120, 40), "6");
    console.effects();
    console.asked_only = true;
    console.keys("Ostat<enter>");
    let asked = console.effects().into_iter().find_map(|effect| match effect {
        growdesk::app::Effect::Work(Work::Read {
            request,
            read: Read::Order { rows, view, waiting },
            ..
        }) => Some((request, rows, view, waiting)),
        _ => None,
    });
    let (request, rows, view, waiting) = asked.expect("the background task is asked");
    let mut row = desk::rows().into_iter().find(|row| row.ticket.id == TicketId(1040)).unwrap();
    row.ticket.status = growdesk::domain::Status::usual()[1].clone();
    console.send(Report::Rows { changed: vec![row], gone: vec![TicketId(1042)] });
    let found = Ok(Found::Order(view.select(&rows, &waiting)));
    console.send(Report::Found { request, found });
    let expected: Vec<i64> = by(|row| match row.ticket.id.0 {
        1040 => 2,
        _ => row.ticket.status.id.0,
    });
    let expected: Vec<i64> = expected.into_iter().filter(|id| *id != 1042).collect();
    assert_eq!(listed(&console), expected);
}

/// The numbers of the desk's tickets that a plain check takes.
fn that(takes: impl Fn(&Row) -> bool) -> Vec<i64> {
    let mut ids: Vec<i64> =
        desk::rows().iter().filter(|row| takes(row)).map(|row| row.ticket.id.0).collect();
    ids.sort_unstable();
    ids
}

fn sorted(console: &Console) -> Vec<i64> {
    let mut ids = listed(console);
    ids.sort_unstable();
    ids
}

fn head(console: &Console) -> String {
    console.text().lines().nth(1).unwrap_or_default().to_owned()
}

#[test]
fn the_filter_by_fields_is_a_form() {
    at_all_sizes("filter_form", |w, h| after(Console::working(w, h), "f"));
    at_all_sizes("filter_form_set", |w, h| {
        after(Console::working(w, h), "6f1<enter><down>high<enter><down><down>hald<enter>")
    });
    at_80("filter_form_statuses", |w, h| after(Console::working(w, h), "6f<enter>15"));
    at_80("filter_form_clients", |w, h| {
        after(Console::working(w, h), "6f<down><down><down><enter>")
    });
    at_80("filter_form_words", |w, h| after(Console::working(w, h), "6f<up>print"));
}

#[test]
fn the_head_of_the_list_shows_a_chip_for_each_condition() {
    at_all_sizes("filter_chips", |w, h| {
        let keys = "6f15<enter><down><enter> <down> <enter><down>sup<enter><esc>";
        after(Console::working(w, h), keys)
    });
    at_all_sizes("filter_chips_and_words", |w, h| {
        after(Console::working(w, h), "6f15<enter><down>urg<enter><esc>/vpn<enter>")
    });
    at_80("filter_fits_none", |w, h| {
        after(Console::working(w, h), "6f2<enter><down>urg<enter><esc>")
    });
}

#[test]
fn what_is_chosen_narrows_the_view_at_once_and_each_condition_can_be_taken_away() {
    let mut console = after(Console::working(120, 40), "6f1<enter>");
    let open = |row: &Row| !row.ticket.archived && row.ticket.status.id.0 == 1;
    assert_eq!(sorted(&console), that(open));
    console.keys("5").rest();
    assert!(console.text().contains("[x] "), "a letter opens the choices of its field");
    console.keys("<enter>").rest();
    let waiting = |row: &Row| !row.ticket.archived && [1, 5].contains(&row.ticket.status.id.0);
    assert_eq!(sorted(&console), that(waiting));
    console.keys("<down>high<enter>").rest();
    let high = |row: &Row| waiting(row) && row.ticket.priority == growdesk::domain::Priority::High;
    assert_eq!(sorted(&console), that(high));
    console.keys("<backspace>").rest();
    assert_eq!(sorted(&console), that(waiting));
    console.keys("<up><c-x>").rest();
    assert_eq!(sorted(&console), that(|row| !row.ticket.archived));
}

#[test]
fn esc_takes_the_words_away_and_then_the_fields() {
    let mut console = after(Console::working(120, 40), "6f1<enter><esc>/p<enter>");
    assert!(head(&console).contains("[Open] filter: p"), "{}", head(&console));
    console.keys("<esc>").rest();
    assert!(head(&console).contains("[Open] latest change first"), "{}", head(&console));
    console.keys("<esc>").rest();
    assert!(!head(&console).contains('['), "{}", head(&console));
    assert_eq!(sorted(&console), that(|row| !row.ticket.archived));
}

#[test]
fn all_that_is_marked_after_the_words_are_gone_is_what_the_fields_list() {
    let mut console = after(Console::working(120, 40), "6f1<enter><esc>/dashb<enter>");
    let narrow = listed(&console).len();
    let cursor = console.model.ticket_at_hand();
    console.keys_at_once("<esc>*").rest();
    let wide = listed(&console).len();
    assert!(wide > narrow, "{wide} > {narrow}");
    assert_eq!(console.model.marks.len(), wide);
    assert_eq!(console.model.ticket_at_hand(), cursor, "the cursor keeps its ticket");
}

#[test]
fn archived_tickets_are_found_from_any_view() {
    let mut console = after(Console::working(120, 40), "6farch");
    console.keys("<esc><up><up>both<esc>").keys("act<down><enter>").rest();
    assert_eq!(sorted(&console), that(|_| true), "{}", console.text());
    console.keys("<esc>7").rest();
    assert_eq!(sorted(&console), that(|row| row.ticket.archived));
}

#[test]
fn a_ticket_that_ceases_to_fit_leaves_and_one_that_comes_to_fit_comes() {
    use growdesk::desk::Report;
    let mut console = after(Console::working(120, 40), "6f1<enter><esc>");
    let mut row = desk::rows().into_iter().find(|row| row.ticket.id == TicketId(1040)).unwrap();
    row.ticket.status = growdesk::domain::Status::usual()[1].clone();
    console.send(Report::Rows { changed: vec![row], gone: vec![] });
    let others = that(|row| !row.ticket.archived && row.ticket.status.id.0 == 1);
    let others: Vec<i64> = others.into_iter().filter(|id| *id != 1040).collect();
    assert_eq!(sorted(&console), others);
    let mut row = desk::rows().into_iter().find(|row| row.ticket.id == TicketId(1015)).unwrap();
    row.ticket.status = growdesk::domain::Status::usual()[0].clone();
    console.send(Report::Rows { changed: vec![row], gone: vec![] });
    assert!(listed(&console).contains(&1015));
}

#[test]
fn ctrl_f_opens_the_search_in_texts_from_the_list_too() {
    let mut console = after(Console::working(120, 40), "6<c-f>");
    assert!(head(&console).contains("in all texts:"), "{}", head(&console));
    console.keys("vpn<enter>").rest();
    assert_eq!(listed(&console), [1042]);
}

/// The screen as it is kept when the console is left.
fn left(console: &mut Console) -> growdesk::desk::LastScreen {
    use growdesk::{app::Effect, desk::Work};
    console.effects();
    console.keys("<c-c>");
    let effects = console.effects();
    let kept = effects.into_iter().find_map(|effect| match effect {
        Effect::Work(Work::Remember(screen)) => Some(*screen),
        _ => None,
    });
    kept.expect("the screen is kept")
}

/// A console that is opened after one that was left so.
fn opened_again(screen: growdesk::desk::LastScreen) -> Console {
    use growdesk::desk::{Report, Stored};
    let text = serde_json::to_string(&screen).expect("it is written");
    let screen = serde_json::from_str(&text).expect("it is read");
    let mut console = Console::opened(120, 40);
    console.send(Report::Stored(Box::new(Stored {
        rows: desk::rows(),
        directory: desk::directory(),
        screen: Some(screen),
        ..Stored::default()
    })));
    console.rest();
    console
}

#[test]
fn each_view_keeps_its_order_its_filter_and_its_cursor_from_run_to_run() {
    let mut console = after(Console::working(120, 40), "6Ocre<c-r><enter>f1<enter><esc>jj");
    let (of_all, all) = (listed(&console), console.model.selected());
    console.keys("1/p<enter>j").rest();
    let (of_waiting, waiting) = (listed(&console), console.model.selected());
    let screen = left(&mut console);
    let mut again = opened_again(screen);
    assert_eq!((listed(&again), again.model.selected()), (of_waiting, waiting));
    assert!(head(&again).contains("filter: p"), "{}", head(&again));
    again.keys("6").rest();
    assert_eq!((listed(&again), again.model.selected()), (of_all, all));
    assert!(head(&again).contains("[Open] oldest first"), "{}", head(&again));
    again.keys("5").rest();
    assert!(!head(&again).contains('['), "a view that nothing was set in is as it was");
}

#[test]
fn the_filter_of_a_view_that_is_gone_narrows_no_other() {
    let mut console = after(Console::working(120, 40), "1");
    let waiting = listed(&console);
    console.keys("6/zzz<enter>").rest();
    let mut screen = left(&mut console);
    screen.view = "Mine, once".into();
    screen.views.clear();
    let again = opened_again(screen);
    assert_eq!(listed(&again), waiting);
    assert!(!again.model.list.tab().expect("a tab").is_narrowed());
}

/// The view that is to be written into the configuration, as `keys` ask for it.
fn saved(console: &mut Console, keys: &str) -> Option<(View, String)> {
    console.effects();
    console.keys(keys);
    console.effects().into_iter().find_map(|effect| match effect {
        Effect::Outside(Outside::SaveView { view, from, .. }) => Some((*view, from)),
        _ => None,
    })
}

/// Says that the view was written, or could not be.
fn answer(console: &mut Console, (view, from): (View, String), written: Result<String, Problem>) {
    let (view, written) = (Box::new(view), written.map(Some));
    console.send(Message::ViewSaved { view, from, written });
    console.rest();
}

fn tabs(console: &Console) -> Vec<String> {
    console.model.list.tabs.iter().map(|tab| tab.view.name.clone()).collect()
}

#[test]
fn a_filter_becomes_a_view_of_ones_own() {
    let keys = "6f15<enter><down>high<enter><c-s>";
    at_all_sizes("naming", |w, h| {
        after(Console::working(w, h), &format!("{keys}High and waiting"))
    });
    at_80("naming_taken", |w, h| after(Console::working(w, h), &format!("{keys}urgent<enter>")));
    at_all_sizes("own_view", |w, h| {
        let mut console = after(Console::working(w, h), keys);
        let view = saved(&mut console, "High<enter>").expect("it is to be written");
        answer(&mut console, view, Ok("/home/dana/.config/growdesk/config.toml".into()));
        console
    });
}

#[test]
fn a_view_of_ones_own_has_the_tickets_of_the_filter_and_the_filter_is_gone() {
    let mut console = after(Console::working(120, 40), "6Ocre<enter>f15<enter><esc>/p<enter>");
    let (tickets, before) = (listed(&console), tabs(&console));
    let (view, from) = saved(&mut console, "f<c-s> Mine <enter>").expect("it is to be written");
    assert_eq!((view.name.as_str(), from.as_str()), ("Mine", "All"));
    assert_eq!(view.query.text, "p");
    assert!(console.text().contains("Being written"), "{}", console.text());
    assert_eq!(saved(&mut console, "<enter>"), None, "it is written once");
    answer(&mut console, (view, from), Ok("config.toml".into()));
    assert_eq!(listed(&console), tickets);
    assert_eq!(tabs(&console).len(), before.len() + 1);
    let tab = console.model.list.tab().expect("a tab");
    assert!(tab.view.name == "Mine" && !tab.is_narrowed() && tab.count == tickets.len());
    console.keys("6").rest();
    assert!(!console.model.list.tab().expect("a tab").is_narrowed());
    assert_eq!(sorted(&console), that(|row| !row.ticket.archived));
}

#[test]
fn a_name_that_is_taken_is_asked_for_again_and_ones_own_can_be_replaced() {
    let mut console = after(Console::working(120, 40), "6f1<enter><c-s>");
    assert_eq!(saved(&mut console, "needs REPLY<enter>"), None);
    assert_eq!(saved(&mut console, "<c-s>"), None, "a view that everybody has is never replaced");
    console.keys("<esc><c-s>");
    let first = saved(&mut console, "Mine<enter>").expect("it is to be written");
    answer(&mut console, first, Ok("config.toml".into()));
    console.keys("6f2<enter>").rest();
    let closed = listed(&console);
    assert_eq!(saved(&mut console, "<c-s>Mine<c-s>"), None, "it replaces only what was told");
    assert_eq!(saved(&mut console, "<enter>"), None);
    let second = saved(&mut console, "<c-s>").expect("it is to be written");
    let before = tabs(&console);
    answer(&mut console, second, Ok("config.toml".into()));
    assert_eq!((tabs(&console), listed(&console)), (before, closed));
}

#[test]
fn a_name_that_another_console_has_taken_meanwhile_is_asked_about() {
    let mut console = after(Console::working(120, 40), "6f1<enter><c-s>");
    let before = tabs(&console);
    let (view, from) = saved(&mut console, "Mine<enter>").expect("it is to be written");
    console.send(Message::ViewSaved { view: Box::new(view), from, written: Ok(None) });
    let text = console.text();
    assert!(text.contains("You have a view of this name") && !text.contains("Being written"));
    assert_eq!(tabs(&console), before);
    assert_eq!(saved(&mut console, "<enter>"), None);
    console.keys("<c-s>");
    let replaces = |effect| match effect {
        Effect::Outside(Outside::SaveView { replaces, .. }) => Some(replaces),
        _ => None,
    };
    assert_eq!(console.effects().into_iter().find_map(replaces), Some(true));
}

#[test]
fn a_view_that_can_not_be_written_is_there_for_this_run_and_the_filter_stays() {
    let mut console = after(Console::working(80, 24), "6f1<enter><c-s>");
    let view = saved(&mut console, "Mine<enter>").expect("it is to be written");
    let why = crate::support::console::problem(ProblemKind::Local, "config.toml can't be written");
    answer(&mut console, view, Err(why));
    at_80("own_view_not_written", |_, _| console.clone());
    assert!(tabs(&console).contains(&"Mine".to_owned()));
    console.keys("6").rest();
    assert!(console.model.list.tab().expect("a tab").is_narrowed());
}

#[test]
fn nothing_is_saved_of_conditions_that_no_ticket_can_meet() {
    let mut console = after(Console::working(120, 40), "2f<down>norm<enter>");
    assert_eq!(saved(&mut console, "<c-s>Mine<enter>"), None);
    assert!(console.text().contains("no ticket can be in Urgent and fit the filter"));
}

#[test]
fn a_letter_in_a_field_of_choices_opens_them_narrowed_to_it() {
    at_80("new_ticket_letter", |w, h| after(Console::working(w, h), "N<tab>bi"));
    let console = after(Console::working(80, 24), "N<tab><tab>x");
    assert!(console.text().contains("choose the client first"), "{}", console.text());
}

#[test]
fn recording_with_a_missing_field_goes_to_the_first_that_is_missing() {
    let mut console = after(Console::working(80, 24), "N<tab><tab><tab><tab>Subject<tab>Hello");
    console.keys("<c-s>");
    let focused = |console: &Console| console.model.form().map(|form| form.focused());
    assert_eq!(focused(&console), Some(growdesk::app::field::Field::Client));
}
