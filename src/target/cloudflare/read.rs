//! Cloudflare Pages and Workers: `_headers`, as wrangler 4.86.0 reads it and its asset server obeys it (run).
//!
//! Every rule that matches counts, in order, and values of one header are joined with a comma; `! Disposition` takes away what
//! earlier rules set. Of two rules with the same path the later one stands in the place of the earlier. What wrangler warns of
//! and drops is dropped here too, and noted where it is a policy.

use std::collections::HashMap;

use super::{LINE, RULES, url_spellings};
use crate::error::Result;
use crate::target::Disposition;
use crate::target::deployed::{
    Answers, Choice, DeployedFile, Effect, Matcher, Pattern, Reader, Rules, Switches, Urls, js_trim,
};
use crate::target::netlify::HEADERS_FILE;
use crate::target::urls::Case;

pub(super) static FILE: DeployedFile = DeployedFile {
    name: Some(HEADERS_FILE),
    begins: &[],
    // Netlify has neither lines that detach a header nor rules for a URL.
    knows: |file| file.is_named(HEADERS_FILE) && file.begins(&["! ", "https://"]),
    read: Some(read),
};

const URLS: Urls =
    Urls { cases: &[Case::Matters], switches: Switches::NONE, of: |page, _, _| url_spellings(page.path) };

struct Rule {
    path: String,
    line: u64,
    removed: Vec<Disposition>,
    set: Vec<Value>,
    /// Whether it has any header at all, without which it is no rule.
    headers: bool,
}

struct Value {
    header: Disposition,
    text: String,
    line: u64,
}

fn read(reader: &mut Reader<'_>, text: &str) -> Result<Answers> {
    let rules = parse(reader, text)?;
    let mut in_file = Vec::from_iter(&rules);
    in_file.sort_by_key(|rule| rule.line);
    let mut policies: HashMap<u64, (Matcher, Vec<Effect>)> = HashMap::new();
    for rule in in_file {
        if rule.set.is_empty() && rule.removed.is_empty() {
            continue;
        }
        let effects = effects(reader, rule)?;
        policies.insert(rule.line, effects);
    }
    let mut all = Rules::new(URLS, Choice::Every);
    for rule in &rules {
        if let Some((matcher, effects)) = policies.remove(&rule.line) {
            all.push(matcher, effects);
        }
    }
    Ok(Answers::Rules(Box::new(all)))
}

/// What a rule is for and does. One that makes no expression, as with two `*`, is dropped.
fn effects(reader: &mut Reader<'_>, rule: &Rule) -> Result<(Matcher, Vec<Effect>)> {
    if rule.path.starts_with("https://") {
        return Err(reader.error(
            rule.line,
            "whether a rule for a host applies depends on where the site is reached; write its path alone",
        ));
    }
    let (regex, names) = expression(&rule.path);
    let twice = (1..names.len()).any(|index| names[..index].contains(&names[index]));
    let pattern = Pattern::new(&regex, URLS.cases);
    let (Ok(pattern), false) = (pattern, twice) else {
        for value in &rule.set {
            reader.ignore(value.line, "belongs to a path that Cloudflare does not understand, and is dropped");
        }
        return Ok((Matcher::Nothing, Vec::new()));
    };
    let mut effects: Vec<Effect> = rule.removed.iter().map(|h| Effect::Remove(*h)).collect();
    for value in &rule.set {
        if let Some(name) = names.iter().find(|name| value.text.contains(&format!(":{name}"))) {
            return Err(reader.error(
                value.line,
                format!("the policy holds `:{name}`, which Cloudflare replaces by a part of the path; write it with %3A, or name the placeholder otherwise"),
            ));
        }
        let index = reader.policy(value.header, value.text.as_str(), value.line);
        effects.push(Effect::Add(value.header, index));
    }
    Ok((Matcher::Pattern(pattern), effects))
}

fn parse(reader: &mut Reader<'_>, text: &str) -> Result<Vec<Rule>> {
    let mut rules: Vec<Rule> = Vec::new();
    let mut current: Option<Rule> = None;
    let mut complete = 0;
    for (number, line) in text.split('\n').enumerate() {
        let number = number as u64 + 1;
        let line = js_trim(line);
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if line.encode_utf16().count() > LINE {
            let reason = format!("is longer than the {LINE} characters that Cloudflare reads");
            match is_policy(line) {
                true => reader.ignore(number, reason),
                false => reader.drop_line(number, reason),
            }
            continue;
        }
        if is_path(line) {
            if complete >= RULES {
                let rest = text.split('\n').enumerate().skip(number as usize);
                for (index, _) in rest.filter(|(_, line)| is_policy(js_trim(line))) {
                    let reason = format!("stands behind the {RULES} rules that Cloudflare reads");
                    reader.ignore(index as u64 + 1, reason);
                }
                break;
            }
            complete += usize::from(put(reader, &mut rules, current.take()));
            current = path(line).map(|path| Rule {
                path,
                line: number,
                removed: Vec::new(),
                set: Vec::new(),
                headers: false,
            });
            continue;
        }
        header(reader, &mut current, line, number)?;
    }
    put(reader, &mut rules, current);
    Ok(rules)
}

/// Adds a rule, in the place of one with the same path. Whether it was one.
fn put(reader: &mut Reader<'_>, rules: &mut Vec<Rule>, rule: Option<Rule>) -> bool {
    let Some(rule) = rule.filter(|rule| rule.headers) else {
        return false;
    };
    match rules.iter_mut().find(|known| known.path == rule.path) {
        Some(known) => {
            for value in &known.set {
                reader.ignore(value.line, format!("is lost to the rule for the same path in line {}", rule.line));
            }
            *known = rule;
        }
        None => rules.push(rule),
    }
    true
}

fn header(reader: &mut Reader<'_>, rule: &mut Option<Rule>, line: &str, number: u64) -> Result<()> {
    let Some((name, value)) = line.split_once(':') else {
        let removed = line.strip_prefix("! ");
        if removed.is_none() {
            reader.drop_line(number, "has no colon, and Cloudflare drops it");
        }
        if let (Some(rule), Some(name)) = (rule, removed) {
            rule.headers = true;
            if name != name.trim() && Disposition::of_header(name.trim()).is_some() {
                return Err(reader.error(number, "one space behind the `!`; with more every response fails"));
            }
            rule.removed.extend(Disposition::of_header(name));
        }
        return Ok(());
    };
    let (name, value) = (js_trim(name), js_trim(value));
    let Some(header) = Disposition::of_header(name) else {
        let dropped = name.contains(' ') || name.is_empty() || value.is_empty();
        if dropped {
            let reason = "is no header with a name and a value, and Cloudflare drops it";
            reader.drop_line(number, reason);
        }
        if let Some(rule) = rule.as_mut().filter(|_| !dropped) {
            rule.headers = true;
        }
        return Ok(());
    };
    let Some(rule) = rule else {
        reader.ignore(number, "stands below no path that Cloudflare understands, and is dropped");
        return Ok(());
    };
    if value.is_empty() {
        reader.drop_line(number, "has no value, and Cloudflare drops it");
        return Ok(());
    }
    rule.headers = true;
    match rule.set.iter_mut().find(|known| known.header == header) {
        Some(known) => {
            known.text.push_str(", ");
            known.text.push_str(value);
        }
        None => rule.set.push(Value { header, text: value.to_owned(), line: number }),
    }
    Ok(())
}

fn is_policy(line: &str) -> bool {
    line.split_once(':').is_some_and(|(name, _)| Disposition::of_header(js_trim(name)).is_some())
}

fn is_path(line: &str) -> bool {
    line.starts_with('/')
        || line.split_once("://").is_some_and(|(scheme, _)| !scheme.is_empty() && !scheme.contains(char::is_whitespace))
}

/// The path as a URL has it; [`None`] for a URL that is dropped.
fn path(line: &str) -> Option<String> {
    let relative = |path: &str| {
        let base = url::Url::parse("relative://").ok()?;
        let path = path.strip_prefix('/').unwrap_or(path);
        Some(base.join(&format!("///{path}")).ok()?.path().to_owned())
    };
    let Some(rest) = line.strip_prefix("https://") else {
        return line.starts_with('/').then(|| relative(line)).flatten();
    };
    let rest = rest.trim_start_matches('/');
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let port =
        host.rsplit_once(':').is_some_and(|(_, port)| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()));
    if host.is_empty() || port {
        return None;
    }
    Some(format!("https://{host}{}", relative(path)?))
}

/// The expression that Cloudflare makes of a path, and the names in it, one as often as it is there.
fn expression(path: &str) -> (String, Vec<String>) {
    let escaped = path
        .split('*')
        .map(|part| {
            let mut escaped = String::with_capacity(part.len());
            for c in part.chars() {
                if "-/\\^$*+?.()|[]{}".contains(c) {
                    escaped.push('\\');
                }
                escaped.push(c);
            }
            escaped
        })
        .collect::<Vec<_>>();
    let mut names = vec!["splat".to_owned(); escaped.len() - 1];
    let mut rule = escaped.join("(?<splat>.*)");
    for name in placeholders(&rule.clone()) {
        let sign = format!(":{name}");
        let times = rule.matches(&sign).count();
        rule = rule.replace(&sign, &format!("(?<{name}>[^/]+)"));
        names.extend(vec![name; times]);
    }
    (format!("^{rule}$"), names)
}

/// The names behind colons.
fn placeholders(rule: &str) -> Vec<String> {
    let mut names = Vec::new();
    for part in rule.split(':').skip(1) {
        let name: String = part.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        if name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            names.push(name);
        }
    }
    names
}
