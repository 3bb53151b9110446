//! Single sources: schemes and wildcards that are everything, `http:`, IP addresses, short nonces.

use super::channel::{Channel, Reading};
use super::weakness::Weaknesses;
use crate::finding::Code;
use crate::policy::as_sent::Word;
use crate::policy::{DirectiveName, SourceExpression};

pub(super) fn check(reading: &Reading<'_>, found: &mut Weaknesses) {
    for channel in [Channel::ScriptUrl, Channel::Object, Channel::Base] {
        everything(reading, channel, found);
    }
    for directive in &reading.directives {
        for word in &directive.words {
            for (code, message, help) in faults(directive.name, word).into_iter().flatten() {
                found.value((code, None), directive, word, message, help);
            }
        }
    }
}

/// A code, a message, and what to do.
type Fault = (Code, &'static str, &'static str);

/// The faults of a word by itself.
fn faults(directive: DirectiveName, word: &Word<'_>) -> [Option<Fault>; 2] {
    let head = word.text.get(.."http://".len());
    let is_http = head.is_some_and(|head| head.eq_ignore_ascii_case("http://"));
    let insecure = |message| is_http.then_some((Code::InsecureSource, message, "write https:"));
    let short_nonce = (
        Code::ShortNonce,
        "the nonce has fewer than 8 characters, so it can be guessed",
        "make it of 16 random bytes for every response",
    );
    match word.meaning.source() {
        Some(SourceExpression::Host(host)) => {
            [insecure("http: lets whoever is on the way change what is loaded"), address(host.parts().name)]
        }
        Some(SourceExpression::Nonce(nonce)) if nonce.value().len() < 8 => [Some(short_nonce), None],
        None if directive == DirectiveName::ReportUri => [insecure("violation reports are sent unencrypted"), None],
        _ => [None, None],
    }
}

fn everything(reading: &Reading<'_>, channel: Channel, found: &mut Weaknesses) {
    // A base with a data: URL is ignored: https://html.spec.whatwg.org/#set-the-frozen-base-url
    let schemes: &[_] = if channel == Channel::Base { &["http:", "https:"] } else { &["http:", "https:", "data:"] };
    let Some((directive, sources)) = reading.in_force(channel) else {
        return;
    };
    let help = match channel {
        Channel::Base => "write 'none' or 'self'",
        Channel::Object => "write object-src 'none'",
        _ => "name the hosts, or allow scripts by hash or nonce with 'strict-dynamic'",
    };
    for (value, source) in sources {
        let is_whole = |text: &str| schemes.iter().any(|s| text.eq_ignore_ascii_case(s));
        let code = match source {
            SourceExpression::Scheme(scheme) if is_whole(scheme.as_str()) => Code::WeakScheme,
            SourceExpression::Host(host) if host.parts().name == "*" => Code::WeakWildcard,
            _ => continue,
        };
        let whole = value.text;
        let message = format!("{whole} lets {} come from anywhere", channel.what());
        let opened = if whole.eq_ignore_ascii_case("data:") { channel.data() } else { channel };
        found.value((code, opened), directive, value, message, help);
    }
}

fn address(host: &str) -> Option<Fault> {
    let mut parts = host.split('.');
    let is_number = |part: &str| matches!(part.len(), 1..=3) && part.bytes().all(|b| b.is_ascii_digit());
    if parts.clone().count() != 4 || !parts.all(is_number) {
        return None;
    }
    let (message, help) = if host == "127.0.0.1" {
        ("127.0.0.1 is the visitor's own machine", "remove it from what is published")
    } else {
        ("by the standard an IP address other than 127.0.0.1 matches nothing", "write a host name")
    };
    Some((Code::IpSource, message, help))
}
