//! The texts of macros for many tickets, from what the mirror has.

use growdesk::{
    desk::{FillTarget, FilledText, Filling, Found, Read, Report, RequestId, Slot, Work},
    domain::Row,
};
use jiff::{Timestamp, tz::TimeZone};

use crate::{
    hears::Hears as _,
    office::{Console, NEVER, sandbox},
};

async fn filled(console: &mut Console, rows: Vec<Row>, text: Option<&str>) -> Vec<FilledText> {
    let target = |row: Row| FillTarget { ticket: row.ticket, waits_since: None };
    let filling = Filling {
        text: text.map(Into::into),
        answers: std::collections::BTreeMap::new(),
        targets: rows.into_iter().map(target).collect(),
        wants_projects: text.is_none(),
        wants_newest: false,
        now: Timestamp::now(),
        zone: TimeZone::UTC,
        width: None,
    };
    let read = Read::Fill(Box::new(filling));
    console.worker.ask(Work::Read { request: RequestId(7), slot: Slot::Macro, read });
    console
        .told(|report| match report {
            Report::Found { found: Ok(Found::Filled(all)), .. } => Some(all.clone()),
            _ => None,
        })
        .await
}

fn reason(filled: &FilledText) -> String {
    match &filled.words {
        Some(Err(cant)) => cant.to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_tickets_those_whose_conversation_is_not_read_get_no_text() {
    let sandbox = sandbox(200).await;
    let folder = tempfile::tempdir().expect("a folder");
    let mut console = Console::ready(&sandbox, folder.path(), NEVER).await;
    let unread = |row: &&Row| row.ticket.replies_count > 1 && row.facts.is_none();
    let rows: Vec<Row> = console.rows.values().filter(unread).take(25).cloned().collect();
    assert_eq!(rows.len(), 25);
    let all = filled(&mut console, rows, Some("{{ quote }}")).await;
    assert_eq!(all.len(), 25);
    for one in &all {
        let why = reason(one);
        assert!(why.contains("quote") && why.contains("is not read yet"), "{why}");
    }
    console.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn projects_that_can_not_be_read_are_no_missing_ones() {
    let sandbox = sandbox(60).await;
    let folder = tempfile::tempdir().expect("a folder");
    let mut console = Console::ready(&sandbox, folder.path(), NEVER).await;
    sandbox.faults().add("GET /api/projects error".parse().expect("a fault"));
    let rows = console.rows.values().filter(|row| row.ticket.client.is_some()).take(1).cloned();
    let rows = rows.collect();
    let all = filled(&mut console, rows, None).await;
    let why = reason(&all[0]);
    assert!(why.contains("projects can't be read now"), "{why}");
    console.close().await;
}
