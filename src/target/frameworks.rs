//! `django`, `django-csp`, `django-csp3`, `flask-talisman`, `helmet` and `rails`: a policy of hashes as the settings of a
//! framework, spelled as [`nonce`](super::nonce) spells one with a fresh nonce.
//!
//! A framework knows requests, not pages, so there is one policy for the whole site. What a framework would drop without a
//! word or refuse when it starts is an error here.
//!
//! Run with every directive there is, enforced and reported: Django 6.1.3, django-csp 4.0 and 3.8 with Django 5.2,
//! Flask-Talisman 1.1 with Flask 3.1, helmet 8.3 with Express 5.3 and Node 20, Rails 6.1.7 with Ruby 3.1
//! (`tests/lab/frameworks`).

use std::io::{self, Write};

use super::nonce::{self, Disposition, NonceSpelling};
use super::{Deployment, Emitter, Scope, Support, unwritten};
use crate::error::{Error, ErrorKind, Result};
use crate::policy::{DirectiveName, Policy};

/// One row: a framework's spelling without a nonce.
pub(super) struct Framework {
    /// What else is known about it.
    spelling: &'static dyn NonceSpelling,
    /// What begins a comment line in its language.
    comment: &'static str,
    /// Whether it takes a word of a directive that is no source list.
    takes: fn(&str) -> bool,
    write: fn(&Policy, &[DirectiveName], Disposition, &mut dyn Write) -> io::Result<()>,
}

pub(super) const DJANGO: Framework = Framework {
    spelling: &nonce::Django,
    comment: "#",
    takes: |_| true,
    write: |policy, _, disposition, out| nonce::write_django(policy, None, disposition, out),
};

pub(super) const DJANGO_CSP: Framework = Framework {
    spelling: &nonce::DjangoCsp4,
    comment: "#",
    takes: |_| true,
    write: |policy, unknown, disposition, out| {
        nonce::write_csp4(policy, None, unknown, disposition, out)
    },
};

pub(super) const DJANGO_CSP3: Framework = Framework {
    spelling: &nonce::DjangoCsp3,
    comment: "#",
    takes: |_| true,
    write: |policy, unknown, disposition, out| {
        nonce::write_csp3(policy, None, unknown, disposition, out)
    },
};

pub(super) const FLASK_TALISMAN: Framework = Framework {
    spelling: &nonce::FlaskTalisman,
    comment: "#",
    takes: |_| true,
    write: |policy, _, disposition, out| nonce::write_talisman(policy, None, disposition, out),
};

pub(super) const HELMET: Framework = Framework {
    spelling: &nonce::Helmet,
    comment: "//",
    takes: helmet_takes,
    write: |policy, _, disposition, out| nonce::write_helmet(policy, None, disposition, out),
};

pub(super) const RAILS: Framework = Framework {
    spelling: &nonce::Rails,
    comment: "#",
    takes: |_| true,
    write: |policy, _, disposition, out| nonce::write_rails(policy, None, disposition, out),
};

/// helmet takes these for sources without their quotes in any directive, and throws.
fn helmet_takes(word: &str) -> bool {
    const QUOTED: &[&str] = &[
        "none",
        "self",
        "strict-dynamic",
        "report-sample",
        "inline-speculation-rules",
        "unsafe-inline",
        "unsafe-eval",
        "unsafe-hashes",
        "wasm-unsafe-eval",
    ];
    let prefixes = ["nonce-", "sha256-", "sha384-", "sha512-"];
    !QUOTED.contains(&word) && !prefixes.iter().any(|prefix| word.starts_with(prefix))
}

impl Emitter for Framework {
    fn name(&self) -> &'static str {
        self.spelling.name()
    }

    fn about(&self) -> &'static str {
        self.spelling.about()
    }

    fn support(&self) -> Support {
        Support {
            report_only: true,
            comment: Some(self.comment),
            ..Support::new(&[Scope::Site])
        }
    }

    fn emit(&self, deployment: &Deployment<'_>, out: &mut dyn Write) -> Result<()> {
        let policy = deployment.site_policy();
        let unknown = self.spelling.unknown_directives();
        self.check(policy, unknown)?;
        let disposition = if deployment.report_only {
            Disposition::Report
        } else {
            Disposition::Enforce
        };
        (self.write)(policy, unknown, disposition, out).map_err(unwritten)
    }
}

impl Framework {
    /// Refuses what would not arrive.
    fn check(&self, policy: &Policy, unknown: &[DirectiveName]) -> Result<()> {
        let name = self.name();
        let refuse = |message: String| Err(Error::new(ErrorKind::Unsupported, message));
        for directive in policy.directives() {
            let directive_name = directive.name();
            if unknown.contains(&directive_name) {
                return refuse(format!(
                    "{name} drops {directive_name} without a word; take it out of the base policy, or let the server send the policy"
                ));
            }
            if let Some(word) = directive.tokens().find(|word| !(self.takes)(word)) {
                return refuse(format!(
                    "{name} takes the {word} in {directive_name} for a source without its quotes and fails; write another name in the base policy, or let the server send the policy"
                ));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{deployed, reported};
    use super::super::{EMITTERS, emitter, print, print_into};
    use super::*;

    const BASE: &str = "default-src 'self'; img-src *; upgrade-insecure-requests";
    const PAGES: &[(&str, &str)] = &[("a.html", "<script>1</script>")];
    const ONE: &str = "'sha256-a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s='";

    fn enforced(name: &str) -> String {
        deployed(BASE, PAGES, Scope::Site, |deployment| {
            String::from_utf8(print(emitter(name).unwrap(), deployment).unwrap()).unwrap()
        })
    }

    fn only_reported(name: &str) -> String {
        reported(BASE, PAGES, |deployment| {
            String::from_utf8(print(emitter(name).unwrap(), deployment).unwrap()).unwrap()
        })
    }

    const FRAMEWORKS: &[&Framework] = &[
        &DJANGO,
        &DJANGO_CSP,
        &DJANGO_CSP3,
        &FLASK_TALISMAN,
        &HELMET,
        &RAILS,
    ];

    #[test]
    fn django_is_given_a_dictionary() {
        assert_eq!(
            enforced("django"),
            format!(
                r#"# In the settings, for Django 6.0 or newer. The header needs
# "django.middleware.csp.ContentSecurityPolicyMiddleware" in MIDDLEWARE.
from django.utils.csp import CSP

SECURE_CSP = {{
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF, "{ONE}"],
    "img-src": ["*"],
    "upgrade-insecure-requests": True,
}}
"#
            )
        );
        assert_eq!(
            only_reported("django"),
            enforced("django").replace("SECURE_CSP = ", "SECURE_CSP_REPORT_ONLY = ")
        );
    }

    #[test]
    fn django_csp_4_is_given_directives() {
        assert_eq!(
            enforced("django-csp"),
            format!(
                r#"# In the settings, for django-csp 4. The header needs "csp.middleware.CSPMiddleware" in MIDDLEWARE.
from csp.constants import SELF

CONTENT_SECURITY_POLICY = {{
    "DIRECTIVES": {{
        "default-src": [SELF],
        "script-src": [SELF, "{ONE}"],
        "img-src": ["*"],
        "upgrade-insecure-requests": True,
    }},
}}
"#
            )
        );
        assert!(
            only_reported("django-csp").contains("\nCONTENT_SECURITY_POLICY_REPORT_ONLY = {\n")
        );
    }

    #[test]
    fn django_csp_3_is_given_a_setting_for_each_directive() {
        assert_eq!(
            only_reported("django-csp3"),
            format!(
                r#"# In the settings, for django-csp 3. The header needs "csp.middleware.CSPMiddleware" in MIDDLEWARE.
CSP_REPORT_ONLY = True
CSP_DEFAULT_SRC = ("'self'",)
CSP_SCRIPT_SRC = ("'self'", "{ONE}")
CSP_IMG_SRC = ("*",)
CSP_UPGRADE_INSECURE_REQUESTS = True
CSP_INCLUDE_NONCE_IN = []
"#
            )
        );
        assert_eq!(
            enforced("django-csp3"),
            only_reported("django-csp3").replace("CSP_REPORT_ONLY = True\n", "")
        );
    }

    #[test]
    fn talisman_is_given_a_dictionary() {
        let policy = format!(
            r#"CONTENT_SECURITY_POLICY = {{
    "default-src": ["'self'"],
    "script-src": ["'self'", "{ONE}"],
    "img-src": ["*"],
    "upgrade-insecure-requests": "",
}}
"#
        );
        assert_eq!(
            enforced("flask-talisman"),
            format!(
                "# For Flask-Talisman: Talisman(app, content_security_policy=CONTENT_SECURITY_POLICY)\n{policy}"
            )
        );
        assert_eq!(
            only_reported("flask-talisman"),
            format!(
                r#"# For Flask-Talisman: Talisman(app, content_security_policy=CONTENT_SECURITY_POLICY,
# content_security_policy_report_only=CONTENT_SECURITY_POLICY_REPORT_ONLY,
# content_security_policy_report_uri="")
CONTENT_SECURITY_POLICY_REPORT_ONLY = True
{policy}"#
            )
        );
    }

    #[test]
    fn helmet_is_given_arrays() {
        assert_eq!(
            only_reported("helmet"),
            format!(
                r#"// For Express with helmet 8, before the routes. As an ES module, write the imports for require.
const helmet = require("helmet");

app.use(helmet.contentSecurityPolicy({{
  useDefaults: false,
  reportOnly: true,
  directives: {{
    defaultSrc: ["'self'"],
    scriptSrc: ["'self'", "{ONE}"],
    imgSrc: ["*"],
    upgradeInsecureRequests: [],
  }},
}}));
"#
            )
        );
        assert_eq!(
            enforced("helmet"),
            only_reported("helmet").replace("  reportOnly: true,\n", "")
        );
    }

    #[test]
    fn rails_is_given_an_initializer() {
        assert_eq!(
            enforced("rails"),
            format!(
                r#"# config/initializers/content_security_policy.rb, for Rails 6.0 or newer
Rails.application.config.content_security_policy do |policy|
  policy.default_src :self
  policy.script_src :self, "{ONE}"
  policy.img_src "*"
  policy.upgrade_insecure_requests
end
"#
            )
        );
        assert_eq!(
            only_reported("rails"),
            format!(
                "{}Rails.application.config.content_security_policy_report_only = true\n",
                enforced("rails")
            )
        );
    }

    #[test]
    fn what_a_framework_drops_or_refuses_is_an_error() {
        for (base, refusing) in [
            (
                "fenced-frame-src 'self'",
                &["django-csp", "django-csp3"][..],
            ),
            ("webrtc 'block'", &["django-csp3"]),
            ("report-to none", &["helmet"]),
            ("trusted-types sha256-x", &["helmet"]),
        ] {
            for framework in FRAMEWORKS {
                let printed = deployed(base, &[("a.html", "")], Scope::Site, |deployment| {
                    print(*framework, deployment)
                });
                let name = framework.name();
                let Err(error) = printed else {
                    assert!(!refusing.contains(&name), "{name} {base}");
                    continue;
                };
                assert!(refusing.contains(&name), "{name} {base}");
                assert_eq!(error.kind(), ErrorKind::Unsupported);
                let directive = base.split(' ').next().unwrap();
                assert!(error.to_string().contains(directive), "{error}");
            }
        }
    }

    #[test]
    fn no_framework_knows_pages() {
        for framework in FRAMEWORKS {
            let printed = deployed(BASE, PAGES, Scope::Page, |d| print(*framework, d));
            assert_eq!(printed.unwrap_err().kind(), ErrorKind::Unsupported);
        }
    }

    #[test]
    fn a_block_in_a_settings_file_is_replaced_and_the_rest_stays() {
        for framework in FRAMEWORKS {
            let comment = framework.comment;
            let printed = enforced(framework.name());
            let into = |existing: &str| {
                deployed(BASE, PAGES, Scope::Site, |deployment| {
                    let merged = print_into(*framework, deployment, existing.as_bytes());
                    String::from_utf8(merged.unwrap()).unwrap()
                })
            };
            let expected = format!(
                "before\r\n{comment} cspseal begin\r\n{}{comment} cspseal end\r\nafter",
                printed.replace('\n', "\r\n")
            );
            let existing = format!(
                "before\r\n{comment} cspseal begin\r\nold\r\n{comment} cspseal end\r\nafter"
            );
            assert_eq!(into(&existing), expected);
            assert_eq!(into(&expected), expected);
        }
    }

    #[test]
    fn every_row_is_an_emitter() {
        for framework in FRAMEWORKS {
            assert!(EMITTERS.iter().any(|e| e.name() == framework.name()));
        }
    }
}
