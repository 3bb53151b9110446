//! The lines of a server's fragment: of the whole file, or of the block that this program put into it.

use super::reader::{Header, Reader};
use crate::error::{Error, Result};

/// A line without the space around it, which is neither empty nor a comment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'t> {
    pub(super) number: u64,
    pub(super) text: &'t str,
}

/// The lines of a fragment, one after the other.
pub(super) struct Fragment<'t> {
    lines: Vec<Line<'t>>,
    next: usize,
}

impl<'t> Fragment<'t> {
    /// Finds the fragment in a file, in which `#` begins a comment. With a block, what stands around it must not speak of
    /// policies: which of them would hold is not for this program to say.
    pub(super) fn find(reader: &Reader<'_>, text: &'t str) -> Result<Self> {
        let all: Vec<Line<'t>> = text
            .lines()
            .enumerate()
            .map(|(index, line)| Line {
                number: index as u64 + 1,
                text: line.trim(),
            })
            .collect();
        let at = |mark: &str| -> Vec<usize> {
            let places = all.iter().enumerate();
            places
                .filter(|(_, line)| line.text == mark)
                .map(|(index, _)| index)
                .collect()
        };
        let inside = match (&at("# cspseal begin")[..], &at("# cspseal end")[..]) {
            ([], []) => 0..all.len(),
            ([begin], [end]) if begin < end => begin + 1..*end,
            _ => {
                return Err(reader.error_in_file("the lines `# cspseal begin` and `# cspseal end` must stand there once each, in this order"));
            }
        };
        let says = |line: &&Line<'_>| !line.text.is_empty() && !line.text.starts_with('#');
        let around = all[..inside.start].iter().chain(&all[inside.end..]);
        if let Some(line) = around.filter(says).find(|line| {
            let text = line.text.to_ascii_lowercase();
            text.contains("content-security-policy")
        }) {
            return Err(reader.error(
                line.number,
                "a policy outside the block of cspseal, and which of the two holds is not decided here; remove it",
            ));
        }
        let lines = all[inside].iter().filter(says).copied().collect();
        Ok(Self { lines, next: 0 })
    }

    pub(super) fn lines(&self) -> &[Line<'t>] {
        &self.lines
    }

    /// The next line.
    pub(super) fn next(&mut self) -> Option<Line<'t>> {
        let line = self.lines.get(self.next).copied();
        self.next += 1;
        line
    }

    /// The next line that must be there.
    pub(super) fn expect(&mut self, reader: &Reader<'_>, what: &str) -> Result<Line<'t>> {
        self.next()
            .ok_or_else(|| reader.error_in_file(format!("the file ends before {what}")))
    }

    /// The lines up to one that is `}`.
    pub(super) fn block(&mut self, reader: &Reader<'_>) -> Result<Vec<Line<'t>>> {
        let mut lines = Vec::new();
        loop {
            let line = self.expect(reader, "a `}`")?;
            if line.text == "}" {
                return Ok(lines);
            }
            lines.push(line);
        }
    }
}

/// The error for a line that this program does not write.
pub(super) fn unknown(reader: &Reader<'_>, line: Line<'_>, format: &str) -> Error {
    reader.error(
        line.number,
        format!("not what cspseal writes for {format}; only its own lines can be read, between `# cspseal begin` and `# cspseal end` where there are others"),
    )
}

/// The header of that name as this program spells it.
pub(super) fn spelled(name: &str) -> Option<Header> {
    match name {
        "Content-Security-Policy" => Some(Header::Enforced),
        "Content-Security-Policy-Report-Only" => Some(Header::Reported),
        _ => None,
    }
}

/// What stands between the double quotes that begin a text, in which a backslash hides what follows; and what stands behind
/// them.
pub(super) fn quoted(text: &str) -> Option<(&str, &str)> {
    let inside = text.strip_prefix('"')?;
    let mut escaped = false;
    for (at, c) in inside.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some((&inside[..at], &inside[at + 1..])),
            _ => {}
        }
    }
    None
}
