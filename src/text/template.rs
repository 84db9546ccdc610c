//! The texts of macros: templates with placeholders, filled in for a ticket.
//!
//! `{{ contact.first_name }}` is a placeholder. The agent is asked for `[[order number]]`. `{% if …
//! %}` and `{% for … %}` work as in minijinja. Templates reach no file, no include and no clock. A
//! missing value is a gap unless the template gives a default, and a text with gaps is
//! not used at all.
//!
//! The value of a placeholder comes out as text: it is not read as a template, and no mark of
//! Markdown acts in it (`markdown::inert`). Marks belong in the text around it.

mod scan;

use std::{collections::BTreeMap, ops::Range};

use minijinja::{
    Environment, ErrorKind, Output, OutputSpanKind, State, UndefinedBehavior, syntax::SyntaxConfig,
    value::ValueKind,
};

use super::{clean, markdown};
use crate::domain::plan::macros::{PLACEHOLDERS, PlaceholderValue, Values};

/// The most steps that filling in may take: a text of a page takes some hundred.
const STEPS: u64 = 20_000;

/// The most characters that may come out.
const MOST: usize = 200_000;

/// The most bytes of a template.
const MOST_SOURCE: usize = 64 * 1024;

/// The placeholder whose marks of quotes act.
const QUOTE: &str = "quote";

/// The name under which a template finds the agent's answers.
const ASKED: &str = "asked";

/// A text with placeholders that can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    source: String,
    asked: Vec<String>,
}

/// What is wrong with a template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct TemplateFault {
    /// The line of the text, from 1.
    pub line: usize,
    /// What is wrong.
    pub reason: String,
}

/// Why a text is not filled in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfilled {
    /// These values are missing; never empty.
    #[error("{}", .0.join(", "))]
    Gaps(Vec<String>),
    /// The template does not work.
    #[error(transparent)]
    Fault(#[from] TemplateFault),
}

impl Template {
    /// Reads a template, and tries it with every value present.
    ///
    /// # Errors
    /// If it is no template, names an unknown placeholder, or does not end.
    pub fn parse(text: &str) -> Result<Self, TemplateFault> {
        if text.len() > MOST_SOURCE {
            let reason = format!("the text is longer than {} KiB", MOST_SOURCE >> 10);
            return Err(TemplateFault { line: 1, reason });
        }
        let template = scan::read(&clean::typed(text))?;
        let environment = environment();
        let read = environment.template_from_str(&template.source);
        let read = read.map_err(|error| template.fault(&error))?;
        let all = names(&environment, &read);
        if let Some(name) = all.iter().find(|it| !is_known(it)) {
            return Err(template.unknown(name));
        }
        let tried = read.render(template.context(&Values::default(), &BTreeMap::new(), &all, ""));
        match tried {
            Err(error) if !is_of_values(error.kind()) => Err(template.fault(&error)),
            _ => Ok(template),
        }
    }

    /// The questions that the agent is asked, each once, in the order of the text.
    pub fn asked(&self) -> &[String] {
        &self.asked
    }

    /// Whether the text asks for one of these placeholders, or for a group that holds one.
    pub fn mentions(&self, placeholders: &[&str]) -> bool {
        let environment = environment();
        let read = environment.template_from_str(&self.source);
        let all = read.map(|it| names(&environment, &it)).unwrap_or_default();
        all.iter().any(|name| {
            let group = format!("{name}.");
            placeholders.iter().any(|it| it == name || it.starts_with(&group))
        })
    }

    /// The text for a ticket, Markdown. `answers` belong to the questions of
    /// [`asked`](Self::asked).
    ///
    /// # Errors
    /// All missing values, or why the template does not work with these values.
    pub fn fill(
        &self,
        values: &Values,
        answers: &BTreeMap<String, String>,
    ) -> Result<String, Unfilled> {
        match self.run(&self.context(values, answers, &[], "")) {
            Ok((text, values)) => finished(&text, &values),
            Err(error) if error.kind() == ErrorKind::UndefinedError => {
                Err(Unfilled::Gaps(self.gaps(values, answers, &error)))
            }
            Err(error) => Err(self.fault(&error).into()),
        }
    }

    /// The names of the missing values that the text can't do without. For each, the text is tried
    /// without it while all others are there.
    fn gaps(
        &self,
        values: &Values,
        answers: &BTreeMap<String, String>,
        error: &minijinja::Error,
    ) -> Vec<String> {
        let environment = environment();
        let read = environment.template_from_str(&self.source);
        let all = read.map(|it| names(&environment, &it)).unwrap_or_default();
        let needs = |name: &&String| {
            let without = self.context(values, answers, &all, name);
            self.run(&without).is_err_and(|it| it.kind() == ErrorKind::UndefinedError)
        };
        let missing = all.iter().filter(needs).map(|it| self.for_people(it));
        let gaps: Vec<String> = missing.collect();
        match gaps.is_empty() {
            true => vec![format!("value in line {} of the text", error.line().unwrap_or(1))],
            false => gaps,
        }
    }

    /// The result, and the places of the values in it.
    fn run(
        &self,
        context: &minijinja::Value,
    ) -> Result<(String, Vec<Range<usize>>), minijinja::Error> {
        let environment = environment();
        let template = environment.template_from_str(&self.source)?;
        let (text, spans) = template.render_with_spans(context.clone())?;
        let mut values = Vec::new();
        for span in spans.iter().filter(|it| it.kind() == OutputSpanKind::Expression) {
            let range = span.output_range();
            let expression = self.source.get(span.source_range()).unwrap_or_default();
            match expression.trim_start().starts_with(QUOTE) {
                true => values.extend(scan::quoted(&text, range)),
                false => values.push(range),
            }
        }
        Ok((text, values))
    }

    /// The values that the template sees. Missing values of `filled` are made up, except for
    /// `without`.
    fn context(
        &self,
        values: &Values,
        answers: &BTreeMap<String, String>,
        filled: &[String],
        without: &str,
    ) -> minijinja::Value {
        let mut all: BTreeMap<String, minijinja::Value> = BTreeMap::new();
        for name in filled.iter().filter(|it| *it != without) {
            all.insert(name.clone(), minijinja::Value::from("x"));
        }
        for (name, value) in values.iter() {
            all.insert(name.to_owned(), known(value));
        }
        for (index, question) in self.asked.iter().enumerate() {
            let answer = answers.get(question).filter(|it| !it.trim().is_empty());
            if let Some(answer) = answer {
                let answer = PlaceholderValue::Text(answer.trim().to_owned());
                all.insert(format!("{ASKED}.q{index}"), known(&answer));
            }
        }
        nested(all)
    }

    fn for_people(&self, name: &str) -> String {
        let index = name.strip_prefix("asked.q").and_then(|it| it.parse::<usize>().ok());
        index.and_then(|it| self.asked.get(it)).map_or_else(|| name.to_owned(), Clone::clone)
    }

    fn fault(&self, error: &minijinja::Error) -> TemplateFault {
        let line = error.line().unwrap_or(1);
        let reason = match error.kind() {
            ErrorKind::OutOfFuel => {
                format!("it comes to no end: it was stopped after {STEPS} steps")
            }
            kind => match error.detail() {
                Some(detail) => format!("{kind}: {detail}"),
                None => kind.to_string(),
            },
        };
        TemplateFault { line, reason: clean::line(&reason).to_string() }
    }

    fn unknown(&self, name: &str) -> TemplateFault {
        let last = name.rsplit('.').next().unwrap_or(name);
        let line = self.source.lines().position(|line| line.contains(last)).map_or(1, |it| it + 1);
        let alike = PLACEHOLDERS
            .iter()
            .map(|it| (strsim::jaro_winkler(it, name), it))
            .filter(|(likeness, _)| *likeness > 0.75)
            .max_by(|a, b| a.0.total_cmp(&b.0));
        let mut reason = format!("there is no placeholder `{name}`");
        if let Some((_, alike)) = alike {
            reason.push_str(&format!("; did you mean `{alike}`?"));
        }
        TemplateFault { line, reason }
    }
}

fn finished(text: &str, values: &[Range<usize>]) -> Result<String, Unfilled> {
    if text.chars().count() > MOST {
        let reason = format!("more than {MOST} characters come out of it");
        return Err(TemplateFault { line: 1, reason }.into());
    }
    Ok(markdown::inert(text, values).trim_end().to_owned())
}

/// Whether a placeholder of this name may have a value, or a group of them.
fn is_known(name: &str) -> bool {
    let group = format!("{name}.");
    let is = |it: &&str| **it == *name || it.starts_with(&group);
    name == ASKED || name.starts_with("asked.q") || PLACEHOLDERS.iter().any(is)
}

/// Whether a template that fails with this error may still work with other values.
fn is_of_values(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::InvalidOperation | ErrorKind::UndefinedError)
}

/// All that a template asks for by name, in order.
fn names(environment: &Environment<'_>, read: &minijinja::Template<'_, '_>) -> Vec<String> {
    let is_own = |name: &String| environment.globals().any(|(global, _)| name == global);
    let names = read.undeclared_variables(true);
    let mut names: Vec<String> = names.into_iter().filter(|it| !is_own(it)).collect();
    names.sort();
    names
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    environment.set_fuel(Some(STEPS));
    // A block on a line of its own leaves no line.
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    environment.set_syntax(syntax.unwrap_or_default());
    environment.set_formatter(write);
    environment.remove_global("debug");
    environment
}

/// Writes a value, and several with commas between them.
fn write(
    out: &mut Output<'_>,
    _: &mut State<'_, '_>,
    value: &minijinja::Value,
) -> Result<(), minijinja::Error> {
    let text = match value.kind() {
        ValueKind::Undefined | ValueKind::None => return Err(ErrorKind::UndefinedError.into()),
        ValueKind::Seq | ValueKind::Iterable => {
            let items: Vec<String> = value.try_iter()?.map(|it| it.to_string()).collect();
            items.join(", ")
        }
        ValueKind::String | ValueKind::Number | ValueKind::Bool => value.to_string(),
        kind => {
            let detail = format!("a {kind} is no text");
            return Err(minijinja::Error::new(ErrorKind::NonPrimitive, detail));
        }
    };
    out.write_str(&text).map_err(|_| ErrorKind::WriteFailure.into())
}

/// A value as templates see it, cleaned.
fn known(value: &PlaceholderValue) -> minijinja::Value {
    let clean = |text: &String| minijinja::Value::from(clean::typed(text));
    match value {
        PlaceholderValue::Text(text) => clean(text),
        PlaceholderValue::Number(number) => minijinja::Value::from(*number),
        PlaceholderValue::List(items) => items.iter().map(clean).collect(),
    }
}

/// Names with dots as maps within maps: `contact.name` is `name` in `contact`. Each group exists
/// even if it is empty, so a value missing from it is a gap, and can have a default.
fn nested(all: BTreeMap<String, minijinja::Value>) -> minijinja::Value {
    let groups = PLACEHOLDERS.iter().filter_map(|it| it.split_once('.')).map(|it| it.0);
    let mut maps: BTreeMap<String, BTreeMap<String, minijinja::Value>> =
        groups.chain([ASKED]).map(|it| (it.to_owned(), BTreeMap::new())).collect();
    let mut plain = BTreeMap::new();
    for (name, value) in all {
        match name.split_once('.') {
            Some((group, rest)) => {
                maps.entry(group.to_owned()).or_default().insert(rest.to_owned(), value);
            }
            None if !maps.contains_key(&name) => drop(plain.insert(name, value)),
            None => {}
        }
    }
    let maps = maps.into_iter().map(|(name, map)| (name, minijinja::Value::from(map)));
    let all: BTreeMap<String, minijinja::Value> = maps.chain(plain).collect();
    minijinja::Value::from(all)
}

#[cfg(test)]
mod tests;
