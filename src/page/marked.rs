//! Template code in texts that hold URLs: where it stands, and what is certain of a URL that goes on with it.

use std::ops::Range;

use crate::page::request::told;

/// Begins what stands in place of template code in a URL: a control character of two bytes, which may stand in each token of CSS
/// that holds a URL, and in no URL that somebody wrote.
pub(super) const CODE: char = '\u{87}';

/// The same text with template code marked where `may_be_url` says so, which gets the text between each and the one before it.
/// Elsewhere it is what its filler is. [`None`] if it is not known where the code stands in the text.
pub(super) fn marked(text: &str, code: &[Range<usize>], mut may_be_url: impl FnMut(&str) -> bool) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut end = 0;
    for span in code {
        let span = span.start..span.end.min(text.len());
        let filler = text.get(span.clone())?;
        let is_filler = |byte: u8| matches!(byte, b' ' | b'\n' | b'\r' | b'x' | b'/');
        if !filler.bytes().all(is_filler) || filler.len() < CODE.len_utf8() {
            return None;
        }
        let before = text.get(end..span.start)?;
        out.push_str(before);
        if may_be_url(before) {
            out.push(CODE);
            let rest = filler.len() - CODE.len_utf8();
            out.extend(std::iter::repeat_n('x', rest));
        } else {
            out.push_str(filler);
        }
        end = span.end;
    }
    out.push_str(&text[end..]);
    Some(out)
}

/// The same where code may be in place of whatever is blank.
pub(super) fn marked_blanks(text: &str, may_be_url: impl FnMut(&str) -> bool) -> Option<String> {
    let mut blanks: Vec<Range<usize>> = Vec::new();
    for at in memchr::memchr_iter(b' ', text.as_bytes()) {
        match blanks.last_mut() {
            Some(blank) if blank.end == at => blank.end += 1,
            _ => blanks.push(at..at + 1),
        }
    }
    blanks.retain(|blank| blank.len() >= CODE.len_utf8());
    marked(text, &blanks, may_be_url)
}

/// What is certain of a URL in a marked text: all of it without code. Otherwise it is the text before the code if that names the
/// origin, up to the last part of the path, which may go on. A URL that begins with code may lead anywhere.
pub(super) fn certain(url: &str) -> Option<&str> {
    let Some(at) = url.find(CODE) else {
        return Some(url);
    };
    let known = &url[..at];
    let scheme = told(known);
    if scheme.len() < known.len() {
        return Some(scheme);
    }
    let is_in_scheme = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    let end = known.find(|c| !is_in_scheme(c));
    let rest = match end {
        Some(end) if known[end..].starts_with(':') => {
            let schemes = ["http", "https", "ws", "wss"];
            let is_it = |it: &str| known[..end].eq_ignore_ascii_case(it);
            schemes.into_iter().find(|it| is_it(it))?;
            &known[end + 1..]
        }
        // The code may end a scheme that begins here.
        None if known.is_empty() || known.starts_with(|c: char| c.is_ascii_alphabetic()) => {
            return None;
        }
        _ => known,
    };
    // Browsers take one for the other.
    let slashes = ['/', '\\'];
    let mut parts = rest.splitn(4, slashes);
    match (parts.next()?, parts.next(), parts.next()) {
        // Of the host nothing may be left to the code, neither of the slashes before it.
        ("", Some(""), Some(authority)) => {
            let is_whole = parts.next().is_some() || authority.contains(['?', '#']);
            if authority.is_empty() || authority.starts_with(['?', '#']) || !is_whole {
                return None;
            }
        }
        ("", Some(""), None) => return None,
        _ if rest.len() < known.len() => return None,
        _ => {}
    }
    if known.contains(['?', '#']) {
        return Some(known);
    }
    Some(known.rfind(slashes).map_or("./", |at| &known[..=at]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_before_code_is_certain() {
        for (url, expected) in [
            ("https://a.test/b.png", Some("https://a.test/b.png")),
            ("https://a.test/@.png", Some("https://a.test/")),
            ("HTTPS://a.test:8080/b/c@", Some("HTTPS://a.test:8080/b/")),
            ("https://a.test?b=@", Some("https://a.test?b=")),
            ("https://a.test/b/c#@", Some("https://a.test/b/c#")),
            ("https:\\\\a.test\\b\\@", Some("https:\\\\a.test\\b\\")),
            ("//a.test/@", Some("//a.test/")),
            ("wss://a.test/@", Some("wss://a.test/")),
            ("data:image/png;base64,@", Some("data:")),
            ("/static/@.png", Some("/static/")),
            ("/b@", Some("/")),
            ("img/@", Some("img/")),
            ("../@", Some("../")),
            ("./@", Some("./")),
            ("_b@", Some("./")),
            ("1@", Some("./")),
            ("b?c=@", Some("b?c=")),
            ("?@", Some("?")),
            ("@", None),
            ("@/b.png", None),
            ("https://@/b", None),
            ("https://a@.test/b", None),
            ("https://a.test@", None),
            ("https://a.test:@", None),
            ("https:///@", None),
            ("https://?@", None),
            ("https:/@", None),
            ("https:b/@", None),
            ("http@", None),
            ("http@://a.test/", None),
            ("img@", None),
            ("//@", None),
            ("///a/@", None),
            ("/@", None),
            ("\\@", None),
            ("mailto:@", None),
        ] {
            let url = url.replace('@', "\u{87}xx");
            assert_eq!(certain(&url), expected, "{url}");
        }
    }
}
