//! Responses with their headers: those that a server sends now, and those that were saved. A HAR file has pages and headers; beside
//! saved pages a list of paths and headers says what each came with.

use std::collections::{HashMap, HashSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::check::{GoverningPolicy, Nonces, Origin, Policies};
use crate::error::{Error, ErrorKind, Result};
use crate::fetch::page_type;

/// Responses with their headers, whatever they come from.
#[derive(Default)]
pub(super) struct Responses {
    policies: Vec<GoverningPolicy>,
    /// The indices of the enforced policies and of the report-only ones, by their texts.
    known: HashMap<(bool, String), usize>,
    /// By the name of a page the policies that it came with, as indices.
    of_page: HashMap<String, Vec<usize>>,
    nonces: NonceUsers,
}

impl Responses {
    /// Adds the response for the page with this name. Each of its policies is there once, however many pages come with it.
    pub(super) fn add<'h>(&mut self, name: &str, headers: impl Iterator<Item = (&'h str, &'h str)>) {
        let mut indices = Vec::new();
        for (report_only, text) in policies(headers) {
            self.nonces.add(name, &text);
            let next = self.policies.len();
            let index = *self.known.entry((report_only, text.clone())).or_insert(next);
            indices.push(index);
            if index == next {
                let origin = Origin::Named("its response".to_owned());
                let mut policy = GoverningPolicy::new(text, origin);
                policy.report_only = report_only;
                self.policies.push(policy);
            }
        }
        self.of_page.insert(name.to_owned(), indices);
    }

    /// Adds the headers of another response for the same page, of which only the nonces matter.
    pub(super) fn repeat<'h>(&mut self, name: &str, headers: impl Iterator<Item = (&'h str, &'h str)>) {
        for (_, text) in policies(headers) {
            self.nonces.add(&format!("{name} (again)"), &text);
        }
    }

    /// Lets the policies govern their pages.
    pub(super) fn deploy(mut self, policies: &mut Policies) {
        self.nonces.mark(&mut self.policies);
        let of_page = self.of_page;
        policies.deploy(self.policies, move |page| Ok(of_page.get(page).cloned().into_iter().collect()));
    }
}

/// The policies among headers, and whether they are only reported.
pub(super) fn policies<'h>(headers: impl Iterator<Item = (&'h str, &'h str)>) -> impl Iterator<Item = (bool, String)> {
    headers.filter_map(|(name, value)| {
        let report_only = name.eq_ignore_ascii_case("Content-Security-Policy-Report-Only");
        let is_policy = report_only || name.eq_ignore_ascii_case("Content-Security-Policy");
        // Browsers save headers of one name with a line break between, servers with a comma.
        is_policy.then(|| (report_only, value.replace('\n', ", ")))
    })
}

/// The responses that have each nonce.
#[derive(Default)]
pub(super) struct NonceUsers(HashMap<String, HashSet<String>>);

impl NonceUsers {
    /// Adds a policy of a response.
    pub(super) fn add(&mut self, response: &str, policy: &str) {
        for nonce in nonces(policy) {
            let users = self.0.entry(nonce.to_owned()).or_default();
            users.insert(response.to_owned());
        }
    }

    /// Marks where the nonces of policies come from: each from its response, unless two responses have the same.
    pub(super) fn mark(&self, policies: &mut [GoverningPolicy]) {
        for policy in policies {
            let is_shared = |nonce| self.0.get(nonce).is_some_and(|users| users.len() > 1);
            policy.nonces = match nonces(&policy.text).any(is_shared) {
                true => Nonces::AsWritten,
                false => Nonces::Captured,
            };
        }
    }
}

/// A page of a HAR file.
pub(super) struct CapturedPage {
    /// The URL, and which of its responses this is if there are several.
    pub(super) name: String,
    /// UTF-8 behind a byte order mark where the text is known, else as it was sent.
    pub(super) content: Vec<u8>,
}

#[derive(Deserialize)]
struct Har {
    log: Log,
}

#[derive(Deserialize)]
struct Log {
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    request: Request,
    response: Response,
}

#[derive(Deserialize)]
struct Request {
    url: String,
}

#[derive(Deserialize)]
struct Response {
    headers: Vec<NamedValue>,
    content: Content,
}

#[derive(Deserialize)]
struct NamedValue {
    name: String,
    value: String,
}

#[derive(Deserialize)]
struct Content {
    #[serde(rename = "mimeType", default)]
    mime_type: String,
    text: Option<String>,
    encoding: Option<String>,
}

/// Whether a text is a [HAR file](http://www.softwareishard.com/blog/har-12-spec/).
pub(super) fn is_har(text: &str) -> bool {
    serde_json::from_str::<Har>(text).is_ok()
}

/// The pages of a HAR file that is called `path`, and their policies.
///
/// # Errors
///
/// [`ErrorKind::Deployed`] for what is no HAR file, for pages without their content, and for a file without pages.
pub(super) fn har(path: &str, text: &str) -> Result<(Vec<CapturedPage>, Responses)> {
    let error = |message: String| Error::new(ErrorKind::Deployed, message).at(path);
    let har: Har = serde_json::from_str(text).map_err(|why| error(format!("is no HAR file: {why}")))?;
    let mut seen: HashMap<String, usize> = HashMap::new();
    let (mut pages, mut responses) = (Vec::new(), Responses::default());
    for Entry { request, response } in har.log.entries {
        let mime = response.content.mime_type.parse();
        if mime.ok().as_ref().and_then(page_type).is_none() {
            continue;
        }
        let Some(text) = response.content.text else {
            return Err(error(format!("the response for {} has no content; save the file with content", request.url)));
        };
        let content = match response.content.encoding.as_deref() {
            Some("base64") => STANDARD
                .decode(text.trim())
                .map_err(|why| error(format!("the content of {} is no base64: {why}", request.url)))?,
            _ => [&b"\xef\xbb\xbf"[..], text.as_bytes()].concat(),
        };
        let count = seen.entry(request.url.clone()).or_default();
        *count += 1;
        let name = match *count {
            1 => request.url,
            count => format!("{} ({count})", request.url),
        };
        let headers = response.headers.iter();
        responses.add(&name, headers.map(|header| (&*header.name, &*header.value)));
        pages.push(CapturedPage { name, content });
    }
    if pages.is_empty() {
        return Err(error("holds no response with a page".to_owned()));
    }
    Ok((pages, responses))
}

/// The words of a policy that are nonces.
pub(super) fn nonces(policy: &str) -> impl Iterator<Item = &str> {
    let words = policy.split([' ', '\t', '\n', '\r', '\x0c', ';', ',']);
    words.filter(|word| word.get(..7).is_some_and(|begin| begin.eq_ignore_ascii_case("'nonce-")))
}
