//! What is planned for a ticket, and what is told where nothing is done.

use super::{
    Job,
    told::{WriteOutcome, WriteRecord},
};
use crate::{
    cli::{copy::LocalCopy, failure::Code},
    domain::{
        Change, ReplyId, ReplyKind, Sight, Stand, TicketId,
        plan::{self, Action, Cant, Choice, Known as _, Plan, PlanLine},
    },
};

/// The line of a ticket.
pub(super) fn planned(id: TicketId, job: &mut Job<'_>, copy: &LocalCopy) -> PlanLine {
    let action = (job.wish)(id, copy).map(|action| only_after(action, id, job.last, copy));
    let mut lines = Plan::of_each([(id, action)], copy).lines;
    lines.pop().unwrap_or(PlanLine { ticket: Some(id), outcome: plan::Outcome::Cant(Cant::Gone) })
}

/// The action, with the message that has to be the newest when its text is recorded.
fn only_after(mut action: Action, id: TicketId, last: Option<ReplyId>, copy: &LocalCopy) -> Action {
    if let (Action::Set(wish), Some(last), Some(now)) = (&mut action, last, copy.ticket(id))
        && let Some(text) = &mut wish.text
    {
        let stood = Some(Box::new(Stand { last: Some(last), ..Stand::of(&now) }));
        text.sight = Sight { read: Some(last), stood };
    }
    action
}

/// Whether something is said to the customer.
pub(super) fn is_reply(ready: &plan::Ready) -> bool {
    ready.changes.iter().any(|it| matches!(it.change, Change::Post { kind: ReplyKind::Reply, .. }))
}

/// What is told of a ticket where nothing is to be done, or nothing can be.
pub(super) fn not_done(line: &PlanLine) -> Option<WriteRecord> {
    let ticket = line.ticket;
    let refused =
        |why: String| WriteRecord::wrong(ticket, WriteOutcome::Refused, Code::Refused, why);
    Some(match &line.outcome {
        plan::Outcome::Ready(_) => return None,
        plan::Outcome::Already => WriteRecord::well(ticket, WriteOutcome::Unchanged),
        plan::Outcome::Cant(Cant::Gone) => WriteRecord::wrong(
            ticket,
            WriteOutcome::Failed,
            Code::NotFound,
            "there is no such ticket",
        ),
        plan::Outcome::Cant(why @ (Cant::NoText | Cant::Gap(_) | Cant::Unfilled(_))) => {
            WriteRecord::wrong(ticket, WriteOutcome::Failed, Code::Failed, why.to_string())
        }
        plan::Outcome::Cant(why) => refused(why.to_string()),
        plan::Outcome::Choose(choice) => match choice.as_ref() {
            Choice::Missing { lacks, .. } => refused(format!(
                "has no {lacks}, which the server needs with this; nothing was done"
            )),
            Choice::Half { .. } => refused("a part of it can't be done; nothing was done".into()),
        },
    })
}
