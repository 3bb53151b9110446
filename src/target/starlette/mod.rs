//! `starlette`: a middleware for Starlette and FastAPI, which have none of their own for this.
//!
//! Run: Starlette 1.10 with its `Jinja2Templates`. The nonce is kept in a context variable and templates call a global, so
//! that macros and templates rendered outside a request, which have no `request`, render as before; so do those of an
//! environment that lacks the global. `BaseHTTPMiddleware` runs
//! the application in a copy of the context, and Starlette its threads too.

use super::flask::set_headers;
use super::words::has_nonce;
use super::{Expression, NonceTemplates, SentPolicy, Target};
use crate::error::Result;
use crate::template::Dialect;

pub(super) static STARLETTE: Target = Target {
    templates: Some(&NonceTemplates {
        aliases: &["fastapi"],
        ..NonceTemplates::new(
            "starlette",
            "Starlette and FastAPI with Jinja2Templates",
            &[Expression::new(Dialect::Jinja, "{{ csp_nonce() if csp_nonce is defined }}")],
        )
    }),
    write: Some(write),
    ..Target::framework("starlette", "a middleware for Starlette and FastAPI")
};

fn write(sent: &[SentPolicy<'_>]) -> Result<String> {
    if !has_nonce(sent) {
        let set = set_headers(sent, "nonce");
        return Ok(format!(
            r#"# For Starlette and FastAPI: app.add_middleware(BaseHTTPMiddleware, dispatch=csp)
from starlette.middleware.base import BaseHTTPMiddleware


async def csp(request, call_next):
    response = await call_next(request)
{set}    return response
"#
        ));
    }
    let set = set_headers(sent, "nonce");
    Ok(format!(
        r#"# For Starlette and FastAPI; call init_csp(app, templates) once, with every Jinja2Templates of the application.
import secrets
from contextvars import ContextVar

from starlette.middleware.base import BaseHTTPMiddleware

nonces = ContextVar("csp_nonce", default="")


def csp_nonce():
    return nonces.get()


async def csp(request, call_next):
    nonce = secrets.token_urlsafe(16)
    nonces.set(nonce)
    response = await call_next(request)
{set}    return response


def init_csp(app, *templates):
    app.add_middleware(BaseHTTPMiddleware, dispatch=csp)
    for each in templates:
        each.env.globals["csp_nonce"] = csp_nonce
"#
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::tests::fixture::{ONE, PLAIN, enforced, only_reported, text};

    #[test]
    fn without_a_nonce_the_middleware_sets_the_header() {
        assert_eq!(
            enforced(&STARLETTE),
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
        assert_eq!(only_reported(&STARLETTE), enforced(&STARLETTE).replace("-Policy", "-Policy-Report-Only"));
    }

    #[test]
    fn the_middleware_joins_strings() {
        let text = text(&STARLETTE, PLAIN);
        let (_, rest) = text.split_once("\"; \".join([\n").unwrap();
        assert_eq!(
            rest,
            r#"        "default-src 'self'",
        f"script-src 'self' 'strict-dynamic' 'nonce-{nonce}'",
        f"style-src 'nonce-{nonce}'",
        "object-src 'none'",
        "upgrade-insecure-requests",
        "sandbox",
    ])
    return response


def init_csp(app, *templates):
    app.add_middleware(BaseHTTPMiddleware, dispatch=csp)
    for each in templates:
        each.env.globals["csp_nonce"] = csp_nonce
"#
        );
    }
}
