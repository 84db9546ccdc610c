//! A program in a pseudo-terminal, and when it answered what.
//!
//! A thread reads what the program writes and notes when each piece came. The screen is worked out
//! from the pieces afterwards, so that this costs no time that is measured.

use std::{
    io::{Read as _, Write},
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::process::Process;

/// Columns and rows of the terminal.
pub(crate) const SIZE: (u16, u16) = (120, 40);

/// Silence that ends the output of one key; it is no part of any figure.
pub(crate) const QUIET: Duration = Duration::from_millis(5);

/// Silence that ends the output of something larger than a key.
pub(crate) const CALM: Duration = Duration::from_millis(300);

/// How long something may take before it counts as failed.
const PATIENCE: Duration = Duration::from_secs(120);

/// How long a key may be without any output.
const UNANSWERED: Duration = Duration::from_secs(1);

/// What programs ask their terminal, and what it says: without an answer they wait in vain.
const ANSWERS: [(&[u8], &[u8]); 6] = [
    (b"\x1b[c", b"\x1b[?62;22c"),
    (b"\x1b[0c", b"\x1b[?62;22c"),
    (b"\x1b[>c", b"\x1b[>41;354;0c"),
    (b"\x1b[5n", b"\x1b[0n"),
    (b"\x1b[6n", b"\x1b[1;1R"),
    (b"\x1b[?u", b"\x1b[?0u"),
];

type Pieces = Arc<Mutex<Vec<(Instant, Vec<u8>)>>>;
type Keys = Arc<Mutex<Box<dyn Write + Send>>>;

/// What came of one key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answer {
    /// From the key to the last byte before [`QUIET`].
    pub(crate) last: Duration,
    /// From the key to the last byte before the next key.
    pub(crate) settled: Duration,
    /// Bytes until the next key.
    pub(crate) bytes: usize,
}

/// A program that runs.
pub(crate) struct Session {
    child: Box<dyn Child + Send + Sync>,
    keys: Keys,
    pieces: Pieces,
    screen: vt100::Parser,
    began: Instant,
    _terminal: Box<dyn MasterPty + Send>,
}

impl Session {
    /// Starts a program with an environment of its own.
    pub(crate) fn start(
        program: &Path,
        arguments: &[String],
        environment: &[(String, String)],
    ) -> anyhow::Result<Self> {
        let (cols, rows) = SIZE;
        let pair = native_pty_system().openpty(PtySize { rows, cols, ..PtySize::default() })?;
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.env_clear();
        command.env("TERM", "xterm-256color");
        for name in ["PATH", "HOME", "LANG"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        for (name, value) in environment {
            command.env(name, value);
        }
        let keys: Keys = Arc::new(Mutex::new(pair.master.take_writer()?));
        let pieces = Pieces::default();
        let output = pair.master.try_clone_reader()?;
        let began = Instant::now();
        let child = pair.slave.spawn_command(command)?;
        drop(pair.slave);
        let (noted, answers) = (Arc::clone(&pieces), Arc::clone(&keys));
        thread::spawn(move || read(output, &noted, &answers));
        let screen = vt100::Parser::new(rows, cols, 0);
        Ok(Self { child, keys, pieces, screen, began, _terminal: pair.master })
    }

    /// Its process.
    pub(crate) fn process(&self) -> Process {
        Process(self.child.process_id().unwrap_or_default())
    }

    /// How long it took from the start until `shown` is on the screen.
    pub(crate) fn started(&mut self, shown: &str) -> anyhow::Result<Duration> {
        self.seen(self.began, |screen| screen.contains(shown))
    }

    /// Types, and says how long it took until the screen is as wanted.
    pub(crate) fn until(
        &mut self,
        keys: &str,
        wanted: impl Fn(&str) -> bool,
    ) -> anyhow::Result<Duration> {
        self.rest();
        let began = Instant::now();
        self.type_keys(keys)?;
        self.seen(began, wanted)
    }

    /// Types, and waits until all that comes of it has come.
    pub(crate) fn press(&mut self, keys: &str) -> anyhow::Result<()> {
        self.type_keys(keys)?;
        self.rest();
        Ok(())
    }

    /// Presses one key after another, each after the answer to the one before and a pause.
    pub(crate) fn keys<'k>(
        &mut self,
        keys: impl IntoIterator<Item = &'k str>,
        quiet: Duration,
    ) -> anyhow::Result<Vec<Answer>> {
        self.rest();
        let mut answers = Vec::new();
        for key in keys {
            let began = Instant::now();
            self.type_keys(key)?;
            let last = self.wait_quiet(began, quiet, UNANSWERED);
            thread::sleep(Duration::from_micros(fastrand::u64(20_000..35_000)));
            let (settled, bytes) = self.replay();
            if let (Some(last), Some(settled)) = (last, settled) {
                let (last, settled) = (last - began, settled - began);
                answers.push(Answer { last, settled, bytes });
            }
        }
        if answers.is_empty() {
            bail!("no key was answered; the screen was:\n{}", self.text());
        }
        Ok(answers)
    }

    /// Presses a key so many times at once, and says how long it took until all output had come, and
    /// how many bytes.
    pub(crate) fn burst(&mut self, key: &str, times: usize) -> anyhow::Result<(Duration, usize)> {
        self.rest();
        let began = Instant::now();
        for _ in 0..times {
            self.type_keys(key)?;
        }
        let last = self.wait_quiet(began, CALM, UNANSWERED).context("no key was answered")?;
        Ok((last - began, self.replay().1))
    }

    /// Waits until nothing has come for a while.
    pub(crate) fn rest(&mut self) {
        self.wait_quiet(Instant::now(), CALM, CALM);
        self.replay();
    }

    /// Leaves it alone for so long; how many bytes came.
    pub(crate) fn alone(&mut self, time: Duration) -> usize {
        self.rest();
        thread::sleep(time);
        self.replay().1
    }

    /// What is on the screen.
    pub(crate) fn text(&self) -> String {
        self.screen.screen().contents()
    }

    /// Types the keys that end it, and waits until it has ended.
    pub(crate) fn end(mut self, keys: &str) -> anyhow::Result<()> {
        self.type_keys(keys)?;
        let deadline = Instant::now() + Duration::from_secs(10);
        while self.child.try_wait()?.is_none() {
            if Instant::now() > deadline {
                self.replay();
                bail!("it does not end; the screen is:\n{}", self.text());
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }

    fn type_keys(&self, keys: &str) -> anyhow::Result<()> {
        let mut writer = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(writer.write_all(keys.as_bytes()).and_then(|()| writer.flush())?)
    }

    /// Waits for silence after the first output since `began`, for which it waits no longer than
    /// `patience`; when the last output came.
    fn wait_quiet(&self, began: Instant, quiet: Duration, patience: Duration) -> Option<Instant> {
        loop {
            let last = taken(&self.pieces).last().map(|(at, _)| *at).filter(|at| *at >= began);
            let end = last.map_or(began + patience, |at| at + quiet);
            let now = Instant::now();
            if now >= end {
                return last;
            }
            // Short sleeps would take the processor from the program that is measured.
            thread::sleep((end - now).min(quiet));
        }
    }

    /// Puts on the screen what has come: when its last piece came, and how many bytes they were.
    fn replay(&mut self) -> (Option<Instant>, usize) {
        let pieces = std::mem::take(&mut *taken(&self.pieces));
        let mut bytes = 0;
        for (_, piece) in &pieces {
            bytes += piece.len();
            self.screen.process(piece);
        }
        (pieces.last().map(|(at, _)| *at), bytes)
    }

    fn seen(&mut self, began: Instant, wanted: impl Fn(&str) -> bool) -> anyhow::Result<Duration> {
        let mut seen = None;
        while began.elapsed() < PATIENCE {
            let pieces = std::mem::take(&mut *taken(&self.pieces));
            for (at, piece) in pieces {
                self.screen.process(&piece);
                if seen.is_none() && wanted(&self.text()) {
                    seen = Some(at.saturating_duration_since(began));
                }
            }
            if let Some(took) = seen {
                return Ok(took);
            }
            thread::sleep(Duration::from_millis(1));
        }
        bail!("what was waited for did not come; the screen is:\n{}", self.text())
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // One that has ended can't be killed, which is as good.
        let _ = self.child.kill();
    }
}

fn taken(pieces: &Pieces) -> MutexGuard<'_, Vec<(Instant, Vec<u8>)>> {
    pieces.lock().unwrap_or_else(PoisonError::into_inner)
}

fn read(mut output: Box<dyn std::io::Read + Send>, noted: &Pieces, keys: &Keys) {
    let mut chunk = vec![0; 65_536];
    while let Ok(count @ 1..) = output.read(&mut chunk) {
        let piece = &chunk[..count];
        taken(noted).push((Instant::now(), piece.to_vec()));
        for (question, answer) in ANSWERS {
            if piece.windows(question.len()).any(|it| it == question) {
                let mut keys = keys.lock().unwrap_or_else(PoisonError::into_inner);
                // A program that has ended meanwhile needs no answer.
                let _ = keys.write_all(answer).and_then(|()| keys.flush());
            }
        }
    }
}
