//! Custom fields of a new ticket reach the server, which asks for those that it needs.

use std::time::Duration;

use growdesk::domain::{Change, State};

use crate::{
    bench::{Bench, Pace, sandbox},
    writes::new_ticket,
};

const PACE: Pace = Pace {
    timeout: Duration::from_secs(5),
    grace: Duration::from_secs(5),
    retry: Duration::from_millis(20),
};

#[tokio::test(flavor = "multi_thread")]
async fn custom_fields_reach_the_server_as_they_were_chosen() {
    let sandbox = sandbox().await;
    let enabled = "INSERT INTO custom_fields VALUES (3, 'Product', 1), (9, 'Serial number', 0)";
    sandbox.change(|db| Ok(db.execute_batch(enabled)?)).expect("the database takes it");
    let mut new = new_ticket(&sandbox);
    let mut bench = Bench::open(sandbox, PACE).await;

    let entry = bench.entry(None, Change::Create(Box::new(new.clone())));
    let State::Refused { problem } = bench.carry_out(vec![entry]).await else {
        panic!("the server needs a field")
    };
    let fields: Vec<_> =
        problem.fields.iter().map(|(name, said)| (&**name, said[0].as_str())).collect();
    assert_eq!(fields, [("ticket_custom_field_3", "The Product field is required.")]);

    let custom = [("ticket_custom_field_3", "Line card <b>"), ("ticket_custom_field_9", "Ü 7")];
    new.custom = custom.map(|(name, text)| (name.to_owned(), text.to_owned())).to_vec();
    let entry = bench.entry(None, Change::Create(Box::new(new)));
    assert!(matches!(bench.carry_out(vec![entry]).await, State::Recorded { .. }));
    let value = |field: i64| -> String {
        bench.ask(&format!(
            "SELECT value FROM custom_values WHERE field_id = {field}
                AND ticket_id = (SELECT id FROM tickets WHERE subject = 'Printer on fire')"
        ))
    };
    assert_eq!((value(3), value(9)), ("Line card <b>".into(), "Ü 7".into()));
}
