//! The links of a message, for an agent who wants to follow one.

use std::collections::HashSet;

use html2text::Handle;
use url::Url;

use super::{
    super::{clean, markdown},
    dom, links,
    look::{Display, Look},
    strip::{Shape, Stripped},
    tags,
};
use crate::domain::{Html, Link, LinkKind};

/// The most links of one message.
pub const LINKS: usize = 1_000;

/// The most characters of an address that is opened. The system takes no longer arguments for sure.
const OPENED: usize = 32_000;

/// The most characters of an address that is neither of the web nor of mail.
const OTHER: usize = 2_000;

/// The parts of a mail link that are handed to a mail program. Some programs attach files of the
/// agent's if a link asks for that.
const MAIL_PARTS: [&str; 4] = ["subject", "body", "cc", "to"];

/// The links of a message in their order, each address once: those of its elements, and addresses
/// in its text. Links that no program on this machine can open (`javascript:`, `data:`) and links
/// within the message itself are left out. At most [`LINKS`] are returned, without an author.
pub fn linked(html: &Html) -> Vec<Link> {
    let source = html.as_stored();
    let mut found = Finder::default();
    let stripped = Stripped::of(source);
    match (stripped.shape, dom::parse(source)) {
        (Shape::Html, Some(parsed)) => {
            found.children(&parsed.document);
            found.flush();
        }
        (Shape::Html, None) => found.text(&Stripped::with_addresses(source).text),
        (Shape::Text, _) => found.text(&stripped.text),
    }
    found.links
}

#[derive(Default)]
struct Finder {
    /// The text since the last link or block.
    run: String,
    links: Vec<Link>,
    known: HashSet<String>,
}

impl Finder {
    fn children(&mut self, node: &Handle) {
        for child in dom::children(node) {
            self.node(&child);
        }
    }

    fn node(&mut self, node: &Handle) {
        if let Some(text) = dom::text(node) {
            return self.run.push_str(&text);
        }
        let name = dom::name(node);
        let is_gone = Look::of(node).display == Some(Display::Gone);
        if is_gone || matches!(name, "script" | "style" | "title" | "head") {
            return;
        }
        let address = dom::attribute(node, "href");
        if matches!(name, "a" | "area") && !address.trim().is_empty() {
            self.flush();
            self.put(&address, &dom::text_within(node));
            return;
        }
        let parts = tags::is_block(name) || matches!(name, "br" | "td" | "th");
        if parts {
            self.flush();
        }
        self.children(node);
        if parts {
            self.flush();
        }
    }

    /// Takes the addresses in the text so far.
    fn flush(&mut self) {
        let run = std::mem::take(&mut self.run);
        self.text(&run);
    }

    fn text(&mut self, text: &str) {
        for (range, leads) in markdown::find_addresses(text) {
            let said = &text[range];
            self.put(leads.as_deref().unwrap_or(said), said);
        }
    }

    fn put(&mut self, address: &str, text: &str) {
        if self.links.len() < LINKS
            && let Some(link) = link(address, text)
            && self.known.insert(link.address.clone())
        {
            self.links.push(link);
        }
    }
}

/// The link to `address`, which `text` stands for; `None` if no program on this machine can open it.
fn link(address: &str, text: &str) -> Option<Link> {
    let text = clean::line(text).as_str().to_owned();
    let told = links::told(address, "")?;
    // Where the address is not cut, the one that is opened is made of the author's own.
    let full = match address.trim() {
        own if own.starts_with("//") => format!("https:{own}"),
        own if own.get(..4).is_some_and(|it| it.eq_ignore_ascii_case("www.")) => {
            format!("https://{own}")
        }
        own => own.to_owned(),
    };
    let (address, kind, place) = match Url::parse(&full).ok().map(|url| (kind(&url), url)) {
        Some((LinkKind::Web, url)) => {
            (url.to_string(), LinkKind::Web, url.host_str().unwrap_or_default().to_owned())
        }
        Some((LinkKind::Mail, url)) => {
            let place = url.path().to_owned();
            (letter(&url), LinkKind::Mail, place)
        }
        _ => (told.chars().take(OTHER).collect(), LinkKind::Other, String::new()),
    };
    let kind = if address.len() > OPENED { LinkKind::Other } else { kind };
    let says_it = links::bare(&text) == links::bare(&address) || text == told;
    let text = if says_it { String::new() } else { text };
    Some(Link { address, kind, place, text, author: String::new() })
}

fn kind(url: &Url) -> LinkKind {
    match url.scheme() {
        "http" | "https" if url.has_host() => LinkKind::Web,
        "mailto" => LinkKind::Mail,
        _ => LinkKind::Other,
    }
}

/// The address of a letter with those parts alone that only write the letter.
fn letter(url: &Url) -> String {
    let is_kept = |part: &&str| {
        let name = part.split('=').next().unwrap_or_default();
        MAIL_PARTS.iter().any(|it| it.eq_ignore_ascii_case(name))
    };
    let parts: Vec<&str> = url.query().unwrap_or_default().split('&').filter(is_kept).collect();
    let to = url.path().replace(' ', "%20");
    match parts.is_empty() {
        true => format!("mailto:{to}"),
        false => format!("mailto:{to}?{}", parts.join("&")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(html: &str) -> Vec<(String, LinkKind, String, String)> {
        let links = linked(&Html::new(html)).into_iter();
        links.map(|it| (it.address, it.kind, it.place, it.text)).collect()
    }

    fn addresses(html: &str) -> Vec<String> {
        found(html).into_iter().map(|it| it.0).collect()
    }

    #[test]
    fn links_of_elements_and_of_text_come_in_their_order_and_once() {
        let html = "<p>See https://a.example/one, <a href=\"https://b.example/two?x=1&amp;y=2\">the \
                    <b>report</b></a> and www.c.example/three.</p><p>ann@d.example or again \
                    https://a.example/one</p><area href='https://e.example/map'>";
        let all = [
            "https://a.example/one",
            "https://b.example/two?x=1&y=2",
            "http://www.c.example/three",
            "mailto:ann@d.example",
            "https://e.example/map",
        ];
        assert_eq!(addresses(html), all);
        assert_eq!(found(html)[1].3, "the report");
        assert_eq!(found(html)[3].2, "ann@d.example");
        assert_eq!(
            addresses("Look at\n> https://a.example/one\n<https://b.example>"),
            ["https://a.example/one", "https://b.example/"]
        );
    }

    #[test]
    fn a_link_leads_where_its_address_says_and_not_where_its_text_does() {
        let html = "<a href=\"https://evil.example/\">https://bank.example/</a>";
        let all = found(html);
        assert_eq!(all.len(), 1, "{all:?}");
        let (address, _, place, text) = all[0].clone();
        assert_eq!((&*address, &*place), ("https://evil.example/", "evil.example"));
        assert_eq!(text, "https://bank.example/");
        let place = |html: &str| found(html)[0].2.clone();
        assert_eq!(place("<a href=\"https://bank.example@evil.example/\">x</a>"), "evil.example");
        assert_eq!(place("<a href=\"https://b\u{430}nk.example/\">x</a>"), "xn--bnk-6cd.example");
        assert_eq!(place("<a href=\"http:\\\\evil.example\\@bank.example\">x</a>"), "evil.example");
        assert_eq!(place("<a href=\" ht\ntps://evil.example/\">x</a>"), "evil.example");
    }

    #[test]
    fn what_leads_nowhere_is_left_out_and_what_is_not_opened_is_told() {
        for html in [
            "<a href=\"javascript:alert(1)\">x</a>",
            "<a href=\" java\nscript:alert(1)\">x</a>",
            "<a href=\"data:text/html,x\">x</a>",
            "<a href=\"#below\">x</a>",
            "<a href=\"/tickets/5\">x</a>",
            "<a href=\"\">x</a>",
            "<p style=\"display:none\">https://hidden.example/</p>",
            "<style>https://a.example</style>",
            "no address at all",
        ] {
            assert_eq!(addresses(html), Vec::<String>::new(), "{html}");
        }
        for address in ["tel:+47", "ftp://a.example/f", "file:///etc/passwd", "smb://a/b", "x-a:b"]
        {
            let all = found(&format!("<a href=\"{address}\">x</a>"));
            assert_eq!(all[0].1, LinkKind::Other, "{address}");
            assert_eq!(all[0].0, address);
        }
    }

    #[test]
    fn an_address_is_of_harmless_letters_whatever_a_stranger_wrote() {
        for hostile in
            ["\u{1b}]8;;x\u{7}", "\u{202e}", "\u{9b}2J", "\r\n", "\u{200b}", "\u{0}", " "]
        {
            for scheme in ["https://a.example/", "mailto:ann@a.example?subject=", "x-a:"] {
                let html = format!("<a href=\"{scheme}{hostile}b\">c{hostile}d</a>");
                for (address, kind, _, text) in found(&html) {
                    let ascii = |c: char| c.is_ascii_graphic();
                    let cleaned = clean::line(&address);
                    assert!(kind == LinkKind::Other || address.chars().all(ascii), "{address:?}");
                    assert_eq!(cleaned.as_str(), address, "{html:?}");
                    assert_eq!(clean::line(&text).as_str(), text, "{html:?}");
                }
            }
        }
    }

    #[test]
    fn a_letter_attaches_nothing() {
        let html = "<a href=\"mailto:a@b.example?attach=/etc/passwd&Subject=Hi&x=y\">write</a>";
        assert_eq!(addresses(html), ["mailto:a@b.example?Subject=Hi"]);
        assert_eq!(
            addresses("<a href=\"mailto:a@b.example?attach=/x\">x</a>"),
            ["mailto:a@b.example"]
        );
    }

    #[test]
    fn no_message_costs_more_than_its_bounds() {
        let many: String = (0..3_000).map(|at| format!("https://a.example/{at} ")).collect();
        assert_eq!(linked(&Html::new(many)).len(), LINKS);
        let deep = "<div>".repeat(5_000) + "<a href=https://a.example/>x</a>";
        assert_eq!(addresses(&deep).len(), 1);
        let long = format!("https://a.example/{}", "x".repeat(40_000));
        let all = found(&format!("<a href=\"{long}\">x</a>"));
        assert_eq!((all[0].0.as_str(), all[0].1), (long.as_str(), LinkKind::Other));
    }
}
