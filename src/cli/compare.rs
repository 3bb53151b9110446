//! `check --compare`: how the inline resources that a server sends differ from those that were built.

use std::collections::HashMap;

use percent_encoding::percent_decode_str;
use similar::{Algorithm, DiffOp, capture_diff_slices};
use url::Url;

use super::input::{self, Pages};
use super::settings::InputSettings;
use crate::check::{Keeper, KeptPage};
use crate::error::Error;
use crate::fetch::ERROR_PAGE;
use crate::finding::{Code, Finding, Merged, Place};
use crate::location::Location;
use crate::page::InlineKind;
use crate::site::{map_files, scan_one};
use crate::target::shown_at;

/// Pages with more inline resources are not compared: looking for the differences would take too long.
const MOST: usize = 5_000;

/// How many characters of a text a finding shows.
const EXCERPT: usize = 40;

const HELP: &str = "deploy the folder again, or find out what changes the pages on their way";

/// A page that was built.
struct Built {
    page: KeptPage,
    /// Whether its text may be shown.
    is_shown: bool,
}

/// Compares pages with those that were built; the server shows their folder at that of `start`.
pub(super) fn compare(
    start: &Url,
    served: &[KeptPage],
    found: &Pages,
    settings: &InputSettings,
    keeper: &Keeper,
) -> (Vec<Finding>, Vec<Error>) {
    let options = input::options(settings).with_subjects();
    let options = options.with_texts_of(&found.files);
    let mut built: Vec<Built> = Vec::new();
    let errors = map_files(
        &found.files,
        &|| {},
        |file, input| {
            let mut page = scan_one(file, input, &options)?;
            let is_shown = file.is_shown();
            Ok(Built { page: keeper.keep(&mut page), is_shown })
        },
        |page| built.push(page),
    );
    let places: Vec<&str> = built.iter().map(|built| built.page.site_path()).collect();
    let by_path: HashMap<String, usize> = shown_at(&places);
    let folder = start.path().rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut findings = Merged::default();
    // Which file the error page is from is not known.
    let is_error_page = |page: &&KeptPage| page.url().is_some_and(|url| url.path() == ERROR_PAGE);
    for page in served.iter().filter(|page| !is_error_page(page)) {
        let path = page.url().and_then(|url| url.path().strip_prefix(folder)?.strip_prefix('/'));
        let path = path.map(|path| percent_decode_str(path).decode_utf8_lossy().into_owned());
        let first = Place::of(page.path(), Location::START);
        match path.and_then(|path| by_path.get(&path)) {
            Some(index) => findings.extend(differences(&built[*index], page)),
            None => {
                let message = "no page was built for this URL, so there was nothing to compare it with";
                findings.push(Finding::new(Code::ChangedInline, message, HELP).at(first));
            }
        }
    }
    (findings.into_vec(), errors)
}

/// An inline resource: its kind, its text unless template code makes it, and its place.
type Inline<'p> = (InlineKind, Option<&'p [String]>, Location);

fn differences(built: &Built, served: &KeptPage) -> Vec<Finding> {
    let path = built.page.path();
    let [old, new]: [Vec<Inline<'_>>; 2] = [&built.page, served].map(|page| page.inlines().collect());
    let texts = |all: &[Inline<'_>]| -> Vec<_> {
        all.iter().map(|(kind, text, _)| (kind.name(), text.map(<[String]>::to_vec))).collect()
    };
    let at = |location, message: String| {
        Finding::new(Code::ChangedInline, message, HELP).at(Place::of(served.path(), location))
    };
    if old.len().max(new.len()) > MOST {
        let message = format!(
            "the page has {} inline resources, {path} {}; only up to {MOST} are compared",
            new.len(),
            old.len()
        );
        return vec![at(Location::START, message)];
    }
    let mut findings = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, &texts(&old), &texts(&new)) {
        if matches!(op, DiffOp::Equal { .. }) {
            continue;
        }
        let mut added: Vec<&Inline<'_>> = new[op.new_range()].iter().collect();
        for (kind, text, location) in &old[op.old_range()] {
            let place = Place::of(path, *location);
            let same_kind = added.iter().position(|(added, ..)| added == kind);
            let finding = match same_kind.map(|index| added.remove(index)) {
                Some((_, new, location)) => {
                    let how = how(*text, *new, built.is_shown);
                    let message = format!("this {} is not as in {place}: {how}", kind.noun());
                    at(*location, message)
                }
                None => at(Location::START, format!("the {} of {place} is not sent", kind.noun())),
            };
            findings.push(finding);
        }
        let message = |kind: InlineKind| format!("this {} is not in {path}", kind.noun());
        findings.extend(added.iter().map(|(kind, _, location)| at(*location, message(*kind))));
    }
    findings
}

/// The first difference of two texts.
fn how(old: Option<&[String]>, new: Option<&[String]>, is_shown: bool) -> String {
    let (Some([old, ..]), Some([new, ..])) = (old, new) else {
        return "template code makes its text".to_owned();
    };
    let same = old.chars().zip(new.chars()).take_while(|(old, new)| old == new);
    let same: usize = same.map(|(c, _)| c.len_utf8()).sum();
    let mut location = Location::START;
    location.advance(&new.as_bytes()[..same]);
    let Location { line, column } = location;
    let at = format!("from line {line}, column {column} of its text on");
    if !is_shown {
        return at;
    }
    let excerpt = |text: &str| text[same..].chars().take(EXCERPT).collect::<String>();
    format!("{at} it has {:?}, not {:?}", excerpt(new), excerpt(old))
}
