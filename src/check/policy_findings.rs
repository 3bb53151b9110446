//! What there is to say about a policy itself, once the pages it governs are known.

use super::lists::{Flag, List, Part, Word};
use super::policies::{Judged, Nonces, Origin, offset_in};
use crate::evaluate;
use crate::finding::{Bounded, Code, Finding};
use crate::page::InlineCheckType;
use crate::policy::as_sent::{Browser, Meaning};
use crate::policy::{DirectiveName, Keyword, large_policy};

/// The findings about a policy of a site.
pub(super) fn findings(judged: &Judged) -> Vec<Finding> {
    let mut findings = Bounded::default();
    let text = &judged.policy.text;
    for part in text.split(',') {
        for weakness in evaluate::malformed(part) {
            let offset = weakness.span.as_ref();
            let offset = offset.map(|span| offset_in(text, part) + span.start);
            findings.push(judged.place(weakness.into(), offset));
        }
    }
    if let Some((target, limit)) = &judged.policy.limit
        && text.len() > *limit
    {
        findings.push(Finding::new(
            Code::PolicyTooLong,
            format!("the policy has {} bytes, and {target} takes {limit}: it is cut off or ignored, so that pages have no policy or break", text.len()),
            "give each page its own policy with --scope page, or move scripts and styles into files",
        ));
    } else if judged.policy.origin != Origin::Meta && judged.policy.nonces != Nonces::Captured {
        // One that came with a response arrived.
        large_policy("the policy", text.len(), true).into_iter().for_each(|f| findings.push(f));
    }
    if judged.is_used() {
        let parts = judged.reading.parts(Browser::Firefox).iter();
        parts.for_each(|part| hosts(judged, part, &mut findings));
    }
    for part in judged.reading.parts(Browser::Chromium) {
        for list in &part.lists {
            unsafe_inline(part, list, &mut findings);
            speculation_rules(part, list, &mut findings);
            reported_hashes(part, list, &mut findings);
            // What governs no page that was read has nothing to show for it.
            if judged.is_used() {
                hashes(part, list, &mut findings);
            }
        }
    }
    findings
        .into_vec()
        .into_iter()
        .map(|finding| match finding.place {
            Some(_) => finding,
            None => judged.place(finding, None),
        })
        .collect()
}

/// Hosts that nothing needs and no script mentions. What only scripts ask for is unknown where there are scripts.
fn hosts(judged: &Judged, part: &Part, findings: &mut Bounded) {
    for list in part.all() {
        let is_for_scripts = || {
            use DirectiveName::{ChildSrc, ConnectSrc, DefaultSrc, FencedFrameSrc, WorkerSrc};
            matches!(list.name, ChildSrc | ConnectSrc | DefaultSrc | FencedFrameSrc | WorkerSrc)
        };
        // Who frames the pages is on other sites.
        if list.name == DirectiveName::FrameAncestors
            || list.has(Keyword::StrictDynamic)
            || judged.has_scripts() && is_for_scripts()
        {
            continue;
        }
        for word in list.orphaned_hosts() {
            findings.push(Finding::new(
                Code::OrphanedSource,
                format!("nothing on the pages needs {} of {}", word.text, list.name),
                "remove it, unless a script asks for it at run time; what browsers report tells (see `cspseal reports`)",
            ));
        }
    }
}

/// `'unsafe-inline'` that is open by mistake, or does nothing.
fn unsafe_inline(part: &Part, list: &List, findings: &mut Bounded) {
    if !list.has(Keyword::UnsafeInline) || !is_in_effect(part, list) {
        return;
    }
    let name = list.name;
    let off = list.switch_off(name);
    let mut words = list.words.iter();
    let failed = words.find(|word| word.meaning == Meaning::Failed);
    match (off, failed) {
        (Some(off), _) => findings.push(Finding::new(
            Code::UnsafeInlineDisabled,
            format!("'unsafe-inline' in {name} does nothing, because {} switches it off in every current browser", off.text),
            "remove it, unless browsers from before 2016 must run the page",
        )),
        (None, Some(failed)) => findings.push(Finding::new(
            Code::OpenUnsafeInline,
            format!("{} in {name} is not a valid nonce or hash, so it does not switch 'unsafe-inline' off: everything inline runs, also what is injected", failed.text),
            "write it as 'nonce-…' or 'sha256-…' in quotes of its own, and remove 'unsafe-inline'",
        )),
        (None, None) => {}
    }
}

/// `'inline-speculation-rules'` that does nothing.
fn speculation_rules(part: &Part, list: &List, findings: &mut Bounded) {
    let effective = part.effective(InlineCheckType::Script);
    let is_in_effect = effective.is_some_and(|effective| effective.name == list.name);
    if !list.has(Keyword::InlineSpeculationRules) || !is_in_effect {
        return;
    }
    if let Some(off) = list.switch_off(InlineCheckType::Script.into()) {
        findings.push(Finding::new(
            Code::SpeculationRulesDisabled,
            format!("'inline-speculation-rules' in {} does nothing, because {} switches it off", list.name, off.text),
            "remove it; inline speculation rules need a hash or the nonce, as other scripts do",
        ));
    }
}

/// Hashes of scripts that are to be reported, and nothing says where to.
fn reported_hashes(part: &Part, list: &List, findings: &mut Bounded) {
    let keywords = [Keyword::ReportSha256, Keyword::ReportSha384, Keyword::ReportSha512];
    let asked = keywords.into_iter().find(|keyword| list.has(*keyword));
    if let Some(keyword) = asked.filter(|_| !part.reports_to) {
        findings.push(Finding::new(
            Code::MissingReportEndpoint,
            format!(
                "'{}' in {} reports to the endpoint of report-to alone, which the policy lacks",
                keyword.name(),
                list.name
            ),
            "add report-to with the name of an endpoint, and send the header Reporting-Endpoints with its URL",
        ));
    }
}

/// Whether a list is in effect for any check.
fn is_in_effect(part: &Part, list: &List) -> bool {
    let mut effective = InlineCheckType::ALL.iter().filter_map(|check| part.effective(*check));
    effective.any(|effective| effective.name == list.name)
}

/// Hashes that do nothing, and `'unsafe-hashes'` that nothing needs.
fn hashes(part: &Part, list: &List, findings: &mut Bounded) {
    let name = list.name;
    let mut orphans: Vec<&Word> = Vec::new();
    let mut misplaced: Vec<&Word> = Vec::new();
    let is_hash = |word: &&Word| word.meaning.hash().is_some();
    let unused = |word: &&Word| !word.has(Flag::Used);
    for word in list.words.iter().filter(is_hash).filter(unused) {
        if word.has(Flag::Elsewhere) {
            misplaced.push(word);
        } else {
            orphans.push(word);
        }
    }
    for word in misplaced {
        let hidden_by: Vec<&str> = part
            .lists
            .iter()
            .filter(|other| other.name.fallback().contains(&name))
            .map(|other| other.name.name())
            .collect();
        let why = match hidden_by.is_empty() {
            true => "another directive is in effect for what has it".to_owned(),
            false => format!("{} is in effect instead", hidden_by.join(" and ")),
        };
        findings.push(Finding::new(
            Code::MisplacedHash,
            format!("{} does nothing in {name}, because {why}", word.text),
            match hidden_by.first() {
                Some(other) => format!("move it to {other}"),
                None => "move it to the directive that is in effect".to_owned(),
            },
        ));
    }
    for word in orphans {
        findings.push(Finding::new(
            Code::OrphanedHash,
            format!(
                "nothing on the pages has {} of {name}; an injected script or style that does would run",
                word.text
            ),
            "remove it, or make the policy anew with cspseal hash",
        ));
    }
    let needs = list.words.iter().any(|word| word.has(Flag::ForAttribute));
    if list.has(Keyword::UnsafeHashes) && !needs {
        findings.push(Finding::new(
            Code::UnneededUnsafeHashes,
            format!("nothing needs 'unsafe-hashes' in {name}: no attribute and no URL on the pages has a hash of it"),
            "remove it",
        ));
    }
}
