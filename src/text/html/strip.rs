//! The text of HTML without building a tree of it: linear in the bytes, whatever the tags.

use std::cell::{Cell, RefCell};

use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
    states::RawKind,
};

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
    "pre",
    "q",
    "s",
    "script",
    "section",
    "small",
    "span",
    "strike",
    "strong",
    "style",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "title",
    "tr",
    "tt",
    "u",
    "ul",
];

/// The tags that only part lines: a mail that has no others is as plain as a text mail.
const LINE_TAGS: &[&str] = &["body", "br", "div", "head", "html", "meta", "p"];

/// The tags that end a line; the first few of them end a paragraph.
const BREAKS: &[&str] = &[
    "p",
    "blockquote",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "ol",
    "pre",
    "table",
    "ul",
    "br",
    "dd",
    "div",
    "dl",
    "dt",
    "hr",
    "li",
    "tr",
];
const PARAGRAPHS: usize = 12;

/// What the source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Text with line breaks, perhaps with tags for them, whose quotes start with `>`.
    Text,
    /// HTML.
    Html,
}

/// Text without tags, entities decoded, not cleaned.
#[derive(Debug)]
pub(super) struct Stripped {
    pub(super) text: String,
    pub(super) shape: Shape,
}

impl Stripped {
    pub(super) fn of(source: &str) -> Self {
        let sink = run(source, true);
        if !sink.known.get() {
            // What looks like a tag is text, and so are its line breaks.
            let escaped = source.replace('<', "&lt;");
            let text = run(&escaped, false).text.into_inner();
            return Self { text, shape: Shape::Text };
        }
        let text = sink.text.into_inner();
        let quotes = text.lines().any(|line| line.trim_start().starts_with('>'));
        let shape = if sink.styled.get() || !quotes { Shape::Html } else { Shape::Text };
        Self { text, shape }
    }
}

fn run(source: &str, html: bool) -> Sink {
    let tokenizer = Tokenizer::new(Sink { html, ..Sink::default() }, TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(source.into());
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink
}

#[derive(Debug, Default)]
struct Sink {
    /// Line breaks in the source are white space.
    html: bool,
    text: RefCell<String>,
    /// Within an element whose text is not for people.
    hidden: Cell<bool>,
    /// A tag was seen that makes it HTML.
    known: Cell<bool>,
    /// A tag was seen that does more than part lines.
    styled: Cell<bool>,
}

impl Sink {
    fn tag(&self, tag: &Tag) -> TokenSinkResult<()> {
        let name = &*tag.name;
        if KNOWN.contains(&name) {
            self.known.set(true);
            if !LINE_TAGS.contains(&name) {
                self.styled.set(true);
            }
        }
        let start = tag.kind == TagKind::StartTag;
        match name {
            "script" | "style" | "title" => {
                self.hidden.set(start);
                let kind = if name == "title" { RawKind::Rcdata } else { RawKind::Rawtext };
                return if start {
                    TokenSinkResult::RawData(kind)
                } else {
                    TokenSinkResult::Continue
                };
            }
            // The one that has no end.
            "br" => self.text.borrow_mut().push('\n'),
            _ => match BREAKS.iter().position(|it| *it == name) {
                Some(at) => self.break_line(!start && at < PARAGRAPHS),
                None if matches!(name, "td" | "th") => self.text.borrow_mut().push(' '),
                None => {}
            },
        }
        TokenSinkResult::Continue
    }

    fn break_line(&self, paragraph: bool) {
        let mut text = self.text.borrow_mut();
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        if paragraph && !text.ends_with("\n\n") {
            text.push('\n');
        }
    }

    fn characters(&self, characters: &str) {
        let mut text = self.text.borrow_mut();
        if !self.html {
            text.push_str(characters);
            return;
        }
        for c in characters.chars() {
            if !c.is_ascii_whitespace() {
                text.push(c);
            } else if !text.is_empty() && !text.ends_with([' ', '\n']) {
                text.push(' ');
            }
        }
    }
}

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        match token {
            Token::TagToken(tag) => return self.tag(&tag),
            Token::CharacterTokens(characters) if !self.hidden.get() => {
                self.characters(&characters);
            }
            _ => {}
        }
        TokenSinkResult::Continue
    }
}
