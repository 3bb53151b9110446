//! The policies that pages get from what is deployed: a header's text, a list of paths, a host's file.
//!
//! A browser obeys what arrives, so each format is read by the rules of what sends it: which rules match a URL, which
//! win, which add up. What cannot be decided is rejected, since a guess would pass pages that break or are open. The
//! configuration of a server is a program that only the server runs, so it is not read. Nothing here parses a policy.

mod answers;
mod format;
mod host;
mod json;
mod literals;
mod map;
mod pattern;
mod reader;
#[cfg(test)]
mod tests;
mod urls;

use std::sync::Arc;

pub(super) use answers::{Answers, Choice, Effect, Matcher, Rules};
pub(super) use format::DeployedFile;
pub use format::DeployedFormat;
pub use host::unread_by;
pub(super) use json::{Headers, Json};
pub(super) use pattern::{Pattern, check_length};
pub(super) use reader::{Lines, Reader, is_js_space, js_trim};
pub(super) use urls::{IsPage, Page, Switches, Urls, spelled};

use crate::error::Result;

/// A Content-Security-Policy as it is deployed: the text that a browser gets, not parsed. A comma in it separates
/// policies, as in any header.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeployedPolicy {
    /// What the browser gets.
    pub text: String,
    /// Whether it comes as `Content-Security-Policy-Report-Only`.
    pub report_only: bool,
    /// The path of the file, as it is reported.
    pub source: Arc<str>,
    /// The line in that file on which the value begins, from one.
    pub line: u64,
}

/// A policy that stands in the file and that the target does not send, or another line that it drops.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ignored {
    /// The line in the file, from one.
    pub line: u64,
    /// Whether it begins a policy.
    pub is_policy: bool,
    /// Why, after the line: `is longer than the 2000 characters that Cloudflare reads`.
    pub reason: String,
}

/// What a file deploys.
#[derive(Debug)]
pub struct Deployed {
    path: String,
    policies: Vec<DeployedPolicy>,
    ignored: Vec<Ignored>,
    answers: Answers,
}

impl Deployed {
    /// Reads `text`, the content of the file at `path`.
    ///
    /// ```
    /// use cspseal::target::deployed::{Deployed, DeployedFormat};
    ///
    /// let headers = "/*\n  Content-Security-Policy: default-src 'self'\n";
    /// let format = DeployedFormat::find("netlify").unwrap();
    /// let deployed = Deployed::read(format, "_headers", headers)?;
    /// assert_eq!(deployed.policies()[0].line, 2);
    /// assert_eq!(deployed.policies_of("docs/index.html", &|_| false)?, [[0]]);
    /// # Ok::<(), cspseal::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Deployed`](crate::ErrorKind::Deployed) with the file and the line for what is not in the format, or
    /// what the format leaves undecided, and for a format that [is not read](DeployedFormat::is_read).
    pub fn read(format: DeployedFormat, path: &str, text: &str) -> Result<Self> {
        let mut reader = Reader::new(path);
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let read =
            format.reader().ok_or_else(|| reader.error_in_file(format!("files for {} are not read", format.name())))?;
        let answers = read(&mut reader, text)?;
        let (policies, ignored) = reader.finish();
        Ok(Self { path: path.to_owned(), policies, ignored, answers })
    }

    /// Every policy of the file, in the order of the file.
    #[must_use]
    pub fn policies(&self) -> &[DeployedPolicy] {
        &self.policies
    }

    /// What of the file its target ignores, but for comments. It is none of [`policies`](Self::policies).
    #[must_use]
    pub fn ignored(&self) -> &[Ignored] {
        &self.ignored
    }

    /// The responses that a browser may get with the page at `site_path` (`docs/index.html`), one for each URL under which
    /// the target shows the page: the indices of the response's policies, all of which must allow. Equal responses stand
    /// once. A response without a policy is an empty list; no list at all says that the page is shown nowhere.
    ///
    /// `is_page` says whether the site holds another page at a site path: `/docs` is `docs/index.html` before it is
    /// `docs.html`. Rewrites are not followed.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Limit`](crate::ErrorKind::Limit) with the file when the patterns of more than 256 rules would have to be tried
    /// on one path.
    pub fn policies_of(&self, site_path: &str, is_page: &dyn Fn(&str) -> bool) -> Result<Vec<Vec<usize>>> {
        let responses = self.answers.responses(site_path, is_page);
        let mut responses = responses.map_err(|error| error.at(&self.path))?;
        for response in &mut responses {
            response.sort_unstable();
        }
        let mut seen: Vec<Vec<usize>> = Vec::new();
        for response in responses {
            if !seen.contains(&response) {
                seen.push(response);
            }
        }
        Ok(seen)
    }
}
