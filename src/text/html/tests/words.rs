//! Every word that a customer wrote is on the screen, or its place is marked.

use super::{drawn, missing, rendered, style_at};
use crate::{
    domain::Html,
    text::html::{Stripped, plain, words},
};

/// A picture of so many bytes within a message.
fn picture(bytes: usize) -> String {
    format!("data:image/png;base64,{}", "iVBORw0KGgo+/A==".repeat(bytes / 16))
}

#[test]
fn a_picture_in_the_text_costs_no_word_after_it() {
    let big = picture(530_000);
    let long = "x".repeat(600_000);
    for between in [
        format!("<img src=\"{big}\">"),
        format!("<img alt=cat srcset='{big} 2x' src=cid:1>"),
        format!("<div style=\"background: url({big})\">in</div>"),
        format!("<a href='{big}'>in</a>"),
        format!("<p class=\"{long}\">in</p>"),
        format!("<p style=\"color:{long}\">in</p>"),
        format!("<!-- {long} -->"),
        format!("<!--[if mso]>{long}<![endif]-->"),
        format!("<style>p {{ background: url({big}) }} {long}</style>"),
        format!("<img src=\"data:image/svg+xml,%3Csvg{long}\">"),
        format!("<svg><image href='{big}'/></svg>"),
        " ".repeat(700_000),
    ] {
        let source = format!("<p>first</p>{between}<p>second</p>");
        let text = drawn(&source, 80);
        assert!(text.starts_with("first") && text.ends_with("second"), "{:.200}", between);
        assert!(words(&Html::new(source.as_str())).trim_end().ends_with("second"));
    }
    let mail = format!("first\n{big}\nsecond");
    assert_eq!(drawn(&mail, 80), "first\ndata:image/png;base64,…\nsecond");
    assert!(drawn("<p>see data:image/png;base64,AAAA now</p>", 80).contains("AAAA now"));
}

#[test]
fn a_table_has_its_foot_and_its_caption() {
    let source = "<table><caption>Order 7</caption><thead><tr><th>no</th><th>pieces</th></tr></thead>\
                  <tfoot><tr><td>sum</td><td>12</td></tr></tfoot><tr><td>1</td><td>Ann</td></tr></table>";
    assert_eq!(
        drawn(source, 40),
        "Order 7\n\n───┬──────\nno │pieces\n───┼──────\n1  │Ann\n───┼──────\nsum│12\n───┴──────"
    );
}

#[test]
fn a_cell_over_several_rows_leaves_its_place_empty() {
    let source = "<table><tr><th>day</th><th>what</th><th>price</th></tr>\
                  <tr><td rowspan=2>mon</td><td>bread</td><td>2</td></tr><tr><td>milk</td><td>1</td></tr>\
                  <tr><td colspan=2>sum</td><td>3</td></tr></table>";
    let rows: Vec<String> = drawn(source, 40).lines().map(str::to_owned).collect();
    assert_eq!(rows[5].split('│').map(str::trim).collect::<Vec<_>>(), ["", "milk", "1"]);
    assert_eq!(rows[7].split('│').map(str::trim).collect::<Vec<_>>(), ["sum", "3"]);
    let last = "<table><tr><td>a</td><td rowspan=3>b</td></tr><tr><td>c</td></tr></table>";
    assert_eq!(missing(last), None);
    let middle = "<table><tr><td>a</td><td rowspan=0>b</td><td>c</td></tr><tr><td>d</td><td>e</td></tr></table>";
    assert!(drawn(middle, 40).contains("d│ │e"), "{}", drawn(middle, 40));
}

#[test]
fn whatever_is_not_in_a_line_is_a_block() {
    assert_eq!(
        drawn("<center>Total: 4</center><center>2 items left</center>", 40),
        "Total: 4\n2 items left"
    );
    for block in [
        "address",
        "article",
        "aside",
        "center",
        "details",
        "dialog",
        "div",
        "figcaption",
        "figure",
        "footer",
        "form",
        "header",
        "hgroup",
        "main",
        "menu",
        "nav",
        "search",
        "section",
        "summary",
        "legend",
        "option",
        "dd",
        "dt",
        "li",
        "p",
        "pre",
        "fieldset",
        "h3",
        "xmp",
        "listing",
        "blockquote",
        "marquee",
        "optgroup",
        "dir",
        "textarea",
    ] {
        let source = format!("<div>4<{block}>2</{block}>items<{block}>x</{block}></div>");
        assert!(!drawn(&source, 40).contains("42"), "{block}");
        assert!(!drawn(&source, 40).contains("2items"), "{block}");
        assert!(!words(&Html::new(source)).contains("42"), "{block}");
    }
    assert_eq!(drawn("<p>a<span style='display: block'>b</span>c</p>", 40), "a\nb\nc");
    for empty in [
        "<div></div>",
        "<table></table>",
        "<ul></ul>",
        "<ul><li></ul>",
        "<div><!-- x --></div>",
        "<p hidden></p><div></div>",
    ] {
        assert!(!drawn(&format!("<div>4{empty}2 items</div>"), 40).contains("42"), "{empty}");
    }
    assert_eq!(drawn("<p>a<o:p>b</o:p><x-y>c</x-y></p>", 40), "abc");
}

#[test]
fn white_space_is_kept_where_a_style_asks_for_it() {
    assert_eq!(
        drawn("<div style=\"white-space: pre-wrap\">one\n  two   three</div>", 40),
        "one\n  two   three"
    );
    assert_eq!(drawn("<p style='WHITE-SPACE:Pre-Line !important'>one\n  two</p>", 40), "one\ntwo");
    assert_eq!(drawn("<p style='white-space:nowrap'>one\n  two</p>", 40), "one two");
    let long = "<pre>a long line of words that goes on\n    indented</pre>";
    assert_eq!(drawn(long, 20), "a long line of words\nthat goes on\n    indented");
    assert_eq!(drawn("<p>a&nbsp;&nbsp;&nbsp;b<br>&nbsp;&nbsp;c</p>", 40), "a   b\n  c");
    assert_eq!(drawn("<textarea>one\ntwo</textarea>", 40), "one\ntwo");
}

#[test]
fn tabs_go_to_their_stops() {
    assert_eq!(
        drawn("<pre>a\tb\nlonger\tc\n\t<b>d</b>\te</pre>", 40),
        "a       b\nlonger  c\n        d       e"
    );
    assert_eq!(drawn("a\tb\nlonger\tc\n日本\td", 40), "a       b\nlonger  c\n日本    d");
}

#[test]
fn what_a_browser_does_not_show_is_not_shown() {
    let source = "<div style='display:none;max-height:0'>preheader</div><p hidden>b</p>\
                  <p style='visibility: hidden'>c<b style='visibility:visible'>seen</b></p><p>text</p>";
    assert_eq!(drawn(source, 40), "seen\n\ntext");
    assert_eq!(
        drawn("<td style='font-size:0'><p style='font-size:13px'>text</p></td>", 40),
        "text"
    );
}

#[test]
fn lists_count_as_they_were_written() {
    assert_eq!(drawn("<ol type=a><li>x<li>y</ol>", 40), "a. x\nb. y");
    assert_eq!(drawn("<ol><li value=5>x<li>y</ol>", 40), "5. x\n6. y");
    assert_eq!(drawn("<ol type=I start=9><li>x<li>y</ol>", 40), "IX. x\nX.  y");
    assert_eq!(drawn("<ol reversed><li>x<li>y<li>z</ol>", 40), "3. x\n2. y\n1. z");
    assert_eq!(drawn("<ol start=-1><li>x<li>y<li>z</ol>", 40), "-1. x\n0.  y\n1.  z");
    assert_eq!(drawn("<ol style='list-style-type: upper-alpha' start=27><li>x</ol>", 40), "AA. x");
    assert_eq!(drawn("<ol type=i start=0><li>x<li type=1>y</ol>", 40), "0. x\n1. y");
    assert_eq!(
        drawn("<ol>text<li>x</li><ol><li>y</ol>more<li>z</ol>", 40),
        "text\n1. x\n1. y\nmore\n2. z"
    );
    assert_eq!(drawn("<ul>text<div>block</div><li>x</ul>", 40), "text\nblock\n* x");
    assert_eq!(
        drawn("<dl><div><dt>term</dt><dd>said</dd></div>loose</dl>", 40),
        "term\n  said\nloose"
    );
}

#[test]
fn what_is_raised_or_lowered_is_told_from_what_is_not() {
    assert_eq!(
        drawn("<p>10<sup>-6</sup> and 2<sup>n</sup> and H<sub>2</sub>O, a<sub>ij</sub></p>", 40),
        "10⁻⁶ and 2^n and H₂O, a_ij"
    );
    assert_eq!(
        drawn(
            "<p><math><msup><mi>x</mi><mn>2</mn></msup><mo>=</mo><mfrac><mn>1</mn><mn>4</mn></mfrac></math></p>",
            40
        ),
        "x^2=1/4"
    );
    assert_eq!(drawn("<p>a <sup></sup>b<sup><b>12</b></sup></p>", 40), "a b¹²");
}

#[test]
fn what_is_raised_keeps_its_lines_links_and_pictures() {
    for (source, expected) in [
        ("<div>12<sup><center>12</center></sup></div>", "12^\n12"),
        ("<p>1<sup>2<br>3</sup></p>", "1^2\n3"),
        ("<p>1<sub>2<br>3</sub></p>", "1_2\n3"),
        (
            "<p>1<sup><a href='https://x.example/n'>2</a></sup></p>",
            "1^2[1]\n\n[1] https://x.example/n",
        ),
        ("<p>1<sup>2<img src=x alt=cat></sup></p>", "1^2[picture: cat]"),
        ("<p>1<sup>2<span style='display:none'>3</span></sup></p>", "1^2"),
        ("<p>1<sup>2<span style='display:block'>3</span></sup></p>", "1^2\n3"),
        ("<p>1<sup><s>2</s></sup></p>", "1^~~2~~"),
        ("<p>1<sup><b><font color=red>2</font></b></sup></p>", "1²"),
    ] {
        assert_eq!(drawn(source, 80), expected, "{source}");
        assert_eq!(missing(source), None, "{source}");
    }
}

#[test]
fn a_struck_price_is_none() {
    let source = "<p>now <del>19</del> <s>18</s> <span style='text-decoration: line-through'>17</span> 16</p>";
    assert_eq!(drawn(source, 40), "now ~~19~~ ~~18~~ ~~17~~ 16");
    assert!(style_at(source, "17").strike && !style_at(source, "16").strike);
    assert_eq!(plain(&Html::new(source)), "now ~~19~~ ~~18~~ ~~17~~ 16");
}

#[test]
fn addresses_are_told_whole_and_apart() {
    let long = "https://a.example/".to_owned() + &"x".repeat(602);
    let source = format!("<a href='{long}1'>here</a> <a href='{long}2'>here</a>");
    let text = drawn(&source, u16::MAX);
    assert_eq!(text, format!("here[1] here[2]\n\n[1] {long}1\n[2] {long}2"));
    let endless = "https://a.example/".to_owned() + &"x".repeat(30_000);
    let text = drawn(&format!("<a href='{endless}1'>a</a> <a href='{endless}2'>b</a>"), u16::MAX);
    assert!(text.starts_with("a[1] b[2]"), "{text:.100}");
    assert_eq!(text.matches('…').count(), 2);
    for (address, shown) in [
        ("//p.example/y", "https://p.example/y"),
        ("ftp://f.example/z", "ftp://f.example/z"),
        ("www.w.example/q", "www.w.example/q"),
        ("tel:+49123", "tel:+49123"),
        ("sms:123", "sms:123"),
        ("mailto:j@x.example?subject=a", "mailto:j@x.example?subject=a"),
        ("file://server/share", "file://server/share"),
        ("http://[broken", "http://[broken"),
    ] {
        let source = format!("<p><a href='{address}'>here</a></p>");
        assert_eq!(drawn(&source, 80), format!("here[1]\n\n[1] {shown}"));
        assert!(words(&Html::new(source)).contains(shown));
    }
    for address in ["javascript:x()", "#top", "/rel", "data:text/plain,x", "", "cid:1"] {
        assert_eq!(drawn(&format!("<p><a href='{address}'>here</a></p>"), 80), "here");
    }
    assert_eq!(
        drawn("<a href='https://x.example/'>x.example</a> <a href='//y.example'>y.example</a>", 80),
        "x.example y.example"
    );
    assert_eq!(
        drawn("<a href='https://evil.example'>https://good.example</a>", 80),
        "https://good.example[1]\n\n[1] https://evil.example"
    );
    assert_eq!(
        drawn("<a href='https://x.example/p'><div>block</div></a><p>next</p>", 80),
        "block[1]\n\nnext\n\n[1] https://x.example/p"
    );
}

#[test]
fn many_links_are_marked_where_they_are_not_listed() {
    let source: String =
        (0..1_200).map(|i| format!("<a href='https://x.example/{i}'>l{i}</a> ")).collect();
    let text = drawn(&source, 80);
    assert!(
        text.contains("l1199[…]") && text.contains("200 addresses more"),
        "{}",
        &text[text.len() - 200..]
    );
}

#[test]
fn what_is_deep_is_shown_with_its_links() {
    for depth in [99, 100, 101, 127, 140, 3_000] {
        let source = format!(
            "{}<p>one</p><p>two <a href='https://x.example/deep'>link</a></p>{}<p>after</p><table><tr><td>1</td><td>2</td></tr></table>",
            "<div>".repeat(depth),
            "</div>".repeat(depth)
        );
        let text = drawn(&source, 80);
        assert!(text.contains("one\n"), "{depth}: {text}");
        assert!(
            text.contains("two link[1]") && text.contains("[1] https://x.example/deep"),
            "{depth}: {text}"
        );
        assert!(text.contains("after\n") && text.contains("1│2"), "{depth}: {text}");
        assert_eq!(missing(&source), None, "{depth}");
    }
    for tag in ["span", "blockquote", "b", "font", "table><tr><td", "ul><li", "section", "o:p"] {
        let close = tag.split('>').next().unwrap();
        let source = format!(
            "{}<i>deep</i> <b>est</b>{}after",
            format!("<{tag}>x").repeat(150),
            format!("</{close}>y").repeat(150)
        );
        let text = drawn(&source, 80);
        assert!(text.contains("deep") && text.contains("after"), "{tag}: {text}");
        assert_eq!(missing(&source), None, "{tag}");
    }
}

#[test]
fn too_many_elements_leave_the_text_and_the_addresses() {
    let source = format!(
        "{}<p>see <a href='https://x.example/end'>here</a></p>",
        "<b>word</b> ".repeat(31_000)
    );
    assert!(drawn(&source, 80).ends_with("see here (https://x.example/end)"));
    assert_eq!(missing(&source), None);
}

#[test]
fn what_never_ends_is_text() {
    for tag in [
        "<script>",
        "<style>",
        "<title>",
        "<!--",
        "<iframe src=x>",
        "<script",
        "<!-- a <b>x</b> ",
        "<?php",
        "<a href=\"x",
        "<div class='",
        "<!DOCTYPE",
        "<![CDATA[",
        "<style type='x' >",
        "<SCRIPT>",
    ] {
        let source = format!("Hello,\nI use {tag} in line 2\nand more after it");
        let text = drawn(&source, 80);
        assert!(text.contains(tag) || tag.contains("<b>"), "{tag}: {text}");
        assert!(text.contains("Hello,") && text.contains("in line 2"), "{tag}: {text}");
        assert!(text.ends_with("and more after it"), "{tag}: {text}");
        assert!(words(&Html::new(source.as_str())).ends_with("after it"), "{tag}");
        let source = format!("<p>Hello, <b>you</b></p>I use {tag} in <i>line</i> 2<p>and more</p>");
        let text = drawn(&source, 80);
        assert!(text.contains("Hello, you") && text.contains("and more"), "{tag}: {text}");
        assert_eq!(missing(&source), None, "{tag}");
    }
    let mail = "Hello,\nI use <script> in line 2\nand more after it";
    assert_eq!(drawn(mail, 80), mail);
    for tag in [
        "<textarea>",
        "<plaintext>",
        "<noscript>",
        "<select>",
        "<select><option>",
        "<template>",
        "<xmp>",
        "<noframes>",
        "<noembed>",
        "<frameset>",
        "<table>",
        "<table><tr>",
        "<svg>",
        "<math>",
        "<button>",
        "<object>",
        "<video>",
        "<head>",
        "<option>",
    ] {
        for source in [
            format!("Hello,<br>I use {tag} in line 2<br>and more after it"),
            format!("<p>Hello,</p><p>I use {tag} in line 2<p>and more after it"),
        ] {
            let text = drawn(&source, 80);
            for part in ["Hello,", "I use", "in line 2", "and more after it"] {
                assert!(text.contains(part), "{tag}: {part} in {text}");
            }
            assert_eq!(missing(&source), None, "{tag}");
        }
    }
    let many = format!("start {} end", "<script> x ".repeat(3_000));
    assert!(drawn(&many, 80).ends_with("end"));
    assert_eq!(
        drawn("<p>a</p><script>no()</script><style>x{}</style><title>t</title><p>b</p>", 80),
        "a\n\nb"
    );
    assert_eq!(drawn("<svg><style/><text>drawn</text></svg><p>b</p>", 80), "drawn\n\nb");
}

#[test]
fn what_ends_a_drawing_ends_it_here() {
    for begun in [
        "<svg><font color=red>",
        "<svg><text><font face=x>",
        "<math><font size=2>",
        "<math><annotation-xml encoding='text/html'>",
        "<svg><p>",
    ] {
        let source = format!("{begun}<textarea>one <center> two");
        assert_eq!(missing(&source), None, "{source}");
        let is_shown = drawn(&source, 80).contains("one <center> two");
        assert!(is_shown || begun.contains("annotation"), "{source}: {}", drawn(&source, 80));
    }
}

#[test]
fn scripts_within_drawings_and_formulas_end() {
    for outer in [
        "<svg>",
        "<svg><foreignObject>",
        "<svg><desc>",
        "<svg><title>",
        "<math>",
        "<math><mi>",
        "<math><mtext>",
        "<math><annotation-xml encoding='text/html'>",
    ] {
        for name in ["script", "style", "title", "iframe", "textarea", "xmp", "noscript"] {
            for inner in ["no()", "", "a <b> c", "<!-- x"] {
                let ended = format!("one {outer}<{name}>{inner}</{name}><b>two</b><p>three");
                let open = format!("<p>one</p>{outer}<{name}>{inner} two");
                for source in [ended, open] {
                    assert_eq!(missing(&source), None, "{source}");
                    let text = drawn(&source, 80);
                    // A browser shows nothing of these, and a script of a drawing has tags in it.
                    let is_gone = ["<svg>", "<svg><title>", "<math>"].contains(&outer)
                        || outer.contains("annotation")
                        || inner.contains("<!--");
                    assert!(is_gone || text.contains("two"), "{source}: {text}");
                }
            }
        }
    }
}

#[test]
fn text_may_speak_of_tags_in_the_middle() {
    for (source, expected) in [
        ("1 < 2 and <3 you", "1 < 2 and <3 you"),
        ("a <", "a <"),
        ("a </", "a </"),
        ("a &am", "a &am"),
        ("<b>x</b> a <", "x a <"),
        ("<p>if a<b then c", "if a<b then c"),
        ("", "(no text)"),
    ] {
        assert_eq!(drawn(source, 80), expected, "{source}");
    }
}

#[test]
fn pictures_of_a_pixel_are_left_out() {
    for tiny in [
        "width=1 height=1",
        "width='1px' height='1px'",
        "style='width:1px;height:1px'",
        "style='display:none'",
        "width=0 height=0",
        "hidden",
        "style='width: 1px !important; height: 1px'",
        "height=1 width=600",
    ] {
        assert_eq!(
            drawn(&format!("<p>see<img src='https://x.example/t.gif' {tiny}></p>"), 40),
            "see",
            "{tiny}"
        );
    }
    assert_eq!(
        drawn("<p><img src=x width=100 height=100> <img alt='only alt'></p>", 40),
        "[picture] [picture: only alt]"
    );
    assert_eq!(drawn("<p>a<svg><path d='M0'/></svg>b</p>", 40), "a[picture]b");
}

#[test]
fn fields_show_what_is_in_them() {
    let source = "<form><label>Name <input value='Ann B'></label><input type=hidden value=secret>\
                  <p><input type=checkbox checked>yes <input type=radio>no</p><button>Send it</button>\
                  <select><option>red</option><option>blue</option></select></form>";
    assert_eq!(drawn(source, 60), "Name [Ann B]\n\n[x] yes ( ) no\n\n[Send it]\nred\nblue");
    assert_eq!(
        drawn("<fieldset><legend>Where</legend>here</fieldset>after", 40),
        "Where\nhere\n\nafter"
    );
    assert_eq!(
        drawn("<p>he said <q>so</q> <ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby></p>", 40),
        "he said “so” 漢(kan)"
    );
}

#[test]
fn joiners_between_letters_that_need_them_are_kept() {
    assert_eq!(drawn("<p>می\u{200c}خواهم</p>", 40), "می\u{200c}خواهم");
    assert_eq!(drawn("می\u{200c}خواهم", 40), "می\u{200c}خواهم");
    assert_eq!(drawn("<p>ශ්\u{200d}රී</p>", 40), "ශ්\u{200d}රී");
    assert_eq!(drawn("<p>a\u{200c}b\u{200d}\u{202e}c\u{200f}</p>", 40), "abc");
}

#[test]
fn words_of_all_scripts_wrap_by_the_columns_of_the_console() {
    for text in [
        "বাংলাদেশ নমস্কার",
        "മലയാളം നന്ദി",
        "لا إله السلام",
        "ខ្មែរ ភាសា",
        "สวัสดี ทำงาน",
        "हिन्दी नमस्ते क्षमा",
        "ꓐꓸꓹ ⴰ\u{2d7f}ⴰ",
    ] {
        let text = text.repeat(20);
        for source in [
            format!("<p>{text}</p>"),
            text.clone(),
            format!("<table><tr><td>{text}</td><td>x</td></tr><tr><td>{text}</td></tr></table>"),
            format!("<pre>{text}\t{text}</pre>"),
        ] {
            for width in [9, 20, 33] {
                for line in rendered(&source, width) {
                    let columns = crate::domain::columns::width(&line.text());
                    assert!(columns <= usize::from(width), "{width} {columns} {:?}", line.text());
                }
            }
            assert_eq!(missing(&source), None);
        }
    }
}

#[test]
fn text_mail_is_told_from_html_by_what_has_an_end() {
    assert_eq!(Stripped::of("a <script> b").shape, super::Shape::Text);
    assert_eq!(Stripped::of("<p>a</p> <script> b").shape, super::Shape::Html);
}
