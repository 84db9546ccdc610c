//! The marks that the parser finds, and which of them are marks for certain.

use std::ops::Range;

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use super::{addresses::Addresses, blocks, marks, options};

/// The most quotes and lists within each other; a mark of one more is text.
const DEEPEST: usize = 12;

/// A text as the parser takes it.
pub(super) struct Parsed<'a> {
    /// The text.
    pub(super) source: &'a str,
    /// The parser's events, with where they stand in the text.
    pub(super) events: Vec<(Event<'a>, Range<usize>)>,
    /// For each event that begins an element the one that ends it, for all others themselves.
    pub(super) ends: Vec<usize>,
    /// Whether the marks of the element are marks for certain; its text is text anyway.
    pub(super) certain: Vec<bool>,
    /// Where addresses stand.
    pub(super) addresses: Addresses,
}

impl<'a> Parsed<'a> {
    /// Parses `source`.
    pub(super) fn of(source: &'a str) -> Self {
        let events: Vec<_> = Parser::new_ext(source, options()).into_offset_iter().collect();
        let mut ends: Vec<usize> = (0..events.len()).collect();
        let mut open = Vec::new();
        for (at, (event, _)) in events.iter().enumerate() {
            match event {
                Event::Start(_) => open.push(at),
                Event::End(_) => {
                    if let Some(start) = open.pop() {
                        ends[start] = at;
                    }
                }
                _ => {}
            }
        }
        let certain = vec![false; events.len()];
        let addresses = Addresses::of(source);
        let mut parsed = Self { source, events, ends, certain, addresses };
        parsed.decide();
        parsed
    }

    /// The marks between an element's edges and its content: those before and those after.
    pub(super) fn edges(&self, at: usize) -> (Range<usize>, Range<usize>) {
        let whole = &self.events[at].1;
        let (first, last) = (at + 1, self.ends[at].saturating_sub(1));
        if first > last {
            let marks = if self.source[whole.clone()].starts_with('!') { 2 } else { 1 };
            let inner = (whole.start + marks).min(whole.end);
            return (whole.start..inner, inner..whole.end);
        }
        let (first, last) = (&self.events[first].1, &self.events[last].1);
        (whole.start..first.start, last.end.min(whole.end)..whole.end)
    }

    fn decide(&mut self) {
        let mut around = Around::default();
        for at in 0..self.events.len() {
            match &self.events[at].0 {
                Event::End(end) => {
                    let start = around.open.pop();
                    self.certain[at] = start.is_some_and(|start| self.certain[start]);
                    if self.certain[at] {
                        around.quotes -= usize::from(matches!(end, TagEnd::BlockQuote(_)));
                        around.lists -= usize::from(matches!(end, TagEnd::List(_)));
                    }
                }
                Event::Start(tag) => {
                    self.certain[at] = self.is_certain(at, tag, &around);
                    if self.certain[at] {
                        around.quotes += usize::from(matches!(tag, Tag::BlockQuote(_)));
                        around.lists += usize::from(matches!(tag, Tag::List(_)));
                    }
                    around.open.push(at);
                }
                Event::Code(_) => self.certain[at] = marks::is_code(self, at),
                Event::Rule => self.certain[at] = blocks::is_rule(self, at, around.quotes),
                _ => {}
            }
        }
    }

    fn is_certain(&self, at: usize, tag: &Tag<'_>, around: &Around) -> bool {
        let fits = around.quotes + around.lists < DEEPEST;
        match tag {
            Tag::Paragraph => true,
            Tag::BlockQuote(_) => fits && blocks::is_quote(self, at, around.quotes),
            Tag::List(_) => {
                fits && blocks::is_list(self, at, around.quotes) && {
                    around.lists > 0 || blocks::has_items(self, at)
                }
            }
            Tag::Heading { .. } => blocks::is_heading(self, at, around.quotes),
            Tag::CodeBlock(_) => blocks::is_fence(self, at, around.quotes),
            Tag::Table(_) => blocks::is_table(self, at, around.quotes),
            Tag::Item | Tag::TableHead | Tag::TableRow | Tag::TableCell => {
                around.open.last().is_some_and(|it| self.certain[*it])
            }
            Tag::Emphasis | Tag::Strong | Tag::Strikethrough => {
                marks::is_emphasis(self, at, &around.open)
            }
            Tag::Link { .. } | Tag::Image { .. } => {
                let mut open = around.open.iter();
                !open.any(|it| self.certain[*it] && self.is_link(*it))
                    && marks::link_to(self, at).is_some()
            }
            _ => false,
        }
    }

    fn is_link(&self, at: usize) -> bool {
        matches!(self.events[at].0, Event::Start(Tag::Link { .. } | Tag::Image { .. }))
    }
}

/// The elements that are open around an event.
#[derive(Default)]
struct Around {
    /// The events that began it.
    open: Vec<usize>,
    /// How many of them are quotes and lists for certain.
    quotes: usize,
    lists: usize,
}
