//! The policies that `check` holds pages against: those of the arguments, or else the outputs of the configuration, or its
//! base policy where it has none.

use std::path::{Path, PathBuf};
use std::time::Duration;

use url::Url;

use super::{Builders, Output, base};
use crate::cli::args::CheckArgs;
use crate::cli::captured::is_har;
use crate::cli::config::{Base, Config, FILE_NAME};
use crate::fetch;
use crate::finding::Levels;
use crate::site::Reach;
use crate::target::deployed::DeployedFormat;

/// Locations of the policies.
#[derive(Default)]
pub(in crate::cli) struct GoverningSettings {
    /// Policies for every page, each with its origin.
    pub(in crate::cli) policies: Vec<(Base, String, &'static str)>,
    /// Files with a policy for every page.
    pub(in crate::cli) policy_files: Vec<(Base, PathBuf)>,
    pub(in crate::cli) deployed: Vec<DeployedSettings>,
    /// Files with the headers of saved responses.
    pub(in crate::cli) captured: Vec<PathBuf>,
    /// The site that is fetched from its server.
    pub(in crate::cli) live: Option<Live>,
    /// Outputs that are made again.
    pub(in crate::cli) generated: Option<Generated>,
    /// The first of all these files.
    pub(in crate::cli) first: Option<PathBuf>,
    /// How far the paths of the arguments may lead.
    pub(in crate::cli) arguments: Reach,
}

/// A file of a host.
pub(in crate::cli) struct DeployedSettings {
    pub(in crate::cli) path: PathBuf,
    /// Its format, if that is given.
    pub(in crate::cli) format: Option<DeployedFormat>,
    /// How far its path may lead.
    pub(in crate::cli) reach: Reach,
}

/// A site on a server.
pub(in crate::cli) struct Live {
    pub(in crate::cli) start: Url,
    pub(in crate::cli) most_pages: usize,
    pub(in crate::cli) honors_robots: bool,
    /// How long to wait for a response, and for each further piece of one.
    pub(in crate::cli) timeout: Duration,
    /// Whether the pages of the arguments are those that were built, to compare with.
    pub(in crate::cli) compares: bool,
}

impl Live {
    /// The site that the arguments name, if they name one.
    fn new(args: &CheckArgs) -> anyhow::Result<Option<Self>> {
        let mut urls = args.files.paths.iter().filter_map(|path| url(path));
        let Some(text) = urls.next() else {
            anyhow::ensure!(
                args.compare.is_none(),
                "--compare is for a site that is fetched; name its URL, such as https://www.example.com/"
            );
            return Ok(None);
        };
        anyhow::ensure!(
            args.files.paths.len() == 1,
            "{text}: a site is checked by itself; leave out the other paths, or compare it with its folder by --compare"
        );
        Ok(Some(Self {
            start: fetch::address(text)?,
            most_pages: args.max_pages.get(),
            honors_robots: !args.no_robots,
            timeout: Duration::from_secs(args.timeout),
            compares: args.compare.is_some(),
        }))
    }
}

/// A path that is a URL.
pub(super) fn url(path: &Path) -> Option<&str> {
    let text = path.to_str()?;
    let (scheme, _) = text.split_once("://")?;
    let schemes = ["http", "https"].iter();
    let mut schemes = schemes.filter(|known| scheme.eq_ignore_ascii_case(known));
    schemes.next().map(|_| text)
}

/// Outputs, and what they are made from.
pub(in crate::cli) struct Generated {
    pub(in crate::cli) outputs: Vec<Output>,
    pub(in crate::cli) builders: Builders,
    pub(in crate::cli) site: Vec<PathBuf>,
    pub(in crate::cli) levels: Levels,
}

impl GoverningSettings {
    pub(in crate::cli) fn new(args: &CheckArgs, config: &Config) -> anyhow::Result<Self> {
        let texts = |base, texts: &[String], flag| -> Vec<_> {
            let texts = texts.iter().cloned();
            texts.map(|text| (base, text, flag)).collect()
        };
        let enforced = texts(Base::Enforced, &args.policy, "--policy");
        let reported = texts(Base::ReportOnly, &args.report_only_policy, "--report-only-policy");
        let policies = [enforced, reported].concat();
        let of = |base| move |path: &PathBuf| (base, path.clone());
        let files = args.policy_file.iter().map(of(Base::Enforced));
        let reported = args.report_only_policy_file.iter();
        let files: Vec<_> = files.chain(reported.map(of(Base::ReportOnly))).collect();
        let live = Live::new(args)?;
        let is_configured = args.deployed.is_empty() && args.captured.is_empty() && live.is_none();
        if policies.is_empty() && files.is_empty() && is_configured {
            return Self::configured(config);
        }
        let format = args.deployed_as.as_deref().and_then(DeployedFormat::find);
        let deployed = args.deployed.iter().cloned();
        let first = files.iter().map(|(_, path)| path).chain(&args.deployed).chain(&args.captured).next();
        Ok(Self {
            first: match &live {
                Some(live) => Some(live.start.as_str().into()),
                None => first.cloned(),
            },
            live,
            policies,
            policy_files: files,
            deployed: deployed
                .map(|path| DeployedSettings { path, format, reach: config.arguments.for_reading() })
                .collect(),
            captured: args.captured.clone(),
            generated: None,
            arguments: config.arguments.clone(),
        })
    }

    /// Whether a file with the headers of responses has their pages too.
    pub(in crate::cli) fn holds_pages(&self) -> anyhow::Result<bool> {
        for path in &self.captured {
            let content = self.arguments.read(path)?;
            if std::str::from_utf8(&content).is_ok_and(is_har) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn configured(config: &Config) -> anyhow::Result<Self> {
        let mut settings = Self::default();
        let outputs = Output::configured(config)?;
        if outputs.is_empty() {
            for which in Base::ALL {
                let base = base(&Default::default(), config, which)?;
                let policies = base.map(|base| (which, base.to_string(), FILE_NAME));
                settings.policies.extend(policies);
            }
            return Ok(settings);
        }
        let mut generated = Vec::new();
        for output in outputs {
            // Policies in the pages are found there.
            let Some(path) = output.path() else { continue };
            settings.first.get_or_insert_with(|| path.to_owned());
            let format = DeployedFormat::find(output.target.name());
            if format.is_some_and(DeployedFormat::is_read) {
                settings.deployed.push(DeployedSettings { path: path.to_owned(), format, reach: output.reach });
            } else {
                generated.push(output);
            }
        }
        if !generated.is_empty() {
            settings.generated = Some(Generated {
                outputs: generated,
                builders: Builders::new(&Default::default(), &Default::default(), config)?,
                levels: config.levels.clone(),
                site: config.site(),
            });
        }
        Ok(settings)
    }
}
