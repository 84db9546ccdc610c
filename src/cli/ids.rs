//! The numbers of the tickets that a verb is about: named as arguments, or read from standard input as
//! they come.

use std::{
    collections::HashSet,
    io::{BufRead as _, BufReader, Read as _, stdin},
    thread,
};

use anyhow::anyhow;
use clap::Args;
use tokio::sync::mpsc;

use super::Failure;
use crate::{domain::TicketId, text::clean};

/// The argument that stands for standard input.
pub(super) const STDIN: &str = "-";

/// The most bytes of a line of standard input. No number is as long.
const LINE: u64 = 4 * 1024;

/// How many numbers are read ahead of the work.
const AHEAD: usize = 64;

/// The tickets as an argument of a verb.
#[derive(Debug, Args)]
pub(super) struct TicketArgs {
    /// The tickets: 123 or #123; `-` reads them from standard input, one a line
    #[arg(value_name = "ID", required = true, allow_negative_numbers = true)]
    ids: Vec<String>,
}

impl TicketArgs {
    /// The tickets, as [`Ids::of`] has them.
    ///
    /// # Errors
    /// A usage error if an argument is no number of a ticket.
    pub(super) fn ids(&self) -> Result<Ids, Failure> {
        Ids::of(&self.ids)
    }
}

/// The tickets of a verb, in their order, each once.
#[derive(Debug)]
pub(super) struct Ids {
    named: std::vec::IntoIter<TicketId>,
    /// The lines of standard input, where it is read.
    lines: Option<mpsc::Receiver<std::io::Result<Vec<u8>>>>,
    known: HashSet<TicketId>,
    named_count: usize,
}

/// Something that is no number of a ticket, and how it reads.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NoId(pub(super) String);

impl Ids {
    /// The tickets that `arguments` name, and with `-` among them those of standard input.
    ///
    /// # Errors
    /// A usage error if an argument is no number of a ticket.
    pub(super) fn of(arguments: &[String]) -> Result<Self, Failure> {
        let (from_stdin, named): (Vec<&String>, Vec<&String>) =
            arguments.iter().partition(|it| *it == STDIN);
        if from_stdin.len() > 1 {
            return Err(Failure::usage(anyhow!(
                "`-` stands for standard input, which can be read only once"
            )));
        }
        let named: Result<Vec<TicketId>, NoId> = named.into_iter().map(|it| id(it)).collect();
        let named = named.map_err(|NoId(what)| Failure::usage(anyhow!(what)))?;
        Ok(Self {
            named_count: named.len(),
            named: named.into_iter(),
            lines: (!from_stdin.is_empty()).then(lines),
            known: HashSet::new(),
        })
    }

    /// Whether it is exactly one, named on the command line.
    pub(super) fn is_one(&self) -> bool {
        self.named_count == 1 && self.lines.is_none()
    }

    /// The tickets that are named on the command line and did not come yet.
    pub(super) fn named(&mut self) -> impl Iterator<Item = TicketId> {
        let known = &mut self.known;
        self.named.by_ref().filter(|id| known.insert(*id))
    }

    /// The next ticket, once it is there. A line that names none is given as it reads.
    pub(super) async fn next(&mut self) -> Option<Result<TicketId, NoId>> {
        loop {
            let next = match self.named.next() {
                Some(named) => named,
                None => match self.line().await? {
                    Ok(id) => id,
                    Err(no_id) => return Some(Err(no_id)),
                },
            };
            if self.known.insert(next) {
                return Some(Ok(next));
            }
        }
    }

    /// The next line of standard input that is not empty.
    async fn line(&mut self) -> Option<Result<TicketId, NoId>> {
        loop {
            match self.lines.as_mut()?.recv().await? {
                Ok(line) => match std::str::from_utf8(&line) {
                    Ok(line) => {
                        let line = line.trim_start_matches('\u{feff}').trim();
                        if !line.is_empty() {
                            return Some(id(line));
                        }
                    }
                    Err(_) => return Some(Err(no_id(&String::from_utf8_lossy(&line)))),
                },
                Err(error) => {
                    self.lines = None;
                    return Some(Err(NoId(format!("standard input can't be read: {error}"))));
                }
            }
        }
    }
}

/// Reads the lines of standard input on a thread of its own, as far ahead as there is room for.
fn lines() -> mpsc::Receiver<std::io::Result<Vec<u8>>> {
    let (lines, received) = mpsc::channel(AHEAD);
    // A thread that can't be started closes the channel: there is nothing to read then.
    let _ = thread::Builder::new().name("ids".into()).spawn(move || {
        let mut input = BufReader::new(stdin());
        loop {
            let mut line = Vec::new();
            let read = input.by_ref().take(LINE).read_until(b'\n', &mut line);
            let rest = match read {
                Ok(0) => return,
                Ok(_) if line.ends_with(b"\n") || (line.len() as u64) < LINE => Ok(()),
                Ok(_) => skip_line(&mut input),
                Err(error) => Err(error),
            };
            if lines.blocking_send(rest.map(|()| line)).is_err() {
                return;
            }
        }
    });
    received
}

/// Reads on to the end of a line that is too long.
fn skip_line(input: &mut impl std::io::BufRead) -> std::io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        if buffer.is_empty() {
            return Ok(());
        }
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let (done, ended) = end.map_or((buffer.len(), false), |at| (at + 1, true));
        input.consume(done);
        if ended {
            return Ok(());
        }
    }
}

/// A ticket by its number, with or without its `#`.
fn id(text: &str) -> Result<TicketId, NoId> {
    let number = text.strip_prefix('#').unwrap_or(text);
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    match number.parse() {
        Ok(id @ 1..) if is_number => Ok(TicketId(id)),
        _ => Err(no_id(text)),
    }
}

fn no_id(text: &str) -> NoId {
    /// The most characters of it that are repeated.
    const SHOWN: usize = 40;
    let line = clean::line(text);
    let shown: String = line.as_str().chars().take(SHOWN).collect();
    let more = if line.as_str().chars().nth(SHOWN).is_some() { "…" } else { "" };
    NoId(format!("\"{shown}{more}\" is no number of a ticket; one looks like 123 or #123"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_a_number_from_one_on() {
        assert_eq!((id("12"), id("#12")), (Ok(TicketId(12)), Ok(TicketId(12))));
        assert_eq!(id("9223372036854775807"), Ok(TicketId(i64::MAX)));
        for wrong in ["", "#", "0", "-1", "+1", "1.5", "##1", "vpn", "18446744073709551616", "１２"]
        {
            let NoId(said) = id(wrong).unwrap_err();
            assert!(said.contains("is no number of a ticket"), "{said}");
        }
        let NoId(said) = id(&"x\u{1b}[2J".repeat(1_000)).unwrap_err();
        assert!(said.chars().count() < 120 && !said.contains('\u{1b}'), "{said}");
    }

    #[tokio::test]
    async fn each_ticket_comes_once_in_the_order_in_which_they_were_named() {
        let arguments = ["7", "#3", "7", "12", "3"].map(String::from);
        let mut ids = Ids::of(&arguments).unwrap();
        assert!(!ids.is_one());
        let mut all = Vec::new();
        while let Some(Ok(id)) = ids.next().await {
            all.push(id.0);
        }
        assert_eq!(all, [7, 3, 12]);
        assert!(Ids::of(&["7".to_owned()]).unwrap().is_one());
        Ids::of(&["7".to_owned(), "x".to_owned()]).unwrap_err();
    }
}
