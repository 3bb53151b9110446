//! `javascript:` URLs: where they stand, and the strings that browsers hash for one.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use url::Url;

use super::element::Element;
use crate::html::names as n;
use crate::html::tree::Namespace;

/// Whether an attribute (lower case) of the element holds a URL that is navigated to.
pub(super) fn is_navigated(element: &dyn Element, attribute: &str) -> bool {
    match (element.namespace(), element.name(), attribute) {
        (Namespace::Html, n::a | n::area, "href")
        | (Namespace::Html, n::form, "action")
        | (Namespace::Html, n::button | n::input, "formaction")
        | (Namespace::Html, n::frame, "src")
        | (Namespace::Svg, n::a, "href")
        // Firefox follows links on every MathML element.
        | (Namespace::MathMl, _, "href") => true,
        (Namespace::Html, n::iframe, "src") => element.attribute("srcdoc").is_none(),
        (Namespace::Svg, n::a, "xlink:href") => element.attribute("href").is_none(),
        // An animation can put the URL into a link.
        (Namespace::Svg, n::set | n::animate, "to" | "from" | "values") => {
            matches!(element.attribute("attributeName").as_deref(), Some("href" | "xlink:href"))
        }
        _ => false,
    }
}

/// The URLs in the value of such an attribute: `values` of an animation is a list.
pub(super) fn urls<'v>(attribute: &str, value: &'v str) -> impl Iterator<Item = &'v str> {
    let list = attribute == "values";
    value.split(move |c| list && c == ';')
}

/// The [fragment percent-encode set](https://url.spec.whatwg.org/#fragment-percent-encode-set).
const FRAGMENT: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`');

/// The strings that browsers hash for a URL, distinct, if it is a `javascript:` one.
///
/// Each hashes the URL as it serialises it, trimmed, without tabs and newlines, the scheme in lower case:
///
/// - Firefox first: percent-encoded are controls and what is not ASCII, in the fragment also what its
///   percent-encode set holds, and the path is left alone (run for every ASCII punctuation in path, query and fragment);
/// - as the URL Standard says, for WebKit (read, not run);
/// - Chromium, which serialises by the URL Standard and percent-decodes (run).
///
/// What the URL Standard does not parse is no URL to any of them (run).
pub(super) fn hashed_strings(value: &str) -> Option<Vec<String>> {
    let stripped = strip(value);
    let (scheme, rest) = stripped.split_once(':')?;
    if !scheme.eq_ignore_ascii_case("javascript") {
        return None;
    }
    let standard = Url::parse(&stripped).ok()?.to_string();
    let decoded = percent_decode(&standard);
    let mut strings = vec![firefox(rest)];
    for string in [standard, decoded] {
        if !strings.contains(&string) {
            strings.push(string);
        }
    }
    Some(strings)
}

/// Firefox's serialisation of the URL whose scheme is followed by `rest`.
fn firefox(rest: &str) -> String {
    let (rest, fragment) = match rest.find('#') {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    let rest = utf8_percent_encode(rest, CONTROLS);
    format!("javascript:{rest}{}", utf8_percent_encode(fragment, FRAGMENT))
}

/// A URL without the C0 controls and spaces at its ends.
pub(super) fn trim(value: &str) -> &str {
    value.trim_matches(|c: char| c <= ' ')
}

/// What the [basic URL parser](https://url.spec.whatwg.org/#concept-basic-url-parser) removes first: C0 controls and spaces around, tabs and newlines anywhere.
pub(super) fn strip(value: &str) -> Cow<'_, str> {
    let trimmed = trim(value);
    if trimmed.contains(['\t', '\n', '\r']) {
        Cow::Owned(trimmed.replace(['\t', '\n', '\r'], ""))
    } else {
        Cow::Borrowed(trimmed)
    }
}

/// Chromium's decoding of a `javascript:` URL: escapes to bytes, and those as UTF-8 if all of them are valid, else each as the
/// character of that number (run).
fn percent_decode(url: &str) -> String {
    let bytes: Vec<u8> = percent_encoding::percent_decode_str(url).collect();
    String::from_utf8(bytes).unwrap_or_else(|error| error.as_bytes().iter().copied().map(char::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashed(value: &str) -> Vec<String> {
        hashed_strings(value).unwrap()
    }

    #[test]
    fn the_scheme_is_found_as_browsers_find_it() {
        assert_eq!(hashed(" \n javascript:ran(1) \t"), ["javascript:ran(1)"]);
        assert_eq!(hashed("JaVa\nScRiPt:ran(1);  "), ["javascript:ran(1);"]);
        assert_eq!(hashed("javascript:"), ["javascript:"]);
        assert_eq!(hashed_strings("java script:x"), None);
        assert_eq!(hashed_strings("x.html#javascript:1"), None);
        assert_eq!(hashed_strings("\u{a0}javascript:1"), None);
    }

    #[test]
    fn every_spelling_is_given_where_browsers_differ() {
        assert_eq!(hashed("javascript:ran('a%20b')"), ["javascript:ran('a%20b')", "javascript:ran('a b')"]);
        assert_eq!(hashed("javascript:ran('é')"), ["javascript:ran('%C3%A9')", "javascript:ran('é')"]);
        assert_eq!(hashed("javascript:ran('%E9')"), ["javascript:ran('%E9')", "javascript:ran('é')"]);
        assert_eq!(hashed("javascript:/a/../b/;ran(1)"), ["javascript:/a/../b/;ran(1)", "javascript:/b/;ran(1)"]);
        assert_eq!(hashed("javascript:r('\u{1}\u{7f}')"), ["javascript:r('%01%7F')", "javascript:r('\u{1}\u{7f}')"]);
    }

    #[test]
    fn an_escape_that_is_not_utf8_makes_chromium_read_all_of_the_url_as_latin1() {
        let chromium = |value| hashed(value).pop().unwrap();
        assert_eq!(chromium("javascript:r(`é%E9`)"), "javascript:r(`Ã©é`)");
        assert_eq!(chromium("javascript:r(`%C3x세`)"), "javascript:r(`Ãxì\u{84}¸`)");
        assert_eq!(chromium("javascript:r(`%ED%A0%80`)"), "javascript:r(`í\u{a0}\u{80}`)");
        assert_eq!(chromium("javascript:r(`%EF%BF%BFé`)"), "javascript:r(`\u{ffff}é`)");
    }

    #[test]
    fn query_and_fragment_are_spelled_like_in_firefox_and_the_standard() {
        assert_eq!(
            hashed("javascript:r('a?b c#d \"e')"),
            ["javascript:r('a?b c#d%20%22e')", "javascript:r('a?b%20c#d%20%22e')", "javascript:r('a?b c#d \"e')"]
        );
    }

    #[test]
    fn what_is_no_url_is_not_hashed() {
        assert_eq!(hashed_strings("javascript://a b%0aran(1)"), None);
        assert_eq!(hashed("javascript://%0aran(1)")[0], "javascript://%0aran(1)");
    }
}
