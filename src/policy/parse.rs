//! Reads a policy somebody wrote, strictly, and collects everything that is wrong with it.
//!
//! Browsers never refuse a policy: they drop, ignore and reinterpret, and a site is down or open.
//! This module cuts the text into directives and words, knows the rules that concern more than
//! one word, and leaves single words to [`source_expression`](super::source_expression) and [`tokens`](super::tokens).

use std::ops::Range;

use super::directive::{Directive, DirectiveName, Value, ValueSyntax};
use super::problem::{Fault, PolicyProblem, PolicyProblems, shown};
use super::segments::{Segment, Word, quoted_group, segments};
use super::source_expression::{SourceExpression, missing_semicolon};
use super::{LONGEST, Policy, quoted, tokens};

/// See [`Policy::parse`].
pub(super) fn parse(text: &str) -> Result<Policy, PolicyProblems> {
    let mut parser = Parser { text, problems: PolicyProblems::default(), seen: Vec::new() };
    parser.length()?;
    let start = parser.header_name();
    let mut directives = Vec::new();
    let (segments, commas) = segments(text, start);
    for at in commas {
        parser.comma(at);
    }
    for segment in segments {
        directives.extend(parser.directive(&segment));
    }
    match parser.problems.finish() {
        Some(problems) => Err(problems),
        None => Ok(Policy { directives }),
    }
}

struct Parser<'a> {
    text: &'a str,
    problems: PolicyProblems,
    seen: Vec<DirectiveName>,
}

impl<'a> Parser<'a> {
    fn report(&mut self, directive: Option<&str>, span: Range<usize>, fault: Fault) {
        let directive = directive.map(str::to_owned);
        self.problems.add(PolicyProblem { directive, span, fault });
    }

    /// Refuses a text of which each word would take many times its memory.
    fn length(&mut self) -> Result<(), PolicyProblems> {
        if self.text.len() <= LONGEST {
            return Ok(());
        }
        let fault = Fault::new(
            format!("the policy has {} bytes, and {LONGEST} are read at most", self.text.len()),
            "shorten it; browsers take 256000 bytes in a header",
        );
        let first = self.text.chars().next().map_or(0, char::len_utf8);
        self.report(None, 0..first, fault);
        std::mem::take(&mut self.problems).finish().map_or(Ok(()), Err)
    }

    /// Reports a header's name pasted in front; returns where the policy begins.
    fn header_name(&mut self) -> usize {
        let start = self.text.len() - self.text.trim_ascii_start().len();
        for name in ["content-security-policy-report-only", "content-security-policy"] {
            let head = self.text.get(start..start + name.len());
            if !head.is_some_and(|head| head.eq_ignore_ascii_case(name)) {
                continue;
            }
            let rest = &self.text[start + name.len()..];
            let colon = usize::from(rest.starts_with(':'));
            if colon == 0 && !rest.is_empty() && !rest.starts_with(|c: char| c.is_ascii_whitespace()) {
                continue;
            }
            let end = start + name.len() + colon;
            let fault = Fault::new(
                "the name of the header is no part of the policy",
                "drop it and begin with the first directive",
            );
            self.report(None, start..end, fault);
            return end;
        }
        start
    }

    fn comma(&mut self, at: usize) {
        let fault = Fault::new(
            "a comma separates two policies in a header, and a page must satisfy both",
            "give one policy, with spaces between sources (a comma within a path is %2C)",
        );
        self.report(None, at..at + 1, fault);
    }

    fn directive(&mut self, segment: &Segment<'a>) -> Option<Directive> {
        if segment.begins_policy {
            self.seen.clear();
        }
        let [first, values @ ..] = segment.words.as_slice() else {
            return None;
        };
        let name = if self.is_plain(None, first) { self.directive_name(first) } else { None };
        let label = name.map(DirectiveName::name);
        let values: Vec<_> = values.iter().filter(|word| self.is_plain(label, word)).copied().collect();
        let name = name?;
        if self.seen.contains(&name) {
            let fault = Fault::new(
                "the directive stands there twice, and browsers ignore the second one",
                "move its sources to the first one",
            );
            self.report(label, first.span(), fault);
        }
        self.seen.push(name);
        let value = if name.takes_sources() {
            Value::Sources(self.sources(name, &values))
        } else {
            Value::Tokens(self.tokens(name, first, &values))
        };
        Some(Directive::new(name, value))
    }

    /// Whether a word is visible ASCII; else reports the first character that is not.
    fn is_plain(&mut self, directive: Option<&str>, word: &Word<'_>) -> bool {
        let Some(wrong) = word.text.chars().find(|c| !c.is_ascii_graphic()) else {
            return true;
        };
        let code = u32::from(wrong);
        let fault = if wrong.is_ascii() {
            Fault::of(word.text, format!("holds the control character U+{code:04X}"), "remove it")
        } else {
            let help = match wrong {
                '‘' | '’' | '‚' | '‛' | '“' | '”' | '„' | '′' | '´' => "write the straight quote '",
                '\u{a0}' => "write a plain space",
                _ => "remove it (in a host write the xn-- form, in a path percent-encode it)",
            };
            let what = format!("{} holds {wrong:?} (U+{code:04X}), which is not ASCII", shown(word.text));
            Fault::new(format!("{what}, so browsers drop the whole directive"), help)
        };
        self.report(directive, word.span(), fault);
        false
    }

    fn directive_name(&mut self, word: &Word<'_>) -> Option<DirectiveName> {
        let known = DirectiveName::find(word.text);
        if known.is_some() {
            return known;
        }
        let is_counted_only = self.problems.is_full();
        let bare = word.text.trim_end_matches([':', '=']);
        let unquoted = bare.trim_matches(['"', '\'', '`']);
        let meant = DirectiveName::find(unquoted);
        let (message, help) = match meant {
            Some(name) if bare == unquoted => {
                ("ends in a sign that is no part of the name", format!("write {name} without it"))
            }
            Some(name) => ("is in quotes, but the policy and its directives have none", format!("write {name}")),
            None if is_source_like(word.text) => (
                "stands where a directive's name belongs",
                "write the name before it, or remove the `;` that ends the list too early".to_owned(),
            ),
            None => (
                "is no directive, so browsers ignore it",
                (!is_counted_only)
                    .then(|| DirectiveName::nearest(unquoted))
                    .flatten()
                    .map_or_else(|| "remove it".to_owned(), |near| format!("write {near}")),
            ),
        };
        self.report(None, word.span(), Fault::of(word.text, message, help));
        meant
    }

    fn sources(&mut self, name: DirectiveName, words: &[Word<'_>]) -> Vec<SourceExpression> {
        let mut sources = Vec::new();
        let mut rest = words;
        while let [word, behind @ ..] = rest {
            if let Some(length) = quoted_group(rest) {
                let span = word.start..rest[length - 1].span().end;
                let fault = quoted::several(&self.text[span.clone()]);
                self.report(Some(name.name()), span, fault);
                rest = &rest[length..];
                continue;
            }
            match SourceExpression::parse(word.text) {
                Ok(source) => sources.extend(self.fitting(name, word, source, words.len())),
                Err(fault) => self.report(Some(name.name()), word.span(), fault),
            }
            rest = behind;
        }
        sources
    }

    /// Passes a source on if it may stand in this directive and beside `count - 1` others.
    fn fitting(
        &mut self,
        name: DirectiveName,
        word: &Word<'_>,
        source: SourceExpression,
        count: usize,
    ) -> Option<SourceExpression> {
        let fault = if source == SourceExpression::None && count > 1 {
            Fault::new(
                "'none' stands beside other words, so browsers ignore it",
                "remove it, or everything else in the list",
            )
        } else if name.syntax() == ValueSyntax::AncestorSourceList && !source.is_ancestor_source() {
            Fault::new(
                format!("{source} means nothing here, where only hosts, schemes, 'self' and 'none' do"),
                "remove it",
            )
        } else {
            return Some(source);
        };
        self.report(Some(name.name()), word.span(), fault);
        None
    }

    fn tokens(&mut self, name: DirectiveName, first: &Word<'_>, words: &[Word<'_>]) -> Vec<tokens::Token> {
        let syntax = name.syntax();
        // A name without a dash may be meant, for an endpoint or for a policy of Trusted Types.
        let next = words.iter().enumerate().find_map(|(index, word)| {
            let name = DirectiveName::find(word.text)?;
            name.name().contains('-').then_some((index, name))
        });
        let words = if let Some((index, next)) = next {
            let word = &words[index];
            let fault = missing_semicolon(word.text, next);
            self.report(Some(name.name()), word.span(), fault);
            // The rest belongs to the directive that was to begin there.
            &words[..index]
        } else {
            words
        };
        if let Err(fault) = tokens::check_count(syntax, words.len()) {
            let end = words.last().map_or(first.span().end, |last| last.span().end);
            let start = words.first().map_or(first.start, |word| word.start);
            self.report(Some(name.name()), start..end, fault);
            return Vec::new();
        }
        let mut read = Vec::new();
        for word in words {
            match tokens::parse(syntax, word.text) {
                Ok(token) => read.push(token),
                Err(fault) => self.report(Some(name.name()), word.span(), fault),
            }
        }
        read
    }
}

fn is_source_like(text: &str) -> bool {
    text.starts_with('\'') || text == "*" || text.contains(['.', '/']) || text.ends_with(':')
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALERT: &str = "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='";

    /// The problems as (the text they point at, what they say).
    fn problems(text: &str) -> Vec<(String, String)> {
        let problems = parse(text).expect_err(text);
        problems.iter().map(|p| (text[p.span()].to_owned(), p.to_string())).collect()
    }

    #[track_caller]
    fn assert_problem(text: &str, at: &str, part: &str) {
        let found = problems(text);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].0, at);
        assert!(found[0].1.contains(part), "{}", found[0].1);
    }

    #[test]
    fn a_directive_among_the_words_of_another_lacks_a_semicolon() {
        for text in [
            "upgrade-insecure-requests default-src 'self'",
            "sandbox allow-forms default-src 'self'",
            "report-uri /csp default-src *",
            "img-src a.example default-src",
        ] {
            assert_problem(text, "default-src", "write `;` before default-src");
        }
        assert!(parse("trusted-types sandbox").is_ok());
    }

    #[test]
    fn nothing_and_empty_directives_are_the_empty_policy() {
        for text in ["", " ", ";", " ; ;\n; "] {
            assert!(parse(text).unwrap().is_empty(), "{text:?}");
        }
    }

    #[test]
    fn newlines_separate_like_spaces() {
        let policy = parse("default-src\n  'self'\r\n  https:;\n\nimg-src *;\n").unwrap();
        assert_eq!(policy.to_string(), "default-src 'self' https:; img-src *");
    }

    #[test]
    fn all_problems_are_collected_in_order() {
        let found = problems("defualt-src 'self'; script-src self 'unsafe-inlin'; img-src a_b; img-src *");
        let places: Vec<_> = found.iter().map(|(at, _)| at.as_str()).collect();
        assert_eq!(places, ["defualt-src", "self", "'unsafe-inlin'", "a_b", "img-src"]);
    }

    #[test]
    fn of_very_many_problems_the_rest_is_counted() {
        let problems = parse(&"x-src a; ".repeat(1234)).unwrap_err();
        assert_eq!((problems.iter().count(), problems.left_out()), (1000, 234));
        assert!(problems.to_string().ends_with("\nand 234 more problems"));
    }

    #[test]
    fn a_problem_names_the_directive_the_source_and_what_to_write() {
        let found = problems("Script-Src self");
        assert_eq!(found[0].1, "script-src: \"self\" has no quotes, so browsers take it for a host; write 'self'");
    }

    #[test]
    fn an_unknown_directive_is_refused_with_the_nearest() {
        assert_problem("scripts-src 'self'", "scripts-src", "write script-src");
        assert_problem("banana 'self'", "banana", "remove it");
    }

    #[test]
    fn a_colon_behind_a_directive_is_refused() {
        assert_problem("script-src: 'self'", "script-src:", "write script-src without it");
    }

    #[test]
    fn quotes_around_the_policy_are_refused() {
        assert_problem("\"script-src 'self'", "\"script-src", "is in quotes");
    }

    #[test]
    fn a_source_in_place_of_a_name_is_told_so() {
        assert_problem("img-src a.com; 'self'", "'self'", "where a directive's name belongs");
    }

    #[test]
    fn a_second_directive_of_the_same_name_is_refused() {
        assert_problem("img-src *; IMG-SRC 'self'", "IMG-SRC", "ignore the second one");
    }

    #[test]
    fn the_name_of_the_header_is_refused() {
        for name in ["Content-Security-Policy:", "content-security-policy", "Content-Security-Policy-Report-Only:"] {
            assert_problem(&format!(" {name} default-src 'self'"), name, "drop it");
        }
        assert_problem("Content-Security-Policy:img-src *", "Content-Security-Policy:", "drop it");
    }

    #[test]
    fn a_comma_is_refused_once_and_drags_nothing_behind_it() {
        assert_problem("img-src 'self', a.com", ",", "two policies");
        assert_problem("img-src 'self',a.com", ",", "two policies");
        assert_problem("img-src 'self', img-src a.com", ",", "two policies");
    }

    #[test]
    fn characters_outside_ascii_are_refused() {
        assert_problem("img-src bücher.example", "bücher.example", "drop the whole directive");
        assert_problem("script-src ‘self’", "‘self’", "write the straight quote '");
        assert_problem("img-src\u{a0}*", "img-src\u{a0}*", "plain space");
    }

    #[test]
    fn control_characters_are_refused() {
        assert_problem("img-src a\0b", "a\0b", "U+0000");
        assert_problem("img-src \x0b", "\x0b", "U+000B");
        assert_problem("img-src a\x7f", "a\x7f", "U+007F");
    }

    #[test]
    fn several_hashes_in_one_pair_of_quotes_are_refused_as_one() {
        let bare = ALERT.trim_matches('\'');
        let text = format!("script-src '{bare} {bare}' 'self'");
        assert_problem(&text, &format!("'{bare} {bare}'"), &format!("write {ALERT} {ALERT}"));
    }

    #[test]
    fn a_template_placeholder_with_spaces_is_one_malformed_nonce() {
        assert_problem("script-src 'nonce-{{ x }}' *", "'nonce-{{ x }}'", "browsers drop it");
    }

    #[test]
    fn none_beside_others_is_refused() {
        assert_problem("img-src 'none' a.com", "'none'", "browsers ignore it");
        assert_problem("img-src a.com 'NONE'", "'NONE'", "browsers ignore it");
        assert!(parse("img-src 'none'").is_ok());
    }

    #[test]
    fn keywords_without_meaning_in_a_directive_are_kept() {
        assert!(parse("img-src 'strict-dynamic' 'unsafe-hashes' 'unsafe-inline'").is_ok());
    }

    #[test]
    fn frame_ancestors_takes_only_ancestor_sources() {
        assert!(parse("frame-ancestors https: 'self' *.a.com").is_ok());
        assert_problem("frame-ancestors 'unsafe-inline'", "'unsafe-inline'", "means nothing here");
        assert_problem(&format!("frame-ancestors {ALERT}"), ALERT, "means nothing here");
    }

    #[test]
    fn a_switch_with_a_value_is_refused() {
        assert_problem("upgrade-insecure-requests 1 2; img-src *", "1 2", "takes no value");
        assert_problem("report-to", "report-to", "has no value");
    }

    #[test]
    fn a_missing_semicolon_is_told_at_the_second_name() {
        assert_problem("img-src * script-src *", "script-src", "write `;` before script-src");
    }

    #[test]
    fn values_that_are_no_source_lists_are_kept() {
        let text = "sandbox allow-scripts allow-forms; report-uri /csp?x=1 https://a.com/r; \
                    report-to csp; trusted-types a 'allow-duplicates'; require-trusted-types-for 'script'; \
                    webrtc 'block'; upgrade-insecure-requests; plugin-types application/pdf";
        assert_eq!(parse(text).unwrap().to_string(), text);
    }
}
