//! The tables of `testdata/deployed`: what hosts' own packages make of files that people write. `tests/lab/hosts/deployed`
//! holds the packages against the same tables.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::answers::Answers;
use super::*;

#[derive(Deserialize)]
struct Case {
    case: String,
    file: String,
    /// How the error begins, for a file that is refused here.
    refused: Option<String>,
    /// The policies of each URL; one that is only reported begins with `report-only: `.
    answers: BTreeMap<String, Vec<String>>,
}

fn cases(host: &str) -> Vec<Case> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("testdata/deployed/{host}.json"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The policies that are read for a URL, as the tables have them.
fn read(deployed: &Deployed, url: &str, joined: bool) -> Vec<String> {
    let indices = match &deployed.answers {
        Answers::Rules(rules) => rules.response(url, rules.urls.cases[0]).unwrap().unwrap(),
        _ => panic!("rules"),
    };
    let of = |report_only: bool| -> Vec<String> {
        let policies = indices.iter().map(|index| &deployed.policies[*index]);
        let texts = policies.filter(|policy| policy.report_only == report_only);
        let mut texts: Vec<String> = texts.map(|policy| policy.text.clone()).collect();
        if joined && !texts.is_empty() {
            texts = vec![texts.join(", ")];
        }
        let prefix = if report_only { "report-only: " } else { "" };
        texts.into_iter().map(|text| format!("{prefix}{text}")).collect()
    };
    [of(false), of(true)].concat()
}

#[test]
fn files_of_hosts_are_read_as_their_packages_read_them() {
    let mut compared = 0;
    for (host, name) in [
        ("netlify", "netlify"),
        ("netlify-toml", "netlify-toml"),
        ("cloudflare", "cloudflare"),
        ("vercel", "vercel"),
        ("firebase", "firebase"),
        ("azure", "azure-swa"),
    ] {
        let format = DeployedFormat::find(name).unwrap();
        for case in cases(host) {
            let what = format!("{host}: {}", case.case);
            let deployed = Deployed::read(format, "the file", &case.file);
            if let Some(begins) = case.refused {
                let error = deployed.unwrap_err();
                assert_eq!(error.kind(), crate::ErrorKind::Deployed, "{what}");
                assert!(error.to_string().starts_with(&format!("the file: {begins}")), "{what}: {error}");
                continue;
            }
            let deployed = deployed.unwrap_or_else(|error| panic!("{what}: {error}"));
            for (url, mut said) in case.answers {
                let mut read = read(&deployed, &url, host == "cloudflare");
                for list in [&mut read, &mut said] {
                    list.sort();
                    list.dedup();
                }
                assert_eq!(read, said, "{what}: {url}");
                compared += 1;
            }
        }
    }
    assert!(compared > 300, "{compared}");
}
