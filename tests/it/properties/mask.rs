//! What holds for the mask of any bytes in any dialect.

#[path = "../../properties/mask.rs"]
mod properties;

use cspseal::template::{Dialect, Mask, mask};
use proptest::prelude::*;

/// What makes lexers change their mind.
const PIECES: &[&str] = &[
    "{{",
    "}}",
    "{%",
    "%}",
    "{#",
    "#}",
    "{{{",
    "}}}",
    "{{{{",
    "}}}}",
    "{{!--",
    "--}}",
    "{{/*",
    "*/}}",
    "{{- ",
    " -}}",
    "<%",
    "%>",
    "<%%",
    "%%>",
    "<%=",
    "<%--",
    "--%>",
    "-%>",
    "_%>",
    "<?php ",
    "<?=",
    "?>",
    "${",
    "#{",
    "}",
    "{",
    "(",
    ")",
    "[",
    "]",
    "\"",
    "'",
    "`",
    "\"\"\"",
    "\\",
    "\n",
    "\r\n",
    "\r",
    " ",
    "#",
    "//",
    "/*",
    "*/",
    "@",
    "@*",
    "*@",
    "@{",
    "@(",
    "@@",
    "@if (a) {",
    "@if(a)",
    "@foreach (var i in x) {",
    "f();",
    ":",
    "@php",
    "@endphp",
    "@verbatim",
    "@endverbatim",
    "@section a {",
    "@:",
    "{{--",
    "{!!",
    "!!}",
    "% ",
    "## ",
    "%%",
    "<%text>",
    "</%text>",
    "<%doc>",
    "</%doc>",
    "{% raw %}",
    "{% endraw %}",
    "{% verbatim %}",
    "{% endverbatim %}",
    "{% comment %}",
    "{% endcomment %}",
    "{{{{raw}}}}",
    "{{{{/raw}}}}",
    "{{=<% %>=}}",
    "<%={{ }}=%>",
    "{{=| |=}}",
    "|",
    "<<<A\n",
    "\nA;",
    "r/",
    "/",
    "!",
    "~",
    "-",
    "<!--/*",
    "*/-->",
    "<!--/*/",
    "/*/-->",
    "[[",
    "[(${",
    ")]",
    "]]",
    "a",
    "b",
    "1",
    "=",
    "<",
    ">",
    "<p ",
    "</p>",
    "<script>",
    "</script>",
    "<style",
    "<!--",
    "-->",
    "<svg>",
    "é",
    "$",
    "?",
    "??",
    ".",
    ";",
];

fn input() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        20 => prop::sample::select(PIECES).prop_map(|p| p.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 1..4),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn masks_keep_length_newlines_and_text_however_they_are_cut(
        text in input(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let mut ends: Vec<_> = cuts.iter().map(|cut| cut.index(text.len() + 1)).collect();
        ends.sort_unstable();
        for &dialect in Dialect::ALL {
            properties::check(dialect, &text, &ends);
        }
    }

    #[test]
    fn text_without_delimiters_is_left_alone(text in "[a-zA-Z0-9 .,;:=\"'<>/&!?\\n()-]*") {
        for &dialect in Dialect::ALL {
            // What these characters can spell: `<?`, a comment, and in JSP the tag of an action such as `<c:if`.
            let is_action = |at: &str| {
                at.trim_start_matches(['/'])
                    .trim_start_matches(|c: char| c.is_ascii_alphanumeric())
                    .starts_with(':')
            };
            let has_action = text.split('<').skip(1).any(is_action);
            let delimited = text.contains("<?") || text.contains("<!--");
            let is_special = delimited || dialect == Dialect::Jsp && has_action;
            if !is_special {
                let masked = mask(dialect, text.as_bytes());
                prop_assert_eq!(&masked.bytes, text.as_bytes(), "{}", dialect);
                prop_assert_eq!(masked.spans, vec![], "{}", dialect);
            }
        }
    }
}

#[test]
fn a_construct_of_any_length_is_not_held() {
    for (dialect, begin, end) in [
        (Dialect::Jinja, "{{ '", "' }}"),
        (Dialect::Django, "{% comment %}", "{% endcomment %}"),
        (Dialect::Php, "<?php /*", "*/ ?>"),
        (Dialect::Erb, "<% ", " %>"),
    ] {
        let mut mask = Mask::new(dialect);
        let mut len = 0;
        let mut held = 0;
        let mut written = 0;
        let filling = [b'a'; 4096];
        for piece in [begin.as_bytes()].into_iter().chain([&filling[..]; 64]).chain([end.as_bytes()]) {
            mask.write(piece, &mut |b| len += b.len());
            written += piece.len();
            held = held.max(written - len);
        }
        mask.end(&mut |b| len += b.len());
        assert_eq!(len, written);
        assert!(held < 32, "{dialect} holds {held}");
        assert_eq!(mask.spans().count(), 1);
        assert_eq!(mask.problems().count(), 0);
    }
}
