//! One `[[macro]]`.

use crate::{
    config::{
        console::{THEN, choice},
        sections::{NumberOr, Placed, Section},
    },
    domain::{
        Line, Priority, ReplyKind,
        change::stored_tag,
        plan::{
            Macro,
            macros::{GROUPS, Wanted},
        },
    },
    text::{
        clean,
        template::{Template, TemplateFault},
    },
};

/// The most characters of a name.
const NAME: usize = 120;

const KINDS: [(&str, ReplyKind); 2] = [("reply", ReplyKind::Reply), ("note", ReplyKind::Note)];
/// The macro that a section describes.
///
/// # Errors
/// If anything in it is wrong: its name, if it has one. The problems have been noted.
pub(super) fn read(mut section: Section<'_>) -> Result<Macro, Option<String>> {
    let before = section.reader.count();
    let name = name(&mut section);
    let key = key(&mut section);
    let text = section.string("text");
    let text = text.filter(|it| !it.value.trim().is_empty()).map(|it| checked(&section, &it));
    let (text, asked) = text.unzip();
    let kind = section.string("kind").and_then(|word| choice(&section, "kind", &word, &KINDS));
    let priorities = Priority::ALL.map(|priority| (priority.as_str(), priority));
    let priority = section.string("priority");
    let priority = priority.and_then(|it| choice(&section, "priority", &it, &priorities));
    let then = section.string("then").and_then(|word| choice(&section, "then", &word, &THEN));
    let departments = section.numbers_or_titles("departments").into_iter().map(wanted).collect();
    let one = Macro {
        name: name.clone().unwrap_or_default(),
        key,
        text,
        asked: asked.unwrap_or_default(),
        kind: kind.unwrap_or(ReplyKind::Reply),
        status: section.number_or_title("status").map(wanted),
        priority,
        department: section.number_or_title("department").map(wanted),
        project: section.number_or_title("project").map(wanted),
        add_tags: tags(&mut section, "add_tags"),
        remove_tags: tags(&mut section, "remove_tags"),
        archive: section.boolean("archive"),
        then,
        departments,
    };
    if let Some(tag) = one.add_tags.iter().find(|it| one.remove_tags.contains(it)) {
        let reason = format!("the tag \"{tag}\" is both added and removed");
        section.reader.problem(section.at, reason);
    }
    if one.does_nothing() && section.reader.count() == before {
        let reason = "the macro has no `text` and changes nothing";
        section.reader.problem(section.at, reason);
    }
    let reader = section.reader;
    section.finish();
    match reader.count() == before {
        true => Ok(one),
        false => Err(name),
    }
}

/// A name with its groups, each trimmed.
fn name(section: &mut Section<'_>) -> Option<String> {
    let given = section.string("name");
    let Some(Placed { value, at }) = given else {
        section.reader.problem(section.at, "a macro has to have a `name`");
        return None;
    };
    let parts: Vec<String> = value.split(GROUPS).map(|it| clean::line(it).to_string()).collect();
    let name = parts.join(GROUPS);
    if parts.iter().any(String::is_empty) {
        section.reader.problem(at, format!("the name \"{name}\" has an empty part"));
    } else if name.chars().count() > NAME {
        section.reader.problem(at, format!("the name has more than {NAME} characters"));
    }
    Some(name)
}

fn key(section: &mut Section<'_>) -> Option<char> {
    let key = section.string("key")?;
    let mut letters = key.value.chars();
    let letter = letters.next().filter(|it| letters.next().is_none() && is_key(*it));
    if letter.is_none() {
        let reason = "`key` has to be one letter, digit or sign, but not `/`";
        section.reader.problem(key.at, reason);
    }
    letter
}

/// Whether a character can be typed by itself, and is not the one that begins a filter.
fn is_key(letter: char) -> bool {
    letter != '/' && clean::line(&letter.to_string()).as_str().starts_with(letter)
}

/// A text, and what it asks for; what is wrong with it is noted on its own line.
fn checked(section: &Section<'_>, text: &Placed<&str>) -> (String, Vec<String>) {
    let cleaned = clean::typed(text.value);
    let asked = match Template::parse(&cleaned) {
        Ok(template) => template.asked().to_vec(),
        Err(TemplateFault { line, reason }) => {
            let line = section.reader.first_line(text.at) + line.saturating_sub(1);
            section.reader.problem_in(line, format!("`text`: {reason}"));
            Vec::new()
        }
    };
    (cleaned, asked)
}

/// Tags as the server stores them.
fn tags(section: &mut Section<'_>, key: &'static str) -> Vec<Line> {
    let given = section.strings(key).map(|it| it.value).unwrap_or_default();
    let mut tags = Vec::new();
    for Placed { value, at } in given {
        let tag = clean::line(&stored_tag(value));
        if tag.is_empty() {
            section.reader.problem(at, format!("`{key}` has an empty tag"));
        } else if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}

fn wanted(given: NumberOr<'_>) -> Wanted {
    match given {
        NumberOr::Number(number) => Wanted::Number(number),
        NumberOr::Title(title) => Wanted::Title(title.trim().to_owned()),
    }
}
