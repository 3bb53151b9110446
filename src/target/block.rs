//! Our part of a file that is otherwise somebody's own: a block between two comment lines.

use crate::error::{Error, ErrorKind, Result};

/// Puts `block` in the place of the one that is in `existing`, or behind its end. The lines that mark it are
/// comments that begin with `comment`; every byte outside stays.
///
/// # Errors
///
/// [`ErrorKind::Unsupported`] when one of the two lines is missing or they are there more than once.
pub fn replace_block(existing: &[u8], comment: &str, block: &[u8]) -> Result<Vec<u8>> {
    replace_block_at(existing, comment, block, existing.len())
}

/// The same; a new block comes before the byte `place`, with which a line begins.
pub(super) fn replace_block_at(existing: &[u8], comment: &str, block: &[u8], place: usize) -> Result<Vec<u8>> {
    let begin = format!("{comment} cspseal begin");
    let end = format!("{comment} cspseal end");
    let (from, to) = match (&places(existing, &begin)[..], &places(existing, &end)[..]) {
        ([], []) => (place, place),
        ([(from, _)], [(behind, to)]) if from < behind => (*from, *to),
        _ => {
            let message = format!(
                "the lines `{begin}` and `{end}` must stand there once each, in this order; remove what is left of the block"
            );
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
    };
    let indent: Vec<u8> = existing[from..to].iter().copied().take_while(|b| matches!(b, b' ' | b'\t')).collect();
    let newline: &[u8] = if existing.windows(2).any(|pair| pair == b"\r\n") { b"\r\n" } else { b"\n" };
    let mut output = existing[..from].to_vec();
    if from == existing.len() && !output.is_empty() && !output.ends_with(b"\n") {
        output.extend_from_slice(newline);
    }
    let mut line = |text: &[u8]| {
        if !text.is_empty() {
            output.extend_from_slice(&indent);
            output.extend_from_slice(text);
        }
        output.extend_from_slice(newline);
    };
    line(begin.as_bytes());
    for text in block.split_inclusive(|b| *b == b'\n') {
        line(text.strip_suffix(b"\n").unwrap_or(text));
    }
    line(end.as_bytes());
    if from < to && !existing[..to].ends_with(b"\n") {
        // The file ended in our last line, without a line break.
        output.truncate(output.len() - newline.len());
    }
    output.extend_from_slice(&existing[to..]);
    Ok(output)
}

/// The beginnings and ends of the lines that hold `mark` alone.
pub(super) fn places(text: &[u8], mark: &str) -> Vec<(usize, usize)> {
    let mut at = 0;
    let mut found = Vec::new();
    for line in text.split_inclusive(|b| *b == b'\n') {
        if line.trim_ascii() == mark.as_bytes() {
            found.push((at, at + line.len()));
        }
        at += line.len();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replaced(existing: &str, block: &str) -> String {
        String::from_utf8(replace_block(existing.as_bytes(), "#", block.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn a_block_is_added_and_then_replaced() {
        let once = replaced("server {\n}", "a;\n\nb;\n");
        assert_eq!(once, "server {\n}\n# cspseal begin\na;\n\nb;\n# cspseal end\n");
        assert_eq!(replaced(&once, "a;\n\nb;\n"), once);
        assert_eq!(replaced("", "a\n"), "# cspseal begin\na\n# cspseal end\n");
    }

    #[test]
    fn what_stands_around_stays_and_the_indentation_is_kept() {
        let existing = "x\r\n  # cspseal begin\r\n  old\r\n  # cspseal end\r\ny \r\n\r\n";
        assert_eq!(
            replaced(existing, "a\nb\n"),
            "x\r\n  # cspseal begin\r\n  a\r\n  b\r\n  # cspseal end\r\ny \r\n\r\n"
        );
    }

    #[test]
    fn a_file_that_ends_without_a_line_break_still_does() {
        let existing = "x\n# cspseal begin\nold\n# cspseal end";
        assert_eq!(replaced(existing, "a\n"), "x\n# cspseal begin\na\n# cspseal end");
    }

    #[test]
    fn a_block_that_is_not_whole_is_refused() {
        for existing in [
            "# cspseal begin\n",
            "# cspseal end\n",
            "# cspseal end\n# cspseal begin\n",
            "# cspseal begin\n# cspseal begin\n# cspseal end\n",
        ] {
            let error = replace_block(existing.as_bytes(), "#", b"a\n").unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unsupported, "{existing}");
        }
    }
}
