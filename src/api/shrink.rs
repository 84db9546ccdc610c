//! Shrinks answers that are too large because messages hold pictures as `data:` addresses.
//!
//! Nobody sees them in a terminal, so they are taken out while the answer comes in. A shrunk text
//! is never sent back to the server.

/// What stands before the bytes of such a picture.
const MARK: &[u8] = b";base64,";
/// How many bytes of each are kept: small ones stay whole.
const KEPT: usize = 4096;

/// Where in an answer the last chunk has ended.
#[derive(Debug, Default)]
pub(super) struct Shrink {
    /// How much of [`MARK`] stands there.
    marked: usize,
    /// How many bytes of a picture stand there, where it is in one.
    run: Option<usize>,
    /// Whether a backslash stands there, which is not passed on yet.
    escaped: bool,
}

impl Shrink {
    /// Passes `chunk` on to `body`, without most of the bytes of pictures. The character that ends
    /// a picture is passed on, so a JSON string ends where it ended before.
    pub(super) fn pass_on(&mut self, chunk: &[u8], body: &mut Vec<u8>) {
        for &byte in chunk {
            match self.run {
                Some(count) => self.in_run(byte, count, body),
                None => {
                    body.push(byte);
                    self.look_for_mark(byte);
                }
            }
        }
    }

    fn in_run(&mut self, byte: u8, count: usize, body: &mut Vec<u8>) {
        let is_kept = count < KEPT;
        if std::mem::take(&mut self.escaped) {
            // PHP writes `\/`, and mail breaks its lines.
            if matches!(byte, b'/' | b'r' | b'n') {
                if is_kept {
                    body.extend([b'\\', byte]);
                }
                self.run = Some(count + 2);
            } else {
                body.extend([b'\\', byte]);
                self.run = None;
            }
            return;
        }
        match byte {
            b'\\' => self.escaped = true,
            b'+' | b'/' | b'=' | b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => {
                if is_kept {
                    body.push(byte);
                }
                self.run = Some(count + 1);
            }
            _ => {
                self.run = None;
                body.push(byte);
                self.look_for_mark(byte);
            }
        }
    }

    fn look_for_mark(&mut self, byte: u8) {
        self.marked = match byte {
            it if it == MARK[self.marked] => self.marked + 1,
            it => usize::from(it == MARK[0]),
        };
        if self.marked == MARK.len() {
            (self.marked, self.run) = (0, Some(0));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn shrunk(text: &str, chunk: usize) -> String {
        let (mut shrink, mut body) = (Shrink::default(), Vec::new());
        text.as_bytes().chunks(chunk).for_each(|chunk| shrink.pass_on(chunk, &mut body));
        String::from_utf8(body).unwrap()
    }

    #[test]
    fn pictures_go_and_the_rest_stays() {
        let big = "iVBORw0K/+A=".repeat(10_000);
        let message =
            |picture: &str| format!("a <img src=\"data:image/png;base64,{picture}\" alt=\"b\"> c");
        let text = json!({"data": [{"id": 1, "text": message(&big)}, {"id": 2}]}).to_string();
        for text in [text.clone(), text.replace('/', "\\/"), text.replace("K/", "K\\r\\n/")] {
            for chunk in [1, 7, 1000, text.len()] {
                let shrunk = shrunk(&text, chunk);
                assert!(shrunk.len() < 2 * KEPT);
                let value: Value = serde_json::from_str(&shrunk).unwrap();
                let left = value["data"][0]["text"].as_str().unwrap();
                assert!(left.starts_with("a <img src=\"data:image/png;base64,iVBOR"), "{left}");
                assert!(left.ends_with("\" alt=\"b\"> c"), "{left}");
                assert_eq!(value["data"][1]["id"], 2);
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_json_stays_json(parts in prop::collection::vec("(;base64,)?[a-z\"\\\\/\\n;,é]{0,9}", 0..20)) {
            let text = json!([parts.concat()]).to_string();
            prop_assert_eq!(shrunk(&text, 3), text);
            let long = json!([parts.join(&";base64,A".repeat(2 * KEPT))]).to_string();
            prop_assert!(serde_json::from_str::<Value>(&shrunk(&long, 5)).is_ok());
        }
    }
}
