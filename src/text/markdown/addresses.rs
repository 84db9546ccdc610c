//! Addresses in text: of the web and of mail. No mark acts within one, and each becomes a link.

use std::ops::Range;

use linkify::{LinkFinder, LinkKind};
use pulldown_cmark::{CowStr, Event, LinkType, Tag, TagEnd};
use url::Url;

/// Where addresses stand in a text, in order.
#[derive(Debug)]
pub(super) struct Addresses(Vec<Range<usize>>);

impl Addresses {
    /// The addresses of `text`, whether they become links or not.
    pub(super) fn of(text: &str) -> Self {
        Self(find(text).map(|(range, _)| range).collect())
    }

    /// Where addresses of the web stand in `text`, in order.
    pub(super) fn of_the_web(text: &str) -> impl Iterator<Item = Range<usize>> {
        find(text).filter_map(|(range, _)| {
            (!text[range.clone()].contains('@') || text[range.clone()].contains("://"))
                .then_some(range)
        })
    }

    /// The first address that has a part in `range`.
    pub(super) fn within(&self, range: &Range<usize>) -> Option<&Range<usize>> {
        let next = self.0.partition_point(|it| it.end <= range.start);
        self.0.get(next).filter(|it| it.start < range.end)
    }

    /// The addresses that have a part in `range`.
    pub(super) fn all_within(&self, range: Range<usize>) -> impl Iterator<Item = &Range<usize>> {
        let next = self.0.partition_point(|it| it.end <= range.start);
        self.0[next..].iter().take_while(move |it| it.start < range.end)
    }
}

/// The addresses of a text with where a link of each leads, if it may be one.
pub(in crate::text) fn find(text: &str) -> impl Iterator<Item = (Range<usize>, Option<String>)> {
    LinkFinder::new().spans(text).collect::<Vec<_>>().into_iter().flat_map(|span| {
        match span.kind() {
            // A star may begin a mail address by its grammar, and never does.
            Some(LinkKind::Email) => {
                let address = span.as_str().trim_start_matches('*');
                let from = span.end() - address.len();
                vec![(from..span.end(), Some(format!("mailto:{address}")))]
            }
            Some(_) => {
                let target = Some(span.as_str().to_owned()).filter(|it| is_allowed(it));
                vec![(span.start()..span.end(), target)]
            }
            None => bare(span.as_str(), span.start()),
        }
    })
}

/// The addresses that begin with `www.` in a text that has no others, and stands at `from`.
fn bare(text: &str, from: usize) -> Vec<(Range<usize>, Option<String>)> {
    if !text.contains("www.") {
        return Vec::new();
    }
    let mut finder = LinkFinder::new();
    let links = finder.url_must_have_scheme(false).kinds(&[LinkKind::Url]).links(text);
    let links = links.filter(|link| link.as_str().starts_with("www."));
    links
        .map(|it| (from + it.start()..from + it.end(), Some(format!("http://{}", it.as_str()))))
        .collect()
}

/// Whether a link may lead there: to the web, or to mail.
pub(super) fn is_allowed(address: &str) -> bool {
    Url::parse(address).is_ok_and(|url| match url.scheme() {
        // Without a host after the slashes, a browser reads it as a path on the page that shows it.
        "http" | "https" => address[url.scheme().len()..].starts_with("://"),
        scheme => scheme == "mailto",
    })
}

/// A link to `address`.
pub(super) fn link(address: String) -> Tag<'static> {
    Tag::Link {
        link_type: LinkType::Inline,
        dest_url: address.into(),
        title: "".into(),
        id: "".into(),
    }
}

/// Makes a link of each address in the text, outside of links.
pub(super) fn with_links(events: Vec<Event<'_>>) -> Vec<Event<'_>> {
    let mut out = Vec::with_capacity(events.len());
    let mut within = false;
    for event in events {
        match event {
            Event::Text(text) if !within => {
                push(&mut out, &text);
                continue;
            }
            Event::Start(Tag::Link { .. }) => within = true,
            Event::End(TagEnd::Link) => within = false,
            _ => {}
        }
        out.push(event);
    }
    out
}

fn push(out: &mut Vec<Event<'_>>, all: &str) {
    let text = |text: &str| Event::Text(CowStr::from(text.to_owned()));
    let mut at = 0;
    for (range, target) in find(all) {
        let Some(target) = target else { continue };
        if at < range.start {
            out.push(text(&all[at..range.start]));
        }
        at = range.end;
        out.push(Event::Start(link(target)));
        out.push(text(&all[range]));
        out.push(Event::End(TagEnd::Link));
    }
    if at < all.len() {
        out.push(text(&all[at..]));
    }
}
