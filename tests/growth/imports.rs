//! Chains of imports in the site's own files.

use std::fs;
use std::path::Path;

use crate::measure::{arguments, check, numbered};

/// A folder with a page and n files, each of which imports the next.
fn chain(folder: &Path, n: usize, page: &str, file: fn(usize) -> (String, String)) {
    fs::create_dir(folder.join("site")).unwrap();
    fs::write(folder.join("site/a.html"), page).unwrap();
    for i in 0..n {
        let (name, text) = file(i);
        fs::write(folder.join("site").join(name), text).unwrap();
    }
}

fn sheets(folder: &Path, n: usize) {
    chain(folder, n, "<link rel=stylesheet href=c0.css>", |i| {
        let text = format!("@import \"c{}.css\"; a {{ background: url(//h{}.test/{i}.png) }}", i + 1, i % 50);
        (format!("c{i}.css"), text)
    });
}

fn modules(folder: &Path, n: usize) {
    chain(folder, n, "<script type=module src=c0.js></script>", |i| {
        let text = format!("import './c{}.js'; fetch('//h{}.test/{i}')", i + 1, i % 50);
        (format!("c{i}.js"), text)
    });
}

fn later(folder: &Path, n: usize) {
    chain(folder, n, "<script>import('./c0.js')</script>", |i| {
        let text = format!("import('./c{}.js'); fetch('//h{}.test/{i}'); eval(a)", i + 1, i % 50);
        (format!("c{i}.js"), text)
    });
}

fn hash() -> Vec<String> {
    arguments("hash --preset self --mentioned --format json site")
}

fn check_site() -> Vec<String> {
    arguments("check --notes --policy default-src site")
}

/// A page that uses all of some files, each of which imports all. Their size is that of n imports.
fn all(folder: &Path, n: usize, used: fn(usize) -> String, file: fn(usize) -> (String, String)) {
    let count = n.isqrt();
    fs::create_dir(folder.join("site")).unwrap();
    fs::write(folder.join("site/a.html"), numbered(count, used)).unwrap();
    let text = numbered(count, |i| file(i).1);
    for i in 0..count {
        let own = format!("{text} /* {i} */");
        fs::write(folder.join("site").join(file(i).0), own).unwrap();
    }
}

fn sheets_of_all(folder: &Path, n: usize) {
    let used = |i| format!("<link rel=stylesheet href=c{i}.css>");
    all(folder, n, used, |i| (format!("c{i}.css"), format!("@import 'c{i}.css';")));
}

fn modules_of_all(folder: &Path, n: usize) {
    let used = |i| format!("<script type=module src=c{i}.js></script>");
    all(folder, n, used, |i| (format!("c{i}.js"), format!("import './c{i}.js';")));
}

#[test]
fn files_that_all_import_all() {
    check(&[
        ("hash style sheets", |at, n| {
            sheets_of_all(at, n);
            hash()
        }),
        ("check style sheets", |at, n| {
            sheets_of_all(at, n);
            check_site()
        }),
        ("hash modules", |at, n| {
            modules_of_all(at, n);
            hash()
        }),
        ("check modules", |at, n| {
            modules_of_all(at, n);
            check_site()
        }),
    ]);
}

fn frames(folder: &Path, n: usize) {
    chain(folder, n, "<iframe src=c0.html></iframe>", |i| {
        let next = i + 1;
        let text = format!("<meta http-equiv=refresh content=0;url=c{next}.html><iframe src=c{next}.html></iframe>");
        (format!("c{i}.html"), text)
    });
}

#[test]
fn chains_of_imports() {
    check(&[
        ("hash style sheets", |at, n| {
            sheets(at, n / 16);
            hash()
        }),
        ("check style sheets", |at, n| {
            sheets(at, n / 16);
            check_site()
        }),
        ("hash modules", |at, n| {
            modules(at, n / 16);
            hash()
        }),
        ("check modules", |at, n| {
            modules(at, n / 16);
            check_site()
        }),
        ("check pages in frames that lead to others", |at, n| {
            frames(at, n / 8);
            check_site()
        }),
        ("hash scripts that load others", |at, n| {
            later(at, n / 16);
            hash()
        }),
        ("check scripts that load others", |at, n| {
            later(at, n / 16);
            check_site()
        }),
    ]);
}
