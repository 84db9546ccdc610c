//! Plans: whatever is wanted of whichever tickets, each target has one line, the line says what comes
//! of it, and what is carried out and taken back is as it was.

use std::collections::{BTreeMap, BTreeSet};

use growdesk::domain::{
    Change, ClientId, Department, DepartmentId, Entry, FullTicket, Html, Line, Named, NewTicket,
    Priority, ProjectId, ReplyId, ReplyKind, Sight, State, Status, StepId, Ticket, TicketId,
    plan::{
        Action, Cant, Choice, Fields, Gap, Known, Outcome, Part, Plan, Ready, Step, Tags, Targets,
        Text, Wish, Words, back,
    },
};
use jiff::{SignedDuration, Timestamp};
use proptest::{option::of as maybe, prelude::*};

use crate::cases;

/// The tickets as everybody knows them.
#[derive(Clone, Debug, Default, PartialEq)]
struct Server {
    tickets: BTreeMap<TicketId, FullTicket>,
    read_only: bool,
}

impl Known for Server {
    fn ticket(&self, id: TicketId) -> Option<Ticket> {
        self.tickets.get(&id).map(|full| full.ticket.clone())
    }

    fn message(&self, id: TicketId) -> Option<String> {
        self.tickets.get(&id).map(|full| full.message.as_stored().to_owned())
    }

    fn read(&self, id: TicketId) -> Option<ReplyId> {
        Some(ReplyId(id.0 * 10))
    }

    fn is_read_only(&self) -> bool {
        self.read_only
    }
}

impl Server {
    /// Carries an entry out, and says what takes it back.
    fn carry_out(&mut self, entry: &Entry) -> Option<Change> {
        let full = self.tickets.get_mut(&entry.ticket?)?;
        let before = full.clone();
        entry.change.apply_to_all(full);
        entry.change.taking_back(&before, full)
    }

    /// The tickets with their tags in one order: the server does not keep it.
    fn sorted(&self) -> BTreeMap<TicketId, FullTicket> {
        let mut tickets = self.tickets.clone();
        tickets.values_mut().for_each(|full| full.ticket.tags.sort());
        tickets
    }
}

fn line(text: &str) -> Line {
    Line::from_cleaned(text, None)
}

fn department() -> impl Strategy<Value = Department> {
    (1i64..4).prop_map(|id| Named { id: DepartmentId(id), name: line(&format!("Place {id}")) })
}

fn status() -> impl Strategy<Value = Status> {
    prop::sample::select(Status::usual().to_vec())
}

fn priority() -> impl Strategy<Value = Priority> {
    let known = prop::sample::select(Priority::ALL.to_vec());
    prop_oneof![9 => known, 1 => Just(Priority::Unknown)]
}

fn tags() -> impl Strategy<Value = Vec<Line>> {
    let tag = prop::sample::select(vec!["vpn", "vip", "late", "new"]).prop_map(line);
    prop::collection::vec(tag, 0..4)
}

fn subject() -> impl Strategy<Value = Line> {
    let text = prop_oneof![8 => "[a-c]{1,3}", 1 => Just(String::new()), 1 => Just("x".repeat(251))];
    text.prop_map(|text| line(&text))
}

fn project() -> impl Strategy<Value = Option<ProjectId>> {
    maybe((1i64..4).prop_map(ProjectId))
}

fn ticket() -> impl Strategy<Value = FullTicket> {
    let first = (subject(), status(), priority(), any::<bool>());
    let rest = (prop::option::weighted(0.8, department()), project(), tags(), "[a-c]{0,2}");
    (first, rest).prop_map(|((subject, status, priority, archived), rest)| {
        let (department, project, tags, message) = rest;
        let ticket = Ticket {
            subject,
            status,
            priority,
            archived,
            department,
            project,
            tags,
            ..Ticket::sparse(TicketId(0))
        };
        FullTicket { ticket, message: Html::new(message) }
    })
}

fn server() -> impl Strategy<Value = Server> {
    let tickets = prop::collection::vec(ticket(), 0..7);
    (tickets, prop::bool::weighted(0.05)).prop_map(|(all, read_only)| {
        let numbered = all.into_iter().zip(1..).map(|(mut full, id)| {
            full.ticket.id = TicketId(id);
            (full.ticket.id, full)
        });
        Server { tickets: numbered.collect(), read_only }
    })
}

fn targets() -> impl Strategy<Value = Targets> {
    let some = prop::collection::vec((1i64..9).prop_map(TicketId), 0..12).prop_map(Targets::of);
    prop_oneof![9 => some, 1 => Just(Targets::New)]
}

fn words() -> impl Strategy<Value = Words> {
    let text = prop_oneof![4 => "[a-c]{1,3}", 1 => Just("  ".to_owned())];
    let gap = Just(Err(Gap("order number".into())));
    let own = prop_oneof![4 => text.clone().prop_map(Ok), 1 => gap];
    let each = prop::collection::btree_map((1i64..9).prop_map(TicketId), own, 0..9);
    prop_oneof![text.prop_map(Words::Same), each.prop_map(Words::Each)]
}

fn text() -> impl Strategy<Value = Text> {
    let kind = prop_oneof![Just(ReplyKind::Reply), Just(ReplyKind::Note)];
    (kind, words()).prop_map(|(kind, words)| Text { kind, words, sight: Sight::default() })
}

fn fields() -> impl Strategy<Value = Fields> {
    let set = (maybe(subject()), maybe("[a-c]{0,2}"), maybe(department()), maybe(project()));
    (set, maybe(priority())).prop_map(|((subject, message, department, project), priority)| {
        Fields { subject, message, department, project, priority }
    })
}

/// What is wanted of tickets that exist and can be taken back.
fn wish() -> impl Strategy<Value = Wish> {
    let change = (tags(), tags()).prop_map(|(add, remove)| Tags::Change { add, remove });
    let tagged = prop_oneof![change, tags().prop_map(Tags::Replace)];
    let rest = (maybe(tagged), maybe(any::<bool>()), maybe(status()));
    (prop::option::weighted(0.7, fields()), rest).prop_map(|(fields, (tags, archived, status))| {
        Wish { text: None, fields: fields.unwrap_or_default(), tags, archived, status }
    })
}

fn action() -> impl Strategy<Value = Action> {
    let wish = (wish(), prop::option::weighted(0.4, text()));
    let new = (subject(), "[a-c]{0,2}", priority(), department());
    prop_oneof![
        12 => wish.prop_map(|(wish, text)| Wish { text, ..wish }.into()),
        1 => Just(Action::DeleteTicket),
        1 => Just(Action::DeleteReply { reply: ReplyId(9), text: Some("Ours".into()) }),
        1 => new.prop_map(|(subject, message, priority, department)| {
            Action::Create(Box::new(NewTicket {
                client: Named { id: ClientId(1), name: line("Acme") },
                department,
                project: None,
                subject: subject.to_string(),
                message,
                priority,
                custom: vec![],
            }))
        }),
    ]
}

/// What a wish makes of a ticket that is there, however it comes about.
fn wished(wish: &Wish, full: &FullTicket) -> FullTicket {
    let mut full = full.clone();
    let Fields { subject, message, department, project, priority } = wish.fields.clone();
    let ticket = &mut full.ticket;
    ticket.subject = subject.unwrap_or(ticket.subject.clone());
    ticket.department = department.or(ticket.department.take());
    ticket.project = project.unwrap_or(ticket.project);
    ticket.priority = priority.unwrap_or(ticket.priority);
    ticket.archived = wish.archived.unwrap_or(ticket.archived);
    ticket.status = wish.status.clone().unwrap_or(ticket.status.clone());
    match &wish.tags {
        Some(Tags::Change { add, remove }) => {
            let (add, remove) = (add.clone(), remove.clone());
            let change = growdesk::domain::TagsChange { add, remove };
            ticket.tags = change.apply(&ticket.tags);
        }
        Some(Tags::Replace(to)) => ticket.tags.clone_from(to),
        None => {}
    }
    ticket.tags.sort();
    full.message = message.map_or(full.message, Html::new);
    full
}

/// What is wrong with a line of a ticket that is there.
fn wrong(wish: &Wish, full: &FullTicket, outcome: &Outcome) -> Option<String> {
    let mut sorted = full.clone();
    sorted.ticket.tags.sort();
    let wanted = wished(wish, full);
    let text = wish.text.as_ref().and_then(|text| match &text.words {
        Words::Same(words) => Some(words),
        Words::Each(all) => all.get(&full.ticket.id).and_then(|own| own.as_ref().ok()),
    });
    let text = text.filter(|words| !words.trim().is_empty());
    let silent = wish.text.is_some() && text.is_none();
    let lacks = wanted.ticket.department.is_none() || wanted.ticket.subject.is_empty();
    let says = match outcome {
        Outcome::Ready(Ready { changes, .. }) => {
            let mut after = full.clone();
            changes.iter().for_each(|it| it.change.apply_to_all(&mut after));
            after.ticket.tags.sort();
            let posts = |change: &Change| matches!(change, Change::Post { .. });
            let first = changes.first().is_some_and(|it| posts(&it.change));
            let posted = changes.iter().filter(|it| posts(&it.change)).count();
            let last = changes.iter().position(|it| matches!(it.change, Change::Status(_)));
            let in_order = first == text.is_some()
                && posted == usize::from(first)
                && last.is_none_or(|at| at + 1 == changes.len())
                && changes.iter().enumerate().all(|(at, it)| it.follows == (first && at > 0));
            let own = changes.iter().all(|it| it.ticket == Some(full.ticket.id));
            !silent && in_order && own && after == wanted && (first || after != sorted)
        }
        Outcome::Already => text.is_none() && wanted == sorted,
        Outcome::Cant(Cant::NoText | Cant::Gap(_) | Cant::Unfilled(_)) => silent,
        Outcome::Cant(Cant::Refused(_)) => {
            let ticket = &wanted.ticket;
            let long = ticket.subject.as_str().chars().count() > 250;
            long || ticket.subject.as_str().trim().is_empty()
                || ticket.priority == Priority::Unknown
                || wanted.message.as_stored().trim().is_empty()
        }
        Outcome::Choose(choice) => lacks && matches!(**choice, Choice::Missing { .. }),
        _ => false,
    };
    (!says).then(|| format!("{wish:?} on {full:?} is not {outcome:?}"))
}

fn entries(step: Step, count: u32) -> Vec<Entry> {
    step.entries(StepId::new(7, count), Timestamp::UNIX_EPOCH, SignedDuration::ZERO)
}

proptest! {
    #![proptest_config(cases(1_500))]

    #[test]
    fn each_target_has_one_line_which_says_what_comes_of_it(
        server in server(),
        action in action(),
        targets in targets(),
    ) {
        let plan = Plan::of(&action, &targets, &server);
        let named: Vec<Option<TicketId>> = match &targets {
            Targets::Tickets(ids) => ids.iter().copied().map(Some).collect(),
            Targets::New => vec![None],
        };
        let lines: Vec<Option<TicketId>> = plan.lines.iter().map(|line| line.ticket).collect();
        prop_assert_eq!(&lines, &named);
        let once: BTreeSet<Option<TicketId>> = lines.iter().copied().collect();
        prop_assert_eq!(once.len(), lines.len());
        // The figures count each line once, and name each ticket that stays as it is.
        let figures = plan.figures();
        if let Targets::Tickets(_) = &targets {
            let counted = figures.ready + figures.already.len() + figures.cant();
            prop_assert_eq!(counted, lines.len());
            let held = figures.held_back.iter().flat_map(|it| &it.tickets);
            let stays: BTreeSet<TicketId> = held.chain(&figures.already).copied().collect();
            let ready: BTreeSet<TicketId> = plan.ready().filter_map(|(id, _)| id).collect();
            prop_assert!(stays.is_disjoint(&ready));
            prop_assert_eq!(stays.len() + ready.len(), lines.len());
        }
        for line in &plan.lines {
            let full = line.ticket.and_then(|id| server.tickets.get(&id));
            match (&action, full) {
                _ if server.read_only => {
                    prop_assert_eq!(&line.outcome, &Outcome::Cant(Cant::ReadOnly));
                }
                (_, None) if line.ticket.is_some() => {
                    prop_assert_eq!(&line.outcome, &Outcome::Cant(Cant::Gone));
                }
                (Action::Set(wish), Some(full)) => {
                    prop_assert_eq!(wrong(wish, full, &line.outcome), None);
                }
                (Action::Create(_), Some(_)) | (Action::Set(_), None) => {
                    prop_assert!(line.ready().is_none());
                }
                _ => {}
            }
            let changed = line.ready().map_or(0, |ready| ready.changes.len());
            prop_assert!(line.traces().len() >= changed, "each change is shown");
        }
        let ready: usize = plan.ready().map(|(_, ready)| ready.changes.len()).sum();
        let entries = plan.step().map(|step| entries(step, 1)).unwrap_or_default();
        prop_assert_eq!(entries.len(), ready);
    }

    #[test]
    fn what_is_carried_out_and_taken_back_is_as_it_was(
        server in server(),
        asked in prop::collection::vec((wish(), targets()), 1..4),
    ) {
        let mut now = server.clone();
        let mut done: Vec<Vec<Part>> = Vec::new();
        let mut seen = BTreeSet::new();
        for ((wish, targets), count) in asked.into_iter().zip(1..) {
            let plan = Plan::of(&wish.into(), &targets, &now);
            let Some(step) = plan.step() else { continue };
            let mut parts = Vec::new();
            for entry in entries(step, count) {
                prop_assert!(seen.insert(entry.id), "{:?} twice", entry.id);
                let mut part = Part::of(&entry);
                part.learn_back(now.carry_out(&entry).as_ref());
                parts.push(part);
            }
            done.push(parts);
        }
        for (parts, count) in done.into_iter().rev().zip(100..) {
            let plan = back::taking_back(&parts, &now, |_| None);
            let tickets: BTreeSet<Option<TicketId>> = parts.iter().map(Part::ticket).collect();
            prop_assert_eq!(plan.lines.len(), tickets.len(), "a line a ticket");
            prop_assert_eq!(plan.kept(), None);
            for entry in plan.step().map(|step| entries(step, count)).unwrap_or_default() {
                now.carry_out(&entry);
            }
        }
        prop_assert_eq!(now.sorted(), server.sorted());
    }

    #[test]
    fn what_has_not_left_is_withdrawn_and_what_follows_it_comes_to_nothing_with_it(
        server in server(),
        action in action(),
        targets in targets(),
        left in any::<u64>(),
    ) {
        let Some(step) = Plan::of(&action, &targets, &server).step() else { return Ok(()) };
        let all = entries(step, 1);
        let stays = |at: usize| left >> (at % 64) & 1 == 0;
        let open: BTreeMap<_, &Entry> =
            all.iter().enumerate().filter(|(at, _)| stays(*at)).map(|(_, it)| (it.id, it)).collect();
        let parts: Vec<Part> = all.iter().map(Part::of).collect();
        let plan = back::taking_back(&parts, &server, |id| open.get(&id).copied()).with_halves();
        let following: Vec<_> = plan.ready().flat_map(|(_, it)| it.following.clone()).collect();
        let gone: BTreeSet<_> = plan.withdrawn().chain(following.clone()).collect();
        prop_assert_eq!(gone.iter().copied().collect::<Vec<_>>(), open.keys().copied().collect::<Vec<_>>());
        for id in following {
            let after = open[&id].after;
            prop_assert!(after.is_some_and(|leader| open.contains_key(&leader)));
        }
    }
}

#[test]
fn done_again_a_step_is_what_it_was_but_for_what_is_done_once() {
    let [open, closed, ..] = Status::usual();
    let ids = [TicketId(1), TicketId(2)];
    let full = |id| (id, FullTicket { ticket: Ticket::sparse(id), message: Html::default() });
    let server = Server { tickets: ids.map(full).into(), read_only: false };
    let text = "Solved".to_owned();
    let action = Action::post(ReplyKind::Reply, text, Sight::default(), Some(closed.clone()));
    let step = Plan::of(&action, &Targets::of(ids), &server).step().expect("it is ready");
    let all = entries(step, 1);
    let states: Vec<bool> = all.iter().map(|it| it.state == State::Queued).collect();
    assert_eq!(states, [true; 4]);
    assert_eq!(all[1].after, Some(all[0].id));
    assert_eq!(all[3].after, Some(all[2].id), "each status follows its own reply");
    let mut parts: Vec<Part> = all.iter().map(Part::of).collect();
    assert!(back::again(&parts, &server).step().is_none(), "no status without its reply");
    // Only the statuses were taken back: the replies were recorded.
    parts.retain(|part| !part.is_done_once());
    let again = back::again(&parts, &server).step().expect("the statuses");
    let changes: Vec<Change> = again.changes.into_iter().map(|it| it.change).collect();
    let close = Change::Status(growdesk::domain::Edit { from: open, to: closed });
    assert_eq!(changes, [close.clone(), close]);
}
