//! What holds for the rewrite of any bytes: it inserts and nothing else, wherever the input is cut, and once is enough.

#[path = "../../properties/rewrite.rs"]
mod properties;

use std::io::Write as _;

use cspseal::edit::nonce::NonceRewriter;
use cspseal::template::Dialect;
use properties::{options, rewrite};
use proptest::prelude::*;

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

/// Beginnings and ends of code around tags, so few that they meet.
const DELIMITERS: &[&str] = &[
    "{{",
    "}}",
    "{%",
    "%}",
    "{#",
    "#}",
    "{{{",
    "}}}",
    "{!!",
    "!!}",
    "{",
    "}",
    "<%",
    "%>",
    "${",
    "<?= ",
    "?>",
    "@",
    "@{",
    "@(",
    "@if (a) {",
    "(",
    ")",
    "[[",
    "]]",
    "{{=<% %>=}}",
    "{{=\" n=}}",
    "\\",
    "##",
    "% ",
    "\n",
    " ",
    "\"",
    "'",
    "<s>",
    "</s>",
    "a",
    "<p a=\"",
];

fn around_tags() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        3 => prop::sample::select(DELIMITERS),
        1 => prop::sample::select(&["<script>", "</script>", "<style>", "</style>", "<script nonce>", "<script nonce=\"\">"][..]),
    ];
    prop::collection::vec(piece, 1..14).prop_map(|pieces| pieces.concat().into_bytes())
}

fn dialects() -> impl Strategy<Value = Option<Dialect>> {
    let all = Dialect::ALL.iter().copied().map(Some).chain([None]);
    prop::sample::select(all.collect::<Vec<_>>())
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
    fn a_rewrite_only_inserts_wherever_it_is_cut_and_once_is_enough(
        input in input(),
        dialect in dialects(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        properties::check(&cut(&input, &cuts), &options(dialect));
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
        let (output, rewrite) = rewrite(&[&source], &options(None)).unwrap();
        prop_assert_eq!(properties::insertions(&source, &output), Ok(rewrite.changes));
        prop_assert!(output.len() >= source.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_code_of_a_template_stays_what_it_is(input in input(), around in around_tags()) {
        for dialect in Dialect::ALL {
            properties::check_code(&input, *dialect);
            properties::check_code(&around, *dialect);
        }
    }
}

#[test]
fn a_tag_of_another_branch_has_its_quotes_to_itself() {
    for (source, count) in [
        ("<script>{{ a }}<script b>", 2),
        ("<script>{{ a }}<script b=\"\n<script>", 1),
        ("<script>{{ a }}<script b=\"<script>\"><script c>", 3),
        ("<script>{{ a }}<script b='<script>", 1),
        ("<script>{{ a }}<script b=\"</script><script>", 2),
        ("<style>{{ a }}<style b=\"</STYLE><script></script><{{ c }}<script>", 2),
        ("<style>{{ a }}<script></style><{{ c }}<style>", 2),
    ] {
        let options = options(Some(Dialect::Twig));
        properties::check(&[source.as_bytes()], &options);
        let (_, rewritten) = rewrite(&[source.as_bytes()], &options).unwrap();
        assert_eq!(rewritten.changes, count, "{source}");
    }
}

#[test]
fn quotes_in_code_and_markup_of_razor_stay_apart() {
    let source = b"@{<s><\"<script>\"x</script>-<script>";
    properties::check(&[source], &options(Some(Dialect::Razor)));
    properties::check_code(source, Dialect::Razor);
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
            let (output, _) = rewrite(&[&bytes], &options(dialect)).unwrap();
            assert_eq!(output, bytes);
        }
    }
}

#[test]
fn encodings_that_are_ascii_in_their_markup_pass_untouched() {
    for (head, body) in [
        ("<meta charset=shift_jis>", &b"\x83\x5c<script a='\x95\x5c'>\x8d\x5c</script>"[..]),
        ("<meta charset=gbk>", b"\x81\x7b\x81\x7b<script>\xff\xfe</script>"),
        ("<meta charset=windows-1251>", b"\xe0<script>\xe9</script>"),
        ("\u{feff}", b"\xe9<script>\xff</script>"),
        ("", b"\xe9<script>\xff</script>"),
    ] {
        let source = [head.as_bytes(), body].concat();
        let (output, rewrite) = rewrite(&[&source], &options(None)).unwrap();
        assert_eq!(rewrite.changes, 1, "{head}");
        assert_eq!(properties::insertions(&source, &output), Ok(1));
    }
}

#[test]
fn an_encoding_whose_places_are_lost_is_refused() {
    let mut rewriter = NonceRewriter::new("a", Vec::new(), &options(None));
    rewriter.write_all(b"<meta charset=iso-2022-jp><script>\x1b$B</script>").unwrap();
    let error = rewriter.finish().map(|_| ()).unwrap_err();
    assert_eq!(error.kind(), cspseal::ErrorKind::Nonce);
    assert!(error.to_string().contains("ISO-2022-JP"), "{error}");
}
