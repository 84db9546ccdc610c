//! Matching what an agent types against short names.

use nucleo_matcher::{
    Config, Matcher, Utf32Str,
    pattern::{AtomKind, CaseMatching, Normalization, Pattern},
};

/// A matcher with its scratch memory. Make one for each search, not one for each row.
#[derive(Debug)]
pub struct Search {
    pattern: Pattern,
    matcher: Matcher,
    scratch: Vec<char>,
}

impl Search {
    /// Finds the letters of each word in order, gaps allowed: for short names in pickers.
    pub fn fuzzy(text: &str) -> Self {
        Self::by(AtomKind::Fuzzy, text)
    }

    /// Finds each word as it is typed, anywhere: for names that a server looks for in that way.
    pub fn words(text: &str) -> Self {
        Self::by(AtomKind::Substring, text)
    }

    fn by(kind: AtomKind, text: &str) -> Self {
        Self {
            pattern: Pattern::new(text, CaseMatching::Ignore, Normalization::Smart, kind),
            matcher: Matcher::new(Config::DEFAULT),
            scratch: Vec::new(),
        }
    }

    /// The places of those of `texts` that match, the best first. Equal ones stay in their order.
    pub fn rank<T: AsRef<str>>(&mut self, texts: impl IntoIterator<Item = T>) -> Vec<usize> {
        let scored = texts.into_iter().enumerate();
        let mut found: Vec<(u32, usize)> =
            scored.filter_map(|(at, text)| Some((self.score(text.as_ref())?, at))).collect();
        found.sort_by_key(|(score, at)| (std::cmp::Reverse(*score), *at));
        found.into_iter().map(|(_, at)| at).collect()
    }

    /// How well `text` matches, more is better; `None` where it does not.
    pub fn score(&mut self, text: &str) -> Option<u32> {
        self.pattern.score(Utf32Str::new(text, &mut self.scratch), &mut self.matcher)
    }
}
