use std::fs;

use super::*;
use crate::domain::{ClientId, DepartmentId, Priority, ProjectId, SortKey, StatusId};

/// A view in which every key is set.
fn full(name: &str) -> View {
    View {
        name: name.into(),
        query: Query {
            state: ActiveState::Any,
            status: StatusMatch::In(vec![StatusId(1), StatusId(9)]),
            priorities: vec![Priority::Urgent, Priority::High],
            departments: vec![DepartmentId(3), DepartmentId(4)],
            client: Some(ClientId(12)),
            project: Some(ProjectId(7)),
            tags: vec!["bug".into(), "say \"hi\"".into()],
            shelf: Shelf::Any,
            text: "printer\\ink".into(),
        },
        sort: Sort { key: SortKey::Created, reversed: true },
    }
}

fn plain(name: &str, status: StatusMatch) -> View {
    let query = Query { status, shelf: Shelf::Awake, ..Query::default() };
    View { name: name.into(), query, sort: Sort::default() }
}

fn read(source: &str) -> Vec<View> {
    File::parse(source, Path::new("config.toml")).unwrap().views
}

#[test]
fn what_is_written_is_read_again() {
    let mut source = DEFAULT.to_owned();
    let views = [
        full("Everything"),
        plain("Any", StatusMatch::Any),
        plain("Waiting", StatusMatch::Waiting),
        plain("Not closed", StatusMatch::Not(StatusId(2))),
        plain("None at all", StatusMatch::In(vec![])),
    ];
    for view in &views {
        source = with_view(&source, view).unwrap();
    }
    assert_eq!(read(&source), views);
    assert!(source.starts_with(DEFAULT), "the samples stay");
}

#[test]
fn a_view_is_replaced_where_it_stands_and_everything_else_stays_comments_too() {
    let source = "# mine\n\n[profile.work] # here\nurl = \"https://crm.example.com\"\n\
        #agent_name = \"me\"\n\n# the bugs\n[[view]]\nname = \"Bugs\" # do not rename\n\
        status = \"waiting\"\n# tags of ours\ntags = [\"bug\"] # one\nclient = 4\n\n[[view]]\n\
        name = \"Other\"\n# the end\n";
    let mut query = Query { shelf: Shelf::Awake, ..Query::default() };
    query.tags = vec!["bug".into(), "vip".into()];
    let view = View { name: "Bugs".into(), query, sort: Sort::by(SortKey::Waiting) };
    let replaced = with_view(source, &view).unwrap();
    insta::assert_snapshot!("own_view_replaced", replaced);
    let added = with_view(&replaced, &full("Everything")).unwrap();
    insta::assert_snapshot!("own_view_added", added);
    assert_eq!(
        read(&added).iter().map(|it| it.name.as_str()).collect::<Vec<_>>(),
        ["Bugs", "Other", "Everything"]
    );
}

#[test]
fn a_list_of_views_in_one_line_takes_one_more() {
    let source = "view = [{ name = \"A\", client = 1 }]\n";
    let added = with_view(source, &plain("B", StatusMatch::Waiting)).unwrap();
    let replaced = with_view(&added, &plain("A", StatusMatch::Any)).unwrap();
    assert_eq!(read(&replaced), [plain("A", StatusMatch::Any), plain("B", StatusMatch::Waiting)]);
}

#[cfg(unix)]
#[test]
fn the_file_is_the_user_s_alone_a_link_stays_and_a_broken_one_is_left_as_it_is() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = tempfile::tempdir().unwrap();
    let (real, link) = (home.path().join("real.toml"), home.path().join("config.toml"));
    fs::write(&real, "# mine\n").unwrap();
    std::os::unix::fs::symlink(&real, &link).unwrap();
    store_view(&link, &full("Mine"), false).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    let text = fs::read_to_string(&real).unwrap();
    assert!(text.starts_with("# mine\n") && read(&text) == [full("Mine")], "{text}");
    assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o600);

    fs::remove_file(&real).unwrap();
    let error = store_view(&link, &full("Mine"), false).unwrap_err();
    assert!(error.to_string().contains("is a link"), "{error}");
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink() && !real.exists());

    fs::write(&real, "[[view]\n").unwrap();
    let error = store_view(&link, &full("Mine"), false).unwrap_err();
    assert!(error.to_string().contains("real.toml:1"), "{error}");
    assert_eq!(fs::read_to_string(&real).unwrap(), "[[view]\n");

    let new = home.path().join("new/config.toml");
    store_view(&new, &full("Mine"), false).unwrap();
    assert!(fs::read_to_string(&new).unwrap().starts_with(DEFAULT));
}

#[test]
fn a_view_that_another_console_has_written_is_replaced_only_if_that_was_asked_for() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("config.toml");
    store_view(&file, &full("Mine"), false).unwrap();
    let other = plain("Mine", StatusMatch::Waiting);
    assert!(matches!(store_view(&file, &other, false), Err(OwnViewError::Taken)));
    assert_eq!(read(&fs::read_to_string(&file).unwrap()), [full("Mine")]);
    store_view(&file, &other, true).unwrap();
    assert_eq!(read(&fs::read_to_string(&file).unwrap()), [other]);
}

#[test]
fn comments_of_what_goes_from_a_view_stay() {
    let source = "[[view]]\n# mine\nname = \"Bugs\"\n# the big one\nclient = 4 # ask Ann\n\
        # ours\ntags = [\n  \"bug\", # crash\n  \"vip\",\n  # more to come\n]\n\
        priorities = [ # both\n \"high\" ]\nstatus = \"waiting\"\n";
    let mut query = Query { shelf: Shelf::Awake, ..Query::default() };
    query.tags = vec!["bug".into()];
    query.priorities = vec![Priority::High];
    let view = View { name: "Bugs".into(), query, sort: Sort::default() };
    let replaced = with_view(source, &view).unwrap();
    for comment in ["# mine", "# the big one", "# ask Ann", "# ours", "# crash", "# more to come"] {
        assert_eq!(replaced.matches(comment).count(), 1, "{comment} in {replaced}");
    }
    assert!(replaced.contains("priorities = [ # both\n \"high\" ]"), "{replaced}");
    assert_eq!(read(&replaced), [view]);
}
