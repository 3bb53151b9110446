//! What holds for the rewrite of any document: it inserts and nothing else, wherever the input is cut, and once is enough.
//!
//! The random tests and the fuzz targets share it.

use std::io::Write as _;

use cspseal::edit::nonce::{NonceOptions, NonceRewriter, NonceValue, NoncedElements, Rewrite};
use cspseal::template::{Dialect, HiddenKind, Templates, mask};

/// What is inserted, a random placeholder by its looks; no input holds it.
pub(crate) const VALUE: &str = "CSP_NONCE_0123456789abcdef0123456789abcdef";

/// A nonce for every element that can have one.
pub(crate) fn options(dialect: Option<Dialect>) -> NonceOptions {
    options_for(VALUE, dialect)
}

/// The same with another value.
fn options_for(value: &str, dialect: Option<Dialect>) -> NonceOptions {
    let elements = NoncedElements { scripts: true, styles: true, links: true };
    let value = NonceValue::new(value, dialect).unwrap();
    NonceOptions::new(value).with_templates(dialect.map_or(Templates::Off, Templates::Dialect)).with_elements(elements)
}

/// The rewrite of a document in these pieces, or why it is refused.
pub(crate) fn rewrite(pieces: &[&[u8]], options: &NonceOptions) -> Result<(Vec<u8>, Rewrite), String> {
    let mut rewriter = NonceRewriter::new("a", Vec::new(), options);
    for piece in pieces {
        rewriter.write_all(piece).map_err(|error| error.to_string())?;
    }
    rewriter.finish().map_err(|error| error.to_string())
}

/// Panics unless the document is rewritten by as many insertions as are counted, by the same when it comes in `pieces` or byte
/// by byte, and by none the second time.
pub(crate) fn check(pieces: &[&[u8]], options: &NonceOptions) {
    let input = pieces.concat();
    let whole = rewrite(&[&input], options);
    assert_eq!(rewrite(pieces, options), whole, "the cuts matter");
    let bytes: Vec<&[u8]> = input.chunks(1).collect();
    assert_eq!(rewrite(&bytes, options), whole, "a cut matters");
    let Ok((output, rewritten)) = whole else {
        return;
    };
    let shown = String::from_utf8_lossy(&output);
    let count = insertions(&input, &output);
    assert_eq!(count, Ok(rewritten.changes), "{options:?} {shown}");
    let (twice, again) = rewrite(&[&output], options).unwrap();
    assert_eq!(again.changes, 0, "{options:?} {shown}");
    assert_eq!(twice, output);
}

/// The code that writes a nonce in each dialect, with [`VALUE`] for its name.
const CODE: &[(Dialect, &str, &str)] = &[
    (Dialect::Django, "{{ ", " }}"),
    (Dialect::Jinja, "{{ ", " }}"),
    (Dialect::Askama, "{{ ", " }}"),
    (Dialect::Nunjucks, "{{ ", " }}"),
    (Dialect::Twig, "{{ ", " }}"),
    (Dialect::Liquid, "{{ ", " }}"),
    (Dialect::Go, "{{ .", " }}"),
    (Dialect::Handlebars, "{{ ", " }}"),
    (Dialect::Mustache, "{{ ", " }}"),
    (Dialect::Ejs, "<%= ", " %>"),
    (Dialect::Erb, "<%= ", " %>"),
    (Dialect::Jsp, "${", "}"),
    (Dialect::Mako, "${", "}"),
    (Dialect::Php, "<?= $", " ?>"),
    (Dialect::Blade, "{{ ", "() }}"),
    (Dialect::Razor, "@", ""),
    (Dialect::Thymeleaf, "${", "}"),
];

/// Panics unless the template code of the rewrite of a document is that of the document and one more piece for each nonce, be that
/// code or a placeholder.
pub(crate) fn check_code(input: &[u8], dialect: Dialect) {
    // Offsets of a mask count bytes of UTF-8.
    if matches!(input, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) {
        return;
    }
    let (_, open, close) = CODE.iter().find(|(known, ..)| *known == dialect).unwrap();
    let code = format!("{open}{VALUE}{close}");
    let before = code_of(dialect, input);
    for value in [VALUE, &code] {
        let options = options_for(value, Some(dialect));
        let Ok((output, rewritten)) = rewrite(&[input], &options) else {
            return;
        };
        let mut after = code_of(dialect, &output);
        let len = after.len();
        after.retain(|(_, text)| *text != code);
        let shown = String::from_utf8_lossy(&output);
        assert_eq!(after, before, "{dialect} {shown}");
        // Thymeleaf evaluates whole attributes, which are no code to the mask.
        let is_code = value == code && dialect != Dialect::Thymeleaf;
        let written = if is_code { rewritten.changes } else { 0 };
        assert_eq!(len - after.len(), written, "{dialect} {shown}");
    }
}

/// The template code of a document.
fn code_of(dialect: Dialect, document: &[u8]) -> Vec<(HiddenKind, String)> {
    let text = document.strip_prefix(b"\xef\xbb\xbf").unwrap_or(document);
    let spans = mask(dialect, text).spans.into_iter();
    spans.map(|span| (span.kind, String::from_utf8_lossy(&text[span.range]).into_owned())).collect()
}

/// How many insertions lead from a document to its rewrite, whether it is in UTF-16 or in an encoding whose markup is ASCII.
pub(crate) fn insertions(input: &[u8], output: &[u8]) -> Result<usize, String> {
    let big = match input.get(..2) {
        Some(b"\xfe\xff") => true,
        Some(b"\xff\xfe") => false,
        _ => return insertions_of(input, output),
    };
    // Decoded as a whole, units that are no characters would be lost; each becomes bytes of its own, so that the same
    // comparison serves.
    let wide = |bytes: &[u8]| -> Vec<u8> {
        let units = bytes[2..].chunks(2).map(|unit| {
            let unit = [unit[0], *unit.get(1).unwrap_or(&0)];
            if big { u16::from_be_bytes(unit) } else { u16::from_le_bytes(unit) }
        });
        char::decode_utf16(units).flat_map(|c| c.unwrap_or('\u{fffd}').to_string().into_bytes()).collect()
    };
    if input == output {
        return Ok(0);
    }
    insertions_of(&wide(input), &wide(output))
}

/// Whether `output` is `input` with attributes, or parts of them, that hold the value inserted.
fn insertions_of(input: &[u8], output: &[u8]) -> Result<usize, String> {
    // In the value of a srcdoc, a quote or a space may be a reference, itself escaped by the documents around.
    let quotes = ["\"", "&quot;", "&amp;quot;", "&amp;amp;quot;", "&amp;amp;amp;quot;", "'", "&#39;", ""];
    let spaces = [" ", "&#32;", "&amp;#32;", "&amp;amp;#32;"];
    let mut forms: Vec<(Vec<u8>, &[u8])> = Vec::new();
    for quote in quotes {
        let starts = [String::new(), "=".to_owned()];
        let names = spaces.iter().flat_map(|space| ["", "th:"].map(|prefix| format!("{space}{prefix}nonce=")));
        for start in starts.into_iter().chain(names) {
            forms.push(([start.as_bytes(), quote.as_bytes()].concat(), quote.as_bytes()));
        }
    }
    forms.sort_by_key(|(before, _)| before.len());
    align(input, output, VALUE.as_bytes(), &forms).ok_or_else(|| "no insertions lead from input to output".to_owned())
}

/// How many insertions lead from `input` to `output`, trying each form at each place.
fn align(input: &[u8], output: &[u8], value: &[u8], forms: &[(Vec<u8>, &[u8])]) -> Option<usize> {
    let at = output.windows(value.len()).position(|part| part == value);
    let Some(at) = at else {
        return (input == output).then_some(0);
    };
    let (before, behind) = (&output[..at], &output[at + value.len()..]);
    forms.iter().find_map(|(start, end)| {
        let kept = before.strip_suffix(&start[..])?;
        let rest = input.strip_prefix(kept)?;
        align(rest, behind.strip_prefix(*end)?, value, forms).map(|count| count + 1)
    })
}
