"""The small sites of the generators that npm has: an inline script, a style attribute, a font and an image of other hosts, two pages."""

import json

from generator import BODY, FONT, FONTS, FRAME, IMAGE, SVG, Generator

SCRIPT = "document.documentElement.dataset.lab = 1"
# For React, which names attributes its own way.
JSX = f"<><img src=\"{IMAGE}\" /><img src=\"/pic.svg\" /><p style={{{{color: 'red'}}}}>styled</p><iframe src=\"https://frames.example/\" /></>"
INLINE = f"<script dangerouslySetInnerHTML={{{{__html: {json.dumps(SCRIPT)}}}}} />"
MARKUP = f'<img src="{IMAGE}" alt="there"><p style="color: red">styled</p>{FRAME}'
HEXO = {
    "hexo": "7.3.0", "hexo-theme-landscape": "1.1.0", "hexo-renderer-marked": "7.0.1", "hexo-renderer-ejs": "2.0.0", "hexo-renderer-stylus": "3.0.1",
    "hexo-generator-index": "4.0.0", "hexo-generator-archive": "2.0.0", "hexo-generator-tag": "2.0.0",
}  # fmt: skip
MODULE = '{"type": "module"}'


def npm(packages, files, command, output, clicks=()):
    """The generator that is a program of these packages."""
    program, *args = command.split()
    return Generator("npm", packages.split(), files, [[f"node_modules/.bin/{program}", *args]], output, list(clicks))


GENERATORS = {
    "eleventy": npm("@11ty/eleventy@3.1.2", {"index.md": f"# Lab\n\n{FONT}\n\n{BODY}"}, "eleventy --quiet", "_site"),
    "vitepress": npm(
        "vitepress@1.6.4",
        {
            "package.json": '{"type": "module", "devDependencies": {"vitepress": "1.6.4"}}',
            "docs/.vitepress/config.mjs": "export default { title: 'Lab' }\n",
            "docs/index.md": f"# Lab\n\n{BODY}",
            "docs/pic.svg": SVG,
        },
        "vitepress build docs",
        "docs/.vitepress/dist",
        [".VPSwitchAppearance", ".VPNavBarSearch button"],
    ),
    "astro": npm(
        "astro@5.9.4",
        {
            "package.json": MODULE,
            "astro.config.mjs": "import { defineConfig } from 'astro/config'\nexport default defineConfig({ telemetry: false })\n",
            "src/layouts/Lab.astro": f"---\nimport {{ ClientRouter }} from 'astro:transitions'\n---\n<html lang=\"en\"><head><title>Lab</title>{FONT}<ClientRouter /></head>"
            f"<body><slot /><script is:inline>{SCRIPT}</script></body></html>\n",
            "src/pages/index.astro": f'---\nimport Lab from "../layouts/Lab.astro"\n---\n<Lab>{MARKUP}<button>count</button><a href="/about/">about</a></Lab>\n'
            "<style>button { color: green }</style>\n<script>document.querySelector('button').onclick = () => document.title += '!'</script>\n",
            "src/pages/about.astro": '---\nimport Lab from "../layouts/Lab.astro"\n---\n<Lab><h1>About</h1><a href="/">start</a></Lab>\n',
        },
        "astro build",
        "dist",
        ["button", "a"],
    ),
    "docusaurus": npm(
        "@docusaurus/core@3.9.2 @docusaurus/preset-classic@3.9.2 webpack@5.101.3 react@19.1.0 react-dom@19.1.0",
        {
            "package.json": "{}",
            "docusaurus.config.js": "module.exports = { title: 'Lab', url: 'https://site.example', baseUrl: '/', presets: [['classic', { blog: false, gtag: { trackingID: 'G-LAB' } }]],\n"
            f"  stylesheets: ['{FONTS}'], themeConfig: {{ navbar: {{ title: 'Lab', items: [{{ to: '/docs/one', label: 'One' }}] }} }} }}\n",
            "docs/one.mdx": f"# One\n\n![there]({IMAGE})\n\n{FRAME}\n\n<p style={{{{color: 'red'}}}}>styled</p>\n\n```js\nlet x = 1\n```\n",
            "docs/two.md": "# Two\n\n:::note\n\ntext\n\n:::\n",
            "src/pages/index.js": f"export default () => <>{JSX}<a href='/docs/one'>one</a></>\n",
            "static/pic.svg": SVG,
        },
        "docusaurus build",
        "build",
        ["[class*=toggleButton]", ".menu__link:not(.menu__link--active)", ".navbar__item"],
    ),
    "next": npm(
        "next@15.5.29 react@19.1.0 react-dom@19.1.0",
        {
            "package.json": '{"dependencies": {"next": "15.5.29"}}',
            "next.config.mjs": "export default { output: 'export' }\n",
            "app/layout.jsx": f"export default ({{ children }}) => <html><head><link rel='stylesheet' href='{FONTS}' /></head><body>{{children}}{INLINE}</body></html>\n",
            "app/page.jsx": f"import Link from 'next/link'\nimport Image from 'next/image'\nexport default () => <main>{JSX}<Image unoptimized src='/pic.svg' alt='' width={{9}} height={{9}} />"
            "<Link href='/about'>about</Link></main>\n",
            "app/about/page.jsx": "'use client'\nimport { useState } from 'react'\nexport default () => { const [n, set] = useState(0); return <button onClick={() => set(n + 1)}>{n}</button> }\n",
            "public/pic.svg": SVG,
        },
        "next build",
        "out",
        ["a", "button"],
    ),
    "nuxt": npm(
        "nuxt@3.21.9",
        {
            "package.json": MODULE,
            "nuxt.config.ts": "export default defineNuxtConfig({ telemetry: false, compatibilityDate: '2025-01-01',\n"
            f"  app: {{ head: {{ link: [{{ rel: 'stylesheet', href: '{FONTS}' }}], script: [{{ innerHTML: '{SCRIPT}' }}] }} }} }})\n",
            "pages/index.vue": f"<template><main>{MARKUP}<NuxtLink to='/about'>about</NuxtLink></main></template>\n<style scoped>main {{ color: green }}</style>\n",
            "pages/about.vue": "<script setup>\nconst n = ref(0)\n</script>\n<template><button :style=\"{ color: 'red' }\" @click=\"n++\">{{ n }}</button></template>\n",
            "public/pic.svg": SVG,
        },
        "nuxt generate",
        ".output/public",
        ["a", "button"],
    ),
    "sveltekit": npm(
        "@sveltejs/kit@2.70.4 @sveltejs/adapter-static@3.0.11 @sveltejs/vite-plugin-svelte@6.2.3 svelte@5.57.3 vite@7.3.8",
        {
            "package.json": '{"type": "module", "devDependencies": {"@sveltejs/kit": "2.70.4"}}',
            "svelte.config.js": "import adapter from '@sveltejs/adapter-static'\nexport default { kit: { adapter: adapter() } }\n",
            "vite.config.js": "import { sveltekit } from '@sveltejs/kit/vite'\nexport default { plugins: [sveltekit()] }\n",
            "src/app.html": f"<!doctype html><html><head>{FONT}%sveltekit.head%</head><body style=\"margin: 0\"><script>{SCRIPT}</script><div>%sveltekit.body%</div></body></html>\n",
            "src/routes/+layout.js": "export const prerender = true\n",
            "src/routes/+page.svelte": f"<script>\n  import {{ fade }} from 'svelte/transition'\n  let n = $state(0)\n</script>\n{MARKUP}<button onclick={{() => n++}}>{{n}}</button>"
            "{#if n}<b transition:fade>more</b>{/if}<a href=\"/about\">about</a>\n<style>button { color: green }</style>\n",
            "src/routes/about/+page.svelte": "<h1>About</h1>\n",
            "static/pic.svg": SVG,
        },
        "vite build",
        "build",
        ["button", "a"],
    ),
    "hexo": npm(
        " ".join(f"{name}@{version}" for name, version in HEXO.items()),
        {
            "package.json": json.dumps({"hexo": {"version": ""}, "dependencies": HEXO}),
            "_config.yml": "title: Lab\nurl: https://site.example\ntheme: landscape\npermalink: :title/\n",
            "source/_posts/one.md": f"---\ntitle: One\ntags: [lab]\n---\n{FONT}\n\n{BODY.replace('(pic.svg)', '(/pic.svg)')}",
            "source/pic.svg": SVG,
        },
        "hexo generate --silent",
        "public",
        ["#main-nav-toggle", ".nav-search-btn", ".article-share-link"],
    ),
    "typedoc": npm(
        "typedoc@0.28.20 typescript@5.9.3",
        {
            "package.json": '{"name": "lab"}',
            "typedoc.json": '{"entryPoints": ["lab.ts"], "out": "docs"}',
            "tsconfig.json": '{"files": ["lab.ts"]}',
            "README.md": f"# Lab\n\n![there]({IMAGE})\n\n{FRAME}\n\n```ts\nlet x = 1\n```\n",
            "lab.ts": "/** One. */\nexport class One {\n  /** Two. */\n  two = 1\n}\n",
        },
        "typedoc",
        "docs",
        [".tsd-widget", "#tsd-search-trigger"],
    ),
    "storybook": npm(
        "storybook@9.1.7 @storybook/html-vite@9.1.7 vite@7.3.8",
        {
            "package.json": MODULE,
            ".storybook/main.js": "export default { framework: '@storybook/html-vite', stories: ['../stories/*.stories.js'], core: { disableTelemetry: true } }\n",
            ".storybook/preview-head.html": f"{FONT}<script>{SCRIPT}</script>\n",
            "stories/lab.stories.js": f"export default {{ title: 'Lab' }}\nexport const One = {{ render: () => {json.dumps(MARKUP)} }}\n",
        },
        "storybook build --quiet",
        "storybook-static",
    ),
}
