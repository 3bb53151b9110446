//! The table `[nonce]`: what `cspseal nonce` writes where its arguments say nothing.

use clap::ValueEnum as _;
use serde::Deserialize;

use crate::cli::args::NonceElement;
use crate::target::Framework;

/// Every key is the name of a flag of `cspseal nonce`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(in crate::cli) struct NonceConfig {
    framework: Option<String>,
    value: Option<String>,
    placeholder: Option<String>,
    elements: Option<Vec<String>>,
    pub(in crate::cli) replace: bool,
}

/// What is written between the quotes of `nonce="…"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) enum NonceText {
    /// The expression of a framework.
    Framework(Framework),
    /// This text.
    Value(String),
    /// This text, which a server replaces.
    Placeholder(String),
}

impl NonceConfig {
    /// What is written, if it is said.
    pub(in crate::cli) fn text(&self) -> anyhow::Result<Option<NonceText>> {
        Ok(match (&self.framework, &self.value, &self.placeholder) {
            (None, None, None) => None,
            (Some(name), None, None) => {
                let framework = name.parse();
                let framework = framework.map_err(|error: String| anyhow::anyhow!("nonce.framework: {error}"))?;
                Some(NonceText::Framework(framework))
            }
            (None, Some(text), None) => Some(NonceText::Value(text.clone())),
            // Each run would write another one beside those that are there.
            (None, None, Some(text)) if text == "random" => anyhow::bail!(
                "nonce.placeholder = \"random\" would be another text in each run; make one with --placeholder random and write that"
            ),
            (None, None, Some(text)) => Some(NonceText::Placeholder(text.clone())),
            _ => anyhow::bail!("[nonce] says twice what to write; keep one of framework, value and placeholder"),
        })
    }

    /// The elements that get a nonce, if it is said which.
    pub(in crate::cli) fn elements(&self) -> anyhow::Result<Option<Vec<NonceElement>>> {
        let Some(names) = &self.elements else {
            return Ok(None);
        };
        let element = |name: &String| {
            NonceElement::from_str(name, false)
                .map_err(|_| anyhow::anyhow!("nonce.elements: there is no {name:?}; write script, style or link"))
        };
        names.iter().map(element).collect::<anyhow::Result<_>>().map(Some)
    }
}
