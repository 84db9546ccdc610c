//! The preview and the review: the text as its reader will see it, for the pane as it is.

use growdesk::{
    app::Message,
    desk::Report,
    domain::{Change, StatusId},
};

use crate::support::console::Console;

/// Words that no pane holds in one line.
fn words() -> Vec<String> {
    (10..60).map(|at| format!("word{at}")).collect()
}

fn assert_whole(console: &mut Console) {
    let text = console.text();
    for word in words() {
        assert!(text.contains(&word), "{word} is cut from\n{text}");
    }
}

fn resized(console: &mut Console, width: u16, height: u16) {
    console.send(Message::Resize { width, height });
    console.answer();
}

#[test]
fn the_review_is_wrapped_for_the_pane_as_it_is() {
    for last in ["<c-s>", "<c-o>"] {
        let mut console = Console::working(200, 60);
        console.keys(&format!("r{}{last}", words().join("<space>"))).answer();
        assert_whole(&mut console);
        for (width, height) in [(100, 50), (80, 50), (60, 50), (130, 50), (110, 50)] {
            resized(&mut console, width, height);
            assert_whole(&mut console);
        }
    }
}

#[test]
fn an_answer_for_the_width_before_does_not_stay() {
    let mut console = Console::working(200, 60);
    console.keys(&format!("r{}<c-s>", words().join("<space>")));
    resized(&mut console, 80, 50);
    assert_whole(&mut console);
}

#[test]
fn a_review_that_has_become_shorter_is_not_scrolled_past_its_end() {
    let mut console = Console::working(80, 50);
    let many = vec![words().join("<space>"); 8].join("<enter>");
    console.keys(&format!("r{many}<c-s>")).answer();
    console.keys(&"<down>".repeat(200));
    resized(&mut console, 200, 60);
    assert!(console.text().contains("word59"), "{}", console.text());
}

#[test]
fn a_reply_on_its_way_is_wrapped_for_the_pane_as_it_is() {
    let mut console = Console::working(200, 60);
    console.keys(&format!("r{}<c-s>", words().join("<space>"))).answer();
    console.keys("<enter>");
    let entries = console.queued();
    console.send(Report::Queued { entries });
    assert_whole(&mut console);
    for (width, height) in [(100, 50), (60, 50), (130, 50)] {
        resized(&mut console, width, height);
        assert_whole(&mut console);
    }
}

/// The first and the last numbered line on screen.
fn span(console: &Console) -> (usize, usize) {
    let text = console.text();
    let numbers = (1..=60).filter(|at| text.contains(&format!("line {at}.")));
    let numbers: Vec<usize> = numbers.collect();
    (*numbers.first().expect("a line"), *numbers.last().expect("a line"))
}

#[test]
fn the_review_and_the_preview_are_scrolled_and_never_past_their_end() {
    let lines: Vec<String> = (1..=60).map(|at| format!("line<space>{at}.")).collect();
    for last in ["<c-s>", "<c-o>"] {
        let mut console = Console::working(80, 24);
        console.keys(&format!("r{}{last}", lines.join("<enter>"))).answer();
        let (first, end) = span(&console);
        assert_eq!(first, 1);
        console.keys("<pagedown>");
        assert_eq!(span(&console).0, end + 1, "a page on: {}", console.text());
        console.keys("<pageup>");
        assert_eq!(span(&console), (1, end));
        console.keys("<end><down><down><pagedown>");
        assert_eq!(span(&console), (61 - end, 60), "{}", console.text());
        resized(&mut console, 200, 60);
        let rows = {
            let (first, last) = span(&console);
            assert_eq!(last, 60);
            61 - first
        };
        assert!(rows > end, "the larger pane is full: {}", console.text());
        console.keys("<home>");
        assert_eq!(span(&console), (1, rows));
    }
    let mut console = Console::working(80, 24);
    console.keys("rone<enter>two<c-s>").answer();
    console.keys("jjjjj");
    assert!(console.text().contains("one"), "all of a short text stays");
}

#[test]
fn a_digit_sets_every_status_that_is_known_custom_ones_too() {
    let mut console = Console::working(120, 40);
    console.keys("rHello<c-s>").answer();
    let text = console.text();
    assert!(text.contains("9 Wai") && text.contains("1…9 with a status"), "{text}");
    console.keys("7");
    assert!(console.queued().is_empty());
    assert!(console.text().contains("no status 7 is known"), "{}", console.text());
    console.keys("9");
    let entries = console.queued();
    assert!(
        matches!(&entries[1].change, Change::Status(edit) if edit.to.id == StatusId(9)),
        "{entries:?}"
    );
}

#[test]
fn the_help_is_searched_for_the_names_of_commands_too() {
    let mut console = Console::working(120, 40);
    console.keys("?/copy-address");
    let text = console.text();
    assert!(text.contains("copy the ticket's address"), "{text}");
}
