//! What a key costs the core, and what drawing costs.

use divan::Bencher;
use growdesk::{
    domain::{View, WaitingStatuses},
    ui::{ColorDepth, Theme, view},
};
use ratatui::{Terminal, backend::TestBackend};

use crate::model::{SIZE, filled, press, rows};

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

/// All tickets of a view in their order.
#[divan::bench(args = SIZES, sample_count = 10)]
fn filter_and_sort(bencher: Bencher<'_, '_>, tickets: usize) {
    let rows = rows(tickets);
    let all = View::builtin().into_iter().find(|view| view.name == "All").unwrap_or_else(unnamed);
    let waiting = WaitingStatuses::default();
    bencher.bench_local(|| all.select(rows.iter(), "invoice", &waiting));
}

fn unnamed() -> View {
    View { name: String::new(), query: Default::default(), sort: Default::default() }
}
