//! `check` of a site on its server: fetches the pages, and hands them on with the headers that each came with, as those of saved
//! responses are.

use std::collections::HashMap;

use encoding_rs::Encoding;
use url::Url;

use super::captured::{Responses, nonces, policies};
use super::compare::compare;
use super::input::{self, Pages, Progress};
use super::settings::{InputSettings, Live};
use crate::check::{Keeper, KeptPage};
use crate::error::{Error, Result};
use crate::fetch::{Client, Crawl, NoFile, OwnFiles, Response, Target};
use crate::finding::{Finding, Place};
use crate::page::links::Role;
use crate::page::{Page, ScanOptions, scan_page};
use crate::site::{LONGEST_FILE, Served, SiteFiles, SiteUrl, Unanswered, absolute_bases, resolved};
use crate::template::Templates;

/// What a server sent.
pub(super) struct Site {
    pub(super) pages: Vec<KeptPage>,
    pub(super) responses: Responses,
    pub(super) findings: Vec<Finding>,
    pub(super) errors: Vec<Error>,
    /// Whether the site may have other pages.
    pub(super) is_partial: bool,
    /// The files that its pages use.
    pub(super) files: SiteFiles,
}

/// A page and the headers of its response.
struct Fetched {
    page: KeptPage,
    headers: Vec<(String, String)>,
    /// Those of a second response for it, if a nonce has to differ there.
    again: Option<Vec<(String, String)>>,
}

/// Fetches a site. `built` has the pages to compare it with.
pub(super) fn fetch(live: &Live, settings: &InputSettings, built: &Pages) -> Result<Site> {
    let visitor = Visitor { client: Client::new(live.timeout), keeper: Keeper::default(), options: options(settings) };
    let progress = Progress::new(live.most_pages);
    let crawl = Crawl { client: &visitor.client, most_pages: live.most_pages, honors_robots: live.honors_robots };
    let crawled = crawl.run(&live.start, |response| {
        let visited = visitor.visit(response);
        progress.advance();
        visited
    });
    progress.finish();
    let crawled = crawled?;
    let mut site = Site {
        pages: Vec::new(),
        responses: Responses::default(),
        findings: crawled.findings,
        errors: crawled.errors,
        is_partial: crawled.is_partial,
        files: own_files(
            OwnFiles::new(visitor.client, live.start.clone(), crawled.robots, live.most_pages),
            &live.start,
            crawled.redirects,
        ),
    };
    for fetched in crawled.pages {
        let name = fetched.page.path();
        site.responses.add(name, pairs(&fetched.headers));
        if let Some(again) = &fetched.again {
            site.responses.repeat(name, pairs(again));
        }
        site.pages.push(fetched.page);
    }
    if live.compares {
        let (findings, errors) = compare(&live.start, &site.pages, built, settings, &visitor.keeper);
        site.findings.extend(findings);
        site.errors.extend(errors);
    }
    Ok(site)
}

/// The files of the site that `start` is in.
fn own_files(files: OwnFiles, start: &Url, redirects: HashMap<Url, Url>) -> SiteFiles {
    let serve = move |url: &Url| {
        let response = files.get(url).map_err(|why| match why {
            NoFile::Missing => Unanswered::Missing,
            NoFile::Redirected(to) => Unanswered::Redirected(to),
            NoFile::Unread(why) => Unanswered::Unread(why),
        })?;
        Ok(Served {
            url: response.url.clone(),
            charset: charset(&response),
            bytes: response.bytes(LONGEST_FILE + 1).map_err(|error| Unanswered::Unread(error.to_string()))?,
        })
    };
    SiteFiles::on_server(SiteUrl::of_page(start), Box::new(serve), redirects)
}

/// The encoding that the headers say.
fn charset(response: &Response) -> Option<&'static Encoding> {
    let mime = response.mime()?;
    Encoding::for_label(mime.get_parameter("charset")?.as_bytes())
}

/// How the pages are scanned: a server sends no templates.
fn options(settings: &InputSettings) -> ScanOptions {
    let options = input::options(settings).with_subjects().with_links();
    match settings.files.template {
        Templates::Auto => options.with_templates(Templates::Off),
        _ => options,
    }
}

fn pairs(headers: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    headers.iter().map(|(name, value)| (&**name, &**value))
}

/// Scans responses as they arrive, on several threads.
struct Visitor {
    client: Client,
    keeper: Keeper,
    options: ScanOptions,
}

impl Visitor {
    fn visit(&self, response: Response) -> Result<(Fetched, Vec<Target>)> {
        let options = self.options.clone().with_charset(charset(&response));
        let options = options.with_document_type(response.document_type(true));
        let Response { url, headers, body, .. } = response;
        let mut page = scan_page(url.as_str(), body, &options)?;
        let has_nonce = policies(pairs(&headers)).any(|(_, text)| nonces(&text).next().is_some());
        // Two responses with one nonce have it from a cache or a configuration.
        let again = has_nonce.then(|| self.client.get(&url)).transpose()?;
        let links = targets(&page, &url);
        page.address = Some(Box::new(url));
        let fetched =
            Fetched { page: self.keeper.keep(&mut page), headers, again: again.map(|response| response.headers) };
        Ok((fetched, links))
    }
}

/// The URLs that a page links to.
fn targets(page: &Page, own: &Url) -> Vec<Target> {
    let bases = absolute_bases(own, &page.bases);
    let targets = page.links.iter().filter_map(|link| {
        let url = resolved(&link.url, link.base, &bases)?;
        let is_fetched = matches!(url.scheme(), "http" | "https") && url.username().is_empty();
        is_fetched.then(|| Target {
            url,
            is_frame: link.role == Role::Frame,
            place: Some(Place::of(&page.path, link.location)),
        })
    });
    targets.collect()
}
