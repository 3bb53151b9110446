//! What the parts cost in bytes per second, with the bare tokenizer beside them: `cargo bench --bench speed`.
//!
//! The input is made here, so that everybody measures the same: a built page of a megabyte, a template of a megabyte, policies of
//! a thousand hashes. How long the whole command takes on a whole site is the business of `tests/bench/run`.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::io::Write as _;

use cspseal::edit::nonce::{NonceOptions, NonceRewriter, NonceValue};
use cspseal::hash::{HashAlgorithm, HashSource};
use cspseal::policy::{InlineCheckType, Need, Policy, PolicyBuilder};
use cspseal::site::Inventory;
use cspseal::target::{Deployment, Report, Scope, print, target};
use cspseal::template::{Dialect, Mask};
use cspseal::{ScanOptions, scan_page};
use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};

mod bare;

fn main() {
    divan::main();
}

/// How large a document is at least, in bytes.
const SIZE: usize = 1 << 20;

/// A page of prose, code and pictures, with a script in each of its sections.
fn page() -> Vec<u8> {
    let mut page =
        b"<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>a</title></head><body>".to_vec();
    let mut number = 0;
    while page.len() < SIZE {
        number += 1;
        writeln!(
            page,
            "<section id=\"s{number}\"><h2><a class=\"anchor\" href=\"#s{number}\">§</a> Part {number}</h2>"
        )
        .unwrap();
        for _ in 0..20 {
            page.extend_from_slice(
                "<p>Some prose of the usual kind — <em>stressed</em> here, <a href=\"../other/page.html\" title=\"A title\">linked</a> there.</p>\n\
                 <pre><code><span class=\"kw\">let</span> <span class=\"v\">a</span> = <span class=\"n\">1</span>;</code></pre>\n\
                 <p><svg viewBox=\"0 0 8 8\"><path d=\"M1 1h6v6h-6z\"/></svg><img src=\"a.png\" alt=\"\"></p>\n"
                    .as_bytes(),
            );
        }
        writeln!(page, "<script>start({number}, \"section\");</script></section>").unwrap();
    }
    page
}

/// The same with template code in it.
fn template() -> Vec<u8> {
    let page = String::from_utf8(page()).unwrap();
    let page = page.replace("linked", "{{ link.text|escape }}");
    let page = page.replace("<pre>", "{% if code %}<pre>");
    page.replace("</pre>", "</pre>{% endif %}").into_bytes()
}

/// Distinct hashes.
fn hashes(count: u32) -> Vec<HashSource> {
    let hash = |number: u32| HashSource::of(HashAlgorithm::Sha256, &number.to_le_bytes());
    (0..count).map(hash).collect()
}

#[divan::bench]
fn lol_html_alone(bencher: Bencher<'_, '_>) {
    let page = page();
    bencher.counter(BytesCount::new(page.len())).bench(|| bare::pass(black_box(&page)));
}

#[divan::bench]
fn scan(bencher: Bencher<'_, '_>) {
    let page = page();
    let options = ScanOptions::new();
    bencher
        .counter(BytesCount::new(page.len()))
        .bench(|| scan_page("page.html", black_box(&page[..]), &options).unwrap());
}

#[divan::bench]
fn scan_template(bencher: Bencher<'_, '_>) {
    let page = template();
    let options = ScanOptions::new();
    bencher
        .counter(BytesCount::new(page.len()))
        .bench(|| scan_page("page.j2", black_box(&page[..]), &options).unwrap());
}

#[divan::bench(args = Dialect::ALL)]
fn mask(bencher: Bencher<'_, '_>, dialect: Dialect) {
    let page = template();
    bencher.counter(BytesCount::new(page.len())).bench(|| {
        let mut mask = Mask::new(dialect);
        let mut len = 0;
        mask.write(black_box(&page), &mut |bytes| len += bytes.len());
        mask.end(&mut |bytes| len += bytes.len());
        len
    });
}

#[divan::bench]
fn rewrite(bencher: Bencher<'_, '_>) {
    let page = template();
    let value = NonceValue::new("{{ csp_nonce }}", Some(Dialect::Jinja)).unwrap();
    let options = NonceOptions::new(value);
    bencher.counter(BytesCount::new(page.len())).bench(|| {
        let mut rewriter = NonceRewriter::new("page.j2", std::io::sink(), &options);
        rewriter.write_all(black_box(&page)).unwrap();
        rewriter.finish().unwrap().1
    });
}

#[divan::bench]
fn policy_merge(bencher: Bencher<'_, '_>) {
    let hashes = hashes(1000);
    let base = Policy::preset_self();
    bencher
        .counter(BytesCount::new(merged(&base, &hashes).len()))
        .bench(|| merged(black_box(&base), black_box(&hashes)));
}

fn merged(base: &Policy, hashes: &[HashSource]) -> String {
    let mut policy = base.clone();
    let needs = hashes.iter();
    policy.allow(needs.map(|hash| Need::hash(InlineCheckType::Script, *hash)));
    policy.to_string()
}

#[divan::bench]
fn policy_parse(bencher: Bencher<'_, '_>) {
    let text = merged(&Policy::preset_self(), &hashes(1000));
    bencher.counter(BytesCount::new(text.len())).bench(|| Policy::parse(black_box(&text)).unwrap());
}

#[divan::bench(args = ["header", "json", "nginx", "django"])]
fn emit(bencher: Bencher<'_, '_>, format: &str) {
    let mut inventory = Inventory::new(HashAlgorithm::Sha256);
    for number in 0..100 {
        let page = format!("<script>a({number})</script><script>b()</script>");
        let name = format!("{number:03}/index.html");
        inventory.add(scan_page(&name, page.as_bytes(), &ScanOptions::new()).unwrap()).unwrap();
    }
    let builder = PolicyBuilder::new(Some(Policy::preset_self()));
    let report = Report::new(&inventory, &builder);
    let deployment = Deployment::new(&report, Scope::Site);
    let emitter = target(format).unwrap();
    let len = print(emitter, &deployment).unwrap().len();
    bencher
        .counter(BytesCount::new(len))
        .counter(ItemsCount::new(100_usize))
        .bench_local(|| print(emitter, black_box(&deployment)).unwrap());
}
