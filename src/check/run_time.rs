//! Notes about scripts at run time. A policy may stop a script that runs a text as code, compiles WebAssembly or makes a worker.

use std::collections::BTreeSet;

use super::evaluated::asked;
use super::lists::List;
use super::policies::Judged;
use crate::finding::{Code, Finding, plural};
use crate::page::javascript::Sign;
use crate::policy::as_sent::Browser;
use crate::policy::{DirectiveName, Keyword};

/// The name of the first of these policies that stops scripts from doing this, and the directive by which it does.
fn stopping(sign: Sign, governing: &[&Judged]) -> Option<(String, DirectiveName)> {
    let stops = |judged: &&Judged| {
        let mut parts = judged.reading.parts(Browser::Chromium).iter();
        let list = parts.find_map(|part| {
            let list = match sign {
                Sign::Eval | Sign::WebAssembly => asked(part),
                Sign::Worker | Sign::OwnWorker => part.effective(DirectiveName::WorkerSrc),
            };
            list.filter(|list| is_stopped(sign, list))
        });
        list.map(|list| (judged.named(), list.name))
    };
    governing.iter().find_map(stops)
}

/// The finding about scripts that do this under these policies; [`None`] if no policy stops them.
pub(super) fn finding(sign: Sign, governing: &[&Judged]) -> Option<Finding> {
    let (policy, directive) = stopping(sign, governing)?;
    let (code, message, help) = match sign {
        Sign::Eval => (
            Code::EvaluatedText,
            format!("scripts run texts as code, which {policy} blocks by {directive}"),
            "write them without eval, new Function and texts for timers; 'unsafe-eval' in script-src would run every text that reaches them",
        ),
        Sign::WebAssembly => {
            (Code::WebAssembly, format!("scripts compile WebAssembly, which {policy} blocks by {directive}"), WASM_HELP)
        }
        Sign::Worker => (
            Code::UnknownWorker,
            format!("scripts make workers of URLs that only they know, which {policy} may block by {directive}"),
            "list 'self' in worker-src for files of the site, and blob: if the scripts make workers of texts",
        ),
        Sign::OwnWorker => (
            Code::UnknownWorker,
            format!("scripts make workers of files of the site, which {policy} blocks by {directive}"),
            "list 'self' in worker-src, which `cspseal hash --mentioned` does",
        ),
    };
    Some(Finding::new(code, message, help))
}

/// The finding about WebAssembly files next to the pages, by their paths.
pub(super) fn of_files(wasm: &BTreeSet<String>, governing: &[&Judged]) -> Option<Finding> {
    let first = wasm.first()?;
    let (policy, directive) = stopping(Sign::WebAssembly, governing)?;
    let others = match wasm.len() - 1 {
        0 => String::new(),
        others => format!(" and {}", plural(others, "other")),
    };
    let message = format!("WebAssembly is next to the pages, which {policy} blocks by {directive}: {first}{others}");
    Some(Finding::new(Code::WebAssembly, message, WASM_HELP))
}

const WASM_HELP: &str = "add 'wasm-unsafe-eval' to script-src if a page loads it; it lets no text become code";

/// Whether a list stops it for certain, or a worker of which nothing is known.
fn is_stopped(sign: Sign, list: &List) -> bool {
    let has = |keyword| list.has(keyword);
    match sign {
        Sign::Eval => !has(Keyword::UnsafeEval) && !has(Keyword::TrustedTypesEval),
        Sign::WebAssembly => !has(Keyword::UnsafeEval) && !has(Keyword::WasmUnsafeEval),
        // A host may be the site itself.
        Sign::OwnWorker => {
            let is_open = has(Keyword::SelfOrigin) || list.sources.has_unquoted();
            !has(Keyword::StrictDynamic) && !is_open
        }
        Sign::Worker => {
            let is_open = list.words.iter().any(|word| word.text == "blob:");
            !has(Keyword::StrictDynamic) && !is_open
        }
    }
}
