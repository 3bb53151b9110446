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

use super::quote::{Language, string};
use super::{Report, Scope, Target, one_line, replace_block};
use crate::hash::HashSource;
use crate::policy::{DirectiveName, Keyword, SourceExpression};
use crate::site::DistinctInline;

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

pub(super) static PYTHON: Target = Target {
    comment: Some("#"),
    why_one: Some("its lists are those of one policy"),
    print: Some(|deployment| Ok(HEAD.to_owned() + &lines(deployment.report))),
    merge: Some(|deployment, existing| replace_block(existing, "#", lines(deployment.report).as_bytes())),
    ..Target::new("python", "a Python module with a list of hashes for each directive", &[Scope::Site])
};

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
    let mut lists: BTreeMap<_, List<'_>> = LISTS.map(|name| (name, List::default())).into_iter().collect();
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
            let origin = list.hashes.entry(*hash).or_insert(Origin { first: inline, uses: 0 });
            origin.uses += inline.uses;
        }
    }
    lists
}

/// The lists as lines of code, with an empty one between.
fn lines(report: &Report<'_>) -> String {
    let lists = lists(report);
    let lines = lists.iter().map(|(name, list)| {
        let variable = name.name().to_ascii_uppercase().replace('-', "_");
        if list.hashes.is_empty() {
            return format!("{variable} = []\n");
        }
        let mut lines = format!("{variable} = [\n");
        if list.for_attributes {
            let keyword = SourceExpression::Keyword(Keyword::UnsafeHashes).to_string();
            let keyword = string(Language::Python, &keyword);
            lines += &format!("    {keyword},  # for the attributes and URLs among them\n");
        }
        for (hash, Origin { first, uses }) in &list.hashes {
            let hash = string(Language::Python, &hash.to_string());
            let (kind, place) = (first.kind.name(), one_line(&first.first.to_string()));
            let more = match uses {
                0 | 1 => String::new(),
                uses => format!(" and {} more", uses - 1),
            };
            lines += &format!("    {hash},  # {kind}: {place}{more}\n");
        }
        lines + "]\n"
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::super::tests::fixture::{deployed, unsafely};
    use super::super::{print, print_into};
    use super::*;

    const PAGES: &[(&str, &str)] = &[
        ("a.html", "<script>1</script><p onclick=1><a href=javascript:1>"),
        ("b\n\"\"\".html", "<script>2</script><script>1</script>"),
    ];

    #[test]
    fn a_hash_stands_on_a_line_with_where_it_comes_from() {
        let module = deployed("", PAGES, Scope::Site, |deployment| {
            String::from_utf8(print(&PYTHON, deployment).unwrap()).unwrap()
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
            String::from_utf8(print(&PYTHON, deployment).unwrap()).unwrap()
        });
        let (_, attr) = module.split_once("SCRIPT_SRC_ATTR = [\n").unwrap();
        assert!(
            attr.starts_with("    \"'unsafe-hashes'\",  # for the attributes and URLs among them\n    \"'sha256-"),
            "{module}"
        );
    }

    #[test]
    fn a_block_does_not_silence_the_rest_of_a_file() {
        let module = deployed("", PAGES, Scope::Site, |deployment| {
            String::from_utf8(print_into(&PYTHON, deployment, b"import os\n").unwrap()).unwrap()
        });
        assert!(module.starts_with("import os\n# cspseal begin\nSCRIPT_SRC = [\n"), "{module}");
        assert!(!module.contains("noqa"), "{module}");
    }
}
