//! The keys about what pages ask for by URL.

use anyhow::Context as _;
use toml::Value;

use super::Config;
use crate::policy::{DirectiveName, Granularities, Granularity};
use crate::site::SiteUrl;

impl Config {
    /// The address of the site, if it is known.
    pub(in crate::cli) fn site_url(&self) -> anyhow::Result<Option<SiteUrl>> {
        let url = self.site_url.as_deref().map(SiteUrl::parse).transpose();
        url.context("site-url")
    }

    /// How much of the URLs the sources of `external` name: for all directives, or for each by its name.
    pub(in crate::cli) fn granularities(&self) -> anyhow::Result<Granularities> {
        let read = |value: &Value| {
            let name = value.as_str().unwrap_or_default();
            Granularity::find(name)
                .with_context(|| format!("granularity: {value} is none; write \"origin\", \"directory\" or \"path\""))
        };
        let Some(Value::Table(table)) = &self.granularity else {
            let general = self.granularity.as_ref().map(read).transpose()?;
            return Ok(Granularities::new(general));
        };
        let mut all = Granularities::new(table.get("default").map(read).transpose()?);
        for (name, value) in table.iter().filter(|(name, _)| *name != "default") {
            let directive = DirectiveName::find(name).with_context(|| {
                format!(
                    "granularity: {name:?} is not the name of a directive; write one such as script-src, or default"
                )
            })?;
            all = all.with(directive, read(value)?);
        }
        Ok(all)
    }
}
