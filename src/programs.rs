//! Programs that the console starts: the editor, the browser, the command that prints a key. All are
//! made here, so that none inherits a secret of the console's.

use std::{ffi::OsStr, process::Stdio};

use tokio::process::Command;

use crate::config::SECRET_VARIABLES;

/// A program that is to be started, without the console's secrets in its environment.
pub(crate) fn program(name: impl AsRef<OsStr>) -> Command {
    without_secrets(std::process::Command::new(name))
}

/// Opens an address as the desktop does. The program that does it lives by itself, and says nothing
/// on the terminal.
///
/// # Errors
/// Where no program for it can be started.
pub(crate) fn open_address(address: &str) -> std::io::Result<()> {
    let mut outcome = Err(std::io::ErrorKind::NotFound.into());
    for command in open::commands(address) {
        let mut command = without_secrets(command);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        #[cfg(unix)]
        command.process_group(0);
        outcome = command.spawn().map(drop);
        if outcome.is_ok() {
            break;
        }
    }
    outcome
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
