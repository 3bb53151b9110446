//! What reading a site costs at least: `yardstick read FOLDER` reads the files that end in `.html`, `yardstick lol-html FOLDER`
//! also runs the bare tokenizer over them, both on all processors.

#![allow(clippy::expect_used)]

use std::path::Path;

use rayon::prelude::*;

mod bare;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [what, folder] = &arguments[..] else {
        eprintln!("usage: yardstick read|lol-html FOLDER");
        std::process::exit(2);
    };
    let work: fn(&[u8]) -> usize = match &what[..] {
        "read" => |page| page.len(),
        "lol-html" => |page| bare::pass(page).0,
        _ => panic!("neither read nor lol-html: {what}"),
    };
    let is_page = |path: &Path| path.extension().is_some_and(|extension| extension == "html");
    let pages: Vec<_> = walkdir::WalkDir::new(folder)
        .into_iter()
        .map(|entry| entry.expect("the folder can be listed").into_path())
        .filter(|path| is_page(path))
        .collect();
    let sum: usize = pages.par_iter().map(|path| work(&std::fs::read(path).expect("the page can be read"))).sum();
    println!("{} pages, {sum}", pages.len());
}
