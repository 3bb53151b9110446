//! Folders, links in them, and what is written into them.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::measure::{arguments, check, site};

#[test]
fn walking_folders() {
    check(&[
        ("pages", |at, n| {
            site(at, n / 40);
            arguments("hash site")
        }),
        ("folders", |at, n| {
            for i in 0..n / 40 {
                fs::create_dir_all(at.join(format!("site/f{i}"))).unwrap();
                fs::write(at.join(format!("site/f{i}/index.html")), "<script>a</script>").unwrap();
            }
            arguments("hash site")
        }),
        ("folders in folders", |at, n| {
            let mut folder = at.join("site");
            // The system takes paths of 4,096 bytes.
            for _ in 0..(n / 40).min(1_900) {
                folder.push("f");
            }
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join("index.html"), "<script>a</script>").unwrap();
            arguments("hash site")
        }),
        ("links to pages", |at, n| {
            site(at, 1);
            links(at, n / 40, |i| format!("site/l{i}.html"));
            arguments("hash site")
        }),
        ("links to pages that are followed", |at, n| {
            site(at, 1);
            links(at, n / 40, |i| format!("site/l{i}.html"));
            arguments("hash --follow site")
        }),
        ("links that lead nowhere", |at, n| {
            site(at, 1);
            for i in 0..n / 40 {
                symlink("nowhere.html", at.join(format!("site/l{i}.html"))).unwrap();
            }
            arguments("hash --follow site")
        }),
        ("links to folders that are followed", |at, n| {
            site(at, 1);
            fs::create_dir(at.join("other")).unwrap();
            fs::write(at.join("other/a.html"), "<script>a</script>").unwrap();
            for i in 0..n / 40 {
                symlink("../other", at.join(format!("site/l{i}"))).unwrap();
            }
            arguments("hash --follow site")
        }),
        ("links to links", |at, n| {
            site(at, 1);
            symlink("p0.html", at.join("site/l0.html")).unwrap();
            // The system follows 40.
            for i in 1..n / 40 {
                symlink(format!("l{}.html", (i - 1) % 39), at.join(format!("site/l{i}.html"))).unwrap();
            }
            arguments("hash --follow site")
        }),
        ("what killed runs left", |at, n| {
            site(at, 1);
            for i in 0..n / 40 {
                fs::write(at.join(format!("site/.cspseal-{i:016x}")), "").unwrap();
                fs::write(at.join(format!("site/.cspseal-{i:016x}-0")), "").unwrap();
            }
            arguments("nonce --value {{a}} --template jinja --write site")
        }),
        ("files that are no pages", |at, n| {
            site(at, 1);
            for i in 0..n / 40 {
                fs::write(at.join(format!("site/a{i}.txt")), "a").unwrap();
            }
            arguments("nonce --value {{a}} --template jinja -o copy site")
        }),
        ("pages that cannot be read", |at, n| {
            site(at, 1);
            for i in 0..n / 40 {
                fs::write(at.join(format!("site/a{i}.html")), "\u{feff}\0").unwrap();
                fs::write(at.join(format!("site/a{i}.html")), b"\xfe\xff<").unwrap();
            }
            arguments("nonce --value {{a}} --template jinja --write site")
        }),
    ]);
}

fn links(folder: &Path, n: usize, name: impl Fn(usize) -> String) {
    for i in 0..n {
        symlink("p0.html", folder.join(name(i))).unwrap();
    }
}
