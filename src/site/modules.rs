//! The imports of inline scripts, as requests and mentions: [resolve a module
//! specifier](https://html.spec.whatwg.org/multipage/webappapis.html#resolve-a-module-specifier).

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Bound;

use serde::Deserialize;
use url::Url;

use crate::page::Page;
use crate::page::javascript::ModuleImport;
use crate::page::request::{Request, RequestKey};
use crate::page::subject::{Nonce, Subject, What};

/// The text of an [import map](https://html.spec.whatwg.org/multipage/webappapis.html#import-maps).
#[derive(Default, Deserialize)]
#[serde(default)]
struct ImportMapText {
    imports: BTreeMap<String, serde_json::Value>,
    scopes: BTreeMap<String, BTreeMap<String, serde_json::Value>>,
    integrity: BTreeMap<String, serde_json::Value>,
}

/// The addresses of specifiers; [`None`] for those that browsers reject.
struct Addresses(BTreeMap<String, Option<Url>>);

/// An import map of a document, resolved.
pub(super) struct ImportMap {
    /// The base of the document, an index of the page's bases.
    base: u32,
    imports: Addresses,
    /// By the prefixes of the URLs of the modules that they are for, the longest first.
    scopes: Vec<(String, Addresses)>,
    /// By the URLs of modules.
    integrity: BTreeMap<String, String>,
}

/// Adds what the inline scripts of a page import to its requests and subjects, or to its mentions. `bases` has what its URLs are
/// relative to.
pub(crate) fn add_imports(page: &mut Page, bases: &[Option<Url>]) {
    let modules = std::mem::take(&mut page.modules);
    if !modules.has_imports() {
        return;
    }
    let base_of = |base: u32| bases.get(base as usize).and_then(Option::as_ref);
    let maps = modules.maps.into_iter();
    let maps = maps.filter_map(|(base, text)| ImportMap::parse(&text, base, base_of(base)?));
    let maps: Vec<ImportMap> = maps.collect();
    for import in modules.imports {
        let Some(base) = base_of(import.base) else {
            continue;
        };
        let own = || maps.iter().filter(|map| map.base == import.base);
        let Some(url) = resolve(&import.specifier, base, own) else {
            continue;
        };
        let integrity = own().find_map(|map| map.integrity.get(url.as_str()));
        let integrity = integrity.cloned().unwrap_or_default();
        add(page, import, url.into(), integrity);
    }
    if let Some(subjects) = &mut page.subjects {
        subjects.all.sort_by_key(|subject| subject.location);
    }
}

/// Adds an import to the scripts, the requests and the subjects of a page.
fn add(page: &mut Page, import: ModuleImport, url: String, integrity: String) {
    if import.is_dynamic {
        let key = RequestKey::mentioned(import.destination, &url, import.base).of_module();
        return page.mentions.extend([Request {
            key,
            first: import.location,
            uses: 1,
            is_conditional: import.is_conditional,
        }]);
    }
    let key = RequestKey::new(import.destination, Some(&url), import.base, &integrity, import.has_nonce);
    let key = key.of_module();
    if let Some(subjects) = &mut page.subjects {
        let nonce = match import.nonce {
            Nonce::Value(value) => Nonce::Value(value),
            Nonce::Code => Nonce::Code,
            // It is reported at the module itself.
            Nonce::None | Nonce::Ignored(_) => Nonce::None,
        };
        subjects.all.push(Subject {
            what: What::fetch(&key, nonce),
            location: import.location,
            document: import.document,
            is_later: import.is_later,
            is_scriptless: false,
            notes: import.notes,
        });
    }
    if page.knows_requests {
        page.requests.extend([Request { key, first: import.location, uses: 1, is_conditional: import.is_conditional }]);
    }
}

/// The URL of a specifier in the module whose URL or whose document's base is `base`; [`None`] for one that browsers reject. A map's
/// rules for another scope do not count.
pub(super) fn resolve<'m, M: Iterator<Item = &'m ImportMap>>(
    specifier: &str,
    base: &Url,
    maps: impl Fn() -> M,
) -> Option<Url> {
    let own = match is_relative(specifier) {
        true => base.join(specifier).ok(),
        false => Url::parse(specifier).ok(),
    };
    let key = own.as_ref().map_or(specifier, Url::as_str);
    let is_scope = |prefix: &str| base.as_str() == prefix || prefix.ends_with('/') && base.as_str().starts_with(prefix);
    let scoped = maps().flat_map(|map| &map.scopes);
    let mut scoped = scoped.filter(|(prefix, _)| is_scope(prefix));
    let by_scope = scoped.find_map(|(_, addresses)| addresses.of(key));
    match by_scope.or_else(|| maps().find_map(|map| map.imports.of(key))) {
        Some(address) => address,
        None => own,
    }
}

impl Addresses {
    fn new(text: BTreeMap<String, serde_json::Value>, base: &Url) -> Self {
        let entry = |(key, address): (String, serde_json::Value)| {
            let address = address.as_str().filter(|address| is_url_like(address));
            (normalized(key, base), address.and_then(|it| base.join(it).ok()))
        };
        Self(text.into_iter().map(entry).collect())
    }

    /// The address of a specifier, of which the longest key counts; [`Some`] of [`None`] where browsers reject it.
    fn of(&self, specifier: &str) -> Option<Option<Url>> {
        if let Some(address) = self.0.get(specifier) {
            return Some(address.clone());
        }
        let mut end = specifier.len();
        loop {
            // The longest key that the specifier begins with is the last one up to it, or up to what the two have in common.
            let range = (Bound::Unbounded, Bound::Included(&specifier[..end]));
            let (key, address) = self.0.range::<str, _>(range).next_back()?;
            if let Some(rest) = specifier.strip_prefix(&**key)
                && key.ends_with('/')
            {
                let url = address.as_ref().and_then(|address| {
                    let url = address.join(rest).ok()?;
                    url.as_str().starts_with(address.as_str()).then_some(url)
                });
                return Some(url);
            }
            let common = key.bytes().zip(specifier.bytes());
            let len = common.take_while(|(one, other)| one == other).count();
            end = specifier.floor_char_boundary(len.min(end.checked_sub(1)?));
        }
    }
}

/// A key of an import map: a URL if it is one, else as it is written.
fn normalized(key: String, base: &Url) -> String {
    match is_url_like(&key) {
        true => base.join(&key).map_or(key, String::from),
        false => key,
    }
}

pub(super) fn is_relative(text: &str) -> bool {
    ["/", "./", "../"].iter().any(|it| text.starts_with(it))
}

/// Whether a specifier is a URL, or relative to one.
fn is_url_like(text: &str) -> bool {
    is_relative(text) || Url::parse(text).is_ok()
}

impl ImportMap {
    /// Of its text; [`None`] if browsers do not take it.
    pub(super) fn parse(text: &str, base: u32, base_url: &Url) -> Option<Self> {
        let text: ImportMapText = serde_json::from_str(text).ok()?;
        let scopes = text.scopes.into_iter().filter_map(|(prefix, addresses)| {
            let prefix = base_url.join(&prefix).ok()?.into();
            Some((prefix, Addresses::new(addresses, base_url)))
        });
        let mut scopes: Vec<(String, Addresses)> = scopes.collect();
        scopes.sort_by_key(|(prefix, _)| Reverse(prefix.len()));
        let integrity = text.integrity.into_iter().filter(|(key, _)| is_url_like(key));
        let integrity = integrity.filter_map(|(key, value)| {
            let value = value.as_str()?.to_owned();
            Some((base_url.join(&key).ok()?.into(), value))
        });
        Some(Self { base, imports: Addresses::new(text.imports, base_url), scopes, integrity: integrity.collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::HashAlgorithm;
    use crate::page::Destination;
    use crate::page::{ScanOptions, scan_page};
    use crate::site::Inventory;

    #[test]
    fn specifiers_are_resolved_by_import_maps() {
        let base = Url::parse("https://a.test/docs/b.html").unwrap();
        let map = r#"{
            "imports": { "lib": "/lib.js", "lib/": "https://cdn.test/lib/", "lib/z/": "https://z.test/", "lib/za": "/q", "./c.js": "/d.js", "no": "e", "nil": null },
            "scopes": {
                "/docs/": { "lib": "./scoped.js" },
                "/other/": { "lib": "/other.js", "only": "/other.js" }
            }
        }"#;
        let map = ImportMap::parse(map, 0, &base).unwrap();
        for (specifier, plain, by_map) in [
            ("./x.js", Some("https://a.test/docs/x.js"), None),
            ("/x.js", Some("https://a.test/x.js"), None),
            ("//h.test/x.js", Some("https://h.test/x.js"), None),
            ("https://h.test/x.js", Some("https://h.test/x.js"), None),
            ("../c.js", Some("https://a.test/c.js"), None),
            ("./c.js", Some("https://a.test/docs/c.js"), Some("https://a.test/d.js")),
            ("lib", None, Some("https://a.test/docs/scoped.js")),
            ("lib/x.js", None, Some("https://cdn.test/lib/x.js")),
            ("lib/a/é", None, Some("https://cdn.test/lib/a/%C3%A9")),
            ("lib/z/x", None, Some("https://z.test/x")),
            ("lib/zz", None, Some("https://cdn.test/lib/zz")),
            ("lib/../../x.js", None, None),
            ("only", None, None),
            ("no", None, None),
            ("nil", None, None),
            ("bare", None, None),
        ] {
            let found = |maps: &[ImportMap]| resolve(specifier, &base, || maps.iter()).map(String::from);
            assert_eq!(found(&[]).as_deref(), plain, "{specifier}");
            assert_eq!(found(std::slice::from_ref(&map)).as_deref(), by_map.or(plain), "{specifier}");
        }
    }

    fn imported(path: &str, html: &str) -> Vec<(String, bool, bool)> {
        let options = ScanOptions::new().with_requests(true);
        let mut inventory = Inventory::new(HashAlgorithm::Sha256);
        inventory.add(scan_page(path, html.as_bytes(), &options).unwrap()).unwrap();
        let found = inventory.requests().iter();
        found
            .map(|it| {
                let url = it.url.as_ref().unwrap().to_string();
                (url, it.has_nonce, it.is_conditional)
            })
            .collect()
    }

    #[test]
    fn imports_of_inline_modules_are_requests() {
        let own = |path: &str| format!("https://cspseal.invalid/{path}");
        for (path, html, expected) in [
            (
                "a/b.html",
                "<script type=module>import './c.js'; import '/d.js'; import 'bare'</script>",
                vec![(own("a/c.js"), false, false), (own("d.js"), false, false)],
            ),
            (
                "a/b.html",
                "<script type=importmap>{\"imports\":{\"bare\":\"https://cdn.test/b.js\"}}</script>
                 <script type=module>import 'bare'</script>",
                vec![("https://cdn.test/b.js".to_owned(), false, false)],
            ),
            (
                "a/b.xhtml",
                "<html xmlns='http://www.w3.org/1999/xhtml'><script type='module'>export * from './c.js'</script></html>",
                vec![(own("a/c.js"), false, false)],
            ),
            (
                "b.html",
                "<script type=module>import a from '/a.json' with {type: 'json'}; export * from '/b.css' with {type: 'css'}</script>",
                vec![(own("a.json"), false, false), (own("b.css"), false, false)],
            ),
            (
                "b.html",
                "<template><script type=module>import './c.js'</script></template>",
                vec![(own("c.js"), false, true)],
            ),
            ("b.html", "<script>import './c.js'</script>", vec![]),
            ("b.html", "<noscript><script type=module>import './c.js'</script></noscript>", vec![]),
            ("b.html", "<script type=module>import './c.js'; (</script>", vec![]),
        ] {
            assert_eq!(imported(path, html), expected, "{html}");
        }
    }

    #[test]
    fn dynamic_imports_are_mentioned_as_import_maps_say() {
        let html = "<base href=/b/><script type=importmap>{\"imports\": {\"x\": \"https://x.test/y.js\"}}</script>
            <script>import('x'); import('./c.js'); import('bare'); import(d)</script>";
        let options = ScanOptions::new().with_requests(true);
        let mut inventory = Inventory::new(HashAlgorithm::Sha256);
        inventory.add(scan_page("a.html", html.as_bytes(), &options).unwrap()).unwrap();
        let found = inventory.mentions().iter();
        let found: Vec<_> = found
            .map(|it| {
                let url = it.url.as_ref().unwrap().to_string();
                (it.destination, url, it.first.to_string())
            })
            .collect();
        let expected = [("https://x.test/y.js", "a.html:2:28"), ("https://cspseal.invalid/b/c.js", "a.html:2:41")];
        let expected = expected.map(|(url, place)| (Destination::Script, url.to_owned(), place.to_owned()));
        assert_eq!(found, expected);
        let asked = inventory.requests().iter();
        assert!(asked.map(|it| it.destination).eq([Destination::Base]));
    }
}
