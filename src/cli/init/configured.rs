//! The folder of pages and the address of the site that a generator's configuration names. It is searched for a key and not
//! parsed: the files are TOML, YAML, JSON, Python and JavaScript.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use super::kinds::KINDS;
use crate::site::reach::stays_below;

/// How many bytes of a file are searched.
const LONGEST: u64 = 1 << 16;

/// The configuration of a kind: its name, files that do not tell the kind, and the keys of the folder and of the address, or
/// empty.
const KEYS: &[(&str, &str, &str, &str)] = &[
    ("Hugo", "", "publishDir", "baseURL"),
    ("Zola", "", "output_dir", "base_url"),
    ("Jekyll", "", "destination", "url"),
    ("Hexo", "_config.yml", "public_dir", "url"),
    ("Eleventy", "", "output", ""),
    ("Astro", "", "outDir", "site"),
    ("mdBook", "", "build-dir", ""),
    ("Pelican", "", "OUTPUT_PATH", "SITEURL"),
    ("Nikola", "", "OUTPUT_FOLDER", "SITE_URL"),
    ("Docusaurus", "", "", "url"),
    ("Gatsby", "", "", "siteUrl"),
    ("MkDocs", "", "site_dir", "site_url"),
    ("Sphinx", "", "", "html_baseurl"),
    ("TypeDoc", "", "out", "hostedBaseUrl"),
    ("Next.js", "package.json", "", "homepage"),
];

/// The files of a row of the table.
fn files(name: &str, more: &'static str) -> impl Iterator<Item = &'static str> {
    let kinds = KINDS.iter().filter(move |kind| kind.name == name);
    let marks = kinds.flat_map(|kind| kind.marks.split_whitespace());
    marks.chain(more.split_whitespace())
}

/// The folders that the configuration of a kind names.
pub(super) fn folders(root: &Path, kind: &str) -> Vec<String> {
    let rows = KEYS.iter().filter(|(name, _, key, _)| *name == kind && !key.is_empty());
    let named = rows.flat_map(|(name, more, key, _)| {
        files(name, more).filter_map(|file| Some(value(&text(root, file)?, key)?.to_owned()))
    });
    let named = named.map(|path| {
        let path = path.trim_start_matches("./").trim_end_matches('/');
        path.to_owned()
    });
    named.filter(|path| !path.is_empty() && stays_below(Path::new(path))).collect()
}

/// The files that can give an address, each with its key.
pub(in crate::cli) fn address_keys() -> impl Iterator<Item = (&'static str, &'static str)> {
    let rows = KEYS.iter().filter(|(_, _, _, key)| !key.is_empty());
    rows.flat_map(|(name, more, _, key)| files(name, more).map(move |file| (file, *key)))
}

/// The beginning of a file; [`None`] if it is not there or only a link leads to it.
pub(in crate::cli) fn text(folder: &Path, file: &str) -> Option<String> {
    let path = folder.join(file);
    path.symlink_metadata().ok().filter(std::fs::Metadata::is_file)?;
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(LONGEST).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// The value that a text gives to a key: the first one that is not in a comment.
pub(in crate::cli) fn value<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    text.lines().find_map(|line| {
        let begin = line.trim_start();
        if ["#", "//", "*", ";"].iter().any(|mark| begin.starts_with(mark)) {
            return None;
        }
        line.match_indices(key).find_map(|(at, _)| {
            let is_part = |c: char| c.is_alphanumeric() || "_-.$/".contains(c);
            if line[..at].ends_with(is_part) {
                return None;
            }
            let rest = line[at + key.len()..].trim_start_matches(['"', '\'']).trim_start();
            let rest = rest.strip_prefix([':', '='])?.trim_start();
            let end: &[char] = match rest.chars().next()? {
                '"' => &['"'],
                '\'' => &['\''],
                '`' => &['`'],
                _ => return rest.split([' ', '\t', ',', '}', ';']).next(),
            };
            rest[1..].split(end).next()
        })
    })
}

#[cfg(test)]
mod tests {
    use super::value;

    #[test]
    fn a_value_is_that_of_the_whole_key() {
        for (text, expected) in [
            ("out = \"a b\"", Some("a b")),
            ("{\"x\":1,\"out\":\"api-out\"}", Some("api-out")),
            ("# out: no\nlayout: no\nout: build/out # yes", Some("build/out")),
            ("  return { dir: { out: 'x' } };", Some("x")),
            ("outer = 1\nmy-out = 2\nabout: 3", None),
            ("out", None),
        ] {
            assert_eq!(value(text, "out"), expected, "{text}");
        }
    }
}
