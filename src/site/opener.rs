//! Opens pages, each where it was found and not where a link leads to by now.

use std::fs::{self, File};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::PageFile;
use super::folder::{Folder, open as open_file};
use super::reach::Spot;
use crate::error::{Error, ErrorKind, Result};

/// Opens a page, where it was found and not where a link leads to by now. A device is none, and may have no end.
pub(crate) fn open(file: &PageFile) -> Result<File> {
    Opener::default().open(file)
}

/// Opens pages one after the other. The folder of the last one stays open, since the next one mostly is there, too.
#[derive(Default)]
pub(super) struct Opener {
    /// What leads to the folder, its path, and the folder.
    last: Option<(Arc<Spot>, PathBuf, Folder)>,
}

impl Opener {
    pub(super) fn open(&mut self, file: &PageFile) -> Result<File> {
        let opened = self.opened(file);
        match opened.map_err(|error| Error::unread(error).at(&*file.name))? {
            (opened, true) => Ok(opened),
            (opened, false) => checked(file, opened),
        }
    }

    /// The file, and whether its folder listed it as one.
    fn opened(&mut self, file: &PageFile) -> io::Result<(File, bool)> {
        // A file that was named itself may have another name behind a link.
        let is_below = file.path != file.spot.shown;
        let below = file.path.parent().zip(file.path.file_name()).filter(|_| is_below);
        if let Some((parent, name)) = below
            && let Some((spot, path, folder)) = &self.last
            && Arc::ptr_eq(spot, &file.spot)
            && path.as_os_str() == parent.as_os_str()
        {
            return Ok((folder.page(name)?, true));
        }
        let Some(real) = file.real() else {
            return Ok((File::open(&file.path)?, false));
        };
        let (Some(folder), Some(name)) = (real.parent(), real.file_name()) else {
            return Ok((open_file(&real)?, false));
        };
        let folder = Folder::open(folder)?;
        let opened = folder.page(name)?;
        self.last = below.map(|(parent, _)| (Arc::clone(&file.spot), parent.to_owned(), folder));
        Ok((opened, below.is_some()))
    }
}

fn checked(file: &PageFile, opened: File) -> Result<File> {
    let unread = |error| Error::unread(error).at(&*file.name);
    if is_device(&opened.metadata().map_err(unread)?) {
        let message = "is a device and no page; hand over what it gives as standard input";
        return Err(Error::new(ErrorKind::NotText, message).at(&*file.name));
    }
    Ok(opened)
}

#[cfg(unix)]
fn is_device(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    let kind = metadata.file_type();
    kind.is_char_device() || kind.is_block_device()
}

#[cfg(not(unix))]
fn is_device(_: &fs::Metadata) -> bool {
    false
}
