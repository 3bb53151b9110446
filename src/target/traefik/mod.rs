//! `traefik`: a middleware for the file provider, which routers name.
//!
//! Traefik sets headers for a whole router and knows no pages, so there is the site's policy alone. By its documentation
//! (3.x) and not run; what is proven is that YAML, and Go's templates before it, give back the policy. The file provider
//! executes every file as a Go template, so that no brace may stand in the text. `customResponseHeaders` is in every version
//! and replaces what the service sent; `contentSecurityPolicyReportOnly` is not.

use super::deployed::DeployedFile;
use super::quote::{Language, string};
use super::{Scope, SentPolicy, Target};
use crate::error::Result;

pub(super) static TRAEFIK: Target = Target {
    deployed: Some(&DeployedFile::unread("traefik.yml", &["customResponseHeaders:"])),
    report_only: true,
    write: Some(write),
    ..Target::new("traefik", "Traefik: a middleware for the file provider", &[Scope::Site])
};

fn write(sent: &[SentPolicy<'_>]) -> Result<String> {
    let headers = sent.iter().map(|sent| {
        let policy = yaml_in_go_template(sent.policy.serialize().as_str());
        format!("          {}: {policy}\n", sent.header_name())
    });
    let headers: String = headers.collect();
    Ok(format!(
        "# A file of its own in the file provider's directory; a router takes it as csp@file in its middlewares.
http:
  middlewares:
    csp:
      headers:
        customResponseHeaders:
{headers}"
    ))
}

/// A YAML string with its quotes for a file that is a Go template first: no brace stands in it.
fn yaml_in_go_template(text: &str) -> String {
    string(Language::Yaml, text).replace('{', "\\u007b").replace('}', "\\u007d")
}

#[cfg(test)]
mod tests {
    use super::super::rules::tests::{HASH, HOSTILE, SMALL, printed};
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn the_site_is_a_middleware() {
        assert_eq!(
            printed(&TRAEFIK, Scope::Site, "script-src 'self'", &SMALL[..3]).unwrap(),
            format!(
                "# A file of its own in the file provider's directory; a router takes it as csp@file in its middlewares.
http:
  middlewares:
    csp:
      headers:
        customResponseHeaders:
          Content-Security-Policy: \"script-src 'self' {HASH}\"
"
            )
        );
        let error = printed(&TRAEFIK, Scope::Page, "script-src 'self'", SMALL).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
    }

    #[test]
    fn no_brace_begins_an_action_of_a_template() {
        let text = printed(&TRAEFIK, Scope::Site, HOSTILE, &[("a.html", "")]).unwrap();
        assert!(
            text.ends_with(
                r#"/r?$x=%7E&$uri%d&\u007bpath\u007d\u007b$HOME\u007d&%\u007bHOME\u007de&a\\nb\\\\c`(<!#"
"#
            ),
            "{text}"
        );
    }
}
