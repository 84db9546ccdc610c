//! Tracks the open elements without a tree. A tag that begins or ends nothing must not split a
//! word.

use std::collections::HashMap;

use html5ever::LocalName;

use super::tags;

/// The elements that an end tag can't reach beyond, by the HTML standard.
const BOUNDS: [&str; 8] = ["applet", "caption", "marquee", "object", "select", "table", "td", "th"];

const HEADINGS: [&str; 6] = ["h1", "h2", "h3", "h4", "h5", "h6"];

/// The open elements that split lines or words, and those that bound them. On average each tag
/// costs the same, however many elements are open.
#[derive(Debug, Default)]
pub(super) struct Open {
    /// Their names, outermost first.
    names: Vec<LocalName>,
    /// Where those of a name stand among them.
    places: HashMap<LocalName, Vec<usize>>,
    /// The places of the elements that bound the end of a list item.
    walls: Vec<usize>,
}

impl Open {
    /// Takes a start tag. Whether an element begins with it.
    pub(super) fn begin(&mut self, name: &LocalName) -> bool {
        match &**name {
            "html" | "head" | "body" => return false,
            "form" if self.last(&["form"]).is_some() => return false,
            "caption" | "col" | "colgroup" | "tbody" | "td" | "tfoot" | "th" | "thead" | "tr" => {
                let Some(table) = self.last(&["table"]) else { return false };
                self.cut(table + 1);
            }
            "li" => self.end_item(&["li"]),
            "dd" | "dt" => self.end_item(&["dd", "dt"]),
            "option" | "optgroup" if self.is_within(&["option"]) => self.end_last(),
            "table" if self.is_within(&["table"]) => self.end_last(),
            "select" => {
                if let Some(at) = self.last(&["select"]) {
                    self.cut(at);
                    return true;
                }
            }
            _ => {}
        }
        if tags::is_block(name) {
            self.end_paragraph();
        }
        if HEADINGS.contains(&&**name) && self.is_within(&HEADINGS) {
            self.end_last();
        }
        if is_followed(name) {
            self.push(name);
        }
        true
    }

    /// Takes an end tag. Whether an element ends with it; a paragraph does so even where none was open.
    pub(super) fn end(&mut self, name: &LocalName) -> bool {
        let reached = match &**name {
            "html" | "head" | "body" => None,
            "p" => {
                self.end_paragraph();
                return true;
            }
            "form" => return self.places.get_mut(name).is_some_and(|it| it.pop().is_some()),
            "tbody" | "tfoot" | "thead" | "tr" => self.last(&["table"]).map(|table| table + 1),
            "table" => self.last(&["table"]),
            "caption" | "td" | "th" => self.within(&[&**name], &["table"]),
            "li" => self.within(&["li"], &["ol", "ul"]).filter(|at| self.is_in_scope(*at)),
            it if HEADINGS.contains(&it) => self.last(&HEADINGS).filter(|at| self.is_in_scope(*at)),
            it if !is_followed(it) => return it != "hr",
            it if is_special(it) || matches!(it, "dialog" | "search" | "select") => {
                self.last(&[it]).filter(|at| self.is_in_scope(*at))
            }
            it => {
                let wall = self.walls.last().copied().max(self.last(&["address", "div", "p"]));
                self.last(&[it]).filter(|at| wall.is_none_or(|wall| *at > wall))
            }
        };
        if let Some(at) = reached {
            self.cut(at);
        }
        reached.is_some()
    }

    fn push(&mut self, name: &LocalName) {
        let at = self.names.len();
        if is_special(name) && !matches!(&**name, "address" | "div" | "p") {
            self.walls.push(at);
        }
        self.places.entry(name.clone()).or_default().push(at);
        self.names.push(name.clone());
    }

    /// Ends the element at a place, and all within it.
    fn cut(&mut self, at: usize) {
        while self.names.len() > at {
            let Some(name) = self.names.pop() else { return };
            let place = self.names.len();
            self.walls.pop_if(|wall| *wall == place);
            if let Some(places) = self.places.get_mut(&name) {
                places.pop_if(|it| *it == place);
            }
        }
    }

    fn end_last(&mut self) {
        self.cut(self.names.len().saturating_sub(1));
    }

    /// Where the innermost open element stands that has one of the names.
    fn last(&self, names: &[&str]) -> Option<usize> {
        names
            .iter()
            .filter_map(|name| self.places.get(&LocalName::from(*name))?.last())
            .max()
            .copied()
    }

    /// Where the innermost of `names` stands, if it stands within the innermost of `bounds`.
    fn within(&self, names: &[&str], bounds: &[&str]) -> Option<usize> {
        self.last(names).filter(|at| self.last(bounds).is_none_or(|bound| *at > bound))
    }

    /// Whether the innermost open element is one of `names`.
    fn is_within(&self, names: &[&str]) -> bool {
        self.names.last().is_some_and(|name| names.contains(&&**name))
    }

    fn is_in_scope(&self, at: usize) -> bool {
        self.last(&BOUNDS).is_none_or(|bound| at >= bound)
    }

    /// A new item ends the one before it, unless it stands in an element of that one.
    fn end_item(&mut self, names: &[&str]) {
        if let Some(at) = self.last(names).filter(|at| self.walls.last() == Some(at)) {
            self.cut(at);
        }
    }

    fn end_paragraph(&mut self) {
        let paragraph = self.within(&["p"], &["button"]).filter(|at| self.is_in_scope(*at));
        if let Some(at) = paragraph {
            self.cut(at);
        }
    }
}

/// Whether an element has an end that matters.
fn is_followed(name: &str) -> bool {
    let is_row = matches!(name, "tbody" | "tfoot" | "thead" | "tr");
    !is_row && name != "hr" && (tags::is_block(name) || is_bound(name))
        || matches!(name, "button" | "sub" | "sup" | "textarea")
}

fn is_bound(name: &str) -> bool {
    BOUNDS.contains(&name)
}

/// Whether the HTML standard calls it special: an end tag of another kind can't end the elements
/// around it.
fn is_special(name: &str) -> bool {
    let is_plain = matches!(
        name,
        "dialog" | "legend" | "optgroup" | "option" | "search" | "select" | "sub" | "sup"
    );
    is_followed(name) && !is_plain
}
