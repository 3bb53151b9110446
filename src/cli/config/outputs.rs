//! The tables `[[output]]`: the files that `cspseal hash` writes.

use std::path::PathBuf;

use serde::Deserialize;

use super::{Config, Fault};
use crate::finding::nearest::nearest;
use crate::target::{TARGETS, target};

/// The number of outputs, each of which holds a policy of the whole site.
const MOST_OUTPUTS: usize = 100;

/// One file to write.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::cli) struct OutputConfig {
    pub(in crate::cli) format: String,
    /// The file that is written; `meta` needs none, since it goes into the pages.
    pub(in crate::cli) file: Option<PathBuf>,
    pub(in crate::cli) scope: Option<String>,
    /// Whether the report-only policy is sent alone, or the enforced one; both if nothing is said.
    pub(in crate::cli) report_only: Option<bool>,
    /// Whether the file holds other things, of which only ours are replaced.
    #[serde(default)]
    pub(in crate::cli) into: bool,
}

impl Config {
    /// Checks what the types do not say of the outputs.
    pub(super) fn check_outputs(&self, text: &str) -> Result<(), Fault> {
        if self.output.len() > MOST_OUTPUTS {
            let message = format!("there are {} outputs, more than {MOST_OUTPUTS}", self.output.len());
            let help = "remove some, or give each part of the site a configuration";
            return Err(Fault::at(text, "output", &message, help));
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
            if output.file.is_none() && !target.in_pages {
                let message = format!("the output {:?} has no file", output.format);
                return Err(Fault::at(text, &output.format, &message, "say where it goes with file = \"…\""));
            }
        }
        Ok(())
    }
}
