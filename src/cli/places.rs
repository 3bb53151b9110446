//! Which file each output goes to, before anything is written: no two into one, none over what is read, none among the pages
//! that are published, and every folder there already, so that outputs are written all or none.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::settings::{Destination, Output};
use crate::error::{Error, ErrorKind, Result};
use crate::site::PageFile;
use crate::site::identity::identity;

/// Refuses outputs that get in each other's way, or in that of `sources`.
pub(super) fn check_outputs(outputs: &[Output], sources: &[(PathBuf, &str)]) -> Result<()> {
    let mut taken: BTreeMap<PathBuf, &Path> = BTreeMap::new();
    let mut goes_into_pages = false;
    for output in outputs {
        if output.destination == Destination::Pages {
            if std::mem::replace(&mut goes_into_pages, true) {
                return Err(Error::new(ErrorKind::Write, "two outputs go into the pages; keep one of them"));
            }
            continue;
        }
        let Some(path) = output.path() else {
            continue;
        };
        let Some(place) = identity(path) else {
            let message = "cannot be written: its folder does not exist";
            return Err(Error::new(ErrorKind::Write, message).at(path));
        };
        if place.is_dir() {
            let message = "is a folder; name a file in it";
            return Err(Error::new(ErrorKind::Write, message).at(path));
        }
        let is_source = |(source, _): &&(PathBuf, &str)| *source == place;
        if let Some((_, what)) = sources.iter().find(is_source) {
            return Err(over(path, what));
        }
        if let Some(other) = taken.insert(place, path) {
            let message =
                format!("two outputs go to this file, the other as {}; give each its own file", other.display());
            return Err(Error::new(ErrorKind::Write, message).at(path));
        }
    }
    Ok(())
}

/// Refuses outputs that would take the place of a page.
pub(super) fn check_pages(outputs: &[Output], pages: &[PageFile]) -> Result<()> {
    for path in outputs.iter().filter_map(Output::path) {
        let Some(place) = identity(path).filter(|place| place.is_file()) else {
            continue;
        };
        // A page of a folder is no link; one that was named can be.
        let may_be = |page: &&PageFile| page.path.file_name() == place.file_name() || page.site_path == page.name;
        let is_page = |page: &PageFile| identity(&page.path).as_ref() == Some(&place);
        if pages.iter().filter(may_be).any(is_page) {
            return Err(over(path, "one of the pages"));
        }
    }
    Ok(())
}

fn over(path: &Path, what: &str) -> Error {
    let message = format!("is {what}, which is read; write the output elsewhere");
    Error::new(ErrorKind::Write, message).at(path)
}
