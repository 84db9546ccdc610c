use super::*;

/// A sieve, the time at it, and how patient it is with an ESC.
struct Terminal {
    sieve: Sieve,
    now: Instant,
    patience: Duration,
}

impl Terminal {
    fn new(patience: u64) -> Self {
        let now = Instant::now();
        Self { sieve: Sieve::new(now), now, patience: Duration::from_millis(patience) }
    }

    /// Sends bytes in one go, and then nothing for some milliseconds.
    fn send(&mut self, bytes: impl AsRef<[u8]>, then: u64) -> &mut Self {
        self.sieve.feed(bytes.as_ref(), self.now);
        self.sieve.expire(self.patience, self.now);
        let end = self.now + Duration::from_millis(then);
        while let Some(due) = self.sieve.due(self.patience).filter(|due| *due <= end) {
            self.now = self.now.max(due);
            self.sieve.expire(self.patience, self.now);
        }
        self.now = end;
        self
    }

    /// The pieces that came through but for answers, as text; pastes stand between guillemets.
    fn came(&mut self) -> Vec<String> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace('\u{1b}', "ESC ");
        std::iter::from_fn(|| self.sieve.next())
            .filter(|piece| !matches!(piece, Sifted::Answer(_)))
            .map(|piece| match piece {
                Sifted::Key(bytes) | Sifted::Answer(bytes) => text(&bytes),
                Sifted::Paste(paste) => {
                    let end = if paste.ended { "»" } else { "…" };
                    format!("«{}{end}", text(&paste.bytes))
                }
                Sifted::Unended => "?".into(),
                Sifted::Endless => "∞".into(),
            })
            .collect()
    }
}

fn came(parts: &[&str], pause: u64, patience: u64) -> Vec<String> {
    let mut terminal = Terminal::new(patience);
    for part in parts {
        terminal.send(part, pause);
    }
    terminal.send("", 10_000).came()
}

/// Answers of terminals, and other sequences that are no keys.
const ANSWERS: [&str; 10] = [
    "\x1bP>|XTerm(388)\x1b\\",
    "\x1bP1+r544e=787465726d\x1b\\",
    "\x1b]10;rgb:dcdc/dcdc/cccc\x1b\\",
    "\x1b]11;rgb:2e2e/3434/3636\x07",
    "\x1b_Gi=31;OK e#s2\x1b\\",
    "\x1b^private e#s2 message\x1b\\",
    "\x1bXany e#s2 string\x1b\\",
    "\u{90}>|in eight bits e#s2\u{9c}",
    "\u{9d}52;c;ZXMy\x07",
    "\x1bP$r0;1;4 q e#s2\x1b\\",
];

#[test]
fn keys_come_whole() {
    for (sent, keys) in [
        ("jk", vec!["j", "k"]),
        ("\x1b[A\x1bOP\x1b[1;5C", vec!["ESC [A", "ESC OP", "ESC [1;5C"]),
        ("é語👩", vec!["é", "語", "👩"]),
        ("\x1bj\x1bę", vec!["ESC j", "ESC ę"]),
        ("\x1b\x1b", vec!["ESC ", "ESC "]),
        ("\x1b\x1b[A", vec!["ESC ", "ESC [A"]),
        ("\x1b[[A", vec!["ESC [[A"]),
        ("\x1b[M !!j", vec!["j"]),
        ("\x1b_", vec!["ESC _"]),
        ("\x1b[", vec!["ESC ["]),
        ("\r\t\x03", vec!["\r", "\t", "\x03"]),
        ("\x1b[200~two\rlines\x1b[201~j", vec!["«two\rlines»", "j"]),
        ("\x1b[200~\x1b\x1b[20\x1b[201\x1b[201~", vec!["«ESC ESC [20ESC [201»"]),
    ] {
        assert_eq!(came(&[sent], 10, 0), keys, "{sent:?}");
        let bytes: Vec<&str> = sent.split_inclusive(|_| true).collect();
        assert_eq!(came(&bytes, 3, 75), keys, "{sent:?} in pieces");
    }
}

#[test]
fn an_answer_is_swallowed_in_however_many_pieces_it_comes() {
    for answer in ANSWERS {
        assert_eq!(came(&[answer, "j"], 10, 0), ["j"], "{answer:?}");
        for cut in (1..answer.len()).filter(|cut| answer.is_char_boundary(*cut)) {
            let (first, second) = answer.split_at(cut);
            for pause in [5, 60, 400] {
                let keys = came(&[first, second, "j"], pause, 0);
                // What may have acted is an Esc, or a letter with Alt; and it has acted once.
                let begun = &keys[..keys.len().max(1) - 1];
                assert!(
                    begun.len() <= 1 && begun.iter().all(|it| it.starts_with("ESC ")),
                    "{keys:?}"
                );
                assert_eq!(keys.last().map(String::as_str), Some("j"), "{answer:?} cut at {cut}");
            }
        }
        let one_by_one: Vec<&str> = answer.split_inclusive(|_| true).collect();
        assert_eq!(came(&[&one_by_one[..], &["j"]].concat(), 20, 75), ["j"], "{answer:?}");
    }
}

#[test]
fn an_answer_in_eight_bits_is_none_of_the_keys_either() {
    let mut terminal = Terminal::new(0);
    terminal.send(b"\x90>|e#s2\x9cj\x9b?62;4ck\x9b", 500).send("", 5_000);
    assert_eq!(terminal.came(), ["j", "ESC [?62;4c", "k"]);
}

#[test]
fn a_sequence_whose_rest_comes_late_never_acts_as_letters() {
    let paste = "\x1b[200~e#s2\x1b[201~";
    for pause in [1, 60, 90, 400, 900] {
        for cut in 1..6 {
            let (first, rest) = paste.split_at(cut);
            let keys = came(&[first, rest], pause, 0);
            assert_eq!(keys.last().map(String::as_str), Some("«e#s2»"), "{cut}, {pause}");
            assert!(keys.len() <= 2 && keys[0].starts_with(['E', '«']), "{keys:?}");
        }
    }
    assert_eq!(came(&["\x1b", "[200~e#s2\x1b[201~"], 60, 75), ["«e#s2»"]);
    assert_eq!(came(&["\x1b", "[", "200~e#s2\x1b[201~"], 60, 0), ["ESC ", "«e#s2»"]);
    assert_eq!(came(&["\x1b", "[", "2", "0", "0~e\x1b", "[201~"], 90, 0), ["ESC ", "«e»"]);
    assert_eq!(came(&["\x1b", "[A"], 300, 0), ["ESC ", "ESC [A"]);
}

#[test]
fn who_types_after_an_esc_is_understood() {
    for keys in [["[", "2"], ["]", "j"], ["O", "s"], ["P", "X"], ["_", "^"], ["j", "["]] {
        let came = came(&["\x1b", keys[0], keys[1]], 200, 0);
        assert_eq!(came, [&["ESC "], &keys[..]].concat());
    }
    assert_eq!(came(&["\x1b", "j"], 20, 75), ["ESC j"], "which is Esc and then the letter");
}

#[test]
fn a_string_that_never_ends_is_given_up_and_its_content_is_no_key() {
    for begun in ["\x1bP>|e#s2", "\x1b]0;e#s2", "\x1b_e#s2", "\x1b[12;3"] {
        assert_eq!(came(&[begun, "j"], 2_500, 0), ["j"], "{begun:?}");
        assert_eq!(came(&[begun, "\x03"], 10, 0), ["\x03"], "{begun:?}");
    }
    let mut terminal = Terminal::new(0);
    terminal.send("\x1bPe", 200);
    for _ in 0..40 {
        terminal.send("j", 200);
    }
    let came = terminal.came();
    assert!((1..=25).contains(&came.len()) && came.iter().all(|it| it == "j"), "{came:?}");
    assert_eq!(came_of_a_long_string(), ["j"]);
}

fn came_of_a_long_string() -> Vec<String> {
    let mut terminal = Terminal::new(0);
    terminal.send("\x1b]52;c;", 10);
    for _ in 0..2_000 {
        terminal.send("e#s2".repeat(256), 5);
    }
    terminal.send("\x1b\\j", 10).came()
}

#[test]
fn a_paste_that_does_not_end_is_told_and_ended_by_the_agent() {
    let mut terminal = Terminal::new(0);
    terminal.send("\x1b[200~e#s2", 1_900).send("e", 2_100);
    assert_eq!(terminal.came(), ["?"], "it is asked about once");
    terminal.send("e", 300).send("\x1b", 300).send("j", 10);
    assert_eq!(terminal.came(), ["«e#s2ee…", "j"]);

    let mut terminal = Terminal::new(0);
    terminal.send("\x1b[200~e#s2", 100).send("\x03", 10);
    assert_eq!(terminal.came(), ["«e#s2…", "\x03"], "Ctrl-C is heard at any time");

    let mut terminal = Terminal::new(0);
    terminal.send("\x1b[200~e", 5_000).send("#s2", 5_000).send("\x1b[201~j", 10);
    assert_eq!(terminal.came(), ["?", "?", "«e#s2»", "j"], "one that only pauses is whole");
}

#[test]
fn a_paste_is_bounded_and_what_is_left_out_is_counted() {
    let mut terminal = Terminal::new(0);
    terminal.send("\x1b[200~", 1);
    let line = "0123456789abcde\n".repeat(4096);
    for _ in 0..130 {
        terminal.send(&line, 1);
    }
    terminal.send("\x1b[201~", 1);
    let Some(Sifted::Paste(paste)) = terminal.sieve.next() else { panic!("no paste") };
    assert_eq!((paste.bytes.len(), paste.left_out, paste.ended), (MOST_PASTE, 2 * 65_536, true));
}

#[test]
fn a_paste_without_end_or_pause_is_handed_on_and_its_rest_is_left_out() {
    let mut terminal = Terminal::new(0);
    terminal.send("\x1b[200~", 1);
    for _ in 0..400 {
        terminal.send("e#s2", 100);
    }
    let came = terminal.came();
    assert_eq!(came.len(), 2, "{came:?}");
    assert!(came[0].starts_with("«e#s2e#s2") && came[0].ends_with('…'), "{came:?}");
    assert_eq!(came[1], "∞");
    terminal.send("e#s2\x1b[201~j", 10);
    assert_eq!(terminal.came(), ["j"], "what belongs to it acts as no key");

    let mut terminal = Terminal::new(0);
    terminal.send("\x1b[200~", 1);
    let line = "0123456789abcde\n".repeat(4096);
    for _ in 0..400 {
        terminal.send(&line, 1);
    }
    let Some(Sifted::Paste(paste)) = terminal.sieve.next() else { panic!("no paste") };
    assert_eq!((paste.bytes.len(), paste.ended), (MOST_PASTE, false));
    assert_eq!(terminal.sieve.next(), Some(Sifted::Endless));
    terminal.send("e", 2_100).send("j", 10);
    assert_eq!(terminal.came(), ["j"], "a pause ends it");
    terminal.send("\x1b[200~a\x1b[201~", 10);
    assert_eq!(terminal.came(), ["«a»"], "the next one is whole");
}

#[test]
fn no_bytes_make_it_panic_or_hold_for_ever() {
    let mut random = fastrand::Rng::with_seed(7);
    let parts: [&[u8]; 12] =
        [b"\x1b", b"[", b"200~", b"201~", b"P", b"]", b"\\", b"\x07", b"\xc2", b"\x9b", b"M", b"j"];
    for _ in 0..3_000 {
        let mut terminal = Terminal::new(random.u64(0..80));
        for _ in 0..random.usize(1..20) {
            let part = parts[random.usize(..parts.len())];
            terminal.send(part, [0, 30, 120, 1_500, 3_000][random.usize(..5)]);
        }
        terminal.send("", 10_000).send("\x03", 10).send("\x03", 10);
        let last = terminal.came().pop();
        assert_eq!(last.as_deref(), Some("\x03"));
    }
}

#[test]
fn an_osc_that_is_short_and_ends_is_an_answer() {
    let long = format!("\x1b]11;{}\x07", "x".repeat(MOST_ANSWER));
    for (parts, pause, expected) in [
        (&["\x1b]11;rgb:1/2/3\x07"][..], 0, Some("11;rgb:1/2/3")),
        (&["\x1b]11;rgb:1/2/3\x1b\\"][..], 0, Some("11;rgb:1/2/3")),
        (&["\u{9d}11;rgb:1/2/3\u{9c}"][..], 0, Some("11;rgb:1/2/3")),
        (&["\x1b", "]", "11;r", "gb:1/2/3", "\x1b", "\\"][..], 20, Some("11;rgb:1/2/3")),
        (&["\x1b]11;rgb:1/", "2/3\x07"][..], 1_900, Some("11;rgb:1/2/3")),
        (&["\x1b]11;rgb:1/", "2/3\x07"][..], 2_100, None),
        (&["\x1b]11;rgb:1/2/3\x18"][..], 0, None),
        (&["\x1b]11;rgb:1/2/3\x1b[A"][..], 0, None),
        (&["\x1b]11;rgb:1/2/3"][..], 0, None),
        (&["\x1bP11;rgb:1/2/3\x07"][..], 0, None),
        (&["\x1b[200~\x1b]11;rgb:1/2/3\x07\x1b[201~"][..], 0, None),
        (&[&*long][..], 0, None),
    ] {
        let mut terminal = Terminal::new(0);
        for part in parts {
            terminal.send(part, pause);
        }
        terminal.send("", 10_000);
        let answers: Vec<Vec<u8>> = std::iter::from_fn(|| terminal.sieve.next())
            .filter_map(|piece| if let Sifted::Answer(it) = piece { Some(it) } else { None })
            .collect();
        let expected: Vec<Vec<u8>> =
            expected.map(|it| it.as_bytes().to_vec()).into_iter().collect();
        assert_eq!(answers, expected, "{parts:?}");
    }
}
