//! Tells tables that hold data from those that only place things, as newsletters do.

use html2text::{Handle, RcDom};
use html5ever::{
    expanded_name,
    interface::{ElementFlags, NodeOrText, TreeSink as _},
    local_name, ns,
};

use super::dom;

/// Turns each table that only places things into blocks, one for each cell.
pub(super) fn unfold_layout(document: &RcDom) {
    let mut tables: Vec<_> = dom::nodes(&document.document)
        .into_iter()
        .filter(|node| dom::name(node) == Some(expanded_name!(html "table")))
        .collect();
    // From within, so that a table is looked at when those in it are settled.
    tables.reverse();
    for table in tables {
        let parts: Vec<_> = parts(&table);
        if is_layout(&table, &parts) {
            for part in parts.iter().rev() {
                into_block(document, part);
            }
        }
    }
}

/// The table itself, its rows and cells, without those of tables within.
fn parts(table: &Handle) -> Vec<Handle> {
    let mut parts = vec![table.clone()];
    let mut stack = vec![table.clone()];
    while let Some(node) = stack.pop() {
        for child in node.children.borrow().iter() {
            if matches!(
                dom::name(child),
                Some(
                    expanded_name!(html "tbody")
                        | expanded_name!(html "thead")
                        | expanded_name!(html "tfoot")
                        | expanded_name!(html "tr")
                        | expanded_name!(html "td")
                        | expanded_name!(html "th")
                )
            ) {
                parts.push(child.clone());
                stack.push(child.clone());
            }
        }
    }
    parts
}

fn is_layout(table: &Handle, parts: &[Handle]) -> bool {
    if matches!(&*dom::attribute(table, "role"), "presentation" | "none") {
        return true;
    }
    let is_cell = |node: &Handle| {
        matches!(dom::name(node), Some(expanded_name!(html "td") | expanded_name!(html "th")))
    };
    let one_column = parts
        .iter()
        .filter(|part| dom::name(part) == Some(expanded_name!(html "tr")))
        .all(|row| row.children.borrow().iter().filter(|cell| is_cell(cell)).count() <= 1);
    one_column || parts.iter().filter(|part| is_cell(part)).any(holds_table)
}

fn holds_table(cell: &Handle) -> bool {
    dom::nodes(cell).iter().any(|node| dom::name(node) == Some(expanded_name!(html "table")))
}

fn into_block(document: &RcDom, node: &Handle) {
    let block = document.create_element(dom::html_name("div"), Vec::new(), ElementFlags::default());
    document.reparent_children(node, &block);
    document.append_before_sibling(node, NodeOrText::AppendNode(block));
    document.remove_from_parent(node);
}
