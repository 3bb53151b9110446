//! Which configurations are followed without being named.
//!
//! A configuration is looked for in every folder above the working folder, and some of these may belong to somebody else, as
//! `/tmp` does. What somebody else wrote decides nothing until it is named; git has the same rule for repositories.

use std::fs::Metadata;
use std::path::Path;

use crate::cli::read::bytes;
use crate::error::{Error, ErrorKind, Result};
use crate::site::reach::is_repository;
use crate::site::{Reach, identity};

/// Reads a configuration that was found and not named.
///
/// # Errors
///
/// [`ErrorKind::Config`] for one of another user, and for a link that leads out of its folder or into a repository's own.
pub(super) fn read(path: &Path) -> Result<Vec<u8>> {
    let unread = |error| Error::unread(error).at(path);
    let refuse = |message: String| Err(Error::new(ErrorKind::Config, message).at(path));
    let folder = identity::folder(path.parent().unwrap_or(path));
    let folder = folder.canonicalize().map_err(unread)?;
    let real = path.canonicalize().map_err(unread)?;
    if real.strip_prefix(folder).map_or(true, |below| below.iter().any(is_repository)) {
        return refuse(
            "is a symbolic link that leads out of its folder or into that of a version control system; \
             pass --config with the file itself, or --no-config"
                .to_owned(),
        );
    }
    let link = path.symlink_metadata().map_err(unread)?;
    let file = Reach::Anywhere.open(&real)?;
    for metadata in [link, file.metadata().map_err(unread)?] {
        if let Some(owner) = other_owner(&metadata) {
            return refuse(format!(
                "belongs to another user ({owner}); read it, then pass --config {}, or --no-config",
                path.display()
            ));
        }
    }
    bytes(file).map_err(unread)
}

/// The owner of a file, if that is neither this user nor, for root, the one who ran sudo.
#[cfg(unix)]
fn other_owner(metadata: &Metadata) -> Option<String> {
    use std::os::unix::fs::MetadataExt as _;
    let user = rustix::process::geteuid();
    let by_sudo = || std::env::var("SUDO_UID").ok()?.parse().ok();
    let owner = metadata.uid();
    let is_ours = owner == user.as_raw() || user.is_root() && by_sudo() == Some(owner);
    (!is_ours).then(|| format!("uid {owner}"))
}

#[cfg(not(unix))]
fn other_owner(_: &Metadata) -> Option<String> {
    None
}
