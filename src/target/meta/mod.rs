//! `meta`: the policy of the whole site as a `<meta>` element, to be put into head before any script, style or link.
//!
//! Browsers heed `frame-ancestors`, `report-uri` and `sandbox` only in headers, so they are left out and reported.

use super::{Scope, Target};
use crate::edit::meta::MetaPolicy;
use crate::error::{Error, ErrorKind};

pub(super) static META: Target = Target {
    in_pages: true,
    why_enforced: Some("browsers ignore one in a <meta>; send it in a header"),
    why_one: Some("browsers ignore a report-only policy in a <meta>; send both in headers"),
    findings: Some(|deployment| {
        let policy = MetaPolicy::new(deployment.site_policy());
        policy.finding().into_iter().collect()
    }),
    print: Some(|deployment| {
        let policy = MetaPolicy::new(deployment.site_policy());
        match policy.tag() {
            Some(tag) => Ok(format!("{tag}\n")),
            None if policy.removed().is_empty() => Ok(String::new()),
            None => Err(Error::new(
                ErrorKind::Unsupported,
                "no directive of the policy does anything in a <meta>; send it in a header",
            )),
        }
    }),
    ..Target::new("meta", "a <meta> element with the policy, for the head of every page", &[Scope::Site])
};

#[cfg(test)]
mod tests {
    use super::super::{Deployment, Report, print};
    use super::*;
    use crate::error::Result;
    use crate::finding::Code;
    use crate::hash::HashAlgorithm;
    use crate::page::{ScanOptions, scan_page};
    use crate::policy::{Policy, PolicyBuilder};
    use crate::site::Inventory;

    fn printed(base: Option<&str>, report_only: bool) -> (Result<String>, Vec<Code>) {
        let mut inventory = Inventory::new(HashAlgorithm::Sha256);
        let page = scan_page("a.html", &b"<script>a</script>"[..], &ScanOptions::new());
        inventory.add(page.unwrap()).unwrap();
        let builder = PolicyBuilder::new(base.map(|base| Policy::parse(base).unwrap()));
        let report = Report::new(&inventory, &builder);
        let deployment = Deployment::new(&report, Scope::Site).with_report_only(report_only);
        let codes = META.findings(&deployment).iter().map(|f| f.code).collect();
        let printed = print(&META, &deployment);
        (printed.map(|out| String::from_utf8(out).unwrap()), codes)
    }

    #[test]
    fn the_policy_of_the_site_is_one_element() {
        let base = "default-src 'self'; img-src https://a.test/a&b; frame-ancestors 'none'";
        let (printed, codes) = printed(Some(base), false);
        assert_eq!(
            printed.unwrap(),
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'self'; script-src 'self' 'sha256-ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs='; img-src https://a.test/a&amp;b\">\n"
        );
        assert_eq!(codes, [Code::IgnoredInMeta]);
    }

    #[test]
    fn what_browsers_would_ignore_is_refused() {
        let error = printed(Some("script-src 'self'"), true).0.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert_eq!(
            error.to_string(),
            "meta cannot send a policy that is only reported: browsers ignore one in a <meta>; send it in a header"
        );
    }

    #[test]
    fn a_policy_without_anything_for_a_meta_is_refused() {
        let inventory = Inventory::new(HashAlgorithm::Sha256);
        let base = Policy::parse("frame-ancestors 'none'").unwrap();
        let builder = PolicyBuilder::new(Some(base));
        let report = Report::new(&inventory, &builder);
        let error = print(&META, &Deployment::new(&report, Scope::Site)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        let builder = PolicyBuilder::new(None);
        let report = Report::new(&inventory, &builder);
        assert_eq!(print(&META, &Deployment::new(&report, Scope::Site)).unwrap(), b"");
    }
}
