//! The files in which a site speaks to programs: `robots.txt` and sitemaps.

use std::collections::HashSet;

use url::Url;

use super::crawl::{Crawl, State, Target, location, unchecked};
use super::robots::{self, Robots};
use super::{MOST_REDIRECTS, sitemap};
use crate::error::{Error, ErrorKind, Result};
use crate::finding::Place;
use crate::location::Location;

impl Crawl<'_> {
    /// The rules of the site. A server that fails there allows nothing, as the RFC says; one without the file everything.
    pub(super) fn robots(&self, start: &Url) -> Result<Robots> {
        let found = join(start, "/robots.txt").map(|url| self.file(&url, robots::LONGEST));
        match found {
            Some(Ok((200..=299, Some(text)))) => Ok(Robots::parse(&String::from_utf8_lossy(&text))),
            Some(Ok((status @ 500..=599, _))) if self.honors_robots => {
                let message = format!(
                    "robots.txt is answered with {status}, so nothing may be fetched; repair it, or pass --no-robots"
                );
                Err(Error::new(ErrorKind::Read, message).at(start.as_str()))
            }
            Some(Err(error)) if self.honors_robots => Err(error.at(start.as_str())),
            Some(Ok(_) | Err(_)) | None => Ok(Robots::default()),
        }
    }

    /// Adds the URLs of the sitemaps that robots.txt names, or else of `/sitemap.xml`.
    pub(super) fn sitemaps<T>(&self, state: &mut State<T>) {
        let named = std::mem::take(&mut state.robots.sitemaps);
        let is_named = !named.is_empty();
        let default = vec!["/sitemap.xml".to_owned()];
        let mut waiting = if is_named { named } else { default };
        let mut seen = HashSet::new();
        while let Some(url) = waiting.pop() {
            let Some(url) = join(&state.start, &url).filter(|url| state.is_own(url)) else {
                continue;
            };
            if seen.len() == sitemap::MOST || !seen.insert(url.clone()) {
                continue;
            }
            let parsed = match self.file(&url, sitemap::LONGEST + 1) {
                Ok((200..=299, Some(bytes))) => sitemap::parse(bytes),
                // Most sites have none.
                Ok(_) if !is_named && seen.len() == 1 => continue,
                Ok((200..=299, None)) => Err("is a page".to_owned()),
                Ok((status, _)) => Err(format!("is answered with {status}")),
                Err(error) => {
                    state.errors.push(error);
                    continue;
                }
            };
            let path = url.as_str().into();
            match parsed {
                Ok(sitemap) => {
                    waiting.extend(sitemap.sitemaps.into_iter().map(|(url, _)| url));
                    for (page, location) in sitemap.pages {
                        let Some(url) = join(&url, &page) else {
                            continue;
                        };
                        let place = Some(Place::of(&path, location));
                        state.add(Target { url, is_frame: false, place }, 0);
                    }
                }
                Err(why) => {
                    let finding = unchecked(format!("the sitemap {why}, so its pages were not fetched"));
                    let place = Place::of(&path, Location::START);
                    state.findings.push(finding.at(place));
                }
            }
        }
    }

    /// The status and the content of a file, behind redirects on its origin. [`None`] for a page, which many servers send in the
    /// place of any file that is not there.
    fn file(&self, url: &Url, longest: u64) -> Result<(u16, Option<Vec<u8>>)> {
        let mut response = self.client.get(url)?;
        for _ in 0..MOST_REDIRECTS {
            let Some(to) = location(&response).filter(|to| to.origin() == url.origin()) else {
                break;
            };
            response = self.client.get(&to)?;
        }
        let (status, at) = (response.status, response.url.clone());
        if response.document_type(false).is_some() {
            return Ok((status, None));
        }
        let content = response.bytes(longest);
        content.map(|content| (status, Some(content))).map_err(|error| Error::unread(error).at(at.as_str()))
    }
}

fn join(base: &Url, url: &str) -> Option<Url> {
    let mut url = base.join(url).ok()?;
    url.set_fragment(None);
    Some(url)
}
