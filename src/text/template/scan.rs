//! Handles the parts of a template that minijinja does not know: `[[…]]`, and faults that only look
//! like placeholders.

use std::ops::Range;

use super::{ASKED, Template, TemplateFault};

/// The most characters of a question.
const MOST: usize = 80;

/// The template with `[[…]]` as placeholders of minijinja. A text that only looks like a
/// placeholder is a fault, since a customer would read it.
pub(super) fn read(text: &str) -> Result<Template, TemplateFault> {
    let mut template = Template { source: String::with_capacity(text.len()), asked: Vec::new() };
    let mut at = 0;
    while let Some((found, tag)) = next_tag(text, at) {
        template.source.push_str(&text[at..found]);
        let fault = |reason: String| {
            let line = text[..found].matches('\n').count() + 1;
            TemplateFault { line, reason }
        };
        at = match tag {
            "[[" => {
                let after = found + tag.len();
                let end = text[after..].find(['\n', '[']).map_or(text.len(), |it| after + it);
                let length = text[after..end].find("]]");
                let length = length.ok_or_else(|| fault("`[[` has no `]]` on its line".into()))?;
                let words = text[after..after + length].split_whitespace();
                template.ask(words.collect::<Vec<_>>().join(" ")).map_err(fault)?;
                after + length + 2
            }
            "]]" | "}}" | "%}" => {
                let reason = format!("`{tag}` ends nothing; as text it is {{{{ \"{tag}\" }}}}");
                return Err(fault(reason));
            }
            _ => {
                let end = end_of(text, found, tag).map_err(|it| fault(it.into()))?;
                template.source.push_str(&text[found..end]);
                end
            }
        };
    }
    template.source.push_str(&text[at..]);
    Ok(template)
}

impl Template {
    fn ask(&mut self, question: String) -> Result<(), String> {
        match question.chars().count() {
            0 => return Err("`[[]]` does not say what is asked for".into()),
            1..=MOST => {}
            _ => return Err(format!("what is asked for has more than {MOST} characters")),
        }
        let known = self.asked.iter().position(|it| *it == question);
        let index = known.unwrap_or_else(|| {
            self.asked.push(question);
            self.asked.len() - 1
        });
        self.source.push_str(&format!("{{{{ {ASKED}.q{index} }}}}"));
        Ok(())
    }
}

/// The next place where something begins, or seems to end.
fn next_tag(text: &str, from: usize) -> Option<(usize, &'static str)> {
    const TAGS: [&str; 7] = ["{{", "{%", "{#", "[[", "]]", "}}", "%}"];
    text[from..].char_indices().find_map(|(at, letter)| {
        let rest = matches!(letter, '{' | '[' | ']' | '}' | '%').then(|| &text[from + at..])?;
        TAGS.into_iter().find(|tag| rest.starts_with(tag)).map(|tag| (from + at, tag))
    })
}

/// The end of the tag that begins at `at`; the end of the text if it never ends. Strings in it are
/// passed over, and a raw block is taken whole. A slice is refused, because a slice of a missing
/// value is empty, and nobody would notice.
fn end_of(text: &str, at: usize, tag: &str) -> Result<usize, &'static str> {
    let close = match tag {
        "{{" => "}}",
        "{%" => "%}",
        _ => return Ok(text[at..].find("#}").map_or(text.len(), |it| at + it + 2)),
    };
    let mut string = None;
    let mut rest = text[at + tag.len()..].char_indices();
    while let Some((offset, letter)) = rest.next() {
        let here = at + tag.len() + offset;
        match (letter, string) {
            ('\\', Some(_)) => drop(rest.next()),
            (_, Some(quote)) if letter == quote => string = None,
            (_, Some(_)) => {}
            ('"' | '\'', None) => string = Some(letter),
            _ if text[here..].starts_with(close) => {
                let end = here + close.len();
                let inner = text[at + tag.len()..here].trim_matches(['-', '+', ' ', '\n']);
                let raw = tag == "{%" && inner == "raw";
                return Ok(if raw { end_of_raw(text, end) } else { end });
            }
            (':', None) => {
                return Err("`:` has no meaning here; for the first letter take `| first`");
            }
            _ => {}
        }
    }
    Ok(text.len())
}

fn end_of_raw(text: &str, from: usize) -> usize {
    let name = text[from..].find("endraw").map_or(text.len(), |it| from + it);
    text[name..].find("%}").map_or(text.len(), |it| name + it + 2)
}

/// The parts of a quote at `range` that are not its marks, line by line.
pub(super) fn quoted(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let mut at = range.start;
    let lines = text.get(range).unwrap_or_default().split_inclusive('\n').map(|line| {
        let start = at + line.len() - line.trim_start_matches(['>', ' ']).len();
        at += line.len();
        start.min(at)..at
    });
    lines.filter(|it| !it.is_empty()).collect()
}
