//! A desk as it is used: a server that runs by itself, and the real binary in a pseudo-terminal.

#![allow(dead_code, reason = "each test binary uses what it needs")]

use std::process::Command;

use growdesk::sandbox::{Options, Sandbox};
use rusqlite::Connection;
use secrecy::ExposeSecret as _;
use tempfile::TempDir;

use crate::pty::Console;

/// A desk: a server that runs by itself, and a folder for the console's files.
pub(crate) struct Desk {
    pub(crate) runtime: tokio::runtime::Runtime,
    pub(crate) sandbox: Option<Sandbox>,
    pub(crate) folder: TempDir,
}

impl Desk {
    pub(crate) fn open() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let options = Options { db: Some(folder.path().join("desk.db")), ..Options::default() };
        let sandbox = runtime.block_on(Sandbox::start(options)).expect("the sandbox starts");
        Self { runtime, sandbox: Some(sandbox), folder }
    }

    pub(crate) fn environment(&self) -> [(&'static str, String); 7] {
        let sandbox = self.sandbox.as_ref().expect("it runs");
        [
            ("GROWDESK_URL", sandbox.url()),
            ("GROWDESK_API_KEY", sandbox.api_key().expose_secret().to_owned()),
            ("GROWDESK_HOLD_SECONDS", "1".to_owned()),
            ("GROWDESK_TIMEOUT_SECONDS", "5".to_owned()),
            ("GROWDESK_GRACE_SECONDS", "5".to_owned()),
            ("GROWDESK_REQUESTS_PER_MINUTE", "0".to_owned()),
            // A test that waits in vain prints it.
            ("GROWDESK_LOG", "debug".to_owned()),
        ]
    }

    pub(crate) fn console(&self) -> Console {
        let environment = self.environment();
        let environment: Vec<(&str, &str)> =
            environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let console = Console::start(&[], &environment, self.folder.path());
        console.wait_for("online");
        console.wait_for("250 tickets");
        console
    }

    /// What a command prints about what the console left behind.
    pub(crate) fn printed(&self, arguments: &[&str]) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_growdesk"))
            .args(arguments)
            .env_clear()
            .env("HOME", self.folder.path())
            .env("GROWDESK_DATA", self.folder.path().join("data"))
            .env("GROWDESK_CONFIG", self.folder.path().join("config.toml"))
            .envs(self.environment())
            .output()
            .expect("the binary starts");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("text")
    }

    /// Asks the server's database.
    pub(crate) fn ask<T: rusqlite::types::FromSql>(&self, sql: &str) -> T {
        let db = Connection::open(self.folder.path().join("desk.db")).expect("the database");
        db.query_row(sql, [], |row| row.get(0)).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        if let Some(sandbox) = self.sandbox.take() {
            self.runtime.block_on(sandbox.stop());
        }
    }
}

/// Waits until nothing is in the outbox, here and on the screen. A notice may take the place of what
/// the screen says of it.
pub(crate) fn wait_recorded(console: &Console) {
    let profiles =
        std::fs::read_dir(console.data().join("profiles")).expect("its folder").flatten();
    let work = profiles.map(|it| it.path().join("work.db")).find(|it| it.exists());
    let work = Connection::open(work.expect("a profile")).expect("its store");
    let open = "SELECT count(*) FROM outbox WHERE settled IS NULL";
    console.wait_until("all is recorded", |screen| {
        !screen.contains("outbox ") && work.query_row(open, [], |row| row.get(0)) == Ok(0)
    });
}

/// Leaves the console, whose terminal then is as it was. It may not know yet that all is recorded.
pub(crate) fn leave(mut console: Console) {
    console.type_keys("q");
    let asked = console.ended_unless(|screen| screen.contains("Everything is recorded or kept"));
    if asked.is_none() {
        console.type_keys("k");
    }
    assert!(console.ended().success());
    console.wait_restored();
    assert!(!console.has_alternate_screen());
}
