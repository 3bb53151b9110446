//! The policies in a page's `<meta>` elements, and what is wrong with where they are.

use std::sync::{Arc, PoisonError};

use super::Checker;
use super::page_findings::Findings;
use super::policies::{GoverningPolicy, Judged, Origin};
use crate::finding::{Code, Finding, Place};
use crate::page::subject::{Subjects, What};
use crate::page::{Destination, InlineCheckType, InlineKind};
use crate::policy::{DirectiveName, IGNORED_IN_META, as_sent};
use crate::template::{HelperCall, Written};

/// A policy in the page.
pub(super) struct Meta {
    /// Its place among the subjects.
    pub(super) index: usize,
    pub(super) document: u32,
    pub(super) judged: Arc<Judged>,
    /// Whether `cspseal` wrote it.
    pub(super) is_marked: bool,
}

impl Checker {
    /// The policies in the page, and what is wrong with where they stand.
    pub(super) fn metas(&self, path: &Arc<str>, subjects: &Subjects, findings: &mut Findings<'_>) -> Vec<Meta> {
        let mut metas = Vec::new();
        for (index, subject) in subjects.all.iter().enumerate() {
            let What::Meta { policy, in_head, report_only, is_marked } = &subject.what else {
                continue;
            };
            if *report_only || !*in_head {
                findings.add(subject, ignored(*report_only));
                continue;
            }
            let judged = self.meta(policy, Place::of(path, subject.location));
            let early = subjects.all[..index].iter().filter(|earlier| {
                earlier.document == subject.document
                    && !earlier.is_later
                    && !earlier.is_scriptless
                    && is_governed(&earlier.what, &judged)
            });
            match early.count() {
                0 => {}
                count => findings.add(subject, late(count)),
            }
            for name in IGNORED_IN_META {
                if names(policy, *name) {
                    findings.add(subject, useless(*name));
                }
            }
            metas.push(Meta { index, document: subject.document, judged, is_marked: *is_marked });
        }
        metas
    }

    /// A policy in a page, read once however many pages have it.
    fn meta(&self, text: &str, place: Place) -> Arc<Judged> {
        let mut known = self.metas.lock().unwrap_or_else(PoisonError::into_inner);
        let judged = known
            .entry(text.to_owned())
            .or_insert_with(|| Arc::new(Judged::new(GoverningPolicy::new(text, Origin::Meta))));
        judged.stands_at(place);
        Arc::clone(judged)
    }
}

fn names(policy: &str, name: DirectiveName) -> bool {
    policy.split([';', ',']).any(|directive| {
        let mut words = directive.split_ascii_whitespace();
        words.next().is_some_and(|word| word.eq_ignore_ascii_case(name.name()))
    })
}

/// Whether a policy would decide on a thing.
fn is_governed(what: &What, judged: &Judged) -> bool {
    let check = match what {
        What::Inline { kind, .. } => kind.check_type(),
        What::Fetch { destination: Destination::Script, .. } => InlineCheckType::Script,
        // What comes first may be an icon or the like.
        What::Fetch { .. } => return false,
        What::Helper(HelperCall { written: Written::Link, .. }) | What::Evaluated(_) | What::Meta { .. } => {
            return false;
        }
        What::Helper(call) => InlineKind::from(call.written).check_type(),
    };
    let mut parts = judged.reading.parts(as_sent::Browser::Chromium).iter();
    parts.any(|part| part.effective(check).is_some())
}

fn ignored(report_only: bool) -> Finding {
    match report_only {
        true => {
            Finding::new(Code::IgnoredInMeta, "browsers ignore a report-only policy in a <meta>", "send it in a header")
        }
        false => Finding::new(
            Code::MisplacedMetaPolicy,
            "browsers ignore a policy in a <meta> outside the head, so it governs nothing",
            "move it into the head, before everything it is to govern",
        ),
    }
}

fn late(count: usize) -> Finding {
    let things = if count == 1 {
        "a script or inline resource stands".to_owned()
    } else {
        format!("{count} scripts and inline resources stand")
    };
    Finding::new(
        Code::LateMetaPolicy,
        format!("{things} before this policy, which governs only what comes behind it"),
        "move the <meta> to the beginning of the head, behind the one that declares the encoding",
    )
}

fn useless(name: DirectiveName) -> Finding {
    Finding::new(
        Code::IgnoredInMeta,
        format!("{name} does nothing in a <meta>, so browsers ignore it"),
        "send it in a header",
    )
}
