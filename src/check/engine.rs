//! The verdict: what the `content-security-policy` crate, Servo's engine, says of one resource under one source list.
//!
//! The engine compares each source by regular expressions and hashes the text anew for each hash in the list; a list may
//! hold ten thousand. So it is asked about a short list that has the same answer: of the hashes only the one that the
//! text has, or where it has none the fact that there are hashes, and of the [sources](super::sources) those that the question is
//! about. What was answered once is remembered: but for that one hash the text decides nothing.
//!
//! Version 0.9.0 differs from the browsers in what [`lists`](super::lists) mends before it is asked: it takes `'nonce-ab==='` for
//! a nonce and `'NONCE-abc'` for none, and knows `'strict-dynamic'` in lower case only. Its
//! `should_elements_inline_type_behavior_be_blocked` cuts the sample of a report inside a character and panics, so each directive
//! is asked by itself.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{OnceLock, PoisonError, RwLock};

use content_security_policy as csp;

use super::lists::{List, Word, integrity_name};
use crate::hash::{HashAlgorithm, HashSource};
use crate::page::InlineCheckType;
use crate::policy::as_sent::Browser;
use crate::policy::host::HostParts;
use crate::policy::{DirectiveName, Keyword};

/// What a list says of a resource.
#[derive(Clone, Copy, Debug)]
pub(super) struct Verdict<'l> {
    pub(super) allowed: bool,
    /// The hash in the list that the text has.
    pub(super) word: Option<&'l Word>,
}

/// A text with its digests, each computed when a list first asks for it.
pub(super) struct HashedText<'t> {
    pub(super) text: &'t str,
    digests: [OnceLock<HashSource>; 3],
}

impl<'t> HashedText<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, digests: [const { OnceLock::new() }; 3] }
    }

    pub(super) fn hash(&self, algorithm: HashAlgorithm) -> &HashSource {
        self.digests[algorithm as usize].get_or_init(|| HashSource::of(algorithm, self.text.as_bytes()))
    }
}

/// The word of a list that is the hash of a text.
pub(super) fn word_for<'l>(list: &'l List, text: &HashedText<'_>, browser: Browser) -> Option<&'l Word> {
    let mut algorithms = list.algorithms.iter();
    algorithms.find_map(|algorithm| list.word_of(text.hash(*algorithm), browser))
}

/// Asks the engine, and remembers what it said.
#[derive(Default)]
pub(super) struct Engine {
    /// Redirects before each URL. Behind one the path of a source does not count.
    redirects: u32,
    inline: RwLock<HashMap<InlineQuestion, bool>>,
    fetches: RwLock<HashMap<FetchQuestion, bool>>,
}

#[derive(PartialEq, Eq, Hash)]
struct InlineQuestion {
    sources: Vec<String>,
    check: InlineCheckType,
    /// Whether the text has a hash of the list; `None` when there are none.
    hash: Option<bool>,
    nonce: Option<String>,
}

#[derive(PartialEq, Eq, Hash)]
struct FetchQuestion {
    asked: Asked,
    sources: Vec<String>,
    url: String,
    integrity: String,
    nonce: String,
}

/// The number of hashes of a script that the engine is asked about at once: it compares each with each.
const PART: usize = 64;

/// A hash that nothing has, for a list whose hashes are not the text's.
pub(super) const NO_HASH: &str = "'sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='";

impl Engine {
    /// The same about URLs behind a redirect.
    pub(super) fn after_redirect() -> Self {
        Self { redirects: 1, ..Self::default() }
    }

    /// Whether a list lets an inline resource through, by
    /// [element to source list](https://www.w3.org/TR/CSP3/#match-element-to-source-list). `text` is `None` for one that no
    /// hash has, since it is made anew for each response.
    pub(super) fn inline<'l>(
        &self,
        list: &'l List,
        check: InlineCheckType,
        text: Option<&HashedText<'_>>,
        nonce: Option<&str>,
        browser: Browser,
    ) -> Verdict<'l> {
        let word = text.and_then(|text| word_for(list, text, browser));
        let text = text.map_or("", |text| text.text);
        let nonce = list.sources.known_nonce(nonce);
        let question = InlineQuestion {
            sources: list.sources.for_inline(nonce),
            check,
            hash: list.has_hash.then_some(word.is_some()),
            nonce: nonce.map(str::to_owned),
        };
        let ask = |question: &InlineQuestion| {
            let mut value = question.sources.clone();
            if let Some(word) = word {
                value.push(padded(word));
            } else if list.has_hash {
                value.push(NO_HASH.to_owned());
            }
            let policy = policy(list.name, value);
            let element = csp::Element { nonce: nonce.map(Cow::Borrowed) };
            policy.directive_set[0].inline_check(&element, type_of(check), &policy, text) == csp::CheckResult::Allowed
        };
        let allowed = remembered(&self.inline, question, ask);
        Verdict { allowed, word }
    }

    /// Whether a list lets through what the parser found at a URL, by the
    /// [pre-request check](https://www.w3.org/TR/CSP3/#directive-pre-request-check) of its directive. `url` is absolute, `own` of
    /// the origin of the page.
    pub(super) fn fetch(
        &self,
        list: &List,
        asked: Asked,
        url: &csp::Url,
        own: &csp::Url,
        integrity: &str,
        nonce: Option<&str>,
    ) -> bool {
        let own = match list.has(Keyword::SelfOrigin) && is_upgraded(own, url) {
            // The engine compares a default port with none.
            true => url,
            false => own,
        };
        // Each of the hashes must be listed, so that many of them can be asked about in parts.
        let is_hash = |word: &&str| integrity_name(word).is_some();
        let hashes: Vec<&str> = integrity.split_ascii_whitespace().filter(is_hash).collect();
        match hashes.is_empty() {
            true => self.part(list, asked, url, own, &[], nonce),
            false => hashes.chunks(PART).all(|part| self.part(list, asked, url, own, part, nonce)),
        }
    }

    /// The same of something with these hashes.
    fn part(
        &self,
        list: &List,
        asked: Asked,
        url: &csp::Url,
        own: &csp::Url,
        integrity: &[&str],
        nonce: Option<&str>,
    ) -> bool {
        let nonce = list.sources.known_nonce(nonce);
        let mut sources = list.sources.for_url(url, nonce, self.redirects > 0);
        let hosts = sources.iter().filter(|source| !source.starts_with('\''));
        hosts.for_each(|host| list.needs_host(host));
        let (named, named_own);
        let (url, own) = match names_address(url) {
            true => {
                for source in &mut sources {
                    *source = without_address(source);
                }
                (named, named_own) = (with_name(url), with_name(own));
                (&named, &named_own)
            }
            false => (url, own),
        };
        // Sources without a path look at no path, and pages may have a million URLs.
        let has_path = |source: &String| {
            let host = source.split_once("://").map_or(&**source, |(_, host)| host);
            host.contains('/')
        };
        let asked_url = match sources.iter().any(has_path) {
            true => url.as_str(),
            false => &url[..url::Position::BeforePath],
        };
        let names = integrity.iter().filter_map(|word| integrity_name(word));
        let mut hashes: Vec<&str> = Vec::new();
        for word in names.flat_map(|name| list.integrity(&name).collect::<Vec<_>>()) {
            // Written twice it is one.
            if hashes.last() != Some(&&*word.text) {
                hashes.push(&word.text);
            }
        }
        sources.extend(hashes.into_iter().map(str::to_owned));
        let question = FetchQuestion {
            asked,
            sources,
            url: asked_url.to_owned(),
            integrity: integrity.join(" "),
            nonce: nonce.unwrap_or_default().to_owned(),
        };
        let ask = |question: &FetchQuestion| {
            let policy = policy(asked.directive(list), question.sources.clone());
            let request = request(asked, url, own, &question.integrity, &question.nonce);
            let request = csp::Request { redirect_count: self.redirects, ..request };
            policy.directive_set[0].pre_request_check(&request, &policy) == csp::CheckResult::Allowed
        };
        remembered(&self.fetches, question, ask)
    }
}

/// Whether four labels of a URL's host are numbers. Both browsers compare such a host as it is written (run in Chromium 156 and
/// Firefox 153), and the engine takes none but `127.0.0.1`, by the standard, also not in front of a name.
fn names_address(url: &csp::Url) -> bool {
    let labels = url.host_str().unwrap_or_default().split('.');
    labels.filter(|label| is_number(label)).count() >= 4
}

fn is_number(label: &str) -> bool {
    !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_digit())
}

/// A source with a name in the place of an address.
fn without_address(source: &str) -> String {
    let name = HostParts::new(source).name;
    source.replacen(name, &name_for(name), 1)
}

fn with_name(url: &csp::Url) -> csp::Url {
    let mut named = url.clone();
    // It fits the grammar of hosts as what it stands for does.
    let _ = named.set_host(Some(&name_for(url.host_str().unwrap_or_default())));
    named
}

/// The name that stands for a host, with no label that is a number.
fn name_for(host: &str) -> String {
    let labels = host.split('.').map(|label| match is_number(label) {
        true => format!("ip-{label}"),
        false => label.to_owned(),
    });
    labels.collect::<Vec<_>>().join(".")
}

/// Whether [`'self'` allows a URL](https://www.w3.org/TR/CSP3/#match-url-to-source-expression) of another scheme on the default ports.
fn is_upgraded(own: &csp::Url, url: &csp::Url) -> bool {
    let schemes = (own.scheme(), url.scheme());
    let is_other = matches!(schemes, ("http", "https" | "ws" | "wss") | ("https", "wss"));
    is_other && own.host() == url.host() && own.port().is_none() && url.port().is_none()
}

/// What a list is asked about a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Asked {
    /// Of a script, for which a nonce and hashes count, too.
    Script,
    /// Of a style sheet, for which a nonce counts.
    Style,
    /// Of anything else.
    Url,
}

impl Asked {
    /// The directive under whose name the engine is asked. All compare URLs alike, and what is asked of a fallback is decided before.
    const fn directive(self, list: &List) -> DirectiveName {
        match self {
            Self::Script => list.name,
            Self::Style => DirectiveName::StyleSrcElem,
            Self::Url => DirectiveName::ImgSrc,
        }
    }
}

/// The request of a page at the URL `own`.
fn request(asked: Asked, url: &csp::Url, own: &csp::Url, integrity: &str, nonce: &str) -> csp::Request {
    csp::Request {
        url: url.clone(),
        current_url: url.clone(),
        origin: own.origin(),
        redirect_count: 0,
        destination: match asked {
            Asked::Script => csp::Destination::Script,
            Asked::Style => csp::Destination::Style,
            Asked::Url => csp::Destination::Image,
        },
        initiator: csp::Initiator::None,
        nonce: nonce.to_owned(),
        integrity_metadata: integrity.to_owned(),
        parser_metadata: csp::ParserMetadata::ParserInserted,
    }
}

/// The answer to a question that was asked before, or a new one.
fn remembered<Q: Eq + std::hash::Hash>(
    answers: &RwLock<HashMap<Q, bool>>,
    question: Q,
    ask: impl FnOnce(&Q) -> bool,
) -> bool {
    let known = answers.read().unwrap_or_else(PoisonError::into_inner);
    if let Some(answer) = known.get(&question) {
        return *answer;
    }
    drop(known);
    let answer = ask(&question);
    let mut known = answers.write().unwrap_or_else(PoisonError::into_inner);
    known.insert(question, answer);
    answer
}

/// A hash as the engine compares it: padded, and `sha256-` where only Chromium reads `sha-256-`.
fn padded(word: &Word) -> String {
    let hash = word.meaning.hash();
    hash.map_or_else(|| word.text.clone(), HashSource::to_string)
}

fn policy(name: DirectiveName, value: Vec<String>) -> csp::Policy {
    csp::Policy {
        directive_set: vec![csp::Directive { name: name.name().to_owned(), value }],
        disposition: csp::PolicyDisposition::Enforce,
        source: csp::PolicySource::Header,
    }
}

const fn type_of(check: InlineCheckType) -> csp::InlineCheckType {
    match check {
        InlineCheckType::Script => csp::InlineCheckType::Script,
        InlineCheckType::ScriptAttribute => csp::InlineCheckType::ScriptAttribute,
        InlineCheckType::Style => csp::InlineCheckType::Style,
        InlineCheckType::StyleAttribute => csp::InlineCheckType::StyleAttribute,
        InlineCheckType::Navigation => csp::InlineCheckType::Navigation,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::lists::Reading;
    use super::*;
    use crate::policy::as_sent::Delivery;
    use crate::policy::as_sent::Meaning;
    use crate::policy::{Granularity, SourceExpression};
    use crate::site::SiteUrl;

    const TEXTS: [&str; 3] = ["", "a()", "p{}"];

    fn words() -> impl Strategy<Value = Vec<String>> {
        let mut pool: Vec<String> = [
            "'self'",
            "'none'",
            "*",
            "https:",
            "x.test",
            "'unsafe-inline'",
            "'UNSAFE-inline'",
            "'unsafe-hashes'",
            "'strict-dynamic'",
            "'Strict-Dynamic'",
            "'nonce-abc'",
            "'NONCE-abc'",
            "'nonce-ab==='",
            "'report-sample'",
            "'sha256-abc'",
        ]
        .map(str::to_owned)
        .into();
        for algorithm in HashAlgorithm::ALL {
            pool.extend(TEXTS.map(|text| HashSource::of(algorithm, text.as_bytes()).to_string()));
        }
        prop::collection::vec(prop::sample::select(pool), 0..6)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn the_short_list_has_the_answer_of_the_whole(
            words in words(),
            text in prop::sample::select(TEXTS.to_vec()),
            check in prop::sample::select(InlineCheckType::ALL.to_vec()),
            nonce in prop::sample::select(vec![None, Some("abc"), Some("ABC")]),
        ) {
            let policy_text = format!("default-src {}", words.join(" "));
            let reading = Reading::new(&policy_text, Delivery::Header);
            let list = reading.parts(Browser::Chromium)[0].effective(check).unwrap();
            let short = Engine::default().inline(list, check, Some(&HashedText::new(text)), nonce, Browser::Chromium);
            let whole = policy(list.name, whole(&words));
            let element = csp::Element { nonce: nonce.map(Cow::Borrowed) };
            let answer = whole.directive_set[0].inline_check(&element, type_of(check), &whole, text);
            prop_assert_eq!(short.allowed, answer == csp::CheckResult::Allowed);
        }
    }

    /// The words of a list as the engine is to read them: those that browsers ignore are left out, keywords are in lower case.
    fn whole(words: &[String]) -> Vec<String> {
        let text = format!("script-src {}", words.join(" "));
        let directives = crate::policy::as_sent::directives(&text);
        let words = directives[0].words.iter();
        let read = words.filter_map(|word| match &word.meaning {
            Meaning::Source(source) => Some(source.to_string()),
            Meaning::OtherHash { .. } => Some(word.text.to_owned()),
            Meaning::Failed => None,
            Meaning::Unknown => Some(word.text.to_owned()),
        });
        read.collect()
    }

    fn hosts() -> impl Strategy<Value = String> {
        let scheme = prop::sample::select(vec!["", "http://", "https://", "HTTPS://", "ws://", "wss://", "x-y://"]);
        let name = prop::sample::select(vec![
            "*",
            "a.test",
            "A.Test",
            "*.test",
            "*.a.test",
            "*.TEST",
            "b.a.test",
            "test",
            "127.0.0.1",
            "a_b.test",
            "a.test.",
        ]);
        let port = prop::sample::select(vec!["", ":*", ":443", ":0443", ":80", ":8080"]);
        let path = prop::sample::select(vec![
            "", "/", "/x", "/x/", "/%78", "/x/y", "/x/y/", "/X", "//", "//x", "/x//y", "/a%2fb", "/a?b",
        ]);
        let host =
            (scheme, name, port, path).prop_map(|(scheme, name, port, path)| format!("{scheme}{name}{port}{path}"));
        let other = prop::sample::select(vec![
            "https:",
            "HTTP:",
            "ws:",
            "data:",
            "x-y:",
            "'self'",
            "'none'",
            "'strict-dynamic'",
            "'nonce-abc'",
            "'foo'",
            "'unsafe-inline'",
        ]);
        prop_oneof![4 => host, 1 => other.prop_map(str::to_owned)]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]

        #[test]
        fn a_url_is_compared_with_all_sources_that_could_match(
            words in prop::collection::vec(hosts(), 0..8),
            url in (hosts(), prop::sample::select(vec!["/", "/x", "/%78", "/x/y", "/x/y/z", "/a%2Fb", "//", "", "/X?q#f"])),
            nonce in prop::sample::select(vec![None, Some("abc"), Some("ABC")]),
        ) {
            let (host, path) = url;
            let host = host.rsplit("://").next().unwrap_or_default().split('/').next().unwrap_or_default().to_owned();
            let own = csp::Url::parse("https://cspseal.invalid/").unwrap();
            for scheme in ["https://", "http://", "x-y://", "//", "wss://", "data:"] {
                let text = format!("{scheme}{}{path}", host.replace('*', "a"));
                let Ok(url) = own.join(&text) else { continue };
                let text = format!("script-src {}", words.join(" "));
                let reading = Reading::new(&text, Delivery::Header);
                let list = reading.parts(Browser::Chromium)[0].effective(InlineCheckType::Script).unwrap();
                let short = Engine::default().fetch(list, Asked::Script, &url, &own, "", nonce);
                let request = request(Asked::Script, &url, &own, "", nonce.unwrap_or_default());
                let whole = policy(list.name, whole(&words));
                let answer = whole.directive_set[0].pre_request_check(&request, &whole);
                prop_assert_eq!(short, answer == csp::CheckResult::Allowed, "{} under {:?}", url, words);
            }
        }
    }

    #[test]
    fn the_source_of_a_url_allows_it() {
        let site = SiteUrl::parse("http://site.test:81/d").unwrap();
        let own = site.page("x.html");
        for url in [
            "a.js",
            "../b/c.js?d",
            "https://site.test:81/x",
            "//a.test",
            "https://a.test/b/c.js?d#e",
            "https://a.test:8443/b/",
            "https://a.test//b/c",
            "https://a.test/b//c",
            "https://a.test/a;b,c/%zz%/[a]|b^c/%2f%41é'(*)",
            "https://b\u{fc}cher.example/npm/a@1.2,npm/b@2",
            "http://127.0.0.1:8000/a",
            "http://10.1.2.3:8000/a",
            "https://10.1.2.3.name.test/a",
        ] {
            let url = own.join(url).unwrap();
            for granularity in Granularity::ALL {
                let directive = DirectiveName::ScriptSrcElem;
                let source = SourceExpression::for_url(&url, &site, directive, granularity);
                let text = format!("script-src {}", source.unwrap().unwrap());
                let reading = Reading::new(&text, Delivery::Header);
                let parts = reading.parts(Browser::Firefox);
                let list = parts[0].effective(InlineCheckType::Script).unwrap();
                let allowed = Engine::default().fetch(list, Asked::Script, &url, &own, "", None);
                assert!(allowed, "{url} under {text}");
            }
        }
    }

    #[test]
    fn a_number_that_is_no_port_is_ignored() {
        let reading = Reading::new("script-src https://a.test:99999", Delivery::Header);
        let list = reading.parts(Browser::Firefox)[0].effective(InlineCheckType::Script).unwrap();
        let own = csp::Url::parse("https://cspseal.invalid/").unwrap();
        let url = own.join("//a.test/").unwrap();
        assert!(!Engine::default().fetch(list, Asked::Script, &url, &own, "", None));
    }

    #[test]
    fn a_script_runs_by_its_hashes_if_all_are_listed() {
        let hash = |index: usize| {
            let hash = HashSource::of(HashAlgorithm::Sha256, index.to_string().as_bytes());
            hash.unquoted().to_string()
        };
        let words: Vec<String> = (0..200).map(|index| format!("'{}'", hash(index))).collect();
        let text = format!("script-src {}", words.join(" "));
        let reading = Reading::new(&text, Delivery::Header);
        let list = reading.parts(Browser::Firefox)[0].effective(InlineCheckType::Script).unwrap();
        let own = csp::Url::parse("https://cspseal.invalid/").unwrap();
        let url = own.join("//a.test/").unwrap();
        let runs = |integrity: &str| Engine::default().fetch(list, Asked::Script, &url, &own, integrity, None);
        let all: Vec<String> = (0..200).map(hash).collect();
        assert!(runs(&all.join(" ")));
        assert!(runs(&format!("{}?x nonsense {}", hash(3), hash(4))));
        assert!(!runs(&format!("{} {}", all.join("\n"), hash(200))));
        assert!(!runs("") && !runs("nonsense"));
    }

    /// What the engine by itself says of a script under a policy.
    fn raw(policy: &str, nonce: Option<&str>) -> bool {
        let policy = csp::Policy::parse(policy, csp::PolicySource::Header, csp::PolicyDisposition::Enforce);
        let element = csp::Element { nonce: nonce.map(Cow::Borrowed) };
        let directive = &policy.directive_set[0];
        directive.inline_check(&element, csp::InlineCheckType::Script, &policy, "a()") == csp::CheckResult::Allowed
    }

    fn mended(policy: &str, nonce: Option<&str>) -> bool {
        let reading = Reading::new(policy, Delivery::Header);
        let list = reading.parts(Browser::Firefox)[0].effective(InlineCheckType::Script).unwrap();
        let text = HashedText::new("a()");
        let engine = Engine::default();
        engine.inline(list, InlineCheckType::Script, Some(&text), nonce, Browser::Firefox).allowed
    }

    #[test]
    fn where_the_engine_differs_from_browsers_it_is_mended() {
        for (policy, nonce, browsers) in [
            ("script-src 'nonce-ab==='", Some("ab==="), false),
            ("script-src 'NONCE-abc'", Some("abc"), true),
            ("script-src 'unsafe-inline' 'STRICT-dynamic'", None, false),
            ("script-src 'unsafe-inline' 'nonce-ab==='", None, true),
        ] {
            assert_ne!(raw(policy, nonce), browsers, "{policy}: the engine is as browsers are now");
            assert_eq!(mended(policy, nonce), browsers, "{policy}");
        }
    }

    #[test]
    fn a_character_across_the_fortieth_byte_is_no_panic() {
        let text = format!("{}é", "a".repeat(39));
        let reading = Reading::new("script-src 'report-sample'", Delivery::Header);
        let list = reading.parts(Browser::Chromium)[0].effective(InlineCheckType::Script).unwrap();
        let text = HashedText::new(&text);
        let engine = Engine::default();
        let verdict = engine.inline(list, InlineCheckType::Script, Some(&text), None, Browser::Chromium);
        assert!(!verdict.allowed);
    }
}
