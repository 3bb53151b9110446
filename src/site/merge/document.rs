//! The JSON inventory as it is read: every field that `--format json` prints, of its type. Fields that are not known are those of a
//! newer version that an older reader cannot misread.

use std::fmt;
use std::num::{NonZeroU32, NonZeroU64};

use serde::Deserialize;
use serde::de::{Deserializer, Visitor};

use crate::error::{Error, ErrorKind, Result};
use crate::finding::{Code, Severity};
use crate::hash::{HashAlgorithm, HashSource};
use crate::page::{InlineKind, Nesting};

/// The version of the schema.
pub const SCHEMA_VERSION: u32 = 1;

/// What says how the rest is to be read.
#[derive(Deserialize)]
struct Head {
    #[serde(rename = "version")]
    _version: Version,
}

#[derive(Deserialize)]
pub(super) struct Document {
    #[serde(rename = "version")]
    _version: Version,
    #[serde(rename = "generator")]
    _generator: Text,
    pub(super) algorithm: Algorithm,
    #[serde(rename = "policy")]
    _policy: Text,
    pub(super) inlines: Vec<InlineEntry>,
    pub(super) pages: Vec<PageEntry>,
    pub(super) findings: Vec<FindingEntry>,
}

#[derive(Deserialize)]
pub(super) struct InlineEntry {
    pub(super) kind: Kind,
    #[serde(rename = "directive")]
    _directive: Option<Text>,
    pub(super) hashes: Vec<Hash>,
    pub(super) bytes: u64,
    pub(super) uses: u64,
    pub(super) pages: u64,
    #[serde(rename = "in_policy")]
    _in_policy: bool,
    pub(super) first: PlaceEntry,
}

#[derive(Deserialize)]
pub(super) struct PlaceEntry {
    pub(super) path: String,
    pub(super) line: NonZeroU64,
    pub(super) column: NonZeroU64,
}

#[derive(Deserialize)]
pub(super) struct PageEntry {
    pub(super) path: String,
    pub(super) site_path: String,
    #[serde(rename = "policy")]
    _policy: Text,
    pub(super) inlines: Vec<UseEntry>,
    pub(super) nonced: Vec<NoncedEntry>,
}

#[derive(Deserialize)]
pub(super) struct UseEntry {
    pub(super) inline: u32,
    pub(super) line: NonZeroU32,
    pub(super) column: NonZeroU32,
    pub(super) nested: Vec<Nested>,
}

#[derive(Deserialize)]
pub(super) struct NoncedEntry {
    pub(super) kind: Kind,
    pub(super) line: NonZeroU64,
    pub(super) column: NonZeroU64,
}

#[derive(Deserialize)]
pub(super) struct FindingEntry {
    pub(super) code: FindingCode,
    #[serde(rename = "severity")]
    _severity: FindingSeverity,
    pub(super) message: String,
    pub(super) help: String,
    pub(super) places: Vec<PlaceEntry>,
}

impl Document {
    /// # Errors
    ///
    /// [`ErrorKind::Inventory`], caused by what says the line and column.
    pub(super) fn read(bytes: &[u8]) -> Result<Self> {
        let read = serde_json::from_slice::<Head>(bytes)
            .and_then(|_| serde_json::from_slice::<Self>(bytes));
        read.map_err(|error| {
            let message = "no inventory that can be read; make it with `cspseal hash --format json` of this version";
            Error::new(ErrorKind::Inventory, message).because(error)
        })
    }
}

/// The version that is known.
#[derive(Deserialize)]
#[serde(try_from = "u64")]
struct Version;

impl TryFrom<u64> for Version {
    type Error = String;

    fn try_from(version: u64) -> Result<Self, String> {
        if version == u64::from(SCHEMA_VERSION) {
            return Ok(Self);
        }
        Err(format!(
            "version {version} is not known, only {SCHEMA_VERSION}"
        ))
    }
}

/// A string that does not matter.
struct Text;

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyText;
        impl Visitor<'_> for AnyText {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_str<E>(self, _: &str) -> Result<Text, E> {
                Ok(Text)
            }
        }
        deserializer.deserialize_str(AnyText)
    }
}

/// A type that is read from its name, exactly as it is printed.
macro_rules! named {
    ($($entry:ident: $type:ty, $what:literal, $all:expr;)+) => {
        $(
            #[derive(Deserialize)]
            #[serde(try_from = "String")]
            pub(super) struct $entry(pub(super) $type);

            impl TryFrom<String> for $entry {
                type Error = String;

                fn try_from(name: String) -> Result<Self, String> {
                    let found = $all.iter().find(|known| known.name() == name);
                    let found = found.map(|known| Self(*known));
                    found.ok_or_else(|| format!("{name:?} is no {}", $what))
                }
            }
        )+
    };
}

named! {
    Algorithm: HashAlgorithm, "algorithm", HashAlgorithm::ALL;
    Kind: InlineKind, "kind of inline resource", InlineKind::ALL;
    Nested: Nesting, "nesting", Nesting::ALL;
    FindingCode: Code, "code of a finding", Code::ALL;
}

#[derive(Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Hash(pub(super) HashSource);

impl TryFrom<String> for Hash {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse().map(Self)
    }
}

/// One of the known words; which, the code says.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct FindingSeverity;

impl TryFrom<String> for FindingSeverity {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if Severity::ALL.iter().any(|severity| severity.name() == text) {
            return Ok(Self);
        }
        Err(format!("{text:?} is no severity"))
    }
}
