//! `growdesk man`.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use super::desk::Desk;

fn pages(folder: &Path) -> BTreeMap<String, String> {
    let all = fs::read_dir(folder).expect("the folder");
    let all = all.map(|entry| entry.expect("a page"));
    all.map(|it| {
        let text = fs::read_to_string(it.path()).expect("text");
        (it.file_name().into_string().expect("a name"), text)
    })
    .collect()
}

#[test]
fn each_verb_has_a_page_and_the_same_program_writes_the_same_pages() {
    let desk = Desk::open();
    let (first, second) = (desk.folder.path().join("a/new/man1"), desk.folder.path().join("b"));
    for folder in [&first, &second] {
        let ran = desk.ok(&["man", "--out", &folder.display().to_string()]);
        assert_eq!((&*ran.stdout, &*ran.stderr), ("", ""));
    }
    let all = pages(&first);
    assert_eq!(all, pages(&second));
    for page in ["growdesk.1", "growdesk-log.1", "growdesk-config-show.1", "growdesk-man.1"] {
        assert!(all.contains_key(page), "{page} is not in {:?}", all.keys());
    }
    for (name, text) in &all {
        for section in [".SH NAME", ".SH SYNOPSIS", ".SH DESCRIPTION", ".SH \"EXIT STATUS\""] {
            assert!(text.contains(section), "{name} has no {section}: {text}");
        }
        let title = text.lines().find(|line| line.starts_with(".TH")).expect("a title");
        assert!(title.contains("\"\"") || title.contains("1 "), "{name}: {title}");
        assert!(!name.contains("-help"), "{name}");
    }
    assert_eq!(desk.ok(&["man"]).stdout, all["growdesk.1"]);
    assert!(all["growdesk.1"].contains(".SH ENVIRONMENT"));
    assert!(
        all["growdesk-log.1"].contains("growdesk log \\-\\-since 2h"),
        "{}",
        all["growdesk-log.1"]
    );
}

#[test]
fn the_pages_are_sound_where_a_program_can_tell() {
    let desk = Desk::open();
    let folder = desk.folder.path().join("man1");
    desk.ok(&["man", "--out", &folder.display().to_string()]);
    for page in pages(&folder).keys() {
        let Ok(said) = Command::new("mandoc")
            .args(["-T", "lint", "-W", "error"])
            .arg(folder.join(page))
            .output()
        else {
            return;
        };
        assert!(said.status.success(), "{page}: {said:?}");
    }
}

#[test]
fn a_folder_that_can_not_be_made_is_named() {
    let desk = Desk::open();
    let file = desk.folder.path().join("file");
    fs::write(&file, "").expect("a file");
    let ran = desk.run(&["man", "--out", &file.join("man1").display().to_string()]);
    assert!(ran.fails(1).contains("file/man1 can't be made"), "{ran:?}");
}

#[test]
fn the_help_of_a_verb_has_its_examples() {
    let desk = Desk::open();
    let ran = desk.ok(&["log", "--help"]);
    assert!(ran.stdout.contains("Examples:\n  growdesk log --since 2h\n"), "{ran:?}");
    let ran = desk.ok(&["--help"]);
    assert!(ran.stdout.contains("Exit codes:\n  0  done"), "{ran:?}");
}
