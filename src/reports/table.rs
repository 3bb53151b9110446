//! The rows: how often each directive reported each source, and each inline resource by itself.
//!
//! Memory grows with the number of different rows, which has a limit, and not with the number of reports.

use std::collections::BTreeSet;
use std::collections::btree_map::{BTreeMap, Entry};
use std::sync::Arc;

use super::MOST_ROWS;
use super::report::{Content, Inline, Kind, Report, Source};
use super::time::Time;
use crate::finding::{Code, Finding, Merged, Place};
use crate::policy::LONGEST;

/// How often something was reported, and when.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) count: u64,
    /// The earliest and the latest of the times that the collector noted.
    pub(crate) first: Option<Time>,
    pub(crate) last: Option<Time>,
    /// The policy of the last report that had one.
    pub(crate) policy: Option<Arc<str>>,
}

impl Seen {
    fn add(&mut self, time: Option<Time>, policy: Option<Arc<str>>) {
        self.count += 1;
        self.first = self.first.into_iter().chain(time).min();
        self.last = self.last.max(time);
        self.policy = policy.or(self.policy.take());
    }
}

/// All that was reported.
#[derive(Debug, Default)]
pub(crate) struct Table {
    /// By kind, directive and source.
    pub(crate) rows: BTreeMap<(Kind, String, Source), Seen>,
    pub(crate) inlines: BTreeMap<Inline, Seen>,
    /// The number of reports in the rows.
    pub(crate) reports: u64,
    /// The number of reports of other types.
    pub(crate) others: u64,
    /// The number of reports for which there was no row.
    left_out: u64,
    policies: BTreeSet<Arc<str>>,
    policy_bytes: usize,
    findings: Merged,
}

impl Table {
    pub(super) fn add(&mut self, content: Content, place: &Place) {
        match content {
            Content::Report(report) => self.add_report(*report),
            Content::Other => self.others += 1,
            Content::Unknown => self.reject("is not a violation report", place),
        }
    }

    /// Notes something that is no report.
    pub(super) fn reject(&mut self, message: &str, place: &Place) {
        let help = "look at what the collector wrote; the rest of the file was read";
        let finding = Finding::new(Code::UnreadReport, message, help);
        self.findings.push(finding.at(place.clone()));
    }

    fn add_report(&mut self, report: Report) {
        self.reports += 1;
        let policy = report.policy.and_then(|policy| self.intern(policy));
        let key = (report.kind, report.directive, report.source);
        let mut has_room = count(&mut self.rows, key, report.received, None);
        if let Some(inline) = report.inline {
            has_room &= count(&mut self.inlines, inline, report.received, policy);
        }
        self.left_out += u64::from(!has_room);
    }

    /// Stores each policy once, and none once there are too many.
    fn intern(&mut self, policy: Arc<str>) -> Option<Arc<str>> {
        if let Some(known) = self.policies.get(&policy) {
            return Some(Arc::clone(known));
        }
        if self.policy_bytes + policy.len() > LONGEST {
            return None;
        }
        self.policy_bytes += policy.len();
        self.policies.insert(Arc::clone(&policy));
        Some(policy)
    }

    /// Takes the findings about what could not be read or counted.
    pub(crate) fn take_findings(&mut self) -> Vec<Finding> {
        let mut findings = std::mem::take(&mut self.findings).into_vec();
        if self.left_out > 0 {
            let message = format!(
                "{} of {} reports are not in the tables, which have {MOST_ROWS} rows at most",
                self.left_out, self.reports
            );
            let help = "give the reports of a shorter time; anybody can send reports that differ";
            findings.push(Finding::new(Code::UnreadReport, message, help));
        }
        findings
    }
}

/// Whether there was room for it.
fn count<K: Ord>(rows: &mut BTreeMap<K, Seen>, key: K, time: Option<Time>, policy: Option<Arc<str>>) -> bool {
    let is_full = rows.len() >= MOST_ROWS;
    match rows.entry(key) {
        Entry::Vacant(_) if is_full => return false,
        Entry::Vacant(free) => free.insert(Seen::default()).add(time, policy),
        Entry::Occupied(mut known) => known.get_mut().add(time, policy),
    }
    true
}
