//! A repository with links out of it, and canaries where they lead.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{PROGRAM, Ran};

/// What must not be printed.
const CANARY: &str = "canary";

/// A link out of the repository, or a path through one: its name, and what it leads to.
pub(super) const FILE_LINKS: [&str; 7] = [
    "relative",
    "absolute",
    "chain",
    "folder/secret.txt",
    "folder/deep/../secret.txt",
    "deep/../secret.txt",
    "inner/relative",
];

/// The same for folders.
pub(super) const FOLDER_LINKS: [&str; 6] =
    ["folder", "absolute-folder", "folder-chain", "deep/..", "folder/deep", "inner/folder"];

pub(super) struct Trap {
    folder: tempfile::TempDir,
    outside: BTreeMap<PathBuf, Vec<u8>>,
}

impl Trap {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |path: &str| folder.path().join(path);
        for path in ["outside/deep", "repo/site", "repo/inner"] {
            fs::create_dir_all(at(path)).unwrap();
        }
        let page = "<p onclick='canary()'><script>canary()</script>";
        for (path, content) in [
            ("outside/secret.txt", "SECRET_KEY=canary root:x:0:0\n"),
            ("outside/page.html", page),
            ("outside/deep/page.html", page),
            ("repo/site/index.html", "<script>a()</script>"),
            ("repo/inner/base.txt", "default-src 'self'\n"),
        ] {
            fs::write(at(path), content).unwrap();
        }
        let absolute = |path: &str| at(path).display().to_string();
        for (leads_to, link) in [
            ("../outside/secret.txt".to_owned(), "relative"),
            (absolute("outside/secret.txt"), "absolute"),
            ("inner/relative".to_owned(), "chain"),
            ("../../outside/secret.txt".to_owned(), "inner/relative"),
            ("../outside".to_owned(), "folder"),
            ("../outside/deep".to_owned(), "deep"),
            (absolute("outside"), "absolute-folder"),
            ("folder".to_owned(), "folder-chain"),
            ("../../outside".to_owned(), "inner/folder"),
            ("../outside/nothing".to_owned(), "dangling"),
            ("../outside/page.html".to_owned(), "page.html"),
            ("../../outside".to_owned(), "site/out"),
            ("../../outside/page.html".to_owned(), "site/page.html"),
            // Links that stay inside.
            ("site".to_owned(), "to-site"),
            ("inner/base.txt".to_owned(), "to-base"),
            ("inner".to_owned(), "to-inner"),
        ] {
            symlink(leads_to, at("repo").join(link)).unwrap();
        }
        let outside = files(&at("outside"));
        Self { folder, outside }
    }

    /// Changes a file outside.
    pub(super) fn write_outside(&mut self, name: &str, content: &str) {
        let outside = self.folder.path().join("outside");
        fs::write(outside.join(name), content).unwrap();
        self.outside = files(&outside);
    }

    pub(super) fn repo(&self) -> PathBuf {
        self.folder.path().join("repo")
    }

    pub(super) fn write(&self, name: &str, content: &str) {
        fs::write(self.repo().join(name), content).unwrap();
    }

    /// Runs the program in the repository. Nothing outside may be read, printed or written.
    pub(super) fn run(&self, args: &[&str]) -> Ran {
        let ran = self.run_reading(args);
        for file in self.opened(args) {
            assert!(!file.contains("/outside/"), "{args:?} opened {file}");
        }
        ran
    }

    /// The same where the arguments name what is outside, so that it may be read.
    pub(super) fn run_reading(&self, args: &[&str]) -> Ran {
        let output = Command::new(PROGRAM).args(args).current_dir(self.repo()).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let ran = Ran { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) };
        for printed in [&ran.out, &ran.err] {
            assert!(!printed.contains(CANARY), "{args:?}: {printed}");
        }
        assert_eq!(files(&self.folder.path().join("outside")), self.outside, "{args:?}");
        ran
    }

    /// The files that the program opens, by their real paths, if the system lets anybody watch.
    fn opened(&self, args: &[&str]) -> Vec<String> {
        let log = self.folder.path().join("log");
        let watched = Command::new("strace")
            .args(["-f", "-y", "-e", "trace=open,openat,openat2", "-o"])
            .arg(&log)
            .arg(PROGRAM)
            .args(args)
            .current_dir(self.repo())
            .output();
        if !watched.is_ok_and(|watched| watched.status.code().is_some_and(|code| code < 3)) {
            println!("skipped: strace cannot watch what is opened here");
            return Vec::new();
        }
        let log = fs::read_to_string(log).unwrap();
        let opened = log.lines().filter_map(|line| line.rsplit_once("= ")?.1.split_once('<'));
        let opened: Vec<_> = opened.map(|(_, path)| path.to_owned()).collect();
        assert!(!opened.is_empty(), "{log}");
        opened
    }
}

fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
            found.insert(path, Vec::new());
        } else {
            let content = fs::read(&path).unwrap();
            found.insert(path, content);
        }
    }
    found
}
