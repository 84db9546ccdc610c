//! Lists that can't be shown whole.

use super::{
    console::Console,
    hears::Hears as _,
    server::{Asked, JSON, Server, ticket, whoops},
};

fn all_but(count: i64, left_out: &[i64]) -> Vec<i64> {
    (1..=count).filter(|id| !left_out.contains(id)).collect()
}

fn read(console: &Console) -> Vec<i64> {
    let known = console.rows.values().filter(|row| !row.ticket.subject.is_empty());
    known.map(|row| row.ticket.id.0).collect()
}

fn pages(asked: &[Asked]) -> usize {
    asked.iter().filter(|asked| asked.is_page()).count()
}

#[tokio::test]
async fn one_ticket_that_the_server_fails_over_hides_no_other() {
    let server = Server::start(120).await;
    server.fail_over(&[57]);
    let folder = tempfile::tempdir().expect("a folder");
    let console = Console::filled(&server.address, folder.path()).await;
    assert_eq!(read(&console), all_but(120, &[57]));
    assert_eq!(console.unread_tickets(), [57], "{:?}", console.unread);
    let named = &console.rows[&57].ticket;
    assert!(named.subject.is_empty() && !named.archived);
    assert!(console.unread.iter().any(|it| it.said.as_str().contains("500")));
    assert!(console.was_never_cut_off(), "{:?}", console.connections);
}

#[tokio::test]
async fn bad_tickets_at_the_ends_and_side_by_side_are_named() {
    for bad in [
        &[120][..],
        &[1],
        &[1, 2],
        &[119, 120],
        &[20, 21, 22],
        &[113, 114, 115, 116, 117, 118, 119, 120],
        &[5, 60, 99, 120],
    ] {
        let server = Server::start(120).await;
        let bad: &'static [i64] = bad.to_vec().leak();
        server.fail_over(bad);
        let folder = tempfile::tempdir().expect("a folder");
        let console = Console::filled(&server.address, folder.path()).await;
        assert_eq!(read(&console), all_but(120, bad), "{bad:?}");
        assert!(!console.unread.is_empty());
    }
}

#[tokio::test]
async fn a_ticket_that_can_be_read_by_itself_is_read_so() {
    let server = Server::start(80).await;
    server.spoil(|asked, answer| if asked.is_page() && asked.has(44) { whoops() } else { answer });
    let folder = tempfile::tempdir().expect("a folder");
    let console = Console::filled(&server.address, folder.path()).await;
    assert_eq!(read(&console), all_but(80, &[]));
    assert_eq!(console.subject(44), "Subject 44");
    assert!(console.unread.is_empty(), "{:?}", console.unread);
}

#[tokio::test]
async fn what_was_known_of_a_bad_ticket_stays_and_comes_back() {
    let server = Server::start(30).await;
    let folder = tempfile::tempdir().expect("a folder");
    let mut console = Console::filled(&server.address, folder.path()).await;
    server.fail_over(&[12]);
    console.refresh().await;
    assert_eq!(console.unread_tickets(), [12]);
    assert_eq!(console.subject(12), "Subject 12");
    server.spoil(|_, answer| answer);
    server.put(12, ticket(12, 1, "Mended", ""));
    // It has its turn again: for the test at once.
    let store = growdesk::store::Store::open(folder.path()).await.expect("a store").store;
    for (list, _) in store.all_troubles().await.expect("the store answers") {
        store.set_troubles(list, Default::default()).await.expect("the store takes it");
    }
    console.refresh().await;
    console.until(|it| it.subject(12) == "Mended").await;
}

#[tokio::test]
async fn what_is_known_to_fail_is_read_around_without_failing() {
    let server = Server::start(100).await;
    server.fail_over(&[63]);
    let folder = tempfile::tempdir().expect("a folder");
    let mut console = Console::filled(&server.address, folder.path()).await;
    server.asked();
    console.refresh().await;
    let asked = server.asked();
    let failed = asked.iter().filter(|asked| asked.is_page() && asked.has(63)).count();
    assert_eq!(failed, 0, "{asked:?}");
    // The other lists of the working set have one page each.
    assert!(pages(&asked) <= 4 + 5, "{asked:?}");
}

#[tokio::test]
async fn a_list_that_always_fails_is_given_up_and_costs_little() {
    let server = Server::start(100).await;
    server.spoil(|asked, answer| if asked.is_page() { whoops() } else { answer });
    let folder = tempfile::tempdir().expect("a folder");
    let mut console =
        Console::open(&server.address, folder.path(), std::time::Duration::from_secs(3600)).await;
    use growdesk::desk::Report;
    console.told(|it| matches!(it, Report::RefreshFailed(_)).then_some(())).await;
    let asked = server.asked();
    assert!(pages(&asked) < 25, "{}", pages(&asked));
    assert!(console.was_never_cut_off(), "{:?}", console.connections);
}

#[tokio::test]
async fn tickets_with_large_pictures_are_read_in_smaller_pages() {
    let server = Server::start(120).await;
    let picture = "iVBORw0KGgo".repeat(200_000 / 11);
    for id in 1..=120 {
        let message = format!("<p>Look</p><img src=\"data:image/png;base64,{picture}\">");
        server.put(id, ticket(id, 1, &format!("Subject {id}"), &message));
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mut console = Console::filled(&server.address, folder.path()).await;
    assert_eq!(read(&console), all_but(120, &[]));
    assert!(console.unread.is_empty(), "{:?}", console.unread);
    assert!(console.was_never_cut_off());
    // The size is remembered.
    server.asked();
    console.refresh().await;
    let too_large = server.asked();
    let too_large = too_large.iter().filter(|asked| match asked {
        Asked::Page { shows, .. } => shows.len() * 200_000 > 16 << 20,
        _ => false,
    });
    assert_eq!(too_large.count(), 0);
}

#[tokio::test]
async fn one_ticket_that_is_too_large_is_read_without_its_pictures_or_named() {
    let server = Server::start(40).await;
    let huge = "A".repeat(17 << 20);
    let picture = format!("before <img src=\"data:image/png;base64,{huge}\"> after");
    server.put(11, ticket(11, 1, "A picture", &picture));
    server.put(22, ticket(22, 1, "A book", &"word ".repeat(4 << 20)));
    let folder = tempfile::tempdir().expect("a folder");
    let console = Console::filled(&server.address, folder.path()).await;
    assert_eq!(read(&console), all_but(40, &[22]));
    assert_eq!(console.subject(11), "A picture");
    assert_eq!(console.unread_tickets(), [22], "{:?}", console.unread);
    assert!(console.unread.iter().any(|it| it.said.as_str().contains("larger than 16 MiB")));
}

#[tokio::test]
async fn bytes_that_are_no_json_cost_only_their_value() {
    let server = Server::start(12).await;
    let whole = String::from_utf8(ticket(1, 1, "SUBJECT", "")).expect("text");
    for (id, subject) in [
        (1, b"\\ud83d".to_vec()),
        (2, b"caf\xe9".to_vec()),
        (3, b"a\tb".to_vec()),
        (4, b"a\x1bb".to_vec()),
        (5, b"C:\\Games".to_vec()),
    ] {
        let object = whole.replace("\"id\":1,", &format!("\"id\":{id},"));
        let at = object.find("SUBJECT").expect("it is there");
        let object = [&object.as_bytes()[..at], &subject, &object.as_bytes()[at + 7..]].concat();
        server.put(id, object);
    }
    let with = |id: i64, field: &str| {
        let object = String::from_utf8(ticket(id, 1, "Fine", "")).expect("text");
        object.replacen('{', &format!("{{{field},"), 1)
    };
    server.put(6, with(6, "\"sla\":NaN"));
    server.put(7, with(7, "\"sla\":1e999"));
    server.put(8, with(8, &format!("\"deep\":{}{}", "[".repeat(300), "]".repeat(300))));
    server.put(9, with(9, "\"id\":1,\"id\":\"9\""));
    let folder = tempfile::tempdir().expect("a folder");
    let console = Console::filled(&server.address, folder.path()).await;
    assert_eq!(read(&console), all_but(12, &[]));
    assert_eq!(console.subject(1), "\u{fffd}");
    assert_eq!(console.subject(2), "caf\u{fffd}");
    assert!(console.subject(3).starts_with('a') && console.subject(3).ends_with('b'));
    assert!(!console.subject(4).contains('\u{1b}'));
    assert_eq!(console.subject(5), "C:\\Games");
    for id in 6..=9 {
        assert_eq!(console.subject(id), "Fine", "{id}");
    }
    assert!(console.unread.is_empty(), "{:?}", console.unread);
}

#[tokio::test]
async fn items_that_are_no_tickets_and_broken_json_are_named() {
    let server = Server::start(12).await;
    server.put(3, "null");
    server.put(5, "{\"id\":\"odd\"}");
    let folder = tempfile::tempdir().expect("a folder");
    let console = Console::filled(&server.address, folder.path()).await;
    assert_eq!(read(&console), all_but(12, &[3, 5]));
    let places: Vec<&str> = console.unread.iter().map(|it| it.place.as_str()).collect();
    assert!(
        places.contains(&"number 10 of Open") && places.contains(&"number 8 of Open"),
        "{places:?}"
    );

    let server = Server::start(12).await;
    server.put(3, "{\"id\":3,\"subject\":\"cut of");
    let folder = tempfile::tempdir().expect("a folder");
    let console = Console::filled(&server.address, folder.path()).await;
    assert_eq!(read(&console), all_but(12, &[3]));
    assert_eq!(console.unread_tickets(), [3], "{:?}", console.unread);
}

#[tokio::test]
async fn a_plug_in_that_speaks_before_one_ticket_hides_no_other() {
    let server = Server::start(60).await;
    server.spoil(|asked, (status, kind, body)| match asked.has(31) {
        true => (status, JSON, [b"<br />\n<b>Notice</b>: x", &body[..]].concat()),
        false => (status, kind, body),
    });
    let folder = tempfile::tempdir().expect("a folder");
    let console = Console::filled(&server.address, folder.path()).await;
    assert_eq!(read(&console), all_but(60, &[31]));
    assert_eq!(console.unread_tickets(), [31]);
    let said = &console.unread[0].said;
    assert!(said.as_str().contains("<b>Notice</b>"), "{said}");
    assert!(console.was_never_cut_off(), "{:?}", console.connections);
}
