//! The table `[integrity]`: what `cspseal integrity` writes where its arguments say nothing.

use serde::Deserialize;

use super::Config;
use crate::HashAlgorithm;

/// Every key is the name of a flag of `cspseal integrity`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(in crate::cli) struct IntegrityConfig {
    algorithm: Option<String>,
}

impl Config {
    /// The algorithm of digests, if the table or the policy says one.
    pub(in crate::cli) fn integrity_algorithm(&self) -> anyhow::Result<Option<HashAlgorithm>> {
        let own = self.integrity.algorithm.as_ref();
        let own = own.map(|name| name.parse().map_err(|error: String| anyhow::anyhow!("integrity.algorithm: {error}")));
        Ok(own.transpose()?.or(self.algorithm()?))
    }
}
