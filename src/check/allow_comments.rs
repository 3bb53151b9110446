//! Comments that allow findings at the element behind them: `<!-- cspseal-allow CODE: reason -->`.
//!
//! Several codes stand with commas between. Without a reason nothing is allowed, since whoever reads the page next has to
//! judge it; and a comment that allows nothing is reported, since it hides what comes next.

use crate::finding::nearest::nearest;
use crate::finding::{Code, Finding};
use crate::page::subject::Note;

/// The comments of a page, and which of them did something.
pub(super) struct Allows<'p> {
    allows: Vec<Allow<'p>>,
}

struct Allow<'p> {
    note: &'p Note,
    codes: Result<Vec<Code>, Box<Finding>>,
    is_used: bool,
}

impl<'p> Allows<'p> {
    pub(super) fn new(notes: &'p [Note]) -> Self {
        let allows = notes.iter().map(|note| Allow { note, codes: parse(&note.text), is_used: false });
        Self { allows: allows.collect() }
    }

    /// Whether one of these comments, given as indices, allows findings of this code.
    pub(super) fn allow(&mut self, notes: std::ops::Range<usize>, code: Code) -> bool {
        let mut allowed = false;
        for allow in self.allows.get_mut(notes).into_iter().flatten() {
            if matches!(&allow.codes, Ok(codes) if codes.contains(&code)) {
                allow.is_used = true;
                allowed = true;
            }
        }
        allowed
    }

    /// The findings about the comments themselves, with where they stand.
    pub(super) fn findings(self) -> impl Iterator<Item = (&'p Note, Finding)> {
        self.allows.into_iter().filter_map(|allow| {
            let finding = match allow.codes {
                Err(malformed) => *malformed,
                Ok(_) if allow.is_used => return None,
                Ok(_) => Finding::new(
                    Code::UnusedAllow,
                    "nothing like this is found at the element behind this comment",
                    "remove the comment, or put it right before the element's start tag",
                ),
            };
            Some((allow.note, finding))
        })
    }
}

fn parse(text: &str) -> Result<Vec<Code>, Box<Finding>> {
    let malformed = |why: &str, help: String| {
        let message = format!("this comment allows nothing, since {why}");
        Box::new(Finding::new(Code::MalformedAllow, message, help))
    };
    let rest = text.trim();
    let rest = rest.strip_prefix("cspseal-allow").unwrap_or(rest);
    let form = "write <!-- cspseal-allow CODE: reason -->".to_owned();
    let Some((names, reason)) = rest.split_once(':') else {
        return Err(malformed("it gives no reason", form));
    };
    if reason.trim().is_empty() {
        return Err(malformed("its reason is empty", form));
    }
    let mut codes = Vec::new();
    for name in names.split(',').map(str::trim) {
        let Some(code) = Code::ALL.iter().find(|code| code.name() == name) else {
            let known = nearest(name, Code::ALL.iter().map(|code| code.name()));
            let help = known.map_or_else(
                || "cspseal explain --codes lists the codes".to_owned(),
                |known| format!("write {known}; cspseal explain --codes lists the codes"),
            );
            let why = format!("{name:?} is no code of a finding");
            return Err(malformed(&why, help));
        };
        codes.push(*code);
    }
    Ok(codes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_stand_before_a_reason() {
        let codes = |text: &str| parse(text).ok();
        assert_eq!(
            codes(" cspseal-allow blocked-script, blocked-style: legacy: see 4 "),
            Some(vec![Code::BlockedScript, Code::BlockedStyle])
        );
        for text in [
            "cspseal-allow blocked-script",
            "cspseal-allow blocked-script: ",
            "cspseal-allow : why",
            "cspseal-allow blocked_script: why",
        ] {
            assert_eq!(codes(text), None, "{text}");
        }
        let fault = parse("cspseal-allow blocked-scripts: x").err().map(|f| f.help);
        assert!(fault.is_some_and(|help| help.starts_with("write blocked-script;")));
    }
}
