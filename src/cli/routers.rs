//! Routers in built pages: scripts that swap the next page into the current one without a page load. The policy of the page that
//! was loaded first stays in force, so policies for each page block what the others need.

use std::cell::OnceCell;
use std::io::{ErrorKind, Read as _};

use memchr::memmem::find_iter;
use rayon::prelude::*;

use crate::finding::{Code, Finding, Severity};
use crate::site::{PageFile, open};

/// What shows in the markup of a page that a router is there.
struct Mark {
    /// The router's name.
    router: &'static str,
    place: MarkPlace,
    /// What comes right before the text, but for a quote.
    before: &'static str,
    text: &'static str,
}

/// Where a mark counts. In the text of a page it is prose.
#[derive(Clone, Copy, PartialEq, Eq)]
enum MarkPlace {
    Tag,
    Script,
    /// In the tag of a script or link, at the beginning of a name.
    Url,
}

const fn tag(router: &'static str, before: &'static str, text: &'static str) -> Mark {
    Mark { router, place: MarkPlace::Tag, before, text }
}

const fn script(router: &'static str, text: &'static str) -> Mark {
    Mark { router, place: MarkPlace::Script, before: "", text }
}

const fn url(router: &'static str, text: &'static str) -> Mark {
    Mark { place: MarkPlace::Url, ..script(router, text) }
}

/// The marks, each with the file of the router that writes it.
const MARKS: &[Mark] = &[
    // vitepress/src/node/build/render.ts
    script("VitePress", "__VP_HASH_MAP__"),
    tag("VitePress", "content=", "VitePress"),
    // next/src/pages/_document.tsx, next/src/server/app-render/use-flight-response.tsx
    tag("Next.js", "id=", "__NEXT_DATA__"),
    script("Next.js", "__next_f"),
    // nuxt/src/core/runtime/nitro/handlers/renderer.ts
    tag("Nuxt", "id=", "__nuxt"),
    tag("Nuxt", "id=", "__NUXT_DATA__"),
    script("Nuxt", "__NUXT__"),
    // gatsby/cache-dir/static-entry.js
    tag("Gatsby", "id=", "___gatsby"),
    // kit/src/runtime/server/page/render.js
    script("SvelteKit", "__sveltekit_"),
    // docusaurus/src/ssg/ssgTemplate.html.ts
    tag("Docusaurus", "id=", "__docusaurus"),
    // astro/components/ClientRouter.astro
    tag("Astro", "name=", "astro-view-transitions-enabled"),
    // The attributes of turbo/src: they are of use only where Turbo is.
    tag("Turbo", "", "data-turbo-"),
    tag("Turbo", "", "data-turbo="),
    tag("Turbo", "name=", "turbo-"),
    tag("Turbo", "<", "turbo-frame"),
    script("Turbo", "@hotwired/turbo"),
    url("Turbo", "@hotwired/turbo"),
    // turbo/package.json: the names of its builds, also with a version or digest behind; cdnjs serves them below `turbo/`.
    url("Turbo", "turbo.js"),
    url("Turbo", "turbo.min"),
    url("Turbo", "turbo.es20"),
    url("Turbo", "turbo-"),
    // htmx/src/htmx.js
    tag("htmx", "hx-boost=", "true"),
    // mkdocs-material/src/templates/base.html: the features are in #__config.
    script("Material for MkDocs", "\"navigation.instant\""),
];

/// The bytes before a mark in which its tag begins.
const REACH: usize = 4096;
/// The bytes that are read at once.
const PIECE: usize = 64 * 1024;

/// The router of some pages, which are read only if it matters.
pub(super) struct Routers<'a> {
    files: &'a [PageFile],
    found: OnceCell<Option<&'static str>>,
}

impl<'a> Routers<'a> {
    pub(super) const fn new(files: &'a [PageFile]) -> Self {
        Self { files, found: OnceCell::new() }
    }

    /// The name of a router that some page has, if there is a page to swap it for.
    pub(super) fn name(&self) -> Option<&'static str> {
        let files = self.files.iter().filter(|_| self.files.len() > 1);
        // From a pipe nothing would come a second time.
        let files: Vec<&PageFile> = files.filter(|file| file.is_file()).collect();
        let find = || files.into_par_iter().find_map_first(router);
        *self.found.get_or_init(find)
    }

    /// The finding where each page has its own policy.
    pub(super) fn finding(&self) -> Option<Finding> {
        let name = self.name()?;
        Some(Finding::new(
            Code::SwappedPages,
            format!(
                "each page has its own policy, but the router of {name} swaps pages without a page load: the policy of the first page stays in force and blocks what the others need"
            ),
            "give all pages one policy with --scope site",
        ))
    }

    /// The finding where the pages have one policy for that reason.
    pub(super) fn note(&self) -> Option<Finding> {
        let name = self.name()?;
        let mut finding = Finding::new(
            Code::SwappedPages,
            format!(
                "every page has the policy of the site, since the router of {name} swaps pages without a page load and the policy of the first page stays in force"
            ),
            "to have no such note, say --scope site",
        );
        finding.severity = Severity::Note;
        Some(finding)
    }
}

/// The router that a page has. One that cannot be read again has been reported.
fn router(file: &PageFile) -> Option<&'static str> {
    let mut input = open(file).ok()?;
    let mut text = Vec::new();
    loop {
        let kept = text.len();
        text.resize(kept + PIECE, 0);
        let len = match input.read(&mut text[kept..]) {
            Err(error) if error.kind() == ErrorKind::Interrupted => 0,
            Err(_) | Ok(0) => return None,
            Ok(len) => len,
        };
        text.truncate(kept + len);
        if let Some(mark) = MARKS.iter().find(|mark| mark.is_in(&text)) {
            return Some(mark.router);
        }
        text.drain(..text.len().saturating_sub(REACH));
    }
}

impl Mark {
    fn is_in(&self, page: &[u8]) -> bool {
        find_iter(page, self.text).any(|at| self.counts(&page[..at]))
    }

    /// Whether the text counts behind this part of a page.
    fn counts(&self, before: &[u8]) -> bool {
        let is_quote = |b: &u8| matches!(b, b'"' | b'\'');
        let unquoted = match before.split_last() {
            Some((last, rest)) if is_quote(last) => rest,
            _ => before,
        };
        if !unquoted.ends_with(self.before.as_bytes()) {
            return false;
        }
        let Some(open) = memchr::memrchr(b'<', before) else {
            return false;
        };
        let tag = &before[open + 1..];
        let is_closed = tag.contains(&b'>');
        match self.place {
            MarkPlace::Tag => !is_closed && tag.first().is_none_or(u8::is_ascii_alphabetic),
            MarkPlace::Url => {
                let name = tag.split(u8::is_ascii_whitespace).next().unwrap_or_default();
                let names = [&b"script"[..], b"link"];
                let is_begin = before.last().is_some_and(|b| b"/='\"".contains(b));
                !is_closed && is_begin && names.iter().any(|it| name.eq_ignore_ascii_case(it))
            }
            MarkPlace::Script => {
                let name = tag.get(..6).unwrap_or_default();
                is_closed && name.eq_ignore_ascii_case(b"script")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(page: &str) -> Option<&'static str> {
        let mark = MARKS.iter().find(|mark| mark.is_in(page.as_bytes()));
        mark.map(|mark| mark.router)
    }

    #[test]
    fn a_router_is_known_by_its_marks() {
        for (page, router) in [
            ("<script>window.__VP_HASH_MAP__=JSON.parse(\"{}\")</script>", "VitePress"),
            ("<meta name=\"generator\" content=\"VitePress v1.6.3\">", "VitePress"),
            ("<script id=\"__NEXT_DATA__\" type=\"application/json\">{}</script>", "Next.js"),
            ("<script>(self.__next_f=self.__next_f||[]).push([0])</script>", "Next.js"),
            ("<div id=\"__nuxt\"></div>", "Nuxt"),
            ("<body><div id=__nuxt></div>", "Nuxt"),
            ("<script nonce=a>window.__NUXT__={};</script>", "Nuxt"),
            ("<div id=\"___gatsby\">", "Gatsby"),
            ("<script>\n\t{\n\t\t__sveltekit_1a2b = {base: \"\"};\n</script>", "SvelteKit"),
            ("<div id=\"__docusaurus\">", "Docusaurus"),
            ("<meta name=\"astro-view-transitions-enabled\" content=\"true\">", "Astro"),
            ("<link rel=\"stylesheet\" data-turbo-track=\"reload\">", "Turbo"),
            ("<turbo-frame id=a>", "Turbo"),
            (
                "<script type=module src=https://cdn.jsdelivr.net/npm/@hotwired/turbo@latest/dist/turbo.es2017-esm.min.js></script>",
                "Turbo",
            ),
            ("<script type=module src=\"https://esm.sh/@hotwired/turbo\"></script>", "Turbo"),
            (
                "<script src='https://cdnjs.cloudflare.com/ajax/libs/turbo/8.0.4/turbo.es2017-umd.min.js'></script>",
                "Turbo",
            ),
            ("<script src=turbo.js>", "Turbo"),
            ("<script src=\"/assets/turbo.min-abc.js\">", "Turbo"),
            ("<link rel=modulepreload href=\"/assets/turbo-0a1b2c3d.js\">", "Turbo"),
            ("<body hx-boost=\"true\">", "htmx"),
            ("<body hx-boost=true>", "htmx"),
            (
                "<script id=\"__config\" type=\"application/json\">{\"features\": [\"navigation.instant\"]}</script>",
                "Material for MkDocs",
            ),
        ] {
            assert_eq!(name(page), Some(router), "{page}");
        }
    }

    #[test]
    fn prose_about_a_router_is_none() {
        for page in [
            "<p>Set <code>window.__NUXT__</code> or id=\"__nuxt\" and hx-boost=\"true\"",
            "<pre>&lt;div id=\"___gatsby\"></pre>",
            "<!-- data-turbo-track -->",
            "<a href=https://www.npmjs.com/package/@hotwired/turbo>",
            "<script src=/my-turbo.js></script><img src=/turbo.js>",
            "<scripting src=/turbo.js>",
            "<body hx-boost=\"false\">",
            "<script>a()</script>navigation.instant __next_f",
            "<script id=\"__config\">{\"features\": [\"navigation.tabs\"]}</script>",
        ] {
            assert_eq!(name(page), None, "{page}");
        }
    }
}
