//! Hashes every inline resource of a site that a browser would check under a
//! [Content-Security-Policy](https://www.w3.org/TR/CSP3/), and says which policy fits.
//!
//! What is hashed is what browsers hash, not what stands in the file: newlines are normalized, character references
//! decoded, encodings heeded, and what a browser drops from the page is left out. A hash of anything else
//! is either an outage or a hole.
//!
//! ```
//! use cspseal::site::Inventory;
//! use cspseal::policy::{Policy, PolicyBuilder};
//! use cspseal::{HashAlgorithm, ScanOptions, scan_page};
//!
//! let html = "<!doctype html><script>alert(1)</script><p style='color: red'>";
//! let mut inventory = Inventory::new(HashAlgorithm::Sha256);
//! inventory.add(scan_page("index.html", html.as_bytes(), &ScanOptions::new())?)?;
//!
//! let base: Policy = "default-src 'self'".parse()?;
//! let builder = PolicyBuilder::new(Some(base));
//! let site = builder.site(&inventory);
//! assert_eq!(
//!     site.policy.to_string(),
//!     "default-src 'self'; \
//!      script-src 'self' 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='",
//! );
//! // The style attribute would need 'unsafe-hashes'; without it the page breaks, and that is said.
//! assert_eq!(builder.findings(&inventory, &site)[0].code.name(), "blocked-style-attribute");
//! # Ok::<(), cspseal::Error>(())
//! ```
//!
//! # Errors
//!
//! What is wrong with a page or a policy is a [`Finding`], work that could not be done an [`Error`].
//!
//! # Features
//!
//! `cli` (default) builds the command and its dependencies; without it the library remains.

#![forbid(unsafe_code)]

#[macro_use]
mod named;

pub mod check;
#[cfg(feature = "cli")]
pub mod cli;
mod css;
pub mod edit;
pub mod error;
pub mod evaluate;
#[cfg(feature = "cli")]
mod fetch;
pub mod finding;
pub mod hash;
mod html;
mod json_file;
mod location;
pub mod nonce;
pub mod page;
pub mod policy;
#[cfg(feature = "cli")]
mod reports;
pub mod site;
pub mod target;
pub mod template;
mod xml;

pub use error::{Error, ErrorKind, Remedy, Result};
pub use finding::{Code, Finding, Levels, Place, Severity};
pub use hash::{HashAlgorithm, HashSource, Hasher};
pub use page::{
    DocumentType, Inline, InlineKind, InlineUse, Location, MAX_NESTING, Nesting, NoncedInline, Page, ScanOptions,
    scan_page,
};
