//! The text of one policy for every page, or a line for each of two headers.

use crate::policy::DirectiveName;
use crate::target::Disposition;
use crate::target::deployed::{Answers, DeployedFile, Lines};

pub(super) static FILE: DeployedFile = DeployedFile {
    name: None,
    begins: &[],
    // As far as the name of the first directive tells.
    knows: |file| {
        let first = file.first_word().map(str::to_ascii_lowercase);
        first.is_some_and(|word| {
            DirectiveName::find(&word).is_some()
                || word.strip_suffix(':').is_some_and(|name| Disposition::of_header(name).is_some())
        })
    },
    // A file without a policy sends none.
    read: Some(|reader, text| {
        let policy = text.trim();
        if policy.is_empty() {
            return Ok(Answers::Everywhere(Vec::new()));
        }
        let named: Option<Vec<_>> = policy.lines().map(named).collect();
        if let Some(named) = named {
            let lines = Lines::of(text);
            let policies = named.into_iter().map(|(header, value)| {
                let line = lines.at(value.as_ptr() as usize - text.as_ptr() as usize);
                reader.policy(header, value, line)
            });
            return Ok(Answers::Everywhere(policies.collect()));
        }
        let line = Lines::of(text).at(text.len() - text.trim_start().len());
        let policy = reader.policy(Disposition::Enforce, policy, line);
        Ok(Answers::Everywhere(vec![policy]))
    }),
};

/// The header that a line names, and its value.
fn named(line: &str) -> Option<(Disposition, &str)> {
    let (name, value) = line.split_once(':')?;
    Some((Disposition::of_header(name.trim())?, value.trim()))
}
