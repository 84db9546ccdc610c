//! Answers that are not the API's, whatever is asked for.

use growdesk::desk::{Connection, Report};

use super::{
    console::Console,
    hears::Hears as _,
    server::{JSON, Server},
};

#[tokio::test]
async fn what_is_refused_is_shown_by_its_beginning() {
    for (before, after, shown) in [
        (&b"<br />\n<b>Warning</b>: "[..], &b""[..], "<b>Warning</b>"),
        (b"\xef\xbb\xbf\xef\xbb\xbf", b"", "<U+FEFF>"),
        (b"", b"\n<!-- rendered in 3 ms -->", "<!-- rendered in 3 ms -->"),
        (b"\x1f\x8b\x08\x00", b"", "compressed with gzip"),
    ] {
        let server = Server::start(5).await;
        server.spoil(move |_, (status, _, body)| (status, JSON, [before, &body, after].concat()));
        let folder = tempfile::tempdir().expect("a folder");
        let poll = std::time::Duration::from_secs(3600);
        let mut console = Console::open(&server.address, folder.path(), poll).await;
        let said = console
            .told(|message| match message {
                Report::Connection(Connection::NotTheApi(problem)) => Some(problem.to_string()),
                _ => None,
            })
            .await;
        assert!(said.contains(shown) && !said.contains('\u{1b}'), "{said}");
        assert!(console.rows.is_empty());
    }
}
