//! Reads the source of HTML into a sink of tokens. The budget counts only the text that people see.
//!
//! A pass before that leaves out the values of `data:` addresses. Text that a browser never shows
//! (scripts, comments) costs no budget. A tag, comment or script that never ends counts as text: a
//! mail that speaks of `<script>` goes on after it.

use std::{
    borrow::Cow,
    cell::{Cell, RefCell},
};

use html5ever::{
    LocalName, TokenizerResult, local_name,
    tendril::StrTendril,
    tokenizer::{
        BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
        states::RawKind,
    },
};

use super::BYTES;

/// How often an unended tag, comment or script is taken for text and the rest read anew. After
/// that, all tags of the rest are taken for text.
const ROUNDS: usize = 16;

/// The most bytes that are read anew for that.
const ANEW: usize = ROUNDS * BYTES;

/// The shortest value of a `data:` address that is left out, in bytes.
const DATA: usize = 256;

/// Feeds `source` to `sink`. Stops at the first text beyond [`BYTES`].
pub(super) fn read<S: TokenSink>(source: &str, sink: S) -> Front<S> {
    let source = without_data(source);
    let mut front = Front::new(sink);
    let mut from = 0;
    let mut anew = 0;
    for round in 1.. {
        let open;
        (front, open) = front.pass(&source[from..]);
        let Some(open) = open else { break };
        front.characters("<".into());
        from += open + 1;
        anew += source.len() - from;
        if round > ROUNDS || anew > ANEW {
            let rest = source[from..].replace('<', "&lt;");
            (front, _) = front.pass(&rest);
            break;
        }
    }
    let _ = front.sink.process_token(Token::EOFToken, 0);
    front.sink.end();
    front
}

/// The source with `…` for each long value of a `data:` address in base 64: pictures within text.
fn without_data(source: &str) -> Cow<'_, str> {
    const MARK: &str = ";base64,";
    let is_data = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=-_%".contains(byte);
    let mut kept = String::new();
    let mut from = 0;
    let mut looked = 0;
    while let Some(at) = source[looked..].find(MARK) {
        let start = looked + at + MARK.len();
        let length = source.as_bytes()[start..].iter().take_while(|byte| is_data(byte)).count();
        let before = &source.as_bytes()[(start - MARK.len()).saturating_sub(100).max(from)..start];
        looked = start + length;
        let is_address = before.windows(5).any(|it| it.eq_ignore_ascii_case(b"data:"));
        if length >= DATA && is_address {
            kept.push_str(&source[from..start]);
            kept.push('…');
            from = looked;
        }
    }
    if from == 0 {
        return Cow::Borrowed(source);
    }
    kept.push_str(&source[from..]);
    Cow::Owned(kept)
}

/// The filter between tokenizer and sink.
pub(super) struct Front<S> {
    pub(super) sink: S,
    /// How many bytes are beyond the budget, counted from the first text that exceeds it.
    pub(super) left_out: Cell<usize>,
    /// An element ended whose text nobody sees.
    pub(super) hid: Cell<bool>,
    /// How many bytes of text there is still room for.
    room: Cell<usize>,
    /// The last character was white space.
    spaced: Cell<bool>,
    /// A token came since this was last looked at.
    spoke: Cell<bool>,
    /// The place of the `<` whose tag, comment or script has not ended yet.
    start: Cell<Option<usize>>,
    /// The element whose text nobody sees that is open.
    hidden: RefCell<Option<Hidden>>,
    /// Within an element whose text is shown, but has no tags.
    raw: Cell<bool>,
}

struct Hidden {
    name: LocalName,
    /// Where its `<` stands.
    at: usize,
    /// The sink knows of it, and waits for its end.
    is_passed: bool,
}

impl<S: TokenSink> Front<S> {
    fn new(sink: S) -> Self {
        Self {
            sink,
            left_out: Cell::new(0),
            hid: Cell::new(false),
            room: Cell::new(BYTES),
            spaced: Cell::new(true),
            spoke: Cell::new(false),
            start: Cell::new(None),
            hidden: RefCell::new(None),
            raw: Cell::new(false),
        }
    }

    /// Feeds a part of the source. If a tag, comment or script in it does not end, returns the
    /// place of its `<`; everything before that was taken.
    fn pass(mut self, source: &str) -> (Self, Option<usize>) {
        self.start.set(None);
        let tokenizer = Tokenizer::new(self, TokenizerOpts::default());
        let input = BufferQueue::default();
        let mut fed = 0;
        // Each piece ends with a `<`. The next piece tells whether the one before has ended.
        while fed < source.len() {
            let end = source[fed..].find('<').map_or(source.len(), |at| fed + at + 1);
            let front = &tokenizer.sink;
            front.spoke.set(false);
            input.push_back(StrTendril::from(&source[fed..end]));
            while !matches!(tokenizer.feed(&input), TokenizerResult::Done) {}
            let last = source[fed..end].ends_with('<').then(|| end - 1);
            if front.spoke.get() || front.start.get().is_none() {
                front.start.set(last);
            }
            fed = end;
            if front.left_out.get() > 0 {
                front.left_out.set(front.left_out.get() + source.len() - fed);
                return (tokenizer.sink, None);
            }
        }
        let front = &tokenizer.sink;
        let open = if front.raw.get() { None } else { front.unhide().or(front.start.get()) };
        if open.is_none() {
            tokenizer.end();
        }
        self = tokenizer.sink;
        (self, open)
    }

    fn tag(&self, tag: Tag) -> TokenSinkResult<S::Handle> {
        let start = tag.kind == TagKind::StartTag;
        if let Some(hidden) = &*self.hidden.borrow()
            && (start || hidden.name != tag.name)
        {
            return TokenSinkResult::Continue;
        }
        match tag.name {
            local_name!("script")
            | local_name!("style")
            | local_name!("title")
            | local_name!("iframe") => {
                if start {
                    self.hide(tag)
                } else {
                    self.end_hidden(tag)
                }
            }
            // These elements have no look of their own, and would hide or join the text within.
            local_name!("template")
            | local_name!("noscript")
            | local_name!("noembed")
            | local_name!("noframes")
            | local_name!("frameset")
            | local_name!("frame")
            | local_name!("meta")
            | local_name!("link")
            | local_name!("base") => TokenSinkResult::Continue,
            _ => self.pass_on(tag),
        }
    }

    /// An element begins whose text nobody sees; one of a drawing or formula may be none.
    fn hide(&self, tag: Tag) -> TokenSinkResult<S::Handle> {
        let (name, at) = (tag.name.clone(), self.start.get().unwrap_or(0));
        let is_passed = self.is_foreign();
        if is_passed {
            let result = self.pass_on(tag);
            if !is_raw(&result) {
                return result;
            }
            self.raw.set(false);
        }
        self.hidden.replace(Some(Hidden { name, at, is_passed }));
        TokenSinkResult::RawData(RawKind::Rawtext)
    }

    fn end_hidden(&self, tag: Tag) -> TokenSinkResult<S::Handle> {
        let Some(hidden) = self.hidden.take() else {
            return if self.is_foreign() { self.pass_on(tag) } else { TokenSinkResult::Continue };
        };
        self.hid.set(true);
        if hidden.is_passed {
            let _ = self.pass_on(tag.clone());
        }
        if tag.name == local_name!("iframe") {
            let frame = Tag { kind: TagKind::StartTag, name: local_name!("embed"), ..tag };
            return self.sink.process_token(Token::TagToken(frame), 0);
        }
        TokenSinkResult::Continue
    }

    /// Shows a hidden element again, since it never ended. Returns the place of its `<`.
    fn unhide(&self) -> Option<usize> {
        let hidden = self.hidden.take()?;
        if hidden.is_passed {
            let end = Tag {
                kind: TagKind::EndTag,
                name: hidden.name,
                self_closing: false,
                attrs: Vec::new(),
                had_duplicate_attributes: false,
            };
            let _ = self.sink.process_token(Token::TagToken(end), 0);
        }
        Some(hidden.at)
    }

    /// Whether the innermost element belongs to a drawing or a formula.
    fn is_foreign(&self) -> bool {
        self.sink.adjusted_current_node_present_but_not_in_html_namespace()
    }

    fn pass_on(&self, tag: Tag) -> TokenSinkResult<S::Handle> {
        let start = tag.kind == TagKind::StartTag;
        let result = self.sink.process_token(Token::TagToken(tag), 0);
        let is_raw = is_raw(&result);
        if !start || is_raw {
            self.raw.set(is_raw);
        }
        result
    }

    fn characters(&self, characters: StrTendril) {
        if self.hidden.borrow().is_some() {
            return;
        }
        let mut room = self.room.get();
        let mut end = characters.len();
        for (at, c) in characters.char_indices() {
            let is_space = c.is_ascii_whitespace();
            if !(self.spaced.replace(is_space) && is_space) {
                let Some(left) = room.checked_sub(c.len_utf8()) else {
                    end = at;
                    room = 0;
                    break;
                };
                room = left;
            }
        }
        self.room.set(room);
        self.left_out.set(self.left_out.get() + characters.len() - end);
        if end > 0 {
            let taken = Token::CharacterTokens(StrTendril::from(&characters[..end]));
            let _ = self.sink.process_token(taken, 0);
        }
    }
}

/// Whether only one certain tag ends the element that has begun.
fn is_raw<H>(result: &TokenSinkResult<H>) -> bool {
    matches!(result, TokenSinkResult::RawData(_) | TokenSinkResult::Plaintext)
}

impl<S: TokenSink> TokenSink for Front<S> {
    type Handle = S::Handle;

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<S::Handle> {
        match token {
            Token::ParseError(_) | Token::EOFToken => return TokenSinkResult::Continue,
            _ => self.spoke.set(true),
        }
        match token {
            Token::TagToken(tag) => return self.tag(tag),
            Token::CharacterTokens(characters) => self.characters(characters),
            Token::DoctypeToken(_) => return self.sink.process_token(token, 0),
            _ => {}
        }
        TokenSinkResult::Continue
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.sink.adjusted_current_node_present_but_not_in_html_namespace()
    }
}
