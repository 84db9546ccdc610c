//! Writes the text with its certain marks replaced by the elements that they stand for. Everything
//! else is written as it was typed, whatever the parser took it for.

use std::{collections::HashSet, mem, ops::Range};

use pulldown_cmark::{Alignment, CodeBlockKind, CowStr, Event, Tag, TagEnd};

use super::{
    addresses, blocks, marks,
    parsed::Parsed,
    source::{self, NO_MARK},
};

/// The output.
#[derive(Default)]
pub(super) struct Written<'a> {
    /// The events from which the HTML is made.
    pub(super) events: Vec<Event<'a>>,
    /// Where characters of the text are left out as marks.
    pub(super) marks: HashSet<usize>,
}

/// Writes `parsed`, in which the backslashes at `escapes` are marks too.
pub(super) fn write<'a>(parsed: &Parsed<'a>, escapes: &HashSet<usize>) -> Written<'a> {
    let mut writer = Writer {
        source: parsed.source,
        escapes,
        written: Written::default(),
        text: String::new(),
        at: 0,
        line: Line { begins: true, ..Line::default() },
        open: Vec::new(),
        quotes: 0,
        numbers: Vec::new(),
    };
    let mut at = 0;
    while at < parsed.events.len() {
        at = writer.take(parsed, at);
    }
    writer.pass(parsed.source.len());
    writer.close_paragraph();
    writer.flush();
    writer.written
}

/// The element that the next text goes into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    /// An element with paragraphs in it.
    Blocks,
    /// An item, in which text stands by itself, or in paragraphs where the list has empty lines.
    Item { spaced: bool },
    /// A paragraph.
    Paragraph,
    /// An element with text in it.
    Text,
    /// An element with cells in it.
    Row,
    /// A cell beyond the columns of the table's head.
    ExtraCell,
}

/// Where in a line of the source the writer is.
#[derive(Clone, Copy, Debug, Default)]
struct Line {
    /// Whether nothing but marks and spaces came on it.
    begins: bool,
    /// How many marks of quotes came on it.
    quotes: usize,
    /// How many lines have ended since there was text.
    breaks: usize,
}

struct Writer<'a, 'b> {
    source: &'a str,
    escapes: &'b HashSet<usize>,
    written: Written<'a>,
    /// The text since the last event.
    text: String,
    /// Everything before this place is written or left out.
    at: usize,
    line: Line,
    open: Vec<Open>,
    /// How many quotes are open.
    quotes: usize,
    /// For each open list the number that its next item has by itself.
    numbers: Vec<Option<u64>>,
}

impl<'a> Writer<'a, '_> {
    /// Takes an event; gives the next one to take. An uncertain mark is passed over, and written as
    /// text together with the next certain one.
    fn take(&mut self, parsed: &Parsed<'a>, at: usize) -> usize {
        let (event, range) = &parsed.events[at];
        let certain = parsed.certain[at];
        match event {
            Event::Start(Tag::CodeBlock(_) | Tag::HtmlBlock) => {
                if certain {
                    self.code_block(parsed, at);
                } else {
                    self.pass(range.end);
                }
                return parsed.ends[at] + 1;
            }
            Event::Start(Tag::Paragraph) => {
                self.pass(range.start);
                if let Some(Open::Item { spaced }) = self.open.last_mut() {
                    *spaced = true;
                }
            }
            Event::Start(tag) if certain => self.start(parsed, at, tag),
            Event::End(end) if certain => self.end(parsed, at, *end),
            Event::Code(code) if certain => self.code(code, range),
            Event::Rule if certain => {
                self.pass(range.start);
                self.close_paragraph();
                self.skip(range.end);
                self.push(Event::Rule);
            }
            _ => {}
        }
        at + 1
    }

    fn start(&mut self, parsed: &Parsed<'a>, at: usize, tag: &Tag<'a>) {
        let range = parsed.events[at].1.clone();
        let text = &self.source[range.clone()];
        self.pass(range.start);
        match tag {
            Tag::BlockQuote(_) => {
                self.quotes += 1;
                self.open_block(Tag::BlockQuote(None), Open::Blocks, 0);
            }
            Tag::List(_) => {
                let first = blocks::number(text).and_then(|it| it.0.parse().ok());
                self.numbers.push(first);
                self.open_block(Tag::List(first), Open::Blocks, 0);
            }
            Tag::Item => self.start_item(text),
            Tag::Heading { level, .. } => {
                let marks = text.len() - text.trim_start_matches('#').len();
                let tag = Tag::Heading { level: *level, id: None, classes: vec![], attrs: vec![] };
                self.open_block(tag, Open::Text, marks);
            }
            Tag::Table(columns) => {
                let columns = vec![Alignment::None; columns.len()];
                self.open_block(Tag::Table(columns), Open::Row, 0);
            }
            Tag::TableHead | Tag::TableRow => self.open_block(tag.clone(), Open::Row, 0),
            Tag::TableCell => self.open_block(Tag::TableCell, Open::Text, 0),
            Tag::Link { .. } | Tag::Image { .. } => self.start_link(parsed, at),
            Tag::Emphasis => self.open_span(Tag::Emphasis, 1),
            Tag::Strong | Tag::Strikethrough => self.open_span(tag.clone(), 2),
            _ => {}
        }
    }

    fn open_block(&mut self, tag: Tag<'a>, open: Open, marks: usize) {
        self.close_paragraph();
        self.skip(self.at + marks);
        self.push(Event::Start(tag));
        self.open.push(open);
        self.line.begins = true;
        if open == Open::Text {
            self.line.breaks = 0;
        }
    }

    fn start_item(&mut self, text: &str) {
        let typed = blocks::number(text);
        let number = typed.and_then(|it| it.0.parse::<u64>().ok());
        let expected = self.numbers.last().copied().flatten();
        self.open_block(Tag::Item, Open::Item { spaced: false }, typed.map_or(1, |it| it.1.len()));
        if let (Some(number), true) = (number, number != expected) {
            self.written.events.pop();
            self.push(Event::Html(format!("<li value=\"{number}\">").into()));
        }
        if let Some(next) = self.numbers.last_mut() {
            *next = number.map(|it| it + 1);
        }
        self.line.breaks = 0;
    }

    fn open_span(&mut self, tag: Tag<'a>, marks: usize) {
        self.begin_text();
        self.skip(self.at + marks);
        self.push(Event::Start(tag));
        self.open.push(Open::Text);
    }

    fn start_link(&mut self, parsed: &Parsed<'a>, at: usize) {
        let Some(target) = marks::link_to(parsed, at) else { return };
        // An exclamation mark right behind a word belongs to the word.
        let text = &self.source[self.at..];
        let exclaims = |it: char| it.is_alphanumeric() || ".,!?)".contains(it);
        let exclaims = self.source[..self.at].chars().next_back().is_some_and(exclaims);
        let before = usize::from(text.starts_with('!') && exclaims);
        self.pass(self.at + before);
        let marks = if self.source[self.at..].starts_with('!') { 2 } else { 1 };
        self.open_span(addresses::link(source::typed(target)), marks);
    }

    fn end(&mut self, parsed: &Parsed<'a>, at: usize, end: TagEnd) {
        let range = parsed.events[at].1.clone();
        match end {
            TagEnd::Emphasis => self.pass(range.end - 1),
            TagEnd::Strong | TagEnd::Strikethrough => self.pass(range.end - 2),
            TagEnd::Link | TagEnd::Image => {
                let named = !matches!(
                    parsed.events[at - 1].0,
                    Event::Start(Tag::Link { .. } | Tag::Image { .. })
                );
                if named {
                    self.pass(parsed.events[at - 1].1.end.min(range.end));
                }
                self.name_nameless();
                self.skip_target(range.end);
                self.push(Event::End(TagEnd::Link));
                self.open.pop();
                return;
            }
            _ => self.pass(range.end),
        }
        self.close_paragraph();
        if !matches!(end, TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough) {
            self.text.truncate(self.text.trim_end().len());
        }
        self.skip(range.end);
        if end == TagEnd::Paragraph {
            return;
        }
        self.push(Event::End(end));
        self.open.pop();
        match end {
            TagEnd::BlockQuote(_) => self.quotes -= 1,
            TagEnd::List(_) => drop(self.numbers.pop()),
            // The line below the head is a mark.
            TagEnd::TableHead => {
                let line = self.source[self.at..].find('\n');
                self.skip(line.map_or(self.source.len(), |it| self.at + it));
            }
            _ => {}
        }
    }

    /// Gives a link that has no text its address for one.
    fn name_nameless(&mut self) {
        if self.text.is_empty()
            && let Some(Event::Start(Tag::Link { dest_url, .. })) = self.written.events.last()
        {
            self.text = dest_url.to_string();
        }
    }

    fn code_block(&mut self, parsed: &Parsed<'a>, at: usize) {
        let range = parsed.events[at].1.clone();
        self.pass(range.start);
        self.close_paragraph();
        let text = &self.source[range.clone()];
        let ticks = text.len() - text.trim_start_matches('`').len();
        let first = text[ticks..].lines().next().unwrap_or_default();
        let language = blocks::language(first);
        let kind = CodeBlockKind::Fenced(language.unwrap_or_default().into());
        self.push(Event::Start(Tag::CodeBlock(kind)));
        self.skip(range.start + ticks);
        if language.is_none() && !first.trim().is_empty() {
            self.text = source::typed(first.trim()) + "\n";
        }
        for (event, _) in &parsed.events[at..parsed.ends[at]] {
            if let Event::Text(text) = event {
                self.text.push_str(&source::typed(text));
            }
        }
        self.push(Event::End(TagEnd::CodeBlock));
        self.at = range.end;
        self.line = Line::default();
    }

    fn code(&mut self, code: &str, range: &Range<usize>) {
        self.pass(range.start);
        self.begin_text();
        self.push(Event::InlineHtml("<code>".into()));
        self.push(Event::Text(source::typed(code).into()));
        self.push(Event::InlineHtml("</code>".into()));
        let text = &self.source[range.clone()];
        let ticks = text.len() - text.trim_start_matches('`').len();
        self.written.marks.extend(range.start..range.start + ticks);
        self.written.marks.extend(range.end - ticks..range.end);
        self.at = range.end;
    }

    /// Leaves out the text before `to`.
    fn skip(&mut self, to: usize) {
        self.written.marks.extend(self.at..to);
        self.at = self.at.max(to);
    }

    /// Leaves out the target of a link, which ends at `to`. Its brackets are marks; the characters
    /// in it are none.
    fn skip_target(&mut self, to: usize) {
        let ends = self.at..(self.at + 2).min(to);
        self.written.marks.extend(ends.chain(to.saturating_sub(1)..to));
        self.at = self.at.max(to);
    }

    /// Writes the source before `to` as text, without the marks that quotes have before each line.
    fn pass(&mut self, to: usize) {
        while self.at < to {
            let rest = &self.source[self.at..];
            let Some(next) = rest.chars().next() else { return };
            let after = self.at + next.len_utf8();
            let at_start = self.at == 0 || self.source[..self.at].ends_with('\n');
            match next {
                _ if at_start && let Some(length) = source::end_line(rest) => self.at += length,
                '\n' => {
                    self.text.truncate(self.text.trim_end().len());
                    self.line = Line { begins: true, quotes: 0, breaks: self.line.breaks + 1 };
                    self.at = after;
                }
                NO_MARK => self.at = after,
                ' ' | '\t' if self.line.begins => self.at = after,
                '>' if self.line.begins && self.line.quotes < self.quotes => {
                    self.line.quotes += 1;
                    self.skip(after);
                }
                '|' if matches!(self.open.last(), Some(Open::Row | Open::ExtraCell)) => {
                    self.close_paragraph();
                    self.line.begins = true;
                    self.skip(after);
                }
                '\\' if self.escapes.contains(&self.at) => {
                    self.skip(after);
                    let escaped = self.source[after..].chars().next().map_or(0, char::len_utf8);
                    self.copy(after + escaped);
                }
                _ => {
                    let run = self.source[after..to.max(after)].find(['\n', '\\', '|', NO_MARK]);
                    self.copy(run.map_or(to.max(after), |it| after + it));
                }
            }
        }
    }

    fn copy(&mut self, to: usize) {
        self.begin_text();
        self.text.push_str(&source::typed(&self.source[self.at..to]));
        self.at = to;
    }

    /// Prepares for text, on a line of its own if a line has ended.
    fn begin_text(&mut self) {
        let breaks = mem::take(&mut self.line.breaks);
        self.line.begins = false;
        match self.open.last().copied() {
            Some(Open::Row) => {
                self.push(Event::Start(Tag::TableCell));
                self.open.push(Open::ExtraCell);
            }
            Some(Open::Item { spaced: false }) if breaks == 0 => {}
            Some(Open::Item { spaced: false }) if breaks == 1 => {
                self.flush();
                if self.follows_text() {
                    self.push(Event::HardBreak);
                }
            }
            None | Some(Open::Blocks | Open::Item { .. }) => self.open_paragraph(breaks),
            Some(Open::Paragraph) if breaks > 1 => {
                self.close_paragraph();
                self.open_paragraph(breaks);
            }
            Some(_) if breaks > 0 => self.push(Event::HardBreak),
            Some(_) => {}
        }
    }

    /// Begins a paragraph, or goes on with the one before if no empty line stands between them.
    fn open_paragraph(&mut self, breaks: usize) {
        self.flush();
        if breaks < 2 && self.written.events.last() == Some(&Event::End(TagEnd::Paragraph)) {
            self.written.events.pop();
            self.push(Event::HardBreak);
        } else {
            self.push(Event::Start(Tag::Paragraph));
        }
        self.open.push(Open::Paragraph);
    }

    fn follows_text(&self) -> bool {
        use Event::{End, InlineHtml, Text};
        matches!(
            self.written.events.last(),
            Some(
                Text(_)
                    | InlineHtml(_)
                    | End(TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link)
            )
        )
    }

    fn close_paragraph(&mut self) {
        let end = match self.open.last() {
            Some(Open::Paragraph) => TagEnd::Paragraph,
            Some(Open::ExtraCell) => TagEnd::TableCell,
            _ => return,
        };
        self.text.truncate(self.text.trim_end().len());
        self.push(Event::End(end));
        self.open.pop();
    }

    fn push(&mut self, event: Event<'a>) {
        self.flush();
        self.written.events.push(event);
    }

    fn flush(&mut self) {
        if !self.text.is_empty() {
            let text = CowStr::from(mem::take(&mut self.text));
            self.written.events.push(Event::Text(text));
        }
    }
}
