//! What `cspseal nonce` writes, and into what.

use crate::cli::args::{NonceArgs, NonceElement};
use crate::cli::config::{Config, NonceText};

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
