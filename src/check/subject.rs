//! One thing that the policies of its page decide on: whether each allows it in each browser, and what to say if not.

use super::engine::{Engine, HashedText, word_for};
use super::lists::{Flag, List};
use super::policies::Judged;
use crate::finding::{Code, Finding};
use crate::hash::{HashAlgorithm, HashSource};
use crate::page::InlineKind;
use crate::page::script::NonceFlaw;
use crate::page::subject::Nonce;
use crate::policy::as_sent::Browser;
use crate::policy::{DirectiveName, Keyword};

/// A policy that does not allow a thing.
struct Blocked<'p> {
    judged: &'p Judged,
    list: &'p List,
    browser: Browser,
    /// Its hash is in the list all the same.
    has_hash: bool,
}

/// An inline resource.
pub(super) struct Inline<'a> {
    pub(super) kind: InlineKind,
    /// The texts that browsers hash, Firefox's first and Chromium's last; `None` when template code makes it.
    pub(super) spellings: Option<&'a [String]>,
    pub(super) nonce: &'a Nonce,
    pub(super) is_speculation_rules: bool,
    /// The browser that reads it, where another one reads another document.
    pub(super) browser: Option<Browser>,
}

impl Inline<'_> {
    /// What the policies make of it.
    pub(super) fn judge(&self, engine: &Engine, policies: &[&Judged]) -> Vec<Finding> {
        let blocked = self.blocked(engine, policies);
        let mut said = Vec::new();
        if let Nonce::Ignored(flaw) = self.nonce
            && let Some(blocked) = blocked.iter().find(|b| b.list.has_nonce())
        {
            said.push(not_nonceable(flaw, blocked.judged));
        }
        let Some(first) = blocked.first() else {
            return said;
        };
        said.push(self.blocked_by(first, &blocked));
        if let Some(lacking) = blocked.iter().find(|blocked| blocked.has_hash) {
            said.push(self.lacks_unsafe_hashes(lacking));
        }
        let can_have = !self.kind.check_type().needs_unsafe_hashes();
        let waits = blocked.iter().find(|b| b.list.has_nonce());
        if let Some(waits) = waits.filter(|_| can_have && *self.nonce == Nonce::None) {
            said.push(missing_nonce(waits.judged, waits.list));
        }
        said
    }

    fn blocked<'p>(&self, engine: &Engine, policies: &[&'p Judged]) -> Vec<Blocked<'p>> {
        let check = self.kind.check_type();
        let texts: Option<Vec<HashedText<'_>>> =
            self.spellings.map(|texts| texts.iter().map(|text| HashedText::new(text)).collect());
        let mut blocked = Vec::new();
        for &judged in policies {
            let reads = |browser: &Browser| self.browser.is_none_or(|only| only == *browser);
            for browser in Browser::ALL.into_iter().filter(reads) {
                let text = texts.as_ref().and_then(|texts| match browser {
                    Browser::Firefox => texts.first(),
                    Browser::Chromium => texts.last(),
                });
                for part in judged.reading.parts(browser) {
                    let Some(list) = part.effective(check) else {
                        continue;
                    };
                    let nonce = nonce_for(self.nonce, list);
                    let verdict = engine.inline(list, check, text, nonce, browser);
                    // Spellings that neither browser hashes are there for a third.
                    for text in texts.iter().flatten() {
                        self.mark(list, text, browser);
                    }
                    if verdict.allowed || self.is_allowed_as_rules(list, browser) {
                        continue;
                    }
                    let others = part.lists.iter().filter(|other| other.name != list.name);
                    let word = |other: &'p List| text.and_then(|t| word_for(other, t, browser));
                    for word in others.filter_map(word) {
                        word.flag(Flag::Elsewhere);
                    }
                    blocked.push(Blocked { judged, list, browser, has_hash: verdict.word.is_some() });
                }
            }
        }
        blocked
    }

    /// Whether these are speculation rules that a list allows whatever their text is. Firefox 153 does not ask for them (run).
    fn is_allowed_as_rules(&self, list: &List, browser: Browser) -> bool {
        self.is_speculation_rules
            && match browser {
                Browser::Chromium => {
                    list.has(Keyword::InlineSpeculationRules)
                        && list.switch_off(self.kind.check_type().into()).is_none()
                }
                Browser::Firefox => true,
            }
    }

    /// Marks the hash of a text in the list that is in effect.
    fn mark(&self, list: &List, text: &HashedText<'_>, browser: Browser) {
        if let Some(word) = word_for(list, text, browser) {
            word.flag(Flag::Used);
            if self.kind.check_type().needs_unsafe_hashes() {
                word.flag(Flag::ForAttribute);
            }
        }
    }

    fn blocked_by(&self, first: &Blocked<'_>, all: &[Blocked<'_>]) -> Finding {
        // The policy that is named may block in one browser, and one that is only reported in both.
        let report_only = first.judged.policy.report_only;
        let alike = |blocked: &&Blocked<'_>| blocked.judged.policy.report_only == report_only;
        let blocks = |browser: &Browser| {
            let mut alike = all.iter().filter(alike);
            alike.any(|blocked| blocked.browser == *browser)
        };
        let mut browsers = Browser::ALL.into_iter().filter(blocks);
        let who = match (browsers.next(), browsers.next()) {
            (Some(only), None) => format!("in {} ", only.name()),
            _ => String::new(),
        };
        let what = self.kind.noun();
        let named = first.judged.named();
        let Some(spellings) = self.spellings else {
            return Finding::new(
                Code::DynamicInline,
                format!(
                    "template code decides what this {what} says, so no hash can allow it, and {named} blocks it {who}by {}",
                    first.list.name
                ),
                unlisted_nonce(self.nonce, first.list).unwrap_or_else(|| self.kind.dynamic_help().to_owned()),
            );
        };
        let message = format!("{named} blocks this {what} {who}by {}", first.list.name);
        Finding::new(self.kind.blocked(), message, self.remedy(first, spellings))
    }

    /// How to let it through.
    fn remedy(&self, first: &Blocked<'_>, spellings: &[String]) -> String {
        let mut hashes: Vec<String> = Vec::new();
        for text in spellings {
            let hash = HashSource::of(HashAlgorithm::Sha256, text.as_bytes()).to_string();
            if !hashes.contains(&hash) {
                hashes.push(hash);
            }
        }
        let hashes = hashes.join(" ");
        let list = first.list;
        let directive = match list.name {
            DirectiveName::DefaultSrc => {
                let own = DirectiveName::from(self.kind.check_type()).general();
                format!("{own} (as a copy of default-src)")
            }
            name => name.to_string(),
        };
        if let Some(help) = unlisted_nonce(self.nonce, list) {
            return help;
        }
        let nonces = list.has_nonce();
        match self.kind.instead("it") {
            Some(instead) => format!("{instead}, or add 'unsafe-hashes' {hashes} to {directive}"),
            None if nonces => {
                format!("give it the nonce (see cspseal nonce --help), or add {hashes} to {directive}")
            }
            None => {
                format!("add {hashes} to {directive}, or make the policy anew with cspseal hash")
            }
        }
    }

    fn lacks_unsafe_hashes(&self, blocked: &Blocked<'_>) -> Finding {
        let name = blocked.list.name;
        Finding::new(
            Code::MissingUnsafeHashes,
            format!(
                "{} has the hash of this in {name}, but not 'unsafe-hashes', without which a hash counts for no attribute and no URL",
                blocked.judged.named()
            ),
            format!("add 'unsafe-hashes' to {name}"),
        )
    }
}

/// What a policy says of a script or style whose nonce browsers ignore.
pub(super) fn not_nonceable(flaw: &NonceFlaw, judged: &Judged) -> Finding {
    Finding::new(Code::NotNonceable, format!("{}, so {} blocks it", flaw.message(), judged.named()), flaw.help())
}

/// What a policy says of a script or style without a nonce.
pub(super) fn missing_nonce(judged: &Judged, list: &List) -> Finding {
    Finding::new(
        Code::MissingNonce,
        format!("this has no nonce, and {} lets through by {} what has one", judged.named(), list.name),
        "put the nonce into its tag in the template; cspseal nonce does, or reports why none would be filled there",
    )
}

/// What to do about what has a nonce, under a list that names none.
pub(super) fn unlisted_nonce(nonce: &Nonce, list: &List) -> Option<String> {
    let is_lost = matches!(nonce, Nonce::Code) && !list.has_nonce();
    is_lost.then(|| {
        format!(
            "add the nonce that it carries to {0}: say who makes it in [nonce] of cspseal.toml, and run cspseal hash; where your own code does, add one to {0} for it to replace, such as 'nonce-CSP_NONCE'",
            list.name
        )
    })
}

/// The nonce that counts in a list: template code writes the one of the policy.
pub(super) fn nonce_for<'a>(nonce: &'a Nonce, list: &'a List) -> Option<&'a str> {
    match nonce {
        Nonce::Value(value) => Some(value),
        Nonce::Code => list.sources.nonce(),
        Nonce::None | Nonce::Ignored(_) => None,
    }
}
