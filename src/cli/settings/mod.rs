//! The settings of a run: the only place where the arguments and the configuration meet. What the arguments say
//! counts; where they say nothing, the configuration does.

mod governing;
mod nonce;
mod outputs;
mod policy;

use std::path::{Path, PathBuf};

use encoding_rs::Encoding;

use super::args::{BaseArgs, FileArgs, InputArgs, LevelArgs};
use super::config::Config;
use crate::HashAlgorithm;
use crate::finding::Levels;
use crate::site::identity::identity;
use crate::site::{Links, PageFilter, Reach};
use crate::template::Templates;
pub(super) use governing::{Generated, GoverningSettings};
pub(super) use nonce::NonceSettings;
pub(super) use outputs::{Destination, Output};
pub(super) use policy::{base, builder};

/// Which files are read, and how.
#[derive(Clone, Debug)]
pub(super) struct FileSettings {
    pub(super) paths: Vec<PathBuf>,
    pub(super) include: Vec<String>,
    pub(super) exclude: Vec<String>,
    pub(super) links: Links,
    /// How far the paths may lead if the files are written.
    reach: Reach,
    is_written: bool,
    /// How far the links in folders may lead if they are followed.
    link_reach: Reach,
    /// Whether the configuration says which files are pages, and may not say it of every file.
    is_guarded: bool,
    /// The configuration without links, unless everything may be written.
    configuration: Option<PathBuf>,
    pub(super) charset: Option<&'static Encoding>,
    pub(super) template: Templates,
}

impl FileSettings {
    /// Which files of folders are pages.
    pub(super) fn filter(&self) -> crate::Result<PageFilter> {
        let filter = PageFilter::new(&self.include, &self.exclude, self.template)?;
        let filter = filter.with_links(self.links).with_guard(self.is_guarded);
        let reach = match self.is_written {
            true => self.reach.clone(),
            false => self.reach.for_reading(),
        };
        let filter = filter.with_reach(reach, self.link_reach.clone());
        Ok(filter.with_configuration(self.configuration.clone()))
    }

    /// The same for files that are written.
    pub(super) fn for_writing(mut self) -> Self {
        self.is_written = true;
        self
    }

    /// Whether standard input is all there is to read.
    pub(super) fn is_stdin_only(&self) -> bool {
        self.paths.iter().all(|path| path.as_os_str() == "-")
    }

    pub(super) fn new(args: &FileArgs, config: &Config) -> anyhow::Result<Self> {
        let charset = config.charset()?;
        let template = config.template()?;
        let reach = match args.paths.is_empty() {
            true => &config.reach,
            false => &config.arguments,
        };
        let is_asked = args.follow && !args.paths.is_empty();
        Ok(Self {
            reach: reach.clone(),
            is_written: false,
            link_reach: match is_asked {
                true => Reach::Anywhere,
                false => config.reach.clone(),
            },
            is_guarded: args.include.is_empty()
                && !config.include.is_empty()
                && config.reach != Reach::Anywhere,
            configuration: config.reach.configuration().map(Path::to_owned),
            paths: or(&args.paths, config.paths()),
            include: or(&args.include, config.include.clone()),
            exclude: or(&args.exclude, config.exclude.clone()),
            links: match args.follow || config.follow {
                true => Links::Follow,
                false => Links::Leave,
            },
            charset: args.charset.or(charset),
            template: args.template.or(template).unwrap_or(Templates::Auto),
        })
    }
}

/// A list of the arguments, or else that of the configuration.
fn or<T: Clone>(given: &[T], configured: Vec<T>) -> Vec<T> {
    if given.is_empty() {
        configured
    } else {
        given.to_vec()
    }
}

/// The same, and how inline resources are hashed.
#[derive(Clone, Debug)]
pub(super) struct InputSettings {
    pub(super) files: FileSettings,
    pub(super) algorithm: HashAlgorithm,
    pub(super) template_content: bool,
}

impl InputSettings {
    pub(super) fn new(args: &InputArgs, config: &Config) -> anyhow::Result<Self> {
        let is_excluded = args.exclude_template_content;
        Self::of(&args.files, args.algorithm, is_excluded, config)
    }

    /// The same from single arguments.
    pub(super) fn of(
        files: &FileArgs,
        algorithm: Option<HashAlgorithm>,
        exclude_template_content: bool,
        config: &Config,
    ) -> anyhow::Result<Self> {
        let configured = config.algorithm()?;
        Ok(Self {
            files: FileSettings::new(files, config)?,
            algorithm: algorithm.or(configured).unwrap_or_default(),
            template_content: !(exclude_template_content || config.exclude_template_content),
        })
    }
}

/// What is made of each code.
pub(super) fn levels(args: &LevelArgs, config: &Config) -> anyhow::Result<Levels> {
    let mut levels = Levels::new();
    for (selector, level) in args.said() {
        levels.set(selector, level)?;
    }
    Ok(levels.over(&config.levels))
}

/// The files besides the pages that a run reads, as [`identity`] has them, with what they are: an output must not take the
/// place of one. Relative paths are those of the folder that the command was started in.
pub(super) fn sources(args: &BaseArgs, config: &Config) -> Vec<(PathBuf, &'static str)> {
    let policy_file = args.policy_file.clone().or_else(|| config.policy_file());
    let all = [
        (policy_file, "the base policy"),
        (config.file.clone(), "the configuration"),
    ];
    all.into_iter()
        .filter_map(|(path, what)| Some((identity(&path?)?, what)))
        .collect()
}
