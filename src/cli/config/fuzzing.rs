//! What the fuzzers see of a configuration.

use std::path::{Path, PathBuf};

use super::{Base, Config, FILE_NAME, Problems};

/// A configuration.
#[derive(Debug)]
pub struct Settings {
    /// The text of the base policy, or why its table spells none; [`None`] if there is no such key.
    pub policy: Result<Option<String>, String>,
    /// Every path that is read or written, as the file has it.
    pub paths: Vec<PathBuf>,
    /// The formats of the outputs.
    pub formats: Vec<String>,
    /// What is said of the nonce: [`None`] where nothing is.
    pub nonce: Result<Option<String>, String>,
}

/// Reads the content of a `cspseal.toml`.
///
/// # Errors
///
/// What is wrong with it, as it is printed.
pub fn read(text: &str) -> Result<Settings, String> {
    let config = Config::parse(Path::new(FILE_NAME), text);
    let config = config.map_err(|problems| problems.to_string())?;
    let outside = |fault| Problems::of_config(FILE_NAME, text, fault).to_string();
    config.check_paths(text).map_err(outside)?;
    let outputs = config.output.iter();
    let nonce = config.nonce.text().and_then(|nonce| {
        config.nonce.elements()?;
        Ok(nonce.map(|nonce| format!("{nonce:?}")))
    });
    Ok(Settings {
        policy: config.policy_text(Base::Enforced).map_err(|error| error.to_string()),
        paths: config
            .paths
            .iter()
            .flatten()
            .chain(&config.policy_file)
            .chain(&config.report_only_policy_file)
            .chain(outputs.clone().filter_map(|output| output.file.as_ref()))
            .cloned()
            .collect(),
        formats: outputs.map(|output| output.format.clone()).collect(),
        nonce: nonce.map_err(|error| error.to_string()),
    })
}
