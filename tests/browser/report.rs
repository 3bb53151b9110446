//! What the probe says of one load of a page.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

/// Fields as in `probe.js`, frames included.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Report {
    /// Why there is nothing else.
    pub(crate) failed: Option<String>,
    /// What told the probe that it ran.
    pub(crate) ran: Vec<String>,
    /// A line for each element: which handlers are functions, its style, the rules of a sheet, some computed values.
    pub(crate) looks: Vec<String>,
    /// Before the probe injected anything.
    pub(crate) violations: Vec<Violation>,
    /// What the probe waited for in vain.
    pub(crate) errors: Vec<String>,
    /// What ran or was applied of what was injected.
    pub(crate) evil: BTreeSet<String>,
    /// From the injection on.
    pub(crate) blocked: Vec<Violation>,
    /// How many requests the probe made to know that all was reported.
    pub(crate) sentinels: usize,
    /// What the console said; not from the probe.
    #[serde(skip)]
    pub(crate) console: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Violation {
    pub(crate) directive: String,
    pub(crate) enforced: bool,
    /// `inline`, or a URL.
    pub(crate) blocked: String,
    pub(crate) sample: String,
    /// `everything`, or `without-` and the number of the resource whose hashes the policy lacks; else empty.
    pub(crate) policy: String,
}

/// How often each thing is there.
pub(crate) type Counts = BTreeMap<String, usize>;

pub(crate) fn count(things: impl IntoIterator<Item = String>) -> Counts {
    let mut counts = Counts::new();
    for thing in things {
        *counts.entry(thing).or_default() += 1;
    }
    counts
}

impl Report {
    /// The enforced violations before the probe injected anything, by directive, URLs with what is behind the loopback
    /// address.
    pub(crate) fn enforced(&self) -> Counts {
        enforced(self.violations.iter())
    }

    /// The enforced violations from the injection on.
    pub(crate) fn enforced_on_injection(&self) -> Counts {
        enforced(self.blocked.iter())
    }

    /// Whether something inline violated a policy. Only the console tells it of frames that may not run scripts.
    pub(crate) fn violates(&self, policy: &str) -> bool {
        let source = format!("https://{policy} ");
        let told = |line: &String| line.contains("inline") && line.contains(&source);
        let reported = |v: &Violation| v.blocked == "inline" && v.policy == policy;
        self.violations.iter().any(reported) || self.console.iter().any(told)
    }

    /// All enforced violations.
    pub(crate) fn enforced_in_all(&self) -> Counts {
        enforced(self.violations.iter().chain(&self.blocked))
    }

    /// What the policy that reports everything reported before any injection.
    pub(crate) fn reported(&self) -> Counts {
        let reported = self.violations.iter().filter(|v| !v.enforced && v.policy == "everything");
        count(reported.map(|v| format!("{} {:?}", v.what(), v.sample)))
    }

    /// The hashes that the console named.
    pub(crate) fn hashes(&self) -> BTreeSet<String> {
        let named = self.console.iter().filter_map(|line| {
            let (_, hash) = line.split_once("hash ('")?;
            Some(hash.split_once('\'')?.0.to_owned())
        });
        // Chromium's words where it names none.
        named.filter(|hash| hash != "sha256-...").collect()
    }
}

fn enforced<'a>(violations: impl Iterator<Item = &'a Violation>) -> Counts {
    count(violations.filter(|v| v.enforced).map(Violation::what))
}

impl Violation {
    fn what(&self) -> String {
        let blocked = match self.blocked.strip_prefix("http://127.0.0.1:") {
            // Behind the port and the token.
            Some(url) => url.splitn(3, '/').nth(2).unwrap_or_default(),
            None => &self.blocked,
        };
        format!("{} {blocked}", self.directive)
    }
}
