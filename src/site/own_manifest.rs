//! The site's own web app manifests: the icons that they ask for.

use serde::Deserialize;

use super::files::SiteFile;
use crate::location::{LineIndex, Location};
use crate::page::Destination;

/// The part of [a manifest](https://www.w3.org/TR/appmanifest/#icons-member) that is fetched.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Manifest {
    icons: Vec<serde_json::Value>,
}

/// Hands the icons of a manifest to `add`. Browsers ignore one that is no JSON, and an icon that is no object with a URL.
pub(super) fn icons(file: &SiteFile, add: &mut impl FnMut(Destination, &str, Location)) {
    let manifest: Manifest = serde_json::from_slice(&file.bytes).unwrap_or_default();
    let lines = LineIndex::new(&file.bytes);
    let mut from = 0;
    for icon in &manifest.icons {
        let Some(url) = icon.get("src").and_then(serde_json::Value::as_str) else {
            continue;
        };
        // They stand there in this order, and nearly always as they are.
        let found = memchr::memmem::find(&file.bytes[from..], url.as_bytes());
        let location = found.map(|at| {
            let at = from + at;
            from = at + url.len();
            lines.location(&file.bytes, at)
        });
        add(Destination::Image, url, location.unwrap_or(Location::START));
    }
}
