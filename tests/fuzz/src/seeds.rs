//! Seeds: inputs made of the main package's `testdata`, so that nothing of it is kept twice.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cspseal::target::deployed::DeployedFormat;

use crate::edits::FILLER;
use crate::input::CHOICES;

/// Files longer than this, in bytes, are cut there.
const LONGEST: usize = 4000;

/// The inputs with which a fuzzer of this target starts.
pub fn seeds(target: &str) -> Vec<Vec<u8>> {
    let testdata = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata");
    let of = |folders: &[&str], extensions: &[&str]| {
        let mut texts = Vec::new();
        for folder in folders {
            collect(&testdata.join(folder), extensions, &mut texts);
        }
        texts
    };
    let html = || {
        let mut pages = of(&["site", "legacy"], &["html", "htm"]);
        pages.extend(cases(&testdata, "text/html"));
        pages
    };
    let templates = || of(&["templates"], &[]);
    match target {
        "differential" => html(),
        "scan" | "rewrite" => [chosen(html(), 0), chosen(templates(), 1)].concat(),
        "edits" => chosen(edited(), 0x70),
        "mask" => chosen(templates(), 0),
        "xml" => {
            let mut documents = of(&["site", "legacy"], &["svg", "xhtml", "xml"]);
            documents.extend(cases(&testdata, "application/"));
            documents.extend(cases(&testdata, "image/"));
            chosen(documents, 0)
        }
        "policy" => {
            let texts = of(&["policies"], &["txt"]).concat();
            let lines = texts.split(|b| *b == b'\n').map(<[u8]>::to_vec);
            chosen(lines.filter(|line| !line.is_empty()).collect(), 1)
        }
        "check" => {
            let texts = of(&["policies"], &["txt"]).concat();
            let lines = texts.split(|b| *b == b'\n').filter(|line| !line.is_empty());
            let pages = html();
            let pairs = lines.zip(pages.iter().cycle());
            chosen(pairs.map(|(line, page)| [line, b"\n", page].concat()).collect(), 0)
        }
        "deployed" => deployed(&testdata.join("deployed")),
        "json" => {
            let files = of(&["deployed"], &["json"]);
            let formats = (0..3).flat_map(|format| {
                let choices = [format, 0, 0, 0, 0, 0, 0, 0];
                files.iter().map(move |text| [&choices, &text[..]].concat())
            });
            formats.collect()
        }
        "repository" => random(60),
        _ => Vec::new(),
    }
}

/// Bytes of which structures are made, longer from one to the next.
fn random(count: usize) -> Vec<Vec<u8>> {
    let mut state = 1_u32;
    let mut byte = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (1..=count).map(|index| (0..index * 8).map(|_| byte()).collect()).collect()
}

/// Pages whose declaration is in every place, near the byte at which browsers end their search and far from it.
fn edited() -> Vec<Vec<u8>> {
    const BEFORE: &[&str] = &[
        "",
        "</head>",
        "<body>",
        "<p>",
        "<template>",
        "<template></template>",
        "<noframes></noframes>",
        "<bgsound>",
        "<noscript>",
        "<svg>",
        "<svg><title>",
        "<!--",
        "<title>",
        "<object>",
        "</p>",
        "text",
        "<style>a{}</style>",
    ];
    const DECLARATIONS: &[&str] = &[
        "<meta charset=koi8-r>",
        "<meta charset=windows-1251 charset=koi8-r>",
        "<meta http-equiv=content-type content='text/html; charset=shift_jis'>",
        "<meta charset=utf-8>",
        "<meta charset=utf-16>",
        "",
    ];
    let filler = |kind: u8, length: u8| [FILLER, kind, length];
    let script = &b"<script>a('\xe4\xf6')</script><p onclick=a('\xe4')>"[..];
    let mut pages = Vec::new();
    for (index, before) in BEFORE.iter().enumerate() {
        for (at, declaration) in DECLARATIONS.iter().enumerate() {
            let kind = (index + at) as u8 % 7;
            for fill in [None, Some(filler(kind, 128)), Some(filler(kind | 8, 40))] {
                let fill = fill.as_ref().map_or(&[][..], |fill| &fill[..]);
                let parts = [b"<!doctype html><head>", fill, before.as_bytes(), declaration.as_bytes(), script];
                pages.push(parts.concat());
            }
        }
    }
    pages.push([b"<?xml version='1.0' encoding='koi8-r'?>", script].concat());
    pages
}

/// The files of hosts in the tables of what the hosts make of them, each for every format.
fn deployed(folder: &Path) -> Vec<Vec<u8>> {
    let hosts = ["azure", "cloudflare", "firebase", "netlify", "netlify-toml", "vercel"];
    let files = hosts.iter().flat_map(|host| {
        let text = fs::read(folder.join(host).with_extension("json")).unwrap();
        let cases: Vec<serde_json::Value> = serde_json::from_slice(&text).unwrap();
        cases.into_iter().map(|case| case["file"].as_str().unwrap().to_owned())
    });
    let formats = DeployedFormat::all().filter(|format| format.is_read()).count() as u8;
    let inputs = files
        .flat_map(|file| (0..formats).map(move |format| [&[format, 0, 0, 0, 0, 0, 0, 0], file.as_bytes()].concat()));
    inputs.collect()
}

/// The texts behind choices that differ from one to the next; `flags` are the second byte of them.
fn chosen(texts: Vec<Vec<u8>>, flags: u8) -> Vec<Vec<u8>> {
    let input = |(index, text): (usize, Vec<u8>)| {
        let mut choices = [flags; CHOICES];
        choices[0] = index as u8;
        for (at, choice) in choices[2..].iter_mut().enumerate() {
            *choice = (index * 31 + at * 89) as u8;
        }
        [&choices, &text[..]].concat()
    };
    texts.into_iter().enumerate().map(input).collect()
}

/// The files of a folder with one of these extensions, or all.
fn collect(folder: &Path, extensions: &[&str], found: &mut Vec<Vec<u8>>) {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, extensions, found);
            continue;
        }
        let extension = path.extension().and_then(|extension| extension.to_str());
        if extensions.is_empty() || extension.is_some_and(|e| extensions.contains(&e)) {
            let mut text = fs::read(&path).unwrap();
            text.truncate(LONGEST);
            found.push(text);
        }
    }
}

/// The pages that were held against browsers and are of this type.
fn cases(testdata: &Path, content_type: &str) -> Vec<Vec<u8>> {
    let text = fs::read_to_string(testdata.join("html/browser-cases.json")).unwrap();
    let cases: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    let field = |case: &serde_json::Value, name: &str| case[name].as_str().unwrap().to_owned();
    let of_type = cases.iter().filter(|case| field(case, "content_type").starts_with(content_type));
    of_type.map(|case| STANDARD.decode(field(case, "html_base64")).unwrap()).collect()
}
