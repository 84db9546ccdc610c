//! The heads of messages: who wrote, and always when.

use growdesk::{
    app::Effect,
    desk::{Connection, Post, Read, Report, Side, Work},
    domain::{ProblemKind, ReplyId, ReplyKind, StyledLine},
};
use proptest::prelude::*;

use crate::support::{
    console::{Console, problem},
    desk,
};

fn asked(console: &mut Console) -> Option<growdesk::desk::RequestId> {
    console.effects().into_iter().find_map(|effect| match effect {
        Effect::Work(Work::Read { request, read: Read::Thread { fetch: true, .. }, .. }) => {
            Some(request)
        }
        _ => None,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_message_has_its_date_at_every_width(
        width in 60_u16..240,
        zoomed in any::<bool>(),
        authors in prop::collection::vec(("\\PC{0,60}|[A-Z][a-z]{1,80}", 0_usize..3, any::<bool>()), 1..5),
    ) {
        let mut console = Console::working(width, 60);
        console.keys(if zoomed { "j<enter>v" } else { "j<enter>" }).wait(200);
        let columns = growdesk::app::layout::text_width(&console.model);
        let ticket = console.model.conversation.ticket.expect("a ticket");
        let mut thread = desk::thread(ticket, columns, true);
        let body = vec![StyledLine::plain("text")];
        let many = authors.len();
        thread.posts = authors
            .into_iter()
            .zip(1..)
            .map(|((author, kind, agent), number)| Post {
                reply: Some(ReplyId(number)),
                kind: [ReplyKind::Reply, ReplyKind::Note, ReplyKind::Unknown][kind],
                side: if agent { Side::Agent } else { Side::Customer },
                author: growdesk::text::clean::line(&author).to_string(),
                at: Some(desk::now() - jiff::SignedDuration::from_mins(350)),
                body: body.clone(),
            })
            .collect();
        let request = asked(&mut console).expect("it is read");
        console.send(Report::Thread { request, thread: Box::new(thread) });
        let text = console.text();
        let dated = text.lines().filter(|line| line.contains("3 Mar 09:12") || line.contains("09:12")).count();
        prop_assert_eq!(dated, many, "{}", text);
    }
}

#[test]
fn what_is_as_stored_is_read_again_when_the_server_is_back() {
    let mut console = Console::working(120, 40);
    let away = problem(ProblemKind::Unreachable, "");
    console.send(Report::Connection(Connection::Offline(away)));
    console.keys("j");
    console.asked_only = true;
    let stored = console.effects().into_iter().find_map(|effect| match effect {
        Effect::Work(Work::Read {
            request,
            read: Read::Thread { ticket, width, fetch: false },
            ..
        }) => Some((request, ticket, width)),
        _ => None,
    });
    if let Some((request, ticket, width)) = stored {
        let thread = Box::new(desk::thread(ticket, width, false));
        console.send(Report::Thread { request, thread });
    }
    console.wait(300);
    if let Some(request) = asked(&mut console) {
        let problem = problem(ProblemKind::Unreachable, "");
        console.send(Report::ThreadFailed { request, problem });
    }
    assert!(console.text().contains("as stored"), "{}", console.text());
    console.send(Report::Connection(Connection::Online));
    let request = asked(&mut console).expect("it is read again");
    let ticket = console.model.conversation.ticket.expect("a ticket");
    let width = growdesk::app::layout::text_width(&console.model);
    let thread = Box::new(desk::thread(ticket, width, true));
    console.send(Report::Thread { request, thread });
    assert!(!console.text().contains("as stored"), "{}", console.text());
}
