//! `starlette`: a middleware for Starlette and FastAPI, which have none of their own for this.
//!
//! Run: Starlette 1.10 with its `Jinja2Templates`, which gives templates the request.

use std::io::{self, Write};

use super::flask::write_directives;
use super::nonce::NonceSpelling;
use crate::nonce::NonceSource;
use crate::policy::Policy;

/// A middleware that makes a nonce and sets the header.
#[derive(Debug)]
pub struct Starlette;

impl NonceSpelling for Starlette {
    fn name(&self) -> &'static str {
        "starlette"
    }

    fn about(&self) -> &'static str {
        "a middleware for Starlette and FastAPI"
    }

    fn emit(&self, policy: &Policy, nonce: &NonceSource, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(
            br#"# For Starlette and FastAPI: app.add_middleware(BaseHTTPMiddleware, dispatch=csp)
import secrets

from starlette.middleware.base import BaseHTTPMiddleware


async def csp(request, call_next):
    request.state.csp_nonce = secrets.token_urlsafe(16)
    response = await call_next(request)
    response.headers["Content-Security-Policy"] = "; ".join([
"#,
        )?;
        write_directives(policy, nonce, "request.state.csp_nonce", "        ", out)?;
        out.write_all(b"    ])\n    return response\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::nonce::tests::{PLAIN, text};

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
