//! The patterns of `vercel.json` as expressions: path-to-regexp 6.1.0 with `strict`, `sensitive` and the delimiter `/`,
//! which `@vercel/routing-utils` 6.6.0 calls (run).

/// A pattern's expression, and its names.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) regex: String,
    pub(super) names: Vec<String>,
}

#[derive(Debug)]
enum Token {
    Char(char),
    Escaped(char),
    Modifier(char),
    Open,
    Close,
    Name(String),
    Pattern(String),
}

/// Reads a pattern.
///
/// # Errors
///
/// Why Vercel refuses it.
pub(super) fn path_to_regexp(source: &str) -> Result<Source, String> {
    let tokens = tokens(source)?;
    let mut tokens = tokens.into_iter().peekable();
    let mut regex = "^".to_owned();
    let mut names = Vec::new();
    while let Some(token) = tokens.next() {
        let (prefix, name, pattern, suffix) = match token {
            Token::Char(c) => match tokens.peek() {
                Some(Token::Name(_) | Token::Pattern(_)) => {
                    let mut prefix = String::new();
                    if matches!(c, '.' | '/') {
                        prefix.push(c);
                    } else {
                        regex.push_str(&escape(&c.to_string()));
                    }
                    let (name, pattern) = name_and_pattern(&mut tokens);
                    (prefix, name, pattern, String::new())
                }
                _ => {
                    regex.push_str(&escape(&c.to_string()));
                    continue;
                }
            },
            Token::Escaped(c) => {
                regex.push_str(&escape(&c.to_string()));
                continue;
            }
            Token::Name(name) => {
                let pattern = pattern(&mut tokens);
                (String::new(), Some(name), pattern, String::new())
            }
            Token::Pattern(pattern) => (String::new(), None, Some(pattern), String::new()),
            Token::Open => {
                let prefix = text(&mut tokens);
                let (name, pattern) = name_and_pattern(&mut tokens);
                let suffix = text(&mut tokens);
                match tokens.next() {
                    Some(Token::Close) => (prefix, name, pattern, suffix),
                    _ => return Err("a `{` that nothing closes".to_owned()),
                }
            }
            Token::Modifier(c) => return Err(format!("a `{c}` that stands behind no group")),
            Token::Close => return Err("a `}` that nothing opens".to_owned()),
        };
        let modifier = match tokens.peek() {
            Some(Token::Modifier(c)) => {
                let c = *c;
                tokens.next();
                Some(c)
            }
            _ => None,
        };
        let pattern = pattern.or_else(|| name.as_ref().map(|_| "[^\\/]+?".to_owned()));
        names.extend(name);
        group(&mut regex, &prefix, pattern.as_deref(), &suffix, modifier);
    }
    regex.push('$');
    Ok(Source { regex, names })
}

type Tokens = std::iter::Peekable<std::vec::IntoIter<Token>>;

fn name_and_pattern(tokens: &mut Tokens) -> (Option<String>, Option<String>) {
    let name = match tokens.peek() {
        Some(Token::Name(name)) => {
            let name = name.clone();
            tokens.next();
            Some(name)
        }
        _ => None,
    };
    (name, pattern(tokens))
}

fn pattern(tokens: &mut Tokens) -> Option<String> {
    match tokens.peek() {
        Some(Token::Pattern(pattern)) => {
            let pattern = pattern.clone();
            tokens.next();
            Some(pattern)
        }
        _ => None,
    }
}

fn text(tokens: &mut Tokens) -> String {
    let mut text = String::new();
    while let Some(Token::Char(c) | Token::Escaped(c)) = tokens.peek() {
        text.push(*c);
        tokens.next();
    }
    text
}

fn group(
    regex: &mut String,
    prefix: &str,
    pattern: Option<&str>,
    suffix: &str,
    modifier: Option<char>,
) {
    let (prefix, suffix) = (escape(prefix), escape(suffix));
    let sign = modifier.map_or_else(String::new, String::from);
    let Some(pattern) = pattern else {
        regex.push_str(&format!("(?:{prefix}{suffix}){sign}"));
        return;
    };
    if prefix.is_empty() && suffix.is_empty() {
        regex.push_str(&format!("({pattern}){sign}"));
    } else if let Some(c @ ('+' | '*')) = modifier {
        let optional = if c == '*' { "?" } else { "" };
        regex.push_str(&format!(
            "(?:{prefix}((?:{pattern})(?:{suffix}{prefix}(?:{pattern}))*){suffix}){optional}"
        ));
    } else {
        regex.push_str(&format!("(?:{prefix}({pattern}){suffix}){sign}"));
    }
}

fn tokens(source: &str) -> Result<Vec<Token>, String> {
    let characters: Vec<char> = source.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(c) = characters.get(at).copied() {
        at += 1;
        match c {
            '*' | '+' | '?' => tokens.push(Token::Modifier(c)),
            '\\' => {
                let escaped = characters.get(at).ok_or("a `\\` at the end")?;
                tokens.push(Token::Escaped(*escaped));
                at += 1;
            }
            '{' => tokens.push(Token::Open),
            '}' => tokens.push(Token::Close),
            ':' => {
                let rest = characters[at..].iter();
                let name: String = rest
                    .take_while(|c| c.is_ascii_alphanumeric() || **c == '_')
                    .collect();
                if name.is_empty() {
                    return Err("a `:` without a name; write `\\:` for the sign".to_owned());
                }
                at += name.len();
                tokens.push(Token::Name(name));
            }
            '(' => {
                let (pattern, end) = parenthesis(&characters, at)?;
                tokens.push(Token::Pattern(pattern));
                at = end;
            }
            _ => tokens.push(Token::Char(c)),
        }
    }
    Ok(tokens)
}

/// The expression in parentheses that begins at `at`, and where it ends.
fn parenthesis(characters: &[char], mut at: usize) -> Result<(String, usize), String> {
    let mut pattern = String::new();
    let mut depth = 1;
    if characters.get(at) == Some(&'?') {
        return Err("a group that begins with `?`".to_owned());
    }
    while let Some(c) = characters.get(at).copied() {
        match c {
            '\\' => {
                pattern.push(c);
                at += 1;
                pattern.extend(characters.get(at));
                at += 1;
                continue;
            }
            ')' => {
                depth -= 1;
                if depth == 0 {
                    if pattern.is_empty() {
                        return Err("an empty group".to_owned());
                    }
                    return Ok((pattern, at + 1));
                }
            }
            '(' => {
                depth += 1;
                if characters.get(at + 1) != Some(&'?') {
                    return Err("a group within a group; write `(?:`".to_owned());
                }
            }
            _ => {}
        }
        pattern.push(c);
        at += 1;
    }
    Err("a `(` that nothing closes".to_owned())
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
