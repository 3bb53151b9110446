//! The keys of requests: what makes one another. Pages repeat each other, so a thread keeps those that it made last, and hands
//! them out again without an allocation.

use std::cell::RefCell;
use std::hash::{BuildHasher as _, Hash, Hasher, RandomState};
use std::ops::Deref;
use std::sync::{Arc, LazyLock};

use super::kind::Destination;

/// How many keys a thread keeps.
const KEPT: usize = 1 << 10;

/// What makes a request another one.
#[derive(Clone, Debug)]
pub(crate) struct RequestKey {
    hash: u64,
    parts: Arc<KeyParts>,
}

/// The parts of a key.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct KeyParts {
    pub(crate) destination: Destination,
    /// As it is written, without the white space around it, and without the last part of a path in template code; [`None`] if such
    /// code makes the host.
    pub(crate) url: Option<Box<str>>,
    /// The document that it is relative to, an index of the page's [`Base`](super::request::Base)s or
    /// [`OWN_URL`](super::request::OWN_URL).
    pub(crate) base: u32,
    /// The `integrity` attribute of a script or link.
    pub(crate) integrity: Box<str>,
    /// Whether it is a script or link with a nonce that is made for each response.
    pub(crate) has_nonce: bool,
    /// Whether it is a module of JavaScript, which may import others from beside itself.
    pub(crate) is_module: bool,
}

/// The same for all threads, and unknown to whoever writes a page.
static STATE: LazyLock<RandomState> = LazyLock::new(RandomState::new);

thread_local! {
    /// By the lowest bits of their hashes.
    static MADE: RefCell<Vec<Option<RequestKey>>> = RefCell::new(vec![None; KEPT]);
}

impl RequestKey {
    pub(crate) fn new(
        destination: Destination,
        url: Option<&str>,
        base: u32,
        integrity: &str,
        has_nonce: bool,
    ) -> Self {
        Self::made(destination, url, base, integrity, (has_nonce, false))
    }

    /// With whether it has a nonce, and whether it is a module.
    fn made(destination: Destination, url: Option<&str>, base: u32, integrity: &str, flags: (bool, bool)) -> Self {
        let hash = STATE.hash_one((destination, url, base, integrity, flags));
        let is_it = |known: &Self| {
            known.hash == hash
                && (known.destination, known.url.as_deref()) == (destination, url)
                && (known.base, &*known.integrity) == (base, integrity)
                && (known.has_nonce, known.is_module) == flags
        };
        MADE.with_borrow_mut(|made| {
            let kept = &mut made[hash as usize % KEPT];
            if let Some(known) = kept.as_ref().filter(|known| is_it(known)) {
                return known.clone();
            }
            let parts = KeyParts {
                destination,
                url: url.map(Into::into),
                base,
                integrity: integrity.into(),
                has_nonce: flags.0,
                is_module: flags.1,
            };
            let new = Self { hash, parts: Arc::new(parts) };
            *kept = Some(new.clone());
            new
        })
    }

    /// Of a URL in a script, which is asked for when the script runs, if at all.
    pub(crate) fn mentioned(destination: Destination, url: &str, base: u32) -> Self {
        Self::new(destination, Some(url), base, "", false)
    }

    /// The same, relative to another document.
    pub(crate) fn with_base(&self, base: u32) -> Self {
        self.with(base, self.is_module)
    }

    /// The same, as a module if it is for a script.
    pub(crate) fn of_module(self) -> Self {
        match self.destination {
            Destination::Script => self.with(self.base, true),
            _ => self,
        }
    }

    fn with(&self, base: u32, is_module: bool) -> Self {
        let (url, flags) = (self.url.as_deref(), (self.has_nonce, is_module));
        Self::made(self.destination, url, base, &self.integrity, flags)
    }
}

impl Deref for RequestKey {
    type Target = KeyParts;

    fn deref(&self) -> &KeyParts {
        &self.parts
    }
}

impl PartialEq for RequestKey {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash && (Arc::ptr_eq(&self.parts, &other.parts) || self.parts == other.parts)
    }
}

impl Eq for RequestKey {}

impl Hash for RequestKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}
