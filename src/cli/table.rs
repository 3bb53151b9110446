//! Tables for a person.

use std::fmt::Write as _;

/// Rows with their columns aligned; numbers to the right.
pub(super) fn table(header: &[&str], right: &[bool], rows: &[Vec<String>], out: &mut String) {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([header[column].len()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    let header: Vec<String> = header.iter().map(|&cell| cell.to_owned()).collect();
    for row in std::iter::once(&header).chain(rows) {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let width = widths[column];
            let _ = if right[column] { write!(line, "{cell:>width$}  ") } else { write!(line, "{cell:width$}  ") };
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
}
