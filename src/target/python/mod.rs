//! `python`: a module of hash lists, for settings that are written by hand and keep hashes apart.
//!
//! ```python
//! from csp_hashes import SCRIPT_SRC
//!
//! SECURE_CSP = {"default-src": [CSP.SELF], "script-src": [CSP.SELF, *SCRIPT_SRC]}
//! ```
//!
//! The lists that inline resources usually need are always there, empty or not: a site whose last inline style goes away
//! must not break an import. What attributes need beside their hashes stands in the list, so that no setting can
//! forget it. Imported by Python 3.8 to 3.13 and read by ruff (`tests/lab/frameworks`).

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::quote::{Language, string};
use super::{Deployment, Report, Scope, Support, Target, one_line, replace_block};
use crate::error::{Error, Result};
use crate::hash::HashSource;
use crate::policy::{DirectiveName, Keyword, SourceExpression};
use crate::site::DistinctInline;

pub(super) struct Python;

/// What is always there.
const LISTS: [DirectiveName; 6] = [
    DirectiveName::ScriptSrc,
    DirectiveName::ScriptSrcElem,
    DirectiveName::ScriptSrcAttr,
    DirectiveName::StyleSrc,
    DirectiveName::StyleSrcElem,
    DirectiveName::StyleSrcAttr,
];

/// Only where the whole file is ours: it concerns every line.
const HEAD: &str = r#"# ruff: noqa
"""Hashes for the directives of a Content-Security-Policy, made by `cspseal hash --format python`."""

"#;

const SUPPORT: Support = Support {
    comment: Some("#"),
    why_one: Some("its lists are those of one policy"),
    ..Support::new(
        "python",
        "a Python module with a list of hashes for each directive",
        &[Scope::Site],
    )
};

impl Target for Python {
    fn support(&self) -> &'static Support {
        &SUPPORT
    }

    fn emit(&self, deployment: &Deployment<'_>, out: &mut dyn Write) -> Result<()> {
        out.write_all(HEAD.as_bytes())
            .map_err(Error::unwritten_output)?;
        write(deployment.report, out).map_err(Error::unwritten_output)
    }

    fn merge(&self, deployment: &Deployment<'_>, existing: &[u8]) -> Result<Vec<u8>> {
        let mut block = Vec::new();
        write(deployment.report, &mut block).map_err(Error::unwritten_output)?;
        replace_block(existing, "#", &block)
    }
}

/// What goes into a list, in the order of the hashes.
#[derive(Default)]
struct List<'a> {
    hashes: BTreeMap<HashSource, Origin<'a>>,
    for_attributes: bool,
}

/// Where a hash comes from.
struct Origin<'a> {
    first: &'a DistinctInline,
    uses: u64,
}

fn lists<'a>(report: &Report<'a>) -> BTreeMap<DirectiveName, List<'a>> {
    let mut lists: BTreeMap<_, List<'_>> = LISTS
        .map(|name| (name, List::default()))
        .into_iter()
        .collect();
    for inline in report.inventory.inlines() {
        if !report.builder.hashes(inline.kind) {
            continue;
        }
        let check = inline.kind.check_type();
        // A policy with the hash has a directive for it.
        let Some(directive) = report.site.policy.effective_directive(check) else {
            continue;
        };
        let list = lists.entry(directive.name()).or_default();
        list.for_attributes |= inline.kind.needs_unsafe_hashes();
        for hash in inline.hashes.iter() {
            let origin = list.hashes.entry(*hash).or_insert(Origin {
                first: inline,
                uses: 0,
            });
            origin.uses += inline.uses;
        }
    }
    lists
}

fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    for (index, (name, list)) in lists(report).iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        let variable = name.name().to_ascii_uppercase().replace('-', "_");
        if list.hashes.is_empty() {
            writeln!(out, "{variable} = []")?;
            continue;
        }
        writeln!(out, "{variable} = [")?;
        if list.for_attributes {
            let keyword = SourceExpression::Keyword(Keyword::UnsafeHashes).to_string();
            let keyword = string(Language::Python, &keyword);
            writeln!(
                out,
                "    {keyword},  # for the attributes and URLs among them"
            )?;
        }
        for (hash, origin) in &list.hashes {
            let hash = string(Language::Python, &hash.to_string());
            let inline = origin.first;
            let place = one_line(&inline.first.to_string());
            let more = match origin.uses {
                0 | 1 => String::new(),
                uses => format!(" and {} more", uses - 1),
            };
            writeln!(out, "    {hash},  # {}: {place}{more}", inline.kind.name())?;
        }
        writeln!(out, "]")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::tests::fixture::{deployed, unsafely};
    use super::super::{print, print_into};
    use super::*;

    const PAGES: &[(&str, &str)] = &[
        (
            "a.html",
            "<script>1</script><p onclick=1><a href=javascript:1>",
        ),
        ("b\n\"\"\".html", "<script>2</script><script>1</script>"),
    ];

    #[test]
    fn a_hash_stands_on_a_line_with_where_it_comes_from() {
        let module = deployed("", PAGES, Scope::Site, |deployment| {
            String::from_utf8(print(&Python, deployment).unwrap()).unwrap()
        });
        assert_eq!(
            module,
            r#"# ruff: noqa
"""Hashes for the directives of a Content-Security-Policy, made by `cspseal hash --format python`."""

SCRIPT_SRC = [
    "'sha256-1HNeOiZeFu7gP1lxi5tdAwGcB9i2xR+Q2jpmbuwTqzU='",  # script: b\n""".html:1:1
    "'sha256-a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s='",  # script: a.html:1:1 and 1 more
]

SCRIPT_SRC_ELEM = []

SCRIPT_SRC_ATTR = []

STYLE_SRC = []

STYLE_SRC_ELEM = []

STYLE_SRC_ATTR = []
"#
        );
    }

    #[test]
    fn attributes_bring_what_they_need() {
        let module = unsafely("script-src-attr 'self'", PAGES, |deployment| {
            String::from_utf8(print(&Python, deployment).unwrap()).unwrap()
        });
        let (_, attr) = module.split_once("SCRIPT_SRC_ATTR = [\n").unwrap();
        assert!(
            attr.starts_with(
                "    \"'unsafe-hashes'\",  # for the attributes and URLs among them\n    \"'sha256-"
            ),
            "{module}"
        );
    }

    #[test]
    fn a_block_does_not_silence_the_rest_of_a_file() {
        let module = deployed("", PAGES, Scope::Site, |deployment| {
            String::from_utf8(print_into(&Python, deployment, b"import os\n").unwrap()).unwrap()
        });
        assert!(
            module.starts_with("import os\n# cspseal begin\nSCRIPT_SRC = [\n"),
            "{module}"
        );
        assert!(!module.contains("noqa"), "{module}");
    }
}
