//! What `cspseal nonce` writes, and into what; and which nonce goes into the policies.

use super::Builders;
use crate::cli::args::{NonceArgs, NonceElement, SentNonceArgs};
use crate::cli::config::{Config, NonceText};
use crate::nonce::{NonceSource, Placeholder};
use crate::policy::{Directive, SourceExpression};
use crate::site::Inventory;
use crate::target::{Framework, NonceMaker, Target, default_target, target};

#[derive(Clone, Debug)]
pub(in crate::cli) struct NonceSettings {
    pub(in crate::cli) text: NonceText,
    pub(in crate::cli) elements: Vec<NonceElement>,
    pub(in crate::cli) replace: bool,
}

impl NonceSettings {
    pub(in crate::cli) fn new(args: &NonceArgs, config: &Config) -> anyhow::Result<Self> {
        let config = &config.nonce;
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
            replace: args.replace || config.replace,
        })
    }
}

/// The nonce that goes into the policies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::cli) enum SentNonce {
    /// None.
    #[default]
    Nothing,
    /// That of a framework.
    Framework(Framework),
    /// What a server puts in the place of this placeholder; [`None`] for the one that the pages have.
    Placeholder(Option<String>),
}

impl SentNonce {
    /// What the arguments or the configuration say, and the target of outputs that name none.
    pub(in crate::cli) fn new(args: &SentNonceArgs, config: &Config) -> anyhow::Result<(Self, &'static Target)> {
        let configured = match config.nonce.text()? {
            Some(NonceText::Framework(framework)) => Self::Framework(framework),
            Some(NonceText::Placeholder(text)) => Self::Placeholder(Some(text)),
            // How a policy names the nonce of other code is not known, and one that is the same for every response is none.
            Some(NonceText::Value(_)) | None => Self::Nothing,
        };
        let Some(name) = &args.nonce else {
            let target = match &configured {
                Self::Framework(framework) => framework.target(),
                Self::Nothing | Self::Placeholder(_) => default_target(),
            };
            return Ok((configured, target));
        };
        if let Some(framework) = Framework::find(name) {
            return Ok((Self::Framework(framework), framework.target()));
        }
        let placeholder = match configured {
            Self::Placeholder(text) => text,
            Self::Nothing | Self::Framework(_) => None,
        };
        let target = target(name);
        let target = target.ok_or_else(|| anyhow::anyhow!("there is no server {name:?}"))?;
        Ok((Self::Placeholder(placeholder), target))
    }

    /// The placeholder that counts in the pages; [`None`] if any does.
    pub(in crate::cli) fn placeholder(&self) -> Option<&str> {
        match self {
            Self::Placeholder(text) => text.as_deref(),
            Self::Nothing | Self::Framework(_) => None,
        }
    }

    /// Whether policies name a nonce.
    pub(in crate::cli) fn is_sent(&self) -> bool {
        *self != Self::Nothing
    }

    /// The builders with the nonce of these pages and the sources of what they ask for by URL, and who makes the nonce.
    ///
    /// # Errors
    ///
    /// For pages with several placeholders, and for a placeholder that is no nonce.
    pub(in crate::cli) fn apply(
        &self,
        builders: &Builders,
        inventory: &Inventory,
    ) -> anyhow::Result<(Builders, Option<NonceMaker>)> {
        let (nonce, maker) = match self {
            Self::Nothing => return Ok((builders.for_pages(inventory), None)),
            Self::Framework(framework) => (Some(mark(builders)), NonceMaker::Framework(*framework)),
            Self::Placeholder(Some(text)) => (Some(placeholder(text)?), NonceMaker::Server),
            Self::Placeholder(None) => {
                let mut found = inventory.placeholders().iter();
                let nonce = found.next().map(|text| placeholder(text)).transpose()?;
                if let (Some(first), Some(second)) = (&nonce, found.next()) {
                    anyhow::bail!(
                        "the pages have two placeholders, {} and {second}, of which a server replaces one; write one with cspseal nonce --replace, and name it in [nonce] of cspseal.toml",
                        first.value()
                    );
                }
                (nonce, NonceMaker::Server)
            }
        };
        let builders = builders.map(|builder| Ok(builder.clone().with_nonce(nonce.clone())))?;
        Ok((builders.for_pages(inventory), Some(maker)))
    }
}

fn placeholder(text: &str) -> anyhow::Result<NonceSource> {
    Placeholder::new(text).nonce().map_err(|why| {
        anyhow::anyhow!("the placeholder {text:?} is no nonce by CSP's grammar: {why}; use --placeholder random")
    })
}

/// A nonce that stands for the framework's own, and that the bases do not have.
fn mark(builders: &Builders) -> NonceSource {
    let directives = builders.bases().flat_map(|base| base.directives());
    let sources: Vec<_> = directives.flat_map(Directive::sources).collect();
    let mut number = 0_u64;
    loop {
        let text = format!("CSP_NONCE_{number}");
        match text.parse::<NonceSource>() {
            Ok(nonce) if !sources.contains(&&SourceExpression::Nonce(nonce.clone())) => {
                return nonce;
            }
            _ => number += 1,
        }
    }
}
