//! Words are parted where a browser parts them, by the tags that begin or end something.

use super::{drawn, missing};
use crate::{
    domain::Html,
    text::html::{tags, words},
};

/// The names of all elements that stand on lines of their own, or end in a way of their own.
const NAMES: [&str; 66] = [
    "a",
    "address",
    "applet",
    "article",
    "aside",
    "b",
    "blockquote",
    "body",
    "button",
    "caption",
    "center",
    "col",
    "colgroup",
    "dd",
    "details",
    "dialog",
    "dir",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h6",
    "head",
    "header",
    "hgroup",
    "hr",
    "html",
    "legend",
    "li",
    "listing",
    "main",
    "marquee",
    "menu",
    "meta",
    "nav",
    "nobr",
    "o:p",
    "object",
    "ol",
    "optgroup",
    "option",
    "plaintext",
    "pre",
    "search",
    "section",
    "select",
    "span",
    "sub",
    "summary",
    "sup",
    "svg",
    "table",
    "tbody",
    "td",
    "textarea",
    "tfoot",
    "th",
    "thead",
    "tr",
    "ul",
    "xmp",
];

/// `source` as shown in a text mail with a quote, as shown in an HTML mail, and as found by a
/// search; each in one line.
fn all_ways(source: &str) -> [String; 3] {
    let line = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mail = drawn(&format!("> b<br>{source}"), 80);
    let html = drawn(&format!("<b>a</b><br>{source}"), 80);
    let found = words(&Html::new(format!("<br>{source}")));
    [mail, html, found].map(line)
}

#[test]
fn a_tag_that_ends_nothing_parts_no_word() {
    for name in NAMES {
        let source = format!("12</{name}>12");
        for source in [source.clone(), format!("> {source}"), format!("<br>> {source}")] {
            assert_eq!(missing(&source), None, "{source}");
        }
        // Within others, and after it has ended.
        for outer in ["", "<div>", "<section>", "<span style='display:block'>"] {
            let ends_it = outer.trim_start_matches('<').starts_with(name);
            if outer.is_empty() || !ends_it {
                for shown in all_ways(&format!("{outer}{source}")) {
                    assert!(shown.contains("1212"), "{outer} {name}: {shown}");
                }
            }
        }
        if !matches!(name, "meta" | "hr" | "plaintext" | "col" | "svg") {
            for shown in all_ways(&format!("<{name}>x</{name}>34</{name}>34")) {
                assert!(shown.contains("3434"), "{name}: {shown}");
            }
        }
    }
    for source in [
        "<div><object>12</div>12",
        "<div><marquee>12</div>12",
        "<div><select>12</div>12",
        "<div><table><td>12</div>12",
        "<ol><li><ul>12</li>12",
        "<ol><li>a<li>b</li>12</li>12",
        "<dl><dt>a<dd>b</dd>12</dt>12",
        "<h1>a</h2>12</h1>12",
        "<section><sup>12</section>x</sup>34</sup>34",
        "<form><div></form>12</form>12",
        "<sup>x<div>12</sup>12",
    ] {
        for shown in all_ways(source) {
            assert!(shown.contains("1212") || shown.contains("3434"), "{source}: {shown}");
        }
        assert_eq!(missing(&format!("> a<br>{source}")), None, "{source}");
    }
}

#[test]
fn what_is_deep_is_parted_likewise() {
    let deep = "<b>".repeat(120);
    for (source, parted) in [
        ("12</div>12", false),
        ("<div>x</div>12</div>12", false),
        ("<ol><li>a<li>b</li>12</li>12", false),
        ("<dl><dt>a<dd>b</dd>12</dt>12", false),
        ("<ol><li>12</li>12", true),
        ("<div>12</div>12", true),
        ("<div>12<div>12", true),
    ] {
        let source = format!("{deep}{source}");
        let shown = drawn(&source, 80).replace('\n', " ");
        assert_eq!(!shown.contains("1212"), parted, "{source}: {shown}");
        assert_eq!(missing(&source), None, "{source}");
    }
}

#[test]
fn a_tag_that_begins_nothing_parts_no_word() {
    for name in [
        "html", "head", "body", "caption", "col", "colgroup", "tbody", "td", "tfoot", "th",
        "thead", "tr", "frameset", "frame",
    ] {
        for shown in all_ways(&format!("12<{name}>12")) {
            assert!(shown.contains("1212"), "{name}: {shown}");
        }
    }
    for shown in all_ways("<form>12<form>12") {
        assert!(shown.contains("1212"), "{shown}");
    }
}

#[test]
fn a_tag_that_ends_something_parts_words() {
    for name in NAMES.into_iter().filter(|name| tags::is_block(name)) {
        let is_none = matches!(name, "html" | "body" | "hr" | "plaintext");
        if is_none || matches!(name, "caption" | "tbody" | "tfoot" | "thead" | "tr") {
            continue;
        }
        for source in [
            format!("<{name}>12</{name}>12"),
            format!("<div><{name}>12</{name}>12"),
            format!("<{name}><{name}>a</{name}>12</{name}>12"),
            format!("<{name}><sup>x<div>a</div></sup>12</{name}>12"),
        ] {
            // They end the one before, or are not begun within one.
            let is_single = matches!(
                name,
                "dd" | "dt" | "form" | "h1" | "h6" | "li" | "option" | "table" | "xmp"
            );
            if is_single && source.starts_with(&format!("<{name}><{name}>")) {
                continue;
            }
            for shown in all_ways(&source) {
                assert!(!shown.contains("1212"), "{source}: {shown}");
            }
        }
    }
    for name in ["p", "br"] {
        for shown in all_ways(&format!("12</{name}>12")) {
            assert!(shown.contains("12 12"), "{name}: {shown}");
        }
    }
    for source in [
        "<div><form><div>12</form>12</div>12",
        "<table><tr><td>12</td></tr></table>12",
        "<table><tr><td>12</td><td>12",
        "<ul><li>12<li>12",
        "<dl><dt>12<dd>12",
        "<select><option>12<option>12",
        "<h1>12</h2>12",
    ] {
        for shown in all_ways(source) {
            assert!(!shown.ends_with("1212"), "{source}: {shown}");
        }
    }
}
