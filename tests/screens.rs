//! Every pane in every state, as it is drawn: as text, and where it matters with its styles.

#[path = "screens/board.rs"]
mod board;
#[path = "screens/bulk.rs"]
mod bulk;
#[path = "screens/client.rs"]
mod client;
#[path = "screens/columns.rs"]
mod columns;
#[path = "screens/custom.rs"]
mod custom;
#[path = "screens/dashboard.rs"]
mod dashboard;
#[path = "screens/discards.rs"]
mod discards;
#[path = "screens/fields.rs"]
mod fields;
#[path = "screens/heads.rs"]
mod heads;
#[path = "screens/history.rs"]
mod history;
#[path = "screens/hits.rs"]
mod hits;
#[path = "screens/keys.rs"]
mod keys;
#[path = "screens/links.rs"]
mod links;
#[path = "screens/macros.rs"]
mod macros;
#[path = "screens/many.rs"]
mod many;
#[path = "screens/marks.rs"]
mod marks;
#[path = "screens/meanwhile.rs"]
mod meanwhile;
#[path = "screens/mouse.rs"]
mod mouse;
#[path = "screens/news.rs"]
mod news;
#[path = "screens/order.rs"]
mod order;
#[path = "screens/pin.rs"]
mod pin;
#[path = "screens/pipe.rs"]
mod pipe;
#[path = "screens/plan.rs"]
mod plan;
#[path = "screens/proposals.rs"]
mod proposals;
#[path = "screens/read_only.rs"]
mod read_only;
#[path = "screens/repeat.rs"]
mod repeat;
#[path = "screens/review.rs"]
mod review;
#[path = "screens/serve.rs"]
mod serve;
#[path = "screens/snooze.rs"]
mod snooze;
#[path = "screens/storing.rs"]
mod storing;
mod support;
#[path = "screens/table.rs"]
mod table;
#[path = "screens/targets.rs"]
mod targets;
#[path = "screens/themes.rs"]
mod themes;
#[path = "screens/tidings.rs"]
mod tidings;
#[path = "screens/truth.rs"]
mod truth;
#[path = "screens/waits.rs"]
mod waits;
#[path = "screens/writers.rs"]
mod writers;
#[path = "screens/writing.rs"]
mod writing;

use growdesk::{
    app::{Message, Settings},
    desk::{BudgetUse, Connection, Report, Stored},
    domain::{
        Change, Difference, Draft, DraftId, DraftKey, DraftKind, Entry, ProblemKind, ReplyKind,
        Row, State, Ticket, TicketId, Unreadable,
        outbox::{Decision, NewMessage, News},
    },
    ui::ColorDepth,
};
use jiff::SignedDuration;
use support::{
    console::{Console, problem},
    desk,
};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];

/// Snapshots what `console` makes of each size.
fn at_all_sizes(name: &str, console: impl Fn(u16, u16) -> Console) {
    for (width, height) in SIZES {
        let text = console(width, height).text();
        insta::assert_snapshot!(format!("{name}_{width}x{height}"), text);
    }
}

/// Snapshots what `console` makes of the smallest usual size.
fn at_80(name: &str, console: impl FnOnce(u16, u16) -> Console) {
    insta::assert_snapshot!(name, console(80, 24).text());
}

/// A console after these keys, everything it asked for answered.
fn after(mut console: Console, keys: &str) -> Console {
    console.keys(keys).rest();
    console
}

/// The entries that `keys` queue.
fn queue(console: &mut Console, keys: &str) -> Vec<Entry> {
    console.keys(keys);
    console.answer();
    console.keys("<enter>");
    console.queued()
}

/// A colleague who writes at another console.
fn anna() -> growdesk::domain::Writer {
    growdesk::domain::Writer {
        agent: "Anna".into(),
        process: 4123,
        host: "desk-1".into(),
        console: 1,
        since: desk::now(),
    }
}

fn unreachable() -> growdesk::domain::Problem {
    problem(ProblemKind::Unreachable, "")
}

#[test]
fn full() {
    at_all_sizes("list", Console::working);
    at_all_sizes("conversation", |w, h| after(Console::working(w, h), "/vpn<enter><enter>"));
    at_all_sizes("conversation_top", |w, h| {
        after(Console::working(w, h), "/vpn<enter><enter><rest>gg")
    });
    at_all_sizes("reply", |w, h| {
        after(Console::working(w, h), "/vpn<enter>rHello Priya,<enter><enter>we found *it*.")
    });
    at_all_sizes("review", |w, h| {
        let mut console = Console::working(w, h);
        console.keys("/vpn<enter>rHello Priya,<enter><enter>we found it.<c-s>").rest();
        console
    });
    at_all_sizes("pending", |w, h| {
        let mut console = Console::working(w, h);
        console.keys("/vpn<enter>rHello Priya,<enter><enter>we found it.<c-s>").answer();
        console.keys("<enter>").rest();
        console
    });
}

#[test]
fn quotes_unfold() {
    at_80("unfolded", |w, h| {
        after(Console::working(w, h), "/vpn<enter><enter><rest>kkk<enter>jjj")
    });
    at_80("zoomed", |w, h| after(Console::working(w, h), "/vpn<enter><enter>v"));
    at_80("other_views", |w, h| after(Console::working(w, h), "6jjjjjjjjjjjjjjj"));
}

#[test]
fn nothing_to_show_yet() {
    at_all_sizes("opened", Console::opened);
    at_80("connecting", |w, h| {
        let mut console = Console::opened(w, h);
        console.send(Report::Stored(Box::default()));
        console
    });
    at_all_sizes("first_reading", |w, h| {
        let mut console = Console::empty(w, h);
        console.send(Report::Refreshing { done: 120, total: 250 });
        console
    });
    at_80("no_tickets", |w, h| {
        let mut console = Console::empty(w, h);
        console.send(Report::Refreshed);
        let now = console.now;
        console.send(Report::Synced(now));
        console
    });
    at_80("checked_less_often", |w, h| {
        let mut console = Console::working(w, h);
        console.send(Report::Upkeep { every: Some(SignedDuration::from_mins(2)) });
        console
    });
    at_80("view_empty", |w, h| {
        let mut console = Console::working(w, h);
        let waits = |row: &Row| [1, 5].contains(&row.ticket.status.id.0);
        let gone = desk::rows().into_iter().filter(waits).map(|row| row.ticket.id).collect();
        console.send(Report::Rows { changed: vec![], gone });
        console.wait(20_000);
        console
    });
    at_80("no_match", |w, h| after(Console::working(w, h), "/vpn_"));
    at_80("search_in_texts", |w, h| after(Console::working(w, h), "/print<c-f>"));
    at_80("no_match_kept", |w, h| after(Console::working(w, h), "/vpn_x<enter>"));
}

#[test]
fn what_can_not_be_read_is_named() {
    at_all_sizes("unread", |w, h| {
        let mut console = Console::working(w, h);
        let stub = Ticket { created: Some(desk::now()), ..Ticket::sparse(TicketId(1050)) };
        let row = Row { ticket: stub, facts: None, noticed: desk::now() };
        console.send(Report::Rows { changed: vec![row], gone: Vec::new() });
        let said = desk::line("the server failed (500)");
        let unread =
            |ticket, place| Unreadable { ticket, place: desk::line(place), said: said.clone() };
        console.send(Report::Unreadable(vec![
            unread(Some(TicketId(1050)), "number 1 of Open"),
            unread(Some(TicketId(1040)), "number 9 of Open"),
            unread(None, "number 12 of Open"),
        ]));
        console
    });
}

#[test]
fn without_a_server() {
    let failing = |w, h, connection| {
        let mut console = Console::empty(w, h);
        console.send(Report::Connection(connection));
        console
    };
    at_all_sizes("unreachable_empty", |w, h| failing(w, h, Connection::Offline(unreachable())));
    at_80("wrong_key", |w, h| {
        let said = problem(ProblemKind::Unauthorised, "Unauthenticated.");
        failing(w, h, Connection::Unauthorised(said))
    });
    at_80("not_the_api", |w, h| {
        failing(w, h, Connection::NotTheApi(problem(ProblemKind::NotTheApi, "a login page")))
    });
    at_80("limited_empty", |w, h| {
        let until = desk::now() + SignedDuration::from_secs(40);
        failing(w, h, Connection::Limited { until })
    });
    at_80("offline_empty", |w, h| {
        let settings = Settings { offline: true, ..desk::settings() };
        let mut console = Console::with(settings, w, h);
        console.send(Report::Stored(Box::default()));
        console
    });
    at_80("offline", |w, h| {
        let settings = Settings { offline: true, ..desk::settings() };
        after(Console::with(settings, w, h).fill(), "/vpn<enter><enter>")
    });
    at_all_sizes("unreachable", |w, h| {
        let mut console = Console::working(w, h);
        console.send(Report::Connection(Connection::Offline(unreachable())));
        console.keys("j");
        console.answer();
        console.wait(200).fail_reads(&unreachable());
        console
    });
    at_80("conversation_loading", |w, h| {
        let mut console = Console::working(w, h);
        console.keys("G<enter>");
        console
    });
    at_80("conversation_failed", |w, h| {
        let mut console = Console::working(w, h);
        console.keys("G<enter>");
        console.wait(200).fail_reads(&problem(
            ProblemKind::ServerFault { status: 500 },
            "Allowed memory size exhausted",
        ));
        console
    });
    at_80("limited", |w, h| {
        let mut console = Console::working(w, h);
        let until = console.now + SignedDuration::from_secs(95);
        console.send(Report::Connection(Connection::Limited { until }));
        console.send(Report::Budget(BudgetUse { used: 60, limit: 60 }));
        console.send(Report::Refreshing { done: 120, total: 250 });
        console
    });
}

#[test]
fn notes_can_not_be_taken_for_replies() {
    let typed = "/vpn<enter>nAsk network first.";
    at_all_sizes("note", |w, h| after(Console::working(w, h), typed));
    at_80("note_preview", |w, h| {
        let mut console = Console::working(w, h);
        console.keys(typed).keys("<c-o>").rest();
        console
    });
    at_80("note_review", |w, h| {
        let mut console = Console::working(w, h);
        console.keys(typed).keys("<c-s>").rest();
        console
    });
    at_80("note_pending", |w, h| {
        let mut console = Console::working(w, h);
        console.keys(typed).keys("<c-s>").answer();
        console.keys("<enter>").rest();
        console
    });
    at_80("draft_failed", |w, h| {
        let mut console = Console::working(w, h);
        console.keys(typed).wait(200);
        let key = DraftKey::new(Some(TicketId(1042)), DraftKind::Note);
        console.send(Report::DraftFailed {
            key,
            problem: problem(ProblemKind::Store, "No space left on device"),
        });
        console
    });
    at_80("leaving_loses_a_draft", |w, h| {
        let mut console = unstorable(w, h);
        console.keys("<esc>").keys("q");
        console
    });
}

/// A console with a note that the disk does not take.
fn unstorable(width: u16, height: u16) -> Console {
    let mut console = Console::working(width, height);
    console.keys("jjj<enter>nThe firewall did it.");
    console.wait(200);
    let key = console.model.composer.as_ref().expect("a note is open").key();
    let problem = problem(ProblemKind::Store, "No space left on device");
    console.send(Report::DraftFailed { key, problem });
    console
}

#[test]
fn pickers() {
    at_all_sizes("status_picker", |w, h| after(Console::working(w, h), "s"));
    at_80("status_picker_filtered", |w, h| after(Console::working(w, h), "sa"));
    at_80("priority_picker", |w, h| after(Console::working(w, h), "p"));
    at_80("department_picker", |w, h| after(Console::working(w, h), "d"));
    at_80("tags_picker", |w, h| after(Console::working(w, h), "jjt<down>"));
    at_80("tags_picker_new", |w, h| after(Console::working(w, h), "tcall back"));
    at_80("palette", |w, h| after(Console::working(w, h), ":arch"));
    at_80("client_picker", |w, h| after(Console::working(w, h), "N<enter>"));
    at_80("client_picker_asking", |w, h| {
        let mut console = Console::working(w, h);
        console.keys("N<enter>bri");
        console
    });
    at_80("nothing_matches", |w, h| after(Console::working(w, h), "dzzz"));
}

#[test]
fn forms() {
    at_all_sizes("new_ticket", |w, h| after(Console::working(w, h), "N"));
    at_all_sizes("new_ticket_errors", |w, h| after(Console::working(w, h), "N<c-s>"));
    at_80("new_ticket_typed", |w, h| {
        let mut console = after(Console::working(w, h), "N<enter>");
        console.keys("<enter><enter>").rest();
        console.keys("<enter><tab><tab>Printer jams<tab>Hello,<enter>it does.").rest();
        console
    });
    at_all_sizes("edit", |w, h| after(Console::working(w, h), "/vpn<enter>E"));
    at_80("edit_message", |w, h| {
        after(after(Console::working(w, h), "/vpn<enter>E"), "<tab><tab><tab><tab>")
    });
    at_80("edit_loading", |w, h| {
        let mut console = Console::working(w, h);
        console.keys("E");
        console
    });
    at_80("edit_unreadable", |w, h| {
        let mut console = Console::working(w, h);
        console.effects();
        console.keys("E").fail_reads(&unreachable());
        console
    });
    at_80("edit_refused", |w, h| {
        let mut console = after(Console::working(w, h), "/vpn<enter>E");
        console.keys("<tab><tab><tab> (urgent)<c-s>");
        let entry = console.queued().remove(0);
        let mut refused = problem(ProblemKind::Refused, "The given data was invalid.");
        let mut say = |field: &str, text| {
            refused.fields.insert(field.into(), vec![desk::line(text)]);
        };
        say("ticket_subject", "The subject is too long.");
        say("ticket_custom_field_12", "The serial number field is required.");
        console.settle(&entry, State::Refused { problem: refused });
        console
    });
    at_80("edit_sending", |w, h| {
        let mut console = after(Console::working(w, h), "/vpn<enter>E");
        console.keys("<tab><tab><tab> (urgent)<c-s>");
        console
    });
}

#[test]
fn questions() {
    at_all_sizes("delete_ticket", |w, h| after(Console::working(w, h), "/vpn<enter>#10"));
    at_80("delete_reply", |w, h| after(Console::working(w, h), "/vpn<enter><enter><rest>kkkkD"));
    at_80("go_to", |w, h| after(Console::working(w, h), "gi10"));
    at_80("sequence", |w, h| {
        let mut console = Console::working(w, h);
        console.keys("g");
        console
    });
    at_80("quit", |w, h| {
        let mut console = Console::working(w, h);
        console.keys("s2p<down><enter>");
        console.keys("/vpn<enter>nAsk network.<c-s>").answer();
        console.keys("<enter><esc>q");
        console
    });
}

/// A console whose outbox holds something in every state, and which has drafts.
fn busy(width: u16, height: u16) -> Console {
    let mut console = Console::working(width, height);
    let reply = queue(&mut console, "/vpn<enter>rHello Priya, we found it.<c-s>");
    console.keys("<esc><esc>");
    let later = desk::now() + SignedDuration::from_secs(30);
    console.settle(&reply[0], State::Waiting { problem: unreachable(), until: later });
    console.keys("gi1040<enter>s2");
    let status = console.queued();
    console.settle(&status[0], State::Sending { since: console.now, known: None });
    console.keys("1gg").keys("phigh<enter>");
    let priority = console.queued();
    let reason = conflict(&priority[0].change);
    console.settle(&priority[0], State::Decision { reason });
    console.keys("<esc>");
    console.keys("jjrThank you, we will look into it<esc>").rest();
    console.keys("<esc>");
    console.wait(90_000);
    console
}

/// A colleague set the same fields meanwhile.
fn conflict(mine: &Change) -> Decision {
    let differences = vec![Difference {
        field: "priority".into(),
        seen: "normal".into(),
        now: "urgent".into(),
        wanted: Some("high".into()),
    }];
    Decision::Conflict { differences, rebased: Box::new(mine.clone()) }
}

/// A customer and a colleague wrote while a reply was on its way, and the status changed.
fn overtaken() -> Decision {
    let message = |kind, author: &str, text: &str| NewMessage {
        kind,
        author: author.into(),
        at: Some(desk::now()),
        text: text.into(),
    };
    let news = News {
        messages: vec![
            message(
                ReplyKind::Reply,
                "Priya Nair",
                "Please ignore my last message: a colleague found that the router was the cause.\n\nThe drivers are fine now. You can close this.",
            ),
            message(ReplyKind::Note, "Jonas Berg", "I called her, she is happy."),
        ],
        differences: vec![Difference {
            field: "status".into(),
            seen: "Customer Replied".into(),
            now: "On Hold".into(),
            wanted: None,
        }],
        seen: None,
        stood: None,
    };
    Decision::Overtaken(Box::new(news))
}

#[test]
fn decisions() {
    let reply = "/vpn<enter>rHello Priya,<enter><enter>we found what drops the tunnel: the update sets a keepalive of 0. Please set it to 25 on both laptops, as described above, and tell us whether that lasts through the night.<c-s>";
    at_all_sizes("decision_reply", |w, h| {
        let mut console = Console::working(w, h);
        let entries = queue(&mut console, reply);
        console.settle(&entries[0], State::Decision { reason: overtaken() });
        console
    });
    at_80("decision_fields", |w, h| {
        let mut console = Console::working(w, h);
        console.keys("phigh<enter>");
        let priority = console.queued();
        let reason = conflict(&priority[0].change);
        console.settle(&priority[0], State::Decision { reason });
        console
    });
    at_80("decision_unclear", |w, h| {
        let mut console = Console::working(w, h);
        let entries = queue(&mut console, "/vpn<enter>nAsk network.<c-s>");
        let Decision::Overtaken(news) = overtaken() else { unreachable!() };
        let problem = problem(ProblemKind::Broken, "the connection broke off");
        console
            .settle(&entries[0], State::Decision { reason: Decision::Unclear { problem, news } });
        console
    });
}

#[test]
fn outbox() {
    at_all_sizes("outbox", |w, h| after(busy(w, h), "go"));
    at_80("outbox_decision", |w, h| after(busy(w, h), "gojjj"));
    at_80("outbox_draft", |w, h| after(busy(w, h), "gojjjj"));
    at_80("outbox_empty", |w, h| after(Console::working(w, h), "go"));
    at_80("list_with_outbox", busy);
}

#[test]
fn help() {
    at_all_sizes("help", |w, h| after(Console::working(w, h), "?"));
    at_80("help_scrolled", |w, h| after(Console::working(w, h), "?<pagedown><pagedown>"));
    at_80("help_filter", |w, h| after(Console::working(w, h), "?/reply"));
    at_80("help_bottom", |w, h| {
        after(Console::working(w, h), &format!("?{}", "<pagedown>".repeat(30)))
    });
}

#[test]
fn notices() {
    at_80("notice_done", |w, h| after(Console::working(w, h), "s2"));
    at_80("notice_long", |w, h| {
        let mut console = Console::working(w, h);
        let said = "The given data was invalid, and the server says so at very great length here";
        console.send(Message::Done(Err(problem(ProblemKind::Refused, said))));
        console
    });
    at_80("store_notice", |w, h| {
        let mut console = Console::opened(w, h);
        let notices = vec!["the local store was damaged and is read anew".into()];
        let draft = Draft {
            key: DraftKey::new(Some(TicketId(1040)), DraftKind::Reply),
            id: DraftId(1),
            text: "Please try".into(),
            cursor: (0, 0),
            updated: desk::now(),
            changes: None,
        };
        let stored =
            Stored { rows: desk::rows(), notices, drafts: vec![draft], ..Stored::default() };
        console.send(Report::Stored(Box::new(stored)));
        console
    });
}

#[test]
fn small_screens() {
    for (width, height) in [(60, 16), (59, 24), (100, 15), (12, 3), (1, 1), (0, 0)] {
        let console = Console::working(width, height);
        if width > 0 {
            insta::assert_snapshot!(format!("small_{width}x{height}"), console.text());
        }
    }
    for (name, keys) in [
        ("form", "N<c-s>"),
        ("help", "?"),
        ("status", "s"),
        ("delete", "#"),
        ("review", "rHello<c-s>"),
        ("conversation", "<enter>"),
    ] {
        let console = after(Console::working(60, 16), keys);
        insta::assert_snapshot!(format!("smallest_{name}"), console.text());
    }
}

#[test]
fn styles() {
    let styled = |name: &str, depth: ColorDepth, keys: &str| {
        let mut console = after(Console::working(80, 24), keys);
        console.depth = depth;
        console.look = growdesk::config::shipped("dark").unwrap();
        insta::assert_snapshot!(format!("styled_{name}"), console.styled());
    };
    styled("list", ColorDepth::Ansi16, "jj");
    styled("list_full", ColorDepth::Full, "jj");
    styled("list_colourless", ColorDepth::None, "jj");
    styled("conversation", ColorDepth::Ansi16, "/vpn<enter><enter>v");
    styled("conversation_colourless", ColorDepth::None, "/vpn<enter><enter>v");
    styled("note", ColorDepth::Ansi16, "nAsk network.");
    styled("reply", ColorDepth::Ansi16, "rHello");
    styled("note_colourless", ColorDepth::None, "nAsk network.");
    styled("picker", ColorDepth::Ansi16, "s");
    styled("delete", ColorDepth::Ansi16, "#");
    styled("form", ColorDepth::Ansi16, "N<c-s>");
}

#[test]
fn wide_glyphs_under_a_popup_do_not_tear_it() {
    for keys in ["d", "s", "gi", "jd", "js"] {
        let console = after(Console::working(80, 24), keys);
        let text = console.text();
        for line in text.lines() {
            assert!(unicode_width::UnicodeWidthStr::width(line) <= 80, "{keys}: {line}");
        }
        let edges = text.lines().filter(|line| line.contains('╭') || line.contains('╰'));
        assert_eq!(edges.count(), 2, "{text}");
    }
}
