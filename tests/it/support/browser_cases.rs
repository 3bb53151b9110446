//! Reads `testdata/html/browser-cases.json`: the pages that Chromium 156 and Firefox ESR 153 were run on, with the bytes, the
//! headers and what both browsers did.

#![allow(dead_code, reason = "the tests in browsers, which share this file, need a part of it")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use encoding_rs::Encoding;
use serde_json::Value;

/// One page under one set of policies.
pub(crate) struct Case {
    pub(crate) json: Value,
}

/// All 604, in the order of the file.
pub(crate) fn all() -> Vec<Case> {
    let text = std::fs::read_to_string("testdata/html/browser-cases.json").unwrap();
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
    assert_eq!(cases.len(), 604);
    cases.into_iter().map(|json| Case { json }).collect()
}

impl Case {
    /// A field that is a text; empty without it.
    pub(crate) fn text(&self, key: &str) -> &str {
        self.json[key].as_str().unwrap_or_default()
    }

    pub(crate) fn html(&self) -> Vec<u8> {
        STANDARD.decode(self.text("html_base64")).unwrap()
    }

    /// The charset that the server sent.
    pub(crate) fn charset(&self) -> Option<&'static Encoding> {
        let label = self.text("content_type").split("charset=").nth(1);
        label.map(|label| Encoding::for_label(label.as_bytes()).unwrap())
    }

    pub(crate) fn is_html(&self) -> bool {
        self.text("content_type").starts_with("text/html")
    }

    /// A file name, which decides between HTML and XML.
    pub(crate) fn path(&self) -> &'static str {
        if self.is_html() { "case.html" } else { "case.xhtml" }
    }

    /// The policies of the headers.
    pub(crate) fn policies(&self) -> Vec<String> {
        let one = |value: &Value| value.as_str().unwrap().to_owned();
        match &self.json["header_policies"] {
            Value::Null => Vec::new(),
            Value::Array(list) => list.iter().map(one).collect(),
            policy => vec![one(policy)],
        }
    }

    /// The files beside the page: name, bytes.
    pub(crate) fn files(&self) -> Vec<(String, Vec<u8>)> {
        let files = self.json["files_base64"].as_object().unwrap();
        let decode = |value: &Value| STANDARD.decode(value.as_str().unwrap()).unwrap();
        files.iter().map(|(name, bytes)| (name.clone(), decode(bytes))).collect()
    }
}
