//! A disk that is full, a folder that goes away: it is said at once, the text stays, and is stored once
//! there is room, or the folder is back.

use growdesk::domain::DraftKind;

use crate::{
    desk::{Desk, compose, key},
    pty::Console,
};

const ESCAPE: &str = "\u{1b}";

/// A file that may not grow gives an error, as on a full disk, instead of a signal.
const ERRORS: &str = "trap '' XFSZ";

/// From now on the files of the console may have this size at most.
fn limit(console: &Console, size: &str) {
    let process = console.process().to_string();
    let set = std::process::Command::new("prlimit")
        .args([&format!("--fsize={size}:unlimited"), "--pid", &process])
        .status();
    assert!(set.expect("util-linux is there").success());
}

#[test]
fn a_full_disk_is_said_and_the_text_stays() {
    let desk = Desk::new();
    let mut console = Desk::open_under(Some(ERRORS), desk.folder.path());
    console.wait_for("Printer");
    compose(&mut console, 3, DraftKind::Reply);
    limit(&console, "1024");
    let text = "precious ".repeat(80);
    console.type_keys(&text);
    console.wait_for("the draft is on screen only");
    console.wait_for("not saved");
    assert_eq!(desk.draft(key(3, DraftKind::Reply)), None);

    console.press(ESCAPE, "the reply is in memory only");
    console.press("q", "leaving loses it");
    console.type_keys(ESCAPE);
    console.wait_gone("leaving loses it");
    console.press("r", "precious");

    limit(&console, "unlimited");
    console.wait_for("draft saved");
    let draft = desk.draft(key(3, DraftKind::Reply)).expect("a draft");
    assert_eq!(draft.text, text);
}

#[test]
fn a_disk_that_is_full_at_recording_takes_nothing_from_the_screen() {
    let desk = Desk::new();
    let mut console = Desk::open_under(Some(ERRORS), desk.folder.path());
    console.wait_for("Printer");
    compose(&mut console, 3, DraftKind::Reply);
    console.type_keys("precious");
    console.wait_for("draft saved");
    limit(&console, "1024");
    console.press("\u{13}", "Enter");
    console.press("\r", "#3 reply is not recorded, its text is on screen, and a draft: ");
    console.wait_for("precious");
    assert_eq!(stored(&desk), Some("precious".into()));

    limit(&console, "unlimited");
    console.press("\u{13}", "Enter");
    console.press("\r", "outbox 2");
    let outbox = desk.with_store(async |store| store.outbox().await.expect("it answers"));
    assert_eq!(outbox.len(), 2, "the reply, and the status that follows it");
    assert_eq!(stored(&desk), None);

    limit(&console, "1024");
    console.press("z", "#3 reply is not taken back, it is kept, recorded when a console");
    // The whole message is longer than the line.
    console.press("!", "z tries");
    limit(&console, "unlimited");
    console.press("\u{1b}", "! reads on");
    console.press("z", "precious");
    console.wait_for("draft saved");
    assert_eq!(stored(&desk), Some("precious".into()));
}

/// A console in which a draft is typed and stored.
fn with_a_draft(desk: &Desk) -> Console {
    let mut console = desk.open();
    compose(&mut console, 3, DraftKind::Reply);
    console.type_keys("precious");
    console.wait_for("draft saved");
    console
}

fn stored(desk: &Desk) -> Option<String> {
    desk.draft(key(3, DraftKind::Reply)).map(|it| it.text)
}

#[test]
fn a_folder_that_is_deleted_is_made_anew_with_its_drafts_without_a_key() {
    let desk = Desk::new();
    let mut console = with_a_draft(&desk);
    for more in [", and more", ", and yet more"] {
        std::fs::remove_dir_all(desk.profile()).expect("the folder is deleted");
        console.wait_until("a new file", |_| desk.profile().join("work.db").exists());
        console.wait_for("work.db was deleted: it is made anew, with 1 draft and 0 changes");
        assert!(console.text().contains("draft saved"), "{}", console.text());
        let text = stored(&desk).expect("it is in the new file") + more;
        console.type_keys(more);
        console.wait_until("stored", |_| stored(&desk).as_ref() == Some(&text));
    }
}

#[test]
fn a_folder_that_can_t_be_made_anew_is_said_without_a_key_and_its_drafts_are_not_called_saved() {
    let desk = Desk::new();
    let mut console = with_a_draft(&desk);
    let profile = desk.profile();
    std::fs::remove_dir_all(&profile).expect("the folder is deleted");
    std::fs::write(&profile, "of somebody else").expect("a file in its place");
    console.wait_for("the draft is on screen only");
    console.wait_gone("draft saved");
    console.press(ESCAPE, "the reply is in memory only");
    console.press("q", "leaving loses it");
    console.type_keys(ESCAPE);
    console.wait_gone("leaving loses it");
    console.press("r", "precious");
    assert_eq!(std::fs::read_to_string(&profile).expect("a file"), "of somebody else");

    std::fs::remove_file(&profile).expect("the file is put away");
    console.wait_for("draft saved");
    assert_eq!(stored(&desk), Some("precious".into()));
}

#[test]
fn a_write_ahead_log_that_is_deleted_alone_loses_no_draft_of_two_consoles() {
    let desk = Desk::new();
    let mut one = with_a_draft(&desk);
    let mut two = desk.open();
    compose(&mut two, 4, DraftKind::Reply);
    two.type_keys("of the other");
    two.wait_for("draft saved");
    for name in ["work.db-wal", "work.db-shm"] {
        std::fs::remove_file(desk.profile().join(name)).expect("it is deleted");
    }
    one.wait_for("work.db was deleted or replaced: the one there now is used");
    two.wait_for("work.db was deleted or replaced: the one there now is used");
    one.kill();
    two.kill();
    assert_eq!(stored(&desk), Some("precious".into()));
    let other = desk.draft(key(4, DraftKind::Reply)).map(|it| it.text);
    assert_eq!(other, Some("of the other".into()));
}

#[test]
fn a_copy_of_the_tickets_that_goes_away_is_said_and_made_anew() {
    let desk = Desk::new();
    let mut console = desk.open();
    let mirror = desk.profile().join("mirror.db");
    std::fs::remove_file(&mirror).expect("the mirror is deleted");
    console.wait_for("the local copy of the tickets");
    assert!(mirror.exists());
    compose(&mut console, 3, DraftKind::Reply);
    console.type_keys("precious");
    console.wait_for("draft saved");
}
