//! Files that are none, folders that are full or not to be written, and outputs that nobody takes: each ends with an error
//! that names it, the old content where it was.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::support::{PROGRAM, folder, run};

/// A page that becomes longer than what is held in memory.
fn long_page() -> String {
    "<script>a()</script>\n".repeat(15_000)
}

fn cspseal(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.arg("--no-config").args(args).current_dir(folder).stdin(Stdio::null());
    command
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_full_standard_output_is_an_error() {
    let folder = folder(&[("a.html", "<script>a()</script>")]);
    let policy = "script-src 'sha256-qVpDBgj7bpq5hMAcGp3AOc79J3Y1Z4HvySTwKrWDoy4='";
    for args in [
        &["hash", "a.html"][..],
        &["hash", "--format", "json", "a.html"],
        &["list", "a.html"],
        &["nonce", "--framework", "flask", "a.html"],
        &["check", "--policy", policy, "a.html"],
        &["check", "--policy", policy, "--format", "sarif", "a.html"],
        &["reports", "a.html"],
        &["formats"],
        &["explain", "no-policy"],
    ] {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = cspseal(folder.path(), args).stdout(full).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        let said = text(&output.stderr);
        assert!(said.contains("standard output cannot be written: No space left"), "{args:?}: {said}");
    }
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let page = File::open(folder.path().join("a.html")).unwrap();
    let mut filter = cspseal(folder.path(), &["nonce", "--framework", "flask", "-"]);
    let output = filter.stdin(page).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_pipe_that_is_closed_ends_the_run_in_peace() {
    let folder = folder(&[("a.html", &long_page())]);
    for args in [&["list", "a.html"][..], &["nonce", "--framework", "flask", "a.html"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = cspseal(folder.path(), args).stdout(writer).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{args:?}: {}", text(&output.stderr));
    }
}

#[test]
fn a_standard_error_that_nobody_takes_changes_no_exit_code() {
    let folder = folder(&[("a.html", "<p onclick=a()>")]);
    for (args, code) in [(&["hash", "a.html"][..], 1), (&["hash", "none.html"], 2), (&["hash", "-x"], 2)] {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = cspseal(folder.path(), args).stderr(full).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{args:?}");
    }
}

#[test]
fn devices_are_written_to_and_not_read_without_end() {
    let folder = folder(&[("a.html", "<script>a()</script>"), ("full.json", "{}")]);
    let ran = run(folder.path(), &["hash", "a.html", "-o", "/dev/null"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let ran = run(folder.path(), &["hash", "a.html", "-o", "/dev/full"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("/dev/full: cannot be written: No space left"), "{}", ran.err);
    for device in ["/dev/null", "/dev/zero", "/dev/full", "/dev/urandom"] {
        let ran = run(folder.path(), &["hash", device]);
        assert_eq!(ran.code, 2);
        assert!(ran.err.contains(&format!("{device}: is a device and no page")), "{}", ran.err);
    }
    for args in [
        &["hash", "--policy-file", "/dev/zero", "a.html"][..],
        &["hash", "--format", "nginx", "--into", "/dev/zero", "a.html"],
        &["merge", "/dev/zero"],
        &["reports", "/dev/zero"],
        &["check", "--deployed", "/dev/zero", "--deployed-as", "nginx", "a.html"],
        &["--config", "/dev/zero", "hash", "a.html"],
    ] {
        let ran = run(folder.path(), args);
        assert_eq!(ran.code, 2, "{args:?}");
        let said = "/dev/zero: cannot be read: is no regular file and gives more than 256 MiB";
        assert!(ran.err.contains(said), "{args:?}: {}", ran.err);
    }
    let ran = run(folder.path(), &["nonce", "--framework", "flask", "--write", "/dev/null"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("/dev/null: is no regular file"), "{}", ran.err);
}

#[test]
fn a_pipe_is_read_once_when_it_is_named_and_not_at_all_in_a_folder() {
    let folder = folder(&[("a.html", "<script>a()</script>")]);
    let pipe = folder.path().join("pipe.html");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let ran = run(folder.path(), &["hash", "."]);
    assert_eq!((ran.code, &*ran.err), (0, ""));

    let writer = std::thread::spawn(move || fs::write(pipe, "<p onclick=b()>"));
    let ran = run(folder.path(), &["hash", "pipe.html"]);
    writer.join().unwrap().unwrap();
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("pipe.html:1:4"), "{}", ran.err);
    assert!(ran.err.contains("onclick=b()"), "{}", ran.err);
}

/// Runs a shell script with a small file system of its own at `small`, or says that this cannot be.
pub(crate) fn with_small_file_system(folder: &Path, script: &str) -> Option<Output> {
    fs::create_dir(folder.join("small")).unwrap();
    let script = format!("mount -t tmpfs -o size=512k none small || exit 99\n{script}");
    let ways: [&[&str]; 2] = [&["--mount"], &["--mount", "--user", "--map-root-user"]];
    for way in ways {
        let mut unshare = Command::new("unshare");
        unshare.args(way).args(["sh", "-c", &script]).current_dir(folder);
        unshare.env("CSPSEAL", PROGRAM);
        let Ok(output) = unshare.output() else {
            continue;
        };
        if ran_at_all(&output) {
            return Some(output);
        }
    }
    println!("skipped: no small file system can be mounted here");
    None
}

fn ran_at_all(output: &Output) -> bool {
    output.status.code() != Some(99) && !text(&output.stderr).contains("unshare")
}

#[test]
fn a_full_disk_leaves_the_old_file() {
    for (args, file) in [
        ("nonce --framework flask --write small", "a.html"),
        ("hash --format meta --write small", "a.html"),
        ("hash --format json page.html -o small/out.json", "out.json"),
        ("hash --format json page.html -o small/new.json", "new.json"),
    ] {
        let scripts: String = (0..3000).map(|n| format!("<script>a({n})</script>\n")).collect();
        let folder = folder(&[("page.html", &scripts), ("a.html", &long_page())]);
        let script = format!(
            "cp a.html small\necho old > small/out.json\n\
             head -c 180000 /dev/zero > small/zero 2>/dev/null\n\
             $CSPSEAL --no-config {args} >/dev/null; echo code $?\n\
             cmp a.html small/a.html; cat small/out.json; ls -A small"
        );
        let Some(output) = with_small_file_system(folder.path(), &script) else {
            return;
        };
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(out, "code 2\nold\na.html\nout.json\nzero\n", "{args}: {err}");
        assert!(err.contains(&format!("small/{file}: ")), "{args}: {err}");
        assert!(err.contains("No space left on device"), "{args}: {err}");
    }
}

/// Where somebody without rights can run the program and who that is, or says that there is none.
pub(crate) struct Nobody {
    program: PathBuf,
    pub(crate) folder: tempfile::TempDir,
}

impl Nobody {
    pub(crate) fn new() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        let program = folder.path().join("cspseal");
        // Copied by this process, it could not be started while a child of another test has it open for writing, too.
        let copied = Command::new("cp").arg(PROGRAM).arg(&program).status();
        assert!(copied.unwrap().success());
        let nobody = Self { program, folder };
        let output = nobody.run(&["--version"]);
        if output.as_ref().is_none_or(|output| !output.status.success()) {
            println!("skipped: nobody else can run the program here");
            return None;
        }
        Some(nobody)
    }

    /// Makes a file theirs.
    pub(crate) fn give(&self, path: &Path) {
        // Refused unless root runs this; then it is theirs already.
        let _ = std::os::unix::fs::chown(path, Some(65534), Some(65534));
    }

    /// Runs it as a user who is not root: this one, or `nobody`.
    pub(crate) fn run(&self, args: &[&str]) -> Option<Output> {
        let probe = self.folder.path().join("probe");
        fs::write(&probe, "").unwrap();
        fs::set_permissions(&probe, Permissions::from_mode(0o000)).unwrap();
        let is_root = File::open(&probe).is_ok();
        let mut command = if is_root {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"]);
            command.arg(&self.program);
            command
        } else {
            Command::new(&self.program)
        };
        command.arg("--no-config").args(args).current_dir(self.folder.path());
        command.output().ok()
    }
}

#[test]
fn what_may_not_be_read_or_written_is_an_error_that_names_it() {
    let Some(nobody) = Nobody::new() else { return };
    let at = |name: &str| nobody.folder.path().join(name);
    fs::create_dir(at("site")).unwrap();
    fs::create_dir(at("site/closed")).unwrap();
    for (name, content) in [("site/a.html", "<script>a()</script>"), ("site/secret.html", "<p>"), ("out.txt", "old")] {
        fs::write(at(name), content).unwrap();
    }
    fs::set_permissions(at("site/secret.html"), Permissions::from_mode(0o000)).unwrap();
    fs::set_permissions(at("site/closed"), Permissions::from_mode(0o000)).unwrap();
    fs::set_permissions(at("site"), Permissions::from_mode(0o555)).unwrap();
    fs::set_permissions(nobody.folder.path(), Permissions::from_mode(0o555)).unwrap();
    for (args, named) in [
        (&["hash", "site"][..], &["site/closed: cannot be read", "site/secret.html: cannot be read"][..]),
        (&["hash", "site/a.html", "-o", "new.txt"], &["new.txt: cannot be written"]),
        (&["hash", "site/a.html", "-o", "out.txt"], &["out.txt: cannot be written"]),
        (&["nonce", "--framework", "flask", "--write", "site/a.html"], &["site/a.html: "]),
        (&["hash", "--format", "meta", "--write", "site/a.html"], &["site/a.html: "]),
        (&["nonce", "--framework", "flask", "-o", "copy", "site/a.html"], &["copy: cannot be written"]),
    ] {
        let output = nobody.run(args).unwrap();
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
        for named in named {
            assert!(said.contains(named), "{args:?}: {said}");
        }
        assert!(said.contains("ermission denied") || said.contains("read-only"), "{args:?}: {said}");
    }
    fs::set_permissions(nobody.folder.path(), Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(at("site"), Permissions::from_mode(0o755)).unwrap();
    assert_eq!(fs::read_to_string(at("out.txt")).unwrap(), "old");
    assert_eq!(fs::read_to_string(at("site/a.html")).unwrap(), "<script>a()</script>");
}

#[test]
fn a_folder_in_the_place_of_a_file_is_an_error() {
    let folder = folder(&[("a.html", "<p>")]);
    fs::create_dir(folder.path().join("out")).unwrap();
    for args in [
        &["hash", "a.html", "-o", "out"][..],
        &["hash", "--policy-file", "out", "a.html"],
        &["merge", "out"],
        &["reports", "out"],
        &["check", "--deployed", "out", "--deployed-as", "nginx", "a.html"],
        &["--config", "out", "hash", "a.html"],
    ] {
        let ran = run(folder.path(), args);
        assert_eq!(ran.code, 2, "{args:?}");
        assert!(ran.err.contains("out: "), "{args:?}: {}", ran.err);
    }
}

#[test]
fn standard_input_that_ends_with_an_error_is_one() {
    let folder = folder(&[]);
    let input = File::open(folder.path()).unwrap();
    let output = cspseal(folder.path(), &["hash", "-"]).stdin(input).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("-: cannot be read"), "{}", text(&output.stderr));
    let mut child = cspseal(folder.path(), &["hash", "-"]).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"<p>").unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
