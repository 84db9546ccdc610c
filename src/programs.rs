//! Programs that the console starts: the editor, the browser, the command that prints a key. All of
//! them are started from here, so that none inherits a secret of the console.

#[cfg(unix)]
use std::{
    collections::BTreeSet,
    sync::{Mutex, MutexGuard, PoisonError},
};
use std::{ffi::OsStr, io::ErrorKind, process::Stdio, time::Duration};

#[cfg(unix)]
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::{
    io::AsyncWriteExt as _,
    process::{Child, Command},
    time::{sleep, timeout},
};

use crate::config::SECRET_VARIABLES;

/// A program that is to be started, without the console's secrets in its environment.
pub(crate) fn program(name: impl AsRef<OsStr>) -> Command {
    without_secrets(std::process::Command::new(name))
}

/// How long a program that opens an address may take to fail: one that lives on has opened it.
const OPENS: Duration = Duration::from_secs(2);

/// Opens an address as the desktop does. The program that does it lives by itself, and says nothing
/// on the terminal. Comes back once one has ended well, or has lived for a while.
///
/// # Errors
/// If no program for it can be started, or each one fails.
pub(crate) async fn open_address(address: &str) -> std::io::Result<()> {
    let mut outcome = Err(std::io::ErrorKind::NotFound.into());
    for command in open::commands(address) {
        let mut command = without_secrets(command);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        #[cfg(unix)]
        command.process_group(0);
        match open(command).await {
            Ok(()) => return Ok(()),
            // A program that has failed says more than one that is not installed.
            Err(error) if error.kind() != ErrorKind::NotFound => outcome = Err(error),
            Err(_) => {}
        }
    }
    outcome
}

async fn open(mut command: Command) -> std::io::Result<()> {
    let mut child = command.spawn()?;
    match timeout(OPENS, child.wait()).await {
        Err(_) => Ok(()),
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(status)) => {
            let program = command.as_std().get_program().to_string_lossy().into_owned();
            Err(std::io::Error::other(format!("{program} failed ({status})")))
        }
        Ok(Err(error)) => Err(error),
    }
}

/// How long a program may take to end once it was asked to.
const GRACE: Duration = Duration::from_millis(300);

/// Runs a program that reads `input`, and waits for its end. It is ended after `patience`.
///
/// # Errors
/// The words for what went wrong.
pub(crate) async fn feed(
    mut command: Command,
    input: &[u8],
    patience: Duration,
) -> Result<(), String> {
    command.stdin(Stdio::piped());
    let mut group = Group::start(command).map_err(|error| error.to_string())?;
    let stdin = group.child.stdin.take();
    let feed = async {
        if let Some(mut stdin) = stdin {
            // A program need not read what it gets.
            let _ = stdin.write_all(input).await;
        }
    };
    let child = &mut group.child;
    let ended = timeout(patience, async { tokio::join!(feed, child.wait()).1 }).await;
    match ended {
        Ok(status) => {
            group.let_go();
            match status {
                Ok(status) if status.success() => Ok(()),
                Ok(status) => Err(format!("it failed ({status})")),
                Err(error) => Err(error.to_string()),
            }
        }
        Err(_) => {
            group.ask_to_end();
            sleep(GRACE).await;
            group.kill();
            let _ = group.child.wait().await;
            Err(format!("it was ended after {} s", patience.as_secs()))
        }
    }
}

/// The process groups that run, by the number of their first process.
#[cfg(unix)]
static GROUPS: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());

/// A program in a process group of its own, with all that it starts. The group is killed if this is
/// dropped, or if the console ends, unless the program was let go.
#[derive(Debug)]
pub(crate) struct Group {
    /// The program.
    pub(crate) child: Child,
    /// The group, as long as it is watched.
    #[cfg(unix)]
    id: Option<Pid>,
}

impl Group {
    /// Starts a program.
    ///
    /// # Errors
    /// If it can't be started.
    pub(crate) fn start(mut command: Command) -> std::io::Result<Self> {
        #[cfg(unix)]
        {
            let child = command.process_group(0).spawn()?;
            let id = child.id().and_then(|id| i32::try_from(id).ok());
            if let Some(id) = id {
                groups().insert(id);
            }
            Ok(Self { child, id: id.and_then(Pid::from_raw) })
        }
        #[cfg(not(unix))]
        Ok(Self { child: command.kill_on_drop(true).spawn()? })
    }

    /// Asks the whole group to end.
    pub(crate) fn ask_to_end(&self) {
        #[cfg(unix)]
        if let Some(id) = self.id {
            // If the signal can't be sent, the group has just ended.
            let _ = kill_process_group(id, Signal::TERM);
        }
    }

    /// Kills the whole group.
    pub(crate) fn kill(&mut self) {
        #[cfg(unix)]
        if let Some(id) = self.id.take() {
            let _ = kill_process_group(id, Signal::KILL);
            groups().remove(&id.as_raw_nonzero().get());
        }
        #[cfg(not(unix))]
        let _ = self.child.start_kill();
    }

    /// The program has ended by itself. What it has left behind on purpose, as a clipboard's owner
    /// does, lives on.
    pub(crate) fn let_go(mut self) {
        #[cfg(unix)]
        if let Some(id) = self.id.take() {
            groups().remove(&id.as_raw_nonzero().get());
        }
        let _ = &mut self;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

#[cfg(unix)]
fn groups() -> MutexGuard<'static, BTreeSet<i32>> {
    GROUPS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Kills every group that runs. The console ends.
pub(crate) fn kill_groups() {
    #[cfg(unix)]
    for id in std::mem::take(&mut *groups()).into_iter().filter_map(Pid::from_raw) {
        let _ = kill_process_group(id, Signal::KILL);
    }
}

fn without_secrets(mut command: std::process::Command) -> Command {
    for variable in SECRET_VARIABLES {
        command.env_remove(variable);
    }
    command.into()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn no_program_inherits_a_secret() {
        let command = program("env");
        let removed: Vec<_> = command.as_std().get_envs().filter(|(_, to)| to.is_none()).collect();
        assert_eq!(removed.len(), SECRET_VARIABLES.len());
    }

    #[tokio::test]
    async fn an_address_is_opened_once_its_program_has_ended_well_or_lives_on() {
        open(program("true")).await.unwrap();
        let failed = open(program("false")).await.unwrap_err().to_string();
        assert!(failed.contains("false failed (exit status: 1)"), "{failed}");
        let missing = open(program("growdesk-has-no-such-program")).await.unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::NotFound);
        let mut lives = program("sleep");
        lives.arg("30").kill_on_drop(true);
        tokio::time::pause();
        open(lives).await.unwrap();
    }

    #[test]
    fn programs_are_made_here_alone() {
        let mut folders =
            vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
        while let Some(folder) = folders.pop() {
            for path in std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()) {
                if path.is_dir() {
                    folders.push(path);
                } else if !path.ends_with("programs.rs") && !path.ends_with("tests.rs") {
                    let text = std::fs::read_to_string(&path).unwrap();
                    for way in ["Command::new(", "open::that"] {
                        assert!(!text.contains(way), "{} starts a program", path.display());
                    }
                }
            }
        }
    }
}
