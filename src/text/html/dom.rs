//! Parses HTML within bounds, and readies the tree for html2text.

use std::{borrow::Cow, cell::Cell, collections::HashMap};

use html2text::{Element, Handle, RcDom};
use html5ever::{
    Attribute, ExpandedName, ParseOpts, QualName, expanded_name,
    interface::{ElementFlags, NodeOrText, QuirksMode, TreeSink},
    local_name, ns, parse_document,
    tendril::{StrTendril, TendrilSink as _},
    tree_builder::TreeBuilderOpts,
};
use url::Url;

use super::{super::clean, strip::Stripped};

/// The most elements within elements. html5ever takes a time that grows with their square, html2text
/// a stack frame for each.
const DEPTH: usize = 128;

/// The most elements. A few bytes of source can make a hundred elements.
const ELEMENTS: usize = 30_000;

/// The most siblings that are gone through to put text before a table and to take out elements that
/// are nested wrongly.
const SIBLINGS: usize = 1_000_000;

/// How much is parsed before the bounds are looked at again, in bytes.
const CHUNK: usize = 1024;

/// The most addresses that are listed below a message.
const FOOTNOTES: usize = 200;

/// The longest address that is listed, in characters.
const ADDRESS: usize = 500;

/// Parses a whole message; `None` beyond the bounds.
pub(super) fn parse(source: &str) -> Option<RcDom> {
    let opts = ParseOpts {
        tree_builder: TreeBuilderOpts { scripting_enabled: false, ..Default::default() },
        ..Default::default()
    };
    let mut parser = parse_document(Bounded::default(), opts);
    let mut rest = source;
    while !rest.is_empty() {
        let (chunk, next) = rest.split_at(super::boundary(rest, CHUNK));
        parser.process(StrTendril::from(chunk));
        if parser.tokenizer.sink.sink.is_exceeded() {
            return None;
        }
        rest = next;
    }
    let sink = parser.finish();
    // Misnested tags move subtrees, which no bound has seen.
    (!sink.is_exceeded() && depth(&sink.dom.document) <= DEPTH).then_some(sink.dom)
}

fn depth(document: &Handle) -> usize {
    let mut deepest = 0;
    let mut stack = vec![(document.clone(), 0)];
    while let Some((node, depth)) = stack.pop() {
        deepest = deepest.max(depth);
        stack.extend(node.children.borrow().iter().map(|child| (child.clone(), depth + 1)));
    }
    deepest
}

/// Every node of the tree, in the order of the document.
pub(super) fn nodes(document: &Handle) -> Vec<Handle> {
    let mut nodes = Vec::new();
    let mut stack = vec![document.clone()];
    while let Some(node) = stack.pop() {
        stack.extend(node.children.borrow().iter().rev().cloned());
        nodes.push(node);
    }
    nodes
}

/// The name of an element; `None` for anything else.
pub(super) fn name(node: &Handle) -> Option<ExpandedName<'_>> {
    match &node.data {
        Element { name, .. } => Some(name.expanded()),
        _ => None,
    }
}

/// An attribute's value, empty where there is none.
pub(super) fn attribute(node: &Handle, wanted: &str) -> String {
    let Element { attrs, .. } = &node.data else { return String::new() };
    attrs
        .borrow()
        .iter()
        .find(|attr| &*attr.name.local == wanted)
        .map_or_else(String::new, |attr| attr.value.to_string())
}

/// Numbers the links, draws what html2text leaves out and leaves out what only tracks. Gives the addresses in the order of their numbers.
pub(super) fn tidy(dom: &RcDom, footnotes: bool) -> Vec<String> {
    let mut addresses = Addresses::default();
    for node in nodes(&dom.document) {
        match name(&node) {
            Some(expanded_name!(html "a")) if footnotes => {
                if let Some(number) = addresses.number(&node) {
                    dom.append(&node, NodeOrText::AppendText(format!("[{number}]").into()));
                }
            }
            Some(expanded_name!(html "hr")) => {
                let rule = dom.create_element(html_name("p"), Vec::new(), ElementFlags::default());
                dom.append(&rule, NodeOrText::AppendText("────────".into()));
                dom.append_before_sibling(&node, NodeOrText::AppendNode(rule));
            }
            Some(expanded_name!(html "img")) if is_tracker(&node) => {
                dom.remove_from_parent(&node);
            }
            _ => {}
        }
    }
    addresses.listed
}

/// The name of an HTML element.
pub(super) fn html_name(local: &str) -> QualName {
    QualName::new(None, ns!(html), local.into())
}

/// Text cleaned as it comes from the parser, so that it is measured as it will be shown.
fn cleaned(child: NodeOrText<Handle>) -> NodeOrText<Handle> {
    match child {
        NodeOrText::AppendText(text) => {
            NodeOrText::AppendText(StrTendril::from(clean::block(&text)))
        }
        node => node,
    }
}

/// The text within an element.
fn text_within(node: &Handle) -> String {
    let mut html = Vec::new();
    // Writing to memory does not fail; if it did, there would be less text.
    let _ = node.serialize(&mut html);
    Stripped::of(&String::from_utf8_lossy(&html)).text
}

/// Whether an attribute may reach html2text, which fails on a cell over several rows and takes any
/// number at its word.
fn is_used(attr: &Attribute) -> bool {
    let number = |most: u32| attr.value.parse().is_ok_and(|it: u32| (1..=most).contains(&it));
    match &*attr.name.local {
        "href" | "src" | "alt" | "width" | "height" | "role" => true,
        "colspan" => number(100),
        "start" => number(1_000_000),
        _ => false,
    }
}

/// A picture of at most one pixel.
fn is_tracker(node: &Handle) -> bool {
    ["width", "height"].iter().all(|side| matches!(&*attribute(node, side), "0" | "1"))
}

#[derive(Debug, Default)]
struct Addresses {
    listed: Vec<String>,
    numbers: HashMap<String, usize>,
}

impl Addresses {
    /// The number of a link's address; `None` where its text says the address already, or where it
    /// leads nowhere that a browser or a mail program can go from here.
    fn number(&mut self, link: &Handle) -> Option<usize> {
        let address = attribute(link, "href");
        let address = address.trim();
        let url = Url::parse(address).ok()?;
        if !matches!(url.scheme(), "http" | "https" | "mailto" | "tel") {
            return None;
        }
        if bare(clean::line(&text_within(link)).as_str()) == bare(address) {
            return None;
        }
        let shown: String = clean::line(address).as_str().chars().take(ADDRESS).collect();
        if let Some(number) = self.numbers.get(&shown) {
            return Some(*number);
        }
        if self.listed.len() >= FOOTNOTES {
            return None;
        }
        self.listed.push(shown.clone());
        self.numbers.insert(shown, self.listed.len());
        Some(self.listed.len())
    }
}

/// An address without what people leave out of it.
fn bare(address: &str) -> &str {
    let address = address.trim().trim_end_matches('/');
    ["https://", "http://", "mailto:", "tel:"]
        .iter()
        .find_map(|scheme| address.strip_prefix(scheme))
        .unwrap_or(address)
}

/// html2text's tree, which counts what is put into it.
#[derive(Default)]
struct Bounded {
    dom: RcDom,
    elements: Cell<usize>,
    siblings: Cell<usize>,
    too_deep: Cell<bool>,
}

impl Bounded {
    fn is_exceeded(&self) -> bool {
        self.too_deep.get() || self.elements.get() > ELEMENTS || self.siblings.get() > SIBLINGS
    }

    fn note_siblings(&self, node: &Handle) {
        let count = node.get_parent().map_or(0, |parent| parent.children.borrow().len());
        self.siblings.set(self.siblings.get() + count);
    }

    fn note_depth(&self, parent: &Handle) {
        let mut node = Some(parent.clone());
        for _ in 0..DEPTH {
            let Some(child) = node else { return };
            node = child.get_parent();
        }
        self.too_deep.set(true);
    }
}

impl TreeSink for Bounded {
    type Handle = Handle;
    type Output = Self;
    type ElemName<'a> = ExpandedName<'a>;

    fn finish(self) -> Self {
        self
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> Handle {
        self.dom.get_document()
    }

    fn elem_name<'a>(&'a self, target: &'a Handle) -> ExpandedName<'a> {
        self.dom.elem_name(target)
    }

    fn create_element(&self, name: QualName, attrs: Vec<Attribute>, flags: ElementFlags) -> Handle {
        self.elements.set(self.elements.get() + 1);
        self.dom.create_element(name, attrs.into_iter().filter(is_used).collect(), flags)
    }

    fn create_comment(&self, _: StrTendril) -> Handle {
        self.dom.create_comment(StrTendril::new())
    }

    fn create_pi(&self, target: StrTendril, data: StrTendril) -> Handle {
        self.dom.create_pi(target, data)
    }

    fn append(&self, parent: &Handle, child: NodeOrText<Handle>) {
        if matches!(child, NodeOrText::AppendNode(_)) {
            self.note_depth(parent);
        }
        self.dom.append(parent, cleaned(child));
    }

    fn append_based_on_parent_node(
        &self,
        element: &Handle,
        prev_element: &Handle,
        child: NodeOrText<Handle>,
    ) {
        self.note_depth(prev_element);
        self.note_siblings(element);
        self.dom.append_based_on_parent_node(element, prev_element, cleaned(child));
    }

    fn append_doctype_to_document(
        &self,
        name: StrTendril,
        public_id: StrTendril,
        system_id: StrTendril,
    ) {
        self.dom.append_doctype_to_document(name, public_id, system_id);
    }

    fn get_template_contents(&self, target: &Handle) -> Handle {
        self.dom.get_template_contents(target)
    }

    fn same_node(&self, x: &Handle, y: &Handle) -> bool {
        self.dom.same_node(x, y)
    }

    fn set_quirks_mode(&self, mode: QuirksMode) {
        self.dom.set_quirks_mode(mode);
    }

    fn append_before_sibling(&self, sibling: &Handle, new_node: NodeOrText<Handle>) {
        self.note_depth(sibling);
        self.note_siblings(sibling);
        self.dom.append_before_sibling(sibling, cleaned(new_node));
    }

    fn add_attrs_if_missing(&self, target: &Handle, attrs: Vec<Attribute>) {
        self.dom.add_attrs_if_missing(target, attrs);
    }

    fn remove_from_parent(&self, target: &Handle) {
        self.note_siblings(target);
        self.dom.remove_from_parent(target);
    }

    fn reparent_children(&self, node: &Handle, new_parent: &Handle) {
        self.dom.reparent_children(node, new_parent);
    }

    fn is_mathml_annotation_xml_integration_point(&self, target: &Handle) -> bool {
        self.dom.is_mathml_annotation_xml_integration_point(target)
    }
}
