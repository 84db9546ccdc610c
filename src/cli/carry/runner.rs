//! The run of a verb that writes.

mod giving_up;
mod reading;

use std::{collections::BTreeMap, time::Duration};

use jiff::SignedDuration;
use tokio::time::Instant;

use super::{
    Carry, Job, dry,
    planning::{is_reply, not_done, planned},
    sender::{ReadOutcome, Sender, Signals},
    told::{Printer, Tally, WriteOutcome, WriteRecord},
    underway::Underway,
};
use crate::{
    app::pending::Pending,
    cli::{
        Failure,
        copy::LocalCopy,
        failure::{self, Code},
        ids::NoId,
        opened::Opened,
    },
    desk::{Read, Report, Work},
    domain::{
        Entry, NewTicket, Problem, StepId, TicketId,
        plan::{self, Action, Plan, PlanLine, Targets},
    },
};

/// How many tickets are on their way at once: enough to count as a large step, which goes behind what an
/// agent does in a console.
const AT_ONCE: usize = 8;

/// How often the store is asked what others have made of the entries.
const LOOK: Duration = Duration::from_millis(500);

/// A run.
pub(super) struct Runner<'a> {
    pub(super) opened: &'a Opened,
    pub(super) carry: &'a Carry,
    /// The background task, once it is needed.
    sender: Option<Sender>,
    pub(super) signals: Option<Signals>,
    /// The step that all changes belong to, and how many there were.
    step: StepId,
    made: usize,
    pub(super) lines: BTreeMap<usize, Underway>,
    pub(super) begun: usize,
    printer: Printer,
    tally: Tally,
    figures: dry::PlanFigures,
    /// Since when the server keeps changes waiting.
    stuck: Option<Instant>,
    /// Why a change of somebody else's that stands before one of this run does not leave.
    ahead: Option<Problem>,
    /// Whether what was being sent has had its moment to end.
    rested: bool,
    /// Whether it is said that nothing is sent.
    is_offline_told: bool,
    /// Why no more is begun.
    pub(super) stop: Option<(Code, String)>,
}

/// What comes of beginning with a ticket.
enum Begun {
    /// It is told already, or on its way.
    On,
    /// The user wants the verb to stop.
    Stopped,
}

impl<'a> Runner<'a> {
    pub(super) fn new(opened: &'a Opened, carry: &'a Carry) -> Result<Self, Failure> {
        let format = match carry.dry_run {
            true => carry.output.format::<dry::PlanRecord>()?,
            false => carry.output.format::<WriteRecord>()?,
        };
        Ok(Self {
            opened,
            carry,
            sender: None,
            signals: None,
            step: StepId::new(crate::store::session(), 1),
            made: 0,
            lines: BTreeMap::new(),
            begun: 0,
            printer: Printer::new(format),
            tally: Tally::default(),
            figures: dry::PlanFigures::default(),
            stuck: None,
            ahead: None,
            rested: false,
            is_offline_told: false,
            stop: None,
        })
    }

    /// Carries a job out.
    pub(super) async fn run(mut self, mut job: Job<'_>) -> Result<(), Failure> {
        let done = self.work(&mut job).await;
        self.end(done).await
    }

    /// Creates a ticket.
    pub(super) async fn create(mut self, new: NewTicket) -> Result<(), Failure> {
        let done = self.work_on_new(new).await;
        self.end(done).await
    }

    async fn work_on_new(&mut self, new: NewTicket) -> Result<(), Failure> {
        self.signals.get_or_insert(Signals::listen()?);
        let copy = LocalCopy::of(self.opened, &[]).await?;
        let plan = Plan::of(&Action::Create(Box::new(new)), &Targets::New, &copy);
        for line in plan.lines {
            self.carry_out(line).await?;
        }
        while !self.lines.is_empty() && self.stop.is_none() {
            self.wait().await?;
        }
        Ok(())
    }

    async fn work(&mut self, job: &mut Job<'_>) -> Result<(), Failure> {
        self.signals.get_or_insert(Signals::listen()?);
        let mut more = true;
        while (more && !self.printer.is_gone || !self.lines.is_empty()) && self.stop.is_none() {
            if !more || self.printer.is_gone || self.lines.len() >= AT_ONCE {
                self.wait().await?;
                continue;
            }
            let next = tokio::select! {
                biased;
                () = signalled(&mut self.signals) => { self.interrupt(); continue; }
                next = job.ids.next() => next,
                waited = wait(&mut self.sender, !self.lines.is_empty()) => {
                    self.take(waited).await?;
                    continue;
                }
            };
            match next {
                None => more = false,
                Some(Err(NoId(what))) => {
                    self.tell(WriteRecord::wrong(None, WriteOutcome::Failed, Code::Usage, what))?;
                }
                Some(Ok(id)) => match self.begin(id, job).await? {
                    Begun::On => {}
                    Begun::Stopped => {
                        self.interrupt();
                        self.not_begun(id)?;
                    }
                },
            }
        }
        if self.stop.is_some() {
            job.ids.named().try_for_each(|id| self.not_begun(id))?;
        }
        Ok(())
    }

    /// The user wants the verb to stop.
    fn interrupt(&mut self) {
        self.tally.is_interrupted = true;
        self.stop = Some((Code::Undecided, "the verb was stopped".to_owned()));
    }

    /// A ticket is left as it is.
    fn not_begun(&mut self, id: TicketId) -> Result<(), Failure> {
        let (code, why) = self.stop.clone().unwrap_or((Code::Failed, String::new()));
        let error = format!("nothing was done: {why}");
        self.tell(WriteRecord::wrong(Some(id), WriteOutcome::Failed, code, error))
    }

    /// Waits for the next news.
    pub(super) async fn wait(&mut self) -> Result<(), Failure> {
        let waited = tokio::select! {
            biased;
            () = signalled(&mut self.signals) => { self.interrupt(); return Ok(()); }
            waited = wait(&mut self.sender, true) => waited,
        };
        self.take(waited).await
    }

    /// Takes in news, or looks for them.
    async fn take(&mut self, news: Option<Report>) -> Result<(), Failure> {
        match news {
            Some(report) => self.hear(report)?,
            None => self.look().await?,
        }
        self.lose_patience().await
    }

    fn hear(&mut self, report: Report) -> Result<(), Failure> {
        match report {
            Report::Entry { entry, .. } => self.moved(&entry),
            Report::Queued { entries } | Report::TakenBack(entries) => {
                entries.iter().try_for_each(|entry| self.moved(entry))
            }
            Report::NotQueued { entries, problem } => {
                let of = |line: &Underway| {
                    entries.iter().any(|it| line.entries.iter().any(|own| own.id == it.id))
                };
                let Some(at) = self.lines.iter().find(|(_, it)| of(it)).map(|(at, _)| *at) else {
                    return Ok(());
                };
                let ticket = self.lines.remove(&at).and_then(|it| it.ticket);
                let error = format!("{problem}; nothing was done");
                self.tell(WriteRecord::wrong(ticket, WriteOutcome::Failed, Code::Failed, error))
            }
            Report::Failed(problem) | Report::DraftsLost(problem) => {
                failure::notice(&problem.to_string());
                Ok(())
            }
            Report::StoreRemade(said) => {
                failure::notice(said.as_str());
                self.lose_all("the store was made anew, and the change is not in it")
            }
            _ => Ok(()),
        }
    }

    /// An entry has a new state.
    fn moved(&mut self, entry: &Entry) -> Result<(), Failure> {
        let found = self.lines.iter_mut().find_map(|(at, it)| it.take_in(entry).then_some(*at));
        let Some(at) = found else { return Ok(()) };
        if let Some(told) = self.lines.get(&at).and_then(Underway::settled) {
            self.lines.remove(&at);
            self.tell(told)?;
        }
        Ok(())
    }

    /// Plans what is wanted of a ticket, and sends it on its way.
    async fn begin(&mut self, id: TicketId, job: &mut Job<'_>) -> Result<Begun, Failure> {
        let mut copy = LocalCopy::of(self.opened, &[id]).await?;
        let mut line = planned(id, job, &copy);
        if self.may_be_otherwise(&line) || self.is_from_old_copy(&line).await? {
            match self.read(Read::Ticket(id), self.patience()).await? {
                ReadOutcome::Stopped => return Ok(Begun::Stopped),
                ReadOutcome::Read => {
                    copy = LocalCopy::of(self.opened, &[id]).await?;
                    line = planned(id, job, &copy);
                    if line.outcome == plan::Outcome::Already {
                        // What is only on its way may still be refused.
                        copy.pending = Pending::default();
                        copy.take_in(&self.opened.store, &[id]).await?;
                        line = planned(id, job, &copy);
                    }
                }
                ReadOutcome::Not(problem) => return self.unread(id, &problem),
            }
        }
        if line.ready().is_some_and(is_reply) && !self.carry.dry_run {
            match self.look_at_conversation(id, &mut copy).await? {
                ReadOutcome::Stopped => return Ok(Begun::Stopped),
                ReadOutcome::Not(problem) if self.ends(&problem) => {
                    return self.unread(id, &problem);
                }
                ReadOutcome::Read | ReadOutcome::Not(_) => line = planned(id, job, &copy),
            }
        }
        match self.waits_already(&line).await? {
            Some(told) => self.tell(told)?,
            None => self.carry_out(line).await?,
        }
        self.lose_patience().await?;
        Ok(Begun::On)
    }

    pub(super) async fn sender(&mut self) -> Result<&mut Sender, Failure> {
        if self.sender.is_none() {
            let sends = !self.only_stores() && !self.carry.dry_run;
            self.sender = Some(Sender::start(self.opened, sends).await?);
        }
        self.sender
            .as_mut()
            .ok_or_else(|| Failure::new(Code::Failed, "the background task is not there"))
    }

    /// Carries out a line of the plan, or says why nothing is done.
    async fn carry_out(&mut self, line: PlanLine) -> Result<(), Failure> {
        if self.carry.dry_run {
            return Ok(self.figures.tell(&mut self.printer, &mut self.tally, &line)?);
        }
        let ticket = line.ticket;
        if let Some(told) = not_done(&line) {
            return self.tell(told);
        }
        let now = self.opened.store.clock().now();
        let hold = self.hold();
        let hold = SignedDuration::try_from(hold).unwrap_or_default();
        let plan = Plan { lines: vec![line] };
        let entries = plan.step().map(|it| it.entries_from(self.made, self.step, now, hold));
        let Some(entries) = entries.filter(|it| !it.is_empty()) else {
            let why = "the plan has no change for it; nothing was done";
            return self.tell(WriteRecord::wrong(ticket, WriteOutcome::Failed, Code::Failed, why));
        };
        self.made += entries.len();
        if self.only_stores() {
            return self.store_only(ticket, entries).await;
        }
        self.begun += 1;
        self.sender().await?.ask(Work::Queue { entries: entries.clone(), drop: Vec::new() });
        self.lines.insert(self.begun, Underway { ticket, entries, is_own: true, is_stored: false });
        Ok(())
    }

    pub(super) fn tell(&mut self, told: WriteRecord) -> Result<(), Failure> {
        Ok(self.tally.tell(&mut self.printer, told)?)
    }

    /// Ends the run. What is on its way stays in the outbox.
    pub(super) async fn end(mut self, done: Result<(), Failure>) -> Result<(), Failure> {
        let waiting = self.lines.len();
        let left = match (&done, waiting) {
            (_, 0) => Ok(()),
            (Ok(()), _) => {
                let stop = self.stop.clone();
                let (code, why) = stop.unwrap_or((Code::Undecided, "nobody waits for it".into()));
                self.leave(code, &why).await
            }
            (Err(failure), _) => {
                let (code, why) = (failure.code, failure.message());
                self.leave(code, &why).await
            }
        };
        let ended = self.printer.end();
        if let Some(sender) = self.sender.take() {
            match self.rested {
                true => sender.abandon().await,
                false => sender.close().await,
            }
        }
        done.map_err(|failure| self.tally.broken_off(failure))?;
        left?;
        ended?;
        if self.carry.dry_run {
            self.figures.say(self.opened.profile.requests_per_minute);
            return self.tally.verdict("can be done");
        }
        self.tally.verdict("done")
    }
}

async fn signalled(signals: &mut Option<Signals>) {
    match signals {
        Some(signals) => signals.next().await,
        None => std::future::pending().await,
    }
}

/// Waits for the background task's next report; `None` when it is time to look by oneself.
async fn wait(sender: &mut Option<Sender>, looks: bool) -> Option<Report> {
    match sender {
        Some(sender) => tokio::select! {
            report = sender.next() => Some(report),
            () = tokio::time::sleep(LOOK), if looks => None,
        },
        None => std::future::pending().await,
    }
}
