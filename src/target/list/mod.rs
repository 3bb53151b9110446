//! `list`: one hash a line with its directive, how often it is used and where it comes from.
//!
//! Four fields with a tab between: the hash-source with its quotes, the directive it belongs to, the number of uses, the place of
//! the first. Sorted by directive and hash, for a diff to be small.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::{Deployment, Report, Support, Target, one_line};
use crate::error::{Error, Result};
use crate::finding::Place;

pub(super) struct List;

const SUPPORT: Support = Support {
    nonces: true,
    ..Support::new(
        "list",
        "one hash a line: hash, directive, number of uses, first place",
        &[],
    )
};

impl Target for List {
    fn support(&self) -> &'static Support {
        &SUPPORT
    }

    fn emit(&self, deployment: &Deployment<'_>, out: &mut dyn Write) -> Result<()> {
        write(deployment.report, out).map_err(Error::unwritten_output)
    }
}

fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut lines: BTreeMap<(&'static str, String), (u64, &Place)> = BTreeMap::new();
    let policy = &report.site.policy;
    for inline in report.inventory.inlines() {
        if !report.builder.hashes(inline.kind) {
            continue;
        }
        let check = inline.kind.check_type();
        let directive = policy
            .effective_directive(check)
            .map_or("", |d| d.name().name());
        for hash in inline.hashes.iter() {
            let line = lines
                .entry((directive, hash.to_string()))
                .or_insert((0, &inline.first));
            line.0 += inline.uses;
        }
    }
    for ((directive, hash), (uses, first)) in lines {
        let path = one_line(&first.path);
        writeln!(
            out,
            "{hash}\t{directive}\t{uses}\t{path}:{}:{}",
            first.line, first.column
        )?;
    }
    Ok(())
}
