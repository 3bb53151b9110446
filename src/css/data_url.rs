//! Style sheets in `data:` URLs, and what they fetch. Nothing is relative to such a URL.

use data_url::DataUrl;
use encoding_rs::UTF_8;
use url::Url;

use super::walk::fetches;
use super::{FetchKind, Grammar, encoding};

/// How deep sheets in `data:` URLs are followed that import each other. Each level escapes the one inside once more.
const MOST_LEVELS: usize = 8;

/// Hands the fetches of the style sheet in a URL to `take`, if it is a `data:` URL with one, and those of the sheets in `data:` URLs
/// that this imports. The URLs are absolute.
pub(crate) fn data_fetches(url: &str, take: &mut dyn FnMut(FetchKind, &str)) {
    let mut waiting = vec![(url.to_owned(), 0)];
    while let Some((url, level)) = waiting.pop() {
        let Some(sheet) = sheet(&url) else { continue };
        fetches(&sheet, Grammar::Sheet, &mut |fetch| {
            if Url::parse(fetch.url).is_err() {
                return;
            }
            if fetch.kind == FetchKind::StyleSheet && level < MOST_LEVELS {
                waiting.push((fetch.url.to_owned(), level + 1));
            }
            take(fetch.kind, fetch.url);
        });
    }
}

/// The text of the style sheet in a `data:` URL.
fn sheet(url: &str) -> Option<String> {
    let data = DataUrl::process(url).ok()?;
    let mime = data.mime_type();
    if !mime.matches("text", "css") {
        return None;
    }
    let label = mime.get_parameter("charset").unwrap_or_default();
    let charset = encoding_rs::Encoding::for_label(label.as_bytes());
    let (body, _) = data.decode_to_vec().ok()?;
    let text = match charset {
        Some(charset) => charset.decode(&body).0,
        None => encoding::decode(&body, UTF_8).0,
    };
    Some(text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_sheets_in_urls_fetch_is_found() {
        for (url, expected) in [
            ("data:text/css,a{background:url(https://a.test/)}", "Image https://a.test/\n"),
            ("data:text/css;base64,QGltcG9ydCAnaHR0cHM6Ly9hLnRlc3QvJw==", "StyleSheet https://a.test/\n"),
            (
                "data:text/css,@import \"data:text/css,@import 'https://a.test/'\"",
                "StyleSheet data:text/css,@import 'https://a.test/'\nStyleSheet https://a.test/\n",
            ),
            ("data:text/css,a{background:url(/a)}", ""),
            ("data:text/html,@import 'https://a.test/'", ""),
            ("https://a.test/", ""),
        ] {
            let mut found = String::new();
            data_fetches(url, &mut |kind, url| {
                found += &format!("{kind:?} {url}\n");
            });
            assert_eq!(found, expected, "{url}");
        }
    }

    #[test]
    fn deep_nesting_ends() {
        let mut url = "https://a.test/".to_owned();
        for _ in 0..=MOST_LEVELS + 1 {
            let sheet = format!("@import '{url}'").replace('%', "%25");
            url = format!("data:text/css,{}", sheet.replace('\'', "%27"));
        }
        let mut count = 0;
        data_fetches(&url, &mut |_, _| count += 1);
        assert_eq!(count, MOST_LEVELS + 1);
    }
}
