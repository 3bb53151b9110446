//! `list`: one hash a line with its directive, how often it is used and where it comes from.
//!
//! Four fields with a tab between: the hash-source with its quotes, the directive it belongs to, the number of uses, the place of
//! the first. Sorted by directive and hash, for a diff to be small. A report-only policy adds its own lines.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use super::{Report, Target, one_line};
use crate::finding::Place;

pub(super) static LIST: Target = Target {
    nonces: true,
    stream: Some(write),
    ..Target::new("list", "one hash a line: hash, directive, number of uses, first place", &[])
};

fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut lines: BTreeMap<(&'static str, String), (u64, &Place)> = BTreeMap::new();
    for inline in report.inventory.inlines() {
        let check = inline.kind.check_type();
        let first = Some((report.builder, &report.site)).into_iter();
        let second = report.second.as_ref().map(|it| (it.builder, &it.site));
        let hashed = first.chain(second).filter(|(builder, _)| builder.hashes(inline.kind));
        let directives: BTreeSet<_> = hashed
            .map(|(_, site)| {
                let directive = site.policy.effective_directive(check);
                directive.map_or("", |directive| directive.name().name())
            })
            .collect();
        for directive in directives {
            for hash in inline.hashes.iter() {
                let line = lines.entry((directive, hash.to_string()));
                line.or_insert((0, &inline.first)).0 += inline.uses;
            }
        }
    }
    for ((directive, hash), (uses, first)) in lines {
        let path = one_line(&first.path);
        writeln!(out, "{hash}\t{directive}\t{uses}\t{path}:{}:{}", first.line, first.column)?;
    }
    Ok(())
}
