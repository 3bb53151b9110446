//! What pages ask for by URL: `hash` reports what its policy blocks of that, and `--external` adds the sources.

use crate::support::{Ran, folder, read, run};

/// Each needs something that `--preset self` blocks: the page, the codes, and the directives that `--external` changes.
const PAGES: &[(&str, &[&str], &[&str])] = &[
    (
        "<!doctype html><meta charset=utf-8><script src=https://cdn.example/npm/vega@6></script>
        <link rel=stylesheet href='https://fonts.example/css?family=Roboto'><img src=https://img.example/x.svg alt>
        <img src='data:image/gif;base64,R0lGODlhAQABAAAAACw=' alt><iframe src=https://video.example/embed/x></iframe>",
        &[
            "blocked-external-script",
            "blocked-frame",
            "blocked-image",
            "blocked-image",
            "blocked-stylesheet",
        ],
        &[
            "script-src 'self' https://cdn.example",
            "style-src 'self' https://fonts.example",
            "frame-src 'self' https://video.example",
            "img-src 'self' data: https://img.example",
        ],
    ),
    (
        "<!doctype html><base href=/docs/><link rel=stylesheet href=a.css>",
        &["blocked-base"],
        &["base-uri 'self'"],
    ),
    (
        "<!doctype html><form action=https://forms.example/f><button formaction=//other.example/g>x</button></form>",
        &["blocked-form", "blocked-form"],
        &["form-action 'self' https://forms.example https://other.example"],
    ),
    (
        "<!doctype html><iframe name=f srcdoc=x></iframe><a href=https://linked.example/ target=f>x</a>
        <svg><path mask='url(https://img.example/m.svg#m)'/></svg>",
        &["blocked-frame", "blocked-image"],
        &["frame-src 'self' https://linked.example", "img-src 'self' https://img.example"],
    ),
    (
        "<!doctype html><iframe src=b.html></iframe>",
        &["blocked-frame"],
        &["frame-ancestors 'self'"],
    ),
    (
        "<!doctype html><object data=b.svg></object><embed src=https://media.example/x.swf>",
        &["blocked-frame", "blocked-object", "blocked-object"],
        &["object-src 'self' https://media.example", "frame-ancestors 'self'"],
    ),
    (
        "<!doctype html><video src=https://media.example/v.mp4 poster=https://img.example/p.png></video><link rel=manifest href=https://cdn.example/m.json>
        <link rel=preload as=font href=data:font/woff2;base64,AA crossorigin><a ping=https://ping.example/ href=#>x</a>",
        &[
            "blocked-connection",
            "blocked-font",
            "blocked-image",
            "blocked-manifest",
            "blocked-media",
        ],
        &[
            "img-src 'self' https://img.example",
            "media-src 'self' https://media.example",
            "manifest-src 'self' https://cdn.example",
            "font-src 'self' data:",
            "connect-src 'self' https://ping.example",
        ],
    ),
    (
        "<!doctype html><link rel=prefetch href=https://next.example/><img src=/own.png alt><script src=app.js></script>",
        &["blocked-connection"],
        &["connect-src 'self' https://next.example"],
    ),
    (
        "<!doctype html><style>@import 'https://css.example/a.css'; @font-face { src: url(//font.example/a.woff2) }
        p { background: url(own.png), image-set('https://img.example/a' 1x); cursor: url(data:image/png;base64,AA), auto }</style>",
        &[
            "blocked-font",
            "blocked-image",
            "blocked-image",
            "blocked-stylesheet",
        ],
        &[
            "font-src 'self' https://font.example",
            "img-src 'self' data: https://img.example",
        ],
    ),
];

/// The codes of errors in what was said.
fn codes(ran: &Ran) -> Vec<String> {
    let lines = ran.err.lines().chain(ran.out.lines());
    let codes = lines.filter_map(|line| line.strip_prefix("error[")?.split(']').next());
    let mut codes: Vec<_> = codes.map(str::to_owned).collect();
    codes.sort();
    codes
}

/// The policy that a run printed.
fn policy(ran: &Ran) -> String {
    let lines = ran.out.lines();
    let mut policies = lines.filter(|line| line.contains("-src ") || line.contains("base-uri "));
    policies.next().unwrap_or_default().to_owned()
}

fn page(content: &str) -> tempfile::TempDir {
    folder(&[("public/a.html", content), ("public/b.html", "x")])
}

#[test]
fn what_the_policy_blocks_is_an_error_and_gone_under_what_external_adds() {
    for (html, errors, added) in PAGES {
        let site = page(html);
        let hash = |rest: &[&str]| {
            let args = [&["hash", "--preset", "self", "public"], rest].concat();
            run(site.path(), &args)
        };
        let bare = hash(&[]);
        assert_eq!((bare.code, codes(&bare)), (1, to_owned(errors)), "{html}");
        let checked = run(site.path(), &["check", "public", "--policy", &policy(&bare)]);
        assert_eq!(codes(&checked), to_owned(errors), "{html}");
        let ran = hash(&["--external"]);
        let is_clean = !ran.err.contains("error[") && !ran.err.contains("warning[");
        assert!(ran.code == 0 && is_clean, "{html}: {}", ran.err);
        let policy = policy(&ran);
        let directives: Vec<&str> = policy.split("; ").collect();
        for directive in *added {
            assert!(directives.contains(directive), "{directive}: {policy}");
        }
        let checked = run(site.path(), &["check", "public", "--policy", &policy]);
        assert_eq!(codes(&checked), Vec::<String>::new(), "{policy}");
        let again = hash(&["--external", "--no-external"]);
        assert_eq!(again.code, 1, "{html}");
    }
}

fn to_owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(ToString::to_string).collect()
}

#[test]
fn one_finding_for_each_origin_and_directive_has_the_numbers_of_uses_and_pages() {
    let images = "<img src=https://a.example/1.png><img src=https://a.example/2.png>";
    let site = folder(&[("a.html", images), ("b.html", &format!("{images}<img src=https://b.example/>"))]);
    for args in [&["hash", "--preset", "self", "."][..], &["check", "--policy", "default-src 'self'", "."]] {
        let ran = run(site.path(), args);
        let said = ran.out + &ran.err;
        for line in [
            "images of https://a.example by default-src: 4 uses on 2 pages",
            "images of https://b.example by default-src: 1 use on 1 page",
            "add https://a.example to img-src (as a copy of default-src)",
        ] {
            assert!(said.contains(line), "{line}: {said}");
        }
        assert_eq!(said.matches("error[blocked-image]").count(), 2, "{said}");
    }
}

#[test]
fn the_granularity_is_that_of_the_directive() {
    let html =
        "<script src=https://cdn.example/npm/a@1.2/a.js?x></script><script src=https://cdn.example/b/b.js></script>
        <img src=https://img.example/c/d.png>";
    for (config, sources) in [
        ("", "script-src 'self' https://cdn.example; img-src 'self' https://img.example;"),
        (
            "granularity = 'path'",
            "script-src 'self' https://cdn.example/npm/a@1.2/a.js https://cdn.example/b/b.js; img-src 'self' https://img.example/c/d.png;",
        ),
        (
            "granularity = { script-src = 'directory', default = 'origin' }",
            "script-src 'self' https://cdn.example/npm/a@1.2/ https://cdn.example/b/; img-src 'self' https://img.example;",
        ),
    ] {
        let text = format!("external = true\npreset = 'self'\n{config}\n");
        let site = folder(&[("a.html", html), ("cspseal.toml", &text)]);
        let ran = run(site.path(), &["hash"]);
        let policy = policy(&ran);
        for directive in sources.split_inclusive(';') {
            let directive = directive.trim();
            let sources = directive.trim_end_matches(';').split(' ');
            let is_there = policy.split("; ").any(|it| {
                let mut has: Vec<_> = it.split(' ').collect();
                let mut wants: Vec<_> = sources.clone().collect();
                has.sort_unstable();
                wants.sort_unstable();
                has == wants
            });
            assert!(is_there, "{config} {directive}: {policy}");
        }
    }
    for (config, message) in [
        ("granularity = 'host'", "write \"origin\", \"directory\" or \"path\""),
        ("granularity = { scripts = 'path' }", "is not the name of a directive"),
        ("site-url = 'example.com'", "write one such as https://example.com/"),
    ] {
        let site = folder(&[("a.html", html), ("cspseal.toml", config)]);
        let ran = run(site.path(), &["hash"]);
        assert_eq!(ran.code, 2);
        assert!(ran.err.contains(message), "{}", ran.err);
    }
}

#[test]
fn urls_of_the_site_itself_are_its_own_where_its_address_is_known() {
    let html = "<img src=https://www.example.com/docs/a.png><img src=https://cdn.example.com/b.png><script src=https://www.example.com/a.js></script>";
    let site = page(html);
    let hash = |args: &[&str]| {
        let all = [&["hash", "--preset", "self", "--external", "public"], args].concat();
        policy(&run(site.path(), &all))
    };
    assert!(hash(&[]).contains("img-src 'self' https://cdn.example.com https://www.example.com"));
    let url = ["--site-url", "https://www.example.com/docs/"];
    let known = hash(&url);
    assert!(known.contains("img-src 'self' https://cdn.example.com;"), "{known}");
    assert!(!known.contains("script-src"), "{known}");
    let check = ["check", "public", "--policy", "img-src https://www.example.com; script-src https://cdn.example.com"];
    let found = |args: &[&str]| codes(&run(site.path(), &[&check[..], args].concat()));
    assert_eq!(found(&[]), ["blocked-external-script", "blocked-image"]);
    assert_eq!(found(&url), ["blocked-external-script", "blocked-image"]);
    // A host of the list may be the site's own, and nobody said so.
    let html = "<img src=a.png>";
    let site = page(html);
    let check = ["check", "public", "--policy", "img-src https://www.example.com"];
    let found = |args: &[&str]| codes(&run(site.path(), &[&check[..], args].concat()));
    assert_eq!(found(&[]), ["blocked-image"]);
    assert!(found(&url).is_empty());
    assert_eq!(found(&["--site-url", "https://example.org"]), ["blocked-image"]);
}

#[test]
fn what_would_run_whatever_is_injected_is_never_added() {
    let html = "<script src=data:text/javascript,a()></script><object data=data:text/html,x></object><script src=//[></script>";
    let site = page(html);
    let args = ["hash", "--preset", "self", "--external", "public"];
    let ran = run(site.path(), &args);
    assert_eq!(ran.code, 1);
    assert_eq!(codes(&ran), ["blocked-external-script", "blocked-object"]);
    assert!(!ran.out.contains("data:"), "{}", ran.out);
    assert!(ran.err.contains("move it into a file"), "{}", ran.err);
}

#[test]
fn what_is_allowed_already_adds_nothing() {
    for (base, html) in [
        ("img-src https://*.example", "<img src=https://a.example/b.png>"),
        ("img-src https:", "<img src=https://a.example/b.png>"),
        ("script-src *", "<script src=https://a.example/b.js></script>"),
        ("img-src 'none'", "<script src=https://a.example/b.js></script>"),
        ("img-src 'self' https://a.example", "<link rel=prefetch href=https://a.example/x>"),
        (
            "script-src 'sha256-e1ko6CYY4fWwL+LCDBBbYgTyc9/f+JOTXbx6CCYCZ+4='",
            "<script src=https://a.example/b.js integrity=sha256-e1ko6CYY4fWwL+LCDBBbYgTyc9/f+JOTXbx6CCYCZ+4= crossorigin></script>",
        ),
    ] {
        let site = page(html);
        let args = ["hash", "--external", "--policy", base, "public"];
        let ran = run(site.path(), &args);
        assert_eq!((ran.out.trim(), ran.code), (base, 0), "{html} {}", ran.err);
    }
}

#[test]
fn scripts_that_have_the_nonce_need_no_host() {
    let html = "<script nonce=\"{{ request.csp_nonce }}\" src=https://a.example/b.js></script><img src=\"https://b.example/{{ x }}.png\"><img src=https://c.example/>";
    let site = page(html);
    let django = ["--nonce", "django-csp", "--template", "django", "public"];
    let args = [&["hash", "--external", "--preset", "self"], &django[..]].concat();
    let ran = run(site.path(), &args);
    assert_eq!(ran.code, 0, "{}", ran.err);
    for line in ["\"script-src\": [SELF, NONCE],", "\"img-src\": [SELF, \"https://b.example\", \"https://c.example\"],"]
    {
        assert!(ran.out.contains(line), "{line}: {}", ran.out);
    }
}

#[test]
fn each_page_has_the_sources_that_it_needs() {
    let site = folder(&[
        ("public/a.html", "<img src=https://a.example/>"),
        ("public/b.html", "<img src=https://b.example/><script>b()</script>"),
    ]);
    let args = ["hash", "--external", "--preset", "self", "--format", "cloudflare", "--scope", "page", "public"];
    let ran = run(site.path(), &args);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let (a, b) = ran.out.split_once("\n/b").unwrap();
    assert!(a.contains("https://a.example") && !a.contains("https://b.example"), "{a}");
    assert!(b.contains("https://b.example") && !b.contains("https://a.example"), "{b}");
    let path = site.path().join("_headers");
    std::fs::write(path, &ran.out).unwrap();
    let checked = run(site.path(), &["check", "public", "--deployed", "_headers"]);
    assert_eq!(checked.code, 0, "{}", checked.out);
}

#[test]
fn a_fragment_says_what_it_blocks_alone() {
    let html = "<link rel=stylesheet href=/a.css><script src=/app.js defer></script><script>window.a=1</script><style>a{color:red}</style>";
    let site = page(html);
    let ran = run(site.path(), &["hash", "public"]);
    assert_eq!(ran.code, 0);
    let message = "warning[incomplete-fragment]: these directives are a fragment, which alone blocks what it does not list: the policy blocks style sheets of the site itself by style-src: 1 use on 1 page; and 1 more";
    assert!(ran.err.contains(message), "{}", ran.err);
    let ran = run(site.path(), &["hash", "--external", "public"]);
    assert_eq!(ran.code, 0);
    assert!(!ran.err.contains("warning"), "{}", ran.err);
    for directive in ["script-src 'self' 'sha256-", "style-src 'self' 'sha256-"] {
        assert!(ran.out.contains(directive), "{}", ran.out);
    }
    assert!(!ran.out.contains("img-src"), "{}", ran.out);
    // A fragment that blocks nothing has nothing to say.
    let site = page("<script>window.a=1</script><img src=/a.png>");
    assert!(!run(site.path(), &["hash", "public"]).err.contains("warning"));
}

#[test]
fn a_preset_and_a_policy_are_one() {
    let site = page("<img src=data:,x>");
    let out = |args: &[&str]| run(site.path(), &[&["hash", "public"], args].concat()).out;
    let both = ["--preset", "docs", "--policy", "img-src 'none'; frame-ancestors https://a.example; report-to x"];
    let policy = out(&both);
    assert_eq!(
        policy.trim(),
        "default-src 'self'; img-src 'none'; font-src 'self' data:; base-uri 'self'; object-src 'none'; form-action 'self'; frame-ancestors https://a.example; report-to x"
    );
    let config = "preset = 'self'\nexternal = true\npaths = ['public']\n[policy]\nbase-uri = [\"'self'\"]\n";
    std::fs::write(site.path().join("cspseal.toml"), config).unwrap();
    let policy = run(site.path(), &["hash"]).out;
    assert_eq!(
        policy.trim(),
        "default-src 'self'; img-src 'self' data:; base-uri 'self'; object-src 'none'; form-action 'self'; frame-ancestors 'none'"
    );
}

#[test]
fn the_first_hash_after_init_succeeds() {
    for (html, preset) in [
        ("<!doctype html><img src=https://img.example/a.png><p onclick=a()>x", "self"),
        ("<!doctype html><img src='data:image/svg+xml,x'><script src=https://cdn.example/a.js></script>", "docs"),
        ("<!doctype html><base href=/docs/><iframe src=b.html></iframe>", "docs"),
    ] {
        let site = folder(&[("public/index.html", html), ("public/b.html", "x"), ("hugo.toml", "")]);
        assert_eq!(run(site.path(), &["init"]).code, 0);
        let config = read(&site, "cspseal.toml");
        assert!(config.contains(&format!("\npreset = \"{preset}\"\n")), "{config}");
        assert!(config.contains("\nexternal = true\n"), "{config}");
        let unsafe_hashes = html.contains("onclick") || html.contains("style=");
        let needs = format!("\nunsafe-hashes = {unsafe_hashes}\n");
        assert!(config.contains(&needs), "{config}");
        for host in ["https://img.example", "https://cdn.example"] {
            let is_listed = config.contains(&format!("{host} (1 use, first public/index.html:1:"));
            assert_eq!(is_listed, html.contains(host), "{config}");
        }
        let ran = run(site.path(), &["hash"]);
        let is_clean = !ran.err.contains("error[") && !ran.err.contains("warning[");
        assert!(ran.code == 0 && is_clean, "{html}: {}", ran.err);
        assert_eq!(run(site.path(), &["check"]).code, 0, "{html}");
    }
}

#[test]
fn the_first_hash_after_init_succeeds_on_the_pages_of_rustdoc() {
    let help =
        "<!doctype html><meta name=generator content=rustdoc><p style='color: red' onclick=a()><script>a()</script>";
    for output in ["doc", "target/doc"] {
        let site = folder(&[(&format!("{output}/help.html"), help), (&format!("{output}/lab/index.html"), help)]);
        let ran = run(site.path(), &["init"]);
        let line = "cspseal.toml: written for rustdoc; check paths and policy, then run cspseal hash\n";
        assert_eq!(ran.out, line);
        let paths = format!("\npaths = [\"{output}\"]\n");
        assert!(read(&site, "cspseal.toml").contains(&paths));
        let ran = run(site.path(), &["hash"]);
        assert_eq!((ran.code, &*ran.err), (0, ""), "{output}");
        assert!(read(&site, "csp.txt").contains("'unsafe-hashes'"));
    }
}

#[test]
fn what_style_sheets_and_scripts_of_other_hosts_load_is_unknown_or_well_known() {
    let fonts = "<link rel=stylesheet href='https://fonts.googleapis.com/css2?family=Roboto'>";
    let katex = "<link rel=stylesheet href=https://cdn.example/npm/katex@0.16/dist/katex.min.css>";
    let tags = "<script async src='https://www.googletagmanager.com/gtag/js?id=G-1'></script>";
    let other = "<link rel=stylesheet href=https://cdn.example/a.css><script src=https://cdn.example/a.js></script>";
    for (html, added, helps) in [
        (fonts, "font-src 'self' https://fonts.gstatic.com", &["add https://fonts.gstatic.com to font-src"][..]),
        (katex, "font-src 'self' https://cdn.example", &["add https://cdn.example to font-src"]),
        (
            tags,
            "script-src 'self' https://www.googletagmanager.com",
            &["https://www.google-analytics.com to connect-src"],
        ),
        (other, "script-src 'self' https://cdn.example", &["", ""]),
    ] {
        let site = page(html);
        let check = |policy: &str| {
            let args = ["check", "--notes", "--policy", policy, "public"];
            run(site.path(), &args).out
        };
        let bare = check("default-src 'self'");
        let notes = bare.matches("note[unknown-dependencies]").count();
        assert_eq!(notes, helps.len(), "{bare}");
        for help in helps {
            assert!(bare.contains(help), "{bare}");
        }
        let args = ["hash", "--preset", "self", "--external", "public"];
        let ran = run(site.path(), &args);
        let policy = policy(&ran);
        assert!(policy.split("; ").any(|it| it == added), "{policy}");
        let is_known = html == fonts || html == katex;
        let left = check(&policy).contains("unknown-dependencies");
        assert_eq!((ran.code, left), (0, !is_known), "{policy}");
    }
    let site = page("<link rel=stylesheet href=a.css><script src=/a.js></script>");
    let args = ["check", "--notes", "--policy", "default-src 'self'", "public"];
    let ran = run(site.path(), &args);
    assert!(!ran.out.contains("unknown-dependencies"), "{}", ran.out);
}

#[test]
fn hosts_that_nothing_needs_are_orphans() {
    let html = "<img src=https://img.example/a.png><img srcset='https://two.example/b.png 2x'>";
    let check = |html: &str, policy: &str, more: &[&str]| {
        let site = page(html);
        let args = [&["check", "--policy", policy, "public"], more].concat();
        let ran = run(site.path(), &args);
        let lines = ran.out.lines();
        let orphans = lines.filter_map(|line| line.strip_prefix("warning[orphaned-source]: "));
        orphans.map(str::to_owned).collect::<Vec<_>>()
    };
    let policy = "img-src 'self' https://img.example https://*.example https://old.example/a/ http:; frame-ancestors https://x.example";
    let orphan = "nothing on the pages needs https://old.example/a/ of img-src";
    assert_eq!(check(html, policy, &[]), [orphan]);
    assert!(check(html, "img-src https://img.example https://two.example", &[]).is_empty());
    // A host may be that of the site, where its pages ask it for anything of the kind.
    let policy = "img-src https://img.example https://two.example https://www.example.com; connect-src 'self' https://api.example; font-src https://font.example";
    let own = "nothing on the pages needs https://www.example.com of img-src";
    let api = "nothing on the pages needs https://api.example of connect-src";
    let font = "nothing on the pages needs https://font.example of font-src";
    assert_eq!(check(html, policy, &[]), [own, api, font]);
    let with_own = format!("{html}<img src=own.png>");
    assert_eq!(check(&with_own, policy, &[]), [api, font]);
    let site = ["--site-url", "https://other.example"];
    assert_eq!(check(&with_own, policy, &site), [own, api, font]);
    // A form without a URL goes to its page.
    let form = "<form method=post><button>x</button></form>";
    let policy_of_forms = "form-action https://www.example.com";
    assert!(check(form, policy_of_forms, &[]).is_empty());
    assert!(check(form, policy_of_forms, &["--site-url", "https://www.example.com"]).is_empty());
    assert_eq!(check(form, policy_of_forms, &site).len(), 1);
    assert_eq!(check(html, policy_of_forms, &[]).len(), 1);
    // A script may ask for it.
    let asking = format!("{html}<script src=a.js></script>");
    assert_eq!(check(&asking, policy, &[]), [own, font]);
    let asking = format!("{html}<script>import('/own.js')</script>");
    let policy = "script-src 'unsafe-inline' https://www.example.com";
    assert!(check(&asking, policy, &[]).is_empty());
    assert_eq!(check(html, policy, &[]).len(), 1);
}

#[test]
fn a_form_without_a_url_submits_to_its_page() {
    let form = "<!doctype html><base href=https://base.example/><form method=post><button>x</button></form>";
    for (name, html, is_template) in [
        ("public/a.html", form.to_owned(), false),
        ("public/a.xhtml", "<html xmlns='http://www.w3.org/1999/xhtml'><body><form/></body></html>".to_owned(), false),
        ("public/a.html", format!("{{% load x %}}{form}{{% csrf_token %}}"), true),
        ("public/a.php", format!("<?php f() ?>{form}"), true),
        ("public/a.html.erb", format!("<% f %>{form}"), true),
    ] {
        let site = folder(&[(name, &html)]);
        let base = "form-action https://forms.example; base-uri https://base.example";
        let hash = |policy, more: &[&str]| run(site.path(), &[&["hash", "--policy", policy, name], more].concat());
        let ran = hash(base, &[]);
        assert_eq!((ran.code, codes(&ran)), (1, vec!["blocked-form".to_owned()]), "{html}");
        let ran = hash(base, &["--external"]);
        assert_eq!(ran.code, 0, "{html}: {}", ran.err);
        assert!(ran.out.starts_with("form-action https://forms.example 'self';"), "{}", ran.out);
        let own = "form-action 'self'; base-uri https://base.example";
        let ran = hash(own, &["--external"]);
        assert_eq!((ran.code, &*ran.out), (0, &*format!("{own}\n")), "{html}");
        if !is_template {
            let args = ["check", "--policy", base, "public", name];
            assert_eq!(codes(&run(site.path(), &args)), ["blocked-form"], "{html}");
        }
    }
    // Under what it is served with, exactly its own URL counts.
    let site = page("<form></form>");
    for (own, code) in [("docs/a.html", 0), ("docs/", 0), ("docs/b.html", 1)] {
        let policy = format!("default-src 'self'; form-action https://own.example/{own}");
        let url = ["--site-url", "https://own.example/docs/"];
        let args = [&["check", "--policy", &policy, "public"], &url[..]].concat();
        assert_eq!(run(site.path(), &args).code, code, "{own}");
    }
}

#[test]
fn a_base_is_relative_to_its_page() {
    for (html, url) in
        [("<base href=sub/><img src=i>", "/sub/"), ("<base href=../x/><iframe srcdoc='<img src=i>'></iframe>", "/x/")]
    {
        let site = page(html);
        let run = |args: &[&str]| run(site.path(), &[args, &["public"]].concat());
        let listed = run(&["list", "--external", "--urls"]).out;
        for (directive, url) in [("base-uri", url.to_owned()), ("img-src", format!("{url}i"))] {
            let mut lines = listed.lines().map(|line| line.split_whitespace().take(2));
            assert!(lines.any(|line| line.eq([directive, &url])), "{listed}");
        }
        let own = "https://own.example/";
        let policy = format!("default-src 'self'; base-uri {own}{}", &url[1..]);
        let ran = run(&["check", "--site-url", own, "--policy", &policy]);
        assert_eq!(ran.code, 0, "{}", ran.out);
    }
}

#[test]
fn a_form_with_a_script_for_its_url_is_blocked() {
    let site = page("<!doctype html><form action='javascript:f()'></form>");
    let hash = |flag: &str| run(site.path(), &["hash", "--preset", "self", flag, "public"]);
    let bare = hash("--unsafe-hashes");
    assert_eq!((bare.code, codes(&bare)), (1, vec!["blocked-form".to_owned()]));
    assert!(bare.err.contains("handle its submit event in a script"), "{}", bare.err);
    // Without its hash it would not run.
    let unhashed = hash("--external");
    assert!(policy(&unhashed).contains("form-action 'self';"), "{}", unhashed.out);
    assert_eq!(unhashed.code, 1);
    let args = ["hash", "--preset", "self", "--unsafe-hashes", "--external", "public"];
    let ran = run(site.path(), &args);
    assert_eq!((ran.code, codes(&ran)), (0, vec![]));
    assert!(policy(&ran).contains("form-action 'self' javascript:;"), "{}", ran.out);
}

#[test]
fn what_a_framed_page_leads_to_is_asked_of_the_page_that_frames_it() {
    let refresh = |url: &str| format!("<!doctype html><meta http-equiv=refresh content='5; url={url}'>");
    let framing = "<!doctype html><iframe src=in></iframe>";
    let to_other = refresh("https://other.example/");
    for (inner, last, is_asked) in [
        (to_other.clone(), "x".to_owned(), true),
        (refresh("d/b.html"), to_other.clone(), true),
        (refresh("b.html"), format!("<base href=https://other.example>{}", refresh("a")), false),
        (refresh("d/b.html"), format!("<base href=https://other.example>{}", refresh("a")), true),
        (refresh("#x"), to_other.clone(), false),
        (refresh("javascript:f()"), to_other.clone(), false),
        (format!("<noscript>{to_other}</noscript>"), to_other.clone(), false),
        ("<a href=https://other.example/>x</a>".to_owned(), to_other.clone(), false),
    ] {
        let site = folder(&[("public/a.html", framing), ("public/in.html", &inner), ("public/d/b.html", &last)]);
        let base = "default-src 'self'; frame-ancestors 'self'";
        let hash = |more: &[&str]| run(site.path(), &[&["hash", "--policy", base, "public"], more].concat());
        let expected = vec!["blocked-frame".to_owned(); is_asked.into()];
        assert_eq!(codes(&hash(&[])), expected, "{inner}");
        let checked = run(site.path(), &["check", "--policy", base, "public"]);
        assert_eq!(codes(&checked), expected, "{inner}");
        let ran = hash(&["--external"]);
        assert_eq!(ran.code, 0, "{inner}");
        let has = ran.out.contains("frame-src 'self' https://other.example");
        assert_eq!(has, is_asked, "{inner}");
        // The page for itself needs nothing.
        let alone = run(site.path(), &["check", "--policy", base, "public/in.html"]);
        assert_eq!(codes(&alone), [""; 0], "{inner}");
    }
}

#[test]
fn a_host_that_one_page_needs_is_needed() {
    let site = folder(&[
        ("public/a.html", "<img src=https://a.example/>"),
        ("public/b.html", "x"),
        (
            "_headers",
            "/a\n  Content-Security-Policy: img-src 'self' https://a.example https://old.example\n\
             /b\n  Content-Security-Policy: img-src 'self' https://a.example https://old.example; base-uri 'none'\n",
        ),
    ]);
    let ran = run(site.path(), &["check", "public", "--deployed", "_headers", "--deployed-as", "cloudflare"]);
    let old = "nothing on the pages needs https://old.example of img-src";
    assert!(ran.out.contains(old), "{}", ran.out);
    assert!(!ran.out.contains("needs https://a.example"), "{}", ran.out);
}

#[test]
fn the_directive_that_is_named_for_a_prefetch_is_that_which_gets_its_host() {
    let site = page("<link rel=prefetch href=https://a.example/x>");
    for (base, said, policy) in [
        (
            "default-src 'self'",
            "to connect-src (as a copy of default-src), as",
            "default-src 'self'; connect-src 'self' https://a.example",
        ),
        (
            "default-src 'self'; connect-src 'none'",
            "to connect-src, as",
            "default-src 'self'; connect-src https://a.example",
        ),
    ] {
        let args = ["hash", "--policy", base, "public"];
        let ran = run(site.path(), &args);
        assert!(ran.err.contains(said), "{}", ran.err);
        let ran = run(site.path(), &[&args[..], &["--external"]].concat());
        assert_eq!((ran.out.trim(), &*ran.err), (policy, ""));
    }
}

#[test]
fn a_host_that_no_source_names_is_never_added_and_the_help_says_why() {
    for (host, why) in [
        ("*", "a * in a source stands for every host"),
        ("*.star.example", "a * in a source stands for every host"),
        ("under_score.example", "'_' cannot stand in a host"),
        ("dot.example.", "a label of the host is empty"),
        ("[::1]:99", "browsers know no IPv6 addresses in policies"),
    ] {
        let html = format!(
            "<!doctype html><script src='https://{host}/x.js'></script><img src='https://{host}/a' alt>
            <script>fetch('https://{host}/b')</script><img src=https://img.example/ alt>"
        );
        let site = page(&html);
        let args = ["hash", "--preset", "self", "--external", "--mentioned", "public"];
        let ran = run(site.path(), &args);
        let expected = ["blocked-external-script", "blocked-image"].map(str::to_owned);
        assert_eq!((ran.code, codes(&ran)), (1, expected.to_vec()), "{host}");
        assert_eq!(ran.err.matches(why).count(), 2, "{host}: {}", ran.err);
        assert!(!ran.err.contains("as `cspseal hash"), "{host}: {}", ran.err);
        let hosts = policy(&ran).matches("https://").count();
        assert_eq!(hosts, 1, "{host}: {}", policy(&ran));
    }
}

#[test]
fn no_listed_host_is_taken_for_the_sites_own() {
    let html = "<!doctype html><img src=/own.png><script src=own.js></script><iframe src=b.html></iframe>
        <form action=/f></form><base href=/x/>";
    let site = page(html);
    for hosts in ["https://cdn.example data:", "*.example", "http://*.example:*"] {
        let base = format!(
            "default-src 'self'; img-src {hosts}; script-src {hosts}; form-action {hosts}; base-uri {hosts}; frame-ancestors {hosts}"
        );
        let hash = |more: &[&str]| {
            let args = [&["hash", "--policy", &base, "public"], more].concat();
            run(site.path(), &args)
        };
        let expected = ["blocked-base", "blocked-external-script", "blocked-form", "blocked-frame", "blocked-image"];
        let help = ", or name the site's address with --site-url if one of the listed hosts is the site's own";
        let checked = run(site.path(), &["check", "public", "--policy", &base]);
        for ran in [hash(&[]), checked] {
            assert_eq!((ran.code, codes(&ran)), (1, expected.map(str::to_owned).to_vec()), "{hosts}");
            assert_eq!((ran.err + &ran.out).matches(help).count(), 5, "{hosts}");
        }
        let ran = hash(&["--external"]);
        assert_eq!((ran.code, codes(&ran).len()), (0, 0), "{hosts}");
        for directive in ["img-src", "script-src", "form-action", "base-uri", "frame-ancestors"] {
            let own = format!("{directive} {hosts} 'self'");
            assert!(ran.out.contains(&own), "{hosts}: {}", ran.out);
        }
    }
    let policy = "default-src https://www.example; frame-ancestors https://www.example";
    let args = ["check", "public", "--site-url", "https://www.example", "--policy", policy];
    let ran = run(site.path(), &args);
    assert_eq!(ran.code, 0, "{}", ran.out);
}

#[test]
fn the_secure_variants_of_the_site_are_its_own() {
    let html = "<!doctype html><link rel=stylesheet href=https://www.example/a.css><img src=https://www.example/a.png>
        <form action=https://www.example/f></form><script>new WebSocket('wss://www.example/s'); fetch('https://www.example/t')</script>";
    let site = page(html);
    let hash = |url: &str| {
        let args = ["hash", "--preset", "self", "--external", "--mentioned", "--site-url", url, "public"];
        let ran = run(site.path(), &args);
        assert_eq!((ran.code, codes(&ran).len()), (0, 0), "{url}: {}", ran.err);
        policy(&ran)
    };
    for url in ["http://www.example/docs/", "https://www.example"] {
        assert!(!hash(url).contains("www.example"), "{url}: {}", hash(url));
    }
    for url in ["http://www.example:8080", "https://other.example"] {
        assert!(hash(url).contains("img-src 'self' https://www.example;"), "{url}: {}", hash(url));
    }
    // What is not secure is no variant.
    let site = page("<!doctype html><img src=http://www.example/a.png>");
    let args = ["hash", "--preset", "self", "--site-url", "https://www.example", "public"];
    assert_eq!(codes(&run(site.path(), &args)), ["blocked-image"]);
}

#[test]
fn a_source_that_another_one_covers_is_not_added() {
    let html = "<!doctype html><script src=https://cdn.example/a@1.2.3/x.js></script><script src=https://cdn.example/latest.js></script>
        <script src=https://cdn.example/b@2.0.0/y.js></script><script src=http://mix.example/a@1.0.0/x.js></script>
        <script src=https://mix.example/b.js></script><img src=https://dup.example><img src=http://dup.example>
        <img src=https://port.example:8443><img src=http://port.example>";
    let site =
        folder(&[("public/a.html", html), ("public/b.html", "<script src=https://cdn.example/a@1.2.3/x.js></script>")]);
    let hash = |more: &[&str]| {
        let args = [&["hash", "--preset", "self", "--external", "public"], more].concat();
        run(site.path(), &args).out
    };
    let policy = hash(&[]);
    for directive in [
        "script-src 'self' http://mix.example/a@1.0.0/x.js https://cdn.example https://mix.example;",
        "img-src 'self' http://dup.example http://port.example https://port.example:8443;",
    ] {
        assert!(policy.contains(directive), "{policy}");
    }
    // A page that does not need the whole origin has the path.
    let pages = hash(&["--format", "cloudflare", "--scope", "page"]);
    let exact = "script-src 'self' https://cdn.example/a@1.2.3/x.js;";
    assert!(pages.contains(exact), "{pages}");
    let checked = run(site.path(), &["check", "public", "--policy", policy.trim()]);
    assert_eq!(codes(&checked).len(), 0, "{}", checked.out);
}

#[test]
fn no_form_is_allowed_to_go_to_a_data_url() {
    let site = page("<!doctype html><form action=data:text/html,x></form><form action=mailto:a@b.example></form>");
    let args = ["hash", "--preset", "self", "--external", "public"];
    let ran = run(site.path(), &args);
    assert_eq!(codes(&ran), ["blocked-form"]);
    assert!(ran.out.contains("form-action 'self' mailto:;"), "{}", ran.out);
    assert!(!ran.err.contains("as `cspseal hash"), "{}", ran.err);
}

#[test]
fn addresses_are_hosts_as_they_are_written() {
    let hosts = ["https://10.1.2.3", "http://127.0.0.2:8080", "https://10.1.2.3.name.example"];
    let images = hosts.map(|host| format!("<img src={host}/a.png>"));
    let site = page(&format!("<!doctype html>{}", images.concat()));
    let ran = run(site.path(), &["hash", "--preset", "self", "--external", "public"]);
    assert_eq!((ran.code, &*ran.err), (0, ""));
    let policy = policy(&ran);
    assert!(hosts.iter().all(|host| policy.contains(host)), "{policy}");
    let other = policy.replace("10.1.2.3", "10.1.2.4");
    let checked = run(site.path(), &["check", "public", "--policy", &other]);
    assert_eq!(codes(&checked), ["blocked-image", "blocked-image"]);
    let known = [
        "check",
        "public",
        "--policy",
        "img-src 'self' http://127.0.0.2:8080 https://*.name.example",
        "--site-url",
        "https://10.1.2.3",
    ];
    assert_eq!(run(site.path(), &known).code, 0);
}

#[test]
fn an_address_that_a_file_of_the_site_gives_is_suggested() {
    let page = "<img src=https://www.example.org/a.png><img src=https://other.example/a.png>";
    let linked = "<link href='https://www.example.org/docs/index.html' rel=canonical>";
    let map = "<urlset><url><loc>https://www.example.org/docs/a</loc></url></urlset>";
    let root = "https://www.example.org/";
    for (file, text, address) in [
        ("docs/CNAME", "www.example.org\n", root),
        ("CNAME", "www.example.org", root),
        ("docs/sitemap.xml", map, root),
        ("docs/index.html", linked, "https://www.example.org/docs/"),
        ("hugo.toml", "baseURL = 'https://www.example.org/docs/'", "https://www.example.org/docs/"),
        ("mkdocs.yml", "site_url: https://www.example.org/docs", "https://www.example.org/docs/"),
    ] {
        let site = folder(&[("docs/a.html", page), (file, text)]);
        let policy = ["--policy", "default-src 'self'", "docs"];
        let suggested = format!("if that is the site's own address, as {file} suggests, say --site-url {address}\n");
        let mut policies = Vec::new();
        for command in ["hash", "check"] {
            let ran = run(site.path(), &[&[command], &policy[..]].concat());
            let all = ran.out.clone() + &ran.err;
            assert_eq!(all.matches(&suggested).count(), 1, "{file}: {all}");
            let generic = "if that is the site's own address, name it with --site-url\n";
            assert_eq!(all.matches(generic).count(), 1, "{file}: {all}");
            policies.push(ran.out);
        }
        assert_eq!(policies[0].trim(), "default-src 'self'", "{file}");
        assert_eq!(run(site.path(), &["init"]).code, 0);
        let key = format!("\n# site-url = \"{address}\"    # whose URLs are the site's own, as {file} suggests\n");
        let config = read(&site, "cspseal.toml");
        // What `init` takes for the folder of pages is another question.
        let is_in_pages = file.starts_with("docs/");
        assert!(is_in_pages || config.contains(&key), "{file}: {config}");
    }
    let site = folder(&[("docs/a.html", page), ("docs/CNAME", "third.example\n")]);
    let ran = run(site.path(), &["hash", "--policy", "default-src 'self'", "docs"]);
    assert!(!ran.err.contains("CNAME"), "{}", ran.err);
}

#[test]
fn only_check_fetches_a_site() {
    let site = folder(&[]);
    for command in ["hash", "list"] {
        for url in ["https://a.example/", "HTTP://LOCALHOST:1/"] {
            let ran = run(site.path(), &[command, url]);
            assert_eq!(ran.code, 2);
            let message = "only `cspseal check` fetches a site";
            assert!(ran.err.contains(message), "{command} {url}: {}", ran.err);
        }
    }
    let ran = run(site.path(), &["check", "HTTP://LOCALHOST:1/"]);
    assert!(ran.err.contains("refused the connection"), "{}", ran.err);
    let ran = run(site.path(), &["check", "https://a.example/", "--max-pages", "0"]);
    assert!(ran.err.contains("a number from 1 on"), "{}", ran.err);
}

#[test]
fn wrong_values_about_urls_are_shown_in_the_configuration() {
    for (line, message) in [
        ("granularity = { scripts = 'path' }", "is not the name of a directive"),
        ("granularity = 'host'", "is none"),
        ("site-url = 'example.org'", "is not the address of a site"),
        ("site-ur = ''", "write site-url"),
    ] {
        let config = format!("paths = ['a']\n{line}\n");
        let site = folder(&[("cspseal.toml", &config), ("a/a.html", "")]);
        let ran = run(site.path(), &["hash"]);
        assert_eq!(ran.code, 2);
        for part in [message, "cspseal.toml:2:", line] {
            assert!(ran.err.contains(part), "{part}: {}", ran.err);
        }
    }
}

#[test]
fn urls_of_template_code_count_as_far_as_they_are_known() {
    let page = "<!doctype html><link rel=stylesheet href=\"{% static 'a.css' %}\">\n\
        <img src='https://cdn.example/a/{{ x }}.png'><img src='{{ y }}'><img src='https://{{ z }}/'><img src='/own/{{ x }}'>\n\
        <script src='https://cdn.example/v{{ n }}/a.js'></script><embed src='{{ x }}'>\n";
    let folder = folder(&[("a.html", page), ("b.html", page)]);
    let hash = |args: &[&str]| {
        let args = [&["hash", "--template", "django", "--preset", "self", "."], args];
        run(folder.path(), &args.concat())
    };
    let bare = hash(&[]);
    assert_eq!(bare.code, 1);
    for text in [
        "error[blocked-image]: the policy blocks images of https://cdn.example by default-src: 2 uses on 2 pages",
        "error[blocked-external-script]: the policy blocks scripts of https://cdn.example by default-src: 2 uses on 2 pages",
        "error[blocked-object]: the policy blocks objects whose URL template code makes by object-src: 2 uses on 2 pages",
        "note[unknown-url]: template code makes the URLs of images, so it is unknown whether the policy allows them by default-src: 4 uses on 2 pages\n --> a.html:2:51",
        "note[unknown-url]: template code makes the URLs of style sheets, so it is unknown whether the policy allows them by default-src: 2 uses on 2 pages",
    ] {
        assert!(bare.err.contains(text), "{text}\n{}", bare.err);
    }
    assert!(!bare.err.contains("missing-file"), "{}", bare.err);
    let fine = hash(&["--external", "--granularity", "path"]);
    for text in ["script-src 'self' https://cdn.example;", "img-src 'self' https://cdn.example/a/;"] {
        assert!(fine.out.contains(text), "{text}\n{}", fine.out);
    }
    let check = |policy: &str| {
        let args = ["check", "--template", "django", "--notes", "--policy", policy, "."];
        run(folder.path(), &args)
    };
    let notes = |policy: &str| {
        let ran = check(policy);
        let lines = ran.out.lines().filter(|it| it.contains("[unknown-url]"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let own = notes("default-src 'self'");
    assert_eq!(own.len(), 4, "{own:?}");
    assert!(
        own[1].ends_with("images, so it is unknown whether the policy allows them by default-src: 4 uses on 2 pages"),
        "{own:?}"
    );
    // Wherever they lead, the policy allows them, or blocks them.
    assert_eq!(notes("default-src *"), [""; 0]);
    assert_eq!(notes("default-src 'none'"), [""; 0]);
    let list = run(folder.path(), &["list", "--external", "--urls", "--template", "django", "."]);
    for row in ["img-src (template code) 4 2 a.html:2:51", "img-src https://cdn.example/a/ 2 2 a.html:2:6"] {
        let mut rows = list.out.lines().map(|row| row.split_whitespace());
        assert!(rows.any(|it| it.eq(row.split(' '))), "{}", list.out);
    }
}

#[test]
fn a_module_may_import_from_beside_itself() {
    const URL: &str = "https://cdn.test/npm/m@10.9.1/dist/m.mjs";
    let path = format!("script-src 'self' {URL}");
    let origin = "script-src 'self' https://cdn.test".to_owned();
    for (page, is_module) in [
        (format!("<script src={URL}></script>"), false),
        (format!("<link rel=preload as=script href={URL}>"), false),
        (format!("<script type=Module src={URL}></script>"), true),
        (format!("<link rel=modulepreload href={URL}>"), true),
        (format!("<script type=module>import '{URL}'</script>"), true),
        ("<script type=module src=a.js></script>".to_owned(), true),
    ] {
        let own = format!("import {{b}} from '{URL}'");
        let site = folder(&[("a.html", &*page), ("a.js", &own)]);
        let ran = run(site.path(), &["hash", "--preset", "self", "--external", "a.html"]);
        let policy = ran.out.trim_end();
        let mut directives = policy.split("; ");
        let scripts = directives.find(|it| it.starts_with("script-src")).unwrap();
        let scripts = scripts.split(" 'sha256").next().unwrap();
        let expected = if is_module { &origin } else { &path };
        assert_eq!(scripts, expected, "{page}: {}", ran.err);
        // An inventory says the same.
        let json = ["hash", "--preset", "self", "--external", "--format", "json", "a.html"];
        let inventory = run(site.path(), &json).out;
        std::fs::write(site.path().join("i.json"), inventory).unwrap();
        let merged = run(site.path(), &["merge", "--preset", "self", "--external", "i.json"]);
        assert_eq!(merged.out.trim_end(), policy, "{page}: {}", merged.err);
    }
}

#[test]
fn the_advice_about_a_known_script_works_when_followed() {
    let page = "<!doctype html><script src=https://www.google.com/recaptcha/api.js></script>";
    let site = folder(&[("a.html", page)]);
    let hash = ["hash", "--preset", "self", "--external", "--format", "header", "."];
    let ran = run(site.path(), &hash);
    let frames = "https://www.google.com/recaptcha/ to frame-src, https://recaptcha.google.com/recaptcha/ to frame-src";
    let advice = format!("add https://www.gstatic.com/recaptcha/ to script-src, {frames}; see");
    assert!(ran.err.contains(&advice), "{}", ran.err);
    let policy = ran.out.trim_end().replace(
        "script-src",
        "frame-src https://www.google.com/recaptcha/ https://recaptcha.google.com/recaptcha/; script-src https://www.gstatic.com/recaptcha/",
    );
    let ran = run(site.path(), &["check", "--notes", "--policy", &policy, "."]);
    for left in ["orphaned-source", "unknown-dependencies", "blocked"] {
        assert!(!ran.out.contains(left), "{left}: {}", ran.out);
    }
}

#[test]
fn a_sandbox_that_stops_scripts_is_an_error() {
    let page = "<!doctype html><script>a()</script><script src=b.js></script><p style=x>";
    let site = folder(&[("a.html", page), ("b.js", "")]);
    for (sandbox, report_only, codes) in [
        ("sandbox", false, &["blocked-script", "blocked-external-script"][..]),
        ("sandbox allow-scripts", false, &[]),
        ("sandbox", true, &[]),
    ] {
        let policy = format!("{sandbox}; default-src 'self'");
        let flag = if report_only { "--report-only-policy" } else { "--policy" };
        let mut hash = vec!["hash", "--unsafe-hashes", flag, &policy, "."];
        if report_only {
            hash.extend(["--preset", "self"]);
        }
        let ran = run(site.path(), &hash);
        for code in ["blocked-script", "blocked-external-script"] {
            let is_said = ran.err.contains(&format!("error[{code}]"));
            assert_eq!(is_said, codes.contains(&code), "{sandbox}: {}", ran.err);
        }
    }
}

#[test]
fn what_does_nothing_in_a_page_blocks_nothing_there() {
    let page = "<!doctype html><title>a</title><iframe src=b.html></iframe><script src=c.js></script>";
    let site = folder(&[("a.html", page), ("b.html", "<!doctype html><p>"), ("c.js", "")]);
    let policy = "default-src 'self'; frame-ancestors 'none'; sandbox";
    let hash = |args: &[&str]| run(site.path(), &[&["hash", "--policy", policy, "."], args].concat());
    let header = hash(&[]);
    assert!(header.err.contains("error[blocked-frame]"), "{}", header.err);
    assert!(header.err.contains("error[blocked-external-script]"), "{}", header.err);
    let meta = hash(&["--format", "meta"]);
    assert!(!meta.err.contains("error["), "{}", meta.err);
    assert!(meta.err.contains("warning[ignored-in-meta]"), "{}", meta.err);
    assert_eq!(meta.code, 0);
}
