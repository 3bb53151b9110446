//! Finds out what a folder is and where its pages are, by its files.

use std::fs;
use std::path::Path;

use super::configured;
use super::folders;
use super::kind::{Kind, Pages, Starter};
use super::kinds::{self, KINDS};
use crate::site::{PageFilter, find_pages};
use crate::template::Templates;

/// The usual names of folders with built pages.
const FOLDERS: &[&str] = &["public", "dist", "build", "_site", "site", "out", "www"];

/// The name of a folder that nothing else is known of.
const OF_PAGES: &str = "a folder of pages";

pub(super) fn recognize(folder: &Path) -> (&'static str, Starter) {
    if let Some(kind) = KINDS.iter().find(|kind| is_it(folder, kind)) {
        return (kind.name, kind.starter);
    }
    let starter = Starter { template: "auto", ..Starter::built(FOLDERS) };
    (OF_PAGES, starter)
}

/// Whether a file is there that says so; of Django also which middleware sends its policy.
fn is_it(folder: &Path, kind: &Kind) -> bool {
    let mut marks = kind.marks.split(' ');
    marks.any(|mark| says(folder, mark, kind.says))
        && match kind.starter.framework {
            Some("django-csp3") => requires(folder, &["django-csp<4", "django-csp~=3", "django-csp==3"]),
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
pub(super) fn paths(folder: &Path, kind: &str, pages: Pages) -> Vec<String> {
    match pages {
        Pages::Built(folders) => vec![built(folder, kind, folders)],
        Pages::Templates(path) => vec![path.to_owned()],
        Pages::EveryFolder(name) => match folders::of_name(folder, name) {
            found if found.is_empty() => vec![name.to_owned()],
            found => found,
        },
    }
}

/// Whether a start page is only what a build makes the page of: the template of Create React App, Vue CLI or webpack.
fn is_template(page: &str) -> bool {
    let marks = ["%PUBLIC_URL%", "<%= BASE_URL", "<%= htmlWebpackPlugin"];
    marks.iter().any(|mark| page.contains(mark))
}

/// The folder that has the pages: the one that the generator was told, one of these, one with a usual name, or the folder itself.
/// Before they are built it is the first of those that is there.
fn built(root: &Path, kind: &str, folders: &[&str]) -> String {
    let has_pages = |path: &Path| {
        let filter = PageFilter::new(&[], &[], Templates::Off);
        filter.is_ok_and(|filter| !find_pages(&[path.to_owned()], &filter).files.is_empty())
    };
    let is_site = |name: &&str| {
        let folder = root.join(name);
        let start = || configured::text(&folder, "index.html");
        folder.join("index.html").is_file() && !start().is_some_and(|it| is_template(&it))
    };
    // Its build takes the files in `public` for a part of the site, or for its templates.
    let is_bundled = says(root, "package.json", "\"build\"");
    let (first, last): (Vec<&str>, Vec<&str>) = FOLDERS.iter().partition(|name| !is_bundled || **name != "public");
    let told = configured::folders(root, kind);
    let told = told.iter().map(String::as_str);
    let own: Vec<&str> = match kind {
        OF_PAGES => Vec::new(),
        _ => told.chain(folders.iter().copied()).collect(),
    };
    let has = |name: &&str| has_pages(&root.join(name));
    let usual = || first.iter().chain(&last).copied();
    let is_plain = kind == OF_PAGES && !is_bundled;
    let found = own.iter().copied().find(has);
    let found = found.or_else(|| usual().find(is_site));
    let found = found.or_else(|| Some(".").filter(|name| is_plain && is_site(name)));
    let found = found.or_else(|| usual().filter(|_| kind == OF_PAGES).find(has));
    let is_there = |name: &&str| root.join(name).is_dir();
    let found = found.or_else(|| own.iter().copied().find(is_there));
    let found = found.or(folders.first().copied());
    found.unwrap_or(".").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recognized(files: &[(&str, &str)]) -> (&'static str, String) {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        let (name, starter) = recognize(folder.path());
        (name, paths(folder.path(), name, starter.pages).join(" "))
    }

    #[test]
    fn generators_and_frameworks_are_recognized() {
        for (files, name, paths) in [
            (&[("hugo.toml", "")][..], "Hugo", "public"),
            (&[("config.toml", "baseURL = 'x'")], "Hugo", "public"),
            (&[("config.toml", "base_url = 'x'")], "Zola", "public"),
            (&[("_config.yml", "title: x")], "Jekyll", "_site"),
            (&[("eleventy.config.js", "")], "Eleventy", "_site"),
            (&[("astro.config.mjs", "")], "Astro", "dist"),
            (&[("book.toml", "")], "mdBook", "book"),
            (&[("docs/conf.py", "html_theme = 'x'")], "Sphinx", "docs/_build/html"),
            (&[("manage.py", "import django")], "Django", "templates"),
            (&[("config/_default/hugo.toml", "")], "Hugo", "public"),
            (&[("config.yaml", "baseurl: x")], "Hugo", "public"),
            (&[("package.json", "{\"devDependencies\":{\"@11ty/eleventy\":\"3\"}}")], "Eleventy", "_site"),
            (&[("package.json", "{\"dependencies\":{\"astro\":\"5\"}}")], "Astro", "dist"),
            (&[("Gemfile", "gem 'jekyll'")], "Jekyll", "_site"),
            (&[("conf.py", "project = 'x'")], "Sphinx", "_build/html"),
            (&[("manage.py", "import django"), ("docs/conf.py", "x = 1")], "Django", "templates"),
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
                &[("manage.py", "import django"), ("pyproject.toml", "dependencies = ['Django-CSP<4']")],
                "Django with django-csp 3",
                "templates",
            ),
            (&[("requirements.txt", "fastapi")], "FastAPI", "templates"),
            (&[("pyproject.toml", "starlette")], "Starlette", "templates"),
            (&[("package.json", "{\"dependencies\":{\"express\":\"5\"}}")], "Express", "views"),
            (&[("artisan", "laravel")], "Laravel", "resources/views"),
            (&[("composer.json", "\"symfony/framework-bundle\": \"7\"")], "Symfony", "templates"),
            (&[("pyproject.toml", "flask"), ("shop/templates/a.html", "")], "Flask", "shop/templates"),
            (&[("requirements.txt", "Flask==3")], "Flask", "templates"),
            (&[("Gemfile", "gem 'rails'")], "Rails", "app/views"),
            (&[("Cargo.toml", ""), ("target/doc/settings.html", "")], "rustdoc", "target/doc"),
            (&[("doc/help.html", "<meta name=\"generator\" content=\"rustdoc\">")], "rustdoc", "doc"),
            (&[("doc/help.html", "<h1>Help")], "a folder of pages", "public"),
            (&[("dist/index.html", "")], "a folder of pages", "dist"),
            (&[("package.json", "{\"dependencies\":{\"hexo\":\"7\"}}"), ("_config.yml", "title: x")], "Hexo", "public"),
            (&[("_config.yml", "title: x"), ("_toc.yml", "")], "Jupyter Book", "_build/html"),
            (&[("myst.yml", "")], "Jupyter Book", "_build/html"),
            (&[("docs/_toc.yml", "")], "Jupyter Book", "docs/_build/html"),
            (&[("conf.py", "# Nikola"), ("output/index.html", "")], "Nikola", "output"),
            (&[("pelicanconf.py", "")], "Pelican", "output"),
            (&[(".vitepress/config.mts", "")], "VitePress", ".vitepress/dist"),
            (&[("docs/.vitepress/config.ts", "")], "VitePress", "docs/.vitepress/dist"),
            (
                &[("package.json", "{\"devDependencies\":{\"vitepress\":\"1\"}}"), (".vitepress/dist/a.html", "")],
                "VitePress",
                ".vitepress/dist",
            ),
            (&[(".storybook/main.ts", "")], "Storybook", "storybook-static"),
            (&[("typedoc.json", "")], "TypeDoc", "docs"),
            (&[("mkdocs.yml", ""), ("docs/index.md", "")], "MkDocs", "site"),
            (&[("mkdocs.yml", ""), ("public/index.html", "")], "MkDocs", "public"),
            (&[("docusaurus.config.ts", "")], "Docusaurus", "build"),
            (&[("website/docusaurus.config.js", "")], "Docusaurus", "website/build"),
            (&[("next.config.mjs", ""), ("public/a.svg", "")], "Next.js", "out"),
            (
                &[
                    ("package.json", "{\"dependencies\":{\"next\":\"15\",\"express\":\"5\"}}"),
                    (".next/server/app/a.html", ""),
                ],
                "Next.js",
                ".next/server/app",
            ),
            (&[("nuxt.config.ts", "")], "Nuxt", ".output/public"),
            (&[("nuxt.config.ts", ""), ("dist/index.html", "")], "Nuxt", "dist"),
            (
                &[("svelte.config.js", "kit: {}"), ("package.json", "{\"devDependencies\":{\"@sveltejs/kit\":\"2\"}}")],
                "SvelteKit",
                "build",
            ),
            (&[("gatsby-config.js", ""), ("public/index.html", "")], "Gatsby", "public"),
            (&[("hugo.toml", ""), ("dist/index.html", "")], "Hugo", "dist"),
            (&[("manage.py", "x")], "a folder of pages", "public"),
            (
                &[
                    ("package.json", "{\"scripts\":{\"build\":\"vite build\"}}"),
                    ("index.html", ""),
                    ("public/favicon.svg", "<svg/>"),
                    ("dist/index.html", ""),
                ],
                "a folder of pages",
                "dist",
            ),
            (
                &[
                    ("package.json", "{\"scripts\":{\"build\":\"react-scripts build\"}}"),
                    ("public/index.html", ""),
                    ("build/index.html", ""),
                ],
                "a folder of pages",
                "build",
            ),
            (
                &[
                    ("package.json", "{\"dependencies\":{\"react-scripts\":\"5\"}}"),
                    ("public/index.html", "<link href=%PUBLIC_URL%/a.css>"),
                ],
                "Create React App",
                "build",
            ),
            (
                &[
                    ("package.json", "{\"devDependencies\":{\"@vue/cli-service\":\"5\"}}"),
                    ("public/index.html", "<link href='<%= BASE_URL %>a.css'>"),
                    ("dist/index.html", ""),
                ],
                "Vue CLI",
                "dist",
            ),
            (
                &[("public/index.html", "<title><%= htmlWebpackPlugin.options.title %>"), ("dist/index.html", "")],
                "a folder of pages",
                "dist",
            ),
            (&[("docs/conf.py", ""), ("docs/_build/dirhtml/index.html", "")], "Sphinx", "docs/_build/dirhtml"),
            (&[("public/a.txt", ""), ("out/x/a.html", "")], "a folder of pages", "out"),
            (&[("index.html", ""), ("docs/a.html", "")], "a folder of pages", "."),
            (&[("gatsby-config.js", ""), ("public/a.txt", ""), ("dist/index.html", "")], "Gatsby", "dist"),
            (&[("hugo.toml", "publishDir = \"docs\""), ("public/a.html", ""), ("docs/a.html", "")], "Hugo", "docs"),
            (&[("hugo.toml", "publishDir = '../x'"), ("public/a.html", "")], "Hugo", "public"),
            (&[("book.toml", "[build]\nbuild-dir='my book/'"), ("my book/a.html", "")], "mdBook", "my book"),
            (&[("mkdocs.yml", "site_dir: ./build/out # here"), ("build/out/x/a.html", "")], "MkDocs", "build/out"),
            (
                &[("typedoc.json", "{\"out\":\"api-out\"}"), ("api-out/a.html", ""), ("docs/a.html", "")],
                "TypeDoc",
                "api-out",
            ),
            (
                &[
                    ("package.json", "{\"dependencies\":{\"hexo\":\"7\"}}"),
                    ("_config.yml", "public_dir: web"),
                    ("web/a.html", ""),
                ],
                "Hexo",
                "web",
            ),
        ] {
            assert_eq!(recognized(files), (name, paths.to_owned()), "{files:?}");
        }
    }
}
