//! Tells html2text how to mark the text that it lays out, and turns its marks into styles.

use html2text::render::{TaggedLine, TextDecorator};

use super::{super::clean, glyphs::Glyphs, lists::Marker};
use crate::domain::styled::{StyledLine, StyledSpan, TextStyle};

/// Stands for one level of quote at the start of a line: two columns, so that there is room for a
/// bar. A control character can't be mistaken for text, since text is cleaned before it is laid out.
const QUOTE: &str = "\u{1}\u{1}";

/// Stands for "this line is a heading" at its start.
const HEADING: char = '\u{2}';

/// Stands around struck-out text, as in Markdown.
const STRIKE: &str = "~~";

/// The marks that html2text can give a run of text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Mark {
    #[default]
    None,
    Strong,
    Emphasis,
    Strike,
    Code,
    Link,
    Picture,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Decorator;

fn mark(mark: Mark) -> (String, Mark) {
    (String::new(), mark)
}

impl TextDecorator for Decorator {
    type Annotation = Mark;

    fn decorate_link_start(&mut self, _: &str) -> (String, Mark) {
        mark(Mark::Link)
    }

    fn decorate_link_end(&mut self) -> String {
        String::new()
    }

    fn decorate_em_start(&self) -> (String, Mark) {
        mark(Mark::Emphasis)
    }

    fn decorate_em_end(&self) -> String {
        String::new()
    }

    fn decorate_strong_start(&self) -> (String, Mark) {
        mark(Mark::Strong)
    }

    fn decorate_strong_end(&self) -> String {
        String::new()
    }

    // Not every terminal can strike text out, and a struck price must not look like a valid one.
    fn decorate_strikeout_start(&self) -> (String, Mark) {
        (STRIKE.into(), Mark::Strike)
    }

    fn decorate_strikeout_end(&self) -> String {
        STRIKE.into()
    }

    fn decorate_code_start(&self) -> (String, Mark) {
        mark(Mark::Code)
    }

    fn decorate_code_end(&self) -> String {
        String::new()
    }

    fn decorate_preformat_first(&self) -> Mark {
        Mark::Code
    }

    fn decorate_preformat_cont(&self) -> Mark {
        Mark::Code
    }

    fn decorate_image(&mut self, _: &str, title: &str) -> (String, Mark) {
        (format!("[{title}]"), Mark::Picture)
    }

    fn header_prefix(&self, _: usize) -> String {
        HEADING.into()
    }

    fn quote_prefix(&self) -> String {
        QUOTE.into()
    }

    fn unordered_item_prefix(&self) -> String {
        "* ".into()
    }

    fn ordered_item_prefix(&self, i: i64) -> String {
        Marker::drawn(i)
    }

    fn make_subblock_decorator(&self) -> Self {
        *self
    }

    fn decorate_superscript_start(&self) -> (String, Mark) {
        mark(Mark::None)
    }

    fn decorate_superscript_end(&self) -> String {
        String::new()
    }

    fn finalise(&mut self, _: Vec<String>) -> Vec<TaggedLine<Mark>> {
        Vec::new()
    }
}

/// A line as html2text laid it out, with its marks as styles, its quotes counted, and no space at
/// its end.
pub(super) fn styled(line: TaggedLine<Vec<Mark>>, glyphs: &Glyphs) -> StyledLine {
    let mut out = StyledLine::default();
    let mut heading = false;
    let mut at_start = true;
    for run in line.tagged_strings() {
        let mut text = run.s.as_str();
        while at_start {
            if let Some(rest) = text.strip_prefix(QUOTE) {
                out.quote = out.quote.saturating_add(1);
                text = rest;
            } else if let Some(rest) = text.strip_prefix(HEADING) {
                heading = true;
                text = rest;
            } else {
                at_start = text.is_empty();
                break;
            }
        }
        // Within a line, as in a table's cell, the marks keep their columns.
        let text = clean::span(&glyphs.back(&text.replace(QUOTE, "> ").replace(HEADING, " ")));
        let style = style_of(&run.tag, heading);
        match out.spans.last_mut() {
            Some(last) if last.style == style => last.text.push_str(&text),
            _ if text.is_empty() => {}
            _ => out.spans.push(StyledSpan { text, style }),
        }
    }
    trim_end(&mut out);
    out
}

fn style_of(marks: &[Mark], heading: bool) -> TextStyle {
    let has = |mark| marks.contains(&mark);
    TextStyle {
        strong: has(Mark::Strong),
        emphasis: has(Mark::Emphasis),
        strike: has(Mark::Strike),
        code: has(Mark::Code),
        link: has(Mark::Link),
        heading,
        remark: has(Mark::Picture),
    }
}

fn trim_end(line: &mut StyledLine) {
    while let Some(last) = line.spans.last_mut() {
        last.text.truncate(last.text.trim_end_matches(' ').len());
        if !last.text.is_empty() {
            break;
        }
        line.spans.pop();
    }
}
