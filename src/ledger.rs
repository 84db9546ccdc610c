//! The file in which all processes of a profile keep the book of their requests. It is small, and
//! rewritten where it is for each request, under a lock that the system lets go of when a process
//! ends. Nobody waits for the disk: after a restart of the machine the file counts no more.

use std::{
    fs::File,
    io::{self, Read as _, Seek as _, Write as _},
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    api::{Book, Ledger},
    bounded,
    clock::{self, Clock},
    private,
};

/// Its name in the profile's folder.
const NAME: &str = "requests.json";
/// The most bytes of a file that can be a book.
const MOST: u64 = 256 * 1024;

/// The book of a profile, in its folder.
#[derive(Debug)]
pub struct LedgerFile {
    path: PathBuf,
    boot: Option<String>,
}

#[derive(Deserialize)]
struct Content {
    boot: Option<String>,
    book: Book,
}

#[derive(Serialize)]
struct ContentRef<'a> {
    boot: Option<&'a str>,
    book: &'a Book,
}

impl LedgerFile {
    /// The one in `folder`. It is made by the first request.
    pub fn in_folder(folder: &Path) -> Self {
        let path = folder.join(NAME);
        // A file that is not there yet is made for the user alone.
        let _ = private::take_in(&path, 0o600);
        Self { path, boot: clock::boot() }
    }

    /// The book in the file. One that is broken, or of another run of the machine, is empty.
    fn read(&self, content: &[u8]) -> Book {
        match serde_json::from_slice::<Content>(content) {
            Ok(content) if content.boot == self.boot => content.book,
            Ok(_) => Book::default(),
            Err(error) => {
                if !content.is_empty() {
                    tracing::warn!(%error, "the book of requests is broken; it is begun anew");
                }
                Book::default()
            }
        }
    }

    /// The file's content with this book. It is as long as the one before at least, so that it
    /// replaces that in one write.
    fn content(&self, book: &Book, length: usize) -> io::Result<Vec<u8>> {
        let boot = self.boot.as_deref();
        let mut content = serde_json::to_vec(&ContentRef { boot, book })?;
        content.resize(content.len().max(length), b' ');
        Ok(content)
    }
}

impl Ledger for LedgerFile {
    fn now(&self) -> Duration {
        let clock = Clock::began_at(Timestamp::UNIX_EPOCH);
        Duration::try_from(clock.now().as_duration()).unwrap_or_default()
    }

    fn with(&self, job: &mut dyn FnMut(&mut Book)) -> io::Result<()> {
        let mut options = private::writing();
        let mut file = bounded::open(options.read(true).create(true).truncate(false), &self.path)?;
        bounded::lock(&file)?;
        let before = read_all(&mut file)?;
        let mut book = self.read(&before);
        job(&mut book);
        let after = self.content(&book, before.len())?;
        if after != before {
            file.rewind()?;
            file.write_all(&after)?;
        }
        Ok(())
    }
}

/// All of a file that can be a book; another one is emptied.
fn read_all(file: &mut File) -> io::Result<Vec<u8>> {
    if file.metadata()?.len() > MOST {
        file.set_len(0)?;
    }
    let mut content = Vec::new();
    file.read_to_end(&mut content)?;
    Ok(content)
}

#[cfg(test)]
mod tests;
