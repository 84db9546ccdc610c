//! Macros for tests, and their texts as the background task would fill them in.

use growdesk::{
    config::MacroFiles,
    desk::{FillTarget, FilledText, Filling, Found},
    domain::{
        Contact, ContactId, Html, Project, ProjectId,
        plan::{
            Cant, Gap, Macro,
            macros::{PLACEHOLDERS, PlaceholderValue, ValueSources, Values},
        },
    },
    text::{
        html, markdown,
        template::{Template, Unfilled},
    },
};

use super::desk;

/// The macros of a team, some of them with faults that only a ticket shows.
const DESK: &str = r#"
[[macro]]
name = "We are on it"
key = "w"
text = """
Hi {{ contact.first_name | default("there") }},

thank you for your message about "{{ ticket.subject }}". We are looking into it.
"""
status = "On Hold"

[[macro]]
name = "Billing::Refund started"
key = "f"
text = """
Hi {{ contact.first_name }},

the refund for order [[order number]] is on its way, by [[date]].
"""
status = "Answered"
priority = "high"
department = "Billing"
add_tags = ["refund"]
then = "next"

[[macro]]
name = "Billing::Ask the accountants"
key = "a"
text = "Please look at this one. Client: {{ client.name }}"
kind = "note"
priority = "high"

[[macro]]
name = "Spam"
key = "s"
status = "Closed"
add_tags = ["spam"]
archive = true

[[macro]]
name = "Parked"
key = "p"
text = "We come back to you."
status = "Parked"

[[macro]]
name = "Sales::Quote"
key = "q"
text = "{{ quote }}"
departments = ["Sales"]
"#;

/// The macros of the desk.
pub(crate) fn all() -> Vec<Macro> {
    of(DESK)
}

/// The macros of a configuration, which has to be right.
pub(crate) fn of(toml: &str) -> Vec<Macro> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("config.toml");
    std::fs::write(&path, toml).expect("a file");
    let mut files = MacroFiles::at(&path);
    files.refresh();
    let (macros, errors) = files.read();
    assert!(errors.is_empty(), "{:?}", MacroFiles::words(&errors));
    macros
}

/// What the background task answers. A ticket without a client has no contact.
pub(crate) fn filled(filling: &Filling) -> Found {
    Found::Filled(filling.targets.iter().map(|target| one(filling, target)).collect())
}

fn one(filling: &Filling, target: &FillTarget) -> FilledText {
    let template = filling.text.as_ref().map(|it| Template::parse(it).expect("a template"));
    let contact = target.ticket.client.as_ref().map(|_| Contact {
        id: ContactId(31),
        name: desk::line("Priya Nair"),
        email: Some(desk::line("priya@brightwater.example")),
        phone: None,
        account_owner: true,
    });
    let mut values = Values::of(&ValueSources {
        ticket: &target.ticket,
        project: None,
        url: "https://crm.acme-support.example/tickets/1",
        contact: contact.as_ref(),
        agent: "Dana Whitfield",
        message: "Better, but it still happens.",
        waits_since: target.waits_since,
        now: filling.now,
        zone: &filling.zone,
    });
    let mut answers = filling.answers.clone();
    let words = template.as_ref().map(|it| {
        it.fill(&values, &answers).map_err(|why| match why {
            Unfilled::Gaps(gaps) => Cant::Gap(Gap(gaps.join(", no "))),
            Unfilled::Fault(fault) => Cant::Unfilled(fault.reason),
        })
    });
    let (mut gaps, mut shown) = (Vec::new(), Vec::new());
    if let (Some(template), Some(width)) = (&template, filling.width) {
        for asked in template.asked() {
            answers.entry(asked.clone()).or_insert_with(|| format!("[[{asked}]]"));
        }
        if let Err(Unfilled::Gaps(missing)) = template.fill(&values, &answers) {
            for name in PLACEHOLDERS.iter().filter(|it| missing.iter().any(|gap| gap == *it)) {
                values.set(name, PlaceholderValue::Text(format!("‹{name}?›")));
            }
            gaps = missing;
        }
        let text = template.fill(&values, &answers).unwrap_or_default();
        shown = html::render(&Html::new(markdown::to_html(&text)), width);
    }
    let projects = vec![Project { id: ProjectId(7), title: desk::line("Network refresh 2026") }];
    let projects = filling.wants_projects.then_some(projects);
    FilledText { ticket: target.ticket.id, words, gaps, projects, newest: None, shown }
}
