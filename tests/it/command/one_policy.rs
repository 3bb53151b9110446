//! One policy: the base, the hashes and the nonce together, in `hash`, `nonce` and `check` alike.

use tempfile::TempDir;

use crate::support::{Ran, folder, read, run};

const HASH: &str = "'sha256-qVpDBgj7bpq5hMAcGp3AOc79J3Y1Z4HvySTwKrWDoy4='";

fn hash(folder: &TempDir, line: &str) -> Ran {
    let args: Vec<&str> = line.split(' ').collect();
    run(folder.path(), &args)
}

/// A project with templates, and a configuration that ends so.
fn project(page: &str, config: &str) -> TempDir {
    let config = format!(
        "paths = ['t']\n[policy]\ndefault-src = [\"'self'\"]\nbase-uri = [\"'none'\"]\nobject-src = [\"'none'\"]\n\
         [nonce]\nframework = 'django'\n{config}"
    );
    folder(&[("t/a.html", page), ("cspseal.toml", &config)])
}

const BOTH: &str = "<script nonce=\"{{ csp_nonce }}\">{{ a }}</script><script>a()</script>";
const OUTPUT: &str = "[[output]]\nformat = 'django'\nfile = 'csp.py'\n";

#[test]
fn the_outputs_of_a_configuration_hold_nonce_and_hashes() {
    let project = project(BOTH, OUTPUT);
    let ran = hash(&project, "hash");
    assert_eq!((ran.code, &*ran.err), (0, ""));
    let settings = read(&project, "csp.py");
    for part in ["CSP.SELF", "CSP.NONCE", HASH] {
        let list = settings.split("\"script-src\"").nth(1).unwrap();
        assert!(list.contains(part), "{settings}");
    }
    assert!(!settings.contains("style-src"), "{settings}");
    for line in ["hash --check", "check"] {
        let ran = hash(&project, line);
        assert_eq!(ran.code, 0, "{line}: {}{}", ran.out, ran.err);
    }
}

#[test]
fn what_cannot_send_the_nonce_is_rejected_with_the_pages_that_need_it() {
    for format in ["nginx", "netlify", "django-csp", "header", "python"] {
        let output = format!("[[output]]\nformat = '{format}'\nfile = 'out'\n");
        let project = project(BOTH, &output);
        let ran = hash(&project, "hash");
        assert_eq!(ran.code, 2, "{format}: {}", ran.err);
        let expected = format!("{format} cannot send the nonce of django, which these pages need: t/a.html");
        assert!(ran.err.contains(&expected), "{}", ran.err);
        assert!(!project.path().join("out").exists());
    }
    let project = project("<script>a()</script>", "[[output]]\nformat = 'header'\nfile = 'out'\n");
    assert_eq!(hash(&project, "hash").code, 0);
}

const PLACEHOLDER: &str = "CSP_NONCE_0123456789abcdef0123456789abcdef";

#[test]
fn a_server_replaces_the_placeholder_that_the_pages_have() {
    let page = format!("<script nonce={PLACEHOLDER}>b()</script><script>a()</script>");
    let other = "<style nonce=CSP_NONCE_ffffffffffffffffffffffffffffffff>";
    let folder = folder(&[("a.html", &*page), ("b.html", other)]);
    let ran = hash(&folder, "hash --nonce nginx --preset self a.html");
    assert_eq!(ran.code, 0, "{}", ran.err);
    for part in [
        &format!("script-src 'self' 'nonce-$request_id' {HASH}"),
        &format!("sub_filter \"{PLACEHOLDER}\" $request_id;"),
    ] {
        assert!(ran.out.contains(part.as_str()), "{}", ran.out);
    }
    let ran = hash(&folder, "hash --nonce nginx --preset self a.html b.html");
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(ran.err.contains("the pages have two placeholders"), "{}", ran.err);
    let ran = hash(&folder, "hash --nonce caddy --format nginx --scope page --preset self a.html");
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("in a policy for each page"), "{}", ran.err);
}

#[test]
fn the_policy_of_nonce_is_that_of_hash() {
    let project = project("<script>a({{ b }})</script><p style='x'><style></style>", OUTPUT);
    let printed = hash(&project, "nonce --print-policy");
    let written = hash(&project, "nonce --write");
    assert_eq!(hash(&project, "hash").code, 1, "the style attribute is blocked");
    let policy = read(&project, "csp.py");
    assert_eq!(printed.out, policy);
    assert_eq!(written.out, policy);
    assert!(printed.err.contains("blocked-style-attribute"), "{}", printed.err);
    let only = hash(&project, "nonce --print-policy --unsafe-hashes --report-only --into csp.py -- t");
    assert_eq!(only.code, 0, "{}", only.err);
    let settings = read(&project, "csp.py");
    assert!(settings.contains("SECURE_CSP_REPORT_ONLY = {"), "{settings}");
    assert!(settings.contains("CSP.UNSAFE_HASHES"), "{settings}");
    let ran = hash(&project, "nonce --print-policy -o policy.py t");
    assert_eq!(ran.out, "");
    assert_eq!(read(&project, "policy.py"), policy);
}

#[test]
fn what_lacks_a_nonce_is_listed_for_people_and_for_programs() {
    let project = project("<p>\n <script>a()</script>\n<style></style>", "");
    let ran = hash(&project, "nonce --check");
    assert_eq!(
        (ran.code, &*ran.out),
        (1, "t/a.html:2:2: missing nonce of a script\nt/a.html:3:1: missing nonce of a style\n")
    );
    let ran = hash(&project, "nonce --format json");
    assert_eq!(ran.code, 1);
    let listed: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(
        listed[0],
        serde_json::json!({"file": "t/a.html", "line": 2, "column": 2, "missing": "nonce of a script"})
    );
    assert_eq!(listed.as_array().unwrap().len(), 2);
}

#[test]
fn an_unsafe_inline_that_is_to_be_kept_gets_no_hash_beside_it() {
    let folder = folder(&[("a.html", "<script>a()</script><style>p{}</style>")]);
    let args = |keep: &str| {
        let policy = "default-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'";
        let mut args = vec!["hash", "--policy", policy, "a.html"];
        args.extend((!keep.is_empty()).then_some(["--keep-unsafe-inline", keep]).into_iter().flatten());
        run(folder.path(), &args).out
    };
    let styles = "style-src 'self' 'unsafe-inline'";
    assert!(args("style-src").trim_end().ends_with(styles));
    assert!(args("style-src").contains(&format!("script-src 'self' 'unsafe-inline' {HASH}")));
    assert!(!args("").trim_end().ends_with(styles));
    assert_eq!(args("default-src").trim_end(), "default-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'");
}

#[test]
fn a_strict_policy_has_nonces_or_hashes_and_reports_the_scripts_that_it_blocks() {
    let folder = folder(&[
        ("a.html", "<script>a()</script>"),
        ("b.html", "<script src=b.js nonce='{{ csp_nonce }}'></script>"),
        ("c.html", "<p>\n<script src=c.js></script>"),
        ("d.html", "<script>a()</script><style>p{}</style><p style='a:b'>"),
    ]);
    let rest = "object-src 'none'; base-uri 'none'";
    let ran = hash(&folder, "hash --preset strict a.html");
    assert_eq!(
        (ran.code, &*ran.out),
        (0, &*format!("script-src 'strict-dynamic' https: 'unsafe-inline' {HASH}; {rest}\n"))
    );
    // Nothing restricts styles, and nothing is to.
    let ran = hash(&folder, "hash --preset strict d.html");
    let policy = format!("script-src 'strict-dynamic' https: 'unsafe-inline' {HASH}; {rest}\n");
    assert_eq!((ran.code, ran.out, &*ran.err), (0, policy, ""));
    let ran = hash(&folder, "hash --preset strict --nonce flask b.html");
    assert_eq!((ran.code, &*ran.err), (0, ""));
    assert!(ran.out.contains("'strict-dynamic' https: 'unsafe-inline' 'nonce-{"), "{}", ran.out);
    let ran = hash(&folder, "hash --preset strict c.html");
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("error[blocked-external-script]"), "{}", ran.err);
    assert!(ran.err.contains("c.html:2:9"), "{}", ran.err);
}

#[test]
fn django_gets_no_unsafe_inline_that_a_response_without_the_nonce_would_open() {
    let folder = folder(&[("a.html", "<script nonce='{{ csp_nonce }}'>a()</script>")]);
    let args = ["hash", "--nonce", "django", "a.html", "--policy", "script-src 'self' 'unsafe-inline'"];
    let ran = run(folder.path(), &args);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("\"script-src\": [CSP.SELF, CSP.NONCE],"), "{}", ran.out);
    assert!(ran.err.contains("sends no nonce with a response"), "{}", ran.err);
}

#[test]
fn a_nonce_that_the_policy_does_not_name_is_an_error_of_hash() {
    let folder = folder(&[("a.html", BOTH)]);
    let ran = hash(&folder, "hash --template django --preset self a.html");
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("error[unlisted-nonce]"), "{}", ran.err);
    let args = ["hash", "--template", "django", "--policy", "script-src 'nonce-x'", "a.html"];
    assert_eq!(run(folder.path(), &args).code, 0);
}

#[test]
fn no_help_of_check_asks_for_the_nonce_that_is_there() {
    let folder = folder(&[("a.html", "<script nonce='{{ csp_nonce }}'>var a = {{ a }};</script>")]);
    let ran = hash(&folder, "check --template django --policy script-src a.html");
    assert_eq!(ran.code, 1);
    let help = ran.out.lines().find(|line| line.contains("help: ")).unwrap();
    assert!(help.contains("add the nonce that it carries to script-src"), "{help}");
}

#[test]
fn of_two_policies_that_block_the_enforced_one_is_named() {
    let headers = "/*\n  Content-Security-Policy-Report-Only: default-src 'none'\n  Content-Security-Policy: default-src 'self'\n";
    let folder = folder(&[("_headers", headers), ("site/index.html", "<script>a()</script>")]);
    let ran = hash(&folder, "check --deployed _headers --deployed-as netlify site");
    assert!(ran.out.contains("error[blocked-script]: the policy in _headers:3 blocks this script"), "{}", ran.out);
}

#[test]
fn the_starter_of_a_framework_works_as_it_is() {
    let folder =
        folder(&[("manage.py", "import django"), ("shop/templates/a.html", "<script>var a = {{ a }};</script>")]);
    assert_eq!(hash(&folder, "init").code, 0);
    for (line, code) in [("nonce", 0), ("nonce --write", 0), ("nonce --check", 0), ("hash", 0), ("check", 0)] {
        let ran = hash(&folder, line);
        assert_eq!(ran.code, code, "{line}: {}{}", ran.out, ran.err);
    }
    assert!(read(&folder, "csp_settings.py").contains("CSP.NONCE"));
}

#[test]
fn the_nonce_of_a_helper_goes_into_the_policy() {
    let template = "<%= javascript_tag nonce: true do %>a()<% end %>\n<%= stylesheet_link_tag 'a', nonce: true %>\n";
    let project = folder(&[("t/a.html.erb", template)]);
    for line in
        ["hash --nonce rails --include *.erb --preset self t", "nonce --framework rails --print-policy --preset self t"]
    {
        let ran = hash(&project, line);
        assert_eq!((ran.code, &*ran.err), (0, ""), "{line}");
        assert!(ran.out.contains("%w[script-src style-src]"), "{}", ran.out);
    }
    let ran = hash(&project, "hash --include *.erb --preset self t");
    assert_eq!(ran.code, 1);
    let found = ran.err.matches("[unlisted-nonce]").count();
    assert_eq!(found, 1, "{}", ran.err);
}

#[test]
fn the_nonce_of_ones_own_code_stands_in_the_base_policy() {
    for (name, value, code) in [("a.jsp", "${cspNonce}", "${b}"), ("a.twig", "{{ csp_nonce }}", "{{ b }}")] {
        let page = format!("<!doctype html><script>a({code})</script><style>p{{}}</style>");
        let config = |directives: &str| {
            format!(
                "paths = ['t']\ninclude = ['{name}']\npolicy = \"default-src 'self'; object-src 'none'; base-uri 'none'{directives}\"\n\
                 [nonce]\nvalue = \"{value}\"\n[[output]]\nformat = 'header'\nfile = 'csp.txt'\n"
            )
        };
        let path = format!("t/{name}");
        let project = folder(&[(&path, &page), ("cspseal.toml", &config(""))]);
        assert_eq!(hash(&project, "nonce --write").code, 0);
        let stand_in = "for it to replace, such as 'nonce-CSP_NONCE'";
        for line in ["hash", "check"] {
            let ran = hash(&project, line);
            assert_eq!(ran.code, 1, "{line}: {}", ran.out);
            let shown = ran.out + &ran.err;
            assert_eq!(shown.matches(stand_in).count(), 2, "{line}: {shown}");
        }
        let nonce = "'nonce-CSP_NONCE'";
        let both = config(&format!("; script-src {nonce}; style-src {nonce}"));
        std::fs::write(project.path().join("cspseal.toml"), both).unwrap();
        for line in ["hash", "hash --check", "check", "nonce --check"] {
            let ran = hash(&project, line);
            assert_eq!(ran.code, 0, "{line}: {}{}", ran.out, ran.err);
        }
    }
}
