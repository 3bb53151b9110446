//! The modules that a JavaScript module imports, for the directives that decide on them.
//!
//! Browsers fetch static imports before a module runs, so they are as certain as the URL of a script element. A script that cannot
//! be parsed does not run, so it imports nothing. Knows nothing of import maps, base URLs and policies.
//!
//! The parser recurses, so it gets a thread with a stack for as many levels as the text could nest.

mod inline;

use std::sync::LazyLock;
use std::thread;

use aho_corasick::AhoCorasick;
use oxc_allocator::Allocator;
use oxc_parser::Parser;
use oxc_span::SourceType;

pub(crate) use inline::{ModuleImport, ModuleKind, Modules};

/// The longest module that is parsed, in bytes.
pub(crate) const LONGEST: usize = 4 << 20;

/// The number of levels for which there is a stack.
const MOST_LEVELS: usize = 300_000;

/// The number of [`defaults`] up to which the parser is quick.
const MOST_DEFAULTS: usize = 1000;

/// The stack of a level in bytes. oxc 0.146 takes 1,700 in a release build and 3,200 in a debug build (run on each construct that
/// nests).
const LEVEL: usize = if cfg!(debug_assertions) { 8192 } else { 3072 };

/// The stack of a script without levels, in bytes.
const FIRST_LEVEL: usize = 1 << 20;

/// Keywords that nest without any of [`opens`].
static KEYWORDS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let words = [
        "new", "typeof", "void", "delete", "await", "yield", "do", "extends",
    ];
    AhoCorasick::new(words).ok()
});

/// A module that was not parsed, because it is longer or may be nested deeper than the limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooLarge;

/// The specifiers of the static imports of a module, and of its exports from other modules, in source order.
///
/// # Errors
///
/// [`TooLarge`] for a text over 4 MiB or with more than 300,000 tokens that may nest.
fn imports(text: &str) -> Result<Vec<Box<str>>, TooLarge> {
    // An escape in a keyword is a syntax error.
    let has = |word: &str| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some();
    if !has("import") && !has("from") {
        return Ok(Vec::new());
    }
    let levels = match text.len() <= LONGEST {
        true => levels(text),
        false => return Err(TooLarge),
    };
    if levels > MOST_LEVELS || defaults(text) > MOST_DEFAULTS {
        return Err(TooLarge);
    }
    thread::scope(|scope| {
        let stack = FIRST_LEVEL + levels * LEVEL;
        let parse = thread::Builder::new()
            .stack_size(stack)
            .spawn_scoped(scope, || parsed_imports(text));
        let parse = parse.map_err(|_| TooLarge)?;
        parse.join().map_err(|_| TooLarge)
    })
}

fn parsed_imports(text: &str) -> Vec<Box<str>> {
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, text, SourceType::mjs()).parse();
    if parsed.panicked {
        return Vec::new();
    }
    let all = parsed.module_record.requested_modules.iter();
    let mut all: Vec<(u32, &str)> = all
        .filter_map(|(specifier, places)| Some((places.first()?.span.start, specifier.as_str())))
        .collect();
    all.sort_unstable();
    all.into_iter().map(|(_, it)| it.into()).collect()
}

/// The number of `=` that are the first in their parentheses, where the parser tries out whether an arrow function begins: its
/// time and memory grow with the square of how deep these are nested (run).
fn defaults(text: &str) -> usize {
    let parts = text.split('(').skip(1);
    let is_default = |part: &&str| {
        let rest = part.split_once('=').map(|(_, rest)| rest);
        rest.is_some_and(|rest| !rest.starts_with(['=', '>']))
    };
    parts.filter(is_default).count()
}

/// At most so deep is the parser in its recursion: each level has one of these tokens of its own, in whatever state of the lexer
/// they are counted.
fn levels(text: &str) -> usize {
    let keywords = KEYWORDS.as_ref();
    let keywords = keywords.map_or(text.len(), |words| words.find_iter(text).count());
    text.bytes().filter(|byte| opens(*byte)).count() + keywords
}

/// Whether a token that nests expressions or statements may start with this.
const fn opens(byte: u8) -> bool {
    matches!(
        byte,
        b'(' | b'[' | b'{' | b'!' | b'~' | b'+' | b'-' | b'=' | b'?' | b':' | b'*' | b'@'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let found = imports(text).unwrap();
        found.into_iter().map(String::from).collect()
    }

    #[test]
    fn static_imports_are_found() {
        for (text, expected) in [
            (
                "import a from './a.js'; import {b} from \"b\"",
                &["./a.js", "b"][..],
            ),
            ("import './a.js'; import * as a from './a.js'", &["./a.js"]),
            (
                "export * from '/a.js'; export {b} from '/b.js'",
                &["/a.js", "/b.js"],
            ),
            (
                "import 'https:\\u002f/a.test/b.js'",
                &["https://a.test/b.js"],
            ),
            (
                "import a from './a.json' with { type: 'json' }",
                &["./a.json"],
            ),
            ("// import './a.js'\n'import \"b\"'; `import './c.js'`", &[]),
            ("import('./a.js'); import.meta.url", &[]),
            ("import './a.js'; (", &[]),
            ("", &[]),
        ] {
            assert_eq!(found(text), expected, "{text}");
        }
    }

    #[test]
    fn deep_nesting_does_not_overflow_the_stack() {
        for (unit, end) in [
            ("[", ""),
            ("(", ""),
            ("{", ""),
            ("!", "a"),
            ("a=>", "a"),
            ("a=>{", ""),
            ("a?", ""),
            ("a=", "a"),
            ("new ", "a"),
            ("if(a)", ";"),
            ("if(a);else ", ";"),
            ("`${", ""),
            ("typeof ", "a"),
            ("a+", "a"),
            ("class extends ", ""),
            ("class{a(){", ""),
            ("class{@a b(){", ""),
            ("({a:", ""),
            ("a:", ";"),
            ("a**", "a"),
            ("do ", ";"),
            ("a.b.", "a"),
        ] {
            assert!(imports(&format!("import 'a';{}", "(a=".repeat(5_000))).is_err());
            for count in [5_000, 30_000, 1_000_000] {
                let text = format!("import './a.js'; {}{end}", unit.repeat(count));
                let is_deep = text.len() > LONGEST || levels(&text) > MOST_LEVELS;
                assert_eq!(imports(&text).is_err(), is_deep, "{count} {unit}");
            }
        }
    }
}
