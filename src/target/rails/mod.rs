//! `rails`: an initializer for Rails' own policy.
//!
//! Run: Rails 6.1 (actionpack and railties) with Ruby 3.1; with every directive there is, enforced and reported
//! (`tests/lab/frameworks`); the rest is read there too. Rails adds the nonce last, to directives that
//! are set only: one whose list would be empty goes past the methods, which would delete it. So does what no
//! method takes, such as a second address to report to.

use super::quote::{Language, string};
use super::words::{Layout, Part, list, nonced};
use super::{Disposition, Expression, NonceTemplates, SentPolicy, Target};
use crate::edit::nonce::NonceBinding;
use crate::error::Result;
use crate::policy::DirectiveName;
use crate::template::Dialect;

/// The directives that a method of Rails 6.1 sets from a list, named like them.
const METHODS: &[DirectiveName] = &[
    DirectiveName::BaseUri,
    DirectiveName::ChildSrc,
    DirectiveName::ConnectSrc,
    DirectiveName::DefaultSrc,
    DirectiveName::FontSrc,
    DirectiveName::FormAction,
    DirectiveName::FrameAncestors,
    DirectiveName::FrameSrc,
    DirectiveName::ImgSrc,
    DirectiveName::ManifestSrc,
    DirectiveName::MediaSrc,
    DirectiveName::ObjectSrc,
    DirectiveName::ScriptSrc,
    DirectiveName::ScriptSrcAttr,
    DirectiveName::ScriptSrcElem,
    DirectiveName::StyleSrc,
    DirectiveName::StyleSrcAttr,
    DirectiveName::StyleSrcElem,
    DirectiveName::WorkerSrc,
    DirectiveName::Sandbox,
];

pub(super) static RAILS: Target = Target {
    templates: Some(&NonceTemplates::new(
        "rails",
        "Rails 6.0 or newer, ERB templates",
        &[Expression::new(Dialect::Erb, "<%= content_security_policy_nonce %>")
            .with_binding(NonceBinding::GLOBAL.failing())],
    )),
    why_one: Some("content_security_policy_report_only holds for its one policy"),
    write: Some(write),
    ..Target::framework("rails", "config/initializers/content_security_policy.rb of Rails 6.0 or newer")
};

fn write(sent: &[SentPolicy<'_>]) -> Result<String> {
    Ok(sent.iter().map(spelled).collect())
}

fn spelled(sent: &SentPolicy<'_>) -> String {
    let parts = sent.parts(&[]);
    let report_only = match sent.disposition {
        Disposition::Enforce => "",
        Disposition::Report => "Rails.application.config.content_security_policy_report_only = true\n",
    };
    let nonces = sent.nonce.map_or_else(String::new, |_| {
        format!(
            "Rails.application.config.content_security_policy_nonce_generator = ->(_request) {{ SecureRandom.base64(16) }}\n\
             Rails.application.config.content_security_policy_nonce_directives = %w[{}]\n",
            nonced(&parts).collect::<Vec<_>>().join(" ")
        )
    });
    format!(
        "# config/initializers/content_security_policy.rb, for Rails 6.0 or newer\n\
         Rails.application.config.content_security_policy do |policy|\n{}end\n{report_only}{nonces}",
        parts.iter().map(statement).collect::<String>()
    )
}

fn statement(part: &Part) -> String {
    let words: Vec<_> = part.texts().map(word).collect();
    let method = part.name.name().replace('-', "_");
    match (part.name, words.len()) {
        (DirectiveName::UpgradeInsecureRequests | DirectiveName::BlockAllMixedContent, _)
        | (DirectiveName::Sandbox, 0) => format!("  policy.{method}\n"),
        (name, 1..) if METHODS.contains(&name) => call(&method, &words),
        (DirectiveName::ReportUri, 1) => call(&method, &words),
        (name, 0) if !part.has_nonce() => format!("  policy.directives[\"{name}\"] = true\n"),
        (name, _) => {
            // Only methods know symbols; here `:self` would be sent without its quotes.
            let head = format!("  policy.directives[\"{name}\"] = ");
            list(&head, Layout::NARROW, &part.strings(Language::Ruby), "")
        }
    }
}

/// A call without parentheses where it fits on a line, as Rails writes it.
fn call(method: &str, words: &[String]) -> String {
    const ARGUMENTS: Layout = Layout { open: "(", close: ")", ..Layout::NARROW };
    let text = list(&format!("  policy.{method}"), ARGUMENTS, words, "");
    if text.lines().count() > 1 {
        return text.replace(",\n  )", "\n  )");
    }
    format!("  policy.{method} {}\n", words.join(", "))
}

fn word(word: &str) -> String {
    match word {
        "'self'" => ":self".to_owned(),
        "'none'" => ":none".to_owned(),
        _ => string(Language::Ruby, word),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::tests::fixture::{HOSTILE, ONE, PLAIN, enforced, only_reported, text};

    #[test]
    fn without_a_nonce_rails_is_given_an_initializer() {
        assert_eq!(
            enforced(&RAILS),
            format!(
                r#"# config/initializers/content_security_policy.rb, for Rails 6.0 or newer
Rails.application.config.content_security_policy do |policy|
  policy.default_src :self
  policy.script_src :self, "{ONE}"
  policy.img_src "*"
  policy.upgrade_insecure_requests
end
"#
            )
        );
        assert_eq!(
            only_reported(&RAILS),
            format!("{}Rails.application.config.content_security_policy_report_only = true\n", enforced(&RAILS))
        );
    }

    #[test]
    fn rails_is_given_an_initializer() {
        assert_eq!(
            text(&RAILS, PLAIN),
            r#"# config/initializers/content_security_policy.rb, for Rails 6.0 or newer
Rails.application.config.content_security_policy do |policy|
  policy.default_src :self
  policy.script_src :self, "'strict-dynamic'"
  policy.directives["style-src"] = []
  policy.object_src :none
  policy.upgrade_insecure_requests
  policy.sandbox
end
Rails.application.config.content_security_policy_nonce_generator = ->(_request) { SecureRandom.base64(16) }
Rails.application.config.content_security_policy_nonce_directives = %w[script-src style-src]
"#
        );
    }

    #[test]
    fn what_ruby_would_read_is_escaped() {
        assert_eq!(
            text(&RAILS, HOSTILE).lines().skip(2).take(8).collect::<Vec<_>>().join("\n"),
            r#"  policy.img_src :self, "https://a.example/it's/%7E"
  policy.script_src_elem "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='"
  policy.upgrade_insecure_requests
  policy.directives["report-uri"] = [
    "/r?a=$b&c=%25&d=\#{e}&f=`g`&h=\\n&i=${j}&k=$NONCE&l=%[1]s&m=%kernel.x%&n={o}",
    "/second",
  ]
end"#
        );
    }

    #[test]
    fn past_the_methods_keywords_keep_their_quotes() {
        let text = text(&RAILS, "prefetch-src 'self'; script-src 'nonce-N'");
        assert!(text.contains("  policy.directives[\"prefetch-src\"] = [\"'self'\"]\n"), "{text}");
    }

    #[test]
    fn a_long_call_has_parentheses() {
        let long = format!("https://{}.example", "x".repeat(60));
        let text = text(&RAILS, &format!("img-src {long}/a {long}/b"));
        assert!(text.contains(&format!("  policy.img_src(\n    \"{long}/a\",\n    \"{long}/b\"\n  )\n")), "{text}");
    }
}
