//! `cspseal init`: a commented configuration to start from, fitted to what the folder seems to be.

mod folders;
mod kinds;
mod needs;

use std::fs;
use std::path::{Path, PathBuf};

use super::config::FILE_NAME;
use super::write::write_file;
use super::{Outcome, print_output};
use crate::site::Reach;
use crate::template::Templates;
use kinds::{KINDS, Kind, Pages, Starter};
use needs::Needs;

/// Writes the configuration of the working folder.
pub(super) fn run() -> anyhow::Result<Outcome> {
    let path = PathBuf::from(FILE_NAME);
    if path.exists() || path.is_symlink() {
        anyhow::bail!("{FILE_NAME} is there already; change it, or remove it first");
    }
    let folder = Path::new(".");
    let (name, starter) = recognise(folder);
    let paths = paths(folder, starter.pages);
    let needs = match starter.pages {
        Pages::Built(_) => Needs::of(&paths, starter.template.parse().unwrap_or(Templates::Auto))?,
        Pages::Templates(_) | Pages::EveryFolder(_) => Needs::default(),
    };
    let content = text(folder, name, &starter, &paths, &needs);
    let written = write_file(&Reach::Argument, &path, content.as_bytes())?;
    if written != Outcome::Done {
        return Ok(written);
    }
    let next = match starter.framework {
        Some(_) => "cspseal nonce",
        None => "cspseal hash",
    };
    let review = match needs.sources.is_empty() {
        true => "check paths and policy",
        false => "review paths, policy and the hosts in it",
    };
    let line = format!("{FILE_NAME}: written for {name}; {review}, then run {next}\n");
    print_output(line.as_bytes())?;
    Ok(Outcome::Done)
}

/// The usual names of folders with built pages.
const FOLDERS: &[&str] = &["public", "dist", "build", "_site", "site", "out", "www"];

fn recognise(folder: &Path) -> (&'static str, Starter) {
    if let Some(kind) = KINDS.iter().find(|kind| is_it(folder, kind)) {
        return (kind.name, kind.starter);
    }
    let starter = Starter {
        template: "auto",
        ..Starter::built(FOLDERS)
    };
    ("a folder of pages", starter)
}

/// Whether a file is there that says so; of Django also which middleware sends its policy.
fn is_it(folder: &Path, kind: &Kind) -> bool {
    let mut marks = kind.marks.split(' ');
    marks.any(|mark| says(folder, mark, kind.says))
        && match kind.starter.framework {
            Some("django-csp3") => {
                requires(folder, &["django-csp<4", "django-csp~=3", "django-csp==3"])
            }
            Some("django-csp") => requires(folder, &["django-csp", "django_csp"]),
            _ => true,
        }
}

/// Whether a list of Python packages has one of these.
fn requires(folder: &Path, words: &[&str]) -> bool {
    let mut lists = kinds::REQUIREMENTS.split(' ');
    lists.any(|list| words.iter().any(|word| says(folder, list, word)))
}

fn says(folder: &Path, file: &str, what: &str) -> bool {
    let path = folder.join(file);
    let says = |text: Vec<u8>| {
        let text = String::from_utf8_lossy(&text).to_ascii_lowercase();
        text.contains(what)
    };
    path.is_file() && (what.is_empty() || fs::read(path).is_ok_and(says))
}

/// The value of `paths`.
fn paths(folder: &Path, pages: Pages) -> Vec<String> {
    match pages {
        Pages::Built(folders) => vec![built(folder, folders).to_owned()],
        Pages::Templates(path) => vec![path.to_owned()],
        Pages::EveryFolder(name) => match folders::of_name(folder, name) {
            found if found.is_empty() => vec![name.to_owned()],
            found => found,
        },
    }
}

/// The first of these folders that is there, or else any with a start page. A generator can be told another than its own.
fn built(folder: &Path, folders: &'static [&'static str]) -> &'static str {
    let is_there = |name: &&&str| folder.join(name).is_dir();
    let is_site = |name: &&&str| folder.join(name).join("index.html").is_file();
    let there = folders.iter().find(is_there);
    let there = there.or_else(|| FOLDERS.iter().find(is_site));
    there.or(folders.first()).copied().unwrap_or(".")
}

fn text(folder: &Path, name: &str, starter: &Starter, paths: &[String], needs: &Needs) -> String {
    let Starter {
        pages: _,
        template,
        framework,
        format,
        file,
        is_routed,
    } = starter;
    let paths: Vec<String> = paths.iter().map(|path| format!("{path:?}")).collect();
    let paths = paths.join(", ");
    let (note, nonce) = match framework {
        None => (
            "Hashes are taken from the built site: build first.".to_owned(),
            String::new(),
        ),
        Some(framework) => (
            "`cspseal nonce` shows which scripts and styles lack a nonce, `cspseal nonce --write` writes them.".to_owned(),
            format!("\n# The nonces that `cspseal nonce` writes, and that the policy names.\n[nonce]\nframework = \"{framework}\"\n"),
        ),
    };
    let target = target_file(folder, file);
    let unsafe_hashes = needs.unsafe_hashes;
    let preset = needs.preset.name();
    let policy = needs.preset.policy();
    let sources = match needs.sources.is_empty() {
        true => String::new(),
        false => format!(
            "# Review what they asked for when this file was written:\n{}",
            needs.sources
        ),
    };
    let scope = match is_routed {
        true => {
            "# The router in the pages swaps them without a page load: all stay under the policy of the first one, so they share one.\nscope = \"site\""
        }
        false => "# scope = \"auto\"        # or \"site\", \"page\"",
    };
    format!(
        r#"# cspseal for {name}. {note}
# `cspseal hash` writes the outputs below, `cspseal hash --check` says whether they are up to date.

# Folders to walk, from the folder of this file.
paths = [{paths}]
# exclude = ["drafts"]

# Template code in the files: "auto" goes by the extension, "none", or a dialect such as "django".
template = "{template}"

# Hash event handlers, style attributes and javascript: URLs too, with 'unsafe-hashes'.
unsafe-hashes = {unsafe_hashes}

# Directives to leave alone where they have 'unsafe-inline', which a hash or a nonce would switch off.
# keep-unsafe-inline = ["style-src"]

# algorithm = "sha256"

# The policy that hashes and sources are added to:
# {policy}
preset = "{preset}"

# Add the sources of the images, fonts, style sheets, scripts and frames that the pages ask for by URL.
external = true
{sources}
# mentioned = true          # also the URLs in scripts, which they may ask for; see `cspseal list --external` first
# granularity = "origin"    # or "directory", "path"; {{ script-src = "path" }} says it for a directive
# site-url = "https://www.example.com/"    # whose URLs are the site's own

# Directives that take the place of the preset's. What scripts ask for at run time is not known from the pages.
# [policy]
# connect-src = ["'self'", "https://api.example.com"]

# A stricter policy next to it whose violations are only reported.
# [report-only-policy]
# script-src = ["'self'"]
# report-to = ["csp"]
{nonce}
# Where the policy goes, any number of times; `cspseal formats` lists what there is.
[[output]]
format = "{format}"
file = "{target}"
{scope}
# report-only = false
# into = false          # true replaces only what is cspseal's in a file that holds other things
"#
    )
}

/// The output: beside the configuration where its folder is not there yet.
fn target_file<'f>(folder: &Path, file: &'f str) -> &'f str {
    match file.rsplit_once('/') {
        Some((parent, name)) if !folder.join(parent).is_dir() => name,
        _ => file,
    }
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
        (name, paths(folder.path(), starter.pages).join(" "))
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
            (&[("manage.py", "import django")], "Django", "templates"),
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
                "templates",
            ),
            (
                &[
                    ("manage.py", "import django"),
                    ("templates/a.html", ""),
                    ("shop/templates/shop/a.html", ""),
                    ("venv/pyvenv.cfg", ""),
                    ("venv/lib/templates/a.html", ""),
                    ("node_modules/x/templates/a.html", ""),
                    ("requirements.txt", "django-csp==4.0"),
                ],
                "Django with django-csp",
                "shop/templates templates",
            ),
            (
                &[
                    ("manage.py", "import django"),
                    ("pyproject.toml", "dependencies = ['Django-CSP<4']"),
                ],
                "Django with django-csp 3",
                "templates",
            ),
            (&[("requirements.txt", "fastapi")], "FastAPI", "templates"),
            (&[("pyproject.toml", "starlette")], "Starlette", "templates"),
            (
                &[("package.json", "{\"dependencies\":{\"express\":\"5\"}}")],
                "Express",
                "views",
            ),
            (&[("artisan", "laravel")], "Laravel", "resources/views"),
            (
                &[("composer.json", "\"symfony/framework-bundle\": \"7\"")],
                "Symfony",
                "templates",
            ),
            (
                &[("pyproject.toml", "flask"), ("shop/templates/a.html", "")],
                "Flask",
                "shop/templates",
            ),
            (&[("requirements.txt", "Flask==3")], "Flask", "templates"),
            (&[("Gemfile", "gem 'rails'")], "Rails", "app/views"),
            (
                &[("Cargo.toml", ""), ("target/doc/settings.html", "")],
                "rustdoc",
                "target/doc",
            ),
            (&[("dist/index.html", "")], "a folder of pages", "dist"),
            (
                &[
                    ("package.json", "{\"dependencies\":{\"hexo\":\"7\"}}"),
                    ("_config.yml", "title: x"),
                ],
                "Hexo",
                "public",
            ),
            (
                &[("_config.yml", "title: x"), ("_toc.yml", "")],
                "Jupyter Book",
                "_build/html",
            ),
            (&[("myst.yml", "")], "Jupyter Book", "_build/html"),
            (&[("docs/_toc.yml", "")], "Jupyter Book", "docs/_build/html"),
            (
                &[("conf.py", "# Nikola"), ("output/index.html", "")],
                "Nikola",
                "output",
            ),
            (&[("pelicanconf.py", "")], "Pelican", "output"),
            (
                &[(".vitepress/config.mts", "")],
                "VitePress",
                ".vitepress/dist",
            ),
            (
                &[("docs/.vitepress/config.ts", "")],
                "VitePress",
                "docs/.vitepress/dist",
            ),
            (
                &[
                    (
                        "package.json",
                        "{\"devDependencies\":{\"vitepress\":\"1\"}}",
                    ),
                    (".vitepress/dist/a.html", ""),
                ],
                "VitePress",
                ".vitepress/dist",
            ),
            (
                &[(".storybook/main.ts", "")],
                "Storybook",
                "storybook-static",
            ),
            (&[("typedoc.json", "")], "TypeDoc", "docs"),
            (
                &[("mkdocs.yml", ""), ("docs/index.md", "")],
                "MkDocs",
                "site",
            ),
            (
                &[("mkdocs.yml", ""), ("public/index.html", "")],
                "MkDocs",
                "public",
            ),
            (&[("docusaurus.config.ts", "")], "Docusaurus", "build"),
            (
                &[("website/docusaurus.config.js", "")],
                "Docusaurus",
                "website/build",
            ),
            (
                &[("next.config.mjs", ""), ("public/a.svg", "")],
                "Next.js",
                "out",
            ),
            (
                &[
                    (
                        "package.json",
                        "{\"dependencies\":{\"next\":\"15\",\"express\":\"5\"}}",
                    ),
                    (".next/server/app/a.html", ""),
                ],
                "Next.js",
                ".next/server/app",
            ),
            (&[("nuxt.config.ts", "")], "Nuxt", ".output/public"),
            (
                &[("nuxt.config.ts", ""), ("dist/index.html", "")],
                "Nuxt",
                "dist",
            ),
            (
                &[
                    ("svelte.config.js", "kit: {}"),
                    (
                        "package.json",
                        "{\"devDependencies\":{\"@sveltejs/kit\":\"2\"}}",
                    ),
                ],
                "SvelteKit",
                "build",
            ),
            (
                &[("gatsby-config.js", ""), ("public/index.html", "")],
                "Gatsby",
                "public",
            ),
            (
                &[("hugo.toml", ""), ("dist/index.html", "")],
                "Hugo",
                "dist",
            ),
            (&[("manage.py", "x")], "a folder of pages", "public"),
        ] {
            assert_eq!(recognised(files), (name, paths.to_owned()), "{files:?}");
        }
    }

    #[test]
    fn every_starter_is_a_valid_configuration() {
        for kind in KINDS {
            let folder = tempfile::tempdir().unwrap();
            let paths = paths(folder.path(), kind.starter.pages);
            let needs = Needs::default();
            let text = text(folder.path(), kind.name, &kind.starter, &paths, &needs);
            let config = Config::parse(Path::new(FILE_NAME), &text).unwrap();
            let nonce = config.nonce.text().unwrap();
            assert_eq!(
                nonce.is_some(),
                kind.starter.framework.is_some(),
                "{}",
                kind.name
            );
        }
    }
}
