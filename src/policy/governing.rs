//! Subjects as policies see them: the directive that is asked about each, and the words of findings about inline
//! resources that a policy blocks.

use super::directive::DirectiveName;
use crate::finding::Code;
use crate::page::{Destination, InlineCheckType, InlineKind};

/// The directive that is asked first;
/// [effective directive for inline check](https://www.w3.org/TR/CSP3/#effective-directive-for-inline-check).
impl From<InlineCheckType> for DirectiveName {
    fn from(check: InlineCheckType) -> Self {
        match check {
            InlineCheckType::Script | InlineCheckType::Navigation => Self::ScriptSrcElem,
            InlineCheckType::ScriptAttribute => Self::ScriptSrcAttr,
            InlineCheckType::Style => Self::StyleSrcElem,
            InlineCheckType::StyleAttribute => Self::StyleSrcAttr,
        }
    }
}

/// The directive that is asked first about a fetch;
/// [effective directive for a request](https://www.w3.org/TR/CSP3/#effective-directive-for-a-request).
impl From<Destination> for DirectiveName {
    fn from(destination: Destination) -> Self {
        match destination {
            Destination::Script => Self::ScriptSrcElem,
            Destination::Style => Self::StyleSrcElem,
            Destination::Image | Destination::Use => Self::ImgSrc,
            Destination::Media => Self::MediaSrc,
            Destination::Font => Self::FontSrc,
            Destination::Object => Self::ObjectSrc,
            Destination::Frame => Self::FrameSrc,
            Destination::Manifest => Self::ManifestSrc,
            Destination::Connect => Self::ConnectSrc,
            Destination::Worker => Self::WorkerSrc,
            Destination::Form => Self::FormAction,
            Destination::Base => Self::BaseUri,
            // Browsers have given it up and let any list allow what is prefetched.
            Destination::Prefetch => Self::PrefetchSrc,
        }
    }
}

impl DirectiveName {
    /// The directive that is asked first about a fetch, and can allow it.
    pub(crate) fn allowing(destination: Destination) -> Self {
        match Self::from(destination) {
            // Any list may allow what is prefetched.
            Self::PrefetchSrc => Self::ConnectSrc,
            directive => directive,
        }
    }

    /// The directive that gets the source of a fetch where only a fallback governs it.
    pub(crate) fn extended_for(destination: Destination) -> Self {
        Self::allowing(destination).general()
    }
}

impl InlineKind {
    /// The code of the finding about one that a policy blocks.
    pub(crate) const fn blocked(self) -> Code {
        match self {
            Self::Script => Code::BlockedScript,
            Self::Style => Code::BlockedStyle,
            Self::EventHandler => Code::BlockedHandler,
            Self::StyleAttribute => Code::BlockedStyleAttribute,
            Self::JavascriptUrl => Code::BlockedJavascriptUrl,
        }
    }

    /// What to write instead of one that no nonce and only `'unsafe-hashes'` can allow; [`None`] for
    /// elements. `style` is how the sentence names the text of a style attribute.
    pub(crate) fn instead(self, style: &str) -> Option<String> {
        match self {
            Self::Script | Self::Style => None,
            Self::EventHandler => Some("use addEventListener in a script".to_owned()),
            Self::StyleAttribute => Some(format!("move {style} to a class in a stylesheet")),
            Self::JavascriptUrl => Some("use a button with addEventListener in a script".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_check_goes_from_its_own_directive_over_the_general_one_to_default_src() {
        for check in InlineCheckType::ALL {
            let own = DirectiveName::from(*check);
            let [general, default] = own.fallback() else {
                panic!("{check:?}");
            };
            assert!(own.name().starts_with(general.name()));
            assert_eq!(*general, own.general());
            assert_eq!(general.is_script(), own.is_script());
            assert_eq!(*default, DirectiveName::DefaultSrc);
        }
    }

    #[test]
    fn every_fetch_ends_at_default_src() {
        for (destination, chain) in [
            (Destination::Script, "script-src-elem script-src default-src"),
            (Destination::Style, "style-src-elem style-src default-src"),
            (Destination::Image, "img-src default-src"),
            (Destination::Media, "media-src default-src"),
            (Destination::Font, "font-src default-src"),
            (Destination::Object, "object-src default-src"),
            (Destination::Frame, "frame-src child-src default-src"),
            (Destination::Manifest, "manifest-src default-src"),
            (Destination::Connect, "connect-src default-src"),
            (Destination::Worker, "worker-src child-src script-src default-src"),
        ] {
            let names = DirectiveName::from(destination).and_fallback();
            let names: Vec<_> = names.map(DirectiveName::name).collect();
            assert_eq!(names.join(" "), chain);
        }
    }

    #[test]
    fn javascript_urls_are_governed_like_script_elements() {
        assert_eq!(DirectiveName::from(InlineCheckType::Navigation), DirectiveName::from(InlineCheckType::Script));
    }

    #[test]
    fn what_needs_unsafe_hashes_can_be_written_otherwise() {
        for kind in InlineKind::ALL {
            let needs = kind.check_type().needs_unsafe_hashes();
            assert_eq!(kind.instead("it").is_some(), needs, "{kind:?}");
        }
    }
}
