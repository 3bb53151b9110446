//! The templates among the files of a run: the names by which others call them, and their parts that are text elsewhere.

use std::io::Read as _;
use std::sync::Arc;

use encoding_rs::{Encoding, UTF_8};
use rayon::prelude::*;

use super::contexts::{Source, contexts};
use super::{PageFile, open};
use crate::page::Texts;
use crate::template::{Dialect, Outline, Templates};

/// How much of a file is looked through, in bytes.
const LONGEST: u64 = 4 << 20;

/// The parts of the templates among some files that other files have in text, by the names of the files.
pub(crate) fn texts(
    files: &[PageFile],
    templates: Templates,
    charset: Option<&'static Encoding>,
) -> Texts {
    let template = |file: &PageFile| {
        let dialect = templates.dialect_of(&file.path)?;
        // What cannot be read is reported when it is scanned.
        let input = Outline::has_links(dialect).then(|| open(file))?.ok()?;
        let len = input.metadata().map_or(0, |metadata| metadata.len());
        let mut source = Vec::with_capacity(len.min(LONGEST) as usize);
        input.take(LONGEST).read_to_end(&mut source).ok()?;
        let (text, ..) = charset.unwrap_or(UTF_8).decode(&source);
        let outline = Outline::of(dialect, text.as_bytes());
        let links = Some(outline).filter(|it| !it.is_too_deep())?.links;
        Some((Arc::clone(&file.name), names(file, dialect), dialect, links))
    };
    let read: Vec<_> = files.par_iter().filter_map(template).collect();
    let sources = read.iter().map(|(path, names, dialect, links)| Source {
        names,
        path,
        dialect: *dialect,
        links,
    });
    let sources: Vec<_> = sources.collect();
    let found = sources.iter().zip(contexts(&sources));
    let found = found.filter(|(_, found)| !found.texts.is_empty());
    found
        .map(|(source, found)| (source.path.into(), found.texts))
        .collect()
}

/// The names by which other templates may call a file: its place below the folder that was named, and below the last
/// folder of templates.
pub(crate) fn names(file: &PageFile, dialect: Dialect) -> Vec<String> {
    let name = &*file.name;
    let is_root = |folder: &str| {
        let last = folder.rsplit('/').next();
        matches!(last, Some("templates" | "jinja2" | "views" | "snippets"))
    };
    let mut slashes = name.rmatch_indices('/').map(|(at, _)| at);
    let root = slashes.find(|at| is_root(&name[..*at]));
    let below_root = root.map(|at| &name[at + 1..]);
    let mut names = vec![&*file.site_path];
    names.extend(below_root);
    match dialect {
        Dialect::Go => names.extend(name.rsplit('/').next()),
        Dialect::Liquid => {
            let bare = names.iter().filter_map(|name| name.strip_suffix(".liquid"));
            names.extend(bare.collect::<Vec<_>>());
        }
        _ => {}
    }
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(str::to_owned).collect()
}
