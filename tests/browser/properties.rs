//! The five properties of one document, each from loads of it in a browser.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::driver::{Fault, LIMIT, Tab};
use super::exceptions::Property;
use super::inject::{MARKUP, MARKUP_WITH_NONCE, markup, replace};
use super::report::{Counts, Report, count};
use super::sealed::{Hashed, Inline, PLACEHOLDER, Sealed};
use super::server::{Response, Server, inline};

/// What is wrong with a document.
pub(crate) type Faults = Vec<(Property, String)>;

/// One document in one browser.
pub(crate) struct Trial<'a> {
    pub(crate) server: &'a Server,
    pub(crate) tab: &'a mut dyn Tab,
    pub(crate) browser: &'a str,
    pub(crate) sealed: &'a Sealed,
    pub(crate) loads: &'a AtomicU64,
}

impl Trial<'_> {
    /// Tries all five.
    pub(crate) fn run(mut self) -> Result<Faults, Fault> {
        let mut faults = Faults::new();
        let recorded = self.sealed.document.recorded.get(self.browser);
        let mut load = Load::of(&self.sealed.document.bytes).inject(MARKUP);
        load.expect = recorded.into_iter().flatten().cloned().collect();
        let free = self.load(load)?;
        self.control(&free, &mut faults);
        self.hashed(&free, &mut faults)?;
        self.blocked(&mut faults)?;
        self.injected(&mut faults)?;
        self.nonced(&free, &mut faults)?;
        self.meta(&free, &mut faults)?;
        Ok(faults)
    }

    fn load(&mut self, load: Load) -> Result<Report, Fault> {
        self.loads.fetch_add(1, Ordering::Relaxed);
        let document = &self.sealed.document;
        let (url, token) = self.server.offer(Response {
            path: document.path.clone(),
            content_type: document.content_type.clone(),
            policies: load.policies,
            report_only: load.report_only,
            body: load.body,
            task: json!({"expect": load.expect, "inject": load.inject}),
            files: document.files.clone(),
        });
        self.tab.open(&url)?;
        let report = self.server.report(token, LIMIT).ok_or("no report came")?;
        let mut report: Report = serde_json::from_value(report)?;
        if let Some(failed) = report.failed {
            return Err(failed.into());
        }
        report.console = self.console(report.sentinels)?;
        Ok(report)
    }

    /// The console up to what it says of the last request of the probe, behind which nothing is of interest.
    fn console(&mut self, sentinels: usize) -> Result<Vec<String>, Fault> {
        let last = format!("127.0.0.1:9/sentinel/{sentinels}");
        let until = Instant::now() + LIMIT;
        loop {
            let said = self.tab.console()?;
            if said.iter().any(|line| line.contains(&last)) {
                return Ok(said);
            }
            if Instant::now() > until {
                return Err("the console lacks the last request of the probe".into());
            }
        }
    }

    /// Without a policy everything runs, what is injected too; else the other loads would prove nothing.
    fn control(&self, free: &Report, faults: &mut Faults) {
        let all = ["script", "style", "handler", "url"].map(ToOwned::to_owned);
        // A policy of the page's own may stop it.
        if !self.has_own_policy() && !all.iter().all(|what| free.evil.contains(what)) {
            faults.push((Property::Control, format!("of what was injected ran {:?}", free.evil)));
        }
        faults.extend(free.errors.iter().map(|error| (Property::Control, error.clone())));
    }

    fn has_own_policy(&self) -> bool {
        let html = String::from_utf8_lossy(&self.sealed.document.bytes).to_ascii_lowercase();
        html.contains("content-security-policy")
    }

    /// Under the policy of `hash --unsafe-hashes`: nothing is blocked, everything runs, and each hash is needed.
    fn hashed(&mut self, free: &Report, faults: &mut Faults) -> Result<(), Fault> {
        let Hashed { policy, inlines } = &self.sealed.hashed;
        let live: Vec<&Inline> = inlines.iter().filter(|i| !i.may_rest).collect();
        let mut load = Load::of(&self.sealed.document.bytes).policy(policy.clone());
        load.expect = self.late(free);
        load.policies.extend(self.sealed.site_policy.clone());
        let without = |at: usize| without(inlines, live[at], at);
        load.report_only = (0..live.len()).map(without).collect();
        let report = self.load(load)?;
        compare(Property::Runs, free, &report, faults);
        for (at, inline) in live.iter().enumerate() {
            if !report.violates(&format!("without-{at}")) {
                faults.push((Property::Asked, format!("nothing asks for {inline:?}")));
            }
        }
        Ok(())
    }

    /// What to wait for in a page that imports modules, which come after its load event: what ran without a policy.
    fn late(&self, free: &Report) -> Vec<String> {
        let imports = self.sealed.document.bytes.windows(7).any(|text| text == b"import(");
        if imports { free.ran.clone() } else { Vec::new() }
    }

    /// Under a policy that blocks everything inline, the console names the hashes.
    fn blocked(&mut self, faults: &mut Faults) -> Result<(), Fault> {
        let report = self.load(Load::of(&self.sealed.document.bytes).policy(inline()))?;
        let asked = report.hashes();
        let named = |inline: &&Inline| match self.browser {
            // Chromium names the hashes of attributes only for styles.
            "chromium" => ["script", "style", "style-attribute"].contains(&&*inline.kind),
            _ => true,
        };
        let inlines = || self.sealed.hashed.inlines.iter().filter(named);
        let ours: BTreeSet<&String> = inlines().flat_map(|i| &i.hashes).collect();
        for hash in &asked {
            if !ours.contains(hash) {
                faults.push((Property::Asked, format!("{hash} is asked for and missing")));
            }
        }
        for inline in inlines().filter(|i| !i.may_rest) {
            if !inline.hashes.iter().any(|hash| asked.contains(hash)) {
                faults.push((Property::Asked, format!("the console does not name {inline:?}")));
            }
        }
        if !report.ran.is_empty() {
            faults.push((Property::Asked, format!("ran although blocked: {:?}", report.ran)));
        }
        Ok(())
    }

    /// What is injected into the response and into the running page is blocked. It may change what the rest of the page is.
    fn injected(&mut self, faults: &mut Faults) -> Result<(), Fault> {
        let document = &self.sealed.document;
        let spliced = markup(document, &document.bytes, MARKUP);
        let policy = self.sealed.hashed.policy.clone();
        let report = self.load(Load::of(&spliced).policy(policy).inject(MARKUP))?;
        let twice = injected(2).into_iter().map(|(what, count)| (what, 2 * count)).collect();
        stopped(Property::Blocked, &report, &report.enforced_in_all(), &twice, faults);
        Ok(())
    }

    /// With nonces from a server that makes each anew; what is injected has none, or one from another response.
    fn nonced(&mut self, free: &Report, faults: &mut Faults) -> Result<(), Fault> {
        let Some((bytes, hashed)) = &self.sealed.nonced else {
            return Ok(());
        };
        let (first, second) = (nonce(), nonce());
        let respond = |nonce: &str| (replace(bytes, PLACEHOLDER, nonce), hashed.policy.replace(PLACEHOLDER, nonce));
        let (body, policy) = respond(&first);
        let stolen = MARKUP_WITH_NONCE.replace("NONCE", &second);
        let report = self.load(Load::of(&body).policy(policy).inject(&stolen).expect(self.late(free)))?;
        compare(Property::Nonce, free, &report, faults);
        stopped(Property::Nonce, &report, &report.enforced_on_injection(), &injected(3), faults);
        let (body, policy) = respond(&second);
        let stolen = MARKUP_WITH_NONCE.replace("NONCE", &first);
        let spliced = markup(&self.sealed.document, &body, &stolen);
        let report = self.load(Load::of(&spliced).policy(policy))?;
        stopped(Property::Nonce, &report, &report.enforced_in_all(), &injected(3), faults);
        Ok(())
    }

    /// With the policy in the page and nowhere else.
    fn meta(&mut self, free: &Report, faults: &mut Faults) -> Result<(), Fault> {
        let Some(bytes) = &self.sealed.meta else {
            return Ok(());
        };
        let report = self.load(Load::of(bytes).inject(MARKUP).expect(self.late(free)))?;
        compare(Property::Meta, free, &report, faults);
        stopped(Property::Meta, &report, &report.enforced_on_injection(), &injected(2), faults);
        Ok(())
    }
}

/// One load of a page.
struct Load {
    body: Vec<u8>,
    policies: Vec<String>,
    report_only: Vec<String>,
    /// What must run before the end.
    expect: Vec<String>,
    /// Markup that the probe injects at the end.
    inject: Option<String>,
}

impl Load {
    fn of(body: &[u8]) -> Self {
        Self { body: body.to_owned(), policies: Vec::new(), report_only: Vec::new(), expect: Vec::new(), inject: None }
    }

    fn policy(mut self, policy: String) -> Self {
        self.policies.push(policy);
        self
    }

    fn expect(mut self, what: Vec<String>) -> Self {
        self.expect = what;
        self
    }

    fn inject(mut self, markup: &str) -> Self {
        self.inject = Some(markup.to_owned());
        self
    }
}

/// A report-only policy with all hashes for one directive but those of one resource, which the browser reports if it asks
/// for one of them.
fn without(inlines: &BTreeSet<Inline>, left_out: &Inline, number: usize) -> String {
    let directive = directive(&left_out.kind);
    let of_directive = inlines.iter().filter(|i| self::directive(&i.kind) == directive);
    // Two URLs may have a spelling in common.
    let hashes: Vec<String> = of_directive
        .flat_map(|i| &i.hashes)
        .filter(|hash| !left_out.hashes.contains(hash))
        .map(|hash| format!("'{hash}'"))
        .collect();
    let hashes = hashes.join(" ");
    format!("{directive} https://without-{number} 'unsafe-hashes' 'report-sample' {hashes}")
}

fn directive(kind: &str) -> &'static str {
    match kind {
        "script" | "javascript-url" => "script-src-elem",
        "event-handler" => "script-src-attr",
        "style" => "style-src-elem",
        "style-attribute" => "style-src-attr",
        other => panic!("no directive for {other}"),
    }
}

/// What injected markup violates, with this many scripts and URLs.
fn injected(scripts: usize) -> Counts {
    let one = ["style-src-elem inline", "script-src-attr inline"];
    let scripts = std::iter::repeat_n("script-src-elem inline", scripts);
    count(one.into_iter().chain(scripts).map(ToOwned::to_owned))
}

/// A page under a policy must do what it does without.
fn compare(property: Property, free: &Report, sealed: &Report, faults: &mut Faults) {
    let mut differ = |what: &str, free: Counts, sealed: Counts| {
        let differing: Vec<String> = free
            .keys()
            .chain(sealed.keys())
            .collect::<BTreeSet<_>>()
            .into_iter()
            .filter(|key| free.get(*key) != sealed.get(*key))
            .map(|key| format!("{key}: {:?}, without policy {:?}", sealed.get(key), free.get(key)))
            .collect();
        if !differing.is_empty() {
            faults.push((property, format!("{what}: {}", differing.join("; "))));
        }
    };
    let own = |report: &Report| count(report.ran.iter().cloned());
    differ("ran", own(free), own(sealed));
    differ("looks", count(free.looks.iter().cloned()), count(sealed.looks.iter().cloned()));
    differ("blocked", free.enforced(), sealed.enforced());
    differ("checked", free.reported(), sealed.reported());
    faults.extend(sealed.errors.iter().map(|error| (property, error.clone())));
}

/// What was injected must have done nothing, and have been reported.
fn stopped(property: Property, report: &Report, violations: &Counts, least: &Counts, faults: &mut Faults) {
    if !report.evil.is_empty() {
        faults.push((property, format!("injected and ran: {:?}", report.evil)));
    }
    for (what, least) in least {
        if violations.get(what).is_none_or(|count| count < least) {
            faults.push((property, format!("{what}: not {least} violations in {violations:?}")));
        }
    }
}

/// A nonce for one response. That nobody can guess it does not matter here; that it is another each time does.
fn nonce() -> String {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let number = LAST.fetch_add(1, Ordering::Relaxed);
    STANDARD.encode(&Sha256::digest(number.to_be_bytes())[..16])
}
