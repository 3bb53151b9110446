//! `deny`, `warn` and `allow`.

use super::{Config, Fault};
use crate::cli::remedy;
use crate::finding::{Level, Levels, Selector, UnknownCode};

/// What the lists of a configuration say.
///
/// # Errors
///
/// At an unknown code, and at one with two levels.
pub(super) fn of(config: &Config) -> Result<Levels, Fault> {
    let mut levels = Levels::new();
    let lists = [(&config.deny, Level::Deny), (&config.warn, Level::Warn), (&config.allow, Level::Allow)];
    for (name, level) in lists.into_iter().flat_map(|(list, level)| list.iter().map(move |name| (name, level))) {
        let fault = |message: String, help: String| Fault { span: name.span(), message, help };
        let selector: Selector = name
            .get_ref()
            .parse()
            .map_err(|unknown: UnknownCode| fault(unknown.message(), remedy::for_unknown(&unknown)))?;
        levels.set(selector, level).map_err(|twice| fault(twice.message(), twice.help()))?;
    }
    Ok(levels)
}
