//! What holds of any text that was typed and of the HTML that was made of it.
//!
//! All that was typed is there, in order: each letter and digit, and each other character that is no
//! mark of a tag which came out. The HTML is whole, and has the tags that Markdown stands for and no
//! other. Each address is a link.

use std::collections::HashMap;

/// The tags that may come out, `br` and `hr` aside.
const TAGS: &[&str] = &[
    "a",
    "blockquote",
    "code",
    "del",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
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

/// What an address may begin with that is looked for in the typed text.
pub(crate) const ADDRESS: &str = "https://a.example/";

/// Says what does not hold.
///
/// # Errors
/// What is lost, invented or out of order.
pub(crate) fn check(typed: &str, html: &str) -> Result<(), String> {
    // No control character is ever written.
    let kept = |it: &char| {
        it.is_whitespace() || !it.is_control() && !('\u{fdd0}'..='\u{fdd3}').contains(it)
    };
    let typed = &typed.chars().filter(kept).collect::<String>();
    let page = Page::read(typed, html)?;
    let letters = |text: &str| text.chars().filter(|it| it.is_alphanumeric()).collect::<String>();
    if letters(typed) != letters(&page.text) {
        return Err(format!("letters: {:?} became {:?}", letters(typed), letters(&page.text)));
    }
    let is_seen = |it: &char| !it.is_whitespace();
    let mut left = typed.chars().filter(is_seen);
    for shown in page.text.chars().filter(is_seen) {
        if !left.any(|it| it == shown) {
            return Err(format!("{shown:?} is not where it was typed"));
        }
    }
    for mark in typed.chars().filter(is_seen).filter(|it| !it.is_alphanumeric()) {
        let count = |text: &str| text.chars().filter(|it| *it == mark).count();
        let missing = count(typed).saturating_sub(count(&page.text));
        if missing > page.marks(mark, typed) {
            return Err(format!("{missing} of {mark:?} are missing"));
        }
    }
    page.has_links(typed)
}

/// HTML as its reader sees it.
#[derive(Default)]
struct Page {
    /// The text, with the numbers of lists, and with the target of a link behind a text that is
    /// another.
    text: String,
    tags: Vec<String>,
    targets: Vec<String>,
    /// How many links of an address to itself came out, by how they are typed.
    twice: HashMap<String, usize>,
}

impl Page {
    fn read(typed: &str, html: &str) -> Result<Self, String> {
        let mut page = Self::default();
        let mut open: Vec<(String, u64, usize, String)> = Vec::new();
        let mut rest = html;
        while let Some(next) = rest.chars().next() {
            match next {
                '<' => {
                    let (tag, after) = rest[1..].split_once('>').ok_or("a tag is not closed")?;
                    rest = after;
                    if let Some(name) = tag.strip_prefix('/') {
                        let (opened, _, from, target) = open.pop().ok_or("closed, never opened")?;
                        if opened != name {
                            return Err(format!("{name} closes {opened}"));
                        }
                        if name == "a" {
                            page.end_link(typed, from, &target, rest)?;
                        }
                        continue;
                    }
                    let (name, attribute) = tag.split_once(' ').unwrap_or((tag, ""));
                    page.tags.push(name.to_owned());
                    if matches!(tag, "br /" | "hr /") {
                        continue;
                    }
                    if !TAGS.contains(&name) {
                        return Err(format!("a tag {name:?}"));
                    }
                    let value = match (name, attribute.split_once("=\"")) {
                        (_, None) if attribute.is_empty() => String::new(),
                        ("a", Some(("href", it)))
                        | ("ol", Some(("start", it)))
                        | ("li", Some(("value", it)))
                        | ("code", Some(("class", it))) => {
                            decoded(it.strip_suffix('"').ok_or("an attribute is not closed")?)?
                        }
                        _ => return Err(format!("an attribute {attribute:?} of {name}")),
                    };
                    page.start(name, &value, &mut open);
                }
                '&' => {
                    let end = rest.find(';').ok_or("an entity is not closed")?;
                    page.text.push_str(&decoded(&rest[..=end])?);
                    rest = &rest[end + 1..];
                }
                '>' => return Err("a bare >".into()),
                _ => {
                    page.text.push(next);
                    rest = &rest[next.len_utf8()..];
                }
            }
        }
        if open.is_empty() { Ok(page) } else { Err(format!("never closed: {open:?}")) }
    }

    fn start(&mut self, name: &str, value: &str, open: &mut Vec<(String, u64, usize, String)>) {
        let number: Option<u64> = value.parse().ok();
        match (name, open.last_mut()) {
            ("li", Some((list, next, ..))) if list == "ol" => {
                let number = number.unwrap_or(*next);
                self.text.push_str(&format!("{number}."));
                *next = number + 1;
            }
            ("code", _) => self.text.push_str(value.strip_prefix("language-").unwrap_or_default()),
            _ => {}
        }
        open.push((name.into(), number.unwrap_or(1), self.text.len(), value.into()));
    }

    /// Ends a link whose text begins at `from` and which `rest` comes after.
    fn end_link(
        &mut self,
        typed: &str,
        from: usize,
        target: &str,
        rest: &str,
    ) -> Result<(), String> {
        if !["https://", "http://", "mailto:"]
            .iter()
            .any(|it| target.get(..it.len()).is_some_and(|head| head.eq_ignore_ascii_case(it)))
        {
            return Err(format!("a link to {target:?}"));
        }
        let text = self.text[from..].to_owned();
        let plain = without_percents(target);
        let shown = without_percents(&text);
        let bare = |it| plain.strip_prefix(it).is_some_and(|it| it == shown);
        let same = shown == plain || bare("mailto:") || bare("http://");
        // An address that was typed twice, as text and as target, is one link, or else each is one
        // and the brackets are text.
        let twice = format!("[{text}]({target})");
        let seen = self.twice.entry(twice.clone()).or_default();
        let is_twice = same && *seen < typed.matches(&twice).count();
        *seen += usize::from(is_twice);
        let apart = self.text[..from].ends_with('[') && rest.starts_with("](<a ");
        let is_apart = apart && !typed.contains(&format!("[{twice}]("));
        if !same || is_twice && !is_apart {
            self.text.push_str(spelled(typed, &plain).unwrap_or(target));
        }
        self.targets.push(plain);
        Ok(())
    }

    fn count(&self, tags: &[&str]) -> usize {
        self.tags.iter().filter(|it| tags.contains(&it.as_str())).count()
    }

    /// How many of a character the tags that came out may have been marked with.
    fn marks(&self, mark: char, typed: &str) -> usize {
        let any = |tags: &[&str]| if self.count(tags) > 0 { usize::MAX / 4 } else { 0 };
        let emphasis = 2 * self.count(&["em"]);
        let links = self.count(&["a"]);
        match mark {
            '*' => emphasis + 4 * self.count(&["strong"]) + self.count(&["li"]) + any(&["hr"]),
            '_' => emphasis + any(&["hr"]),
            '~' => 4 * self.count(&["del"]),
            '`' => any(&["code"]),
            '>' => any(&["blockquote"]) + links,
            '#' => any(&["h1", "h2", "h3", "h4", "h5", "h6"]),
            '-' => self.count(&["li"]) + any(&["table", "hr"]),
            '|' | ':' => any(&["table"]),
            '[' | ']' | '(' | ')' | '!' | '<' => links,
            '\\' => {
                let escapes = typed.as_bytes().windows(2);
                escapes.filter(|it| it[0] == b'\\' && b"*_~`>#|[]!<.-".contains(&it[1])).count()
            }
            _ => 0,
        }
    }

    /// Each address that was typed is a link, in order.
    fn has_links(&self, typed: &str) -> Result<(), String> {
        let mut targets = self.targets.iter();
        for (at, _) in typed.match_indices(ADDRESS) {
            // What is a part of another address, or of none, is no address.
            let is_end = |it: char| it.is_whitespace() || matches!(it, '<' | '>');
            let token = typed[..at].rsplit(is_end).next().unwrap_or_default();
            let joined = token.ends_with(|it: char| it.is_alphanumeric() || "@.-+:/".contains(it));
            if joined || token.contains("://") || token.contains(['\'', '@']) {
                continue;
            }
            let part = |it: &char| it.is_ascii_alphanumeric() || "/_*-~&=?%".contains(*it);
            let run: String =
                typed[at..].chars().take_while(|it| part(it) || ":.".contains(*it)).collect();
            let run = run.trim_end_matches(|it| "/_*-~&=?%:.".contains(it));
            if !targets.any(|it| it.starts_with(&without_percents(run))) {
                return Err(format!("{run:?} is no link, or not the next one"));
            }
        }
        Ok(())
    }
}

fn decoded(text: &str) -> Result<String, String> {
    let mut out = String::new();
    let mut parts = text.split('&');
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (entity, rest) = part.split_once(';').ok_or("an entity is not closed")?;
        out.push(match entity {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "#x27" => '\'',
            _ => return Err(format!("an entity {entity:?}")),
        });
        out.push_str(rest);
    }
    Ok(out)
}

/// An address as it was typed: some of its characters may come out by their numbers, and some of the
/// numbers may have been typed.
fn spelled<'a>(typed: &'a str, plain: &str) -> Option<&'a str> {
    let begins = |mark: &'static str| typed.match_indices(mark).map(|it| it.0 + mark.len());
    let tokens = ["](", "](<", "<"].into_iter().flat_map(begins).map(|at| typed[at..].trim_start());
    tokens
        .filter_map(|it| it.split(|it: char| it.is_whitespace() || it == '>').next())
        .flat_map(|token| {
            let ends = token.match_indices(')').map(|it| it.0);
            ends.chain([token.len()]).map(|end| &token[..end])
        })
        .find(|it| it.len() >= plain.len() && without_percents(it) == plain)
}

fn without_percents(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let code = text_of(after.get(..2)).and_then(|it| u8::from_str_radix(it, 16).ok());
        match code.filter(|_| *first == b'%') {
            Some(code) => {
                bytes.push(code);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn text_of(bytes: Option<&[u8]>) -> Option<&str> {
    std::str::from_utf8(bytes?).ok()
}
