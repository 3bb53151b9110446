//! `javascript:` URLs: where they stand, and the strings that browsers hash for one.

use std::borrow::Cow;

use percent_encoding::{CONTROLS, utf8_percent_encode};
use url::Url;

use crate::html::names as n;
use crate::html::scan::Element;
use crate::html::tree::Namespace;

/// Whether an attribute (lower case) of the element holds a URL that is navigated to.
pub(super) fn is_navigated(element: &Element<'_>, attribute: &str) -> bool {
    match (element.namespace, element.name, attribute) {
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
            matches!(element.attribute("attributename").as_deref(), Some("href" | "xlink:href"))
        }
        _ => false,
    }
}

/// The URLs in the value of such an attribute: `values` of an animation is a list.
pub(super) fn urls<'v>(attribute: &str, value: &'v str) -> impl Iterator<Item = &'v str> {
    let list = attribute == "values";
    value.split(move |c| list && c == ';')
}

/// The strings that browsers hash for a URL, distinct, if it is a `javascript:` one.
///
/// Firefox hashes the URL as it serialises it: trimmed, without tabs and newlines, the scheme in lower case, the rest
/// percent-encoded where it is a control or not ASCII, the path left alone. Chromium serialises by the URL Standard and
/// percent-decodes. Seen in both for every `javascript:` page of the browser cases.
pub(super) fn hashed_strings(value: &str) -> Option<Vec<String>> {
    let stripped = strip(value);
    let (scheme, rest) = stripped.split_once(':')?;
    if !scheme.eq_ignore_ascii_case("javascript") {
        return None;
    }
    let simple = format!("javascript:{}", utf8_percent_encode(rest, CONTROLS));
    let standard = match Url::parse(&stripped) {
        Ok(url) => url.to_string(),
        Err(_) => simple.clone(),
    };
    let decoded = percent_decode(&standard);
    let mut strings = vec![simple];
    if strings[0] != decoded {
        strings.push(decoded);
    }
    Some(strings)
}

/// What the [basic URL parser](https://url.spec.whatwg.org/#concept-basic-url-parser) removes first: C0 controls and spaces around, tabs and newlines anywhere.
fn strip(value: &str) -> Cow<'_, str> {
    let trimmed = value.trim_matches(|c: char| c <= ' ');
    if trimmed.contains(['\t', '\n', '\r']) {
        Cow::Owned(trimmed.replace(['\t', '\n', '\r'], ""))
    } else {
        Cow::Borrowed(trimmed)
    }
}

/// Chromium's decoding of a `javascript:` URL: escapes to bytes, bytes as UTF-8, and each byte that
/// is not part of valid UTF-8 as the character of that number.
fn percent_decode(url: &str) -> String {
    let bytes: Vec<u8> = percent_encoding::percent_decode_str(url).collect();
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|&byte| char::from(byte)));
    }
    text
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
    fn both_spellings_are_given_where_they_differ() {
        assert_eq!(
            hashed("javascript:ran('a%20b')"),
            ["javascript:ran('a%20b')", "javascript:ran('a b')"]
        );
        assert_eq!(
            hashed("javascript:ran('é')"),
            ["javascript:ran('%C3%A9')", "javascript:ran('é')"]
        );
        assert_eq!(
            hashed("javascript:ran('%E9')"),
            ["javascript:ran('%E9')", "javascript:ran('é')"]
        );
        assert_eq!(
            hashed("javascript:/a/../b/;ran(1)"),
            ["javascript:/a/../b/;ran(1)", "javascript:/b/;ran(1)"]
        );
        assert_eq!(
            hashed("javascript:ran('\u{1}\u{7f}')"),
            ["javascript:ran('%01%7F')", "javascript:ran('\u{1}\u{7f}')"]
        );
    }
}
