//! `$EDITOR` has the terminal for a while.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use super::pty::Console;

/// An editor that waits in the terminal until it is told to go on.
pub(crate) struct Editor {
    folder: PathBuf,
}

impl Editor {
    /// One that does what `body` says with `$file`, after it has been told to go on.
    pub(crate) fn new(folder: &Path, body: &str) -> Self {
        let editor = Self { folder: folder.join("my editor") };
        fs::create_dir(&editor.folder).expect("a folder");
        let script = format!(
            "#!/bin/sh\nfile=$1\ncd \"${{0%/*}}\"\necho in the editor\n: > begun\n\
             until [ -e go ]; do sleep 0.02; done\n{body}\n"
        );
        let path = editor.folder.join("run");
        fs::write(&path, script).expect("a script");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).expect("it is ours");
        editor
    }

    /// What `$EDITOR` is to be.
    pub(crate) fn name(&self) -> String {
        format!("'{}/run'", self.folder.display())
    }

    /// Waits until it has the terminal.
    pub(crate) fn wait_begun(&self, console: &Console) {
        console.wait_until("in the editor", |_| self.folder.join("begun").exists());
    }

    /// Lets it go on.
    pub(crate) fn go_on(&self) {
        fs::write(self.folder.join("go"), "").expect("it can be told");
    }
}

/// A demo with a note begun, that the editor has.
pub(crate) fn edit(editor: &Editor, folder: &Path) -> Console {
    let environment = [("EDITOR", &*editor.name()), ("PATH", "/usr/bin:/bin")];
    let mut console = Console::start(&["demo", "--tickets", "20"], &environment, folder);
    console.wait_for("20 tickets");
    console.press("n", "colleagues only");
    console.type_keys("begun");
    console.wait_for("draft saved");
    console.type_keys("\u{5}");
    editor.wait_begun(&console);
    console
}

#[test]
fn a_resize_while_the_editor_has_the_terminal_is_not_missed() {
    let folder = tempfile::tempdir().expect("a folder");
    let editor = Editor::new(folder.path(), "echo ended > \"$file\"");
    let mut console = edit(&editor, folder.path());
    console.resize(70, 20);
    editor.go_on();
    console.wait_for("ended");
    console.wait_until("drawn at its size", |screen| {
        let lines: Vec<&str> = screen.lines().collect();
        lines.len() == 20 && lines.last().is_some_and(|line| line.contains("Ctrl-S"))
    });
    console.type_keys("\u{1b}");
    console.wait_for("kept as a draft");
    console.type_keys("q");
    console.ended();
}

#[test]
fn an_editor_with_a_window_is_said_and_what_it_saves_becomes_the_draft() {
    let folder = tempfile::tempdir().expect("a folder");
    let editor = Editor::new(
        folder.path(),
        "{ until [ -e save ]; do sleep 0.02; done; echo from the window > \"$file\"; } &",
    );
    editor.go_on();
    let mut console = edit(&editor, folder.path());
    console.wait_for("a window editor needs --wait");
    fs::write(folder.path().join("my editor/save"), "").expect("it can be told");
    // By itself, within the time in which other consoles are looked at too.
    console.wait_for("from the window");
    console.signal("TERM");
    console.ended();
}
