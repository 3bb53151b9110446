//! Violation reports that browsers sent: read, classified, counted, compared with the pages, and merged into a policy.
//!
//! Anybody can send a report. Each is read within limits, and only what fits a type or is quoted and cut is kept. Nothing but
//! [`merge`] changes a policy, and that adds valid sources only. This room knows neither files nor how a table is printed.

mod excerpts;
mod inlines;
mod merge;
mod read;
mod report;
mod table;
#[cfg(test)]
mod tests;
mod time;

pub(crate) use inlines::Matches;
pub(crate) use merge::merge;
pub(crate) use read::read;
pub(crate) use report::{Inline, Kind, Source};
pub(crate) use table::{Seen, Table};

/// The number of bytes of one report, or of several that one value holds.
const LONGEST: usize = 1 << 20;

/// The number of rows of a table: different pairs of directive and source, and different inline resources.
const MOST_ROWS: usize = 10_000;
