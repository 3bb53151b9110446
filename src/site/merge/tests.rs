//! What is refused, and that it is said where.

use std::error::Error as _;

use serde_json::{Value, json};

use super::*;
use crate::page::Nesting;

/// An inventory of one page with one script and one image.
fn inventory(path: &str) -> Value {
    json!({
        "version": 2,
        "generator": "cspseal 0.1.0",
        "algorithm": "sha256",
        "policy": "",
        "inlines": [{
            "kind": "script",
            "directive": null,
            "hashes": ["sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI="],
            "bytes": 8, "excerpt": "alert(1)", "text": "alert(1)", "uses": 1, "pages": 1, "in_policy": true,
            "first": { "path": path, "line": 2, "column": 1 },
        }],
        "resources": [{
            "destination": "image", "directive": "img-src", "url": "/i.png?a", "source": "'self'", "nonce": false,
            "uses": 3, "pages": 1, "conditional": false,
            "first": { "path": path, "line": 4, "column": 6 },
        }],
        "pages": [{
            "path": path, "site_path": path, "policy": "",
            "inlines": [{ "inline": 0, "line": 2, "column": 1, "nested": ["srcdoc"] }],
            "nonced": [{ "kind": "style", "line": 3, "column": 4 }],
            "resources": [0],
            "repeated": [{ "resource": 0, "uses": 3 }],
        }],
        "findings": [
            {
                "code": "unclosed-script", "severity": "warning", "message": "m", "help": "h",
                "places": [{ "path": path, "line": 9, "column": 9 }],
            },
            {
                "code": "blocked-handler", "severity": "error", "message": "m", "help": "h",
                "places": [{ "path": path, "line": 1, "column": 1 }],
            },
        ],
    })
}

fn merged(inputs: &[Value]) -> Result<Inventory> {
    let named = inputs.iter().enumerate();
    merge(named.map(|(index, input)| (format!("{index}.json"), input.to_string().into_bytes())).collect(), None)
}

/// The message with its cause.
fn fault(inputs: &[Value]) -> String {
    let error = merged(inputs).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Inventory);
    match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

#[test]
fn pages_come_in_path_order_with_their_findings_and_standard_input_last() {
    let inventory = merged(&[inventory("b"), inventory("-"), inventory("a")]).unwrap();
    let paths: Vec<_> = inventory.pages().iter().map(|page| &*page.path).collect();
    assert_eq!(paths, ["a", "b", "-"]);
    let [inline] = inventory.inlines() else {
        panic!("{:?}", inventory.inlines());
    };
    assert_eq!((inline.uses, inline.pages), (3, 3));
    assert_eq!(inline.first.to_string(), "a:2:1");
    let page = &inventory.pages()[0];
    assert_eq!(page.nested(&page.uses[0]), [Nesting::Srcdoc]);
    assert_eq!(page.nonced[0].location.column, 4);
    // What is about a policy is found anew.
    let findings: Vec<_> =
        inventory.findings().iter().map(|finding| finding.place.as_ref().unwrap().to_string()).collect();
    assert_eq!(findings, ["a:9:9", "b:9:9", "-:9:9"]);
}

#[test]
fn a_page_in_two_inventories_must_be_the_same() {
    let one = inventory("a");
    let twice = merged(&[one.clone(), one.clone()]).unwrap();
    assert_eq!(twice.pages().len(), 1);
    assert_eq!(twice.inlines()[0].uses, 1);
    let mut other = one.clone();
    other["pages"][0]["nonced"] = json!([]);
    assert!(fault(&[one.clone(), other]).starts_with("1.json: the page a is not what it is in 0.json"));
    let mut doubled = one;
    let page = doubled["pages"][0].clone();
    doubled["pages"].as_array_mut().unwrap().push(page);
    doubled["inlines"][0]["uses"] = json!(2);
    doubled["inlines"][0]["pages"] = json!(2);
    doubled["resources"][0]["uses"] = json!(6);
    doubled["resources"][0]["pages"] = json!(2);
    assert_eq!(fault(&[doubled]), "0.json: the page a stands there twice");
}

#[test]
fn another_version_is_refused_before_anything_else() {
    for (version, said) in [
        (json!(3), "version 3 is not known, only 1 to 2 at line 1 column"),
        (json!(0), "version 0 is not known, only 1 to 2 at line 1 column"),
        (json!("1"), "invalid type: string \"1\""),
        (json!(1.5), "invalid type: floating point"),
    ] {
        let fault = fault(&[json!({ "version": version, "pages": "other" })]);
        assert!(fault.contains(said), "{fault}");
    }
    assert!(fault(&[json!({})]).contains("missing field `version` at line 1 column 2"));
    assert!(fault(&[json!([])]).starts_with("0.json: "));
}

#[test]
fn what_is_no_json_is_refused_with_its_place() {
    for (text, place) in [
        ("", "line 1 column 0"),
        ("default-src 'self'", "line 1 column 1"),
        ("{\n\"version\": 1,\n", "line 3 column 0"),
    ] {
        let error = merge(vec![("x.json".to_owned(), text.as_bytes().to_vec())], None).unwrap_err();
        assert_eq!(error.path().unwrap().to_str(), Some("x.json"));
        let cause = error.source().unwrap().to_string();
        assert!(cause.ends_with(place), "{cause}");
    }
    let mut cut = inventory("a").to_string().into_bytes();
    cut.truncate(cut.len() - 1);
    assert!(merge(vec![("x.json".to_owned(), cut)], None).is_err());
    let mut longer = inventory("a").to_string();
    longer.push_str("{}");
    assert!(merge(vec![("x.json".to_owned(), longer.into_bytes())], None).is_err());
}

#[test]
fn every_field_must_be_there_and_of_its_type() {
    fn walk(value: &Value, pointer: &str, found: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                for (name, field) in fields {
                    let pointer = format!("{pointer}/{name}");
                    walk(field, &pointer, found);
                    found.push(pointer);
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    walk(item, &format!("{pointer}/{index}"), found);
                }
            }
            _ => {}
        }
    }
    let mut one = inventory("a");
    let place = json!({ "path": "a", "line": 1, "column": 1 });
    one["wasm"] = json!(["a.wasm"]);
    one["pages"][0]["framed"] = json!(1);
    one["resources"][0]["problem"] = json!({ "unread": "why" });
    one["resources"][0]["run_time"] = json!([{ "kind": "eval", "first": place }]);
    one["pages"][0]["run_time"] = json!([{ "kind": "worker", "line": 1, "column": 1 }]);
    let mut fields = Vec::new();
    walk(&one, "", &mut fields);
    assert!(fields.len() > 40, "{fields:?}");
    for pointer in &fields {
        let mut wrong = one.clone();
        *wrong.pointer_mut(pointer).unwrap() = json!({ "other": -1.5 });
        assert!(fault(&[wrong]).contains("line 1 column "), "{pointer}");
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        // serde takes a missing one for null. What a page has is checked against the resources.
        if matches!(
            name,
            "directive" | "url" | "source" | "excerpt" | "text" | "problem" | "run_time" | "wasm" | "unread" | "framed"
        ) || parent == "/pages/0" && name.starts_with("re")
        {
            continue;
        }
        let mut missing = one.clone();
        missing.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name);
        let fault = fault(&[missing]);
        assert!(fault.contains(&format!("missing field `{name}`")), "{fault}");
    }
}

#[test]
fn a_value_that_is_not_known_is_refused() {
    for (pointer, value, said) in [
        ("/algorithm", json!("SHA256"), "\"SHA256\" is no algorithm"),
        ("/algorithm", json!("sha384"), "all of them sha384"),
        ("/inlines/0/kind", json!("object"), "\"object\" is no kind"),
        ("/inlines/0/hashes", json!([]), "inline 0 must have hashes"),
        ("/inlines/0/hashes/0", json!("sha256-x"), "is no hash"),
        ("/inlines/0/text", json!("alert(2)"), "the text of inline 0 has another hash"),
        ("/inlines/0/uses", json!(2), "inline 0 does not agree"),
        ("/inlines/0/pages", json!(0), "inline 0 does not agree"),
        ("/inlines/0/first/path", json!("b"), "inline 0 does not agree"),
        ("/pages", json!([]), "was something cut out?"),
        ("/inlines", json!([]), "uses inline 0, which is not there"),
        ("/resources/0/destination", json!("x"), "\"x\" is no destination"),
        ("/resources/0/url", json!("http://["), "URL of resource 0 is invalid"),
        ("/resources/0/url", json!("i.png"), "URL of resource 0 is invalid"),
        ("/resources/0/uses", json!(1), "resource 0 does not agree"),
        ("/resources/0/pages", json!(2), "resource 0 does not agree"),
        ("/resources", json!([]), "uses resource 0, which is not there"),
        ("/pages/0/resources", json!([]), "repeats resource 0, which"),
        ("/pages/0/resources", json!([0, 0]), "or was listed before"),
        ("/pages/0/repeated", json!([]), "was something cut out?"),
        ("/site_url", json!("x"), "is not the address of a site"),
        ("/pages/0/inlines/0/line", json!(0), "nonzero"),
        ("/pages/0/inlines/0/inline", json!(1), "does not agree"),
        ("/pages/0/inlines/0/nested/0", json!("x"), "\"x\" is no nesting"),
        ("/findings/0/code", json!("x"), "\"x\" is no code of a finding"),
        ("/findings/0/severity", json!("hint"), "\"hint\" is no severity"),
        ("/findings/0/places", json!([]), "is at no page"),
        ("/findings/0/places/0/path", json!("b"), "is at no page"),
    ] {
        let mut wrong = inventory("a");
        wrong["site_url"] = json!("https://example.com/");
        *wrong.pointer_mut(pointer).unwrap() = value;
        let fault = fault(&[wrong]);
        assert!(fault.contains(said), "{pointer}: {fault}");
    }
}

#[test]
fn algorithms_must_agree() {
    let text = inventory("b").to_string();
    let other: Value = serde_json::from_str(&text.replace("\"sha256\"", "\"sha384\"").replace(
        "sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI=",
        "sha384-OLBgp1GsljhM2TJ+sbHjaiH9txEUvgdDTAzHv2P24donTt6/529l+9Ua0vFImLlb",
    ))
    .unwrap();
    assert_eq!(fault(&[inventory("a"), other]), "1.json: the hashes are sha384, but sha256 in 0.json");
}

#[test]
fn a_field_of_a_newer_version_is_passed_over() {
    let mut newer = inventory("a");
    newer["new"] = json!([1]);
    newer["pages"][0]["new"] = json!({});
    assert_eq!(merged(&[newer]).unwrap().pages().len(), 1);
}

#[test]
fn nothing_makes_no_inventory() {
    let mut empty = inventory("a");
    for list in ["inlines", "resources", "pages", "findings"] {
        empty[list] = json!([]);
    }
    for inputs in [&[][..], &[empty]] {
        assert_eq!(merged(inputs).unwrap_err().kind(), ErrorKind::NoPages);
    }
}

/// The same as version 1 had it.
fn first_version(path: &str) -> Value {
    let mut old = inventory(path);
    old["version"] = json!(1);
    old.as_object_mut().unwrap().remove("resources");
    let page = old["pages"][0].as_object_mut().unwrap();
    page.remove("resources");
    page.remove("repeated");
    old
}

#[test]
fn the_first_version_is_read_and_what_it_lacks_is_reported() {
    let merged = merged(&[first_version("a"), inventory("b"), first_version("b")]).unwrap();
    let known: Vec<_> =
        merged.pages().iter().map(|page| (&*page.path, page.knows_requests, &*page.requests.ids)).collect();
    assert_eq!(known, [("a", false, &[][..]), ("b", true, &[0])]);
    let unknown: Vec<_> = merged
        .findings()
        .iter()
        .filter(|finding| finding.code == Code::UnknownResources)
        .map(|finding| finding.place.as_ref().unwrap().to_string())
        .collect();
    // What another one says of a page is known.
    assert_eq!(unknown, ["0.json:1:1"]);
}

#[test]
fn requests_are_merged_as_one_run_has_them() {
    let mut other = inventory("b");
    other["resources"] = json!([
        {
            "destination": "script", "directive": "", "url": "https://x.test/a?b", "source": null, "nonce": true,
            "integrity": "sha256-x",
            "uses": 1, "pages": 1, "conditional": true,
            "first": { "path": "b", "line": 1, "column": 1 },
        },
        {
            "destination": "image", "directive": "", "url": "/i.png?a", "source": null, "nonce": false,
            "uses": 1, "pages": 1, "conditional": true,
            "first": { "path": "b", "line": 2, "column": 1 },
        },
        {
            "destination": "image", "directive": "", "url": null, "source": null, "nonce": false,
            "uses": 1, "pages": 1, "conditional": false,
            "first": { "path": "b", "line": 3, "column": 1 },
        },
        {
            "destination": "image", "directive": "", "url": "data:", "source": null, "nonce": false,
            "uses": 1, "pages": 1, "conditional": false,
            "first": { "path": "b", "line": 4, "column": 1 },
        },
    ]);
    other["pages"][0]["resources"] = json!([0, 1, 2, 3]);
    other["pages"][0]["repeated"] = json!([]);
    let merged = merged(&[other, inventory("a")]).unwrap();
    let url = |request: &DistinctRequest| request.url.as_ref().map(ToString::to_string);
    let found: Vec<_> = merged
        .requests()
        .iter()
        .map(|it| (url(it), it.uses, it.pages, it.first.to_string(), it.is_conditional))
        .collect();
    let own = "https://cspseal.invalid/i.png?a".to_owned();
    let script = "https://x.test/a?b".to_owned();
    assert_eq!(
        found,
        [
            (Some(own), 4, 2, "a:4:6".to_owned(), false),
            (Some(script), 1, 1, "b:1:1".to_owned(), true),
            (None, 1, 1, "b:3:1".to_owned(), false),
            (Some("data:".to_owned()), 1, 1, "b:4:1".to_owned(), false),
        ]
    );
    let pages: Vec<_> = merged.pages().iter().map(|page| &*page.requests.ids).collect();
    assert_eq!(pages, [&[0][..], &[0, 1, 2, 3]]);
}

#[test]
fn mentions_are_merged_as_one_run_has_them() {
    let mentioning = |path: &str, uses: u64| {
        let mut inventory = inventory(path);
        inventory["mentioned"] = json!([{
            "destination": "connect", "directive": "", "url": "https://x.test/a", "source": null, "nonce": false,
            "uses": uses, "pages": 1, "conditional": false,
            "first": { "path": path, "line": uses, "column": 1 },
        }]);
        inventory["pages"][0]["mentioned"] = json!([0]);
        inventory["pages"][0]["repeated_mentions"] = json!([{ "resource": 0, "uses": uses }]);
        inventory
    };
    let merged = merged(&[mentioning("b", 3), mentioning("a", 2), inventory("c")]).unwrap();
    let [mentioned] = merged.mentions() else {
        panic!("{:?}", merged.mentions());
    };
    assert_eq!((mentioned.uses, mentioned.pages), (5, 2));
    assert_eq!(mentioned.first.to_string(), "a:2:1");
    let pages: Vec<_> = merged.pages().iter().map(|page| (&*page.mentions.ids, &*page.mentions.repeated)).collect();
    assert_eq!(pages, [(&[0][..], &[(0, 2)][..]), (&[0], &[(0, 3)]), (&[], &[])]);
    let mut cut = mentioning("a", 2);
    cut["pages"][0]["repeated_mentions"] = json!([]);
    assert_eq!(
        fault(&[cut]),
        "0.json: mentioned URL 0 does not agree with the pages, which use it 1 times on 1 pages; was something cut out?"
    );
    assert!(fault(&[mentioning("a", 2), mentioning("a", 3)]).contains("the page a is not what it is"));
}

#[test]
fn the_site_has_one_address() {
    let at = |path: &str, site: &str| {
        let mut inventory = inventory(path);
        inventory["site_url"] = json!(site);
        inventory
    };
    let one = at("a", "https://one.test/docs/");
    let merged = merged(&[inventory("b"), one.clone()]).unwrap();
    assert_eq!(merged.site().to_string(), "https://one.test/docs/");
    let [request] = merged.requests() else {
        panic!("{:?}", merged.requests());
    };
    let url = request.url.as_ref().unwrap();
    assert_eq!(url.as_str(), "https://one.test/i.png?a");
    assert_eq!(
        fault(&[one, at("b", "https://two.test/")]),
        "1.json: the site is https://two.test/, but https://one.test/docs/ in 0.json"
    );
}

#[test]
fn a_path_with_two_slashes_is_no_host() {
    let mut wrong = inventory("a");
    wrong["resources"][0]["url"] = json!("//x.test/a");
    let merged = merged(&[wrong]).unwrap();
    let url = merged.requests()[0].url.as_ref().unwrap();
    assert_eq!(url.as_str(), "https://cspseal.invalid//x.test/a");
    assert!(merged.site().has(url));
}

#[test]
fn a_text_is_taken_from_the_inventory_that_has_it() {
    let mut bare = first_version("a");
    let inline = bare["inlines"][0].as_object_mut().unwrap();
    inline.remove("excerpt");
    inline.remove("text");
    let inlines = |inputs: &[Value]| {
        let merged = merged(inputs).unwrap();
        let [inline] = merged.inlines() else {
            panic!("{:?}", merged.inlines());
        };
        (inline.excerpt.clone(), inline.text.clone())
    };
    let text = || Some(Arc::from("alert(1)"));
    assert_eq!(inlines(&[bare.clone()]), (None, None));
    assert_eq!(inlines(&[bare.clone(), inventory("b")]), (text(), text()));
    // The same page, whether its texts are known or not.
    assert_eq!(inlines(&[bare, inventory("a")]), (text(), text()));
}
