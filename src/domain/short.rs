//! Short forms of names for narrow columns: each tells its name apart from the others.

use std::collections::HashSet;

use super::columns::{head, width};

/// Words that say little at the beginning of a short form.
const SMALL: [&str; 12] =
    ["a", "an", "and", "by", "for", "from", "in", "of", "on", "the", "to", "with"];

/// A form of each name in at most `columns`, in the order of the names. A name that fits is its own
/// form. Of a longer one the last words are taken, or else its first words, or else parts of its
/// words. Two names never have the same form if the columns hold their numbers.
pub fn short_forms(names: &[&str], columns: usize) -> Vec<String> {
    let mut taken: HashSet<String> =
        names.iter().filter(|name| width(name) <= columns).map(|name| plain(name)).collect();
    let mut known: Vec<(&str, String)> = Vec::new();
    names
        .iter()
        .map(|name| {
            if width(name) <= columns {
                return (*name).to_owned();
            }
            if let Some((_, form)) = known.iter().find(|(same, _)| same == name) {
                return form.clone();
            }
            let form = candidates(name, columns)
                .into_iter()
                .find(|form| !taken.contains(&plain(form)))
                .unwrap_or_else(|| numbered(name, columns, &taken));
            taken.insert(plain(&form));
            known.push((*name, form.clone()));
            form
        })
        .collect()
}

/// What makes two forms the same to the eye.
fn plain(form: &str) -> String {
    form.trim().to_lowercase()
}

/// The forms of a name that fit, the best first.
fn candidates(name: &str, columns: usize) -> Vec<String> {
    let words: Vec<&str> = name.split_whitespace().collect();
    let last = (1..words.len()).map(|from| begun_as(name, &words[from..].join(" ")));
    let first = (1..words.len()).rev().map(|to| words[..to].join(" "));
    let says_much = |form: &String| {
        let begin = form.split(' ').next().unwrap_or_default().to_lowercase();
        !SMALL.contains(&begin.as_str()) && width(form) >= 3.min(columns)
    };
    let mut forms: Vec<String> = last.filter(says_much).chain(first.filter(says_much)).collect();
    forms.extend(parts(&words, columns));
    // A point would take the place of the last letter that tells something.
    forms.push(match columns {
        0..4 => head(name, columns).trim_end().to_owned(),
        _ => format!("{}.", head(name, columns - 1).trim_end()),
    });
    forms.retain(|form| width(form) <= columns && !form.is_empty());
    forms
}

/// `form` with a capital letter where `name` begins with one.
fn begun_as(name: &str, form: &str) -> String {
    let mut letters = form.chars();
    match letters.next() {
        Some(first) if name.starts_with(char::is_uppercase) => {
            first.to_uppercase().chain(letters).collect()
        }
        _ => form.to_owned(),
    }
}

/// The beginnings of all words, as long as there is room for: `Wait cust` for "Waiting for customer".
fn parts(words: &[&str], columns: usize) -> Option<String> {
    let small = |word: &&&str| !SMALL.contains(&word.to_lowercase().as_str());
    let words: Vec<&str> = words.iter().filter(small).copied().collect();
    let gaps = words.len().checked_sub(1).filter(|gaps| *gaps > 0)?;
    let each = columns.checked_sub(gaps)? / words.len();
    let parts: Vec<&str> = words.iter().map(|word| head(word, each)).collect();
    (each >= 2).then(|| parts.join(" "))
}

/// The head of a name with a number that no other form has.
fn numbered(name: &str, columns: usize, taken: &HashSet<String>) -> String {
    let forms = (2..).map(|number: usize| {
        let number = format!("~{number}");
        format!("{}{number}", head(name, columns.saturating_sub(number.len())))
    });
    let mut fit = forms.take(taken.len() + 1).filter(|form| width(form) <= columns);
    fit.find(|form| !taken.contains(&plain(form))).unwrap_or_else(|| head(name, columns).to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_words_that_tell_most_are_kept() {
        let usual = ["Open", "Closed", "On Hold", "Answered", "Customer Replied"];
        assert_eq!(short_forms(&usual, 9), ["Open", "Closed", "On Hold", "Answered", "Replied"]);
        assert_eq!(short_forms(&usual, 6)[2..], ["Hold", "Answe.", "Cu Re"]);
        let waiting = ["Waiting for customer", "Waiting for supplier", "Waiting for a third party"];
        assert_eq!(short_forms(&waiting, 11), ["Customer", "Supplier", "Third party"]);
    }

    #[test]
    fn a_form_that_is_another_name_is_not_taken() {
        assert_eq!(short_forms(&["Replied", "Customer Replied"], 9), ["Replied", "Customer"]);
        assert_eq!(short_forms(&["Customer Replied", "replied"], 9), ["Customer", "replied"]);
    }

    #[test]
    fn names_that_begin_alike_are_told_apart() {
        let names: Vec<String> = (1..=6).map(|it| format!("Escalated{it}level")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let forms = short_forms(&names, 9);
        assert_eq!(forms[0], "Escalate.");
        assert_eq!(forms.iter().collect::<HashSet<_>>().len(), 6, "{forms:?}");
    }

    proptest! {
        #[test]
        fn forms_fit_and_differ(
            names in prop::collection::vec("[a-zA-Z 語é-]{0,30}|\\PC{0,20}", 0..40),
            columns in 4_usize..30,
        ) {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let forms = short_forms(&names, columns);
            prop_assert_eq!(&forms, &short_forms(&names, columns));
            for (name, form) in names.iter().zip(&forms) {
                prop_assert!(width(form) <= columns, "{:?} in {}", form, columns);
                prop_assert!(width(name) > columns || name == form);
            }
            for (at, (name, form)) in names.iter().zip(&forms).enumerate() {
                let same = |(other, its): (&&str, &String)| other != name && its == form;
                let twin = names[..at].iter().zip(&forms).find(|(other, its)| same((other, its)));
                prop_assert!(twin.is_none(), "{:?} of {:?} and {:?}", form, name, twin);
            }
        }
    }
}
