//! The templates among the files of a run: their parts that are text elsewhere.

use std::sync::Arc;

use encoding_rs::{Encoding, UTF_8};
use rayon::prelude::*;

use super::contexts::{Source, contexts};
use super::template_names::names;
use super::{PageFile, open, read_start};
use crate::page::Texts;
use crate::template::{Outline, Templates};

/// How much of a file is looked through, in bytes.
const LONGEST: u64 = 4 << 20;

/// The parts of the templates among some files that other files have in text, by the names of the files.
pub(crate) fn texts(files: &[PageFile], templates: Templates, charset: Option<&'static Encoding>) -> Texts {
    let template = |file: &PageFile| {
        let dialect = templates.dialect_of(&file.path)?;
        // What cannot be read is reported when it is scanned.
        let input = Outline::has_links(dialect).then(|| open(file))?.ok()?;
        let source = read_start(input, LONGEST).ok()?;
        let (text, ..) = charset.unwrap_or(UTF_8).decode(&source);
        let outline = Outline::of(dialect, text.as_bytes());
        let links = Some(outline).filter(|it| !it.is_too_deep())?.links;
        Some((Arc::clone(&file.name), names(file, dialect), dialect, links))
    };
    let read: Vec<_> = files.par_iter().filter_map(template).collect();
    let sources = read.iter().map(|(path, names, dialect, links)| Source { names, path, dialect: *dialect, links });
    let sources: Vec<_> = sources.collect();
    let found = sources.iter().zip(contexts(&sources));
    let found = found.filter(|(_, found)| !found.texts.is_empty());
    found.map(|(source, found)| (source.path.into(), found.texts)).collect()
}
