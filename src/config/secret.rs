//! Where API keys come from. A key is in no message, no log and no `Debug` output of this module.

use std::{
    io,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use secrecy::SecretString;
use tokio::io::AsyncReadExt as _;

use crate::{bounded, programs};

/// How long a command may take to print a key.
const COMMAND_TIME: Duration = Duration::from_secs(30);

/// The most bytes of a file or of a command's output that are looked at.
const MOST_BYTES: u64 = 64 * 1024;

/// Where a profile's key comes from.
#[derive(Clone, Debug)]
pub enum KeySource {
    /// It was in the environment.
    Environment(SecretString),
    /// A program, with its arguments, prints it on its first line.
    Command(Vec<String>),
    /// It is the first line of a file that only the user may read.
    File(PathBuf),
}

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The command can't be run.
    #[error("the api_key_command \"{program}\" can't be run: {source}")]
    Start {
        /// The program.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// The command failed.
    #[error(
        "the api_key_command \"{program}\" failed ({status}); what it said is not shown, since it may \
         hold the key: run it by itself to see it"
    )]
    Failed {
        /// The program.
        program: String,
        /// How it ended.
        status: String,
    },
    /// The command took too long.
    #[error("the api_key_command \"{program}\" printed no key within 30 seconds")]
    TimedOut {
        /// The program.
        program: String,
    },
    /// The file can't be read.
    #[error("the api_key_file {} can't be read: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Others may read or change the file.
    #[error(
        "the api_key_file {path} can be read or changed by others (mode {mode:04o}); \
         mend it with: chmod 600 '{path}'",
        path = path.display()
    )]
    Permissions {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// The file belongs to somebody else.
    #[error(
        "the api_key_file {path} belongs to another user; mend it with: chown \"$USER\" '{path}'",
        path = path.display()
    )]
    Owner {
        /// The file.
        path: PathBuf,
    },
    /// There is no key in it.
    #[error("there is no key in the first line of {place}")]
    Empty {
        /// Where it was looked for.
        place: String,
    },
    /// What is there can't be a key.
    #[error(
        "the first line of {place} can't be a key: it holds spaces or other characters that a key never has"
    )]
    Unusable {
        /// Where it was looked for.
        place: String,
    },
}

impl KeySource {
    /// Gets the key. A command has no standard input and at most 30 seconds.
    ///
    /// # Errors
    /// Says what is wrong and how it is mended, never what was read.
    pub async fn read(&self) -> Result<SecretString, SecretError> {
        match self {
            Self::Environment(key) => Ok(key.clone()),
            Self::Command(argv) => {
                let (output, program) = run(argv).await?;
                first_line(&output, &format!("what the api_key_command \"{program}\" prints"))
            }
            Self::File(path) => {
                let content = read_file(path)?;
                first_line(&content, &format!("the api_key_file {}", path.display()))
            }
        }
    }
}

async fn run(argv: &[String]) -> Result<(Vec<u8>, String), SecretError> {
    let (program, arguments) = argv.split_first().ok_or_else(|| SecretError::Start {
        program: String::new(),
        source: io::ErrorKind::InvalidInput.into(),
    })?;
    let mut command = programs::program(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let failed = |source| SecretError::Start { program: program.clone(), source };
    let mut child = command.kill_on_drop(true).spawn().map_err(failed)?;
    let printed = child.stdout.take();
    let output = async {
        let mut content = Vec::new();
        if let Some(printed) = printed {
            printed.take(MOST_BYTES).read_to_end(&mut content).await?;
        }
        // If a command prints without end, its first line still counts.
        let ended = (content.len() as u64) < MOST_BYTES;
        io::Result::Ok((content, if ended { Some(child.wait().await?) } else { None }))
    };
    let (content, status) = tokio::time::timeout(COMMAND_TIME, output)
        .await
        .map_err(|_| SecretError::TimedOut { program: program.clone() })?
        .map_err(failed)?;
    match status {
        Some(status) if !status.success() => {
            Err(SecretError::Failed { program: program.clone(), status: status.to_string() })
        }
        _ => Ok((content, program.clone())),
    }
}

fn read_file(path: &Path) -> Result<Vec<u8>, SecretError> {
    let owned = path.to_owned();
    let read = move || {
        let failed = |source| SecretError::Read { path: owned.clone(), source };
        let file = std::fs::File::open(&owned).map_err(failed)?;
        check_owner(&owned, &file.metadata().map_err(failed)?)?;
        bounded::read_to(file, MOST_BYTES).map_err(failed)
    };
    let slow = || SecretError::Read { path: path.to_owned(), source: bounded::too_slow() };
    bounded::in_time(read).unwrap_or_else(|| Err(slow()))
}

#[cfg(unix)]
fn check_owner(path: &Path, metadata: &std::fs::Metadata) -> Result<(), SecretError> {
    use std::os::unix::fs::MetadataExt as _;
    let mode = metadata.mode() & 0o777;
    if metadata.uid() != rustix::process::geteuid().as_raw() {
        return Err(SecretError::Owner { path: path.to_owned() });
    }
    if mode & 0o077 != 0 {
        return Err(SecretError::Permissions { path: path.to_owned(), mode });
    }
    Ok(())
}

/// Other systems have no modes; the user's folder is the user's there.
#[cfg(not(unix))]
fn check_owner(_: &Path, _: &std::fs::Metadata) -> Result<(), SecretError> {
    Ok(())
}

fn first_line(content: &[u8], place: &str) -> Result<SecretString, SecretError> {
    let line = content.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii();
    match std::str::from_utf8(line) {
        Ok("") => Err(SecretError::Empty { place: place.to_owned() }),
        Ok(key) if is_key(key) => Ok(key.into()),
        _ => Err(SecretError::Unusable { place: place.to_owned() }),
    }
}

/// Whether it can be sent as a key at all: visible ASCII without spaces.
pub(super) fn is_key(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(all(test, unix))]
#[expect(clippy::unwrap_used, reason = "a test that can't go on says so")]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use secrecy::ExposeSecret as _;

    use super::*;

    fn command(script: &str) -> KeySource {
        KeySource::Command(["sh", "-c", script].map(String::from).to_vec())
    }

    fn key_file(content: &str, mode: u32) -> (tempfile::TempDir, KeySource) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        (folder, KeySource::File(path))
    }

    #[tokio::test]
    async fn a_command_prints_the_key_on_its_first_line() {
        let key = command("echo ' s3cret '; echo more").read().await.unwrap();
        assert_eq!(key.expose_secret(), "s3cret");
    }

    #[tokio::test]
    async fn arguments_are_no_shell() {
        let source = KeySource::Command(vec!["echo".into(), "$HOME;x".into()]);
        assert_eq!(source.read().await.unwrap().expose_secret(), "$HOME;x");
    }

    #[tokio::test]
    async fn nothing_that_a_command_says_is_shown_where_it_fails() {
        let error = command("echo s3cret; printf 'key is \\033[31ms3cret\\033[0m' >&2; exit 3")
            .read()
            .await
            .unwrap_err();
        let said = error.to_string();
        assert!(said.contains("exit status: 3") && said.contains("run it by itself"), "{said}");
        assert!(
            !said.contains('\u{1b}') && !format!("{error:?}{said}").contains("s3cret"),
            "{said}"
        );
        let error = KeySource::Command(vec!["/no/such/program".into()]).read().await.unwrap_err();
        assert!(error.to_string().contains("/no/such/program"), "{error}");
    }

    #[tokio::test]
    async fn a_file_has_to_be_the_users_alone() {
        let (_folder, source) = key_file("s3cret\n", 0o600);
        assert_eq!(source.read().await.unwrap().expose_secret(), "s3cret");
        let (_folder, source) = key_file("s3cret", 0o400);
        assert_eq!(source.read().await.unwrap().expose_secret(), "s3cret");
        for mode in [0o640, 0o604, 0o660, 0o620] {
            let (_folder, source) = key_file("s3cret\n", mode);
            let error = source.read().await.unwrap_err().to_string();
            assert!(error.contains("chmod 600") && !error.contains("s3cret"), "{error}");
        }
    }

    #[tokio::test]
    async fn what_is_no_key_is_said_without_showing_it() {
        for content in ["", "\n", "  \nkey", "two words", "k\u{e9}y", "a\tb"] {
            let (_folder, source) = key_file(content, 0o600);
            let error = source.read().await.unwrap_err().to_string();
            assert!(error.contains("first line"), "{error}");
            assert!(!error.contains("words"), "{error}");
        }
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn what_never_answers_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("key");
        bounded::pipe(&pipe);
        let error = KeySource::File(pipe).read().await.unwrap_err().to_string();
        assert!(error.contains("nothing came from it"), "{error}");
        let key = command("yes s3cret").read().await.unwrap();
        assert_eq!(key.expose_secret(), "s3cret", "a program that prints without end");
    }

    #[test]
    fn debug_shows_no_key() {
        let source = KeySource::Environment("s3cret".into());
        assert!(!format!("{source:?}").contains("s3cret"));
    }
}
