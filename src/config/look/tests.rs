use super::*;

fn file(source: &str) -> Result<File, String> {
    let folder = tempfile::tempdir().unwrap();
    file_in(source, folder.path())
}

fn file_in(source: &str, folder: &Path) -> Result<File, String> {
    File::parse(source, &folder.join("config.toml")).map_err(|error| {
        let problems = error.problems.iter().map(|it| format!("{}: {}", it.line, it.reason));
        problems.collect::<Vec<_>>().join("\n")
    })
}

fn text(tint: Tint) -> Option<Paint> {
    Some(Paint { text: Some(tint), block: None })
}

#[test]
fn a_shipped_theme_is_right_and_names_every_role() {
    for (name, source) in SHIPPED {
        let (look, error) = parse(source, Path::new(name));
        assert_eq!(error, None, "{name}");
        for role in
            Role::ALL.iter().filter(|role| **role != Role::Strong && **role != Role::Resting)
        {
            let own = source.lines().any(|line| line.starts_with(&format!("{} =", role.name())));
            assert!(own && look.paint(*role).is_some(), "{name}: {}", role.name());
        }
    }
}

#[test]
fn a_colour_has_a_name_a_number_or_its_parts() {
    let source = "[colors]\ncustomer = \"#89b4fa\"\nagent = \"bright-blue\"\nnote = 208\n\
                  code = \"0\"\nlink = \"default\"\nselected = \"#ffffff on 24\"\n";
    let look = file(source).unwrap().theme.look(Some(Ground::Dark));
    assert_eq!(look.paint(Role::Customer), text(Tint::Rgb(0x89, 0xb4, 0xfa)));
    assert_eq!(look.paint(Role::Agent), text(Tint::Numbered(12)));
    assert_eq!(look.paint(Role::Note), text(Tint::Numbered(208)));
    assert_eq!(look.paint(Role::Code), text(Tint::Numbered(0)));
    assert_eq!(look.paint(Role::Link), text(Tint::Default));
    let white = Some(Tint::Rgb(255, 255, 255));
    let selected = Paint { text: white, block: Some(Tint::Numbered(24)) };
    assert_eq!(look.paint(Role::Selected), Some(selected));
    assert_eq!(look.paint(Role::Good), shipped("dark").unwrap().paint(Role::Good));
}

#[test]
fn wrong_colours_are_told_with_their_lines_and_near_names() {
    let source = "[console]\ntheme = \"drak\"\n[colors]\ncustmer = \"red\"\nagent = \"gren\"\nnote = 256\n\
                  code = \"#89b4f\"\nlink = \"red on\"\nquote = [1]\nzzz = 1\nselected = \"red on # 12\"\n\
                  bar = \"#é234\"\n";
    let problems = file(source).unwrap_err();
    for expected in [
        "2: there is no theme \"drak\"; did you mean \"dark\"?",
        "4: there is no role `custmer`; did you mean `customer`?",
        "5: `agent`: \"gren\" is no colour; did you mean \"green\"?",
        "6: `note` has to be a word, or a number from 0 to 255, not integer",
        "7: `code`: \"#89b4f\" is no colour; a colour is \"#89b4fa\"",
        "8: `link`: \"red on\" is no colour",
        "9: `quote` has to be a word, or a number from 0 to 255, not array",
        "10: there is no role `zzz`; docs/themes.md lists the roles",
        "11: `selected`: \"# 12\" is no colour",
        "12: `bar`: \"#é234\" is no colour",
    ] {
        assert!(problems.contains(expected), "{expected}\n{problems}");
    }
}

#[test]
fn a_theme_of_the_users_own_takes_from_the_shipped_one_what_it_leaves_out() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("themes")).unwrap();
    let write = |name: &str, source: &str| {
        fs::write(folder.path().join("themes").join(name), source).unwrap();
    };
    write("mine.toml", "ground = \"light\"\n[colors]\ncustomer = 1\n");
    let mine = "[console]\ntheme = \"mine\"\n[colors]\nagent = 2\n";
    let look = file_in(mine, folder.path()).unwrap().theme.look(Some(Ground::Dark));
    assert_eq!(look.paint(Role::Customer), text(Tint::Numbered(1)));
    assert_eq!(look.paint(Role::Agent), text(Tint::Numbered(2)));
    assert_eq!(look.paint(Role::Good), shipped("light").unwrap().paint(Role::Good));

    write("mine.toml", "ground = \"grey\"\ntext = 7\n[colors]\ncustmer = 1\n");
    let problems = file_in(mine, folder.path()).unwrap_err();
    for expected in [
        "2: the theme \"mine\" can't be used: ",
        "mine.toml:1: `ground` can't be \"grey\", only one of \"dark\", \"light\"",
        "mine.toml:4: there is no role `custmer`",
    ] {
        assert!(problems.contains(expected), "{expected}\n{problems}");
    }
    for name in ["mein", "../mine", "", "mine/x"] {
        let source = format!("[console]\ntheme = \"{name}\"\n");
        let problems = file_in(&source, folder.path()).unwrap_err();
        assert!(problems.contains(&format!("there is no theme \"{name}\"")), "{problems}");
    }
}

#[test]
fn a_theme_named_dark_takes_the_place_of_the_shipped_one() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("themes")).unwrap();
    let own = "ground = \"dark\"\n[colors]\ncustomer = 1\n";
    fs::write(folder.path().join("themes/dark.toml"), own).unwrap();
    let theme = file_in("", folder.path()).unwrap().theme;
    assert!(theme.is_auto());
    assert_eq!(theme.look(Some(Ground::Dark)).paint(Role::Customer), text(Tint::Numbered(1)));
    assert_eq!(theme.look(Some(Ground::Light)), shipped("light").unwrap());
    assert_eq!(theme.look(None), Scheme::default());
}
