//! Under which URL paths a target shows a page, and how a browser may spell them.
//!
//! A host matches its rules against the path of the request. Whether it does so before or after decoding is not
//! documented for some, so a page has both spellings there, and a rule that knows one of them leaves the other without
//! its policy.

pub(super) use crate::target::urls::Case;
use crate::target::{url_link_path, url_spellings};

/// The URLs of a target.
#[derive(Clone, Copy, Debug)]
pub(super) enum Urls {
    Netlify,
    Cloudflare,
    Vercel(Switches),
    Firebase(Switches),
    Azure,
}

/// The switches of a host's file.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Switches {
    /// Shows a page without its `.html` and redirects from the name with it.
    pub(super) clean: bool,
    /// Whether a path ends in a slash, if that is said.
    pub(super) slash: Option<bool>,
}

impl Urls {
    /// Which readings of letters are tried.
    pub(super) fn cases(self) -> &'static [Case] {
        match self {
            Self::Netlify => &[Case::MayNot],
            Self::Vercel(_) => &[Case::Matters, Case::MayNot],
            _ => &[Case::Matters],
        }
    }

    /// The paths that rules are matched against.
    pub(super) fn of(self, site_path: &str, is_page: &dyn Fn(&str) -> bool) -> Vec<String> {
        let page = Page::new(site_path);
        let shown = match self {
            Self::Cloudflare => return url_spellings(site_path),
            Self::Netlify | Self::Azure => page.every_form(is_page),
            Self::Vercel(switches) => page.vercel(switches, is_page),
            Self::Firebase(switches) => page.firebase(switches, is_page),
        };
        let mut urls: Vec<String> = Vec::new();
        for path in shown {
            let link = url_link_path(&path);
            if link != path && !matches!(self, Self::Azure) {
                urls.push(path);
            }
            urls.push(link);
        }
        urls
    }
}

/// A page's place in the site, cut up.
struct Page<'a> {
    path: &'a str,
    /// The folder that it is the index of, without a slash at its end.
    folder: Option<&'a str>,
    /// Its path without `.html`, if it is no index.
    stem: Option<&'a str>,
}

impl<'a> Page<'a> {
    fn new(path: &'a str) -> Self {
        let folder = path.strip_suffix("index.html").and_then(|folder| {
            if folder.is_empty() {
                Some("")
            } else {
                folder.strip_suffix('/')
            }
        });
        let stem = match folder {
            Some(_) => None,
            None => path.strip_suffix(".html"),
        };
        Self { path, folder, stem }
    }

    /// The name without `.html`, unless a folder's index is shown there or a file that is called so.
    fn clean(&self, is_page: &dyn Fn(&str) -> bool) -> Option<&'a str> {
        self.stem
            .filter(|stem| !is_page(stem) && !is_page(&format!("{stem}/index.html")))
    }

    fn folder_url(folder: &str, slash: bool) -> String {
        match (folder, slash) {
            ("", _) => "/".to_owned(),
            (folder, true) => format!("/{folder}/"),
            (folder, false) => format!("/{folder}"),
        }
    }

    /// With and without `.html`, an index also as its folder.
    fn every_form(&self, is_page: &dyn Fn(&str) -> bool) -> Vec<String> {
        let mut urls = vec![format!("/{}", self.path)];
        if let Some(folder) = self.folder {
            urls.push(Self::folder_url(folder, true));
            urls.push(Self::folder_url(folder, false));
        }
        urls.extend(self.clean(is_page).map(|stem| format!("/{stem}")));
        urls
    }

    /// With clean URLs the name with `.html` is redirected; a slash is added or taken away if the file says so.
    fn vercel(&self, switches: Switches, is_page: &dyn Fn(&str) -> bool) -> Vec<String> {
        let mut urls = Vec::new();
        if !switches.clean || (self.folder.is_none() && self.stem.is_none()) {
            urls.push(format!("/{}", self.path));
        }
        let slashes: &[bool] = match switches.slash {
            None => &[true, false],
            Some(true) => &[true],
            Some(false) => &[false],
        };
        for slash in slashes {
            if let Some(folder) = self.folder {
                urls.push(Self::folder_url(folder, *slash));
            } else if let Some(stem) = self.clean(is_page).filter(|_| switches.clean) {
                urls.push(Self::folder_url(stem, *slash));
            }
        }
        urls
    }

    /// As superstatic 10 has it (run).
    fn firebase(&self, switches: Switches, is_page: &dyn Fn(&str) -> bool) -> Vec<String> {
        let mut urls = Vec::new();
        if !switches.clean || (self.folder.is_none() && self.stem.is_none()) {
            urls.push(format!("/{}", self.path));
        }
        if let Some(folder) = self.folder {
            if switches.slash != Some(false) || folder.is_empty() {
                urls.push(Self::folder_url(folder, true));
            }
            let bare =
                switches.slash == Some(false) || (switches.clean && switches.slash.is_none());
            if bare && !folder.is_empty() {
                urls.push(Self::folder_url(folder, false));
            }
        } else if let Some(stem) = self.clean(is_page).filter(|_| switches.clean) {
            urls.push(Self::folder_url(stem, switches.slash == Some(true)));
        }
        urls
    }
}
