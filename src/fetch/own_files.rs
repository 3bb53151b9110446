//! The style sheets, scripts and manifests of a site on its server, which are read for what they ask for.

use std::sync::{Mutex, PoisonError};

use url::Url;

use super::client::{Client, Response};
use super::crawl::location;
use super::robots::Robots;
use super::{MOST_REDIRECTS, REQUESTS_PER_PAGE};

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
    pub(crate) const fn new(
        client: Client,
        start: Url,
        robots: Option<Robots>,
        most_pages: usize,
    ) -> Self {
        Self {
            client,
            start,
            robots,
            most: most_pages.saturating_mul(REQUESTS_PER_PAGE),
            requests: Mutex::new(0),
        }
    }

    /// The response for a URL of the site, behind redirects; [`None`] if there is no such file.
    ///
    /// # Errors
    ///
    /// The reason why there is no response, or none with a file.
    pub(crate) fn get(&self, url: &Url) -> Result<Option<Response>, String> {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let mut at = url.clone();
        for _ in 0..=MOST_REDIRECTS {
            if at.origin() != self.start.origin() {
                return Err(format!("it redirects to another origin, {at}"));
            }
            if self
                .robots
                .as_ref()
                .is_some_and(|robots| !robots.allows(&at))
            {
                return Err(
                    "robots.txt disallows it; --no-robots fetches it all the same".to_owned(),
                );
            }
            if *requests == self.most {
                return Err(format!(
                    "{} files were fetched; raise --max-pages",
                    self.most
                ));
            }
            *requests += 1;
            let response = self.client.get(&at).map_err(|error| error.to_string())?;
            if let Some(to) = location(&response) {
                at = to;
                continue;
            }
            return match response.status {
                404 | 410 => Ok(None),
                200..=299 => Ok(Some(response)),
                status => Err(format!("the server answers {status}")),
            };
        }
        Err(format!(
            "it is the end of more than {MOST_REDIRECTS} redirects"
        ))
    }
}
