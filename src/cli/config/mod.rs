//! `cspseal.toml`: what a project always says, so that `cspseal hash` needs no arguments.
//!
//! Every key is the name of a flag. Paths count from the folder of the file.

mod fault;
#[cfg(fuzzing)]
pub mod fuzzing;
mod levels;
mod nonce;

use std::io;
use std::path::{Component, Path, PathBuf};

use serde::Deserialize;
use toml::{Spanned, Value};

use super::report::human;
use super::terminal::read;
use crate::finding::Levels;
use crate::finding::nearest::nearest;
use crate::target::{TARGETS, target};
use fault::Fault;
pub(super) use nonce::{NonceConfig, NonceText};

/// The name that is looked for.
pub(super) const FILE_NAME: &str = "cspseal.toml";

/// A configuration file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Config {
    pub(super) paths: Option<Vec<PathBuf>>,
    #[serde(default)]
    pub(super) include: Vec<String>,
    #[serde(default)]
    pub(super) exclude: Vec<String>,
    pub(super) follow: Option<bool>,
    pub(super) charset: Option<String>,
    pub(super) template: Option<String>,
    pub(super) algorithm: Option<String>,
    pub(super) unsafe_hashes: Option<bool>,
    pub(super) exclude_template_content: Option<bool>,
    /// The base policy: its text, or directives with their sources.
    pub(super) policy: Option<Value>,
    pub(super) policy_file: Option<PathBuf>,
    pub(super) preset: Option<String>,
    #[serde(default)]
    pub(super) output: Vec<OutputConfig>,
    #[serde(default)]
    pub(super) nonce: NonceConfig,
    #[serde(default)]
    deny: Vec<Spanned<String>>,
    #[serde(default)]
    warn: Vec<Spanned<String>>,
    #[serde(default)]
    allow: Vec<Spanned<String>>,
    /// What the three lists say.
    #[serde(skip)]
    pub(super) levels: Levels,
    /// The folder that the file stands in.
    #[serde(skip)]
    pub(super) folder: PathBuf,
    /// The file itself, as the folder that the command was started in sees it.
    #[serde(skip)]
    pub(super) file: PathBuf,
    /// The order in which the file has the directives of the policy.
    #[serde(skip)]
    order: Vec<String>,
}

/// One file to write.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct OutputConfig {
    pub(super) format: String,
    /// Where to; not for `meta`, which goes into the pages.
    pub(super) file: Option<PathBuf>,
    pub(super) scope: Option<String>,
    #[serde(default)]
    pub(super) report_only: bool,
    /// Whether the file holds other things, of which only ours are replaced.
    #[serde(default)]
    pub(super) into: bool,
}

impl Config {
    /// The configuration of the folder: the file that is named, or the nearest one upwards. `Err` when it has
    /// been reported as invalid.
    pub(super) fn find(
        named: Option<&Path>,
        is_off: bool,
    ) -> anyhow::Result<Result<Option<Self>, Reported>> {
        let path = match named {
            _ if is_off => None,
            Some(path) => Some(path.to_owned()),
            None => {
                let folder = std::env::current_dir()?;
                let mut candidates = folder.ancestors().map(|folder| folder.join(FILE_NAME));
                candidates.find(|path| path.is_file())
            }
        };
        let Some(path) = path else {
            return Ok(Ok(None));
        };
        // The place is shown as a person would say it.
        let here = std::env::current_dir()?;
        let path = path
            .strip_prefix(&here)
            .map_or(path.clone(), Path::to_owned);
        let text = read(&path)
            .and_then(|bytes| String::from_utf8(bytes).map_err(io::Error::other))
            .map_err(|error| anyhow::anyhow!("{}: cannot be read: {error}", path.display()))?;
        Ok(Self::parse(&path, &text).map(Some))
    }

    pub(super) fn parse(path: &Path, text: &str) -> Result<Self, Reported> {
        Self::read(path, text).map_err(|problem| {
            anstream::eprintln!("{problem}\n");
            Reported
        })
    }

    /// Reads the configuration in `text`. `Err` is what is wrong with it, as it is printed.
    fn read(path: &Path, text: &str) -> Result<Self, String> {
        let origin = path.display().to_string();
        let refuse = |fault: Fault| {
            human::config_problem(&origin, text, fault.span, &fault.message, &fault.help)
        };
        let mut config: Self = toml::from_str(text).map_err(|error| refuse(Fault::of(&error)))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        config.folder = folder.to_owned();
        path.clone_into(&mut config.file);
        config.order = directives_in_order(text);
        config.levels = levels::of(&config).map_err(refuse)?;
        config.check(text).map_err(refuse)?;
        Ok(config)
    }

    /// What the types do not say.
    fn check(&self, text: &str) -> Result<(), Fault> {
        let bases = [
            self.policy.is_some(),
            self.policy_file.is_some(),
            self.preset.is_some(),
        ];
        if bases.iter().filter(|is| **is).count() > 1 {
            return Err(Fault::at(
                text,
                "policy",
                "there can be one base policy only",
                "keep one of policy, policy-file and preset",
            ));
        }
        for path in self.paths.iter().flatten().chain(&self.policy_file) {
            if leaves(path) {
                let message = format!(
                    "{} is outside the folder of the configuration",
                    path.display()
                );
                return Err(Fault::at(
                    text,
                    &path.to_string_lossy(),
                    &message,
                    "put cspseal.toml into a folder that holds it",
                ));
            }
        }
        for output in &self.output {
            let Some(target) = target(&output.format) else {
                let names = TARGETS.iter().map(|target| target.name());
                let help = nearest(&output.format, names).map_or_else(
                    || "`cspseal formats` lists what there is".to_owned(),
                    |name| format!("write {name:?}"),
                );
                let message = format!("there is no format {:?}", output.format);
                return Err(Fault::at(text, &output.format, &message, &help));
            };
            match &output.file {
                None if !target.support().in_pages => {
                    let message = format!("the output {:?} has no file", output.format);
                    return Err(Fault::at(
                        text,
                        &output.format,
                        &message,
                        "say where it goes with file = \"…\"",
                    ));
                }
                Some(file) if leaves(file) => {
                    let message = format!(
                        "{} is outside the folder of the configuration",
                        file.display()
                    );
                    return Err(Fault::at(
                        text,
                        &file.to_string_lossy(),
                        &message,
                        "put cspseal.toml into a folder that holds it",
                    ));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The text of the base policy that the table spells, if there is one.
    pub(super) fn policy_text(&self) -> anyhow::Result<Option<String>> {
        let table = match &self.policy {
            None => return Ok(None),
            Some(Value::String(text)) => return Ok(Some(text.clone())),
            Some(Value::Table(table)) => table,
            Some(_) => anyhow::bail!("policy must be a table of directives, or the policy's text"),
        };
        let mut directives = Vec::new();
        for name in &self.order {
            let Some(value) = table.get(name) else {
                continue;
            };
            if name.contains(|c: char| c.is_ascii_whitespace() || matches!(c, ';' | ',')) {
                anyhow::bail!(
                    "policy: {name:?} is no directive's name; a directive is a key of its own"
                );
            }
            let words = words(value).ok_or_else(|| {
                anyhow::anyhow!(
                    "policy.{name} must be a list of sources, a text, or true for a directive without a value"
                )
            })?;
            if let Some(word) = words.iter().find(|word| word.contains([';', ','])) {
                anyhow::bail!(
                    "policy.{name}: {word:?} holds a separator; a directive is a key of its own"
                );
            }
            directives.extend(
                (!words.is_empty() || value.as_bool() != Some(false)).then(|| {
                    std::iter::once(name)
                        .chain(&words)
                        .map(String::as_str)
                        .collect::<Vec<_>>()
                        .join(" ")
                }),
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

    /// A path as the working folder sees it.
    pub(super) fn resolve(&self, path: &Path) -> PathBuf {
        self.folder.join(path)
    }
}

/// A configuration that is invalid, which has been reported.
#[derive(Debug)]
pub(super) struct Reported;

/// Whether a path leads out of the folder it counts from.
fn leaves(path: &Path) -> bool {
    let mut depth = 0;
    for part in path.components() {
        match part {
            Component::ParentDir => depth -= 1,
            Component::Normal(_) => depth += 1,
            Component::RootDir | Component::Prefix(_) => return true,
            Component::CurDir => {}
        }
        if depth < 0 {
            return true;
        }
    }
    false
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

/// The keys of `[policy]` as they stand in the file.
fn directives_in_order(text: &str) -> Vec<String> {
    let Ok(document) = toml::de::DeTable::parse(text) else {
        return Vec::new();
    };
    let policy = document.get_ref().get("policy");
    let Some(table) = policy.and_then(|policy| policy.get_ref().as_table()) else {
        return Vec::new();
    };
    let mut keys: Vec<(usize, String)> = table
        .iter()
        .map(|(key, _)| (key.span().start, key.get_ref().to_string()))
        .collect();
    keys.sort();
    keys.into_iter().map(|(_, key)| key).collect()
}
