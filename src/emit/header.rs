//! `header`: the serialized policy, the value of a `Content-Security-Policy` header; nothing when there is none.

use std::io::{self, Write};

use super::{Emitter, Report};

pub(super) struct Header;

impl Emitter for Header {
    fn name(&self) -> &'static str {
        "header"
    }

    fn about(&self) -> &'static str {
        "the value of a Content-Security-Policy header for the whole site"
    }

    fn emit(&self, report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
        if report.site.policy.is_empty() {
            return Ok(());
        }
        writeln!(out, "{}", report.site.policy.serialize())
    }
}
