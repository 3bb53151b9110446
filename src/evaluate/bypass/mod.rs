//! Addresses known to help injected markup past an allowlist: JSONP replies, old Angular libraries, Flash files.
//!
//! The tables are csp_evaluator's, under the Apache License 2.0; each file says so at its top. They name one popular address
//! per host, so that they serve against hosts more than against paths.

use crate::policy::HostParts;

const JSONP: &str = include_str!("jsonp.txt");
const ANGULAR: &str = include_str!("angular.txt");
const FLASH: &str = include_str!("flash.txt");

/// A known address.
#[derive(Clone, Copy)]
struct Known<'a> {
    host: &'a str,
    /// From its `/` on; `/` if there is none.
    path: &'a str,
    needs_eval: bool,
}

fn table(text: &'static str) -> impl Iterator<Item = Known<'static>> {
    let rows = text.lines().filter(|line| !line.starts_with('#'));
    rows.map(|row| {
        let (address, needs_eval) = match row.strip_suffix(" eval") {
            Some(address) => (address, true),
            None => (row, false),
        };
        let (host, path) = match address.find('/') {
            Some(at) => address.split_at(at),
            None => (address, "/"),
        };
        Known { host, path, needs_eval }
    })
}

/// What an allowed host is known to serve.
pub(super) struct Bypass {
    /// The first host known.
    pub(super) host: &'static str,
    /// "JSONP replies", …
    pub(super) what: &'static str,
}

/// With which scripts from `host` an injection runs any code; `eval` says whether `eval()` is allowed.
pub(super) fn scripts(host: &HostParts<'_>, eval: bool) -> Option<Bypass> {
    let usable = |known: &Known<'_>| (eval || !known.needs_eval) && matches(host, *known);
    let jsonp = table(JSONP).find(usable);
    let angular = table(ANGULAR).find(usable);
    let what = match (jsonp, angular) {
        (Some(_), Some(_)) => "JSONP replies and Angular libraries",
        (Some(_), None) => "JSONP replies",
        _ => "Angular libraries",
    };
    let known = angular.or(jsonp)?;
    Some(Bypass { host: known.host, what })
}

/// Which host with Flash files `host` allows.
pub(super) fn flash(host: &HostParts<'_>) -> Option<&'static str> {
    let known = table(FLASH).find(|known| matches(host, *known));
    known.map(|known| known.host)
}

/// [Does url match expression](https://www.w3.org/TR/CSP3/#match-url-to-source-expression), for https on its own port.
fn matches(allowed: &HostParts<'_>, known: Known<'_>) -> bool {
    let host = match allowed.name.strip_prefix('*') {
        // With its dot, so that the domain itself is not meant.
        Some(suffix) => {
            let at = known.host.len().checked_sub(suffix.len());
            at.and_then(|at| known.host.get(at..)).is_some_and(|tail| at > Some(0) && tail.eq_ignore_ascii_case(suffix))
        }
        None => known.host.eq_ignore_ascii_case(allowed.name),
    };
    // 80 also allows the secure port.
    let port = matches!(allowed.port, None | Some("*" | "443" | "80"));
    let path = match allowed.path {
        "" | "/" => true,
        folder if folder.ends_with('/') => known.path.starts_with(folder),
        file => known.path == file,
    };
    host && port && path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_a_host_and_a_path() {
        for text in [JSONP, ANGULAR, FLASH] {
            assert!(table(text).count() > 1);
            for known in table(text) {
                assert!(known.host.contains('.') && known.path.starts_with('/'));
                assert!(!known.path.contains([' ', '?']), "{}", known.path);
            }
        }
        assert_eq!(table(JSONP).filter(|known| known.needs_eval).count(), 5);
    }

    #[test]
    fn a_host_matches_by_the_rules_of_sources() {
        let known = Known { host: "api.vk.com", path: "/method/wall.get", needs_eval: false };
        for (source, expected) in [
            ("api.vk.com", true),
            ("https://API.vk.com:443", true),
            ("http://api.vk.com:80/", true),
            ("*.vk.com:*", true),
            ("*.com/method/", true),
            ("api.vk.com/method/wall.get", true),
            ("vk.com", false),
            ("*.api.vk.com", false),
            ("api.vk.com:8443", false),
            ("api.vk.com/method", false),
            ("api.vk.com/other/", false),
        ] {
            assert_eq!(matches(&HostParts::new(source), known), expected, "{source}");
        }
    }
}
