//! `cspseal init`: a commented configuration to start from, fitted to what the folder seems to be.

use std::fs;
use std::path::{Path, PathBuf};

use super::config::FILE_NAME;
use super::write::write_file;
use super::{Outcome, print_output};
use crate::site::Reach;

/// What a folder can be.
struct Kind {
    name: &'static str,
    /// Files, with spaces between, one of which is there.
    marks: &'static str,
    /// What one of them says besides, in small letters; empty for nothing.
    says: &'static str,
    starter: Starter,
}

/// Where the pages are, and how they are deployed.
#[derive(Clone, Copy)]
struct Starter {
    paths: &'static str,
    template: &'static str,
    exclude: &'static str,
    format: &'static str,
    file: &'static str,
    /// What is to be known about it.
    note: &'static str,
}

impl Kind {
    const fn new(
        name: &'static str,
        marks: &'static str,
        says: &'static str,
        starter: Starter,
    ) -> Self {
        Self {
            name,
            marks,
            says,
            starter,
        }
    }
}

impl Starter {
    const fn built(paths: &'static str) -> Self {
        Self {
            paths,
            template: "none",
            exclude: "# exclude = [\"drafts\"]",
            format: "header",
            file: "csp.txt",
            note: "Hashes are taken from the built site: build first, then run `cspseal hash`.",
        }
    }

    const fn templates(
        paths: &'static str,
        template: &'static str,
        format: &'static str,
        file: &'static str,
    ) -> Self {
        Self {
            paths,
            template,
            exclude: "exclude = [\".venv\", \"venv\", \"node_modules\"]",
            format,
            file,
            note: "What is static in the templates is hashed; for the rest run `cspseal nonce` over them.",
        }
    }
}

/// The first that fits counts: what says its name before what others use too.
const KINDS: &[Kind] = &[
    Kind::new(
        "Hugo",
        "hugo.toml hugo.yaml hugo.yml hugo.json config/_default/hugo.toml \
         config/_default/hugo.yaml config/_default/hugo.yml config/_default/hugo.json",
        "",
        Starter::built("public"),
    ),
    Kind::new(
        "Zola",
        "config.toml zola.toml",
        "base_url",
        Starter::built("public"),
    ),
    Kind::new(
        "Hugo",
        "config.toml config.yaml config.yml config.json config/_default/config.toml \
         config/_default/config.yaml config/_default/config.yml config/_default/config.json",
        "baseurl",
        Starter::built("public"),
    ),
    Kind::new(
        "Eleventy",
        ".eleventy.js eleventy.config.js eleventy.config.mjs eleventy.config.cjs eleventy.config.ts",
        "",
        Starter::built("_site"),
    ),
    Kind::new(
        "Eleventy",
        "package.json",
        "\"@11ty/eleventy\"",
        Starter::built("_site"),
    ),
    Kind::new(
        "Astro",
        "astro.config.mjs astro.config.js astro.config.ts astro.config.cjs astro.config.mts",
        "",
        Starter::built("dist"),
    ),
    Kind::new("Astro", "package.json", "\"astro\"", Starter::built("dist")),
    Kind::new("mdBook", "book.toml", "", Starter::built("book")),
    Kind::new(
        "Jekyll",
        "_config.yml _config.yaml _config.toml",
        "",
        Starter::built("_site"),
    ),
    Kind::new(
        "Django",
        "manage.py",
        "django",
        Starter::templates(".", "django", "python", "csp_hashes.py"),
    ),
    Kind::new(
        "Rails",
        "config/application.rb Gemfile",
        "rails",
        Starter::templates(
            "app/views",
            "auto",
            "rails",
            "config/initializers/csp_hashes.rb",
        ),
    ),
    Kind::new("Jekyll", "Gemfile", "jekyll", Starter::built("_site")),
    Kind::new(
        "Sphinx",
        "docs/source/conf.py",
        "",
        Starter::built("docs/build/html"),
    ),
    Kind::new("Sphinx", "source/conf.py", "", Starter::built("build/html")),
    Kind::new(
        "Sphinx",
        "docs/conf.py",
        "",
        Starter::built("docs/_build/html"),
    ),
    Kind::new("Sphinx", "conf.py", "", Starter::built("_build/html")),
    Kind::new(
        "Flask",
        "app.py wsgi.py requirements.txt pyproject.toml",
        "flask",
        Starter::templates("templates", "jinja", "python", "csp_hashes.py"),
    ),
];

/// Writes the configuration of the working folder.
pub(super) fn run() -> anyhow::Result<Outcome> {
    let path = PathBuf::from(FILE_NAME);
    if path.exists() || path.is_symlink() {
        anyhow::bail!("{FILE_NAME} is there already; change it, or remove it first");
    }
    let (name, starter) = recognise(Path::new("."));
    let paths = pages_of(Path::new("."), starter.paths);
    let written = write_file(
        &Reach::Argument,
        &path,
        text(name, &starter, &paths).as_bytes(),
    )?;
    if written != Outcome::Done {
        return Ok(written);
    }
    let line =
        format!("{FILE_NAME}: written for {name}; check paths and policy, then run cspseal hash\n");
    print_output(line.as_bytes())?;
    Ok(Outcome::Done)
}

fn recognise(folder: &Path) -> (&'static str, Starter) {
    let says = |file: &str, what: &str| {
        let path = folder.join(file);
        path.is_file()
            && (what.is_empty()
                || fs::read(path).is_ok_and(|text| {
                    String::from_utf8_lossy(&text)
                        .to_ascii_lowercase()
                        .contains(what)
                }))
    };
    if let Some(kind) = KINDS
        .iter()
        .find(|kind| kind.marks.split(' ').any(|mark| says(mark, kind.says)))
    {
        return (kind.name, kind.starter);
    }
    let folders = ["public", "dist", "build", "_site", "site", "out", "www"];
    let built = folders.iter().find(|name| folder.join(name).is_dir());
    let starter = Starter {
        template: "auto",
        ..Starter::built(built.unwrap_or(&"public"))
    };
    ("a folder of pages", starter)
}

/// The folder that is meant by `paths`: of templates, that of a package when there is none in the root.
fn pages_of(root: &Path, paths: &str) -> String {
    if paths != "templates" || root.join(paths).is_dir() {
        return paths.to_owned();
    }
    let folders_in = |folder: &str| {
        let entries = fs::read_dir(root.join(folder)).into_iter().flatten();
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut found: Vec<String> = names
            .map(|name| format!("{folder}{name}/{paths}"))
            .collect();
        found.sort();
        found
    };
    let mut candidates = folders_in("").into_iter().chain(folders_in("src/"));
    candidates
        .find(|found| root.join(found).is_dir())
        .unwrap_or_else(|| paths.to_owned())
}

fn text(name: &str, starter: &Starter, paths: &str) -> String {
    let Starter {
        template,
        exclude,
        format,
        file,
        note,
        ..
    } = starter;
    format!(
        r#"# cspseal for {name}. {note}
# `cspseal hash` writes the outputs below, `cspseal hash --check` says whether they are up to date.

# Folders to walk, from the folder of this file.
paths = ["{paths}"]
{exclude}

# Template code in the files: "auto" goes by the extension, "none", or a dialect such as "django".
template = "{template}"

# Hash event handlers, style attributes and javascript: URLs too, with 'unsafe-hashes'.
unsafe-hashes = false

# algorithm = "sha256"

# The policy that the hashes are added to.
[policy]
default-src = ["'self'"]
base-uri = ["'none'"]
object-src = ["'none'"]
form-action = ["'self'"]
frame-ancestors = ["'none'"]

# Where the policy goes, any number of times; `cspseal formats` lists what there is.
[[output]]
format = "{format}"
file = "{file}"
# scope = "auto"        # or "site", "page"
# report-only = false
# into = false          # true replaces only what is cspseal's in a file that holds other things
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::config::Config;

    fn recognised(files: &[(&str, &str)]) -> (&'static str, String) {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        let (name, starter) = recognise(folder.path());
        (name, pages_of(folder.path(), starter.paths))
    }

    #[test]
    fn generators_and_frameworks_are_recognised() {
        for (files, name, paths) in [
            (&[("hugo.toml", "")][..], "Hugo", "public"),
            (&[("config.toml", "baseURL = 'x'")], "Hugo", "public"),
            (&[("config.toml", "base_url = 'x'")], "Zola", "public"),
            (&[("_config.yml", "title: x")], "Jekyll", "_site"),
            (&[("eleventy.config.js", "")], "Eleventy", "_site"),
            (&[("astro.config.mjs", "")], "Astro", "dist"),
            (&[("book.toml", "")], "mdBook", "book"),
            (
                &[("docs/conf.py", "html_theme = 'x'")],
                "Sphinx",
                "docs/_build/html",
            ),
            (&[("manage.py", "import django")], "Django", "."),
            (&[("config/_default/hugo.toml", "")], "Hugo", "public"),
            (&[("config.yaml", "baseurl: x")], "Hugo", "public"),
            (
                &[(
                    "package.json",
                    "{\"devDependencies\":{\"@11ty/eleventy\":\"3\"}}",
                )],
                "Eleventy",
                "_site",
            ),
            (
                &[("package.json", "{\"dependencies\":{\"astro\":\"5\"}}")],
                "Astro",
                "dist",
            ),
            (&[("Gemfile", "gem 'jekyll'")], "Jekyll", "_site"),
            (&[("conf.py", "project = 'x'")], "Sphinx", "_build/html"),
            (
                &[("manage.py", "import django"), ("docs/conf.py", "x = 1")],
                "Django",
                ".",
            ),
            (
                &[("pyproject.toml", "flask"), ("shop/templates/a.html", "")],
                "Flask",
                "shop/templates",
            ),
            (&[("requirements.txt", "Flask==3")], "Flask", "templates"),
            (&[("Gemfile", "gem 'rails'")], "Rails", "app/views"),
            (&[("dist/index.html", "")], "a folder of pages", "dist"),
            (&[("manage.py", "x")], "a folder of pages", "public"),
        ] {
            assert_eq!(recognised(files), (name, paths.to_owned()), "{files:?}");
        }
    }

    #[test]
    fn every_starter_is_a_valid_configuration() {
        for kind in KINDS {
            let text = text(kind.name, &kind.starter, kind.starter.paths);
            let config = Config::parse(Path::new(FILE_NAME), &text);
            assert!(config.is_ok(), "{}", kind.name);
        }
    }
}
