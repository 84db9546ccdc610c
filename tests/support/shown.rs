//! The words of a message that a browser would show, taken from html5ever's tree and from nothing of
//! the product: what must be found on the screen, in the same order.

use html2text::{Comment, Document, Element, Handle, RcDom};
use html5ever::{
    ParseOpts, ns, parse_document, tendril::TendrilSink as _, tree_builder::TreeBuilderOpts,
};

/// A run of letters and digits.
#[derive(Debug, PartialEq, Eq)]
pub struct Word {
    pub text: String,
    /// White space or the edge of a block parts it from the word before it.
    pub apart: bool,
}

/// Elements of which a browser shows no text, or not always.
const UNSHOWN: &[&str] = &[
    "script",
    "style",
    "template",
    "head",
    "title",
    "iframe",
    "noembed",
    "noframes",
    "object",
    "audio",
    "video",
    "canvas",
    "progress",
    "meter",
    "datalist",
    "rp",
    "annotation",
    "annotation-xml",
    "desc",
    "metadata",
    "defs",
    "frameset",
    "select",
];

/// Elements that part what is before them from what is in them, and that from what is after them. An
/// element that nobody knows stands in a line.
const PARTING: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "br",
    "button",
    "caption",
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
    "menu",
    "nav",
    "ol",
    "p",
    "plaintext",
    "pre",
    "search",
    "section",
    "summary",
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

/// The first word that is not on the screen where it should be; `None` where all are.
///
/// `screen` is the message on lines of any length, `narrow` on short ones. `clean` is what is done to
/// all text. In a table words stand side by side: there only whether they are there is asked.
pub fn missing(
    source: &str,
    screen: &str,
    narrow: &str,
    clean: impl Fn(&str) -> String,
) -> Option<String> {
    let as_html = lost(source, screen, narrow, &clean)?;
    // What has no tag of HTML is text, and its angle brackets are shown.
    lost(&source.replace('<', "&lt;"), screen, narrow, &clean).and(Some(as_html))
}

fn lost(
    source: &str,
    screen: &str,
    narrow: &str,
    clean: impl Fn(&str) -> String,
) -> Option<String> {
    let words = words(source, clean);
    let screen: String = screen.chars().map(digit).collect();
    let is_table = source.to_ascii_lowercase().contains("<table");
    let squeezed = |text: &str| -> String {
        text.chars().map(digit).filter(|c| c.is_alphanumeric()).collect()
    };
    let narrow = squeezed(narrow);
    if is_table {
        let wide = squeezed(&screen);
        return words.into_iter().map(|it| it.text).find(|word| !wide.contains(word.as_str()));
    }
    let (mut at, mut narrow_at) = (0, 0);
    for word in words {
        let found = |from: usize| Some(from + screen.get(from..)?.find(&word.text)?);
        let mut place = found(at);
        while let Some(start) = place.filter(|start| word.apart && at > 0 && *start == at) {
            let next = screen[start..].chars().next().map_or(1, char::len_utf8);
            place = found(start + next);
        }
        let Some(start) = place else { return Some(format!("{} (wide)", word.text)) };
        at = start + word.text.len();
        let Some(start) = narrow[narrow_at..].find(&word.text) else {
            return Some(format!("{} (narrow)", word.text));
        };
        narrow_at += start + word.text.len();
    }
    None
}

/// Small digits as digits.
fn digit(c: char) -> char {
    const SMALL: [&str; 2] = ["⁰¹²³⁴⁵⁶⁷⁸⁹", "₀₁₂₃₄₅₆₇₈₉"];
    let at = SMALL.iter().find_map(|all| all.chars().position(|it| it == c));
    at.and_then(|at| char::from_digit(u32::try_from(at).unwrap_or(0), 10)).unwrap_or(c)
}

/// The words that a browser would show.
pub fn words(source: &str, clean: impl Fn(&str) -> String) -> Vec<Word> {
    let tree_builder = TreeBuilderOpts { scripting_enabled: false, ..Default::default() };
    let opts = ParseOpts { tree_builder, ..Default::default() };
    let dom = parse_document(RcDom::default(), opts).one(source);
    let mut reader = Reader { words: Vec::new(), apart: true, clean };
    reader.node(&dom.document);
    reader.words
}

struct Reader<F> {
    words: Vec<Word>,
    apart: bool,
    clean: F,
}

impl<F: Fn(&str) -> String> Reader<F> {
    fn node(&mut self, root: &Handle) {
        enum Step {
            Enter(Handle),
            Part,
        }
        let mut stack = vec![Step::Enter(root.clone())];
        while let Some(step) = stack.pop() {
            let node = match step {
                Step::Enter(node) => node,
                Step::Part => {
                    self.apart = true;
                    continue;
                }
            };
            match &node.data {
                Comment { .. } => continue,
                Document => {}
                Element { name, attrs, .. } => {
                    let is_hidden = attrs.borrow().iter().any(|attr| {
                        let value = attr.value.to_ascii_lowercase();
                        &*attr.name.local == "hidden"
                            || value.contains("display")
                            || value.contains("visibility")
                    });
                    if is_hidden || UNSHOWN.contains(&&*name.local) {
                        continue;
                    }
                    if name.ns == ns!(html) && PARTING.contains(&&*name.local) {
                        self.apart = true;
                        stack.push(Step::Part);
                    }
                }
                _ => self.text(&text(&node)),
            }
            stack.extend(node.children.borrow().iter().rev().cloned().map(Step::Enter));
        }
    }

    fn text(&mut self, text: &str) {
        let mut word = String::new();
        for c in (self.clean)(text).chars().map(digit).chain(['\0']) {
            if c.is_alphanumeric() {
                word.push(c);
                continue;
            }
            if !word.is_empty() {
                self.words.push(Word { text: std::mem::take(&mut word), apart: self.apart });
                self.apart = false;
            }
            self.apart |= c.is_whitespace();
        }
    }
}

/// The text of a node that is no element; html2text has no name for it.
fn text(node: &Handle) -> String {
    let mut html = Vec::new();
    node.serialize(&mut html).expect("memory takes what is written");
    let html = String::from_utf8(html).expect("html5ever writes UTF-8");
    if html.starts_with('<') {
        return String::new();
    }
    html.replace("&nbsp;", "\u{a0}").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}
