//! Errors in the words of the command line: the library reports the failure, and this file alone adds the flags that help.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::OnceLock;

use crate::error::{Error, ErrorKind, Remedy};
use crate::finding::UnknownCode;

/// The paths that the configuration names, each with its key and the file.
static NAMED_PATHS: OnceLock<HashMap<PathBuf, String>> = OnceLock::new();

/// Has errors about these paths say where they were named. Only the first call counts: a run has one configuration.
pub(super) fn name_paths(paths: HashMap<PathBuf, String>) {
    let _ = NAMED_PATHS.set(paths);
}

/// The place in the configuration that names the path of an error.
fn named_by(error: &(dyn std::error::Error + 'static)) -> Option<&'static str> {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let mut errors = causes.filter_map(|error| error.downcast_ref::<Error>());
    let about_file = |error: &&Error| matches!(error.kind(), ErrorKind::Read | ErrorKind::Write);
    let path = errors.find(about_file)?.path()?;
    NAMED_PATHS.get()?.get(path).map(String::as_str)
}

/// Returns the text of an error and of its causes, each with its remedies.
pub(super) fn with_causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut all = text(error);
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = text(cause);
        // Some libraries repeat the cause in the message.
        if !all.contains(&cause_text) {
            all = format!("{all}: {cause_text}");
        }
        source = cause.source();
    }
    if let Some(by) = named_by(error) {
        all = format!("{all}; {by} names it");
    }
    all
}

fn text(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    for remedy in error.downcast_ref().map_or(&[][..], Error::remedies) {
        let was_tried = matches!(remedy, Remedy::OtherScope(..) | Remedy::MetaPolicies);
        // The step that a message proposes stands after a semicolon.
        let is_second = text.contains("; ") && !was_tried;
        text.push_str(if is_second { ", or " } else { "; " });
        text.push_str(&words(remedy));
    }
    text
}

/// How an output sends the enforced policy alone.
const ENFORCED: &str = "without [report-only-policy] or with report-only = false below its [[output]]";

fn words(remedy: &Remedy) -> Cow<'static, str> {
    match remedy {
        Remedy::SitePolicy => "use --scope site".into(),
        Remedy::OtherScope(scope, Ok(())) => format!("--scope {scope} would fit").into(),
        Remedy::OtherScope(scope, Err(error)) => format!("--scope {scope} would not fit: {}", text(&**error)).into(),
        Remedy::MetaPolicies => "--format meta --write would fit, which puts each policy into its page".into(),
        Remedy::BasePolicy => "give one with --policy, --policy-file or --preset".into(),
        Remedy::ExcludeFile => "leave it out with --exclude".into(),
        Remedy::IncludePages => "name the pages with --include".into(),
        Remedy::ReadIgnored => "read what git ignores with --no-ignore".into(),
        Remedy::SameAlgorithm => "hash all pages with the same --algorithm".into(),
        Remedy::PrintInventory => "make it with `cspseal hash --format json` of this version".into(),
        Remedy::ListFormats => "`cspseal formats` says what it has".into(),
        Remedy::FreshNonces => "see `cspseal nonce --print-policy` for what sends fresh nonces".into(),
        Remedy::OnePolicy => {
            format!("send the report-only one with --report-only, or the enforced one {ENFORCED}").into()
        }
        Remedy::EnforcedPolicy => format!("send the enforced one {ENFORCED}").into(),
        Remedy::AllowOutside => "pass --allow-outside if that is meant".into(),
    }
}

/// Returns the next step for an unknown code.
pub(super) fn for_unknown(code: &UnknownCode) -> String {
    let near = code.help();
    near.unwrap_or_else(|| "`cspseal explain --codes` lists what there is".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    /// The words without which a remedy would be lost.
    fn flag(remedy: &Remedy) -> &'static str {
        match remedy {
            Remedy::SitePolicy => "--scope site",
            Remedy::OtherScope(..) => "--scope page",
            Remedy::MetaPolicies => "--format meta --write",
            Remedy::BasePolicy => "--preset",
            Remedy::ExcludeFile => "--exclude",
            Remedy::IncludePages => "--include",
            Remedy::ReadIgnored => "--no-ignore",
            Remedy::SameAlgorithm => "--algorithm",
            Remedy::PrintInventory => "cspseal hash --format json",
            Remedy::ListFormats => "cspseal formats",
            Remedy::FreshNonces => "cspseal nonce --print-policy",
            Remedy::OnePolicy => "--report-only",
            Remedy::EnforcedPolicy => "report-only = false",
            Remedy::AllowOutside => "--allow-outside",
        }
    }

    fn error(remedy: Remedy) -> Error {
        Error::new(ErrorKind::Limit, "too much").with_remedy(remedy)
    }

    #[test]
    fn no_remedy_is_lost_wherever_its_error_is() {
        let remedies: [&dyn Fn() -> Remedy; 15] = [
            &|| Remedy::SitePolicy,
            &|| Remedy::OtherScope("page", Ok(())),
            &|| Remedy::OtherScope("page", Err(Box::new(error(Remedy::BasePolicy)))),
            &|| Remedy::MetaPolicies,
            &|| Remedy::BasePolicy,
            &|| Remedy::ExcludeFile,
            &|| Remedy::IncludePages,
            &|| Remedy::ReadIgnored,
            &|| Remedy::SameAlgorithm,
            &|| Remedy::PrintInventory,
            &|| Remedy::ListFormats,
            &|| Remedy::FreshNonces,
            &|| Remedy::OnePolicy,
            &|| Remedy::EnforcedPolicy,
            &|| Remedy::AllowOutside,
        ];
        for remedy in remedies {
            let flag = flag(&remedy());
            let errors: [anyhow::Error; 4] = [
                error(remedy()).into(),
                error(remedy()).at("a.html").because("a reason").into(),
                anyhow::Error::from(error(remedy())).context("while it was written"),
                Error::new(ErrorKind::Write, "not written").because(error(remedy())).into(),
            ];
            for error in errors {
                let text = with_causes(error.as_ref());
                assert!(text.contains(flag), "{flag}: {text}");
            }
        }
    }

    #[test]
    fn a_step_is_one_of_two_and_what_was_tried_is_told() {
        let step = Error::new(ErrorKind::Unsupported, "no rule; rename the page").with_remedy(Remedy::SitePolicy);
        assert_eq!(text(&step), "no rule; rename the page, or use --scope site");
        let base = error(Remedy::BasePolicy);
        let tried = error(Remedy::OtherScope("page", Err(Box::new(base)))).with_remedy(Remedy::MetaPolicies);
        assert_eq!(
            text(&tried),
            "too much; --scope page would not fit: too much; give one with --policy, --policy-file or --preset; \
             --format meta --write would fit, which puts each policy into its page"
        );
    }
}
