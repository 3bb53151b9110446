//! Output files: replaced as a whole or not at all, and only when the content changes.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use crate::error::{Error, ErrorKind, Result};

/// Writes `content` to `path` unless the file already holds it; `true` when it was written.
///
/// The content goes to a temporary file beside the target, which then takes its place, so that a
/// reader or a crash sees the old file or the new one. A link is followed; permissions are kept.
///
/// # Errors
///
/// [`ErrorKind::Write`].
pub fn write_if_changed(path: &Path, content: &[u8]) -> Result<bool> {
    let failed = |error: std::io::Error| {
        Error::new(ErrorKind::Write, "cannot be written")
            .at(path)
            .because(error)
    };
    if fs::read(path).is_ok_and(|old| old == content) {
        return Ok(false);
    }
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let metadata = fs::metadata(&target).ok();
    if metadata
        .as_ref()
        .is_some_and(|metadata| !metadata.is_file())
    {
        // A device or a pipe, such as /dev/stdout, cannot be replaced.
        return fs::write(&target, content).map(|()| true).map_err(failed);
    }
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    if !folder.is_dir() {
        let message = "cannot be written: its folder does not exist";
        return Err(Error::new(ErrorKind::Write, message).at(path));
    }
    // The library's error would name the temporary file, which is of no use to anybody.
    let mut temporary = new_file(folder).map_err(|error| failed(error.kind().into()))?;
    temporary.write_all(content).map_err(failed)?;
    if let Some(metadata) = metadata {
        temporary
            .as_file()
            .set_permissions(metadata.permissions())
            .map_err(failed)?;
    }
    temporary.as_file().sync_all().map_err(failed)?;
    temporary
        .persist(&target)
        .map_err(|error| failed(error.error.kind().into()))?;
    Ok(true)
}

/// A temporary file with the permissions that a new file gets.
fn new_file(folder: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".cspseal-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_only_when_its_content_changes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("policy.txt");
        assert!(write_if_changed(&path, b"a").unwrap());
        let before = fs::metadata(&path).unwrap().modified().unwrap();
        assert!(!write_if_changed(&path, b"a").unwrap());
        assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), before);
        assert!(write_if_changed(&path, b"b").unwrap());
        assert_eq!(fs::read(&path).unwrap(), b"b");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn permissions_and_links_stay() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("policy.txt");
        fs::write(&path, "a").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert!(write_if_changed(&link, b"b").unwrap());
        assert!(link.is_symlink());
        assert_eq!(fs::read(&path).unwrap(), b"b");
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o640
        );
    }

    #[test]
    fn a_missing_folder_is_an_error_that_names_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let error = write_if_changed(&folder.path().join("no/such/file"), b"a").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Write);
        assert!(error.to_string().contains("file: cannot be written"));
    }
}
