//! The modules that a script imports, the URLs that it mentions and what it does that a policy decides on when it runs.
//!
//! Browsers fetch static imports before a module runs, so they are as certain as the URL of a script element. What a script asks for
//! when it runs is not, so that is only mentioned. A script that cannot be parsed does not run, so there is nothing in it. Knows
//! nothing of import maps, base URLs and policies.

mod imports;
mod inline;
mod markup;
mod mention;
mod parser;
mod url_text;

use std::rc::Rc;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use oxc_allocator::Allocator;
use oxc_parser::Parser;
use oxc_span::SourceType;

use crate::page::Destination;

pub(crate) use imports::Import;
use imports::imports;
pub(crate) use inline::{ModuleImport, Modules, ScriptKind, SeenSign};
use mention::mentions;
pub(crate) use mention::{Mention, Mentions, Relative, Sign};
use url_text::{by_name, quoted_urls};

/// The longest script that is parsed, in bytes.
pub(crate) const LONGEST: usize = 4 << 20;

/// The number of levels for which there is a stack.
const MOST_LEVELS: usize = 300_000;

/// The number of [`defaults`] up to which the parser is quick.
const MOST_DEFAULTS: usize = 1000;

/// The stack of a level in bytes. oxc 0.146 takes 1,700 in a release build and 3,200 in a debug build (run on each construct that
/// nests).
const LEVEL: usize = if cfg!(debug_assertions) { 8192 } else { 3072 };

/// The longest text whose levels are not counted, since the usual stack has room for one at each byte.
const FEW_LEVELS: usize = (parser::USUAL_STACK - FIRST_LEVEL) / LEVEL;

/// The stack of a script without levels, in bytes.
const FIRST_LEVEL: usize = 1 << 20;

/// Keywords that nest without any of [`opens`].
static KEYWORDS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let words = ["new", "typeof", "void", "delete", "await", "yield", "do", "extends"];
    AhoCorasick::new(words).ok()
});

/// The beginnings of what a script shows: URLs, also with their slashes escaped, and the names that it is found by.
static SIGNS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let signs = [
        "//",
        "\\/\\/",
        "import",
        "eval",
        "Function",
        "setTimeout",
        "setInterval",
        "Worker",
        "WebAssembly",
        "importScripts",
    ];
    AhoCorasick::new(signs).ok()
});

/// A script that was not parsed, because it is longer or may be nested deeper than the limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooLarge;

/// How browsers parse a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Grammar {
    /// A classic script, and the body of a function, as event handlers are: the parser goes on after a `return` outside one.
    Classic,
    Module,
    /// A file, which may be either: a module if it has imports or exports.
    File,
}

/// What is found in a script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Script {
    /// The static imports, and the exports from other modules, in source order.
    pub(crate) imports: Vec<Import>,
    pub(crate) mentions: Mentions,
}

impl Script {
    /// What is in a text.
    ///
    /// # Errors
    ///
    /// [`TooLarge`] for a text over 4 MiB or with more than 300,000 tokens that may nest, unless nothing can be in it.
    pub(crate) fn parse(text: &str, grammar: Grammar) -> Result<Self, TooLarge> {
        // An escape in a keyword is a syntax error.
        let may_import = || {
            let is_there = |word: &str| memchr::memmem::find(text.as_bytes(), word.as_bytes());
            grammar != Grammar::Classic && is_there("from").is_some()
        };
        let signs = SIGNS.as_ref();
        if signs.is_some_and(|signs| !signs.is_match(text)) && !may_import() {
            return Ok(Self::default());
        }
        if text.len() > LONGEST {
            return Err(TooLarge);
        }
        let levels = levels(text);
        if levels > MOST_LEVELS || defaults(text) > MOST_DEFAULTS {
            return Err(TooLarge);
        }
        parser::parse(text, grammar, FIRST_LEVEL + levels * LEVEL)
    }

    /// The same for a script in a page, which other pages may repeat.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse).
    pub(crate) fn parse_inline(text: &str, grammar: Grammar) -> Result<Rc<Self>, TooLarge> {
        parser::kept(text, grammar, || Self::parse(text, grammar))
    }

    /// The URLs in quotes of a text that is too large to be parsed, wherever the quotes are.
    pub(crate) fn quoted(text: &str) -> Self {
        let urls = quoted_urls(text).map(|(url, offset)| Mention {
            destination: by_name(&url, "").unwrap_or(Destination::Connect),
            url: url.into(),
            offset,
            relative: Relative::Document,
        });
        Self { mentions: Mentions { urls: urls.collect(), ..Mentions::default() }, ..Self::default() }
    }

    fn of(text: &str, grammar: Grammar) -> Self {
        let allocator = Allocator::default();
        let kind = match grammar {
            Grammar::Module => SourceType::mjs(),
            Grammar::Classic => SourceType::script(),
            Grammar::File => SourceType::unambiguous(),
        };
        let parsed = Parser::new(&allocator, text, kind).parse();
        if parsed.panicked {
            return Self::default();
        }
        Self {
            // A classic script has none.
            imports: match grammar {
                Grammar::Classic => Vec::new(),
                Grammar::Module | Grammar::File => imports(&parsed.program),
            },
            mentions: mentions(&parsed.program),
        }
    }
}

/// At most so many parentheses hold a `=` of their own, where the parser tries out whether an arrow function begins: its time and
/// memory grow with the square of how deep these are nested (run).
fn defaults(text: &str) -> usize {
    let parentheses = memchr::memchr_iter(b'(', text.as_bytes());
    if parentheses.count() <= MOST_DEFAULTS {
        return 0;
    }
    text.split('(').skip(1).filter(|part| may_default(part)).count()
}

/// Whether a `=` may stand in the parentheses before this text.
fn may_default(part: &str) -> bool {
    let bytes = part.as_bytes();
    let is_lone = |at: &usize| {
        let before = at.checked_sub(1).map(|at| bytes[at]);
        !matches!(before, Some(b'=' | b'!' | b'<' | b'>')) && !matches!(bytes.get(at + 1), Some(b'=' | b'>'))
    };
    let mut lone = memchr::memchr_iter(b'=', bytes).filter(is_lone);
    let Some(first) = lone.next() else {
        return false;
    };
    // A closing parenthesis may be part of a string, a comment or a regular expression, which ends before the `=` then.
    let ends = |byte: &u8| !byte.is_ascii() || b"'\"`/\r\n".contains(byte);
    let last = lone.next_back().unwrap_or(first);
    !bytes[..first].contains(&b')') || bytes[..last].iter().any(ends)
}

/// At most so deep is the parser in its recursion: each level has one of these tokens of its own, in whatever state of the lexer
/// they are counted.
fn levels(text: &str) -> usize {
    if text.len() <= FEW_LEVELS {
        return text.len();
    }
    let keywords = KEYWORDS.as_ref();
    let keywords = keywords.map_or(text.len(), |words| words.find_iter(text).count());
    // So many fit into the type of the sum, which the compiler takes many at a time.
    let pieces = text.as_bytes().chunks(u8::MAX.into());
    let opening = pieces.map(|piece| piece.iter().map(|byte| u8::from(opens(*byte))).sum::<u8>());
    opening.map(usize::from).sum::<usize>() + keywords
}

/// Whether a token that nests expressions or statements may start with this.
const fn opens(byte: u8) -> bool {
    const OPENING: [u8; 12] = *b"([{!~+-=?:*@";
    let mut opens = false;
    let mut at = 0;
    while at < OPENING.len() {
        opens |= byte == OPENING[at];
        at += 1;
    }
    opens
}

#[cfg(test)]
mod tests {
    use super::*;

    fn imported(text: &str) -> Result<Vec<Box<str>>, TooLarge> {
        let imports = Script::parse(text, Grammar::Module)?.imports;
        Ok(imports.into_iter().map(|it| it.specifier).collect())
    }

    fn found(text: &str) -> Vec<String> {
        let found = imported(text).unwrap();
        found.into_iter().map(String::from).collect()
    }

    #[test]
    fn static_imports_are_found() {
        for (text, expected) in [
            ("import a from './a.js'; import {b} from \"b\"", &["./a.js", "b"][..]),
            ("import './a.js'; import * as a from './a.js'", &["./a.js"]),
            ("export * from '/a.js'; export {b} from '/b.js'", &["/a.js", "/b.js"]),
            ("import 'https:\\u002f/a.test/b.js'", &["https://a.test/b.js"]),
            ("import a from './a.json' with { type: 'json' }", &["./a.json"]),
            ("// import './a.js'\n'import \"b\"'; `import './c.js'`", &[]),
            ("import('./a.js'); import.meta.url", &[]),
            ("import './a.js'; (", &[]),
            ("", &[]),
        ] {
            assert_eq!(found(text), expected, "{text}");
        }
    }

    #[test]
    fn nested_defaults_are_not_parsed_in_quadratic_time() {
        for unit in
            ["(a=", "(a =\n", "(/*==*/a=", "(/*)*/a=", "(a,\"()\",b=", "(//()\nb=", "(/[)]/.a=", "(`()`.a=", "({a="]
        {
            let nested = |count| format!("import 'a';{}", unit.repeat(count));
            assert!(imported(&nested(MOST_DEFAULTS + 1)).is_err(), "{unit}");
            assert!(imported(&nested(100)).is_ok(), "{unit}");
        }
        for common in ["function f(a){b=a}", "f(a==b,c=>d,e<=1);x=2;"] {
            let text = format!("import './a.js';{}", common.repeat(10_000));
            assert_eq!(found(&text), ["./a.js"], "{common}");
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
            for count in [5_000, 30_000, 1_000_000] {
                let text = format!("import './a.js'; {}{end}", unit.repeat(count));
                let is_deep = text.len() > LONGEST || levels(&text) > MOST_LEVELS;
                assert_eq!(imported(&text).is_err(), is_deep, "{count} {unit}");
            }
        }
    }
}
