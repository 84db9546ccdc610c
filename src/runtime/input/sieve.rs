//! Cuts the bytes of a terminal into keys, pastes and answers.
//!
//! A key is handed on once it is whole. The strings in which terminals answer questions (DCS, OSC,
//! APC, PM, SOS) are no keys, whenever and in however many pieces they come. A short OSC that ends is
//! handed on as an answer, and the other strings are swallowed; so is a control sequence that does not
//! end. A part of a sequence never acts as a key. If the rest of a sequence
//! comes late, its beginning may have been taken for Esc or a letter with Alt; the rest is still
//! recognised.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

const ESC: u8 = 0x1b;
const BEL: u8 = 0x07;
/// Cancel, and substitute: they end a sequence that is not to count.
const CANCELS: [u8; 2] = [0x18, 0x1a];
const CTRL_C: u8 = 0x03;
/// ESC and `P` in one byte.
const SHORT: u8 = 0x90;

/// How long the second byte of a sequence may be the last before it is taken for a letter with Alt.
const BEGUN: Duration = Duration::from_millis(50);
/// The same where it came some time after its ESC, and is a letter otherwise.
const BEGUN_LATE: Duration = Duration::from_millis(100);
/// How long after its ESC, or its beginning, the rest of a sequence is recognised.
const LATE: Duration = Duration::from_secs(1);
/// How long a sequence may pause.
const PAUSE: Duration = Duration::from_secs(2);
/// How long a string may last where it does not pause, and the pause that ends it then.
const STRING: (Duration, Duration) = (Duration::from_secs(5), Duration::from_millis(150));
/// The most bytes of a control sequence; a longer one is unknown.
const MOST_CONTROL: usize = 256;
/// The most bytes of an answer that is handed on.
const MOST_ANSWER: usize = 64;
/// The most bytes of a paste; what comes after them is left out, and that is said.
const MOST_PASTE: usize = 8 * 1024 * 1024;
/// The most bytes that are left out of a paste, and the longest time that a paste may come in
/// without a pause. Beyond either limit the agent is told that the paste does not end, and the
/// console no longer waits for its end.
const MOST_LEFT_OUT: usize = MOST_PASTE;
const LONGEST_PASTE: Duration = Duration::from_secs(30);

const PASTE: &[u8] = b"\x1b[200~";
const PASTE_END: &[u8] = b"\x1b[201~";

/// A piece of what a terminal sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sifted {
    /// One key, or another report, as it was sent.
    Key(Vec<u8>),
    /// What stands in an OSC that was sent.
    Answer(Vec<u8>),
    /// A paste.
    Paste(Paste),
    /// A paste pauses, and has not ended.
    Unended,
    /// The paste that was handed on just before does not end; its rest is left out.
    Endless,
}

/// What was pasted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Paste {
    /// The bytes, as they were sent.
    pub(super) bytes: Vec<u8>,
    /// Whether the terminal has said that it ends.
    pub(super) ended: bool,
    /// How many bytes were left out at its end.
    pub(super) left_out: usize,
}

#[derive(Debug)]
enum State {
    Ground,
    /// A letter of several bytes, of which this many are to come.
    Letter(usize),
    /// After an ESC. If that ESC has acted as Esc already, after bytes that may belong to it.
    Escape,
    /// Within `ESC [`.
    Control,
    /// Three bytes that an old mouse report has after `ESC [ M`.
    Mouse(usize),
    /// After `ESC O`.
    Shift,
    String {
        began: Instant,
        /// Whether the last byte was an ESC.
        escape: bool,
        /// Whether it began with one byte, and may end with one.
        short: bool,
        /// What stands in it, if it may be an answer and as far as it is short enough.
        answer: Option<Vec<u8>>,
    },
    Paste {
        paste: Paste,
        /// Whether it was told that it pauses: ever, and now.
        asked: bool,
        told: bool,
        /// How long it has come in since it paused last.
        lasts: Duration,
        /// Whether it was handed on already, and its rest is left out.
        over: bool,
    },
}

/// How the sequence that is held began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Begin {
    /// With an ESC.
    Escape,
    /// With an ESC that has acted as a key already.
    Late,
    /// With one byte that stands for two: no key does.
    Short,
}

/// Cuts what a terminal sends into pieces.
#[derive(Debug)]
pub(super) struct Sieve {
    state: State,
    /// The bytes of the sequence that is not whole.
    held: Vec<u8>,
    begin: Begin,
    /// The beginning of a sequence that was taken for keys, and when.
    taken: Option<(Instant, Vec<u8>)>,
    /// When the last byte came.
    last: Instant,
    pieces: VecDeque<Sifted>,
}

impl Sieve {
    /// A sieve that nothing has come through.
    pub(super) fn new(now: Instant) -> Self {
        Self {
            state: State::Ground,
            held: Vec::new(),
            begin: Begin::Escape,
            taken: None,
            last: now,
            pieces: VecDeque::new(),
        }
    }

    /// The next piece.
    pub(super) fn next(&mut self) -> Option<Sifted> {
        self.pieces.pop_front()
    }

    /// Takes in what was sent in one go.
    pub(super) fn feed(&mut self, bytes: &[u8], now: Instant) {
        let paused = now.saturating_duration_since(self.last);
        self.last = now;
        if let State::String { began, .. } = self.state {
            let (most, pause) = STRING;
            if now.saturating_duration_since(began) > most && paused > pause {
                self.give_up(now);
            }
        }
        let bytes = self.while_it_pauses(bytes, paused);
        self.resume(bytes, now);
        for byte in bytes {
            self.byte(*byte, now);
        }
        self.bound_paste(paused);
    }

    /// Hands a paste on that does not end; its rest is swallowed.
    fn bound_paste(&mut self, paused: Duration) {
        let State::Paste { paste, lasts, over, .. } = &mut self.state else { return };
        *lasts = if paused >= PAUSE { Duration::ZERO } else { *lasts + paused };
        if !*over && (*lasts > LONGEST_PASTE || paste.left_out > MOST_LEFT_OUT) {
            *over = true;
            let paste = std::mem::take(paste);
            self.pieces.extend([Sifted::Paste(paste), Sifted::Endless]);
        }
    }

    /// The key that ends a paused paste; the agent was asked. Esc takes in the text so far. Ctrl-C
    /// does so too and then acts.
    fn while_it_pauses<'a>(&mut self, bytes: &'a [u8], paused: Duration) -> &'a [u8] {
        let State::Paste { paste, asked, told, over, .. } = &mut self.state else { return bytes };
        *told = false;
        if *over {
            if bytes == [CTRL_C] {
                self.end_quietly();
            }
            return bytes;
        }
        let stuck = *asked && paused > STRING.1;
        match bytes {
            [ESC] if stuck => {
                let paste = std::mem::take(paste);
                self.end(Sifted::Paste(paste));
                &[]
            }
            [CTRL_C] => {
                let paste = std::mem::take(paste);
                self.end(Sifted::Paste(paste));
                bytes
            }
            _ => bytes,
        }
    }

    /// Recognises the rest of a sequence whose beginning was taken for keys.
    fn resume(&mut self, bytes: &[u8], now: Instant) {
        let Some((when, begun)) = self.taken.take() else { return };
        if !matches!(self.state, State::Ground) || now.saturating_duration_since(when) > LATE {
            return;
        }
        let goes_on = match (&begun[..], bytes) {
            ([ESC], [b'[' | b'O' | b'P' | b'X' | b']' | b'^' | b'_', ..]) => true,
            // One byte alone is a key, since a person types slower than a terminal sends.
            ([ESC, b'['], [b'0'..=b'?', _, ..]) => true,
            ([SHORT] | [ESC, b'P' | b'X' | b']' | b'^' | b'_'], [first, second, ..]) => {
                *first >= b' ' && *first != ESC || (*first, *second) == (ESC, b'\\')
            }
            _ => false,
        };
        if goes_on {
            for byte in begun {
                self.byte(byte, now);
            }
            if self.begin == Begin::Escape {
                self.begin = Begin::Late;
            }
        }
    }

    /// When to look at the held bytes again if nothing more comes. An ESC alone waits for
    /// `patience`.
    pub(super) fn due(&self, patience: Duration) -> Option<Instant> {
        let after = match &self.state {
            State::Ground => return None,
            State::Escape if self.held == [ESC] => patience,
            State::Control | State::Shift | State::String { .. } if self.held.len() == 2 => {
                match self.begin {
                    Begin::Escape => BEGUN,
                    Begin::Late => BEGUN_LATE,
                    Begin::Short => PAUSE,
                }
            }
            State::Paste { told: true, .. } => return None,
            _ => PAUSE,
        };
        Some(self.last + after)
    }

    /// Decides about the held bytes, if that is due.
    pub(super) fn expire(&mut self, patience: Duration, now: Instant) {
        if self.due(patience).is_none_or(|due| due > now) {
            return;
        }
        if let State::Paste { asked, told, over: false, .. } = &mut self.state {
            (*asked, *told) = (true, true);
            self.pieces.push_back(Sifted::Unended);
            return;
        }
        if let State::Paste { .. } = self.state {
            return self.end_quietly();
        }
        let (held, begin) = (self.held.clone(), self.begin);
        self.give_up(now);
        let key = match (&held[..], begin) {
            (_, Begin::Short) => None,
            ([ESC, letter], Begin::Late) => Some(vec![*letter]),
            ([ESC] | [ESC, _], _) => Some(held.clone()),
            _ => None,
        };
        if let Some(key) = key {
            self.pieces.push_back(Sifted::Key(key));
            self.taken = Some((now, held));
        }
    }

    /// Forgets the held bytes. The rest of a string that is still to come does not count as keys.
    fn give_up(&mut self, now: Instant) {
        if let State::String { short, .. } = self.state {
            self.taken = Some((now, if short { vec![SHORT] } else { vec![ESC, b'P'] }));
        }
        self.end_quietly();
    }

    fn end(&mut self, piece: Sifted) {
        self.pieces.push_back(piece);
        self.end_quietly();
    }

    /// Ends a sequence that is whole.
    fn end_key(&mut self) {
        let key = std::mem::take(&mut self.held);
        match &key[..] {
            PASTE => {
                self.end_quietly();
                self.state = State::Paste {
                    paste: Paste::default(),
                    asked: false,
                    told: false,
                    lasts: Duration::ZERO,
                    over: false,
                };
            }
            PASTE_END => self.end_quietly(),
            _ => self.end(Sifted::Key(key)),
        }
    }

    fn end_quietly(&mut self) {
        self.state = State::Ground;
        self.held.clear();
        self.begin = Begin::Escape;
    }

    fn byte(&mut self, byte: u8, now: Instant) {
        match &mut self.state {
            State::Ground => self.ground(byte, now),
            State::Letter(left) => {
                if !matches!(byte, 0x80..=0xbf) {
                    self.end_quietly();
                    return self.byte(byte, now);
                }
                *left -= 1;
                let whole = *left == 0;
                self.held.push(byte);
                match &self.held[..] {
                    // A control character of one byte in eight bits, as UTF-8 has it.
                    [0xc2, 0x80..=0x9f] => self.control_of_eight_bits(byte, now),
                    _ if whole => self.end_key(),
                    _ => {}
                }
            }
            State::Escape => self.escape(byte, now),
            State::Control => self.control(byte, now),
            State::Mouse(left) => {
                *left -= 1;
                if *left == 0 {
                    self.end_quietly();
                }
            }
            State::Shift => {
                self.held.push(byte);
                if byte == ESC { self.restart() } else { self.end_key() }
            }
            State::String { .. } => self.string(byte, now),
            State::Paste { .. } => self.paste(byte),
        }
    }

    fn ground(&mut self, byte: u8, now: Instant) {
        match byte {
            ESC => self.restart(),
            0x80..=0x9f => self.control_of_eight_bits(byte, now),
            0xc2..=0xdf => self.begin_letter(byte, 1),
            0xe0..=0xef => self.begin_letter(byte, 2),
            0xf0..=0xf4 => self.begin_letter(byte, 3),
            // No letter of UTF-8 begins so.
            0xa0..=0xff => {}
            _ => self.pieces.push_back(Sifted::Key(vec![byte])),
        }
    }

    fn begin_letter(&mut self, byte: u8, more: usize) {
        self.held.push(byte);
        self.state = State::Letter(more);
    }

    /// One byte that stands for ESC and another.
    fn control_of_eight_bits(&mut self, byte: u8, now: Instant) {
        self.end_quietly();
        self.restart();
        self.begin = Begin::Short;
        if matches!(byte, 0x8f | 0x90 | 0x98 | 0x9b | 0x9d..=0x9f) {
            self.escape(byte - 0x40, now);
        } else {
            self.end_quietly();
        }
        if let State::String { short, .. } = &mut self.state {
            *short = true;
        }
    }

    /// An ESC begins a sequence, whatever was held before.
    fn restart(&mut self) {
        self.end_quietly();
        self.held.push(ESC);
        self.state = State::Escape;
    }

    fn escape(&mut self, byte: u8, now: Instant) {
        if byte == ESC {
            if self.begin == Begin::Escape {
                self.pieces.push_back(Sifted::Key(vec![ESC]));
            }
            return self.restart();
        }
        self.held.push(byte);
        match byte {
            b'[' => self.state = State::Control,
            b'O' => self.state = State::Shift,
            b'P' | b'X' | b']' | b'^' | b'_' => {
                let answer = (byte == b']').then(Vec::new);
                self.state = State::String { began: now, escape: false, short: false, answer };
            }
            // A letter with Alt, of several bytes.
            0xc2..=0xdf => self.state = State::Letter(1),
            0xe0..=0xef => self.state = State::Letter(2),
            0xf0..=0xf4 => self.state = State::Letter(3),
            _ => self.end_key(),
        }
    }

    fn control(&mut self, byte: u8, now: Instant) {
        match byte {
            ESC => self.restart(),
            CTRL_C => {
                self.end_quietly();
                self.ground(byte, now);
            }
            _ if CANCELS.contains(&byte) => self.end_quietly(),
            // The console of Linux sends F1 to F5 so.
            b'[' if self.held == [ESC, b'['] => self.held.push(byte),
            b'M' if self.held == [ESC, b'['] => {
                self.held.push(byte);
                self.state = State::Mouse(3);
            }
            b'@'..=b'~' => {
                self.held.push(byte);
                if self.held.len() > MOST_CONTROL { self.end_quietly() } else { self.end_key() }
            }
            b' '..=b'?' if self.held.len() <= MOST_CONTROL => self.held.push(byte),
            _ => {}
        }
    }

    fn string(&mut self, byte: u8, now: Instant) {
        let State::String { escape, short, answer, .. } = &mut self.state else { return };
        let after_escape = std::mem::replace(escape, byte == ESC);
        match byte {
            b'\\' if after_escape => self.end_answer(),
            BEL => self.end_answer(),
            0x9c if *short => self.end_answer(),
            CTRL_C => {
                self.end_quietly();
                self.ground(byte, now);
            }
            _ if CANCELS.contains(&byte) => self.end_quietly(),
            // An ESC that ends no string begins something else.
            _ if after_escape => {
                self.restart();
                self.byte(byte, now);
            }
            _ => {
                if let Some(text) = answer.as_mut().filter(|_| byte != ESC) {
                    text.push(byte);
                }
                if answer.as_ref().is_some_and(|text| text.len() > MOST_ANSWER) {
                    *answer = None;
                }
                // More than its beginning is there, so it is a string.
                if self.held.len() == 2 {
                    self.held.push(0);
                }
            }
        }
    }

    /// Ends a string that is whole, and hands it on if it may be an answer.
    fn end_answer(&mut self) {
        let State::String { answer, .. } = &mut self.state else { return };
        match answer.take() {
            Some(mut text) => {
                // The first half of an end in eight bits, as UTF-8 has it.
                text.pop_if(|last| *last == 0xc2);
                self.end(Sifted::Answer(text));
            }
            None => self.end_quietly(),
        }
    }

    fn paste(&mut self, byte: u8) {
        let State::Paste { paste, over, .. } = &mut self.state else { return };
        let over = *over;
        if self.held.is_empty() && byte != ESC {
            if over {
                return;
            }
            if paste.bytes.len() < MOST_PASTE {
                paste.bytes.push(byte)
            } else {
                paste.left_out += 1
            }
            return;
        }
        self.held.push(byte);
        if self.held == PASTE_END && over {
            return self.end_quietly();
        }
        if self.held == PASTE_END {
            let paste = Paste { ended: true, ..std::mem::take(paste) };
            return self.end(Sifted::Paste(paste));
        }
        if PASTE_END.starts_with(&self.held) {
            return;
        }
        let whole = std::mem::take(&mut self.held);
        // The mark can begin nowhere but at an ESC: at the last byte, at most.
        let (now, later) = match whole.split_last() {
            Some((&ESC, before)) if !before.is_empty() => (before, &whole[whole.len() - 1..]),
            _ => (&whole[..], &[][..]),
        };
        if !over {
            let room = MOST_PASTE.saturating_sub(paste.bytes.len()).min(now.len());
            paste.bytes.extend_from_slice(&now[..room]);
            paste.left_out += now.len() - room;
        }
        self.held.extend_from_slice(later);
    }
}

#[cfg(test)]
#[path = "sieve_tests.rs"]
mod tests;
