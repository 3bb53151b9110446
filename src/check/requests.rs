//! What pages ask for by URL and a policy blocks: one finding for each origin and directive.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use url::Url;

use super::dependencies::{known_loads, unknown};
use super::engine::Engine;
use super::external::{External, is_own_frame, refused};
use super::policies::{GoverningPolicy, Judged, Origin};
use super::run_time;
use super::sandbox;
#[cfg(feature = "cli")]
use crate::finding::Severity;
use crate::finding::{Bounded, Code, Finding, Place, plural};
use crate::page::subject::Nonce;
use crate::page::{Destination, InlineKind};
use crate::policy::{
    DirectiveName, Granularities, Granularity, OwnFrames, Policy, PolicyBuilder, Source, SourceExpression, Sources,
};
use crate::site::{DistinctRequest, Inventory, SiteUrl};

/// Findings about requests. Those that say the same are one, which stands at the first use and has the number of uses and
/// pages.
#[derive(Debug, Default)]
pub(super) struct Tally {
    all: Vec<Blocked>,
    known: HashMap<(Code, String, String), usize>,
}

#[derive(Debug)]
struct Blocked {
    finding: Finding,
    uses: u64,
    /// The numbers of uses in files that pages share, by their names.
    of_files: BTreeMap<Arc<str>, u64>,
    pages: u64,
}

impl Blocked {
    fn all_uses(&self) -> u64 {
        self.uses + self.of_files.values().sum::<u64>()
    }

    /// Counts the uses in a file, the most that any page has of them.
    fn count_file(&mut self, file: Arc<str>, uses: u64) {
        let known = self.of_files.entry(file).or_default();
        *known = uses.max(*known);
    }
}

impl Tally {
    /// Adds uses; the index is that of the finding.
    pub(super) fn add(&mut self, finding: Finding, uses: u64) -> usize {
        let key = (finding.code, finding.message.clone(), finding.help.clone());
        let next = self.all.len();
        let at = *self.known.entry(key).or_insert(next);
        if at == next {
            self.all.push(Blocked { finding, uses: 0, of_files: BTreeMap::new(), pages: 0 });
        }
        self.all[at].uses += uses;
        at
    }

    /// Adds uses in a file, which count once however many pages use that.
    pub(super) fn add_of_file(&mut self, finding: Finding, file: &Arc<str>, uses: u64) {
        let at = self.add(finding, 0);
        self.all[at].count_file(Arc::clone(file), uses);
    }

    /// Adds those of a page.
    pub(super) fn add_page(&mut self, page: Self) {
        for blocked in page.all {
            let at = self.add(blocked.finding, blocked.uses);
            for (file, uses) in blocked.of_files {
                self.all[at].count_file(file, uses);
            }
            self.all[at].pages += 1;
        }
    }

    /// The number of uses that a policy blocks.
    #[cfg(feature = "cli")]
    pub(super) fn blocked(&self) -> u64 {
        let blocked = self.all.iter();
        let blocked = blocked.filter(|it| it.finding.severity == Severity::Error);
        blocked.map(Blocked::all_uses).sum()
    }

    /// The findings, in the order in which they first came.
    pub(super) fn into_findings(self) -> impl Iterator<Item = Finding> {
        self.all.into_iter().map(|blocked| {
            let uses = plural(blocked.all_uses() as usize, "use");
            let mut finding = blocked.finding;
            let pages = plural(blocked.pages as usize, "page");
            finding.message += &format!(": {uses} on {pages}");
            finding
        })
    }
}

/// A policy and the requests of an inventory, or the URLs that its scripts mention.
struct Requests<'i> {
    inventory: &'i Inventory,
    all: &'i [DistinctRequest],
    /// Whether nothing is found about scripts.
    skips_scripts: bool,
    judged: Judged,
    engine: Engine,
}

impl<'i> Requests<'i> {
    fn new(policy: &Policy, inventory: &'i Inventory) -> Self {
        Self::of(policy, inventory, inventory.requests(), false)
    }

    /// The mentions. A script that is trusted by its nonce or hash may load others.
    fn mentioned(policy: &Policy, inventory: &'i Inventory) -> Self {
        let trusts = policy.trusts_by_nonce_or_hash();
        Self::of(policy, inventory, inventory.mentions(), trusts)
    }

    fn of(policy: &Policy, inventory: &'i Inventory, all: &'i [DistinctRequest], skips_scripts: bool) -> Self {
        // A site can have many hashes, and they count for `integrity` alone.
        let policy = match all.iter().any(|request| !request.integrity.is_empty()) {
            true => policy.to_string(),
            false => policy.without_hashes().to_string(),
        };
        let policy = GoverningPolicy::new(policy, Origin::Named(String::new()));
        Self { inventory, all, skips_scripts, judged: Judged::new(policy), engine: Engine::default() }
    }

    /// Those whose URL is known.
    fn all(&self) -> impl Iterator<Item = (u32, &'i DistinctRequest, &'i Url)> {
        let requests = (0..).zip(self.all);
        requests.filter_map(|(id, request)| Some((id, request, request.url.as_deref()?)))
    }

    /// Those about which something is found by what decides on fetches: the index of each and the finding about it.
    fn found(
        &self,
        find: impl Fn(&External<'_>, &SiteUrl, &[&Judged]) -> Option<Finding>,
    ) -> impl Iterator<Item = (u32, Finding)> {
        (0..).zip(self.all).filter_map(move |(id, request)| {
            if request.destination == Destination::Script && self.skips_scripts {
                return None;
            }
            let external = External {
                destination: request.destination,
                url: request.url.as_deref(),
                integrity: &request.integrity,
                nonce: match request.has_nonce {
                    true => &Nonce::Code,
                    false => &Nonce::None,
                },
            };
            let found = find(&external, self.inventory.site(), &[&self.judged]);
            Some((id, at_first(found?, request)))
        })
    }

    /// Those that are blocked.
    fn blocked(&self) -> impl Iterator<Item = (u32, Finding)> {
        self.found(|it, site, policies| it.judge(&self.engine, site, policies).1)
    }

    /// Those that are blocked, and those of which that is not known.
    fn not_allowed(&self) -> impl Iterator<Item = (u32, Finding)> {
        self.found(|it, site, policies| {
            let (_, blocked) = it.judge(&self.engine, site, policies);
            blocked.or_else(|| it.unknown(&self.engine, site, policies))
        })
    }

    /// What style sheets and scripts of other hosts load.
    fn unknown(&self) -> impl Iterator<Item = (u32, Finding)> {
        self.all().filter_map(|(id, request, url)| {
            let (site, judged) = (self.inventory.site(), [&self.judged]);
            let found = unknown(&self.engine, site, request.destination, url, &judged);
            Some((id, at_first(found?, request)))
        })
    }

    /// The sources of what style sheets of other hosts are known to load and the policy blocks.
    fn of_sheets(&self) -> impl Iterator<Item = (u32, DirectiveName, SourceExpression)> {
        let sheets = self.all().filter(|(_, it, _)| !it.is_hidden && it.destination == Destination::Style);
        let loads = sheets.flat_map(|(id, request, url)| {
            let loads = known_loads(request.destination, url).into_iter();
            loads.map(move |(destination, url)| (id, destination, url))
        });
        loads.filter_map(|(id, destination, url)| {
            let site = self.inventory.site();
            let external = External::bare(destination, &url);
            external.judge(&self.engine, site, &[&self.judged]).1?;
            let directive = destination.into();
            let origin = Granularity::Origin;
            let source = SourceExpression::for_url(&url, site, directive, origin).ok()??;
            Some((id, directive, source))
        })
    }

    /// The frames with pages of the site itself, which those pages themselves forbid.
    fn refused(&self) -> impl Iterator<Item = (u32, Finding)> {
        let site = self.inventory.site();
        let found = refused(&self.engine, site, &[&self.judged]);
        let frames = self.all().filter(|(_, request, url)| is_own_frame(site, request.destination, url));
        frames.filter_map(move |(id, request, _)| Some((id, at_first(found.clone()?, request))))
    }
}

/// A finding about a request, at its first use; of a file of which nothing may be shown it says no more than its code.
fn at_first(finding: Finding, request: &DistinctRequest) -> Finding {
    let mut finding = finding.at(request.first.clone());
    if request.is_hidden {
        finding.hide();
    }
    finding
}

/// The findings about an inventory under a policy: requests that it blocks, and what its scripts do that it stops.
pub(crate) fn blocked_requests(policy: &Policy, inventory: &Inventory) -> Vec<Finding> {
    let mut tally = Tally::default();
    let mut indices: HashMap<u32, Vec<usize>> = HashMap::new();
    let requests = Requests::new(policy, inventory);
    for (id, finding) in requests.not_allowed().chain(requests.refused()).chain(requests.unknown()) {
        let uses = inventory.requests()[id as usize].uses;
        let at = tally.add(finding, uses);
        indices.entry(id).or_default().push(at);
    }
    let of = |id| indices.get(&id).map_or(&[][..], Vec::as_slice);
    inventory.count_pages(of, |at, pages| tally.all[at].pages += pages);
    let judged = [&requests.judged];
    for (sign, seen) in inventory.signs() {
        if let Some(found) = run_time::finding(sign, &judged) {
            let at = tally.add(found.at(seen.first.clone()), seen.scripts);
            tally.all[at].pages = seen.pages;
        }
    }
    let files = run_time::of_files(inventory.wasm(), &judged);
    let all: Bounded = tally.into_findings().chain(files).collect();
    all.into_vec()
}

/// The findings about the scripts of an inventory that the sandbox of an enforced policy stops, those of a kind at the first.
pub(crate) fn sandboxed(policy: &Policy, inventory: &Inventory) -> Vec<Finding> {
    let judged = Judged::new(GoverningPolicy::new(policy.without_hashes().to_string(), Origin::Named(String::new())));
    let governing = [&judged];
    if !judged.stops_scripts() {
        return Vec::new();
    }
    let mut tally = Tally::default();
    for page in inventory.pages() {
        let mut of_page = Tally::default();
        for used in &page.uses {
            let kind = inventory.inlines()[used.inline()].kind;
            if let Some(found) = sandbox::of_inline(kind, &governing) {
                of_page.add(found.at(Place::of(&page.path, used.location())), 1);
            }
        }
        tally.add_page(of_page);
    }
    let mut of_urls: HashMap<u32, usize> = HashMap::new();
    for (id, request) in (0..).zip(inventory.requests()) {
        if request.destination == Destination::Script
            && let Some(found) = sandbox::of_url(&governing)
        {
            of_urls.insert(id, tally.add(at_first(found, request), request.uses));
        }
    }
    let of = |id| of_urls.get(&id).map_or(&[][..], std::slice::from_ref);
    inventory.count_pages(of, |at, pages| tally.all[at].pages += pages);
    tally.into_findings().collect()
}

/// The builder whose policies also allow what these pages ask for by URL, if it is one [with
/// external](PolicyBuilder::with_external) sources, and [what their scripts mention](PolicyBuilder::with_mentioned): each source in the directive in effect for it, where the policy does not allow
/// it anyway. Left out is what no source should allow, such as a script in a `data:` URL: the policies block it.
#[must_use]
pub fn allow_requests(builder: &PolicyBuilder, inventory: &Inventory) -> PolicyBuilder {
    let Some(granularities) = builder.external() else {
        return builder.clone();
    };
    let builder = builder.clone().with_own_frames(OwnFrames::default());
    let mut sources: Sources = BTreeMap::new();
    let mut known = HashSet::new();
    let is_prefetch = |request: &DistinctRequest| request.destination == Destination::Prefetch;
    // A prefetch is allowed where any list has its host, so these come last.
    let rounds = match inventory.requests().iter().any(is_prefetch) {
        true => &[false, true][..],
        false => &[false],
    };
    let mut own_frames = OwnFrames::default();
    for prefetches in rounds {
        let builder = builder.clone().with_requests(sources.clone());
        let policy = builder.site(inventory).policy;
        let requests = Requests::new(&policy, inventory);
        // With 'strict-dynamic' no source with a URL counts.
        let is_strict = policy.trusts_by_nonce_or_hash();
        let framed = requests.refused().map(|(id, _)| id);
        add_framed(&mut own_frames, inventory, framed);
        for (id, _) in requests.blocked() {
            let request = &inventory.requests()[id as usize];
            let is_trusted = is_strict && request.destination == Destination::Script;
            if is_prefetch(request) != *prefetches || is_trusted || !runs(&builder, request) {
                continue;
            }
            let source = source_for(request, inventory, granularities);
            let source = source.map(|it| shared(&mut known, it));
            sources.entry(id).or_default().extend(source);
        }
        if !prefetches {
            for (id, directive, source) in requests.of_sheets() {
                let source = shared(&mut known, (directive, source));
                sources.entry(id).or_default().push(source);
            }
        }
    }
    let builder = builder.with_requests(sources.clone()).with_own_frames(own_frames);
    if !builder.has_mentioned() {
        return builder;
    }
    let policy = builder.site(inventory).policy;
    let mut mentioned: Sources = BTreeMap::new();
    let requests = Requests::mentioned(&policy, inventory);
    for (id, _) in requests.blocked() {
        let request = &inventory.mentions()[id as usize];
        let source = source_for(request, inventory, granularities);
        let source = source.map(|it| shared(&mut known, it));
        mentioned.entry(id).or_default().extend(source);
    }
    for (id, directive, source) in requests.of_sheets() {
        let source = shared(&mut known, (directive, source));
        mentioned.entry(id).or_default().push(source);
    }
    builder.with_requests(sources).with_mentions(mentioned)
}

/// Whether a request may do what it is for: without the hash of a `javascript:` URL its source would do nothing.
fn runs(builder: &PolicyBuilder, request: &DistinctRequest) -> bool {
    let is_script = request.url.as_ref().is_some_and(|url| url.scheme() == "javascript");
    !is_script || builder.hashes(InlineKind::JavascriptUrl)
}

/// Adds the files of the site that requests of these indices frame.
fn add_framed(to: &mut OwnFrames, inventory: &Inventory, ids: impl Iterator<Item = u32>) {
    let mut known: Option<HashSet<&str>> = None;
    let urls = ids.filter_map(|id| inventory.requests()[id as usize].url.as_deref());
    for url in urls {
        let pages = || inventory.pages().iter().map(|page| &*page.site_path);
        let known = known.get_or_insert_with(|| pages().collect());
        let mut paths = inventory.site().site_paths(url);
        paths.retain(|path| known.contains(&**path));
        to.has_others |= paths.is_empty();
        to.pages.extend(paths);
    }
}

/// A source that is held once.
fn shared(known: &mut HashSet<Source>, source: (DirectiveName, SourceExpression)) -> Source {
    match known.get(&source) {
        Some(known) => Arc::clone(known),
        None => {
            let source = Arc::new(source);
            known.insert(Arc::clone(&source));
            source
        }
    }
}

/// The source that allows a request, with the directive that is asked first; [`None`] if no source should.
fn source_for(
    request: &DistinctRequest,
    inventory: &Inventory,
    granularities: &Granularities,
) -> Option<(DirectiveName, SourceExpression)> {
    let directive = DirectiveName::allowing(request.destination);
    // The policy would show it.
    let url = request.url.as_deref().filter(|_| !request.is_hidden)?;
    let granularity = granularities.of(directive, url, request.is_module);
    let source = SourceExpression::for_url(url, inventory.site(), directive, granularity);
    Some((directive, source.ok()??))
}

/// The mentions that a policy blocks: the numbers of URLs and of their origins.
#[cfg(feature = "cli")]
pub(crate) fn blocked_mentions(policy: &Policy, inventory: &Inventory) -> (usize, usize) {
    let blocked = Requests::mentioned(policy, inventory);
    let blocked = blocked.blocked().filter_map(|(id, _)| {
        let url = inventory.mentions()[id as usize].url.as_deref()?;
        Some((url, url.origin().ascii_serialization()))
    });
    let (mut urls, mut origins): (Vec<&Url>, Vec<String>) = blocked.unzip();
    urls.sort_unstable();
    urls.dedup();
    origins.sort_unstable();
    origins.dedup();
    (urls.len(), origins.len())
}
