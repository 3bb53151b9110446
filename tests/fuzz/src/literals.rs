//! Strings of programming languages, read by the languages' own rules and not by those they were written by.

use cspseal::policy::DirectiveName;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    Python,
    Ruby,
    JavaScript,
    Php,
    Go,
    Yaml,
}

/// A piece of a program.
enum Piece {
    Literal(String),
    Code(char),
}

/// The program without its comments. Panics where a string has no end or an escape that is not known.
fn pieces(language: Language, text: &str) -> Vec<Piece> {
    let comment = match language {
        Language::Python | Language::Ruby | Language::Yaml => "#",
        Language::JavaScript | Language::Php | Language::Go => "//",
    };
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if rest.starts_with(comment) {
            // Every character that ends a line somewhere.
            let end = rest.find(['\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}']);
            rest = &rest[end.unwrap_or(rest.len())..];
            continue;
        }
        let quotes = if language == Language::Python && rest.starts_with("\"\"\"") { "\"\"\"" } else { "\"" };
        if !rest.starts_with(quotes) {
            assert!(!matches!(c, '\'' | '`'), "a string of another kind in {text}");
            pieces.push(Piece::Code(c));
            rest = &rest[c.len_utf8()..];
            continue;
        }
        let (literal, behind) = literal(language, &rest[quotes.len()..], quotes);
        pieces.push(Piece::Literal(literal));
        rest = behind;
    }
    pieces
}

/// The text of a string that has begun, and what follows it.
fn literal<'t>(language: Language, text: &'t str, quotes: &str) -> (String, &'t str) {
    let mut literal = String::new();
    let mut rest = text;
    loop {
        if let Some(behind) = rest.strip_prefix(quotes) {
            return (literal, behind);
        }
        let mut characters = rest.chars();
        let c = characters.next().expect("a string has an end");
        assert!(c != '\n' && c != '\r', "a string goes over a line: {text}");
        if c == '#' && language == Language::Ruby {
            let next = characters.clone().next();
            assert!(!matches!(next, Some('{' | '$' | '@')), "code in a string: {text}");
        }
        assert!(c != '$' || language != Language::Php, "a variable in a string: {text}");
        if c != '\\' {
            literal.push(c);
            rest = characters.as_str();
            continue;
        }
        match characters.next() {
            Some(c @ ('"' | '\\' | '#')) => literal.push(c),
            Some('$') if language == Language::Php => literal.push('$'),
            Some('u') => {
                let digits: String = characters.by_ref().take(4).collect();
                let code = u32::from_str_radix(&digits, 16).expect("four digits");
                literal.push(char::from_u32(code).expect("no half of a character"));
            }
            other => panic!("the escape {other:?} in {text}"),
        }
        rest = characters.as_str();
    }
}

/// The texts of the strings of a program.
pub(crate) fn unquoted(language: Language, text: &str) -> Vec<String> {
    let pieces = pieces(language, text).into_iter();
    let literals = pieces.filter_map(|piece| match piece {
        Piece::Literal(text) => Some(text),
        Piece::Code(_) => None,
    });
    literals.collect()
}

/// Panics if outside strings and comments there is anything but what formats write of themselves: the names of directives,
/// settings and methods.
pub(crate) fn check_code(language: Language, text: &str) {
    let code: String = pieces(language, text)
        .iter()
        .map(|piece| match piece {
            Piece::Literal(_) => '"',
            Piece::Code(c) => *c,
        })
        .collect();
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    for name in code.split(|c| !is_part(c)).filter(|name| !name.is_empty()) {
        let plain: String = name.to_ascii_lowercase().replace('_', "");
        let plain = plain.strip_prefix("csp").filter(|rest| !rest.is_empty()).unwrap_or(&plain);
        let is_directive = DirectiveName::ALL.iter().any(|directive| directive.name().replace('-', "") == plain);
        assert!(is_directive || FIXED.contains(&name), "{name:?} in {text}");
    }
    let signs = "\"{}[]().,:;=|>% \n\r\t-";
    let is_known = |c: char| is_part(c) || signs.contains(c);
    assert!(code.chars().all(is_known), "{code:?}");
}

/// What stands in formats besides the names of directives.
const FIXED: &[&str] = &[
    // Python.
    "from",
    "import",
    "django",
    "utils",
    "csp",
    "CSP",
    "constants",
    "SECURE_CSP",
    "SECURE_CSP_REPORT_ONLY",
    "True",
    "None",
    "CONTENT_SECURITY_POLICY",
    "CONTENT_SECURITY_POLICY_REPORT_ONLY",
    "CSP_REPORT_ONLY",
    "CSP_INCLUDE_NONCE_IN",
    "SELF",
    "NONE",
    "UNSAFE_INLINE",
    "UNSAFE_EVAL",
    "UNSAFE_HASHES",
    "WASM_UNSAFE_EVAL",
    "STRICT_DYNAMIC",
    "REPORT_SAMPLE",
    "NONCE",
    "UNSAFE_ALLOW_REDIRECTS",
    // Ruby.
    "Rails",
    "application",
    "config",
    "content_security_policy",
    "content_security_policy_report_only",
    "do",
    "policy",
    "end",
    "self",
    "none",
    "true",
    "directives",
    // JavaScript.
    "const",
    "helmet",
    "require",
    "app",
    "use",
    "contentSecurityPolicy",
    "useDefaults",
    "false",
    "reportOnly",
    "dangerouslyDisableDefaultSrc",
    "crypto",
    "req",
    "res",
    "next",
    "locals",
    "cspNonce",
    "randomBytes",
    "toString",
    "16",
    // Nonces in Python and Ruby.
    "CONTENT_SECURITY_POLICY_NONCE_IN",
    "content_security_policy_nonce_generator",
    "content_security_policy_nonce_directives",
    "_request",
    "SecureRandom",
    "base64",
    "w",
    "script",
    "style",
    "src",
    "elem",
    "attr",
    "default",
    // A block of another run.
    "old",
];
