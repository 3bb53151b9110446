//! Under which URL paths a target shows a page, and how a browser may spell them.
//!
//! A host matches its rules against the path of the request. Whether it does so before or after decoding is not
//! documented for some, so a page has both spellings there, and a rule that knows one of them leaves the other without
//! its policy.

use crate::target::url_link_path;
use crate::target::urls::Case;

/// Whether the site holds another page at a site path.
pub(crate) type IsPage<'p> = &'p dyn Fn(&str) -> bool;

/// The URLs of a target.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Urls {
    /// Which readings of letters are tried; where it is not known whether case matters, both.
    pub(crate) cases: &'static [Case],
    pub(crate) switches: Switches,
    /// The paths of a page that rules are matched against.
    pub(crate) of: fn(&Page<'_>, Switches, IsPage<'_>) -> Vec<String>,
}

impl Urls {
    /// The paths of the page at `site_path` that rules are matched against.
    pub(super) fn paths(&self, site_path: &str, is_page: IsPage<'_>) -> Vec<String> {
        (self.of)(&Page::new(site_path), self.switches, is_page)
    }
}

/// The switches of a host's file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Switches {
    /// Shows a page without its `.html` and redirects from the name with it.
    pub(crate) clean: bool,
    /// Whether a path ends in a slash, if that is said.
    pub(crate) slash: Option<bool>,
}

impl Switches {
    /// None of them is set.
    pub(crate) const NONE: Self = Self { clean: false, slash: None };
}

/// These paths, and as links spell them.
pub(crate) fn spelled(paths: Vec<String>) -> Vec<String> {
    let mut urls: Vec<String> = Vec::new();
    for path in paths {
        let link = url_link_path(&path);
        if link != path {
            urls.push(path);
        }
        urls.push(link);
    }
    urls
}

/// A page's place in the site, cut up.
pub(crate) struct Page<'a> {
    pub(crate) path: &'a str,
    /// The folder that it is the index of, without a slash at its end.
    pub(crate) folder: Option<&'a str>,
    /// Its path without `.html`, if it is no index.
    stem: Option<&'a str>,
}

impl<'a> Page<'a> {
    fn new(path: &'a str) -> Self {
        let folder = path
            .strip_suffix("index.html")
            .and_then(|folder| if folder.is_empty() { Some("") } else { folder.strip_suffix('/') });
        let stem = match folder {
            Some(_) => None,
            None => path.strip_suffix(".html"),
        };
        Self { path, folder, stem }
    }

    /// The name without `.html`, unless a folder's index is shown there or a file that is called so.
    pub(crate) fn clean(&self, is_page: IsPage<'_>) -> Option<&'a str> {
        self.stem.filter(|stem| !is_page(stem) && !is_page(&format!("{stem}/index.html")))
    }

    /// Its own path, where clean URLs do not redirect it.
    pub(crate) fn unless_clean(&self, switches: Switches) -> Vec<String> {
        let stays = !switches.clean || (self.folder.is_none() && self.stem.is_none());
        Vec::from_iter(stays.then(|| format!("/{}", self.path)))
    }

    pub(crate) fn folder_url(folder: &str, slash: bool) -> String {
        match (folder, slash) {
            ("", _) => "/".to_owned(),
            (folder, true) => format!("/{folder}/"),
            (folder, false) => format!("/{folder}"),
        }
    }

    /// With and without `.html`, an index also as its folder.
    pub(crate) fn every_form(&self, is_page: IsPage<'_>) -> Vec<String> {
        let mut urls = vec![format!("/{}", self.path)];
        if let Some(folder) = self.folder {
            urls.push(Self::folder_url(folder, true));
            urls.push(Self::folder_url(folder, false));
        }
        urls.extend(self.clean(is_page).map(|stem| format!("/{stem}")));
        urls
    }
}
