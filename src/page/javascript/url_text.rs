//! Texts in scripts that are URLs, and what a URL is fetched as by its name.
//!
//! A script holds many texts with `//`, and few are addresses that it asks for. Only a text that is an absolute URL as a whole counts.

use url::Url;

use crate::page::Destination;

/// URLs that name a thing and are not fetched, by their beginnings, each with the document that says so.
const NAMES: &[(&str, &str)] = &[
    ("http://www.w3.org/", "https://infra.spec.whatwg.org/#namespaces"),
    ("http://xml.apache.org/", "https://xml.apache.org/xalan-j/extensions.html"),
    ("http://purl.org/", "https://www.dublincore.org/specifications/dublin-core/dcmi-terms/"),
    ("http://ns.adobe.com/", "https://developer.adobe.com/xmp/docs/XMPNamespaces/"),
    ("http://www.inkscape.org/namespaces/", "https://inkscape.org/develop/about-svg/"),
    ("http://sodipodi.sourceforge.net/DTD/", "https://inkscape.org/develop/about-svg/"),
    ("http://schema.org", "https://schema.org/docs/gs.html"),
    ("https://schema.org", "https://schema.org/docs/gs.html"),
    ("http://json-schema.org/", "https://json-schema.org/understanding-json-schema/reference/schema"),
    ("https://json-schema.org/", "https://json-schema.org/understanding-json-schema/reference/schema"),
    ("http://ogp.me/ns", "https://ogp.me/"),
    ("https://ogp.me/ns", "https://ogp.me/"),
    // Pages that a message in the console leads to.
    ("https://reactjs.org/docs/error-decoder", "https://react.dev/errors"),
    ("https://react.dev/errors", "https://react.dev/errors"),
];

/// The destinations of files, by the extensions of their names.
const EXTENSIONS: &[(Destination, &[&str])] = &[
    (Destination::Script, &["js", "mjs"]),
    (Destination::Style, &["css"]),
    (Destination::Image, &["apng", "avif", "bmp", "gif", "ico", "jpeg", "jpg", "png", "svg", "webp"]),
    (Destination::Font, &["eot", "otf", "ttf", "woff", "woff2"]),
    (
        Destination::Media,
        &["aac", "flac", "m4a", "m4v", "mov", "mp3", "mp4", "oga", "ogg", "ogv", "vtt", "wav", "webm"],
    ),
];

/// The URL in a text, if it is absolute, or only lacks the scheme, and names a host with a dot or a port. Of a text that goes on
/// with something unknown the origin must be complete: `https://host/`.
pub(super) fn absolute_url(text: &str, goes_on: bool) -> Option<&str> {
    let text = text.trim_matches(|c: char| c <= ' ');
    let at = text.find("//")?;
    let scheme = text[..at].to_ascii_lowercase();
    if !matches!(&*scheme, "" | "http:" | "https:" | "ws:" | "wss:") {
        return None;
    }
    let rest = &text[at + 2..];
    let end = rest.find(['/', '?', '#']);
    let authority = &rest[..end.unwrap_or(rest.len())];
    let is_whole = end.is_some_and(|end| rest.as_bytes()[end] == b'/') || !goes_on;
    let is_host = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | ':');
    let (name, port) = authority.split_once(':').unwrap_or((authority, ""));
    let mut labels = name.trim_end_matches('.').split('.');
    // Something is added to a name that ends so.
    let is_whole = is_whole && (end.is_some() || !name.ends_with('.'));
    let has_dot = name.contains('.') && labels.all(|label| !label.is_empty());
    if !is_whole
        || !authority.chars().all(is_host)
        || !(has_dot || name == "localhost" && !port.is_empty())
        || text.contains(|c: char| c.is_whitespace() || "<>\"\\".contains(c))
        || NAMES.iter().any(|(name, _)| text.starts_with(name))
    {
        return None;
    }
    let url = match at {
        0 => Url::parse(&format!("https:{text}")),
        _ => Url::parse(text),
    };
    url.is_ok().then_some(text)
}

/// The most bytes of a URL that is looked for without a parser.
const LONGEST_QUOTED: usize = 2048;

/// The URLs that stand in quotes in a script, each with the byte at which its quote stands.
pub(super) fn quoted_urls(script: &str) -> impl Iterator<Item = (String, u32)> {
    let bytes = script.as_bytes();
    memchr::memchr_iter(b'/', bytes).filter_map(move |at| {
        let start = &script[..at];
        let start = start.strip_suffix('\\').unwrap_or(start);
        let mut schemes = ["https:", "http:", "wss:", "ws:", ""].into_iter();
        let scheme = schemes.find(|it| start.ends_with(it))?;
        let open = start.len().checked_sub(scheme.len() + 1)?;
        let quote = bytes[open];
        if !b"\"'`".contains(&quote) {
            return None;
        }
        let rest = &bytes[open + 1..bytes.len().min(open + LONGEST_QUOTED)];
        let end = memchr::memchr3(quote, b'\n', b'$', rest)?;
        if rest[end] != quote {
            return None;
        }
        let text = script[open + 1..open + 1 + end].replace("\\/", "/");
        absolute_url(&text, false).map(|url| (url.to_owned(), open as u32))
    })
}

/// The destination that a URL shows by the end of its path; `end` is that of the whole text, where only its beginning is known.
pub(super) fn by_name(url: &str, end: &str) -> Option<Destination> {
    let scheme = url.split("//").next().unwrap_or_default();
    if scheme.eq_ignore_ascii_case("ws:") || scheme.eq_ignore_ascii_case("wss:") {
        return Some(Destination::Connect);
    }
    let path = |text: &str| text.split(['?', '#']).next().unwrap_or_default().to_owned();
    let of = |path: &str| {
        let file = path.rsplit('/').next().unwrap_or_default();
        let extension = file.rsplit_once('.').map(|(_, extension)| extension);
        let extension = extension.unwrap_or_default().to_ascii_lowercase();
        let mut known = EXTENSIONS.iter();
        let known = known.find(|(_, all)| all.contains(&&*extension));
        known.map(|(destination, _)| *destination)
    };
    let after_host = url.splitn(4, '/').nth(3).unwrap_or_default();
    of(&path(after_host)).or_else(|| of(&path(end))).or_else(|| {
        // Loaders such as /gtag/js?id= and /css?family= have no extension.
        match path(after_host).rsplit('/').next() {
            Some("js") => Some(Destination::Script),
            Some("css" | "css2") => Some(Destination::Style),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_texts_that_are_absolute_urls_count() {
        for url in [
            "https://a.test",
            "HTTP://a.test:8080/b?c#d",
            "//a.test/b",
            "wss://a.test/b",
            "http://localhost:3000",
            "http://127.0.0.1/",
            "https://bücher.example/",
        ] {
            assert_eq!(absolute_url(url, false), Some(url));
        }
        assert_eq!(absolute_url(" https://a.test\n", false), Some("https://a.test"));
        for text in [
            "",
            "//",
            "// a comment. And more",
            "//a",
            "/a//b.test/",
            "https://",
            "https://a/b",
            "http://localhost/",
            "https://.a.test./..",
            "https://a..test/",
            "https://ssl.",
            "//a.b.",
            "https://{s}.tile.test/{z}.png",
            "https://*.a.test/",
            "https://me@a.test/",
            "ftp://a.test/",
            "see https://a.test/",
            "https://a.test/ and more",
            "<a href=//a.test>",
            "http://www.w3.org/2000/svg",
            "https://schema.org",
        ] {
            assert_eq!(absolute_url(text, false), None, "{text}");
        }
        assert_eq!(absolute_url("https://a.test/", true), Some("https://a.test/"));
        for text in ["https://a.test", "https://a.test?b=", "//a.test:80"] {
            assert_eq!(absolute_url(text, true), None, "{text}");
        }
    }

    #[test]
    fn urls_in_quotes_are_found_without_a_parser() {
        let found = |script: &str| quoted_urls(script).collect::<Vec<_>>();
        let url = |url: &str, at| (url.to_owned(), at);
        let script = "a='https://a.test/b';é=\"//c.test\",d=`wss:\\/\\/e.test\\/`;'x//y.test/'";
        let expected = [url("https://a.test/b", 2), url("//c.test", 24), url("wss://e.test/", 37)];
        assert_eq!(found(script), expected);
        for script in [
            "",
            "/",
            "'/",
            "//a.test/",
            "'//a.test/",
            "'//a.test/\n'",
            "`//a.test/${b}`",
            "'// a comment'",
            "é//a.test/",
        ] {
            assert_eq!(found(script), [], "{script}");
        }
        let long = format!("'//a.test/{}'", "a".repeat(LONGEST_QUOTED));
        assert_eq!(found(&long), []);
    }

    #[test]
    fn a_name_shows_the_destination() {
        use Destination::{Connect, Font, Image, Media, Script, Style};
        for (url, end, expected) in [
            ("https://a.test/b.js?c=d.png", "", Some(Script)),
            ("//a.test/gtag/js?id=", "", Some(Script)),
            ("https://a.test/b.MJS#c", "", Some(Script)),
            ("https://a.test/css2?family=B", "", Some(Style)),
            ("https://a.test/b.css", "", Some(Style)),
            ("https://a.test/b/c.svg", "", Some(Image)),
            ("https://a.test/b.woff2", "", Some(Font)),
            ("https://a.test/b.mp4", "", Some(Media)),
            ("https://a.test/b/", ".min.js?v=1", Some(Script)),
            ("wss://a.test/b.js", "", Some(Connect)),
            ("https://a.js", "", None),
            ("https://a.test/b.json", "", None),
            ("https://a.test/", "/b", None),
        ] {
            assert_eq!(by_name(url, end), expected, "{url}");
        }
    }
}
