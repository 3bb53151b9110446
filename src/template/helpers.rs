//! Helpers that write a script or style without their own tags in the template, and how they are given the nonce. Those that take
//! it from the request by themselves, such as `javascript_importmap_tags` and `vite_react_refresh_tag`, are not listed, nor is `@vite`,
//! which takes it from `Vite::useCspNonce`.
//!
//! Read in the sources of ActionView 6.1 and 8.2, importmap-rails, vite_rails, Webpacker 5, Symfony's Twig bridge, Encore's bundle, django-vite 3.2,
//! flask-vite 0.6, Livewire, Ziggy and spatie/laravel-csp 3; none of them was run. From Rails 8.1, `content_security_policy_nonce_auto` gives the
//! nonce without `nonce: true`, and Livewire from 3.7 takes it from `Vite::useCspNonce`.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use fancy_regex::Regex;
use memchr::memmem;

use super::dialect::Dialect;
use crate::location::Location;

use Dialect::{Blade, Django, Erb, Jinja, Twig};

/// What a helper writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Written {
    Script,
    /// A script with a URL.
    UrlScript,
    Style,
    Link,
}

/// A kind of helper.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct Helper {
    dialect: Dialect,
    pub(crate) name: &'static str,
    written: Written,
    /// Whether `nonce: true` is only a text to it.
    is_plain: bool,
    pub(crate) help: &'static str,
}

const fn row(dialect: Dialect, name: &'static str, written: Written, is_plain: bool, help: &'static str) -> Helper {
    Helper { dialect, name, written, is_plain, help }
}

use Written::{Link, Script, Style, UrlScript};

const HELPERS: &[Helper] = &[
    row(Erb, "javascript_tag", Script, false, "write javascript_tag nonce: true"),
    row(Erb, "javascript_include_tag", UrlScript, false, "write javascript_include_tag \"…\", nonce: true"),
    row(Erb, "javascript_pack_tag", UrlScript, false, "write javascript_pack_tag \"…\", nonce: true"),
    row(
        Erb,
        "javascript_packs_with_chunks_tag",
        UrlScript,
        false,
        "write javascript_packs_with_chunks_tag \"…\", nonce: true",
    ),
    row(
        Erb,
        "stylesheet_packs_with_chunks_tag",
        Link,
        false,
        "write stylesheet_packs_with_chunks_tag \"…\", nonce: true",
    ),
    row(Erb, "vite_client_tag", UrlScript, false, "write vite_client_tag nonce: true"),
    row(Erb, "vite_javascript_tag", UrlScript, false, "write vite_javascript_tag \"…\", nonce: true"),
    row(Erb, "vite_typescript_tag", UrlScript, false, "write vite_typescript_tag \"…\", nonce: true"),
    row(Erb, "tag.script", Script, true, "write tag.script nonce: content_security_policy_nonce"),
    row(Erb, "content_tag :script", Script, true, "write content_tag :script, nonce: content_security_policy_nonce"),
    row(Erb, "tag.style", Style, true, "write tag.style nonce: content_security_policy_nonce"),
    row(Erb, "content_tag :style", Style, true, "write content_tag :style, nonce: content_security_policy_nonce"),
    row(Erb, "stylesheet_link_tag", Link, false, "write stylesheet_link_tag \"…\", nonce: true (from Rails 7.2)"),
    row(Erb, "stylesheet_pack_tag", Link, false, "write stylesheet_pack_tag \"…\", nonce: true"),
    row(Erb, "vite_stylesheet_tag", Link, false, "write vite_stylesheet_tag \"…\", nonce: true"),
    row(Twig, "importmap", Script, false, "write importmap('app', {nonce: csp_nonce('script')})"),
    row(
        Twig,
        "encore_entry_script_tags",
        UrlScript,
        false,
        "write encore_entry_script_tags('app', attributes={nonce: csp_nonce('script')})",
    ),
    row(
        Twig,
        "encore_entry_link_tags",
        Link,
        false,
        "write encore_entry_link_tags('app', attributes={nonce: csp_nonce('style')})",
    ),
    row(
        Django,
        "vite_asset",
        UrlScript,
        false,
        "write {% vite_asset \"…\" nonce=csp_nonce %}, with request.csp_nonce for django-csp",
    ),
    row(
        Django,
        "vite_legacy_asset",
        UrlScript,
        false,
        "write {% vite_legacy_asset \"…\" nonce=csp_nonce %}, with request.csp_nonce for django-csp",
    ),
    row(
        Django,
        "vite_legacy_polyfills",
        UrlScript,
        false,
        "write {% vite_legacy_polyfills nonce=csp_nonce %}, with request.csp_nonce for django-csp",
    ),
    row(
        Django,
        "vite_hmr_client",
        UrlScript,
        false,
        "write {% vite_hmr_client nonce=csp_nonce %}, with request.csp_nonce for django-csp",
    ),
    row(
        Django,
        "vite_react_refresh",
        Script,
        false,
        "write {% vite_react_refresh nonce=csp_nonce %}, with request.csp_nonce for django-csp",
    ),
    row(
        Jinja,
        "vite_tags",
        UrlScript,
        false,
        "write the script and the link of vite_tags() by hand: flask-vite gives them no nonce",
    ),
    row(Blade, "@livewireScripts", UrlScript, false, "write @livewireScripts(['nonce' => app('csp-nonce')])"),
    row(Blade, "@livewireStyles", Style, false, "write @livewireStyles(['nonce' => app('csp-nonce')])"),
    row(Blade, "@routes", Script, false, "write @routes(nonce: app('csp-nonce'))"),
];

/// How the names of the helpers of each dialect begin.
static STARTS: LazyLock<BTreeSet<(Dialect, &str)>> = LazyLock::new(|| {
    let start = |name: &'static str| name.split(['_', ' ']).next().unwrap_or_default();
    let starts = HELPERS.iter();
    starts.map(|it| (it.dialect, start(it.name))).collect()
});

/// A call of a helper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct HelperCall {
    pub(crate) helper: &'static Helper,
    pub(crate) written: Written,
    pub(crate) has_nonce: bool,
}

/// The calls in a template.
#[derive(Debug, Default)]
pub(super) struct Helpers {
    starts: Vec<&'static str>,
    /// Whether the template has the start of a name. Few have one, so their code is not looked through.
    may_be: bool,
    /// The end of the template so far.
    tail: Vec<u8>,
    calls: Vec<(Location, HelperCall)>,
}

impl Helpers {
    pub(super) fn new(dialect: Dialect) -> Self {
        let starts = STARTS.iter().filter(|(of, _)| *of == dialect);
        Self { starts: starts.map(|(_, start)| *start).collect(), ..Self::default() }
    }

    /// Takes the next bytes of the template.
    pub(super) fn see(&mut self, bytes: &[u8]) {
        if self.may_be || self.starts.is_empty() {
            return;
        }
        self.tail.extend_from_slice(bytes);
        let is_in = |start: &&str| memmem::find(&self.tail, start.as_bytes()).is_some();
        self.may_be = self.starts.iter().any(is_in);
        let longest = self.starts.iter().map(|start| start.len()).max();
        let end = self.tail.len().saturating_sub(longest.unwrap_or(0));
        self.tail.drain(..end);
    }

    /// Whether there may be calls in what was seen.
    pub(super) fn may_be(&self) -> bool {
        self.may_be
    }

    /// Takes a piece of code.
    pub(super) fn take(&mut self, dialect: Dialect, code: &[u8], location: Location) {
        let code = String::from_utf8_lossy(code);
        let calls = calls(dialect, &code).into_iter();
        self.calls.extend(calls.map(|call| (location, call)));
    }

    /// The calls since the last call of this.
    pub(super) fn calls(&mut self) -> impl Iterator<Item = (Location, HelperCall)> {
        self.calls.drain(..)
    }
}

/// The calls in a piece of code.
fn calls(dialect: Dialect, code: &str) -> Vec<HelperCall> {
    let mut found = Vec::new();
    for helper in HELPERS.iter().filter(|helper| helper.dialect == dialect) {
        let (name, argument) = helper.name.split_once(' ').unwrap_or((helper.name, ""));
        for (at, _) in code.match_indices(name) {
            let is_part = |c: char| c.is_alphanumeric() || "_.@:\"'-$/".contains(c);
            let behind = &code[at + name.len()..];
            let next = behind.chars().next().unwrap_or(' ');
            let is_name = !code[..at].ends_with(is_part) && (next.is_whitespace() || next == '(');
            let first = behind.trim_start_matches(['(', ' ', '\t', '\n']);
            let is_argument = argument.is_empty() || {
                let word = argument.trim_start_matches(':');
                let first = first.strip_prefix([':', '"', '\'']).unwrap_or_default();
                let end = first.strip_prefix(word).unwrap_or("a");
                !end.starts_with(|c: char| c.is_alphanumeric() || c == '_')
            };
            if !is_name || !is_argument {
                continue;
            }
            let dense: String = behind.chars().filter(|c| !c.is_whitespace()).collect();
            let is_text = ["nonce:true", "nonce=>true", "\"nonce\"=>true"].iter().any(|text| dense.contains(text));
            let has_url = helper.is_plain && names(behind, "src");
            found.push(HelperCall {
                helper,
                written: if has_url { UrlScript } else { helper.written },
                has_nonce: names(behind, "nonce") && !(helper.is_plain && is_text),
            });
        }
    }
    found
}

/// Whether some arguments have a key: in code, or as a string. A text may have the word as well.
fn names(code: &str, key: &str) -> bool {
    static WORDS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"(?i)"[^"]*"|'[^']*'|nonce|\bsrc\b"#).ok());
    let mut found = WORDS.iter().flat_map(|words| words.find_iter(code));
    found.any(|word| {
        let word = word.map_or("", |word| word.as_str());
        word.trim_matches(['"', '\'']).eq_ignore_ascii_case(key)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::Mask;

    #[test]
    fn a_call_is_found_wherever_the_template_is_cut() {
        let source = b"<p>\n<%= a %><%= stylesheet_link_tag 'a' %><!-- <%= javascript_tag %> -->";
        for at in 0..source.len() {
            let mut mask = Mask::new(Erb);
            for piece in [&source[..at], &source[at..]] {
                mask.write(piece, &mut |_| {});
            }
            mask.end(&mut |_| {});
            let found: Vec<_> = mask.helpers().collect();
            assert_eq!(found.len(), 1, "{at}");
            let (location, call) = found[0];
            assert_eq!((location.line, location.column), (2, 9));
            assert_eq!(call.helper.name, "stylesheet_link_tag");
        }
    }

    #[test]
    fn a_text_with_the_word_is_no_nonce() {
        for (code, expected) in [
            ("javascript_tag \"a()\", nonce: true", true),
            ("javascript_tag 'a()', \"nonce\" => true", true),
            ("javascript_tag(nonce: csp_nonce) do", true),
            ("javascript_tag \"a('without a nonce')\"", false),
            ("javascript_tag 'nonces()' do", false),
            ("javascript_tag \"n\", n: 1", false),
        ] {
            let found = calls(Erb, code);
            assert_eq!(found.len(), 1, "{code}");
            assert_eq!(found[0].has_nonce, expected, "{code}");
        }
        let code = "@livewireScripts(['nonce' => Vite::cspNonce()])";
        assert!(calls(Blade, code)[0].has_nonce);
    }
}
