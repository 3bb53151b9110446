//! A repository with canaries around and in it, and what tells that one was touched.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, Permissions};
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::inotify::{self, CreateFlags, Reader, WatchFlags};
use rustix::io::Errno;

use super::process::Ran;

/// The text that must not be printed or written.
const SECRET: &str = "canary-7f3a";

const PAGE: &str = "<p onclick='canary-7f3a'><script>'canary-7f3a'</script>";

/// Files with the secret, which nobody may open. All others keep what they have.
const SECRETS: &[(&str, &str)] = &[
    ("outside/secret.txt", "SECRET_KEY=canary-7f3a root:x:0:0\n"),
    ("outside/page.html", PAGE),
    ("outside/base.txt", "script-src https://canary-7f3a.example\n"),
    ("outside/cspseal.toml", "policy = \"script-src https://canary-7f3a.example\"\n"),
    ("outside/deep/page.html", PAGE),
    ("repo/.git/config", "[user]\nname = canary-7f3a\n"),
    ("repo/.git/hooks/pre-commit", "#!/bin/sh\n# canary-7f3a\n"),
    ("repo/inner/.hg/hgrc", "canary-7f3a"),
    ("repo/site/.git/page.html", PAGE),
];

/// Programs and configurations, which keep what they have.
const KEPT: &[(&str, &str)] = &[
    ("run.html", "<script>run()</script>"),
    ("tool", "#!/bin/sh\n"),
    ("site/tool", "#!/bin/sh\n# <script>tool()</script>\n"),
    ("inner/cspseal.toml", "# <script>inner()</script>\n"),
];

/// A file or folder, or a link.
#[derive(Debug, PartialEq)]
enum Entry {
    Folder(u32),
    /// The mode and the text.
    File(u32, String),
    Link(PathBuf),
}

type Tree = BTreeMap<PathBuf, Entry>;

pub(super) struct Trap {
    folder: tempfile::TempDir,
    before: Tree,
    /// The file that `cspseal.toml` is or leads to, by its path in the folder.
    configuration: PathBuf,
    watch: OwnedFd,
}

impl Trap {
    /// The folders, files and canaries.
    pub(super) fn new() -> Self {
        let memory = Path::new("/dev/shm");
        let folder = tempfile::tempdir_in(memory).or_else(|_| tempfile::tempdir()).unwrap();
        let write = |path: &Path, content: &str| {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        };
        for (path, content) in SECRETS {
            write(&folder.path().join(path), content);
        }
        let repository = folder.path().join("repo");
        for (path, content) in KEPT {
            write(&repository.join(path), content);
        }
        write(&repository.join("site/index.html"), "<script>a()</script>");
        for program in ["run.html", "tool", "site/tool", ".git/hooks/pre-commit"] {
            let mode = Permissions::from_mode(0o755);
            fs::set_permissions(repository.join(program), mode).unwrap();
        }
        Self {
            folder,
            before: Tree::new(),
            configuration: PathBuf::new(),
            watch: inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC).unwrap(),
        }
    }

    pub(super) fn repository(&self) -> PathBuf {
        self.folder.path().join("repo")
    }

    /// Begins to watch.
    pub(super) fn set(&mut self) {
        tree(self.folder.path(), Path::new(""), &mut self.before);
        let real = self.repository().join("cspseal.toml").canonicalize();
        let root = self.folder.path().canonicalize().unwrap();
        if let Ok(below) = real.unwrap().strip_prefix(root) {
            self.configuration = below.to_owned();
        }
        let folders = SECRETS.iter().map(|(path, _)| Path::new(path).parent().unwrap());
        for folder in folders.chain([Path::new("repo/.git")]) {
            let at = self.folder.path().join(folder);
            inotify::add_watch(&self.watch, at, WatchFlags::ALL_EVENTS).unwrap();
        }
    }

    /// The names in the repository that a shell or a hook may hand over: what is named is meant.
    pub(super) fn names(&self) -> Vec<OsString> {
        let entries = fs::read_dir(self.repository()).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
        names.retain(|name| {
            let is_kept = KEPT.iter().any(|(path, _)| *name == **path);
            let is_configuration = self.configuration == Path::new("repo").join(name);
            !is_kept && name != ".git" && name != "cspseal.toml" && !is_configuration
        });
        names.sort();
        names
    }

    /// Panics if a run opened a secret or printed one, or changed what is kept.
    pub(super) fn check(&self, args: &[OsString], ran: &Ran) {
        assert!(!ran.printed.contains(SECRET), "{args:?}: {ran:?}");
        let mut buffer = [const { MaybeUninit::uninit() }; 4096];
        match Reader::new(&self.watch, &mut buffer).next() {
            Err(Errno::AGAIN) => {}
            Ok(event) => panic!("{args:?} touched {:?}, {:?}: {ran:?}", event.file_name(), event.events()),
            Err(error) => panic!("{error}"),
        }
        assert!(ran.code < 3, "{args:?}: {ran:?}");
        for (path, content) in KEPT {
            let now = fs::read_to_string(self.repository().join(path)).ok();
            assert_eq!(now.as_deref(), Some(*content), "{path}: {args:?}: {ran:?}");
        }
    }

    /// Panics if a canary changed or there is more outside, or if a secret was written.
    pub(super) fn end(self) {
        let mut after = Tree::new();
        tree(self.folder.path(), Path::new(""), &mut after);
        let is_kept = |path: &Path, entry: &Entry| {
            let is_program = matches!(entry, Entry::File(mode, _) if mode & 0o111 != 0);
            let name = path.file_name().unwrap_or_default();
            !path.starts_with("repo")
                || is_program
                || name.eq_ignore_ascii_case("cspseal.toml")
                || path == self.configuration
                || path.iter().any(|part| part == ".git" || part == ".hg")
                || matches!(entry, Entry::Link(_))
        };
        for (path, entry) in &self.before {
            if is_kept(path, entry) {
                assert_eq!(after.get(path), Some(entry), "{}", path.display());
            }
        }
        // `nonce -o` copies programs with their modes, also what a link of that name leads to.
        let is_copy = |path: &Path| {
            let mut before = self.before.iter();
            before.any(|(from, entry)| {
                let is_program = match entry {
                    Entry::File(mode, _) => mode & 0o111 != 0,
                    Entry::Link(_) => true,
                    Entry::Folder(_) => false,
                };
                is_program && from.file_name() == path.file_name()
            })
        };
        let is_new = |path: &Path| !self.before.contains_key(path);
        for (path, entry) in &after {
            let shown = path.display();
            match entry {
                // A copy of a site has the links of that.
                Entry::Link(_) | Entry::Folder(_) if path.starts_with("repo") => {}
                Entry::File(mode, content) if self.before.get(path) != Some(entry) => {
                    let has_secret = content.contains(SECRET);
                    assert!(!has_secret, "{shown} has a secret");
                    assert!(path.starts_with("repo"), "{shown}");
                    assert!(is_copy(path) || mode & 0o111 == 0, "{shown} became a program");
                    let is_repository = path.iter().any(|part| part == ".git" || part == ".hg");
                    assert!(!is_repository, "{shown} is new");
                }
                Entry::Link(_) | Entry::Folder(_) => assert!(!is_new(path), "{shown} is new"),
                Entry::File(..) => {}
            }
        }
    }
}

/// Everything below a folder, by its path from there.
fn tree(root: &Path, below: &Path, found: &mut Tree) {
    let at = root.join(below);
    let metadata = at.symlink_metadata().unwrap();
    let mode = metadata.permissions().mode();
    let entry = if metadata.is_symlink() {
        Entry::Link(fs::read_link(&at).unwrap())
    } else if metadata.is_file() {
        Entry::File(mode, String::from_utf8_lossy(&fs::read(&at).unwrap()).into_owned())
    } else {
        for entry in fs::read_dir(&at).unwrap() {
            tree(root, &below.join(entry.unwrap().file_name()), found);
        }
        Entry::Folder(mode)
    };
    found.insert(below.to_owned(), entry);
}
