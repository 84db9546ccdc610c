//! The output of a command that reads a conversation.

use crate::app::{
    Model, at_hand,
    command::OutputCommand,
    cursor::Page,
    effect::{Effect, Effects, Outside, Read, Slot},
    errand::Errand,
    layout::{Layout, popup_columns},
    message::Found,
    notice::Level,
    pipe::{self, HowEnded, PipeEnd, PipeNews, RunId},
    popups::{Surface, frame::Edge},
    tone::{Tone, Toned},
};
use crate::domain::{DraftKey, PipeCommand, Problem, TicketId};

/// The columns that the output wants.
const COLUMNS: usize = 100;

/// The rows above the output: how the command stands, and a gap.
pub const HEAD: usize = 2;

/// The rows that are kept for output while it may still come.
const ROOM: usize = 10;

/// The stage of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PipeStage {
    /// The conversation is being read.
    Reading,
    /// The command runs.
    Running(RunId),
    /// It has ended.
    Ended(PipeEnd),
    /// The conversation could not be read: nothing was run.
    Failed(Problem),
}

/// The output of a command, while it runs and after it.
#[derive(Clone, Debug)]
pub struct CommandOutput {
    /// The ticket whose conversation it reads.
    pub ticket: TicketId,
    /// The command.
    pub command: PipeCommand,
    /// The draft that the output is inserted into.
    into: Option<DraftKey>,
    /// The stage of the command.
    pub stage: PipeStage,
    /// Why the command does not read the whole conversation, if so.
    missing: Option<Problem>,
    /// The complete lines, and the line that is begun.
    printed: String,
    begun: String,
    wrapped: Wrapped,
    /// The first line on screen.
    pub top: usize,
}

/// The output wrapped to so many columns. Complete lines are wrapped once, however much is printed.
#[derive(Clone, Debug, Default)]
struct Wrapped {
    columns: usize,
    lines: Vec<String>,
    /// How many of them are of complete lines, and how many bytes those were.
    complete: usize,
    bytes: usize,
}

impl Wrapped {
    fn take_in(&mut self, columns: usize, printed: &str, begun: &str) {
        if self.columns != columns {
            *self = Self { columns, ..Self::default() };
        }
        self.lines.truncate(self.complete);
        let new = printed.get(self.bytes..).unwrap_or_default();
        self.lines.extend(new.lines().flat_map(|line| wrap_line(line, columns)));
        (self.complete, self.bytes) = (self.lines.len(), printed.len());
        if !begun.is_empty() {
            self.lines.extend(wrap_line(begun, columns));
        }
    }

    /// The lines, without empty ones at the end.
    fn lines(&self) -> Vec<String> {
        let end = self.lines.iter().rposition(|line| !line.is_empty()).map_or(0, |last| last + 1);
        self.lines.iter().take(end).cloned().collect()
    }
}

impl CommandOutput {
    /// All that was printed, without white space at its end.
    fn text(&self) -> String {
        format!("{}{}", self.printed, self.begun).trim_end().to_owned()
    }

    /// How the command stands.
    pub fn status(&self, model: &Model) -> Toned {
        let close = model.keymap.key_for(OutputCommand::Close);
        let seconds = model.settings.pipe_timeout.as_secs();
        let (words, tone) = match &self.stage {
            PipeStage::Reading => ("the conversation is being read…".into(), Tone::Quiet),
            PipeStage::Running(_) => {
                (format!("running, for {seconds} s at most; {close} ends it"), Tone::Accent)
            }
            PipeStage::Ended(end) => self.ended(end, seconds),
            PipeStage::Failed(problem) => (
                format!("the conversation can't be read, nothing was run: {problem}"),
                Tone::Danger,
            ),
        };
        let mut parts = vec![(words, tone)];
        if let Some(missing) = &self.missing {
            parts.push((format!(" · not all messages were there: {missing}"), Tone::Warning));
        }
        Toned(parts)
    }

    fn ended(&self, end: &PipeEnd, seconds: i64) -> (String, Tone) {
        let nothing = self.text().is_empty();
        let what = if nothing { "printed nothing, " } else { "" };
        let (how, tone) = match &end.how {
            HowEnded::Code(0) => {
                ("exit 0".into(), if nothing { Tone::Warning } else { Tone::Good })
            }
            HowEnded::Code(code) => (format!("exit {code}"), Tone::Danger),
            HowEnded::Signal(signal) => (format!("ended by signal {signal}"), Tone::Danger),
            HowEnded::TimedOut => (format!("ended after {seconds} s"), Tone::Danger),
            HowEnded::TooMuch => ("ended, since it did not stop printing".into(), Tone::Danger),
            HowEnded::NotStarted(why) => {
                return (format!("could not be started: {why}"), Tone::Danger);
            }
        };
        let cut = match end.left_out {
            0 => String::new(),
            more => format!(" · {} KB more are left out", more.div_ceil(1024)),
        };
        (format!("{what}{how}{cut}"), tone)
    }

    /// The output, and below it what the command said on standard error.
    pub fn lines(&self, columns: usize) -> Vec<Toned> {
        let wrapped = match self.wrapped.columns == columns {
            true => self.wrapped.lines(),
            false => wrap(&self.text(), columns),
        };
        let mut lines: Vec<Toned> = wrapped.into_iter().map(Toned::plain).collect();
        if let PipeStage::Ended(PipeEnd { errors, .. }) = &self.stage
            && !errors.trim().is_empty()
        {
            if !lines.is_empty() {
                lines.push(Toned::plain(""));
            }
            lines.push(Toned::new("On standard error:", Tone::Quiet));
            let said = wrap(errors.trim_end(), columns);
            lines.extend(said.into_iter().map(|line| Toned::new(line, Tone::Warning)));
        }
        lines
    }

    fn take_in(&mut self, columns: usize) {
        self.wrapped.take_in(columns, &self.printed, &self.begun);
    }

    /// Whether no more can come.
    fn is_ended(&self) -> bool {
        matches!(self.stage, PipeStage::Ended(_) | PipeStage::Failed(_))
    }

    fn has_run(&self, run: RunId) -> bool {
        self.stage == PipeStage::Running(run)
    }
}

fn wrap(text: &str, columns: usize) -> Vec<String> {
    if text.is_empty() {
        return Vec::new();
    }
    wrap_line(text, columns).collect()
}

fn wrap_line(text: &str, columns: usize) -> impl Iterator<Item = String> {
    let wrapped = textwrap::wrap(text, columns.max(1)).into_iter();
    wrapped.map(|line| line.trim_end().to_owned())
}

impl Surface for CommandOutput {
    type Commands = OutputCommand;

    fn run(model: &mut Model, command: OutputCommand) -> Effects {
        run(model, command)
    }

    fn hint(model: &Model, command: OutputCommand, usual: &'static str) -> Option<&'static str> {
        let output = model.top::<Self>()?;
        let has_text = !output.text().is_empty();
        match command {
            OutputCommand::Copy => has_text.then_some(usual),
            OutputCommand::Reply if output.into.is_some() => {
                (has_text && output.is_ended()).then_some("insert")
            }
            OutputCommand::Reply => (has_text && output.is_ended()).then_some(usual),
            OutputCommand::Close if output.is_ended() => Some(usual),
            OutputCommand::Close => Some("end it"),
            OutputCommand::Step(_) => Some(usual),
        }
    }

    fn title(&self, _: &Model) -> String {
        format!("{} · {}", self.ticket, self.command.name)
    }

    fn edge(&self, model: &Model) -> Edge {
        let key = |command: OutputCommand| model.keymap.key_for(command);
        let (copy, reply) = (key(OutputCommand::Copy), key(OutputCommand::Reply));
        let close = key(OutputCommand::Close);
        let makes = if self.into.is_some() { "inserts it" } else { "makes a reply of it" };
        match (self.is_ended(), self.text().is_empty()) {
            (true, false) => Edge::keys([(copy, "copies"), (reply, makes), (close, "closes")]),
            (true, true) => Edge::keys([(close, "closes")]),
            (false, _) => Edge::keys([(close, "ends it")]),
        }
    }

    fn size(&self, _: &Model, layout: &Layout) -> (usize, usize) {
        let columns = layout.popup_columns(COLUMNS);
        let lines = self.lines(columns).len();
        let lines = if self.is_ended() { lines } else { lines.max(ROOM) };
        (columns, HEAD + lines)
    }
}

/// Has a command read a ticket's conversation. Its output is shown, or inserted into a draft.
pub(in crate::app) fn begin(
    model: &mut Model,
    ticket: TicketId,
    command: PipeCommand,
    into: Option<DraftKey>,
) -> Effects {
    model.open_popup(CommandOutput {
        ticket,
        command,
        into,
        stage: PipeStage::Reading,
        missing: None,
        printed: String::new(),
        begun: String::new(),
        wrapped: Wrapped::default(),
        top: 0,
    });
    let zone = model.settings.zone.clone();
    model.requests.ask(Slot::Export, Read::Export { ticket, zone }).into()
}

/// The conversation was read: the command begins.
pub(in crate::app) fn found(model: &mut Model, found: Result<Found, Problem>) -> Effects {
    let Some(output) = model.nearest_mut::<CommandOutput>() else { return Effects::none() };
    let (text, missing) = match found {
        Ok(Found::Export { text, missing }) => (text, missing),
        Ok(_) => return Effects::none(),
        Err(problem) => {
            output.stage = PipeStage::Failed(problem);
            return Effects::none();
        }
    };
    output.missing = missing;
    let (ticket, command) = (output.ticket, output.command.clone());
    let (run, effects) = pipe::start(model, ticket, &command, text);
    if let Some(output) = model.nearest_mut::<CommandOutput>() {
        output.stage = PipeStage::Running(run);
    }
    effects
}

/// A command printed something, or has ended.
pub(in crate::app) fn heard(model: &mut Model, run: RunId, news: PipeNews) -> Effects {
    let columns = popup_columns(model, COLUMNS);
    if matches!(news, PipeNews::Ended(_)) {
        pipe::ended(model, run);
    }
    let Some(output) = model.nearest_mut::<CommandOutput>().filter(|it| it.has_run(run)) else {
        return Effects::none();
    };
    match news {
        PipeNews::Printed { lines, begun } => {
            output.printed.push_str(&lines);
            output.begun = begun;
            output.take_in(columns);
        }
        PipeNews::Ended(end) => {
            let inserts = end.how == HowEnded::Code(0) && end.left_out == 0;
            output.stage = PipeStage::Ended(end);
            if inserts && !output.text().is_empty() {
                insert(model);
            }
        }
    }
    Effects::none()
}

/// Has the output put into the draft that it was asked for.
fn insert(model: &mut Model) {
    let Some(output) = model.nearest::<CommandOutput>() else { return };
    let text = output.text();
    if let Some(key) = output.into {
        model.pass(Errand::Insert(key, text));
    }
}

/// Ends the program that runs if its output was left.
pub(in crate::app) fn end_if_left(model: &mut Model) -> Effects {
    let is_shown = |run| model.nearest::<CommandOutput>().is_some_and(|output| output.has_run(run));
    match model.pipe.running() {
        Some(run) if !is_shown(run) => pipe::end(model),
        _ => Effects::none(),
    }
}

fn run(model: &mut Model, command: OutputCommand) -> Effects {
    let columns = popup_columns(model, COLUMNS);
    let rows = Layout::of(model).map_or(1, |it| it.popup_rows().saturating_sub(HEAD)).max(1);
    let Some(output) = model.top_mut::<CommandOutput>() else { return Effects::none() };
    let (ticket, text) = (output.ticket, output.text());
    match command {
        OutputCommand::Step(step) => {
            let last = output.lines(columns).len().saturating_sub(rows);
            output.top = step.from(output.top, last, Page::of_reader(rows));
        }
        OutputCommand::Copy if !text.is_empty() => {
            let what = format!("the output of {}", output.command.name);
            return Effect::Outside(Outside::Copy { text, what }).into();
        }
        OutputCommand::Reply if !text.is_empty() && output.is_ended() => {
            if output.into.is_some() {
                insert(model);
                return Effects::none();
            }
            return at_hand::change(model, Some(ticket), |model, ticket| {
                model.pass(Errand::ReplyWith(ticket, text));
                Effects::none()
            });
        }
        OutputCommand::Copy | OutputCommand::Reply => {
            model.say(Level::Info, "there is nothing to take from it yet");
        }
        OutputCommand::Close => {
            let was_running = matches!(output.stage, PipeStage::Running(_));
            let name = output.command.name.clone();
            model.requests.forget(Slot::Export);
            model.close_popup();
            if was_running {
                model.say(Level::Info, format!("{ticket} {name} is ended"));
            }
        }
    }
    Effects::none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_in_pieces_is_wrapped_as_if_it_came_at_once() {
        let pieces = [
            ("", "one two thr"),
            ("one two three four five\n", ""),
            ("\n  in\n", "wide words that wrap"),
            ("wide words that wrap here\n\n", ""),
        ];
        let (mut wrapped, mut printed) = (Wrapped::default(), String::new());
        for columns in [10, 7] {
            for (lines, begun) in pieces {
                printed.push_str(lines);
                wrapped.take_in(columns, &printed, begun);
                let all = format!("{printed}{begun}");
                assert_eq!(wrapped.lines(), wrap(all.trim_end(), columns), "{all:?}");
            }
        }
    }
}
