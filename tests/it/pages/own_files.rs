//! What the site's own style sheets and manifests ask for, read from the files that answer their URLs.

use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Ran, folder, run};

const BASE: [&str; 2] = ["--policy", "default-src 'self'"];

/// A site whose pages share a style sheet, which imports others.
fn site() -> TempDir {
    folder(&[
        ("site/a/x.html", "<!doctype html><link rel=stylesheet href=/css/a.css>"),
        ("site/index.html", "<!doctype html><link rel=stylesheet href='css/a.css?v=1'><link rel=manifest href=m.json>"),
        ("site/other.html", "<!doctype html><p>none"),
        (
            "site/css/a.css",
            "@import 'sub/b%20c.css';\n@import url(//cdn.test/z.css);\np { background: url(https://img.test/1.png) }\n\
             q { background: url(https://img.test/2.png) }\n@font-face { font-family: f; src: url(data:font/woff2,x) }",
        ),
        ("site/css/sub/b c.css", "@import '../a.css';\np { background: url(https://sub.test/3.png) }"),
        ("site/m.json", "{\n \"icons\": [{ \"src\": \"https://icons.test/i.png\" }, { \"src\": \"m.json\" }, 1]\n}"),
    ])
}

/// The findings of a run, each with its place.
fn findings(ran: &Ran) -> Vec<(String, String)> {
    let lines: Vec<&str> = ran.err.lines().chain(ran.out.lines()).collect();
    let starts = lines.windows(2).filter(|lines| lines[1].trim_start().starts_with("--> "));
    let pairs = starts.map(|lines| {
        let place = lines[1].trim_start().trim_start_matches("--> ");
        (lines[0].to_owned(), place.to_owned())
    });
    pairs.collect()
}

#[test]
fn own_style_sheets_and_manifests_are_judged_once_for_all_pages() {
    let site = site();
    let blocked = |what: &str, code: &str, by: &str, count: &str| {
        format!("error[{code}]: the policy blocks {what} by {by}: {count}")
    };
    let mut expected = vec![
        (
            blocked("style sheets of https://cdn.test", "blocked-stylesheet", "default-src", "1 use on 2 pages"),
            "site/css/a.css:2:9",
        ),
        (
            blocked("images of https://img.test", "blocked-image", "default-src", "2 uses on 2 pages"),
            "site/css/a.css:3:17",
        ),
        (blocked("fonts in data: URLs", "blocked-font", "default-src", "1 use on 2 pages"), "site/css/a.css:5:35"),
        (
            blocked("images of https://sub.test", "blocked-image", "default-src", "1 use on 2 pages"),
            "site/css/sub/b c.css:2:17",
        ),
        (
            blocked("images of https://icons.test", "blocked-image", "default-src", "1 use on 1 page"),
            "site/m.json:2:22",
        ),
    ];
    expected.sort();
    for command in ["check", "hash"] {
        let ran = run(site.path(), &[&[command, "site"], &BASE[..]].concat());
        assert_eq!(ran.code, 1, "{command}");
        let mut found = findings(&ran);
        found.retain(|(message, _)| message.starts_with("error"));
        found.sort();
        let found: Vec<_> = found.iter().map(|(message, place)| (message.clone(), &**place)).collect();
        assert_eq!(found, expected, "{command}");
    }
    let added = run(site.path(), &[&["hash", "--external", "site"], &BASE[..]].concat());
    assert_eq!(
        (added.code, added.out.trim_end()),
        (
            0,
            "default-src 'self'; style-src 'self' https://cdn.test; font-src 'self' data:; img-src 'self' https://icons.test https://img.test https://sub.test"
        )
    );
    let policy = added.out.trim_end();
    let checked = run(site.path(), &["check", "--policy", policy, "site"]);
    assert_eq!(checked.code, 0, "{}", checked.out);
}

#[test]
fn a_page_has_the_sources_of_its_own_style_sheets() {
    let site = site();
    let print = |args: &[&str]| {
        let ran = run(site.path(), &[args, &BASE[..], &["--external", "--format", "json"]].concat());
        let json: Value = serde_json::from_str(&ran.out).unwrap();
        (ran.out, json)
    };
    let (text, json) = print(&["hash", "site"]);
    let policies = json["pages"].as_array().unwrap().iter();
    let policies: Vec<_> = policies.map(|page| page["policy"].as_str().unwrap()).collect();
    assert_eq!(
        policies,
        [
            "default-src 'self'; style-src 'self' https://cdn.test; font-src 'self' data:; img-src 'self' https://img.test https://sub.test",
            "default-src 'self'; style-src 'self' https://cdn.test; font-src 'self' data:; img-src 'self' https://icons.test https://img.test https://sub.test",
            "default-src 'self'",
        ]
    );
    // An inventory keeps what follows from a resource.
    fs::write(site.path().join("part.json"), &text).unwrap();
    let (_, merged) = print(&["merge", "part.json"]);
    for part in ["policy", "resources", "pages"] {
        assert_eq!(merged[part], json[part], "{part}");
    }
    let cut = text.replacen("\"resources\":[3,", "\"resources\":[", 1);
    assert_ne!(cut, text);
    fs::write(site.path().join("part.json"), cut).unwrap();
    let refused = run(site.path(), &[&["merge", "part.json"], &BASE[..]].concat());
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("was something cut out?"), "{}", refused.err);
}

#[test]
fn several_slashes_are_one_as_on_servers() {
    let page = "<!doctype html><link rel=stylesheet href='d//a.css'><link rel=stylesheet href='d///b.css'>";
    let sheet = "p { background: url(https://img.test/) }";
    let site = folder(&[("site/a.html", page), ("site/d/a.css", sheet)]);
    let ran = run(site.path(), &[&["hash"], &BASE[..], &["site"]].concat());
    let found: Vec<_> = findings(&ran).into_iter().map(|(found, _)| found).collect();
    let blocked = "error[blocked-image]: the policy blocks images of https://img.test by default-src: 1 use on 1 page";
    let missing = "note[missing-file]: no file of the site answers /d///b.css";
    assert_eq!(found, [missing, blocked], "{}", ran.err);
}

#[test]
fn a_url_without_a_file_is_a_note() {
    let site = folder(&[
        (
            "site/docs/index.html",
            "<!doctype html><img src=none.png><img src=none.png><img src=/there.png><script src=/docs/gone.js></script>\
             <img src=https://other.test/x.png><form action=/search></form><iframe src=page></iframe><iframe src=/docs/></iframe>\
             <link rel=stylesheet href='%2e%2e/%2e%2e/secret.css'><link rel=stylesheet href='..%2f..%2fsecret.css'>\
             <link rel=stylesheet href=.git/a.css>",
        ),
        ("site/docs/page.html", "<!doctype html><p>a"),
        ("site/docs/.git/a.css", "p { background: url(https://git.test/) }"),
        ("site/there.png", ""),
        ("secret.css", "p { background: url(https://secret.test/) }"),
    ]);
    let note = |url: &str| format!("note[missing-file]: no file of the site answers {url}");
    let policy = "default-src 'self' https://other.test";
    for (args, counted) in [(&["hash"][..], false), (&["check", "--notes"], true)] {
        let ran = run(site.path(), &[args, &["--policy", policy, "site"]].concat());
        let missing = findings(&ran).into_iter().map(|(message, _)| message);
        let missing: Vec<_> = missing.filter(|message| message.contains("[missing-file]")).collect();
        let uses = |count: &str| match counted {
            true => format!(": {count} on 1 page"),
            false => String::new(),
        };
        assert_eq!(
            missing,
            [
                note("/docs/none.png") + &uses("2 uses"),
                note("/docs/gone.js") + &uses("1 use"),
                note("/secret.css") + &uses("1 use"),
            ],
            "{args:?}: {}{}",
            ran.out,
            ran.err
        );
        assert_eq!(ran.code, 0);
        assert!(!format!("{}{}", ran.out, ran.err).contains("secret.test"));
    }
    // Below a path the same URLs are those of other files.
    let below = run(
        site.path(),
        &["check", "--notes", "--policy", policy, "--site-url", "https://example.com/docs/", "site/docs"],
    );
    assert!(below.out.contains("answers /docs/none.png: 2 uses"), "{}", below.out);
    assert!(!below.out.contains("answers /there.png"), "{}", below.out);
}

#[test]
fn the_style_sheets_of_pages_that_are_named_are_read_from_the_working_folder() {
    let site = folder(&[
        (
            "public/index.html",
            "<!doctype html><link rel=stylesheet href=a.css><link rel=stylesheet href=/none.css><img src=none.png>",
        ),
        ("public/a.css", "p { background: url(https://img.test/) }"),
    ]);
    let ran = run(site.path(), &[&["check", "--notes", "public/index.html"], &BASE[..]].concat());
    assert!(ran.out.contains("images of https://img.test by default-src: 1 use on 1 page"), "{}", ran.out);
    assert!(
        ran.out.contains("the file of /none.css was not found from the page, so what it asks for is unknown"),
        "{}",
        ran.out
    );
    assert!(!ran.out.contains("none.png:"), "{}", ran.out);
}

#[cfg(unix)]
#[test]
fn a_style_sheet_that_cannot_be_read_is_a_warning() {
    let site = folder(&[
        (
            "site/index.html",
            "<!doctype html><link rel=stylesheet href=link.css><link rel=stylesheet href=pipe.css>\
             <link rel=stylesheet href=long.css><link rel=stylesheet href=folder.css>",
        ),
        ("elsewhere/a.css", "p { background: url(https://linked.test/) }"),
        ("site/folder.css/a", ""),
    ]);
    let at = |name: &str| site.path().join(name);
    std::os::unix::fs::symlink("../elsewhere/a.css", at("site/link.css")).unwrap();
    let made = std::process::Command::new("mkfifo").arg(at("site/pipe.css")).status();
    assert!(made.unwrap().success());
    let long = fs::File::create(at("site/long.css")).unwrap();
    long.set_len((32 << 20) + 1).unwrap();
    for command in ["check", "hash"] {
        let ran = run(site.path(), &[&[command, "site"], &BASE[..]].concat());
        let said = format!("{}{}", ran.out, ran.err);
        for (name, why) in [
            ("link.css", "a symbolic link leads there, which was not followed"),
            ("pipe.css", "it is not a regular file"),
            ("folder.css", "it is not a regular file"),
            ("long.css", "it is longer than 32 MiB"),
        ] {
            let warning = format!(
                "warning[unread-file]: the file of /{name} was not read, so what it asks for is unknown: {why}"
            );
            assert!(said.contains(&warning), "{command} {name}: {said}");
        }
        assert!(!said.contains("linked.test"), "{said}");
        let follows = run(site.path(), &[&[command, "--follow", "site"], &BASE[..]].concat());
        let said = format!("{}{}", follows.out, follows.err);
        assert_eq!(follows.code, 1);
        // Nothing of a file that a link leads to from elsewhere is shown.
        assert!(said.contains("error[blocked-image]: An image that the policy blocks"), "{said}");
        assert!(!said.contains("linked.test"), "{said}");
    }
}

#[test]
fn the_number_of_style_sheets_that_import_each_other_is_limited() {
    let sheets = (0..1001).map(|i| {
        let host = if i == 1000 { "p { background: url(https://far.test/) }" } else { "" };
        (format!("site/{i}.css"), format!("@import '{}.css';{host}", i + 1))
    });
    let sheets: Vec<(String, String)> = sheets.collect();
    let page = "<!doctype html><link rel=stylesheet href=0.css>";
    let mut files = vec![("site/index.html", page), ("site/1001.css", "")];
    files.extend(sheets.iter().map(|(name, text)| (&**name, &**text)));
    let site = folder(&files);
    for command in ["check", "hash"] {
        let ran = run(site.path(), &[&[command, "site"], &BASE[..]].concat());
        let said = format!("{}{}", ran.out, ran.err);
        assert!(
            said.contains("warning[unread-file]: /0.css leads to 1000 style sheets or more, or they have more than 20000 imports; what the others ask for is unknown"),
            "{command}: {said}"
        );
    }
}

#[test]
fn files_for_use_count_for_the_pages_that_use_them() {
    let svg = |text: &str| format!("<svg xmlns='http://www.w3.org/2000/svg'>{text}</svg>");
    let icons = "<svg><use href='s.svg#a' /><use xlink:href='/s.svg#b' /><use href='https://use.test/a.svg#x' /></svg>";
    let files = [
        ("site/a.html", format!("<!doctype html>{icons}")),
        ("site/b.html", format!("<!doctype html>{icons}{icons}")),
        (
            "site/s.svg",
            svg(
                "<symbol id='a'><image href='https://img.test/1.png'/><rect style='fill:red' onclick='a()'/></symbol>\n\
                 <use href='d/t.svg#c'/><use href='https://other.test/t.svg#c'/><script href='https://script.test/'/>",
            ),
        ),
        ("site/d/t.svg", svg("<g id='c'><image href='../own.png'/><use href='../s.svg#a'/></g>")),
        ("site/own.png", String::new()),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, &**text)).collect();
    let site = folder(&files);
    let blocked = "the policy blocks images of https://img.test by default-src: 1 use on 2 pages";
    let attributes = "note[unknown-dependencies]: /s.svg has `style` attributes or event handlers";
    for command in ["check", "hash"] {
        let args = [&[command, "site", "--notes"][..], &BASE].concat();
        let args: Vec<&str> = match command {
            "hash" => args.into_iter().filter(|it| *it != "--notes").collect(),
            _ => args,
        };
        let ran = run(site.path(), &args);
        let said = format!("{}{}", ran.out, ran.err);
        assert!(said.contains(blocked), "{command}: {said}");
        assert!(said.contains(attributes), "{command}: {said}");
        assert_eq!(said.matches("error[").count(), 1, "{command}: {said}");
    }
    let external = [&["hash", "site", "--external"][..], &BASE].concat();
    let made = run(site.path(), &external);
    assert_eq!(made.out.trim_end(), "default-src 'self'; img-src 'self' https://img.test");
    let json = [&external[..], &["--format", "json"]].concat();
    fs::write(site.path().join("part.json"), run(site.path(), &json).out).unwrap();
    let merged = run(site.path(), &[&["merge", "--external", "part.json"][..], &BASE].concat());
    assert_eq!(merged.out, made.out);
    assert!(merged.err.contains(attributes), "{}", merged.err);
}

#[test]
fn documents_that_pages_frame_are_pages() {
    let svg = |text: &str| {
        format!("<svg xmlns='http://www.w3.org/2000/svg' xmlns:h='http://www.w3.org/1999/xhtml'>{text}</svg>")
    };
    let files = [
        (
            "site/index.html",
            "<!doctype html><iframe src=img/a.svg></iframe><object data=/b.xhtml></object><img src=c.svg>".to_owned(),
        ),
        ("site/img/a.svg", svg("<script>a()</script><h:iframe src='../d.svg'/><image href='https://img.test/'/>")),
        ("site/b.xhtml", "<html xmlns='http://www.w3.org/1999/xhtml'><script>b()</script></html>".to_owned()),
        ("site/c.svg", svg("<script>c()</script>")),
        ("site/d.svg", svg("<script>d()</script><h:iframe src='/img/a.svg'/>")),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, &**text)).collect();
    let site = folder(&files);
    let policy = "default-src 'self'; frame-ancestors 'self'";
    let checked = run(site.path(), &["check", "--policy", policy, "site"]);
    let found = findings(&checked).into_iter();
    let mut found: Vec<_> =
        found.map(|(message, place)| (message.split(':').next().unwrap().to_owned(), place)).collect();
    found.sort();
    let script = |place: &str| ("error[blocked-script]".to_owned(), place.to_owned());
    assert_eq!(
        found,
        [
            ("error[blocked-image]".to_owned(), "site/img/a.svg:1:133".to_owned()),
            script("site/b.xhtml:1:44"),
            script("site/d.svg:1:80"),
            script("site/img/a.svg:1:80"),
        ],
        "{}",
        checked.out
    );
    let hashed = run(site.path(), &["hash", "--external", "--policy", policy, "--format", "json", "site"]);
    let json: Value = serde_json::from_str(&hashed.out).unwrap();
    let pages = json["pages"].as_array().unwrap().iter();
    let pages: Vec<_> = pages.map(|page| page["site_path"].as_str().unwrap()).collect();
    assert_eq!(pages, ["index.html", "b.xhtml", "img/a.svg", "d.svg"]);
    let policy = json["policy"].as_str().unwrap();
    let again = run(site.path(), &["check", "--policy", policy, "site"]);
    assert_eq!(again.code, 0, "{}", again.out);
    let left = run(site.path(), &["check", "--policy", policy, "--exclude", "img/*", "site"]);
    assert!(left.out.contains("2 pages"), "{}", left.out);
    fs::write(site.path().join("part.json"), &hashed.out).unwrap();
    let merged = run(site.path(), &["merge", "--external", "--policy", policy, "part.json"]);
    assert_eq!(merged.out.trim_end(), policy, "{}", merged.err);
}
