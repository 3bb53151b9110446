//! Globs as expressions: minimatch 6.2.3 without options, as superstatic 10 calls it (run).
//!
//! `*`, `?` and `**` pass over names that begin with a dot. A path's slash at its end is matched by nothing too. What is not
//! translated is refused: number ranges in braces, escapes and classes in classes, groups within groups.

use crate::target::deployed::check_length;

/// How many pairs of braces a glob may have, and how many globs without any it may stand for.
const MAX_BRACES: usize = 100;
const MAX_ALTERNATIVES: usize = 1000;

/// The expression of a glob, or what of it is not translated.
pub(super) fn minimatch(glob: &str) -> Result<String, String> {
    if glob.starts_with('#') {
        return Ok("(?!)".to_owned());
    }
    // Braces repeat what is beside them.
    check_length(glob)?;
    let bare = glob.trim_start_matches('!');
    let negated = (glob.len() - bare.len()) % 2 == 1;
    if bare.matches('{').count() > MAX_BRACES {
        return Err(format!("more than {MAX_BRACES} pairs of braces"));
    }
    let mut alternatives = Vec::new();
    let mut globs = Vec::new();
    braces(bare, &mut globs)?;
    for glob in globs {
        alternatives.push(whole(&glob)?);
    }
    let regex = format!("^(?:{})/?$", alternatives.join("|"));
    Ok(if negated { format!("^(?!{regex})") } else { regex })
}

/// Adds the globs without braces that one with braces stands for.
fn braces(glob: &str, all: &mut Vec<String>) -> Result<(), String> {
    let Some(open) = glob.find('{') else {
        if all.len() == MAX_ALTERNATIVES {
            return Err(format!("braces that stand for more than {MAX_ALTERNATIVES} paths"));
        }
        all.push(glob.to_owned());
        return Ok(());
    };
    if glob.contains('\\') || glob[..open].ends_with('$') {
        return Err("braces beside an escape or behind a `$`".to_owned());
    }
    let mut depth = 0;
    let mut parts = Vec::new();
    let mut from = open + 1;
    let mut close = None;
    for (at, c) in glob.char_indices().skip_while(|(at, _)| *at < open) {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => {
                parts.push(&glob[from..at]);
                close = Some(at);
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 1 => {
                parts.push(&glob[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    let close = close.ok_or("a `{` that nothing closes")?;
    if parts.len() < 2 {
        return Err("braces without a comma".to_owned());
    }
    for part in parts {
        let one = format!("{}{part}{}", &glob[..open], &glob[close + 1..]);
        braces(&one, all)?;
    }
    Ok(())
}

/// The expression of a glob without braces.
fn whole(glob: &str) -> Result<String, String> {
    let mut regex = String::new();
    let mut parts: Vec<&str> = glob.split('/').collect();
    let end = parts.len() - 1;
    let mut index = 0;
    // Several slashes are one.
    parts.retain(|part| {
        index += 1;
        !part.is_empty() || index == 1 || index == end + 1
    });
    if parts.iter().any(|part| matches!(*part, "." | "..")) {
        return Err("a part that is `.` or `..`".to_owned());
    }
    let last = parts.len() - 1;
    for (index, part) in parts.iter().enumerate() {
        let slash = if index > 0 { "/" } else { "" };
        if *part == "**" {
            if index == 0 {
                return Err("a `**` without a slash in front".to_owned());
            }
            let times = if index == last { '+' } else { '*' };
            regex.push_str(&format!("(?:/(?!\\.)[^/]*){times}"));
        } else {
            regex.push_str(slash);
            regex.push_str(&segment(part)?);
        }
    }
    Ok(regex)
}

/// The expression of a name between slashes.
fn segment(glob: &str) -> Result<String, String> {
    let mut regex = String::new();
    let mut rest = glob;
    let magic = glob.contains(['*', '?', '[', '(']);
    if magic && !glob.starts_with('.') {
        regex.push_str("(?!\\.)");
    }
    if magic {
        regex.push_str("(?=[^/])");
    }
    while let Some(c) = rest.chars().next() {
        let behind = &rest[c.len_utf8()..];
        if matches!(c, '?' | '*' | '+' | '@' | '!') && behind.starts_with('(') {
            let (group, end) = group(c, &behind[1..])?;
            regex.push_str(&group);
            rest = end;
            continue;
        }
        rest = behind;
        match c {
            '*' => {
                rest = rest.trim_start_matches('*');
                if rest.starts_with('(') {
                    return Err("a `*` before a group".to_owned());
                }
                regex.push_str("[^/]*?");
            }
            '?' => regex.push_str("[^/]"),
            '[' => {
                let (class, end) = class(rest)?;
                regex.push_str(&class);
                rest = end;
            }
            '\\' => {
                let escaped = rest.chars().next().ok_or("a `\\` at the end")?;
                regex.push_str(&fancy_regex::escape(&escaped.to_string()));
                rest = &rest[escaped.len_utf8()..];
            }
            _ => regex.push_str(&fancy_regex::escape(&c.to_string())),
        }
    }
    Ok(regex)
}

/// A group such as `@(a|b)`, whose inside begins `rest`; and what stands behind it.
fn group(sign: char, rest: &str) -> Result<(String, &str), String> {
    let close = rest.find(')').ok_or("a group that nothing closes")?;
    let (inside, behind) = (&rest[..close], &rest[close + 1..]);
    if inside.contains(['(', '[', '\\', '/']) || inside.split('|').any(|a| a.starts_with('.')) {
        return Err(format!("what stands in the group `{sign}({inside})`"));
    }
    let alternatives: Vec<String> = inside
        .split('|')
        .map(|alternative| {
            alternative
                .chars()
                .map(|c| match c {
                    '*' => "[^/]*?".to_owned(),
                    '?' => "[^/]".to_owned(),
                    _ => fancy_regex::escape(&c.to_string()).into_owned(),
                })
                .collect()
        })
        .collect();
    let alternatives = alternatives.join("|");
    let regex = match sign {
        '@' => format!("(?:{alternatives})"),
        '!' => {
            // The rest of the name belongs to what must not be.
            if behind.contains(['(', '[']) {
                return Err("a group or class behind `!(…)`".to_owned());
            }
            let tail = segment(behind)?;
            let tail = tail.trim_start_matches("(?!\\.)").trim_start_matches("(?=[^/])").to_owned();
            format!("(?!(?:{alternatives}){tail}(?:/|$))[^/]*?")
        }
        sign => format!("(?:{alternatives}){sign}"),
    };
    Ok((regex, behind))
}

/// A class such as `[a-z]`, whose inside begins `rest`; and what stands behind it.
fn class(rest: &str) -> Result<(String, &str), String> {
    let close = rest.find(']').ok_or("a `[` that nothing closes")?;
    let (inside, behind) = (&rest[..close], &rest[close + 1..]);
    let (sign, members) = match inside.strip_prefix(['!', '^']) {
        Some(members) => ("^/", members),
        None => ("", inside),
    };
    let simple = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if members.is_empty() || !members.chars().all(simple) {
        return Err(format!("the class `[{inside}]`"));
    }
    Ok((format!("[{sign}{members}]"), behind))
}
