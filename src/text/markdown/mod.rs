//! Turns the agent's Markdown into HTML that may be posted.
//!
//! The CRM's web page prints a reply unescaped, so typed text must never come out as a tag of its
//! own. People who write mail write paths, prices, names of files and rows of stars. So a character
//! goes away only if it certainly was a mark. These are marks:
//!
//! - `**bold**`, `*word*`, `_word_`, `~~gone~~` in one line, where words begin and end (`blocks` and
//!   `marks` say where that is), and `` `code` ``;
//! - `[text](https://…)`, `![text](https://…)`, `<https://…>`; links lead to the web and to mail. An
//!   address becomes a link by itself, and no mark acts in it;
//! - lines that begin with `> `, lists of two items or more with `-`, `*` or `1.`, and `# headings` and
//!   `---` that stand alone between empty lines;
//! - blocks of code between two lines of ` ``` `, tables with a line of `|---|---|` below their head;
//! - a backslash before a character that would be such a mark without it.
//!
//! All else is text as typed: HTML, entities, indented text, definitions of links (`[1]: …`),
//! footnotes, lines of `~~~`, `+` and `1)`. One line break is a line break. A quote, a list and a
//! table end with the first line that lacks their mark.

mod addresses;
mod blocks;
mod escapes;
mod inert;
mod marks;
mod parsed;
mod source;
mod writer;

pub(super) use addresses::find as find_addresses;
pub use inert::inert;
use parsed::Parsed;
use pulldown_cmark::{Options, html};

/// The HTML of a reply or a note. Its tags are those of paragraphs, line breaks, emphasis, strike-out,
/// headings, lists, quotes, code, tables, rules and links to `http`, `https` and `mailto`; a picture
/// becomes a link to it. Everything else is escaped text.
pub fn to_html(markdown: &str) -> String {
    let source = source::prepare(markdown);
    let parsed = Parsed::of(&source);
    let written = writer::write(&parsed, &escapes::acting(&parsed));
    let mut out = String::with_capacity(markdown.len() * 3 / 2);
    html::push_html(&mut out, addresses::with_links(written.events).into_iter());
    out.truncate(out.trim_end().len());
    out
}

fn options() -> Options {
    Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TABLES
}

#[cfg(test)]
mod tests;
