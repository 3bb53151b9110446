//! What concerns findings themselves: what is made of each code, and what a code means.

use std::str::FromStr;

use clap::Args;

use crate::cli::remedy;
use crate::finding::{Code, Level, Selector, UnknownCode};

#[derive(Debug, Args)]
pub(in crate::cli) struct ExplainArgs {
    /// The code of the finding
    #[arg(value_name = "CODE", required_unless_present = "codes", value_parser = known::<Code>)]
    pub(in crate::cli) code: Option<Code>,

    /// List all codes with their severity and one line
    #[arg(long, conflicts_with = "code")]
    pub(in crate::cli) codes: bool,
}

/// What is made of each code.
#[derive(Debug, Default, Args)]
pub(in crate::cli) struct LevelArgs {
    /// Report findings of CODE as errors, which make the exit code 1; `all` is every code not named by itself
    ///
    /// Several codes have commas between, or the flag again. A code that is named by itself, here or in the configuration,
    /// beats `all`. `cspseal explain --codes` lists them.
    #[arg(long, value_name = "CODE", help_heading = "Findings")]
    #[arg(value_delimiter = ',', value_parser = known::<Selector>)]
    pub(in crate::cli) deny: Vec<Selector>,

    /// Report findings of CODE as warnings
    #[arg(long, value_name = "CODE", help_heading = "Findings")]
    #[arg(value_delimiter = ',', value_parser = known::<Selector>)]
    pub(in crate::cli) warn: Vec<Selector>,

    /// Do not report findings of CODE
    #[arg(long, value_name = "CODE", help_heading = "Findings")]
    #[arg(value_delimiter = ',', value_parser = known::<Selector>)]
    pub(in crate::cli) allow: Vec<Selector>,
}

impl LevelArgs {
    /// What was said, in no order.
    pub(in crate::cli) fn said(&self) -> impl Iterator<Item = (Selector, Level)> {
        let lists = [(&self.deny, Level::Deny), (&self.warn, Level::Warn), (&self.allow, Level::Allow)];
        lists.into_iter().flat_map(|(list, level)| list.iter().map(move |selector| (*selector, level)))
    }
}

/// Reads a code, or says which there are.
fn known<T: FromStr<Err = UnknownCode>>(name: &str) -> Result<T, String> {
    let known = name.parse();
    known.map_err(|unknown: UnknownCode| format!("{}; {}", unknown.message(), remedy::for_unknown(&unknown)))
}
