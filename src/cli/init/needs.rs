//! What built pages ask of a policy, so that the first run of `hash` under the configuration succeeds.

use std::fmt::Write as _;
use std::path::PathBuf;

use crate::check::allow_requests;
use crate::cli::args::Preset;
use crate::cli::external::{self, Listed};
use crate::finding::plural;
use crate::page::ScanOptions;
use crate::policy::{Directive, DirectiveName, Granularities, Policy, PolicyBuilder};
use crate::site::{Inventory, PageFilter, SiteUrl, find_pages, scan_files};
use crate::target::one_line;
use crate::template::Templates;

/// What the pages ask for; of none the least.
#[derive(Default)]
pub(super) struct Needs {
    /// Whether the folders have no pages yet, so that it is unknown.
    pub(super) lacks_pages: bool,
    /// The preset that fits.
    pub(super) preset: Preset,
    /// Whether they have event handlers, style attributes or `javascript:` URLs.
    pub(super) unsafe_hashes: bool,
    /// The sources of other hosts, as comments.
    pub(super) sources: String,
}

impl Needs {
    /// Those of the pages in these folders; pages that cannot be read are for `hash` to report.
    pub(super) fn of(folders: &[String], templates: Templates) -> crate::Result<Self> {
        let folders: Vec<_> = folders.iter().map(PathBuf::from).collect();
        let found = find_pages(&folders, &PageFilter::new(&[], &[], templates)?);
        let options = ScanOptions::new().with_templates(templates).with_requests(true);
        let mut inventory = scan_files(&found.files, SiteUrl::default(), &options, &|| {}).inventory;
        inventory.add_subresources(&found.site_files(SiteUrl::default(), None));
        let mut inlines = inventory.inlines().iter();
        Ok(Self {
            lacks_pages: found.files.is_empty(),
            preset: preset(&inventory),
            unsafe_hashes: inlines.any(|it| it.kind.check_type().needs_unsafe_hashes()),
            sources: sources(&inventory),
        })
    }
}

/// The one for documentation where the pages need what it allows besides the other.
fn preset(inventory: &Inventory) -> Preset {
    let builder = PolicyBuilder::new(Some(Policy::preset_self()));
    let builder = builder.with_external(Some(Granularities::default()));
    let policy = allow_requests(&builder, inventory).site(inventory).policy;
    let lists = |name, source: &str| {
        let sources = policy.directive(name).map_or(&[][..], Directive::sources);
        sources.iter().any(|it| it.to_string() == source)
    };
    let needs_docs = lists(DirectiveName::BaseUri, "'self'")
        || lists(DirectiveName::FrameAncestors, "'self'")
        || lists(DirectiveName::ImgSrc, "data:")
        || lists(DirectiveName::FontSrc, "data:");
    match needs_docs {
        true => Preset::Docs,
        false => Preset::SelfOnly,
    }
}

fn sources(inventory: &Inventory) -> String {
    let hosts = external::rows(Listed::requests(inventory), |request| {
        external::origin(request, inventory.site()).filter(|origin| origin.contains("://"))
    });
    let mut text = String::new();
    for row in hosts {
        let (directive, name) = (row.directive.name(), row.name);
        let uses = plural(row.uses as usize, "use");
        let first = one_line(&row.first.to_string());
        let _ = writeln!(text, "#   {directive:<12} {name} ({uses}, first {first})");
    }
    text
}
