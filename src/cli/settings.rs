//! What the arguments say, and where they say nothing the configuration.

use std::path::PathBuf;

use encoding_rs::Encoding;

use super::args::{FileArgs, InputArgs, NonceArgs, NonceElement};
use super::config::{Config, NonceConfig, NonceText};
use crate::HashAlgorithm;
use crate::site::{Links, PageFilter};
use crate::template::Templates;

/// Which files are read, and how.
#[derive(Clone, Debug)]
pub(super) struct FileSettings {
    pub(super) paths: Vec<PathBuf>,
    pub(super) include: Vec<String>,
    pub(super) exclude: Vec<String>,
    pub(super) links: Links,
    pub(super) charset: Option<&'static Encoding>,
    pub(super) template: Templates,
}

impl FileSettings {
    /// Which files of folders are pages.
    pub(super) fn filter(&self) -> crate::Result<PageFilter> {
        let filter = PageFilter::new(&self.include, &self.exclude, self.template)?;
        Ok(filter.with_links(self.links))
    }

    /// Whether standard input is all there is to read.
    pub(super) fn is_stdin_only(&self) -> bool {
        self.paths.iter().all(|path| path.as_os_str() == "-")
    }

    pub(super) fn new(args: &FileArgs, config: Option<&Config>) -> anyhow::Result<Self> {
        let or = |given: &[String], configured: fn(&Config) -> &Vec<String>| {
            if given.is_empty() {
                config.map(configured).cloned().unwrap_or_default()
            } else {
                given.to_vec()
            }
        };
        let configured = config.and_then(|config| {
            let paths = config.paths.as_ref()?;
            Some(paths.iter().map(|path| config.resolve(path)).collect())
        });
        let paths = match (&args.paths[..], configured) {
            ([], Some(paths)) => paths,
            ([], None) => vec![PathBuf::from(".")],
            (paths, _) => paths.to_vec(),
        };
        let charset = match config.and_then(|config| config.charset.as_ref()) {
            Some(label) => Some(Encoding::for_label(label.as_bytes()).ok_or_else(|| {
                anyhow::anyhow!(
                    "charset = {label:?} is no label of the Encoding Standard; try \"utf-8\""
                )
            })?),
            None => None,
        };
        let template = match config.and_then(|config| config.template.as_ref()) {
            Some(name) => name
                .parse()
                .map_err(|error: String| anyhow::anyhow!("template: {error}"))?,
            None => Templates::Auto,
        };
        Ok(Self {
            paths,
            include: or(&args.include, |config| &config.include),
            exclude: or(&args.exclude, |config| &config.exclude),
            links: match args.follow || config.and_then(|config| config.follow) == Some(true) {
                true => Links::Follow,
                false => Links::Leave,
            },
            charset: args.charset.or(charset),
            template: args.template.unwrap_or(template),
        })
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
    pub(super) fn new(args: &InputArgs, config: Option<&Config>) -> anyhow::Result<Self> {
        Self::of(
            &args.files,
            args.algorithm,
            args.exclude_template_content,
            config,
        )
    }

    /// The same from single arguments.
    pub(super) fn of(
        files: &FileArgs,
        algorithm: Option<HashAlgorithm>,
        exclude_template_content: bool,
        config: Option<&Config>,
    ) -> anyhow::Result<Self> {
        let configured = match config.and_then(|config| config.algorithm.as_ref()) {
            Some(name) => name
                .parse()
                .map_err(|error| anyhow::anyhow!("algorithm: {error}"))?,
            None => HashAlgorithm::Sha256,
        };
        let is_excluded = config.and_then(|config| config.exclude_template_content);
        Ok(Self {
            files: FileSettings::new(files, config)?,
            algorithm: algorithm.unwrap_or(configured),
            template_content: !exclude_template_content && !is_excluded.unwrap_or(false),
        })
    }
}

/// What `cspseal nonce` writes, and into what.
#[derive(Clone, Debug)]
pub(super) struct NonceSettings {
    pub(super) text: NonceText,
    pub(super) elements: Vec<NonceElement>,
    pub(super) replace: bool,
}

impl NonceSettings {
    pub(super) fn new(args: &NonceArgs, config: Option<&Config>) -> anyhow::Result<Self> {
        let nothing = NonceConfig::default();
        let config = config.map_or(&nothing, |config| &config.nonce);
        let text = match (&args.framework, &args.value, &args.placeholder) {
            (Some(framework), ..) => Some(NonceText::Framework(*framework)),
            (_, Some(text), _) => Some(NonceText::Value(text.clone())),
            (.., Some(text)) => Some(NonceText::Placeholder(text.clone())),
            (None, None, None) => config.text()?,
        };
        let Some(text) = text else {
            anyhow::bail!(
                "nothing says what to write; name it with --framework, --value or --placeholder, or in [nonce] of cspseal.toml"
            );
        };
        if args.server.is_some() && !matches!(text, NonceText::Placeholder(_)) {
            anyhow::bail!("--server replaces a placeholder; name that with --placeholder");
        }
        let elements = match &args.elements[..] {
            [] => config.elements()?,
            elements => Some(elements.to_vec()),
        };
        Ok(Self {
            text,
            elements: elements.unwrap_or_else(|| vec![NonceElement::Script, NonceElement::Style]),
            replace: args.replace || config.replace.unwrap_or(false),
        })
    }
}
