//! The tree that html5ever builds, with declarative shadow roots and the elements that are in it no more.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use html5ever::interface::{Attribute, ElemName, ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::StrTendril;
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

    /// Whether it is the element of that name in a namespace.
    pub(crate) fn is(&self, namespace: &Namespace, name: &LocalName) -> bool {
        self.name().is_some_and(|n| n.ns == *namespace) && self.has_name(name)
    }

    /// Whether an end tag of that name is one of this element.
    pub(crate) fn has_name(&self, name: &LocalName) -> bool {
        self.name().is_some_and(|n| n.local.eq_ignore_ascii_case(name))
    }

    pub(crate) fn is_foreign(self: &Rc<Self>) -> bool {
        self.name().is_some_and(|name| name.ns != ns!(html))
    }

    pub(crate) fn is_special_foreign(&self) -> bool {
        let name = self.name().map(|name| (&name.ns, &*name.local));
        match name {
            Some((&ns!(svg), name)) => matches!(name, "foreignObject" | "desc" | "title"),
            Some((&ns!(mathml), name)) => {
                matches!(name, "mi" | "mo" | "mn" | "ms" | "mtext" | "annotation-xml")
            }
            _ => false,
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
        self.parent().is_some_and(|parent| parent.inert())
    }

    pub(crate) fn parent(&self) -> Option<Handle> {
        self.parent.borrow().upgrade()
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
    pub(crate) created: RefCell<Vec<Handle>>,
    /// Where the last node was put.
    pub(crate) last_parent: RefCell<Option<Handle>>,
}

impl Dom {
    pub(crate) fn new() -> Self {
        Self {
            document: Node::new(Data::Root { inert: false }),
            created: RefCell::default(),
            last_parent: RefCell::default(),
        }
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
        ElementName(target.name().unwrap().expanded())
    }

    fn create_element(&self, name: QualName, attrs: Vec<Attribute>, flags: ElementFlags) -> Handle {
        // Chromium 150 and later move the content of a template with `for` into the document.
        let live = attrs.iter().any(|a| a.name.local == local_name!("for"));
        let mut node = Node::new(Data::Element(name));
        let made = Rc::get_mut(&mut node).unwrap();
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

    fn append_based_on_parent_node(&self, element: &Handle, previous: &Handle, child: NodeOrText<Handle>) {
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
        let parent = sibling.parent.borrow().upgrade().unwrap();
        let is_sibling = |node: &Handle| Rc::ptr_eq(node, sibling);
        let index = parent.children.borrow().iter().position(is_sibling);
        self.insert(&parent, index.unwrap(), child);
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
        target.content.borrow().clone().unwrap()
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
        // It never gets into the tree, but browsers check its attributes (run).
        *template.parent.borrow_mut() = Rc::downgrade(host);
        template.inserted.set(true);
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
    let reserved = [
        "annotation-xml",
        "color-profile",
        "font-face",
        "font-face-format",
        "font-face-name",
        "font-face-src",
        "font-face-uri",
        "missing-glyph",
    ];
    known || (name.local.contains('-') && !reserved.contains(&&*name.local))
}
