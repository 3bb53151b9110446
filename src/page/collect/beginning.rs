//! The excerpt of an inline text that arrives in pieces: its beginning on one line.

/// The number of characters of an excerpt.
const LONGEST: usize = 60;

/// The beginning of a text so far, each white space in it as one space.
#[derive(Default)]
pub(super) struct Beginning {
    excerpt: String,
    len: usize,
    has_space: bool,
}

impl Beginning {
    pub(super) fn push(&mut self, text: &str) {
        if self.len == LONGEST {
            return;
        }
        self.excerpt.reserve(LONGEST);
        for c in text.chars() {
            if c.is_whitespace() {
                self.has_space = self.len > 0;
                continue;
            }
            let space = std::mem::take(&mut self.has_space).then_some(' ');
            for c in space.into_iter().chain([c]) {
                if self.len < LONGEST {
                    self.excerpt.push(c);
                    self.len += 1;
                }
            }
            if self.len == LONGEST {
                return;
            }
        }
    }

    pub(super) fn excerpt(&self) -> &str {
        self.excerpt.trim_end()
    }

    /// The excerpt of a whole text.
    pub(super) fn of(text: &str) -> Self {
        let mut beginning = Self::default();
        beginning.push(text);
        beginning
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_one_line_however_the_text_is_cut() {
        let long = "é".repeat(LONGEST);
        for (text, expected) in [
            ("", ""),
            (" \n\t", ""),
            ("\n  a  =\r\n\t1;\n", "a = 1;"),
            (&*format!("{long}b"), &*long),
            (&*format!("{} c", &long[2..]), &long[2..]),
            (&*format!("  {}\n\nc", &long[4..]), &*format!("{} c", &long[4..])),
        ] {
            assert_eq!(Beginning::of(text).excerpt(), expected);
            let mut cut = Beginning::default();
            let mut buffer = [0; 4];
            for c in text.chars() {
                cut.push(c.encode_utf8(&mut buffer));
            }
            assert_eq!(cut.excerpt(), expected);
        }
    }
}
