//! The settings of a run: the only place where the arguments and the configuration meet. What the arguments say
//! counts; where they say nothing, the configuration does.

mod governing;
mod nonce;
mod outputs;
mod policy;

use std::path::{Path, PathBuf};

use encoding_rs::Encoding;

use super::args::{BaseArgs, FileArgs, InputArgs, LevelArgs, PolicyArgs, SiteArgs};
use super::config::{Base, Config};
use crate::HashAlgorithm;
use crate::finding::{Code, Level, Levels};
use crate::policy::Policy;
use crate::site::identity::identity;
use crate::site::{Links, PageFilter, Reach, SiteUrl};
use crate::template::Templates;
pub(super) use governing::{Generated, GoverningSettings, Live};
pub(super) use nonce::{NonceSettings, SentNonce};
pub(super) use outputs::{Destination, Output, sends};
pub(super) use policy::{Builders, base};

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
    /// Whether the files are templates whatever their names are.
    are_sources: bool,
    /// Whether what is ignored is read all the same.
    reads_ignored: bool,
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
        let is_template = self.are_sources || matches!(self.template, Templates::Dialect(_) | Templates::Otherwise(_));
        let filter = filter.with_links(self.links).with_guard(self.is_guarded);
        let filter = filter.with_sources_only(is_template && !self.reads_ignored);
        let reach = match self.is_written {
            true => self.reach.clone(),
            false => self.reach.for_reading(),
        };
        let filter = filter.with_reach(reach, self.link_reach.clone());
        Ok(filter.with_configuration(self.configuration.clone()))
    }

    /// The same for templates.
    pub(super) fn of_sources(mut self, are_sources: bool) -> Self {
        self.are_sources = are_sources;
        self
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
            is_guarded: args.include.is_empty() && !config.include.is_empty() && config.reach != Reach::Anywhere,
            configuration: config.reach.configuration().map(Path::to_owned),
            paths: or(&args.paths, config.paths()),
            include: or(&args.include, config.include.clone()),
            exclude: or(&args.exclude, config.exclude.clone()),
            are_sources: false,
            reads_ignored: args.no_ignore || config.no_ignore,
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
    if given.is_empty() { configured } else { given.to_vec() }
}

/// The same, and how inline resources are hashed.
#[derive(Clone, Debug)]
pub(super) struct InputSettings {
    pub(super) files: FileSettings,
    pub(super) algorithm: HashAlgorithm,
    pub(super) template_content: bool,
    /// Where the site is served.
    pub(super) site: SiteUrl,
    pub(super) nonce: SentNonce,
    /// Whether scripts and styles with a URL are listed.
    pub(super) has_urls: bool,
    /// Whether attributes that a library runs as code are reported.
    pub(super) reports_evaluated: bool,
    /// Whether the texts of inline resources are kept.
    pub(super) has_texts: bool,
}

impl InputSettings {
    pub(super) fn new(args: &InputArgs, config: &Config) -> anyhow::Result<Self> {
        if let Some(url) = args.files.paths.iter().find_map(|path| governing::url(path)) {
            anyhow::bail!("{url}: only `cspseal check` fetches a site; name its folder or files here");
        }
        let is_excluded = args.exclude_template_content;
        Self::of(&args.files, &args.site, args.algorithm, is_excluded, config)
    }

    /// The same, and the nonce that goes into the policies. Files whose extension says no dialect are read in that of its
    /// framework.
    pub(super) fn with_nonce(mut self, nonce: SentNonce, builders: Option<&Builders>) -> Self {
        if let (SentNonce::Framework(framework), Templates::Auto) = (&nonce, self.files.template) {
            self.files.template = framework.templates();
        }
        let is_strict = |builders: &Builders| builders.bases().any(Policy::trusts_by_nonce_or_hash);
        self.has_urls = nonce.is_sent() || builders.is_some_and(is_strict);
        self.nonce = nonce;
        self
    }

    /// The same, with the texts of inline resources if they are asked for.
    pub(super) fn with_texts(mut self, has_texts: bool) -> Self {
        self.has_texts = has_texts;
        self
    }

    /// The same, with the findings that are off unless a level is said for them.
    pub(super) fn with_levels(mut self, levels: &Levels) -> Self {
        let level = levels.level(Code::EvaluatedAttribute);
        self.reports_evaluated = level.is_some_and(|level| level != Level::Allow);
        self
    }

    /// The same from single arguments.
    pub(super) fn of(
        files: &FileArgs,
        site: &SiteArgs,
        algorithm: Option<HashAlgorithm>,
        exclude_template_content: bool,
        config: &Config,
    ) -> anyhow::Result<Self> {
        let configured = config.algorithm()?;
        Ok(Self {
            files: FileSettings::new(files, config)?,
            algorithm: algorithm.or(configured).unwrap_or_default(),
            template_content: !(exclude_template_content || config.exclude_template_content),
            site: self::site(site, config)?.unwrap_or_default(),
            nonce: SentNonce::default(),
            has_urls: false,
            reports_evaluated: false,
            has_texts: false,
        })
    }
}

/// The address of the site, if somebody gave it.
pub(super) fn site(args: &SiteArgs, config: &Config) -> anyhow::Result<Option<SiteUrl>> {
    Ok(args.site_url.clone().or(config.site_url()?))
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
pub(super) fn sources(args: &PolicyArgs, config: &Config) -> Vec<(PathBuf, &'static str)> {
    let file = |args: &BaseArgs, base| args.policy_file.clone().or_else(|| config.policy_file(base));
    let all = [
        (file(&args.base, Base::Enforced), "the base policy"),
        (file(&args.second.base(), Base::ReportOnly), "the report-only policy"),
        (config.file.clone(), "the configuration"),
    ];
    all.into_iter().filter_map(|(path, what)| Some((identity(&path?)?, what))).collect()
}
