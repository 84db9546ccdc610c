//! The commands that the documentation shows for scripts: each block runs, and succeeds.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use super::desk::{Desk, finish};

/// The documents whose blocks are run, each from a heading to the next of its kind.
const DOCUMENTS: [(&str, &str); 2] = [
    (include_str!("../../README.md"), "## For scripts"),
    (include_str!("../../docs/scripts.md"), "# Scripts"),
];

/// The blocks of commands of a section.
fn blocks(document: &'static str, heading: &str) -> Vec<&'static str> {
    let (_, section) = document.split_once(heading).expect("the heading is there");
    let level = heading.split(' ').next().expect("a mark");
    let section = section.split(&format!("\n{level} ")).next().unwrap_or_default();
    let all = section.split("```sh\n").skip(1);
    all.map(|rest| rest.split("```").next().expect("the end of a block")).collect()
}

fn has_jq() -> bool {
    let mut jq = Command::new("jq");
    jq.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    jq.status().is_ok_and(|status| status.success())
}

#[test]
fn each_block_of_commands_runs() {
    let desk = Desk::with(250);
    desk.ok(&["list"]);
    let binary = Path::new(env!("CARGO_BIN_EXE_growdesk")).parent().expect("a folder");
    let path = std::env::var("PATH").unwrap_or_default();
    // Where there is no jq, its input is still made.
    let jq = if has_jq() { "" } else { "jq() { cat > /dev/null; }\n" };
    let mut count = 0;
    for (document, heading) in DOCUMENTS {
        for block in blocks(document, heading) {
            count += 1;
            let mut command = Command::new("sh");
            command
                .args(["-e", "-c", &format!("{jq}{block}")])
                .current_dir(desk.folder.path())
                .env_clear()
                .envs(desk.environment())
                .env("PATH", format!("{}:{path}", binary.display()))
                .stdin(Stdio::null());
            let ran = finish(command, b"");
            assert_eq!(ran.code, 0, "{block}: {ran:?}");
        }
    }
    assert!(count >= 5, "{count} blocks");
}

#[test]
fn the_exit_codes_are_told_as_they_are() {
    let readme = DOCUMENTS[0].0;
    for (code, word) in [
        (1, "failed"),
        (2, "usage"),
        (3, "not_found"),
        (4, "refused"),
        (5, "unreachable"),
        (6, "undecided"),
        (7, "key_refused"),
        (8, "partly"),
        (9, "limited"),
    ] {
        assert!(readme.contains(&format!("| {code} | `{word}` |")), "{code} {word}");
    }
}
