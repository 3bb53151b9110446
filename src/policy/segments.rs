//! Cuts the text of a policy into directives and words, with their places.
//!
//! Knows separators and quotes, and of names only which ones begin a directive.

use std::ops::Range;

use super::directive::DirectiveName;

/// A word and where it stands.
#[derive(Clone, Copy)]
pub(super) struct Word<'a> {
    pub(super) text: &'a str,
    pub(super) start: usize,
}

impl Word<'_> {
    pub(super) const fn span(&self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }
}

/// The words between two `;`, or up to a comma that begins another policy.
#[derive(Default)]
pub(super) struct Segment<'a> {
    pub(super) words: Vec<Word<'a>>,
    pub(super) begins_policy: bool,
}

/// Cuts `text` from `start` on; the second list is where commas stand.
pub(super) fn segments(text: &str, start: usize) -> (Vec<Segment<'_>>, Vec<usize>) {
    let mut segments = Vec::new();
    let mut commas = Vec::new();
    let mut segment = Segment::default();
    let mut word_start = start;
    let mut after_comma = false;
    for at in start..=text.len() {
        let byte = text.as_bytes().get(at).copied();
        if !byte.is_none_or(|b| b == b';' || b == b',' || b.is_ascii_whitespace()) {
            continue;
        }
        if word_start < at {
            let word = Word { text: &text[word_start..at], start: word_start };
            // Only then was a second policy meant; else the comma is read as a space, so that one
            // slip does not drag others behind it.
            if after_comma && DirectiveName::find(word.text).is_some() {
                segments.push(std::mem::take(&mut segment));
                segment.begins_policy = true;
            }
            segment.words.push(word);
            after_comma = false;
        }
        word_start = at + 1;
        match byte {
            Some(b',') => {
                commas.push(at);
                after_comma = true;
            }
            Some(b';') => segments.push(std::mem::take(&mut segment)),
            _ => {}
        }
    }
    segments.push(segment);
    (segments, commas)
}

/// How many words a pair of quotes that opens at the first of them spans, if more than one.
pub(super) fn quoted_group(words: &[Word<'_>]) -> Option<usize> {
    let (first, behind) = words.split_first()?;
    let opens = |text: &str| text.starts_with('\'');
    let closes = |text: &str| text.ends_with('\'');
    if !opens(first.text) || (first.text.len() > 1 && closes(first.text)) {
        return None;
    }
    let last = behind.iter().position(|word| closes(word.text) || opens(word.text))?;
    let word = behind[last].text;
    (closes(word) && (!opens(word) || word.len() == 1)).then_some(last + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<Vec<&str>> {
        segments(text, 0).0.iter().map(|s| s.words.iter().map(|w| w.text).collect()).collect()
    }

    #[test]
    fn semicolons_separate_directives_and_whitespace_words() {
        assert_eq!(cut(" a\tb\r\n;c\x0c; "), vec![vec!["a", "b"], vec!["c"], vec![]]);
    }

    #[test]
    fn a_comma_begins_a_policy_only_before_a_directive_name() {
        assert_eq!(cut("img-src a, b"), vec![vec!["img-src", "a", "b"]]);
        assert_eq!(cut("img-src a, font-src b"), vec![vec!["img-src", "a"], vec!["font-src", "b"]]);
        assert_eq!(segments("a,b,", 0).1, [1, 3]);
    }

    #[test]
    fn words_know_their_place() {
        let text = "a; bc d";
        let segments = segments(text, 0).0;
        assert!(segments.iter().flat_map(|s| &s.words).all(|w| text[w.span()] == *w.text));
    }

    #[test]
    fn a_quote_spans_words_up_to_its_partner() {
        let group = |text| quoted_group(&segments(text, 0).0[0].words);
        assert_eq!(group("'a b'"), Some(2));
        assert_eq!(group("' a b ' c"), Some(4));
        assert_eq!(group("'a' b'"), None);
        assert_eq!(group("'a b 'c'"), None);
        assert_eq!(group("'a b"), None);
    }
}
