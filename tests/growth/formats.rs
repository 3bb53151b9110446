//! Every output format, for pages and for hashes.

use std::fs;
use std::path::Path;

use cspseal::target::{Scope, TARGETS, Target};

use crate::measure::{LARGEST, arguments, check, check_all, hash, numbered, site};

fn names(which: impl Fn(&Target) -> bool) -> impl Iterator<Item = &'static str> {
    let targets = TARGETS.iter().filter(move |target| which(target));
    targets.map(|target| target.name())
}

#[test]
fn a_policy_for_each_page() {
    fn print(folder: &Path, format: &str, n: usize) -> Vec<String> {
        site(folder, n / 40);
        let words = format!("hash --unsafe-hashes --format {format} --scope page site --policy");
        let mut args = arguments(&words);
        args.push("default-src 'self'".to_owned());
        args
    }
    let pages = names(|target| target.scopes.contains(&Scope::Page));
    let inventories = names(|target| target.scopes.is_empty());
    let all = pages.chain(inventories);
    check_all(LARGEST, all.map(|name| (name.to_owned(), move |at: &Path, n| print(at, name, n))));
}

#[test]
fn a_policy_with_many_hashes() {
    fn print(folder: &Path, format: &str, n: usize) -> Vec<String> {
        let scripts = numbered(n / 8, |i| format!("<script>{i}</script>"));
        hash(folder, "a.html", scripts);
        arguments(&format!("hash --format {format} a.html"))
    }
    // A policy that is too long for browsers is made once more for each page, so both sizes are below that.
    check_all(8_000, names(|_| true).map(|name| (name.to_owned(), move |at: &Path, n| print(at, name, n))));
}

/// A policy into a file that holds other things.
#[test]
fn policies_in_files_with_much_else() {
    fn print(folder: &Path, format: &str, text: &str) -> Vec<String> {
        fs::write(folder.join("file"), text).unwrap();
        hash(folder, "a.html", "<script>a</script>".to_owned());
        arguments(&format!("hash --format {format} --preset self a.html --into file"))
    }
    let block = |format: &str| TARGETS.iter().find(|t| t.name() == format)?.comment;
    let with_comment = || names(|target| target.comment.is_some());
    check_all(
        LARGEST,
        with_comment()
            .map(|name| (format!("lines of {name}"), move |at: &Path, n| print(at, name, &"x = (1\n".repeat(16 * n)))),
    );
    check_all(
        LARGEST,
        with_comment().map(|name| {
            let comment = block(name).unwrap();
            (format!("blocks of {name}"), move |at: &Path, n| {
                print(at, name, &format!("{comment} cspseal begin\n{comment} cspseal end\n").repeat(n))
            })
        }),
    );
}

/// JSON files that hold much else, or many rules of ours that go.
#[test]
fn policies_in_json_files() {
    const FORMATS: [(&str, &str, &str); 3] = [
        ("vercel", "headers", "\"source\":\"/((?:a"),
        ("firebase", "headers", "\"regex\":\"^/(?:a"),
        ("azure-swa", "routes", "\"route\":\"/a"),
    ];
    fn print(folder: &Path, format: &str, members: &str) -> Vec<String> {
        let text = match format {
            "firebase" => format!("{{\"hosting\":{{{members}}}}}"),
            _ => format!("{{{members}}}"),
        };
        fs::write(folder.join("file"), text).unwrap();
        hash(folder, "a.html", "<script>a</script>".to_owned());
        arguments(&format!("hash --format {format} --preset self a.html --into file"))
    }
    fn rule(format: &str, begin: &str, i: usize) -> String {
        let name = "Content-Security-Policy";
        match format {
            "azure-swa" => {
                format!("{{{begin}{i}\",\"methods\":[\"GET\",\"HEAD\"],\"headers\":{{\"{name}\":\"img-src a\"}}}}")
            }
            "vercel" => format!("{{{begin}{i}))\",\"headers\":[{{\"key\":\"{name}\",\"value\":\"img-src a\"}}]}}"),
            _ => format!("{{{begin}{i})$\",\"headers\":[{{\"key\":\"{name}\",\"value\":\"img-src a\"}}]}}"),
        }
    }
    check_all(
        LARGEST,
        FORMATS.map(|(format, ..)| {
            (format!("members of {format}"), move |at: &Path, n| {
                print(at, format, &listed(n, |i| format!("\"k{i}\":1")))
            })
        }),
    );
    check_all(
        LARGEST,
        FORMATS.map(|(format, list, begin)| {
            (format!("rules of ours in {format}"), move |at: &Path, n| {
                let rules = listed(n, |i| rule(format, begin, i));
                print(at, format, &format!("\"{list}\":[{rules}]"))
            })
        }),
    );
    check_all(
        LARGEST,
        FORMATS.map(|(format, list, begin)| {
            let name = format!("all but each fiftieth rule, of ours in {format}");
            (name, move |at: &Path, n| {
                let rules = listed(n, |i| match i % 50 {
                    1.. => rule(format, begin, i),
                    0 => "{\"route\":\"/x*\",\n\"headers\":[]}".to_owned(),
                });
                let rules = match format {
                    "azure-swa" => rules.replace("[]", "{}"),
                    _ => rules,
                };
                print(at, format, &format!("\"{list}\":[{rules}]"))
            })
        }),
    );
}

/// JSON values with commas between them.
fn listed(n: usize, value: impl Fn(usize) -> String) -> String {
    let values: Vec<String> = (0..n).map(value).collect();
    values.join(",")
}

#[test]
fn a_policy_that_stands_in_a_file() {
    check(&[("sources of the base and of the file", |at, n| {
        let hosts = |name: &str| numbered(n, |i| format!(" https://{name}{i}.example"));
        let rule = format!("{{\"key\":\"Content-Security-Policy\",\"value\":\"img-src{}\"}}", hosts("a"));
        let file = format!("{{\"headers\":[{{\"source\":\"/(.*)\",\"headers\":[{rule}]}}]}}");
        fs::write(at.join("file"), file).unwrap();
        fs::write(at.join("base.txt"), format!("img-src{}", hosts("b"))).unwrap();
        hash(at, "a.html", "<script>a</script>".to_owned());
        arguments("hash --format vercel --policy-file base.txt a.html --into file")
    })]);
}
