//! What `docs/wording.md` asks of each message, as far as a machine can see it.

use std::{fs, path::Path};

use syn::visit::{self, Visit};

/// Words that a message never holds, and the word that stands for them.
const NEVER: [(&str, &str); 13] = [
    ("mails nobody", "no e-mail is sent"),
    ("inside itself", "a fault of its own"),
    ("outbox, sent by itself", "tried again by itself"),
    ("please", "nothing"),
    ("Please", "nothing"),
    ("sorry", "nothing"),
    ("Sorry", "nothing"),
    ("Oops", "nothing"),
    ("failed to ", "can't"),
    ("Failed to ", "can't"),
    ("unable to ", "can't"),
    ("successfully", "nothing"),
    ("invalid ", "the rule that is broken"),
];

#[test]
fn no_message_has_a_word_that_another_one_stands_for() {
    let mut wrong = Vec::new();
    for folder in ["src/app", "src/ui", "src/domain", "src/runtime", "src/worker", "src/cli"] {
        each_file(Path::new(folder), &mut |path| {
            for text in messages(path) {
                let found = NEVER.iter().find(|(word, _)| text.contains(word));
                wrong.extend(found.map(|(word, other)| {
                    format!("{}: {text:?} has {word:?}; {other} stands for it", path.display())
                }));
            }
        });
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn no_message_exclaims_or_ends_with_a_space_and_dots() {
    let mut wrong = Vec::new();
    for folder in ["src/app", "src/ui", "src/domain", "src/worker", "src/cli"] {
        each_file(Path::new(folder), &mut |path| {
            let ends = |text: &String| text.ends_with("...") || text.ends_with("w!");
            let texts = messages(path).into_iter().filter(ends);
            wrong.extend(texts.map(|text| format!("{}: {text:?}", path.display())));
        });
    }
    assert_eq!(wrong, Vec::<String>::new());
}

fn each_file(folder: &Path, seen: &mut dyn FnMut(&Path)) {
    for entry in fs::read_dir(folder).expect("a folder of the sources") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => each_file(&path, seen),
            false => seen(&path),
        }
    }
}

/// The string literals of a file with several words, those of its tests left out.
fn messages(path: &Path) -> Vec<String> {
    let source = fs::read_to_string(path).expect("a source file");
    let file = syn::parse_file(&source).expect("a file that compiles");
    let mut literals = Literals { docs: path.starts_with("src/cli"), ..Literals::default() };
    literals.visit_file(&file);
    literals.found
}

#[derive(Default)]
struct Literals {
    found: Vec<String>,
    /// Whether doc comments are messages too: those of the commands are their help.
    docs: bool,
}

impl Literals {
    fn take(&mut self, text: String) {
        if text.trim().contains(' ') {
            self.found.push(text);
        }
    }
}

impl<'ast> Visit<'ast> for Literals {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if module.ident != "tests" {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        if attribute.path().is_ident("doc")
            && let syn::Meta::NameValue(pair) = &attribute.meta
            && self.docs
        {
            visit::visit_expr(self, &pair.value);
        }
        if attribute.path().is_ident("error")
            && let syn::Meta::List(list) = &attribute.meta
        {
            tokens(list.tokens.clone(), &mut |text| self.take(text));
        }
    }

    fn visit_lit_str(&mut self, literal: &'ast syn::LitStr) {
        self.take(literal.value());
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        // A line of the log is read by who mends growdesk.
        if call.path.segments.first().is_none_or(|first| first.ident != "tracing") {
            tokens(call.tokens.clone(), &mut |text| self.take(text));
        }
    }
}

fn tokens(stream: proc_macro2::TokenStream, seen: &mut dyn FnMut(String)) {
    for token in stream {
        match token {
            proc_macro2::TokenTree::Group(group) => tokens(group.stream(), seen),
            proc_macro2::TokenTree::Literal(literal) => {
                if let Ok(text) = syn::parse_str::<syn::LitStr>(&literal.to_string()) {
                    seen(text.value());
                }
            }
            _ => {}
        }
    }
}
