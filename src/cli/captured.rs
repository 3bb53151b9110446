//! Responses that were saved with their headers. A HAR file has pages and headers; beside saved pages a list of paths and headers
//! says what each came with.

use std::collections::{BTreeMap, HashMap, HashSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::check::{GoverningPolicy, Nonces, Origin};
use crate::error::{Error, ErrorKind, Result};

/// A page of a HAR file.
pub(super) struct CapturedPage {
    /// The URL, and which of its responses this is if there are several.
    pub(super) name: String,
    /// UTF-8 behind a byte order mark where the text is known, else as it was sent.
    pub(super) content: Vec<u8>,
}

/// What a HAR file holds.
pub(super) struct Captured {
    pub(super) pages: Vec<CapturedPage>,
    pub(super) policies: Vec<GoverningPolicy>,
    /// By the name of a page the policies that it came with, as indices.
    pub(super) of_page: HashMap<String, Vec<usize>>,
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
pub(super) fn har(path: &str, text: &str) -> Result<Captured> {
    let error = |message: String| Error::new(ErrorKind::Deployed, message).at(path);
    let har: Har =
        serde_json::from_str(text).map_err(|why| error(format!("is no HAR file: {why}")))?;
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut captured = Captured {
        pages: Vec::new(),
        policies: Vec::new(),
        of_page: HashMap::new(),
    };
    for Entry { request, response } in har.log.entries {
        let essence = response
            .content
            .mime_type
            .split(';')
            .next()
            .unwrap_or_default();
        let essence = essence.trim();
        if !["text/html", "application/xhtml+xml"]
            .iter()
            .any(|kind| kind.eq_ignore_ascii_case(essence))
        {
            continue;
        }
        let Some(text) = response.content.text else {
            return Err(error(format!(
                "the response for {} has no content; save the file with content",
                request.url
            )));
        };
        let content = match response.content.encoding.as_deref() {
            Some("base64") => STANDARD.decode(text.trim()).map_err(|why| {
                error(format!(
                    "the content of {} is no base64: {why}",
                    request.url
                ))
            })?,
            _ => [&b"\xef\xbb\xbf"[..], text.as_bytes()].concat(),
        };
        let count = seen.entry(request.url.clone()).or_default();
        *count += 1;
        let name = match *count {
            1 => request.url,
            count => format!("{} ({count})", request.url),
        };
        let mut indices = Vec::new();
        for NamedValue {
            name: header,
            value,
        } in response.headers
        {
            let report_only = header.eq_ignore_ascii_case("Content-Security-Policy-Report-Only");
            if !report_only && !header.eq_ignore_ascii_case("Content-Security-Policy") {
                continue;
            }
            indices.push(captured.policies.len());
            // Browsers save headers of one name with a line break between, servers with a comma.
            let mut policy = GoverningPolicy::new(
                value.replace('\n', ", "),
                Origin::Named(format!("the response for {name}")),
            );
            policy.report_only = report_only;
            captured.policies.push(policy);
        }
        captured.of_page.insert(name.clone(), indices);
        captured.pages.push(CapturedPage { name, content });
    }
    if captured.pages.is_empty() {
        return Err(error("holds no response with a page".to_owned()));
    }
    let responses = captured.of_page.iter();
    let responses = responses.map(|(name, indices)| (name.as_str(), indices.as_slice()));
    mark(&mut captured.policies, responses);
    Ok(captured)
}

/// Says of the policies of saved responses where their nonces come from: each from its response, unless two responses have the
/// same. `responses` has the name of each and its policies, as indices.
pub(super) fn mark<'r>(
    policies: &mut [GoverningPolicy],
    responses: impl Iterator<Item = (&'r str, &'r [usize])>,
) {
    let mut users: BTreeMap<String, HashSet<&str>> = BTreeMap::new();
    for (name, indices) in responses {
        for index in indices {
            for nonce in nonces(&policies[*index].text) {
                users.entry(nonce.to_owned()).or_default().insert(name);
            }
        }
    }
    for policy in policies {
        let is_shared =
            nonces(&policy.text).any(|nonce| users.get(nonce).is_some_and(|of| of.len() > 1));
        policy.nonces = match is_shared {
            true => Nonces::AsWritten,
            false => Nonces::Captured,
        };
    }
}

/// The words of a policy that are nonces.
fn nonces(policy: &str) -> impl Iterator<Item = &str> {
    let words = policy.split([' ', '\t', '\n', '\r', '\x0c', ';', ',']);
    words.filter(|word| {
        word.get(..7)
            .is_some_and(|begin| begin.eq_ignore_ascii_case("'nonce-"))
    })
}
