//! `header`: the serialized policy, the value of a `Content-Security-Policy` header; nothing when there is none.

mod read;

pub(super) mod nonce;

use std::io::{self, Write};

use super::deployed::DeployedFile;
use super::{Deployment, Emitter, Report, Scope, Support, unwritten};
use crate::error::Result;

pub(super) struct Header;

impl Emitter for Header {
    fn name(&self) -> &'static str {
        "header"
    }

    fn about(&self) -> &'static str {
        "the value of a Content-Security-Policy header for the whole site"
    }

    fn deployed(&self) -> Option<&'static DeployedFile> {
        Some(&read::FILE)
    }

    fn support(&self) -> Support {
        Support {
            report_only: true,
            nonces: true,
            ..Support::new(&[Scope::Site])
        }
    }

    fn emit(&self, deployment: &Deployment<'_>, out: &mut dyn Write) -> Result<()> {
        write(deployment.report, out).map_err(unwritten)
    }
}

fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    if report.site.policy.is_empty() {
        return Ok(());
    }
    writeln!(out, "{}", report.site.policy.serialize())
}
