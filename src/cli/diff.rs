//! Unified diffs of rewritten files.

use std::io::{self, IsTerminal as _};
use std::sync::LazyLock;

use anstream::ColorChoice;
use similar::udiff::UnifiedHunkHeader;
use similar::{Algorithm, DiffOp, capture_diff_slices, group_diff_ops};

use crate::target::one_line;

/// How many lines are shown around a change.
const CONTEXT: usize = 3;

/// How a diff looks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    pub(super) is_coloured: bool,
    /// Whether a terminal shows it, which control characters would drive.
    pub(super) is_escaped: bool,
}

impl Style {
    /// For standard output.
    pub(super) fn of_output() -> Self {
        static OF_OUTPUT: LazyLock<Style> = LazyLock::new(|| Style {
            is_coloured: anstream::stdout().current_choice() != ColorChoice::Never,
            is_escaped: io::stdout().is_terminal(),
        });
        *OF_OUTPUT
    }
}

/// The difference between `old` and `new` as `patch -p0` takes it; empty when there is none.
pub(super) fn unified(name: &[u8], old: &[u8], new: &[u8], style: Style) -> Vec<u8> {
    if old == new {
        return Vec::new();
    }
    let (old, new) = (lines(old), lines(new));
    let mut out = Diff { bytes: Vec::new(), style };
    let name = header_name(name);
    for sign in ["--- ", "+++ "] {
        out.line("\x1b[1m", sign, &[&name[..], b"\n"].concat());
    }
    for ops in group_diff_ops(operations(&old, &new), CONTEXT) {
        let header = format!("{}\n", UnifiedHunkHeader::new(&ops));
        out.line("\x1b[36m", "", header.as_bytes());
        for op in ops {
            let (_, old_range, new_range) = op.as_tag_tuple();
            if let DiffOp::Equal { .. } = op {
                old[old_range].iter().for_each(|line| out.line("", " ", line));
                continue;
            }
            old[old_range].iter().for_each(|line| out.line("\x1b[31m", "-", line));
            new[new_range].iter().for_each(|line| out.line("\x1b[32m", "+", line));
        }
    }
    out.bytes
}

/// The lines of a text, with their line feeds.
fn lines(text: &[u8]) -> Vec<&[u8]> {
    let mut lines = Vec::new();
    let mut start = 0;
    for end in memchr::memchr_iter(b'\n', text).map(|at| at + 1) {
        lines.push(&text[start..end]);
        start = end;
    }
    if start < text.len() {
        lines.push(&text[start..]);
    }
    lines
}

/// A file's name as `patch` and `git apply` read it: without a tab behind it a space would end it, and what would break
/// the line or the terminal is quoted as in C.
fn header_name(name: &[u8]) -> Vec<u8> {
    let is_text = std::str::from_utf8(name).is_ok();
    let is_plain = |byte: u8| match byte {
        b'"' | b'\\' | 0x7f => false,
        0x80.. => is_text,
        _ => byte >= b' ',
    };
    if name.iter().all(|byte| is_plain(*byte)) {
        let end: &[u8] = if name.contains(&b' ') { b"\t" } else { b"" };
        return [name, end].concat();
    }
    let mut quoted = vec![b'"'];
    for &byte in name {
        match byte {
            b'"' | b'\\' => quoted.extend([b'\\', byte]),
            _ if is_plain(byte) => quoted.push(byte),
            _ => quoted.extend_from_slice(format!("\\{byte:03o}").as_bytes()),
        }
    }
    quoted.push(b'"');
    quoted
}

/// What leads from `old` to `new`. A nonce makes no new line, so lines are compared one by one; only the removal
/// of one that spans lines needs a real comparison.
fn operations(old: &[&[u8]], new: &[&[u8]]) -> Vec<DiffOp> {
    if old.len() != new.len() {
        return compared(old, new);
    }
    let mut ops = Vec::new();
    let mut start = 0;
    while start < old.len() {
        let is_equal = old[start] == new[start];
        let rest = old[start..].iter().zip(&new[start..]);
        let len = rest.take_while(|(old, new)| (old == new) == is_equal).count();
        ops.push(if is_equal {
            DiffOp::Equal { old_index: start, new_index: start, len }
        } else {
            DiffOp::Replace { old_index: start, old_len: len, new_index: start, new_len: len }
        });
        start += len;
    }
    ops
}

/// How many lines are compared each with each, without those before the first change and behind the last. More are shown as
/// replaced, since the time grows faster than their number.
const MOST_LINES: usize = 100_000;

fn compared(old: &[&[u8]], new: &[&[u8]]) -> Vec<DiffOp> {
    let is_equal = |(old, new): &(&&[u8], &&[u8])| old == new;
    let before = old.iter().zip(new).take_while(is_equal).count();
    let rest = (old[before..].iter().rev()).zip(new[before..].iter().rev());
    let behind = rest.take_while(is_equal).count();
    let old_len = old.len() - before - behind;
    let new_len = new.len() - before - behind;
    if old_len + new_len <= MOST_LINES {
        return capture_diff_slices(Algorithm::Myers, old, new);
    }
    let equal = |old_index, new_index, len| DiffOp::Equal { old_index, new_index, len };
    vec![
        equal(0, 0, before),
        DiffOp::Replace { old_index: before, old_len, new_index: before, new_len },
        equal(before + old_len, before + new_len, behind),
    ]
}

struct Diff {
    bytes: Vec<u8>,
    style: Style,
}

impl Diff {
    /// Adds a line, with its end in the colour and without a line feed saying so.
    fn line(&mut self, colour: &str, sign: &str, line: &[u8]) {
        let is_coloured = self.style.is_coloured && !colour.is_empty();
        let (text, end) = match line.strip_suffix(b"\n") {
            Some(text) => (text, &b"\n"[..]),
            None => (line, &b"\n\\ No newline at end of file\n"[..]),
        };
        if is_coloured {
            self.bytes.extend_from_slice(colour.as_bytes());
        }
        self.bytes.extend_from_slice(sign.as_bytes());
        if self.style.is_escaped {
            // A tab is no harm.
            let text = String::from_utf8_lossy(text);
            let cells: Vec<_> = text.split('\t').map(one_line).collect();
            self.bytes.extend_from_slice(cells.join("\t").as_bytes());
        } else {
            self.bytes.extend_from_slice(text);
        }
        if is_coloured {
            self.bytes.extend_from_slice(b"\x1b[0m");
        }
        self.bytes.extend_from_slice(end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: Style = Style { is_coloured: false, is_escaped: false };

    fn plain(old: &str, new: &str) -> String {
        String::from_utf8(unified(b"a.html", old.as_bytes(), new.as_bytes(), FILE)).unwrap()
    }

    #[test]
    fn a_diff_shows_what_changes_and_three_lines_around() {
        let old = "1\n2\n3\n4\n<script>\n5\n6\n7\n8\n9\n10\n11\n12\n<style>";
        let new = old.replace("<script", "<script n").replace("<style", "<style n");
        assert_eq!(
            plain(old, &new),
            "--- a.html\n+++ a.html\n\
             @@ -2,7 +2,7 @@\n 2\n 3\n 4\n-<script>\n+<script n>\n 5\n 6\n 7\n\
             @@ -11,4 +11,4 @@\n 10\n 11\n 12\n-<style>\n\\ No newline at end of file\n+<style n>\n\\ No newline at end of file\n"
        );
        assert_eq!(plain(old, old), "");
    }

    #[test]
    fn lines_may_go() {
        assert_eq!(
            plain("a\n<script nonce='\n'>\nb\n", "a\n<script nonce='x'>\nb\n"),
            "--- a.html\n+++ a.html\n@@ -1,4 +1,3 @@\n a\n-<script nonce='\n-'>\n+<script nonce='x'>\n b\n"
        );
    }

    #[test]
    fn many_lines_are_replaced_as_a_whole() {
        let lines =
            |numbers: std::ops::Range<usize>| -> String { numbers.map(|number| format!("{number}\n")).collect() };
        let around = |middle: &str| format!("a\nb\nc\nd\n{middle}e\n");
        for (old, new) in [
            (lines(0..MOST_LINES), lines(1..2)),
            (lines(1..2), lines(0..MOST_LINES)),
            (lines(0..MOST_LINES + 1), String::new()),
            (String::new(), lines(0..MOST_LINES + 1)),
        ] {
            let [removed, added] = [&old, &new].map(|text| text.lines().count());
            let signed = |text: &str, sign: &str| -> String {
                let lines = text.split_inclusive('\n');
                lines.flat_map(|line| [sign, line]).collect()
            };
            let (removals, additions) = (signed(&old, "-"), signed(&new, "+"));
            let (from, to) = (u8::from(removed > 0), u8::from(added > 0));
            assert_eq!(
                plain(&old, &new),
                format!("--- a.html\n+++ a.html\n@@ -{from},{removed} +{to},{added} @@\n{removals}{additions}")
                    .replace("1,1 ", "1 ")
            );
            assert_eq!(
                plain(&around(&old), &around(&new)),
                format!(
                    "--- a.html\n+++ a.html\n@@ -2,{} +2,{} @@\n b\n c\n d\n{removals}{additions} e\n",
                    removed + 4,
                    added + 4
                )
            );
        }
    }

    #[test]
    fn names_are_quoted_as_patch_reads_them() {
        for (name, header) in [
            (&b"a/b.html"[..], &b"a/b.html"[..]),
            (b"a b.html", b"a b.html\t"),
            ("ä.html".as_bytes(), "ä.html".as_bytes()),
            (b"a\tb \"c\".html", br#""a\011b \"c\".html""#),
            (b"a\\b\n.html", br#""a\\b\012.html""#),
            (b"\xe4.html", br#""\344.html""#),
        ] {
            assert_eq!(header_name(name), header, "{name:?}");
        }
    }

    #[test]
    fn colours_wrap_each_line() {
        let style = Style { is_coloured: true, ..FILE };
        let diff = unified(b"a.html", b"a\n", b"b\n", style);
        let diff = String::from_utf8(diff).unwrap();
        assert!(diff.contains("\x1b[31m-a\x1b[0m\n\x1b[32m+b\x1b[0m\n"), "{diff:?}");
    }

    #[test]
    fn a_terminal_gets_escapes_and_a_file_the_bytes() {
        let (old, new) = (&b"\x1b]0;evil\x07\t\r\n"[..], &b"\x9b31m\xc2\x9b\xe2\x80\xae\n"[..]);
        let style = Style { is_escaped: true, ..FILE };
        let shown = String::from_utf8(unified(b"a.html", old, new, style)).unwrap();
        assert!(shown.contains("-\\u{1b}]0;evil\\u{7}\t\\r\n"), "{shown:?}");
        assert!(shown.contains("+\u{fffd}31m\\u{9b}\\u{202e}\n"), "{shown:?}");
        let kept = unified(b"a.html", old, new, FILE);
        for line in [old, new] {
            assert!(kept.windows(line.len()).any(|window| window == line));
        }
    }
}
