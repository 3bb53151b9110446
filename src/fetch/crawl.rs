//! The queue of a crawl: which URLs are fetched, in which order, and when to stop.
//!
//! It goes level by level: first the page that was named, then what that links to and the sitemap lists, and so on. The URLs of a
//! level are sorted, those without a query first, so that the same site gives the same pages whenever it is cut off.

use std::collections::{BTreeMap, HashMap, HashSet};

use rayon::ThreadPool;
use rayon::prelude::*;
use url::Url;

use super::client::{Client, Response};
use super::robots::Robots;
use super::{AT_ONCE, MOST_REDIRECTS, REQUESTS_PER_PAGE};
use crate::error::{Error, ErrorKind, Result};
use crate::finding::{Code, Finding, Merged, Place};

/// A path that no site has.
pub(crate) const ERROR_PAGE: &str = "/cspseal-error-page";

/// How a site is crawled.
pub(crate) struct Crawl<'c> {
    pub(crate) client: &'c Client,
    pub(crate) most_pages: usize,
    pub(crate) honors_robots: bool,
}

/// The result of a crawl.
pub(crate) struct Crawled<T> {
    /// Sorted by URL.
    pub(crate) pages: Vec<T>,
    /// What was linked and could not be judged.
    pub(crate) findings: Vec<Finding>,
    pub(crate) errors: Vec<Error>,
    /// Whether the site may have pages that are not among these.
    pub(crate) is_partial: bool,
    /// The rules of the site, if they are honored.
    pub(crate) robots: Option<Robots>,
    /// The redirects of its URLs, also to other origins.
    pub(crate) redirects: HashMap<Url, Url>,
}

/// A URL to fetch.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) url: Url,
    /// Whether a frame shows it, so that an image can be a document.
    pub(crate) is_frame: bool,
    /// The link to it; [`None`] for the URL that was named.
    pub(crate) place: Option<Place>,
}

/// A target in the queue, after this number of redirects.
struct Waiting {
    target: Target,
    redirects: usize,
}

/// What a request came to.
enum Outcome<T> {
    Page(T, Vec<Target>),
    Redirect(Url),
    /// No page for a stated reason, and whether there may be one all the same.
    Unchecked(String, bool),
    /// Nothing that a policy is for, such as an image.
    Nothing,
    Failed(Error),
}

/// The state of a crawl.
pub(super) struct State<T> {
    pub(super) start: Url,
    pub(super) robots: Robots,
    honors_robots: bool,
    seen: HashSet<Url>,
    /// The next level, sorted.
    next: BTreeMap<(bool, String), Waiting>,
    redirects: HashMap<Url, Url>,
    pages: Vec<(Url, T)>,
    pub(super) findings: Merged,
    pub(super) errors: Vec<Error>,
    /// The number of URLs that robots.txt disallows, and the first of them.
    disallowed: (usize, Option<Target>),
    is_partial: bool,
}

impl Crawl<'_> {
    /// Fetches the pages of a site from `start` on. `visit` gets each response with a page, and gives what it makes of it and the
    /// links of the page.
    ///
    /// # Errors
    ///
    /// Those for which no page can be fetched at all; `errors` has those of single pages.
    pub(crate) fn run<T: Send>(
        &self,
        start: &Url,
        visit: impl Fn(Response) -> Result<(T, Vec<Target>)> + Sync,
    ) -> Result<Crawled<T>> {
        let threads = rayon::ThreadPoolBuilder::new().num_threads(AT_ONCE).build();
        let threads = threads.map_err(|error| Error::new(ErrorKind::Read, "no threads").because(error))?;
        let mut state = State {
            start: start.clone(),
            robots: self.robots(start)?,
            honors_robots: self.honors_robots,
            seen: HashSet::new(),
            next: BTreeMap::new(),
            redirects: HashMap::new(),
            pages: Vec::new(),
            findings: Merged::default(),
            errors: Vec::new(),
            disallowed: (0, None),
            is_partial: false,
        };
        if self.honors_robots && !state.robots.allows(start) {
            let message = "robots.txt disallows this page; --no-robots fetches it all the same";
            return Err(Error::new(ErrorKind::Read, message).at(start.as_str()));
        }
        state.add(Target { url: start.clone(), is_frame: false, place: None }, 0);
        let mut had_sitemaps = false;
        let mut requests = 0;
        while !state.next.is_empty() {
            let level: Vec<Waiting> = std::mem::take(&mut state.next).into_values().collect();
            let mut rest = &level[..];
            while !rest.is_empty() {
                let most_requests = self.most_pages.saturating_mul(REQUESTS_PER_PAGE);
                let room = self.most_pages.saturating_sub(state.pages.len());
                let room = room.min(most_requests.saturating_sub(requests)).min(rest.len());
                if room == 0 {
                    state.full(self.most_pages, rest.len() + state.next.len());
                    return Ok(state.finish());
                }
                let (now, later) = rest.split_at(room);
                rest = later;
                requests += room;
                for (waiting, outcome) in now.iter().zip(self.fetch(&threads, now, &visit)) {
                    state.take(waiting, outcome);
                }
            }
            if !std::mem::replace(&mut had_sitemaps, true) && state.errors.is_empty() {
                self.sitemaps(&mut state);
            }
        }
        self.error_page(&threads, &mut state, &visit);
        Ok(state.finish())
    }

    /// Adds the page that the server sends for URLs that it does not know, if that comes with a policy: its inline resources are in
    /// the policy of the site, and no link leads to it. Nobody asked for it, so that it fails is nothing to report.
    fn error_page<T: Send>(
        &self,
        threads: &ThreadPool,
        state: &mut State<T>,
        visit: &(impl Fn(Response) -> Result<(T, Vec<Target>)> + Sync),
    ) {
        let url = state.start.join(ERROR_PAGE).ok();
        let Some(url) = url.filter(|url| !self.honors_robots || state.robots.allows(url)) else {
            return;
        };
        let fetch = || {
            let response = self.client.get(&url).ok()?;
            // Some servers send it as if it were there.
            let is_judged = matches!(response.status, 200 | 400..=499)
                && response.header("content-security-policy").is_some()
                && response.document_type(false).is_some();
            is_judged.then(|| visit(response).ok())?
        };
        if let Some((page, _)) = threads.install(fetch) {
            state.pages.push((url, page));
        }
    }

    fn fetch<T: Send>(
        &self,
        threads: &ThreadPool,
        waiting: &[Waiting],
        visit: &(impl Fn(Response) -> Result<(T, Vec<Target>)> + Sync),
    ) -> Vec<Outcome<T>> {
        let one = |waiting: &Waiting| {
            let outcome = self.client.get(&waiting.target.url);
            let outcome = outcome.and_then(|response| outcome_of(response, &waiting.target, visit));
            outcome.unwrap_or_else(Outcome::Failed)
        };
        threads.install(|| waiting.par_iter().with_max_len(1).map(one).collect())
    }
}

impl<T> State<T> {
    pub(super) fn is_own(&self, url: &Url) -> bool {
        url.origin() == self.start.origin()
    }

    /// Adds a URL to the next level, unless it is elsewhere or was there.
    pub(super) fn add(&mut self, target: Target, redirects: usize) {
        let mut target = target;
        target.url.set_fragment(None);
        if !self.is_own(&target.url) {
            return;
        }
        let key = (target.url.query().is_some(), target.url.to_string());
        if let Some(known) = self.next.get_mut(&key) {
            // Whatever order the links come in, the first place is named.
            known.target.place = known.target.place.take().min(target.place);
            known.target.is_frame |= target.is_frame;
            return;
        }
        if !self.seen.insert(target.url.clone()) {
            return;
        }
        if self.honors_robots && !self.robots.allows(&target.url) {
            self.disallowed.0 += 1;
            self.disallowed.1.get_or_insert(target);
            return;
        }
        self.next.insert(key, Waiting { target, redirects });
    }

    fn take(&mut self, waiting: &Waiting, outcome: Outcome<T>) {
        let Waiting { target, redirects } = waiting;
        match outcome {
            Outcome::Page(page, links) => {
                self.pages.push((target.url.clone(), page));
                links.into_iter().for_each(|link| self.add(link, 0));
            }
            Outcome::Redirect(to) => self.redirect(target, to, redirects + 1),
            Outcome::Unchecked(why, may_be_page) => match target.place.clone() {
                Some(place) => {
                    self.is_partial |= may_be_page;
                    let message = format!("{} {why}, so it was not checked", target.url);
                    self.findings.push(unchecked(message).at(place));
                }
                None => self.fail(target, why),
            },
            Outcome::Nothing if target.place.is_none() => {
                self.fail(target, "is not a page: its Content-Type is not text/html".to_owned());
            }
            Outcome::Nothing => {}
            Outcome::Failed(error) => self.errors.push(error),
        }
    }

    fn fail(&mut self, target: &Target, why: String) {
        self.errors.push(Error::new(ErrorKind::Read, why).at(target.url.as_str()));
    }

    fn redirect(&mut self, from: &Target, to: Url, redirects: usize) {
        let mut to = to;
        to.set_fragment(None);
        self.redirects.insert(from.url.clone(), to.clone());
        if !self.is_own(&to) {
            if from.place.is_none() {
                let why = format!("redirects to another origin; check {to} instead");
                self.fail(from, why);
            }
            return;
        }
        let mut at = Some(&to);
        let mut is_circle = false;
        for _ in 0..self.redirects.len() {
            is_circle |= at == Some(&from.url);
            at = at.and_then(|at| self.redirects.get(at));
        }
        if is_circle {
            self.fail(from, format!("redirects in a circle, over {to}"));
        } else if redirects > MOST_REDIRECTS {
            self.fail(from, format!("is the end of more than {MOST_REDIRECTS} redirects; link to the page itself"));
        } else {
            let place = from.place.clone();
            let is_start = place.is_none();
            self.add(Target { url: to, place, is_frame: from.is_frame }, redirects);
            if is_start && self.disallowed.0 > 0 {
                self.fail(
                    from,
                    "redirects to a page that robots.txt disallows; --no-robots fetches it all the same".to_owned(),
                );
            }
        }
    }

    /// Reports that the crawl ends early.
    fn full(&mut self, most: usize, rest: usize) {
        self.is_partial = true;
        let message = format!(
            "the site has more than the {most} pages that were asked for: at least {rest} more URLs were not fetched"
        );
        let help = "raise --max-pages, or check parts of the site by themselves";
        self.findings.push(Finding::new(Code::UncheckedPage, message, help));
    }

    fn finish(mut self) -> Crawled<T> {
        if let (count, Some(Target { url, place: Some(place), .. })) = &self.disallowed {
            let message =
                format!("robots.txt disallows {count} URLs on the site, such as {url}, so they were not checked");
            let finding = Finding::new(Code::UncheckedPage, message, "check them with --no-robots");
            self.findings.push(finding.at(place.clone()));
        }
        let is_partial = self.is_partial || self.disallowed.0 > 0 || !self.errors.is_empty();
        self.pages.sort_by(|(one, _), (other, _)| one.cmp(other));
        self.errors.sort_by_key(|error| error.path().map(ToOwned::to_owned));
        Crawled {
            pages: self.pages.into_iter().map(|(_, page)| page).collect(),
            findings: self.findings.into_vec(),
            errors: self.errors,
            is_partial,
            robots: self.honors_robots.then_some(self.robots),
            redirects: self.redirects,
        }
    }
}

pub(super) fn unchecked(message: String) -> Finding {
    Finding::new(Code::UncheckedPage, message, "correct the link, or what the server sends for it")
}

/// The URL that a response redirects to.
pub(super) fn location(response: &Response) -> Option<Url> {
    let is_redirect = matches!(response.status, 301 | 302 | 303 | 307 | 308);
    let to = response.header("location").filter(|_| is_redirect)?;
    response.url.join(to).ok()
}

fn outcome_of<T>(
    response: Response,
    target: &Target,
    visit: &impl Fn(Response) -> Result<(T, Vec<Target>)>,
) -> Result<Outcome<T>> {
    if let Some(to) = location(&response) {
        return Ok(match to.scheme() {
            "http" | "https" => Outcome::Redirect(to),
            _ => Outcome::Unchecked(format!("redirects to {to}, which no browser follows"), false),
        });
    }
    match response.status {
        204 | 205 => return Ok(Outcome::Nothing),
        200..=299 => {}
        status @ (429 | 500..=599) => {
            let message = format!("the server answers {status}, so this page was not checked");
            return Err(Error::new(ErrorKind::Read, message).at(target.url.as_str()));
        }
        status => {
            let may_be_page = !matches!(status, 404 | 410);
            return Ok(Outcome::Unchecked(format!("is answered with {status}"), may_be_page));
        }
    }
    if response.is_download() {
        return Ok(Outcome::Nothing);
    }
    if response.header("content-type").is_none() {
        let why = "comes without a Content-Type, so that browsers guess what it is";
        return Ok(Outcome::Unchecked(why.to_owned(), true));
    }
    match response.document_type(target.is_frame) {
        Some(_) => visit(response).map(|(page, links)| Outcome::Page(page, links)),
        None => Ok(Outcome::Nothing),
    }
}
