//! What holds for the mask of any bytes in any dialect: it hides code and nothing else, and no cut of the input shows.
//!
//! The random tests and the fuzz targets share it.

use cspseal::template::{Dialect, Mask, Masked, ProblemKind, mask};

/// The mask of a text that comes in pieces which end at `ends`, in order.
fn in_pieces(dialect: Dialect, text: &[u8], ends: impl IntoIterator<Item = usize>) -> Masked {
    let mut mask = Mask::new(dialect);
    let mut masked = Masked::default();
    let mut start = 0;
    for end in ends.into_iter().chain([text.len()]) {
        mask.write(&text[start..end], &mut |b| {
            masked.bytes.extend_from_slice(b);
        });
        masked.spans.extend(mask.spans());
        masked.problems.extend(mask.problems());
        start = end;
    }
    mask.end(&mut |b| masked.bytes.extend_from_slice(b));
    masked.spans.extend(mask.spans());
    masked.problems.extend(mask.problems());
    masked
}

/// Panics unless all of it holds, also for the text cut at `ends`, which are in order.
pub(crate) fn check(dialect: Dialect, text: &[u8], ends: &[usize]) {
    let masked = mask(dialect, text);
    assert_eq!(masked.bytes.len(), text.len(), "{dialect} changes the length");
    let mut hidden = vec![false; text.len()];
    let mut end = 0;
    for span in &masked.spans {
        assert!(span.range.start >= end && span.range.start < span.range.end, "{dialect}: {:?}", masked.spans);
        end = span.range.end;
        hidden[span.range.clone()].fill(true);
    }
    for (at, (&source, &shown)) in text.iter().zip(&masked.bytes).enumerate() {
        let newline = matches!(source, b'\n' | b'\r');
        if hidden[at] && !newline {
            assert!(matches!(shown, b' ' | b'x' | b'/'), "{dialect} at {at}");
        } else {
            assert_eq!(shown, source, "{dialect} at {at}");
        }
    }
    for problem in &masked.problems {
        assert!(problem.offset <= text.len());
        let literal = problem.kind == ProblemKind::Literal;
        assert!(!literal || !hidden[problem.offset], "{dialect} hides a literal");
    }
    let cut = in_pieces(dialect, text, ends.iter().copied());
    assert_eq!(cut, masked, "{dialect} heeds the cuts {ends:?}");
    let bytes = in_pieces(dialect, text, 1..text.len().max(1));
    assert_eq!(bytes, masked, "{dialect} heeds a cut behind each byte");
}
