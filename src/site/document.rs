//! The schema of the JSON inventory, which `--format json` writes and [`merge`](super::merge) reads. The README documents it.
//!
//! A distinct inline is stored once and pages refer to it by its index. A reader passes over fields that it does not know: the
//! version changes when a reader of the old one could misread the new one, not for a new field alone.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};

use serde::de::{Deserializer, Error as _, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use super::file_problem::FileProblem;
use crate::error::{Error, ErrorKind, Remedy, Result};
use crate::finding::{Code, Finding, Place, Severity};
use crate::hash::{HashAlgorithm, HashSource};
use crate::location::Location;
use crate::page::javascript::Sign;
use crate::page::{Destination, InlineKind, Nesting};

/// The version of the schema that is written.
pub const SCHEMA_VERSION: u32 = 2;

/// The oldest version that is read. It knows nothing of what pages ask for by URL.
pub(crate) const OLDEST_VERSION: u32 = 1;

/// A document, with lists of another type while it is written.
#[derive(Serialize, Deserialize)]
pub(crate) struct Document<
    'a,
    I = Vec<InlineEntry<'a>>,
    R = Vec<ResourceEntry<'a>>,
    P = Vec<PageEntry<'a>>,
    M = Vec<ResourceEntry<'a>>,
> {
    pub(crate) version: Version,
    pub(crate) generator: Text,
    pub(crate) algorithm: Algorithm,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) site_url: Option<Cow<'a, str>>,
    pub(crate) policy: Text,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) report_only_policy: Option<Text>,
    pub(crate) inlines: I,
    /// Only the oldest version has none.
    pub(crate) resources: Option<R>,
    /// Absent if they are unknown, as in documents from before there were any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) mentioned: Option<M>,
    /// The paths of the WebAssembly files next to the pages.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) wasm: Cow<'a, BTreeSet<String>>,
    pub(crate) pages: P,
    pub(crate) findings: Vec<FindingEntry<'a>>,
}

/// The part of a document that says how the rest is to be read.
#[derive(Deserialize)]
pub(super) struct Head {
    #[serde(rename = "version")]
    _version: Version,
    #[serde(default)]
    pub(super) site_url: Option<String>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct InlineEntry<'a> {
    pub(crate) kind: Kind,
    pub(crate) directive: Option<Text>,
    pub(crate) hashes: Vec<Hash>,
    pub(crate) bytes: u64,
    /// Absent if it is unknown, as in the oldest version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) excerpt: Option<Cow<'a, str>>,
    /// Absent unless it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<Cow<'a, str>>,
    pub(crate) uses: u64,
    pub(crate) pages: u64,
    pub(crate) in_policy: bool,
    pub(crate) first: PlaceEntry<'a>,
}

/// Something that pages ask for by its URL, or that their scripts mention.
#[derive(Serialize, Deserialize)]
pub(crate) struct ResourceEntry<'a> {
    pub(crate) destination: FetchedAs,
    pub(crate) directive: Text,
    /// The site's own from the path on.
    pub(crate) url: Option<Cow<'a, str>>,
    pub(crate) source: Option<Text>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) integrity: Option<Cow<'a, str>>,
    pub(crate) nonce: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) module: bool,
    pub(crate) uses: u64,
    pub(crate) pages: u64,
    pub(crate) conditional: bool,
    /// What follows from it, as the images of a style sheet do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) resources: Option<Indices<'a>>,
    /// What the scripts mention that it is for or loads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) mentioned: Option<Indices<'a>>,
    /// What its script does that a policy decides on when it runs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) run_time: Vec<ScriptSignEntry<'a>>,
    /// Why its file tells nothing, or not all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) problem: Option<Cow<'a, FileProblem>>,
    pub(crate) first: PlaceEntry<'a>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct ScriptSignEntry<'a> {
    pub(crate) kind: SignKind,
    pub(crate) first: PlaceEntry<'a>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct PlaceEntry<'a> {
    pub(crate) path: Cow<'a, str>,
    #[serde(deserialize_with = "one_based")]
    pub(crate) line: u64,
    #[serde(deserialize_with = "one_based")]
    pub(crate) column: u64,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct PageEntry<'a> {
    pub(crate) path: Cow<'a, str>,
    pub(crate) site_path: Cow<'a, str>,
    /// Absent for what is a page by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) framed: Option<NonZeroU32>,
    pub(crate) policy: Text,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) report_only_policy: Option<Text>,
    pub(crate) inlines: Vec<UseEntry>,
    pub(crate) nonced: Vec<LocatedEntry<Kind>>,
    /// What its inline scripts do that a policy decides on when they run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) run_time: Vec<LocatedEntry<SignKind>>,
    /// Absent if they are unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) resources: Option<Indices<'a>>,
    /// Those that it uses several times.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) repeated: Vec<RepeatedEntry>,
    /// Absent if there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) mentioned: Option<Indices<'a>>,
    /// Those among the mentioned ones that it uses several times.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) repeated_mentions: Vec<RepeatedEntry>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct RepeatedEntry {
    pub(crate) resource: u32,
    pub(crate) uses: u64,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct UseEntry {
    pub(crate) inline: u32,
    #[serde(deserialize_with = "short_one_based")]
    pub(crate) line: u64,
    #[serde(deserialize_with = "short_one_based")]
    pub(crate) column: u64,
    pub(crate) nested: Vec<Nested>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct LocatedEntry<K> {
    pub(crate) kind: K,
    #[serde(deserialize_with = "one_based")]
    pub(crate) line: u64,
    #[serde(deserialize_with = "one_based")]
    pub(crate) column: u64,
}

impl<K> LocatedEntry<K> {
    pub(super) const fn location(&self) -> Location {
        let Self { line, column, .. } = *self;
        Location { line, column }
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct FindingEntry<'a> {
    pub(crate) code: FindingCode,
    pub(crate) severity: FindingSeverity,
    pub(crate) message: Cow<'a, str>,
    pub(crate) help: Cow<'a, str>,
    pub(crate) places: Vec<PlaceEntry<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) left_out: Option<NonZeroUsize>,
}

impl Document<'_> {
    /// # Errors
    ///
    /// [`ErrorKind::Inventory`], caused by what says the line and column.
    pub(super) fn read(bytes: &[u8]) -> Result<Self> {
        let read = serde_json::from_slice::<Self>(bytes);
        let missing = || serde_json::Error::missing_field("resources");
        let read = read.and_then(|document| match document.resources {
            None if document.version.0 > OLDEST_VERSION => Err(missing()),
            _ => Ok(document),
        });
        read.map_err(unread)
    }
}

impl Head {
    /// # Errors
    ///
    /// As those of a document.
    pub(super) fn read(bytes: &[u8]) -> Result<Self> {
        serde_json::from_slice(bytes).map_err(unread)
    }
}

fn unread(error: serde_json::Error) -> Error {
    Error::new(ErrorKind::Inventory, "no inventory that can be read").with_remedy(Remedy::PrintInventory).because(error)
}

impl<'a> From<&'a Place> for PlaceEntry<'a> {
    fn from(place: &'a Place) -> Self {
        Self { path: Cow::from(&*place.path), line: place.line, column: place.column }
    }
}

impl From<&PlaceEntry<'_>> for Place {
    fn from(entry: &PlaceEntry<'_>) -> Self {
        Self { path: (*entry.path).into(), line: entry.line, column: entry.column }
    }
}

impl<'a> From<&'a Finding> for FindingEntry<'a> {
    fn from(finding: &'a Finding) -> Self {
        Self {
            code: FindingCode(finding.code),
            severity: FindingSeverity(finding.severity),
            message: Cow::from(&finding.message),
            help: Cow::from(&finding.help),
            places: finding.places().map(PlaceEntry::from).collect(),
            left_out: NonZeroUsize::new(finding.left_out),
        }
    }
}

/// With the severity that its code has.
impl From<FindingEntry<'_>> for Finding {
    fn from(entry: FindingEntry<'_>) -> Self {
        let mut finding = Self::new(entry.code.0, entry.message, entry.help);
        let mut places = entry.places.iter().map(Place::from);
        finding.place = places.next();
        finding.more = places.collect();
        finding.left_out = entry.left_out.map_or(0, NonZeroUsize::get);
        finding
    }
}

fn one_based<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    NonZeroU64::deserialize(deserializer).map(NonZeroU64::get)
}

/// For what is kept in 32 bits.
fn short_one_based<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    NonZeroU32::deserialize(deserializer).map(|number| number.get().into())
}

/// A version that is known.
#[derive(Deserialize)]
#[serde(try_from = "u64")]
pub(crate) struct Version(pub(crate) u32);

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(self.0)
    }
}

impl TryFrom<u64> for Version {
    type Error = String;

    fn try_from(version: u64) -> Result<Self, String> {
        let mut known = OLDEST_VERSION..=SCHEMA_VERSION;
        let known = known.find(|known| u64::from(*known) == version);
        known
            .map(Self)
            .ok_or_else(|| format!("version {version} is not known, only {OLDEST_VERSION} to {SCHEMA_VERSION}"))
    }
}

/// A text that is written for others: read, it must be a string and is dropped.
#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct Text(pub(crate) Cow<'static, str>);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyText;
        impl Visitor<'_> for AnyText {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_str<E>(self, _: &str) -> Result<Text, E> {
                Ok(Text(Cow::Borrowed("")))
            }
        }
        deserializer.deserialize_str(AnyText)
    }
}

/// A type that is written as its name, and read from exactly that.
macro_rules! named {
    ($($entry:ident: $type:ty, $what:literal;)+) => {
        $(
            #[derive(Deserialize)]
            #[serde(try_from = "String")]
            pub(crate) struct $entry(pub(crate) $type);

            impl TryFrom<String> for $entry {
                type Error = String;

                fn try_from(name: String) -> Result<Self, String> {
                    let found = <$type>::ALL.iter().find(|known| known.name() == name);
                    let found = found.map(|known| Self(*known));
                    found.ok_or_else(|| format!("{name:?} is no {}", $what))
                }
            }

            impl Serialize for $entry {
                fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    serializer.serialize_str(self.0.name())
                }
            }
        )+
    };
}

named! {
    Algorithm: HashAlgorithm, "algorithm";
    Kind: InlineKind, "kind of inline resource";
    FetchedAs: Destination, "destination";
    Nested: Nesting, "nesting";
    SignKind: Sign, "kind of what a script does";
    FindingCode: Code, "code of a finding";
    FindingSeverity: Severity, "severity";
}

/// A hash-source without its quotes.
#[derive(Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Hash(pub(crate) HashSource);

impl TryFrom<String> for Hash {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse().map(Self)
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.unquoted())
    }
}

/// Indices, written on one line, since pages have many.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct Indices<'a>(pub(crate) Cow<'a, [u32]>);

impl Serialize for Indices<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let line = serde_json::value::to_raw_value(&self.0);
        line.map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}
