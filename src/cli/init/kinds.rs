//! The table of what a folder can be.

use super::kind::{Kind, Pages, Starter};

/// Where Python projects name their packages, and where they import them.
pub(super) const REQUIREMENTS: &str = "requirements.txt requirements/base.txt requirements/production.txt pyproject.toml setup.cfg Pipfile app.py wsgi.py main.py app/main.py";

const NEXT: &str = "next.config.js next.config.mjs next.config.ts next.config.cjs next.config.mts";
const NUXT: &str = "nuxt.config.ts nuxt.config.js nuxt.config.mjs nuxt.config.mts";

/// The first that fits counts: what says its name before what others use too.
pub(super) const KINDS: &[Kind] = &[
    Kind::new(
        "Hugo",
        "hugo.toml hugo.yaml hugo.yml hugo.json config/_default/hugo.toml \
         config/_default/hugo.yaml config/_default/hugo.yml config/_default/hugo.json",
        "",
        Starter::built(&["public"]),
    ),
    Kind::new("Zola", "config.toml zola.toml", "base_url", Starter::built(&["public"])),
    Kind::new(
        "Hugo",
        "config.toml config.yaml config.yml config.json config/_default/config.toml \
         config/_default/config.yaml config/_default/config.yml config/_default/config.json",
        "baseurl",
        Starter::built(&["public"]),
    ),
    Kind::new(
        "Eleventy",
        ".eleventy.js eleventy.config.js eleventy.config.mjs eleventy.config.cjs eleventy.config.ts",
        "",
        Starter::built(&["_site"]),
    ),
    Kind::new("Eleventy", "package.json", "\"@11ty/eleventy\"", Starter::built(&["_site"])),
    Kind::new(
        "Astro",
        "astro.config.mjs astro.config.js astro.config.ts astro.config.cjs astro.config.mts",
        "",
        Starter::built(&["dist"]),
    ),
    Kind::new("Astro", "package.json", "\"astro\"", Starter::built(&["dist"])),
    Kind::new("rustdoc", "target/doc/settings.html target/doc/help.html", "", Starter::built(&["target/doc"])),
    Kind::new("rustdoc", "doc/settings.html doc/help.html", "rustdoc", Starter::built(&["doc"])),
    Kind::new("mdBook", "book.toml", "", Starter::built(&["book"])),
    Kind::new("Hexo", "package.json", "\"hexo\"", Starter::built(&["public"])),
    Kind::new("Jupyter Book", "_toc.yml myst.yml", "", Starter::built(&["_build/html"])),
    Kind::new("Jupyter Book", "docs/_toc.yml docs/myst.yml", "", Starter::built(&["docs/_build/html"])),
    Kind::new("Jupyter Book", "book/_toc.yml book/myst.yml", "", Starter::built(&["book/_build/html"])),
    Kind::new("Pelican", "pelicanconf.py", "", Starter::built(&["output"])),
    Kind::new("Nikola", "conf.py", "nikola", Starter::built(&["output"])),
    Kind::new("Nikola", "conf.py", "blog_title", Starter::built(&["output"])),
    Kind::new(
        "VitePress",
        ".vitepress/config.ts .vitepress/config.mts .vitepress/config.js .vitepress/config.mjs \
         .vitepress/config/index.ts .vitepress/config/index.mts .vitepress/config/index.js",
        "",
        Starter::routed(&[".vitepress/dist"]),
    ),
    Kind::new(
        "Docusaurus",
        "docusaurus.config.js docusaurus.config.ts docusaurus.config.mjs docusaurus.config.cjs docusaurus.config.mts",
        "",
        Starter::routed(&["build"]),
    ),
    Kind::new(
        "Docusaurus",
        "website/docusaurus.config.js website/docusaurus.config.ts",
        "",
        Starter::routed(&["website/build"]),
    ),
    Kind::new("Next.js", NEXT, "", Starter::routed(&["out", ".next/server/app", ".next/server/pages"])),
    Kind::new("Nuxt", NUXT, "", Starter::routed(&[".output/public", "dist"])),
    Kind::new(
        "SvelteKit",
        "package.json",
        "\"@sveltejs/kit\"",
        Starter::routed(&["build", ".svelte-kit/output/prerendered/pages"]),
    ),
    Kind::new(
        "SvelteKit",
        "svelte.config.js svelte.config.mjs svelte.config.ts",
        "kit",
        Starter::routed(&["build", ".svelte-kit/output/prerendered/pages"]),
    ),
    Kind::new(
        "Gatsby",
        "gatsby-config.js gatsby-config.ts gatsby-config.mjs gatsby-config.cjs",
        "",
        Starter::routed(&["public"]),
    ),
    Kind::new("Docusaurus", "package.json", "\"@docusaurus/core\"", Starter::routed(&["build"])),
    Kind::new(
        "Next.js",
        "package.json",
        "\"next\"",
        Starter::routed(&["out", ".next/server/app", ".next/server/pages"]),
    ),
    Kind::new("Nuxt", "package.json", "\"nuxt\"", Starter::routed(&[".output/public", "dist"])),
    Kind::new("Gatsby", "package.json", "\"gatsby\"", Starter::routed(&["public"])),
    Kind::new("Jekyll", "_config.yml _config.yaml _config.toml", "", Starter::built(&["_site"])),
    Kind::new("Django with django-csp 3", "manage.py", "django", Starter::django("django-csp3")),
    Kind::new("Django with django-csp", "manage.py", "django", Starter::django("django-csp")),
    Kind::new("Django", "manage.py", "django", Starter::django("django")),
    Kind::new(
        "Rails",
        "config/application.rb Gemfile",
        "rails",
        Starter::templates(Pages::Templates("app/views"), "auto", "rails", "config/initializers/csp.rb"),
    ),
    Kind::new(
        "Laravel",
        "artisan composer.json",
        "laravel",
        Starter::templates(Pages::Templates("resources/views"), "auto", "laravel", "app/Csp/SitePreset.php"),
    ),
    Kind::new(
        "Symfony",
        "composer.json symfony.lock",
        "symfony/framework-bundle",
        Starter::templates(Pages::Templates("templates"), "twig", "symfony", "config/packages/csp.yaml"),
    ),
    Kind::new("Jekyll", "Gemfile", "jekyll", Starter::built(&["_site"])),
    Kind::new("MkDocs", "mkdocs.yml mkdocs.yaml", "", Starter::built(&["site"])),
    Kind::new(
        "VitePress",
        "docs/.vitepress/config.ts docs/.vitepress/config.mts docs/.vitepress/config.js docs/.vitepress/config.mjs \
         docs/.vitepress/config/index.ts docs/.vitepress/config/index.mts docs/.vitepress/config/index.js",
        "",
        Starter::routed(&["docs/.vitepress/dist"]),
    ),
    Kind::new(
        "VitePress",
        "package.json",
        "\"vitepress\"",
        Starter::routed(&["docs/.vitepress/dist", ".vitepress/dist"]),
    ),
    Kind::new("Sphinx", "docs/source/conf.py", "", Starter::built(&["docs/build/html", "docs/build/dirhtml"])),
    Kind::new("Sphinx", "source/conf.py", "", Starter::built(&["build/html", "build/dirhtml"])),
    Kind::new("Sphinx", "docs/conf.py", "", Starter::built(&["docs/_build/html", "docs/_build/dirhtml"])),
    Kind::new("Sphinx", "conf.py", "", Starter::built(&["_build/html", "_build/dirhtml"])),
    Kind::new(
        "TypeDoc",
        "typedoc.json typedoc.jsonc typedoc.config.js typedoc.config.cjs typedoc.config.mjs typedoc.js typedoc.cjs",
        "",
        Starter::built(&["docs"]),
    ),
    Kind::new(
        "Storybook",
        ".storybook/main.ts .storybook/main.js .storybook/main.mjs .storybook/main.cjs .storybook/main.mts",
        "",
        Starter::built(&["storybook-static"]),
    ),
    Kind::new("TypeDoc", "package.json", "\"typedoc\"", Starter::built(&["docs"])),
    Kind::new("Storybook", "package.json", "\"storybook\"", Starter::built(&["storybook-static"])),
    Kind::new("Create React App", "package.json", "\"react-scripts\"", Starter::built(&["build"])),
    Kind::new("Vue CLI", "package.json", "\"@vue/cli-service\"", Starter::built(&["dist"])),
    Kind::new("Flask with Flask-Talisman", REQUIREMENTS, "talisman", Starter::flask("flask-talisman")),
    Kind::new("Flask", REQUIREMENTS, "flask", Starter::flask("flask")),
    Kind::new("FastAPI", REQUIREMENTS, "fastapi", Starter::flask("starlette")),
    Kind::new("Starlette", REQUIREMENTS, "starlette", Starter::flask("starlette")),
    Kind::new(
        "Express",
        "package.json",
        "\"express\"",
        Starter { format: "helmet", ..Starter::templates(Pages::Templates("views"), "auto", "express", "csp.js") },
    ),
];
