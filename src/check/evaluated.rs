//! Attributes that a library runs as code, under a policy that lets no text become code.

use super::lists::{List, Part};
use super::policies::Judged;
use super::subject::Said;
use crate::finding::Code;
use crate::page::evaluated::Library;
use crate::policy::as_sent::Browser;
use crate::policy::{DirectiveName, Keyword};

/// The finding about an attribute of a library.
pub(super) fn said(library: Library, governing: &[&Judged]) -> Option<Said> {
    let blocks = |judged: &&Judged| {
        let mut parts = judged.reading.parts(Browser::Chromium).iter();
        let list = parts.find_map(|part| asked(part).filter(|list| !list.has(Keyword::UnsafeEval)));
        list.map(|list| (judged.named(), list.name))
    };
    let (policy, directive) = governing.iter().find_map(blocks)?;
    let own = match directive == DirectiveName::DefaultSrc {
        true => "script-src (as a copy of default-src)",
        false => "script-src",
    };
    Some(Said {
        code: Code::EvaluatedAttribute,
        message: format!(
            "{} runs the text of this attribute as code, which {policy} blocks by {directive}",
            library.name()
        ),
        help: format!("{}, or add 'unsafe-eval' to {own}", library.instead()),
    })
}

/// The list that browsers ask whether a text may become code.
fn asked(part: &Part) -> Option<&List> {
    let mut names = [DirectiveName::ScriptSrc, DirectiveName::DefaultSrc].into_iter();
    names.find_map(|name| part.lists.iter().find(|list| list.name == name))
}
