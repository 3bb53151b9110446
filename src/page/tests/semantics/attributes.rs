//! Handlers and style attributes.

use super::*;

#[test]
fn handlers_and_styles_of_every_element_are_checked() {
    hashes("<p onclick=a style=b>", &[(EventHandler, "a"), (StyleAttribute, "b")]);
    hashes("<x-y ONCLICK=a>", &[(EventHandler, "a")]);
    hashes(
        "<svg onload=a><circle style=b></svg><math onclick=c><mi style=d>",
        &[(EventHandler, "a"), (StyleAttribute, "b"), (EventHandler, "c"), (StyleAttribute, "d")],
    );
    hashes("<link rel=stylesheet href=x onload=\"this.media='all'\">", &[(EventHandler, "this.media='all'")]);
    hashes("<p/onclick=a>", &[(EventHandler, "a")]);
    hashes("<p class='x'onclick=a>", &[(EventHandler, "a")]);
}

#[test]
fn empty_attributes_are_checked() {
    hashes("<p style='' onclick>", &[(StyleAttribute, ""), (EventHandler, "")]);
    hashes("<p style=' '>", &[(StyleAttribute, " ")]);
}

#[test]
fn other_names_are_not_checked() {
    nothing("<p onfoo=a on=b data-onclick=c =onclick=d xstyle=e onclicks=f>");
    nothing("<p onhashchange=a>");
    hashes(
        "<body onhashchange=a><input onsearch=b><video onencrypted=c><p onsearch=d>",
        &[(EventHandler, "a"), (EventHandler, "b"), (EventHandler, "c")],
    );
    nothing("</p onclick=a style=b>");
}

#[test]
fn the_first_of_duplicate_attributes_wins() {
    hashes("<p onclick=a ONCLICK=b style=c style=d>", &[(EventHandler, "a"), (StyleAttribute, "c")]);
}

#[test]
fn attributes_merge_into_html_and_body() {
    hashes("<html style=a><p><html style=b onclick=c><html onclick=d>", &[(StyleAttribute, "a"), (EventHandler, "c")]);
    hashes("<p><html style=a><html style=b>", &[(StyleAttribute, "a")]);
    hashes("<body onload=a><div><body onload=b onclick=c>", &[(EventHandler, "a"), (EventHandler, "c")]);
    nothing("<template><body onload=a></template><p>x<head onclick=b>");
}

#[test]
fn tags_that_make_no_element_are_not_checked() {
    nothing("<p></p><tr onclick=a><td onclick=b><caption onclick=c><head onclick=d><col onclick=e>");
    hashes("<form onsubmit=a><form onsubmit=b></form></form>", &[(EventHandler, "a")]);
    hashes("<table><tr onclick=a><td onclick=b></table>", &[(EventHandler, "a"), (EventHandler, "b")]);
    nothing("<p>x<frameset onload=a>");
    hashes("<template><tr onclick=a></template>", &[(EventHandler, "a")]);
}

#[test]
fn places_are_those_of_the_attributes() {
    let page =
        scan("<p>\n<é-x a=b\n  onclick=c>".as_bytes(), &ScanOptions::new().with_charset(Some(encoding_rs::UTF_8)));
    assert_eq!(page.inlines().count(), 0);
    let page =
        scan("<p>日\r\n<b a='é'\n  onclick=c>".as_bytes(), &ScanOptions::new().with_charset(Some(encoding_rs::UTF_8)));
    assert_eq!(nth(&page, 0).location, Location { line: 3, column: 3 });
    assert_eq!(nth(&page, 0).source, Some("onclick=c>"));
    let page = scan(
        "<i>日</i><b onclick=c><script>x</script>".as_bytes(),
        &ScanOptions::new().with_charset(Some(encoding_rs::UTF_8)),
    );
    assert_eq!(nth(&page, 0).location, Location { line: 1, column: 12 });
    assert_eq!(nth(&page, 1).location, Location { line: 1, column: 22 });
}
