//! What the readers of all formats share: the policies found so far, and errors that name the file and the line.

use std::sync::Arc;

use super::{DeployedPolicy, Ignored};
use crate::error::{Error, ErrorKind};
use crate::target::Disposition;

/// Reads one file.
pub(crate) struct Reader<'a> {
    path: &'a str,
    source: Arc<str>,
    policies: Vec<DeployedPolicy>,
    ignored: Vec<Ignored>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(path: &'a str) -> Self {
        Self { path, source: path.into(), policies: Vec::new(), ignored: Vec::new() }
    }

    pub(crate) fn finish(self) -> (Vec<DeployedPolicy>, Vec<Ignored>) {
        (self.policies, self.ignored)
    }

    /// Notes a policy and returns its index.
    pub(crate) fn policy(&mut self, header: Disposition, text: impl Into<String>, line: u64) -> usize {
        self.policies.push(DeployedPolicy {
            text: text.into(),
            report_only: header == Disposition::Report,
            source: Arc::clone(&self.source),
            line,
        });
        self.policies.len() - 1
    }

    /// Joins another value to a policy, as a header that stands there twice.
    pub(crate) fn join(&mut self, index: usize, text: &str) {
        let whole = &mut self.policies[index].text;
        whole.push_str(", ");
        whole.push_str(text);
    }

    /// Notes a policy that the target does not send.
    pub(crate) fn ignore(&mut self, line: u64, reason: impl Into<String>) {
        self.ignored.push(Ignored { line, is_policy: true, reason: reason.into() });
    }

    /// Notes a line that the target drops and that begins no policy; it may be the rest of one.
    pub(crate) fn drop_line(&mut self, line: u64, reason: impl Into<String>) {
        self.ignored.push(Ignored { line, is_policy: false, reason: reason.into() });
    }

    /// The path of the file.
    pub(crate) fn path(&self) -> &'a str {
        self.path
    }

    /// What is wrong in a line.
    pub(crate) fn error(&self, line: u64, message: impl AsRef<str>) -> Error {
        let message = format!("line {line}: {}", message.as_ref());
        Error::new(ErrorKind::Deployed, message).at(self.path)
    }

    /// What is wrong with the file as a whole.
    pub(crate) fn error_in_file(&self, message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Deployed, message).at(self.path)
    }
}

/// The lines of a text, counted once.
pub(crate) struct Lines {
    /// Where they end.
    ends: Vec<usize>,
}

impl Lines {
    pub(crate) fn of(text: &str) -> Self {
        Self { ends: memchr::memchr_iter(b'\n', text.as_bytes()).collect() }
    }

    /// The line, from one, in which the byte at `offset` stands.
    pub(crate) fn at(&self, offset: usize) -> u64 {
        self.ends.partition_point(|end| *end < offset) as u64 + 1
    }
}

/// Trims what JavaScript's `trim` does.
pub(crate) fn js_trim(text: &str) -> &str {
    text.trim_matches(is_js_space)
}

/// Whether JavaScript's `\s` matches the character.
pub(crate) fn is_js_space(c: char) -> bool {
    (c.is_whitespace() && c != '\u{85}') || c == '\u{feff}'
}
