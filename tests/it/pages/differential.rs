//! The scan against html5ever, an independent tokenizer and tree builder: both must find the same scripts, styles, handlers
//! and style attributes in the test pages, in the browser cases and in random markup.

use std::cell::Cell;
use std::path::Path;

use encoding_rs::Encoding;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};

use crate::support::differential::compare::{Outcome, compare};
use crate::support::pages::pages;
use crate::support::{browser_cases, nasty};

#[test]
fn test_pages_agree() {
    let mut paths = pages(Path::new("testdata/site"));
    paths.extend(pages(Path::new("testdata/legacy")));
    assert!(paths.len() > 20);
    for path in paths {
        let bytes = std::fs::read(&path).unwrap();
        let (html, _, _) = declared_encoding(&bytes).decode(&bytes);
        assert_eq!(compare(&html), Ok(Outcome::Agreed), "{}", path.display());
    }
}

/// The first `charset=` of a page, else UTF-8; `decode` heeds byte order marks.
fn declared_encoding(bytes: &[u8]) -> &'static Encoding {
    let text = String::from_utf8_lossy(bytes).to_ascii_lowercase();
    let label = text.split("charset=").nth(1).unwrap_or_default();
    let label = label.trim_start_matches(['"', '\'']);
    let end = label.find(|c: char| !c.is_ascii_alphanumeric() && !"-_".contains(c));
    Encoding::for_label(&label.as_bytes()[..end.unwrap_or(0)]).unwrap_or(encoding_rs::UTF_8)
}

#[test]
fn browser_cases_agree() {
    let mut agreed = 0;
    for case in browser_cases::all().iter().filter(|case| case.is_html()) {
        match compare(&String::from_utf8_lossy(&case.html())) {
            Ok(outcome) => agreed += usize::from(outcome == Outcome::Agreed),
            Err(why) => panic!("{}: {why}", case.text("id")),
        }
    }
    assert!(agreed > 400, "{agreed}");
}

#[test]
fn random_markup_agrees() {
    let mut config = Config { failure_persistence: None, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = 3000;
        config.rng_seed = RngSeed::Fixed(1);
    }
    let cases = config.cases;
    let agreed = Cell::new(0);
    TestRunner::new(config)
        .run(&nasty::document(14), |html| {
            let outcome = compare(&html).map_err(TestCaseError::fail)?;
            agreed.set(agreed.get() + u32::from(outcome == Outcome::Agreed));
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
    let agreed = agreed.get();
    assert!(agreed > cases / 100 * 99, "{agreed} of {cases}");
}
