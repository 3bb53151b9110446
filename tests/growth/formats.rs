//! Every output format, for pages and for hashes.

use std::fs;
use std::path::Path;

use cspseal::target::{Scope, TARGETS, Target};

use crate::measure::{LARGEST, arguments, check_all, hash, numbered, site};

fn names(which: impl Fn(&dyn Target) -> bool) -> impl Iterator<Item = &'static str> {
    let targets = TARGETS.iter().filter(move |target| which(**target));
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
    let pages = names(|target| target.support().scopes.contains(&Scope::Page));
    let inventories = names(|target| target.support().scopes.is_empty());
    let all = pages.chain(inventories);
    check_all(
        LARGEST,
        all.map(|name| (name.to_owned(), move |at: &Path, n| print(at, name, n))),
    );
}

#[test]
fn a_policy_with_many_hashes() {
    fn print(folder: &Path, format: &str, n: usize) -> Vec<String> {
        let scripts = numbered(n / 8, |i| format!("<script>{i}</script>"));
        hash(folder, "a.html", scripts);
        arguments(&format!("hash --format {format} a.html"))
    }
    // A policy that is too long for browsers is made once more for each page, so both sizes are below that.
    check_all(
        8_000,
        names(|_| true).map(|name| (name.to_owned(), move |at: &Path, n| print(at, name, n))),
    );
}

/// A policy into a file that holds other things.
#[test]
fn policies_in_files_with_much_else() {
    fn print(folder: &Path, format: &str, text: &str) -> Vec<String> {
        fs::write(folder.join("file"), text).unwrap();
        hash(folder, "a.html", "<script>a</script>".to_owned());
        arguments(&format!(
            "hash --format {format} --preset self a.html --into file"
        ))
    }
    let block = |format: &str| {
        TARGETS
            .iter()
            .find(|t| t.name() == format)?
            .support()
            .comment
    };
    let with_comment = || names(|target| target.support().comment.is_some());
    check_all(
        LARGEST,
        with_comment().map(|name| {
            (format!("lines of {name}"), move |at: &Path, n| {
                print(at, name, &"x = (1\n".repeat(16 * n))
            })
        }),
    );
    check_all(
        LARGEST,
        with_comment().map(|name| {
            let comment = block(name).unwrap();
            (format!("blocks of {name}"), move |at: &Path, n| {
                print(
                    at,
                    name,
                    &format!("{comment} cspseal begin\n{comment} cspseal end\n").repeat(n),
                )
            })
        }),
    );
}
