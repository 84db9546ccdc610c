//! The real binary in a pseudo-terminal, as a person meets it.

#![allow(dead_code, reason = "each test binary uses what it needs")]

use std::{
    io::{Read as _, Write},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};

/// How long a condition may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// The console on a screen of 120 columns and 40 rows.
pub(crate) struct Console {
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    screen: Arc<Mutex<vt100::Parser>>,
    written: Arc<Mutex<Vec<u8>>>,
    terminal: Box<dyn MasterPty + Send>,
    stopped: Arc<AtomicBool>,
    folder: PathBuf,
}

impl Console {
    /// Starts the binary with these arguments and this environment, and nothing else of ours.
    pub(crate) fn start(arguments: &[&str], environment: &[(&str, &str)], folder: &Path) -> Self {
        Self::start_under(None, arguments, environment, folder)
    }

    /// Like [`Console::start`], under a shell that runs `prelude` and then becomes the binary.
    pub(crate) fn start_under(
        prelude: Option<&str>,
        arguments: &[&str],
        environment: &[(&str, &str)],
        folder: &Path,
    ) -> Self {
        let binary = env!("CARGO_BIN_EXE_growdesk");
        let mut command = match prelude {
            None => CommandBuilder::new(binary),
            Some(prelude) => {
                let mut shell = CommandBuilder::new("/bin/sh");
                shell.args(["-c", &format!("{prelude}; exec \"$0\" \"$@\""), binary]);
                shell
            }
        };
        command.args(arguments);
        Self::run(command, environment, folder)
    }

    /// Starts a program with this environment, and nothing else of ours.
    pub(crate) fn run(
        mut command: CommandBuilder,
        environment: &[(&str, &str)],
        folder: &Path,
    ) -> Self {
        let size = PtySize { rows: 40, cols: 120, ..PtySize::default() };
        let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
        command.env_clear();
        command.env("TERM", "xterm-256color");
        command.env("HOME", folder);
        command.env("GROWDESK_DATA", folder.join("data"));
        command.env("GROWDESK_CONFIG", folder.join("config.toml"));
        for (name, value) in environment {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).expect("the binary starts");
        drop(pair.slave);
        let mut output = pair.master.try_clone_reader().expect("its output");
        let keys = pair.master.take_writer().expect("its input");
        let screen = Arc::new(Mutex::new(vt100::Parser::new(40, 120, 0)));
        let written = Arc::new(Mutex::new(Vec::new()));
        let (shown, kept) = (Arc::clone(&screen), Arc::clone(&written));
        let stopped = Arc::new(AtomicBool::new(false));
        let is_stopped = Arc::clone(&stopped);
        thread::spawn(move || {
            let mut chunk = [0; 8192];
            while let Ok(count @ 1..) = output.read(&mut chunk) {
                kept.lock().expect("no panic while copying").extend_from_slice(&chunk[..count]);
                shown.lock().expect("no panic while parsing").process(&chunk[..count]);
                while is_stopped.load(Ordering::SeqCst) {
                    thread::sleep(Duration::from_millis(5));
                }
            }
        });
        let folder = folder.to_owned();
        Self { child, keys, screen, written, terminal: pair.master, stopped, folder }
    }

    /// What is on the screen.
    pub(crate) fn text(&self) -> String {
        self.screen.lock().expect("no panic while parsing").screen().contents()
    }

    /// All that the program has written to the terminal.
    pub(crate) fn written(&self) -> Vec<u8> {
        self.written.lock().expect("no panic while copying").clone()
    }

    /// Types, in one go.
    pub(crate) fn type_keys(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).and_then(|()| self.keys.flush()).expect("it listens");
    }

    /// Types, then waits until `text` is on the screen.
    pub(crate) fn press(&mut self, keys: &str, text: &str) {
        self.type_keys(keys);
        self.wait_for(text);
    }

    /// Waits until `text` is on the screen.
    pub(crate) fn wait_for(&self, text: &str) {
        self.wait_until(&format!("{text:?} on the screen"), |screen| screen.contains(text));
    }

    /// Waits until `text` is on the screen no more.
    pub(crate) fn wait_gone(&self, text: &str) {
        self.wait_until(&format!("{text:?} gone"), |screen| !screen.contains(text));
    }

    /// Waits until the screen is as wanted.
    pub(crate) fn wait_until(&self, what: &str, holds: impl Fn(&str) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !holds(&self.text()) {
            assert!(Instant::now() < deadline, "not {what}:\n{}\n{}", self.text(), self.log());
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Its log, where the environment asks for one.
    fn log(&self) -> String {
        std::fs::read_to_string(self.data().join("growdesk.log")).unwrap_or_default()
    }

    /// Where its files are.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Waits until the program has ended, and says how.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        self.ended_unless(|_| false).expect("it has ended")
    }

    /// Waits until the program has ended, and says how; no longer than until the screen is so.
    pub(crate) fn ended_unless(&mut self, so: impl Fn(&str) -> bool) -> Option<ExitStatus> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let status = self.child.try_wait().expect("it can be asked");
            if status.is_some() || so(&self.text()) {
                return status;
            }
            assert!(Instant::now() < deadline, "it has not ended:\n{}", self.text());
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Whether the program has the alternate screen: not after it has ended.
    pub(crate) fn has_alternate_screen(&self) -> bool {
        self.screen.lock().expect("no panic while parsing").screen().alternate_screen()
    }

    /// Whether the terminal gathers lines and echoes, as a shell expects it.
    pub(crate) fn is_cooked(&self) -> bool {
        let flags = self.terminal.get_termios().expect("its settings").local_flags;
        let flags = format!("{flags:?}");
        flags.contains("ICANON") && flags.contains("ECHO") && flags.contains("ISIG")
    }

    /// Waits until the terminal is as it was before.
    pub(crate) fn wait_restored(&self) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let parser = self.screen.lock().expect("no panic while parsing");
            let screen = parser.screen();
            let drawn = screen.alternate_screen() || screen.hide_cursor();
            if !drawn && !screen.bracketed_paste() && self.is_cooked() {
                return;
            }
            assert!(Instant::now() < deadline, "the terminal is not restored");
            drop(parser);
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// From here on, until what is returned is dropped, nobody takes what the program writes, as in a
    /// terminal that was stopped. What it has written is not to be asked for meanwhile.
    pub(crate) fn stop_taking(&self) -> impl Drop + use<> {
        struct Stopped(Arc<AtomicBool>);
        impl Drop for Stopped {
            fn drop(&mut self) {
                self.0.store(false, Ordering::SeqCst);
            }
        }
        self.stopped.store(true, Ordering::SeqCst);
        Stopped(Arc::clone(&self.stopped))
    }

    /// Gives the terminal another size, as a window does.
    pub(crate) fn resize(&self, columns: u16, rows: u16) {
        let size = PtySize { rows, cols: columns, ..PtySize::default() };
        self.screen.lock().expect("no panic while parsing").screen_mut().set_size(rows, columns);
        self.terminal.resize(size).expect("it can be resized");
    }

    /// The number of its process.
    pub(crate) fn process(&self) -> u32 {
        self.child.process_id().expect("it runs")
    }

    /// Ends the program as a crash does: it gets no chance to do anything.
    pub(crate) fn kill(&mut self) {
        self.signal("KILL");
        self.ended();
    }

    /// Sends it a signal, by its name without SIG.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.process().to_string();
        let sent = std::process::Command::new("kill").args([&format!("-{name}"), &id]).status();
        assert!(sent.expect("there is a kill command").success());
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        // A test that failed leaves it running.
        let _ = self.child.kill();
    }
}
