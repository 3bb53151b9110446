//! Code that places another template or a part of one in dialects that have no tags for that, and elements that are kept.

use std::ops::Range;
use std::sync::LazyLock;

use fancy_regex::Regex;

use super::Target;
use crate::template::Dialect;

use Dialect::{Blade, Ejs, Erb, Go, Handlebars, Jinja, Jsp, Mako, Mustache, Php, Twig};

/// Patterns of code that places another template.
const FILES: &[(&[Dialect], &str)] = &[
    (
        &[Erb],
        r#"\brender[\s(]+(?:(?:partial|template|file|layout):\s*|:(?:partial|template|file)\s*=>\s*)?["']([^"'#]+)["']"#,
    ),
    (&[Ejs], r#"\binclude\s*\(\s*["'`]([^"'`$]+)["'`]"#),
    (&[Handlebars, Mustache], r#"^\{\{\{?[~]?#?>\s*["']?([\w./-]+)"#),
    (&[Jsp], r#"^<(?:%@\s*include\s+file|jsp:include\s+page)\s*=\s*["']([^"'$<]+)["']"#),
    (&[Php, Blade], r#"\b(?:include|require)(?:_once)?[\s(]+(?:__DIR__\s*\.\s*)?["']([^"'$]+)["']"#),
    (&[Go], r#"\bpartial(?:Cached)?\s+"([^"]+)""#),
];

/// Patterns of code that places a part.
const PARTS: &[(&[Dialect], &str)] = &[
    (&[Erb], r#"\b(?:yield|content_for)[\s(]+[:"'](\w+)"#),
    (&[Jinja, Mako], r"\b(?:self|next)\.(\w+)\("),
    (&[Twig], r#"\bblock\(\s*["'](\w+)["']"#),
];

/// A compiled one.
pub(super) struct Pattern {
    dialects: &'static [Dialect],
    regex: Regex,
    is_file: bool,
}

static PATTERNS: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
    let rows = |rows: &'static [(&'static [Dialect], &'static str)], is_file| {
        rows.iter().filter_map(move |(dialects, pattern)| {
            let regex = Regex::new(pattern).ok()?;
            Some(Pattern { dialects, regex, is_file })
        })
    };
    rows(FILES, true).chain(rows(PARTS, false)).collect()
});

/// Those of a dialect.
pub(super) fn patterns(dialect: Dialect) -> Vec<&'static Pattern> {
    let has_any = FILES.iter().chain(PARTS);
    if !{ has_any }.any(|row| row.0.contains(&dialect)) {
        return Vec::new();
    }
    let of_dialect = |pattern: &&Pattern| pattern.dialects.contains(&dialect);
    PATTERNS.iter().filter(of_dialect).collect()
}

impl Pattern {
    /// What some code places.
    pub(super) fn target(&self, code: &str, is_output: bool) -> Option<Target> {
        if !self.is_file && !is_output {
            return None;
        }
        let found = self.regex.captures(code).ok().flatten()?;
        let name = found.get(1)?.as_str().to_owned();
        Some(match self.is_file {
            true => Target::File(name),
            false => Target::Part(name),
        })
    }
}

/// Whether some code of ERB renders a collection whose output is kept: `render partial: "a", collection: b, cached: true`.
pub(super) fn keeps_collection(code: &str) -> bool {
    let value = code.split_once("cached").map_or("", |(_, behind)| behind);
    let value = value.strip_prefix([':', ' ']).unwrap_or_default();
    let value = value.trim_start_matches(['=', '>', ' ']);
    let is_on = !value.is_empty() && !["false", "nil"].iter().any(|off| value.starts_with(off));
    is_on && code.contains("collection")
}

/// The part that some code of ERB begins.
pub(super) fn ruby_part(code: &str) -> Option<String> {
    static PART: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r#"^(?:content_for|provide)[\s(]+[:"'](\w+)[^\n]*(?:\bdo|\{)(?:\s*\|[^|]*\|)?$"#).ok()
    });
    let found = PART.as_ref()?.captures(code).ok().flatten()?;
    Some(found.get(1)?.as_str().to_owned())
}

/// The contents of elements whose output is kept, which the mask does not hide: the tag helpers of Razor and the tags of JSP.
pub(super) fn cached_elements(dialect: Dialect, source: &[u8]) -> Vec<Range<usize>> {
    static CACHE: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(?i)(<(/?)(?:[\w-]+:)?(?:distributed-)?cache)[\s>]").ok());
    let mut ranges = Vec::new();
    if !matches!(dialect, Dialect::Razor | Jsp) {
        return ranges;
    }
    let text = String::from_utf8_lossy(source);
    let mut starts = Vec::new();
    let tags = CACHE.iter().flat_map(|tag| tag.captures_iter(&*text));
    for captures in tags.flatten() {
        let (Some(tag), Some(slash)) = (captures.get(1), captures.get(2)) else {
            continue;
        };
        if slash.as_str().is_empty() {
            starts.push(tag.end());
        } else if let Some(start) = starts.pop() {
            ranges.push(start..tag.start());
        }
    }
    ranges
}
