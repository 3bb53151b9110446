//! `cspseal explain`: the long text of a code, or a list of them all.

use super::args::ExplainArgs;
use super::table::table;
use super::{Outcome, print_output};
use crate::finding::Code;

/// Prints what the arguments ask for.
pub(super) fn run(args: &ExplainArgs) -> anyhow::Result<Outcome> {
    match args.code {
        Some(code) => print_output(code.explanation().as_bytes())?,
        None => return codes(),
    }
    Ok(Outcome::Done)
}

/// Prints every code with its severity and one line.
pub(super) fn codes() -> anyhow::Result<Outcome> {
    let rows: Vec<Vec<String>> = Code::ALL
        .iter()
        .map(|code| vec![code.name().to_owned(), code.severity().to_string(), code.summary().to_owned()])
        .collect();
    let mut text = String::new();
    table(&["CODE", "SEVERITY", "WHAT"], &[false; 3], &rows, &mut text);
    print_output(text.as_bytes())?;
    Ok(Outcome::Done)
}
