//! Reported hosts, added to a policy: origins, and `data:` and `blob:` for what is no code. Never a keyword but `'self'`, for what the
//! site asked itself for.

use super::report::{Kind, Source};
use super::table::Table;
use crate::finding::{Code, Finding};
use crate::policy::{DirectiveName, Keyword, Need, Policy, SourceExpression};

/// Adds what is reported to the directives in effect for it. Returns what was left out, with the reason.
pub(crate) fn merge(policy: &mut Policy, table: &Table) -> Vec<Finding> {
    let mut left_out = Vec::new();
    let mut needs = Vec::new();
    let rows = table.rows.keys();
    for (_, directive, source) in rows.filter(|(kind, ..)| *kind == Kind::Violation) {
        match need(policy, directive, source) {
            Ok(need) => needs.extend(need),
            Err((reason, help)) => {
                let message = format!("{source} was not added to {directive}: {reason}");
                left_out.push(Finding::new(Code::LeftOutSource, message, help));
            }
        }
    }
    policy.allow(needs);
    left_out
}

/// A reason with the next step.
type Reason = (&'static str, &'static str);

/// The need of a source; [`None`] if the policy meets it already.
fn need(policy: &Policy, directive: &str, source: &Source) -> Result<Option<Need<'static>>, Reason> {
    use DirectiveName::{DefaultSrc, FontSrc, ImgSrc, MediaSrc, ScriptSrcAttr, StyleSrcAttr};
    let name = DirectiveName::find(directive)
        .ok_or(("it is not a directive", "ignore it, or look for the report in the file"))?;
    let source = match source {
        Source::Origin(origin) => SourceExpression::read(origin),
        Source::Own(_) => Some(SourceExpression::Keyword(Keyword::SelfOrigin)),
        Source::Scheme(scheme) if scheme == "data:" || scheme == "blob:" => {
            if !matches!(name, FontSrc | ImgSrc | MediaSrc) {
                let reason = "it allows anything that can be put into a URL";
                return Err((reason, "move the content into a file of the site"));
            }
            SourceExpression::read(scheme)
        }
        Source::Word("inline" | "self") => {
            let reason = "'unsafe-inline' would allow any other text too";
            return Err((reason, "hash it with cspseal hash, or move it into a file"));
        }
        Source::Word(_) => {
            let reason = "no host allows it, and a keyword is never added";
            return Err((reason, "change the script, or the policy by hand"));
        }
        Source::Scheme(_) | Source::Text(_) => None,
    };
    let Some(source) = source else {
        let reason = "it is not a host that a policy can name";
        return Err((reason, "ignore it unless the site needs it"));
    };
    let Some(effective) = policy.effective_directive(name) else {
        let reason = "the policy restricts nothing there";
        return Err((reason, "look whether the report is about this policy"));
    };
    let trusts = SourceExpression::Keyword(Keyword::StrictDynamic);
    if effective.sources().contains(&trusts) && name.and_fallback().any(DirectiveName::is_script) {
        let reason = "hosts do nothing next to 'strict-dynamic'";
        return Err((reason, "give the script a nonce or a hash"));
    }
    if is_covered(effective.sources(), &source) {
        return Ok(None);
    }
    let takes_urls = !matches!(name, DefaultSrc | ScriptSrcAttr | StyleSrcAttr);
    let need = Need::fetch(name, source).filter(|_| takes_urls);
    need.map(Some).ok_or((
        "reports of this directive name no host that it needs",
        "change the directive by hand if the site needs it",
    ))
}

/// Whether a list has `*` or the scheme of a host, which allow it.
fn is_covered(list: &[SourceExpression], source: &SourceExpression) -> bool {
    let text = source.to_string();
    let scheme = text.split_once("//").map(|(scheme, _)| scheme);
    let all = [Some("*"), scheme].into_iter().flatten();
    scheme.is_some() && all.filter_map(SourceExpression::read).any(|it| list.contains(&it))
}
