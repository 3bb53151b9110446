//! `cspseal merge`: one deployment from inventories that were made apart.

use std::path::{Path, PathBuf};

use super::args::MergeArgs;
use super::config::Config;
use super::report::Quoted;
use super::settings::{self, Builders, Output, SentNonce};
use super::write::Work;
use super::{Outcome, places};
use crate::site::identity::identity;
use crate::site::merge::merge;
use crate::site::{Inventory, Reach, SiteUrl};

/// Reads the inventories, prints the findings, then writes the output.
pub(super) fn run(args: &MergeArgs, config: &Config) -> anyhow::Result<Outcome> {
    let builders = Builders::new(&args.policy, &args.external, config)?;
    let levels = settings::levels(&args.levels, config)?;
    let (nonce, usual) = SentNonce::new(&args.sent, config)?;
    let outputs = [Output::new(&args.output, &config.arguments, usual)?];
    let mut sources = settings::sources(&args.policy, config);
    let inventories = args.inventories.iter();
    sources.extend(inventories.filter_map(|path| Some((identity(path)?, "an inventory"))));
    places::check_outputs(&outputs, &sources)?;
    let site = settings::site(&args.site, config)?;
    let inventory = read_all(&args.inventories, site, &config.arguments)?;
    let builders = builders.for_outputs(&outputs);
    let (builders, nonces) = nonce.apply(&builders, &inventory)?;
    let report = builders.report(&inventory, nonces);
    let work = Work {
        outputs: &outputs,
        report: &report.with_levels(&levels),
        levels: &levels,
        is_check: args.output.check,
        pages: None,
        // The pages of an inventory are somewhere else.
        quoted: Quoted::default(),
    };
    work.run(Outcome::Done)
}

/// Reads inventories as one.
pub(super) fn read_all(paths: &[PathBuf], site: Option<SiteUrl>, reach: &Reach) -> anyhow::Result<Inventory> {
    let inputs = paths.iter().map(|path| read(path, reach));
    Ok(merge(inputs.collect::<anyhow::Result<_>>()?, site)?)
}

fn read(path: &Path, reach: &Reach) -> anyhow::Result<(String, Vec<u8>)> {
    let name = path.display().to_string();
    let bytes = if name == "-" {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut bytes)?;
        bytes
    } else {
        reach.read(path)?
    };
    Ok((name, bytes))
}
