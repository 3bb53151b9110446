//! Single sources: schemes and wildcards that are everything, `http:`, IP addresses, short nonces.

use super::channel::{Channel, Reading};
use super::weakness::Weaknesses;
use crate::finding::Code;
use crate::policy::as_sent::{Directive, Word};
use crate::policy::{DirectiveName, SourceExpression};

/// The shortest nonce that passes, in characters.
const SHORTEST_NONCE: usize = 8;

pub(super) fn check(reading: &Reading<'_>, found: &mut Weaknesses) {
    for channel in [Channel::ScriptUrl, Channel::Object, Channel::Base] {
        everything(reading, channel, found);
    }
    for directive in &reading.directives {
        if directive.name == DirectiveName::ReportUri {
            insecure_reports(directive, found);
        }
        for (value, source) in directive.sources() {
            match source {
                SourceExpression::Host(host) => {
                    let host = Host::new(host.as_str());
                    insecure(directive, value, &host, found);
                    address(directive, value, &host, found);
                }
                SourceExpression::Nonce(nonce) if nonce.value().len() < SHORTEST_NONCE => {
                    let message = format!(
                        "the nonce has fewer than {SHORTEST_NONCE} characters, so it can be guessed"
                    );
                    found.value(
                        (Code::ShortNonce, None),
                        directive,
                        value,
                        message,
                        "make it of 16 random bytes for every response",
                    );
                }
                _ => {}
            }
        }
    }
}

/// The parts of a host-source.
pub(super) struct Host<'a> {
    pub(super) scheme: Option<&'a str>,
    pub(super) name: &'a str,
    pub(super) port: Option<&'a str>,
    /// Empty, or from its `/` on.
    pub(super) path: &'a str,
}

impl<'a> Host<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) => (Some(scheme), rest),
            None => (None, text),
        };
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (name, port) = match authority.split_once(':') {
            Some((name, port)) => (name, Some(port)),
            None => (authority, None),
        };
        Self {
            scheme,
            name,
            port,
            path,
        }
    }
}

fn everything(reading: &Reading<'_>, channel: Channel, found: &mut Weaknesses) {
    // A base with a data: URL is ignored: https://html.spec.whatwg.org/#set-the-frozen-base-url
    let schemes: &[_] = if channel == Channel::Base {
        &["http:", "https:"]
    } else {
        &["http:", "https:", "data:"]
    };
    let Some((directive, sources)) = reading.in_force(channel) else {
        return;
    };
    let help = match channel {
        Channel::Base => "write 'none' or 'self'",
        Channel::Object => "write object-src 'none'",
        _ => "name the hosts, or allow scripts by hash or nonce with 'strict-dynamic'",
    };
    for (value, source) in sources {
        let (code, whole) = match source {
            SourceExpression::Scheme(scheme)
                if schemes
                    .iter()
                    .any(|s| scheme.as_str().eq_ignore_ascii_case(s)) =>
            {
                (Code::WeakScheme, scheme.as_str())
            }
            SourceExpression::Host(host) if Host::new(host.as_str()).name == "*" => {
                (Code::WeakWildcard, host.as_str())
            }
            _ => continue,
        };
        let message = format!("{whole} lets {} come from anywhere", channel.what());
        let opened = if whole.eq_ignore_ascii_case("data:") {
            channel.data()
        } else {
            channel
        };
        found.value((code, opened), directive, value, message, help);
    }
}

fn insecure(directive: &Directive<'_>, value: &Word<'_>, host: &Host<'_>, found: &mut Weaknesses) {
    if host
        .scheme
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("http"))
    {
        found.value(
            (Code::InsecureSource, None),
            directive,
            value,
            "http: lets whoever is on the way change what is loaded",
            "write https:",
        );
    }
}

fn insecure_reports(directive: &Directive<'_>, found: &mut Weaknesses) {
    for value in &directive.words {
        let head = value.text.get(.."http://".len());
        if head.is_some_and(|head| head.eq_ignore_ascii_case("http://")) {
            found.value(
                (Code::InsecureSource, None),
                directive,
                value,
                "violation reports are sent unencrypted",
                "write https:",
            );
        }
    }
}

fn address(directive: &Directive<'_>, value: &Word<'_>, host: &Host<'_>, found: &mut Weaknesses) {
    let parts = host.name.split('.');
    let is_number =
        |part: &str| matches!(part.len(), 1..=3) && part.bytes().all(|b| b.is_ascii_digit());
    if parts.clone().count() != 4 || !parts.clone().all(is_number) {
        return;
    }
    let (message, help) = if host.name == "127.0.0.1" {
        (
            "127.0.0.1 is the visitor's own machine",
            "remove it from what is published",
        )
    } else {
        (
            "by the standard an IP address other than 127.0.0.1 matches nothing",
            "write a host name",
        )
    };
    found.value((Code::IpSource, None), directive, value, message, help);
}
