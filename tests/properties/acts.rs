//! What can happen to a console, drawn at random.

use crokey::KeyCombination;
use crossterm::event::{KeyCode, KeyModifiers};
use growdesk::app::command::TABLE;
use proptest::prelude::*;

use crate::hostile;

/// Something that happens.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// A key of any kind.
    Key(KeyCombination),
    /// One of the sequences that the table binds.
    Bound(usize),
    /// What an agent does in one go: keys as `Console::keys` takes them.
    Gesture(usize),
    /// The same, after leaving whatever is open.
    Afresh(usize),
    /// The number of the ticket at hand is typed.
    Number,
    /// Letters.
    Type(String),
    Paste(String),
    Resize(u16, u16),
    Wait(i64),
    Drawn,
    Terminate,
    /// The worker takes the next few works, and fails at the last or not.
    Work(bool, String),
    /// The next of the worker's messages arrive.
    Deliver(u8),
    /// An entry of the outbox goes on.
    Advance(usize, u8, String),
    /// A read is answered.
    Answer(usize, u8, String),
    /// Somebody else does something to a ticket.
    Colleague(usize, u8, String),
    /// Something that concerns no ticket.
    News(u8, String),
    Edited(bool, String),
}

/// What agents do.
pub(crate) const GESTURES: [&str; 50] = [
    "rHello there<c-s>y",
    "nfor us<c-s>y",
    "rbye<c-s>2",
    "rnot yet<esc>",
    "s2",
    "s3",
    "pj<enter>",
    "p<enter>",
    "d<enter>",
    "dj<enter>",
    "t<enter>",
    "tnew tag<enter>",
    "tplain<space><enter>",
    "e",
    "z",
    "zz",
    "Z",
    "E",
    "<backtab>x<c-s>",
    "N",
    "go",
    "<enter>",
    "<esc><esc>",
    "gi",
    "#",
    "D",
    "/a<enter>",
    "6",
    "gi1027<enter>",
    "gi1500<enter>",
    "gi1012<enter>",
    "go<enter>",
    "goj<enter>",
    "v",
    ":arch<enter>",
    "L<enter>",
    "|cat<enter>",
    "rtext<c-r>cat<enter>",
    "L<c-y>",
    "<c-s>",
    "xxx",
    "xjVs2<enter>",
    "*",
    ",",
    "xxpj<enter><enter>",
    "*tmany<enter><enter>",
    "**",
    "xxea<enter>",
    "JJK<enter>",
    "<space>dj<enter>a<enter>",
];

/// Screens of all sorts: none, tiny, usual, and as large as a terminal may claim to be.
const SIZES: [(u16, u16); 12] = [
    (0, 0),
    (1, 1),
    (59, 15),
    (60, 16),
    (80, 24),
    (109, 30),
    (120, 40),
    (200, 60),
    (0, 500),
    (500, 0),
    (65_535, 16),
    (65_535, 65_535),
];

/// The keys of the table, each sequence once.
pub(crate) fn bound() -> Vec<Vec<KeyCombination>> {
    let parse = |key: &str| {
        let mut chars = key.chars();
        match (chars.next(), chars.next()) {
            (Some(only), None) => KeyCombination::from(KeyCode::Char(only)),
            _ => crokey::parse(key).expect("the table names keys"),
        }
    };
    let sequences = TABLE.iter().flat_map(|spec| spec.keys);
    sequences.map(|keys| keys.split_whitespace().map(parse).collect()).collect()
}

fn key() -> impl Strategy<Value = KeyCombination> {
    let code = prop_oneof![
        4 => any::<char>().prop_map(KeyCode::Char),
        4 => prop::char::range(' ', '~').prop_map(KeyCode::Char),
        2 => prop::char::range('\0', '\u{9f}').prop_map(KeyCode::Char),
        2 => prop::sample::select(vec![
            KeyCode::Enter, KeyCode::Esc, KeyCode::Backspace, KeyCode::Delete, KeyCode::Tab,
            KeyCode::BackTab, KeyCode::Left, KeyCode::Right, KeyCode::Up, KeyCode::Down,
            KeyCode::Home, KeyCode::End, KeyCode::PageUp, KeyCode::PageDown, KeyCode::Insert,
            KeyCode::Null, KeyCode::CapsLock, KeyCode::Menu, KeyCode::KeypadBegin,
        ]),
        1 => any::<u8>().prop_map(KeyCode::F),
    ];
    let held = prop_oneof![
        6 => Just(KeyModifiers::NONE),
        2 => Just(KeyModifiers::CONTROL),
        1 => any::<u8>().prop_map(KeyModifiers::from_bits_truncate),
    ];
    (code, held).prop_map(|(code, held)| KeyCombination::new(code, held))
}

/// One act.
pub(crate) fn act() -> impl Strategy<Value = Act> {
    let size = prop_oneof![
        4 => prop::sample::select(SIZES.as_slice()),
        1 => (0u16..260, 0u16..90),
        1 => any::<(u16, u16)>(),
    ];
    prop_oneof![
        6 => key().prop_map(Act::Key),
        8 => any::<prop::sample::Index>().prop_map(|at| Act::Bound(at.index(bound().len()))),
        8 => (0..GESTURES.len()).prop_map(Act::Gesture),
        16 => (0..GESTURES.len()).prop_map(Act::Afresh),
        1 => Just(Act::Number),
        2 => hostile::text().prop_map(Act::Type),
        2 => hostile::text().prop_map(Act::Paste),
        2 => size.prop_map(|(width, height)| Act::Resize(width, height)),
        4 => prop::sample::select(vec![0, 100, 200, 5_000, 60_000, -3_000]).prop_map(Act::Wait),
        2 => Just(Act::Drawn),
        1 => Just(Act::Terminate),
        10 => (prop::bool::weighted(0.15), hostile::text()).prop_map(|(bad, it)| Act::Work(bad, it)),
        10 => (1u8..5).prop_map(Act::Deliver),
        20 => (0usize..8, any::<u8>(), hostile::text()).prop_map(|(a, b, c)| Act::Advance(a, b, c)),
        6 => (0usize..8, any::<u8>(), hostile::text()).prop_map(|(a, b, c)| Act::Answer(a, b, c)),
        4 => (0usize..24, any::<u8>(), hostile::text()).prop_map(|(a, b, c)| Act::Colleague(a, b, c)),
        4 => (any::<u8>(), hostile::text()).prop_map(|(a, b)| Act::News(a, b)),
        1 => (any::<bool>(), hostile::text()).prop_map(|(a, b)| Act::Edited(a, b)),
    ]
}
