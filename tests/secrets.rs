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
