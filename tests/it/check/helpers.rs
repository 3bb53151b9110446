//! Helpers of templates that write scripts and styles without their own tags, under policies.

use cspseal::ScanOptions;
use cspseal::check::{Checker, GoverningPolicy, Origin, Policies};
use cspseal::finding::Severity;

const NONCE: &str = "default-src 'self'; script-src 'nonce-cmFuZG9t'; style-src 'nonce-cmFuZG9t'";
const STRICT: &str = "script-src 'nonce-cmFuZG9t' 'strict-dynamic'; object-src 'none'";
const HOSTS: &str = "default-src 'self'";

/// The findings about a template with their places, but for those about the policy.
fn found(policy: &str, path: &str, template: &str) -> Vec<String> {
    let mut all = Policies::new();
    let origin = Origin::Named("--policy".into());
    all.add(GoverningPolicy::new(policy, origin));
    let checker = Checker::new(all, &ScanOptions::new());
    let page = checker.page(path, path, template.as_bytes()).unwrap();
    let findings = page.findings.iter();
    let shown = findings.map(|finding| {
        let place = finding.place.as_ref().unwrap();
        format!("{} {}:{}", finding.code, place.line, place.column)
    });
    shown.collect()
}

#[test]
fn a_helper_whose_element_is_blocked_is_reported() {
    for (policy, path, template, expected) in [
        (NONCE, "a.html.erb", "<p>\n <%= javascript_tag do %>i <n<% end %>", &["helper-nonce 2:2"][..]),
        (HOSTS, "a.html.erb", "<%= javascript_tag 'a()' %>", &["helper-nonce 1:1"]),
        (NONCE, "a.html.erb", "<%= javascript_tag nonce: true do %>a()<% end %>", &[]),
        (HOSTS, "a.html.erb", "<%= javascript_tag nonce: true do %>a()<% end %>", &["unlisted-nonce 1:1"]),
        ("script-src 'unsafe-inline'", "a.html.erb", "<%= javascript_tag 'a()' %>", &[]),
        // A script with a URL is blocked only where no URL is allowed.
        (NONCE, "a.html.erb", "<%= javascript_include_tag 'a' %>", &["helper-nonce 1:1"]),
        (STRICT, "a.html.erb", "<%= javascript_include_tag 'a' %>", &["helper-nonce 1:1"]),
        (HOSTS, "a.html.erb", "<%= javascript_include_tag 'a' %>", &[]),
        (HOSTS, "a.html.erb", "<%= tag.script src: '/a.js' %>", &[]),
        (HOSTS, "a.html.erb", "<%= tag.script 'a()' %>", &["helper-nonce 1:1"]),
        (NONCE, "a.html.erb", "<%= stylesheet_link_tag 'a' %>", &["helper-nonce 1:1"]),
        (HOSTS, "a.html.erb", "<%= stylesheet_link_tag 'a' %>", &[]),
        (STRICT, "a.html.erb", "<%= stylesheet_link_tag 'a' %>", &[]),
        // No element begins in a comment or in the text of a script.
        (NONCE, "a.html.erb", "<!-- <%= javascript_tag 'a()' %> -->", &[]),
        (NONCE, "a.html.twig", "{{ importmap('app') }}", &["helper-nonce 1:1"]),
        (NONCE, "a.html.twig", "{{ importmap('app', {nonce: csp_nonce('script')}) }}", &[]),
        (NONCE, "a.j2", "{{ vite_tags() }}", &["helper-nonce 1:1"]),
        (NONCE, "a.blade.php", "é\n@routes\n@livewireStyles\n@vite('a.js')", &["helper-nonce 2:1", "helper-nonce 3:1"]),
        (
            "sandbox; script-src 'nonce-cmFuZG9t'",
            "a.html.erb",
            "<%= javascript_tag nonce: true do %>a()<% end %>",
            &["blocked-script 1:1"],
        ),
    ] {
        assert_eq!(found(policy, path, template), expected, "{policy}\n{template}");
    }
}

#[test]
fn the_policy_and_the_spelling_are_named() {
    let mut all = Policies::new();
    for policy in [HOSTS, NONCE] {
        all.add(GoverningPolicy::new(policy, Origin::Named("--policy".into())));
    }
    let checker = Checker::new(all, &ScanOptions::new());
    let template = "<%= javascript_tag 'a()' %>";
    let page = checker.page("a.erb", "a.erb", template.as_bytes()).unwrap();
    let finding = &page.findings[1];
    assert_eq!(finding.severity, Severity::Warning);
    assert_eq!(
        finding.message,
        "the policy blocks the script that javascript_tag writes without the nonce, by default-src"
    );
    assert_eq!(
        finding.help,
        "write javascript_tag nonce: true, and add the nonce that it carries to default-src: say who makes it in [nonce] of cspseal.toml, and run cspseal hash; where your own code does, add one to default-src for it to replace, such as 'nonce-CSP_NONCE'"
    );
}
