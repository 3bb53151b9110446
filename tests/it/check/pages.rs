//! What `check` says of pages under policies: every finding, and that there is none where all is well.

use cspseal::check::{Checked, Checker, GoverningPolicy, Origin, Policies};
use cspseal::{Code, Finding, HashAlgorithm, HashSource, ScanOptions};

fn check_under(policies: &[&str], html: &str) -> Checked {
    let mut all = Policies::new();
    for policy in policies {
        all.add(GoverningPolicy::new(*policy, Origin::Named("--policy".into())));
    }
    let checker = Checker::new(all, &ScanOptions::new());
    let page = checker.page("a.html", "a.html", html.as_bytes()).unwrap();
    let mut checked = checker.finish([page]);
    // How weak the policies are has tests of its own.
    checked.findings.retain(|f| !WEAKNESSES.contains(&f.code));
    checked
}

/// What policies as short as those below are weak in.
const WEAKNESSES: &[Code] = &[
    Code::MissingObjectSrc,
    Code::MissingScriptSrc,
    Code::MissingBaseUri,
    Code::ScriptAllowlist,
    Code::ShortNonce,
    Code::WeakScheme,
    Code::WeakUnsafeHashes,
    Code::WeakUnsafeInline,
    Code::ObjectAllowlist,
];

/// The codes of the findings with their places, in order.
fn codes(policies: &[&str], html: &str) -> Vec<String> {
    let checked = check_under(policies, html);
    let shown = |finding: &Finding| match &finding.place {
        Some(place) => format!("{} {}:{}", finding.code, place.line, place.column),
        None => finding.code.to_string(),
    };
    checked.findings.iter().map(shown).collect()
}

fn hash(text: &str) -> String {
    HashSource::of(HashAlgorithm::Sha256, text.as_bytes()).to_string()
}

#[track_caller]
fn assert_codes(policy: &str, html: &str, want: &[&str]) {
    assert_eq!(codes(&[policy], html), want, "{policy}\n{html}");
}

#[test]
fn what_no_source_allows_is_blocked_with_its_hash() {
    let html = "<script>a()</script>\n<style>p{}</style>\n<p onclick='b()' style='x:y'>\n<a href='javascript:c()'>";
    assert_codes(
        "default-src 'self'",
        html,
        &[
            "blocked-script 1:1",
            "blocked-style 2:1",
            "blocked-handler 3:4",
            "blocked-style-attribute 3:18",
            "blocked-javascript-url 4:4",
        ],
    );
    let checked = check_under(&["default-src 'self'"], html);
    for (finding, text) in checked.findings.iter().zip(["a()", "p{}", "b()", "x:y", "javascript:c()"]) {
        assert!(finding.help.contains(&hash(text)), "{}", finding.help);
    }
    assert_eq!((checked.pages, checked.inlines), (1, 5));
}

#[test]
fn what_is_allowed_is_no_finding() {
    let html = "<script>a()</script><p onclick='b()'>";
    let policy = format!("script-src {} {} 'unsafe-hashes'", hash("a()"), hash("b()"));
    assert_codes(&policy, html, &[]);
    assert_codes("img-src 'self'", html, &[]);
    assert_codes("script-src 'unsafe-inline'", html, &[]);
    for algorithm in [HashAlgorithm::Sha384, HashAlgorithm::Sha512] {
        let hash = HashSource::of(algorithm, b"a()");
        assert_codes(&format!("script-src {hash}"), "<script>a()</script>", &[]);
    }
}

#[test]
fn every_policy_must_allow() {
    let html = "<script>a()</script>";
    let allows = format!("script-src {}", hash("a()"));
    assert_eq!(codes(&[&allows, "script-src 'self'"], html), ["second-policy 1:1", "blocked-script 1:1"]);
    let both = format!("{allows}, script-src 'self'");
    assert_codes(&both, html, &["blocked-script 1:1"]);
}

#[test]
fn no_script_runs_in_a_sandbox_without_allow_scripts() {
    let html = "<script>a()</script>\n<script src=a.js></script>\n<p onclick='b()' style='x:y'>\n<a href='javascript:c()'>\n<style>p{}</style>\n<iframe srcdoc='<script>a()</script>'></iframe>\n<iframe sandbox srcdoc='<script>d()</script>'></iframe>";
    let allowed = "script-src 'self' 'unsafe-inline'; style-src 'unsafe-inline'";
    let blocked =
        ["blocked-script 1:1", "blocked-external-script 2:1", "blocked-handler 3:4", "blocked-javascript-url 4:4"];
    for stopped in [
        format!("sandbox; {allowed}"),
        format!("SANDBOX; {allowed}"),
        format!("sandbox allow-same-origin allow-forms; {allowed}"),
        format!("sandbox 'allow-scripts'; {allowed}"),
        format!("sandbox; sandbox allow-scripts; {allowed}"),
        format!("{allowed}, sandbox"),
        format!("sandbox allow-scripts; {allowed}, sandbox"),
    ] {
        let found = codes(&[&stopped], html);
        let found: Vec<_> = found.iter().filter(|code| !code.starts_with("malformed-policy")).collect();
        assert_eq!(found, blocked, "{stopped}");
    }
    for runs in [
        format!("sandbox allow-scripts; {allowed}"),
        format!("sandbox\tAllow-Scripts; {allowed}"),
        format!("sandbox allow-scripts; sandbox; {allowed}"),
        format!("sandbox é; {allowed}"),
    ] {
        let found = codes(&[&runs], html);
        let is_blocked = |code: &String| code.starts_with("blocked");
        assert!(!found.iter().any(is_blocked), "{runs}: {found:?}");
    }
    let two = codes(&["sandbox", allowed], html);
    assert_eq!(two[0], "second-policy 1:1");
    assert_eq!(two[1..], blocked);
    let finding = &check_under(&["sandbox"], html).findings[0];
    assert_eq!(finding.message, "the policy blocks this script: its sandbox lacks allow-scripts, so no script runs");
    // The one in a frame that has a sandbox of its own is not found to be blocked.
    assert_eq!(finding.more.iter().map(|place| place.line).collect::<Vec<_>>(), [6]);
}

#[test]
fn a_sandbox_that_browsers_ignore_stops_nothing() {
    let meta =
        "<meta http-equiv=content-security-policy content=\"sandbox; script-src 'unsafe-inline'\"><script>a()</script>";
    assert_eq!(codes(&[], meta), ["ignored-in-meta 1:1"]);
    let mut policies = Policies::new();
    let origin = Origin::Named("--policy".into());
    let mut policy = GoverningPolicy::new("sandbox; script-src 'unsafe-inline'", origin);
    policy.report_only = true;
    policies.add(policy);
    let checker = Checker::new(policies, &ScanOptions::new());
    let html = &b"<script>a()</script>"[..];
    let page = checker.page("a.html", "a.html", html).unwrap();
    assert_eq!(page.findings, []);
}

#[test]
fn a_data_url_is_judged_as_each_browser_reads_it() {
    let html = "<iframe src=\"data:text/html,<script>a()\nb()</script>\"></iframe>";
    let (chromium, firefox) = (hash("a()\nb()"), hash("a()b()"));
    assert_codes(&format!("script-src {chromium} {firefox}"), html, &[]);
    for (policy, browser) in [(&firefox, "Chromium"), (&chromium, "Firefox")] {
        let checked = check_under(&[&format!("script-src {policy}")], html);
        let [finding] = &checked.findings[..] else {
            panic!("{:?}", checked.findings);
        };
        assert_eq!(finding.code, Code::BlockedScript);
        let message = format!("the policy blocks this script in {browser} by script-src");
        assert_eq!(finding.message, message);
        assert!(finding.help.contains(&chromium) && finding.help.contains(&firefox));
    }
    // What only one browser finds is asked of that one.
    let tag = "<iframe src=\"data:text/html,<p\nonclick=a()>\"></iframe>";
    let checked = check_under(&["script-src 'none'"], tag);
    assert_eq!(checked.findings.len(), 1);
    assert_eq!(checked.findings[0].message, "the policy blocks this event handler in Chromium by script-src");
    assert_codes(&format!("script-src 'unsafe-hashes' {}", hash("a()")), tag, &[]);
}

#[test]
fn a_page_without_any_policy_is_an_error() {
    assert_eq!(codes(&[], "<p>"), ["no-policy 1:1"]);
    let meta = "<meta http-equiv=content-security-policy content=\"script-src 'self'\"><p>";
    assert_eq!(codes(&[], meta), [""; 0]);
}

#[test]
fn hashes_that_nothing_has_are_orphans() {
    let policy = format!("script-src {} {}", hash("a()"), hash("gone()"));
    assert_codes(&policy, "<script>a()</script>", &["orphaned-hash"]);
    let integrity = hash("file").trim_matches('\'').to_owned();
    let policy = format!("script-src {}", hash("file"));
    assert_codes(&policy, &format!("<script src=a.js integrity={integrity}></script>"), &[]);
}

#[test]
fn a_hash_behind_a_narrower_directive_does_nothing() {
    let policy = format!("script-src {}; script-src-elem 'self'", hash("a()"));
    assert_codes(&policy, "<script>a()</script>", &["misplaced-hash", "blocked-script 1:1"]);
    let checked = check_under(&[&policy], "<script>a()</script>");
    assert_eq!(checked.findings[0].help, "move it to script-src-elem");
    let policy = format!("default-src {}; script-src 'self'", hash("a()"));
    assert_codes(&policy, "<script>a()</script>", &["misplaced-hash", "blocked-script 1:1"]);
}

#[test]
fn unsafe_hashes_is_wanted_for_attributes_alone() {
    let policy = format!("script-src {}", hash("a()"));
    let html = "<p onclick='a()'><p onclick='a()'>";
    assert_codes(&policy, html, &["blocked-handler 1:4", "missing-unsafe-hashes 1:4"]);
    let policy = format!("script-src {} 'unsafe-hashes'", hash("a()"));
    assert_codes(&policy, "<script>a()</script>", &["unneeded-unsafe-hashes"]);
    assert_codes(&policy, html, &[]);
}

#[test]
fn unsafe_inline_is_off_or_open() {
    let html = "<script>a()</script>";
    let policy = format!("script-src 'unsafe-inline' {}", hash("a()"));
    assert_codes(&policy, html, &["unsafe-inline-disabled"]);
    for word in ["'nonce-{{ nonce }}'", "'nonce-$x'", "nonce-abc", "sha256-abc", "'sha256-%'", "'sha256-abcde'"] {
        let policy = format!("script-src 'unsafe-inline' {word}");
        let found = codes(&[&policy], html);
        assert!(found.contains(&"open-unsafe-inline".to_owned()), "{word}: {found:?}");
        assert!(found.contains(&"malformed-policy".to_owned()), "{word}: {found:?}");
        assert!(!found.iter().any(|code| code.starts_with("blocked")), "{word}: {found:?}");
    }
}

#[test]
fn what_browsers_drop_is_malformed() {
    let html = "<script>a()</script>";
    let digest = hash("a()");
    let bare = digest.trim_matches('\'');
    let hex = "'sha256-aebe4f2d5cd1a9c1d1f3b0c1e8a2d7f1f0e9d8c7b6a5948372615049382716ff'";
    for policy in [
        format!("script-src {bare}"),
        format!("script-src {}", digest.replace('=', "")),
        format!("script-src {hex}"),
        format!("script-src '{bare} {bare}'"),
        "script-src self".to_owned(),
        "script-src: 'self'".to_owned(),
        "scrpt-src 'self'; script-src 'none'".to_owned(),
        "script-src 'self' ‘self’".to_owned(),
    ] {
        let found = codes(&[&policy], html);
        assert!(found.contains(&"malformed-policy".to_owned()), "{policy}: {found:?}");
    }
    let checked = check_under(&[&format!("script-src {}", digest.replace('=', ""))], html);
    let blocked = checked.findings.iter().find(|f| f.code.name() == "blocked-script").unwrap();
    assert!(blocked.message.contains("in Firefox"), "{}", blocked.message);
}

#[test]
fn a_meta_policy_governs_what_comes_behind_it() {
    let meta = "<meta http-equiv=content-security-policy content=\"script-src 'self'\">";
    let html = format!("<head><script>a()</script>{meta}<script>b()</script>");
    assert_eq!(codes(&[], &html), ["late-meta-policy 1:27", "blocked-script 1:96"]);
    let html = format!("<body><p>x</p>{meta}<script>b()</script>");
    assert_eq!(codes(&[], &html), ["no-policy 1:1", "misplaced-meta-policy 1:15"]);
    let meta = "<meta http-equiv=content-security-policy content=\"frame-ancestors 'none'; img-src 'self'\">";
    assert_eq!(codes(&[], meta), ["ignored-in-meta 1:1"]);
    let framed = "<iframe srcdoc=\"<meta http-equiv=content-security-policy content='script-src x:'><script>a()</script>\"></iframe><script>b()</script>";
    let policy = format!("script-src {} {}", hash("a()"), hash("b()"));
    assert_codes(&policy, framed, &["blocked-script 1:1"]);
}

#[test]
fn nonces_are_compared_as_browsers_compare_them() {
    let policy = "script-src 'nonce-abc'";
    assert_codes(policy, "<script nonce=abc>a()</script>", &["static-nonce 1:1"]);
    assert_codes(policy, "<script nonce=ABC>a()</script>", &["blocked-script 1:1", "static-nonce 1:1"]);
    assert_codes(policy, "<script>a()</script>", &["blocked-script 1:1", "missing-nonce 1:1"]);
    assert_codes(policy, "<script src=a.js></script>", &["missing-nonce 1:1", "blocked-external-script 1:1"]);
    let found = codes(&[policy], "<script nonce=abc x x>a()</script>");
    assert!(found.contains(&"not-nonceable 1:1".to_owned()), "{found:?}");
    let placeholder = "CSP_NONCE_0123456789abcdef0123456789abcdef";
    assert_codes(
        &format!("script-src 'nonce-{placeholder}'"),
        &format!("<script nonce={placeholder}>a()</script>"),
        &["leftover-placeholder 1:1"],
    );
}

#[test]
fn scripts_with_urls_are_judged_where_that_is_certain() {
    let strict = "script-src 'strict-dynamic' 'nonce-abc' 'self' https:";
    let found = codes(&[strict], "<script src=/a.js></script>");
    assert!(found.contains(&"blocked-external-script 1:1".to_owned()), "{found:?}");
    for (policy, url, blocked) in [
        ("script-src 'self'", "/a.js", false),
        ("script-src 'self'", "https://cdn.test/a.js", true),
        ("script-src 'none'", "/a.js", true),
        ("script-src https://a.test", "https://cdn.test/a.js", true),
        ("script-src https://a.test", "https://a.test/a.js", false),
        ("script-src https://a.test", "/a.js", true),
        ("script-src 'self'", "data:text/javascript,1", true),
        ("script-src https:", "/a.js", false),
    ] {
        let mut found = codes(&[policy], &format!("<script src='{url}'></script>"));
        let is_other = |code: &String| code.starts_with("unknown-dependencies") || code.starts_with("orphaned-source");
        found.retain(|code| !is_other(code));
        let want: &[&str] = if blocked { &["blocked-external-script 1:1"] } else { &[] };
        assert_eq!(found, want, "{policy} {url}");
    }
}

#[test]
fn a_comment_right_before_an_element_allows_its_findings() {
    let policy = "script-src 'self'";
    let allow = "<!-- cspseal-allow blocked-script: runs in old pages only -->";
    assert_codes(policy, &format!("{allow}\n<script>a()</script>"), &[]);
    assert_codes(policy, &format!("{allow}<p><script>a()</script>"), &["unused-allow 1:1", "blocked-script 1:65"]);
    assert_codes(
        policy,
        "<!-- cspseal-allow blocked-scrip: x --><script>a()</script>",
        &["malformed-allow 1:1", "blocked-script 1:40"],
    );
    let two = "<!-- cspseal-allow blocked-handler: x --><!-- other --><!-- cspseal-allow blocked-style-attribute: y --><p onclick=a() style=x:y>";
    assert_codes("default-src 'self'", two, &[]);
}

#[test]
fn template_code_needs_a_nonce() {
    let options = ScanOptions::new().with_templates("django".parse().unwrap());
    let check = |policy: &str, html: &str| {
        let mut policies = Policies::new();
        policies.add(GoverningPolicy::new(policy, Origin::Named("--policy".into())));
        let checker = Checker::new(policies, &options);
        let page = checker.page("a.html", "a.html", html.as_bytes()).unwrap();
        let findings = checker.finish([page]).findings;
        let about_page = findings.iter().filter(|finding| finding.place.is_some());
        about_page.map(|f| f.code.name()).collect::<Vec<_>>()
    };
    let html = "<script>a({{ b }})</script>";
    assert_eq!(check("script-src 'self'", html), ["dynamic-inline"]);
    assert_eq!(check("script-src 'unsafe-inline'", html), [""; 0]);
    assert_eq!(check("script-src 'nonce-abc'", html), ["dynamic-inline", "missing-nonce"]);
    let nonced =
        "<script nonce='{{ csp_nonce }}'>a({{ b }})</script><script nonce='{{ csp_nonce }}' src='{{ u }}'></script>";
    assert_eq!(check("script-src 'nonce-abc'", nonced), [""; 0]);
}

fn check_pages(policies: &[&str], pages: &[&str]) -> Vec<Finding> {
    let mut all = Policies::new();
    for policy in policies {
        all.add(GoverningPolicy::new(*policy, Origin::Named("--policy".into())));
    }
    let checker = Checker::new(all, &ScanOptions::new());
    let check = |path: &&str| checker.page(path, path, &b"<p>"[..]).unwrap();
    let pages: Vec<_> = pages.iter().map(check).collect();
    checker.finish(pages).findings
}

#[test]
fn what_is_weak_about_a_policy_is_said_once_for_all_its_pages() {
    let policy = "script-src 'unsafe-inline' https:; object-src 'none'";
    let findings = check_pages(&[policy], &["a.html", "b.html"]);
    let codes: Vec<&str> = findings.iter().map(|f| f.code.name()).collect();
    assert_eq!(codes, ["weak-unsafe-inline", "weak-scheme"]);
    assert!(findings.iter().all(|finding| finding.more.is_empty()));
}

#[test]
fn what_another_policy_of_the_page_stops_is_not_weak() {
    let weak = "script-src 'unsafe-inline'; object-src 'none'";
    let strict = "script-src 'self'; object-src 'none'";
    let is_weak = |policies: &[&str]| {
        let findings = check_pages(policies, &["a.html"]);
        findings.iter().any(|f| f.code == Code::WeakUnsafeInline)
    };
    assert!(is_weak(&[weak]));
    assert!(!is_weak(&[weak, strict]));
}

#[test]
fn the_same_about_several_places_is_one_finding() {
    let checked = check_under(&["script-src 'self'"], "<script>a()</script><script>a()</script><script>b()</script>");
    let counts: Vec<usize> = checked.findings.iter().map(|f| 1 + f.more.len()).collect();
    assert_eq!(counts, [2, 1]);
}

/// Chromium 156 and Firefox 153 were run on each: Firefox blocks no speculation rules.
#[test]
fn speculation_rules_are_let_through_by_their_keyword() {
    let rules = "{\"prefetch\":[{\"source\":\"list\",\"urls\":[\"/next.html\"]}]}";
    let html = format!("<script type=SpeculationRules>{rules}</script>\n<script src=/a.js></script>");
    let keyword = "'inline-speculation-rules'";
    for policy in [
        format!("script-src 'self' {keyword}"),
        format!("script-src-elem 'self' {keyword}; script-src 'none'"),
        format!("default-src 'self' {}", keyword.to_uppercase()),
    ] {
        assert_codes(&policy, &html, &[]);
    }
    let script = "<script>a()</script>";
    assert_codes(&format!("script-src 'self' {keyword}"), script, &["blocked-script 1:1"]);
    let other = hash("a()");
    for policy in
        [format!("script-src 'self' {keyword} {other}"), format!("script-src 'self' {keyword} 'nonce-bm9uY2Vub25jZQ'")]
    {
        let html = html.clone() + "<script nonce=bm9uY2Vub25jZQ>a()</script>";
        let codes = codes(&[&policy], &html);
        assert!(codes.contains(&"speculation-rules-disabled".to_owned()), "{codes:?}");
        assert!(codes.contains(&"blocked-script 1:1".to_owned()), "{codes:?}");
        let checked = check_under(&[&policy], &html);
        let blocked = checked.findings.iter().find(|f| f.code == Code::BlockedScript);
        assert!(blocked.unwrap().message.contains(" in Chromium "), "{blocked:?}");
    }
    let own = format!("script-src 'self' {}", hash(rules));
    assert_codes(&own, &html, &[]);
    assert_codes("script-src 'self'", &html, &["blocked-script 1:1"]);
}

#[test]
fn attributes_that_libraries_run_need_unsafe_eval() {
    let html = "<div x-data='{a: 1}' x-ref=b>\n<button @click='a++' :class='a'></button>\n\
        <p v-if='a' v-else hx-get='/a'></p>\n<p hx-on:click='b()'></p>\n<p @click='a--'></p>";
    let own =
        ["evaluated-attribute 1:6", "evaluated-attribute 2:9", "evaluated-attribute 3:4", "evaluated-attribute 4:4"];
    for policy in [
        "script-src 'self'",
        "default-src 'self'",
        "script-src 'self'; default-src 'unsafe-eval'",
        "script-src 'self' 'wasm-unsafe-eval'; script-src-elem 'unsafe-eval'",
    ] {
        assert_codes(policy, html, &own);
    }
    for policy in ["script-src 'self' 'unsafe-eval'", "default-src 'UNSAFE-EVAL'", "img-src 'self'"] {
        let found = codes(&[policy], html);
        assert!(!found.iter().any(|code| code.starts_with("evaluated")), "{found:?}");
    }
    for (html, column) in [
        ("<p @click='' :a x-text='' x-data>", Some(27)),
        ("<template><p x-text='a'></template>", Some(14)),
        ("<noscript><p x-text='a'></noscript>", None),
        ("<p data-x-text='a' x-ref='b' v-cloak='c'>", None),
    ] {
        let found = column.map(|column| format!("evaluated-attribute 1:{column}"));
        let found: Vec<&str> = found.iter().map(String::as_str).collect();
        assert_codes("script-src 'self'", html, &found);
    }
    let checked = check_under(&["default-src 'self'"], "<p hx-on='a()'>");
    let finding = &checked.findings[0];
    assert_eq!(
        (&*finding.message, &*finding.help),
        (
            "htmx runs the text of this attribute as code, which the policy blocks by default-src",
            "use addEventListener in a script, or add 'unsafe-eval' to script-src (as a copy of default-src)",
        )
    );
    let allowed = "<!-- cspseal-allow evaluated-attribute: the CSP build -->\n<p x-data='a'></p>";
    assert_codes("script-src 'self'", allowed, &[]);
}
