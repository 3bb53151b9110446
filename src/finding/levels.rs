//! Levels: what a project makes of each code, beside what the code itself says.
//!
//! A code that is named by itself beats `all` wherever either of them was said, so that `deny all` keeps the exceptions a
//! project has made. Among equals the later layer wins.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::{Code, Finding, Severity};
use crate::finding::nearest::nearest;

named! {
    /// The treatment of the findings of a code.
    pub enum Level {
        /// They are not reported.
        Allow = "allow",
        /// They are warnings.
        Warn = "warn",
        /// They are errors.
        Deny = "deny",
    }
}

/// The codes that a level is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Selector {
    /// Every code that is not named by itself.
    All,
    /// This one.
    Code(Code),
}

impl FromStr for Selector {
    type Err = UnknownCode;

    fn from_str(name: &str) -> Result<Self, UnknownCode> {
        match name {
            "all" => Ok(Self::All),
            code => code.parse().map(Self::Code),
        }
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Code(code) => code.fmt(f),
        }
    }
}

/// A name that no code has.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}{}", self.message(), self.help().map(|help| format!("; {help}")).unwrap_or_default())]
pub struct UnknownCode {
    name: String,
}

impl UnknownCode {
    /// The code that may be meant, if one is near.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        let names = Code::ALL.iter().map(|code| code.name());
        let near = nearest(&self.name.to_ascii_lowercase(), names)?;
        Some(format!("write {near}"))
    }

    /// What is wrong, without the next step.
    #[must_use]
    pub fn message(&self) -> String {
        format!("no finding has the code {:?}", self.name)
    }
}

impl FromStr for Code {
    type Err = UnknownCode;

    fn from_str(name: &str) -> Result<Self, UnknownCode> {
        let found = Self::ALL.iter().find(|code| code.name() == name);
        found.copied().ok_or_else(|| UnknownCode { name: name.to_owned() })
    }
}

/// What was said twice, each time with another level.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}; {}", self.message(), self.help())]
pub struct Contradiction {
    selector: Selector,
    levels: [Level; 2],
}

impl Contradiction {
    /// What is wrong, without the next step.
    #[must_use]
    pub fn message(&self) -> String {
        let [first, second] = self.levels;
        format!("{} is both in {first} and in {second}", self.selector)
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> String {
        "keep one of them".to_owned()
    }
}

/// The levels of a run.
///
/// ```
/// use cspseal::finding::{Code, Finding, Level, Levels, Selector, Severity};
///
/// let mut levels = Levels::new();
/// levels.set(Selector::All, Level::Deny)?;
/// levels.set(Selector::Code(Code::UnclosedScript), Level::Allow)?;
/// let mut findings = vec![
///     Finding::new(Code::UnclosedScript, "a script is never closed", "close it"),
///     Finding::new(Code::SecondPolicy, "there are two policies", "drop one"),
/// ];
/// levels.apply(&mut findings);
/// assert_eq!(findings.len(), 1);
/// assert_eq!(findings[0].severity, Severity::Error);
/// # Ok::<(), cspseal::finding::Contradiction>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Levels {
    all: Option<Level>,
    named: BTreeMap<Code, Level>,
}

impl Levels {
    /// None: every finding has the severity of its code.
    #[must_use]
    pub const fn new() -> Self {
        Self { all: None, named: BTreeMap::new() }
    }

    /// Gives codes a level.
    ///
    /// # Errors
    ///
    /// When they have another level already.
    pub fn set(&mut self, selector: Selector, level: Level) -> Result<(), Contradiction> {
        let known = match selector {
            Selector::All => *self.all.get_or_insert(level),
            Selector::Code(code) => *self.named.entry(code).or_insert(level),
        };
        if known == level {
            return Ok(());
        }
        Err(Contradiction { selector, levels: [known, level] })
    }

    /// These levels, and where they say nothing those of `base`.
    #[must_use]
    pub fn over(mut self, base: &Self) -> Self {
        self.all = self.all.or(base.all);
        for (code, level) in &base.named {
            self.named.entry(*code).or_insert(*level);
        }
        self
    }

    /// The level that was said for a code.
    #[must_use]
    pub fn level(&self, code: Code) -> Option<Level> {
        self.named.get(&code).copied().or(self.all)
    }

    /// Gives each finding its severity, and takes out those that are allowed.
    pub fn apply(&self, findings: &mut Vec<Finding>) {
        findings.retain_mut(|finding| {
            match self.level(finding.code) {
                None => {}
                Some(Level::Allow) => return false,
                Some(Level::Warn) => finding.severity = Severity::Warning,
                Some(Level::Deny) => finding.severity = Severity::Error,
            }
            true
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(said: &[(&str, Level)]) -> Levels {
        let mut levels = Levels::new();
        for (selector, level) in said {
            levels.set(selector.parse().unwrap(), *level).unwrap();
        }
        levels
    }

    #[test]
    fn a_named_code_beats_all_in_either_layer() {
        let config = levels(&[("second-policy", Level::Allow), ("all", Level::Warn)]);
        let line = levels(&[("all", Level::Deny), ("no-policy", Level::Warn)]);
        let both = line.over(&config);
        assert_eq!(both.level(Code::SecondPolicy), Some(Level::Allow));
        assert_eq!(both.level(Code::NoPolicy), Some(Level::Warn));
        assert_eq!(both.level(Code::EmptyHash), Some(Level::Deny));
    }

    #[test]
    fn the_upper_layer_wins_for_a_code() {
        let config = levels(&[("empty-hash", Level::Allow)]);
        let line = levels(&[("empty-hash", Level::Deny)]);
        assert_eq!(line.over(&config).level(Code::EmptyHash), Some(Level::Deny));
    }

    #[test]
    fn without_levels_the_code_says_the_severity() {
        let mut findings: Vec<Finding> = Code::ALL.iter().map(|code| Finding::new(*code, "", "")).collect();
        Levels::new().apply(&mut findings);
        for (finding, code) in findings.iter().zip(Code::ALL) {
            assert_eq!((finding.code, finding.severity), (code, code.severity()));
        }
    }

    #[test]
    fn two_levels_for_one_code_are_refused() {
        let mut levels = levels(&[("empty-hash", Level::Allow)]);
        let code = Selector::Code(Code::EmptyHash);
        assert_eq!(levels.set(code, Level::Allow), Ok(()));
        let error = levels.set(code, Level::Deny).unwrap_err();
        assert_eq!(error.to_string(), "empty-hash is both in allow and in deny; keep one of them");
    }

    #[test]
    fn an_unknown_code_is_named_with_the_nearest() {
        let error = "blocked-scirpt".parse::<Selector>().unwrap_err();
        assert_eq!(error.to_string(), "no finding has the code \"blocked-scirpt\"; write blocked-script");
        let error = "banana".parse::<Code>().unwrap_err();
        assert_eq!(error.to_string(), "no finding has the code \"banana\"");
    }
}
