//! Parses HTML within bounds.

use std::{
    borrow::Cow,
    cell::{Cell, RefCell},
    collections::HashMap,
};

use html2text::{Comment, Document, Element, Handle, RcDom};
use html5ever::{
    Attribute, ExpandedName, LocalName, QualName,
    interface::{ElementFlags, NodeOrText, QuirksMode, TreeSink},
    local_name, ns,
    tendril::StrTendril,
    tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult},
    tree_builder::{TreeBuilder, TreeBuilderOpts},
};

use super::{look, open::Open, source, tags};

/// The most elements within elements. The time of html5ever grows with the square of the depth, and
/// later steps take a stack frame for each level.
const DEPTH: usize = 128;

/// From this depth on elements are left out; only their text and line breaks stay.
const FLAT: usize = 100;

/// The most elements. A few bytes of source can make a hundred elements.
const ELEMENTS: usize = 30_000;

/// The most siblings to be gone through for misplaced text (before a table) and wrongly nested
/// elements.
const SIBLINGS: usize = 1_000_000;

/// The longest attribute that is kept, in bytes, but for addresses.
const ATTRIBUTE: usize = 16 * 1024;

/// Parses a whole message. `None` beyond the bounds.
pub(super) fn parse(source: &str) -> Option<RcDom> {
    let opts = TreeBuilderOpts { scripting_enabled: false, ..Default::default() };
    let front = source::read(source, Shallow::new(TreeBuilder::new(Bounded::default(), opts)));
    let sink = front.sink.tree.sink;
    // Misnested tags move subtrees, and the bounds were not checked for their new place.
    let is_within = !sink.is_exceeded() && depth(&sink.dom.document) <= DEPTH;
    is_within.then_some(sink.dom)
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

/// The name of an element of HTML, SVG or MathML; empty for anything else.
pub(super) fn name(node: &Handle) -> &str {
    match &node.data {
        Element { name, .. } => &name.local,
        _ => "",
    }
}

/// An attribute's value, empty where there is none.
pub(super) fn attribute(node: &Handle, wanted: &str) -> String {
    attribute_if_any(node, wanted).unwrap_or_default()
}

/// Whether there is such an attribute, even an empty one.
pub(super) fn has_attribute(node: &Handle, wanted: &str) -> bool {
    attribute_if_any(node, wanted).is_some()
}

fn attribute_if_any(node: &Handle, wanted: &str) -> Option<String> {
    let Element { attrs, .. } = &node.data else { return None };
    let attrs = attrs.borrow();
    attrs.iter().find(|attr| &*attr.name.local == wanted).map(|attr| attr.value.to_string())
}

/// The nodes within a node.
pub(super) fn children(node: &Handle) -> Vec<Handle> {
    node.children.borrow().clone()
}

/// Whether an element of this name is within a node.
pub(super) fn holds(node: &Handle, wanted: &str) -> bool {
    elements_within(node).iter().any(|node| name(node) == wanted)
}

/// All elements within a node, in no order.
pub(super) fn elements_within(node: &Handle) -> Vec<Handle> {
    let mut all = Vec::new();
    let mut stack = children(node);
    while let Some(node) = stack.pop() {
        stack.extend(node.children.borrow().iter().cloned());
        if !name(&node).is_empty() {
            all.push(node);
        }
    }
    all
}

/// The text within a node.
pub(super) fn text_within(node: &Handle) -> String {
    let mut all = String::new();
    let mut stack = vec![node.clone()];
    while let Some(node) = stack.pop() {
        all.push_str(&text(&node).unwrap_or_default());
        stack.extend(node.children.borrow().iter().rev().cloned());
    }
    all
}

/// The text that a node is; `None` where it is something else.
///
/// html2text does not name the type of its text nodes. So a node of no named type counts as text if
/// it is not written as a tag.
pub(super) fn text(node: &Handle) -> Option<String> {
    if matches!(node.data, Document | Comment { .. } | Element { .. }) {
        return None;
    }
    let mut html = Vec::new();
    node.serialize(&mut html).ok()?;
    let html = String::from_utf8(html).ok()?;
    if html.starts_with('<') {
        return None;
    }
    let is_plain = !html.contains('&');
    Some(if is_plain {
        html
    } else {
        html.replace("&nbsp;", "\u{a0}")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&")
    })
}

/// The name of an HTML element.
pub(super) fn html_name(local: &str) -> QualName {
    QualName::new(None, ns!(html), local.into())
}

/// The part of an attribute that is kept: the relevant part of a style, nothing of most others.
fn kept(mut attr: Attribute) -> Option<Attribute> {
    match &*attr.name.local {
        "style" => attr.value = look::kept(&attr.value)?.into(),
        "src" => attr.value = "x".into(),
        "href" => {}
        // html5ever needs these to tell whether an element is within a drawing or formula, or ends
        // it.
        "color" | "face" | "size" => attr.value = "x".into(),
        "encoding" | "alt" | "width" | "height" | "role" | "type" | "start" | "value"
        | "reversed" | "hidden" | "checked" | "placeholder" | "colspan" | "rowspan" => {
            let end = super::boundary(&attr.value, ATTRIBUTE);
            attr.value = attr.value[..end].into();
        }
        _ => return None,
    }
    Some(attr)
}

/// Leaves out the tags of elements that are too deep, so that their content is still shown.
struct Shallow {
    tree: TreeBuilder<Handle, Bounded>,
    /// How many elements of a name are open without being in the tree.
    left_out: RefCell<HashMap<LocalName, usize>>,
    /// Which of them the tags so far have not ended.
    open: RefCell<Open>,
    /// A line was begun in place of an element, and it is still empty.
    fresh: Cell<bool>,
}

impl Shallow {
    fn new(tree: TreeBuilder<Handle, Bounded>) -> Self {
        Self {
            tree,
            left_out: RefCell::default(),
            open: RefCell::default(),
            fresh: Cell::new(false),
        }
    }

    fn tag(&self, mut tag: Tag) -> TokenSinkResult<Handle> {
        let depth = &self.tree.sink.depth;
        let is_start = tag.kind == TagKind::StartTag;
        if is_start && depth.get() >= FLAT && !is_small(&tag.name) {
            *self.left_out.borrow_mut().entry(tag.name.clone()).or_default() += 1;
            self.open.borrow_mut().begin(&tag.name);
            return self.in_place_of(&tag.name);
        }
        if !is_start {
            if let Some(count @ 1..) = self.left_out.borrow_mut().get_mut(&tag.name) {
                *count -= 1;
                if !self.open.borrow_mut().end(&tag.name) {
                    return TokenSinkResult::Continue;
                }
                return self.in_place_of(&tag.name);
            }
            depth.set(depth.get().saturating_sub(1));
        }
        tag.attrs = tag.attrs.into_iter().filter_map(kept).collect();
        self.fresh.set(false);
        self.tree.process_token(Token::TagToken(tag), 0)
    }

    /// The separator between the text of a left-out element and the text around it.
    fn in_place_of(&self, name: &LocalName) -> TokenSinkResult<Handle> {
        if matches!(&**name, "td" | "th") {
            return self.tree.process_token(Token::CharacterTokens(" ".into()), 0);
        }
        if !tags::is_block(name) || self.fresh.replace(true) {
            return TokenSinkResult::Continue;
        }
        let br = Tag {
            kind: TagKind::StartTag,
            name: local_name!("br"),
            self_closing: false,
            attrs: Vec::new(),
            had_duplicate_attributes: false,
        };
        self.tree.process_token(Token::TagToken(br), 0)
    }
}

/// Whether an element holds no others, or none of its own name.
fn is_small(name: &str) -> bool {
    matches!(name, "a" | "br" | "img" | "hr" | "wbr" | "input" | "embed" | "textarea" | "xmp")
}

impl TokenSink for Shallow {
    type Handle = Handle;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<Handle> {
        if self.tree.sink.is_exceeded() && !matches!(token, Token::EOFToken) {
            return TokenSinkResult::Continue;
        }
        match token {
            Token::TagToken(tag) => self.tag(tag),
            token => {
                self.fresh.set(false);
                self.tree.process_token(token, line)
            }
        }
    }

    fn end(&self) {
        self.tree.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.tree.adjusted_current_node_present_but_not_in_html_namespace()
    }
}

/// html2text's tree. It counts the elements put into it.
#[derive(Default)]
struct Bounded {
    dom: RcDom,
    elements: Cell<usize>,
    siblings: Cell<usize>,
    too_deep: Cell<bool>,
    /// The depth of the node that was last put into the tree.
    depth: Cell<usize>,
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
        for depth in 0..DEPTH {
            let Some(child) = node else {
                self.depth.set(depth);
                return;
            };
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
        self.dom.create_element(name, attrs, flags)
    }

    fn create_comment(&self, _: StrTendril) -> Handle {
        self.dom.create_comment(StrTendril::new())
    }

    fn create_pi(&self, target: StrTendril, data: StrTendril) -> Handle {
        self.dom.create_pi(target, data)
    }

    fn append(&self, parent: &Handle, child: NodeOrText<Handle>) {
        self.note_depth(parent);
        self.dom.append(parent, child);
    }

    fn append_based_on_parent_node(
        &self,
        element: &Handle,
        prev_element: &Handle,
        child: NodeOrText<Handle>,
    ) {
        self.note_depth(prev_element);
        self.note_siblings(element);
        self.dom.append_based_on_parent_node(element, prev_element, child);
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
        self.dom.append_before_sibling(sibling, new_node);
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
