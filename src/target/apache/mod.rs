//! `apache`: `Header always set` in the server's configuration, with a condition on the path for a page.
//!
//! Run on Apache httpd 2.4.71.
//!
//! - `%{REQUEST_URI}` is read when the answer is sent: decoded, without `//`, and after `DirectoryIndex`, `MultiViews` and
//!   `ErrorDocument`, so that an error page has its own policy.
//! - Every `set` replaces the one before, so the default comes first and no page has two policies.
//! - Conditions are looked at one after the other. A `Location` for each folder, which costs a comparison of prefixes, keeps
//!   those of other folders out: with the 16,600 policies of the Rust documentation 0.4 to 0.9 ms for an answer, where it
//!   is 3 to 5 ms without. RewriteMap would look a page up at once, but only in a second file.
//! - No `IfModule` around: without mod_headers the server must not start, rather than send no policy.

mod nonce;
pub(super) mod quote;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::deployed::DeployedFile;
use super::rules::PageRules;
use super::words::nonce;
use super::{PageGroup, SentPolicy, Target, url_paths};
use crate::error::Result;
use crate::nonce::NonceSource;
use quote::{APACHE_DOLLAR, apache_expression, apache_header};

pub(super) static APACHE: Target = Target {
    deployed: Some(&DeployedFile::unread("httpd.conf", &["Header always set ", "LuaHookFixups "])),
    server: Some("Apache httpd: a Lua script and the lines that use it"),
    write: Some(write),
    rules: Some(rules),
    ..Target::server("apache", "Apache httpd: lines for the server or a VirtualHost")
};

fn write(sent: &[SentPolicy<'_>]) -> Result<String> {
    let policies = sent.iter().map(|sent| {
        let words = sent.words("%{CSP_NONCE}e", apache_header);
        (sent.header_name(), words.join(" "))
    });
    let placeholder = nonce(sent).map_or("", NonceSource::value);
    Ok(nonce::files(&policies.collect::<Vec<_>>(), placeholder))
}

const NOTES: &str = "# In the server's configuration or a VirtualHost; needs a2enmod headers.\n";

/// The lines that hold for every path, which take away what an application behind the server sends, and those of the pages.
/// The variable that stands for a `$` comes first, if one is used.
fn rules(rules: &PageRules) -> Result<String> {
    let mut text = String::new();
    for header in &rules.default {
        let (name, policy) = (header.name(), apache_header(header.policy.as_str()));
        let _ = writeln!(text, "Header onsuccess unset {name}\nHeader always set {name} \"{policy}\"");
    }
    for (folder, rules) in by_folder(&rules.rules) {
        let inside = folder != "/";
        let indent = if inside { "    " } else { "" };
        if inside {
            let _ = writeln!(text, "<Location \"{folder}\">");
        }
        for (rule, paths) in rules {
            let condition = condition(&paths);
            for header in &rule.headers {
                let (name, policy) = (header.name(), apache_header(header.policy.as_str()));
                let _ = writeln!(text, "{indent}Header always set {name} \"{policy}\" \"expr={condition}\"");
            }
        }
        if inside {
            text.push_str("</Location>\n");
        }
    }
    Ok(format!("{NOTES}{}{text}", define(&text)))
}

/// The variable that stands for a `$`, if one is used.
fn define(text: &str) -> &'static str {
    match text.contains(APACHE_DOLLAR) {
        true => "Define CSP_DOLLAR $\n",
        false => "",
    }
}

/// The rules by the folders of their pages, and of each rule the URL paths there.
fn by_folder(rules: &[PageGroup]) -> BTreeMap<String, Vec<(&PageGroup, Vec<String>)>> {
    let mut folders: BTreeMap<String, Vec<(&PageGroup, Vec<String>)>> = BTreeMap::new();
    for rule in rules {
        for page in &rule.paths {
            let here = folders.entry(folder(page)).or_default();
            match here.last_mut() {
                Some((last, paths)) if std::ptr::eq(*last, rule) => paths.extend(url_paths(page)),
                _ => here.push((rule, url_paths(page))),
            }
        }
    }
    folders
}

/// The innermost folder of a page down to which every name has only characters that a `Location` takes for themselves.
fn folder(page: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let mut folder = "/".to_owned();
    let Some((folders, _)) = page.rsplit_once('/') else {
        return folder;
    };
    for name in folders.split('/') {
        if !name.chars().all(plain) {
            break;
        }
        folder.push_str(name);
        folder.push('/');
    }
    folder
}

/// The condition that the request is for one of the paths.
pub(super) fn condition(paths: &[String]) -> String {
    let quoted: Vec<String> = paths.iter().map(|path| format!("'{}'", apache_expression(path))).collect();
    match &quoted[..] {
        [path] => format!("%{{REQUEST_URI}} == {path}"),
        _ => format!("%{{REQUEST_URI}} in {{{}}}", quoted.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::rules::tests::{HASH, HOSTILE, OTHER, SCRIPT, SMALL, printed};
    use super::*;
    use crate::target::Scope;

    const BASE: &str = "script-src 'self'";

    #[test]
    fn the_site_is_a_line() {
        assert_eq!(
            printed(&APACHE, Scope::Site, BASE, &SMALL[..3]).unwrap(),
            format!(
                "{NOTES}Header onsuccess unset Content-Security-Policy\n\
                 Header always set Content-Security-Policy \"script-src 'self' {HASH}\"\n"
            )
        );
    }

    #[test]
    fn a_page_is_a_condition_in_its_folder() {
        let text = printed(&APACHE, Scope::Page, BASE, &SMALL[..3]).unwrap();
        assert_eq!(
            text,
            format!(
                r#"{NOTES}Header onsuccess unset Content-Security-Policy
Header always set Content-Security-Policy "script-src 'self'"
Header always set Content-Security-Policy "script-src 'self' {HASH}" "expr=%{{REQUEST_URI}} in {{'/index.html', '/'}}"
<Location "/docs/">
    Header always set Content-Security-Policy "script-src 'self' {HASH}" "expr=%{{REQUEST_URI}} in {{'/docs/index.html', '/docs/'}}"
</Location>
"#
            )
        );
    }

    #[test]
    fn a_folder_that_a_location_would_take_for_a_pattern_is_in_the_one_above() {
        let pages = [("a/b*/c/x.html", SCRIPT), ("a/b/c/y.html", OTHER), ("a.b/z.html", SCRIPT)];
        let text = printed(&APACHE, Scope::Page, BASE, &pages).unwrap();
        let folders: Vec<&str> = text.lines().filter(|l| l.starts_with("<L")).collect();
        assert_eq!(folders, ["<Location \"/a/\">", "<Location \"/a/b/c/\">"]);
        assert!(
            text.contains("\nHeader always set Content-Security-Policy \"script-src 'self' 'sha256-bh")
                && text.contains("\"expr=%{REQUEST_URI} == '/a.b/z.html'\"\n"),
            "{text}"
        );
    }

    #[test]
    fn a_path_is_no_variable_and_a_policy_neither() {
        let pages = [(r#"${H}$1%{X}'"\n日.html"#, SCRIPT)];
        let text = printed(&APACHE, Scope::Page, HOSTILE, &pages).unwrap();
        assert!(text.contains(r#""expr=%{REQUEST_URI} == '/\\044{H}\\$1\\%{X}\\'\\\"\\\\n日.html'""#), "{text}");
        assert!(text.contains(r#"/r?$x=%%7E&$uri%%d&{path}{$HOME}&%%{HOME}e&a\\\\nb\\\\\\\\c`(<!#""#), "{text}");
        assert!(!text.contains("Define"), "{text}");
        let text = printed(&APACHE, Scope::Site, "report-uri /${HOME}", &pages).unwrap();
        assert!(text.contains("\nDefine CSP_DOLLAR $\n") && text.contains("/${CSP_DOLLAR}{HOME}"), "{text}");
    }
}
