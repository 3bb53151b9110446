//! Where scripts are parsed. The parser recurses, so it needs a stack for as many levels as a text could nest, and making a thread
//! with one takes longer than parsing most scripts: each thread that has scripts to parse keeps another one for that.
//!
//! The pages of a site repeat their inline scripts, so what was found in the last ones is kept as well.

use std::cell::{Cell, RefCell};
use std::hash::{BuildHasher as _, RandomState};
use std::rc::Rc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use super::{Grammar, Script, TooLarge};

/// The stack of a thread that is kept, in bytes. Most of it is never touched.
pub(super) const USUAL_STACK: usize = 32 << 20;

/// How many results a thread keeps.
const KEPT: usize = 64;

/// The longest text whose result is kept, in bytes.
const LONGEST_KEPT: usize = 16 << 10;

thread_local! {
    static PARSER: Cell<Option<Parser>> = const { Cell::new(None) };
    /// By the lowest bits of their hashes.
    static LAST: RefCell<Last> = RefCell::default();
}

/// A thread that parses one text after the other, until this is dropped.
struct Parser {
    stack: usize,
    texts: Sender<(String, Grammar)>,
    found: Receiver<Script>,
}

impl Parser {
    /// With a stack of so many bytes; [`None`] if the system has none.
    fn new(stack: usize) -> Option<Self> {
        let (texts, waiting) = channel::<(String, Grammar)>();
        let (done, found) = channel();
        let parse = move || {
            for (text, grammar) in waiting {
                if done.send(Script::of(&text, grammar)).is_err() {
                    return;
                }
            }
        };
        let thread = thread::Builder::new().stack_size(stack).spawn(parse);
        thread.is_ok().then_some(Self { stack, texts, found })
    }

    fn parse(&self, text: &str, grammar: Grammar) -> Option<Script> {
        self.texts.send((text.to_owned(), grammar)).ok()?;
        self.found.recv().ok()
    }
}

/// Parses a text that needs a stack of so many bytes.
pub(super) fn parse(text: &str, grammar: Grammar, stack: usize) -> Result<Script, TooLarge> {
    let kept = PARSER.take().filter(|parser| parser.stack >= stack);
    let parser = kept.or_else(|| Parser::new(stack.max(USUAL_STACK)));
    let parser = parser.ok_or(TooLarge)?;
    let found = parser.parse(text, grammar).ok_or(TooLarge)?;
    if parser.stack == USUAL_STACK {
        PARSER.set(Some(parser));
    }
    Ok(found)
}

/// A text, how it was parsed, and the result.
type Known = (Box<str>, Grammar, Rc<Script>);

/// The results for the last texts.
struct Last {
    state: RandomState,
    kept: Vec<Option<Known>>,
}

impl Default for Last {
    fn default() -> Self {
        Self { state: RandomState::new(), kept: vec![None; KEPT] }
    }
}

/// The result for a text that pages repeat: the one that is kept, or else that of `parse`.
pub(super) fn kept(
    text: &str,
    grammar: Grammar,
    parse: impl FnOnce() -> Result<Script, TooLarge>,
) -> Result<Rc<Script>, TooLarge> {
    if text.len() > LONGEST_KEPT {
        return parse().map(Rc::new);
    }
    LAST.with_borrow_mut(|last| {
        let place = &mut last.kept[last.state.hash_one((text, grammar)) as usize % KEPT];
        if let Some((known, of, found)) = place
            && (&**known, *of) == (text, grammar)
        {
            return Ok(Rc::clone(found));
        }
        let found = Rc::new(parse()?);
        *place = Some((text.into(), grammar, Rc::clone(&found)));
        Ok(found)
    })
}
