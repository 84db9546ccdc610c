//! Macros taken in the console: the picker with its preview, what is asked for, the insertion, and the
//! review with the changes beside the text.

use growdesk::{
    app::Message,
    desk::Report,
    domain::{Change, DraftKey, DraftKind, Entry, Priority, ReplyKind, State, StatusId, TicketId},
};

use crate::{
    at_80, at_all_sizes,
    support::{
        console::{Console, problem},
        macros,
    },
};

/// A console with the desk's macros.
pub(crate) fn console(width: u16, height: u16) -> Console {
    let mut console = Console::working(width, height);
    console.send(Message::Macros { macros: macros::all(), problems: Vec::new() });
    console
}

fn after(keys: &str) -> Console {
    let mut console = console(120, 40);
    console.keys(keys).rest();
    console
}

fn typed(console: &Console) -> String {
    console.model.composer.as_ref().map(|it| it.editor.text()).unwrap_or_default()
}

fn said(console: &Console) -> String {
    console.model.notices.all().next().map(|it| it.text.clone()).unwrap_or_default()
}

fn posts(entries: &[Entry]) -> Vec<(ReplyKind, String)> {
    let post = |it: &Entry| match &it.change {
        Change::Post { kind, text } => Some((*kind, text.clone())),
        _ => None,
    };
    entries.iter().filter_map(post).collect()
}

const VPN: &str = "/vpn<enter>";

#[test]
fn the_surfaces_of_macros_look_like_this() {
    let at = |w, h, keys: &str| {
        let mut console = console(w, h);
        console.keys(keys).rest();
        console
    };
    at_all_sizes("macros", |w, h| at(w, h, &format!("{VPN}m<rest>")));
    at_all_sizes("macros_asked", |w, h| at(w, h, &format!("{VPN}mf<rest>88-413<tab>")));
    at_all_sizes("macros_review", |w, h| {
        at(w, h, &format!("{VPN}mf<rest>88-413<enter>Friday<enter><rest><c-s><rest><tab>x<tab>"))
    });
    at_all_sizes("macros_inserted", |w, h| {
        at(w, h, &format!("{VPN}mf<rest>88-413<enter>Friday<enter><rest>"))
    });
    at_all_sizes("macros_plan", |w, h| at(w, h, "6*mf<rest>88-413<enter>Friday<enter><rest>"));
    at_all_sizes("macros_plan_one", |w, h| {
        at(w, h, "6*mf<rest>88-413<enter>Friday<enter><rest>JJ")
    });
    at_80("macros_plan_fields", |w, h| at(w, h, &format!("{VPN}ms")));
    at_80("macros_gap", |w, h| at(w, h, "6/1031<enter>m<rest>/refund"));
    at_80("macros_fields", |w, h| at(w, h, &format!("{VPN}m/spam<rest>")));
    at_80("macros_none", |w, h| {
        let mut console = Console::working(w, h);
        console.keys("m").rest();
        console
    });
}

#[test]
fn the_key_of_a_macro_takes_it_and_nothing_is_recorded_before_the_review() {
    let mut console = after(&format!("{VPN}mw"));
    assert!(typed(&console).starts_with("Hi Priya,\n\nthank you for your message about"));
    assert!(console.queued().is_empty());
    let key = DraftKey::new(Some(TicketId(1042)), DraftKind::Reply);
    assert_eq!(console.model.drafts.changes(key).unwrap().status.as_ref().unwrap().id.0, 3);
    console.keys("<c-s>").rest().keys("<enter>");
    let entries = console.queued();
    assert_eq!(posts(&entries).len(), 1);
    assert!(
        matches!(&entries[1].change, Change::Status(edit) if edit.to.id == StatusId::ON_HOLD),
        "{entries:?}"
    );
    assert_eq!(entries.len(), 2);
}

#[test]
fn the_text_goes_in_at_the_cursor_and_undo_takes_it_back_as_one_step() {
    let mut console = after(&format!("{VPN}rBefore after<left><left><left><left><left>"));
    console.keys("<c-t>w").rest();
    let text = typed(&console);
    assert!(text.starts_with("Before \nHi Priya,") && text.ends_with("looking into it.\nafter"));
    console.keys("<c-_>");
    assert_eq!(typed(&console), "Before after");
    console.keys("<c-y>");
    assert_eq!(typed(&console), text);
}

#[test]
fn a_selection_is_not_replaced() {
    let mut console = after(&format!("{VPN}rmine<shift-left><shift-left><c-t>w<rest>"));
    let text = typed(&console);
    let rest = text.replacen("Hi Priya,", "", 1);
    assert!(text.contains("Hi Priya,") && rest.starts_with("mi") && rest.ends_with("ne"), "{text}");
    console.keys("<c-_>");
    assert_eq!(typed(&console), "mine");
}

#[test]
fn a_draft_that_was_kept_gets_the_text_at_its_cursor_on_lines_of_its_own() {
    let console = after(&format!("{VPN}rKept: <esc>mw"));
    assert!(typed(&console).starts_with("Kept: \nHi Priya,"), "{}", typed(&console));
}

#[test]
fn all_that_is_asked_for_is_asked_at_once_and_none_may_be_missing() {
    let mut console = after(&format!("{VPN}mf<rest>88-413<enter><enter>"));
    assert!(said(&console).contains("date is still to be filled in"), "{}", said(&console));
    assert_eq!(typed(&console), "");
    console.keys("Friday<enter>").rest();
    assert!(typed(&console).contains("order 88-413 is on its way, by Friday."));
}

#[test]
fn each_change_is_recorded_with_the_text_but_for_those_left_out() {
    let taken = format!("{VPN}mf<rest>1<enter>2<enter><rest><c-s><rest>");
    let fields = |entries: &[Entry]| {
        let mut fields: Vec<&str> = Vec::new();
        for entry in entries {
            match &entry.change {
                Change::Status(_) => fields.push("status"),
                Change::Tags(_) => fields.push("tags"),
                Change::Fields(it) => {
                    fields.extend(it.priority.as_ref().map(|_| "priority"));
                    fields.extend(it.department.as_ref().map(|_| "department"));
                }
                _ => {}
            }
        }
        fields.sort_unstable();
        fields
    };
    for (keys, expected) in [
        ("", vec!["department", "priority", "status", "tags"]),
        ("x", vec!["department", "priority", "tags"]),
        ("<tab>x", vec!["department", "status", "tags"]),
        ("<tab>x<tab>x", vec!["status", "tags"]),
        ("<tab>xx", vec!["department", "priority", "status", "tags"]),
        ("<backtab>x", vec!["department", "priority", "status"]),
    ] {
        let mut console = after(&format!("{taken}{keys}"));
        console.keys("<enter>");
        let entries = console.queued();
        assert_eq!(posts(&entries).len(), 1, "{keys}");
        assert_eq!(fields(&entries), expected, "{keys}");
        assert!(entries.iter().skip(1).all(|it| it.after == Some(entries[0].id)));
    }
}

#[test]
fn what_is_left_out_stays_so_when_the_pane_is_left_and_opened_again() {
    let mut console =
        after(&format!("{VPN}mf<rest>1<enter>2<enter><rest><c-s><rest>x<tab>x<esc>r<c-s><rest>"));
    console.keys("<enter>");
    let entries = console.queued();
    assert!(!entries.iter().any(|it| matches!(it.change, Change::Status(_))), "{entries:?}");
    let priority = |it: &Entry| matches!(&it.change, Change::Fields(it) if it.priority.is_some());
    assert!(!entries.iter().any(priority), "{entries:?}");
}

#[test]
fn a_discarded_draft_takes_its_changes_along_and_brings_them_back() {
    let mut console = after(&format!("{VPN}mf<rest>1<enter>2<enter><rest>"));
    let key = DraftKey::new(Some(TicketId(1042)), DraftKind::Reply);
    let changes = console.model.drafts.changes(key).cloned();
    assert_eq!(changes.as_ref().unwrap().priority, Some(Priority::High));
    console.keys("<c-x>y");
    console.send(growdesk::desk::Report::DraftGone(key));
    assert_eq!(console.model.drafts.changes(key), None);
    console.keys("z").rest();
    assert_eq!(console.model.drafts.changes(key).cloned(), changes);
}

#[test]
fn a_gap_stops_the_macro_before_anything_happens() {
    let mut console = after("6/1031<enter>mf<rest>1<enter>2<enter><rest>");
    assert!(said(&console).contains("#1031 has no contact.first_name"), "{}", said(&console));
    assert!(console.model.composer.is_none() && console.queued().is_empty());
    console.keys("<esc><esc>");
    assert!(console.model.popup.is_none());
}

#[test]
fn a_status_that_the_server_does_not_have_is_said_and_nothing_is_done() {
    let mut console = after(&format!("{VPN}mp"));
    assert!(said(&console).contains("the server has no status \"Parked\""), "{}", said(&console));
    assert!(console.model.composer.is_none() && console.queued().is_empty());
    assert!(console.text().contains("the server has no status \"Parked\""));
}

#[test]
fn a_reply_never_gets_into_a_note_nor_a_note_into_a_reply() {
    let mut console = after(&format!("{VPN}nInternal.<c-t>w<rest>"));
    assert!(said(&console).contains("is a reply, and this is a note"), "{}", said(&console));
    console.keys("<esc>");
    assert_eq!(typed(&console), "Internal.");
    console.keys("<esc>r<c-t>a<rest>");
    assert!(said(&console).contains("is a note, and this is a reply"), "{}", said(&console));
    console.keys("<esc>");
    assert_eq!(typed(&console), "");
    console.keys("<esc>ma").rest();
    let composer = console.model.composer.as_ref().unwrap();
    assert_eq!(composer.kind, ReplyKind::Note);
    assert!(typed(&console).contains("Internal.Please look at this one."));
}

#[test]
fn a_macro_is_offered_in_its_departments_alone_and_those_used_last_come_first() {
    let mut console = after(&format!("{VPN}m"));
    assert!(!console.text().contains("Quote"), "{}", console.text());
    console.keys("<esc><esc>6/dark<space>mode<enter>m").rest();
    assert!(console.text().contains("Quote"), "{}", console.text());
    console.keys("q").rest().keys("<esc>m").rest();
    assert!(console.model.composer.is_none());
    let first = console.model.macros.used.first().cloned();
    assert_eq!(first.as_deref(), Some("Sales::Quote"));
    let text = console.text();
    assert!(text.find("Quote").unwrap() < text.find("We are on it").unwrap(), "{text}");
}

#[test]
fn letters_that_are_keys_narrow_after_a_slash() {
    let mut console = after(&format!("{VPN}m/wa"));
    assert!(console.model.composer.is_none());
    let text = console.text();
    assert!(text.contains("We are on it") && !text.contains("Spam"), "{text}");
    console.keys("<enter>").rest();
    assert!(typed(&console).starts_with("Hi Priya,"));
}

#[test]
fn keys_typed_before_the_text_is_there_are_meant_for_what_comes() {
    let mut console = console(120, 40);
    console.keys(VPN).rest();
    console.keys("mw And more");
    assert_eq!(typed(&console), "");
    console.answer();
    assert!(typed(&console).ends_with("looking into it. And more"), "{}", typed(&console));
    let mut console = self::console(120, 40);
    console.keys("mwxyz");
    console.fail_reads(&problem(growdesk::domain::ProblemKind::Unreachable, ""));
    assert!(console.model.composer.is_none() && console.queued().is_empty());
    let told = console.model.notices.all().any(|it| it.text.contains("xyz"));
    assert!(told, "what was typed is told");
}

#[test]
fn macros_that_change_on_the_disk_are_offered_as_they_are_now() {
    let mut console = after(&format!("{VPN}m<down>"));
    let mut all = macros::all();
    all.retain(|it| it.name != "Spam");
    let problems = vec!["a macro is wrong, the others work: m.toml:3: no".to_owned()];
    console.send(Message::Macros { macros: all, problems });
    let text = console.text();
    assert!(!text.contains("Spam") && text.contains("a macro is wrong"), "{text}");
    assert!(text.contains("▌ f Billing › Refund started"), "{text}");
}

#[test]
fn marks_and_braces_in_values_stay_text() {
    let mut console = after("");
    let mut row = crate::support::desk::rows().remove(0);
    row.ticket.subject = crate::support::desk::line("**Pay** {{ agent.name }} [[x]]");
    console.send(growdesk::desk::Report::Rows { changed: vec![row], gone: Vec::new() });
    console.keys("/1042<enter>mw").rest();
    let text = typed(&console);
    assert!(text.contains("{{ agent.name }} [[x]]"), "{text}");
    assert!(text.contains("\\**Pay"), "{text}");
}

#[test]
fn a_macro_without_a_text_shows_its_plan_and_waits_for_enter() {
    let mut console = after(&format!("{VPN}ms"));
    let text = console.text();
    assert!(console.queued().is_empty());
    assert!(text.contains("Spam · #1042") && text.contains("→ Closed"), "{text}");
    console.keys("<esc>");
    assert!(console.model.popup.is_none() && console.queued().is_empty());
    console.keys("ms").rest().keys("<enter>");
    let entries = console.queued();
    let is = |is: fn(&Change) -> bool| entries.iter().any(|it| is(&it.change));
    assert!(is(|it| matches!(it, Change::Status(edit) if edit.to.id == StatusId::CLOSED)));
    assert!(
        is(|it| matches!(it, Change::Archived(true))) && is(|it| matches!(it, Change::Tags(_)))
    );
    assert_eq!(entries.len(), 3);
}

#[test]
fn each_marked_ticket_gets_its_own_text_and_a_gap_holds_one_back_alone() {
    let mut console = after("6/10<enter>*mf<rest>1<enter>2<enter><rest>");
    assert!(console.queued().is_empty());
    let text = console.text();
    assert!(text.contains("no contact.first_name"), "{text}");
    console.keys("<enter>");
    let entries = console.queued();
    let written: Vec<TicketId> = entries
        .iter()
        .filter(|it| matches!(it.change, Change::Post { .. }))
        .filter_map(|it| it.ticket)
        .collect();
    assert!(written.len() > 10, "{written:?}");
    assert!(!written.contains(&TicketId(1031)), "its text has a gap");
    assert!(!entries.iter().any(|it| it.ticket == Some(TicketId(1031))), "nothing is done to it");
    let text = |id: i64| {
        let of = |it: &&Entry| it.ticket == Some(TicketId(id));
        posts(&entries.iter().filter(of).cloned().collect::<Vec<_>>())
    };
    assert!(text(1042)[0].1.contains("Hi Priya"), "{:?}", text(1042));
}

#[test]
fn files_that_change_while_a_text_is_filled_in_do_not_stop_it() {
    let mut console = after("6*");
    console.keys("mw");
    console.send(Message::Macros { macros: macros::all(), problems: Vec::new() });
    console.answer();
    assert!(console.text().contains("marked tickets"), "{}", console.text());
    assert!(console.text().contains("change"), "{}", console.text());
}

#[test]
fn a_text_is_edited_for_one_ticket_before_the_rest_goes() {
    let plan = "6/10<enter>*mf<rest>1<enter>2<enter><rest>J";
    at_all_sizes("macros_reword", |w, h| {
        let mut console = console(w, h);
        console.keys(plan).keys("e Yours, Dana").rest();
        console
    });
    let mut console = after(&format!("{plan}e Only you.<c-s>"));
    assert!(console.text().contains("Only you."), "{}", console.text());
    console.keys("<enter>");
    let posts = posts(&console.queued());
    let edited = posts.iter().filter(|(_, text)| text.contains("Only you."));
    assert!(posts.len() > 10 && edited.count() == 1, "{posts:?}");
    // A plan that is left after all loses nothing that was typed.
    let mut console = after(&format!("{plan}e Only you.<esc><esc><esc>"));
    assert!(console.model.popup.is_none() && console.queued().is_empty());
    let kept = console.model.drafts.all().into_iter().filter(|it| it.text.contains("Only you."));
    assert_eq!(kept.count(), 1);
    assert!(said(&console).contains("kept as a draft"), "{}", said(&console));
}

#[test]
fn a_macro_s_then_beats_the_setting() {
    let taken = |then: &str| {
        let text = "text = \"Hello\"\nkey = \"h\"";
        let toml = format!("[[macro]]\nname = \"Hello\"\n{text}\n{then}");
        let fields = "[[macro]]\nname = \"Up\"\nkey = \"u\"\npriority = \"high\"";
        let mut console = Console::working(120, 40);
        let macros = macros::of(&format!("{toml}\n{fields}\n{then}"));
        console.send(Message::Macros { macros, problems: Vec::new() });
        console
    };
    for (then, moves) in [("then = \"next\"", true), ("then = \"stay\"", false), ("", false)] {
        for keys in ["mu<enter>", "mh<rest><c-s><rest>4"] {
            let mut console = taken(then);
            let before = console.model.ticket_at_hand();
            console.keys(keys).rest();
            assert!(console.model.composer.is_none(), "{keys}: {}", console.text());
            assert_eq!(console.model.ticket_at_hand() != before, moves, "{then} {keys}");
        }
    }
}

/// A console whose only macro is "A", with this after its name.
fn with_one(keys: &str, rest: &str) -> Console {
    let mut console = Console::working(120, 40);
    console.send(one(rest));
    console.keys(keys);
    console
}

fn one(rest: &str) -> Message {
    let macros = macros::of(&format!("[[macro]]\nname = \"A\"\nkey = \"a\"\n{rest}"));
    Message::Macros { macros, problems: Vec::new() }
}

#[test]
fn a_text_that_was_asked_for_before_the_macro_lost_it_is_written_nowhere() {
    let mut console = with_one(&format!("{VPN}m"), "text = \"Internal!\"\nkind = \"note\"");
    console.send(one("priority = \"high\""));
    console.answer();
    console.keys("<enter>").rest().keys("<enter>");
    let entries = console.queued();
    assert!(entries.len() == 1 && posts(&entries).is_empty(), "{entries:?}");
}

#[test]
fn the_preview_is_there_again_after_the_questions_and_after_what_holds_it_back() {
    let mut console = with_one(&format!("{VPN}m"), "text = \"Hello [[who]]\"");
    console.keys("<enter>World<esc>").rest();
    assert!(console.text().contains("Hello [[who]]"), "{}", console.text());
    let mut console = with_one("6/1031<enter>m", "text = \"So long {{ contact.first_name }}\"");
    console.keys("<enter>").rest().answer();
    assert!(said(&console).contains("has no contact.first_name"), "{}", said(&console));
    assert!(console.text().contains("So long"), "{}", console.text());
}

#[test]
fn an_answer_under_a_question_takes_nothing_and_the_question_stays() {
    for asks in ["", "[[who]]"] {
        let text = format!("text = \"Hello {asks}\"");
        let mut console = with_one("", &text);
        console.keys(&format!("{VPN}rMine<c-s><rest>4")).rest();
        let entries = console.queued();
        assert_eq!(entries.len(), 2, "{entries:?}");
        console.send(Report::Queued { entries: entries.clone() }).send(Message::Drawn);
        console.keys("z").effects();
        console.keys(if asks.is_empty() { "ma" } else { "maPriya<enter>" });
        console.settle(&entries[0], State::Sending { since: console.now, known: None });
        console.send(Report::TooLate(vec![entries[0].id])).send(Message::Drawn);
        assert!(console.text().contains("take back the rest?"), "{}", console.text());
        console.answer();
        assert!(console.text().contains("take back the rest?"), "{}", console.text());
        assert!(said(&console).contains("“A” did nothing"), "{}", said(&console));
        assert!(console.model.composer.is_none());
        console.keys("<esc>").rest();
        let kept = if asks.is_empty() { "Hello" } else { "Priya" };
        assert!(console.text().contains(kept), "{}", console.text());
    }
}

#[test]
fn the_text_of_a_marked_ticket_that_is_not_at_hand_is_planned_and_opens_no_draft() {
    for keys in ["x", "x/1042<enter>"] {
        let mut console = with_one(&format!("6{keys}"), "text = \"Hello\"");
        let marked = console.model.ticket_at_hand();
        console.keys("ma").rest();
        assert!(console.model.composer.is_none(), "{marked:?} {}", console.text());
        assert!(console.text().contains("1 marked ticket"), "{}", console.text());
    }
}

#[test]
fn the_replies_of_a_plan_have_the_signature_and_no_note_has_it() {
    for (kind, signed) in [("reply", true), ("note", false)] {
        let settings = growdesk::app::Settings {
            signature: "Yours, D.".into(),
            ..crate::support::desk::settings()
        };
        let mut console = Console::with(settings, 120, 40).fill();
        console.send(one(&format!("text = \"Hello\"\nkind = \"{kind}\"")));
        console.keys("6xxma").rest().keys("J");
        assert_eq!(console.text().contains("Yours, D."), signed, "{}", console.text());
        console.keys("<enter>");
        let posts = posts(&console.queued());
        let wanted = if signed { "Hello\n\nYours, D." } else { "Hello" };
        assert!(posts.len() == 2 && posts.iter().all(|it| it.1 == wanted), "{posts:?}");
        console.keys("j.");
        assert!(console.queued().is_empty() && said(&console).contains("never repeated"));
    }
}

#[test]
fn a_reply_with_a_status_on_many_tickets_is_never_repeated() {
    let mut console = with_one("6xxma", "text = \"Hello\"\nstatus = \"Closed\"");
    console.rest().keys("<enter>");
    assert_eq!(console.queued().len(), 4);
    console.keys("j.");
    assert!(console.queued().is_empty(), "{}", console.text());
    assert!(said(&console).contains("a reply, and that is never repeated"), "{}", said(&console));
}

#[test]
fn undo_takes_a_macro_s_changes_out_with_its_text_and_redo_brings_both_back() {
    let key = DraftKey::new(Some(TicketId(1042)), DraftKind::Reply);
    let priority = |console: &Console| console.model.drafts.changes(key).and_then(|it| it.priority);
    for typed in ["", "Mine "] {
        let mut console = with_one("", "text = \"Hello\"\npriority = \"high\"");
        console.keys(&format!("{VPN}r{typed}<c-t>a<rest>!"));
        assert_eq!(priority(&console), Some(Priority::High));
        console.keys("<c-_>");
        assert_eq!(priority(&console), Some(Priority::High), "the macro's text is still there");
        console.keys("<c-_>");
        assert_eq!(self::typed(&console), typed);
        assert_eq!(priority(&console), None);
        console.keys("<c-y>");
        assert_eq!(self::typed(&console), format!("{typed}Hello"));
        assert_eq!(priority(&console), Some(Priority::High));
    }
}

#[test]
fn a_macro_in_a_draft_is_about_its_ticket_alone_and_its_then_counts_for_a_marked_one() {
    let mut console = with_one("6xxjrMine", "priority = \"high\"");
    let ticket = console.model.ticket_at_hand().unwrap();
    console.keys("<c-t>a").rest();
    assert!(console.text().contains(&format!("A · {ticket}")), "{}", console.text());
    for (then, moves) in [("next", true), ("stay", false)] {
        let mut console = with_one("6m", &format!("priority = \"high\"\nthen = \"{then}\""));
        console.keys("<esc>xk");
        let before = console.model.ticket_at_hand();
        console.keys("ma").rest().keys("<enter>");
        assert_eq!(console.queued().len(), 1);
        assert_eq!(console.model.ticket_at_hand() != before, moves, "{then}");
    }
}
