//! Policies: parsed and serialized they are the same, also to Servo's engine, and what pages need is added and nothing more.

use content_security_policy as csp;
use cspseal::policy::InlineCheckType;
use cspseal::{HashAlgorithm, HashSource};

use crate::input::Input;

#[path = "../../properties/policy.rs"]
mod properties;

/// Texts that pages have. The last one nobody asks for.
const TEXTS: [&str; 6] = ["", "a", "b", "c", "d", "nobody's"];

pub(crate) fn check(data: &[u8]) {
    let Some(input) = Input::read(data) else {
        return;
    };
    let Some(text) = input.str() else {
        return;
    };
    let Some(policy) = properties::parsed(text) else {
        return;
    };
    let serialized = policy.to_string();
    let answers = answers(&serialized);
    // Of these spellings the engine knows the usual ones only.
    let lower = text.to_ascii_lowercase();
    let usual = |word: &str| text.matches(word).count() == lower.matches(word).count();
    if usual("'strict-dynamic'") && usual("'nonce-") {
        let of_text = self::answers(text);
        for (ours, raw) in answers.iter().zip(of_text) {
            assert_eq!(*ours, raw, "{serialized} is not {text:?}");
        }
    }

    let needs: Vec<properties::Need> = (2..8).filter_map(|at| need(input.choice(at))).collect();
    let mut shuffled = needs.clone();
    shuffled.reverse();
    let unneeded: Vec<HashSource> = HashAlgorithm::ALL
        .iter()
        .flat_map(|algorithm| TEXTS.map(|text| HashSource::of(*algorithm, text.as_bytes())))
        .filter(|hash| !needs.iter().any(|(_, hashes)| hashes.contains(hash)))
        .filter(|hash| !serialized.contains(&hash.to_string()))
        .collect();
    properties::check(&policy, &needs, &shuffled, &unneeded);
    let (merged, _) = properties::merged(&policy, &needs);
    let merged = merged.to_string();
    for (before, (question, after)) in answers.iter().zip(self::answers(&merged)) {
        let asked = match question {
            // Kinds share directives: what one of them needs, or the base has for it, another may use.
            Question::Inline(_, text, _) => HashAlgorithm::ALL
                .iter()
                .map(|algorithm| HashSource::of(*algorithm, text.as_bytes()))
                .any(|hash| !unneeded.contains(&hash)),
            Question::Request(..) => false,
        };
        assert!(before.1 || asked || !after, "{question:?}: {serialized} allows less than {merged}");
    }
}

/// What a byte says that pages need: 1 bit whether at all, 3 bits of check, 2 of algorithm and of text.
fn need(byte: u8) -> Option<properties::Need> {
    let check = InlineCheckType::ALL.get(usize::from(byte >> 1 & 7))?;
    let algorithm = HashAlgorithm::ALL.get(usize::from(byte >> 4 & 3))?;
    let texts = &TEXTS[usize::from(byte >> 6)..][..2];
    let hashes = texts.iter().map(|text| HashSource::of(*algorithm, text.as_bytes()));
    (byte & 1 == 1).then(|| (*check, hashes.collect()))
}

/// What the engine is asked.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Question {
    Inline(csp::InlineCheckType, &'static str, Option<&'static str>),
    Request(csp::Destination, &'static str),
}

fn questions() -> impl Iterator<Item = Question> {
    use csp::InlineCheckType::{Navigation, Script, ScriptAttribute, Style, StyleAttribute};
    let kinds = [Script, ScriptAttribute, Style, StyleAttribute, Navigation];
    let inline = kinds.into_iter().flat_map(|kind| {
        let nonces = [None, Some("abc"), Some("ABC")];
        let texts = ["a", "d", "nobody's"];
        texts.into_iter().flat_map(move |text| nonces.map(|nonce| Question::Inline(kind, text, nonce)))
    });
    use csp::Destination::{Image, Script as Src, Style as Sheet};
    let requests = [Image, Src, Sheet].into_iter().flat_map(|destination| {
        let urls = ["https://self.example/a", "http://b.example:8080/dir/x.js", "https://a.example/", "data:,a"];
        urls.map(|url| Question::Request(destination, url))
    });
    inline.chain(requests)
}

/// What the engine says under a policy.
fn answers(policy: &str) -> Vec<(Question, bool)> {
    let policy = csp::Policy::parse(policy, csp::PolicySource::Header, csp::PolicyDisposition::Enforce);
    let answer = |question: Question| {
        let allowed = question.ask(&policy);
        (question, allowed)
    };
    questions().map(answer).collect()
}

impl Question {
    /// Whether the engine allows it under a policy.
    fn ask(&self, policy: &csp::Policy) -> bool {
        let parsed = |url: &str| csp::Url::parse(url).unwrap();
        match self {
            Self::Inline(kind, text, nonce) => {
                let element = csp::Element { nonce: nonce.map(Into::into) };
                let mut directives = policy.directive_set.iter();
                directives
                    .all(|directive| directive.inline_check(&element, *kind, policy, text) == csp::CheckResult::Allowed)
            }
            Self::Request(destination, url) => {
                let request = csp::Request {
                    url: parsed(url),
                    current_url: parsed(url),
                    origin: parsed("https://self.example/").origin(),
                    redirect_count: 0,
                    destination: *destination,
                    initiator: csp::Initiator::None,
                    nonce: String::new(),
                    integrity_metadata: String::new(),
                    parser_metadata: csp::ParserMetadata::ParserInserted,
                };
                let violates = policy.does_request_violate_policy(&request);
                matches!(violates, csp::Violates::DoesNotViolate)
            }
        }
    }
}
