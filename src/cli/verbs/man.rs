//! `growdesk man`: the pages of the manual.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;

use crate::cli::{Failure, manual, print};

#[derive(Debug, Args)]
pub(in crate::cli) struct ManVerb {
    /// Write a page for each verb into this folder, which is made where there is none
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

impl ManVerb {
    /// Prints the main page, or writes all of them.
    pub(in crate::cli) fn run(self) -> Result<(), Failure> {
        let pages = manual::pages()?;
        let Some(folder) = self.out else {
            return match pages.first() {
                Some(page) => Ok(print::stream(|out| out.write_all(&page.text))?),
                None => Ok(()),
            };
        };
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("the folder {} can't be made", folder.display()))?;
        for page in pages {
            let file = folder.join(&page.file);
            std::fs::write(&file, &page.text)
                .with_context(|| format!("{} can't be written", file.display()))?;
        }
        Ok(())
    }
}
