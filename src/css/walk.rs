//! The walk over the tokens of a text, with a stack of what is open.
//!
//! It follows [CSS Syntax 3](https://drafts.csswg.org/css-syntax/#parsing) as far as fetches depend on it: the end of a
//! declaration, what a bracket closes, what browsers drop. Time and memory grow with the length of the text, however deep it is
//! nested: nothing recurses, and an open bracket takes one byte.

use std::mem;

use cssparser::{CowRcStr, Parser, ParserInput, Token};

use super::property::Property;
use super::selector::Plain;
use super::{Fetch, FetchKind, Grammar};

/// Hands each fetch of a text to `take`, in order.
pub(crate) fn fetches(css: &str, grammar: Grammar, take: &mut dyn FnMut(Fetch<'_>)) {
    // Every URL is in a function, except that of an `@import`, and neither `(` nor `@` has an escape.
    let has = |byte| memchr::memchr(byte, css.as_bytes()).is_some();
    let may_import = grammar == Grammar::Sheet && has(b'@');
    if !may_import && !has(b'(') {
        return;
    }
    let mut input = ParserInput::new(css);
    let mut walk = Walk {
        grammar,
        take,
        open: Vec::new(),
        item: match grammar {
            Grammar::Sheet | Grammar::Declarations => Item::Start,
            Grammar::Value => Item::Value(Property::Image),
        },
        may_import,
        has_imported: false,
        urls: Vec::new(),
        is_bad: false,
        strings: Vec::new(),
        has_variable_set: false,
    };
    loop {
        // A new parser knows of nothing that is open, so that it returns one token after the other.
        let mut parser = Parser::new(&mut input);
        let offset = parser.position().byte_index();
        let Ok(token) = parser.next_including_whitespace_and_comments() else {
            break;
        };
        walk.token(token, offset);
    }
    // The end of the text closes everything.
    walk.finish();
    if walk.has_variable_set {
        let strings = mem::take(&mut walk.strings);
        walk.give(FetchKind::Image, strings);
    }
}

/// Something open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    /// The block of a rule: declarations and rules.
    Rule,
    /// The block of a `@font-face`.
    FontFace,
    /// The block of a rule that browsers drop.
    Dropped,
    /// A bracket or function.
    Round,
    Square,
    Curly,
    /// `url(`, before its string.
    Url,
    /// `image-set(`
    ImageSet,
}

impl Open {
    /// The bracket or function that a token opens.
    fn by(token: &Token<'_>) -> Option<Self> {
        match token {
            Token::Function(name) if name.eq_ignore_ascii_case("url") => Some(Self::Url),
            Token::Function(name)
                if name.eq_ignore_ascii_case("image-set") || name.eq_ignore_ascii_case("-webkit-image-set") =>
            {
                Some(Self::ImageSet)
            }
            Token::Function(_) | Token::ParenthesisBlock => Some(Self::Round),
            Token::SquareBracketBlock => Some(Self::Square),
            Token::CurlyBracketBlock => Some(Self::Curly),
            _ => None,
        }
    }

    const fn is_closed_by(self, token: &Token<'_>) -> bool {
        match self {
            Self::Rule | Self::FontFace | Self::Dropped | Self::Curly => {
                matches!(token, Token::CloseCurlyBracket)
            }
            Self::Square => matches!(token, Token::CloseSquareBracket),
            Self::Round | Self::Url | Self::ImageSet => matches!(token, Token::CloseParenthesis),
        }
    }

    /// Whether it holds declarations and rules.
    const fn is_block(self) -> bool {
        match self {
            Self::Rule | Self::FontFace | Self::Dropped => true,
            Self::Round | Self::Square | Self::Curly | Self::Url | Self::ImageSet => false,
        }
    }
}

/// What is read in the innermost block.
enum Item<'c> {
    /// Nothing yet.
    Start,
    /// A name; a colon makes it a declaration.
    Name(Property),
    /// The value of a declaration.
    Value(Property),
    /// The prelude of a rule.
    Prelude {
        at_rule: bool,
        /// What its block is.
        block: Open,
        /// Its selector, which can end the imports.
        plain: Plain,
    },
    /// An `@import` that is valid so far, with its URL once that was read.
    Import(Option<Url<'c>>),
}

/// The number of URLs that are held until it is known whether they are fetched. More count at once.
const MOST: usize = 10_000;

/// A URL and the offset of its token.
type Url<'c> = (CowRcStr<'c>, usize);

struct Walk<'c, 't> {
    grammar: Grammar,
    take: &'t mut dyn FnMut(Fetch<'_>),
    open: Vec<Open>,
    item: Item<'c>,
    /// Whether no rule was certainly read that ends the imports.
    may_import: bool,
    /// Whether there was an import.
    has_imported: bool,
    /// The URLs of the declaration.
    urls: Vec<Url<'c>>,
    /// Whether the declaration has a token that makes it invalid.
    is_bad: bool,
    /// The strings of custom properties: images if `image-set(var(--x) 1x)` is there, which both browsers fetch (run).
    strings: Vec<Url<'c>>,
    has_variable_set: bool,
}

impl<'c> Walk<'c, '_> {
    fn token(&mut self, token: &Token<'c>, offset: usize) {
        let top = self.open.last().copied();
        match top {
            _ if matches!(token, Token::Comment(_)) => {}
            Some(top) if top.is_closed_by(token) => {
                if top.is_block() {
                    self.finish();
                }
                self.open.pop();
            }
            Some(top) if !top.is_block() => self.nested(top, token, offset),
            block => self.in_block(block, token, offset),
        }
    }

    /// A token in brackets or a function.
    fn nested(&mut self, top: Open, token: &Token<'c>, offset: usize) {
        match &mut self.item {
            Item::Value(_) => self.in_value(token, offset),
            Item::Import(url @ None) if top == Open::Url => match token {
                Token::WhiteSpace(_) => {}
                Token::QuotedString(string) => *url = Some((string.clone(), offset)),
                _ => self.item = dropped(),
            },
            Item::Start | Item::Name(_) | Item::Prelude { .. } | Item::Import(_) => {}
        }
        if !matches!(self.item, Item::Value(_)) {
            self.open.extend(Open::by(token));
        }
    }

    /// A token directly in a block, or in none.
    fn in_block(&mut self, block: Option<Open>, token: &Token<'c>, offset: usize) {
        let is_top = block.is_none() && self.grammar == Grammar::Sheet;
        match (&mut self.item, token) {
            (Item::Start, _) => self.start(block, is_top, token),
            // The one grammar in which `;` ends nothing.
            (Item::Value(_), _) if self.grammar == Grammar::Value => self.in_value(token, offset),
            (Item::Name(_) | Item::Value(_) | Item::Import(_), Token::Semicolon) => self.finish(),
            (Item::Prelude { at_rule, plain, .. }, Token::Semicolon) if *at_rule || !is_top => {
                self.may_import &= !is_top || !plain.ends_imports(self.has_imported);
                self.finish();
            }
            (Item::Name(_), Token::WhiteSpace(_)) => {}
            (Item::Name(property), Token::Colon) => self.item = Item::Value(*property),
            (Item::Name(_), _) => {
                self.item = self.style_rule(block);
                self.in_block(block, token, offset);
            }
            // The selector of a nested rule can look like a declaration: `a:hover {`.
            (Item::Value(property), Token::CurlyBracketBlock)
                if *property != Property::Custom && (is_top || block.is_some()) =>
            {
                self.urls.clear();
                self.item = self.style_rule(block);
                self.in_block(block, token, offset);
            }
            (Item::Value(_), _) => self.in_value(token, offset),
            (Item::Prelude { block, plain, .. }, Token::CurlyBracketBlock) => {
                if is_top && plain.is_whole() {
                    self.may_import = false;
                }
                self.open.push(*block);
                self.item = Item::Start;
            }
            (Item::Prelude { plain, .. }, _) => {
                plain.read(token);
                self.open.extend(Open::by(token));
            }
            (Item::Import(None), Token::WhiteSpace(_)) => {}
            (Item::Import(url @ None), Token::QuotedString(text) | Token::UnquotedUrl(text)) => {
                *url = Some((text.clone(), offset));
            }
            (Item::Import(url), _) => {
                let open = Open::by(token);
                // An `@import` has no block.
                if open == Some(Open::Curly) || url.is_none() && open != Some(Open::Url) {
                    self.item = dropped();
                    return self.in_block(block, token, offset);
                }
                self.open.extend(open);
            }
        }
    }

    /// The first token of a declaration or rule.
    fn start(&mut self, block: Option<Open>, is_top: bool, token: &Token<'c>) {
        self.item = match token {
            Token::WhiteSpace(_) => return,
            Token::CDO | Token::CDC if is_top => return,
            // Firefox goes on after a stray `}` of a `style` attribute (run).
            Token::Semicolon | Token::CloseCurlyBracket if !is_top => return,
            Token::AtKeyword(name) => {
                if is_top && self.may_import && name.eq_ignore_ascii_case("import") {
                    Item::Import(None)
                } else {
                    self.at_rule(block, name)
                }
            }
            Token::Ident(name) if !is_top => Item::Name(match block {
                Some(Open::Dropped) => Property::Other,
                Some(Open::FontFace) => Property::of_font_face(name),
                _ => Property::of(name),
            }),
            _ => {
                self.item = self.style_rule(block);
                return self.in_block(block, token, 0);
            }
        };
    }

    /// What begins as a style rule.
    fn style_rule(&self, block: Option<Open>) -> Item<'c> {
        let is_rule = match block {
            Some(block) => block == Open::Rule,
            // A `style` attribute has no rules: something that is no declaration goes on to the next `;` (run).
            None if self.grammar != Grammar::Sheet => return Item::Value(Property::Other),
            None => true,
        };
        Item::Prelude {
            at_rule: false,
            block: if is_rule { Open::Rule } else { Open::Dropped },
            plain: Plain::default(),
        }
    }

    fn at_rule(&self, block: Option<Open>, name: &str) -> Item<'c> {
        // Those have no block.
        const STATEMENTS: [&str; 3] = ["import", "charset", "namespace"];
        // No browser knows it without its prefix, so all drop the block (run).
        const UNKNOWN: &str = "document";
        let is = |other: &str| name.eq_ignore_ascii_case(other);
        let is_rule = block.map_or(self.grammar == Grammar::Sheet, |block| block == Open::Rule);
        Item::Prelude {
            at_rule: true,
            block: match is_rule && !STATEMENTS.into_iter().chain([UNKNOWN]).any(is) {
                true if is("font-face") => Open::FontFace,
                true => Open::Rule,
                false => Open::Dropped,
            },
            // These are valid with any prelude.
            plain: match is("media") || is("font-face") {
                true => Plain::Any,
                false if is("layer") => Plain::Layer,
                false if is("namespace") => Plain::Namespace,
                false => Plain::No,
            },
        }
    }

    fn in_value(&mut self, token: &Token<'c>, offset: usize) {
        let top = self.open.last().copied();
        let is_custom = matches!(self.item, Item::Value(Property::Custom));
        match (token, top) {
            (Token::UnquotedUrl(url), _) | (Token::QuotedString(url), Some(Open::Url | Open::ImageSet)) => {
                self.urls.push((url.clone(), offset));
            }
            (Token::QuotedString(string), _) if is_custom => {
                self.strings.push((string.clone(), offset));
            }
            (Token::Function(name), Some(Open::ImageSet)) if name.eq_ignore_ascii_case("var") => {
                self.has_variable_set = true;
            }
            (Token::BadUrl(_) | Token::BadString(_), _) => {
                // Browsers drop a bad part of `src` and keep the others.
                self.is_bad |= !matches!(self.item, Item::Value(Property::Font));
            }
            (Token::CurlyBracketBlock, _) => self.is_bad |= !is_custom,
            (Token::CloseParenthesis | Token::CloseSquareBracket | Token::CloseCurlyBracket, _) => {
                self.is_bad = true;
            }
            _ => {}
        }
        // Modifiers follow the string.
        if top == Some(Open::Url) && !matches!(token, Token::WhiteSpace(_)) {
            self.open.pop();
            self.open.push(Open::Round);
        }
        self.open.extend(Open::by(token));
        if self.urls.len() == MOST {
            self.declared();
        }
        if self.strings.len() == MOST {
            let strings = mem::take(&mut self.strings);
            self.give(FetchKind::Image, strings);
        }
    }

    /// The end of a declaration or rule.
    fn finish(&mut self) {
        self.declared();
        self.is_bad = false;
        if let Item::Import(url) = mem::replace(&mut self.item, Item::Start) {
            self.has_imported |= url.is_some();
            self.give(FetchKind::StyleSheet, url);
        }
    }

    /// Hands over the URLs of the declaration.
    fn declared(&mut self) {
        let urls = mem::take(&mut self.urls);
        match self.item {
            Item::Value(_) if self.is_bad => {}
            Item::Value(Property::Font) => self.give(FetchKind::Font, urls),
            Item::Value(Property::Image | Property::Custom) => self.give(FetchKind::Image, urls),
            Item::Value(Property::Other) | Item::Start | Item::Name(_) | Item::Prelude { .. } | Item::Import(_) => {}
        }
    }

    /// Hands URLs over. One that is empty or begins with `#` names the document itself.
    fn give(&mut self, kind: FetchKind, urls: impl IntoIterator<Item = Url<'c>>) {
        for (url, offset) in urls {
            if !url.is_empty() && !url.starts_with('#') {
                (self.take)(Fetch { kind, url: &url, offset });
            }
        }
    }
}

/// An `@import` that browsers drop.
const fn dropped<'c>() -> Item<'c> {
    Item::Prelude { at_rule: true, block: Open::Dropped, plain: Plain::No }
}
