//! The files with macros, looked after while the console runs.

use std::time::Duration;

use tokio::{
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    task::spawn_blocking,
};

use crate::{app::Message, config::MacroFiles};

/// How often the files are checked for changes.
const EVERY: Duration = if cfg!(test) { Duration::from_millis(20) } else { Duration::from_secs(2) };

/// Reads the files beside the console, and reports their macros at first and after each change.
pub(super) fn watch(mut files: MacroFiles) -> UnboundedReceiver<Message> {
    let (out, news) = unbounded_channel();
    tokio::spawn(async move {
        let mut first = true;
        loop {
            let look = spawn_blocking(move || (files.refresh(), files)).await;
            let Ok(looked) = look else { return };
            let changed;
            (changed, files) = looked;
            if changed || std::mem::take(&mut first) {
                let (macros, errors) = files.read();
                let problems = MacroFiles::words(&errors);
                // If the console has closed, nobody listens any more.
                if out.send(Message::Macros { macros, problems }).is_err() {
                    return;
                }
            }
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = out.closed() => return,
            }
        }
    });
    news
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn macros_are_told_when_their_file_changes_and_stay_when_it_breaks() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.toml");
        let mut news = watch(MacroFiles::at(&file));
        let told = |message| match message {
            Some(Message::Macros { macros, problems }) => (macros.len(), problems),
            other => panic!("{other:?}"),
        };
        assert_eq!(told(news.recv().await), (0, vec![]));
        let right = "[[macro]]\nname = \"A\"\narchive = true\n";
        std::fs::write(folder.path().join("new"), right).unwrap();
        std::fs::rename(folder.path().join("new"), &file).unwrap();
        assert_eq!(told(news.recv().await), (1, vec![]));
        std::fs::write(folder.path().join("new"), format!("{right}[[macro")).unwrap();
        std::fs::rename(folder.path().join("new"), &file).unwrap();
        let (macros, problems) = told(news.recv().await);
        assert_eq!((macros, problems.len()), (1, 1));
        assert!(problems[0].contains("config.toml:4: "), "{problems:?}");
    }
}
