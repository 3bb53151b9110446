//! The imports of inline modules, as requests: [resolve a module
//! specifier](https://html.spec.whatwg.org/multipage/webappapis.html#resolve-a-module-specifier).

use std::collections::BTreeMap;

use serde::Deserialize;
use url::Url;

use crate::page::javascript::ModuleImport;
use crate::page::request::{Request, RequestKey};
use crate::page::subject::{Nonce, Subject, What};
use crate::page::{Destination, Page, UrlScript};

type Addresses = BTreeMap<String, serde_json::Value>;

/// The text of an [import map](https://html.spec.whatwg.org/multipage/webappapis.html#import-maps).
#[derive(Default, Deserialize)]
#[serde(default)]
struct ImportMap {
    imports: Addresses,
    scopes: BTreeMap<String, Addresses>,
    integrity: BTreeMap<String, serde_json::Value>,
}

/// Adds what the inline modules of a page import to its requests and subjects. `bases` has what its URLs are relative to.
pub(crate) fn add_imports(page: &mut Page, bases: &[Option<Url>]) {
    let modules = std::mem::take(&mut page.modules);
    let maps: Vec<(u32, ImportMap)> = modules
        .maps
        .into_iter()
        .filter_map(|(base, text)| Some((base, serde_json::from_str(&text).ok()?)))
        .collect();
    for import in modules.imports {
        let Some(Some(base)) = bases.get(import.base as usize) else {
            continue;
        };
        let own = maps.iter().filter(|(of, _)| *of == import.base);
        let own: Vec<&ImportMap> = own.map(|(_, map)| map).collect();
        let Some(url) = resolve(&import.specifier, base, &own) else {
            continue;
        };
        let integrity = own.iter().find_map(|map| map.integrity_of(&url, base));
        add(page, import, url.into(), integrity.unwrap_or_default());
    }
    page.url_scripts.sort_by_key(|script| script.location);
    if let Some(subjects) = &mut page.subjects {
        subjects.all.sort_by_key(|subject| subject.location);
    }
}

fn add(page: &mut Page, import: ModuleImport, url: String, integrity: String) {
    if import.is_listed && !import.has_nonce {
        page.url_scripts.push(UrlScript {
            location: import.location,
            integrity: (*integrity).into(),
        });
    }
    if page.knows_requests {
        page.requests.push(Request {
            key: RequestKey {
                destination: Destination::Script,
                url: Some((*url).into()),
                base: import.base,
                integrity: (*integrity).into(),
                has_nonce: import.has_nonce,
            },
            first: import.location,
            uses: 1,
            is_conditional: import.is_conditional,
        });
    }
    if let Some(subjects) = &mut page.subjects {
        subjects.all.push(Subject {
            what: What::Fetch {
                destination: Destination::Script,
                url: Some(url),
                base: import.base,
                integrity,
                nonce: match import.nonce {
                    Nonce::Value(value) => Nonce::Value(value),
                    Nonce::Code => Nonce::Code,
                    // It is reported at the module itself.
                    Nonce::None | Nonce::Ignored(_) => Nonce::None,
                },
            },
            location: import.location,
            document: import.document,
            is_later: import.is_later,
            is_scriptless: false,
            notes: import.notes,
        });
    }
}

/// The URL of a specifier in an inline module; [`None`] for one that browsers reject. A map's rules for another scope do not count.
fn resolve(specifier: &str, base: &Url, maps: &[&ImportMap]) -> Option<Url> {
    let is_relative = ["/", "./", "../"]
        .iter()
        .any(|start| specifier.starts_with(start));
    let own = match is_relative {
        true => base.join(specifier).ok(),
        false => Url::parse(specifier).ok(),
    };
    let key = own.as_ref().map_or(specifier, Url::as_str);
    let mut scopes: Vec<(String, &Addresses)> = maps
        .iter()
        .flat_map(|map| &map.scopes)
        .filter_map(|(prefix, addresses)| Some((base.join(prefix).ok()?.into(), addresses)))
        .filter(|(prefix, _): &(String, _)| {
            base.as_str() == prefix || prefix.ends_with('/') && base.as_str().starts_with(prefix)
        })
        .collect();
    scopes.sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len()));
    let all = scopes.into_iter().map(|(_, addresses)| addresses);
    let mut all = all.chain(maps.iter().map(|map| &map.imports));
    match all.find_map(|addresses| mapped(key, base, addresses)) {
        Some(address) => address,
        None => own,
    }
}

/// The address of a specifier, of which the longest key counts; [`Some`] of [`None`] where browsers reject it.
fn mapped(specifier: &str, base: &Url, addresses: &Addresses) -> Option<Option<Url>> {
    let fits = |key: &str| specifier == key || key.ends_with('/') && specifier.starts_with(key);
    let rules = addresses.iter().filter_map(|(key, address)| {
        let key = match is_url_like(key) {
            true => base.join(key).map_or_else(|_| key.clone(), String::from),
            false => key.clone(),
        };
        fits(&key).then_some((key, address))
    });
    let (key, address) = rules.max_by_key(|(key, _)| key.len())?;
    let address = address.as_str().filter(|address| is_url_like(address));
    let address = address.and_then(|address| base.join(address).ok());
    Some(
        address.and_then(|address| match specifier.strip_prefix(&*key) {
            Some("") | None => Some(address),
            Some(rest) => {
                let url = address.join(rest).ok()?;
                url.as_str().starts_with(address.as_str()).then_some(url)
            }
        }),
    )
}

/// Whether a specifier is a URL, or relative to one.
fn is_url_like(text: &str) -> bool {
    ["/", "./", "../"].iter().any(|it| text.starts_with(it)) || Url::parse(text).is_ok()
}

impl ImportMap {
    /// The integrity metadata of a module.
    fn integrity_of(&self, url: &Url, base: &Url) -> Option<String> {
        let mut all = self.integrity.iter();
        let (_, value) =
            all.find(|(key, _)| is_url_like(key) && base.join(key).is_ok_and(|key| key == *url))?;
        value.as_str().map(str::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::HashAlgorithm;
    use crate::page::{ScanOptions, scan_page};
    use crate::site::Inventory;

    #[test]
    fn specifiers_are_resolved_by_import_maps() {
        let base = Url::parse("https://a.test/docs/b.html").unwrap();
        let map = r#"{
            "imports": { "lib": "/lib.js", "lib/": "https://cdn.test/lib/", "./c.js": "/d.js", "no": "e", "nil": null },
            "scopes": {
                "/docs/": { "lib": "./scoped.js" },
                "/other/": { "lib": "/other.js", "only": "/other.js" }
            }
        }"#;
        let map: ImportMap = serde_json::from_str(map).unwrap();
        let maps = [&map];
        for (specifier, plain, by_map) in [
            ("./x.js", Some("https://a.test/docs/x.js"), None),
            ("/x.js", Some("https://a.test/x.js"), None),
            ("//h.test/x.js", Some("https://h.test/x.js"), None),
            ("https://h.test/x.js", Some("https://h.test/x.js"), None),
            ("../c.js", Some("https://a.test/c.js"), None),
            (
                "./c.js",
                Some("https://a.test/docs/c.js"),
                Some("https://a.test/d.js"),
            ),
            ("lib", None, Some("https://a.test/docs/scoped.js")),
            ("lib/x.js", None, Some("https://cdn.test/lib/x.js")),
            ("lib/../../x.js", None, None),
            ("only", None, None),
            ("no", None, None),
            ("nil", None, None),
            ("bare", None, None),
        ] {
            let found = |maps: &[&ImportMap]| resolve(specifier, &base, maps).map(String::from);
            assert_eq!(found(&[]).as_deref(), plain, "{specifier}");
            assert_eq!(found(&maps).as_deref(), by_map.or(plain), "{specifier}");
        }
    }

    fn imported(path: &str, html: &str) -> Vec<(String, bool, bool)> {
        let options = ScanOptions::new().with_requests(true);
        let mut inventory = Inventory::new(HashAlgorithm::Sha256);
        inventory
            .add(scan_page(path, html.as_bytes(), &options).unwrap())
            .unwrap();
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
                "<template><script type=module>import './c.js'</script></template>",
                vec![(own("c.js"), false, true)],
            ),
            ("b.html", "<script>import './c.js'</script>", vec![]),
            (
                "b.html",
                "<noscript><script type=module>import './c.js'</script></noscript>",
                vec![],
            ),
            (
                "b.html",
                "<script type=module>import './c.js'; (</script>",
                vec![],
            ),
        ] {
            assert_eq!(imported(path, html), expected, "{html}");
        }
    }
}
