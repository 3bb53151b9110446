//! Owner, group, extended attributes and mode of a file that is replaced, for the new one.
//!
//! The order matters: until the last step nobody but the owner may read the new file, and the owner is the old one's by then.

use std::fs::File;
use std::io;

/// Gives `new`, which only its owner may read, what `old` has.
#[cfg(unix)]
pub(super) fn keep(new: &File, old: &File) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    let (was, is) = (old.metadata()?, new.metadata()?);
    if (was.uid(), was.gid()) != (is.uid(), is.gid()) {
        fchown(new, Some(was.uid()), Some(was.gid())).map_err(|error| {
            let message = format!("its owner and group cannot be kept ({error}); run this as its owner");
            io::Error::new(error.kind(), message)
        })?;
    }
    keep_extended(new, old)?;
    new.set_permissions(was.permissions())
}

#[cfg(not(unix))]
pub(super) fn keep(new: &File, old: &File) -> io::Result<()> {
    new.set_permissions(old.metadata()?.permissions())
}

/// What a folder can give to every new file in it: it must not stay where the old file had none.
#[cfg(unix)]
const ACCESS_LIST: &str = "system.posix_acl_access";

/// What the system itself makes of the content, and nobody else may set.
#[cfg(unix)]
const OF_CONTENT: [&str; 2] = ["security.ima", "security.evm"];

#[cfg(unix)]
fn keep_extended(new: &File, old: &File) -> io::Result<()> {
    use xattr::FileExt as _;
    let names = match old.list_xattr() {
        Err(error) if error.kind() == io::ErrorKind::Unsupported => return Ok(()),
        names => names?.filter(|name| OF_CONTENT.iter().all(|other| name != other)),
    };
    let names: Vec<_> = names.collect();
    if names.iter().all(|name| name != ACCESS_LIST) && new.get_xattr(ACCESS_LIST)?.is_some() {
        new.remove_xattr(ACCESS_LIST)?;
    }
    for name in names {
        let value = old.get_xattr(&name)?;
        if value == new.get_xattr(&name)? {
            continue;
        }
        let set = new.set_xattr(&name, value.as_deref().unwrap_or_default());
        set.map_err(|error| {
            let name = name.to_string_lossy();
            io::Error::new(error.kind(), format!("its attribute {name} cannot be kept ({error})"))
        })?;
    }
    Ok(())
}
