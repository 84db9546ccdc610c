//! What a key costs the core, and what drawing costs.

use divan::Bencher;
use growdesk::{
    domain::{Filter, Place, Row, View, WaitingStatuses},
    ui::{ColorDepth, Theme, view},
};
use ratatui::{Terminal, backend::TestBackend};

use crate::model::{SIZE, filled, press, rows, tell};

const SIZES: [usize; 3] = [100, 10_000, 100_000];

/// `j` and `k` in the list.
#[divan::bench(args = SIZES, sample_count = 30)]
fn update_of_a_move(bencher: Bencher<'_, '_>, tickets: usize) {
    let mut model = filled(tickets);
    bencher.bench_local(|| {
        press(&mut model, 'j');
        press(&mut model, 'k');
    });
}

/// A letter of a filter, and its end.
#[divan::bench(args = SIZES, sample_count = 10)]
fn update_of_a_filter_letter(bencher: Bencher<'_, '_>, tickets: usize) {
    let model = filled(tickets);
    bencher
        .with_inputs(|| {
            let mut model = model.clone();
            press(&mut model, '/');
            model
        })
        .bench_local_refs(|model| press(model, 'i'));
}

/// One draw after a move, on a screen that nobody sees.
#[divan::bench(args = SIZES, sample_count = 30)]
fn view_of_a_move(bencher: Bencher<'_, '_>, tickets: usize) {
    let mut models = [filled(tickets), filled(tickets)];
    press(&mut models[1], 'j');
    let theme = Theme::new(ColorDepth::Ansi16);
    let Ok(mut terminal) = Terminal::new(TestBackend::new(SIZE.0, SIZE.1));
    bencher.bench_local(|| {
        for model in &models {
            let Ok(_) = terminal.draw(|frame| view(model, &theme, frame));
        }
    });
}

/// All tickets of every view in their order.
#[divan::bench(args = SIZES, sample_count = 10)]
fn sort(bencher: Bencher<'_, '_>, tickets: usize) {
    let rows = rows(tickets);
    let (views, waiting) = (View::builtin(), WaitingStatuses::default());
    let orders = || views.iter().map(|view| view.select(&rows, &waiting)).collect::<Vec<_>>();
    bencher.bench_local(orders);
}

/// A filter of two words, on all cores.
#[divan::bench(args = SIZES, sample_count = 10)]
fn filter(bencher: Bencher<'_, '_>, tickets: usize) {
    let rows = rows(tickets);
    let among: Vec<Place> = rows.iter().map(|(place, _)| place).collect();
    bencher.bench_local(|| Filter::of("invoice vat").among(&rows, &among));
}

/// A page of a hundred changed tickets is taken in.
#[divan::bench(args = SIZES, sample_count = 10)]
fn update_of_a_page(bencher: Bencher<'_, '_>, tickets: usize) {
    let mut model = filled(tickets);
    let known: Vec<Row> =
        model.tickets.rows().iter().step_by(tickets / 100).map(|(_, row)| row.to_row()).collect();
    let mut turn = false;
    bencher.bench_local(|| {
        turn = !turn;
        let mut changed = known.clone();
        for row in &mut changed {
            row.ticket.archived = turn;
        }
        tell(&mut model, changed);
    });
}
