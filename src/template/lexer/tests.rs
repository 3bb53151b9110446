//! Runs the tables of fragments that stand below each lexer.

use crate::template::{Dialect, HiddenKind, Mask, Masked, Problem, ProblemKind, mask};

/// The same, in two pieces for every place to cut, and in pieces of one byte.
fn in_pieces(dialect: Dialect, text: &[u8], mut expected: impl FnMut(Masked, &str)) {
    let ends = (0..=text.len()).map(|cut| (vec![&text[..cut], &text[cut..]], format!("cut at {cut}")));
    let bytes = (text.chunks(1).collect(), "byte by byte".to_owned());
    for (pieces, how) in ends.chain([bytes]) {
        let mut mask = Mask::new(dialect);
        let mut masked = Masked::default();
        for piece in pieces {
            mask.write(piece, &mut |b| masked.bytes.extend_from_slice(b));
        }
        mask.end(&mut |b| masked.bytes.extend_from_slice(b));
        masked.spans = mask.spans().collect();
        masked.problems = mask.problems().collect();
        expected(masked, &how);
    }
}

/// Masks each fragment, whole and in pieces, and compares with the line below it.
#[track_caller]
pub(in crate::template) fn check(dialect: Dialect, lines: &[&str]) {
    assert_eq!(lines.len() % 2, 0);
    for pair in lines.chunks_exact(2) {
        let (text, expected) = (pair[0], pair[1]);
        let whole = mask(dialect, text.as_bytes());
        let found = String::from_utf8_lossy(&whole.bytes);
        assert_eq!(found, expected, "{dialect}\n{text:?}\n{found:?}\n{expected:?}");
        in_pieces(dialect, text.as_bytes(), |masked, how| {
            assert_eq!(masked, whole, "{dialect} {text:?} {how}");
        });
    }
}

/// The kinds of what is hidden in `text`, with its text.
pub(in crate::template) fn hidden(dialect: Dialect, text: &str) -> Vec<(HiddenKind, &str)> {
    let masked = mask(dialect, text.as_bytes());
    let spans = masked.spans.into_iter();
    spans.map(|span| (span.kind, &text[span.range])).collect()
}

/// What is wrong with `text`.
pub(in crate::template) fn problems(dialect: Dialect, text: &str) -> Vec<(ProblemKind, usize)> {
    let masked = mask(dialect, text.as_bytes());
    in_pieces(dialect, text.as_bytes(), |pieces, how| {
        assert_eq!(pieces, masked, "{dialect} {text:?} {how}");
    });
    let problems = masked.problems.into_iter();
    problems.map(|problem: Problem| (problem.kind, problem.offset)).collect()
}
