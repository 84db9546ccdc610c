//! The visible text of a form's fields.

use html2text::Handle;

use super::dom;

/// The visible text of an input; `None` if it shows nothing.
pub(super) fn input(node: &Handle) -> Option<String> {
    let value = dom::attribute(node, "value");
    let kind = dom::attribute(node, "type").to_ascii_lowercase();
    let is_checked = dom::has_attribute(node, "checked");
    match &*kind {
        "hidden" | "password" | "file" | "image" | "color" | "range" => None,
        "checkbox" => Some(if is_checked { "[x] " } else { "[ ] " }.into()),
        "radio" => Some(if is_checked { "(x) " } else { "( ) " }.into()),
        _ => {
            let shown = if value.is_empty() { dom::attribute(node, "placeholder") } else { value };
            (!shown.trim().is_empty()).then(|| format!("[{}]", shown.trim()))
        }
    }
}
