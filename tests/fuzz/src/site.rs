//! Small sites from bytes: a base policy, pages with any path and content, and how they are deployed.

use std::collections::BTreeMap;

use arbitrary::{Arbitrary, Unstructured};
use cspseal::policy::{DirectiveName, Policy, PolicyBuilder};
use cspseal::site::Inventory;
use cspseal::target::{Deployment, Report, Scope};
use cspseal::{HashAlgorithm, ScanOptions, scan_page};

/// A site as the fuzzer spells it.
#[derive(Arbitrary, Debug)]
pub(crate) struct Site<'d> {
    pub(crate) emitter: u8,
    pub(crate) flags: u8,
    base: Vec<(u8, Vec<Word<'d>>)>,
    pages: Vec<Page<'d>>,
}

/// A word of a directive.
#[derive(Arbitrary, Debug)]
enum Word<'d> {
    Known(u8),
    /// Behind a path.
    Path(&'d str),
    /// Behind a host.
    Host(&'d str),
    Bare(&'d str),
}

#[derive(Arbitrary, Debug)]
struct Page<'d> {
    path: &'d str,
    extension: u8,
    script: &'d str,
    inline: u8,
}

const WORDS: &[&str] = &[
    "'self'",
    "'none'",
    "*",
    "data:",
    "https:",
    "'unsafe-inline'",
    "'strict-dynamic'",
    "'unsafe-hashes'",
    "https://a.example/it's/%7E",
    "/r?$x=%7E&$uri%d&{path}{$H}&%{HOME}e&a\\nb\\\\c`(<!#",
    "/r?#{e}&f=`g`&i=${j}&k=$NONCE&l=%[1]s&m=%kernel.x%&n={o}\"</script>",
    "'sha256-ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs='",
    "allow-scripts",
    "default",
];

const EXTENSIONS: &[&str] = &[".html", "/index.html", ".htm", ".xhtml", ""];

impl Word<'_> {
    fn text(&self) -> String {
        match self {
            Self::Known(index) => WORDS[usize::from(*index) % WORDS.len()].to_owned(),
            Self::Path(text) => format!("/{text}"),
            Self::Host(text) => format!("https://a.example/{text}"),
            Self::Bare(text) => (*text).to_owned(),
        }
    }
}

/// What is deployed.
pub(crate) struct Deployed {
    pub(crate) base: Policy,
    pub(crate) inventory: Inventory,
    pub(crate) builder: PolicyBuilder,
}

impl<'d> Site<'d> {
    pub(crate) fn read(data: &'d [u8]) -> Option<Self> {
        Self::arbitrary_take_rest(Unstructured::new(data)).ok()
    }

    pub(crate) fn flag(&self, index: u8) -> bool {
        self.flags >> index & 1 == 1
    }

    pub(crate) fn scope(&self) -> Scope {
        if self.flag(0) { Scope::Page } else { Scope::Site }
    }

    /// The site, with what is no directive left out of the base.
    pub(crate) fn deployed(&self) -> Deployed {
        let mut directives: BTreeMap<DirectiveName, String> = BTreeMap::new();
        for (name, words) in self.base.iter().take(5) {
            let name = DirectiveName::ALL[usize::from(*name) % DirectiveName::ALL.len()];
            let words = words.iter().take(5).map(Word::text);
            let text = std::iter::once(name.to_string()).chain(words);
            let text = text.collect::<Vec<_>>().join(" ");
            if let Ok(policy) = Policy::parse(&text) {
                // A word may hold whatever separates directives.
                let own = policy.directives().map(|directive| (directive.name(), directive));
                directives.extend(own.map(|(name, directive)| (name, directive.to_string())));
            }
        }
        let text: Vec<String> = directives.into_values().collect();
        let base = Policy::parse(&text.join("; ")).unwrap_or_default();
        let base = if base.is_empty() { Policy::preset_self() } else { base };
        let mut pages: BTreeMap<String, String> = BTreeMap::new();
        for page in self.pages.iter().take(4) {
            let path = page.path();
            // No folder holds a file and a folder of one name.
            let is_in = |path: &str, folder: &str| path.starts_with(&format!("{folder}/"));
            let clashes = |other: &String| is_in(other, &path) || is_in(&path, other);
            let is_path = !path.split('/').any(is_dots) && !path.contains('\0');
            if is_path && !pages.keys().any(clashes) {
                pages.insert(path, page.html());
            }
        }
        let mut inventory = Inventory::new(HashAlgorithm::Sha256);
        for (path, html) in &pages {
            // Binary data is no page.
            if let Ok(page) = scan_page(path, html.as_bytes(), &ScanOptions::new()) {
                inventory.add(page).unwrap();
            }
        }
        let builder = PolicyBuilder::new(Some(base.clone())).with_unsafe_hashes(self.flag(1));
        Deployed { base, inventory, builder }
    }
}

impl Deployed {
    pub(crate) fn report(&self) -> Report<'_> {
        Report::new(&self.inventory, &self.builder)
    }
}

/// Whether a part of a path is none, or would be none without its extension, as hosts leave that out: no URL shows such a page.
fn is_dots(part: &str) -> bool {
    matches!(part.trim_end_matches(".html"), "" | "." | "..")
}

/// How a site is deployed.
pub(crate) fn deployment<'r>(site: &Site<'_>, report: &'r Report<'r>) -> Deployment<'r> {
    Deployment::new(report, site.scope()).with_report_only(site.flag(2))
}

impl Page<'_> {
    fn path(&self) -> String {
        let extension = EXTENSIONS[usize::from(self.extension) % EXTENSIONS.len()];
        format!("{}{extension}", self.path)
    }

    fn html(&self) -> String {
        let text = self.script;
        match self.inline % 5 {
            0 => "<!doctype html><p>".to_owned(),
            1 => format!("<!doctype html><script>{text}</script>"),
            2 => format!("<!doctype html><style>{text}</style>"),
            3 => format!("<!doctype html><p onclick=\"{text}\" style='{text}'>"),
            _ => text.to_owned(),
        }
    }
}
