//! A profile whose console opens without a server: what it shows is in its store already.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use growdesk::{
    config::Folders,
    domain::{Draft, DraftKey, DraftKind, FullTicket, Html, Line, Ticket, TicketId},
    store::Store,
};
use tempfile::TempDir;

use crate::pty::Console;

/// An address at which nobody answers; the consoles are opened with `--offline`.
const URL: &str = "http://127.0.0.1:9";

/// How many tickets there are: #1 and on.
pub(crate) const TICKETS: i64 = 12;

/// Names the folder of the desk to the process that plays a terminal window.
const FOLDER: &str = "GROWDESK_TEST_WINDOW";

/// A folder with a filled store.
pub(crate) struct Desk {
    runtime: tokio::runtime::Runtime,
    pub(crate) folder: TempDir,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime");
        let desk = Self { runtime, folder: tempfile::tempdir().expect("a folder") };
        desk.with_store(async |store| {
            let tickets = (1..=TICKETS).map(|id| FullTicket {
                ticket: Ticket {
                    subject: Line::from_cleaned(format!("Printer {id} is on fire"), None),
                    ..Ticket::sparse(TicketId(id))
                },
                message: Html::new("<p>Help!</p>"),
            });
            store.save_tickets(tickets.collect(), jiff::Timestamp::now()).await.expect("a mirror");
        });
        desk
    }

    /// The folder that the console keeps the profile's files in.
    pub(crate) fn profile(&self) -> PathBuf {
        let data = self.folder.path().join("data");
        let folders = Folders::find(Some("none".into()), Some(data)).expect("folders");
        folders.profile_dir("environment", &URL.parse().expect("an address"))
    }

    /// Lets `job` have the store, as the next console would open it.
    pub(crate) fn with_store<T>(&self, job: impl AsyncFnOnce(&Store) -> T) -> T {
        self.runtime.block_on(async {
            let store = Store::open(&self.profile()).await.expect("the store opens").store;
            let done = job(&store).await;
            store.close().await;
            done
        })
    }

    pub(crate) fn draft(&self, key: DraftKey) -> Option<Draft> {
        self.with_store(async |store| store.draft(key).await.expect("the store answers"))
    }

    pub(crate) fn open(&self) -> Console {
        Self::open_in(self.folder.path())
    }

    /// Runs the ignored test `window`, which plays a terminal window, says which process its console
    /// is and ends. Gives that process's folder in `/proc`.
    pub(crate) fn after_window(&self, window: &str) -> PathBuf {
        let window = Command::new(env::current_exe().expect("this test"))
            .args([window, "--exact", "--ignored", "--nocapture"])
            .env(FOLDER, self.folder.path())
            .stdout(Stdio::piped())
            .output()
            .expect("it runs");
        let said = String::from_utf8_lossy(&window.stdout);
        let process = said.lines().find_map(|line| line.split_once("console "));
        Path::new("/proc").join(process.expect("its process").1)
    }

    /// The folder of the desk that a window is run for; `None` where it is run for none.
    pub(crate) fn of_window() -> Option<PathBuf> {
        env::var_os(FOLDER).map(PathBuf::from)
    }

    /// Opens a console on the desk in `folder`.
    pub(crate) fn open_in(folder: &Path) -> Console {
        let console = Self::open_under(None, folder);
        console.wait_for("Printer");
        console
    }

    /// Opens a console, through a shell that runs `prelude` first where there is one.
    pub(crate) fn open_under(prelude: Option<&str>, folder: &Path) -> Console {
        let environment = [
            ("GROWDESK_URL", URL),
            ("GROWDESK_API_KEY", "nobody-asks"),
            ("GROWDESK_HOLD_SECONDS", "3600"),
        ];
        Console::start_under(prelude, &["--offline"], &environment, folder)
    }
}

/// The key of a draft on a ticket.
pub(crate) fn key(ticket: i64, kind: DraftKind) -> DraftKey {
    DraftKey::new(Some(TicketId(ticket)), kind)
}

/// Goes to a ticket and opens its reply or note pane.
pub(crate) fn compose(console: &mut Console, ticket: i64, kind: DraftKind) {
    console.press("gi", "Go to ticket");
    // While the ticket is looked for, keys are about the question.
    console.type_keys(&format!("{ticket}\r"));
    let title = format!("─ #{ticket} Printer");
    console.wait_until("there", |screen| screen.contains(&title) && !screen.contains("Go to"));
    match kind {
        DraftKind::Note => console.press("n", &format!("on #{ticket} · colleagues only")),
        _ => console.press("r", &format!("Reply to #{ticket}")),
    }
}
