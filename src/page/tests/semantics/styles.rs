//! Which style elements are checked.

use super::*;

#[test]
fn every_type_is_checked_and_so_is_the_empty_one() {
    for attributes in ["", "type=text/css", "type=' text/css'", "type=text/less", "type=''", "media=print", "disabled"]
    {
        style(format!("<style {attributes}>p{{}}</style>"), "p{}");
    }
    style("<style></style>", "");
    style("<style> </style>", " ");
    style("<svg><style>a&lt;{}<g>b{}</g>c{}</style></svg>", "a<{}c{}");
    style("<svg><style></style></svg>", "");
    style("<svg><style/></svg>", "");
}

#[test]
fn an_unclosed_style_applies() {
    style("<p><style>p{}", "p{}");
    style("<p><style>p{}</style", "p{}</style");
    style("<p><style>p{}</sty", "p{}</sty");
    style("<svg><style>p{}", "p{}");
    style("<svg><style>p{}</svg>", "p{}");
    style("<svg><style>p{}<p>", "p{}");
}

#[test]
fn noscript_has_styles_only() {
    hashes(
        "<noscript><style>p{}</style><p style=a onclick=b><a href='javascript:c'><script>d</script></noscript>",
        &[(Style, "p{}"), (StyleAttribute, "a")],
    );
    let page = scan(b"<head><noscript>\n<style>p{}</style></noscript>", &ScanOptions::new());
    assert_eq!(nth(&page, 0).nested, [Nesting::Noscript]);
    assert_eq!(nth(&page, 0).location, Location { line: 2, column: 1 });
}

#[test]
fn what_looks_like_the_end_of_noscript_is_text_where_the_page_ends() {
    for end in ["<", "</", "</noscript"] {
        style(format!("<noscript><style>p{{}}{end}"), &format!("p{{}}{end}"));
    }
    style("<noscript><style>p{}</noscript ", "p{}");
    style("<noscript><style>p{}</noscript x", "p{}");
}
