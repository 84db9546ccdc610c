//! Themes: the colours of the console, from the files that are shipped, the user's own, and `[colors]`.

use std::{fs, path::Path};

use super::{
    console::choice,
    file::File,
    problem::ConfigError,
    profile::is_profile_name,
    sections::{NumberOr, Placed, Reader, Section, alike},
};
use crate::domain::look::{Ground, Paint, Role, Scheme, TINTS, Tint};

/// The themes that are shipped.
const SHIPPED: [(&str, &str); 4] = [
    ("dark", include_str!("../../assets/themes/dark.toml")),
    ("light", include_str!("../../assets/themes/light.toml")),
    ("high-contrast", include_str!("../../assets/themes/high-contrast.toml")),
    ("catppuccin", include_str!("../../assets/themes/catppuccin.toml")),
];

/// The name that stands for the theme of the terminal's ground.
pub(super) const AUTO: &str = "auto";

/// The folder of the user's own themes, beside the configuration file.
const FOLDER: &str = "themes";

/// The colours of the console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThemeSection {
    /// The name of the theme.
    pub name: String,
    /// The colours that the user has set by role.
    pub colors: Vec<(Role, Paint)>,
    dark: Scheme,
    light: Scheme,
    chosen: Option<Scheme>,
}

impl Default for ThemeSection {
    fn default() -> Self {
        Self {
            name: AUTO.to_owned(),
            colors: Vec::new(),
            dark: shipped("dark").unwrap_or_default(),
            light: shipped("light").unwrap_or_default(),
            chosen: None,
        }
    }
}

impl ThemeSection {
    /// The section that names a shipped theme.
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), chosen: shipped(name), ..Self::default() }
    }

    /// Whether the ground of the terminal decides.
    pub fn is_auto(&self) -> bool {
        self.chosen.is_none()
    }

    /// The look on a terminal of this ground. Where the ground decides and is not known, the look has no
    /// colours of its own: the sixteen of the terminal are readable on its ground.
    pub fn look(&self, ground: Option<Ground>) -> Scheme {
        let look = match (&self.chosen, ground) {
            (Some(chosen), _) => chosen.clone(),
            (None, Some(Ground::Dark)) => self.dark.clone(),
            (None, Some(Ground::Light)) => self.light.clone(),
            (None, None) => Scheme::default(),
        };
        look.with(&self.colors)
    }
}

/// A theme that is shipped.
pub fn shipped(name: &str) -> Option<Scheme> {
    let (_, source) = SHIPPED.iter().find(|(it, _)| *it == name)?;
    Some(parse(source, Path::new(name)).0)
}

/// The names of the themes that are shipped.
pub fn shipped_names() -> impl Iterator<Item = &'static str> {
    SHIPPED.iter().map(|(name, _)| *name)
}

/// The names of the themes in the folder beside the configuration.
fn own_names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder.join(FOLDER)).into_iter().flatten().flatten();
    let name = |path: &Path| {
        let is_theme = path.extension().is_some_and(|it| it == "toml");
        path.file_stem().filter(|_| is_theme)?.to_str().map(str::to_owned)
    };
    let mut names: Vec<String> = entries.filter_map(|entry| name(&entry.path())).collect();
    names.sort();
    names
}

/// Reads the theme of that name. A file of the user's own takes the place of a shipped theme.
fn named(name: &str, folder: &Path) -> Option<Result<Scheme, ConfigError>> {
    if !is_profile_name(name) {
        return None;
    }
    let path = folder.join(FOLDER).join(format!("{name}.toml"));
    match File::source(&path) {
        Ok(Some(source)) => Some(match parse(&source, &path) {
            (look, None) => Ok(completed(look)),
            (_, Some(error)) => Err(error),
        }),
        Ok(None) => shipped(name).map(Ok),
        Err(error) => Some(Err(error)),
    }
}

/// Reads what the user has chosen: `theme`, and the section `[colors]`.
pub(super) fn read(
    theme: Option<Placed<&str>>,
    colors: Option<Section<'_>>,
    reader: &Reader<'_>,
    folder: &Path,
) -> ThemeSection {
    let mut section = ThemeSection::default();
    if let Some(colors) = colors {
        section.colors = paints(&colors);
    }
    let at = theme.as_ref().map_or(0, |theme| theme.at);
    let take = |name: &str| match named(name, folder)? {
        Ok(look) => Some(look),
        Err(error) => {
            for line in error.to_string().lines() {
                reader.problem(at, format!("the theme \"{name}\" can't be used: {line}"));
            }
            None
        }
    };
    match theme {
        Some(theme) if theme.value != AUTO => {
            section.name = theme.value.to_owned();
            let known = named(theme.value, folder).is_some();
            section.chosen = take(theme.value);
            if !known {
                reader.problem(theme.at, unknown(theme.value, folder));
            }
        }
        _ => {
            section.dark = take("dark").unwrap_or(section.dark);
            section.light = take("light").unwrap_or(section.light);
        }
    }
    section
}

fn unknown(name: &str, folder: &Path) -> String {
    let own = own_names(folder);
    let mut names: Vec<&str> = own.iter().map(String::as_str).collect();
    names.splice(0..0, SHIPPED.iter().map(|(name, _)| *name));
    names.insert(0, AUTO);
    let mut reason = format!("there is no theme \"{name}\"");
    match alike(name, &names) {
        Some(alike) => reason.push_str(&format!("; did you mean \"{alike}\"?")),
        None => reason.push_str(&format!("; there is {}", names.join(", "))),
    }
    let folder = folder.join(FOLDER);
    reason.push_str(&format!(" Themes of your own are files in {}", folder.display()));
    reason
}

/// Reads the text of a theme.
fn parse(source: &str, path: &Path) -> (Scheme, Option<ConfigError>) {
    let reader = Reader::new(source);
    let look = {
        let table = reader.parse();
        theme(Section::root(&reader, table.get_ref()))
    };
    (look, reader.finish(path).err())
}

fn theme(mut root: Section<'_>) -> Scheme {
    let grounds = [("dark", Ground::Dark), ("light", Ground::Light)];
    let ground = match root.string("ground") {
        Some(word) => choice(&root, "ground", &word, &grounds),
        None => {
            root.reader.problem(root.at, "`ground` is missing: \"dark\" or \"light\"");
            None
        }
    };
    let mut tint = |key: &'static str| {
        let word = root.string(key)?;
        self::tint(word.value).map_err(|reason| root.reader.problem(word.at, reason)).ok()
    };
    let (text, background) = (tint("text"), tint("background"));
    let mut look = Scheme { ground, text, background, ..Scheme::default() };
    if text.is_some() != background.is_some() {
        let reason = "`text` and `background` need each other: one alone may be unreadable";
        root.reader.problem(root.at, reason);
    }
    if let Some(colors) = root.section("colors") {
        look = look.with(&paints(&colors));
    }
    root.finish();
    look
}

/// The look, with the colours of the shipped theme for the same ground where it has none.
fn completed(look: Scheme) -> Scheme {
    let base = match look.ground {
        Some(Ground::Light) => shipped("light"),
        _ => shipped("dark"),
    };
    Scheme { paints: base.unwrap_or_default().with(&look.paints).paints, ..look }
}

/// The colours of a section, by the roles that they are for.
fn paints(section: &Section<'_>) -> Vec<(Role, Paint)> {
    let names: Vec<&str> = Role::ALL.iter().map(|role| role.name()).collect();
    let mut paints = Vec::new();
    for (name, value) in section.named_numbers_or_strings(0..=255) {
        let Some(role) = Role::ALL.iter().find(|role| role.name() == name.value) else {
            let mut reason = format!("there is no role `{}`", name.value);
            match alike(name.value, &names) {
                Some(alike) => reason.push_str(&format!("; did you mean `{alike}`?")),
                None => reason.push_str("; docs/themes.md lists the roles"),
            }
            section.reader.problem(name.at, reason);
            continue;
        };
        let paint = match value.value {
            NumberOr::Number(number) => {
                Ok(Paint { text: u8::try_from(number).ok().map(Tint::Numbered), block: None })
            }
            NumberOr::Title(words) => paint(words),
        };
        match paint {
            Ok(paint) => paints.push((*role, paint)),
            Err(reason) => {
                section.reader.problem(value.at, format!("`{}`: {reason}", role.name()));
            }
        }
    }
    paints
}

/// The colours that words stand for: a colour, or a colour "on" another one.
fn paint(words: &str) -> Result<Paint, String> {
    match words.split_once(" on ") {
        Some((text, block)) => {
            Ok(Paint { text: Some(tint(text.trim())?), block: Some(tint(block.trim())?) })
        }
        None => Ok(Paint { text: Some(tint(words.trim())?), block: None }),
    }
}

/// The colour that a word stands for.
fn tint(word: &str) -> Result<Tint, String> {
    if word == "default" {
        return Ok(Tint::Default);
    }
    if let Some(number) = TINTS.iter().position(|name| *name == word) {
        return Ok(Tint::Numbered(u8::try_from(number).unwrap_or(0)));
    }
    if let Ok(number) = word.parse() {
        return Ok(Tint::Numbered(number));
    }
    // The parser cuts between bytes, which fails in the middle of a letter.
    let is_hex = word.len() == 7 && word.bytes().skip(1).all(|it| it.is_ascii_hexdigit());
    let color = is_hex.then(|| xterm_color::Color::parse(word.as_bytes()).ok()).flatten();
    if let Some(color) = color {
        let [red, green, blue] = [color.red, color.green, color.blue].map(|it| it.to_be_bytes()[0]);
        return Ok(Tint::Rgb(red, green, blue));
    }
    let mut reason = format!("\"{word}\" is no colour");
    match alike(word, &TINTS) {
        Some(alike) => reason.push_str(&format!("; did you mean \"{alike}\"?")),
        None => reason.push_str(
            "; a colour is \"#89b4fa\", a name such as \"bright-blue\", a number from 0 to 255, or \
             \"default\"",
        ),
    }
    Err(reason)
}

#[cfg(test)]
mod tests;
