//! JSON that is almost right.
//!
//! A CRM or plug-in that builds its JSON by hand may send half of a surrogate pair, a byte that is
//! no UTF-8, a tab in a string, or `NaN`. JSON allows none of these. Each is the fault of one
//! value, and no parser at hand goes on after it. So the text is mended in one pass and parsed once
//! more. The pass recognises strings and words, and nothing of their meaning. A text that is no
//! JSON at all is not mended.

use std::fmt::Write as _;

use serde_json::Value;

/// How deep values may lie. Deeper ones are left out; a parser gives up not far beyond this depth.
const DEPTH: usize = 100;

/// A JSON text, parsed.
#[derive(Debug)]
pub(super) struct Mended {
    /// What it says.
    pub(super) value: Value,
    /// Whether it had to be mended: a text in it may hold U+FFFD where the server holds another.
    pub(super) mended: bool,
}

/// Parses JSON, mended where it has to be. In a string, bytes and escapes that are no character
/// become U+FFFD; a raw control character and a backslash that escapes nothing stand for
/// themselves. A word that is no value becomes `null`, and so does a value that lies too deep.
/// `None` if the result is still no JSON.
pub(super) fn parse(body: &[u8]) -> Option<Mended> {
    if let Ok(value) = serde_json::from_slice(body) {
        return Some(Mended { value, mended: false });
    }
    let value = serde_json::from_str(&mend(&String::from_utf8_lossy(body))).ok()?;
    Some(Mended { value, mended: true })
}

fn mend(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    let mut rest = text;
    let (mut depth, mut too_deep) = (0_usize, None);
    while let Some(first) = rest.chars().next() {
        match first {
            '"' => {
                rest = string(&rest[1..], &mut out);
                continue;
            }
            '{' | '[' => {
                depth += 1;
                if depth > DEPTH {
                    too_deep.get_or_insert(out.len());
                }
                out.push(first);
            }
            '}' | ']' => {
                out.push(first);
                depth = depth.saturating_sub(1);
                if depth == DEPTH
                    && let Some(start) = too_deep.take()
                {
                    out.truncate(start);
                    out.push_str("null");
                }
            }
            ',' | ':' | ' ' | '\t' | '\n' | '\r' => out.push(first),
            _ => {
                rest = word(rest, &mut out);
                continue;
            }
        }
        rest = &rest[first.len_utf8()..];
    }
    out
}

/// Copies a word, or `null` if the word is no value; returns the text after it.
fn word<'t>(text: &'t str, out: &mut String) -> &'t str {
    let ends = |c: char| matches!(c, '"' | '{' | '}' | '[' | ']' | ',' | ':') || c.is_whitespace();
    let end =
        text.find(ends).unwrap_or(text.len()).max(text.chars().next().map_or(0, char::len_utf8));
    let (word, rest) = text.split_at(end);
    let is_value = serde_json::from_str::<Value>(word).is_ok();
    out.push_str(if is_value { word } else { "null" });
    rest
}

/// Copies a string, from behind its opening quote on; returns the text after it.
fn string<'t>(text: &'t str, out: &mut String) -> &'t str {
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c == '"' || c == '\\' || c < ' ') {
        out.push_str(&rest[..at]);
        let (special, after) = (rest.as_bytes()[at], &rest[at + 1..]);
        match special {
            b'"' => {
                out.push('"');
                return after;
            }
            b'\\' => rest = escape(after, out),
            control => {
                // Writing to a string does not fail.
                let _ = write!(out, "\\u{control:04x}");
                rest = after;
            }
        }
    }
    out.push_str(rest);
    ""
}

/// Copies an escape, from behind its backslash on; returns the text after it.
fn escape<'t>(text: &'t str, out: &mut String) -> &'t str {
    match text.as_bytes().first() {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
            out.push('\\');
            out.push_str(&text[..1]);
            &text[1..]
        }
        Some(b'u') => match unit(&text[1..]) {
            Some(0xd800..0xdc00)
                if matches!(text.get(7..).and_then(unit), Some(0xdc00..0xe000))
                    && text.get(5..7) == Some("\\u") =>
            {
                out.push('\\');
                out.push_str(&text[..11]);
                &text[11..]
            }
            Some(0xd800..0xe000) => {
                out.push_str("\\ufffd");
                &text[5..]
            }
            Some(_) => {
                out.push('\\');
                out.push_str(&text[..5]);
                &text[5..]
            }
            None => {
                out.push_str("\\\\");
                text
            }
        },
        _ => {
            out.push_str("\\\\");
            text
        }
    }
}

/// The four hexadecimal digits that a text begins with.
fn unit(text: &str) -> Option<u16> {
    let digits = text.get(..4).filter(|it| it.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn mended(text: impl AsRef<[u8]>) -> Option<Value> {
        let text = text.as_ref();
        let parsed = parse(text)?;
        assert!(parsed.mended, "{}", String::from_utf8_lossy(text));
        Some(parsed.value)
    }

    #[test]
    fn only_the_value_that_is_wrong_suffers() {
        for (wrong, right) in [
            (r#""\ud83d""#, json!("\u{fffd}")),
            (r#""a\ud83d\u0041""#, json!("a\u{fffd}A")),
            (r#""\ude00\ud83d\ude00""#, json!("\u{fffd}\u{1f600}")),
            (r#""\ud83d\ud83d\ude00""#, json!("\u{fffd}\u{1f600}")),
            (r#""\ud83dx\\ud83d""#, json!("\u{fffd}x\\ud83d")),
            ("\"a\tb\nc\u{1}\"", json!("a\tb\nc\u{1}")),
            (r#""C:\Games\x \u12 \'""#, json!("C:\\Games\\x \\u12 \\'")),
            ("NaN", json!(null)),
            ("-Infinity", json!(null)),
            ("1e999", json!(null)),
            ("007", json!(null)),
            ("True", json!(null)),
        ] {
            let text = format!(r#"{{"data":[{{"id":1,"subject":{wrong}}},{{"id":2}}]}}"#);
            let value = json!({"data": [{"id": 1, "subject": right}, {"id": 2}]});
            assert_eq!(mended(&text), Some(value), "{text}");
        }
        let bytes = b"{\"data\":[{\"subject\":\"caf\xe9 \xf0\x9f\"},7]}";
        let value = json!({"data": [{"subject": "caf\u{fffd} \u{fffd}"}, 7]});
        assert_eq!(mended(bytes), Some(value));
    }

    #[test]
    fn what_lies_too_deep_is_left_out() {
        for levels in [DEPTH + 40, 200_000] {
            let deep = format!("{}\"]\"{}", "[".repeat(levels), "]".repeat(levels));
            let value =
                mended(format!(r#"{{"data":[{{"id":1,"x":{deep}}},{{"id":2}}]}}"#)).unwrap();
            assert_eq!(value["data"][1], json!({"id": 2}));
            assert_eq!(value["data"][0]["id"], 1);
        }
    }

    #[test]
    fn what_is_no_json_stays_none() {
        for text in [
            "",
            "<br />\n<b>Notice</b>: x in <b>a.php</b>\n{\"data\":[]}",
            "\u{feff}{\"data\":[]}",
            "{\"data\":[]}<!-- 3 ms -->",
            "{\"data\":[]} // done",
            "{\"data\":[1,2",
            "{\"data\":\"unended",
            "{data:[]}",
            "{\"data\":[}",
            "\\",
            "\"\\",
            "\"\\u",
        ] {
            assert!(parse(text.as_bytes()).is_none_or(|it| !it.value.is_object()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_fail_and_what_is_right_is_left_alone(bytes: Vec<u8>, text: String) {
            let _ = parse(&bytes);
            let right = json!({ "data": [{ "subject": text }, 1.5, null, true] }).to_string();
            prop_assert_eq!(mend(&right), right);
        }

        #[test]
        fn one_string_of_any_bytes_costs_no_other(bytes in "[^\"\\\\]*|\\PC*") {
            let bytes = bytes.replace('"', "").replace('\\', "\\\\");
            let text = format!("{{\"data\":[{{\"id\":1,\"subject\":\"{bytes}\"}},{{\"id\":2}}]}}");
            let value = parse(text.as_bytes()).map(|it| it.value).unwrap_or_default();
            prop_assert_eq!(&value["data"][1]["id"], 2);
        }
    }
}
