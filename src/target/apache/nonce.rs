//! `apache`: a Lua hook makes the nonce, a Lua output filter puts it into the page, `Header` into the policy.
//!
//! Run on Debian's Apache httpd 2.4.71, whose one package holds mod_lua and mod_headers. Nothing else in it will do:
//! mod_unique_id's values are predictable, mod_substitute and mod_sed know no variables, mod_include starts at
//! its own tags only, and mod_ext_filter starts a process for every page.
//!
//! - `AddOutputFilterByType` never runs a Lua filter: mod_filter gives it another name than the one mod_lua looks
//!   for, and it declines without a word (run). Hence `SetOutputFilter`, and the type is checked in the script.
//! - A placeholder may lie across buckets (of 8,000 bytes without mmap), so that the end of each is kept back.
//! - The hook keeps a nonce that is there: an index file and an included file are subrequests of one page.
//! - A request that is refused before the hook has `'nonce-(null)'`, which is outside the grammar and
//!   lets nothing run; an error page of one's own passes the hook.
//! - Apache answers 304 to the validators of the bare file before any filter. A browser may hold those from the time
//!   before these lines, and would take the policy of the 304 for its stored page: hence no policy on a 304.

use super::define;

/// The script and the lines for headers and policies in which `%{CSP_NONCE}e` is the nonce, and pages with this placeholder.
pub(super) fn files(policies: &[(&str, String)], placeholder: &str) -> String {
    let script = SCRIPT.replace("PLACEHOLDER", placeholder);
    let of_each = |line: fn(&(&str, String)) -> String| -> String { policies.iter().map(line).collect() };
    let unset = of_each(|(header, _)| format!("# and: Header onsuccess unset {header}\n"));
    let set = of_each(|(header, policy)| {
        format!("Header always set {header} \"{policy}\" \"expr=%{{REQUEST_STATUS}} != 304\"\n")
    });
    let define = define(&set);
    format!(
        r#"# /etc/apache2/csp-nonce.lua
{script}
# /etc/apache2/conf-available/csp-nonce.conf
# Then: a2enmod headers lua && a2enconf csp-nonce && systemctl restart apache2
# A SetOutputFilter elsewhere replaces this one: write CSP_NONCE; before what it names.
# For a proxied application also: RequestHeader unset Accept-Encoding
{unset}{define}LuaHookFixups /etc/apache2/csp-nonce.lua make
LuaOutputFilter CSP_NONCE /etc/apache2/csp-nonce.lua substitute
SetOutputFilter CSP_NONCE
{set}"#
    )
}

/// Lua 5.1 to 5.3, where a pattern's `%p` is any punctuation and `%%%0` writes a `%` before it.
const SCRIPT: &str = r#"local placeholder = "PLACEHOLDER"
local pattern = placeholder:gsub("%p", "%%%0")
local pages = { ["text/html"] = true, ["application/xhtml+xml"] = true, ["image/svg+xml"] = true }

function make(r)
  if not r.subprocess_env["CSP_NONCE"] then
    local random = assert(io.open("/dev/urandom", "rb"))
    random:setvbuf("no")
    local bytes = assert(random:read(16))
    random:close()
    r.subprocess_env["CSP_NONCE"] = bytes:gsub(".", function(c) return ("%02x"):format(c:byte()) end)
  end
  return apache2.DECLINED
end

function substitute(r)
  if not pages[(r.content_type or ""):lower():match("^[^; ]*")] then return end
  local nonce = assert(r.subprocess_env["CSP_NONCE"])
  for _, name in ipairs { "Content-Length", "Content-MD5", "ETag", "Last-Modified", "Accept-Ranges" } do
    r.headers_out[name] = nil
  end
  r.headers_out["Cache-Control"] = "no-store"
  r.headers_in["Range"] = nil
  coroutine.yield()
  local kept = ""
  while bucket do
    local text = (kept .. bucket):gsub(pattern, nonce)
    local cut = math.max(#text - #placeholder + 1, 0)
    kept = text:sub(cut + 1)
    coroutine.yield(text:sub(1, cut))
  end
  coroutine.yield(kept)
end
"#;

#[cfg(test)]
mod tests {
    use crate::target::tests::fixture::{both, nonced};

    #[test]
    fn the_script_and_the_lines_that_use_it() {
        let printed = nonced(&super::super::APACHE, "default-src 'self'; script-src 'nonce-P+/='", "P+/=");
        let (script, conf) = printed.split_once("\n\n# /etc/apache2/conf-available").unwrap();
        assert!(script.starts_with("# /etc/apache2/csp-nonce.lua\nlocal placeholder = \"P+/=\"\n"), "{script}");
        assert_eq!(
            conf,
            r#"/csp-nonce.conf
# Then: a2enmod headers lua && a2enconf csp-nonce && systemctl restart apache2
# A SetOutputFilter elsewhere replaces this one: write CSP_NONCE; before what it names.
# For a proxied application also: RequestHeader unset Accept-Encoding
# and: Header onsuccess unset Content-Security-Policy
LuaHookFixups /etc/apache2/csp-nonce.lua make
LuaOutputFilter CSP_NONCE /etc/apache2/csp-nonce.lua substitute
SetOutputFilter CSP_NONCE
Header always set Content-Security-Policy "default-src 'self'; script-src 'nonce-%{CSP_NONCE}e'" "expr=%{REQUEST_STATUS} != 304"
"#
        );
    }

    #[test]
    fn what_the_policy_holds_is_no_format_and_no_variable() {
        let printed = nonced(&super::super::APACHE, r"report-uri /%41?${HOME}\n", "P");
        assert!(printed.contains(r#" "report-uri /%%41?${CSP_DOLLAR}{HOME}\\\\n" "#), "{printed}");
        assert!(printed.contains("\nDefine CSP_DOLLAR $\n"), "{printed}");
    }

    #[test]
    fn one_script_serves_two_policies() {
        let policy = "script-src 'nonce-N'";
        let text = both(&super::super::APACHE, "report-uri /${a}", policy).unwrap();
        assert_eq!(text.matches("LuaHookFixups").count(), 1, "{text}");
        assert_eq!(text.matches("Define CSP_DOLLAR").count(), 1, "{text}");
        for header in ["Content-Security-Policy", "Content-Security-Policy-Report-Only"] {
            for line in [format!("# and: Header onsuccess unset {header}\n"), format!("Header always set {header} \"")]
            {
                assert_eq!(text.matches(&line).count(), 1, "{line} in {text}");
            }
        }
    }
}
