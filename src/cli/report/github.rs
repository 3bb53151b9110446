//! `github`: workflow commands, which GitHub shows as annotations of the lines they name.
//!
//! See [workflow commands](https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions).

use std::io::Write;

use super::{Printer, Summary, left_out};
use crate::finding::{Finding, Place, Severity};
use crate::target::one_line;

/// How many other places one annotation names.
const PLACES: usize = 10;

pub(super) const PRINTER: Printer =
    Printer { name: "github", about: "annotations of a GitHub workflow", is_for_people: true, print };

fn print(findings: &[Finding], summary: &Summary, out: &mut dyn Write) -> anyhow::Result<()> {
    for finding in findings {
        writeln!(out, "{}", command(finding))?;
    }
    summary.finish(findings, out)
}

fn command(finding: &Finding) -> String {
    let name = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let place = finding.place.as_ref().map_or_else(String::new, |place| {
        let Place { path, line, column } = place;
        format!("file={},line={line},col={column},", property(path))
    });
    let mut message = format!("{}\n{}", finding.message, finding.help);
    for place in finding.more.iter().take(PLACES) {
        message.push_str(&format!("\nthe same at {place}"));
    }
    if let Some(rest) = finding.more.len().checked_sub(PLACES).filter(|n| *n > 0) {
        message.push_str(&format!("\nand at {rest} more places"));
    }
    if let Some(rest) = left_out(finding) {
        message.push('\n');
        message.push_str(&rest);
    }
    format!("::{name} {place}title={}::{}", finding.code, data(&message))
}

/// The text of a command, in which a line break would end it. Other control characters would speak to the terminal.
fn data(text: &str) -> String {
    let escaped = text.replace('%', "%25");
    one_line(&escaped.replace('\r', "%0D").replace('\n', "%0A"))
}

/// The value of a property, which ends at a comma or colon too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::super::tests::{findings, printed};
    use super::*;

    #[test]
    fn annotations_are_escaped() {
        let lines = printed(&PRINTER, &findings());
        let lines: Vec<&str> = lines.lines().collect();
        assert_eq!(
            lines,
            [
                "::warning title=orphaned-hash::nothing has 'sha256-x'%0Atake it out",
                "::error file=a%2Cb%3A100%25.html,line=2,col=3,title=blocked-script::blocked: 50%25%0D%0A::error::x%0Aallow it%0Athe same at sub/é b.html:4:5",
                "::warning file=sub/é b.html,line=1,col=1,title=unclosed-script::not closed%0Aclose it",
                "cspseal: 2 errors, 2 warnings in 2 pages",
            ]
        );
    }

    #[test]
    fn only_some_places_are_named() {
        let mut finding = findings().remove(1);
        let place = finding.more[0].clone();
        finding.more = vec![place; 12];
        let text = command(&finding);
        assert_eq!(text.matches("the same at").count(), 10);
        assert!(text.ends_with("%0Aand at 2 more places"), "{text}");
    }
}
