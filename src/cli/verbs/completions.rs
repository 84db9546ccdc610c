//! `growdesk completions`: what makes a shell complete the command line.

use clap::{Args, builder::PossibleValuesParser};

use crate::cli::{Failure, completing, print};

#[derive(Debug, Args)]
pub(in crate::cli) struct CompletionsVerb {
    /// The shell
    #[arg(value_name = "SHELL", value_parser = shells())]
    shell: String,
}

fn shells() -> PossibleValuesParser {
    completing::SHELLS.iter().map(|it| it.name()).collect::<Vec<_>>().into()
}

impl CompletionsVerb {
    /// Prints it.
    pub(in crate::cli) fn run(self) -> Result<(), Failure> {
        let stub = completing::registration(&self.shell)?.unwrap_or_default();
        Ok(print::stream(|out| out.write_all(&stub))?)
    }
}
