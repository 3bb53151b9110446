//! The files of a run of `nonce`. At first each is taken for a page by itself; when it is known what they are to each other, those are
//! rewritten again for which that decides.

use std::convert::Infallible;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;

use super::callers::Index;
use super::held::Held;
use super::values::Values;
use crate::cli::edited::{Edit, Edited, Files, Mode};
use crate::edit::nonce::{Callers, NonceOptions, Rewrite, rewrite_page};
use crate::error::{Error, Result};
use crate::page::{Page, ScanOptions, Texts, scan_page};
use crate::site::in_order::in_order;
use crate::site::{PageFile, open};

/// What became of a file.
#[derive(Default)]
pub(super) struct Nonced {
    pub(super) rewrite: Rewrite,
    /// What it holds then, if a policy is made of it.
    pub(super) page: Option<Page>,
}

/// A file that was rewritten.
pub(super) type Done = Edited<Nonced>;

/// Writes nonces.
struct NonceEdit<'a> {
    options: NonceOptions,
    /// How what comes of a file is scanned, if a policy is made of it.
    scan: Option<&'a ScanOptions>,
}

impl Edit for NonceEdit<'_> {
    type Done = Nonced;

    fn edit<W: Write>(&self, name: &str, input: impl Read, mut out: W) -> Result<(W, Nonced)> {
        let Some(scan) = self.scan else {
            let (out, rewrite) = rewrite_page(name, input, out, &self.options)?;
            let page = None;
            return Ok((out, Nonced { rewrite, page }));
        };
        let (new, rewrite) = rewrite_page(name, input, Vec::new(), &self.options)?;
        let written = out.write_all(&new);
        written.map_err(|error| Error::unwritten(error).at(name))?;
        let texts = rewrite.moved(self.options.texts());
        let scan = scan.clone().with_texts(Texts::from([(name.into(), texts)]));
        let page = Some(scan_page(name, &new[..], &scan)?);
        Ok((out, Nonced { rewrite, page }))
    }

    fn changes(done: &Nonced) -> usize {
        done.rewrite.changes
    }
}

/// How the files of a run are rewritten.
pub(super) struct Rewriting<'a> {
    pub(super) files: &'a Files,
    pub(super) values: &'a Values,
    pub(super) mode: &'a Mode,
    pub(super) scan: Option<&'a ScanOptions>,
}

impl Rewriting<'_> {
    /// Rewrites each, and hands on the results in path order. Those whose diffs were too long to be held are rewritten again, too.
    pub(super) fn each(&self, take: &mut dyn FnMut(Result<Done>) -> anyhow::Result<()>) -> anyhow::Result<()> {
        let files = self.files.pages();
        let mut held = Held::default();
        let first = |file: &PageFile| self.file(file, None);
        let Ok(()) = in_order(files, first, |done| {
            held.add(done);
            Ok::<(), Infallible>(())
        });
        let Held { done: mut held, links, .. } = held;
        let index = Index::new(files, links, self.values);
        let is_final = |place: usize| {
            let open = |edited: &Result<Done>| {
                let open = edited.as_ref().map(|edited| edited.done.rewrite.open);
                open.unwrap_or_default()
            };
            let decides = |open| index.of(place).is_some_and(|it| it.decide(open));
            held[place].as_ref().map(open).is_some_and(|it| !decides(it))
        };
        let again: Vec<usize> = (0..held.len()).filter(|at| !is_final(*at)).collect();
        let second = |place: &usize| (*place, self.file(&files[*place], index.of(*place)));
        let mut take = |mut result: Result<Done>| {
            let ready = result.as_mut().ok().and_then(|done| done.ready.take());
            ready.into_iter().for_each(|ready| self.files.batch.add(ready));
            take(result)
        };
        let mut taken = 0;
        in_order(&again, second, |(place, result)| {
            let mut earlier = held[taken..place].iter_mut().filter_map(Option::take);
            earlier.try_for_each(&mut take)?;
            taken = place + 1;
            take(result)
        })?;
        held.drain(taken..).flatten().try_for_each(&mut take)?;
        let stdin = || {
            let (options, scan) = (self.values.options(Path::new("-"))?, self.scan);
            Ok(NonceEdit { options, scan })
        };
        self.files.others(self.mode, stdin, &mut take)
    }

    fn file(&self, file: &PageFile, callers: Option<&Callers>) -> Result<Done> {
        let (options, is_unfilled) = match self.values.options(&file.path) {
            Ok(options) => (options.with_callers(callers.cloned().unwrap_or_default()), false),
            Err(error) => (needing_none(file, self.values, error)?, true),
        };
        let scan = self.scan;
        let edit = NonceEdit { options, scan };
        let mut edited = self.files.file(file, &edit, self.mode)?;
        if is_unfilled {
            edited.done.rewrite.findings.clear();
        }
        if let Some(page) = &mut edited.done.page {
            page.site_path = Arc::clone(&file.site_path);
        }
        Ok(edited)
    }
}

/// How a file is rewritten for whose dialect no value is known: as it is, if no element in it needs one.
///
/// # Errors
///
/// `unknown`, if one does.
fn needing_none(file: &PageFile, values: &Values, unknown: Error) -> Result<NonceOptions> {
    let options = values.unfilled()?;
    let (_, rewrite) = rewrite_page(&file.name, open(file)?, io::sink(), &options)?;
    match rewrite.changes {
        0 => Ok(options),
        _ => Err(unknown.at(&*file.name)),
    }
}
