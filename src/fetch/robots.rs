//! `robots.txt`, by [RFC 9309](https://www.rfc-editor.org/rfc/rfc9309): which URLs the site's owner keeps programs from.

use url::{Position, Url};

/// The product token of this program.
const AGENT: &str = "cspseal";

/// How much of the file is read, in bytes; the RFC asks for 500 KiB at least.
pub(super) const LONGEST: u64 = 512 << 10;

/// The rules for this program.
#[derive(Debug, Default)]
pub(crate) struct Robots {
    rules: Vec<Rule>,
    /// The sitemaps that the file names, as they are written.
    pub(super) sitemaps: Vec<String>,
}

#[derive(Debug)]
struct Rule {
    pattern: String,
    allows: bool,
}

impl Robots {
    /// Reads a file. Groups that name this program count, or else those for every program.
    pub(super) fn parse(text: &str) -> Self {
        let (mut own, mut others, mut sitemaps) = (Vec::new(), Vec::new(), Vec::new());
        // Whether the group is for this program, whether for every one, and whether its rules have begun.
        let (mut is_own, mut is_any, mut has_rules, mut is_named) = (false, false, true, false);
        for line in text.trim_start_matches('\u{feff}').split(['\n', '\r']) {
            let line = line.split('#').next().unwrap_or_default();
            let Some((key, value)) = line.split_once(':') else {
                continue;
            };
            let value = value.trim();
            match &*key.trim().to_ascii_lowercase() {
                "user-agent" => {
                    if std::mem::take(&mut has_rules) {
                        (is_own, is_any) = (false, false);
                    }
                    let is_token = |c: char| c.is_ascii_alphabetic() || matches!(c, '-' | '_');
                    let token = value.split(|c| !is_token(c)).next().unwrap_or_default();
                    is_own |= token.eq_ignore_ascii_case(AGENT);
                    is_any |= value == "*";
                    is_named |= is_own;
                }
                key @ ("allow" | "disallow") => {
                    has_rules = true;
                    let rule = || Rule { pattern: normalize(value), allows: key == "allow" };
                    // An empty one is about nothing.
                    if is_own && !value.is_empty() {
                        own.push(rule());
                    } else if is_any && !value.is_empty() {
                        others.push(rule());
                    }
                }
                "sitemap" => sitemaps.push(value.to_owned()),
                _ => {}
            }
        }
        Self { rules: if is_named { own } else { others }, sitemaps }
    }

    /// Whether a URL may be fetched: the longest rule that matches decides, of two of the same length the one that allows.
    pub(super) fn allows(&self, url: &Url) -> bool {
        let path = normalize(&url[Position::BeforePath..Position::AfterQuery]);
        let matching = self.rules.iter().filter(|rule| matches(&rule.pattern, &path));
        let decisive = matching.max_by_key(|rule| (rule.pattern.len(), rule.allows));
        decisive.is_none_or(|rule| rule.allows)
    }
}

/// A path with one spelling for each character: escapes of letters and digits decoded, others in upper case, and all else
/// outside ASCII escaped.
fn normalize(path: &str) -> String {
    let bytes = path.as_bytes();
    let mut normal = String::new();
    let mut at = 0;
    while at < bytes.len() {
        let digit = |offset: usize| bytes.get(at + offset).and_then(|b| (*b as char).to_digit(16));
        let escaped = match (bytes[at], digit(1), digit(2)) {
            (b'%', Some(high), Some(low)) => Some((high * 16 + low) as u8),
            _ => None,
        };
        let byte = escaped.unwrap_or(bytes[at]);
        let is_plain = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        match is_plain || (escaped.is_none() && byte.is_ascii_graphic()) {
            true => normal.push(byte as char),
            false => normal.push_str(&format!("%{byte:02X}")),
        }
        at += if escaped.is_some() { 3 } else { 1 };
    }
    normal
}

/// Whether a path begins as a pattern says: `*` is anything, `$` at the end is the path's end.
fn matches(pattern: &str, path: &str) -> bool {
    let (pattern, is_whole) = match pattern.strip_suffix('$') {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    let mut pieces = pattern.split('*');
    let Some(mut rest) = pieces.next().and_then(|first| path.strip_prefix(first)) else {
        return false;
    };
    let mut pieces = pieces.peekable();
    while let Some(piece) = pieces.next() {
        if is_whole && pieces.peek().is_none() {
            return rest.ends_with(piece);
        }
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    !is_whole || rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(robots: &str, path: &str) -> bool {
        let url = Url::parse("https://a.example").unwrap().join(path).unwrap();
        Robots::parse(robots).allows(&url)
    }

    #[test]
    fn the_longest_rule_of_the_own_groups_decides() {
        let robots = "\u{feff}User-agent: *\nDisallow: /\n\nUser-Agent: other\nuser-agent: CSPseal/1.0 # us\r\nDisallow: /a\nAllow: /a/b$\nDisallow: /*.php$\n\
                      Disallow: /c*d\nDisallow:\n\nuser-agent: cspseal\nAllow: /a/c\nDisallow: /e\nAllow: /e\nSitemap: /s.xml";
        for (path, expected) in [
            ("/", true),
            ("/a", false),
            ("/a/b", true),
            ("/a/b?c", false),
            ("/a/c/d", true),
            ("/x.php", false),
            ("/x.php?y", true),
            ("/cxxd/y", false),
            ("/cxx", true),
            ("/e", true),
        ] {
            assert_eq!(allows(robots, path), expected, "{path}");
        }
        assert_eq!(Robots::parse(robots).sitemaps, ["/s.xml"]);
    }

    #[test]
    fn without_an_own_group_the_one_for_all_counts() {
        let robots = "Disallow: /no\nUser-agent: x\nDisallow: /\nUser-agent: *\nDisallow: /a\n";
        assert!(!allows(robots, "/ab"));
        assert!(allows(robots, "/no"));
        assert!(allows("", "/"));
        assert!(allows("User-agent: cspseal\nDisallow:\nUser-agent: *\nDisallow: /", "/a"));
    }

    #[test]
    fn a_character_has_one_spelling() {
        let robots = "User-agent: *\nDisallow: /%7ejoe/é\nDisallow: /a%2fb";
        assert!(!allows(robots, "/~joe/%c3%a9"));
        assert!(!allows(robots, "/%7Ejoe/é"));
        assert!(!allows(robots, "/a%2Fb"));
        assert!(allows(robots, "/a/b"));
    }
}
