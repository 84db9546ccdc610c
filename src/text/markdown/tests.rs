use super::*;
use crate::{domain::Html, text::html};

fn check(markdown: &str, expected: &str) {
    assert_eq!(to_html(markdown), expected, "{markdown:?}");
}

/// Text that is recorded as it was typed, whatever it looks like.
fn as_typed(typed: &str) {
    let escaped = typed.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    check(typed, &format!("<p>{}</p>", escaped.replace('\n', "<br />\n")));
}

#[test]
fn paragraphs_and_line_breaks_are_as_typed() {
    check("", "");
    check("Hi,\nthere\n\nBye", "<p>Hi,<br />\nthere</p>\n<p>Bye</p>");
    check("a\r\nb\rc\u{c}d  \n\te", "<p>a<br />\nb<br />\nc<br />\nd<br />\ne</p>");
    check("a\0b\u{1b}[31mc\u{fdd0}", "<p>ab[31mc</p>");
    as_typed("1 < 2 & \"x\", it's \"so\" -- and...");
}

#[test]
fn typed_html_is_text() {
    as_typed("a <b>c</b> &lt;b&gt; &copy; &#0; &nbsp;");
    check(
        "<script>alert(1)</script>\n<p>\n\nx",
        "<p>&lt;script&gt;alert(1)&lt;/script&gt;<br />\n&lt;p&gt;</p>\n<p>x</p>",
    );
    check("<!-- a\n\n**b**", "<p>&lt;!-- a</p>\n<p>**b**</p>");
    check("> <div>\n> **x**", "<blockquote>\n<p>&lt;div&gt;<br />\n**x**</p>\n</blockquote>");
}

#[test]
fn markdown_is_markup() {
    check(
        "**b** *i* _i_ ~~s~~ `c<d`",
        "<p><strong>b</strong> <em>i</em> <em>i</em> <del>s</del> <code>c&lt;d</code></p>",
    );
    check("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>");
    check("3. a\n4. b", "<ol start=\"3\">\n<li>a</li>\n<li>b</li>\n</ol>");
    check("> q", "<blockquote>\n<p>q</p>\n</blockquote>");
    check("# T", "<h1>T</h1>");
    check("a\n\n---\n\nb", "<p>a</p>\n<hr />\n<p>b</p>");
    check("```sh\nls <x>\n```", "<pre><code class=\"language-sh\">ls &lt;x&gt;\n</code></pre>");
    check(
        "|a|b|\n|:-|-:|\n|1|2|",
        "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody>\n<tr><td>1</td><td>2</td></tr>\n</tbody></table>",
    );
    check(
        "- a\n  - b\n- c\n  more",
        "<ul>\n<li>a\n<ul>\n<li>b</li>\n</ul>\n</li>\n<li>c<br />\nmore</li>\n</ul>",
    );
}

#[test]
fn a_backslash_is_text_unless_a_mark_would_act() {
    as_typed(r"Map \\172.16.1.123\test");
    as_typed(r"C:\Games\Data\..\x.exe");
    as_typed(r"CLSID\{53BE}");
    as_typed(r"^\d+\.\d+\*$ \[a-z\] \(x\) \<b> \&amp; a\|b \~ \_x");
    as_typed("C:\\dir\\\n\\\nb\\\\");
    as_typed(r"\- 5 °C");
    check("\\`a\\\"\\*` b", "<p>`a\\\"\\*` b</p>");
    check(r"\*not\* \**so\**", "<p>*not* **so**</p>");
    check("\\- a\n\\- b", "<p>- a<br />\n- b</p>");
    check("\\# T", "<p># T</p>");
    check("\\> a\n\\> b", "<p>&gt; a<br />\n&gt; b</p>");
    check(
        r"\`x\` \[x](https://a.example/)",
        "<p>`x` [x](<a href=\"https://a.example/\">https://a.example/</a>)</p>",
    );
}

#[test]
fn a_backslash_in_the_target_of_a_link_is_text() {
    for target in [r"https://a.example\+x", r"https://a.example/\*x\_", r"https://a.example/\-\.\!"]
    {
        let html = to_html(&format!("[x]({target}) b@a.example"));
        let text = html::plain(&Html::new(html.as_str()));
        assert!(text.contains(&format!("[x]({target})")), "{html}");
    }
    for typed in
        [r"[x\](https://a.example/)", r"[x]\(https://a.example/)", r"\[x](https://a.example/)"]
    {
        let html = to_html(typed);
        assert!(!html.contains('\\') && html.contains("[x]("), "{html}");
    }
}

#[test]
fn a_backslash_in_an_address_in_brackets_keeps_it_from_being_a_link() {
    for typed in [
        r"<https://a.example/x\y>",
        r"<mailto:a\b@a.example>",
        r"<https://a.example/\>",
        r"<https://a.example/:\>x",
        r"<https://a.examx$e/:/T:\>#",
        r"\<https://a.example/>",
    ] {
        let html = to_html(typed);
        let text = html::plain(&Html::new(html.as_str()));
        // Linkify decides whether the backslash is of the address or keeps the bracket.
        assert!(text == typed || text == typed.replace('\\', ""), "{html}");
    }
}

#[test]
fn emphasis_is_between_words() {
    as_typed("__init__.py __main__ _foo_bar_ snake_case_name");
    as_typed("*.log and file*.txt");
    as_typed("192.168.*.* and *.* and *.bak*");
    as_typed(r"X*y7*_q_\!z");
    as_typed("2*3*4, 2**3**4, /*x*/ **/foo/** src/**/x a*b* ~5~ ~/x ~/y");
    as_typed("SELECT '*' or '*', ****WARNING****, 0 */5 * * *");
    as_typed("Hi *Ann\nBob*, it`s and that`s\n`a\nb`");
    check(
        "(*x*), \"_x_\": **b**! ***c*** **_d_**; *e*-f *g*'s",
        "<p>(<em>x</em>), \"<em>x</em>\": <strong>b</strong>! <em><strong>c</strong></em> \
         <strong><em>d</em></strong>; <em>e</em>-f <em>g</em>'s</p>",
    );
    check("这是**重点**内容", "<p>这是<strong>重点</strong>内容</p>");
}

#[test]
fn a_fence_is_of_backticks_on_both_sides() {
    check(
        "```see https://a.example/x**y z\nb\n```",
        "<pre><code>see <a href=\"https://a.example/x**y\">https://a.example/x**y</a> z\nb\n</code></pre>",
    );
    as_typed("~~~ Happy holidays! ~~~\nClosed.");
    as_typed("~~~\nx\n~~~");
    as_typed("```\nopen");
    check("```first line\nsecond\n```", "<pre><code>first line\nsecond\n</code></pre>");
    check(
        "> ```\n> >=5\n> ```\nb",
        "<blockquote>\n<pre><code>&gt;=5\n</code></pre>\n</blockquote>\n<p>b</p>",
    );
}

#[test]
fn a_table_keeps_every_cell_and_ends_with_its_bars() {
    let head = "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody>\n<tr>";
    check(
        "|a|b|\n|-|-|\n|1|2|3 4|https://a.example/|\nThanks,\nAnn",
        &format!(
            "{head}<td>1</td><td>2</td><td>3 4</td><td><a href=\"https://a.example/\">\
             https://a.example/</a></td></tr>\n</tbody></table>\n<p>Thanks,<br />\nAnn</p>"
        ),
    );
    check(
        "a|b\n-|-\n\\| | `x\\|y`",
        &format!("{head}<td>|</td><td><code>x|y</code></td></tr>\n</tbody></table>"),
    );
    as_typed("| no table |\n| x |");
    as_typed("Total | 5\n-- | --");
}

#[test]
fn a_quote_is_what_has_its_mark() {
    let quote = |text: &str| format!("<blockquote>\n{text}\n</blockquote>");
    check(
        "> Can we upgrade?\nYes, you can.\nAnn",
        &(quote("<p>Can we upgrade?</p>") + "\n<p>Yes, you can.<br />\nAnn</p>"),
    );
    check("> see above\n>=5 seats", &(quote("<p>see above</p>") + "\n<p>&gt;=5 seats</p>"));
    check("> > a\n> b\nc", &(quote(&(quote("<p>a</p>") + "\n<p>b</p>")) + "\n<p>c</p>"));
    check("> - a\n> - b\n> c", &quote("<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n<p>c</p>"));
    as_typed(">5 seats\n>text");
    as_typed(">>> import x\n>>> x.y");
    as_typed(">> file.log");
    as_typed("- > a");
}

#[test]
fn a_list_has_the_numbers_that_were_typed() {
    check(
        "1. one\n2. two\n4. four",
        "<ol>\n<li>one</li>\n<li>two</li>\n<li value=\"4\">four</li>\n</ol>",
    );
    check("1. a\n1. b", "<ol>\n<li>a</li>\n<li value=\"1\">b</li>\n</ol>");
    as_typed("007. x\n008. y");
    as_typed("1) a\n2) b");
    as_typed("1. 2. x");
}

#[test]
fn a_line_that_is_no_list_is_text() {
    as_typed("- 5 °C");
    as_typed("- Ann\nSupport");
    as_typed("* plus VAT");
    as_typed("100\n+ VAT\n+ 5");
    as_typed("- - x");
    as_typed("1986. A good year");
    check(
        "- a\n- b\nRegards,\nAnn",
        "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n<p>Regards,<br />\nAnn</p>",
    );
    check("- [ ] a\n- [x] b", "<ul>\n<li>[ ] a</li>\n<li>[x] b</li>\n</ul>");
}

#[test]
fn headings_and_rules_stand_alone() {
    as_typed("#123 is fixed");
    as_typed("a\n# apt update\n# apt upgrade");
    as_typed("#");
    as_typed("Regards\n--\nAnn\n===\nx");
    as_typed("a\n***\nb");
    as_typed("_ _ _");
    check("# C #", "<h1>C #</h1>");
    check(
        "see:\n\n    pasted **line**\n      two\n\nend",
        "<p>see:</p>\n<p>pasted **line**<br />\ntwo</p>\n<p>end</p>",
    );
}

#[test]
fn definitions_stay_visible() {
    check("see [1]\n\n[1]: x\n[1]: y", "<p>see [1]</p>\n<p>[1]: x<br />\n[1]: y</p>");
    check("```\n[1]: x\n```", "<pre><code>[1]: x\n</code></pre>");
    as_typed("[a]: x 'title'\nsee [a] and [b][a] and [^1]");
}

/// A link whose text is its address.
fn link(address: &str) -> String {
    let address = address.replace('&', "&amp;");
    format!("<a href=\"{address}\">{address}</a>")
}

#[test]
fn no_mark_acts_in_an_address() {
    for address in [
        "https://shop.example/p?Item=N82&cm_re=m65-_-26-_-Product",
        "https://a.example/*b*/_c_/**d**/~~e~~f",
        "https://a.example/x_y_z?a=1&copy=2&lt;=3",
        "https://a.example/x_(y)_z",
        "http://10.0.0.1:8080/a*b_c*d",
    ] {
        let link = link(address);
        check(address, &format!("<p>{link}</p>"));
        check(&format!("see {address}."), &format!("<p>see {link}.</p>"));
        check(&format!("({address}), \"{address}\""), &format!("<p>({link}), \"{link}\"</p>"));
        check(&format!("**see {address}**"), &format!("<p><strong>see {link}</strong></p>"));
        check(&format!("*{address}*"), &format!("<p><em>{link}</em></p>"));
        check(&format!("<{address}>"), &format!("<p>{link}</p>"));
        check(&format!("`{address}`"), &format!("<p><code>{link}</code></p>"));
        check(&format!("- {address}\n- x"), &format!("<ul>\n<li>{link}</li>\n<li>x</li>\n</ul>"));
        let target = address.replace('&', "&amp;");
        check(&format!("[text]({address})"), &format!("<p><a href=\"{target}\">text</a></p>"));
    }
}

#[test]
fn links_lead_to_the_web_and_to_mail() {
    as_typed("[x](http:s/a.example/z) [y](https:z)");
    check(
        "Ann <ann@a.example>, *bo@a.example*, www.a.example/b_c_d",
        "<p>Ann &lt;<a href=\"mailto:ann@a.example\">ann@a.example</a>&gt;, \
         <em><a href=\"mailto:bo@a.example\">bo@a.example</a></em>, \
         <a href=\"http://www.a.example/b_c_d\">www.a.example/b_c_d</a></p>",
    );
    check("[x **y**](/rel) z", "<p>[x <strong>y</strong>](/rel) z</p>");
    as_typed("[x](javascript:alert(1)) ![x](file.png) <ftp://a.example> file.txt");
    check(
        "[x](https://a.example/ \"t\")",
        &format!("<p>[x]({} \"t\")</p>", link("https://a.example/")),
    );
    check(
        "[https://a.example/x](https://b.example/y)",
        &format!("<p>[{}]({})</p>", link("https://a.example/x"), link("https://b.example/y")),
    );
    check(
        "![cat](https://a.example/c.png), Hi![here](https://a.example/)",
        "<p><a href=\"https://a.example/c.png\">cat</a>, Hi!<a href=\"https://a.example/\">here</a></p>",
    );
    check("![](https://a.example/c.png)", &format!("<p>{}</p>", link("https://a.example/c.png")));
}

#[test]
fn what_was_typed_is_shown_again() {
    for (typed, shown) in [
        (r"Map \\172.16.1.123\test", r"Map \\172.16.1.123\test"),
        ("~~~ Happy holidays! ~~~\nClosed.", "~~~ Happy holidays! ~~~\nClosed."),
        ("> Can we upgrade?\nYes, you can.", "> Can we upgrade?\n\nYes, you can."),
        ("> see above\n>=5 seats", "> see above\n\n>=5 seats"),
        ("__init__.py, *.log, &nbsp; <b>", "__init__.py, *.log, &nbsp; <b>"),
        ("```first line\nsecond\n```", "first line\nsecond"),
        ("3. a\n4. b", "3. a\n4. b"),
    ] {
        assert_eq!(html::plain(&Html::new(to_html(typed))), shown, "{typed:?}");
    }
}

#[test]
fn a_long_text_is_soon_done() {
    let begun = std::time::Instant::now();
    for text in
        ["> ", "- ", "*", "_a", "`", "[", "\\*", "> a\nb\n", "|a|\n", "~~~\n", "```\n", "<a"]
    {
        let html = to_html(&text.repeat(20_000));
        assert!(!html.is_empty());
    }
    assert!(begun.elapsed() < std::time::Duration::from_secs(60), "{:?}", begun.elapsed());
}
