//! The key is in its file and in the requests to its own address, and nowhere else; nobody else can
//! read what the console keeps.
#![cfg(unix)]

#[path = "support/pty.rs"]
mod pty;

use std::{
    fs,
    io::Write as _,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use growdesk::sandbox::{Options, Sandbox};
use pty::Console;

const KEY: &str = "k-5f1e-very-secret-0b7d";

fn login(folder: &Path, url: &str, key: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_growdesk"))
        .args(["login", "--profile", "work", "--url", url, "--timezone", "UTC"])
        .env("GROWDESK_CONFIG", folder.join("config/config.toml"))
        .env("GROWDESK_DATA", folder.join("data"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut input = child.stdin.take().expect("its input");
    input.write_all(key.as_bytes()).expect("it reads");
    drop(input);
    child.wait_with_output().expect("it ends")
}

fn open(folder: &Path) -> Console {
    let config = folder.join("config/config.toml").display().to_string();
    let environment = [
        ("GROWDESK_CONFIG", config.as_str()),
        ("GROWDESK_LOG", "trace"),
        ("GROWDESK_HOLD_SECONDS", "0"),
        ("GROWDESK_REQUESTS_PER_MINUTE", "0"),
        ("GROWDESK_TIMEOUT_SECONDS", "1"),
        ("EDITOR", "sleep 1; true"),
    ];
    Console::start(&[], &environment, folder)
}

/// All files and folders below, the folder itself included.
fn below(folder: &Path) -> Vec<PathBuf> {
    let mut all = vec![folder.to_path_buf()];
    let mut next = 0;
    while let Some(path) = all.get(next).cloned() {
        next += 1;
        all.extend(fs::read_dir(path).into_iter().flatten().flatten().map(|it| it.path()));
    }
    all
}

fn holds_key(bytes: &[u8]) -> bool {
    bytes.windows(KEY.len()).any(|window| window == KEY.as_bytes())
}

#[test]
fn the_key_is_nowhere_but_in_its_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let options = Options { tickets: 20, api_key: Some(KEY.into()), ..Options::default() };
    let sandbox = runtime.block_on(Sandbox::start(options)).expect("the sandbox starts");
    let output = login(folder.path(), &sandbox.url(), KEY);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!holds_key(&output.stdout) && !holds_key(&output.stderr));

    let mut console = open(folder.path());
    console.wait_for("20 tickets");
    for fault in ["error", "garbage", "drop-after", "framework=503", "hang", "unauthorized"] {
        let fault = format!("POST /api/** {fault} 1").parse().expect("a fault");
        sandbox.faults().add(fault);
    }
    console.press("n", "colleagues only");
    console.type_keys("A note");
    console.press("\u{13}", "Review");
    console.press("y", "the server failed (500)");
    let seen = [
        fs::read(format!("/proc/{}/cmdline", console.process())).expect("its arguments"),
        fs::read(format!("/proc/{}/environ", console.process())).expect("its environment"),
    ];
    assert!(seen.iter().all(|bytes| !holds_key(bytes)));
    console.signal("TERM");
    console.ended();
    assert!(!holds_key(&console.written()));

    let log = fs::read_to_string(folder.path().join("data/growdesk.log")).expect("a log");
    assert!(log.contains("not done"), "{log}");
    let files = below(folder.path()).into_iter().filter(|path| path.is_file());
    let with_key: Vec<PathBuf> =
        files.filter(|path| holds_key(&fs::read(path).expect("it is ours"))).collect();
    assert_eq!(with_key.len(), 1, "{with_key:?}");
    runtime.block_on(sandbox.stop());
}

#[test]
fn nobody_else_can_read_what_the_console_keeps() {
    let folder = tempfile::tempdir().expect("a folder");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let options = Options { tickets: 20, api_key: Some(KEY.into()), ..Options::default() };
    let sandbox = runtime.block_on(Sandbox::start(options)).expect("the sandbox starts");
    assert!(login(folder.path(), &sandbox.url(), KEY).status.success());
    let mut console = open(folder.path());
    console.wait_for("20 tickets");
    console.press("n", "colleagues only");
    console.type_keys("A note");
    console.wait_for("draft saved");

    let modes = below(folder.path()).into_iter().skip(1).map(|path| {
        let mode = fs::metadata(&path).expect("it is there").permissions().mode() & 0o777;
        (path, mode)
    });
    let open_to_others: Vec<(PathBuf, u32)> = modes.filter(|(_, mode)| mode & 0o077 != 0).collect();
    assert!(open_to_others.is_empty(), "{open_to_others:?}");
    console.signal("KILL");
    console.ended();

    let key = below(folder.path())
        .into_iter()
        .find(|path| path.is_file() && fs::read(path).is_ok_and(|bytes| holds_key(&bytes)));
    let key = key.expect("the key's file");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).expect("it is ours");
    let console = open(folder.path());
    console.wait_for("chmod 600");
    runtime.block_on(sandbox.stop());
}

/// Writes a program to `folder` that tells its environment to the file `name.env` beside it, then does
/// `more`.
fn telling(folder: &Path, name: &str, more: &str) -> PathBuf {
    let path = folder.join(name);
    let body =
        format!("#!/bin/sh\nenv > '{0}.new'\nmv '{0}.new' '{0}.env'\n{more}\n", path.display());
    fs::write(&path, body).expect("a script");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).expect("it is ours");
    path
}

fn told(program: &Path) -> Vec<u8> {
    let told = program.with_extension("env");
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(120);
    while !told.exists() {
        assert!(std::time::Instant::now() < deadline, "{} was not started", program.display());
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    fs::read(told).expect("it is ours")
}

#[test]
fn no_program_that_is_started_is_given_a_key() {
    let folder = tempfile::tempdir().expect("a folder");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let options = Options { tickets: 20, api_key: Some(KEY.into()), ..Options::default() };
    let sandbox = runtime.block_on(Sandbox::start(options)).expect("the sandbox starts");
    let programs = folder.path().join("bin");
    fs::create_dir(&programs).expect("a folder");
    let editor = telling(&programs, "editor", "echo typed > \"$1\"");
    let browser = telling(&programs, "xdg-open", "");
    let command = telling(&programs, "a-command", "cat");
    let (url, path) = (sandbox.url(), format!("{}:/usr/bin:/bin", programs.display()));
    let environment = [
        ("GROWDESK_URL", url.as_str()),
        ("GROWDESK_API_KEY", KEY),
        ("GROWDESK_SERVE_KEY", KEY),
        ("PATH", path.as_str()),
        ("EDITOR", "editor"),
    ];
    let mut console = Console::start(&[], &environment, folder.path());
    console.wait_for("20 tickets");
    console.press("o", "opened in the browser");
    console.press("n", "colleagues only");
    console.press("\u{5}", "typed");
    console.type_keys("\u{3}");
    console.ended();
    let mut console = Console::start(&[], &environment, folder.path());
    console.wait_for("20 tickets");
    console.press("|", "to a command");
    console.press("a-command\r", "exit 0");
    for program in [&browser, &editor, &command] {
        let told = told(program);
        assert!(told.starts_with(b"PATH=") || told.windows(6).any(|it| it == b"\nPATH="));
        assert!(!holds_key(&told), "{}", String::from_utf8_lossy(&told));
    }
    console.signal("TERM");
    console.ended();

    let command = telling(&programs, "key-command", &format!("echo {KEY} >&2; exit 3"));
    let config = format!("[profile.work]\nurl = \"{url}\"\napi_key_command = [\"key-command\"]\n");
    fs::write(folder.path().join("config.toml"), config).expect("a configuration");
    let environment = [("GROWDESK_SERVE_KEY", KEY), ("PATH", path.as_str())];
    let mut console = Console::start(&[], &environment, folder.path());
    assert_eq!(console.ended().exit_code(), 2);
    console.wait_for("failed (exit status: 3)");
    assert!(!holds_key(&told(&command)) && !holds_key(&console.written()));
    runtime.block_on(sandbox.stop());
}

#[test]
fn the_demo_is_nobody_else_s_and_nothing_of_it_stays_after_a_kill() {
    let folder = tempfile::tempdir().expect("a folder");
    let scratch = folder.path().join("tmp");
    fs::create_dir(&scratch).expect("a folder");
    let environment = [("TMPDIR", scratch.to_str().expect("a name"))];
    let start = || {
        let console = Console::start(&["demo", "--tickets", "20"], &environment, folder.path());
        console.wait_for("20 tickets");
        let mut files = below(&scratch).into_iter().skip(1);
        assert!(files.clone().any(|path| path.ends_with("sandbox.db")));
        let open = |path: &PathBuf| {
            fs::metadata(path).is_ok_and(|it| it.permissions().mode() & 0o077 != 0)
        };
        assert_eq!(files.find(open), None);
        console
    };
    let there = || fs::read_dir(&scratch).expect("it is there").count();
    start().kill();
    let after_a_kill = there();
    let mut console = start();
    assert_eq!(there(), after_a_kill, "what the first left is gone");
    console.type_keys("q");
    console.ended();
    assert_eq!(there(), 0);
}

#[test]
fn the_key_does_not_travel_unprotected() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = login(folder.path(), "http://crm.example.com", KEY);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("unprotected"), "{said}");
    assert!(!holds_key(&output.stderr));
    assert_eq!(below(folder.path()).len(), 1, "nothing is stored");
}
