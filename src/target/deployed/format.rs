//! The formats of deployed policies, and the format of a file by its name or content.
//!
//! A format is a row beside its target; a list of paths and policies has no target and is a row here.

use jsonc_parser::ast::Value;

use super::answers::Answers;
use super::json::Json;
use super::map;
use super::reader::Reader;
use crate::error::Result;
use crate::json_file::Comments;
use crate::target::{TARGETS, Target};

/// The files of a target: how they are known and how they are read.
#[derive(Debug)]
pub(crate) struct DeployedFile {
    /// The name that such a file has wherever it is used.
    pub(crate) name: Option<&'static str>,
    /// Beginnings of lines of which only these have any.
    pub(crate) begins: &'static [&'static str],
    /// Whether a file has what only these have; of one with the name, what only these have among those of that name.
    pub(crate) knows: fn(&Sample<'_>) -> bool,
    /// Reads one. [`None`] for the configuration of a server, whose meaning depends on more than the file.
    pub(crate) read: Option<fn(&mut Reader<'_>, &str) -> Result<Answers>>,
}

impl DeployedFile {
    /// The configuration of a server.
    pub(crate) const fn unread(name: &'static str, begins: &'static [&'static str]) -> Self {
        Self { name: Some(name), begins, knows: |_| false, read: None }
    }
}

/// A file whose format is looked for.
pub(crate) struct Sample<'t> {
    name: &'t str,
    text: &'t str,
    json: Option<Json<'t>>,
}

impl<'t> Sample<'t> {
    fn new(path: &'t str, text: &'t str) -> Self {
        let is_json = text.trim_start().starts_with('{');
        let json = || Json::parse(&Reader::new(path), text, Comments::Allowed).ok();
        Self { name: path.rsplit(['/', '\\']).next().unwrap_or(path), text, json: is_json.then(json).flatten() }
    }

    /// Whether it is called so.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        self.name == name
    }

    /// Whether a line begins with one of these.
    pub(crate) fn begins(&self, starts: &[&str]) -> bool {
        let mut lines = self.text.lines().map(str::trim);
        lines.any(|line| starts.iter().any(|start| line.starts_with(start)))
    }

    /// The first word, as a policy separates words.
    pub(crate) fn first_word(&self) -> Option<&'t str> {
        let mut words = self.text.split(|c: char| c == ';' || c.is_whitespace());
        words.find(|word| !word.is_empty())
    }

    /// The members of the JSON object that it holds.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&str, &Value<'t>)> {
        let top = self.json.as_ref().and_then(|json| json.top().ok());
        let properties = top.into_iter().flat_map(|top| &top.properties);
        properties.map(|property| (property.name.as_str(), &property.value))
    }

    /// Whether it holds a JSON object with this member.
    pub(crate) fn has(&self, member: &str) -> bool {
        self.members().any(|(name, _)| name == member)
    }

    /// Whether it holds a JSON object.
    pub(super) fn is_object(&self) -> bool {
        let json = self.json.as_ref();
        json.is_some_and(|json| json.top().is_ok())
    }
}

/// A format in which policies are deployed.
#[derive(Clone, Copy, Debug)]
pub struct DeployedFormat {
    name: &'static str,
    file: &'static DeployedFile,
}

impl DeployedFormat {
    /// Every format, also those that are not read; the least particular first.
    pub fn all() -> impl Iterator<Item = Self> {
        let format = |target: &&'static Target| {
            let (name, file) = (target.name, target.deployed?);
            Some(Self { name, file })
        };
        let map = Self { name: "map", file: &map::MAP };
        let (default, others) = TARGETS.split_at(1);
        let formats = default.iter().filter_map(format).chain([map]);
        formats.chain(others.iter().filter_map(format))
    }

    /// The format of that name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::all().find(|format| format.name == name)
    }

    /// The name; that of the output format, where there is one.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// Whether files in it are read. Those of servers are not: their meaning depends on more than the file.
    #[must_use]
    pub const fn is_read(self) -> bool {
        self.file.read.is_some()
    }

    pub(super) const fn reader(self) -> Option<fn(&mut Reader<'_>, &str) -> Result<Answers>> {
        self.file.read
    }

    /// The format of a file by its name, else by its content; [`None`] if neither tells.
    #[must_use]
    pub fn guess(path: &str, text: &str) -> Option<Self> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let sample = Sample::new(path, text);
        let is_named = |format: &Self| format.file.name.is_some_and(|name| sample.is_named(name));
        let knows = |format: &Self| (format.file.knows)(&sample) || sample.begins(format.file.begins);
        let mut named = Self::all().filter(is_named);
        if let Some(first) = named.next() {
            return Some(named.find(knows).unwrap_or(first));
        }
        Self::all().filter(knows).last()
    }
}
#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::Deployed;
    use super::*;

    #[test]
    fn formats_have_the_names_of_the_outputs() {
        for format in DeployedFormat::all() {
            let name = format.name();
            assert_eq!(DeployedFormat::find(name).map(DeployedFormat::name), Some(name));
            assert_eq!(crate::target::target(name).is_some(), name != "map", "{name}");
        }
        assert!(DeployedFormat::find("nope").is_none());
    }

    #[test]
    fn a_file_is_known_by_its_name_and_then_by_its_content() {
        for (path, text, name) in [
            ("a/_headers", "/*\n  X: y\n", "netlify"),
            ("a/_headers", "\u{feff}/*\n  ! X\n", "cloudflare"),
            ("_headers", "https://a.b/*\n  X: y\n", "cloudflare"),
            ("vercel.json", "", "vercel"),
            ("sub\\firebase.json", "", "firebase"),
            ("staticwebapp.config.json", "", "azure-swa"),
            ("netlify.toml", "", "netlify-toml"),
            ("x.json", "{\"hosting\": {}}", "firebase"),
            ("x.json", "{\"headers\": []}", "vercel"),
            ("x.json", "{\"globalHeaders\": {}}", "azure-swa"),
            ("x.json", "{\"version\": 1, \"policy\": \"\", \"inlines\": []}", "json"),
            ("x.json", "{\"/a\": \"default-src\", \"*\": [\"img-src\"]}", "map"),
            ("x", "[[headers]]\n", "netlify-toml"),
            ("x", " \nDefault-Src 'self'", "header"),
            ("x", "sandbox;", "header"),
        ] {
            let guess = DeployedFormat::guess(path, text);
            assert_eq!(guess.map(DeployedFormat::name), Some(name), "{path}: {text}");
        }
        for (path, text) in [("x", ""), ("x", "hello"), ("x.json", "{\"a\": 1}"), ("x.json", "{")] {
            assert!(DeployedFormat::guess(path, text).is_none(), "{text}");
        }
    }
    #[test]
    fn a_file_of_a_server_is_known_and_not_read() {
        for (path, text, name) in [
            (".htaccess", "", "htaccess"),
            ("Caddyfile", "{\n}\n", "caddy"),
            ("x.conf", "map $uri $csp_page {\n", "nginx"),
            ("x.conf", "  add_header Content-Security-Policy \"\" always;\n", "nginx"),
            ("x.conf", "Header always set Content-Security-Policy \"\"\n", "apache"),
            ("x", "map {path} {csp_page} {\n", "caddy"),
            ("x", "# c\nheader Content-Security-Policy \"\"\n", "caddy"),
        ] {
            let format = DeployedFormat::guess(path, text).unwrap();
            assert_eq!(format.name(), name, "{path}: {text}");
            assert!(!format.is_read(), "{name}");
            assert!(Deployed::read(format, path, text).is_err(), "{name}");
        }
    }
}
