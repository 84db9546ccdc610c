use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{kept::complete, *};
use crate::{
    app::{Effect, Found, Message, Read, Settings, Work, keymap::KeyMap, update},
    desk::{Among, Report},
    domain::{Priority, Row, Rows, Status, ThreadFacts, Ticket},
};

const ALL: usize = 5;

fn row(id: i64) -> Row {
    let at = Timestamp::from_second(id).ok();
    let ticket = Ticket { created: at, ..Ticket::sparse(TicketId(id)) };
    Row { ticket, facts: None, noticed: Timestamp::UNIX_EPOCH }
}

/// A console that has read open tickets of these numbers and shows all, the newest first.
fn console(ids: &[i64]) -> Model {
    let now = Timestamp::UNIX_EPOCH;
    let settings = Settings::default();
    let mut model = Model::new(settings.clone(), KeyMap::default(), (80, 24), now);
    let rows: Rows = ids.iter().map(|id| row(*id)).collect::<Vec<_>>().iter().collect();
    let select = |view: &View| view.select(&rows, &settings.waiting);
    let orders = settings.views.iter().map(select).collect();
    let _ = complete(&mut model, rows, orders);
    let _ = open_view(&mut model, ALL);
    model
}

/// The tickets that a filter looks among.
fn places(among: Among) -> Vec<Place> {
    among.places(&Rows::default())
}

fn tell(model: &mut Model, changed: Vec<Row>, gone: &[i64]) {
    let gone = gone.iter().copied().map(TicketId).collect();
    let now = model.now;
    let _ = update(model, now, Report::Rows { changed, gone });
}

fn listed(model: &Model) -> Vec<i64> {
    let rows = model.tickets.rows();
    model.list.listed().iter().filter_map(|it| rows.at(*it)).map(|row| row.id.0).collect()
}

#[test]
fn the_cursor_holds_its_ticket() {
    let mut model = console(&[1, 2, 3, 4]);
    assert!(model.select(TicketId(2)));
    tell(&mut model, vec![row(9)], &[3, 4]);
    assert_eq!(listed(&model), [9, 2, 1]);
    assert_eq!(model.selected(), Some(TicketId(2)));
}

#[test]
fn a_ticket_that_leaves_gives_the_cursor_to_the_next() {
    let mut model = console(&[1, 2, 3, 4]);
    assert!(model.select(TicketId(3)));
    tell(&mut model, vec![], &[3]);
    assert_eq!(model.selected(), Some(TicketId(2)));
    tell(&mut model, vec![], &[2, 1]);
    assert_eq!(model.selected(), Some(TicketId(4)));
    tell(&mut model, vec![], &[4]);
    assert_eq!(model.selected(), None);
}

#[test]
fn the_window_follows_the_cursor() {
    let mut list = console(&[1, 2, 3, 4, 5, 6]).list;
    list.cursor = 5;
    list.scroll_into_view(3);
    assert_eq!(list.top, 3);
    list.cursor = 1;
    list.scroll_into_view(3);
    assert_eq!(list.top, 1);
    list.tabs[ALL].order.truncate(2);
    list.scroll_into_view(3);
    assert_eq!(list.top, 0);
}

#[test]
fn what_changes_piece_by_piece_ends_as_if_it_had_been_read_whole() {
    let mut random = fastrand::Rng::with_seed(4);
    let mut model = console(&[]);
    let statuses = Status::usual();
    for _ in 0..300 {
        let changed: Vec<Row> = (0..random.usize(0..12))
            .map(|_| {
                let mut row = row(random.i64(0..60));
                row.ticket.status = statuses[random.usize(..statuses.len())].clone();
                row.ticket.priority = Priority::ALL[random.usize(..3)];
                row.ticket.archived = random.u8(..4) == 0;
                row.ticket.status_changed = Timestamp::from_second(random.i64(0..9)).ok();
                row
            })
            .collect();
        let gone: Vec<i64> = (0..random.usize(0..3)).map(|_| random.i64(0..60)).collect();
        tell(&mut model, changed, &gone);
        for tab in &model.list.tabs {
            let (rows, waiting) = (model.tickets.rows(), &model.settings.waiting);
            let mut shown = tab.order.clone();
            shown.sort_unstable();
            let mut taken = tab.view.select(rows, waiting);
            taken.sort_unstable();
            assert_eq!(shown, taken, "{}", tab.view.name);
        }
        // The row under the cursor keeps its place until then.
        let _ = sort_anew(&mut model);
        let (rows, waiting) = (model.tickets.rows(), &model.settings.waiting);
        for tab in &model.list.tabs {
            assert_eq!(tab.order, tab.view.select(rows, waiting), "{}", tab.view.name);
            assert_eq!(tab.count, tab.order.len());
        }
    }
}

#[test]
fn a_row_does_not_jump_away_because_it_was_looked_at() {
    let mut model = console(&[1, 2, 3]);
    let _ = open_view(&mut model, 0);
    assert_eq!(listed(&model), [1, 2, 3], "the oldest change first");
    assert!(model.select(TicketId(3)));
    let facts = Some(ThreadFacts {
        customer_since: Timestamp::from_second(90).ok(),
        ..ThreadFacts::default()
    });
    tell(&mut model, vec![Row { facts, ..row(3) }], &[]);
    assert_eq!(listed(&model), [1, 2, 3]);
    let _ = open_view(&mut model, 0);
    assert_eq!(listed(&model), [3, 1, 2], "what is known comes first");
    assert_eq!(model.selected(), Some(TicketId(3)));
}

#[test]
fn a_row_comes_in_at_its_place_among_rows_that_keep_theirs_since_they_were_read() {
    let mut random = fastrand::Rng::with_seed(5);
    for _ in 0..60 {
        let mut model = console(&[]);
        tell(&mut model, (0..30).map(row).collect(), &[]);
        let mut kept = BTreeSet::new();
        for _ in 0..20 {
            let read = random.i64(0..60);
            if let Some(known) = model.tickets.get(TicketId(read)) {
                let customer_since = Timestamp::from_second(random.i64(0..90)).ok();
                let facts = ThreadFacts { customer_since, ..ThreadFacts::default() };
                tell(&mut model, vec![Row { facts: Some(facts), ..known }], &[]);
                kept.insert(read);
            }
            let mut changed = row(random.i64(0..60));
            changed.ticket.priority = Priority::ALL[random.usize(..3)];
            changed.ticket.status_changed = Timestamp::from_second(random.i64(0..60)).ok();
            kept.remove(&changed.ticket.id.0);
            // The row under the cursor keeps its place.
            kept.extend(model.selected().map(|id| id.0));
            tell(&mut model, vec![changed], &[]);
            let (rows, waiting) = (model.tickets.rows(), &model.settings.waiting);
            let rank = |place: &Place| rows.at(*place).map(|it| (it.id.0, it));
            for tab in &model.list.tabs {
                let others = tab.order.iter().filter_map(rank).filter(|it| !kept.contains(&it.0));
                let ranks: Vec<_> = others.map(|it| tab.view.sort.rank(it.1, waiting)).collect();
                assert!(ranks.is_sorted(), "{}: {kept:?}", tab.view.name);
                let is_sorted = tab.order == tab.view.select(rows, waiting);
                assert_eq!(tab.misplaced, !is_sorted, "{}", tab.view.name);
            }
        }
        let _ = sort_anew(&mut model);
        let (rows, waiting) = (model.tickets.rows(), &model.settings.waiting);
        for tab in &model.list.tabs {
            assert_eq!(tab.order, tab.view.select(rows, waiting), "{}", tab.view.name);
        }
    }
}

#[test]
fn a_filter_is_looked_for_again_when_rows_changed_meanwhile() {
    let mut model = console(&[1, 2, 3]);
    let asked = |effects: Effects| {
        effects.into_iter().find_map(|effect| match effect {
            Effect::Work(Work::Read { request, read: Read::List { among, .. }, .. }) => {
                Some((request, among))
            }
            _ => None,
        })
    };
    let effects = set_filter(&mut model, "#");
    let (request, among) = asked(effects).expect("the filter is looked for");
    tell(&mut model, vec![row(4)], &[]);
    let found = Ok(Found::List { places: places(among), unread: 0 });
    let now = model.now;
    let effects = update(&mut model, now, Report::Found { request, found });
    assert_eq!(listed(&model), [3, 2, 1]);
    let (request, among) = asked(effects).expect("it is looked for again");
    let found = Ok(Found::List { places: places(among), unread: 0 });
    let _ = update(&mut model, now, Report::Found { request, found });
    assert_eq!(listed(&model), [4, 3, 2, 1]);
}

#[test]
fn a_longer_filter_is_looked_for_in_what_was_found_and_another_search_in_everything() {
    let mut model = console(&[1, 2, 12]);
    let now = model.now;
    let look = |model: &mut Model, effects: Effects, finds: &[i64]| -> usize {
        let asked = effects.into_iter().find_map(|effect| match effect {
            Effect::Work(Work::Read { request, read: Read::List { among, .. }, .. }) => {
                Some((request, places(among).len()))
            }
            _ => None,
        });
        let (request, among) = asked.expect("it is looked for");
        let rows = model.tickets.rows();
        let places = finds.iter().filter_map(|id| rows.place(TicketId(*id))).collect();
        let found = Ok(Found::List { places, unread: 0 });
        let _ = update(model, now, Report::Found { request, found });
        among
    };
    let effects = set_filter(&mut model, "1");
    assert_eq!(look(&mut model, effects, &[12, 1]), 3);
    let effects = set_filter(&mut model, "12");
    assert_eq!(look(&mut model, effects, &[12]), 2);
    let effects = toggle_texts(&mut model);
    assert_eq!(look(&mut model, effects, &[2]), 3);
    let effects = set_filter(&mut model, "1");
    assert_eq!(look(&mut model, effects, &[1]), 3);
}

#[test]
fn what_is_typed_before_the_filtered_list_is_there_is_about_its_tickets() {
    use crossterm::event::KeyCode::{Char, Enter};
    let mut model = console(&[1, 2, 3]);
    let now = model.now;
    let mut asked = None;
    for key in [Char('/'), Char('#'), Char('2'), Enter, Char('r')] {
        for effect in update(&mut model, now, Message::Key(key.into())) {
            if let Effect::Work(Work::Read { request, read: Read::List { .. }, .. }) = effect {
                asked = Some(request);
            }
        }
    }
    assert!(model.composer.is_none() && model.is_searching());
    let request = asked.expect("the filter is looked for");
    let two = model.tickets.rows().place(TicketId(2)).expect("it is there");
    let found = Ok(Found::List { places: vec![two], unread: 0 });
    let _ = update(&mut model, now, Report::Found { request, found });
    assert_eq!(model.composer.as_ref().map(|it| it.ticket), Some(TicketId(2)));
}

#[test]
fn the_first_screen_becomes_the_whole_list_around_its_cursor() {
    let mut left = console(&(0..100).collect::<Vec<_>>());
    assert!(left.select(TicketId(40)));
    left.list.top = 50;
    let screen = left.screen();
    assert_eq!(screen.shown.first(), Some(&TicketId(49)));

    let mut model = console(&[]);
    model.progress.stored = false;
    let first = screen.shown.iter().map(|id| row(id.0)).collect();
    model.tickets = crate::app::tickets::Tickets::first(first);
    begin(&mut model, screen);
    assert_eq!((model.selected(), model.list.above), (Some(TicketId(40)), 50));
    assert_eq!(model.list.tabs[ALL].count, 100);
    let noticed = Timestamp::from_second(77).expect("a time within range");
    let news = Row { noticed, ..row(45) };
    tell(&mut model, vec![news], &[48]);

    let rows: Rows = (0..100).map(row).collect::<Vec<_>>().iter().collect();
    let waiting = model.settings.waiting.clone();
    let views = model.settings.views.clone();
    let orders = views.iter().map(|view| view.select(&rows, &waiting)).collect();
    let _ = complete(&mut model, rows, orders);
    assert_eq!(model.selected(), Some(TicketId(40)));
    assert_eq!(model.list.cursor - model.list.top, 9, "its row on the screen is the same");
    assert_eq!(model.list.listed().len(), 99, "what was heard meanwhile is not lost");
    assert_eq!(model.tickets.get(TicketId(45)).map(|row| row.noticed), Some(noticed));
}

#[test]
fn an_order_that_a_known_wait_has_overtaken_is_told_and_made_anew_when_asked_for() {
    let mut model = console(&[1, 2, 3]);
    let _ = open_view(&mut model, 0);
    let learned = |id: i64, since: i64| {
        let facts = ThreadFacts {
            customer_since: Timestamp::from_second(since).ok(),
            ..ThreadFacts::default()
        };
        Row { facts: Some(facts), ..row(id) }
    };
    tell(&mut model, vec![learned(1, 90)], &[]);
    assert!(!model.list.tabs[0].misplaced, "it stands where it belongs");
    tell(&mut model, vec![learned(3, 2)], &[]);
    assert!(model.list.tabs[0].misplaced);
    assert!(!model.list.tabs[ALL].misplaced, "another order is as it was");
    assert!(model.select(TicketId(1)));
    let _ = sort_anew(&mut model);
    assert_eq!(listed(&model), [3, 1, 2]);
    assert_eq!(model.selected(), Some(TicketId(1)));
    assert!(!model.list.tabs[0].misplaced);
}

#[test]
fn waits_that_are_known_come_first_and_those_only_estimated_by_their_last_change() {
    let at = |second| Timestamp::from_second(second).ok();
    let mut changed: Vec<Row> = (1..=4).map(row).collect();
    // First noticed now, though its wait began long ago.
    changed[0].noticed = Timestamp::from_second(1_000).expect("a time within range");
    changed[0].ticket.replies_count = 3;
    changed[0].ticket.last_updated = at(40);
    changed[1].ticket.status_changed = at(50);
    changed[2].facts = Some(ThreadFacts { customer_since: at(45), ..ThreadFacts::default() });
    let mut model = console(&[]);
    tell(&mut model, changed, &[]);
    let _ = open_view(&mut model, 0);
    assert_eq!(listed(&model), [3, 4, 1, 2]);
    model.list.tabs[0].view.sort.reversed = true;
    let (rows, waiting) = (model.tickets.rows(), &model.settings.waiting);
    let reversed = model.list.tabs[0].view.select(rows, waiting);
    let ids: Vec<i64> = reversed.iter().filter_map(|it| Some(rows.at(*it)?.id.0)).collect();
    assert_eq!(ids, [3, 2, 1, 4]);
}

#[test]
fn only_the_row_under_the_cursor_lingers_and_it_is_listed_once() {
    use crate::{
        app::act,
        domain::plan::{Action, Plan, Targets},
    };
    let mut random = fastrand::Rng::with_seed(8);
    let statuses = Status::usual();
    for round in 0..60 {
        let mut model = console(&(0..30).collect::<Vec<_>>());
        for _ in 0..30 {
            let now = model.now;
            match random.u8(0..6) {
                0 => drop(open_view(&mut model, random.usize(0..ALL))),
                1 => drop(step(&mut model, if random.bool() { Step::Down } else { Step::Up })),
                2 => {
                    let mut row = row(random.i64(0..34));
                    row.ticket.status = statuses[random.usize(..statuses.len())].clone();
                    tell(&mut model, vec![row], &[random.i64(0..60)]);
                }
                3 => drop(sort_anew(&mut model)),
                _ => {
                    let status = Action::status(statuses[random.usize(..statuses.len())].clone());
                    let many = (0..random.usize(0..4)).map(|_| TicketId(random.i64(0..30)));
                    let targets: Vec<_> = many.chain(model.selected()).collect();
                    let plan = Plan::of(&status, &Targets::of(targets), &model);
                    let _ = act::carry_out_plan(&mut model, plan, None);
                }
            }
            let _ = update(&mut model, now, Message::Clock);
            let (rows, waiting) = (model.tickets.rows(), &model.settings.waiting);
            for (at, tab) in model.list.tabs.iter().enumerate() {
                let mut shown = tab.order.clone();
                shown.retain(|place| tab.lingers != Some(*place));
                assert_eq!(tab.count, shown.len(), "{}", tab.view.name);
                assert!(at == model.list.active || tab.lingers.is_none());
                shown.sort_unstable();
                let mut taken = tab.view.select(rows, waiting);
                taken.sort_unstable();
                assert_eq!(shown, taken, "round {round}: {}", tab.view.name);
            }
            assert_eq!(model.list.tab().and_then(|it| it.lingers), model.list.lingering());
            assert_eq!(model.conversation.ticket, model.selected());
        }
    }
}
