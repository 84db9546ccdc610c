//! What the console alone can do: filter, keep still, open a large conversation, take a long reply.

use std::{iter::repeat_n, time::Duration};

use anyhow::ensure;

use crate::{
    figures::{median, ms, number, percentile, print},
    made_up::sketch,
    programs::{Mirror, Program},
    pty::{QUIET, Session},
    tickets::{LARGE, LARGE_MARK},
};

/// Silence that ends the output of a letter whose result may come after the letter itself.
const RESULT: Duration = Duration::from_millis(90);

/// What is typed into a filter, and into a search in all texts.
const WORDS: [&str; 4] = ["invoice", "vpn drops", "quarry", "report 12"];
const TEXTS: [&str; 4] = ["restart", "night shift", "signature", "closed by"];

/// The rows that a page key moves by, at the least.
const PAGE: usize = 30;

/// The console on its mirrors, and the floor beside it.
pub(crate) struct Desk<'d> {
    pub(crate) mirror: &'d Mirror,
    pub(crate) small: &'d Mirror,
    pub(crate) floor: &'d Program,
    pub(crate) runs: usize,
}

impl Desk<'_> {
    /// A letter of a filter to the last byte of its result, and one of a search in all texts.
    pub(crate) fn filter(&self) -> anyhow::Result<()> {
        let mut rows = Vec::new();
        for mirror in [self.mirror, self.small] {
            for (what, begin, words) in [("filter", "/", WORDS), ("all texts", "/\x06", TEXTS)] {
                let took = self.letters(mirror, begin, words)?;
                rows.push(vec![
                    format!("{what}, {} tickets", mirror.count),
                    number(median(&took)),
                    number(percentile(&took, 95.0)),
                    number(percentile(&took, 100.0)),
                ]);
            }
        }
        print("a letter to its result", &["where", "p50 ms", "p95 ms", "most"], &rows);
        Ok(())
    }

    fn letters(&self, mirror: &Mirror, begin: &str, words: [&str; 4]) -> anyhow::Result<Vec<f64>> {
        let console = mirror.console();
        let mut took = Vec::new();
        for _ in 0..self.runs {
            let (mut session, _) = console.start()?;
            for word in words {
                session.press(begin)?;
                let letters: Vec<String> = word.chars().map(String::from).collect();
                let keys = letters.iter().map(String::as_str);
                took.extend(session.keys(keys, RESULT)?.iter().map(|it| ms(it.settled)));
                let text = session.text();
                ensure!(text.contains(&format!(" of {}", mirror.count)), "no result:\n{text}");
                session.press("\x1b")?;
                session.press("\x1b")?;
            }
            session.press("gg")?;
            console.end(session)?;
        }
        Ok(took)
    }

    /// Memory at the start, after the list was scrolled from end to end, and after many more keys.
    pub(crate) fn memory(&self) -> anyhow::Result<()> {
        let console = self.mirror.console();
        let (mut floor, _) = self.floor.start()?;
        let (mut session, _) = console.start()?;
        let mut rows = Vec::new();
        let mut note = |what: &str, session: &Session, floor: &Session| {
            let (own, bare) = (session.process(), floor.process());
            let figures = [own.memory(), bare.memory()].map(|it| format!("{it:.1}"));
            rows.push([vec![what.to_owned()], figures.to_vec()].concat());
        };
        session.rest();
        note("at the start", &session, &floor);
        session.burst("\x1b[6~", self.mirror.count / PAGE)?;
        session.press("G")?;
        session.press("gg")?;
        floor.press("G")?;
        floor.press("g")?;
        note("scrolled from end to end", &session, &floor);
        for _ in 0..100 {
            session.burst("j", 100)?;
        }
        // It draws for every key: more at once than its terminal holds would be lost.
        for _ in 0..34 {
            floor.burst("j", 300)?;
        }
        note("after 10,000 further keys", &session, &floor);
        println!("\nthreads: growdesk {}", session.process().threads());
        session.press("gg")?;
        console.end(session)?;
        self.floor.end(floor)?;
        print("memory (RSS), MB", &["when", "growdesk", "floor"], &rows);
        Ok(())
    }

    /// What it does while nobody types.
    pub(crate) fn idle(&self, time: Duration) -> anyhow::Result<()> {
        let console = self.mirror.console();
        let mut rows = Vec::new();
        for program in [&console, self.floor] {
            let (mut session, _) = program.start()?;
            session.rest();
            // A thread that ends takes what it has used with it: those that have nothing to do have
            // ended after this.
            session.alone(Duration::from_secs(15));
            let before = session.process().used();
            let bytes = session.alone(time);
            let after = session.process().used();
            let seconds = time.as_secs_f64();
            let cpu = after.cpu.saturating_sub(before.cpu).as_secs_f64() / seconds * 100.0;
            let sleeps = after.sleeps.saturating_sub(before.sleeps) as f64 / seconds;
            rows.push(vec![
                program.name.clone(),
                bytes.to_string(),
                format!("{cpu:.3}"),
                number(sleeps),
            ]);
            program.end(session)?;
        }
        let title = format!("nobody types for {} s", time.as_secs());
        print(&title, &["program", "bytes", "CPU %", "wake-ups a second"], &rows);
        Ok(())
    }

    /// The ticket with the large conversation: until its text is on screen, and what keys do meanwhile.
    pub(crate) fn large(&self) -> anyhow::Result<()> {
        let console = self.mirror.console();
        let (mut opened, mut kept_waiting) = (Vec::new(), Vec::new());
        for _ in 0..self.runs {
            let (mut session, _) = console.start()?;
            for _ in 0..LARGE - 1 {
                session.press("j")?;
            }
            opened.push(ms(session.until("j", |screen| screen.contains(LARGE_MARK))?));
            session.press("k")?;
            let answers = session.keys(["j", "k"].into_iter().cycle().take(40), QUIET)?;
            kept_waiting.extend(answers.iter().map(|it| ms(it.last)));
            session.press("gg")?;
            console.end(session)?;
        }
        let rows = vec![
            vec!["text on screen, median".into(), number(median(&opened))],
            vec!["text on screen, most".into(), number(percentile(&opened, 100.0))],
            vec!["keys to and from it, p50".into(), number(median(&kept_waiting))],
            vec!["keys to and from it, most".into(), number(percentile(&kept_waiting, 100.0))],
        ];
        print("a ticket of 200 replies and 1 MB of HTML", &["what", "ms"], &rows);
        Ok(())
    }

    /// Letters typed into a reply of so many lines.
    pub(crate) fn typing(&self, lines: usize) -> anyhow::Result<()> {
        let console = self.small.console();
        let mut took = Vec::new();
        let text: String =
            (0..lines).map(|at| format!("{}\r", sketch(at, lines).subject)).collect();
        for run in 0..self.runs {
            let (mut session, _) = console.start()?;
            // Each run writes on a ticket of its own: what is typed is kept.
            session.press(&"j".repeat(LARGE + 1 + run))?;
            session.press("r")?;
            session.press(&format!("\x1b[200~{text}\x1b[201~"))?;
            ensure!(session.text().contains("(1)"), "the text is not there:\n{}", session.text());
            let answers = session.keys(repeat_n("x", 100), QUIET)?;
            took.extend(answers.iter().map(|it| ms(it.last)));
            session.press("\x1b")?;
            session.press("gg")?;
            console.end(session)?;
        }
        let rows = vec![vec![
            number(median(&took)),
            number(percentile(&took, 95.0)),
            number(percentile(&took, 99.0)),
        ]];
        let title = format!("a letter in a reply of {lines} lines");
        print(&title, &["p50 ms", "p95 ms", "p99 ms"], &rows);
        Ok(())
    }
}
