//! `growdesk stats`.

use super::desk::Desk;

#[test]
fn the_numbers_are_those_of_the_server_s_data() {
    let desk = Desk::with(250);
    let stats = desk.json(&["stats"]);
    let open = "active_state = 'active' AND status_id <> 2";
    for (field, condition) in [
        ("tickets", "1"),
        ("archived", "active_state = 'archived'"),
        ("backlog", open),
        ("waiting", "active_state = 'active' AND status_id IN (1, 5)"),
    ] {
        let count: i64 = desk.ask(&format!("SELECT count(*) FROM tickets WHERE {condition}"));
        assert_eq!(stats[field], count, "{field}");
    }
    let sum = |list: &str| -> i64 {
        let all = stats[list].as_array().expect("an array").iter();
        all.map(|it| it["count"].as_i64().expect("a number")).sum()
    };
    let (backlog, waiting) = (stats["backlog"].as_i64(), stats["waiting"].as_i64());
    for list in ["by_status", "by_priority", "by_department"] {
        assert_eq!(Some(sum(list)), backlog, "{list}");
    }
    assert_eq!(Some(sum("waits")), waiting);
    assert_eq!(stats["days"].as_array().map(Vec::len), Some(30));
    let oldest: i64 =
        desk.ask(&format!("SELECT id FROM tickets WHERE {open} ORDER BY created, id LIMIT 1"));
    assert_eq!(stats["oldest"][0]["id"], oldest);
    assert_eq!(stats["oldest"].as_array().map(Vec::len), Some(10));
}

#[test]
fn the_numbers_are_lines_without_a_terminal() {
    let desk = Desk::open();
    let lines = desk.ok(&["stats"]).stdout;
    // The days are those of the clock on the wall.
    let lasting =
        lines.lines().filter(|line| !line.starts_with("day\t") && !line.starts_with("wait"));
    insta::assert_snapshot!(lasting.collect::<Vec<_>>().join("\n"));
    assert_eq!(lines.lines().filter(|line| line.starts_with("day\t")).count(), 30);
}

#[test]
fn an_empty_desk_has_numbers_too() {
    let desk = Desk::with(0);
    desk.change("DELETE FROM replies; DELETE FROM tags; DELETE FROM tickets;");
    let stats = desk.json(&["stats"]);
    assert_eq!((&stats["tickets"], &stats["by_status"]), (&0.into(), &serde_json::json!([])));
    desk.ok(&["stats"]);
}
