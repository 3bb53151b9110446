//! Everything that fetches, and the directive that decides on it: blocked with a report where the directive lists `'self'` alone,
//! requested from the other origin under the policy that `hash --external` makes of that.

use std::ffi::OsStr;
use std::sync::Arc;
use std::time::Duration;

use cspseal::check::allow_requests;
use cspseal::policy::{Granularities, Policy, PolicyBuilder};
use cspseal::site::Inventory;
use cspseal::{HashAlgorithm, ScanOptions, scan_page};
use serde_json::json;

use super::driver::{Browser, Fault, LIMIT, Tab};
use super::report::Report;
use super::sealed::run;
use super::server::{Files, Response, Server};

/// The directive, its other sources, and markup with `URL` for a URL of another origin.
type Row = (&'static str, &'static str, &'static str);

const ROWS: &[Row] = &[
    ("img-src", "", "<img src=URL>"),
    ("img-src", "", "<img srcset='URL 2x'>"),
    ("img-src", "", "<picture><source srcset=URL><img></picture>"),
    ("img-src", "", "<input type=image src=URL>"),
    ("img-src", "", "<video poster=URL></video>"),
    ("img-src", "", "<body background=URL>"),
    ("img-src", "", "<table background=URL><tr><td>x</table>"),
    ("img-src", "", "<table><tr><td background=URL>x</table>"),
    ("img-src", "", "<link rel=preload as=image href=URL>"),
    ("img-src", "", "<link rel=preload as=image imagesrcset='URL 1x'>"),
    ("img-src", "", "<svg><image href=URL width=9 height=9 /></svg>"),
    ("img-src", "", "<svg><filter id=f><feImage href=URL /></filter><rect filter=url(#f) width=9 height=9 /></svg>"),
    ("img-src", "", "<p style='background:url(URL)'>x"),
    ("img-src", "", "<style>p{background:image-set(\"URL\" 1x)}</style><p>x"),
    ("img-src", "", "<style>p{--x:url(URL);background:var(--x)}</style><p>x"),
    ("img-src", "", "<style>p{border:9px solid;border-image:url(URL) 30}</style><p>x"),
    ("img-src", "", "<style>p{display:list-item;list-style:url(URL)}</style><p>x"),
    ("img-src", "", "<style>p::before{content:url(URL)}</style><p>x"),
    ("img-src", "", "<style>p{mask:url(URL)}</style><p>x"),
    ("img-src", "", "<svg><rect mask=url(URL) width=9 height=9 /></svg>"),
    ("img-src", "", "<style>p{float:left;shape-outside:url(URL)}</style><p>x"),
    ("media-src", "", "<video src=URL></video>"),
    ("media-src", "", "<audio src=URL></audio>"),
    ("media-src", "", "<video><source src=URL></video>"),
    ("media-src", "", "<video crossorigin><track default src=URL></video>"),
    ("font-src", "", "<style>@font-face{font-family:f;src:url(URL)}p{font-family:f}</style><p>x"),
    ("font-src", "", "<link rel=preload as=font crossorigin href=URL>"),
    ("style-src-elem", "", "<link rel=stylesheet href=URL>"),
    ("style-src-elem", "", "<link rel=stylesheet media=print href=URL>"),
    ("style-src-elem", "", "<link rel='alternate stylesheet' title=x href=URL>"),
    ("style-src-elem", "'unsafe-inline'", "<style>@import 'URL';</style>"),
    ("style-src-elem", "", "<link rel=preload as=style href=URL>"),
    ("script-src-elem", "", "<script src=URL></script>"),
    ("script-src-elem", "", "<script type=module src=URL></script>"),
    ("script-src-elem", "'unsafe-inline'", "<script type=module>import 'URL'</script>"),
    ("script-src-elem", "", "<svg><script href=URL /></svg>"),
    ("connect-src", "", "<script type=module>import a from 'URL' with {type: 'json'}</script>"),
    ("style-src-elem", "", "<script type=module>import a from 'URL' with {type: 'css'}</script>"),
    ("script-src-elem", "", "<link rel=modulepreload href=URL>"),
    // Chromium's preload scanner takes whatever is preloaded as a module for a script.
    ("style-src-elem", "; script-src-elem 'self'", "<link rel=modulepreload as=style href=URL>"),
    ("connect-src", "; script-src-elem 'self'", "<link rel=modulepreload as=json href=URL>"),
    ("script-src-elem", "", "<link rel=preload as=script href=URL>"),
    ("object-src", "", "<object data=URL></object>"),
    ("object-src", "", "<object type=image/png data=URL></object>"),
    ("object-src", "", "<embed src=URL>"),
    ("frame-src", "", "<object type=text/html data=URL></object>"),
    ("frame-src", "", "<embed src=URL>"),
    ("frame-src", "", "<iframe src=URL></iframe>"),
    ("frame-src", "", "<frameset><frame src=URL></frameset>"),
    ("frame-src", "", "<iframe name=f></iframe><a id=a target=f href=URL>x</a><script>a.click()</script>"),
    ("frame-src", "", "<base target=f><a id=a href=URL>x</a><iframe name=f></iframe><script>a.click()</script>"),
    ("frame-src", "", "<iframe srcdoc='<a id=a href=URL>x</a><script>a.click()</script>'></iframe>"),
    ("frame-src", "", "<iframe srcdoc='<meta http-equiv=refresh content=0;url=URL>'></iframe>"),
    ("frame-src", "", "<iframe name=f></iframe><form id=q action=URL target=f></form><script>q.submit()</script>"),
    (
        "frame-src",
        "",
        "<iframe name=f></iframe><form action=URL><button id=b formtarget=f>x</button></form><script>b.click()</script>",
    ),
    ("connect-src", "", "<link rel=preload as=fetch crossorigin href=URL>"),
    ("connect-src", "", "<a id=a href='#x' ping=URL>x</a><script>a.click()</script>"),
    ("connect-src", "", "<link rel=compression-dictionary href=URL>"),
    ("img-src", "", "<link rel=icon href=URL>"),
    ("manifest-src", "", "<link rel=manifest href=URL>"),
    ("default-src", "'unsafe-inline'", "<link rel=prefetch href=URL>"),
    ("script-src-elem", "", "<svg><script xlink:href=URL /></svg>"),
    (
        "form-action",
        "",
        "<iframe name=f></iframe><form target=f><button id=b formaction=URL>x</button></form><script>b.click()</script>",
    ),
    (
        "form-action",
        "",
        "<base href=URL><iframe name=f></iframe><form id=q action='#x' target=f></form><script>q.submit()</script>",
    ),
    (
        "form-action",
        "",
        "<iframe name=f></iframe><form target=f method=dialog><button id=b formmethod=get formaction=URL>x</button></form><script>b.click()</script>",
    ),
    ("base-uri", "", "<base href=URL><img src='?'>"),
    ("form-action", "", "<iframe name=f></iframe><form id=q action=URL target=f></form><script>q.submit()</script>"),
];

/// The same without a URL, so that the page itself is asked for, which the sources do not allow.
const OWN_ROWS: &[Row] = &[
    (
        "form-action",
        "https://forms.example",
        "<iframe name=f></iframe><form id=q target=f></form><script>if (top == self) q.submit()</script>",
    ),
    (
        "form-action",
        "https://forms.example",
        "<base href=https://base.example><iframe name=f></iframe><form action='' target=f><button id=b>x</button></form><script>if (top == self) b.click()</script>",
    ),
];

/// Files of the site in which the URL is, instead of the page.
type SiteFiles = &'static [(&'static str, &'static str)];

/// What files of the site ask for, with which a page has it, too.
const FILE_ROWS: &[(Row, SiteFiles)] = &[
    (("style-src-elem", "", "<link rel=stylesheet href=a.css>"), &[("a.css", "@import 'URL';")]),
    (("img-src", "", "<link rel=stylesheet href=a.css><p>x"), &[("a.css", "p { background: url(URL) }")]),
    (
        ("font-src", "", "<link rel=stylesheet href=d/a.css><p>x"),
        &[
            ("d/a.css", "@import 'b.css';"),
            ("d/b.css", "@font-face { font-family: f; src: url(URL) } p { font-family: f }"),
        ],
    ),
    (
        ("img-src", "", "<iframe src=a.svg></iframe>"),
        &[("a.svg", "<svg xmlns='http://www.w3.org/2000/svg'><style>svg { background: url(URL) }</style></svg>")],
    ),
    (
        ("img-src", "", "<svg width=9 height=9><use href='a.svg#s' /></svg>"),
        &[
            ("a.svg", "<svg xmlns='http://www.w3.org/2000/svg'><symbol id='s'><use href='b.svg#t'/></symbol></svg>"),
            (
                "b.svg",
                "<svg xmlns='http://www.w3.org/2000/svg'><g id='t'><image href='URL' width='9' height='9'/></g></svg>",
            ),
        ],
    ),
    (
        ("frame-src", "", "<iframe src=a.html></iframe>"),
        &[
            ("a.html", "<meta http-equiv=refresh content=0;url=d/b.html>"),
            ("d/b.html", "<meta http-equiv=refresh content='0;url=URL'>"),
        ],
    ),
    (
        ("img-src", "", "<link rel=manifest href=a.webmanifest>"),
        &[(
            "a.webmanifest",
            r#"{"name": "a", "start_url": ".", "display": "standalone", "icons": [{"src": "URL", "sizes": "192x192", "type": "image/png"}]}"#,
        )],
    ),
    (
        ("script-src-elem", "", "<script type=module src=d/a.js></script>"),
        &[("d/a.js", "import './b.js'"), ("d/b.js", "import 'URL'")],
    ),
    (
        ("connect-src", "", "<script type=module src=a.js></script>"),
        &[("a.js", "import a from 'URL' with {type: 'json'}")],
    ),
];

/// What is requested under the base alone, since no directive decides on it. Firefox has none of it.
const UNDECIDED: &[Row] = &[
    (
        "default-src",
        "'unsafe-inline'",
        "<script type=speculationrules>{\"prefetch\":[{\"urls\":[\"URL\"],\"eagerness\":\"immediate\"}]}</script>",
    ),
    (
        "default-src",
        "'unsafe-inline'",
        "<script type=speculationrules>{\"prerender\":[{\"urls\":[\"URL\"],\"eagerness\":\"immediate\"}]}</script>",
    ),
];

/// Directives and parts of rows that fetch nothing in Firefox as it is driven here: it sends no pings, installs no web apps, fetches no dictionaries, prefetches nothing,
/// preloads nothing but scripts as modules, and asks for objects as such alone.
const CHROMIUM_ONLY: [(&str, &str); 8] = [
    ("", " ping="),
    ("", " rel=compression-dictionary "),
    ("", " rel=manifest "),
    ("", " rel=prefetch "),
    ("", " rel=modulepreload as=style "),
    ("", " rel=modulepreload as=json "),
    ("frame-src", "<object "),
    ("frame-src", "<embed "),
];

/// How many rows passed in a browser, and how many failed.
pub(crate) fn try_all(name: &str, browser: &dyn Browser, server: &Server) -> (usize, usize) {
    let other = Server::start();
    let mut failed = 0;
    let mut tab = match browser.tab() {
        Ok(tab) => tab,
        Err(fault) => {
            println!("FAILED {name}: resources: {fault}");
            return (0, ROWS.len());
        }
    };
    let is_tried = |(row, _): &(&Row, SiteFiles)| {
        let is_it = |(of, part): &(&str, &str)| row.0.starts_with(of) && row.2.contains(part);
        let is_known = CHROMIUM_ONLY.iter().any(is_it);
        name != "firefox" || !is_known
    };
    let alone = ROWS.iter().chain(OWN_ROWS).map(|row| (row, &[][..]));
    let in_files = FILE_ROWS.iter().map(|(row, files)| (row, *files));
    let undecided = UNDECIDED.iter().map(|row| (row, &[][..]));
    let undecided = undecided.filter(|_| name == "chromium");
    let decided = alone.chain(in_files).filter(is_tried);
    let rows: Vec<_> = decided.chain(undecided).collect();
    for (number, (row, files)) in rows.iter().enumerate() {
        let trial = Trial {
            server,
            other: &other,
            name: format!("{name}-{number}"),
            row,
            files,
            reports: is_reported(name, row, files),
        };
        if let Err(fault) = trial.run(&mut *tab) {
            println!("FAILED {name}: {} of {}: {fault}", row.0, row.2);
            failed += 1;
        }
    }
    (rows.len() - failed, failed)
}

/// Whether a browser reports what it blocks of a row: Firefox blocks preloads silently, and a page of the site in a frame reports to
/// itself.
fn is_reported(browser: &str, row: &Row, files: SiteFiles) -> bool {
    let is_silent = browser == "firefox" && row.2.contains("preload ");
    let is_framed = row.2.contains("<iframe ") && !files.is_empty();
    !is_silent && !is_framed
}

struct Trial<'a> {
    server: &'a Server,
    /// The other origin.
    other: &'a Server,
    /// The name of the row, for its paths.
    name: String,
    row: &'a Row,
    files: SiteFiles,
    /// Whether the browser reports what it blocks.
    reports: bool,
}

impl Trial<'_> {
    fn run(&self, tab: &mut dyn Tab) -> Result<(), Fault> {
        if UNDECIDED.contains(self.row) {
            let (_, path) = self.load(tab, "allowed", |_, _, base| Ok(base))?;
            let is_asked = self.other.is_asked(&path, LIMIT);
            return is_asked.then_some(()).ok_or("not requested".into());
        }
        let (directive, _, _) = self.row;
        let (blocked, path) = self.load(tab, "blocked", |_, _, base| Ok(base))?;
        let mut enforced = blocked.violations.iter().filter(|v| v.enforced);
        if self.reports && !enforced.any(|v| v.directive == *directive) {
            return Err(format!("not reported as blocked: {:?}", blocked.violations).into());
        }
        if self.other.is_asked(&path, Duration::ZERO) {
            return Err("requested although blocked".into());
        }
        let (allowed, path) = self.load(tab, "allowed", with_external)?;
        if !self.is_own() && !self.other.is_asked(&path, LIMIT) {
            return Err("never requested, so that the row proves nothing".into());
        }
        if let Some(violation) = allowed.violations.iter().find(|v| v.enforced) {
            return Err(format!("blocked with its source: {violation:?}").into());
        }
        Ok(())
    }

    /// Whether the row asks for the page itself.
    fn is_own(&self) -> bool {
        !self.row.2.contains("URL") && self.files.is_empty()
    }

    /// Loads the row under the policy that is made of its page and base. Each load has a path of its own, since browsers remember
    /// what was blocked.
    fn load(
        &self,
        tab: &mut dyn Tab,
        load: &str,
        policy: impl Fn(&str, &Given, String) -> Result<String, Fault>,
    ) -> Result<(Report, String), Fault> {
        let (directive, sources, markup) = self.row;
        let path = format!("{}-{load}", self.name);
        let url = format!("{}/{path}", self.other.origin());
        let awaited = (load == "blocked" && self.reports).then_some(directive);
        let html = format!("<!doctype html><title>x</title>{}", markup.replace("URL", &url));
        let files = self.files.iter().map(|(name, text)| {
            let text = text.replace("URL", &url);
            ((*name).to_owned(), text.into_bytes())
        });
        let files: Given = files.collect();
        let base = match self.is_own() {
            true => format!("{directive} {sources}"),
            false => format!("{directive} 'self' {sources}"),
        };
        let (page, token) = self.server.offer(Response {
            path: "index.html".to_owned(),
            content_type: "text/html".to_owned(),
            policies: vec![policy(&html, &files, base)?],
            report_only: Vec::new(),
            body: html.into_bytes(),
            task: json!({"blocks": awaited}),
            files: Files::Site(Arc::new(files)),
        });
        tab.open(&page)?;
        let report = self.server.report(token, LIMIT).ok_or("no report came")?;
        Ok((serde_json::from_value(report)?, path))
    }
}

/// The contents of files by their names.
type Given = Vec<(String, Vec<u8>)>;

/// The policy that `hash --external` makes of a page, the files of its site and a base.
fn with_external(html: &str, files: &Given, base: String) -> Result<String, Fault> {
    if !files.is_empty() {
        let site = tempfile::tempdir()?;
        let page = ("index.html".to_owned(), html.as_bytes().to_owned());
        for (name, content) in files.iter().chain([&page]) {
            let path = site.path().join(name);
            std::fs::create_dir_all(path.parent().ok_or("no folder")?)?;
            std::fs::write(path, content)?;
        }
        let args = ["hash", "--external", "--policy", &base].map(OsStr::new);
        let made = run(&[&args[..], &[site.path().as_os_str()]].concat());
        return Ok(made.trim().to_owned());
    }
    let options = ScanOptions::new().with_requests(true);
    let mut inventory = Inventory::new(HashAlgorithm::Sha256);
    inventory.add(scan_page("index.html", html.as_bytes(), &options)?)?;
    let builder = PolicyBuilder::new(Some(base.parse::<Policy>()?));
    let builder = builder.with_external(Some(Granularities::default()));
    let made = allow_requests(&builder, &inventory).site(&inventory);
    Ok(made.policy.to_string())
}
