//! scratch
use base64::Engine as _;
use cspseal::*;
use serde_json::Value;
use std::collections::BTreeSet;

#[test]
fn explore() {
    let text = std::fs::read_to_string("testdata/html/browser-cases.json").unwrap();
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
    let mut bad = 0;
    for case in &cases {
        let html = base64::engine::general_purpose::STANDARD
            .decode(case["html_base64"].as_str().unwrap())
            .unwrap();
        let ct = case["content_type"].as_str().unwrap();
        if !ct.starts_with("text/html") {
            continue;
        }
        let charset = ct
            .split("charset=")
            .nth(1)
            .map(|l| encoding_rs::Encoding::for_label(l.as_bytes()).unwrap());
        let page = scan_page("x", &html[..], &ScanOptions::new().with_charset(charset)).unwrap();
        let pol = case["header_policies"].as_str().unwrap_or("");
        let set = |b: &str| -> BTreeSet<String> {
            case[b]["hashes"]
                .as_array()
                .unwrap()
                .iter()
                .map(|h| format!("'{}'", h.as_str().unwrap()))
                .collect()
        };
        let viol = |b: &str| {
            case[b]["violations"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|v| v["blockedURI"] == "inline")
                .count()
        };
        let (cr, ff) = (set("chromium"), set("firefox"));
        let block = pol.contains("'sha256-AAAEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFA='");
        let mut why = vec![];
        if block {
            let ours: BTreeSet<String> = page
                .inlines
                .iter()
                .filter(|i| !i.in_template())
                .flat_map(|i| i.hashes.iter().map(ToString::to_string))
                .collect();
            let want: BTreeSet<String> = cr.union(&ff).cloned().collect();
            for m in want.difference(&ours) {
                why.push(format!("MISSING {m}"));
            }
            for m in ours.difference(&want) {
                let i = page
                    .inlines
                    .iter()
                    .find(|i| i.hashes.iter().any(|h| h.to_string() == *m))
                    .unwrap();
                why.push(format!("extra {:?} {m}", i.kind));
            }
        } else if !pol.is_empty() {
            match cspseal::policy::Policy::parse(pol) {
                Ok(p) => {
                    let blocked = |last: bool| {
                        page.inlines
                            .iter()
                            .filter(|i| !i.in_template())
                            .filter(|i| {
                                let h = if last {
                                    i.hashes.last()
                                } else {
                                    i.hashes.first()
                                }
                                .unwrap();
                                !p.allows_hash(i.kind.check_type(), h)
                            })
                            .count()
                    };
                    if (blocked(true) > 0) != (viol("chromium") > 0) {
                        why.push(format!(
                            "CR blocked {} viol {}",
                            blocked(true),
                            viol("chromium")
                        ));
                    }
                    if (blocked(false) > 0) != (viol("firefox") > 0) {
                        why.push(format!(
                            "FF blocked {} viol {}",
                            blocked(false),
                            viol("firefox")
                        ));
                    }
                }
                Err(e) => why.push(format!("policy {e}")),
            }
        }
        if !page.findings.is_empty() && false {
            why.push(format!("{:?}", page.findings));
        }
        if !why.is_empty() {
            bad += 1;
            println!(
                "{} / {} [{}]\n   {}\n   P {pol}\n   {}",
                case["group"],
                case["id"],
                case["mode"],
                String::from_utf8_lossy(&html),
                why.join("\n   ")
            );
        }
    }
    println!("{bad} of {}", cases.len());
}
