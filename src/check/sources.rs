//! The sources of a list that can matter to one question, found without a look at the others.
//!
//! The engine compares a URL with each source by regular expressions. A list may hold ten thousand hosts and a page as many
//! scripts, so the engine gets only those sources whose host and path could be the URL's. They are found in a tree: the labels of
//! a host from the last one on, then the pieces of a path. What the tree finds too much, the engine rejects.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use content_security_policy::Url;
use percent_encoding::percent_decode_str;

use super::fingerprint::{Fingerprint, Fingerprints};
use super::lists::Word;
use crate::policy::as_sent::Meaning;
use crate::policy::{Keyword, SourceExpression};

/// The words of a list that are no hashes, as the engine is to read them.
#[derive(Debug, Default)]
pub(super) struct Sources {
    /// Keywords, each once.
    keywords: Vec<Keyword>,
    /// `'none'`, if it is there.
    none: Option<String>,
    /// The words of nonces, by their values.
    nonces: HashMap<String, String>,
    /// The value of the first nonce.
    first_nonce: Option<String>,
    /// The words of schemes, by their lower-case names.
    schemes: HashMap<String, String>,
    /// The words that are neither in quotes nor schemes.
    hosts: Vec<String>,
    tree: OnceLock<Hosts>,
    /// The same without their paths.
    pathless: OnceLock<Hosts>,
}

impl Sources {
    pub(super) fn new(words: &[Word]) -> Self {
        let mut sources = Self::default();
        for word in words {
            match &word.meaning {
                Meaning::Source(SourceExpression::Hash(_)) | Meaning::OtherHash { .. } | Meaning::Failed => {}
                Meaning::Source(SourceExpression::Keyword(keyword)) => {
                    if !sources.keywords.contains(keyword) {
                        sources.keywords.push(*keyword);
                    }
                }
                Meaning::Source(SourceExpression::None) => {
                    sources.none = Some(SourceExpression::None.to_string());
                }
                Meaning::Source(SourceExpression::Nonce(nonce)) => {
                    let value = nonce.value().to_owned();
                    sources.first_nonce.get_or_insert_with(|| value.clone());
                    sources.nonces.insert(value, nonce.to_string());
                }
                Meaning::Source(source @ (SourceExpression::Scheme(_) | SourceExpression::Host(_))) => {
                    sources.add_unquoted(&source.to_string());
                }
                // No keyword that the engine knows.
                Meaning::Unknown if word.text.starts_with('\'') => {}
                Meaning::Unknown => sources.add_unquoted(&word.text),
            }
        }
        sources
    }

    fn add_unquoted(&mut self, word: &str) {
        match word.strip_suffix(':') {
            Some(scheme) => {
                let known = self.schemes.entry(scheme.to_ascii_lowercase());
                known.or_insert_with(|| word.to_owned());
            }
            None => self.hosts.push(word.to_owned()),
        }
    }

    /// Whether a host is there.
    pub(super) fn has_host(&self) -> bool {
        !self.hosts.is_empty()
    }

    /// Whether a host or scheme is there.
    pub(super) fn has_unquoted(&self) -> bool {
        self.has_host() || !self.schemes.is_empty()
    }

    /// Whether the keyword is there.
    pub(super) fn has(&self, keyword: Keyword) -> bool {
        self.keywords.contains(&keyword)
    }

    /// The value of the first nonce.
    pub(super) fn nonce(&self) -> Option<&str> {
        self.first_nonce.as_deref()
    }

    /// The nonce, if the list has it: to a list any other is like none.
    pub(super) fn known_nonce<'n>(&self, nonce: Option<&'n str>) -> Option<&'n str> {
        nonce.filter(|nonce| self.nonces.contains_key(*nonce))
    }

    /// The words that can matter to an inline resource with this nonce: of the nonces the one it has, or any.
    pub(super) fn for_inline(&self, nonce: Option<&str>) -> Vec<String> {
        let nonce = self.known_nonce(nonce).or(self.nonce());
        let nonce = nonce.and_then(|nonce| self.nonces.get(nonce));
        let keywords = self.keywords.iter().map(|keyword| format!("'{keyword}'"));
        keywords.chain(self.none.clone()).chain(nonce.cloned()).collect()
    }

    /// The words that can matter to a script with this URL and nonce. Behind a redirect no path counts.
    pub(super) fn for_url(&self, url: &Url, nonce: Option<&str>, is_behind: bool) -> Vec<String> {
        let mut words = self.for_inline(nonce);
        // A scheme covers its own secure variants.
        for scheme in ["http", "https", "ws", "wss"] {
            words.extend(self.schemes.get(scheme).cloned());
        }
        words.extend(self.schemes.get(url.scheme()).cloned());
        let pathless = || self.hosts.iter().map(|host| without_path(host).to_owned());
        let tree = match is_behind {
            true => self.pathless.get_or_init(|| Hosts::new(&pathless().collect::<Vec<_>>())),
            false => self.tree.get_or_init(|| Hosts::new(&self.hosts)),
        };
        let hosts = tree.find(url).into_iter().map(|index| self.hosts[index].clone());
        words.extend(hosts);
        words
    }
}

/// A host source up to its path.
fn without_path(host: &str) -> &str {
    let start = host.find("://").map_or(0, |at| at + 3);
    let len = host[start..].find('/');
    len.map_or(host, |len| &host[..start + len])
}

/// A step from a node of the tree to the next.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Step<'a> {
    /// To the label before, in lower case.
    Label(&'a str),
    /// To the `*` in the place of all labels before.
    Wildcard,
    /// From the first label to the path.
    Path,
    /// To the next piece of the path, decoded.
    Piece(Cow<'a, [u8]>),
    /// To the paths that end here, unlike those that go on.
    End,
    /// To the word with this scheme and port.
    Word(&'a str, &'a str),
}

/// A node: the fingerprint of the steps to it, which by themselves would fill the memory.
type Node = Fingerprint;

/// Hosts with their paths.
#[derive(Debug, Default)]
struct Hosts {
    fingerprints: Fingerprints,
    nodes: HashSet<Node>,
    /// The indices of the words.
    words: HashMap<Node, usize>,
}

impl Hosts {
    fn new(words: &[String]) -> Self {
        let mut hosts = Self::default();
        for (index, word) in words.iter().enumerate() {
            hosts.add(word, index);
        }
        hosts
    }

    fn add(&mut self, word: &str, index: usize) {
        let (scheme, rest) = word.split_once("://").unwrap_or(("", word));
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (name, port) = authority.split_once(':').unwrap_or((authority, ""));
        // Browsers ignore a source with a number that is no port; the engine takes it for none.
        let port = match port.parse::<u16>() {
            Ok(number) => number.to_string(),
            Err(_) if matches!(port, "" | "*") => port.to_owned(),
            Err(_) => return,
        };
        let name = name.to_ascii_lowercase();
        let mut node = 0;
        for label in name.rsplit('.') {
            node = self.step(
                node,
                match label {
                    "*" => Step::Wildcard,
                    _ => Step::Label(label),
                },
            );
        }
        node = self.step(node, Step::Path);
        // A path that ends in a slash, or none, is for what is below it.
        let (pieces, is_exact) = match path.strip_suffix('/') {
            Some(folder) => (folder, false),
            None => (path, !path.is_empty()),
        };
        for piece in pieces.split('/').skip(1) {
            node = self.step(node, Step::Piece(percent_decode_str(piece).into()));
        }
        if is_exact {
            node = self.step(node, Step::End);
        }
        let word = self.node(node, &Step::Word(&scheme.to_ascii_lowercase(), &port));
        self.words.entry(word).or_insert(index);
    }

    fn node(&self, from: Node, step: &Step<'_>) -> Node {
        self.fingerprints.of((from, step))
    }

    fn step(&mut self, from: Node, step: Step<'_>) -> Node {
        let node = self.node(from, &step);
        self.nodes.insert(node);
        node
    }

    /// The next node, if a word leads there.
    fn next(&self, from: Node, step: Step<'_>) -> Option<Node> {
        let node = self.node(from, &step);
        self.nodes.contains(&node).then_some(node)
    }

    /// The indices of the words whose host and path could be the URL's.
    fn find(&self, url: &Url) -> Vec<usize> {
        let mut words = Vec::new();
        let name = url.host_str().unwrap_or_default().to_ascii_lowercase();
        let mut node = 0;
        for label in name.rsplit('.') {
            if let Some(wildcard) = self.next(node, Step::Wildcard) {
                self.paths(wildcard, url, &mut words);
            }
            match self.next(node, Step::Label(label)) {
                Some(next) => node = next,
                None => return words,
            }
        }
        if let Some(wildcard) = self.next(node, Step::Wildcard) {
            self.paths(wildcard, url, &mut words);
        }
        self.paths(node, url, &mut words);
        words
    }

    fn paths(&self, host: Node, url: &Url, words: &mut Vec<usize>) {
        let Some(mut node) = self.next(host, Step::Path) else {
            return;
        };
        self.at(node, url, words);
        for piece in url.path().split('/').skip(1) {
            match self.next(node, Step::Piece(percent_decode_str(piece).into())) {
                Some(next) => node = next,
                None => return,
            }
            self.at(node, url, words);
        }
        if let Some(end) = self.next(node, Step::End) {
            self.at(end, url, words);
        }
    }

    /// Adds the words at a node whose scheme and port could be the URL's.
    fn at(&self, node: Node, url: &Url, words: &mut Vec<usize>) {
        let number = |port: Option<u16>| port.map(|port| port.to_string()).unwrap_or_default();
        let ports = [number(url.port()), number(url.port_or_known_default()), "*".to_owned(), String::new()];
        let schemes = ["", "http", "https", "ws", "wss", url.scheme()];
        for (index, scheme) in schemes.into_iter().enumerate() {
            for (at, port) in ports.iter().enumerate() {
                let is_new = !schemes[..index].contains(&scheme) && !ports[..at].contains(port);
                if is_new {
                    words.extend(self.words.get(&self.node(node, &Step::Word(scheme, port))));
                }
            }
        }
    }
}
