use proptest::prelude::*;

use super::*;
use crate::{domain::Html, text::html};

fn values(pairs: &[(&'static str, &str)]) -> Values {
    let mut values = Values::default();
    for (name, text) in pairs {
        values.set(name, PlaceholderValue::Text((*text).to_owned()));
    }
    values
}

fn answers(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

fn fill(text: &str, pairs: &[(&'static str, &str)]) -> Result<String, Unfilled> {
    Template::parse(text).unwrap().fill(&values(pairs), &BTreeMap::new())
}

fn gaps(text: &str, pairs: &[(&'static str, &str)]) -> Vec<String> {
    match fill(text, pairs) {
        Err(Unfilled::Gaps(gaps)) => gaps,
        other => panic!("{other:?}"),
    }
}

/// The text as its reader sees it, line by line.
fn seen(markdown: &str) -> String {
    html::plain(&Html::new(markdown::to_html(markdown)))
}

#[test]
fn placeholders_are_filled_in() {
    let text = "Hi {{ contact.first_name }}, about #{{ ticket.id }} ({{ ticket.tags }})\n";
    let mut values = values(&[("contact.first_name", "Ann")]);
    values.set("ticket.id", PlaceholderValue::Number(12));
    values.set("ticket.tags", PlaceholderValue::List(vec!["vpn".into(), "late".into()]));
    let filled = Template::parse(text).unwrap().fill(&values, &BTreeMap::new()).unwrap();
    assert_eq!(filled, "Hi Ann, about #12 (vpn, late)");
}

#[test]
fn what_is_missing_is_a_gap_unless_there_is_a_default() {
    let text = "{{ contact.first_name }} {{ client.name }} {{ waiting }}";
    assert_eq!(gaps(text, &[("client.name", "Acme")]), ["contact.first_name", "waiting"]);
    assert_eq!(gaps(text, &[("client.name", " "), ("waiting", "")]).len(), 3);
    for default in ["default(\"there\", true)", "default(\"there\")", "d('there')"] {
        let text = format!("Hi {{{{ contact.first_name | {default} }}}}");
        assert_eq!(fill(&text, &[]).unwrap(), "Hi there");
        assert_eq!(fill(&text, &[("contact.first_name", "  ")]).unwrap(), "Hi there");
        assert_eq!(fill(&text, &[("contact.first_name", "Ann")]).unwrap(), "Hi Ann");
    }
    assert_eq!(fill("a{{ client.name | default('') }}b", &[]).unwrap(), "ab");
}

#[test]
fn a_gap_is_one_however_the_value_is_used() {
    let uses = [
        "{{ contact.name | upper }}",
        "{{ \"Hi \" ~ contact.name }}",
        "{{ contact.name | first }}",
        "{% set n = contact.name %}Hi {{ n }}",
        "{% for t in ticket.tags %}{{ t }}{% endfor %}",
        "{% filter upper %}{{ contact.name }}{% endfilter %}",
    ];
    for text in uses {
        let name = if text.contains("tags") { "ticket.tags" } else { "contact.name" };
        assert_eq!(gaps(text, &[]), [name], "{text}");
    }
    assert_eq!(fill("{{ none }}", &[]).unwrap_err().to_string(), "value in line 1 of the text");
}

#[test]
fn a_text_can_ask_whether_a_value_is_there() {
    let text = "{% if contact.name %}Hi {{ contact.name }}{% else %}Hello{% endif %}";
    assert_eq!(fill(text, &[]).unwrap(), "Hello");
    assert_eq!(fill(text, &[("contact.name", "Ann")]).unwrap(), "Hi Ann");
    assert_eq!(fill("{{ 'a' if contact.name is defined else 'b' }}", &[]).unwrap(), "b");
}

#[test]
fn what_is_asked_is_asked_once_and_all_at_once() {
    let template =
        Template::parse("[[order number]] and [[ order  number ]], [[when]]{# [[not]] #}").unwrap();
    assert_eq!(template.asked(), ["order number", "when"]);
    let filled = template.fill(&Values::default(), &answers(&[("order number", "42")]));
    assert_eq!(filled, Err(Unfilled::Gaps(vec!["when".into()])));
    let answers = answers(&[("order number", " 42 "), ("when", "now")]);
    assert_eq!(template.fill(&Values::default(), &answers).unwrap(), "42 and 42, now");
    let raw = Template::parse("{% raw %}[[x]] {{ y }}{% endraw %} {{ \"[[z]]\" }}").unwrap();
    assert_eq!(raw.asked(), [] as [&str; 0]);
    assert_eq!(raw.fill(&Values::default(), &answers).unwrap(), "[[x]] {{ y }} [[z]]");
}

#[test]
fn what_would_be_read_as_a_placeholder_by_a_customer_is_a_fault() {
    let faults = [
        ("a\n[[order number]", 2, "`[[` has no `]]` on its line"),
        ("a [[b\nc]]", 1, "`[[` has no `]]` on its line"),
        ("[[ ]]", 1, "does not say what is asked for"),
        ("a\n\nname }} b", 3, "`}}` ends nothing; as text it is {{ \"}}\" }}"),
        ("order number]]", 1, "`]]` ends nothing"),
        ("{{ contact.frist_name }}", 1, "did you mean `contact.first_name`?"),
        ("a\n{{ nothing | default('x') }}", 2, "there is no placeholder `nothing`"),
        ("a\n{{ contact.name", 2, "syntax error"),
        ("{% if ticket.id %}", 1, "syntax error"),
        ("{{ contact.name | shout }}", 1, "unknown filter"),
        ("{{ ticket }}", 1, "is no text"),
        ("a\n{{ contact.name[:1] }}", 2, "`:` has no meaning here"),
    ];
    for (text, line, reason) in faults {
        let fault = Template::parse(text).expect_err(text);
        assert!(fault.reason.contains(reason), "{text}: {fault}");
        assert_eq!(fault.line, line, "{text}");
    }
}

#[test]
fn there_is_no_way_out_of_a_template() {
    for text in [
        "{% include '/etc/passwd' %}",
        "{% extends 'x' %}",
        "{% import 'x' as y %}",
        "{{ debug() }}",
        "{{ read('/etc/passwd') }}",
    ] {
        assert!(Template::parse(text).is_err(), "{text}");
    }
}

#[test]
fn what_comes_to_no_end_is_stopped() {
    let endless = "x\n{% for a in range(100000) %}{% for b in range(100000) %}{{ b }}{% endfor %}{% endfor %}";
    let fault = Template::parse(endless).unwrap_err();
    assert!(fault.reason.contains("comes to no end"), "{fault}");
    assert_eq!(fault.line, 2);
    let doubling = "{% set ns = namespace(x='xxxxxxxx') %}{% for i in range(60) %}\
                    {% set ns.x = ns.x ~ ns.x %}{% endfor %}{{ ns.x }}";
    assert!(Template::parse(doubling).is_err());
    // A loop that only some values let loose.
    let late =
        "{% if client.name == 'Acme' %}{% for a in range(99999) %}{{ a }}{% endfor %}{% endif %}";
    let filled = fill(late, &[("client.name", "Acme")]);
    assert!(
        matches!(&filled, Err(Unfilled::Fault(it)) if it.reason.contains("no end")),
        "{filled:?}"
    );
}

#[test]
fn a_value_is_no_template() {
    let hostile = "{{ agent.name }}{% for i in range(9) %}[[password]]{# x #}";
    let filled = fill("Hi {{ contact.name }}!", &[("contact.name", hostile)]).unwrap();
    assert_eq!(seen(&filled), format!("Hi {hostile}!"));
    let again = Template::parse("[[x]]").unwrap();
    let filled = again.fill(&Values::default(), &answers(&[("x", hostile)])).unwrap();
    assert_eq!(seen(&filled), hostile);
}

#[test]
fn a_value_is_no_markdown() {
    let hostile = [
        "**Pay now**",
        "a *b* _c_ ~~d~~ `e`",
        "[Your account](https://evil.example/x)",
        "![x](https://evil.example/x.png)",
        "# Refund granted",
        "> you said so",
        "---",
        "<b>x</b> & <script>alert(1)</script>",
        "**a** and **b** and **c**",
    ];
    for value in hostile {
        for text in [
            "{{ ticket.subject }}",
            "About {{ ticket.subject }}: x",
            "a\n\n{{ ticket.subject }}\n\nb",
        ] {
            let filled = fill(text, &[("ticket.subject", value)]).unwrap();
            let html = markdown::to_html(&filled);
            for tag in
                ["<strong", "<em", "<del", "<code", "<h1", "<blockquote", "<hr", "<b>", "<script"]
            {
                assert!(!html.contains(tag), "{value} in {text}: {html}");
            }
            let shown = seen(&filled);
            assert!(value.contains("://") || shown.contains(value), "{value} in {text}: {shown}");
        }
    }
    let filled = fill("{{ ticket.subject }}", &[("ticket.subject", hostile[2])]).unwrap();
    assert!(markdown::to_html(&filled).contains("[Your account](<a href"), "{filled}");
}

#[test]
fn marks_around_a_value_act_and_a_quote_stays_one() {
    let pairs =
        [("contact.name", "Ann _b_ Lee"), ("quote", "> It is **broken**\n> > - a\n> > - b")];
    let filled = fill("**{{ contact.name }}**\n\n{{ quote }}\n\nHi", &pairs).unwrap();
    let html = markdown::to_html(&filled);
    assert_eq!(html.matches("<em>").count(), 0, "{html}");
    assert!(html.contains("<strong>Ann _b_ Lee</strong>"), "{html}");
    assert!(html.contains("<blockquote>"), "{html}");
    assert!(html.contains("It is **broken**"), "{html}");
    assert_eq!(html.matches("<strong>").count(), 1, "{html}");
}

#[test]
fn a_block_on_its_own_line_leaves_no_line() {
    let text = "a\n{% if ticket.priority == 'high' %}\nb\n{% else %}\nc\n{% endif %}\nd\n";
    assert_eq!(fill(text, &[("ticket.priority", "high")]).unwrap(), "a\nb\nd");
    assert_eq!(fill(&text.replace('\n', "\r\n"), &[("ticket.priority", "x")]).unwrap(), "a\nc\nd");
}

#[test]
fn values_are_cleaned() {
    let filled =
        fill("{{ ticket.subject }}", &[("ticket.subject", "a\x1b[31mb\u{202e}c")]).unwrap();
    assert_eq!(filled, "a[31mbc");
}

fn hostile() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "{{",
        "}}",
        "{%",
        "%}",
        "[[",
        "]]",
        "*",
        "**",
        "_",
        "~~",
        "`",
        "[",
        "](https://e.example)",
        "!",
        "#",
        "# ",
        "> ",
        "- ",
        "1. ",
        "|",
        "---",
        "\n",
        " ",
        "x",
        "Ann",
        "é",
        "語",
        "<b>",
        "&amp;",
        "a@b.example",
        "'",
        "\"",
    ]);
    prop::collection::vec(pieces, 0..14).prop_map(|it| it.concat())
}

proptest! {
    #[test]
    fn no_template_panics(text in hostile(), value in hostile()) {
        if let Ok(template) = Template::parse(&text) {
            let answers = template.asked().iter().map(|it| (it.clone(), value.clone())).collect();
            let _ = template.fill(&values(&[("ticket.subject", &value)]), &answers);
        }
    }

    #[test]
    fn every_letter_of_a_value_reaches_the_reader_and_no_mark_of_it_acts(value in hostile()) {
        // A subject is one line.
        let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
        // A blank value is a gap.
        if value.is_empty() {
            return Ok(());
        }
        let filled = fill("Before {{ ticket.subject }} after", &[("ticket.subject", &value)]).unwrap();
        let html = markdown::to_html(&filled);
        for tag in ["<strong", "<em", "<del", "<code", "<h1", "<blockquote", "<li", "<hr"] {
            prop_assert!(!html.contains(tag), "{} {}", filled, html);
        }
        // Where a value has backslashes of its own before marks, or marks within marks, one more or
        // less may be read.
        let solid = |text: &str| {
            text.chars().filter(|it| !it.is_whitespace() && *it != '\\').collect::<String>()
        };
        let tags = |html: &str| {
            let mut out = String::new();
            let mut inside = false;
            for letter in html.chars() {
                match letter {
                    '<' => inside = true,
                    '>' if inside => inside = false,
                    _ if !inside => out.push(letter),
                    _ => {}
                }
            }
            out.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#x27;", "'").replace("&amp;", "&")
        };
        prop_assert_eq!(solid(&tags(&html)), solid(&format!("Before {value} after")), "{}", filled);
    }
}
