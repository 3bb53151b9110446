//! `caddy`: `header` in the site's block, with a placeholder that maps make of `{path}`.
//!
//! Run on Caddy 2.6.2.
//!
//! - `{path}` is decoded and knows no index files, so that there is a key for the folder and one for the file.
//! - A header that is set at once stays on an answer that is an error; one that is set late (`defer`) sees what `try_files` made of the
//!   path and replaces what an application sent, but is lost to errors. Hence the default at once and the page's late.
//! - In keys nothing is replaced when a request comes, but the Caddyfile itself writes out `{path}` and its like
//!   there: a path with braces is an expression. So is one that no quotes can hold.
//! - A key that is an expression has a number for its value, since `$` in such a value is a reference.

mod nonce;
mod quote;

use std::fmt::Write as _;

use super::deployed::DeployedFile;
use super::quote::{Regex, exact_regex};
use super::rules::{page_rules, unquotable};
use super::words::nonce;
use super::{Deployment, PolicyHeader, SentPolicy, Target, url_paths};
use crate::error::Result;
use quote::{caddy_quoted, caddy_value};

pub(super) static CADDY: Target = Target {
    deployed: Some(&DeployedFile::unread("Caddyfile", &["map {path} {csp", "header Content-Security-Policy"])),
    server: Some("Caddy: a snippet and the lines for the site's block"),
    write: Some(write),
    print: Some(pages),
    ..Target::server("caddy", "Caddy: lines for the site's block in the Caddyfile")
};

fn write(sent: &[SentPolicy<'_>]) -> Result<String> {
    let field = |sent: &SentPolicy<'_>| {
        let words = sent.words("{http.request.uuid}", caddy_value);
        Ok(format!("{} {}", sent.header_name(), quoted(&words.join(" "))?))
    };
    let fields = sent.iter().map(field).collect::<Result<Vec<_>>>()?;
    Ok(match nonce(sent) {
        // Once for errors and once for what replaces an application's own.
        None => format!("# In the site's block.\n{}{}", at_once(&fields), late(&fields)),
        Some(nonce) => nonce::lines(&at_once(&fields), nonce.value()),
    })
}

/// Sets headers, each with its value, at once.
fn at_once(fields: &[String]) -> String {
    let lines = fields.iter().map(|field| format!("header {field}\n"));
    lines.collect()
}

/// Sets them when the answer is sent.
fn late(fields: &[String]) -> String {
    format!("header {{\n\t{}\n\tdefer\n}}\n", fields.join("\n\t"))
}

/// A value in quotes.
fn quoted(value: &str) -> Result<String> {
    caddy_quoted(value).ok_or_else(|| unquotable("caddy", "` and also \", or a \\ at its end"))
}

fn pages(deployment: &Deployment<'_>) -> Result<String> {
    let rules = page_rules("caddy", deployment)?;
    let prefix = deployment.disposition().prefix();
    let value = |header: &PolicyHeader| quoted(&caddy_value(header.policy.as_str()));
    let last = ["four", "five"][rules.default.len() - 1];
    let mut text = format!(
        "# In the site's block; a handle_errors that shows a page needs the last {last} lines again.\n\
         map {{path}} {{{prefix}_page}} {{\n"
    );
    for (index, rule) in rules.rules.iter().enumerate() {
        for path in rule.paths.iter().flat_map(|page| url_paths(page)) {
            let _ = writeln!(text, "\t{} {}", key(&path), index + 1);
        }
    }
    text.push_str("\tdefault 0\n}\n");
    let (mut defaults, mut fields) = (Vec::new(), Vec::new());
    for (nth, header) in rules.default.iter().enumerate() {
        let variable = format!("{{{}_policy}}", header.disposition.prefix());
        let _ = writeln!(text, "map {{{prefix}_page}} {variable} {{");
        for (index, rule) in rules.rules.iter().enumerate() {
            let _ = writeln!(text, "\t{} {}", index + 1, value(&rule.headers[nth])?);
        }
        let default = value(header)?;
        let _ = writeln!(text, "\tdefault {default}\n}}");
        defaults.push(format!("{} {default}", header.name()));
        fields.push(format!("{} {variable}", header.name()));
    }
    Ok(text + &at_once(&defaults) + &late(&fields))
}

/// A key of a map.
fn key(path: &str) -> String {
    let literal = caddy_quoted(path).filter(|_| !path.contains(['{', '}']));
    literal.unwrap_or_else(|| format!("\"~{}\"", exact_regex(Regex::Characters, path)))
}

#[cfg(test)]
mod tests {
    use super::super::rules::tests::{HASH, HOSTILE, SCRIPT, SMALL, printed};
    use super::*;
    use crate::error::ErrorKind;
    use crate::target::Scope;

    const BASE: &str = "script-src 'self'";

    #[test]
    fn the_site_is_set_at_once_and_late() {
        assert_eq!(
            printed(&CADDY, Scope::Site, BASE, &SMALL[..3]).unwrap(),
            format!(
                "# In the site's block.
header Content-Security-Policy \"script-src 'self' {HASH}\"
header {{
\tContent-Security-Policy \"script-src 'self' {HASH}\"
\tdefer
}}
"
            )
        );
    }

    #[test]
    fn a_page_has_a_number_and_a_number_a_policy() {
        assert_eq!(
            printed(&CADDY, Scope::Page, BASE, &SMALL[..3]).unwrap(),
            format!(
                "# In the site's block; a handle_errors that shows a page needs the last four lines again.
map {{path}} {{csp_page}} {{
\t\"/docs/index.html\" 1
\t\"/docs/\" 1
\t\"/index.html\" 1
\t\"/\" 1
\tdefault 0
}}
map {{csp_page}} {{csp_policy}} {{
\t1 \"script-src 'self' {HASH}\"
\tdefault \"script-src 'self'\"
}}
header Content-Security-Policy \"script-src 'self'\"
header {{
\tContent-Security-Policy {{csp_policy}}
\tdefer
}}
"
            )
        );
    }

    #[test]
    fn a_path_with_braces_or_both_quotes_is_an_expression() {
        let pages = [("`\".html", SCRIPT), ("a`.html", SCRIPT), ("q\".html", SCRIPT), ("{$H}日.html", SCRIPT)];
        let text = printed(&CADDY, Scope::Page, HOSTILE, &pages).unwrap();
        for key in [
            r#"	"~^/\x{60}\x{22}\x{2e}html$" 1"#,
            r#"	"/a`.html" 1"#,
            r#"	`/q".html` 1"#,
            r#"	"~^/\x{7b}\x{24}\x{48}\x{7d}\x{65e5}\x{2e}html$" 1"#,
        ] {
            assert!(text.contains(&key.replace(r"\t", "\t")), "{key}\n{text}");
        }
        assert!(text.contains(r"&\{path\}\{{$CSP_DOLLAR:$}HOME\}&%\{HOME\}e&"), "{text}");
    }

    #[test]
    fn a_policy_that_no_quotes_hold_is_refused() {
        for scope in [Scope::Site, Scope::Page] {
            let error = printed(&CADDY, scope, r"report-uri /`\", &SMALL[..1]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unsupported);
        }
    }
}
