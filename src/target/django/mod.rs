//! `django`, `django-csp` and `django-csp3`: settings for Django's own middleware and for the package that came before it.
//!
//! Run: Django 6.1 (Python 3.12), django-csp 4.0 and 3.8 with Django 5.2; with every directive there is, enforced and
//! reported (`tests/lab/frameworks`).

mod write;

use super::{Expression, NonceTemplates, Target};
use crate::edit::nonce::NonceBinding;
use crate::policy::DirectiveName;
use crate::template::Dialect;

/// `{{ request.csp_nonce }}` is empty with Django's own middleware.
const OWN: &[Expression] = &[
    Expression::new(Dialect::Django, "{{ csp_nonce }}").with_binding(NonceBinding::CONTEXT.lazy()),
    Expression::new(Dialect::Jinja, "{{ csp_nonce }}").with_binding(NonceBinding::CONTEXT.lazy()),
];

const PACKAGE4: &[Expression] = &[
    Expression::new(Dialect::Django, REQUEST).with_binding(NonceBinding::CONTEXT.lazy()),
    // Jinja2 fails on an attribute of what is undefined.
    Expression::new(Dialect::Jinja, REQUEST).with_binding(NonceBinding::CONTEXT.lazy().failing()),
];

const PACKAGE3: &[Expression] = &[
    Expression::new(Dialect::Django, REQUEST).with_binding(NonceBinding::CONTEXT),
    Expression::new(Dialect::Jinja, REQUEST).with_binding(NonceBinding::CONTEXT.failing()),
];

const REQUEST: &str = "{{ request.csp_nonce }}";

pub(super) static DJANGO: Target = Target {
    templates: Some(&NonceTemplates::new("django", "Django 6.0 or newer, without a package", OWN).omitting_unused()),
    write: Some(|sent| Ok(write::own(sent))),
    ..Target::framework("django", "SECURE_CSP in the settings of Django 6.0 or newer")
};

pub(super) static DJANGO_CSP4: Target = Target {
    templates: Some(&NonceTemplates::new("django-csp", "Django with django-csp 4", PACKAGE4).omitting_unused()),
    unknown_directives: &[DirectiveName::FencedFrameSrc],
    write: Some(|sent| Ok(write::csp4(sent))),
    ..Target::framework("django-csp", "CONTENT_SECURITY_POLICY in the settings, for django-csp 4")
};

pub(super) static DJANGO_CSP3: Target = Target {
    templates: Some(&NonceTemplates::new("django-csp3", "Django with django-csp 3", PACKAGE3).omitting_unused()),
    unknown_directives: &[DirectiveName::FencedFrameSrc, DirectiveName::Webrtc],
    why_one: Some("CSP_REPORT_ONLY holds for its one policy; django-csp 4 sends both"),
    write: Some(|sent| Ok(sent.iter().map(write::csp3).collect())),
    ..Target::framework("django-csp3", "CSP_SCRIPT_SRC and its kin in the settings, for django-csp 3")
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;
    use crate::target::tests::fixture::{HOSTILE, ONE, PLAIN, enforced, nonceless, only_reported, text};

    #[test]
    fn without_a_nonce_django_is_given_a_dictionary() {
        assert_eq!(
            enforced(&DJANGO),
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
        assert_eq!(only_reported(&DJANGO), enforced(&DJANGO).replace("SECURE_CSP = ", "SECURE_CSP_REPORT_ONLY = "));
    }

    #[test]
    fn without_a_nonce_django_csp_4_is_given_directives() {
        assert_eq!(
            enforced(&DJANGO_CSP4),
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
        assert!(only_reported(&DJANGO_CSP4).contains("\nCONTENT_SECURITY_POLICY_REPORT_ONLY = {\n"));
    }

    #[test]
    fn django_csp_3_is_given_a_setting_for_each_directive() {
        assert_eq!(
            only_reported(&DJANGO_CSP3),
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
        assert_eq!(enforced(&DJANGO_CSP3), only_reported(&DJANGO_CSP3).replace("CSP_REPORT_ONLY = True\n", ""));
    }

    #[test]
    fn django_is_given_a_dictionary() {
        assert_eq!(
            text(&DJANGO, PLAIN),
            r#"# In the settings, for Django 6.0 or newer. The header needs
# "django.middleware.csp.ContentSecurityPolicyMiddleware" in MIDDLEWARE, the pages need
# "django.template.context_processors.csp" in the context_processors of TEMPLATES.
from django.utils.csp import CSP

SECURE_CSP = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF, CSP.STRICT_DYNAMIC, CSP.NONCE],
    # Django takes the nonce out of responses that do not use it. The empty text then keeps the directive,
    # which would be dropped with an empty list.
    "style-src": [CSP.NONCE, ""],
    "object-src": [CSP.NONE],
    "upgrade-insecure-requests": True,
    "sandbox": True,
}
"#
        );
    }

    #[test]
    fn django_csp_4_imports_what_it_names_and_sets_no_default() {
        assert_eq!(
            text(&DJANGO_CSP4, HOSTILE),
            r#"# In the settings, for django-csp 4. The header needs "csp.middleware.CSPMiddleware" in MIDDLEWARE,
# the pages need "django.template.context_processors.request" in the context_processors of TEMPLATES.
from csp.constants import NONCE, SELF

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": None,
        "img-src": [SELF, "https://a.example/it's/%7E"],
        "script-src-elem": [
            NONCE,
            "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='",
        ],
        "upgrade-insecure-requests": True,
        "report-uri": [
            "/r?a=$b&c=%25&d=#{e}&f=`g`&h=\\n&i=${j}&k=$NONCE&l=%[1]s&m=%kernel.x%&n={o}",
            "/second",
        ],
    },
}
"#
        );
    }

    #[test]
    fn django_csp_3_names_the_nonces_apart() {
        assert_eq!(
            text(&DJANGO_CSP3, PLAIN),
            r#"# In the settings, for django-csp 3. The header needs "csp.middleware.CSPMiddleware" in MIDDLEWARE,
# the pages need "django.template.context_processors.request" in the context_processors of TEMPLATES.
CSP_DEFAULT_SRC = ("'self'",)
CSP_SCRIPT_SRC = ("'self'", "'strict-dynamic'")
CSP_STYLE_SRC = ()
CSP_OBJECT_SRC = ("'none'",)
CSP_UPGRADE_INSECURE_REQUESTS = True
CSP_SANDBOX = True
CSP_INCLUDE_NONCE_IN = ["script-src", "style-src"]
"#
        );
    }

    #[test]
    fn without_a_nonce_nothing_speaks_of_one() {
        let policy = Policy::parse("script-src 'self'").unwrap();
        let text = [&DJANGO, &DJANGO_CSP4].map(|target| nonceless(target, &policy)).concat().to_ascii_lowercase();
        assert!(!text.contains("nonce") && !text.contains("context_processors"), "{text}");
    }
}
