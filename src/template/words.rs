//! The words of a construct that say more about it than that it is code: whether it may write a nonce, and
//! whether it begins a text to translate.

use super::dialect::Dialect;
use super::input::is_space;

/// The longest word that is told from others, in bytes.
const LONGEST: usize = 32;

/// What is known of the words of a construct, from its bytes so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Words {
    /// The word at hand in lower case, as far as it fits.
    word: [u8; LONGEST],
    len: usize,
    /// The first word.
    first: [u8; LONGEST],
    first_len: usize,
    is_behind_first: bool,
    /// The second word, unless something other than space comes before it.
    second: [u8; LONGEST],
    second_len: usize,
    has_argument: bool,
    /// There was a word with "nonce" in it.
    pub(super) nonce: bool,
    first_is_nonce: bool,
    /// There was a word that prints what follows it.
    prints: bool,
}

impl Words {
    pub(super) fn see(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if byte.is_ascii_alphanumeric() || *byte == b'_' {
                if self.len < LONGEST {
                    self.word[self.len] = byte.to_ascii_lowercase();
                }
                self.len += 1;
                if byte.eq_ignore_ascii_case(&b'e') && self.ends_in_nonce() {
                    self.nonce = true;
                    self.first_is_nonce |= !self.is_behind_first;
                }
            } else {
                self.end_word();
                let is_delimiter = matches!(byte, b'%' | b'-' | b'~' | b'{' | b'}');
                self.has_argument |= self.is_behind_first && !is_delimiter && !is_space(*byte);
            }
        }
    }

    /// The first word, in lower case, if it is not too long.
    pub(super) fn first(&self) -> &[u8] {
        self.first.get(..self.first_len).unwrap_or_default()
    }

    /// Whether a statement that begins with a word begins or ends a text to translate. Engines take no
    /// expressions in it, or only names, and look its text up as it stands.
    pub(super) fn translation(&self, dialect: Dialect) -> Option<bool> {
        match (dialect, self.first()) {
            (Dialect::Django, b"blocktrans" | b"blocktranslate") => Some(true),
            (Dialect::Django, b"endblocktrans" | b"endblocktranslate") => Some(false),
            (Dialect::Jinja, b"trans") => Some(true),
            (Dialect::Twig, b"trans") => self.has_twig_block().then_some(true),
            (Dialect::Jinja | Dialect::Twig, b"endtrans") => Some(false),
            _ => None,
        }
    }

    /// Whether Twig's `trans` has a block: with an expression behind it, as in `{% trans 'text' %}`, that is the text and no
    /// end follows. Symfony's options are no expression.
    fn has_twig_block(&self) -> bool {
        match self.second.get(..self.second_len) {
            Some(b"count" | b"from" | b"into" | b"with") => true,
            _ => !self.has_argument,
        }
    }

    /// Whether a statement of these words may print a nonce: a tag that is named after it, or code that prints.
    pub(super) fn prints_nonce(&self) -> bool {
        self.first_is_nonce || self.nonce && self.prints
    }

    fn ends_in_nonce(&self) -> bool {
        let seen = self.word.get(..self.len).unwrap_or_default();
        seen.ends_with(b"nonce")
    }

    fn end_word(&mut self) {
        if self.len == 0 {
            return;
        }
        let word = self.word.get(..self.len).unwrap_or_default();
        self.prints |= matches!(word, b"echo" | b"print" | b"printf" | b"write");
        // PHP's own name is none of its words.
        if !self.is_behind_first && word != b"php" {
            self.first = self.word;
            self.first_len = self.len;
            self.is_behind_first = true;
        } else if self.is_behind_first && !self.has_argument {
            self.second = self.word;
            self.second_len = self.len;
            self.has_argument = true;
        }
        self.len = 0;
    }
}
