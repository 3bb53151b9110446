//! Parses a document with html5ever, and does what that leaves undone: whether a script was closed by its own end
//! tag, `noscript` with scripting disabled, special elements of SVG and MathML.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use html5ever::interface::TokenizerResult;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts};
use html5ever::{LocalName, local_name, ns};

use super::dom::{Dom, Handle, Node};

/// A document as html5ever has it.
pub(crate) struct Parsed {
    /// Its elements in the order they were made.
    pub(crate) elements: Vec<Handle>,
    /// What becomes of the text of each `noscript` element with scripting disabled: elements, and for one that was there
    /// before how many attributes it had.
    pub(crate) noscripts: Vec<Vec<(Handle, Option<usize>)>>,
}

/// Parses a document with scripting enabled.
pub(crate) fn parse(html: &str) -> Parsed {
    let tokenizer = tokenizer(tree_builder(true));
    feed(&tokenizer, html);
    tokenizer.end();
    let Watch { builder, tokens, noscripts, .. } = &tokenizer.sink;
    let tokens = tokens.borrow();
    let live = noscripts.borrow();
    let live = live.iter().filter(|(_, element)| !element.inert());
    let noscripts = live.map(|(at, _)| noscript(&tokens, *at)).collect();
    let created = builder.sink.created.take();
    let elements = created.into_iter().filter(|e| e.inserted.get()).collect();
    Parsed { elements, noscripts }
}

/// Parses the text of the `noscript` whose start tag is the token `at`. The text of those before is left out.
fn noscript(tokens: &[Token], at: usize) -> Vec<(Handle, Option<usize>)> {
    let builder = tree_builder(false);
    let mut in_noscript = false;
    for token in &tokens[..=at] {
        if !in_noscript || !is_text(token) {
            let _ = copy(token).map(|token| builder.process_token(token, 0));
        }
        in_noscript = is_noscript(token) || (in_noscript && is_text(token));
    }
    let present = builder.sink.created.borrow().clone();
    let had = |e: &Handle| Some(e.attributes.borrow().len());
    let had: Vec<_> = present.iter().map(had).collect();
    let tokenizer = tokenizer(builder);
    for token in tokens[at + 1..].iter().take_while(|token| is_text(token)) {
        match token {
            Token::CharacterTokens(text) => feed(&tokenizer, text),
            _ => feed(&tokenizer, "\0"),
        }
    }
    tokenizer.end();
    let created = tokenizer.sink.builder.sink.created.take();
    let had = had.into_iter().chain(std::iter::repeat(None));
    created.into_iter().zip(had).filter(|(element, _)| element.inserted.get()).collect()
}

fn is_text(token: &Token) -> bool {
    matches!(token, Token::CharacterTokens(_) | Token::NullCharacterToken)
}

fn is_noscript(token: &Token) -> bool {
    matches!(token, Token::TagToken(tag) if tag.kind == TagKind::StartTag && tag.name == local_name!("noscript"))
}

/// A token that matters for the tree.
fn copy(token: &Token) -> Option<Token> {
    Some(match token {
        Token::TagToken(tag) => Token::TagToken(tag.clone()),
        Token::CharacterTokens(text) => Token::CharacterTokens(text.clone()),
        Token::DoctypeToken(doctype) => Token::DoctypeToken(doctype.clone()),
        Token::NullCharacterToken => Token::NullCharacterToken,
        Token::EOFToken => Token::EOFToken,
        Token::CommentToken(_) | Token::ParseError(_) => return None,
    })
}

fn tree_builder(scripting_enabled: bool) -> TreeBuilder<Handle, Dom> {
    let options = TreeBuilderOpts { scripting_enabled, ..TreeBuilderOpts::default() };
    TreeBuilder::new(Dom::new(), options)
}

fn tokenizer(builder: TreeBuilder<Handle, Dom>) -> Tokenizer<Watch> {
    let sink =
        Watch { builder, in_raw_text: Cell::new(false), tokens: RefCell::default(), noscripts: RefCell::default() };
    let options = TokenizerOpts {
        // It would discard one from the beginning of each piece of text.
        discard_bom: false,
        ..TokenizerOpts::default()
    };
    Tokenizer::new(sink, options)
}

fn feed(tokenizer: &Tokenizer<Watch>, html: &str) {
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(html));
    while !matches!(tokenizer.feed(&input), TokenizerResult::Done) {}
}

/// Stands between the tokenizer and the tree builder.
struct Watch {
    builder: TreeBuilder<Handle, Dom>,
    in_raw_text: Cell<bool>,
    /// All there were.
    tokens: RefCell<Vec<Token>>,
    /// Those that opened a `noscript` with text in it, and the element.
    noscripts: RefCell<Vec<(usize, Handle)>>,
}

impl Watch {
    /// The current node, outside raw text: a comment is put there and changes nothing.
    fn current_node(&self) -> Option<Handle> {
        let probe = Token::CommentToken(StrTendril::new());
        let _ = self.builder.process_token(probe, 0);
        self.builder.sink.last_parent.take()
    }

    fn in_foreign_content(&self) -> bool {
        self.builder.adjusted_current_node_present_but_not_in_html_namespace()
    }

    /// Does what html5ever leaves undone for an end tag; `true` when nothing is left to do.
    fn end_tag(&self, name: &LocalName) -> bool {
        if self.in_raw_text.get() {
            return false;
        }
        let Some(current) = self.current_node() else {
            return false;
        };
        if *name == local_name!("script") && current.is(&ns!(svg), name) {
            current.closed.set(true);
        }
        is_kept_by_foreign(&current, name)
    }
}

/// Whether a special element of SVG or MathML stands between the current node and the one that an end tag would
/// close. html5ever knows no such special elements.
fn is_kept_by_foreign(current: &Handle, name: &LocalName) -> bool {
    let by_other_rules =
        ["br", "caption", "form", "p", "table", "tbody", "td", "template", "tfoot", "th", "thead", "tr"];
    if by_other_rules.contains(&&**name) {
        return false;
    }
    let ancestors = || std::iter::successors(Some(Rc::clone(current)), |node| node.parent());
    let mut foreign = ancestors().take_while(Node::is_foreign);
    if foreign.any(|node| node.has_name(name)) {
        return false;
    }
    let headings = ["h1", "h2", "h3", "h4", "h5", "h6"].map(LocalName::from);
    let closed = if headings.contains(name) { &headings[..] } else { std::slice::from_ref(name) };
    let mut kept = false;
    for node in ancestors() {
        if closed.iter().any(|name| node.is(&ns!(html), name)) {
            return kept;
        }
        kept |= node.is_special_foreign();
    }
    false
}

impl TokenSink for Watch {
    type Handle = Handle;

    fn process_token(&self, mut token: Token, line: u64) -> TokenSinkResult<Handle> {
        // The mode of a shadow root is an enumerated attribute, and so in any case; html5ever knows one.
        if let Token::TagToken(tag) = &mut token
            && tag.name == local_name!("template")
        {
            for attribute in &mut tag.attrs {
                if &*attribute.name.local == "shadowrootmode" {
                    attribute.value = attribute.value.to_ascii_lowercase().into();
                }
            }
        }
        // Chromium's tokenizer leaves NUL out of text; html5ever opens the body for it, as the standard has it.
        if matches!(token, Token::NullCharacterToken) && !self.in_foreign_content() {
            return TokenSinkResult::Continue;
        }
        if let Token::TagToken(Tag { kind: TagKind::EndTag, name, .. }) = &token
            && self.end_tag(name)
        {
            return TokenSinkResult::Continue;
        }
        let at = self.tokens.borrow().len();
        self.tokens.borrow_mut().extend(copy(&token));
        let noscript = is_noscript(&token);
        let is_text = is_text(&token) || matches!(token, Token::ParseError(_));
        let result = self.builder.process_token(token, line);
        if noscript && matches!(result, TokenSinkResult::RawData(_)) {
            let element = self.builder.sink.created.borrow().last().cloned();
            let element = element.map(|element| (at, element));
            self.noscripts.borrow_mut().extend(element);
        }
        if let TokenSinkResult::Script(script) = &result {
            script.closed.set(true);
        }
        if !is_text {
            let raw_text = matches!(result, TokenSinkResult::RawData(_) | TokenSinkResult::Plaintext);
            self.in_raw_text.set(raw_text);
        }
        result
    }

    fn end(&self) {
        self.builder.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.in_foreign_content()
    }
}
