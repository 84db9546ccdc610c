use std::{fs, os::unix::fs::PermissionsExt as _, path::Path, time::Instant};

use rustix::process::{Pid, test_kill_process};

use super::*;
use crate::domain::TicketId;

const LONG: Duration = Duration::from_secs(60);

fn run_of(words: &[&str], input: &str, timeout: Duration) -> PipeRun {
    PipeRun {
        id: RunId::default(),
        ticket: TicketId(1042),
        words: words.iter().map(|it| (*it).to_owned()).collect(),
        input: input.into(),
        timeout,
    }
}

/// What a program prints in all, and how it ends.
async fn heard(pipes: &mut Pipes) -> (String, PipeEnd) {
    let (mut all, mut rest) = (String::new(), String::new());
    loop {
        let Message::Piped { news, .. } = pipes.next().await else { panic!("other news") };
        match news {
            PipeNews::Printed { lines, begun } => {
                all.push_str(&lines);
                rest = begun;
            }
            PipeNews::Ended(end) => return (all + &rest, end),
        }
    }
}

async fn ran(words: &[&str], input: &str, timeout: Duration) -> (String, PipeEnd) {
    let mut pipes = Pipes::default();
    pipes.start(run_of(words, input, timeout));
    heard(&mut pipes).await
}

fn code(code: i32) -> PipeEnd {
    PipeEnd { how: HowEnded::Code(code), left_out: 0, errors: String::new() }
}

/// A program that does what `body` says.
fn script(folder: &Path, body: &str) -> String {
    let path = folder.join("a program");
    fs::write(&path, format!("#!/bin/sh\n{body}\n")).expect("a script");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).expect("it is ours");
    path.display().to_string()
}

/// Waits until the process whose number is in `file` is no more.
async fn wait_gone(file: &Path) {
    let began = Instant::now();
    let pid = loop {
        let text = fs::read_to_string(file).unwrap_or_default();
        match text.trim().parse().ok().and_then(Pid::from_raw) {
            Some(pid) if text.ends_with('\n') => break pid,
            _ => sleep(Duration::from_millis(10)).await,
        }
        assert!(began.elapsed() < LONG, "it never began");
    };
    // A process that nobody has waited for yet is there as a zombie.
    let lives = || {
        let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()));
        let is_zombie = stat.is_ok_and(|it| it.contains(") Z "));
        test_kill_process(pid).is_ok() && !is_zombie
    };
    while lives() {
        assert!(began.elapsed() < LONG, "it lives on");
        sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_program_reads_the_conversation_and_no_shell_reads_its_words() {
    let input = "# one\n\ntwo\n".repeat(50_000);
    let (text, end) = ran(&["wc", "-l"], &input, LONG).await;
    assert_eq!((text.trim(), end), ("150000", code(0)));
    let words = ["printf", "%s|", "$(id)", "a b", "`id`", ";"];
    assert_eq!(ran(&words, "", LONG).await, ("$(id)|a b|`id`|;|".into(), code(0)));
    // One that reads nothing of a long conversation ends as well as ever.
    assert_eq!(ran(&["true"], &input, LONG).await, (String::new(), code(0)));
    let (text, _) = ran(&["env"], "", LONG).await;
    assert!(text.contains("GROWDESK_TICKET=1042\n"), "{text}");
}

#[tokio::test]
async fn what_is_said_on_standard_error_and_the_exit_code_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let program =
        script(folder.path(), "echo half\nprintf '\\033[31mno such model\\033[0m\\n' >&2\nexit 3");
    let (text, end) = ran(&[&program], "", LONG).await;
    let errors = "no such model\n".to_owned();
    let wanted = PipeEnd { how: HowEnded::Code(3), left_out: 0, errors };
    assert_eq!((text.as_str(), end), ("half\n", wanted));
    let (_, end) = ran(&["growdesk-has-no-such-program"], "", LONG).await;
    assert!(
        matches!(&end.how, HowEnded::NotStarted(why) if why.contains("there is no program growdesk-has")),
        "{end:?}"
    );
    let (_, end) = ran(&[folder.path().to_str().unwrap()], "", LONG).await;
    assert!(matches!(end.how, HowEnded::NotStarted(_)), "{end:?}");
    let program = script(folder.path(), "kill -9 $$");
    assert_eq!(ran(&[&program], "", LONG).await.1.how, HowEnded::Signal(9));
}

#[tokio::test]
async fn one_that_prints_without_end_is_ended_and_its_first_lines_are_told() {
    let (text, end) = ran(&["yes", "over and over"], "", LONG).await;
    assert_eq!(end.how, HowEnded::TooMuch);
    assert!(text.len() <= KEPT && text.len() > KEPT - 20, "{}", text.len());
    assert!(text.lines().rev().skip(1).all(|line| line == "over and over"));
    assert!(end.left_out > 1024 * 1024, "{end:?}");
    // Less than that is read to its end, and the rest dropped.
    let (text, end) = ran(&["head", "-c", "20000000", "/dev/zero"], "", LONG).await;
    assert_eq!((text.as_str(), &end.how), ("", &HowEnded::Code(0)));
    assert_eq!(end.left_out, 20_000_000 - KEPT as u64);
    let (text, end) = ran(&["head", "-c", "3000000", "/dev/urandom"], "", LONG).await;
    assert!(text.len() <= 4 * KEPT && end.how == HowEnded::Code(0));
    assert_eq!(clean::block(&text), text, "whatever is printed, nothing of it steers a terminal");
}

#[tokio::test]
async fn escape_sequences_leave_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let body = "printf 'a\\033[1;31mred\\033[0m \\033]0;title\\007b\\033]52;c;eA==\\033\\\\c\\302\\2332J\\342\\200\\256d\\r\\nf\\377g\\n'";
    let program = script(folder.path(), body);
    let (text, _) = ran(&[&program], "", LONG).await;
    assert_eq!(text, "ared bc2Jd\nf\u{fffd}g\n");
}

#[tokio::test]
async fn one_that_never_ends_is_ended_with_all_that_it_has_started() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (folder.path().join("first"), folder.path().join("second"));
    let body = format!(
        "trap '' TERM\n(trap '' TERM; echo $(exec sh -c 'echo $PPID') > '{}'; while :; do sleep 1; done) &\n\
         echo $$ > '{}'\necho begun\nwhile :; do sleep 1; done",
        second.display(),
        first.display()
    );
    let program = script(folder.path(), &body);
    let (text, end) = ran(&[&program], "", Duration::from_millis(700)).await;
    assert_eq!((text.as_str(), end.how), ("begun\n", HowEnded::TimedOut));
    wait_gone(&first).await;
    wait_gone(&second).await;

    for file in [&first, &second] {
        fs::remove_file(file).unwrap();
    }
    let mut pipes = Pipes::default();
    pipes.start(run_of(&[&program], "", LONG));
    while !first.exists() || !second.exists() {
        sleep(Duration::from_millis(10)).await;
    }
    pipes.end(RunId::default());
    wait_gone(&first).await;
    wait_gone(&second).await;
}

#[tokio::test]
async fn a_program_that_leaves_another_behind_has_ended_and_that_one_lives_on() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("left");
    let body = format!("sleep 30 &\necho $! > '{}'\necho done", file.display());
    let program = script(folder.path(), &body);
    let began = Instant::now();
    assert_eq!(ran(&[&program], "", LONG).await, ("done\n".into(), code(0)));
    assert!(began.elapsed() < Duration::from_secs(20), "its output is not waited for");
    let left = fs::read_to_string(file).unwrap().trim().parse().ok().and_then(Pid::from_raw);
    let left = left.expect("its number");
    test_kill_process(left).expect("it lives");
    rustix::process::kill_process(left, rustix::process::Signal::KILL).expect("it is ours");
}

#[tokio::test]
async fn output_is_told_as_it_comes() {
    let folder = tempfile::tempdir().unwrap();
    let go = folder.path().join("go");
    let body = format!(
        "echo one\nprintf 'and ha'\nuntil [ -e '{}' ]; do sleep 0.02; done\necho lf",
        go.display()
    );
    let program = script(folder.path(), &body);
    let mut pipes = Pipes::default();
    pipes.start(run_of(&[&program], "", LONG));
    let mut begun = String::new();
    while begun != "and ha" {
        let Message::Piped { news: PipeNews::Printed { begun: now, .. }, .. } = pipes.next().await
        else {
            panic!("it has not ended")
        };
        begun = now;
    }
    fs::write(&go, "").unwrap();
    let (text, _) = heard(&mut pipes).await;
    assert_eq!(text, "and half\n");
}
