use std::fs;

use super::*;
use crate::domain::{
    ReplyKind,
    plan::macros::{Then, Wanted},
};

/// The macros of a configuration file, and what is wrong, a line each.
fn of(source: &str) -> (Vec<Macro>, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    fs::write(&file, source).unwrap();
    told(&open(&file), folder.path())
}

fn open(config: &Path) -> MacroFiles {
    let mut files = MacroFiles::at(config);
    files.refresh();
    files
}

/// The macros and problems, with paths relative to `folder`.
fn told(files: &MacroFiles, folder: &Path) -> (Vec<Macro>, Vec<String>) {
    let (macros, errors) = files.read();
    let lines = errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    let lines = lines.replace(&format!("{}/", folder.display()), "");
    (macros, lines.lines().map(str::to_owned).collect())
}

fn names(macros: &[Macro]) -> Vec<&str> {
    macros.iter().map(|it| it.name.as_str()).collect()
}

#[test]
fn every_key_of_a_macro_is_read() {
    let (macros, problems) = of(r#"
[[macro]]
name = "Billing :: Refund started"
key = "r"
text = """
Hi {{ contact.first_name | default("there", true) }},

the refund for order [[order number]] is on its way.
"""
kind = "note"
status = "Answered"
priority = "normal"
department = 3
project = "Website"
add_tags = ["Refund due", "refund-due", "vip"]
remove_tags = ["triage"]
archive = false
then = "next"
departments = ["Billing", 4]
"#);
    assert_eq!(problems, [] as [&str; 0]);
    let [one] = &macros[..] else { panic!("{macros:?}") };
    assert_eq!((one.name.as_str(), one.key), ("Billing::Refund started", Some('r')));
    assert!(one.text.as_ref().unwrap().starts_with("Hi {{"));
    assert_eq!(one.kind, ReplyKind::Note);
    assert_eq!(one.status, Some(Wanted::Title("Answered".into())));
    assert_eq!(one.department, Some(Wanted::Number(3)));
    assert_eq!(
        one.add_tags.iter().map(|it| it.as_str()).collect::<Vec<_>>(),
        ["refund-due", "vip"]
    );
    assert_eq!((one.archive, one.then), (Some(false), Some(Then::Next)));
    assert_eq!(one.departments, [Wanted::Title("Billing".into()), Wanted::Number(4)]);
}

#[test]
fn all_that_is_wrong_is_said_at_once_and_hides_no_other_macro() {
    let (macros, problems) = of(r#"[[macro]]
name = "Good"
archive = true
[[macro]]
text = "x"
[[macro]]
name = "Typo"
txt = "x"
status = true
[[macro]]
name = "Template"
text = """
Hi

{{ contact.frist_name }}
"""
[[macro]]
name = "Nothing"
[[macro]]
name = "A::::B"
key = "ab"
kind = "mail"
add_tags = ["x"]
remove_tags = ["X"]
[[macro]]
name = "Loop"
text = "{% for a in range(99999) %}{{ a }}{% endfor %}"
[[macro]]
name = "Good too"
priority = "high"
"#);
    assert_eq!(names(&macros), ["Good", "Good too"]);
    let starts = [
        "config.toml:4: a macro has to have a `name`",
        "config.toml:8: unknown key `txt` in [macro]; did you mean `text`?",
        "config.toml:9: `status` has to be a title, or a number from 1 on, not boolean",
        "config.toml:15: `text`: there is no placeholder `contact.frist_name`; did you mean",
        "config.toml:17: the macro has no `text` and changes nothing",
        "config.toml:19: the tag \"x\" is both added and removed",
        "config.toml:20: the name \"A::::B\" has an empty part",
        "config.toml:21: `key` has to be one letter, digit or sign",
        "config.toml:22: `kind` can't be \"mail\"",
        "config.toml:27: `text`: it comes to no end",
    ];
    assert_eq!(problems.len(), starts.len(), "{problems:#?}");
    for start in starts {
        assert!(problems.iter().any(|it| it.starts_with(start)), "{start}: {problems:#?}");
    }
}

#[test]
fn the_first_of_two_with_one_name_or_one_key_has_it() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("team")).unwrap();
    fs::write(
        at("config.toml"),
        "macro_dirs = [\"team\"]\n[[macro]]\nname = \"A\"\nkey = \"a\"\narchive = true\n",
    )
    .unwrap();
    fs::write(
        at("team/b.toml"),
        "[[macro]]\nname = \"A\"\narchive = false\n[[macro]]\nname = \"B\"\nkey = \"a\"\narchive = false\n",
    )
    .unwrap();
    let (macros, problems) = told(&open(&at("config.toml")), folder.path());
    assert_eq!(names(&macros), ["A", "B"]);
    assert_eq!((macros[0].archive, macros[1].key), (Some(true), None));
    assert_eq!(
        problems,
        [
            "team/b.toml:1: there is a macro \"A\" already, config.toml:2",
            "team/b.toml:4: the key `a` is taken by the macro \"A\", config.toml:2",
        ]
    );
}

#[test]
fn line_ends_and_a_byte_order_mark_change_nothing() {
    let source = "# team\n[[macro]]\nname = \"A\"\ntext = \"\"\"\nHi\n\nyou\n\"\"\"\n[[macro]]\nname = \"B\"\ntext = \"\"\"\na\n}}\n\"\"\"\n";
    for text in [source.to_owned(), source.replace('\n', "\r\n"), format!("\u{feff}{source}")] {
        let (macros, problems) = of(&text);
        assert_eq!(macros[0].text.as_deref(), Some("Hi\n\nyou\n"), "{text:?}");
        assert_eq!(problems.len(), 1);
        assert!(
            problems[0].starts_with("config.toml:13: `text`: `}}` ends nothing"),
            "{problems:?}"
        );
    }
}

#[test]
fn files_are_read_again_when_they_change_and_what_is_broken_stays_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("team")).unwrap();
    fs::write(at("config.toml"), "macro_dirs = [\"team\", \"gone\"]\n").unwrap();
    let mut files = open(&at("config.toml"));
    let (macros, problems) = told(&files, folder.path());
    assert_eq!(macros, []);
    assert!(problems[0].starts_with("gone:1: it can't be read"), "{problems:?}");
    assert!(!files.refresh());

    let a = "[[macro]]\nname = \"A\"\narchive = true\n";
    fs::write(at("team/a.toml"), format!("{a}[[macro]]\nname = \"B\"\npriority = \"high\"\n"))
        .unwrap();
    fs::write(at("team/.hidden.toml"), "no TOML").unwrap();
    fs::write(at("team/notes.txt"), "no TOML").unwrap();
    assert!(files.refresh());
    assert!(!files.refresh());
    assert_eq!(names(&files.read().0), ["A", "B"]);

    // One macro is broken: it stays as it was, the other is the new one.
    fs::write(
        at("team/a.toml"),
        "[[macro]]\nname = \"A\"\narchive = false\n[[macro]]\nname = \"B\"\npriority = \"hihg\"\n",
    )
    .unwrap();
    assert!(files.refresh());
    let (macros, problems) = told(&files, folder.path());
    assert_eq!(
        (macros[0].archive, macros[1].priority),
        (Some(false), Some(crate::domain::Priority::High))
    );
    assert!(
        problems.iter().any(|it| it.starts_with("team/a.toml:6: `priority` can't be")),
        "{problems:?}"
    );

    // The file is no TOML: all of it stays as it was.
    fs::write(at("team/a.toml"), format!("{a}[[macro")).unwrap();
    assert!(files.refresh());
    let (macros, problems) = told(&files, folder.path());
    assert_eq!(names(&macros), ["A", "B"]);
    assert!(problems.iter().any(|it| it.starts_with("team/a.toml:4: ")), "{problems:?}");

    fs::remove_file(at("team/a.toml")).unwrap();
    assert!(files.refresh());
    assert_eq!(files.read().0, []);
    fs::remove_file(at("config.toml")).unwrap();
    assert!(files.refresh());
    assert_eq!(files.read(), (Vec::new(), Vec::new()));
}

#[test]
fn what_is_no_macro_in_a_file_of_macros_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("team")).unwrap();
    fs::write(at("config.toml"), "macro_dirs = [\"team\"]\n[console]\n").unwrap();
    fs::write(at("team/a.toml"), "[[macros]]\nname = \"A\"\n").unwrap();
    fs::write(at("team/b.toml"), [0xff, 0xfe]).unwrap();
    let (_, problems) = told(&open(&at("config.toml")), folder.path());
    assert_eq!(
        problems,
        [
            "team/a.toml:1: unknown key `macros`; did you mean `macro`?",
            "team/b.toml:1: it can't be read: it is no UTF-8",
        ]
    );
}

#[test]
fn ten_thousand_macros_are_read() {
    let one = |number: usize| {
        format!(
            "[[macro]]\nname = \"Group::{number}\"\ntext = \"\"\"\nHi {{{{ contact.name | default('there') }}}},\n\n[[what]]\n\"\"\"\nstatus = \"Answered\"\n"
        )
    };
    let mut source: String = (0..10_000).map(one).collect();
    source.push_str("[[macro]]\nname = \"Last\"\ntext = \"}}\"\n");
    let started = std::time::Instant::now();
    let (macros, problems) = of(&source);
    println!("10,000 macros: {:?}", started.elapsed());
    assert_eq!(macros.len(), 10_000);
    assert_eq!(
        problems,
        ["config.toml:80003: `text`: `}}` ends nothing; as text it is {{ \"}}\" }}"]
    );
}

#[test]
fn the_examples_are_right() {
    let (macros, errors) = MacroFiles::examples().read();
    assert_eq!(errors, []);
    assert_eq!(macros.len(), 6);
    assert!(macros.iter().all(|it| it.key.is_some()));
    assert!(macros.iter().any(|it| it.text.is_none()));
    assert!(macros.iter().any(|it| it.kind == ReplyKind::Note));
    assert!(macros.iter().any(|it| !it.departments.is_empty()));
}

#[test]
fn a_file_that_stays_as_it_is_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    std::fs::write(&path, "[[macro]]\nname = \"A\"\narchive = true\n").unwrap();
    let mut files = MacroFiles::at(&path);
    let changes: Vec<bool> = (0..4).map(|_| files.refresh()).collect();
    assert_eq!(changes, [true, false, false, false]);
}
