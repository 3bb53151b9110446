//! The addresses that the files of a site give as its own: a suggestion for messages and for `init`. No policy rests on them,
//! because a file that was copied names another site.

use std::path::{Path, PathBuf};

use url::Url;

use super::init::configured;
use crate::check::OWN_ADDRESS;
use crate::finding::Finding;
use crate::site::SiteUrl;
use crate::target::one_line;

/// An address and the file that gives it.
pub(super) struct Hint {
    pub(super) address: SiteUrl,
    pub(super) file: String,
}

/// The hints in these folders of pages and in the working folder, the most exact first.
pub(super) fn hints(folders: &[PathBuf]) -> Vec<Hint> {
    let here = PathBuf::from(".");
    let folders: Vec<&PathBuf> = folders.iter().filter(|path| path.is_dir()).collect();
    let all = || folders.iter().copied().chain([&here]);
    let mut found = Vec::new();
    let mut add = |folder: &Path, file: &str, address: Option<SiteUrl>| {
        let path = folder.join(file);
        let path = path.strip_prefix(".").unwrap_or(&path);
        let file = path.to_string_lossy().into_owned();
        found.extend(address.map(|address| Hint { address, file }));
    };
    let text = configured::text;
    for folder in &folders {
        let page = text(folder, "index.html");
        add(folder, "index.html", page.and_then(|text| canonical(&text)));
    }
    for (file, key) in configured::address_keys() {
        let value = text(&here, file).and_then(|text| address(configured::value(&text, key)?));
        add(&here, file, value);
    }
    for folder in all() {
        let name = text(folder, "CNAME");
        let line = name.as_deref().and_then(|name| name.lines().next());
        let named = line.and_then(|line| address(&format!("https://{}/", line.trim())));
        add(folder, "CNAME", named);
    }
    for folder in all() {
        let map = text(folder, "sitemap.xml");
        add(folder, "sitemap.xml", map.and_then(|text| listed(&text)));
    }
    found
}

/// Names the address and its file in the findings about a host that may be the site itself.
pub(super) fn suggest(findings: &mut [Finding], folders: &[PathBuf]) {
    let mut found = None;
    for finding in findings {
        let Some(help) = finding.help.strip_suffix(OWN_ADDRESS) else {
            continue;
        };
        let mut words = help.split(' ').skip(1);
        let Some(url) = words.next().and_then(|origin| Url::parse(origin).ok()) else {
            continue;
        };
        let hints = found.get_or_insert_with(|| hints(folders));
        let mut hints = hints.iter();
        if let Some(Hint { address, file }) = hints.find(|it| it.address.host() == url.host()) {
            finding.help = format!(
                "{help}; if that is the site's own address, as {} suggests, say --site-url {address}",
                one_line(file)
            );
        }
    }
}

fn address(text: &str) -> Option<SiteUrl> {
    SiteUrl::parse(text).ok()
}

/// The folder of the canonical URL of a page.
fn canonical(html: &str) -> Option<SiteUrl> {
    let mut tags = html.split("<link").skip(1);
    let tag = tags.find_map(|rest| {
        let tag = rest.split('>').next()?;
        let is_it = configured::value(tag, "rel")?.eq_ignore_ascii_case("canonical");
        is_it.then_some(tag)
    });
    let url = Url::parse(configured::value(tag?, "href")?).ok()?;
    address(url.join(".").ok()?.as_str())
}

/// The origin of the first URL in a sitemap.
fn listed(xml: &str) -> Option<SiteUrl> {
    let url = xml.split("<loc>").nth(1)?.split('<').next()?;
    address(Url::parse(url.trim()).ok()?.join("/").ok()?.as_str())
}
