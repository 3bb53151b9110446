//! Allowlists: hosts for scripts and plugins, with what is known of them.

use super::bypass;
use super::channel::{Channel, Reading};
use super::weakness::Weaknesses;
use crate::finding::Code;
use crate::policy::{DirectiveName, Keyword, SourceExpression};

pub(super) fn check(reading: &Reading<'_>, found: &mut Weaknesses) {
    scripts(reading, found);
    objects(reading, found);
}

fn scripts(reading: &Reading<'_>, found: &mut Weaknesses) {
    let Some((directive, sources)) = reading.in_force(Channel::ScriptUrl) else {
        return;
    };
    let eval = reading.governing(Channel::Eval).is_none_or(|d| d.has(Keyword::UnsafeEval));
    for (value, source) in sources {
        let (about, message, help) = match source {
            SourceExpression::Keyword(Keyword::SelfOrigin) => (
                (Code::ScriptAllowlist, None),
                "'self' lets everything run that the site serves, JSONP replies, Angular libraries and uploads too"
                    .to_owned(),
                "make sure that it serves none, or use hashes or nonces with 'strict-dynamic'",
            ),
            SourceExpression::Host(host) => {
                let host = host.parts();
                // A wildcard is told elsewhere, and a host without a dot is a machine nearby.
                if host.name == "*" || !host.name.contains('.') {
                    continue;
                }
                match bypass::scripts(&host, eval) {
                    Some(known) => (
                        (Code::BypassableHost, Some(Channel::ScriptUrl)),
                        format!("{} serves {}, with which an injection runs any code", known.host, known.what),
                        "use hashes or nonces with 'strict-dynamic', or serve the script yourself",
                    ),
                    None => (
                        (Code::ScriptAllowlist, None),
                        format!("{} lets everything run that it serves; no bypass is known", value.text),
                        "make sure that it serves no JSONP replies and no Angular libraries",
                    ),
                }
            }
            SourceExpression::None
            | SourceExpression::Keyword(_)
            | SourceExpression::Nonce(_)
            | SourceExpression::Hash(_)
            | SourceExpression::Scheme(_) => continue,
        };
        found.value(about, directive, value, message, help);
    }
}

fn objects(reading: &Reading<'_>, found: &mut Weaknesses) {
    let Some(directive) = reading.governing(Channel::Object) else {
        return;
    };
    for (value, source) in directive.sources() {
        let flash = match source {
            // A wildcard is told elsewhere.
            SourceExpression::Host(host) if host.parts().name != "*" => bypass::flash(&host.parts()),
            _ => None,
        };
        let is_needless = directive.name == DirectiveName::ObjectSrc && *source != SourceExpression::None;
        let (about, message) = match flash {
            Some(host) => (
                (Code::FlashHost, Some(Channel::Object)),
                format!("{host} serves Flash files with which an injection runs any code in a browser that has Flash"),
            ),
            None if is_needless => (
                (Code::ObjectAllowlist, None),
                format!("{} lets plugins load data, which hardly a page needs", value.text),
            ),
            None => continue,
        };
        found.value(about, directive, value, message, "write object-src 'none'");
    }
}
