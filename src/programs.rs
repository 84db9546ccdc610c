//! Programs that the console starts: the editor, the browser, the command that prints a key. All of
//! them are started from here, so that none inherits a secret of the console.

use std::{ffi::OsStr, io::ErrorKind, process::Stdio, time::Duration};

use tokio::{process::Command, time::timeout};

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
                } else if !path.ends_with("programs.rs") {
                    let text = std::fs::read_to_string(&path).unwrap();
                    for way in ["Command::new(", "open::that"] {
                        assert!(!text.contains(way), "{} starts a program", path.display());
                    }
                }
            }
        }
    }
}
