use proptest::prelude::*;
use unicode_width::UnicodeWidthStr as _;

use super::*;

#[allow(unreachable_pub, reason = "shared with the fuzz target")]
#[path = "../../../tests/support/shown.rs"]
mod shown;

mod parting;
mod words;

fn rendered(source: &str, width: u16) -> Vec<StyledLine> {
    render(&Html::new(source), width)
}

/// The lines as text, each with a `|` for each level of quote.
fn drawn(source: &str, width: u16) -> String {
    let lines: Vec<_> = rendered(source, width)
        .iter()
        .map(|line| format!("{}{}", "|".repeat(usize::from(line.quote)), line.text()))
        .collect();
    lines.join("\n")
}

fn style_at(source: &str, text: &str) -> TextStyle {
    let lines = rendered(source, 80);
    let mut spans = lines.iter().flat_map(|line| &line.spans);
    spans
        .find(|span| span.text.contains(text))
        .unwrap_or_else(|| panic!("{text:?} in {lines:?}"))
        .style
}

#[test]
fn runs_keep_their_styles() {
    let source = "<h2>Head</h2><p>a <b>bold</b> <i>slanted</i> <del>gone</del> <code>x=1</code> \
                  <a href='https://a.example/'>link</a> <b><i>both</i></b></p><pre>raw  text</pre>";
    assert!(style_at(source, "Head").heading);
    assert!(style_at(source, "bold").strong);
    assert!(style_at(source, "slanted").emphasis);
    assert!(style_at(source, "gone").strike);
    assert!(style_at(source, "x=1").code);
    assert!(style_at(source, "link").link);
    assert!(style_at(source, "raw  text").code);
    let both = style_at(source, "both");
    assert!(both.strong && both.emphasis);
    assert_eq!(style_at(source, "a "), TextStyle::default());
}

#[test]
fn blocks_are_laid_out() {
    let source = "<h1>Title</h1><p>one<br>two</p><ul><li>x</li><li>y<ol><li>z</li></ol></li></ul>\
                  <hr><p>end</p>";
    assert_eq!(drawn(source, 40), "Title\n\none\ntwo\n* x\n* y\n  1. z\n\n────────\n\nend");
}

#[test]
fn quotes_are_a_depth_and_no_text() {
    let source = "<p>mine</p><blockquote><p>his</p><blockquote>hers</blockquote></blockquote>after";
    assert_eq!(drawn(source, 40), "mine\n\n|his\n|\n||hers\n\nafter");
}

#[test]
fn quotes_of_plain_mail_count_too() {
    assert_eq!(
        drawn("mine\n> his is rather long\n>> hers\n\nend", 14),
        "mine\n|his is\n|rather long\n||hers\n\nend"
    );
    assert_eq!(drawn("mine<br>\n&gt; his<br>\n&gt; more<br>end", 40), "mine\n|his\n|more\nend");
}

#[test]
fn plain_text_keeps_its_line_breaks() {
    assert_eq!(
        drawn("Hi,\r\n\r\n  3 < 4 &amp; <john@example.com>\r\nBye", 40),
        "Hi,\n\n  3 < 4 & <john@example.com>\nBye"
    );
    assert_eq!(drawn("a <b then nothing", 40), "a <b then nothing");
}

#[test]
fn addresses_of_links_are_listed_once() {
    let source = "<p><a href='https://a.example/x'>here</a>, <a href='https://a.example/x'>again</a>, \
                  <a href='https://b.example/'>b.example</a>, <a href='mailto:j@x.example'>j@x.example</a>, \
                  <a href='javascript:alert(1)'>bad</a>, <a href='/rel'>rel</a></p>";
    assert_eq!(
        drawn(source, 80),
        "here[1], again[1], b.example, j@x.example, bad, rel\n\n[1] https://a.example/x"
    );
    assert_eq!(plain(&Html::new(source)), "here, again, b.example, j@x.example, bad, rel");
}

#[test]
fn pictures_are_named_and_trackers_left_out() {
    let source =
        "<p>see <img src='cid:1' alt='a cat'> <img src='x.png'><img src='t' width=1 height=1></p>";
    assert_eq!(drawn(source, 60), "see [picture: a cat] [picture]");
    assert!(style_at(source, "[picture: a cat]").remark);
}

#[test]
fn tables_hold_data_and_layout_does_not() {
    let data = "<table><tr><th>no</th><th>name</th></tr><tr><td>1</td><td>Ann</td></tr></table>";
    assert_eq!(drawn(data, 40), "──┬────\nno│name\n──┼────\n1 │Ann\n──┴────");
    let layout = format!(
        "<table><tr><td><p>Hello</p></td></tr><tr><td>{data}</td></tr></table><table><tr><td>x</td></tr></table>"
    );
    assert_eq!(drawn(&layout, 40), "Hello\n\n──┬────\nno│name\n──┼────\n1 │Ann\n──┴────\nx");
}

#[test]
fn nothing_is_one_remark() {
    for source in ["", "  \n", "<p></p>", "<p>&nbsp;</p><div><br></div>", "<script>x()</script>"] {
        let lines = rendered(source, 40);
        assert_eq!(drawn(source, 40), "(no text)", "{source:?}");
        assert!(lines[0].spans[0].style.remark);
    }
}

#[test]
fn blank_lines_do_not_pile_up() {
    assert_eq!(drawn("<p>a</p><p>&nbsp;</p><br><br><br><p>b</p><br><br>", 40), "a\n\nb");
    assert_eq!(drawn("a\n\n\n\nb\n\n", 40), "a\n\nb");
}

#[test]
fn a_fingerprint_survives_a_sanitizer() {
    let posted =
        Html::new("<p>Hi Ann,<br>it&#39;s &lt;done&gt; &amp; <strong>dusted</strong>.</p>");
    let stored = Html::new("<div>Hi Ann,<br />\nit's &lt;done&gt; &amp; <b>dusted</b>.</div>\n");
    assert_eq!(fingerprint(&posted), fingerprint(&stored));
    assert_eq!(fingerprint(&posted), "HiAnn,it's<done>&dusted.");
    assert_ne!(fingerprint(&posted), fingerprint(&Html::new("<p>hi ann</p>")));
}

#[test]
fn plain_is_what_a_reply_quotes() {
    let html =
        Html::new("<p>one <b>two</b></p><blockquote>three</blockquote><ul><li>four</li></ul>");
    assert_eq!(plain(&html), "one two\n\n> three\n* four");
    assert_eq!(plain(&Html::new("")), "");
}

/// The first word that a browser would show and the screen does not; `None` where all are there.
fn missing(source: &str) -> Option<String> {
    shown::missing(source, &drawn(source, u16::MAX), &drawn(source, 40), clean::block)
}

/// Renders at several widths, and checks everything that must hold for any message.
fn check(source: &str) {
    for width in [1, 20, 80] {
        let lines = rendered(source, width);
        assert!(!lines.is_empty() && lines.len() <= LINES + 20);
        for line in &lines {
            let text = line.text();
            assert!(
                !text.chars().any(|c| c.is_control()
                    || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')),
                "{text:?}"
            );
            let room = usize::from(width).saturating_sub(2 * usize::from(line.quote));
            assert!(width < 20 || room < 12 || text.width() <= room, "{width}: {text:?}");
        }
    }
}

#[test]
fn hostile_messages_are_shown_somehow() {
    let many = |part: &str, count: usize| part.repeat(count);
    let marks: String = (0..20_000).map(|i| format!("<b id={i}><p>x")).collect();
    let reopened = format!(
        "{}{}",
        (0..100).map(|i| format!("<b id={i}>")).collect::<String>(),
        many("<p>x", 40_000)
    );
    let cases = [
        ("nested", many("<div>", 10_000) + "deep"),
        ("hidden nesting", many("<div><table></div></table>", 20_000) + "deep"),
        ("misnested", many("<b><i></b></i><a><table><a>", 5_000)),
        ("reopened", reopened),
        ("distinct", marks),
        ("quotes", many("<blockquote>", 120) + "deep"),
        ("lists", many("<ul><li>", 60) + "deep"),
        ("tables", many("<table><tr><td>a</td><td>", 40) + "deep"),
        ("wide table", format!("<table><tr>{}</tr></table>", many("<td>cell</td>", 300))),
        ("big", many("<p>some words of text &amp; more</p>\n", 60_000)),
        ("NUL", "a\0b<p>\0c</p>&#0;&#1;&#27;[31m&#x202e;&#155;".into()),
        ("pre", "<pre>\u{1b}[2J&#27;]0;x&#7;\ta&#1;&#1;b\u{202e}</pre>".into()),
        ("long word", many("x", 4_000)),
        ("long word in cells", format!("<table><tr><td>{0}</td><td>{0}</td></tr></table>", many("x", 4_000))),
        ("wide letters", format!("<p>{}</p><table><tr><td>語語語</td><td>👩\u{200d}🚒🇩🇪</td></tr></table>", many("日本語👍🏽", 200))),
        ("entities", many("&lt;&#128105;&#8205;&#128658;&nosuch;", 3_000)),
        ("open", "<p>text <a href=\"https://x.example/".into()),
        ("comment", format!("a<!--{}", many("-", 100_000))),
        ("lone", "</p></table></blockquote><td><tr></b>x<br></br>".into()),
        ("spans", "<table><tr><td colspan=100000>a<td rowspan=99999>b<tr><td colspan=0>c</table>".into()),
        (
            "gap in a wide table",
            format!("<table><tr>{}<td rowspan=2>b</td></tr><tr></tr></table>", many("<td colspan=100>a</td>", 20)),
        ),
        (
            "gap in a table of no width",
            format!("<table><tr>{}<td rowspan=2>b</td></tr><tr></tr></table>", many("<td colspan=100>a</td>", 2_000)),
        ),
        ("numbers", "<ol start=-9223372036854775808><li>a<li>b</ol><ol start=9223372036854775807><li>a<li>b</ol>".into()),
        ("svg", "<svg><title>t</title><foreignObject><p>x</svg><math><mi>y</math>".into()),
        ("template", "<template><p>x</template><noscript>n</noscript><textarea>t</textarea><plaintext>z".into()),
    ];
    for (name, source) in cases {
        println!("{name}");
        check(&source);
        // html5ever alone takes long for deep trees.
        if source.len() <= 20_000 {
            assert_eq!(missing(&source), None, "{name}");
        }
    }
}

#[test]
fn empty_lines_of_a_text_mail_are_one_and_take_no_room() {
    assert_eq!(drawn("a\n\n\n \n\n> b\n>\n>\n> c\n\n\nd", 40), "a\n\n|b\n|\n|c\n\nd");
    assert_eq!(layout::plain_lines(&"\n".repeat(100_000), 40).len(), 1);
}

#[test]
fn a_gap_below_cells_is_one_cell() {
    let source = "<table><tr><td>a</td><td>b</td><td rowspan=2>c</td><td>d</td></tr>\
                  <tr></tr><tr><td>e</td><td>f</td><td>g</td><td>h</td></tr></table>";
    assert_eq!(missing(source), None);
    let lines = drawn(source, 80);
    let place = |word: &str| lines.lines().find_map(|line| line.find(word));
    assert_eq!(place("c"), place("g"), "{lines}");
}

#[test]
fn white_space_without_end_hides_no_word_after_it() {
    let lines = drawn(&format!("<pre>a{}b</pre>", "\t".repeat(60_000)), 10);
    assert!(lines.starts_with('a') && lines.ends_with('b'), "{lines}");
    let lines = drawn(&format!("<pre>a{}b</pre>", "\n".repeat(60_000)), 40);
    assert!(lines.starts_with('a'), "{lines}");
    assert!(lines.ends_with('b') || lines.contains("… shortened"), "{lines}");
}

#[test]
fn what_is_left_out_is_said() {
    let source = "<p>some words</p>\n".repeat(100_000);
    let lines = rendered(&source, 40);
    let last = &lines[lines.len() - 1];
    assert!(last.spans[0].style.remark);
    let text: Vec<_> = lines[lines.len() - 2..].iter().map(StyledLine::text).collect();
    assert!(text.join(" ").ends_with("press o to read it in the browser"), "{text:?}");
}

/// HTML made of pieces that fit together badly.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "<p>",
        "</p>",
        "<b>",
        "</b>",
        "<i>",
        "</i>",
        "<table>",
        "</table>",
        "<tr>",
        "<td>",
        "</td>",
        "<th>",
        "<tbody>",
        "<td colspan=3>",
        "<td rowspan=2>",
        "<ul>",
        "<ol start=9>",
        "<li>",
        "</ul>",
        "<blockquote>",
        "</blockquote>",
        "<pre>",
        "</pre>",
        "<h1>",
        "</h1>",
        "<br>",
        "<hr>",
        "<dl>",
        "<dt>",
        "<dd>",
        "<a href='https://x.example/y'>",
        "</a>",
        "<img src=x alt='语言'>",
        "<code>",
        "<sup>",
        "<div>",
        "</div>",
        "<font color=red>",
        "<svg>",
        "<select><option>",
        "&nbsp;",
        "&lt;",
        "&#1;",
        "\u{301}",
        "語",
        "👩\u{200d}🚒",
        "word",
        "two words",
        " ",
        "\n",
        "\t",
        "> ",
        "\u{1b}[0m",
        "<center>",
        "<del>",
        "longlonglonglonglonglonglong",
        "<template>",
        "<caption>",
        "<span id=x>",
        "<wbr>",
        "\u{ad}",
        "<center>",
        "</center>",
        "<address>",
        "<caption>",
        "<tfoot>",
        "<thead>",
        "<select>",
        "<option>",
        "</option>",
        "</select>",
        "</table>",
        "</tr>",
        "</br>",
        "</li>",
        "</address>",
        "<body>",
        "</body>",
        "</sup>",
        "<object>",
        "</object>",
        "<textarea>",
        "</textarea>",
        "<title>",
        "<script>",
        "</script>",
        "<style>",
        "<!--",
        "-->",
        "<noscript>",
        "<iframe>",
        "<plaintext>",
        "<a href='",
        "'>",
        "<li value=7>",
        "<ol type=i>",
        "<span style='white-space: pre-wrap'>",
        "<span style='display:block'>",
        "<details><summary>",
        "<ruby>",
        "<rt>",
        "<q>",
        "<fieldset><legend>",
        "<math><msup><mi>",
        "<svg><text>",
        "</svg>",
        "<button>",
        "<frameset>",
        "<template>",
        "&nbsp;&nbsp;",
        "12",
        "বাং",
        "لا",
        "می\u{200c}خواهم",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(300), ..Default::default() })]
    #[test]
    fn any_html_is_shown_safely(source in pieces()) {
        check(&source);
        prop_assert_eq!(rendered(&source, 30), rendered(&source, 30));
        prop_assert_eq!(missing(&source), None);
        plain(&Html::new(source.as_str()));
        fingerprint(&Html::new(source.as_str()));
    }
}
