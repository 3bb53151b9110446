//! Where the tag goes, case by case: `^` marks the place.

use super::*;
use crate::policy::Policy;

const POLICY: &str = "script-src 'none'";

fn policy(text: &str) -> MetaPolicy {
    MetaPolicy::new(&Policy::parse(text).unwrap())
}

fn in_pieces(pieces: &[&[u8]], policy: &MetaPolicy) -> (Vec<u8>, MetaRewrite) {
    let options = MetaOptions::new();
    let mut rewriter = MetaRewriter::new("a.html", Vec::new(), policy, &options);
    for piece in pieces {
        rewriter.write_all(piece).unwrap();
    }
    rewriter.finish().unwrap()
}

/// What becomes of a page, the same wherever it is cut.
fn write(page: &[u8], policy: &MetaPolicy) -> (Vec<u8>, MetaRewrite) {
    let whole = in_pieces(&[page], policy);
    // Long pages are long by their spaces.
    let step = 1 + page.len() / 200;
    for at in (0..page.len()).step_by(step) {
        let (start, end) = page.split_at(at);
        assert_eq!(in_pieces(&[start, end], policy), whole, "split at {at}");
    }
    let bytes: Vec<&[u8]> = page.chunks(1).collect();
    assert_eq!(in_pieces(&bytes, policy), whole);
    whole
}

/// Writes a policy into a page, twice, and takes it out again.
fn written(page: &[u8]) -> Vec<u8> {
    let (output, rewrite) = write(page, &policy(POLICY));
    assert_eq!(rewrite.changed, output != page);
    let (again, rewrite) = write(&output, &policy(POLICY));
    assert!(!rewrite.changed);
    assert_eq!(again, output);
    let (other, _) = write(page, &policy("img-src *"));
    assert_eq!(write(&other, &policy(POLICY)).0, output);
    assert_eq!(write(&output, &policy("")).0, page);
    output
}

fn check(marked: &str) {
    let page = marked.replace('^', "");
    let tag = policy(POLICY).marked_tag().unwrap();
    let output = String::from_utf8(written(page.as_bytes())).unwrap();
    assert_eq!(output, marked.replace('^', &tag));
}

#[test]
fn the_policy_goes_to_the_beginning_of_head() {
    for page in [
        "<!doctype html><html><head>^<script>a</script>",
        "<!doctype html>\n<html lang=de>\n<head prefix='a>b'>^\n<title>a</title></head>",
        "<!-- a --><!doctype html><!-- b --><html><!-- c --><head>^<!-- d --><link></head>",
        "<!doctype html><!--[if IE]><html class=ie><![endif]--><!--[if !IE]><!--><html><!--<![endif]--><HEAD\n>^<link>",
        "<html manifest=a><head>^</head><frameset><frame></frameset></html>",
        "<?xml version='1.0'?>\n<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Strict//EN\" \"a\">\n<html><head />^<title>a</title>",
    ] {
        check(page);
    }
}

#[test]
fn the_policy_goes_before_what_implies_a_head() {
    for page in [
        "^<script>a</script>",
        " \n<!-- a -->^<p>a",
        "<!doctype html>\n^<title>a</title><style></style>",
        "<!doctype html>\n  ^Text<script></script>",
        "<!doctype html><html>\n^<body onload=a>",
        "<!doctype html><html>^<frameset><frame></frameset>",
        "<!doctype html></p>^</head><script></script>",
        "<!doctype html>^</body >",
        "<html>^</br x='>'>",
        "^<tr><td>a",
        "^<",
        "^&#32;<head><link>",
        "^\0<head><link>",
        "<!doctype html>^<base href=a><meta charset=utf-8>",
        "^<plaintext>",
        "^</html><!doctype html>",
    ] {
        check(page);
    }
}

#[test]
fn the_policy_goes_behind_what_declares_the_encoding() {
    for page in [
        "<head><meta charset=utf-8>^<title>a</title><script>",
        "<head><title>a</title><!-- a --><meta name=a><META CHARSET='UTF-8' />^<meta charset=latin1><link>",
        "<!doctype html><title>a</title><meta http-equiv=content-type content='text/html; charset=utf-8'>^<link>",
        "<meta charset=utf-8>^",
        "<head><meta charset=utf-8></meta>^<p>".replace("</meta>^", "^</meta>").as_str(),
        "<head>^<meta charset=bogus><link>",
        "<head>^<meta http-equiv=refresh content='charset=utf-8'><link>",
        "<head>^<title onclick=a>a</title><meta charset=utf-8>",
        "<head>^<meta style=a><meta charset=utf-8>",
        "<head>^<script></script><meta charset=utf-8>",
        "<head>^<noscript><meta charset=utf-8></noscript>",
        "<head>^</head><meta charset=utf-8>",
        "<head>^<title><meta charset=utf-8>",
        "<head>^a<meta charset=utf-8>",
    ] {
        check(page);
    }
}

#[test]
fn pages_with_nothing_in_them_stay_as_they_are() {
    for page in ["", " \n", "<!doctype html>", "<!doctype html><!-- <head>", "<html>", "</p>", "<script"] {
        check(page);
    }
}

#[test]
fn other_encodings_pass_untouched() {
    let tag = policy(POLICY).marked_tag().unwrap();
    let with = |start: &[u8], end: &[u8]| [start, tag.as_bytes(), end].concat();
    for (start, end) in [
        (&b"\xef\xbb\xbf<head>"[..], &b"<title>\xc3\xa9"[..]),
        (b"\xef\xbb\xbf<meta charset=latin1>", b"<title>\xc3\xa9"),
        (b"<title>\xe9</title><meta charset=windows-1252>", b"<p>\xe9"),
        (b"<head><meta charset=shift_jis>", b"<title>\x83\x5c</title><script>\x95\x5c"),
        (b"<!--\xff-->", b"\xff\xfe<script>"),
    ] {
        assert_eq!(written(&[start, end].concat()), with(start, end));
    }
    for big_endian in [false, true] {
        let encode = |text: &str| -> Vec<u8> {
            let units = text.encode_utf16();
            let bytes = |unit: u16| {
                if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() }
            };
            units.flat_map(bytes).collect()
        };
        let page = "\u{feff}<!doctype html><head><title>日😀</title></head>\u{feff}";
        let output = written(&encode(page));
        assert_eq!(output, encode(&page.replace("<head>", &format!("<head>{tag}"))));
    }
}

#[test]
fn a_declaration_is_not_pushed_out_of_sight() {
    let declared = |space: usize| {
        let space = " ".repeat(space);
        format!("<p>a{space}<meta charset=windows-1251>\n")
    };
    let (output, rewrite) = write(declared(0).as_bytes(), &policy(POLICY));
    assert!(rewrite.changed && output.starts_with(b"<meta http-equiv"));
    let page = declared(950);
    let (output, rewrite) = write(page.as_bytes(), &policy(POLICY));
    assert_eq!(output, page.as_bytes());
    assert!(!rewrite.changed);
    assert_eq!(rewrite.findings[0].code, Code::UnwrittenPolicy);
    // In head it counts anywhere.
    let page = format!("<head>^<script>{}</script><meta charset=windows-1251>", " ".repeat(2000));
    check(&page);
    // With a mark or a charset from the server it does not count at all.
    let page = format!("\u{feff}^{}", declared(950));
    check(&page);
    let options = MetaOptions::new().with_charset(Some(encoding_rs::UTF_8));
    let page = declared(950);
    let rewrite = write_meta("a.html", page.as_bytes(), Vec::new(), &policy(POLICY), &options);
    assert!(rewrite.unwrap().1.changed);
}

#[test]
fn a_tag_of_an_earlier_run_is_found_wherever_it_went() {
    let tag = policy(POLICY).marked_tag().unwrap();
    let old = policy("img-src *").marked_tag().unwrap();
    for (page, expected) in [
        ("<head>\n^<script>", "<head>\n!<script>"),
        ("<head><title>a</title>^<script>", "<head><title>a</title>!<script>"),
        ("<head>^<meta charset=utf-8><script>", "<head><meta charset=utf-8>!<script>"),
        ("<head><link>^<script>", "<head>!<link><script>"),
        ("<head>^<link>^<body>^", "<head>!<link><body>"),
        ("<head></head>^<p>", "<head>!</head><p>"),
        ("<head><META DATA-CSPSEAL content=a HTTP-EQUIV='content-security-policy'>", "<head>!"),
        ("<head><noscript>^</noscript>", "<head>!<noscript>^</noscript>"),
        ("<head><template>^</template>", "<head>!<template>^</template>"),
        ("<head><meta data-cspseal name=a>", "<head>!<meta data-cspseal name=a>"),
    ] {
        let page = page.replace('^', &old);
        let expected = expected.replace('!', &tag).replace('^', &old);
        let (output, _) = write(page.as_bytes(), &policy(POLICY));
        assert_eq!(String::from_utf8(output).unwrap(), expected);
        assert!(!write(expected.as_bytes(), &policy(POLICY)).1.changed);
    }
}

#[test]
fn policies_of_others_are_left_alone_and_reported() {
    let foreign = "<meta http-equiv=\"Content-Security-Policy\" content=\"script-src 'none'\">";
    for page in [
        format!("<head>^{foreign}<link>"),
        format!("<head><meta charset=utf-8>^\n{foreign}<link>"),
        format!("<head>^<link>{foreign}"),
        format!("<head>^</head>{foreign}"),
    ] {
        check(&page);
        let (_, rewrite) = write(page.replace('^', "").as_bytes(), &policy(POLICY));
        let codes: Vec<Code> = rewrite.findings.iter().map(|finding| finding.code).collect();
        assert_eq!(codes, [Code::SecondPolicy], "{page}");
    }
    let ignored = format!("<body>{foreign}<noscript>{foreign}</noscript><template>{foreign}</template>");
    assert_eq!(write(ignored.as_bytes(), &policy(POLICY)).1.findings, []);
}

#[test]
fn what_is_no_finished_html_is_refused() {
    let options = MetaOptions::new();
    for (path, page, message) in [
        ("a/b.svg", &b"<svg/>"[..], "a/b.svg: a policy is written into HTML only"),
        ("a.XHTML", b"<html/>", "a.XHTML: a policy is written into HTML only"),
        ("a.j2", b"<p>", "a.j2: a policy is written into finished pages only"),
        ("a.html", b"<meta charset=iso-2022-jp>\x1b$B", "a.html: no policy can be written into a page in ISO-2022-JP"),
    ] {
        let error = write_meta(path, page, Vec::new(), &policy(POLICY), &options).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{path}");
        assert!(error.to_string().starts_with(message), "{error}");
    }
    let error = write_meta("a.html", &b"%PDF-"[..], Vec::new(), &policy(POLICY), &options);
    assert_eq!(error.unwrap_err().kind(), ErrorKind::NotText);
}

#[test]
fn a_marked_policy_that_ends_an_svg_is_left_since_the_tree_would_be_another_without_it() {
    let own = "<meta http-equiv=Content-Security-Policy content='img-src *' data-cspseal>";
    let page = format!("<head></head><svg><script>a(){own}<p>b</script></svg>");
    let (output, rewrite) = write(page.as_bytes(), &policy(""));
    assert_eq!(String::from_utf8(output).unwrap(), page);
    assert!(!rewrite.changed);
}

/// Without the tag `<` and `vg>` would be one, `&am` and `p;` a character reference, and two bytes a character of GBK.
#[test]
fn a_marked_policy_between_parts_of_what_would_be_markup_is_not_taken_out() {
    let own = "<meta http-equiv=Content-Security-Policy content='img-src *' data-cspseal>";
    for (before, is_taken) in [
        ("<head></head>x<", false),
        ("<head></head>x&am", false),
        ("<head></head>x", true),
        ("<head></head>x<\n", true),
        ("<head></head>\u{e4}", false),
        ("<head></head>\u{e4} x", true),
        ("<head></head><p>", true),
        ("<head></head>", true),
    ] {
        for encoded in [|text: &str| text.as_bytes().to_vec(), utf16] {
            let page = encoded(&format!("{before}{own}vg>"));
            let policy = policy("");
            let options = MetaOptions::default();
            let written = write_meta("a.html", &page[..], Vec::new(), &policy, &options);
            match written {
                Ok((output, _)) => {
                    assert!(is_taken, "{before}");
                    assert_eq!(output, encoded(&format!("{before}vg>")));
                }
                Err(error) => {
                    assert!(!is_taken, "{before}");
                    assert_eq!(error.kind(), ErrorKind::Unsupported);
                    assert!(error.to_string().contains("something else"), "{error}");
                }
            }
        }
    }
}

fn utf16(text: &str) -> Vec<u8> {
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}
