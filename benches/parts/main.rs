//! The parts of the console by themselves: what a key costs the core and the screen at three sizes,
//! HTML, filter and sort, the store.
//!
//! `cargo bench --bench parts [-- NAME...]`

mod desk;
#[path = "../support/made_up.rs"]
mod made_up;
#[path = "../support/model.rs"]
mod model;
mod store;
#[path = "../support/tickets.rs"]
mod tickets;

use divan::{Bencher, counter::BytesCount};
use growdesk::{domain::Html, text::html};

fn main() {
    if std::env::args().any(|argument| argument == "--bench") {
        divan::main();
    } else {
        println!("this is measured by `cargo bench --bench parts`, never by a test run");
    }
}

/// HTML of so many bytes to the lines that a pane shows.
#[divan::bench(args = [1_000, 10_000, 100_000], sample_count = 30)]
fn html_to_lines(bencher: Bencher<'_, '_>, bytes: usize) {
    let source = Html::new(tickets::html(bytes));
    let bytes = source.as_stored().len();
    bencher.counter(BytesCount::new(bytes)).bench(|| html::render(&source, 60));
}
