//! Reads files that may be anything: a pipe to which nobody writes, a device without end, a disk
//! that does not answer.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read as _},
    path::Path,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

/// How long reading a file, or getting a lock, may take.
const PATIENCE: Duration = Duration::from_secs(if cfg!(test) { 1 } else { 10 });
/// How soon a lock that another process holds is asked for again.
const AGAIN: Duration = Duration::from_millis(20);

/// Reads a file of at most `most` bytes.
///
/// # Errors
/// If it can't be read, is larger, or does not come within ten seconds.
pub(crate) fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let owned = path.to_owned();
    in_time(move || read_to(File::open(owned)?, most)).unwrap_or_else(|| Err(too_slow()))
}

/// The rest of an open file, at most `most` bytes.
pub(crate) fn read_to(file: File, most: u64) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    file.take(most.saturating_add(1)).read_to_end(&mut content)?;
    if content.len() as u64 > most {
        return Err(io::Error::other(format!("it is larger than {} KiB", most >> 10)));
    }
    Ok(content)
}

/// The error for a file that did not come in time.
pub(crate) fn too_slow() -> io::Error {
    let seconds = PATIENCE.as_secs();
    io::Error::new(
        io::ErrorKind::TimedOut,
        format!("nothing came from it within {seconds} seconds"),
    )
}

/// Does work that may never end. `None` if it does not end in time; its thread is left behind then.
pub(crate) fn in_time<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (done, result) = mpsc::channel();
    // If it was too slow, nobody listens any more.
    let run = move || drop(done.send(work()));
    thread::Builder::new().name("slow file".into()).spawn(run).ok()?;
    result.recv_timeout(PATIENCE).ok()
}

/// Opens a file. If it is a pipe, this does not wait for the process at its other end.
pub(crate) fn open(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    #[cfg(unix)]
    {
        let flags = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
        std::os::unix::fs::OpenOptionsExt::custom_flags(options, flags);
    }
    let file = options.open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is a pipe, a device or a folder, and no file"));
    }
    Ok(file)
}

/// Locks a file, if the process that has it lets go of it in time.
pub(crate) fn lock(file: &File) -> io::Result<()> {
    let begun = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(std::fs::TryLockError::Error(error)) => return Err(error),
            Err(std::fs::TryLockError::WouldBlock) if begun.elapsed() < PATIENCE => {
                thread::sleep(AGAIN);
            }
            Err(std::fs::TryLockError::WouldBlock) => {
                let why = "another growdesk has had it for ten seconds; is one of them stopped? \
                           `fg` or `kill` ends that";
                return Err(io::Error::new(io::ErrorKind::TimedOut, why));
            }
        }
    }
}

/// Makes a pipe with a name, for the user alone.
#[cfg(all(test, target_os = "linux"))]
pub(crate) fn pipe(path: &Path) {
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    rustix::fs::mkfifoat(rustix::fs::CWD, path, mode).expect("a pipe");
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn what_never_ends_or_never_comes_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let error = read(Path::new("/dev/zero"), 4096).unwrap_err();
        assert_eq!(error.to_string(), "it is larger than 4 KiB");
        let silent = folder.path().join("silent");
        pipe(&silent);
        assert_eq!(read(&silent, 4096).unwrap_err().kind(), io::ErrorKind::TimedOut);
        let error = open(OpenOptions::new().read(true), &silent).unwrap_err();
        assert!(error.to_string().contains("no file"), "{error}");
        // A pipe that somebody writes to is as good as a file.
        let spoken = folder.path().join("spoken");
        pipe(&spoken);
        open(OpenOptions::new().write(true), &spoken).unwrap_err();
        let writer = std::thread::spawn({
            let spoken = spoken.clone();
            move || std::fs::write(spoken, "key\n").unwrap()
        });
        assert_eq!(read(&spoken, 4096).unwrap(), b"key\n");
        writer.join().unwrap();
    }

    #[test]
    fn a_lock_that_is_never_let_go_of_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let first = File::create(&path).unwrap();
        lock(&first).unwrap();
        let second = File::open(&path).unwrap();
        let error = lock(&second).unwrap_err();
        assert!(error.to_string().contains("another growdesk"), "{error}");
        drop(first);
        lock(&second).unwrap();
    }
}
