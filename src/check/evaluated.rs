//! Attributes that a library runs as code, under a policy that lets no text become code.

use super::lists::{List, Part};
use super::policies::Judged;
use crate::finding::{Code, Finding};
use crate::page::evaluated::Library;
use crate::policy::as_sent::Browser;
use crate::policy::{DirectiveName, Keyword};

/// The finding about an attribute of a library.
pub(super) fn finding(library: Library, governing: &[&Judged]) -> Option<Finding> {
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
    let message =
        format!("{} runs the text of this attribute as code, which {policy} blocks by {directive}", library.name());
    let help = format!("{}, or add 'unsafe-eval' to {own}", library.instead());
    Some(Finding::new(Code::EvaluatedAttribute, message, help))
}

/// The list that browsers ask whether a text may become code.
pub(super) fn asked(part: &Part) -> Option<&List> {
    let mut names = [DirectiveName::ScriptSrc, DirectiveName::DefaultSrc].into_iter();
    names.find_map(|name| part.lists.iter().find(|list| list.name == name))
}
