//! The programs that are compared: the console, the floor, and peers where they are installed.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context as _, bail};
use growdesk::{config::Folders, desk::LastScreen, store::Store};
use tempfile::TempDir;

use crate::{made_up::sketch, pty::Session, tickets};

/// The address of the profile whose mirror is opened; nothing is ever asked of it.
const ADDRESS: &str = "https://crm.example";

/// The name of the profile that the environment makes.
const PROFILE: &str = "environment";

/// A program, and how it is told that it has started.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    /// Its name in the tables.
    pub(crate) name: String,
    path: PathBuf,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    /// What is on the screen when its first rows are.
    shown: String,
    /// What is on the screen when it has read everything, where the screen tells.
    loaded: String,
    /// The keys that end it.
    quit: &'static str,
}

impl Program {
    /// Starts it, and waits until it has read everything; how long either took.
    pub(crate) fn start(&self) -> anyhow::Result<(Session, Started)> {
        let mut session = Session::start(&self.path, &self.arguments, &self.environment)?;
        let shown = session.started(&self.shown).with_context(|| self.name.clone())?;
        let loaded = match session.text().contains(&self.loaded) {
            true => shown,
            false => session.started(&self.loaded).with_context(|| self.name.clone())?,
        };
        session.rest();
        Ok((session, Started { shown, loaded }))
    }

    /// Ends it from its list.
    pub(crate) fn end(&self, session: Session) -> anyhow::Result<()> {
        session.end(self.quit).with_context(|| self.name.clone())
    }
}

/// How long a start took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Started {
    /// Until the first rows were on screen.
    pub(crate) shown: Duration,
    /// Until everything was read, where the screen tells.
    pub(crate) loaded: Duration,
}

/// The console without a server on a mirror of so many tickets.
pub(crate) struct Mirror {
    pub(crate) count: usize,
    home: TempDir,
}

impl Mirror {
    /// Makes a mirror.
    pub(crate) fn fill(count: usize) -> anyhow::Result<Self> {
        let mirror = Self { count, home: tempfile::tempdir()? };
        let runtime = tokio::runtime::Runtime::new()?;
        runtime.block_on(async {
            let folder = mirror.folder()?;
            fs::create_dir_all(&folder)?;
            tickets::fill(&folder, count).await?;
            let store = Store::open(&folder).await?.store;
            let screen = LastScreen { view: "All".into(), ..LastScreen::default() };
            store.remember("screen", serde_json::to_value(screen)?).await?;
            store.close().await;
            anyhow::Ok(())
        })?;
        // What a console remembers when it is left is there from the first measured start on.
        let console = mirror.console();
        let (session, _) = console.start()?;
        console.end(session)?;
        Ok(mirror)
    }

    fn folder(&self) -> anyhow::Result<PathBuf> {
        let folders = Folders::find(Some(self.home.path().join("config.toml")), Some(self.data()))?;
        Ok(folders.profile_dir(PROFILE, &url::Url::parse(ADDRESS)?))
    }

    fn data(&self) -> PathBuf {
        self.home.path().join("data")
    }

    /// The console on this mirror.
    pub(crate) fn console(&self) -> Program {
        let set = |name: &str, value: &Path| (name.to_owned(), value.display().to_string());
        Program {
            name: "growdesk".into(),
            path: env!("CARGO_BIN_EXE_growdesk").into(),
            arguments: vec!["--offline".into()],
            environment: vec![
                set("GROWDESK_DATA", &self.data()),
                set("GROWDESK_CONFIG", &self.home.path().join("config.toml")),
                set("GROWDESK_URL", Path::new(ADDRESS)),
                set("GROWDESK_API_KEY", Path::new("none")),
            ],
            shown: newest(self.count),
            loaded: format!(" {} tickets", self.count),
            quit: "q",
        }
    }
}

/// The first words of the newest of so many tickets: they are on screen when the list is.
fn newest(count: usize) -> String {
    sketch(0, count).subject.chars().take(16).collect()
}

/// The floor with so many rows, a text beside them or not. It is built as the console is.
pub(crate) fn floor(count: usize, text: bool) -> anyhow::Result<Program> {
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--profile", "bench", "--example", "floor"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()?;
    let folder = Path::new(env!("CARGO_BIN_EXE_growdesk")).parent();
    let path = folder.context("the console has no folder")?.join("examples/floor");
    if !built.success() || !path.exists() {
        bail!("the example `floor` could not be built");
    }
    let mut arguments = vec![count.to_string()];
    arguments.extend(text.then(|| "--text".to_owned()));
    Ok(Program {
        name: if text { "floor with text" } else { "floor" }.into(),
        path,
        arguments,
        environment: Vec::new(),
        shown: newest(count),
        loaded: String::new(),
        quit: "q",
    })
}

/// `less` on a file of so many rows, and `tig` in a repository of so many commits, where they are
/// installed. The folder must outlive them.
pub(crate) fn peers(folder: &Path, count: usize) -> anyhow::Result<Vec<Program>> {
    let mut peers = Vec::new();
    match found("less") {
        Some(path) => peers.push(less(path, folder, count)?),
        None => println!("less is not installed: left out"),
    }
    match (found("tig"), found("git")) {
        (Some(path), Some(git)) => peers.push(tig(path, &git, folder, count)?),
        _ => println!("tig is not installed: left out"),
    }
    Ok(peers)
}

fn less(path: PathBuf, folder: &Path, count: usize) -> anyhow::Result<Program> {
    let file = folder.join("rows");
    let row = |at| {
        let it = sketch(at, count);
        format!("{:>6} {} {}\n", it.id, it.subject, it.tags.join(" "))
    };
    fs::write(&file, (0..count).map(row).collect::<String>())?;
    Ok(Program {
        name: "less".into(),
        path,
        arguments: vec![file.display().to_string()],
        environment: Vec::new(),
        shown: newest(count),
        loaded: String::new(),
        quit: "q",
    })
}

fn tig(path: PathBuf, git: &Path, folder: &Path, count: usize) -> anyhow::Result<Program> {
    let run = |arguments: &[&str], input: String| -> anyhow::Result<()> {
        let file = folder.join("commits");
        fs::write(&file, input)?;
        let status = Command::new(git)
            .current_dir(folder)
            .args(arguments)
            .stdin(fs::File::open(file)?)
            .status()?;
        if status.success() { Ok(()) } else { bail!("git could not make a repository for tig") }
    };
    run(&["init", "--quiet", "--initial-branch=main"], String::new())?;
    let commit = |at: usize| {
        let it = sketch(count - 1 - at, count);
        let (who, when) = (crate::made_up::client(it.client), 1_700_000_000 + 60 * at);
        let subject = it.subject;
        format!(
            "commit refs/heads/main\ncommitter {who} <a@b> {when} +0000\ndata {}\n{subject}\n",
            subject.len()
        )
    };
    run(&["fast-import", "--quiet"], (0..count).map(commit).collect())?;
    let home = folder.display().to_string();
    Ok(Program {
        name: "tig".into(),
        path,
        arguments: Vec::new(),
        environment: vec![("GIT_DIR".into(), format!("{home}/.git")), ("HOME".into(), home)],
        shown: newest(count),
        loaded: String::new(),
        quit: "Q",
    })
}

fn found(program: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).map(|it| it.join(program)).find(|it| it.is_file())
}
