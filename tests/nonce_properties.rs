//! What holds for the rewrite of any bytes: it inserts and nothing else, wherever the input is cut, and once is enough.

#![allow(clippy::unwrap_used)]

use std::io::Write as _;

use cspseal::rewrite::{NonceOptions, NonceRewriter, NonceValue, NoncedElements, Rewrite};
use cspseal::template::{Dialect, Templates};
use proptest::prelude::*;

/// What is inserted; no input holds it.
const VALUE: &str = "CspSealNonceValue";

/// What makes tags, and what makes lexers change their mind.
const PIECES: &[&str] = &[
    "<script",
    "<style",
    "<SCRIPT",
    "<link rel=stylesheet",
    "<iframe srcdoc=",
    "<noscript>",
    "</noscript>",
    "<svg>",
    "</svg>",
    "<math>",
    "<template>",
    "</template>",
    "<title>",
    "</title>",
    "<p ",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    ">",
    "/>",
    "</script>",
    "</style>",
    "</script ",
    " src=x",
    " type=module",
    " type=application/json",
    " nonce",
    " nonce=",
    " nonce=\"\"",
    " nonce=''",
    " nonce=\"x\"",
    " nonce=y ",
    " NONCE = ''",
    " a",
    " a='",
    " b=\"",
    "=",
    "\"",
    "'",
    " ",
    "\n",
    "\r\n",
    "\0",
    "x",
    "&lt;",
    "&gt;",
    "&#60;",
    "&#62;",
    "&quot;",
    "&amp;",
    "&amp;lt;",
    "&amp;gt;",
    "&",
    ";",
    "é",
    "<",
    "{{",
    "}}",
    "{%",
    "%}",
    "{# ",
    " #}",
    "{{ a }}",
    "{% if a %}",
    "{% endif %}",
    "{% raw %}",
    "{% endraw %}",
    "{% verbatim %}",
    "{% endverbatim %}",
    "{% comment %}",
    "{% endcomment %}",
    "<%",
    "<%=",
    "%>",
    "<%%",
    "<%#",
    "<%text>",
    "</%text>",
    "<?php",
    "<?=",
    "?>",
    "${",
    "}",
    "@",
    "@{",
    "@if (a) {",
    "@verbatim",
    "@endverbatim",
    "{!!",
    "!!}",
    "{{{{raw}}}}",
    "{{{{/raw}}}}",
    "{{=<% %>=}}",
    "[[",
    "]]",
    "## ",
    "% if a:\n",
    "\\{{",
    "`",
    "//",
];

fn input() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        30 => prop::sample::select(PIECES).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 1..4),
    ];
    prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

fn dialects() -> impl Strategy<Value = Option<Dialect>> {
    let all = Dialect::ALL.iter().copied().map(Some).chain([None]);
    prop::sample::select(all.collect::<Vec<_>>())
}

fn options(dialect: Option<Dialect>) -> NonceOptions {
    let elements = NoncedElements {
        scripts: true,
        styles: true,
        links: true,
    };
    NonceOptions::new(NonceValue::new(VALUE, dialect).unwrap())
        .with_templates(dialect.map_or(Templates::Off, Templates::Dialect))
        .with_elements(elements)
}

fn rewrite(pieces: &[&[u8]], dialect: Option<Dialect>) -> (Vec<u8>, Rewrite) {
    let mut rewriter = NonceRewriter::new("a", Vec::new(), &options(dialect));
    for piece in pieces {
        rewriter.write_all(piece).unwrap();
    }
    rewriter.finish().unwrap()
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

/// Whether `output` is `input` with attributes, or parts of them, that hold the value inserted.
fn is_input_with_insertions(input: &[u8], output: &[u8], value: &[u8]) -> Result<usize, String> {
    // In the value of a srcdoc, a quote or a space may be a reference, itself escaped by the documents around.
    let quotes = [
        "\"",
        "&quot;",
        "&amp;quot;",
        "&amp;amp;quot;",
        "&amp;amp;amp;quot;",
        "'",
        "&#39;",
        "",
    ];
    let spaces = [" ", "&#32;", "&amp;#32;", "&amp;amp;#32;"];
    let mut forms: Vec<(Vec<u8>, &[u8])> = Vec::new();
    for quote in quotes {
        let starts = [String::new(), "=".to_owned()];
        let names = spaces.iter().map(|space| format!("{space}nonce="));
        for start in starts.into_iter().chain(names) {
            forms.push((
                [start.as_bytes(), quote.as_bytes()].concat(),
                quote.as_bytes(),
            ));
        }
    }
    forms.sort_by_key(|(before, _)| before.len());
    align(input, output, value, &forms)
        .ok_or_else(|| "no insertions lead from input to output".to_owned())
}

/// How many insertions lead from `input` to `output`, trying each form at each place.
fn align(input: &[u8], output: &[u8], value: &[u8], forms: &[(Vec<u8>, &[u8])]) -> Option<usize> {
    let Some(at) = find(output, value) else {
        return (input == output).then_some(0);
    };
    let (before, behind) = (&output[..at], &output[at + value.len()..]);
    forms.iter().find_map(|(start, end)| {
        let kept = before.strip_suffix(&start[..])?;
        let rest = input.strip_prefix(kept)?;
        align(rest, behind.strip_prefix(*end)?, value, forms).map(|count| count + 1)
    })
}

fn cut<'t>(text: &'t [u8], cuts: &[prop::sample::Index]) -> Vec<&'t [u8]> {
    let mut ends: Vec<_> = cuts.iter().map(|cut| cut.index(text.len() + 1)).collect();
    ends.sort_unstable();
    let mut pieces = Vec::new();
    let mut start = 0;
    for end in ends.into_iter().chain([text.len()]) {
        pieces.push(&text[start..end]);
        start = end;
    }
    pieces
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_rewrite_only_inserts(input in input(), dialect in dialects()) {
        let (output, rewrite) = rewrite(&[&input], dialect);
        let count = is_input_with_insertions(&input, &output, VALUE.as_bytes());
        let shown = String::from_utf8_lossy(&output).into_owned();
        prop_assert_eq!(count, Ok(rewrite.changes), "{:?} {}", dialect, shown);
    }

    #[test]
    fn no_cut_changes_a_rewrite(
        input in input(),
        dialect in dialects(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        let whole = rewrite(&[&input], dialect);
        prop_assert_eq!(rewrite(&cut(&input, &cuts), dialect), whole.clone());
        let bytes: Vec<&[u8]> = input.chunks(1).collect();
        prop_assert_eq!(rewrite(&bytes, dialect), whole);
    }

    #[test]
    fn twice_is_once(input in input(), dialect in dialects()) {
        let (once, _) = rewrite(&[&input], dialect);
        let (twice, again) = rewrite(&[&once], dialect);
        prop_assert_eq!(again.changes, 0, "{:?} {}", dialect, String::from_utf8_lossy(&once));
        prop_assert_eq!(twice, once);
    }

    #[test]
    fn utf_16_is_rewritten_as_its_text_is(text in input(), big in any::<bool>(), units in prop::collection::vec(any::<u16>(), 0..3)) {
        let encode = |text: &str| -> Vec<u8> {
            let units = text.encode_utf16().chain(units.iter().copied());
            units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
        };
        let text = String::from_utf8_lossy(&text).replace('\0', "");
        let mark: &[u8] = if big { b"\xfe\xff" } else { b"\xff\xfe" };
        let source = [mark, &encode(&text)].concat();
        let (output, rewrite) = rewrite(&[&source], None);
        // The whole of it decoded and encoded again would lose units that are no characters.
        let value: Vec<u8> = VALUE.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect();
        let found = output.windows(value.len()).filter(|window| *window == value).count();
        prop_assert_eq!(found, rewrite.changes);
        prop_assert!(output.len() >= source.len());
        if rewrite.changes == 0 {
            prop_assert_eq!(output, source);
        } else {
            let narrow = |bytes: &[u8]| -> Vec<u16> {
                bytes[2..].chunks(2).map(|unit| {
                    let unit = [unit[0], *unit.get(1).unwrap_or(&0)];
                    if big { u16::from_be_bytes(unit) } else { u16::from_le_bytes(unit) }
                }).collect()
            };
            // Each unit as three bytes of its own, so that the same comparison serves.
            let wide = |units: Vec<u16>| -> Vec<u8> {
                char::decode_utf16(units).flat_map(|c| c.unwrap_or('\u{fffd}').to_string().into_bytes()).collect()
            };
            let count = is_input_with_insertions(&wide(narrow(&source)), &wide(narrow(&output)), VALUE.as_bytes());
            prop_assert_eq!(count, Ok(rewrite.changes));
        }
    }
}

#[test]
fn random_bytes_come_out_as_they_went_in() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for dialect in Dialect::ALL.iter().copied().map(Some).chain([None]) {
        for _ in 0..40 {
            let bytes: Vec<u8> = (0..600)
                .map(|_| {
                    state ^= state << 13;
                    state ^= state >> 7;
                    state ^= state << 17;
                    state as u8
                })
                .collect();
            // What begins like UTF-16 is another matter.
            let bytes = [b"x".as_slice(), &bytes].concat();
            assert_eq!(rewrite(&[&bytes], dialect).0, bytes);
        }
    }
}

#[test]
fn encodings_that_are_ascii_in_their_markup_pass_untouched() {
    for (head, body) in [
        (
            "<meta charset=shift_jis>",
            &b"\x83\x5c<script a='\x95\x5c'>\x8d\x5c</script>"[..],
        ),
        (
            "<meta charset=gbk>",
            b"\x81\x7b\x81\x7b<script>\xff\xfe</script>",
        ),
        ("<meta charset=windows-1251>", b"\xe0<script>\xe9</script>"),
        ("\u{feff}", b"\xe9<script>\xff</script>"),
        ("", b"\xe9<script>\xff</script>"),
    ] {
        let source = [head.as_bytes(), body].concat();
        let (output, rewrite) = rewrite(&[&source], None);
        assert_eq!(rewrite.changes, 1, "{head}");
        assert_eq!(
            is_input_with_insertions(&source, &output, VALUE.as_bytes()),
            Ok(1)
        );
    }
}

#[test]
fn an_encoding_whose_places_are_lost_is_refused() {
    let mut rewriter = NonceRewriter::new("a", Vec::new(), &options(None));
    rewriter
        .write_all(b"<meta charset=iso-2022-jp><script>\x1b$B</script>")
        .unwrap();
    let error = rewriter.finish().map(|_| ()).unwrap_err();
    assert_eq!(error.kind(), cspseal::ErrorKind::Nonce);
    assert!(error.to_string().contains("ISO-2022-JP"), "{error}");
}
