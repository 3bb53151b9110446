//! Findings in bounded memory: a page that somebody else made may have a million.
//!
//! Of each code the first 10,000 findings are kept, in the order of the site, and 10,000 further places of them. The rest is counted,
//! so that sums and exit codes are right. Each code has its own room, and each finding its first place: many of one kind hide none of
//! another.

use std::collections::{BTreeMap, HashMap};

use super::{Code, Finding};

/// The number of findings of one code that are kept, and of their further places.
pub const MOST_FINDINGS: usize = 10_000;

/// Findings as they come.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bounded {
    all: Vec<Finding>,
    codes: BTreeMap<Code, Room>,
}

/// The findings of a code that are kept, as numbers.
#[derive(Clone, Copy, Debug)]
struct Room {
    findings: usize,
    /// Of findings with several the others than the first.
    places: usize,
    /// The index of the finding that came last.
    last: usize,
}

impl Bounded {
    /// Keeps a finding with as many of its places as there is room for, and counts the others.
    pub(crate) fn push(&mut self, mut finding: Finding) {
        let next = self.all.len();
        let room = self.codes.entry(finding.code).or_insert(Room { findings: 0, places: 0, last: next });
        if room.findings == MOST_FINDINGS {
            self.all[room.last].left_out += finding.count();
            return;
        }
        let left = MOST_FINDINGS - room.places;
        finding.left_out += finding.more.len().saturating_sub(left);
        finding.more.truncate(left);
        room.findings += 1;
        room.places += finding.more.len();
        room.last = next;
        self.all.push(finding);
    }

    /// The findings that are kept.
    pub(crate) fn as_slice(&self) -> &[Finding] {
        &self.all
    }

    /// The findings that are kept.
    pub(crate) fn into_vec(self) -> Vec<Finding> {
        self.all
    }
}

impl Extend<Finding> for Bounded {
    fn extend<I: IntoIterator<Item = Finding>>(&mut self, findings: I) {
        findings.into_iter().for_each(|finding| self.push(finding));
    }
}

impl FromIterator<Finding> for Bounded {
    fn from_iter<I: IntoIterator<Item = Finding>>(findings: I) -> Self {
        let mut all = Self::default();
        all.extend(findings);
        all
    }
}

/// Findings of which those that say the same are one with several places.
#[derive(Debug, Default)]
pub(crate) struct Merged {
    kept: Bounded,
    known: HashMap<(Code, String, String), usize>,
}

impl Merged {
    /// Adds the place of a finding to one that says the same, or adds the finding.
    pub(crate) fn push(&mut self, finding: Finding) {
        let key = (finding.code, finding.message.clone(), finding.help.clone());
        let Some(&at) = self.known.get(&key) else {
            let next = self.kept.all.len();
            self.kept.push(finding);
            if self.kept.all.len() > next {
                self.known.insert(key, next);
            }
            return;
        };
        let first = &mut self.kept.all[at];
        if first.place == finding.place || first.more.last() == finding.place.as_ref() {
            first.left_out += finding.left_out;
            return;
        }
        let Some(room) = self.kept.codes.get_mut(&finding.code) else {
            return;
        };
        if room.places == MOST_FINDINGS {
            first.left_out += finding.count();
            return;
        }
        room.places += 1;
        first.left_out += finding.left_out;
        first.more.extend(finding.place);
    }

    /// The findings that are kept.
    pub(crate) fn into_vec(self) -> Vec<Finding> {
        self.kept.into_vec()
    }
}

impl Extend<Finding> for Merged {
    fn extend<I: IntoIterator<Item = Finding>>(&mut self, findings: I) {
        findings.into_iter().for_each(|finding| self.push(finding));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Place;

    fn finding(code: Code, line: u64) -> Finding {
        Finding::new(code, "m", "h").at(Place { path: "a.html".into(), line, column: 1 })
    }

    fn count(findings: &[Finding]) -> usize {
        findings.iter().map(Finding::count).sum()
    }

    #[test]
    fn the_first_are_kept_and_the_others_counted() {
        let mut all = Bounded::default();
        all.extend((1..=12_345).map(|line| finding(Code::BlockedScript, line)));
        all.push(finding(Code::BlockedStyle, 1));
        let all = all.into_vec();
        assert_eq!((all.len(), count(&all)), (10_001, 12_346));
        assert_eq!((all[9_999].left_out, all[10_000].left_out), (2_345, 0));
    }

    #[test]
    fn places_need_room_too() {
        let mut many = finding(Code::BlockedScript, 1);
        many.more = vec![many.place.clone().unwrap(); 8_000];
        let all: Bounded = [many.clone(), many.clone(), many].into_iter().collect();
        let all = all.into_vec();
        assert_eq!((all.len(), count(&all)), (3, 3 * 8_001));
        let places = all.iter().map(|finding| finding.more.len());
        assert_eq!(places.collect::<Vec<_>>(), [8_000, 2_000, 0]);
    }

    #[test]
    fn what_says_the_same_is_merged() {
        let mut all = Merged::default();
        for line in [1, 1, 2, 2, 3] {
            all.push(finding(Code::BlockedScript, line));
        }
        let merged = all.into_vec();
        assert_eq!((merged.len(), merged[0].more.len()), (1, 2));
        let mut all = Merged::default();
        for line in 1..=30_000 {
            all.push(finding(Code::BlockedScript, line));
        }
        let merged = all.into_vec();
        assert_eq!((merged.len(), count(&merged)), (1, 30_000));
        assert_eq!((merged[0].more.len(), merged[0].left_out), (10_000, 19_999));
    }
}
