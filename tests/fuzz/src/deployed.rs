//! A host's file that somebody wrote: read or refused with its line, and every page has policies that are in the file.

use cspseal::ErrorKind;
use cspseal::target::deployed::{Deployed, DeployedFormat};

use crate::input::Input;

const PAGES: &[&str] = &[
    "index.html",
    "docs/index.html",
    "docs.html",
    "a b/ü%41.html",
    "404.html",
];

pub(crate) fn check(data: &[u8]) {
    let Some(input) = Input::read(data) else {
        return;
    };
    let Some(text) = input.str() else {
        return;
    };
    let _ = DeployedFormat::guess("x", text);
    let formats: Vec<DeployedFormat> = DeployedFormat::all().filter(|f| f.is_read()).collect();
    let format = input.choose(&formats);
    let deployed = match Deployed::read(format, "file", text) {
        Ok(deployed) => deployed,
        Err(error) => {
            let kinds = [ErrorKind::Deployed, ErrorKind::Inventory, ErrorKind::Limit];
            assert!(kinds.contains(&error.kind()), "{error}");
            assert!(error.to_string().contains("file"), "{error}");
            return;
        }
    };
    // What ends a line differs between formats; no line is after the last line feed or carriage return.
    let lines = 1 + text.matches(['\n', '\r']).count() as u64;
    let policies = deployed.policies();
    for policy in policies {
        assert!((1..=lines).contains(&policy.line), "{policy:?} in {text:?}");
    }
    for ignored in deployed.ignored() {
        assert!((1..=lines).contains(&ignored.line), "{text:?}");
    }
    for page in PAGES {
        let is_page = |path: &str| PAGES.contains(&path);
        let responses = deployed.policies_of(page, &is_page);
        assert_eq!(responses, deployed.policies_of(page, &is_page));
        for response in &responses {
            assert!(
                response.iter().all(|index| *index < policies.len()),
                "{text:?}"
            );
            assert!(response.is_sorted(), "{text:?}");
        }
    }
}
