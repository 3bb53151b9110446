//! Whether a style sheet or script leads to more files than are read for it: answered for all files of a chain of imports in one walk.
//!
//! A file leads to all that the files lead to which it imports. So those that lead to few files tell a bound for it, and one that
//! leads to too many decides.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use super::files::SiteFiles;
use super::subresources::{MOST_FILES, MOST_IMPORTS};

/// The most files that one may lead to, with itself, and the most imports in them; [`None`] for more than count.
type Size = Option<(usize, usize)>;

/// The size of each file, by its number.
#[derive(Debug, Default)]
pub(super) struct Sizes(Mutex<HashMap<u32, Size>>);

impl Sizes {
    fn of(&self, number: u32) -> Option<Size> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&number).copied()
    }

    fn set(&self, number: u32, size: Size) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry(number).or_insert(size);
    }
}

impl SiteFiles {
    /// Whether a file leads to more files than are read for it.
    pub(super) fn is_cut_off(&self, first: u32) -> bool {
        let sizes = &self.subresources.sizes;
        let mut open = vec![first];
        let mut entered = HashSet::new();
        // Each after what it imports, but for cycles and what is too far away.
        while let Some(&number) = open.last() {
            if sizes.of(number).is_some() {
                open.pop();
                continue;
            }
            let imports = self.file(number).imports;
            if entered.contains(&number) {
                open.pop();
                sizes.set(number, self.size(number, &imports));
            } else if entered.len() == MOST_FILES {
                open.pop();
            } else {
                entered.insert(number);
                let new = imports.iter().filter(|it| !entered.contains(it));
                open.extend(new);
            }
        }
        sizes.of(first) == Some(None)
    }

    /// The size of a file that imports these.
    fn size(&self, number: u32, imports: &[u32]) -> Size {
        let sizes = &self.subresources.sizes;
        let mut all = Some((1, imports.len()));
        for import in imports {
            let known = sizes.of(*import);
            if known == Some(None) {
                return None;
            }
            let sum = all.zip(known.flatten());
            all = sum.map(|(all, more)| (all.0 + more.0, all.1 + more.1));
        }
        if all.is_some_and(|(files, imports)| files <= MOST_FILES && imports <= MOST_IMPORTS) {
            return all;
        }
        let (read, imports) = self.reached(number);
        let size = Some((read.len(), imports?));
        read.into_iter().for_each(|it| sizes.set(it, size));
        size
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
            Ok(Served { url: url.clone(), charset: None, bytes: text.into_bytes() })
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
            ("141 that import all", files(|_| (0..141).collect())),
            ("142 that import all", files(|_| (0..142).collect())),
            ("all before", files(|n| (0..n.saturating_sub(1_600)).collect())),
        ];
        for (name, files) in shapes {
            for number in [0, 3, 2_000, 1_700, 1_501, 1_500, 999, 500, 1, 2] {
                let url = Url::parse(&format!("https://a.test/{number}")).unwrap();
                let number = files.number(Destination::Style, &Arc::new(url));
                let expected = files.reached(number).1.is_none();
                assert_eq!(files.is_cut_off(number), expected, "{name}");
            }
        }
    }
}
