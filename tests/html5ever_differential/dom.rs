//! The tree that html5ever builds, with what it does not keep itself: declarative shadow roots, and whether a
//! script was closed by its own end tag.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use html5ever::interface::{
    Attribute, ElemName, ElementFlags, NodeOrText, QuirksMode, TokenizerResult, TreeSink,
};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer,
};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts};
use html5ever::{ExpandedName, LocalName, Namespace, QualName, expanded_name, local_name, ns};

pub(crate) type Handle = Rc<Node>;

pub(crate) enum Data {
    Element(QualName),
    Text(StrTendril),
    /// The document, the content of an inert template, a shadow root.
    Root {
        inert: bool,
    },
    Other,
}

pub(crate) struct Node {
    pub(crate) data: Data,
    pub(crate) attributes: RefCell<Vec<Attribute>>,
    pub(crate) children: RefCell<Vec<Handle>>,
    /// The parent; of a shadow root its host.
    parent: RefCell<Weak<Node>>,
    /// The content of a template element.
    content: RefCell<Option<Handle>>,
    html_integration_point: bool,
    /// It was put into the tree, whatever became of it.
    pub(crate) inserted: Cell<bool>,
    /// The end tag of its own name closed it.
    pub(crate) closed: Cell<bool>,
    has_shadow_root: Cell<bool>,
}

impl Node {
    fn new(data: Data) -> Handle {
        Rc::new(Self {
            data,
            attributes: RefCell::default(),
            children: RefCell::default(),
            parent: RefCell::default(),
            content: RefCell::default(),
            html_integration_point: false,
            inserted: Cell::new(false),
            closed: Cell::new(false),
            has_shadow_root: Cell::new(false),
        })
    }

    pub(crate) fn name(&self) -> Option<&QualName> {
        match &self.data {
            Data::Element(name) => Some(name),
            _ => None,
        }
    }

    pub(crate) fn attribute(&self, name: &str) -> Option<String> {
        let attributes = self.attributes.borrow();
        let found = attributes.iter().find(|a| spelled(&a.name) == name)?;
        Some(found.value.to_string())
    }

    /// The child text content.
    pub(crate) fn text(&self) -> String {
        let texts = self.children.borrow();
        let text = |node: &Handle| match &node.data {
            Data::Text(text) => text.to_string(),
            _ => String::new(),
        };
        texts.iter().map(text).collect()
    }

    /// Whether it stands in the content of an inert template.
    pub(crate) fn inert(&self) -> bool {
        if let Data::Root { inert: true } = self.data {
            return true;
        }
        let parent = self.parent.borrow().upgrade();
        parent.is_some_and(|parent| parent.inert())
    }

    fn detach(&self) {
        let parent = std::mem::take(&mut *self.parent.borrow_mut()).upgrade();
        if let Some(parent) = parent {
            let is_self = |child: &Handle| std::ptr::eq(&**child, self);
            parent.children.borrow_mut().retain(|child| !is_self(child));
        }
    }
}

/// The name of an attribute with its prefix.
pub(crate) fn spelled(name: &QualName) -> String {
    match &name.prefix {
        Some(prefix) => format!("{prefix}:{}", name.local),
        None => name.local.to_string(),
    }
}

pub(crate) struct Dom {
    document: Handle,
    /// Every element in the order it was made.
    created: RefCell<Vec<Handle>>,
    /// Where the last node was put.
    last_parent: RefCell<Option<Handle>>,
}

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
    let Watch {
        builder,
        tokens,
        noscripts,
    } = &tokenizer.sink;
    let tokens = tokens.borrow();
    let live = noscripts.borrow();
    let live = live.iter().filter(|(_, element)| !element.inert());
    let noscripts = live.map(|(at, _)| noscript(&tokens, *at)).collect();
    let created = builder.sink.created.take();
    let elements = created.into_iter().filter(|e| e.inserted.get()).collect();
    Parsed {
        elements,
        noscripts,
    }
}

/// Parses the text of the `noscript` whose start tag is the token `at`. The text of those before is left out.
fn noscript(tokens: &[Token], at: usize) -> Vec<(Handle, Option<usize>)> {
    let builder = tree_builder(false);
    let is_text =
        |token: &&Token| matches!(token, Token::CharacterTokens(_) | Token::NullCharacterToken);
    let mut in_noscript = false;
    for token in &tokens[..=at] {
        if !in_noscript || !is_text(&token) {
            let _ = copy(token).map(|token| builder.process_token(token, 0));
        }
        in_noscript = is_noscript(token) || (in_noscript && is_text(&token));
    }
    let present = builder.sink.created.borrow().clone();
    let had = |e: &Handle| Some(e.attributes.borrow().len());
    let had: Vec<_> = present.iter().map(had).collect();
    let tokenizer = tokenizer(builder);
    for token in tokens[at + 1..].iter().take_while(is_text) {
        match token {
            Token::CharacterTokens(text) => feed(&tokenizer, text),
            _ => feed(&tokenizer, "\0"),
        }
    }
    tokenizer.end();
    let created = tokenizer.sink.builder.sink.created.take();
    let had = had.into_iter().chain(std::iter::repeat(None));
    created
        .into_iter()
        .zip(had)
        .filter(|(element, _)| element.inserted.get())
        .collect()
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
    let dom = Dom {
        document: Node::new(Data::Root { inert: false }),
        created: RefCell::default(),
        last_parent: RefCell::default(),
    };
    let options = TreeBuilderOpts {
        scripting_enabled,
        ..TreeBuilderOpts::default()
    };
    TreeBuilder::new(dom, options)
}

fn tokenizer(builder: TreeBuilder<Handle, Dom>) -> Tokenizer<Watch> {
    let sink = Watch {
        builder,
        tokens: RefCell::default(),
        noscripts: RefCell::default(),
    };
    Tokenizer::new(sink, Default::default())
}

fn feed(tokenizer: &Tokenizer<Watch>, html: &str) {
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(html));
    while !matches!(tokenizer.feed(&input), TokenizerResult::Done) {}
}

/// Stands between the tokenizer and the tree builder.
struct Watch {
    builder: TreeBuilder<Handle, Dom>,
    /// All there were.
    tokens: RefCell<Vec<Token>>,
    /// Those that opened a `noscript` with text in it, and the element.
    noscripts: RefCell<Vec<(usize, Handle)>>,
}

impl Watch {
    /// The current node of foreign content: a comment is put there and changes nothing.
    fn current_node(&self) -> Option<Handle> {
        let probe = Token::CommentToken(StrTendril::new());
        let _ = self.builder.process_token(probe, 0);
        self.builder.sink.last_parent.take()
    }

    fn in_foreign_content(&self) -> bool {
        self.builder
            .adjusted_current_node_present_but_not_in_html_namespace()
    }

    /// The SVG script that an end tag closes, which html5ever does not tell.
    fn closed_svg_script(&self, token: &Token) -> Option<Handle> {
        let is_script = |name: &LocalName| *name == local_name!("script");
        let end_tag = matches!(token, Token::TagToken(Tag { kind: TagKind::EndTag, name, .. }) if is_script(name));
        if !end_tag || !self.in_foreign_content() {
            return None;
        }
        self.current_node()
            .filter(|node| node.name().is_some_and(|name| is_script(&name.local)))
    }
}

impl TokenSink for Watch {
    type Handle = Handle;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<Handle> {
        // Chromium's tokenizer leaves NUL out of text; html5ever opens the body for it, as the standard has it.
        if matches!(token, Token::NullCharacterToken) && !self.in_foreign_content() {
            return TokenSinkResult::Continue;
        }
        if let Some(script) = self.closed_svg_script(&token) {
            script.closed.set(true);
        }
        let at = self.tokens.borrow().len();
        self.tokens.borrow_mut().extend(copy(&token));
        let noscript = is_noscript(&token);
        let result = self.builder.process_token(token, line);
        if noscript && matches!(result, TokenSinkResult::RawData(_)) {
            let element = self.builder.sink.created.borrow().last().cloned();
            let element = element.map(|element| (at, element));
            self.noscripts.borrow_mut().extend(element);
        }
        if let TokenSinkResult::Script(script) = &result {
            script.closed.set(true);
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

#[derive(Debug)]
pub(crate) struct ElementName<'a>(ExpandedName<'a>);

impl ElemName for ElementName<'_> {
    fn ns(&self) -> &Namespace {
        self.0.ns
    }
    fn local_name(&self) -> &LocalName {
        self.0.local
    }
}

impl Dom {
    fn insert(&self, parent: &Handle, index: usize, child: NodeOrText<Handle>) {
        let child = match child {
            NodeOrText::AppendNode(node) => node,
            NodeOrText::AppendText(text) => Node::new(Data::Text(text)),
        };
        child.inserted.set(true);
        *self.last_parent.borrow_mut() = Some(Rc::clone(parent));
        *child.parent.borrow_mut() = Rc::downgrade(parent);
        parent.children.borrow_mut().insert(index, child);
    }
}

impl TreeSink for Dom {
    type Handle = Handle;
    type Output = Self;
    type ElemName<'a> = ElementName<'a>;

    fn finish(self) -> Self {
        self
    }
    fn parse_error(&self, _: Cow<'static, str>) {}
    fn set_quirks_mode(&self, _: QuirksMode) {}
    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    fn get_document(&self) -> Handle {
        Rc::clone(&self.document)
    }

    fn elem_name<'a>(&'a self, target: &'a Handle) -> ElementName<'a> {
        ElementName(target.name().expect("an element").expanded())
    }

    fn create_element(&self, name: QualName, attrs: Vec<Attribute>, flags: ElementFlags) -> Handle {
        // Chromium 150 and later move the content of a template with `for` into the document.
        let live = attrs.iter().any(|a| a.name.local == local_name!("for"));
        let mut node = Node::new(Data::Element(name));
        let made = Rc::get_mut(&mut node).expect("not shared yet");
        made.attributes = RefCell::new(attrs);
        made.html_integration_point = flags.mathml_annotation_xml_integration_point;
        if flags.template {
            let content = Node::new(Data::Root { inert: !live });
            *content.parent.borrow_mut() = Rc::downgrade(&node);
            *node.content.borrow_mut() = Some(content);
        }
        self.created.borrow_mut().push(Rc::clone(&node));
        node
    }

    fn create_comment(&self, _: StrTendril) -> Handle {
        Node::new(Data::Other)
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> Handle {
        Node::new(Data::Other)
    }

    fn append(&self, parent: &Handle, child: NodeOrText<Handle>) {
        let last = parent.children.borrow().len();
        self.insert(parent, last, child);
    }

    fn append_based_on_parent_node(
        &self,
        element: &Handle,
        previous: &Handle,
        child: NodeOrText<Handle>,
    ) {
        if element.parent.borrow().upgrade().is_some() {
            self.append_before_sibling(element, child);
        } else {
            self.append(previous, child);
        }
    }

    fn append_before_sibling(&self, sibling: &Handle, child: NodeOrText<Handle>) {
        if let NodeOrText::AppendNode(node) = &child {
            node.detach();
        }
        let parent = sibling.parent.borrow().upgrade().expect("a parent");
        let is_sibling = |node: &Handle| Rc::ptr_eq(node, sibling);
        let index = parent.children.borrow().iter().position(is_sibling);
        self.insert(&parent, index.expect("a child of its parent"), child);
    }

    fn add_attrs_if_missing(&self, target: &Handle, attrs: Vec<Attribute>) {
        let mut present = target.attributes.borrow_mut();
        for attribute in attrs {
            if !present.iter().any(|a| a.name == attribute.name) {
                present.push(attribute);
            }
        }
    }

    fn remove_from_parent(&self, target: &Handle) {
        target.detach();
    }

    fn reparent_children(&self, node: &Handle, new_parent: &Handle) {
        for child in node.children.take() {
            self.append(new_parent, NodeOrText::AppendNode(child));
        }
    }

    fn get_template_contents(&self, target: &Handle) -> Handle {
        target.content.borrow().clone().expect("a template")
    }

    fn same_node(&self, x: &Handle, y: &Handle) -> bool {
        Rc::ptr_eq(x, y)
    }

    fn is_mathml_annotation_xml_integration_point(&self, handle: &Handle) -> bool {
        handle.html_integration_point
    }

    fn attach_declarative_shadow(&self, host: &Handle, template: &Handle, _: &[Attribute]) -> bool {
        let Some(name) = host.name() else {
            return false;
        };
        if name.ns != ns!(html) || host.has_shadow_root.get() || !is_shadow_host(name) {
            return false;
        }
        host.has_shadow_root.set(true);
        let root = Node::new(Data::Root { inert: false });
        *root.parent.borrow_mut() = Rc::downgrade(host);
        host.children.borrow_mut().push(Rc::clone(&root));
        *template.content.borrow_mut() = Some(root);
        true
    }
}

fn is_shadow_host(name: &QualName) -> bool {
    let known = matches!(
        name.expanded(),
        expanded_name!(html "article")
            | expanded_name!(html "aside")
            | expanded_name!(html "blockquote")
            | expanded_name!(html "body")
            | expanded_name!(html "div")
            | expanded_name!(html "footer")
            | expanded_name!(html "h1")
            | expanded_name!(html "h2")
            | expanded_name!(html "h3")
            | expanded_name!(html "h4")
            | expanded_name!(html "h5")
            | expanded_name!(html "h6")
            | expanded_name!(html "header")
            | expanded_name!(html "main")
            | expanded_name!(html "nav")
            | expanded_name!(html "p")
            | expanded_name!(html "section")
            | expanded_name!(html "span")
    );
    known || (name.local.contains('-') && !name.local.starts_with("annotation"))
}
