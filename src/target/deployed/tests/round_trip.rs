//! What every target of a readable format prints is read back: each page has the policy that was meant, under every URL.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::policy::{Policy, PolicyBuilder};
use crate::site::Inventory;
use crate::target::{Deployment, Disposition, PolicyHeader, Report, Scope, Sends, Target, print, print_into};
use crate::{HashAlgorithm, ScanOptions, scan_page};

/// Formats that must stay readable; a new one needs no row.
const READ: [&str; 7] = ["header", "netlify", "netlify-toml", "cloudflare", "vercel", "firebase", "azure-swa"];

const BASE: &str = r"script-src 'self'; report-uri /r?$x=%7E&$uri%d&{path}{$H}&%{HOME}e&a\nb\\c`(<!#";
/// Without what some format cannot hold.
const PLAIN: &str = "default-src 'self'; img-src * data:; report-uri /r?a=%7E&b";

/// Reads back what a target prints for these pages, each with a script of its own unless its number is a multiple of
/// three. How many policies were compared.
fn reads_back(target: &Target, scope: Scope, sends: Sends, base: &str, pages: &BTreeSet<String>) -> usize {
    let mut inventory = Inventory::new(HashAlgorithm::Sha256);
    for (number, page) in pages.iter().enumerate() {
        let html = match number % 3 {
            0 => "<!doctype html><p>".to_owned(),
            _ => format!("<!doctype html><script>page({})</script>", number / 2),
        };
        inventory.add(scan_page(page, html.as_bytes(), &ScanOptions::new()).unwrap()).unwrap();
    }
    let builder = PolicyBuilder::new(Some(Policy::parse(base).unwrap()));
    let second = PolicyBuilder::new(Some(Policy::preset_strict()));
    let report = Report::new(&inventory, &builder).with_second(Some(&second));
    let deployment = Deployment::new(&report, scope).with_sends(sends);
    let mut texts = Vec::new();
    texts.extend(print(target, &deployment));
    if target.comment.is_some() {
        for existing in ["# somebody's\r\n", "\t# cspseal begin\n\told\n\t# cspseal end\n"] {
            texts.extend(print_into(target, &deployment, existing.as_bytes()));
        }
    }
    let format = DeployedFormat::find(target.name()).unwrap();
    let mut compared = 0;
    for text in texts {
        let text = String::from_utf8(text).unwrap();
        let deployed =
            Deployed::read(format, "x", &text).unwrap_or_else(|error| panic!("{}: {error}\n{text}", target.name()));
        let exists = |path: &str| pages.contains(path);
        let check = |page: &str, meant: &[PolicyHeader]| {
            let responses = deployed.policies_of(page, &exists).unwrap();
            assert!(!responses.is_empty(), "{} {page}", target.name());
            for response in responses {
                let texts: Vec<_> = response
                    .iter()
                    .map(|index| &deployed.policies()[*index])
                    .map(|policy| (policy.text.as_str(), policy.report_only))
                    .collect();
                let meant: Vec<_> =
                    meant.iter().map(|it| (it.policy.as_str(), it.disposition == Disposition::Report)).collect();
                assert_eq!(texts, meant, "{} {page}\n{text}", target.name());
            }
        };
        let site = deployment.site_headers();
        for group in deployment.page_groups() {
            let meant = if scope == Scope::Site { &site } else { &group.headers };
            for page in &group.paths {
                check(page, meant);
                compared += 1;
            }
        }
        let meant = match scope {
            Scope::Site => site,
            Scope::Page => deployment.default_headers().unwrap(),
        };
        check("no such folder/nothing.html", &meant);
        for policy in deployed.policies() {
            assert!(policy.line >= 1 && policy.line <= text.lines().count() as u64);
        }
    }
    compared
}

fn readable() -> impl Iterator<Item = &'static Target> {
    let formats = DeployedFormat::all().filter(|format| format.is_read());
    let targets = formats.filter_map(|format| crate::target::target(format.name()));
    targets.filter(|target| target.name() != "json")
}

fn everywhere(base: &str, pages: &BTreeSet<String>) -> Vec<(&'static str, usize)> {
    readable()
        .flat_map(|target| {
            let sends = if target.name() != "header" && target.report_only {
                &[Sends::Enforced, Sends::ReportOnly, Sends::All][..]
            } else {
                &[Sends::Enforced, Sends::All]
            };
            let scopes = target.scopes;
            let count = scopes
                .iter()
                .flat_map(|scope| sends.iter().map(|sends| reads_back(target, *scope, *sends, base, pages)))
                .sum();
            [(target.name(), count)]
        })
        .collect()
}

fn small() -> BTreeSet<String> {
    [
        "404.html",
        "a b.html",
        "docs.html",
        "docs/index.html",
        "index.html",
        "sub dir/index.html",
        "x{y}.html",
        "q'uote.html",
        "v1.0/index.html",
        "plain.htm",
        "日本.html",
        "$var.html",
        "folder/deep/a.html",
        "folder/deep/b.html",
    ]
    .map(str::to_owned)
    .into()
}

#[test]
fn every_readable_target_is_read_back() {
    let counts = everywhere(PLAIN, &small());
    let names: Vec<&str> = counts.iter().map(|(name, _)| *name).collect();
    assert!(READ.iter().all(|name| names.contains(name)), "{names:?}");
    for (name, count) in counts {
        assert!(count >= small().len(), "{name}: {count}");
    }
    for (name, count) in everywhere(BASE, &small()) {
        // It rejects such a policy.
        assert!(name == "vercel" || count >= small().len(), "{name}: {count}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(80))]

    #[test]
    fn hostile_paths_are_read_back(
        pages in prop::collection::btree_set(
            ("(([a-cA-C$%{}'\"\\\\ ~.+()|^#?:日_-]|%41|\\$\\{|index|docs){1,4}/){0,2}", "([a-cA-C$%{}'\"\\\\ ~.+()|^#?:日é_*&;@,!\\[\\]<>`=-]|%41|\\$\\{|index|docs){1,5}", "(\\.html|/index\\.html|\\.htm)")
                .prop_map(|(folders, name, end)| format!("{folders}{name}{end}"))
                .prop_filter("a folder is no `.`", |path| path.split('/').all(|part| !matches!(part, "" | "." | ".."))),
            1..4,
        ),
        hostile in any::<bool>(),
    ) {
        everywhere(if hostile { BASE } else { PLAIN }, &pages);
    }

    #[test]
    fn no_text_makes_a_reader_panic(text in "(([$%{}'\"\\\\ /.:*#!;a-c\n\t]|map |\"|Content-Security-Policy: |add_header |Disposition always set |\\{\"headers\":\\[|/\\*\n){0,20})") {
        for format in DeployedFormat::all() {
            if let Ok(deployed) = Deployed::read(format, "x", &text) {
                for response in deployed.policies_of("docs/index.html", &|_| false).unwrap() {
                    prop_assert!(response.iter().all(|index| *index < deployed.policies().len()));
                }
            }
        }
        let _ = DeployedFormat::guess("x", &text);
    }
}

#[test]
fn the_policy_of_an_inventory_is_the_sites() {
    let mut inventory = Inventory::new(HashAlgorithm::Sha256);
    let html = b"<!doctype html><script>a</script>";
    inventory.add(scan_page("a.html", &html[..], &ScanOptions::new()).unwrap()).unwrap();
    let builder = PolicyBuilder::new(Some(Policy::parse(PLAIN).unwrap()));
    let report = Report::new(&inventory, &builder);
    let deployment = Deployment::new(&report, Scope::Site);
    let text = print(crate::target::target("json").unwrap(), &deployment).unwrap();
    let text = String::from_utf8(text).unwrap();
    let format = DeployedFormat::guess("x.json", &text).unwrap();
    assert_eq!(format.name(), "json");
    let deployed = Deployed::read(format, "x.json", &text).unwrap();
    assert_eq!(deployed.policies()[0].text, report.site.policy.to_string());
    assert_eq!(deployed.policies()[0].line, 5);
    let other = text.replacen("\"version\": 2", "\"version\": 7", 1);
    assert!(Deployed::read(format, "x.json", &other).is_err());
}
