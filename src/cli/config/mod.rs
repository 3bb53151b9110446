//! `cspseal.toml`: what a project always says, so that `cspseal hash` needs no arguments.
//!
//! Every key is the name of a flag. Paths count from the folder of the file.

mod external;
mod fault;
#[cfg(fuzzing)]
pub mod fuzzing;
mod integrity;
mod levels;
mod nonce;
mod outputs;
mod trust;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::ValueEnum as _;
use encoding_rs::Encoding;
use serde::Deserialize;
use toml::{Spanned, Value};

use super::args::{Cli, Preset, inline_directive};
use super::read::check_length;
use super::remedy;
use super::report::human::Problems;
use crate::HashAlgorithm;
use crate::error::{Error, ErrorKind};
use crate::finding::Levels;
use crate::policy::DirectiveName;
use crate::site::Reach;
use crate::site::reach::{self, nearest_configuration, stays_below};
use crate::target::toml::check_tables;
use crate::template::Templates;
pub(super) use fault::Fault;
use integrity::IntegrityConfig;
pub(super) use nonce::{NonceConfig, NonceText};
pub(super) use outputs::OutputConfig;

/// The name that is looked for.
pub(super) const FILE_NAME: &str = reach::CONFIGURATION;

/// A configuration file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct Config {
    paths: Option<Vec<PathBuf>>,
    pub(super) include: Vec<String>,
    pub(super) exclude: Vec<String>,
    pub(super) follow: bool,
    pub(super) no_ignore: bool,
    charset: Option<String>,
    template: Option<String>,
    algorithm: Option<String>,
    pub(super) unsafe_hashes: bool,
    /// Whether the sources of what pages ask for by URL are added.
    pub(super) external: bool,
    /// Whether those of what their scripts mention are, too.
    pub(super) mentioned: bool,
    granularity: Option<Value>,
    site_url: Option<String>,
    keep_unsafe_inline: Vec<String>,
    pub(super) exclude_template_content: bool,
    /// The base policy: its text, or directives with their sources.
    policy: Option<Value>,
    policy_file: Option<PathBuf>,
    preset: Option<String>,
    /// The base of the policy that is only reported, as that of the other.
    report_only_policy: Option<Value>,
    report_only_policy_file: Option<PathBuf>,
    report_only_preset: Option<String>,
    pub(super) output: Vec<OutputConfig>,
    pub(super) nonce: NonceConfig,
    pub(super) integrity: IntegrityConfig,
    deny: Vec<Spanned<String>>,
    warn: Vec<Spanned<String>>,
    allow: Vec<Spanned<String>>,
    /// What the three lists say.
    #[serde(skip)]
    pub(super) levels: Levels,
    /// The folder that the file stands in.
    #[serde(skip)]
    folder: PathBuf,
    /// The file itself, as the folder that the command was started in sees it.
    #[serde(skip)]
    pub(super) file: Option<PathBuf>,
    /// The orders in which the file has the directives of the policies.
    #[serde(skip)]
    order: [Vec<String>; 2],
    /// How far its paths may lead.
    #[serde(skip)]
    pub(super) reach: Reach,
    /// How far the paths of the arguments may lead where files are written or lines of them shown.
    #[serde(skip)]
    pub(super) arguments: Reach,
}

/// One of the two base policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Base {
    Enforced,
    ReportOnly,
}

impl Base {
    pub(super) const ALL: [Self; 2] = [Self::Enforced, Self::ReportOnly];

    /// Its name in messages.
    const fn noun(self) -> &'static str {
        match self {
            Self::Enforced => "base policy",
            Self::ReportOnly => "report-only policy",
        }
    }

    /// The name of its key or flag, where that of the enforced policy has this one.
    pub(super) fn name(self, name: &str) -> String {
        match self {
            Self::Enforced => name.to_owned(),
            Self::ReportOnly => format!("report-only-{name}"),
        }
    }
}

impl Config {
    /// The configuration of the folder: the file that is named, or the nearest one upwards; one that says nothing where there
    /// is none.
    ///
    /// # Errors
    ///
    /// [`Problems`] for one that is invalid, and whatever keeps it from being read.
    pub(super) fn find(cli: &Cli) -> anyhow::Result<Self> {
        let arguments = match cli.allow_outside {
            true => Reach::Anywhere,
            false => Reach::Argument,
        };
        let mut config = match &cli.config {
            _ if cli.no_config => Self::default(),
            Some(path) => Self::read(path, arguments.read(path)?, cli)?,
            None => Self::nearest(cli)?,
        };
        config.arguments = arguments;
        config.name_paths();
        Ok(config)
    }

    fn nearest(cli: &Cli) -> anyhow::Result<Self> {
        let here = std::env::current_dir()?;
        // One that cannot be read is an error.
        let Some(path) = nearest_configuration(&here) else {
            return Ok(Self::default());
        };
        // The place is shown as a person would say it.
        let path = path.strip_prefix(&here).unwrap_or(&path);
        Self::read(path, trust::read(path)?, cli)
    }

    fn read(path: &Path, content: Vec<u8>, cli: &Cli) -> anyhow::Result<Self> {
        check_length(path, &content)?;
        let text = String::from_utf8(content);
        let text = text.map_err(|error| Error::unread(error).at(path))?;
        check_tables(&text).map_err(|error| Error::new(ErrorKind::Limit, error).at(path))?;
        let mut config = Self::parse(path, &text)?;
        if !cli.allow_outside {
            let outside = |fault| Problems::of_config(&path.display().to_string(), &text, fault);
            config.check_paths(&text).map_err(outside)?;
            config.reach = Reach::below(&config.folder, path)?;
        }
        Ok(config)
    }

    /// Reads the configuration in `text`.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub(super) fn parse(path: &Path, text: &str) -> Result<Self, Problems> {
        let origin = path.display().to_string();
        let refuse = |fault: Fault| Problems::of_config(&origin, text, fault);
        let mut config: Self = toml::from_str(text).map_err(|error| refuse(Fault::of(&error)))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        config.folder = folder.to_owned();
        config.file = Some(path.to_owned());
        config.order = Base::ALL.map(|base| directives_in_order(text, &base.name("policy")));
        config.levels = levels::of(&config).map_err(refuse)?;
        config.check(text).map_err(refuse)?;
        Ok(config)
    }

    /// Every path in it, with the key that names it.
    fn named_paths(&self) -> Vec<(&PathBuf, String)> {
        let paths = self.paths.iter().flatten();
        let mut named: Vec<_> = paths.map(|path| (path, "paths".to_owned())).collect();
        for base in Base::ALL {
            let file = self.base(base).1.iter();
            named.extend(file.map(|path| (path, base.name("policy-file"))));
        }
        let files = self.output.iter().filter_map(|output| output.file.as_ref());
        named.extend(files.map(|path| (path, "[[output]] file".to_owned())));
        named
    }

    /// Has errors about the paths in it name it and their keys.
    fn name_paths(&self) {
        let Some(file) = &self.file else { return };
        let named = self.named_paths().into_iter().flat_map(|(path, key)| {
            let key = format!("`{key}` in {}", file.display());
            // As it is shown before and after the folder was entered.
            [self.resolve(path), path.clone()].map(|path| (path, key.clone()))
        });
        remedy::name_paths(named.collect());
    }

    /// Finds a path that says itself that it is outside the folder.
    fn check_paths(&self, text: &str) -> Result<(), Fault> {
        let mut named = self.named_paths().into_iter();
        let Some((path, _)) = named.find(|(path, _)| !stays_below(path)) else {
            return Ok(());
        };
        Err(Fault::at(
            text,
            &path.to_string_lossy(),
            &format!("{} is outside the folder of the configuration", path.display()),
            "put cspseal.toml into a folder that holds it, or pass --allow-outside",
        ))
    }

    /// What the types do not say.
    fn check(&self, text: &str) -> Result<(), Fault> {
        for base in Base::ALL {
            let (policy, file, _) = self.base(base);
            if policy.is_some() && file.is_some() {
                let [policy, file] = ["policy", "policy-file"].map(|n| base.name(n));
                return Err(Fault::at(
                    text,
                    &policy,
                    &format!("there can be one {} only", base.noun()),
                    &format!("keep one of {policy} and {file}"),
                ));
            }
        }
        let wrong = |key: &str, error: &anyhow::Error| {
            let whole = format!("{error:#}");
            let (message, help) = whole.rsplit_once("; ").unwrap_or((&whole, ""));
            Fault::at(text, key, message, help)
        };
        self.granularities().map_err(|error| wrong("granularity", &error))?;
        self.site_url().map_err(|error| wrong("site-url", &error))?;
        self.check_outputs(text)
    }

    /// What is said of a base policy.
    fn base(&self, base: Base) -> (&Option<Value>, &Option<PathBuf>, &Option<String>) {
        match base {
            Base::Enforced => (&self.policy, &self.policy_file, &self.preset),
            Base::ReportOnly => (&self.report_only_policy, &self.report_only_policy_file, &self.report_only_preset),
        }
    }

    /// The text of a base policy that its table spells, if there is one.
    pub(super) fn policy_text(&self, base: Base) -> anyhow::Result<Option<String>> {
        let key = base.name("policy");
        let table = match self.base(base).0 {
            None => return Ok(None),
            Some(Value::String(text)) => return Ok(Some(text.clone())),
            Some(Value::Table(table)) => table,
            Some(_) => anyhow::bail!("{key} must be a table of directives, or the policy's text"),
        };
        let mut directives = Vec::new();
        for name in &self.order[base as usize] {
            let Some(value) = table.get(name) else {
                continue;
            };
            if name.contains(|c: char| c.is_ascii_whitespace() || matches!(c, ';' | ',')) {
                anyhow::bail!("{key}: {name:?} is no directive's name; a directive is a key of its own");
            }
            let words = words(value).ok_or_else(|| {
                anyhow::anyhow!(
                    "{key}.{name} must be a list of sources, a text, or true for a directive without a value"
                )
            })?;
            if let Some(word) = words.iter().find(|word| word.contains([';', ','])) {
                anyhow::bail!("{key}.{name}: {word:?} holds a separator; a directive is a key of its own");
            }
            directives.extend(
                (!words.is_empty() || value.as_bool() != Some(false))
                    .then(|| std::iter::once(name).chain(&words).map(String::as_str).collect::<Vec<_>>().join(" ")),
            );
        }
        Ok(Some(directives.join("; ")))
    }

    /// Makes the folder of the file the working folder, so that what is written does not depend on where the
    /// command was started.
    pub(super) fn enter(&mut self) -> anyhow::Result<()> {
        if !self.folder.as_os_str().is_empty() {
            std::env::set_current_dir(&self.folder)?;
            self.folder = PathBuf::new();
        }
        Ok(())
    }

    /// Whether it says where the pages are.
    pub(super) fn has_paths(&self) -> bool {
        self.paths.is_some()
    }

    /// Folders and files with pages.
    pub(super) fn paths(&self) -> Vec<PathBuf> {
        match &self.paths {
            Some(paths) => paths.iter().map(|path| self.resolve(path)).collect(),
            None => vec![PathBuf::from(".")],
        }
    }

    pub(super) fn charset(&self) -> anyhow::Result<Option<&'static Encoding>> {
        let Some(label) = &self.charset else {
            return Ok(None);
        };
        let encoding = Encoding::for_label(label.as_bytes())
            .with_context(|| format!("charset = {label:?} is no label of the Encoding Standard; try \"utf-8\""))?;
        Ok(Some(encoding))
    }

    pub(super) fn template(&self) -> anyhow::Result<Option<Templates>> {
        let template = self.template.as_deref().map(str::parse).transpose();
        template.map_err(|error: String| anyhow::anyhow!("template: {error}"))
    }

    pub(super) fn algorithm(&self) -> anyhow::Result<Option<HashAlgorithm>> {
        let algorithm = self.algorithm.as_deref().map(str::parse).transpose();
        algorithm.map_err(|error| anyhow::anyhow!("algorithm: {error}"))
    }

    pub(super) fn policy_file(&self, base: Base) -> Option<PathBuf> {
        Some(self.resolve(self.base(base).1.as_ref()?))
    }

    pub(super) fn preset(&self, base: Base) -> anyhow::Result<Option<Preset>> {
        let Some(name) = self.base(base).2 else {
            return Ok(None);
        };
        let preset = Preset::from_str(name, false);
        preset.map(Some).map_err(|_| anyhow::anyhow!("unknown preset {name:?}; write \"self\", \"docs\" or \"strict\""))
    }

    /// The directives whose `'unsafe-inline'` is kept.
    pub(super) fn keep_unsafe_inline(&self) -> anyhow::Result<Vec<DirectiveName>> {
        let names = self.keep_unsafe_inline.iter();
        let names = names
            .map(|name| inline_directive(name).map_err(|why| anyhow::anyhow!("keep-unsafe-inline: {name:?} is {why}")));
        names.collect()
    }

    /// The pages of the site that the outputs are made from.
    pub(super) fn site(&self) -> Vec<PathBuf> {
        let here = [PathBuf::from(".")];
        let paths = self.paths.as_deref().unwrap_or(&here);
        paths.iter().map(|path| self.resolve(path)).collect()
    }

    /// A path as the working folder sees it.
    pub(super) fn resolve(&self, path: &Path) -> PathBuf {
        self.folder.join(path)
    }
}

fn words(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Boolean(_) => Some(Vec::new()),
        Value::String(text) => Some(text.split_ascii_whitespace().map(str::to_owned).collect()),
        Value::Array(list) => list
            .iter()
            .map(|word| {
                let word = word.as_str()?;
                let is_one = !word.is_empty() && !word.contains(|c: char| c.is_ascii_whitespace());
                is_one.then(|| word.to_owned())
            })
            .collect(),
        _ => None,
    }
}

/// The keys of the table of a policy as they stand in the file.
fn directives_in_order(text: &str, key: &str) -> Vec<String> {
    let Ok(document) = toml::de::DeTable::parse(text) else {
        return Vec::new();
    };
    let policy = document.get_ref().get(key);
    let Some(table) = policy.and_then(|policy| policy.get_ref().as_table()) else {
        return Vec::new();
    };
    let mut keys: Vec<(usize, String)> =
        table.iter().map(|(key, _)| (key.span().start, key.get_ref().to_string())).collect();
    keys.sort();
    keys.into_iter().map(|(_, key)| key).collect()
}
