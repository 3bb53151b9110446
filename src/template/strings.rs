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
        Self { quote: None, is_escaped: false, before: '\n', word: String::new() }
    }
}

/// The longest word behind which an expression begins, in bytes.
const LONGEST: usize = 6;

impl Strings {
    /// Reads on.
    pub(crate) fn read(&mut self, mut text: &str) {
        loop {
            let Some(open) = self.quote else {
                let mut chars = text.chars();
                match chars.by_ref().find(|c| self.begins(*c)) {
                    Some(_) => text = chars.as_str(),
                    None => return,
                }
                continue;
            };
            if std::mem::take(&mut self.is_escaped) {
                let mut chars = text.chars();
                self.is_escaped = chars.next().is_none();
                text = chars.as_str();
            }
            let Some(at) = memchr::memchr3(open as u8, b'\\', b'\n', text.as_bytes()) else {
                return;
            };
            match text.as_bytes()[at] {
                b'\\' => self.is_escaped = true,
                b'\n' if open == '`' => {}
                b'\n' => self.quote = None,
                _ => {
                    self.quote = None;
                    self.before = open;
                }
            }
            text = &text[at + 1..];
        }
    }

    /// Whether a string has not ended.
    pub(crate) fn is_inside(&self) -> bool {
        self.quote.is_some()
    }

    /// Reads a character of the code; whether it begins a string.
    fn begins(&mut self, c: char) -> bool {
        let before = self.before;
        if matches!(c, '"' | '\'' | '`') && self.may_begin() {
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
        self.quote.is_some()
    }

    /// Whether an expression may begin.
    fn may_begin(&self) -> bool {
        let is_operand = matches!(&*self.word, "return" | "typeof" | "case" | "in" | "of");
        "\n=(,+:?[{};!&|".contains(self.before) || is_operand
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
