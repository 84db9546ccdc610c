//! `growdesk macro run`.

use std::time::Duration;

use anyhow::anyhow;
use clap::Args;
use tokio::time::sleep;

use crate::{
    cli::{
        Common, Failure,
        carry::{Carry, Job, Signals},
        copy::LocalCopy,
        ids::TicketArgs,
        macros::{self, Filler},
    },
    domain::{
        ReplyKind, TicketId,
        plan::{Action, Cant},
    },
};

#[derive(Debug, Args)]
pub(super) struct RunArgs {
    /// The macro: its name, or its name without groups if only one has it
    #[arg(value_name = "MACRO")]
    name: String,
    #[command(flatten)]
    tickets: TicketArgs,
    /// Answer what the macro asks for, as in --set "order number=42"
    #[arg(long = "set", value_name = "NAME=VALUE")]
    set: Vec<String>,
    #[command(flatten)]
    carry: Carry,
}

impl RunArgs {
    /// Takes the macro on each ticket.
    pub(super) async fn run(self, common: &Common) -> Result<(), Failure> {
        let ids = self.tickets.ids()?;
        let opened = self.carry.open(common).await?;
        let one = macros::find(&self.name, &macros::read(&opened.settings))?;
        let answers = macros::answers(&one, &self.set)?;
        let unanswered = macros::unanswered(&one, &answers);
        if !unanswered.is_empty() {
            let error = anyhow!("\"{}\" asks for {}", one.name, unanswered.join(", "));
            let sets: Vec<String> =
                unanswered.iter().map(|name| format!("--set \"{name}=…\"")).collect();
            return Err(Failure::usage(error).with_help(format!("give {}", sets.join(" "))));
        }
        let signature = opened.profile.signature.trim();
        let below = match one.kind == ReplyKind::Reply && !signature.is_empty() {
            true => format!("\n\n{signature}"),
            false => String::new(),
        };
        let mut filler = Filler::start(&opened, one.clone(), answers).await?;
        let runtime = tokio::runtime::Handle::current();
        let (mut signals, patience) = (Signals::listen()?, self.carry.patience());
        let mut is_stopped = false;
        let wish = |ticket: TicketId, copy: &LocalCopy| -> Result<Action, Cant> {
            let filling = async {
                tokio::select! {
                    biased;
                    () = signals.next(), if !is_stopped => is_stopped = true,
                    done = filler.action(ticket, copy, &below), if !is_stopped => return done,
                    () = sleep(patience), if !is_stopped => return Err(late(patience)),
                    else => {}
                }
                Err(Cant::Unfilled("the command was stopped".into()))
            };
            // The plan is made in one go, and the text is read in between.
            tokio::task::block_in_place(|| runtime.block_on(filling))
        };
        if !self.carry.is_dry_run() {
            macros::use_one(&opened.store, &one).await?;
        }
        self.carry.out(&opened, Job::each(ids, wish)).await
    }
}

/// Why there is no text where the server takes too long.
fn late(patience: Duration) -> Cant {
    Cant::Unfilled(format!("the server did not answer within {} s", patience.as_secs()))
}
