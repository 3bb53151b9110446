//! What inline modules import.

use crate::hash::HashAlgorithm;
use crate::page::{ScanOptions, scan_page};
use crate::site::Inventory;

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
