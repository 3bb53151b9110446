//! Whether a place in the text of a script is in a string, told from the text before it.

/// Reads the text of a script. A quote begins a string where an expression may begin, so that those of prose do not.
#[derive(Debug)]
pub(crate) struct Strings {
    quote: Option<char>,
    is_escaped: bool,
    /// The last character that counts, and the word that it ends.
    before: char,
    word: String,
}

impl Default for Strings {
    fn default() -> Self {
        Self {
            quote: None,
            is_escaped: false,
            before: '\n',
            word: String::new(),
        }
    }
}

/// The longest word behind which an expression begins, in bytes.
const LONGEST: usize = 6;

impl Strings {
    /// Reads on.
    pub(crate) fn read(&mut self, text: &str) {
        for c in text.chars() {
            match self.quote {
                Some(_) if self.is_escaped => self.is_escaped = false,
                Some(open) => match c {
                    '\\' => self.is_escaped = true,
                    '\n' if open != '`' => self.quote = None,
                    _ if c == open => {
                        self.quote = None;
                        self.before = c;
                    }
                    _ => {}
                },
                None => self.read_code(c),
            }
        }
    }

    /// Whether a string has not ended.
    pub(crate) fn is_inside(&self) -> bool {
        self.quote.is_some()
    }

    fn read_code(&mut self, c: char) {
        let before = self.before;
        let is_operand = matches!(&*self.word, "return" | "typeof" | "case" | "in" | "of");
        let may_begin = "\n=(,+:?[{};!&|".contains(before) || is_operand;
        if matches!(c, '"' | '\'' | '`') && may_begin {
            self.quote = Some(c);
        }
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        if is_part(c) {
            if !is_part(before) {
                self.word.clear();
            }
            if self.word.len() <= LONGEST {
                self.word.push(c);
            }
        } else if !c.is_whitespace() {
            self.word.clear();
        }
        if !c.is_whitespace() || c == '\n' && before != '>' {
            self.before = c;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_begins_a_string_where_an_expression_may_begin() {
        for (text, is_inside) in [
            ("a = \"", true),
            ("a = \"b\"", false),
            ("a = 'b\\'", true),
            ("a = 'b\\\\'", false),
            ("a = 'b\n", false),
            ("a = `b\n", true),
            ("return '", true),
            ("returned '", false),
            ("It's", false),
            ("f('", true),
            ("<p title='", true),
            ("<p>'", false),
        ] {
            let mut whole = Strings::default();
            whole.read(text);
            assert_eq!(whole.is_inside(), is_inside, "{text}");
            let mut by_one = Strings::default();
            for c in text.chars() {
                by_one.read(&c.to_string());
            }
            assert_eq!(by_one.is_inside(), is_inside, "{text}");
        }
    }
}
