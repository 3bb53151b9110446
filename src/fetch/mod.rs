//! Fetches the pages of a site from its server: those behind links and in the sitemap, on one origin.
//!
//! The server may be hostile, so every wait, every body and the number of requests have a limit. What a page is held against is
//! the business of the caller, which gets each response as a stream.

mod client;
mod crawl;
mod files;
mod own_files;
mod robots;
mod sitemap;

pub(crate) use client::{Client, Response, page_type};
pub(crate) use crawl::{Crawl, ERROR_PAGE, Target};
pub(crate) use own_files::{NoFile, OwnFiles};

use std::time::Duration;

use url::{Host, Url};

use crate::error::{Error, ErrorKind, Result};

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(10);

/// How many bytes of a body are read, decompressed.
pub(crate) const LONGEST_BODY: u64 = 256 << 20;

/// How many redirects may follow each other.
const MOST_REDIRECTS: usize = 10;

/// How many pages are fetched at the same time.
const AT_ONCE: usize = 4;

/// How many requests a crawl makes for each page that it may have: links also lead to files that are no pages.
const REQUESTS_PER_PAGE: usize = 10;

/// The URL of a site, from what somebody typed.
///
/// # Errors
///
/// [`ErrorKind::Config`] for one that is not fetched: plain HTTP is for this machine only.
pub(crate) fn address(text: &str) -> Result<Url> {
    let error = |message: String| Error::new(ErrorKind::Config, message).at(text);
    let mut url = Url::parse(text).map_err(|why| error(format!("is not a valid URL: {why}")))?;
    if !url.username().is_empty() || url.password().is_some() {
        let message = "has a user name or password, which are never sent; remove them";
        return Err(error(message.to_owned()));
    }
    if url.scheme() == "http" && !is_local(&url) {
        let message = "plain http is only fetched from localhost, since anybody on the way can change it; use https://";
        return Err(error(message.to_owned()));
    }
    url.set_fragment(None);
    Ok(url)
}

fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_this_machine() {
        for url in ["https://a.example/b#c", "http://localhost:80/", "http://127.0.0.1:8/", "http://[::1]/"] {
            assert_eq!(address(url).unwrap().fragment(), None, "{url}");
        }
        for url in [
            "http://a.example/",
            "http://localhost.a.example/",
            "https://a:b@c.example/",
            "https://a@c.example/",
            "https://",
        ] {
            assert!(address(url).is_err(), "{url}");
        }
    }
}
