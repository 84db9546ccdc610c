//! The table of commands is the truth: each of its rows does something where it says so, and what is
//! written of keys elsewhere is what the table says.

use growdesk::{
    app::{
        Effect, Message, Settings,
        command::{Command, ConsoleCommand, ReviewCommand, Scope, Spec, TABLE},
        hints::hints,
        keymap::{Binding, KeyMap},
        notice::Notices,
        popups::frame::Edge,
    },
    desk::{Report, Work},
    domain::{
        AllDrafts, Directory, Draft, DraftId, DraftKey, DraftKind, State, Status, StatusId,
        TicketId, View, Writer,
    },
};

use crate::{
    conflict, overtaken, queue,
    support::{
        console::{Console, parse},
        desk, macros,
    },
};

/// A text of more lines than the pane has rows.
fn long() -> String {
    "line<enter><enter>".repeat(40)
}

pub(crate) fn after(keys: &str) -> Console {
    let views = [View::builtin(), View::builtin()].concat();
    let settings = Settings { views, ..desk::settings() };
    let mut console = Console::with(settings, 100, 30).fill();
    let macros = macros::all();
    console.send(Message::Macros { macros, problems: Vec::new() });
    console.keys(keys).rest();
    console
}

/// A reply that another console writes.
fn watched(kind: DraftKind, key: &str) -> Console {
    let key_of = DraftKey::new(Some(TicketId(1035)), kind);
    let writer = Writer {
        agent: "Anna".into(),
        process: 1,
        host: "desk-1".into(),
        console: 1,
        since: desk::now(),
    };
    let text = "Dear Nordlys".to_owned();
    let draft = Draft {
        key: key_of,
        id: DraftId(1),
        text,
        cursor: (0, 0),
        updated: desk::now(),
        changes: None,
    };
    let all = AllDrafts { drafts: vec![draft], writers: vec![(key_of, writer)], gone: vec![] };
    let mut console = after("");
    console.stalled = true;
    console.send(Report::Drafts(Box::new(all)));
    console.keys(key);
    console
}

/// A plan of more lines than there are rows, after these keys.
fn long_plan(keys: &str) -> Console {
    let mut console = after("6*phigh<enter>");
    console.send(Message::Resize { width: 100, height: 18 });
    console.keys(keys);
    console
}

/// The picker of macros, with a text of more lines than there are rows.
fn long_macro(keys: &str) -> Console {
    let text = "line\\n\\n".repeat(40);
    let macros = macros::of(&format!("[[macro]]\nname = \"Long\"\ntext = \"{text}\"\n"));
    let mut console = after("");
    console.send(Message::Macros { macros, problems: Vec::new() });
    console.keys(keys);
    console
}

/// A decision that is asked for, of more lines than there are rows.
fn decision() -> Console {
    let mut console = after("");
    let entries = queue(&mut console, &format!("r{}<c-s>", long()));
    console.settle(&entries[0], State::Decision { reason: overtaken() });
    console
}

fn decision_scrolled() -> Console {
    let mut console = decision();
    console.keys("<pagedown>");
    console
}

/// A step of which a part alone can be taken back.
fn half_step() -> Console {
    let mut console = after("");
    let entries = queue(&mut console, "rHello<c-s>");
    let recorded = State::Recorded { at: console.now, made: None, undo: None };
    console.settle(&entries[0], recorded);
    console.keys("z");
    console
}

/// The output of a command, of more lines than there are rows, scrolled by these keys.
fn output(keys: &str) -> Console {
    let mut console = crate::pipe::ended(after("|cat<enter>"), &"line\n".repeat(60), 0);
    console.keys(keys);
    console
}

/// The outbox with a decision, an entry and a draft, the cursor moved by these keys.
fn outbox(keys: &str) -> Console {
    let mut console = after("rThank you<esc><esc>");
    console.keys("phigh<enter>");
    let priority = console.queued();
    let reason = conflict(&priority[0].change);
    console.settle(&priority[0], State::Decision { reason });
    console.keys("<esc>s2").keys("go").keys(keys);
    console
}

/// A desk whose server has a status for each digit.
fn of_nine_statuses() -> Directory {
    let mut directory = desk::directory();
    for id in 6..=9 {
        let status = Status { id: StatusId(id), title: desk::line("Of our own") };
        directory.learn_status(&status);
    }
    directory
}

/// The question for the name of a view, where a view of the agent's own has that name.
fn name_taken() -> Console {
    let mut console = after("");
    let view = Box::new(View { name: "Mine".into(), ..View::builtin()[5].clone() });
    let written = Ok(Some("config.toml".to_owned()));
    console.send(Message::ViewSaved { view, from: String::new(), written });
    console.keys("6f1<enter><c-s>Mine<enter>");
    console
}

/// Consoles in which commands of a scope can be given.
fn consoles(scope: Scope) -> Vec<Console> {
    let all = |keys: &[&str]| keys.iter().map(|keys| after(keys)).collect::<Vec<_>>();
    let long = long();
    match scope {
        Scope::List => all(&["", "/vpn<enter>", "x"]),
        Scope::Dashboard => vec![crate::dashboard::counted(""), crate::dashboard::counted("llj")],
        Scope::Client => vec![crate::client::shown(""), crate::client::shown("G")],
        Scope::Board => all(&["gb", "gbl", "gbx"]),
        Scope::Conversation => all(&["/vpn<enter><enter><rest>", "/vpn<enter><enter><rest>kkk"]),
        // Wherever it works: in the list and in the conversation.
        Scope::Console => unreachable!("it works in others"),
        Scope::Editor => all(&["rHello", "rHello<c-_>"]),
        Scope::Review => {
            let taken = "mf<rest>1<enter>2<enter><rest><c-s>";
            let mut all = all(&[&format!("r{long}<c-s>"), &format!("r{long}<c-s><rest>G"), taken]);
            for console in &mut all {
                console.send(Report::Directory(Box::new(of_nine_statuses())));
            }
            all
        }
        Scope::Watch => vec![watched(DraftKind::Reply, "r")],
        Scope::Filter => all(&["/", "/p<down>", "?/key", "?/<down><down>"]),
        Scope::Picker => all(&["s", "t", "O", "f<enter>", "/vpn<enter>L"]),
        Scope::Macros => {
            let mut all = all(&["m", "m<down>", "m/"]);
            all.extend([long_macro("m<rest>"), long_macro("m<rest><pagedown>")]);
            all
        }
        Scope::Reword => {
            let text = "/10<enter>*mf<rest>1<enter>2<enter><rest>Je";
            all(&[&format!("6{text}!"), &format!("6{text}!<c-_>")])
        }
        Scope::Asked => all(&["mf", "mf1<tab>2"]),
        Scope::Form => {
            let mut all = all(&["N<tab>", "E<rest><tab><tab><tab>!"]);
            all.push(watched(DraftKind::Edit, "E<rest>"));
            all
        }
        Scope::Fields => all(&["f", "f<enter><down><enter>", "f<up>vpn"]),
        Scope::Naming => vec![after("6f1<enter><c-s>Mine"), name_taken()],
        Scope::Prompt => all(&["gi1042", "#1035"]),
        Scope::Reader => vec![after("?"), after("?jj<pagedown>"), outbox(""), outbox("jj")],
        Scope::Output => vec![output(""), output("<pagedown>")],
        Scope::Decision => {
            let proposed = crate::after(crate::proposals::proposed(80, 24), "go<enter>");
            vec![decision(), decision_scrolled(), proposed]
        }
        Scope::Plan => {
            let taken = "6/10<enter>*mf<rest>1<enter>2<enter><rest>J";
            let mut all = all(&["*s2", "xxx/vpn<enter>s2", "xxxs2J", taken]);
            all.extend(["", "<pagedown>"].map(long_plan));
            all
        }
        Scope::TakeBack => vec![half_step()],
        Scope::Discard => all(&["rHello<c-x>"]),
        Scope::Quit => all(&["s2q"]),
        Scope::Everywhere => all(&["", "rHello", "s", "?"]),
    }
}

/// Every surface, in its states.
pub(crate) fn surfaces() -> Vec<Console> {
    let own = Scope::ALL.iter().copied().filter(|scope| *scope != Scope::Console);
    let own = own.flat_map(consoles);
    let wider = [Scope::List, Scope::Conversation].into_iter().flat_map(console_states);
    own.chain(wider).collect()
}

/// A console in which the last action was taken back.
fn taken_back() -> Console {
    let mut console = after("s2");
    let entries = console.queued();
    console.keys("z");
    console.settle(&entries[0], State::TakenBack);
    console
}

/// Consoles in which commands of list and conversation can be given, in each of the two.
fn console_states(scope: Scope) -> Vec<Console> {
    let states = ["", "jjj", "2", "s2", "GG", "/p<enter>", "<down>", "xx<esc>"];
    let into = if scope == Scope::List { "" } else { "<enter><rest>" };
    let mut all: Vec<Console> = states.map(|keys| after(&format!("{keys}{into}"))).into();
    all.push(taken_back());
    all.last_mut().expect("it was pushed").keys(into);
    all.push(after(&format!("/vpn<enter>{into}gg")));
    all.push(after(&format!("/vpn<enter>{into}G")));
    let back = if scope == Scope::List { "<tab>" } else { "" };
    all.push(after(&format!("gs<rest>{back}")));
    all
}

/// What the model is, but for what is said.
pub(crate) fn state(console: &Console) -> String {
    let mut model = console.model.clone();
    model.notices = Notices::default();
    format!("{model:?}")
}

/// Whether pressing the first key of a row does more than saying something.
fn acts(console: &Console, spec: &Spec) -> bool {
    let mut pressed = console.clone();
    pressed.effects();
    let before = state(&pressed);
    for key in spec.keys[0].split(' ') {
        let key = if key.chars().count() == 1 { key.to_owned() } else { format!("<{key}>") };
        for key in parse(&key) {
            pressed.send(Message::Key(key));
        }
    }
    state(&pressed) != before || pressed.effects().iter().any(|it| !is_saving(it))
}

fn is_saving(effect: &Effect) -> bool {
    matches!(effect, Effect::Work(Work::SaveDraft { .. } | Work::Remember(_)))
}

#[test]
fn every_row_of_the_table_does_something_in_each_scope_that_it_names() {
    let mut idle = Vec::new();
    for scope in Scope::ALL.iter().copied().filter(|scope| *scope != Scope::Console) {
        let own = consoles(scope);
        for console in &own {
            let there = scope == Scope::Everywhere || console.model.scopes()[0] == scope;
            assert!(there, "{:?} is not {scope:?}:\n{}", console.model.scopes(), console.text());
        }
        let wider = match scope.wider() {
            Some(_) => console_states(scope),
            None => Vec::new(),
        };
        for spec in TABLE.iter().filter(|spec| scope.takes_from(spec.scope)) {
            let states = if spec.scope == scope { &own } else { &wider };
            if !states.iter().any(|console| acts(console, spec)) {
                idle.push(format!("{} in {scope:?}", spec.name));
            }
        }
    }
    assert!(idle.is_empty(), "these do nothing: {idle:?}");
}

/// The hints of a surface and the keys that it names at its edge promise nothing that is not done.
#[test]
fn what_a_hint_promises_is_done() {
    for scope in Scope::ALL.iter().copied().filter(|scope| *scope != Scope::Console) {
        for console in consoles(scope) {
            for hint in hints(&console.model).all {
                let scopes = console.model.scopes();
                let spec = TABLE.iter().find(|spec| {
                    scopes.contains(&spec.scope)
                        && console.model.keymap.keys_in(&scopes, spec.command).first()
                            == Some(&hint.key)
                });
                // A range of keys is no key.
                let Some(spec) = spec else { continue };
                let said = {
                    let mut pressed = console.clone();
                    pressed.keys(&hint_keys(spec));
                    pressed.styled() != console.styled()
                };
                assert!(said || acts(&console, spec), "{} in {scope:?} is hinted at", spec.name);
            }
        }
    }
}

#[test]
fn the_keys_at_a_popup_s_edge_do_something_there() {
    let mut named = 0;
    for console in
        Scope::ALL.iter().filter(|it| **it != Scope::Console).flat_map(|it| consoles(*it))
    {
        let scopes = console.model.scopes();
        let Some(popup) = &console.model.popup else { continue };
        let Edge::Keys(keys) = popup.edge(&console.model) else { continue };
        // The digits of the status picker are typed, and no command.
        for (key, what) in keys.into_iter().filter(|(key, _)| key != "1-9") {
            let has = |spec: &&Spec| {
                console.model.keymap.keys_of(spec.scope, spec.command).first() == Some(&key)
            };
            let spec = TABLE.iter().filter(|spec| spec.scope == scopes[0]).find(has);
            // While the help's filter is typed, its edge names the keys of the help.
            let Some(spec) = spec else {
                assert_eq!(scopes[0], Scope::Filter, "{key} {what} is no key of {:?}", scopes[0]);
                continue;
            };
            let mut pressed = console.clone();
            pressed.keys(&hint_keys(spec));
            let said = pressed.styled() != console.styled();
            assert!(said || acts(&console, spec), "{key} {what} does nothing in {:?}", scopes[0]);
            named += 1;
        }
    }
    assert!(named > 20, "{named} keys are named");
}

fn hint_keys(spec: &Spec) -> String {
    let key = spec.keys[0];
    if key.chars().count() == 1 { key.to_owned() } else { format!("<{key}>") }
}

#[test]
fn every_command_can_be_given_another_key_in_each_scope_that_has_it() {
    for scope in Scope::ALL {
        for spec in TABLE.iter().filter(|spec| scope.takes_from(spec.scope)) {
            let keys = vec![vec![crokey::parse("f9").expect("a key")]];
            let (scope, command) = (scope.name().to_owned(), spec.name.to_owned());
            let binding = Binding { scope, command, keys, line: 1 };
            let bound = KeyMap::new(std::slice::from_ref(&binding));
            assert!(bound.is_ok(), "{binding:?}: {bound:?}");
        }
    }
}

/// The words in backticks of the first column of the README's table of keys.
fn keys_of_the_readme() -> Vec<String> {
    let readme = include_str!("../../README.md");
    let table = readme.split("## Keys").nth(1).expect("it has a section for keys");
    let rows = table.lines().skip_while(|line| !line.starts_with("|---")).skip(1);
    let rows = rows.take_while(|line| line.starts_with('|'));
    // What stands in backticks, in both columns.
    // A bar in a table has a backslash.
    let keys = rows.flat_map(|row| row.split('`').skip(1).step_by(2));
    keys.map(|keys| keys.replace("\\|", "|")).collect()
}

/// The keys that the table shows for a row, some in the README's shorter form.
fn shown(map: &KeyMap, spec: &Spec) -> Vec<String> {
    let keys = map.keys_of(spec.scope, spec.command).iter();
    keys.flat_map(|key| [key.clone(), key.replace(' ', "")]).collect()
}

#[test]
fn the_readme_s_keys_are_the_table_s() {
    let map = KeyMap::default();
    let written = keys_of_the_readme();
    let known: Vec<String> = TABLE.iter().flat_map(|spec| shown(&map, spec)).collect();
    for keys in &written {
        let each = |part: &str| known.iter().any(|it| it == part);
        let is_word = keys.contains("..") || keys.contains('$');
        let fits = is_word || each(keys) || keys.split_whitespace().all(each);
        assert!(fits, "no command has {keys:?}");
    }
    // Numbers are told as a range.
    let is_number = |command: Command| {
        matches!(
            command,
            Command::Console(ConsoleCommand::View(_)) | Command::Review(ReviewCommand::SubmitAs(_))
        )
    };
    let told = |spec: &&Spec| {
        is_number(spec.command)
            || shown(&map, spec).iter().any(|key| {
                let has = |keys: &String| keys == key || keys.split(' ').any(|part| part == key);
                written.iter().any(has)
            })
    };
    let scopes = [Scope::List, Scope::Conversation, Scope::Console, Scope::Editor, Scope::Review];
    let untold: Vec<&str> = TABLE
        .iter()
        .filter(|spec| scopes.contains(&spec.scope) && !told(spec))
        .map(|spec| spec.name)
        .collect();
    assert!(untold.is_empty(), "the README does not tell of {untold:?}");
}
