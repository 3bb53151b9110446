//! What the formats of servers share: rules for URL paths, and policies cut into pieces that a server's lines can hold.

use super::{Deployment, PageGroup, PolicyHeader, Scope, SentPolicy, one_line};
use crate::error::{Error, ErrorKind, Remedy, Result};

/// The pages' policies, and what everything else gets.
pub(crate) struct PageRules {
    pub(super) scope: Scope,
    /// The policies of a path that is no page.
    pub(super) default: Vec<PolicyHeader>,
    /// The other policies, the same headers as those of the default, in the order of their first pages.
    pub(super) rules: Vec<PageGroup>,
    /// The pages whose policies are the default ones.
    pub(super) plain: Vec<String>,
}

impl PageRules {
    /// The same policies for every path.
    pub(super) fn everywhere(sent: &[SentPolicy<'_>]) -> Self {
        Self {
            scope: Scope::Site,
            default: sent.iter().map(PolicyHeader::from).collect(),
            rules: Vec::new(),
            plain: Vec::new(),
        }
    }
}

/// The rules of a deployment whose scope is `page`, if it has a base and `target` can tell the pages apart by their URLs.
pub(super) fn page_rules(target: &str, deployment: &Deployment<'_>) -> Result<PageRules> {
    let default = deployment.default_headers()?;
    let mut rules = Vec::new();
    let mut plain = Vec::new();
    for group in deployment.page_groups() {
        let mut paths = group.paths.clone();
        paths.dedup();
        for path in &paths {
            check_path(target, path)?;
        }
        if group.headers == default {
            plain = paths;
        } else {
            let headers = group.headers.clone();
            rules.push(PageGroup { headers, paths });
        }
    }
    Ok(PageRules { scope: Scope::Page, default, rules, plain })
}

fn check_path(target: &str, path: &str) -> Result<()> {
    if path.chars().any(|c| c.is_control() || c == '\u{fffd}') {
        return Err(refused(target, path, "has a control character in its name or is not UTF-8; rename it")
            .with_remedy(Remedy::ExcludeFile));
    }
    if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Err(refused(
            target,
            path,
            "does not stand in the folder that is served; name that folder instead of the page",
        ));
    }
    Ok(())
}

/// The error for a page that `target` cannot have a rule for.
pub(super) fn refused(target: &str, path: &str, why: &str) -> Error {
    let message = format!("{target}: the page {} {why}", one_line(path));
    Error::new(ErrorKind::Unsupported, message)
}

/// The error for a policy that `target` cannot quote.
pub(super) fn unquotable(target: &str, why: &str) -> Error {
    let message = format!("{target} cannot quote a policy that holds {why}; write it as %5C, %60 or %22");
    Error::new(ErrorKind::Unsupported, message)
}

/// Joins items, in their order, to as few texts of up to `longest` bytes as hold them. An item that is longer is a text by
/// itself.
pub(super) fn packed(items: impl IntoIterator<Item = String>, separator: &str, longest: usize) -> Vec<String> {
    let mut packed: Vec<String> = Vec::new();
    for item in items {
        match packed.last_mut() {
            Some(last) if last.len() + separator.len() + item.len() <= longest => {
                last.push_str(separator);
                last.push_str(&item);
            }
            _ => packed.push(item),
        }
    }
    packed
}

/// The pieces of a policy, whose words are escaped already. All but the last end in a space, so that the pieces, put together,
/// are the words with a space between. A word that is too long by itself is rejected.
pub(super) fn policy_pieces(
    target: &str,
    words: impl IntoIterator<Item = String>,
    longest: usize,
) -> Result<Vec<String>> {
    let mut pieces = packed(words, " ", longest - 1);
    let last = pieces.pop().unwrap_or_default();
    let mut pieces: Vec<_> = pieces.into_iter().map(|piece| piece + " ").collect();
    pieces.push(last);
    match pieces.iter().find(|piece| piece.len() > longest) {
        None => Ok(pieces),
        Some(piece) => {
            let message = format!(
                "{target} takes no more than {longest} bytes between two spaces, and a source or URI of the policy has {}",
                piece.len()
            );
            Err(Error::new(ErrorKind::Limit, message))
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    pub(crate) use crate::target::tests::fixture::{printed, printed_as};
    use crate::target::{Scope, Target};

    /// `'sha256-…'` of `alert(1)`.
    pub(crate) const HASH: &str = "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='";
    /// A page with that script.
    pub(crate) const SCRIPT: &str = "<!doctype html><script>alert(1)</script>";
    /// A page with another.
    pub(crate) const OTHER: &str = "<!doctype html><script>alert(2)</script>";
    /// Every sign that means something to one of the servers.
    pub(crate) const HOSTILE: &str =
        r"script-src 'self'; report-uri /r?$x=%7E&$uri%d&{path}{$HOME}&%{HOME}e&a\nb\\c`(<!#";
    /// A small site: two pages share a policy, one has its own, one the default.
    pub(crate) const SMALL: &[(&str, &str)] =
        &[("about.html", ""), ("docs/index.html", SCRIPT), ("index.html", SCRIPT), ("other.html", OTHER)];

    /// A base of about this many bytes.
    pub(crate) fn long_base(bytes: usize) -> String {
        let hosts: Vec<String> = (1000..1000 + bytes / 21).map(|n| format!("host{n}.example.com")).collect();
        format!("script-src 'self'; img-src {}", hosts.join(" "))
    }

    const SERVERS: [&str; 6] = ["nginx", "apache", "htaccess", "caddy", "haproxy", "lighttpd"];

    fn server(name: &str) -> &'static Target {
        crate::target::target(name).unwrap()
    }

    #[test]
    fn a_page_without_a_url_of_its_own_is_refused() {
        for name in SERVERS {
            for path in ["a\nb.html", "a\u{7f}.html", "a\u{fffd}.html", "../a.html"] {
                let error = printed(server(name), Scope::Page, "script-src 'self'", &[(path, SCRIPT)]).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Unsupported, "{name}");
                assert!(error.to_string().contains(&one_line(path)), "{error}");
            }
            let twice = [("index.html", SCRIPT), ("index.html", OTHER)];
            let error = printed(server(name), Scope::Page, "script-src 'self'", &twice).unwrap_err();
            assert!(error.to_string().contains("two folders"), "{error}");
        }
    }

    #[test]
    fn every_server_can_report_only() {
        for name in SERVERS.into_iter().chain(["traefik"]) {
            for scope in server(name).scopes {
                let text = printed_as(server(name), *scope, true, "script-src 'self'", SMALL).unwrap();
                assert_eq!(
                    text.matches("Content-Security-Policy-Report-Only").count(),
                    text.matches("Content-Security-Policy").count(),
                    "{text}"
                );
            }
        }
    }

    #[test]
    fn pieces_put_together_are_the_policy() {
        let base = long_base(9_000);
        let pieces = policy_pieces("x", base.split(' ').map(str::to_owned), 1_000).unwrap();
        assert!(pieces.len() > 8 && pieces.iter().all(|piece| piece.len() <= 1_000));
        assert_eq!(pieces.concat(), base);
        let error = policy_pieces("x", ["a".repeat(1_001)], 1_000).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit);
    }
}
