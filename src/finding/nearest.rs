//! The nearest known name to an unknown one, for messages that say what was probably meant.
//!
//! Knows only words.

/// The candidate with the fewest edits to `word`, if they are few for a word of its length.
///
/// Both sides are compared as they are; pass them in one case. The first of several equally near
/// candidates wins.
pub(crate) fn nearest(word: &str, candidates: impl IntoIterator<Item = &'static str>) -> Option<&'static str> {
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let limit = (candidate.len() / 3).max(1);
            // Spares the distance to anything pasted here that is far too long to be a typing error.
            let near = word.len().abs_diff(candidate.len()) <= limit;
            let distance = near.then(|| distance(word.as_bytes(), candidate.as_bytes()))?;
            (distance <= limit).then_some((distance, candidate))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The optimal string alignment distance: insertions, deletions, replacements, and neighbours
/// swapped.
fn distance(a: &[u8], b: &[u8]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, &x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, &y) in b.iter().enumerate() {
            let mut best = (row[j] + 1).min(last[j + 1] + 1).min(last[j] + usize::from(x != y));
            if i > 0 && j > 0 && x == b[j - 1] && a[i - 1] == y {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_edit_counts_once() {
        assert_eq!(distance(b"self", b"self"), 0);
        assert_eq!(distance(b"slef", b"self"), 1);
        assert_eq!(distance(b"sef", b"self"), 1);
        assert_eq!(distance(b"sself", b"self"), 1);
        assert_eq!(distance(b"selb", b"self"), 1);
        assert_eq!(distance(b"", b"self"), 4);
    }

    #[test]
    fn the_nearest_of_several_wins() {
        assert_eq!(nearest("styl-src", ["script-src", "style-src"]), Some("style-src"));
    }

    #[test]
    fn a_word_unlike_all_has_no_nearest() {
        assert_eq!(nearest("banana", ["script-src", "style-src"]), None);
        assert_eq!(nearest(&"x".repeat(1_000_000), ["script-src"]), None);
    }
}
