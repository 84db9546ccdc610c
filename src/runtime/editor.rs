//! The agent's own editor: one that has the terminal until it ends, and one with a window of its own.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use super::{edits::EditedFile, outside::local};
use crate::{
    domain::{DraftKey, Problem},
    programs,
};

/// An editor that ends sooner than this without a change to the text may have opened a window.
const AT_ONCE: Duration = Duration::from_secs(1);

/// How often the console looks for texts that a window has saved while nothing else happens.
const LOOK: Duration = Duration::from_secs(5);

/// How long an editor may take to end once the console has to end.
const LAST: Duration = Duration::from_millis(700);

/// The editors that texts are in.
#[derive(Debug)]
pub(super) struct Editors {
    folder: PathBuf,
    windows: Vec<Window>,
}

/// A text in an editor that has, or may have, a window of its own.
#[derive(Debug)]
struct Window {
    key: DraftKey,
    edit: EditedFile,
    /// The content of the file at the last look.
    text: String,
    /// Whether a draft of it has existed. An empty text is no draft.
    drafted: bool,
}

/// A text that a window has saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SavedText {
    /// The draft that it is.
    pub(super) key: DraftKey,
    /// The text that the editor began with, or had saved before.
    pub(super) before: String,
    /// The text that it has saved now.
    pub(super) text: String,
}

/// How an editor ended.
enum Ended {
    /// By itself, well or not.
    Itself(Result<(), Problem>),
    /// It has not ended, but the console has to end.
    Not,
}

impl Editors {
    /// Editors of texts in the profile's folder.
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder, windows: Vec::new() }
    }

    /// Lets the agent edit `text`, the draft of `key`, with `$VISUAL` or `$EDITOR`, split into
    /// words as a shell does, and given to none. The text goes by a file that only the agent can
    /// read. Once `end` is there, the editor is told to end too. If it does not end, it is left
    /// alone.
    pub(super) async fn edit(
        &mut self,
        key: DraftKey,
        text: &str,
        end: impl Future<Output = ()>,
    ) -> Result<String, Problem> {
        let set = |name| std::env::var(name).ok().filter(|it: &String| !it.trim().is_empty());
        let editor = set("VISUAL").or_else(|| set("EDITOR")).unwrap_or_else(|| "vi".into());
        self.edit_with(&editor, key, text, end).await
    }

    async fn edit_with(
        &mut self,
        editor: &str,
        key: DraftKey,
        text: &str,
        end: impl Future<Output = ()>,
    ) -> Result<String, Problem> {
        let words = shell_words::split(editor)
            .map_err(|error| local(format!("$EDITOR ({editor}) can't be read: {error}")))?;
        let (program, arguments) =
            words.split_first().ok_or_else(|| local("$EDITOR names no program".into()))?;
        let edit = EditedFile::begin(&self.folder, key, text)
            .map_err(|error| local(format!("no file could be made for the editor: {error}")))?;
        let began = Instant::now();
        let ended = run(program, arguments, edit.path(), end).await;
        let (now, changed) = edit
            .text()
            .map_err(|error| local(format!("the edited text could not be read: {error}")))?;
        match ended {
            // The next console finds a text that it saves after this console has ended.
            Ended::Not => Ok(now),
            Ended::Itself(Ok(())) if !changed && began.elapsed() < AT_ONCE => {
                let drafted = !text.trim().is_empty();
                self.windows.push(Window { key, edit, text: now, drafted });
                Err(local(format!(
                    "{program} returned at once, the text as it was: a window editor needs --wait. What \
                     it saves from now on comes into the draft"
                )))
            }
            // An editor ended by a closed window looks like one that the agent left on purpose. So
            // its text counts as the agent's, and the pane's own undo gives back the earlier one.
            Ended::Itself(Err(problem)) if !changed => {
                edit.end();
                Err(problem)
            }
            Ended::Itself(_) => {
                edit.end();
                Ok(now)
            }
        }
    }

    /// When the windows are to be looked at again, if there are any.
    pub(super) fn look_after(&self) -> Option<Duration> {
        (!self.windows.is_empty()).then_some(LOOK)
    }

    /// What the windows have saved since this was last asked.
    pub(super) fn saved(&mut self) -> Vec<SavedText> {
        let mut all = Vec::new();
        for window in &mut self.windows {
            // An empty file is one that is just being written.
            let is_new = |text: &String| *text != window.text && !text.trim().is_empty();
            if let Some(text) = window.edit.saved().filter(is_new) {
                let before = std::mem::replace(&mut window.text, text.clone());
                all.push(SavedText { key: window.key, before, text });
            }
        }
        all
    }

    /// Forgets the windows whose drafts are settled.
    pub(super) fn keep_where(&mut self, is_draft: impl Fn(DraftKey) -> bool) {
        let mut all = std::mem::take(&mut self.windows);
        for window in &mut all {
            window.drafted |= is_draft(window.key);
        }
        let (kept, settled): (Vec<_>, _) =
            all.into_iter().partition(|window| !window.drafted || is_draft(window.key));
        self.windows = kept;
        for window in settled {
            window.edit.end();
        }
    }
}

async fn run(
    program: &str,
    arguments: &[String],
    file: &Path,
    end: impl Future<Output = ()>,
) -> Ended {
    let mut child = match programs::program(program).args(arguments).arg(file).spawn() {
        Ok(child) => child,
        Err(error) => {
            let problem = local(format!("the editor {program} could not be started: {error}"));
            return Ended::Itself(Err(problem));
        }
    };
    let ended = tokio::select! {
        ended = child.wait() => Some(ended),
        () = end => None,
    };
    let ended = match ended {
        Some(ended) => ended,
        None => {
            tell_to_end(&child);
            match tokio::time::timeout(LAST, child.wait()).await {
                Ok(ended) => ended,
                Err(_) => return Ended::Not,
            }
        }
    };
    Ended::Itself(match ended {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(local(format!("the editor {program} ended with {status}"))),
        Err(error) => Err(local(format!("the editor {program} can't be waited for: {error}"))),
    })
}

/// The signal that a closed terminal window sends. Editors then keep their unsaved text.
#[cfg(unix)]
fn tell_to_end(child: &tokio::process::Child) {
    let id = child.id().and_then(|id| rustix::process::Pid::from_raw(id.try_into().ok()?));
    if let Some(id) = id {
        // If the signal can't be sent, the editor has just ended.
        let _ = rustix::process::kill_process(id, rustix::process::Signal::HUP);
    }
}

#[cfg(not(unix))]
fn tell_to_end(_: &tokio::process::Child) {}

#[cfg(all(test, unix))]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use super::*;
    use crate::{
        domain::{DraftKind, TicketId},
        text::clean,
    };

    const HOSTILE: &str = "a\x1b]52;c;eA==\x07\u{9d}b\u{202e}\u{85}$(touch x)`id`;\r\0\x7f\x1b\\語";
    const KEY: DraftKey = DraftKey { ticket: Some(TicketId(7)), kind: DraftKind::Note, copy: 0 };

    /// An editor in a folder whose name has to be quoted, that does what `body` says with the last of
    /// its arguments.
    fn script(folder: &Path, body: &str) -> String {
        let path = folder.join("my editor");
        fs::write(&path, format!("#!/bin/sh\nfor file; do :; done\n{body}\n")).expect("a script");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).expect("it is ours");
        format!("'{}'", path.display())
    }

    async fn edit(editors: &mut Editors, editor: &str, text: &str) -> Result<String, Problem> {
        editors.edit_with(editor, KEY, text, std::future::pending()).await
    }

    #[tokio::test]
    async fn the_editor_is_told_a_file_and_nothing_of_the_text() {
        let folder = tempfile::tempdir().unwrap();
        let told = folder.path().join("told");
        let body = format!(
            "printf '%s\\n' \"$@\" > {0}\nls -l \"$file\" | cut -c1-10 >> {0}\nprintf 'b\\033[2J' >> \"$file\"",
            told.display()
        );
        let editor = format!("{} -c 'set tw=72; $(id)' \"it's\"", script(folder.path(), &body));
        let mut editors = Editors::new(folder.path().into());
        let edited = edit(&mut editors, &editor, HOSTILE).await.unwrap();
        assert_eq!(edited, clean::typed(&format!("{HOSTILE}b\x1b[2J")));
        let told = fs::read_to_string(told).unwrap();
        let [flag, words, quoted, file, mode] = told.lines().collect::<Vec<_>>()[..] else {
            panic!("{told:?}")
        };
        let name = Path::new(file).file_name().unwrap().to_str().unwrap();
        assert_eq!((flag, words, quoted), ("-c", "set tw=72; $(id)", "it's"));
        assert_eq!((name, mode), ("note-7.md", "-rw-------"));
        assert!(!Path::new(file).exists(), "nothing of the text stays behind");
    }

    #[tokio::test]
    async fn an_editor_that_can_not_be_read_or_started_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let mut editors = Editors::new(folder.path().into());
        for (editor, said) in [
            ("vim 'half", "can't be read"),
            ("''", "could not be started"),
            ("/no/such", "could not be started"),
            ("sh -c 'exit 3'", "exit status: 3"),
        ] {
            let problem = edit(&mut editors, editor, "text").await.unwrap_err().to_string();
            assert!(problem.contains(said), "{problem}");
        }
        let left = fs::read_dir(folder.path().join("editing")).unwrap().count();
        assert_eq!(left, 0, "no file stays behind");
    }

    #[tokio::test]
    async fn what_a_window_saves_later_comes_until_the_draft_is_settled() {
        let folder = tempfile::tempdir().unwrap();
        let told = folder.path().join("told");
        let editor = script(folder.path(), &format!("printf %s \"$file\" > {}", told.display()));
        let mut editors = Editors::new(folder.path().into());
        let problem = edit(&mut editors, &editor, "begun").await.unwrap_err().to_string();
        assert!(problem.contains("a window editor needs --wait"), "{problem}");
        let file = PathBuf::from(fs::read_to_string(told).unwrap());
        assert_eq!((editors.saved(), editors.look_after()), (vec![], Some(LOOK)));

        let saved = |before: &str, text: &str| {
            vec![SavedText { key: KEY, before: before.into(), text: text.into() }]
        };
        fs::write(&file, "begun and ended\n").unwrap();
        assert_eq!(editors.saved(), saved("begun", "begun and ended"));
        assert_eq!(editors.saved(), vec![]);
        // Some editors write a new file first, and this one does too.
        fs::write(file.with_extension("new"), "again").unwrap();
        fs::rename(file.with_extension("new"), &file).unwrap();
        assert_eq!(editors.saved(), saved("begun and ended", "again"));
        editors.keep_where(|key| key == KEY);
        assert!(file.exists());
        editors.keep_where(|_| false);
        assert!(!file.exists() && editors.look_after().is_none());
    }

    #[tokio::test]
    async fn a_window_on_an_empty_text_and_one_that_empties_its_file_are_not_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let told = folder.path().join("told");
        let editor = script(folder.path(), &format!("printf %s \"$file\" > {}", told.display()));
        let mut editors = Editors::new(folder.path().into());
        edit(&mut editors, &editor, "").await.unwrap_err();
        let file = PathBuf::from(fs::read_to_string(told).unwrap());
        editors.keep_where(|_| false);
        fs::write(&file, "begun").unwrap();
        let saved = |before: &str, text: &str| {
            vec![SavedText { key: KEY, before: before.into(), text: text.into() }]
        };
        assert_eq!(editors.saved(), saved("", "begun"));
        editors.keep_where(|key| key == KEY);
        fs::write(&file, "").unwrap();
        assert_eq!(editors.saved(), vec![]);
        fs::write(&file, "begun and ended").unwrap();
        assert_eq!(editors.saved(), saved("begun", "begun and ended"));
        editors.keep_where(|_| false);
        assert!(!file.exists());
    }

    #[tokio::test]
    async fn an_editor_that_is_told_to_end_may_save_first() {
        let folder = tempfile::tempdir().unwrap();
        let body = "trap 'printf saved > \"$file\"; exit 1' HUP\n: > \"$file.ready\"\nwhile :; do sleep 0.05; done";
        let editor = script(folder.path(), body);
        let mut editors = Editors::new(folder.path().into());
        let editing = folder.path().join("editing");
        let ready = async {
            let is_ready = |path: PathBuf| path.join("note-7.md.ready").exists();
            let any = || {
                fs::read_dir(&editing).into_iter().flatten().flatten().any(|it| is_ready(it.path()))
            };
            while !any() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let edited = editors.edit_with(&editor, KEY, "text", ready).await;
        assert_eq!(edited.unwrap(), "saved");
    }
}
