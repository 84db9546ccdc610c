//! The meaning of the names of elements.

/// The tags by which text is taken for HTML at all. `<john@example.com>` is none.
const KNOWN: &[&str] = &[
    "a",
    "abbr",
    "article",
    "b",
    "big",
    "blockquote",
    "body",
    "br",
    "center",
    "cite",
    "code",
    "dd",
    "del",
    "div",
    "dl",
    "dt",
    "em",
    "figure",
    "font",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hr",
    "html",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "main",
    "mark",
    "meta",
    "ol",
    "p",
    "plaintext",
    "pre",
    "q",
    "s",
    "section",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "tt",
    "u",
    "ul",
    "xmp",
];

/// The tags that only part lines: a mail that has no others is as plain as a text mail.
pub(super) const LINE_TAGS: &[&str] = &["body", "br", "div", "head", "html", "meta", "p"];

/// Elements that stand in a line, beside those in [`KNOWN`].
const OTHERS: &[&str] = &[
    "acronym", "bdo", "button", "dfn", "label", "math", "nobr", "ruby", "samp", "select", "svg",
    "textarea", "time", "var",
];

/// The elements that stand on lines of their own, as browsers have it. All others stand in a line.
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "center",
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
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
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
    "nav",
    "ol",
    "optgroup",
    "option",
    "p",
    "plaintext",
    "pre",
    "search",
    "section",
    "summary",
    "table",
    "caption",
    "tbody",
    "tfoot",
    "thead",
    "tr",
    "ul",
    "xmp",
];

/// Whether an element stands on lines of its own.
pub(super) fn is_block(name: &str) -> bool {
    BLOCKS.contains(&name)
}

/// Whether there is an empty line around an element.
pub(super) fn is_paragraph(name: &str) -> bool {
    matches!(
        name,
        "p" | "blockquote"
            | "dl"
            | "fieldset"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "listing"
            | "ol"
            | "plaintext"
            | "pre"
            | "table"
            | "ul"
            | "xmp"
    )
}

/// Whether a tag shows that its text is HTML, rather than text with angle brackets. People put some
/// names in angle brackets themselves; for these only the end tag counts.
pub(super) fn is_known(name: &str, start: bool) -> bool {
    KNOWN.contains(&name) || (!start && (is_block(name) || OTHERS.contains(&name)))
}
