//! The text of one policy, for every page.

use crate::policy::DirectiveName;
use crate::target::deployed::DeployedFile;
use crate::target::deployed::answers::Answers;
use crate::target::deployed::reader::{Header, Lines};

pub(super) static FILE: DeployedFile = DeployedFile {
    name: None,
    // As far as the name of the first directive tells.
    knows: |file| {
        let first = file.first_word().map(str::to_ascii_lowercase);
        first.is_some_and(|word| DirectiveName::find(&word).is_some())
    },
    // A file without a policy sends none.
    read: Some(|reader, text| {
        let policy = text.trim();
        if policy.is_empty() {
            return Ok(Answers::Everywhere(Vec::new()));
        }
        let line = Lines::of(text).at(text.len() - text.trim_start().len());
        let policy = reader.policy(Header::Enforced, policy, line);
        Ok(Answers::Everywhere(vec![policy]))
    }),
};
