//! The findings about a request: whether the policies in force let it through, and whether the pages of the site that it may be for
//! let themselves be framed.

use std::sync::PoisonError;

use url::Url;

use super::Checker;
use super::dependencies;
use super::external::{External, is_own_frame, refused};
use super::policies::Judged;
use crate::error::Result;
use crate::finding::Finding;
use crate::page::Destination;
use crate::site::SiteUrl;

impl Checker {
    /// The finding about a frame with a page of the site itself that forbids it, whichever of the pages it may be.
    fn refused(&self, site: &SiteUrl, destination: Destination, url: &Url) -> Result<Option<Finding>> {
        let mut first = None;
        if !is_own_frame(site, destination, url) {
            return Ok(first);
        }
        let paths = match &self.files {
            Some(files) => files.pages_at(url),
            None => site.site_paths(url),
        };
        for path in paths {
            for list in self.policies.of(&path)? {
                let policies: Vec<_> = list.iter().map(|&at| &self.policies.all[at]).collect();
                let found = refused(&self.engine, site, &policies);
                if found.is_none() {
                    return Ok(None);
                }
                first = first.or(found);
            }
        }
        Ok(first)
    }

    /// The findings about a request: about its nonce, and about its URL.
    pub(super) fn request(
        &self,
        site: &SiteUrl,
        external: &External<'_>,
        governing: &[&Judged],
    ) -> Result<(Option<Finding>, Vec<Finding>)> {
        let (said, blocked) = external.judge(&self.engine, site, governing);
        let is_sent = blocked.is_none();
        let unknown = || external.unknown(&self.engine, site, governing);
        let mut found: Vec<Finding> = blocked.or_else(unknown).into_iter().collect();
        if let Some(url) = external.url {
            let destination = external.destination;
            found.extend(self.refused(site, destination, url)?);
            let unknown = dependencies::unknown(&self.engine, site, destination, url, governing);
            found.extend(unknown);
            if let Some(files) = &self.files {
                found.extend(files.finding(destination, url));
                if let Some(to) = files.redirected(destination, url).filter(|_| is_sent) {
                    found.extend(self.behind(site, external, &to, governing));
                }
                if files.may_be_framed(destination, url) {
                    let mut framed = self.framed.lock().unwrap_or_else(PoisonError::into_inner);
                    framed.insert(url.clone());
                }
            }
        }
        Ok((said, found))
    }

    /// The findings about the URL of another origin that the server redirects a request of the site to.
    fn behind(&self, site: &SiteUrl, from: &External<'_>, to: &Url, governing: &[&Judged]) -> Option<Finding> {
        let external = External { url: Some(to), ..*from };
        let (_, blocked) = external.judge(&self.redirected, site, governing);
        if let (Some(mut blocked), Some(url)) = (blocked, from.url) {
            let shown = site.path_of(url).unwrap_or(url.as_str());
            blocked.help += &format!("; the server redirects {shown} there");
            return Some(blocked);
        }
        dependencies::unknown(&self.redirected, site, from.destination, to, governing)
    }
}
