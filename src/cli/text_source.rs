//! The words of a reply, a note or a message: given in an argument, in a file, or on standard input.

use std::{
    io::{Read as _, stdin},
    path::Path,
};

use anyhow::{Context as _, anyhow};

use super::{Failure, ids::STDIN};
use crate::{bounded, text::clean};

/// The most bytes of a text.
const MOST: u64 = 4 * 1024 * 1024;

/// Where words come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TextSource {
    /// They are given.
    Given(String),
    /// A file has them.
    File(std::path::PathBuf),
    /// They come on standard input.
    Stdin,
}

impl TextSource {
    /// A text, or `-` for standard input.
    pub(super) fn of(text: &str) -> Self {
        match text {
            STDIN => Self::Stdin,
            text => Self::Given(text.to_owned()),
        }
    }

    /// A file, or `-` for standard input.
    pub(super) fn of_file(path: &Path) -> Self {
        if path.as_os_str() == STDIN { Self::Stdin } else { Self::File(path.to_owned()) }
    }

    /// Reads them. They are Markdown as an agent types it: without controls, with one kind of line
    /// break.
    ///
    /// # Errors
    /// A usage error if they can't be read, are no UTF-8, or say nothing.
    pub(super) async fn read(self) -> Result<String, Failure> {
        let (bytes, from) = match self {
            Self::Given(text) => (text.into_bytes(), "the text".to_owned()),
            Self::File(path) => {
                let from = format!("the file {}", path.display());
                let read = move || bounded::read(&path, MOST);
                let read = tokio::task::spawn_blocking(read).await?;
                (
                    read.with_context(|| format!("{from} can't be read"))
                        .map_err(Failure::usage)?,
                    from,
                )
            }
            Self::Stdin => (from_stdin().await?, "standard input".to_owned()),
        };
        let text = String::from_utf8(bytes)
            .map_err(|_| Failure::usage(anyhow!("{from} is no UTF-8, so it is no text")))?;
        let text = clean::typed(text.trim_start_matches('\u{feff}'));
        if text.trim().is_empty() {
            return Err(Failure::usage(anyhow!("{from} says nothing; nothing was done")));
        }
        Ok(text.trim_end().to_owned())
    }
}

async fn from_stdin() -> Result<Vec<u8>, Failure> {
    let read = || {
        let mut text = Vec::new();
        stdin().lock().take(MOST + 1).read_to_end(&mut text).map(|_| text)
    };
    // Nobody knows how long the program before this one takes.
    let text = tokio::task::spawn_blocking(read).await?;
    let text = text.context("standard input can't be read").map_err(Failure::usage)?;
    if text.len() as u64 > MOST {
        let most = MOST >> 20;
        return Err(Failure::usage(anyhow!("standard input is longer than {most} MiB")));
    }
    Ok(text)
}
