"""All generators: those of Python and Debian, and those of npm behind them."""

import json

import javascript
from generator import BODY, FONT, FRAME, IMAGE, SVG, Generator

SPHINX = f"Start\n=====\n\n.. image:: pic.svg\n\n.. code-block:: python\n\n   x = 1\n\n.. raw:: html\n\n   {FONT}\n   {FRAME}\n"
PLOT = (
    "import os, plotly.graph_objects as g\nos.makedirs('site', exist_ok=True)\n"
    "g.Figure(g.Scatter(y=[1, 2])).write_html('site/index.html', include_plotlyjs='directory')\n"
)
NOTEBOOK = json.dumps({
    "nbformat": 4, "nbformat_minor": 4, "metadata": {},
    "cells": [
        {"cell_type": "markdown", "metadata": {}, "source": f"# Lab\n\n![there]({IMAGE}) $x^2$"},
        {"cell_type": "code", "metadata": {}, "source": "x = 1", "outputs": [], "execution_count": 1},
    ],
})  # fmt: skip
NIKOLA = (
    "BLOG_TITLE = 'Lab'\nSITE_URL = 'https://site.example/'\nBLOG_AUTHOR = 'A'\nBLOG_EMAIL = 'a@site.example'\nBLOG_DESCRIPTION = 'Lab'\n"
    "DEFAULT_LANG = 'en'\nTRANSLATIONS = {'en': ''}\nTHEME = 'bootstrap4'\nPOSTS = (('posts/*.md', 'posts', 'post.tmpl'),)\nPAGES = ()\n"
    "COMPILERS = {'markdown': ('.md',)}\nUSE_CDN = False\n"
)
HUGO_HEAD = (
    '{{ with resources.Get "main.css" | minify | fingerprint }}<link rel="stylesheet" href="{{ .RelPermalink }}" integrity="{{ .Data.Integrity }}">{{ end }}'
    '{{ template "_internal/opengraph.html" . }}{{ template "_internal/google_analytics.html" . }}'
)

# The quickest six first; --quick takes those.
QUICK = 6
GENERATORS = {
    "plotly": Generator("pip", ["plotly==5.24.1"], {"make.py": PLOT}, [["make.py"]], "site", [".modebar-btn"]),
    "rustdoc": Generator("", [], {"lab.rs": f"//! # Lab\n//!\n//! ![there]({IMAGE})\n//! {FRAME}\npub fn one() {{}}\n"},
                         [["rustdoc", "--crate-name", "lab", "-o", "doc", "lab.rs"]], "doc", [".settings-menu a", "#toggle-all-docs"]),
    "pelican": Generator("pip", ["pelican==4.11.0", "markdown==3.8"],
                         {"pelicanconf.py": "SITENAME = 'Lab'\nSITEURL = ''\nPATH = 'content'\nSTATIC_PATHS = ['pic.svg']\nTIMEZONE = 'UTC'\nTWITTER_USERNAME = 'lab'\n",
                          "content/one.md": f"Title: One\nDate: 2024-01-01\n\n{BODY.replace('(pic.svg)', '({static}/pic.svg)')}", "content/pic.svg": SVG},
                         [["-m", "pelican", "-q", "-s", "pelicanconf.py"]], "output", ["a"]),
    "pdoc": Generator("pip", ["pdoc==15.0.4"], {"lab.py": f'"""# Lab\n\n![there]({IMAGE})\n\n{FRAME}\n"""\n\n\ndef one():\n    """One."""\n'},
                      [["-m", "pdoc", "-o", "site", "./lab.py"]], "site", [".view-source-button"]),
    "sphinx-furo": Generator("pip", ["sphinx==8.1.3", "furo==2024.8.6"], {"conf.py": "html_theme = 'furo'\n", "index.rst": SPHINX, "pic.svg": SVG},
                             [["-m", "sphinx", "-q", ".", "_build/html"]], "_build/html", [".theme-toggle"]),
    "mkdocs-material": Generator("pip", ["mkdocs-material==9.6.14"],
                                 {"mkdocs.yml": "site_name: Lab\ntheme: {name: material}\n", "docs/index.md": f"# Lab\n\n{BODY}", "docs/pic.svg": SVG},
                                 [["-m", "mkdocs", "-q", "build"]], "site", [".md-search__input"]),
    "nbconvert": Generator("pip", ["nbconvert==7.16.6"], {"lab.ipynb": NOTEBOOK}, [["-m", "nbconvert", "--to", "html", "--output-dir", "site", "lab.ipynb"]], "site"),
    "nikola": Generator("pip", ["nikola==8.3.3"],
                        {"conf.py": NIKOLA, "posts/one.md": f"<!--\n.. title: One\n.. slug: one\n.. date: 2024-01-01 00:00:00 UTC\n-->\n\n{BODY}", "files/posts/one/pic.svg": SVG},
                        [["-m", "nikola", "build", "-q"]], "output"),
    "hugo": Generator("apt", ["hugo"],
                      {"hugo.toml": "baseURL = 'https://site.example/'\ntitle = 'Lab'\ngoogleAnalytics = 'G-LAB'\n[markup.goldmark.renderer]\nunsafe = true\n",
                       "layouts/_default/baseof.html": f"<!doctype html><html><head>{FONT}{HUGO_HEAD}</head><body>{{{{ block \"main\" . }}}}{{{{ end }}}}</body></html>\n",
                       "layouts/_default/list.html": '{{ define "main" }}{{ .Content }}{{ range .Pages }}<a href="{{ .RelPermalink }}">{{ .Title }}</a>{{ end }}{{ end }}\n',
                       "layouts/_default/single.html": '{{ define "main" }}<h1>{{ .Title }}</h1>{{ .Content }}{{ end }}\n',
                       "assets/main.css": "h1 { color: green }\n", "content/_index.md": f"---\ntitle: Lab\n---\n{BODY}", "static/pic.svg": SVG,
                       "content/one.md": "---\ntitle: One\n---\n```go\nx := 1\n```\n\n{{< youtube w7Ft2ymGmfc >}}\n\n{{< figure src=\"/pic.svg\" >}}\n"},
                      [["hugo", "--quiet"]], "public", ["a"]),
    "jekyll": Generator("apt", ["jekyll", "jekyll-theme-minima"],
                        {"_config.yml": "title: Lab\ntheme: minima\ndisqus: {shortname: lab}\nplugins: [jekyll-feed, jekyll-seo-tag]\n", "pic.svg": SVG,
                         "index.md": "---\nlayout: home\n---\n", "_posts/2024-01-01-one.md": f"---\nlayout: post\ntitle: One\n---\n{FONT}\n\n{BODY}"},
                        [["env", "JEKYLL_ENV=production", "jekyll", "build", "--quiet"]], "_site", [".menu-icon", ".post-link"]),
    "mdbook": Generator("cargo", ["mdbook@0.5.4"],
                        {"book.toml": "[book]\ntitle = 'Lab'\n", "src/SUMMARY.md": "- [One](one.md)\n- [Two](two.md)\n", "src/two.md": "# Two\n\n```rust\nfn main() {}\n```\n",
                         "src/one.md": f"# One\n\n{FONT}\n\n{BODY}", "src/pic.svg": SVG},
                        [["mdbook", "build"]], "book", ["#mdbook-sidebar-toggle", "#mdbook-theme-toggle", ".mdbook-theme", ".clip-button", ".nav-chapters"]),
    "jupyter-book": Generator("pip", ["jupyter-book==1.0.4"],
                              {"_config.yml": "title: Lab\nexecute: {execute_notebooks: 'off'}\n", "_toc.yml": "format: jb-book\nroot: one\nchapters:\n- file: lab\n",
                               "one.md": f"# One\n\n{FONT}\n\n{BODY}\n$x^2$\n", "lab.ipynb": NOTEBOOK, "pic.svg": SVG},
                              [["-c", "import sys; from jupyter_book.cli.main import main; sys.exit(main())", "build", "--quiet", "."]], "_build/html", [".theme-switch-button", ".search-button"]),
    **javascript.GENERATORS,
}  # fmt: skip
