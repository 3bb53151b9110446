//! Elements that a helper of a template writes: its text and its URL are unknown, and whether it has the nonce is known.

use super::engine::Engine;
use super::external::External;
use super::lists::List;
use super::policies::Judged;
use super::subject::{nonce_for, unlisted_nonce};
use crate::finding::{Code, Finding};
use crate::page::Destination;
use crate::page::InlineKind;
use crate::page::subject::Nonce;
use crate::policy::Keyword;
use crate::policy::as_sent::Browser;
use crate::site::SiteUrl;
use crate::template::{HelperCall, Written};

/// The finding about the element that a call writes, if a policy blocks it whatever its text and its URL are.
pub(super) fn judge(call: HelperCall, engine: &Engine, site: &SiteUrl, governing: &[&Judged]) -> Vec<Finding> {
    let nonce = match call.has_nonce {
        true => Nonce::Code,
        false => Nonce::None,
    };
    let kind = InlineKind::from(call.written);
    let check = kind.check_type();
    let noun = match call.written {
        Written::Link => "style sheet",
        Written::Script | Written::UrlScript | Written::Style => kind.noun(),
    };
    let blocks = |list: &List, browser| match call.written {
        Written::Script | Written::Style => {
            let nonce = nonce_for(&nonce, list);
            !engine.inline(list, check, None, nonce, browser).allowed
        }
        Written::UrlScript => {
            let external = External { destination: Destination::Script, url: None, integrity: "", nonce: &nonce };
            external.is_blocked(engine, site, list)
        }
        Written::Link => {
            let is_open = list.has(Keyword::SelfOrigin) || list.sources.has_unquoted();
            !is_open && nonce_for(&nonce, list).is_none()
        }
    };
    let find = |judged: &&Judged| {
        let mut browsers = Browser::ALL.into_iter();
        browsers.find_map(|browser| {
            let parts = judged.reading.parts(browser).iter();
            let mut lists = parts.filter_map(|part| part.effective(check));
            let list = lists.find(|list| blocks(list, browser))?;
            let (named, name, by) = (judged.named(), call.helper.name, list.name);
            let help = call.helper.help;
            Some(match unlisted_nonce(&nonce, list) {
                Some(help) => Finding::new(
                    Code::UnlistedNonce,
                    format!("{named} names no nonce, so it blocks the {noun} that {name} writes, by {by}"),
                    help,
                ),
                None => Finding::new(
                    Code::HelperNonce,
                    format!("{named} blocks the {noun} that {name} writes without the nonce, by {by}"),
                    match unlisted_nonce(&Nonce::Code, list) {
                        None => help.to_owned(),
                        Some(next) => format!("{help}, and {next}"),
                    },
                ),
            })
        })
    };
    governing.iter().find_map(find).into_iter().collect()
}
