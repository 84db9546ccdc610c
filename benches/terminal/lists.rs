//! What every program with a list can do: start, move, and take many keys at once.

use std::iter::repeat_n;

use anyhow::bail;

use crate::{
    figures::{Keys, median, ms, number, print, ratio, say_noise},
    programs::Program,
    pty::QUIET,
};

/// Moves from the top that scroll no list.
const STILL: usize = 30;

/// Keys that come at once.
const BURST: usize = 300;

/// The programs that are compared.
pub(crate) struct Sets {
    pub(crate) console: Program,
    /// The console on the small mirror.
    pub(crate) small: Program,
    pub(crate) floor: Program,
    /// The floor with a text beside its list.
    pub(crate) text: Program,
    pub(crate) peers: Vec<Program>,
    pub(crate) runs: usize,
}

/// A program in a table, with the keys that prepare it and the program that it is held against.
struct Entrant<'p> {
    name: String,
    program: &'p Program,
    before: &'static str,
    after: &'static str,
    against: usize,
}

impl Sets {
    fn entrants(&self) -> Vec<Entrant<'_>> {
        let entrant = |name: &str, program, (before, after), against| Entrant {
            name: name.to_owned(),
            program,
            before,
            after,
            against,
        };
        let mut all = vec![
            entrant(&self.floor.name, &self.floor, ("", "g"), 0),
            entrant(&self.text.name, &self.text, ("", "g"), 1),
            entrant("growdesk, zoomed", &self.console, ("v", "ggv"), 0),
            entrant("growdesk, beside", &self.console, ("", "gg"), 1),
            entrant("growdesk, zoomed, few tickets", &self.small, ("v", "ggv"), 0),
        ];
        all.extend(self.peers.iter().map(|peer| entrant(&peer.name, peer, ("", ""), 0)));
        all
    }

    /// From the start to the rows on screen, and until everything is read.
    pub(crate) fn start(&self) -> anyhow::Result<()> {
        let mut all = vec![&self.floor, &self.console, &self.small];
        all.extend(&self.peers);
        let mut took = vec![Vec::new(); all.len()];
        let mut loaded = took.clone();
        for _ in 0..self.runs * 3 {
            for (at, program) in all.iter().enumerate() {
                let (session, started) = program.start()?;
                took[at].push(ms(started.shown));
                loaded[at].push(ms(started.loaded));
                program.end(session)?;
            }
        }
        let floor = median(&took[0]);
        let rows: Vec<_> = all
            .iter()
            .zip(&took)
            .enumerate()
            .map(|(at, (program, took))| {
                let name = if at == 2 { "growdesk, few tickets" } else { &program.name };
                let (took, loaded) = (median(took), median(&loaded[at]));
                vec![name.to_owned(), number(took), ratio(took, floor), number(loaded)]
            })
            .collect();
        let head = ["program", "rows on screen, ms", "to floor", "all read, ms"];
        print("start", &head, &rows);
        say_noise(&took[0]);
        Ok(())
    }

    /// One key after another: first moves that scroll nothing, then moves that scroll.
    pub(crate) fn keys(&self, keys: usize) -> anyhow::Result<()> {
        let all = self.entrants();
        let mut still = vec![Vec::new(); all.len()];
        let mut scrolled = still.clone();
        for _ in 0..self.runs {
            for (at, entrant) in all.iter().enumerate() {
                let (mut session, _) = entrant.program.start()?;
                session.press(entrant.before)?;
                still[at].push(Keys::of(&session.keys(repeat_n("j", STILL), QUIET)?));
                session.press("jjjjjjjjjj")?;
                scrolled[at].push(Keys::of(&session.keys(repeat_n("j", keys), QUIET)?));
                session.press(entrant.after)?;
                entrant.program.end(session)?;
            }
        }
        table("key `j` that scrolls nothing, to its last byte", &all, &still);
        table("key `j` that scrolls, to its last byte", &all, &scrolled);
        Ok(())
    }

    /// Many keys at once: all of them are obeyed, however few draws are made.
    pub(crate) fn burst(&self, rows: usize) -> anyhow::Result<()> {
        let all = self.entrants();
        let mut took = vec![Vec::new(); all.len()];
        let mut bytes = took.clone();
        for _ in 0..self.runs {
            for (at, entrant) in all.iter().enumerate() {
                let (mut session, _) = entrant.program.start()?;
                session.press(entrant.before)?;
                let (time, count) = session.burst("j", BURST)?;
                took[at].push(ms(time));
                bytes[at].push(count as f64);
                let place = format!("{}/{rows}", BURST + 1);
                if (2..4).contains(&at) && !session.text().contains(&place) {
                    bail!("not every key was obeyed; the screen is:\n{}", session.text());
                }
                session.press(entrant.after)?;
                entrant.program.end(session)?;
            }
        }
        let rows: Vec<_> = all
            .iter()
            .enumerate()
            .map(|(at, entrant)| {
                let floor = median(&took[entrant.against]);
                let time = median(&took[at]);
                vec![
                    entrant.name.clone(),
                    number(time),
                    ratio(time, floor),
                    format!("{:.0}", median(&bytes[at])),
                ]
            })
            .collect();
        print(&format!("{BURST} `j` at once"), &["program", "ms", "to floor", "bytes"], &rows);
        say_noise(&took[0]);
        Ok(())
    }
}

fn table(title: &str, all: &[Entrant<'_>], runs: &[Vec<Keys>]) {
    let over: Vec<Keys> = runs.iter().map(|runs| Keys::over(runs)).collect();
    let rows: Vec<_> = all
        .iter()
        .zip(&over)
        .map(|(entrant, it)| {
            let floor = over[entrant.against];
            vec![
                entrant.name.clone(),
                number(it.p50),
                number(it.p95),
                number(it.p99),
                number(it.settled),
                format!("{:.0}", it.bytes),
                ratio(it.p50, floor.p50),
                ratio(it.p95, floor.p95),
            ]
        })
        .collect();
    let head = [
        "program",
        "p50 ms",
        "p95 ms",
        "p99 ms",
        "settled p50",
        "bytes",
        "p50 to floor",
        "p95 to floor",
    ];
    print(title, &head, &rows);
    say_noise(&runs[0].iter().map(|it| it.p50).collect::<Vec<_>>());
}
