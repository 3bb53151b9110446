//! Start tags that stand in the text of a script or style element because a template chooses between them:
//! `{% if a %}<script async>{% else %}<script defer>{% endif %}`. Only the first of them is one to the parser.

use memchr::memchr_iter;

use super::Sink;
use super::core::Builder;
use super::raw_text::RawText;
use crate::html::markup::tag_len;

/// Where in raw text another start tag may stand.
pub(super) enum Branch {
    None,
    /// It starts behind that many bytes, which are to be read first.
    At(usize),
    /// It may start there, which the bytes to come decide.
    Maybe(usize),
}

impl<S: Sink> Builder<S> {
    /// Looks for a start tag in another branch, and reports it when `input` begins with it.
    pub(super) fn branch(&mut self, text: &mut RawText, input: &[u8], last: bool) -> Branch {
        if !text.is_code() || text.is_in_end_tag() || !self.has_code(input.len()) {
            return Branch::None;
        }
        let mut seen = text.looked.saturating_sub(self.offset());
        for at in memchr_iter(b'<', input) {
            if at < seen || !self.has_code(at) {
                continue;
            }
            match tag(text, &input[at..], last) {
                Tag::None => {}
                Tag::Maybe => return Branch::Maybe(at),
                // What follows stands in it, and would no longer if a quote were put in there.
                Tag::Unfinished => {
                    text.looked = usize::MAX;
                    break;
                }
                Tag::Whole(_) if at > 0 => return Branch::At(at),
                Tag::Whole(raw) => {
                    // Nor is a tag what stands in the value of an attribute.
                    text.looked = self.offset() + raw.len();
                    seen = raw.len();
                    self.report_branch(raw);
                }
            }
        }
        Branch::None
    }
}

/// The longest tag that is looked for, in bytes. Each place where one may start is looked at that far.
const MAX_TAG: usize = 1 << 14;

enum Tag<'a> {
    None,
    /// More input must decide.
    Maybe,
    /// It has no end before that of the text.
    Unfinished,
    /// From `<` to `>`.
    Whole(&'a [u8]),
}

/// The script or style start tag at the beginning of `input`.
fn tag<'a>(text: &RawText, input: &'a [u8], last: bool) -> Tag<'a> {
    let is_over = last || input.len() >= MAX_TAG;
    let input = &input[..input.len().min(MAX_TAG)];
    for name in [&b"<script"[..], b"<style"] {
        let len = input.len().min(name.len());
        if !input[..len].eq_ignore_ascii_case(&name[..len]) {
            continue;
        }
        return match input.get(name.len()) {
            None if last => Tag::None,
            None => Tag::Maybe,
            Some(b'\t' | b'\n' | b'\x0c' | b'\r' | b' ' | b'/' | b'>') => {
                let len = tag_len(input);
                match len {
                    _ if text.may_end_in(&input[..len.unwrap_or(input.len())]) => Tag::Unfinished,
                    Some(len) => Tag::Whole(&input[..len]),
                    None if is_over => Tag::Unfinished,
                    None => Tag::Maybe,
                }
            }
            Some(_) => Tag::None,
        };
    }
    Tag::None
}
