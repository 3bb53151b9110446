//! The documents that are tried: the pages of `testdata/site` and `testdata/legacy`, every case under `testdata/html`, and
//! random ones.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, RngSeed, TestRunner};

use super::cases::{self, Case};
use super::nasty;
use super::pages::pages;
use super::server::Files;

/// How many documents are made up.
const RANDOM: usize = 200;

/// Those whose recordings there are.
const BROWSERS: [&str; 2] = ["chromium", "firefox"];

/// By browser, what ran.
pub(crate) type Recorded = HashMap<&'static str, BTreeSet<String>>;

/// One document, and how it is served.
pub(crate) struct Document {
    /// `group / case` or the path of a page; exceptions name it.
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) content_type: String,
    /// The path under which it is served, below the folder of its set.
    pub(crate) path: String,
    pub(crate) files: Files,
    /// What was recorded to run in Chromium and in Firefox where nothing was blocked.
    pub(crate) recorded: Recorded,
}

impl Document {
    pub(crate) fn is_xml(&self) -> bool {
        !self.content_type.starts_with("text/html")
    }

    fn label(&self) -> Option<&str> {
        self.content_type.split("charset=").nth(1)
    }
}

/// Documents that share a base policy and a charset, so that one run of the command does them all.
pub(crate) struct Set {
    pub(crate) policy: String,
    pub(crate) charset: Option<String>,
    pub(crate) documents: Vec<Document>,
    /// Whether they are pages of one site, which one policy is to fit.
    pub(crate) is_site: bool,
}

/// The base of the policy of what is no site. It lets in what no hash is for: files, `eval`, and URLs of elements that do not
/// even run them.
const BASE: &str = "script-src 'self' 'unsafe-eval' data: blob: javascript:; style-src 'self' data: blob: javascript:";

/// All of them.
pub(crate) fn all() -> Vec<Set> {
    let mut sets: Vec<Set> = ["site", "legacy"].map(site).into();
    for document in cases().into_iter().chain(random()) {
        let charset = document.label().map(ToOwned::to_owned);
        let set = sets.iter_mut().find(|set| !set.is_site && set.charset == charset);
        match set {
            Some(set) => set.documents.push(document),
            None => sets.push(Set { policy: BASE.to_owned(), charset, documents: vec![document], is_site: false }),
        }
    }
    sets
}

fn site(name: &str) -> Set {
    let folder = Path::new("testdata").join(name);
    let paths = pages(&folder);
    let documents = paths.iter().map(|path| {
        let below = path.strip_prefix(&folder).unwrap();
        Document {
            name: path.display().to_string(),
            bytes: std::fs::read(path).unwrap(),
            content_type: "text/html".to_owned(),
            path: below.to_str().unwrap().to_owned(),
            files: Files::Folder(folder.clone()),
            recorded: Recorded::default(),
        }
    });
    Set {
        policy: std::fs::read_to_string(folder.with_extension("policy")).unwrap(),
        charset: None,
        documents: documents.collect(),
        is_site: true,
    }
}

/// The cases, each page once: several of them are one page under different policies.
fn cases() -> Vec<Document> {
    let mut documents: Vec<Document> = Vec::new();
    let mut seen = HashMap::new();
    for case in cases::all() {
        let page = (case.html(), case.text("content_type").to_owned(), case.files());
        let at = *seen.entry(page).or_insert_with(|| {
            let number = documents.len();
            let extension = if case.is_html() { "html" } else { "xhtml" };
            documents.push(Document {
                name: format!("{} / {}", case.text("group"), case.text("id")),
                bytes: case.html(),
                content_type: case.text("content_type").to_owned(),
                path: format!("case-{number}.{extension}"),
                files: Files::Given(Arc::new(case.files())),
                recorded: imported(&case),
            });
            number
        });
        for browser in BROWSERS {
            // Under a policy that blocked something it is not what runs without.
            if !case.json[browser]["violations"].as_array().unwrap().is_empty() {
                continue;
            }
            let ran = case.json[browser]["ran"].as_array().unwrap();
            let ran = ran.iter().map(|what| what.as_str().map_or(what.to_string(), ToOwned::to_owned));
            documents[at].recorded.entry(browser).or_default().extend(ran);
        }
    }
    documents
}

/// What the modules say that a page imports while it runs. No load event waits for those, and the recording may be one under a
/// policy that stopped them.
fn imported(case: &Case) -> Recorded {
    let html = case.html();
    let page = String::from_utf8_lossy(&html);
    let said: BTreeSet<String> = case
        .files()
        .iter()
        .filter(|(name, _)| page.contains(&format!(r#"import("./{name}")"#)))
        .map(|(_, module)| String::from_utf8_lossy(module))
        .flat_map(|module| {
            let calls = module.split("ran(").skip(1);
            let what = calls.map(|call| call.split(')').next().unwrap().trim_matches('"'));
            what.map(ToOwned::to_owned).collect::<Vec<_>>()
        })
        .collect();
    BROWSERS.map(|browser| (browser, said.clone())).into()
}

/// Random markup, the same in every run.
fn random() -> Vec<Document> {
    let config = Config { failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..Config::default() };
    let mut runner = TestRunner::new(config);
    let strategy = nasty::document(14);
    let documents = (0..RANDOM).map(|number| {
        let html = strategy.new_tree(&mut runner).unwrap().current();
        Document {
            name: format!("random / {number}"),
            bytes: visible(&html).into_bytes(),
            content_type: "text/html; charset=utf-8".to_owned(),
            path: format!("random-{number}.html"),
            files: Files::Given(Arc::default()),
            recorded: Recorded::default(),
        }
    });
    documents.collect()
}

/// Makes of the texts in styles and style attributes, which are `r` and a number, declarations whose effect shows. As
/// scripts and handlers those texts run: they are variables that tell the probe so.
fn visible(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    while let Some(at) = rest.find('r') {
        let digits = rest[at + 1..].bytes().take_while(u8::is_ascii_digit).count();
        let (before, after) = (&rest[..at], &rest[at + 1 + digits..]);
        let number = &rest[at + 1..at + 1 + digits];
        out += before;
        let behind = |ends: &[&str]| ends.iter().any(|end| out.to_ascii_lowercase().ends_with(end));
        let text = if number.is_empty() {
            "r".to_owned()
        } else if behind(&["style=", "style=\"", "style='"]) {
            format!("color:rgb(0,1,{number})")
        } else if behind(&["<style>", "<style>\n"]) {
            format!("*{{background-color:rgb(0,2,{number})}}")
        } else {
            format!("r{number}")
        };
        out += &text;
        rest = after;
    }
    out + rest
}
