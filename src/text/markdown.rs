//! What the agent writes, as HTML that may be posted.
//!
//! The CRM's web page prints a reply unescaped, so nothing that was typed may come out as a tag of its
//! own. It is CommonMark with the few rules left out that surprise people who write and paste mail,
//! and without those that make typed text vanish:
//!
//! - one line break is a line break;
//! - indented text is text, only a fence makes a block of code;
//! - a line of `--` or `==` under a text is a line of its own and makes no heading of the text;
//! - HTML, entities, definitions of links (`[1]: …`), and links to anything but the web and mail are
//!   text as typed.

use linkify::{LinkFinder, LinkKind};
use pulldown_cmark::{
    Alignment, CodeBlockKind, CowStr, Event, LinkType, Options, Parser, Tag, TagEnd, html,
};
use url::Url;

/// The HTML of a reply or a note. Its tags are those of paragraphs, line breaks, emphasis, strike-out,
/// headings, lists, quotes, code, tables, rules and links to `http`, `https` and `mailto`; a picture
/// becomes a link to it. Everything else is escaped text.
pub fn to_html(markdown: &str) -> String {
    let source = without_definitions(markdown);
    let mut writer = Writer::default();
    for (event, range) in Parser::new_ext(&source, options()).into_offset_iter() {
        writer.take(event, &source[range]);
    }
    let mut out = String::with_capacity(markdown.len() * 3 / 2);
    html::push_html(&mut out, with_bare_links(writer.events).into_iter());
    out.truncate(out.trim_end().len());
    out
}

fn options() -> Options {
    Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TABLES
}

/// The source with each definition of a link escaped, so that it stays visible.
fn without_definitions(markdown: &str) -> String {
    let mut source = markdown.to_owned();
    // A second definition of a label shows only when the first is gone.
    for _ in 0..markdown.matches("]:").count() {
        let parser = Parser::new_ext(&source, options());
        let mut brackets: Vec<_> = parser
            .reference_definitions()
            .iter()
            .filter_map(|(_, definition)| {
                let start = definition.span.start;
                source.get(start..)?.find('[').map(|at| start + at)
            })
            .collect();
        if brackets.is_empty() {
            break;
        }
        brackets.sort_unstable();
        for at in brackets.into_iter().rev() {
            source.insert(at, '\\');
        }
    }
    source
}

/// Whether a reply may link there.
fn is_allowed(address: &str, kind: LinkType) -> bool {
    kind == LinkType::Email
        || Url::parse(address).is_ok_and(|url| matches!(url.scheme(), "http" | "https" | "mailto"))
}

/// Turns the parser's events into those that are written.
#[derive(Default)]
struct Writer<'a> {
    events: Vec<Event<'a>>,
    /// How many elements are open within one that is written as its source.
    skipping: usize,
    /// Whether a link is open: none may be in another.
    in_link: bool,
    /// What each open link and picture is closed with.
    links: Vec<Option<TagEnd>>,
    /// The line that made a heading of a text, while that is open.
    underline: Option<&'a str>,
    /// Whether text is a block whose line breaks are to be kept.
    in_text_block: bool,
}

impl<'a> Writer<'a> {
    fn take(&mut self, event: Event<'a>, source: &'a str) {
        if self.skipping > 0 {
            match event {
                Event::Start(_) => self.skipping += 1,
                Event::End(_) => self.skipping -= 1,
                _ => {}
            }
            return;
        }
        match event {
            Event::Start(tag) => self.start(tag, source),
            Event::End(tag) => self.end(tag),
            // An entity comes alone and is what it was typed as.
            Event::Text(_) if source.starts_with('&') => self.text(source.into()),
            Event::Text(text) | Event::Html(text) if self.in_text_block => self.lines(&text),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.text(text),
            Event::SoftBreak => self.events.push(Event::HardBreak),
            other => self.events.push(other),
        }
    }

    fn start(&mut self, tag: Tag<'a>, source: &'a str) {
        let tag = match tag {
            Tag::HtmlBlock | Tag::CodeBlock(CodeBlockKind::Indented) => {
                self.in_text_block = true;
                Tag::Paragraph
            }
            Tag::CodeBlock(CodeBlockKind::Fenced(_)) => {
                Tag::CodeBlock(CodeBlockKind::Fenced("".into()))
            }
            Tag::Heading { .. } if !source.trim_start().starts_with('#') => {
                self.underline = source.trim_end().lines().last().map(str::trim);
                Tag::Paragraph
            }
            Tag::Table(columns) => Tag::Table(vec![Alignment::None; columns.len()]),
            Tag::Link { link_type, dest_url, .. } | Tag::Image { link_type, dest_url, .. } => {
                return self.start_link(link_type, dest_url, source);
            }
            other => other,
        };
        self.events.push(Event::Start(tag));
    }

    fn start_link(&mut self, link_type: LinkType, address: CowStr<'a>, source: &'a str) {
        if !is_allowed(&address, link_type) {
            self.skipping = 1;
            return self.text(source.into());
        }
        if self.in_link {
            return self.links.push(None);
        }
        self.in_link = true;
        self.links.push(Some(TagEnd::Link));
        self.events.push(Event::Start(Tag::Link {
            link_type,
            dest_url: address,
            title: "".into(),
            id: "".into(),
        }));
    }

    fn end(&mut self, tag: TagEnd) {
        let tag = match tag {
            TagEnd::Link | TagEnd::Image => {
                let Some(end) = self.links.pop().flatten() else { return };
                self.in_link = false;
                self.name_nameless();
                end
            }
            TagEnd::HtmlBlock | TagEnd::CodeBlock if self.in_text_block => {
                self.in_text_block = false;
                while self.events.last() == Some(&Event::HardBreak) {
                    self.events.pop();
                }
                TagEnd::Paragraph
            }
            TagEnd::Heading(_) if self.underline.is_some() => {
                if let Some(underline) = self.underline.take() {
                    self.events.push(Event::HardBreak);
                    self.text(underline.into());
                }
                TagEnd::Paragraph
            }
            other => other,
        };
        self.events.push(Event::End(tag));
    }

    /// Gives a link that has no text its address for one.
    fn name_nameless(&mut self) {
        if let Some(Event::Start(Tag::Link { dest_url, .. })) = self.events.last() {
            let address = dest_url.clone();
            self.text(address);
        }
    }

    fn lines(&mut self, text: &str) {
        for line in text.split_inclusive('\n') {
            self.text(line.trim().to_owned().into());
            if line.ends_with('\n') {
                self.events.push(Event::HardBreak);
            }
        }
    }

    fn text(&mut self, text: CowStr<'a>) {
        if let Some(Event::Text(last)) = self.events.last_mut() {
            *last = format!("{last}{text}").into();
        } else {
            self.events.push(Event::Text(text));
        }
    }
}

/// Makes links of the web addresses in the text, outside of links and code.
fn with_bare_links(events: Vec<Event<'_>>) -> Vec<Event<'_>> {
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]);
    let mut out = Vec::with_capacity(events.len());
    let mut within = 0_usize;
    for event in events {
        match &event {
            Event::Start(Tag::Link { .. } | Tag::CodeBlock(_)) => within += 1,
            Event::End(TagEnd::Link | TagEnd::CodeBlock) => within -= 1,
            Event::Text(text) if within == 0 => {
                for span in finder.spans(text) {
                    let text: CowStr<'_> = span.as_str().to_owned().into();
                    if span.kind().is_none() || !is_allowed(&text, LinkType::Inline) {
                        out.push(Event::Text(text));
                        continue;
                    }
                    out.push(Event::Start(Tag::Link {
                        link_type: LinkType::Autolink,
                        dest_url: text.clone(),
                        title: "".into(),
                        id: "".into(),
                    }));
                    out.push(Event::Text(text));
                    out.push(Event::End(TagEnd::Link));
                }
                continue;
            }
            _ => {}
        }
        out.push(event);
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{domain::Html, text::html};

    fn check(markdown: &str, expected: &str) {
        assert_eq!(to_html(markdown), expected, "{markdown:?}");
    }

    #[test]
    fn paragraphs_and_line_breaks_are_as_typed() {
        check("", "");
        check("Hi,\nthere\n\nBye", "<p>Hi,<br />\nthere</p>\n<p>Bye</p>");
        check("1 < 2 & \"x\"", "<p>1 &lt; 2 &amp; \"x\"</p>");
    }

    #[test]
    fn typed_html_is_text() {
        check("a <b>c</b>", "<p>a &lt;b&gt;c&lt;/b&gt;</p>");
        check(
            "<script>alert(1)</script>\n<p>\n\nx",
            "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n<p>&lt;p&gt;</p>\n<p>x</p>",
        );
        check("&lt;b&gt; &copy;", "<p>&amp;lt;b&amp;gt; &amp;copy;</p>");
    }

    #[test]
    fn markdown_is_markup() {
        check(
            "**b** *i* ~~s~~ `c<d`",
            "<p><strong>b</strong> <em>i</em> <del>s</del> <code>c&lt;d</code></p>",
        );
        check("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>");
        check("3. a\n4. b", "<ol start=\"3\">\n<li>a</li>\n<li>b</li>\n</ol>");
        check("> q", "<blockquote>\n<p>q</p>\n</blockquote>");
        check("# T", "<h1>T</h1>");
        check("```sh\nls <x>\n```", "<pre><code>ls &lt;x&gt;\n</code></pre>");
        check(
            "|a|b|\n|:-|-:|\n|1|2|",
            "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody>\n<tr><td>1</td><td>2</td></tr>\n</tbody></table>",
        );
    }

    #[test]
    fn what_would_surprise_is_text() {
        check("#123 is fixed", "<p>#123 is fixed</p>");
        check(
            "see:\n\n    pasted **line**\n      two\n\nend",
            "<p>see:</p>\n<p>pasted **line**<br />\ntwo</p>\n<p>end</p>",
        );
        check("Regards\n--\nAnn", "<p>Regards<br />\n--</p>\n<p>Ann</p>");
        check("a\n\n---\n\nb", "<p>a</p>\n<hr />\n<p>b</p>");
        check("it's \"so\" -- and...", "<p>it's \"so\" -- and...</p>");
        check("snake_case_name 2*3*4", "<p>snake_case_name 2<em>3</em>4</p>");
    }

    #[test]
    fn definitions_stay_visible() {
        check("see [1]\n\n[1]: x\n[1]: y", "<p>see [1]</p>\n<p>[1]: x<br />\n[1]: y</p>");
        check("```\n[1]: x\n```", "<pre><code>[1]: x\n</code></pre>");
    }

    #[test]
    fn links_lead_to_the_web_and_to_mail() {
        check(
            "[x](https://a.example/?b=1&c=2 \"t\")",
            "<p><a href=\"https://a.example/?b=1&amp;c=2\">x</a></p>",
        );
        check("<ann@a.example>", "<p><a href=\"mailto:ann@a.example\">ann@a.example</a></p>");
        check("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>");
        check("[x **y**](/rel) z", "<p>[x **y**](/rel) z</p>");
        check(
            "![cat](https://a.example/c.png)",
            "<p><a href=\"https://a.example/c.png\">cat</a></p>",
        );
        check(
            "![](https://a.example/c.png)",
            "<p><a href=\"https://a.example/c.png\">https://a.example/c.png</a></p>",
        );
        check(
            "[![i](https://a.example/i)](https://a.example/)",
            "<p><a href=\"https://a.example/\">i</a></p>",
        );
    }

    #[test]
    fn bare_addresses_become_links() {
        check(
            "see https://a.example/x_y_z?a=1&b=2.",
            "<p>see <a href=\"https://a.example/x_y_z?a=1&amp;b=2\">https://a.example/x_y_z?a=1&amp;b=2</a>.</p>",
        );
        check("`https://a.example`", "<p><code>https://a.example</code></p>");
        check("ftp://a.example", "<p>ftp://a.example</p>");
    }

    const TAGS: &[&str] = &[
        "a",
        "blockquote",
        "br",
        "code",
        "del",
        "em",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "li",
        "ol",
        "p",
        "pre",
        "strong",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ];

    fn tags(html: &str) -> Vec<&str> {
        html.split('<')
            .skip(1)
            .filter_map(|rest| rest.trim_start_matches('/').split([' ', '>', '\n']).next())
            .collect()
    }

    /// Text in which words stand between everything that Markdown and HTML know.
    fn typed() -> impl Strategy<Value = (String, Vec<String>)> {
        let glue = prop::sample::select(vec![
            " ",
            "\n",
            "\n\n",
            "    ",
            "\n\n    ",
            "**",
            "_",
            "`",
            "```\n",
            "\n---\n",
            "\n==\n",
            "# ",
            "\n- ",
            "\n1. ",
            "\n> ",
            "<b>",
            "</p>",
            "<!--",
            "-->",
            "<script>",
            "<img src=x onerror=y>",
            "[",
            "](",
            ")",
            "![",
            "]: ",
            "\n[a]: ",
            "<https://a.example/",
            ">",
            "javascript:",
            "&lt;",
            "&#60;",
            "&",
            "|",
            "\n|-|-|\n",
            "~~",
            "\\",
            "\"",
            "'",
            "https://a.example/",
            "(https://a.example/)",
            "<?",
            "<![CDATA[",
        ]);
        prop::collection::vec((glue, "[a-z]{5}[0-9]{3}"), 0..20).prop_map(|parts| {
            let text = parts.iter().map(|(glue, word)| format!("{glue}{word}")).collect();
            (text, parts.into_iter().map(|(_, word)| word).collect())
        })
    }

    proptest! {
        #[test]
        fn no_word_is_lost_and_no_other_tag_comes_out((text, words) in typed()) {
            let html = to_html(&text);
            for tag in tags(&html) {
                prop_assert!(TAGS.contains(&tag), "{tag:?} in {html:?}");
            }
            let back = html::plain(&Html::new(html.as_str())) + &html;
            for word in words {
                prop_assert!(back.contains(&word), "{word:?} is lost from {text:?} in {html:?}");
            }
        }
    }
}
