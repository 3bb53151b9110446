//! Hashes every inline resource of a page that a browser would check, and says which policy fits.
pub mod error;
pub mod finding;
pub mod hash;
mod html;
pub mod inline;
pub mod nonce;
pub mod policy;
mod xml;
pub use error::{Error, ErrorKind, Result};
pub use finding::{Code, Finding, Place, Severity};
pub use hash::{HashAlgorithm, HashSource, Hasher};
pub use inline::{
    DocumentType, Inline, InlineKind, InlineUse, Location, MAX_NESTING, Nesting, Page, ScanOptions,
    scan_page,
};
#[cfg(feature = "cli")]
pub mod cli;
pub mod emit;
pub mod inventory;
pub mod site;
pub mod write;
