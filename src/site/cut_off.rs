//! Whether a style sheet or script leads to more files than are read for it: answered for all files of a chain of imports in one walk.
//!
//! A file leads to all that the files lead to which it imports. So those that lead to few files tell a bound for it, and one that
//! leads to too many decides.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use super::files::SiteFiles;
use super::subresources::{FileKey, MOST_FILES, imports};

/// The most files that each file may lead to, with itself; more than [`MOST_FILES`] for one that leads to too many.
#[derive(Debug, Default)]
pub(super) struct Sizes(Mutex<HashMap<FileKey, usize>>);

impl Sizes {
    fn of(&self, key: &FileKey) -> Option<usize> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(key).copied()
    }

    fn set(&self, key: FileKey, size: usize) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry(key).or_insert(size);
    }
}

impl SiteFiles {
    /// Whether a file leads to more files than are read for it.
    pub(super) fn is_cut_off(&self, first: &FileKey) -> bool {
        let sizes = &self.subresources.sizes;
        let mut open = vec![first.clone()];
        let mut entered = HashSet::new();
        // Each after what it imports, but for cycles and what is too far away.
        while let Some(key) = open.last() {
            if sizes.of(key).is_some() {
                open.pop();
                continue;
            }
            let imports = self.imports_of(key);
            if entered.contains(key) {
                let key = key.clone();
                open.pop();
                let size = self.size(&key, &imports);
                sizes.set(key, size);
            } else if entered.len() == MOST_FILES {
                open.pop();
            } else {
                entered.insert(key.clone());
                open.extend(imports.into_iter().filter(|it| !entered.contains(it)));
            }
        }
        sizes.of(first).is_some_and(|size| size > MOST_FILES)
    }

    /// The size of a file that imports these.
    fn size(&self, key: &FileKey, imports: &BTreeSet<FileKey>) -> usize {
        let sizes = &self.subresources.sizes;
        let known: Vec<Option<usize>> = imports.iter().map(|it| sizes.of(it)).collect();
        if known.iter().flatten().any(|size| *size > MOST_FILES) {
            return MOST_FILES + 1;
        }
        let all: Option<usize> = known.into_iter().sum();
        if let Some(all) = all.filter(|all| *all < MOST_FILES) {
            return all + 1;
        }
        let (read, is_cut) = self.walk(key, |_| {});
        if is_cut {
            return MOST_FILES + 1;
        }
        let size = read.len();
        read.into_iter().for_each(|key| sizes.set(key, size));
        size
    }

    /// The files of the site that a file imports itself.
    fn imports_of(&self, (destination, url): &FileKey) -> BTreeSet<FileKey> {
        let requests = self.own_requests(*destination, url);
        let own = requests
            .iter()
            .filter(|it| imports(it.destination) && self.has(&it.url));
        own.map(|it| self.key(it.destination, &it.url)).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use url::Url;

    use super::*;
    use crate::page::Destination;
    use crate::site::{Served, SiteUrl, Unanswered};

    /// Style sheets with numbers, each of which imports those of `imported`.
    fn files(imported: impl Fn(usize) -> Vec<usize> + Send + Sync + 'static) -> SiteFiles {
        let serve = move |url: &Url| {
            let number = url.path()[1..].parse().map_err(|_| Unanswered::Missing)?;
            let imports = imported(number).into_iter();
            let text: String = imports.map(|it| format!("@import '/{it}';")).collect();
            Ok(Served {
                url: url.clone(),
                charset: None,
                bytes: text.into_bytes(),
            })
        };
        let site = SiteUrl::parse("https://a.test/").unwrap();
        SiteFiles::on_server(site, Box::new(serve), HashMap::new())
    }

    #[test]
    fn the_bounds_tell_what_a_walk_finds() {
        let tree = |n: usize, count: usize| -> Vec<usize> {
            let children = [2 * n + 1, 2 * n + 2];
            children.into_iter().filter(|it| *it < count).collect()
        };
        let wide = |n: usize, count: usize| match n {
            0 => (1..count).collect(),
            _ => Vec::new(),
        };
        let shapes: Vec<(&str, SiteFiles)> = vec![
            ("chain", files(|n| vec![n + 1; usize::from(n < 2_500)])),
            ("ring of 1000", files(|n| vec![(n + 1) % 1000])),
            ("ring of 1001", files(|n| vec![(n + 1) % 1001])),
            (
                "ladder",
                files(|n| match n {
                    900.. => vec![],
                    n => vec![n / 2 * 2 + 2, n / 2 * 2 + 3],
                }),
            ),
            ("tree of 1000", files(move |n| tree(n, 1000))),
            ("tree of 1001", files(move |n| tree(n, 1001))),
            ("wide, 1000", files(move |n| wide(n, 1000))),
            ("wide, 1001", files(move |n| wide(n, 1001))),
            ("mixed", files(|n| vec![n * 7 % 1_013, n * 31 % 997, n / 2])),
            ("itself", files(|n| vec![n])),
        ];
        for (name, files) in shapes {
            for number in [0, 3, 2_000, 1_700, 1_501, 1_500, 999, 500, 1, 2] {
                let url = Url::parse(&format!("https://a.test/{number}")).unwrap();
                let key = (Destination::Style, Arc::new(url));
                let (_, expected) = files.walk(&key, |_| {});
                assert_eq!(files.is_cut_off(&key), expected, "{name} from {number}");
            }
        }
    }
}
