//! Small sites for the tests of emitters.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::hash::HashAlgorithm;
use crate::page::{ScanOptions, scan_page};

fn with<T>(
    builder: &PolicyBuilder,
    pages: &[(&str, &str)],
    scope: Scope,
    use_it: impl FnOnce(Deployment<'_>) -> T,
) -> T {
    let mut inventory = Inventory::new(HashAlgorithm::Sha256);
    for (path, html) in pages {
        inventory.add(scan_page(path, html.as_bytes(), &ScanOptions::new()).unwrap());
    }
    let report = Report::new(&inventory, builder);
    use_it(Deployment::new(&report, scope))
}

fn base(policy: &str) -> Option<crate::policy::Policy> {
    Some(policy.parse().unwrap())
}

/// What `use_it` makes of pages, pairs of a path and HTML, under this base.
pub(super) fn deployed<T>(
    policy: &str,
    pages: &[(&str, &str)],
    scope: Scope,
    use_it: impl FnOnce(&Deployment<'_>) -> T,
) -> T {
    let builder = PolicyBuilder::new(base(policy));
    with(&builder, pages, scope, |deployment| use_it(&deployment))
}

/// The same for the whole site, only reported.
pub(super) fn reported<T>(
    policy: &str,
    pages: &[(&str, &str)],
    use_it: impl FnOnce(&Deployment<'_>) -> T,
) -> T {
    let builder = PolicyBuilder::new(base(policy));
    with(&builder, pages, Scope::Site, |deployment| {
        use_it(&deployment.with_report_only(true))
    })
}

/// The same for the whole site with the hashes of attributes.
pub(super) fn unsafely<T>(
    policy: &str,
    pages: &[(&str, &str)],
    use_it: impl FnOnce(&Deployment<'_>) -> T,
) -> T {
    let builder = PolicyBuilder::new(base(policy)).with_unsafe_hashes(true);
    with(&builder, pages, Scope::Site, |deployment| {
        use_it(&deployment)
    })
}
