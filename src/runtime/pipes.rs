//! Programs of the agent's own that read a conversation. Each has its time and its room: what it prints
//! beyond that is read and dropped, and one that does not end is ended, with all that it has started.

use std::{collections::HashMap, process::Stdio, time::Duration};

use anstream::adapter::StripStr;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _},
    process::ChildStdin,
    sync::{
        Notify,
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
        oneshot,
    },
    time::{sleep, timeout},
};

use crate::{
    app::{
        Message,
        pipe::{HowEnded, PipeEnd, PipeNews, PipeRun, RunId},
    },
    programs::{self, Group},
    text::clean,
};

/// The most bytes of output that are kept.
const KEPT: usize = 256 * 1024;

/// The most bytes of what is said on standard error that are kept.
const ERRORS: usize = 16 * 1024;

/// A program that prints more bytes than this is ended.
const MOST: u64 = 64 * 1024 * 1024;

/// How many bytes are read in one go.
const PIECE: usize = 64 * 1024;

/// How long output is gathered before it is told.
const GATHER: Duration = Duration::from_millis(30);

/// How long the output of a program that has ended is waited for. Something that it has left behind
/// may keep it open for ever.
const LINGER: Duration = Duration::from_millis(300);

/// How long a program may take to end once it was asked to.
const GRACE: Duration = Duration::from_millis(300);

/// The variable that tells a program the ticket's number.
const TICKET: &str = "GROWDESK_TICKET";

/// The programs that run.
#[derive(Debug)]
pub(super) struct Pipes {
    out: UnboundedSender<Message>,
    news: UnboundedReceiver<Message>,
    /// Dropping one of these ends its program.
    running: HashMap<RunId, oneshot::Sender<()>>,
}

impl Default for Pipes {
    fn default() -> Self {
        let (out, news) = unbounded_channel();
        Self { out, news, running: HashMap::new() }
    }
}

impl Pipes {
    /// Starts a program.
    pub(super) fn start(&mut self, run: PipeRun) {
        self.running.retain(|_, end| !end.is_closed());
        let (end, ended) = oneshot::channel();
        self.running.insert(run.id, end);
        tokio::spawn(carry_out(run, self.out.clone(), ended));
    }

    /// Ends a program, with all that it has started.
    pub(super) fn end(&mut self, run: RunId) {
        self.running.remove(&run);
    }

    /// The next news of a program.
    pub(super) async fn next(&mut self) -> Message {
        match self.news.recv().await {
            Some(news) => news,
            // It can't be, since a sender is kept here.
            None => std::future::pending().await,
        }
    }
}

async fn carry_out(run: PipeRun, out: UnboundedSender<Message>, ended: oneshot::Receiver<()>) {
    let id = run.id;
    let tell = |news| {
        // If the console has closed, nobody listens any more.
        let _ = out.send(Message::Piped { run: id, news });
    };
    let mut group = match start(&run) {
        Ok(group) => group,
        Err(error) => {
            let how = HowEnded::NotStarted(why(&run, &error));
            return tell(PipeNews::Ended(PipeEnd { how, left_out: 0, errors: String::new() }));
        }
    };
    let child = &mut group.child;
    let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (Some(input), Some(output), Some(errors)) = pipes else { return };
    let (mut printed, mut said) = (Printed::new(KEPT), Printed::new(ERRORS));
    let too_much = Notify::new();
    let how = {
        let reading = async {
            tokio::join!(
                feed(input, run.input.as_bytes()),
                hear(output, &mut printed, &too_much, |printed| printed.tell(&tell, false)),
                hear(errors, &mut said, &too_much, |_| ()),
            );
        };
        tokio::pin!(reading);
        let ending = async {
            let status = tokio::select! {
                status = child.wait() => {
                    let _ = timeout(LINGER, &mut reading).await;
                    status
                }
                () = &mut reading => child.wait().await,
            };
            status.map_or(HowEnded::Code(-1), how_ended)
        };
        tokio::select! {
            how = ending => Some(how),
            () = sleep(run.timeout) => Some(HowEnded::TimedOut),
            () = too_much.notified() => Some(HowEnded::TooMuch),
            _ = ended => None,
        }
    };
    let by_itself = matches!(how, Some(HowEnded::Code(_) | HowEnded::Signal(_)));
    if let Some(how) = how {
        printed.tell(&tell, true);
        let errors = said.cleaned(said.bytes.len());
        tell(PipeNews::Ended(PipeEnd { how, left_out: printed.left_out(), errors }));
    }
    if by_itself {
        return group.let_go();
    }
    // The program is not waited for meanwhile, so that its number is nobody else's.
    group.ask_to_end();
    sleep(GRACE).await;
    group.kill();
    let _ = group.child.wait().await;
}

/// Why a program could not be started.
fn why(run: &PipeRun, error: &std::io::Error) -> String {
    let program = run.words.first().map(String::as_str).unwrap_or_default();
    let why = match error.kind() {
        std::io::ErrorKind::NotFound => format!("there is no program {program}"),
        _ => format!("{program}: {error}"),
    };
    clean::line(&why).as_str().to_owned()
}

fn start(run: &PipeRun) -> std::io::Result<Group> {
    let (program, arguments) = run.words.split_first().ok_or(std::io::ErrorKind::InvalidInput)?;
    let mut command = programs::program(program);
    command.args(arguments).env(TICKET, run.ticket.0.to_string());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    Group::start(command)
}

#[cfg(unix)]
fn how_ended(status: std::process::ExitStatus) -> HowEnded {
    use std::os::unix::process::ExitStatusExt as _;
    let signal = status.signal().map(HowEnded::Signal);
    status.code().map(HowEnded::Code).or(signal).unwrap_or(HowEnded::Code(-1))
}

#[cfg(not(unix))]
fn how_ended(status: std::process::ExitStatus) -> HowEnded {
    HowEnded::Code(status.code().unwrap_or(-1))
}

/// Gives a program its input. A program need not read it.
async fn feed(mut input: ChildStdin, text: &[u8]) {
    let _ = input.write_all(text).await;
    let _ = input.shutdown().await;
}

/// Reads all that a program prints, and says when more is kept.
async fn hear(
    mut output: impl AsyncRead + Unpin,
    printed: &mut Printed,
    too_much: &Notify,
    kept: impl Fn(&mut Printed),
) {
    let mut piece = vec![0; PIECE];
    loop {
        match output.read(&mut piece).await {
            Ok(0) | Err(_) => return,
            Ok(bytes) => {
                if printed.take(&piece[..bytes]) {
                    kept(printed);
                    sleep(GATHER).await;
                }
            }
        }
        if printed.total > MOST {
            too_much.notify_one();
            return std::future::pending().await;
        }
    }
}

/// What a program has printed.
struct Printed {
    /// What is known of an escape sequence that goes on.
    strip: StripStr,
    /// The bytes that were not told as complete lines.
    bytes: Vec<u8>,
    room: usize,
    kept: u64,
    total: u64,
}

impl Printed {
    fn new(room: usize) -> Self {
        Self { strip: StripStr::new(), bytes: Vec::new(), room, kept: 0, total: 0 }
    }

    /// Takes bytes as far as there is room; says whether any were kept.
    fn take(&mut self, bytes: &[u8]) -> bool {
        self.total += bytes.len() as u64;
        let kept = &bytes[..bytes.len().min(self.room)];
        self.room -= kept.len();
        self.kept += kept.len() as u64;
        self.bytes.extend_from_slice(kept);
        !kept.is_empty()
    }

    fn left_out(&self) -> u64 {
        self.total - self.kept
    }

    /// Tells the lines that are complete now, and the one that is begun; `all` lines are complete at
    /// the end.
    fn tell(&mut self, tell: &impl Fn(PipeNews), all: bool) {
        let end = self.bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let end = if all { self.bytes.len() } else { end };
        let lines = self.cleaned(end);
        self.bytes.drain(..end);
        // More may come of what is begun, so its escape sequences are looked at again then.
        let strip = self.strip.clone();
        let begun = self.cleaned(self.bytes.len());
        self.strip = strip;
        tell(PipeNews::Printed { lines, begun });
    }

    /// The text of the first `end` bytes, without escape sequences, cleaned for a terminal.
    fn cleaned(&mut self, end: usize) -> String {
        let text = String::from_utf8_lossy(&self.bytes[..end]);
        let plain: String = self.strip.strip_next(&text).collect();
        clean::block(&plain)
    }
}

#[cfg(all(test, unix))]
mod tests;
