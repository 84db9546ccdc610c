//! `growdesk login`, as a person types: what was wrong is asked again, and nothing else is.

use growdesk::sandbox::{Options, Sandbox};
use secrecy::ExposeSecret as _;

use super::pty::Console;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_wrong_is_asked_again_and_nothing_else_is() {
    let sandbox =
        Sandbox::start(Options { tickets: 3, ..Options::default() }).await.expect("it starts");
    let folder = tempfile::tempdir().expect("a folder");
    let (url, key) = (sandbox.url().to_owned(), sandbox.api_key().expose_secret().to_owned());
    let folder_path = folder.path().to_owned();
    let typing = tokio::task::spawn_blocking(move || {
        let mut console = Console::start(&["login"], &[], &folder_path);
        console.wait_for("Address of the CRM");
        console.press("http://127.0.0.1:1\r", "API key");
        console.press("wrong-key\r", "That did not work");
        // The address again, as it was typed.
        console.wait_until("asked again", |text| text.matches("Address of the CRM").count() == 2);
        assert_eq!(console.text().matches("(not shown)").count(), 1, "{}", console.text());
        console.type_keys(&"\u{7f}".repeat(30));
        console.type_keys(&format!("{url}\r"));
        // The key now, and the key alone.
        console.wait_until("asked for the key", |text| text.matches("(not shown)").count() == 2);
        assert_eq!(console.text().matches("Address of the CRM").count(), 2);
        console.press(&format!("{key}\r"), "Your name");
        console.press("Ann\r", "Time zone");
        console.type_keys(&"\u{7f}".repeat(30));
        console.press("Mars/Base\r", "unknown time zone");
        console.type_keys(&"\u{7f}".repeat(30));
        console.press("Europe/Berlin\r", "The key works");
        assert!(console.ended().success());
    });
    typing.await.expect("it is asked so");
    let config = std::fs::read_to_string(folder.path().join("config.toml")).expect("a profile");
    assert!(
        config.contains("agent_name = \"Ann\"") && config.contains("Europe/Berlin"),
        "{config}"
    );
}
