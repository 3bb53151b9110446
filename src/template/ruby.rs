//! The blocks of Ruby that begin in one piece of ERB's code and end in another.

/// Those that have not ended. `T` is what is known of a block.
#[derive(Debug)]
pub(super) struct Ruby<T> {
    open: Vec<Option<T>>,
    /// The outermost one that is known, by its index.
    first: Option<usize>,
}

impl<T> Default for Ruby<T> {
    fn default() -> Self {
        Self { open: Vec::new(), first: None }
    }
}

/// The code between its delimiters.
pub(super) fn inner(code: &str) -> &str {
    let code = code.trim_start_matches("<%").trim_start_matches(['=', '-']);
    code.trim_end_matches("%>").trim_end_matches('-').trim()
}

impl<T: Copy> Ruby<T> {
    /// The outermost block that is known.
    pub(super) fn outermost(&self) -> Option<T> {
        self.open[self.first?]
    }

    fn begin(&mut self, block: Option<T>) {
        if block.is_some() {
            self.first.get_or_insert(self.open.len());
        }
        self.open.push(block);
    }

    fn end(&mut self) -> Option<T> {
        let ended = self.open.pop().flatten();
        self.first.take_if(|first| *first == self.open.len());
        ended
    }

    /// Takes a piece of code, whose blocks are `begun`. The known blocks that it ends go to `end`.
    pub(super) fn take(&mut self, code: &str, begun: Option<T>, end: &mut dyn FnMut(T)) {
        // The `do` of a loop begins no block of its own.
        let mut is_loop = false;
        let mut is_start = true;
        let mut before = ' ';
        // Braces that begin in this piece.
        let mut braces = 0_usize;
        let mut rest = inner(code);
        while let Some(first) = rest.chars().next() {
            let len = match first {
                '"' | '\'' => string_len(rest, first),
                '#' if before != '"' => rest.find('\n').unwrap_or(rest.len()),
                '{' => {
                    braces += 1;
                    1
                }
                '}' => {
                    if braces == 0
                        && let Some(ended) = self.end()
                    {
                        end(ended);
                    }
                    braces = braces.saturating_sub(1);
                    1
                }
                c if c.is_alphanumeric() || c == '_' => {
                    let is_part = |c: char| c.is_alphanumeric() || c == '_';
                    let len = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
                    let behind = rest[len..].chars().next().unwrap_or(' ');
                    let is_name = matches!(before, '.' | ':' | '@' | '$') || matches!(behind, '?' | '!' | ':' | '=');
                    match &rest[..len] {
                        _ if is_name => {}
                        "end" => {
                            if let Some(ended) = self.end() {
                                end(ended);
                            }
                        }
                        "do" if is_loop => is_loop = false,
                        "do" => self.begin(begun),
                        "if" | "unless" | "case" | "begin" | "def" if is_start => {
                            self.begin(None);
                        }
                        "while" | "until" | "for" if is_start => {
                            is_loop = true;
                            self.begin(None);
                        }
                        _ => {}
                    }
                    len
                }
                c => c.len_utf8(),
            };
            is_loop &= first != '\n';
            is_start = match first {
                '\n' | ';' | '=' => true,
                c => is_start && c.is_whitespace(),
            };
            before = rest[..len].chars().next_back().unwrap_or(' ');
            rest = &rest[len..];
        }
        for _ in 0..braces {
            self.begin(begun);
        }
    }
}

/// The length of the string that some code begins with.
fn string_len(code: &str, quote: char) -> usize {
    let mut is_escaped = false;
    let end = code.char_indices().skip(1).find(|(_, c)| {
        let is_end = *c == quote && !is_escaped;
        is_escaped = *c == '\\' && !is_escaped;
        is_end
    });
    end.map_or(code.len(), |(at, _)| at + 1)
}
