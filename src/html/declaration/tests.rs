use proptest::prelude::*;

use super::*;
use crate::html::markup::raw_text_len;
use crate::html::scan::TagReader;

/// Pages as Chromium 156 and Firefox ESR 153 read them, one a line: what each has as `document.characterSet`, and the page up to a script
/// that has bytes outside ASCII. `\xHH` is a byte, `{8*a}` is a repetition.
const RECORDED: &str = include_str!("../../../testdata/encodings/declarations.txt");

/// The bytes of a recorded page.
fn bytes(spelled: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = spelled;
    while let Some(c) = rest.chars().next() {
        if let Some((times, after)) = rest.strip_prefix('{').and_then(|r| r.split_once('*')) {
            let (unit, after) = after.split_once('}').unwrap();
            bytes.extend(self::bytes(unit).repeat(times.parse().unwrap()));
            rest = after;
        } else if let Some(after) = rest.strip_prefix("\\x") {
            bytes.push(u8::from_str_radix(&after[..2], 16).unwrap());
            rest = &after[2..];
        } else {
            assert!(c.is_ascii(), "{spelled}");
            bytes.push(c as u8);
            rest = &rest[1..];
        }
    }
    bytes
}

/// Whether a browser read the page in the encoding that is found, or in one that only a guess can have given.
fn agrees(found: Option<&'static Encoding>, read: &str, page: &[u8]) -> bool {
    let names = |label: &str| {
        let is_it = |word: &[u8]| word.eq_ignore_ascii_case(label.as_bytes());
        page.windows(label.len()).any(is_it)
    };
    match found {
        Some(encoding) => encoding.name() == read,
        None => read == "windows-1252" || !names(read),
    }
}

#[test]
fn declarations_are_found_as_browsers_find_them() {
    let mut wrong = Vec::new();
    let mut different = 0;
    for line in RECORDED.lines() {
        let [chromium, firefox, page] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{line}");
        };
        let script = b"<script>a('\xe4\xf6')</script>";
        let bytes = [&bytes(page)[..], script].concat();
        let found = declared(&bytes, true).unwrap();
        different += usize::from(found.chromium != found.firefox);
        if !agrees(found.chromium, chromium, &bytes) || !agrees(found.firefox, firefox, &bytes) {
            wrong.push(format!("{found:?}: {line}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(different > 100, "{different}");
}

#[test]
fn a_declaration_is_the_same_however_much_of_the_page_is_seen() {
    for line in RECORDED.lines().step_by(7) {
        let page = bytes(line.rsplit('\t').next().unwrap());
        let whole = declared(&page, true).unwrap();
        for len in (0..page.len()).step_by(11) {
            if let Some(found) = declared(&page[..len], false) {
                assert_eq!(found, whole, "{len} bytes of {line}");
            }
        }
    }
}

/// The beginnings and ends in raw text.
const PIECES: &[&str] = &[
    "<!--<script>",
    "<script>",
    "</script>",
    "</script",
    "<script",
    "</script",
    "<SCRIPT",
    "</Script",
    "</scripts",
    "<!--",
    "-->",
    "--",
    "-",
    "!",
    ">",
    "/>",
    " ",
    "\n",
    "/",
    " a='>'",
    " =\"",
    "\"",
    "'",
    "x",
    "<",
    "</",
    "<!",
    "\0",
    "é",
];

proptest! {
    #[test]
    fn raw_text_ends_where_the_tokenizer_ends_it(
        pieces in prop::collection::vec(prop::sample::select(PIECES), 0..14),
        name in prop::sample::select(&["script", "style"][..]),
    ) {
        let text = pieces.concat().replace("cript", &name[1..]).replace('S', &name[..1].to_uppercase());
        let reader = TagReader::default();
        reader.open(format!("<{name}>").as_bytes());
        let bytes = text.as_bytes();
        let end = (0..bytes.len()).find(|&at| reader.raw_text(&bytes[at..=at], |_| ()));
        prop_assert_eq!(raw_text_len(name.as_bytes(), bytes), end.map(|at| at + 1), "{}: {}", name, text);
    }
}
