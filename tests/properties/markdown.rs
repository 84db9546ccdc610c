//! What an agent types is what is recorded, whatever it is made of.

use growdesk::text::markdown;
use proptest::prelude::*;

use crate::{
    cases,
    typed::{ADDRESS, check},
};

/// All that Markdown, HTML and mail have marks for.
const GLUE: &[&str] = &[
    " ",
    "\n",
    "\n\n",
    "    ",
    "\n\n    ",
    "*",
    "**",
    "_",
    "__",
    "`",
    "```\n",
    "\n```\n",
    "~~~",
    "\n---\n",
    "\n==\n",
    "\n\n---\n\n",
    "# ",
    "\n\n# ",
    "\n- ",
    "\n* ",
    "\n+ ",
    "\n1. ",
    "\n2. ",
    "\n7) ",
    "\n> ",
    "\n>",
    "\n>> ",
    ">",
    "<b>",
    "</p>",
    "\n<div>",
    "<!--",
    "-->",
    "<script>",
    "[",
    "](",
    ")",
    "(",
    "![",
    "]: ",
    "\n[a]: ",
    "<https://a.example/",
    "javascript:",
    "&lt;",
    "&#60;",
    "&",
    "|",
    "\n|-|-|\n",
    "\n|a|b|\n|-|-|\n|",
    "~~",
    "~",
    "\\",
    "\\*",
    "\\_",
    "\\\n",
    "\"",
    "'",
    ADDRESS,
    "](https://a.example/",
    "(https://a.example/)",
    "<?",
    "<![CDATA[",
    "www.",
    "@a.example",
    "!",
    ".",
    ",",
    ":",
    ";",
    "=",
    "%",
    "/",
    "5",
    "\t",
    "\r\n",
    "\0",
    "快乐",
    "é",
    "-",
    "--",
    "+",
    "\n  - ",
    "\n   ",
    "  \n",
    "{",
    "}",
    "$",
    "^",
];

const WORDS: &[&str] = &["a", "Bc", "", "word", "x1", "12", " b ", "two words"];

fn typed() -> impl Strategy<Value = String> {
    let part = (prop::sample::select(GLUE), prop::sample::select(WORDS));
    prop::collection::vec(part, 0..20)
        .prop_map(|parts| parts.into_iter().flat_map(|(glue, word)| [glue, word]).collect())
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn all_that_was_typed_is_recorded_in_order(typed in typed()) {
        let html = markdown::to_html(&typed);
        let checked = check(&typed, &html);
        prop_assert!(checked.is_ok(), "{}\n{html}", checked.unwrap_err());
    }

    #[test]
    fn any_text_is_recorded(typed in "(?s).{0,60}") {
        let html = markdown::to_html(&typed);
        let checked = check(&typed, &html);
        prop_assert!(checked.is_ok(), "{}\n{html}", checked.unwrap_err());
    }
}

#[test]
fn an_address_in_brackets_and_its_target_are_recorded_as_one_link_or_two() {
    for typed in [
        "[www.a.example](http://www.a.example)",
        "[https://a.example/](https://a.example/)",
        "`[https://a.example/](https://a.example/)`",
        "[https://a.example/](https://a.example/ 'title')",
        "[[https://a.example/](https://a.example/)](https://a.example/)",
        "```\n[www.a.example](http://www.a.example)\n```",
        "[e](https://a.example/%5C!%5B\u{fffd}) [f](https://a.example/(x%20é)y)",
    ] {
        let html = markdown::to_html(typed);
        assert_eq!(check(typed, &html), Ok(()), "{html}");
        let lost = html.replacen("a.example", "", 1);
        assert!(check(typed, &lost).is_err(), "{lost}");
    }
}
