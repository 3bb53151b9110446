//! A site that is hashed in shards and merged is the site that is hashed at once: every format prints the same bytes.

use std::path::PathBuf;

use cspseal::policy::PolicyBuilder;
use cspseal::site::Inventory;
use cspseal::site::merge::merge;
use cspseal::site::{PageFile, PageFilter, SiteUrl, find_pages, scan_files};
use cspseal::target::{Deployment, Report, Scope, TARGETS, Target, print, target};
use cspseal::template::Templates;
use cspseal::{HashAlgorithm, ScanOptions};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

fn files(folders: &[&str]) -> Vec<PageFile> {
    let include = ["*.html", "*.htm", "*.svg"].map(str::to_owned);
    let filter = PageFilter::new(&include, &[], Templates::Off).unwrap();
    let folders: Vec<PathBuf> = folders.iter().map(PathBuf::from).collect();
    let found = find_pages(&folders, &filter);
    assert!(found.errors.is_empty(), "{:?}", found.errors);
    found.files
}

fn options() -> ScanOptions {
    ScanOptions::new().with_requests(true)
}

fn scanned(files: &[PageFile], options: &ScanOptions) -> Inventory {
    let scan = scan_files(files, SiteUrl::default(), options, &|| {});
    assert!(scan.errors.is_empty(), "{:?}", scan.errors);
    scan.inventory
}

fn builders() -> Vec<PolicyBuilder> {
    let policy = std::fs::read_to_string("testdata/site.policy").unwrap();
    [None, Some(policy.parse().unwrap()), Some("style-src 'unsafe-inline'; script-src-attr 'none'".parse().unwrap())]
        .into_iter()
        .flat_map(|base| {
            [false, true].map(|unsafe_hashes| PolicyBuilder::new(base.clone()).with_unsafe_hashes(unsafe_hashes))
        })
        .collect()
}

fn json(inventory: &Inventory, builder: &PolicyBuilder) -> Vec<u8> {
    let report = Report::new(inventory, builder);
    print(target("json").unwrap(), &Deployment::new(&report, Scope::Site)).unwrap()
}

/// Those that hold everything, and one with rules.
fn telling() -> Vec<&'static Target> {
    let names = ["json", "header", "list", "python", "nginx"];
    names.into_iter().filter_map(target).collect()
}

/// What formats print in every scope, or why they do not.
fn printed(formats: &[&Target], inventory: &Inventory, builder: &PolicyBuilder) -> Vec<(String, Vec<u8>)> {
    let report = Report::new(inventory, builder);
    let mut printed = Vec::new();
    for emitter in formats {
        for scope in [Scope::Site, Scope::Page] {
            let output = print(emitter, &Deployment::new(&report, scope));
            let output = output.unwrap_or_else(|error| error.to_string().into_bytes());
            printed.push((format!("{} {scope:?}", emitter.name()), output));
        }
    }
    printed
}

/// Hashes the files in shards, each under a policy of its own, and compares what is merged with the whole.
fn check(files: &[PageFile], shards: &[Vec<PageFile>], options: &ScanOptions, formats: &[&Target]) {
    let whole = scanned(files, options);
    let builders = builders();
    let inputs: Vec<_> = shards
        .iter()
        .enumerate()
        .map(|(index, shard)| {
            let builder = &builders[index % builders.len()];
            (format!("{index}.json"), json(&scanned(shard, options), builder))
        })
        .collect();
    let mut backwards = inputs.clone();
    backwards.reverse();
    let merged = [inputs, backwards].map(|inputs| merge(inputs, None).unwrap());
    for builder in &builders {
        let expected = printed(formats, &whole, builder);
        for inventory in &merged {
            for (one, other) in expected.iter().zip(printed(formats, inventory, builder)) {
                assert!(*one == other, "{}", one.0);
            }
        }
    }
}

#[test]
fn shards_of_a_site_make_the_site() {
    let files = files(&["testdata/site", "testdata/legacy"]);
    assert!(files.len() > 20);
    let runs = [
        (HashAlgorithm::Sha256, 1),
        (HashAlgorithm::Sha256, 3),
        (HashAlgorithm::Sha256, files.len()),
        (HashAlgorithm::Sha384, 2),
        (HashAlgorithm::Sha512, 2),
    ];
    for (algorithm, count) in runs {
        let options = options().with_algorithm(algorithm);
        let slices: Vec<_> = files.chunks(files.len().div_ceil(count)).map(<[_]>::to_vec).collect();
        check(&files, &slices, &options, &telling());
        // Page by page there is one way only.
        if count == files.len() {
            continue;
        }
        let dealt: Vec<_> =
            (0..count).map(|shard| files.iter().skip(shard).step_by(count).cloned().collect()).collect();
        check(&files, &dealt, &options, &telling());
    }
}

#[test]
fn shards_may_overlap() {
    let files = files(&["testdata/site"]);
    let (middle, len) = (files.len() / 2, files.len());
    let shards = [files[..middle + 3].to_vec(), files[middle - 3..].to_vec(), files[..len - 1].to_vec()];
    check(&files, &shards, &options(), TARGETS);
}

#[test]
fn a_path_may_stand_at_two_places_of_a_site() {
    let files = files(&["testdata/site", "testdata/site/docs"]);
    let (docs, all): (Vec<_>, Vec<_>) =
        files.iter().cloned().partition(|file| !file.name.ends_with(&format!("site/{}", file.site_path)));
    assert_eq!(docs.len(), 5);
    check(&files, &[docs, all], &options(), &telling());
}

#[test]
fn findings_about_a_policy_are_known_by_their_code() {
    let inventory = scanned(&files(&["testdata/site", "testdata/legacy"]), &ScanOptions::new());
    assert!(!inventory.findings().is_empty());
    assert!(inventory.findings().iter().all(|finding| !finding.code.is_of_policy()));
    for builder in builders() {
        let site = builder.site(&inventory);
        let findings = builder.findings(&inventory, &site);
        assert!(findings.iter().all(|finding| finding.code.is_of_policy()));
    }
}

#[test]
fn two_builds_of_a_page_are_not_merged() {
    let files = files(&["testdata/site"]);
    let inventories = ["<script>1</script>", "<script>2</script>"].map(|html| {
        let mut inventory = Inventory::new(HashAlgorithm::Sha256);
        let page = cspseal::scan_page(&files[0].name, html.as_bytes(), &ScanOptions::new());
        inventory.add(page.unwrap()).unwrap();
        json(&inventory, &builders()[0])
    });
    let [one, other] = inventories;
    let error = merge(vec![("a".to_owned(), one), ("b".to_owned(), other)], None).unwrap_err();
    assert_eq!(error.kind(), cspseal::ErrorKind::Inventory);
    assert!(error.to_string().contains(&*files[0].name), "{error}");
}

/// URLs of the site, of others and of no host, some of which parsers read in surprising ways.
const URLS: &[&str] = &[
    "i.png",
    "/i.png?a#b",
    "../i.png",
    "?q",
    "/a//b",
    "/.//a",
    "//h.test/a",
    "///h.test/a",
    "\\\\h.test\\a",
    "https:/a",
    "https:a",
    "http://site.test/a",
    "https://site.test/a",
    "https://site.test:8080//a",
    "https://me:secret@h.test/",
    "HTTPS://BÜCHER.example/é b%zz",
    "http://[::1]/a",
    "http://0x7f.1/a",
    "https://cspseal.invalid//a",
    "data:image/png,a",
    "blob:https://h.test/1",
    "mailto:a@h.test",
    "tel:1",
    "a:b",
    "file:///C|/a",
    "javascript:f()",
    "about:blank",
    "http://[",
];

/// Markup that asks for `URL`.
const ASKING: &[&str] = &[
    "<img src=\"URL\">",
    "<img srcset=\"URL 2x\">",
    "<script src=\"URL\"></script>",
    "<script src=\"URL\" integrity=\"sha256-a&quot;b\"></script>",
    "<link rel=stylesheet href=\"URL\">",
    "<link rel=prefetch href=\"URL\">",
    "<iframe src=\"URL\"></iframe>",
    "<form action=\"URL\"></form>",
    "<form></form>",
    "<object data=\"URL\"></object>",
    "<base href=\"URL\">",
    "<noscript><img src=\"URL\"></noscript>",
    "<template><img src=\"URL\"></template>",
    "<p onclick=\"a('URL')\">",
    "<script>\n\u{1b} \u{202e}'URL'</script>",
];

proptest! {
    #[test]
    fn what_is_written_is_read(
        pages in vec(vec((select(ASKING), select(URLS)), 0..8), 1..6),
        site in select(&["", "http://site.test/", "https://site.test:8080/docs/"][..]),
        shards in vec(0_usize..3, 6),
        texts in any::<bool>(),
    ) {
        let options = options().with_inline_texts(texts);
        let site = match site {
            "" => SiteUrl::default(),
            url => SiteUrl::parse(url).unwrap(),
        };
        let scan = |(number, parts): (usize, &Vec<(&str, &str)>)| {
            let parts = parts.iter().map(|(asking, url)| asking.replace("URL", url));
            let path = format!("a/{number}.html");
            cspseal::scan_page(&path, parts.collect::<String>().as_bytes(), &options).unwrap()
        };
        let inventory = |wanted: &dyn Fn(usize) -> bool| {
            let mut inventory = Inventory::new(HashAlgorithm::Sha256).with_site(site.clone());
            let pages = pages.iter().enumerate().filter(|(number, _)| wanted(*number));
            pages.for_each(|page| inventory.add(scan(page)).unwrap());
            inventory
        };
        let builder = PolicyBuilder::new(Some("default-src 'self'".parse().unwrap()));
        let whole = inventory(&|_| true);
        let expected = json(&whole, &builder);
        // Each page is in two of three shards.
        let shards = (0..3).map(|shard| {
            let part = inventory(&|number| shards[number] != shard);
            (format!("{shard}.json"), json(&part, &builder))
        });
        let merged = merge(shards.collect(), None).unwrap();
        prop_assert_eq!(merged.requests(), whole.requests());
        prop_assert_eq!(json(&merged, &builder), expected);
    }
}
