//! Lists that never end.

use serde_json::Value;

use super::{
    console::Console,
    server::{Asked, JSON, Server},
};

/// A server that names 10^9 pages, and shows the page that `shown` makes of the one asked for.
async fn endless(count: i64, repeats: bool) -> Server {
    let server = Server::start(count).await;
    server.spoil(move |asked, (status, kind, body)| {
        let Asked::Page { page, .. } = asked else { return (status, kind, body) };
        let mut answer: Value = serde_json::from_slice(&body).expect("JSON");
        answer["meta"]["last_page"] = 1_000_000_000.into();
        answer["meta"]["total"] = 100_000_000_000_i64.into();
        if repeats && *page > 1 {
            let one = super::server::ticket(count, 1, "Again", "");
            let one: Value = serde_json::from_slice(&one).expect("JSON");
            answer["data"] = Value::Array(vec![one; 100]);
        }
        (status, JSON, answer.to_string().into_bytes())
    });
    server
}

#[tokio::test]
async fn a_list_without_end_is_ended_and_said() {
    for repeats in [false, true] {
        let server = endless(150, repeats).await;
        let folder = tempfile::tempdir().expect("a folder");
        let console = Console::filled(&server.address, folder.path()).await;
        assert!(console.rows.len() >= 100, "{}", console.rows.len());
        let asked = server.asked().len();
        assert!(asked < 150, "{asked} requests");
        let said = console.unread.iter().any(|it| it.place.as_str().contains("after page"));
        assert!(said, "{:?}", console.unread);
    }
}

#[tokio::test]
async fn look_ups_and_conversations_without_end_are_ended() {
    let server = Server::start(1).await;
    server.spoil(|asked, (status, kind, body)| {
        if asked.is_page() {
            return (status, kind, body);
        }
        let data = "{\"data\":[{\"id\":1,\"name\":\"One\",\"text\":\"x\"}],\"meta\":{\"last_page\":1000000000}}";
        (status, JSON, data.into())
    });
    let settings = growdesk::api::ApiSettings::new(&server.address, "k-123".into());
    let client = growdesk::api::ApiClient::new(settings).expect("a client");
    let api = client.at(growdesk::api::Urgency::Agent);
    assert_eq!(api.team().await.expect("an answer").items.len(), 1);
    assert_eq!(api.replies(growdesk::domain::TicketId(1)).await.expect("an answer").items.len(), 1);
    assert!(server.asked().len() <= 4);
}
