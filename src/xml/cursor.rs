//! A lexer's cursor over a piece of markup, and the characters that XML allows.

use super::What;

/// What is left of a piece of markup.
pub(super) struct Cursor<'a> {
    whole: &'a str,
    pub(super) rest: &'a str,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(whole: &'a str) -> Self {
        Self { whole, rest: whole }
    }

    /// How much has been taken, in bytes.
    pub(super) fn offset(&self) -> usize {
        self.whole.len() - self.rest.len()
    }

    /// Takes white space and says whether there was any.
    pub(super) fn space(&mut self) -> bool {
        let rest = self.rest.trim_start_matches(is_space);
        let found = rest.len() < self.rest.len();
        self.rest = rest;
        found
    }

    pub(super) fn required_space(&mut self) -> Result<(), What> {
        match self.space() {
            true => Ok(()),
            false => Err("white space is missing".into()),
        }
    }

    /// Takes `token` if it comes next.
    pub(super) fn eat(&mut self, token: &str) -> bool {
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    pub(super) fn expect(&mut self, token: &str) -> Result<(), What> {
        match self.eat(token) {
            true => Ok(()),
            false => Err(format!("{token:?} is missing").into()),
        }
    }

    /// Takes everything up to `token`, and `token`.
    pub(super) fn until(&mut self, token: &str) -> Result<&'a str, What> {
        match self.rest.split_once(token) {
            Some((before, after)) => {
                self.rest = after;
                Ok(before)
            }
            None => Err(format!("{token:?} is missing").into()),
        }
    }

    /// Takes a [name](https://www.w3.org/TR/xml/#NT-Name).
    pub(super) fn name(&mut self) -> Result<&'a str, What> {
        let name = self.name_token()?;
        match name.starts_with(is_name_start) {
            true => Ok(name),
            false => Err("a name is missing or starts with a wrong character".into()),
        }
    }

    /// Takes a [name token](https://www.w3.org/TR/xml/#NT-Nmtoken).
    pub(super) fn name_token(&mut self) -> Result<&'a str, What> {
        let len = self.rest.find(|c| !is_name_char(c));
        let (name, rest) = self.rest.split_at(len.unwrap_or(self.rest.len()));
        if name.is_empty() {
            return Err("a name is missing or starts with a wrong character".into());
        }
        self.rest = rest;
        Ok(name)
    }

    /// Takes a value between quotes.
    pub(super) fn quoted(&mut self) -> Result<&'a str, What> {
        let quote = ["\"", "'"].into_iter().find(|quote| self.eat(quote));
        self.until(quote.ok_or("a quoted value is missing")?)
    }
}

/// A name of the document for a message: in quotes and not too long.
pub(super) fn shown(name: &str) -> String {
    match name.char_indices().nth(40) {
        None => format!("{name:?}"),
        Some((end, _)) => format!("{:?}", format!("{}…", &name[..end])),
    }
}

/// [White space](https://www.w3.org/TR/xml/#NT-S).
pub(super) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// A [character](https://www.w3.org/TR/xml/#NT-Char) that a document may have.
pub(super) fn is_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

/// The place of the first character that a document may not have.
pub(super) fn first_wrong_char(text: &str) -> Option<usize> {
    text.find(|c| !is_char(c))
}

pub(super) fn check_chars(text: &str) -> Result<(), What> {
    match first_wrong_char(text) {
        None => Ok(()),
        Some(_) => Err(WRONG_CHAR.into()),
    }
}

pub(super) const WRONG_CHAR: &str = "a character that XML does not allow";

fn is_name_start(c: char) -> bool {
    matches!(c, ':' | '_' | 'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}'
        | '\u{f8}'..='\u{2ff}' | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}'
        | '\u{200c}'..='\u{200d}' | '\u{2070}'..='\u{218f}' | '\u{2c00}'..='\u{2fef}'
        | '\u{3001}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}'
        | '\u{10000}'..='\u{effff}')
}

fn is_name_char(c: char) -> bool {
    is_name_start(c) || matches!(c, '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
}
