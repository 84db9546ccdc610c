//! The parts of the program know of each other what `docs/architecture.md` says, and no more.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use syn::{Attribute, Item, ItemMod, Macro, UseTree, Visibility, visit::Visit};

/// Crates that only these parts know.
const CRATES: &[(&str, &[&str])] = &[
    ("axum", &["sandbox"]),
    ("clap", &["cli"]),
    ("anyhow", &["cli", "runtime", "main"]),
    ("crossterm", &["app", "runtime", "terminal"]),
    ("html2text", &["text"]),
    ("ratatui", &["app", "ui", "terminal"]),
    ("reqwest", &["api"]),
    ("rusqlite", &["sandbox", "store"]),
    (
        "tokio",
        &["api", "cli", "config", "programs", "runtime", "sandbox", "store", "terminal", "worker"],
    ),
];

/// The parts that do no I/O and read no clock.
const PURE: &[&str] = &["domain", "desk", "text", "app", "ui"];

/// Where a type may have the name of another one: what goes over the wire is named like what it becomes,
/// and the server stands apart.
const APART: &[&str] = &["sandbox", "api/wire.rs"];

/// Names that two types of the core still share.
const SHARED: &[&str] = &["Hand", "Kind", "Step"];

/// The folders of `app/` that have a file for each surface: what has keys of its own on screen.
const SURFACES: &[&str] = &["panes", "popups", "screens"];

/// The files there that belong to no surface.
const OF_NO_SURFACE: &[&str] = &["frame"];

/// The files of the core that surfaces use and that know surfaces all the same. `act` keeps the list in
/// order; `hits` and `layout` work out the places of all panes.
const KNOW_BOTH: &[&str] = &["act", "hits", "layout"];

/// What they would do it with.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::io",
    "std::net",
    "std::process",
    "std::env",
    "std::time::Instant",
    "std::time::SystemTime",
    "Instant::now",
    "SystemTime::now",
    "Timestamp::now",
    "Zoned::now",
    "TimeZone::system",
];

/// A file of the program.
struct Source {
    /// The part that it belongs to: a folder or a file in `src`.
    part: String,
    /// Its place in `src`.
    place: PathBuf,
    /// The paths that it names, but for its tests.
    paths: BTreeSet<String>,
    /// The types that it has for other files.
    types: BTreeSet<String>,
}

impl Source {
    fn of(place: PathBuf) -> Self {
        let first = place.iter().next().and_then(|it| it.to_str()).expect("a name");
        let part = first.trim_end_matches(".rs").to_owned();
        let file = syn::parse_file(&read(&format!("src/{}", place.display()))).expect("Rust");
        let (mut paths, mut types) = (Paths::default(), Types::default());
        paths.visit_file(&file);
        types.visit_file(&file);
        Self { part, place, paths: paths.0, types: types.0 }
    }

    /// The module that it is, as the names on the way to it.
    fn module(&self) -> Vec<String> {
        let names = self.place.iter().filter_map(|it| it.to_str());
        names.map(|it| it.trim_end_matches(".rs").to_owned()).filter(|it| it != "mod").collect()
    }

    /// The paths of the program that it names, from the crate on.
    fn paths_in_full(&self) -> impl Iterator<Item = Vec<String>> {
        let here = self.module();
        self.paths.iter().filter_map(move |path| {
            let mut names = path.split("::").map(str::to_owned).peekable();
            let mut from = here.clone();
            match names.next()?.as_str() {
                "crate" => from.clear(),
                "self" => {}
                "super" => {
                    from.pop();
                }
                _ => return None,
            }
            while names.next_if(|it| it == "super").is_some() {
                from.pop();
            }
            Some(from.into_iter().chain(names).collect())
        })
    }

    /// The surface that it belongs to: a folder of surfaces, and its name there.
    fn surface(&self) -> Option<(String, String)> {
        match &self.module()[..] {
            [app, folder, name, ..] if app == "app" && SURFACES.contains(&folder.as_str()) => {
                Some((folder.clone(), name.clone()))
            }
            _ => None,
        }
    }

    /// How many modules it is below the crate.
    fn depth(&self) -> usize {
        self.place.iter().count() - usize::from(self.place.ends_with("mod.rs"))
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(name: &str) -> String {
    fs::read_to_string(root().join(name)).expect("a file of the project")
}

/// The program's files, but for those of tests.
static SOURCES: LazyLock<Vec<Source>> = LazyLock::new(|| {
    let (mut folders, mut found) = (vec![root().join("src")], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder of the project") {
            let path = entry.expect("an entry of a folder").path();
            let name = path.file_stem().and_then(|it| it.to_str()).expect("a name");
            if name.ends_with("tests") {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "rs") {
                let place = path.strip_prefix(root().join("src")).expect("a place in src");
                found.push(Source::of(place.to_owned()));
            }
        }
    }
    found
});

/// The paths that a text names, in full as far as it says.
#[derive(Default)]
struct Paths(BTreeSet<String>);

impl Paths {
    fn tree(&mut self, before: &str, tree: &UseTree) {
        let joined = |name: &dyn ToString| match before {
            "" => name.to_string(),
            before => format!("{before}::{}", name.to_string()),
        };
        match tree {
            UseTree::Path(path) => self.tree(&joined(&path.ident), &path.tree),
            UseTree::Name(name) => drop(self.0.insert(joined(&name.ident))),
            UseTree::Rename(name) => drop(self.0.insert(joined(&name.ident))),
            UseTree::Glob(_) => drop(self.0.insert(joined(&"*"))),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.tree(before, tree)),
        }
    }
}

fn is_of_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|it| {
        it.path().is_ident("cfg")
            && it.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test"))
    })
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        if !is_of_tests(&module.attrs) {
            syn::visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.tree("", &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names: Vec<String> = path.segments.iter().map(|it| it.ident.to_string()).collect();
        self.0.insert(names.join("::"));
        syn::visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, called: &'ast Macro) {
        self.visit_path(&called.path);
        // What stands in a macro is not parsed: every run of names joined by colons is a path.
        let tokens = called.tokens.to_string().replace(" :: ", "::");
        let is_path = |it: &&str| it.contains("::");
        let split = |it: char| !it.is_alphanumeric() && it != '_' && it != ':';
        self.0.extend(tokens.split(split).filter(is_path).map(str::to_owned));
    }
}

/// The types that a file has for others: those that are not its own alone.
#[derive(Default)]
struct Types(BTreeSet<String>);

impl<'ast> Visit<'ast> for Types {
    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        if !is_of_tests(&module.attrs) {
            syn::visit::visit_item_mod(self, module);
        }
    }

    fn visit_item(&mut self, item: &'ast Item) {
        let (seen, name) = match item {
            Item::Struct(it) => (&it.vis, &it.ident),
            Item::Enum(it) => (&it.vis, &it.ident),
            Item::Trait(it) => (&it.vis, &it.ident),
            Item::Type(it) => (&it.vis, &it.ident),
            _ => return syn::visit::visit_item(self, item),
        };
        if !matches!(seen, Visibility::Inherited) {
            self.0.insert(name.to_string());
        }
    }
}

fn architecture() -> String {
    read("docs/architecture.md")
}

/// The parts and those that each may use, as the table says; `None` for all.
fn table() -> BTreeMap<String, Option<BTreeSet<String>>> {
    let text = architecture();
    let rows = text.lines().skip_while(|line| !line.starts_with("| part |")).skip(2);
    rows.take_while(|line| line.starts_with('|'))
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            let part = cells[0].trim_matches('`').trim_end_matches(['/']).trim_end_matches(".rs");
            let may = (cells[2] != "everything").then(|| {
                cells[2].split(", ").filter(|it| !it.is_empty()).map(str::to_owned).collect()
            });
            (part.to_owned(), may)
        })
        .collect()
}

fn hold(faults: &BTreeSet<String>) {
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn each_part_uses_only_those_that_the_table_names() {
    let table = table();
    let mut faults = BTreeSet::new();
    for source in SOURCES.iter().filter(|it| it.part != "main" && it.part != "lib") {
        let may = table.get(&source.part);
        let may = may.unwrap_or_else(|| panic!("{} is not in the table", source.part));
        let Some(may) = may else { continue };
        let up = "super::".repeat(source.depth());
        let within = |path: &'static String| {
            path.strip_prefix("crate::")
                .or(path.strip_prefix(&up))
                .and_then(|it| it.split("::").next())
        };
        for used in source.paths.iter().filter_map(within).filter(|it| table.contains_key(*it)) {
            if used != source.part && !may.contains(used) {
                faults.insert(format!("{}: {used}", source.place.display()));
            }
        }
    }
    hold(&faults);
}

#[test]
fn the_table_names_parts_that_there_are() {
    let parts: BTreeSet<&String> = SOURCES.iter().map(|it| &it.part).collect();
    for (part, may) in table() {
        assert!(parts.contains(&part), "{part} is in the table only");
        for used in may.into_iter().flatten() {
            assert!(parts.contains(&used), "{part} may use {used}, which is not there");
        }
    }
}

#[test]
fn a_crate_stays_in_the_parts_that_it_is_for() {
    let mut faults = BTreeSet::new();
    for source in &*SOURCES {
        for used in &source.paths {
            let first = used.split("::").next();
            let only = CRATES.iter().find(|(name, _)| Some(*name) == first);
            if only.is_some_and(|(_, parts)| !parts.contains(&source.part.as_str())) {
                faults.insert(format!("{}: {used}", source.place.display()));
            }
        }
    }
    hold(&faults);
}

#[test]
fn the_core_does_no_io_and_reads_no_clock() {
    let mut faults = BTreeSet::new();
    for source in SOURCES.iter().filter(|it| PURE.contains(&it.part.as_str())) {
        for used in &source.paths {
            if IMPURE.iter().any(|it| format!("::{used}::").contains(&format!("::{it}::"))) {
                faults.insert(format!("{}: {used}", source.place.display()));
            }
        }
    }
    hold(&faults);
}

#[test]
fn a_surface_names_no_other() {
    let mut faults = BTreeSet::new();
    for source in &*SOURCES {
        let Some((folder, name)) = source.surface() else { continue };
        let is_other = |path: &Vec<String>| match &path[..] {
            [app, other, module, ..] if app == "app" && SURFACES.contains(&other.as_str()) => {
                // A type that the folder itself has for all begins with a capital.
                (other, module) != (&folder, &name)
                    && !OF_NO_SURFACE.contains(&module.as_str())
                    && !module.starts_with(char::is_uppercase)
            }
            [app, all, one, ..] => app == "app" && all == "Popup" && one != "from",
            _ => false,
        };
        for path in source.paths_in_full().filter(is_other) {
            faults.insert(format!("{}: {}", source.place.display(), path.join("::")));
        }
    }
    hold(&faults);
}

#[test]
fn what_surfaces_use_knows_no_surface() {
    let surfaces = SOURCES.iter().filter(|it| it.surface().is_some());
    let used: BTreeSet<String> = surfaces
        .flat_map(Source::paths_in_full)
        .filter(|path| path.first().is_some_and(|it| it == "app"))
        .filter_map(|path| path.get(1).cloned())
        .collect();
    let mut know = BTreeSet::new();
    for source in &*SOURCES {
        let module = source.module();
        let [app, name, ..] = &module[..] else { continue };
        if app != "app" || !used.contains(name) || SURFACES.contains(&name.as_str()) {
            continue;
        }
        let knows = |path: Vec<String>| path.get(1).is_some_and(|it| SURFACES.contains(&&**it));
        if source.paths_in_full().filter(|it| it.first() == Some(app)).any(knows) {
            know.insert(name.clone());
        }
    }
    let known: BTreeSet<String> = KNOW_BOTH.iter().map(|it| (*it).to_owned()).collect();
    assert_eq!(know, known);
}

#[test]
fn a_name_is_used_for_one_type() {
    let mut named: BTreeMap<&String, Vec<String>> = BTreeMap::new();
    let is_apart = |it: &&Source| APART.iter().any(|apart| it.place.starts_with(apart));
    for source in SOURCES.iter().filter(|it| !is_apart(it)) {
        for name in &source.types {
            named.entry(name).or_default().push(source.place.display().to_string());
        }
    }
    let is_twice = |name: &str, places: &[String]| places.len() > 1 && !SHARED.contains(&name);
    let twice = named.into_iter().filter(|(name, places)| is_twice(name, places));
    hold(&twice.map(|(name, places)| format!("{name}: {}", places.join(", "))).collect());
}

#[test]
fn only_the_commands_print() {
    const PRINTING: &[&str] = &["print", "println", "eprint", "eprintln"];
    let prints = |it: &&Source| PRINTING.iter().any(|printing| it.paths.contains(*printing));
    let others = SOURCES.iter().filter(|it| it.part != "cli");
    hold(&others.filter(prints).map(|it| it.place.display().to_string()).collect());
}

#[test]
fn the_files_that_the_page_names_are_there() {
    let text = architecture();
    let names = text.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
    for name in names.filter(|it| it.trim_end_matches('/').contains('/')) {
        let (before, rest) = name.split_once('{').unwrap_or((name, ""));
        let (names, after) = rest.split_once('}').unwrap_or(("", rest));
        for name in names.split(',') {
            let name = format!("{before}{name}{after}");
            let places = ["src", "docs", ""].map(|it| root().join(it).join(&name));
            assert!(places.iter().any(|it| it.exists()), "`{name}`");
        }
    }
}
