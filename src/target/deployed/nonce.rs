//! What this program writes for servers that make nonces.
//!
//! The policy and the placeholder are found in the text, and then the text must be what is written for them.

use super::answers::Answers;
use super::fragment::{Fragment, Line, quoted, unknown};
use super::reader::Reader;
use super::unquote::{apache_header, caddy_quoted, caddy_value, nginx_quoted};
use crate::error::Result;
use crate::nonce::NonceSource;
use crate::policy::Policy;
use crate::target::{Disposition, SentPolicy, target};

/// A policy that was found: its line and the parts of its text, each as it is escaped.
struct Found<'t> {
    server: &'static str,
    line: Line<'t>,
    parts: Vec<&'t str>,
    /// What stands for the nonce.
    fresh: &'static str,
    unquote: fn(&str) -> Option<String>,
    placeholder: Option<&'t str>,
}

pub(super) fn nginx(reader: &mut Reader<'_>, fragment: &Fragment<'_>) -> Result<Answers> {
    let lines = fragment.lines();
    let mut policies = Vec::new();
    for pair in lines.windows(3) {
        if pair[0].text.starts_with("map $status $csp_policy") {
            let value = pair[2].text.strip_prefix("default ").and_then(quoted);
            policies.extend(value.map(|(value, _)| (pair[2], value)));
        }
    }
    let placeholder = after(lines, "sub_filter ").and_then(quoted);
    read(
        reader,
        fragment,
        policies.first().map(|(line, _)| Found {
            server: "nginx",
            line: *line,
            parts: policies.iter().map(|(_, value)| *value).collect(),
            fresh: "$request_id",
            unquote: nginx_quoted,
            placeholder: placeholder.map(|(value, _)| value),
        }),
    )
}

pub(super) fn apache(reader: &mut Reader<'_>, fragment: &Fragment<'_>) -> Result<Answers> {
    let lines = fragment.lines();
    let start = "Header always set Content-Security-Policy ";
    let policy = lines
        .iter()
        .find_map(|line| Some((*line, quoted(line.text.strip_prefix(start)?)?.0)));
    let placeholder = after(lines, "local placeholder = ").and_then(quoted);
    read(
        reader,
        fragment,
        policy.map(|(line, value)| Found {
            server: "apache",
            line,
            parts: vec![value],
            fresh: "%{CSP_NONCE}e",
            unquote: apache_header,
            placeholder: placeholder.map(|(value, _)| value),
        }),
    )
}

pub(super) fn caddy(reader: &mut Reader<'_>, fragment: &Fragment<'_>) -> Result<Answers> {
    let lines = fragment.lines();
    let start = "header Content-Security-Policy ";
    let policy = lines
        .iter()
        .find_map(|line| Some((*line, caddy_quoted(line.text.strip_prefix(start)?)?.0)));
    let placeholder = after(lines, "between <%").and_then(|rest| rest.split_once(' '));
    read(
        reader,
        fragment,
        policy.map(|(line, value)| Found {
            server: "caddy",
            line,
            parts: vec![value],
            fresh: "{http.request.uuid}",
            unquote: caddy_value,
            placeholder: placeholder.map(|(value, _)| value),
        }),
    )
}

/// What stands behind the beginning of a line.
fn after<'t>(lines: &[Line<'t>], start: &str) -> Option<&'t str> {
    lines.iter().find_map(|line| line.text.strip_prefix(start))
}

fn read(
    reader: &mut Reader<'_>,
    fragment: &Fragment<'_>,
    found: Option<Found<'_>>,
) -> Result<Answers> {
    let Some(found) = found else {
        return Err(reader.error_in_file("no policy stands beside the lines that make its nonce"));
    };
    let Some(placeholder) = found.placeholder else {
        return Err(reader.error(
            found.line.number,
            "the placeholder that the nonce replaces stands in another file; give all that `cspseal nonce --print-policy` printed",
        ));
    };
    let refuse = |line| unknown(reader, line, found.server);
    let policy = policy(&found, placeholder).ok_or_else(|| refuse(found.line))?;
    let expected =
        expected(found.server, &policy, placeholder).ok_or_else(|| refuse(found.line))?;
    let mut wanted = expected
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    for line in fragment.lines() {
        if wanted.next() != Some(line.text) {
            return Err(refuse(*line));
        }
    }
    if let Some(missing) = wanted.next() {
        return Err(reader.error_in_file(format!(
            "`{missing}` is missing; print it again with `cspseal nonce --print-policy`"
        )));
    }
    let index = reader.nonced(policy, found.line.number);
    Ok(Answers::Everywhere(vec![index]))
}

/// The policy with the placeholder where the nonce belongs.
fn policy(found: &Found<'_>, placeholder: &str) -> Option<String> {
    let fresh = format!("'nonce-{}'", found.fresh);
    let parts = found.parts.concat();
    let plain = parts.split(fresh.as_str()).map(found.unquote);
    let plain = plain.collect::<Option<Vec<String>>>()?;
    Some(plain.join(&format!("'nonce-{placeholder}'")))
}

/// What is written for a policy.
fn expected(server: &str, policy: &str, placeholder: &str) -> Option<String> {
    let policy = Policy::parse(policy).ok()?;
    let nonce: NonceSource = placeholder.parse().ok()?;
    let disposition = Disposition::Enforce;
    let sent = SentPolicy {
        policy: &policy,
        nonce: Some(&nonce),
        disposition,
    };
    target(server)?.write(&sent).ok()
}
