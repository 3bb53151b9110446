//! The patterns of `vercel.json` as expressions: path-to-regexp 6.1.0 with `strict`, `sensitive` and the delimiter `/`,
//! which `@vercel/routing-utils` 6.6.0 calls (run).

/// A pattern's expression, and its names.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) regex: String,
    pub(super) names: Vec<String>,
}

/// Reads a pattern, or says why Vercel refuses it.
pub(super) fn path_to_regexp(source: &str) -> Result<Source, String> {
    let mut rest = Rest(source);
    let mut regex = "^".to_owned();
    let mut names = Vec::new();
    while let Some(c) = rest.peek() {
        let mut prefix = String::new();
        match c {
            '*' | '+' | '?' => return Err(format!("a `{c}` that stands behind no group")),
            '}' => return Err("a `}` that nothing opens".to_owned()),
            ':' | '(' | '{' => {}
            _ => {
                let text = rest.character()?;
                if !matches!(c, '.' | '/') || !matches!(rest.peek(), Some(':' | '(')) {
                    regex.push_str(&escape(&text.to_string()));
                    continue;
                }
                prefix.push(c);
            }
        }
        let is_braced = rest.take('{');
        if is_braced {
            prefix = rest.text()?;
        }
        let name = rest.name()?;
        let pattern = rest.parentheses()?;
        let mut suffix = String::new();
        if is_braced {
            suffix = rest.text()?;
            if !rest.take('}') {
                return Err("a `{` that nothing closes".to_owned());
            }
        }
        let modifier = ['*', '+', '?'].into_iter().find(|sign| rest.take(*sign));
        let pattern = pattern.or_else(|| name.as_ref().map(|_| "[^\\/]+?".to_owned()));
        names.extend(name);
        group(&mut regex, &prefix, pattern.as_deref(), &suffix, modifier);
    }
    regex.push('$');
    Ok(Source { regex, names })
}

/// The part of a pattern that is not read yet.
struct Rest<'s>(&'s str);

impl Rest<'_> {
    fn peek(&self) -> Option<char> {
        self.0.chars().next()
    }

    /// Reads a sign, if it comes next.
    fn take(&mut self, sign: char) -> bool {
        let behind = self.0.strip_prefix(sign);
        self.0 = behind.unwrap_or(self.0);
        behind.is_some()
    }

    /// Reads a character of the path itself, which may be escaped.
    fn character(&mut self) -> Result<char, String> {
        self.take('\\');
        let c = self.peek().ok_or("a `\\` at the end")?;
        self.take(c);
        Ok(c)
    }

    /// Reads all of them up to the next sign.
    fn text(&mut self) -> Result<String, String> {
        let mut text = String::new();
        while self.peek().is_some_and(|c| !"*+?{}:(".contains(c)) {
            text.push(self.character()?);
        }
        Ok(text)
    }

    /// Reads `:name`.
    fn name(&mut self) -> Result<Option<String>, String> {
        if !self.take(':') {
            return Ok(None);
        }
        let end = self.0.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let (name, behind) = self.0.split_at(end.unwrap_or(self.0.len()));
        if name.is_empty() {
            return Err("a `:` without a name; write `\\:` for the sign".to_owned());
        }
        self.0 = behind;
        Ok(Some(name.to_owned()))
    }

    /// Reads the expression in parentheses.
    fn parentheses(&mut self) -> Result<Option<String>, String> {
        if !self.take('(') {
            return Ok(None);
        }
        let rest = self.0;
        if rest.starts_with('?') {
            return Err("a group that begins with `?`".to_owned());
        }
        let (mut depth, mut is_escaped) = (1, false);
        for (at, c) in rest.char_indices() {
            match c {
                _ if std::mem::take(&mut is_escaped) => {}
                '\\' => is_escaped = true,
                '(' if !rest[at + 1..].starts_with('?') => {
                    return Err("a group within a group; write `(?:`".to_owned());
                }
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                self.0 = &rest[at + 1..];
                return match &rest[..at] {
                    "" => Err("an empty group".to_owned()),
                    pattern => Ok(Some(pattern.to_owned())),
                };
            }
        }
        Err("a `(` that nothing closes".to_owned())
    }
}

fn group(regex: &mut String, prefix: &str, pattern: Option<&str>, suffix: &str, modifier: Option<char>) {
    let (prefix, suffix) = (escape(prefix), escape(suffix));
    let sign = modifier.map_or_else(String::new, String::from);
    let group = match (pattern, modifier) {
        (None, _) => format!("(?:{prefix}{suffix}){sign}"),
        (Some(pattern), _) if prefix.is_empty() && suffix.is_empty() => {
            format!("({pattern}){sign}")
        }
        (Some(pattern), Some('+' | '*')) => {
            let optional = if sign == "*" { "?" } else { "" };
            format!("(?:{prefix}((?:{pattern})(?:{suffix}{prefix}(?:{pattern}))*){suffix}){optional}")
        }
        (Some(pattern), _) => format!("(?:{prefix}({pattern}){suffix}){sign}"),
    };
    regex.push_str(&group);
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if ".+*?=^!:${}()[]|/\\".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}
