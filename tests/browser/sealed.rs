//! What the command says of the documents and makes of them, by running it as a user would, once for all that are alike.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::documents::{Document, Set};

/// The text that the server replaces. One that can be guessed is for tests only.
pub(crate) const PLACEHOLDER: &str = "CSP_NONCE_of_the_browser_test";

/// What `hash` says of one page.
#[derive(Clone, Debug)]
pub(crate) struct Hashed {
    /// The policy for this page alone.
    pub(crate) policy: String,
    pub(crate) inlines: BTreeSet<Inline>,
}

/// A distinct inline resource of a page.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Inline {
    pub(crate) kind: String,
    /// Without quotes; several for a URL that browsers spell differently.
    pub(crate) hashes: Vec<String>,
    /// In a template or in `noscript`, where a browser that runs scripts need not ask for it.
    pub(crate) may_rest: bool,
}

/// A document as the command has dealt with it.
pub(crate) struct Sealed {
    pub(crate) document: Document,
    /// The policy of the whole site, if it is one.
    pub(crate) site_policy: Option<String>,
    pub(crate) hashed: Hashed,
    /// With placeholders, and what `hash` says of that. `nonce` refuses XML.
    pub(crate) nonced: Option<(Vec<u8>, Hashed)>,
    /// With its policy in a `<meta>`; none where there is nothing to govern or no place for it.
    pub(crate) meta: Option<Vec<u8>>,
}

/// Runs the command on a set of documents in a folder of their own.
pub(crate) fn seal(set: Set, folder: &Path) -> Vec<Sealed> {
    let plain = folder.join("plain");
    for document in &set.documents {
        write(&plain, document, &document.bytes);
    }
    let policy_file = folder.join("base.policy");
    std::fs::write(&policy_file, &set.policy).unwrap();
    let policy = policy_file.as_os_str();
    let mut common: Vec<&OsStr> = vec!["--include".as_ref(), "*".as_ref()];
    if let Some(charset) = &set.charset {
        common.extend([OsStr::new("--charset"), charset.as_ref()]);
    }
    let hash = |pages: &Path, more: &[&OsStr]| {
        let mut args: Vec<&OsStr> = vec!["hash".as_ref(), "--unsafe-hashes".as_ref()];
        args.extend(more);
        args.extend(&common);
        args.push(pages.as_os_str());
        run(&args)
    };
    let json = ["--format", "json", "--policy-file"].map(OsStr::new);
    let (site_policy, hashed) = inventory(&hash(&plain, &[&json[..], &[policy]].concat()));

    let nonced = folder.join("nonced");
    let mut args = ["nonce", "--placeholder", PLACEHOLDER, "--policy-file"].map(OsStr::new).to_vec();
    args.extend([policy, "-o".as_ref(), nonced.as_os_str()]);
    args.extend(&common);
    args.push(plain.as_os_str());
    let nonce_policy = run(&args);
    let nonce_file = folder.join("nonce.policy");
    std::fs::write(&nonce_file, nonce_policy).unwrap();
    let (_, nonce_hashed) = inventory(&hash(&nonced, &[&json[..], &[nonce_file.as_os_str()]].concat()));

    let meta = folder.join("meta");
    for document in &set.documents {
        write(&meta, document, &document.bytes);
    }
    let write_meta = ["--format", "meta", "--write", "--policy-file"].map(OsStr::new);
    hash(&meta, &[&write_meta[..], &[policy]].concat());

    let is_site = set.is_site;
    let sealed = set.documents.into_iter().filter_map(|document| {
        // What is no text has no entry, and an error that says so.
        let hashed = hashed.get(&document.path)?.clone();
        let read = |folder: &PathBuf| std::fs::read(folder.join(&document.path)).ok();
        let nonced = read(&nonced).zip(nonce_hashed.get(&document.path).cloned());
        Some(Sealed {
            site_policy: is_site.then(|| site_policy.clone()),
            hashed,
            nonced: nonced.filter(|_| !document.is_xml()),
            meta: read(&meta).filter(|bytes| *bytes != document.bytes),
            document,
        })
    });
    sealed.collect()
}

fn write(folder: &Path, document: &Document, bytes: &[u8]) {
    let path = folder.join(&document.path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

/// What the command prints. Some of the documents have findings or are refused, so its exit code says nothing here.
pub(crate) fn run(args: &[&OsStr]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_cspseal")).args(args).arg("--no-config").output().unwrap();
    assert!(output.status.code().is_some(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The site's policy and the pages by their paths.
fn inventory(json: &str) -> (String, BTreeMap<String, Hashed>) {
    let inventory: Value = serde_json::from_str(json).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let pages = inventory["pages"].as_array().unwrap().iter().map(|page| {
        let inlines = page["inlines"].as_array().unwrap().iter().map(|used| {
            let inline = &inventory["inlines"][used["inline"].as_u64().unwrap() as usize];
            let nested = used["nested"].as_array().unwrap().iter();
            Inline {
                kind: text(&inline["kind"]),
                hashes: inline["hashes"].as_array().unwrap().iter().map(text).collect(),
                may_rest: nested.into_iter().any(|n| n == "template" || n == "noscript"),
            }
        });
        let hashed = Hashed { policy: text(&page["policy"]), inlines: inlines.collect() };
        (text(&page["site_path"]), hashed)
    });
    (text(&inventory["policy"]), pages.collect())
}
