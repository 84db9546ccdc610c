//! A desk without a terminal: a server that runs by itself, and the real binary with arguments,
//! environment and standard input, which gives its output and its exit code.

#![allow(dead_code, reason = "each file uses what it needs")]

use std::{
    io::Write as _,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use growdesk::{
    config::Folders,
    sandbox::{Fault, FaultId, FaultKind, Options, Sandbox},
    store::Store,
};
use rusqlite::Connection;
use secrecy::ExposeSecret as _;
use serde_json::Value;
use tempfile::TempDir;

/// How long a test waits for what has to come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);

/// A server, and a folder for the files of the profile on it.
pub(crate) struct Desk {
    pub(crate) runtime: tokio::runtime::Runtime,
    pub(crate) sandbox: Option<Sandbox>,
    pub(crate) folder: TempDir,
}

/// What a command printed, and how it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) code: i32,
}

impl Desk {
    /// A desk whose 60 tickets are the same in each run.
    pub(crate) fn open() -> Self {
        Self::with(60)
    }

    /// A desk with so many tickets.
    pub(crate) fn with(tickets: usize) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let now = "2026-03-03T14:00:00Z".parse().expect("a time");
        let options = Options {
            db: Some(folder.path().join("desk.db")),
            tickets,
            now: Some(now),
            ..Options::default()
        };
        let sandbox = runtime.block_on(Sandbox::start(options)).expect("the sandbox starts");
        Self { runtime, sandbox: Some(sandbox), folder }
    }

    pub(crate) fn sandbox(&self) -> &Sandbox {
        self.sandbox.as_ref().expect("it runs")
    }

    /// The server goes away.
    pub(crate) fn stop_server(&mut self) {
        if let Some(sandbox) = self.sandbox.take() {
            self.runtime.block_on(sandbox.stop());
        }
    }

    /// The configuration file, which need not be there.
    pub(crate) fn config(&self) -> PathBuf {
        self.folder.path().join("config.toml")
    }

    pub(crate) fn write_config(&self, text: &str) {
        std::fs::write(self.config(), text).expect("a configuration");
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The environment of a command: a profile on the server, in UTC, without a limit of requests.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        let mut all = vec![
            ("HOME", self.folder.path().display().to_string()),
            ("TZ", "UTC".to_owned()),
            ("GROWDESK_DATA", self.data().display().to_string()),
            ("GROWDESK_CONFIG", self.config().display().to_string()),
            ("GROWDESK_HOLD_SECONDS", "0".to_owned()),
            ("GROWDESK_TIMEOUT_SECONDS", "20".to_owned()),
            ("GROWDESK_GRACE_SECONDS", "5".to_owned()),
            ("GROWDESK_REQUESTS_PER_MINUTE", "0".to_owned()),
        ];
        if let Some(sandbox) = &self.sandbox {
            all.push(("GROWDESK_URL", sandbox.url()));
            all.push(("GROWDESK_API_KEY", sandbox.api_key().expose_secret().to_owned()));
        }
        all
    }

    /// The command, not run yet. Its standard input is empty.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_growdesk"));
        command.args(arguments).env_clear().envs(self.environment()).stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        finish(self.command(arguments), b"")
    }

    /// Runs a command with this on its standard input.
    pub(crate) fn run_with(&self, arguments: &[&str], input: impl AsRef<[u8]>) -> Ran {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped());
        finish(command, input.as_ref())
    }

    /// Runs a command that has to succeed.
    pub(crate) fn ok(&self, arguments: &[&str]) -> Ran {
        let ran = self.run(arguments);
        assert_eq!(ran.code, 0, "{arguments:?}: {ran:?}");
        ran
    }

    /// The JSON that a command prints, which has to succeed. `--json` is added.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        self.ok(&[arguments, &["--json"]].concat()).json()
    }

    /// A file of the profile's store.
    pub(crate) fn store_file(&self, name: &str) -> PathBuf {
        self.store_folder().join(name)
    }

    fn store_folder(&self) -> PathBuf {
        let folders =
            Folders::find(Some(self.config()), Some(self.data())).expect("both are named");
        let url = self.sandbox().url().parse().expect("an address");
        folders.profile_dir("environment", &url)
    }

    /// The profile's store. The folder of the profile is made by the first command.
    pub(crate) fn store(&self) -> Store {
        let folders =
            Folders::find(Some(self.config()), Some(self.data())).expect("both are named");
        let url = self.sandbox().url().parse().expect("an address");
        let folder = folders.profile_dir("environment", &url);
        self.runtime.block_on(Store::open(&folder)).expect("the store opens").store
    }

    /// Asks the server's database.
    pub(crate) fn ask<T: rusqlite::types::FromSql>(&self, sql: &str) -> T {
        self.db().query_row(sql, [], |row| row.get(0)).unwrap_or_else(|it| panic!("{sql}: {it}"))
    }

    /// Changes the server's database behind its back.
    pub(crate) fn change(&self, sql: &str) {
        self.db().execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// The same, with a text that no statement has to quote.
    pub(crate) fn change_to(&self, sql: &str, text: &str) {
        self.db().execute(sql, [text]).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    fn db(&self) -> Connection {
        let db = Connection::open(self.folder.path().join("desk.db")).expect("the database");
        db.busy_timeout(PATIENCE).expect("a time to wait");
        db
    }

    /// What goes wrong from now on.
    pub(crate) fn fault(&self, fault: Fault) -> FaultId {
        self.sandbox().faults().add(fault)
    }

    /// Every request goes wrong like this, until it is removed.
    pub(crate) fn always(&self, kind: FaultKind) -> FaultId {
        self.fault(Fault::new(None, "/api/**", kind))
    }

    /// How many requests of a method the server got.
    pub(crate) fn requests(&self, method: &str) -> usize {
        self.sandbox().requests().iter().filter(|it| it.method.as_str() == method).count()
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.stop_server();
    }
}

impl Ran {
    /// Standard output as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The last line of standard error as the JSON object of an error.
    pub(crate) fn error(&self) -> Value {
        let last = self.stderr.lines().last().unwrap_or_default();
        let said: Value =
            serde_json::from_str(last).unwrap_or_else(|error| panic!("{error}: {self:?}"));
        said["error"].clone()
    }

    /// The exit code has to be this one; what was said comes back.
    pub(crate) fn fails(&self, code: i32) -> &str {
        assert_eq!(self.code, code, "{self:?}");
        &self.stderr
    }
}

/// Runs a command to its end. A command that does not end is killed, and the test fails.
pub(crate) fn finish(mut command: Command, input: &[u8]) -> Ran {
    let mut child =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
    let writing = child.stdin.take().map(|mut stdin| {
        let input = input.to_vec();
        std::thread::spawn(move || {
            // A command that ends before it has read everything is no failure here.
            let _ = stdin.write_all(&input);
        })
    });
    let ran = ended(child);
    if let Some(writing) = writing {
        writing.join().expect("the input was written");
    }
    ran
}

/// Waits for the end of a command whose output is piped. A command that does not end is killed, and
/// the test fails.
pub(crate) fn ended(child: Child) -> Ran {
    let id = child.id();
    let (done, ended) = std::sync::mpsc::channel();
    let waiting = std::thread::spawn(move || {
        let output = child.wait_with_output();
        let _ = done.send(());
        output
    });
    if ended.recv_timeout(PATIENCE).is_err() {
        let _ = Command::new("kill").args(["-9", &id.to_string()]).status();
        let output = waiting.join().expect("it was waited for");
        panic!("the command did not end: {output:?}");
    }
    let output = waiting.join().expect("it was waited for").expect("its output");
    Ran {
        stdout: String::from_utf8(output.stdout).expect("text"),
        stderr: String::from_utf8(output.stderr).expect("text"),
        code: output.status.code().unwrap_or(-1),
    }
}

/// Waits until something is so.
pub(crate) fn wait_for(what: &str, mut is_so: impl FnMut() -> bool) {
    let since = Instant::now();
    while !is_so() {
        assert!(since.elapsed() < PATIENCE, "{what} did not come");
        std::thread::sleep(Duration::from_millis(20));
    }
}
