//! How the time of a run grows with its input: four times as much takes at most five times as long, and there is an answer.
//!
//! Each case runs the command on an input of size n and on one of 4n, side by side, so that a machine that is slow or busy is so for
//! both. What counts is the processor's time of the process, the least of a few runs. Linear gives 4 and less, quadratic 16.

#![cfg(all(feature = "cli", unix))]
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::{TimeVal, TimeValLike as _};

/// The most that four times the input may cost, in parts of what the input does.
const MOST: f64 = 5.0;
/// What a run of size n must take at least, lest the start of the program counts for most; n doubles until it does.
const LEAST: Duration = Duration::from_millis(30);
/// Where n no longer doubles: what is refused at once takes as long at any size.
const LARGEST: usize = 160_000;
/// How often both sizes are run before they count as grown too much.
const TRIES: usize = 15;

/// The arguments of a run of some size, after the input for it was put into the folder.
type Case = fn(&Path, usize) -> Vec<String>;

fn arguments(words: &str) -> Vec<String> {
    words.split(' ').map(str::to_owned).collect()
}

/// The processor's time of one run, and its exit code.
fn run(case: Case, n: usize) -> (Duration, i32) {
    let folder = tempfile::tempdir().unwrap();
    let args = case(folder.path(), n);
    let before = children();
    let status = Command::new(env!("CARGO_BIN_EXE_cspseal"))
        .args((!args.contains(&"--config".to_owned())).then_some("--no-config"))
        .args(&args)
        .current_dir(folder.path())
        // One thread, so that nothing depends on how many processors are idle.
        .env("RAYON_NUM_THREADS", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    let code = status.code();
    assert!(
        matches!(code, Some(0..=2)),
        "{args:?} of size {n}: {status}"
    );
    (children() - before, code.unwrap_or_default())
}

/// The processor's time of the children that have ended.
fn children() -> Duration {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap();
    let time = |spent: TimeVal| Duration::from_micros(spent.num_microseconds().unsigned_abs());
    time(usage.user_time()) + time(usage.system_time())
}

/// Runs a case at n and 4n until the growth is small enough, and says the least that was measured.
fn growth(name: &str, case: Case, mut n: usize) -> f64 {
    let mut small = run(case, n).0;
    while small < LEAST && n < LARGEST {
        n *= 2;
        small = run(case, n).0;
    }
    let mut large = run(case, 4 * n).0;
    let ratio =
        |small: Duration, large: Duration| large.as_secs_f64() / small.max(LEAST).as_secs_f64();
    let mut tries = 1;
    while ratio(small, large) > MOST && tries < TRIES {
        // Noise only ever adds, so the least of several runs is nearest to the truth. Both are measured again.
        small = small.min(run(case, n).0);
        large = large.min(run(case, 4 * n).0);
        tries += 1;
    }
    let ratio = ratio(small, large);
    println!(
        "{name}: {n} in {small:?}, {} in {large:?}, {ratio:.1} times, {tries} tries",
        4 * n
    );
    ratio
}

/// Held while children run.
static ALONE: Mutex<()> = Mutex::new(());

/// Runs cases one after the other: what the children take is known only for all of them together.
fn check(cases: &[(&str, Case)]) {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let grown: Vec<String> = cases
        .iter()
        .map(|(name, case)| (name, growth(name, *case, 4_000)))
        .filter(|(_, ratio)| *ratio > MOST)
        .map(|(name, ratio)| format!("{name}: {ratio:.1} times for 4 times the input"))
        .collect();
    assert!(grown.is_empty(), "{grown:#?}");
}

/// Hashes a page.
fn hash(folder: &Path, name: &str, page: String) -> Vec<String> {
    fs::write(folder.join(name), page).unwrap();
    arguments(&format!("hash --unsafe-hashes {name}"))
}

fn numbered(n: usize, one: impl Fn(usize) -> String) -> String {
    (0..n).map(one).collect()
}

/// Behind much for which the tree is not needed, what needs it.
const SVG: &str = "<svg><style>";

#[test]
fn hashing_nested_elements() {
    check(&[
        ("div", |at, n| {
            hash(at, "a.html", "<div>".repeat(8 * n) + SVG)
        }),
        ("b and i", |at, n| {
            hash(at, "a.html", "<b><i>".repeat(4 * n) + SVG)
        }),
        ("different fonts", |at, n| {
            let fonts = numbered(n, |i| format!("<p><font size={i}>x"));
            hash(at, "a.html", fonts + SVG)
        }),
        ("svg", |at, n| {
            hash(at, "a.html", "<svg><g>".repeat(4 * n) + "<style>")
        }),
        ("cells", |at, n| {
            hash(at, "a.html", "<table><tr><td>".repeat(n))
        }),
        ("templates", |at, n| {
            hash(at, "a.html", "<template><tr>".repeat(n))
        }),
        ("selects", |at, n| {
            hash(at, "a.html", "<select><option>".repeat(4 * n))
        }),
        ("framesets", |at, n| {
            hash(at, "a.html", "<frameset><frame>".repeat(n))
        }),
        ("anchors", |at, n| {
            hash(at, "a.html", "<a><div>".repeat(2 * n) + "<svg>")
        }),
        ("end tags of nothing", |at, n| {
            hash(at, "a.html", "<span>".repeat(n) + &"</x>".repeat(n) + SVG)
        }),
        ("tables deep inside", |at, n| {
            hash(
                at,
                "a.html",
                "<div>".repeat(n) + &"<table></table><svg></svg>".repeat(n),
            )
        }),
        ("styles deep in svg", |at, n| {
            hash(
                at,
                "a.html",
                format!("<svg>{}{}", "<g>".repeat(n), "<style></style>".repeat(n)),
            )
        }),
        ("noscript deep inside", |at, n| {
            hash(
                at,
                "a.html",
                // Without a declaration a page of up to 1 MiB is read otherwise than a longer one.
                "<meta charset=utf-8>".to_owned()
                    + &"<div>".repeat(n)
                    + &"<noscript><p></noscript>".repeat(n),
            )
        }),
        ("XML elements", |at, n| {
            hash(
                at,
                "a.svg",
                format!("<svg>{}</svg>", "<g a='b'></g>".repeat(n)),
            )
        }),
        ("XML prefixes", |at, n| {
            let declared = numbered(n / 4, |i| format!("xmlns:a{i}='u' "));
            let used = numbered(n / 4, |i| format!("a{i}:x='' "));
            hash(at, "a.svg", format!("<g {declared}{used}/>"))
        }),
    ]);
}

#[test]
fn hashing_long_tags_and_texts() {
    check(&[
        ("attributes", |at, n| {
            hash(
                at,
                "a.html",
                format!("<p onclick=a {}>", numbered(n, |i| format!("on{i}=x "))),
            )
        }),
        ("XML attributes", |at, n| {
            hash(
                at,
                "a.svg",
                format!("<p {}/>", numbered(n, |i| format!("a{i}='x' "))),
            )
        }),
        ("attributes of the body", |at, n| {
            let body = format!("<body {}>", numbered(n, |i| format!("on{i}=x ")));
            hash(at, "a.html", body + &"<noscript></noscript>".repeat(n))
        }),
        ("an attribute", |at, n| {
            hash(
                at,
                "a.html",
                format!("<p onclick='{}'>", "a &amp; ".repeat(8 * n)),
            )
        }),
        ("an attribute that never ends", |at, n| {
            hash(at, "a.html", format!("<p onclick='{}", "a".repeat(400 * n)))
        }),
        ("a doctype that never ends", |at, n| {
            hash(at, "a.html", format!("<!doctype {}", "a".repeat(400 * n)))
        }),
        ("a srcdoc", |at, n| {
            hash(
                at,
                "a.html",
                format!("<iframe srcdoc='{}'>", "&lt;p onclick=a>".repeat(n)),
            )
        }),
        ("a data: URL", |at, n| {
            hash(
                at,
                "a.html",
                format!("<iframe src='data:text/html,{}'>", "%3Cp%3E".repeat(4 * n)),
            )
        }),
        ("dashes in a comment", |at, n| {
            hash(at, "a.html", "<!--".to_owned() + &"--".repeat(16 * n))
        }),
        ("comments in a script", |at, n| {
            hash(
                at,
                "a.html",
                "<script>".to_owned() + &"<!--<script>".repeat(4 * n),
            )
        }),
        ("ends of nothing in a script", |at, n| {
            hash(
                at,
                "a.html",
                "<script>".to_owned() + &"</script".repeat(4 * n),
            )
        }),
        ("scripts", |at, n| {
            // One that says nothing of its encoding is looked through for that first if it is longer than 64 KiB, as the large one
            // is and the small one is not.
            let scripts = numbered(n / 4, |i| format!("<script>{i}</script>"));
            hash(at, "a.html", "<meta charset=utf-8>".to_owned() + &scripts)
        }),
        ("a meta", |at, n| {
            let content = "charset ".repeat(n);
            hash(
                at,
                "a.html",
                format!("<meta http-equiv=content-type content='{content}'>é"),
            )
        }),
        ("declarations of a DTD", |at, n| {
            let all = numbered(n / 4, |i| format!("<!ATTLIST x a{i} CDATA 'x'>"));
            hash(at, "a.svg", format!("<!DOCTYPE x [{all}]><x/>"))
        }),
    ]);
}

/// Looks at a template with that text n times.
fn template(folder: &Path, dialect: &str, before: &str, text: &str, n: usize) -> Vec<String> {
    fs::write(folder.join("a.html"), before.to_owned() + &text.repeat(n)).unwrap();
    arguments(&format!(
        "nonce --value r4nd0m --check --template {dialect} a.html"
    ))
}

#[test]
fn nonces_in_templates() {
    check(&[
        ("blocks of Django", |at, n| {
            template(at, "django", "", "{% if a %}<style>", n)
        }),
        ("literal blocks of Django", |at, n| {
            template(at, "django", "", "{% verbatim %}{% if a %}", n)
        }),
        ("openings of Jinja", |at, n| {
            template(at, "jinja", "", "{%", 4 * n)
        }),
        ("strings of Jinja", |at, n| {
            template(at, "jinja", "", "{{ 'a ", n)
        }),
        ("openings of Liquid", |at, n| {
            template(at, "liquid", "", "{{", 4 * n)
        }),
        ("strings of Go", |at, n| template(at, "go", "", "{{ ` ", n)),
        ("sections of Handlebars", |at, n| {
            template(at, "handlebars", "", "{{#a}}", n)
        }),
        ("comments of Handlebars", |at, n| {
            template(at, "handlebars", "", "{{!-- ", n)
        }),
        ("delimiters of Mustache", |at, n| {
            template(at, "mustache", "", "{{=<% %>=}}", n)
        }),
        ("openings of ERB", |at, n| {
            template(at, "erb", "", "<%= ' ", n)
        }),
        ("heredocs of PHP", |at, n| {
            template(at, "php", "<?php ", "<<<A\n", n)
        }),
        ("echoes of Blade", |at, n| {
            template(at, "blade", "", "{!! ", n)
        }),
        ("blocks of Razor", |at, n| {
            template(at, "razor", "", "@if(a){<p>", n)
        }),
        ("expressions of Thymeleaf", |at, n| {
            template(at, "thymeleaf", "", "[[${a", n)
        }),
        ("code in a tag", |at, n| {
            template(at, "jinja", "<script ", "{{ a }} ", n)
        }),
        ("code in a srcdoc", |at, n| {
            template(at, "jinja", "<iframe srcdoc='", "{{ a }}<style></style>", n)
        }),
        ("branches in a script", |at, n| {
            template(at, "jinja", "<script>{{ a }}", "<script ", 2 * n)
        }),
    ]);
}

/// Checks a page under what is deployed.
fn deployed(folder: &Path, name: &str, content: String) -> Vec<String> {
    fs::create_dir_all(folder.join("site")).unwrap();
    fs::write(folder.join("site/index.html"), "<script>a()</script>").unwrap();
    fs::write(folder.join(name), content).unwrap();
    arguments(&format!("check --deployed {name} site"))
}

const RULE: &str = "{\"key\":\"Content-Security-Policy\",\"value\":\"script-src 'self'\"}";

#[test]
fn checking_under_policies() {
    fn policy(folder: &Path, policy: String, page: String) -> Vec<String> {
        fs::write(folder.join("policy.txt"), policy).unwrap();
        fs::write(folder.join("a.html"), page).unwrap();
        arguments("check --policy-file policy.txt a.html")
    }
    fn hashes(n: usize) -> String {
        numbered(n, |i| format!(" 'sha256-{i:043}='"))
    }
    check(&[
        ("hashes", |at, n| {
            policy(
                at,
                format!("script-src{}", hashes(n / 2)),
                "<script>a</script>".into(),
            )
        }),
        ("hashes and scripts", |at, n| {
            let page = numbered(n / 8, |i| format!("<script>{i}</script>"));
            policy(at, format!("script-src{}", hashes(n / 8)), page)
        }),
        ("hosts", |at, n| {
            let hosts = numbered(n / 8, |i| format!(" https://h{i}.example"));
            policy(
                at,
                format!("script-src{hosts}"),
                "<script>a</script>".into(),
            )
        }),
        ("policies", |at, n| {
            policy(at, "script-src a,".repeat(n), "<script>a</script>".into())
        }),
        ("policies in the page", |at, n| {
            let metas = "<meta http-equiv=content-security-policy content=\"script-src 'self'\">";
            policy(
                at,
                "img-src a".into(),
                metas.repeat(n) + "<script>a</script>",
            )
        }),
        ("rules of _headers", |at, n| {
            deployed(
                at,
                "_headers",
                numbered(n / 20, |i| {
                    format!("/a{i}/*\n  Content-Security-Policy: script-src x\n")
                }),
            )
        }),
        ("rules of vercel.json", |at, n| {
            let rules = numbered(n / 20, |i| {
                format!("{{\"source\":\"/a{i}\",\"headers\":[{RULE}]}},")
            });
            deployed(
                at,
                "vercel.json",
                format!("{{\"headers\":[{}]}}", rules.trim_end_matches(',')),
            )
        }),
        ("rules of netlify.toml", |at, n| {
            let rule = |i| {
                format!(
                    "[[headers]]\nfor = '/a{i}'\n[headers.values]\nContent-Security-Policy = 'script-src x'\n"
                )
            };
            deployed(at, "netlify.toml", numbered(n / 20, rule))
        }),
        ("braces of firebase.json", |at, n| {
            let braces = format!("{}b{}", "{a,".repeat(n), "}".repeat(n));
            let json = format!(
                "{{\"hosting\":{{\"headers\":[{{\"source\":\"{braces}\",\"headers\":[{RULE}]}}]}}}}"
            );
            deployed(at, "firebase.json", json)
        }),
        ("nested JSON", |at, n| {
            deployed(at, "vercel.json", "{\"headers\":".repeat(8 * n))
        }),
        ("nested TOML", |at, n| {
            deployed(at, "netlify.toml", "a=".to_owned() + &"[".repeat(8 * n))
        }),
    ]);
}

/// A page with one rule of its own for each of n pages.
fn ruled(folder: &Path, n: usize, name: &str, rules: impl Fn(usize) -> String) -> Vec<String> {
    fs::create_dir_all(folder.join("site")).unwrap();
    for page in 0..n {
        fs::write(folder.join(format!("site/p{page}.html")), "<p>").unwrap();
    }
    fs::write(folder.join(name), rules(n)).unwrap();
    arguments(&format!("check --deployed {name} site"))
}

fn json_rules(n: usize, source: impl Fn(usize) -> String) -> String {
    let rule = |i| format!("{{\"source\":\"{}\",\"headers\":[{RULE}]}},", source(i));
    let rules = numbered(n, rule);
    format!("\"headers\":[{}]", rules.trim_end_matches(','))
}

#[test]
fn checking_pages_under_rules() {
    fn headers(n: usize, path: impl Fn(usize) -> String) -> String {
        numbered(n, |i| {
            format!("{}\n  Content-Security-Policy: script-src x\n", path(i))
        })
    }
    check(&[
        ("paths of _headers", |at, n| {
            ruled(at, n / 40, "_headers", |n| {
                headers(n, |i| format!("/p{i}.html"))
            })
        }),
        ("beginnings in _headers", |at, n| {
            ruled(at, n / 40, "_headers", |n| {
                headers(n, |i| format!("/p{i}/*"))
            })
        }),
        ("ends in _headers", |at, n| {
            ruled(at, n / 40, "_headers", |n| {
                headers(n, |i| format!("/*/q{i}.html"))
            })
        }),
        ("one path in _headers", |at, n| {
            ruled(at, n / 40, "_headers", |n| headers(n, |_| "/*".to_owned()))
        }),
        ("paths of vercel.json", |at, n| {
            ruled(at, n / 40, "vercel.json", |n| {
                format!("{{{}}}", json_rules(n, |i| format!("/p{i}.html")))
            })
        }),
        ("names in vercel.json", |at, n| {
            ruled(at, n / 40, "vercel.json", |n| {
                format!("{{{}}}", json_rules(n, |i| format!("/p{i}/:a")))
            })
        }),
        ("what is left out in vercel.json", |at, n| {
            ruled(at, n / 40, "vercel.json", |n| {
                format!("{{{}}}", json_rules(n, |i| format!("/((?!q{i}).*)")))
            })
        }),
        ("globs of firebase.json", |at, n| {
            ruled(at, n / 40, "firebase.json", |n| {
                format!(
                    "{{\"hosting\":{{{}}}}}",
                    json_rules(n, |i| format!("**/q{i}.html"))
                )
            })
        }),
        ("beginnings in netlify.toml", |at, n| {
            let rule = |i| {
                format!(
                    "[[headers]]\nfor = '/p{i}/*'\n[headers.values]\nContent-Security-Policy = 'script-src x'\n"
                )
            };
            ruled(at, n / 40, "netlify.toml", |n| numbered(n, rule))
        }),
    ]);
}

#[test]
fn checking_scripts_under_sources() {
    fn policy(folder: &Path, policy: String, page: String) -> Vec<String> {
        fs::write(folder.join("policy.txt"), policy).unwrap();
        fs::write(folder.join("a.html"), page).unwrap();
        arguments("check --policy-file policy.txt a.html")
    }
    fn scripts(n: usize) -> String {
        numbered(n, |i| format!("<script src=//e{i}.test/></script>"))
    }
    check(&[
        ("hosts", |at, n| {
            let hosts = numbered(n / 16, |i| format!(" h{i}.test"));
            policy(at, format!("script-src{hosts}"), scripts(n / 16))
        }),
        ("paths", |at, n| {
            let hosts = numbered(n / 16, |i| format!(" e1.test/{i}"));
            let page = numbered(n / 16, |i| format!("<script src=//e1.test/a{i}></script>"));
            policy(at, format!("script-src{hosts}"), page)
        }),
        ("wildcards and ports", |at, n| {
            let hosts = numbered(n / 16, |i| format!(" *.h{i}.test e1.test:{i}"));
            policy(at, format!("script-src{hosts}"), scripts(n / 16))
        }),
        ("schemes", |at, n| {
            let schemes = numbered(n / 16, |i| format!(" x{i}: x{i}://e1.test"));
            policy(at, format!("script-src{schemes}"), scripts(n / 16))
        }),
        ("nonces", |at, n| {
            let nonces = numbered(n / 16, |i| format!(" 'nonce-{i:022}'"));
            let page = numbered(n / 16, |i| format!("<script nonce=x{i}>{i}</script>"));
            policy(at, format!("script-src{nonces}"), page)
        }),
        ("hashes of files", |at, n| {
            let hash = |i: usize| format!("sha256-{i:043}=");
            let hashes = numbered(n / 16, |i| format!(" '{}'", hash(i)));
            let script = |i| format!("<script src=//e{i}.test/ integrity={}></script>", hash(i));
            policy(at, format!("script-src{hashes}"), numbered(n / 16, script))
        }),
        ("hashes of a file", |at, n| {
            let hash = |i: usize| format!("sha256-{i:043}=");
            let hashes = numbered(n / 16, |i| format!(" '{}'", hash(i)));
            let all = numbered(n / 16, |i| hash(i) + " ");
            let page = format!("<script src=//e.test/ integrity='{all}'></script>");
            policy(at, format!("script-src{hashes}"), page)
        }),
        ("directives in a meta", |at, n| {
            let content = numbered(n / 4, |i| format!("x{i} a;script-src a;"));
            let meta = format!("<meta http-equiv=content-security-policy content=\"{content}\">");
            policy(at, "img-src a".into(), meta + "<script>a</script>")
        }),
        ("findings", |at, n| {
            let page = numbered(n / 8, |i| format!("<script>{i}</script>\n"));
            policy(at, "script-src 'none'".into(), page)
        }),
        ("attributes of a script", |at, n| {
            let page = format!(
                "<script nonce=a {}>a</script>",
                numbered(n, |i| format!("a{i}=x "))
            );
            policy(at, "script-src 'nonce-a'".into(), page)
        }),
    ]);
}

#[test]
fn refusing_invalid_policies() {
    fn policy(folder: &Path, policy: String) -> Vec<String> {
        fs::write(folder.join("policy.txt"), policy).unwrap();
        hash(folder, "a.html", "<p>".to_owned());
        arguments("hash --policy-file policy.txt a.html")
    }
    fn config(folder: &Path, config: String) -> Vec<String> {
        fs::write(folder.join("cspseal.toml"), config).unwrap();
        hash(folder, "a.html", "<p>".to_owned());
        arguments("hash --config cspseal.toml a.html")
    }
    check(&[
        ("directives twice", |at, n| {
            policy(at, "script-src 'self';".repeat(n))
        }),
        ("commas", |at, n| policy(at, "script-src 'self',".repeat(n))),
        ("hashes", |at, n| {
            policy(at, format!("script-src{}", " 'sha256-a'".repeat(n)))
        }),
        ("unknown directives", |at, n| {
            policy(at, numbered(n, |i| format!("x{i} a;\n")))
        }),
        ("'none' beside others", |at, n| {
            policy(at, format!("script-src{}", " 'none'".repeat(n)))
        }),
        ("open quotes", |at, n| {
            policy(at, format!("script-src{}", " 'a".repeat(n)))
        }),
        ("keys", |at, n| {
            let keys = numbered(n, |i| format!("x{i} = [\"a\"]\n"));
            config(at, format!("[policy]\n{keys}"))
        }),
        ("sources", |at, n| {
            let sources = numbered(n, |i| format!("\"'a{i}\", "));
            config(at, format!("[policy]\nscript-src = [{sources}]\n"))
        }),
    ]);
}

#[test]
fn merging_inventories() {
    fn inventory(folder: &Path, n: usize) {
        fs::create_dir(folder.join("site")).unwrap();
        for page in 0..n {
            let text = format!("<script>{page}</script><style>{page}</style>");
            fs::write(folder.join(format!("site/{page}.html")), text).unwrap();
        }
        let mut command = Command::new(env!("CARGO_BIN_EXE_cspseal"));
        command
            .args(["hash", "--format", "json", "site", "-o", "a.json"])
            .current_dir(folder);
        assert!(command.status().unwrap().success());
    }
    check(&[
        ("pages", |at, n| {
            inventory(at, n / 40);
            arguments("merge --format json a.json")
        }),
        ("a policy for each page", |at, n| {
            inventory(at, n / 40);
            let mut args = arguments("merge --format nginx --scope page a.json --policy");
            args.push("default-src 'self'".to_owned());
            args
        }),
        ("hashes of one inline on many pages", |at, n| {
            let n = n / 40;
            let hash = |i| format!("\"sha256-{i:043}=\",");
            let hashes = numbered(n, hash);
            let page = |i| {
                format!(
                    "{{\"path\":\"{i:09}\",\"site_path\":\"{i:09}\",\"policy\":\"\",\"inlines\":[{{\"inline\":0,\"line\":1,\"column\":1,\"nested\":[]}}],\"nonced\":[]}},"
                )
            };
            let pages = numbered(n, page);
            let json = format!(
                "{{\"version\":1,\"generator\":\"x\",\"algorithm\":\"sha256\",\"policy\":\"\",\"inlines\":[{{\"kind\":\"javascript-url\",\"directive\":null,\"hashes\":[{}],\"bytes\":1,\"uses\":{n},\"pages\":{n},\"in_policy\":true,\"first\":{{\"path\":\"000000000\",\"line\":1,\"column\":1}}}}],\"pages\":[{}],\"findings\":[]}}",
                hashes.trim_end_matches(','),
                pages.trim_end_matches(',')
            );
            fs::write(at.join("a.json"), json).unwrap();
            arguments("merge --unsafe-hashes a.json")
        }),
        ("nested JSON", |at, n| {
            fs::write(
                at.join("a.json"),
                "{\"version\":1,\"x\":".to_owned() + &"[".repeat(40 * n),
            )
            .unwrap();
            arguments("merge a.json")
        }),
    ]);
}
