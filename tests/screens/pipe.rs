//! Commands that read a conversation: chosen, run, ended, and what becomes of their output.

use growdesk::{
    app::{
        Effect, Message, Outside, Settings,
        pipe::{HowEnded, PipeEnd, PipeNews, PipeRun},
    },
    desk::{Found, Read, Report, Work},
    domain::{AllDrafts, Draft, DraftId, DraftKey, DraftKind, PipeCommand, ProblemKind, TicketId},
};
use jiff::SignedDuration;

use crate::{
    after, anna, at_80, at_all_sizes,
    support::{
        console::{Console, problem},
        desk,
    },
};

fn settings() -> Settings {
    let command = |name: &str, words: &[&str]| PipeCommand {
        name: name.into(),
        words: words.iter().map(|it| (*it).to_owned()).collect(),
    };
    Settings {
        pipe_commands: vec![
            command("summarize", &["llm", "-s", "Summarize this ticket in three lines"]),
            command("translate", &["trans", "-b", ":en"]),
        ],
        pipe_timeout: SignedDuration::from_secs(20),
        ..desk::settings()
    }
}

fn working(width: u16, height: u16) -> Console {
    Console::with(settings(), width, height).fill()
}

/// The programs that were started, and how many are to be ended.
fn started(console: &mut Console) -> (Vec<PipeRun>, usize) {
    let (mut runs, mut ends) = (Vec::new(), 0);
    for effect in console.effects() {
        match effect {
            Effect::Outside(Outside::Pipe(run)) => runs.push(*run),
            Effect::Outside(Outside::EndPipe(_)) => ends += 1,
            _ => {}
        }
    }
    (runs, ends)
}

fn tell(console: &mut Console, run: &PipeRun, news: PipeNews) {
    console.send(Message::Piped { run: run.id, news });
}

fn print(console: &mut Console, run: &PipeRun, lines: &str, begun: &str) {
    tell(console, run, PipeNews::Printed { lines: lines.into(), begun: begun.into() });
}

fn end(console: &mut Console, run: &PipeRun, how: HowEnded, left_out: u64, errors: &str) {
    let end = PipeEnd { how, left_out, errors: errors.into() };
    tell(console, run, PipeNews::Ended(end));
}

/// A console whose command has printed `text` and ended with this code.
pub(crate) fn ended(mut console: Console, text: &str, code: i32) -> Console {
    let run = started(&mut console).0.remove(0);
    print(&mut console, &run, text, "");
    end(&mut console, &run, HowEnded::Code(code), 0, "");
    console
}

fn notice(console: &Console) -> String {
    let notice = console.model.notices.at(console.now);
    notice.map(|notice| notice.text.clone()).unwrap_or_default()
}

const SUMMARY: &str = "The VPN client drops every ten minutes since the update to 4.2.\nA keepalive of 25 helped on ten of twelve laptops; two in Leeds still drop.\nThe customer asks what else can be tried before the night shift.\n";

const SUMMARIZE: &str = "/vpn<enter>|<enter>";

#[test]
fn a_command_is_chosen_by_name_or_typed() {
    at_all_sizes("pipe_commands", |w, h| after(working(w, h), "/vpn<enter>|"));
    at_80("pipe_typed", |w, h| after(working(w, h), "/vpn<enter>|trans -b :de"));
    at_80("pipe_no_commands", |w, h| after(Console::working(w, h), "|"));
    let words = |keys: &str| {
        let mut console = after(working(120, 40), &format!("/vpn<enter>|{keys}<enter>"));
        let (runs, _) = started(&mut console);
        runs.into_iter().map(|run| (run.ticket.0, run.words, run.input)).next()
    };
    let input = "# #1042 as Markdown\n".to_owned();
    let run = |words: &[&str]| {
        Some((1042, words.iter().map(|it| (*it).to_owned()).collect(), input.clone()))
    };
    assert_eq!(words("tr"), run(&["trans", "-b", ":en"]));
    assert_eq!(words("wc -l 'a b' $(id)"), run(&["wc", "-l", "a b", "$(id)"]));
    // What is found for the letters is not what was typed: the last choice is.
    assert_eq!(words("tr<down>"), run(&["tr"]));
}

#[test]
fn a_typed_command_is_offered_again_and_one_that_can_not_be_read_is_said() {
    let mut console = after(working(80, 24), "|wc -l<enter>");
    console = ended(console, "12\n", 0);
    console.keys("<esc>|");
    assert!(console.text().contains("typed before"), "{}", console.text());
    console.keys("'half<enter>").rest();
    assert!(notice(&console).contains("can't be read as a command"), "{}", notice(&console));
    assert_eq!(started(&mut console).0, []);
    assert!(console.model.popup.is_some());
}

#[test]
fn the_output_is_shown_while_it_comes_and_after_it() {
    at_80("pipe_reading", |w, h| {
        let mut console = working(w, h);
        console.keys(SUMMARIZE);
        console
    });
    at_80("pipe_running", |w, h| {
        let mut console = after(working(w, h), SUMMARIZE);
        let run = started(&mut console).0.remove(0);
        print(&mut console, &run, "The first line.\n", "and half of");
        console
    });
    at_all_sizes("pipe_output", |w, h| ended(after(working(w, h), SUMMARIZE), SUMMARY, 0));
    at_80("pipe_failed", |w, h| {
        let mut console = after(working(w, h), SUMMARIZE);
        let run = started(&mut console).0.remove(0);
        print(&mut console, &run, "half\n", "");
        end(&mut console, &run, HowEnded::Code(3), 0, "llm: no such model\n");
        console
    });
    at_80("pipe_nothing", |w, h| ended(after(working(w, h), SUMMARIZE), "", 0));
    at_80("pipe_not_found", |w, h| {
        let mut console = after(working(w, h), SUMMARIZE);
        let run = started(&mut console).0.remove(0);
        let why = "there is no program llm".to_owned();
        end(&mut console, &run, HowEnded::NotStarted(why), 0, "");
        console
    });
    at_80("pipe_timed_out", |w, h| {
        let mut console = after(working(w, h), SUMMARIZE);
        let run = started(&mut console).0.remove(0);
        end(&mut console, &run, HowEnded::TimedOut, 0, "");
        console
    });
    at_80("pipe_too_much", |w, h| {
        let mut console = after(working(w, h), "|yes<enter>");
        let run = started(&mut console).0.remove(0);
        print(&mut console, &run, &"y\n".repeat(200), "y");
        end(&mut console, &run, HowEnded::TooMuch, 67_000_000, "");
        console
    });
    at_80("pipe_missing", |w, h| {
        let mut console = working(w, h);
        console.effects();
        console.keys("|<enter>");
        let missing = Some(problem(ProblemKind::Unreachable, ""));
        answer(&mut console, Ok(Found::Export { text: "# half".into(), missing }));
        ended(console, SUMMARY, 0)
    });
    at_80("pipe_unreadable", |w, h| {
        let mut console = working(w, h);
        console.effects();
        console.keys("|<enter>").fail_reads(&problem(ProblemKind::Unreachable, ""));
        console
    });
}

/// Answers the read of the conversation.
fn answer(console: &mut Console, found: Result<Found, growdesk::domain::Problem>) {
    let effects = console.effects();
    let request = effects.iter().find_map(|effect| match effect {
        Effect::Work(Work::Read { request, read: Read::Export { .. }, .. }) => Some(*request),
        _ => None,
    });
    console.send(Report::Found { request: request.expect("it is asked"), found });
}

#[test]
fn leaving_ends_the_command_whatever_closes_it() {
    let running = || {
        let mut console = after(working(80, 24), SUMMARIZE);
        let run = started(&mut console).0.remove(0);
        (console, run)
    };
    for keys in ["<esc>", "q"] {
        let (mut console, run) = running();
        console.keys(keys);
        assert_eq!(started(&mut console).1, 1);
        assert!(console.model.popup.is_none());
        let before = console.text();
        print(&mut console, &run, "too late\n", "");
        end(&mut console, &run, HowEnded::Code(0), 0, "");
        assert_eq!(console.text(), before);
    }
    // The popup goes since the text of a refused reply comes back.
    let mut console = working(80, 24);
    console.keys("/vpn<enter>rHello<c-s>").answer();
    console.keys("<enter>");
    let entry = console.queued().remove(0);
    console.keys("|<enter>").rest();
    assert_eq!(started(&mut console).0.len(), 1);
    console.keys("<c-c>");
    drop(entry);
    // One that was left before it began is not begun.
    let mut console = working(80, 24);
    console.keys("|<enter><esc>").rest();
    assert_eq!(started(&mut console), (vec![], 0));
}

#[test]
fn the_output_is_copied_and_becomes_a_reply_at_the_cursor_of_the_draft() {
    let mut console = ended(after(working(80, 24), SUMMARIZE), SUMMARY, 0);
    console.effects();
    console.keys("y");
    let copied = console.effects().into_iter().find_map(|effect| match effect {
        Effect::Outside(Outside::Copy { text, .. }) => Some(text),
        _ => None,
    });
    assert_eq!(copied.as_deref(), Some(SUMMARY.trim_end()));

    let mut console = working(80, 24);
    console.keys("/vpn<enter>rHello Priya,<enter><enter>bye<up><esc>").rest();
    console.keys("<esc>/vpn<enter>|<enter>").rest();
    console = ended(console, "**One** line\nand two\n", 0);
    console.keys("r").rest();
    let composer = console.model.composer.as_ref().expect("the reply is open");
    assert_eq!(composer.editor.text(), "Hello Priya,\n**One** line\nand two\nbye");
    assert!(notice(&console).contains("#1042 2 lines are inserted"), "{}", notice(&console));
    console.keys("<c-_>");
    let composer = console.model.composer.as_ref().expect("the reply is open");
    assert_eq!(composer.editor.text(), "Hello Priya,\n\nbye", "it was one step");
}

#[test]
fn a_reply_that_another_console_writes_is_left_alone() {
    let mut console = ended(after(working(80, 24), SUMMARIZE), SUMMARY, 0);
    let key = DraftKey::new(Some(TicketId(1042)), DraftKind::Reply);
    let text = "Dear Priya".to_owned();
    let draft = Draft {
        key,
        id: DraftId(1),
        text,
        cursor: (0, 0),
        updated: desk::now(),
        changes: Default::default(),
    };
    let all = AllDrafts { drafts: vec![draft], writers: vec![(key, anna())], gone: vec![] };
    console.send(Report::Drafts(Box::new(all)));
    console.keys("r");
    assert!(notice(&console).contains("Anna"), "{}", notice(&console));
    assert!(console.model.composer.is_none() && console.text().contains("keepalive of 25"));
}

#[test]
fn output_goes_into_the_text_that_it_was_asked_for() {
    at_80("pipe_into", |w, h| after(working(w, h), "/vpn<enter>nAsk: <c-r>"));
    let mut console = after(working(80, 24), "/vpn<enter>nAsk: !<left><c-r>tr<enter>");
    let run = started(&mut console).0.remove(0);
    print(&mut console, &run, "network\n", "first");
    assert!(console.text().contains("network"), "it is shown while it runs");
    end(&mut console, &run, HowEnded::Code(0), 0, "");
    assert!(console.model.popup.is_none());
    let composer = console.model.composer.as_ref().expect("the note is open");
    assert_eq!(composer.editor.text(), "Ask: network\nfirst!");
    console.keys("<c-_>");
    let composer = console.model.composer.as_ref().expect("the note is open");
    assert_eq!(composer.editor.text(), "Ask: !");
}

#[test]
fn keys_meant_for_the_output_are_not_typed_into_the_text() {
    let mut console = after(working(80, 24), "/vpn<enter>nAsk: <c-r>tr<enter>");
    let run = started(&mut console).0.remove(0);
    print(&mut console, &run, "network\n", "");
    end(&mut console, &run, HowEnded::Code(0), 0, "");
    console.keys_at_once("jj");
    console.see();
    console.keys("!");
    let composer = console.model.composer.as_ref().expect("the note is open");
    assert_eq!(composer.editor.text(), "Ask: network!");
}

#[test]
fn what_failed_is_inserted_by_a_key_alone() {
    for (how, left_out) in
        [(HowEnded::Code(3), 0), (HowEnded::TimedOut, 0), (HowEnded::Code(0), 1_000)]
    {
        let mut console = after(working(80, 24), "/vpn<enter>nAsk: <c-r>tr<enter>");
        let run = started(&mut console).0.remove(0);
        print(&mut console, &run, "half\n", "");
        end(&mut console, &run, how, left_out, "it broke");
        assert!(console.text().contains("r inserts it"), "{}", console.text());
        let composer = console.model.composer.as_ref().expect("the note is open");
        assert_eq!(composer.editor.text(), "Ask: ");
        console.keys("r");
        let composer = console.model.composer.as_ref().expect("the note is open");
        assert_eq!(composer.editor.text(), "Ask: half");
    }
}

#[test]
fn output_never_goes_into_another_text() {
    let mut console = after(working(80, 24), "/vpn<enter>nAsk: <c-r>tr<enter>");
    let run = started(&mut console).0.remove(0);
    // Another console takes the note over meanwhile.
    let key = DraftKey::new(Some(TicketId(1042)), DraftKind::Note);
    let text = "Ask: them".to_owned();
    let draft = Draft {
        key,
        id: DraftId(1),
        text,
        cursor: (0, 0),
        updated: desk::now(),
        changes: Default::default(),
    };
    let all = AllDrafts { drafts: vec![draft], writers: vec![(key, anna())], gone: vec![] };
    console.send(Report::Drafts(Box::new(all)));
    print(&mut console, &run, "network\n", "");
    end(&mut console, &run, HowEnded::Code(0), 0, "");
    assert!(notice(&console).contains("nothing was inserted"), "{}", notice(&console));
    assert!(console.text().contains("network"), "it can still be read and copied");
    let drafts: Vec<String> =
        console.model.drafts.all().into_iter().map(|it| it.text.clone()).collect();
    assert!(drafts.iter().all(|text| !text.contains("network")), "{drafts:?}");
}

#[test]
fn a_wide_output_is_wrapped_and_none_of_it_lost() {
    let text = format!("{}\n{}", "word ".repeat(100), "x".repeat(500));
    let mut console = ended(after(working(80, 24), SUMMARIZE), &text, 0);
    let mut seen = console.text();
    console.keys("<pagedown>");
    seen.push_str(&console.text());
    assert!(seen.matches("word").count() >= 100, "{seen}");
    assert!(seen.matches('x').count() >= 500, "{seen}");
}
