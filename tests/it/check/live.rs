//! `check http://…`: pages that a server sends, judged under the headers that each comes with.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::support::{PROGRAM, Ran, Server, folder, html, response, run};

const POLICY: &str = "script-src 'self'; object-src 'none'; base-uri 'self'";

fn missing() -> Vec<u8> {
    response("404 Not Found", &["Content-Type: text/html"], b"<p>gone</p>")
}

fn redirect(to: &str) -> Vec<u8> {
    response("302 Found", &[&format!("Location: {to}")], b"")
}

fn check(url: &str, more: &[&str]) -> Ran {
    let nothing = folder(&[]);
    run(nothing.path(), &[&["check", url], more].concat())
}

/// Checks a site with these pages, all under the same policy.
fn check_pages(pages: &'static [(&str, &str)], more: &[&str]) -> (Ran, Vec<String>) {
    let server = Server::start(|path| {
        let page = pages.iter().find(|(known, _)| *known == path);
        match page {
            Some((path, text)) if path.contains('.') => response("200 OK", &[], text.as_bytes()),
            Some((_, page)) => html(POLICY, page),
            None => missing(),
        }
    });
    let ran = check(&server.url("/"), more);
    let base = server.url("");
    let requests = server.requests();
    let ran = Ran { code: ran.code, out: ran.out.replace(&base, "SITE"), err: ran.err.replace(&base, "SITE") };
    (ran, requests)
}

#[test]
fn pages_behind_links_and_in_the_sitemap_are_judged() {
    let (ran, requests) = check_pages(
        &[
            (
                "/",
                "<!doctype html>\n<a href=b#x>b</a> <a href='b#y'>b</a> <a href=/b?q=1>b</a>\n<a href=https://other.example/>o</a><iframe src=frame></iframe>",
            ),
            ("/b", "<base href=/deep/><p>\n  <script>a()</script><a href=c>"),
            ("/b?q=1", "<a href=mailto:a@b.example>m</a>"),
            ("/frame", "<a href=/>up</a>"),
            ("/deep/c", "fine"),
            ("/listed", "<style>p {}</style><script>b()</script>"),
            (
                "/sitemap.xml",
                "<urlset><url><loc>/listed</loc></url><url><loc>https://www.example/</loc></url></urlset>",
            ),
        ],
        &[],
    );
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("--> SITE/b:2:3\n"), "{}", ran.out);
    assert!(ran.out.contains("--> SITE/listed:1:20\n"), "{}", ran.out);
    assert!(ran.out.contains("2 errors in 6 pages"), "{}", ran.out);
    assert_eq!(
        requests,
        ["/", "/b", "/b?q=1", "/cspseal-error-page", "/deep/c", "/frame", "/listed", "/robots.txt", "/sitemap.xml"]
    );
}

#[test]
fn the_sites_own_origin_is_known() {
    let server = Server::start(|path| match path {
        "/" => html(
            "script-src 'self' https://cdn.example",
            "<script src=/a.js></script><script src=https://cdn.example/a.js></script>\n<script src=https://other.example/a.js></script>\n<script src=http://localhost:1/b.js></script>",
        ),
        _ => missing(),
    });
    let ran = check(&server.url("/"), &[]);
    let blocked = ran.out.matches("error[blocked-external-script]").count();
    assert_eq!(blocked, 2, "{}", ran.out);
    for line in ["/:2:1", "/:3:1"] {
        assert!(ran.out.contains(&server.url(line)), "{line}: {}", ran.out);
    }
    assert!(!ran.out.contains(&server.url("/:1:1")), "{}", ran.out);
}

#[test]
fn each_page_has_the_policies_that_it_came_with() {
    let server = Server::start(|path| match path {
        "/" => {
            let headers = [
                "Content-Type: text/html",
                "Content-Security-Policy: script-src 'self' 'unsafe-inline'",
                "content-security-policy: default-src 'self'",
                "Content-Security-Policy-Report-Only: style-src 'none'",
            ];
            let page = b"<script>a()</script><style>a {}</style><a href=/other>x</a>";
            response("200 OK", &headers, page)
        }
        "/other" => response("200 OK", &["Content-Type: text/html"], b"<script>a()</script>"),
        _ => missing(),
    });
    let ran = check(&server.url("/"), &["--format", "json", "--notes"]);
    let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let code = |finding: &serde_json::Value| {
        let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
        (text("code"), text("path").replace(&server.url(""), ""))
    };
    let findings = report["findings"].as_array().unwrap().iter();
    let codes: Vec<(String, String)> = findings.map(code).collect();
    let has = |code: &str, path: &str| codes.contains(&(code.to_owned(), path.to_owned()));
    assert!(has("blocked-script", "/"), "{codes:?}");
    assert!(has("blocked-style", "/"), "{codes:?}");
    assert!(has("no-policy", "/other"), "{codes:?}");
    assert!(!has("blocked-script", "/other"), "{codes:?}");
}

#[test]
fn a_hash_that_one_page_needs_is_no_orphan_on_the_others() {
    let server = Server::start(|path| {
        let policy = "script-src 'self' 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='; object-src 'none'; base-uri 'none'";
        match path {
            "/" => html(policy, "<a href=/b>b</a>"),
            "/b" => html(policy, "<script>alert(1)</script>"),
            _ => missing(),
        }
    });
    let ran = check(&server.url("/"), &[]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert!(ran.out.contains("2 pages, 1 inline resource, no findings"), "{}", ran.out);
}

#[test]
fn robots_are_honored_unless_they_are_not() {
    const PAGES: &[(&str, &str)] = &[
        ("/", "<a href=/private/a>a</a>\n<a href=/private/b>b</a><a href=/private/open>c</a>"),
        ("/robots.txt", "User-agent: *\nDisallow: /private/\nAllow: /private/open\nSitemap: /map.xml"),
        ("/map.xml", "<urlset><url><loc>/mapped</loc></url></urlset>"),
        ("/mapped", "x"),
        ("/private/a", "<script>a()</script>"),
        ("/private/b", "x"),
        ("/private/open", "x"),
    ];
    let (ran, requests) = check_pages(PAGES, &[]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(
        ran.out.contains("warning[unchecked-page]: robots.txt disallows 2 URLs on the site, such as SITE/private/a"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("--> SITE/:1:1\n"), "{}", ran.out);
    assert_eq!(requests, ["/", "/cspseal-error-page", "/map.xml", "/mapped", "/private/open", "/robots.txt"]);
    let (ran, requests) = check_pages(PAGES, &["--no-robots"]);
    assert_eq!(ran.code, 1, "{}", ran.out);
    assert_eq!(requests.len(), PAGES.len() + 1);
    let (ran, requests) = check_pages(&[("/robots.txt", "user-agent: CSPSEAL\ndisallow: /")], &[]);
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(ran.err.contains("robots.txt disallows this page; --no-robots"), "{}", ran.err);
    assert_eq!(requests, ["/robots.txt"]);
    let server = Server::start(|_| response("503 Unavailable", &[], b""));
    let ran = check(&server.url("/"), &[]);
    assert_eq!((ran.code, server.requests().len()), (2, 1));
    assert!(ran.err.contains("robots.txt is answered with 503"), "{}", ran.err);
}

#[test]
fn endless_links_end() {
    let server = Server::start(|path| {
        let number: usize = path.trim_start_matches(['/', '?']).parse().unwrap_or(0);
        html(POLICY, &format!("<a href=/{}>a</a><a href=/?{}>b</a>", number * 2 + 1, number * 2 + 2))
    });
    let ran = check(&server.url("/"), &["--max-pages", "7", "--no-robots"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("warning[unchecked-page]: the site has more than the 7 pages"), "{}", ran.out);
    assert!(ran.out.contains("1 warning in 7 pages"), "{}", ran.out);
    let pages = server.requests();
    let pages: Vec<_> = pages.iter().filter(|path| !path.ends_with("txt") && !path.ends_with("xml")).collect();
    assert_eq!(pages.len(), 7, "{pages:?}");
    assert!(!check(&server.url("/"), &["--max-pages", "0"]).err.is_empty());
}

#[test]
fn links_that_are_no_pages_end_too() {
    let server = Server::start(|path| match path {
        "/" => {
            let links: String = (0..100).map(|n| format!("<a href=/{n}.png>x</a>")).collect();
            html(POLICY, &links)
        }
        _ => response("200 OK", &["Content-Type: image/png"], b"x"),
    });
    let ran = check(&server.url("/"), &["--max-pages", "3", "--no-robots"]);
    assert!(ran.out.contains("at least 71 more URLs were not fetched"), "{}", ran.out);
}

#[test]
fn redirects_are_followed_on_the_origin_alone() {
    let server = Server::start(|path| match path {
        "/" => html(
            POLICY,
            "<a href=/old>1</a><a href=/new/>2</a>\n<a href=/away>3</a>\n<a href=/file>4</a><a href=/circle>5</a><a href=/long/0>6</a>",
        ),
        "/old" => redirect("/new/#top"),
        "/new/" => html(POLICY, "<a href=here>7</a>"),
        "/new/here" => html(POLICY, "<script>a()</script>"),
        "/away" => redirect("https://other.example/"),
        "/file" => redirect("file:///etc/passwd"),
        "/circle" => redirect("/circle/2"),
        "/circle/2" => redirect("/circle"),
        path => match path.strip_prefix("/long/").and_then(|n| n.parse::<usize>().ok()) {
            Some(number) => redirect(&format!("{}", number + 1)),
            None => missing(),
        },
    });
    let ran = check(&server.url("/"), &[]);
    assert_eq!(ran.code, 2, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains(&server.url("/new/here:1:1")), "{}", ran.out);
    assert!(ran.out.contains("redirects to file:///etc/passwd, which no browser follows"), "{}", ran.out);
    assert!(ran.out.contains(&server.url("/:3:1")), "{}", ran.out);
    assert!(ran.err.contains("redirects in a circle"), "{}", ran.err);
    assert!(ran.err.contains("more than 10 redirects"), "{}", ran.err);
    assert_eq!(ran.err.matches("error: ").count(), 2, "{}", ran.err);
    let requests = server.requests();
    assert_eq!(requests.iter().filter(|path| *path == "/new/").count(), 1);
    let ran = check(&server.url("/away"), &[]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("redirects to another origin; check https://other.example/ instead"), "{}", ran.err);
    let ran = check(&server.url("/old"), &[]);
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
}

#[test]
fn what_is_not_answered_with_a_page_is_reported() {
    let server = Server::start(|path| match path {
        "/" => html(
            POLICY,
            "<a href=/gone>1</a>\n<a href=/broken>2</a><a href=/image>3</a><a href=/saved>4</a><a href=/untyped>5</a><a href=/none>6</a>",
        ),
        "/broken" => response("500 Oops", &["Content-Type: text/html"], b"x"),
        "/image" => response("200 OK", &["Content-Type: image/png"], b"\x89PNG\r\n"),
        "/saved" => response(
            "200 OK",
            &["Content-Type: text/html", "Content-Disposition: attachment; filename=a"],
            b"<script>a()</script>",
        ),
        "/untyped" => response("200 OK", &[], b"<script>a()</script>"),
        "/none" => response("204 No Content", &[], b""),
        _ => missing(),
    });
    let ran = check(&server.url("/"), &[]);
    assert_eq!(ran.code, 2);
    let gone = format!("warning[unchecked-page]: {} is answered with 404", server.url("/gone"));
    assert!(ran.out.contains(&gone), "{}", ran.out);
    assert!(ran.out.contains("/untyped comes without a Content-Type"), "{}", ran.out);
    assert!(ran.out.contains("2 warnings in 1 page"), "{}", ran.out);
    let broken = format!("{}: the server answers 500", server.url("/broken"));
    assert!(ran.err.contains(&broken), "{}", ran.err);
    assert_eq!(ran.err.matches("error: ").count(), 1, "{}", ran.err);
    for (path, message) in
        [("/gone", "is answered with 404"), ("/image", "is not a page"), ("/untyped", "comes without a Content-Type")]
    {
        let ran = check(&server.url(path), &[]);
        assert_eq!(ran.code, 2, "{path}");
        assert!(ran.err.contains(message), "{path}: {}", ran.err);
    }
}

#[test]
fn a_connection_that_fails_is_explained() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let ran = check(&format!("http://{closed}/"), &[]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("/: the server refused the connection; start it, or check the port"), "{}", ran.err);
    let server = Server::start(|_| missing());
    let ran = check(&server.url("/").replace("http:", "https:"), &[]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("does not speak TLS at this port"), "{}", ran.err);
    let server = Server::start(|_| Vec::new());
    let ran = check(&server.url("/"), &[]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("closed the connection before its response"), "{}", ran.err);
    for (url, message) in [
        ("http://www.example/", "plain http is only fetched from localhost"),
        ("https://a:b@www.example/", "has a user name or password"),
    ] {
        let ran = check(url, &[]);
        assert_eq!(ran.code, 2);
        assert!(ran.err.contains(message), "{}", ran.err);
    }
    let ran = check("http://localhost:1/", &["."]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("a site is checked by itself"), "{}", ran.err);
    let ran = check(".", &["--compare", "."]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("--compare is for a site that is fetched"), "{}", ran.err);
}

#[test]
fn a_body_that_is_cut_off_or_stalls_is_an_error() {
    let server = Server::start(|path| {
        match path {
        "/" => html(POLICY, "<a href=/short>1</a><a href=/chunked>2</a><a href=/stalled>3</a><a href=/bad>4</a><a href=/hangs>5</a>"),
        "/short" => b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100\r\n\r\n<script>a()</script>".to_vec(),
        "/hangs" => b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100\r\n\r\n<script>a()</script>".to_vec(),
        "/chunked" => b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n14\r\n<script>a()</script>\r\n".to_vec(),
        "/stalled" => {
            std::thread::sleep(Duration::from_millis(2500));
            Vec::new()
        }
        "/bad" => b"HTTP/1.1 200 OK\r\nContent-Security-Policy: img-src \x01\r\nContent-Type: text/html\r\nContent-Length: 1\r\n\r\nx".to_vec(),
        _ => missing(),
    }
    });
    let ran = check(&server.url("/"), &["--timeout", "1"]);
    assert_eq!(ran.code, 2);
    assert!(ran.out.contains("1 page, 0 inline resources, no findings"), "{}", ran.out);
    for (path, message) in [
        ("/short", "cannot be read: the server closed the connection before the end of the body"),
        ("/chunked", "cannot be read: the server closed the connection before the end of the body"),
        ("/hangs", "cannot be read: no more of the body within 1 s"),
        ("/stalled", "no response within 1 s; raise --timeout"),
    ] {
        let line = format!("{}: {message}", server.url(path));
        assert!(ran.err.contains(&line), "{line}: {}", ran.err);
    }
    assert!(ran.err.contains(&format!("{}: ", server.url("/bad"))), "{}", ran.err);
    assert_eq!(ran.err.matches("error: ").count(), 5, "{}", ran.err);
}

#[test]
fn a_page_is_read_as_its_content_type_says() {
    let server = Server::start(|path| {
        match path {
        "/" => html(POLICY, "<a href=/latin>1</a><a href=/xhtml>2</a><a href=/picture>3</a><iframe src=/framed></iframe>"),
        // The hash of the text in windows-1252.
        "/latin" => response(
            "200 OK",
            &["Content-Type: Text/HTML; Charset=\"windows-1252\"", "Content-Security-Policy: script-src 'sha256-obH+41fuq3dNpLpDgyczJQHR+oUMsAyNxzea3wBbRFA='; object-src 'none'; base-uri 'none'"],
            b"<meta charset=utf-8><script>a('\xe4')</script>",
        ),
        "/xhtml" => response(
            "200 OK",
            &["Content-Type: application/xhtml+xml", "Content-Security-Policy: script-src 'none'; base-uri 'none'"],
            b"<html xmlns='http://www.w3.org/1999/xhtml'><body><script>x()</script><title/><script>y()</script></body></html>",
        ),
        "/picture" | "/framed" => response(
            "200 OK",
            &["Content-Type: image/svg+xml", "Content-Security-Policy: script-src 'none'; base-uri 'none'"],
            b"<svg xmlns='http://www.w3.org/2000/svg'><script>z()</script></svg>",
        ),
        _ => missing(),
    }
    });
    let ran = check(&server.url("/"), &[]);
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
    for (place, expected) in
        [("/xhtml:1:50", true), ("/xhtml:1:78", true), ("/framed:1:41", true), ("/picture", false), ("/latin", false)]
    {
        assert_eq!(ran.out.contains(&server.url(place)), expected, "{place}: {}", ran.out);
    }
}

#[test]
fn a_nonce_that_two_responses_share_is_static() {
    let count = Arc::new(AtomicUsize::new(0));
    for (is_fresh, code) in [(true, 0), (false, 1)] {
        let count = Arc::clone(&count);
        let server = Server::start(move |path| {
            let number = if is_fresh { count.fetch_add(1, Ordering::SeqCst) } else { 0 };
            let nonce = format!("abcdefghijklmnopqrst{number:02}");
            let policy = format!("script-src 'nonce-{nonce}'; object-src 'none'; base-uri 'none'");
            match path {
                "/" => html(&policy, &format!("<script nonce={nonce}>a()</script>")),
                _ => missing(),
            }
        });
        let ran = check(&server.url("/"), &[]);
        assert_eq!(ran.code, code, "{}{}", ran.out, ran.err);
        assert_eq!(ran.out.contains("error[static-nonce]"), !is_fresh, "{}", ran.out);
    }
}

#[test]
fn a_hash_next_to_a_fresh_nonce_is_needed_on_any_page() {
    let count = AtomicUsize::new(0);
    let server = Server::start(move |path| {
        let number = count.fetch_add(1, Ordering::SeqCst);
        let policy = format!(
            "script-src 'nonce-abcdefghijklmnopqrst{number:02}' 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='; object-src 'none'; base-uri 'none'"
        );
        match path {
            "/" => html(&policy, "<a href=/b>b</a><a href=/c>c</a>"),
            "/b" => html(&policy, "<script>alert(1)</script>"),
            "/c" => html(&policy, "<script>alert(2)</script>"),
            _ => missing(),
        }
    });
    let ran = check(&server.url("/"), &[]);
    assert!(ran.out.contains("error[blocked-script]"), "{}", ran.out);
    assert!(!ran.out.contains("orphaned-hash"), "{}", ran.out);
}

#[test]
fn the_report_is_the_same_whenever_the_responses_come() {
    let server = Server::start(|path| {
        let number: u64 = path.trim_start_matches('/').parse().unwrap_or(0);
        std::thread::sleep(Duration::from_millis(number * 7919 % 23));
        let links: String = (1..30).map(|n| format!("<a href=/{}>x</a>", (number * 7 + n) % 40)).collect();
        html(POLICY, &format!("{links}<script>a({number})</script>"))
    });
    let reports: Vec<String> = ["human", "json", "sarif"]
        .iter()
        .flat_map(|format| {
            let run = || check(&server.url("/"), &["--format", format, "--max-pages", "25", "--no-robots"]).out;
            let (one, other) = (run(), run());
            assert_eq!(one, other);
            [one]
        })
        .collect();
    assert!(reports[0].contains("25 errors, 1 warning in 25 pages"), "{}", reports[0]);
    let sarif: serde_json::Value = serde_json::from_str(&reports[2]).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let uris = results.iter().map(|result| &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]);
    assert!(uris.filter(|uri| uri.as_str().unwrap().starts_with("http://127.0.0.1:")).count() >= 25);
}

#[test]
fn pages_are_compared_with_the_built_ones() {
    const OPEN: &str = "script-src 'unsafe-inline'; object-src 'none'; base-uri 'none'";
    let site = folder(&[
        ("dist/index.html", "<script>a()</script><style>b {}</style>\n<script>c()</script>"),
        ("dist/same.html", "<script nonce=abcdefghijklmnopqrstuv>a()</script>"),
        ("dist/folder/index.html", "<p onclick='d(1)'></p><script>e()</script>"),
    ]);
    let server = Server::start(|path| match path {
        "/base/" => html(
            OPEN,
            "<script>a()</script><script>added()</script>\n<style>b { }</style><script>c()</script><a href=same>1</a><a href=folder/>2</a><a href=new>3</a>",
        ),
        "/base/same" => html(OPEN, "<p><script>a()</script>"),
        "/base/folder/" => html(OPEN, "<p onclick='d(2)'></p>"),
        "/base/new" => html(OPEN, ""),
        _ => html(OPEN, "<script>gone()</script>"),
    });
    let args = ["check", &server.url("/base/"), "--compare", "dist", "--allow", "weak-unsafe-inline"];
    let ran = run(site.path(), &args);
    let base = server.url("");
    let out = ran.out.replace(&base, "SITE");
    assert_eq!(ran.code, 0, "{out}{}", ran.err);
    for expected in [
        "warning[changed-inline]: this script is not in dist/index.html\n--> SITE/base/:1:21\n",
        "this style is not as in dist/index.html:1:21: from line 1, column 4 of its text on it has \" }\", not \"}\"\n--> SITE/base/:2:1\n",
        "this event handler is not as in dist/folder/index.html:1:4: from line 1, column 3 of its text on it has \"2)\", not \"1)\"\n--> SITE/base/folder/:1:4\n",
        "the script of dist/folder/index.html:1:23 is not sent\n--> SITE/base/folder/:1:1\n",
        "no page was built for this URL, so there was nothing to compare it with\n--> SITE/base/new:1:1\n",
    ] {
        assert!(out.contains(expected), "{expected}: {out}");
    }
    assert!(out.contains("5 warnings in 5 pages"), "{out}");
}

#[test]
fn a_built_file_is_no_folder_to_compare_with() {
    let site = folder(&[("a.html", "")]);
    let server = Server::start(|_| html(POLICY, ""));
    let ran = run(site.path(), &["check", &server.url("/"), "--compare", "a.html"]);
    assert_eq!(ran.code, 2);
    let message = "--compare takes the folder of the built site, and a.html is a file";
    assert!(ran.err.contains(message), "{}", ran.err);
}

#[test]
fn the_policies_of_a_page_are_those_of_its_own_response() {
    const FIRST: &str = "Content-Security-Policy: default-src 'self'";
    const SECOND: &str = "Content-Security-Policy: img-src 'self'";
    let server = Server::start(|path| {
        let headers: &[&str] = match path {
            "/" => &["Content-Type: text/html", FIRST],
            "/several" => &["Content-Type: text/html", FIRST, SECOND],
            "/empty" => &["Content-Type: text/html", "Content-Security-Policy: "],
            _ => return missing(),
        };
        response("200 OK", headers, b"<a href=/several>x</a><a href=/empty>x</a>")
    });
    let ran = check(&server.url("/"), &[]);
    let out = ran.out.replace(&server.url(""), "SITE");
    let several = "several policies govern this page (2 of its response), and what runs must be allowed by each\n--> SITE/several:1:1";
    assert!(out.contains(several), "{out}");
    let none = "no policy governs this page, so whatever is injected into it runs\n--> SITE/empty:1:1";
    assert!(out.contains(none), "{out}");
}

#[cfg(unix)]
#[test]
fn nothing_is_quoted_from_a_built_page_outside() {
    let outside = folder(&[("index.html", "<script>canary()</script>")]);
    let site = folder(&[("own/index.html", "<script>canary()</script>")]);
    std::os::unix::fs::symlink(outside.path(), site.path().join("dist")).unwrap();
    let server = Server::start(|path| match path {
        "/" => html(POLICY, "<script>cats()</script>"),
        _ => missing(),
    });
    for (built, is_quoted) in [("own", true), ("dist", false)] {
        let args = ["check", &server.url("/"), "--compare", built];
        let ran = run(site.path(), &args);
        assert!(ran.out.contains("from line 1, column 3 of its text on"), "{}", ran.out);
        assert_eq!(ran.out.contains("nary()"), is_quoted, "{}", ran.out);
    }
}

#[test]
fn the_error_page_is_judged_if_it_has_a_policy() {
    const HASH: &str =
        "script-src 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='; object-src 'none'; base-uri 'none'";
    for (status, has_policy, expected) in [
        ("404 Not Found", true, "2 pages, 1 inline resource, no findings"),
        ("404 Not Found", false, "warning[orphaned-hash]"),
        ("200 OK", true, "2 pages, 1 inline resource, no findings"),
        ("500 Oops", true, "warning[orphaned-hash]"),
    ] {
        let server = Server::start(move |path| match path {
            "/" => html(HASH, "x"),
            "/robots.txt" | "/sitemap.xml" => missing(),
            _ => {
                let policy = format!("Content-Security-Policy: {HASH}");
                let headers = ["Content-Type: text/html", &policy];
                let headers = &headers[..1 + usize::from(has_policy)];
                response(status, headers, b"<script>alert(1)</script>")
            }
        });
        let ran = check(&server.url("/"), &[]);
        assert_eq!(ran.code, 0, "{status}: {}{}", ran.out, ran.err);
        assert!(ran.out.contains(expected), "{status}: {}", ran.out);
    }
}

#[test]
fn nothing_is_an_orphan_where_pages_were_left_out() {
    for (link, is_reported) in [("/gone", true), ("/login", false), ("/broken", false)] {
        let server = Server::start(move |path| match path {
            "/" => html(
                "script-src 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='; object-src 'none'; base-uri 'none'",
                &format!("<a href={link}>x</a>"),
            ),
            "/login" => response("401 Unauthorized", &[], b""),
            "/broken" => response("502 Bad Gateway", &[], b""),
            _ => missing(),
        });
        let ran = check(&server.url("/"), &[]);
        let orphaned = ran.out.contains("warning[orphaned-hash]");
        assert_eq!(orphaned, is_reported, "{link}: {}", ran.out);
    }
}

/// Serves HTTPS by a certificate for localhost that the system does not know; its file in PEM.
fn https() -> (u16, String) {
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivatePkcs8KeyDer::from(signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key.into())
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let config = Arc::clone(&config);
            std::thread::spawn(move || {
                use std::io::{Read as _, Write as _};
                let connection = rustls::ServerConnection::new(config).unwrap();
                let mut tls = rustls::StreamOwned::new(connection, stream.unwrap());
                let mut request = [0; 4096];
                let Ok(len) = tls.read(&mut request) else {
                    return;
                };
                let answer = match request[..len].starts_with(b"GET / ") {
                    true => html(POLICY, "<script>a()</script>"),
                    false => missing(),
                };
                let _ = tls.write_all(&answer);
                tls.conn.send_close_notify();
                let _ = tls.flush();
            });
        }
    });
    let pem = format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", STANDARD.encode(cert.der()));
    (port, pem)
}

#[test]
fn a_certificate_that_is_not_trusted_is_explained() {
    let (port, pem) = https();
    let url = format!("https://localhost:{port}/");
    let ran = check(&url, &[]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("the server's certificate is not trusted"), "{}", ran.err);
    assert_eq!(ran.err.matches("error: ").count(), 1, "{}", ran.err);
    let trusted = folder(&[("authority.pem", &pem)]);
    let output = std::process::Command::new(PROGRAM)
        .args(["check", &url])
        .current_dir(trusted.path())
        .env("SSL_CERT_FILE", trusted.path().join("authority.pem"))
        .output()
        .unwrap();
    let out = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{out}{}", String::from_utf8_lossy(&output.stderr));
    assert!(out.contains("error[blocked-script]"), "{out}");
}

#[test]
fn style_sheets_and_scripts_of_the_server_are_read_for_what_they_ask_for() {
    let answer = |path: &str| match path {
        "/" => html(
            "default-src 'self'",
            "<!doctype html><link rel=stylesheet href='/a.css?one'><link rel=stylesheet href=/gone.css>\
             <link rel=stylesheet href=/broken.css><link rel=stylesheet href=/hidden/c.css><script type=module src=/m.js></script>\
             <link rel=stylesheet href=/away.css><a href=/b>b</a>",
        ),
        "/b" => html(
            "default-src 'self'",
            "<!doctype html><link rel=stylesheet href='/a.css?one'><link rel=stylesheet href='/a.css?two'>",
        ),
        "/a.css?one" => redirect("/sub/one.css"),
        "/sub/one.css" => response(
            "200 OK",
            &["Content-Type: text/css; charset=windows-1252"],
            b"/* \xE9 */ @import 'in.css';\np { background: url(https://one.test/\xE9.png) }",
        ),
        "/sub/in.css" => response("200 OK", &["Content-Type: text/css"], b"p { background: url(https://in.test/) }"),
        "/a.css?two" => response("200 OK", &["Content-Type: text/css"], b"p { background: url(https://two.test/) }"),
        "/m.js" => response("200 OK", &["Content-Type: text/javascript"], b"import 'https://js.test/x.js'"),
        "/broken.css" => response("500 Oops", &[], b""),
        "/away.css" => redirect("https://other.test/x.css"),
        "/robots.txt" => response("200 OK", &["Content-Type: text/plain"], b"User-agent: *\nDisallow: /hidden/"),
        _ => missing(),
    };
    let server = Server::start(answer);
    let ran = check(&server.url("/"), &["--notes"]);
    let out = ran.out.replace(&server.url(""), "SITE");
    for (message, place) in [
        ("images of https://one.test by default-src: 1 use on 2 pages", "SITE/sub/one.css:2:17"),
        ("images of https://in.test by default-src: 1 use on 2 pages", "SITE/sub/in.css:1:17"),
        ("images of https://two.test by default-src: 1 use on 1 page", "SITE/a.css?two:1:17"),
        ("scripts of https://js.test by default-src: 1 use on 1 page", "SITE/m.js:1:8"),
        ("[missing-file]: no file of the site answers /gone.css: 1 use on 1 page", "SITE/:1:55"),
        (
            "[unread-file]: the file of /broken.css was not read, so what it asks for is unknown: the server answers 500",
            "SITE/:1:91",
        ),
        ("/hidden/c.css was not read, so what it asks for is unknown: robots.txt disallows it", "SITE/:1:129"),
        ("style sheets of https://other.test by default-src: 1 use on 1 page", "SITE/:1:208"),
    ] {
        let found = out.find(message).unwrap_or_else(|| panic!("{message}: {out}"));
        let at = out[found..].lines().nth(1).unwrap();
        assert_eq!(at.trim(), format!("--> {place}"), "{message}");
    }
    assert!(!out.contains("--follow"), "{out}");
    let asked = server.requests();
    assert!(!asked.contains(&"/hidden/c.css".to_owned()), "{asked:?}");
    let css: Vec<_> = asked.iter().filter(|path| path.contains("/a.css?one")).collect();
    assert_eq!(css.len(), 1, "{asked:?}");
}

#[test]
fn requests_that_the_server_redirects_to_another_origin_are_judged_there() {
    let answer = |policy: &'static str| {
        move |path: &str| match path {
            "/" => html(
                policy,
                "<!doctype html><link rel=stylesheet href=/r.css>\n<script src=/r.js></script>\n<iframe src=/f#x></iframe>\n<object data=/g></object><img src=/r.js>",
            ),
            "/r.css" => redirect("https://css.test/x.css"),
            "/r.js" => redirect("/s.js"),
            "/s.js" => redirect("https://js.test/x.js"),
            "/f" => redirect("/g"),
            "/g" => redirect("https://frame.test/"),
            _ => missing(),
        }
    };
    let server = Server::start(answer("default-src 'self'"));
    let ran = check(&server.url("/"), &["--notes"]);
    let out = ran.out.replace(&server.url(""), "SITE");
    for (message, help, place) in [
        ("style sheets of https://css.test", "; the server redirects /r.css there\n", "SITE/:1:16"),
        ("scripts of https://js.test", "; the server redirects /r.js there\n", "SITE/:2:1"),
        ("frames of https://frame.test", "; the server redirects /f there\n", "SITE/:3:9"),
        ("objects of https://frame.test", "; the server redirects /g there\n", "SITE/:4:9"),
    ] {
        let found = out.find(message).unwrap_or_else(|| panic!("{message}: {out}"));
        let at = out[found..].lines().nth(1).unwrap();
        assert_eq!(at.trim(), format!("--> {place}"), "{message}");
        assert!(out.contains(help), "{help}: {out}");
    }
    // What an object shows is a frame, too.
    assert_eq!(out.matches("error[").count(), 5, "{out}");
    assert!(!out.contains("unread-file"), "{out}");
    // Behind a redirect no path counts.
    let server = Server::start(answer(
        "default-src 'self'; style-src 'self' https://css.test/other/; script-src 'self' https://js.test/y.js; frame-src 'self' https://frame.test; object-src 'self' https://frame.test",
    ));
    let ran = check(&server.url("/"), &[]);
    assert_eq!(ran.out.matches("error[").count(), 0, "{}", ran.out);
    // Browsers send nothing that is blocked before.
    let server = Server::start(answer("default-src 'none'"));
    let ran = check(&server.url("/"), &[]);
    assert!(!ran.out.contains(".test"), "{}", ran.out);
}

#[test]
fn a_page_of_the_server_that_forbids_frames_is_found_in_one() {
    let server = Server::start(|path| match path {
        "/" => html(
            "default-src 'self'",
            "<!doctype html><iframe src=/in?a#b></iframe>\n<iframe src=/old></iframe>\n<iframe src=/free></iframe>",
        ),
        "/in?a" | "/new.html" => html("default-src 'self'; frame-ancestors 'none'", "<p>in"),
        "/old" => redirect("/new.html"),
        "/free" => html("default-src 'self'; frame-ancestors 'self'", "<p>in"),
        _ => missing(),
    });
    let ran = check(&server.url("/"), &[]);
    let out = ran.out.replace(&server.url(""), "SITE");
    let message = "blocks frames of the site itself by frame-ancestors";
    assert_eq!(out.matches(message).count(), 1, "{out}");
    assert!(out.contains("frame-ancestors, which says who may frame its pages: 2 uses on 1 page\n"), "{out}");
    assert_eq!(ran.code, 1);
}
