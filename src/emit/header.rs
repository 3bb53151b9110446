//! `header`: the serialized policy, the value of a `Content-Security-Policy` header.

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
        writeln!(out, "{}", report.site.policy.serialize())
    }
}
