//! Pages under the rules of a host: each may have its own.

use std::fs;
use std::path::Path;

use crate::deployed::HEADER;
use crate::measure::{arguments, check, numbered};

/// A page with one rule of its own for each of n pages.
fn ruled(folder: &Path, n: usize, name: &str, rules: impl Fn(usize) -> String) -> Vec<String> {
    fs::create_dir_all(folder.join("site")).unwrap();
    for page in 0..n {
        fs::write(folder.join(format!("site/p{page}.html")), "<p>").unwrap();
    }
    fs::write(folder.join(name), rules(n)).unwrap();
    arguments(&format!("check --deployed {name} site"))
}

fn json_rules(n: usize, source: impl Fn(usize) -> String) -> String {
    let rule = |i| format!("{{\"source\":\"{}\",\"headers\":[{HEADER}]}},", source(i));
    let rules = numbered(n, rule);
    format!("\"headers\":[{}]", rules.trim_end_matches(','))
}

#[test]
fn checking_pages_under_rules() {
    fn headers(n: usize, path: impl Fn(usize) -> String) -> String {
        numbered(n, |i| format!("{}\n  Content-Security-Policy: script-src x\n", path(i)))
    }
    check(&[
        ("paths of _headers", |at, n| ruled(at, n / 40, "_headers", |n| headers(n, |i| format!("/p{i}.html")))),
        ("beginnings in _headers", |at, n| ruled(at, n / 40, "_headers", |n| headers(n, |i| format!("/p{i}/*")))),
        ("ends in _headers", |at, n| ruled(at, n / 40, "_headers", |n| headers(n, |i| format!("/*/q{i}.html")))),
        ("one path in _headers", |at, n| ruled(at, n / 40, "_headers", |n| headers(n, |_| "/*".to_owned()))),
        ("paths of vercel.json", |at, n| {
            ruled(at, n / 40, "vercel.json", |n| format!("{{{}}}", json_rules(n, |i| format!("/p{i}.html"))))
        }),
        ("names in vercel.json", |at, n| {
            ruled(at, n / 40, "vercel.json", |n| format!("{{{}}}", json_rules(n, |i| format!("/p{i}/:a"))))
        }),
        ("what is left out in vercel.json", |at, n| {
            ruled(at, n / 40, "vercel.json", |n| format!("{{{}}}", json_rules(n, |i| format!("/((?!q{i}).*)"))))
        }),
        ("globs of firebase.json", |at, n| {
            ruled(at, n / 40, "firebase.json", |n| {
                format!("{{\"hosting\":{{{}}}}}", json_rules(n, |i| format!("**/q{i}.html")))
            })
        }),
        ("beginnings in netlify.toml", |at, n| {
            let rule = |i| {
                format!("[[headers]]\nfor = '/p{i}/*'\n[headers.values]\nContent-Security-Policy = 'script-src x'\n")
            };
            ruled(at, n / 40, "netlify.toml", |n| numbered(n, rule))
        }),
        ("routes of staticwebapp.config.json", |at, n| {
            ruled(at, n / 40, "staticwebapp.config.json", |n| {
                let routes = numbered(n, |i| {
                    format!("{{\"route\":\"/p{i}*\",\"headers\":{{\"content-security-policy\":\"script-src x\"}}}},")
                });
                format!("{{\"routes\":[{}]}}", routes.trim_end_matches(','))
            })
        }),
        ("paths of a list", |at, n| {
            ruled(at, n / 40, "map.json", |n| {
                let paths = numbered(n, |i| format!("\"/p{i}.html\":\"script-src x\","));
                format!("{{{paths}\"*\":\"img-src a\"}}")
            })
        }),
        ("rules of Cloudflare", |at, n| {
            ruled(at, n / 40, "_headers", |n| "/x\n  ! X-A\n".to_owned() + &headers(n, |i| format!("/p{i}.html")))
        }),
        ("different policies for one path", |at, n| {
            ruled(at, n / 40, "_headers", |n| {
                numbered(n, |i| format!("/*\n  Content-Security-Policy: script-src h{i}.test\n"))
            })
        }),
        ("conditions in vercel.json", |at, n| {
            ruled(at, n / 40, "vercel.json", |n| format!("{{{}}}", json_rules(n, |i| format!("/:a(q{i}|.*)"))))
        }),
    ]);
}
