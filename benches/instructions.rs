//! Instructions of the hot paths, counted under valgrind: the figures are the same on a busy machine,
//! so a path that has become dearer shows at once.
//!
//! `cargo install gungraun-runner --version 0.20.0`, then `cargo bench --bench instructions`

#[path = "support/made_up.rs"]
mod made_up;
#[path = "support/model.rs"]
mod model;
#[path = "support/tickets.rs"]
mod tickets;

use std::{env, process::Command};

mod counted {
    use std::hint::black_box;

    use growdesk::{
        app::Model,
        domain::{Filter, Html, Place, Rows, StyledLine, View, WaitingStatuses},
        text::html,
        ui::{ColorDepth, Theme, view},
    };
    use gungraun::{library_benchmark, library_benchmark_group};
    use ratatui::{Terminal, backend::TestBackend};

    use crate::{
        model::{SIZE, filled, press, rows},
        tickets,
    };

    type Screen = (Model, Theme, Terminal<TestBackend>);

    fn drawn(count: usize) -> Screen {
        let mut model = filled(count);
        let theme = Theme::new(ColorDepth::Ansi16);
        let Ok(mut terminal) = Terminal::new(TestBackend::new(SIZE.0, SIZE.1));
        let Ok(_) = terminal.draw(|frame| view(&model, &theme, frame));
        press(&mut model, 'j');
        (model, theme, terminal)
    }

    fn listed(count: usize) -> (Rows, Vec<Place>) {
        let rows = rows(count);
        let places = rows.iter().map(|(place, _)| place).collect();
        (rows, places)
    }

    #[library_benchmark]
    #[bench::ten_thousand(filled(10_000))]
    fn update_of_a_move(mut model: Model) -> Model {
        press(&mut model, black_box('j'));
        model
    }

    #[library_benchmark]
    #[bench::ten_thousand(drawn(10_000))]
    fn view_of_a_move(mut screen: Screen) -> Screen {
        let (model, theme, terminal) = &mut screen;
        let Ok(_) = terminal.draw(|frame| view(model, theme, frame));
        screen
    }

    #[library_benchmark]
    #[bench::ten_thousand(rows(10_000))]
    fn sort(rows: Rows) -> (Rows, Vec<Vec<Place>>) {
        let waiting = WaitingStatuses::default();
        let orders = View::builtin().iter().map(|view| view.select(&rows, &waiting)).collect();
        (rows, orders)
    }

    #[library_benchmark]
    #[bench::ten_thousand(listed(10_000))]
    fn filter((rows, among): (Rows, Vec<Place>)) -> (Rows, Vec<Place>) {
        let found = Filter::of(black_box("invoice vat")).among(&rows, &among);
        (rows, found)
    }

    #[library_benchmark]
    #[bench::ten_kilobytes(Html::new(tickets::html(10_000)))]
    fn html_to_lines(source: Html) -> (Html, Vec<StyledLine>) {
        let lines = html::render(black_box(&source), 60);
        (source, lines)
    }

    library_benchmark_group!(
        name = hot_paths,
        benchmarks = [update_of_a_move, view_of_a_move, sort, filter, html_to_lines]
    );

    gungraun::main!(library_benchmark_groups = hot_paths);

    /// Counts, or carries out what the runner asks this program for.
    pub(super) fn run() {
        main();
    }
}

fn main() {
    let asked_by_runner = env::args().any(|argument| argument.starts_with("--gungraun-run"));
    if asked_by_runner {
        return counted::run();
    }
    if !env::args().any(|argument| argument == "--bench") {
        println!("this is counted by `cargo bench --bench instructions`, never by a test run");
        return;
    }
    let runner = env::var("GUNGRAUN_RUNNER").unwrap_or_else(|_| "gungraun-runner".into());
    for (program, remedy) in [
        (runner.as_str(), "`cargo install gungraun-runner --version 0.20.0` installs it"),
        ("valgrind", "the system's packages have it"),
    ] {
        if Command::new(program).arg("--version").output().is_err() {
            println!("no instructions are counted: {program} is missing; {remedy}");
            return;
        }
    }
    counted::run();
}
