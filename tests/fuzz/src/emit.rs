//! What each format prints for a host or a program is read back: each page has the policy that was meant, and neither a path,
//! nor a text of a page, nor a word of the policy says anything else. Or the format refuses.

use std::collections::{BTreeSet, VecDeque};

use cspseal::nonce::NonceSource;
use cspseal::policy::{DirectiveName, InlineCheckType, Need, Policy};
use cspseal::target::deployed::{Deployed as Read, DeployedFormat};
use cspseal::target::{Deployment, Disposition, Scope, Sends, SentPolicy, TARGETS, Target, print, print_into};
use cspseal::{ErrorKind, HashSource};

use crate::literals::{Language, check_code, unquoted};
use crate::site::{Deployed, Site, deployment};

pub(crate) fn check(data: &[u8]) {
    let Some(site) = Site::read(data) else {
        return;
    };
    let deployed = site.deployed();
    let report = deployed.report();
    let deployment = deployment(&site, &report);
    let emitter = TARGETS[usize::from(site.emitter) % TARGETS.len()];
    let comment = emitter.comment;
    let printed = match comment.filter(|_| site.flag(3)) {
        Some(comment) if site.flag(4) => {
            let existing = format!("\t{comment} cspseal begin\n\told\n\t{comment} cspseal end\n");
            print_into(emitter, &deployment, existing.as_bytes())
        }
        Some(comment) => {
            let existing = format!("{comment} somebody's\r\n");
            print_into(emitter, &deployment, existing.as_bytes())
        }
        None => print(emitter, &deployment),
    };
    match printed {
        Ok(text) => {
            let text = String::from_utf8(text).unwrap();
            // JSON holds DEL and what follows it as it is.
            let is_json = emitter.name() == "json";
            let harmless = |c: char| {
                !c.is_control()
                    || matches!(c, '\n' | '\r' | '\t')
                    || (is_json && !c.is_ascii_control())
                    || (is_json && c == '\u{7f}')
            };
            assert!(text.chars().all(harmless), "{}: {text:?}", emitter.name());
            read(emitter, &deployed, &deployment, &text);
        }
        Err(error) => {
            let message = error.to_string();
            let harmless = |c: char| !c.is_control() || c == '\n';
            assert!(message.chars().all(harmless), "{message:?}");
        }
    }
}

/// The same for policies whose nonce a framework or a server makes.
pub(crate) fn check_nonce(data: &[u8]) {
    let Some(site) = Site::read(data) else {
        return;
    };
    let nonce: NonceSource = "CSP_NONCE_0123".parse().unwrap();
    let mut policy = site.deployed().base;
    for (flag, check) in [(0, InlineCheckType::Script), (1, InlineCheckType::Style)] {
        if site.flag(flag) {
            policy.allow([Need::nonce(check, nonce.clone())]);
        }
    }
    let makes_nonces = |target: &&&Target| target.templates.is_some() || target.server.is_some();
    let targets: Vec<_> = TARGETS.iter().filter(makes_nonces).collect();
    let target = targets[usize::from(site.emitter) % targets.len()];
    let sent = SentPolicy { policy: &policy, nonce: Some(&nonce), disposition: Disposition::Enforce };
    let text = match target.write(&[sent]) {
        Ok(text) => text,
        Err(error) => {
            let known = [ErrorKind::Unsupported, ErrorKind::Limit];
            return assert!(known.contains(&error.kind()), "{error}");
        }
    };
    let unknown = target.unknown_directives;
    let policy = policy.without(unknown);
    match target.name() {
        "django" | "django-csp" | "django-csp3" | "flask-talisman" => {
            read_words(Language::Python, &policy, &text);
        }
        "rails" => read_words(Language::Ruby, &policy, &text),
        "helmet" => {
            // The only string of another kind, and whatever the policy.
            let text = text.replace("(req, res) => `'nonce-${res.locals.cspNonce}'`", "res");
            read_words(Language::JavaScript, &policy, &text);
        }
        _ => {}
    }
}

fn read(emitter: &Target, deployed: &Deployed, deployment: &Deployment<'_>, text: &str) {
    match emitter.name() {
        "json" => read_json(deployment, text),
        "list" => read_list(text),
        "meta" => read_meta(deployment, text),
        "python" => {
            check_code(Language::Python, text);
            for literal in unquoted(Language::Python, text) {
                let is_hash = is_hash(&literal);
                let is_known = literal == "'unsafe-hashes'" || literal.starts_with("Hashes for");
                assert!(is_hash || is_known, "{literal:?} in {text}");
            }
        }
        "helmet" => read_words(Language::JavaScript, deployment.site_policy(), text),
        "rails" => read_words(Language::Ruby, deployment.site_policy(), text),
        "django" | "django-csp" | "django-csp3" | "flask-talisman" => {
            read_words(Language::Python, deployment.site_policy(), text);
        }
        "flask" | "starlette" => read_directives(Language::Python, "; ", deployment, text),
        "php" => read_directives(Language::Php, "; ", deployment, text),
        "go" => read_directives(Language::Go, "", deployment, text),
        "laravel" => read_arguments(Language::Php, deployment.site_policy(), text),
        "symfony" => {
            let text = text.replace("%%", "%");
            read_arguments(Language::Yaml, deployment.site_policy(), &text);
        }
        name => {
            if let Some(format) = DeployedFormat::find(name).filter(|format| format.is_read()) {
                read_deployed(format, emitter, deployed, deployment, text);
            }
        }
    }
}

/// By the rules of what sends the file.
fn read_deployed(
    format: DeployedFormat,
    emitter: &Target,
    deployed: &Deployed,
    deployment: &Deployment<'_>,
    text: &str,
) {
    let site = deployment.site_policy().to_string();
    let read = Read::read(format, "x", text).unwrap_or_else(|error| panic!("{}: {error}\n{text}", emitter.name()));
    let pages: BTreeSet<&str> =
        deployment.page_groups().iter().flat_map(|group| group.paths.iter().map(String::as_str)).collect();
    let exists = |path: &str| pages.contains(path);
    // A header of its own says nothing of how it is sent.
    let report_only = deployment.sends == Sends::ReportOnly && emitter.name() != "header";
    let check = |page: &str, meant: &str| {
        let responses = read.policies_of(page, &exists).unwrap();
        assert!(!responses.is_empty(), "{} {page:?}\n{text}", emitter.name());
        for response in responses {
            let texts: Vec<_> = response
                .iter()
                .map(|index| &read.policies()[*index])
                .map(|policy| (policy.text.as_str(), policy.report_only))
                .collect();
            let name = emitter.name();
            assert_eq!(texts, [(meant, report_only)], "{name} {page:?}\n{text}");
        }
    };
    for group in deployment.page_groups() {
        let policy = group.headers[0].policy.to_string();
        let meant = if deployment.scope == Scope::Site { &site } else { &policy };
        for page in &group.paths {
            check(page, meant);
        }
    }
    let base = deployed.base.to_string();
    let meant = if deployment.scope == Scope::Site { &site } else { &base };
    let missing = "no such folder/nothing.html";
    if !pages.contains(missing) {
        check(missing, meant);
    }
    let lines = text.lines().count() as u64;
    for policy in read.policies() {
        assert!(policy.line >= 1 && policy.line <= lines);
    }
}

fn read_json(deployment: &Deployment<'_>, text: &str) {
    let json: serde_json::Value = serde_json::from_str(text).unwrap();
    assert_eq!(json["policy"], deployment.site_policy().to_string());
    let pages = deployment.report.inventory.pages();
    let found = json["pages"].as_array().unwrap();
    assert_eq!(found.len(), pages.len());
    for (found, page) in found.iter().zip(pages) {
        assert_eq!(found["path"], *page.path);
        let policy = deployment.report.builder.page(deployment.report.inventory, page);
        assert_eq!(found["policy"], policy.policy.to_string());
    }
}

fn read_list(text: &str) {
    for line in text.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [hash, directive, uses, place] = fields[..] else {
            panic!("{line:?}");
        };
        assert!(is_hash(hash), "{line:?}");
        assert!(directive.is_empty() || DirectiveName::find(directive).is_some());
        assert!(uses.parse::<u64>().is_ok() && !place.is_empty(), "{line:?}");
    }
}

/// Whether it is a hash-source in its quotes.
fn is_hash(text: &str) -> bool {
    let hash = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
    hash.is_some_and(|hash| hash.parse::<HashSource>().is_ok_and(|parsed| parsed.to_string() == text))
}

/// By html5ever: one element, whose content is the policy without what browsers would ignore.
fn read_meta(deployment: &Deployment<'_>, text: &str) {
    let policy = deployment.site_policy().without(cspseal::policy::IGNORED_IN_META);
    let elements = crate::scan::elements(text);
    let own = elements.iter().filter(|(name, _)| !matches!(&**name, "html" | "head" | "body"));
    let own: Vec<_> = own.collect();
    if policy.is_empty() {
        return assert!(own.is_empty(), "{text}");
    }
    let [(name, attributes)] = &own[..] else {
        panic!("{text}");
    };
    assert_eq!(name, "meta");
    let wanted =
        [("http-equiv".to_owned(), "Content-Security-Policy".to_owned()), ("content".to_owned(), policy.to_string())];
    assert_eq!(attributes[..], wanted);
}

/// By the language's rules for strings: each is a name of a directive or the next word of the policy, and every word stands
/// there but for those that have a name in the language.
fn read_words(language: Language, policy: &Policy, text: &str) {
    check_code(language, text);
    read_arguments(language, policy, text);
}

/// By the language's rules for strings: those of the directives, joined, are the policy.
fn read_directives(language: Language, join: &str, deployment: &Deployment<'_>, text: &str) {
    let literals = unquoted(language, text).into_iter();
    let directives = literals.filter(|text| !text.starts_with("Content-Sec") && text != "; ");
    let read = directives.collect::<Vec<_>>().join(join);
    let meant = deployment.site_policy().to_string();
    if language == Language::Go {
        let meant = meant.replace("$NONCE", "%24NONCE");
        return assert_eq!(read, meant.replace("%[1]s", "%%5B1]s"), "{text}");
    }
    assert_eq!(read, meant, "{text}");
}

/// The same as [`read_words`] whatever the code around the strings is.
fn read_arguments(language: Language, policy: &Policy, text: &str) {
    let words = policy.directives().flat_map(|directive| {
        let text = directive.to_string();
        let words = text.split(' ').skip(1).map(str::to_owned);
        words.collect::<Vec<_>>()
    });
    let mut words: VecDeque<String> = words.collect();
    let is_keyword = |word: &String| word.starts_with('\'') && !word.starts_with("'sha");
    for literal in unquoted(language, text) {
        // Those with a name in the language may be left out.
        let skipped = words.iter().take_while(|word| is_keyword(word) && **word != literal);
        let next = skipped.count();
        if words.get(next) == Some(&literal) {
            words.drain(..=next);
        } else if DirectiveName::find(&literal).is_none() && !is_fixed(&literal) {
            panic!("{literal:?} is not {:?} in {text}", words.get(next));
        }
    }
    words.retain(|word| !is_keyword(word));
    assert!(words.is_empty(), "{words:?} are not in {text}");
}

/// What stands in a format's text whatever the policy.
fn is_fixed(literal: &str) -> bool {
    ["helmet", "DIRECTIVES", "", "base64", "node:crypto", "'report-sample'"].contains(&literal)
}
