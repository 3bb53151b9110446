//! Allowlists: hosts for scripts and plugins, with what is known of them.

use super::bypass;
use super::channel::{Channel, Reading};
use super::weak_sources::Host;
use super::weakness::Weaknesses;
use crate::finding::Code;
use crate::policy::as_sent::Directive;
use crate::policy::{DirectiveName, Keyword, SourceExpression};

pub(super) fn check(reading: &Reading<'_>, found: &mut Weaknesses) {
    scripts(reading, found);
    objects(reading, found);
}

fn scripts(reading: &Reading<'_>, found: &mut Weaknesses) {
    let Some((directive, sources)) = reading.in_force(Channel::ScriptUrl) else {
        return;
    };
    let eval = reading
        .governing(Channel::Eval)
        .is_none_or(|d| d.has(Keyword::UnsafeEval));
    for (value, source) in sources {
        let host = match source {
            SourceExpression::Keyword(Keyword::SelfOrigin) => {
                found.value(
                    (Code::ScriptAllowlist, None),
                    directive,
                    value,
                    "'self' lets everything run that the site serves, JSONP replies, Angular libraries and uploads too",
                    "make sure that it serves none, or use hashes or nonces with 'strict-dynamic'",
                );
                continue;
            }
            SourceExpression::Host(host) => Host::new(host.as_str()),
            SourceExpression::None
            | SourceExpression::Keyword(_)
            | SourceExpression::Nonce(_)
            | SourceExpression::Hash(_)
            | SourceExpression::Scheme(_) => continue,
        };
        // A wildcard is told elsewhere, and a host without a dot is a machine nearby.
        if host.name == "*" || !host.name.contains('.') {
            continue;
        }
        if let Some(known) = bypass::scripts(&host, eval) {
            found.value(
                (Code::BypassableHost, Channel::ScriptUrl),
                directive,
                value,
                format!(
                    "{} serves {}, with which an injection runs any code",
                    known.host, known.what
                ),
                "use hashes or nonces with 'strict-dynamic', or serve the script yourself",
            );
        } else {
            found.value(
                (Code::ScriptAllowlist, None),
                directive,
                value,
                format!(
                    "{} lets everything run that it serves; no bypass is known",
                    value.text
                ),
                "make sure that it serves no JSONP replies and no Angular libraries",
            );
        }
    }
}

fn objects(reading: &Reading<'_>, found: &mut Weaknesses) {
    let Some(directive) = reading.governing(Channel::Object) else {
        return;
    };
    let help = "write object-src 'none'";
    for (value, source) in directive.sources() {
        let host = match source {
            SourceExpression::Host(host) => Some(Host::new(host.as_str())),
            _ => None,
        };
        // A wildcard is told elsewhere.
        let host = host.filter(|host| host.name != "*");
        let flash = host.and_then(|host| bypass::flash(&host));
        if let Some(host) = flash {
            let message = format!(
                "{host} serves Flash files with which an injection runs any code in a browser that has Flash"
            );
            found.value(
                (Code::FlashHost, Channel::Object),
                directive,
                value,
                message,
                help,
            );
        } else if is_needless(directive, source) {
            let message = format!(
                "{} lets plugins load data, which hardly a page needs",
                value.text
            );
            found.value(
                (Code::ObjectAllowlist, None),
                directive,
                value,
                message,
                help,
            );
        }
    }
}

fn is_needless(directive: &Directive<'_>, source: &SourceExpression) -> bool {
    directive.name == DirectiveName::ObjectSrc && *source != SourceExpression::None
}
