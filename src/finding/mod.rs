//! Findings: what a run has to say about the pages and the policy, as data.
//!
//! A finding names a stable code, a place and the next step; how it is shown is the printers'
//! business. A finding is about the input (a page, a policy); work that could not be done is an
//! [`Error`](crate::Error) instead.

mod bounded;
mod levels;
pub(crate) mod nearest;

use std::fmt;
use std::sync::Arc;

pub use bounded::MOST_FINDINGS;
pub(crate) use bounded::{Bounded, Merged};
pub use levels::{Contradiction, Level, Levels, Selector, UnknownCode};

use crate::location::Location;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Advice; nothing is wrong.
    Note,
    /// Worth knowing; the pages work.
    Warning,
    /// Under the printed policy a page breaks, or its result cannot be trusted.
    Error,
}

impl Severity {
    /// All of them, the gravest first.
    pub const ALL: &'static [Self] = &[Self::Error, Self::Warning, Self::Note];

    /// The word as it is printed.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal, $severity:ident $(, $of_policy:ident)?;)+) => {
        named! {
            /// The stable code of a finding, kebab-case where it is printed.
            #[non_exhaustive]
            pub enum Code {
                $($(#[doc = $doc])+ $variant = $name,)+
            }
        }

        impl Code {
            /// The severity a finding with this code has where no [`Levels`] say otherwise.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)+ }
            }

            /// Whether it is about a policy and the pages under it, so that another policy has other findings of this code.
            #[must_use]
            pub const fn is_of_policy(self) -> bool {
                match self { $(Self::$variant => !stringify!($($of_policy)?).is_empty(),)+ }
            }

            /// What it means, in one line of Markdown.
            #[must_use]
            pub const fn summary(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+).trim_ascii(),)+ }
            }

            /// All there is to say about it, as Markdown: what it means and what a browser does, an example that
            /// triggers it, how to fix it, and when to allow it.
            #[must_use]
            pub const fn explanation(self) -> &'static str {
                match self { $(Self::$variant => include_str!(concat!("explain/", $name, ".md")),)+ }
            }
        }
    };
}

codes! {
    /// A script whose text the policy does not allow.
    BlockedScript = "blocked-script", Error;
    /// A style whose text the policy does not allow.
    BlockedStyle = "blocked-style", Error;
    /// An event-handler attribute that the policy blocks.
    BlockedHandler = "blocked-handler", Error, of_policy;
    /// A style attribute that the policy blocks.
    BlockedStyleAttribute = "blocked-style-attribute", Error, of_policy;
    /// A `javascript:` URL that the policy blocks.
    BlockedJavascriptUrl = "blocked-javascript-url", Error, of_policy;
    /// A script with a URL that the policy blocks.
    BlockedExternalScript = "blocked-external-script", Error, of_policy;
    /// A style sheet with a URL that the policy blocks.
    BlockedStylesheet = "blocked-stylesheet", Error, of_policy;
    /// An image that the policy blocks: of an element, a style, an icon or a preload.
    BlockedImage = "blocked-image", Error, of_policy;
    /// Audio, video or a text track that the policy blocks.
    BlockedMedia = "blocked-media", Error, of_policy;
    /// A font that the policy blocks.
    BlockedFont = "blocked-font", Error, of_policy;
    /// An `object` or `embed` that the policy blocks.
    BlockedObject = "blocked-object", Error, of_policy;
    /// A frame that the policy blocks, or that the `frame-ancestors` of its page does.
    BlockedFrame = "blocked-frame", Error, of_policy;
    /// A web app manifest that the policy blocks.
    BlockedManifest = "blocked-manifest", Error, of_policy;
    /// A `ping`, a prefetch or a `preload as=fetch` that the policy blocks.
    BlockedConnection = "blocked-connection", Error, of_policy;
    /// A form that may not submit where it does.
    BlockedForm = "blocked-form", Error, of_policy;
    /// A `<base>` that the policy has browsers ignore, so that relative URLs lead elsewhere.
    BlockedBase = "blocked-base", Error, of_policy;
    /// Directives without a base policy, which alone block what they do not list.
    IncompleteFragment = "incomplete-fragment", Warning, of_policy;
    /// A style sheet or script of another host, or one of the site that is not understood, which may load what cannot be seen from here.
    UnknownDependencies = "unknown-dependencies", Note, of_policy;
    /// A URL that template code makes, so that it is not known whether the policy allows it.
    UnknownUrl = "unknown-url", Note, of_policy;
    /// A script or style without a nonce, under a policy that lets through what has one.
    MissingNonce = "missing-nonce", Error;
    /// A script or style sheet of another host without `integrity`: that host decides what it is.
    MissingIntegrity = "missing-integrity", Note;
    /// An import map or a nested document into which no digests could be written.
    UnwrittenIntegrity = "unwritten-integrity", Error;
    /// A script or style with a nonce, under a policy that names none.
    UnlistedNonce = "unlisted-nonce", Error, of_policy;
    /// A placeholder for a nonce that nothing replaces.
    LeftoverPlaceholder = "leftover-placeholder", Error;
    /// A part of a policy that browsers drop, ignore or read differently from what was meant.
    MalformedPolicy = "malformed-policy", Error;
    /// A hash in a policy that nothing on its pages has.
    OrphanedHash = "orphaned-hash", Warning;
    /// A host in a policy that nothing on its pages needs.
    OrphanedSource = "orphaned-source", Warning;
    /// A hash in a directive where it does nothing, because another directive is in effect.
    MisplacedHash = "misplaced-hash", Error;
    /// Hashes for attributes or URLs in a directive that lacks `'unsafe-hashes'`.
    MissingUnsafeHashes = "missing-unsafe-hashes", Error;
    /// `'unsafe-hashes'` in a directive where nothing needs it.
    UnneededUnsafeHashes = "unneeded-unsafe-hashes", Warning;
    /// `'unsafe-inline'` beside a nonce or hash that is invalid and so does not switch it off.
    OpenUnsafeInline = "open-unsafe-inline", Error;
    /// A policy in a `<meta>` behind something that it should govern.
    LateMetaPolicy = "late-meta-policy", Error;
    /// A policy in a `<meta>` outside the head, which browsers ignore.
    MisplacedMetaPolicy = "misplaced-meta-policy", Error;
    /// A policy that its target cuts off or ignores because of its length.
    PolicyTooLong = "policy-too-long", Error;
    /// A page that no policy governs.
    NoPolicy = "no-policy", Error;
    /// A page of a site that was linked and could not be judged.
    UncheckedPage = "unchecked-page", Warning;
    /// An inline resource of a page that the server does not send as it was built.
    ChangedInline = "changed-inline", Warning;
    /// A file with policies that the host of the project does not read.
    UnreadPolicyFile = "unread-policy-file", Error;
    /// An output that is not what `cspseal hash` would write now.
    StaleOutput = "stale-output", Error;
    /// A `cspseal-allow` comment without a known code or without a reason, which allows nothing.
    MalformedAllow = "malformed-allow", Warning;
    /// A `cspseal-allow` comment before an element that has no such finding.
    UnusedAllow = "unused-allow", Warning;
    /// A line of a host's file that the host drops.
    DroppedLine = "dropped-line", Warning;
    /// A policy asks for reports, and nothing says where they go.
    MissingReportEndpoint = "missing-report-endpoint", Warning, of_policy;
    /// `'unsafe-inline'` stops working because a hash joins it in its directive.
    UnsafeInlineDisabled = "unsafe-inline-disabled", Warning, of_policy;
    /// `'inline-speculation-rules'` stops working because a hash joins it in its directive.
    SpeculationRulesDisabled = "speculation-rules-disabled", Warning, of_policy;
    /// A directive is new although the base policy restricted nothing there.
    NewRestriction = "new-restriction", Warning, of_policy;
    /// The hash of the empty string had to go into a script directive.
    EmptyHash = "empty-hash", Warning, of_policy;
    /// Declarations of the encoding of which each browser takes another.
    ConflictingEncodings = "conflicting-encodings", Warning;
    /// Bytes outside ASCII, and nothing says in which encoding.
    UndeclaredEncoding = "undeclared-encoding", Warning;
    /// A script that is never closed, and so never runs.
    UnclosedScript = "unclosed-script", Warning;
    /// Documents nested deeper than the limit, which were not scanned.
    NestingLimit = "nesting-limit", Error;
    /// A document in a frame or a `noscript` that could not be scanned.
    UnscannedDocument = "unscanned-document", Error;
    /// Template code inside an inline resource: no hash can allow it.
    DynamicInline = "dynamic-inline", Error;
    /// Something that looks like template code in a file that was read as plain HTML.
    TemplateSyntax = "template-syntax", Warning;
    /// Template code that its engine refuses; what follows it may be hidden.
    MalformedTemplate = "malformed-template", Error;
    /// A delimiter without its end, which the engine takes for text.
    LiteralDelimiter = "literal-delimiter", Warning;
    /// A nonce that is the same for every response, which an injected script can carry.
    StaticNonce = "static-nonce", Error;
    /// A placeholder that is no nonce by CSP's grammar, so browsers drop it wherever it is not replaced.
    InvalidPlaceholder = "invalid-placeholder", Error;
    /// An element that already has another nonce.
    DifferentNonce = "different-nonce", Warning;
    /// An element whose nonce browsers ignore.
    NotNonceable = "not-nonceable", Error;
    /// An element in a verbatim block, a text to translate, or behind a change of the delimiters or an unclosed one, where the engine would not leave its nonce what it is.
    LiteralElement = "literal-element", Error;
    /// A nonce that the template engine does not fill in each response; an error where the script never runs.
    DeadNonce = "dead-nonce", Warning;
    /// A helper that writes a script, a style or a link to a style sheet and is not given the nonce.
    HelperNonce = "helper-nonce", Warning;
    /// A text element that is never closed in a template, so that what follows is not read as markup.
    UnclosedText = "unclosed-text", Warning;
    /// A directive of the policy that a framework cannot send.
    LostDirective = "lost-directive", Warning, of_policy;
    /// A source in the target file that the base policy lacks; it was kept.
    KeptSource = "kept-source", Warning;
    /// A policy in a file to write into that the output does not have; it stays.
    KeptPolicy = "kept-policy", Warning;
    /// A policy so long that proxies with their usual buffers reject the response.
    LargePolicy = "large-policy", Warning;
    /// Policies for each page, although a router swaps the pages without a page load.
    SwappedPages = "swapped-pages", Warning;
    /// A file of the site, such as a style sheet, that could not be read, so that what it asks for is unknown.
    UnreadFile = "unread-file", Warning, of_policy;
    /// A URL of the site that no file of it answers.
    MissingFile = "missing-file", Note, of_policy;
    /// An inventory that does not list what its pages ask for by URL.
    UnknownResources = "unknown-resources", Warning, of_policy;
    /// A directive of the policy that does nothing in a `<meta>` and was left out.
    IgnoredInMeta = "ignored-in-meta", Warning;
    /// A page that has a policy of its own in a `<meta>`; whatever runs must be allowed by both.
    SecondPolicy = "second-policy", Warning;
    /// A page into which no policy could be written, so that it has none.
    UnwrittenPolicy = "unwritten-policy", Error;
    /// An XML document that is not well formed; browsers stop at the fault, and so did the hashes.
    MalformedXml = "malformed-xml", Warning;
    /// A symbolic link in a folder that was not followed, so that what it leads to was not read.
    UnfollowedLink = "unfollowed-link", Warning;
    /// A violation report that could not be read, or for which the tables had no room.
    UnreadReport = "unread-report", Warning;
    /// A reported source that was not added to the policy.
    LeftOutSource = "left-out-source", Warning;
    /// A directive that browsers have given up.
    DeprecatedDirective = "deprecated-directive", Note, of_policy;
    /// `'unsafe-inline'` in force for scripts: every injected script runs.
    WeakUnsafeInline = "weak-unsafe-inline", Warning, of_policy;
    /// `'unsafe-hashes'` for scripts: an injected handler runs if it repeats one that is listed.
    WeakUnsafeHashes = "weak-unsafe-hashes", Note, of_policy;
    /// An attribute that a library runs as code, under a policy without `'unsafe-eval'`.
    EvaluatedAttribute = "evaluated-attribute", Note;
    /// Scripts that run texts as code, under a policy without `'unsafe-eval'`.
    EvaluatedText = "evaluated-text", Note, of_policy;
    /// WebAssembly in scripts or next to the pages, under a policy without `'wasm-unsafe-eval'`.
    WebAssembly = "webassembly", Note, of_policy;
    /// Scripts that make workers of URLs that only they know, or of files of the site that the policy blocks.
    UnknownWorker = "unknown-worker", Note, of_policy;
    /// `'unsafe-eval'` in force: texts become code.
    WeakUnsafeEval = "weak-unsafe-eval", Note, of_policy;
    /// A whole scheme that lets scripts, plugins or bases come from anywhere.
    WeakScheme = "weak-scheme", Warning, of_policy;
    /// A host `*` that lets scripts, plugins or bases come from anywhere.
    WeakWildcard = "weak-wildcard", Warning, of_policy;
    /// Nothing restricts scripts.
    MissingScriptSrc = "missing-script-src", Warning, of_policy;
    /// Nothing restricts plugins.
    MissingObjectSrc = "missing-object-src", Note, of_policy;
    /// Nothing restricts `<base>`, which moves the relative URLs of scripts that a nonce or hash lets in.
    MissingBaseUri = "missing-base-uri", Warning, of_policy;
    /// A host for scripts that serves JSONP replies or old Angular libraries, with which an injection runs any code.
    BypassableHost = "bypassable-host", Warning, of_policy;
    /// A host for scripts, or `'self'`, of which no bypass is known; whatever it serves can be run.
    ScriptAllowlist = "script-allowlist", Note, of_policy;
    /// A host for plugins that serves Flash files, with which an injection ran any code as long as browsers had Flash.
    FlashHost = "flash-host", Warning, of_policy;
    /// Plugins that are restricted but not switched off.
    ObjectAllowlist = "object-allowlist", Note, of_policy;
    /// A nonce so short that it can be guessed.
    ShortNonce = "short-nonce", Warning, of_policy;
    /// An IP address as a source.
    IpSource = "ip-source", Note, of_policy;
    /// An address with `http:`, whose resources or reports can be read and changed on their way.
    InsecureSource = "insecure-source", Warning, of_policy;
    /// Scripts allowed by their host and without `'strict-dynamic'`.
    NoStrictDynamic = "no-strict-dynamic", Warning, of_policy;
    /// `'strict-dynamic'` without nonce or hash, so that no script runs.
    LoneStrictDynamic = "lone-strict-dynamic", Note, of_policy;
    /// Nonces or hashes without the `'unsafe-inline'` for browsers that do not know them.
    NoInlineFallback = "no-inline-fallback", Note, of_policy;
    /// `'strict-dynamic'` without the schemes for browsers that do not know it.
    NoAllowlistFallback = "no-allowlist-fallback", Note, of_policy;
    /// Trusted Types are not required for scripts.
    NoTrustedTypes = "no-trusted-types", Note, of_policy;
}

/// Where something stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The page's path as it is reported, `/` on every system; `-` for standard input.
    pub path: Arc<str>,
    /// 1-based line.
    pub line: u64,
    /// 1-based column in characters.
    pub column: u64,
}

impl Place {
    pub(crate) fn of(path: &Arc<str>, location: Location) -> Self {
        Self { path: Arc::clone(path), line: location.line, column: location.column }
    }

    /// The line and column.
    #[cfg(feature = "cli")]
    pub(crate) const fn location(&self) -> Location {
        Location { line: self.line, column: self.column }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.path, self.line, self.column)
    }
}

/// One thing found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// Which kind of thing.
    pub code: Code,
    /// How much it matters: what the code says, or the [`Levels`] of the run.
    pub severity: Severity,
    /// What the browser will do, in one sentence without a full stop.
    pub message: String,
    /// Where, when it is about a page; the first place when there are several.
    pub place: Option<Place>,
    /// The other places of the same thing.
    pub more: Vec<Place>,
    /// A short stretch of the source at `place`, for input that cannot be read a second time.
    pub excerpt: Option<String>,
    /// What to do about it.
    pub help: String,
    /// How many more findings of this code there are that are [not kept](MOST_FINDINGS).
    pub left_out: usize,
}

impl Finding {
    /// A finding about the policy as a whole.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity(),
            message: message.into(),
            place: None,
            more: Vec::new(),
            excerpt: None,
            help: help.into(),
            left_out: 0,
        }
    }

    /// How many findings it stands for: its places and those that were left out.
    #[must_use]
    pub const fn count(&self) -> usize {
        1 + self.more.len() + self.left_out
    }

    /// The same, of the policy that is only reported.
    pub(crate) fn of_report_only(mut self) -> Self {
        self.message = match self.message.split_once("the policy") {
            Some((before, after)) => format!("{before}the report-only policy{after}"),
            None => format!("in the report-only policy, {}", self.message),
        };
        self
    }

    /// Every place of it.
    pub(crate) fn places(&self) -> impl Iterator<Item = &Place> {
        self.place.iter().chain(&self.more)
    }

    /// Leaves out whatever may be from the file that it is about.
    pub(crate) fn hide(&mut self) {
        self.message = self.code.summary().to_owned();
        self.help = "name the file itself to see more: a symbolic link leads to it from elsewhere".to_owned();
        self.excerpt = None;
    }

    /// The same, at a place of a page.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }
}

/// `1 page`, `2 pages`.
pub(crate) fn plural(count: usize, noun: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{s}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn severities_are_listed_from_the_gravest() {
        assert!(Severity::ALL.is_sorted_by(|a, b| a > b));
        assert_eq!(Severity::ALL[2].to_string(), "note");
    }

    #[test]
    fn codes_are_unique_and_kebab_case() {
        let mut names: Vec<_> = Code::ALL.iter().map(|c| c.name()).collect();
        assert!(names.iter().all(|n| n.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')));
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Code::ALL.len());
    }
}
