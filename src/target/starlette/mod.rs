//! `starlette`: a middleware for Starlette and FastAPI, which have none of their own for this.
//!
//! Run: Starlette 1.10 with its `Jinja2Templates`, which gives templates the request.

use super::flask::set_headers;
use super::words::has_nonce;
use super::{Expression, NonceTemplates, SentPolicy, Support, Target};
use crate::error::Result;
use crate::template::Dialect;

/// A middleware that sets the header.
pub(super) struct Starlette;

const SUPPORT: Support = Support {
    templates: Some(&NonceTemplates {
        aliases: &["fastapi"],
        ..NonceTemplates::new(
            "starlette",
            "Starlette and FastAPI with Jinja2Templates",
            &[Expression::new(
                Dialect::Jinja,
                "{{ request.state.csp_nonce }}",
            )],
        )
    }),
    ..Support::framework("starlette", "a middleware for Starlette and FastAPI")
};

impl Target for Starlette {
    fn support(&self) -> &'static Support {
        &SUPPORT
    }

    fn write(&self, sent: &[SentPolicy<'_>]) -> Result<String> {
        let (import, make) = match has_nonce(sent) {
            false => ("", ""),
            true => (
                "import secrets\n\n",
                "    request.state.csp_nonce = secrets.token_urlsafe(16)\n",
            ),
        };
        let set = set_headers(sent, "request.state.csp_nonce");
        Ok(format!(
            r#"# For Starlette and FastAPI: app.add_middleware(BaseHTTPMiddleware, dispatch=csp)
{import}from starlette.middleware.base import BaseHTTPMiddleware


async def csp(request, call_next):
{make}    response = await call_next(request)
{set}    return response
"#
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::tests::fixture::{ONE, PLAIN, enforced, only_reported, text};

    #[test]
    fn without_a_nonce_the_middleware_sets_the_header() {
        assert_eq!(
            enforced(&Starlette),
            format!(
                r#"# For Starlette and FastAPI: app.add_middleware(BaseHTTPMiddleware, dispatch=csp)
from starlette.middleware.base import BaseHTTPMiddleware


async def csp(request, call_next):
    response = await call_next(request)
    response.headers["Content-Security-Policy"] = "; ".join([
        "default-src 'self'",
        "script-src 'self' {ONE}",
        "img-src *",
        "upgrade-insecure-requests",
    ])
    return response
"#
            )
        );
        assert_eq!(
            only_reported(&Starlette),
            enforced(&Starlette).replace("-Policy", "-Policy-Report-Only")
        );
    }

    #[test]
    fn the_middleware_joins_strings() {
        let text = text(&Starlette, PLAIN);
        let (_, rest) = text.split_once("\"; \".join([\n").unwrap();
        assert_eq!(
            rest,
            r#"        "default-src 'self'",
        f"script-src 'self' 'strict-dynamic' 'nonce-{request.state.csp_nonce}'",
        f"style-src 'nonce-{request.state.csp_nonce}'",
        "object-src 'none'",
        "upgrade-insecure-requests",
        "sandbox",
    ])
    return response
"#
        );
    }
}
