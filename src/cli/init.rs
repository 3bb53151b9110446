//! `cspseal init`: a commented configuration to start from, fitted to what the folder seems to be.

use std::fs;
use std::path::{Path, PathBuf};

use super::config::FILE_NAME;
use super::{Outcome, print_output};
use crate::write::write_if_changed;

/// What a folder can be: by what it is recognised, where its pages are, and how they are deployed.
struct Kind {
    name: &'static str,
    /// Files one of which is there.
    marks: &'static [&'static str],
    /// What one of them says besides; empty for nothing.
    says: &'static str,
    paths: &'static str,
    template: &'static str,
    format: &'static str,
    file: &'static str,
    /// What is to be known about it.
    note: &'static str,
}

const BUILT: &str = "Hashes are taken from the built site: build first, then run `cspseal hash`.";
const TEMPLATES: &str =
    "What is static in the templates is hashed; for the rest run `cspseal nonce` over them.";

/// The first that fits counts.
const KINDS: [Kind; 10] = [
    Kind {
        name: "Hugo",
        marks: &["hugo.toml", "hugo.yaml", "hugo.yml", "hugo.json"],
        says: "",
        paths: "public",
        template: "none",
        format: "header",
        file: "csp.txt",
        note: BUILT,
    },
    Kind {
        name: "Zola",
        marks: &["config.toml", "zola.toml"],
        says: "base_url",
        paths: "public",
        template: "none",
        format: "header",
        file: "csp.txt",
        note: BUILT,
    },
    Kind {
        name: "Hugo",
        marks: &["config.toml", "config.yaml", "config.yml"],
        says: "baseURL",
        paths: "public",
        template: "none",
        format: "header",
        file: "csp.txt",
        note: BUILT,
    },
    Kind {
        name: "Eleventy",
        marks: &[
            ".eleventy.js",
            "eleventy.config.js",
            "eleventy.config.mjs",
            "eleventy.config.cjs",
            "eleventy.config.ts",
        ],
        says: "",
        paths: "_site",
        template: "none",
        format: "header",
        file: "csp.txt",
        note: BUILT,
    },
    Kind {
        name: "Astro",
        marks: &[
            "astro.config.mjs",
            "astro.config.js",
            "astro.config.ts",
            "astro.config.cjs",
            "astro.config.mts",
        ],
        says: "",
        paths: "dist",
        template: "none",
        format: "header",
        file: "csp.txt",
        note: BUILT,
    },
    Kind {
        name: "mdBook",
        marks: &["book.toml"],
        says: "",
        paths: "book",
        template: "none",
        format: "header",
        file: "csp.txt",
        note: BUILT,
    },
    Kind {
        name: "Jekyll",
        marks: &["_config.yml", "_config.yaml", "_config.toml"],
        says: "",
        paths: "_site",
        template: "none",
        format: "header",
        file: "csp.txt",
        note: BUILT,
    },
    Kind {
        name: "Django",
        marks: &["manage.py"],
        says: "django",
        paths: ".",
        template: "django",
        format: "python",
        file: "csp_hashes.py",
        note: TEMPLATES,
    },
    Kind {
        name: "Rails",
        marks: &["config/application.rb", "Gemfile"],
        says: "ails",
        paths: "app/views",
        template: "auto",
        format: "rails",
        file: "config/initializers/csp_hashes.rb",
        note: TEMPLATES,
    },
    Kind {
        name: "Flask",
        marks: &["app.py", "wsgi.py", "requirements.txt", "pyproject.toml"],
        says: "lask",
        paths: "templates",
        template: "jinja",
        format: "python",
        file: "csp_hashes.py",
        note: TEMPLATES,
    },
];

/// Where Sphinx keeps its configuration, and where it builds to.
const SPHINX: [(&str, &str); 4] = [
    ("docs/source/conf.py", "docs/build/html"),
    ("source/conf.py", "build/html"),
    ("docs/conf.py", "docs/_build/html"),
    ("conf.py", "_build/html"),
];

/// What was found.
struct Found {
    name: &'static str,
    paths: String,
    template: &'static str,
    format: &'static str,
    file: &'static str,
    note: &'static str,
}

/// Writes the configuration of the working folder.
pub(super) fn run() -> anyhow::Result<Outcome> {
    let path = PathBuf::from(FILE_NAME);
    if path.exists() {
        anyhow::bail!("{FILE_NAME} is there already; change it, or remove it first");
    }
    let found = recognise(Path::new("."));
    write_if_changed(&path, starter(&found).as_bytes())?;
    let line = format!(
        "{FILE_NAME}: written for {}; check paths and policy, then run cspseal hash\n",
        found.name
    );
    print_output(line.as_bytes())?;
    Ok(Outcome::Done)
}

fn recognise(folder: &Path) -> Found {
    let says = |file: &str, what: &str| {
        let path = folder.join(file);
        path.is_file()
            && (what.is_empty()
                || fs::read(path).is_ok_and(|text| String::from_utf8_lossy(&text).contains(what)))
    };
    for (conf, built) in SPHINX {
        if says(conf, "extensions") || says(conf, "html_theme") {
            return Found {
                name: "Sphinx",
                paths: built.to_owned(),
                template: "none",
                format: "header",
                file: "csp.txt",
                note: BUILT,
            };
        }
    }
    let kind = KINDS
        .iter()
        .find(|kind| kind.marks.iter().any(|mark| says(mark, kind.says)));
    match kind {
        Some(kind) => Found {
            name: kind.name,
            paths: kind.paths.to_owned(),
            template: kind.template,
            format: kind.format,
            file: kind.file,
            note: kind.note,
        },
        None => {
            let folders = ["public", "dist", "build", "_site", "site", "out", "www"];
            let built = folders.iter().find(|name| folder.join(name).is_dir());
            Found {
                name: "a folder of pages",
                paths: (*built.unwrap_or(&"public")).to_owned(),
                template: "auto",
                format: "header",
                file: "csp.txt",
                note: BUILT,
            }
        }
    }
}

fn starter(found: &Found) -> String {
    let Found {
        name,
        paths,
        template,
        format,
        file,
        note,
    } = found;
    format!(
        r#"# cspseal for {name}. {note}
# `cspseal hash` writes the outputs below, `cspseal hash --check` says whether they are up to date.

# Folders to walk, from the folder of this file.
paths = ["{paths}"]
# exclude = ["drafts"]

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
        let found = recognise(folder.path());
        (found.name, found.paths)
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
        for kind in &KINDS {
            let found = Found {
                name: kind.name,
                paths: kind.paths.to_owned(),
                template: kind.template,
                format: kind.format,
                file: kind.file,
                note: kind.note,
            };
            let config = Config::parse(Path::new(FILE_NAME), &starter(&found));
            assert!(config.is_ok(), "{}", kind.name);
        }
    }
}
