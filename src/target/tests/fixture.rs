//! Small sites and policies for the tests of targets.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::hash::HashAlgorithm;
use crate::page::{ScanOptions, scan_page};
use crate::policy::PolicyBuilder;
use crate::site::Inventory;

/// The result of `use_it` for these pages, pairs of a path and HTML, under this base.
pub(crate) fn deployed<T>(
    policy: &str,
    pages: &[(&str, &str)],
    scope: Scope,
    use_it: impl FnOnce(&Deployment<'_>) -> T,
) -> T {
    with(&builder(policy), pages, scope, use_it)
}

/// The same for the whole site with the hashes of attributes.
pub(crate) fn unsafely<T>(policy: &str, pages: &[(&str, &str)], use_it: impl FnOnce(&Deployment<'_>) -> T) -> T {
    let builder = builder(policy).with_unsafe_hashes(true);
    with(&builder, pages, Scope::Site, use_it)
}

/// The same for pages given as a path and a script, which is not there for `""`.
pub(crate) fn with_site<T>(
    policy: &str,
    pages: &[(&str, &str)],
    scope: Scope,
    use_it: impl FnOnce(&Deployment<'_>) -> T,
) -> T {
    let html = |script: &str| match script {
        "" => "<!doctype html><p>".to_owned(),
        script => format!("<!doctype html><script>{script}</script>"),
    };
    let pages: Vec<_> = pages.iter().map(|(path, script)| (*path, html(script))).collect();
    let pages: Vec<_> = pages.iter().map(|(path, html)| (*path, &**html)).collect();
    deployed(policy, &pages, scope, use_it)
}

fn builder(policy: &str) -> PolicyBuilder {
    PolicyBuilder::new(Some(policy.parse().unwrap()))
}

fn with<T>(
    builder: &PolicyBuilder,
    pages: &[(&str, &str)],
    scope: Scope,
    use_it: impl FnOnce(&Deployment<'_>) -> T,
) -> T {
    let mut inventory = Inventory::new(HashAlgorithm::Sha256);
    for (path, html) in pages {
        inventory.add(scan_page(path, html.as_bytes(), &ScanOptions::new()).unwrap()).unwrap();
    }
    let report = Report::new(&inventory, builder);
    use_it(&Deployment::new(&report, scope))
}

/// The text of a target for these pages.
pub(crate) fn printed(target: &Target, scope: Scope, policy: &str, pages: &[(&str, &str)]) -> Result<String> {
    printed_as(target, scope, false, policy, pages)
}

/// The same, enforced or only reported.
pub(crate) fn printed_as(
    target: &Target,
    scope: Scope,
    report_only: bool,
    policy: &str,
    pages: &[(&str, &str)],
) -> Result<String> {
    deployed(policy, pages, scope, |deployment| {
        let deployment = Deployment::new(deployment.report, scope).with_report_only(report_only);
        print(target, &deployment).map(|out| String::from_utf8(out).unwrap())
    })
}

/// The hash of the script on the one page of [`enforced`].
pub(crate) const ONE: &str = "'sha256-a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s='";

/// A base policy with a directive of every kind.
pub(crate) const BASE: &str = "default-src 'self'; img-src *; upgrade-insecure-requests";

/// A page with one script.
pub(crate) const PAGES: &[(&str, &str)] = &[("a.html", "<script>1</script>")];

/// The text for [`PAGES`] under [`BASE`].
pub(crate) fn enforced(target: &Target) -> String {
    printed(target, Scope::Site, BASE, PAGES).unwrap()
}

/// The same, only reported.
pub(crate) fn only_reported(target: &Target) -> String {
    printed_as(target, Scope::Site, true, BASE, PAGES).unwrap()
}

/// A policy with nonces, one alone in its list, and directives of every kind of value.
pub(crate) const PLAIN: &str = "default-src 'self'; script-src 'self' 'strict-dynamic' 'nonce-N'; \
     style-src 'nonce-N'; object-src 'none'; upgrade-insecure-requests; sandbox";

/// A policy with every sign that means something to one of the languages.
pub(crate) const HOSTILE: &str = "img-src 'self' https://a.example/it's/%7E; \
     script-src-elem 'nonce-N' 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='; upgrade-insecure-requests; \
     report-uri /r?a=$b&c=%25&d=#{e}&f=`g`&h=\\n&i=${j}&k=$NONCE&l=%[1]s&m=%kernel.x%&n={o} /second";

/// The text for a policy whose nonce is `N`.
#[track_caller]
pub(crate) fn text(target: &Target, policy: &str) -> String {
    nonced(target, policy, "N")
}

/// The text for a policy with this nonce.
#[track_caller]
pub(crate) fn nonced(target: &Target, policy: &str, nonce: &str) -> String {
    let policy = Policy::parse(policy).unwrap();
    let nonce = nonce.parse().unwrap();
    let sent = SentPolicy { policy: &policy, nonce: Some(&nonce), disposition: Disposition::Enforce };
    target.write(&[sent]).unwrap()
}

/// The text for a policy without one.
pub(crate) fn nonceless(target: &Target, policy: &Policy) -> String {
    let sent = SentPolicy { policy, nonce: None, disposition: Disposition::Enforce };
    target.write(&[sent]).unwrap()
}

/// The text for an enforced policy and one that is only reported, in which the nonce is `N`.
pub(crate) fn both(target: &Target, enforced: &str, reported: &str) -> Result<String> {
    let nonce = "N".parse().unwrap();
    let [enforced, reported] = [enforced, reported].map(|text| Policy::parse(text).unwrap());
    let sent = |policy, disposition| SentPolicy { policy, nonce: policy.names(&nonce).then_some(&nonce), disposition };
    target.write(&[sent(&enforced, Disposition::Enforce), sent(&reported, Disposition::Report)])
}
