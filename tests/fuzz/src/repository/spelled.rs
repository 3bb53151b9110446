//! A repository as the fuzzer spells it, and how it is written to disk.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use arbitrary::Arbitrary;
use cspseal::target::{Framework, TARGETS};
use cspseal::template::Dialect;
use toml::{Table, Value};

use super::place::Place;
use super::trap::Trap;

/// A repository that somebody committed.
#[derive(Arbitrary, Debug)]
pub(super) struct Repository<'d> {
    config: Config<'d>,
    /// Where the configuration is a link to.
    config_link: Option<Place>,
    links: Vec<(Place, Place)>,
    files: Vec<(Place, Content<'d>)>,
}

#[derive(Arbitrary, Debug)]
enum Content<'d> {
    Page(u8),
    Text(&'d str),
}

#[derive(Arbitrary, Debug)]
struct Config<'d> {
    paths: Option<Vec<Place>>,
    globs: (Vec<u8>, Vec<u8>),
    flags: u8,
    names: u8,
    base: Base<'d>,
    outputs: Vec<Output>,
    nonce: Nonce<'d>,
    levels: (u8, u8),
}

#[derive(Arbitrary, Debug)]
enum Base<'d> {
    None,
    Text(&'d str),
    Table(u8),
    File(Place),
    Preset,
}

#[derive(Arbitrary, Debug)]
struct Output {
    format: u8,
    file: Option<Place>,
    flags: u8,
}

#[derive(Arbitrary, Debug)]
enum Nonce<'d> {
    None,
    Framework(u8),
    Value(&'d str),
    Placeholder(&'d str),
}

const PAGES: &[&str] = &[
    "<script>a()</script>",
    "<!doctype html><style>p{}</style><p onclick=b()>",
    "{{ x }}<script>{{ y }}</script>",
    "<meta charset=utf-8><iframe srcdoc='<script>c()</script>'></iframe>",
    "default-src 'self'; script-src 'self'",
    "# cspseal begin\n# cspseal end\n",
    "{\"headers\": []}",
    "paths = [\"../outside\"]\n",
];

/// A list of TOML.
fn list<V: Into<Value>>(values: impl Iterator<Item = V>) -> Value {
    Value::Array(values.map(Into::into).collect())
}

const GLOBS: &[&str] = &["*", "**/*", "*.html", "../*", "/*", "*.toml", "site/**", "{a,b}/*", "["];

/// The codes whose levels are changed.
const CODES: &[&str] = &["blocked-script", "unfollowed-link", "undeclared-encoding"];

impl Repository<'_> {
    /// Writes it, without leaving the folder itself.
    pub(super) fn write(&self, trap: &Trap) {
        let repository = trap.repository();
        for (place, content) in self.files.iter().take(6) {
            let Some(path) = inside(place, &repository) else {
                continue;
            };
            let text = match content {
                Content::Page(index) => PAGES[usize::from(*index) % PAGES.len()],
                Content::Text(text) => text,
            };
            make_folders(&repository, &path);
            let at = repository.join(path);
            if at.symlink_metadata().is_err() {
                let _ = fs::write(at, text);
            }
        }
        for (place, leads_to) in self.links.iter().take(6) {
            let Some(path) = inside(place, &repository) else {
                continue;
            };
            make_folders(&repository, &path);
            let depth = path.matches('/').count();
            let _ = symlink(leads_to.text(&repository, depth), repository.join(path));
        }
        let config = toml::to_string(&self.config.table(&repository)).unwrap();
        let at = repository.join("cspseal.toml");
        // Where there is none, nothing is guarded.
        if let Some(leads_to) = &self.config_link {
            fs::write(repository.join("own.toml"), &config).unwrap();
            let _ = symlink(leads_to.text(&repository, 0), &at);
            if at.is_file() {
                return;
            }
            let _ = fs::remove_file(&at);
        }
        fs::write(at, config).unwrap();
    }
}

/// A path that stays in the folder without a link on the way, since git makes no other.
fn inside(place: &Place, repository: &Path) -> Option<String> {
    let path = place.text(repository, 0);
    let is_name = |part: &str| !matches!(part, "" | "." | "..");
    let mut parts = path.split('/');
    let is_ours = parts.next().is_some_and(|first| first != "cspseal.toml" && first != "own.toml");
    if !is_ours || !path.split('/').all(is_name) || path.contains(".git") || path.contains(".hg") {
        return None;
    }
    let mut at = repository.to_owned();
    for part in path.split('/') {
        at.push(part);
        if at.is_symlink() {
            return None;
        }
    }
    Some(path)
}

fn make_folders(repository: &Path, path: &str) {
    if let Some((folder, _)) = path.rsplit_once('/') {
        let _ = fs::create_dir_all(repository.join(folder));
    }
}

impl Config<'_> {
    fn table(&self, repository: &Path) -> Table {
        let flag = |index: u8| self.flags >> index & 1 == 1;
        let mut table = Table::new();
        let mut put = |key: &str, value: Value| {
            table.insert(key.to_owned(), value);
        };
        if let Some(paths) = &self.paths {
            let paths = paths.iter().take(3);
            put("paths", list(paths.map(|path| path.text(repository, 0))));
        }
        let globs = |indices: &[u8]| -> Value {
            let indices = indices.iter().take(2);
            let globs = indices.map(|index| GLOBS[usize::from(*index) % GLOBS.len()]);
            list(globs)
        };
        put("include", globs(&self.globs.0));
        put("exclude", globs(&self.globs.1));
        put("follow", flag(0).into());
        put("unsafe-hashes", flag(1).into());
        put("exclude-template-content", flag(2).into());
        if flag(3) {
            put("charset", "koi8-r".into());
        }
        if flag(4) {
            let dialect = Dialect::ALL[usize::from(self.names) % Dialect::ALL.len()];
            put("template", dialect.name().into());
        }
        match &self.base {
            Base::None => {}
            Base::Text(text) => put("policy", (*text).into()),
            Base::Table(sources) => {
                let source = if sources & 1 == 1 { "'self'" } else { "https://a.example" };
                let mut policy = Table::new();
                policy.insert("script-src".to_owned(), vec![source].into());
                policy.insert("report-uri".to_owned(), "/$(touch${IFS}./PWNED)".into());
                put("policy", policy.into());
            }
            Base::File(place) => put("policy-file", place.text(repository, 0).into()),
            Base::Preset => put("preset", "self".into()),
        }
        let outputs = self.outputs.iter().take(3).map(|output| output.table(repository));
        put("output", list(outputs));
        let mut nonce = Table::new();
        match self.nonce {
            Nonce::None => {}
            Nonce::Framework(index) => {
                let all: Vec<Framework> = Framework::all().collect();
                let name = all[usize::from(index) % all.len()].name();
                nonce.insert("framework".to_owned(), name.into());
            }
            Nonce::Value(text) => {
                nonce.insert("value".to_owned(), text.into());
            }
            Nonce::Placeholder(text) => {
                nonce.insert("placeholder".to_owned(), text.into());
            }
        }
        nonce.insert("replace".to_owned(), flag(5).into());
        put("nonce", nonce.into());
        let codes = |bits: u8| -> Value {
            let set = CODES.iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1);
            list(set.map(|(_, code)| *code))
        };
        put("deny", codes(self.levels.0));
        put("allow", codes(self.levels.1 & !self.levels.0));
        table
    }
}

impl Output {
    fn table(&self, repository: &Path) -> Table {
        let mut table = Table::new();
        let format = TARGETS[usize::from(self.format) % TARGETS.len()].name();
        table.insert("format".to_owned(), format.into());
        if let Some(file) = &self.file {
            table.insert("file".to_owned(), file.text(repository, 0).into());
        }
        table.insert("into".to_owned(), (self.flags & 1 == 1).into());
        table.insert("report-only".to_owned(), (self.flags & 2 == 2).into());
        let scope = ["site", "page", "auto"][usize::from(self.flags >> 2) % 3];
        if self.flags & 0x80 != 0 {
            table.insert("scope".to_owned(), scope.into());
        }
        table
    }
}
