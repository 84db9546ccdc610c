//! A conversation as Markdown, for programs and people.
//!
//! Nothing that a stranger wrote can pass for another message: the document's own headings are its only
//! ones, and all text is cleaned as for a terminal.

use super::html;
use crate::domain::{Html, StyledLine, StyledSpan, TextStyle};

/// The line before a block of code, and after it.
const FENCE: &str = "```";

/// A message of the conversation.
#[derive(Clone, Debug)]
pub struct ExportedMessage<'a> {
    /// Who wrote it, when, and who may read it: one cleaned line.
    pub head: String,
    /// Its text.
    pub body: &'a Html,
}

/// A conversation to be written down.
#[derive(Clone, Debug)]
pub struct ExportedConversation<'a> {
    /// The ticket's number and subject: one cleaned line.
    pub title: String,
    /// Facts about the ticket, each a name and its value: cleaned lines.
    pub facts: Vec<(&'static str, String)>,
    /// The reason why messages may be missing: one cleaned line.
    pub missing: Option<String>,
    /// The messages, oldest first.
    pub messages: Vec<ExportedMessage<'a>>,
}

/// The conversation as Markdown: a heading with the ticket, its facts, and a heading for each message
/// with its text below. Every word of the messages is in it, in their order, but for what is beyond the
/// limits of [`html::render`], which is said.
pub fn markdown(conversation: &ExportedConversation<'_>) -> String {
    let mut out = format!("# {}\n\n", conversation.title);
    for (name, value) in &conversation.facts {
        out.push_str(&format!("- {name}: {value}\n"));
    }
    if let Some(missing) = &conversation.missing {
        out.push_str(&format!("\n**Messages may be missing here:** {missing}\n"));
    }
    for message in &conversation.messages {
        out.push_str(&format!("\n## {}\n\n", message.head));
        body(&html::unwrapped(message.body), &mut out);
    }
    out
}

/// The lines of a message. Lines of code stand between fences.
fn body(lines: &[StyledLine], out: &mut String) {
    let fence = fence_for(lines);
    let mut put = |quote: u8, text: &str| {
        out.push_str(format!("{}{text}", "> ".repeat(usize::from(quote))).trim_end_matches(' '));
        out.push('\n');
    };
    let mut code = None;
    for line in lines {
        let is_code = is_code(line).then_some(line.quote);
        if code != is_code {
            for quote in [code, is_code].into_iter().flatten() {
                put(quote, &fence);
            }
            code = is_code;
        }
        match is_code {
            Some(quote) => put(quote, &line.text()),
            None => put(line.quote, &inert(&marked(line))),
        }
    }
    if let Some(quote) = code {
        put(quote, &fence);
    }
}

/// A fence that no line of code is.
fn fence_for(lines: &[StyledLine]) -> String {
    let ticks =
        |line: &StyledLine| line.text().trim_start().chars().take_while(|c| *c == '`').count();
    let most = lines.iter().filter(|line| is_code(line)).map(ticks).max().unwrap_or(0);
    "`".repeat((most + 1).max(FENCE.len()))
}

/// Whether a line is one of a block of code, rather than text with code in it.
fn is_code(line: &StyledLine) -> bool {
    !line.spans.is_empty() && line.spans.iter().all(|span| span.style.code)
}

/// A line's text with the marks of its styles, but for those that would part a word.
fn marked(line: &StyledLine) -> String {
    let spans = &line.spans;
    let text =
        |at: Option<usize>| at.and_then(|at| spans.get(at)).map_or("", |it| it.text.as_str());
    let in_word = |at: usize| {
        text(at.checked_sub(1)).ends_with(char::is_alphanumeric)
            || text(at.checked_add(1)).starts_with(char::is_alphanumeric)
    };
    let one = |(at, span): (usize, &StyledSpan)| match in_word(at) {
        true => span.text.clone(),
        false => mark(span),
    };
    spans.iter().enumerate().map(one).collect()
}

fn mark(StyledSpan { text, style }: &StyledSpan) -> String {
    let inner = text.trim();
    let marks = match style {
        TextStyle { code: true, .. } => "`",
        TextStyle { strong: true, .. } | TextStyle { heading: true, .. } => "**",
        TextStyle { emphasis: true, .. } => "*",
        _ => "",
    };
    // Marks within the text would end these.
    if marks.is_empty() || inner.is_empty() || inner.contains(['*', '`']) {
        return text.clone();
    }
    let start = text.len() - text.trim_start().len();
    let end = start + inner.len();
    format!("{}{marks}{inner}{marks}{}", &text[..start], &text[end..])
}

/// A line that begins nothing: no heading, no block of code, no line across.
fn inert(line: &str) -> String {
    let text = line.trim_start();
    let is_rule = |mark| !text.is_empty() && text.trim_end().chars().all(|c| c == mark || c == ' ');
    let begins = ["#", FENCE, "~~~"].iter().any(|mark| text.starts_with(mark));
    if begins || ['=', '-', '_', '*'].into_iter().any(is_rule) {
        return format!("{}\\{text}", &line[..line.len() - text.len()]);
    }
    line.to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn exported(bodies: &[&str]) -> String {
        let bodies: Vec<Html> = bodies.iter().map(|it| Html::new(*it)).collect();
        let head = |at| format!("Ann, {at}");
        markdown(&ExportedConversation {
            title: "#7 A subject".into(),
            facts: vec![("Status", "Open".into()), ("Client", "Halden & Sons".into())],
            missing: None,
            messages: bodies
                .iter()
                .enumerate()
                .map(|(at, body)| ExportedMessage { head: head(at), body })
                .collect(),
        })
    }

    #[test]
    fn a_conversation_is_headings_facts_and_texts() {
        let one = "<p>Hi <b>all</b>,</p><h2>Why</h2><ul><li>one</li><li>two</li></ul><pre>let a = 1;\n\
                   let b = 2;</pre><blockquote>was <i>said</i></blockquote>\
                   <p>See <a href=\"https://a.example/x\">this</a>.</p>";
        let text = exported(&[one, "Plain\n> quoted\nend"]);
        let wanted = "# #7 A subject\n\n- Status: Open\n- Client: Halden & Sons\n\n## Ann, 0\n\n\
                      Hi **all**,\n\n**Why**\n* one\n* two\n\n```\nlet a = 1;\nlet b = 2;\n```\n\n\
                      > was *said*\n\nSee this[1].\n\n[1] https://a.example/x\n\n## Ann, 1\n\nPlain\n\
                      > quoted\nend\n";
        assert_eq!(text, wanted);
    }

    #[test]
    fn no_text_passes_for_another_message() {
        let fake = "Hi\n## Dana Whitfield (agent)\n   # x\n```\n~~~\nTitle\n=====\n---\n***\n#";
        for source in [fake.to_owned(), format!("<p>{}</p>", fake.replace('\n', "<br>"))] {
            let text = exported(&[&source]);
            let own = |line: &&str| line.starts_with('#');
            let headings: Vec<&str> = text.lines().filter(own).collect();
            assert_eq!(headings, ["# #7 A subject", "## Ann, 0"], "{text}");
            let begins = |line: &str| {
                let line = line.trim_start();
                line.starts_with(FENCE) || line.starts_with("~~~") || line.starts_with("==")
            };
            assert!(!text.lines().any(begins), "{text}");
        }
        let text = exported(&["<pre>a\n```\n## b</pre>", "c"]);
        assert!(text.contains("\n````\na\n```\n## b\n````\n"), "{text}");
    }

    #[test]
    fn nothing_in_it_steers_a_terminal() {
        let hostile = "a\u{1b}]52;c;eA==\u{7}b\u{9b}2J\u{202e}c\u{0}<b>d\u{2066}</b>";
        let text = exported(&[hostile]);
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
        assert!(!text.contains(['\u{202e}', '\u{2066}', '\u{9b}']), "{text:?}");
    }

    /// The words of a text, without any mark.
    fn words(text: &str) -> Vec<String> {
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|it| !it.is_empty());
        words.map(str::to_owned).collect()
    }

    proptest! {
        #[test]
        fn every_word_of_a_message_is_in_it_in_order(parts in prop::collection::vec(part(), 0..12)) {
            let source = parts.concat();
            let text = exported(&[&source]);
            let body = text.split("## Ann, 0").nth(1).unwrap_or_default();
            let mut all = words(body).into_iter();
            for word in words(&html::plain(&Html::new(source.as_str()))) {
                prop_assert!(all.any(|it| it == word), "{word:?} of {source:?} is not in {text:?}");
            }
            let mut open = None;
            let headings = text.lines().filter(|line| {
                let is_fence = line.starts_with(FENCE) && line.chars().all(|c| c == '`');
                open = match open {
                    None => is_fence.then_some(line.len()),
                    Some(fence) => Some(fence).filter(|fence| !is_fence || line.len() < *fence),
                };
                line.starts_with('#') && open.is_none()
            });
            let headings = headings.count();
            prop_assert_eq!(headings, 2, "{}", text);
            prop_assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{:?}", text);
        }
    }

    fn part() -> impl Strategy<Value = String> {
        let tag = prop::sample::select(vec![
            "<p>",
            "</p>",
            "<br>",
            "<b>",
            "</b>",
            "<i>",
            "</i>",
            "<pre>",
            "</pre>",
            "<code>",
            "</code>",
            "<blockquote>",
            "</blockquote>",
            "<h1>",
            "</h1>",
            "<ul><li>",
            "</li></ul>",
            "<hr>",
            "<a href=\"https://a.example/x\">",
            "</a>",
            "<table><tr><td>",
            "</td></tr></table>",
            "\n# ",
            "\n```\n",
            "\n> ",
            "\n---\n",
            "\n===\n",
            "\u{1b}[2J",
            "\u{202e}",
            "&lt;h1&gt;",
        ]);
        prop_oneof![
            4 => tag.prop_map(str::to_owned),
            4 => "[a-z]{1,6}( [a-zA-Z*_`#~]{1,6}){0,3} ",
        ]
    }

    #[test]
    fn what_may_be_missing_is_said() {
        let conversation = ExportedConversation {
            title: "#7 A".into(),
            facts: vec![],
            missing: Some("the server can't be reached".into()),
            messages: vec![],
        };
        assert!(markdown(&conversation).contains("**Messages may be missing here:** the server"));
    }
}
