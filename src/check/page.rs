//! One page: each thing in it that a policy decides on, under the policies that govern it there.
//!
//! Beside those of the response these are the page's own, in a `<meta>`, which count from where they stand on, and for a
//! document in a frame those of the documents around it.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::PoisonError;

use url::Url;

use super::Checker;
use super::dependencies;
use super::evaluated;
use super::external::External;
use super::helper;
use super::meta::Meta;
use super::page_findings::Findings;
use super::policies::{Judged, Nonces};
use super::requests::Tally;
use super::run_time;
use super::sandbox;
use super::subject::Inline;
use crate::error::{Error, ErrorKind, Result};
use crate::finding::{Code, Finding, Place};
use crate::nonce::{NonceSource, Placeholder};
use crate::page::script::STATIC_NONCE;
use crate::page::subject::{Nonce, Subject, Subjects, What};
use crate::page::{Browser, Destination, Location, Page};
use crate::policy::LONGEST;
use crate::site::modules::add_imports;
use crate::site::{SiteUrl, absolute_bases, resolved};

/// Under how many policies a page may stand: each is asked about everything in it.
const MAX_POLICIES: usize = 100;

/// Rejects a page with policies of these numbers and lengths.
fn check_limits(policies: impl Iterator<Item = (usize, usize)>) -> Result<()> {
    let (mut count, mut bytes) = (0, 0);
    for policy in policies {
        count += policy.0;
        bytes += policy.1;
    }
    let message = if count > MAX_POLICIES {
        format!(
            "stands under more than {MAX_POLICIES} policies and was not checked; join them, or look for what adds them"
        )
    } else if bytes > LONGEST {
        format!("stands under policies of {bytes} bytes, more than {LONGEST}, and was not checked; shorten them")
    } else {
        return Ok(());
    };
    Err(Error::new(ErrorKind::Limit, message))
}

/// What a check of a page gives.
#[derive(Debug)]
#[non_exhaustive]
pub struct CheckedPage {
    /// What there is to say about it, in source order.
    pub findings: Vec<Finding>,
    /// How many inline resources it has.
    pub inlines: u64,
    /// The findings about its requests.
    pub(super) requests: Tally,
}

#[cfg(feature = "cli")]
impl CheckedPage {
    /// How many of its requests a policy blocks.
    pub(crate) fn blocked_requests(&self) -> u64 {
        self.requests.blocked()
    }
}

/// The URLs that the scripts of a page may ask for. `bases` has what URLs are relative to.
fn mentioned(page: &Page, bases: &[Option<Url>]) -> BTreeSet<(Destination, Url)> {
    let mentions = page.mentions.asked().iter().map(|mention| &mention.key);
    let urls = mentions.filter_map(|key| {
        let url = resolved(key.url.as_deref()?, key.base, bases)?;
        Some((key.destination, url))
    });
    urls.collect()
}

impl Checker {
    /// Judges a page that was scanned for it.
    pub(super) fn judge(&self, mut page: Page) -> Result<CheckedPage> {
        let site = match &page.address {
            Some(own) => SiteUrl::of_page(own),
            None => self.site.clone(),
        };
        let own = page.address.take();
        let own = own.map_or_else(|| site.page(&page.site_path), |own| *own);
        let bases = absolute_bases(&own, &page.bases);
        add_imports(&mut page, &bases);
        let subjects = page.subjects.take().unwrap_or_default();
        let asked = (&site, &*bases);
        let mut findings = Findings::new(&page.path, &subjects.notes);
        let in_page = subjects.all.iter();
        check_limits(in_page.filter_map(|subject| match &subject.what {
            What::Meta { policy, .. } => Some((1, policy.len())),
            What::Inline { .. } | What::Fetch { .. } | What::Evaluated(_) | What::Helper(_) => None,
        }))?;
        self.keep(&page, &subjects, &mut findings);
        let asked_later = mentioned(&page, &bases);
        let mentioned = dependencies::with_known_loads(asked_later.iter().cloned());
        let scripts = asked_later.iter();
        let scripts = scripts.filter(|(destination, _)| *destination == Destination::Script);
        let scripts: Vec<&Url> = scripts.map(|(_, url)| url).collect();
        let metas = self.metas(&page.path, &subjects, &mut findings);
        for list in self.policies.of(&page.site_path)? {
            let sent: Vec<&Judged> = list.iter().map(|index| &self.policies.all[*index]).collect();
            for judged in sent.iter().copied().chain(metas.iter().map(|meta| &*meta.judged)) {
                judged.governs();
                judged.mentions(&site, &mentioned);
            }
            let own = metas.iter().map(|meta| &*meta.judged);
            let parts = sent.iter().copied().chain(own);
            check_limits(parts.map(|judged| (judged.reading.count(), judged.policy.text.len())))?;
            let texts = metas.iter().map(|meta| meta.judged.policy.text.clone());
            let mut sets = self.sets.lock().unwrap_or_else(PoisonError::into_inner);
            sets.insert((list.clone(), texts.collect()));
            drop(sets);
            how_many(&sent, &metas, &subjects, &mut findings);
            let own = metas.iter().map(|meta| &*meta.judged);
            let all: Vec<&Judged> = sent.iter().copied().chain(own).collect();
            for seen in &page.signs {
                if let Some(found) = run_time::finding(seen.sign, &all) {
                    findings.tally(seen.notes.clone(), seen.location, None, found);
                }
            }
            for url in &scripts {
                let late = self.late(&site, url, &all)?;
                findings.add_followed(&(0..0), &late);
            }
            for (index, subject) in subjects.all.iter().enumerate() {
                let own = metas.iter().filter(|meta| {
                    subjects.is_within(subject.document, meta.document) && (meta.index < index || subject.is_later)
                });
                let own = own.map(|meta| &*meta.judged);
                let mut governing: Vec<&Judged> = sent.iter().copied().chain(own).collect();
                // Of several that block, one that is enforced is named.
                governing.sort_by_key(|judged| judged.policy.report_only);
                if subject.what.is_script() {
                    governing.iter().for_each(|judged| judged.governs_script());
                }
                let browser = subjects.documents[subject.document as usize].browser;
                self.subject(subject, &governing, browser, asked, &mut findings)?;
            }
        }
        let Findings { allows, mut all, requests, .. } = findings;
        for (note, finding) in allows.findings() {
            all.push(finding.at(Place::of(&page.path, note.location)));
        }
        let mut all = all.into_vec();
        all.sort_by_key(|f| f.place.as_ref().map(|place| (place.line, place.column)));
        let inlines = subjects.all.iter();
        let inlines = inlines.filter(|s| matches!(s.what, What::Inline { .. }));
        Ok(CheckedPage { findings: all, inlines: inlines.count() as u64, requests })
    }

    /// Takes over what the scan found, but for what the policies decide.
    fn keep(&self, page: &Page, subjects: &Subjects, findings: &mut Findings<'_>) {
        // Of several subjects at one place the first has the comments.
        let mut notes = HashMap::new();
        for subject in subjects.all.iter().filter(|_| !page.findings.is_empty()) {
            let Location { line, column } = subject.location;
            notes.entry((line, column)).or_insert_with(|| subject.notes.clone());
        }
        for finding in &page.findings {
            if matches!(
                finding.code,
                Code::DynamicInline | Code::StaticNonce | Code::LeftoverPlaceholder | Code::EvaluatedAttribute
            ) {
                continue;
            }
            let at = finding.place.as_ref().map(|place| (place.line, place.column));
            let notes = at.and_then(|at| notes.get(&at).cloned()).unwrap_or(0..0);
            if !findings.allows.allow(notes, finding.code) {
                findings.all.push(finding.clone());
            }
        }
    }

    fn subject(
        &self,
        subject: &Subject,
        governing: &[&Judged],
        browser: Option<Browser>,
        (site, bases): (&SiteUrl, &[Option<Url>]),
        findings: &mut Findings<'_>,
    ) -> Result<()> {
        let (said, nonce) = match &subject.what {
            What::Evaluated(library) => {
                if let Some(said) = evaluated::finding(*library, governing) {
                    findings.add(subject, said);
                }
                return Ok(());
            }
            What::Helper(call) => (helper::judge(*call, &self.engine, site, governing), &Nonce::Code),
            What::Inline { kind, spellings, nonce, is_speculation_rules } => {
                let inline = Inline {
                    kind: *kind,
                    spellings: spellings.as_deref(),
                    nonce,
                    is_speculation_rules: *is_speculation_rules,
                    browser,
                };
                (inline.judge(&self.engine, governing), nonce)
            }
            What::Fetch { destination, url, base, integrity, nonce } => {
                let resolved = match url {
                    Some(url) => match resolved(url, *base, bases) {
                        // Browsers ask for nothing.
                        None => return Ok(()),
                        Some(url) if *destination == Destination::Use && !site.has(&url) => {
                            return Ok(());
                        }
                        url => url,
                    },
                    None => None,
                };
                let external = External { destination: *destination, url: resolved.as_ref(), integrity, nonce };
                let (said, found) = self.request(site, &external, governing)?;
                for found in found {
                    findings.add_blocked(subject, external.url, found);
                }
                let followed = self.followed(site, &external, governing)?;
                findings.add_followed(&subject.notes, &followed);
                (said.into_iter().collect(), nonce)
            }
            What::Meta { .. } => return Ok(()),
        };
        let sandboxed = sandbox::said(&subject.what, governing);
        for said in sandboxed.into_iter().chain(said).chain(constant(nonce, governing)) {
            findings.add(subject, said);
        }
        Ok(())
    }
}

/// What there is to say of a nonce that is the same in every response.
fn constant(nonce: &Nonce, governing: &[&Judged]) -> Option<Finding> {
    let Nonce::Value(value) = nonce else {
        return None;
    };
    let source = format!("'nonce-{value}'");
    let replaces = |judged: &&Judged| judged.policy.nonces == Nonces::Replaced && judged.policy.text.contains(&source);
    if governing.iter().any(replaces) {
        return None;
    }
    let message = if value.parse::<NonceSource>().is_err() {
        format!("{value:?} is no nonce, so it was to be replaced before the page is sent; no policy can name it")
    } else if Placeholder::is_one(value) {
        format!(
            "{value} is a placeholder for a nonce, which nothing here replaces: it is the same in every response, and an injected script can carry it"
        )
    } else if governing.iter().any(|judged| judged.policy.nonces == Nonces::Captured) {
        return None;
    } else {
        let (message, help) = STATIC_NONCE;
        return Some(Finding::new(Code::StaticNonce, message, help));
    };
    Some(Finding::new(
        Code::LeftoverPlaceholder,
        message,
        "deploy what replaces it (see cspseal nonce --server), or name the template dialect with --template",
    ))
}

/// Says so when a page has no policy, or several.
fn how_many(sent: &[&Judged], metas: &[Meta], subjects: &Subjects, findings: &mut Findings<'_>) {
    let own: Vec<&Meta> = metas.iter().filter(|meta| meta.document == 0).collect();
    let enforced = sent.iter().copied().chain(own.iter().map(|meta| &*meta.judged));
    let enforced: Vec<&Judged> = enforced.filter(|judged| !judged.policy.report_only).collect();
    let texts: HashSet<&str> = enforced.iter().map(|judged| &*judged.policy.text).collect();
    // An empty header restricts nothing.
    let is_empty = |judged: &&Judged| judged.policy.text.trim().is_empty();
    let said = if sent.iter().all(is_empty) && own.is_empty() {
        Finding::new(
            Code::NoPolicy,
            "no policy governs this page, so whatever is injected into it runs",
            "send it a policy, or leave it out with --exclude",
        )
    } else if texts.len() > 1 {
        let mut names: Vec<(String, usize)> = Vec::new();
        for judged in &enforced {
            let name = judged.origin();
            match names.iter_mut().find(|(known, _)| *known == name) {
                Some((_, count)) => *count += 1,
                None => names.push((name, 1)),
            }
        }
        let name = |(name, count)| match count {
            1 => name,
            count => format!("{count} of {name}"),
        };
        let names: Vec<String> = names.into_iter().map(name).collect();
        Finding::new(
            Code::SecondPolicy,
            format!("several policies govern this page ({}), and what runs must be allowed by each", names.join(", ")),
            "send one policy, or make sure that each allows what the page needs",
        )
    } else {
        return;
    };
    // Of the policies in the page the first that is not ours, or else the last, is the one too many.
    let second = own.iter().find(|meta| !meta.is_marked).or(own.last());
    let location = second.map(|meta| subjects.all[meta.index].location);
    findings.add_at(location.unwrap_or(Location::START), said);
}
