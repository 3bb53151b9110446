//! Several outputs, or several pages: all are replaced or none.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use crate::files::file_system::{Nobody, text, with_small_file_system};
use crate::support::folder;

const FIRST: &str = "[[output]]\nformat = 'header'\nfile = 'a.txt'\n";
const SECOND: &str = "[[output]]\nformat = 'header'\nfile = 'small/b.txt'\n";
const META: &str = "[[output]]\nformat = 'meta'\n";

fn scripts(count: usize) -> String {
    (0..count).map(|n| format!("<script>a({n})</script>\n")).collect()
}

#[test]
fn a_full_disk_leaves_every_file() {
    for (command, config) in [
        ("hash", format!("paths = ['site']\n{FIRST}{SECOND}")),
        ("hash", format!("paths = ['site', 'small']\n{FIRST}{META}")),
        ("nonce --write", "paths = ['site', 'small']\n[nonce]\nframework = 'flask'\n".to_owned()),
    ] {
        let page = scripts(5000);
        let folder = folder(&[
            ("site/index.html", &page),
            ("site/other.html", "<script>b()</script>"),
            ("a.txt", "old\n"),
            ("cspseal.toml", &config),
        ]);
        let script = format!(
            "cp site/index.html small/page.html; cp -r site before\necho old > small/b.txt\n\
             head -c 360000 /dev/zero > small/zero 2>/dev/null\n\
             $CSPSEAL {command} >/dev/null; echo code $?\n\
             cmp site/index.html small/page.html && diff -r site before && cat a.txt small/b.txt; ls -A small"
        );
        let Some(output) = with_small_file_system(folder.path(), &script) else {
            return;
        };
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(out, "code 2\nold\nold\nb.txt\npage.html\nzero\n", "{command}: {err}");
        assert!(err.contains("No space left on device"), "{command}: {err}");
        assert!(!err.contains("changed"), "{command}: {err}");
    }
}

#[test]
fn a_folder_that_cannot_be_written_to_leaves_every_file() {
    let Some(nobody) = Nobody::new() else { return };
    let at = |name: &str| nobody.folder.path().join(name);
    for folder in ["site/rw", "site/ro"] {
        fs::create_dir_all(at(folder)).unwrap();
        fs::set_permissions(at(folder), Permissions::from_mode(0o777)).unwrap();
    }
    let page = "<script>a()</script>";
    for name in ["site/rw/a.html", "site/ro/b.html", "site/rw/c.html"] {
        fs::write(at(name), page).unwrap();
        nobody.give(&at(name));
    }
    fs::set_permissions(at("site/ro"), Permissions::from_mode(0o555)).unwrap();
    for args in
        [&["nonce", "--framework", "flask", "--write", "site"][..], &["hash", "--format", "meta", "--write", "site"]]
    {
        let output = nobody.run(args).unwrap();
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
        assert!(said.contains("site/ro/b.html: "), "{said}");
        assert!(said.contains("no file was replaced"), "{said}");
        for name in ["site/rw/a.html", "site/ro/b.html", "site/rw/c.html"] {
            assert_eq!(fs::read_to_string(at(name)).unwrap(), page, "{args:?}");
        }
        assert_eq!(fs::read_dir(at("site/rw")).unwrap().count(), 2);
    }
}

#[test]
fn what_was_replaced_before_a_rename_failed_is_listed() {
    let folder = folder(&[
        ("site/a.html", "<script>a()</script>"),
        ("site/b.html", "<script>b()</script>"),
        ("site/c.html", "<script>c()</script>"),
        ("mounted", "<script>b()</script>"),
    ]);
    // A file that something is mounted on can be written to and not be replaced.
    let script = "mount --bind mounted site/b.html || exit 99\n\
                  $CSPSEAL --no-config nonce --framework flask --write site; echo code $?; ls -A site";
    let Some(output) = with_small_file_system(folder.path(), script) else {
        return;
    };
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(out, "code 2\na.html\nb.html\nc.html\n", "{err}");
    assert!(err.contains("replaced: site/a.html; not replaced: site/b.html, site/c.html"), "{err}");
    assert!(!err.contains("changed"), "{err}");
    let is_new = |name: &str| {
        let page = fs::read_to_string(folder.path().join(name)).unwrap();
        page.contains("nonce=")
    };
    assert!(is_new("site/a.html") && !is_new("site/b.html") && !is_new("site/c.html"));
}

#[test]
fn many_pages_need_few_descriptors() {
    let folder = folder(&[]);
    for n in 0..300 {
        let page = folder.path().join(format!("site/{n}/index.html"));
        fs::create_dir_all(page.parent().unwrap()).unwrap();
        fs::write(page, "<script>a()</script>").unwrap();
    }
    let script = "ulimit -n 40; \"$0\" nonce --no-config --framework flask --write site";
    let output = std::process::Command::new("sh")
        .args(["-c", script, crate::support::PROGRAM])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let said = text(&output.stderr);
    assert!(said.contains("300 nonces in 300 files changed"), "{said}");
    assert_eq!(fs::read_dir(folder.path().join("site/7")).unwrap().count(), 1);
}
