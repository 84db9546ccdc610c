//! Turns a message's tree into one that html2text lays out as the author meant it. The new tree has
//! few kinds of elements, all known to html2text, and cleaned text.

use html2text::{Handle, RcDom};
use html5ever::{
    Attribute, QualName,
    interface::{ElementFlags, NodeOrText, TreeSink as _},
    ns,
};

use super::{
    super::clean,
    LINES, dom, forms,
    glyphs::Glyphs,
    layout::TAB,
    links::Links,
    lists::{self, Marker},
    look::{Display, Look, Space},
    tables::{self, Table},
    tags,
};
use crate::domain::columns;

/// The most columns of white space in a row that are kept.
const GAP: usize = 400;

/// A message ready to be laid out.
pub(super) struct Shaped {
    pub(super) dom: RcDom,
    pub(super) links: Links,
    pub(super) glyphs: Glyphs,
}

/// Shapes a parsed message; with `footnotes` each link has a number.
pub(super) fn shape(parsed: &RcDom, footnotes: bool) -> Shaped {
    let shaped =
        Shaped { dom: RcDom::default(), links: Links::default(), glyphs: Glyphs::default() };
    let mut shaper = Shaper { shaped, footnotes, column: 0, breaks: 0 };
    let root = shaper.shaped.dom.document.clone();
    shaper.children(&parsed.document, &root, Around::default());
    shaper.shaped
}

/// The conditions for the content of an element.
#[derive(Clone, Copy, Debug, Default)]
struct Around {
    space: Space,
    /// The element itself is not seen, though its content may be.
    unseen: bool,
}

struct Shaper {
    shaped: Shaped,
    footnotes: bool,
    /// The columns of the line so far. Where white space is folded, it only tells whether there are
    /// any.
    column: usize,
    /// How many line breaks were put in for those of the text.
    breaks: usize,
}

impl Shaper {
    fn children(&mut self, node: &Handle, into: &Handle, around: Around) {
        for child in dom::children(node) {
            self.node(&child, into, around);
        }
    }

    fn node(&mut self, node: &Handle, into: &Handle, around: Around) {
        if let Some(text) = dom::text(node) {
            if !around.unseen {
                self.text(&text, into, around.space);
            }
            return;
        }
        let look = Look::of(node);
        if look.display == Some(Display::Gone) {
            return;
        }
        let around = Around {
            space: look.space.unwrap_or(around.space),
            unseen: look.unseen.unwrap_or(around.unseen),
        };
        let struck = look.struck.then(|| self.put("del", into));
        let into = struck.as_ref().unwrap_or(into);
        match look.display {
            Some(Display::Block) if !tags::is_block(dom::name(node)) => {
                let block = self.block("div", into);
                self.element(node, &block, around, look);
                self.column = 0;
            }
            Some(Display::Inline) if matches!(dom::name(node), "div" | "p") => {
                self.children(node, into, around);
            }
            _ => self.element(node, into, around, look),
        }
    }

    fn element(&mut self, node: &Handle, into: &Handle, around: Around, look: Look) {
        let name = dom::name(node);
        match name {
            "script" | "style" | "title" | "head" | "rp" | "annotation" | "annotation-xml" => {}
            "br" | "wbr" | "hr" | "input" => {
                self.lone(node, into, around);
                // Within a drawing these elements hold others.
                self.children(node, into, around);
            }
            "img" | "image" | "svg" | "embed" | "video" | "audio" | "object" => {
                self.picture(node, into, around, look);
            }
            "a" => self.link(node, into, around),
            "ul" | "ol" | "menu" | "dir" => self.list(node, into, around),
            "li" => self.item(node, Marker::BULLET.code(0), into, around),
            "table" => self.table(node, into, around),
            "sup" | "sub" | "q" | "rt" | "button" | "msup" | "msub" | "mfrac" => {
                self.marked(node, into, around);
            }
            "dt" | "dd" => {
                let block = self.block("div", into);
                self.within(name, node, &block, around);
            }
            "blockquote" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.within(name, node, into, around);
            }
            // Within a drawing each has a place of its own.
            "text" => self.within("div", node, into, around),
            "legend" | "caption" => {
                let block = self.block("div", into);
                self.within("strong", node, &block, around);
            }
            "pre" | "listing" | "xmp" | "plaintext" | "textarea" => {
                let space = look.space.unwrap_or(Space::Keep);
                let block = self.block("p", into);
                self.within("code", node, &block, Around { space, ..around });
                self.column = 0;
            }
            _ => match inline(name) {
                Some(name) => self.within(name, node, into, around),
                None if tags::is_paragraph(name) => self.within("p", node, into, around),
                None if tags::is_block(name) => self.within("div", node, into, around),
                None => self.children(node, into, around),
            },
        }
    }

    /// Elements that stand for themselves.
    fn lone(&mut self, node: &Handle, into: &Handle, around: Around) {
        match dom::name(node) {
            "br" => self.line_break(into),
            "wbr" => self.append_text(into, "\u{200b}"),
            "hr" => {
                let rule = self.block("p", into);
                self.append_text(&rule, "────────");
                self.column = 0;
            }
            _ => {
                if let Some(shown) = forms::input(node).filter(|_| !around.unseen) {
                    self.text(&shown, into, Space::Keep);
                }
            }
        }
    }

    /// Puts the content of `node` into an element of its own.
    fn within(&mut self, name: &str, node: &Handle, into: &Handle, around: Around) {
        let is_block = tags::is_block(name);
        let element = if is_block { self.block(name, into) } else { self.put(name, into) };
        self.children(node, &element, around);
        if is_block {
            self.end_block(&element);
        }
    }

    /// A block that is empty still parts what is before it from what is after it.
    fn end_block(&mut self, block: &Handle) {
        if block.children.borrow().is_empty() {
            self.append_text(block, "\u{200b}");
        }
        self.column = 0;
    }

    fn list(&mut self, list: &Handle, into: &Handle, around: Around) {
        let block = self.block("div", into);
        let mut markers = lists::markers(list).into_iter().peekable();
        let width = markers.clone().map(|marker| marker.text().len()).max().unwrap_or(0);
        for child in dom::children(list) {
            let display = Look::of(&child).display;
            match markers.next_if(|_| dom::name(&child) == "li") {
                Some(_) if display == Some(Display::Gone) => {}
                Some(marker) => self.item(&child, marker.code(width), &block, around),
                None => self.node(&child, &block, around),
            }
        }
        self.end_block(&block);
    }

    fn item(&mut self, item: &Handle, code: i64, into: &Handle, around: Around) {
        let list = self.put("ol", into);
        self.set(&list, "start", &code.to_string());
        let look = Look::of(item);
        let around = Around { space: look.space.unwrap_or(around.space), ..around };
        self.within("li", item, &list, around);
    }

    fn table(&mut self, node: &Handle, into: &Handle, around: Around) {
        let table = Table::of(node);
        for caption in &table.captions {
            self.node(caption, into, around);
        }
        let grid = if table.only_places(node) { None } else { table.grid() };
        let Some(grid) = grid else {
            let block = self.block("div", into);
            for cell in table.rows.iter().flat_map(tables::cells) {
                self.cell("div", &cell, &block, around);
            }
            self.end_block(&block);
            return;
        };
        let table_drawn = self.put("table", into);
        let drawn = self.put("tbody", &table_drawn);
        for (row, cells) in table.rows.iter().zip(grid) {
            if Look::of(row).display == Some(Display::Gone) {
                continue;
            }
            let line = self.put("tr", &drawn);
            for cell in cells {
                let drawn = match &cell.node {
                    Some(node) => self.cell("td", node, &line, around),
                    None => Some(self.put("td", &line)),
                };
                if let Some(drawn) = drawn {
                    self.set(&drawn, "colspan", &cell.columns.to_string());
                }
            }
        }
        self.column = 0;
    }

    fn cell(&mut self, name: &str, node: &Handle, into: &Handle, around: Around) -> Option<Handle> {
        let look = Look::of(node);
        let cell = self.block(name, into);
        if look.display != Some(Display::Gone) {
            let around = Around {
                space: look.space.unwrap_or(around.space),
                unseen: look.unseen.unwrap_or(around.unseen),
            };
            let is_head = dom::name(node) == "th";
            let inner = if is_head { self.put("strong", &cell) } else { cell.clone() };
            self.children(node, &inner, around);
        }
        self.column = 0;
        Some(cell)
    }

    fn link(&mut self, node: &Handle, into: &Handle, around: Around) {
        let address = dom::attribute(node, "href");
        if address.trim().is_empty() {
            return self.children(node, into, around);
        }
        let link = self.put("a", into);
        self.set(&link, "href", "x");
        self.children(node, &link, around);
        let is_empty = !dom::holds(&link, "img") && dom::text_within(&link).trim().is_empty();
        if !self.footnotes || is_empty {
            return;
        }
        if let Some(mark) = self.shaped.links.mark(&address, &dom::text_within(node)) {
            let last = last_block(&link);
            self.append_text(&last, &mark);
        }
    }

    fn picture(&mut self, node: &Handle, into: &Handle, around: Around, look: Look) {
        let name = dom::name(node);
        let alt = clean::line(&dom::attribute(node, "alt"));
        let is_image = matches!(name, "img" | "image");
        if around.unseen || (is_image && look.tiny && alt.is_empty()) {
            return;
        }
        let said = match name {
            "embed" | "object" => "embedded page",
            "video" | "audio" => name,
            _ => "picture",
        };
        let before = dom::text_within(node);
        if is_image || name == "embed" || before.trim().is_empty() {
            let picture = self.put("img", into);
            let title = if alt.is_empty() { said.into() } else { format!("{said}: {alt}") };
            let title = self.shaped.glyphs.stand_in(&title);
            self.set(&picture, "alt", &title);
            self.set(&picture, "src", "x");
            self.column += 1;
        }
        self.children(node, into, around);
    }

    /// Marks raised, lowered or quoted text and notes with signs that work in a line of text.
    fn marked(&mut self, node: &Handle, into: &Handle, around: Around) {
        let name = dom::name(node);
        let text = dom::text_within(node);
        let digits = match name {
            _ if !is_one_run(node) => None,
            "sup" => small_digits(&text, SUPERSCRIPTS),
            "sub" => small_digits(&text, SUBSCRIPTS),
            _ => None,
        };
        if let Some(digits) = digits.filter(|_| !around.unseen) {
            return self.text(&digits, into, around.space);
        }
        let (before, between, after) = match name {
            _ if text.trim().is_empty() || around.unseen => ("", "", ""),
            "sup" => ("^", "", ""),
            "sub" => ("_", "", ""),
            "msup" => ("", "^", ""),
            "msub" => ("", "_", ""),
            "mfrac" => ("", "/", ""),
            "q" => ("“", "", "”"),
            "button" => ("[", "", "]"),
            _ => ("(", "", ")"),
        };
        self.append_text(into, before);
        let is_element = |node: &Handle| !dom::name(node).is_empty();
        let mut first = true;
        for child in dom::children(node) {
            if !between.is_empty() && is_element(&child) && !std::mem::take(&mut first) {
                self.append_text(into, between);
            }
            self.node(&child, into, around);
        }
        self.append_text(into, after);
    }

    fn line_break(&mut self, into: &Handle) {
        self.put("br", into);
        self.column = 0;
    }

    /// Puts in text, its white space kept as far as it is to be; hard spaces keep their columns.
    fn text(&mut self, raw: &str, into: &Handle, space: Space) {
        let mut piece = String::new();
        let mut hard = 0;
        for c in clean::spaced(raw).chars() {
            match (c, space) {
                ('\n', Space::Keep | Space::Lines) if self.breaks < 2 * LINES => {
                    self.flush(&mut piece, into);
                    self.line_break(into);
                    self.breaks += 1;
                    hard = 0;
                }
                ('\t', Space::Keep) => hard += TAB - (self.column + hard) % TAB,
                (' ', Space::Keep) | ('\u{a0}', _) => hard += 1,
                ('\n' | '\t' | ' ', _) => {
                    self.keep(&mut hard, &mut piece);
                    piece.push(' ');
                    self.column += usize::from(self.column > 0);
                }
                _ => {
                    self.keep(&mut hard, &mut piece);
                    piece.push(c);
                    self.column += columns::width(c.encode_utf8(&mut [0; 4]));
                }
            }
        }
        self.keep(&mut hard, &mut piece);
        self.flush(&mut piece, into);
    }

    /// Puts in spaces that are not folded: all but the last one, at which a line may be broken.
    fn keep(&mut self, hard: &mut usize, piece: &mut String) {
        *hard = (*hard).min(GAP);
        let Some(all_but_one) = hard.checked_sub(1) else { return };
        piece.extend(std::iter::repeat_n('\u{a0}', all_but_one));
        piece.push(if self.column == 0 { '\u{a0}' } else { ' ' });
        self.column += *hard;
        *hard = 0;
    }

    fn flush(&mut self, piece: &mut String, into: &Handle) {
        let text = self.shaped.glyphs.stand_in(piece);
        self.append_text(into, &text);
        piece.clear();
    }

    fn append_text(&mut self, into: &Handle, text: &str) {
        if !text.is_empty() {
            self.shaped.dom.append(into, NodeOrText::AppendText(text.into()));
        }
    }

    /// A new block within `into`: a line begins.
    fn block(&mut self, name: &str, into: &Handle) -> Handle {
        self.column = 0;
        self.put(name, into)
    }

    fn put(&mut self, name: &str, into: &Handle) -> Handle {
        let dom = &self.shaped.dom;
        let element = dom.create_element(dom::html_name(name), Vec::new(), ElementFlags::default());
        dom.append(into, NodeOrText::AppendNode(element.clone()));
        element
    }

    fn set(&mut self, element: &Handle, name: &str, value: &str) {
        let name = QualName::new(None, ns!(), name.into());
        let attribute = Attribute { name, value: value.into() };
        self.shaped.dom.add_attrs_if_missing(element, vec![attribute]);
    }
}

/// The element of html2text with the same mark as a given element.
fn inline(name: &str) -> Option<&'static str> {
    Some(match name {
        "em" | "i" | "cite" | "var" | "dfn" | "ins" | "u" => "em",
        "strong" | "b" => "strong",
        "del" | "s" | "strike" => "del",
        "code" | "kbd" | "samp" | "tt" => "code",
        _ => return None,
    })
}

/// Whether the whole content stands in one line and is shown as it is: it has no block, link or
/// picture, and nothing hidden.
fn is_one_run(node: &Handle) -> bool {
    dom::elements_within(node).iter().all(|it| {
        let (name, look) = (dom::name(it), Look::of(it));
        let is_plain =
            matches!(name, "big" | "font" | "label" | "mark" | "nobr" | "small" | "span");
        (is_plain || matches!(inline(name), Some("em" | "strong" | "code")))
            && look.display.is_none()
            && look.unseen.is_none()
            && !look.struck
    })
}

/// The innermost last block of what was shaped, so that a mark stands at the end of its line.
fn last_block(node: &Handle) -> Handle {
    let mut node = node.clone();
    loop {
        let last = dom::children(&node).pop();
        match last {
            Some(last)
                if matches!(
                    dom::name(&last),
                    "div"
                        | "p"
                        | "ol"
                        | "li"
                        | "table"
                        | "tr"
                        | "td"
                        | "blockquote"
                        | "h1"
                        | "h2"
                        | "h3"
                        | "h4"
                        | "h5"
                        | "h6"
                ) =>
            {
                node = last
            }
            _ => return node,
        }
    }
}

const SUPERSCRIPTS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
const SUBSCRIPTS: [char; 10] = ['₀', '₁', '₂', '₃', '₄', '₅', '₆', '₇', '₈', '₉'];

/// A whole number in small digits; `None` if the text is no number.
fn small_digits(text: &str, digits: [char; 10]) -> Option<String> {
    let text = text.trim();
    let minus = if digits == SUPERSCRIPTS { '⁻' } else { '₋' };
    let plus = if digits == SUPERSCRIPTS { '⁺' } else { '₊' };
    let small = |c: char| match c {
        '-' | '−' => Some(minus),
        '+' => Some(plus),
        _ => digits.get(usize::try_from(c.to_digit(10)?).ok()?).copied(),
    };
    text.chars().map(small).collect::<Option<String>>().filter(|it| !it.is_empty())
}
