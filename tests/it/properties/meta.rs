//! What holds for a policy written into any page: nothing else changes, wherever the input is cut; once is enough; and by
//! html5ever it stands in head before everything that it is to govern, with the rest of the tree as it was.

use std::io::Write as _;
use std::rc::Rc;

use cspseal::edit::meta::{MARKER, MetaOptions, MetaPolicy, MetaRewrite, MetaRewriter};
use cspseal::policy::Policy;
use proptest::prelude::*;

use crate::support::differential::dom::{Handle, spelled};
use crate::support::differential::parse;
use crate::support::nasty;

fn policy(text: &str) -> MetaPolicy {
    MetaPolicy::new(&Policy::parse(text).unwrap())
}

fn tag() -> String {
    let tag = policy("script-src 'none'").tag().unwrap();
    tag.replace('>', &format!(" {MARKER}>"))
}

fn write(pieces: &[&[u8]], text: &str) -> (Vec<u8>, MetaRewrite) {
    let options = MetaOptions::new();
    let mut rewriter = MetaRewriter::new("a", Vec::new(), &policy(text), &options);
    for piece in pieces {
        rewriter.write_all(piece).unwrap();
    }
    rewriter.finish().unwrap()
}

/// Whether `output` is `input` with the tag inserted once, and where.
fn inserted_at(input: &[u8], output: &[u8]) -> Option<usize> {
    let tag = tag().into_bytes();
    let at = output.windows(tag.len()).position(|window| window == tag)?;
    let without = [&output[..at], &output[at + tag.len()..]].concat();
    (without == input).then_some(at)
}

fn check(page: &str, cuts: bool) -> Result<(), TestCaseError> {
    let page = page.as_bytes();
    let (output, rewrite) = write(&[page], "script-src 'none'");
    if cuts {
        for at in 0..page.len() {
            let (start, end) = page.split_at(at);
            let in_two = write(&[start, end], "script-src 'none'");
            prop_assert_eq!(&in_two.0, &output, "split at {}", at);
            prop_assert_eq!(&in_two.1, &rewrite);
        }
    }
    let (again, second) = write(&[&output], "script-src 'none'");
    prop_assert_eq!(&again, &output);
    prop_assert!(!second.changed);
    prop_assert_eq!(write(&[&output], "").0, page);
    let (other, _) = write(&[page], "img-src *");
    prop_assert_eq!(&write(&[&other], "script-src 'none'").0, &output);
    if rewrite.changed {
        prop_assert!(inserted_at(page, &output).is_some());
        check_tree(page, &output)
    } else {
        prop_assert_eq!(page, &output);
        let parsed = parse::parse(&String::from_utf8_lossy(page)).elements;
        let implied = |e: &Handle| matches!(&*e.name().unwrap().local, "html" | "head" | "body");
        prop_assert!(!rewrite.findings.is_empty() || parsed.iter().all(implied));
        Ok(())
    }
}

/// An element as its name, attributes and parent.
fn described(element: &Handle, elements: &[Handle]) -> String {
    let attributes = element.attributes.borrow();
    let attributes: Vec<String> = attributes.iter().map(|a| format!("{}={:?}", spelled(&a.name), &*a.value)).collect();
    let parent = element.parent();
    let index = parent.and_then(|parent| elements.iter().position(|e| Rc::ptr_eq(e, &parent)));
    let text = element.text();
    format!("{} {attributes:?} in {index:?}: {text:?}", element.name().unwrap().local)
}

fn check_tree(page: &[u8], output: &[u8]) -> Result<(), TestCaseError> {
    let parse = |bytes: &[u8]| parse::parse(&String::from_utf8_lossy(bytes)).elements;
    let is_own = |e: &Handle| e.attribute(MARKER).is_some();
    let mut after = parse(output);
    let at = after.iter().position(is_own).unwrap();
    let head = after[at].parent().unwrap();
    prop_assert_eq!(&*head.name().unwrap().local, "head");
    let html = head.parent().unwrap();
    prop_assert_eq!(&*html.name().unwrap().local, "html");
    for element in &after[..at] {
        let name = &*element.name().unwrap().local;
        prop_assert!(matches!(name, "html" | "head" | "title" | "meta"), "{}", name);
        let on = |a: &html5ever::Attribute| a.name.local.starts_with("on");
        let handles = element.attributes.borrow().iter().any(on);
        prop_assert!(!handles || matches!(name, "html" | "head"), "{}", name);
    }
    // NUL ends the head in the standard and is dropped in browsers and in html5ever.
    if page.contains(&0) {
        return Ok(());
    }
    after.remove(at);
    let before = parse(page);
    let describe = |all: &[Handle]| -> Vec<String> { all.iter().map(|element| described(element, all)).collect() };
    prop_assert_eq!(describe(&before), describe(&after));
    Ok(())
}

/// What stands at the beginning of pages, in any order.
const HEADS: &[&str] = &[
    "<!doctype html>",
    "<!DOCTYPE html PUBLIC \"-//W3C//DTD HTML 3.2//EN\">",
    "<html>",
    "<html lang=de onclick=a>",
    "<head>",
    "<HEAD prefix='a>b'>",
    "</head>",
    "</html >",
    "</body a='>'>",
    "</br>",
    "</p>",
    "<body>",
    "<frameset>",
    "<frame>",
    "<noframes></noframes>",
    "<meta charset=utf-8>",
    "<meta charset=utf-8 onclick=a>",
    "<meta charset=bogus>",
    "<meta http-equiv=Content-Type content='text/html; charset=windows-1251'>",
    "<meta name=a content=b/>",
    "<title>a</title>",
    "<title>",
    "<title style=a></title>",
    "<script>a</script>",
    "<style></style>",
    "<link>",
    "<base>",
    "<template>",
    "</template>",
    "<noscript>",
    "</noscript>",
    "<svg>",
    "<p>",
    "<tr>",
    "<!-- a -->",
    "<!-->",
    "<!--[if IE]>",
    "<![endif]-->",
    "<?xml version='1.0'?>",
    "<![CDATA[a]]>",
    "<!",
    "<",
    "</",
    " ",
    "\n",
    "\r\n",
    "a",
    "é",
    "&amp;",
    "\0",
];

fn head() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(HEADS), 0..9).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn a_policy_stands_before_what_it_governs(page in head()) {
        check(&page, true)?;
    }

    #[test]
    fn a_policy_stands_before_what_it_governs_in_any_markup(start in head(), rest in nasty::document(12)) {
        check(&(start + &rest), false)?;
    }

    #[test]
    fn any_bytes_come_out_as_they_went_in(bytes in prop::collection::vec(any::<u8>(), 0..200), start in head()) {
        let page = [start.as_bytes(), &bytes].concat();
        prop_assume!(encoding_rs::Encoding::for_bom(&page).is_none());
        let (output, rewrite) = write(&[&page], "script-src 'none'");
        if rewrite.changed {
            prop_assert!(inserted_at(&page, &output).is_some());
        } else {
            prop_assert_eq!(output, page);
        }
    }
}
