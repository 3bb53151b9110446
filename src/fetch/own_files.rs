//! The style sheets, scripts and manifests of a site on its server, which are read for what they ask for.

use std::sync::{Mutex, PoisonError};

use url::Url;

use super::client::{Client, Response};
use super::crawl::location;
use super::robots::Robots;
use super::{MOST_REDIRECTS, REQUESTS_PER_PAGE};

/// Why there is no file.
pub(crate) enum NoFile {
    Missing,
    /// It is at this URL of another origin.
    Redirected(Url),
    /// For this reason.
    Unread(String),
}

/// The files of a site on its server. One is fetched at a time.
pub(crate) struct OwnFiles {
    client: Client,
    start: Url,
    /// If they are honored.
    robots: Option<Robots>,
    most: usize,
    /// How many requests were made.
    requests: Mutex<usize>,
}

impl OwnFiles {
    /// Those of the site that `start` is in, with at most as many requests as its crawl may make.
    pub(crate) const fn new(client: Client, start: Url, robots: Option<Robots>, most_pages: usize) -> Self {
        Self { client, start, robots, most: most_pages.saturating_mul(REQUESTS_PER_PAGE), requests: Mutex::new(0) }
    }

    /// The response for a URL of the site, behind redirects.
    ///
    /// # Errors
    ///
    /// The reason why there is no response, or none with a file.
    pub(crate) fn get(&self, url: &Url) -> Result<Response, NoFile> {
        let unread = |why| Err(NoFile::Unread(why));
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let mut at = url.clone();
        for _ in 0..=MOST_REDIRECTS {
            if at.origin() != self.start.origin() {
                return Err(NoFile::Redirected(at));
            }
            if self.robots.as_ref().is_some_and(|robots| !robots.allows(&at)) {
                return unread("robots.txt disallows it; --no-robots fetches it all the same".to_owned());
            }
            if *requests == self.most {
                return unread(format!("{} files were fetched; raise --max-pages", self.most));
            }
            *requests += 1;
            let response = self.client.get(&at);
            let response = response.map_err(|error| NoFile::Unread(error.to_string()))?;
            if let Some(to) = location(&response) {
                at = to;
                continue;
            }
            return match response.status {
                404 | 410 => Err(NoFile::Missing),
                200..=299 => Ok(response),
                status => unread(format!("the server answers {status}")),
            };
        }
        unread(format!("it is the end of more than {MOST_REDIRECTS} redirects"))
    }
}
