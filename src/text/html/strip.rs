//! The text of HTML without building a tree of it: linear in the bytes, whatever the tags.

use std::cell::{Cell, RefCell};

use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult, states::RawKind};

use super::{links, open::Open, source, tags};

/// The kind of the source.
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
    /// How many bytes of text are beyond the limit.
    pub(super) left_out: usize,
}

impl Stripped {
    /// The text alone.
    pub(super) fn of(source: &str) -> Self {
        Self::read(source, false)
    }

    /// The text, with the address after each link whose text does not say it.
    pub(super) fn with_addresses(source: &str) -> Self {
        Self::read(source, true)
    }

    fn read(source: &str, addresses: bool) -> Self {
        let front = source::read(source, Sink { html: true, addresses, ..Sink::default() });
        let sink = front.sink;
        if !sink.known.get() && !front.hid.get() {
            // Things that look like tags are text here, and so are line breaks.
            let front = source::read(&source.replace('<', "&lt;"), Sink::default());
            let (text, left_out) = (front.sink.text.into_inner(), front.left_out.get());
            return Self { text, shape: Shape::Text, left_out };
        }
        let text = sink.text.into_inner();
        let quotes = text.lines().any(|line| line.trim_start().starts_with('>'));
        let is_html = sink.styled.get() || front.hid.get() || !quotes;
        let shape = if is_html { Shape::Html } else { Shape::Text };
        Self { text, shape, left_out: front.left_out.get() }
    }
}

#[derive(Debug, Default)]
struct Sink {
    /// Line breaks in the source are white space.
    html: bool,
    /// The addresses of links are a part of the text.
    addresses: bool,
    text: RefCell<String>,
    /// The address of the link that is open, and where its text begins.
    link: RefCell<Option<(String, usize)>>,
    open: RefCell<Open>,
    /// A tag was seen that makes it HTML.
    known: Cell<bool>,
    /// A tag was seen that does more than part lines.
    styled: Cell<bool>,
}

impl Sink {
    fn tag(&self, tag: &Tag) -> TokenSinkResult<()> {
        let name = &*tag.name;
        let start = tag.kind == TagKind::StartTag;
        if tags::is_known(name, start) {
            self.known.set(true);
            if !tags::LINE_TAGS.contains(&name) {
                self.styled.set(true);
            }
        }
        let mut open = self.open.borrow_mut();
        let is_heeded = if start { open.begin(&tag.name) } else { open.end(&tag.name) };
        match name {
            _ if !is_heeded => {}
            // The element that has no end.
            "br" => self.text.borrow_mut().push('\n'),
            "td" | "th" | "sup" | "sub" | "textarea" => self.text.borrow_mut().push(' '),
            "a" if self.addresses => self.link(start.then_some(tag)),
            _ if tags::is_block(name) => self.break_line(!start && tags::is_paragraph(name)),
            _ => {}
        }
        match name {
            "textarea" if start => TokenSinkResult::RawData(RawKind::Rcdata),
            "xmp" if start => TokenSinkResult::RawData(RawKind::Rawtext),
            "plaintext" if start => TokenSinkResult::Plaintext,
            _ => TokenSinkResult::Continue,
        }
    }

    /// A link begins, or the one that is open ends.
    fn link(&self, begun: Option<&Tag>) {
        let mut text = self.text.borrow_mut();
        if let Some((address, at)) = self.link.take()
            && let Some(address) = links::told(&address, &text[at.min(text.len())..])
        {
            text.push_str(" (");
            text.push_str(&address);
            text.push(')');
        }
        let href = begun.and_then(|tag| tag.attrs.iter().find(|it| &*it.name.local == "href"));
        self.link.replace(href.map(|href| (href.value.to_string(), text.len())));
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
            Token::CharacterTokens(characters) => self.characters(&characters),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}
